package registration

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// letter writes to a registrant in their language, with a private link of its own. Nothing that they or a stranger typed
// stands in it: anybody can enter anybody's address.
func (s *Store) letter(ctx context.Context, tx bun.Tx, h *held, r *row, name string) error {
	if r.Mail == "" {
		return nil
	}
	token, err := s.newToken(ctx, tx, h, r, name == "verify" || name == "known")
	if err != nil {
		return err
	}
	say := func(title string) string { return s.Catalogue.T(r.Locale, "letter."+name+".subject", "Event", title) }
	d := s.draft(h.Event, r.Locale, token)
	s.modeIn(d, h.Form, r)
	until := ""
	if r.OfferEnds != nil {
		until = h.Form.moment(r.Locale, *r.OfferEnds)
	}
	d.body.Paragraphs = []string{s.Catalogue.T(r.Locale, "letter."+name+".text", "Event", d.title, "Until", until)}
	d.body.Button.Text = s.Catalogue.T(r.Locale, "letter."+name+".button", "Event", d.title)
	var files []mail.File
	switch name {
	case "confirmed", "promoted", "switched":
		if w, _ := h.Form.Confirmation.Pick(r.Locale, h.Original); w != "" {
			d.body.Paragraphs = append(d.body.Paragraphs, w)
		}
		if p := h.Form.When.Precision; p == content.PrecisionDay || p == content.PrecisionTime {
			d.body.Facts = append(d.body.Facts, mail.Fact{Label: s.Catalogue.T(r.Locale, "letter.calendar"), Value: d.page + ".ics"})
		}
		if files, err = s.calendar(ctx, tx, h, r.Locale); err != nil {
			return err
		}
	case "verify":
		d.body.After = []string{s.Catalogue.T(r.Locale, "letter.not_you")}
	}
	x := mail.Letter{Cause: "registration." + name + ":" + r.ID + ":" + auth.LinkHash(token)[:12], Subject: s.subject(h.Event, r.Locale, say), NotAfter: h.Form.Ends, Files: files}
	switch name {
	case "verify":
		x.Priority = mail.Urgent
	case "offered": // of no use after it
		x.Priority, x.NotAfter = mail.Urgent, *r.OfferEnds
	}
	return s.post(ctx, tx, h, r, d, x)
}

// draft is a letter to a registrant before its words.
type draft struct {
	title, page, link, token string
	body                     mail.Body
}

// draft begins a letter in a language with the facts, and a button that leads to the private page of a token.
func (s *Store) draft(e *Event, l i18n.Locale, token string) *draft {
	title, in := e.Form.Title.Pick(l, e.Original)
	if in != l {
		title = i18n.Isolate(title)
	}
	d := &draft{title: title, page: s.BaseURL + "/" + string(l) + "/" + e.Path, link: s.BaseURL + "/" + string(l) + "/registrations/" + token, token: token}
	d.body.Button.URL = d.link
	if when := e.Form.WhenIn(l); when != "" {
		d.body.Facts = append(d.body.Facts, mail.Fact{Label: s.Catalogue.T(l, "letter.when"), Value: when})
	}
	d.body.Facts = append(d.body.Facts, mail.Fact{Label: s.Catalogue.T(l, "letter.page"), Value: d.page})
	return d
}

// modeIn puts how somebody takes part in a hybrid event into a letter to them.
func (s *Store) modeIn(d *draft, f *Form, r *row) {
	if mode := f.Takes(r.Mode); mode != "" && r.Mode != "" {
		at := len(d.body.Facts) - 1 // before the page
		d.body.Facts = slices.Insert(d.body.Facts, at, mail.Fact{Label: s.Catalogue.T(r.Locale, "letter.mode"), Value: s.Catalogue.T(r.Locale, "enum.registration_mode."+mode)})
	}
}

// subject is a subject with the event's title, cut where both are too long: of the two, the title is the longer.
func (s *Store) subject(e *Event, l i18n.Locale, say func(title string) string) string {
	words, in := e.Form.Title.Pick(l, e.Original)
	title := words
	if in != l {
		title = i18n.Isolate(title)
	}
	subject := say(title)
	if over := utf8.RuneCountInString(subject) - mail.MaxSubject; over > 0 {
		short := []rune(words)
		subject = say(i18n.Isolate(string(short[:max(0, len(short)-over-3)]) + "…"))
	}
	return subject
}

// calendar is the event as a file for one's own calendar; none where it has no day.
func (s *Store) calendar(ctx context.Context, q bun.IDB, h *held, l i18n.Locale) ([]mail.File, error) {
	if s.Calendar == nil {
		return nil, nil
	}
	if f, ok := h.files[l]; ok {
		return f, nil
	}
	c, err := s.Calendar(ctx, q, h.Living, l)
	if err != nil {
		return nil, err
	}
	var files []mail.File
	if c != nil {
		files = []mail.File{{Name: "event.ics", Type: c.Attached(), Data: c.Bytes()}}
	}
	if h.files == nil {
		h.files = map[i18n.Locale][]mail.File{}
	}
	h.files[l] = files
	return files, nil
}

// post puts a letter into the outbox, as part of tx.
func (s *Store) post(ctx context.Context, tx bun.Tx, h *held, r *row, d *draft, x mail.Letter) error {
	// Where letters do not leave, staff read them in the outbox, and pass the link on by other ways.
	if s.Mail.Delivers() {
		x.Keys = []string{d.token}
	}
	x.To, x.Locale, x.About = r.Mail, r.Locale, auth.Object{Kind: "event", ID: h.ID, Event: h.ID, Office: h.Office, Series: h.Series}
	x.Text, x.HTML = s.Mail.Compose(r.Locale, d.body)
	_, err := s.Mail.Enqueue(ctx, tx, system, x)
	return err
}

// system writes the letters that follow from what registrants do.
var system = auth.System("registration")

// WhenIn is the event's time in words; empty where it is not known.
func (f *Form) WhenIn(l i18n.Locale) string {
	start, end := f.When.Starts(), f.When.Ends()
	switch {
	case !f.When.Known():
		return ""
	case f.When.Precision == content.PrecisionMonth:
		return i18n.MonthYear(l, start)
	case f.When.Precision == content.PrecisionDay:
		return i18n.DateRange(l, start, end.Add(-1))
	}
	return i18n.When(l, start, end, f.When.Zone, true)
}
