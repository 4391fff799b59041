package kind

import (
	"slices"
	"strings"

	"plenary/internal/content"
)

// ProgrammeVersion is a name that the programme has from when it is published with it, as "Final programme". What the
// programme is then is kept with it, see content.Versioned.
type ProgrammeVersion struct {
	content.Item
	Kind string       `json:"kind" enum:"programme_version" need:"R"`
	Name content.Line `json:"name" max:"80"` // instead of the catalogue's for its kind
	Note content.Line `json:"note" max:"400" widget:"area"`
}

// versionKeeps is what of an event is kept with a version of its programme: the timetable, and who takes part. Descriptions
// and documents go on as they are on the event's page; how to join is never kept.
var versionKeeps = []string{"when", "status", "people", "people.*.person", "people.*.role", "people.*.status", "people.*.replaced_by",
	"sessions", "sessions.*.title", "sessions.*.kind", "sessions.*.slot", "sessions.*.tbd", "sessions.*.cancelled", "sessions.*.track", "sessions.*.room",
	"sessions.*.languages", "sessions.*.people", "sessions.*.people.*.person", "sessions.*.people.*.role", "sessions.*.people.*.status",
	"sessions.*.people.*.replaced_by"}

// Versions are the items that name versions of the programme, and what is kept with them.
func (e *Event) Versions() (items, keep []string) {
	for _, v := range e.Programmes {
		items = append(items, v.ID)
	}
	return items, versionKeeps
}

// ChangesSince lists what is different in the programme since an earlier version of it, first what concerns the event as a
// whole: that it moved, was cancelled or put off, or takes place after all, and who has joined or left those who are named for
// all of it. Sessions that moved with the event are not told one by one.
func (e *Event) ChangesSince(was *Event) []ProgrammeChange {
	var out []ProgrammeChange
	if off := e.Status; off != was.Status && (off == "cancelled" || off == "postponed") {
		out = append(out, ProgrammeChange{What: "event_" + off})
	} else if was.Off() && !e.Off() {
		out = append(out, ProgrammeChange{What: "event_on"})
	}
	from, to := content.Slot{Start: was.When.Start, End: was.When.End}, content.Slot{Start: e.When.Start, End: e.When.End}
	if !e.Off() && from.Start != "" && to.Start != "" && from.Start != to.Start {
		out = append(out, ProgrammeChange{What: "event_moved", From: from, To: to})
	}
	if c := (ProgrammeChange{What: "event_people"}); c.whoChanged(was.People, e.People) {
		out = append(out, c)
	}
	if all, ok := e.Differs(was).([]ProgrammeChange); ok {
		out = append(out, all...)
	}
	return out
}

// whoChanged notes who has come and who has left between two lists of people, or that the same people do something else now,
// and reports whether anything is different.
func (c *ProgrammeChange) whoChanged(was, is []PersonRole) bool {
	a, b := present(was), present(is)
	if slices.Equal(a, b) {
		return false
	}
	who := func(all []PersonRole) (out []content.Ref) {
		for _, r := range all {
			if p, _ := r.Present(); p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		return out
	}
	before, after := who(was), who(is)
	c.Joined = slices.DeleteFunc(slices.Clone(after), func(p content.Ref) bool { return slices.Contains(before, p) })
	c.Left = slices.DeleteFunc(slices.Clone(before), func(p content.Ref) bool { return slices.Contains(after, p) })
	if len(c.Joined)+len(c.Left) == 0 {
		c.What = strings.Replace(c.What, "people", "roles", 1)
	}
	return true
}
