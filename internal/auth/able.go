package auth

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Holders lists the accounts that may do action on something, by name: those that work can be given to. Whether one may do it on
// an object, its Can says.
func (s *Service) Holders(ctx context.Context, action Action) ([]*Actor, error) {
	var ids []string
	if err := s.db.Read().NewRaw("SELECT DISTINCT account_id FROM grants WHERE role IN (?) ORDER BY 1", bun.In(rolesThat(action))).Scan(ctx, &ids); err != nil {
		return nil, db.Normalize(err)
	}
	return s.those(ctx, ids, func(who *Actor) bool { return who.CanSomewhere(action) })
}

// those gives the accounts of which ok is true, by name.
func (s *Service) those(ctx context.Context, ids []string, ok func(*Actor) bool) ([]*Actor, error) {
	var out []*Actor
	for _, id := range ids {
		who, err := s.ActorOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if ok(who) {
			out = append(out, who)
		}
	}
	slices.SortFunc(out, func(a, b *Actor) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
