// Package redline tells what came and what went between two texts: word by word, and in prose paragraph by paragraph, with
// what moved and where only the formatting differs. It never takes longer than a few passes over long texts: what is too
// different, or too long, is told in larger pieces.
package redline

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"znkr.io/diff"
)

// Op is what became of words.
type Op uint8

// What became of words.
const (
	Same Op = iota
	Out
	In
)

// Run is a stretch of words of which the same became. Was and Now are the formatting on either side, as Word has it; where
// Op is Same and they differ, only the formatting has changed.
type Run struct {
	Op       Op
	Text     string
	Was, Now string
}

// Word is a word, the blanks between two, or one character of a script without blanks, and its formatting: names with
// blanks between, in their order, some with a value: "em a=https://example.org strong".
type Word struct{ Text, Marks string }

// Block is a paragraph or what else stands by itself in prose. Tag says what it is: p, h2, "ul li", "td".
type Block struct {
	Tag   string
	Words []Word
}

// Text is the block's words.
func (b Block) Text() string {
	var s strings.Builder
	for _, w := range b.Words {
		s.WriteString(w.Text)
	}
	return s.String()
}

// Kind is what became of a block.
type Kind uint8

// What became of blocks.
const (
	Kept Kind = iota
	Changed
	Added
	Removed
	Moved // it stands elsewhere, and is otherwise the same
)

// Change is what became of a block, or of two that stand for each other. Was and Now are their places on either side; -1
// where there is none. A block that moved is told once, where it is now.
type Change struct {
	Kind           Kind
	Was, Now       int
	WasTag, NowTag string
	Runs           []Run
}

// Words compares two texts without formatting.
func Words(was, now string) []Run { return runs(words(was, ""), words(now, "")) }

// mostWords are compared one by one: beyond them only what both begin and end with is taken for the same.
const mostWords = 40_000

func runs(a, b []Word) []Run {
	var out []Run
	head := 0
	for head < len(a) && head < len(b) && a[head].Text == b[head].Text {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail].Text == b[len(b)-1-tail].Text {
		tail++
	}
	var text strings.Builder // of the last run, joined at its end
	var last Run
	begun := false
	flush := func() {
		if begun {
			last.Text = text.String()
			out = append(out, last)
		}
		text.Reset()
	}
	add := func(op Op, words, was, now string) {
		if !begun || last.Op != op || last.Was != was || last.Now != now {
			flush()
			last, begun = Run{Op: op, Was: was, Now: now}, true
		}
		text.WriteString(words)
	}
	for i := range head {
		add(Same, a[i].Text, a[i].Marks, b[i].Marks)
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)+len(y) > mostWords {
		for _, w := range x {
			add(Out, w.Text, w.Marks, "")
		}
		for _, w := range y {
			add(In, w.Text, "", w.Marks)
		}
	} else {
		i, j := 0, 0 // told up to here
		p, q := 0, 0 // looked at up to here
		n := 0       // of those looked at and not told, how many last ones are blanks, the same on both sides
		tell := func() {
			for ; i < p-n; i++ {
				add(Out, x[i].Text, x[i].Marks, "")
			}
			for ; j < q-n; j++ {
				add(In, y[j].Text, "", y[j].Marks)
			}
			for ; i < p; i, j = i+1, j+1 {
				add(Same, x[i].Text, x[i].Marks, y[j].Marks)
			}
			n = 0
		}
		for _, e := range diff.Edits(texts(x), texts(y)) {
			switch {
			case e.Op == diff.Delete:
				p, n = p+1, 0
			case e.Op == diff.Insert:
				q, n = q+1, 0
			default:
				p, q, n = p+1, q+1, n+1
				if !blank(e.X) || i == p-n && j == q-n { // a blank between two changes is no reason to tell them apart
					tell()
				}
			}
		}
		tell()
	}
	for n := tail; n > 0; n-- {
		w, v := a[len(a)-n], b[len(b)-n]
		add(Same, w.Text, w.Marks, v.Marks)
	}
	flush()
	return out
}

func texts(ws []Word) []string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = w.Text
	}
	return out
}

func blank(s string) bool { return strings.TrimSpace(s) == "" && s != "" }

// words cuts a text: a word, the blanks between two, or one character of a script without blanks.
func words(s, marks string) []Word {
	var out []Word
	start, was := 0, rune(0)
	for i, r := range s {
		alone := unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
		sort := 'w'
		if unicode.IsSpace(r) {
			sort = ' '
		} else if alone {
			sort = 0
		}
		if i > start && (sort != was || alone) {
			out = append(out, Word{s[start:i], marks})
			start = i
		}
		was = sort
	}
	if start < len(s) {
		out = append(out, Word{s[start:], marks})
	}
	return out
}

// Limits of prose: how deep it is read, and how many blocks are matched one by one.
const (
	mostNesting = 100
	mostBlocks  = 20_000
	mostPairs   = 40_000 // likenesses reckoned in one gap
)

var standing = map[atom.Atom]bool{atom.P: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Li: true,
	atom.Blockquote: true, atom.Td: true, atom.Th: true, atom.Div: true, atom.Figure: true, atom.Figcaption: true, atom.Pre: true, atom.Caption: true}

