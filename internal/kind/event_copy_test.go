package kind

import (
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
)

// TestEveryFieldIsInOnePartOfACopy: a new field of an event must say whether it comes along.
func TestEveryFieldIsInOnePartOfACopy(t *testing.T) {
	known, in, names := map[string]bool{}, map[string]string{}, map[string]bool{}
	EventKind.Walk(func(f *content.Field) { known[f.Path] = true })
	for _, p := range eventParts {
		if names[p.Name] {
			t.Errorf("part %s twice", p.Name)
		}
		names[p.Name] = true
		for _, path := range p.Fields {
			if !known[path] || in[path] != "" {
				t.Errorf("%s of %s is no field, or in %q too", path, p.Name, in[path])
			}
			in[path] = p.Name
		}
	}
	for _, f := range EventKind.Fields {
		if in[f.Path] == "" {
			t.Errorf("nothing says whether %s comes along", f.Path)
		}
	}
	for _, path := range unmoved {
		if !known[path] {
			t.Errorf("%s is no field", path)
		}
	}
}

// adapt copies all facts of an event to a day.
func adapt(t *testing.T, e *Event, to content.CopyTarget) (*Event, []content.Problem) {
	t.Helper()
	parts := EventKind.Split(e)
	problems := e.Adapt(parts[content.Facts], to)
	v, err := EventKind.Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	return v.(*Event), problems
}

func day(s string) time.Time { return content.Date(s).Time() }

// TestDatesMoveOnTheCalendar, whatever the clocks do in between.
func TestDatesMoveOnTheCalendar(t *testing.T) {
	for _, c := range []struct{ zone, start, end, to, wantStart, wantEnd string }{
		{"Africa/Nairobi", "2026-03-10T09:00", "2026-03-12T17:00", "2026-11-03", "2026-11-03T09:00", "2026-11-05T17:00"},
		{"America/New_York", "2026-03-06T09:00", "2026-03-09T12:30", "2026-03-13", "2026-03-13T09:00", "2026-03-16T12:30"}, // the clock changes on the 8th
		{"America/New_York", "2026-10-30T23:30", "2026-10-31T00:30", "2026-11-06", "2026-11-06T23:30", "2026-11-07T00:30"},
		{"Europe/Paris", "2026-10-24T09:00", "2026-10-26T17:00", "2027-03-27", "2027-03-27T09:00", "2027-03-29T17:00"},
		{"Europe/Paris", "2027-03-01T09:00", "2027-03-01T17:00", "2026-01-05", "2026-01-05T09:00", "2026-01-05T17:00"}, // back in time
		{"Africa/Nairobi", "2028-02-29T09:00", "2028-03-01T17:00", "2029-02-28", "2029-02-28T09:00", "2029-03-01T17:00"},
		{"Africa/Nairobi", "2027-02-28T09:00", "2027-03-02T17:00", "2028-02-28", "2028-02-28T09:00", "2028-03-01T17:00"}, // by days: over the leap day
	} {
		before := content.LocalTime(c.start).MoveDays(-30)
		e := &Event{When: content.When{Start: content.LocalTime(c.start), End: content.LocalTime(c.end), Zone: c.zone, Precision: content.PrecisionTime},
			Registration: Registration{Opens: content.Moment{At: before, Zone: "Asia/Tokyo"}},
			Sessions:     []Session{{Item: content.Item{ID: "aa"}, Slot: content.Slot{Start: content.LocalTime(c.start), End: content.LocalTime(c.end)}}}}
		got, problems := adapt(t, e, content.CopyTarget{Day: day(c.to)})
		if len(problems) > 0 || string(got.When.Start) != c.wantStart || string(got.When.End) != c.wantEnd || got.When.Zone != c.zone ||
			got.Sessions[0].ID != "aa" || string(got.Sessions[0].Slot.Start) != c.wantStart || string(got.Sessions[0].Slot.End) != c.wantEnd ||
			got.Registration.Opens != (content.Moment{At: content.LocalTime(c.wantStart).MoveDays(-30), Zone: "Asia/Tokyo"}) {
			t.Errorf("%s %s to %s: %+v %+v %+v %v", c.zone, c.start, c.to, got.When, got.Sessions, got.Registration.Opens, problems)
		}
	}
}

