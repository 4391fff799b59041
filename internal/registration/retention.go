package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// terms are for how many days after its event what is kept.
type terms struct {
	Keep   int            `json:"keep"`
	Fields map[string]int `json:"fields,omitempty"` // by id; those without are kept as long as the registration
	Gender string         `json:"gender,omitempty"` // the question that statistics count by
	// Sensitive are the questions whose answers are sealed, by id.
	Sensitive []string `json:"sensitive,omitempty"`
}

func (f *Form) terms() terms {
	t := terms{Keep: f.keep(), Fields: map[string]int{}, Gender: f.gender(), Sensitive: f.sensitive()}
	for i := range f.Fields {
		if d := f.days(&f.Fields[i]); d < t.Keep {
			t.Fields[f.Fields[i].ID] = d
		}
	}
	return t
}

// purger acts when the time of what was registered is over.
var purger = auth.System("retention")

const day = 24 * time.Hour

// Purge forgets the answers whose time is over, and then the people, of whom numbers stay. It can be run at any time, twice,
// and by several instances at once.
func (s *Store) Purge(ctx context.Context) error {
	if err := s.sweepImports(ctx); err != nil {
		return err
	}
	if err := s.sweepBulks(ctx); err != nil {
		return err
	}
	if err := s.purgeSurveys(ctx); err != nil {
		return err
	}
	if err := s.purgeUnverified(ctx); err != nil {
		return err
	}
	var events []eventRow
	if err := s.DB.Read().NewSelect().Model(&events).Where("v.ends_at IS NOT NULL AND v.ends_at < ?", s.now()).
		Where("EXISTS (SELECT 1 FROM registrations WHERE registrations.event_id = v.event_id)").Scan(ctx); err != nil {
		return db.Normalize(err)
	}
	for _, v := range events {
		if err := s.purge(ctx, v.EventID); err != nil {
			return fmt.Errorf("retention of %s: %w", v.EventID, err)
		}
	}
	return nil
}

// unverifiedLife is how long a form from the web waits for its mailbox to be confirmed: it may name somebody who knows nothing
// of it.
const unverifiedLife = 14 * day

// purgeUnverified deletes forms that nobody has confirmed, and empties their letters. Those that staff have entered are theirs
// to decide about.
func (s *Store) purgeUnverified(ctx context.Context) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var gone []row
		if err := tx.NewRaw("DELETE FROM registrations WHERE state = ? AND channel = ? AND verified_at IS NULL AND created_at < ? RETURNING id, event_id", Unverified, Web, s.now().Add(-unverifiedLife)).Scan(ctx, &gone); err != nil {
			return err
		}
		if len(gone) == 0 {
			return nil
		}
		for _, r := range gone {
			if err := s.Mail.ForgetOne(ctx, tx, r.EventID, "registration.", r.ID, ""); err != nil {
				return err
			}
		}
		return auth.Audit(ctx, tx, purger, "registrants.purge_unverified", auth.Object{}, map[string]any{"count": len(gone)})
	})
}

