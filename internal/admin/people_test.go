package admin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/i18n"
)

func TestSignIn(t *testing.T) {
	h := open(t)
	v := h.visitor()
	v.lang = "ar"
	p := v.page("/admin/sign-in")
	if p.Find("html").AttrOr("dir", "") != "rtl" || p.Find(".tongues a").Length() != 9 || p.Find(".note").Length() != 1 {
		t.Error("the page of a site without accounts, in Arabic")
	}
	h.account("ed@example.org", site(auth.Editor))
	if p := v.page("/admin/sign-in?lang=fr&next=%2Fadmin%2Fnews"); p.Find("html").AttrOr("lang", "") != "fr" || p.Find("input[name=next]").AttrOr("value", "") != "/admin/news" || p.Find("[data-signin]").Length() != 1 {
		t.Error("in French, on the way to the news")
	}
	// What was typed stays, the password does not, and the reason is the same whoever asks.
	wrong := v.post("/admin/sign-in", "email", "ed@example.org", "password", "not it at all", "next", "/admin/news", "lang", "en")
	unknown := v.post("/admin/sign-in", "email", "no@example.org", "password", "not it at all", "next", "/admin/news", "lang", "en")
	if wrong.status != http.StatusUnprocessableEntity || wrong.Find("#email").AttrOr("value", "") != "ed@example.org" || strings.Contains(wrong.body, "not it at all") || wrong.Find("[role=alert]").Length() != 1 {
		t.Errorf("wrong password: %d", wrong.status)
	}
	if strings.ReplaceAll(wrong.body, "ed@", "no@") != unknown.body || wrong.status != unknown.status {
		t.Error("a wrong password differs from an unknown address")
	}
	for next, want := range map[string]string{"": "/admin", "/admin/news?q=a": "/admin/news?q=a", "https://evil.example/": "/admin", "//evil.example": "/admin", "/admin/..//evil": "/admin", "/en/": "/admin", "/admin/sign-in": "/admin"} {
		if p := v.post("/admin/sign-in", "email", "ed@example.org", "password", secret, "next", next); p.status != http.StatusSeeOther || p.to != want {
			t.Errorf("next %q: %d to %q", next, p.status, p.to)
		}
	}
	if p := v.get("/admin/sign-in"); p.to != "/admin" {
		t.Errorf("signed in already: to %q", p.to)
	}
	if p := v.get("/admin/sign-out"); p.status != http.StatusMethodNotAllowed {
		t.Errorf("signing out by GET: %d", p.status)
	}
	if p := v.post("/admin/sign-out"); p.to != "/admin/sign-in" {
		t.Errorf("signed out: to %q", p.to)
	}
	if p := v.get("/admin"); p.status != http.StatusSeeOther || p.to != "/admin/sign-in?next=%2Fadmin" {
		t.Errorf("after signing out: %d to %q", p.status, p.to)
	}
}

func TestSetup(t *testing.T) {
	h := open(t)
	token, err := h.auth.SetupToken(t.Context())
	h.must(err)
	v := h.visitor()
	if p := v.get("/admin/setup?token=guess"); p.status != http.StatusForbidden {
		t.Errorf("a guessed token: %d", p.status)
	}
	p := v.page("/admin/setup?token=" + token)
	if p.header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the token can leak by Referer")
	}
	form := p.form(t, "form")
	form.Set("name", "Ada")
	form.Set("email", "ada@example.org")
	form.Set("site", "Office of Rivers")
	form.Set("password", "short")
	if p := v.postForm("/admin/setup", form); p.status != http.StatusUnprocessableEntity || p.Find("#password-err").Length() != 1 || p.Find("#name").AttrOr("value", "") != "Ada" || p.Find(`#problems a[href="#password"]`).Length() != 1 || !strings.HasPrefix(p.Find("title").Text(), "Error:") {
		t.Errorf("a short password: %d", p.status)
	}
	form.Set("password", secret)
	if p := v.postForm("/admin/setup", form); p.to != "/admin" {
		t.Fatalf("%d to %q %s", p.status, p.to, p.body)
	}
	if p := v.page("/admin/users"); p.Find("title").Text() != "Users and roles | Office of Rivers" {
		t.Errorf("signed in as administrator: %q", p.Find("title").Text())
	}
	if p := h.visitor().get("/admin/setup?token=" + token); p.status != http.StatusForbidden {
		t.Errorf("the link works twice: %d", p.status)
	}
}

