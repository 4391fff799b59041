package content

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// presentFor is how long somebody counts as being in an entry after their page has last said so.
const presentFor = 40 * time.Second

type presenceRow struct {
	bun.BaseModel `bun:"table:presence,alias:pr"`
	EntryID       string `bun:",pk"`
	AccountID     string `bun:",pk"`
	Field         string
	At            time.Time
}

// Present is somebody else who has an entry open.
type Present struct {
	Account string
	Field   string // name of the control they are in, "" for none
}

// Arrive says that somebody has an entry open, and in which field they are; it tells who else has, and the versions that the
// parts have now. They lie in the database, so that all instances know of them.
func (s *Store) Arrive(ctx context.Context, who *auth.Actor, id, field string) ([]Present, map[Part]int, error) {
	var r row
	if err := s.DB.Read().NewSelect().Model(&r).Where("e.id = ?", id).Scan(ctx); err != nil {
		return nil, nil, db.Normalize(err)
	}
	if !who.Can(auth.Read, r.object()) {
		return nil, nil, db.ErrNotFound
	}
	now := s.now()
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*presenceRow)(nil)).Where("entry_id = ? AND account_id <> ? AND at <= ? OR at <= ?", id, who.ID, now.Add(-presentFor), now.Add(-time.Hour)).Exec(ctx); err != nil { // and nobody needs to know for longer who was where
			return err
		}
		_, err := tx.NewInsert().Model(&presenceRow{EntryID: id, AccountID: who.ID, Field: field, At: now}).
			On("CONFLICT (entry_id, account_id) DO UPDATE").Set("field = EXCLUDED.field").Set("at = EXCLUDED.at").Exec(ctx)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("presence in %s: %w", id, db.Normalize(err))
	}
	var others []presenceRow
	if err := s.DB.Read().NewSelect().Model(&others).Where("pr.entry_id = ? AND pr.account_id <> ? AND pr.at > ?", id, who.ID, now.Add(-presentFor)).
		OrderExpr("pr.account_id").Limit(20).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("presence in %s: %w", id, db.Normalize(err))
	}
	var parts []partRow
	if err := s.DB.Read().NewSelect().Model(&parts).Column("part", "version").Where("p.entry_id = ?", id).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("parts of %s: %w", id, db.Normalize(err))
	}
	out, versions := make([]Present, len(others)), map[Part]int{}
	for i, o := range others {
		out[i] = Present{o.AccountID, o.Field}
	}
	for _, p := range parts {
		versions[p.Part] = p.Version
	}
	return out, versions, nil
}

// Leave says that somebody has closed an entry.
func (s *Store) Leave(ctx context.Context, who *auth.Actor, id string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*presenceRow)(nil)).Where("entry_id = ? AND account_id = ?", id, who.ID).Exec(ctx)
		return err
	})
}
