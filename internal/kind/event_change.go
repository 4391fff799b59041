package kind

import (
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
)

// What may happen to an event once it is announced. Each is one change with this mark, and can be taken back as one.
const (
	ChangeCancel   = "cancel"
	ChangePostpone = "postpone"
	ChangeMove     = "move"
	ChangeOnline   = "online"
	ChangeVenue    = "venue"
)

// Changes are all of them, in the order the panel shows them.
var Changes = []string{ChangeMove, ChangePostpone, ChangeOnline, ChangeVenue, ChangeCancel}

// WhyNot tells why something cannot happen to the event: the end of the message change.not.KEY, "" if it can.
func (e *Event) WhyNot(change string, now time.Time) string {
	switch over := e.Over(); {
	case !slices.Contains(Changes, change):
		return "known"
	case e.Status == "cancelled":
		return "cancelled"
	case !over.IsZero() && !now.Before(over):
		return "over"
	case (change == ChangeMove || change == ChangePostpone) && !e.When.Known():
		return "dated"
	case change == ChangePostpone && e.Status == "postponed":
		return "postponed"
	case change == ChangeOnline && e.Mode == "online":
		return "online"
	}
	return ""
}

// askAfter is by how much an event may move without its registrants being asked again: what is further needs another day in
// their calendars.
const askAfter = 24 * time.Hour

// AsksAgain says whether those who registered for the event should say again that they come, when it becomes after: it moves
// by more than a day, or people come to a place instead of a screen, or the other way round.
func (e *Event) AsksAgain(after *Event) bool {
	if e.Mode != after.Mode && (e.Mode == "in_person" && after.Mode == "online" || e.Mode == "online" && after.Mode == "in_person") {
		return true
	}
	was, will := e.When.Starts(), after.When.Starts()
	return !was.IsZero() && !will.IsZero() && will.Sub(was).Abs() > askAfter
}

// StatusAfter is the event's status once something has happened to it. mode is how people will take part by then.
func (e *Event) StatusAfter(change, mode string) string {
	switch change {
	case ChangeCancel:
		return "cancelled"
	case ChangePostpone:
		return "postponed"
	case ChangeMove:
		if e.Status == "tentative" {
			return e.Status // still to be confirmed
		}
		if e.Status == "moved_online" {
			return e.Status // it stays so on its new day, and the old day says that it was moved
		}
		return "rescheduled"
	}
	if e.Status == "postponed" || e.Status == "tentative" {
		return e.Status // still without a date that holds
	}
	if mode == "online" && e.Mode != "online" || mode == "hybrid" && e.Mode == "in_person" {
		return "moved_online"
	}
	return "venue_changed"
}

// PlacesAfter is how many places the event has once people take part in another way; other says that this is another number. A
// hybrid event that moves online has those that it had there: nobody is kept out of a meeting by the size of a room.
func (e *Event) PlacesAfter(mode string) (places int, other bool) {
	if e.Mode == "hybrid" && mode == "online" {
		return e.Registration.OnlineCapacity, e.Registration.OnlineCapacity != e.Registration.Capacity
	}
	return e.Registration.Capacity, false
}

// Was is the time that readers may have written down and that does not hold any more; not known where there is none.
func (e *Event) Was() content.When {
	switch {
	case e.Status == "postponed" && e.When.Known():
		return e.When
	case e.Previous != e.When:
		return e.Previous
	}
	return content.When{}
}

// InCalendars is the time at which calendars hold the event; they hold none before its day is known.
func (e *Event) InCalendars() (content.When, bool) {
	w := e.When
	if !w.Known() && (e.Status == "postponed" || e.Status == "cancelled") {
		w = e.Previous // where it stands in calendars, and must be seen not to take place
	}
	return w, w.Known() && w.Precision != content.PrecisionMonth
}

// Along are the parts whose dates can move with the event. Its sessions always do.
var Along = []string{"registration", "discussion", "documents", "commitments"}

// Reschedule gives the facts that change when the event is moved to another time: all that hangs on its date moves by as
// many days, and sessions by the hours too. clocks are times of day instead of those that the clock of the place leaves
// out or has twice; it names these by their paths. What has opened already stays open, what was promised on a day was.
func (e *Event) Reschedule(facts content.Leaves, to content.When, along []string, clocks map[string]string, now time.Time) (content.Leaves, []content.Problem) {
	set := content.Leaves{}
	set.Set("when", to)
	if e.When.Known() {
		set.Set("previous", e.When)
	}
	set.Set("status", e.StatusAfter(ChangeMove, e.Mode))
	m := mover{to: content.CopyTarget{Clocks: clocks}, zone: to.Location()}
	from, day := e.When.Start.In(time.UTC), to.Start.In(time.UTC)
	if !e.When.Known() || !to.Known() || from.IsZero() || day.IsZero() {
		return set, nil
	}
	m.days = daysBetween(from, day)
	if e.When.Precision == content.PrecisionTime && to.Precision == content.PrecisionTime {
		m.minutes = int(day.AddDate(0, 0, -m.days).Sub(from) / time.Minute)
	}
	moves := func(path string, f *content.Field) bool {
		top, _, _ := strings.Cut(path, ".")
		switch {
		case top == "sessions":
			return true
		case !slices.Contains(along, top), f.Name == "promised_on", f.Name == "fulfilled":
			return false
		case f.Name == "opens":
			opens := readLeaf[content.Moment](facts[path]).Time()
			return opens.After(now)
		case top == "commitments":
			id, _, _ := strings.Cut(strings.TrimPrefix(path, "commitments."), ".")
			return slices.ContainsFunc(e.Commitments, func(c Commitment) bool { return c.ID == id && !c.Waived && c.Fulfilled == "" })
		}
		return true
	}
	for path := range facts {
		if f := EventKind.Field(path); f != nil && dated(f) && moves(path, f) {
			set[path] = facts[path]
			m.move(set, f, path)
		}
	}
	slices.SortFunc(m.problems, func(a, b content.Problem) int { return strings.Compare(a.Path, b.Path) })
	return set, m.problems
}
