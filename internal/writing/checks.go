package writing

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// around gives the characters before and after a stretch of s, 0 at the ends.
func around(s string, from, to int) (before, after rune) {
	if r, n := utf8.DecodeLastRuneInString(s[:from]); n > 0 {
		before = r
	}
	if r, n := utf8.DecodeRuneInString(s[to:]); n > 0 {
		after = r
	}
	return before, after
}

var (
	shortForm = regexp.MustCompile(`\p{Lu}[\p{Lu}\p{Nd}&]*\p{Lu}[\p{Lu}\p{Nd}]*s?`)
	roman     = regexp.MustCompile(`^[IVXL]+$`)
)

// maxShortForm is how long a short form is at most, in bytes; what is longer is a word in capitals.
const maxShortForm = 20

// acronyms looks for short forms that are used before their words have been given. Giving them means "the words (ABC)" or "ABC
// (the words)". A heading is not the place to do so, and not where they are missed.
func (f *finder) acronyms(b *block, title bool) {
	if shouted(b.text) {
		return
	}
	for _, m := range shortForm.FindAllStringIndex(b.text, -1) {
		from, to := m[0], m[1]
		word := b.text[from:to]
		before, after := around(b.text, from, to)
		if part(before) || part(after) || len(word) > maxShortForm {
			continue
		}
		name := strings.TrimSuffix(word, "s")
		if f.seen[name] || f.Known[name] || common[name] || roman.MatchString(name) || utf8.RuneCountInString(name) < 2 {
			continue
		}
		given := explained(b.text, from, to)
		if title && !given {
			continue
		}
		f.seen[name] = true
		if !given && !within(b.marked, from) {
			f.add(Acronym, b, word, "")
		}
	}
}

// part tells whether a character beside a short form makes it part of something else: a word, an address, a symbol.
func part(r rune) bool {
	return unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Hangul, r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("/_@#-‑\\=&", r)
}

// explained tells whether the words of a short form stand beside it.
func explained(s string, from, to int) bool {
	before := strings.TrimRight(s[:from], " \u00a0\u2068«“\"„‘'")
	if opened, ok := trimBracket(before); ok {
		return words(tail(opened, 200)) >= 1
	}
	after := strings.TrimLeft(s[to:], " \u00a0\u2069»”\"’'")
	r, n := utf8.DecodeRuneInString(after)
	if r != '(' && r != '（' {
		return false
	}
	inner := after[n:]
	if end := strings.IndexAny(inner, ")）"); end >= 0 {
		inner = inner[:end]
	}
	return words(inner) >= 2 || utf8.RuneCountInString(strings.TrimSpace(inner)) >= 4 && strings.ContainsFunc(inner, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hangul) })
}

func trimBracket(s string) (string, bool) {
	for _, open := range []string{"(", "（"} {
		if cut, ok := strings.CutSuffix(s, open); ok {
			return cut, true
		}
	}
	return s, false
}

// tail is the end of s, at most n bytes and whole characters.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// words counts those of a text that hold a letter.
func words(s string) int {
	n := 0
	for w := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(w, unicode.IsLetter) {
			n++
		}
	}
	return n
}

// shouted tells whether a text is written in capitals.
func shouted(s string) bool {
	upper, other, long := 0, 0, 0
	run := 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
			if run++; run == 4 {
				long++
			}
			continue
		case unicode.IsLetter(r):
			other++
		}
		run = 0
	}
	return long >= 2 && upper > 8 && other*4 < upper
}

// capitals marks headings and titles in capitals: they are harder to read, and read out letter by letter.
func (f *finder) capitals(b *block) {
	if shouted(b.text) {
		f.add(HeadingCaps, b, b.text, "")
	}
}

var addressWords = regexp.MustCompile(`(?i)^\s*(?:https?://|www\.)\S+\s*$|^\s*[a-z0-9-]+(?:\.[a-z0-9-]+)+/\S*\s*$`)

// links looks at the words of links: they are read out by themselves.
func (f *finder) links(b *block) {
	for _, l := range b.links {
		text := strings.TrimSpace(b.text[l.from:l.to])
		if text == "" {
			continue
		}
		if addressWords.MatchString(text) {
			f.add(LinkAddress, b, text, "")
			continue
		}
		plain := strings.Trim(plainWords(text), " .…:!»>→'\"“”")
		for _, list := range emptyLinks {
			if slices.Contains(list, plain) {
				f.add(LinkWords, b, text, "")
				break
			}
		}
	}
}

func plainWords(s string) string { return strings.Join(strings.Fields(i18n.Fold(i18n.EN, s)), " ") }

var blanks = regexp.MustCompile(`[ \x{a0}]{2,}`)

