package demo

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// filler makes entries one after another. The first error stays and everything after it does nothing, so that the files
// of content read as content.
type filler struct {
	ctx  context.Context
	site Site
	now  time.Time
	zone *time.Location // of the office

	words  wordings
	ids    map[string]string // by name: "event/opening-the-register"
	files  map[string]string
	staff  []Account
	made   []made
	papers map[string][]kind.DocumentLink // by event
	err    error
}

// made is an entry as it was saved, to be published at the end, when all that it refers to is there.
type made struct {
	name    string
	locales []i18n.Locale
}

var demo = auth.System("demo")

func (f *filler) fail(err error) {
	if f.err == nil && err != nil {
		f.err = err
	}
}

// option changes how an entry is made.
type option struct {
	draft  bool
	hold   []i18n.Locale // languages that stay drafts
	office string        // that owns it; the Centre if empty
	by     *auth.Actor   // who wrote it; the program if nil
}

// add saves an entry and has it published at the end in all languages it has words in.
func (f *filler) add(name string, facts any, o option) {
	if f.err != nil {
		return
	}
	kindName, slug, _ := strings.Cut(name, "/")
	k := kind.ByName(kindName)
	if e, ok := facts.(*kind.Event); ok {
		e.FocalPoint = f.focalPoint(o.office)
	}
	parts := k.Split(facts)
	if err := f.words.join(name, k, i18n.EN, parts); err != nil {
		f.fail(err)
		return
	}
	if o.office == "" && kindName != "organization" {
		o.office = "organization/rcpg"
	}
	if o.by == nil {
		o.by = demo
	}
	c := content.Change{Kind: k, Original: i18n.EN, Office: f.ids[o.office], Slug: &slug, Set: parts}
	saved, err := f.site.Content.Save(f.ctx, o.by, c)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	f.ids[name] = saved.ID
	if o.draft {
		return
	}
	m := made{name: name}
	for _, l := range i18n.All {
		if len(parts[content.Part(l)]) > 0 && !slices.Contains(o.hold, l) {
			m.locales = append(m.locales, l)
		}
	}
	f.made = append(f.made, m)
}

// focalPoint is who answers for an event inside its office.
func (f *filler) focalPoint(office string) string {
	switch office {
	case "organization/salan":
		return f.account("partner-salan")
	case "organization/midf":
		return f.account("partner-midf")
	}
	return f.account("editor")
}

// ref gives the id of an entry made before.
func (f *filler) ref(name string) content.Ref {
	id := f.ids[name]
	if id == "" && f.err == nil {
		f.fail(fmt.Errorf("%s is not there yet", name))
	}
	return content.Ref(id)
}

func (f *filler) refs(kindName string, slugs ...string) content.Refs {
	var out content.Refs
	for _, s := range slugs {
		out = append(out, f.ref(kindName+"/"+s))
	}
	return out
}

// topics are the most frequent references.
func (f *filler) topics(slugs ...string) content.Refs { return f.refs("topic", slugs...) }

// edit changes an entry that is there and saves it, without publishing the change.
func (f *filler) edit(name, note string, change func(parts content.Parts)) {
	if f.err != nil {
		return
	}
	parts := content.Parts{}
	for _, l := range i18n.All {
		parts[content.Part(l)] = content.Leaves{}
	}
	parts[content.Facts] = content.Leaves{}
	change(parts)
	_, err := f.site.Content.Save(f.ctx, demo, content.Change{ID: f.ids[name], Set: parts, Note: note})
	if err != nil {
		f.fail(fmt.Errorf("%s: %w", name, err))
	}
}

func (f *filler) publish(name string, locales ...i18n.Locale) {
	if f.err != nil {
		return
	}
	err := f.site.Content.Publish(f.ctx, demo, content.PublishChange{ID: f.ids[name], Facts: true, Locales: locales})
	if err != nil {
		f.fail(fmt.Errorf("%s: %w", name, err))
	}
}

// publishAll publishes what has been made, in one transaction: a hundred would wait for the disk a hundred times.
func (f *filler) publishAll() {
	if f.err != nil {
		return
	}
	err := f.site.Content.DB.InTx(f.ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, m := range f.made {
			if err := f.site.Content.PublishTx(ctx, tx, demo, content.PublishChange{ID: f.ids[m.name], Facts: true, Locales: m.locales}); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
		return nil
	})
	f.fail(err)
	f.site.Content.Changed()
}

// hang puts the documents made for events on the events' pages, before those that are only promised there.
func (f *filler) hang() {
	for event, links := range f.papers {
		if f.err != nil {
			return
		}
		e, err := f.site.Content.Get(f.ctx, demo, f.ids[event])
		if err != nil {
			f.fail(fmt.Errorf("%s: %w", event, err))
			return
		}
		v := e.Value.(*kind.Event)
		v.Documents = append(links, v.Documents...)
		for _, l := range links {
			if l.Slot == "registration_form" {
				v.Registration.Form = l.Document
			}
		}
		parts := e.Kind.Split(v)
		if _, err := f.site.Content.Save(f.ctx, demo, content.Change{ID: e.ID, Set: content.Parts{content.Facts: parts[content.Facts]}}); err != nil {
			f.fail(fmt.Errorf("documents of %s: %w", event, err))
		}
	}
}

