package conceptnote

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// piece is a line, or what stands on it after a label.
type piece struct {
	*Line
	n    int // of the line
	off  int // where its words begin on the line
	text string
}

func (p piece) at() At {
	if p.off == 0 {
		return At{Line: p.n}
	}
	return At{p.n, p.off, p.off + len(p.text)}
}

// part gives some of a piece's words.
func (p piece) part(from, to int) At { return At{p.n, p.off + from, p.off + to} }

// section is a heading with the lines beneath it.
type section struct {
	key    string // "background"; "" for what stands under none
	head   string // as it stood there
	at     int    // line of the heading, -1 for none
	sure   bool
	pieces []piece
}

type reader struct {
	doc      *Doc
	out      *Note
	sections []*section
	titles   []titleWords
	days     []dayWords
	clocks   []clockWords
	orgs     []orgWords
	venues   []piece
	tongues  []piece
	loose    []piece // paragraphs without a heading
	calls    map[string][]At
	used     map[string]bool // notes that are called
	counts   map[string]int
}

type titleWords struct {
	text   string
	at     []At
	weight int
}

type dayWords struct {
	dateHit
	p       piece
	label   bool
	checked bool
}

type clockWords struct {
	clockHit
	p     piece
	f     folded
	label bool
}

// Read makes of a note what it says about the event. l is the note's language where somebody said it; "" guesses.
func Read(d *Doc, l i18n.Locale) *Note {
	n := &Note{Doc: d, Lang: l, LangSure: l != "", Footnotes: map[string]string{}}
	if l == "" {
		n.Lang, n.LangSure = Language(d)
	}
	r := &reader{doc: d, out: n, calls: map[string][]At{}, used: map[string]bool{}, counts: map[string]int{}}
	d.factTables()
	r.notes()
	r.divide()
	r.preamble()
	for _, s := range r.sections {
		r.section(s)
	}
	r.title()
	r.unheaded()
	r.partVenues()
	r.when()
	r.place()
	r.organizations()
	r.kind()
	r.ordinal()
	r.sentences()
	r.countries()
	r.missing()
	return n
}

// factTables makes lines of tables that hold a label and a value in each row: "Dates | 7–9 February 2028".
func (d *Doc) factTables() {
	tables := map[int][]int{}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Kind == Row {
			tables[l.Table] = append(tables[l.Table], i)
		}
	}
	for _, rows := range tables {
		labels := 0
		for _, i := range rows {
			l := &d.Lines[i]
			if len(l.Cells) != 2 || l.Cells[0].Again || l.Cells[1].Again || wordCount(l.Cells[0].Text) > 8 || strings.Contains(strings.TrimSpace(l.Cells[0].Text), "\n") {
				labels = -len(rows)
				break
			}
			if h, ok := headingOf(&Line{Kind: Paragraph, Style: "strong", Text: strings.TrimSpace(l.Cells[0].Text)}); ok && h.value == "" && len(clocksIn(fold(l.Cells[0].Text))) == 0 {
				labels++
			}
		}
		if labels < 2 || labels*2 < len(rows) {
			continue
		}
		for _, i := range rows {
			l := &d.Lines[i]
			name, value := strings.TrimRight(strings.TrimSpace(l.Cells[0].Text), " :："), strings.ReplaceAll(strings.TrimSpace(l.Cells[1].Text), "\n", "; ")
			*l = Line{Kind: Paragraph, Text: name + ": " + value, Links: l.Links, After: true}
		}
	}
}

// key gives the next key of a kind of finding.
func (r *reader) key(name string) string {
	r.counts[name]++
	return fmt.Sprintf("%s-%d", name, r.counts[name])
}

func (r *reader) lose(key string, level Severity, at []At, args ...any) {
	if len(r.out.Lost) < 200 {
		r.out.Lost = append(r.out.Lost, Lost{key, level, at, args})
	}
}

