package site

import (
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// prose is running text ready for the page, and the language it is in.
type prose struct {
	HTML   template.HTML
	Locale i18n.Locale
	Other  bool
}

// Attrs are the lang and dir attributes of the element that holds the text.
func (p prose) Attrs() template.HTMLAttr { return text{"x", p.Locale, p.Other}.Attrs() }

// Empty reports whether there is no text.
func (p prose) Empty() bool { return p.HTML == "" }

// footnote is a numbered note of running text, or a note with a mark of its own.
type footnote struct {
	Mark   string // "1", "*"
	ID     string // of the note; the place that refers to it has the same with "r" in front
	Label  string // "Note 1"
	Text   text
	Source string
	Seen   string // when the source was looked at
	Back   bool   // some place refers to it
}

// prose cleans running text once more and makes it fit the page: headings begin at level (3 inside a section) without
// gaps, footnotes get their numbers, table headings their scope, pictures their sizes.
func (b *base) prose(p content.Prose, original i18n.Locale, level int) prose {
	return b.fit(p, original, level, false)
}

// paragraphs is prose whose paragraphs carry numbers, as those of reports do: comments and other texts refer to them.
func (b *base) paragraphs(p content.Prose, original i18n.Locale, level int) prose {
	return b.fit(p, original, level, true)
}

func (b *base) fit(p content.Prose, original i18n.Locale, level int, numbers bool) prose {
	words, l := p.Pick(b.Locale, original)
	if words == "" {
		return prose{}
	}
	out := prose{Locale: l, Other: l != b.Locale}
	if clean := content.Clean(words); !numbers && !b.unfit(clean) {
		out.HTML = template.HTML(clean)
		return out
	}
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	for _, n := range content.Fragment(words) {
		root.AppendChild(n)
	}
	f := fitter{base: b, level: level, locale: l}
	f.walk(root)
	if numbers {
		number(root, l)
	}
	var w strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&w, n); err != nil {
			return prose{}
		}
	}
	out.HTML = template.HTML(w.String()) // cleaned above; what fitter adds is escaped by Render
	return out
}

// unfit reports whether fitting would change anything in cleaned text. Most text it would not, and looking is much cheaper
// than parsing.
func (b *base) unfit(words string) bool {
	for i := range b.marked {
		if strings.Contains(words, template.HTMLEscapeString(b.marked[i].Mark)) || strings.Contains(words, b.marked[i].Mark) {
			return true
		}
	}
	for rest := words; ; {
		_, tag, found := strings.Cut(rest, "<")
		if !found {
			return false
		}
		tag, rest, _ = strings.Cut(tag, ">")
		name, attributes, _ := strings.Cut(tag, " ")
		switch name {
		case "h2", "h3", "h4", "span", "img", "table", "th":
			return true
		}
		if strings.Contains(attributes, "lang=") {
			return true
		}
	}
}

// number puts numbers before the paragraphs that stand by themselves, with an address each.
func number(root *html.Node, l i18n.Locale) {
	n := 0
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if !content.Numbered(c) {
			continue
		}
		n++
		mark := &html.Node{Type: html.ElementNode, Data: "b", DataAtom: atom.B, Attr: []html.Attribute{{Key: "class", Val: "pn"}, {Key: "id", Val: "para-" + strconv.Itoa(n)}}}
		mark.AppendChild(&html.Node{Type: html.TextNode, Data: i18n.Number(l, n) + "."})
		c.InsertBefore(mark, c.FirstChild)
		c.InsertBefore(&html.Node{Type: html.TextNode, Data: " "}, mark.NextSibling)
	}
}

// fitter makes one text fit the page.
type fitter struct {
	*base
	level  int
	open   []int // original levels of the headings above
	locale i18n.Locale
}

var headings = map[atom.Atom]int{atom.H2: 2, atom.H3: 3, atom.H4: 4}

