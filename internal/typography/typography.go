// Package typography tells where words are not set as their language sets them, and how they would be: no-break blanks before
// French colons, the first mark of a Spanish question, Arabic commas, full-width Chinese marks. It knows nothing of markup and
// keeps nothing.
//
// Rules are those of each language's orthography and of the United Nations' editorial practice where that has a choice. They look
// at the signs round a mark and not at the sense: what they find is for people to decide about. Addresses, times and numbers are
// let alone.
package typography

import (
	"slices"
	"strings"
	"unicode"

	"plenary/internal/i18n"
)

// Finding is a place that is not set as it should be.
type Finding struct {
	Start, End int    // bytes of the words; equal where something is to be put in
	Rule       string // names a message: typography.<rule>
	Was, Fix   string
}

// Apply replaces what findings of one and the same words name.
func Apply(words string, all ...Finding) string {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Finding) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for _, f := range all {
		if f.Start < at || f.End > len(words) || f.Start > f.End {
			continue // two for one place: the first is enough, and the next look finds what is left
		}
		b.WriteString(words[at:f.Start] + f.Fix)
		at = f.End
	}
	return b.String() + words[at:]
}

// Check tells what is not as a language sets it, in order. Findings do not overlap.
func Check(l i18n.Locale, words string) []Finding {
	c := &checker{l: l, words: words}
	for i, r := range words {
		c.rs = append(c.rs, r)
		c.at = append(c.at, i)
	}
	c.at = append(c.at, len(words))
	c.address()
	for i := range c.rs {
		if !c.skip[i] {
			c.look(i)
		}
	}
	c.quotes()
	if l == i18n.ES {
		c.spanish()
	}
	slices.SortStableFunc(c.out, func(a, b Finding) int { return a.Start - b.Start })
	var out []Finding
	for _, f := range c.out {
		if n := len(out); n > 0 && (f.Start < out[n-1].End || f.Start == out[n-1].Start) {
			continue
		}
		out = append(out, f)
	}
	return out
}

const (
	noBreak = '\u00a0'
	narrow  = '\u202f'
)

type checker struct {
	l     i18n.Locale
	words string
	rs    []rune
	at    []int // of each rune, and the end
	skip  []bool
	out   []Finding
}

// rune is the one at i, 0 beyond the ends.
func (c *checker) rune(i int) rune {
	if i < 0 || i >= len(c.rs) {
		return 0
	}
	return c.rs[i]
}

// put notes that runes from i up to j should be something else.
func (c *checker) put(rule string, i, j int, fix string) {
	if was := c.words[c.at[i]:c.at[j]]; was != fix {
		c.out = append(c.out, Finding{c.at[i], c.at[j], rule, was, fix})
	}
}

// address marks what belongs to addresses: words with :// in them, or @, or beginning with www.
func (c *checker) address() {
	c.skip = make([]bool, len(c.rs))
	for i := 0; i < len(c.rs); {
		j := i
		for j < len(c.rs) && !unicode.IsSpace(c.rs[j]) {
			j++
		}
		if j > i {
			word := string(c.rs[i:j])
			if strings.Contains(word, "://") || strings.Contains(word, "@") || strings.HasPrefix(word, "www.") {
				end := j
				for end > i && strings.ContainsRune(".,;:!?)»”", c.rs[end-1]) { // the sentence's
					end--
				}
				for k := i; k < end; k++ {
					c.skip[k] = true
				}
			}
		}
		i = max(j, i+1)
	}
}

func blank(r rune) bool { return r == ' ' || r == noBreak || r == narrow || r == '\u2009' || r == '\t' }
func ends(r rune) bool {
	return r == 0 || unicode.IsSpace(r) || strings.ContainsRune(")]»”’\"'", r)
}
func word(r rune) bool   { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
func han(r rune) bool    { return unicode.Is(unicode.Han, r) }
func arabic(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) }

// before is the last sign before i that is no blank, and how many blanks are between.
func (c *checker) before(i int) (r rune, blanks int) {
	for j := i - 1; j >= 0; j-- {
		if !blank(c.rs[j]) {
			return c.rs[j], blanks
		}
		blanks++
	}
	return 0, blanks
}

var (
	wide    = map[rune]string{',': "，", '.': "。", ':': "：", ';': "；", '?': "？", '!': "！"}
	halved  = map[rune]string{'，': ",", '。': ".", '：': ":", '；': ";", '？': "?", '！': "!", '（': "(", '）': ")"}
	toArab  = map[rune]string{',': "،", ';': "؛", '?': "؟"}
	fullEnd = "，。：；？！、"
)