var (
	superscripts = regexp.MustCompile(`([\p{L}\p{M}).,”»])([¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]?)`)
	bracketed    = regexp.MustCompile(`([\p{L}\p{M}”»][.,]?)(?:\((\d{1,2})\)|\[(\d{1,2})\]|（(\d{1,2})）)`)
	stuck        = regexp.MustCompile(`(\p{Ll}{4,}[.,”’)]?|[”»)])(\d{1,2})([\s.,;:)»”]|$)`)
	plainDigits  = strings.NewReplacer("⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
)

// notes takes the notes' texts aside, and finds calls that lost what made them calls.
func (r *reader) notes() {
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind != NoteText {
			continue
		}
		mark := plainDigits.Replace(l.Mark)
		if _, err := strconv.Atoi(mark); err == nil || l.Mark == "" || letters(l.Mark) > 0 {
			r.out.Footnotes[mark] = l.Text
		} else {
			r.out.Marks = append(r.out.Marks, Mark{Found{r.key("note"), Sure, []At{{Line: i}}}, l.Mark, l.Text})
		}
	}
	next := 1
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind != Paragraph && l.Kind != Item {
			continue
		}
		for _, c := range l.Calls {
			r.calls[c.Mark] = append(r.calls[c.Mark], At{i, max(0, c.At-12), c.At})
			if n, _ := strconv.Atoi(c.Mark); n == next {
				next++
			}
		}
		if l.Kind == Paragraph && len(l.Text) < 40 && len(l.Links) == 0 && wordCount(l.Text) < 5 && r.doc.Format != "text" {
			continue
		}
		for again := true; again; {
			again = false
			for _, re := range []*regexp.Regexp{superscripts, bracketed, stuck} {
				m := re.FindStringSubmatchIndex(l.Text)
				if m == nil || re == stuck && r.doc.Format == "docx" {
					continue
				}
				a, b := -1, -1
				for g := 2; g < len(m)/2 && a < 0; g++ {
					a, b = m[2*g], m[2*g+1]
				}
				mark := plainDigits.Replace(l.Text[a:b])
				if n, _ := strconv.Atoi(mark); re != superscripts && n != next || n == 0 || n > next+3 {
					continue // no call of a note: they are numbered in turn
				} else if n == next {
					next++
				}
				from, to := a, b
				if re == bracketed {
					from, to = m[3], m[1]
				}
				r.cut(l, i, from, to, mark)
				again = true
				break
			}
		}
	}
	for mark := range r.calls {
		r.used[mark] = true
	}
}

// cut takes the mark of a call out of a line's words.
func (r *reader) cut(l *Line, n, from, to int, mark string) {
	l.Text = l.Text[:from] + l.Text[to:]
	for i := range l.Links {
		for _, at := range []*int{&l.Links[i].From, &l.Links[i].To} {
			if *at >= to {
				*at -= to - from
			} else if *at > from {
				*at = from
			}
		}
	}
	l.Calls = append(l.Calls, Call{from, mark})
	r.calls[mark] = append(r.calls[mark], At{n, max(0, from-12), from})
	for i := range r.calls[mark] { // places must begin with a character
		a := &r.calls[mark][i]
		if a.Line == n {
			for a.From > 0 && a.From < len(l.Text) && !utf8.RuneStart(l.Text[a.From]) {
				a.From--
			}
		}
	}
}

