package site

import (
	"fmt"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// meeting is an event that says no more than it must.
func (h *house) meeting(title, start string, change func(e *kind.Event)) (content.Ref, string) {
	h.t.Helper()
	org, _ := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Host of "+title), Type: "igo"}, i18n.EN)
	e := &kind.Event{Title: content.L("en", title), ShortTitle: content.L("en", title), Summary: content.L("en", "Summary."), Kind: "webinar", Scope: "regional", FocalPoint: "account1",
		When: content.When{Start: content.LocalTime(start), End: content.LocalTime(start[:11] + "23:00"), Zone: "UTC", Precision: "time"}, Status: "scheduled", Mode: "online", Access: "open",
		Venues: []kind.Venue{{Item: content.Item{ID: "v1"}, Type: "online", Name: content.L("en", "Online")}}, WorkingLanguages: []string{"en"},
		Organizations: []kind.OrganizationRole{{Item: content.Item{ID: "o1"}, Organization: org, Role: "organizer"}}, Contacts: []kind.Contact{{Item: content.Item{ID: "c1"}, Mailbox: "office@office.example"}}}
	if change != nil {
		change(e)
	}
	return h.publish(kind.EventKind, e, i18n.EN)
}

// A profile lists the events somebody has a part in, and no others: not those they cancelled or were replaced in, but those in
// which they stepped in. What is said of the event to machines agrees.
func TestProfilesFollowWhoTakesPart(t *testing.T) {
	h := open(t, 0)
	person := func(name string) (content.Ref, string) {
		return h.publish(kind.PersonKind, &kind.Person{Name: content.L("en", name), Position: content.L("en", "Adviser")}, i18n.EN)
	}
	ada, adaPath := person("Ada Absent")
	ben, benPath := person("Ben Stead")
	item := func(id string) content.Item { return content.Item{ID: id} }
	role := func(status string, by content.Ref) kind.PersonRole {
		return kind.PersonRole{Item: item("p1"), Person: ada, Role: "speaker", Status: status, ReplacedBy: by}
	}
	_, replaced := h.meeting("Replaced", "2026-08-01T08:00", func(e *kind.Event) { e.People = []kind.PersonRole{role("replaced", ben)} })
	h.meeting("Cancelled", "2026-08-02T08:00", func(e *kind.Event) { e.People = []kind.PersonRole{role("cancelled", "")} })
	h.meeting("Confirmed", "2026-08-03T08:00", func(e *kind.Event) { e.People = []kind.PersonRole{role("confirmed", "")} })
	h.meeting("In a session", "2026-08-05T08:00", func(e *kind.Event) {
		e.Sessions = []kind.Session{{Item: item("s1"), Title: content.L("en", "Opening"), Kind: "opening", Slot: content.Slot{Start: "2026-08-05T08:00", End: "2026-08-05T09:00"}, People: []kind.PersonRole{role("replaced", ben)}}}
	})
	h.meeting("Both", "2026-08-04T08:00", func(e *kind.Event) {
		e.People = []kind.PersonRole{role("cancelled", "")}
		e.Sessions = []kind.Session{{Item: item("s1"), Title: content.L("en", "Closing"), Kind: "closing", Slot: content.Slot{Start: "2026-08-04T08:00", End: "2026-08-04T09:00"}, People: []kind.PersonRole{role("confirmed", "")}}}
	})
	if got := titles(h.get("/en/"+adaPath), "#events h3"); fmt.Sprint(got) != "[Both Confirmed]" {
		t.Errorf("of who was replaced and cancelled: %q", got)
	}
	if got := titles(h.get("/en/"+benPath), "#events h3"); fmt.Sprint(got) != "[In a session Replaced]" {
		t.Errorf("of who stepped in: %q", got)
	}
	if said := h.get("/en/" + replaced).Find(`script[type="application/ld+json"]`).Text(); !strings.Contains(said, `"performer":[{"@type":"Person","name":"Ben Stead"`) || strings.Contains(said, "Ada") {
		t.Errorf("said to machines: %s", said)
	}
}

// What names an event as its parent is on its page, by how it belongs there; and a document leads back to the events that show it.
func TestAnEventListsWhatBelongsToIt(t *testing.T) {
	h := open(t, 0)
	w := h.build()
	forum, path := h.meeting("Forum", "2026-09-01T08:00", func(e *kind.Event) {
		e.Documents = []kind.DocumentLink{{Item: content.Item{ID: "d1"}, Slot: "background", Document: w.doc}}
	})
	child := func(title, start, relation string) {
		h.meeting(title, start, func(e *kind.Event) { e.Parent, e.Relation = forum, relation })
	}
	child("Later side event", "2026-09-03T08:00", "in_margins_of")
	child("First side event", "2026-09-02T08:00", "in_margins_of")
	child("One year on", "2027-09-02T08:00", "follow_up_to")
	child("Just a child", "2026-09-02T08:00", "")
	d := h.get("/en/" + path)
	for id, want := range map[string]string{"#side-events": "[First side event Later side event]", "#follow-ups": "[One year on]", "#related": "[Just a child]"} {
		if got := titles(d, id+" h3"); fmt.Sprint(got) != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if got := say(d, "#side-events h2"); got != "Side events" {
		t.Errorf("headed %q", got)
	}
	if h.get("/ar/"+path).Find("#follow-ups h2:contains('فعاليات المتابعة')").Length() != 1 {
		t.Error("no Arabic heading")
	}
	doc := h.get("/en/documents/concept-note-opening-the-register")
	if doc.Find("main a[href='/en/"+path+"']").Length() != 1 || doc.Find("main a[href='/en/"+w.eventPath+"']").Length() != 1 {
		t.Error("the document does not lead back to the events that show it")
	}
}
