package content_test

import (
	"fmt"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// bigEvent has 30 sessions with two people each and words in all nine languages.
func bigEvent(people ...string) *kind.Event {
	line := func(s string) content.Line {
		var m content.Line
		for _, l := range i18n.All {
			m.Set(l, content.Text{Words: s + " " + string(l)})
		}
		return m
	}
	e := &kind.Event{Title: line("Forum"), ShortTitle: line("Forum"), Summary: line("A forum"), Kind: "forum", Scope: "regional", Status: "scheduled", Mode: "online", Access: "open",
		When:             content.When{Start: "2027-04-01T08:00", End: "2027-04-03T18:00", Zone: "Africa/Nairobi", Precision: "time"},
		WorkingLanguages: []string{"en"}, FocalPoint: "account1", Venues: []kind.Venue{{Type: "online", Name: line("Zoom")}}}
	for i := range 30 {
		s := kind.Session{Title: line(fmt.Sprint("Session ", i)), Kind: "panel", Slot: content.Slot{Start: "2027-04-01T08:00", End: "2027-04-01T09:00"},
			Description: content.Prose(line("<p>Paragraph one of this session.</p><p>Two.</p>"))}
		for _, p := range people {
			s.People = append(s.People, kind.PersonRole{Person: content.Ref(p), Role: "speaker", Title: line("Head")})
		}
		e.Sessions = append(e.Sessions, s)
	}
	return e
}

func benchEvent(b *testing.B) (*content.Store, string) {
	s := open(b)
	org := save(b, s, kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "igo"})
	p1 := save(b, s, kind.PersonKind, &kind.Person{Name: content.L("en", "A Person")})
	p2 := save(b, s, kind.PersonKind, &kind.Person{Name: content.L("en", "B Person")})
	e := bigEvent(p1, p2)
	e.Organizations = []kind.OrganizationRole{{Organization: content.Ref(org), Role: "organizer"}}
	e.Contacts = []kind.Contact{{Mailbox: "office@example.org"}}
	id := save(b, s, kind.EventKind, e)
	for _, x := range []string{org, p1, p2, id} {
		locales := []i18n.Locale{i18n.EN}
		if x == id {
			locales = i18n.All
		}
		if err := s.Publish(ctx, staff, content.PublishChange{ID: x, Facts: true, Locales: locales}); err != nil {
			b.Fatal(err)
		}
	}
	return s, id
}

func BenchmarkLiveBigEvent(b *testing.B) {
	s, id := benchEvent(b)
	for b.Loop() {
		if _, err := s.LiveByID(ctx, i18n.AR, id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSaveOneWord(b *testing.B) {
	s, id := benchEvent(b)
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.FR, "title", fmt.Sprint("Titre ", n))}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSaveNews(b *testing.B) {
	s := open(b)
	for b.Loop() {
		save(b, s, kind.NewsKind, news("Registers open"))
	}
}

func BenchmarkPublishNews(b *testing.B) {
	s := open(b)
	id := save(b, s, kind.NewsKind, news("Registers open"))
	for b.Loop() {
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			b.Fatal(err)
		}
	}
}
