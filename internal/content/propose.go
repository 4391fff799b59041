package content

import (
	"context"

	"github.com/uptrace/bun"
)

// Proposed gives what a change would make different from what its author saw, in the order of the form: leaves as Save would store
// them. Leaves of fields that only staff see are left out. What Save would refuse is an *Invalid.
func (s *Store) Proposed(ctx context.Context, tx bun.Tx, e *Entry, set Parts, base map[Part]int) ([]Difference, error) {
	made, problems := s.checkSet(e.Kind, set)
	if len(problems) > 0 {
		return nil, &Invalid{problems}
	}
	if err := s.internLinks(ctx, tx, e.Kind, made); err != nil {
		return nil, err
	}
	var out []Difference
	for p, leaves := range made {
		was := orEmpty(e.Parts[p])
		if n, ok := base[p]; ok && n != e.Versions[p] {
			var err error
			if was, err = s.asOf(ctx, tx, e.ID, p, n); err != nil {
				return nil, err
			}
		}
		next := Leaves{}
		for path, v := range was {
			next[path] = v
		}
		for path, v := range leaves {
			if f := e.Kind.Field(path); f != nil && !f.Staff && !f.Secret && !same(v, was[path]) {
				put(next, path, v)
			}
		}
		out = append(out, e.Kind.differences(p, was, next)...)
	}
	return out, nil
}
