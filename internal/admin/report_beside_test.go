package admin_test

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// What the registrations tell and what was answered flows into the draft of the report, and into the event's figures at a press;
// nothing that few people could be known by, and no question that has no answer.
func TestReportOfWhoTookPart(t *testing.T) {
	h := open(t)
	org := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "un_entity"})
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Registers forum"), Summary: content.L("en", "About registers."), Kind: "forum", Scope: "global", Mode: "online", Status: "scheduled", Access: "registration",
		When: content.When{Start: "2021-10-14T09:00", End: "2021-10-14T17:00", Zone: "Europe/Paris", Precision: "time"}, WorkingLanguages: []string{"en"}, FocalPoint: "somebody",
		Organizations: []kind.OrganizationRole{{Organization: content.Ref(org), Role: "organizer"}}, Contacts: []kind.Contact{{Mailbox: "office@example.org"}},
		Venues:       []kind.Venue{{Type: "online", Name: content.L("en", "Zoom")}},
		Registration: kind.Registration{Online: true},
		Discussion:   kind.Discussion{Online: true, Topics: []discussion.Topic{{Item: content.Item{ID: "t1"}, Title: content.L("en", "Trust")}}}})
	h.publish(org, i18n.EN)
	h.publish(id, i18n.EN)
	edit := "/admin/events/" + id
	if p := h.editor.Get(edit); p.Find(`button[value="numbers statistics"]`).Length() != 0 {
		t.Error("numbers of nobody are offered")
	}
	for i := range 14 {
		country := "KE"
		if i >= 8 {
			country = []string{"FR", "FR", "FR", "FR", "FR", "TO"}[i-8]
		}
		if _, err := h.Registration.WalkIn(ctx, apptest.System, id, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {fmt.Sprint("Person ", i)}, "country": {country}, "organization": {"Centre"}}}); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(values ...string) string {
		t.Helper()
		v := map[string][]string{}
		for i := 0; i < len(values); i += 2 {
			v[values[i]] = []string{values[i+1]}
		}
		q, err := h.Discussion.SaveQuestion(ctx, apptest.System, id, "", v)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	ask("text", "Who <may> read?", "state", "answered_later", "topic", "t1", "source", "day", "language", "en", "name", "Ada", "answer.en", "Everybody.\n\nAt any time.")
	ask("text", "Is it dear?", "state", "asked", "source", "day", "language", "en")
	ask("text", "Combien ?", "state", "answered_live", "source", "floor", "language", "fr")

	page := h.editor.Get(edit + "/report")
	form := page.Form(`form[action$="/report"]`)
	if strings.Join(form["part"], " ") != "figures event participation answers" {
		t.Errorf("offered: %q", form["part"])
	}
	page = h.editor.Post(edit+"/report", form)
	if page.Status != http.StatusOK || !strings.HasPrefix(page.Path, "/admin/reports/") {
		t.Fatalf("%d at %s", page.Status, page.Path)
	}
	r := h.entry(path.Base(page.Path)).Value.(*kind.Report)
	body := r.Body.In("en")
	if r.Statistics.Attended != 14 || r.Statistics.Registered != 14 {
		t.Errorf("figures: %+v", r.Statistics)
	}
	for _, want := range []string{"14 people registered.", "14 people took part.", "<h3>Trust</h3>", "<strong>Who &lt;may&gt; read?</strong> – ", "<p>Everybody.</p><p>At any time.</p>", `<span lang="fr" dir="ltr">Combien ?</span>`, "Answered at the event.", "Numbers below 5"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	for _, never := range []string{"Is it dear", "Tonga", "Person 1", "France"} { // one of the two who are told would tell the third
		if strings.Contains(body, never) {
			t.Errorf("%q is told:\n%s", never, body)
		}
	}

	// The figures of the event.
	page = h.editor.Get(edit)
	entry := page.Form("form#form")
	entry.Set("op", "numbers statistics")
	page = h.editor.Post(edit, entry)
	if page.Find("[name='statistics.attended']").AttrOr("value", "") != "14" || page.Find("[name='statistics.registered']").AttrOr("value", "") != "14" {
		t.Errorf("%d: not taken over: %s", page.Status, page.Find("#statistics").Text())
	}
	if h.entry(id).Value.(*kind.Event).Statistics.Attended != 0 {
		t.Error("it is stored before anybody saves")
	}
	entry = page.Form("form#form")
	entry.Set("op", "save")
	if h.editor.Post(edit, entry); h.entry(id).Value.(*kind.Event).Statistics.Attended != 14 {
		t.Error("not stored")
	}
	for _, op := range []string{"numbers title", "numbers commitments", "numbers"} {
		if p := h.editor.Post(edit, with(page.Form("form#form"), "op", op)); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", op, p.Status)
		}
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	if p := reader.Get(edit); p.Find(`button[value="numbers statistics"]`).Length() != 0 {
		t.Error("who may change no facts is offered them")
	}
}
