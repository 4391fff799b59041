package auth

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"plenary/internal/i18n"
)

// The oracle is a second answer to the one question, from the same policy file and nothing else: no Casbin, no table, no areas. It
// goes through the lines as one reads them.

type oracle struct {
	lines   [][]string          // role, scope, kind, action, whose, text
	parents map[string][]string // what a role inherits from
}

func readPolicy(text string) *oracle {
	o := &oracle{parents: map[string][]string{}}
	for _, line := range strings.Split(text, "\n") {
		f := strings.Split(strings.TrimSpace(line), ",")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		switch f[0] {
		case "p":
			o.lines = append(o.lines, f[1:])
		case "g":
			o.parents[f[1]] = append(o.parents[f[1]], f[2])
		}
	}
	return o
}

func (o *oracle) is(role, other string) bool {
	if role == other {
		return true
	}
	for _, p := range o.parents[role] {
		if o.is(p, other) {
			return true
		}
	}
	return false
}

// belongs says whether x lies in what a grant is limited to.
func belongs(g Grant, x Object) bool {
	if g.Office != "" && g.Scope != ScopeSite && g.Scope != ScopeOrganisation && x.Office != g.Office {
		return false
	}
	switch g.Scope {
	case "site":
		return g.ScopeID == ""
	case "organisation":
		return g.ScopeID != "" && (x.Office == g.ScopeID || x.ID == g.ScopeID)
	case "series":
		return g.ScopeID != "" && (x.Series == g.ScopeID || x.ID == g.ScopeID)
	case "event":
		return g.ScopeID != "" && (x.Event == g.ScopeID || x.ID == g.ScopeID)
	}
	return false
}

// heldIn says where a role can be held.
func heldIn(g Grant) bool {
	switch g.Role {
	case "admin", "site_manager":
		return g.Scope == "site"
	case "partner_lead":
		return g.Scope == "organisation"
	case "partner_editor":
		return g.Scope != "site"
	}
	return true
}

// speaks says whether a line for a scope is about x for a grant, and whether the grant's language counts there.
func speaks(g Grant, scope, home string, x Object) (about, spoken bool) {
	switch scope {
	case "*", string(g.Scope):
		return belongs(g, x), true
	case "part": // of an organisation that is asked to work on x
		return g.Scope == "organisation" && g.ScopeID != "" && strings.Contains(" "+x.Partners+" ", " "+g.ScopeID+" "), true
	case "home": // of the own organisation of somebody invited to an event or a series
		return (g.Scope == "event" || g.Scope == "series") && home != "" && (g.Office == "" || g.Office == home) && (x.Office == home || x.ID == home), false
	}
	return false, false
}

func (o *oracle) can(me, home string, closed bool, grants, deputyOf []Grant, now time.Time, action string, x Object) bool {
	ask := func(g Grant) bool {
		if closed || !heldIn(g) || (g.Scope == "site") != (g.ScopeID == "") || g.Until != nil && !now.Before(*g.Until) || g.EndingAt != nil && !now.Before(*g.EndingAt) {
			return false
		}
		foreign := false // a grant for a language is for its words, and for what changes nothing of others
		if g.Locale != "" {
			switch action {
			case "edit_text", "submit", "clear", "publish":
				foreign = x.Locale != g.Locale
			case "read", "read_statistics", "suggest", "contribute":
			default:
				foreign = true
			}
		}
		for _, l := range o.lines {
			about, spoken := speaks(g, l[1], home, x)
			if o.is(string(g.Role), l[0]) && about && !(spoken && foreign) && (l[2] == "*" || l[2] == x.Kind) && l[3] == action &&
				(l[4] == "any" || me == x.Author) && (l[5] == "any" || (l[5] == "original") == x.Original && (x.Original || x.Locale != "")) {
				return true
			}
		}
		return false
	}
	for _, g := range grants {
		if ask(g) {
			return true
		}
	}
	for _, g := range deputyOf {
		home = ""
		if (action == "clear" || action == "read") && ask(g) {
			return true
		}
	}
	return false
}

// TestTheOracleAgrees asks both for decisions made by chance: PLENARY_TEST_DECISIONS of them, or forty thousand.
func TestTheOracleAgrees(t *testing.T) {
	n := 40_000
	if s := os.Getenv("PLENARY_TEST_DECISIONS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	o := readPolicy(policyText)
	rnd := rand.New(rand.NewPCG(9, uint64(n)))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	grants := func(max int) (out []Grant) {
		for range rnd.IntN(max + 1) {
			g := Grant{Role: Roles[rnd.IntN(len(Roles))], Scope: Scopes[rnd.IntN(len(Scopes))], Locale: i18n.Locale(pick("", "", "fr", "es"))}
			if rnd.IntN(20) > 0 { // some grants make no sense
				if g.Scope != ScopeSite {
					g.ScopeID = pick("o1", "o10", "s1", "s10", "e1", "e10")
				}
			} else {
				g.ScopeID = pick("", "o1")
			}
			if rnd.IntN(4) == 0 && (g.Scope == ScopeSeries || g.Scope == ScopeEvent) {
				g.Office = pick("o1", "o10")
			}
			for _, end := range []**time.Time{&g.Until, &g.EndingAt} {
				if rnd.IntN(6) == 0 {
					at := soon.Add(time.Duration(rnd.IntN(3)-1) * time.Second)
					*end = &at
				}
			}
			out = append(out, g)
		}
		return out
	}
	yes := 0
	for range n {
		own, stead := grants(3), grants(1)
		x := Object{Kind: pick("event", "news", "person", "document", "organization"), ID: pick("n1", "o1", "s1", "e1", "e10"), Office: pick("", "o1", "o10"), Series: pick("", "s1", "s10"), Event: pick("", "e1", "e10"),
			Author: pick("me", "you"), Locale: i18n.Locale(pick("", "fr", "es", "ru"))}
		x.Partners = pick("", "", " o1 ", " o10 ", " o1 o10 ")
		home := pick("", "o1", "o10")
		x.Original = x.Locale != "" && rnd.IntN(3) == 0
		action, closed := Actions[rnd.IntN(len(Actions))], rnd.IntN(40) == 0
		who := newActor(Account{ID: "me", Organization: home, Disabled: closed}, own, soon)
		who.stead = inForce(stead, soon)
		got, want := who.Can(action, x), o.can("me", home, closed, own, stead, soon, string(action), x)
		if got != want {
			t.Fatalf("%s %+v\nby %+v\nand as a deputy by %+v, closed %v: the program says %v, the oracle %v", action, x, own, stead, closed, got, want)
		}
		if got {
			yes++
		}
	}
	if yes < n/50 || yes > n/2 {
		t.Errorf("%d of %d are allowed: they prove little", yes, n)
	}
}
