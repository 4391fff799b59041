package registration

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// What the public list of participants holds: nobody, if neither is said.
const (
	ListConsent  = "consent"  // those who have agreed to stand on it
	ListOfficial = "official" // all, as the rules of the meeting want it, and the form tells
)

// listMonths is how long the list is public where nobody has said.
const listMonths = 6

// Listed is when the list of participants is public: from the beginning of the event to months after it. Both are zero where
// there is none.
func (f *Form) Listed() (from, to time.Time) {
	from = f.When.Starts()
	if f.ListMode != ListConsent && f.ListMode != ListOfficial || f.Off || from.IsZero() || f.Ends.IsZero() {
		return time.Time{}, time.Time{}
	}
	months := f.ListMonths
	if months == 0 {
		months = listMonths
	}
	return from, f.Ends.AddDate(0, months, 0)
}

// ListedAt says whether the list is public at a moment.
func (f *Form) ListedAt(now time.Time) bool {
	from, to := f.Listed()
	return !to.IsZero() && !now.Before(from) && now.Before(to)
}

// Participant is a line of the public list.
type Participant struct{ Name, Position, Organization, Country string }

// agrees says whether somebody has agreed to stand on the list, in the words the consent has now: who agreed to others has
// not agreed to these.
func (f *Form) agrees(consents map[string]Given) bool {
	return slices.ContainsFunc(f.Consents, func(c Consent) bool {
		g, ok := consents[c.ID]
		return ok && c.Listed && c.Text.In(g.Lang) == g.Text
	})
}

// Agrees says whether somebody has agreed to stand on the list; asked is whether one can.
func (f *Form) Agrees(r *Registration) (agrees, asked bool) {
	asked = f.ListMode == ListConsent && slices.ContainsFunc(f.Consents, func(c Consent) bool { return c.Listed })
	return asked && f.agrees(r.Consents), asked
}

// Participants gives the public list of an event in no order, or db.ErrNotFound where there is none at present: those who
// attended, where that has been marked, else those with a place.
func (s *Store) Participants(ctx context.Context, e *Event) ([]Participant, error) {
	if !e.Form.ListedAt(s.now()) {
		return nil, db.ErrNotFound
	}
	var rows []row
	if err := s.DB.Read().NewSelect().Model(&rows).Column("state", "name", "position", "organization", "country", "consents").
		Where("r.event_id = ? AND r.state IN (?)", e.ID, bun.List([]State{Confirmed, Attended})).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	marked := e.Form.Over(s.now()) && slices.ContainsFunc(rows, func(r row) bool { return r.State == Attended })
	var out []Participant
	for _, r := range rows {
		var consents map[string]Given
		if err := json.Unmarshal([]byte(r.Consents), &consents); err != nil {
			return nil, err
		}
		if marked && r.State != Attended || e.Form.ListMode == ListConsent && !e.Form.agrees(consents) {
			continue
		}
		out = append(out, Participant{r.Name, r.Position, r.Organization, r.Country})
	}
	return out, nil
}

// SetListed gives or takes back the consent to stand on the list, at any time and by the private link.
func (s *Store) SetListed(ctx context.Context, token string, on bool) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		x, err := r.registration()
		if err != nil {
			return err
		}
		if is, asked := h.Form.Agrees(x); !asked || is == on {
			return nil
		}
		for _, c := range h.Form.Consents {
			if !c.Listed {
				continue
			}
			if delete(x.Consents, c.ID); on {
				text, lang := c.Text.Pick(r.Locale, h.Original)
				x.Consents[c.ID] = Given{Text: text, Lang: lang, At: h.now}
				break
			}
		}
		if r.Consents, err = document(x.Consents); err != nil {
			return err
		}
		action := "unlisted"
		if on {
			action = "listed"
		}
		return s.set(ctx, tx, h, r, r.State, action, "")
	})
}

// SetQuiet says whether the holder of a private link wants no letters about what follows the event. Said again it changes nothing.
func (s *Store) SetQuiet(ctx context.Context, token string, on bool) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.Quiet == on {
			return nil
		}
		r.Quiet = on
		action := "loud"
		if on {
			action = "quiet"
		}
		return s.set(ctx, tx, h, r, r.State, action, "")
	})
}
