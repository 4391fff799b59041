package conceptnote

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// orgWords are words that name organizations, with the part they have.
type orgWords struct {
	p     piece
	role  string
	label bool
}

// organizersIn reads "Organized by X in cooperation with Y" where a line says so.
func (r *reader) organizersIn(p piece, f folded, top bool) bool {
	hits := slices.DeleteFunc(f.find("role"), func(h hit) bool {
		raw := strings.TrimSpace(f.span(h.from, h.to))
		if wordCount(raw) > 1 || wide(lastRune(raw)) {
			return false
		}
		// A word alone names a role only as a label, or as the line's first.
		rest := strings.TrimLeft(f.s[h.to:], " ")
		return h.from > 0 && !strings.HasPrefix(rest, ":")
	})
	if len(hits) == 0 || hits[0].from > 0 && !top {
		return false
	}
	if before := strings.TrimSpace(f.s[:hits[0].from]); wordCount(before) > 0 {
		// "由X主办", or the tail of a sentence: "A webinar organized by X".
		if wide(lastRune(before)) {
			return r.chineseOrgs(p, f, hits)
		}
		if !f.has("kind") && wordCount(before) > 3 && !(hits[0].key == "collaborator" || hits[0].key == "partner" || hits[0].key == "supporter" || hits[0].key == "organizer" && wordCount(f.span(hits[0].from, hits[0].to)) > 1) {
			return false
		}
		if wordCount(before) > 12 {
			return false
		}
	}
	single := wordCount(f.s[hits[0].from:hits[0].to]) == 1 && !strings.HasPrefix(strings.TrimLeft(f.s[hits[0].to:], " "), ":")
	if single && ends(p.text) && !wide(lastRune(f.s)) && wordCount(p.text) > 14 {
		return false // a sentence that begins with such a word
	}
	if single && wordCount(f.s[hits[0].to:]) == 0 && r.doc.Lines[p.n].Kind != Heading {
		// the label of the lines below: divide has seen to it
		return false
	}
	for i, h := range hits {
		end := len(f.s)
		if i+1 < len(hits) {
			end = hits[i+1].from
		}
		words := f.span(h.to, end)
		from := f.at[h.to]
		cut := strings.TrimLeft(words, " \u00a0:：-–,،")
		from += len(words) - len(cut)
		cut = strings.TrimRight(trimAnd(strings.TrimRight(cut, " \u00a0,،;.。،")), " \u00a0,،;.。،")
		if len(cut) > 0 {
			r.orgs = append(r.orgs, orgWords{piece{p.Line, p.n, p.off + from, cut}, h.key, true})
		}
	}
	return true
}

// chineseRoles are what a clause ends with that names who organizes or supports.
var chineseRoles = []struct {
	end  *regexp.Regexp
	role string
}{
	{regexp.MustCompile(`(?:合作|联合|共同|携手)?(?:主办|举办|组织)$`), "organizer"}, {regexp.MustCompile(`(?:联合)?承办$`), "host"}, {regexp.MustCompile(`(?:联合)?协办$`), "collaborator"},
	{regexp.MustCompile(`(?:提供|给予)?(?:支持|协助)$`), "supporter"}, {regexp.MustCompile(`(?:提供)?(?:资助|资金支持|经费支持)$`), "funder"},
}

// rolesIn reads words under the heading of a role: names, and what a preposition or a verb says of others.
func (r *reader) rolesIn(p piece, f folded, role string) {
	take := func(from, to int, role string) {
		words := p.text[from:to]
		cut := strings.TrimLeft(words, " \u00a0:：–-,،，、")
		from += len(words) - len(cut)
		if cut = strings.TrimRight(trimAnd(strings.TrimRight(cut, " \u00a0,،，;.。")), " \u00a0,،，;.。"); letters(cut) > 1 {
			r.orgs = append(r.orgs, orgWords{piece{p.Line, p.n, p.off + from, cut}, role, false})
		}
	}
	if wide(lastRune(strings.TrimRight(p.text, " 。.，,；;"))) {
		at := 0
		for clause := range strings.FieldsFuncSeq(p.text, func(c rune) bool { return c == '，' || c == ',' || c == '。' || c == '；' || c == ';' }) {
			from := at + strings.Index(p.text[at:], clause)
			at = from + len(clause)
			role, end := role, len(clause)
			for _, x := range chineseRoles {
				if m := x.end.FindStringIndex(clause); m != nil && m[0] > 0 {
					role, end = x.role, m[0]
					break
				}
			}
			take(from, from+end, role)
		}
		return
	}
	hits := slices.DeleteFunc(f.find("role"), func(h hit) bool { return wordCount(f.s[h.from:h.to]) < 2 })
	from := 0
	for _, h := range hits {
		take(from, f.at[h.from], role)
		from, role = f.at[h.to], h.key
	}
	take(from, len(p.text), role)
}

