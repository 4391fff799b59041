package demo

import (
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// drafts are what nobody outside may see: an event that lacks what publishing needs, one that is complete, news under
// embargo, and what a contributor and two partners have begun.
func (f *filler) drafts() {
	f.add("event/rural-counters", &kind.Event{Kind: "workshop", Scope: "subregional", Topics: f.topics("local-government"), Status: "tentative",
		When: content.When{Zone: office, Precision: content.PrecisionTBD}}, option{draft: true})
	t := f.at(95, "09:00")
	f.add("event/tree-of-titles", &kind.Event{Kind: "expert_group_meeting", Scope: "regional", Topics: f.topics("land-and-property"), SDGs: []string{"1", "5"}, Image: f.image("river"),
		When: when(t, on(t, 1, "16:00"), office), Status: "scheduled", Mode: "in_person", Access: "invitation", Venues: []kind.Venue{f.venue("centre", "TH")},
		WorkingLanguages: []string{"en"}, Accessibility: []string{"step_free"}, Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("salan", "partner")},
		Contacts: []kind.Contact{f.contact("huynh", "registry", "dpss", "en")}, Countries: []string{"TH"}}, option{draft: true})
	f.add("news/new-building", &kind.News{Kind: "press_release", Date: f.day(20), Topics: f.topics("records-and-archives"), Unit: f.ref("organization/rcpg"), Image: f.image("archive"),
		StaffNote: "Embargo until the Assembly has decided."}, option{draft: true})
	f.add("news/office-hours-of-the-river", &kind.News{Kind: "news", Date: f.day(-1), Topics: f.topics("local-government")}, option{draft: true, by: f.as("contributor")})
	t = f.at(44, "14:00")
	f.add("event/tide-tables", &kind.Event{Kind: "webinar", Scope: "subregional", Topics: f.topics("land-and-property"), SDGs: []string{"14"},
		When: when(t, on(t, 0, "15:00"), "Asia/Jakarta"), Status: "scheduled", Mode: "online", Access: "open", Venues: []kind.Venue{online("Zoom")}, WorkingLanguages: []string{"en"},
		Accessibility: []string{"captions"}, Organizations: []kind.OrganizationRole{f.org("salan", "organizer")},
		Contacts: []kind.Contact{f.contact("salan", "salan", "salan", "en")}, Countries: []string{"ID"}}, option{draft: true, office: "organization/salan", by: f.as("partner-salan")})
	f.add("news/mentors-wanted", &kind.News{Kind: "announcement", Date: f.day(0), Topics: f.topics("local-government")},
		option{draft: true, office: "organization/midf", by: f.as("partner-midf")})
}

// later is what happened after everything had been published: an English text that moved on while its translations did
// not, and a change that nobody has published yet.
func (f *filler) later() {
	f.edit("event/public-service-symposium", "Travel help is now open to more participants", func(parts content.Parts) {
		parts["en"].SetText("blocks.practical.body", content.Text{Words: prose(f.words.line("later/symposium", "practical").In(i18n.EN))})
	})
	f.publish("event/public-service-symposium", i18n.EN)
	// A programme that was provisional, and is final with a slot moved, one cancelled and somebody new.
	f.edit("event/one-form-for-firms", "", func(parts content.Parts) {
		parts[content.Facts].Set("programmes", []string{"provisional"})
		parts[content.Facts].Set("programmes.provisional.kind", "provisional")
	})
	f.publish("event/one-form-for-firms")
	f.edit("event/one-form-for-firms", "", func(parts content.Parts) {
		t := f.at(6, "10:00")
		facts := parts[content.Facts]
		facts.Set("programmes", []string{"provisional", "final"})
		facts.Set("programmes.final.kind", "final")
		facts.Set("sessions.elements.slot", slot(t, "11:00", "13:00"))
		facts.Set("sessions.opening.slot", slot(t, "10:00", "11:00"))
		facts.Set("sessions.changes.people", []string{"chair", "rapporteur"})
		facts.Set("sessions.changes.people.chair.person", f.ref("person/pyo-ga-on"))
		facts.Set("sessions.changes.people.chair.role", "vice_chair")
		facts.Set("sessions.changes.people.rapporteur.person", f.ref("person/huynh-khai-toan"))
		facts.Set("sessions.changes.people.rapporteur.role", "rapporteur")
		facts.Set("sessions.closing.cancelled", true)
	})
	f.publish("event/one-form-for-firms")
	f.edit("event/from-shelf-to-server", "Wording agreed with the Institute", func(parts content.Parts) {
		parts["en"].SetText("summary", content.Text{Words: f.words.line("later/workshop", "summary").In(i18n.EN)})
	})
}
