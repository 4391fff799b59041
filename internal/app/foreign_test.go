package app_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"
)

// controls gives the name of a field in a form, and the lists with one item each that it stands in.
func controls(f *content.Field) (name string, form url.Values) {
	form = url.Values{}
	for p := f.Parent; p != nil; p = p.Parent {
		if p.Type == content.TypeList {
			form[strings.ReplaceAll(p.Path, ".*.", ".aaaa.")] = []string{"", "aaaa"}
		}
	}
	return strings.ReplaceAll(f.Path, ".*.", ".aaaa."), form
}

// TestForeignIDsInFormsTellNothing: whoever puts the ids of others' drafts, files and accounts into a form of her own is told
// what she is told of ids that nothing has, to the letter.
func TestForeignIDsInFormsTellNothing(t *testing.T) {
	h := startHostile(t)
	b := h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: h.other})
	same := func(what, real string, ask func(id string) apptest.Request) {
		t.Helper()
		var told [2]string
		for i, id := range []string{real, strings.Repeat("z", len(real))} {
			r := ask(id)
			r.Stay = true
			page := b.Send(r)
			told[i] = fmt.Sprint(page.Status, " ", strings.NewReplacer(url.QueryEscape(id), "ID", id, "ID").Replace(page.Body+page.Header.Get("Location")))
			if lower := strings.ToLower(told[i]); strings.Contains(lower, "canary") || strings.Contains(told[i], "Office of Drafts") {
				t.Errorf("%s: a name is told", what)
			}
		}
		if told[0] != told[1] {
			at := 0
			for at < min(len(told[0]), len(told[1])) && told[0][at] == told[1][at] {
				at++
			}
			from := max(0, at-80)
			t.Errorf("%s: what is foreign and what is missing are told apart:\n%.200s\n%.200s", what, told[0][from:], told[1][from:])
		}
	}
	tried := 0
	for _, k := range kind.All {
		own := "/admin/" + k.Path + "/" + save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Office: h.other, Set: words(i18n.EN, k.As("title").Path, "Mine")})
		k.Walk(func(f *content.Field) {
			real := ""
			switch {
			case f.Type == content.TypeRef, f.Type == content.TypeRefs:
				real = h.drafts[f.Of]
				if real == "" {
					real = h.drafts["event"]
				}
			case f.Type == content.TypeFile:
				real = h.file.ID
			case f.Widget == "account":
				real = h.victim
			default:
				return
			}
			name, lists := controls(f)
			for _, op := range []string{"save", "publish", "pick", "find"} {
				tried++
				same(k.Name+" "+name+" "+op, real, func(id string) apptest.Request {
					form := url.Values{}
					for list, ids := range lists {
						form[list] = ids
					}
					switch op {
					case "pick":
						form.Set("op", "pick "+name+" "+id)
					case "find":
						form.Set("op", "find "+name)
						form.Set("find:"+name, id)
					default:
						form.Set("op", op)
						form.Set(name, id)
					}
					return apptest.Request{Path: own, Form: form}
				})
			}
		})
	}
	if tried < 100 {
		t.Errorf("only %d tries", tried)
	}
	for _, op := range []string{"publish", "unpublish", "delete"} {
		same("a list's "+op, h.drafts["event"], func(id string) apptest.Request {
			return apptest.Request{Path: "/admin/events", Form: url.Values{"op": {op}, "id": {id}}}
		})
	}
	same("a new entry's office", h.office, func(id string) apptest.Request {
		return apptest.Request{Path: "/admin/news/new", Form: url.Values{"op": {"save"}, "office": {id}, "title@en": {"x"}}}
	})
	for what, id := range map[string]string{"/admin/events?owner=": h.office, "/admin/entries?series=": h.drafts["series"], "/admin/palette?q=": h.drafts["event"], "/admin/pick?of=organization&not=": h.office, "/admin/media?q=": h.file.ID} {
		same(what, id, func(id string) apptest.Request { return apptest.Request{Method: http.MethodGet, Path: what + id} })
	}
}

