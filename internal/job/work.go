package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Run does what is due until ctx ends. Tasks that are being done then are told by their context, and handed back where
// they give up.
func (q *Queue) Run(ctx context.Context) {
	if !q.db.Postgres() {
		// One process owns an SQLite file: what is running there ran in a process that has ended.
		if err := q.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*row)(nil)).Set("state = ?", Waiting).Where("state = ?", Running).Exec(ctx)
			return err
		}); err != nil && ctx.Err() == nil {
			slog.Error("tasks of the last run stay where they are", "error", err)
		}
	}
	p := q.newPool()
	defer p.Wait()
	for ctx.Err() == nil {
		pause := q.opts.Poll
		if err := q.start(ctx, p); err != nil {
			if ctx.Err() == nil {
				slog.Warn("tasks wait", "error", err)
			}
		} else if next, err := q.next(ctx); err == nil && !next.IsZero() {
			pause = min(pause, next.Sub(q.now()))
		}
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-time.After(pause):
		}
	}
}

// Drain does all that is due by the queue's clock, and returns.
func (q *Queue) Drain(ctx context.Context) error {
	p := q.newPool()
	defer p.Wait()
	return q.start(ctx, p)
}

// pool is the tasks being done.
type pool struct {
	sync.WaitGroup
	free chan struct{}
}

func (q *Queue) newPool() *pool { return &pool{free: make(chan struct{}, q.opts.Workers)} }

// start takes up what is due, task by task, as hands are free, until nothing is.
func (q *Queue) start(ctx context.Context, p *pool) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p.free <- struct{}{}:
		}
		r, err := q.take(ctx)
		if r == nil {
			<-p.free
			return err
		}
		p.Go(func() {
			defer func() { <-p.free }()
			q.do(ctx, r)
		})
	}
}

// due limits a query to tasks whose time has come and that nobody does. Leases are told by the server's clock, which is
// the same for all instances; on SQLite there is one instance, and they have no end.
func (q *Queue) due(sel *bun.SelectQuery) *bun.SelectQuery {
	sel = sel.Where("kind IN (?)", q.kinds())
	return sel.WhereGroup(" AND ", func(sel *bun.SelectQuery) *bun.SelectQuery {
		sel = sel.Where("state = ? AND due_at <= ?", Waiting, q.now())
		if q.db.Postgres() {
			sel = sel.WhereOr("state = ? AND lease_until < clock_timestamp()", Running)
		}
		return sel
	})
}

func (q *Queue) kinds() any { return bun.In(slices.Sorted(maps.Keys(q.funcs))) }

// take leases one task that is due; nil if there is none.
func (q *Queue) take(ctx context.Context) (*Run, error) {
	if len(q.funcs) == 0 {
		return nil, nil
	}
	var lease any = longAgo
	if q.db.Postgres() {
		lease = schema.SafeQuery("clock_timestamp() + ? * interval '1 millisecond'", []any{q.opts.Lease.Milliseconds()})
	}
	for {
		var got row
		err := q.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			one := q.due(tx.NewSelect().Model((*row)(nil)).Column("id")).Order("due_at", "id").Limit(1)
			if q.db.Postgres() {
				one = one.For("UPDATE SKIP LOCKED")
			}
			return tx.NewUpdate().Model(&got).Set("state = ?", Running).Set("attempts = attempts + 1").Set("taken = taken + 1").Set("lease_until = ?", lease).
				Where("id = (?)", one).Returning("*").Scan(ctx)
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("take a task: %w", err)
		}
		r := &Run{ID: got.ID, Kind: got.Kind, Attempt: got.Attempts, q: q, args: got.Args, taken: got.Taken}
		if got.Key != nil {
			r.Key = *got.Key
		}
		if got.Attempts <= q.opts.Attempts {
			return r, nil
		}
		// It ended with the program each time: no error was ever written down.
		q.finish(ctx, r, Never(errors.New("interrupted at each attempt")))
	}
}

// do does one task and writes down what came of it.
func (q *Queue) do(ctx context.Context, r *Run) {
	// An instance that has lost its lease has given up before.
	limited, cancel := context.WithTimeout(ctx, q.opts.Lease*9/10)
	defer cancel()
	q.finish(ctx, r, caught(limited, r, q.funcs[r.Kind]))
}

// caught makes an error of a panic.
func caught(ctx context.Context, r *Run, f Func) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx, r)
}

// pauseAfter is how long to wait after the nth attempt: 10 s, 30 s, 90 s … 6 h.
func pauseAfter(n int) time.Duration {
	d := 10 * time.Second
	for ; n > 1 && d < 6*time.Hour; n-- {
		d *= 3
	}
	return min(d, 6*time.Hour)
}

// finish writes down what came of an attempt. While the database is away it tries again, until its lease would have ended.
func (q *Queue) finish(ctx context.Context, r *Run, failure error) {
	stopped := failure != nil && ctx.Err() != nil
	if failure != nil && !stopped {
		logFailure(r, failure)
	}
	if failure == nil && r.ended {
		return
	}
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.opts.Lease)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		err := q.db.InTx(write, func(ctx context.Context, tx bun.Tx) error {
			if failure == nil {
				return r.Done(ctx, tx)
			}
			u := tx.NewUpdate().Model((*row)(nil)).Where("id = ? AND taken = ? AND state = ?", r.ID, r.taken, Running)
			text := failure.Error()
			text = strings.ReplaceAll(strings.ToValidUTF8(text[:min(len(text), 2000)], ""), "\x00", "")
			u = u.Set("error = ?", text)
			var final never
			switch {
			case stopped: // handed back: no fault of the task
				u = u.Set("state = ?", Waiting).Set("attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END").Set("again = ?", false)
			case errors.As(failure, &final) || r.Attempt >= q.opts.Attempts:
				u = u.Set("state = CASE WHEN again THEN ? ELSE ? END", Waiting, Failed).Set("again = ?", false)
			default:
				// Queued again meanwhile: then that time counts.
				u = u.Set("state = ?", Waiting).Set("due_at = CASE WHEN again THEN due_at ELSE ? END", q.now().Add(pauseAfter(r.Attempt))).Set("again = ?", false)
			}
			_, err := u.Exec(ctx)
			return err
		})
		if err == nil || errors.Is(err, ErrLost) {
			return
		}
		select {
		case <-write.Done():
			slog.Error("a task's end could not be written down", "task", r.Kind, "id", r.ID, "error", err)
			return
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
