package conceptnote

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// blockKinds are the sections that become blocks of the event's text.
var blockKinds = []string{"background", "objectives", "target_audience", "expected_results", "key_questions", "themes", "methodology", "format", "practical_info", "eligibility", "follow_up"}

// section makes of a section what it is.
func (r *reader) section(s *section) {
	group, name, _ := strings.Cut(s.key, ".")
	switch {
	case s.key == "" || len(s.pieces) == 0 && group != "section":
	case group == "label":
		for _, p := range s.pieces {
			if name == "title" || name == "series" || name == "deadline" || name == "kind" || name == "venue" || name == "language" {
				r.fact(name, p)
			} else if !r.times(p, true) && name == "date" {
				r.venues = append(r.venues, p)
			}
		}
	case group == "role":
		for _, p := range s.pieces {
			if !ends(p.text) || !r.organizersIn(p, fold(p.text), true) {
				r.rolesIn(p, fold(p.text), name)
			}
		}
	case s.key == "section.organizers" || s.key == "section.partners":
		role := "organizer"
		if name == "partners" {
			role = "partner"
		}
		for _, p := range s.pieces {
			if !r.organizersIn(p, fold(p.text), true) {
				r.orgs = append(r.orgs, orgWords{p, role, true})
			}
		}
	case group == "person" || s.key == "section.speakers":
		role := name
		if name == "speakers" {
			role = "speaker"
			if has(s.head, "person.trainer") {
				role = "trainer"
			} else if has(s.head, "person.panellist") {
				role = "panellist"
			}
		}
		for _, p := range s.pieces {
			if p.Kind == Row {
				for _, c := range p.Cells {
					r.peopleIn(c.Text, p.n, role, &r.out.People)
				}
				continue
			}
			r.peopleAt(p, role, &r.out.People)
		}
	case s.key == "section.contacts":
		r.contacts(s)
	case s.key == "section.programme":
		if s.at >= 0 { // "Programme (all times UTC+3)"
			if f := fold(s.head); len(clocksIn(f)) == 0 {
				if _, ok := zoneIn(f, nowhen); ok {
					r.clocks = append(r.clocks, clockWords{clockHit{start: -1, end: -1}, piece{&r.doc.Lines[s.at], s.at, 0, s.head}, f, false})
				}
			}
		}
		r.programme(s)
	case s.key == "section.registration":
		r.registration(s.pieces)
	case s.key == "section.documents":
		for _, p := range s.pieces {
			r.documentIn(p)
		}
	case s.key == "section.notes":
		for _, p := range s.pieces {
			mark := strings.Trim(p.Mark, "[]().、")
			if _, there := r.out.Footnotes[mark]; mark != "" && !there {
				r.out.Footnotes[mark] = p.text
			}
		}
	case s.key == "custom":
		if len(s.pieces) > 0 {
			r.block("custom", s)
		}
	case group == "section":
		r.block(name, s)
	}
}

// block makes a block of a section's lines.
func (r *reader) block(kind string, s *section) {
	b := Block{Found: Found{Sure: Sure}, Kind: kind}
	if s.at < 0 {
		b.Sure = Guess
	} else if !s.sure {
		b.Sure = Likely
	}
	if s.at >= 0 {
		b.At = append(b.At, At{Line: s.at})
	}
	if kind == "custom" || s.at >= 0 && wordCount(s.head) > 3 && kind == "themes" {
		b.Heading = strings.TrimRight(s.head, " :：")
	}
	switch kind {
	case "objectives", "themes":
		r.points(&b, s)
	case "expected_results":
		r.results(&b, s)
	case "key_questions":
		r.questions(&b, s)
	default:
		r.body(&b, s.pieces)
	}
	if len(b.Body)+len(b.Points)+len(b.Groups) == 0 {
		return
	}
	if k := slices.IndexFunc(r.out.Blocks, func(x Block) bool { return x.Kind == kind && kind != "custom" }); k >= 0 { // it goes on elsewhere
		x := &r.out.Blocks[k]
		x.Body, x.Points, x.Groups, x.At = append(x.Body, b.Body...), append(x.Points, b.Points...), append(x.Groups, b.Groups...), append(x.At, b.At...)
		return
	}
	b.Key = r.key("block")
	r.out.Blocks = append(r.out.Blocks, b)
}

