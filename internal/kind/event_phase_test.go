package kind

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary/internal/content"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// newYork is an event on 1 July 2026, 08:00–09:30 in New York (12:00–13:30 UTC), with registration in June.
func newYork() *Event {
	return &Event{Status: "scheduled", Mode: "online", Access: "registration",
		When: content.When{Start: "2026-07-01T08:00", End: "2026-07-01T09:30", Zone: "America/New_York", Precision: content.PrecisionTime},
		Registration: Registration{Opens: content.Moment{At: "2026-06-01T09:00", Zone: "America/New_York"},
			Closes: content.Moment{At: "2026-06-24T23:59", Zone: "America/New_York"}, URL: "https://example.org/form"}}
}

// TestPhases goes through the rows of the life of an event, with the instants at which one becomes the next.
func TestPhases(t *testing.T) {
	kept := Commitment{Kind: "recordings", Fulfilled: "2026-07-03"}
	owed := Commitment{Kind: "summary", Due: "2026-07-20"}
	waived := Commitment{Kind: "summary", Waived: true}
	for _, x := range []struct {
		name   string
		change func(e *Event)
		report string
		now    string
		want   Phase
		until  string // empty for ever
	}{
		{"no date at all", func(e *Event) { e.When = content.When{} }, "", "2026-05-01T00:00:00Z", PhaseSaveTheDate, ""},
		{"date to be fixed", func(e *Event) { e.When.Precision = content.PrecisionTBD }, "", "2026-07-01T12:30:00Z", PhaseSaveTheDate, ""},
		{"month", func(e *Event) { e.When.Precision = content.PrecisionMonth }, "", "2026-05-01T00:00:00Z", PhaseSaveTheDate, "2026-08-01T04:00:00Z"},
		{"month, within it", func(e *Event) { e.When.Precision = content.PrecisionMonth }, "", "2026-07-15T00:00:00Z", PhaseSaveTheDate, "2026-08-01T04:00:00Z"},
		{"month, over", func(e *Event) { e.When.Precision = content.PrecisionMonth }, "", "2026-08-01T04:00:00Z", PhaseConcluded, "2026-10-30T04:00:00Z"},
		{"tentative", func(e *Event) { e.Status = "tentative" }, "", "2026-06-10T00:00:00Z", PhaseSaveTheDate, ""},
		{"tentative on the day", func(e *Event) { e.Status = "tentative" }, "", "2026-07-01T12:30:00Z", PhaseSaveTheDate, ""},

		{"announced", nil, "", "2026-06-01T12:59:59Z", PhaseAnnounced, "2026-06-01T13:00:00Z"},
		{"announced, no way to register", func(e *Event) { e.Registration = Registration{} }, "", "2026-06-10T00:00:00Z", PhaseAnnounced, "2026-07-01T11:45:00Z"},
		{"announced, open to all", func(e *Event) { e.Access = "open" }, "", "2026-06-10T00:00:00Z", PhaseAnnounced, "2026-07-01T11:45:00Z"},
		{"announced, by invitation", func(e *Event) { e.Access = "invitation" }, "", "2026-06-10T00:00:00Z", PhaseAnnounced, "2026-07-01T11:45:00Z"},

		{"registration opens", nil, "", "2026-06-01T13:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"registration, last second", nil, "", "2026-06-25T03:58:59Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"registration by mail alone", func(e *Event) { e.Registration.URL, e.Registration.Mailbox = "", "desk@example.org" }, "", "2026-06-10T00:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"registration by form alone", func(e *Event) { e.Registration.URL, e.Registration.Form = "", "form1" }, "", "2026-06-10T00:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"nomination", func(e *Event) { e.Access = "nomination" }, "", "2026-06-10T00:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"registration without an opening", func(e *Event) { e.Registration.Opens = content.Moment{} }, "", "2026-01-10T00:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},
		{"registration without a closing", func(e *Event) { e.Registration.Closes = content.Moment{} }, "", "2026-06-30T00:00:00Z", PhaseRegistrationOpen, "2026-07-01T11:45:00Z"},
		{"registration over the start", func(e *Event) { e.Registration.Closes.At = "2026-07-01T09:00" }, "", "2026-07-01T11:44:00Z", PhaseRegistrationOpen, "2026-07-01T11:45:00Z"},

		{"registration closed", nil, "", "2026-06-25T03:59:00Z", PhaseRegistrationClosed, "2026-07-01T11:45:00Z"},
		{"registration closed, last second", nil, "", "2026-07-01T11:44:59Z", PhaseRegistrationClosed, "2026-07-01T11:45:00Z"},

		{"live a quarter of an hour before", nil, "", "2026-07-01T11:45:00Z", PhaseLive, "2026-07-01T13:30:00Z"},
		{"not yet live, joining is late", func(e *Event) { e.Join.OpensBefore = 5 }, "", "2026-07-01T11:54:59Z", PhaseRegistrationClosed, "2026-07-01T11:55:00Z"},
		{"live from the time of joining", func(e *Event) { e.Join.OpensBefore = 60 }, "", "2026-07-01T11:00:00Z", PhaseLive, "2026-07-01T13:30:00Z"},
		{"live, last second", nil, "", "2026-07-01T13:29:59Z", PhaseLive, "2026-07-01T13:30:00Z"},
		{"live, no end told", func(e *Event) { e.When.End = "" }, "", "2026-07-01T20:00:00Z", PhaseLive, "2026-07-02T04:00:00Z"},
		{"live over midnight, no end told", func(e *Event) { e.When.Start, e.When.End = "2026-07-01T23:00", "" }, "", "2026-07-02T04:30:00Z", PhaseLive, "2026-07-02T05:00:00Z"},
		{"day: the evening before", func(e *Event) { e.When.Precision = content.PrecisionDay }, "", "2026-07-01T03:59:59Z", PhaseRegistrationClosed, "2026-07-01T04:00:00Z"},
		{"day: the whole day", func(e *Event) { e.When.Precision = content.PrecisionDay }, "", "2026-07-01T04:00:00Z", PhaseLive, "2026-07-02T04:00:00Z"},
		{"three days: the night between", func(e *Event) { e.When.Precision, e.When.End = content.PrecisionDay, "2026-07-03T00:00" }, "", "2026-07-02T06:00:00Z", PhaseLive, "2026-07-04T04:00:00Z"},
		{"moved online", func(e *Event) { e.Status = "moved_online" }, "", "2026-07-01T12:00:00Z", PhaseLive, "2026-07-01T13:30:00Z"},
		{"rescheduled", func(e *Event) { e.Status = "rescheduled" }, "", "2026-06-10T12:00:00Z", PhaseRegistrationOpen, "2026-06-25T03:59:00Z"},

		{"just concluded", nil, "", "2026-07-01T13:30:00Z", PhaseConcluded, "2026-09-29T13:30:00Z"},
		{"draft outcome", nil, "draft", "2026-07-20T00:00:00Z", PhaseDraftOutcome, "2031-07-01T13:30:00Z"},
		{"outcome for comment", nil, "for_comment", "2026-07-20T00:00:00Z", PhaseDraftOutcome, "2031-07-01T13:30:00Z"},
		{"outcome", nil, "final", "2026-07-20T00:00:00Z", PhaseOutcome, "2026-09-29T13:30:00Z"},
		{"a report before the event changes nothing", nil, "final", "2026-07-01T12:00:00Z", PhaseLive, "2026-07-01T13:30:00Z"},

		{"settled", nil, "", "2026-09-29T13:30:00Z", PhaseSettled, "2031-07-01T13:30:00Z"},
		{"settled with the outcome", nil, "final", "2026-09-29T13:30:00Z", PhaseSettled, "2031-07-01T13:30:00Z"},
		{"settled, promises kept or waived", func(e *Event) { e.Commitments = []Commitment{kept, waived} }, "final", "2026-09-29T13:30:00Z", PhaseSettled, "2031-07-01T13:30:00Z"},
		{"not settled, a promise is open", func(e *Event) { e.Commitments = []Commitment{kept, owed} }, "final", "2026-12-29T13:30:00Z", PhaseOutcome, "2031-07-01T13:30:00Z"},
		{"not settled, a promise is open and nothing came", func(e *Event) { e.Commitments = []Commitment{owed} }, "", "2026-09-29T13:30:00Z", PhaseConcluded, "2031-07-01T13:30:00Z"},
		{"not settled, the report is a draft", nil, "draft", "2026-12-29T13:30:00Z", PhaseDraftOutcome, "2031-07-01T13:30:00Z"},

		{"last second before the archive", nil, "", "2031-07-01T13:29:59Z", PhaseSettled, "2031-07-01T13:30:00Z"},
		{"archived", nil, "", "2031-07-01T13:30:00Z", PhaseArchived, ""},
		{"archived with an open promise", func(e *Event) { e.Commitments = []Commitment{owed} }, "draft", "2031-07-01T13:30:00Z", PhaseArchived, ""},

		{"postponed", func(e *Event) { e.Status = "postponed" }, "", "2026-06-10T00:00:00Z", PhasePostponed, ""},
		{"postponed, the old day comes", func(e *Event) { e.Status = "postponed" }, "", "2026-07-01T12:30:00Z", PhasePostponed, ""},
		{"cancelled", func(e *Event) { e.Status = "cancelled" }, "final", "2026-12-10T00:00:00Z", PhaseCancelled, ""},
		{"cancelled, before a date was known", func(e *Event) { e.Status, e.When = "cancelled", content.When{Precision: content.PrecisionTBD} }, "", "2026-06-10T00:00:00Z", PhaseCancelled, ""},
	} {
		e := newYork()
		if x.change != nil {
			x.change(e)
		}
		got, until := e.Phase(at(t, x.now), Around{Report: x.report})
		told := ""
		if !until.IsZero() {
			told = until.UTC().Format(time.RFC3339)
		}
		if got != x.want || told != x.until {
			t.Errorf("%s, at %s: %s until %q, want %s until %q", x.name, x.now, got, told, x.want, x.until)
		}
	}
}

