package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
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

	"github.com/PuerkitoBio/goquery"
)

// TestAnOutsiderIsInvited to one event, in French, until a day: by letter, and to nothing else; she suggests what she may not change, and an
// editor accepts one thing and declines another.
func TestAnOutsiderIsInvited(t *testing.T) {
	post := apptest.StartPost(t)
	p := apptest.Start(t, func(cfg *app.Config) { cfg.Mail, cfg.MailFrom = post.Mail(), "office@example.org" })
	letters := func(n int) []apptest.Letter {
		t.Helper()
		p.Mail.Wake()
		for end := time.Now().Add(20 * time.Second); len(post.Letters()) < n && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		}
		return post.Letters()
	}
	set := words(i18n.EN, "title", "Opening the register")
	facts := content.Leaves{}
	facts.Set("when", content.When{Start: "2031-10-25T09:00", End: "2031-10-25T11:00", Zone: "Africa/Nairobi", Precision: "time"})
	facts.Set("join.url", "https://meet.example.org/canary-of-the-door")
	set[content.Facts] = facts
	event := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set})
	other := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Another canary")})
	admin := p.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	at := "/admin/events/" + event

	// The invitation begins where one looks who may touch the event.
	page := admin.Get(at + "/rights")
	if page.Find("#people").Length() != 1 || !strings.Contains(page.Find("main").Text(), "Administrator · Whole site") {
		t.Errorf("who may touch it: %s", page.Find("main").Text())
	}
	form := admin.Get(page.Find("a[href*='invite=1']").AttrOr("href", "")).Form("#new form")
	if form.Get("scope") != "event" || form.Get("scope_id") != event {
		t.Errorf("the form is for %s %s", form.Get("scope"), form.Get("scope_id"))
	}
	form.Set("email", "no address")
	form.Set("until", "24 October 2131")
	form.Set("locale", "fr")
	form.Set("role", "partner_editor")
	if page = admin.Post("/admin/rights", form); page.Status != http.StatusUnprocessableEntity || page.Find("#email-err").Length() != 1 || page.Form("#new form").Get("until") != "24 October 2131" {
		t.Errorf("a wrong address: %d", page.Status)
	}
	form.Set("email", "léa@example.org")
	form.Set("email", "lea@example.org")
	form.Set("mail_locale", "fr")
	if page = admin.Post("/admin/rights", form); page.Path != "/admin/rights" || !strings.Contains(page.Find("#open").Parent().Parent().Text(), "lea@example.org") || page.Find("#link").Length() != 0 {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	sent := letters(1)
	if len(sent) != 1 || sent[0].To != "lea@example.org" || sent[0].Language != "fr" {
		t.Fatalf("%+v", sent)
	}
	link := regexp.MustCompile(`/admin/invitation\?token=[\w-]{43}&lang=fr`).FindString(sent[0].Text)
	lea := p.Visitor()
	for range 2 { // and so may programs that read mail
		if page = lea.Get(link); page.Status != http.StatusOK || page.Header.Get("Referrer-Policy") != "no-referrer" || page.Find("html").AttrOr("lang", "") != "fr" || !strings.Contains(page.Text(), "Opening the register") {
			t.Fatalf("%d %s", page.Status, page.Text())
		}
	}
	accept := page.Form("form")
	accept.Set("name", "Léa Dubois")
	accept.Set("password", "court")
	if page = lea.Post("/admin/invitation", accept); page.Status != http.StatusUnprocessableEntity || page.Find("#password-err").Length() != 1 {
		t.Errorf("a short password: %d", page.Status)
	}
	accept.Set("password", "un long chemin vers la mer")
	if page = lea.Post("/admin/invitation", accept); page.Path != "/admin" || page.Find("html").AttrOr("lang", "") != "fr" {
		t.Fatalf("accepted: %d at %s", page.Status, page.Path)
	}
	if page = p.Visitor().Get(link); page.Status != http.StatusForbidden {
		t.Errorf("the link again: %d", page.Status)
	}

	// One event, and nothing else by any door.
	if page = lea.Get("/admin/events?q="); strings.Contains(page.Text(), "canary") || !strings.Contains(page.Text(), "Opening the register") {
		t.Errorf("her list: %s", page.Text())
	}
	for _, door := range []string{"", "/rights", "/suggest", "/suggestions", "/history", "/preview", "/translate/fr"} {
		foreign, missing := lea.Get("/admin/events/"+other+door), lea.Get("/admin/events/zzzzzzzzzzzz"+door)
		if foreign.Status != http.StatusNotFound || strings.ReplaceAll(foreign.Body, other, "ID") != strings.ReplaceAll(missing.Body, "zzzzzzzzzzzz", "ID") {
			t.Errorf("another event%s: %d", door, foreign.Status)
		}
	}
	for _, door := range []string{"/admin/users", "/admin/rights", "/admin/settings", "/admin/log", "/admin/outbox"} {
		page := lea.Get(door)
		why := page.Find("main a[href^='/admin/why?action=']").AttrOr("href", "")
		if page.Status != http.StatusForbidden || why == "" {
			t.Errorf("%s: %d, explained at %q", door, page.Status, why)
			continue
		}
		if page = lea.Get(why); page.Status != http.StatusOK || page.Find(".deflist .tag.ok").Length() != 0 || !strings.Contains(page.Find("#ask").Text(), "admin") {
			t.Errorf("%s: %s", why, page.Text())
		}
	}
	if page = lea.Get(at + "/rights"); page.Status != http.StatusOK || page.Find("#people").Length() != 0 {
		t.Errorf("what she may: %d, and she sees who else may", page.Status)
	}

	// She writes French, and suggests the rest.
	french := lea.Get(at + "?lang=fr").Form("form[data-entry]")
	french.Set("title@fr", "Ouverture du registre")
	french.Set("op", "save")
	if page = lea.Post(at+"?lang=fr", french); page.Status != http.StatusOK {
		t.Errorf("her French: %d", page.Status)
	}
	page = lea.Get(at)
	if page.Find("#suggested a[href*='/suggest?']").Length() != 1 || page.Find("#save").Length() != 0 {
		t.Error("the form offers no suggestion, or saving")
	}
	page = lea.Get(at + "/suggest?lang=en")
	if strings.Contains(page.Body, "canary-of-the-door") || page.Find("form[data-autosave]").Length() != 0 || page.Find("#form").AttrOr("action", "") != at+"/suggest?lang=en" {
		t.Error("the form to suggest shows how to join, or saves by itself")
	}
	form = page.Form("form[data-entry]")
	same := url.Values{}
	for k, v := range form {
		same[k] = v
	}
	same.Set("op", "save")
	if page = lea.Post(at+"/suggest?lang=en", same); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing is suggested: %d", page.Status)
	}
	form.Set("when:start_date", "27 October 2031")
	form.Set("when:end_date", "27 October 2031")
	form.Set("title@en", "Opening the registers")
	form.Set("summary@en", "A day of papers.")
	form.Set("why", "The minister is away.")
	form.Set("op", "save")
	before, err := p.Content.Get(ctx, apptest.System, event)
	if err != nil {
		t.Fatal(err)
	}
	page = lea.Post(at+"/suggest?lang=en", form)
	if page.Path != at+"/suggestions" || page.Find("main section.card").Length() != 3 || page.Find("button[value^=withdraw]").Length() != 3 || page.Find("button[value^=accept]").Length() != 0 {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	now := func() *content.Entry {
		t.Helper()
		e, err := p.Content.Get(ctx, apptest.System, event)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := now(); fmt.Sprint(e.Versions) != fmt.Sprint(before.Versions) {
		t.Errorf("a suggestion changed something: %v, was %v", e.Versions, before.Versions)
	}
	// Others see them only if they may decide.
	observer := p.SignIn("observer@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if page = observer.Get(at + "/suggestions"); page.Find("main section.card").Length() != 0 || strings.Contains(page.Text(), "minister") {
		t.Error("an observer sees suggestions")
	}
	page = editor.Get(at + "/suggestions")
	if page.Find("button[value^=accept]").Length() != 3 || !strings.Contains(page.Text(), "The minister is away.") || !strings.Contains(page.Text(), "27") {
		t.Fatal(page.Find("main").Text())
	}
	op := map[string]string{} // by what it is about
	page.Find("main section.card").Each(func(_ int, s *goquery.Selection) {
		_, id, _ := strings.Cut(s.Find("button[value^=accept]").AttrOr("value", ""), " ")
		for _, word := range []string{"Title", "Summary", "Date"} {
			if strings.Contains(s.Find("h2").Text(), word) {
				op[word] = id
			}
		}
	})
	if len(op) != 3 {
		t.Fatalf("%v %s", op, page.Find("h2").Text())
	}
	decide := func(b *apptest.Browser, op, answer string) *apptest.Page {
		return b.Post(at+"/suggestions", url.Values{"op": {op}, "answer": {answer}})
	}
	for who, b := range map[string]*apptest.Browser{"the partner": lea, "an observer": observer} {
		if page := decide(b, "accept "+op["Date"], ""); strings.Contains(page.Text(), "27 October") && now().Versions[content.Facts] != before.Versions[content.Facts] {
			t.Errorf("%s accepted", who)
		}
	}
	if now().Versions[content.Facts] != before.Versions[content.Facts] {
		t.Fatal("accepted by somebody who may not")
	}
	decide(editor, "accept "+op["Date"], "")
	if got := string(now().Parts[content.Facts]["when"]); !strings.Contains(got, "2031-10-27") || !strings.Contains(got, "09:00") {
		t.Errorf("accepted, it is %s", got)
	}
	decide(editor, "decline "+op["Summary"], "We have one.")
	if now().Parts["en"]["summary"] != nil {
		t.Error("declined, and there")
	}
	// The same was changed meanwhile: nothing is lost, and the suggestion waits.
	save(t, p, content.Change{ID: event, Set: words(i18n.EN, "title", "Opening of the register")})
	if page = decide(editor, "accept "+op["Title"], ""); page.Status != http.StatusConflict || page.Find(".notice.error").Length() != 1 || now().Title != "Opening of the register" {
		t.Errorf("a clash: %d, and the title is %q", page.Status, now().Title)
	}
	page = lea.Get(at + "/suggestions")
	if page.Find("button[value^=withdraw]").Length() != 1 || !strings.Contains(page.Text(), "We have one.") {
		t.Errorf("what became of them: %s", page.Find("main").Text())
	}
	decide(lea, "withdraw "+op["Title"], "")
	if page = editor.Get(at + "/suggestions"); page.Find("button[value^=accept]").Length() != 0 {
		t.Error("taken back, and still to be decided on")
	}
	told := 0
	for _, l := range letters(3)[1:] {
		if l.To == "lea@example.org" && l.Language == "fr" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("she was told %d times", told)
	}

	// Her part ends as it was said, and the administrator sees the panel as she does.
	page = admin.Get("/admin/rights?q=Dubois")
	see := page.Find("button[name=account]").AttrOr("value", "")
	if page = admin.Post("/admin/see", url.Values{"account": {see}}); page.Find(".seeing").Length() != 1 || !strings.Contains(page.Find(".me").Text(), "Léa Dubois") {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	if page = admin.Get("/admin/events/" + other); page.Status != http.StatusNotFound {
		t.Errorf("as the partner, another event: %d", page.Status)
	}
	if page = admin.Get("/admin/account"); page.Status != http.StatusForbidden {
		t.Errorf("as the partner, her account: %d", page.Status)
	}
	french.Set("title@fr", "Autre chose")
	if page = admin.Post(at+"?lang=fr", french); page.Status != http.StatusForbidden || now().Parts["fr"].Text("title").Words != "Ouverture du registre" {
		t.Errorf("as the partner, saving: %d", page.Status)
	}
	if page = admin.Post("/admin/see", url.Values{}); page.Path != "/admin/rights" || page.Find(".seeing").Length() != 0 {
		t.Errorf("ended: %d at %s", page.Status, page.Path)
	}
	take := page.Find("tbody tr").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "Dubois") }).Find("button[value^=take]").AttrOr("value", "")
	page = admin.Post("/admin/rights", url.Values{"op": {take}})
	undo := page.Form(".notice form")
	if got := lea.Get(at); got.Status != http.StatusForbidden {
		t.Errorf("taken away, at her next request: %d", got.Status)
	}
	if undo.Get("op") != "regrant" {
		t.Fatalf("the notice has no way back: %s", page.Find(".notice").Text())
	}
	admin.Post("/admin/rights", undo)
	if got := lea.Get(at); got.Status != http.StatusOK {
		t.Errorf("given back: %d", got.Status)
	}
}