// look applies the rules about single marks to the sign at i.
func (c *checker) look(i int) {
	r, prev, next := c.rs[i], c.rune(i-1), c.rune(i+1)
	if r == ' ' && prev == ' ' {
		return // told with the first
	}
	if r == ' ' && next == ' ' {
		j := i
		for c.rune(j) == ' ' {
			j++
		}
		c.put("blanks", i, j, " ")
		return
	}
	if r == '.' && next == '.' && c.rune(i+2) == '.' && c.rune(i+3) != '.' && prev != '.' {
		fix := "…"
		if c.l == i18n.ZH {
			fix = "……"
		}
		c.put("ellipsis", i, i+3, fix)
		return
	}
	if r == '.' && (prev == '.' || next == '.') {
		return
	}
	if r == '\'' && unicode.IsLetter(prev) && unicode.IsLetter(next) && unicode.Is(unicode.Latin, prev) && c.l != i18n.SW && c.l != i18n.KO && c.l != i18n.ZH && c.l != i18n.AR {
		c.put("apostrophe", i, i+1, "’")
		return
	}
	if r == '-' && prev == ' ' && next == ' ' && (word(c.rune(i-2)) || strings.ContainsRune("»”\")", c.rune(i-2))) && unicode.IsLetter(c.rune(i+2)) {
		switch c.l {
		case i18n.RU:
			c.put("dash", i-1, i+1, string(noBreak)+"—")
		case i18n.EN, i18n.FR, i18n.PT, i18n.ES, i18n.SW:
			c.put("dash", i, i+1, "–")
		}
		return
	}
	switch c.l {
	case i18n.FR:
		c.french(i)
	case i18n.ZH:
		c.chinese(i)
	case i18n.AR:
		last, blanks := c.before(i)
		if fix := toArab[r]; fix != "" && arabic(last) && !(unicode.IsDigit(prev) && unicode.IsDigit(next)) {
			c.put("arabic", i-blanks, i+1, fix)
		} else if strings.ContainsRune("،؛؟", r) && blanks > 0 && last != 0 {
			c.put("blank_before", i-blanks, i, "")
		}
	case i18n.KO:
		if fix := halved[r]; fix != "" {
			if next != 0 && !unicode.IsSpace(next) && r != '（' && word(next) {
				fix += " "
			}
			c.put("half_width", i, i+1, fix)
			return
		}
		if (r == ',' || r == '.' || r == '?' || r == '!') && unicode.Is(unicode.Hangul, prev) && unicode.Is(unicode.Hangul, next) {
			c.put("blank_after", i+1, i+1, " ")
			return
		}
		c.tight(i)
	case i18n.RU:
		if r == '№' && (next == ' ' || unicode.IsDigit(next)) {
			j := i + 1
			if next == ' ' {
				j++
			}
			if unicode.IsDigit(c.rune(j)) {
				c.put("no_break", i+1, j, string(noBreak))
			}
			return
		}
		c.tight(i)
	default:
		c.tight(i)
	}
}

// tight finds blanks before marks that stand close to the word in most languages.
func (c *checker) tight(i int) {
	last, blanks := c.before(i)
	if blanks > 0 && word(last) && strings.ContainsRune(",;:!?.", c.rs[i]) && ends(c.rune(i+1)) {
		c.put("blank_before", i-blanks, i, "")
	}
}

// french looks for the blanks that must not break, before high marks and inside of quotation marks.
func (c *checker) french(i int) {
	r := c.rs[i]
	last, blanks := c.before(i)
	good := func(b rune) bool { return b == noBreak || b == narrow }
	switch r {
	case ';', '!', '?', ':', '»':
		want := narrow
		if r == ':' || r == '»' {
			want = noBreak
		}
		if last == 0 || blanks == 1 && good(c.rune(i-1)) || blanks == 0 && (!word(last) && !strings.ContainsRune(")»”%…’.", last)) {
			return
		}
		if r != '»' && !ends(c.rune(i+1)) && c.rune(i+1) != '!' && c.rune(i+1) != '?' {
			return // of a time, or nobody knows what
		}
		c.put("french_before", i-blanks, i, string(want))
	case '«':
		j := i + 1
		for blank(c.rune(j)) {
			j++
		}
		if j == len(c.rs) || j == i+2 && good(c.rune(i+1)) {
			return
		}
		c.put("french_after", i+1, j, string(noBreak))
	case ',', '.':
		if blanks > 0 && word(last) && ends(c.rune(i+1)) {
			c.put("blank_before", i-blanks, i, "")
		}
	}
}

