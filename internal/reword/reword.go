// Package reword replaces words in many entries: each entry is one change in the right of who asked for it, with a revision
// that can be taken back, and is changed once, whatever stops in the middle.
package reword

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/writing"
)

// Store keeps what is asked for and what became of it. Safe for concurrent use.
type Store struct {
	DB      *db.DB
	Content *content.Store
	Auth    *auth.Service
	Jobs    *job.Queue
}

// Query is what is replaced, and in which languages.
type Query struct {
	writing.Query
	Locales []i18n.Locale
}

// State says what became of one entry.
type State string

// The states of an entry.
const (
	Waiting State = "waiting"
	Done    State = "done"
	Nothing State = "nothing" // somebody has changed it meanwhile: the words are not there any more
	Refused State = "refused" // the actor may not change it any more, or it would not be right: too long, above all
)

type row struct {
	bun.BaseModel `bun:"table:rewordings,alias:rw"`
	ID            string    `bun:"id,pk"`
	AccountID     string    `bun:"account_id"`
	Query         string    `bun:"query"`
	Note          string    `bun:"note"`
	At            time.Time `bun:"at"`
}

type entryRow struct {
	bun.BaseModel `bun:"table:reworded_entries,alias:re"`
	RewordingID   string `bun:"rewording_id,pk"`
	EntryID       string `bun:"entry_id,pk"`
	Position      int    `bun:"position"`
	State         State  `bun:"state"`
	Places        int    `bun:"places"`
}

// MaxEntries is how many entries one rewording changes at most.
const MaxEntries = 500

// Job is the kind of task that does it.
const Job = "reword"

// ErrNothing says that nothing is to be replaced.
var ErrNothing = errors.New("nothing to replace")

// Start queues the work on some entries; note is what their revisions will say. It gives the id under which Get tells how far
// it is. Each entry is asked about again when its turn comes.
func (s *Store) Start(ctx context.Context, who *auth.Actor, q Query, ids []string, note string) (string, error) {
	if !who.CanSomewhere(auth.EditText) {
		return "", auth.ErrForbidden
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 || len(ids) > MaxEntries || len(q.Locales) == 0 || writing.NewFinder(q.Query) == nil {
		return "", ErrNothing
	}
	b, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	r := &row{ID: content.NewID(), AccountID: who.ID, Query: string(b), Note: note, At: db.Now()}
	var rows []entryRow
	for i, id := range ids {
		rows = append(rows, entryRow{RewordingID: r.ID, EntryID: id, Position: i, State: Waiting})
	}
	return r.ID, s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return fmt.Errorf("rewording: %w", db.Normalize(err))
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("rewording: %w", db.Normalize(err))
		}
		if err := auth.Audit(ctx, tx, who, "reword", auth.Object{Kind: "settings"}, map[string]any{"find": q.Find, "by": q.Replace, "entries": len(ids)}); err != nil {
			return err
		}
		return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: Job, Key: Job + ":" + r.ID, Args: r.ID})
	})
}

// Rewording is what was asked for and how far it is.
type Rewording struct {
	ID, Account string
	Query       Query
	At          time.Time
	Entries     []Entry
}

// Entry is one of a rewording's entries.
type Entry struct {
	ID     string
	State  State
	Places int // that were replaced
}

// Waiting is how many entries are still to be done.
func (r *Rewording) Waiting() int {
	n := 0
	for _, e := range r.Entries {
		if e.State == Waiting {
			n++
		}
	}
	return n
}

// Get tells how far a rewording is, to who asked for it; to others it is db.ErrNotFound.
func (s *Store) Get(ctx context.Context, who *auth.Actor, id string) (*Rewording, error) {
	r, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if who == nil || r.Account != who.ID {
		return nil, db.ErrNotFound
	}
	return r, nil
}

func (s *Store) get(ctx context.Context, id string) (*Rewording, error) {
	var r row
	if err := s.DB.Read().NewSelect().Model(&r).Where("rw.id = ?", id).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := &Rewording{ID: r.ID, Account: r.AccountID, At: r.At}
	if err := json.Unmarshal([]byte(r.Query), &out.Query); err != nil {
		return nil, fmt.Errorf("rewording %s: %w", id, err)
	}
	var rows []entryRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("re.rewording_id = ?", id).OrderExpr("re.position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("rewording %s: %w", id, db.Normalize(err))
	}
	for _, e := range rows {
		out.Entries = append(out.Entries, Entry{e.EntryID, e.State, e.Places})
	}
	return out, nil
}

// Handle has the work done.
func (s *Store) Handle(q *job.Queue) { q.Handle(Job, s.run) }

// run does what is left. An entry's state is written with its change: what stops in the middle goes on behind it.
func (s *Store) run(ctx context.Context, r *job.Run) error {
	var id string
	if err := r.Args(&id); err != nil {
		return job.Never(err)
	}
	x, err := s.get(ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	note, err := s.note(ctx, id)
	if err != nil {
		return err
	}
	who, err := s.Auth.ActorOf(ctx, x.Account)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	for _, e := range x.Entries {
		if e.State != Waiting {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.one(ctx, who, x, e.ID, note); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) note(ctx context.Context, id string) (string, error) {
	var note string
	err := s.DB.Read().NewSelect().Model((*row)(nil)).Column("note").Where("rw.id = ?", id).Scan(ctx, &note)
	return note, db.Normalize(err)
}

// one does an entry, or says why it is not done.
func (s *Store) one(ctx context.Context, who *auth.Actor, x *Rewording, id, note string) error {
	mark := func(ctx context.Context, tx bun.Tx, state State, places int) (bool, error) {
		res, err := tx.NewUpdate().Model((*entryRow)(nil)).Set("state = ?", state).Set("places = ?", places).
			Where("rewording_id = ? AND entry_id = ? AND state = ?", x.ID, id, Waiting).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("rewording %s: %w", x.ID, db.Normalize(err))
		}
		n, err := res.RowsAffected()
		return n > 0, err
	}
	finder := writing.NewFinder(x.Query.Query)
	err := auth.ErrForbidden
	if who != nil {
		err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			e, err := s.Content.Hold(ctx, tx, who, id)
			if err != nil {
				return err
			}
			may := slices.DeleteFunc(e.Replaceable(who), func(l i18n.Locale) bool { return !slices.Contains(x.Query.Locales, l) })
			if len(may) == 0 {
				return auth.ErrForbidden
			}
			_, n, err := s.Content.ReplaceTx(ctx, tx, who, e, nil, finder, may, func(content.Found) bool { return true }, note)
			if err != nil {
				return err
			}
			state := Done
			if n == 0 {
				state = Nothing
			}
			if ours, err := mark(ctx, tx, state, n); err != nil || !ours {
				return errors.Join(err, errTaken)
			}
			return nil
		})
	}
	var bad *content.Invalid
	var moved *content.Conflicted
	switch {
	case err == nil, errors.Is(err, errTaken):
		return nil
	case errors.Is(err, auth.ErrForbidden), errors.Is(err, db.ErrNotFound), errors.As(err, &bad), errors.As(err, &moved):
		slog.Info("words are not replaced", "entry", id, "error", err)
		return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := mark(ctx, tx, Refused, 0)
			return err
		})
	}
	return err
}

// errTaken says that another instance has done the entry.
var errTaken = errors.New("done already")