func (f *fitter) walk(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.TextNode {
			f.marks(c)
			c = next
			continue
		}
		switch {
		case headings[c.DataAtom] != 0:
			was := headings[c.DataAtom]
			for len(f.open) > 0 && f.open[len(f.open)-1] >= was {
				f.open = f.open[:len(f.open)-1]
			}
			f.open = append(f.open, was)
			c.Data = "h" + strconv.Itoa(min(6, f.level+len(f.open)-1))
			c.DataAtom = atom.Lookup([]byte(c.Data))
		case c.DataAtom == atom.Span && attr(c, "data-footnote") != "":
			f.footnote(c)
			c = next
			continue
		case c.DataAtom == atom.Img:
			f.picture(c)
		case c.DataAtom == atom.Th && attr(c, "scope") == "":
			scope := "row"
			if row := c.Parent; row != nil && row.Parent != nil && (row.Parent.DataAtom == atom.Thead || previous(row) == nil) {
				scope = "col"
			}
			c.Attr = append(c.Attr, html.Attribute{Key: "scope", Val: scope})
		case c.DataAtom == atom.Table && !(n.DataAtom == atom.Div && attr(n, "class") == "scroll"):
			// A wide table scrolls by itself, by keyboard too, and not the page.
			box := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div, Attr: []html.Attribute{{Key: "class", Val: "scroll"},
				{Key: "role", Val: "region"}, {Key: "tabindex", Val: "0"}, {Key: "aria-label", Val: f.M("page.table")}}}
			n.InsertBefore(box, c)
			n.RemoveChild(c)
			box.AppendChild(c)
			f.walk(box)
			c = next
			continue
		case attr(c, "lang") != "" && attr(c, "dir") == "":
			if l, ok := i18n.Parse(attr(c, "lang")); ok && l.Dir() != f.locale.Dir() {
				c.Attr = append(c.Attr, html.Attribute{Key: "dir", Val: l.Dir()})
			}
		}
		f.walk(c)
		c = next
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// previous is the element before, blanks left out.
func previous(n *html.Node) *html.Node {
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		if p.Type == html.ElementNode {
			return p
		}
	}
	return nil
}

// footnote numbers a note in the order of the page and leaves its reference in the text.
func (f *fitter) footnote(n *html.Node) {
	f.numbered++
	mark := strconv.Itoa(f.numbered)
	note := footnote{Mark: mark, ID: "n" + mark, Label: f.M("page.note", "Mark", mark), Back: true,
		Text: text{attr(n, "data-footnote"), f.locale, f.locale != f.Locale}}
	f.notes = append(f.notes, note)
	n.Data, n.DataAtom = "sup", atom.Sup
	n.Attr = []html.Attribute{{Key: "class", Val: "fn"}}
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(reference(note, true))
}

// reference is the link from the text to a note; only the first place that refers to a note can be gone back to.
func reference(n footnote, first bool) *html.Node {
	a := &html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A, Attr: []html.Attribute{{Key: "href", Val: "#" + n.ID},
		{Key: "aria-label", Val: n.Label}}}
	if first {
		a.Attr = append(a.Attr, html.Attribute{Key: "id", Val: "r" + n.ID})
	}
	a.AppendChild(&html.Node{Type: html.TextNode, Data: n.Mark})
	return a
}

// marks links the marks of the entry's notes where they stand in the text.
func (f *fitter) marks(n *html.Node) {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.DataAtom == atom.A {
			return // no link inside a link
		}
	}
	before, after := beside(n, false), beside(n, true)
	for i := range f.marked {
		note := &f.marked[i]
		at := kind.NoteCall(before+n.Data+after, note.Mark) - len(before)
		if at < 0 || at+len(note.Mark) > len(n.Data) {
			continue
		}
		before, after := n.Data[:at], n.Data[at+len(note.Mark):]
		first := !note.Back
		note.Back = true
		n.Data = before
		sup := &html.Node{Type: html.ElementNode, Data: "sup", DataAtom: atom.Sup, Attr: []html.Attribute{{Key: "class", Val: "fn"}}}
		sup.AppendChild(reference(*note, first))
		rest := &html.Node{Type: html.TextNode, Data: after}
		n.Parent.InsertBefore(sup, n.NextSibling)
		n.Parent.InsertBefore(rest, sup.NextSibling)
		f.marks(n)
		f.marks(rest)
		return
	}
}

// inline are the elements that words go on through.
var inline = []atom.Atom{atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Cite, atom.Code, atom.Em, atom.I, atom.Mark, atom.Q, atom.S, atom.Small, atom.Span, atom.Strong, atom.Sub, atom.Sup, atom.U}

// beside is the letter right before or after a piece of text in its paragraph, or "".
func beside(n *html.Node, after bool) string {
	step := func(n *html.Node) *html.Node {
		if after {
			return n.NextSibling
		}
		return n.PrevSibling
	}
	for at := n; at != nil && (at == n || slices.Contains(inline, at.DataAtom)); at = at.Parent {
		for s := step(at); s != nil; s = step(s) {
			if s.Type == html.ElementNode && !slices.Contains(inline, s.DataAtom) {
				return ""
			}
			words := textOf(s)
			r, size := utf8.DecodeLastRuneInString(words)
			if after {
				r, size = utf8.DecodeRuneInString(words)
			}
			if size > 0 {
				return string(r)
			}
		}
	}
	return ""
}

// textOf is the words inside a node.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
	}
	return b.String()
}

// label is a short line in which the marks of the entry's notes are links.
func (b *base) label(t text) template.HTML {
	out := b.markedLine(t.Words)
	if t.Other {
		out = "<bdi" + string(t.Attrs()) + ">" + out + "</bdi>"
	}
	return template.HTML(out)
}

