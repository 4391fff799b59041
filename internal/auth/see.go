package auth

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// seeFor is how long somebody sees the panel as somebody else, unless they stop before.
const seeFor = 30 * time.Minute

// SeenBy is who looks at the panel as the actor, nil if it is the actor. Nothing can be changed then.
func (a *Actor) SeenBy() *Account {
	if a == nil {
		return nil
	}
	return a.seenBy
}

// MaySeeAs reports whether the actor may look at the panel as other: as somebody who may nothing that the actor may not.
func (a *Actor) MaySeeAs(other *Actor) bool {
	if a == nil || other == nil || a.IsProgram() || a.IsGuest() || a.seenBy != nil || a.Disabled || other.Disabled || a.ID == other.ID {
		return false
	}
	return a.CanSomewhere(Appoint) && !slices.ContainsFunc(other.grants, func(g Grant) bool {
		// Of what is the office's to hand on, somebody who looks after accounts may give what they may not do, such as clearing:
		// here each right counts, but for signing off: it shows nothing, and whoever looks on does nothing.
		return !slices.ContainsFunc(a.grants, func(own Grant) bool {
			return own.Locale == "" && own.reaches(g, Object{Office: g.Office}) && own.does(g, SignOff)
		})
	})
}

// See begins to show the actor's session the panel as another account; account "" ends it. Both are in the log. As whom nobody may
// look is db.ErrNotFound.
func (s *Service) See(ctx context.Context, who *Actor, account string) error {
	if who == nil || who.SessionID == "" {
		return ErrForbidden
	}
	until := s.opts.Now().Add(seeFor)
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		me, object, action := who, account, "account.see"
		if account == "" {
			if who.seenBy == nil {
				return nil
			}
			me, object, action = &Actor{Account: *who.seenBy}, who.ID, "account.see_end"
		} else {
			other, err := s.actorAsOf(ctx, tx, account)
			if err != nil {
				return err
			}
			if !who.MaySeeAs(other) {
				return db.ErrNotFound
			}
		}
		q := tx.NewUpdate().Table("sessions").Set("seeing = ?", account).Where("id = ?", who.SessionID)
		if account == "" {
			q = q.Set("seeing_until = NULL")
		} else {
			q = q.Set("seeing_until = ?", until)
		}
		if _, err := q.Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return Audit(ctx, tx, me, action, Object{Kind: "account", ID: object}, nil)
	})
}

// seen gives who as the account that their session is shown the panel as, if they still may. Of deputies' rights it has none.
func (s *Service) seen(ctx context.Context, q bun.IDB, who *Actor, account string) *Actor {
	other, err := s.actorAsOf(ctx, q, account)
	if err != nil || !who.MaySeeAs(other) {
		return who
	}
	by := who.Account
	other.seenBy, other.SessionID = &by, who.SessionID
	other.Locale, other.Theme, other.KeysOff = who.Locale, who.Theme, who.KeysOff // of who looks
	return other
}
