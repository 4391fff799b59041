package app_test

import (
	"fmt"
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
	"plenary/internal/registration"
)

// TestDecidingOnAllThatIsFound: an assistant filters the list, sees how many that is, decides on all of them, looks how far it
// got and takes it back; who comes between the look and the press stops it.
func TestDecidingOnAllThatIsFound(t *testing.T) {
	p := apptest.Start(t)
	set := sampleEvent(t, p, "registration")
	facts := set[content.Facts]
	facts.Set("when", content.When{Start: "2031-10-25T09:00", End: "2031-10-25T11:00", Zone: "Asia/Tokyo", Precision: "time"})
	facts.Set("access", "registration")
	facts.Set("status", "scheduled")
	facts.Set("registration.online", true)
	facts.Set("registration.ask", []string{"country"})
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	n := 0
	add := func(country string) {
		t.Helper()
		n++
		if _, err := p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: i18n.EN, Values: url.Values{"name": {fmt.Sprintf("Person %c", 'A'+n%26) + strings.Repeat("x", n)}, "mail": {fmt.Sprintf("p%d@example.org", n)}, "country": {country}}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		add("KE")
	}
	add("FR")
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	list := "/admin/events/" + id + "/registrations"
	all := list + "/all?country=KE"
	if page := assistant.Get(list + "?country=KE"); page.Find(`a[href="`+all+`"]`).Length() != 1 {
		t.Fatal(page.Find("main").Text())
	}
	page := assistant.Get(all)
	if !strings.Contains(page.Find("#who").Text(), "4 registrations") || !strings.Contains(page.Find("ul.bullets").Text(), "Kenya") || !strings.Contains(page.Find("button[value=withdraw]").Text(), "4") || page.Find("button[value=restore]").Length() != 0 {
		t.Error(page.Find("main").Text())
	}
	press := page.Form("main form")
	press.Set("op", "withdraw")
	add("KE")
	if page = assistant.Post(all, press); page.Status != http.StatusConflict || !strings.Contains(page.Find(".notice").Text(), "number has changed") || !strings.Contains(page.Find("button[value=withdraw]").Text(), "5") {
		t.Errorf("%d %s", page.Status, page.Find("main").Text())
	}
	states := func(st registration.State) int {
		t.Helper()
		l, err := p.Registration.List(ctx, apptest.System, registration.Query{Event: id})
		if err != nil {
			t.Fatal(err)
		}
		return l.States[st]
	}
	press = page.Form("main form")
	press.Set("op", "withdraw")
	page = assistant.Post(all, press)
	until := func(want int) *apptest.Page {
		t.Helper()
		for range 300 {
			if again := assistant.Get(page.Path); strings.Contains(again.Find("h2").Text(), "done") {
				if got := states(registration.Withdrawn); got != want {
					t.Errorf("%d withdrawn", got)
				}
				return again
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatal("it is not done")
		return nil
	}
	page = until(5)
	if page.Find("progress").AttrOr("value", "") != "5" || states(registration.Confirmed) != 1 {
		t.Error(page.Find("main").Text())
	}
	if got := assistant.Get(list).Find(".notice").Text(); !strings.Contains(got, "5 of 5") {
		t.Error(got)
	}
	page = assistant.Post(page.Path, url.Values{"op": {"undo"}})
	until(0)
	if states(registration.Confirmed) != 6 {
		t.Error("not taken back")
	}
	for _, bad := range []url.Values{{"op": {"withdraw"}}, {"op": {"burn"}, "n:burn": {"5"}}, {"op": {"withdraw"}, "n:withdraw": {"-1"}}} {
		if page := assistant.Post(all, bad); page.Status != http.StatusBadRequest && page.Status != http.StatusConflict {
			t.Errorf("%v: %d", bad, page.Status)
		}
	}
	stranger := p.SignIn("stranger@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"})
	for _, path := range []string{all, page.Path} {
		if page := stranger.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
		press.Set("op", map[bool]string{true: "withdraw", false: "undo"}[path == all])
		if page := stranger.Post(path, press); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}
