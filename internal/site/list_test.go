package site

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func titles(d *goquery.Document, selector string) []string {
	var out []string
	d.Find(selector).Each(func(_ int, n *goquery.Selection) { out = append(out, strings.TrimSpace(n.Text())) })
	return out
}

func TestListsOwnLanguageFirst(t *testing.T) {
	h := open(t, 0)
	h.build()
	d := h.get("/fr/news")
	own, others := titles(d, ".listing > div > .rows h3"), titles(d, ".others h3")
	if fmt.Sprint(own) != "[Ouverture des registres dans la région Une nouvelle seulement en français]" || len(others) != 0 {
		t.Errorf("in French: %q, others %q", own, others)
	}
	d = h.get("/en/news")
	own, others = titles(d, ".listing > div > .rows h3"), titles(d, ".others h3")
	if fmt.Sprint(own) != "[Registers open across the region]" || fmt.Sprint(others) != "[Une nouvelle seulement en français]" {
		t.Errorf("in English: %q, others %q", own, others)
	}
	if d.Find(".others h3").AttrOr("lang", "") != "fr" || say(d, ".others .lang") != "French" || say(d, ".others h2") != "In other languages" {
		t.Error("what is in another language does not say so")
	}
	h.settings.OwnOnly = true
	if d = h.get("/en/news"); d.Find(".others").Length() != 0 {
		t.Error("others are listed although the site leaves them out")
	}
	if got := say(h.get("/en/"), "main"); strings.Contains(got, "Une nouvelle") {
		t.Error("the front page shows them")
	}
	h.settings.OwnOnly = false
	d = h.get("/en/events")
	if got := titles(d, ".rows h3"); len(got) != 3 || got[0] != "Digital government in a health emergency: lessons from Africa" || got[2] != "Session 4: Responses in Western Asia" {
		t.Errorf("upcoming: %q", got)
	}
	d = h.get("/en/events?when=past")
	if got := titles(d, ".rows h3"); fmt.Sprint(got) != "[Session 1: Responses in Asia and the Pacific]" {
		t.Errorf("past: %q", got)
	}
}

func TestFilters(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	d := h.get("/en/events?country=KE&topic=&utm_source=letter")
	if got := titles(d, ".rows h3"); len(got) != 1 {
		t.Errorf("in Kenya: %q", got)
	}
	if got := say(d, ".active a"); got != "Remove filter Country: Kenya ×" || d.Find(".active a").AttrOr("href", "") != "/en/events" {
		t.Errorf("filter in use: %q", got)
	}
	if d.Find("select[name=country] option[selected]").AttrOr("value", "") != "KE" || d.Find("meta[name=robots]").Length() != 1 {
		t.Error("the form forgets what was chosen, or search engines are offered every filter")
	}
	if got := d.Find(".langs a[hreflang=fr]").AttrOr("href", ""); got != "/fr/events?country=KE" {
		t.Errorf("the language bar leads to %s", got)
	}
	both := h.get("/en/events?country=KE&topic=" + string(w.topic))
	if n := both.Find(".active a").Length(); n != 2 {
		t.Errorf("%d filters in use", n)
	}
	if got := say(h.get("/en/events?year=1999"), ".empty"); got != "Nothing matches these filters. Clear all filters" {
		t.Errorf("nothing found: %q", got)
	}
	for _, odd := range []string{"page=0", "page=-1", "page=x", "page=99999999999999999999", "country=" + url.QueryEscape("'; DROP TABLE facets; --"), "topic=" + strings.Repeat("a", 200),
		"when=future", "others=x", "country=%C3%28"} {
		w := h.do("GET", "/en/events?"+odd)
		if w.Code >= 500 || strings.Contains(w.Body.String(), "DROP TABLE facets; --\"") {
			t.Errorf("%s: %d", odd, w.Code)
		}
	}
	if c := h.do("GET", "/en/events?page=7").Code; c != http.StatusNotFound {
		t.Errorf("a page beyond the last: %d", c)
	}
}

// TestPaging walks through a list in two languages: everything comes once, this language's first.
func TestPaging(t *testing.T) {
	h := open(t, 0)
	for i := range 45 {
		l := i18n.EN
		if i%3 == 0 {
			l = i18n.FR
		}
		h.publish(kind.TopicKind, &kind.Topic{Label: content.L(string(l), fmt.Sprintf("Topic %02d", i)), Scheme: "theme"}, l)
	}
	var seen []string
	at := "/en/topics"
	for range 10 {
		d := h.get(at)
		seen = append(seen, titles(d, ".rows h3")...)
		if got := d.Find("link[rel=canonical]").AttrOr("href", ""); got != baseURL+at {
			t.Errorf("%s is canonical at %s", at, got)
		}
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if next == "" {
			break
		}
		if back := h.get(next).Find("a[rel=prev]").AttrOr("href", ""); back != at {
			t.Errorf("from %s back to %s, not %s", next, back, at)
		}
		at = next
	}
	once := map[string]int{}
	for i, s := range seen {
		once[s]++
		var n int
		fmt.Sscanf(s, "Topic %d", &n)
		if (n%3 == 0) != (i >= 30) {
			t.Errorf("%s in place %d", s, i)
		}
	}
	if len(once) != 45 || len(seen) != 45 {
		t.Errorf("%d listed, %d different", len(seen), len(once))
	}
}

