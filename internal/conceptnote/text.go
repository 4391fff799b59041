package conceptnote

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bullets begin items; numbered is what else can: "1.", "(a)", "iv)", "(أ)", "一、", "①".
var (
	bullets  = regexp.MustCompile(`^[•·▪▫◦●○■□‣⁃➢➤►✓✔–—\-*][\s\x{a0}\x{202f}]+|^[•·▪◦●■‣➢][\s\x{a0}]*`)
	numbered = regexp.MustCompile(`^(?:\(?\d{1,2}[.)）]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)]|[(（][أ-ي][)）]|[أ-ي][.)\-]|[(（]?[一二三四五六七八九十]{1,3}[)）、．.]|[(（]\d{1,2}[)）]|[①-⑳]|[а-гд-я]\)|[가-하][.)]|\d{1,2}[、．\-–])[\s\x{a0}\x{202f}]*`)
	chapters = regexp.MustCompile(`^(?:\d{1,2}\.\d{1,2}\.?|[IVX]{1,5}\.|(?:أول|ثاني|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر)(?:اً|ًا|ا)\s*[–—:.\-]|[A-Z]\.|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]+[章节部分]+)\s*`)
	quoted   = regexp.MustCompile(`^>\s?`)
)

// marker cuts the mark off an item.
func marker(s string) (mark, rest string, ok bool) {
	for _, re := range []*regexp.Regexp{bullets, numbered} {
		m := re.FindString(s)
		if m == "" || len(m) == len(s) {
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[len(m):])
		mark = strings.TrimSpace(m)
		if mark == "M." && unicode.IsUpper(after) { // Monsieur
			continue
		}
		if strings.HasSuffix(mark, "-") || strings.HasSuffix(mark, "–") {
			if re == numbered && unicode.IsDigit(after) { // "14- 16 May"
				continue
			}
		}
		if last, _ := utf8.DecodeLastRuneInString(m); re == numbered && last != ' ' && last != '\u00a0' && last != '\t' && !strings.ContainsAny(m, "、）①②③④⑤⑥⑦⑧⑨⑩") && !wide(after) {
			continue // "10.30", "3.2 million"
		}
		return mark, s[len(m):], true
	}
	return "", s, false
}

