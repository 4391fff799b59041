package demo

import (
	"fmt"

	"plenary/internal/i18n"
	"plenary/internal/settings"
)

func (f *filler) settings() {
	if f.err != nil {
		return
	}
	words := func(key string) settings.Words {
		out := settings.Words{}
		for _, t := range f.words.line("settings/site", key) {
			out[t.Locale] = t.Words
		}
		return out
	}
	s := f.site.Settings.Site()
	s.Name, s.PartOf, s.Description, s.Footer = words("name"), words("part_of"), words("description"), words("footer")
	s.PartOfURL = "https://www.example.org/"
	s.Languages, s.Zone = i18n.All, office
	s.Cities = []string{"Asia/Bangkok", "Asia/Manila", "Africa/Nairobi", "Europe/Paris", "America/New_York"}
	s.Social = []settings.Social{{Network: "YouTube", URL: "https://video.example.org/rcpg"}, {Network: "Mastodon", URL: "https://social.example.org/@rcpg"}}
	s.Contact = settings.Contact{Email: "office@example.org", Phone: "+66 2 555 0100", Address: words("address")}
	for _, p := range []string{"about", "contact", "accessibility", "privacy", "terms", "copyright"} {
		s.FooterPages = append(s.FooterPages, string(f.ref("page/"+p)))
	}
	err := f.site.Settings.Save(f.ctx, demo, s, "", "name", "part_of", "part_of_url", "description", "footer", "languages", "zone", "cities", "social", "footer_pages", "contact")
	if err != nil {
		f.fail(fmt.Errorf("settings: %w", err))
	}
}
