package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Deputy is who clears for an account while it is away.
type Deputy struct {
	Account string
	Name    string
	Until   time.Time
}

type deputyRow struct {
	bun.BaseModel `bun:"table:deputies,alias:d"`
	AccountID     string    `bun:"account_id,pk"`
	DeputyID      string    `bun:"deputy_id"`
	Until         time.Time `bun:"until"`
}

// SetDeputy names who clears for the actor until a time, instead of whom was named before; "" names nobody. The deputy
// has the actor's right to clear as it is at each moment, and hands it on to nobody.
func (s *Service) SetDeputy(ctx context.Context, who *Actor, deputy string, until time.Time) error {
	if who == nil || who.IsProgram() || deputy != "" && !who.mayDepute() {
		return ErrForbidden
	}
	until = until.UTC().Truncate(time.Microsecond)
	detail := map[string]any{}
	if deputy != "" {
		detail["deputy"], detail["until"] = deputy, until
		if !until.After(s.opts.Now()) {
			return Invalid{"deputy_until": "auth.until_past"}
		}
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if deputy == "" {
			res, err := tx.NewDelete().Model((*deputyRow)(nil)).Where("account_id = ?", who.ID).Exec(ctx)
			if err != nil {
				return db.Normalize(err)
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return err
			}
		} else {
			a, err := s.row(ctx, tx, "a.id = ?", deputy)
			if errors.Is(err, db.ErrNotFound) || err == nil && (a.Disabled || a.ID == who.ID) {
				return Invalid{"deputy": "auth.deputy_unknown"}
			} else if err != nil {
				return err
			}
			if _, err := tx.NewInsert().Model(&deputyRow{AccountID: who.ID, DeputyID: deputy, Until: until}).On("CONFLICT (account_id) DO UPDATE").
				Set("deputy_id = EXCLUDED.deputy_id").Set("until = EXCLUDED.until").Exec(ctx); err != nil {
				return db.Normalize(err)
			}
		}
		return Audit(ctx, tx, who, "account.deputy", Object{Kind: "account", ID: who.ID}, detail)
	})
}

// mayDepute reports whether there is a right to clear of the actor's own.
func (a *Actor) mayDepute() bool {
	own := *a
	own.stead = nil
	return own.CanSomewhere(Clear)
}

// MayDepute reports whether the actor may name a deputy.
func (a *Actor) MayDepute() bool { return a != nil && !a.IsProgram() && a.mayDepute() }

// DeputyOf gives the actor's own deputy, nil if there is none in force.
func (s *Service) DeputyOf(ctx context.Context, who *Actor) (*Deputy, error) {
	if who == nil {
		return nil, ErrForbidden
	}
	var d Deputy
	err := s.db.Read().NewRaw("SELECT d.deputy_id AS account, a.name, d.until FROM deputies d JOIN accounts a ON a.id = d.deputy_id WHERE d.account_id = ? AND d.until > ?",
		who.ID, s.opts.Now()).Scan(ctx, &d)
	if err = db.Normalize(err); errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return &d, err
}

// Deputable lists whom the actor may name: everybody who can sign in.
func (s *Service) Deputable(ctx context.Context, who *Actor) ([]Account, error) {
	if !who.MayDepute() {
		return nil, ErrForbidden
	}
	var rows []accountRow
	if err := s.db.Read().NewSelect().Model(&rows).Where("NOT a.disabled AND a.id <> ?", who.ID).OrderExpr("a.name, a.id").Limit(500).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := make([]Account, len(rows))
	for i := range rows {
		out[i] = Account{ID: rows[i].ID, Name: rows[i].Name}
	}
	return out, nil
}

// steads gives the grants of those whose deputy an account is. They are not kept: a deputy's right ends with the time
// and with every change of the other's.
func (s *Service) steads(ctx context.Context, account string) ([]Grant, error) {
	now := s.opts.Now()
	var rows []grantRow
	if err := s.db.Read().NewSelect().Model(&rows).Join("JOIN deputies AS d ON d.account_id = g.account_id").Join("JOIN accounts AS a ON a.id = g.account_id").
		Where("d.deputy_id = ? AND d.until > ? AND NOT a.disabled AND g.role IN (?)", account, now, bun.In(rolesThat(Clear))).OrderExpr("g.created_at, g.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("deputies: %w", db.Normalize(err))
	}
	out := make([]Grant, len(rows))
	for i := range rows {
		out[i] = rows[i].grant()
	}
	return inForce(out, now), nil
}

// rolesThat are the roles that may do something at all.
func rolesThat(action Action) []string {
	var out []string
	for _, role := range Roles {
		for _, r := range roleRules()[role] {
			if r.action == action {
				out = append(out, string(role))
				break
			}
		}
	}
	return out
}

// ClearsFor says whether the actor may clear o, and on whose behalf: "" by a right of their own.
func (a *Actor) ClearsFor(o Object) (account string, ok bool) {
	if !a.Can(Clear, o) {
		return "", false
	}
	own := *a
	own.stead = nil
	if own.Can(Clear, o) {
		return "", true
	}
	for _, g := range a.stead {
		own.stead = []Grant{g}
		if own.Can(Clear, o) {
			return g.AccountID, true
		}
	}
	return "", false
}

// Able lists who may clear o at this moment, deputies included: those who are told that it waits.
func (s *Service) Able(ctx context.Context, o Object) ([]*Actor, error) {
	var ids []string
	if err := s.db.Read().NewRaw("SELECT account_id FROM grants WHERE role IN (?) UNION SELECT deputy_id FROM deputies WHERE until > ? ORDER BY 1",
		bun.In(rolesThat(Clear)), s.opts.Now()).Scan(ctx, &ids); err != nil {
		return nil, db.Normalize(err)
	}
	return s.those(ctx, ids, func(who *Actor) bool { return who.Can(Clear, o) })
}
