package registration_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// offering is a house whose event holds a free place for a day; one place is there.
func offering(t *testing.T, change func(*kind.Event)) *house {
	return open(t, 1, func(e *kind.Event) {
		e.Registration.Capacity, e.Registration.OfferHours = 1, 24
		if change != nil {
			change(e)
		}
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// letter is the last one about a cause to somebody.
func (h *house) letter(to, cause string) string {
	h.t.Helper()
	for i := len(h.letters) - 1; i >= 0; i-- {
		if l := h.letters[i]; l.To == to && strings.HasPrefix(l.Cause, "registration."+cause+":") {
			return l.Subject + "\n" + l.Text
		}
	}
	h.t.Fatalf("no letter %s to %s", cause, to)
	return ""
}

func (h *house) id(mail string) string {
	h.t.Helper()
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: mail})
	if err != nil || len(l.Rows) != 1 {
		h.t.Fatal(mail, err)
	}
	return l.Rows[0].ID
}

// A free place is held for the next in line; it is taken, given up, or goes on to whoever comes after when the time is over.
func TestAnOfferedPlace(t *testing.T) {
	h := offering(t, nil)
	a, b, c, d := "a@example.org", "b@example.org", "c@example.org", "d@example.org"
	for _, who := range []string{a, b, c} {
		h.join(who)
	}
	h.come(i18n.AR, d)
	h.at(time.Date(2027, 3, 2, 12, 0, 0, 0, time.UTC))
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(b, registration.Offered)
	h.want(c, registration.Waitlisted)
	wantWords(t, h.letter(b, "offered"), "A place has become free for you", "Wednesday, 3 March 2027, 15:00, Nairobi (UTC+3)")
	if l := h.letters[len(h.letters)-1]; l.NotAfter.Sub(time.Date(2027, 3, 3, 12, 0, 0, 0, time.UTC)).Abs() > time.Second {
		t.Errorf("the letter may leave until %s", l.NotAfter)
	}
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Offered}); err != nil || l.Places != 1 || len(l.Rows) != 1 || l.Rows[0].OfferEnds.IsZero() {
		t.Error("the place is not held", l, err)
	}
	h.join("e@example.org")
	h.want("e@example.org", registration.Waitlisted)

	// Given up: the next is asked.
	h.must(h.Withdraw(ctx, h.token(b)))
	h.want(b, registration.Withdrawn)
	h.want(c, registration.Offered)

	// No answer: the task passes it on, and its owner goes to the end.
	h.pass("2027-03-03 14:59")
	h.want(c, registration.Offered)
	h.pass("2027-03-03 15:01")
	h.want(c, registration.Waitlisted)
	h.want(d, registration.Offered)
	if err := h.Accept(ctx, h.token(c)); problems(err) != ":offer_over" {
		t.Error("somebody else has it:", err)
	}
	wantWords(t, h.letter(d, "offered"), "2027", "نيروبي")
	wantWords(t, h.letter(c, "lapsed"), "now at its end")
	h.must(h.Accept(ctx, h.token(d)))
	h.must(h.Accept(ctx, h.token(d))) // pressed twice
	h.want(d, registration.Confirmed)
	if got := h.causes(d); got != "verify waitlisted offered confirmed" {
		t.Error(got)
	}

	// The next turn is e's, then c's, who now stands at the end and leaves the list when there is no answer again.
	h.must(h.Withdraw(ctx, h.token(d)))
	h.want("e@example.org", registration.Offered)
	h.must(h.Withdraw(ctx, h.token("e@example.org")))
	h.want(c, registration.Offered)
	h.join("f@example.org")
	h.pass("2027-03-05 15:00")
	h.want(c, registration.Withdrawn)
	h.want("f@example.org", registration.Offered)
	wantWords(t, h.letter(c, "lapsed_again"), "no longer on the waiting list")
	h.must(h.Return(ctx, h.token(c))) // they may come again
	h.want(c, registration.Waitlisted)
}

