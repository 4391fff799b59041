package i18n

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	_ "time/tzdata" // the zones below must load on machines without a zone database
)

//go:embed data/countries.tsv
var countriesTSV string

//go:embed data/languages.tsv
var languagesTSV string

//go:embed data/zones.tsv
var zonesTSV string

// nameTable holds one name per locale, in the order of All.
type nameTable struct {
	codes []string
	names map[string][]string
}

var (
	countries = sync.OnceValue(func() nameTable { return readNames(countriesTSV) })
	languages = sync.OnceValue(func() nameTable { return readNames(languagesTSV) })
	zones     = sync.OnceValue(func() nameTable { return readNames(zonesTSV) })
)

func readNames(tsv string) nameTable {
	t := nameTable{names: map[string][]string{}}
	for line := range strings.Lines(tsv) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 1+len(All) {
			t.codes = append(t.codes, f[0])
			t.names[f[0]] = f[1:]
		}
	}
	return t
}

func (t nameTable) name(l Locale, code string) (string, bool) {
	row, ok := t.names[code]
	if !ok {
		return "", false
	}
	if i := slices.Index(All, l); i >= 0 {
		return row[i], true
	}
	return row[slices.Index(All, EN)], true
}

// CountryName is the United Nations short name of an ISO 3166-1 alpha-2 code; an
// unknown code comes back as it is.
func CountryName(l Locale, code string) string {
	if n, ok := countries().name(l, code); ok {
		return n
	}
	return code
}

// Countries lists the codes of member and observer states and common areas, by
// code; sort by name with SortBy.
func Countries() []string { return slices.Clone(countries().codes) }

// LanguageName is the name of an ISO 639 language, spoken or signed ("ils" is
// International Sign), written as inside a sentence; an unknown code comes back
// as it is.
func LanguageName(l Locale, code string) string {
	if n, ok := languages().name(l, code); ok {
		return n
	}
	return code
}

// Languages lists the codes LanguageName knows, by code.
func Languages() []string { return slices.Clone(languages().codes) }

// ZoneCity is the city an IANA zone is named after in the language. Zones without
// a table row give the city in the identifier; anything else comes back as it is.
func ZoneCity(l Locale, zone string) string {
	if n, ok := zones().name(l, zone); ok {
		return n
	}
	if zone == "Etc/UTC" || zone == "Etc/GMT" {
		return "UTC"
	}
	if strings.Contains(zone, "/") && !strings.Contains(zone, " ") {
		zone = zone[strings.LastIndexByte(zone, '/')+1:]
		return strings.ReplaceAll(zone, "_", " ")
	}
	return zone
}

// Zones lists the zones we offer, by identifier: the main zone of every country
// and the other large ones, with UTC first.
func Zones() []string { return append([]string{"UTC"}, zones().codes...) }
