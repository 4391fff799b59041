package conceptnote

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

//go:embed vocabulary.txt
var vocabularyText string

// phrase is one of a key's, folded. An open one may have any ending.
type phrase struct {
	key, words string
	open       bool
}

// set is phrases by what they begin with, so that a text is gone through once for all of them.
type set struct{ by map[rune][]phrase }

var vocabulary = sync.OnceValue(func() map[string]*set {
	out := map[string]*set{}
	add := func(group string, p phrase) {
		s := out[group]
		if s == nil {
			s = &set{map[rune][]phrase{}}
			out[group] = s
		}
		first, _ := utf8.DecodeRuneInString(p.words)
		if !slices.Contains(s.by[first], p) {
			s.by[first] = append(s.by[first], p)
		}
	}
	for line := range strings.Lines(vocabularyText) {
		key, rest, ok := strings.Cut(line, " = ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		group, name, _ := strings.Cut(key, ".")
		for w := range strings.SplitSeq(rest, " | ") {
			w = strings.TrimSpace(fold(w).s)
			p := phrase{key: name, words: strings.TrimSuffix(w, "*"), open: strings.HasSuffix(w, "*")}
			if p.words == "" {
				continue
			}
			add(group, p)
			add(key, p)
			if base, ok := strings.CutSuffix(p.words, " de"); ok && group == "role" { // the article that grows onto it
				for _, with := range []string{" del", " du", " des", " do", " da", " dos", " das", " d'", " d’"} {
					p.words = base + with
					add(group, p)
					add(key, p)
				}
			}
		}
	}
	for _, s := range out { // the longest first
		for _, ps := range s.by {
			slices.SortStableFunc(ps, func(a, b phrase) int { return len(b.words) - len(a.words) })
		}
	}
	return out
})

// hit is a phrase found in folded words.
type hit struct {
	key      string
	from, to int
}

// find gives the phrases of a group that stand in folded words, in their order; where two overlap, the longer.
func (f folded) find(group string) []hit {
	s := vocabulary()[group]
	if s == nil {
		return nil
	}
	var out []hit
	for i := 0; i < len(f.s); {
		r, n := utf8.DecodeRuneInString(f.s[i:])
		found := false
		for _, p := range s.by[r] {
			if strings.HasPrefix(f.s[i:], p.words) && bounded(f.s, i, i+len(p.words), p.open) {
				out = append(out, hit{p.key, i, i + len(p.words)})
				i += len(p.words)
				found = true
				break
			}
		}
		if !found {
			i += n
		}
	}
	return out
}

func (f folded) has(group string) bool { return len(f.find(group)) > 0 }

func has(s, group string) bool { return fold(s).has(group) }

// letters counts letters and digits.
func letters(s string) int {
	n := 0
	for _, r := range s {
		if isWord(r) {
			n++
		}
	}
	return n
}

// wordCount counts words; a character of Chinese is half of one.
func wordCount(s string) int {
	n, in, han := 0, false, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
			in = false
		case isWord(r):
			if !in {
				n++
			}
			in = true
		case r != '\'' && r != '’' && r != '-':
			in = false
		}
	}
	return n + (han+1)/2
}

// label cuts "Label: value" into both. A colon far in, or one of a time or an address, is none.
func label(s string) (name, value string, ok bool) {
	for i, r := range s {
		if r != ':' && r != '：' && r != '\t' {
			continue
		}
		name, value = s[:i], s[i+utf8.RuneLen(r):]
		if i == 0 || utf8.RuneCountInString(name) > 60 || wordCount(name) > 8 || strings.HasPrefix(value, "//") {
			return "", "", false
		}
		if endsDigit(name) && value != "" && value[0] >= '0' && value[0] <= '9' {
			return "", "", false
		}
		return strings.TrimRight(name, " \u00a0\u202f"), strings.TrimLeft(value, " \u00a0\u202f\t"), true
	}
	for _, dash := range []string{" – ", " — ", " - "} {
		if name, value, ok = strings.Cut(s, dash); ok && wordCount(name) <= 4 {
			return name, value, true
		}
	}
	return "", "", false
}

