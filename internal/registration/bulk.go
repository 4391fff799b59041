package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/job"
)

// A decision on all that a filter finds is a list of registrations, made when somebody has confirmed their number: who comes
// later is not in it, whatever the filter would find by then. It is worked through in portions, so that others get at the
// event in between, and each registration is decided in the transaction that notes it: stopped at any moment, it goes on
// where it was. Those it decided can be taken back as one.

// BulkState is how far a decision on many got.
type BulkState string

// The states of a decision on many.
const (
	BulkRunning BulkState = "running"
	BulkStopped BulkState = "stopped" // by somebody, or since the event is not public any more
	BulkDone    BulkState = "done"
)

// undoing are the decisions that take one back. Who is declined or withdrawn by mistake stands at the end of the line.
var undoing = map[Op]Op{Approve: Decline, Decline: Approve, Withdraw: Restore, Restore: Withdraw, Attend: Unmark, Miss: Unmark, ToRoom: ToOnline, ToOnline: ToRoom}

type bulkRow struct {
	bun.BaseModel `bun:"table:registration_bulks,alias:b"`
	ID            string `bun:",pk"`
	EventID       string
	Op            Op
	Undoes        string
	State         BulkState
	Total         int
	CreatedBy     string
	CreatedAt     time.Time
	EndedAt       *time.Time
}

type bulkLine struct {
	bun.BaseModel  `bun:"table:registration_bulk_rows,alias:l"`
	BulkID         string `bun:",pk"`
	Position       int    `bun:",pk"`
	RegistrationID string
	Result         string
}

// Bulk is a decision on many, and how far it got.
type Bulk struct {
	About
	ID    string
	Op    Op
	State BulkState
	Total int
	Left  int // still to be decided
	Decided
	By     string // account
	At     time.Time
	Undo   Op     // what takes it back; empty: nothing does, or it has been
	Undoes string // id of the one that it takes back
}

// Found is what a filter finds, and how many of these each decision fits.
type Found struct {
	About
	Total  int
	Fits   map[Op]int
	Silent int     // were asked to say again that they come, and have not answered
	Busy   *string // id of a decision that is being worked through: another waits for it
}

// everyone is the query without its page, in the order people came.
func (q Query) everyone(sel *bun.SelectQuery) *bun.SelectQuery {
	q.Offset, q.Limit, q.Door = 0, 0, false
	return q.apply(sel)
}

// Find tells what a decision on all that a query finds would be about.
func (s *Store) Find(ctx context.Context, who *auth.Actor, q Query) (*Found, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, q.Event)
	if err != nil {
		return nil, err
	}
	f := &Found{}
	if f.About, err = s.about(ctx, who, e); err != nil {
		return nil, err
	}
	return f, s.sift(ctx, s.DB.Read(), q, f)
}

func (s *Store) sift(ctx context.Context, tx bun.IDB, q Query, f *Found) error {
	f.Fits, f.Total, f.Silent, f.Busy = map[Op]int{}, 0, 0, nil
	var counts []struct {
		State       State
		Again, Mode string
		Waits       bool
		N           int
	}
	found := q.everyone(tx.NewSelect().Model((*row)(nil)).Column("r.id", "r.state", "r.again", "r.mode").ColumnExpr("r.wish <> '' AS waits"))
	if err := tx.NewSelect().TableExpr("(?) AS found", found).ColumnExpr("state, again, mode, waits, count(*) AS n").GroupExpr("state, again, mode, waits").Scan(ctx, &counts); err != nil {
		return db.Normalize(err)
	}
	for _, c := range counts {
		f.Total += c.N
		for op := range from {
			if op.Fits(c.State) && (op != Comes || c.Again == AgainAsked) && (op.mode() == "" || f.Form.Hybrid && (c.Waits || f.Form.Takes(c.Mode) != op.mode())) {
				f.Fits[op] += c.N
			}
		}
		if c.Again == AgainAsked {
			f.Silent += c.N
		}
	}
	var busy []string
	if err := tx.NewSelect().Model((*bulkRow)(nil)).Column("id").Where("b.event_id = ? AND b.state = ?", q.Event, BulkRunning).Limit(1).Scan(ctx, &busy); err != nil && !errors.Is(db.Normalize(err), db.ErrNotFound) {
		return db.Normalize(err)
	}
	if len(busy) > 0 {
		f.Busy = &busy[0]
	}
	return nil
}

