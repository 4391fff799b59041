// Package job is work for later, queued in the caller's transaction: there is no change without the work that follows
// from it, and no work without its change.
//
// A task is done at least once. Its function may end it within its own transaction (Run.Done): what that transaction
// writes is then written once.
package job

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Task is work to be done once At has come.
type Task struct {
	Kind string    // which function does it
	Args any       // for the function, as JSON: ids rather than contents
	Key  string    // a second task with the same key replaces the first; empty: each is its own
	At   time.Time // not before; zero: at once
}

// Func does a task. An error has it tried again later, save one that Never made. It ends with its context, well within
// the lease, and may be called for a task that was done already but for its last step.
type Func func(ctx context.Context, r *Run) error

// Run is one attempt at a task.
type Run struct {
	ID, Kind, Key string
	Attempt       int // from 1

	q     *Queue
	args  json.RawMessage
	taken int
	ended bool
}

// Done ends the task as part of tx, which holds all that doing it has written: then that is written once, whatever
// happens. ctx is the one db.InTx gave. ErrLost: somebody else is at it; undo tx.
func (r *Run) Done(ctx context.Context, tx bun.Tx) error {
	mine := func(u bun.QueryBuilder) bun.QueryBuilder {
		return u.Where("id = ? AND taken = ? AND state = ?", r.ID, r.taken, Running)
	}
	res, err := tx.NewDelete().Model((*row)(nil)).ApplyQueryBuilder(mine).Where("again = ?", false).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end a task: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 { // queued again while it was running, or not ours any more
		if res, err = tx.NewUpdate().Model((*row)(nil)).Set("state = ?", Waiting).Set("attempts = 0").Set("again = ?", false).ApplyQueryBuilder(mine).Exec(ctx); err != nil {
			return fmt.Errorf("end a task: %w", err)
		}
		if n, err = res.RowsAffected(); err != nil {
			return err
		}
		if n == 0 {
			return ErrLost
		}
		if err := r.q.db.Announce(ctx, tx, topic, ""); err != nil {
			return err
		}
	}
	db.AfterCommit(ctx, func() { r.ended = true })
	return nil
}

// Args reads the task's arguments.
func (r *Run) Args(into any) error {
	if err := json.Unmarshal(r.args, into); err != nil {
		return Never(fmt.Errorf("arguments of %s: %w", r.Kind, err))
	}
	return nil
}

// ErrLost means that the task is somebody else's by now: whoever hears it undoes its transaction.
var ErrLost = errors.New("the task was taken over")

// never marks an error after which trying again is of no use.
type never struct{ error }

func (n never) Unwrap() error { return n.error }

// Never makes an error after which the task is not tried again: staff look at it.
func Never(err error) error { return never{err} }

// Options are what may differ; the zero value is right for all but tests.
type Options struct {
	Now      func() time.Time // UTC
	Lease    time.Duration    // how long an instance may take for a task before another takes over (5 min)
	Attempts int              // a task that failed so often is left to staff (10)
	Workers  int              // tasks done at once by this instance (4)
	Poll     time.Duration    // how often to look without being told (30 s)
}

// Queue is the tasks of one database. Safe for concurrent use once it runs.
type Queue struct {
	db    *db.DB
	opts  Options
	funcs map[string]Func
	wake  chan struct{}
}

// New makes the queue; the database is migrated by then.
func New(d *db.DB, o Options) *Queue {
	if o.Now == nil {
		o.Now = db.Now
	}
	if o.Lease == 0 {
		o.Lease = 5 * time.Minute
	}
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Poll == 0 {
		o.Poll = 30 * time.Second
	}
	q := &Queue{db: d, opts: o, funcs: map[string]Func{}, wake: make(chan struct{}, 1)}
	d.OnNotice(topic, func(string) { q.Wake() })
	return q
}

const topic = "jobs"

// Handle says who does the tasks of a kind; to be called before Run. Tasks of a kind nobody handles wait: an instance
// of the next version may have queued them.
func (q *Queue) Handle(kind string, f Func) { q.funcs[kind] = f }

// Wake has the queue look for due tasks now, as when the clock was moved.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

type row struct {
	bun.BaseModel `bun:"table:jobs,alias:j"`
	ID            string          `bun:"id,pk"`
	Kind          string          `bun:"kind"`
	Key           *string         `bun:"key"`
	Args          json.RawMessage `bun:"args,type:jsonb"`
	State         string          `bun:"state"`
	DueAt         time.Time       `bun:"due_at"`
	Attempts      int             `bun:"attempts"`
	Taken         int             `bun:"taken"`
	Again         bool            `bun:"again"`
	LeaseUntil    time.Time       `bun:"lease_until"`
	Error         string          `bun:"error"`
	CreatedAt     time.Time       `bun:"created_at"`
}

// States of a task. A task that is done has none.
const (
	Waiting = "waiting"
	Running = "running"
	Failed  = "failed" // for good: staff look at it
)

var longAgo = time.Unix(0, 0).UTC()

// Enqueue queues a task as part of tx; ctx is the one db.InTx gave. A task with the same key that waits or has failed gets
// the new time and arguments and begins anew; one that is running is done once more afterwards.
func (q *Queue) Enqueue(ctx context.Context, tx bun.Tx, t Task) error {
	if t.Kind == "" {
		return errors.New("a task without a kind")
	}
	args, err := json.Marshal(t.Args)
	if err != nil {
		return fmt.Errorf("queue %s: %w", t.Kind, err)
	}
	now := q.now()
	r := &row{ID: strings.ToLower(rand.Text()), Kind: t.Kind, Args: args, State: Waiting, DueAt: t.At.UTC().Truncate(time.Microsecond), LeaseUntil: longAgo, CreatedAt: now}
	if t.At.IsZero() {
		r.DueAt = now
	}
	if t.Key != "" {
		r.Key = &t.Key
	}
	if _, err := tx.NewInsert().Model(r).On("CONFLICT (key) DO UPDATE").Set("kind = EXCLUDED.kind").Set("args = EXCLUDED.args").Set("due_at = EXCLUDED.due_at").
		Set("attempts = 0").Set("error = ''").Set("again = (j.state = ?)", Running).
		Set("state = CASE j.state WHEN ? THEN ? ELSE ? END", Running, Running, Waiting).Exec(ctx); err != nil {
		return fmt.Errorf("queue %s: %w", t.Kind, err)
	}
	return q.db.Announce(ctx, tx, topic, "")
}

// Cancel takes tasks back, by their keys, as part of tx. One that is running ends as it will.
func (q *Queue) Cancel(ctx context.Context, tx bun.Tx, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	if _, err := tx.NewDelete().Model((*row)(nil)).Where("key IN (?)", bun.In(keys)).Where("state <> ?", Running).Exec(ctx); err != nil {
		return fmt.Errorf("cancel tasks: %w", err)
	}
	_, err := tx.NewUpdate().Model((*row)(nil)).Set("again = ?", false).Where("key IN (?)", bun.In(keys)).Exec(ctx)
	return err
}

func (q *Queue) now() time.Time { return q.opts.Now().UTC().Truncate(time.Microsecond) }

// logFailure says that a task could not be done; its arguments may name persons and stay out.
func logFailure(r *Run, err error) {
	slog.Error("task failed", "task", r.Kind, "id", r.ID, "attempt", r.Attempt, "error", err)
}