// An offer that ended is one that ended, however late the task is. While nobody else could have the place it can still be
// taken; whoever comes then has it at once.
func TestALateAnswer(t *testing.T) {
	h := offering(t, nil)
	a, b, c := "a@example.org", "b@example.org", "c@example.org"
	h.join(a)
	h.join(b)
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(b, registration.Offered)
	h.pass("2027-03-05 12:00")
	h.want(b, registration.Offered) // nobody else wants it
	if got := h.causes(b); got != "verify waitlisted offered" {
		t.Error(got)
	}
	e, err := h.Event(ctx, h.event)
	h.must(err)
	if n, err := h.Places(ctx, e, "", ""); n != 1 || err != nil {
		t.Errorf("%d places can be had, %v", n, err)
	}
	h.must(h.Accept(ctx, h.token(b)))
	h.want(b, registration.Confirmed)

	h.join(c)
	h.must(h.Withdraw(ctx, h.token(b)))
	h.at(time.Date(2027, 3, 7, 12, 0, 0, 0, time.UTC)) // and no task runs
	h.join("d@example.org")
	h.want("d@example.org", registration.Confirmed)
	h.want(c, registration.Waitlisted)

	h.must(h.Withdraw(ctx, h.token("d@example.org")))
	h.join("e@example.org")
	h.want(c, registration.Offered)
	h.at(time.Date(2027, 3, 9, 12, 0, 0, 0, time.UTC))
	if err := h.Accept(ctx, h.token(c)); problems(err) != ":offer_over" {
		t.Error("too late:", err)
	}
	h.want(c, registration.Withdrawn) // the second time, and kept though the answer was refused
	h.want("e@example.org", registration.Offered)
}

// No offer outlasts the start of the event; there nobody is asked any more, nor where there is hardly time.
func TestOffersEndWhereTheEventBegins(t *testing.T) {
	h := offering(t, nil)
	a, b, c := "a@example.org", "b@example.org", "c@example.org"
	for _, who := range []string{a, b, c} {
		h.join(who)
	}
	h.pass("2027-03-31 20:00")
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(b, registration.Offered)
	wantWords(t, h.letter(b, "offered"), "Thursday, 1 April 2027, 09:00")
	h.pass("2027-04-01 09:00")
	h.want(c, registration.Confirmed)
	h.want(b, registration.Waitlisted)
	h.must(h.Withdraw(ctx, h.token(c)))
	h.want(b, registration.Confirmed)

	h = offering(t, nil)
	h.join(a)
	h.join(b)
	h.pass("2027-04-01 08:05")
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(b, registration.Confirmed)

	// It is moved forward: what was told is shorter.
	h = offering(t, func(e *kind.Event) { e.Registration.OfferHours = 240 })
	for _, who := range []string{a, b, c} {
		h.join(who)
	}
	h.must(h.Withdraw(ctx, h.token(a)))
	h.happens("move", func(e *kind.Event) {
		e.Previous, e.Status = e.When, "rescheduled"
		e.When.Start, e.When.End = "2027-03-04T09:00", "2027-03-04T11:00"
	})
	h.wantTold(b, "change") // they are told like all the others
	h.want(b, registration.Offered)
	h.pass("2027-03-04 09:01")
	h.want(b, registration.Waitlisted)
	h.want(c, registration.Confirmed)
}

