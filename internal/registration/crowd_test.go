package registration_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// TestTenThousand people have registered: they are listed, found, counted and exported, all of them; fewer places than are
// taken throw nobody out, and who comes then waits.
func TestTenThousand(t *testing.T) {
	const people = 10_000
	h := open(t, 1, func(e *kind.Event) { e.Registration.Capacity = 2 * people })
	if err := h.all[0].DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		const some = 500
		for i := 0; i < people; i += some {
			var values []string
			for n := i; n < i+some; n++ {
				values = append(values, fmt.Sprintf("('r%05d', '%s', 'confirmed', 'p%05d@example.org', 'p%05d@example.org', 'Person %05d', 'person %05d', '%s', 'web', '{}', '{}', '2027-02-01 10:00:00+00:00', '2027-02-01 10:00:00+00:00')",
					n, h.event, n, n, n, n, i18n.All[n%len(i18n.All)]))
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO registrations (id, event_id, state, mail, mail_key, name, find, locale, channel, answers, consents, created_at, updated_at) VALUES "+strings.Join(values, ", ")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	list := func(q registration.Query, total, rows int) *registration.List {
		t.Helper()
		q.Event = h.event
		l, err := h.List(ctx, staff, q)
		if err != nil || l.Total != total || len(l.Rows) != rows {
			t.Fatalf("%+v: %d of %d, %v", q, len(l.Rows), l.Total, err)
		}
		return l
	}
	if l := list(registration.Query{Limit: 50}, people, 50); l.Places != people || l.States[registration.Confirmed] != people || len(l.Locales) != len(i18n.All) {
		t.Errorf("%d places, %v, %v", l.Places, l.States, l.Locales)
	}
	list(registration.Query{Limit: 50, Offset: people - 20}, people, 20)
	if l := list(registration.Query{Limit: 50, Search: "person 07777"}, 1, 1); l.Rows[0].ID != "r07777" {
		t.Errorf("found %+v", l.Rows[0])
	}
	if n, err := h.Statistics(ctx, staff, h.event); err != nil || n.Registered.N != people {
		t.Errorf("%+v %v", n, err)
	}
	var out bytes.Buffer
	if err := h.Export(ctx, staff, registration.Query{Event: h.event}, sheet.CSV, &out, func(key string) string { return key }, i18n.EN); err != nil {
		t.Fatal(err)
	}
	if rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\ufeff")))).ReadAll(); err != nil || len(rows) != people+1 {
		t.Errorf("%d lines, %v", len(rows), err)
	}

	h.change(func(r *kind.Registration) { r.Capacity = 100 })
	if l := list(registration.Query{Limit: 1}, people, 1); l.Places != people {
		t.Errorf("%d places after there are fewer", l.Places)
	}
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := h.Places(ctx, e, "", ""); err != nil || left != 0 {
		t.Errorf("%d places are left, %v", left, err)
	}
	h.join("late@example.org")
	if l := list(registration.Query{Limit: 50, State: registration.Waitlisted}, 1, 1); l.Rows[0].Mail != "late@example.org" {
		t.Errorf("%+v waits", l.Rows[0])
	}
}
