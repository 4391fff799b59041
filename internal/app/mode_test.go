package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestPagesOfAHybridEvent: the form asks how one takes part, the private page lets one change it, the way into the meeting is for
// those online and for those in the room who asked for it, and staff see and move both.
func TestPagesOfAHybridEvent(t *testing.T) {
	p := apptest.Start(t)
	box := &read{Letters: p.Registration.Mail}
	clock := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	p.Registration.Mail, p.Registration.Patience, p.Registration.Now, p.Site.Now = box, 0, now, now
	set := sampleEvent(t, p, "registration", "previous")
	for path, v := range map[string]any{"access": "registration", "status": "scheduled", "mode": "hybrid", "registration.online": true, "registration.approval": "auto", "registration.capacity": 1,
		"registration.waitlist": true, "registration.show_places": true, "join.url": "https://meet.example.org/canaryjoin", "join.opens_before": 45, "join.release": "confirmed"} {
		set[content.Facts].Set(path, v)
	}
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	e, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	form := "/en/" + e.Path + "/register"
	visitor := p.Visitor()
	send := func(who string, mode ...string) *apptest.Page {
		f := visitor.Get(form).Form("main form")
		f.Set("name", "Person "+strings.Split(who, "@")[0])
		f.Set("mail", who)
		if f.Del("mode"); len(mode) > 0 {
			f["mode"] = mode
		}
		return visitor.Post(form, f)
	}
	register := func(who, mode string) string {
		t.Helper()
		if got := send(who, mode); got.Path != form+"/sent" {
			t.Fatalf("%s: %d %s", who, got.Status, got.Find("main").Text())
		}
		_, link := box.last(t, who)
		visitor.Post(link, url.Values{"do": {"confirm"}})
		_, link = box.last(t, who)
		return link
	}
	if page := visitor.Get(form); page.Find("input[type=radio][name=mode]").Length() != 2 || !strings.Contains(page.Find("main").Text(), "1 place left") {
		t.Error(page.Find("main").Text())
	}
	if page := send("nobody@example.org"); page.Status != http.StatusUnprocessableEntity || page.Find(`.problems a[href="#mode"]`).Length() != 1 || page.Find("input[name=mail]").AttrOr("value", "") != "nobody@example.org" {
		t.Error(page.Status, page.Find("main").Text())
	}
	room, home := register("room@example.org", "in_person"), register("home@example.org", "online")
	if page := visitor.Get(form); !strings.Contains(page.Find("main").Text(), "Waiting list") {
		t.Error("the form does not say that the room is full")
	}
	says := func(link, want string) {
		t.Helper()
		if got := strings.Join(strings.Fields(visitor.Get(link).Find("#mode").Text()), " "); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	says(room, "You come to the room.")
	says(home, "All places in the room are taken at present.")
	visitor.Post(home, url.Values{"do": {"to_in_person"}})
	says(home, "You have a place online and wait for one in the room.")

	// The door to the meeting.
	start := e.Value.(*kind.Event).When.Starts()
	clock = start.Add(-10 * time.Minute)
	ask := func(link string) *apptest.Page {
		return visitor.Send(apptest.Request{Method: http.MethodGet, Path: link + "/join?go", Stay: true})
	}
	if got := ask(home); got.Status != http.StatusSeeOther {
		t.Errorf("online: %d %s", got.Status, got.Find("main").Text())
	}
	if got := ask(room); got.Status != http.StatusOK || strings.Contains(got.Body, "canary") || !strings.Contains(got.Find("main").Text(), "registered to come to the room") {
		t.Errorf("in the room: %d %s", got.Status, got.Find("main").Text())
	}
	if page := visitor.Get(room); page.Find(`a[href$="/join"]`).Length() != 0 {
		t.Error("who comes to the room is led to the meeting")
	}
	visitor.Post(room, url.Values{"do": {"also_online"}})
	if got := ask(room); got.Status != http.StatusSeeOther {
		t.Errorf("in the room, and asked for it: %d", got.Status)
	}
	visitor.Post(room, url.Values{"do": {"room_only"}})
	if got := ask(room); got.Status != http.StatusOK {
		t.Errorf("in the room, and does not need it any more: %d", got.Status)
	}

	// The staff's list, and the door.
	clock = start.AddDate(0, 0, -5)
	desk := p.SignIn("desk@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	list := "/admin/events/" + id + "/registrations"
	page := desk.Get(list + "?mode=online")
	if text := page.Find("main").Text(); !strings.Contains(text, "home@example.org") || strings.Contains(text, "room@example.org") || !strings.Contains(text, "Waits for: In the room") {
		t.Error(text)
	}
	if got := desk.Get(list + "?mode=by_boat").Status; got != http.StatusBadRequest {
		t.Errorf("a mode that is none: %d", got)
	}
	one := page.Find(`.rows a[href*="/registrations/"]`).AttrOr("href", "")
	if got := desk.Post(one, url.Values{"op": {"to_online"}}); !strings.Contains(got.Find("main").Text(), "No longer waits for the other way") {
		t.Error(got.Find("main").Text())
	}
	says(home, "You join online.")
	if table := desk.Get(list + "/export.csv").Body; !strings.Contains(table, "Takes part") || !strings.Contains(table, ",Online,") {
		t.Error(table)
	}
	clock = start.Add(-time.Hour)
	if tags := desk.Get(list + "/check-in").Find(".desklist .tag").Map(text); !slices.Contains(tags, "Online") || !slices.Contains(tags, "In the room") {
		t.Error(tags)
	}
	// Where one registers by mail alone, the page gives the form as a document, and nothing to fill in.
	before, err := p.Content.Get(ctx, apptest.System, id)
	if err != nil {
		t.Fatal(err)
	}
	facts := content.Leaves{}
	facts.Set("registration.mailbox", "forms@example.org")
	facts.Set("registration.mail_only", true)
	save(t, p, content.Change{ID: id, Kind: kind.EventKind, Original: i18n.EN, Set: content.Parts{content.Facts: facts}, Base: before.Versions})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true}); err != nil {
		t.Fatal(err)
	}
	clock = start.AddDate(0, 0, -5)
	if page := visitor.Get(form); page.Find("main form").Length() != 0 || page.Find(`main a[href$="/register/form.docx"]`).Length() != 1 || !strings.Contains(page.Find("main").Text(), "one registers by mail") {
		t.Error(page.Find("main").Text())
	}
	if got := visitor.Post(form, url.Values{"name": {"A"}, "mail": {"a@example.org"}, "mode": {"online"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Find("main").Text(), "by mail only") {
		t.Error(got.Status, got.Find("main").Text())
	}

	// Who registered is asked for nothing where the event is not hybrid any more.
	set[content.Facts].Set("mode", "online")
	if before, err = p.Content.Get(ctx, apptest.System, id); err != nil {
		t.Fatal(err)
	}
	saved := save(t, p, content.Change{ID: id, Kind: kind.EventKind, Original: i18n.EN, Set: content.Parts{content.Facts: {"mode": set[content.Facts]["mode"]}}, Base: before.Versions})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: saved, Facts: true}); err != nil {
		t.Fatal(err)
	}
	if visitor.Get(room).Find("#mode").Length() != 0 {
		t.Error("there is something to choose where there is one way")
	}
}
