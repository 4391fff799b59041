package admin_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// typist is a page that saves by itself.
type typist struct {
	*house
	*apptest.Browser
	account, at string
	form        url.Values // what its hidden fields hold
	seq         byte
}

func (h *house) typist(b *apptest.Browser, at string) *typist {
	h.Helper()
	page := b.Get(at)
	p := &typist{house: h, Browser: b, account: page.Find("body").AttrOr("data-account", ""), at: page.Find("form#form").AttrOr("data-autosave", ""), form: url.Values{}, seq: '0'}
	if p.account == "" || p.at == "" {
		h.Fatalf("%s does not save by itself: %d", at, page.Status)
	}
	for name, vs := range page.Form(formSelector) {
		if strings.HasPrefix(name, "base:") || name == "office" || name == "lang" {
			p.form[name] = vs
		}
	}
	return p
}

// send sends leaves as the script does, and takes over the versions that are answered.
func (p *typist) send(pairs ...string) *apptest.Page {
	p.Helper()
	p.seq++
	form := maps.Clone(p.form)
	page := p.Post(p.at+"/autosave", with(form, append([]string{"account", p.account, "tab", "tab-" + p.account, "seq", string(p.seq)}, pairs...)...))
	if page.Status == http.StatusOK {
		page.Find("#bases input").Each(func(_ int, s *goquery.Selection) { p.form.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
		p.at = page.Find("#autosaved").AttrOr("data-base", p.at)
	}
	return page
}

// TestSavesByItself: what fits is stored, what does not is told beside its field, others' changes come back with the answer,
// and what two have changed is shown from both sides while all else is stored.
func TestSavesByItself(t *testing.T) {
	h := open(t)
	id := h.make(kind.NewsKind, &kind.News{Title: content.L("en", "Registers open"), Kind: "news", Date: "2026-07-01"})
	ann := h.typist(h.editor, "/admin/news/"+id)
	bob := h.typist(h.SignIn("bob@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}), "/admin/news/"+id)

	page := ann.send("summary@en", "Ann’s summary", "date", "the day after")
	if page.Status != http.StatusOK || page.Find(`[data-held="date"] .err`).Length() != 1 || page.Find("[data-held]").Length() != 1 {
		t.Fatalf("%d, held %s", page.Status, page.Find("[data-held]").Text())
	}
	if v := h.entry(id).Value.(*kind.News); v.Summary.In(i18n.EN) != "Ann’s summary" || v.Date != "2026-07-01" {
		t.Errorf("stored %q, %q", v.Summary.In(i18n.EN), v.Date)
	}
	page = bob.send("summary@en", "Bob’s summary", "title@en", "Registers are open")
	if page.Find(`[data-held="summary@en"] .clash .theirs`).Text() != "Ann’s summary" || page.Find("[data-news]").Length() != 0 {
		t.Errorf("clash: %s", page.Find("#autosaved").Text())
	}
	if v := h.entry(id).Value.(*kind.News); v.Summary.In(i18n.EN) != "Ann’s summary" || v.Title.In(i18n.EN) != "Registers are open" {
		t.Errorf("stored %q, %q", v.Summary.In(i18n.EN), v.Title.In(i18n.EN))
	}
	page = ann.send() // asks what is new
	if got := page.Find(`[data-news="title@en"] textarea`).Text(); strings.TrimSpace(got) != "Registers are open" || !strings.Contains(page.Find(`[data-news="title@en"]`).AttrOr("data-text", ""), "Changed by") {
		t.Errorf("news: %q", got)
	}
	if page.Find(`[data-other="title@en"] .clash`).Length() != 1 {
		t.Error("who has typed into it meanwhile has no other side to show")
	}
	if list := h.editor.Get("/admin/news/" + id + "/history"); !strings.Contains(list.Find("ol.history").Text(), "saved automatically") {
		t.Errorf("history: %s", list.Find("ol.history").Text())
	}
	// Another account in the same browser saves nothing of it.
	ann.account = bob.account
	if page = ann.send("title@en", "Not theirs"); page.Status != http.StatusForbidden || page.Find("#session").AttrOr("data-account", "") == bob.account {
		t.Errorf("typed by another account: %d", page.Status)
	}
	if got := h.entry(id).Title; got != "Registers are open" {
		t.Errorf("title %q", got)
	}
}

// TestMadeByItself: the first automatic save makes the entry, and what is sent again because an answer was lost goes there too.
func TestMadeByItself(t *testing.T) {
	h := open(t)
	ann := h.typist(h.editor, "/admin/news/new")
	fresh := *ann
	first := ann.send("title@en", "Reg")
	fresh.seq = ann.seq
	second := fresh.send("title@en", "Registers open")
	if a, b := first.Find("#autosaved").AttrOr("data-own", ""), second.Find("#autosaved").AttrOr("data-own", "?"); a != b || second.Find("#publishing .card").Length() == 0 {
		t.Fatalf("made %q and %q: %d", a, b, second.Status)
	}
	id := strings.TrimPrefix(ann.at, "/admin/news/")
	if got := h.entry(id).Title; got != "Registers open" || second.Find(".clash").Length() != 0 {
		t.Errorf("title %q; %s", got, second.Find(".clash").Text())
	}
}

// TestItemsMeanwhile: what one wrote into an item that another removed is shown, with the items that were added meanwhile.
func TestItemsMeanwhile(t *testing.T) {
	h := open(t)
	id, at := h.event()
	ann := h.typist(h.editor, at)
	bob := h.typist(h.SignIn("bob@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}), at)
	bob.form["sessions"] = []string{"", "bb", "cc"}
	bob.send("sessions.cc.title@en", "Closing")
	delete(bob.form, "sessions")
	page := ann.send("sessions.aa.title@en", "A warm welcome", "subtitle@en", "Stored all the same")
	list := page.Find(`[data-news="sessions"]`)
	if list.Find(".clash").Length() != 1 || list.Find(`[data-item]`).Length() != 3 || list.Find(`[name="sessions.aa.title@en"]`).AttrOr("value", "") != "A warm welcome" {
		t.Errorf("%d clashes, %d items", list.Find(".clash").Length(), list.Find("[data-item]").Length())
	}
	if got := h.entry(id).Value.(*kind.Event).Subtitle.In(i18n.EN); got != "Stored all the same" {
		t.Errorf("subtitle %q", got)
	}
}

// TestWhoElseIsHere: people in an entry see each other and their field, and who may not read it sees nobody.
func TestWhoElseIsHere(t *testing.T) {
	h := open(t)
	id, at := h.event()
	bob := h.SignIn("bob@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	h.editor.Post(at+"/here", url.Values{"field": {"summary@en"}})
	page := bob.Post(at+"/here", url.Values{"field": {"<b>"}})
	if page.Find(`[data-field="summary@en"]`).Length() != 1 || page.Find(`input[name="base:facts"]`).AttrOr("value", "") != "1" {
		t.Errorf("%d: %s", page.Status, page.Find("#here").Text())
	}
	if page = h.editor.Post(at+"/here", url.Values{}); page.Find(`[data-field=""]`).Length() != 1 {
		t.Error("a field that is none")
	}
	bob.Post(at+"/here", url.Values{"leave": {"1"}})
	if page = h.editor.Post(at+"/here", url.Values{}); page.Find("[data-field]").Length() != 0 {
		t.Error("Bob has left")
	}
	if page = h.Visitor().Post("/admin/events/"+id+"/here", url.Values{}); page.Status != http.StatusUnauthorized && page.Find("#here").Length() != 0 {
		t.Errorf("a stranger: %d", page.Status)
	}
}
