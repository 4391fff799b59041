package kind

import (
	"slices"
	"time"

	"plenary/internal/content"
)

// ProgrammeChange is one difference between two programmes of an event that were public one after the other. Times are
// wall clock in the event's zone.
type ProgrammeChange struct {
	// What is "added", "removed", "moved", "fixed" (it had no time before), "untimed" (it has none any more), "cancelled",
	// "restored" (it takes place after all), "renamed", "room", "track", "people" or "roles"; of the event as a whole, see
	// ChangesSince, "event_moved", "event_cancelled", "event_postponed", "event_on" (it takes place after all), "event_people" or
	// "event_roles".
	What  string       `json:"what"`
	Title content.Line `json:"title,omitempty"`
	Was   content.Line `json:"was,omitempty"` // the former title
	From  content.Slot `json:"from,omitzero"`
	To    content.Slot `json:"to,omitzero"`
	Room  content.Line `json:"room,omitempty"`
	Track content.Line `json:"track,omitempty"`
	// Joined and Left are the persons who came and who went, where What is people. Programs before this wrote neither.
	Joined content.Refs `json:"joined,omitempty"`
	Left   content.Refs `json:"left,omitempty"`
}

// Differs lists what is different in the programme since was, an event as it was public: what somebody who has written
// the times down has to correct. A first programme is news, not a change; and when the whole event moves, sessions that
// move with it are not told one by one, nor those that had the right time before.
func (e *Event) Differs(was any) any {
	old, ok := was.(*Event)
	if !ok || len(old.Sessions) == 0 {
		return nil
	}
	shift := e.shift(old)
	var out []ProgrammeChange
	find := func(all []Session, id string) *Session {
		if i := slices.IndexFunc(all, func(s Session) bool { return s.ID == id }); i >= 0 {
			return &all[i]
		}
		return nil
	}
	for _, s := range e.Sessions {
		o := find(old.Sessions, s.ID)
		if o == nil && s.Cancelled || o != nil && o.Cancelled && s.Cancelled {
			continue // nobody has counted on it
		}
		if o == nil {
			out = append(out, ProgrammeChange{What: "added", Title: bareLine(s.Title), To: s.public()})
			continue
		}
		from, to := o.public(), s.public()
		if s.Cancelled {
			out = append(out, ProgrammeChange{What: "cancelled", Title: bareLine(s.Title), From: from})
			continue
		}
		switch {
		case o.Cancelled:
			out = append(out, ProgrammeChange{What: "restored", Title: bareLine(s.Title), To: to})
		case from.Start == "" && to.Start != "":
			out = append(out, ProgrammeChange{What: "fixed", Title: bareLine(s.Title), To: to})
		case from.Start != "" && to.Start == "":
			out = append(out, ProgrammeChange{What: "untimed", Title: bareLine(s.Title), From: from})
		case to.Start != "" && to != from && to != from.Moved(shift):
			out = append(out, ProgrammeChange{What: "moved", Title: bareLine(s.Title), From: from, To: to})
		}
		if renamed(o.Title, s.Title) {
			out = append(out, ProgrammeChange{What: "renamed", Title: bareLine(s.Title), Was: bareLine(o.Title)})
		}
		if renamed(o.Room, s.Room) && len(s.Room) > 0 {
			out = append(out, ProgrammeChange{What: "room", Title: bareLine(s.Title), Room: bareLine(s.Room)})
		}
		if renamed(o.Track, s.Track) && len(s.Track) > 0 {
			out = append(out, ProgrammeChange{What: "track", Title: bareLine(s.Title), Track: bareLine(s.Track)})
		}
		if c := (ProgrammeChange{What: "people", Title: bareLine(s.Title)}); c.whoChanged(o.People, s.People) {
			out = append(out, c)
		}
	}
	for _, o := range old.Sessions {
		if !o.Cancelled && find(e.Sessions, o.ID) == nil {
			out = append(out, ProgrammeChange{What: "removed", Title: bareLine(o.Title), From: o.public()})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// present are the people of a session whom readers can expect, each with what they do, in an order that says nothing.
func present(all []PersonRole) []string {
	var out []string
	for _, r := range all {
		if who, _ := r.Present(); who != "" {
			out = append(out, string(who)+" "+r.Role)
		}
	}
	slices.Sort(out)
	return out
}

// public is when a session is, as far as readers are told.
func (s Session) public() content.Slot {
	if s.TBD {
		return content.Slot{}
	}
	return s.Slot
}

// shift is by how many minutes of the wall clock the event has moved.
func (e *Event) shift(old *Event) int {
	a, b := old.When.Start.In(time.UTC), e.When.Start.In(time.UTC)
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return int(b.Sub(a) / time.Minute)
}

// renamed reports whether words that both have in a language differ. A translation that came or went is none.
func renamed(a, b content.Line) bool {
	for _, t := range b {
		if w := a.In(t.Locale); w != "" && t.Words != w {
			return true
		}
	}
	return len(a) == 0 && len(b) > 0
}

// bareLine is a line without what is noted of its words.
func bareLine(x content.Line) content.Line {
	var out content.Line
	for _, t := range x {
		out.Set(t.Locale, content.Text{Words: t.Words})
	}
	return out
}