// markedLine is plain words as HTML, with links where they call a note.
func (b *base) markedLine(words string) string {
	for i := range b.marked {
		note := &b.marked[i]
		at := kind.NoteCall(words, note.Mark)
		if at < 0 {
			continue
		}
		before := b.markedLine(words[:at])
		var w strings.Builder
		if html.Render(&w, reference(*note, !note.Back)) != nil {
			continue
		}
		note.Back = true
		return before + `<sup class="fn">` + w.String() + "</sup>" + b.markedLine(words[at+len(note.Mark):])
	}
	return template.HTMLEscapeString(words)
}

// useNotes makes the entry's notes with marks known before any text is fitted.
func (b *base) useNotes(notes []kind.Note, original i18n.Locale) {
	for i, n := range notes {
		if n.Mark == "" || slices.ContainsFunc(b.marked, func(f footnote) bool { return f.Mark == n.Mark }) {
			continue
		}
		note := footnote{Mark: n.Mark, ID: "m" + strconv.Itoa(i+1), Label: b.M("page.note", "Mark", n.Mark), Text: b.words(n.Text, original), Source: n.Source}
		if t := n.Accessed.Time(); n.Source != "" && !t.IsZero() {
			note.Seen = b.M("page.accessed", "Date", b.Date(t))
		}
		b.marked = append(b.marked, note)
	}
}

// Notes are the page's notes: those with marks, then the numbered ones. Asked for when all text has been fitted.
func (b *base) Notes() []footnote { return append(slices.Clone(b.marked), b.notes...) }

var mediaSource = regexp.MustCompile(`/media/([0-9a-z]+)/`)

// pictureIDs are the files that running text shows.
func pictureIDs(p content.Prose) []string {
	var ids []string
	for _, t := range p {
		for _, m := range mediaSource.FindAllStringSubmatch(t.Words, -1) {
			ids = append(ids, m[1])
		}
	}
	return ids
}

// picture gives a picture of the text its size, so that nothing jumps, and its smaller versions.
func (f *fitter) picture(n *html.Node) {
	m := mediaSource.FindStringSubmatch(attr(n, "src"))
	alt := attr(n, "alt")
	if m == nil {
		return
	}
	file := f.files[m[1]]
	n.Attr = []html.Attribute{{Key: "src", Val: attr(n, "src")}, {Key: "alt", Val: alt}, {Key: "loading", Val: "lazy"}}
	if file == nil {
		return
	}
	if best := file.Best("", 960); best != nil {
		n.Attr[0].Val = best.URL()
		n.Attr = append(n.Attr, html.Attribute{Key: "width", Val: strconv.Itoa(best.Width)}, html.Attribute{Key: "height", Val: strconv.Itoa(best.Height)},
			html.Attribute{Key: "srcset", Val: file.Srcset("")}, html.Attribute{Key: "sizes", Val: "(max-width: 48rem) 92vw, 43rem"})
	}
}

// picture is an entry's image as a template draws it; nil where there is none to show.
type picture struct {
	Src, Srcset, WebP string
	Width, Height     int
	Alt               text
	Credit            string
	Sizes             string
}

// pictureOf gives an image in a crop ("", 16x9, square), at least width pixels wide.
func (b *base) pictureOf(p kind.Picture, original i18n.Locale, crop string, width int, sizes string) *picture {
	f := b.files[string(p.File)]
	if f == nil {
		return nil
	}
	best := f.Best(crop, width)
	if best == nil {
		return nil // its renditions are still being made
	}
	out := &picture{Src: best.URL(), Width: best.Width, Height: best.Height, Credit: p.Credit, Sizes: sizes}
	if sizes != "" {
		out.Srcset, out.WebP = f.Srcset(crop), f.SrcsetWebP(crop)
	}
	if !p.Decorative {
		out.Alt = b.words(p.Alt, original)
	}
	return out
}

// faceOf is a portrait beside a name: so small that one file serves every screen, and for those who cannot see it the name
// says the same.
func (b *base) faceOf(p kind.Picture) *picture {
	p.Decorative = true
	return b.pictureOf(p, b.Locale, "square", 160, "")
}

// share is the picture that other sites show with a link to this page.
func (b *base) share(p kind.Picture, original i18n.Locale) {
	f := b.files[string(p.File)]
	if f == nil {
		return
	}
	if r := f.Rendition("og"); r != nil {
		b.Image = &shareImage{URL: b.site.absolute(r.URL()), Width: r.Width, Height: r.Height, Alt: b.words(p.Alt, original).Words}
	}
}

// loadFiles reads the rows of files that the page shows.
func (b *base) loadFiles(ids []string) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == "" {
		ids = ids[1:]
	}
	if len(ids) == 0 || b.site.Media == nil {
		b.files = map[string]*media.File{}
		return nil
	}
	var err error
	b.files, err = b.site.files.Get(b.site.Content.Generation, ids, func(missing []string) (map[string]*media.File, error) {
		return b.site.Media.Get(b.ctx, missing...)
	})
	return err
}
