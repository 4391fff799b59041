package i18n

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// DateForms are the ways in which a text of a language names a date or range of days: written out, without its year, in
// figures, and by the year alone. With month, only the months count. They are folded; see Mentions.
func DateForms(l Locale, from, to time.Time, month bool) []string {
	var out []string
	add := func(forms ...string) {
		for _, s := range forms {
			if s = plainForm(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	days := []time.Time{from}
	if !to.IsZero() && !SameDay(from, to) {
		days = append(days, to)
		if !month {
			add(DateRange(l, from, to))
		}
	}
	for _, t := range days {
		add(fmt.Sprint(t.Year()), t.Format("2006-01"))
		add(monthSpellings(l, t, MonthYear(l, t))...)
		if month {
			continue
		}
		add(t.Format(time.DateOnly), t.Format("2/1/2006"), t.Format("02/01/2006"), t.Format("2.1.2006"), t.Format("02.01.2006"))
		add(monthSpellings(l, t, Date(l, t))...)
		add(monthSpellings(l, t, DayMonth(l, t))...)
		if l == EN {
			add(t.Format("January 2"))
		}
	}
	return out
}

// monthSpellings writes a date with each of the names that a month has in the language: Arabic gives two.
func monthSpellings(l Locale, t time.Time, written string) []string {
	out := []string{written}
	for _, name := range []string{style(l).month(t), Month(l, t)} {
		if halves := strings.Split(name, "/"); len(halves) > 1 {
			for _, half := range halves {
				out = append(out, strings.ReplaceAll(written, name, half))
			}
		}
	}
	return out
}

func plainForm(s string) string { return strings.Join(strings.Fields(Fold(EN, s)), " ") }

// Mentions reports whether a text names a date in one of its forms. Figures are compared whole: 11 July is not 1 July.
func Mentions(text string, forms []string) bool {
	text = plainForm(text)
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for _, form := range forms {
		for at := 0; form != ""; {
			i := strings.Index(text[at:], form)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(form)
			if !(digit(from) && digit(from-1)) && !(digit(to-1) && digit(to)) {
				return true
			}
			at = from + 1
		}
	}
	return false
}