// divide tells the headings from what stands beneath them.
func (r *reader) divide() {
	top := &section{at: -1}
	r.sections = []*section{top}
	now := top
	open := func(key, head string, at int, sure bool) {
		now = &section{key: key, head: head, at: at, sure: sure}
		r.sections = append(r.sections, now)
	}
	lines := r.doc.Lines
	for i := range lines {
		l := &lines[i]
		p := piece{l, i, 0, l.Text}
		if l.Kind == NoteText {
			continue
		}
		if l.Kind == Row {
			if now.key != "section.programme" && r.timetable(l.Table) {
				open("section.programme", "", -1, false)
			}
			now.pieces = append(now.pieces, p)
			continue
		}
		h, ok := headingOf(l)
		if ok && r.fits(now, h, l, i) {
			if h.value != "" {
				p.text = h.value
				if p.off = strings.LastIndex(l.Text, h.value); p.off < 0 {
					p.off, p.text = 0, l.Text
				}
			}
			group, name, _ := strings.Cut(h.key, ".")
			switch {
			case group == "section":
				open(h.key, l.Text, i, h.sure)
				if h.value != "" {
					now.head = strings.TrimSpace(strings.TrimRight(strings.TrimSuffix(l.Text[:p.off], " "), ":： \u00a0"))
					now.pieces = append(now.pieces, p)
				}
				continue
			case group == "label" && name != "mail" && name != "phone":
				if h.value != "" {
					r.fact(name, p)
				} else {
					open(h.key, l.Text, i, true)
				}
				continue
			case group == "doc" && (h.value == "" || len(l.Links) > 0 || mailboxes.MatchString(h.value) || addresses.MatchString(h.value)) && wordCount(l.Text) < 16:
				r.document(name, piece{l, i, 0, l.Text})
				continue
			case group == "role":
				if h.value != "" {
					r.orgs = append(r.orgs, orgWords{p, name, true})
				}
				if h.value == "" || i+1 < len(lines) && !lines[i+1].After {
					open(h.key, l.Text, i, true)
				}
				continue
			case group == "person":
				if h.value == "" {
					open(h.key, l.Text, i, true)
					continue
				}
				if now.key != "section.speakers" {
					open("section.speakers", "", -1, true)
				}
				now.pieces = append(now.pieces, piece{l, i, 0, l.Text})
				continue
			}
		}
		if l.Kind == Heading && now.key != "" && l.Level > 0 && now.at >= 0 && lines[now.at].Kind == Heading && l.Level <= lines[now.at].Level {
			open("custom", l.Text, i, true) // a heading of the same rank that we do not know
			continue
		}
		if now.key != "" && r.leaves(now, p, i) {
			now = &section{at: -1}
			r.sections = append(r.sections, now)
		}
		now.pieces = append(now.pieces, p)
	}
}

// fits reports whether a heading can be one where it stands.
func (r *reader) fits(now *section, h heading, l *Line, i int) bool {
	group, _, _ := strings.Cut(h.key, ".")
	real := l.Kind == Heading || l.Style == "strong" || l.Style == "title"
	deeper := l.Kind == Heading && now.at >= 0 && r.doc.Lines[now.at].Kind == Heading && l.Level > r.doc.Lines[now.at].Level
	switch {
	case deeper && now.key == "section.key_questions" && h.value == "":
		return false // a theme that is called so
	case now.key == "section.contacts" && (group != "section" || !real && h.value == "" && h.share < .95):
		return false
	case now.key == "section.key_questions" && !real && h.value == "" && i+1 < len(r.doc.Lines) && (question(r.doc.Lines[i+1].Text) || l.Kind == Item && l.Mark == "•"):
		return h.key == "section.contacts" && h.share >= 1 // a theme that is called so
	case now.key == "section.programme" && group != "section":
		return group == "label" && h.value != "" && (h.key == "label.deadline" || h.key == "label.venue")
	case strings.HasPrefix(now.key, "person.") || now.key == "section.speakers":
		chapter := h.value == "" && l.After && (l.Kind == Item && strings.ContainsAny(l.Mark, "0123456789IVX一二三四五六七八九") || chapters.MatchString(l.Text)) // "6. Languages"
		return group != "label" && group != "doc" || chapter
	case now.key == "section.key_questions" && !real && group != "section":
		return group == "label" && h.value != "" || h.key == "doc.join" || group == "role" && h.value != ""
	case l.Kind == Item && now.at >= 0 && len(now.pieces) > 0 && group == "doc" && now.key != "section.documents" && now.key != "section.registration":
		return len(l.Links) > 0
	case l.Kind == Item && len(now.pieces) > 0 && strings.Trim(l.Mark, "0123456789.()") == "" && now.pieces[len(now.pieces)-1].Kind == Item && group != "label" && i+1 < len(r.doc.Lines) && r.doc.Lines[i+1].Kind == Item && sameMarks(l.Mark, r.doc.Lines[i+1].Mark):
		return false // one of many items
	case group == "label" && h.value == "" && (now.key == "section.objectives" || now.key == "section.expected_results" || now.key == "section.background") && !real:
		return false
	case group == "person" && h.value == "" && !real && !strings.HasSuffix(strings.TrimSpace(l.Text), ":"):
		return false
	case group == "person" && l.Kind == Paragraph && ends(l.Text) && wordCount(l.Text) > 25:
		return false
	case group == "label" && h.value != "" && wordCount(h.value) > 60:
		return false
	case h.key == "section.notes":
		return h.value == "" && i > len(r.doc.Lines)/2
	}
	return true
}

