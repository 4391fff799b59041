package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Reason says why somebody may do something, or what it would take.
type Reason struct {
	Action  Action
	Locales []i18n.Locale // those in which it may be done, of those asked about; nil where the action is of no language
	By      []Grant       // each of which gives it in one of them
	Roles   []Role        // that would give it where nothing does, in some scope
}

// Allowed reports whether it may be done at all.
func (r Reason) Allowed() bool { return len(r.By) > 0 }

// Why explains what the actor may do with o. It asks Can of each grant by itself, so it cannot tell anything else. of are the languages
// of an action that is of one; the original is o's where o.Original is said of it by original.
func (a *Actor) Why(action Action, o Object, of []i18n.Locale, original i18n.Locale) Reason {
	r := Reason{Action: action}
	in := func(who *Actor) (locales []i18n.Locale, ok bool) {
		if !perLocale[action] {
			return nil, who.Can(action, o)
		}
		for _, l := range of {
			o := o
			if o.Locale, o.Original = l, l == original; who.Can(action, o) {
				locales = append(locales, l)
			}
		}
		return locales, len(locales) > 0
	}
	if a == nil {
		return r
	}
	alone := *a
	for _, list := range []struct{ own, stead bool }{{true, false}, {false, true}} {
		grants := a.grants
		if list.stead {
			grants = a.stead
		}
		for _, g := range grants {
			alone.grants, alone.stead = nil, nil
			if list.own {
				alone.grants = []Grant{g}
			} else {
				alone.stead = []Grant{g}
			}
			if locales, ok := in(&alone); ok {
				r.By = append(r.By, g)
				for _, l := range locales {
					if !slices.Contains(r.Locales, l) {
						r.Locales = append(r.Locales, l)
					}
				}
			}
		}
	}
	if len(r.By) > 0 {
		return r
	}
	for _, role := range Roles {
		for _, scope := range ScopesOf(role) {
			g := Grant{Role: role, Scope: scope}
			switch scope {
			case ScopeOrganisation:
				g.ScopeID = o.Office
			case ScopeSeries:
				g.ScopeID = o.Series
			case ScopeEvent:
				if g.ScopeID = o.Event; o.Kind == "event" {
					g.ScopeID = o.ID
				}
			}
			if scope != ScopeSite && g.ScopeID == "" {
				continue
			}
			alone.grants, alone.stead, alone.Disabled = []Grant{g}, nil, false
			if _, ok := in(&alone); ok {
				r.Roles = append(r.Roles, role)
				break
			}
		}
	}
	return r
}

// Needs explains an action without an object: what a place of the panel asks for.
func (a *Actor) Needs(action Action) Reason {
	r := Reason{Action: action}
	if a == nil {
		return r
	}
	for _, g := range append(slices.Clone(a.grants), a.stead...) {
		if one := (&Actor{Account: a.Account, grants: []Grant{g}}); one.CanSomewhere(action) {
			r.By = append(r.By, g)
		}
	}
	if len(r.By) == 0 {
		for _, name := range rolesThat(action) {
			r.Roles = append(r.Roles, Role(name))
		}
	}
	return r
}

// Touching lists everybody with a right on o, by name: those with a grant that reaches it, and their deputies.
func (s *Service) Touching(ctx context.Context, o Object) ([]*Actor, error) {
	var ids []string
	in := slices.DeleteFunc(append(strings.Fields(o.Partners), o.ID, o.Office, o.Series, o.Event), func(id string) bool { return id == "" })
	err := s.db.Read().NewRaw(`WITH at AS (SELECT account_id FROM grants WHERE scope = 'site' OR scope_id IN (?))
		SELECT account_id FROM at UNION SELECT d.deputy_id FROM deputies AS d JOIN at ON at.account_id = d.account_id WHERE d.until > ? ORDER BY 1`, bun.In(in), s.opts.Now()).Scan(ctx, &ids)
	if err != nil {
		return nil, db.Normalize(err)
	}
	return s.those(ctx, ids, func(who *Actor) bool {
		return !who.Disabled && slices.ContainsFunc(Actions, func(a Action) bool { return who.Scope(a, o.Kind).Has(o) })
	})
}

// Appointers lists who could give somebody a right on o, by name.
func (s *Service) Appointers(ctx context.Context, o Object) ([]*Actor, error) {
	all, err := s.Holders(ctx, Appoint)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a *Actor) bool { return a.Disabled || !a.Can(Appoint, o) }), nil
}

// Notice is a grant of which somebody is to be told.
type Notice struct {
	Grant
	Holder *Account
	By     []*Actor // who may confirm it, or prolong it: who gave it if they still may, else all who may
}