func TestTimesThatAreNotThereAreNamed(t *testing.T) {
	e := &Event{When: content.When{Start: "2026-03-22T01:30", End: "2026-03-22T02:30", Zone: "Europe/Paris", Precision: content.PrecisionTime},
		Registration: Registration{Closes: content.Moment{At: "2026-03-22T01:30", Zone: "America/New_York"}},
		Discussion:   Discussion{Opens: content.Moment{At: "2026-03-22T02:00", Zone: "Africa/Nairobi"}},
		Sessions:     []Session{{Item: content.Item{ID: "aa"}, Slot: content.Slot{Start: "2026-03-22T02:15"}}}}
	named := func(to content.CopyTarget) string {
		_, ps := adapt(t, e, to)
		var out []string
		for _, p := range ps {
			out = append(out, p.Path+" "+strings.TrimPrefix(p.Key, "problem."))
		}
		return strings.Join(out, ", ")
	}
	for to, want := range map[string]string{
		"2026-03-29": "sessions.aa.slot:start no_such_time, when:end no_such_time",
		"2026-10-25": "sessions.aa.slot:start twice_time, when:end twice_time",
		"2026-11-01": "registration.closes twice_time",
		"2026-11-02": "",
	} {
		if got := named(content.CopyTarget{Day: day(to)}); got != want {
			t.Errorf("on %s: %s, want %s", to, got, want)
		}
	}
	clocks := map[string]string{"sessions.aa.slot:start": "03:15", "when:end": "02:59"}
	if got := named(content.CopyTarget{Day: day("2026-03-29"), Clocks: clocks}); got != "when:end no_such_time" {
		t.Errorf("after a correction that is none: %s", got)
	}
	clocks["when:end"] = "03:30"
	if got, ps := adapt(t, e, content.CopyTarget{Day: day("2026-03-29"), Clocks: clocks}); len(ps) > 0 || got.When.End != "2026-03-29T03:30" || got.Sessions[0].Slot.Start != "2026-03-29T03:15" {
		t.Errorf("%+v %+v %v", got.When, got.Sessions, ps)
	}
	if got, ps := adapt(t, e, content.CopyTarget{Day: day("2026-04-05"), Clocks: clocks}); len(ps) > 0 || got.When.End != "2026-04-05T02:30" || got.Sessions[0].Slot.Start != "2026-04-05T02:15" {
		t.Errorf("corrections for another day count: %+v %+v %v", got.When, got.Sessions, ps)
	}
}

// TestDatesKnownLessExactly: days have no missing hours, months move as months, and without a date nothing can be moved.
func TestDatesKnownLessExactly(t *testing.T) {
	month, date := content.PrecisionMonth, content.PrecisionDay
	for _, c := range []struct {
		was       content.When
		to        string
		monthOnly bool
		want      content.When
	}{
		{content.When{Start: "2026-03-22T00:00", End: "2026-03-24T00:00", Precision: date, Zone: "Africa/Cairo"}, "2026-04-24", false, content.When{Start: "2026-04-24T00:00", End: "2026-04-26T00:00", Precision: date, Zone: "Africa/Cairo"}},
		{content.When{Start: "2026-07-01T00:00", End: "2026-08-01T00:00", Precision: month}, "2027-02-01", true, content.When{Start: "2027-02-01T00:00", End: "2027-03-01T00:00", Precision: month}},
		{content.When{Start: "2026-07-01T00:00", Precision: month}, "2027-02-10", false, content.When{Start: "2027-02-10T00:00", Precision: date}},
		{content.When{Precision: content.PrecisionTBD, Zone: "Europe/Paris"}, "2027-02-10", false, content.When{Start: "2027-02-10T00:00", Precision: date, Zone: "Europe/Paris"}},
		{content.When{}, "2027-02-01", true, content.When{Start: "2027-02-01T00:00", Precision: month}},
	} {
		e := &Event{When: c.was, Commitments: []Commitment{{Item: content.Item{ID: "cc"}, Kind: "report", Due: "2026-09-01"}}}
		got, ps := adapt(t, e, content.CopyTarget{Day: day(c.to), MonthOnly: c.monthOnly})
		if len(ps) > 0 || got.When != c.want {
			t.Errorf("%+v to %s: %+v %v", c.was, c.to, got.When, ps)
		}
		if due := got.Commitments[0].Due; (due == "") != !c.was.Known() {
			t.Errorf("%+v: due %q", c.was, due)
		}
	}
	_, ps := adapt(t, newYork(), content.CopyTarget{Day: day("2027-02-01"), MonthOnly: true})
	if len(ps) != 1 || ps[0].Key != "problem.day_missing" {
		t.Errorf("an event with a time, to a month: %v", ps)
	}
}

