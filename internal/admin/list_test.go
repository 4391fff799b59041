package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"

	"github.com/PuerkitoBio/goquery"
)

func titles(p *answer) []string { return p.texts("tbody .c-title a") }

func TestListFiltersSortsAndPages(t *testing.T) {
	h := open(t)
	editor := h.as("editor", site(auth.Editor))
	ours, theirs := h.organization("Ours"), h.organization("Theirs")
	account, err := h.auth.ByEmail(t.Context(), system, "editor@example.org")
	h.must(err)
	me, err := h.auth.ActorOf(t.Context(), account.ID)
	h.must(err)
	for i := range 27 {
		h.news(system, ours, fmt.Sprintf("Item %02d", i), i%2 == 0)
	}
	mine := h.news(me, theirs, "Élan vital", false)
	_, err = h.content.Save(t.Context(), system, content.Change{ID: mine, Set: words(i18n.FR, "title", "Élan")})
	h.must(err)

	p := editor.page("/admin/news?sort=title")
	if got := titles(p); len(got) != 25 || got[0] != "Élan vital" || got[1] != "Item 00" {
		t.Errorf("by title: %d %q", len(got), got)
	}
	if got := p.Find("#total").Text(); got != "28 entries" {
		t.Errorf("total: %q", got)
	}
	if s := p.Find("th.c-title[aria-sort]").AttrOr("aria-sort", ""); s != "ascending" {
		t.Errorf("aria-sort %q", s)
	}
	next := p.Find("a[rel=next]").AttrOr("href", "")
	if p = editor.page(next); len(titles(p)) != 3 || titles(p)[2] != "Item 26" || p.Find("a[rel=prev]").Length() != 1 || p.Find("a[rel=next]").Length() != 0 {
		t.Errorf("second page %s: %q", next, titles(p))
	}
	if got := titles(editor.page("/admin/news?sort=-title")); got[0] != "Item 26" {
		t.Errorf("by title, the other way: %q", got[0])
	}
	if p := editor.page("/admin/news?page=99"); len(titles(p)) != 3 {
		t.Errorf("beyond the last page: %d rows", len(titles(p)))
	}
	for query, want := range map[string]int{"q=elan": 1, "q=item+2": 9, "state=published": 14, "state=draft": 14, "state=draft&lang=fr": 1, "state=not_started&lang=fr": 25, "lang=fr": 1,
		"owner=" + theirs: 1, "mine=1": 1, "year=2026": 25, "year=2025": 0, "when=upcoming": 0, "q=%25": 0, "q=_": 0} {
		p := editor.page("/admin/news?" + query)
		if got := len(titles(p)); got != want {
			t.Errorf("%s: %d rows, want %d", query, got, want)
		}
		if want == 0 && p.Find(".blank").Length() != 1 {
			t.Errorf("%s: an empty list says nothing", query)
		}
	}
	for _, query := range []string{"password=1", "sort=created_by", "state=secret", "lang=xx", "year=abc", "q=a&q=b", "when=never", "sort=title%27--"} {
		if p := editor.get("/admin/news?" + query); p.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, p.status)
		}
	}
	// A row tells every language's state in words.
	p = editor.page("/admin/news?q=elan")
	if got := p.texts(".tongues-row .vh"); len(got) != 9 || !slices.Contains(got, "Français: Draft") || !slices.Contains(got, "中文: Not started") {
		t.Errorf("languages: %q", got)
	}
	if got := p.Find(`.tongues-row a[title^="Français"]`).AttrOr("href", ""); got != "/admin/news/"+mine+"?lang=fr" {
		t.Errorf("a language leads to %s", got)
	}
}

func TestListOpensAsItWasLeft(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	h.news(system, "", "Something", true)
	b.page("/admin/news?q=&state=draft&sort=title")
	if p := b.get("/admin/news"); p.status != http.StatusSeeOther || p.to != "/admin/news?sort=title&state=draft" {
		t.Errorf("%d to %q", p.status, p.to)
	}
	b.page("/admin/events") // each list for itself
	clear := b.page("/admin/news?state=draft").Find(".filters a.ghost").AttrOr("href", "")
	b.page(clear)
	if p := b.page("/admin/news"); len(titles(p)) != 1 {
		t.Error("cleared filters come back")
	}
	b.page("/admin/news?state=draft")
	b.post("/admin/sign-out")
	b.post("/admin/sign-in", "email", "editor@example.org", "password", secret)
	b.page("/admin/news")
}