// OpenText reads plain text: from a mail, an old page, a PDF. Lines that were broken to fit are put together again.
func OpenText(s string) (*Doc, error) {
	if len(s) > MaxBytes || len(s) > 4*MaxText {
		return nil, ErrTooLarge
	}
	s = strings.ToValidUTF8(strings.TrimPrefix(s, "\ufeff"), "")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\v", "\n", "\f", "\n\n").Replace(s)
	raw := strings.Split(s, "\n")
	if len(raw) > 4*MaxLines {
		return nil, ErrTooLarge
	}
	mail := 0
	for _, l := range raw {
		if strings.HasPrefix(l, ">") {
			mail++
		}
	}
	if mail*2 > len(raw) {
		for i := range raw {
			raw[i] = quoted.ReplaceAllString(raw[i], "")
		}
	}
	width := wrapped(raw)
	d := &Doc{Format: "text"}
	starred := strings.Contains(s, "*")
	blank, open := false, false
	previous, trail := "", false
	for i, l := range raw {
		trimmed := strings.TrimFunc(l, func(r rune) bool { return unicode.IsSpace(r) || r == '\u00a0' || r == '\ufeff' || r == '\u200b' })
		if trimmed == "" {
			blank, open = true, false
			continue
		}
		if ruler(trimmed) {
			if n := len(d.Lines); n > 0 && !blank && strings.Trim(trimmed, trimmed[:1]) == "" && d.Lines[n-1].Kind == Paragraph && len(d.Lines[n-1].Text) < 120 {
				d.Lines[n-1].Kind, d.Lines[n-1].Level = Heading, 2 // underlined
			}
			blank, previous, trail = true, "", false
			continue
		}
		lead := l[:len(l)-len(strings.TrimLeft(l, " \t\u00a0"))]
		n := len(d.Lines)
		line := Line{Kind: Paragraph, After: blank}
		mark, rest, item := marker(trimmed)
		if item && mark == "*" && starred && called(raw, i, "*") && !starItems(raw, i) {
			item, line.Kind, line.Mark, trimmed = false, NoteText, "*", rest
		}
		if !item && line.Kind != NoteText {
			if m := noteStart.FindStringSubmatch(trimmed); m != nil && (called(raw, i, m[1]) || len(m[1]) > 1 && strings.HasPrefix(m[1], "[")) {
				line.Kind, line.Mark, trimmed = NoteText, strings.Trim(m[1], "[]()"), trimmed[len(m[0]):]
			}
		}
		if item && (mark == "-" || mark == "–" || mark == "—") && !blank && n > 0 && (open || d.Lines[n-1].Kind == Paragraph && !dashed(raw, i) && !ends(previous) && len(previous) < 200) {
			item = false // the second half of a title
		}
		goesOn := n > 0 && !blank && !item && line.Kind == Paragraph && !labelled(trimmed) && goesOn(previous, trail, trimmed, width, d.Lines[n-1].Kind == Item && len(lead) > 0)
		previous, trail = trimmed, strings.HasSuffix(l, " ") && !strings.HasSuffix(l, "  ")
		if goesOn || open && !item && !blank && n > 0 {
			p := &d.Lines[n-1]
			glue := " "
			if last, _ := utf8.DecodeLastRuneInString(p.Text); wide(last) {
				glue = ""
			} else if width > 0 && strings.HasSuffix(p.Text, "-") && startsLower(trimmed) {
				p.Text, glue = strings.TrimSuffix(p.Text, "-"), ""
			}
			p.Text += glue + tidyInner(trimmed)
		} else {
			if item {
				line.Kind, line.Mark, trimmed = Item, mark, rest
				line.Level = min(len(strings.ReplaceAll(lead, "\t", "    "))/4, 5)
			}
			if strings.HasPrefix(trimmed, "#") { // as in Markdown
				if t := strings.TrimLeft(trimmed, "#"); len(trimmed)-len(t) <= 6 && strings.HasPrefix(t, " ") {
					line.Kind, line.Level, trimmed = Heading, len(trimmed)-len(t), strings.TrimSpace(t)
				}
			}
			for _, m := range []string{"**", "*", "_"} { // as in mails
				if t := strings.TrimSuffix(strings.TrimPrefix(trimmed, m), m); len(t) == len(trimmed)-2*len(m) && t != "" && !strings.Contains(t, m) {
					line.Style, trimmed = "strong", t
				}
			}
			line.Text = tidyInner(trimmed)
			d.Lines = append(d.Lines, line)
		}
		blank = false
		last := &d.Lines[len(d.Lines)-1]
		open = len(d.Lines) < 30 && unclosed(last.Text) && len(last.Text) < 250
	}
	for i := range d.Lines {
		for len(d.Lines[i].Text) > maxLine {
			return nil, ErrTooLarge
		}
		d.Lines[i].Links = bareLinks(d.Lines[i].Text)
	}
	return d.finish()
}