var chineseBy = regexp.MustCompile(`由(.+?)(?:联合|共同)?(主办|举办|承办)`)

func (r *reader) chineseOrgs(p piece, f folded, hits []hit) bool {
	m := chineseBy.FindStringSubmatchIndex(p.text)
	if m == nil {
		return false
	}
	role := "organizer"
	if p.text[m[4]:m[5]] == "承办" {
		role = "host"
	}
	r.orgs = append(r.orgs, orgWords{piece{p.Line, p.n, p.off + m[2], p.text[m[2]:m[3]]}, role, true})
	return true
}

var (
	trailingAcronym = regexp.MustCompile(`^(.*\S)\s*[(（]([^()（）]{2,24})[)）]\s*$`)
	articles        = regexp.MustCompile(`^(?i:the|le|la|les|el|los|las|os|as|o|a)\s+(\p{L})|^(?i:l)[’'](\p{L})`)
	afterAcronym    = regexp.MustCompile(`([)）])\s*(?:,|،|，|、)?\s*(?:and|et|y|e|и|و|和|与|及|및|na|&)\s*`)
	andAcronym      = regexp.MustCompile(`^(.*\S),?\s+(?:and|et|y|e|и|na|&)\s+(\p{Lu}[\p{Lu}\d-]{1,10})$`)
	andBy           = regexp.MustCompile(`,?\s+(?:and by(?: the)?|et par(?: le| la| les)?|y por(?: el| la| los| las)?|e pel[oa]s?)\s+`) // of several agents
	commaArticle    = regexp.MustCompile(`,?\s+(?:and|et|y|e)\s+((?:the|le|la|les|l’|l'|el|los|las|o|os|a|as)[\s’'])`)
)

// namesIn splits words into the names of organizations.
func namesIn(s string) []string {
	s = andBy.ReplaceAllString(s, ";")
	s = afterAcronym.ReplaceAllString(s, "$1;")
	s = strings.ReplaceAll(s, "),", ");")
	s = strings.ReplaceAll(s, ")،", ");")
	s = commaArticle.ReplaceAllString(s, ";$1")
	if m := andAcronym.FindStringSubmatch(s); m != nil && isAcronym(m[2]) {
		s = m[1] + ";" + m[2]
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '；' || r == '؛' || r == '、' || r == '\n' || r == '\t' })
	var out []string
	for _, p := range parts {
		commas := strings.FieldsFunc(p, func(r rune) bool { return r == ',' || r == '،' || r == '，' })
		whole := len(commas) < 2
		for _, c := range commas {
			c = strings.TrimSpace(c)
			if !startsUpper(articles.ReplaceAllString(c, "$1$2")) || wordCount(c) < 2 && !wide(lastRune(c)) {
				whole = true
			}
		}
		if whole {
			out = append(out, p)
		} else {
			out = append(out, commas...)
		}
	}
	var names []string
	for _, n := range out {
		n = strings.Trim(strings.TrimSpace(n), ".,;:–- \u00a0")
		for _, and := range []string{"and ", "et ", "y ", "e ", "и ", "na "} {
			if rest, ok := strings.CutPrefix(n, and); ok && startsUpper(articles.ReplaceAllString(rest, "$1$2")) {
				n = rest
			}
		}
		if letters(n) > 1 {
			names = append(names, n)
		}
	}
	return names
}

// organization reads a name with its acronym.
func organization(s string) (name, acronym string) {
	name = tidy(s)
	if m := trailingAcronym.FindStringSubmatch(name); m != nil && isAcronym(m[2]) {
		name, acronym = m[1], m[2]
	}
	if m := articles.FindStringSubmatch(name); m != nil {
		rest := name[len(m[0])-len(m[1]+m[2]):]
		if startsUpper(rest) {
			name = rest
		}
	}
	return strings.TrimRight(name, " .,;،"), acronym
}

func isAcronym(s string) bool {
	upper, other := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r) || unicode.IsDigit(r) || unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r):
			upper++
		case r == '-' || r == '/' || r == '&' || r == '.' || r == ' ' || r == '–':
		default:
			other++
		}
	}
	return upper >= 2 && upper > other && (wordCount(s) <= 3)
}