func TestOver(t *testing.T) {
	e := newYork()
	if got := e.Over(); !got.Equal(at(t, "2026-07-01T13:30:00Z")) {
		t.Errorf("over at %s", got)
	}
	e.When.End = ""
	if got := e.Over(); !got.Equal(at(t, "2026-07-02T04:00:00Z")) {
		t.Errorf("without an end: over at %s", got)
	}
	if e.Status = "postponed"; !e.Over().IsZero() {
		t.Errorf("postponed: over at %s, but it has not taken place", e.Over())
	}
}

// randomEvent makes sense or not: the clock must be told rightly of either.
func randomEvent(r *rand.Rand) (*Event, time.Time) {
	zones := []string{"America/New_York", "Africa/Nairobi", "Asia/Kathmandu", "Africa/Cairo", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe", "", "Nowhere/Land"}
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	// Around a change of the clock in some of the zones.
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(300*24*4)) * 15 * time.Minute)
	wall := func(d time.Duration) content.LocalTime {
		return content.LocalTime(base.Add(d).Format("2006-01-02T15:04"))
	}
	minutes := func(n int) time.Duration { return time.Duration(r.IntN(n)) * time.Minute }
	e := &Event{Status: pick(append(Enums["event_status"], "scheduled", "scheduled")...), Access: pick(Enums["access"]...),
		When: content.When{Start: wall(0), Zone: pick(zones...), Precision: pick("", "tbd", "month", "day", "time", "time", "time")}}
	switch r.IntN(4) {
	case 0:
		e.When.End = wall(minutes(5*24*60) - 24*time.Hour) // perhaps before the start
	case 1, 2:
		e.When.End = wall(minutes(300))
	}
	if r.IntN(5) > 1 {
		e.Registration.URL = "https://example.org"
	} else {
		e.Registration.Online = r.IntN(2) == 0
	}
	moment := func() (m content.Moment) {
		if r.IntN(3) > 0 {
			m = content.Moment{At: wall(minutes(60*24*60) - 50*24*time.Hour), Zone: pick(zones...)}
		}
		return m
	}
	e.Registration.Opens, e.Registration.Closes = moment(), moment()
	if r.IntN(8) == 0 {
		e.Registration.Closes = e.Registration.Opens
	}
	e.Join.OpensBefore = r.IntN(240) * r.IntN(2)
	for range r.IntN(3) {
		e.Commitments = append(e.Commitments, Commitment{Waived: r.IntN(2) == 0, Fulfilled: content.Date(pick("", "2026-08-01"))})
	}
	return e, base
}

