package exchange

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Code is what the number of a code stands for: markup of a block of prose.
type Code struct {
	Number     int
	Start, End string // the tags; End is empty where it stands alone
	Kind       string // link, strong, emphasis, sub, sup, language, break, picture, footnote, other
	Hint       string // for who translates: the address of a link, the language of words

	name string // of the element
}

// Words of footnotes and descriptions of pictures stand in attributes; here they stand between the tags of their code, to be translated.
const (
	noteName  = "data-footnote"
	altName   = "alt"
	kindNote  = "footnote"
	kindImage = "picture"
)

// Line makes a text of a line, which has no markup.
func Line(words string) Text { return Text(nil).words(legal(words)) }

// Markup makes a text of a block of prose: HTML without elements that are blocks. Codes with numbers in like are used again for
// the same tags, so that a translation has the numbers of its source; what else there is gets numbers behind those. It gives the
// codes of both.
func Markup(block string, like []Code) (Text, []Code) {
	m := &marking{codes: slices.Clone(like), used: map[int]bool{}, like: len(like)}
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(block), root)
	if err != nil {
		return Line(block), m.codes // cannot happen: a string does not fail to be read
	}
	for _, n := range nodes {
		m.node(n)
	}
	return m.text, m.codes
}

type marking struct {
	text  Text
	codes []Code
	used  map[int]bool
	like  int
}

func (m *marking) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		m.text = m.text.words(blanks.ReplaceAllString(legal(n.Data), " "))
		return
	case html.ElementNode:
	default:
		return
	}
	c := Code{name: n.Data}
	within, attribute := "", ""
	for _, a := range n.Attr {
		switch {
		case n.Data == "span" && a.Key == noteName:
			c.Kind, within, attribute = kindNote, a.Val, noteName
		case n.Data == "img" && a.Key == altName && strings.TrimSpace(a.Val) != "":
			within, attribute = a.Val, altName
		case a.Key == "href" || a.Key == "lang" && n.Data != "a":
			c.Hint = legal(a.Val)
		}
	}
	c.Start, c.End = tags(n, attribute)
	if c.Kind == "" {
		c.Kind = kindOf(n)
	}
	number := m.number(c)
	if c.End == "" && attribute == "" {
		m.text = m.text.code(number, Alone)
		return
	}
	m.text = m.text.code(number, Open)
	if attribute != "" {
		m.text = m.text.words(blanks.ReplaceAllString(legal(within), " ")).code(number, Close)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		m.node(k)
	}
	if attribute == "" {
		m.text = m.text.code(number, Close)
	}
}

// number finds the code of the source that a tag is, by what it says or at least by its element.
func (m *marking) number(c Code) int {
	for _, x := range m.codes[:m.like] {
		if x.Start == c.Start && x.Kind == c.Kind && !m.used[x.Number] {
			m.used[x.Number] = true
			return x.Number
		}
	}
	c.Number = len(m.codes) + 1
	m.codes = append(m.codes, c)
	m.used[c.Number] = true
	return c.Number
}

func kindOf(n *html.Node) string {
	switch n.DataAtom {
	case atom.A:
		return "link"
	case atom.Strong:
		return "strong"
	case atom.Em:
		return "emphasis"
	case atom.Sub, atom.Sup:
		return n.Data
	case atom.Br:
		return "break"
	case atom.Img:
		return kindImage
	}
	if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" }) {
		return "language"
	}
	return "other"
}

// tags are the tags of an element, without the attribute that holds words.
func tags(n *html.Node, without string) (start, end string) {
	x := &html.Node{Type: html.ElementNode, Data: n.Data, DataAtom: n.DataAtom}
	for _, a := range n.Attr {
		if a.Key != without {
			x.Attr = append(x.Attr, a)
		}
	}
	var b strings.Builder
	if err := html.Render(&b, x); err != nil {
		return "", ""
	}
	s := b.String()
	if at := strings.LastIndex(s, "</"); at > 0 {
		return s[:at], s[at:]
	}
	return s, ""
}

// Trouble is what is wrong with the codes of a text.
type Trouble struct {
	What   string // unknown, twice, unpaired, crossed, inside: such a text cannot be taken; missing, order: it can, once somebody has looked
	Number int
}

// Bars says that a text with this trouble cannot be taken.
func (t Trouble) Bars() bool { return t.What != "missing" && t.What != "order" }

