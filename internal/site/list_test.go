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
	d := h.get("/en/events?country=KE&made=up")
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
