package docx

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// Text is what a document says, in order.
type Text struct {
	Title  string // of its properties
	Blocks []Block
	// Notes are its footnotes, by the id that a Span has.
	Notes map[string][]Span
}

// Block is a paragraph, or a table where Rows is not nil.
type Block struct {
	Style   string // the style's name in small letters: "heading 1", "title", "list paragraph"; "normal" where none is said
	Heading int    // 1 to 9, of the style or its outline; 0: no heading
	List    bool
	Ordered bool
	Level   int // of the list, 0 the outermost
	ListID  string
	RTL     bool
	Spans   []Span
	Rows    [][]TextCell
	Heads   int // rows that head the table
}

// TextCell is a cell; Blocks hold no tables.
type TextCell struct {
	Span   int
	Blocks []Block
}

// Span is words in one shape.
type Span struct {
	Text                             string
	Bold, Italic, Super, Sub, Struck bool
	Link                             string // address elsewhere, as the document says it: whoever uses it looks at it first
	Note                             string // id of a footnote; such a span has no text
}

// String is a block's words alone; cells are apart by tabs and rows by line feeds.
func (b *Block) String() string {
	var w strings.Builder
	for _, s := range b.Spans {
		w.WriteString(s.Text)
	}
	for i, r := range b.Rows {
		if i > 0 {
			w.WriteByte('\n')
		}
		for j, c := range r {
			if j > 0 {
				w.WriteByte('\t')
			}
			for k := range c.Blocks {
				if k > 0 {
					w.WriteByte(' ')
				}
				w.WriteString(c.Blocks[k].String())
			}
		}
	}
	return w.String()
}

const (
	mostBlocks = 20_000  // paragraphs and cells
	mostSpans  = 100_000 // runs of text
	mostText   = 4 << 20 // bytes of words
	mostSpan   = 4 << 10 // bytes to which further ones are put: longer words are several spans
)

// Read gives the text of a document of at most so many bytes. Deleted and moved words, comments, pictures, and what is there
// twice for old programs, are left out; what was inserted is in. Tables in tables lose their shape and keep their words.
func Read(file []byte, most int) (*Text, error) {
	p, err := Open(file, most)
	if err != nil {
		return nil, err
	}
	r := &textReader{styles: map[string]style{}, lists: map[string]map[int]bool{}, links: map[string]string{}, out: &Text{Notes: map[string][]Span{}}}
	for _, part := range []struct {
		name string
		read func([]byte) error
	}{{styles, r.readStyles}, {numbering, r.readNumbering}, {relations, r.readRelations}, {"docProps/core.xml", r.readCore}, {footnotes, r.readNotes}, {Main, r.readMain}} {
		b, err := p.Part(part.name)
		if err == nil && b != nil {
			err = part.read(b)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

type style struct {
	name, based, list string
	level, heading    int
}

type textReader struct {
	out    *Text
	styles map[string]style
	lists  map[string]map[int]bool // list → level → counted
	links  map[string]string

	paras, spans, size int // read so far
}

func (r *textReader) readStyles(b []byte) error {
	var id string
	var s style
	in := false
	err := Tokens(b, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch n := Name(t.Name); {
			case n == "style":
				in, id, s = true, Attr(t, "styleId"), style{}
			case !in:
			case n == "name":
				s.name = strings.ToLower(Attr(t, "val"))
			case n == "basedOn":
				s.based = Attr(t, "val")
			case n == "outlineLvl":
				s.heading = number(Attr(t, "val"), 9) + 1
			case n == "numId":
				s.list = Attr(t, "val")
			case n == "ilvl":
				s.level = number(Attr(t, "val"), 8)
			}
		case xml.EndElement:
			if Name(t.Name) == "style" {
				if h, ok := strings.CutPrefix(s.name, "heading "); ok && s.heading == 0 {
					s.heading = number(h, 9)
				}
				in, r.styles[id] = false, s
			}
		}
		return nil
	})
	for id := range r.styles { // what a style does not say, the one it is based on does
		s := r.styles[id]
		for up, n := s.based, 0; up != "" && n < 20; n++ {
			b := r.styles[up]
			if s.heading == 0 {
				s.heading = b.heading
			}
			if s.list == "" {
				s.list, s.level = b.list, b.level
			}
			up = b.based
		}
		if s.heading > 9 { // level 9 is body text
			s.heading = 0
		}
		r.styles[id] = s
	}
	return err
}

func number(s string, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, most)
}

