// Package analysis makes words out of texts in nine languages, so that what people type finds what was written: folding,
// splitting, bigrams, stems, clitics and particles, words that are alike, and slips of typing. It is pure, keeps nothing,
// and takes time in proportion to the length of a text.
//
// A text becomes tokens. A token of a script that has spaces is a word, folded (case, accents, forms of letters, digits of
// other scripts); its stem is found by Stem. Chinese and Korean become pairs of neighbouring signs: any word is then a row
// of neighbouring pairs, and nobody needs to know where words begin. Korean pairs go across spaces, since the same words
// are written together and apart.
package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// Token is a word of a text, or a pair of neighbouring signs.
type Token struct {
	Term       string
	Start, End int // bytes of the text that it was made from
	Pos        int // words and signs count; neighbours differ by one
	Pair       bool
}

// LongestTerm is how many bytes of a word count.
const LongestTerm = 48

// sort of a rune, as far as words are concerned.
type sort uint8

const (
	none sort = iota // between words
	space
	letter // of a script that has spaces; digits, too
	inside // belongs to the word around it and is not written: marks, joiners, tatweel
	han
	hangul
	apostrophe
)

func sortOf(r rune) sort {
	switch {
	case r < 0x80:
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return letter
		case r == ' ', r == '\n', r == '\t', r == '\r':
			return space
		case r == '\'':
			return apostrophe
		}
		return none
	case r == '’', r == 'ʼ', r == '‘', r == '＇':
		return apostrophe
	case r == 0xad, r == 0x640, r >= 0x200b && r <= 0x200f, r == 0x2060, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return inside
	case r >= 0xac00 && r <= 0xd7a3, r >= 0x1100 && r <= 0x11ff, r >= 0x3130 && r <= 0x318f:
		return hangul
	case r >= 0x4e00 && r <= 0x9fff, r >= 0x3400 && r <= 0x4dbf, r >= 0x20000 && r <= 0x3134f, r >= 0xf900 && r <= 0xfaff, r == '々', r == '〇',
		r >= 0x3041 && r <= 0x30ff && r != '・':
		return han
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return letter
	case unicode.Is(unicode.M, r):
		return inside
	case unicode.IsSpace(r):
		return space
	}
	return none
}

// Tokens gives the tokens of a text in their order. Positions begin at from, and the next free one comes back: what is asked
// for as neighbours is not found across two texts if that is raised in between.
func Tokens(l i18n.Locale, text string, from int) ([]Token, int) {
	t := tokenizer{locale: l, text: text, pos: from, out: make([]Token, 0, len(text)/6+1)}
	t.run()
	return t.out, t.pos
}

type tokenizer struct {
	locale i18n.Locale
	text   string
	pos    int
	out    []Token

	// of the sign before, in Chinese or Korean
	sign       string
	start, end int
	kind       sort
}

func (t *tokenizer) run() {
	s := t.text
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch k := sortOf(r); k {
		case letter:
			t.flush()
			i = t.word(i)
			continue
		case han, hangul:
			t.addSign(i, i+size, k)
		case space:
			if t.kind != hangul { // Korean goes on behind a space
				t.flush()
			}
		case inside:
		default:
			t.flush()
		}
		i += size
	}
	t.flush()
}

// word takes the word that begins at i and gives where it ends.
func (t *tokenizer) word(i int) int {
	s, end, letters := t.text, i, 0
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		k := sortOf(r)
		if k == apostrophe && t.locale == i18n.SW && letters > 0 && lettersAt(s[end+size:]) { // ng'ombe is one word
			end += size
			continue
		}
		if k != letter && k != inside {
			// U.N. is UN
			if r == '.' && letters == 1 && end+size < len(s) {
				if stop := initials(s, i); stop > 0 {
					t.add(strings.ReplaceAll(s[i:stop], ".", ""), i, stop)
					return stop
				}
			}
			break
		}
		if k == letter {
			letters++
		}
		end += size
	}
	t.add(s[i:end], i, end)
	return end
}

func lettersAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return sortOf(r) == letter
}

// initials gives where a row of single letters with points between them ends that begins at i; 0 if there is none.
func initials(s string, i int) int {
	end, n := i, 0
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if sortOf(r) != letter || !unicode.IsLetter(r) || end+size >= len(s) || s[end+size] != '.' {
			break
		}
		end += size + 1
		n++
	}
	if n < 2 {
		return 0
	}
	if end < len(s) && lettersAt(s[end:]) { // U.N.Habitat, www.x.y.example
		r, size := utf8.DecodeRuneInString(s[end:])
		if next, _ := utf8.DecodeRuneInString(s[end+size:]); !unicode.IsLetter(r) || sortOf(next) == letter {
			return 0
		}
		end += size
	}
	return end
}

func (t *tokenizer) add(word string, start, end int) {
	if term := Fold(word); term != "" {
		t.out = append(t.out, Token{Term: cut(term), Start: start, End: end, Pos: t.pos})
		t.pos++
	}
}

func cut(term string) string {
	if len(term) <= LongestTerm {
		return term
	}
	n := LongestTerm
	for !utf8.RuneStart(term[n]) {
		n--
	}
	return term[:n]
}

func (t *tokenizer) addSign(start, end int, k sort) {
	sign := Fold(t.text[start:end])
	if sign == "" {
		return
	}
	if t.kind != k {
		t.flush()
	}
	if t.kind == k {
		t.out = append(t.out, Token{Term: cut(t.sign + sign), Start: t.start, End: end, Pos: t.pos, Pair: true})
		t.pos++
	}
	t.sign, t.start, t.end, t.kind = sign, start, end, k
}

// flush ends a run of signs: its last one stands alone, so that a single sign is found wherever it is.
func (t *tokenizer) flush() {
	if t.kind == none {
		return
	}
	t.out = append(t.out, Token{Term: cut(t.sign), Start: t.start, End: t.end, Pos: t.pos, Pair: true})
	t.pos++
	t.kind = none
}

// Fold makes a word comparable: i18n.Fold, and Chinese simplified, letters of neighbouring alphabets as their usual ones,
// digits of all scripts as ours.
func Fold(word string) string {
	plain := true
	for i := range len(word) {
		if word[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		word = strings.ToLower(word)
		if !strings.ContainsFunc(word, func(r rune) bool { return !wordy(r) }) {
			return word
		}
	}
	folded := i18n.Fold(i18n.EN, word)
	if !strings.ContainsFunc(folded, func(r rune) bool { return r >= 0x80 || !wordy(r) }) {
		return folded
	}
	var b strings.Builder
	for _, r := range folded {
		switch {
		case r < 0x80:
			if wordy(r) {
				b.WriteRune(r)
			}
			continue
		case r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf:
			if to, ok := simplified()[r]; ok {
				r = to
			}
		case r >= 0x660:
			if to, ok := sameLetter[r]; ok {
				r = to
			} else if unicode.IsDigit(r) {
				r = digit(r)
			}
		}
		if k := sortOf(r); k == inside || k == apostrophe || k == none || k == space {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func wordy(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// sameLetter are letters that are typed for one another: those of Persian and Urdu keyboards.
var sameLetter = map[rune]rune{'ک': 'ك', 'ی': 'ي', 'ې': 'ي', 'ہ': 'ه', 'ھ': 'ه', 'ۀ': 'ه', 'ە': 'ه', 'ڪ': 'ك'}

// digit gives ours for a decimal digit of another script: they stand in tens.
func digit(r rune) rune {
	zero := r
	for n := 0; n < 9 && unicode.IsDigit(zero-1); n++ {
		zero--
	}
	return '0' + (r-zero)%10
}
