package auth

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

// rule is one line of the policy, as it applies to a role that may have inherited it.
type rule struct {
	scope  string // or *, part, home
	kind   string // or *
	action Action
	whose  string // any, own
	text   string // any, original, translation
}

// newEnforcer reads the policy file into Casbin.
func newEnforcer() (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, err
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(policyText))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		ok := false
		switch {
		case l[0] == "p" && len(l) == 7:
			ok, err = e.AddPolicy(l[1], l[2], l[3], l[4], l[5], l[6])
		case l[0] == "g" && len(l) == 3:
			ok, err = e.AddGroupingPolicy(l[1], l[2])
		}
		if err != nil || !ok {
			return nil, fmt.Errorf("policy line %q: unknown, doubled or wrong: %w", strings.Join(l, ", "), err)
		}
	}
	return e, nil
}

// roleRules asks Casbin, once, what each role may do. The policy is part of the program and cannot change while it
// runs; what changes, who holds which role where, is rows and never enters Casbin: a check there is a linear scan.
var roleRules = sync.OnceValue(func() map[Role][]rule {
	e, err := newEnforcer()
	if err != nil {
		panic("auth: " + err.Error()) // the embedded file is broken: no rights can be computed
	}
	all := map[Role][]rule{}
	for _, role := range Roles {
		lines, err := e.GetImplicitPermissionsForUser(string(role))
		if err != nil {
			panic("auth: " + err.Error())
		}
		for _, l := range lines {
			all[role] = append(all[role], rule{scope: l[1], kind: l[2], action: Action(l[3]), whose: l[4], text: l[5]})
		}
	}
	return all
})

// Extent is how far a role's right to do something goes, where the role is held.
type Extent string

// The extents.
const (
	Nothing Extent = ""
	Partly  Extent = "part" // for some kinds, scopes or texts, or for what one made oneself
	Wholly  Extent = "all"
)

// ExtentOf says what the policy lets a role do.
func ExtentOf(role Role, action Action) Extent {
	out := Nothing
	for _, r := range roleRules()[role] {
		switch {
		case r.action != action:
		case r.kind == "*" && r.whose == "any" && r.text == "any" && (r.scope == "*" || len(ScopesOf(role)) == 1 && r.scope == string(ScopesOf(role)[0])):
			return Wholly
		default:
			out = Partly
		}
	}
	return out
}

// ScopesOf gives what a role can be limited to. Whoever looks after people and settings does so for the whole site;
// a partner never has the whole site.
func ScopesOf(role Role) []ScopeKind {
	switch role {
	case Admin, SiteManager:
		return []ScopeKind{ScopeSite}
	case PartnerLead:
		return []ScopeKind{ScopeOrganisation}
	case PartnerEditor:
		return []ScopeKind{ScopeOrganisation, ScopeSeries, ScopeEvent}
	case Editor, Contributor, Translator, ClearingOfficer, RegistrationOfficer, EventAssistant, Moderator, Observer:
		return Scopes
	}
	return nil
}

// Sample is somebody who holds a role, for the pages and tests that ask what it is let to: as widely as it can be held, or in the scopes
// named by the ids "organisation", "series" and "event".
func Sample(role Role) *Actor {
	var grants []Grant
	for _, scope := range ScopesOf(role) {
		g := Grant{Role: role, Scope: scope, ScopeID: string(scope)}
		if scope == ScopeSite {
			g.ScopeID = ""
		}
		grants = append(grants, g)
	}
	return &Actor{Account: Account{ID: "sample"}, grants: grants}
}
