package admin

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	face "plenary/admin"
	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/memory"
	"plenary/internal/reword"
	"plenary/internal/settings"
	"plenary/internal/suggestion"
	"plenary/internal/translation"
	"plenary/internal/web"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"
)

const secret = "a long way to the river"

var system = auth.System("test")

// house is the panel on an empty database, served on loopback.
type house struct {
	*Admin
	t      testing.TB
	url    string
	db     *db.DB
	routes []web.Route
}

func open(t testing.TB) *house {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	d := dbtest.Open(t, dbtest.File(t))
	storage, err := media.OpenStorage(ctx, "file:"+filepath.Join(dir, "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	words := catalogue(t)
	a := auth.New(d, auth.Options{Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, Log: slog.New(slog.DiscardHandler), Address: "http://127.0.0.1"})
	files := media.New(d, storage, media.Limits{FileSize: 2 << 20})
	set, err := settings.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	c := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}
	files.IsPublic, files.UsedBy, files.Used = c.FileIsPublic, c.FileUsedByTx, content.FileUsed
	set.OnChange = func(ctx context.Context, tx bun.Tx) (func(), error) { return c.Changed, c.RaiseTx(ctx, tx) }
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Config{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}, a, d, words)
	if err != nil {
		t.Fatal(err)
	}
	post, err := mail.New(d, mail.Options{BaseURL: "https://www.example.org", Words: words, Site: func(l i18n.Locale) string { return set.Site().Name.In(l) }})
	if err != nil {
		t.Fatal(err)
	}
	jobs := job.New(d, job.Options{})
	panel, err := New(Options{Content: c, Comments: &comment.Store{DB: d, Content: c, Catalogue: words}, Media: files, Auth: a, Settings: set, Jobs: jobs, Mail: post,
		Memory:      &memory.Store{DB: d, Content: c},
		Suggested:   &suggestion.Store{DB: d, Content: c},
		Reword:      &reword.Store{DB: d, Content: c, Auth: a, Jobs: jobs},
		Clearance:   &clearance.Store{DB: d, Content: c, Auth: a, Mail: post, Jobs: jobs, Site: set.Site, Catalogue: words, BaseURL: "https://www.example.org"},
		Translation: &translation.Store{DB: d, Content: c, Auth: a, Mail: post, Jobs: jobs, Catalogue: words, BaseURL: "https://www.example.org"},
		DB:          d, BaseURL: "https://www.example.org", Catalogue: words, Web: s,
		Files: face.Files})
	if err != nil {
		t.Fatal(err)
	}
	s.RenderError = panel.RenderError
	e := web.NewEngine(s)
	if err := web.Mount(e, s, panel.Routes()); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.Handler(e.Handler()))
	t.Cleanup(func() {
		srv.Close()
		d.Close()
		if slow := panel.Slow(); len(slow) > 0 {
			t.Errorf("not executed as compiled: %s", slow)
		}
	})
	return &house{panel, t, srv.URL, d, panel.Routes()}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// account makes an account with grants.
func (h *house) account(email string, grants ...auth.Grant) *auth.Account {
	h.t.Helper()
	acc, err := h.auth.Create(context.Background(), system, auth.NewAccount{Email: email, Name: "Person " + strings.Split(email, "@")[0], Password: secret, Locale: i18n.EN})
	h.must(err)
	for _, g := range grants {
		g.AccountID = acc.ID
		_, err := h.auth.AddGrant(context.Background(), system, g)
		h.must(err)
	}
	return acc
}

func site(r auth.Role) auth.Grant { return auth.Grant{Role: r, Scope: auth.ScopeSite} }

// browser keeps cookies and does not follow redirects.
type browser struct {
	h      *house
	client *http.Client
	lang   string
}

func (h *house) visitor() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{h, &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, "en"}
}

// as makes an account and signs it in.
func (h *house) as(name string, grants ...auth.Grant) *browser {
	h.t.Helper()
	h.account(name+"@example.org", grants...)
	return h.signIn(name + "@example.org")
}

func (h *house) signIn(email string) *browser {
	h.t.Helper()
	b := h.visitor()
	if p := b.post("/admin/sign-in", "email", email, "password", secret); p.status != http.StatusSeeOther || p.to != "/admin" {
		h.t.Fatalf("sign in: %d to %q\n%s", p.status, p.to, p.body)
	}
	return b
}

// answer is what came back.
type answer struct {
	*goquery.Document
	status int
	to     string // where a redirect leads
	body   string
	header http.Header
}

func (b *browser) send(r *http.Request) *answer {
	b.h.t.Helper()
	r.Header.Set("Accept-Language", b.lang)
	resp, err := b.client.Do(r)
	b.h.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	b.h.must(err)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	b.h.must(err)
	return &answer{doc, resp.StatusCode, resp.Header.Get("Location"), string(text), resp.Header}
}

