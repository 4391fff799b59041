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
	Office    string      // organisation entry; of a series or event the grant reaches only what belongs to it. Empty: all
	Locale    i18n.Locale // empty: every language
	Until     *time.Time  // nil: until taken away
	EndingAt  *time.Time  // it ends then, since nobody has confirmed it; nil: nothing of the kind
}

// lasts reports whether the grant has not ended by now.
func (g Grant) lasts(now time.Time) bool {
	return (g.Until == nil || now.Before(*g.Until)) && (g.EndingAt == nil || now.Before(*g.EndingAt))
}

// Ends is when the grant ends as things stand, nil if it does not.
func (g Grant) Ends() *time.Time {
	if g.EndingAt != nil && (g.Until == nil || g.EndingAt.Before(*g.Until)) {
		return g.EndingAt
	}
	return g.Until
}

type grantRow struct {
	bun.BaseModel `bun:"table:grants,alias:g"`
	ID            string     `bun:"id,pk"`
	AccountID     string     `bun:"account_id"`
	Role          string     `bun:"role"`
	Scope         string     `bun:"scope"`
	ScopeID       string     `bun:"scope_id"`
	OfficeID      string     `bun:"office_id"`
	Locale        string     `bun:"locale"`
	Until         *time.Time `bun:"until"`
	CreatedAt     time.Time  `bun:"created_at"`
	CreatedBy     string     `bun:"created_by"`
	ConfirmedAt   *time.Time `bun:"confirmed_at"`
	AskedAt       *time.Time `bun:"asked_at"`
	EndingAt      *time.Time `bun:"ending_at"`
	WarnedAt      *time.Time `bun:"warned_at"`
}

func (r *grantRow) grant() Grant {
	return Grant{r.ID, r.AccountID, Role(r.Role), ScopeKind(r.Scope), r.ScopeID, r.OfficeID, i18n.Locale(r.Locale), r.Until, r.EndingAt}
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
	if g.Office != "" {
		d["office_id"] = g.Office
	}
	if g.Locale != "" {
		d["locale"] = g.Locale
	}
	if g.Until != nil {
		d["until"] = g.Until.UTC()
	}
	return d
}

// changeGrants lets f change a grant of an account that the actor may change, raises the account's policy version and writes the
// audit line. Administrators' grants are changed by administrators only.
func (s *Service) changeGrants(ctx context.Context, tx bun.Tx, who *Actor, g Grant, action string, f func() error) error {
	if g.Role == Admin && !who.Can(ManageInstance, Object{}) {
		return ErrForbidden
	}
	if admin, err := isAdmin(ctx, tx, g.AccountID); err != nil {
		return err
	} else if admin && !who.Can(ManageInstance, Object{}) {
		return ErrForbidden
	}
	row, err := s.holdRow(ctx, tx, g.AccountID)
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	if g.Role == Admin {
		field := "role"
		if action == "grant.add" {
			field = "until"
		}
		if err := keepAdmin(ctx, tx, field); err != nil {
			return err
		}
	}
	return s.store(ctx, tx, who, row, action, g.detail())
}

// AddGrant gives a role. The same role, scope and language once more only moves its end. Nobody gives what reaches further or lasts
// longer than what they hold: see MayHand. What an organisation's lead gives of a series or an event is limited to what belongs to
// the organisation.
func (s *Service) AddGrant(ctx context.Context, who *Actor, g Grant) (*Grant, error) {
	var out *Grant
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		now, err := s.handable(ctx, tx, who, g)
		if err != nil {
			return err
		}
		if err := s.mayGiveTo(ctx, tx, who, g.AccountID); err != nil {
			return err
		}
		out, err = s.give(ctx, tx, who, *now)
		return err
	})
	if errors.Is(err, db.ErrReference) {
		err = db.ErrNotFound
	}
	return out, err
}

// give writes a grant that the actor may give.
func (s *Service) give(ctx context.Context, tx bun.Tx, who *Actor, g Grant) (*Grant, error) {
	if g.Until != nil {
		t := g.Until.UTC().Truncate(time.Microsecond)
		g.Until = &t
	}
	err := s.changeGrants(ctx, tx, who, g, "grant.add", func() error {
		// One that is there already is replaced by who could take it away, and by nobody else.
		was := new(grantRow)
		err := db.Normalize(tx.NewSelect().Model(was).Where("g.account_id = ? AND g.role = ? AND g.scope = ? AND g.scope_id = ? AND g.locale = ?",
			g.AccountID, string(g.Role), string(g.Scope), g.ScopeID, string(g.Locale)).Scan(ctx))
		if err == nil {
			if may, err := s.mayTake(ctx, tx, who, was.grant()); err != nil || !may {
				return errors.Join(err, Invalid{"role": "auth.grant_others"})
			}
			g.ID = was.ID
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		} else {
			g.ID = newID()
		}
		row := &grantRow{ID: g.ID, AccountID: g.AccountID, Role: string(g.Role), Scope: string(g.Scope), ScopeID: g.ScopeID, OfficeID: g.Office,
			Locale: string(g.Locale), Until: g.Until, CreatedAt: s.opts.Now(), CreatedBy: who.ID}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (account_id, role, scope, scope_id, locale) DO UPDATE").Set("until = EXCLUDED.until").Set("office_id = EXCLUDED.office_id").
			Set("created_by = EXCLUDED.created_by").Set("confirmed_at = EXCLUDED.created_at").Set("asked_at = NULL").Set("ending_at = NULL").Set("warned_at = NULL").Exec(ctx)
		return db.Normalize(err)
	})
	if err != nil {
		return nil, err
	}
	return &g, nil
}

// RemoveGrant takes a grant away; the account has lost it at its next request, on every instance. The last
// administrator cannot be removed. Of what the actor may not take away, db.ErrNotFound is all that is said.
func (s *Service) RemoveGrant(ctx context.Context, who *Actor, id string) error {
	_, err := s.TakeGrant(ctx, who, id)
	return err
}

// TakeGrant is RemoveGrant, and gives what was taken away.
func (s *Service) TakeGrant(ctx context.Context, who *Actor, id string) (g Grant, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		if g, err = s.takeable(ctx, tx, who, id); err != nil {
			return err
		}
		return s.changeGrants(ctx, tx, who, g, "grant.remove", func() error {
			_, err := tx.NewDelete().Table("grants").Where("id = ?", id).Exec(ctx)
			return db.Normalize(err)
		})
	})
	return g, err
}

// UndoRemoveGrant gives back a role that the actor took away within the last hour, with the end it had. What was not taken away by them
// is db.ErrNotFound: it asks the log, not who asks.
func (s *Service) UndoRemoveGrant(ctx context.Context, who *Actor, g Grant) error {
	if !who.CanSomewhere(Appoint) {
		return ErrForbidden
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
			Office  string `json:"office_id"`
			Locale  i18n.Locale
			Until   *time.Time
		}
		if err := json.Unmarshal(line.Detail, &was); err != nil {
			return fmt.Errorf("audit line %s: %w", line.ID, err)
		}
		if was.Role == g.Role && was.Scope == g.Scope && was.ScopeID == g.ScopeID && was.Locale == g.Locale {
			g.Until, g.Office = was.Until, was.Office
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
