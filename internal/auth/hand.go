package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Handing on: whoever may appoint gives roles, none that reaches further or lasts longer than what they hold themselves.

// entryKinds are the kinds of entries that scopes are about.
var entryKinds = map[ScopeKind]string{ScopeOrganisation: "organization", ScopeSeries: "series", ScopeEvent: "event"}

// MayHand reports whether the actor may give g, which is limited to the entry on. It is asked of each grant of theirs by itself:
// one that lets them appoint must reach over all that g reaches, do all that g's role does, and last as long.
//
// Whoever looks after the accounts of the site gives all roles but that of an administrator: somebody has to be given what
// nobody has, such as clearing.
func (a *Actor) MayHand(g Grant, on Object) bool {
	return a.hands(g, on, func(own Grant) bool {
		return own.Until == nil || g.Until != nil && !g.Until.After(*own.Until)
	})
}

// MayTake reports whether the actor may take g away: as MayHand, however long it lasts.
func (a *Actor) MayTake(g Grant, on Object) bool {
	return a.hands(g, on, func(Grant) bool { return true })
}

func (a *Actor) hands(g Grant, on Object, lasts func(own Grant) bool) bool {
	switch {
	case a == nil || a.Disabled || a.seenBy != nil || a.IsGuest():
		return false
	case a.IsProgram():
		return true
	case g.Role == Admin && !a.Can(ManageInstance, Object{}):
		return false
	}
	return slices.ContainsFunc(a.grants, func(own Grant) bool {
		return own.Locale == "" && own.has(Appoint) && lasts(own) && own.reaches(g, on) && (own.has(ManageUsers) || own.does(g))
	})
}

// has reports whether a grant's role may do action where it is held, whatever it is done to.
func (g Grant) has(action Action) bool {
	return slices.ContainsFunc(roleRules()[g.Role], func(r rule) bool {
		return r.action == action && (r.scope == "*" || r.scope == string(g.Scope)) && r.kind == "*" && r.whose == "any" && r.text == "any"
	})
}

// reaches reports whether all that g reaches is within the grant.
func (g Grant) reaches(other Grant, on Object) bool {
	switch {
	case g.Scope == ScopeSite:
		return true
	case other.Scope == ScopeSite:
		return false
	case g.Scope == ScopeOrganisation && other.Scope == ScopeOrganisation:
		return other.ScopeID == g.ScopeID
	case g.Scope == ScopeOrganisation:
		return other.Office == g.ScopeID && on.Office == g.ScopeID
	}
	return other.Scope == g.Scope && other.ScopeID == g.ScopeID && (g.Office == "" || g.Office == other.Office)
}

// does reports whether the grant's role may do all that the other's may, but for what is left out.
func (g Grant) does(other Grant, but ...Action) bool {
	covers := func(mine, theirs string) bool { return mine == "*" || mine == "any" || mine == theirs }
	for _, want := range roleRules()[other.Role] {
		// What one may in one's own organisation follows from who one is.
		if want.scope == scopeHome || !other.under(want.scope, "") || slices.Contains(but, want.action) {
			continue
		}
		if !slices.ContainsFunc(roleRules()[g.Role], func(r rule) bool {
			// Whoever has the whole site has what organisations are asked to work on, too; who may change all of a thing may bring in their own.
			where := r.scope != scopeHome && g.under(r.scope, "") && (g.Scope == ScopeSite || (r.scope == scopePart) == (want.scope == scopePart))
			what := r.action == want.action || want.action == Contribute && r.action == EditFacts
			return where && what && covers(r.kind, want.kind) && covers(r.whose, want.whose) && covers(r.text, want.text)
		}) {
			return false
		}
	}
	return true
}

// Object is what rights on an entry are asked about, as the entry is. Of one that is not there it is db.ErrNotFound.
func (s *Service) object(ctx context.Context, q bun.IDB, id string) (Object, error) {
	var o Object
	err := q.NewRaw("SELECT kind, id, office_id AS office, series_id AS series, event_id AS event, partners, created_by AS author FROM entries WHERE id = ?", id).Scan(ctx, &o)
	return o, db.Normalize(err)
}

