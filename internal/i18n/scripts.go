package i18n

import "unicode"

// alike are the scripts with letters that look like each other's.
var alike = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic}

// MixesScripts tells whether letters of two scripts that look alike stand in one word: nobody is called so, and it is how one
// person's name is made to look like another's.
func MixesScripts(s string) bool {
	var script *unicode.RangeTable
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			script = nil // the next word may be in another
			continue
		}
		for _, t := range alike {
			if !unicode.Is(t, r) {
				continue
			}
			if script != nil && script != t {
				return true
			}
			script = t
		}
	}
	return false
}

// written are the scripts that languages other than those in Latin letters are written in.
var written = map[Locale][]*unicode.RangeTable{AR: {unicode.Arabic}, ZH: {unicode.Han}, RU: {unicode.Cyrillic}, KO: {unicode.Hangul, unicode.Han}}

// WrittenIn tells whether the first letter of s is of the script that the language is written in.
func WrittenIn(l Locale, s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		if scripts, ok := written[l]; ok {
			return unicode.In(r, scripts...)
		}
		return unicode.Is(unicode.Latin, r)
	}
	return false
}
