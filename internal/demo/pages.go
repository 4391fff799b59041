package demo

import "plenary/internal/kind"

// pages are the core pages: they exist in every language of the site.
func (f *filler) pages() {
	for _, p := range []string{"about", "contact", "accessibility", "privacy", "terms", "copyright"} {
		v := &kind.Page{Core: true}
		switch p {
		case "contact":
			v.Contacts = []kind.Contact{f.contact("general", "office", "rcpg", "ar", "zh", "en", "fr", "ru", "es"), f.contact("press", "press", "rcpg", "en", "fr"),
				f.contact("events-desk", "events", "tau", "en", "fr", "ar")}
		case "accessibility":
			v.Contacts = []kind.Contact{f.contact("access", "access", "tau", "en", "fr")}
		case "privacy":
			v.Contacts = []kind.Contact{f.contact("data-protection", "privacy", "rcpg", "en", "fr")}
		}
		f.add("page/"+p, v, option{})
	}
}
