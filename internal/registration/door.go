package registration

import (
	"context"
	"crypto/hmac"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// The day itself: who is there. Attendance is a fact that staff see, whatever was decided before: who comes from the waiting
// list and is let in has attended, and stands beside the places if need be.

// DoorOpen says whether attendance is marked: from a day before the event begins.
func (f *Form) DoorOpen(now time.Time) bool {
	start := f.When.Starts()
	return !start.IsZero() && !now.Before(start.Add(-day))
}

// unmark takes a mark back: to the state before it, and to the old turn on the waiting list.
func (s *Store) unmark(ctx context.Context, tx bun.Tx, h *held, r *row, actor string) error {
	var states []State
	if err := tx.NewRaw("SELECT state FROM registration_log WHERE registration_id = ? AND state NOT IN (?) ORDER BY number DESC LIMIT 1", r.ID, bun.List([]State{Attended, Absent})).Scan(ctx, &states); err != nil {
		return err
	}
	to := Confirmed
	if len(states) > 0 {
		to = states[0]
	}
	return s.set(ctx, tx, h, r, to, "unmarked", actor)
}

// MarkAbsent marks all who have a place and did not come, or takes those marks back, and says how many. Of a hybrid event these are
// those in the room: nobody at the door knows who is online.
func (s *Store) MarkAbsent(ctx context.Context, who *auth.Actor, event string, undo bool) (int, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		of, op := Confirmed, Miss
		if undo {
			of, op = Absent, Unmark
		} else if now := h.now; !h.Form.DoorOpen(now) || now.Before(h.Form.When.Starts()) {
			return refuse("", "attendance.not_begun")
		}
		var rows []row
		q := tx.NewSelect().Model(&rows).Where("r.event_id = ? AND r.state = ?", event, of)
		if h.Form.Hybrid {
			q = q.Where("r.mode <> ?", Online)
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			if err := s.decide(ctx, tx, h, &rows[i], op, who.ID); err != nil {
				return err
			}
		}
		if n = len(rows); n == 0 {
			return nil
		}
		return auth.Audit(ctx, tx, who, "registrants."+string(op), e.Object(), map[string]any{"count": n})
	})
	return n, err
}

// WalkIn enters somebody at the door who is there: registered and marked in one step.
func (s *Store) WalkIn(ctx context.Context, who *auth.Actor, event string, sub Submission) (string, error) {
	return s.keyIn(ctx, who, event, OnSite, sub, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil { // that they are there is the first line of the log
			return db.Normalize(err)
		}
		return s.set(ctx, tx, h, r, Attended, "attended", who.ID)
	})
}

// Pass is what a registrant shows at the door, as part of an address: it names the registration to staff who may mark it,
// and is of no use to anybody else. It opens no private page.
func (s *Store) Pass(ctx context.Context, r *Registration) (string, error) {
	key, err := s.secret(ctx)
	return r.ID + "." + sign(key, "pass", r.Event, r.ID), err
}

// ByPass finds the registration of a pass, and its event, for those who may change it; for others it is not there.
func (s *Store) ByPass(ctx context.Context, who *auth.Actor, pass string) (*One, string, error) {
	id, signed, _ := strings.Cut(pass, ".")
	var r row
	if err := s.DB.Read().NewSelect().Model(&r).Where("r.id = ?", id).Scan(ctx); err != nil {
		return nil, "", db.Normalize(err)
	}
	key, err := s.secret(ctx)
	if err != nil {
		return nil, "", err
	}
	if !hmac.Equal([]byte(signed), []byte(sign(key, "pass", r.EventID, r.ID))) {
		return nil, "", db.ErrNotFound
	}
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, r.EventID)
	if err != nil {
		if errors.Is(err, auth.ErrForbidden) {
			err = db.ErrNotFound
		}
		return nil, "", err
	}
	one, err := s.Get(ctx, who, e.ID, r.ID)
	return one, e.ID, err
}