// TestWhatAnUploadSaysOfItselfBesideTheFile counts for nothing: whose a file is follows from who sends it, and broken fields
// and names break nothing.
func TestWhatAnUploadSaysOfItselfBesideTheFile(t *testing.T) {
	h := startHostile(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for _, field := range []string{"office", "series", "event"} {
		for _, value := range []string{h.office, "no-such-thing", "\xff\xfe", "a\x00b", "\u202e", strings.Repeat("x", 5000)} {
			for _, name := range []string{"x.txt", "a\xff.txt", "\u202egnp.txt"} {
				var body bytes.Buffer
				mw := multipart.NewWriter(&body)
				mw.WriteField(field, value)
				w, err := mw.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, name)}})
				if err != nil {
					t.Fatal(err)
				}
				w.Write([]byte("text"))
				mw.Close()
				page := editor.Send(apptest.Request{Path: "/admin/media/upload", Body: &body, Type: mw.FormDataContentType(), Stay: true})
				id := strings.TrimPrefix(page.Header.Get("Location"), "/admin/media/")
				files, _ := h.Media.Get(ctx, id)
				if f := files[id]; page.Status != http.StatusSeeOther || f == nil || f.Office != "" || f.Series != "" || f.Event != "" || strings.ContainsAny(f.Name, "\xff\u202e") {
					t.Errorf("%s %.20q, %q: %d, %+v", field, value, name, page.Status, f)
				}
			}
		}
	}
}

// TestWhatIsNotThereIsNotKept: an answer that there is no such page or file is never one that caches keep.
func TestWhatIsNotThereIsNotKept(t *testing.T) {
	h := startHostile(t)
	visitor := h.Visitor()
	tried := 0
	for _, r := range h.Web.Routes() {
		if r.Method != http.MethodGet || r.Class != web.Static && r.Class != web.Cacheable {
			continue
		}
		at := strings.NewReplacer("*name", "nothing.0123456789.css", "*file", "nothing.0123456789.css", ":file", "nothing-1.xml", ":id", "zzzzzzzzzzzz", ":name", "nothing.pdf", ":locale", "en", "*path", "nothing/at/all",
			":section", "nothing", ":a", "nothing", ":b", "nothing").Replace(r.Path)
		if at == r.Path {
			continue
		}
		page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
		if page.Status < 400 {
			continue
		}
		tried++
		if cc := page.Header.Get("Cache-Control"); cc != "no-store" || page.Status != http.StatusNotFound {
			t.Errorf("%s: %d, Cache-Control %q", at, page.Status, cc)
		}
	}
	if tried < 4 {
		t.Errorf("only %d routes tried", tried)
	}
}

