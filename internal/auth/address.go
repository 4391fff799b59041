package auth

import (
	"context"
	"errors"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

const addressValid = 24 * time.Hour

// addressChange is one half of a change of address: what one of the two mailboxes has to agree to.
type addressChange struct {
	Email string // the new one
	Old   bool   // this half is the old mailbox's
}

// Half is what one mailbox is asked: the link's token goes there and nowhere else.
type Half struct {
	To    string // the mailbox
	Token string
	Email string // the address that the account is to have
	Old   bool   // it goes to the address that the account has
}

// AskAddress begins the change of one's own address. Both mailboxes are asked, and nothing changes before both have agreed;
// write sends the letters. If another account has the address, nothing is said of it here: its mailbox is not written to.
func (s *Service) AskAddress(ctx context.Context, who *Actor, email string, write func(ctx context.Context, tx bun.Tx, a Account, h Half) error) error {
	if err := s.confirmed(who); err != nil {
		return err
	}
	if !validEmail(email) {
		return Invalid{"email": "auth.email_invalid"}
	}
	if emailKey(email) == emailKey(who.Email) {
		return Invalid{"email": "auth.email_same"}
	}
	if _, err := s.ask(ctx, "address "+who.ID, "session "+who.SessionID); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.lockRow(ctx, tx, who, who.ID)
		if err != nil {
			return err
		}
		if err := endAddress(ctx, tx, who.ID); err != nil {
			return err
		}
		taken, err := tx.NewSelect().Table("accounts").Where("email_key = ?", emailKey(email)).Exists(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		until := s.opts.Now().Add(addressValid) // of both: one that is gone has agreed
		for _, h := range []Half{{To: row.Email, Email: email, Old: true}, {To: email, Email: email}} {
			if h.Token, err = s.begin(ctx, tx, "address", who.ID, "address "+who.ID, addressChange{email, h.Old}); err != nil {
				return err
			}
			if _, err := tx.NewUpdate().Model((*ceremonyRow)(nil)).Set("expires_at = ?", until).Where("token_hash = ?", digest(h.Token)).Exec(ctx); err != nil {
				return db.Normalize(err)
			}
			if taken && !h.Old {
				continue
			}
			if err := write(ctx, tx, row.account(), h); err != nil {
				return err
			}
		}
		return Audit(ctx, tx, who, "account.address_ask", Object{Kind: "account", ID: who.ID}, nil)
	})
}

// endAddress drops a change of address that has not been agreed to.
func endAddress(ctx context.Context, tx bun.Tx, account string) error {
	_, err := tx.NewDelete().Model((*ceremonyRow)(nil)).Where("account_id = ? AND kind = 'address'", account).Exec(ctx)
	return db.Normalize(err)
}

// AddressHalf says what a link asks; ErrStep if it is of no use any more. It changes nothing.
func (s *Service) AddressHalf(ctx context.Context, token string) (h Half, err error) {
	row, err := s.ceremony(ctx, s.db.Read(), "address", token)
	if err != nil {
		return h, err
	}
	var d addressChange
	if err := row.read(&d); err != nil {
		return h, err
	}
	return Half{Token: token, Email: d.Email, Old: d.Old}, nil
}

// AgreeAddress is a mailbox's yes, or no, which drops the change. With the second yes the account has the new address: all its
// sessions end, and told writes to both mailboxes. done says that this has happened.
func (s *Service) AgreeAddress(ctx context.Context, token string, yes bool, told func(ctx context.Context, tx bun.Tx, a Account, old string) error) (done bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.ceremony(ctx, tx, "address", token)
		if err != nil {
			return err
		}
		a, err := s.lockRow(ctx, tx, System("address"), row.AccountID) // in turns: both may come at once
		if err != nil {
			return err
		}
		who := &Actor{Account: a.account()}
		if a.Disabled {
			return ErrStep
		}
		if !yes {
			if err := endAddress(ctx, tx, a.ID); err != nil {
				return err
			}
			return Audit(ctx, tx, who, "account.address_refuse", Object{Kind: "account", ID: a.ID}, nil)
		}
		var d addressChange
		if err := row.read(&d); err != nil {
			return err
		}
		if err := s.end(ctx, tx, row); err != nil {
			return err
		}
		if waits, err := tx.NewSelect().Model((*ceremonyRow)(nil)).Where("c.account_id = ? AND c.kind = 'address' AND c.expires_at > ?", a.ID, s.opts.Now()).Exists(ctx); err != nil || waits {
			return db.Normalize(err)
		}
		old := a.Email
		a.Email, a.EmailKey = d.Email, emailKey(d.Email)
		if err := s.store(ctx, tx, who, a, "account.address_change", nil); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, a.ID, ""); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, a.ID, ""); err != nil {
			return err
		}
		done = true
		return told(ctx, tx, a.account(), old)
	})
	if errors.Is(err, db.ErrDuplicate) {
		err = Invalid{"email": "auth.email_taken"}
	}
	return done, err
}