func (r *textReader) readNumbering(b []byte) error {
	kinds := map[string]map[int]bool{} // abstract one → level → counted
	var abstract, id string
	level := 0
	return Tokens(b, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch Name(e.Name) {
		case "abstractNum":
			abstract = Attr(e, "abstractNumId")
			kinds[abstract] = map[int]bool{}
		case "lvl":
			level = number(Attr(e, "ilvl"), 8)
		case "numFmt":
			if k := kinds[abstract]; k != nil {
				f := Attr(e, "val")
				k[level] = f != "bullet" && f != "none"
			}
		case "num":
			abstract, id = "", Attr(e, "numId")
		case "abstractNumId":
			if id != "" {
				r.lists[id] = kinds[Attr(e, "val")]
			}
		}
		return nil
	})
}

func (r *textReader) readRelations(b []byte) error {
	return Tokens(b, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" && strings.HasSuffix(Attr(e, "Type"), "/hyperlink") {
			r.links[Attr(e, "Id")] = Attr(e, "Target")
		}
		return nil
	})
}

func (r *textReader) readCore(b []byte) error {
	in := false
	return Tokens(b, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			in = t.Name.Local == "title"
		case xml.EndElement:
			in = false
		case xml.CharData:
			if in && len(r.out.Title) < 1000 {
				r.out.Title += string(t)
			}
		}
		return nil
	})
}

// body reads the paragraphs and tables of a part.
type body struct {
	*textReader
	blocks *[]Block
	para   *Block
	span   Span
	link   []string
	tables []*Block // open ones, the outermost first
	inText bool
	hidden bool
	skip   int
	props  string // rPr or pPr, while in one
}

func (r *textReader) readMain(part []byte) error {
	b := &body{textReader: r, blocks: &r.out.Blocks}
	return Tokens(part, b.token)
}

// readNotes reads each footnote as a row of spans.
func (r *textReader) readNotes(part []byte) error {
	var b *body
	var id string
	var blocks []Block
	return Tokens(part, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			if Name(e.Name) == "footnote" {
				if kind := Attr(e, "type"); kind == "" || kind == "normal" {
					id, blocks = Attr(e, "id"), nil
					b = &body{textReader: r, blocks: &blocks}
				}
				return nil
			}
		case xml.EndElement:
			if Name(e.Name) == "footnote" {
				var all []Span
				for i := range blocks {
					if i > 0 {
						all = append(all, Span{Text: " "})
					}
					all = append(all, blocks[i].Spans...)
				}
				if len(all) > 0 {
					all[0].Text = strings.TrimLeft(all[0].Text, " \t")
				}
				if b != nil {
					r.out.Notes[id] = all
				}
				b = nil
				return nil
			}
		}
		if b != nil {
			return b.token(t)
		}
		return nil
	})
}

// place is where the next paragraph goes: into the cell that is open, or among the blocks.
func (b *body) place() *[]Block {
	if len(b.tables) == 0 {
		return b.blocks
	}
	t := b.tables[0] // tables in tables lose their shape
	if len(t.Rows) == 0 {
		return b.blocks
	}
	row := &t.Rows[len(t.Rows)-1]
	if len(*row) == 0 {
		return b.blocks
	}
	return &(*row)[len(*row)-1].Blocks
}

func (b *body) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if b.skip > 0 {
			b.skip++
			return nil
		}
		if t.Name.Local == "Fallback" {
			b.skip = 1
			return nil
		}
		return b.open(Name(t.Name), t)
	case xml.EndElement:
		if b.skip > 0 {
			b.skip--
			return nil
		}
		b.close(Name(t.Name))
	case xml.CharData:
		if b.inText && b.skip == 0 {
			return b.add(string(t))
		}
	}
	return nil
}

