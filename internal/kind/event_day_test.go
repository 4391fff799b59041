package kind

import (
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// TestStartsLater: before it is under way all of its day moves along, later only what is still to begin; other days stay.
func TestStartsLater(t *testing.T) {
	e := &Event{Status: "scheduled", When: content.When{Start: "2026-11-03T09:00", End: "2026-11-04T17:00", Zone: "Africa/Nairobi", Precision: content.PrecisionTime}}
	for id, slot := range map[string]content.Slot{"a": {Start: "2026-11-03T09:00", End: "2026-11-03T10:00"}, "b": {Start: "2026-11-03T10:30", End: "2026-11-03T12:00"}, "c": {Start: "2026-11-04T09:00", End: "2026-11-04T12:00"},
		"d": {Start: "2026-11-04T14:00", End: "2026-11-04T17:00"}, "e": {}} {
		e.Sessions = append(e.Sessions, Session{Item: content.Item{ID: id}, Slot: slot})
	}
	facts := EventKind.Split(e)[content.Facts]
	for _, c := range []struct{ now, minutes, when, moved, was, will string }{
		{"2026-11-03T05:50:00Z", "15", "2026-11-03T09:15 2026-11-04T17:15", "a 09:15 b 10:45", "2026-11-03T09:00", "2026-11-03T09:15"},
		{"2026-11-03T06:10:00Z", "30", "2026-11-03T09:30 2026-11-04T17:30", "a 09:30 b 11:00", "2026-11-03T09:00", "2026-11-03T09:30"}, // should have begun
		{"2026-11-03T07:05:00Z", "15", "", "b 10:45", "2026-11-03T10:30", "2026-11-03T10:45"},                                          // the first session is over
		{"2026-11-04T05:00:00Z", "240", "2026-11-03T09:00 2026-11-04T21:00", "c 13:00 d 18:00", "2026-11-04T09:00", "2026-11-04T13:00"},
		{"2026-11-04T10:00:00Z", "5", "2026-11-03T09:00 2026-11-04T17:05", "d 14:05", "2026-11-04T14:00", "2026-11-04T14:05"},
		{"2026-11-04T12:00:00Z", "5", "", "", "", ""}, // nothing is left to begin
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		minutes, _ := time.ParseDuration(c.minutes + "m")
		set, was, will, problems := e.Late(facts, int(minutes.Minutes()), now)
		when := readLeaf[content.When](set["when"])
		var moved []string
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			if raw := set["sessions."+id+".slot"]; raw != nil {
				_, clock, _ := strings.Cut(string(readLeaf[content.Slot](raw).Start), "T")
				moved = append(moved, id+" "+clock)
			}
		}
		if len(problems) > 0 || strings.TrimSpace(string(when.Start)+" "+string(when.End)) != c.when || strings.Join(moved, " ") != c.moved || string(was.At) != c.was || string(will.At) != c.will || set["status"] != nil || set["previous"] != nil {
			t.Errorf("%s + %s: %v, %v, %s to %s, %v", c.now, c.minutes, when, moved, was.At, will.At, problems)
		}
	}
}

// TestNotified: a notice is shown until the event is over, one of a late start until its day is.
func TestNotified(t *testing.T) {
	e := &Event{Status: "scheduled", Mode: "hybrid", When: content.When{Start: "2026-11-03T09:00", End: "2026-11-04T17:00", Zone: "Africa/Nairobi", Precision: content.PrecisionTime}}
	at := func(s content.LocalTime) content.Moment { return content.Moment{At: s, Zone: "Africa/Nairobi"} }
	e.Notices = []DayNotice{{Item: content.Item{ID: "a"}, Kind: DayLate, At: at("2026-11-03T08:50"), Was: at("2026-11-03T09:00"), Now: at("2026-11-03T09:15")}, {Item: content.Item{ID: "b"}, Kind: DayRoom, At: at("2026-11-03T09:40"), Room: "Room 4"}}
	for _, c := range []struct{ now, shown, until string }{
		{"2026-11-03T07:00:00Z", "b a", "2026-11-03T21:00:00Z"},
		{"2026-11-03T20:59:59Z", "b a", "2026-11-03T21:00:00Z"},
		{"2026-11-03T21:00:00Z", "b", ""},
		{"2026-11-04T14:00:00Z", "", ""},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		shown, until := e.Notified(now)
		var ids []string
		for _, n := range shown {
			ids = append(ids, n.ID)
		}
		told := ""
		if !until.IsZero() {
			told = until.UTC().Format(time.RFC3339)
		}
		if strings.Join(ids, " ") != c.shown || told != c.until {
			t.Errorf("%s: %v until %s", c.now, ids, told)
		}
	}
	e.Notices = append(e.Notices, DayNotice{Item: content.Item{ID: "c"}, Kind: DayRoom, At: at("2026-11-03T09:40"), Room: "Room 5"})
	if shown, _ := e.Notified(time.Date(2026, 11, 3, 7, 0, 0, 0, time.UTC)); len(shown) != 2 || shown[0].ID != "c" {
		t.Errorf("two rooms: %v", shown)
	}
	e.Status = "cancelled"
	if shown, _ := e.Notified(time.Date(2026, 11, 3, 7, 0, 0, 0, time.UTC)); shown != nil {
		t.Error("told of a cancelled event")
	}
	words, err := i18n.Load(i18n.Shared)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Notices[0].Words(words, i18n.EN); !strings.Contains(got, "09:15 instead of 09:00 (Nairobi)") {
		t.Error(got)
	}
	for _, l := range i18n.All {
		seen := map[string]bool{}
		for _, n := range []DayNotice{e.Notices[0], {Kind: DayLate}, e.Notices[1], {Kind: DayLink}, {Kind: DayInterpretation, Languages: []string{"fr", "ar"}}} {
			if w := n.Words(words, l); w == "" || seen[w] || strings.Contains(w, "{{") {
				t.Errorf("%s: %s %q", l, n.Kind, w)
			} else {
				seen[w] = true
			}
		}
	}
}