func TestAddresses(t *testing.T) {
	h := open(t, 1<<20)
	id, path := h.publish(kind.NewsKind, note("First words"), i18n.EN, i18n.EN)
	slug := "better-words"
	if _, err := h.content.Save(ctx, staff, content.Change{ID: string(id), Slug: &slug}); err != nil {
		t.Fatal(err)
	}
	if err := h.content.Publish(ctx, staff, content.PublishChange{ID: string(id), Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at, language string
		code         int
		to           string
	}{
		{"/", "ar,en;q=0.5", 302, "/ar/"},
		{"/", "de", 302, "/en/"},
		{"/", "", 302, "/en/"},
		{"/en", "", 301, "/en/"},
		{"/en/news/", "", 301, "/en/news"},
		{"/en/news/?page=2", "", 301, "/en/news?page=2"},
		{"/en/" + path, "", 301, "/en/news/2026/better-words"},
		{"/ko/" + path + "?utm_source=x", "", 301, "/ko/news/2026/better-words?utm_source=x"},
		{"/e/" + string(id), "fr", 302, "/en/news/2026/better-words"},
		{"/e/" + string(id), "en", 302, "/en/news/2026/better-words"},
		{"/e/nothing", "", 404, ""},
		{"/EN/news", "", 404, ""},
		{"/en/News", "", 404, ""},
		{"/en/news/2026/Better-Words", "", 404, ""},
		{"/de/news", "", 404, ""},
		{"/en/news/2026/better-words/", "", 301, "/en/news/2026/better-words"},
		{"/en//news", "", 404, ""},
		{"/en/news/2026/../2026/better-words", "", 404, ""},
		{"/en/news/2026/better-words/more", "", 404, ""},
		{"/en/news/2026", "", 404, ""},
		{"/en/pages", "", 404, ""},
		{"/static/site.css", "", 404, ""},
		{"/media/nothing/x.pdf", "", 404, ""},
		{"/en/news/2026/" + strings.Repeat("a", 500), "", 404, ""},
	} {
		w := h.do("GET", c.at, "Accept-Language", c.language)
		if w.Code != c.code || w.Header().Get("Location") != c.to {
			t.Errorf("%.80s (%s): %d to %q, want %d to %q", c.at, c.language, w.Code, w.Header().Get("Location"), c.code, c.to)
		}
		if c.at == "/" && (w.Header().Get("Vary") != "Accept-Language" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("the way to the reader's language may be kept: %v", w.Header())
		}
		if w.Code == 404 && document(t, w).Find("main .tags a").Length() == 0 {
			t.Errorf("%s: no place to go to", c.at)
		}
	}
	h.settings.Languages = []i18n.Locale{i18n.FR, i18n.EN}
	w := h.do("GET", "/ar/news/2026/better-words")
	if d := document(t, w); w.Code != 404 || d.Find("#h-versions + ul a").AttrOr("href", "") != "/en/news/2026/better-words" {
		t.Errorf("a language that the site does not offer: %d, it names %q", w.Code, titles(d, "main .tags a"))
	}
	if w := h.do("POST", "/en/news"); w.Code != http.StatusMethodNotAllowed && w.Code != 403 {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestStaticFiles(t *testing.T) {
	h := open(t, 0)
	css := h.get("/en/").Find("link[rel=stylesheet]").AttrOr("href", "")
	w := h.do("GET", css, "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %d %v", css, w.Code, w.Header())
	}
	if w := h.do("GET", css+"x"); w.Code != 404 || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("not found, for ever: %v", w.Header())
	}
}

func TestFilesOfPagesOnly(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	link := h.get("/en/"+w.eventPath).Find(".docs a[hreflang=en]").AttrOr("href", "")
	res := h.do("GET", link)
	if res.Code != 200 || res.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(res.Body.String(), "%PDF") {
		t.Errorf("%s: %d %v", link, res.Code, res.Header())
	}
	hidden := h.pdf("secret.pdf", 1, 2000)
	files, err := h.media.Get(ctx, string(hidden))
	if err != nil {
		t.Fatal(err)
	}
	if c := h.do("GET", files[string(hidden)].URL()).Code; c != 404 {
		t.Errorf("a file of no page: %d", c)
	}
}

// A list's address holds what the list knows, each once and with a value that can be meant. Any other leads to the one that
// does, and what is made up is not kept.
func TestAddressesOfListsAreOne(t *testing.T) {
	h := open(t, 1<<22)
	h.build()
	for at, want := range map[string]string{
		"/en/events?made=up":                           "/en/events",
		"/en/topics?kind=anything":                     "/en/topics",
		"/en/topics?when=past":                         "/en/topics",
		"/fr/events?country=KE&country=FR&x=1":         "/fr/events?country=KE",
		"/en/events?page=0":                            "/en/events",
		"/en/events?page=x&year=2026&when=never":       "/en/events?year=2026",
		"/en/events?topic=" + strings.Repeat("a", 200): "/en/events",
		"/en/news?language=fr":                         "/en/news",
	} {
		if w := h.do("GET", at); w.Code != http.StatusFound || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", at, w.Code, w.Header().Get("Location"), want)
		}
	}
	for _, at := range []string{"/en/events?country=KE&topic=&year=", "/en/events?utm_source=letter", "/en/news?kind=press_release"} {
		if w := h.do("GET", at); w.Code != http.StatusOK {
			t.Errorf("%s: %d", at, w.Code)
		}
	}
	kept := func() int { return len(h.Site.kept.pages) }
	before := kept()
	for i := range 20 {
		for _, at := range []string{"/en/topics?kind=k%d", "/en/events?country=c%d", "/en/events?topic=t%d&when=past", "/en/news/2026/registers-open-across-the-region?kind=k%d", "/en/?page=%d"} {
			h.do("GET", fmt.Sprintf(at, i))
		}
	}
	if kept() != before {
		t.Errorf("%d pages are kept for parameters that were made up", kept()-before)
	}
}