func sameMarks(a, b string) bool {
	num := func(s string) bool { return strings.ContainsAny(s, "0123456789") }
	return num(a) == num(b)
}

// leaves reports whether a line no longer belongs to the section before it, though no heading says so.
func (r *reader) leaves(now *section, p piece, i int) bool {
	long := len(p.text) > 180 || wordCount(p.text) > 30
	group, _, _ := strings.Cut(now.key, ".")
	switch {
	case group == "label" || group == "role":
		if long && !has(p.text, "role") {
			return true
		}
		f := fold(p.text)
		if len(now.pieces) == 0 && !(group == "role" && len(datesIn(f)) > 0) {
			return false
		}
		if group == "role" {
			return len(datesIn(f)) > 0 || len(clocksIn(f)) > 0 || f.has("hint.note") || p.After && r.doc.Format == "text" || ends(p.text) && !strings.HasSuffix(p.text, ".") && !has(p.text, "role")
		}
		return p.After || len(now.pieces) > 2
	case now.key == "section.documents" || now.key == "section.registration":
		return p.Kind == Paragraph && long && len(now.pieces) > 0 && !has(p.text, "hint.registration")
	case group == "person":
		return long && p.After
	case now.key == "section.objectives" || now.key == "section.expected_results" || now.key == "section.key_questions":
		if p.Kind != Paragraph || !slices.ContainsFunc(now.pieces, func(x piece) bool { return x.Kind == Item }) {
			return false
		}
		f := fold(p.text)
		return (f.has("promise.verb") && r.things(f) != nil || f.has("hint.format") && long) && !strings.HasSuffix(p.text, ":")
	}
	return false
}

// timetable reports whether a table has times in its first two columns.
func (r *reader) timetable(table int) bool {
	rows, timed := 0, 0
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind != Row || l.Table != table {
			continue
		}
		rows++
		for _, c := range l.Cells[:min(2, len(l.Cells))] {
			if len(c.Text) < 60 && len(clocksIn(fold(c.Text))) > 0 {
				timed++
				break
			}
		}
	}
	return timed >= 2 && timed*3 >= rows
}

