package admin_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// An event that is over becomes the draft of its report, in its languages, once and with what was chosen.
func TestDraftReport(t *testing.T) {
	h := open(t)
	past := &kind.Event{Title: content.L("en", "Registers forum", "fr", "Forum des registres"), Kind: "forum", Mode: "online", Status: "scheduled",
		When:           content.When{Start: "2021-10-14T09:00", End: "2021-10-14T17:00", Zone: "Europe/Paris", Precision: "time"},
		OutcomeSummary: content.P("en", "<p>Agreed.</p>"), Statistics: kind.Statistics{Attended: 120, Countries: 7},
		Blocks: []kind.Block{{Item: content.Item{ID: "b1"}, Kind: "key_questions", Groups: []kind.PointGroup{{Item: content.Item{ID: "g1"},
			Points: []kind.Point{{Item: content.Item{ID: "q1"}, Text: content.L("en", "Who may read?", "fr", "Qui peut lire ?")}}}}}}}
	id := h.make(kind.EventKind, past)
	ahead := *past
	ahead.When = content.When{Start: "2091-10-14T09:00", End: "2091-10-14T17:00", Zone: "Europe/Paris", Precision: "time"}
	later := h.make(kind.EventKind, &ahead)

	edit := "/admin/events/" + id
	if h.editor.Get(edit).Find(`a[href="`+edit+`/report"]`).Length() != 1 {
		t.Fatal("the event's page does not lead to the draft")
	}
	if h.editor.Get("/admin/events/"+later).Find(`a[href$="/report"]`).Length() != 0 {
		t.Error("an event that has not begun offers a report")
	}
	if p := h.editor.Get("/admin/events/" + later + "/report"); p.Status != http.StatusNotFound {
		t.Errorf("a report of what has not begun: %d", p.Status)
	}
	page := h.editor.Get(edit + "/report")
	form := page.Form(`form[action$="/report"]`)
	if strings.Join(form["part"], " ") != "summary figures event questions" {
		t.Errorf("offered: %q", form["part"])
	}
	if !strings.Contains(page.Find("#parts-help").Text(), "French") {
		t.Errorf("the languages are not told: %s", page.Find("#parts-help").Text())
	}
	if p := h.editor.Post(edit+"/report", url.Values{"part": {"nonsense"}, "office": form["office"]}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a part that there is not: %d", p.Status)
	}
	form["part"] = []string{"figures", "event", "questions"}
	page = h.editor.Post(edit+"/report", form)
	if page.Status != http.StatusOK || !strings.HasPrefix(page.Path, "/admin/reports/") {
		t.Fatalf("%d at %s", page.Status, page.Path)
	}
	e := h.entry(path.Base(page.Path))
	r := e.Value.(*kind.Report)
	if string(r.Event) != id || r.Stage != "draft" || r.Statistics.Attended != 120 || len(r.Executive) != 0 || e.Path != "" {
		t.Errorf("%+v", r)
	}
	for l, want := range map[i18n.Locale][]string{i18n.EN: {"Registers forum was held online on 14 October 2021.", "120 people took part.", "Who may read?"},
		i18n.FR: {"Forum des registres", "14 octobre 2021", "Qui peut lire ?"}} {
		for _, w := range want {
			if !strings.Contains(r.Body.In(l), w) {
				t.Errorf("%s lacks %q: %s", l, w, r.Body.In(l))
			}
		}
	}
	if strings.Contains(h.editor.Get("/admin/reports/"+e.ID+"?lang=fr").Find("main").Text(), "out of date") {
		t.Error("a text written at the same time is called out of date")
	}
	if h.editor.Get(edit+"/report").Find(`.notice a[href="/admin/reports/`+e.ID+`"]`).Length() != 1 {
		t.Error("the second time, nothing tells of the first report")
	}
	// Who may make no reports makes none.
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeEvent, ScopeID: id})
	if p := partner.Post(edit+"/report", form); p.Status != http.StatusForbidden && p.Status != http.StatusNotFound {
		t.Errorf("a partner drafts a report: %d", p.Status)
	}
	if partner.Get(edit).Find(`a[href$="/report"]`).Length() != 0 {
		t.Error("a partner is offered what is refused")
	}
}

// How to join is for those who see to the event: who only reads it, or translates it, does not find it in the panel.
func TestHowToJoinInThePanel(t *testing.T) {
	h := open(t)
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Registers forum"), Mode: "online", Join: kind.Join{URL: "https://meet.example.org/seKret77", Passcode: "paSS4711"}})
	edit := "/admin/events/" + id
	secrets := func(b *apptest.Browser) int {
		n := 0
		for _, path := range []string{edit, edit + "?lang=fr", edit + "/history", edit + "/history/facts/1"} {
			html, err := b.Get(path).Html()
			if err != nil {
				t.Fatal(err)
			}
			n += strings.Count(html, "seKret77") + strings.Count(html, "paSS4711")
		}
		return n
	}
	if secrets(h.editor) == 0 {
		t.Fatal("the editor does not find it either")
	}
	for _, role := range []auth.Role{auth.Translator, auth.Observer} {
		if n := secrets(h.SignIn(string(role)+"@example.org", auth.Grant{Role: role, Scope: auth.ScopeSite, Locale: i18n.FR})); n != 0 {
			t.Errorf("a %s finds it %d times", role, n)
		}
	}
}
