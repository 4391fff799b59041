package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestTheDecisionMatrix drives role × route × object over the router: what is within somebody's scope, what is another's, and what is not
// there. A rule that refuses, refuses; no page opens to who may not do what its route needs to that very entry; what one may not read
// looks as if it were not there, to the letter.
func TestTheDecisionMatrix(t *testing.T) {
	h := startHostile(t)
	routes := h.Web.Routes()
	decided := map[string]int{}
	before := ""
	for n, role := range auth.Roles {
		people := map[string]*apptest.Browser{}
		actors := map[string]*auth.Actor{}
		for whose, scope := range map[string]auth.Grant{"own": {Scope: auth.ScopeSite}, "foreign": {Scope: auth.ScopeOrganisation, ScopeID: h.other}} {
			g := scope
			g.Role = role
			if whose == "own" && !slices.Contains(auth.ScopesOf(role), auth.ScopeSite) {
				g.Scope, g.ScopeID = auth.ScopeOrganisation, h.office
			}
			if !slices.Contains(auth.ScopesOf(role), g.Scope) {
				continue
			}
			mailbox := whose + "-" + string(role) + "@example.org"
			people[whose] = h.SignIn(mailbox, g)
			a, err := h.Auth.ByEmail(ctx, apptest.System, mailbox)
			if err != nil {
				t.Fatal(err)
			}
			if actors[whose], err = h.Auth.ActorOf(ctx, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		before = h.rows(t)
		for i, r := range routes {
			k := slices.IndexFunc(kind.All, func(k *content.Kind) bool { return strings.HasPrefix(r.Path, "/admin/"+k.Path+"/:id") })
			if k < 0 || (i+n)%12 != 0 && os.Getenv("PLENARY_TEST_ALL") == "" || strings.Contains(r.Path, "/preview/link/") {
				continue
			}
			e, err := h.Content.Get(ctx, apptest.System, h.drafts[kind.All[k].Name])
			if err != nil {
				t.Fatal(err)
			}
			own, missing := h.address(r, false), h.address(r, true)
			ask := func(b *apptest.Browser, at string) *apptest.Page {
				return b.Send(apptest.Request{Method: r.Method, Path: at, Form: url.Values{}, Stay: true})
			}
			for whose, b := range people {
				who, what := actors[whose], string(role)+", "+whose+": "+r.Method+" "+r.Path
				if r.Method != http.MethodGet && r.Rule.Lets(who) && who.Can(auth.Read, e.Object()) {
					continue // may change something; tried in other tests
				}
				page := ask(b, own)
				switch {
				case !r.Rule.Lets(who):
					decided["refused by the rule"]++
					if page.Status != http.StatusForbidden {
						t.Errorf("%s: %d, and its rule refuses", what, page.Status)
					}
				case !who.Can(auth.Read, e.Object()) && !(r.Rule.Action() != auth.Read && may(who, r.Rule.Action(), e)):
					decided["as if it were not there"]++
					none := ask(b, missing)
					if page.Status < 400 || none.Status != page.Status || strings.ReplaceAll(page.Body, own, "") != strings.ReplaceAll(none.Body, missing, "") {
						t.Errorf("%s: %d, and %d where there is nothing", what, page.Status, none.Status)
					}
				case page.Status < 300 && !may(who, r.Rule.Action(), e):
					t.Errorf("%s: %d, and may not %s it", what, page.Status, r.Rule.Action())
				default:
					decided["within the scope"]++
				}
			}
		}
		h.unchanged(t, before, "asking as "+string(role))
	}
	for _, what := range []string{"refused by the rule", "as if it were not there", "within the scope"} {
		if decided[what] < 50 {
			t.Errorf("%s: only %d", what, decided[what])
		}
	}
	t.Log(decided)

	// The page that publishes it is made of the same.
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	page, rows, panel := reader.Get("/admin/help/rights"), 0, 0
	for _, r := range routes {
		if !strings.HasPrefix(r.Path, "/admin") {
			continue
		}
		if panel++; panel%100 == 1 {
			rows += reader.Get(fmt.Sprintf("/admin/help/rights?size=100&page=%d", panel/100+1)).Find("#routes").Parent().Parent().Find("tbody tr").Length()
		}
	}
	if cells := page.Find("#roles").Parent().Parent().Find("tbody td").Length(); rows != panel || cells != len(auth.Roles)*len(auth.Actions) {
		t.Errorf("the page has %d of %d routes, and %d cells", rows, panel, cells)
	}
}

// may reports whether somebody may do action on an entry, in one language at least.
func may(who *auth.Actor, action auth.Action, e *content.Entry) bool {
	if who.Can(action, e.Object()) {
		return true
	}
	return slices.ContainsFunc(i18n.All, func(l i18n.Locale) bool { return who.Can(action, e.TextObject(l)) })
}
