// Package apptest runs a whole Plenary in a temporary folder for tests: sign in, get, post, look. The database and the
// storage are SQLite and a folder, or what PLENARY_TEST_DATABASE and PLENARY_TEST_S3 name.
package apptest

import (
	"io/fs"
	"plenary/admin"
	"plenary/themes"
	"sync"

	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/argon2id"
	"golang.org/x/net/html"

	"plenary/internal/app"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
)

// Plenary is a running program.
type Plenary struct {
	*app.App
	URL string
	t   testing.TB
}

// System is the program itself: it may do everything.
var System = auth.System("test")

// words are the program's own messages, read once.
var words = sync.OnceValue(func() *i18n.Catalogue {
	ofPanel, _ := fs.Sub(admin.Files, "locales")
	ofTheme, _ := fs.Sub(themes.Default, "locales")
	all, err := i18n.Load(i18n.Shared, ofPanel, ofTheme)
	if err != nil {
		panic(err) // a test of package app says it better
	}
	return all
})

// Start builds and serves a program on an empty database; both end with the test.
func Start(t testing.TB, change ...func(*app.Config)) *Plenary {
	t.Helper()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cfg := app.Config{Listen: address, Database: dbtest.Address(t), Storage: "file:" + filepath.Join(dir, "uploads"), SealKey: strings.Repeat("5e", 32), Keep: 8, MaxFile: 20, Log: "error",
		Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}
	if s3 := os.Getenv("PLENARY_TEST_S3"); s3 != "" {
		cfg.Storage = s3
	}
	for _, f := range change {
		f(&cfg)
	}
	if cfg.Theme == "" && !cfg.Dev {
		cfg.Words = words()
	}
	dbtest.Prepare(t, cfg.Database)
	ctx, stop := context.WithCancel(context.Background())
	a, err := app.Open(ctx, cfg)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	up, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- a.Serve(ctx, func(string) { close(up) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		a.Close()
	})
	select {
	case <-up:
	case err := <-done:
		done <- nil
		t.Fatalf("serve: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("not serving after 20 s")
	}
	return &Plenary{App: a, URL: "http://" + address, t: t}
}

// Account makes an account with grants; the ids of account and grants are filled in.
func (p *Plenary) Account(email string, grants ...auth.Grant) (password string) {
	p.t.Helper()
	ctx := context.Background()
	password = "correct horse " + content.NewID()
	a, err := p.Auth.Create(ctx, System, auth.NewAccount{Email: email, Name: "Test " + strings.Split(email, "@")[0], Password: password, Locale: i18n.EN})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, g := range grants {
		g.AccountID = a.ID
		if _, err := p.Auth.AddGrant(ctx, System, g); err != nil {
			p.t.Fatal(err)
		}
	}
	return password
}

// Browser is someone's browser: it keeps cookies and follows redirects.
type Browser struct {
	p      *Plenary
	client *http.Client
}

// Visitor is a browser that is not signed in.
func (p *Plenary) Visitor() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &Browser{p, &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// At is the same person at another instance, with the same cookies.
func (b *Browser) At(p *Plenary) *Browser { return &Browser{p, b.client} }

// SignIn makes an account with grants and signs it in through the form.
func (p *Plenary) SignIn(email string, grants ...auth.Grant) *Browser {
	p.t.Helper()
	password := p.Account(email, grants...)
	b := p.Visitor()
	page := b.Get("/admin/sign-in")
	form := page.Form("form:has(input[type=password])")
	form.Set("email", email)
	form.Set("password", password)
	if got := b.Post("/admin/sign-in", form); got.Status != http.StatusOK || strings.HasSuffix(got.Path, "/sign-in") {
		p.t.Fatalf("sign in as %s: %d at %s", email, got.Status, got.Path)
	}
	return b
}

// Page is an answer.
type Page struct {
	*goquery.Document
	Status int
	Path   string // where redirects led
	Query  string // of that address
	Header http.Header
	Body   string
	t      testing.TB
}

// Get fetches a path.
func (b *Browser) Get(path string) *Page { return b.do(http.MethodGet, path, nil) }

// Post sends a form.
func (b *Browser) Post(path string, form url.Values) *Page { return b.do(http.MethodPost, path, form) }

// Upload sends one file, as a script does.
func (b *Browser) Upload(path, field, name string, file []byte) *Page {
	b.p.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, m.Close()); err != nil {
		b.p.t.Fatal(err)
	}
	return b.Send(Request{Path: path, Type: m.FormDataContentType(), Body: &body})
}

func (b *Browser) do(method, path string, form url.Values) *Page {
	b.p.t.Helper()
	return b.Send(Request{Method: method, Path: path, Form: form})
}

// Request is also what no link or form of ours makes a browser send.
type Request struct {
	Method string // "" is POST
	Path   string // sent as it is
	Form   url.Values
	Body   io.Reader   // instead of Form, with its Type
	Type   string      // of Body; "" sends none
	Length int64       // that is said of Body; 0: nothing is said
	Header http.Header // wins over what a browser says of itself and of where it comes from
	Host   string      // instead of ours
	Stay   bool        // redirects are not followed
}

// Send sends a request as a page of ours would. The answer's status is 0 where the program did not wait for the end of a
// long body.
func (b *Browser) Send(q Request) *Page {
	b.p.t.Helper()
	page := &Page{t: b.p.t, Document: goquery.NewDocumentFromNode(&html.Node{})}
	if q.Method == "" {
		q.Method = http.MethodPost
	}
	if q.Form != nil && q.Body == nil && q.Method != http.MethodGet {
		q.Body, q.Type = strings.NewReader(q.Form.Encode()), "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequest(q.Method, b.p.URL+q.Path, q.Body)
	if err != nil {
		b.p.t.Errorf("%s %s: %v", q.Method, q.Path, err)
		return page
	}
	if q.Length > 0 {
		r.ContentLength = q.Length
	}
	r.Header.Set("Accept-Language", "en")
	if q.Type != "" {
		r.Header.Set("Content-Type", q.Type)
	}
	if q.Body != nil && q.Header["Origin"] == nil {
		r.Header.Set("Origin", b.p.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, values := range q.Header {
		r.Header[name] = values
	}
	if q.Host != "" {
		r.Host = q.Host
	}
	client := *b.client
	if q.Stay {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	resp, err := client.Do(r)
	if err != nil {
		if r.ContentLength >= 0 && r.ContentLength < 1<<20 {
			b.p.t.Errorf("%s %s: %v", q.Method, q.Path, err)
		}
		return page
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.p.t.Errorf("%s %s: %v", q.Method, q.Path, err)
	}
	page.Status, page.Path, page.Query, page.Header, page.Body = resp.StatusCode, resp.Request.URL.Path, resp.Request.URL.RawQuery, resp.Header, string(text)
	if page.Document, err = goquery.NewDocumentFromReader(strings.NewReader(page.Body)); err != nil {
		b.p.t.Errorf("%s %s: %v", q.Method, q.Path, err)
	}
	return page
}

// Form gives what a browser would send of a form, without any button.
func (p *Page) Form(selector string) url.Values {
	p.t.Helper()
	form := p.Find(selector).First()
	if form.Length() == 0 {
		p.t.Fatalf("no %s at %s (%d)\n%.2000s", selector, p.Path, p.Status, p.Body)
	}
	v := url.Values{}
	fields := form.Find("input[name], textarea[name], select[name]")
	if id, ok := form.Attr("id"); ok {
		fields = fields.AddSelection(p.Find(fmt.Sprintf("input[name][form=%q], textarea[name][form=%q], select[name][form=%q]", id, id, id)))
	}
	fields.Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		if _, off := s.Attr("disabled"); off || s.Closest("fieldset[disabled]").Length() > 0 {
			return
		}
		switch goquery.NodeName(s) {
		case "textarea":
			// The parser drops the one line end after the tag, as browsers do.
			v.Add(name, strings.ReplaceAll(s.Text(), "\n", "\r\n"))
		case "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 && s.AttrOr("multiple", "no") == "no" {
				chosen = s.Find("option").First()
			}
			chosen.Each(func(_ int, o *goquery.Selection) { v.Add(name, o.AttrOr("value", o.Text())) })
		default:
			switch s.AttrOr("type", "text") {
			case "submit", "button", "image", "file", "reset":
			case "checkbox", "radio":
				if _, on := s.Attr("checked"); on {
					v.Add(name, s.AttrOr("value", "on"))
				}
			default:
				v.Add(name, s.AttrOr("value", ""))
			}
		}
	})
	return v
}
