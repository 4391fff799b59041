package app_test

import (
	"archive/zip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/settings"
)

// hostileLines are what people type into fields for words. Each has the mark x-probe, which must show as text and never
// become an element.
var hostileLines = []string{
	`"'><x-probe onclick=alert(1)><script>alert(1)</script><img src=x onerror=alert(1)></title></textarea><!--`,
	`javascript:alert(1)//x-probe' onfocus='alert(1)' autofocus='`,
	"x-probe\r\nATTENDEE:mailto:evil@example.org\r\nEND:VCALENDAR\r\nX-EVIL;A=\"b\":1,2\\n;\nBEGIN:VEVENT",
	"]]></x-probe><x-probe>&lt;script&gt;&#60;script&#62;&amp;lt;\u2028\u2029</script>\ufeff\u202e\u0007\x1b[31m",
	"{{.}}{{template \"x\"}}<%= 7*7 %>${7*7}#{7*7}x-probe`\\u003cx-probe\\u003e",
}

// hostileProse is what editors' fields are sent when the editor is not ours.
const hostileProse = `<p onclick="alert(1)" style="background:url(javascript:alert(1))" id="x-probe" class="x-probe" name="x-probe">words</p><x-probe>probe</x-probe>` +
	`<script>alert(1)</script><svg onload=alert(1)><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>` +
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;"></mglyph></table></mtext></math>` +
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></p></noscript><iframe srcdoc="<script>alert(1)</script>"></iframe>` +
	`<a href="javascript:alert(1)">a</a><a href="JaVa&#09;ScRiPt:alert(1)">b</a><a href=" &#1;javascript:alert(1)">c</a><a href="data:text/html,<script>alert(1)</script>">d</a><a href="vbscript:x">e</a>` +
	`<a href="//evil.example" onmouseover="alert(1)" target="_blank">f</a><img src="x" onerror="alert(1)"><img src="https://evil.example/pixel.png"><img src="/media/../evil.svg">` +
	`<form action="https://evil.example"><input name="password"><button formaction="javascript:alert(1)">ok</button></form><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=javascript:alert(1)">` +
	`<link rel="stylesheet" href="https://evil.example/x.css"><object data="x"></object><embed src="x"><video src=x onerror=alert(1)></video><details open ontoggle=alert(1)>x</details>` +
	`<span data-footnote="&quot;><x-probe onclick=alert(1)><img src=x onerror=alert(1)>">note</span><p dir="rtl' onclick='alert(1)" lang="en&quot; onclick=&quot;alert(1)">x</p>` +
	`<table background="javascript:alert(1)"><tr><td onclick=alert(1) colspan="1;x">cell</td></tr></table><ol start="1 onclick=alert(1)" type="x"><li value="9">item</li></ol><template><script>alert(1)</script></template>` +
	`<plaintext>x-probe <xmp><x-probe onclick=alert(1)></xmp>`

// inert reports what in an answer a browser, a feed reader or a calendar would take for more than words.
func (h *hostile) inert(t *testing.T, at string, page *apptest.Page) {
	t.Helper()
	if page.Status >= 500 {
		t.Errorf("%s: %d", at, page.Status)
	}
	switch ct := page.Header.Get("Content-Type"); {
	case strings.HasPrefix(ct, "text/html"):
		doc, err := html.Parse(strings.NewReader(page.Body))
		if err != nil {
			t.Fatal(err)
		}
		h.inertHTML(t, at, doc, true)
	case ct == docx.Type:
		inertDocument(t, at, page.Body)
	case strings.Contains(ct, "xml"):
		d := xml.NewDecoder(strings.NewReader(page.Body))
		var in []string
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s is not well-formed: %v", at, err)
				break
			}
			switch x := token.(type) {
			case xml.StartElement:
				if in = append(in, x.Name.Local); x.Name.Local == "x-probe" || x.Name.Local == "script" {
					t.Errorf("%s: an element %s", at, x.Name.Local)
				}
			case xml.EndElement:
				in = in[:len(in)-1]
			case xml.CharData:
				if len(in) > 0 && strings.Contains(ct, "rss") && in[len(in)-1] == "description" { // readers take it for HTML
					h.inertFragment(t, at, string(x))
				}
			}
		}
	case strings.Contains(ct, "json"):
		var v any
		if err := json.Unmarshal([]byte(page.Body), &v); err != nil {
			t.Errorf("%s is not JSON: %v", at, err)
		}
		if feed, ok := v.(map[string]any); ok {
			items, _ := feed["items"].([]any)
			for _, i := range items {
				if s, ok := i.(map[string]any)["content_html"].(string); ok {
					h.inertFragment(t, at, s)
				}
			}
		}
	case strings.Contains(ct, "calendar"):
		inertCalendar(t, at, page.Body)
	}
}

