package app_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// TestThePreviewOfADraft: who may read a draft sees it as the site would show it, with what is typed and at any time, kept by
// nobody; who may not, sees nothing.
func TestThePreviewOfADraft(t *testing.T) {
	h := startHostile(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: h.other})
	frame := func(k *content.Kind, id, query string) string {
		return "/admin/" + k.Path + "/" + id + "/preview/page" + query
	}
	for _, k := range kind.All {
		at := frame(k, h.drafts[k.Name], "")
		page := editor.Get(at)
		if page.Status != http.StatusOK || !strings.Contains(page.Find("main h1").Text(), "canary"+k.Name) {
			t.Errorf("%s: %d %q", at, page.Status, page.Find("main h1").Text())
		}
		if bar := page.Find(".preview-bar"); bar.Length() != 1 || !strings.Contains(bar.Text(), "as it is saved") {
			t.Errorf("%s: bar %q", at, bar.Text())
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "X-Frame-Options": "SAMEORIGIN"} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s %q", at, name, got)
			}
		}
		if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'none'") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: %s", at, csp)
		}
		if n := page.Find("script, [rel=canonical], [rel=alternate], [property], a[href^='/e/'], [href*='/-/']:not([href^='/admin'])"); n.Length() > 0 {
			out, _ := n.First().Html()
			t.Errorf("%s: names itself: %s %s", at, n.Nodes[0].Data, out)
		}
		page.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			if href := s.AttrOr("href", ""); strings.HasPrefix(href, "/") && s.AttrOr("target", "") != "_blank" && !strings.HasPrefix(href, "/admin/") {
				t.Errorf("%s: %s opens in the frame", at, href)
			}
		})
		if page := stranger.Get(at); page.Status != http.StatusNotFound {
			t.Errorf("%s: a stranger gets %d", at, page.Status)
		}
		if page := h.Visitor().Get(at); page.Status != http.StatusOK || strings.Contains(page.Body, "canary") || !strings.HasSuffix(page.Path, "/sign-in") {
			t.Errorf("%s: nobody gets %d at %s", at, page.Status, page.Path)
		}
		if screen := editor.Get("/admin/" + k.Path + "/" + h.drafts[k.Name] + "/preview"); screen.Status != http.StatusOK || screen.Find("iframe[src]").Length() != 1 ||
			!strings.Contains(screen.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
			t.Errorf("%s: the screen: %d", k.Name, screen.Status)
		}
		bare := save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Set: words(i18n.EN, k.As("title").Path, "Bare")})
		if page := editor.Get(frame(k, bare, "")); page.Status != http.StatusOK || unfinished.MatchString(page.Text()) {
			t.Errorf("a %s with a title alone: %d %q", k.Name, page.Status, unfinished.FindString(page.Text()))
		}
		if page := editor.Get("/admin/" + k.Path + "/new/preview/page?lang=ar"); page.Status != http.StatusOK || page.Find("html").AttrOr("dir", "") != "rtl" {
			t.Errorf("new %s: %d", k.Name, page.Status)
		}
	}

	// What is typed shows, cleaned, and is not stored.
	news := h.drafts["news"]
	form := editor.Get("/admin/news/" + news).Form("#form")
	form.Set("title@en", "Typed just now")
	form.Set("body@en", `<p>A paragraph<script>alert(1)</script> <img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a></p>`)
	form.Set("date", "the day before yesterday, perhaps")
	page := editor.Post(frame(kind.NewsKind, news, ""), form)
	if page.Status != http.StatusOK || page.Find("main h1").Text() != "Typed just now" || !strings.Contains(page.Body, "A paragraph") {
		t.Errorf("typed: %d %q", page.Status, page.Find("main h1").Text())
	}
	if strings.Contains(page.Body, "alert(") || !strings.Contains(page.Find(".preview-bar").Text(), "One field is shown as it was before") {
		t.Errorf("typed: %s", page.Find(".preview-bar").Text())
	}
	if e, err := h.Content.Get(ctx, apptest.System, news); err != nil || strings.Contains(e.Title, "Typed") {
		t.Errorf("stored: %q, %v", e.Title, err)
	}
	form = editor.Get("/admin/events/new").Form("#form")
	form.Set("title@en", "An idea")
	if page := editor.Post("/admin/events/new/preview/page", form); page.Status != http.StatusOK || page.Find("main h1").Text() != "An idea" {
		t.Errorf("new: %d %q", page.Status, page.Find("main h1").Text())
	}
	// A draft that it refers to shows to who may read it; one of another office does not.
	own := save(t, h.Plenary, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: h.other, Set: words(i18n.EN, "title", "Mine")})
	form = stranger.Get("/admin/news/" + own).Form("#form")
	form.Set("series", h.drafts["series"])
	form.Set("image.file", h.file.ID)
	if page := stranger.Post(frame(kind.NewsKind, own, ""), form); page.Status != http.StatusOK || strings.Contains(page.Body, "canary") || strings.Contains(page.Body, h.file.ID) {
		t.Errorf("somebody else's draft: %d", page.Status)
	}
	form = editor.Get("/admin/news/" + news).Form("#form")
	form.Set("series", h.drafts["series"])
	page = editor.Post(frame(kind.NewsKind, news, ""), form)
	if link := page.Find(`a[href^="/admin/series/` + h.drafts["series"] + `/preview"]`); link.Length() == 0 || !strings.Contains(link.Text(), "canaryseries") {
		t.Errorf("a draft beside it: %q", link.Text())
	}
}

