package i18n

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

var (
	// ErrDate says that a text is no date we can read.
	ErrDate = errors.New("not a date")
	// ErrClock says that a text is no time of day we can read.
	ErrClock = errors.New("not a time of day")
)

// Parsed is a date as somebody typed it.
type Parsed struct {
	Date      time.Time // midnight UTC; the first of the month if MonthOnly
	MonthOnly bool      // "July 2026"
	NoYear    bool      // no year was written; Date is the next such day
}

// Ambiguous is the error for figures that read two ways.
type Ambiguous struct {
	A, B time.Time // day first, month first; midnight UTC
}

func (a *Ambiguous) Error() string {
	return "ambiguous date: " + Date(EN, a.A) + " or " + Date(EN, a.B)
}

// maxDateInput bounds what is looked at, in bytes; no date is longer.
const maxDateInput = 120

// relativeDays are the words for days near today, per language, from yesterday on.
var relativeDays = map[Locale][3]string{
	AR: {"أمس", "اليوم", "غدا"}, ZH: {"昨天", "今天", "明天"}, EN: {"yesterday", "today", "tomorrow"},
	FR: {"hier", "aujourd'hui", "demain"}, RU: {"вчера", "сегодня", "завтра"}, ES: {"ayer", "hoy", "mañana"},
	KO: {"어제", "오늘", "내일"}, PT: {"ontem", "hoje", "amanhã"}, SW: {"jana", "leo", "kesho"},
}

// monthAliases are names readers use beside those of dateStyles: Egyptian and
// Maghreb spellings, usual short forms that prefixes do not give.
var monthAliases = map[string]time.Month{
	"يونيو": 6, "يوليو": 7, "جانفي": 1, "فيفري": 2, "أفريل": 4, "ماي": 5, "جوان": 6, "جويلية": 7, "أوت": 8,
	"يوليوز": 7, "غشت": 8, "شتنبر": 9, "نونبر": 11, "دجنبر": 12, "sept": 9, "setiembre": 9,
}

// fillers are words that may stand in a date without saying anything.
const fillers = "de del of the le el er ere st nd rd th o a года год г of, في يوم um tarehe mwezi wa dia em on"

// dateWords maps folded words to what they mean. Months come as the tokens of
// their name joined by blanks, since some have two words.
type dateWords struct {
	months map[string]time.Month
	days   map[string]int // relative to today
	skip   map[string]bool
	names  map[Locale][]string // single-word month names, for prefixes
}

var words = sync.OnceValue(func() dateWords {
	w := dateWords{map[string]time.Month{}, map[string]int{}, map[string]bool{}, map[Locale][]string{}}
	add := func(name string, m time.Month) string {
		key := strings.Join(tokens(name), " ")
		w.months[key] = m
		return key
	}
	for _, l := range All {
		s := dateStyles[l]
		for i := range 12 {
			m := time.Month(i + 1)
			for _, name := range []string{s.months[i], s.inDate[i]} {
				if name == "" || unicode.IsDigit(rune(name[0])) {
					continue
				}
				w.names[l] = append(w.names[l], add(name, m))
				for part := range strings.SplitSeq(name, "/") {
					add(part, m)
				}
			}
		}
		for i, d := range relativeDays[l] {
			w.days[strings.Join(tokens(d), " ")] = i - 1
		}
		for _, d := range s.weekdays {
			for _, t := range tokens(d) {
				w.skip[t] = true
			}
		}
	}
	for name, m := range monthAliases {
		add(name, m)
	}
	for f := range strings.FieldsSeq(fillers) {
		w.skip[Fold(EN, f)] = true
	}
	return w
})

// tokens cuts s, folded, into runs of letters and runs of digits.
func tokens(s string) []string {
	var out []string
	var kind, last int
	for _, r := range Fold(EN, s) {
		kind = 0
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r):
			kind = 1
		case r >= '0' && r <= '9':
			kind = 2
		}
		if kind == 0 || kind != last {
			out = append(out, "")
		}
		if kind != 0 {
			out[len(out)-1] += string(r)
		}
		last = kind
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// ParseDate reads a date as people type it: "1 July 2026", "1/7/2026",
// "2026-07-01", "1er juillet 2026", "1 تموز/يوليه 2026", "2026年7月1日",
// "tomorrow"; names of any of the nine languages, short forms of l. Figures are
// day first. Two-figure groups that read both ways ("03/04/2026") come from
// programs of unknown habits, not from a hand, and give *Ambiguous.
func ParseDate(l Locale, s string, today time.Time) (Parsed, error) {
	if len(s) > maxDateInput {
		return Parsed{}, ErrDate
	}
	w, toks := words(), tokens(s)
	if d, ok := w.days[strings.Join(toks, " ")]; ok {
		return Parsed{Date: utcDay(today.Year(), today.Month(), today.Day()+d)}, nil
	}
	var nums []string // figures in order
	var month time.Month
	var year, day string // figures marked by 年, 월 …
	for i := 0; i < len(toks); {
		t := toks[i]
		if t[0] >= '0' && t[0] <= '9' {
			next := ""
			if i+1 < len(toks) {
				next = toks[i+1]
			}
			i += 2
			switch {
			case year == "" && oneOf(next, "年", "년"):
				year = t
			case month == 0 && oneOf(next, "月", "월"):
				m, _ := strconv.Atoi(t)
				if m < 1 || m > 12 {
					return Parsed{}, ErrDate
				}
				month = time.Month(m)
			case day == "" && hasPrefix(next, "日", "일", "号"): // a weekday may follow without a blank
				day = t
				if rest := strings.TrimLeft(next, "日일号"); rest != "" && !w.skip[rest] {
					return Parsed{}, ErrDate
				}
			default:
				nums = append(nums, t)
				i--
			}
			continue
		}
		m, n := w.month(l, toks[i:])
		switch {
		case m != 0 && month != 0 && m != month:
			return Parsed{}, ErrDate
		case m != 0:
			month, i = m, i+n
		case w.skip[t]:
			i++
		default:
			return Parsed{}, ErrDate
		}
	}
	return assemble(nums, year, month, day, today, strings.ContainsRune(s, '.'))
}

