package i18n

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// alef folds what x/text sorts as separate letters although Arabic does not.
var alef = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ـ", "")

// Collate returns a comparer of strings in the language's order. The comparer
// keeps buffers: make one per goroutine.
func Collate(l Locale) func(a, b string) int {
	c := collate.New(language.Make(string(l)), collate.Numeric)
	if l != AR {
		return c.CompareString
	}
	return func(a, b string) int {
		if d := c.CompareString(alef.Replace(a), alef.Replace(b)); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	}
}

// maxSortKey bounds a key, in bytes: databases index no value of any length. Names that are alike so far are hardly told apart
// by readers either.
const maxSortKey = 600

// keyMaker makes keys, with the buffer it needs.
type keyMaker struct {
	*collate.Collator
	collate.Buffer
}

var keyMakers sync.Map // Locale → *sync.Pool of *keyMaker

// SortKey gives bytes that compare as Collate compares the texts they are made of: for a database to sort by. They mean
// something only beside those of the same language, and of the same tables: SortKeys.
func SortKey(l Locale, s string) []byte {
	known, ok := keyMakers.Load(l)
	if !ok {
		known, _ = keyMakers.LoadOrStore(l, &sync.Pool{New: func() any { return &keyMaker{Collator: collate.New(language.Make(string(l)), collate.Numeric)} }})
	}
	pool := known.(*sync.Pool)
	m := pool.Get().(*keyMaker)
	defer pool.Put(m)
	if l == AR {
		s = alef.Replace(s)
	}
	m.Reset()
	key := m.KeyFromString(&m.Buffer, s)
	return slices.Clone(key[:min(len(key), maxSortKey)])
}

// SortKeys is raised when the same text has another key than before: by other tables of golang.org/x/text, or other rules here.
const SortKeys = 1

// comparers are used again: making one costs as much as sorting a page's list of names.
var comparers sync.Map // Locale → *sync.Pool of func(a, b string) int

// SortStrings sorts s in place in the language's order.
func SortStrings(l Locale, s []string) { SortBy(l, s, func(x string) string { return x }) }

// SortBy sorts items in place by the text that key gives.
func SortBy[T any](l Locale, items []T, key func(T) string) {
	if len(items) < 2 {
		return
	}
	known, ok := comparers.Load(l)
	if !ok {
		known, _ = comparers.LoadOrStore(l, &sync.Pool{New: func() any { return Collate(l) }})
	}
	pool := known.(*sync.Pool)
	cmp := pool.Get().(func(a, b string) int)
	defer pool.Put(cmp)
	slices.SortStableFunc(items, func(a, b T) int { return cmp(key(a), key(b)) })
}

// foldRunes are letters that do not decompose; applied after lower-casing.
var foldRunes = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i",
	'ة': "ه", 'ى': "ي", 'ٱ': "ا", 'ـ': "", '’': "'", 'ʼ': "'", '‘': "'",
}

// Fold makes s comparable in searches: case, diacritics, width, and for Arabic
// vowel marks, tatweel, hamza seats and digits. Й keeps its breve and Korean its
// syllables, since there the mark makes another letter. The rules are the same in
// all languages, because one text may hold several.
func Fold(_ Locale, s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKC.String(s) {
		r = unicode.ToLower(r)
		if r < 0x80 {
			b.WriteRune(r)
		} else if d := digit(r); d >= 0 {
			b.WriteByte(byte('0' + d))
		} else if r == 'й' {
			b.WriteRune(r)
		} else {
			foldRune(&b, r)
		}
	}
	return norm.NFC.String(b.String())
}

func foldRune(b *strings.Builder, r rune) {
	for _, r := range norm.NFD.String(string(r)) {
		switch to, ok := foldRunes[r]; {
		case ok:
			b.WriteString(to)
		case r >= 0x300 && r <= 0x36f, r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f, r == 0x670, r >= 0x6d6 && r <= 0x6ed:
		case unicode.Is(unicode.Cf, r):
		default:
			b.WriteRune(r)
		}
	}
}

// digit is the value of an Arabic-Indic or Persian digit, else -1.
func digit(r rune) int {
	switch {
	case r >= '٠' && r <= '٩':
		return int(r - '٠')
	case r >= '۰' && r <= '۹':
		return int(r - '۰')
	}
	return -1
}
