package conceptnote

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// token is a run of letters or of digits of a folded text, with what stands before it.
type token struct {
	s        string
	n        int // its number, -1 for letters
	from, to int
	gap      string // between the token before and this one
}

func tokensOf(s string) []token {
	var out []token
	last := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		kind := kindOf(r)
		if kind == 0 {
			i += n
			continue
		}
		j := i + n
		for j < len(s) {
			r, m := utf8.DecodeRuneInString(s[j:])
			if kindOf(r) != kind {
				break
			}
			j += m
		}
		t := token{s: s[i:j], n: -1, from: i, to: j, gap: s[last:i]}
		if kind == 2 {
			if t.n = 1 << 30; len(t.s) <= 4 {
				t.n, _ = strconv.Atoi(t.s)
			}
		}
		out = append(out, t)
		last, i = j, j
	}
	return out
}

func kindOf(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return 2
	case wide(r):
		return 3
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return 1
	}
	return 0
}

var monthShort = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
	"janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "aou": 8, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "set": 9, "setiembre": 9, "out": 10, "dez": 12,
	"янв": 1, "фев": 2, "мар": 3, "апр": 4, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "сент": 9, "окт": 10, "ноя": 11, "дек": 12,
	"يونيو": 6, "يوليو": 7, "جانفي": 1, "فيفري": 2, "افريل": 4, "ماي": 5, "جوان": 6, "جويليه": 7, "اوت": 8, "يوليوز": 7, "غشت": 8, "شتنبر": 9, "نونبر": 11, "دجنبر": 12,
}

var calendar = sync.OnceValue(func() (c struct {
	months   map[string]time.Month // names of one or two words
	weekdays map[string]time.Weekday
}) {
	c.months, c.weekdays = map[string]time.Month{}, map[string]time.Weekday{}
	for w, m := range monthShort {
		c.months[fold(w).s] = m
	}
	for _, l := range i18n.All {
		for i := range 12 {
			day := time.Date(2026, time.Month(i+1), 2, 0, 0, 0, 0, time.UTC)
			for _, name := range []string{i18n.Month(l, day), i18n.DayMonth(l, day)} {
				for part := range strings.SplitSeq(name, "/") {
					var words []string
					for _, t := range tokensOf(fold(part).s) {
						if t.n < 0 && t.s != "de" && !wide([]rune(t.s)[0]) {
							words = append(words, t.s)
						}
					}
					if w := strings.Join(words, " "); w != "" {
						c.months[w] = time.Month(i + 1)
					}
				}
			}
		}
		for i := range 7 {
			day := time.Date(2026, 2, 1+i, 0, 0, 0, 0, time.UTC)
			for _, t := range tokensOf(fold(i18n.Weekday(l, day)).s) {
				if t.s != "feira" {
					c.weekdays[t.s] = day.Weekday()
				}
			}
		}
	}
	for w, d := range map[string]time.Weekday{"mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "周一": 1, "周二": 2, "周三": 3, "周四": 4, "周五": 5, "周六": 6, "周日": 0,
		"среду": 3, "пятницу": 5, "субботу": 6, "الاثنين": 1, "الإثنين": 1, "الثلاثاء": 2, "الأربعاء": 3, "월": 1, "화": 2, "수": 3, "목": 4, "금": 5, "토": 6} {
		c.weekdays[fold(w).s] = d
	}
	return c
})

// dateHit is a date, or a stretch of days, as it stands in folded words.
type dateHit struct {
	from, to   int
	first      time.Time
	last       time.Time // zero for one day
	month      bool      // only the month is said
	noYear     bool
	weekday    int // that stands beside it, -1 for none
	figureOnly bool
}

var fillers = map[string]bool{"de": true, "del": true, "of": true, "the": true, "le": true, "er": true, "re": true, "st": true, "nd": true, "rd": true, "th": true, "o": true,
	"г": true, "года": true, "в": true, "ال": true, "من": true, "m": false, "el": true, "em": true, "di": true, "a": false, "mwezi": true, "tarehe": true, "يوم": true, "ya": true, "mwaka": true}

