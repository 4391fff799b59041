package app_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestWithADatabaseServer is what a file as the database cannot show.
func TestWithADatabaseServer(t *testing.T) {
	if os.Getenv("PLENARY_TEST_DATABASE") == "" {
		t.Skip("several instances, and a database that freezes, need PostgreSQL; PLENARY_TEST_DATABASE names none")
	}
	t.Run("two instances", twoInstances)
	t.Run("frozen", frozenDatabase)
}

// twoInstances: what happens on one is so on the other, at the next request or within a second.
func twoInstances(t *testing.T) {
	a := apptest.Start(t)
	b := apptest.Start(t, func(cfg *app.Config) { cfg.Database, cfg.Storage = a.Config.Database, a.Config.Storage })
	refs := neighbours(t, a)
	id := refs["series"]
	page, err := a.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	at := "/en/" + page.Path
	visitor := b.Visitor()
	within := func(what string, ok func() bool) {
		t.Helper()
		start := time.Now()
		for !ok() {
			if time.Since(start) > time.Second {
				t.Fatalf("%s: not on the other instance after a second", what)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	for i := range 5 {
		title := fmt.Sprintf("Title the %dth", i)
		visitor.Get(at) // kept from now on
		save(t, a, content.Change{ID: id, Set: words(i18n.EN, "title", title)})
		if err := a.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(a.Visitor().Get(at).Body, title) {
			t.Errorf("not at once on the own instance")
		}
		within("published", func() bool { return strings.Contains(visitor.Get(at).Body, title) })
	}
	if err := a.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	within("withdrawn", func() bool { return visitor.Get(at).Status == http.StatusNotFound })
	within("withdrawn from the list", func() bool { return !strings.Contains(visitor.Get("/en/series").Body, page.Path) })
	site := a.Settings.Site()
	site.Name = map[i18n.Locale]string{"en": "The renamed office"}
	if err := a.Settings.Save(ctx, apptest.System, site, a.Settings.Site().Version("name"), "name"); err != nil {
		t.Fatal(err)
	}
	within("settings", func() bool { return strings.Contains(visitor.Get("/en/").Body, "The renamed office") })

	// Sessions and rights are of all instances.
	editor := a.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	there := editor.At(b)
	if got := there.Get("/admin/events/new"); got.Status != http.StatusOK || got.Path != "/admin/events/new" {
		t.Fatalf("signed in on one, on the other: %d at %s", got.Status, got.Path)
	}
	account, err := a.Auth.ByEmail(ctx, apptest.System, "editor@example.org")
	if err != nil {
		t.Fatal(err)
	}
	grants, err := a.Auth.Grants(ctx, apptest.System, account.ID)
	if err != nil || len(grants) != 1 {
		t.Fatal(grants, err)
	}
	if err := a.Auth.RemoveGrant(ctx, apptest.System, grants[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := there.Get("/admin/events/new"); got.Status != http.StatusForbidden {
		t.Errorf("a right taken away, on the other instance: %d", got.Status)
	}
	if err := a.Auth.Disable(ctx, apptest.System, account.ID, true); err != nil {
		t.Fatal(err)
	}
	if got := there.Get("/admin"); got.Path != "/admin/sign-in" {
		t.Errorf("an account closed, on the other instance: %d at %s", got.Status, got.Path)
	}

	// Both save one entry at once: one queue for all.
	draft := save(t, a, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: apptest.Sample(kind.NewsKind, i18n.EN, "x", refs, "")})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			p := []*apptest.Plenary{a, b}[i%2]
			change := content.Change{ID: draft, Set: words(i18n.EN, "dateline", fmt.Sprint("Line ", i))}
			if _, err := p.Content.Save(ctx, apptest.System, change); err != nil {
				t.Errorf("save %d: %v", i, err)
			}
			if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: draft, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
				t.Errorf("publish %d: %v", i, err)
			}
			if i%10 == 9 {
				if err := p.Content.Unpublish(ctx, apptest.System, draft, []i18n.Locale{i18n.EN}); err != nil {
					t.Errorf("unpublish %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	e, err := a.Content.Get(ctx, apptest.System, draft)
	if err != nil || e.Versions["en"] != 41 {
		t.Errorf("version %d after 40 saves: %v", e.Versions["en"], err)
	}
}

// TestWithoutItsDatabase: readers notice nothing of pages that were asked for before; the others are told, and by whom
// to ask again.
func TestWithoutItsDatabase(t *testing.T) {
	var w *wire
	p := apptest.Start(t, func(cfg *app.Config) {
		if strings.HasPrefix(cfg.Database, "postgres") {
			w = through(t, cfg.Database)
			cfg.Database = w.address
		}
	})
	refs := neighbours(t, p)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	visitor := p.Visitor()
	path := func(k string) string {
		e, err := p.Content.LiveByID(ctx, i18n.EN, refs[k])
		if err != nil {
			t.Fatal(err)
		}
		return "/en/" + e.Path
	}
	kept := map[string]string{}
	for _, at := range []string{"/en/", path("event"), path("series"), "/en/news.atom", "/sitemap.xml"} {
		kept[at] = visitor.Get(at).Body
	}
	unseen := path("person")
	form := editor.Get("/admin/events/new").Form("form[data-entry]")
	form.Set("title@en", "Typed while the database was away")
	form.Set("op", "save")
	if w != nil {
		w.cut()
	} else {
		p.DB.Close() // a file does not go away, so this is for ever
	}
	for at, body := range kept {
		if got := visitor.Get(at); got.Status != http.StatusOK || got.Body != body {
			t.Errorf("%s, kept: %d", at, got.Status)
		}
	}
	away := func(what string, got *apptest.Page) {
		t.Helper()
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || got.Header.Get("Cache-Control") != "no-store" || got.Find("h1").Length() == 0 {
			t.Errorf("%s: %d, Retry-After %q, %.200s", what, got.Status, got.Header.Get("Retry-After"), got.Body)
		}
		if strings.Contains(got.Body, "sql") || strings.Contains(got.Body, "dial") || strings.Contains(got.Body, "127.0.0.1:") && !strings.Contains(got.Body, p.URL) {
			t.Errorf("%s tells how it is built: %.300s", what, got.Body)
		}
	}
	away("a page not kept", visitor.Get(unseen))
	away("the panel", editor.Get("/admin"))
	away("a form", editor.Get("/admin/events/new"))
	away("saving", editor.Send(apptest.Request{Path: "/admin/events/new", Form: form, Stay: true}))
	away("signing in", visitor.Send(apptest.Request{Path: "/admin/sign-in", Form: url.Values{"email": {"editor@example.org"}, "password": {"x"}}, Stay: true}))
	away("a file", visitor.Get("/media/zzzzzzzzzzzzzzzzzzzzzzzzzz/x.pdf"))
	if got := visitor.Get("/healthz"); got.Status != http.StatusOK {
		t.Errorf("/healthz: %d", got.Status)
	}
	if got := visitor.Get("/readyz"); got.Status != http.StatusServiceUnavailable || strings.TrimSpace(got.Body) != "not ready: database" {
		t.Errorf("/readyz: %d %s", got.Status, got.Body)
	}
	if got := visitor.Get("/static/nowhere.css"); got.Status != http.StatusNotFound {
		t.Errorf("what needs no database: %d", got.Status)
	}
	if w == nil {
		return
	}

	// Back again: nobody has to start anything anew.
	w.mend()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if visitor.Get("/readyz").Status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not ready 10 s after the database came back")
		}
	}
	if got := visitor.Get(unseen); got.Status != http.StatusOK {
		t.Errorf("a page, afterwards: %d", got.Status)
	}
	if got := editor.Post("/admin/events/new", form); got.Status != http.StatusOK || !strings.Contains(got.Body, "Typed while the database was away") {
		t.Errorf("the same form, afterwards: %d", got.Status)
	}
	if err := p.Content.Unpublish(ctx, apptest.System, refs["series"], []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if got := visitor.Get(path("event")); got.Status != http.StatusOK {
		t.Errorf("the event, afterwards: %d", got.Status)
	}
	if got := visitor.Get("/en/series"); strings.Contains(got.Body, "neighbour-title") {
		t.Errorf("what was withdrawn afterwards is still listed")
	}
}

// frozenDatabase: it takes what is sent and never answers, which is worse than being away.
func frozenDatabase(t *testing.T) {
	var w *wire
	p := apptest.Start(t, func(cfg *app.Config) {
		w = through(t, cfg.Database)
		cfg.Database = w.address
	})
	neighbours(t, p)
	visitor := p.Visitor()
	visitor.Get("/en/")
	w.freeze(true)
	defer w.freeze(false)
	for what, limit := range map[string]time.Duration{"/en/": time.Second, "/healthz": time.Second, "/readyz": 4 * time.Second} {
		start := time.Now()
		got := visitor.Get(what)
		if took := time.Since(start); took > limit {
			t.Errorf("%s took %s", what, took)
		}
		if want := map[string]int{"/readyz": http.StatusServiceUnavailable}[what]; want != 0 && got.Status != want || want == 0 && got.Status != http.StatusOK {
			t.Errorf("%s: %d", what, got.Status)
		}
	}
	w.freeze(false)
	for end := time.Now().Add(15 * time.Second); visitor.Get("/readyz").Status != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not ready 15 s after the database woke up")
		}
	}
}

// wire is what lies between the program and its database; it can be cut, and frozen.
type wire struct {
	address string
	mu      sync.Mutex
	open    map[net.Conn]bool
	whole   bool
	frozen  chan struct{} // closed when it thaws; nil while it flows
}

func (w *wire) freeze(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case on && w.frozen == nil:
		w.frozen = make(chan struct{})
	case !on && w.frozen != nil:
		close(w.frozen)
		w.frozen = nil
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = false
	for c := range w.open {
		c.Close()
	}
	clear(w.open)
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = true
}

// carry copies what comes, and holds it back while the wire is frozen.
func (w *wire) carry(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		w.mu.Lock()
		frozen := w.frozen
		w.mu.Unlock()
		if frozen != nil {
			<-frozen
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func through(t *testing.T, database string) *wire {
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	w := &wire{address: u.String(), open: map[net.Conn]bool{}, whole: true}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			d, err := net.Dial("tcp", server)
			if err != nil || !w.whole {
				c.Close()
				if err == nil {
					d.Close()
				}
			} else {
				w.open[c], w.open[d] = true, true
				go w.carry(c, d)
				go w.carry(d, c)
			}
			w.mu.Unlock()
		}
	}()
	t.Cleanup(func() { l.Close() })
	return w
}
