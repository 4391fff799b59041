package clearance

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
)

// An embargo is a time before which an entry is not public in any way. It is held by publishing nothing: what nobody has
// published is on no page, in no feed and under no file's address, and nothing that shows entries has to know of it. Who
// wants it out at that minute schedules it, and is told whether it will be.

// Embargoed is a kind's struct that can be under embargo.
type Embargoed interface{ EmbargoUntil() content.Moment }

type plannedKey struct{}

// planned is for a look at what will be done at a time.
func planned(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, plannedKey{}, at)
}

// EmbargoGate forbids to publish an entry before its embargo ends, and to put one on what is public already: that would hold
// nothing back. For what is not public yet, an embargo counts as soon as it is saved: whoever scheduled it before did not
// know of it.
func (s *Store) EmbargoGate(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, next map[content.Part]int) ([]content.Problem, error) {
	if _, can := e.Value.(Embargoed); !can || who.IsProgram() {
		return nil, nil
	}
	of, err := s.Content.Public(ctx, tx, e, next)
	if err != nil {
		return nil, err
	}
	value, err := e.Kind.Join(of)
	if err != nil {
		return nil, err
	}
	at, ok := ctx.Value(plannedKey{}).(time.Time)
	if !ok {
		at = s.now()
	}
	until := value.(Embargoed).EmbargoUntil().Time()
	key := "problem.embargo"
	if e.Live[content.Facts] > 0 {
		key = "problem.embargo_public"
	} else if saved := e.Value.(Embargoed).EmbargoUntil().Time(); saved.After(until) {
		until = saved
	}
	if !until.After(at) {
		return nil, nil
	}
	return []content.Problem{{Path: "embargo", Blocks: true, Key: key}}, nil
}
