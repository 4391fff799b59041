package site

import (
	"strings"
	"testing"
)

// What lacks a summary in a language is listed there with the original's, marked as such; feeds and what search engines read
// cannot mark it, and leave it out.
func TestSummariesOfAnotherLanguageSayWhichOrAreLeftOut(t *testing.T) {
	h := open(t, 0)
	path := h.build().docPath
	const abstract = "Purpose, scope and format."
	row := h.get("/ar/documents").Find(".row:contains('مذكرة مفاهيمية')")
	if p := row.Find("p:contains('Purpose')"); p.Length() != 1 || p.AttrOr("lang", "") != "en" || p.AttrOr("dir", "") != "ltr" || row.Find("h3").AttrOr("lang", "") != "" {
		t.Error("the list shows an English abstract as if it were Arabic")
	}
	for _, ext := range []string{".atom", ".rss", ".json"} {
		if body := h.do("GET", "/ar/documents"+ext).Body.String(); strings.Contains(body, "Purpose") || !strings.Contains(body, "مذكرة مفاهيمية") {
			t.Errorf("%s mixes languages, or has lost the entry", ext)
		}
		if body := h.do("GET", "/en/documents"+ext).Body.String(); !strings.Contains(body, abstract) {
			t.Errorf("%s in English lacks the summary", ext)
		}
	}
	page := h.get("/ar/" + path)
	if page.Find("meta[name=description], meta[property='og:description']").Length() != 0 || strings.Contains(page.Find("script[type='application/ld+json']").Text(), abstract) {
		t.Error("the Arabic page is described in English")
	}
	if got := h.get("/en/"+path).Find("meta[name=description]").AttrOr("content", ""); got != abstract {
		t.Errorf("the English page is described as %q", got)
	}
}