// TestARightTakenAwayWithNoticesCut: on three instances, whose notices of each other are cut, nobody uses a right after it was taken away.
func TestARightTakenAwayWithNoticesCut(t *testing.T) {
	if os.Getenv("PLENARY_TEST_DATABASE") == "" {
		t.Skip("several instances need PostgreSQL; PLENARY_TEST_DATABASE names none")
	}
	a := apptest.Start(t)
	all := []*apptest.Plenary{a}
	for range 2 {
		all = append(all, apptest.Start(t, func(cfg *app.Config) { cfg.Database, cfg.Storage = a.Config.Database, a.Config.Storage }))
	}
	var cut atomic.Int64
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() { // whatever listens for notices is thrown out, again and again
		for {
			var n int64
			if err := a.DB.Read().NewRaw("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND pid <> pg_backend_pid()").Scan(ctx, &n); err == nil {
				cut.Add(n)
			}
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	event := save(t, a, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Right or wrong")})
	editor := a.SignIn("editor@example.org")
	account, err := a.Auth.ByEmail(ctx, apptest.System, "editor@example.org")
	if err != nil {
		t.Fatal(err)
	}
	used, refused := 0, 0
	for round := range 12 {
		giver, taker := all[round%3], all[(round+1)%3]
		g, err := giver.Auth.AddGrant(ctx, apptest.System, auth.Grant{AccountID: account.ID, Role: auth.Editor, Scope: auth.ScopeEvent, ScopeID: event})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if got := editor.At(p).Get("/admin/events/" + event); got.Status == http.StatusOK {
				used++
			}
		}
		if err := taker.Auth.RemoveGrant(ctx, apptest.System, g.ID); err != nil {
			t.Fatal(err)
		}
		for range 28 {
			for _, p := range all {
				if got := editor.At(p).Get("/admin/events/" + event); got.Status < 300 {
					t.Fatalf("round %d: the right was used after it was taken away", round)
				}
				refused++
			}
		}
	}
	if used != 36 || refused < 1000 {
		t.Errorf("used %d times, refused %d times", used, refused)
	}
	t.Logf("%d listening connections were cut", cut.Load())
}
