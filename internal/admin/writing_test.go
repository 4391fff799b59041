package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestWhatTheChecksFind is the way of a finding by forms alone: set to forbid publishing, seen beside the form, let stand for a
// reason, seen by who clears and in the log.
func TestWhatTheChecksFind(t *testing.T) {
	h := open(t)
	manager := h.SignIn("manager@example.org", auth.Grant{Role: auth.SiteManager, Scope: auth.ScopeSite})
	form := manager.Get("/admin/settings").Form("#writing form")
	if form.Get("check:acronym") != "advice" {
		t.Fatalf("the settings have %v", form)
	}
	if p := manager.Post("/admin/settings", with(form, "check:acronym", "loudly")); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown effect: %d", p.Status)
	}
	if p := manager.Post("/admin/settings", with(form, "check:acronym", "block", "short_forms@en", "GIS")); p.Status != http.StatusOK {
		t.Fatalf("settings: %d", p.Status)
	}
	id, at := h.item("Registers open")
	v := &kind.News{Title: content.L("en", "Registers open"), Summary: content.L("en", "Summary"), Kind: "news", Date: "2026-07-01",
		Body: content.P("en", "<p>The CRVS and GIS systems.</p><p>See <a href=\"/x\">here</a>.</p>")}
	h.save(content.Change{ID: id, Set: kind.NewsKind.Split(v)})

	page := h.editor.Get(at)
	if n := page.Find(`#writing a[data-quote="CRVS"][data-block="1"][href="#body@en"]`).Length(); n != 1 {
		t.Fatalf("the card: %s", page.Find("#writing").Text())
	}
	if page.Find(`#writing a[data-quote="here"]`).Length() != 1 || page.Find(`#writing a[data-quote="GIS"]`).Length() != 0 {
		t.Errorf("the card: %s", page.Find("#writing").Text())
	}
	page = h.editor.Post(at+"?lang=en", with(page.Form(formSelector), "op", "publish"))
	if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Find(".summary").Text(), "Short form not explained") {
		t.Fatalf("publishing: %d %s", page.Status, page.Find(".summary").Text())
	}
	own := at + "/writing?lang=en"
	page = h.editor.Get(own)
	waive := page.Form("form#waive")
	key := page.Find(`section:has(#c-acronym) input[name=mark]`).AttrOr("value", "")
	if page = h.editor.Post(own, with(waive, "op", "waive", "mark", key)); page.Status != http.StatusUnprocessableEntity || page.Find("input[name=mark][checked]").Length() != 1 {
		t.Errorf("without a reason: %d, and what was ticked is lost", page.Status)
	}
	if page = h.editor.Post(own, with(waive, "op", "waive", "mark", key, "why", "All readers know it.")); page.Status != http.StatusOK || !strings.Contains(page.Find("main").Text(), "All readers know it.") {
		t.Fatalf("waiving: %d %s", page.Status, page.Find("main").Text())
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if p := reader.Get(own); p.Status != http.StatusOK || p.Find("input[name=mark],button[name=op]").Length() != 0 {
		t.Errorf("a reader is offered to waive: %d", p.Status)
	}
	if p := reader.Post(own, with(waive, "op", "waive", "mark", key, "why", "I say so.")); p.Status != http.StatusForbidden {
		t.Errorf("a reader waives: %d", p.Status)
	}
	page = h.editor.Get(at)
	if page = h.editor.Post(at+"?lang=en", with(page.Form(formSelector), "op", "publish")); page.Status != http.StatusOK {
		t.Fatalf("publishing what was waived: %d %s", page.Status, page.Find(".summary").Text())
	}
	head := h.SignIn("head@example.org", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeSite})
	if p := head.Get(at + "/clearance?lang=en"); !strings.Contains(p.Find("main").Text(), "All readers know it.") {
		t.Error("who clears is not told")
	}
	if p := manager.Get("/admin/log?action=waive"); !strings.Contains(p.Find("main").Text(), "All readers know it.") || !strings.Contains(p.Find("main").Text(), "Short form not explained") {
		t.Errorf("the log: %s", p.Find("main").Text())
	}
	page = h.editor.Get(own)
	unwaive := page.Form(`form[id^=u-]`)
	if page = h.editor.Post(own, with(unwaive, "op", "unwaive")); page.Status != http.StatusOK || strings.Contains(page.Find("main").Text(), "All readers know it.") {
		t.Errorf("taking back: %d", page.Status)
	}
	if p := h.editor.Post(own, with(unwaive, "op", "dance")); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown button: %d", p.Status)
	}
}

// TestLinksInAForm: somebody who edits a text sees the address of the page that a link leads to, whatever is stored, and hears of
// links that lead nowhere.
func TestLinksInAForm(t *testing.T) {
	h := open(t)
	target, to := h.item("Opening")
	page := h.editor.Get(to)
	if page = h.editor.Post(to+"?lang=en", with(page.Form(formSelector), "op", "publish")); page.Status != http.StatusOK {
		t.Fatalf("publishing: %d", page.Status)
	}
	address := h.editor.Get(to).Find("#publishing dl a").First().AttrOr("href", "")
	id, at := h.item("Closing")
	form := h.editor.Get(at).Form(formSelector)
	if page = h.editor.Post(at+"?lang=en", with(form, "op", "save", "body@en", `<p>See <a href="`+address+`">the opening</a>.</p>`)); page.Status != http.StatusOK {
		t.Fatalf("saving: %d", page.Status)
	}
	e, err := h.Content.Get(ctx, auth.System("test"), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Value.(*kind.News).Body.In("en"); !strings.Contains(got, `href="/e/`+target+`"`) {
		t.Errorf("stored: %s", got)
	}
	page = h.editor.Get(at)
	if got := page.Form(formSelector).Get("body@en"); address == "" || !strings.Contains(got, `href="`+address+`"`) {
		t.Errorf("%s is not in the form: %s", address, got)
	}
	if err := h.Content.Unpublish(ctx, auth.System("test"), target, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if got := h.editor.Get(at).Find("#publishing .hint").Text(); !strings.Contains(got, "the opening") {
		t.Errorf("the panel says %s", got)
	}
}