// TestThePreviewAtADate: an event's page is in the phase of the time that is looked at, whatever the zone.
func TestThePreviewAtADate(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	set := with(words(i18n.EN, "title", "Meeting on the register"))
	for path, v := range map[string]any{"status": "scheduled", "mode": "in_person", "access": "registration", "registration.url": "https://example.org/register",
		"registration.opens": content.Moment{At: "2031-02-01T00:00", Zone: "Africa/Nairobi"}, "registration.closes": content.Moment{At: "2031-02-28T23:59", Zone: "Africa/Nairobi"},
		"when": content.When{Start: "2031-03-03T09:00", End: "2031-03-03T17:00", Zone: "Africa/Nairobi", Precision: "time"}} {
		set[content.Facts].Set(path, v)
	}
	at := "/admin/events/" + save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set}) + "/preview"
	for when, want := range map[string]string{
		"at=2031-01-15T12:00&zone=Africa/Nairobi":    "Announced",
		"at=2031-02-15T12:00&zone=Africa/Nairobi":    "Registration open",
		"at=2031-03-02T12:00&zone=Africa/Nairobi":    "Registration closed",
		"at=2031-03-03T10:00&zone=Africa/Nairobi":    "Live now",
		"at=2031-03-03T02:00&zone=America/New_York":  "Live now",
		"at=2031-03-03T02:00&zone=Africa/Nairobi":    "Registration closed",
		"at=2031-03-04T12:00&zone=Pacific/Auckland":  "Concluded",
		"at=2031-03-04&zone=Africa/Nairobi&show=ar":  "",
		"at=2031-03-03+10:00&zone=Africa/Nairobi":    "Live now",
		"at=2031-02-15T12:00&zone=Africa/Nairobi&of": "Registration open",
	} {
		page := editor.Get(at + "/page?" + when)
		if page.Status != http.StatusOK || !strings.Contains(page.Find(".hero").Text(), want) {
			t.Errorf("%s: %d, no %q in %q", when, page.Status, want, page.Find(".hero").Text())
		}
		if bar := page.Find(".preview-bar").Text(); !strings.Contains(bar, "As it shows at this time") || !strings.Contains(bar, "2031") {
			t.Errorf("%s: %s", when, bar)
		}
	}
	for _, bad := range []string{"at=3+March", "at=2031-02-30T12:00", "at=9999-01-01T00:00", "at=0001-01-01T00:00", "zone=Mars/Olympus", "zone=Local", "width=%22%3E"} {
		page := editor.Get(at + "?" + bad)
		if want := http.StatusUnprocessableEntity; page.Status != want && !strings.HasPrefix(bad, "width") {
			t.Errorf("%s: %d", bad, page.Status)
		}
		if page := editor.Get(at + "/page?" + bad); page.Status != http.StatusOK {
			t.Errorf("%s: the frame: %d", bad, page.Status)
		}
	}
	if page := editor.Get(at + "?show=xx"); page.Status != http.StatusNotFound {
		t.Errorf("a language that is none: %d", page.Status)
	}
}

