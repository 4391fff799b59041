package admin

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"

	"github.com/PuerkitoBio/goquery"
)

var slot = regexp.MustCompile(`\{[A-Z]\w*\}`)

// Every page of the panel can be shown in a language of each script, and says nothing for which there are no words.
func TestPagesInThreeLanguages(t *testing.T) {
	h := open(t)
	b := h.as("admin", site(auth.Admin))
	office := h.organization("Office")
	id := h.news(system, office, "Bridges", true)
	gone := h.news(system, office, "Old road", false)
	h.must(h.content.Delete(t.Context(), system, gone))
	forum := h.event("Next forum", 48*time.Hour, nil)
	h.event("Past forum", -30*24*time.Hour, func(e *kind.Event) {
		e.Commitments = []kind.Commitment{{Item: content.Item{ID: "aaaaaa"}, Kind: "recordings", Due: content.Date(time.Now().AddDate(0, 0, -5).Format(time.DateOnly))}}
	})
	file := b.upload("text/html", "note.txt", "Some words.").Find(".mcard").AttrOr("data-id", "")
	me := h.account("third@example.org", site(auth.Editor), auth.Grant{Role: auth.Translator, Scope: auth.ScopeSeries, ScopeID: office, Locale: i18n.FR}).ID
	letter := b.post("/admin/outbox/test").to
	h.failedTask()
	paths := []string{"/admin", "/admin/entries", "/admin/news?q=", "/admin/events?state=draft&lang=en&sort=-title&mine=1", "/admin/topics", "/admin/trash", "/admin/media", "/admin/media/" + file,
		"/admin/settings", "/admin/users", "/admin/users/" + me, "/admin/outbox", "/admin/outbox?state=held&lang=ar&q=x", letter, "/admin/outbox/tasks", "/admin/log", "/admin/privacy", "/admin/account", "/admin/help", "/admin/news?q=nothing+like+it",
		"/admin/promises", "/admin/promises?state=kept&mine=1", "/admin/events/" + forum, "/admin/events/" + forum + "/checklist", "/admin/events/" + forum + "/change/move", "/admin/events/" + forum + "/change/cancel",
		"/admin/events/" + forum + "/change/venue", "/admin/events/" + forum + "/undo"}
	for _, l := range []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH} {
		if p := b.post("/admin/account/look", "locale", string(l), "next", "/admin/help"); p.status != http.StatusSeeOther || p.to != "/admin/help" {
			t.Fatalf("choosing %s: %d to %s", l, p.status, p.to)
		}
		for _, path := range paths {
			p := b.page(path)
			if lang, dir := p.Find("html").AttrOr("lang", ""), p.Find("html").AttrOr("dir", ""); lang != string(l) || dir != l.Dir() {
				t.Errorf("%s: lang %q dir %q", path, lang, dir)
			}
			if s := slot.FindString(p.Find("body").Not("#messages").Text()); s != "" {
				t.Errorf("%s in %s: a slot was left empty: %s", path, l, s)
			}
			if p.Find("h1").Length() != 1 || p.Find("main").Length() != 1 {
				t.Errorf("%s: %d h1, %d main", path, p.Find("h1").Length(), p.Find("main").Length())
			}
			p.Find("[style],script:not([src]),[onclick]").Each(func(_ int, s *goquery.Selection) {
				t.Errorf("%s: the policy forbids %s", path, goquery.NodeName(s))
			})
			seen := map[string]bool{}
			p.Find("[id]").Each(func(_ int, s *goquery.Selection) {
				if id := s.AttrOr("id", ""); seen[id] {
					t.Errorf("%s: id %q twice", path, id)
				} else {
					seen[id] = true
				}
			})
			p.Find("main input:not([type=hidden]):not([hidden]),main select,main textarea").Each(func(_ int, s *goquery.Selection) {
				if s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && p.Find(`label[for="`+s.AttrOr("id", "-")+`"]`).Length() == 0 {
					t.Errorf("%s: field %q has no label", path, s.AttrOr("name", ""))
				}
			})
			p.Find("a,button").Not("[aria-hidden=true]").Each(func(_ int, s *goquery.Selection) {
				if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
					t.Errorf("%s: a nameless %s %s", path, goquery.NodeName(s), s.AttrOr("href", s.AttrOr("value", "")))
				}
			})
		}
	}
	b.post("/admin/account/look", "locale", "en")
	for _, path := range []string{"/admin/nowhere", "/admin/news/" + id + "/nothing"} {
		if p := b.get(path); p.status != http.StatusNotFound || !strings.Contains(p.Find("h1").Text(), h.cat.T(i18n.EN, "error.not_found.title")) {
			t.Errorf("%s: %d %q", path, p.status, p.Find("h1").Text())
		} else if p.Find("main a[href='/admin']").Length() != 1 || p.Find("main a[href='/admin/sign-in']").Length() != 0 {
			t.Errorf("%s does not know who is signed in", path)
		}
	}
	for _, missing := range h.cat.Missing() {
		if key, en := strings.CutPrefix(missing, "en "); en {
			t.Errorf("no words for %s", key)
		}
	}
}

func TestErrorPageSpeaksTheActorsLanguage(t *testing.T) {
	h := open(t)
	b := h.as("observer", site(auth.Observer))
	b.post("/admin/account/look", "locale", "ar")
	p := b.get("/admin/users")
	if p.status != http.StatusForbidden || p.Find("html").AttrOr("dir", "") != "rtl" || p.Find("main h1").Length() != 1 {
		t.Errorf("%d %s", p.status, p.Find("html").AttrOr("dir", ""))
	}
	if got := p.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

// What a person calls herself, an entry or a file is text everywhere.
func TestWordsAreNeverMarkup(t *testing.T) {
	h := open(t)
	b := h.as("admin", site(auth.Admin))
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	id := h.news(system, h.organization(evil), evil, true)
	acc := h.account("x@example.org", site(auth.Editor))
	acc.Name = evil
	h.must(h.auth.Update(t.Context(), system, *acc))
	file := b.upload("text/html", evil+".txt", "words").Find(".mcard").AttrOr("data-id", "")
	for _, path := range []string{"/admin", "/admin/news", "/admin/entries", "/admin/palette?q=alert", "/admin/users", "/admin/users/" + acc.ID, "/admin/log", "/admin/media", "/admin/media/" + file,
		"/admin/news?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"} {
		p := b.page(path)
		p.Find("script:not([src]),img[src=x],[onerror]").Each(func(_ int, s *goquery.Selection) { t.Errorf("%s: %s got in", path, goquery.NodeName(s)) })
	}
	p := b.post("/admin/news", "op", "unpublish", "id", id, "id", "none")
	if p.status != http.StatusOK || p.Find("main script").Length() > 0 {
		t.Errorf("bulk: %d", p.status)
	}
}
