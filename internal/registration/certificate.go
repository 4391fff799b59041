package registration

import (
	"plenary/internal/i18n"
)

// Certificate is what a person who attended is given, all in one language.
type Certificate struct {
	Locale                 i18n.Locale
	Title, Certifies, Name string
	TookPart, Event, When  string
	EventLocale            i18n.Locale // which the event's title is in
	Issued                 string
}

// Certificate makes the certificate of somebody who attended; nil for others. It is in their own language, office is who
// issues it, as it is called there, on the event's last day.
func (s *Store) Certificate(f *Form, original i18n.Locale, r *Registration, office func(i18n.Locale) string) *Certificate {
	if r.State != Attended {
		return nil
	}
	l := r.Locale
	say := func(key string, args ...any) string { return s.Catalogue.T(l, "certificate."+key, args...) }
	c := &Certificate{Locale: l, Title: say("title"), Certifies: say("certifies"), Name: r.Name, TookPart: say("took_part"), When: f.WhenIn(l)}
	c.Event, c.EventLocale = f.Title.Pick(l, original)
	day := f.Ends
	if day.IsZero() {
		day = r.Updated
	}
	c.Issued = say("issued", "Office", i18n.Isolate(office(l)), "Day", i18n.Date(l, day.Add(-1).In(f.Location())))
	return c
}
