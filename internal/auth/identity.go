package auth

import (
	"context"
	"errors"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Identity is what an office's directory says of somebody who signed in there.
type Identity struct {
	Issuer, Subject string // together they are one person, whatever happens to names and addresses
	Email           string
	Verified        bool // the directory says that the address is theirs
}

type identityRow struct {
	bun.BaseModel `bun:"table:identities,alias:i"`
	Issuer        string    `bun:"issuer,pk"`
	Subject       string    `bun:"subject,pk"`
	AccountID     string    `bun:"account_id"`
	CreatedAt     time.Time `bun:"created_at"`
}

// SignInByDirectory lets in whom a directory has recognized: the account that it let in before, or the one whose address it
// says is theirs, and verified; that one is linked from then on and its owner told. An account that is linked to somebody is
// nobody else's, though the directory give the address to another. Where there is none the error is ErrDirectory, and no
// account is made. A second factor is asked as after a password: the error is then a *StepError.
func (s *Service) SignInByDirectory(ctx context.Context, id Identity, from From, told Told) (*Opened, error) {
	if id.Issuer == "" || id.Subject == "" || len(id.Subject) > 255 {
		return nil, ErrDirectory
	}
	refused := func(why string) error {
		s.opts.Log.Warn("sign-in by directory refused", "event", "directory_refused", "network", networkOf(from.IP), "why", why)
		return ErrDirectory
	}
	known := new(identityRow)
	err := s.db.Read().NewSelect().Model(known).Where("i.issuer = ? AND i.subject = ?", id.Issuer, id.Subject).Scan(ctx)
	fresh := errors.Is(db.Normalize(err), db.ErrNotFound)
	if err != nil && !fresh {
		return nil, db.Normalize(err)
	}
	var row *accountRow
	if !fresh {
		row, err = s.row(ctx, s.db.Read(), "a.id = ? AND NOT a.disabled", known.AccountID)
	} else {
		if !id.Verified || !validEmail(emailKey(id.Email)) {
			return nil, refused("address not verified")
		}
		row, err = s.row(ctx, s.db.Read(), "a.email_key = ? AND NOT a.disabled", emailKey(id.Email))
	}
	if errors.Is(err, db.ErrNotFound) {
		return nil, refused("no account")
	}
	if err != nil {
		return nil, err
	}
	o, err := s.enter(ctx, row, from, "directory", func(ctx context.Context, tx bun.Tx, now *accountRow) error {
		if !fresh {
			return used(tx.NewUpdate().Table("identities").Set("account_id = account_id").Where("issuer = ? AND subject = ? AND account_id = ?", id.Issuer, id.Subject, now.ID).Exec(ctx))
		}
		if now.EmailKey != emailKey(id.Email) {
			return db.ErrNotFound
		}
		if linked, err := tx.NewSelect().Model((*identityRow)(nil)).Where("i.account_id = ? AND i.issuer = ?", now.ID, id.Issuer).Exists(ctx); err != nil {
			return err
		} else if linked {
			return db.ErrNotFound
		}
		if _, err := tx.NewInsert().Model(&identityRow{Issuer: id.Issuer, Subject: id.Subject, AccountID: now.ID, CreatedAt: s.opts.Now()}).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if err := Audit(ctx, tx, &Actor{Account: now.account()}, "account.directory_link", Object{Kind: "account", ID: now.ID}, nil); err != nil {
			return err
		}
		return told(ctx, tx, now.account())
	})
	if errors.Is(err, db.ErrNotFound) || errors.Is(err, ErrSignIn) || errors.Is(err, db.ErrDuplicate) {
		return nil, refused("linked to somebody else, or closed")
	}
	return o, err
}

// Unlink makes the directory open an account no longer; it can be linked again by signing in there. One's own, or anybody's for
// those who manage accounts.
func (s *Service) Unlink(ctx context.Context, who *Actor, account string) error {
	if who == nil {
		return ErrForbidden
	}
	if who.ID == account {
		if err := s.confirmed(who); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if who.ID != account {
			if err := s.mayManage(ctx, tx, who, account); err != nil {
				return err
			}
		}
		if _, err := tx.NewDelete().Model((*identityRow)(nil)).Where("account_id = ?", account).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return Audit(ctx, tx, who, "account.directory_unlink", Object{Kind: "account", ID: account}, nil)
	})
}

// DirectoryWay is a sign-in that has gone to a directory and is to come back.
type DirectoryWay struct {
	Nonce, Verifier string
	Next            string // where the person wanted to go
	Locale          string // of the page it began on
}

// BeginDirectory keeps what must be known when the browser comes back; the token is the state that the directory is given.
func (s *Service) BeginDirectory(ctx context.Context, w DirectoryWay, from From) (token string, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		token, err = s.begin(ctx, tx, "directory", "", networkOf(from.IP), w)
		return err
	})
	return token, err
}

// EndDirectory gives what was kept, once: ErrStep for a token that is unknown, used or too old.
func (s *Service) EndDirectory(ctx context.Context, token string) (w DirectoryWay, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.ceremony(ctx, tx, "directory", token)
		if err != nil {
			return err
		}
		if err := row.read(&w); err != nil {
			return err
		}
		return s.end(ctx, tx, row)
	})
	return w, err
}