// fact takes what stands after a label.
func (r *reader) fact(name string, p piece) {
	f := fold(p.text)
	switch name {
	case "title":
		if inner, outer := quotedIn(p.text); wordCount(inner) > 1 && has(outer, "kind") { // "Subject: webinar on 23 March: “…”"
			from := strings.Index(p.text, inner)
			r.titles = append(r.titles, titleWords{cleanTitle(inner), []At{p.part(from, from+len(inner))}, 6})
			r.times(p, false)
			break
		}
		if f.has("kind") || wordCount(p.text) > 2 {
			r.titles = append(r.titles, titleWords{cleanTitle(p.text), []At{p.at()}, 6})
		}
		if before := fold(p.Text[:min(p.off, len(p.Text))]); r.out.Kind.Key == "" && len(before.find("kind")) > 0 {
			r.out.Kind = Text{Found{"kind", Sure, []At{{p.n, 0, p.off}}}, before.find("kind")[0].key}
		}
	case "series":
		r.series(p, Sure)
	case "date", "time":
		r.times(p, true)
		if zone, _, a, _ := cityIn(f.s); a >= 0 && zone != "" && name == "date" && len(datesIn(f)) > 0 {
			r.placeAfter(p, f)
		}
	case "venue":
		r.venues = append(r.venues, p)
	case "language":
		r.tongues = append(r.tongues, p)
	case "deadline":
		r.deadline(p, f, Sure)
	case "kind":
		if hits := f.find("kind"); len(hits) > 0 && r.out.Kind.Key == "" {
			r.out.Kind = Text{Found{"kind", Sure, []At{p.at()}}, hits[0].key}
		}
	}
}

// placeAfter reads "12 May 2027, Nairobi".
func (r *reader) placeAfter(p piece, f folded) {
	hits := datesIn(f)
	if before := strings.TrimSpace(f.span(0, hits[0].from)); strings.HasSuffix(before, ",") || strings.HasSuffix(before, "،") || strings.HasSuffix(before, "，") { // "Nairobi, Kenya, 12 May 2027"
		town := strings.TrimRight(before, " ,،，")
		parts := splitPerson(town)
		if _, _, a, _ := cityIn(fold(town).s); wordCount(town) <= 8 && len(parts) > 0 && (a >= 0 || countryOf(parts[len(parts)-1]) != "") {
			r.venues = append(r.venues, piece{p.Line, p.n, p.off + max(0, strings.Index(p.text, town)), town})
			return
		}
	}
	last := hits[len(hits)-1].to
	if clocks := clocksIn(f); len(clocks) > 0 || last >= len(f.s) {
		return
	}
	rest := strings.Trim(f.span(last, len(f.s)), " ,;،，.–-()（）年г.")
	if letters(rest) > 2 && wordCount(rest) <= 12 && !strings.ContainsAny(rest, `"“«:：`) {
		off := strings.Index(p.text, rest)
		r.venues = append(r.venues, piece{p.Line, p.n, p.off + max(0, off), rest})
	}
}

func (r *reader) deadline(p piece, f folded, sure Confidence) {
	hits := datesIn(f)
	if len(hits) == 0 || r.out.Closes.Key != "" {
		return
	}
	h := hits[0]
	if h.noYear || h.month {
		return
	}
	minutes, precise := 23*60+59, "time"
	if c := clocksIn(f); len(c) > 0 {
		minutes = c[0].start
	}
	r.out.Closes = When{Found: Found{"closes", sure, []At{p.part(f.at[h.from], f.at[h.to])}}, Start: wallTime(h.first, minutes), Precision: precise}
}

// times takes the dates and times of a line aside.
func (r *reader) times(p piece, labelled bool) bool {
	f := fold(p.text)
	ds, cs := datesIn(f), clocksIn(f)
	if !labelled && len(ds) == 1 && f.has("hint.bythen") && f.has("hint.registration") { // "Please register by 19 March"
		r.deadline(p, f, Likely)
		return true
	}
	for i := 0; i < len(ds); i++ {
		d := ds[i]
		if i+1 < len(ds) && d.last.IsZero() && ds[i+1].last.IsZero() && d.to <= ds[i+1].from && ds[i+1].first.After(d.first) { // "Monday, 7 May 2027 – Wednesday, 9 May 2027"
			if toks := tokensOf(f.s[d.to:ds[i+1].from]); isTo(f.s[d.to:ds[i+1].from], "") || len(toks) == 1 && isTo("", toks[0].s) {
				d.last, d.to = ds[i+1].first, ds[i+1].to
				i++
			}
		}
		r.days = append(r.days, dayWords{dateHit: d, p: p, label: labelled})
	}
	for _, c := range cs {
		if inDate(ds, c) {
			continue
		}
		r.clocks = append(r.clocks, clockWords{c, p, f, labelled})
	}
	return len(ds)+len(cs) > 0
}

