package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// read is the program's outbox, and lets a test read what goes in.
type read struct {
	registration.Letters
	mu      sync.Mutex
	letters []mail.Letter
}

func (r *read) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	r.mu.Lock()
	r.letters = append(r.letters, l)
	r.mu.Unlock()
	return r.Letters.Enqueue(ctx, tx, who, l)
}

// last is the last letter to somebody: what it is about, and the private link in it.
func (r *read) last(t *testing.T, to string) (about, link string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.letters) - 1; i >= 0; i-- {
		if l := r.letters[i]; l.To == to {
			about, _, _ = strings.Cut(strings.TrimPrefix(l.Cause, "registration."), ":")
			_, link, _ = strings.Cut(l.Text, "/registrations/")
			return about, "/" + string(l.Locale) + "/registrations/" + strings.Fields(link)[0]
		}
	}
	t.Fatalf("no letter to %s", to)
	return "", ""
}

func withOutbox(t *testing.T) (*apptest.Plenary, *read) {
	p := apptest.Start(t)
	box := &read{Letters: p.Registration.Mail}
	p.Registration.Mail, p.Registration.Patience = box, 0
	return p, box
}

// registrable publishes an event that one registers for here, with a waiting list.
func registrable(t *testing.T, p *apptest.Plenary, change func(facts, words content.Leaves)) string {
	t.Helper()
	set := sampleEvent(t, p, "registration")
	facts := set[content.Facts]
	facts.Set("access", "registration")
	facts.Set("status", "scheduled")
	facts.Set("registration.online", true)
	facts.Set("registration.waitlist", true)
	change(facts, set["en"])
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	return id
}

// A visitor registers, confirms and waits for a decision; the assistant of the event approves; the place is given back, and
// the next who waits has it. Each step is told by letter.
func TestTheStoryOfAPlace(t *testing.T) {
	p, box := withOutbox(t)
	id := registrable(t, p, func(facts, words content.Leaves) {
		facts.Set("registration.capacity", 1)
		facts.Set("registration.approval", registration.Manual)
	})
	e, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	form := "/en/" + e.Path + "/register"
	visitor := p.Visitor()
	join := func(to string) {
		t.Helper()
		f := visitor.Get(form).Form("main form")
		f.Set("name", "=Ada\r\nBcc: x@example.org")
		f.Set("mail", to)
		if page := visitor.Post(form, f); page.Path != form+"/sent" {
			t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find(".problems").Text())
		}
		_, link := box.last(t, to)
		if page := visitor.Post(link, url.Values{"do": {"confirm"}}); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Awaiting decision") {
			t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
		}
	}
	join("a@example.org")
	join("b@example.org")

	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	list := "/admin/events/" + id + "/registrations"
	page := assistant.Get(list + "?state=pending")
	if n := page.Find("tbody tr").Length(); n != 2 {
		t.Fatalf("%d wait for a decision\n%s", n, page.Find("main").Text())
	}
	bulk := page.Form("#bulk")
	page.Find("tbody tr input[name=id]").Each(func(_ int, s *goquery.Selection) { bulk.Add("id", s.AttrOr("value", "")) })
	bulk.Set("op", "approve")
	if page = assistant.Post(list, bulk); page.Status != http.StatusOK {
		t.Fatal(page.Status)
	}
	say := func(to, want string) {
		t.Helper()
		if got, _ := box.last(t, to); got != want {
			t.Errorf("the last letter to %s is %q, want %q", to, got, want)
		}
	}
	say("a@example.org", "confirmed")
	say("b@example.org", "waitlisted")
	table := assistant.Get(list + "/export.csv")
	if !strings.HasPrefix(table.Body, "\ufeff") || !strings.Contains(table.Body, "'=Ada Bcc: x@example.org,a@example.org") || table.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v\n%s", table.Header, table.Body)
	}
	_, link := box.last(t, "a@example.org")
	visitor.Post(link, url.Values{"do": {"withdraw"}})
	say("a@example.org", "withdrawn")
	say("b@example.org", "promoted")

	// By hand, with what is wrong beside it and what was typed kept; and one registration with all that happened to it.
	add := assistant.Get(list + "/new").Form("main form.card")
	add.Set("mail", "no address")
	add.Set("name", "Grace")
	page = assistant.Post(list+"/new", add)
	if page.Status != http.StatusUnprocessableEntity || page.Find("#mail-err").Length() != 1 || page.Find("#name").AttrOr("value", "") != "Grace" {
		t.Error(page.Status, page.Find("main").Text())
	}
	add.Set("mail", "")
	if page = assistant.Post(list+"/new", add); !strings.Contains(page.Find(".head").Text(), "Waiting list") || !strings.Contains(page.Find("#steps").Parent().Parent().Text(), "Entered by hand") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if page = assistant.Get(list + "?state=nothing"); page.Status != http.StatusBadRequest {
		t.Error(page.Status)
	}
	// An editor of the site changes the event and does not see who comes; the assistant of another finds nothing.
	for name, g := range map[string]auth.Grant{"editor": {Role: auth.Editor, Scope: auth.ScopeSite}, "other": {Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"}} {
		who := p.SignIn(name+"@example.org", g)
		for _, path := range []string{list, list + "/new", list + "/export.csv", list + "/xyz"} {
			if page := who.Get(path); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound || strings.Contains(page.Body, "a@example.org") {
				t.Errorf("%s %s: %d", name, path, page.Status)
			}
		}
		if page := who.Post(list, bulk); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
			t.Errorf("%s decides: %d", name, page.Status)
		}
	}
	lines, _, err := p.Auth.AuditLog(ctx, apptest.System, auth.AuditFilter{Action: "registrants."}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for _, l := range lines {
		done[l.Action] = true
	}
	for _, action := range []string{"read", "export", "approve", "add"} {
		if !done["registrants."+action] {
			t.Errorf("not written down: %s", action)
		}
	}
}