func TestOwnAccount(t *testing.T) {
	h := open(t)
	b := h.as("ed", site(auth.Editor))
	other := h.signIn("ed@example.org")
	p := b.page("/admin/account")
	if got := len(p.texts(`section[aria-labelledby=ses] .list li`)); got != 2 {
		t.Errorf("%d sessions", got)
	}
	if !strings.Contains(p.Find(`section[aria-labelledby=may]`).Text(), "Editor") {
		t.Error("the role is not named")
	}
	// The other browser's session ends; this one goes on.
	b.post("/admin/account/sessions")
	if p := other.get("/admin"); p.status != http.StatusSeeOther {
		t.Errorf("the other session: %d", p.status)
	}
	form := b.page("/admin/account").form(t, `form[action="/admin/account"]`)
	form.Set("name", "Edda")
	form.Set("locale", "fr")
	b.postForm("/admin/account", form)
	if p := b.page("/admin/account"); p.Find("html").AttrOr("lang", "") != "fr" || p.Find("#name").AttrOr("value", "") != "Edda" {
		t.Error("name and language")
	}
	form.Set("name", " ")
	if p := b.postForm("/admin/account", form); p.status != http.StatusUnprocessableEntity || p.Find("#name-err").Length() != 1 {
		t.Errorf("no name: %d", p.status)
	}
	if p := b.post("/admin/account/look", "theme", "dark", "next", "/admin/account"); p.to != "/admin/account" {
		t.Errorf("theme: to %q", p.to)
	}
	if got := b.page("/admin").Find("html").AttrOr("data-theme", ""); got != "dark" {
		t.Errorf("theme %q", got)
	}
	if p := b.post("/admin/account/look", "theme", "pink"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("no such theme: %d", p.status)
	}
	// An address is not one's own to change.
	b.post("/admin/account", "name", "Edda", "locale", "en", "email", "root@example.org")
	if !strings.Contains(b.page("/admin/account").body, "ed@example.org") {
		t.Error("the address was changed")
	}
	if p := b.post("/admin/account/password", "old", "wrong one", "password", "another long secret"); p.status != http.StatusUnprocessableEntity || p.Find("#old-err").Length() != 1 {
		t.Errorf("wrong old password: %d", p.status)
	}
	if p := b.post("/admin/account/password", "old", secret, "password", "another long secret"); p.status != http.StatusSeeOther {
		t.Errorf("password: %d", p.status)
	}
	if p := b.get("/admin"); p.status != http.StatusOK {
		t.Errorf("still signed in here: %d", p.status)
	}
	stranger := h.as("stranger", site(auth.Editor))
	sessions, err := h.auth.Sessions(t.Context(), system, account(t, h, "ed@example.org").ID)
	h.must(err)
	if p := stranger.post("/admin/account/sessions", "id", sessions[0].ID); p.status != http.StatusNotFound {
		t.Errorf("another's session: %d", p.status)
	}
}

func account(t *testing.T, h *house, email string) *auth.Account {
	t.Helper()
	a, err := h.auth.ByEmail(t.Context(), system, email)
	h.must(err)
	return a
}

