package registration_test

import (
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// TestComingAllTheSame: when an event moves far, those with a place are asked; who cannot come frees a place for who waits,
// who does not answer keeps theirs and is seen to be silent; nobody is asked who was not there, and nothing happens twice.
func TestComingAllTheSame(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Capacity, e.Registration.Waitlist = 3, true })
	for _, who := range []string{"yes@example.org", "no@example.org", "silent@example.org"} {
		h.come(i18n.EN, who)
	}
	h.come(i18n.AR, "waits@example.org")
	if err := h.StillComes(ctx, h.token("yes@example.org")); err != nil || h.one("yes@example.org").Again != "" {
		t.Errorf("said without being asked: %v", err)
	}
	move := func(what string, day content.LocalTime) func(*kind.Event) {
		return func(e *kind.Event) {
			e.Status, e.When.Start, e.When.End = "rescheduled", day+"T09:00", day+"T11:00"
		}
	}
	ask := func(what string, f func(*kind.Event)) {
		t.Helper()
		before := ctx
		ctx = registration.Asking(registration.Telling(ctx, h.event, what))
		defer func() { ctx = before }()
		h.happens("", f)
	}
	ask("move", move("move", "2027-06-01"))
	for _, x := range []struct {
		who   string
		asked bool
	}{{"yes@example.org", true}, {"no@example.org", true}, {"silent@example.org", true}, {"waits@example.org", false}} {
		l := h.last(x.who, "change")
		if strings.Contains(l.Text, "#again") != x.asked || strings.Contains(l.Text, "Please tell us whether you still come") != x.asked || (h.one(x.who).Again == registration.AgainAsked) != x.asked {
			t.Errorf("%s is asked: %s, %q", x.who, l.Text, h.one(x.who).Again)
		}
	}
	for range 2 {
		h.must(h.StillComes(ctx, h.token("yes@example.org")))
		h.must(h.Withdraw(ctx, h.token("no@example.org")))
	}
	h.want("no@example.org", registration.Withdrawn)
	h.want("waits@example.org", registration.Confirmed)
	h.want("silent@example.org", registration.Confirmed)
	if err := h.StillComes(ctx, h.token("no@example.org")); err == nil {
		t.Error("whoever gave the place back has it by saying that they come")
	}
	list := func(again string, want string) *registration.List {
		t.Helper()
		l, err := h.List(ctx, staff, registration.Query{Event: h.event, Again: again})
		if err != nil || len(l.Rows) != 1 || l.Rows[0].Mail != want || l.Total != 1 {
			t.Errorf("%s: %v %+v", again, err, l)
		}
		return l
	}
	if l := list(registration.AgainAsked, "silent@example.org"); l.Silent != 1 || l.Comes != 1 {
		t.Errorf("%d silent, %d come", l.Silent, l.Comes)
	}
	one, err := h.Get(ctx, staff, h.event, h.id("yes@example.org"))
	if err != nil || strings.Count(func() (s string) {
		for _, x := range one.Log {
			s += x.Action + " "
		}
		return
	}(), "comes") != 1 {
		t.Errorf("the log: %v %+v", err, one)
	}
	// By telephone: only of who was asked.
	if d := h.decide(registration.Comes, "silent@example.org", "waits@example.org", "yes@example.org"); d.Done != 1 || d.Passed != 2 {
		t.Errorf("noted: %+v", d)
	}
	// Moved again, all are asked anew, and a mere correction asks nobody.
	ask("move", move("move", "2027-09-01"))
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Silent != 3 || l.Comes != 0 {
		t.Errorf("moved again: %v %+v", err, l)
	}
	h.happens("venue", func(e *kind.Event) { e.Status = "venue_changed" })
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Silent != 3 {
		t.Errorf("another room takes the question back: %v %d", err, l.Silent)
	}
	if strings.Contains(h.last("silent@example.org", "change").Text, "#again") {
		t.Error("asked by a letter about another room")
	}
	h.happens("cancel", func(e *kind.Event) { e.Status = "cancelled" })
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Silent != 0 {
		t.Errorf("asked about what does not take place: %v %d", err, l.Silent)
	}
}

// TestTheSilentAreAskedOnceMore: who has not answered gets one more letter, a week before the event and two days after the first
// at the earliest; who has answered gets none, nor who was never asked; and editors can change it like the others.
func TestTheSilentAreAskedOnceMore(t *testing.T) {
	h := open(t, 1, nil)
	for _, who := range []string{"yes@example.org", "silent@example.org"} {
		h.come(i18n.EN, who)
	}
	planned := func() bool {
		e, err := h.Event(ctx, h.event)
		h.must(err)
		return e.Form.Planned(registration.StillComing) != nil
	}
	if planned() {
		t.Error("nothing has happened, and there is a plan to ask")
	}
	reminded := func(who string) (n int) {
		for _, l := range h.letters {
			if l.To == who && strings.Contains(l.Cause, ":"+registration.StillComing+":") {
				n++
			}
		}
		return n
	}
	ask := func(day content.LocalTime) {
		t.Helper()
		before := ctx
		ctx = registration.Asking(registration.Telling(ctx, h.event, "move"))
		defer func() { ctx = before }()
		h.happens("", func(e *kind.Event) {
			e.Status, e.When.Start, e.When.End = "rescheduled", day+"T09:00", day+"T11:00"
		})
	}
	ask("2027-06-01")
	if !planned() {
		t.Fatal("who is silent will not be asked again")
	}
	h.must(h.StillComes(ctx, h.token("yes@example.org")))
	at := func(s string, want int) {
		t.Helper()
		now, err := time.Parse(time.DateTime, s)
		h.must(err)
		h.at(now)
		h.must(h.jobs[0].Drain(ctx))
		if got := reminded("silent@example.org"); got != want {
			t.Errorf("%s: %d letters to who is silent, want %d", s, got, want)
		}
	}
	at("2027-05-24 12:00:00", 0)
	h.come(i18n.EN, "new@example.org") // knows of the new day
	at("2027-05-25 07:00:00", 1)
	at("2027-05-27 12:00:00", 1)
	if l := h.last("silent@example.org", registration.StillComing); !strings.Contains(l.Text, "#again") || !strings.Contains(l.Text, "have not yet told us") || !strings.HasPrefix(l.Subject, "Do you still come?") {
		t.Error(l.Subject, l.Text)
	}
	// It moves again, and a week before comes too soon after the letter that asks: nobody is asked twice in two days.
	ask("2027-06-05")
	at("2027-05-29 07:00:00", 1)
	if h.one("yes@example.org").Again != registration.AgainAsked {
		t.Error("who answered for another day was not asked")
	}
	at("2027-05-29 13:00:00", 2)
	if reminded("yes@example.org") != 1 || reminded("new@example.org") != 1 {
		t.Errorf("others: %d, %d", reminded("yes@example.org"), reminded("new@example.org"))
	}
	at("2027-06-02 12:00:00", 2)
}
