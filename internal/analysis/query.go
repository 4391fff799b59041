package analysis

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"plenary/internal/i18n"
)

// Limits of what one may ask.
const (
	LongestQuery = 200 // runes; the rest is not read
	mostClauses  = 12
	mostUnits    = 40 // in a clause
)

// Query is what somebody asks for: all of Clauses, and none of Without.
type Query struct {
	Locale  i18n.Locale
	Clauses []Clause
	Without []Clause
}

// Clause is a word or a phrase as it was typed, in all the ways that it may stand in a text: the first is the nearest.
type Clause struct {
	Words        string // as typed
	Alternatives []Phrase
	Exact        bool // in quotation marks: no other forms of its words
	Last         bool // may be the beginning of a word: somebody is still typing it
	Light        bool // a word such as "of", which need not be there
}

// Phrase is a row of neighbours.
type Phrase struct {
	Units []Unit
	// Weight is how near it is to what was typed, at most 1.
	Weight float64
}

// Unit is a word, or a pair of signs, of a phrase.
type Unit struct {
	Term string
	Pair bool
	// Start is true for a single sign, which is found at the beginning of pairs as well.
	Start bool
}

var quotes = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»', '»': '«', '”': '”', '「': '」', '『': '』', '《': '》', '＂': '＂', '‹': '›', '‟': '”'}

// Parse reads what somebody typed. Quotation marks of all languages make a phrase, a hyphen before a word excludes it.
// Nothing that is typed is an error.
func Parse(l i18n.Locale, typed string) Query {
	q := Query{Locale: l}
	if n := 0; len(typed) > LongestQuery {
		for i := range typed {
			if n++; n > LongestQuery {
				typed = typed[:i]
				break
			}
		}
	}
	text := norm.NFC.String(strings.ToValidUTF8(typed, " "))
	ended := true
	for i := 0; i < len(text) && len(q.Clauses)+len(q.Without) < mostClauses; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			ended = true
			continue
		}
		without := false
		if (r == '-' || r == '−' || r == '–') && ended {
			if next, _ := utf8.DecodeRuneInString(text[i+size:]); sortOf(next) > inside || sortOf(next) == letter || quotes[next] != 0 {
				without, i = true, i+size
				r, size = utf8.DecodeRuneInString(text[i:])
			}
		}
		ended = false
		var c Clause
		if closing := quotes[r]; closing != 0 {
			if at := strings.IndexFunc(text[i+size:], func(x rune) bool { return x == closing || closing == '”' && x == '“' || x == '"' && r != '«' }); at >= 0 {
				c = clause(l, text[i+size:i+size+at], true)
				_, n := utf8.DecodeRuneInString(text[i+size+at:])
				i += size + at + n
				q.add(c, without)
				continue
			}
			i += size // a mark without another
			continue
		}
		end := strings.IndexFunc(text[i:], func(x rune) bool { return unicode.IsSpace(x) || quotes[x] != 0 })
		if end < 0 {
			end = len(text) - i
		}
		c = clause(l, text[i:i+end], false)
		c.Last = i+end == len(text)
		i += end
		q.add(c, without)
	}
	if len(q.Clauses) == 0 { // only what is not wanted: then it is what is wanted
		q.Clauses, q.Without = q.Without, nil
	}
	if !slices.ContainsFunc(q.Clauses, func(c Clause) bool { return !c.Light }) {
		for i := range q.Clauses {
			q.Clauses[i].Light = false
		}
	}
	q.together()
	return q
}

func (q *Query) add(c Clause, without bool) {
	switch {
	case len(c.Alternatives) == 0:
	case without:
		c.Last = false
		q.Without = append(q.Without, c)
	default:
		q.Clauses = append(q.Clauses, c)
	}
}

// Empty reports whether nothing can be looked for.
func (q Query) Empty() bool { return len(q.Clauses) == 0 }

