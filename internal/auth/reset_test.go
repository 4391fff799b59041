package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// TestReset: a link works once, even for two at once, within its hour, and for an account that is open.
func TestReset(t *testing.T) {
	s, c := open(t)
	a := create(t, s, "ama@example.org")
	token := func(email string) (token string) {
		t.Helper()
		if err := s.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) (err error) {
			token, _, err = s.ResetToken(ctx, tx, email)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return token
	}
	told := func(context.Context, bun.Tx, Account) error { return nil }
	if got := token("nobody@example.org"); got != "" {
		t.Error("a token for nobody")
	}
	first, second := token("AMA@example.org"), token("ama@example.org")
	undone := errors.New("undone")
	if err := s.Reset(t.Context(), first, "a way to the mountains", func(context.Context, bun.Tx, Account) error { return undone }); !errors.Is(err, undone) || s.ResetOpen(t.Context(), first) != nil {
		t.Errorf("a person who cannot be told: %v", err)
	}
	var all sync.WaitGroup
	results := make(chan error, 4)
	for range 4 {
		all.Go(func() { results <- s.Reset(t.Context(), first, "a way to the mountains", told) })
	}
	all.Wait()
	close(results)
	worked := 0
	for err := range results {
		if err == nil {
			worked++
		} else if !errors.Is(err, ErrReset) {
			t.Error(err)
		}
	}
	if worked != 1 {
		t.Errorf("one link gave %d new passwords", worked)
	}
	if err := s.ResetOpen(t.Context(), second); !errors.Is(err, ErrReset) {
		t.Errorf("an older link, after the password was set: %v", err)
	}
	late := token("ama@example.org")
	c.forward(time.Hour + time.Second)
	if err := s.Reset(t.Context(), late, "a way to the valley", told); !errors.Is(err, ErrReset) {
		t.Errorf("after an hour: %v", err)
	}
	closed := token("ama@example.org")
	if err := s.Disable(t.Context(), System("test"), a.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := s.ResetOpen(t.Context(), closed); !errors.Is(err, ErrReset) || token("ama@example.org") != "" {
		t.Errorf("a closed account: %v", err)
	}
}
