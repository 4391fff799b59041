package registration

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"plenary/internal/i18n"
)

// docx is a document with content controls: WordprocessingML, as ISO/IEC 29500 has it.
type docx struct {
	l    i18n.Locale
	say  func(key string, args ...any) string
	body strings.Builder
	last int // id of the last control
}

// Namespaces of the format. Those of 2010 hold the check box.
const (
	nsW   = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsW14 = "http://schemas.microsoft.com/office/word/2010/wordml"
)

// Names of what a document holds.
const (
	partMain   = "word/document.xml"
	partCustom = "docProps/custom.xml"
	markName   = "RegistrationForm" // the property, and the tag of the control, that hold the mark
)

// Signs of a box.
const (
	boxEmpty  = "☐"
	boxTicked = "☒"
)

func xmlText(w string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(w)) // a Builder takes everything
	return b.String()
}

// languages are the tags that word processors know.
var wordLanguages = map[i18n.Locale]string{i18n.EN: "en-GB", i18n.FR: "fr-FR", i18n.ES: "es-ES", i18n.AR: "ar-SA", i18n.ZH: "zh-CN", i18n.RU: "ru-RU", i18n.KO: "ko-KR", i18n.PT: "pt-PT", i18n.SW: "sw-KE"}

// properties of a run in a language.
func runProperties(l i18n.Locale, style string, hint bool) string {
	var b strings.Builder
	b.WriteString("<w:rPr>")
	if style != "" {
		b.WriteString(`<w:rStyle w:val="` + style + `"/>`)
	}
	tag := wordLanguages[l]
	if tag == "" {
		tag = string(l)
	}
	switch {
	case l.Dir() == "rtl":
		b.WriteString(`<w:rtl/><w:lang w:bidi="` + tag + `"/>`)
	case l == i18n.ZH || l == i18n.KO:
		if hint {
			b.WriteString(`<w:rFonts w:hint="eastAsia"/>`)
		}
		b.WriteString(`<w:lang w:eastAsia="` + tag + `"/>`)
	default:
		b.WriteString(`<w:lang w:val="` + tag + `"/>`)
	}
	b.WriteString("</w:rPr>")
	return b.String()
}

func run(l i18n.Locale, style, words string) string {
	var b strings.Builder
	b.WriteString("<w:r>" + runProperties(l, style, style == ""))
	for i, line := range strings.Split(words, "\n") {
		if i > 0 {
			b.WriteString("<w:br/>")
		}
		b.WriteString(`<w:t xml:space="preserve">` + xmlText(line) + "</w:t>")
	}
	b.WriteString("</w:r>")
	return b.String()
}

func (b *docx) paragraph(style string, ps ...piece) { b.add(style, runs(ps)) }

func runs(ps []piece) string {
	out := ""
	for _, p := range ps {
		if p.words != "" {
			out += run(p.lang, "", p.words)
		}
	}
	return out
}

