package demo

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Papers are made of the words of the site: PDF files, tagged and with their language, for languages that the standard
// fonts can write, Word files for all.

// paper is what a file says: a title, a line below it, and paragraphs; "## " makes a heading, "- " an item.
type paper struct {
	language, title, subtitle string
	text                      []string
}

// helvetica is the widths of the characters from the blank to the tilde, in thousandths of the size.
var helvetica = [...]int{278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556,
	278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944,
	667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556,
	500, 722, 500, 500, 500, 334, 260, 334, 584}

// winAnsi are the characters outside Latin-1 that the standard encoding has all the same.
var winAnsi = map[rune]byte{'–': 0x96, '—': 0x97, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '…': 0x85, '\u202f': 0xa0}

func encode(s string) []byte {
	var out []byte
	for _, r := range s {
		switch b, ok := winAnsi[r]; {
		case ok:
			out = append(out, b)
		case r < 0x80 || r >= 0xa0 && r <= 0xff:
			out = append(out, byte(r))
		default:
			out = append(out, '?')
		}
	}
	return out
}

func width(s string, size float64) float64 {
	n := 0
	for _, b := range encode(s) {
		switch {
		case b >= 32 && b < 127:
			n += helvetica[b-32]
		case b == 0x96:
			n += 556
		case b == 0x97:
			n += 1000
		case b >= 0x91 && b <= 0x92:
			n += 222
		default:
			n += 556 // letters with accents are as wide as most letters
		}
	}
	return float64(n) * size / 1000
}

func wrap(s string, size, max float64) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && width(line+" "+w, size) > max {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}

// pdf makes a tagged A4 file: headings and paragraphs in reading order, language and title set.
func (p paper) pdf() []byte {
	type block struct {
		tag, font  string
		size, lead float64
		indent     float64
		text       string
		before     float64
	}
	blocks := []block{{"H1", "F2", 20, 26, 0, p.title, 0}, {"P", "F1", 11, 16, 0, p.subtitle, 4}}
	for _, t := range p.text {
		if h, ok := strings.CutPrefix(t, "## "); ok {
			blocks = append(blocks, block{"H2", "F2", 13, 18, 0, h, 16})
		} else if i, ok := strings.CutPrefix(t, "- "); ok {
			blocks = append(blocks, block{"P", "F1", 10.5, 15, 16, "• " + i, 3})
		} else {
			blocks = append(blocks, block{"P", "F1", 10.5, 15, 0, t, 8})
		}
	}
	const left, right, top, bottom = 72.0, 523.0, 770.0, 72.0
	type mark struct {
		tag  string
		page int
		id   int
	}
	var pages []*bytes.Buffer
	var marks []mark
	var ids []int // of each page, the next mark
	y := 0.0
	newPage := func() {
		pages, ids, y = append(pages, &bytes.Buffer{}), append(ids, 0), top
	}
	newPage()
	for _, b := range blocks {
		if b.text == "" {
			continue
		}
		y -= b.before
		lines := wrap(b.text, b.size, right-left-b.indent)
		for i := 0; i < len(lines); {
			if y-b.lead < bottom {
				newPage()
			}
			n := len(pages) - 1
			m := mark{b.tag, n, ids[n]}
			ids[n]++
			marks = append(marks, m)
			fmt.Fprintf(pages[n], "/%s <</MCID %d>> BDC BT /%s %g Tf ", m.tag, m.id, b.font, b.size)
			fmt.Fprintf(pages[n], "%g TL %g %g Td ", b.lead, left+b.indent, y-b.size)
			for ; i < len(lines) && y-b.lead >= bottom; i++ {
				fmt.Fprintf(pages[n], "<%x> Tj T* ", encode(lines[i]))
				y -= b.lead
			}
			pages[n].WriteString("ET EMC\n")
		}
	}
	var out bytes.Buffer
	var at []int
	object := func(format string, args ...any) int {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n", len(at))
		fmt.Fprintf(&out, format, args...)
		out.WriteString("\nendobj\n")
		return len(at)
	}
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	// The numbers of the objects follow from their order: 1 catalogue, 2 pages, 3 and 4 fonts, 5 structure, 6 document,
	// 7 parents; then content and page of each page, then the elements.
	firstPage := 8
	firstElement := firstPage + 2*len(pages)
	object("<</Type /Catalog /Pages 2 0 R /Lang (%s) /MarkInfo <</Marked true>> /StructTreeRoot 5 0 R /ViewerPreferences <</DisplayDocTitle true>>>>", p.language)
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", firstPage+2*i+1)
	}
	object("<</Type /Pages /Count %d /Kids [%s]>>", len(pages), kids)
	object("<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>")
	object("<</Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding>>")
	object("<</Type /StructTreeRoot /K 6 0 R /ParentTree 7 0 R>>")
	kids = ""
	for i := range marks {
		kids += fmt.Sprintf("%d 0 R ", firstElement+i)
	}
	object("<</Type /StructElem /S /Document /P 5 0 R /K [%s]>>", kids)
	tree := ""
	for n := range pages {
		tree += fmt.Sprintf("%d [", n)
		for i, m := range marks {
			if m.page == n {
				tree += fmt.Sprintf("%d 0 R ", firstElement+i)
			}
		}
		tree += "] "
	}
	object("<</Nums [%s]>>", tree)
	for i, b := range pages {
		object("<</Length %d>>\nstream\n%s\nendstream", b.Len(), b.Bytes())
		object("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /StructParents %d /Tabs /S /Resources <</Font <</F1 3 0 R /F2 4 0 R>>>>>>", firstPage+2*i, i)
	}
	for _, m := range marks {
		object("<</Type /StructElem /S /%s /P 6 0 R /Pg %d 0 R /K %d>>", m.tag, firstPage+2*m.page+1, m.id)
	}
	info := object("<</Title %s>>", pdfText(p.title))
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d /Root 1 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, info, start)
	return out.Bytes()
}