// TestThePageAsItStood: what the public saw at any time can be seen again by staff, with what it referred to then.
func TestThePageAsItStood(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	series := save(t, p, content.Change{Kind: kind.SeriesKind, Original: i18n.EN, Set: with(words(i18n.EN, "title", "Series in January", "summary", "S"), "status", "active")})
	publish := func(id string, langs ...i18n.Locale) {
		t.Helper()
		if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: langs}); err != nil {
			t.Fatal(err)
		}
	}
	// Each step is put on the first of a month of 2020 afterwards.
	month := 0
	step := func(do func()) {
		t.Helper()
		do()
		month++
		day := time.Date(2020, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		since := time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC)
		for _, column := range []string{"from_at", "until_at"} {
			exec(t, p, "UPDATE published SET "+column+" = ? WHERE "+column+" > ?", day, since)
		}
	}
	set := with(words(i18n.EN, "title", "First words", "summary", "Summary", "body", "<p>Body</p>"), "date", "2020-01-01", "kind", "news", "series", series)
	id := save(t, p, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: set})
	step(func() { publish(series, i18n.EN); publish(id, i18n.EN) })
	step(func() {
		save(t, p, content.Change{ID: id, Set: words(i18n.EN, "title", "Second words")})
		fr := words(i18n.FR, "title", "En français", "summary", "Résumé", "body", "<p>Texte</p>")
		save(t, p, content.Change{ID: id, Set: fr})
		save(t, p, content.Change{ID: series, Set: words(i18n.EN, "title", "Series in February")})
		publish(series, i18n.EN)
		publish(id, i18n.EN, i18n.FR)
	})
	step(func() {
		if err := p.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.FR}); err != nil {
			t.Fatal(err)
		}
	})
	step(func() {
		if err := p.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.EN}); err != nil {
			t.Fatal(err)
		}
	})
	step(func() { publish(id, i18n.EN) })
	step(func() {
		if err := p.Content.Delete(ctx, apptest.System, id); err != nil {
			t.Fatal(err)
		}
	})
	look := func(at, show string) *apptest.Page {
		return editor.Get("/admin/news/" + id + "/preview/page?of=public&zone=UTC&show=" + show + "&at=" + at)
	}
	for _, x := range []struct{ at, show, title, series string }{
		{"2019-12-31", "en", "", ""},
		{"2020-01-15", "en", "First words", "Series in January"},
		{"2020-01-15", "fr", "First words", "Series in January"},
		{"2020-02-01T00:00", "en", "Second words", "Series in February"},
		{"2020-02-15", "fr", "En français", "Series in February"},
		{"2020-03-15", "fr", "Second words", "Series in February"},
		{"2020-04-15", "en", "", ""},
		{"2020-05-15", "en", "Second words", "Series in February"},
		{"2020-06-15", "en", "", ""},
	} {
		page := look(x.at, x.show)
		if got := page.Find("main h1").Text(); page.Status != http.StatusOK || x.title != "" && got != x.title || x.title == "" && !strings.Contains(page.Body, "was public at this time") {
			t.Errorf("%s in %s: %d %q, want %q", x.at, x.show, page.Status, got, x.title)
		}
		if !strings.Contains(page.Body, x.series) {
			t.Errorf("%s in %s: no %q", x.at, x.show, x.series)
		}
	}
}

// TestPreviewLinks: a link shows one version to whoever has it, with its files, and nothing else; it ends when it is revoked
// or its time is over, and nobody keeps it.
func TestPreviewLinks(t *testing.T) {
	h := startHostile(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	up, err := h.Media.Upload(ctx, apptest.System, media.Upload{Name: "draft picture.png", Body: picture(t)})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 { // the picture's sizes are made beside us
		if f, err := h.Media.Get(ctx, up.ID); err != nil {
			t.Fatal(err)
		} else if f[up.ID].Best("", 100) != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	set := apptest.Sample(kind.EventKind, i18n.EN, "shown", h.refs, up.ID)
	for path := range set[content.Facts] {
		if f := kind.EventKind.Field(path); f.Staff && f.Type == content.TypeString && f.Widget == "" {
			set[content.Facts].Set(path, "canarystaff")
		}
	}
	set[content.Facts].Set("join.url", "https://meet.example.org/canaryjoin")
	fr := apptest.Sample(kind.EventKind, i18n.FR, "montrable", nil, "")
	set["fr"] = fr["fr"]
	id := save(t, h.Plenary, content.Change{Kind: kind.EventKind, Original: i18n.EN, Office: h.office, Set: set})
	at := "/admin/events/" + id + "/preview/links"
	make := func(b *apptest.Browser, lang ...string) (*apptest.Page, string) {
		t.Helper()
		form := editor.Get(at).Form(`form:has([name=days])`)
		form["lang"] = lang
		form.Set("note", "Permanent mission")
		page := b.Post(at, form)
		return page, strings.TrimPrefix(page.Find("#fresh").AttrOr("value", ""), h.URL)
	}
	page, link := make(editor, "en")
	if page.Status != http.StatusOK || !regexp.MustCompile(`^/preview/[A-Z2-7]{32}$`).MatchString(link) {
		t.Fatalf("made: %d %q", page.Status, link)
	}
	save(t, h.Plenary, content.Change{ID: id, Set: words(i18n.EN, "title", "canarylater")})
	visitor := h.Visitor()
	page = visitor.Get(link)
	if page.Status != http.StatusOK || !strings.Contains(page.Find("main h1").Text(), "shown") {
		t.Fatalf("opened: %d %q", page.Status, page.Find("main h1").Text())
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Set-Cookie": ""} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, secret := range []string{"canary", "montrable", h.office, "/admin"} {
		if at := strings.Index(page.Body, secret); at >= 0 {
			t.Errorf("it shows %s: %s", secret, page.Body[max(0, at-100):min(len(page.Body), at+60)])
		}
	}
	if bar := page.Find(".preview-bar").Text(); !strings.Contains(bar, "The link holds until") {
		t.Errorf("bar: %s", bar)
	}
	// Its files come through it, in every way that the page names them; nothing else does, and no original of a picture.
	files := 0
	page.Find("[src], [srcset], [poster], a[href]").Each(func(_ int, s *goquery.Selection) {
		for _, name := range []string{"src", "srcset", "poster", "href"} {
			for _, one := range strings.Split(s.AttrOr(name, ""), ", ") {
				to, _, _ := strings.Cut(one, " ")
				if strings.HasPrefix(to, "/media/") && strings.Contains(to, up.ID) {
					t.Errorf("%s is not the link's own", to)
				}
				if strings.HasPrefix(to, link) && strings.Contains(to, "/files/") {
					files++
					if f := visitor.Get(to); f.Status != http.StatusOK || f.Header.Get("Cache-Control") != "no-store" {
						t.Errorf("%s: %d %s", to, f.Status, f.Header.Get("Cache-Control"))
					}
				}
			}
		}
	})
	if files == 0 {
		t.Error("no file comes through the link")
	}
	for _, to := range []string{link + "/files/" + h.file.ID + "/canaryfile.pdf", link + "/files/" + up.ID + "/draft-picture.png", link + "/files/zzzzzzzzzzzz/x.png", link + "/fr", link + "/xx", link + "x", "/preview/" + strings.Repeat("A", 32)} {
		if page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: to, Stay: true}); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", to, page.Status)
		}
	}
	if _, both := make(editor, "fr", "en"); visitor.Get(both).Find("html").AttrOr("lang", "") != "en" && visitor.Get(both+"/fr").Status != http.StatusOK {
		t.Error("a link in two languages")
	}
	// Who has it leaves traces, and only its hash is stored.
	list := editor.Get(at)
	if text := list.Find(".list").Text(); !strings.Contains(text, "Opened once") || !strings.Contains(text, "Permanent mission") || !strings.Contains(text, "Test editor") || !strings.Contains(text, "Shows an earlier version") {
		t.Errorf("list: %s", text)
	}
	if strings.Contains(list.Body, link) {
		t.Error("the link is shown again")
	}
	var stored int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM preview_links WHERE hash LIKE ?", "%"+strings.TrimPrefix(link, "/preview/")+"%").Scan(ctx, &stored); err != nil || stored > 0 {
		t.Errorf("the secret is stored: %d, %v", stored, err)
	}
	// Only who may share it.
	for name, grant := range map[string]auth.Grant{"translator": {Role: auth.Translator, Scope: auth.ScopeSite}, "observer": {Role: auth.Observer, Scope: auth.ScopeSite}} {
		b := h.SignIn(name+"@example.org", grant)
		if page, link := make(b, "en"); page.Status != http.StatusForbidden || link != "" {
			t.Errorf("%s: %d", name, page.Status)
		}
		if page := b.Get(at); page.Status != http.StatusForbidden {
			t.Errorf("%s sees the list: %d", name, page.Status)
		}
	}
	// What is wrong is said beside its field, and what was typed stays.
	for _, bad := range []url.Values{{"days": {"0"}, "lang": {"en"}}, {"days": {"91"}, "lang": {"en"}}, {"days": {"a week"}, "lang": {"en"}}, {"days": {"7"}}, {"days": {"7"}, "lang": {"ar"}}, {"days": {"7"}, "lang": {"en"}, "note": {strings.Repeat("x", 201)}}} {
		if page := editor.Post(at, bad); page.Status != http.StatusUnprocessableEntity || page.Find(".err").Length() == 0 || page.Find("#days").AttrOr("value", "") != bad.Get("days") {
			t.Errorf("%v: %d", bad, page.Status)
		}
	}
	stale := editor.Get(at).Form(`form:has([name=days])`)
	stale["lang"] = []string{"en"}
	save(t, h.Plenary, content.Change{ID: id, Set: words(i18n.EN, "title", "canarylatest")})
	if page := editor.Post(at, stale); page.Status != http.StatusConflict {
		t.Errorf("of a version that is no longer the last: %d", page.Status)
	}
	// It ends.
	revoke := list.Find("button[name=revoke]").Last().AttrOr("value", "")
	foreign := editor.Post("/admin/events/"+h.drafts["event"]+"/preview/links", url.Values{"revoke": {revoke}})
	if foreign.Status != http.StatusNotFound || visitor.Get(link).Status != http.StatusOK {
		t.Errorf("revoked from another entry: %d", foreign.Status)
	}
	if page := editor.Post(at, url.Values{"revoke": {revoke}}); page.Status != http.StatusOK {
		t.Errorf("revoke: %d", page.Status)
	}
	for _, to := range []string{link, link + "/en", link + "/files/" + up.ID + "/draft-picture.png"} {
		if page := visitor.Get(to); page.Status != http.StatusGone || strings.Contains(page.Body, "shown") || !strings.Contains(page.Body, "Ask whoever sent it") {
			t.Errorf("revoked: %s: %d", to, page.Status)
		}
	}
	_, soon := make(editor, "en")
	exec(t, h.Plenary, "UPDATE preview_links SET expires_at = ? WHERE revoked_at IS NULL", time.Now().UTC().Add(-time.Second))
	if page := visitor.Get(soon); page.Status != http.StatusGone {
		t.Errorf("expired: %d", page.Status)
	}
	_, last := make(editor, "en")
	if err := h.Content.Delete(ctx, apptest.System, id); err != nil {
		t.Fatal(err)
	}
	if page := visitor.Get(last); page.Status != http.StatusGone {
		t.Errorf("of what was deleted: %d", page.Status)
	}

	if log := h.log.String(); strings.Contains(log, strings.TrimPrefix(link, "/preview/")) {
		t.Error("the secret is in the log")
	}
}

// exec changes rows behind the program's back.
func exec(t *testing.T, p *apptest.Plenary, q string, args ...any) {
	t.Helper()
	if err := p.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(q, args...).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// with adds facts to parts: path, value, path, value.
func with(parts content.Parts, pairs ...any) content.Parts {
	parts[content.Facts] = content.Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		parts[content.Facts].Set(pairs[i].(string), pairs[i+1])
	}
	return parts
}

// unfinished is what a page shows where it has no word for nothing.
var unfinished = regexp.MustCompile(`\b(enum|kind|page|event|phase)\.[a-z_.]+|<no value>|0001|%!`)