// month finds a month's name at the start of toks: the longest full name, else a
// short form of l or English that only one month has.
func (w dateWords) month(l Locale, toks []string) (time.Month, int) {
	for n := min(4, len(toks)); n > 0; n-- {
		if m := w.months[strings.Join(toks[:n], " ")]; m != 0 {
			return m, n
		}
	}
	if len([]rune(toks[0])) < 3 {
		return 0, 0
	}
	for _, l := range []Locale{l, EN} {
		var found time.Month
		for _, name := range w.names[l] {
			if m := w.months[name]; strings.HasPrefix(name, toks[0]) && m != found {
				if found != 0 {
					return 0, 0
				}
				found = m
			}
		}
		if found != 0 {
			return found, 1
		}
	}
	return 0, 0
}

// assemble makes a date of what was found. Figures parted by points are day first
// everywhere, so dotted ones are never ambiguous.
func assemble(nums []string, year string, month time.Month, day string, today time.Time, dotted bool) (Parsed, error) {
	if month == 0 { // figures only
		if year != "" || day != "" || len(nums) != 3 {
			return Parsed{}, ErrDate
		}
		a, b, c := nums[0], nums[1], nums[2]
		if len(a) == 4 {
			return exact(a, b, c)
		}
		p, err := exact(c, b, a)
		if len(a) == 2 && len(b) == 2 && a != b && !dotted {
			if q, err2 := exact(c, a, b); err == nil && err2 == nil {
				return Parsed{}, &Ambiguous{A: p.Date, B: q.Date}
			}
		}
		return p, err
	}
	for _, n := range nums { // what is not marked: four figures are the year
		switch {
		case year == "" && len(n) == 4:
			year = n
		case day == "" && len(n) <= 2:
			day = n
		default:
			return Parsed{}, ErrDate
		}
	}
	m := strconv.Itoa(int(month))
	switch {
	case day == "" && year == "":
		return Parsed{}, ErrDate
	case day == "":
		p, err := exact(year, m, "1")
		p.MonthOnly = err == nil
		return p, err
	case year == "":
		for y := today.Year(); y < today.Year()+9; y++ { // 29 February may be eight years off
			p, err := exact(strconv.Itoa(y), m, day)
			if err == nil && !p.Date.Before(utcDay(today.Date())) {
				p.NoYear = true
				return p, nil
			}
		}
		return Parsed{}, ErrDate
	}
	return exact(year, m, day)
}

// exact refuses days that do not exist, and years outside 1900–2199.
func exact(year, month, day string) (Parsed, error) {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(day)
	t := utcDay(y, time.Month(m), d)
	if err1 != nil || err2 != nil || err3 != nil || y < 1900 || y > 2199 || int(t.Month()) != m || t.Day() != d || t.Year() != y {
		return Parsed{}, ErrDate
	}
	return Parsed{Date: t}, nil
}

func utcDay(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func oneOf(s string, of ...string) bool { return slices.Contains(of, s) }

func hasPrefix(s string, of ...string) bool {
	return slices.ContainsFunc(of, func(p string) bool { return strings.HasPrefix(s, p) })
}

// halves are the words for before and after noon.
var halves = map[string]int{
	"am": 0, "a m": 0, "ص": 0, "صباحا": 0, "上午": 0, "오전": 0,
	"pm": 12, "p m": 12, "م": 12, "مساء": 12, "下午": 12, "오후": 12,
}

// ParseClock reads a time of day: "08:00", "8.30", "8h30", "20 h 30", "8:30 pm",
// "0830", "下午8:30". Without a word for the half of the day it is the 24-hour clock.
func ParseClock(s string) (h, m int, err error) {
	if len(s) > maxDateInput {
		return 0, 0, ErrClock
	}
	var nums, rest []string
	for _, t := range tokens(s) {
		switch {
		case t[0] >= '0' && t[0] <= '9':
			nums = append(nums, t)
		case oneOf(t, "h", "uhr", "ч", "时", "時", "点", "點", "분", "시", "分", "saa", "الساعه"): // the word for hour, folded
		default:
			rest = append(rest, t)
		}
	}
	if len(nums) == 1 && (len(nums[0]) == 4 || len(nums[0]) == 3) { // 0830
		cut := len(nums[0]) - 2
		nums = []string{nums[0][:cut], nums[0][cut:]}
	}
	switch {
	case len(nums) == 0 || len(nums) > 2 || len(nums[0]) > 2:
		return 0, 0, ErrClock
	case len(nums) == 2:
		if len(nums[1]) != 2 {
			return 0, 0, ErrClock
		}
		m, _ = strconv.Atoi(nums[1])
	}
	h, _ = strconv.Atoi(nums[0])
	if len(rest) > 0 {
		half, ok := halves[strings.Join(rest, " ")]
		if !ok || h < 1 || h > 12 {
			return 0, 0, ErrClock
		}
		h = h%12 + half
	} else if len(nums) == 1 && len(tokens(s)) == 1 { // a bare "8" is too little
		return 0, 0, ErrClock
	}
	if h > 23 || m > 59 {
		return 0, 0, ErrClock
	}
	return h, m, nil
}
