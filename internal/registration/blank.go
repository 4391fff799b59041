package registration

import (
	"slices"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// blank is the form of an event to be filled in elsewhere: what it asks, whatever it is written as.
type blank struct {
	s  *Store
	e  *Event
	l  i18n.Locale
	to medium
}

// medium is a kind of document that a form is written as. Names of controls tell what is read back from them.
type medium interface {
	// paragraph adds one; style is Title, Heading1, Question, Help or empty.
	paragraph(style string, ps ...piece)
	// text is a place to write, long one for several lines.
	text(title, name string, long bool)
	day(title, name string)
	// list is for one answer of many, such as a country; choice for one of those that the editors offer; boxes for several.
	list(title, name string, items []item)
	choice(title, name string, items []item)
	boxes(title, name string, items []item)
	// box is one to tick.
	box(title, name string, ps ...piece)
}

// piece is words in a language.
type piece struct {
	words string
	lang  i18n.Locale
}

type item struct {
	value, words string
	lang         i18n.Locale
}

func (b *blank) say(key string, args ...any) string { return b.s.Catalogue.T(b.l, key, args...) }

// own is words of ours, in the document's language.
func (b *blank) own(words string) piece { return piece{words, b.l} }

// line gives words of the editors, in the document's language or the original.
func (b *blank) line(x content.Line) piece {
	w, l := x.Pick(b.l, b.e.Original)
	return piece{w, l}
}

// question adds a label with what explains it.
func (b *blank) question(label piece, optional bool, notes ...piece) {
	ps := []piece{label}
	if optional {
		ps = append(ps, b.own(" "+b.say("register.optional")))
	}
	b.to.paragraph("Question", ps...)
	for _, n := range notes {
		if n.words != "" {
			b.to.paragraph("Help", n)
		}
	}
}

// onlyIf says to whom a question is put.
func (b *blank) onlyIf(x *Field) string {
	on := b.e.Form.Before(x)
	if x.OnlyIf == "" || on == nil {
		return ""
	}
	isolated := func(line content.Line) string {
		p := b.line(line)
		if p.lang != b.l {
			return i18n.Isolate(p.words)
		}
		return p.words
	}
	value := x.OnlyValue
	switch o := on.Option(value); {
	case value == "":
		return b.say("register.only_if_any", "Question", isolated(on.Label))
	case on.Type == YesNo:
		value = b.say("registration." + value)
	case o != nil:
		value = isolated(o.Label)
	}
	return b.say("register.only_if", "Question", isolated(on.Label), "Answer", value)
}

func (b *blank) countries() []item {
	codes := i18n.Countries()
	name := func(code string) string { return i18n.CountryName(b.l, code) }
	i18n.SortBy(b.l, codes, name)
	items := make([]item, len(codes))
	for i, code := range codes {
		items[i] = item{code, name(code), b.l}
	}
	return items
}

// write writes the form; how says what to do with it.
func (b *blank) write(how string) {
	f, own := b.e.Form, func(key string) piece { return b.own(b.say(key)) }
	b.to.paragraph("Title", b.line(f.Title))
	b.to.paragraph("Heading1", own("mailin.title"))
	if when := f.WhenIn(b.l); when != "" {
		b.to.paragraph("", b.own(when))
	}
	b.to.paragraph("", b.own(b.say(how, "Mailbox", i18n.Isolate(f.Mailbox), "Time", f.until(b.l))))
	if p := b.line(f.Intro); p.words != "" {
		b.to.paragraph("", p)
	}
	if _, to := f.Listed(); f.ListMode == ListOfficial && !to.IsZero() { // they are told before they write, as on the page
		b.to.paragraph("", b.own(b.say("participants.official", "Time", i18n.Date(b.l, to))))
	}
	b.question(own("register.name"), false)
	b.to.text(b.say("register.name"), FieldName, false)
	b.question(own("register.mail"), false, own("register.mail_help"))
	b.to.text(b.say("register.mail"), FieldMail, false)
	if offered := f.Offered(); len(offered) > 0 {
		var items []item
		for _, c := range offered {
			p := b.line(c.Name)
			if mode := f.Fixed(c.ID); mode != "" {
				if p.lang != b.l {
					p.words = i18n.Isolate(p.words)
				}
				p = b.own(b.say("register.category_mode", "Category", p.words, "Mode", b.say("enum.registration_mode."+mode)))
			}
			items = append(items, item{c.ID, p.words, p.lang})
		}
		b.question(own("register.category"), false)
		b.to.choice(b.say("register.category"), FieldCategory, items)
	}
	if f.AsksMode() {
		var items []item
		for _, m := range Modes {
			items = append(items, item{m, b.say("enum.registration_mode." + m), b.l})
		}
		b.question(own("register.mode"), false)
		b.to.choice(b.say("register.mode"), FieldMode, items)
	}
	for _, ask := range []string{FieldOrganization, FieldPosition, FieldCountry} {
		if !slices.Contains(f.Ask, ask) {
			continue
		}
		label := b.say("enum.registration_ask." + ask)
		b.question(b.own(label), !slices.Contains(f.Required, ask))
		if ask == FieldCountry {
			b.to.list(label, ask, b.countries())
		} else {
			b.to.text(label, ask, false)
		}
	}
	for i := range f.Fields {
		b.field(&f.Fields[i])
	}
	if len(f.Consents) > 0 {
		b.to.paragraph("Heading1", own("mailin.consents"))
	}
	for _, c := range f.Consents {
		words := b.line(c.Text)
		version := consentVersion(words.words)
		ps := []piece{words}
		if !c.Required {
			ps = append(ps, b.own(" "+b.say("register.optional")))
		}
		b.to.box(words.words, ConsentPrefix+c.ID+"#"+version, ps...)
		b.to.paragraph("Help", b.own(b.say("mailin.version", "Version", i18n.Isolate(version))))
	}
}

// field adds a question of the editors.
func (b *blank) field(x *Field) {
	name, label := QuestionPrefix+x.ID, b.line(x.Label)
	kept := ""
	if x.Retention > 0 {
		kept = b.s.Catalogue.N(b.l, "register.kept", x.Retention)
	}
	b.question(label, !x.Required, b.own(b.onlyIf(x)), b.line(x.Help), b.line(x.Purpose), b.own(kept))
	var items []item
	for i := range x.Options {
		p := b.line(x.Options[i].Label)
		items = append(items, item{x.Options[i].ID, p.words, p.lang})
	}
	switch x.Type {
	case Choice:
		b.to.choice(label.words, name, items)
	case Choices:
		b.to.boxes(label.words, name, items)
	case YesNo:
		b.to.choice(label.words, name, []item{{"yes", b.say("registration.yes"), b.l}, {"no", b.say("registration.no"), b.l}})
	case Country:
		b.to.list(label.words, name, b.countries())
	case Date:
		b.to.day(label.words, name)
	default:
		b.to.text(label.words, name, x.Type == Long)
	}
}
