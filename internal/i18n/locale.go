// Package i18n holds locales, messages (go-i18n), direction, dates, lists,
// plurals, collation, negotiation, and the names of countries, languages and
// time zones in the nine languages.
package i18n

// Locale is one of the nine languages of the house, written as its BCP 47 base tag.
type Locale string

// The nine locales.
const (
	AR Locale = "ar"
	ZH Locale = "zh"
	EN Locale = "en"
	FR Locale = "fr"
	RU Locale = "ru"
	ES Locale = "es"
	KO Locale = "ko"
	PT Locale = "pt"
	SW Locale = "sw"
)

// All is every locale in the order of the United Nations language bar: the six
// official languages, then the others.
var All = []Locale{AR, ZH, EN, FR, RU, ES, KO, PT, SW}

var endonyms = map[Locale]string{
	AR: "عربي", ZH: "中文", EN: "English", FR: "Français", RU: "Русский",
	ES: "Español", KO: "한국어", PT: "Português", SW: "Kiswahili",
}

// Parse accepts exactly the known locales, in lower case.
func Parse(s string) (Locale, bool) {
	_, ok := endonyms[Locale(s)]
	if !ok {
		return "", false
	}
	return Locale(s), true
}

// Dir is "rtl" or "ltr", for the dir attribute.
func (l Locale) Dir() string {
	if l == AR {
		return "rtl"
	}
	return "ltr"
}

// Tag is the BCP 47 tag for lang and hreflang attributes.
func (l Locale) Tag() string { return string(l) }

var territories = map[Locale]string{AR: "ar_AR", ZH: "zh_CN", EN: "en_GB", FR: "fr_FR", RU: "ru_RU", ES: "es_ES", KO: "ko_KR", PT: "pt_PT", SW: "sw_KE"}

// OpenGraph is the language as og:locale has it: with a territory, which need not be the reader's.
func (l Locale) OpenGraph() string { return territories[l] }

// Endonym is the language's own name as the language bar shows it; never translated.
func (l Locale) Endonym() string { return endonyms[l] }
