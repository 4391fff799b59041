package auth

import (
	"slices"
	"strings"
	"time"

	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Actor is someone who acts: an account with its rights at this moment, or the program itself. A nil Actor is the
// public, who may do nothing that needs a right. An Actor is made per request and never changed.
type Actor struct {
	Account
	SessionID string // the session it came by, empty for the program
	// ConfirmedAt is when the person last showed who they are: by signing in, or by the password later.
	ConfirmedAt time.Time
	Unfinished  bool // a second factor is to be set up first; until then there are no rights
	Stale       bool // rights have changed since the session's token was made: see Service.Renew
	program     string
	guest       string // entry that a private link is for
	grants      []Grant
	stead       []Grant // of those whose deputy the account is; of these only the right to clear, and to read, counts
	seenBy      *Account
}

// System is the program itself (demo, jobs, shell): it may everything, and the audit log names it.
func System(name string) *Actor {
	return &Actor{program: name, Account: Account{ID: "program:" + name, Name: name}}
}

// newActor computes what an account may do at the time now.
func newActor(a Account, grants []Grant, now time.Time) *Actor {
	return &Actor{Account: a, grants: inForce(grants, now)}
}

func inForce(grants []Grant, now time.Time) []Grant {
	var out []Grant
	for _, g := range grants {
		if g.lasts(now) && slices.Contains(ScopesOf(g.Role), g.Scope) && (g.Scope == ScopeSite) == (g.ScopeID == "") {
			out = append(out, g)
		}
	}
	return out
}

// IsProgram says that nobody is signed in: the program acts by itself.
func (a *Actor) IsProgram() bool { return a != nil && a.program != "" }

// Grants gives the grants in force.
func (a *Actor) Grants() []Grant {
	if a == nil {
		return nil
	}
	return slices.Clone(a.grants)
}

// Can says whether the actor may do action on o.
func (a *Actor) Can(action Action, o Object) bool {
	return a.scope(action, o.Kind, func(locale i18n.Locale, text string) bool {
		if locale != "" && o.Locale != locale {
			return false
		}
		return text == "any" || text == "original" && o.Original || text == "translation" && o.Locale != "" && !o.Original
	}).Has(o)
}

// Scope says on which entries of a kind the actor may do action, in one language at least: what lists show. Whether it
// may in a given language, Can says.
func (a *Actor) Scope(action Action, kind string) Scope {
	return a.scope(action, kind, func(i18n.Locale, string) bool { return true })
}

// CanSomewhere says whether there is anything the actor may do action on: for menus and routes.
func (a *Actor) CanSomewhere(action Action) bool { return !a.Scope(action, anyKind).Empty() }

// anyKind asks about whatever kinds a rule names.
const anyKind = "*"

// scope adds up the grants. text is asked about a language a grant is limited to ("" every) and the rule's text column.
func (a *Actor) scope(action Action, kind string, text func(locale i18n.Locale, text string) bool) Scope {
	if a == nil || a.Disabled {
		return Scope{}
	}
	if a.IsProgram() {
		return Scope{Area: Area{All: true}}
	}
	s := Scope{Author: a.ID}
	s.give(a.grants, a.Organization, action, kind, text)
	if action == Clear || action == Read {
		s.give(a.stead, "", action, kind, text)
	}
	return s
}

// give adds up grants of somebody whose own organisation is home.
func (s *Scope) give(grants []Grant, home string, action Action, kind string, text func(locale i18n.Locale, text string) bool) {
	for _, g := range grants {
		for _, r := range roleRules()[g.Role] {
			if r.action != action || r.kind != "*" && r.kind != kind && kind != anyKind || !g.under(r.scope, home) {
				continue
			}
			locale := g.Locale
			if r.scope == scopeHome {
				locale = "" // the language is that of others' words
			}
			if locale != "" && !perLocale[action] {
				if !anyLocale[action] {
					continue
				}
				locale = ""
			}
			if !text(locale, r.text) {
				continue
			}
			area := &s.Area
			if r.whose == "own" {
				area = &s.Own
			}
			switch r.scope {
			case scopePart:
				put(&area.Parts, g.ScopeID)
			case scopeHome:
				put(&area.Offices, home)
			default:
				area.add(g.Scope, g.ScopeID, g.Office)
			}
		}
	}
}

// Two scopes of the policy follow from a grant in another: what an organisation is asked to work on, from a grant for it; and the own
// organisation of who holds a grant for an event or a series, where it is limited to no other.
const (
	scopePart = "part"
	scopeHome = "home"
)

// under reports whether a rule for a scope says something of the grant.
func (g Grant) under(scope, home string) bool {
	switch scope {
	case "*", string(g.Scope):
		return true
	case scopePart:
		return g.Scope == ScopeOrganisation
	case scopeHome:
		return (g.Scope == ScopeEvent || g.Scope == ScopeSeries) && home != "" && (g.Office == "" || g.Office == home)
	}
	return false
}

func put(list *[]string, id string) {
	if id != "" && !slices.Contains(*list, id) {
		*list = append(*list, id)
	}
}

// Area is a set of entries: all, those that belong to an office, a series or an event, or that an organisation works on.
type Area struct {
	All                     bool
	Offices, Series, Events []string
	Parts                   []string // organisations: what they are asked to work on
	Within                  []Within
}

// Within is a series or an event with what belongs to it, as far as it is an office's: an office hands on no more than it has.
type Within struct {
	Scope      ScopeKind
	ID, Office string
}

func (r *Area) add(kind ScopeKind, id, office string) {
	if w := (Within{kind, id, office}); office != "" && id != "" && (kind == ScopeSeries || kind == ScopeEvent) {
		if !slices.Contains(r.Within, w) {
			r.Within = append(r.Within, w)
		}
		return
	}
	switch kind {
	case ScopeSite:
		r.All = true
	case ScopeOrganisation:
		put(&r.Offices, id)
	case ScopeSeries:
		put(&r.Series, id)
	case ScopeEvent:
		put(&r.Events, id)
	}
}

// has compares values only, never prefixes. The organisation, series or event itself is in its own area.
func (r Area) has(o Object) bool {
	in := func(list []string, id string) bool { return id != "" && slices.Contains(list, id) }
	return r.All || in(r.Offices, o.Office) || in(r.Offices, o.ID) ||
		in(r.Series, o.Series) || in(r.Series, o.ID) || in(r.Events, o.Event) || in(r.Events, o.ID) ||
		slices.ContainsFunc(strings.Fields(o.Partners), func(id string) bool { return slices.Contains(r.Parts, id) }) ||
		slices.ContainsFunc(r.Within, func(w Within) bool {
			belongs := o.Event
			if w.Scope == ScopeSeries {
				belongs = o.Series
			}
			return o.Office == w.Office && (belongs == w.ID || o.ID == w.ID)
		})
}

func (r Area) empty() bool {
	return !r.All && len(r.Offices)+len(r.Series)+len(r.Events)+len(r.Parts)+len(r.Within) == 0
}

// where adds the area as alternatives; has and where say the same, a property test holds them to it.
func (r Area) where(q *bun.SelectQuery, alias bun.Ident) *bun.SelectQuery {
	if r.All {
		return q.WhereOr("1 = 1")
	}
	in := func(column string, ids []string) {
		if len(ids) > 0 {
			q = q.WhereOr("?.? IN (?)", alias, bun.Ident(column), bun.In(ids)).WhereOr("?.id IN (?)", alias, bun.In(ids))
		}
	}
	in("office_id", r.Offices)
	in("series_id", r.Series)
	in("event_id", r.Events)
	if len(r.Parts) > 0 {
		// By the entries themselves: what else is limited by an area has no partners.
		shared := q.DB().NewSelect().TableExpr("entries AS shared").ColumnExpr("shared.id").Where("shared.partners <> ''").WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, id := range r.Parts {
				q = q.WhereOr(`shared.partners LIKE ? ESCAPE '\'`, like(" "+id+" "))
			}
			return q
		})
		q = q.WhereOr("?.id IN (?)", alias, shared)
	}
	for _, w := range r.Within {
		column := bun.Ident("event_id")
		if w.Scope == ScopeSeries {
			column = "series_id"
		}
		q = q.WhereOr("?.office_id = ? AND (?.? = ? OR ?.id = ?)", alias, w.Office, alias, column, w.ID, alias, w.ID)
	}
	return q
}

// Scope is a set of entries: an area, and a second one of which only what Author created counts.
type Scope struct {
	Area
	Author string
	Own    Area
}

// Has says whether o is in the scope.
func (s Scope) Has(o Object) bool {
	return s.Area.has(o) || s.Author != "" && s.Author == o.Author && s.Own.has(o)
}

// Empty says that nothing can be in the scope.
func (s Scope) Empty() bool { return s.Area.empty() && s.Own.empty() }

// Where limits q to the scope. The table named alias has the columns id, office_id, series_id, event_id, created_by.
func (s Scope) Where(q *bun.SelectQuery, alias string) *bun.SelectQuery {
	if s.All {
		return q
	}
	t := bun.Ident(alias)
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = s.Area.where(q.Where("1 = 0"), t)
		if s.Author != "" && !s.Own.empty() {
			q = q.WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
				q = q.Where("?.created_by = ?", t, s.Author)
				return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery { return s.Own.where(q.Where("1 = 0"), t) })
			})
		}
		return q
	})
}
