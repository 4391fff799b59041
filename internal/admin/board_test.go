package admin_test

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
	"plenary/internal/sheet"
)

// TestBoard is an editor who sees which languages are behind and gives the work away, and a translator who finds it.
func TestBoard(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	french := h.SignIn("french@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	who := french.Get("/admin").Find("body").AttrOr("data-account", "")

	page := h.editor.Get("/admin/translations")
	cell := func(l string) string {
		return strings.Join(strings.Fields(page.Find("input[value='"+id+" "+l+"']").Closest("td").Text()), " ")
	}
	if page.Status != http.StatusOK || !strings.Contains(cell("fr"), "In work") || !strings.Contains(cell("fr"), "4") || !strings.Contains(cell("ar"), "Not begun") || !strings.Contains(cell("ar"), "14") {
		t.Fatalf("%d: fr %q, ar %q", page.Status, cell("fr"), cell("ar"))
	}
	if page.Find("input[value='"+id+" en']").Length() != 0 {
		t.Error("the original is to be translated")
	}
	send := func(pairs ...string) *apptest.Page {
		form := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		return h.editor.Post(page.Find("#assign").AttrOr("action", "")+"?lang=fr", form)
	}
	// What is wrong is told, and nothing typed is lost.
	if p := send("op", "assign", "assignee", who, "due", "never", "note", "Mind the names"); p.Status != http.StatusUnprocessableEntity || p.Find("#e-due").Length() != 1 || !strings.Contains(p.Find("#note").Text(), "Mind the names") ||
		p.Find(".notice.error").Length() != 1 {
		t.Errorf("%d: %s", p.Status, p.Find(".notice.error").Text())
	}
	if p := send("op", "assign", "assignee", who, "cell", id+" fr", "cell", id+" ar"); p.Status != http.StatusUnprocessableEntity || p.Find(".summary li").Length() != 1 {
		t.Errorf("a language they may not translate: %d %s", p.Status, p.Find(".summary").Text())
	}
	if all, _ := h.Translation.Of(ctx, id); len(all) != 0 {
		t.Errorf("half was assigned: %+v", all)
	}
	day := time.Now().UTC().AddDate(0, 0, 3)
	if p := send("op", "assign", "assignee", who, "cell", id+" fr", "due", day.Format(time.DateOnly), "note", "Mind the names"); p.Status != http.StatusOK || p.Find(".notice.success").Length() != 1 {
		t.Fatalf("%d: %s", p.Status, p.Find(".notice").Text())
	}
	var letters []struct{ To, Subject, Body string }
	for end := time.Now().Add(10 * time.Second); len(letters) == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // a worker writes them
		if err := h.DB.Read().NewRaw("SELECT to_address AS \"to\", subject, body FROM letters").Scan(ctx, &letters); err != nil {
			t.Fatal(err)
		}
	}
	if len(letters) != 1 || letters[0].To != "french@example.org" || !strings.Contains(letters[0].Body, "Registers open") || !strings.Contains(letters[0].Body, "Mind the names") ||
		!strings.Contains(letters[0].Body, "/admin/translations?assignee=me") {
		t.Fatalf("letters: %+v", letters)
	}

	// The translator finds it on the first page and on the board, and does it.
	for _, where := range []string{"/admin", "/admin/translations"} {
		p := french.Get(where)
		if got := p.Find("#work").Closest("section"); got.Find("a").AttrOr("href", "") != at || !strings.Contains(got.Text(), "Mind the names") {
			t.Errorf("%s: %s", where, got.Text())
		}
	}
	for query, want := range map[string]int{"assignee=me": 1, "assignee=none&lang=fr": 0, "assignee=none": 1, "due=week": 1, "due=overdue": 0, "state=in_work": 1, "state=live": 0, "kind=news": 1, "kind=event": 0,
		"q=registers": 1, "q=nothing": 0, "lang=ar&assignee=me": 0} {
		if got := french.Get("/admin/translations?" + query).Find(".tboard tbody tr").Length(); got != want {
			t.Errorf("%s: %d rows, want %d", query, got, want)
		}
	}
	for _, query := range []string{"state=done", "lang=xx", "kind=nothing", "due=x", "other=1", "q=a&q=b"} {
		if p := french.Get("/admin/translations?" + query); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, p.Status)
		}
	}
	h.save(content.Change{ID: id, Set: content.Parts{"fr": leaves("summary", "De quoi il s’agit.")}})
	if p := french.Get("/admin"); p.Find("#work").Length() != 0 {
		t.Errorf("what is done is still to do: %s", p.Find("#work").Closest("section").Text())
	}

	// Nobody gives away what is not theirs to give.
	arabic := h.SignIn("arabic@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.AR})
	for _, form := range []url.Values{{"op": {"take"}, "cell": {id + " fr"}}, {"op": {"back"}, "cell": {id + " fr"}}, {"op": {"assign"}, "assignee": {who}, "cell": {id + " ar"}}} {
		if p := arabic.Post("/admin/translations", form); p.Status != http.StatusForbidden {
			t.Errorf("%v: %d", form, p.Status)
		}
	}
	if p := arabic.Post("/admin/translations", url.Values{"op": {"take"}, "cell": {"nothing ar"}}); p.Status != http.StatusNotFound {
		t.Errorf("an entry that is not there: %d", p.Status)
	}
	if p := arabic.Post("/admin/translations", url.Values{"op": {"take"}, "cell": {id + " ar"}}); p.Status != http.StatusOK {
		t.Errorf("their own language: %d", p.Status)
	}
	all, err := h.Translation.Of(ctx, id)
	if err != nil || all[id]["fr"].Account != who || all[id]["ar"].Account == "" || all[id]["fr"].Due != content.Date(day.Format(time.DateOnly)) {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestParity: what the report counts, on the page and in the tables.
func TestParity(t *testing.T) {
	h := open(t)
	id, _ := h.translated()
	h.save(content.Change{ID: id, Set: content.Parts{"fr": leaves("summary", "De quoi il s’agit.")}})
	h.publish(id, i18n.FR)
	h.translated() // another, of which the French is not public
	page := h.editor.Get("/admin/translations/parity")
	row := func(l string) string {
		return strings.Join(strings.Fields(page.Find("th a[lang="+l+"]").Closest("tr").Text()), " ")
	}
	if page.Status != http.StatusOK || !strings.Contains(row("en"), "2 of 2") || !strings.Contains(row("fr"), "1 of 2") || !strings.Contains(row("ar"), "0 of 2") {
		t.Fatalf("%d\n%s\n%s\n%s", page.Status, row("en"), row("fr"), row("ar"))
	}
	for _, f := range sheet.Formats {
		p := h.editor.Get("/admin/translations/parity." + string(f))
		rows, err := sheet.Read([]byte(p.Body))
		if err != nil || p.Status != http.StatusOK || len(rows) != 1+len(h.Settings.Site().Languages) {
			t.Fatalf("%s: %d, %v, %q", f, p.Status, err, rows)
		}
		for _, r := range rows[1:] {
			if r[0] == "French" && (r[1] != "2" || r[2] != "1" || r[3] != "50") {
				t.Errorf("%s: %q", f, r)
			}
		}
	}
}

// TestBoardStaysWhereItIs: what is refused comes back on the page of the board it was sent from, filtered as it was, with what was
// chosen and typed.
func TestBoardStaysWhereItIs(t *testing.T) {
	h := open(t)
	for range 26 {
		h.item("Registers open")
	}
	page := h.editor.Get("/admin/translations?q=registers&page=2")
	name := page.Find("input[name=cell]").First().AttrOr("value", "")
	if page.Find(".tboard tbody tr").Length() != 1 || name == "" {
		t.Fatalf("%d rows: %q", page.Find(".tboard tbody tr").Length(), name)
	}
	form := page.Form("#assign")
	form.Set("cell", name)
	form.Set("op", "assign")
	form.Set("due", "never")
	page = h.editor.Post(page.Find("#assign").AttrOr("action", ""), form)
	if got := page.Find("input[name=cell][checked]").AttrOr("value", ""); page.Status != http.StatusUnprocessableEntity || got != name || page.Find("input[name=q]").AttrOr("value", "") != "registers" {
		t.Errorf("%d: %q is chosen, of %d rows", page.Status, got, page.Find(".tboard tbody tr").Length())
	}
	if got := page.Find(".pager a[rel=prev]").AttrOr("href", ""); got != "/admin/translations?q=registers" {
		t.Errorf("the page before is %q", got)
	}
}
