package admin

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// TestRightsThatEnd follows the letters: who gave a right is asked after half a year, its holder is told that it ends if nobody answers,
// and what ends by itself is told of a week before. Each once, however often the task runs.
func TestRightsThatEnd(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	manager := h.account("manager@example.org", site(auth.SiteManager))
	partner := h.account("partner@example.org")
	who, err := h.auth.ActorOf(ctx, manager.ID)
	h.must(err)
	soon := db.Now().Add(6 * 24 * time.Hour)
	old, err := h.auth.AddGrant(ctx, who, auth.Grant{AccountID: partner.ID, Role: auth.Observer, Scope: auth.ScopeSite})
	h.must(err)
	short, err := h.auth.AddGrant(ctx, who, auth.Grant{AccountID: partner.ID, Role: auth.Translator, Scope: auth.ScopeSite, Until: &soon})
	h.must(err)
	set := func(column string, at time.Time, id string) {
		t.Helper()
		h.must(h.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Table("grants").Set("? = ?", bun.Ident(column), at).Where("id = ?", id).Exec(ctx)
			return err
		}))
	}
	type letter struct{ To, Subject, Text string }
	seen := 0
	run := func() []letter {
		t.Helper()
		for range 2 {
			h.must(h.TellOfRights(ctx))
		}
		var all []letter
		h.must(h.db.Read().NewRaw("SELECT to_address AS \"to\", subject, body AS text FROM letters ORDER BY created_at, id").Scan(ctx, &all))
		fresh := all[seen:]
		seen = len(all)
		return fresh
	}
	if got := run(); len(got) != 0 {
		t.Fatalf("at once: %+v", got)
	}
	set("created_at", db.Now().Add(-auth.ConfirmEvery-time.Hour), old.ID)
	got := run()
	if len(got) != 1 || got[0].To != "manager@example.org" || !strings.Contains(got[0].Text, "Person partner") || !strings.Contains(got[0].Text, "Observer") || !strings.Contains(got[0].Text, "/admin/rights?state=due") {
		t.Fatalf("after half a year: %+v", got)
	}
	if p := h.signIn("manager@example.org"); p.page("/admin/rights?state=due").Find("button[value^=confirm]").Length() != 1 {
		t.Error("nothing to confirm on the page")
	}
	set("asked_at", db.Now().Add(-auth.ConfirmWait-time.Hour), old.ID)
	if got = run(); len(got) != 1 || got[0].To != "partner@example.org" || !strings.Contains(got[0].Text, "Observer") || !strings.Contains(got[0].Text, "manager@example.org") {
		t.Fatalf("nobody answered: %+v", got)
	}
	grants, err := h.auth.Grants(ctx, who, partner.ID)
	h.must(err)
	for _, g := range grants {
		if g.ID == old.ID && (g.Ends() == nil || g.Ends().After(db.Now().Add(auth.ConfirmEnd))) {
			t.Errorf("it ends %v", g.Ends())
		}
	}
	set("created_at", db.Now().Add(-10*24*time.Hour), short.ID)
	if got = run(); len(got) != 1 || got[0].To != "partner@example.org" || !strings.Contains(got[0].Text, "Translator") {
		t.Fatalf("a week before its end: %+v", got)
	}
	b := h.signIn("manager@example.org")
	if p := b.post("/admin/rights", "op", "confirm "+old.ID); p.to != "/admin/rights" {
		t.Errorf("confirmed: %d to %s", p.status, p.to)
	}
	if b.page("/admin/rights?state=due").Find("button[value^=confirm]").Length() != 0 {
		t.Error("confirmed, and still waiting")
	}
}
