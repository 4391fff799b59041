package auth

import (
	"context"
	"encoding/json"

	"plenary/internal/db"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"
)

// stepData is what the second step needs to know of the first.
type stepData struct {
	Way     string                // what the first was
	Options json.RawMessage       `json:",omitempty"` // for the browser's passkeys
	Session *webauthn.SessionData `json:",omitempty"`
}

// Step is what a second step may be taken with.
type Step struct {
	App     bool            // a code of the app
	Codes   bool            // a recovery code
	Passkey json.RawMessage // options for the browser; nil where there is none
}

func (s *Service) beginStep(ctx context.Context, tx bun.Tx, row *accountRow, factors []factorRow, from From, way string) (token string, err error) {
	d := stepData{Way: way}
	if s.keys != nil {
		if d.Options, d.Session, err = s.assertion(row, factors); err != nil {
			return "", err
		}
	}
	return s.begin(ctx, tx, "step", row.ID, networkOf(from.IP), d)
}

// Step says what a second step may be taken with; ErrStep when the token is of no use any more.
func (s *Service) Step(ctx context.Context, token string) (*Step, error) {
	row, err := s.ceremony(ctx, s.db.Read(), "step", token)
	if err != nil {
		return nil, err
	}
	var d stepData
	if err := row.read(&d); err != nil {
		return nil, err
	}
	out := &Step{Passkey: d.Options}
	if out.App, err = s.db.Read().NewSelect().Model((*factorRow)(nil)).Where("f.account_id = ? AND f.kind = ?", row.AccountID, kindTOTP).Exists(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out.Codes, err = s.db.Read().NewSelect().Table("recovery_codes").Where("account_id = ?", row.AccountID).Exists(ctx)
	return out, db.Normalize(err)
}

// FinishStep takes a code, of the app or for recovery, and opens the session. A wrong one is an Invalid of the field code; after
// too many the error is ErrStep or a *ThrottledError. Each code is taken once, whoever comes with it at the same time.
func (s *Service) FinishStep(ctx context.Context, token, code string, from From) (*Opened, error) {
	row, err := s.ceremony(ctx, s.db.Read(), "step", token)
	if err != nil {
		return nil, err
	}
	g := stepGuess(row.AccountID, from)
	attempt, err := s.attempt(ctx, g)
	if err != nil {
		s.slowed(err, g.network)
		return nil, err
	}
	code = plainCode(code)
	o, err := s.finish(ctx, row, from, func(ctx context.Context, tx bun.Tx, _ *accountRow) (string, error) {
		if err := succeeded(ctx, tx, attempt); err != nil {
			return "", err
		}
		if len(code) == 16 {
			return "code", used(tx.NewDelete().Table("recovery_codes").Where("account_id = ? AND hash = ?", row.AccountID, digest(code)).Exec(ctx))
		}
		f := new(factorRow)
		if err := tx.NewSelect().Model(f).Where("f.account_id = ? AND f.kind = ?", row.AccountID, kindTOTP).Scan(ctx); err != nil {
			return "", db.Normalize(err)
		}
		step := stepOf(f.Secret, code, f.Step, s.opts.Now())
		if step == 0 {
			return "", db.ErrNotFound
		}
		return "app", used(tx.NewUpdate().Table("factors").Set("step = ?", step).Set("used_at = ?", s.opts.Now()).Where("id = ? AND step < ?", f.ID, step).Exec(ctx))
	})
	return o, s.refusedStep(ctx, row, g.network, "code", err)
}

// used is db.ErrNotFound where a statement changed nothing.
func used(res interface{ RowsAffected() (int64, error) }, err error) error {
	if err != nil {
		return db.Normalize(err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return db.ErrNotFound
	}
	return nil
}

// finish ends a second step with a session.
func (s *Service) finish(ctx context.Context, row *ceremonyRow, from From, check func(ctx context.Context, tx bun.Tx, a *accountRow) (way string, err error)) (*Opened, error) {
	var d stepData
	if err := row.read(&d); err != nil {
		return nil, err
	}
	var o *Opened
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.row(ctx, tx, "a.id = ? AND NOT a.disabled", row.AccountID)
		if err != nil {
			return ErrStep
		}
		way, err := check(ctx, tx, now)
		if err != nil {
			return err
		}
		if err := s.end(ctx, tx, row); err != nil {
			return err
		}
		o, err = s.open(ctx, tx, now, from, d.Way+"+"+way)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, o)
}
