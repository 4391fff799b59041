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

// TestTheDayOfAnEvent: an organiser tells of a late start, a new link, another room and a missing interpreter, each in one
// press: readers see it at once in their language, those with a place get one letter each in theirs, and nobody else any.
func TestTheDayOfAnEvent(t *testing.T) {
	p := apptest.Start(t)
	box := &read{Letters: p.Registration.Mail}
	p.Registration.Mail = box
	set := sampleEvent(t, p, "registration", "notices", "venues", "interpretation", "sessions", "previous", "skips")
	facts := set[content.Facts]
	zone := content.Zone("Asia/Tokyo")
	start := time.Now().In(zone).Add(40 * time.Minute)
	wall := func(t time.Time) content.LocalTime { return content.LocalTime(t.Format("2006-01-02T15:04")) }
	for path, v := range map[string]any{"when": content.When{Start: wall(start), End: wall(start.Add(3 * time.Hour)), Zone: "Asia/Tokyo", Precision: "time"}, "access": "registration", "status": "scheduled", "mode": "hybrid",
		"registration.online": true, "join.url": "https://meet.example.org/canaryold", "join.release": "confirmed", "venues": []string{"hall"}, "venues.hall.type": "physical",
		"interpretation": []string{"fr", "sw"}, "interpretation.fr.language": "fr", "interpretation.fr.kind": "spoken", "interpretation.sw.language": "sw", "interpretation.sw.kind": "spoken"} {
		facts.Set(path, v)
	}
	set[content.Part(i18n.EN)].SetText("venues.hall.name", content.Text{Words: "House of Records"})
	set[content.Part(i18n.EN)].SetText("venues.hall.room", content.Text{Words: "Room 1"})
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	boss := p.SignIn("boss@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite})
	at := "/admin/events/" + id + "/day"
	if page := boss.Get(at); page.Status != http.StatusOK || !strings.Contains(page.Find(".notice").Text(), "not public") || page.Find("form[action='"+at+"']").Length() != 0 {
		t.Error(page.Status, page.Find("main").Text())
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	people := map[string]string{}
	var err error
	for _, l := range []i18n.Locale{i18n.EN, i18n.AR, i18n.RU, i18n.SW} {
		to := string(l) + "@example.org"
		if people[to], err = p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: l, Values: url.Values{"name": {"Person " + to}, "mail": {to}, "mode": {"in_person"}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Registration.Decide(ctx, apptest.System, id, []string{people["sw@example.org"]}, registration.Withdraw); err != nil {
		t.Fatal(err)
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
	letters := func(notice string) map[string]string {
		drain()
		box.mu.Lock()
		defer box.mu.Unlock()
		out := map[string]string{}
		for _, l := range box.letters {
			if strings.HasPrefix(l.Cause, "registration.message:"+id+":"+notice+":") {
				if out[l.To] != "" {
					t.Errorf("%s is told twice", l.To)
				}
				out[l.To] = l.Subject + "\n" + l.Text
			}
		}
		return out
	}
	if page := boss.Get("/admin/events/" + id); page.Find("#happens a[href='"+at+"']").Length() != 1 {
		t.Error("nothing leads there")
	}
	tell := func(op string, change func(url.Values)) (notice string, done *apptest.Page) {
		t.Helper()
		form := boss.Get(at).Form("section:has(#s-" + op + ") form")
		if form.Get("tell") != "1" {
			t.Errorf("%s: nobody would be told", op)
		}
		change(form)
		form.Set("op", op)
		return form.Get("notice"), boss.Post(at, form)
	}
	shown := func(l i18n.Locale) string {
		t.Helper()
		live, err := p.Content.LiveByID(ctx, l, id)
		if err != nil {
			t.Fatal(err)
		}
		page := p.Visitor().Get("/" + string(l) + "/" + live.Path)
		return page.Find(".hero .notice").Text() + "|" + page.Find(".hero .time").Text() + "|" + page.Find(".hero").Text()
	}

	// Late: what is wrong is told beside the field, and the same press twice makes one notice.
	if _, page := tell("late", func(f url.Values) { f.Set("minutes", "soon") }); page.Status != http.StatusUnprocessableEntity || page.Find("#minutes[aria-invalid]").AttrOr("value", "") != "soon" {
		t.Errorf("%d %s", page.Status, page.Find("main").Text())
	}
	form := boss.Get(at).Form("section:has(#s-late) form")
	form.Set("minutes", "٢٥")
	form.Set("op", "late")
	late := form.Get("notice")
	boss.Post(at, form)
	if page := boss.Post(at, form); page.Status != http.StatusOK || page.Find("section:has(#s-shown) li").Length() != 1 {
		t.Errorf("pressed twice: %d, %s", page.Status, page.Find("main").Text())
	}
	was, will := i18n.Clock(i18n.EN, start), i18n.Clock(i18n.EN, start.Add(25*time.Minute))
	if got := shown(i18n.EN); !strings.Contains(got, "at "+will+" instead of "+was) || !strings.Contains(strings.Split(got, "|")[1], will) || strings.Contains(got, "Rescheduled") {
		t.Error(got)
	}
	if got := shown(i18n.RU); !strings.Contains(got, "Начало позже") {
		t.Error(got)
	}
	got := letters(late)
	if len(got) != 3 || !strings.Contains(got["ar@example.org"], "تأخر الموعد") || !strings.Contains(got["en@example.org"], "Change today") || !strings.Contains(got["en@example.org"], will+" instead of "+was) {
		t.Errorf("told: %v", got)
	}

	// The link is nobody's but theirs.
	link, page := tell("link", func(f url.Values) { f.Set("url", "https://meet.example.org/canarynew") })
	if page.Status != http.StatusOK || strings.Contains(page.Body, "canarynew") {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	if _, page := tell("link", func(f url.Values) { f.Set("url", "javascript:alert(1)") }); page.Status != http.StatusUnprocessableEntity || page.Find("#url[aria-invalid]").Length() != 1 {
		t.Errorf("no link: %d", page.Status)
	}
	got = letters(link)
	if len(got) != 3 || strings.Contains(got["en@example.org"]+shown(i18n.EN), "canary") || !strings.Contains(shown(i18n.EN), "link to join online has changed") {
		t.Errorf("told: %v", got)
	}
	e, err := p.Content.Get(ctx, apptest.System, id)
	if err != nil || e.Value.(*kind.Event).Join.URL != "https://meet.example.org/canarynew" {
		t.Error("the link is the old one", err)
	}

	// Another room stands in the facts, too; somebody else's change in between is not run over.
	stale := boss.Get(at).Form("section:has(#s-room) form")
	room, page := tell("room", func(f url.Values) { f.Set("room", "Room <4>") })
	if page.Status != http.StatusOK || !strings.Contains(shown(i18n.AR), "Room <4>") || strings.Contains(shown(i18n.EN), "Room 1") || len(letters(room)) != 3 {
		t.Errorf("%d %s %v", page.Status, shown(i18n.AR), letters(room))
	}
	stale.Set("room", "Room 5")
	stale.Set("op", "room")
	if page := boss.Post(at, stale); page.Status != http.StatusConflict || page.Find("#room").AttrOr("value", "") != "Room 5" {
		t.Errorf("an old page: %d", page.Status)
	}

	// Without letters, if the box is empty; they can still be sent from the messages, to as many.
	quiet, _ := tell("interpretation", func(f url.Values) { f.Set("into", "fr"); f.Del("tell") })
	if len(letters(quiet)) != 0 || !strings.Contains(shown(i18n.EN), "No interpretation today into: French") {
		t.Error(shown(i18n.EN))
	}
	boss.Post("/admin/events/"+id+"/messages/"+quiet, url.Values{"op": {"send"}})
	if n := len(letters(quiet)); n != 3 {
		t.Errorf("%d told later", n)
	}
	if page := boss.Get("/admin/events/" + id + "/messages"); strings.Count(page.Find("#log").Parent().Text(), "Change on the day: ") != 4 {
		t.Error(page.Find("#log").Parent().Text())
	}

	// It is taken back as it was made; and who may not publish can tell nobody.
	undo := boss.Get("/admin/events/" + id + "/undo").Form("#change")
	undo.Set("op", "do")
	boss.Post("/admin/events/"+id+"/undo", undo)
	if got := shown(i18n.EN); strings.Contains(got, "No interpretation") || !strings.Contains(got, "Room <4>") {
		t.Error(got)
	}
	author := p.SignIn("author@example.org", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite})
	if page := author.Post(at, stale); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound && page.Status != http.StatusConflict {
		t.Errorf("somebody who may not publish: %d", page.Status)
	}
}
