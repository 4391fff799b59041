package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/seal"
)

// Answers to questions that are marked as sensitive lie sealed in the table, each under the key of its question for its event. They are
// sealed where a row is written (insert, set), so that nothing gets into the table otherwise, and opened for the person, for staff who
// may read them (auth.ReadSensitive), and to be counted. Whoever may not sees that there is an answer. The key of a question is destroyed
// when the time of its answers is over: what copies of the database still hold of them cannot be read from then on.

// importPart is the part under whose key the rows of a list lie that waits to be taken in; no question has such an id.
const importPart = "list:import"

// Hidden says that there is an answer which cannot be seen: whoever asks may not, or its key is gone.
func (a Answer) Hidden() bool { return a.Sealed != "" && a.Values == nil }

// Hides is the message that stands for a hidden answer.
func (a *About) Hides() string {
	if a.MaySee {
		return "registrants.answer_gone"
	}
	return "registrants.answer_withheld"
}

// sensitive are the ids of the questions whose answers are sealed.
func (f *Form) sensitive() []string {
	var out []string
	for i := range f.Fields {
		if f.Fields[i].Sensitive {
			out = append(out, f.Fields[i].ID)
		}
	}
	return out
}

// Sensitive says whether the answers to a question, by its id, are sealed.
func (f *Form) Sensitive(id string) bool { return slices.Contains(f.sensitive(), id) }

// seal seals what is sensitive in a row that is about to be written.
func (s *Store) seal(ctx context.Context, tx bun.Tx, h *held, r *row) error {
	return s.sealRow(ctx, tx, r, &h.keys, h.Form.Sensitive)
}

// sealRow seals the answers that are sensitive and not sealed yet. keys are those of the event, read when they are needed.
func (s *Store) sealRow(ctx context.Context, tx bun.Tx, r *row, keys **seal.Keys, sensitive func(id string) bool) error {
	var answers map[string]Answer
	if err := json.Unmarshal([]byte(r.Answers), &answers); err != nil {
		return fmt.Errorf("registration %s: %w", r.ID, err)
	}
	changed := false
	for id, a := range answers {
		if len(a.Values) == 0 || !sensitive(id) {
			continue
		}
		k, err := s.keys(ctx, tx, r.EventID, keys)
		if err != nil {
			return err
		}
		words, err := document(a.Values)
		if err != nil {
			return err
		}
		if a.Sealed, err = k.Seal(ctx, tx, id, r.ID, words); err != nil {
			return err
		}
		a.Values = nil
		answers[id], changed = a, true
	}
	if !changed {
		return nil
	}
	var err error
	r.Answers, err = document(answers)
	return err
}

func (s *Store) keys(ctx context.Context, q bun.IDB, event string, keys **seal.Keys) (*seal.Keys, error) {
	if *keys == nil {
		var err error
		if *keys, err = s.Seal.Keys(ctx, q, event); err != nil {
			return nil, err
		}
	}
	return *keys, nil
}

// reveal opens what is sealed in registrations of one event. An answer whose key is gone stays hidden.
func (s *Store) reveal(ctx context.Context, q bun.IDB, all ...*Registration) error {
	var keys *seal.Keys
	for _, r := range all {
		for id, a := range r.Answers {
			if !a.Hidden() {
				continue
			}
			k, err := s.keys(ctx, q, r.Event, &keys)
			if err != nil {
				return err
			}
			if r.Answers[id], err = opened(k, id, r.ID, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// opened gives an answer with what was sealed of it.
func opened(k *seal.Keys, id, registration string, a Answer) (Answer, error) {
	if !a.Hidden() {
		return a, nil
	}
	words, err := k.Open(id, registration, a.Sealed)
	if errors.Is(err, seal.ErrGone) {
		return a, nil
	} else if err != nil {
		return a, err
	}
	err = json.Unmarshal([]byte(words), &a.Values)
	return a, err
}

// shown opens what is sealed for an actor who may read it; for others it stays as it is.
func (s *Store) shown(ctx context.Context, a *About, all ...*Registration) error {
	if !a.MaySee {
		return nil
	}
	return s.reveal(ctx, s.DB.Read(), all...)
}

// sealEvent seals what lies open of an event's answers.
func (s *Store) sealEvent(ctx context.Context, tx bun.Tx, event string, sensitive func(id string) bool) error {
	var rows []row
	if err := tx.NewSelect().Model(&rows).Column("id", "event_id", "answers").Where("r.event_id = ? AND r.answers <> '{}'", event).Scan(ctx); err != nil {
		return err
	}
	var keys *seal.Keys
	for i := range rows {
		r := &rows[i]
		was := r.Answers
		if err := s.sealRow(ctx, tx, r, &keys, sensitive); err != nil {
			return err
		}
		if r.Answers == was {
			continue
		}
		if _, err := tx.NewRaw("UPDATE registrations SET answers = ? WHERE id = ?", r.Answers, r.ID).Exec(ctx); err != nil {
			return err
		}
	}
	_, err := tx.NewRaw("UPDATE registration_events SET sealed = ? WHERE event_id = ?", true, event).Exec(ctx)
	return err
}

// SealOlder seals what programs before this one have left open. Of a question that is asked no longer nobody knows whether it was
// sensitive: its answers are sealed too. It can be run at any time, twice, and by several instances at once.
func (s *Store) SealOlder(ctx context.Context) error {
	var events []string
	if err := s.DB.Read().NewRaw("SELECT event_id FROM registration_events WHERE NOT sealed ORDER BY event_id").Scan(ctx, &events); err != nil {
		return db.Normalize(err)
	}
	for _, id := range events {
		var f *Form
		if e, err := s.Event(ctx, id); err == nil {
			f = e.Form
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		} else if e, err := s.Content.Get(ctx, auth.System("sealing"), id); err == nil {
			if v, ok := e.Value.(Registering); ok {
				f = v.RegistrationForm()
			}
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		open := func(id string) bool { // known not to be sensitive
			return f != nil && slices.ContainsFunc(f.Fields, func(x Field) bool { return x.ID == id && !x.Sensitive })
		}
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			q := tx.NewSelect().Model((*eventRow)(nil)).Column("event_id").Where("v.event_id = ?", id)
			if s.DB.Postgres() {
				q = q.For("UPDATE") // whoever writes a registration holds it
			}
			var held string
			if err := q.Scan(ctx, &held); err != nil {
				return err
			}
			return s.sealEvent(ctx, tx, id, func(id string) bool { return !open(id) })
		}); err != nil {
			return fmt.Errorf("sealing the answers for %s: %w", id, err)
		}
	}
	return nil
}