// tidyInner keeps tabs, which part columns.
func tidyInner(s string) string {
	if !strings.Contains(s, "\t") {
		return tidy(s)
	}
	var out []string
	for _, p := range strings.Split(s, "\t") {
		if p = tidy(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\t")
}

func ruler(s string) bool {
	return len(s) >= 3 && strings.Trim(s, "-_=*–—~.") == ""
}

// noteStart is how the text of a note begins: "[1] ", "† ", "¹ ", "1 Survey".
var noteStart = regexp.MustCompile(`^(\[\d{1,2}\]|[†‡§]|[¹²³⁴⁵⁶⁷⁸⁹]+|\(\d{1,2}\))\s*`)

// called reports whether another line has the mark of a note stuck to a word.
func called(raw []string, at int, mark string) bool {
	for i, l := range raw {
		if i == at {
			continue
		}
		for from := 0; ; {
			j := strings.Index(l[from:], mark)
			if j < 0 {
				break
			}
			j += from
			prev, _ := utf8.DecodeLastRuneInString(l[:j])
			if j > 0 && (isWord(prev) || strings.ContainsRune(`)"”»’.,`, prev)) {
				return true
			}
			from = j + len(mark)
		}
	}
	return false
}

// starItems reports whether a line that begins with a star stands among others that do: a list, and no note.
func starItems(raw []string, i int) bool {
	star := func(j int) bool { return j >= 0 && j < len(raw) && strings.HasPrefix(strings.TrimSpace(raw[j]), "* ") }
	return star(i-1) || star(i+1)
}

// labelled reports whether a line begins with a label that we know.
func labelled(s string) bool {
	name, _, ok := label(s)
	if !ok || wordCount(name) > 5 {
		return false
	}
	f := fold(name)
	for _, group := range []string{"person", "label", "section", "role"} {
		if hits := f.find(group); len(hits) > 0 && f.share(hits[0]) > .7 {
			return true
		}
	}
	return false
}

// dashed reports whether a line's neighbour is a dashed item too.
func dashed(raw []string, i int) bool {
	is := func(j int) bool {
		if j < 0 || j >= len(raw) {
			return false
		}
		m, _, ok := marker(strings.TrimSpace(raw[j]))
		return ok && strings.ContainsAny(m, "-–—")
	}
	return is(i-1) || is(i+1)
}

// ends reports whether a line ends like a sentence or a label.
func ends(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, ` "'”»’)]`))
	return strings.ContainsRune(".!?:;。！？：；؟؛…", r)
}

func startsLower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// wrapped is the width at which a text was broken into lines, 0 for one that was not.
func wrapped(raw []string) int {
	var lens []int
	for _, l := range raw {
		if n := utf8.RuneCountInString(strings.TrimSpace(l)); n > 0 {
			lens = append(lens, n)
		}
	}
	if len(lens) < 12 {
		return 0
	}
	slices.Sort(lens)
	top := lens[len(lens)*97/100]
	if top > 110 || top < 45 {
		return 0
	}
	long := 0
	for _, n := range lens {
		if n*4 >= top*3 {
			long++
		}
	}
	if long*10 < len(lens)*3 {
		return 0
	}
	return top
}

// goesOn reports whether a line was broken off the line before.
func goesOn(previous string, trail bool, line string, width int, inItem bool) bool {
	long := utf8.RuneCountInString(previous)
	lower := startsLower(line)
	switch {
	case trail && lower && !ends(previous):
		return true
	case lower && !ends(previous) && (long > 120 || inItem && long > 50):
		return true
	case width > 0 && long*4 >= width*3:
		return !ends(previous) || lower || long*10 >= width*9
	}
	return false
}

// unclosed reports whether a quotation begins in s that does not end there.
func unclosed(s string) bool {
	for _, q := range [][2]string{{"“", "”"}, {"«", "»"}, {"《", "》"}, {"「", "」"}, {"„", "“"}} {
		if strings.HasPrefix(s, q[0]) && !strings.Contains(s, q[1]) {
			return true
		}
	}
	return false
}

var (
	addresses = regexp.MustCompile(`https?://[^\s<>"“”«»（）]+|www\.[^\s<>"“”«»（）]+\.[^\s<>"“”«»（）]+`)
	mailboxes = regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}`)
)

// bareLinks finds addresses that stand in the words.
func bareLinks(s string) []Link {
	if !strings.Contains(s, "://") && !strings.Contains(s, "www.") {
		return nil
	}
	var out []Link
	for _, m := range addresses.FindAllStringIndex(s, 50) {
		u := strings.TrimRight(s[m[0]:m[1]], ".,;:!?)]。，；、")
		full := u
		if strings.HasPrefix(u, "www.") {
			full = "https://" + u
		}
		if len(full) <= maxURL {
			out = append(out, Link{m[0], m[0] + len(u), full})
		}
	}
	return out
}
