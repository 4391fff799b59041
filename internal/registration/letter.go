package registration

import (
	"context"
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
	l := r.Locale
	title, in := h.Form.Title.Pick(l, h.Original)
	if in != l {
		title = i18n.Isolate(title)
	}
	say := func(key string) string { return s.Catalogue.T(l, "letter."+name+"."+key, "Event", title) }
	page := s.BaseURL + "/" + string(l) + "/" + h.Path
	body := mail.Body{Paragraphs: []string{say("text")}, Button: mail.Link{Text: say("button"), URL: s.BaseURL + "/" + string(l) + "/registrations/" + token}}
	if when := h.Form.WhenIn(l); when != "" {
		body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "letter.when"), Value: when})
	}
	body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "letter.page"), Value: page})
	switch name {
	case "confirmed", "promoted":
		if w, _ := h.Form.Confirmation.Pick(l, h.Original); w != "" {
			body.Paragraphs = append(body.Paragraphs, w)
		}
		if p := h.Form.When.Precision; p == content.PrecisionDay || p == content.PrecisionTime {
			body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "letter.calendar"), Value: page + ".ics"})
		}
	case "verify":
		body.After = []string{s.Catalogue.T(l, "letter.not_you")}
	}
	subject := say("subject")
	if over := utf8.RuneCountInString(subject) - mail.MaxSubject; over > 0 { // of two long lines, the title is the longer
		words, _ := h.Form.Title.Pick(l, h.Original)
		short := []rune(words)
		title = i18n.Isolate(string(short[:max(0, len(short)-over-3)]) + "…")
		subject = say("subject")
	}
	x := mail.Letter{Cause: "registration." + name + ":" + r.ID + ":" + hash(token)[:12], To: r.Mail, Locale: l, Subject: subject, NotAfter: h.Form.Ends,
		Secret: s.Mail.Delivers(), About: auth.Object{Kind: "event", ID: h.ID, Event: h.ID, Office: h.Office, Series: h.Series}}
	// Where letters do not leave, staff read them in the outbox, and pass the link on by other ways.
	if name == "verify" {
		x.Priority = mail.Urgent
	}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err = s.Mail.Enqueue(ctx, tx, system, x)
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