func TestUsers(t *testing.T) {
	h := open(t)
	admin := h.as("admin", site(auth.Admin))
	office := h.organization("Rivers")
	if p := admin.post("/admin/users", "name", "", "email", "nonsense", "role", "editor"); p.status != http.StatusUnprocessableEntity || len(p.texts("#problems a")) != 2 || p.Find("details#new[open]").Length() != 1 {
		t.Errorf("wrong input: %d %q", p.status, p.texts("#problems a"))
	}
	p := admin.post("/admin/users", "name", "Nadia", "email", "nadia@example.org", "role", "editor")
	made := p.Find("#secret").Text()
	if p.status != http.StatusOK || len(made) < 20 {
		t.Fatalf("%d, password %q", p.status, made)
	}
	nadia := h.visitor()
	if p := nadia.post("/admin/sign-in", "email", "nadia@example.org", "password", made); p.to != "/admin" {
		t.Fatalf("the new account: %d", p.status)
	}
	at := "/admin/users/" + account(t, h, "nadia@example.org").ID
	if strings.Contains(admin.page(at).body, made) {
		t.Error("the password is shown a second time")
	}
	// Grants: in words, with an end, refused with the reason, and gone at the next request.
	for _, bad := range []url.Values{
		{"role": {"editor"}, "scope": {"organisation"}, "scope_id": {""}}, {"role": {"editor"}, "scope": {"event"}, "scope_id": {office}}, {"role": {"king"}, "scope": {"site"}},
		{"role": {"editor"}, "scope": {"site"}, "until": {"soon"}}, {"role": {"editor"}, "scope": {"site"}, "until": {"1 May 2001"}}, {"role": {"partner_editor"}, "scope": {"site"}},
		{"role": {"admin"}, "scope": {"site"}, "locale": {"fr"}}} {
		bad.Set("op", "grant")
		if p := admin.postForm(at, bad); p.status != http.StatusUnprocessableEntity || p.Find("#problems li").Length() == 0 {
			t.Errorf("%v: %d", bad, p.status)
		}
	}
	admin.post(at, "op", "grant", "role", "translator", "scope", "organisation", "scope_id", office, "locale", "ar", "until", "31 December 2099")
	p = admin.page(at)
	if got := strings.Join(p.texts("section[aria-labelledby=grants] .list li .grow"), "|"); !strings.Contains(got, "TranslatorOrganization: Rivers · only عربي · until 1 January 2100, 00:00") {
		t.Errorf("grants: %q", got)
	}
	first := p.Find("button[name=grant]").First().AttrOr("value", "")
	admin.post(at, "op", "ungrant", "grant", first)
	if p := nadia.get("/admin/events/new"); p.status != http.StatusForbidden {
		t.Errorf("a right taken away: %d", p.status)
	}
	// A new password and closing end the sessions at once.
	if p := admin.post(at, "op", "password"); p.Find("#secret").Length() != 1 {
		t.Error("no new password")
	}
	if p := nadia.get("/admin"); p.status != http.StatusSeeOther {
		t.Errorf("session after a new password: %d", p.status)
	}
	admin.post(at, "op", "disable")
	if p := admin.page("/admin/users?state=closed"); len(p.texts("tbody tr")) != 1 {
		t.Error("the closed account is not listed as such")
	}
	admin.post(at, "op", "enable")
	admin.post(at, "op", "save", "name", "Nadia B.", "email", "nadia.b@example.org", "organization", office)
	if a := account(t, h, "nadia.b@example.org"); a.Name != "Nadia B." || a.Organization != office {
		t.Errorf("%+v", a)
	}
	if p := admin.post(at, "op", "save", "name", "N", "email", "n@example.org", "organization", "zzzzzzzz"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("no such organisation: %d", p.status)
	}
	// The last administrator stays one.
	mine := "/admin/users/" + account(t, h, "admin@example.org").ID
	grant := admin.page(mine).Find("button[name=grant]").AttrOr("value", "")
	if p := admin.post(mine, "op", "ungrant", "grant", grant); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find(".notice.error").Text(), h.cat.T(i18n.EN, "auth.last_admin")) {
		t.Errorf("the last administrator: %d", p.status)
	}
	if p := admin.post(mine, "op", "disable"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("closing the last administrator: %d", p.status)
	}
	// A grant of another account is not this page's.
	if p := admin.post(at, "op", "ungrant", "grant", grant); p.status != http.StatusNotFound {
		t.Errorf("another account's grant: %d", p.status)
	}
	// Administrators are beyond a site manager's reach, and she cannot make one.
	manager := h.as("manager", site(auth.SiteManager))
	for _, form := range []url.Values{{"op": {"password"}}, {"op": {"disable"}}, {"op": {"grant"}, "role": {"editor"}, "scope": {"site"}}, {"op": {"save"}, "name": {"X"}, "email": {"x@example.org"}}} {
		if p := manager.postForm(mine, form); p.status != http.StatusForbidden {
			t.Errorf("a manager at an administrator, %v: %d", form, p.status)
		}
	}
	if p := manager.post(at, "op", "grant", "role", "admin", "scope", "site"); p.status != http.StatusForbidden {
		t.Errorf("a manager makes an administrator: %d", p.status)
	}
	if p := manager.post("/admin/users", "name", "Y", "email", "y@example.org", "role", "admin"); p.status != http.StatusForbidden {
		t.Errorf("a manager adds an administrator: %d", p.status)
	}
	if _, err := h.auth.ByEmail(t.Context(), system, "y@example.org"); err == nil {
		t.Error("and the account was made")
	}
	if manager.page(at).Find(`select#role option[value=admin]`).Length() != 0 {
		t.Error("a manager is offered to make administrators")
	}
	if got := admin.page("/admin/users?q=nadia").texts("tbody .c-title"); len(got) != 1 {
		t.Errorf("search: %q", got)
	}
	log := admin.page("/admin/log?action=grant.").texts("tbody tr")
	if len(log) < 3 || !strings.Contains(strings.Join(log, " "), "Took a role away") {
		t.Errorf("log: %q", log)
	}
	if got := admin.page("/admin/log?action=account.&actor=" + account(t, h, "admin@example.org").ID).texts("tbody tr"); len(got) < 4 {
		t.Errorf("log of one person: %q", got)
	}
	if p := admin.get("/admin/log?from=soon"); p.status != http.StatusUnprocessableEntity || p.Find("#from-err").Length() != 1 {
		t.Errorf("log from no day: %d", p.status)
	}
}