// Parse cuts prose, which is HTML, into blocks. Blanks are as a browser shows them.
func Parse(prose string) []Block {
	nodes, err := html.ParseFragment(strings.NewReader(prose), &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"})
	if err != nil {
		return []Block{{Tag: "p", Words: words(prose, "")}}
	}
	p := &parser{}
	for _, n := range nodes {
		p.read(n, "p", nil, 0)
	}
	p.shut()
	return p.out
}

type parser struct {
	out  []Block
	tag  string
	text []struct{ text, marks string }
}

// shut ends the block that is open.
func (p *parser) shut() {
	b := Block{Tag: p.tag}
	blank := true // what a browser swallows at the beginning
	for i, t := range p.text {
		var s strings.Builder
		for _, r := range t.text {
			if r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' {
				if !blank {
					s.WriteByte(' ')
				}
				blank = true
				continue
			}
			if r == '\u2028' { // a line break of ours
				r, blank = '\n', true
			} else {
				blank = false
			}
			s.WriteRune(r)
		}
		text := s.String()
		if i == len(p.text)-1 {
			text = strings.TrimRight(text, " ")
		}
		if text == "" && strings.Contains(t.marks, "img=") {
			b.Words = append(b.Words, Word{"", t.marks})
		}
		b.Words = append(b.Words, words(text, t.marks)...)
	}
	if len(b.Words) > 0 {
		p.out = append(p.out, b)
	}
	p.text = nil
}

