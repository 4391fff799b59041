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
	"plenary/internal/registration"
)

// The assistant of an event looks at its messages, holds one and releases it, sends another by hand; and who cancels the
// event decides whether those who have registered hear of it.
func TestTheMessagesOfAnEvent(t *testing.T) {
	p := apptest.Start(t)
	box := &read{Letters: p.Registration.Mail}
	p.Registration.Mail = box
	set := sampleEvent(t, p, "registration")
	facts := set[content.Facts]
	var err error
	facts.Set("when", content.When{Start: "2031-10-25T09:00", End: "2031-10-25T11:00", Zone: "Asia/Tokyo", Precision: "time"})
	facts.Set("access", "registration")
	facts.Set("status", "scheduled")
	facts.Set("registration.online", true)
	facts.Set("registration.messages", []string{"visa"})
	facts.Set("registration.messages.visa.kind", "manual")
	set[content.Part(i18n.EN)].SetText("registration.messages.visa.subject", content.Text{Words: "Visas for {event}"})
	set[content.Part(i18n.EN)].SetText("registration.messages.visa.body", content.Text{Words: "Ask in time: it begins on {date}."})
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	at := "/admin/events/" + id + "/messages"
	if page := assistant.Get(at); page.Status != http.StatusOK || !strings.Contains(page.Find(".notice").Text(), "not public") || page.Find("tbody form").Length() != 0 {
		t.Error(page.Status, page.Find("main").Text())
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if page := assistant.Get(at + "/reminder?lang=fr"); !strings.Contains(page.Text(), "Rappel") || page.Find("button[value=send]").Length() != 0 {
		t.Error("with nobody to write to:", page.Find("main").Text())
	}
	ids := map[string]string{}
	for i, l := range []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH} {
		to := string(l) + "@example.org"
		if ids[to], err = p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: l, Values: map[string][]string{"name": {"Person " + to}, "mail": {to}}}); err != nil {
			t.Fatal(i, err)
		}
	}
	row := func(page *apptest.Page, name string) string {
		t.Helper()
		r := page.Find(`tbody tr:has(a[href="` + at + "/" + name + `"])`)
		if r.Length() != 1 {
			t.Fatalf("%d lines of %s in %s", r.Length(), name, page.Find("main").Text())
		}
		return strings.Join(strings.Fields(r.Text()), " ")
	}
	page := assistant.Get(at)
	if got := row(page, "reminder"); !strings.Contains(got, "24 October 2031, 09:00") || !strings.Contains(got, " 3 Planned") {
		t.Error(got)
	}
	if !strings.Contains(page.Text(), "Tokyo") {
		t.Error("the zone is not named")
	}
	for _, x := range [][2]string{{"hold", "Held"}, {"hold", "Held"}, {"release", "Planned"}} {
		page = assistant.Post(at+"/reminder", url.Values{"op": {x[0]}})
		if got := row(page, "reminder"); page.Path != at || !strings.Contains(got, x[1]) {
			t.Errorf("%s: %s", x[0], got)
		}
	}

	// By hand: looked at as somebody will get it, sent, and not sent again.
	page = assistant.Get(at + "/visa?to=" + ids["ar@example.org"])
	if text := page.Find(".lettertext"); text.AttrOr("dir", "") != "rtl" || !strings.Contains(text.Text(), "Ask in time: it begins on") || !strings.Contains(page.Find("button[value=send]").Text(), "3") {
		t.Error(page.Find("main").Text())
	}
	drain := func() {
		t.Helper()
		for range 500 { // the program is running, and does it
			var n int
			if err := p.DB.Read().NewRaw("SELECT count(*) FROM jobs WHERE kind = ? AND (state = 'running' OR due_at <= ?)", registration.MessageJob, time.Now().UTC()).Scan(ctx, &n); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatal("messages wait")
	}
	letters := func(prefix string) (n int) {
		box.mu.Lock()
		defer box.mu.Unlock()
		for _, l := range box.letters {
			if strings.HasPrefix(l.Cause, "registration.message:"+id+":"+prefix+":") {
				n++
			}
		}
		return n
	}
	for range 2 {
		assistant.Post(at+"/visa", url.Values{"op": {"send"}})
		drain()
	}
	if n := letters("visa"); n != 3 {
		t.Errorf("%d letters by hand", n)
	}
	if page = assistant.Get(at + "/visa?to=" + ids["ar@example.org"]); !strings.Contains(page.Text(), "got it on") || !strings.Contains(page.Text(), "nobody left") {
		t.Error(page.Find("main").Text())
	}
	if page = assistant.Get(at); !strings.Contains(page.Find("#log").Parent().Text(), "Message by hand") {
		t.Error(page.Find("main").Text())
	}

	// Who may not.
	for name, g := range map[string]auth.Grant{"editor": {Role: auth.Editor, Scope: auth.ScopeSite}, "other": {Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"}} {
		who := p.SignIn(name+"@example.org", g)
		for _, path := range []string{at, at + "/reminder", at + "/reminder?to=" + ids["ar@example.org"]} {
			if page := who.Get(path); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound || strings.Contains(page.Body, "ar@example.org") {
				t.Errorf("%s %s: %d", name, path, page.Status)
			}
		}
		if page := who.Post(at+"/reminder", url.Values{"op": {"send"}}); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
			t.Errorf("%s sends: %d", name, page.Status)
		}
	}
	if drain(); letters("reminder") != 0 {
		t.Error("sent by somebody who may not")
	}

	// Moved with the box ticked, cancelled with it empty, which the screen then tells; and taken back.
	boss := p.SignIn("boss@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite})
	edit := "/admin/events/" + id
	do := func(what string, change func(url.Values)) *apptest.Page {
		t.Helper()
		to := edit + "/change/" + what
		if what == "undo" {
			to = edit + "/undo"
		}
		form := boss.Get(to).Form("#change")
		change(form)
		form.Set("op", "preview")
		seen := boss.Post(to, form)
		form = seen.Form("#change")
		change(form)
		form.Set("op", "do")
		if done := boss.Post(to, form); done.Path != edit {
			t.Fatalf("%s: %d at %s\n%s", what, done.Status, done.Path, done.Find("main").Text())
		}
		drain()
		return seen
	}
	seen := do("move", func(f url.Values) {
		f.Set("when:start_date", "5 November 2031")
		f.Set("when:end_date", "5 November 2031")
		f.Set("status_note@en", "A by-election.")
	})
	if got := seen.Find("#effect-messages").Text(); !strings.Contains(got, "Reminder: 24 October 2031, 09:00 → 4 November 2031, 09:00") || !strings.Contains(got, "ticked: 3") || seen.Find("input[name=tell][checked]").Length() != 1 {
		t.Error(got)
	}
	if n := letters("change"); n != 3 {
		t.Errorf("%d were told that it moves", n)
	}
	if got := row(assistant.Get(at), "reminder"); !strings.Contains(got, "4 November 2031, 09:00") {
		t.Error(got)
	}

	// That far, they are asked whether they come all the same: one presses that they do, one that they cannot.
	if seen.Find("input[name=ask][checked]").Length() != 1 {
		t.Error(seen.Find("main").Text())
	}
	for who, press := range map[string]string{"ar@example.org": "comes", "zh@example.org": "withdraw"} {
		_, link := box.last(t, who)
		visitor := p.Visitor()
		page := visitor.Get(link)
		if page.Find("#again button").Length() != 2 {
			t.Errorf("%s: %s", who, page.Find("main").Text())
		}
		if page = visitor.Get(link); page.Find("#again button[value=comes]").Length() != 1 {
			t.Errorf("%s: looked at, it is answered", who)
		}
		if page = visitor.Post(link, url.Values{"do": {press}}); page.Find("#again button").Length() != 0 || page.Status != http.StatusOK {
			t.Errorf("%s: %d %s", who, page.Status, page.Find("main").Text())
		}
	}
	list := "/admin/events/" + id + "/registrations"
	if page := assistant.Get(list + "?again=asked"); page.Find("tbody tr").Length() != 1 || !strings.Contains(page.Text(), "en@example.org") || !strings.Contains(page.Find("[aria-current=true]").Text(), "Has not answered") {
		t.Error(page.Find("main").Text())
	}
	if page := assistant.Get(list + "?again=maybe"); page.Status != http.StatusBadRequest {
		t.Error(page.Status)
	}
	assistant.Post(list, url.Values{"op": {"comes"}, "id": {ids["en@example.org"]}})
	if page := assistant.Get(list + "?again=yes"); page.Find("tbody tr").Length() != 2 {
		t.Error(page.Find("main").Text())
	}
	assistant.Post(list, url.Values{"op": {"restore"}, "id": {ids["zh@example.org"]}})
	do("cancel", func(f url.Values) { f.Set("status_note@en", "A flood."); f.Del("tell") })
	if n := letters("cancelled"); n != 0 {
		t.Errorf("%d were told although nobody wanted that", n)
	}
	page = assistant.Get(at)
	if !strings.Contains(page.Find(".notice.warning").Text(), "have not been told") {
		t.Error(page.Find("main").Text())
	}
	for range 2 {
		assistant.Post(at+"/cancelled", url.Values{"op": {"send"}})
		drain()
	}
	if n := letters("cancelled"); n != 3 {
		t.Errorf("%d were told by hand that it is cancelled", n)
	}
	do("undo", func(url.Values) {})
	if n := letters("change"); n != 6 {
		t.Errorf("%d letters after it was taken back", n)
	}
	if page = assistant.Get(at); page.Find(".notice.warning").Length() != 0 || strings.Contains(row(page, "reminder"), "Off") {
		t.Error(page.Find("main").Text())
	}
	if page = boss.Get("/admin/log?action=messages."); page.Status == http.StatusOK && !strings.Contains(page.Text(), "Sent a message to those registered") {
		t.Error("not written down")
	}
}