func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<feff")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04x", u)
	}
	return b.String() + ">"
}

// docx makes a Word file with real headings and the language set.
func (p paper) docx() ([]byte, error) {
	var body strings.Builder
	rtl := ""
	if p.language == "ar" {
		rtl = "<w:bidi/>"
	}
	add := func(style, text string) {
		run := ""
		if rtl != "" {
			run = "<w:rPr><w:rtl/></w:rPr>"
		}
		body.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/>` + rtl + `</w:pPr><w:r>` + run + `<w:t xml:space="preserve">`)
		xml.EscapeText(&body, []byte(text))
		body.WriteString("</w:t></w:r></w:p>")
	}
	add("Title", p.title)
	if p.subtitle != "" {
		add("Normal", p.subtitle)
	}
	for _, t := range p.text {
		if h, ok := strings.CutPrefix(t, "## "); ok {
			add("Heading1", h)
		} else if i, ok := strings.CutPrefix(t, "- "); ok {
			add("ListParagraph", "• "+i)
		} else {
			add("Normal", t)
		}
	}
	const ns = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	style := func(id, name, ppr, rpr string) string {
		return `<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/><w:pPr>` + ppr + `</w:pPr><w:rPr>` + rpr + `</w:rPr></w:style>`
	}
	files := []struct{ name, text string }{
		{"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`},
		{"_rels/.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/_rels/document.xml.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
		{"word/styles.xml", head + `<w:styles ` + ns + `><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/><w:lang w:val="` + p.language + `" w:eastAsia="` + p.language + `" w:bidi="` + p.language + `"/></w:rPr></w:rPrDefault></w:docDefaults>` +
			style("Normal", "Normal", `<w:spacing w:after="160"/>`, "") + style("Title", "Title", `<w:spacing w:after="120"/>`, `<w:b/><w:sz w:val="40"/>`) +
			style("Heading1", "heading 1", `<w:outlineLvl w:val="0"/><w:spacing w:before="240" w:after="80"/>`, `<w:b/><w:sz w:val="28"/>`) +
			style("ListParagraph", "List Paragraph", `<w:ind w:left="360"/>`, "") + `</w:styles>`},
		{"word/document.xml", head + `<w:document ` + ns + `><w:body>` + body.String() + `<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr></w:body></w:document>`},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write([]byte(f.text))
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}