// share is how much of the words the phrases fill that are more than connectors.
func (f folded) share(h hit) float64 { return f.shareBut(h, "hint.connector") }

// shareBut is share with the words of some groups taken as nothing: "Objectives of the webinar".
func (f folded) shareBut(h hit, groups ...string) float64 {
	rest := 0
	covered := func(a, b int) {
		seg := folded{s: f.s[a:b]}
		all := letters(seg.s)
		for _, g := range groups {
			for _, c := range seg.find(g) {
				all -= letters(seg.s[c.from:c.to])
			}
		}
		rest += max(0, all)
	}
	covered(0, h.from)
	covered(h.to, len(f.s))
	n := letters(f.s[h.from:h.to])
	return float64(n) / float64(max(1, n+rest))
}

// heading is what a line is a heading or a label of: a key such as "section.objectives", with what stands after it on the
// same line, and whether the line was made a heading in its document.
type heading struct {
	key, value string
	sure       bool
	share      float64 // how much of the line the words fill that say so
}

var asideAtEnd = regexp.MustCompile(`\s*[(（][^()（）]{2,80}[)）]\s*$`)

// headingOf tells whether a line is a heading or a label.
func headingOf(l *Line) (heading, bool) {
	s := l.Text
	real := l.Kind == Heading || l.Style == "strong" || l.Style == "title"
	numbered := l.Kind == Item && strings.Trim(l.Mark, "0123456789.IVXA)(一二三四五六七八九十、．") == ""
	if m := chapters.FindString(s); m != "" && len(m) < len(s) {
		s, numbered = s[len(m):], true
	} else if l.Kind != Item {
		if m, rest, ok := marker(s); ok && strings.ContainsAny(m, "0123456789ⅠⅡⅢⅣⅤIVXABCDEFabcdef一二三四五六七八九十") {
			s, numbered = rest, true
		}
	}
	s = strings.Trim(s, "【】[]<>〈〉*_ \u00a0")
	if s == "" || len(s) > 4000 {
		return heading{}, false
	}
	best := func(f folded, min float64, prefix, labels bool) (string, float64, bool) {
		var key string
		var top float64
		for _, group := range []string{"section", "label", "doc", "role", "person"} {
			hits := f.find(group)
			if len(hits) > 1 && hits[0].from == 0 && group == "section" { // "Organizers and partners"
				all := hits[0]
				n := 0
				for _, h := range hits {
					n += letters(f.s[h.from:h.to])
				}
				for _, c := range f.find("hint.connector") {
					n += letters(f.s[c.from:c.to])
				}
				if share := float64(n) / float64(max(1, letters(f.s))); share >= .95 && share > top {
					top, key = share, group+"."+all.key
				}
			}
			for _, h := range hits {
				share := f.share(h)
				if group == "section" && h.from == 0 {
					share = f.shareBut(h, "hint.connector", "kind")
				}
				if share < min && !(prefix && h.from == 0 && share >= .3 && (real || wordCount(f.s[:h.to]) > 1)) {
					continue
				}
				if group == "section" || group == "label" {
					share += .02 // of equals
				}
				if group == "label" && labels {
					share += .01
				}
				if group == "role" {
					share += .03
				}
				if group == "person" {
					share -= .01
				}
				if share > top {
					top, key = share, group+"."+h.key
				}
			}
		}
		return key, top, key != ""
	}
	if name, value, ok := label(s); ok && value != "" {
		f := fold(name)
		if key, share, found := best(f, .62, false, wordCount(value) < 14); found {
			return heading{key, value, true, share}, true
		}
		if hits := append(f.find("hint.note"), f.find("kind")...); len(hits) > 0 && wordCount(value) > 1 && f.share(hits[0]) > .8 && wordCount(value) < 30 { // "Side event: …"
			return heading{"label.title", value, false, 1}, true
		}
	}
	whole := strings.TrimRight(s, " \u00a0\u202f:：")
	colon := whole != s
	if m := asideAtEnd.FindStringIndex(whole); m != nil && m[0] > 0 { // "Programme (all times UTC)"
		whole = whole[:m[0]]
	}
	if n := wordCount(whole); n > 12 || n > 8 && !real && !colon || len([]rune(whole)) > 110 || ends(whole) {
		return tail(l, s)
	}
	low := .7
	switch {
	case real:
		low = .5
	case numbered:
		low = .8
	case l.Kind == Item:
		low = .75
	}
	f := fold(whole)
	if key, share, found := best(f, low, real && l.Kind != Item || !numbered && l.Kind == Paragraph && wordCount(whole) <= 9, false); found {
		if strings.HasPrefix(key, "person.") && !colon && !real { // names hold such words
			return heading{}, false
		}
		return heading{key, "", real || colon || numbered, share}, true
	}
	return tail(l, s)
}

