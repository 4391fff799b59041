package kind

import (
	"strings"
	"testing"

	"plenary/internal/content"
)

func TestDiffers(t *testing.T) {
	slot := func(day, from, to string) content.Slot {
		return content.Slot{Start: content.LocalTime("2027-07-" + day + "T" + from), End: content.LocalTime("2027-07-" + day + "T" + to)}
	}
	at := func(id, title string, s content.Slot) Session {
		return Session{Item: content.Item{ID: id}, Title: content.L("en", title), Slot: s}
	}
	base := func() *Event {
		e := &Event{When: content.When{Start: "2027-07-01T09:00", End: "2027-07-01T17:00", Zone: "Europe/Paris", Precision: "time"},
			Sessions: []Session{at("aa", "Opening", slot("01", "09:00", "10:00")), at("bb", "Panel", slot("01", "10:00", "12:00")), {Item: content.Item{ID: "cc"}, Title: content.L("en", "Later"), TBD: true}}}
		e.Sessions[1].People = []PersonRole{{Person: "p1", Role: "speaker"}}
		return e
	}
	for name, c := range map[string]struct {
		change func(e *Event)
		want   string
	}{
		"nothing":          {func(e *Event) {}, ""},
		"moved":            {func(e *Event) { e.Sessions[1].Slot = slot("01", "11:00", "13:00") }, "moved Panel"},
		"longer":           {func(e *Event) { e.Sessions[1].Slot.End = "2027-07-01T12:30" }, "moved Panel"},
		"added":            {func(e *Event) { e.Sessions = append(e.Sessions, at("dd", "Film", slot("01", "15:00", "16:00"))) }, "added Film"},
		"removed":          {func(e *Event) { e.Sessions = e.Sessions[1:] }, "removed Opening"},
		"fixed":            {func(e *Event) { e.Sessions[2].TBD, e.Sessions[2].Slot = false, slot("01", "15:00", "16:00") }, "fixed Later"},
		"no time any more": {func(e *Event) { e.Sessions[1].TBD = true }, "untimed Panel"},
		"a speaker":        {func(e *Event) { e.Sessions[0].People = []PersonRole{{Person: "p2", Role: "speaker"}} }, "people Opening"},
		"one steps in": {func(e *Event) {
			e.Sessions[1].People = []PersonRole{{Person: "p1", Role: "speaker", Status: "replaced", ReplacedBy: "p3"}}
		}, "people Panel"},
		"one cancels":  {func(e *Event) { e.Sessions[1].People[0].Status = "cancelled" }, "people Panel"},
		"one confirms": {func(e *Event) { e.Sessions[1].People[0].Status = "confirmed" }, ""},
		"renamed":      {func(e *Event) { e.Sessions[0].Title = content.L("en", "Welcome") }, "renamed Welcome"},
		"translated":   {func(e *Event) { e.Sessions[0].Title = content.L("en", "Opening", "fr", "Ouverture") }, ""},
		"a room":       {func(e *Event) { e.Sessions[0].Room = content.L("en", "Hall 3") }, "room Opening"},
		"another part": {func(e *Event) { e.Sessions[1].People[0].Role = "moderator" }, "roles Panel"},
		"a track":      {func(e *Event) { e.Sessions[0].Track = content.L("en", "Law") }, "track Opening"},
		"off":          {func(e *Event) { e.Sessions[1].Cancelled, e.Sessions[1].Slot = true, content.Slot{} }, "cancelled Panel"},
		"added and off": {func(e *Event) {
			e.Sessions = append(e.Sessions, Session{Item: content.Item{ID: "dd"}, Cancelled: true})
		}, ""},
		"another order":   {func(e *Event) { e.Sessions[0], e.Sessions[1] = e.Sessions[1], e.Sessions[0] }, ""},
		"a draft's times": {func(e *Event) { e.Sessions[2].Slot = slot("01", "16:00", "17:00") }, ""}, // it is still to be fixed
		"the whole event": {func(e *Event) {
			e.When.Start, e.When.End = "2027-07-08T10:00", "2027-07-08T18:00"
			e.Sessions[0].Slot, e.Sessions[1].Slot = slot("08", "10:00", "11:00"), slot("08", "11:00", "13:00")
		}, ""},
		"the event, and its panel more": {func(e *Event) {
			e.When.Start, e.When.End = "2027-07-08T09:00", "2027-07-08T17:00"
			e.Sessions[0].Slot, e.Sessions[1].Slot = slot("08", "09:00", "10:00"), slot("08", "15:00", "16:00")
		}, "moved Panel"},
	} {
		e := base()
		c.change(e)
		var got []string
		if d := e.Differs(base()); d != nil {
			for _, x := range d.([]ProgrammeChange) {
				got = append(got, x.What+" "+x.Title.In("en"))
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
	first := base()
	first.Sessions = nil
	if d := base().Differs(first); d != nil {
		t.Errorf("a first programme is told as a change: %v", d)
	}
}

// TestChangesSince holds that what concerns an event as a whole is told once, before its sessions, and by whose coming and going.
func TestChangesSince(t *testing.T) {
	base := func() *Event {
		return &Event{Status: "scheduled", When: content.When{Start: "2027-07-01T09:00", End: "2027-07-01T17:00", Zone: "Europe/Paris", Precision: "time"},
			People: []PersonRole{{Person: "p1", Role: "chair"}, {Person: "p2", Role: "speaker"}},
			Sessions: []Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Opening"), Slot: content.Slot{Start: "2027-07-01T09:00", End: "2027-07-01T10:00"}},
				{Item: content.Item{ID: "bb"}, Title: content.L("en", "Film"), Cancelled: true}}}
	}
	for name, c := range map[string]struct {
		change func(e *Event)
		want   string
	}{
		"nothing":    {func(e *Event) {}, ""},
		"cancelled":  {func(e *Event) { e.Status = "cancelled" }, "event_cancelled"},
		"postponed":  {func(e *Event) { e.Status, e.When = "postponed", content.When{} }, "event_postponed"},
		"moved":      {func(e *Event) { e.When.Start, e.Sessions[0].Slot = "2027-07-01T10:00", e.Sessions[0].Slot.Moved(60) }, "event_moved"},
		"ends later": {func(e *Event) { e.When.End = "2027-07-01T18:00" }, ""},
		"who takes part": {func(e *Event) {
			e.People = []PersonRole{{Person: "p1", Role: "chair"}, {Person: "p3", Role: "speaker"}}
		}, "event_people+p3-p2"},
		"other roles":   {func(e *Event) { e.People[1].Role = "chair" }, "event_roles"},
		"on again":      {func(e *Event) { e.Sessions[1].Cancelled = false }, "restored"},
		"gone for good": {func(e *Event) { e.Sessions = e.Sessions[:1] }, ""}, // it was cancelled before
		"both":          {func(e *Event) { e.Status, e.Sessions[0].Title = "cancelled", content.L("en", "Welcome") }, "event_cancelled renamed"},
	} {
		e := base()
		c.change(e)
		var got []string
		for _, x := range e.ChangesSince(base()) {
			s := x.What
			for _, p := range x.Joined {
				s += "+" + string(p)
			}
			for _, p := range x.Left {
				s += "-" + string(p)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
	off := base()
	off.Status = "cancelled"
	if got := base().ChangesSince(off); len(got) != 1 || got[0].What != "event_on" {
		t.Errorf("an event that takes place after all: %v", got)
	}
}
