package conceptnote

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth of elements in elements that are looked into.
const maxDepth = 400

// OpenHTML reads HTML: what Word, Google Docs or LibreOffice put on the clipboard, or a page. Only words, structure and
// addresses are taken.
func OpenHTML(s string) (*Doc, error) {
	if len(s) > MaxBytes {
		return nil, ErrTooLarge
	}
	s = strings.ToValidUTF8(s, "")
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return nil, ErrUnread
	}
	r := &htmlReader{doc: &Doc{Format: "html"}, notes: map[string]string{}}
	r.findNotes(root, 0)
	r.walk(root, 0)
	r.flush()
	if r.words > MaxText {
		return nil, ErrTooLarge
	}
	return r.doc.finish()
}

type htmlReader struct {
	doc     *Doc
	line    Line
	text    strings.Builder
	strong  int // bytes of the line that stand out
	bold    int // depth
	lists   []*htmlList
	style   Line // what lines of the open block are
	table   int
	cell    *strings.Builder // open cell
	notes   map[string]string
	links   []Link // of the open line
	href    string
	skipped int
	words   int
	joins   bool
}

type htmlList struct {
	ordered bool
	style   string
	n       int
}

var msoList = regexp.MustCompile(`mso-list:\s*l\d+\s+level(\d)`)

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// drop reports whether nothing of an element is for readers.
func (r *htmlReader) drop(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Iframe, atom.Object, atom.Noscript, atom.Title, atom.Svg, atom.Math, atom.Head, atom.Button, atom.Select, atom.Nav:
		return true
	case atom.Del, atom.S, atom.Strike:
		if n.DataAtom == atom.Del {
			r.doc.Changes++
		}
		return true
	case atom.Img:
		if !(attrOf(n, "width") == "1" || attrOf(n, "height") == "1") {
			r.doc.Pictures++
		}
		return true
	}
	if strings.Contains(n.Data, ":") && n.FirstChild == nil {
		return true
	}
	style, class := strings.ReplaceAll(strings.ToLower(attrOf(n, "style")), " ", ""), attrOf(n, "class")
	switch {
	case strings.Contains(style, "display:none"), strings.Contains(style, "mso-hide:all"), strings.Contains(style, "mso-list:ignore"):
		return true
	case strings.Contains(style, "mso-element:comment-list"):
		r.doc.Comments += strings.Count(textOf(n), "[") // each comment is named in brackets
		return true
	case strings.Contains(style, "mso-element:footnote-list"), strings.Contains(style, "mso-element:endnote-list"):
		return true // read before
	case strings.Contains(class, "MsoCommentReference"), strings.Contains(class, "msocom"):
		return true
	case strings.Contains(class, "msoDel"):
		r.doc.Changes++
		return true
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node, int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if depth < maxDepth && b.Len() < maxLine {
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c, depth+1)
			}
		}
	}
	walk(n, 0)
	return b.String()
}

var noteRef = regexp.MustCompile(`^#_?(?:ftn|edn|fn|footnote|cite_note|sdfootnote|note)[-_]?(\d{1,3})(?:sym|anc)?$`)
var noteBack = regexp.MustCompile(`^#_?(?:ftnref|ednref|fnref|sdfootnote\d+anc|cite_ref|footnote-ref|noteref)`)

