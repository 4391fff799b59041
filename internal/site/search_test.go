package site

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

func searchAt(l i18n.Locale, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "/" + string(l) + "/search?" + v.Encode()
}

func TestSearchPage(t *testing.T) {
	h := open(t, 0)
	h.build()
	// Without words: the form, how to search, and nothing that engines would keep.
	d := h.get("/en/search")
	if d.Find(`form[role=search] input[type=search]`).Length() != 1 || d.Find(".empty li").Length() != 3 || d.Find(`meta[name=robots]`).AttrOr("content", "") != "noindex" {
		t.Error("the page without words")
	}
	d = h.get(searchAt("en", "q", "emergenc"))
	got := titles(d, ".listing > div > .rows h3")
	if len(got) == 0 || !strings.Contains(got[0], "Digital government in a health emergency") || d.Find("mark").Length() == 0 {
		t.Errorf("found: %q", got)
	}
	if d.Find(`meta[name=robots]`).AttrOr("content", "") != "noindex" || d.Find("link[rel=canonical]").Length() != 0 || d.Find("script:not([type])").Length() != 0 {
		t.Error("results are to be kept out of engines, and without script")
	}
	if d.Find(`form[role=search] input`).AttrOr("value", "") != "emergenc" {
		t.Error("the words are not in the form any more")
	}
	// In another language, marked as such, with a link to all of it.
	d = h.get(searchAt("en", "q", "seulement"))
	if got := titles(d, ".others .row h3"); len(got) != 1 || d.Find(".others .row h3").AttrOr("lang", "") != "fr" || d.Find(".others .all a").AttrOr("href", "") != searchAt("fr", "q", "seulement") {
		t.Errorf("in other languages: %q", got)
	}
	h.settings.OwnOnly = true
	if d = h.get(searchAt("en", "q", "seulement")); d.Find(".others").Length() != 0 {
		t.Error("others are shown although the site leaves them out")
	}
	h.settings.OwnOnly = false
	// Slips of typing.
	d = h.get(searchAt("en", "q", "emregency"))
	if say(d, ".meant") != "Nothing was found for emregency. These are the results for emergency." || len(titles(d, ".listing > div > .rows h3")) == 0 {
		t.Errorf("mistyped: %q", say(d, ".meant"))
	}
	// Nothing at all.
	d = h.get(searchAt("en", "q", "zebra"))
	if say(d, ".count") == "" || d.Find(".empty li").Length() != 3 {
		t.Error("nothing found, and no help")
	}
	// Kinds and filters.
	d = h.get(searchAt("en", "q", "emergency", "kind", "event"))
	if d.Find(`.toc a[aria-current]`).Length() != 1 || d.Find(`input[name=kind]`).AttrOr("value", "event") != "event" {
		t.Error("a kind is not kept")
	}
	if d = h.get(searchAt("en", "q", "emergency", "country", "AQ")); d.Find(".row").Length() != 0 || d.Find(".active a").Length() != 1 {
		t.Error("a filter that nothing has")
	}
}

// Words that are typed are text wherever they come back.
func TestSearchWordsAreText(t *testing.T) {
	h := open(t, 0)
	h.build()
	for _, words := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `emergency <b>`, "\u202eemergency", `{{.}} emergency`, `' OR 1=1 --`, `emergency" onfocus="x`} {
		d := h.get(searchAt("en", "q", words))
		if d.Find("main script, main img[src=x], main b, [onerror], [onfocus]").Length() != 0 {
			t.Errorf("%q became markup", words)
		}
		if got := d.Find(`form[role=search] input`).AttrOr("value", ""); got != words {
			t.Errorf("%q came back as %q", words, got)
		}
	}
}

// An address that is not as the page would write it leads to the one that is.
func TestSearchAddresses(t *testing.T) {
	h := open(t, 0)
	h.build()
	for from, to := range map[string]string{
		"/en/search?q=a&x=1":                        "/en/search?q=a",
		"/en/search?q=a&q=b":                        "/en/search?q=a",
		"/en/search?q=a&others=2":                   "/en/search?q=a",
		"/en/search?q=a&page=99999":                 "/en/search?page=50&q=a",
		"/en/search?q=" + strings.Repeat("ab", 200): "/en/search?q=" + strings.Repeat("ab", 100),
	} {
		r := h.do(http.MethodGet, from)
		if r.Code != http.StatusFound || r.Header().Get("Location") != to {
			t.Errorf("%.60s: %d %.60s", from, r.Code, r.Header().Get("Location"))
		}
	}
	if r := h.do(http.MethodGet, "/en/search?q=+emergency+&country=&utm_source=letter"); r.Code != http.StatusOK {
		t.Error("empty values, blanks and marks of other sites do harm")
	}
	if r := h.do(http.MethodGet, "/en/search?q=emergency&page=40"); r.Code != http.StatusNotFound {
		t.Error("a page behind the last")
	}
	if r := h.do(http.MethodGet, "/en/search?q=emergency"); !strings.Contains(r.Header().Get("Cache-Control"), "private") || r.Header().Get("Set-Cookie") != "" {
		t.Errorf("what somebody looks for is kept by others: %v", r.Header())
	}
}

// What is withdrawn is gone from results at once, and words that are not public any more find nothing.
func TestSearchFollowsPublishing(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	_ = w
	d := h.get(searchAt("en", "q", "across the region"))
	if d.Find(".listing > div > .rows h3").Length() != 1 {
		t.Fatalf("found: %q", titles(d, "h3"))
	}
	href := d.Find(".listing > div > .rows h3 a").AttrOr("href", "")
	p, err := h.content.Live(context.Background(), i18n.EN, strings.TrimPrefix(href, "/en/"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.content.Unpublish(context.Background(), staff, p.ID, []i18n.Locale{p.Original}); err != nil {
		t.Fatal(err)
	}
	if d = h.get(searchAt("en", "q", "across the region")); d.Find(".rows h3").Length() != 0 {
		t.Errorf("withdrawn, and found: %q", titles(d, "h3"))
	}
	if err := h.content.Publish(context.Background(), staff, content.PublishChange{ID: p.ID, Facts: true, Locales: []i18n.Locale{p.Original}}); err != nil {
		t.Fatal(err)
	}
	if d = h.get(searchAt("en", "q", "across the region")); d.Find(".rows h3").Length() == 0 {
		t.Error("published again, and not found")
	}
}

func TestOpenSearchDescription(t *testing.T) {
	h := open(t, 0)
	h.build()
	at := h.get("/ar/news").Find("link[rel=search]").AttrOr("href", "")
	var doc struct {
		ShortName string
		Url       struct {
			Template string `xml:"template,attr"`
		}
	}
	r := h.do(http.MethodGet, at)
	if err := xml.NewDecoder(r.Body).Decode(&doc); err != nil || !strings.HasSuffix(doc.Url.Template, "/ar/search?q={searchTerms}") || doc.ShortName == "" || len([]rune(doc.ShortName)) > 16 {
		t.Errorf("%v %+v", err, doc)
	}
}
