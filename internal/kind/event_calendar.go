package kind

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/ical"
)

// Office is what an event's entry in calendars says of the site.
type Office struct {
	Words   *i18n.Catalogue
	Name    string // of the site, in the language of the entry's words
	Mailbox string // of the office; may be empty
	BaseURL string // scheme://host[:port]
}

// Calendar is a published event as calendars have it, those of the site and those that come with letters: p is its
// publication in a language, around are the entries it names that are published. It reports false for an event that has no
// day yet.
func (e *Event) Calendar(p content.Publication, original locale, around map[string]content.Publication, office Office) (ical.Event, bool) {
	w, held := e.InCalendars()
	if !held {
		return ical.Event{}, false
	}
	l := p.TextLocale
	x := ical.Event{ID: p.ID, Sequence: p.Sequence, Status: "CONFIRMED", Start: w.Starts(), End: w.Ends(), AllDay: w.Precision == content.PrecisionDay,
		Modified: p.Changed, Language: l, Title: MarkedTitle(office.Words, l, p.Title, e.Status), Summary: p.Summary, URL: office.BaseURL + "/" + string(p.Locale) + "/" + p.Path}
	switch e.Status {
	case "cancelled":
		x.Status = "CANCELLED"
	case "tentative", "postponed":
		x.Status = "TENTATIVE"
	}
	if note, in := e.StatusNote.Pick(l, original); note != "" && in == l {
		x.Summary = note + "\n\n" + x.Summary
	}
	if !x.End.After(x.Start) {
		x.End = x.Start.Add(time.Hour) // no end is known; a calendar needs one
	}
	x.Location = e.place(office.Words, l, original)
	x.Organizer, x.Mailbox = office.Name, office.Mailbox
	for _, r := range e.Organizations {
		if o, ok := around[string(r.Organization)]; ok && r.Role == "organizer" {
			x.Organizer = o.Title
			break
		}
	}
	for _, c := range e.Contacts {
		if c.Mailbox != "" {
			x.Mailbox = c.Mailbox
			break
		}
	}
	for _, t := range e.Topics {
		if n, ok := around[string(t)]; ok {
			x.Topics = append(x.Topics, ical.Text{Words: n.Title, Locale: n.TextLocale})
		}
	}
	if _, ok := around[string(e.Parent)]; ok {
		x.Parent = string(e.Parent)
	}
	return x, true
}

// CalendarNames are the ids of the entries that an event's copy in a calendar names.
func (e *Event) CalendarNames() []string {
	ids := []string{string(e.Parent)}
	for _, t := range e.Topics {
		ids = append(ids, string(t))
	}
	for _, r := range e.Organizations {
		ids = append(ids, string(r.Organization))
	}
	return ids
}

// place is where an event takes place, in a line.
func (e *Event) place(words *i18n.Catalogue, l, original locale) ical.Text {
	var at ical.Text
	for _, v := range e.Venues {
		name, in := v.Name.Pick(l, original)
		if at.Words == "" {
			at.Locale = in
		} else {
			at.Words += "; "
		}
		at.Words += name
		if city, _ := v.City.Pick(in, original); city != "" {
			at.Words += words.T(in, "list.comma") + city
		}
		if v.Country != "" {
			at.Words += words.T(in, "list.comma") + i18n.CountryName(in, v.Country)
		}
	}
	if at.Words == "" && e.Mode != "" {
		at = ical.Text{Words: words.T(l, "enum.attendance_mode."+e.Mode), Locale: l}
	}
	return at
}

// CalendarFile is a public event, as it is in q, as a calendar of its own in a language; nil where it has no day yet.
func CalendarFile(ctx context.Context, q bun.IDB, c *content.Store, at *content.Living, l locale, office func(locale) Office) (*ical.Calendar, error) {
	e, ok := at.Value.(*Event)
	if !ok {
		return nil, nil
	}
	p, err := c.PublicationIn(ctx, q, l, at.ID)
	if err != nil {
		return nil, err
	}
	around, err := c.TitlesIn(ctx, q, l, e.CalendarNames())
	if err != nil {
		return nil, err
	}
	x, ok := e.Calendar(p, at.Original, around, office(p.TextLocale))
	if !ok {
		return nil, nil
	}
	return &ical.Calendar{Locale: l, Events: []ical.Event{x}}, nil
}

// MarkedTitle begins with what has become of an event, for programs that show a title and nothing else.
func MarkedTitle(words *i18n.Catalogue, l locale, title, status string) string {
	switch status {
	case "cancelled", "postponed", "rescheduled", "moved_online", "venue_changed":
		return words.T(l, "feed.status", "Status", words.T(l, "enum.event_status."+status), "Title", title)
	}
	return title
}