func TestACopyIsANewEvent(t *testing.T) {
	e := newYork()
	e.Status, e.Series, e.Ordinal = "cancelled", "series1", 4
	e.People = []PersonRole{{Item: content.Item{ID: "pp"}, Person: "person1", Role: "keynote", Status: "replaced", ReplacedBy: "person2", Title: content.L("en", "Minister"), Affiliation: content.L("en", "Ministry")}}
	e.Sessions = []Session{{Item: content.Item{ID: "aa"}, People: []PersonRole{{Item: content.Item{ID: "qq"}, Person: "person1", Role: "chair", Status: "delivered"}}}}
	e.Documents = []DocumentLink{{Item: content.Item{ID: "dd"}, Slot: "outcome", Document: "doc1"}, {Item: content.Item{ID: "ee"}, Slot: "background", Expected: "2026-06-01"}}
	e.Notes = []Note{{Item: content.Item{ID: "nn"}, Mark: "*", Accessed: "2026-05-05"}}
	e.Commitments = []Commitment{{Item: content.Item{ID: "cc"}, Kind: "recordings", PromisedOn: "2026-07-01", Due: "2026-07-15"}}
	got, ps := adapt(t, e, content.CopyTarget{Day: day("2027-07-07"), Edition: true, Ordinal: 5, From: "event1", By: "account1"})
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	p, q := got.People[0], got.Sessions[0].People[0]
	if p.Status != "invited" || p.ReplacedBy != "" || p.Title.In("en") != "Minister" || p.Affiliation.In("en") != "Ministry" || q.Status != "invited" || q.ID != "qq" {
		t.Errorf("people: %+v %+v", p, q)
	}
	if got.Status != "scheduled" || got.Ordinal != 5 || got.Series != "series1" || got.Parent != "event1" || got.Relation != "follow_up_to" || got.FocalPoint != "account1" {
		t.Errorf("%+v", got)
	}
	if len(got.Documents) != 1 || got.Documents[0].ID != "ee" || got.Documents[0].Expected != "2027-06-07" || got.Notes[0].Accessed != "2026-05-05" || got.Commitments[0].Due != "2027-07-21" || got.Commitments[0].PromisedOn != "2027-07-07" {
		t.Errorf("%+v %+v %+v", got.Documents, got.Notes, got.Commitments)
	}
}

func TestNextDay(t *testing.T) {
	for _, c := range []struct{ start, precision, now, want string }{
		{"2026-07-01T08:00", "time", "2026-08-01", "2027-06-30"}, // a Wednesday
		{"2027-07-01T00:00", "day", "2026-08-01", "2028-06-29"},
		{"2028-02-29T09:00", "time", "2028-03-01", "2029-02-27"},
		{"2020-07-01T08:00", "time", "2026-11-26", "2027-06-30"},
		{"2026-07-01T00:00", "month", "2026-11-26", "2027-07-01"},
		{"", "tbd", "2026-11-26", ""},
	} {
		got := (&Event{When: content.When{Start: content.LocalTime(c.start), Precision: c.precision}}).NextDay(day(c.now))
		if got.IsZero() != (c.want == "") || !got.IsZero() && got.Format(time.DateOnly) != c.want {
			t.Errorf("after %s, seen on %s: %s, want %s", c.start, c.now, got.Format(time.DateOnly), c.want)
		}
	}
}
