package site

import (
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
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

// A mark that stands free is no call for a note: "3 * 4" stays as it was typed, also beside one that is.
func TestFreeStandingMarksCallNoNote(t *testing.T) {
	h := open(t, 0)
	_, path := h.meeting("Marks", "2026-08-01T08:00", func(e *kind.Event) {
		e.Notes = []kind.Note{{Item: content.Item{ID: "n1"}, Mark: "*", Text: content.L("en", "Opens in July.")}}
		e.Documents = []kind.DocumentLink{{Item: content.Item{ID: "d1"}, Slot: "background", Label: content.L("en", "Plan of 3 * 4 halls*")}}
		e.Blocks = []kind.Block{{Item: content.Item{ID: "b1"}, Kind: "background",
			Body: content.P("en", "<p>There are 3 * 4 halls and a <strong>board</strong>*, see § 5. *Not this <em>one</em> * either.</p>")}}
	})
	d := h.get("/en/" + path)
	if got := titles(d, "#background p sup.fn a"); len(got) != 1 || !strings.Contains(say(d, "#background p"), "3 * 4 halls and a board*, see") {
		t.Errorf("in text: %d links, %q", len(got), say(d, "#background p"))
	}
	if before := d.Find("#background p sup.fn").Prev(); !before.Is("strong") {
		t.Error("the link is not where the note is called")
	}
	if n := d.Find("#documents h3 sup.fn").Length(); n != 1 || say(d, "#documents h3") != "Plan of 3 * 4 halls*" {
		t.Errorf("in a label: %d links, %q", n, say(d, "#documents h3"))
	}
}

// Links to a page say in which language it is, and have a picture although it has none.
func TestSharedLinks(t *testing.T) {
	h := open(t, 0)
	h.build()
	want := map[i18n.Locale]string{i18n.AR: "ar_AR", i18n.ZH: "zh_CN", i18n.EN: "en_GB", i18n.FR: "fr_FR", i18n.RU: "ru_RU", i18n.ES: "es_ES", i18n.KO: "ko_KR", i18n.PT: "pt_PT", i18n.SW: "sw_KE"}
	for l, want := range want {
		d := h.get("/" + string(l) + "/topics")
		if got := d.Find("meta[property='og:locale']").AttrOr("content", ""); got != want {
			t.Errorf("%s: og:locale %q", l, got)
		}
		picture := d.Find("meta[property='og:image']").AttrOr("content", "")
		if w := h.do("GET", strings.TrimPrefix(picture, baseURL)); picture == "" || w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
			t.Errorf("%s: picture %q: %d %s", l, picture, w.Code, w.Header().Get("Content-Type"))
		}
	}
	_, path := h.meeting("In English", "2026-08-01T08:00", nil)
	if got := h.get("/fr/"+path).Find("meta[property='og:locale']").AttrOr("content", ""); got != "en_GB" {
		t.Errorf("a page that only exists in English, under French: %q", got)
	}
	for section, name := range map[string]string{"people": "Amina Diallo", "series": "Webinaires de développement des capacités"} {
		if body := h.do("GET", "/fr/"+section+".atom").Body.String(); !strings.Contains(body, name) {
			t.Errorf("no feed of %s: %.300s", section, body)
		}
		if h.get("/fr/"+section).Find("link[type='application/feed+json'][href='/fr/"+section+".json']").Length() != 1 {
			t.Errorf("%s does not name its feed", section)
		}
	}
}