// body takes lines as they are.
func (r *reader) body(b *Block, pieces []piece) {
	flat := false
	for _, p := range pieces {
		if p.Kind == Row {
			b.Body = append(b.Body, Para{Text: strings.ReplaceAll(p.Words(), "\t", " – ")})
			b.At = append(b.At, p.at())
			flat = true
			continue
		}
		if p.Kind == Paragraph && r.promised(p) && b.Kind != "follow_up" {
			continue
		}
		mark := ""
		if p.Kind == Item {
			mark = p.Mark
		}
		para := Para{Text: p.text, Mark: mark}
		if p.off == 0 {
			para.Calls, para.Links = p.Calls, p.Links
		}
		b.Body = append(b.Body, para)
		b.At = append(b.At, p.at())
	}
	if flat {
		r.lose("table", Doubtful, b.At)
	}
}

// inlineItem is the mark of an item inside a paragraph: "a)", "(ii)", "(أ)", "1)".
var inlineItem = regexp.MustCompile(`(?:^|[\s:;,.،؛：；。])(\(?[a-z]\)|\(?[ivx]{1,4}\)|[(（]?\d{1,2}[)）]|[(（][أ-ي][)）]|[(（][一二三四五六七八九十]{1,3}[)）]|[а-я]\)|[①-⑳])\s?`)

// inline splits "… will: a) write; b) protect." into what leads in and the items; nil where there are none.
func inline(s string) (lead string, items []struct {
	text     string
	from, to int
}) {
	ms := inlineItem.FindAllStringSubmatchIndex(s, 60)
	if len(ms) < 2 {
		return s, nil
	}
	first := strings.Trim(s[ms[0][2]:ms[0][3]], "()（）")
	if !slices.Contains([]string{"a", "i", "1", "أ", "一", "а", "①"}, first) {
		return s, nil
	}
	lead = strings.TrimSpace(s[:ms[0][2]])
	for i, m := range ms {
		end := len(s)
		if i+1 < len(ms) {
			end = ms[i+1][2]
		}
		text := s[m[1]:end]
		text = trimItem(trimAnd(text))
		if text != "" {
			items = append(items, struct {
				text     string
				from, to int
			}{text, m[1], end})
		}
	}
	return lead, items
}

// trimAnd takes the word off that stands before the last item.
func trimAnd(s string) string {
	s = strings.TrimSpace(s)
	for _, and := range []string{" and", " et", " y", " e", " и", " و", " na", "以及", "和", " 및", " or", " ou"} {
		if t := strings.TrimSuffix(s, and); t != s {
			return strings.TrimSpace(t)
		}
	}
	return s
}

// splitAgain parts "… a) x; b) y. The series as a whole will lead to a) …" where the letters begin again.
func splitAgain(s string) []int {
	ms := inlineItem.FindAllStringSubmatchIndex(s, 100)
	var out []int
	seen := 0
	for _, m := range ms {
		if slices.Contains([]string{"a", "1", "i", "أ", "一", "а"}, strings.Trim(s[m[2]:m[3]], "()（）")) && strings.Trim(s[m[2]:m[3]], "()（）") != "i" {
			if seen++; seen > 1 { // back to where the sentence begins
				cut := -1
				for _, stop := range []string{". ", "。", "؟ ", "! ", ".\u00a0"} {
					if j := strings.LastIndex(s[:m[2]], stop); j+len(stop) > cut && j >= 0 {
						cut = j + len(stop)
					}
				}
				if cut > 0 {
					out = append(out, cut)
				}
			}
		}
	}
	return out
}