func TestBulk(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	good, other := h.news(system, "", "Good news", false), h.news(system, "", "Other news", false)
	bad, err := h.content.Save(t.Context(), system, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "Half a story")})})
	h.must(err)
	// The one that lacks something does not hold up the other, and says what it lacks, with links to the fields.
	p := b.post("/admin/news", "op", "publish", "id", good, "id", bad.ID, "back", "/admin/news?state=draft")
	if p.status != http.StatusOK {
		t.Fatalf("%d %s", p.status, p.body)
	}
	if got := p.Find("[data-announce]").Text(); got != "Done: 1 of 2." {
		t.Errorf("summary %q", got)
	}
	reasons := p.texts("main .bullets a")
	if len(reasons) < 2 || p.Find(`main .bullets a[href="/admin/news/`+bad.ID+`?lang=en#summary@en"]`).Length() != 1 {
		t.Errorf("reasons: %q\n%s", reasons, p.Find("main .bullets").Text())
	}
	if back := p.Find("main > p > a.btn").AttrOr("href", ""); back != "/admin/news?state=draft" {
		t.Errorf("back to %q", back)
	}
	if e, _ := h.content.Get(t.Context(), system, good); len(e.Live) == 0 {
		t.Error("not published")
	}
	p = b.post("/admin/news", "op", "publish", "id", other)
	if p.status != http.StatusSeeOther || p.to != "/admin/news" {
		t.Errorf("all well: %d to %q", p.status, p.to)
	}
	if got := b.page("/admin/news").texts(".notice"); len(got) != 1 || got[0] != "Published: 1." {
		t.Errorf("told: %q", got)
	}
	if b.post("/admin/news", "op", "unpublish", "id", other); true {
		if e, _ := h.content.Get(t.Context(), system, other); len(e.Live) != 0 {
			t.Error("not withdrawn")
		}
	}
	if p := b.post("/admin/news", "op", "delete", "id", good, "back", "https://evil.example/"); p.to != "/admin/news" {
		t.Errorf("to %q", p.to)
	}
	trash := b.page("/admin/trash")
	if got := trash.texts(".c-title"); len(got) != 1 || got[0] != "Good news" {
		t.Errorf("trash: %q", got)
	}
	if p := b.post("/admin/trash", "id", good); p.status != http.StatusSeeOther || p.to != "/admin/news/"+good {
		t.Errorf("brought back: %d to %q", p.status, p.to)
	}
	if p := b.post("/admin/news", "op", "drop table", "id", good); p.status != http.StatusBadRequest {
		t.Errorf("nonsense: %d", p.status)
	}
	// Who may not publish is told so for each entry, and nothing happens.
	c := h.as("contributor", site(auth.Contributor))
	if p := c.post("/admin/news", "op", "publish", "id", good); p.status != http.StatusOK || !strings.Contains(p.Find("main").Text(), h.cat.T(i18n.EN, "error.forbidden.text")) {
		t.Errorf("contributor: %d", p.status)
	}
	if e, _ := h.content.Get(t.Context(), system, good); len(e.Live) != 0 {
		t.Error("a contributor published")
	}
	// One language alone, when the list is of that language.
	_, err = h.content.Save(t.Context(), system, content.Change{ID: good, Set: words(i18n.FR, "title", "Bonne nouvelle", "summary", "Ce que c'est.")})
	h.must(err)
	h.must(h.content.Publish(t.Context(), system, content.PublishChange{ID: good, Facts: true, Locales: []i18n.Locale{i18n.EN}}))
	if p := b.post("/admin/news", "op", "publish", "lang", "fr", "id", good); p.status != http.StatusSeeOther {
		t.Errorf("French: %d %s", p.status, p.Find("main").Text())
	}
	if e, _ := h.content.Get(t.Context(), system, good); e.Live[content.Part(i18n.FR)] == 0 {
		t.Error("French is not public")
	}
}

