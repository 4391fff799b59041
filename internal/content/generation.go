package content

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// The site's generation is a number in the database that every change to what the public sees raises, in its
// transaction. Whoever keeps something made from published entries keeps beside it what Generation says, and throws it
// away when that has moved.

const generationTopic = "generation"

// generation counts the changes that this instance has heard of. It is not the database's number: looking can fail, and
// two looks can end in the other order, so only a number that never comes back is safe to keep pages under.
type generation struct {
	heard atomic.Int64
	seen  atomic.Int64 // the database's number at the last look
}

// Generation gives a number that is another after every change that this instance has heard of.
func (s *Store) Generation() int64 { return s.site.heard.Load() }

// Start reads the generation and follows it: by notices at once, and by looking now and then in case one was lost.
// Watch is to be called every few seconds.
func (s *Store) Start(ctx context.Context) error {
	if err := s.startDerived(ctx); err != nil {
		return err
	}
	s.DB.OnNotice(generationTopic, func(string) {
		s.site.heard.Add(1) // even if the look fails
		_ = s.Watch(context.WithoutCancel(ctx))
	})
	return s.Watch(ctx)
}

// Watch looks at the generation in the database.
func (s *Store) Watch(ctx context.Context) error {
	var n int64
	if err := s.DB.Read().NewRaw("SELECT n FROM generations WHERE name = 'site'").Scan(ctx, &n); err != nil {
		return fmt.Errorf("generation: %w", db.Normalize(err))
	}
	if s.site.seen.Swap(n) != n {
		s.site.heard.Add(1)
	}
	return nil
}

func (s *Store) raise(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.NewRaw("UPDATE generations SET n = n + 1 WHERE name = 'site'").Exec(ctx); err != nil {
		return fmt.Errorf("generation: %w", err)
	}
	return s.DB.Notify(ctx, tx, generationTopic, "")
}

// RaiseTx throws away what is kept of the public site, for changes outside entries: settings, files. The caller calls
// Changed after the commit.
func (s *Store) RaiseTx(ctx context.Context, tx bun.Tx) error { return s.raise(ctx, tx) }

// change runs f in a transaction and tells this instance of it before returning, so that whoever published something
// sees it on their next request.
func (s *Store) change(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	if err := s.DB.InTx(ctx, f); err != nil {
		return err
	}
	s.Changed()
	return nil
}

// Changed tells this instance that a transaction that changed what the public sees has been committed.
func (s *Store) Changed() { s.DB.Delivered(generationTopic, "") }
