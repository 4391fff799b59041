package docx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"

	"plenary/internal/i18n"
)

// Document is one that is written: set the fields, add what stands in it in order, then ask for its Bytes.
type Document struct {
	Locale i18n.Locale // of the document: its direction, and the language of its styles
	Title  string      // among its properties, with those that follow
	// Subject and Author may be empty, Modified zero.
	Subject, Author string
	Modified        time.Time
	// Properties are further ones, by name; they are written in this order.
	Properties []Property
	// Styles are those the document has beside Normal, Title, Subtitle, Heading1 to Heading4, Quote and FootnoteText.
	Styles []Style
	// Wide lays the page on its side.
	Wide bool

	body  strings.Builder
	links []string
	notes []string
	lists int // ordered ones: each is counted by itself
}

// Property is one of a document's own.
type Property struct{ Name, Value string }

// Style is a style of paragraphs, or of runs. Paragraph and Run are the properties it sets, as XML.
type Style struct {
	Character      bool
	ID, Name       string
	Paragraph, Run string
}

// Inline is what stands in a paragraph, as XML: made by Run, Link, Note, and by those who know the format.
type Inline string

// Run is words in one shape.
type Run struct {
	Locale                           i18n.Locale // of the words
	Words                            string      // a line feed breaks the line
	Style                            string      // of runs; empty: none
	Bold, Italic, Super, Sub, Struck bool
}

// properties of a run. A hint tells which of the fonts signs that several scripts have are drawn in.
func (r Run) properties() string {
	var b strings.Builder
	b.WriteString("<w:rPr>")
	if r.Style != "" {
		b.WriteString(`<w:rStyle w:val="` + r.Style + `"/>`)
	}
	east := r.Locale == i18n.ZH || r.Locale == i18n.KO
	if east && r.Style == "" {
		b.WriteString(`<w:rFonts w:hint="eastAsia"/>`)
	}
	if r.Bold {
		b.WriteString("<w:b/><w:bCs/>")
	}
	if r.Italic {
		b.WriteString("<w:i/><w:iCs/>")
	}
	if r.Struck {
		b.WriteString("<w:strike/>")
	}
	switch {
	case r.Super:
		b.WriteString(`<w:vertAlign w:val="superscript"/>`)
	case r.Sub:
		b.WriteString(`<w:vertAlign w:val="subscript"/>`)
	}
	switch tag := Language(r.Locale); {
	case r.Locale.Dir() == "rtl":
		b.WriteString(`<w:rtl/><w:lang w:bidi="` + tag + `"/>`)
	case east:
		b.WriteString(`<w:lang w:eastAsia="` + tag + `"/>`)
	default:
		b.WriteString(`<w:lang w:val="` + tag + `"/>`)
	}
	b.WriteString("</w:rPr>")
	return b.String()
}

// Inline gives the run as what stands in a paragraph.
func (r Run) Inline() Inline {
	var b strings.Builder
	b.WriteString("<w:r>" + r.properties())
	for i, line := range strings.Split(r.Words, "\n") {
		if i > 0 {
			b.WriteString("<w:br/>")
		}
		b.WriteString(`<w:t xml:space="preserve">` + Escape(line) + "</w:t>")
	}
	b.WriteString("</w:r>")
	return Inline(b.String())
}

// Words are a run in a style; an empty one is none.
func Words(l i18n.Locale, style, words string) Inline {
	return Run{Locale: l, Style: style, Words: words}.Inline()
}

// Link makes inside lead to an address elsewhere.
func (d *Document) Link(url string, inside Inline) Inline {
	d.links = append(d.links, url)
	return Inline(fmt.Sprintf(`<w:hyperlink r:id="rIdL%d" w:history="1">%s</w:hyperlink>`, len(d.links), inside))
}

// Note adds a footnote and gives the reference to it; the program counts.
func (d *Document) Note(inside Inline) Inline {
	n := len(d.notes) + 1
	d.notes = append(d.notes, fmt.Sprintf(`<w:footnote w:id="%d"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/>%s</w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r>%s</w:p></w:footnote>`, n, d.bidi(), inside))
	return Inline(fmt.Sprintf(`<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="%d"/></w:r>`, n))
}

func (d *Document) bidi() string {
	if d.Locale.Dir() == "rtl" {
		return "<w:bidi/>"
	}
	return ""
}

