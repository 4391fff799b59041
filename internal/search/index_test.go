package search_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/search"
)

func news(title, body string) *kind.News {
	return &kind.News{Kind: "announcement", Date: "2026-11-16", Title: content.L("en", title), Summary: content.L("en", "A summary."), Body: content.Prose(content.L("en", "<p>"+body+"</p>"))}
}

func ids(a *search.Answer) []string {
	var out []string
	for _, h := range a.Hits {
		out = append(out, h.EntryID)
	}
	return out
}

func find(t testing.TB, p *apptest.Plenary, a search.Ask) *search.Answer {
	t.Helper()
	if a.Limit == 0 {
		a.Limit = 20
	}
	if a.Locale == "" {
		a.Locale = i18n.EN
	}
	r, err := p.Search.Find(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whether documents wait in memory, lie in segments, or were moved between them: results are the same, in the same order.
func TestSegmentsChangeNothing(t *testing.T) {
	p := apptest.Start(t)
	p.Search.SegmentSize = 8
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := strings.Fields("land records register registers registration public trust digital centre office paper title country partner review draft policy climate health water")
	sentence := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = vocabulary[r.IntN(len(vocabulary))]
		}
		return strings.Join(words, " ")
	}
	type doc struct{ id, title, body string }
	var docs []doc
	queries := []string{"land records", "registering", "\"public trust\"", "clim", "health -water", "policy draft review", "centers", "polciy", "zebra", "land", "the water"}
	// what a reader who knows nothing of postings finds for one word, exactly as typed
	plain := func(word string) (out []string) {
		for _, d := range docs {
			if slices.Contains(strings.Fields(d.title+" "+d.body), word) {
				out = append(out, d.id)
			}
		}
		slices.Sort(out)
		return out
	}
	check := func(when string) {
		t.Helper()
		for _, word := range vocabulary {
			got := ids(find(t, p, search.Ask{Words: `"` + word + `"`, Limit: 100}))
			slices.Sort(got)
			if want := plain(word); !slices.Equal(got, want) {
				t.Fatalf("%s: %s is in %d, found in %d", when, word, len(want), len(got))
			}
		}
	}
	answers := func() (out []string) {
		for _, q := range queries {
			a := find(t, p, search.Ask{Words: q, Limit: 100})
			out = append(out, fmt.Sprint(q, a.Total, ids(a), a.Kinds))
		}
		return out
	}
	add := func() {
		d := doc{title: sentence(4), body: sentence(20)}
		d.id = publish(t, p, kind.NewsKind, news(d.title, d.body), i18n.EN)
		docs = append(docs, d)
	}
	for range 20 {
		add()
	}
	check("in memory")
	before := answers()
	if err := p.Search.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, answers()) {
		t.Fatal("while this instance has not heard of segments, it finds something else")
	}
	p.Content.Changed()
	check("in segments")
	if after := answers(); !slices.Equal(before, after) {
		t.Fatalf("in segments:\n%s\nin memory:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	// Published again, withdrawn, deleted.
	for i := range 6 {
		d := &docs[i]
		d.body = sentence(20)
		e, err := p.Content.Get(ctx, apptest.System, d.id)
		if err != nil {
			t.Fatal(err)
		}
		v := news(d.title, d.body)
		if _, err := p.Content.Save(ctx, apptest.System, content.Change{ID: d.id, Base: e.Versions, Set: kind.NewsKind.Split(v)}); err != nil {
			t.Fatal(err)
		}
		if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: d.id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
	}
	check("published again")
	for _, d := range docs[:3] {
		if err := p.Content.Unpublish(ctx, apptest.System, d.id, []i18n.Locale{i18n.EN}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Content.Delete(ctx, apptest.System, docs[3].id); err != nil {
		t.Fatal(err)
	}
	docs = docs[4:]
	check("withdrawn")
	for range 12 {
		add()
	}
	check("more in memory")
	before = answers()
	if err := p.Search.Seal(ctx); err != nil { // one segment is half gone: it is taken apart
		t.Fatal(err)
	}
	p.Content.Changed()
	check("taken apart and sealed")
	if after := answers(); !slices.Equal(before, after) {
		t.Fatalf("taken apart:\n%s\nbefore:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	// A database that another program filled.
	if err := p.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range []string{"DELETE FROM search_docs", "DELETE FROM search_postings", "DELETE FROM search_segments", "DELETE FROM search_gone", "DELETE FROM search_words",
			"DELETE FROM generations WHERE name = 'search documents'"} {
			if _, err := tx.NewRaw(q).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p.Content.Changed()
	if a := find(t, p, search.Ask{Words: "land"}); a.Total != 0 {
		t.Fatal("found in an empty index")
	}
	if err := p.Content.Start(ctx); err != nil {
		t.Fatal(err)
	}
	p.Content.Changed()
	check("made again at the start")
}

// A draft is not found, nor what is kept from the public, nor what a page shows only later.
func TestOnlyWhatReadersSee(t *testing.T) {
	p := apptest.Start(t)
	id := publish(t, p, kind.NewsKind, news("Published title", "published body"), i18n.EN)
	e, err := p.Content.Get(ctx, apptest.System, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Content.Save(ctx, apptest.System, content.Change{ID: id, Base: e.Versions, Set: kind.NewsKind.Split(news("Secretword title", "secretword body"))}); err != nil {
		t.Fatal(err)
	}
	if a := find(t, p, search.Ask{Words: "secretword"}); a.Total != 0 {
		t.Error("a draft of a published entry is found")
	}
	if a := find(t, p, search.Ask{Words: "published body"}); a.Total != 1 {
		t.Error("what is public is not")
	}
	if fixed, err := p.Search.Everywhere(ctx, search.Ask{Locale: i18n.EN, Words: "secretwort", Limit: 5}, i18n.All); err != nil || fixed.Corrected != "" {
		t.Errorf("a word of a draft is suggested: %q %v", fixed.Corrected, err)
	}
}

// Names are found in the letters of any language that the person has a name in.
func TestNamesInOtherLetters(t *testing.T) {
	p := apptest.Start(t)
	id := publish(t, p, kind.PersonKind, &kind.Person{Name: content.L("en", "Rafael Dumalagan", "ru", "Рафаэль Думалаган", "ko", "라파엘 두말라간", "ar", "رافاييل دومالاغان", "zh", "拉斐尔·杜马拉甘"),
		SortName: "Dumalagan, Rafael"}, i18n.EN, i18n.RU, i18n.KO, i18n.AR, i18n.ZH)
	for _, l := range []i18n.Locale{i18n.EN, i18n.RU, i18n.KO, i18n.AR, i18n.ZH} {
		for _, q := range []string{"Dumalagan", "думалаган", "두말라간", "دومالاغان", "杜马拉甘", "rafael dumalagan", "دومالاجان"} {
			if q == "دومالاجان" { // a slip
				if l == i18n.AR {
					r, err := p.Search.Everywhere(ctx, search.Ask{Locale: l, Words: q, Limit: 5}, i18n.All)
					if err != nil || !r.Forgiven {
						t.Errorf("%s: %q is not forgiven: %v", l, q, err)
					}
				}
				continue
			}
			if got := ids(find(t, p, search.Ask{Locale: l, Words: q})); len(got) != 1 || got[0] != id {
				t.Errorf("%s: %q finds %v", l, q, got)
			}
		}
	}
}

// What stands in the title counts more than what stands below, and the word itself more than another form of it.
func TestOrder(t *testing.T) {
	p := apptest.Start(t)
	body := publish(t, p, kind.NewsKind, news("Something else", "about a harbour"), i18n.EN)
	form := publish(t, p, kind.NewsKind, news("Many harbours", "nothing"), i18n.EN)
	title := publish(t, p, kind.NewsKind, news("The harbour", "nothing"), i18n.EN)
	far := publish(t, p, kind.NewsKind, news("Apart", "the harbour has a large master plan"), i18n.EN)
	near := publish(t, p, kind.NewsKind, news("Together", "the plan of the harbour master"), i18n.EN)
	if got := ids(find(t, p, search.Ask{Words: "harbour"})); !slices.Equal(got[:2], []string{title, form}) || !slices.Contains(got, body) {
		t.Errorf("order: %v", got)
	}
	if got := ids(find(t, p, search.Ask{Words: "harbour master"})); !slices.Equal(got, []string{near, far}) {
		t.Errorf("neighbours come first: %v", got)
	}
	if got := ids(find(t, p, search.Ask{Words: `"harbour master"`})); !slices.Equal(got, []string{near}) {
		t.Errorf("a phrase: %v", got)
	}
	if got := ids(find(t, p, search.Ask{Words: `"harbours"`})); !slices.Equal(got, []string{form}) {
		t.Errorf("in quotation marks no other form: %v", got)
	}
	if got := ids(find(t, p, search.Ask{Words: `harbour -master`})); len(got) != 3 {
		t.Errorf("without: %v", got)
	}
	if a := find(t, p, search.Ask{Words: "harbour", Kind: "event"}); a.Total != 0 || len(a.Kinds) != 1 || a.Kinds[0].N != 5 {
		t.Errorf("kinds: %+v", a)
	}
	if a := find(t, p, search.Ask{Words: "harbour", Facets: map[string]string{"news_kind": "announcement"}}); a.Total != 5 {
		t.Errorf("a facet: %d", a.Total)
	}
	if a := find(t, p, search.Ask{Words: "harbour", Facets: map[string]string{"country": "KE"}}); a.Total != 0 {
		t.Errorf("a facet that none has: %d", a.Total)
	}
}

// With PLENARY_TEST_SEARCH=100000 it tells how long searches take among so many documents; without, it sees that the way there works.
func TestManyDocuments(t *testing.T) {
	most := 1500
	if n, err := strconv.Atoi(os.Getenv("PLENARY_TEST_SEARCH")); err == nil {
		most = n
	}
	p := apptest.Start(t)
	began := time.Now()
	if err := p.Search.Fill(ctx, most); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents written in %v", most, time.Since(began))
	began = time.Now()
	if err := p.Search.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("sealed in %v", time.Since(began))
	p.Content.Changed()
	for _, q := range []struct{ name, words string }{{"common word", "word1"}, {"middling word", "word300"}, {"rare word", "word9000"}, {"two words", "word20 word40"}, {"phrase", `"word1 word2"`},
		{"beginning", "word12"}, {"two common words", "word1 word2"}, {"mistyped", "wodr9000"}, {"nothing", "zzzzz"}} {
		var took []time.Duration
		n := 0
		for range 15 {
			at := time.Now()
			r, err := p.Search.Everywhere(ctx, search.Ask{Locale: i18n.EN, Words: q.words, Limit: 20}, i18n.All)
			if err != nil {
				t.Fatal(err)
			}
			n = r.Total
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		t.Logf("%-18s %7d found  p50 %v  p95 %v", q.name, n, took[7], took[14])
		if q.name == "common word" && n < most/3 {
			t.Errorf("%s: %d of %d", q.name, n, most)
		}
	}
}