// tail finds a heading for contacts that lost its colon: "Contact Information Digital Public Services Section".
func tail(l *Line, s string) (heading, bool) {
	if l.Kind != Paragraph && l.Kind != Item || wordCount(s) > 20 {
		return heading{}, false
	}
	f := fold(s)
	for _, h := range f.find("section.contacts") {
		if h.from == 0 && wordCount(f.s[:h.to]) >= 2 && h.to < len(f.s) {
			value := strings.TrimLeft(f.span(h.to, len(f.s)), " :：–-\u00a0")
			if r, _ := utf8.DecodeRuneInString(value); !unicode.IsLower(r) {
				return heading{"section.contacts", value, false, 1}, true
			}
		}
	}
	return heading{}, false
}

// stops are words that a language's texts are full of and others' are not.
var stops = map[i18n.Locale]string{
	i18n.EN: " the of and to in for with is are will by on be that this from which or an ",
	i18n.FR: " le la les des et du une dans pour est sur par aux au qui que avec ou sont ",
	i18n.ES: " el la los las y en del que para con por una se como su al es sobre ",
	i18n.PT: " o os e em da do das dos que para com uma não na no ao por são ",
	i18n.SW: " ya na wa kwa za katika ni la kuhusu cha vya hii hizo ili au kama ",
}

// Language guesses the language of a note; sure says that nothing else comes near.
func Language(d *Doc) (l i18n.Locale, sure bool) {
	counts := map[i18n.Locale]int{}
	latin, all, seen := 0, 0, 0
	for i := range d.Lines {
		words := d.Lines[i].Words()
		if seen += len(words); seen > 60_000 {
			break
		}
		for _, r := range words {
			switch {
			case !unicode.IsLetter(r):
				continue
			case unicode.Is(unicode.Arabic, r):
				counts[i18n.AR]++
			case unicode.Is(unicode.Cyrillic, r):
				counts[i18n.RU]++
			case unicode.Is(unicode.Hangul, r):
				counts[i18n.KO] += 2
			case unicode.Is(unicode.Han, r):
				counts[i18n.ZH] += 2
			case unicode.Is(unicode.Latin, r):
				latin++
			}
			all++
		}
	}
	for l, n := range counts {
		if n > latin/2 && n*3 > all && n >= counts[i18n.AR] && n >= counts[i18n.RU] && n >= counts[i18n.KO] && n >= counts[i18n.ZH] {
			return l, n > latin
		}
	}
	counts = map[i18n.Locale]int{}
	seen = 0
	for i := range d.Lines {
		words := d.Lines[i].Words()
		if seen += len(words); seen > 60_000 {
			break
		}
		for w := range strings.FieldsFuncSeq(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) }) {
			for l, list := range stops {
				if strings.Contains(list, " "+w+" ") {
					counts[l]++
				}
			}
		}
	}
	best, second := i18n.EN, 0
	for _, l := range i18n.All {
		if counts[l] > counts[best] {
			best = l
		}
	}
	for l, n := range counts {
		if l != best {
			second = max(second, n)
		}
	}
	return best, counts[best] > 5 && counts[best]*3 > second*4
}
