package registration

import (
	"fmt"
	"strings"

	"plenary/internal/docx"
	"plenary/internal/i18n"
)

// controls writes a form as a word processor's document, with a content control for each field.
type controls struct {
	*docx.Document
	l    i18n.Locale
	say  func(key string, args ...any) string
	last int // id of the last control
}

// markName is the property, and the tag of the control, that hold the mark.
const markName = "RegistrationForm"

// Signs of a box.
const (
	boxEmpty  = "☐"
	boxTicked = "☒"
)

// styles of the form beside those of every document.
var formStyles = []docx.Style{
	{ID: "Question", Name: "Question", Paragraph: `<w:keepNext/><w:spacing w:before="240" w:after="40"/>`, Run: `<w:b/><w:bCs/>`},
	{ID: "Help", Name: "Help", Paragraph: `<w:keepNext/><w:spacing w:after="40"/>`, Run: `<w:color w:val="4A4A4A"/><w:sz w:val="20"/><w:szCs w:val="22"/>`},
	{ID: "Answer", Name: "Answer", Paragraph: `<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="767676"/></w:pBdr>`},
	{ID: "PlaceholderText", Name: "Placeholder Text", Character: true, Run: `<w:color w:val="595959"/>`},
}

func (b *controls) paragraph(style string, ps ...piece) { b.Paragraph(style, runs(ps)) }

func runs(ps []piece) docx.Inline {
	var out docx.Inline
	for _, p := range ps {
		if p.words != "" {
			out += docx.Words(p.lang, "", p.words)
		}
	}
	return out
}

// control is a content control: kind is its part of the properties, inside what stands in it.
func (b *controls) control(title, tag, kind string, inside docx.Inline, placeholder bool) docx.Inline {
	b.last++
	p := fmt.Sprintf(`<w:sdt><w:sdtPr><w:alias w:val="%s"/><w:tag w:val="%s"/><w:id w:val="%d"/><w:lock w:val="sdtLocked"/>`, docx.Escape(short(title, 60)), docx.Escape(tag), b.last)
	if placeholder {
		p += "<w:showingPlcHdr/>"
	}
	return docx.Inline(p+kind+"</w:sdtPr><w:sdtContent>") + inside + "</w:sdtContent></w:sdt>"
}

// answer adds a control that says what to do with it until somebody does.
func (b *controls) answer(title, tag, kind, hint string) {
	b.Paragraph("Answer", b.control(title, tag, kind, docx.Words(b.l, "PlaceholderText", b.say(hint)), true))
}

func (b *controls) text(title, tag string, long bool) {
	kind := "<w:text/>"
	if long {
		kind = `<w:text w:multiLine="1"/>`
	}
	b.answer(title, tag, kind, "mailin.fill")
}

func (b *controls) day(title, tag string) {
	b.answer(title, tag, `<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="`+docx.Language(b.l)+`"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>`, "mailin.day")
}

// list is a control to choose from. Word allows each words once.
func (b *controls) list(title, tag string, items []item) {
	var k strings.Builder
	k.WriteString("<w:dropDownList>")
	seen := map[string]int{}
	for _, x := range items {
		if seen[x.words]++; seen[x.words] > 1 {
			x.words = fmt.Sprintf("%s (%d)", x.words, seen[x.words])
		}
		k.WriteString(`<w:listItem w:displayText="` + docx.Escape(x.words) + `" w:value="` + docx.Escape(x.value) + `"/>`)
	}
	k.WriteString("</w:dropDownList>")
	b.answer(title, tag, k.String(), "mailin.choose")
}

func (b *controls) choice(title, tag string, items []item) { b.list(title, tag, items) }

func (b *controls) boxes(title, tag string, items []item) {
	for _, x := range items {
		b.box(x.words, tag+"="+x.value, piece{x.words, x.lang})
	}
}

// box is a control to tick, with its words behind it.
func (b *controls) box(title, tag string, words ...piece) {
	kind := `<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>`
	const sign = docx.Inline(`<w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/></w:rPr><w:t>` + boxEmpty + `</w:t></w:r>`)
	b.Paragraph("Answer", b.control(title, tag, kind, sign, false)+docx.Words(b.l, "", " ")+runs(words))
}

// mark puts the hidden mark among the properties, and into a control too: some programs drop a document's properties.
func (b *controls) mark(mark string) {
	hidden := b.control(markName, markName, "<w:text/>", docx.Inline(`<w:r><w:rPr><w:noProof/><w:vanish/></w:rPr><w:t>`+docx.Escape(mark)+`</w:t></w:r>`), false)
	b.Paragraph("", docx.Inline(strings.Replace(string(hidden), `"sdtLocked"`, `"sdtContentLocked"`, 1)))
	b.Properties = []docx.Property{{Name: markName, Value: mark}}
}