// List is a list that paragraphs are items of.
type List struct {
	id    int
	Level int // 0 the outermost, at most 8
}

// The ids of numberings. Ordered lists that begin anew come after these.
const (
	bullets    = 1
	paragraphs = 2
	ordered    = 3
)

// Bullets is the list of items without numbers.
func Bullets(level int) *List { return &List{bullets, level} }

// Numbered is the one row of numbers of the document's paragraphs.
func Numbered() *List { return &List{paragraphs, 0} }

// Ordered begins a list of its own that counts from 1.
func (d *Document) Ordered(level int) *List {
	d.lists++
	return &List{ordered + d.lists - 1, level}
}

// Paragraph adds one in a style, in the direction of the document; an empty style is Normal.
func (d *Document) Paragraph(style string, inside ...Inline) {
	d.body.WriteString(d.paragraph(d.Locale, style, nil, inside))
}

// Item adds a paragraph with the next number, or the mark, of a list.
func (d *Document) Item(l *List, style string, inside ...Inline) {
	d.body.WriteString(d.paragraph(d.Locale, style, l, inside))
}

func (d *Document) paragraph(in i18n.Locale, style string, l *List, inside []Inline) string {
	var b strings.Builder
	b.WriteString("<w:p><w:pPr>")
	if style != "" {
		b.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	if l != nil {
		fmt.Fprintf(&b, `<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr>`, min(max(l.Level, 0), 8), l.id)
	}
	switch {
	case in.Dir() == "rtl":
		b.WriteString("<w:bidi/>")
	case d.Locale.Dir() == "rtl":
		b.WriteString(`<w:bidi w:val="0"/>`)
	}
	b.WriteString("</w:pPr>")
	for _, x := range inside {
		b.WriteString(string(x))
	}
	b.WriteString("</w:p>")
	return b.String()
}

// Cell is one of a table. Head is one that names what stands below or beside it.
type Cell struct {
	Head  bool
	Lines []Inline // a paragraph each
	Span  int      // columns it lies over; 0 and 1: one
	// Locale is the language of its lines, for their direction; empty: the document's.
	Locale i18n.Locale
}

// Table adds one; the first heads rows are repeated on every page it goes on. Columns have the shares of the width that are
// given, or all the same.
func (d *Document) Table(rows [][]Cell, heads int, shares ...int) {
	columns := 0
	for _, r := range rows {
		n := 0
		for _, c := range r {
			n += max(c.Span, 1)
		}
		columns = max(columns, n)
	}
	if columns == 0 {
		return
	}
	width := 9638 // of the text, in twentieths of a point
	if d.Wide {
		width = 14570
	}
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>`)
	if d.bidi() != "" {
		b.WriteString("<w:bidiVisual/>")
	}
	b.WriteString(`<w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>`)
	widths := make([]int, columns)
	sum := 0
	for _, s := range shares {
		sum += s
	}
	for i := range widths {
		widths[i] = width / columns
		if len(shares) == columns && sum > 0 {
			widths[i] = width * shares[i] / sum
		}
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, widths[i])
	}
	b.WriteString("</w:tblGrid>")
	for i, r := range rows {
		b.WriteString("<w:tr><w:trPr><w:cantSplit/>")
		if i < heads {
			b.WriteString("<w:tblHeader/>")
		}
		b.WriteString("</w:trPr>")
		n := 0
		for _, c := range r {
			w := 0
			for range max(c.Span, 1) {
				w += widths[n]
				n++
			}
			d.cell(&b, c, w)
		}
		for ; n < columns; n++ {
			d.cell(&b, Cell{}, widths[n])
		}
		b.WriteString("</w:tr>")
	}
	// Between two tables there has to be something, and at the end of a document too.
	b.WriteString("</w:tbl>" + d.paragraph(d.Locale, "", nil, nil))
	d.body.WriteString(b.String())
}

func (d *Document) cell(b *strings.Builder, c Cell, width int) {
	fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width)
	if c.Span > 1 {
		fmt.Fprintf(b, `<w:gridSpan w:val="%d"/>`, c.Span)
	}
	style := "TableText"
	if c.Head {
		b.WriteString(`<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/>`)
		style = "TableHead"
	}
	b.WriteString("</w:tcPr>")
	if len(c.Lines) == 0 {
		c.Lines = []Inline{""}
	}
	in := c.Locale
	if in == "" {
		in = d.Locale
	}
	for _, x := range c.Lines {
		b.WriteString(d.paragraph(in, style, nil, []Inline{x}))
	}
	b.WriteString("</w:tc>")
}

// Bytes gives the document as a file. The times in its packing are those of no day: the same document is the same file.
func (d *Document) Bytes() ([]byte, error) {
	const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	const office, content = "http://schemas.openxmlformats.org/package/2006/", "application/vnd.openxmlformats-officedocument."
	types, rels := "", ""
	for i, name := range []string{"styles", "numbering", "footnotes"} {
		types += `<Override PartName="/word/` + name + `.xml" ContentType="` + content + `wordprocessingml.` + name + `+xml"/>`
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/%s" Target="%s.xml"/>`, i+1, nsRel, name, name)
	}
	for i, url := range d.links {
		rels += fmt.Sprintf(`<Relationship Id="rIdL%d" Type="%s/hyperlink" Target="%s" TargetMode="External"/>`, i+1, nsRel, Escape(url))
	}
	about, core := "", `<dc:title>`+Escape(d.Title)+`</dc:title>`
	for _, x := range []struct{ name, value string }{{"dc:subject", d.Subject}, {"dc:creator", d.Author}} {
		if x.value != "" {
			core += "<" + x.name + ">" + Escape(x.value) + "</" + x.name + ">"
		}
	}
	core += `<dc:language>` + Language(d.Locale) + `</dc:language>`
	if !d.Modified.IsZero() {
		core += `<dcterms:modified xsi:type="dcterms:W3CDTF">` + d.Modified.UTC().Format(time.RFC3339) + `</dcterms:modified>`
	}
	for i, p := range d.Properties {
		about += fmt.Sprintf(`<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, i+2, Escape(p.Name), Escape(p.Value))
	}
	size := `<w:pgSz w:w="11906" w:h="16838"/>`
	if d.Wide {
		size = `<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="` + office + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/word/document.xml" ContentType="` + content + `wordprocessingml.document.main+xml"/>` + types +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/custom.xml" ContentType="` + content + `custom-properties+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + office + `relationships"><Relationship Id="rId1" Type="` + nsRel + `/officeDocument" Target="word/document.xml"/>` +
			`<Relationship Id="rId2" Type="` + office + `relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="` + nsRel + `/custom-properties" Target="docProps/custom.xml"/></Relationships>`},
		{relations, `<Relationships xmlns="` + office + `relationships">` + rels + `</Relationships>`},
		{Main, `<w:document xmlns:w="` + nsW + `" xmlns:r="` + nsRel + `" xmlns:w14="` + nsW14 + `" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"><w:body>` + d.body.String() +
			`<w:sectPr>` + size + `<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>` + d.bidi() + `</w:sectPr></w:body></w:document>`},
		{styles, d.styles()},
		{numbering, d.numbering()},
		{footnotes, `<w:footnotes xmlns:w="` + nsW + `" xmlns:r="` + nsRel + `"><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>` +
			strings.Join(d.notes, "") + `</w:footnotes>`},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="` + office + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + core + `</cp:coreProperties>`},
		{Custom, `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">` + about + `</Properties>`},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = w.Write([]byte(xmlHead + p.text))
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// numbering are the lists: their marks, and how far they stand in.
func (d *Document) numbering() string {
	var b strings.Builder
	b.WriteString(`<w:numbering xmlns:w="` + nsW + `">`)
	kinds := []struct {
		id     int
		format func(level int) (string, string)
	}{
		{bullets, func(int) (string, string) { return "bullet", "•" }},
		{paragraphs, func(int) (string, string) { return "decimal", "%1." }},
		{ordered, func(level int) (string, string) {
			return []string{"decimal", "lowerLetter", "lowerRoman"}[level%3], fmt.Sprintf("%%%d.", level+1)
		}},
	}
	for _, k := range kinds {
		fmt.Fprintf(&b, `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="multilevel"/>`, k.id)
		for level := range 9 {
			format, text := k.format(level)
			in, hang := 425*(level+1), 425
			if k.id == paragraphs { // numbers stand before the text, which goes on from the margin
				in, hang = 0, 0
			}
			fmt.Fprintf(&b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="567"/></w:tabs><w:ind w:left="%d" w:hanging="%d"/></w:pPr></w:lvl>`, level, format, text, in, hang)
		}
		b.WriteString("</w:abstractNum>")
	}
	for _, id := range []int{bullets, paragraphs} {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="%d"/></w:num>`, id, id)
	}
	for i := range d.lists {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="%d"/>`, ordered+i, ordered)
		for level := range 9 {
			fmt.Fprintf(&b, `<w:lvlOverride w:ilvl="%d"><w:startOverride w:val="1"/></w:lvlOverride>`, level)
		}
		b.WriteString("</w:num>")
	}
	b.WriteString("</w:numbering>")
	return b.String()
}

// styles are few, with real headings: screen readers go by them.
func (d *Document) styles() string {
	var b strings.Builder
	tag := Language(d.Locale)
	lang := `<w:lang w:val="` + tag + `" w:eastAsia="zh-CN" w:bidi="ar-SA"/>`
	switch {
	case d.Locale.Dir() == "rtl":
		lang = `<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="` + tag + `"/>`
	case d.Locale == i18n.ZH || d.Locale == i18n.KO:
		lang = `<w:lang w:val="en-GB" w:eastAsia="` + tag + `" w:bidi="ar-SA"/>`
	}
	b.WriteString(`<w:styles xmlns:w="` + nsW + `"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="SimSun"/><w:sz w:val="22"/><w:szCs w:val="24"/>` + lang + `</w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr>` + d.bidi() + `</w:pPr></w:style>`)
	heading := func(level, size int) Style {
		return Style{ID: fmt.Sprintf("Heading%d", level), Name: fmt.Sprintf("heading %d", level), Paragraph: fmt.Sprintf(`<w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="%d"/>`, level-1),
			Run: fmt.Sprintf(`<w:b/><w:bCs/><w:sz w:val="%d"/><w:szCs w:val="%d"/>`, size, size)}
	}
	for _, s := range append([]Style{
		{ID: "Title", Name: "Title", Paragraph: `<w:spacing w:after="60"/>`, Run: `<w:b/><w:bCs/><w:sz w:val="36"/><w:szCs w:val="36"/>`},
		{ID: "Subtitle", Name: "Subtitle", Run: `<w:color w:val="4A4A4A"/><w:sz w:val="24"/><w:szCs w:val="26"/>`},
		heading(1, 28), heading(2, 25), heading(3, 23), heading(4, 22),
		{ID: "Quote", Name: "Quote", Paragraph: `<w:ind w:left="567" w:right="567"/>`, Run: `<w:i/><w:iCs/>`},
		{ID: "TableText", Name: "Table Text", Paragraph: `<w:spacing w:after="40"/>`, Run: `<w:sz w:val="20"/><w:szCs w:val="22"/>`},
		{ID: "TableHead", Name: "Table Head", Paragraph: `<w:keepNext/><w:spacing w:after="40"/>`, Run: `<w:b/><w:bCs/><w:sz w:val="20"/><w:szCs w:val="22"/>`},
		{ID: "FootnoteText", Name: "footnote text", Paragraph: `<w:spacing w:after="40"/>`, Run: `<w:sz w:val="18"/><w:szCs w:val="20"/>`},
		{ID: "FootnoteReference", Name: "footnote reference", Character: true, Run: `<w:vertAlign w:val="superscript"/>`},
		{ID: "Hyperlink", Name: "Hyperlink", Character: true, Run: `<w:color w:val="0B5CAD"/><w:u w:val="single"/>`},
	}, d.Styles...) {
		kind, based, paragraph := "paragraph", `<w:basedOn w:val="Normal"/>`, s.Paragraph
		if s.Character {
			kind, based = "character", ""
		}
		if paragraph != "" {
			paragraph = "<w:pPr>" + paragraph + "</w:pPr>"
		}
		b.WriteString(`<w:style w:type="` + kind + `" w:styleId="` + s.ID + `"><w:name w:val="` + s.Name + `"/>` + based + `<w:qFormat/>` + paragraph + `<w:rPr>` + s.Run + `</w:rPr></w:style>`)
	}
	b.WriteString(`<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="767676"/>`)
	}
	b.WriteString(`</w:tblBorders><w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>`)
	return b.String()
}