// doubled looks for words and blanks that stand twice.
func (f *finder) doubled(b *block) {
	for _, m := range blanks.FindAllStringIndex(b.text, -1) {
		before, after := around(b.text, m[0], m[1])
		if before == 0 || after == 0 || before == '\n' || after == '\n' {
			continue
		}
		f.add(DoubleSpace, b, lastWords(b.text[:m[0]])+b.text[m[0]:m[1]]+firstWord(b.text[m[1]:]), "")
	}
	last, lastAt := "", 0
	for at := 0; at < len(b.text); {
		r, n := utf8.DecodeRuneInString(b.text[at:])
		if !inWord(r) {
			if r != ' ' && r != '\u00a0' && r != '\n' {
				last = ""
			}
			at += n
			continue
		}
		from := at
		for at < len(b.text) {
			r, n := utf8.DecodeRuneInString(b.text[at:])
			if !inWord(r) {
				break
			}
			at += n
		}
		word := strings.ToLower(b.text[from:at])
		if word == last && f.twice(word) {
			f.add(DoubleWord, b, b.text[lastAt:at], word)
		}
		last, lastAt = word, from
	}
}

func firstWord(s string) string {
	if at := strings.IndexAny(s, " \u00a0\n"); at > 0 {
		return s[:at]
	}
	return s
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '\'' || r == '’' || r == '-'
}

// twice tells whether a word that follows itself is a slip. Chinese has no blanks between words, and Swahili doubles words for
// what they mean: there only small words are looked at.
func (f *finder) twice(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	switch {
	case unicode.IsDigit(r), unicode.In(r, unicode.Han), !strings.ContainsFunc(word, unicode.IsLetter):
		return false
	case f.Locale == i18n.SW:
		return slices.Contains(smallSwahili, word)
	}
	return !slices.Contains(mayDouble[f.Locale], word)
}

// scripts looks for words of letters that only look right, and for passages in another script.
func (f *finder) scripts(b *block) {
	for _, w := range strings.FieldsFunc(b.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if i18n.MixesScripts(w) {
			f.add(LookAlike, b, w, "")
		}
	}
	var run struct {
		script         *script
		from, to       int
		letters, words int
		blank          bool
	}
	flush := func() {
		if s := run.script; s != nil && (run.letters >= s.letters && run.words >= s.words) && !within(b.marked, run.from) {
			f.add(Unmarked, b, b.text[run.from:run.to], string(s.language))
		}
		run.script = nil
	}
	own := ownScripts[f.Locale]
	for at, r := range b.text {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			run.blank = true
			continue
		}
		s := scriptOf(r)
		if s == nil {
			continue
		}
		if unicode.In(r, own...) || within(b.marked, at) {
			flush()
			continue
		}
		if s != run.script {
			flush()
			run.script, run.from, run.letters, run.words = s, at, 0, 1
		} else if run.blank {
			run.words++
		}
		run.blank = false
		run.letters++
		run.to = at + utf8.RuneLen(r)
	}
	flush()
}

// script is one of those our languages are written in. A passage counts from so many letters and words: names in Latin
// letters stand in texts of all languages.
type script struct {
	table          *unicode.RangeTable
	language       i18n.Locale
	letters, words int
}

var scripts = []*script{
	{unicode.Latin, i18n.EN, 20, 5}, {unicode.Cyrillic, i18n.RU, 3, 1}, {unicode.Arabic, i18n.AR, 3, 1}, {unicode.Han, i18n.ZH, 2, 1}, {unicode.Hangul, i18n.KO, 2, 1},
}

func scriptOf(r rune) *script {
	for _, s := range scripts {
		if unicode.Is(s.table, r) {
			return s
		}
	}
	return nil
}

var latin = []*unicode.RangeTable{unicode.Latin}

var ownScripts = map[i18n.Locale][]*unicode.RangeTable{
	i18n.AR: {unicode.Arabic}, i18n.ZH: {unicode.Han}, i18n.EN: latin, i18n.FR: latin, i18n.ES: latin, i18n.PT: latin, i18n.SW: latin,
	i18n.RU: {unicode.Cyrillic}, i18n.KO: {unicode.Hangul, unicode.Han},
}

// sentences looks for those nobody can follow.
func (f *finder) sentences(b *block) {
	limit := longest[f.Locale]
	eachSentence(b.text, func(s string) {
		if length(f.Locale, s) > limit {
			f.add(LongSentence, b, s, "")
		}
	})
}

// eachSentence gives the sentences of a text one by one.
func eachSentence(s string, f func(string)) {
	from := 0
	cut := func(to int) {
		if t := strings.TrimSpace(s[from:to]); t != "" {
			f(t)
		}
		from = to
	}
	for at, r := range s {
		switch r {
		case '\n', '。', '！', '？':
			cut(at + utf8.RuneLen(r))
		case '.', '!', '?', '؟', '…':
			end := at + utf8.RuneLen(r)
			next, _ := utf8.DecodeRuneInString(s[end:])
			if end == len(s) || unicode.IsSpace(next) || strings.ContainsRune(`”"»)’`, next) {
				cut(end)
			}
		}
	}
	cut(len(s))
}

// length of a sentence: in words, of Chinese in characters.
func length(l i18n.Locale, s string) int {
	if l != i18n.ZH {
		return words(s)
	}
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}
