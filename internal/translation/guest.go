package translation

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Guest is a translator without an account: a private link for one language of one entry, until a time. The link's secret is
// not kept, only its hash.
type Guest struct {
	bun.BaseModel `bun:"table:translation_guests,alias:tg"`
	ID            string      `bun:"id,pk"`
	EntryID       string      `bun:"entry_id"`
	Locale        i18n.Locale `bun:"locale"`
	Source        i18n.Locale `bun:"source"`
	Name          string      `bun:"name"`
	TokenHash     string      `bun:"token_hash"`
	Until         time.Time   `bun:"until"`
	By            string      `bun:"created_by"`
	At            time.Time   `bun:"created_at"`
	RevokedAt     *time.Time  `bun:"revoked_at"`
	UsedAt        *time.Time  `bun:"used_at"`
}

// Ended reports whether the link leads nowhere any more.
func (g *Guest) Ended(now time.Time) bool { return g.RevokedAt != nil || !now.Before(g.Until) }

const (
	// MaxGuestDays is how long a link can last.
	MaxGuestDays = 180
	maxGuests    = 50 // of one language of an entry
	maxGuestName = 100
)

// Invite makes a link for somebody without an account, for so many days, and gives its secret: nobody can read it again. Who may
// change the entry's facts, and its words in that language, invites.
func (s *Store) Invite(ctx context.Context, who *auth.Actor, id string, l, source i18n.Locale, name string, days int) (token string, err error) {
	name = strings.Join(strings.Fields(i18n.StripControls(name)), " ")
	bad := func(path, key string, args ...any) error {
		return &content.Invalid{Problems: []content.Problem{{Path: path, Blocks: true, Key: key, Args: args}}}
	}
	switch {
	case name == "":
		return "", bad("guest", "problem.required")
	case utf8.RuneCountInString(name) > maxGuestName:
		return "", bad("guest", "problem.too_long", "Max", maxGuestName)
	case days < 1 || days > MaxGuestDays:
		return "", bad("days", "guest.days", "Max", MaxGuestDays)
	}
	token, hash := auth.NewLink()
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !mayInvite(who, e, l) || source == l || l == e.Original {
			return auth.ErrForbidden
		}
		n, err := tx.NewSelect().Model((*Guest)(nil)).Where("entry_id = ? AND locale = ? AND revoked_at IS NULL AND until > ?", id, l, s.now()).Count(ctx)
		if err != nil {
			return fmt.Errorf("guests of %s: %w", id, db.Normalize(err))
		}
		if n >= maxGuests {
			return bad("guest", "guest.too_many")
		}
		g := &Guest{ID: content.NewID(), EntryID: id, Locale: l, Source: source, Name: name, TokenHash: hash, Until: s.now().AddDate(0, 0, days), By: who.ID, At: s.now()}
		if _, err := tx.NewInsert().Model(g).Exec(ctx); err != nil {
			return fmt.Errorf("guest of %s: %w", id, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, "guest.invite", e.TextObject(l), map[string]any{"title": e.Title, "name": name})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func mayInvite(who *auth.Actor, e *content.Entry, l i18n.Locale) bool {
	return !who.IsGuest() && e.Deleted == nil && who.Can(auth.EditFacts, e.Object()) && who.Can(auth.EditText, e.TextObject(l))
}

// MayInvite reports whether the actor may let somebody without an account translate.
func (s *Store) MayInvite(who *auth.Actor, e *content.Entry, l i18n.Locale) bool {
	return mayInvite(who, e, l)
}

// heldGuest is a link for a language of an entry, which is held, for who may invite to it.
func (s *Store) heldGuest(ctx context.Context, tx bun.Tx, who *auth.Actor, id string, l i18n.Locale, guest string) (*content.Entry, *Guest, error) {
	e, err := s.Content.Hold(ctx, tx, who, id)
	if err != nil {
		return nil, nil, err
	}
	if !mayInvite(who, e, l) {
		return nil, nil, auth.ErrForbidden
	}
	g := new(Guest)
	if err := tx.NewSelect().Model(g).Where("tg.id = ? AND tg.entry_id = ? AND tg.locale = ?", guest, id, l).Scan(ctx); err != nil {
		return nil, nil, db.Normalize(err)
	}
	return e, g, nil
}

// Revoke ends a link at once.
func (s *Store) Revoke(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, guest string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, g, err := s.heldGuest(ctx, tx, who, id, l, guest)
		if err != nil {
			return err
		}
		if g.RevokedAt != nil {
			return nil
		}
		now := s.now()
		g.RevokedAt = &now
		if _, err := tx.NewUpdate().Model(g).Column("revoked_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("guest %s: %w", guest, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, "guest.revoke", e.TextObject(l), map[string]any{"title": e.Title, "name": g.Name})
	})
}

// UndoRevoke makes a link hold again that was revoked within the last hour; after that it stays as it is.
func (s *Store) UndoRevoke(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, guest string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, g, err := s.heldGuest(ctx, tx, who, id, l, guest)
		if err != nil {
			return err
		}
		if g.RevokedAt == nil || s.now().Sub(*g.RevokedAt) > time.Hour {
			return db.ErrNotFound
		}
		g.RevokedAt = nil
		if _, err := tx.NewUpdate().Model(g).Column("revoked_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("guest %s: %w", guest, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, "guest.restore", e.TextObject(l), map[string]any{"title": e.Title, "name": g.Name})
	})
}

