package app_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestHowToJoinIsNobodyElses publishes an event with a known secret. It is looked for everywhere before and while the
// meeting is open; only who has a place gets it, by a redirect, and only then; who withdraws has lost it.
func TestHowToJoinIsNobodyElses(t *testing.T) {
	h := &hostile{log: &logBuffer{}}
	h.Plenary = apptest.Start(t, func(c *app.Config) {
		c.Log = "debug"
		slog.SetDefault(slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	})
	box := &read{Letters: h.Registration.Mail}
	var clock atomic.Int64
	at := func(s string) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		clock.Store(now.Unix())
	}
	at("2027-03-01T12:00:00Z")
	now := func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
	h.Registration.Mail, h.Registration.Patience, h.Registration.Now, h.Site.Now = box, 0, now, now
	set := sampleEvent(t, h.Plenary, "registration", "previous")
	facts := set[content.Facts]
	const to = "https://meet.example.org/canaryjoin?pwd=a%20b"
	for path, v := range map[string]any{"access": "registration", "status": "scheduled", "mode": "online", "registration.online": true, "registration.approval": "auto",
		"join.url": to, "join.passcode": "canarypass-417", "join.dial_in": "+66 2 555 0117 canarydial", "join.platform": "canaryplatform", "join.opens_before": 45, "join.release": "confirmed"} {
		facts.Set(path, v)
	}
	id := save(t, h.Plenary, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	publish := func() {
		t.Helper()
		if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	e, err := h.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	event := "/en/" + e.Path
	visitor := h.Visitor()
	register := func(who string) (link string) {
		t.Helper()
		f := visitor.Get(event + "/register").Form("main form")
		f.Set("name", "Ada")
		f.Set("mail", who)
		visitor.Post(event+"/register", f)
		_, link = box.last(t, who)
		visitor.Post(link, url.Values{"do": {"confirm"}})
		about, link := box.last(t, who)
		if about != "confirmed" {
			t.Fatalf("%s is told: %s", who, about)
		}
		return link
	}
	ada, ben := register("ada@example.org"), register("ben@example.org")
	desk := h.SignIn("desk@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"})

	ask := func(path string) *apptest.Page {
		return visitor.Send(apptest.Request{Method: http.MethodGet, Path: path, Stay: true})
	}
	holds := func(p *apptest.Page) bool {
		if strings.Contains(p.Body, "canary") {
			return true
		}
		for _, values := range p.Header {
			if strings.Contains(strings.Join(values, " "), "canary") {
				return true
			}
		}
		return false
	}
	nowhere := func(when string) {
		t.Helper()
		n := h.crawl(t, []string{event, event + ".ics", event + "/join", "/en/events.ics", "/en/events.json", "/sitemaps/events-1.xml"}, func(path string, p *apptest.Page) {
			if holds(p) {
				t.Errorf("%s: it stands on %s", when, path)
			}
		}, i18n.EN, i18n.AR)
		if n < 60 {
			t.Errorf("only %d addresses were looked at", n)
		}
		for _, path := range []string{"/admin", "/admin/events", "/admin/events/" + id, "/admin/events/" + id + "/history", "/admin/events/" + id + "/registrations", "/admin/events/" + id + "/registrations/export.csv", "/admin/log", "/admin/outbox"} {
			if p := stranger.Get(path); holds(p) {
				t.Errorf("%s: a stranger reads it at %s", when, path)
			}
		}
		if table := desk.Get("/admin/events/" + id + "/registrations/export.csv"); table.Status != http.StatusOK || !strings.Contains(table.Body, "ada@example.org") || holds(table) {
			t.Errorf("%s: %d %s", when, table.Status, table.Body)
		}
		box.mu.Lock()
		for _, l := range box.letters {
			if strings.Contains(l.Text+l.HTML+l.Subject, "canary") {
				t.Errorf("%s: it is in a letter to %s", when, l.To)
			}
		}
		box.mu.Unlock()
		log := h.log.String()
		if i := strings.Index(log, "canary"); i >= 0 {
			t.Errorf("%s: it is in the log: %.200s", when, log[max(0, i-100):])
		}
		if !strings.Contains(log, "route=/admin/events") {
			t.Errorf("%s: nothing is in the log", when)
		}
	}
	says := func(path, want string) {
		t.Helper()
		p := ask(path)
		if got := strings.Join(strings.Fields(p.Find("main").Text()), " "); p.Status != http.StatusOK || !strings.Contains(got, want) || holds(p) || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %s\nwant %s", path, p.Status, got, want)
		}
	}

	nowhere("long before")
	says(ada+"/join", "You can join from 1 April 2027, 19:45, New York time")
	says(strings.Replace(ada, "/en/", "/ar/", 1)+"/join", "يمكنك الانضمام ابتداءً من 1 نيسان/أبريل 2027، الساعة 19:45، بتوقيت نيويورك")
	says(ada, "You can join on this page from 1 April 2027, 19:45")
	at("2027-04-01T23:44:59Z")
	says(ada+"/join?go", "You can join from")
	at("2027-04-01T23:45:00Z")
	if p := ask(ada); holds(p) || p.Find("a[href='"+ada+"/join']").Length() != 1 {
		t.Errorf("one's own page: %s", p.Find("main").Text())
	}
	p := ask(ada + "/join")
	if p.Status != http.StatusOK || !strings.Contains(p.Body, "canarypass-417") || !strings.Contains(p.Body, "canarydial") || !strings.Contains(p.Body, "for you alone") || strings.Contains(p.Body, "canaryjoin") || p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("what joining takes: %d %s", p.Status, p.Find("main").Text())
	}
	if p := ask(ada + "/join?go"); p.Status != http.StatusSeeOther || p.Header.Get("Location") != to || p.Body != "" || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("joining: %d %v", p.Status, p.Header)
	}
	if p := ask(event + "/join"); p.Status != http.StatusNotFound {
		t.Errorf("everybody's address: %d", p.Status)
	}
	if p := ask("/en/registrations/" + strings.Repeat("a", 43) + "/join?go"); p.Status != http.StatusNotFound {
		t.Errorf("a made-up link: %d", p.Status)
	}
	nowhere("while it is open")
	visitor.Post(ben, url.Values{"do": {"withdraw"}})
	says(ben+"/join?go", "With this registration one cannot join")
	says(ben, "withdrawn")

	// What staff have written since is not in force before it is published.
	change := func(path string, v any) {
		set := content.Parts{content.Facts: {}}
		set[content.Facts].Set(path, v)
		save(t, h.Plenary, content.Change{ID: id, Set: set})
	}
	change("join.url", "https://meet.example.org/canarydraft")
	if p := ask(ada + "/join?go"); p.Header.Get("Location") != to {
		t.Errorf("a draft is in force: %v", p.Header)
	}
	change("join.url", to)
	change("join.release", "public")
	if p := ask(event + "/join"); p.Status != http.StatusNotFound {
		t.Errorf("a draft lets everybody in: %d", p.Status)
	}
	publish()
	if p := ask(event); p.Find("a[href='"+event+"/join']").Length() != 1 || holds(p) {
		t.Errorf("the event's page: %s", p.Find(".hero").Text())
	}
	if p := ask(event + "/join?go"); p.Status != http.StatusSeeOther || p.Header.Get("Location") != to {
		t.Errorf("everybody's address: %d %v", p.Status, p.Header)
	}
	if p := ask(event + "/join"); !strings.Contains(p.Body, "canarypass-417") || strings.Contains(p.Body, "for you alone") {
		t.Errorf("everybody's page: %s", p.Find("main").Text())
	}
	at("2027-04-02T02:00:00Z")
	says(event+"/join?go", "The event is over.")
	says(ada+"/join?go", "The event is over.")
	if err := h.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	at("2027-04-01T23:50:00Z")
	for _, path := range []string{event + "/join?go", ada + "/join?go"} {
		if p := ask(path); p.Status != http.StatusNotFound && p.Status != http.StatusGone || holds(p) {
			t.Errorf("%s after it was withdrawn: %d", path, p.Status)
		}
	}
}