// points makes a lead-in and points of objectives and themes.
func (r *reader) points(b *Block, s *section) {
	for i, p := range s.pieces {
		switch {
		case p.Kind == Row:
			b.Points = append(b.Points, Text{Found{Sure: Likely, At: []At{p.at()}}, strings.ReplaceAll(p.Words(), "\t", " – ")})
		case p.Kind == Item:
			b.Points = append(b.Points, r.point(b.Kind, p, trimItem(p.text), p.at()))
			r.numbering(b, p.Mark)
		case r.promised(p):
			continue
		default:
			if lead, items := inline(p.text); len(items) > 0 {
				b.LeadIn = lead
				for _, x := range items {
					b.Points = append(b.Points, r.point(b.Kind, p, x.text, p.part(x.from, x.to)))
				}
				r.numbering(b, strings.TrimSpace(p.text[len(lead):min(len(p.text), len(lead)+5)]))
				break
			}
			short := utf8.RuneCountInString(p.text) <= 400
			next := i+1 < len(s.pieces) && s.pieces[i+1].Kind == Item
			if len(b.Points) == 0 && b.LeadIn == "" && short && (strings.HasSuffix(strings.TrimSpace(p.text), ":") || strings.HasSuffix(strings.TrimSpace(p.text), "：") || next) {
				b.LeadIn = p.text
				break
			}
			b.Body = append(b.Body, Para{Text: p.text, Calls: p.Calls, Links: p.Links})
		}
		b.At = append(b.At, p.at())
	}
	// Objectives on lines of their own, each cut off with a semicolon.
	if len(b.Points) == 0 && len(b.Body) > 1 {
		n := 0
		for _, x := range b.Body {
			if strings.HasSuffix(x.Text, ";") || strings.HasSuffix(x.Text, "；") || strings.HasSuffix(x.Text, "؛") || strings.HasSuffix(x.Text, "; and") {
				n++
			}
		}
		short := 0
		for _, x := range b.Body {
			if wordCount(x.Text) < 40 && len(x.Calls) == 0 {
				short++
			}
		}
		if n > 0 && n >= len(b.Body)-2 || short == len(b.Body) && len(b.Body) >= 3 && (b.LeadIn != "" || b.Kind == "themes") {
			for _, x := range b.Body {
				b.Points = append(b.Points, Text{Found{Sure: Likely}, trimItem(x.Text)})
			}
			b.Body = nil
		}
	}
}

func (r *reader) numbering(b *Block, mark string) {
	if b.Numbering != "" {
		return
	}
	switch {
	case strings.ContainsAny(mark, "0123456789①②③一二三"):
		b.Numbering = "decimal"
	case strings.ContainsAny(mark, "•·▪◦●-–—*■‣➢✓"):
		b.Numbering = "bullet"
	default:
		b.Numbering = "lower-alpha"
	}
}

// results makes groups of expected results: those of the event, and those of its series.
func (r *reader) results(b *Block, s *section) {
	var group *Group
	add := func(p piece, text string, at At) {
		if group == nil {
			b.Groups = append(b.Groups, Group{Found: Found{Sure: Sure, At: []At{at}}})
			group = &b.Groups[len(b.Groups)-1]
		}
		group.Points = append(group.Points, r.point("result", p, text, at))
	}
	begin := func(lead string, p piece) {
		b.Groups = append(b.Groups, Group{Found: Found{Sure: Sure, At: []At{p.at()}}, LeadIn: lead})
		group = &b.Groups[len(b.Groups)-1]
		f := fold(lead)
		group.Series = len(b.Groups) > 1 && f.has("series")
	}
	for i, p := range s.pieces {
		b.At = append(b.At, p.at())
		if p.Kind == Item {
			add(p, trimItem(p.text), p.at())
			r.numbering(b, p.Mark)
			continue
		}
		if p.Kind == Row {
			add(p, strings.ReplaceAll(p.Words(), "\t", " – "), p.at())
			continue
		}
		start := 0
		for _, cut := range append(splitAgain(p.text), len(p.text)) {
			text := p.text[start:cut]
			lead, items := inline(text)
			if len(items) > 0 {
				begin(lead, p)
				for _, x := range items {
					add(p, x.text, p.part(start+x.from, start+x.to))
				}
				r.numbering(b, "a)")
				group = &b.Groups[len(b.Groups)-1]
			} else if next := i+1 < len(s.pieces) && s.pieces[i+1].Kind == Item; next && cut == len(p.text) && wordCount(text) < 80 {
				if i == 0 || strings.HasSuffix(strings.TrimRight(text, " \u00a0"), ":") || strings.HasSuffix(text, "：") || group != nil {
					begin(text, p)
				} else {
					b.Body = append(b.Body, Para{Text: text})
				}
			} else if !r.promised(p) {
				b.Body = append(b.Body, Para{Text: strings.TrimSpace(text), Calls: p.Calls})
			}
			start = cut
		}
	}
	for i := range b.Groups {
		if len(b.Groups[i].LeadIn) > 0 && utf8.RuneCountInString(b.Groups[i].LeadIn) > 400 { // what is more than a lead-in goes before
			b.Body = append(b.Body, Para{Text: b.Groups[i].LeadIn})
			b.Groups[i].LeadIn = ""
		}
	}
	// Paragraphs that are short and many are points without a mark.
	if len(b.Groups) == 0 && len(b.Body) >= 2 && !slices.ContainsFunc(b.Body, func(x Para) bool { return wordCount(x.Text) > 45 }) {
		lead := ""
		body := b.Body
		if strings.HasSuffix(strings.TrimSpace(body[0].Text), ":") || strings.HasSuffix(body[0].Text, "：") {
			lead, body = body[0].Text, body[1:]
		}
		if len(body) >= 2 && (lead != "" || slices.ContainsFunc(body, func(x Para) bool { return strings.HasSuffix(x.Text, ";") })) {
			g := Group{Found: Found{Sure: Likely}, LeadIn: lead}
			for _, x := range body {
				g.Points = append(g.Points, Text{Found{Sure: Likely}, trimItem(x.Text)})
			}
			b.Groups, b.Body = []Group{g}, nil
		}
	}
}