// findNotes collects the texts of footnotes, by the name under which they are called.
func (r *htmlReader) findNotes(n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	id := attrOf(n, "id")
	if m := noteRef.FindStringSubmatch("#" + id); m != nil && n.DataAtom != atom.A && len(r.notes) < 300 {
		words := tidy(noteStart.ReplaceAllString(tidy(textOf(n)), ""))
		if words != "" && len(words) < 4000 {
			r.notes[m[1]] = words
			attr := html.Attribute{Key: "style", Val: "display:none"}
			n.Attr = append(n.Attr, attr)
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.findNotes(c, depth+1)
	}
}

func (r *htmlReader) walk(n *html.Node, depth int) {
	if depth > maxDepth || r.words > MaxText {
		return
	}
	switch n.Type {
	case html.TextNode:
		r.write(n.Data)
		return
	case html.ElementNode:
		if r.drop(n) {
			return
		}
	case html.CommentNode, html.DoctypeNode:
		return
	}
	kids := func() {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			r.walk(c, depth+1)
		}
	}
	switch n.DataAtom {
	case atom.Br:
		if r.cell != nil {
			r.cell.WriteByte('\n')
			return
		}
		r.flush()
		r.joins = true
		return
	case atom.B, atom.Strong, atom.U:
		if w := strings.ReplaceAll(attrOf(n, "style"), " ", ""); strings.Contains(w, "font-weight:normal") || strings.Contains(w, "font-weight:400") {
			kids()
			return
		}
		r.bold++
		kids()
		r.bold--
		return
	case atom.Span, atom.Font:
		w := strings.ReplaceAll(strings.ToLower(attrOf(n, "style")), " ", "")
		if note := attrOf(n, "data-footnote"); note != "" && len(r.notes) < 300 {
			mark := strconv.Itoa(len(r.notes) + 1)
			for r.notes[mark] != "" {
				mark += "'"
			}
			r.notes[mark] = tidy(note)
			r.call(mark)
			return
		}
		if strings.Contains(w, "font-weight:bold") || strings.Contains(w, "font-weight:700") || strings.Contains(w, "font-weight:600") {
			r.bold++
			defer func() { r.bold-- }()
		}
		kids()
		return
	case atom.A:
		href := strings.TrimSpace(attrOf(n, "href"))
		if noteBack.MatchString(href) {
			return
		}
		if m := noteRef.FindStringSubmatch(href); m != nil {
			r.call(m[1])
			return
		}
		before, from := r.href, r.text.Len()
		r.href = ""
		if u, err := url.Parse(href); err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto") && len(href) <= maxURL {
			r.href = href
		}
		kids()
		if r.href != "" && r.cell == nil && r.text.Len() > from {
			r.links = append(r.links, Link{from, r.text.Len(), r.href})
		}
		r.href = before
		return
	case atom.Sup:
		words := tidy(textOf(n))
		if n.FirstChild != nil && n.FirstChild.DataAtom != atom.A && words != "" && strings.Trim(words, "0123456789[]()*†‡") == "" && r.text.Len() > 0 {
			if last := r.text.String(); !endsDigit(last) {
				r.call(strings.Trim(words, "[]()"))
				return
			}
		}
		kids()
		return
	case atom.Ul, atom.Ol:
		r.flush()
		r.lists = append(r.lists, &htmlList{ordered: n.DataAtom == atom.Ol, style: attrOf(n, "type") + attrOf(n, "style")})
		if at, err := strconv.Atoi(attrOf(n, "start")); err == nil && at > 0 && at < 1000 {
			r.lists[len(r.lists)-1].n = at - 1
		}
		kids()
		r.flush()
		r.lists = r.lists[:len(r.lists)-1]
		return
	case atom.Li:
		r.flush()
		before := r.style
		r.style = Line{Kind: Item, Mark: "•"}
		if k := len(r.lists); k > 0 {
			r.style.Level = k - 1
			if l := r.lists[k-1]; l.ordered {
				l.n++
				r.style.Mark = number(l.style, l.n)
			}
		}
		kids()
		r.flush()
		r.style = before
		return
	case atom.Table:
		r.flush()
		if r.cell == nil {
			r.readTable(n, depth)
			return
		}
		kids()
		return
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.block(Line{Kind: Heading, Level: int(n.Data[1] - '0')}, kids)
		return
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Blockquote, atom.Dl, atom.Dt, atom.Dd, atom.Address, atom.Center, atom.Figure,
		atom.Figcaption, atom.Pre, atom.Hr, atom.Caption, atom.Form, atom.Fieldset, atom.Aside, atom.Details, atom.Summary:
		class, style := attrOf(n, "class"), attrOf(n, "style")
		line := r.style
		if line.Kind == "" {
			line.Kind = Paragraph
		}
		switch m := msoList.FindStringSubmatch(strings.ToLower(style)); {
		case m != nil:
			line = Line{Kind: Item, Level: int(m[1][0]-'0') - 1, Mark: ignored(n)}
		case strings.Contains(class, "MsoTitle"):
			line.Style = "title"
		case strings.Contains(class, "MsoSubtitle"):
			line.Style = "subtitle"
		case strings.Contains(class, "MsoToc"), strings.Contains(class, "MsoFootnoteText"), strings.Contains(class, "MsoCommentText"):
			return
		}
		r.block(line, kids)
		return
	}
	kids()
}

