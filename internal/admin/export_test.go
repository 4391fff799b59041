package admin

import (
	"net/url"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// ReadForm takes posted values apart as the handlers do, with nothing stored to fall back on: what comes out has been
// read from the values alone.
func ReadForm(cat *i18n.Catalogue, k *content.Kind, panel, lang i18n.Locale, v url.Values) (content.Parts, []content.Problem) {
	f := bare(cat, k, panel, lang)
	f.Values = v
	parts := f.read()
	var problems []content.Problem
	for _, ps := range f.problems {
		problems = append(problems, ps...)
	}
	return parts, problems
}

// Slow lists what html/template had to execute.
func (a *Admin) Slow() []string { return a.views.Slow() }

func bare(cat *i18n.Catalogue, k *content.Kind, panel, lang i18n.Locale) *entryForm {
	return &entryForm{tongue: tongue{cat, panel}, Kind: k, Lang: lang, Original: i18n.EN, MayFacts: true, MayWords: true,
		today: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Values: url.Values{}}
}
