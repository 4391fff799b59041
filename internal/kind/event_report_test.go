package kind

import (
	"os"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

func TestOutcomeReport(t *testing.T) {
	words, err := i18n.Load(i18n.Shared, os.DirFS("../../themes/default/locales"))
	if err != nil {
		t.Fatal(err)
	}
	e := &Event{
		Title: content.L("en", "Registers <& trust>", "ar", "السجلات والثقة"), Kind: "webinar", Mode: "in_person",
		When:           content.When{Start: "2027-07-01T09:00", End: "2027-07-02T17:00", Zone: "Asia/Bangkok", Precision: "time"},
		Venues:         []Venue{{Type: "physical", City: content.L("en", "Bangkok", "ar", "بانكوك"), Country: "TH"}},
		Organizations:  []OrganizationRole{{Organization: "o1", Role: "organizer"}, {Organization: "o2", Role: "supporter"}},
		OutcomeSummary: content.P("en", "<p>Agreed.</p>"),
		KeyMessages:    []Point{{Item: content.Item{ID: "k1"}, Text: content.L("en", "Open the books.")}},
		Statistics:     Statistics{Attended: 840, Countries: 54, Women: 47},
		Sessions: []Session{{Item: content.Item{ID: "s1"}, Title: content.L("en", "Opening"), People: []PersonRole{{Person: "p1", Role: "speaker"}, {Person: "p2", Role: "speaker", Status: "replaced"}}},
			{Item: content.Item{ID: "s2"}, Title: content.L("en", "Coffee"), Kind: "break"}},
		People:      []PersonRole{{Person: "p1", Role: "moderator", Title: content.L("en", "Registrar", "ar", "أمينة السجل")}},
		Blocks:      []Block{{Kind: "key_questions", Groups: []PointGroup{{Heading: content.L("en", "Trust"), Points: []Point{{Text: content.L("en", "Who may read?")}}}}}},
		Documents:   []DocumentLink{{Slot: "background", Document: "d1"}},
		Commitments: []Commitment{{Kind: "recordings", Due: "2027-08-01"}, {Kind: "report", Fulfilled: "2027-07-20"}, {Kind: "answers", Internal: true}},
	}
	names := map[content.Ref]string{"o1": "Office <1>", "o2": "Office 2", "p1": "Ada Example", "p2": "Gone Example", "d1": "Background paper"}
	s := ReportSource{Parts: ReportParts, Original: "en", Locales: []locale{"en", "ar"}, Words: words, Today: "2027-07-10",
		Name: func(l locale, id content.Ref) string { return names[id] }}
	r := e.OutcomeReport(s)
	if r.Stage != "draft" || r.Date != "2027-07-10" || r.Statistics.Attended != 840 || len(r.KeyMessages) != 1 || r.Executive.In("en") == "" || len(r.Organizations) != 2 {
		t.Errorf("facts: %+v", r)
	}
	if got := r.Title.In("en"); got != "Outcome report: Registers <& trust>" {
		t.Errorf("title %q", got)
	}
	if got := r.Summary.In("en"); got != "Registers <& trust> was held in Bangkok, Thailand on 1–2 July 2027." {
		t.Errorf("summary %q", got)
	}
	en, ar := r.Body.In("en"), r.Body.In("ar")
	for _, want := range []string{"<p>Registers &lt;&amp; trust&gt; was held", "It was organized by Office &lt;1&gt;.", "840 people took part. They came from 54 countries. Women were 47 per cent of them.",
		"<strong>Opening</strong>: Ada Example</p>", "<li>Ada Example, Registrar</li>", "<h3>Trust</h3><ol><li>Who may read?</li></ol>", "<li>Background paper</li>", "<h2>Follow-up</h2>"} {
		if !strings.Contains(en, want) {
			t.Errorf("the English text lacks %q:\n%s", want, en)
		}
	}
	for _, never := range []string{"Gone Example", "Coffee", "Office 2", "Answers"} {
		if strings.Contains(en, never) {
			t.Errorf("the English text tells of %q", never)
		}
	}
	if strings.Count(en, "<li>") != 5 { // a speaker, a question, a document, two promises
		t.Errorf("%d items in\n%s", strings.Count(en, "<li>"), en)
	}
	for _, want := range []string{"السجلات والثقة", "بانكوك", "أمينة السجل", `<span lang="en" dir="ltr">Who may read?</span>`} {
		if !strings.Contains(ar, want) {
			t.Errorf("the Arabic text lacks %q:\n%s", want, ar)
		}
	}
	if got := content.Clean(en); got != en {
		t.Errorf("what is written is not what may be stored:\n%s\n%s", en, got)
	}
	// Parts that are not wanted, or of which there is nothing, leave nothing behind.
	s.Parts = []string{"speakers"}
	if r = e.OutcomeReport(s); r.Statistics != (Statistics{}) || r.Executive != nil || strings.Count(r.Body.In("en"), "<h2>") != 1 {
		t.Errorf("more than the speakers: %+v", r)
	}
	s.Parts = ReportParts
	r = (&Event{Title: content.L("en", "Bare"), When: content.When{Start: "2027-07-01", Precision: "month"}}).OutcomeReport(s)
	if got := r.Body.In("en"); got != "<h2>The event</h2>" || r.Summary.In("en") != "" {
		t.Errorf("of a bare event: %q, %q", got, r.Summary.In("en"))
	}
}
