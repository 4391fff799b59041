package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestGuestTranslator is somebody without an account: one entry, one language, until the link ends.
func TestGuestTranslator(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	page := h.editor.Get(at)
	invite := func(name, days string) (string, int) {
		p := h.editor.Post(at, url.Values{"op": {"invite"}, "guest": {name}, "days": {days}})
		return p.Find("#guest-link").AttrOr("value", ""), p.Status
	}
	for _, wrong := range [][2]string{{"", "14"}, {"Léa", "0"}, {"Léa", "500"}, {"Léa", "x"}, {strings.Repeat("x", 200), "1"}} {
		if link, status := invite(wrong[0], wrong[1]); link != "" || status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %q", wrong, status, link)
		}
	}
	link, status := invite("Léa Dubois", "14")
	i := strings.Index(link, "/admin/guest/")
	if status != http.StatusOK || i < 0 {
		t.Fatalf("%d %q", status, link)
	}
	path := link[i:]
	if p := h.editor.Get(at); strings.Contains(p.Body, path) || !strings.Contains(p.Find("#guests").Closest("section").Text(), "Léa Dubois") {
		t.Error("the link is shown twice, or its owner not at all")
	}

	guest := h.Visitor()
	page = guest.Get(path)
	if page.Status != http.StatusOK || page.Find("[name='summary@fr']").Length() != 1 || page.Find("nav a[href^='/admin/news']").Length() != 0 || page.Find("a[href*='/admin/news/']").Length() != 0 || page.Find("#guests").Length() != 0 {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := page.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	page = guest.Post(page.Find(unitsForm).AttrOr("action", ""), with(page.Form(unitsForm), "summary@fr", "De quoi il s’agit.", "op", "save"))
	if v := h.entry(id).Value.(*kind.News); page.Status != http.StatusOK || v.Summary.In("fr") != "De quoi il s’agit." {
		t.Fatalf("%d %q", page.Status, v.Summary.In("fr"))
	}
	if p := h.editor.Get("/admin/news/" + id + "/history"); !strings.Contains(p.Find("main").Text(), "Léa Dubois") {
		t.Errorf("the history names nobody: %s", p.Find("main").Text())
	}
	// Nothing else: no other language, no facts, no invitation, no other page.
	for _, form := range []url.Values{{"title@ar": {"x"}}, {"title@en": {"x"}}, {"date": {"2026-07-02"}}} {
		form.Set("op", "save")
		if p := guest.Post(path, form); p.Status != http.StatusBadRequest {
			t.Errorf("%v: %d", form, p.Status)
		}
	}
	if p := guest.Post(path, url.Values{"op": {"invite"}, "guest": {"Me"}, "days": {"10"}}); p.Status != http.StatusUnprocessableEntity || p.Find("#guest-link").Length() != 0 {
		t.Errorf("a guest invites: %d", p.Status)
	}
	if p := guest.Get(at); p.Find("[name='title@fr']").Length() != 0 {
		t.Error("the panel is open")
	}
	for _, wrong := range []string{path[:len(path)-1], path[:len(path)-1] + "_", "/admin/guest/x"} {
		if wrong != path {
			if p := guest.Get(wrong); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, p.Status)
			}
		}
	}
	// Who may only translate invites nobody and ends nothing.
	french := h.SignIn("french@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	guests, err := h.Translation.Guests(ctx, id, i18n.FR)
	if err != nil || len(guests) != 1 || strings.Contains(path, guests[0].TokenHash) {
		t.Fatalf("%+v, %v", guests, err)
	}
	for _, op := range []string{"invite", "revoke " + guests[0].ID} {
		if p := french.Post(at, url.Values{"op": {op}, "guest": {"x"}, "days": {"3"}}); p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", op, p.Status)
		}
	}
	if p := h.editor.Post(strings.Replace(at, "/fr", "/ar", 1), url.Values{"op": {"revoke " + guests[0].ID}}); p.Status != http.StatusNotFound {
		t.Errorf("another language's link: %d", p.Status)
	}
	if p := h.editor.Post(at, url.Values{"op": {"revoke " + guests[0].ID}}); p.Status != http.StatusOK {
		t.Fatal(p.Status)
	}
	if p := guest.Get(path); p.Status != http.StatusNotFound {
		t.Errorf("after it was ended: %d", p.Status)
	}
	if p := guest.Post(path, url.Values{"op": {"save"}, "title@fr": {"Trop tard"}}); p.Status != http.StatusNotFound || h.entry(id).Value.(*kind.News).Title.In("fr") != "Ouverture des registres" {
		t.Errorf("after it was ended: %d", p.Status)
	}
}
