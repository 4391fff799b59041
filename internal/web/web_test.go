package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/migrations"

	"github.com/alexedwards/argon2id"
	"github.com/gin-gonic/gin"
)

var ctx = context.Background()

const password = "a long way to the river"

// house is a server with a few routes, over plain http on loopback or as if behind https.
type house struct {
	*Server
	engine *gin.Engine
	auth   *auth.Service
	db     *db.DB
	log    *lines
	editor *auth.Account
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func build(t *testing.T, cfg Config, routes ...Route) *house {
	t.Helper()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	files := fstest.MapFS{} // what package auth reads and writes
	for i, name := range []string{"0001_accounts.sql", "0017_deputies.sql", "0030_hand.sql", "0036_sign_in.sql", "0038_rights.sql", "0040_record.sql"} {
		sql, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%04d_%s", i+1, name[5:])] = &fstest.MapFile{Data: sql}
	}
	if _, err := d.Migrate(ctx, files); err != nil {
		t.Fatal(err)
	}
	h := &house{log: &lines{}, db: d}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.auth = auth.New(d, auth.Options{Log: log, Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	program := auth.System("test")
	if h.editor, err = h.auth.Create(ctx, program, auth.NewAccount{Email: "editor@example.org", Name: "Editor", Password: password, Locale: "fr"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.auth.AddGrant(ctx, program, auth.Grant{AccountID: h.editor.ID, Role: auth.Editor, Scope: auth.ScopeSite}); err != nil {
		t.Fatal(err)
	}
	cfg.Log = log
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:8080"
	}
	if h.Server, err = New(cfg, h.auth, d, messages(t)); err != nil {
		t.Fatal(err)
	}
	h.engine = NewEngine(h.Server)
	routes = append(routes,
		Route{Method: "POST", Path: "/admin/sign-in", Rule: Public, Class: Personal, Handle: func(c *gin.Context) error {
			f, err := Form(c)
			if err != nil {
				return err
			}
			if err := SignIn(c, f.Get("email"), f.Get("password")); err != nil {
				return err
			}
			return Redirect(c, f.Get("next"))
		}},
		Route{Method: "POST", Path: "/admin/sign-out", Rule: SignedIn, Class: Personal, Handle: func(c *gin.Context) error {
			if err := SignOut(c); err != nil {
				return err
			}
			return Redirect(c, "/")
		}},
		Route{Method: "GET", Path: "/admin/who", Rule: SignedIn, Class: Personal, Handle: func(c *gin.Context) error {
			c.String(200, "%s %s", Actor(c).Name, Locale(c))
			return nil
		}},
		Route{Method: "POST", Path: "/admin/save", Rule: Needs(auth.EditText), Class: Personal, Handle: func(c *gin.Context) error {
			f, err := Form(c)
			if err != nil {
				return err
			}
			c.String(200, "%d %s", len(f), f.Get("a"))
			return nil
		}},
		Route{Method: "GET", Path: "/admin/users", Rule: Needs(auth.ManageUsers), Class: Personal, Handle: say("users")},
		Route{Method: "GET", Path: "/:locale/page", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error {
			c.String(200, "page %v", Actor(c) == nil)
			return nil
		}},
	)
	if err := Mount(h.engine, h.Server, routes); err != nil {
		t.Fatal(err)
	}
	return h
}

func messages(t *testing.T) *i18n.Catalogue {
	t.Helper()
	var parts []fs.FS
	for _, name := range []string{"en.toml", "web.en.toml"} {
		if b, err := os.ReadFile("../../admin/locales/" + name); err == nil {
			parts = append(parts, fstest.MapFS{"en.toml": {Data: b}})
		}
	}
	words, err := i18n.Load(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func say(s string) func(*gin.Context) error {
	return func(c *gin.Context) error { c.String(200, s); return nil }
}

func fails(err error) func(*gin.Context) error { return func(*gin.Context) error { return err } }

// do sends a request; header is pairs.
func (h *house) do(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if !strings.Contains(target, "://") {
		r.Host = h.base.Host
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if changing[method] && !slices.Contains(header, "Origin") && !slices.Contains(header, "Sec-Fetch-Site") {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(header); i += 2 {
		switch header[i] {
		case "Host":
			r.Host = header[i+1]
		case "Peer":
			r.RemoteAddr = header[i+1]
		default:
			r.Header.Add(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.engine.ServeHTTP(w, r)
	return w
}

func (h *house) signIn(t *testing.T) (cookie string) {
	t.Helper()
	w := h.do("POST", "/admin/sign-in", url.Values{"email": {"editor@example.org"}, "password": {password}, "next": {"/admin"}}.Encode())
	if w.Code != 303 || w.Header().Get("Location") != "/admin" {
		t.Fatalf("sign-in: %d %s", w.Code, w.Body)
	}
	ck := w.Result().Cookies()[0]
	return ck.Name + "=" + ck.Value
}

func TestRouteWithoutRuleOrClassIsRefused(t *testing.T) {
	h := build(t, Config{})
	good := Route{Method: "GET", Path: "/x", Rule: Public, Class: Cacheable, Handle: say("x")}
	for name, change := range map[string]func(*Route){
		"no rule":              func(r *Route) { r.Rule = Rule{} },
		"no class":             func(r *Route) { r.Class = 0 },
		"unknown class":        func(r *Route) { r.Class = 9 },
		"no handler":           func(r *Route) { r.Handle = nil },
		"no method":            func(r *Route) { r.Method = "" },
		"odd method":           func(r *Route) { r.Method = "TRACE" },
		"no slash":             func(r *Route) { r.Path = "x" },
		"cached for few":       func(r *Route) { r.Rule = SignedIn },
		"cached needs a right": func(r *Route) { r.Rule, r.Class = Needs(auth.Read), Static },
		"cached change":        func(r *Route) { r.Method = "POST" },
		"taken":                func(r *Route) { r.Path = "/admin/who" },
	} {
		r := good
		change(&r)
		if err := Mount(h.engine, h.Server, []Route{r}); err == nil {
			t.Errorf("%s: mounted", name)
		} else if !strings.Contains(err.Error(), r.Path) {
			t.Errorf("%s: the error does not name the route: %v", name, err)
		}
	}
	if err := Mount(h.engine, h.Server, []Route{good}); err != nil {
		t.Error(err)
	}
	// The router holds nothing that did not come through Mount.
	mounted := map[string]bool{"GET /healthz": true, "HEAD /healthz": true, "GET /readyz": true, "HEAD /readyz": true}
	for _, r := range h.Routes() {
		mounted[r.Method+" "+r.Path] = true
		mounted[strings.Replace(r.Method, "GET", "HEAD", 1)+" "+r.Path] = true
	}
	for _, r := range h.engine.Routes() {
		if !mounted[r.Method+" "+r.Path] {
			t.Errorf("%s %s has no rule", r.Method, r.Path)
		}
	}
}

func TestRulesAtTheDoor(t *testing.T) {
	h := build(t, Config{})
	if w := h.do("GET", "/admin/who?a=b", ""); w.Code != 303 || w.Header().Get("Location") != "/admin/sign-in?next=%2Fadmin%2Fwho%3Fa%3Db" {
		t.Errorf("a stranger: %d %q", w.Code, w.Header().Get("Location"))
	}
	if w := h.do("GET", "/admin/who", "", "Sec-Fetch-Mode", "cors"); w.Code != 401 {
		t.Errorf("a stranger's script: %d", w.Code)
	}
	if w := h.do("POST", "/admin/save", "a=b"); w.Code != 401 {
		t.Errorf("a stranger's form: %d", w.Code)
	}
	if w := h.do("GET", "/admin/users", "", "Cookie", "plenary="+strings.Repeat("A", 43)); w.Code != 303 {
		t.Errorf("a made-up session: %d", w.Code)
	}
	cookie := h.signIn(t)
	if w := h.do("GET", "/admin/who", "", "Cookie", cookie, "Accept-Language", "es"); w.Code != 200 || w.Body.String() != "Editor fr" {
		t.Errorf("signed in: %d %s", w.Code, w.Body)
	}
	if w := h.do("POST", "/admin/save", "a=b", "Cookie", cookie); w.Code != 200 {
		t.Errorf("an editor saves: %d", w.Code)
	}
	if w := h.do("GET", "/admin/users", "", "Cookie", cookie); w.Code != 403 {
		t.Errorf("an editor among users: %d", w.Code)
	}
	if err := h.auth.Disable(ctx, auth.System("test"), h.editor.ID, true); err != nil {
		t.Fatal(err)
	}
	if w := h.do("POST", "/admin/save", "a=b", "Cookie", cookie); w.Code != 401 {
		t.Errorf("the account is closed: %d", w.Code)
	}
}

func TestSessionCookie(t *testing.T) {
	secure := build(t, Config{BaseURL: "https://www.example.org"})
	form := url.Values{"email": {"editor@example.org"}, "password": {password}, "next": {"//evil.example"}}.Encode()
	w := secure.do("POST", "/admin/sign-in", form)
	ck := w.Result().Cookies()[0]
	if ck.Name != "__Host-plenary" || !ck.Secure || !ck.HttpOnly || ck.SameSite != http.SameSiteLaxMode || ck.Path != "/" || ck.Domain != "" {
		t.Errorf("https: %v", ck)
	}
	if w.Header().Get("Location") != "/" {
		t.Errorf("sent to %q", w.Header().Get("Location"))
	}
	if w := secure.do("GET", "/admin/who", "", "Cookie", "plenary="+ck.Value); w.Code != 303 {
		t.Errorf("a cookie without __Host- is taken on https: %d", w.Code)
	}
	// Signing in again in the same browser ends the session before.
	again := secure.do("POST", "/admin/sign-in", form, "Cookie", ck.String())
	if fresh := again.Result().Cookies()[0]; fresh.Value == ck.Value {
		t.Error("the same token after signing in again")
	}
	if w := secure.do("GET", "/admin/who", "", "Cookie", "__Host-plenary="+ck.Value); w.Code != 303 {
		t.Errorf("the session before: %d", w.Code)
	}
	plain := build(t, Config{})
	cookie := plain.signIn(t)
	if !strings.HasPrefix(cookie, "plenary=") {
		t.Errorf("http: %s", cookie)
	}
	if w := plain.do("POST", "/admin/sign-out", "", "Cookie", cookie); w.Code != 303 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %d %v", w.Code, w.Result().Cookies())
	}
	if w := plain.do("GET", "/admin/who", "", "Cookie", cookie); w.Code != 303 {
		t.Errorf("after signing out: %d", w.Code)
	}
	if w := plain.do("GET", "/fr/page", "", "Cookie", plain.signIn(t)); w.Body.String() != "page true" || len(w.Result().Cookies()) > 0 {
		t.Errorf("a cacheable page knows who looks: %s %v", w.Body, w.Result().Cookies())
	}
	// Wrong passwords: one answer.
	a := plain.do("POST", "/admin/sign-in", "email=editor@example.org&password=wrong")
	b := plain.do("POST", "/admin/sign-in", "email=nobody@example.org&password=wrong")
	if a.Code != 422 || b.Code != 422 || a.Body.String() != b.Body.String() {
		t.Errorf("%d %s\n%d %s", a.Code, a.Body, b.Code, b.Body)
	}
	for range 20 {
		a = plain.do("POST", "/admin/sign-in", "email=nobody@example.org&password=wrong")
	}
	if a.Code != 429 || a.Header().Get("Retry-After") == "" {
		t.Errorf("after many tries: %d", a.Code)
	}
}

// TestForgedRequests: each way another site can make a browser send a form, against each unsafe route.
func TestForgedRequests(t *testing.T) {
	h := build(t, Config{BaseURL: "https://www.example.org"})
	cookie := "__Host-" + strings.TrimPrefix(h.signIn(t), "__Host-")
	for _, c := range []struct {
		name   string
		header []string
		ok     bool
	}{
		{"own form", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://www.example.org"}, true},
		{"own form, older browser", []string{"Origin", "https://www.example.org"}, true},
		{"address bar", []string{"Sec-Fetch-Site", "none"}, true},
		{"who does not say", []string{"Origin", ""}, false},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"a neighbour", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.org"}, false},
		{"another site, older browser", []string{"Origin", "https://evil.example"}, false},
		{"a sandboxed frame", []string{"Origin", "null"}, false},
		{"a longer name", []string{"Origin", "https://www.example.org.evil.example"}, false},
		{"another port", []string{"Origin", "https://www.example.org:444"}, false},
		{"a frame of another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null", "Sec-Fetch-Mode", "navigate"}, false},
	} {
		for _, r := range h.Routes() {
			if safe(r.Method) || r.Path == "/admin/sign-out" {
				continue
			}
			w := h.do(r.Method, r.Path, "a=b", append([]string{"Cookie", cookie}, c.header...)...)
			if refused := w.Code == 403; refused == c.ok {
				t.Errorf("%s, %s %s: %d", c.name, r.Method, r.Path, w.Code)
			}
		}
	}
}

// What mail programs press needs not say where it comes from; another site's page presses it no more than anything else.
func TestWhatMailProgramsPress(t *testing.T) {
	pressed := func(c *gin.Context) error { c.Status(http.StatusNoContent); return nil }
	route := Route{Method: "POST", Path: "/stop/:token", Rule: Public, Class: Secret, Upload: true, ByMail: true, Handle: pressed}
	h := build(t, Config{BaseURL: "https://www.example.org"}, route)
	for _, c := range []struct {
		header []string
		want   int
	}{{[]string{"Origin", ""}, 204}, {[]string{"Origin", "", "Content-Type", "multipart/form-data; boundary=x"}, 204}, {[]string{"Origin", "https://www.example.org"}, 204}, {[]string{"Origin", "https://evil.example"}, 403},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, 403}} {
		if w := h.do("POST", "/stop/x", "List-Unsubscribe=One-Click", c.header...); w.Code != c.want {
			t.Errorf("%v: %d, want %d", c.header, w.Code, c.want)
		}
	}
	personal, closed := route, route
	personal.Class, closed.Rule = Personal, SignedIn
	for _, r := range []Route{personal, closed} {
		if r.check() == nil {
			t.Errorf("%v %v: a session could be misused", r.Class, r.Rule)
		}
	}
}

func TestHostNames(t *testing.T) {
	h := build(t, Config{BaseURL: "https://www.example.org", Hosts: []string{"example.org"}})
	for host, want := range map[string]int{
		"www.example.org": 200, "WWW.Example.ORG": 200, "www.example.org:443": 200, "example.org.": 200,
		"localhost:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200,
		"evil.example": 421, "www.example.org.evil.example": 421, "10.0.0.1": 421, "[2001:db8::1]": 421, "::2": 421,
		"": 400, "www.example.org@evil.example": 400, "www.example.org/x": 400, "www.example.org:x": 400, "a b": 400, "a,b": 400,
	} {
		w := h.do("GET", "/fr/page", "", "Host", host)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
		if w.Code != 200 && host != "" && strings.Contains(w.Body.String(), host) {
			t.Errorf("%q is repeated", host)
		}
	}
	if w := h.do("GET", "/healthz", "", "Host", "10.0.0.1:8080"); w.Code != 200 {
		t.Errorf("a balancer: %d", w.Code)
	}
	for _, bad := range []string{"ftp://example.org", "https://", "example.org", "https://u:s3cret@example.org", "https://example.org/sub", "https://example.org?x"} {
		if _, err := New(Config{BaseURL: bad}, nil, h.db, h.words); err == nil {
			t.Errorf("base address %q is taken", bad)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a password is told: %v", err)
		}
	}
}

func TestProxyHeadersCountOnlyFromProxies(t *testing.T) {
	ip := Route{Method: "GET", Path: "/ip", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error { c.String(200, "%s", ClientIP(c)); return nil }}
	h := build(t, Config{BaseURL: "https://www.example.org", Proxies: []string{"10.0.0.0/8", "::1"}}, ip)
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:999", "203.0.113.5", "192.0.2.1"},
		{"10.1.2.3:999", "203.0.113.5", "203.0.113.5"},
		{"10.1.2.3:999", "198.51.100.1, 203.0.113.5", "203.0.113.5"},
		{"10.1.2.3:999", "198.51.100.1, 203.0.113.5, 10.9.9.9", "203.0.113.5"},
		{"10.1.2.3:999", "nonsense", "10.1.2.3"},
		{"10.1.2.3:999", "", "10.1.2.3"},
		{"[::1]:999", "2001:db8::5", "2001:db8::5"},
	} {
		w := h.do("GET", "/ip", "", "Peer", c.peer, "X-Forwarded-For", c.forwarded, "X-Real-IP", "8.8.8.8", "CF-Connecting-IP", "8.8.8.8",
			"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http", "X-Forwarded-Prefix", "/evil")
		if w.Body.String() != c.want {
			t.Errorf("peer %s, forwarded %q: %s, want %s", c.peer, c.forwarded, w.Body, c.want)
		}
	}
	w := h.do("GET", "/ip/", "", "X-Forwarded-Prefix", "//evil.example")
	if w.Code != 404 || w.Header().Get("Location") != "" {
		t.Errorf("a slash more: %d %s", w.Code, w.Header())
	}
}

func TestHeaders(t *testing.T) {
	secret := Route{Method: "GET", Path: "/secret/:token", Rule: Public, Class: Secret, Handle: say("s")}
	static := Route{Method: "GET", Path: "/static/x.css", Rule: Public, Class: Static, Handle: say("s")}
	lost := func(*gin.Context) error { return Fail(404, "error.not_found") }
	h := build(t, Config{BaseURL: "https://www.example.org"}, secret, static,
		Route{Method: "GET", Path: "/admin/file", Rule: SignedIn, Class: Personal, CSP: FileCSP, Handle: lost},
		Route{Method: "GET", Path: "/admin/framed", Rule: SignedIn, Class: Personal, Framed: true, Handle: lost},
		Route{Method: "GET", Path: "/:locale/lost", Rule: Public, Class: Cacheable, Handle: lost})
	cookie := h.signIn(t)
	for path, want := range map[string]map[string]string{
		"/fr/page":      {"Cache-Control": "public, no-cache", "Content-Security-Policy": SiteCSP, "Cross-Origin-Resource-Policy": "cross-origin"},
		"/static/x.css": {"Cache-Control": "public, max-age=31536000, immutable"},
		"/admin/who":    {"Cache-Control": "no-store", "Content-Security-Policy": PanelCSP, "X-Robots-Tag": "noindex, nofollow", "Cross-Origin-Resource-Policy": "same-origin"},
		"/secret/abc":   {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"},
		"/nothing":      {"Cache-Control": "no-store", "Content-Security-Policy": SiteCSP},
		// The page of an error is of the face that its address belongs to, whatever the route was for.
		"/admin/file":   {"Cache-Control": "no-store", "Content-Security-Policy": PanelCSP},
		"/admin/framed": {"Cache-Control": "no-store", "Content-Security-Policy": FrameCSP},
		"/admin/lost":   {"Cache-Control": "no-store", "Content-Security-Policy": PanelCSP},
		"/fr/lost":      {"Cache-Control": "no-store", "Content-Security-Policy": SiteCSP},
		"/healthz":      {"Cache-Control": "no-store"},
	} {
		got := h.do("GET", path, "", "Cookie", cookie).Header()
		for k, v := range want {
			if got.Get(k) != v {
				t.Errorf("%s %s: %q, want %q", path, k, got.Get(k), v)
			}
		}
		for _, k := range []string{"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Strict-Transport-Security", "Content-Security-Policy"} {
			if got.Get(k) == "" {
				t.Errorf("%s lacks %s", path, k)
			}
		}
		for _, k := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if got.Get(k) != "" {
				t.Errorf("%s has %s", path, k)
			}
		}
	}
	if strings.Contains(PanelCSP+SiteCSP, "unsafe") {
		t.Error("inline code is allowed")
	}
	if w := build(t, Config{}).do("GET", "/fr/page", ""); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over http")
	}
	if w := h.do("HEAD", "/fr/page", ""); w.Code != 200 {
		t.Errorf("HEAD: %d", w.Code)
	}
}

func TestHostileInputIsRefusedPlainly(t *testing.T) {
	h := build(t, Config{}, Route{Method: "POST", Path: "/small", Rule: Public, Class: Personal, MaxBody: 100, Handle: func(c *gin.Context) error {
		_, err := Form(c)
		c.Status(204)
		return err
	}})
	cookie := h.signIn(t)
	save := func(body string, header ...string) *httptest.ResponseRecorder {
		return h.do("POST", "/admin/save", body, append([]string{"Cookie", cookie}, header...)...)
	}
	for name, c := range map[string]struct {
		w    *httptest.ResponseRecorder
		want int
	}{
		"plain":                      {save("a=%C3%A9"), 200},
		"the same name twice":        {save("a=1&a=2"), 200},
		"nothing":                    {save(""), 200},
		"broken UTF-8":               {save("a=%ff%fe"), 422},
		"broken UTF-8 in a name":     {save("%ff=a"), 422},
		"NUL":                        {save("a=%00"), 422},
		"broken escape":              {save("a=%zz"), 400},
		"semicolons":                 {save("a=1;b=2"), 400},
		"10,000 values":              {save(strings.TrimSuffix(strings.Repeat("a=1&", MaxValues), "&")), 200},
		"10,001 values":              {save(strings.TrimSuffix(strings.Repeat("a=1&", MaxValues+1), "&")), 413},
		"too large":                  {save("a=" + strings.Repeat("x", defaultMaxBody)), 413},
		"too large, length unsaid":   {h.do("POST", "/small", "", "Transfer-Encoding", "chunked"), 204},
		"multipart":                  {save("--x\r\n", "Content-Type", "multipart/form-data; boundary=x"), 200},
		"query with broken UTF-8":    {h.do("GET", "/fr/page?q=%ff", ""), 400},
		"query with NUL":             {h.do("GET", "/fr/page?q=%00", ""), 400},
		"query with a broken escape": {h.do("GET", "/fr/page?q=%z", ""), 400},
		"query with the same twice":  {h.do("GET", "/fr/page?page=1&page=2", ""), 200},
		"path with broken UTF-8":     {h.do("GET", "/fr/%ff", ""), 404},
		"path with NUL":              {h.do("GET", "/fr/page%00", ""), 404},
		"path with a line":           {h.do("GET", "/fr/page%0d%0aX-Evil:1", ""), 404},
		"path with a hidden slash":   {h.do("GET", "/fr%2fpage", ""), 404},
		"other case":                 {h.do("GET", "/ADMIN/who", ""), 404},
		"slash more":                 {h.do("GET", "/fr/page/", ""), 404},
		"slashes doubled":            {h.do("GET", "//fr/page", ""), 404},
		"unknown locale":             {h.do("GET", "/xx/nothing", ""), 404},
		"method":                     {h.do("DELETE", "/fr/page", ""), 405},
		"TRACE":                      {h.do("TRACE", "/fr/page", ""), 405},
		"made-up method":             {h.do("EVIL", "/fr/page", ""), 405},
		"method by header":           {h.do("GET", "/admin/save", "", "Cookie", cookie, "X-HTTP-Method-Override", "POST"), 405},
	} {
		if name == "multipart" {
			continue // below: the recorder's first Content-Type wins
		}
		if c.w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, c.w.Code, c.want)
		}
		if c.w.Code >= 400 && (!strings.Contains(c.w.Body.String(), "<h1>") || strings.Contains(c.w.Body.String(), "error.")) {
			t.Errorf("%s: no page in words: %s", name, c.w.Body)
		}
	}
	r := httptest.NewRequest("POST", "/admin/save", strings.NewReader("--x\r\n"))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Host = h.base.Host
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	h.engine.ServeHTTP(w, r)
	if w.Code != 415 {
		t.Errorf("multipart: %d", w.Code)
	}
	// A body that does not say how long it is.
	r = httptest.NewRequest("POST", "/small", io.MultiReader(strings.NewReader("a="), strings.NewReader(strings.Repeat("x", 200))))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Host, r.ContentLength = h.base.Host, -1
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	h.engine.ServeHTTP(w, r)
	if w.Code != 413 {
		t.Errorf("a long body without a length: %d", w.Code)
	}
	if w := save("a=1&a=2"); w.Body.String() != "1 1" {
		t.Errorf("the same name twice: %s", w.Body)
	}
	if strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("hostile input is taken for our fault:\n%s", h.log)
	}
}

type invalid map[string]string

func (invalid) Error() string               { return "invalid" }
func (i invalid) Fields() map[string]string { return i }

type conflict struct{}

func (conflict) Error() string  { return "conflict" }
func (conflict) Conflicts() int { return 2 }

func TestErrorsBecomePages(t *testing.T) {
	get := func(path string, f func(*gin.Context) error) Route {
		return Route{Method: "GET", Path: path, Rule: Public, Class: Cacheable, Handle: f}
	}
	cases := map[string]struct {
		err  error
		want int
	}{
		"/missing":     {fmt.Errorf("reading: %w", db.ErrNotFound), 404},
		"/forbidden":   {fmt.Errorf("x: %w", auth.ErrForbidden), 403},
		"/session":     {auth.ErrSession, 401},
		"/unavailable": {fmt.Errorf("x: %w", db.ErrUnavailable), 503},
		"/busy":        {auth.ErrBusy, 503},
		"/late":        {context.DeadlineExceeded, 503},
		"/invalid":     {fmt.Errorf("x: %w", invalid{"title": "auth.name_missing"}), 422},
		"/auth":        {auth.Invalid{"name": "auth.name_missing"}, 422},
		"/conflict":    {fmt.Errorf("x: %w", conflict{}), 409},
		"/throttled":   {&auth.ThrottledError{RetryAfter: 90 * time.Second}, 429},
		"/other":       {errors.New("secret detail of a table"), 500},
		"/own":         {Fail(415, "error.form_type"), 415},
	}
	var routes []Route
	for path, c := range cases {
		routes = append(routes, get(path, fails(c.err)))
	}
	routes = append(routes, get("/panic", func(c *gin.Context) error {
		c.Header("Cache-Control", "public, max-age=600")
		c.Header("ETag", `"x"`)
		var m map[string]int
		m["x"] = 1
		return nil
	}), get("/fine", say("fine")))
	h := build(t, Config{}, routes...)
	for path, c := range cases {
		w := h.do("GET", path, "")
		if w.Code != c.want || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "<h1>") {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
		if c.want == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	if w := h.do("GET", "/invalid", ""); !strings.Contains(w.Body.String(), "A name is needed.") {
		t.Errorf("the wrong field is not named: %s", w.Body)
	}
	if w := h.do("GET", "/throttled", ""); w.Header().Get("Retry-After") != "90" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	w := h.do("GET", "/panic?email=reader@example.org", "", "Cookie", "plenary=verysecret", "Authorization", "Bearer verysecret")
	if w.Code != 500 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("panic: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := h.do("GET", "/fine", ""); w.Code != 200 {
		t.Errorf("after a panic: %d", w.Code)
	}
	log := h.log.String()
	if strings.Contains(log, "verysecret") || strings.Contains(log, "reader@example.org") {
		t.Errorf("secrets in the log:\n%s", log)
	}
	if n := strings.Count(log, "secret detail of a table"); n != 1 {
		t.Errorf("an error is logged %d times", n)
	}
	if !strings.Contains(log, "assignment to entry in nil map") {
		t.Errorf("the panic is not in the log:\n%s", log)
	}
	// A face's error page that fails itself.
	h.RenderError = func(c *gin.Context, status int, key string, err error) { panic("broken template") }
	if w := h.do("GET", "/missing", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("a broken error page: %d %s", w.Code, w.Body)
	}
	if w := h.do("GET", "/panic", ""); w.Code != 500 || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("a broken error page after a panic: %d %s", w.Code, w.Body)
	}
}

// TestPanicHalfWay: a page of which half has gone out must not look whole.
func TestPanicHalfWay(t *testing.T) {
	h := build(t, Config{}, Route{Method: "GET", Path: "/half", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error {
		c.String(200, strings.Repeat("half ", 10_000))
		c.Writer.Flush()
		panic("half way")
	}})
	srv := httptest.NewServer(h.engine)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/half")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if err == nil {
		t.Error("the reader got half a page and no sign of it")
	}
	if res, err := http.Get(srv.URL + "/fr/page"); err != nil || res.StatusCode != 200 {
		t.Errorf("after that: %v", err)
	}
}

func TestLogSaysNoMoreThanNeeded(t *testing.T) {
	h := build(t, Config{})
	cookie := h.signIn(t)
	h.do("GET", "/fr/page?q=private", "")
	if strings.Contains(h.log.String(), "/page") {
		t.Errorf("public pages are logged:\n%s", h.log)
	}
	h.do("GET", "/admin/who?q=private", "", "Cookie", cookie, "User-Agent", "agent-name\nlevel=ERROR forged=1")
	log := h.log.String()
	if !strings.Contains(log, "route=/admin/who status=200") {
		t.Errorf("the panel is not logged:\n%s", log)
	}
	for _, secret := range []string{"private", "agent-name", "editor@example.org", password, strings.TrimPrefix(cookie, "plenary="), "192.0.2.1 "} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
}

func TestRedirectStaysHere(t *testing.T) {
	h := build(t, Config{}, Route{Method: "GET", Path: "/go", Rule: Public, Class: Personal, Handle: func(c *gin.Context) error { return Redirect(c, c.Query("to")) }})
	for to, want := range map[string]string{
		"/admin/x?a=b&c=é#d":  "/admin/x?a=b&c=%C3%A9#d",
		"/":                   "/",
		"/fr/événement":       "/fr/%C3%A9v%C3%A9nement",
		"":                    "/",
		"admin":               "/",
		"//evil.example":      "/",
		"/\\evil.example":     "/",
		"\\\\evil.example":    "/",
		"https://evil.test":   "/",
		"/\tx":                "/",
		"/%2f/evil.example":   "/",
		"/x\r\nSet-Cookie: a": "/",
		"javascript:alert(1)": "/",
		" /x":                 "/",
		"///evil.example":     "/",
		"/.//evil.example":    "/",
		"/..//evil.example":   "/",
		"/a/..//evil.example": "/",
	} {
		w := h.do("GET", "/go?to="+url.QueryEscape(to), "")
		got := w.Header().Get("Location")
		if strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") || w.Code != 303 {
			t.Errorf("%q leads to %q (%d)", to, got, w.Code)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}

func TestFlashIsShownOnce(t *testing.T) {
	h := build(t, Config{},
		Route{Method: "POST", Path: "/leave", Rule: Public, Class: Personal, Handle: func(c *gin.Context) error {
			AddFlash(c, Flash{Kind: "success", Key: "error.reference", Args: map[string]string{"Request": strings.Repeat("é", 500)}})
			AddFlash(c, Flash{Kind: "info", Key: "error.home"})
			return Redirect(c, "/take")
		}},
		Route{Method: "GET", Path: "/take", Rule: Public, Class: Personal, Handle: func(c *gin.Context) error { c.JSON(200, Flashes(c)); return nil }})
	w := h.do("POST", "/leave", "")
	cookies := w.Result().Cookies()
	ck := cookies[len(cookies)-1]
	w = h.do("GET", "/take", "", "Cookie", ck.Name+"="+ck.Value)
	var all []Flash
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || len(all) != 2 || all[1].Key != "error.home" || len([]rune(all[0].Args["Request"])) != 120 {
		t.Errorf("%s", w.Body)
	}
	if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 {
		t.Errorf("the notice stays: %v", gone)
	}
	for _, bad := range []string{"x", "W10", "eyJhIjoxfQ", strings.Repeat("A", 9000)} {
		if w := h.do("GET", "/take", "", "Cookie", "plenary-flash="+bad); w.Code != 200 || w.Body.String() != "null" && w.Body.String() != "[]" {
			t.Errorf("%q: %d %s", bad, w.Code, w.Body)
		}
	}
}

func TestPager(t *testing.T) {
	var got Pager
	h := build(t, Config{}, Route{Method: "GET", Path: "/list", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error {
		got = NewPager(c, 101)
		c.String(200, "%d-%d %s %s", got.From(), got.To(), got.Prev(), got.Next())
		return nil
	}})
	for query, want := range map[string]string{
		"":                           "1-25  /list?page=2",
		"?page=2&q=a%26b":            "26-50 /list?q=a%26b /list?page=3&q=a%26b",
		"?page=5":                    "101-101 /list?page=4 ",
		"?page=99":                   "101-101 /list?page=4 ",
		"?page=-1":                   "1-25  /list?page=2",
		"?page=x&size=x":             "1-25  /list?page=2&size=x",
		"?page=999999999":            "101-101 /list?page=4 ",
		"?page=99999999999999999999": "1-25  /list?page=2",
		"?size=1000000":              "1-101  ",
	} {
		if w := h.do("GET", "/list"+query, ""); w.Body.String() != want {
			t.Errorf("%q: %q, want %q", query, w.Body, want)
		}
	}
	if p := (Pager{Page: 1, Size: 25}); p.Pages() != 1 || p.From() != 0 || p.To() != 0 {
		t.Errorf("an empty list: %+v", p)
	}
}

func TestLocaleOfARequest(t *testing.T) {
	h := build(t, Config{}, Route{Method: "GET", Path: "/loc", Rule: Public, Class: Personal, Handle: func(c *gin.Context) error { c.String(200, "%s", Locale(c)); return nil }},
		Route{Method: "GET", Path: "/ar/loc", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error { c.String(200, "%s", Locale(c)); return nil }},
		Route{Method: "GET", Path: "/set", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error { SetLocale(c, i18n.SW); c.String(200, "%s", Locale(c)); return nil }})
	for _, c := range []struct{ path, cookie, header, want string }{
		{"/loc", "", "", "en"},
		{"/loc", "", "zh-HK,en;q=0.5", "zh"},
		{"/loc", h.signIn(t), "zh", "fr"},
		{"/ar/loc", "", "zh", "ar"},
		{"/set", "", "zh", "sw"},
		{"/loc", "", strings.Repeat("fr;q=x,", 3000), "en"},
	} {
		if w := h.do("GET", c.path, "", "Cookie", c.cookie, "Accept-Language", c.header); w.Body.String() != c.want {
			t.Errorf("%s %.20q: %s, want %s", c.path, c.header, w.Body, c.want)
		}
	}
	if w := h.do("GET", "/ar/nothing", ""); !strings.Contains(w.Body.String(), `<html lang="ar" dir="rtl">`) {
		t.Errorf("an error page on the Arabic side: %s", w.Body)
	}
}

func TestHealth(t *testing.T) {
	var broken error
	asked := 0
	h := build(t, Config{Checks: []Check{{"storage", func(context.Context) error { asked++; return broken }}}})
	for range 5 {
		if w := h.do("GET", "/readyz", ""); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if asked != 1 {
		t.Errorf("%d looks for 5 questions", asked)
	}
	broken = errors.New("secret address of the storage")
	h.health.at = time.Time{}
	if w := h.do("GET", "/readyz", ""); w.Code != 503 || w.Body.String() != "not ready: storage\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	h.db.Close()
	h.health.at = time.Time{}
	if w := h.do("GET", "/readyz", ""); w.Code != 503 || w.Body.String() != "not ready: database\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.do("GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("alive without a database: %d", w.Code)
	}
	if w := h.do("GET", "/fr/page", "", "Cookie", "plenary="+strings.Repeat("A", 43)); w.Code != 200 {
		t.Errorf("a public page without a database: %d", w.Code)
	}
}

// TestStopInOrder: during the drain everything is answered and clients are told to close; a running request is
// finished; then the port is closed.
func TestStopInOrder(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	slow := Route{Method: "GET", Path: "/slow", Rule: Public, Class: Cacheable, Handle: func(c *gin.Context) error {
		close(began)
		<-finish
		c.String(200, "whole")
		return nil
	}}
	h := build(t, Config{Drain: 300 * time.Millisecond}, slow)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- h.Serve(run, h.engine.Handler(), l) }()
	get := func(path string) (*http.Response, string, error) {
		res, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			return nil, "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res, string(b), err
	}
	answer := make(chan string, 1)
	go func() { _, b, err := get("/slow"); answer <- fmt.Sprint(b, err) }()
	<-began
	stop()
	for !h.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	if res, b, err := get("/readyz"); err != nil || res.StatusCode != 503 || b != "not ready: stopping\n" {
		t.Errorf("readiness while stopping: %v %s", err, b)
	}
	if res, _, err := get("/fr/page"); err != nil || res.StatusCode != 200 || !res.Close {
		t.Errorf("a page while stopping: %v %+v", err, res)
	}
	time.Sleep(400 * time.Millisecond) // the drain is over, the slow request is not
	close(finish)
	if got := <-answer; got != "whole<nil>" {
		t.Errorf("the running request: %s", got)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("does not stop")
	}
	if _, _, err := get("/fr/page"); err == nil {
		t.Error("still answers")
	}
}

// TestRawRequests: what only a hand-made client sends, to the real listener.
func TestRawRequests(t *testing.T) {
	h := build(t, Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- h.Serve(run, h.engine.Handler(), l) }()
	defer func() { stop(); <-done }()
	for name, c := range map[string]struct{ raw, want string }{
		"plain":             {"GET /fr/page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200"},
		"no host":           {"GET /fr/page HTTP/1.1\r\nConnection: close\r\n\r\n", "400"},
		"two hosts":         {"GET /fr/page HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "400"},
		"host in the line":  {"GET http://evil.example/fr/page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "421"},
		"old, without host": {"GET /fr/page HTTP/1.0\r\n\r\n", "400"},
		"huge header":       {"GET /fr/page HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 60<<10) + "\r\n\r\n", "431"},
		"two lengths":       {"POST /admin/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		"negative length":   {"POST /admin/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "400"},
		"length too large":  {"POST /admin/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\nConnection: close\r\n\r\na=b", "413"},
		"path of dots":      {"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404"},
		"not a path":        {"GET fr/page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "400"},
		"star":              {"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200"},
		"connect":           {"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n", "421"},
		"not HTTP":          {"\x16\x03\x01\r\n\r\n", "400"},
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(conn, c.raw)
		answer := make([]byte, 12)
		_, err = io.ReadFull(conn, answer)
		conn.Close()
		if err != nil || !strings.HasSuffix(string(answer), c.want) {
			t.Errorf("%s: %q, want %s (%v)", name, answer, c.want, err)
		}
	}
	if strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("taken for our fault:\n%s", h.log)
	}
}

func TestEveryMessageIsThere(t *testing.T) {
	words := messages(t)
	for _, file := range []string{"error.go", "form.go", "gate.go", "route.go", "../auth/account.go", "../auth/password.go", "../auth/grant.go", "../auth/setup.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, piece := range strings.Split(string(b), `"`) {
			if i%2 == 0 || strings.ContainsAny(piece, " \n/+") {
				continue
			}
			switch {
			case strings.HasPrefix(piece, "auth.") && !words.Has("en", piece):
				t.Errorf("%s: no message %s", file, piece)
			case strings.HasPrefix(piece, "error.") && !words.Has("en", piece) && (!words.Has("en", piece+".title") || !words.Has("en", piece+".text")):
				t.Errorf("%s: no messages for %s", file, piece)
			}
		}
	}
	for _, r := range auth.Roles {
		if !words.Has("en", "auth.role."+string(r)) {
			t.Errorf("role %s has no name", r)
		}
	}
	for _, s := range auth.Scopes {
		if !words.Has("en", "auth.scope."+string(s)) {
			t.Errorf("scope %s has no name", s)
		}
	}
}

// TestNothingThereIsNotTheWrongMethod: Gin says 405 of some paths that lead nowhere, where others begin alike.
func TestNothingThereIsNotTheWrongMethod(t *testing.T) {
	do := func(c *gin.Context) error { c.Status(http.StatusNoContent); return nil }
	h := build(t, Config{}, Route{Method: "GET", Path: "/media/:id/:name", Rule: Public, Class: Cacheable, Handle: do}, Route{Method: "GET", Path: "/:locale/:section", Rule: Public, Class: Cacheable, Handle: do},
		Route{Method: "POST", Path: "/admin/media/:id/delete", Rule: SignedIn, Class: Personal, Handle: do}, Route{Method: "POST", Path: "/admin/media/:id", Rule: SignedIn, Class: Personal, Handle: do})
	for _, c := range []struct {
		method, path string
		want         int
	}{{"GET", "/media/x/y", 204}, {"GET", "/media/x", 404}, {"HEAD", "/media/x", 404}, {"GET", "/media/", 404}, {"GET", "/admin/media/x", 405}, {"GET", "/admin/media/x/delete", 405}, {"GET", "/admin/media/x/y", 404}, {"PUT", "/healthz", 405}} {
		if w := h.do(c.method, c.path, ""); w.Code != c.want || w.Code == 404 && w.Header().Get("Allow") != "" {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, w.Code, w.Header().Get("Allow"), c.want)
		}
	}
}

// TestFormsAreReadBeforeTheirHandlers: also for handlers that look at nothing in them.
func TestFormsAreReadBeforeTheirHandlers(t *testing.T) {
	pressed := 0
	do := func(c *gin.Context) error { pressed++; c.Status(http.StatusNoContent); return nil }
	h := build(t, Config{}, Route{Method: "POST", Path: "/press", Rule: Public, Class: Personal, MaxBody: 100, Handle: do},
		Route{Method: "POST", Path: "/upload", Rule: Public, Class: Personal, Upload: true, Handle: do}, Route{Method: "POST", Path: "/closed", Rule: SignedIn, Class: Personal, Handle: do})
	for _, c := range []struct {
		path, body, contentType string
		want                    int
	}{
		{"/press", "a=b", "application/x-www-form-urlencoded", 204}, {"/press", "", "", 204}, {"/press", "a=%zz", "application/x-www-form-urlencoded", 400}, {"/press", "a=%00", "application/x-www-form-urlencoded", 422},
		{"/press", "{}", "application/json", 415}, {"/press", "a=b", "text/plain", 415}, {"/press", strings.Repeat("a", 200), "application/x-www-form-urlencoded", 413},
		{"/upload", "x", "multipart/form-data; boundary=x", 204}, {"/closed", "a=%zz", "application/x-www-form-urlencoded", 401},
	} {
		before := pressed
		r := httptest.NewRequest("POST", c.path, strings.NewReader(c.body))
		r.Host = h.base.Host
		r.Header.Set("Content-Type", c.contentType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		h.engine.ServeHTTP(w, r)
		if w.Code != c.want || (pressed > before) != (c.want == 204) {
			t.Errorf("%s %.20q as %q: %d, want %d", c.path, c.body, c.contentType, w.Code, c.want)
		}
	}
}