func inDate(ds []dateHit, c clockHit) bool {
	return slices.ContainsFunc(ds, func(d dateHit) bool { return c.from < d.to && d.from < c.to })
}

// preamble reads what stands before the first heading.
func (r *reader) preamble() {
	var rest []piece
	for si, s := range r.sections {
		if s.key != "" {
			continue
		}
		early := si == 0
		for i, p := range s.pieces {
			if p.Kind == Row {
				rest = append(rest, p)
				continue
			}
			f := fold(p.text)
			long := len(p.text) > 220 || wordCount(p.text) > 34 || ends(p.text) && wordCount(p.text) > 16
			dates := datesIn(f)
			switch {
			case r.social(f, p):
			case !long && len(f.find("role")) > 0 && r.organizersIn(p, f, early):
			case p.Kind == Item && !long && len(r.loose) > 0 && len(dates) == 0:
				rest = append(rest, p)
			case p.Kind == Item && (ends(p.text) && letters(p.text) > 20 || early && len(rest) > 0 && rest[len(rest)-1].Kind == Item):
				rest = append(rest, p)
			case long:
				rest = append(rest, p)
			case len(dates) > 0 || len(clocksIn(f)) > 0 && wordCount(p.text) < 22:
				r.times(p, false)
				if len(dates) > 0 {
					r.placeAfter(p, f)
				}
			case chrome(p.text, f):
			case f.has("hint.note") && f.share(f.find("hint.note")[0]) > .7:
			case platform(f) != "" && (f.has("hint.hybrid") || f.has("hint.person")):
				r.venues = append(r.venues, p)
			case f.has("series") && !ends(p.text) && r.series(p, Likely):
			case early && p.Kind != Item || p.Kind == Heading:
				r.candidate(p, i)
			case platform(f) != "":
				r.venues = append(r.venues, p)
			default:
				rest = append(rest, p)
			}
		}
		s.pieces = nil
		r.loose = append(r.loose, rest...)
		rest = nil
	}
}

// social reports whether a line is a page's links to other networks.
func (r *reader) social(f folded, p piece) bool {
	hits := f.find("hint.social")
	if len(hits) < 3 {
		return false
	}
	n := 0
	for _, h := range hits {
		n += letters(f.s[h.from:h.to])
	}
	if n*2 < letters(f.s) {
		return false
	}
	r.lose("social", Mended, []At{p.at()}, "Words", p.text)
	return true
}

// chrome reports whether a line is the trail above a page rather than something of the note.
func chrome(s string, f folded) bool {
	return f.has("hint.chrome") && (strings.ContainsAny(s, ":：>|»/–-") || wordCount(s) <= 6) || strings.Count(s, " > ")+strings.Count(s, " » ")+strings.Count(s, " › ") >= 2
}

var dashStart = regexp.MustCompile(`^[-–—]\s*`)

