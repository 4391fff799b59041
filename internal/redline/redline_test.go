package redline

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sides puts the two texts of runs together again.
func sides(rs []Run) (was, now string) {
	var a, b strings.Builder
	for _, r := range rs {
		if r.Op != In {
			a.WriteString(r.Text)
		}
		if r.Op != Out {
			b.WriteString(r.Text)
		}
	}
	return a.String(), b.String()
}

// apply makes the new blocks out of the old ones and what became of them, and fails where the changes do not fit the old.
func apply(was []Block, all []Change) ([]Block, error) {
	used := make([]bool, len(was))
	out := map[int]Block{}
	for _, c := range all {
		if c.Was >= 0 {
			if used[c.Was] {
				return nil, fmt.Errorf("block %d twice", c.Was)
			}
			used[c.Was] = true
			if old, _ := sides(c.Runs); old != was[c.Was].Text() || c.WasTag != was[c.Was].Tag {
				return nil, fmt.Errorf("block %d was %q, not %q", c.Was, was[c.Was].Text(), old)
			}
		}
		if c.Now < 0 {
			continue
		}
		b := Block{Tag: c.NowTag}
		for _, r := range c.Runs {
			if r.Op != Out {
				b.Words = append(b.Words, Word{r.Text, r.Now})
			}
		}
		if _, twice := out[c.Now]; twice {
			return nil, fmt.Errorf("new block %d twice", c.Now)
		}
		out[c.Now] = b
	}
	for i, u := range used {
		if !u {
			return nil, fmt.Errorf("block %d is forgotten", i)
		}
	}
	all2 := make([]Block, len(out))
	for i := range all2 {
		b, ok := out[i]
		if !ok {
			return nil, fmt.Errorf("new block %d is missing", i)
		}
		all2[i] = b
	}
	return all2, nil
}

// plain is a block as one can compare it: its text by formatting, whatever words it was cut into.
func plain(bs []Block) []string {
	var out []string
	for _, b := range bs {
		var s strings.Builder
		s.WriteString(b.Tag + ":")
		marks := "\x00"
		for _, w := range b.Words {
			if w.Text == "" && !strings.Contains(w.Marks, "img=") {
				continue
			}
			if w.Marks != marks {
				s.WriteString("{" + w.Marks + "}")
				marks = w.Marks
			}
			s.WriteString(w.Text)
		}
		out = append(out, s.String())
	}
	return out
}

func same(t *testing.T, a, b string) {
	t.Helper()
	was, now := Parse(a), Parse(b)
	got, err := apply(was, Blocks(was, now))
	if err != nil {
		t.Fatalf("%q to %q: %v", a, b, err)
	}
	if x, y := plain(got), plain(now); !reflect.DeepEqual(x, y) {
		t.Fatalf("%q to %q gives\n%q, not\n%q", a, b, x, y)
	}
	if x, y := sides(Words(a, b)); x != a || y != b {
		t.Fatalf("words of %q and %q give %q and %q", a, b, x, y)
	}
}

func TestBlocks(t *testing.T) {
	tell := func(a, b string) string {
		var out []string
		for _, c := range Blocks(Parse(a), Parse(b)) {
			s := []string{"=", "~", "+", "-", ">"}[c.Kind]
			if c.WasTag != c.NowTag && c.Kind == Changed {
				s += c.WasTag + "→" + c.NowTag
			}
			for _, r := range c.Runs {
				if o, i := r.Formatting(); r.Op == Same && len(o)+len(i) > 0 {
					s += fmt.Sprintf("(%s -%s +%s)", r.Text, strings.Join(o, " "), strings.Join(i, " "))
				} else {
					s += []string{"", "[-", "[+"}[r.Op] + r.Text + []string{"", "]", "]"}[r.Op]
				}
			}
			out = append(out, s)
		}
		return strings.Join(out, " | ")
	}
	for _, c := range []struct{ a, b, want string }{
		{"<p>one two</p>", "<p>one two</p>", "=one two"},
		{"<p>one two three</p>", "<p>one 2 three</p>", "~one [-two][+2] three"},
		{"<p>one two three</p>", "<p>one <strong>two</strong> three</p>", "~one (two - +strong) three"},
		{`<p>see <a href="https://a.example">here</a></p>`, `<p>see <a href="https://b.example">here</a></p>`, "~see (here -a=https://a.example +a=https://b.example)"},
		{`<p>on 3 May</p>`, `<p>on <data value="begins">3 May</data></p>`, "~on (3 May - +fact=begins)"},
		{"<p>a heading of it</p><p>x y z</p>", "<h2>a heading of it</h2><p>x y z</p>", "~p→h2a heading of it | =x y z"},
		{"<p>first</p><p>second of them</p><p>third</p>", "<p>second of them</p><p>third</p><p>first</p>", "=second of them | =third | >first"},
		{"<ul><li>a b c d</li><li>e</li></ul>", "<ol><li>a b c d</li></ol>", "~ul li→ol lia b c d | -[-e]"},
		{"<p>kept</p>", "<p>new before it</p><p>kept</p>", "+[+new before it] | =kept"},
		{"<p>我们今天开会</p>", "<p>我们明天开会</p>", "~我们[-今][+明]天开会"},
		{`<p>x<span data-footnote="a note"></span> y</p>`, `<p>x y</p>`, "~x[-a note] y"},
		{"", "<p>all new</p>", "+[+all new]"},
	} {
		if got := tell(c.a, c.b); got != c.want {
			t.Errorf("%s → %s:\n%s, want\n%s", c.a, c.b, got, c.want)
		}
		same(t, c.a, c.b)
		same(t, c.b, c.a)
	}
}