// organizations makes organizations of the words that name them.
func (r *reader) organizations() {
	add := func(w orgWords, name string, sure Confidence) {
		full, acronym := organization(name)
		if letters(full) < 2 || wordCount(full) > 25 {
			return
		}
		at := w.p.at()
		if j := strings.Index(w.p.text, strings.TrimSpace(name)); j >= 0 {
			at = w.p.part(j, j+len(strings.TrimSpace(name)))
		}
		key := fold(full).s
		for k := range r.out.Organizations {
			x := &r.out.Organizations[k]
			if fold(x.Name).s == key || acronym != "" && acronym == x.Acronym || acronym == "" && x.Acronym == full {
				x.At = append(x.At, at)
				return
			}
		}
		r.out.Organizations = append(r.out.Organizations, Organization{Found{r.key("organization"), sure, []At{at}}, full, acronym, w.role})
	}
	for _, w := range r.orgs {
		sure := Likely
		if w.label {
			sure = Sure
		}
		if w.p.Kind == Row {
			for _, c := range w.p.Cells {
				for _, n := range namesIn(c.Text) {
					add(w, n, Likely)
				}
			}
			continue
		}
		for _, n := range namesIn(w.p.text) {
			add(w, n, sure)
		}
	}
	if len(r.out.Organizations) > 0 {
		return
	}
	r.holders()
	for _, w := range r.orgs {
		for _, n := range namesIn(strings.TrimSpace(w.p.text)) {
			add(w, n, Likely)
		}
	}
	if len(r.out.Organizations) > 0 {
		return
	}
	// Nobody was named above: a sentence may do it.
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind == Row || l.Kind == NoteText {
			continue
		}
		for _, s := range sentencesOf(l.Text) {
			sf := fold(l.Text[s[0]:s[1]])
			hits := slices.DeleteFunc(sf.find("role"), func(h hit) bool { return wordCount(sf.s[h.from:h.to]) < 2 })
			if len(hits) == 0 {
				if m := chineseBy.FindStringSubmatchIndex(l.Text[s[0]:s[1]]); m != nil {
					r.orgs = append(r.orgs, orgWords{piece{l, i, s[0] + m[2], l.Text[s[0]+m[2] : s[0]+m[3]]}, "organizer", false})
				}
				continue
			}
			if hits[0].key != "organizer" && hits[0].key != "host" && hits[0].key != "co_organizer" {
				continue
			}
			for k, h := range hits {
				end := len(sf.s)
				if k+1 < len(hits) {
					end = hits[k+1].from
				}
				words := sf.span(h.to, end)
				stop := len(words)
				for _, w := range []string{" on ", " in ", " from ", " will ", " le ", " du ", " el ", " los días ", " à ", ". ", " en ", " في "} {
					if j := strings.Index(words, w); j > 8 && j < stop && (len(datesIn(fold(words[j:min(len(words), j+40)]))) > 0 || w == " will " || w == ". ") {
						stop = j
					}
				}
				off := s[0] + sf.at[h.to]
				text := strings.TrimRight(words[:stop], " .,;،。")
				r.orgs = append(r.orgs, orgWords{piece{l, i, off, text}, h.key, false})
			}
		}
		if len(r.orgs) > 0 {
			break
		}
	}
	for _, w := range r.orgs {
		for _, n := range namesIn(strings.TrimSpace(w.p.text)) {
			add(w, n, Likely)
		}
	}
}

// holds are what somebody does who holds an event, after the name.
var holds = regexp.MustCompile(`(?i)\s(?:will (?:hold|host|organi[sz]e|convene)|(?:is|are) (?:holding|hosting|organi[sz]ing|convening)|invites? you|(?:organise|organisent|organisera|organiseront|tiendra|tiendront|vous invitent?)|(?:organiza|organizan|organizará|organizarán|celebrará|celebrarán|les? invitan?)|(?:organizam|realizará|realizarão|promove|promovem)|(?:проведет|проведёт|проводит|проводят|организует|приглашает))\s`)

// holders reads "The Centre (RCPG), together with the Network, will hold a webinar …".
func (r *reader) holders() {
	for i := range r.doc.Lines {
		l := &r.doc.Lines[i]
		if l.Kind != Paragraph && l.Kind != Item {
			continue
		}
		for _, s := range sentencesOf(l.Text) {
			words := l.Text[s[0]:s[1]]
			m := holds.FindStringIndex(words)
			if m == nil || m[0] < 6 || wordCount(words[:m[0]]) > 40 || !has(words[m[1]:], "kind") {
				continue
			}
			p := piece{l, i, s[0], words[:m[0]]}
			if first, _ := utf8.DecodeRuneInString(words); !unicode.IsUpper(first) || has(words[:m[0]], "kind") {
				continue
			}
			r.rolesIn(p, fold(p.text), "organizer")
			return
		}
	}
}

