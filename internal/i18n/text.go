package i18n

import (
	"html/template"
	"strings"
	"unicode"
)

// Isolate wraps s in first-strong isolates, for plain text in which a name of
// either direction stands inside a sentence.
func Isolate(s string) string { return "\u2068" + s + "\u2069" }

// BDI is s as an isolated left-to-right run, for codes, sizes, file names, mail
// and web addresses inside text of either direction. It escapes s.
func BDI(s string) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(s) + `</bdi>`)
}

// StripControls makes a name or title plain: bidirectional, invisible and control
// characters go, any white space becomes one blank, the ends are trimmed. Joiners
// stay between letters that need them (Persian and Indic spelling, emoji), and a
// no-break blank where it does something: round numbers, before and inside French
// marks.
func StripControls(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	runes := []rune(strings.ToValidUTF8(s, ""))
	var blank rune
	for i, r := range runes {
		switch {
		case (r == '\u00a0' || r == '\u202f') && i > 0 && i < len(runes)-1 && tight(runes[i-1], runes[i+1]):
			blank = r
			continue
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			blank = ' '
			continue
		case r == '\u200c' || r == '\u200d':
			if i == 0 || i == len(runes)-1 || !joins(runes[i-1]) || !joins(runes[i+1]) {
				continue
			}
		case invisible(r):
			continue
		}
		if blank != 0 && b.Len() > 0 {
			b.WriteRune(blank)
		}
		blank = 0
		b.WriteRune(r)
	}
	return b.String()
}

// tight reports whether a blank between two characters must not break.
func tight(before, after rune) bool {
	return unicode.IsDigit(before) || unicode.IsDigit(after) || before == '«' || strings.ContainsRune(":;?!»%", after)
}

// invisible reports characters that show nothing and can only mislead.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2800', r == '\ufffd':
		return true // grapheme joiner, Hangul fillers, blank Braille, replacement
	case r >= '\ufe00' && r <= '\ufe0e', r >= 0xe0100 && r <= 0xe01ef:
		return true // variation selectors, except the one that makes an emoji
	case r >= 0xfff0 && r <= 0xfffb, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return false
}

func joins(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Devanagari, unicode.Bengali, unicode.Sinhala, unicode.Tamil,
		unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Gujarati, unicode.So, unicode.Sk, unicode.Mn) || r == '\ufe0f'
}
