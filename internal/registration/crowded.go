package registration

import (
	"context"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Crowd is where more people hold a place than there are.
type Crowd struct {
	Category      string // id; "" for the whole event
	Mode          string // of a hybrid event: InPerson or Online
	Taken, Places int
}

// crowds tells where there are more people than places.
func (p *places) crowds() []Crowd {
	var out []Crowd
	modes := []string{""}
	if p.form.Hybrid {
		modes = Modes
	}
	for _, mode := range modes {
		if left := p.space(mode); left < 0 {
			out = append(out, Crowd{Mode: mode, Taken: p.form.Limit(mode) - left, Places: p.form.Limit(mode)})
		}
	}
	for _, c := range p.form.Categories {
		if left := p.within(c.ID); left < 0 {
			out = append(out, Crowd{Category: c.ID, Taken: c.Capacity - left, Places: c.Capacity})
		}
	}
	return out
}

// Crowded tells where a form of an event, perhaps not yet public, has fewer places than are taken. It asks no rights.
func (s *Store) Crowded(ctx context.Context, event string, f *Form) ([]Crowd, error) {
	var rows []struct {
		Category, Mode string
		N              int
	}
	if err := s.DB.Read().NewRaw("SELECT category, mode, count(*) AS n FROM registrations WHERE event_id = ? AND state IN (?) GROUP BY category, mode", event, bun.List(occupying)).Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	p := places{form: f, taken: map[pool]int{}}
	for _, r := range rows {
		p.count(&row{Category: r.Category, Mode: r.Mode, State: Confirmed}, r.N)
	}
	return p.crowds(), nil
}
