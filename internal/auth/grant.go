package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Grant gives an account a role: everywhere or within a scope, in every language or one, for ever or until a time.
type Grant struct {
	ID        string
	AccountID string
	Role      Role
	Scope     ScopeKind
	ScopeID   string      // entry of the organisation, series or event; empty for the site
	Locale    i18n.Locale // empty: every language
	Until     *time.Time  // nil: until taken away
}

type grantRow struct {
	bun.BaseModel `bun:"table:grants,alias:g"`
	ID            string     `bun:"id,pk"`
	AccountID     string     `bun:"account_id"`
	Role          string     `bun:"role"`
	Scope         string     `bun:"scope"`
	ScopeID       string     `bun:"scope_id"`
	Locale        string     `bun:"locale"`
	Until         *time.Time `bun:"until"`
	CreatedAt     time.Time  `bun:"created_at"`
	CreatedBy     string     `bun:"created_by"`
}

func (r *grantRow) grant() Grant {
	return Grant{r.ID, r.AccountID, Role(r.Role), ScopeKind(r.Scope), r.ScopeID, i18n.Locale(r.Locale), r.Until}
}

func grantsOf(ctx context.Context, q bun.IDB, account string) ([]Grant, error) {
	var rows []grantRow
	if err := q.NewSelect().Model(&rows).Where("g.account_id = ?", account).OrderExpr("g.created_at, g.id").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	all := make([]Grant, len(rows))
	for i := range rows {
		all[i] = rows[i].grant()
	}
	return all, nil
}

func (g Grant) check(now time.Time) error {
	bad := Invalid{}
	scopes := ScopesOf(g.Role)
	switch {
	case len(scopes) == 0:
		bad["role"] = "auth.role_unknown"
	case !slices.Contains(Scopes, g.Scope):
		bad["scope"] = "auth.scope_unknown"
	case !slices.Contains(scopes, g.Scope):
		bad["scope"] = "auth.scope_not_for_role"
	}
	if (g.Scope == ScopeSite) != (g.ScopeID == "") || len(g.ScopeID) > 100 {
		bad["scope_id"] = "auth.scope_id_missing"
	}
	if !knownLocale(g.Locale) {
		bad["locale"] = "auth.locale_unknown"
	} else if g.Locale != "" && (g.Role == Admin || g.Role == SiteManager) {
		bad["locale"] = "auth.locale_not_for_role"
	}
	if g.Until != nil && !g.Until.After(now) {
		bad["until"] = "auth.until_past"
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// object is what the audit log says a grant was about.
func (g Grant) detail() map[string]any {
	d := map[string]any{"role": g.Role, "scope": g.Scope}
	if g.ScopeID != "" {
		d["scope_id"] = g.ScopeID
	}
	if g.Locale != "" {
		d["locale"] = g.Locale
	}
	if g.Until != nil {
		d["until"] = g.Until.UTC()
	}
	return d
}

// changeGrants runs f, raises the account's policy version and writes the audit line.
func (s *Service) changeGrants(ctx context.Context, who *Actor, account string, role func(tx bun.Tx) (Grant, error), action string, f func(ctx context.Context, tx bun.Tx, g Grant) error) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		g, err := role(tx)
		if err != nil {
			return err
		}
		if err := s.mayManage(ctx, tx, who, g.AccountID); err != nil {
			return err
		}
		if g.Role == Admin && !who.Can(ManageInstance, Object{}) {
			return ErrForbidden
		}
		row, err := s.lockRow(ctx, tx, who, g.AccountID)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, g); err != nil {
			return err
		}
		return s.store(ctx, tx, who, row, action, g.detail())
	})
}

