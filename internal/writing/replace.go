package writing

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Query is what is looked for in texts, and what is put there.
type Query struct {
	Find    string
	Replace string
	Case    bool // capitals count
	Word    bool // whole words only
}

// Place is one place where a query finds something: the words, and some of what stands round them.
type Place struct{ Before, Words, After string }

// context is how much stands round a place, in bytes.
const context = 60

// Finder looks for a query; nil where there is nothing to look for.
type Finder struct {
	Query
	re *regexp.Regexp
}

// NewFinder makes the finder of a query. A blank finds a no-break one too.
func NewFinder(q Query) *Finder {
	if strings.TrimSpace(q.Find) == "" {
		return nil
	}
	pattern := regexp.QuoteMeta(q.Find)
	pattern = strings.NewReplacer(" ", `[ \x{a0}\x{202f}]`, "\u00a0", `[ \x{a0}\x{202f}]`).Replace(pattern)
	if !q.Case {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil { // not UTF-8
		return nil
	}
	return &Finder{q, re}
}

// In gives all places in a text, in order.
func (f *Finder) In(words string, prose bool) []Place {
	var out []Place
	f.walk(words, prose, func(s string, from, to int) bool {
		before, after := s[:from], s[to:]
		if len(after) > context {
			for to := context; ; to-- {
				if utf8.RuneStart(after[to]) {
					after = after[:to]
					break
				}
			}
		}
		out = append(out, Place{tail(before, context), s[from:to], after})
		return false
	})
	return out
}

// Replace puts the replacement into those places whose numbers take accepts, counted from 0 as In gives them. Addresses of links
// and all other mark-up stay as they are.
func (f *Finder) Replace(words string, prose bool, take func(n int) bool) string {
	n := -1
	return f.walk(words, prose, func(string, int, int) bool {
		n++
		return take(n)
	})
}

// walk goes through all that is words: text, notes, and what describes pictures. swap tells which places are replaced.
func (f *Finder) walk(words string, prose bool, swap func(s string, from, to int) bool) string {
	if !prose {
		return f.text(words, swap)
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(words))
	inFact := 0
	for {
		t := z.Next()
		raw := string(z.Raw())
		switch t {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			plain := html.UnescapeString(raw)
			if inFact > 0 {
				break
			}
			if next := f.text(plain, swap); next != plain {
				raw = escapeText(next)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if token.Data == "data" && t == html.StartTagToken {
				inFact++
			}
			changed := false
			for i, a := range token.Attr {
				if token.Data == "span" && a.Key == "data-footnote" || token.Data == "img" && a.Key == "alt" {
					if next := f.text(a.Val, swap); next != a.Val {
						token.Attr[i].Val, changed = next, true
					}
				}
			}
			if changed {
				raw = token.String()
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "data" {
				inFact = max(0, inFact-1)
			}
		}
		b.WriteString(raw)
	}
}

func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

func (f *Finder) text(s string, swap func(s string, from, to int) bool) string {
	var b strings.Builder
	last := 0
	for _, m := range f.re.FindAllStringIndex(s, -1) {
		if f.Word {
			before, after := around(s, m[0], m[1])
			first, _ := utf8.DecodeRuneInString(s[m[0]:m[1]])
			end, _ := utf8.DecodeLastRuneInString(s[m[0]:m[1]])
			if letter(before) && letter(first) || letter(after) && letter(end) {
				continue
			}
		}
		if swap(s, m[0], m[1]) {
			b.WriteString(s[last:m[0]])
			b.WriteString(f.Query.Replace)
			last = m[1]
		}
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