func (b *browser) get(path string) *answer {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.h.url+path, nil)
	b.h.must(err)
	return b.send(r)
}

// page is get for pages that must be there.
func (b *browser) page(path string) *answer {
	b.h.t.Helper()
	p := b.get(path)
	if p.status != http.StatusOK {
		b.h.t.Fatalf("%s: %d to %q\n%.1500s", path, p.status, p.to, p.body)
	}
	return p
}

// post sends name, value pairs.
func (b *browser) post(path string, pairs ...string) *answer {
	b.h.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return b.postForm(path, v)
}

func (b *browser) postForm(path string, v url.Values) *answer {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.h.url+path, strings.NewReader(v.Encode()))
	b.h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.h.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// upload sends files, name and content by turns, in a multipart form; accept is the header a script sends.
func (b *browser) upload(accept string, files ...string) *answer {
	return b.uploadFor("", accept, files...)
}

func (b *browser) uploadFor(office, accept string, files ...string) *answer {
	b.h.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	if office != "" {
		b.h.must(m.WriteField("office", office))
	}
	for i := 0; i+1 < len(files); i += 2 {
		w, err := m.CreateFormFile("file", files[i])
		b.h.must(err)
		_, err = io.WriteString(w, files[i+1])
		b.h.must(err)
	}
	b.h.must(m.Close())
	r, err := http.NewRequest(http.MethodPost, b.h.url+"/admin/media/upload", &body)
	b.h.must(err)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Origin", b.h.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	return b.send(r)
}

// form is what a browser would send of a form.
func (p *answer) form(t testing.TB, selector string) url.Values {
	t.Helper()
	v := url.Values{}
	f := p.Find(selector)
	if f.Length() != 1 {
		t.Fatalf("%d forms %s", f.Length(), selector)
	}
	f.Find("input[name],textarea[name],select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch goquery.NodeName(s) {
		case "textarea":
			v.Add(name, s.Text())
		case "select":
			o := s.Find("option[selected]")
			if o.Length() == 0 {
				o = s.Find("option").First()
			}
			v.Add(name, o.First().AttrOr("value", o.First().Text()))
		default:
			_, on := s.Attr("checked")
			switch s.AttrOr("type", "text") {
			case "file", "submit", "button":
			case "checkbox", "radio":
				if on {
					v.Add(name, s.AttrOr("value", "on"))
				}
			default:
				v.Add(name, s.AttrOr("value", ""))
			}
		}
	})
	return v
}

// news saves a news item; publish says whether it is public.
func (h *house) news(who *auth.Actor, office, title string, publish bool) string {
	h.t.Helper()
	ctx := context.Background()
	parts := kind.NewsKind.Split(&kind.News{Title: content.L("en", title), Summary: content.L("en", "What "+title+" is about."), Kind: "news", Date: "2026-11-02",
		Body: content.P("en", "<p>Words.</p>")})
	s, err := h.content.Save(ctx, who, content.Change{Kind: kind.NewsKind, Office: office, Original: i18n.EN, Set: parts})
	h.must(err)
	if publish {
		h.must(h.content.Publish(ctx, system, content.PublishChange{ID: s.ID, Facts: true, Locales: []i18n.Locale{i18n.EN}}))
	}
	return s.ID
}

func (h *house) organization(name string) string {
	h.t.Helper()
	parts := kind.OrganizationKind.Split(&kind.Organization{Name: content.L("en", name), Type: "other"})
	s, err := h.content.Save(context.Background(), system, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: parts})
	h.must(err)
	return s.ID
}

// event saves an event that starts so many hours from now.
func (h *house) event(title string, in time.Duration, change func(*kind.Event)) string {
	h.t.Helper()
	start := time.Now().UTC().Add(in)
	at := func(t time.Time) content.LocalTime { return content.LocalTime(t.Format("2006-01-02T15:04")) }
	e := &kind.Event{Title: content.L("en", title), When: content.When{Start: at(start), End: at(start.Add(2 * time.Hour)), Zone: "UTC", Precision: "time"}}
	if change != nil {
		change(e)
	}
	s, err := h.content.Save(context.Background(), system, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(e)})
	h.must(err)
	return s.ID
}

// texts are the texts of all elements that match.
func (p *answer) texts(selector string) []string {
	return p.Find(selector).Map(func(_ int, s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") })
}

// words are a change of words in one language.
func words(l i18n.Locale, pairs ...string) content.Parts {
	set := content.Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		set.SetText(pairs[i], content.Text{Words: pairs[i+1]})
	}
	return content.Parts{content.Part(l): set}
}