// upload stores a file once and gives its id.
func (f *filler) upload(name string, make func() ([]byte, error)) content.FileRef {
	if f.err != nil {
		return ""
	}
	if id := f.files[name]; id != "" {
		return content.FileRef(id)
	}
	b, err := make()
	if err == nil {
		var file *media.File
		if file, err = f.site.Media.Upload(f.ctx, demo, media.Upload{Name: name, Body: bytes.NewReader(b), Size: int64(len(b)), Office: f.ids["organization/rcpg"]}); err == nil {
			f.files[name] = file.ID
			return content.FileRef(file.ID)
		}
	}
	f.fail(fmt.Errorf("file %s: %w", name, err))
	return ""
}

// Times. Days are counted from today in the office's zone; a happening never falls on a weekend.

func (f *filler) date(days int) time.Time {
	t := f.now.In(f.zone).AddDate(0, 0, days)
	step := 1
	if days < 0 {
		step = -1
	}
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, step)
	}
	return t
}

// day is a working day, so many days from today.
func (f *filler) day(days int) content.Date {
	return content.Date(f.date(days).Format(time.DateOnly))
}

// at is a wall time on a working day, so many days from today.
func (f *filler) at(days int, clock string) content.LocalTime {
	return content.LocalTime(string(f.day(days)) + "T" + clock)
}

// on is a wall time so many days after the date of another, weekends not minded.
func on(t content.LocalTime, days int, clock string) content.LocalTime {
	d, err := time.Parse("2006-01-02T15:04", string(t))
	if err != nil {
		panic(err) // made by at
	}
	return content.LocalTime(d.AddDate(0, 0, days).Format(time.DateOnly) + "T" + clock)
}

func slot(start content.LocalTime, from, to string) content.Slot {
	return content.Slot{Start: on(start, 0, from), End: on(start, 0, to)}
}

func (f *filler) moment(days int, clock string) content.Moment {
	return content.Moment{At: f.at(days, clock), Zone: office}
}

// Parts of entries that come again and again.

func id(s string) content.Item { return content.Item{ID: s} }

// signing asks an organisation to work on the page, and to sign it off.
func signing(r kind.OrganizationRole) kind.OrganizationRole {
	r.Joint = kind.JointSigns
	return r
}

func (f *filler) org(slug, role string) kind.OrganizationRole {
	return kind.OrganizationRole{Organization: f.ref("organization/" + slug), Role: role}
}

// person gives someone's role with title and affiliation as they are today.
func (f *filler) person(slug, role, status string) kind.PersonRole {
	p := people[slug]
	if p == nil {
		f.fail(fmt.Errorf("person %s is not there", slug))
		return kind.PersonRole{}
	}
	r := kind.PersonRole{Person: f.ref("person/" + slug), Role: role, Status: status, Title: f.words.line("person/"+slug, "position"), Country: p.country}
	if p.office != "" {
		r.Organization, r.Affiliation = f.ref("organization/"+p.office), f.words.line("organization/"+p.office, "name")
	}
	return r
}

// contact is whom to write to; its words are those of a contact in words/*/contacts.txt.
func (f *filler) contact(slug, mailbox, unit string, languages ...string) kind.Contact {
	c := kind.Contact{Name: f.words.line("contact/"+slug, "name"), Position: f.words.line("contact/"+slug, "position"), Mailbox: mailbox + "@example.org", Languages: languages}
	if len(c.Name) == 0 && len(c.Position) == 0 {
		f.fail(fmt.Errorf("contact %s has no words", slug))
	}
	if unit != "" {
		c.Unit = f.ref("organization/" + unit)
	}
	return c
}

// image is a picture drawn for the site.
func (f *filler) image(name string) kind.Picture {
	file := f.upload(name+".jpg", func() ([]byte, error) { return drawArt(name) })
	return kind.Picture{File: file, Alt: f.words.line("picture/"+name, "alt"), Credit: "RCPG"}
}

// mondayAfter is a wall time on the first Monday not before so many days from today.
func (f *filler) mondayAfter(days int, clock string) content.LocalTime {
	t := f.now.In(f.zone).AddDate(0, 0, days)
	for t.Weekday() != time.Monday {
		t = t.AddDate(0, 0, 1)
	}
	return content.LocalTime(t.Format(time.DateOnly) + "T" + clock)
}

func withText(x content.Line, l, words string) content.Line {
	x.Set(i18n.Locale(l), content.Text{Words: words})
	return x
}
