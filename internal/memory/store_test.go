package memory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/memory"
)

var ctx = context.Background()

// A memory of PLENARY_TEST_MEMORY units (2,000 if that is not set) finds a text that differs in a word, and the same text, at once.
func TestMatchesInALargeMemory(t *testing.T) {
	most := 2000
	if n, err := strconv.Atoi(os.Getenv("PLENARY_TEST_MEMORY")); err == nil {
		most = n
	}
	p := apptest.Start(t)
	r := rand.New(rand.NewPCG(5, 6))
	common := strings.Fields("the of and to a in for on with by from at this that are was will be as an it participants countries data meeting statistics development regional commission experts session report draft")
	sentence := func() string {
		words := make([]string, 10+r.IntN(30))
		for i := range words {
			if words[i] = common[r.IntN(len(common))]; r.IntN(3) == 0 {
				words[i] = "w" + strconv.Itoa(r.IntN(20_000))
			}
		}
		return strings.Join(words, " ") + "."
	}
	pairs := make([]exchange.Pair, most)
	for i := range pairs {
		pairs[i] = exchange.Pair{From: i18n.EN, To: i18n.FR, Source: exchange.Line(sentence()), Target: exchange.Line(fmt.Sprint("traduction ", i))}
	}
	began := time.Now()
	n, err := p.Memory.Remember(ctx, apptest.System, "x.tmx", pairs)
	if err != nil || n != most {
		t.Fatal(n, err)
	}
	t.Logf("%d units remembered in %v", most, time.Since(began))
	if n, err := p.Memory.Remember(ctx, apptest.System, "x.tmx", pairs[:10]); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	slowest := time.Duration(0)
	for range 40 {
		i := r.IntN(most)
		words := strings.Fields(pairs[i].Source.Plain())
		exact := r.IntN(2) == 0
		if !exact {
			words[r.IntN(len(words))] = "another"
		}
		began := time.Now()
		all, err := p.Memory.Matches(ctx, apptest.System, i18n.EN, i18n.FR, exchange.Line(strings.Join(words, " ")), 5)
		slowest = max(slowest, time.Since(began))
		if err != nil || len(all) == 0 || all[0].Target.String() != pairs[i].Target.String() || exact != (all[0].Score == 100) {
			t.Fatalf("%q: %v %+v", strings.Join(words, " "), err, all)
		}
	}
	t.Logf("the slowest answer took %v", slowest)
	if slowest > 2*time.Second {
		t.Errorf("the slowest answer took %v", slowest)
	}
	if all, err := p.Memory.Matches(ctx, apptest.System, i18n.FR, i18n.EN, pairs[0].Source, 5); err != nil || len(all) != 0 {
		t.Errorf("another pair of languages: %v %v", all, err)
	}
}

// prose is random HTML that Clean leaves as it is.
func prose(r *rand.Rand, suffix string) string {
	inline := func() string {
		parts := []string{"some words" + suffix, "<strong>bold" + suffix + "</strong>", `<a href="/en/a">a link` + suffix + `</a>`, `x<span data-footnote="note &amp; &#34;q&#34;` + suffix + `"></span>`, "H<sub>2</sub>O" + suffix, "one<br/>two" + suffix,
			`<span lang="ar" dir="rtl">كلمة</span>` + suffix, "a &lt; b &amp; c ⟦1⟧" + suffix, "<em>nested <strong>codes</strong></em>" + suffix, "narrow\u202f!\u00a0" + suffix}
		out := ""
		for range 1 + r.IntN(4) {
			out += parts[r.IntN(len(parts))] + " "
		}
		return strings.TrimSpace(out)
	}
	out := ""
	for range 1 + r.IntN(5) {
		switch r.IntN(4) {
		case 0:
			out += "<h2>" + inline() + "</h2>"
		case 1:
			out += "<ul><li>" + inline() + "</li><li>" + inline() + "</li></ul>"
		case 2:
			out += `<table><thead><tr><th scope="col">` + inline() + "</th></tr></thead><tbody><tr><td>" + inline() + "</td></tr></tbody></table>"
		default:
			out += "<p>" + inline() + "</p>"
		}
	}
	return out
}