// clause reads a word, or what stands in quotation marks.
func clause(l i18n.Locale, words string, exact bool) Clause {
	tokens, _ := Tokens(l, words, 0)
	c := Clause{Words: words, Exact: exact}
	units := phraseUnits(tokens)
	if len(units) == 0 {
		return c
	}
	if !exact && len(units) > 1 && !units[0].Pair { // l’inscription: the article need not be there
		n := 0
		for n < len(units)-1 && Light(l, units[n].Term) && elided(words, tokens[n]) {
			n++
		}
		units = units[n:]
	}
	if !exact && len(units) > 1 && units[len(units)-1].Term == "s" && l == i18n.EN { // the centre's
		units = units[:len(units)-1]
	}
	c.Alternatives = append(c.Alternatives, Phrase{Units: units, Weight: 1})
	if exact {
		return c
	}
	c.Light = len(units) == 1 && Light(l, units[0].Term)
	if l == i18n.KO || hangulAt(words) {
		for _, bare := range bareKorean(words) {
			if t, _ := Tokens(l, bare, 0); len(t) > 0 {
				c.Alternatives = append(c.Alternatives, Phrase{Units: phraseUnits(t), Weight: 0.8})
			}
		}
	}
	c.alike(l, alikeKey(l, units))
	return c
}

// alike adds what stands for the same as the words in key.
func (c *Clause) alike(l i18n.Locale, key string) {
	for _, other := range alike(l)[key] {
		t, _ := Tokens(l, other, 0)
		if units := phraseUnits(t); len(units) > 0 {
			c.Alternatives = append(c.Alternatives, Phrase{Units: units, Weight: 0.9})
		}
	}
}

// together looks at neighbouring words that together have others that are alike: Viet Nam.
func (q *Query) together() {
	for i := 0; i+1 < len(q.Clauses); i++ {
		a, b := q.Clauses[i], q.Clauses[i+1]
		if a.Exact || b.Exact || len(a.Alternatives) == 0 || len(b.Alternatives) == 0 {
			continue
		}
		first, second := a.Alternatives[0].Units, b.Alternatives[0].Units
		key := joined(first) + " " + joined(second)
		if len(alike(q.Locale)[key]) == 0 {
			continue
		}
		c := Clause{Words: a.Words + " " + b.Words, Last: b.Last, Alternatives: []Phrase{{Units: slices.Concat(first, second), Weight: 1}}}
		c.alike(q.Locale, key)
		q.Clauses = slices.Replace(q.Clauses, i, i+2, c)
	}
}

func joined(units []Unit) string {
	words := make([]string, len(units))
	for i, u := range units {
		words[i] = u.Term
	}
	return strings.Join(words, " ")
}

// elided reports whether an apostrophe follows the token.
func elided(words string, t Token) bool {
	r, _ := utf8.DecodeRuneInString(words[t.End:])
	return sortOf(r) == apostrophe
}

// phraseUnits gives what must stand in a text for these tokens. The last sign of a run is in the pair before it.
func phraseUnits(tokens []Token) []Unit {
	var out []Unit
	for i, t := range tokens {
		single := t.Pair && utf8.RuneCountInString(t.Term) == 1
		if single && i > 0 && tokens[i-1].Pair && tokens[i-1].Pos == t.Pos-1 && tokens[i-1].End == t.End {
			continue
		}
		if len(out) == mostUnits {
			break
		}
		out = append(out, Unit{Term: t.Term, Pair: t.Pair, Start: single})
	}
	return out
}

func hangulAt(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 })
}

// koreanEndings are particles, and what makes verbs of nouns, longest first.
var koreanEndings = []string{
	"에서부터", "으로부터", "했습니다", "되었다", "합니다", "됩니다", "에서는", "에서도", "에게서", "으로는", "으로서", "으로써", "하였다", "이라는", "이라고", "에게는",
	"까지", "부터", "에서", "에게", "한테", "으로", "처럼", "보다", "마다", "이나", "라는", "라고", "들은", "들이", "들을", "들의", "하다", "하는", "하여", "하기", "했다", "되다", "되는", "된다", "한다", "에는", "에도", "와의", "과의", "로서", "로써",
	"은", "는", "이", "가", "을", "를", "의", "에", "도", "만", "와", "과", "로", "나", "들", "한", "할", "된", "될", "해",
}

// bareKorean gives a word, or words that end one, without the particle behind it, if two syllables are left.
func bareKorean(words string) []string {
	words = strings.TrimRightFunc(words, func(r rune) bool { return sortOf(r) == none })
	n := utf8.RuneCountInString(words)
	for _, end := range koreanEndings {
		if bare, ok := strings.CutSuffix(words, end); ok && n-utf8.RuneCountInString(end) >= 2 {
			return []string{bare}
		}
	}
	return nil
}