// ErrOtherNumber means that a query finds another number of people than somebody has confirmed.
var ErrOtherNumber = errors.New("the filter finds another number by now")

// DecideAll takes a decision on all that a query finds and it fits; confirmed is how many somebody was shown. It gives the
// id under which its progress can be seen.
func (s *Store) DecideAll(ctx context.Context, who *auth.Actor, q Query, op Op, confirmed int) (string, error) {
	if from[op] == nil {
		return "", refuse("", "registration.choice")
	}
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, q.Event)
	if err != nil {
		return "", err
	}
	about, err := s.about(ctx, who, e)
	if err != nil {
		return "", err
	}
	return s.bulk(ctx, who, q.Event, op, "", func(ctx context.Context, tx bun.Tx) ([]string, error) {
		f := &Found{About: about}
		if err := s.sift(ctx, tx, q, f); err != nil {
			return nil, err
		}
		if f.Busy != nil {
			return nil, refuse("", "registration.bulk_busy")
		}
		if f.Fits[op] != confirmed {
			return nil, ErrOtherNumber
		}
		sel := q.everyone(tx.NewSelect().Model((*row)(nil)).Column("r.id", "r.created_at")).Where("r.state IN (?)", bun.List(from[op]))
		if op == Comes {
			sel = sel.Where("r.again = ?", AgainAsked)
		}
		if to := op.mode(); to != "" {
			sel = sel.Where("(r.wish <> '' OR (r.mode = ?) <> ?)", Online, to == Online)
		}
		var ids []string
		err := tx.NewSelect().TableExpr("(?) AS found", sel).ColumnExpr("id").OrderExpr("created_at, id").Scan(ctx, &ids)
		return ids, err
	})
}

// UndoAll takes a decision on many back, of those it decided and who still are where it put them.
func (s *Store) UndoAll(ctx context.Context, who *auth.Actor, event, id string) (string, error) {
	b, err := s.BulkOf(ctx, who, event, id)
	if err != nil {
		return "", err
	}
	if b.Undo == "" || !b.MayChange {
		return "", refuse("", "registration.choice")
	}
	return s.bulk(ctx, who, event, b.Undo, id, func(ctx context.Context, tx bun.Tx) (ids []string, err error) {
		f := &Found{About: b.About}
		if err := s.sift(ctx, tx, Query{Event: event}, f); err != nil {
			return nil, err
		}
		if f.Busy != nil {
			return nil, refuse("", "registration.bulk_busy")
		}
		err = tx.NewSelect().Model((*bulkLine)(nil)).Column("registration_id").Where("l.bulk_id = ? AND l.result IN ('done', 'waiting')", id).Order("l.position").Scan(ctx, &ids)
		return ids, err
	})
}

func (s *Store) bulk(ctx context.Context, who *auth.Actor, event string, op Op, undoes string, list func(ctx context.Context, tx bun.Tx) ([]string, error)) (string, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return "", err
	}
	id := content.NewID()
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		ids, err := list(ctx, tx)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return refuse("", "registration.bulk_nobody")
		}
		if _, err := tx.NewInsert().Model(&bulkRow{ID: id, EventID: event, Op: op, Undoes: undoes, State: BulkRunning, Total: len(ids), CreatedBy: who.ID, CreatedAt: h.now}).Exec(ctx); err != nil {
			return err
		}
		for at := 0; at < len(ids); at += 500 {
			var lines []bulkLine
			for i, x := range ids[at:min(at+500, len(ids))] {
				lines = append(lines, bulkLine{BulkID: id, Position: at + i, RegistrationID: x})
			}
			if _, err := tx.NewInsert().Model(&lines).Exec(ctx); err != nil {
				return err
			}
		}
		if err := s.Jobs.Enqueue(ctx, tx, bulkTask(id)); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "registrants."+string(op), e.Object(), map[string]any{"count": len(ids)})
	})
	return id, err
}

