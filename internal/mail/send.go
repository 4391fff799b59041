package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Run sends what is due until ctx ends. A letter that is leaving then may leave, for a few seconds.
func (b *Outbox) Run(ctx context.Context) {
	if !b.db.Postgres() {
		// One process owns an SQLite file: what is being sent there was being sent by a process that has ended.
		if err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*row)(nil)).Set("state = ?", Retrying).Where("state = ?", Sending).Exec(ctx)
			return err
		}); err != nil && ctx.Err() == nil {
			warn("those of the last run stay where they are", err)
		}
	}
	for ctx.Err() == nil {
		pause := b.opts.Poll
		if wait := time.Until(b.pausedUntil()); wait > 0 {
			pause = wait
		} else if err := b.Drain(ctx); err != nil {
			if ctx.Err() == nil {
				warn("wait", err)
			}
			if wait := time.Until(b.pausedUntil()); wait > 0 {
				pause = wait
			}
		} else if next, err := b.next(ctx); err == nil && !next.IsZero() {
			pause = min(pause, next.Sub(b.now()))
		}
		select {
		case <-ctx.Done():
		case <-b.wake:
		case <-time.After(pause):
		}
	}
}

// Trouble is why letters wait though they are due.
type Trouble struct {
	Since time.Time
	Error string
}

// Trouble tells why this instance cannot send, if it cannot.
func (b *Outbox) Trouble() (Trouble, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trouble, b.tries > 0
}

func (b *Outbox) pausedUntil() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused
}

// server remembers how the server does. While it is down, letters are left alone: none of them has a try less.
func (b *Outbox) server(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.tries, b.paused = 0, time.Time{}
		return
	}
	if b.tries++; b.tries == 1 {
		b.trouble.Since = b.now()
	}
	b.trouble.Error = short(err.Error())
	b.paused = time.Now().Add(b.opts.Pause(b.tries))
}

// errServer stands for what the server said in mid-letter, where it may name the person: Trouble tells it, to staff.
var errServer = errors.New("the mail server breaks off, or puts off each letter")

// slowDown is how many letters in a row the server may put off before it is taken for down.
const slowDown = 5

// Drain sends all that is due by the outbox's clock, and returns. An error says that the rest waits.
func (b *Outbox) Drain(ctx context.Context) error {
	if err := b.expire(ctx); err != nil {
		return err
	}
	due, err := b.due(b.db.Read().NewSelect().Model((*row)(nil))).Exists(ctx)
	if err != nil || !due {
		return db.Normalize(err)
	}
	conn, err := b.opts.Sender.Dial(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.server(err)
		}
		return err
	}
	defer conn.Close()
	putOff := 0
	for ctx.Err() == nil {
		r, err := b.take(ctx)
		if err != nil || r == nil {
			return err
		}
		answer := b.send(ctx, conn, r)
		b.finish(ctx, r, answer)
		var refused *Refused
		switch {
		case answer == nil:
			b.server(nil)
			putOff = 0
		case !errors.As(answer, &refused):
			if ctx.Err() == nil {
				b.server(answer)
			}
			return errServer
		case refused.Temporary:
			if putOff++; putOff >= slowDown {
				b.server(answer)
				return errServer
			}
		}
	}
	return ctx.Err()
}

// due limits a query to letters that are to leave now. Leases are told by the server's clock, which is the same for all
// instances; on SQLite there is one instance, and they have no end.
func (b *Outbox) due(q *bun.SelectQuery) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("l.state IN (?) AND l.due_at <= ?", bun.In([]State{Queued, Retrying}), b.now())
		if b.db.Postgres() {
			q = q.WhereOr("l.state = ? AND l.lease_until < clock_timestamp()", Sending)
		}
		return q
	})
}

// next is when the next letter is due; zero if none waits.
func (b *Outbox) next(ctx context.Context) (time.Time, error) {
	var r row
	err := b.db.Read().NewSelect().Model(&r).Column("due_at").Where("state IN (?)", bun.In([]State{Queued, Retrying})).Order("due_at").Limit(1).Scan(ctx)
	if err = db.Normalize(err); errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return r.DueAt, err
}

