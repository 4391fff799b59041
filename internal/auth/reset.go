package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

const (
	resetValid = time.Hour
	maxResets  = 3 // links that may be open for one account: a stranger does not fill somebody's mailbox
)

func resetPurpose(account string) string { return "reset:" + account }

// AskReset is the first step for who has forgotten a password. It tells nothing of accounts: whoever asks too often for one
// address or from one network gets a *ThrottledError, whether there is an account or not.
func (s *Service) AskReset(ctx context.Context, email string, ip netip.Addr) error {
	if !validEmail(emailKey(email)) {
		return Invalid{"email": "auth.email_invalid"}
	}
	_, err := s.ask(ctx, "reset "+emailKey(email), "reset "+networkOf(ip))
	return err
}

// ResetToken makes a token, as part of tx, by which the account of an address gets a new password within an hour. There
// is none, and no account, where nobody has the address, the account is closed, or enough tokens are open.
func (s *Service) ResetToken(ctx context.Context, tx bun.Tx, email string) (token string, a *Account, err error) {
	row, err := s.row(ctx, tx, "a.email_key = ?", emailKey(email))
	if errors.Is(err, db.ErrNotFound) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	now := s.opts.Now()
	if _, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return "", nil, err
	}
	open, err := tx.NewSelect().Model((*tokenRow)(nil)).Where("t.purpose = ?", resetPurpose(row.ID)).Count(ctx)
	if err != nil || row.Disabled || open >= maxResets {
		return "", nil, err
	}
	token = newToken()
	if _, err := tx.NewInsert().Model(&tokenRow{Hash: digest(token), Purpose: resetPurpose(row.ID), ExpiresAt: now.Add(resetValid)}).Exec(ctx); err != nil {
		return "", nil, err
	}
	acc := row.account()
	return token, &acc, Audit(ctx, tx, System("reset"), "account.reset_ask", Object{Kind: "account", ID: row.ID}, nil)
}

// byReset gives the account that a token opens; ErrReset if there is none.
func (s *Service) byReset(ctx context.Context, q bun.IDB, token string) (*accountRow, error) {
	row, err := s.row(ctx, q, "NOT a.disabled AND EXISTS (SELECT 1 FROM tokens AS t WHERE t.purpose = 'reset:' || a.id AND t.hash = ?)", digest(token))
	if errors.Is(err, db.ErrNotFound) {
		return nil, ErrReset
	}
	if err != nil {
		return nil, err
	}
	ok, err := q.NewSelect().Model((*tokenRow)(nil)).Where("t.hash = ? AND t.expires_at > ?", digest(token), s.opts.Now()).Exists(ctx)
	if err == nil && !ok {
		return nil, ErrReset
	}
	return row, db.Normalize(err)
}

// ResetOpen says whether the token still gives a new password: nil or ErrReset. It changes nothing: programs that read
// mail before people do follow links.
func (s *Service) ResetOpen(ctx context.Context, token string) error {
	_, err := s.byReset(ctx, s.db.Read(), token)
	return err
}

// Reset gives the account of a token a new password. The token and all others of the account end, and so do its
// sessions. told writes to the person in the same transaction. A password that is refused is an Invalid and leaves the
// token open.
func (s *Service) Reset(ctx context.Context, token, password string, told func(ctx context.Context, tx bun.Tx, a Account) error) error {
	row, err := s.byReset(ctx, s.db.Read(), token)
	if err != nil {
		return err
	}
	if key := s.weakPassword(password, row.Email, row.Name); key != "" {
		return Invalid{"password": key}
	}
	hash, err := s.hashes.make(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Deleted first: of two who come at once with the same link the second finds none.
		res, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("hash = ? AND expires_at > ?", digest(token), s.opts.Now()).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(ErrReset, err)
		}
		who := &Actor{Account: row.account()}
		row, err := s.lockRow(ctx, tx, who, row.ID)
		if err != nil {
			return err
		}
		if row.Disabled {
			return ErrReset
		}
		row.Password = hash
		if err := s.store(ctx, tx, who, row, "account.password_reset", nil); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
		if err := endSessions(ctx, tx, row.ID, ""); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, row.ID, ""); err != nil {
			return err
		}
		return told(ctx, tx, row.account())
	})
}
