package content_test

import (
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestFactsAreStoredEmpty: whatever somebody sends in a fact, only its name is kept; and what is no name is no fact.
func TestFactsAreStoredEmpty(t *testing.T) {
	for in, want := range map[string]string{
		`<p>On <data value="begins">1 July</data>.</p>`:                         `<p>On <data value="begins"></data>.</p>`,
		`<p>On <data value="begins"></data>.</p>`:                               `<p>On <data value="begins"></data>.</p>`,
		`<p><data value="a"><data value="b">x</data>y</data> z</p>`:             `<p><data value="a"></data>y z</p>`,
		`<p><data value="Not a name">1 July</data></p>`:                         `<p>1 July</p>`,
		`<p><data>1 July</data></p>`:                                            `<p>1 July</p>`,
		`<p><data value="begins"><script>x</script><strong>b</data></p>`:        `<p><data value="begins"></data></p>`,
		`<p><data value="begins" onclick="x" class="y"><em>1</em></data> z</p>`: `<p><data value="begins"></data> z</p>`,
	} {
		raw := content.Leaves{}
		raw.SetText("b", content.Text{Words: in})
		f := kind.NewsKind.Field("body")
		out, problem := f.CheckLeaf("body", i18n.EN, raw["b"], kind.Choices{})
		if problem != nil {
			t.Fatal(problem)
		}
		if got := (content.Leaves{"b": out}).Text("b").Words; got != want {
			t.Errorf("%s\n is stored as %s\n and not as %s", in, got, want)
		}
	}
}

// TestFactsFollow: the words of all languages say what the facts are now, though no word was touched and no translation is out of
// date; a text that goes elsewhere keeps what they were.
func TestFactsFollow(t *testing.T) {
	words := `<p>It begins on <data value="begins"></data> & <data value="edition"></data>.</p>`
	e := &kind.Event{When: content.When{Start: "2027-05-12T10:00", End: "2027-05-12T12:00", Zone: "Africa/Nairobi", Precision: content.PrecisionTime}}
	units := content.Units(content.TypeProse, words)
	en := content.FillFacts(e, i18n.EN, words, func(name string) string { return "<" + name + ">" })
	if !strings.Contains(en, `<data value="begins">Wednesday, 12 May 2027, 10:00, Nairobi`) || !strings.Contains(en, "&lt;edition&gt;") {
		t.Errorf("filled: %s", en)
	}
	if ar := content.FillFacts(e, i18n.AR, words, nil); !strings.Contains(ar, "12 أيار/مايو 2027") {
		t.Errorf("filled: %s", ar)
	}
	e.When.Start, e.When.End, e.Ordinal = "2027-06-01T09:00", "2027-06-01T10:00", 3
	if en = content.FillFacts(e, i18n.EN, words, nil); !strings.Contains(en, "1 June 2027, 09:00") || !strings.Contains(en, "3rd") && !strings.Contains(en, "third") {
		t.Errorf("filled: %s", en)
	}
	if again := content.Units(content.TypeProse, words); len(again) != len(units) || again[0] != units[0] {
		t.Error("the unit is another")
	}
	frozen := content.FreezeFacts(e, content.P("en", words))
	if got := frozen.In(i18n.EN); strings.Contains(got, "<data") || !strings.Contains(got, "1 June 2027") {
		t.Errorf("frozen: %s", got)
	}
	if content.PlainText(en) == content.PlainText(words) {
		t.Error("plain text has no facts")
	}
}

// TestFactsThatAreNotThere keep a text from being published, by name; a date that is still to be fixed is none of them.
func TestFactsThatAreNotThere(t *testing.T) {
	e := &kind.Event{OutcomeSummary: content.P("en", `<p><data value="edition"></data><data value="venues"></data><data value="dates"></data></p>`, "fr", `<p><data value="deadline"></data></p>`)}
	count := func(locales ...i18n.Locale) map[string]int {
		out := map[string]int{}
		for _, p := range kind.EventKind.Check(e, i18n.EN, locales) {
			if strings.HasPrefix(p.Key, "problem.fact_") {
				if !p.Blocks || p.Path != "outcome_summary" {
					t.Errorf("%+v", p)
				}
				out[string(p.Locale)+" "+p.Key]++
			}
		}
		return out
	}
	if got := count(i18n.EN); len(got) != 2 || got["en problem.fact_empty"] != 1 || got["en problem.fact_unknown"] != 1 {
		t.Errorf("problems: %v", got)
	}
	if got := count(i18n.EN, i18n.FR); got["fr problem.fact_empty"] != 1 {
		t.Errorf("problems: %v", got)
	}
	n := &kind.News{Body: content.P("en", `<p><data value="dates"></data></p>`)}
	found := false
	for _, p := range kind.NewsKind.Check(n, i18n.EN, nil) {
		found = found || p.Key == "problem.fact_unknown"
	}
	if !found {
		t.Error("news has no such fact, and nobody says so")
	}
}