// add adds a paragraph in the direction of the document.
func (b *docx) add(style, runs string) {
	b.body.WriteString("<w:p><w:pPr>")
	if style != "" {
		b.body.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	if b.l.Dir() == "rtl" {
		b.body.WriteString("<w:bidi/>")
	}
	b.body.WriteString("</w:pPr>" + runs + "</w:p>")
}

// control is a content control: kind is its part of the properties, inside what stands in it.
func (b *docx) control(title, tag, kind, inside string, placeholder bool) string {
	b.last++
	p := fmt.Sprintf(`<w:sdt><w:sdtPr><w:alias w:val="%s"/><w:tag w:val="%s"/><w:id w:val="%d"/><w:lock w:val="sdtLocked"/>`, xmlText(short(title, 60)), xmlText(tag), b.last)
	if placeholder {
		p += "<w:showingPlcHdr/>"
	}
	return p + kind + "</w:sdtPr><w:sdtContent>" + inside + "</w:sdtContent></w:sdt>"
}

// text is a control to write into.
func (b *docx) text(title, tag string, long bool) {
	kind := "<w:text/>"
	if long {
		kind = `<w:text w:multiLine="1"/>`
	}
	b.add("Answer", b.control(title, tag, kind, run(b.l, "PlaceholderText", b.say("mailin.fill")), true))
}

func (b *docx) day(title, tag string) {
	kind := `<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="` + wordLanguages[b.l] + `"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>`
	b.add("Answer", b.control(title, tag, kind, run(b.l, "PlaceholderText", b.say("mailin.day")), true))
}

// list is a control to choose from. Word allows each words once.
func (b *docx) list(title, tag string, items []item) {
	var k strings.Builder
	k.WriteString("<w:dropDownList>")
	seen := map[string]int{}
	for _, x := range items {
		if seen[x.words]++; seen[x.words] > 1 {
			x.words = fmt.Sprintf("%s (%d)", x.words, seen[x.words])
		}
		k.WriteString(`<w:listItem w:displayText="` + xmlText(x.words) + `" w:value="` + xmlText(x.value) + `"/>`)
	}
	k.WriteString("</w:dropDownList>")
	b.add("Answer", b.control(title, tag, k.String(), run(b.l, "PlaceholderText", b.say("mailin.choose")), true))
}

func (b *docx) choice(title, tag string, items []item) { b.list(title, tag, items) }

func (b *docx) boxes(title, tag string, items []item) {
	for _, x := range items {
		b.box(x.words, tag+"="+x.value, piece{x.words, x.lang})
	}
}

// box is a control to tick, with its words behind it.
func (b *docx) box(title, tag string, words ...piece) {
	kind := `<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>`
	sign := `<w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/></w:rPr><w:t>` + boxEmpty + `</w:t></w:r>`
	b.add("Answer", b.control(title, tag, kind, sign, false)+run(b.l, "", " ")+runs(words))
}

// mark adds the hidden mark as a control too: some programs drop a document's properties.
func (b *docx) mark(mark string) {
	b.add("", strings.Replace(b.control(markName, markName, "<w:text/>", `<w:r><w:rPr><w:noProof/><w:vanish/></w:rPr><w:t>`+xmlText(mark)+`</w:t></w:r>`, false), `"sdtLocked"`, `"sdtContentLocked"`, 1))
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// zip packs the parts. The times in it are those of no day: the same form is the same file.
func (b *docx) zip(title, mark string) ([]byte, error) {
	bidi := ""
	if b.l.Dir() == "rtl" {
		bidi = "<w:bidi/>"
	}
	tag := wordLanguages[b.l]
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties" Target="docProps/custom.xml"/></Relationships>`},
		{"word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
		{partMain, `<w:document xmlns:w="` + nsW + `" xmlns:w14="` + nsW14 + `" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"><w:body>` + b.body.String() +
			`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>` + bidi + `</w:sectPr></w:body></w:document>`},
		{"word/styles.xml", b.styles(bidi, tag)},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + xmlText(title) + `</dc:title><dc:language>` + tag + `</dc:language></cp:coreProperties>`},
		{partCustom, `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="` + markName + `"><vt:lpwstr>` + xmlText(mark) + `</vt:lpwstr></property></Properties>`},
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

// styles are few, with real headings: screen readers go by them.
func (b *docx) styles(bidi, tag string) string {
	style := func(kind, id, name, based, paragraph, run string) string {
		if based != "" {
			based = `<w:basedOn w:val="` + based + `"/>`
		}
		if paragraph != "" {
			paragraph = "<w:pPr>" + paragraph + "</w:pPr>"
		}
		return `<w:style w:type="` + kind + `" w:styleId="` + id + `"><w:name w:val="` + name + `"/>` + based + `<w:qFormat/>` + paragraph + `<w:rPr>` + run + `</w:rPr></w:style>`
	}
	lang := `<w:lang w:val="` + tag + `" w:eastAsia="zh-CN" w:bidi="ar-SA"/>`
	switch b.l {
	case i18n.AR:
		lang = `<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="` + tag + `"/>`
	case i18n.ZH, i18n.KO:
		lang = `<w:lang w:val="en-GB" w:eastAsia="` + tag + `" w:bidi="ar-SA"/>`
	}
	return `<w:styles xmlns:w="` + nsW + `"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="SimSun"/><w:sz w:val="22"/><w:szCs w:val="24"/>` + lang + `</w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr>` + bidi + `</w:pPr></w:style>` +
		style("paragraph", "Title", "Title", "Normal", `<w:spacing w:after="60"/>`, `<w:b/><w:bCs/><w:sz w:val="36"/><w:szCs w:val="36"/>`) +
		style("paragraph", "Heading1", "heading 1", "Normal", `<w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="0"/>`, `<w:b/><w:bCs/><w:sz w:val="28"/><w:szCs w:val="28"/>`) +
		style("paragraph", "Question", "Question", "Normal", `<w:keepNext/><w:spacing w:before="240" w:after="40"/>`, `<w:b/><w:bCs/>`) +
		style("paragraph", "Help", "Help", "Normal", `<w:keepNext/><w:spacing w:after="40"/>`, `<w:color w:val="4A4A4A"/><w:sz w:val="20"/><w:szCs w:val="22"/>`) +
		style("paragraph", "Answer", "Answer", "Normal", `<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="767676"/></w:pBdr>`, "") +
		style("character", "PlaceholderText", "Placeholder Text", "", "", `<w:color w:val="595959"/>`) + `</w:styles>`
}
