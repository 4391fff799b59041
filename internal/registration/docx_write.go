package registration

import (
	"fmt"
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
)

// blank writes the form of an event as a document, with a content control for each field.
type blank struct {
	*docx.Document
	s    *Store
	e    *Event
	l    i18n.Locale
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

func (b *blank) say(key string, args ...any) string { return b.s.Catalogue.T(b.l, key, args...) }

// words of the editors, in the document's language or the original.
func (b *blank) words(x content.Line) (string, i18n.Locale) { return x.Pick(b.l, b.e.Original) }

// line gives the words as a run; empty where there are none.
func (b *blank) line(x content.Line, style string) docx.Inline {
	w, l := b.words(x)
	if w == "" {
		return ""
	}
	return docx.Words(l, style, w)
}

// control is a content control: kind is its part of the properties, inside what stands in it.
func (b *blank) control(title, tag, kind string, inside docx.Inline, placeholder bool) docx.Inline {
	b.last++
	p := fmt.Sprintf(`<w:sdt><w:sdtPr><w:alias w:val="%s"/><w:tag w:val="%s"/><w:id w:val="%d"/><w:lock w:val="sdtLocked"/>`, docx.Escape(short(title, 60)), docx.Escape(tag), b.last)
	if placeholder {
		p += "<w:showingPlcHdr/>"
	}
	return docx.Inline(p + kind + "</w:sdtPr><w:sdtContent>" + string(inside) + "</w:sdtContent></w:sdt>")
}

// text is a control to write into.
func (b *blank) text(title, tag string, long bool) {
	kind := "<w:text/>"
	if long {
		kind = `<w:text w:multiLine="1"/>`
	}
	b.Paragraph("Answer", b.control(title, tag, kind, docx.Words(b.l, "PlaceholderText", b.say("mailin.fill")), true))
}

func (b *blank) day(title, tag string) {
	kind := `<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="` + docx.Language(b.l) + `"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>`
	b.Paragraph("Answer", b.control(title, tag, kind, docx.Words(b.l, "PlaceholderText", b.say("mailin.day")), true))
}

type item struct{ value, words string }

// list is a control to choose from. Word allows each words once.
func (b *blank) list(title, tag string, items []item) {
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
	b.Paragraph("Answer", b.control(title, tag, k.String(), docx.Words(b.l, "PlaceholderText", b.say("mailin.choose")), true))
}

// box is a control to tick, with its words behind it.
func (b *blank) box(title, tag string, words docx.Inline) {
	kind := `<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>`
	const sign = docx.Inline(`<w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/></w:rPr><w:t>` + boxEmpty + `</w:t></w:r>`)
	b.Paragraph("Answer", b.control(title, tag, kind, sign, false)+docx.Words(b.l, "", " ")+words)
}

// question adds a label with what explains it.
func (b *blank) question(label docx.Inline, optional bool, notes ...docx.Inline) {
	if optional {
		label += docx.Words(b.l, "", " "+b.say("register.optional"))
	}
	b.Paragraph("Question", label)
	for _, n := range notes {
		if n != "" {
			b.Paragraph("Help", n)
		}
	}
}

// onlyIf says to whom a question is put.
func (b *blank) onlyIf(x *Field) docx.Inline {
	on := b.e.Form.Before(x)
	if x.OnlyIf == "" || on == nil {
		return ""
	}
	isolated := func(line content.Line) string {
		w, l := b.words(line)
		if l != b.l {
			return i18n.Isolate(w)
		}
		return w
	}
	value := x.OnlyValue
	switch o := on.Option(value); {
	case value == "":
		return docx.Words(b.l, "", b.say("register.only_if_any", "Question", isolated(on.Label)))
	case on.Type == YesNo:
		value = b.say("registration." + value)
	case o != nil:
		value = isolated(o.Label)
	}
	return docx.Words(b.l, "", b.say("register.only_if", "Question", isolated(on.Label), "Answer", value))
}

func (b *blank) countries() []item {
	codes := i18n.Countries()
	name := func(code string) string { return i18n.CountryName(b.l, code) }
	i18n.SortBy(b.l, codes, name)
	items := make([]item, len(codes))
	for i, code := range codes {
		items[i] = item{code, name(code)}
	}
	return items
}

// document gives the file.
func (b *blank) document(mark string) ([]byte, error) {
	f, own := b.e.Form, func(key string) docx.Inline { return docx.Words(b.l, "", b.say(key)) }
	title, _ := b.words(f.Title)
	b.Paragraph("Title", b.line(f.Title, ""))
	b.Paragraph("Heading1", own("mailin.title"))
	if when := f.WhenIn(b.l); when != "" {
		b.Paragraph("", docx.Words(b.l, "", when))
	}
	b.Paragraph("", docx.Words(b.l, "", b.say("mailin.how", "Mailbox", i18n.Isolate(f.Mailbox), "Time", f.until(b.l))))
	if w := b.line(f.Intro, ""); w != "" {
		b.Paragraph("", w)
	}
	if _, to := f.Listed(); f.ListMode == ListOfficial && !to.IsZero() { // they are told before they write, as on the page
		b.Paragraph("", docx.Words(b.l, "", b.say("participants.official", "Time", i18n.Date(b.l, to))))
	}
	b.question(own("register.name"), false)
	b.text(b.say("register.name"), FieldName, false)
	b.question(own("register.mail"), false, own("register.mail_help"))
	b.text(b.say("register.mail"), FieldMail, false)
	if offered := f.Offered(); len(offered) > 0 {
		var items []item
		for _, c := range offered {
			w, _ := b.words(c.Name)
			items = append(items, item{c.ID, w})
		}
		b.question(own("register.category"), false)
		b.list(b.say("register.category"), FieldCategory, items)
	}
	for _, ask := range []string{FieldOrganization, FieldPosition, FieldCountry} {
		if !slices.Contains(f.Ask, ask) {
			continue
		}
		label := b.say("enum.registration_ask." + ask)
		b.question(docx.Words(b.l, "", label), !slices.Contains(f.Required, ask))
		if ask == FieldCountry {
			b.list(label, ask, b.countries())
		} else {
			b.text(label, ask, false)
		}
	}
	for i := range f.Fields {
		b.field(&f.Fields[i])
	}
	if len(f.Consents) > 0 {
		b.Paragraph("Heading1", own("mailin.consents"))
	}
	for _, c := range f.Consents {
		w, _ := b.words(c.Text)
		version := consentVersion(w)
		words := b.line(c.Text, "")
		if !c.Required {
			words += docx.Words(b.l, "", " "+b.say("register.optional"))
		}
		b.box(w, ConsentPrefix+c.ID+"#"+version, words)
		b.Paragraph("Help", docx.Words(b.l, "", b.say("mailin.version", "Version", i18n.Isolate(version))))
	}
	// The mark lies in a hidden control too: some programs drop a document's properties.
	hidden := b.control(markName, markName, "<w:text/>", docx.Inline(`<w:r><w:rPr><w:noProof/><w:vanish/></w:rPr><w:t>`+docx.Escape(mark)+`</w:t></w:r>`), false)
	b.Paragraph("", docx.Inline(strings.Replace(string(hidden), `"sdtLocked"`, `"sdtContentLocked"`, 1)))
	b.Title, b.Styles, b.Properties = title, formStyles, []docx.Property{{Name: markName, Value: mark}}
	return b.Bytes()
}

// field adds a question of the editors.
func (b *blank) field(x *Field) {
	name := QuestionPrefix + x.ID
	label, _ := b.words(x.Label)
	kept := docx.Inline("")
	if x.Retention > 0 {
		kept = docx.Words(b.l, "", b.s.Catalogue.N(b.l, "register.kept", x.Retention))
	}
	b.question(b.line(x.Label, ""), !x.Required, b.onlyIf(x), b.line(x.Help, ""), b.line(x.Purpose, ""), kept)
	var items []item
	for i := range x.Options {
		w, _ := b.words(x.Options[i].Label)
		items = append(items, item{x.Options[i].ID, w})
	}
	switch x.Type {
	case Choice:
		b.list(label, name, items)
	case Choices:
		for i := range x.Options {
			b.box(items[i].words, name+"="+items[i].value, b.line(x.Options[i].Label, ""))
		}
	case YesNo:
		b.list(label, name, []item{{"yes", b.say("registration.yes")}, {"no", b.say("registration.no")}})
	case Country:
		b.list(label, name, b.countries())
	case Date:
		b.day(label, name)
	default:
		b.text(label, name, x.Type == Long)
	}
}