// questions groups the questions under their themes.
func (r *reader) questions(b *Block, s *section) {
	var group *Group
	ask := func(p piece, text string, at At) {
		if group == nil {
			b.Groups = append(b.Groups, Group{Found: Found{Sure: Sure, At: []At{at}}})
			group = &b.Groups[len(b.Groups)-1]
		}
		group.Points = append(group.Points, r.point("question", p, text, at))
		b.At = append(b.At, at)
	}
	asked := false
	for i, p := range s.pieces {
		text := strings.TrimSpace(p.text)
		f := fold(text)
		followed := i+1 < len(s.pieces) && (s.pieces[i+1].Kind == Item || question(s.pieces[i+1].text))
		deeper := i+1 < len(s.pieces) && p.Kind == Item && s.pieces[i+1].Kind == Item && s.pieces[i+1].Level > p.Level
		switch {
		case p.Kind == Row:
			for _, c := range p.Cells {
				if c.Again || c.Text == "" {
					continue
				}
				for q := range strings.SplitSeq(c.Text, "\n") {
					if question(q) {
						ask(p, q, p.at())
					} else if wordCount(q) < 20 && len(p.Cells) > 1 {
						b.Groups = append(b.Groups, Group{Found: Found{Sure: Likely, At: []At{p.at()}}, Heading: strings.TrimRight(q, " :：")})
						group = &b.Groups[len(b.Groups)-1]
					}
				}
			}
		case r.social(f, p):
		case mailboxes.MatchString(text) && wordCount(text) < 40: // "Questions? Write to …"
		case question(text) && !(p.Kind == Heading):
			if lead, items := inline(text); len(items) > 1 {
				if lead != "" && b.LeadIn == "" && len(b.Groups) == 0 {
					b.LeadIn = lead
				}
				for _, x := range items {
					ask(p, x.text, p.part(x.from, x.to))
				}
			} else {
				ask(p, text, p.at())
			}
			asked = true
			r.numbering(b, p.Mark)
		case p.Kind == Item && asked && !deeper && r.sidefact(p, f):
		case p.Kind == Item && !deeper && (!strings.HasSuffix(text, ":") && !(followed && sibling(s.pieces, i))):
			ask(p, trimItem(text), p.at())
			r.numbering(b, p.Mark)
		case !followed && p.Kind == Paragraph && f.has("hint.interpretation") && wordCount(text) < 20:
			r.tongues = append(r.tongues, p)
		case r.promised(p):
		case !asked && group == nil && b.LeadIn == "" && f.has("hint.following") && (strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") || followed || i == 0):
			b.LeadIn = text
			b.At = append(b.At, p.at())
		case !followed && wordCount(text) > 25:
			if len(b.Groups) == 0 && b.LeadIn == "" && wordCount(text) < 60 {
				b.LeadIn = text
			} else {
				b.Body = append(b.Body, Para{Text: text, Calls: p.Calls, Links: p.Links})
			}
			b.At = append(b.At, p.at())
		case !followed && (len(datesIn(f)) > 0 || platform(f) != ""):
			r.sidefact(p, f)
		default:
			heading := strings.TrimRight(text, " \u00a0\u202f:：.")
			if _, rest, ok := marker(heading); ok && p.Kind == Paragraph {
				heading = rest
			}
			b.Groups = append(b.Groups, Group{Found: Found{Sure: Sure, At: []At{p.at()}}, Heading: heading})
			group = &b.Groups[len(b.Groups)-1]
			b.At = append(b.At, p.at())
		}
	}
	b.Groups = slices.DeleteFunc(b.Groups, func(g Group) bool { return len(g.Points) == 0 })
}

// sibling reports whether an item is a theme above questions that are marked otherwise: "1. Theme" before "• Question?".
func sibling(ps []piece, i int) bool {
	return i+1 < len(ps) && ps[i+1].Kind == Item && question(ps[i+1].text) && !question(ps[i].text) && !sameMarks(ps[i].Mark, ps[i+1].Mark)
}

// sidefact takes a date or a platform that stands at the end of a page once more.
func (r *reader) sidefact(p piece, f folded) bool {
	if wordCount(p.text) > 12 {
		return false
	}
	if ds := datesIn(f); len(ds) > 0 {
		r.times(p, false)
		return true
	}
	if platform(f) != "" {
		r.venues = append(r.venues, p)
		return true
	}
	return false
}

var platforms = []string{"Microsoft Teams", "Google Meet", "Zoom", "Webex", "Interprefy", "KUDO", "GoToWebinar", "BigBlueButton", "Jitsi", "Tencent Meeting", "腾讯会议", "زووم", "YouTube Live", "Teams"}

// platform names the online service in folded words.
func platform(f folded) string {
	for _, name := range platforms {
		w := fold(name).s
		if i := strings.Index(f.s, w); i >= 0 && bounded(f.s, i, i+len(w), false) {
			switch name {
			case "زووم":
				return "Zoom"
			case "Teams":
				if raw := f.span(i, i+len(w)); raw != "Teams" {
					continue
				}
				return "Microsoft Teams"
			}
			return name
		}
	}
	return ""
}

// unheaded sorts the paragraphs that no heading stands above.
func (r *reader) unheaded() {
	var back, lists []piece
	var audience, format []piece
	for i, p := range r.loose {
		f := fold(p.text)
		switch {
		case p.Kind == Row:
			back = append(back, p)
		case p.Kind == Item && (i > 0 && r.loose[i-1].Kind == Item && len(lists) == 0 || p.Kind == Item && mailboxes.MatchString(p.text)):
			back = append(back, p)
		case p.Kind == Item:
			lists = append(lists, p)
		case r.promised(p):
		case r.inlineObjectives(p, f):
		case f.has("doc.log_in_guideline") && wordCount(p.text) < 60 && !f.has("hint.format"):
			r.out.Documents = append(r.out.Documents, Document{Found: Found{r.key("document"), Guess, []At{p.at()}}, Slot: "log_in_guideline", Label: r.words(f, "doc.log_in_guideline")})
		case f.has("hint.registration") && (mailboxes.MatchString(p.text) || len(p.Links) > 0 || f.has("doc.registration_form") || f.has("doc.register")) && wordCount(p.text) < 90:
			r.registration([]piece{p})
		case f.has("hint.format") && wordCount(p.text) < 120:
			format = append(format, p)
		case f.has("hint.audience") && len(back) > 0 && !r.blockThere("target_audience"):
			audience = append(audience, p)
		default:
			back = append(back, p)
		}
	}
	add := func(kind string, ps []piece) {
		if len(ps) > 0 {
			r.block(kind, &section{key: "section." + kind, at: -1, pieces: ps})
		}
	}
	before := r.out.Blocks
	r.out.Blocks = nil
	if k := slices.IndexFunc(before, func(b Block) bool { return b.Kind == "background" }); k >= 0 && len(back) > 0 {
		r.out.Blocks, before = []Block{before[k]}, append(slices.Clone(before[:k]), before[k+1:]...)
	}
	add("background", back)
	if len(lists) > 0 {
		kind := "objectives"
		asks := 0
		for _, p := range lists {
			if question(p.text) {
				asks++
			}
		}
		if asks*2 > len(lists) {
			kind = "key_questions"
		} else if slices.ContainsFunc(before, func(b Block) bool { return b.Kind == "objectives" }) {
			kind = "themes"
		}
		add(kind, lists)
		if k := len(r.out.Blocks) - 1; kind == "objectives" && k >= 0 && r.out.Blocks[k].LeadIn == "" {
			r.lose("lead_in", Missing, r.out.Blocks[k].At[:1])
		}
	}
	add("format", format)
	add("target_audience", audience)
	for _, b := range before {
		if k := slices.IndexFunc(r.out.Blocks, func(x Block) bool { return x.Kind == b.Kind && b.Kind != "custom" }); k >= 0 {
			x := &r.out.Blocks[k]
			x.Body, x.Points, x.Groups, x.At, x.Sure = append(x.Body, b.Body...), append(x.Points, b.Points...), append(x.Groups, b.Groups...), append(x.At, b.At...), max(x.Sure, b.Sure)
			if x.LeadIn == "" {
				x.LeadIn = b.LeadIn
			}
			continue
		}
		r.out.Blocks = append(r.out.Blocks, b)
	}
}

// inlineObjectives reads "The webinar has three objectives: (a) …; (b) …" as objectives.
func (r *reader) inlineObjectives(p piece, f folded) bool {
	lead, items := inline(p.text)
	if len(items) < 2 || r.blockThere("objectives") || lead == "" || wordCount(lead) > 30 || !has(lead, "section.objectives") {
		return false
	}
	r.block("objectives", &section{key: "section.objectives", at: -1, pieces: []piece{p}})
	return true
}

func (r *reader) blockThere(kind string) bool {
	return slices.ContainsFunc(r.out.Blocks, func(b Block) bool { return b.Kind == kind })
}

// words gives the words of the first phrase of a group.
func (r *reader) words(f folded, group string) string {
	if hits := f.find(group); len(hits) > 0 {
		return f.span(hits[0].from, hits[0].to)
	}
	return ""
}

// document takes a line that names a document or a link.
func (r *reader) document(slot string, p piece) {
	d := Document{Found: Found{"", Sure, []At{p.at()}}, Slot: slot, Label: strings.TrimRight(strings.TrimSpace(p.text), " :：.")}
	for _, m := range []string{"*", "†", "‡", "§"} {
		if strings.Contains(d.Label, m) {
			d.Mark = m
			d.Label = tidy(strings.ReplaceAll(d.Label, m, ""))
			r.used[m] = true
			break
		}
	}
	for _, l := range p.Links {
		if !strings.HasPrefix(l.URL, "mailto:") {
			d.URL = l.URL
			if addresses.MatchString(d.Label) { // the address stood in the words
				d.Label = strings.TrimRight(tidy(addresses.ReplaceAllString(d.Label, "")), " :：–-")
			}
			break
		}
	}
	switch slot {
	case "join":
		if r.out.Join.Key == "" {
			r.out.Join = Text{Found{"join", Sure, d.At}, d.URL}
			if d.URL == "" {
				r.lose("join_address", Missing, d.At)
			}
		}
		return
	case "board":
		if r.out.Board.Key == "" {
			d.Key = "board"
			r.out.Board = d
			if d.URL == "" {
				r.lose("link", Missing, d.At, "Label", d.Label)
			}
		}
		return
	case "register":
		r.register(d.URL, d.At)
		return
	}
	if slices.ContainsFunc(r.out.Documents, func(x Document) bool { return x.Slot == d.Slot && fold(x.Label).s == fold(d.Label).s }) {
		return
	}
	d.Key = r.key("document")
	r.out.Documents = append(r.out.Documents, d)
	if d.URL == "" {
		r.lose("link", Missing, d.At, "Label", d.Label)
	}
}

// documentIn takes a line under the heading of documents.
func (r *reader) documentIn(p piece) {
	f := fold(p.text)
	if hits := f.find("doc"); len(hits) > 0 && wordCount(p.text) < 25 {
		slot, top := "", 0
		for _, h := range hits {
			if h.to-h.from > top {
				slot, top = h.key, h.to-h.from
			}
		}
		r.document(slot, p)
		return
	}
	if r.promised(p) || wordCount(p.text) > 30 {
		return
	}
	slot := "other"
	if f.has("hint.note") {
		slot = "concept_note"
	} else if f.has("section.programme") {
		slot = "programme"
	}
	r.document(slot, p)
}

func (r *reader) register(url string, at []At) {
	if r.out.Register.Key == "" || r.out.Register.Text == "" && url != "" {
		r.out.Register = Text{Found{"register", Sure, at}, url}
	}
}

// registration reads how to register.
func (r *reader) registration(pieces []piece) {
	for _, p := range pieces {
		if p.Kind == Row {
			continue
		}
		f := fold(p.text)
		forms := f.has("doc.registration_form") || f.has("promise.documents") && mailboxes.MatchString(p.text)
		var sheet string
		for _, l := range p.Links {
			if l.From < p.off || strings.HasPrefix(l.URL, "mailto:") {
				continue
			}
			words := fold(p.Text[l.From:l.To])
			if words.has("doc.registration_form") || strings.HasSuffix(strings.ToLower(l.URL), ".docx") || strings.HasSuffix(strings.ToLower(l.URL), ".doc") {
				sheet = l.URL
			} else if r.out.Register.Text == "" {
				r.register(l.URL, []At{{p.n, l.From, l.To}})
			}
		}
		if f.has("doc.register") && r.out.Register.Key == "" {
			r.register("", []At{p.at()})
		}
		if m := mailboxes.FindStringIndex(p.text); m != nil && r.out.Mailbox.Key == "" {
			r.out.Mailbox = Text{Found{"mailbox", Likely, []At{p.part(m[0], m[1])}}, p.text[m[0]:m[1]]}
		}
		if forms && !slices.ContainsFunc(r.out.Documents, func(d Document) bool { return d.Slot == "registration_form" }) {
			label := r.words(f, "doc.registration_form")
			if label != "" {
				d := Document{Found: Found{r.key("document"), Likely, []At{p.at()}}, Slot: "registration_form", Label: label, URL: sheet}
				r.out.Documents = append(r.out.Documents, d)
				if sheet == "" {
					r.lose("link", Missing, d.At, "Label", label)
				}
			}
		}
		if hits := f.find("doc.log_in_guideline"); len(hits) > 0 && !slices.ContainsFunc(r.out.Documents, func(d Document) bool { return d.Slot == "log_in_guideline" }) {
			r.out.Documents = append(r.out.Documents, Document{Found: Found{r.key("document"), Likely, []At{p.part(f.at[hits[0].from], f.at[hits[0].to])}}, Slot: "log_in_guideline", Label: f.span(hits[0].from, hits[0].to)})
		}
		if f.has("hint.bythen") || f.has("label.deadline") {
			r.deadline(p, f, Likely)
		}
	}
}

// things are what a sentence promises, in its order.
func (r *reader) things(f folded) []string {
	var out []string
	for _, h := range f.find("promise") {
		if h.key == "verb" || slices.Contains(out, h.key) {
			continue
		}
		out = append(out, h.key)
	}
	if len(out) > 1 { // "follow-up measures, among them a summary" is the summary
		out = slices.DeleteFunc(out, func(s string) bool { return s == "follow_up" })
	}
	return out
}

// sentencesOf cuts words into sentences, with their places.
func sentencesOf(s string) [][2]int {
	var out [][2]int
	from := 0
	for i, r := range s {
		if !strings.ContainsRune(".!?。！？؟", r) {
			continue
		}
		end := i + utf8.RuneLen(r)
		rest := s[end:]
		if strings.ContainsRune("。！？", r) || rest == "" || strings.HasPrefix(rest, " ") && startsUpper(strings.TrimLeft(rest, " \u00a0“«\"(")) {
			out = append(out, [2]int{from, end})
			from = end
			for from < len(s) && s[from] == ' ' {
				from++
			}
		}
	}
	if from < len(s) {
		out = append(out, [2]int{from, len(s)})
	}
	return out
}

// promised takes the promises of a paragraph. It tells whether the paragraph is nothing else.
func (r *reader) promised(p piece) bool {
	if p.Kind == Row {
		return false
	}
	f := fold(p.text)
	if !f.has("promise.verb") {
		return false
	}
	all := true
	for _, s := range sentencesOf(p.text) {
		words := p.text[s[0]:s[1]]
		sf := fold(words)
		things := r.things(sf)
		if !sf.has("promise.verb") || len(things) == 0 {
			all = false
			continue
		}
		at := p.part(s[0], s[1])
		if slices.ContainsFunc(r.out.Promises, func(x Promise) bool { return x.At[0] == at }) {
			continue
		}
		term := func(f folded) (due string, days int) {
			for _, d := range datesIn(f) {
				if !d.noYear && !d.month {
					due = d.first.Format("2006-01-02")
				}
			}
			return due, soon(f)
		}
		due, days := term(sf)
		for _, kind := range things {
			due, days := due, days
			for clause := range strings.FieldsFuncSeq(words, func(c rune) bool { return c == ';' || c == '；' || c == '؛' }) { // "the slides within a week; the report by 1 May"
				if cf := fold(clause); slices.Contains(r.things(cf), kind) {
					if d, n := term(cf); d != "" || n > 0 {
						due, days = d, n
					}
				}
			}
			r.out.Promises = append(r.out.Promises, Promise{Found{r.key("promise"), Likely, []At{at}}, kind, tidy(words), due, days})
		}
		if due == "" && days == 0 {
			r.lose("promise_date", Missing, []At{at})
		}
	}
	return all
}

var withinPattern = regexp.MustCompile(`(\d{1,3}|one|two|three|four|five|six|seven|eight|ten|une?|deux|trois|quatre|cinq|sept|huit|dix|quinze|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|diez|quince|один|одного|двух|трех|четырех|пяти|десяти|одной|um|uma|dois|duas|quatro|oito|dez|quinze|两|二|一|三|四|十)\s*(?:working |business |calendar )?(days?|weeks?|months?|jours?|semaines?|mois|dias?|semanas?|mes(?:es)?|дн\S*|недел\S*|месяц\S*|يوم\S*|اسبوع|اسابيع|个?星期|周|天|个月|일|주|개월|siku|wiki|miezi)`)

var smallNumbers = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "seis": 6,
	"один": 1, "двух": 2, "трех": 3, "одной": 1, "um": 1, "uma": 1, "dois": 2, "duas": 2, "两": 2, "二": 2, "一": 1, "三": 3, "四": 4, "十": 10,
	"five": 5, "seven": 7, "eight": 8, "ten": 10, "cinq": 5, "sept": 7, "huit": 8, "dix": 10, "quinze": 15, "cinco": 5, "siete": 7, "ocho": 8, "diez": 10, "quince": 15,
	"одного": 1, "четырех": 4, "пяти": 5, "десяти": 10, "quatro": 4, "oito": 8, "dez": 10}

