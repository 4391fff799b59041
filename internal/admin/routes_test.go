package admin

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/i18n"
)

// addressOf fills a route's path with ids that lead nowhere.
func addressOf(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		switch {
		case p == ":part":
			parts[i] = "en"
		case p == ":number":
			parts[i] = "1"
		case strings.HasPrefix(p, ":"):
			parts[i] = "000000000000"
		case strings.HasPrefix(p, "*"):
			parts[i] = "none.js"
		}
	}
	return strings.Join(parts, "/")
}

// public are the addresses that are open to everybody, on purpose.
var public = map[string]bool{"/admin/static/*name": true, "/admin/sign-in": true, "/admin/setup": true, "/admin/forgotten": true, "/admin/reset": true, inviteURL: true,
	"/admin/sign-in/second": true, "/admin/sign-in/passkey": true, "/admin/sign-in/directory": true, // steps of signing in
	"/admin/address":    true, // like that of a reset: a letter's
	guestURL + ":token": true} // whose secret is the address

func TestEveryRouteRefusesStrangers(t *testing.T) {
	h := open(t)
	h.account("someone@example.org", site(auth.Editor))
	stranger, nobody := h.visitor(), h.as("nobody")
	for _, r := range h.routes {
		if public[r.Path] {
			continue
		}
		if r.Rule.String() == "public" {
			t.Errorf("%s %s is public", r.Method, r.Path)
		}
		path := addressOf(r.Path)
		send := func(b *browser) *answer {
			if r.Method == http.MethodGet {
				return b.get(path)
			}
			req, _ := http.NewRequest(r.Method, h.url+path, strings.NewReader(""))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", h.url)
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			return b.send(req)
		}
		p := send(stranger)
		if r.Method == http.MethodGet && (p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, "/admin/sign-in?next=%2Fadmin")) {
			t.Errorf("GET %s: a stranger gets %d to %q", path, p.status, p.to)
		}
		if r.Method != http.MethodGet && p.status != http.StatusUnauthorized {
			t.Errorf("POST %s: a stranger gets %d", path, p.status)
		}
		// An account without any role sees its own pages and nothing else.
		if strings.HasPrefix(r.Rule.String(), "needs ") {
			if p := send(nobody); p.status != http.StatusForbidden {
				t.Errorf("%s %s: an account without a role gets %d", r.Method, path, p.status)
			}
		}
		if r.Method != http.MethodGet { // forged from another site
			req, _ := http.NewRequest(r.Method, h.url+path, strings.NewReader(""))
			req.Header.Set("Origin", "https://evil.example")
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			if p := nobody.send(req); p.status != http.StatusForbidden {
				t.Errorf("%s %s: a forged request gets %d", r.Method, path, p.status)
			}
		}
	}
}

func TestWhoMayGoWhere(t *testing.T) {
	h := open(t)
	office := h.organization("Partner office")
	who := map[string]*browser{
		"admin": h.as("admin", site(auth.Admin)), "manager": h.as("manager", site(auth.SiteManager)), "editor": h.as("editor", site(auth.Editor)),
		"contributor": h.as("contributor", site(auth.Contributor)), "observer": h.as("observer", site(auth.Observer)),
		"translator": h.as("translator", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR}),
		"partner":    h.as("partner", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office}),
	}
	all := "admin manager editor contributor observer translator partner"
	for path, may := range map[string]string{
		"/admin": all, "/admin/account": all, "/admin/help": all, "/admin/events": all, "/admin/entries": all, "/admin/media": all, "/admin/palette": all,
		"/admin/users": "admin manager", "/admin/settings": "admin manager", "/admin/log": "admin manager", "/admin/privacy": "admin",
		"/admin/trash":      "admin manager editor contributor partner",
		"/admin/events/new": "admin manager editor contributor partner",
	} {
		for name, b := range who {
			want := http.StatusForbidden
			if strings.Contains(" "+may+" ", " "+name+" ") {
				want = http.StatusOK
			}
			p := b.get(path)
			if p.status != want {
				t.Errorf("%s at %s: %d, want %d", name, path, p.status, want)
			}
			// The navigation offers what can be reached, and only that.
			if nav := b.get("/admin/account"); strings.Count(path, "/") == 2 && !strings.Contains("/admin/account /admin/help /admin/entries /admin/palette", path) {
				if has := nav.Find(`.side nav a[href="`+path+`"]`).Length() == 1; has != (want == http.StatusOK) {
					t.Errorf("%s: %s in the navigation: %v", name, path, has)
				}
			}
		}
	}
}

// A partner learns nothing about what is another's: the answer is the same as for what does not exist.
func TestForeignLooksMissing(t *testing.T) {
	h := open(t)
	mine, theirs := h.organization("Ours"), h.organization("Theirs")
	b := h.as("partner", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: mine})
	admin := h.as("admin", site(auth.Admin))
	secret := h.news(system, theirs, "Hidden plan", false)
	up := admin.upload("text/html", "hidden.txt", "words nobody may see")
	file := up.Find(".mcard").AttrOr("data-id", "")
	if file == "" {
		t.Fatalf("no file: %d %s", up.status, up.body)
	}
	for _, pair := range [][2]string{
		{"/admin/media/" + file, "/admin/media/zzzzzzzzzzzz"},
		{"/admin/media/" + file + "/hidden.txt", "/admin/media/zzzzzzzzzzzz/hidden.txt"},
		{"/admin/news/" + secret, "/admin/news/zzzzzzzzzzzz"},
		{"/admin/users/" + h.account("other@example.org").ID, "/admin/users/zzzz"},
	} {
		got, none := b.get(pair[0]), b.get(pair[1])
		if got.status != none.status || got.status < 400 {
			t.Errorf("%s: %d, and %d for a missing one", pair[0], got.status, none.status)
		}
		if a, m := got.Find("main").Text(), none.Find("main").Text(); a != m {
			t.Errorf("%s differs from a missing one:\n%s\n%s", pair[0], a, m)
		}
	}
	for _, path := range []string{"/admin/news", "/admin/entries?q=hidden", "/admin/palette?q=hidden", "/admin", "/admin/media"} {
		if p := b.page(path); strings.Contains(strings.ToLower(p.Find("main,li").Text()+p.body), "hidden plan") || strings.Contains(p.body, "hidden.txt") {
			t.Errorf("%s shows what is another's", path)
		}
	}
	if p := b.post("/admin/news", "op", "delete", "id", secret); p.status != http.StatusOK || !strings.Contains(p.Find("main").Text(), h.cat.T(i18n.EN, "bulk.unknown")) || strings.Contains(p.body, "Hidden") {
		t.Errorf("bulk on a foreign entry: %d\n%s", p.status, p.Find("main").Text())
	}
}