var titles = sync.OnceValue(func() []phrase {
	var out []phrase
	for _, ps := range vocabulary()["honorific"].by {
		for _, p := range ps {
			if p.key == "" {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b phrase) int {
		if len(a.words) != len(b.words) {
			return len(b.words) - len(a.words)
		}
		return strings.Compare(a.words, b.words)
	})
	return out
})

// cutHonorific takes "H.E. Ms." off a name.
func cutHonorific(s string) (honorific, name string) {
	f := fold(s)
	at := 0
	for range 3 {
		found := false
		for _, p := range titles() {
			if !strings.HasPrefix(f.s[at:], p.words) {
				continue
			}
			end := at + len(p.words)
			next, _ := utf8.DecodeRuneInString(f.s[end:])
			if end < len(f.s) && isWord(next) && !strings.HasSuffix(p.words, ".") || end >= len(f.s) {
				continue
			}
			first, _ := utf8.DecodeRuneInString(f.span(at, end))
			if unicode.IsLower(first) && !strings.HasPrefix(p.words, "г-") && !strings.HasPrefix(p.words, "д-") && !strings.HasPrefix(p.words, "проф") {
				continue
			}
			if strings.HasPrefix(f.s[end:], ".") {
				end++
			}
			at = end
			for at < len(f.s) && (f.s[at] == ' ' || strings.HasPrefix(f.s[at:], "\u00a0")) {
				at++
			}
			found = true
			break
		}
		if !found {
			break
		}
	}
	if at == 0 || at >= len(f.s) {
		return "", s
	}
	return tidy(f.span(0, at)), strings.TrimLeft(f.span(at, len(f.s)), " \u00a0")
}

// personName reads words as a person's name, "" if they are none.
func (r *reader) personName(s string) (name, honorific, nickname string) {
	s = tidy(s)
	honorific, rest := cutHonorific(s)
	for _, after := range []string{"女士", "先生", "博士", "教授", "大使", "小姐", " 씨", " 박사", " 교수", " 대사", " 님"} {
		if t := strings.TrimSuffix(rest, after); t != rest && honorific == "" {
			rest, honorific = strings.TrimSpace(t), strings.TrimSpace(after)
		}
	}
	if i := strings.IndexAny(rest, "(（“\""); i > 0 {
		for _, q := range [][2]string{{"(", ")"}, {"（", "）"}, {"“", "”"}, {"\"", "\""}} {
			a := strings.Index(rest, q[0])
			if a <= 0 {
				continue
			}
			b := strings.Index(rest[a+len(q[0]):], q[1])
			if b > 0 && b < 40 && wordCount(rest[a+len(q[0]):a+len(q[0])+b]) <= 2 {
				nickname = rest[a+len(q[0]) : a+len(q[0])+b]
				rest = tidy(rest[:a] + " " + rest[a+len(q[0])+b+len(q[1]):])
				break
			}
		}
	}
	words := strings.Fields(rest)
	if strings.ContainsAny(rest, "0123456789@:;?!") || utf8.RuneCountInString(rest) > 70 || letters(rest) < 2 {
		return "", "", ""
	}
	if r0 := lastRune(rest); unicode.Is(unicode.Han, r0) {
		n := utf8.RuneCountInString(rest)
		if honorific == "" && (n < 2 || n > 4) || n > 16 {
			return "", "", ""
		}
		return rest, honorific, nickname
	}
	if len(words) > 7 || len(words) < 2 && honorific == "" && !unicode.Is(unicode.Hangul, lastRune(rest)) {
		return "", "", ""
	}
	if honorific == "" {
		for _, w := range words {
			first, _ := utf8.DecodeRuneInString(w)
			if unicode.IsLower(first) && !slices.Contains([]string{"de", "da", "do", "dos", "das", "del", "la", "van", "von", "der", "den", "bin", "binti", "al", "el", "ibn", "y", "e", "ben", "le", "du", "wa"}, w) {
				return "", "", ""
			}
		}
		f := fold(rest)
		if f.has("orgword") || f.has("position") || f.has("kind") || isAcronym(rest) && !unicode.Is(unicode.Hangul, lastRune(rest)) {
			return "", "", ""
		}
	}
	return rest, honorific, nickname
}

var countryNames = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, code := range i18n.Countries() {
		for _, l := range i18n.All {
			out[fold(i18n.CountryName(l, code)).s] = code
		}
	}
	for name, code := range map[string]string{"vietnam": "VN", "tanzania": "TZ", "united states": "US", "usa": "US", "united kingdom": "GB", "uk": "GB", "south korea": "KR", "republic of korea": "KR", "iran": "IR", "bolivia": "BO",
		"venezuela": "VE", "россия": "RU", "russia": "RU", "laos": "LA", "syria": "SY", "moldova": "MD", "turkey": "TR", "ivory coast": "CI", "cote d'ivoire": "CI", "韩国": "KR", "美国": "US", "英国": "GB", "한국": "KR", "미국": "US", "السعوديه": "SA"} {
		if out[fold(name).s] == "" {
			out[fold(name).s] = code
		}
	}
	return out
})

func countryOf(s string) string {
	return countryNames()[strings.TrimSpace(fold(strings.Trim(s, " .,;()（）")).s)]
}

