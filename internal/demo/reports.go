package demo

import (
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func (f *filler) reports() {
	for _, r := range []struct {
		slug, stage, event, symbol, picture, topics, sdgs, countries, organizations, languages string
		date                                                                                   content.Date
		figures                                                                                kind.Statistics
	}{
		{"names-on-record", "final", "names-on-record", "RCPG/TR/2026/1/OR", "crossing", "civil-registration registrars", "16", "FJ JO KE", "rcpg arsps plain-language", "en fr",
			f.day(-21), kind.Statistics{Registered: 655, Attended: 412, Countries: 46, Women: 54}},
		{"complaints-online", "final", "complaints-online", "RCPG/CR/2026/OR", "islands", "complaints-and-redress", "16", "FJ MU", "ombuds-circle rcpg", "en fr",
			f.day(-158), kind.Statistics{Registered: 180, Attended: 133, Countries: 17, Women: 58}},
		{"symposium-11", "final", "public-service-symposium-11", "RCPG/SYM/11/OR", "counters", "local-government complaints-and-redress", "10 16", "TH PH ID", "rcpg ombuds-circle", "en",
			f.day(-310), kind.Statistics{Registered: 611, Attended: 403, Countries: 31, Women: 49}},
		{"identity-safeguards", "for_comment", "identity-safeguards", "RCPG/DI/2026/OR", "rings", "data-protection civil-registration", "10 16", "KE JO MU", "rcpg ombuds-circle", "en fr",
			f.day(-10), figures},
		{"twinning-visit", "draft", "twinning-visit", "RCPG/TW/2026/3/OR", "river", "land-and-property registrars", "17", "VN ID MY", "salan rcpg", "en",
			f.day(-12), kind.Statistics{Attended: 19, Countries: 6, Women: 47}},
	} {
		name, event := "report/"+r.slug, "event/"+r.event
		v := &kind.Report{Stage: r.stage, Event: f.ref(event), Symbol: r.symbol, Date: r.date, Image: f.image(r.picture), Statistics: r.figures,
			Topics: f.topics(strings.Fields(r.topics)...), SDGs: strings.Fields(r.sdgs), Countries: strings.Fields(r.countries),
			Organizations: f.refs("organization", strings.Fields(r.organizations)...)}
		if r.stage == "for_comment" {
			v.CommentUntil, v.CommentTo = f.moment(14, "18:00"), "comments@example.org"
		}
		for i, l := range strings.Fields(r.languages) {
			v.Files = append(v.Files, kind.LanguageVersion{Language: l, File: f.paper(name, event, i18n.Locale(l), 0, false), Original: i == 0})
		}
		f.add(name, v, option{})
	}
}