// ignored is the mark that Word drew before an item.
func ignored(n *html.Node) string {
	var found string
	var walk func(*html.Node, int)
	walk = func(n *html.Node, depth int) {
		if found != "" || depth > 30 {
			return
		}
		if strings.Contains(strings.ToLower(strings.ReplaceAll(attrOf(n, "style"), " ", "")), "mso-list:ignore") {
			found = tidy(textOf(n))
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(n, 0)
	found = strings.Trim(found, "\u00a0 ")
	if found == "" || found == "·" || found == "o" || found == "§" || len(found) > 12 {
		return "•"
	}
	return found
}

// number is the mark of the n-th item of a list.
func number(style string, n int) string {
	switch {
	case strings.HasPrefix(style, "a") || strings.Contains(style, "lower-alpha"):
		if n <= 26 {
			return string(rune('a'+n-1)) + ")"
		}
	case strings.HasPrefix(style, "A") || strings.Contains(style, "upper-alpha"):
		if n <= 26 {
			return string(rune('A'+n-1)) + "."
		}
	}
	return strconv.Itoa(n) + "."
}

// block reads an element whose words stand on lines of their own.
func (r *htmlReader) block(line Line, kids func()) {
	if r.cell != nil {
		if s := r.cell.String(); s != "" && !strings.HasSuffix(s, "\n") {
			r.cell.WriteByte('\n')
		}
		kids()
		return
	}
	before := r.style
	r.flush()
	r.joins = false
	r.style = line
	kids()
	r.flush()
	r.joins = false
	r.style = before
}

// windows are the characters that old programs name by their number in Windows-1252.
var windows = strings.NewReplacer("\u0091", "‘", "\u0092", "’", "\u0093", "“", "\u0094", "”", "\u0096", "–", "\u0097", "—", "\u0095", "•", "\u0085", "…")

func (r *htmlReader) write(s string) {
	s = windows.Replace(s)
	var b strings.Builder
	for i, f := range strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f)
	}
	isBlank := func(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }
	words := b.String()
	if s != "" && isBlank(s[0]) {
		words = " " + words
	}
	if len(s) > 1 && isBlank(s[len(s)-1]) && words != " " {
		words += " "
	}
	to := &r.text
	if r.cell != nil {
		to = r.cell
	}
	if have := to.String(); strings.HasPrefix(words, " ") && (have == "" || strings.HasSuffix(have, " ") || strings.HasSuffix(have, "\n")) {
		words = words[1:]
	}
	if words == "" {
		return
	}
	r.words += len(words)
	to.WriteString(words)
	if r.cell == nil && (r.bold > 0) {
		r.strong += len(words)
	}
}

func (r *htmlReader) call(mark string) {
	if r.cell != nil {
		return
	}
	r.line.Calls = append(r.line.Calls, Call{r.text.Len(), mark})
}

