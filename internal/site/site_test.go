package site

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/argon2id"
	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/i18n/i18ntest"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/seal/sealtest"
	"plenary/internal/search"
	"plenary/internal/settings"
	"plenary/internal/web"
)

var (
	ctx   = context.Background()
	staff = auth.System("test")
)

// house is a whole public site on a database of its own, with a clock that tests set.
type house struct {
	*Site
	t        testing.TB
	content  *content.Store
	media    *media.Store
	db       *db.DB
	settings settings.Site
	now      time.Time
	handler  http.Handler

	registration *registration.Store
	discussion   *discussion.Store
	comments     *comment.Store
	letters      []mail.Letter
}

// outbox is the real one, and keeps what goes in for tests to read.
type outbox struct {
	*mail.Outbox
	h *house
}

func (o *outbox) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	o.h.letters = append(o.h.letters, l)
	return o.Outbox.Enqueue(ctx, tx, who, l)
}

const baseURL = "https://office.example"

func open(t testing.TB, keep int64) *house {
	t.Helper()
	return openOn(t, keep, dbtest.File(t))
}

// openOn is open on a database of the caller's choice.
func openOn(t testing.TB, keep int64, database string) *house {
	t.Helper()
	d := dbtest.Open(t, database)
	theme := os.DirFS("../../themes/default")
	words := i18ntest.Words(t, "../../themes/default/locales")
	storage, err := media.OpenStorage(ctx, "file:"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: d, settings: settings.Defaults(), now: time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC), media: media.New(d, storage, media.Limits{Temp: t.TempDir()})}
	h.settings.Name = settings.Words{"en": "Regional Office for Digital Governance", "ar": "المكتب الإقليمي للحوكمة الرقمية", "fr": "Bureau régional de la gouvernance numérique"}
	h.settings.PartOf = settings.Words{"en": "Part of the Assembly Secretariat", "ar": "جزء من أمانة الجمعية", "fr": "Service du Secrétariat de l’Assemblée"}
	h.settings.Cities = []string{"Africa/Dakar", "Africa/Lagos", "Africa/Johannesburg", "Europe/Zurich", "Africa/Addis_Ababa", "Africa/Nairobi", "Asia/Shanghai"}
	h.settings.Contact.Email = "office@office.example"
	h.content = &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}
	h.media.IsPublic = h.content.FileIsPublic
	if err := h.content.Start(ctx); err != nil {
		t.Fatal(err)
	}
	out, err := mail.New(d, mail.Options{BaseURL: baseURL, Words: words, Site: h.settings.Name.In, ReplyTo: func() string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	h.registration = &registration.Store{DB: d, Content: h.content, Seal: sealtest.Box(t, d), Catalogue: words, BaseURL: baseURL, Now: func() time.Time { return h.now }, Mail: &outbox{out, h}}
	h.discussion = &discussion.Store{DB: d, Content: h.content, Registration: h.registration, Catalogue: words, BaseURL: baseURL, Now: h.registration.Now, Mail: h.registration.Mail}
	h.comments = &comment.Store{DB: d, Content: h.content, Discussion: h.discussion, Catalogue: words, BaseURL: baseURL, Now: h.registration.Now, Mail: h.registration.Mail}
	h.content.OnChange = append(h.content.OnChange, h.registration.Changed, h.discussion.Changed, h.comments.Changed)
	finder := &search.Store{DB: d, Content: h.content, Now: h.registration.Now}
	h.content.OnChange = append(h.content.OnChange, finder.Changed)
	h.Site, err = New(Options{Content: h.content, Media: h.media, Registration: h.registration, Discussion: h.discussion, Comments: h.comments, Search: finder, Catalogue: words, Theme: theme, Settings: func() settings.Site { return h.settings },
		BaseURL: baseURL, Now: func() time.Time { return h.now }, KeepBytes: keep})
	if err != nil {
		t.Fatal(err)
	}
	accounts := auth.New(d, auth.Options{Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	server, err := web.New(web.Config{Listen: "127.0.0.1:0", BaseURL: baseURL}, accounts, d, words)
	if err != nil {
		t.Fatal(err)
	}
	server.RenderError = func(c *gin.Context, status int, key string, err error) {
		if status >= 500 {
			t.Logf("%s: %v", c.Request.URL, err)
		}
		h.RenderError(c, status, key, err)
	}
	engine := web.NewEngine(server)
	if err := web.Mount(engine, server, h.Routes()); err != nil {
		t.Fatal(err)
	}
	h.handler = h.Kept(engine.Handler())
	t.Cleanup(func() {
		if slow := h.views.Slow(); len(slow) > 0 {
			t.Errorf("not executed as compiled: %s", slow)
		}
	})
	return h
}

// publish saves a value and publishes it in the languages named; it gives the id and the address without the locale.
func (h *house) publish(k *content.Kind, v any, locales ...i18n.Locale) (content.Ref, string) {
	h.t.Helper()
	id := h.draft(k, v, locales[0])
	if err := h.content.Publish(ctx, staff, content.PublishChange{ID: string(id), Facts: true, Locales: locales}); err != nil {
		h.t.Fatal(reason(err))
	}
	p, err := h.content.LiveByID(ctx, locales[0], string(id))
	if err != nil {
		h.t.Fatal(err)
	}
	return id, p.Path
}

func (h *house) draft(k *content.Kind, v any, original i18n.Locale) content.Ref {
	h.t.Helper()
	r, err := h.content.Save(ctx, staff, content.Change{Kind: k, Original: original, Set: k.Split(v)})
	if err != nil {
		h.t.Fatal(reason(err))
	}
	return content.Ref(r.ID)
}

func reason(err error) any {
	var invalid *content.Invalid
	if errors.As(err, &invalid) {
		return invalid.Problems
	}
	return err
}

func (h *house) do(method, path string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := request(method, path)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// request is as browsers send it: the host apart from the path.
func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.Host = strings.TrimPrefix(baseURL, "https://")
	return r
}

// get gives a page that must be there.
func (h *house) get(path string) *goquery.Document {
	h.t.Helper()
	w := h.do("GET", path)
	if w.Code != http.StatusOK {
		h.t.Fatalf("GET %s: %d\n%.500s", path, w.Code, w.Body)
	}
	return document(h.t, w)
}

func document(t testing.TB, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// say gives the words of what a selector finds, blanks put together.
func say(d *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(d.Find(selector).Text()), " ")
}
