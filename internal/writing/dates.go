package writing

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"plenary/internal/i18n"
)

// patterns find dates as a language writes them.
type patterns struct {
	dates    []datePattern
	months   map[string]time.Month // folded
	weekdays map[string]time.Weekday
}

// datePattern has groups for year, month and day in some order; 0 for one that it has not.
type datePattern struct {
	re               *regexp.Regexp
	year, month, day int
}

var allPatterns = sync.OnceValue(func() map[i18n.Locale]*patterns {
	out := map[i18n.Locale]*patterns{}
	for _, l := range i18n.All {
		out[l] = makePatterns(l)
	}
	return out
})

func patternsOf(l i18n.Locale) *patterns {
	if p := allPatterns()[l]; p != nil {
		return p
	}
	return allPatterns()[i18n.EN]
}

func makePatterns(l i18n.Locale) *patterns {
	p := &patterns{months: map[string]time.Month{}, weekdays: map[string]time.Weekday{}}
	var names []string
	for m := time.January; m <= time.December; m++ {
		t := time.Date(2026, m, 2, 0, 0, 0, 0, time.UTC)
		in := strings.TrimPrefix(strings.TrimPrefix(i18n.DayMonth(l, t), "2 "), "de ")
		for _, name := range append(strings.Split(in, "/"), in, i18n.Month(l, t)) {
			if key := plainWords(name); p.months[key] == 0 {
				p.months[key] = m
				names = append(names, regexp.QuoteMeta(name))
			}
		}
	}
	for d := range 7 {
		t := time.Date(2026, time.March, 1+d, 0, 0, 0, 0, time.UTC) // the first is a Sunday
		p.weekdays[plainWords(i18n.Weekday(l, t))] = t.Weekday()
	}
	add := func(re string, year, month, day int) {
		p.dates = append(p.dates, datePattern{regexp.MustCompile(re), year, month, day})
	}
	add(`(\d{4})-(\d{2})-(\d{2})`, 1, 2, 3)
	switch l {
	case i18n.ZH:
		add(`(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*日`, 1, 2, 3)
	case i18n.KO:
		add(`(?:(\d{4})\s*년\s*)?(\d{1,2})\s*월\s*(\d{1,2})\s*일`, 1, 2, 3)
	default:
		// The longer names first: of two that begin alike the whole one is meant.
		month := `(` + strings.Join(longestFirst(names), "|") + `)`
		add(`(?i)(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s\x{a0}]+(?:of |de |du )?`+month+`,?(?:[\s\x{a0}]+(?:de[l]? )?(\d{4}))?`, 3, 2, 1)
		if l == i18n.EN {
			add(`(?i)`+month+`[\s\x{a0}]+(\d{1,2})(?:st|nd|rd|th)?(?:,?[\s\x{a0}]+(\d{4}))?`, 3, 1, 2)
		}
	}
	return p
}

func longestFirst(names []string) []string {
	for i := range names {
		for j := i; j > 0 && len(names[j]) > len(names[j-1]); j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

// near is how many days from the event a date may be that is taken for a slip rather than for another occasion.
const near = 31

// dates looks at those that are written out: against their own weekday, and against the days that the facts name.
func (f *finder) dates(b *block) {
	if !strings.ContainsAny(b.text, "0123456789") {
		return
	}
	var taken []span
	for _, p := range f.patterns.dates {
		for _, m := range p.re.FindAllStringSubmatchIndex(b.text, -1) {
			from, to := m[0], m[1]
			before, after := around(b.text, from, to)
			if isDigit(before) || isDigit(after) || within(taken, from) {
				continue
			}
			group := func(n int) string {
				if n == 0 || m[2*n] < 0 {
					return ""
				}
				return b.text[m[2*n]:m[2*n+1]]
			}
			t, sure := f.day(group(p.year), group(p.month), group(p.day))
			if t.IsZero() {
				continue
			}
			taken = append(taken, span{from, to})
			quote := strings.TrimSpace(b.text[from:to])
			if said, words, ok := f.weekday(b.text, from, to); sure && ok && said != t.Weekday() {
				f.add(DateWeekday, b, words, i18n.Weekday(f.Locale, t))
				continue
			}
			if f.astray(t) {
				f.add(DateOther, b, quote, i18n.DateRange(f.Locale, f.From, f.To))
			}
		}
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// day is the date that is meant, zero if there is none; sure where its year is written.
func (f *finder) day(year, month, day string) (time.Time, bool) {
	d, _ := strconv.Atoi(day)
	m := f.patterns.months[plainWords(month)]
	if n, err := strconv.Atoi(month); err == nil {
		m = time.Month(n)
	}
	y, err := strconv.Atoi(year)
	sure := err == nil
	if !sure {
		if f.From.IsZero() {
			return time.Time{}, false
		}
		y = f.From.Year()
	}
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || t.Day() != d || t.Month() != m || y < 1800 || y > 2200 {
		return time.Time{}, false
	}
	if !sure && t.Sub(f.From) > 200*24*time.Hour { // of a year that has just begun or ends
		t = t.AddDate(-1, 0, 0)
	} else if !sure && f.From.Sub(t) > 200*24*time.Hour {
		t = t.AddDate(1, 0, 0)
	}
	return t, sure
}

// weekday is the one that is written beside a date, with the words that hold both.
func (f *finder) weekday(s string, from, to int) (time.Weekday, string, bool) {
	before := tail(s[:from], 48)
	trimmed := strings.TrimRight(before, " \u00a0,،")
	at := strings.LastIndexAny(trimmed, " \u00a0\n(（")
	if at >= 0 {
		at++
	} else {
		at = 0
	}
	word := strings.TrimLeft(trimmed[at:], "(（")
	if d, ok := f.patterns.weekdays[plainWords(word)]; ok {
		return d, strings.TrimSpace(word + before[len(trimmed):] + s[from:to]), true
	}
	after := s[to:]
	if len(after) > 48 {
		after = after[:48]
	}
	rest := strings.TrimLeft(after, " \u00a0,(（")
	for name, d := range f.patterns.weekdays {
		if f.Locale != i18n.ZH && f.Locale != i18n.KO {
			break
		}
		if strings.HasPrefix(plainWords(rest), name) {
			return d, strings.TrimSpace(s[from:to]) + after[:len(after)-len(rest)] + i18n.Weekday(f.Locale, sunday.AddDate(0, 0, int(d))), true
		}
	}
	return 0, "", false
}

var sunday = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)

// astray tells whether a day is near the event's and none of those that the facts name.
func (f *finder) astray(t time.Time) bool {
	if f.From.IsZero() {
		return false
	}
	to := f.To
	if to.Before(f.From) {
		to = f.From
	}
	if !t.Before(f.From) && !t.After(to) || t.Before(f.From.AddDate(0, 0, -near)) || t.After(to.AddDate(0, 0, near)) {
		return false
	}
	for _, d := range f.Dates {
		if i18n.SameDay(d, t) {
			return false
		}
	}
	return true
}

// String says a finding in one line, for logs and tests.
func (x Finding) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s#%d %q %s", x.Check, x.Path, x.Block, x.Quote, x.Other))
}
