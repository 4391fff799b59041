package kind

import (
	"slices"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// eventFacts are those that can stand in an event's running text; their labels are messages, fact.NAME.
var eventFacts = []string{"dates", "begins", "ends", "time", "when", "venue", "city", "deadline", "edition", "title"}

// FactNames implements content.FactTeller.
func (e *Event) FactNames() []string { return eventFacts }

// toBeFixed says that a date is not known yet, as it can stand in a sentence.
var toBeFixed = map[locale]string{
	i18n.AR: "موعد يحدد لاحقا", i18n.ZH: "待定日期", i18n.EN: "a date to be fixed", i18n.FR: "une date à fixer", i18n.RU: "дата будет определена",
	i18n.ES: "una fecha por determinar", i18n.KO: "추후 정할 날짜", i18n.PT: "uma data a definir", i18n.SW: "tarehe itakayotangazwa",
}

// Fact implements content.FactTeller: a fact in words of a language, times in the zone of the event.
func (e *Event) Fact(name string, l locale) string {
	switch name {
	case "dates", "begins", "ends", "time", "when":
		return e.time(name, l)
	case "venue":
		return e.venuesSay(l, func(v Venue) string { return v.Name.In(l) })
	case "city":
		return e.venuesSay(l, func(v Venue) string { return v.City.In(l) })
	case "deadline":
		if t := e.Registration.Closes.Time(); !t.IsZero() {
			return i18n.When(l, t, time.Time{}, e.Registration.Closes.Zone, true)
		}
	case "edition":
		if e.Ordinal > 0 {
			return i18n.Ordinal(l, e.Ordinal)
		}
	case "title":
		return e.Title.In(l)
	}
	return ""
}

// time says when the event is, as exactly as it is known. A date that is not fixed is no fault: the text goes on.
func (e *Event) time(name string, l locale) string {
	w := e.When
	if !w.Known() {
		return toBeFixed[l]
	}
	start, end := w.Starts(), w.End.In(w.Location())
	if w.Precision == content.PrecisionMonth {
		return i18n.MonthYear(l, start)
	}
	exact := w.Precision == content.PrecisionTime
	switch name {
	case "begins":
		if !exact {
			return i18n.DateWeekday(l, start)
		}
		return i18n.When(l, start, time.Time{}, w.Zone, true)
	case "ends":
		if end.IsZero() {
			end = start
		}
		if !exact || w.End == "" {
			return i18n.DateWeekday(l, end)
		}
		return i18n.When(l, end, time.Time{}, w.Zone, true)
	case "time":
		switch {
		case !exact:
			return toBeFixed[l]
		case end.IsZero() || !i18n.SameDay(start, end):
			return i18n.Clock(l, start)
		}
		return i18n.ClockRange(l, start, end)
	case "when":
		if exact {
			return i18n.When(l, start, end, w.Zone, true)
		}
	}
	if end.IsZero() {
		end = start
	}
	return i18n.DateRange(l, start, end)
}

// venuesSay lists what the venues have, each once.
func (e *Event) venuesSay(l locale, of func(Venue) string) string {
	var out []string
	for _, v := range e.Venues {
		if s := of(v); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return i18n.List(l, out)
}