// to tells words and marks that stand between the first and the last day.
func isTo(gap, word string) bool {
	gap = strings.TrimSpace(gap)
	switch word {
	case "to", "and", "au", "a", "y", "al", "et", "e", "по", "и", "до", "الي", "و", "至", "到", "hadi", "na", "부터", "until", "till", "through", "hasta", "ate":
		return true
	case "":
		return gap == "-" || gap == "–" || gap == "—" || gap == "~" || gap == "～" || gap == "/" || gap == "&" || gap == "−"
	}
	return false
}

// datesIn finds the dates in folded words.
func datesIn(f folded) []dateHit {
	cal := calendar()
	toks := tokensOf(f.s)
	var out []dateHit
	monthAt := func(i int) (time.Month, int) {
		if i >= len(toks) || toks[i].n >= 0 {
			return 0, 0
		}
		m, n := time.Month(0), 0
		if i+1 < len(toks) && toks[i+1].n < 0 && strings.TrimSpace(toks[i+1].gap) == "" {
			if m = cal.months[toks[i].s+" "+toks[i+1].s]; m != 0 {
				n = 2
			}
		}
		if n == 0 {
			if m = cal.months[toks[i].s]; m == 0 {
				for _, p := range []string{"و", "ب", "في", "ل"} { // written onto the name
					if m = cal.months[strings.TrimPrefix(toks[i].s, p)]; m != 0 {
						break
					}
				}
			}
			n = 1
		}
		if m == 0 {
			return 0, 0
		}
		// The other name of the same month.
		if i+n < len(toks) && strings.TrimSpace(toks[i+n].gap) == "/" {
			for k := 2; k > 0; k-- {
				if i+n+k <= len(toks) {
					var w []string
					for _, t := range toks[i+n : i+n+k] {
						w = append(w, t.s)
					}
					if cal.months[strings.Join(w, " ")] == m {
						return m, n + k
					}
				}
			}
		}
		return m, n
	}
	near := func(gap string) bool { return len(gap) <= 4 && !strings.ContainsAny(gap, "\n;:()!?") }
	skip := func(i int) int {
		for i < len(toks) && fillers[toks[i].s] && near(toks[i].gap) {
			i++
		}
		return i
	}
	year := func(i int) (int, int) {
		j := skip(i)
		if j < len(toks) && toks[j].n >= 1990 && toks[j].n <= 2099 && near(toks[j].gap) {
			return toks[j].n, j + 1
		}
		return 0, i
	}
	isDay := func(i int) bool { return i < len(toks) && toks[i].n >= 1 && toks[i].n <= 31 && len(toks[i].s) <= 2 }
	add := func(a, b int, y1, m1, d1, y2, m2, d2 int, h dateHit) {
		day := func(y, m, d int) time.Time {
			t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
			if m < 1 || m > 12 || d < 1 || t.Day() != d {
				return time.Time{}
			}
			return t
		}
		if h.first = day(y1, m1, d1); h.first.IsZero() {
			return
		}
		if d2 > 0 {
			if h.last = day(y2, m2, d2); h.last.Before(h.first) {
				h.last = time.Time{}
			}
		}
		h.from, h.to, h.weekday = toks[a].from, toks[b-1].to, -1
		if b < len(toks) && (toks[b].s == "日" || toks[b].s == "일") {
			h.to = toks[b].to
		}
		for i := max(0, a-3); i < a; i++ {
			if w, ok := cal.weekdays[toks[i].s]; ok && len([]rune(toks[i].s)) > 1 {
				h.weekday = int(w)
				h.from = toks[i].from
			}
		}
		for i := b; i < min(len(toks), b+3) && h.weekday < 0; i++ {
			w, ok := cal.weekdays[strings.TrimPrefix(toks[i].s, "日")]
			if ok && (strings.Contains(toks[i].gap, "(") || len([]rune(toks[i].s)) > 1) {
				h.weekday, h.to = int(w), toks[i].to
			}
		}
		out = append(out, h)
	}
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.n >= 1990 && t.n <= 2099 && i+2 < len(toks):
			// 2027-04-01; 2027年4月1日; 2027년 4월 1일
			if toks[i+1].n > 0 && toks[i+2].n > 0 && strings.ContainsAny(toks[i+1].gap, "-./") && toks[i+1].gap == toks[i+2].gap && len(toks[i+1].gap) == 1 {
				add(i, i+3, t.n, toks[i+1].n, toks[i+2].n, 0, 0, 0, dateHit{figureOnly: true})
				i += 2
				continue
			}
			if (strings.HasPrefix(toks[i+1].s, "年") || strings.HasPrefix(toks[i+1].s, "년")) && toks[i+2].n > 0 && i+3 < len(toks) && (strings.HasPrefix(toks[i+3].s, "月") || strings.HasPrefix(toks[i+3].s, "월")) {
				m := toks[i+2].n
				if i+4 < len(toks) && isDay(i+4) && near(toks[i+4].gap) {
					d, end := toks[i+4].n, i+5
					y2, m2, d2 := 0, 0, 0
					j := end
					if j < len(toks) && (strings.HasPrefix(toks[j].s, "日") || strings.HasPrefix(toks[j].s, "일")) {
						end, j = j+1, j+1
					}
					joint := strings.TrimPrefix(strings.TrimPrefix(toks[end-1].s, "日"), "일")
					if j < len(toks) && isDay(j) && (isTo(toks[j].gap, "") || isTo("", joint) && joint != "") {
						if j+1 < len(toks) && (strings.HasPrefix(toks[j+1].s, "月") || strings.HasPrefix(toks[j+1].s, "월")) && isDay(j+2) {
							y2, m2, d2, end = t.n, toks[j].n, toks[j+2].n, j+3
						} else if j+1 < len(toks) && (strings.HasPrefix(toks[j+1].s, "日") || strings.HasPrefix(toks[j+1].s, "일")) {
							y2, m2, d2, end = t.n, m, toks[j].n, j+1
						}
					}
					add(i, end, t.n, m, d, y2, m2, d2, dateHit{})
					i = end - 1
					continue
				}
				add(i, i+4, t.n, m, 1, 0, 0, 0, dateHit{month: true})
				i += 3
			}
		case isDay(i):
			// 01.04.2027, 1/4/2027
			if i+2 < len(toks) && toks[i+1].n > 0 && toks[i+1].n <= 12 && toks[i+2].n >= 1990 && toks[i+2].n <= 2099 && len(toks[i+1].gap) == 1 && strings.ContainsAny(toks[i+1].gap, "./-") && toks[i+1].gap == toks[i+2].gap {
				add(i, i+3, toks[i+2].n, toks[i+1].n, t.n, 0, 0, 0, dateHit{figureOnly: true})
				i += 2
				continue
			}
			j := skip(i + 1)
			m, n := monthAt(j)
			if n > 0 && near(toks[j].gap) {
				end := j + n
				y, after := year(end)
				if y > 0 {
					end = after
				}
				// 30 March – 2 April 2027
				k, word := skip(end), ""
				if k < len(toks) && toks[k].n < 0 && isTo("", toks[k].s) {
					word, k = toks[k].s, skip(k+1)
				}
				if isDay(k) && (word != "" || isTo(toks[k].gap, "")) {
					p := skip(k + 1)
					if m2, n2 := monthAt(p); n2 > 0 {
						y2, after2 := year(p + n2)
						if y2 > 0 {
							if y == 0 {
								y = y2
							}
							add(i, after2, y, int(m), t.n, y2, int(m2), toks[k].n, dateHit{})
							i = after2 - 1
							continue
						}
					}
				}
				h := dateHit{noYear: y == 0}
				if y == 0 {
					y = 2000
				}
				add(i, end, y, int(m), t.n, 0, 0, 0, h)
				i = end - 1
				continue
			}
			// 3–5 May 2027; from 3 to 5 May 2027; 3 and 4 May
			k, word := j, ""
			if k < len(toks) && toks[k].n < 0 && isTo("", toks[k].s) {
				word, k = toks[k].s, skip(k+1)
			}
			if isDay(k) && toks[k].n > t.n && (word != "" || isTo(toks[k].gap, "")) {
				p := skip(k + 1)
				if m2, n2 := monthAt(p); n2 > 0 && near(toks[p].gap) {
					if y, after := year(p + n2); y > 0 {
						add(i, after, y, int(m2), t.n, y, int(m2), toks[k].n, dateHit{})
						i = after - 1
						continue
					}
				}
			}
		case t.n < 0:
			m, n := monthAt(i)
			if n == 0 {
				continue
			}
			// April 1, 2027; April 1–3, 2027; April 2027
			if j := i + n; isDay(j) && near(toks[j].gap) {
				k := skip(j + 1)
				d2 := 0
				if isDay(k) && isTo(toks[k].gap, "") {
					d2, k = toks[k].n, k+1
				}
				if y, after := year(k); y > 0 {
					if d2 > 0 {
						add(i, after, y, int(m), toks[j].n, y, int(m), d2, dateHit{})
					} else {
						add(i, after, y, int(m), toks[j].n, 0, 0, 0, dateHit{})
					}
					i = after - 1
					continue
				}
			}
			if y, after := year(i + n); y > 0 {
				add(i, after, y, int(m), 1, 0, 0, 0, dateHit{month: true})
				i = after - 1
			}
		}
	}
	return out
}

