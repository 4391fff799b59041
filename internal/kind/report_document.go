package kind

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
)

// DocumentSource is what the document of a report is made of beside the report itself.
type DocumentSource struct {
	Locale, Original locale
	Words            *i18n.Catalogue
	Modified         time.Time
	BaseURL          string // links within the site lead there
	URL              string // of the report's page
	Event            string // its name; empty: it is not public
	EventLocale      locale
	Files            []DocumentFile
}

// DocumentFile is a file of the report in a language.
type DocumentFile struct{ Name, URL string }

// OutcomeDocument is the report as a word processor's document (DOCX) in one language, with what its page shows. What nobody has
// translated stands in the original, and is marked as such.
func (r *Report) OutcomeDocument(s DocumentSource) ([]byte, error) {
	title, _ := r.Title.Pick(s.Locale, s.Original)
	d := &reportDocument{Document: &docx.Document{Locale: s.Locale, Title: title, Subject: r.Symbol, Modified: s.Modified}, DocumentSource: s}
	d.Paragraph("Title", d.line(r.Title))
	stage := d.t("enum.report_stage." + r.Stage)
	if day := r.Date.Time(); !day.IsZero() {
		stage += " · " + i18n.Date(s.Locale, day)
	}
	if r.Symbol != "" {
		stage += " · " + i18n.Isolate(r.Symbol)
	}
	d.Paragraph("Subtitle", d.say(stage))
	if t := r.CommentUntil; r.Stage == "for_comment" && !t.Time().IsZero() {
		d.Paragraph("", d.say(d.t("comments.until", "Date", i18n.DateTime(s.Locale, t.Time().In(content.Zone(t.Zone))))))
	}
	if s.Event != "" {
		d.Paragraph("", d.say(d.t("kind.event.one")+": "), docx.Words(s.EventLocale, "", s.Event))
	}
	if s.URL != "" {
		d.Paragraph("", d.Link(s.URL, docx.Words(i18n.EN, "Hyperlink", s.URL)))
	}
	if w := d.line(r.Summary); w != "" {
		d.Paragraph("", w)
	}
	if len(r.Executive) > 0 {
		d.heading("report.executive")
		d.prose(r.Executive, false)
	}
	if len(r.KeyMessages) > 0 {
		d.heading("report.messages")
		for _, m := range r.KeyMessages {
			if w := d.line(m.Text); w != "" {
				d.Item(docx.Bullets(0), "", w)
			}
		}
	}
	if len(r.Recommendations) > 0 {
		d.heading("report.recommendations")
		list := d.Ordered(0)
		for _, x := range r.Recommendations {
			w := d.line(x.Text)
			if w == "" {
				continue
			}
			if to := d.line(x.Addressee); to != "" {
				w += d.say(" (") + to + d.say(")")
			}
			d.Item(list, "", w)
		}
	}
	d.figures(r.Statistics)
	if len(r.Body) > 0 {
		d.heading("report.body")
		d.prose(r.Body, true)
	}
	if len(s.Files) > 0 {
		d.heading("document.files")
		for _, f := range s.Files {
			d.Item(docx.Bullets(0), "", d.Link(f.URL, docx.Words(s.Locale, "Hyperlink", f.Name)))
		}
	}
	return d.Bytes()
}

type reportDocument struct {
	*docx.Document
	DocumentSource
	level []int // of the headings above
}

func (d *reportDocument) t(key string, args ...any) string {
	return d.Words.T(d.DocumentSource.Locale, key, args...)
}

func (d *reportDocument) say(words string) docx.Inline {
	return docx.Words(d.DocumentSource.Locale, "", words)
}

func (d *reportDocument) heading(key string) { d.Paragraph("Heading1", d.say(d.t(key))) }

func (d *reportDocument) line(x content.Line) docx.Inline {
	w, l := x.Pick(d.DocumentSource.Locale, d.Original)
	if w == "" {
		return ""
	}
	return docx.Words(l, "", w)
}

func (d *reportDocument) figures(s Statistics) {
	l := d.DocumentSource.Locale
	var rows [][]docx.Cell
	row := func(n int, key, words string) {
		if n > 0 {
			rows = append(rows, []docx.Cell{{Head: true, Lines: []docx.Inline{d.say(d.t("figure." + key))}}, {Lines: []docx.Inline{d.say(words)}}})
		}
	}
	row(s.Registered, "registered", i18n.Number(l, s.Registered))
	row(s.Attended, "attended", i18n.Number(l, s.Attended))
	row(s.Online, "online", i18n.Number(l, s.Online))
	row(s.Countries, "countries", i18n.Number(l, s.Countries))
	row(s.Women, "women", d.t("figure.percent", "Number", i18n.Number(l, s.Women)))
	if len(rows) > 0 {
		d.heading("report.figures")
		d.Table(rows, 0)
	}
}

// prose writes running text below a heading of the first level; its own paragraphs carry numbers where they do on the page.
func (d *reportDocument) prose(p content.Prose, numbers bool) {
	words, l := p.Pick(d.DocumentSource.Locale, d.Original)
	d.level = nil
	for _, n := range content.Fragment(words) {
		if numbers && content.Numbered(n) {
			d.Item(docx.Numbered(), "", d.inline(n, docx.Run{Locale: l}))
		} else {
			d.block(n, docx.Run{Locale: l}, "", nil, 0)
		}
	}
}

