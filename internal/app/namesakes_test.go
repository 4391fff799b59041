package app_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// An assistant who reads a list again, or enters by hand who is there, is asked whether it is the same person.
func TestPeopleWithoutAMailbox(t *testing.T) {
	p := apptest.Start(t)
	id := registrable(t, p, func(facts, _ content.Leaves) { facts.Set("registration.ask", []string{"organization", "country"}) })
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	at := "/admin/events/" + id + "/registrations"
	if _, err := p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {"Ada Example"}, "country": {"KE"}}}); err != nil {
		t.Fatal(err)
	}
	page := assistant.Upload(at+"/import", "file", "list.csv", []byte("Name,Country\nADA  example,KE\nCy Example,KE\n"))
	if got := page.Find("#row-2 .tag").Text(); page.Status != http.StatusOK || !strings.HasPrefix(got, "Perhaps there already") || page.Find("#row-3 button").Length() != 0 {
		t.Fatal(page.Status, got)
	}
	if got := page.Find("button[value=take]").Text(); !strings.Contains(got, "1") {
		t.Error(got)
	}
	form := page.Form("#row-2 form")
	form.Set("op", page.Find("#row-2 button").AttrOr("value", ""))
	if page = assistant.Post(at+"/import/plan", form); page.Find("#row-2 .tag").Text() != "Gets a place" || !strings.Contains(page.Find("button[value=take]").Text(), "2") {
		t.Error(page.Status, page.Find("tbody").Text())
	}
	if again := assistant.Post(at+"/import/plan", form); again.Status != http.StatusUnprocessableEntity {
		t.Error("pressed on a page that is old:", again.Status)
	}
	for _, op := range []string{"anyway", "anyway x", "anyway 99", "leave -1"} {
		form := page.Form("#row-2 form")
		form.Set("op", op)
		if got := assistant.Post(at+"/import/plan", form); got.Status != http.StatusBadRequest && got.Status != http.StatusNotFound {
			t.Error(op, got.Status)
		}
	}
	form = page.Form("#row-2 form")
	form.Set("op", page.Find("#row-2 button").AttrOr("value", ""))
	if page = assistant.Post(at+"/import/plan", form); !strings.HasPrefix(page.Find("#row-2 .tag").Text(), "Perhaps") {
		t.Error("not left out again")
	}

	page = assistant.Get(at + "/new")
	if page.Find("[name=anyway]").Length() != 0 {
		t.Error("asked before there is a reason")
	}
	entry := page.Form("form.card")
	entry.Set("name", "ada example")
	entry.Set("country", "KE")
	page = assistant.Post(at+"/new", entry)
	if page.Status != http.StatusUnprocessableEntity || page.Find("[name=anyway]").Length() != 1 || page.Find("[name=name]").AttrOr("value", "") != "ada example" {
		t.Fatal(page.Status, page.Find("main").Text())
	}
	entry = page.Form("form.card")
	entry.Set("anyway", "1")
	if page = assistant.Post(at+"/new", entry); page.Status != http.StatusOK {
		t.Error(page.Status, page.Find("main").Text())
	}
	list, err := p.Registration.List(ctx, apptest.System, registration.Query{Event: id})
	if err != nil || list.Total != 2 {
		t.Error(list.Total, err)
	}
}