func (s *Store) purge(ctx context.Context, event string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var v eventRow
		q := tx.NewSelect().Model(&v).Where("v.event_id = ?", event)
		if s.DB.Postgres() {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		var t terms
		if err := json.Unmarshal([]byte(v.Form), &t); err != nil {
			return err
		}
		if t.Keep == 0 || v.EndsAt == nil {
			return nil
		}
		about := auth.Object{Kind: "event", ID: event}
		past := func(days int) bool { return s.now().After(v.EndsAt.Add(time.Duration(days) * day)) }
		if past(t.Keep) {
			n, err := s.forget(ctx, tx, event, t.Gender)
			if err != nil || n == 0 {
				return err
			}
			return auth.Audit(ctx, tx, purger, "registrants.purge", about, map[string]any{"count": n})
		}
		var over []string
		for id, days := range t.Fields {
			if past(days) {
				over = append(over, id)
			}
		}
		if len(over) == 0 {
			return nil
		}
		var rows []row
		if err := tx.NewSelect().Model(&rows).Column("id", "answers").Where("r.event_id = ? AND r.answers <> '{}'", event).Scan(ctx); err != nil {
			return err
		}
		if slices.Contains(over, t.Gender) && len(rows) > 0 {
			if err := s.keepNumbers(ctx, tx, event, t.Gender, func(dimension string) bool { return strings.HasSuffix(dimension, ".gender") }); err != nil {
				return err
			}
		}
		gone := 0
		for _, r := range rows {
			answers := map[string]Answer{}
			if err := json.Unmarshal([]byte(r.Answers), &answers); err != nil {
				return err
			}
			was := len(answers)
			for _, id := range over {
				delete(answers, id)
			}
			if len(answers) == was {
				continue
			}
			doc, err := document(answers)
			if err != nil {
				return err
			}
			if _, err := tx.NewRaw("UPDATE registrations SET answers = ? WHERE id = ?", doc, r.ID).Exec(ctx); err != nil {
				return err
			}
			gone += was - len(answers)
		}
		destroyed, err := s.Seal.Destroy(ctx, tx, event, over...) // what copies of the database hold of them is nobody's any more
		if err != nil || gone == 0 && destroyed == 0 {
			return err
		}
		return auth.Audit(ctx, tx, purger, "registrants.purge_answers", about, map[string]any{"count": gone, "keys": destroyed})
	})
}

// forget removes the people of an event and their letters' words and addresses, and keeps their numbers.
func (s *Store) forget(ctx context.Context, tx bun.Tx, event, gender string) (int, error) {
	counted, err := tx.NewSelect().Table("registration_counts").Where("event_id = ? AND dimension = ?", event, "registered.gender").Count(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.keepNumbers(ctx, tx, event, gender, func(dimension string) bool {
		return dimension != "state" && (counted == 0 || !strings.HasSuffix(dimension, ".gender"))
	}); err != nil {
		return 0, err
	}
	for _, dimension := range []string{"state", "category", "mode", "country", "locale"} {
		if _, err := tx.NewRaw(`INSERT INTO registration_counts AS c (event_id, dimension, value, n)
			SELECT event_id, ?, ?, count(*) FROM registrations WHERE event_id = ? GROUP BY event_id, ?
			ON CONFLICT (event_id, dimension, value) DO UPDATE SET n = c.n + EXCLUDED.n`,
			dimension, bun.Ident(dimension), event, bun.Ident(dimension)).Exec(ctx); err != nil {
			return 0, err
		}
	}
	if err := s.Mail.Forget(ctx, tx, event, "registration."); err != nil {
		return 0, err
	}
	if _, err := s.Seal.Destroy(ctx, tx, event); err != nil {
		return 0, err
	}
	res, err := tx.NewRaw("DELETE FROM registrations WHERE event_id = ?", event).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// keepNumbers adds the numbers of an event to those that stay, in the dimensions that are wanted.
func (s *Store) keepNumbers(ctx context.Context, tx bun.Tx, event, gender string, want func(dimension string) bool) error {
	t, err := s.count(ctx, tx, event, gender)
	if err != nil {
		return err
	}
	for dimension, values := range t {
		if !want(dimension) {
			continue
		}
		for v, n := range values {
			if v == "" && strings.HasSuffix(dimension, ".gender") && len(values) == 1 {
				continue // nobody was asked, or all were forgotten
			}
			if _, err := tx.NewRaw(`INSERT INTO registration_counts AS c (event_id, dimension, value, n) VALUES (?, ?, ?, ?)
				ON CONFLICT (event_id, dimension, value) DO UPDATE SET n = c.n + EXCLUDED.n`, event, dimension, v, n).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Numbers are how many registered for an event by state, category, country or locale, those included who are forgotten.
func (s *Store) Numbers(ctx context.Context, event, dimension string) (map[string]int, error) {
	var rows []struct {
		Value string
		N     int
	}
	err := s.DB.Read().NewRaw("SELECT value, n FROM registration_counts WHERE event_id = ? AND dimension = ?", event, dimension).Scan(ctx, &rows)
	out := map[string]int{}
	for _, r := range rows {
		out[r.Value] = r.N
	}
	return out, db.Normalize(err)
}