// StopAll ends a decision on many after those that are being decided.
func (s *Store) StopAll(ctx context.Context, who *auth.Actor, event, id string) error {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return err
	}
	return s.exec(ctx, "UPDATE registration_bulks SET state = ?, ended_at = ? WHERE id = ? AND event_id = ? AND state = ?", BulkStopped, s.now(), id, event, BulkRunning)
}

// BulkOf gives a decision on many of an event; foreign and missing are the same: db.ErrNotFound.
func (s *Store) BulkOf(ctx context.Context, who *auth.Actor, event, id string) (*Bulk, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, event)
	if err != nil {
		return nil, err
	}
	var r bulkRow
	if err := s.DB.Read().NewSelect().Model(&r).Where("b.id = ? AND b.event_id = ?", id, event).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	b := &Bulk{ID: r.ID, Op: r.Op, State: r.State, Total: r.Total, By: r.CreatedBy, At: r.CreatedAt, Undoes: r.Undoes}
	if b.About, err = s.about(ctx, who, e); err != nil {
		return nil, err
	}
	var counts []struct {
		Result string
		N      int
	}
	if err := s.DB.Read().NewRaw("SELECT result, count(*) AS n FROM registration_bulk_rows WHERE bulk_id = ? GROUP BY result", id).Scan(ctx, &counts); err != nil {
		return nil, db.Normalize(err)
	}
	for _, c := range counts {
		switch c.Result {
		case "":
			b.Left = c.N
		case "full":
			b.Full = c.N
		case "passed":
			b.Passed = c.N
		case "waiting":
			b.Waiting = c.N
			b.Done += c.N
		default:
			b.Done += c.N
		}
	}
	undone, err := s.DB.Read().NewSelect().Model((*bulkRow)(nil)).Where("b.undoes = ?", id).Exists(ctx)
	if err != nil {
		return nil, db.Normalize(err)
	}
	if b.State != BulkRunning && b.Done > 0 && !undone && r.Undoes == "" && b.Public {
		b.Undo = undoing[r.Op]
	}
	return b, nil
}

// latelyFor is how long a decision on many is shown with the list.
const latelyFor = day

// Lately gives the latest decision on many of an event, while it is news; nil if there is none.
func (s *Store) Lately(ctx context.Context, who *auth.Actor, event string) (*Bulk, error) {
	var ids []string
	if err := s.DB.Read().NewSelect().Model((*bulkRow)(nil)).Column("id").Where("b.event_id = ? AND (b.state = ? OR b.created_at > ?)", event, BulkRunning, s.now().Add(-latelyFor)).
		OrderExpr("b.created_at DESC, b.id").Limit(1).Scan(ctx, &ids); err != nil && !errors.Is(db.Normalize(err), db.ErrNotFound) {
		return nil, db.Normalize(err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.BulkOf(ctx, who, event, ids[0])
}

// BulkTask is the kind of the tasks that work through decisions on many.
const BulkTask = "registration.bulk"

type bulkArgs struct {
	ID string `json:"id"`
}

func bulkTask(id string) job.Task {
	return job.Task{Kind: BulkTask, Key: BulkTask + ":" + id, Args: bulkArgs{id}}
}

// RunBulk decides until none is left.
func (s *Store) RunBulk(ctx context.Context, r *job.Run) error {
	var args bulkArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	until := time.Now().Add(portionTime)
	for {
		left, err := s.bulkPortion(ctx, args.ID)
		if err != nil || !left {
			return err
		}
		if time.Now().After(until) { // the lease has an end
			return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.Jobs.Enqueue(ctx, tx, bulkTask(args.ID)) })
		}
	}
}

