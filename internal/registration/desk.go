package registration

import (
	"context"
	"errors"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
)

// Desk is what waits for the staff of an event's registrations, in numbers: nobody is in it.
type Desk struct {
	Pending  time.Time // since when somebody has waited for a decision; zero: nobody does
	Taken    int       // places
	Online   int       // of Taken: those of a hybrid event who join online
	Attended bool      // somebody is known to have been there
	Untold   bool      // something has happened to the event of which those who have registered have not been told
}

// Desk tells what waits around an event, whoever asks: package admin makes reminders of it.
func (s *Store) Desk(ctx context.Context, e *content.Entry) (Desk, error) {
	var d Desk
	var rows []struct {
		State State
		Mode  string
		N     int
	}
	if err := s.DB.Read().NewSelect().Model((*row)(nil)).ColumnExpr("r.state, r.mode, count(*) AS n").Where("r.event_id = ?", e.ID).Group("r.state", "r.mode").Scan(ctx, &rows); err != nil {
		return d, db.Normalize(err)
	}
	pending, form := false, e.Value.(Registering).RegistrationForm()
	for _, r := range rows {
		for _, st := range occupying {
			if r.State == st {
				if d.Taken += r.N; form != nil && form.Takes(r.Mode) == Online {
					d.Online += r.N
				}
			}
		}
		d.Attended = d.Attended || r.State == Attended && r.N > 0
		pending = pending || r.State == Pending && r.N > 0
	}
	if pending {
		var first []row
		if err := s.DB.Read().NewSelect().Model(&first).Column("created_at").Where("r.event_id = ? AND r.state = ?", e.ID, Pending).Order("r.created_at").Limit(1).Scan(ctx); err != nil {
			return d, db.Normalize(err)
		}
		if len(first) > 0 {
			d.Pending = first[0].CreatedAt
		}
	}
	if at, err := s.event(ctx, s.DB.Read(), e.ID); errors.Is(err, db.ErrNotFound) {
		return d, nil
	} else if err != nil || at.Form.Happened == "" {
		return d, err
	}
	plan, err := s.messages(ctx, s.DB.Read(), deskReader, e)
	if err != nil {
		return d, err
	}
	d.Untold = plan.Untold != ""
	return d, nil
}

var deskReader = auth.System("checklist")
