package kind

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
)

// eventParts is what a copy of an event takes or leaves. What records how the old one went never comes along, nor what
// would let somebody into the old meeting.
var eventParts = []content.CopyPart{
	{Name: "basics", Always: true, Fields: []string{"title", "kind", "scope", "when", "status", "focal_point"}},
	{Name: "texts", Fields: []string{"short_title", "subtitle", "summary", "keywords", "blocks"}},
	{Name: "notes", Fields: []string{"notes"}},
	{Name: "image", Fields: []string{"image"}},
	{Name: "topics", Fields: []string{"topics", "sdgs", "regions", "countries"}},
	{Name: "series", Fields: []string{"series"}},
	{Name: "place", Fields: []string{"mode", "access", "venues", "accessibility", "accessibility_note", "access_requirements", "show_zones"}},
	{Name: "languages", Fields: []string{"working_languages", "interpretation"}},
	{Name: "registration", Fields: []string{"registration", "survey", "join.platform", "join.opens_before", "join.release"}},
	{Name: "discussion", Fields: []string{"discussion"}},
	{Name: "programme", Fields: []string{"sessions"}},
	{Name: "people", Fields: []string{"people", "sessions.*.people"}},
	{Name: "organizers", Fields: []string{"organizations"}},
	{Name: "contacts", Fields: []string{"contacts"}},
	{Name: "documents", Fields: []string{"documents", "sessions.*.documents"}},
	{Name: "commitments", Fields: []string{"commitments"}},
	{Name: "links", Fields: []string{"parent", "relation", "related", "links"}},
	{Name: "staff_note", Fields: []string{"staff_note", "skips"}},
	{Name: "join", Why: "secret", Fields: []string{"join", "stream_url"}},
	{Name: "ordinal", Why: "own_number", Fields: []string{"ordinal"}},
	{Name: "status_note", Why: "own_status", Fields: []string{"status_note", "previous", "notices", "programmes"}},
	{Name: "recordings", Why: "happened", Fields: []string{"recordings"}},
	{Name: "photos", Why: "happened", Fields: []string{"photos"}},
	{Name: "outcome", Why: "happened", Fields: []string{"outcome_summary", "key_messages", "discussion.summary", "discussion.closing"}},
	{Name: "statistics", Why: "happened", Fields: []string{"statistics", "participating"}},
	{Name: "outcome_documents", Why: "happened"}, // items of documents, see Adapt
	{Name: "fulfilled", Why: "happened", Fields: []string{"commitments.*.fulfilled", "commitments.*.fulfilled_by", "commitments.*.waived", "commitments.*.waived_reason"}},
}

// unmoved are dates that do not hang on the event's.
var unmoved = []string{"notes.*.accessed"}

// CopyParts are what a copy of an event takes or leaves.
func (*Event) CopyParts() []content.CopyPart { return slices.Clone(eventParts) }

// Adapt makes the facts of a copy of e those of an event on another day. All dates move by the days between the two, on the
// calendar: a session at nine stays at nine, whatever the clocks of its place have done in between.
func (e *Event) Adapt(facts content.Leaves, to content.CopyTarget) []content.Problem {
	facts.Set("status", "scheduled")
	if to.By != "" {
		facts.Set("focal_point", to.By) // as for any new entry
	}
	if to.Edition {
		facts.Set("series", e.Series)
		facts.Set("parent", to.From)
		facts.Set("relation", "follow_up_to")
		if to.Ordinal > 0 {
			facts.Set("ordinal", to.Ordinal)
		}
	}
	for _, d := range e.Documents {
		if d.Slot == "outcome" {
			facts.RemoveItem("documents", d.ID)
		}
	}
	m := mover{to: to, zone: e.When.Location()}
	switch known := e.When.Known(); {
	case known && e.When.Precision != content.PrecisionMonth && to.MonthOnly:
		return []content.Problem{{Path: "date", Blocks: true, Key: "problem.day_missing"}}
	case known:
		m.days = daysBetween(e.When.Start.In(time.UTC), to.Day)
	}
	for path := range facts {
		f := EventKind.Field(path)
		switch {
		case f == nil:
		case f.Name == "status" && strings.Contains(f.Path, "people.*."):
			facts.Set(path, "invited")
		case f.Name == "joint":
			delete(facts, path) // whoever works on one event has not been asked to work on the next
		case f.Name == "replaced_by", f.Path == "sessions.*.cancelled":
			delete(facts, path)
		case f.Type == content.TypeWhen || slices.Contains(unmoved, f.Path):
		case !e.When.Known() && dated(f):
			delete(facts, path) // nothing says how far it would have to move
		default:
			m.move(facts, f, path)
		}
	}
	facts.Set("when", m.when(e.When))
	slices.SortFunc(m.problems, func(a, b content.Problem) int { return strings.Compare(a.Path, b.Path) })
	return m.problems
}

