package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// sharedEvent is an event of the office with a session and a speaker of its own, on which an organisation works.
func sharedEvent(t *testing.T, p *apptest.Plenary, joint string) (event, organisation, person string) {
	t.Helper()
	organisation = save(t, p, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Delta Network")})
	person = save(t, p, content.Change{Kind: kind.PersonKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Amina Office")})
	set := words(i18n.EN, "title", "Opening the register")
	facts := content.Leaves{}
	facts.Set("sessions", []string{"s1"})
	facts.Set("people", []string{"p1"})
	facts.Set("people.p1.person", person)
	facts.Set("people.p1.role", "chair")
	facts.Set("organizations", []string{"o1"})
	facts.Set("organizations.o1.organization", organisation)
	facts.Set("organizations.o1.role", "co_organizer")
	if joint != "" {
		facts.Set("organizations.o1.joint", joint)
	}
	set[content.Part(i18n.EN)].SetText("sessions.s1.title", content.Text{Words: "Morning session"})
	set[content.Facts] = facts
	return save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: set}), organisation, person
}

// paperForm is a form with a document's file.
func paperForm(t *testing.T, at, slot, title, name, text string) apptest.Request {
	t.Helper()
	var body bytes.Buffer
	mw := multipart.NewWriter(&body)
	for field, value := range map[string]string{"title": title, "slot": slot, "language": "fr"} {
		mw.WriteField(field, value)
	}
	w, err := mw.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(text))
	mw.Close()
	return apptest.Request{Path: at, Body: &body, Type: mw.FormDataContentType()}
}

