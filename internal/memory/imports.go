package memory

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/exchange"
)

// Sorts of files that are looked at before they are taken.
const (
	SortTerms  = "terms"
	SortMemory = "memory"
)

type importRow struct {
	bun.BaseModel `bun:"table:translation_imports,alias:i"`
	AccountID     string `bun:",pk"`
	Sort          string `bun:",pk"`
	File          string
	Body          string
	At            time.Time
}

// Waiting is a file that somebody has sent and not decided about.
type Waiting struct {
	File string
	At   time.Time
	body []byte
}

// importDays is how long a file waits.
const importDays = 7

// Keep lays a file aside for the one who sent it, in place of an earlier one, until they have looked at it.
func (s *Store) Keep(ctx context.Context, who *auth.Actor, sort, name string, body []byte) error {
	if !MayKeep(who) {
		return auth.ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := db.Now()
		if _, err := tx.NewDelete().Model((*importRow)(nil)).Where("at < ? OR account_id = ? AND sort = ?", now.AddDate(0, 0, -importDays), who.ID, sort).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		_, err := tx.NewInsert().Model(&importRow{AccountID: who.ID, Sort: sort, File: name, Body: base64.StdEncoding.EncodeToString(body), At: now}).Exec(ctx)
		return db.Normalize(err)
	})
}

// Waiting gives the file that somebody has laid aside; nil if none.
func (s *Store) Waiting(ctx context.Context, who *auth.Actor, sort string) (*Waiting, error) {
	if !MayKeep(who) {
		return nil, nil
	}
	var r importRow
	switch err := db.Normalize(s.DB.Read().NewSelect().Model(&r).Where("i.account_id = ? AND i.sort = ? AND i.at >= ?", who.ID, sort, db.Now().AddDate(0, 0, -importDays)).Scan(ctx)); {
	case errors.Is(err, db.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	body, err := base64.StdEncoding.DecodeString(r.Body)
	if err != nil {
		return nil, fmt.Errorf("file laid aside: %w", err)
	}
	return &Waiting{r.File, r.At, body}, nil
}

// Terms reads the file as terms.
func (w *Waiting) Terms() ([]exchange.Term, error) { return exchange.ReadTerms(w.body) }

// Memory reads the file as a translation memory.
func (w *Waiting) Memory() ([]exchange.Pair, int, error) { return exchange.ReadTMX(w.body) }

// Drop forgets the file that somebody has laid aside.
func (s *Store) Drop(ctx context.Context, who *auth.Actor, sort string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*importRow)(nil)).Where("account_id = ? AND sort = ?", who.ID, sort).Exec(ctx)
		return db.Normalize(err)
	})
}