// Whatever is cut, moved and formatted in a text, the difference makes the new one out of the old.
func TestTheDifferenceGivesTheNew(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := strings.Fields("the register opens today in Nairobi 会 议 and closes at noon السجل يفتح اليوم")
	block := func() string {
		var s []string
		for range 1 + r.IntN(12) {
			w := vocabulary[r.IntN(len(vocabulary))]
			switch r.IntN(10) {
			case 0:
				w = "<strong>" + w + "</strong>"
			case 1:
				w = `<a href="https://example.org/` + fmt.Sprint(r.IntN(3)) + `">` + w + "</a>"
			case 2:
				w += "<br>"
			}
			s = append(s, w)
		}
		tag := []string{"p", "h2", "blockquote"}[r.IntN(3)]
		return "<" + tag + ">" + strings.Join(s, " ") + "</" + tag + ">"
	}
	for range 300 {
		var a []string
		for range r.IntN(8) {
			a = append(a, block())
		}
		b := append([]string{}, a...)
		for range r.IntN(5) {
			switch {
			case len(b) == 0 || r.IntN(3) == 0:
				at := r.IntN(len(b) + 1)
				b = append(b[:at], append([]string{block()}, b[at:]...)...)
			case r.IntN(2) == 0:
				at := r.IntN(len(b))
				b = append(b[:at], b[at+1:]...)
			default:
				i, j := r.IntN(len(b)), r.IntN(len(b))
				b[i], b[j] = b[j], b[i]
			}
		}
		same(t, strings.Join(a, ""), strings.Join(b, ""))
	}
}

// Megabytes that have nothing in common take no longer than reading them a few times.
func TestLongTextsAreComparedInTime(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	long := func(tag string) string {
		var s strings.Builder
		for s.Len() < 1<<19 {
			fmt.Fprintf(&s, "<%s>%x %x %x %x</%s>", tag, r.Uint32(), r.Uint32(), r.Uint32()%50, r.Uint32()%50, tag)
		}
		return s.String()
	}
	one := strings.Repeat("a b ", 1<<17)
	start := time.Now()
	same(t, long("p"), long("p"))
	same(t, one, strings.Repeat("b c ", 1<<17))
	same(t, "<p>"+one+"</p>", "<h2>"+one+"x</h2>")
	same(t, strings.Repeat("<b><i>", 1<<17), strings.Repeat("<p>", 1<<17))
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
}

// FuzzBlocks: applied to the old prose, the difference gives the new, whatever they are.
func FuzzBlocks(f *testing.F) {
	for _, s := range []string{"", "<p>one two</p>", "<ul><li>a<li>b</ul>", "<table><tr><td>x<td>y</table>", "a<br>b", `<p>x<img src="/media/a/b" alt="">y</p>`, "<p> a  <b> b </b></p>", "<b><p>x</b>y", "\u2028\x00"} {
		f.Add(s, "<p>one 2</p>"+s)
		f.Add(s, strings.ToUpper(s))
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 100_000 {
			return
		}
		same(t, a, b)
	})
}