// Guests lists the links for one language of an entry, the newest first.
func (s *Store) Guests(ctx context.Context, id string, l i18n.Locale) ([]Guest, error) {
	var out []Guest
	if err := s.DB.Read().NewSelect().Model(&out).Where("tg.entry_id = ? AND tg.locale = ?", id, l).OrderExpr("tg.created_at DESC, tg.id").Limit(100).Scan(ctx); err != nil {
		return nil, fmt.Errorf("guests of %s: %w", id, db.Normalize(err))
	}
	return out, nil
}

// Arrive gives who comes by a link; db.ErrNotFound where it has ended or never was.
func (s *Store) Arrive(ctx context.Context, token string) (*auth.Actor, *Guest, error) {
	g := new(Guest)
	if len(token) != 32 {
		return nil, nil, db.ErrNotFound
	}
	if err := s.DB.Read().NewSelect().Model(g).Where("tg.token_hash = ?", auth.LinkHash(token)).Scan(ctx); err != nil {
		return nil, nil, db.Normalize(err)
	}
	now := s.now()
	if g.Ended(now) {
		return nil, nil, db.ErrNotFound
	}
	if g.UsedAt == nil || now.Sub(*g.UsedAt) > time.Hour {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*Guest)(nil)).Set("used_at = ?", now).Where("id = ?", g.ID).Exec(ctx)
			return err
		}); err != nil {
			return nil, nil, fmt.Errorf("guest %s: %w", g.ID, db.Normalize(err))
		}
	}
	return auth.Guest(g.ID, g.Name, g.EntryID, g.Locale), g, nil
}

// Names gives the names of guests among ids of actors.
func (s *Store) Names(ctx context.Context, ids []string) (map[string]string, error) {
	var guests []string
	for _, id := range ids {
		if g, ok := strings.CutPrefix(id, auth.GuestPrefix); ok {
			guests = append(guests, g)
		}
	}
	out := map[string]string{}
	if len(guests) == 0 {
		return out, nil
	}
	var rows []Guest
	if err := s.DB.Read().NewSelect().Model(&rows).Column("id", "name").Where("tg.id IN (?)", bun.List(guests)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("guests: %w", db.Normalize(err))
	}
	for _, g := range rows {
		out[auth.GuestPrefix+g.ID] = g.Name
	}
	return out, nil
}
