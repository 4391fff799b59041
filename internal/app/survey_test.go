package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// Visitors answer the survey of an event that is over; the assistant sees numbers from the fifth on, and an editor none.
func TestTheStoryOfASurvey(t *testing.T) {
	p := apptest.Start(t)
	p.Registration.Patience = 0
	set := sampleEvent(t, p, "survey")
	facts := set[content.Facts]
	facts.Set("status", "scheduled")
	facts.Set("survey.online", true)
	facts.Set("survey.link", "open")
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	e, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	now := e.Value.(*kind.Event).Over().Add(time.Hour)
	clock := func() time.Time { return now }
	p.Site.Now, p.Registration.Now = clock, clock
	page := "/en/" + e.Path + "/survey"
	visitor := p.Visitor()
	answer := func(n string) {
		t.Helper()
		form := visitor.Get(page).Form("main form")
		form["f._accessibility"] = []string{n}
		if got := visitor.Post(page, form); got.Path != page+"/sent" {
			t.Fatalf("%d at %s: %s", got.Status, got.Path, got.Find("main").Text())
		}
	}
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	results := "/admin/events/" + id + "/survey"
	for range 4 {
		answer("5")
	}
	if got := assistant.Get(results); got.Status != http.StatusOK || !strings.Contains(got.Text(), "Too few answers yet") || got.Find("table").Length() > 0 {
		t.Errorf("%d: %s", got.Status, got.Find("main").Text())
	}
	answer("5")
	if got := assistant.Get(results); got.Find("tbody tr").Length() != 5 || strings.Contains(got.Find("tbody").Text(), "fewer than 5") { // five of five would tell of everybody
		t.Errorf("%d: %s", got.Status, got.Find("main").Text())
	}
	answer("4")
	got := assistant.Get(results)
	if row := got.Find("tbody tr").Last().Text(); !strings.Contains(got.Find(".card h2").First().Text(), "accessibility") || !strings.HasPrefix(row, "5") || !strings.Contains(row, "5") || !strings.Contains(got.Find("tbody tr").First().Text(), "fewer than 5") {
		t.Errorf("%d: %s", got.Status, got.Find("main").Text())
	}
	if address := got.Find(".head a").AttrOr("href", ""); !strings.HasSuffix(address, page) {
		t.Errorf("the survey's address: %q", address)
	}
	if table := assistant.Get(results + "/export.csv"); !strings.Contains(table.Body, "fewer than 5\r\n") || table.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v\n%s", table.Header, table.Body)
	}
	if to := assistant.Get("/admin/events/" + id).Find(`a[href="` + results + `"]`).Length(); to == 0 {
		t.Error("no way there from the event")
	}
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for _, path := range []string{results, results + "/export.csv"} {
		if got := editor.Get(path); got.Status != http.StatusForbidden && got.Status != http.StatusNotFound {
			t.Errorf("an editor sees %s: %d", path, got.Status)
		}
	}
	if got := visitor.Post(page, url.Values{"f._accessibility": {"5"}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a stamp: %d", got.Status)
	}
}
