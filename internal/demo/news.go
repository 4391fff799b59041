package demo

import (
	"strings"

	"plenary/internal/content"
	"plenary/internal/kind"
)

func (f *filler) news() {
	const (
		registers = "series/trusted-registers"
		symposium = "series/public-service-symposium"
		budgets   = "series/budgets-in-plain-words"
	)
	for _, n := range []struct {
		slug, typ, picture, event, series, topics, countries string
		date                                                 content.Date
		office                                               string
	}{
		{"budget-series-ends-live", "news", "budget", "budget-on-the-wall", budgets, "public-finance local-government", "KH PE TZ", f.day(0), ""},
		{"field-guide", "press_release", "languages", "field-guide-launch", "", "language-access", "KE TZ", f.day(-2), ""},
		{"registration-opens", "announcement", "parcels", "opening-the-register", registers, "land-and-property digital-government", "ID KE MY TL VN", "2026-11-16", ""},
		{"municipal-complaints-moves-online", "announcement", "islands", "answering-the-mayor", "", "complaints-and-redress", "TL", f.day(-6), ""},
		{"safeguards-for-comment", "news", "rings", "identity-safeguards", "", "data-protection civil-registration", "KE", f.day(-9), ""},
		{"nominations-for-archivists", "announcement", "archive", "from-shelf-to-server", "", "records-and-archives", "TH", f.day(-14), ""},
		{"flood-boxes", "news", "monsoon", "flood-ready-offices", "", "records-and-archives", "KH LA PH", f.day(-15), "organization/midf"},
		{"side-event-cancelled", "announcement", "", "registers-on-the-move", "", "civil-registration", "", f.day(-17), ""},
		{"names-on-record-report", "news", "crossing", "names-on-record", registers, "civil-registration", "KE FJ JO", f.day(-20), ""},
		{"symposium-dates", "media_advisory", "assembly", "public-service-symposium", symposium, "local-government complaints-and-redress", "TH", f.day(-24), ""},
		{"twinning-visit-ends", "news", "river", "twinning-visit", "", "land-and-property", "VN ID MY", f.day(-39), ""},
		{"survey-of-land-offices", "news", "ledger", "", registers, "land-and-property", "ID MY PH TH VN", f.day(-48), ""},
		{"statement-right-to-know", "statement", "", "", "", "data-protection records-and-archives", "", f.day(-57), ""},
	} {
		v := &kind.News{Kind: n.typ, Date: n.date, Topics: f.topics(strings.Fields(n.topics)...), SDGs: []string{"16"}, Countries: strings.Fields(n.countries), Unit: f.ref("organization/rcpg"),
			Contacts: []kind.Contact{f.contact("press", "press", "rcpg", "en", "fr")}}
		switch n.picture {
		case "":
		case "parcels":
			v.Image = f.parcels()
		default:
			v.Image = f.image(n.picture)
		}
		if n.event != "" {
			v.Event = f.ref("event/" + n.event)
		}
		if n.series != "" {
			v.Series = f.ref(n.series)
		}
		f.add("news/"+n.slug, v, option{office: n.office})
	}
}
