package registration

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// letter writes to a registrant in their language, with a private link of its own. Nothing that they or a stranger typed
// stands in it: anybody can enter anybody's address.
func (s *Store) letter(ctx context.Context, tx bun.Tx, h *held, r *row, name string) error {
	if r.Mail == "" {
		return nil
	}
	token, err := s.newToken(ctx, tx, h, r)
	if err != nil {
		return err
	}
	l := r.Locale
	title, in := h.Form.Title.Pick(l, h.Original)
	if in != l {
		title = i18n.Isolate(title)
	}
	say := func(key string, args ...any) string {
		return s.Catalogue.T(l, "letter."+name+"."+key, append(args, "Event", title)...)
	}
	page := s.BaseURL + "/" + string(l) + "/" + h.Path
	parts := []string{say("text"), s.BaseURL + "/" + string(l) + "/registrations/" + token}
	if when := h.Form.WhenIn(l); when != "" {
		parts = append(parts, s.Catalogue.T(l, "letter.event", "Event", title)+"\n"+when+"\n"+page)
	}
	switch name {
	case "confirmed", "promoted":
		if w, _ := h.Form.Confirmation.Pick(l, h.Original); w != "" {
			parts = append(parts[:1], append([]string{w}, parts[1:]...)...)
		}
		if p := h.Form.When.Precision; p == content.PrecisionDay || p == content.PrecisionTime {
			parts = append(parts, s.Catalogue.T(l, "letter.calendar")+"\n"+page+".ics")
		}
	case "verify":
		parts = append(parts, s.Catalogue.T(l, "letter.not_you"))
	}
	parts = append(parts, s.SiteName(l))
	return s.Send(ctx, tx, Letter{To: r.Mail, Locale: l, Subject: say("subject"), Text: strings.Join(parts, "\n\n") + "\n", Cause: "registration." + name})
}

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
