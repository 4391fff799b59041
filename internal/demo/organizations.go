package demo

import (
	"plenary/internal/kind"
)

func (f *filler) topicsAndOrganizations() {
	for _, t := range []string{"digital-government", "land-and-property", "civil-registration", "public-finance", "local-government",
		"records-and-archives", "complaints-and-redress", "language-access", "data-protection"} {
		f.add("topic/"+t, &kind.Topic{Scheme: "theme", Code: t}, option{})
	}
	for _, t := range []string{"registrars", "municipal-officials"} {
		f.add("topic/"+t, &kind.Topic{Scheme: "audience", Code: t}, option{})
	}
	for _, o := range []struct{ slug, typ, parent, country, url string }{
		{"rcpg", "igo", "", "TH", "https://rcpg.example.org/"},
		{"dpss", "igo", "rcpg", "TH", ""},
		{"tau", "igo", "rcpg", "TH", ""},
		{"salan", "igo", "", "ID", "https://salan.example.org/"},
		{"midf", "igo", "", "KH", "https://midf.example.org/"},
		{"arsps", "ngo", "", "MY", "https://arsps.example.org/"},
		{"dta", "igo", "", "", "https://dta.example.org/"},
		{"dta-liaison", "igo", "dta", "TH", ""},
		{"tanah-melati", "government", "", "MY", ""},
		{"mto-mrefu", "government", "", "KE", ""},
		{"song-ha", "government", "", "VN", ""},
		{"santa-rosinha", "government", "", "TL", ""},
		{"karang-biru", "government", "", "ID", ""},
		{"treasurers", "ngo", "", "PE", "https://treasurers.example.org/"},
		{"ombuds-circle", "igo", "", "FJ", "https://ombuds-circle.example.org/"},
		{"sai-thong", "academia", "", "TH", "https://sai-thong.example.org/"},
		{"plain-language", "ngo", "", "TZ", "https://plain-language.example.org/"},
	} {
		v := &kind.Organization{Type: o.typ, Country: o.country, URL: o.url, LogoPolicy: "none"}
		if o.parent != "" {
			v.Parent = f.ref("organization/" + o.parent)
		}
		f.add("organization/"+o.slug, v, option{})
	}
}