// chinese looks for marks of half width beside characters, and blanks beside marks of full width.
func (c *checker) chinese(i int) {
	r, next := c.rs[i], c.rune(i+1)
	last, blanks := c.before(i)
	switch {
	case wide[r] != "" && (han(last) || strings.ContainsRune("”’）》」』", last)) && last != 0 && !(r == '.' && word(next)) && !(r == ':' && next == '/'):
		j := i + 1
		for c.rune(j) == ' ' && c.rune(j+1) != 0 {
			j++
		}
		c.put("full_width", i-blanks, j, wide[r])
	case r == '(' && (han(c.rune(i-1)) || han(next)):
		for j := i + 1; j < len(c.rs); j++ {
			if c.rs[j] == '(' {
				return
			}
			if c.rs[j] == ')' {
				c.put("full_width", i, i+1, "（")
				c.put("full_width", j, j+1, "）")
				return
			}
		}
	case strings.ContainsRune(fullEnd, r):
		if blanks > 0 && last != 0 {
			c.put("blank_before", i-blanks, i, "")
		}
		if next == ' ' && han(c.rune(i+2)) {
			c.put("blank_after_wide", i+1, i+2, "")
		}
	}
}

// marks are the quotation marks of languages.
var marks = map[i18n.Locale][2]string{i18n.EN: {"“", "”"}, i18n.FR: {"«\u00a0", "\u00a0»"}, i18n.ES: {"«", "»"}, i18n.AR: {"«", "»"}, i18n.ZH: {"“", "”"}, i18n.RU: {"«", "»"}, i18n.KO: {"“", "”"}, i18n.PT: {"«", "»"}, i18n.SW: {"“", "”"}}

// quotes finds straight quotation marks, in pairs; one by itself is an inch or a slip. Russian has no curly ones outside.
func (c *checker) quotes() {
	pair, ok := marks[c.l]
	if !ok {
		return
	}
	var at []int
	for i, r := range c.rs {
		if r == '"' && !c.skip[i] && !unicode.IsDigit(c.rune(i-1)) {
			at = append(at, i)
		}
	}
	for k := 0; k+1 < len(at); k += 2 {
		i, j := at[k], at[k+1]
		if j == i+1 || blank(c.rune(i+1)) && blank(c.rune(j-1)) && c.l != i18n.FR {
			continue
		}
		from, to := i+1, j
		if c.l == i18n.FR {
			for from < to && blank(c.rune(from)) {
				from++
			}
			for to > from && blank(c.rune(to-1)) {
				to--
			}
		}
		c.put("quotes", i, from, pair[0])
		c.put("quotes", to, j+1, pair[1])
	}
	if c.l != i18n.RU {
		return
	}
	open := -1
	depth := 0
	for i, r := range c.rs {
		switch r {
		case '«':
			depth++
		case '»':
			depth--
		case '“', '„':
			if depth == 0 && open < 0 {
				open = i
			}
		case '”':
			if open >= 0 && depth == 0 {
				c.put("quotes", open, open+1, "«")
				c.put("quotes", i, i+1, "»")
				open = -1
			}
		}
	}
}

// spanish finds questions and exclamations that end with their mark and do not begin with one, and the other way round.
func (c *checker) spanish() {
	start := 0 // of the sentence
	sentence := func(end int) {
		for _, m := range []struct {
			open, close rune
			rule        string
		}{{'¿', '?', "spanish_question"}, {'¡', '!', "spanish_exclamation"}} {
			opened, closed := -1, -1
			for i := start; i < end; i++ {
				if c.skip[i] {
					continue
				}
				switch c.rs[i] {
				case m.open:
					opened = i
				case m.close:
					closed = i
				}
			}
			first := start
			for first < end && (unicode.IsSpace(c.rs[first]) || strings.ContainsRune("«“\"'(—–-¿¡", c.rs[first])) {
				first++
			}
			switch {
			case closed > first && opened < 0 && word(c.rune(first)):
				c.put(m.rule, first, first, string(m.open))
			case opened >= 0 && closed < 0:
				last := end
				for last > start && unicode.IsSpace(c.rs[last-1]) {
					last--
				}
				fix := last
				for fix > opened+1 && strings.ContainsRune(".…", c.rs[fix-1]) {
					fix--
				}
				if fix > opened+1 {
					c.put(m.rule, fix, last, string(m.close))
				}
			}
		}
	}
	for i, r := range c.rs {
		if c.skip[i] || !strings.ContainsRune(".?!…\n", r) || !ends(c.rune(i+1)) {
			continue
		}
		sentence(i + 1)
		start = i + 1
	}
	if start < len(c.rs) {
		sentence(len(c.rs))
	}
}
