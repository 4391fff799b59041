package registration_test

import (
	"errors"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

func (h *house) one(mail string) *registration.Registration {
	h.t.Helper()
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: mail})
	if err != nil || len(l.Rows) != 1 {
		h.t.Fatalf("%s: %v, %d found", mail, err, len(l.Rows))
	}
	return l.Rows[0]
}

func (h *house) decide(op registration.Op, mails ...string) registration.Decided {
	h.t.Helper()
	var ids []string
	for _, m := range mails {
		ids = append(ids, h.one(m).ID)
	}
	d, err := h.Decide(ctx, staff, h.event, ids, op)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// One press marks who is there, and another takes it back to where they were, the turn on the waiting list included. Nobody
// loses a place by it, nobody gets a letter.
func TestAttendance(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Capacity = 2 })
	for _, m := range []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"} {
		h.join(m)
	}
	h.want("c@example.org", registration.Waitlisted)
	turn := h.one("c@example.org").Queue
	if d := h.decide(registration.Attend, "a@example.org", "c@example.org"); d.Done != 2 {
		t.Errorf("%+v", d)
	}
	h.want("a@example.org", registration.Attended)
	h.want("c@example.org", registration.Attended)
	if err := h.Withdraw(ctx, h.token("a@example.org")); err == nil {
		t.Error("who was there withdraws")
	}
	if d := h.decide(registration.Attend, "a@example.org"); d.Done != 0 || d.Passed != 1 {
		t.Errorf("marked twice: %+v", d)
	}
	h.decide(registration.Unmark, "a@example.org", "c@example.org")
	h.want("a@example.org", registration.Confirmed)
	h.want("c@example.org", registration.Waitlisted)
	if got := h.one("c@example.org").Queue; got != turn || turn == 0 {
		t.Errorf("turn %d, was %d", got, turn)
	}
	if got := h.causes("c@example.org"); got != "verify waitlisted" {
		t.Error("letters:", got)
	}
	// The rest are absent, once it has begun.
	if _, err := h.MarkAbsent(ctx, staff, h.event, false); problems(err) != ":attendance.not_begun" {
		t.Error(err)
	}
	h.at(h.value.When.Starts())
	h.decide(registration.Attend, "a@example.org")
	id, err := h.WalkIn(ctx, staff, h.event, registration.Submission{Locale: "en", Values: map[string][]string{"name": {"Zoe"}}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := h.MarkAbsent(ctx, staff, h.event, false); n != 1 || err != nil {
		t.Error(n, err)
	}
	h.want("b@example.org", registration.Absent)
	h.want("d@example.org", registration.Waitlisted)
	if n, err := h.MarkAbsent(ctx, staff, h.event, true); n != 1 || err != nil {
		t.Error(n, err)
	}
	h.want("b@example.org", registration.Confirmed)
	door, err := h.List(ctx, staff, registration.Query{Event: h.event, Door: true})
	if err != nil || door.Total != 3 || door.Rows[0].Name != "Person a" || door.Rows[2].ID != id || door.Rows[2].Channel != registration.OnSite || door.States[registration.Attended] != 2 {
		t.Errorf("%+v, %v", door, err)
	}
	if door, err = h.List(ctx, staff, registration.Query{Event: h.event, Door: true, Search: "person D"}); err != nil || door.Total != 1 {
		t.Errorf("who waits is not found at the door: %v", err)
	}
}

// A pass names the registration to staff of its event only, cannot be made up, and opens no private page.
func TestPass(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	r := h.one("a@example.org")
	pass, err := h.Pass(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	mine := h.actor("mine", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: h.event})
	if one, event, err := h.ByPass(ctx, mine, pass); err != nil || one.ID != r.ID || event != h.event {
		t.Error(one, err)
	}
	others := h.actor("others", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"})
	editor := h.actor("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for _, who := range []*auth.Actor{others, editor, nil} {
		if _, _, err := h.ByPass(ctx, who, pass); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%v: %v", who, err)
		}
	}
	id, signed, _ := strings.Cut(pass, ".")
	for _, bad := range []string{"", id, id + ".", id + "." + strings.Repeat("0", len(signed)), "x." + signed} {
		if _, _, err := h.ByPass(ctx, mine, bad); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := h.Own(ctx, signed); !errors.Is(err, db.ErrNotFound) {
		t.Error("a pass opens a private page:", err)
	}
}