func (b *body) open(name string, t xml.StartElement) error {
	switch name {
	case "del", "moveFrom", "sdtPr", "sdtEndPr", "pict", "object", "drawing", "instrText", "pPrChange", "rPrChange", "sectPr", "tblPrChange":
		b.skip = 1
	case "p":
		if b.paras++; b.paras > mostBlocks {
			return ErrTooLarge
		}
		b.para = &Block{Style: "normal"}
	case "tbl":
		if len(b.tables) == 0 {
			b.tables = []*Block{{Rows: [][]TextCell{}}}
		} else {
			b.tables = append(b.tables, nil)
		}
	case "tr":
		if len(b.tables) == 1 {
			b.tables[0].Rows = append(b.tables[0].Rows, nil)
		}
	case "tc":
		if b.paras++; b.paras > mostBlocks {
			return ErrTooLarge
		}
		if len(b.tables) == 1 && len(b.tables[0].Rows) > 0 {
			row := &b.tables[0].Rows[len(b.tables[0].Rows)-1]
			*row = append(*row, TextCell{Span: 1})
		}
	case "tblHeader":
		if len(b.tables) == 1 && On(Attr(t, "val")) && b.tables[0].Heads == len(b.tables[0].Rows)-1 {
			b.tables[0].Heads++
		}
	case "gridSpan":
		if len(b.tables) == 1 && len(b.tables[0].Rows) > 0 {
			if row := b.tables[0].Rows[len(b.tables[0].Rows)-1]; len(row) > 0 {
				row[len(row)-1].Span = max(number(Attr(t, "val"), 63), 1)
			}
		}
	case "pPr", "rPr":
		if b.props == "" {
			b.props = name
		}
	case "r":
		b.span = Span{}
	case "hyperlink":
		b.link = append(b.link, b.links[Attr(t, "id")])
	case "t":
		b.inText = true
	case "br", "cr":
		return b.add("\n")
	case "tab":
		if b.props == "" { // else a stop, not a sign
			return b.add("\t")
		}
	case "noBreakHyphen":
		return b.add("\u2011")
	case "footnoteReference":
		s := b.span
		b.span = Span{Note: Attr(t, "id")}
		err := b.add("")
		b.span = s
		return err
	}
	switch b.props {
	case "pPr":
		b.shape(name, t)
	case "rPr":
		b.form(name, t)
	}
	return nil
}

// shape reads a property of a paragraph.
func (b *body) shape(name string, t xml.StartElement) {
	p := b.para
	if p == nil {
		return
	}
	list := func(id string) {
		if p.List = id != "" && id != "0"; p.List {
			p.ListID, p.Ordered = id, b.lists[id][p.Level]
		} else {
			p.ListID, p.Ordered = "", false
		}
	}
	switch name {
	case "pStyle":
		s, known := b.styles[Attr(t, "val")]
		if !known {
			s.name = strings.ToLower(Attr(t, "val"))
			if h, ok := strings.CutPrefix(s.name, "heading"); ok {
				s.heading = number(h, 9)
			}
		}
		p.Style, p.Heading, p.Level = s.name, s.heading, s.level
		if s.list != "" {
			list(s.list)
		}
	case "outlineLvl":
		if p.Heading = number(Attr(t, "val"), 9) + 1; p.Heading > 9 {
			p.Heading = 0
		}
	case "ilvl":
		p.Level = number(Attr(t, "val"), 8)
	case "numId":
		list(Attr(t, "val"))
	case "bidi":
		p.RTL = On(Attr(t, "val"))
	}
}

// form reads a property of a run.
func (b *body) form(name string, t xml.StartElement) {
	switch name {
	case "b", "bCs": // the second is that of Arabic words
		b.span.Bold = On(Attr(t, "val")) || name == "bCs" && b.span.Bold
	case "i", "iCs":
		b.span.Italic = On(Attr(t, "val")) || name == "iCs" && b.span.Italic
	case "strike", "dstrike":
		b.span.Struck = On(Attr(t, "val"))
	case "vertAlign":
		b.span.Super, b.span.Sub = Attr(t, "val") == "superscript", Attr(t, "val") == "subscript"
	case "vanish":
		if On(Attr(t, "val")) {
			b.hidden = true
		}
	}
}

func (b *body) close(name string) {
	switch name {
	case "p":
		if b.para != nil {
			to := b.place()
			*to = append(*to, *b.para)
			b.para = nil
		}
	case "tbl":
		if len(b.tables) == 1 {
			*b.blocks = append(*b.blocks, *b.tables[0])
		}
		if n := len(b.tables); n > 0 {
			b.tables = b.tables[:n-1]
		}
	case "pPr", "rPr":
		if b.props == name {
			b.props = ""
		}
	case "r":
		b.hidden = false
	case "hyperlink":
		if n := len(b.link); n > 0 {
			b.link = b.link[:n-1]
		}
	case "t":
		b.inText = false
	}
}

// add puts words into the open paragraph, to the last span where they have its shape.
func (b *body) add(words string) error {
	if b.para == nil || b.hidden {
		return nil
	}
	s := b.span
	s.Text = words
	if n := len(b.link); n > 0 {
		s.Link = b.link[n-1]
	}
	if b.size += len(words); b.size > mostText {
		return ErrTooLarge
	}
	if n := len(b.para.Spans); n > 0 && s.Note == "" && len(b.para.Spans[n-1].Text) < mostSpan {
		last := b.para.Spans[n-1]
		if last.Text = s.Text; last == s {
			b.para.Spans[n-1].Text += words
			return nil
		}
	}
	if b.spans++; b.spans > mostSpans {
		return ErrTooLarge
	}
	b.para.Spans = append(b.para.Spans, s)
	return nil
}