// What goes out in any format and comes back as it went changes nothing; and taking it all gives a translation that is up to
// date and has the markup of its source.
func TestWhatComesBackAsItWentChangesNothing(t *testing.T) {
	p := apptest.Start(t)
	r := rand.New(rand.NewPCG(7, 8))
	for range 12 {
		source := prose(r, "")
		event := &kind.Event{Title: content.L("en", "A title", "fr", "Un titre"), Summary: content.L("en", "two\nlines"), OutcomeSummary: content.P("en", source)}
		if r.IntN(2) == 0 {
			event.OutcomeSummary = content.P("en", source, "fr", prose(r, " (fr)")) // of another shape than its source
		}
		saved, err := p.Content.Save(ctx, apptest.System, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(event)})
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Content.Get(ctx, apptest.System, saved.ID)
		if err != nil {
			t.Fatal(err)
		}
		out := p.Memory.Pack(e, i18n.FR, true, func(path string) string { return path })
		for _, format := range exchange.Formats {
			b, err := exchange.Write(*out, format, exchange.DOCXWords{Locale: i18n.EN})
			if err != nil {
				t.Fatal(err)
			}
			files, err := exchange.Read(b)
			if err != nil || len(files) != 1 {
				t.Fatal(err)
			}
			review, err := p.Memory.Review(ctx, apptest.System, e, files[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range review.Rows {
				if row.Fate != memory.Same && row.Fate != memory.Empty && row.Fate != memory.Confirmed {
					t.Errorf("%s: %s is %s: %q, here %q; %v", format, row.ID, row.Fate, row.Target, row.Present, row.Problems)
				}
			}
		}
		back := *out
		back.Units = nil
		var take []string
		for _, u := range out.Units { // the source itself, as if that were its translation
			u.Target, u.State = u.Source, exchange.Translated
			back.Units = append(back.Units, u)
			take = append(take, u.ID)
		}
		if _, err := p.Memory.Apply(ctx, apptest.System, e, back, e.Versions["fr"], memory.Choice{Take: take}); err != nil {
			t.Fatal(err)
		}
		if e, err = p.Content.Get(ctx, apptest.System, saved.ID); err != nil {
			t.Fatal(err)
		}
		if got, want := e.Parts["fr"].Text("outcome_summary").Words, e.Parts["en"].Text("outcome_summary").Words; got != want {
			t.Errorf("%s\nis %s", want, got)
		}
		if s := e.Languages["fr"]; s.Missing != 0 || s.Stale != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// Of two paragraphs that changed, one is taken: the text is not up to date, and the other paragraph is as it was. Half a text that
// was never there does not go in.
func TestAPartIsNotTheWhole(t *testing.T) {
	p := apptest.Start(t)
	saved, err := p.Content.Save(ctx, apptest.System, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "A", "fr", "A"),
		OutcomeSummary: content.P("en", "<p>one</p><p>two</p>", "fr", "<p>un</p><p>deux</p>")})})
	if err != nil {
		t.Fatal(err)
	}
	set := content.Leaves{}
	set.SetText("outcome_summary", content.Text{Words: "<p>one more</p><p>two more</p>"})
	if _, err := p.Content.Save(ctx, apptest.System, content.Change{ID: saved.ID, Set: content.Parts{"en": set}}); err != nil {
		t.Fatal(err)
	}
	take := func(to i18n.Locale, words string, ids ...string) (*content.Entry, *memory.Taken, error) {
		e, err := p.Content.Get(ctx, apptest.System, saved.ID)
		if err != nil {
			t.Fatal(err)
		}
		f := p.Memory.Pack(e, to, false, func(string) string { return "" })
		for i := range f.Units {
			if f.Units[i].State = exchange.Translated; strings.Contains(strings.Join(ids, " "), f.Units[i].ID) {
				f.Units[i].Target = exchange.Line(words)
			} else {
				f.Units[i].Target = nil
			}
		}
		taken, err := p.Memory.Apply(ctx, apptest.System, e, *f, e.Versions[content.Part(to)], memory.Choice{Take: ids})
		if e, err2 := p.Content.Get(ctx, apptest.System, saved.ID); err2 == nil {
			return e, taken, err
		}
		t.Fatal("gone")
		return nil, nil, nil
	}
	e, taken, err := take(i18n.FR, "un de plus", "outcome_summary:1")
	if err != nil || taken.Units != 1 || e.Parts["fr"].Text("outcome_summary").Words != "<p>un de plus</p><p>deux</p>" || e.Languages["fr"].Stale != 1 {
		t.Errorf("%v %+v %s %+v", err, taken, e.Parts["fr"].Text("outcome_summary").Words, e.Languages["fr"])
	}
	e, _, err = take(i18n.ES, "uno más", "outcome_summary:1")
	if !errors.Is(err, memory.ErrNothing) || e.Parts["es"].Text("outcome_summary").Words != "" {
		t.Errorf("%v %s", err, e.Parts["es"].Text("outcome_summary").Words)
	}
}

// Each fix comes with the whole unit: of a text that is wrong everywhere there are not as many as there are places.
func TestHelpOfATextThatIsWrongEverywhere(t *testing.T) {
	p := apptest.Start(t)
	h, err := p.Memory.Help(ctx, apptest.System, i18n.EN, i18n.FR, content.TypeLine, "A register", strings.Repeat("mot ! ", 2000))
	if err != nil || len(h.Typography) == 0 || len(h.Typography) > 30 {
		t.Errorf("%v, %d fixes", err, len(h.Typography))
	}
}

// A text as long as an entry takes goes out, is looked at, is taken in and is remembered in a moment: each of its blocks is read once.
func TestALongText(t *testing.T) {
	p := apptest.Start(t)
	const blocks = 3000
	words := func(l string) string {
		var b strings.Builder
		for i := range blocks {
			fmt.Fprintf(&b, "<p>%s%d</p>", l, i)
		}
		return b.String()
	}
	v := &kind.News{Title: content.L("en", "Long", "fr", "Long"), Summary: content.L("en", "Summary", "fr", "Résumé"), Kind: "news", Date: "2027-07-01", Body: content.P("en", words("en"), "fr", words("fr"))}
	r, err := p.Content.Save(ctx, apptest.System, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(v)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Content.Get(ctx, apptest.System, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	f := p.Memory.Pack(e, i18n.FR, true, func(string) string { return "" })
	if len(f.Units) != blocks+2 {
		t.Fatalf("%d units", len(f.Units))
	}
	var ids []string
	for i := range f.Units {
		if ids = append(ids, f.Units[i].ID); strings.Contains(f.Units[i].ID, ":") {
			f.Units[i].Target = exchange.Line(fmt.Sprint("Autres mots ", i))
		}
	}
	if taken, err := p.Memory.Apply(ctx, apptest.System, e, *f, f.Ref.Target, memory.Choice{Take: ids}); err != nil || taken.Units != blocks {
		t.Fatal(taken, err)
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: r.ID, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
		t.Fatal(err)
	}
	if err := p.Memory.Learn(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if all, _, n, err := p.Memory.Memory(ctx, apptest.System, memory.MemoryQuery{Search: "AUTRES MOTS 2999"}); err != nil || n != 1 || all[0].Source.Plain() == "" {
		t.Error(n, err)
	}
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	t.Log(took)
}