// flush ends the open line.
func (r *htmlReader) flush() {
	raw := r.text.String()
	words := strings.TrimRight(raw, " \u00a0")
	cut := len(words)
	words = strings.TrimLeft(words, " \u00a0")
	shift := cut - len(words)
	line := r.line
	links, strong := r.links, r.strong
	r.text.Reset()
	r.line, r.links, r.strong = Line{}, nil, 0
	if words == "" {
		if raw != "" && strings.Contains(raw, "\u00a0") {
			r.doc.Lines = append(r.doc.Lines, Line{Kind: Paragraph}) // a blank line
		}
		return
	}
	line.Kind, line.Level, line.Mark, line.Style = r.style.Kind, r.style.Level, r.style.Mark, r.style.Style
	if line.Kind == "" {
		line.Kind = Paragraph
	}
	if line.Style == "" && line.Kind == Paragraph && strong*10 >= len(raw)*9 {
		line.Style = "strong"
	}
	move := func(at int) int { return max(0, min(at-shift, len(words))) }
	for i := range line.Calls {
		line.Calls[i].At = move(line.Calls[i].At)
	}
	for _, l := range links {
		if l.From, l.To = move(l.From), move(l.To); l.From < l.To {
			line.Links = append(line.Links, l)
		}
	}
	line.Text, line.Joins = words, r.joins
	if len(line.Links) == 0 {
		line.Links = bareLinks(words)
	}
	r.joins = false
	if line.Kind == Paragraph { // bullets that were typed
		if mark, rest, ok := marker(words); ok && len(line.Links) == 0 && len(line.Calls) == 0 && line.Style == "" && (strings.ContainsAny(mark, "•·▪◦●") || numbered.MatchString(mark+" ")) && mark != "*" {
			line.Kind, line.Mark, line.Text = Item, mark, rest
		}
	}
	if m := noteStart.FindStringSubmatch(line.Text); m != nil && line.Kind == Paragraph && strings.ContainsAny(m[1], "†‡§[") || strings.HasPrefix(line.Text, "*") && line.Kind == Paragraph {
		n := len("*")
		mark := "*"
		if m != nil {
			n, mark = len(m[0]), strings.Trim(m[1], "[]")
		}
		rest := strings.TrimLeft(line.Text[n:], " \u00a0")
		line.Kind, line.Mark, line.Text, line.Links, line.Calls = NoteText, mark, rest, nil, nil
	}
	r.doc.Lines = append(r.doc.Lines, line)
	if len(r.doc.Lines) > MaxLines {
		r.words = MaxText + 1
	}
	for _, c := range line.Calls {
		if t := r.notes[c.Mark]; t != "" {
			r.doc.Lines = append(r.doc.Lines, Line{Kind: NoteText, Mark: c.Mark, Text: t, Links: bareLinks(t)})
			delete(r.notes, c.Mark)
		}
	}
}

// readTable lays a table out as a grid.
func (r *htmlReader) readTable(table *html.Node, depth int) {
	r.table++
	type span struct {
		rows int
		cell Cell
	}
	open := map[int]*span{} // by column
	var rows func(*html.Node, int)
	rows = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && depth < maxDepth && r.words <= MaxText; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Thead, atom.Tbody, atom.Tfoot:
				rows(c, depth+1)
			case atom.Caption:
				r.block(Line{Kind: Paragraph, Style: "strong"}, func() { r.walk(c, depth+1) })
			case atom.Tr:
				line := Line{Kind: Row, Table: r.table}
				col := 0
				again := func() {
					for open[col] != nil && len(line.Cells) < maxCells {
						s := open[col]
						cell := s.cell
						cell.Again = true
						line.Cells = append(line.Cells, cell)
						if s.rows--; s.rows <= 0 {
							delete(open, col)
						}
						col += max(1, cell.Span)
					}
				}
				for d := c.FirstChild; d != nil && len(line.Cells) < maxCells; d = d.NextSibling {
					if d.DataAtom != atom.Td && d.DataAtom != atom.Th {
						continue
					}
					again()
					var b strings.Builder
					r.cell = &b
					for e := d.FirstChild; e != nil; e = e.NextSibling {
						r.walk(e, depth+3)
					}
					r.cell = nil
					cell := Cell{Text: lines(b.String()), Col: col}
					if w, _ := strconv.Atoi(attrOf(d, "colspan")); w > 1 && w < 100 {
						cell.Span = w
					}
					if h, _ := strconv.Atoi(attrOf(d, "rowspan")); h > 1 && h < 500 {
						open[col] = &span{h - 1, cell}
					}
					line.Cells = append(line.Cells, cell)
					col += max(1, cell.Span)
				}
				again()
				if attrOf(c, "height") == "0" {
					continue // of Word, for the widths
				}
				r.doc.Lines = append(r.doc.Lines, line)
				if len(r.doc.Lines) > MaxLines {
					r.words = MaxText + 1
				}
			}
		}
	}
	rows(table, depth)
	r.text.Reset()
	r.links, r.strong, r.line = nil, 0, Line{}
}

// lines tidies the lines of a cell.
func lines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = tidy(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func endsDigit(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }
