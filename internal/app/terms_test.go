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
)

// An office agrees names: one is written by hand, others come in a table, a translator sees them, and they go out again.
func TestTheStoryOfTerms(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	translator := p.SignIn("translator@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	if page := editor.Get("/admin/terms"); page.Status != http.StatusOK || !strings.Contains(page.Text(), "No terms yet") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	form := editor.Get("/admin/terms/new").Form("form.main")
	page := editor.Post("/admin/terms/new", form)
	if page.Status != http.StatusUnprocessableEntity || page.Find(`#problems a[href="#en.preferred"]`).Length() != 1 {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	for name, v := range map[string]string{"en.preferred": "Türkiye", "en.outdated": "Turkey", "fr.preferred": "Türkiye", "fr.outdated": "Turquie\r\nTurquie", "subject": "Countries", "note": "since 2022", "op": "save"} {
		form.Set(name, v)
	}
	if page = editor.Post("/admin/terms/new", form); page.Path != "/admin/terms" || !strings.Contains(page.Text(), "The term was saved.") {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	link := page.Find(".c-title a").AttrOr("href", "")
	form = editor.Get(link).Form("form.main")
	form.Set("fr.forbidden", "Turquie")
	if page = editor.Post(link, form); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#problems").Text(), "two fields") || page.Find(`[id="fr.forbidden"]`).Text() != "Turquie" {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	form.Set("fr.forbidden", "")
	form.Set("version", "7")
	if page = editor.Post(link, form); page.Status != http.StatusConflict {
		t.Errorf("changed by somebody meanwhile: %d", page.Status)
	}
	// A table: one is new, one changes, one is wrong.
	page = editor.Upload("/admin/terms/import", "file", "terms.csv", []byte("subject,en,fr,fr forbidden\nLaw,open register,registre ouvert,\nCountries,Türkiye,Türkiye,Turquie\n,"+strings.Repeat("x", 201)+",y,\n"))
	if page.Path != "/admin/terms/import" || page.Find("tbody tr").Length() != 3 || page.Find(".tag.bad").Length() != 1 || !strings.Contains(page.Text(), "Take 2") {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	if page = editor.Get("/admin/terms"); page.Find("tbody tr").Length() != 1 {
		t.Error("looking has written")
	}
	if page = editor.Post("/admin/terms/import/take", url.Values{"op": {"take"}}); !strings.Contains(page.Text(), "Taken from the file: 2.") || page.Find("tbody tr").Length() != 2 {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	if page = editor.Get("/admin/terms?lacking=ar&status=forbidden&lang=fr&q=t%C3%BCrk"); page.Find("tbody tr").Length() != 1 {
		t.Errorf("%s", page.Find("main").Text())
	}
	// What goes out and comes back is what is here.
	for _, ending := range []string{"csv", "tbx", "xlsx"} {
		file := translator.Get("/admin/terms/export." + ending)
		page = editor.Upload("/admin/terms/import", "file", "back."+ending, []byte(file.Body))
		if page.Status != http.StatusOK || !strings.Contains(page.Text(), "The file has nothing that is not here already.") {
			t.Errorf("%s: %d: %s", ending, page.Status, page.Find("main").Text())
		}
	}
	if page = translator.Get(link); page.Status != http.StatusOK || page.Find("button[value=save]").Length() != 1 || page.Find("button[value=delete]").Length() != 0 {
		t.Errorf("a translator: %d", page.Status)
	}
	if page = translator.Post(link, form); page.Status != http.StatusForbidden {
		t.Errorf("a translator changes a term: %d", page.Status)
	}
	if page = editor.Upload("/admin/terms/import", "file", "x.csv", []byte("a,b\n1,2\n")); page.Status != http.StatusUnprocessableEntity || page.Find("#file-err").Length() != 1 {
		t.Errorf("%d", page.Status)
	}
	// Beside a unit, in a file that comes back, and on the way: names that are not to be used, and typography.
	id := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "The open register of Turkey")})})
	path := "/admin/events/" + id
	help := translator.Post(path+"/unit-help", url.Values{"lang": {"fr"}, "path": {"title"}, "index": {"0"}, "words": {"Le registre de la Turquie ?"}})
	text := help.Text()
	for _, want := range []string{"registre ouvert", "“Turquie” is not to be used. Use: Türkiye", "The source says “Turkey”", "“open register” has an agreed name", "No-break space before"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %s\n%s", want, text)
		}
	}
	if got := help.Find(`button[data-put]`).AttrOr("data-put", ""); got != "Le registre de la Turquie\u202f?" {
		t.Errorf("%q", got)
	}
	file := translator.Get(path + "/exchange/file?lang=fr&format=xliff12").Body
	page = translator.Upload(path+"/exchange?lang=fr", "file", "a.xlf", []byte(strings.Replace(file, "<note>Title", "<target>Le registre de la Turquie ?</target><note>Title", 1)))
	if !strings.Contains(page.Text(), "“Turquie” is not to be used.") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	send := page.Form("form.exchange-review")
	send.Set("op", page.Find(`.exchange-type button`).AttrOr("value", ""))
	if page = translator.Post(path+"/exchange/apply", send); page.Status != http.StatusOK || page.Find(`textarea`).Text() != "Le registre de la Turquie\u202f?" || page.Find(".exchange-type").Length() != 0 {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	form = editor.Get(link).Form("form.main")
	form.Set("op", "delete")
	if page = editor.Post(link, form); !strings.Contains(page.Text(), "The term was deleted.") {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	if page = editor.Get(link); page.Status != http.StatusNotFound {
		t.Errorf("%d", page.Status)
	}
}

// What is published in two languages is offered for the next edition, word for word and where it is nearly the same.
func TestTheStoryOfAMemory(t *testing.T) {
	p := apptest.Start(t)
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	refs := neighbours(t, p)
	set := apptest.Sample(kind.NewsKind, i18n.EN, "plain", refs, "")
	set["en"].SetText("title", content.Text{Words: "The fifth meeting on open registers of the region"})
	id := save(t, p, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: set})
	french := content.Leaves{}
	french.SetText("title", content.Text{Words: "La cinquième réunion sur les registres ouverts de la région"})
	french.SetText("summary", content.Text{Words: "Un résumé"})
	save(t, p, content.Change{ID: id, Set: content.Parts{"fr": french}})
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
		t.Fatal(err)
	}
	var page *apptest.Page
	for range 200 { // until the task that publishing queued is done
		if page = editor.Get("/admin/memory?q=cinqui%C3%A8me&from=en&to=fr"); page.Find("tbody tr").Length() > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if page.Find("tbody tr").Length() != 1 || !strings.Contains(page.Text(), "registres ouverts") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	next := save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&kind.Event{Title: content.L("en", "The sixth meeting on open registers of the region")})})
	help := editor.Post("/admin/events/"+next+"/unit-help", url.Values{"lang": {"fr"}, "path": {"title"}, "index": {"0"}})
	if got := help.Find(`.unit-matches button`).AttrOr("data-put", ""); got != "La cinquième réunion sur les registres ouverts de la région" || !strings.Contains(help.Text(), "88 %") || help.Find(`.unit-matches a[href*="`+id+`"]`).Length() != 1 {
		t.Errorf("%q: %s", got, help.Text())
	}
	// A partner sees the words, which are public, and not whose they were where that is not for them.
	stranger := p.SignIn("stranger@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeEvent, ScopeID: next, Locale: i18n.FR})
	help = stranger.Post("/admin/events/"+next+"/unit-help", url.Values{"lang": {"fr"}, "path": {"title"}, "index": {"0"}})
	if help.Find(`.unit-matches button`).Length() != 1 || help.Find(`.unit-matches a`).Length() != 0 {
		t.Errorf("%s", help.Text())
	}
	file := editor.Get("/admin/memory/export.tmx?from=en&to=fr")
	rows := page.Find(".c-tick input[name=id]").AttrOr("value", "")
	if page = editor.Post("/admin/memory", url.Values{"id": {rows}, "op": {"forget"}}); !strings.Contains(page.Text(), "Forgotten: 1.") {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	page = editor.Upload("/admin/memory/import", "file", "memory.tmx", []byte(file.Body))
	if page.Path != "/admin/memory/import" || !strings.Contains(page.Text(), "registres ouverts") || editor.Get("/admin/memory?q=cinqui%C3%A8me").Find("tbody tr").Length() != 0 {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	if page = editor.Post("/admin/memory/import/take", url.Values{"op": {"take"}}); !strings.Contains(page.Text(), "Taken from the file: 1.") || editor.Get("/admin/memory?q=cinqui%C3%A8me").Find("tbody tr").Length() != 1 {
		t.Errorf("%d: %s", page.Status, page.Find("main").Text())
	}
	if page = stranger.Get("/admin/memory/import"); page.Status != http.StatusForbidden {
		t.Errorf("a translator imports: %d", page.Status)
	}
}