// TestPhaseHoldsUntilItChanges: the site keeps a page until the instant the phase names. So up to then it must be the same,
// and then another.
func TestPhaseHoldsUntilItChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(2026, 7))
	seen := map[Phase]int{}
	for n := range 8000 {
		e, base := randomEvent(r)
		around := Around{Report: []string{"", "draft", "for_comment", "final"}[r.IntN(4)]}
		fail := func(now time.Time, format string, args ...any) {
			t.Helper()
			b, _ := json.Marshal(e)
			t.Fatalf("event %d at %s: "+format+"\n%s", append(append([]any{n, now}, args...), b)...)
		}
		now := base.AddDate(0, -3, 0)
		for step := 0; ; step++ {
			phase, until := e.Phase(now, around)
			seen[phase]++
			if until.IsZero() {
				for _, later := range []time.Duration{time.Nanosecond, time.Hour, 100 * 24 * time.Hour, 20 * 365 * 24 * time.Hour} {
					if p, _ := e.Phase(now.Add(later), around); p != phase {
						fail(now, "%s for ever, but %s %s later", phase, p, later)
					}
				}
				break
			}
			if !until.After(now) {
				fail(now, "%s until %s, which has passed", phase, until)
			}
			length := until.Sub(now)
			for _, d := range []time.Duration{time.Duration(r.Int64N(int64(length))), time.Duration(r.Int64N(int64(length))), length - 1} {
				p, u := e.Phase(now.Add(d), around)
				if p != phase || !u.Equal(until) {
					fail(now, "%s until %s, but %s later it is %s until %s", phase, until, d, p, u)
				}
			}
			if p, _ := e.Phase(until, around); p == phase {
				fail(now, "%s does not end at %s", phase, until)
			}
			if step > 12 {
				fail(now, "the phases do not come to an end")
			}
			now = until
		}
	}
	for _, p := range []Phase{PhaseSaveTheDate, PhaseAnnounced, PhaseRegistrationOpen, PhaseRegistrationClosed, PhaseLive, PhaseConcluded, PhaseDraftOutcome, PhaseOutcome,
		PhaseSettled, PhaseArchived, PhasePostponed, PhaseCancelled} {
		if seen[p] < 50 {
			t.Errorf("%s came only %d times", p, seen[p])
		}
	}
}

// TestListsAndPagesAgree: a list knows an event by its card and the page by what is published. Neither holds what only the
// staff sees, and both must tell the same phase as the panel.
func TestListsAndPagesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 2026))
	card := (&Event{}).Card()
	for range 3000 {
		e, base := randomEvent(r)
		parts := EventKind.Split(e)
		public, listed := content.Leaves{}, content.Leaves{}
		for path, v := range parts[content.Facts] {
			f := EventKind.Field(path)
			if f.Staff {
				continue
			}
			if public[path] = v; slices.Contains(card, f.Path) {
				listed[path] = v
			}
		}
		for name, leaves := range map[string]content.Leaves{"page": public, "list": listed} {
			v, err := EventKind.Join(content.Parts{content.Facts: leaves})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []time.Duration{-90 * 24 * time.Hour, -time.Hour, -20 * time.Minute, time.Hour, 100 * 24 * time.Hour} {
				want, until := e.Phase(base.Add(d), Around{})
				if got, u := v.(*Event).Phase(base.Add(d), Around{}); got != want || !u.Equal(until) {
					t.Fatalf("the %s says %s until %s, the panel %s until %s", name, got, u, want, until)
				}
			}
		}
	}
}
