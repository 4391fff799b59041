package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// Who lowers the number of places below what is taken is told beside the form before it is public, and on the list of registrants
// after, for the event and for each category; nobody loses a place.
func TestFewerPlacesThanAreTaken(t *testing.T) {
	p := apptest.Start(t)
	id := registrable(t, p, func(facts, words content.Leaves) {
		facts.Set("registration.capacity", 10)
		facts.Set("registration.categories", []string{"del", "pre"})
		facts.Set("registration.categories.del.capacity", 6)
		words.SetText("registration.categories.del.name", content.Text{Words: "Delegate"})
		words.SetText("registration.categories.pre.name", content.Text{Words: "Press"})
	})
	for i := range 5 {
		if _, err := p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {fmt.Sprint("Person ", i)}, "mail": {fmt.Sprint(i, "@example.org")}, "category": {"del"}}}); err != nil {
			t.Fatal(err)
		}
	}
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite})
	form, list := "/admin/events/"+id, "/admin/events/"+id+"/registrations"
	const advice, notice = "Places taken already: 5", "Delegate"
	if page := editor.Get(form); page.Status != http.StatusOK || strings.Contains(page.Text(), advice) || editor.Get(list).Find(".notice.warning").Length() != 0 {
		t.Fatal(page.Status)
	}
	set := content.Leaves{}
	set.Set("registration.capacity", 4)
	set.Set("registration.categories.del.capacity", 3)
	save(t, p, content.Change{ID: id, Set: content.Parts{content.Facts: set}})
	page := editor.Get(form)
	if n := strings.Count(page.Find(".check").Text(), advice); n != 2 || page.Find(`.check a[href$="#registration.capacity"]`).Length() != 1 || page.Find(`.check a[href$="#registration.categories.del.capacity"]`).Length() != 1 {
		t.Errorf("told %d times: %s", n, page.Find(".check").Text())
	}
	if editor.Get(list).Find(".notice.warning").Length() != 0 {
		t.Error("told of what is not public")
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal("it forbids publishing:", err)
	}
	page = editor.Get(list)
	told := page.Find(".notice.warning").Text()
	if page.Find(".notice.warning").Length() != 2 || !strings.Contains(told, "1 more is confirmed") || !strings.Contains(told, notice) || !strings.Contains(told, "5 places are taken of 3") {
		t.Error(told)
	}
	if l, err := p.Registration.List(ctx, apptest.System, registration.Query{Event: id, State: registration.Confirmed}); err != nil || l.Total != 5 {
		t.Error("somebody lost a place:", err)
	}
}