// candidate takes a short line of the preamble as words that may be the title.
func (r *reader) candidate(p piece, i int) {
	text := p.text
	n := len(r.titles)
	follows := n > 0 && r.titles[n-1].at[len(r.titles[n-1].at)-1].Line == p.n-1
	if follows && (p.Joins && p.Kind == Heading || p.Joins && p.Style == "title" || dashStart.MatchString(text) || unclosed(r.titles[n-1].text)) && !p.After {
		t := &r.titles[n-1]
		t.text = t.text + " " + text
		t.at = append(t.at, p.at())
		return
	}
	if inner, outer := quotedIn(text); wordCount(inner) > 1 && has(outer, "kind") && wordCount(outer) <= 8 { // 'Workshop: “Open archives”'
		if strings.HasSuffix(strings.TrimSpace(outer), ":") {
			if text = "“" + inner + "”"; r.out.Kind.Key == "" {
				r.out.Kind = Text{Found{"kind", Likely, []At{p.at()}}, fold(outer).find("kind")[0].key}
			}
		}
	}
	w := 1
	switch {
	case p.Style == "title":
		w = 5
	case p.Kind == Heading:
		w = max(1, 5-p.Level)
	case p.Style == "strong":
		w = 2
	case p.Style == "subtitle":
		w = 1
	}
	f := fold(text)
	if m, _ := utf8.DecodeRuneInString(text); strings.ContainsRune("“\"«《„「", m) {
		w += 2
	}
	if f.has("kind") {
		w++
	}
	if words := wordCount(text); words < 3 || words > 30 {
		w -= 2
	}
	if strings.HasSuffix(strings.TrimSpace(text), ":") || strings.HasSuffix(text, "：") || strings.HasSuffix(text, ",") || strings.HasSuffix(text, "،") || strings.HasSuffix(text, "，") { // leads in; greets
		w -= 4
	}
	if len(f.find("section")) > 0 && wordCount(text) < 4 || strings.Contains(text, "@") || addresses.MatchString(text) {
		w -= 3
	}
	if name, _, _ := r.personName(text); name != "" && wordCount(text) < 6 {
		w -= 2
	}
	if letters(text) > 3 {
		r.titles = append(r.titles, titleWords{text, []At{p.at()}, w})
	}
}

// cleanTitle takes quotation marks off, and makes a dash of a hyphen between blanks.
func cleanTitle(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }), " ")
	for {
		t := s
		for _, q := range [][2]string{{"“", "”"}, {"«", "»"}, {"\"", "\""}, {"《", "》"}, {"„", "“"}, {"「", "」"}, {"‘", "’"}} {
			if strings.HasPrefix(t, q[0]) && strings.HasSuffix(t, q[1]) && strings.Count(t, q[0]) == 1+map[bool]int{true: 1}[q[0] == q[1]] {
				t = strings.Trim(t[len(q[0]):len(t)-len(q[1])], " \u00a0\u202f")
			}
		}
		if t == s {
			break
		}
		s = t
	}
	s = strings.ReplaceAll(s, " - ", " – ")
	return strings.TrimRight(s, " .")
}

var quotedWords = regexp.MustCompile(`[«“„「《"‘']\s*([^«»“”„「」《》"‘’]{3,160}?)\s*[»”“」》"’']`)

// quotedIn gives the words in the only quotation marks of a line, and those around them.
func quotedIn(s string) (inner, outer string) {
	m := quotedWords.FindAllStringSubmatchIndex(s, 2)
	if len(m) != 1 {
		return "", s
	}
	after, _ := utf8.DecodeRuneInString(s[m[0][1]:])
	if m[0][0] > 0 && unicode.IsLetter(lastRune(s[:m[0][0]])) && !wide(lastRune(s[:m[0][0]])) || unicode.IsLetter(after) && !wide(after) && !unicode.Is(unicode.Hangul, after) {
		return "", s // an apostrophe
	}
	return s[m[0][2]:m[0][3]], s[:m[0][0]] + " " + s[m[0][1]:]
}