// koreanPost is a name with the post after it: "김민서 과장".
var koreanPost = regexp.MustCompile(`^(\p{Hangul}{2,4})\s+(\p{Hangul}{0,8}(?:과장|팀장|국장|실장|소장|원장|부장|차장|처장|센터장|담당관|연구위원|연구원|선임연구원|사무관|주무관|대표|이사|위원장|위원|변호사|전문관|조정관|조사관|사무총장))$`)

var lastBrackets = regexp.MustCompile(`\s*[(（]([^()（）]{2,60})[)）]\s*$`)

// person reads "Dr. Name, position, organization (Country) (opening remarks) – TBC".
func (r *reader) person(s, role string) (Person, bool) {
	p := Person{Role: role}
	s = strings.Trim(tidy(s), " ;.、·•–-")
	if _, rest, ok := marker(s); ok {
		s = rest
	}
	if name, value, ok := label(s); ok && value != "" {
		if f := fold(name); f.has("person") && f.share(f.find("person")[0]) > .5 {
			p.Role, s = f.find("person")[0].key, value
		}
	}
	for range 4 {
		before := s
		for _, h := range fold(s).find("hint.tentative") {
			f := fold(s)
			if h.to >= len(f.s)-2 {
				p.Tentative = true
				s = strings.TrimRight(f.span(0, h.from), " –—-([（,،،")
				break
			}
		}
		if m := lastBrackets.FindStringSubmatchIndex(s); m != nil {
			inside := s[m[2]:m[3]]
			f := fold(inside)
			if hits := f.find("person"); len(hits) > 0 && f.share(hits[0]) > .5 {
				p.Role, s = hits[0].key, s[:m[0]]
			} else if code := countryOf(inside); code != "" {
				p.Country, s = code, s[:m[0]]
			} else if f.has("hint.online") || f.has("hint.tentative") {
				p.Tentative, s = p.Tentative || f.has("hint.tentative"), s[:m[0]]
			}
		}
		s = strings.TrimRight(s, " ,;–-")
		if s == before {
			break
		}
	}
	parts := splitPerson(s)
	if len(parts) == 0 {
		return p, false
	}
	rest := parts[1:]
	if m := koreanPost.FindStringSubmatch(parts[0]); m != nil {
		parts[0], rest = m[1], append([]string{m[2]}, rest...)
	}
	p.Name, p.Honorific, p.Nickname = r.personName(parts[0])
	if p.Name == "" {
		return p, false
	}
	if n := len(rest); n > 0 {
		if code := countryOf(rest[n-1]); code != "" {
			p.Country, rest = code, rest[:n-1]
		}
	}
	switch len(rest) {
	case 0:
	case 1:
		f := fold(rest[0])
		if isAcronym(rest[0]) || f.has("orgword") && !f.has("position") {
			p.Affiliation = rest[0]
		} else {
			p.Position = rest[0]
		}
	default:
		k := len(rest) - 1
		for k > 1 && (fold(rest[k-1]).has("orgword") && !fold(rest[k-1]).has("position")) {
			k--
		}
		p.Position, p.Affiliation = strings.Join(rest[:k], ", "), strings.Join(rest[k:], ", ")
	}
	return p, true
}

// splitPerson parts a name from what stands after it.
func splitPerson(s string) []string {
	var out []string
	depth, from := 0, 0
	rs := []rune(s)
	cut := func(to int) {
		if w := strings.Trim(string(rs[from:to]), " \u00a0,،，–—-|"); w != "" {
			out = append(out, w)
		}
	}
	for i, c := range rs {
		switch c {
		case '(', '（':
			depth++
		case ')', '）':
			depth--
		case ',', '،', '，', '|', '\t', '\n', '—':
			if depth <= 0 {
				cut(i)
				from = i + 1
			}
		case '–', '-':
			if depth <= 0 && i > 0 && rs[i-1] == ' ' && i+1 < len(rs) && rs[i+1] == ' ' {
				cut(i)
				from = i + 1
			}
		}
	}
	cut(len(rs))
	return out
}

// peopleAt reads a line that names one or several people.
func (r *reader) peopleAt(p piece, role string, into *[]Person) int {
	return r.peopleIn(p.text, p.n, role, into)
}