// TestPartnersBringTheirOwn into an event that is not theirs, by either way they come to it, and touch nothing else of it.
func TestPartnersBringTheirOwn(t *testing.T) {
	p := apptest.Start(t)
	event, organisation, person := sharedEvent(t, p, kind.JointWorks)
	other := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Another canary")})
	at := "/admin/events/" + event
	now := func() *content.Entry {
		t.Helper()
		e, err := p.Content.Get(ctx, apptest.System, event)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	list := func(path string) []string {
		ids, err := content.ItemIDs(now().Parts[content.Facts][path])
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	guest := p.SignIn("guest@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: event, Locale: i18n.FR})
	homeless := p.SignIn("homeless@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: event})
	accounts, _, err := p.Auth.List(ctx, apptest.System, auth.AccountFilter{}, auth.Paging{Size: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Email == "guest@example.org" {
			a.Organization = organisation
			if err := p.Auth.Update(ctx, apptest.System, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	people := map[string]*apptest.Browser{
		"a guest of the event":      guest,
		"an organizer's own people": p.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: organisation}),
	}
	var partners []string
	for who := range people {
		partners = append(partners, who)
	}
	slices.Sort(partners)
	for _, who := range partners {
		b := people[who]
		page := b.Get(at)
		if page.Status != http.StatusOK || page.Find("#part a").AttrOr("href", "") != at+"/part" {
			t.Fatalf("%s: %d, the way to her part %q", who, page.Status, page.Find("#part").Text())
		}
		if !strings.Contains(b.Get("/admin/events").Text(), "Opening the register") {
			t.Errorf("%s: the event is not in her list", who)
		}
		before := now()
		speaker := url.Values{"op": {"speaker"}, "name": {""}, "position": {"Directrice"}, "role": {"keynote"}, "where": {"s1"}, "lang": {"fr"}}
		if page = b.Post(at+"/part", speaker); page.Status != http.StatusUnprocessableEntity || page.Find("#name-err").Length() != 1 || page.Find("#position").AttrOr("value", "") != "Directrice" || page.Find("#role option[selected]").AttrOr("value", "") != "keynote" {
			t.Errorf("%s, no name: %d", who, page.Status)
		}
		speaker.Set("name", "Léa "+who)
		if page = b.Post(at+"/part", speaker); page.Status != http.StatusOK || !strings.Contains(page.Find("#speakers").Parent().Text(), "Léa "+who) || !strings.Contains(page.Text(), "Morning session") {
			t.Fatalf("%s: %d %s", who, page.Status, page.Find("main").Text())
		}
		added := list("sessions.s1.people")
		item := "sessions.s1.people." + added[len(added)-1]
		e := now()
		if e.Parts["fr"].Text(item+".title").Words != "Directrice" || !strings.Contains(string(e.Parts[content.Facts][item+".organization"]), organisation) {
			t.Errorf("%s: the speaker is stored as %s", who, e.Parts["fr"])
		}
		if page = b.Send(paperForm(t, at+"/part/document", "presentation", "Mon exposé", "exposé.txt", "Bonjour.")); page.Status != http.StatusOK || !strings.Contains(page.Find("#papers").Parent().Text(), "Mon exposé") {
			t.Fatalf("%s, a document: %d %s", who, page.Status, page.Find("main").Text())
		}
		if page = b.Send(paperForm(t, at+"/part/document", "presentation", strings.Repeat("x", 300), "exposé.txt", "Bonjour.")); page.Status != http.StatusUnprocessableEntity || page.Find("#title-err").Length() != 1 {
			t.Errorf("%s, a long title: %d", who, page.Status)
		}

		// All else is as it was, and forms made by hand change nothing of it.
		e = now()
		for path, raw := range before.Parts[content.Facts] {
			if path != "sessions.s1.people" && path != "documents" && string(e.Parts[content.Facts][path]) != string(raw) {
				t.Errorf("%s changed %s", who, path)
			}
		}
		version := fmt.Sprint(now().Versions)
		full := url.Values{"op": {"save"}, "people": {"", "p1"}, "people.p1.role": {"speaker"}, "sessions": {"", "s1"}, "sessions.s1.tbd": {"1"}}
		for what, form := range map[string]url.Values{"another's speaker": full, "the office's list": {"op": {"take people p1"}}, "the date": {"op": {"save"}, "when:start_date": {"1 July 2031"}},
			"an item of the programme": {"op": {"take sessions s1"}}, "an organizer": {"op": {"take organizations o1"}},
			"another's speaker, brought": {"op": {"bring"}, "list": {"people"}, "item": {"p1"}, "leaves": {`{"role":"speaker"}`}}, "a foreign field": {"op": {"bring"}, "list": {"organizations"}, "item": {"o1"}, "leaves": {`{"joint":""}`}},
			"somebody who is not hers": {"op": {"speaker"}, "person": {person}, "role": {"chair"}, "lang": {"fr"}}} {
			to := at + "/part"
			if form.Get("op") == "save" {
				to = at
			}
			page := b.Send(apptest.Request{Path: to, Form: form, Stay: true})
			if page.Status < 400 || fmt.Sprint(now().Versions) != version {
				t.Errorf("%s: %s: %d, versions %v, were %s", who, what, page.Status, now().Versions, version)
			}
		}
		// What is hers she takes out, and brings back.
		page = b.Get(at + "/part")
		mine := added[len(added)-1]
		take := page.Find("button[value='take sessions.s1.people "+mine+"']").AttrOr("value", "")
		page = b.Post(at+"/part", url.Values{"op": {take}})
		undo := page.Form(".notice form")
		if slices.Contains(list("sessions.s1.people"), mine) || undo.Get("op") != "bring" {
			t.Fatalf("%s: taken out: %d %v", who, page.Status, undo)
		}
		b.Post(at+"/part", undo)
		if !slices.Contains(list("sessions.s1.people"), mine) || now().Parts["fr"].Text(item+".title").Words != "Directrice" {
			t.Errorf("%s: it did not come back", who)
		}
	}
	// Neither touches what the other brought, foreign looks like missing, and without an organisation nothing is made.
	page := guest.Get(at + "/part")
	if n := page.Find("button[value^=take]").Length(); n != 2 {
		t.Errorf("a guest has %d things in the event", n)
	}
	ids := list("sessions.s1.people")
	version := fmt.Sprint(now().Versions)
	for _, id := range ids {
		if page.Find("button[value$=' "+id+"']").Length() == 0 {
			if got := guest.Send(apptest.Request{Path: at + "/part", Form: url.Values{"op": {"take sessions.s1.people " + id}}, Stay: true}); got.Status != http.StatusForbidden || fmt.Sprint(now().Versions) != version {
				t.Errorf("another partner's speaker: %d", got.Status)
			}
		}
	}
	for _, b := range people {
		foreign, missing := b.Get("/admin/events/"+other+"/part"), b.Get("/admin/events/zzzzzzzzzzzz/part")
		if foreign.Status != http.StatusNotFound || strings.ReplaceAll(foreign.Body, other, "ID") != strings.ReplaceAll(missing.Body, "zzzzzzzzzzzz", "ID") {
			t.Errorf("another event: %d", foreign.Status)
		}
	}
	if page := homeless.Get(at + "/part"); page.Status != http.StatusOK || page.Find("form[action$='/part'] #name").Length() != 0 {
		t.Errorf("without an organisation: %d", page.Status)
	}
	if page := homeless.Send(apptest.Request{Path: at + "/part", Form: url.Values{"op": {"speaker"}, "name": {"X"}, "role": {"speaker"}, "lang": {"fr"}}, Stay: true}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("without an organisation, a speaker: %d", page.Status)
	}
	// Who is no longer asked to work on it has lost it at the next request.
	none := content.Leaves{"organizations.o1.joint": nil}
	save(t, p, content.Change{ID: event, Set: content.Parts{content.Facts: none}})
	if page := people["an organizer's own people"].Get(at); page.Status != http.StatusNotFound {
		t.Errorf("no longer asked: %d", page.Status)
	}
}

// TestJointSignOff: each organization signs off exactly what it saw, a later edit reopens only the part that changed, and publishing waits
// where the event says so.
func TestJointSignOff(t *testing.T) {
	p := apptest.Start(t)
	event, organisation, _ := sharedEvent(t, p, kind.JointRequired)
	save(t, p, content.Change{ID: event, Set: words(i18n.FR, "title", "Ouverture du registre")})
	at := "/admin/events/" + event
	head := p.SignIn("head@example.org", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeOrganisation, ScopeID: organisation})
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	sign := func(b *apptest.Browser, l, op, note string) *apptest.Page {
		t.Helper()
		form := b.Get(at + "/joint?lang=" + l).Form("form:has(button[value^='" + strings.Fields(op)[0] + "'])")
		form.Set("op", op)
		form.Set("note", note)
		return b.Post(at+"/joint?lang="+l, form)
	}
	missing := func(l string) string {
		t.Helper()
		return strings.Join(strings.Fields(editor.Get(at+"?lang="+l).Find("#joint").Text()), " ")
	}
	publishable := func(parts ...content.Part) string {
		t.Helper()
		change := content.PublishChange{ID: event}
		for _, part := range parts {
			if part == content.Facts {
				change.Facts = true
			} else {
				change.Locales = append(change.Locales, part.Locale())
			}
		}
		var out []string
		who := actorOf(t, p, "editor@example.org")
		var invalid *content.Invalid
		if errors.As(p.Content.Publish(ctx, who, change), &invalid) {
			for _, x := range invalid.Problems {
				if x.Path == "joint" {
					out = append(out, string(x.Locale)+":"+x.Key)
				}
			}
		}
		return strings.Join(out, " ")
	}
	if got := missing("en"); !strings.Contains(got, "Delta Network") || !strings.Contains(got, "Not signed off") {
		t.Errorf("the panel says %q", got)
	}
	if got := publishable(content.Facts, "en"); got != ":problem.not_signed en:problem.not_signed" {
		t.Errorf("nothing is signed, and publishing is refused by %q", got)
	}
	// Who asks, and who may sign: an editor of the site speaks for no organization.
	if page := sign(editor, "en", "ask", ""); page.Status != http.StatusOK || page.Find(".notice.success").Length() != 1 {
		t.Errorf("asking: %d", page.Status)
	}
	if text := head.Get("/admin").Text(); !strings.Contains(text, "To sign off: English") {
		t.Error("the head's dashboard does not say that it waits")
	}
	page := editor.Send(apptest.Request{Path: at + "/joint?lang=en", Form: url.Values{"op": {"agree " + organisation}}, Stay: true})
	if page.Status != http.StatusForbidden {
		t.Errorf("an editor signs: %d", page.Status)
	}
	for _, op := range []string{"agree zzzzzzzzzzzz", "agree", "ask"} {
		if page := head.Send(apptest.Request{Path: at + "/joint?lang=en", Form: url.Values{"op": {op}}, Stay: true}); page.Status != http.StatusForbidden {
			t.Errorf("the head, %s: %d", op, page.Status)
		}
	}
	if page = sign(head, "en", "object "+organisation, ""); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("an objection without a word: %d", page.Status)
	}
	// What was seen is what is signed: an edit in between is shown, and nothing is signed.
	stale := head.Get(at + "/joint?lang=en").Form("form:has(button[value^=agree])")
	save(t, p, content.Change{ID: event, Set: words(i18n.EN, "summary", "A day of papers.")})
	stale.Set("op", "agree "+organisation)
	if page = head.Post(at+"/joint?lang=en", stale); page.Status != http.StatusConflict || !strings.Contains(page.Text(), "A day of papers.") {
		t.Errorf("a stale page: %d", page.Status)
	}
	if page = sign(head, "en", "agree "+organisation, "Well done."); page.Status != http.StatusOK || page.Find(".notice.success").Length() != 1 {
		t.Fatalf("signing: %d %s", page.Status, page.Find("main").Text())
	}
	if page = sign(head, "fr", "agree "+organisation, ""); page.Status != http.StatusOK {
		t.Fatalf("signing French: %d", page.Status)
	}
	if got := publishable(content.Facts, "en", "fr"); got != "" {
		t.Errorf("all is signed, and publishing is refused by %q", got)
	}
	if page = head.Send(apptest.Request{Path: at + "/joint?lang=fr", Form: url.Values{"op": {"agree " + organisation}}, Stay: true}); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("signed twice: %d", page.Status)
	}
	// A change of French words reopens French alone, and shows that difference alone.
	save(t, p, content.Change{ID: event, Set: words(i18n.FR, "title", "Ouverture des registres")})
	if got := publishable(content.Facts, "en", "fr"); got != "fr:problem.not_signed" {
		t.Errorf("French has changed, and publishing is refused by %q", got)
	}
	page = head.Get(at + "/joint?lang=fr")
	if n := page.Find(".diffs .diff").Length(); n != 1 || !strings.Contains(page.Find(".diffs").Text(), "registre") || page.Find(".tag.warn").Length() != 1 {
		t.Errorf("%d differences: %s", n, page.Find(".diffs").Text())
	}
	if page = head.Get(at + "/joint?lang=en"); page.Find("button[value^=agree]").Length() != 0 || page.Find(".tag.ok").Length() != 1 {
		t.Error("English is to be signed again")
	}
	// Taking the change back closes it, what only staff see reopens nothing, and a change of the facts reopens them in every language.
	save(t, p, content.Change{ID: event, Set: words(i18n.FR, "title", "Ouverture du registre")})
	note := content.Leaves{}
	note.Set("staff_note", "Ring them.")
	save(t, p, content.Change{ID: event, Set: content.Parts{content.Facts: note}})
	if got := publishable(content.Facts, "en", "fr"); got != "" {
		t.Errorf("taken back, and refused by %q", got)
	}
	facts := content.Leaves{}
	facts.Set("scope", "global")
	save(t, p, content.Change{ID: event, Set: content.Parts{content.Facts: facts}})
	if got := publishable(content.Facts, "en", "fr"); got != ":problem.not_signed" {
		t.Errorf("the facts have changed, and publishing is refused by %q", got)
	}
	if got := missing("fr"); !strings.Contains(got, "the facts have changed since") {
		t.Errorf("the panel says %q", got)
	}
	// An objection takes what was signed back, until it is signed.
	sign(head, "fr", "object "+organisation, "The title is not ours.")
	if got := publishable("fr"); got != ":problem.not_signed fr:problem.not_signed" {
		t.Errorf("objected to, and refused by %q", got)
	}
	if page = editor.Get(at + "/joint?lang=fr"); !strings.Contains(page.Text(), "The title is not ours.") || page.Find(".tag.bad").Length() != 1 {
		t.Error("the editor does not see the objection")
	}
	if page = sign(head, "fr", "agree "+organisation, ""); page.Status != http.StatusOK || publishable(content.Facts, "en", "fr") != "" {
		t.Errorf("signed at last: %d, refused by %q", page.Status, publishable(content.Facts, "en", "fr"))
	}
	// Where publishing does not wait for it, it is shown and refuses nothing; of whom nobody asks anything, nothing is shown.
	save(t, p, content.Change{ID: event, Set: words(i18n.EN, "title", "Opening the registers")})
	for _, joint := range []string{kind.JointSigns, kind.JointWorks} {
		want := joint == kind.JointSigns
		facts := content.Leaves{}
		facts.Set("organizations.o1.joint", joint)
		save(t, p, content.Change{ID: event, Set: content.Parts{content.Facts: facts}})
		if got := publishable(content.Facts, "en"); got != "" || (missing("en") != "") != want {
			t.Errorf("%s: refused by %q, the panel says %q", joint, got, missing("en"))
		}
	}
	if page := head.Send(apptest.Request{Path: at + "/joint?lang=en", Form: url.Values{"op": {"agree " + organisation}}, Stay: true}); page.Status != http.StatusForbidden {
		t.Errorf("nobody asks, and it is signed: %d", page.Status)
	}
}

// actorOf is who signs in by an address, with the rights of this moment.
func actorOf(t *testing.T, p *apptest.Plenary, mail string) *auth.Actor {
	t.Helper()
	accounts, _, err := p.Auth.List(ctx, apptest.System, auth.AccountFilter{}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Email == mail {
			who, err := p.Auth.ActorOf(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			return who
		}
	}
	t.Fatal("no account", mail)
	return nil
}

// An organisation that is only named on an event has no part in it.
func TestNamedIsNotAsked(t *testing.T) {
	p := apptest.Start(t)
	event, organisation, _ := sharedEvent(t, p, "")
	partner := p.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: organisation})
	for _, below := range []string{"", "/part", "/joint", "/history", "?lang=fr"} {
		if page := partner.Get("/admin/events/" + event + below); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", below, page.Status)
		}
	}
	if strings.Contains(partner.Get("/admin/events").Text(), "Opening the register") {
		t.Error("the list shows it")
	}
}