func dated(f *content.Field) bool {
	return slices.Contains([]content.Type{content.TypeDate, content.TypeTime, content.TypeMoment, content.TypeSlot}, f.Type)
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// mover moves times by days, and complains of those that the clock leaves out or has twice where they fall.
type mover struct {
	to       content.CopyTarget
	days     int
	minutes  int            // by which sessions move besides
	zone     *time.Location // of the event, in which its sessions are
	problems []content.Problem
}

func (m *mover) move(facts content.Leaves, f *content.Field, path string) {
	switch f.Type {
	case content.TypeDate:
		d := readLeaf[content.Date](facts[path])
		day, _, _ := strings.Cut(string(content.LocalTime(d+"T00:00").MoveDays(m.days)), "T")
		facts.Set(path, day)
	case content.TypeTime:
		facts.Set(path, m.wall(path, readLeaf[content.LocalTime](facts[path]), m.zone))
	case content.TypeMoment:
		x := readLeaf[content.Moment](facts[path])
		x.At = m.wall(path, x.At, content.Zone(x.Zone))
		facts.Set(path, x)
	case content.TypeSlot:
		x := readLeaf[content.Slot](facts[path])
		if m.minutes != 0 {
			x = x.Moved(m.minutes)
		}
		x.Start, x.End = m.wall(path+":start", x.Start, m.zone), m.wall(path+":end", x.End, m.zone)
		facts.Set(path, x)
	}
}

func (m *mover) wall(path string, t content.LocalTime, zone *time.Location) content.LocalTime {
	if t == "" {
		return ""
	}
	t = t.MoveDays(m.days)
	err := content.CheckWall(t, zone)
	if c := m.to.Clocks[path]; c != "" && err != nil { // on another day the time may be there after all
		t = t.AtClock(c)
		err = content.CheckWall(t, zone)
	}
	key := ""
	switch err {
	case content.ErrNoSuchTime:
		key = "problem.no_such_time"
	case content.ErrTwiceTime:
		key = "problem.twice_time"
	default:
		return t
	}
	m.problems = append(m.problems, content.Problem{Path: path, Blocks: true, Key: key, Args: []any{"At", t}})
	return t
}

func (m *mover) when(was content.When) content.When {
	w := content.When{Zone: was.Zone, Precision: was.Precision, Start: content.LocalTime(m.to.Day.Format(time.DateOnly) + "T00:00")}
	switch {
	case m.to.MonthOnly:
		w.Precision = content.PrecisionMonth
		if from, end := was.Start.In(time.UTC), was.End.In(time.UTC); was.Known() && !end.IsZero() {
			months := 12*(end.Year()-from.Year()) + int(end.Month()-from.Month())
			w.End = content.LocalTime(m.to.Day.AddDate(0, months, 0).Format(time.DateOnly) + "T00:00")
		}
	case !was.Known() || was.Precision == content.PrecisionMonth:
		w.Precision = content.PrecisionDay
	case was.Precision == content.PrecisionTime:
		w.Start, w.End = m.wall("when:start", was.Start, m.zone), m.wall("when:end", was.End, m.zone)
	default: // only the day counts, and every day is there
		w.Start, w.End = was.Start.MoveDays(m.days), ""
		if was.End != "" {
			w.End = was.End.MoveDays(m.days)
		}
	}
	return w
}

func readLeaf[T any](raw []byte) T {
	var v T
	_ = json.Unmarshal(raw, &v) // a leaf of another shape is refused where it is saved
	return v
}

// NextDay suggests when the next edition of a yearly event might be: the first time after now that is a number of years
// later on the same day of the week, as near to the same date as can be. Zero if the date is not known.
func (e *Event) NextDay(now time.Time) time.Time {
	if !e.When.Known() {
		return time.Time{}
	}
	start := e.When.Start.In(time.UTC)
	start = time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	for years := 1; years < 200; years++ {
		t := start.AddDate(years, 0, 0)
		if e.When.Precision == content.PrecisionMonth {
			t = time.Date(start.Year()+years, start.Month(), 1, 0, 0, 0, 0, time.UTC)
		} else if off := (int(start.Weekday()) - int(t.Weekday()) + 7) % 7; off > 3 {
			t = t.AddDate(0, 0, off-7)
		} else {
			t = t.AddDate(0, 0, off)
		}
		if t.After(now) {
			return t
		}
	}
	return time.Time{}
}