// peopleIn reads words that name people, one a line or parted by semicolons. It tells how many there were.
func (r *reader) peopleIn(s string, line int, role string, into *[]Person) int {
	n := 0
	for row := range strings.SplitSeq(s, "\n") {
		if row = strings.TrimSpace(row); row == "" {
			continue
		}
		f := fold(row)
		if hits := f.find("person"); len(hits) > 0 && f.share(hits[0]) > .75 && wordCount(row) <= 5 { // a role alone, for the lines below
			role = hits[0].key
			continue
		}
		if name, value, ok := label(row); ok && strings.TrimSpace(value) == "" && fold(name).has("person") {
			role = fold(name).find("person")[0].key
			continue
		}
		entries := strings.FieldsFunc(row, func(c rune) bool { return c == ';' || c == '；' || c == '؛' || c == '、' })
		for i, e := range entries {
			p, ok := r.person(e, role)
			if !ok {
				continue
			}
			if i == 0 && len(entries) > 1 { // "Panellists: A; B": the label is for all of them
				role = p.Role
			}
			p.At = []At{{Line: line}}
			if j := strings.Index(r.doc.Lines[line].Text, strings.TrimSpace(e)); j >= 0 && r.doc.Lines[line].Kind != Row {
				p.At = []At{{line, j, j + len(strings.TrimSpace(e))}}
			}
			p.Sure = Likely
			if p.Honorific != "" || p.Position != "" || p.Affiliation != "" {
				p.Sure = Sure
			}
			if into == &r.out.People {
				p.Key = r.key("person")
			}
			*into = append(*into, p)
			n++
		}
	}
	return n
}

// programme reads a table or lines with times.
func (r *reader) programme(s *section) {
	var open *Session
	var body []piece
	timecol := -1
	var heads map[int]string
	for _, p := range s.pieces {
		if p.Kind == Row {
			r.programmeRow(p, &open, &timecol, &heads)
			continue
		}
		r.programmeLine(p, &open, &body)
	}
	if len(r.out.Sessions) == 0 && len(body) > 0 {
		r.block("practical_info", &section{key: s.key, at: s.at, sure: false, pieces: body})
	}
}

// programmeLine reads "10:00–10:15 Opening – Dr. Name, position", or a line that goes on from one.
func (r *reader) programmeLine(p piece, open **Session, body *[]piece) {
	f := fold(p.text)
	cs := clocksIn(f)
	ds := datesIn(f)
	cs = slices.DeleteFunc(cs, func(c clockHit) bool { return inDate(ds, c) })
	if len(ds) > 0 && (len(cs) == 0 || ds[0].from < cs[0].from) && wordCount(p.text) < 14 {
		r.days = append(r.days, dayWords{dateHit: ds[0], p: p})
		r.newDay(ds[0])
		if len(cs) == 0 {
			return
		}
	}
	if len(cs) == 0 || cs[0].from > 14 && len(cs) > 0 && letters(f.s[:cs[0].from]) > 24 {
		if *open == nil {
			*body = append(*body, p)
			return
		}
		x := *open
		if x.Title == "" && !f.has("person") && p.Kind != Item {
			x.Title = cleanTitle(trimItem(p.text))
			x.Kind = sessionKind(x.Title)
			x.At = append(x.At, p.at())
			return
		}
		if r.peopleAt(p, speakerRole(x.Kind), &x.People) > 0 {
			x.At = append(x.At, p.at())
		}
		return
	}
	c := cs[0]
	rest := strings.TrimLeft(f.span(c.to, len(f.s)), " \u00a0:：–—-|\t,.)）،(")
	if before := strings.TrimSpace(f.span(0, c.from)); letters(before) > 3 && letters(rest) < 3 {
		rest = before
	}
	cols := strings.Split(rest, "\t")
	title, people := cols[0], strings.Join(cols[1:], "\n")
	if people == "" {
		title, people = r.titleAndPeople(title)
	}
	r.session(c, title, people, p.n, open)
	(*open).At = []At{p.at()}
}

// titleAndPeople parts "Opening – Dr. Name, position".
func (r *reader) titleAndPeople(s string) (title, people string) {
	for _, sep := range []string{" – ", " — ", " - ", ": ", "：", "——", " | ", ". ", " ("} {
		for at := 0; ; {
			j := strings.Index(s[at:], sep)
			if j < 0 {
				break
			}
			j += at
			left, right := strings.TrimSpace(s[:j]), strings.TrimSpace(s[j+len(sep):])
			if sep == " (" {
				right = strings.TrimSuffix(right, ")")
			}
			first := strings.FieldsFunc(right, func(c rune) bool { return c == ';' || c == '；' })
			if len(first) > 0 && left != "" {
				if p, ok := r.person(first[0], ""); ok && (sep != ". " || p.Honorific != "") && (p.Honorific != "" || p.Position != "" || p.Affiliation != "" || p.Role != "") {
					return left, right
				}
			}
			at = j + len(sep)
		}
	}
	return s, ""
}

func (r *reader) newDay(d dateHit) {
	day := d.first.Format(time.DateOnly)
	if d.noYear {
		day = "?" + d.first.Format("01-02")
	}
	r.out.Sessions = append(r.out.Sessions, Session{Kind: "\x00" + day})
}

