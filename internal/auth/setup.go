package auth

import (
	"context"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens,alias:t"`
	Hash          string    `bun:"hash,pk"`
	Purpose       string    `bun:"purpose"`
	ExpiresAt     time.Time `bun:"expires_at"`
}

// SetupToken gives the token of the link that makes the first administrator, or nothing when there are accounts. There
// is no default account and no open set-up page: only who reads the program's output gets in. Each call gives a new
// token; all of them end with the first use or after a day.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	n, err := s.Count(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	token := newToken()
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("expires_at < ?", s.opts.Now()).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&tokenRow{Hash: digest(token), Purpose: "setup", ExpiresAt: s.opts.Now().Add(24 * time.Hour)}).Exec(ctx)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// SetupValid says whether the token opens the set-up page: nil or ErrSetup. It changes nothing.
func (s *Service) SetupValid(ctx context.Context, token string) error {
	n, err := s.Count(ctx)
	if err != nil {
		return err
	}
	ok, err := s.db.Read().NewSelect().Model((*tokenRow)(nil)).Where("t.hash = ? AND t.purpose = 'setup' AND t.expires_at > ?", digest(token), s.opts.Now()).Exists(ctx)
	if err != nil {
		return db.Normalize(err)
	}
	if !ok || n > 0 {
		return ErrSetup
	}
	return nil
}

// Setup makes the first account, an administrator. Wrong input is an Invalid and leaves the token valid.
func (s *Service) Setup(ctx context.Context, token string, n NewAccount) (*Account, error) {
	if err := s.SetupValid(ctx, token); err != nil {
		return nil, err
	}
	n, hash, err := s.checkFirst(ctx, n)
	if err != nil {
		return nil, err
	}
	who := System("setup")
	var a Account
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		// Checked again: two people with two links come here one after the other.
		count, err := tx.NewSelect().Table("accounts").Count(ctx)
		if err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("hash = ?", digest(token)).Exec(ctx)
		if err != nil {
			return err
		}
		if used, err := res.RowsAffected(); err != nil || used == 0 || count > 0 {
			return ErrSetup
		}
		if _, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("purpose = 'setup'").Exec(ctx); err != nil {
			return err
		}
		if a, err = s.insert(ctx, tx, who, n, hash); err != nil {
			return err
		}
		g := Grant{ID: newID(), AccountID: a.ID, Role: Admin, Scope: ScopeSite}
		if _, err := tx.NewInsert().Model(&grantRow{ID: g.ID, AccountID: g.AccountID, Role: string(g.Role), Scope: string(g.Scope),
			CreatedAt: s.opts.Now(), CreatedBy: who.ID}).Exec(ctx); err != nil {
			return err
		}
		return Audit(ctx, tx, who, "grant.add", Object{Kind: "account", ID: a.ID}, g.detail())
	})
	if err != nil {
		return nil, err
	}
	return &a, nil
}
