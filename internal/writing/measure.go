package writing

import (
	"math"
	"strings"
	"time"
	"unicode"

	"plenary/internal/i18n"
)

// Measure is how long a text is and how hard to read.
type Measure struct {
	Words     int // of Chinese characters
	Sentences int
	Minutes   int // to read it, rounded up; 0 for nothing
	// Mean is how many words, of Chinese characters, a sentence has.
	Mean float64
	// Ease goes from 0, very hard, to 100, very easy, by the formula that Formula names; "" where the language has none, and
	// where the text is too short for it to mean anything.
	Ease    int
	Formula string
}

// pace is how many words, of Chinese characters, a grown-up reads in a minute: Trauzettel-Klosinski and Dietz, 2012; Brysbaert, 2019.
var pace = map[i18n.Locale]int{i18n.AR: 138, i18n.ZH: 255, i18n.EN: 228, i18n.FR: 195, i18n.RU: 184, i18n.ES: 218, i18n.KO: 170, i18n.PT: 181, i18n.SW: 170}

// formulas are those that were made for a language: base - sentence·(words per sentence) - syllable·(syllables per word).
var formulas = map[i18n.Locale]struct {
	name                     string
	base, sentence, syllable float64
	vowels                   string
}{
	i18n.EN: {"Flesch", 206.835, 1.015, 84.6, "aeiouy"},
	i18n.FR: {"Kandel–Moles", 207, 1.015, 73.6, "aeiouyàâæéèêëîïôœùûü"},
	i18n.ES: {"Fernández Huerta", 206.84, 1.02, 60, "aeiouáéíóúü"},
	i18n.RU: {"Оборнева", 206.835, 1.3, 60.1, "аеёиоуыэюя"},
	i18n.PT: {"Martins", 248.835, 1.015, 84.6, "aeiouáâãàéêíóôõúü"},
}

// enough words for a formula to mean anything.
const enough = 50

// Of measures texts in a language.
func Of(l i18n.Locale, texts ...Text) Measure {
	var m Measure
	formula, has := formulas[l]
	syllables := 0
	for _, t := range texts {
		blocks, _ := split(t)
		for _, b := range blocks {
			eachSentence(b.text, func(s string) {
				n := length(l, s)
				if n == 0 {
					return
				}
				m.Words += n
				if !t.Title && !t.Label && b.heading == 0 {
					m.Sentences++
				}
				if has {
					for w := range strings.FieldsSeq(strings.ToLower(s)) {
						syllables += syllablesOf(l, w, formula.vowels)
					}
				}
			})
		}
	}
	if m.Words == 0 {
		return m
	}
	m.Minutes = int((time.Duration(m.Words)*time.Minute/time.Duration(pace[l]) + time.Minute - 1) / time.Minute)
	if m.Sentences > 0 {
		m.Mean = float64(m.Words) / float64(m.Sentences)
	}
	if has && m.Words >= enough && m.Sentences > 0 {
		ease := formula.base - formula.sentence*m.Mean - formula.syllable*float64(syllables)/float64(m.Words)
		m.Ease, m.Formula = int(math.Round(min(100, max(0, ease)))), formula.name
	}
	return m
}

// strong vowels of Spanish and Portuguese.
const strong = "aeoáâãàéêíóôõú"

// syllablesOf counts groups of vowels; in Russian each vowel is one. At least one in a word that has letters.
func syllablesOf(l i18n.Locale, w, vowels string) int {
	n, letters := 0, false
	var last rune // the vowel before
	runes := []rune(strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }))
	for _, r := range runes {
		letters = letters || unicode.IsLetter(r)
		vowel := strings.ContainsRune(vowels, r)
		// Two strong vowels of Spanish and Portuguese are two syllables.
		if vowel && (last == 0 || l == i18n.RU || (l == i18n.ES || l == i18n.PT) && strings.ContainsRune(strong, r) && strings.ContainsRune(strong, last)) {
			n++
		}
		if last = 0; vowel {
			last = r
		}
	}
	if k := len(runes); k > 2 && n > 1 {
		end := string(runes[k-2:])
		switch {
		case l == i18n.EN && runes[k-1] == 'e' && end != "le" && !strings.ContainsRune(vowels, runes[k-2]),
			l == i18n.EN && end == "ed" && !strings.ContainsRune("td", runes[k-3]),
			l == i18n.FR && runes[k-1] == 'e' && !strings.ContainsRune(vowels, runes[k-2]),
			l == i18n.FR && end == "es" && !strings.ContainsRune(vowels, runes[k-3]):
			n--
		}
	}
	if letters && n == 0 {
		n = 1
	}
	return n
}

// HasFormula reports whether there is a formula of reading ease for a language.
func HasFormula(l i18n.Locale) bool { return formulas[l].name != "" }
