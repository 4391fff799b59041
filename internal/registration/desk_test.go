package registration_test

import (
	"testing"

	"plenary/internal/content"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// TestDesk: what waits around an event is told in numbers, from the first who waits for a decision to those who have not been told.
func TestDesk(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Approval = registration.Manual })
	desk := func() registration.Desk {
		t.Helper()
		e, err := h.all[0].Content.Get(ctx, staff, h.event)
		if err != nil {
			t.Fatal(err)
		}
		d, err := h.Desk(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if got := desk(); got != (registration.Desk{}) {
		t.Errorf("nobody has registered: %+v", got)
	}
	before := h.now
	h.join("first@example.org")
	after := h.now
	h.pass("2027-03-05 09:00")
	h.join("second@example.org")
	if got := desk(); got.Pending.Before(before) || got.Pending.After(after) || got.Taken != 0 || got.Untold || got.Attended {
		t.Errorf("two wait: %+v, from %s to %s", got, before, after)
	}
	list, err := h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Pending})
	if err == nil {
		_, err = h.Decide(ctx, staff, h.event, []string{list.Rows[0].ID, list.Rows[1].ID}, registration.Approve)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := desk(); got != (registration.Desk{Taken: 2}) {
		t.Errorf("both have a place: %+v", got)
	}
	h.happens("", func(e *kind.Event) { e.Status, e.StatusNote = "cancelled", content.L("en", "No money.") })
	if got := desk(); !got.Untold {
		t.Errorf("cancelled, and nobody knows: %+v", got)
	}
	h.happens(registration.Undone, func(e *kind.Event) { e.Status, e.StatusNote = "scheduled", nil })
	h.happens("cancel", func(e *kind.Event) { e.Status, e.StatusNote = "cancelled", content.L("en", "No money.") })
	if got := desk(); got.Untold {
		t.Errorf("they have been told: %+v", got)
	}
}