// TestAnEntryStaysWithinWhatItsFormCanHold: nobody can store an entry that takes the panel seconds to draw, nor one that its own
// form could not send back; and what was typed too much comes back with the reason beside it.
func TestAnEntryStaysWithinWhatItsFormCanHold(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	event := save(t, h.Plenary, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Large")})
	at := "/admin/events/" + event
	programme := func(sessions, people int) url.Values {
		form := url.Values{"op": {"save"}, "sessions": {""}}
		for i := range sessions {
			id := fmt.Sprintf("s%03d", i)
			form["sessions"] = append(form["sessions"], id)
			form.Set("sessions."+id+".title@en", "Session")
			list := []string{""}
			for j := range people {
				list = append(list, fmt.Sprintf("p%03d", j))
			}
			form["sessions."+id+".people"] = list
		}
		return form
	}
	stored := func() int {
		e, err := h.Content.Get(ctx, apptest.System, event)
		if err != nil {
			t.Fatal(err)
		}
		ids, err := content.ItemIDs(e.Parts[content.Facts]["sessions"])
		if err != nil && e.Parts[content.Facts]["sessions"] != nil {
			t.Fatal(err)
		}
		return len(ids)
	}
	page := admin.Send(apptest.Request{Path: at, Form: programme(160, 4), Stay: true})
	if page.Status != http.StatusUnprocessableEntity || stored() != 0 || page.Find(`[name="sessions.s159.title@en"]`).Length() != 1 || !strings.Contains(page.Find("#problems, .err").Text(), "750") {
		t.Errorf("800 items: %d, %d sessions stored, told %q", page.Status, stored(), page.Find("#problems").Text())
	}
	if page := admin.Send(apptest.Request{Path: at, Form: programme(125, 5), Stay: true}); page.Status != http.StatusSeeOther || stored() != 125 {
		t.Errorf("750 items: %d, %d sessions stored", page.Status, stored())
	}
	form := admin.Get(at).Form("form[data-entry]")
	n := 0
	for _, values := range form {
		n += len(values)
	}
	if n >= web.MaxValues {
		t.Errorf("the form has %d values", n)
	}
	form.Set("op", "add sessions")
	if page := admin.Send(apptest.Request{Path: at, Form: form, Stay: true}); page.Status != http.StatusOK || len(slices.DeleteFunc(page.Form("form[data-entry]")["sessions"], func(id string) bool { return id == "" })) != 125 {
		t.Errorf("one more: %d", page.Status)
	}
	for _, op := range []string{"save", "add sessions", "publish"} {
		form := programme(290, 15)
		form.Set("op", op)
		start := time.Now()
		page := admin.Send(apptest.Request{Path: at, Form: form, Stay: true})
		if took := time.Since(start); page.Status != http.StatusRequestEntityTooLarge || took > 5*time.Second {
			t.Errorf("%s of 4,640 items: %d after %s", op, page.Status, took)
		}
	}
}

// TestWhatIsPublicTellsNothingOfDraftsItNames: an entry may be published while what it refers to is a draft. Nothing of that
// shows, neither its name nor that it is there.
func TestWhatIsPublicTellsNothingOfDraftsItNames(t *testing.T) {
	h := startHostile(t)
	var paths []string
	for _, k := range kind.All {
		set := apptest.Sample(k, i18n.EN, "openly", h.drafts, "")
		id := save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Set: set})
		if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			continue // the file it must have is not there
		}
		p, err := h.Content.LiveByID(ctx, i18n.EN, id)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, "/en/"+p.Path, "/ar/"+p.Path, "/en/"+p.Path+".ics", "/e/"+id)
	}
	if len(paths) < 16 {
		t.Errorf("only %d published", len(paths)/4)
	}
	secrets := []string{"canary", "Office of Drafts", h.office, h.file.ID}
	for _, id := range h.drafts {
		secrets = append(secrets, id)
	}
	h.crawl(t, paths, func(path string, page *apptest.Page) {
		text := page.Body + fmt.Sprint(page.Header)
		for _, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s shows %q: …%s…", path, secret, text[max(0, i-150):min(len(text), i+80)])
			}
		}
	}, i18n.EN, i18n.AR)
	// Filters by a draft answer like filters by nothing.
	visitor := h.Visitor()
	for _, section := range []string{"events", "news", "documents", "reports", "people"} {
		for _, filter := range []string{"topic", "organization", "series", "event", "person"} {
			var told [2]string
			for i, id := range []string{h.drafts[filter], strings.Repeat("z", 12)} {
				page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: "/en/" + section + "?" + filter + "=" + id, Stay: true})
				told[i] = fmt.Sprint(page.Status, strings.ReplaceAll(page.Body, id, "ID"))
			}
			if told[0] != told[1] {
				t.Errorf("%s by a draft %s is told apart from by nothing", section, filter)
			}
		}
	}
}

// TestCookiesThatAreNotOursBreakNothing: a neighbouring host, or an older version, can leave cookies under our names.
func TestCookiesThatAreNotOursBreakNothing(t *testing.T) {
	h := startHostile(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	encoded := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	views := func(view string) string { return "plenary-views=" + encoded(url.Values{"k-event": {view}}.Encode()) }
	for _, cookie := range []string{
		"plenary-views=\xff", "plenary-views=!!", views("no_such_filter=1"), views("q=%ff"), views("q=a%00b"), views("state=eternal"), views("q=a&q=b"), views("%zz"), views("page=-1"), views("//evil.example"),
		"plenary-flash=\xff", "plenary-flash=" + encoded(`[{"Key":"error.forbidden.title","Kind":"\"><script>alert(1)</script>","Args":{"Name":"<script>"}}]`), "plenary-flash=" + encoded(`[{"Key":"no.such"}]`),
		"plenary-flash=" + encoded(`[null]`), "plenary-flash=" + encoded(`{}`), "plenary=x", "plenary=" + strings.Repeat("a", 43),
	} {
		for _, at := range []string{"/admin/events", "/admin", "/admin/sign-in"} {
			name, _, _ := strings.Cut(cookie, "=")
			b, header := admin, http.Header{"Cookie": {cookie}}
			if name == "plenary" {
				b = h.Visitor()
			}
			page := b.Send(apptest.Request{Method: http.MethodGet, Path: at, Header: header})
			if page.Status != http.StatusOK || page.Find("script:not([src])").Length() > 0 {
				t.Errorf("%.60q at %s: %d", cookie, at, page.Status)
			}
		}
	}
}
