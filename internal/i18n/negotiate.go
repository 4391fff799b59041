package i18n

import (
	"slices"

	"golang.org/x/text/language"
)

// maxAcceptLanguage bounds the work a header can ask for; browsers send far less.
const maxAcceptLanguage = 1000

// Negotiate picks the locale for an Accept-Language header. It compares base
// languages and trusts the matcher only when it is sure: on its own the matcher
// offers Russian to readers of Ukrainian, and English to readers from Hong Kong.
func Negotiate(acceptLanguage string, offered []Locale, def Locale) Locale {
	if len(acceptLanguage) > maxAcceptLanguage || len(offered) == 0 {
		return def
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return def
	}
	tags := make([]language.Tag, len(offered))
	for i, l := range offered {
		tags[i] = language.Make(string(l))
	}
	matcher := language.NewMatcher(tags)
	for _, t := range wanted {
		base, sure := t.Base()
		if sure != language.Exact {
			continue // "*" and other undetermined tags
		}
		if l := Locale(base.String()); slices.Contains(offered, l) {
			return l
		}
		if _, i, conf := matcher.Match(t); conf >= language.High {
			return offered[i]
		}
	}
	return def
}
