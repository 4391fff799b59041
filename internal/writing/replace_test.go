package writing

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func all(int) bool { return true }

func TestReplace(t *testing.T) {
	for _, c := range []struct {
		q     Query
		in    string
		prose bool
		n     int
		want  string
	}{
		{Query{Find: "web site", Replace: "website"}, "Our web site, our Web site, the web\u00a0site.", false, 3, "Our website, our website, the website."},
		{Query{Find: "Web", Replace: "web", Case: true}, "Web and web", false, 1, "web and web"},
		{Query{Find: "art", Replace: "X", Word: true}, "art, party, art.", false, 2, "X, party, X."},
		{Query{Find: "سجل", Replace: "دفتر", Word: true}, "سجل السجل سجل", false, 2, "دفتر السجل دفتر"},
		{Query{Find: "example", Replace: "model"}, `<p>An example: <a href="/example">example</a>.</p>`, true, 2, `<p>An model: <a href="/example">model</a>.</p>`},
		{Query{Find: "strong", Replace: "weak"}, `<p><strong>strong</strong></p>`, true, 1, `<p><strong>weak</strong></p>`},
		{Query{Find: "note", Replace: "remark"}, `<p>A note<span data-footnote="The note &amp; more"></span></p>`, true, 2, `<p>A remark<span data-footnote="The remark &amp; more"></span></p>`},
		{Query{Find: "map", Replace: "plan"}, `<figure><img src="/media/map/map.png" alt="A map"></figure>`, true, 1, `<figure><img src="/media/map/map.png" alt="A plan"></figure>`},
		{Query{Find: "begins", Replace: "ends"}, `<p>It begins on <data value="begins">begins</data>.</p>`, true, 1, `<p>It ends on <data value="begins">begins</data>.</p>`},
		{Query{Find: "a & b", Replace: "<b>"}, `<p>a &amp; b</p>`, true, 1, `<p>&lt;b&gt;</p>`},
		{Query{Find: "(.*)", Replace: "$1"}, "A (.*) here", false, 1, "A $1 here"},
		{Query{Find: "x", Replace: ""}, "axbx", false, 2, "ab"},
	} {
		f := NewFinder(c.q)
		if n := len(f.In(c.in, c.prose)); n != c.n {
			t.Errorf("%q in %q: %d places, not %d", c.q.Find, c.in, n, c.n)
		}
		if got := f.Replace(c.in, c.prose, all); got != c.want {
			t.Errorf("%q in %q gives %q, not %q", c.q.Find, c.in, got, c.want)
		}
		if got := f.Replace(c.in, c.prose, func(int) bool { return false }); got != c.in {
			t.Errorf("nothing chosen, and %q became %q", c.in, got)
		}
	}
	if got := NewFinder(Query{Find: "a", Replace: "b"}).Replace("<p>a<em>a</em>a</p>", true, func(n int) bool { return n == 1 }); got != "<p>a<em>b</em>a</p>" {
		t.Errorf("the second: %s", got)
	}
	p := NewFinder(Query{Find: "here"}).In("<p>There is nothing to see here &amp; there.</p>", true)
	if len(p) != 3 || p[1].Before != "There is nothing to see " || p[1].After != " & there." {
		t.Errorf("places: %q", p)
	}
	for _, s := range []string{"", "  ", "\u00a0"} {
		if NewFinder(Query{Find: s}) != nil {
			t.Errorf("%q is looked for", s)
		}
	}
}

// TestReplaceAndBack: where the new words stand nowhere in a text yet, replacing them back gives the same text.
func TestReplaceAndBack(t *testing.T) {
	pieces := []string{"<p>", "</p>", "<strong>", "</strong>", `<a href="/zebra">`, "</a>", "zebra", " zebra ", "Register", "&amp;", "é", "السجل", "民事", `<span data-footnote="a zebra"></span>`, "&lt;", " ", "x"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		in := b.String()
		there, back := NewFinder(Query{Find: "zebra", Replace: "quagga", Case: true}), NewFinder(Query{Find: "quagga", Replace: "zebra", Case: true})
		once := there.Replace(in, true, all)
		if len(back.In(once, true)) != len(there.In(in, true)) || len(there.In(once, true)) != 0 {
			t.Fatalf("%q became %q", in, once)
		}
		if again := back.Replace(once, true, all); again != in {
			t.Fatalf("%q became %q and then %q", in, once, again)
		}
	}
}

func FuzzReplace(f *testing.F) {
	f.Add("<p>a &amp; b</p>", "a", "b", true, false)
	f.Add(`<span data-footnote="x">`, "x", `"><script>`, false, true)
	f.Fuzz(func(t *testing.T, words, find, by string, exact, word bool) {
		x := NewFinder(Query{Find: find, Replace: by, Case: exact, Word: word})
		if x == nil {
			return
		}
		for _, prose := range []bool{true, false} {
			n := len(x.In(words, prose))
			count := 0
			x.Replace(words, prose, func(int) bool { count++; return true })
			if n != count {
				t.Errorf("%d places, and %d replaced", n, count)
			}
		}
	})
}