// AddGrant gives a role. The same role, scope and language once more only moves its end. Administrators are appointed
// by administrators.
func (s *Service) AddGrant(ctx context.Context, who *Actor, g Grant) (*Grant, error) {
	if err := need(who, ManageUsers, Object{Kind: "account", ID: g.AccountID}); err != nil {
		return nil, err
	}
	if err := g.check(s.opts.Now()); err != nil {
		return nil, err
	}
	if g.Until != nil {
		t := g.Until.UTC().Truncate(time.Microsecond)
		g.Until = &t
	}
	err := s.changeGrants(ctx, who, g.AccountID, func(bun.Tx) (Grant, error) { return g, nil }, "grant.add", func(ctx context.Context, tx bun.Tx, _ Grant) error {
		row := &grantRow{ID: newID(), AccountID: g.AccountID, Role: string(g.Role), Scope: string(g.Scope), ScopeID: g.ScopeID,
			Locale: string(g.Locale), Until: g.Until, CreatedAt: s.opts.Now(), CreatedBy: who.ID}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (account_id, role, scope, scope_id, locale) DO UPDATE").Set("until = EXCLUDED.until").Returning("id").Exec(ctx, &g.ID)
		if err != nil {
			return db.Normalize(err)
		}
		if g.Role == Admin {
			return keepAdmin(ctx, tx, "until")
		}
		return nil
	})
	if errors.Is(err, db.ErrReference) {
		err = db.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &g, nil
}

// RemoveGrant takes a grant away; the account has lost it at its next request, on every instance. The last
// administrator cannot be removed.
func (s *Service) RemoveGrant(ctx context.Context, who *Actor, id string) error {
	if err := need(who, ManageUsers, Object{Kind: "account"}); err != nil {
		return err
	}
	return s.changeGrants(ctx, who, "", func(tx bun.Tx) (Grant, error) {
		row := new(grantRow)
		if err := tx.NewSelect().Model(row).Where("g.id = ?", id).Scan(ctx); err != nil {
			return Grant{}, db.Normalize(err)
		}
		return row.grant(), nil
	}, "grant.remove", func(ctx context.Context, tx bun.Tx, g Grant) error {
		if _, err := tx.NewDelete().Table("grants").Where("id = ?", id).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if g.Role == Admin {
			return keepAdmin(ctx, tx, "role")
		}
		return nil
	})
}

// UndoRemoveGrant gives back a role that the actor took away within the last hour, with the end it had. What was not taken away by them
// is db.ErrNotFound: it asks the log, not who asks.
func (s *Service) UndoRemoveGrant(ctx context.Context, who *Actor, g Grant) error {
	if err := need(who, ManageUsers, Object{Kind: "account", ID: g.AccountID}); err != nil {
		return err
	}
	var lines []auditRow
	if err := s.db.Read().NewSelect().Model(&lines).Where("l.actor = ? AND l.action = 'grant.remove' AND l.object_id = ? AND l.at > ?", who.ID, g.AccountID, db.Now().Add(-time.Hour)).
		OrderExpr("l.id DESC").Limit(50).Scan(ctx); err != nil {
		return db.Normalize(err)
	}
	for _, line := range lines {
		var was struct {
			Role    Role
			Scope   ScopeKind
			ScopeID string `json:"scope_id"`
			Locale  i18n.Locale
			Until   *time.Time
		}
		if err := json.Unmarshal(line.Detail, &was); err != nil {
			return fmt.Errorf("audit line %s: %w", line.ID, err)
		}
		if was.Role == g.Role && was.Scope == g.Scope && was.ScopeID == g.ScopeID && was.Locale == g.Locale {
			g.Until = was.Until
			_, err := s.AddGrant(ctx, who, g)
			return err
		}
	}
	return db.ErrNotFound
}

// Grants lists the grants of an account, ended ones too: one's own, or anybody's for those who manage accounts.
func (s *Service) Grants(ctx context.Context, who *Actor, account string) ([]Grant, error) {
	if who == nil || who.ID != account && !who.Can(ManageUsers, Object{Kind: "account", ID: account}) {
		return nil, ErrForbidden
	}
	return grantsOf(ctx, s.db.Read(), account)
}