// title chooses among the words that may be the title.
func (r *reader) title() {
	best, top := -1, 0
	// What stands there twice is more than a line; a kind of event in front ("Webinar on …") does not make other words.
	same := map[string]int{}
	norm := func(s string) string {
		var b strings.Builder
		for _, c := range fold(cleanTitle(s)).s {
			if isWord(c) {
				b.WriteRune(c)
			}
		}
		return b.String()
	}
	for _, t := range r.titles {
		same[norm(t.text)]++
	}
	for i, t := range r.titles {
		w := t.weight*2 + min(3, same[norm(t.text)]-1)*3
		if i == 0 {
			w++
		}
		if best < 0 || w > top {
			best, top = i, w
		}
	}
	if best < 0 {
		r.lose("title", Missing, nil)
		return
	}
	t := r.titles[best]
	sure := Likely
	if t.weight >= 4 || same[norm(t.text)] > 1 {
		sure = Sure
	}
	if top <= 2 {
		sure = Guess
	}
	at := t.at
	for i, o := range r.titles {
		if i != best && norm(o.text) == norm(t.text) {
			at = append(slices.Clone(at), o.at...)
		}
	}
	for i, o := range r.titles { // what is too long for anything else is text
		if a := o.at[0]; i != best && len(o.at) == 1 && a.To == 0 && norm(o.text) != norm(t.text) && wordCount(o.text) >= 12 {
			r.loose = append([]piece{{&r.doc.Lines[a.Line], a.Line, 0, o.text}}, r.loose...)
		}
	}
	r.out.Title = Text{Found{"title", sure, at}, cleanTitle(t.text)}
	if cleanTitle(t.text) != t.text && same[norm(t.text)] > 1 {
		r.lose("title_forms", Mended, at)
	}
}

// series takes a line as the name of the series.
func (r *reader) series(p piece, sure Confidence) bool {
	if r.out.Series.Key != "" || wordCount(p.text) > 25 {
		return false
	}
	name := p.text
	for _, dash := range []string{" – ", " — ", " - ", ", "} { // "… – 4th seminar"
		if i := strings.LastIndex(name, dash); i > 0 && wordCount(name[i:]) <= 4 && wordCount(name[:i]) > 2 {
			if _, _, _, ok := ordinalIn(fold(name[i:])); ok && has(name[:i], "series") {
				name = name[:i]
			}
		}
	}
	if inner, _ := quotedIn(name); wordCount(inner) > 1 { // "Fifth session of the series “…”"
		from := strings.Index(name, inner)
		before, after := name[:from], name[from+len(inner):]
		if i := strings.IndexAny(after, ",،，"); i >= 0 {
			if _, _, _, ok := ordinalIn(fold(after[i:] + " " + before)); ok {
				after = after[:i]
			}
		}
		if bf := fold(before); bf.has("series") {
			h := bf.find("series")[0]
			if _, _, _, ok := ordinalIn(folded{s: bf.s[:h.to]}); ok {
				before = bf.span(h.from, len(bf.s))
			}
		}
		if m := ordinalKorean.FindStringIndex(after); m != nil && m[1] == len(strings.TrimRight(after, " )")) {
			after = after[:m[0]]
		}
		if m := ordinalChinese.FindStringIndex(after); m != nil && m[1] == len(strings.TrimRight(after, " ）)")) {
			after = after[:m[0]]
		}
		if name = tidy(before + inner + after); wordCount(before)+wordCount(after) == 1 && has(before, "series") {
			name = inner
		}
	}
	name = cleanTitle(name)
	if letters(name) < 6 {
		return false
	}
	r.out.Series = Text{Found{"series", sure, []At{p.at()}}, name}
	return true
}

// question reports whether words ask something.
func question(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, ` "”»’)）`))
	if strings.ContainsRune("?？؟", r) || strings.ContainsAny(s, "?？؟") {
		return true
	}
	return false
}

// trimItem takes off what only parts an item from the next.
func trimItem(s string) string {
	s = strings.TrimSpace(s)
	for _, and := range []string{"; and", "; or", ", and", " ; et", "; et", "; y", "; e", "; и", "؛ و", "; na", "；以及", "；和", "; 및"} {
		s = strings.TrimSuffix(s, and)
	}
	return strings.TrimRight(s, " \u00a0\u202f;.；。؛،,")
}

// point is an item as it is kept.
func (r *reader) point(name string, p piece, text string, at At) Text {
	return Text{Found{Sure: Sure, At: []At{at}}, text}
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.Is(unicode.Han, r) || unicode.Is(unicode.Arabic, r) || unicode.Is(unicode.Hangul, r)
}
