package registration

import (
	"context"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Crowd is where more people hold a place than there are.
type Crowd struct {
	Category      string // id; "" for the whole event
	Taken, Places int
}

// crowds compares what is taken by category with a form's places.
func (f *Form) crowds(taken map[string]int) []Crowd {
	var out []Crowd
	all := 0
	for _, n := range taken {
		all += n
	}
	if f.Capacity > 0 && all > f.Capacity {
		out = append(out, Crowd{"", all, f.Capacity})
	}
	for _, c := range f.Categories {
		if n := taken[c.ID]; c.Capacity > 0 && n > c.Capacity {
			out = append(out, Crowd{c.ID, n, c.Capacity})
		}
	}
	return out
}

// Crowds are those of a list.
func (l *List) Crowds() []Crowd { return l.Form.crowds(l.Taken) }

// Crowded tells where a form of an event, perhaps not yet public, has fewer places than are taken. It asks no rights.
func (s *Store) Crowded(ctx context.Context, event string, f *Form) ([]Crowd, error) {
	var rows []struct {
		Category string
		N        int
	}
	if err := s.DB.Read().NewRaw("SELECT category, count(*) AS n FROM registrations WHERE event_id = ? AND state IN (?) GROUP BY category", event, bun.List(occupying)).Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	taken := map[string]int{}
	for _, r := range rows {
		taken[r.Category] = r.N
	}
	return f.crowds(taken), nil
}