// handable checks a new grant, and limits it to what the actor may hand on.
func (s *Service) handable(ctx context.Context, q bun.IDB, who *Actor, g Grant) (*Grant, error) {
	if !who.CanSomewhere(Appoint) {
		return nil, ErrForbidden
	}
	if err := g.check(s.opts.Now()); err != nil {
		return nil, err
	}
	if g.Role == Admin && !who.Can(ManageInstance, Object{}) {
		return nil, ErrForbidden
	}
	if who.IsProgram() {
		return &g, nil
	}
	var on Object
	if g.Scope != ScopeSite {
		var err error
		on, err = s.object(ctx, q, g.ScopeID)
		if err == nil && (on.Kind != entryKinds[g.Scope] || !who.Can(Appoint, on)) {
			err = db.ErrNotFound
		}
		if errors.Is(err, db.ErrNotFound) {
			return nil, Invalid{"scope_id": "users.scope_wrong"}
		}
		if err != nil {
			return nil, err
		}
	}
	if who.MayHand(g, on) {
		return &g, nil
	}
	if g.Scope == ScopeSeries || g.Scope == ScopeEvent {
		within := g
		if within.Office = on.Office; who.MayHand(within, on) {
			return &within, nil
		}
	}
	if who.MayTake(g, on) || who.MayTake(Grant{Role: g.Role, Scope: g.Scope, ScopeID: g.ScopeID, Office: on.Office, Locale: g.Locale}, on) {
		return nil, Invalid{"until": "auth.until_beyond"}
	}
	return nil, Invalid{"role": "auth.role_beyond"}
}

// mayTake is MayTake of a grant that is stored.
func (s *Service) mayTake(ctx context.Context, q bun.IDB, who *Actor, g Grant) (bool, error) {
	var on Object
	if g.Scope != ScopeSite {
		var err error
		if on, err = s.object(ctx, q, g.ScopeID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return false, err
		}
	}
	return who.MayTake(g, on), nil
}

// takeable reads a grant that the actor may take away.
func (s *Service) takeable(ctx context.Context, q bun.IDB, who *Actor, id string) (Grant, error) {
	if !who.CanSomewhere(Appoint) {
		return Grant{}, ErrForbidden
	}
	row := new(grantRow)
	if err := q.NewSelect().Model(row).Where("g.id = ?", id).Scan(ctx); err != nil {
		return Grant{}, db.Normalize(err)
	}
	g := row.grant()
	may, err := s.mayTake(ctx, q, who, g)
	switch {
	case err != nil:
		return Grant{}, err
	case !may && g.Role == Admin && who.Can(ManageUsers, Object{}):
		return Grant{}, ErrForbidden // they see it
	case !may:
		return Grant{}, db.ErrNotFound
	}
	return g, nil
}

// mayGiveTo: the lead of an organisation gives to its people, and to those who hold something of it already. Everybody else is
// invited, so that nobody learns who has an account.
func (s *Service) mayGiveTo(ctx context.Context, q bun.IDB, who *Actor, account string) error {
	if who.Can(ManageUsers, Object{Kind: "account", ID: account}) {
		return nil
	}
	area := who.Scope(Appoint, anyKind)
	ok, err := q.NewSelect().TableExpr("accounts AS a").Where("a.id = ?", account).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		held := q.DB().NewSelect().TableExpr("grants AS g").ColumnExpr("1").Join("JOIN entries AS e ON e.id = g.scope_id").Where("g.account_id = a.id")
		q = q.Where("EXISTS (?)", area.Where(held, "e"))
		if len(area.Offices) > 0 {
			q = q.WhereOr("a.organization IN (?)", bun.In(area.Offices))
		}
		return q
	}).Exists(ctx)
	if err == nil && !ok {
		err = db.ErrNotFound
	}
	return db.Normalize(err)
}

// Holding is a grant as those see it who look after it.
type Holding struct {
	Grant
	Name        string // of who holds it
	Closed      bool   // the account is
	Given       time.Time
	GivenBy     string // name; empty: the program
	ConfirmedAt *time.Time
	Due         bool // somebody is to say whether it is still right
	May         bool // the actor may take it away and confirm it
}

// HoldingFilter limits a list of holdings; zero fields do not.
type HoldingFilter struct {
	Search string // part of the holder's name
	Role   Role
	Due    bool // only those that wait to be confirmed
	Ended  bool // those that have ended, instead of those in force
}

// ConfirmEvery is after how long a grant is to be confirmed; ConfirmWait how long an answer may take until the holder is told, and
// ConfirmEnd how long the grant lasts then.
const (
	ConfirmEvery = 183 * 24 * time.Hour
	ConfirmWait  = 30 * 24 * time.Hour
	ConfirmEnd   = 14 * 24 * time.Hour
	// WarnAhead is how long before its end the holder of a grant is told.
	WarnAhead = 7 * 24 * time.Hour
)