func TestDashboard(t *testing.T) {
	h := open(t)
	editor := h.as("editor", site(auth.Editor))
	if p := editor.page("/admin"); p.Find(".blank").Length() != 1 {
		t.Error("an empty site says nothing")
	}
	office, theirs := h.organization("Office"), h.organization("Theirs")
	id := h.news(system, office, "Bridge opened", true)
	h.news(system, theirs, "Their plan", false)
	_, err := h.content.Save(t.Context(), system, content.Change{ID: id, Set: words(i18n.EN, "title", "Bridge opened at last")})
	h.must(err)
	h.event("Harbour forum", 72*time.Hour, nil)
	h.event("Last year's forum", -40*24*time.Hour, func(e *kind.Event) {
		due := func(days int) content.Date { return content.Date(time.Now().AddDate(0, 0, days).Format(time.DateOnly)) }
		e.Commitments = []kind.Commitment{{Item: content.Item{ID: "aaaaaa"}, Kind: "report", Due: due(9)}, {Item: content.Item{ID: "bbbbbb"}, Kind: "recordings", Due: due(-6)},
			{Item: content.Item{ID: "cccccc"}, Kind: "summary", Due: due(-6), Fulfilled: due(-7)}}
	})
	over := h.event("Closed seminar", -20*24*time.Hour, func(e *kind.Event) {
		e.Summary, e.Kind, e.Scope, e.Status, e.Mode, e.Access = content.L("en", "What it was about."), "seminar", "global", "scheduled", "online", "closed"
		e.Venues, e.WorkingLanguages = []kind.Venue{{Type: "online", Name: content.L("en", "Zoom")}}, []string{"en"}
		e.Organizations = []kind.OrganizationRole{{Organization: content.Ref(office), Role: "organizer"}}
		e.Contacts, e.FocalPoint = []kind.Contact{{Mailbox: "office@example.org"}}, "account1"
	})
	h.must(h.content.Publish(t.Context(), system, content.PublishChange{ID: over, Facts: true, Locales: []i18n.Locale{i18n.EN}}))
	p := editor.page("/admin")
	card := func(name string) string {
		return strings.Join(strings.Fields(p.Find(`section[aria-labelledby="`+name+`"]`).Text()), " ")
	}
	if got := card("waiting"); !strings.Contains(got, "Bridge opened at last") || strings.Contains(got, "Their plan") {
		t.Errorf("waiting: %q", got)
	}
	if got := card("next"); !strings.Contains(got, "Harbour forum") || strings.Contains(got, "Last year") || !strings.Contains(got, "Draft") || p.Find(`section[aria-labelledby=next] .check a[href*="#"]`).Length() == 0 {
		t.Errorf("next: %q", got)
	}
	// What has been begun says what it lacks, and leads there; an event that is over says that nobody told what came of it.
	if got := card("drafts"); !strings.Contains(got, "Their plan") || !strings.Contains(got, "Harbour forum") || !strings.Contains(got, "needed to publish") ||
		strings.Contains(got, "Bridge") || p.Find(`section[aria-labelledby=drafts] .check a[href$="/`+over+`#documents"]`).Length() != 1 || p.Find(`section[aria-labelledby=drafts] .check a[href$="/`+over+`/checklist"]`).Length() != 1 || p.Find(`section[aria-labelledby=drafts] .check a[href*="#"]`).Length() == 0 {
		t.Errorf("drafts: %q", got)
	}
	got := card("promises")
	if !strings.Contains(got, "6 days overdue") && !strings.Contains(got, "5 days overdue") || strings.Index(got, "overdue") > strings.Index(got, "Due ") || strings.Contains(got, h.cat.T(i18n.EN, "enum.commitment_kind.summary")) {
		t.Errorf("promises: %q", got)
	}
	if got := card("changed"); !strings.Contains(got, "Their plan") {
		t.Errorf("changed: %q", got)
	}
	// A partner sees only her own, a translator first of all what is to be translated into her language.
	p = h.as("partner", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: theirs}).page("/admin")
	if text := p.Find("main").Text(); !strings.Contains(text, "Their plan") || strings.Contains(text, "Bridge") || strings.Contains(text, "forum") {
		t.Errorf("partner: %s", strings.Join(strings.Fields(text), " "))
	}
	p = h.as("translator", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.RU}).page("/admin")
	if first := p.Find(".board section").First(); first.AttrOr("aria-labelledby", "") != "translate" || !strings.Contains(first.Text(), "Русский") || first.Find(`a[href$="?lang=ru"]`).Length() == 0 {
		t.Errorf("translator: %s", first.Text())
	}
	if p.Find("a[href$='/new']").Length() != 0 {
		t.Error("a translator is offered to begin entries")
	}
}

func TestPalette(t *testing.T) {
	h := open(t)
	h.news(system, "", "Élection des ponts", true)
	find := func(b *browser, q string) []string {
		p := b.page("/admin/palette?q=" + q)
		return p.Find("[role=option]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-href", "") })
	}
	editor := h.as("editor", site(auth.Editor))
	if got := find(editor, "election"); len(got) != 1 || !strings.HasPrefix(got[0], "/admin/news/") {
		t.Errorf("an entry: %q", got)
	}
	if got := find(editor, "new+event"); len(got) == 0 || got[0] != "/admin/events/new" {
		t.Errorf("new event: %q", got)
	}
	if got := find(editor, "users"); len(got) != 0 {
		t.Errorf("an editor is led to %q", got)
	}
	if got := find(editor, ""); !slices.Contains(got, "/admin/media") {
		t.Errorf("nothing typed: %q", got)
	}
	if got := find(h.as("observer", site(auth.Observer)), "new"); slices.Contains(got, "/admin/events/new") {
		t.Error("an observer may begin an event")
	}
}

func TestListIsFast(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	for i := range 60 {
		h.news(system, "", fmt.Sprintf("Item %d", i), false)
	}
	b.page("/admin/news?sort=title")
	best := time.Hour
	for range 5 {
		start := time.Now()
		b.page("/admin/news?sort=title")
		best = min(best, time.Since(start))
	}
	if best > 100*time.Millisecond {
		t.Errorf("25 rows take %s", best)
	}
	t.Logf("25 rows: %s", best)
}
