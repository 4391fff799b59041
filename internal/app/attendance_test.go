package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
)

// An assistant takes in a list that came by mail: what is wrong stands beside it, what would become of each row is shown,
// and it is taken while they do something else.
func TestTheStoryOfAList(t *testing.T) {
	p, box := withOutbox(t)
	id := registrable(t, p, func(facts content.Leaves) { facts.Set("registration.capacity", 2) })
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	list := "/admin/events/" + id + "/registrations"
	at := list + "/import"
	if page := assistant.Get(list); page.Find(`a[href="`+at+`"]`).Length() != 1 {
		t.Error("nothing leads to the list")
	}
	if page := assistant.Upload(at, "file", "old.xls", []byte("\xd0\xcf\x11\xe0 old")); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#file-err").Text(), "neither XLSX nor CSV") {
		t.Error(page.Status, page.Find("main").Text())
	}
	page := assistant.Upload(at, "file", "<list>.csv", []byte("Nom;E-mail;Remark\nAda Inkwell;ada@example.org;1\nBad;no address;2\nCora;cora@example.org;3\nDov;dov@example.org;4\n"))
	if page.Path != at || !strings.Contains(page.Find(".head").Text(), "<list>.csv") {
		t.Fatal(page.Status, page.Path)
	}
	rows := page.Find("tbody tr")
	if rows.Length() != 4 || !strings.Contains(rows.Eq(0).Text(), "Gets a place") || !strings.Contains(rows.Eq(1).Find("td").Eq(2).Text(), "not an e-mail address") || !strings.Contains(rows.Eq(3).Text(), "Waiting list") {
		t.Fatal(rows.Text())
	}
	if n := assistant.Get(at + "?becomes=problem").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d rows to correct", n)
	}
	plan := page.Form("form.card:has([name=there])")
	plan.Set("column.ac", "name") // as the first
	plan.Set("op", "look")
	if page = assistant.Post(at+"/plan", plan); page.Status != http.StatusUnprocessableEntity || page.Find(`[id="column.ac"][aria-invalid]`).Length() != 1 || page.Find(`[id="column.ac"] [selected]`).AttrOr("value", "") != "name" {
		t.Error(page.Status, page.Find("main").Text())
	}
	plan.Set("column.ac", "")
	plan.Set("there", "merge")
	if page = assistant.Post(at+"/plan", plan); page.Find("[name=there][value=merge][checked]").Length() != 1 {
		t.Error(page.Status, page.Find("main").Text())
	}
	take := page.Form("form:has([name=print])")
	take.Set("op", "take")
	page = assistant.Post(at+"/plan", take)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(page.Text(), "The list has been taken in.") && time.Now().Before(end); page = assistant.Get(at) {
		if !strings.Contains(page.Text(), "of 4 rows") {
			t.Fatal(page.Status, page.Find("main").Text())
		}
		time.Sleep(50 * time.Millisecond)
	}
	if page = assistant.Get(at); !strings.Contains(page.Text(), "The list has been taken in.") || page.Find("tbody tr").Length() != 4 || strings.Contains(page.Body, "ada@example.org") {
		t.Error(page.Find("main").Text())
	}
	if about, _ := box.last(t, "dov@example.org"); about != "waitlisted" {
		t.Error("letter:", about)
	}
	if page = assistant.Get(list); page.Find("tbody tr").Length() != 3 {
		t.Error(page.Find("main").Text())
	}
	for name, g := range map[string]auth.Grant{"editor": {Role: auth.Editor, Scope: auth.ScopeSite}, "other": {Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"}} {
		if page := p.SignIn(name+"@example.org", g).Get(at); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
}
