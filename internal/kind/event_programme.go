package kind

import (
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// manyAtOnce is after how many conflicts of one session no more are looked for: all of a large programme at one time, each
// with each, would be tens of thousands.
const manyAtOnce = 5

// stretch is a session as far as its time is known. One without an end is a point.
type stretch struct {
	from, to time.Time
	session  *Session
}

// overlaps reports whether two sessions are on at once. Those that begin together are, however long they last.
func (a stretch) overlaps(b stretch) bool {
	return a.from.Equal(b.from) || a.from.Before(b.to) && b.from.Before(a.to)
}

// Conflicts are the problems of the programme alone.
func (e *Event) Conflicts(original locale) []content.Problem {
	var ps problems
	e.programme(&ps, original)
	return ps
}

func (e *Event) programme(ps *problems, original locale) {
	zone := e.When.Location()
	var timed []stretch
	for i := range e.Sessions {
		s := &e.Sessions[i]
		if s.TBD || s.Cancelled { // what does not take place is in nobody's way
			continue
		}
		from, to := s.Slot.Start.In(zone), s.Slot.End.In(zone)
		path := "sessions." + s.ID + ".slot"
		switch wrong := e.wall(s.Slot); {
		case from.IsZero():
			ps.block(path, "problem.slot_missing")
			continue
		case wrong != "":
			ps.block(path, wrong)
			continue
		case !to.IsZero() && to.Before(from):
			ps.block(path, "problem.end_before_start")
			continue
		case e.outside(s.Slot):
			ps.advise(path, "problem.outside_event")
		}
		if to.IsZero() {
			to = from
		}
		timed = append(timed, stretch{from, to, s})
	}
	for i, b := range timed {
		before := len(*ps)
		for _, a := range timed[:i] {
			if len(*ps)-before >= manyAtOnce {
				break
			}
			if a.overlaps(b) {
				ps.atOnce(a.session, b.session, original)
			}
		}
	}
}

// atOnce advises on what two sessions at the same time cannot share, beside the later one. A break is for everyone and
// takes nobody's time: who is named in it, and where it is, is no conflict. Sessions of different tracks, and those that
// name neither track nor room, may well be parallel.
func (ps *problems) atOnce(a, b *Session, original locale) {
	if a.Kind == "break" || b.Kind == "break" {
		return
	}
	path, other := "sessions."+b.ID, []string{"sessions." + a.ID}
	same := func(x, y content.Line) bool {
		fold := func(l content.Line) string {
			return strings.Join(strings.Fields(i18n.Fold(original, l.In(original))), " ")
		}
		return fold(x) != "" && fold(x) == fold(y)
	}
	words := func(field, key string) {
		*ps = append(*ps, content.Problem{Path: path + field, Locale: original, Key: key, With: other})
	}
	if same(a.Room, b.Room) {
		words(".room", "problem.room_taken")
	} else if same(a.Track, b.Track) {
		words(".track", "problem.track_taken")
	}
	there := map[content.Ref]bool{}
	for _, p := range a.People {
		who, _ := p.Present()
		there[who] = true
	}
	for _, p := range b.People {
		if who, field := p.Present(); who != "" && there[who] {
			delete(there, who) // named twice in a session, it is still one conflict
			*ps = append(*ps, content.Problem{Path: path + ".people." + p.ID + "." + field, Key: "problem.two_places_at_once", With: other})
		}
	}
}

// wall tells which time of a slot the clock of the event's zone does not have, or has twice.
func (e *Event) wall(s content.Slot) string {
	if e.When.Zone == "" {
		return ""
	}
	for _, t := range []content.LocalTime{s.Start, s.End} {
		if t == "" {
			continue
		}
		switch content.CheckWall(t, e.When.Location()) {
		case content.ErrNoSuchTime:
			return "problem.no_such_time"
		case content.ErrTwiceTime:
			return "problem.twice_time"
		}
	}
	return ""
}

// outside reports whether a slot is not within the event's time, as far as that is known.
func (e *Event) outside(s content.Slot) bool {
	if e.When.Start == "" || e.When.Precision != content.PrecisionTime && e.When.Precision != content.PrecisionDay {
		return false
	}
	from, to := s.Start.In(e.When.Location()), s.End.In(e.When.Location())
	return from.Before(e.When.Starts()) || from.After(e.ends()) || to.After(e.ends())
}

// Realign gives the minutes by which all sessions would have to be moved to lie within the event again, by the wall
// clock: the event was moved and its programme was not. 0 if none is outside, or if there is no such number.
func (e *Event) Realign() int {
	var slots []content.Slot
	out := false
	first := time.Time{}
	for _, s := range e.Sessions {
		from := s.Slot.Start.In(time.UTC)
		if s.TBD || from.IsZero() {
			continue
		}
		slots = append(slots, s.Slot)
		out = out || e.outside(s.Slot)
		if first.IsZero() || from.Before(first) {
			first = from
		}
	}
	if !out {
		return 0
	}
	apart := func(was time.Time) int {
		start := e.When.Start.In(time.UTC)
		if e.When.Precision == content.PrecisionDay { // the day moved, the hours did not
			was, start = was.Truncate(24*time.Hour), start.Truncate(24*time.Hour)
		}
		if was.IsZero() {
			return 0
		}
		return int(start.Sub(was) / time.Minute)
	}
	// By as much as the event was moved, if that is known: its first session need not begin with it.
	for _, by := range []int{apart(e.Previous.Start.In(time.UTC)), apart(first)} {
		fits := by != 0 && !slices.ContainsFunc(slots, func(s content.Slot) bool {
			moved := s.Moved(by)
			return e.outside(moved) || e.wall(moved) != ""
		})
		if fits {
			return by
		}
	}
	return 0
}

// Has tells whether somebody holds a role in the event or one of its sessions, in their own name or in another's stead.
func (e *Event) Has(person content.Ref) bool {
	return slices.ContainsFunc(e.roleHolders(), func(p PersonRole) bool {
		who, _ := p.Present()
		return who != "" && who == person
	})
}

// Present gives who is meant to be there for a role, and the field that says so; "" for nobody.
func (p PersonRole) Present() (who content.Ref, field string) {
	switch p.Status {
	case "replaced":
		return p.ReplacedBy, "replaced_by"
	case "cancelled":
		return "", ""
	}
	return p.Person, "person"
}