// DueGrants finds the grants of which somebody is to be told now: those to be confirmed, whose keepers are asked; those of which nobody has
// said that they are still right, whose holders are told that they end; and those that end within a week by themselves. mark
// says in a transaction that they were told of, and reports whether that was still to be done.
func (s *Service) DueGrants(ctx context.Context) (ask, ending, warn []Notice, err error) {
	now := s.opts.Now()
	find := func(where string, args ...any) ([]Notice, error) {
		var rows []grantRow
		if err := s.db.Read().NewSelect().Model(&rows).Join("JOIN accounts AS a ON a.id = g.account_id").Where("NOT a.disabled AND g.role <> 'admin'").Where(where, args...).
			OrderExpr("g.created_at, g.id").Limit(500).Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		var out []Notice
		for _, r := range rows {
			n := Notice{Grant: r.grant()}
			acc, err := s.row(ctx, s.db.Read(), "a.id = ?", r.AccountID)
			if err != nil {
				return nil, err
			}
			holder := acc.account()
			n.Holder = &holder
			if n.By, err = s.keepers(ctx, &r); err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		return out, nil
	}
	const running = "(g.until IS NULL OR g.until > ?) AND (g.ending_at IS NULL OR g.ending_at > ?) AND "
	if ask, err = find(running+"g.asked_at IS NULL AND coalesce(g.confirmed_at, g.created_at) <= ?", now, now, now.Add(-ConfirmEvery)); err != nil {
		return
	}
	if ending, err = find(running+"g.asked_at <= ? AND g.ending_at IS NULL", now, now, now.Add(-ConfirmWait)); err != nil {
		return
	}
	// What was given for a few days needs no letter that it ends.
	warn, err = find(running+"g.until <= ? AND g.warned_at IS NULL AND g.created_at <= ?", now, now, now.Add(WarnAhead), now.Add(-WarnAhead))
	return
}

// keepers are those who are asked about a grant.
func (s *Service) keepers(ctx context.Context, r *grantRow) ([]*Actor, error) {
	var on Object
	if r.Scope != string(ScopeSite) {
		var err error
		if on, err = s.object(ctx, s.db.Read(), r.ScopeID); err != nil {
			return nil, nil //nolint:nilerr // of an entry that is not there nobody is asked
		}
	}
	may := func(a *Actor) bool {
		return a.MayTake(r.grant(), on) && (a.ID != r.AccountID || a.Can(ManageUsers, Object{}))
	}
	if by, err := s.actorAsOf(ctx, s.db.Read(), r.CreatedBy); err == nil && !by.IsProgram() && may(by) {
		return []*Actor{by}, nil
	}
	all, err := s.Holders(ctx, Appoint)
	return slices.DeleteFunc(all, func(a *Actor) bool { return !may(a) }), err
}

// MarkAsked writes down that somebody was asked to confirm a grant; false if that was done before.
func (s *Service) MarkAsked(ctx context.Context, tx bun.Tx, id string) (bool, error) {
	return s.mark(ctx, tx, id, "asked_at IS NULL", "asked_at = ?", s.opts.Now())
}

// MarkWarned writes down that the holder of a grant was told of its end.
func (s *Service) MarkWarned(ctx context.Context, tx bun.Tx, id string) (bool, error) {
	return s.mark(ctx, tx, id, "warned_at IS NULL", "warned_at = ?", s.opts.Now())
}

// MarkEnding has a grant end that nobody has confirmed, and gives when.
func (s *Service) MarkEnding(ctx context.Context, tx bun.Tx, g Grant) (time.Time, bool, error) {
	at := s.opts.Now().Add(ConfirmEnd).Truncate(time.Microsecond)
	ok, err := s.mark(ctx, tx, g.ID, "ending_at IS NULL AND asked_at IS NOT NULL", "ending_at = ?", at)
	if err != nil || !ok {
		return at, false, err
	}
	// The account's grants are read anew everywhere.
	if _, err := tx.NewUpdate().Table("accounts").Set("policy = policy + 1").Where("id = ?", g.AccountID).Exec(ctx); err != nil {
		return at, false, db.Normalize(err)
	}
	d := g.detail()
	d["ending_at"] = at
	return at, true, Audit(ctx, tx, System("rights"), "grant.ending", Object{Kind: "account", ID: g.AccountID}, d)
}

func (s *Service) mark(ctx context.Context, tx bun.Tx, id, where, set string, at time.Time) (bool, error) {
	res, err := tx.NewUpdate().Table("grants").Set(set, at).Where("id = ?", id).Where(where).Exec(ctx)
	if err != nil {
		return false, db.Normalize(err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