// session opens a line of the programme.
func (r *reader) session(c clockHit, title, people string, line int, open **Session) {
	title = cleanTitle(tidy(trimItem(title)))
	x := Session{Found: Found{r.key("session"), Sure, []At{{Line: line}}}, Title: title, Kind: sessionKind(title), Start: clockText(c.start)}
	if c.end >= 0 {
		x.End = clockText(c.end)
	}
	r.out.Sessions = append(r.out.Sessions, x)
	*open = &r.out.Sessions[len(r.out.Sessions)-1]
	if people != "" {
		r.peopleIn(people, line, speakerRole(x.Kind), &(*open).People)
	}
}

func clockText(m int) string {
	m %= 24 * 60
	return string([]byte{byte('0' + m/600), byte('0' + m/60%10), ':', byte('0' + m%60/10), byte('0' + m%10)})
}

// programmeRow reads a row of the programme's table.
func (r *reader) programmeRow(p piece, open **Session, timecol *int, heads *map[int]string) {
	var cells []Cell
	for _, c := range p.Cells {
		if c.Text != "" || c.Again {
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		return
	}
	timeAt := -1
	var c clockHit
	for i, x := range cells {
		f := fold(x.Text)
		cs := clocksIn(f)
		if len(cs) > 0 && letters(f.s) < 40 && (*timecol < 0 || x.Col == *timecol) {
			timeAt, c = i, cs[0]
			break
		}
	}
	f := fold(p.Words())
	if timeAt < 0 {
		if ds := datesIn(f); len(ds) > 0 && len(cells) <= 2 {
			r.days = append(r.days, dayWords{dateHit: ds[0], p: piece{p.Line, p.n, 0, cells[0].Text}})
			r.newDay(ds[0])
			return
		}
		if len(r.out.Sessions) == 0 || len(cells) > 1 && *open == nil {
			if _, ok := zoneIn(fold(cells[0].Text), nowhen); ok && f.has("hint.time") {
				r.clocks = append(r.clocks, clockWords{clockHit{start: -1, end: -1}, piece{p.Line, p.n, 0, cells[0].Text}, fold(cells[0].Text), false})
			}
			return // the heads of the columns
		}
		if *open != nil {
			for _, x := range cells {
				if !x.Again {
					r.peopleIn(x.Text, p.n, speakerRole((*open).Kind), &(*open).People)
				}
			}
		}
		return
	}
	if *timecol < 0 {
		*timecol = cells[timeAt].Col
	}
	if cells[timeAt].Again { // the session of the row above
		if *open != nil {
			for _, x := range cells {
				if !x.Again {
					if r.peopleIn(x.Text, p.n, speakerRole((*open).Kind), &(*open).People) > 0 {
						(*open).At = append((*open).At, At{Line: p.n})
					}
				}
			}
		}
		return
	}
	var title, people string
	for i, x := range cells {
		if i == timeAt || x.Again {
			continue
		}
		if xf := fold(x.Text); len(clocksIn(xf)) > 0 && letters(xf.s) < 20 {
			continue // the same times in another zone
		}
		if title == "" {
			first, rest, _ := strings.Cut(x.Text, "\n")
			title, people = first, rest
			continue
		}
		people += "\n" + x.Text
	}
	if strings.TrimSpace(people) == "" {
		title, people = r.titleAndPeople(title)
	}
	r.session(c, title, people, p.n, open)
}

// sessionKind tells a session's kind by its title.
func sessionKind(title string) string {
	f := fold(title)
	best, top := "", 0.0
	for _, h := range f.find("session") {
		score := f.share(h)
		if h.from == 0 {
			score += .3
		}
		if score > top {
			best, top = h.key, score
		}
	}
	if top < .3 {
		return ""
	}
	return best
}

// speakerRole is what people do in a kind of session, where nothing says.
func speakerRole(kind string) string {
	switch kind {
	case "opening":
		return "opening_remarks"
	case "closing":
		return "closing_remarks"
	case "keynote":
		return "keynote"
	case "panel":
		return "panellist"
	case "presentation":
		return "presenter"
	}
	return "speaker"
}

var phonePattern = regexp.MustCompile(`\+?[0-9(][0-9 ()./\-\x{a0}]{6,22}[0-9]`)

// contacts reads whom to write to.
func (r *reader) contacts(s *section) {
	var now *Contact
	unit, units := "", []At{}
	flush := func() {
		if now != nil && (now.Mail != "" || now.Name != "" && now.Phone != "") {
			now.Key = r.key("contact")
			now.Unit = unit
			r.out.Contacts = append(r.out.Contacts, *now)
		}
		now = nil
	}
	field := func(text string, at At) {
		text = strings.TrimSpace(text)
		if text == "" {
			return
		}
		if m := mailboxes.FindString(text); m != "" {
			if now == nil || now.Mail != "" && now.Mail != m {
				flush()
				now = &Contact{Found: Found{Sure: Likely}}
			}
			now.Mail = m
			now.At = append(now.At, at)
			rest := strings.TrimSpace(strings.Trim(strings.Replace(text, m, "", 1), " <>()[],;:：،/|"))
			f := fold(rest)
			if rest == "" || f.has("label.mail") && f.share(f.find("label.mail")[0]) > .8 {
				return
			}
			if phone := phonePattern.FindString(rest); phone != "" {
				now.Phone = strings.TrimSpace(phone)
				rest = strings.Trim(strings.Replace(rest, phone, "", 1), " <>()[],;:：،/|")
				f = fold(rest)
				if hits := f.find("label.phone"); len(hits) > 0 {
					rest = strings.Trim(f.span(0, hits[len(hits)-1].from), " <>()[],;:：،/|–-")
					f = fold(rest)
				}
				if rest == "" {
					return
				}
			}
			if hits := f.find("label.mail"); len(hits) > 0 {
				h := hits[len(hits)-1]
				rest = strings.Trim(f.span(0, h.from), " <>()[],;:：،/|–-")
			}
			if now.Name == "" && rest != "" && wordCount(rest) < 25 {
				if p, ok := r.person(rest, ""); ok {
					now.Person = p
					if p.Affiliation != "" && now.Position == "" {
						now.Position = p.Affiliation
					}
				}
			}
			return
		}
		f := fold(text)
		if hits := f.find("label.phone"); len(hits) > 0 && phonePattern.MatchString(text) || phonePattern.MatchString(text) && letters(text) < 16 {
			if now != nil {
				now.Phone = strings.TrimSpace(phonePattern.FindString(text))
				now.At = append(now.At, at)
			}
			return
		}
		if p, ok := r.person(text, ""); ok && (p.Honorific != "" || now == nil || now.Mail != "" || now.Name == "") && (p.Honorific != "" || now == nil || now.Name == "" || now.Mail != "") {
			if p.Honorific != "" || !f.has("orgword") {
				flush()
				now = &Contact{Found: Found{Sure: Sure, At: []At{at}}, Person: p}
				if p.Affiliation != "" && p.Position == "" {
					now.Position = p.Affiliation
				} else if p.Affiliation != "" {
					now.Position += ", " + p.Affiliation
				}
				return
			}
		}
		switch {
		case now != nil && now.Mail == "" && now.Name != "" && wordCount(text) < 25:
			if now.Position == "" {
				now.Position = strings.TrimRight(text, " ,;.")
			} else {
				now.Position += ", " + strings.TrimRight(text, " ,;.")
			}
			now.At = append(now.At, at)
		case wordCount(text) < 20 && (f.has("orgword") || strings.ContainsAny(text, "(（")) && !ends(text):
			if now != nil && now.Mail != "" {
				flush()
			}
			if unit == "" {
				unit = text
			}
			units = append(units, at)
		}
	}
	for _, p := range s.pieces {
		if p.Kind == Row {
			flush()
			for _, c := range p.Cells {
				for row := range strings.SplitSeq(c.Text, "\n") {
					field(row, At{Line: p.n})
				}
			}
			continue
		}
		f := fold(p.text)
		if r.social(f, p) {
			continue
		}
		if p.After && now != nil && now.Mail != "" {
			flush()
		}
		if mailboxes.MatchString(p.text) && (strings.ContainsAny(p.text, ";|\t") || len(mailboxes.FindAllString(p.text, 3)) > 1) {
			for _, part := range strings.FieldsFunc(p.text, func(c rune) bool { return c == ';' || c == '|' || c == '\t' || c == '；' }) {
				j := strings.Index(p.text, part)
				field(part, p.part(j, j+len(part)))
			}
			continue
		}
		if name, value, ok := label(p.text); ok && value != "" && !mailboxes.MatchString(p.text) {
			if lf := fold(name); lf.has("section.contacts") {
				field(value, p.at())
				continue
			}
		}
		field(p.text, p.at())
	}
	flush()
	if unit != "" {
		for i := range r.out.Contacts {
			r.out.Contacts[i].Unit, _ = organization(unit)
		}
		r.unit(unit, units)
	}
}

// unit remembers the office that the contacts work in, and says where it has two names.
func (r *reader) unit(unit string, at []At) {
	for i, a := range at {
		words := r.doc.Lines[a.Line].Text
		if a.To > 0 {
			words = words[a.From:a.To]
		}
		if name, acronym := organization(words); i > 0 && acronym != "" {
			for _, w := range r.orgs {
				for _, n := range namesIn(w.p.text) {
					if other, short := organization(n); short == acronym && fold(other).s != fold(name).s {
						r.lose("two_names", Doubtful, []At{a}, "One", other, "Other", name)
					}
				}
			}
		}
	}
}
