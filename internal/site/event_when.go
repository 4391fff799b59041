package site

import (
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// whenCard is the date and time of an event: in its own zone first, then in cities that readers live in.
type whenCard struct {
	Known    bool
	Before   string // what the language writes before the day: "2026年7月"
	Numeral  string // "1" or "1–3", large; empty where the days do not fit one month or are long in words
	Month    string // "July 2026", or the whole date where there is no numeral
	Weekday  string
	Clock    string // "08:00–09:30"; empty where only the day is known
	Zone     string // "New York (UTC−4)"
	Start    string // for machines
	End      string
	Previous string // as it was before it was moved
	Cities   []cityTime
}

// cityTime is the event's time on the clocks of one or more cities.
type cityTime struct {
	Cities, Clock, Day string // Day where it is not the event's own
}

func (v *eventPage) whenCard(w content.When) whenCard {
	l := v.base.Locale
	c := whenCard{Known: w.Known()}
	if was := v.Event.Was(); was.Known() {
		c.Previous = whenLine(l, was)
	}
	if !c.Known || v.Event.Status == "postponed" {
		c.Known, c.Month = false, v.M("enum.precision.tbd")
		return c
	}
	start, end := w.Starts(), w.End.In(w.Location())
	if end.IsZero() {
		end = start
	}
	c.Start, c.End = machineTime(w, start), machineTime(w, end)
	if w.Precision == content.PrecisionMonth {
		c.Month = i18n.MonthYear(l, start)
		c.Start = start.Format("2006-01")
		return c
	}
	sameMonth := start.Year() == end.Year() && start.Month() == end.Month()
	if sameMonth {
		c.Before, c.Numeral, c.Month = i18n.DateLeaf(l, start, end)
	}
	if utf8.RuneCountInString(c.Numeral) > 5 || !sameMonth {
		c.Before, c.Numeral, c.Month = "", "", i18n.DateRange(l, start, end)
	}
	c.Weekday = i18n.Weekday(l, start)
	if !sameMonth || start.Day() != end.Day() {
		c.Weekday = v.M("event.days", "From", c.Weekday, "To", i18n.Weekday(l, end))
	}
	if w.Precision != content.PrecisionTime {
		return c
	}
	c.Clock = i18n.Clock(l, start)
	if !end.Equal(start) {
		c.Clock = i18n.ClockRange(l, start, end)
	}
	c.Zone = v.zoneLabel(start, w.Zone)
	c.Cities = v.cities(start, end)
	return c
}

func machineTime(w content.When, t time.Time) string {
	if w.Precision == content.PrecisionTime {
		return t.Format(time.RFC3339)
	}
	return t.Format(time.DateOnly)
}

// zoneLabel is the city whose clocks are meant, and their distance to UTC.
func (b *base) zoneLabel(t time.Time, zone string) string {
	place := i18n.ZoneCity(b.Locale, zone)
	if o := i18n.Offset(t); o != place {
		place = b.M("event.zone", "City", place, "Offset", o)
	}
	return place
}

// cities tells the time in the zones chosen for the event, else in the site's. Cities whose clocks agree share a line.
func (v *eventPage) cities(start, end time.Time) []cityTime {
	l := v.base.Locale
	zones := v.Event.ShowZones
	if len(zones) == 0 {
		zones = v.Settings.Cities
	}
	var out []cityTime
	for _, z := range zones {
		if z == v.Event.When.Zone {
			continue
		}
		loc := content.Zone(z)
		a, b := start.In(loc), end.In(loc)
		c := cityTime{Cities: i18n.ZoneCity(l, z), Clock: i18n.ClockRange(l, a, b)}
		if a.Equal(b) || start.YearDay() != end.YearDay() {
			c.Clock = i18n.Clock(l, a) // of several days, when the first begins
		}
		if a.Day() != start.Day() {
			c.Day = i18n.DayMonthWeekday(l, a)
		} else if b.Day() != end.Day() && start.Day() == end.Day() {
			c.Clock = v.M("event.until_day", "From", i18n.Clock(l, a), "To", i18n.Clock(l, b), "Day", i18n.DayMonth(l, b))
		}
		if n := len(out); n > 0 && out[n-1].Clock == c.Clock && out[n-1].Day == c.Day {
			out[n-1].Cities += v.M("list.comma") + c.Cities
			continue
		}
		out = append(out, c)
	}
	return out
}

// whenLine is the date in one line, as precisely as it is known.
func whenLine(l i18n.Locale, w content.When) string {
	start, end := w.Starts(), w.End.In(w.Location())
	switch w.Precision {
	case content.PrecisionMonth:
		return i18n.MonthYear(l, start)
	case content.PrecisionDay:
		return i18n.DateRange(l, start, end)
	}
	return i18n.When(l, start, end, w.Zone, true)
}

// shortWhen is the date of a card: without the hours.
func shortWhen(l i18n.Locale, w content.When) string {
	start, end := w.Starts(), w.End.In(w.Location())
	if w.Precision == content.PrecisionMonth {
		return i18n.MonthYear(l, start)
	}
	return strings.TrimSpace(i18n.DateRange(l, start, end))
}
