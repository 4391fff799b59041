package admin_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/conceptnote"
	"plenary/internal/content"
	"plenary/internal/kind"
)

// A concept note becomes a draft with what was taken, and with drafts of who is new; who is there is found by name. Before
// that nothing is written.
func TestConceptNote(t *testing.T) {
	h := open(t)
	file, err := os.ReadFile("../conceptnote/testdata/register-en.docx")
	if err != nil {
		t.Fatal(err)
	}
	there := h.make(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Mekong and Islands Development Forum"), Type: "igo"})
	for path, want := range map[string]int{"/admin/events": 1, "/admin/events/new": 1, "/admin/news/new": 0} {
		if n := h.editor.Get(path).Find(`a[href="/admin/events/note"]`).Length(); n != want {
			t.Errorf("%s leads to the screen by %d links, not %d", path, n, want)
		}
	}
	count := func() int {
		rows, _, err := h.Content.List(ctx, apptest.System, content.ListQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	before := count()
	page := h.editor.Upload("/admin/events/note", "file", "note.docx", file)
	if page.Status != http.StatusOK || count() != before {
		t.Fatalf("reading a note: %d, and %d entries instead of %d", page.Status, count(), before)
	}
	if n := page.Find(".note-lost li").Length(); n < 8 {
		t.Errorf("%d things are said to be lost", n)
	}
	if page.Find(".ln mark").Length() < 50 || page.Find(`.ln a[href="#part-when"]`).Length() != 1 {
		t.Error("the source is not marked")
	}
	form := page.Form("form.notepage")
	if form.Get("zone") != "America/New_York" || !strings.Contains(form.Encode(), there) {
		t.Errorf("zone %q; the organization that is there is not chosen", form.Get("zone"))
	}
	form.Set("title", "")
	if p := h.editor.Post("/admin/events/note/draft", form); p.Status != http.StatusUnprocessableEntity || p.Form("form.notepage").Get("source") != form.Get("source") || count() != before {
		t.Errorf("without a title: %d", p.Status)
	}
	form.Set("title", "Opening the Register")
	var kept []string
	for _, key := range form["take"] {
		if key != "series" && key != "contact-1" {
			kept = append(kept, key)
		}
	}
	form["take"] = kept
	made := h.editor.Post("/admin/events/note/draft", form)
	id := strings.TrimPrefix(made.Path, "/admin/events/")
	id, _, _ = strings.Cut(id, "?")
	e := h.entry(id)
	ev := e.Value.(*kind.Event)
	if ev.Title.In("en") != "Opening the Register" || ev.Kind != "webinar" || ev.When.Start != "2027-04-01T20:30" || ev.When.Zone != "America/New_York" {
		t.Errorf("the draft: %q, %s, %+v", ev.Title.In("en"), ev.Kind, ev.When)
	}
	if len(ev.Organizations) != 5 || ev.Organizations[2].Organization != content.Ref(there) || len(ev.Sessions) != 4 || len(ev.Sessions[1].People) != 6 || len(ev.Contacts) != 5 || ev.Series != "" || len(ev.Commitments) != 4 {
		t.Errorf("%d organizations, %d sessions, %d contacts, series %q, %d promises", len(ev.Organizations), len(ev.Sessions), len(ev.Contacts), ev.Series, len(ev.Commitments))
	}
	for _, b := range ev.Blocks {
		if b.Kind == "background" && !strings.Contains(b.Body.In("en"), "data-footnote=") {
			t.Error("the note is not where it is called")
		}
	}
	lines, _, err := h.Auth.AuditLog(ctx, apptest.System, auth.AuditFilter{Action: "create.note"}, auth.Paging{Size: 5})
	if err != nil || len(lines) != 1 {
		t.Errorf("%d lines in the log: %v", len(lines), err)
	}

	for name, p := range map[string]int{
		"nothing":       h.editor.Upload("/admin/events/note", "file", "", nil).Status,
		"a binary":      h.editor.Upload("/admin/events/note", "file", "x.doc", []byte("\xd0\xcf\x11\xe0\x00\x00")).Status,
		"no note":       h.editor.Post("/admin/events/note/draft", url.Values{"lang": {"en"}, "source": {`{"lines":[{"k":"p","t":"a","n":[{"p":9}]}]}`}}).Status,
		"a wrong place": h.editor.Post("/admin/events/note/draft", url.Values{"lang": {"en"}, "source": {"{"}}).Status,
	} {
		if p != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p)
		}
	}
	big := h.editor.Upload("/admin/events/note", "file", "x.txt", []byte(strings.Repeat("many words ", conceptnote.MaxText/4)))
	if big.Status != http.StatusUnprocessableEntity {
		t.Errorf("too much: %d", big.Status)
	}
}