// soon reads "within two weeks" as days.
func soon(f folded) int {
	for _, dual := range []struct {
		word string
		days int
	}{{"اسبوعين", 14}, {"شهرين", 60}, {"يومين", 2}, {"عشره ايام", 10}, {"ثلاثه اسابيع", 21}, {"اربعه اسابيع", 28}, {"ثلاثه اشهر", 90}} {
		if strings.Contains(f.s, dual.word) {
			return dual.days
		}
	}
	m := withinPattern.FindStringSubmatch(f.s)
	if m == nil {
		return 0
	}
	n := smallNumbers[m[1]]
	if n == 0 {
		for _, c := range m[1] {
			if c >= '0' && c <= '9' {
				n = n*10 + int(c-'0')
			}
		}
	}
	switch u := m[2]; {
	case strings.HasPrefix(u, "week"), strings.HasPrefix(u, "semaine"), strings.HasPrefix(u, "semana"), strings.HasPrefix(u, "недел"), u == "周", strings.HasSuffix(u, "星期"), u == "주", u == "wiki", strings.HasPrefix(u, "اسبوع"), u == "اسابيع":
		n *= 7
	case strings.HasPrefix(u, "mo"), strings.HasPrefix(u, "mes"), strings.HasPrefix(u, "месяц"), strings.HasSuffix(u, "月"), u == "개월", u == "miezi":
		n *= 30
	}
	if n > 400 {
		return 0
	}
	return n
}

