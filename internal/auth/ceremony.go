package auth

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// ceremonyRow is something that one request begins and another ends.
type ceremonyRow struct {
	bun.BaseModel `bun:"table:ceremonies,alias:c"`
	TokenHash     string    `bun:"token_hash,pk"`
	Kind          string    `bun:"kind"`
	AccountID     string    `bun:"account_id"`
	Network       string    `bun:"network"`
	Data          string    `bun:"data"`
	Tries         int       `bun:"tries"`
	ExpiresAt     time.Time `bun:"expires_at"`
}

const (
	ceremonyTime = 10 * time.Minute
	perCeremony  = 5   // wrong answers
	perNetworkUp = 200 // that may be under way from one network
)

func (r *ceremonyRow) read(to any) error { return json.Unmarshal([]byte(r.Data), to) }

// begin keeps data under a new token.
func (s *Service) begin(ctx context.Context, tx bun.Tx, kind, account, network string, data any) (token string, err error) {
	now := s.opts.Now()
	if _, err := tx.NewDelete().Model((*ceremonyRow)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return "", err
	}
	if n, err := tx.NewSelect().Model((*ceremonyRow)(nil)).Where("c.network = ?", network).Count(ctx); err != nil {
		return "", err
	} else if n >= perNetworkUp {
		return "", &ThrottledError{RetryAfter: time.Minute}
	}
	b, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	token = newToken()
	_, err = tx.NewInsert().Model(&ceremonyRow{TokenHash: digest(token), Kind: kind, AccountID: account, Network: network, Data: string(b), ExpiresAt: now.Add(ceremonyTime)}).Exec(ctx)
	return token, db.Normalize(err)
}

// ceremony gives what is kept under a token; ErrStep if there is nothing.
func (s *Service) ceremony(ctx context.Context, q bun.IDB, kind, token string) (*ceremonyRow, error) {
	row := new(ceremonyRow)
	err := q.NewSelect().Model(row).Where("c.token_hash = ? AND c.kind = ? AND c.expires_at > ? AND c.tries < ?", digest(token), kind, s.opts.Now(), perCeremony).Scan(ctx)
	if errors.Is(db.Normalize(err), db.ErrNotFound) {
		return nil, ErrStep
	}
	return row, db.Normalize(err)
}

// end takes a ceremony away: of two who come at once with the same token the second finds none.
func (s *Service) end(ctx context.Context, tx bun.Tx, row *ceremonyRow) error {
	res, err := tx.NewDelete().Model((*ceremonyRow)(nil)).Where("token_hash = ? AND tries < ?", row.TokenHash, perCeremony).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(ErrStep, err)
	}
	return nil
}

// mistaken counts a wrong answer.
func (s *Service) mistaken(ctx context.Context, row *ceremonyRow) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*ceremonyRow)(nil)).Set("tries = tries + 1").Where("token_hash = ?", row.TokenHash).Exec(ctx)
		return err
	})
}
