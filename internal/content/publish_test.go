package content_test

import (
	"errors"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestChecksSeeWhatOnlyTheStaffSees: whether something may go out can hang on what stays inside.
func TestChecksSeeWhatOnlyTheStaffSees(t *testing.T) {
	s := open(t)
	org := save(t, s, kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "igo"})
	secret := "https://meet.example.org/secret-room"
	id := save(t, s, kind.EventKind, &kind.Event{Title: content.L("en", "Webinar"), Summary: content.L("en", "Summary"), Kind: "webinar", Scope: "global", Status: "scheduled",
		When: content.When{Start: "2027-04-01T20:30", End: "2027-04-01T22:00", Zone: "America/New_York", Precision: content.PrecisionTime}, Mode: "online", Access: "open",
		WorkingLanguages: []string{"en"}, Venues: []kind.Venue{{Type: "online", Name: content.L("en", "Zoom")}}, Organizations: []kind.OrganizationRole{{Organization: content.Ref(org), Role: "organizer"}},
		Contacts: []kind.Contact{{Mailbox: "info@example.org"}}, FocalPoint: "account1",
		Join: kind.Join{URL: secret, OpensBefore: 40}, StreamURL: secret})
	publish := content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}

	told := map[string]bool{}
	for _, p := range s.CheckPublish(get(t, s, id), publish.Locales) {
		told[p.Path+" "+p.Key] = true
	}
	if !told["stream_url problem.join_address_public"] || told["focal_point problem.required"] {
		t.Errorf("the check does not know what the staff knows: %v", told)
	}
	var invalid *content.Invalid
	if err := s.Publish(ctx, staff, publish); !errors.As(err, &invalid) || invalid.Fields()["stream_url"] != "problem.join_address_public" {
		t.Fatalf("the address to join at went out: %v", err)
	}
	facts := content.Leaves{}
	facts.Set("stream_url", "https://live.example.org/1")
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: facts}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, staff, publish); err != nil {
		t.Fatal(err)
	}
	live, err := s.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Live(ctx, i18n.EN, live.Path)
	if err != nil {
		t.Fatal(err)
	}
	e := page.Value.(*kind.Event)
	if e.Join != (kind.Join{OpensBefore: 40}) || e.FocalPoint != "" {
		t.Errorf("published of joining: %+v, of the person in charge: %q", e.Join, e.FocalPoint)
	}
}

// TestCorePagesAreMissedInEveryLanguage: a page that must exist everywhere is asked for in each language it lacks, and can be
// published all the same.
func TestCorePagesAreMissedInEveryLanguage(t *testing.T) {
	s := open(t)
	page := &kind.Page{Title: content.L("en", "Privacy", "fr", "Confidentialité"), Core: true, Blocks: []kind.Block{{Kind: "custom", Body: content.P("en", "<p>Text.</p>")}}}
	missed := func(id string) int {
		n := 0
		for _, p := range s.CheckPublish(get(t, s, id), []i18n.Locale{i18n.EN}) {
			if p.Key == "problem.language_missing" {
				if n++; p.Blocks || p.Path != "title" || p.Locale == i18n.EN || p.Locale == i18n.FR {
					t.Errorf("missed: %+v", p)
				}
			}
		}
		return n
	}
	if n := missed(save(t, s, kind.PageKind, page)); n != len(s.Locales)-2 {
		t.Errorf("a core page in two languages is missed in %d", n)
	}
	page.Core = false
	if n := missed(save(t, s, kind.PageKind, page)); n != 0 {
		t.Errorf("any page is missed in %d languages", n)
	}
}
