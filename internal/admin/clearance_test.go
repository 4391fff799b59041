package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func (h *house) item(title string) (string, string) {
	h.Helper()
	id := h.make(kind.NewsKind, &kind.News{Title: content.L("en", title), Summary: content.L("en", "Summary"), Kind: "news", Date: "2026-07-01", Body: content.P("en", content.Paragraphs("One."))})
	return id, "/admin/news/" + id
}

// TestTheHeadOfficeClears is the whole way by forms alone: submit, comment, return, change, clear, publish.
func TestTheHeadOfficeClears(t *testing.T) {
	h := open(t)
	site := h.Settings.Site()
	site.Clearance = true
	if err := h.Settings.Save(ctx, apptest.System, site, "", "clearance"); err != nil {
		t.Fatal(err)
	}
	head := h.SignIn("head@example.org", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeSite})
	id, at := h.item("Registers open")
	own := at + "/clearance?lang=en"
	has := func(p *apptest.Page, status int, words ...string) {
		t.Helper()
		text := strings.Join(strings.Fields(strings.NewReplacer("\u2068", "", "\u2069", "").Replace(p.Find("main").Text())), " ")
		for _, w := range words {
			if p.Status != status || !strings.Contains(text, w) {
				t.Fatalf("%d without %q: %s", p.Status, w, text)
			}
		}
	}
	// Publishing is refused, with a link to where it is cleared.
	page := h.editor.Get(at)
	form := with(page.Form(formSelector), "op", "publish")
	page = h.editor.Post(at+"?lang=en", form)
	if page.Status != http.StatusUnprocessableEntity || page.Find(`.summary a[href="`+at+`/clearance?lang=en"]`).Length() == 0 {
		t.Fatalf("publishing what is not cleared: %d, %s", page.Status, page.Find(".summary").Text())
	}
	submit := h.editor.Get(own).Form("form:has([value=submit])")
	has(h.editor.Post(own, with(submit, "op", "submit", "note", "By Friday")), http.StatusOK, "Waits for clearance", "By Friday")
	has(head.Get("/admin"), http.StatusOK, "Waits for you", "To clear: English")
	decide := head.Get(own).Form("form:has([value=clear])")
	has(head.Post(own, with(decide, "op", "return", "note", "")), http.StatusUnprocessableEntity, "what is to be changed")
	comment := head.Get(own).Form("form#comment")
	has(head.Post(own, with(comment, "op", "comment", "path", "title", "body", "Which registers?")), http.StatusOK, "Which registers?")
	has(head.Post(own, with(decide, "op", "return", "note", "See the title")), http.StatusOK, "Returned", "See the title")
	has(h.editor.Get("/admin"), http.StatusOK, "Returned: English")
	has(h.editor.Get(at), http.StatusOK, "Which registers?")
	// A page from before a change clears nothing.
	stale := head.Get(own).Form("form:has([value=clear])")
	h.save(content.Change{ID: id, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "Registers of births open"), Summary: content.L("en", "Summary"), Kind: "news", Date: "2026-07-01", Body: content.P("en", content.Paragraphs("One."))})})
	has(head.Post(own, with(stale, "op", "clear", "note", "Fine")), http.StatusConflict, "Somebody has saved a change")
	clear := head.Get(own).Form("form:has([value=clear])")
	has(head.Post(own, with(clear, "op", "clear")), http.StatusOK, "Cleared by Test head")
	form = with(h.editor.Get(at).Form(formSelector), "op", "publish")
	if page = h.editor.Post(at+"?lang=en", form); page.Status != http.StatusOK {
		t.Fatalf("publishing what is cleared: %d %s", page.Status, page.Find(".summary").Text())
	}
	if p, err := h.Content.LiveByID(ctx, i18n.EN, id); err != nil || p.Title != "Registers of births open" {
		t.Errorf("%v %v", p, err)
	}
	// The answer to the comment, and the account's page.
	reply := h.editor.Get(own).Find("button[value^='reply ']").AttrOr("value", "")
	has(h.editor.Post(own, with(stale, "op", reply, "reply", "Of births")), http.StatusOK, "Of births")
	has(h.editor.Post(own, with(stale, "op", strings.Replace(reply, "reply", "resolve", 1))), http.StatusOK, "Resolved")
	account := head.Get("/admin/account").Form("form[action='/admin/account/clearance']")
	has(head.Post("/admin/account/clearance", with(account, "deputy", "nobody", "deputy_until", "2099-01-01")), http.StatusUnprocessableEntity, "somebody else")
	has(head.Post("/admin/account/clearance", with(account, "deputy", "nobody", "deputy_until", "soon")), http.StatusUnprocessableEntity, "not a day")
	account.Del("letters")
	has(head.Post("/admin/account/clearance", with(account, "deputy", "")), http.StatusOK)
	if head.Get("/admin/account").Find("[name=letters][checked]").Length() != 0 {
		t.Error("letters are still on")
	}
	// What is not theirs is not there, whatever is asked.
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeOrganisation, ScopeID: "elsewhere"})
	for _, path := range []string{own, at + "/schedule", at + "/together"} {
		if got := stranger.Get(path).Status; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
		if got := stranger.Post(path, with(stale, "op", "clear")).Status; got != http.StatusNotFound {
			t.Errorf("post %s: %d", path, got)
		}
	}
}

