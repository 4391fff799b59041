package demo

import "plenary/internal/kind"

func (f *filler) series() {
	desk := f.contact("events-desk", "events", "tau", "en", "fr", "ar")
	f.add("series/trusted-registers", &kind.Series{Status: "active", Image: f.image("ledger"), SDGs: []string{"16", "17"},
		Topics:        f.topics("digital-government", "land-and-property", "civil-registration", "registrars"),
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("salan", "partner"), f.org("arsps", "partner")},
		Contacts:      []kind.Contact{desk}}, option{})
	f.add("series/public-service-symposium", &kind.Series{Status: "active", Image: f.image("assembly"), SDGs: []string{"10", "16"},
		Topics:        f.topics("local-government", "digital-government", "complaints-and-redress"),
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer")},
		Contacts:      []kind.Contact{desk}}, option{})
	f.add("series/budgets-in-plain-words", &kind.Series{Status: "concluded", Image: f.image("budget"), SDGs: []string{"11", "16"},
		Topics:        f.topics("public-finance", "local-government", "municipal-officials"),
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("treasurers", "co_organizer")},
		Contacts:      []kind.Contact{f.contact("treasurers", "budgets-secretariat", "treasurers", "es", "en")}}, option{})
}
