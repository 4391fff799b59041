package registration

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/mail"
)

// Erasing one person, at their wish: what retention does to all of an event's people, at once. It cannot be undone.

// self acts for those who press a button behind their private link.
var self = auth.System("registrant")

// Erase removes a registration with its answers, steps and private links, and those of the same mailbox in the event, and its
// rows in a list that waits to be taken; empties its letters; and has other packages forget what hangs on it, by OnErase. Numbers of it stay, none by an answer; a place it
// held goes to the next. The log says that it was done, and not to whom.
func (s *Store) Erase(ctx context.Context, who *auth.Actor, event, id string) error {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return err
	}
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error { return s.erase(ctx, tx, h, who, event, id) })
	if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if _, live := s.Event(ctx, e.ID); live == nil { // it is the person who is not there
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { // nobody gets places of what is not public
		var v eventRow
		q := tx.NewSelect().Model(&v).Where("v.event_id = ?", event)
		if s.DB.Postgres() {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		return s.erase(ctx, tx, nil, who, event, id)
	})
}

// EraseOwn is Erase by the person, behind the private link.
func (s *Store) EraseOwn(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		return s.erase(ctx, tx, h, self, r.EventID, r.ID)
	})
}

// erase does it; h is nil where the event is not public.
func (s *Store) erase(ctx context.Context, tx bun.Tx, h *held, who *auth.Actor, event, id string) error {
	var one row
	if err := tx.NewSelect().Model(&one).Where("r.id = ? AND r.event_id = ?", id, event).Scan(ctx); err != nil {
		return db.Normalize(err)
	}
	all := []row{one}
	if one.MailKey != "" { // forms that wait for the same mailbox, and others that hang on it
		same, err := s.byMail(ctx, tx, event, one.MailKey)
		if err != nil {
			return err
		}
		all = append(all, slices.DeleteFunc(same, func(r row) bool { return r.ID == id })...)
	}
	for i := range all {
		r := &all[i]
		if h != nil && (holds(r.State) || r.State == Waitlisted) && r.State != Attended {
			if err := s.set(ctx, tx, h, r, Withdrawn, "withdrawn", ""); err != nil {
				return err
			}
		}
		if r.State != Unverified {
			if err := keepNumber(ctx, tx, r); err != nil {
				return err
			}
		}
		if err := s.Mail.ForgetOne(ctx, tx, event, "registration.", r.ID, r.MailKey); err != nil {
			return err
		}
		for _, f := range s.OnErase {
			if err := f(ctx, tx, event, r.ID, r.MailKey); err != nil {
				return err
			}
		}
		if _, err := tx.NewRaw("DELETE FROM registrations WHERE id = ?", r.ID).Exec(ctx); err != nil {
			return err
		}
	}
	if err := s.dropLines(ctx, tx, event, one.MailKey); err != nil {
		return err
	}
	return auth.Audit(ctx, tx, who, "registrants.erase", auth.Object{Kind: "event", ID: event}, map[string]any{"count": len(all)})
}

// dropLines takes the rows with a mailbox out of a list of people that has not been taken: taking it would enter them again.
func (s *Store) dropLines(ctx context.Context, tx bun.Tx, event, mailKey string) error {
	if mailKey == "" {
		return nil
	}
	var lines []importLine
	if err := tx.NewSelect().Model(&lines).Where("l.event_id = ? AND l.outcome = ''", event).Scan(ctx); err != nil {
		return err
	}
	keys, err := s.Seal.Keys(ctx, tx, event)
	if err != nil {
		return err
	}
	for i := range lines {
		cells, err := lines[i].cells(keys)
		if err != nil {
			return err
		}
		for _, c := range cells { // whichever column it is: that may not be said yet
			if a, err := mail.Address(c); err != nil || strings.ToLower(a) != mailKey {
				continue
			}
			if _, err := tx.NewRaw("DELETE FROM registration_import_rows WHERE event_id = ? AND number = ?", event, lines[i].Number).Exec(ctx); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// keepNumber adds one who is erased to the numbers that stay. By an answer nobody is counted any more: it may have been the only
// one, and it is theirs.
func keepNumber(ctx context.Context, tx bun.Tx, r *row) error {
	numbers := map[string]string{"state": string(r.State), "category": r.Category, "mode": r.Mode, "country": r.Country, "locale": string(r.Locale)}
	if slices.Contains(active, r.State) {
		for d, v := range map[string]string{"category": r.Category, "mode": r.Mode, "country": r.Country, "locale": string(r.Locale), "channel": r.Channel} {
			numbers["registered."+d] = v
			if r.State == Attended {
				numbers["attended."+d] = v
			}
		}
	}
	for d, v := range numbers {
		if _, err := tx.NewRaw(`INSERT INTO registration_counts AS c (event_id, dimension, value, n) VALUES (?, ?, ?, 1)
			ON CONFLICT (event_id, dimension, value) DO UPDATE SET n = c.n + 1`, r.EventID, d, v).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
