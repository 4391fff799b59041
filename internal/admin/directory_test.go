package admin

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/directory"
)

// office is a directory that does as it is told: it signs what the tests say.
type office struct {
	*httptest.Server
	t         testing.TB
	key       *rsa.PrivateKey
	challenge string         // of the last sign-in
	claims    map[string]any // of the next token, over the usual ones
	down      bool
	wrongKey  bool
}

func newOffice(t testing.TB) *office {
	o := &office{t: t}
	var err error
	if o.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": o.URL, "authorization_endpoint": o.URL + "/authorize", "token_endpoint": o.URL + "/token", "jwks_uri": o.URL + "/keys",
			"end_session_endpoint": o.URL + "/logout", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		b64 := base64.RawURLEncoding.EncodeToString
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": b64(o.key.N.Bytes()), "e": b64(big.NewInt(int64(o.key.E)).Bytes())}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != "good" || base64.RawURLEncoding.EncodeToString(sum[:]) != o.challenge {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]any{"error": "invalid_grant"})
			return
		}
		claims := map[string]any{"iss": o.URL, "sub": "person-1", "aud": "plenary", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "email": "ama@example.org", "email_verified": true}
		for k, v := range o.claims {
			claims[k] = v
		}
		answer(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": o.sign(claims)})
	})
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *office) sign(claims map[string]any) string {
	key := o.key
	if o.wrongKey {
		key, _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	body, _ := json.Marshal(claims)
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(head))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		o.t.Error(err)
	}
	return head + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// P48, and what else can be wrong with a directory's word: none of it opens an account, all of it is told on the page where the
// password goes on working.
func TestSigningInByTheDirectory(t *testing.T) {
	h := open(t)
	box := h.deliver()
	h.account("ama@example.org", site(auth.Editor))
	o := newOffice(t)
	c := directory.Config{Issuer: o.URL, Client: "plenary", Secret: "secret", Callback: h.url + DirectoryPath}
	h.must(c.Check())
	h.directory, h.directoryCalled = directory.New(c), "The Hall"

	// begin goes to the directory and gives the query it comes back with, as the directory would send it.
	begin := func(b *browser) url.Values {
		t.Helper()
		p := b.post("/admin/sign-in/directory", "next", "/admin/news")
		to, err := url.Parse(p.to)
		h.must(err)
		q := to.Query()
		if p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, o.URL+"/authorize?") || q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != c.Callback || len(q.Get("state")) < 40 || len(q.Get("nonce")) < 40 {
			t.Fatalf("%d to %s", p.status, p.to)
		}
		o.challenge, o.claims, o.wrongKey = q.Get("code_challenge"), map[string]any{"nonce": q.Get("nonce")}, false
		return url.Values{"code": {"good"}, "state": {q.Get("state")}}
	}
	back := func(b *browser, q url.Values) *answer { return b.get(DirectoryPath + "?" + q.Encode()) }

	v := h.visitor()
	page := v.page("/admin/sign-in")
	if !strings.Contains(page.Text(), "Sign in with The Hall") || !strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' "+o.URL+";") {
		t.Error("the way to the directory is not on the page, or its form may not go there")
	}
	bad := map[string]func(q url.Values) *browser{
		"nonce of another sign-in": func(url.Values) *browser { o.claims["nonce"] = "another"; return v },
		"no nonce":                 func(url.Values) *browser { delete(o.claims, "nonce"); return v },
		"for another site":         func(url.Values) *browser { o.claims["aud"] = "another"; return v },
		"of another directory":     func(url.Values) *browser { o.claims["iss"] = "https://evil.example"; return v },
		"over":                     func(url.Values) *browser { o.claims["exp"] = time.Now().Add(-time.Hour).Unix(); return v },
		"signed by another":        func(url.Values) *browser { o.wrongKey = true; return v },
		"address not verified":     func(url.Values) *browser { o.claims["email_verified"] = false; return v },
		"verified in words only":   func(url.Values) *browser { o.claims["email_verified"] = "no"; return v },
		"address of nobody":        func(url.Values) *browser { o.claims["email"] = "nobody@example.org"; return v },
		"another code":             func(q url.Values) *browser { q.Set("code", "bad"); return v },
		"another verifier":         func(url.Values) *browser { o.challenge = "another"; return v },
		"refused":                  func(q url.Values) *browser { q.Del("code"); q.Set("error", "access_denied"); return v },
		"nothing":                  func(q url.Values) *browser { q.Del("code"); return v },
		"answer of another (iss)":  func(q url.Values) *browser { q.Set("iss", "https://evil.example"); return v },
		"another browser":          func(url.Values) *browser { return h.visitor() },
		"made up":                  func(q url.Values) *browser { q.Set("state", strings.Repeat("A", 43)); return v },
	}
	for name, spoil := range bad {
		q := begin(v)
		b := spoil(q)
		p := back(b, q)
		if p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, "/admin/sign-in") || strings.HasPrefix(p.to, stepPath) {
			t.Errorf("%s: %d to %s", name, p.status, p.to)
		}
		if p := v.get("/admin"); p.status != http.StatusSeeOther {
			t.Fatalf("%s: let in", name)
		}
		if p := b.page("/admin/sign-in"); p.Find(".notice.error").Length() != 1 || p.Find("input[type=password]").Length() != 1 {
			t.Errorf("%s: not told", name)
		}
	}
	h.work()
	if len(box.got) != 0 {
		t.Errorf("%d letters", len(box.got))
	}

	q := begin(v)
	if p := back(v, q); p.status != http.StatusSeeOther || p.to != "/admin/news" {
		t.Fatalf("let in: %d to %s", p.status, p.to)
	}
	h.work()
	if len(box.got) != 1 || box.got[0].To != "ama@example.org" {
		t.Errorf("the person is not told: %d letters", len(box.got))
	}
	if p := v.post("/admin/sign-out"); p.to != "/admin/sign-in?out=1" {
		t.Errorf("after signing out: %s", p.to)
	}
	if p := v.page("/admin/sign-in?out=1"); p.Find("a[href^='"+o.URL+"/logout?client_id=plenary']").Length() != 1 {
		t.Error("no way to sign out there too")
	}
	if p := back(v, q); !strings.HasPrefix(p.to, "/admin/sign-in") {
		t.Errorf("the state once more: %s", p.to)
	}
	if p := v.get("/admin"); p.status != http.StatusSeeOther {
		t.Error("a state let in twice")
	}

	// It is down: told, and the password goes on working.
	h.directory = directory.New(c)
	o.down = true
	if p := v.post("/admin/sign-in/directory"); p.status != http.StatusBadGateway || !strings.Contains(p.Text(), "does not answer") || p.Find("input[type=password]").Length() != 1 {
		t.Errorf("while it is down: %d", p.status)
	}
	h.signIn("ama@example.org")
	h.directory = nil
	for _, p := range []*answer{v.post("/admin/sign-in/directory"), v.get(DirectoryPath + "?state=a&code=b")} {
		if p.status != http.StatusNotFound {
			t.Errorf("without a directory: %d", p.status)
		}
	}
}