// clockHit is a time of day, or a stretch, as it stands in folded words.
type clockHit struct {
	from, to   int
	start, end int // minutes; end -1 where only a start is said
	mended     bool
}

const (
	clockPattern = `(?:(上午|下午|晚上|中午|오전|오후)\s?)?(\d{1,2})(?:\s?(?::|heures?|horas|hrs?|h|ч|時|时|點|点|시)\s?(\d{2})?(?:\s?(?:min|分|분))?|\.(\d{2}))?\s?(a\.?\s?m\.?|p\.?\s?m\.?|am|pm|noon|صباحا|مساء|ظهرا|ص|م|asubuhi|mchana|jioni|da manha|da tarde|утра|дня|вечера|horas|hrs|heures?|h)?`
	clockTo      = `\s*(?:-|–|—|−|~|～|to|a|as|à|до|الي(?: الساعه)?|حتي(?: الساعه)?|و?حتي الساعه|hasta(?: las)?|y las|ate(?: as)?|至|到|hadi|until|부터|et|au)\s*(?:las |les |as )?`
)

var (
	clockRange = regexp.MustCompile(clockPattern + clockTo + clockPattern)
	clockOne   = regexp.MustCompile(clockPattern)
)

// clock reads the groups of clockPattern. strict asks for something that makes it a time and no other number.
func clock(s string, m []int) (minutes int, half string, exact, ok bool) {
	g := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	h, _ := strconv.Atoi(g(2))
	min := 0
	if w := g(3) + g(4); w != "" {
		min, _ = strconv.Atoi(w)
	}
	tail := strings.ReplaceAll(strings.ReplaceAll(g(5), ".", ""), " ", "")
	switch g(1) {
	case "上午", "오전":
		half = "am"
	case "下午", "晚上", "오후", "中午":
		half = "pm"
	}
	switch tail {
	case "am", "صباحا", "ص", "asubuhi", "damanha", "утра":
		half = "am"
	case "pm", "مساء", "م", "noon", "ظهرا", "mchana", "jioni", "datarde", "дня", "вечера":
		half = "pm"
	}
	whole := s[m[0]:m[1]]
	exact = g(3) != "" && !strings.Contains(whole, ".") || half != "" || strings.ContainsAny(whole, ":h時时點点시ч")
	if h > 24 || min > 59 || h == 24 && min > 0 {
		return 0, "", false, false
	}
	return h*60 + min, half, exact || g(4) != "", true
}

