package registration

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Who registered for one day has not said that they come on another, nor who meant to travel that they sit down before a
// screen. When an event moves far, the letter that tells of it asks; nobody loses a place by not answering, since letters
// get lost: who is silent is asked once more, a week before the event, and staff see who has not answered, and decide.

// Whether somebody was asked to say again that they come.
const (
	AgainAsked = "asked" // and has not answered
	AgainComes = "yes"
)

const askMark = ":ask:"

// Asking has Telling's letters ask those who have a place to say again whether they come.
func Asking(ctx context.Context) context.Context {
	t, _ := ctx.Value(tellingKey{}).(telling)
	t.ask = true
	return context.WithValue(ctx, tellingKey{}, t)
}

// askRest is how long people have at least to answer before they are asked a second time.
const askRest = 48 * time.Hour

// askedAt is when people were last asked whether they come all the same, of the latest messages; zero: they were not.
func askedAt(rows map[string]*messageRow) (at time.Time) {
	for _, x := range rows {
		if x.Key == Changed && strings.Contains(x.About, askMark) && x.CreatedAt.After(at) {
			at = x.CreatedAt
		}
	}
	return at
}

// moved says whether something has happened to the event after which people may be asked again.
func (f *Form) moved() bool {
	return f.Happened == "move" || f.Happened == "online" || f.Happened == "venue"
}

// askAll asks all who have a place, or takes the question back; who answered an earlier one is asked anew.
func (s *Store) askAll(ctx context.Context, tx bun.Tx, h *held, ask bool) error {
	q := tx.NewUpdate().Model((*row)(nil)).Set("again = ?", "").Where("event_id = ? AND again <> ''", h.ID)
	if ask {
		q = tx.NewUpdate().Model((*row)(nil)).Set("again = ?", AgainAsked).Where("event_id = ? AND state = ?", h.ID, Confirmed)
	}
	_, err := q.Exec(ctx)
	return err
}

// askIn puts the question into a letter of a message about what happened.
func (s *Store) askIn(d *draft, l i18n.Locale, m *Message, about, again string) {
	switch {
	case m.Kind == StillComing:
	case m.Kind != Changed || again != AgainAsked || !strings.Contains(about, askMark):
		return
	default:
		d.body.Paragraphs = append(d.body.Paragraphs, s.Catalogue.T(l, "message.again.text"))
	}
	d.body.Button.Text = s.Catalogue.T(l, "message.again.button")
	d.body.Button.URL += "#again"
}

// StillComes is the press of the button by which somebody says again that they come. Pressed again, or by somebody who was
// not asked, it changes nothing.
func (s *Store) StillComes(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		switch {
		case r.State == Confirmed && r.Again == AgainAsked:
			return s.comes(ctx, tx, h, r, "")
		case r.State == Confirmed || r.State == Attended:
			return nil
		}
		return refuse("", "registration.closed")
	})
}

// comes writes down that somebody comes, as they said themselves or to staff.
func (s *Store) comes(ctx context.Context, tx bun.Tx, h *held, r *row, actor string) error {
	r.Again = AgainComes
	return s.set(ctx, tx, h, r, r.State, "comes", actor)
}

// asked is how many were asked to say again that they come, and have not answered; and how many come.
func (s *Store) asked(ctx context.Context, event string) (waiting, comes int, err error) {
	var counts []struct {
		Again string
		N     int
	}
	if err := s.DB.Read().NewRaw("SELECT again, count(*) AS n FROM registrations WHERE event_id = ? AND again <> '' GROUP BY again", event).Scan(ctx, &counts); err != nil {
		return 0, 0, db.Normalize(err)
	}
	for _, c := range counts {
		if c.Again == AgainAsked {
			waiting = c.N
		} else {
			comes = c.N
		}
	}
	return waiting, comes, nil
}