// inertDocument: every part of a word processor's document is well-formed, and leads nowhere but to web pages and mailboxes.
func inertDocument(t *testing.T, at, body string) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Errorf("%s is no document: %v", at, err)
		return
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s, %s is not well-formed: %v", at, f.Name, err)
				break
			}
			x, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if x.Name.Local == "x-probe" || x.Name.Local == "script" || x.Name.Local == "instrText" || x.Name.Local == "altChunk" {
				t.Errorf("%s, %s: an element %s", at, f.Name, x.Name.Local)
			}
			for _, a := range x.Attr {
				if to := strings.ToLower(a.Value); a.Name.Local == "Target" && strings.Contains(to, ":") && !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "mailto:") && !strings.HasPrefix(to, "tel:") {
					t.Errorf("%s, %s leads to %s", at, f.Name, a.Value)
				}
			}
		}
	}
}

func (h *hostile) inertFragment(t *testing.T, at, s string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	h.inertHTML(t, at, doc, false)
}

func (h *hostile) inertHTML(t *testing.T, at string, n *html.Node, ours bool) {
	t.Helper()
	if n.Type == html.ElementNode {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			value := strings.ToLower(strings.Map(func(r rune) rune {
				if r <= ' ' || r == 0x7f {
					return -1
				}
				return r
			}, a.Val))
			switch a.Key {
			case "href", "src", "action", "formaction", "data", "poster", "background", "cite", "xlink:href", "ping", "manifest", "longdesc":
				for _, scheme := range []string{"javascript:", "data:", "vbscript:", "blob:", "file:"} {
					if strings.HasPrefix(value, scheme) && !(n.Data == "link" && strings.HasPrefix(value, "data:image/svg+xml,%3csvg")) { // the panel's icon
						t.Errorf("%s: <%s %s=%q>", at, n.Data, a.Key, a.Val)
					}
				}
			case "style", "srcdoc", "background-image", "http-equiv":
				t.Errorf("%s: <%s %s=%q>", at, n.Data, a.Key, a.Val)
			}
			if strings.HasPrefix(a.Key, "on") || strings.ContainsAny(a.Key, `"'<>`) || strings.Contains(a.Key, "x-probe") {
				t.Errorf("%s: <%s> has the attribute %s=%q", at, n.Data, a.Key, a.Val)
			}
			if (a.Key == "id" || a.Key == "name" || a.Key == "class") && strings.Contains(a.Val, "x-probe") {
				t.Errorf("%s: <%s %s=%q>", at, n.Data, a.Key, a.Val)
			}
		}
		switch n.Data {
		case "script":
			switch {
			case !ours:
				t.Errorf("%s: a script", at)
			case attr["type"] == "application/ld+json":
				var v any
				if n.FirstChild == nil || json.Unmarshal([]byte(n.FirstChild.Data), &v) != nil {
					t.Errorf("%s: linked data that is not JSON", at)
				}
			case !strings.HasPrefix(attr["src"], "/admin/static/") || n.FirstChild != nil:
				t.Errorf("%s: a script: %v", at, n.Attr)
			}
		case "x-probe", "iframe", "object", "embed", "base", "applet", "frame", "frameset", "style", "plaintext", "xmp", "math", "mglyph":
			t.Errorf("%s: an element %s", at, n.Data)
		case "img", "link", "source", "video", "audio":
			if src := attr["src"] + attr["href"]; strings.Contains(src, "evil.example") || n.Data != "link" && strings.HasPrefix(src, "http") {
				t.Errorf("%s: <%s> loads %s", at, n.Data, src)
			}
		case "form":
			if to := attr["action"]; to != "" && !strings.HasPrefix(to, "/") {
				t.Errorf("%s: a form to %s", at, to)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		h.inertHTML(t, at, c, ours)
	}
}

var calendarLine = regexp.MustCompile(`^(BEGIN|END|VERSION|PRODID|CALSCALE|METHOD|NAME|X-WR-CALNAME|X-WR-TIMEZONE|X-PUBLISHED-TTL|REFRESH-INTERVAL|SOURCE|URL|UID|DTSTAMP|DTSTART|DTEND|CREATED|LAST-MODIFIED|SEQUENCE|STATUS|SUMMARY|DESCRIPTION|` +
	`LOCATION|CATEGORIES|CLASS|GEO|TRANSP|TZID|X-LIC-LOCATION|TZOFFSETFROM|TZOFFSETTO|TZNAME|RRULE|RDATE|ORGANIZER|IMAGE|CONFERENCE|COLOR|LAST-MODIFIED|X-MICROSOFT-CDO-BUSYSTATUS|X-ALT-DESC|RELATED-TO)[;:]`)

func inertCalendar(t *testing.T, at, body string) {
	t.Helper()
	var open []string
	for _, line := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(body, "\r\n"), "\r\n ", ""), "\r\n\t", ""), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case !calendarLine.MatchString(line) || strings.ContainsAny(line, "\r\n"):
			t.Errorf("%s: a line %q", at, line)
		case name == "BEGIN":
			open = append(open, value)
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%s: END:%s of %v", at, value, open)
			}
			open = open[:len(open)-1]
		}
		for _, r := range line {
			if r < ' ' && r != '\t' {
				t.Errorf("%s: a control character in %q", at, line)
				break
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %v is left open", at, open)
	}
	for _, line := range strings.Split(body, "\r\n") {
		if len(line) > 75 {
			t.Errorf("%s: a line of %d octets", at, len(line))
		}
	}
}