// What staff and the rest of registration make of an offer.
func TestOffersElsewhere(t *testing.T) {
	h := offering(t, func(e *kind.Event) {
		e.Registration.Capacity, e.Registration.ListMode = 2, registration.ListOfficial
		e.Registration.Categories = []registration.Category{{Item: item("one"), Name: content.L("en", "One"), Capacity: 1}, {Item: item("two"), Name: content.L("en", "Two"), Capacity: 1}}
	})
	a, b, c, d := "a@example.org", "b@example.org", "c@example.org", "d@example.org"
	h.join(a, "category", "one")
	h.join(b, "category", "one")
	h.join(c, "category", "one")
	if _, err := h.Add(ctx, staff, h.event, registration.Phone, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {"No mailbox"}, "category": {"one"}}}); err != nil {
		t.Fatal(err)
	}
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(b, registration.Offered)
	h.join(d, "category", "two") // a place of another category is not held
	h.want(d, registration.Confirmed)

	var file bytes.Buffer
	h.must(h.Export(ctx, staff, registration.Query{Event: h.event, Search: b}, sheet.CSV, &file, func(key string) string { return h.Catalogue.T(i18n.EN, key) }, i18n.EN))
	wantWords(t, file.String(), "Place held until", "Place offered,,2027-03-02T12:00:00Z,")

	stats, err := h.Statistics(ctx, staff, h.event)
	h.must(err)
	if stats.Registered != (registration.Figure{Few: true}) {
		t.Errorf("%+v", stats.Registered)
	}
	if !registration.Offered.TakesPart() {
		t.Error("who is offered a place takes no part")
	}
	decide := func(op registration.Op, who string) {
		t.Helper()
		if d, err := h.Decide(ctx, staff, h.event, []string{h.id(who)}, op); err != nil || d.Done != 1 {
			t.Fatal(op, d, err)
		}
	}
	decide(registration.Approve, b)
	h.want(b, registration.Confirmed)
	decide(registration.Withdraw, b)
	h.want(c, registration.Offered)
	decide(registration.Decline, c)
	h.want("No mailbox", registration.Confirmed) // who cannot be asked is not

	// The day itself: on the list at the door, and back where they were; not absent, and not on the list of participants.
	h.change(func(r *kind.Registration) { r.OfferHours = 300 })
	h.pass("2027-03-31 09:00")
	h.join("e@example.org", "category", "one")
	decide(registration.Withdraw, "No mailbox")
	e := "e@example.org"
	h.want(e, registration.Offered)
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event, Door: true}); err != nil || l.Total != 2 {
		t.Error(l.Total, err)
	}
	decide(registration.Attend, e)
	decide(registration.Unmark, e)
	h.want(e, registration.Offered)
	h.pass("2027-04-01 09:30")
	at, err := h.Event(ctx, h.event)
	h.must(err)
	if list, err := h.Participants(ctx, at); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	if n, err := h.MarkAbsent(ctx, staff, h.event, false); err != nil || n != 1 {
		t.Error(n, err)
	}
	h.want(e, registration.Offered)
	h.must(h.Accept(ctx, h.token(e))) // nobody else wants it, and the meeting goes on
	h.want(e, registration.Confirmed)
	h.pass("2027-04-01 12:00")
	if err := h.Accept(ctx, h.token(c)); problems(err) != ":offer_over" {
		t.Error(err)
	}
}

// A capacity lowered below what is held leaves offers their time, and no longer.
func TestOffersOverALowerCapacity(t *testing.T) {
	h := offering(t, func(e *kind.Event) { e.Registration.Capacity = 2 })
	a, b, c := "a@example.org", "b@example.org", "c@example.org"
	for _, who := range []string{a, b, c} {
		h.join(who)
	}
	h.must(h.Withdraw(ctx, h.token(a)))
	h.want(c, registration.Offered)
	h.change(func(r *kind.Registration) { r.Capacity = 1 })
	h.want(c, registration.Offered)
	h.pass("2027-03-02 15:01")
	h.want(c, registration.Waitlisted) // the place is not there any more
	if err := h.Accept(ctx, h.token(c)); problems(err) != ":offer_over" {
		t.Error(err)
	}
	h.must(errors.Join(h.Withdraw(ctx, h.token(b))))
	h.want(c, registration.Offered)

	// While the event is off nothing moves, and what is held can be taken.
	h.join("d@example.org")
	h.happens("", func(e *kind.Event) { e.Status = "postponed" })
	h.pass("2027-03-20 12:00")
	h.want(c, registration.Offered)
	h.must(h.Accept(ctx, h.token(c)))
	h.want(c, registration.Confirmed)
}