func TestSchedulingByForm(t *testing.T) {
	h := open(t)
	id, at := h.item("Registers open")
	own := at + "/schedule"
	form := h.editor.Get(own).Form("form:has([name=at])")
	for at, words := range map[string]string{"2001-01-01T09:00": "has passed", "2030-03-31T02:30": "does not exist", "2030-10-27T02:30": "happens twice", "soon": ""} {
		p := h.editor.Post(own, with(form, "at", at, "zone", "Europe/Zurich"))
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Find("#at-err").Text(), words) || p.Find("[name=at]").AttrOr("value", "") != at || p.Find(`option[value="Europe/Zurich"][selected]`).Length() != 1 {
			t.Errorf("%s: %d %q", at, p.Status, p.Find("#at-err").Text())
		}
	}
	p := h.editor.Post(own, with(form, "at", "2030-07-01T09:00", "zone", "Europe/Zurich"))
	if p.Status != http.StatusOK || !strings.Contains(p.Find("#planned").Parent().Parent().Text(), "Publish: English") || !strings.Contains(p.Text(), "09:00") || !strings.Contains(p.Text(), "Geneva (UTC+2)") {
		t.Fatalf("%d %s", p.Status, p.Find("main").Text())
	}
	if got := h.editor.Get("/admin/news?q=").Find("tbody").Text(); !strings.Contains(got, "To be published") {
		t.Errorf("list: %s", got)
	}
	if got := h.editor.Get(at).Find("#clearing").Text(); !strings.Contains(got, "Publish: English") {
		t.Errorf("panel: %s", got)
	}
	edit := h.editor.Get(p.Find("a[href*='?edit=']").AttrOr("href", "")).Form("form:has([name=at])")
	if edit.Get("at") != "2030-07-01T09:00" || edit.Get("replaces") == "" {
		t.Errorf("%v", edit)
	}
	p = h.editor.Post(own, with(edit, "at", "2030-07-02T09:00"))
	if n := p.Find("button[name=cancel]").Length(); n != 1 {
		t.Fatalf("%d planned after a change", n)
	}
	p = h.editor.Post(own, with(form, "cancel", p.Find("button[name=cancel]").AttrOr("value", "")))
	if p.Find("button[name=cancel]").Length() != 0 || h.entry(id).Path != "" {
		t.Error("not cancelled")
	}
}

func TestPublishingASetByForm(t *testing.T) {
	h := open(t)
	one, _ := h.item("One")
	two, _ := h.item("")
	list := "/admin/news"
	form := h.editor.Get(list + "?q=").Form("form#bulk")
	form["id"] = []string{one, two}
	p := h.editor.Post(list, with(form, "op", "together"))
	if p.Status != http.StatusConflict || p.Find("ul.bullets a[href*='#title']").Length() == 0 || h.entry(one).Path != "" {
		t.Fatalf("%d %s", p.Status, p.Find("main").Text())
	}
	// An event with what it refers to.
	speaker := h.make(kind.PersonKind, &kind.Person{Name: content.L("en", "Amina Diallo")})
	id := h.make(kind.EventKind, &kind.Event{Title: content.L("en", "Opening"), Kind: "webinar", Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome"),
		People: []kind.PersonRole{{Item: content.Item{ID: "pp"}, Person: content.Ref(speaker)}}}}})
	p = h.editor.Get("/admin/events/" + id + "/together")
	if got := p.Find("input[name=id]").Length(); got != 2 {
		t.Fatalf("%d to publish: %s", got, p.Find("main").Text())
	}
	together := p.Form("main form")
	together["id"] = []string{id, speaker}
	if p = h.editor.Post("/admin/events/"+id+"/together", together); p.Status != http.StatusConflict || h.entry(speaker).Path != "" {
		t.Errorf("%d", p.Status)
	}
	together["id"] = []string{speaker}
	if p = h.editor.Post("/admin/events/"+id+"/together", together); p.Status != http.StatusOK || h.entry(speaker).Path == "" {
		t.Errorf("%d %s", p.Status, p.Find("main").Text())
	}
}

func TestClearanceIsASetting(t *testing.T) {
	h := open(t)
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	form := admin.Get("/admin/settings").Form("#clearance form")
	form["together"] = []string{"en"}
	if p := admin.Post("/admin/settings", with(form, "clearance", "1", "op", "save")); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Find("#together").Text(), "at least two") {
		t.Errorf("%d %s", p.Status, p.Find("#together").Text())
	}
	form["together"] = []string{"fr", "en"}
	if p := admin.Post("/admin/settings", form); p.Status != http.StatusOK {
		t.Errorf("%d", p.Status)
	}
	if got := h.Settings.Site(); !got.Clearance || got.ClearOwn || len(got.Together) != 2 {
		t.Errorf("%+v", got)
	}
}
