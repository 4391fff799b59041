package kind

import (
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// DayNotice is what is told of an event on its day: on its page at once, and to those who come. It is a fact, whose words are
// the catalogue's: nobody has to translate anything in a hurry.
type DayNotice struct {
	content.Item
	Kind      string         `json:"kind" enum:"day_notice" need:"R"`
	At        content.Moment `json:"at" need:"R"`               // when it was told
	Was       content.Moment `json:"was"`                       // of what starts late: when it should have
	Now       content.Moment `json:"now"`                       // and when it will
	Room      string         `json:"room" max:"120"`            // as it is written on its door
	Languages []string       `json:"languages" enum:"language"` // into which there is no interpretation
}

// What can be told on the day.
const (
	DayLate           = "late"           // it starts later
	DayLink           = "link"           // the link to join has changed
	DayRoom           = "room"           // it is in another room
	DayInterpretation = "interpretation" // there is none into some languages
)

// DayKinds are all of them, in the order the panel shows them.
var DayKinds = []string{DayLate, DayLink, DayRoom, DayInterpretation}

// dayBefore is how long before its start an event can be said to start late: what is earlier is a move.
const dayBefore = 24 * time.Hour

// OnTheDay says whether something can be told of the event in a hurry: from a day before it begins until it is over.
func (e *Event) OnTheDay(now time.Time) bool {
	start, over := e.When.Starts(), e.Over()
	return e.When.Precision == content.PrecisionTime && !start.IsZero() && !e.Off() && e.Status != "tentative" && !now.Before(start.Add(-dayBefore)) && now.Before(over)
}

// DayTells are what can be told of the event as it is, of DayKinds.
func (e *Event) DayTells() []string {
	out := []string{DayLate}
	if e.Mode != "in_person" {
		out = append(out, DayLink)
	}
	if len(e.Halls()) > 0 {
		out = append(out, DayRoom)
	}
	if len(e.Interpretation) > 0 {
		out = append(out, DayInterpretation)
	}
	return out
}

// Halls are the venues that are places.
func (e *Event) Halls() []Venue {
	if e.Mode == "online" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Venues), func(v Venue) bool { return v.Type != "physical" })
}

// Notified are the notices that readers are shown at a moment, the latest first, and until when that stays so; zero: until
// the event's phase changes. That something starts late is of no use to anybody on the next day, and of two times, links or
// rooms the latest holds.
func (e *Event) Notified(now time.Time) (shown []DayNotice, until time.Time) {
	if over := e.Over(); e.Off() || over.IsZero() || !now.Before(over) {
		return nil, time.Time{}
	}
	all := slices.Clone(e.Notices)
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b DayNotice) int { return b.At.Time().Compare(a.At.Time()) })
	for _, n := range all {
		if n.Kind != DayInterpretation && slices.ContainsFunc(shown, func(x DayNotice) bool { return x.Kind == n.Kind }) {
			continue
		}
		if n.Kind == DayLate {
			day := n.At.Time().In(e.When.Location())
			end := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
			if !now.Before(end) {
				continue
			}
			if until.IsZero() || end.Before(until) {
				until = end
			}
		}
		shown = append(shown, n)
	}
	return shown, until
}

// Words are what a notice says in a language, as plain text.
func (n *DayNotice) Words(words *i18n.Catalogue, l locale) string {
	clock := func(m content.Moment) string { return i18n.Clock(l, m.Time().In(content.Zone(m.Zone))) }
	switch n.Kind {
	case DayLate:
		if n.Now.At == "" {
			return words.T(l, "day_notice.late_unknown")
		}
		return words.T(l, "day_notice.late", "Time", clock(n.Now), "Was", clock(n.Was), "City", i18n.ZoneCity(l, n.Now.Zone))
	case DayRoom:
		return words.T(l, "day_notice.room", "Room", i18n.Isolate(n.Room))
	case DayInterpretation:
		var names []string
		for _, code := range n.Languages {
			names = append(names, i18n.LanguageName(l, code))
		}
		return words.T(l, "day_notice.interpretation", "Languages", i18n.List(l, names))
	}
	return words.T(l, "day_notice.link")
}

// dayNotices are what letters tell of those that the event has.
func (e *Event) dayNotices() []registration.Notice {
	var out []registration.Notice
	for _, n := range e.Notices {
		out = append(out, registration.Notice{ID: n.ID, Kind: n.Kind, Calendar: n.Kind == DayLate || n.Kind == DayRoom,
			Words: func(words *i18n.Catalogue, l locale) string { return n.Words(words, l) }})
	}
	return out
}

// Late gives the facts that change when what comes next starts so many minutes later: the event itself with the programme
// of its first day, and once that is under way what is left of the day's programme; and what was to begin when, and will. It is no
// move: the event keeps its status, and no other date hangs on it.
func (e *Event) Late(facts content.Leaves, minutes int, now time.Time) (set content.Leaves, was, will content.Moment, problems []content.Problem) {
	set = content.Leaves{}
	zone := e.When.Location()
	m := mover{zone: zone, minutes: minutes}
	today := now.In(zone)
	first := e.When.Start.In(time.UTC)
	begun := !now.Before(e.When.Starts()) && (!i18n.SameDay(e.When.Starts().In(zone), today) ||
		slices.ContainsFunc(e.Sessions, func(s Session) bool { end := s.Slot.End.In(zone); return !end.IsZero() && !end.After(now) }))
	moved := func(t content.LocalTime, path string) content.LocalTime {
		if t == "" {
			return ""
		}
		return m.wall(path, content.Slot{Start: t}.Moved(minutes).Start, zone)
	}
	if !begun {
		w := e.When
		w.Start, w.End = moved(w.Start, "when:start"), moved(w.End, "when:end")
		set.Set("when", w)
		was, will = content.Moment{At: e.When.Start, Zone: e.When.Zone}, content.Moment{At: w.Start, Zone: w.Zone}
	}
	for _, s := range e.Sessions {
		path := "sessions." + s.ID + ".slot"
		start := s.Slot.Start.In(time.UTC)
		if start.IsZero() || facts[path] == nil || begun && (!i18n.SameDay(s.Slot.Start.In(zone), today) || s.Slot.Start.In(zone).Before(now)) || !begun && !i18n.SameDay(start, first) {
			continue
		}
		x := content.Slot{Start: moved(s.Slot.Start, path+":start"), End: moved(s.Slot.End, path+":end")}
		set.Set(path, x)
		if begun && (was.At == "" || s.Slot.Start < was.At) {
			was, will = content.Moment{At: s.Slot.Start, Zone: e.When.Zone}, content.Moment{At: x.Start, Zone: e.When.Zone}
		}
	}
	if begun && e.When.End != "" { // the last day ends later, too
		if end := e.When.End.In(zone); i18n.SameDay(end, today) && was.At != "" {
			w := e.When
			w.End = moved(w.End, "when:end")
			set.Set("when", w)
		}
	}
	slices.SortFunc(m.problems, func(a, b content.Problem) int { return strings.Compare(a.Path, b.Path) })
	return set, was, will, m.problems
}
