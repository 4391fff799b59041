package analysis

import (
	"slices"
	"strings"
	"unicode/utf8"

	"plenary/internal/i18n"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
)

// Stem gives what a folded word has in common with its other forms. It need not be a word. What is written in other letters
// than the text's language is taken for the language of those letters: Latin ones in Arabic or Chinese for English.
//
// Stemmers expect accents. Here words come without, as people type them: both sides lose the same.
func Stem(l i18n.Locale, word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	switch {
	case r >= 0x600 && r <= 0x6ff:
		return stemArabic(word)
	case r >= 0x400 && r <= 0x4ff:
		return snowball(russian.Stem, word)
	case r < 'a' || r > 0x24f || len(word) < 3 || strings.ContainsFunc(word, func(r rune) bool { return r >= '0' && r <= '9' }):
		return word
	}
	switch l {
	case i18n.FR:
		return stemFrench(word)
	case i18n.ES:
		return stemSpanish(word)
	case i18n.PT:
		return stemPortuguese(word)
	case i18n.SW:
		return stemSwahili(word)
	}
	return snowball(english.Stem, word)
}

func snowball(stem func(*snowballstem.Env) bool, word string) string {
	env := snowballstem.NewEnv(word)
	stem(env)
	if out := env.Current(); out != "" {
		return out
	}
	return word
}

// frenchVerbs are endings of verbs in -ire and -ir that the stemmer leaves on short stems.
var frenchVerbs = []string{"iraient", "irions", "iront", "irait", "irons", "irez", "irai", "iras", "ira", "ires", "ire", "ir"}

// stemFrench also takes the forms of verbs as inscrire with their nouns, and adjectives in -ière, which comes without its accent.
func stemFrench(word string) string {
	for _, end := range frenchVerbs {
		if base, ok := strings.CutSuffix(word, end); ok && len(base) >= 4 && !strings.ContainsRune("aeiouy", rune(base[len(base)-1])) {
			return base
		}
	}
	if base, ok := strings.CutSuffix(strings.TrimSuffix(word, "s"), "iere"); ok && len(base) >= 3 {
		word = base + "ier"
	}
	out := snowball(french.Stem, word)
	if base, ok := strings.CutSuffix(out, "ript"); ok && len(base) > 2 { // inscription, inscrire
		out = base + "r"
	}
	return out
}

// stemSpanish takes plurals in -ciones and -siones with their singulars, which without their accents the stemmer does not know.
func stemSpanish(word string) string {
	if base, ok := strings.CutSuffix(word, "iones"); ok && len(base) >= 3 {
		word = base + "ion"
	}
	return snowball(spanish.Stem, word)
}

// stemPortuguese takes plurals in -ões, -ães and -ns with their singulars, which without their accents look like other words.
func stemPortuguese(word string) string {
	for _, end := range [][2]string{{"coes", "cao"}, {"soes", "sao"}, {"oes", "ao"}, {"aes", "ao"}, {"ns", "m"}, {"ais", "al"}, {"eis", "el"}} {
		if base, ok := strings.CutSuffix(word, end[0]); ok && len(base) >= 3 {
			word = base + end[1]
			break
		}
	}
	if base, ok := strings.CutSuffix(word, "cao"); ok && len(base) >= 3 {
		return base + "c"
	}
	return snowball(portuguese.Stem, word)
}

// stemArabic takes off the article with what is written together with it, and endings: the light stemmer "light10" of Larkey,
// Ballesteros and Connell, on folded letters, but for the letter of “and”, with which many words begin: see ArabicForms.
func stemArabic(word string) string {
	w := []rune(word)
	cutBefore := func(prefix string, least int) bool {
		p := []rune(prefix)
		if len(w) >= len(p)+least && slices.Equal(w[:len(p)], p) {
			w = w[len(p):]
			return true
		}
		return false
	}
	for _, p := range []string{"وبال", "ولل", "وال", "بال", "كال", "فال", "ال", "لل"} {
		if cutBefore(p, 2) {
			break
		}
	}
	for _, p := range []string{"ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"} {
		if end := []rune(p); len(w) >= len(end)+2 && slices.Equal(w[len(w)-len(end):], end) {
			w = w[:len(w)-len(end)]
		}
	}
	return string(w)
}

// ArabicForms are a folded word with the clitics that are written together with it: and, so, in, for, like, and the article
// with each. Light stemming leaves the short ones alone, since many words begin with these letters; asked for like this, they
// are found where they are clitics.
func ArabicForms(word string) []string {
	r, _ := utf8.DecodeRuneInString(word)
	if r < 0x600 || r > 0x6ff || utf8.RuneCountInString(word) < 3 {
		return nil
	}
	base := word
	if bare, ok := strings.CutPrefix(word, "ال"); ok && utf8.RuneCountInString(bare) >= 3 {
		base = bare
	}
	var out []string
	for _, p := range []string{"", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال", "ول", "وب"} {
		if p+base != word {
			out = append(out, p+base)
		}
	}
	if bare, ok := strings.CutPrefix(word, "و"); ok && utf8.RuneCountInString(bare) >= 3 {
		out = append(out, bare)
	}
	return out
}

// Swahili words agree by prefixes: usajili, wasajili, kusajili, watakaojisajili.
var (
	swahiliSubject = []string{"tuna", "hawa", "haki", "haku", "hai", "ha", "wa", "ku", "ki", "vi", "zi", "tu", "ni", "mw", "ma", "mi", "pa", "ya", "li", "u", "m", "a", "i"}
	swahiliTense   = []string{"takao", "takayo", "takazo", "takacho", "taka", "nayo", "nao", "nazo", "li", "na", "ta", "me", "ka", "nge", "sipo"}
)

// stemSwahili takes off what a verb or noun agrees by, and the ending -ni of places, as long as enough of a word is left.
func stemSwahili(word string) string {
	const least = 5
	if base, ok := strings.CutSuffix(word, "ni"); ok && len(base) > least {
		word = base
	}
	for _, p := range swahiliSubject {
		base, ok := strings.CutPrefix(word, p)
		if !ok || len(base) < least {
			continue
		}
		for _, t := range swahiliTense {
			if rest, ok := strings.CutPrefix(base, t); ok && len(rest) >= least {
				if self, ok := strings.CutPrefix(rest, "ji"); ok && len(self) >= least {
					rest = self
				}
				return rest
			}
		}
		if self, ok := strings.CutPrefix(base, "ji"); ok && len(self) >= least {
			return self
		}
		return base
	}
	return word
}