func inHalf(minutes int, half string) int {
	switch {
	case half == "pm" && minutes < 12*60:
		return minutes + 12*60
	case half == "am" && minutes >= 12*60 && minutes < 13*60:
		return minutes - 12*60
	}
	return minutes
}

// clocksIn finds times of day. A number alone is none.
func clocksIn(f folded) []clockHit {
	var out []clockHit
	s := f.s
	edge := func(a, b int) bool {
		if a > 0 {
			if r, _ := utf8.DecodeLastRuneInString(s[:a]); unicode.IsDigit(r) || r == ':' || r == '/' || r == '.' && a > 1 && s[a-2] >= '0' && s[a-2] <= '9' || r == '+' || unicode.IsLetter(r) && !wide(r) && !strings.ContainsRune("وبلس", r) {
				return false
			}
		}
		if b < len(s) {
			if r, _ := utf8.DecodeRuneInString(s[b:]); unicode.IsDigit(r) || unicode.IsLetter(r) && !wide(r) && isWord(lastRune(s[:b])) || r == '%' || r == '/' || r == '°' {
				return false
			}
		}
		return true
	}
	taken := func(a, b int) bool {
		return slices.ContainsFunc(out, func(c clockHit) bool { return a < c.to && c.from < b })
	}
	for at := 0; at < len(s); {
		m := clockRange.FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += at
			}
		}
		first := slices.Concat(m[0:2], m[2:12])
		first[1] = max(m[11], m[9], m[7], m[5])
		second := slices.Concat([]int{m[12], m[1]}, m[12:22])
		if second[0] < 0 {
			second[0] = m[14]
		}
		a, ah, aExact, ok1 := clock(s, first)
		b, bh, bExact, ok2 := clock(s, second)
		zone := strings.HasSuffix(strings.TrimRight(s[:m[0]], " "), "utc") || strings.HasSuffix(strings.TrimRight(s[:m[0]], " "), "gmt")
		if !ok1 || !ok2 || !aExact && !bExact || !edge(m[0], m[1]) || zone || !aExact && strings.Contains(s[second[0]:second[1]], ".") {
			at = m[4] + 1 // after the first digit
			if m[5] > at {
				at = m[5]
			}
			continue
		}
		hit := clockHit{from: m[0], to: m[1]}
		if ah == "" && bh != "" {
			hit.mended = a < 12*60 // one half of the day, said once
			if x := inHalf(a, bh); x < inHalf(b, bh) {
				a = x
			} else if bh == "pm" {
				ah = "am"
			}
		} else if ah != "" && bh == "" && b < 12*60 {
			if x := inHalf(b, ah); x > inHalf(a, ah) {
				b = x
			} else {
				b = inHalf(b, "pm")
			}
		}
		hit.start, hit.end = inHalf(a, ah), inHalf(b, bh)
		out = append(out, hit)
		at = m[1]
	}
	for _, m := range clockOne.FindAllStringSubmatchIndex(s, 400) {
		v, half, exact, ok := clock(s, m)
		if !ok || !exact || !edge(m[0], m[1]) || taken(m[0], m[1]) || m[8] >= 0 && half == "" {
			continue
		}
		if before := strings.TrimRight(s[:m[0]], " (+-–−"); strings.HasSuffix(before, "utc") || strings.HasSuffix(before, "gmt") {
			continue
		}
		out = append(out, clockHit{from: m[0], to: m[1], start: inHalf(v, half), end: -1})
	}
	slices.SortFunc(out, func(a, b clockHit) int { return a.from - b.from })
	return out
}

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