// poisoned is a sample with hostile words in every field that takes words.
func poisoned(k *content.Kind, l i18n.Locale, line string, refs map[string]string, file string) content.Parts {
	parts := apptest.Sample(k, l, "x", refs, file)
	for path := range parts[content.Part(l)] {
		f := k.Field(path)
		if f.Type == content.TypeProse {
			parts[content.Part(l)].SetText(path, content.Text{Words: hostileProse})
		} else {
			parts[content.Part(l)].SetText(path, content.Text{Words: cut(line, f.Max)})
		}
	}
	for path := range parts[content.Facts] {
		if f := k.Field(path); f.Type == content.TypeString && f.Name != "key" && !strings.HasPrefix(f.Name, "only") && f.Widget != "url" && f.Widget != "email" && f.Widget != "account" && f.Widget != "offset" {
			parts[content.Facts].Set(path, cut(line, f.Max))
		}
	}
	return parts
}

func cut(s string, n int) string {
	if r := []rune(s); n > 0 && len(r) > n {
		return string(r[:n])
	}
	return s
}

// TestWordsAreNeverCode puts hostile words into every field of every kind and looks at every place where they show.
func TestWordsAreNeverCode(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	file, err := h.Media.Upload(ctx, apptest.System, media.Upload{Name: hostileLines[0] + ".pdf", Body: strings.NewReader("%PDF-1.4\n")})
	if err != nil {
		t.Fatal(err)
	}
	evil, err := h.Auth.Create(ctx, apptest.System, auth.NewAccount{Email: "evil@example.org", Name: hostileLines[0], Password: "a long way to the river"})
	if err != nil {
		t.Fatal(err)
	}
	who, err := h.Auth.ActorOf(ctx, evil.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Auth.AddGrant(ctx, apptest.System, auth.Grant{AccountID: who.ID, Role: auth.Editor, Scope: auth.ScopeSite}); err != nil {
		t.Fatal(err)
	}
	if who, err = h.Auth.ActorOf(ctx, evil.ID); err != nil {
		t.Fatal(err)
	}
	site := h.Settings.Site()
	site.Name, site.PartOf, site.Description = settings.Words{"en": hostileLines[0]}, settings.Words{"en": hostileLines[1]}, settings.Words{"en": hostileLines[3]}
	site.Footer = settings.Words{"en": hostileLines[2]}
	site.Contact.Address = settings.Words{"en": hostileLines[4]}
	if err := h.Settings.Save(ctx, apptest.System, site, h.Settings.Site().Version("name", "part_of", "description", "footer", "contact"), "name", "part_of", "description", "footer", "contact"); err != nil {
		t.Fatal(err)
	}
	shown := 0
	see := func(at string, page *apptest.Page) {
		h.inert(t, at, page)
		if strings.Contains(page.Find("body").Text(), "x-probe") {
			shown++
		}
	}
	refs := map[string]string{}
	for _, name := range []string{"topic", "organization", "person", "series", "page", "document", "event", "captions", "audio", "media"} {
		refs[name] = h.refs[name]
	}
	var paths []string
	for i, line := range hostileLines {
		for _, k := range kind.All {
			r, err := h.Content.Save(ctx, who, content.Change{Kind: k, Original: i18n.EN, Set: poisoned(k, i18n.EN, line, refs, file.ID), Note: line})
			if err != nil {
				t.Fatalf("%s: %v", k.Name, err)
			}
			if err := h.Content.Publish(ctx, who, content.PublishChange{ID: r.ID, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
				t.Fatalf("publish a %s: %v", k.Name, err)
			}
			if _, err := h.Content.Save(ctx, who, content.Change{ID: r.ID, Set: poisoned(k, i18n.FR, hostileLines[(i+1)%len(hostileLines)], refs, file.ID)}); err != nil {
				t.Fatalf("%s: %v", k.Name, err)
			}
			if refs[k.Name] != "" {
				refs[k.Name] = r.ID // the next ones name this one
			}
			at := "/admin/" + k.Path + "/" + r.ID
			own := []string{at, at + "?lang=fr", at + "/history", at + "/history/facts/1", at + "/history/en/1", at + "/history/fr/1", at + "/delete", at + "/unpublish?lang=en"}
			if k.Copies() {
				own = append(own, at+"/clone")
			}
			if i > 0 {
				own = own[:2]
			}
			for _, to := range own {
				page := admin.Get(to)
				if page.Status != http.StatusOK {
					t.Errorf("%s: %d", to, page.Status)
				}
				see(to, page)
			}
			p, err := h.Content.LiveByID(ctx, i18n.EN, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, "/en/"+p.Path, "/ar/"+p.Path)
		}
		q := url.QueryEscape(line)
		for _, to := range []string{"/admin/palette?q=" + q, "/admin/events?q=" + q, "/admin/entries?q=" + q + "&state=" + q + "&lang=" + q, "/admin/pick?of=organization&q=" + q, "/admin/media?q=" + q, "/admin/users?q=" + q, "/admin/log?q=" + q + "&actor=" + q,
			"/admin/sign-in?next=" + q + "&lang=" + q, "/admin/setup?token=" + q, "/admin/events/new?lang=" + q, "/admin/" + url.PathEscape(line), "/en/events?topic=" + q + "&year=" + q + "&page=" + q, "/en/" + url.PathEscape(line), "/" + url.PathEscape(line)} {
			see(to, admin.Get(to))
		}
	}
	for _, to := range []string{"/admin", "/admin/entries", "/admin/events", "/admin/news", "/admin/organizations", "/admin/people", "/admin/media", "/admin/media/" + file.ID, "/admin/users", "/admin/users/" + evil.ID, "/admin/log", "/admin/trash", "/admin/settings",
		"/admin/account", "/admin/help", "/admin/pick?of=event&q=x", "/admin/pick?of=picture&q=x"} {
		page := admin.Get(to)
		if page.Status != http.StatusOK {
			t.Errorf("%s: %d", to, page.Status)
		}
		see(to, page)
	}
	if shown < 60 {
		t.Errorf("the words show on %d pages of the panel: the test does not look where they are", shown)
	}
	shown = 0
	n := h.crawl(t, paths, see, i18n.EN, i18n.AR)
	if n < 300 || shown < 100 {
		t.Errorf("the words show at %d of %d addresses: the test does not look where they are", shown, n)
	}
	// Forms that come back refused show what was typed.
	for i, line := range hostileLines {
		form := url.Values{"title@en": {line}, "op": {"save"}, "slug": {line}, "kind": {line}, "when:start_date": {line}, "when:zone": {line}, "find:series": {line}, "ordinal": {line}, "registration.url": {line}, "registration.mailbox": {line},
			"sessions": {"", "aa"}, "sessions.aa.title@en": {line}, "note": {line}, line: {line}, "blocks": {line}}
		for to, form := range map[string]url.Values{"/admin/events/new": form, "/admin/users": {"name": {line}, "email": {line}, "role": {line}}, "/admin/sign-in": {"email": {line}, "password": {line}, "next": {line}},
			"/admin/account": {"name": {line + "\u202e"}, "locale": {line}}, "/admin/settings": {"section": {"contact"}, "contact.email": {line}, "contact.phone": {line}, "contact.address@en": {line}},
			"/admin/media/" + file.ID: {"op": {"rename"}, "name": {line}, "focus_x": {line}}, "/admin/echo/when": {"when:start_date": {line}, "when:start_time": {line}}, "/admin/users/" + evil.ID: {"op": {"save"}, "name": {line}, "email": {line}, "organization": {line}}} {
			if to == "/admin/sign-in" && i > 0 {
				continue
			}
			h.inert(t, fmt.Sprintf("form %d to %s", i, to), admin.Post(to, form))
		}
	}
}

// TestAddressesPeopleTypeAreChecked: what stands in an href is http or https, or nothing.
func TestAddressesPeopleTypeAreChecked(t *testing.T) {
	h := startHostile(t)
	for _, bad := range []string{"javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "/path", "http:/x", "http://", "https://user:pass@example.org/", "http://x\" onclick=\"alert(1)", "http://x<script>",
		"http://x\ny", "http://x y", "ftp://example.org/", "file:///etc/passwd", "http://exa mple.org", "\u0001javascript:alert(1)", "java\tscript:alert(1)"} {
		for _, k := range kind.All {
			k.Walk(func(f *content.Field) {
				if f.Widget != "url" || f.Parent != nil && f.Parent.Type == content.TypeList {
					return
				}
				leaves := content.Leaves{}
				leaves.Set(f.Path, bad)
				_, err := h.Content.Save(ctx, apptest.System, content.Change{ID: h.drafts[k.Name], Set: content.Parts{content.Facts: leaves}})
				var invalid *content.Invalid
				if !errors.As(err, &invalid) || invalid.Fields()[f.Path] == "" {
					t.Errorf("%s.%s = %q: %v", k.Name, f.Path, bad, err)
				}
			})
		}
	}
	for _, bad := range []string{"a", "a@", "a@b\r\nBcc: c@d", "<script>@x", "a b@c.d", "\"a b\"@c.d", "a@b@c", "Name <a@b.c>"} {
		leaves := content.Leaves{}
		leaves.Set("registration.mailbox", bad)
		if _, err := h.Content.Save(ctx, apptest.System, content.Change{ID: h.drafts["event"], Set: content.Parts{content.Facts: leaves}}); err == nil {
			t.Errorf("mailbox %q is taken", bad)
		}
	}
}