// expire cancels what is of no use any more.
func (b *Outbox) expire(ctx context.Context) error {
	late := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("l.expires_at < ? AND l.state IN (?)", b.now(), bun.In(unsent))
	}
	there, err := late(b.db.Read().NewSelect().Model((*row)(nil))).Exists(ctx)
	if err != nil || !there {
		return db.Normalize(err)
	}
	return b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var ids []string
		if err := tx.NewUpdate().Model((*row)(nil)).Set("before_cancel = state").Set("state = ?", Cancelled).
			Set("subject = CASE WHEN secret THEN '' ELSE subject END").Set("body = CASE WHEN secret THEN '' ELSE body END").Set("html = CASE WHEN secret THEN '' ELSE html END").
			Set("keys = CASE WHEN keys = '' THEN '' ELSE ? END", noKeys).
			Where("l.id IN (?)", late(tx.NewSelect().Model((*row)(nil)).Column("id"))).
			Where("l.state IN (?)", bun.In(unsent)).Returning("id").Scan(ctx, &ids); err != nil {
			return fmt.Errorf("cancel late letters: %w", err)
		}
		for _, id := range ids {
			if err := b.note(ctx, tx, id, Cancelled, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// unsent are the states in which a letter has not left and is not leaving.
var unsent = []State{Held, Queued, Retrying}

// take leases the letter that is to leave first; nil if there is none.
func (b *Outbox) take(ctx context.Context) (*row, error) {
	var lease any = longAgo
	if b.db.Postgres() {
		lease = schema.SafeQuery("clock_timestamp() + ? * interval '1 millisecond'", []any{b.opts.Lease.Milliseconds()})
	}
	var got row
	err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		one := b.due(tx.NewSelect().Model((*row)(nil)).Column("id")).Order("l.priority", "l.due_at", "l.id").Limit(1)
		if b.db.Postgres() {
			one = one.For("UPDATE SKIP LOCKED")
		}
		return tx.NewUpdate().Model(&got).Set("state = ?", Sending).Set("attempts = attempts + 1").Set("taken = taken + 1").Set("lease_until = ?", lease).
			Where("l.id = (?)", one).Returning("*").Scan(ctx)
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take a letter: %w", err)
	}
	return &got, nil
}

// grace is how long a letter may go on leaving once the program has been told to stop.
const grace = 5 * time.Second

// send hands one letter to the server.
func (b *Outbox) send(ctx context.Context, conn Conn, r *row) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.opts.Lease*2/3)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	l := i18n.Locale(r.Locale)
	m := &Message{ID: r.ID, MessageID: r.MessageID, From: b.opts.From, To: r.To, Name: r.Name, Locale: l.Tag(), Subject: r.Subject, Text: r.unlock(r.Text), HTML: r.unlock(r.HTML),
		ReplyTo: r.ReplyTo, Unsubscribe: r.unlock(r.Unsubscribe)}
	if b.opts.Site != nil {
		m.FromName = plainName(b.opts.Site(l))
	}
	if m.ReplyTo == "" && b.opts.ReplyTo != nil {
		m.ReplyTo, _ = Address(b.opts.ReplyTo()) // what is no address is left out
	}
	var files []fileRow
	if err := b.db.Read().NewSelect().Model(&files).Where("letter_id = ?", r.ID).Order("position").Scan(limited); err != nil {
		return fmt.Errorf("files of a letter: %w", db.Normalize(err))
	}
	for _, f := range files {
		m.Files = append(m.Files, File{f.Name, f.Type, f.Data})
	}
	return conn.Send(limited, m)
}

const (
	maxAttempts = 12  // that the server put off: three days and more
	maxTaken    = 100 // in all, for a letter at which the server or the program breaks down each time
)

// pauseAfter is how long a letter waits after the nth attempt.
func pauseAfter(n int) time.Duration {
	pauses := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour, 24 * time.Hour}
	return pauses[min(max(n, 1), len(pauses))-1]
}

// finish writes down what came of an attempt. It does not give up while the program runs: a letter that has left must
// not leave again because the database was away for a moment.
func (b *Outbox) finish(ctx context.Context, r *row, answer error) {
	var refused *Refused
	state, due, attempts, detail := Sent, r.DueAt, r.Attempts, ""
	switch {
	case answer == nil:
	case errors.As(answer, &refused) && !refused.Temporary:
		state, detail = Bounced, refused.Answer
	case refused != nil:
		state, detail, due = Retrying, refused.Answer, b.now().Add(pauseAfter(r.Attempts))
	default: // not the letter's fault
		state, detail, due, attempts = Retrying, answer.Error(), b.now().Add(pauseAfter(r.Taken-r.Attempts+1)), r.Attempts-1
		if ctx.Err() != nil {
			due = r.DueAt // we were stopping
		}
	}
	if state == Retrying && (attempts >= maxAttempts || r.Taken >= maxTaken) {
		state = Failed
	}
	write, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		err := b.db.InTx(write, func(ctx context.Context, tx bun.Tx) error {
			u := tx.NewUpdate().Model((*row)(nil)).Set("state = ?", state).Set("attempts = ?", attempts).Set("due_at = ?", due).
				Where("id = ? AND taken = ? AND state = ?", r.ID, r.Taken, Sending)
			if state == Sent {
				u = u.Set("sent_at = ?", b.now())
			}
			if r.Secret && state != Retrying {
				u = u.Set("subject = ''").Set("body = ''").Set("html = ''")
			}
			if r.Keys != "" && state != Retrying {
				u = u.Set("keys = ?", noKeys)
			}
			res, err := u.Exec(ctx)
			if err != nil {
				return fmt.Errorf("what came of a letter: %w", err)
			}
			// Another instance may have taken over. That it left twice is then worth a line, that it did not leave is not.
			if n, err := res.RowsAffected(); err != nil || n == 0 && state != Sent {
				return err
			}
			return b.note(ctx, tx, r.ID, state, short(detail))
		})
		if err == nil {
			return
		}
		warn("what came of one is not written down yet", err)
		select {
		case <-write.Done():
			return
		case <-time.After(pause):
		}
	}
}

// short keeps what a server says to one line of sensible length.
func short(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if r := []rune(s); len(r) > 500 {
		s = string(r[:500]) + "…"
	}
	return s
}