func (p *parser) read(n *html.Node, tag string, marks []string, depth int) {
	if n.Type == html.TextNode {
		p.put(tag, n.Data, marks)
		return
	}
	if n.Type != html.ElementNode || depth > mostNesting {
		return
	}
	inner := tag
	switch n.DataAtom {
	case atom.Br:
		p.put(tag, "\u2028", marks)
		return
	case atom.Img:
		p.put(tag, attr(n, "alt"), with(marks, "img="+attr(n, "src")))
		return
	case atom.Hr:
		p.shut()
		p.tag = "hr"
		p.put("hr", "—", nil)
		p.shut()
		return
	case atom.Script, atom.Style:
		return
	case atom.Strong, atom.B:
		marks = with(marks, "strong")
	case atom.Em, atom.I:
		marks = with(marks, "em")
	case atom.Sup, atom.Sub, atom.U, atom.S, atom.Code:
		marks = with(marks, n.Data)
	case atom.A:
		marks = with(marks, "a="+attr(n, "href"))
	case atom.Data:
		marks = with(marks, "fact="+attr(n, "value"))
	case atom.Span:
		if note := attr(n, "data-footnote"); note != "" {
			p.put(tag, note, with(marks, "note"))
			return
		}
	default:
		if standing[n.DataAtom] {
			inner = n.Data
			if n.DataAtom == atom.Li && n.Parent != nil {
				inner = n.Parent.Data + " li"
			}
			p.shut()
		}
	}
	for _, name := range []string{"lang", "dir"} {
		if v := attr(n, name); v != "" {
			marks = with(marks, name+"="+v)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.read(c, inner, marks, depth+1)
	}
	if inner != tag {
		p.shut()
	}
}

func (p *parser) put(tag, text string, marks []string) {
	if len(p.text) > 0 && p.tag != tag {
		p.shut()
	}
	p.tag = tag
	p.text = append(p.text, struct{ text, marks string }{text, strings.Join(marks, " ")})
}

// with adds a mark in its place. Blanks in its value would cut it in two.
func with(marks []string, m string) []string {
	m = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, m)
	at, there := slices.BinarySearch(marks, m)
	if there {
		return marks
	}
	return slices.Insert(slices.Clone(marks), at, m)
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Blocks compares two proses.
func Blocks(was, now []Block) []Change {
	a, b := keys(was), keys(now)
	if len(a)+len(b) > mostBlocks { // as one
		out := []Change{}
		for i := range was {
			out = append(out, removed(was, i))
		}
		for j := range now {
			out = append(out, added(now, j))
		}
		return out
	}
	type gap struct{ out, in []int }
	var out []Change
	var g gap
	flush := func() {
		out = append(out, match(was, now, g.out, g.in)...)
		g = gap{}
	}
	i, j := 0, 0
	for _, e := range diff.Edits(a, b) {
		switch e.Op {
		case diff.Delete:
			g.out = append(g.out, i)
			i++
		case diff.Insert:
			g.in = append(g.in, j)
			j++
		default:
			flush()
			out = append(out, pair(was, now, i, j))
			i, j = i+1, j+1
		}
	}
	flush()
	return moved(was, out)
}

// keys are what blocks are taken for the same by: tag, words and formatting.
func keys(blocks []Block) []string {
	out := make([]string, len(blocks))
	for i, b := range blocks {
		out[i] = b.key()
	}
	return out
}

func (b Block) key() string {
	var s strings.Builder
	s.WriteString(b.Tag)
	marks := ""
	for _, w := range b.Words {
		if w.Marks != marks {
			marks = w.Marks
			s.WriteString("\x00" + marks + "\x00")
		}
		s.WriteString(w.Text)
	}
	return s.String()
}

func removed(was []Block, i int) Change {
	return Change{Removed, i, -1, was[i].Tag, "", runs(was[i].Words, nil)}
}

func added(now []Block, j int) Change {
	return Change{Added, -1, j, "", now[j].Tag, runs(nil, now[j].Words)}
}

func pair(was, now []Block, i, j int) Change {
	c := Change{Changed, i, j, was[i].Tag, now[j].Tag, runs(was[i].Words, now[j].Words)}
	if c.WasTag == c.NowTag && !slices.ContainsFunc(c.Runs, func(r Run) bool { return r.Op != Same || r.Was != r.Now }) {
		c.Kind = Kept
	}
	return c
}

// match finds which blocks of a gap stand for each other: in their order, those that are most alike.
func match(was, now []Block, out, in []int) []Change {
	var all []Change
	pairs := [][2]int{}
	if len(out)*len(in) <= mostPairs {
		// The best sum of likenesses along both, as edit distance is reckoned.
		best := make([][]float64, len(out)+1)
		like := make([][]float64, len(out))
		bags := make([]map[string]int, len(in))
		for j, at := range in {
			bags[j] = bag(now[at])
		}
		for i := range best {
			best[i] = make([]float64, len(in)+1)
		}
		for i := range out {
			like[i] = make([]float64, len(in))
			own := bag(was[out[i]])
			for j := range in {
				like[i][j] = alike(own, bags[j])
			}
		}
		for i := len(out) - 1; i >= 0; i-- {
			for j := len(in) - 1; j >= 0; j-- {
				best[i][j] = max(best[i+1][j], best[i][j+1])
				if l := like[i][j]; l >= 0.4 {
					best[i][j] = max(best[i][j], best[i+1][j+1]+l)
				}
			}
		}
		for i, j := 0, 0; i < len(out) && j < len(in); {
			switch l := like[i][j]; {
			case l >= 0.4 && best[i][j] == best[i+1][j+1]+l:
				pairs = append(pairs, [2]int{i, j})
				i, j = i+1, j+1
			case best[i][j] == best[i+1][j]:
				i++
			default:
				j++
			}
		}
	}
	i, j := 0, 0
	upTo := func(x, y int) {
		for ; i < x; i++ {
			all = append(all, removed(was, out[i]))
		}
		for ; j < y; j++ {
			all = append(all, added(now, in[j]))
		}
	}
	for _, p := range pairs {
		upTo(p[0], p[1])
		all = append(all, pair(was, now, out[i], in[j]))
		i, j = i+1, j+1
	}
	upTo(len(out), len(in))
	return all
}

// bag counts the words of a block, at most its first two thousand.
func bag(b Block) map[string]int {
	m := map[string]int{}
	for _, w := range b.Words[:min(len(b.Words), 2000)] {
		m[strings.TrimRight(w.Text, " \n.,;:")]++
	}
	return m
}

// alike is how much of their words two blocks share, from 0 to 1.
func alike(a, b map[string]int) float64 {
	shared, total := 0, 0
	for w, n := range a {
		total += n
		shared += min(n, b[w])
	}
	for _, n := range b {
		total += n
	}
	if total == 0 {
		return 1
	}
	return 2 * float64(shared) / float64(total)
}

// moved joins blocks that went in one place and came in another as they were.
func moved(was []Block, all []Change) []Change {
	gone := map[string][]int{}
	for i, c := range all {
		if c.Kind == Removed && len(was[c.Was].Words) > 0 {
			gone[was[c.Was].key()] = append(gone[was[c.Was].key()], i)
		}
	}
	drop := map[int]bool{}
	for i := range all {
		if all[i].Kind != Added {
			continue
		}
		b := Block{Tag: all[i].NowTag}
		for _, r := range all[i].Runs {
			b.Words = append(b.Words, words(r.Text, r.Now)...)
		}
		key := b.key()
		if from := gone[key]; len(from) > 0 {
			gone[key] = from[1:]
			drop[from[0]] = true
			old := all[from[0]]
			rs := make([]Run, len(all[i].Runs))
			for n, r := range all[i].Runs {
				rs[n] = Run{Same, r.Text, r.Now, r.Now}
			}
			all[i] = Change{Moved, old.Was, all[i].Now, old.WasTag, all[i].NowTag, rs}
		}
	}
	if len(drop) == 0 {
		return all
	}
	var out []Change
	for i, c := range all {
		if !drop[i] {
			out = append(out, c)
		}
	}
	return out
}

// Formatting tells the marks that came and those that went with a run: "strong", "a=https://example.org".
func (r Run) Formatting() (out, in []string) {
	was, now := strings.Fields(r.Was), strings.Fields(r.Now)
	for _, m := range was {
		if !slices.Contains(now, m) {
			out = append(out, m)
		}
	}
	for _, m := range now {
		if !slices.Contains(was, m) {
			in = append(in, m)
		}
	}
	return out, in
}
