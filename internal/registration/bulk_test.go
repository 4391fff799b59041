package registration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// TestDecidingOnAll: what a filter finds is decided on, as many as were shown and no others, each once, however often the work
// is stopped and whoever does it; and it is taken back as one.
func TestDecidingOnAll(t *testing.T) {
	h := open(t, 2, func(e *kind.Event) {
		e.Registration.Approval, e.Registration.Capacity, e.Registration.Waitlist = registration.Manual, 100, false
	})
	h.join("first@example.org")
	d := h.all[0].DB
	if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for i := range 129 {
			mail := fmt.Sprintf("p%03d@example.org", i)
			country := []string{"KE", "KE", "FR"}[i%3]
			if _, err := tx.NewRaw(`INSERT INTO registrations (id, event_id, state, mail, mail_key, name, find, country, locale, channel, answers, consents, created_at, updated_at)
				VALUES (?, ?, 'pending', ?, ?, 'P', ?, ?, 'en', 'web', '{}', '{}', ?, ?)`, fmt.Sprintf("r%06d", i), h.event, mail, mail, mail, country, start, start).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	states := func(q registration.Query) map[registration.State]int {
		t.Helper()
		q.Event = h.event
		l, err := h.List(ctx, staff, q)
		h.must(err)
		return l.States
	}
	pending := registration.Query{Event: h.event, State: registration.Pending, Limit: 50, Offset: 50}
	found, err := h.Find(ctx, staff, pending)
	if err != nil || found.Total != 130 || found.Fits[registration.Approve] != 130 || found.Fits[registration.Restore] != 0 || found.Fits[registration.Comes] != 0 || found.Busy != nil {
		t.Fatalf("found: %v %+v", err, found)
	}
	if _, err := h.DecideAll(ctx, staff, pending, registration.Approve, 129); !errors.Is(err, registration.ErrOtherNumber) {
		t.Errorf("another number: %v", err)
	}
	for name, who := range map[string]*auth.Actor{"observer": h.actor("observer", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite}), "another": h.actor("another", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "other"})} {
		if _, err := h.DecideAll(ctx, who, pending, registration.Approve, 130); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s decides: %v", name, err)
		}
	}
	id, err := h.DecideAll(ctx, staff, pending, registration.Approve, 130)
	h.must(err)
	h.join("late@example.org") // is found by the filter, but was not there
	if _, err := h.DecideAll(ctx, staff, pending, registration.Decline, 131); err == nil {
		t.Error("two at once")
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_ = h.jobs[0].Drain(stopped)
	h.must(h.jobs[1].Drain(ctx))
	h.must(h.jobs[0].Drain(ctx))
	b, err := h.BulkOf(ctx, staff, h.event, id)
	if err != nil || b.State != registration.BulkDone || b.Left != 0 || b.Done != 100 || b.Full != 30 || b.Undo != registration.Decline {
		t.Errorf("%v %+v", err, b)
	}
	if got := states(registration.Query{}); got[registration.Confirmed] != 100 || got[registration.Pending] != 31 {
		t.Errorf("states: %v", got)
	}
	if h.state("p098@example.org") != registration.Confirmed || h.state("p128@example.org") != registration.Pending {
		t.Error("not in the order they came")
	}
	if x, err := h.Lately(ctx, staff, h.event); err != nil || x == nil || x.ID != id {
		t.Errorf("lately: %v %+v", err, x)
	}
	if _, err := h.BulkOf(ctx, staff, "another", id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("of another event: %v", err)
	}

	// Somebody has come in the meantime: who is taken back are those who still are where they were put.
	h.decide(registration.Withdraw, "p001@example.org")
	undo, err := h.UndoAll(ctx, staff, h.event, id)
	h.must(err)
	h.must(h.jobs[0].Drain(ctx))
	if x, err := h.BulkOf(ctx, staff, h.event, undo); err != nil || x.Done != 99 || x.Passed != 1 || x.Undo != "" || x.Undoes != id {
		t.Errorf("taken back: %v %+v", err, x)
	}
	if got := states(registration.Query{}); got[registration.Confirmed] != 0 || got[registration.Declined] != 99 || got[registration.Withdrawn] != 1 {
		t.Errorf("states: %v", got)
	}
	if _, err := h.UndoAll(ctx, staff, h.event, id); err == nil {
		t.Error("taken back twice")
	}

	// Only what the filter finds; stopped, the rest stays as it is.
	kenya := registration.Query{Event: h.event, Country: "KE"} // and of these only whom it fits
	found, err = h.Find(ctx, staff, kenya)
	h.must(err)
	if found.Total <= found.Fits[registration.Approve] {
		t.Fatalf("found: %+v", found)
	}
	id, err = h.DecideAll(ctx, staff, kenya, registration.Approve, found.Fits[registration.Approve])
	h.must(err)
	h.must(h.StopAll(ctx, staff, h.event, id))
	h.must(h.jobs[0].Drain(ctx))
	if x, err := h.BulkOf(ctx, staff, h.event, id); err != nil || x.State != registration.BulkStopped || x.Done != 0 || x.Left != found.Fits[registration.Approve] || x.Total != x.Left || x.Undo != "" {
		t.Errorf("stopped: %v %+v", err, x)
	}
	// Taken back from the public, nothing is decided any more.
	id, err = h.DecideAll(ctx, staff, kenya, registration.Approve, found.Fits[registration.Approve])
	h.must(err)
	h.must(h.all[0].Content.Unpublish(ctx, staff, h.event, []i18n.Locale{i18n.EN}))
	h.must(h.jobs[0].Drain(ctx))
	if x, err := h.BulkOf(ctx, staff, h.event, id); err != nil || x.State != registration.BulkStopped || x.Done != 0 {
		t.Errorf("not public: %v %+v", err, x)
	}
}