// zoneHit is what a text says of the zone of its times.
type zoneHit struct {
	zone     string
	sure     Confidence
	label    string
	from, to int
	offset   bool // only an offset was said
}

var zoneShort = map[string]string{
	"utc": "UTC", "gmt": "UTC", "edt": "America/New_York", "est": "America/New_York", "et": "America/New_York", "cdt": "America/Chicago", "pst": "America/Los_Angeles",
	"pdt": "America/Los_Angeles", "mst": "America/Denver", "mdt": "America/Denver", "cet": "Europe/Paris", "cest": "Europe/Paris", "bst": "Europe/London", "wet": "Europe/Lisbon",
	"west": "Europe/Lisbon", "eet": "Europe/Athens", "eest": "Europe/Athens", "msk": "Europe/Moscow", "мск": "Europe/Moscow", "eat": "Africa/Nairobi", "wat": "Africa/Lagos",
	"cat": "Africa/Maputo", "sast": "Africa/Johannesburg", "ict": "Asia/Bangkok", "sgt": "Asia/Singapore", "pht": "Asia/Manila", "wib": "Asia/Jakarta", "kst": "Asia/Seoul",
	"jst": "Asia/Tokyo", "brt": "America/Sao_Paulo", "art": "America/Argentina/Buenos_Aires", "clt": "America/Santiago", "cot": "America/Bogota", "pet": "America/Lima",
	"ist": "Asia/Kolkata", "pkt": "Asia/Karachi", "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "nzt": "Pacific/Auckland", "gst": "Asia/Dubai", "hkt": "Asia/Hong_Kong",
}