// bulkPortion decides on the next, and says whether there are more.
func (s *Store) bulkPortion(ctx context.Context, id string) (left bool, err error) {
	var b bulkRow
	if err := s.DB.Read().NewSelect().Model(&b).Where("b.id = ?", id).Scan(ctx); err != nil {
		if err = db.Normalize(err); errors.Is(err, db.ErrNotFound) {
			return false, nil
		}
		return false, err
	}
	err = s.work(ctx, b.EventID, func(ctx context.Context, tx bun.Tx, h *held) error {
		if err := tx.NewSelect().Model(&b).Where("b.id = ?", id).Scan(ctx); err != nil || b.State != BulkRunning {
			return err
		}
		var lines []bulkLine
		if err := tx.NewSelect().Model(&lines).Where("l.bulk_id = ? AND l.result = ''", id).Order("l.position").Limit(portionRows).Scan(ctx); err != nil {
			return err
		}
		if left = len(lines) == portionRows; len(lines) > 0 {
			ids := make([]string, len(lines))
			for i, l := range lines {
				ids[i] = l.RegistrationID
			}
			var rows []row
			if err := tx.NewSelect().Model(&rows).Where("r.event_id = ? AND r.id IN (?)", b.EventID, bun.List(ids)).Scan(ctx); err != nil {
				return err
			}
			people := map[string]*row{}
			for i := range rows {
				people[rows[i].ID] = &rows[i]
			}
			for _, l := range lines {
				result, err := s.decideOne(ctx, tx, h, people[l.RegistrationID], b.Op, b.CreatedBy)
				if err != nil {
					return fmt.Errorf("registration %s: %w", l.RegistrationID, err)
				}
				if _, err := tx.NewRaw("UPDATE registration_bulk_rows SET result = ? WHERE bulk_id = ? AND position = ?", result, id, l.Position).Exec(ctx); err != nil {
					return err
				}
			}
		}
		if left {
			return nil
		}
		_, err := tx.NewRaw("UPDATE registration_bulks SET state = ?, ended_at = ? WHERE id = ?", BulkDone, h.now, id).Exec(ctx)
		return err
	})
	if errors.Is(err, db.ErrNotFound) { // the event has been taken back
		return false, s.exec(ctx, "UPDATE registration_bulks SET state = ?, ended_at = ? WHERE id = ? AND state = ?", BulkStopped, s.now(), id, BulkRunning)
	}
	return left, err
}

// decideOne takes a decision on one registration and says what came of it: done, waiting (done, and on the waiting list), full
// or passed.
func (s *Store) decideOne(ctx context.Context, tx bun.Tx, h *held, r *row, op Op, actor string) (string, error) {
	if r == nil || h.gone[r.ID] || !op.Fits(r.State) || op == Comes && r.Again != AgainAsked {
		return "passed", nil
	}
	if to := op.mode(); to != "" && (!h.Form.Hybrid || h.Form.Takes(r.Mode) == to && r.Wish == "") {
		return "passed", nil
	}
	switch err := s.decide(ctx, tx, h, r, op, actor); {
	case err == errModeFixed:
		return "passed", nil
	case err == errFull || err == errModeFull:
		return "full", nil
	case err != nil:
		return "", err
	case r.State == Waitlisted || op.mode() != "" && r.Wish == op.mode():
		return "waiting", nil
	}
	return "done", nil
}

// sweepBulks forgets decisions on many that are no news any more: what was decided stands in each registration's log.
func (s *Store) sweepBulks(ctx context.Context) error {
	return s.exec(ctx, "DELETE FROM registration_bulks WHERE state <> ? AND created_at < ?", BulkRunning, s.now().Add(-importsKept))
}