// sentences looks for what stands in sentences anywhere: promises, languages, the platform, who organizes.
func (r *reader) sentences() {
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind == Row || l.Kind == NoteText || len(l.Text) < 30 {
			continue
		}
		p := piece{l, i, 0, l.Text}
		if len(r.out.Promises) < 30 {
			r.promised(p)
		}
		f := fold(p.text)
		if r.out.Series.Key == "" && f.has("series") {
			for _, s := range sentencesOf(p.text) { // "It is the sixth webinar of the series “…”."
				words := p.text[s[0]:s[1]]
				inner, _ := quotedIn(words)
				if from := strings.Index(words, inner); wordCount(inner) > 1 && from > 0 {
					if hits := fold(words[:from]).find("series"); len(hits) > 0 && letters(fold(words[:from]).s[hits[len(hits)-1].to:]) < 4 {
						r.out.Series = Text{Found{"series", Likely, []At{p.part(s[0]+from, s[0]+from+len(inner))}}, cleanTitle(inner)}
						break
					}
				}
			}
		}
		if r.out.Register.Key == "" && r.out.Mailbox.Key == "" && f.has("hint.registration") && wordCount(p.text) < 90 {
			for _, s := range sentencesOf(p.text) {
				words := p.text[s[0]:s[1]]
				if has(words, "hint.registration") && (mailboxes.MatchString(words) || len(l.Links) > 0) && !slices.ContainsFunc(r.out.Contacts, func(c Contact) bool { return strings.Contains(words, c.Mail) && c.Name != "" }) {
					x := piece{l, i, s[0], words}
					r.registration([]piece{x})
				}
			}
		}
	}
}