// zoneNames are names of zones that are no cities of our table.
var zoneNames = map[string]string{
	"eastern time": "America/New_York", "heure de l'est": "America/New_York", "hora del este": "America/New_York", "east africa time": "Africa/Nairobi", "heure d'afrique de l'est": "Africa/Nairobi",
	"central european time": "Europe/Paris", "heure d'europe centrale": "Europe/Paris", "hora central europea": "Europe/Paris", "北京时间": "Asia/Shanghai", "beijing": "Asia/Shanghai", "pekin": "Asia/Shanghai",
	"москв": "Europe/Moscow", "московск": "Europe/Moscow", "женевск": "Europe/Zurich", "нью-йоркск": "America/New_York", "ha noi": "Asia/Ho_Chi_Minh", "hanoi": "Asia/Ho_Chi_Minh", "saa za afrika mashariki": "Africa/Nairobi",
	"日内瓦": "Europe/Zurich", "纽约": "America/New_York", "пекин": "Asia/Shanghai", "алма-ат": "Asia/Almaty", "алмат": "Asia/Almaty", "بيجين": "Asia/Shanghai", "بكين": "Asia/Shanghai", "hora de brasilia": "America/Sao_Paulo",
	"greenwich": "UTC", "غرينتش": "UTC", "جرينتش": "UTC", "универсальное время": "UTC", "temps universel": "UTC", "tiempo universal": "UTC", "世界协调时": "UTC", "협정 세계시": "UTC", "التوقيت العالمي": "UTC",
	"jerusalem": "Asia/Jerusalem", "washington": "America/New_York", "한국 시간": "Asia/Seoul", "한국시간": "Asia/Seoul",
}

type cityName struct{ name, zone string }