var headingTags = map[atom.Atom]int{atom.H2: 2, atom.H3: 3, atom.H4: 4}

// block writes what a node is: list is the one it is an item of.
func (d *reportDocument) block(n *html.Node, r docx.Run, style string, list *docx.List, depth int) {
	children := func(style string, list *docx.List, depth int) {
		var row docx.Inline // words among blocks are a paragraph
		flush := func() {
			if strings.TrimSpace(string(row)) != "" {
				d.paragraph(row, style, list)
				if list != nil { // what follows in the item has no mark
					list = nil
				}
			}
			row = ""
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if isBlock(c) {
				flush()
				d.block(c, r, style, list, depth)
				if list != nil && c.DataAtom == atom.P {
					list = nil
				}
			} else if c.Type != html.TextNode || strings.TrimSpace(c.Data) != "" || row != "" {
				row += d.inline1(c, r)
			}
		}
		flush()
	}
	switch n.DataAtom {
	case atom.H2, atom.H3, atom.H4:
		was := headingTags[n.DataAtom]
		for len(d.level) > 0 && d.level[len(d.level)-1] >= was {
			d.level = d.level[:len(d.level)-1]
		}
		d.level = append(d.level, was)
		d.Paragraph("Heading"+strconv.Itoa(min(1+len(d.level), 4)), d.inline(n, r))
	case atom.Ul, atom.Ol:
		item := docx.Bullets(depth)
		if n.DataAtom == atom.Ol {
			item = d.Ordered(depth)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom == atom.Li {
				d.block(c, r, style, item, depth+1)
			}
		}
	case atom.Li, atom.Div, atom.Figure:
		children(style, list, depth)
	case atom.Blockquote:
		children("Quote", list, depth)
	case atom.Table:
		d.table(n, r)
	case 0:
		if strings.TrimSpace(n.Data) != "" {
			d.paragraph(d.inline1(n, r), style, list)
		}
	default:
		d.paragraph(d.inline(n, r), style, list)
	}
}

func (d *reportDocument) paragraph(row docx.Inline, style string, list *docx.List) {
	switch {
	case row == "":
	case list != nil:
		d.Item(list, style, row)
	default:
		d.Paragraph(style, row)
	}
}

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.H2, atom.H3, atom.H4, atom.Ul, atom.Ol, atom.Li, atom.Blockquote, atom.Table, atom.Div, atom.Figure, atom.Figcaption:
		return true
	}
	return false
}

func (d *reportDocument) table(n *html.Node, r docx.Run) {
	var rows [][]docx.Cell
	heads := 0
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom != atom.Tr {
				walk(c)
				continue
			}
			var row []docx.Cell
			all := true
			for x := c.FirstChild; x != nil; x = x.NextSibling {
				if x.DataAtom != atom.Td && x.DataAtom != atom.Th {
					continue
				}
				cell := docx.Cell{Head: x.DataAtom == atom.Th, Lines: []docx.Inline{d.inline(x, r)}}
				if span, err := strconv.Atoi(attribute(x, "colspan")); err == nil && span > 1 && span < 64 {
					cell.Span = span
				}
				all = all && cell.Head
				row = append(row, cell)
			}
			if len(row) > 0 {
				if all && heads == len(rows) {
					heads++
				}
				rows = append(rows, row)
			}
		}
	}
	walk(n)
	d.Table(rows, heads)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// inline are the words in a node.
func (d *reportDocument) inline(n *html.Node, r docx.Run) docx.Inline {
	var out docx.Inline
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out += d.inline1(c, r)
	}
	return out
}

func (d *reportDocument) inline1(n *html.Node, r docx.Run) docx.Inline {
	if n.Type == html.TextNode {
		if r.Words = strings.ReplaceAll(n.Data, "\n", " "); r.Words == "" {
			return ""
		}
		return r.Inline()
	}
	if l, ok := i18n.Parse(attribute(n, "lang")); ok {
		r.Locale = l
	}
	switch n.DataAtom {
	case atom.Strong, atom.B:
		r.Bold = true
	case atom.Em, atom.I, atom.Cite:
		r.Italic = true
	case atom.Sup:
		r.Super = true
	case atom.Sub:
		r.Sub = true
	case atom.S, atom.Del:
		r.Struck = true
	case atom.Br:
		r.Words = "\n"
		return r.Inline()
	case atom.Img: // its words stand for it
		if r.Words = attribute(n, "alt"); r.Words == "" {
			return ""
		}
		r.Italic = true
		return r.Inline()
	case atom.Span:
		if note := attribute(n, "data-footnote"); note != "" {
			return d.Note(docx.Words(r.Locale, "", note))
		}
	case atom.A:
		if to := d.absolute(attribute(n, "href")); to != "" {
			r.Style = "Hyperlink"
			return d.Link(to, d.inline(n, r))
		}
	}
	return d.inline(n, r)
}

// absolute is an address as it leads there from anywhere; empty for one that does not.
func (d *reportDocument) absolute(href string) string {
	u, err := url.Parse(href)
	switch {
	case err != nil || href == "" || strings.HasPrefix(href, "#"):
		return ""
	case u.IsAbs():
		return href
	case strings.HasPrefix(href, "/"):
		return d.BaseURL + href
	}
	return ""
}