// What belongs to an organization, or to a series, can be listed.
func TestListsByOrganizationAndSeries(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	host, hostPath := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Host of all"), Type: "igo"}, i18n.EN)
	other, _ := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Another"), Type: "igo"}, i18n.EN)
	for i, o := range []content.Ref{host, other} {
		series := content.Ref("")
		if i == 0 {
			series = w.series
		}
		h.publish(kind.NewsKind, &kind.News{Title: content.L("en", fmt.Sprint("News of ", i)), Summary: content.L("en", "S."), Kind: "news", Date: "2026-06-01", Body: content.P("en", "<p>T.</p>"), Unit: o, Series: series}, i18n.EN)
		h.publish(kind.SeriesKind, &kind.Series{Title: content.L("en", fmt.Sprint("Series of ", i)), Summary: content.L("en", "S."), Status: "active", Organizations: []kind.OrganizationRole{{Item: content.Item{ID: "o1"}, Organization: o, Role: "organizer"}}}, i18n.EN)
		h.publish(kind.ReportKind, &kind.Report{Title: content.L("en", fmt.Sprint("Report of ", i)), Summary: content.L("en", "S."), Stage: "final", Event: content.Ref(w.event), Date: "2026-06-01", Executive: content.P("en", "<p>T.</p>"), Organizations: content.Refs{o}}, i18n.EN)
	}
	for section, want := range map[string]string{"news": "News of 0", "series": "Series of 0", "reports": "Report of 0"} {
		d := h.get("/en/" + section + "?organization=" + string(host))
		if got := titles(d, ".rows h3"); fmt.Sprint(got) != "["+want+"]" {
			t.Errorf("%s of the organization: %q", section, got)
		}
		if got := titles(h.get("/en/"+hostPath), "#"+section+" h3"); fmt.Sprint(got) != "["+want+"]" {
			t.Errorf("%s on its page: %q", section, got)
		}
	}
	if got := titles(h.get("/en/news?series="+string(w.series)), ".rows h3"); fmt.Sprint(got) != "[News of 0]" {
		t.Errorf("news of the series: %q", got)
	}
}

// The years that are offered hold something on that tab, and clearing the filters stays on it.
func TestYearsBelongToTheTab(t *testing.T) {
	h := open(t, 0)
	h.meeting("Long ago", "2021-03-01T08:00", nil)
	h.meeting("Last month", "2026-05-01T08:00", nil)
	h.meeting("Over the new year", "2025-12-01T08:00", func(e *kind.Event) { e.When.End = "2026-12-01T08:00" })
	h.meeting("Next year", "2027-03-01T08:00", nil)
	years := func(at string) string {
		return fmt.Sprint(titles(h.get(at), "select[name=year] option:not([value=''])"))
	}
	if got := years("/en/events"); got != "[2027 2025]" {
		t.Errorf("to come: %s", got)
	}
	if got := years("/en/events?when=past"); got != "[2026 2021]" {
		t.Errorf("past: %s", got)
	}
	d := h.get("/en/events?when=past&year=2021")
	if got := d.Find(".toc a").First().AttrOr("href", ""); got != "/en/events" {
		t.Errorf("what is to come is at %s", got)
	}
	if got := h.get("/en/events?when=past&year=1999").Find(".empty a").AttrOr("href", ""); got != "/en/events?when=past" {
		t.Errorf("clearing leads to %s", got)
	}
}