// Check compares the codes of a translation with those of its source. Where before, the translation there was, did without some
// codes or had others, the new one may too.
func Check(source, before, target Text, codes []Code) []Trouble {
	var out []Trouble
	told := map[Trouble]bool{}
	add := func(what string, n int) {
		if t := (Trouble{what, n}); !told[t] {
			told[t] = true
			out = append(out, t)
		}
	}
	known := map[int]Code{}
	for _, c := range codes {
		known[c.Number] = c
	}
	var open []int
	seen := map[int]bool{}
	var order []int
	for _, p := range target {
		if p.Code == 0 {
			continue
		}
		c, ok := known[p.Code]
		if !ok {
			add("unknown", p.Code)
			continue
		}
		pair := c.End != "" || holdsWords(c)
		switch p.Part {
		case Alone:
			if pair {
				add("unpaired", p.Code)
				continue
			}
			if seen[p.Code] {
				add("twice", p.Code)
			}
			seen[p.Code] = true
			order = append(order, p.Code)
		case Open:
			if !pair {
				add("unpaired", p.Code)
				continue
			}
			if seen[p.Code] {
				add("twice", p.Code)
			}
			seen[p.Code] = true
			order = append(order, p.Code)
			open = append(open, p.Code)
		case Close:
			at := slices.Index(open, p.Code)
			switch {
			case at < 0:
				add("unpaired", p.Code)
			case at < len(open)-1:
				add("crossed", p.Code)
				open = slices.Delete(open, at, at+1)
			default:
				open = open[:at]
			}
		}
		if n := len(open); n > 0 && holdsWords(known[open[n-1]]) && p.Code != open[n-1] {
			add("inside", p.Code)
		}
	}
	for _, n := range open {
		add("unpaired", n)
	}
	if slices.Equal(numbers(before), numbers(target)) && before != nil {
		return out
	}
	for _, n := range numbers(source) {
		if !seen[n] {
			add("missing", n)
		}
	}
	if !slices.IsSorted(order) && slices.IsSorted(numbers(source)) {
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				add("order", order[i])
			}
		}
	}
	return out
}

// holdsWords tells codes whose words are those of an attribute.
func holdsWords(c Code) bool {
	return c.Kind == kindNote || c.Kind == kindImage && !strings.Contains(c.Start, ` alt="`)
}

// numbers are those of the codes that open or stand alone, in order.
func numbers(t Text) []int {
	var out []int
	for _, p := range t {
		if p.Code != 0 && p.Part != Close {
			out = append(out, p.Code)
		}
	}
	return out
}

// HTML puts a text together again as a block of prose. It is to be cleaned like all that is. Codes that are broken are left out:
// see Check.
func HTML(t Text, codes []Code) string {
	known := map[int]Code{}
	for _, c := range codes {
		known[c.Number] = c
	}
	var b strings.Builder
	var open []Code
	var words *strings.Builder // of an attribute
	for _, p := range t {
		c, ok := known[p.Code]
		switch {
		case p.Code == 0 && words != nil:
			words.WriteString(p.Words)
		case p.Code == 0:
			b.WriteString(html.EscapeString(p.Words))
		case !ok:
		case p.Part == Alone && c.End == "" && words == nil:
			b.WriteString(c.Start)
		case p.Part == Open && holdsWords(c) && words == nil:
			open, words = append(open, c), &strings.Builder{}
		case p.Part == Open && c.End != "" && words == nil:
			open = append(open, c)
			b.WriteString(c.Start)
		case p.Part == Close && len(open) > 0 && open[len(open)-1].Number == p.Code:
			open = open[:len(open)-1]
			if words != nil {
				name := noteName
				if c.Kind == kindImage {
					name = altName
				}
				start := strings.TrimRight(strings.TrimSuffix(c.Start, ">"), "/")
				b.WriteString(start + " " + name + `="` + html.EscapeString(words.String()) + `">`)
				words = nil
			}
			b.WriteString(c.End)
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		if !holdsWords(open[i]) {
			b.WriteString(open[i].End)
		}
	}
	return b.String()
}

// Hidden takes out of a translation what nobody sees and what turns the words round it: controls of direction that embed and
// override, blanks without width. Marks of direction, and joiners that scripts need, stay. It tells what was there.
func Hidden(t Text) (clean Text, removed, marks int) {
	for _, p := range t {
		p.Words = strings.Map(func(r rune) rune {
			switch {
			case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200B, r == 0xFEFF, r == 0x2060, r >= 0x206A && r <= 0x206F, r >= 0xE0000 && r <= 0xE007F,
				r == 0x180E, r >= 0xFFF9 && r <= 0xFFFB, r >= 0x7F && r < 0xA0, r < ' ' && r != '\n' && r != '\t' && r != '\r':
				removed++
				return -1
			case r == 0x200E, r == 0x200F, r == 0x061C:
				marks++
			}
			return r
		}, p.Words)
		if p.Words != "" || p.Code != 0 {
			clean = append(clean, p)
		}
	}
	return clean, removed, marks
}
