package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/demo"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestCompiledPages: what leaves the program is byte for byte what html/template makes of the same templates, which is what
// executes them in development.
func TestCompiledPages(t *testing.T) {
	t.Chdir("../..")
	cfg := app.Config{Listen: "127.0.0.1:8080", Database: dbtest.Address(t), Storage: "file:" + t.TempDir(), SealKey: strings.Repeat("5e", 32), MaxFile: 20}
	start := func(dev bool) (*app.App, http.Handler) {
		cfg.Dev = dev
		a, err := app.Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		return a, a.Site.Kept(a.Engine.Handler())
	}
	a, compiled := start(false)
	accounts, err := demo.Site{Auth: a.Auth, Content: a.Content, Media: a.Media, Registration: a.Registration, Discussion: a.Discussion, Settings: a.Settings}.Fill(ctx, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, executed := start(true)

	session := ""
	get := func(h http.Handler, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.RemoteAddr = cfg.Listen, "127.0.0.1:1"
		if session != "" {
			r.AddCookie(&http.Cookie{Name: "plenary", Value: session})
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	request := regexp.MustCompile(`\b[0-9a-z]{12,}\b`)
	compare := func(path string, status int) {
		t.Helper()
		got, want := get(compiled, path), get(executed, path)
		if got.Body.String() != want.Body.String() { // a clock that shows minutes may have moved on
			got, want = get(compiled, path), get(executed, path)
		}
		x, y := got.Body.String(), want.Body.String()
		if status >= 400 {
			x, y = request.ReplaceAllString(x, ""), request.ReplaceAllString(y, "")
		}
		if got.Code != status || want.Code != status || len(x) < 100 {
			t.Errorf("%s: %d, %d\n%.200s", path, got.Code, want.Code, x)
		}
		if x != y {
			at := 0
			for at < min(len(x), len(y)) && x[at] == y[at] {
				at++
			}
			from := max(0, at-100)
			t.Errorf("%s differs at byte %d\ncompiled %.250s\nexecuted %.250s", path, at, x[from:], y[from:])
		}
	}

	loc := regexp.MustCompile(`<loc>http://127.0.0.1:8080(/[^<]*)</loc>`)
	seen := map[string]bool{}
	for _, file := range loc.FindAllStringSubmatch(get(compiled, "/sitemap.xml").Body.String(), -1) {
		for _, page := range loc.FindAllStringSubmatch(get(compiled, file[1]).Body.String(), -1) {
			// Every page once, in the languages by turns.
			if path := page[1][len("/en/"):]; !seen[path] {
				if takes(len(seen) / len(i18n.All)) { // so that each language has its turn
					compare("/"+string(i18n.All[len(seen)%len(i18n.All)])+"/"+path, 200)
				}
				seen[path] = true
			}
		}
	}
	if len(seen) < 80 {
		t.Errorf("only %d pages in the sitemap", len(seen))
	}
	for _, path := range []string{"events?when=past", "events?kind=webinar", "events?topic=none", "documents?kind=report", "people?country=KE"} {
		compare("/en/"+path, 200)
	}
	for _, path := range []string{"/en/nowhere", "/ar/events/2020/none", "/e/none", "/en/news?page=2"} {
		compare(path, 404)
	}

	compare("/admin/sign-in", 200)
	opened, err := a.Auth.SignIn(ctx, accounts[0].Email, accounts[0].Password, auth.From{IP: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	session = opened.Token
	for i, k := range kind.All {
		list, _, err := a.Content.List(ctx, apptest.System, content.ListQuery{Kind: k.Name, Limit: 1})
		if err != nil || len(list) == 0 {
			t.Fatal(k.Name, err)
		}
		at := "/admin/" + k.Path
		for _, path := range []string{at, at + "/new", at + "/" + list[0].ID, at + "/" + list[0].ID + "?lang=" + string(i18n.All[i%len(i18n.All)])} {
			compare(path, 200)
		}
		compare(at+"/"+list[0].ID+"/history", 200)
	}
	for _, path := range []string{"", "/entries", "/trash", "/trash/files", "/media", "/settings", "/users", "/account", "/help", "/palette?q=a", "/news?q=nothing+like+it", "/events?state=draft&sort=-title"} {
		compare("/admin"+path, 200)
	}
	compare("/admin/nowhere", 404)
}
