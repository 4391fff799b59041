package app_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
)

// TestTheHistoryOfAnEntry: whatever was done to it is listed, by whom and when, and can be looked for; any two versions can be
// compared, and a field, a language and the whole brought back, and back again.
func TestTheHistoryOfAnEntry(t *testing.T) {
	p := apptest.Start(t)
	amina := p.SignIn("amina@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	bruno := p.SignIn("bruno@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	reader := p.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	stranger := p.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: "nothing"})
	at := amina.Post("/admin/news/new", func() url.Values {
		f := amina.Get("/admin/news/new").Form("#form")
		f.Set("title@en", "The register opens")
		f.Set("summary@en", "In one sentence.")
		f.Set("body@en", "<p>It opens on Monday at the office.</p><p>Bring a document.</p><p>Nothing else.</p>")
		f.Set("date", "1 July 2027")
		f.Set("kind", "news")
		f.Set("op", "save")
		return f
	}()).Path
	id := strings.TrimPrefix(at, "/admin/news/")
	write := func(b *apptest.Browser, lang string, pairs ...string) {
		t.Helper()
		f := b.Get(at + "?lang=" + lang).Form("#form")
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		f.Set("op", "save")
		if page := b.Post(at+"?lang="+lang, f); page.Status != http.StatusOK || page.Find("#problems .error").Length() > 0 {
			t.Fatalf("save: %d %s", page.Status, page.Find("#problems").Text())
		}
	}
	write(bruno, "en", "body@en", "<p>It opens on <strong>Tuesday</strong> at the office.</p><p>Nothing else.</p><h2>Bring a document.</h2>")
	write(bruno, "fr", "title@fr", "Le registre ouvre", "summary@fr", "En une phrase.", "body@fr", "<p>Mardi.</p>")
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
		t.Fatal(err)
	}
	write(amina, "en", "date", "2 July 2027")
	write(amina, "en", "title@en", "The register has opened")
	if err := p.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.FR}); err != nil {
		t.Fatal(err)
	}
	list := func(query string) []string {
		t.Helper()
		page := amina.Get(at + "/history" + query)
		if page.Status != http.StatusOK {
			t.Fatalf("%s: %d", query, page.Status)
		}
		return texts(page, "ol.history > li")
	}
	all := list("")
	if len(all) != 7 || !strings.Contains(all[0], "Withdrawn") || !strings.Contains(all[3], "Published") || !strings.Contains(all[6], "Test amina") {
		t.Errorf("history: %q", all)
	}
	bruno1, err := p.Auth.ByEmail(ctx, apptest.System, "bruno@example.org")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"?by=" + bruno1.ID: 2, "?did=publish": 1, "?did=withdraw": 1, "?did=save": 5, "?did=restore": 0, "?part=fr": 3, "?part=facts": 3, "?field=date": 2, "?field=body": 3, "?field=body&part=en": 2,
		"?field=title&by=" + bruno1.ID: 1, "?page=2": 0, "?by=nobody": 0, "?did=%27": 0} {
		if got := list(query); len(got) != want {
			t.Errorf("%s: %d lines: %q", query, len(got), got)
		}
	}
	for _, bad := range []string{"?part=xx", "?field=nothing", "?field=staff_note.x"} {
		if page := amina.Get(at + "/history" + bad); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, page.Status)
		}
	}
	// Words in words, structure by name.
	page := amina.Get(at + "/history/en/2")
	text := page.Find(".diffs").Text()
	if ins, del := texts(page, ".diffs ins"), texts(page, ".diffs del"); strings.Join(ins, "|") != "Tuesday" && !strings.Contains(strings.Join(ins, "|"), "Tuesday") || !strings.Contains(strings.Join(del, "|"), "Monday") {
		t.Errorf("words: %q %q", ins, del)
	}
	if !strings.Contains(text, "moved") && !strings.Contains(text, "heading") {
		t.Errorf("structure: %s", text)
	}
	if page := amina.Get(at + "/history/en/3?with=1&view=sides"); page.Status != http.StatusOK || page.Find(".sides").Length() == 0 || len(texts(page, "h2.trail")) != 2 {
		t.Errorf("any two, side by side: %d %q", page.Status, texts(page, "h2.trail"))
	}
	if page := amina.Get(at + "/history/en/3?with=0"); page.Status != http.StatusOK || page.Find(".diffs del").Length() > 0 {
		t.Errorf("all of it: %d", page.Status)
	}
	for _, bad := range []string{"?with=99", "?with=-1", "?with=x", "?with=99999999999"} {
		if page := amina.Get(at + "/history/en/3" + bad); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, page.Status)
		}
	}
	// Brought back whole, as it was before the last two saves, by who may; and back again.
	entry := func() *content.Entry {
		t.Helper()
		e, err := p.Content.Get(ctx, apptest.System, id)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	before := entry()
	buttons := amina.Get(at + "/history").Find("button[name=at]")
	then := buttons.Last().AttrOr("value", "")
	if page := reader.Post(at+"/history", url.Values{"at": {then}}); page.Status != http.StatusForbidden {
		t.Errorf("an observer brings back: %d", page.Status)
	}
	if page := stranger.Post(at+"/history", url.Values{"at": {then}}); page.Status != http.StatusNotFound {
		t.Errorf("a stranger brings back: %d", page.Status)
	}
	if page := amina.Post(at+"/history", url.Values{"at": {then}}); page.Status != http.StatusOK || !strings.Contains(page.Text(), "back as it was then") {
		t.Errorf("whole: %d", page.Status)
	}
	now := entry()
	if now.Title != "The register opens" || now.Parts["fr"].Text("title").Words != "" || !strings.Contains(string(now.Parts[content.Facts]["date"]), "07-01") {
		t.Errorf("whole: %q, %q, %s", now.Title, now.Parts["fr"].Text("title").Words, now.Parts[content.Facts]["date"])
	}
	if got := list("?did=restore"); len(got) != 1 || !strings.Contains(got[0], "brought back as of") {
		t.Errorf("told as: %q", got)
	}
	if _, err := p.Content.RestoreAt(ctx, apptest.System, id, before.Updated); err != nil {
		t.Fatal(err)
	}
	if now := entry(); now.Title != before.Title || now.Parts["fr"].Text("title").Words != "Le registre ouvre" {
		t.Errorf("and back: %q", now.Title)
	}
	for _, bad := range []string{"", "yesterday", "0000-01-01T00:00:00Z"} {
		if page := amina.Post(at+"/history", url.Values{"at": {bad}}); page.Status != http.StatusUnprocessableEntity {
			t.Errorf("at %q: %d", bad, page.Status)
		}
	}

	// Who published what: of the entry, of the site, as a file; nobody reads of what they may not read.
	page = reader.Get("/admin/published?entry=" + id)
	if rows := texts(page, "tbody tr"); len(rows) != 2 || !strings.Contains(rows[0], "Withdrawn") || !strings.Contains(rows[1], "English") {
		t.Errorf("published: %q", rows)
	}
	for query, want := range map[string]int{"": 2, "?did=publish": 1, "?lang=en": 1, "?kind=event": 0, "?by=" + bruno1.ID: 0, "?kind=news&did=withdraw": 1, "?from=1+January+2020&to=2+January+2020": 0, "?page=2": 0} {
		if rows := texts(reader.Get("/admin/published"+query), "tbody tr"); len(rows) != want {
			t.Errorf("published%s: %q", query, rows)
		}
	}
	if page := reader.Get("/admin/published?from=whenever"); page.Status != http.StatusUnprocessableEntity || page.Find(".err").Length() == 0 {
		t.Errorf("a date that is none: %d", page.Status)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(reader.Get("/admin/published.csv?entry="+id).Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "Time" {
		t.Errorf("the file: %q, %v", rows, err)
	}
	if page := stranger.Get("/admin/published"); page.Status != http.StatusOK || page.Find("tbody tr").Length() > 0 || strings.Contains(page.Body, "register") {
		t.Errorf("a stranger reads: %d", page.Status)
	}
	if page := stranger.Get("/admin/published?entry=" + id); page.Status != http.StatusNotFound {
		t.Errorf("a stranger reads of the entry: %d", page.Status)
	}
	if body := stranger.Get("/admin/published.csv").Body; strings.Contains(body, "register") {
		t.Errorf("a stranger's file: %s", body)
	}
}

func texts(page *apptest.Page, selector string) []string {
	var out []string
	for i := range page.Find(selector).Nodes {
		out = append(out, strings.Join(strings.Fields(page.Find(selector).Eq(i).Text()), " "))
	}
	return out
}