var cities = sync.OnceValue(func() []cityName {
	seen := map[cityName]bool{}
	var out []cityName
	add := func(name, zone string) {
		c := cityName{fold(name).s, zone}
		if letters(c.name) > 1 && c.name != "utc" && !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	for w, z := range zoneNames {
		add(w, z)
	}
	for _, z := range i18n.Zones() {
		for _, l := range i18n.All {
			add(i18n.ZoneCity(l, z), z)
		}
	}
	slices.SortFunc(out, func(a, b cityName) int {
		if len(a.name) != len(b.name) {
			return len(b.name) - len(a.name)
		}
		return strings.Compare(a.name+a.zone, b.name+b.zone)
	})
	return out
})

// cityIn finds the first city of our table in folded words.
func cityIn(s string) (zone, name string, from, to int) {
	from = -1
	for _, c := range cities() {
		i := strings.Index(s, c.name)
		if i < 0 || !bounded(s, i, i+len(c.name), strings.ContainsFunc(c.name, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })) {
			continue
		}
		if from < 0 || i < from {
			zone, name, from, to = c.zone, c.name, i, i+len(c.name)
		}
	}
	return zone, name, from, to
}

var offsetPattern = regexp.MustCompile(`(?:utc|gmt|мск|التوقيت العالمي[^+\-−0-9]{0,14}|غرينتش)\s*([+\-−–])\s*(\d{1,2})(?::?(\d{2}))?`)

// zoneIn reads which zone the times in folded words are told in, on a day.
func zoneIn(f folded, day time.Time) (zoneHit, bool) {
	s := f.s
	best := zoneHit{sure: Guess}
	found := false
	offset, hasOffset := 0, false
	if m := offsetPattern.FindStringSubmatchIndex(s); m != nil {
		h, _ := strconv.Atoi(s[m[4]:m[5]])
		min := 0
		if m[6] >= 0 {
			min, _ = strconv.Atoi(s[m[6]:m[7]])
		}
		if h <= 14 && min < 60 {
			offset, hasOffset = h*60+min, true
			if s[m[2]:m[3]] != "+" {
				offset = -offset
			}
			best.from, best.to = m[0], m[1]
		}
	}
	at := func(zone string) int {
		l, err := time.LoadLocation(zone)
		if err != nil {
			return -9999
		}
		_, sec := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, l).Zone()
		return sec / 60
	}
	if zone, _, a, b := cityIn(s); a >= 0 && zone != "UTC" {
		best.zone, best.sure, best.from, best.to, found = zone, Sure, a, b, true
		if hasOffset && at(zone) != offset {
			best.sure = Guess
		}
		return best, true
	}
	if !hasOffset {
		for _, t := range tokensOf(s) {
			if z := zoneShort[t.s]; z != "" && t.n < 0 {
				raw := f.span(t.from, t.to)
				if raw != strings.ToUpper(raw) && t.s != "мск" { // "art", "est", "cat" are words
					continue
				}
				if !found || best.zone == "UTC" {
					best.zone, best.sure, best.from, best.to, found = z, Likely, t.from, t.to, true
				}
				if z == "UTC" {
					best.sure = Sure
				}
			}
		}
		if !found {
			if zone, _, a, b := cityIn(s); a >= 0 {
				return zoneHit{zone: zone, sure: Sure, from: a, to: b}, true
			}
		}
		return best, found
	}
	for _, t := range tokensOf(s) {
		z := zoneShort[t.s]
		if z == "" || z == "UTC" || t.n >= 0 {
			continue
		}
		if raw := f.span(t.from, t.to); raw == strings.ToUpper(raw) && at(z) == offset {
			best.zone, best.sure = z, Likely
			return best, true
		}
	}
	best.offset = true
	if offset == 0 {
		best.zone, best.sure = "UTC", Likely
		return best, true
	}
	for _, z := range []string{"America/New_York", "Europe/Paris", "Africa/Nairobi", "Asia/Bangkok", "Asia/Shanghai", "Asia/Seoul", "Africa/Lagos", "Europe/Moscow", "Asia/Kolkata", "America/Bogota", "America/Sao_Paulo", "Asia/Almaty"} {
		if at(z) == offset {
			best.zone = z
			return best, true
		}
	}
	for _, z := range i18n.Zones() {
		if at(z) == offset {
			best.zone = z
			return best, true
		}
	}
	return best, false
}