// asked is what is true of grants that wait to be confirmed. Administrators' never do: a site without any could not be mended.
const asked = "g.asked_at IS NOT NULL AND g.role <> 'admin'"

// Holdings lists the grants that lie within what the actor may hand on, by name of the holder, and how many there are in all.
func (s *Service) Holdings(ctx context.Context, who *Actor, f HoldingFilter, p Paging) ([]Holding, int, error) {
	if !who.CanSomewhere(Appoint) {
		return nil, 0, ErrForbidden
	}
	now := s.opts.Now()
	query := func() *bun.SelectQuery {
		q := s.db.Read().NewSelect().TableExpr("grants AS g").Join("JOIN accounts AS a ON a.id = g.account_id").Join("LEFT JOIN entries AS e ON e.id = g.scope_id")
		q = who.Scope(Appoint, anyKind).Where(q, "e")
		if t := strings.TrimSpace(f.Search); t != "" {
			q = q.Where(`lower(a.name) LIKE ? ESCAPE '\'`, like(t))
		}
		if f.Role != "" {
			q = q.Where("g.role = ?", string(f.Role))
		}
		if f.Due {
			q = q.Where(asked)
		}
		over := "(g.until IS NOT NULL AND g.until <= ? OR g.ending_at IS NOT NULL AND g.ending_at <= ?)"
		if !f.Ended {
			over = "NOT " + over
		}
		return q.Where(over, now, now)
	}
	total, err := query().Count(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows []struct {
		grantRow `bun:",extend"`
		Name     string
		Disabled bool
		Office   string
		Series   string
		Event    string
		Kind     string
	}
	if err := p.Apply(query().ColumnExpr("g.*, a.name, a.disabled, coalesce(e.office_id, '') AS office, coalesce(e.series_id, '') AS series, coalesce(e.event_id, '') AS event, coalesce(e.kind, '') AS kind").
		OrderExpr("lower(a.name), a.id, g.created_at, g.id")).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.CreatedBy)
	}
	names, err := s.Names(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Holding, len(rows))
	for i, r := range rows {
		g := r.grant()
		out[i] = Holding{Grant: g, Name: r.Name, Closed: r.Disabled, Given: r.CreatedAt, GivenBy: names[r.CreatedBy], ConfirmedAt: r.ConfirmedAt, Due: r.AskedAt != nil && g.Role != Admin,
			May: who.MayTake(g, Object{Kind: r.Kind, ID: r.ScopeID, Office: r.Office, Series: r.Series, Event: r.Event})}
	}
	return out, int(total), nil
}

// like is a pattern that finds t anywhere.
func like(t string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(t)) + "%"
}

// ConfirmGrant says that a grant is still right. Nobody says so of their own who does not look after the accounts of the site.
func (s *Service) ConfirmGrant(ctx context.Context, who *Actor, id string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		g, err := s.takeable(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if g.AccountID == who.ID && !who.Can(ManageUsers, Object{Kind: "account", ID: who.ID}) {
			return Invalid{"grant": "auth.confirm_own"}
		}
		return s.changeGrants(ctx, tx, who, g, "grant.confirm", func() error {
			_, err := tx.NewUpdate().Table("grants").Set("confirmed_at = ?", s.opts.Now()).Set("asked_at = NULL").Set("ending_at = NULL").Where("id = ?", id).Exec(ctx)
			return db.Normalize(err)
		})
	})
}

// Appointable lists the roles that the actor may give somewhere, the most powerful first.
func (a *Actor) Appointable() []Role {
	if a == nil {
		return nil
	}
	var out []Role
	for _, role := range Roles {
		if slices.ContainsFunc(ScopesOf(role), func(scope ScopeKind) bool {
			return slices.ContainsFunc(a.grants, func(own Grant) bool {
				g := Grant{Role: role, Scope: scope, ScopeID: own.ScopeID, Until: own.Until}
				if own.Scope == ScopeOrganisation && scope != ScopeOrganisation {
					g.Office = own.ScopeID
				}
				return a.MayHand(g, Object{ID: g.ScopeID, Office: own.ScopeID})
			})
		}) {
			out = append(out, role)
		}
	}
	return out
}
