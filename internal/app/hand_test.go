package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"

	"github.com/PuerkitoBio/goquery"
)

// news saves a news item with a title.
func newsItem(t *testing.T, h *apptest.Plenary, office, title string) string {
	t.Helper()
	parts := kind.NewsKind.Split(&kind.News{Title: content.L("en", title), Summary: content.L("en", "What "+title+" is about."), Kind: "news", Date: "2026-11-02", Body: content.P("en", "<p>Words.</p>")})
	return save(t, h, content.Change{Kind: kind.NewsKind, Office: office, Original: i18n.EN, Set: parts})
}

// at is where redirects led, with its query.
func at(p *apptest.Page) string { return strings.TrimSuffix(p.Path+"?"+p.Query, "?") }

// found are the lines of a page of what was found, or of the palette's answer.
func found(p *apptest.Page) []string {
	var out []string
	for _, s := range []string{"main .card .list b", "[role=option] .grow"} {
		p.Find(s).Each(func(_ int, s *goquery.Selection) { out = append(out, strings.Join(strings.Fields(s.Text()), " ")) })
	}
	return out
}

func TestWhatIsAtHand(t *testing.T) {
	h := apptest.Start(t)
	office := save(t, h, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Partner Office")})
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	partner := h.SignIn("partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	secret := newsItem(t, h, "", "Zanzibar papers")
	open := newsItem(t, h, office, "Zanzibar forum")

	// Each finds what they may see, by the page and by the palette, and does there what they may do.
	for _, way := range []string{"/admin/find", "/admin/palette"} {
		all := found(editor.Get(way + "?q=zanZ"))
		if !slices.Contains(all, "Zanzibar papers") || !slices.Contains(all, "Zanzibar forum") {
			t.Errorf("%s: the editor finds %q", way, all)
		}
		all = found(partner.Get(way + "?q=zanz"))
		if slices.Contains(all, "Zanzibar papers") || !slices.Contains(all, "Zanzibar forum") {
			t.Errorf("%s: the partner finds %q", way, all)
		}
		if all := found(editor.Get(way + "?q=new+news")); len(all) == 0 || !strings.Contains(strings.ToLower(all[0]), "news") {
			t.Errorf("%s: new news: %q", way, all)
		}
		here := found(editor.Get(way + "?at=" + url.QueryEscape("/admin/news/"+open+"/history?lang=en")))
		for _, want := range []string{"Open the form", "Translate: French", "History"} {
			if !slices.Contains(here, want) {
				t.Errorf("%s: %q is not among what can be done here: %q", way, want, here)
			}
		}
		// What is not theirs, is none, or is no address tells nothing.
		bare := strings.Join(found(partner.Get(way)), "|")
		for _, at := range []string{"/admin/news/" + secret, "/admin/news/zzzz", "/admin/events/" + open, "//evil.example/admin/news/" + open, "%", "/admin/news/new"} {
			if got := strings.Join(found(partner.Get(way+"?at="+url.QueryEscape(at))), "|"); got != bare {
				t.Errorf("%s at %q: %q, not %q", way, at, got, bare)
			}
		}
	}
	// An entry is found by its address as well, by those who may see it, and by the year it is of.
	for _, x := range []struct {
		who  *apptest.Browser
		at   string
		want bool
	}{{editor, "/e/" + secret, true}, {editor, h.URL + "/e/" + secret, true}, {partner, "/e/" + secret, false}, {editor, "https://evil.example/e/" + secret, false}, {editor, "/e/zzzzzzzzzzzz", false}, {editor, "/en/news/nothing", false}} {
		if got := slices.Contains(found(x.who.Get("/admin/palette?q="+url.QueryEscape(x.at))), "Zanzibar papers"); got != x.want {
			t.Errorf("found at %s: %v", x.at, got)
		}
	}
	event := kind.EventKind.Split(&kind.Event{Title: content.L("en", "Forum of ports"), When: content.When{Start: "2019-05-03T09:00", Zone: "Europe/Paris", Precision: "time"}})
	save(t, h, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: event})
	for q, want := range map[string]bool{"2019 forum": true, "2019": true, "forum 2018": false, "2019 zanzibar": false} {
		if got := slices.Contains(found(editor.Get("/admin/palette?q="+url.QueryEscape(q))), "Forum of ports"); got != want {
			t.Errorf("%s: found: %v", q, got)
		}
	}
	for from, want := range map[string]bool{h.URL + "/admin/news/" + open + "/history": true, "https://evil.example/admin/news/" + open + "/history": false, h.URL + "/admin/find?at=x": false} {
		p := editor.Send(apptest.Request{Method: http.MethodGet, Path: "/admin/find", Header: http.Header{"Referer": {from}}})
		if got := slices.Contains(found(p), "Open the form"); got != want {
			t.Errorf("from %s: what can be done there is offered: %v", from, got)
		}
	}
	if p := editor.Get("/admin/find?q=" + url.QueryEscape(strings.Repeat("x", 5000))); p.Status != http.StatusOK || p.Find(".blank").Length() != 1 || p.Find("input[name=q]").AttrOr("value", "") != strings.Repeat("x", 300) {
		t.Errorf("a long question: %d", p.Status)
	}

	// What somebody worked on last comes first, for them alone; what is gone is not among it.
	dashboard := func(b *apptest.Browser) []string {
		var out []string
		b.Get("/admin").Find("section[aria-labelledby=recent] b").Each(func(_ int, s *goquery.Selection) { out = append(out, s.Text()) })
		return out
	}
	if got := dashboard(editor); len(got) != 0 {
		t.Errorf("worked on already: %q", got)
	}
	touch := func(b *apptest.Browser, id, title string) {
		t.Helper()
		page := b.Get("/admin/news/" + id)
		form := page.Form("#form")
		form.Set("title@en", title)
		form.Set("op", "save")
		if p := b.Post("/admin/news/"+id, form); p.Status != http.StatusOK {
			t.Fatalf("save: %d", p.Status)
		}
	}
	touch(editor, secret, "Zanzibar papers, edited")
	touch(editor, open, "Zanzibar forum, edited")
	if got := dashboard(editor); !slices.Equal(got, []string{"Zanzibar forum, edited", "Zanzibar papers, edited"}) {
		t.Errorf("worked on: %q", got)
	}
	if got := dashboard(partner); len(got) != 0 {
		t.Errorf("the partner worked on %q", got)
	}
	if all := found(editor.Get("/admin/palette")); len(all) < 2 || all[0] != "Zanzibar forum, edited" {
		t.Errorf("the palette begins with %q", all)
	}
	if p := editor.Post("/admin/news/"+open+"/delete", url.Values{}); p.Status != http.StatusOK {
		t.Fatalf("delete: %d", p.Status)
	}
	if got := dashboard(editor); !slices.Equal(got, []string{"Zanzibar papers, edited"}) {
		t.Errorf("after deleting: %q", got)
	}
}

func TestStoryOfASavedView(t *testing.T) {
	h := apptest.Start(t)
	event := registrable(t, h, func(content.Leaves, content.Leaves) {})
	password := h.Account("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}, auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: event})
	signIn := func() *apptest.Browser {
		b := h.Visitor()
		if p := b.Post("/admin/sign-in", url.Values{"email": {"editor@example.org"}, "password": {password}}); p.Path != "/admin" {
			t.Fatalf("sign in: %d at %s", p.Status, p.Path)
		}
		return b
	}
	editor := signIn()
	other := h.SignIn("other@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	newsItem(t, h, "", "A draft")

	// Without filters there is nothing to save; with some there is, and it keeps them.
	if p := editor.Get("/admin/news"); p.Find(".views").Length() != 0 {
		t.Error("a list without filters and views offers to save some")
	}
	page := editor.Get("/admin/news?state=draft&sort=title&page=3")
	form := page.Form(".views form")
	form.Set("name", "Drafts")
	page = editor.Post("/admin/views", form)
	if page.Status != http.StatusOK || at(page) != "/admin/news?sort=title&state=draft" || page.Find(".views [aria-current]").Text() != "Drafts" || page.Find(".views form").Length() != 0 {
		t.Fatalf("kept: %d at %s, here %q", page.Status, at(page), page.Find(".views [aria-current]").Text())
	}
	if got := editor.Get("/admin/news?q=").Find(".views [aria-current]").Text(); got != "All" {
		t.Errorf("without filters: %q", got)
	}
	if got := other.Get("/admin/news?q=").Find(".views").Length(); got != 0 {
		t.Error("a colleague sees it")
	}
	if all := found(editor.Get("/admin/find?q=drafts")); !slices.Contains(all, "Drafts") {
		t.Errorf("it is not found: %q", all)
	}

	// A name that is not one comes back with what was typed and the filters.
	form = editor.Get("/admin/news?q=budget").Form(".views form")
	form.Set("name", " ")
	form.Set("shared", "1")
	page = editor.Post("/admin/views", form)
	if page.Status != http.StatusUnprocessableEntity || page.Find("#view-err").Length() != 1 || page.Find("input[name=query]").AttrOr("value", "") != "q=budget" || page.Find("#problems a").AttrOr("href", "") != "#view-name" {
		t.Errorf("no name: %d\n%.500s", page.Status, page.Find("main").Text())
	}

	// The same name again replaces it, and the way back is at hand.
	form.Set("name", "Drafts")
	page = editor.Post("/admin/views", form)
	if at(page) != "/admin/news?q=budget" || page.Find(".notice form").Length() != 1 {
		t.Fatalf("replaced: at %s", at(page))
	}
	if page = editor.Post(page.Find(".notice form").AttrOr("action", ""), page.Form(".notice form")); at(page) != "/admin/news?sort=title&state=draft" {
		t.Errorf("undone: at %s", at(page))
	}

	// Shared and made the usual one: a colleague sees it, and her list opens as before; his own opens with it at first.
	id := editor.Get("/admin/views").Find("input[name=id]").AttrOr("value", "")
	page = editor.Post("/admin/views", url.Values{"op": {"change"}, "id": {id}, "name": {"Our drafts"}, "usual": {"1"}, "shared": {"1"}})
	if page.Status != http.StatusOK || page.Find(".list b").First().Text() != "Our drafts" || page.Find(".list .tag").Length() != 2 {
		t.Errorf("changed: %d %q", page.Status, page.Find(".list b").First().Text())
	}
	if got := other.Get("/admin/news?q=").Find(".views a").Text(); !strings.Contains(got, "Our drafts (") {
		t.Errorf("a colleague sees %q", got)
	}
	if got := at(other.Get("/admin/news")); strings.Contains(got, "draft") {
		t.Errorf("a colleague's list opens at %s", got)
	}
	fresh := signIn()
	if got := at(fresh.Get("/admin/news")); got != "/admin/news?sort=title&state=draft" {
		t.Errorf("the list opens at %s", got)
	}
	fresh.Get("/admin/news?q=") // and then as it was left, without filters, too
	if got := at(fresh.Get("/admin/news")); got != "/admin/news?q=" {
		t.Errorf("then at %s", got)
	}

	// Removed, and brought back by the button of the notice.
	page = editor.Post("/admin/views", url.Values{"op": {"remove"}, "id": {id}})
	if page.Find("main .blank").Length() != 1 || page.Find(".notice form").Length() != 1 {
		t.Errorf("removed: %q", page.Find("main").Text())
	}
	page = editor.Post(page.Find(".notice form").AttrOr("action", ""), page.Form(".notice form"))
	if page.Find(".list b").First().Text() != "Our drafts" {
		t.Errorf("brought back: %q", page.Find("main").Text())
	}

	// Lists and filters that are none, and others' views.
	for _, bad := range []url.Values{
		{"op": {"keep"}, "list": {"nothing"}, "query": {"q=x"}, "name": {"x"}},
		{"op": {"keep"}, "list": {"events/zzzz/registrations"}, "query": {"q=x"}, "name": {"x"}},
		{"op": {"keep"}, "list": {"news"}, "query": {"state=unheard"}, "name": {"x"}},
		{"op": {"keep"}, "list": {"news"}, "query": {"evil=1"}, "name": {"x"}},
		{"op": {"keep"}, "list": {"news"}, "query": {"q=%zz"}, "name": {"x"}},
		{"op": {"keep"}, "list": {"../news"}, "query": {"q=x"}, "name": {"x"}},
		{"op": {"else"}}, {},
	} {
		if p := editor.Post("/admin/views", bad); p.Status < 400 || p.Status >= 500 {
			t.Errorf("%v: %d", bad, p.Status)
		}
	}
	for _, op := range []string{"change", "remove", "restore"} {
		mine := other.Post("/admin/views", url.Values{"op": {op}, "id": {id}, "name": {"Mine now"}})
		none := other.Post("/admin/views", url.Values{"op": {op}, "id": {"zzzz"}, "name": {"Mine now"}})
		if mine.Status != http.StatusNotFound || none.Status != http.StatusNotFound {
			t.Errorf("%s of another's: %d, of none %d", op, mine.Status, none.Status)
		}
	}

	// Of the board and of an event's registrations, too.
	for list, query := range map[string]string{"translations": "lang=fr&state=missing", "events/" + event + "/registrations": "country=KE"} {
		form := editor.Get("/admin/" + list + "?" + query).Form(".views form")
		form.Set("name", "Of another list")
		if p := editor.Post("/admin/views", form); p.Status != http.StatusOK || at(p) != "/admin/"+list+"?"+query || p.Find(".views [aria-current]").Text() != "Of another list" {
			t.Errorf("%s: %d at %s", list, p.Status, at(p))
		}
	}
	if p := editor.Get("/admin/views"); p.Status != http.StatusOK || p.Find("main .card").Length() != 3 {
		t.Errorf("all views: %d cards", p.Find("main .card").Length())
	}
}

func TestWhatWasTakenAwayIsBroughtBack(t *testing.T) {
	h := apptest.Start(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	public := func(id, title string) bool {
		p := h.Visitor().Get("/en/news")
		return strings.Contains(p.Body, title)
	}
	publish := func(id string) {
		t.Helper()
		if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
	}
	undo := func(p *apptest.Page) *apptest.Page {
		t.Helper()
		if p.Find(".notice form").Length() != 1 {
			t.Fatalf("no way back: %d %q", p.Status, p.Find(".notice").Text())
		}
		return editor.Post(p.Find(".notice form").AttrOr("action", ""), p.Form(".notice form"))
	}
	id := newsItem(t, h, "", "Harvest report")
	publish(id)
	// The public sees again exactly what it saw, whatever the draft says meanwhile.
	page := editor.Get("/admin/news/" + id)
	form := page.Form("#form")
	form.Set("title@en", "Half a sentence")
	form.Set("op", "save")
	editor.Post("/admin/news/"+id, form)
	for _, step := range []string{"unpublish", "delete"} {
		p := editor.Post("/admin/news/"+id+"/"+step, url.Values{})
		if p.Status != http.StatusOK || public(id, "Harvest report") {
			t.Fatalf("%s: %d", step, p.Status)
		}
		if p = undo(p); p.Status != http.StatusOK || p.Path != "/admin/news/"+id || !public(id, "Harvest report") || public(id, "Half a sentence") {
			t.Errorf("%s undone: %d at %s %q", step, p.Status, p.Path, p.Find(".notice").Text())
		}
	}
	// Several at once: a draft stays a draft.
	draft := newsItem(t, h, "", "Only a draft")
	p := editor.Post("/admin/news", url.Values{"op": {"delete"}, "id": {id, draft}, "back": {"/admin/news?state=draft"}})
	if public(id, "Harvest report") || at(p) != "/admin/news?state=draft" {
		t.Fatalf("deleted: at %s", at(p))
	}
	if p = undo(p); at(p) != "/admin/news?state=draft" || !public(id, "Harvest report") || public(draft, "Only a draft") || !strings.Contains(p.Find(".notice").Text(), "Brought back: 2") {
		t.Errorf("undone: at %s %q", p.Path, p.Find(".notice").Text())
	}
	if p = editor.Post("/admin/news", url.Values{"op": {"unpublish"}, "id": {id}}); public(id, "Harvest report") {
		t.Fatal("not withdrawn")
	}
	if undo(p); !public(id, "Harvest report") {
		t.Error("not public again")
	}

	// Twice is once; what makes no sense is refused, and others' entries are not there.
	again := url.Values{"op": {"bring_back"}, "entry": {id + " facts.1 en.1"}, "back": {"https://evil.example"}}
	if p := editor.Post("/admin/undo", again); p.Status != http.StatusOK || p.Path != "/admin" {
		t.Errorf("twice: %d at %s", p.Status, p.Path)
	}
	for _, bad := range []string{"", " ", id + " facts.x", id + " facts.0", id + " xx.1", id + " facts", id + strings.Repeat(" en.1", 30)} {
		if p := editor.Post("/admin/undo", url.Values{"op": {"bring_back"}, "entry": {bad}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", bad, p.Status)
		}
	}
	for _, form := range []url.Values{{}, {"op": {"bring_back"}}, {"op": {"else"}, "entry": {id}}} {
		if p := editor.Post("/admin/undo", form); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, p.Status)
		}
	}
	office := save(t, h, content.Change{Kind: kind.OrganizationKind, Original: i18n.EN, Set: words(i18n.EN, "name", "Partner Office")})
	stranger := h.SignIn("stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	hidden := newsItem(t, h, "", "Not theirs")
	if p := stranger.Post("/admin/undo", url.Values{"op": {"bring_back"}, "entry": {hidden + " facts.1 en.1"}}); p.Status != http.StatusNotFound || public(hidden, "Not theirs") {
		t.Errorf("another's: %d", p.Status)
	}
}

func TestSingleKeysCanBeTurnedOff(t *testing.T) {
	h := apptest.Start(t)
	editor := h.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for _, on := range []bool{false, true} {
		form := url.Values{"keys_shown": {"1"}, "next": {"/admin/account"}}
		if on {
			form.Set("keys", "1")
		}
		p := editor.Post("/admin/account/look", form)
		_, ticked := p.Find("input[name=keys]").Attr("checked")
		if off := p.Find("body").AttrOr("data-keys", "") == "off"; off == on || ticked != on {
			t.Errorf("keys on %v: off on the page %v, ticked %v", on, off, ticked)
		}
	}
	// The menu of every page changes the theme and leaves the keys as they are: on, as they are now, and off.
	for _, now := range []string{"", "off"} {
		if p := editor.Post("/admin/account/look", url.Values{"theme": {"dark"}, "next": {"/admin/account"}}); p.Find("body").AttrOr("data-keys", "") != now {
			t.Errorf("the theme changed the keys, which were %q", now)
		}
		editor.Post("/admin/account/look", url.Values{"keys_shown": {"1"}})
	}
	if p := editor.Get("/admin/help"); p.Find("#keys kbd").Length() < 15 || fmt.Sprint(p.Status) != "200" {
		t.Errorf("%d keys on the page of help", p.Find("#keys kbd").Length())
	}
}

// Each step that takes something away is told with the button that takes it back.
func TestWaysBack(t *testing.T) {
	h := apptest.Start(t)
	boss := h.SignIn("boss@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite}, auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	id := newsItem(t, h, "", "Harvest report")
	own := "/admin/news/" + id
	undo := func(what string, p *apptest.Page) *apptest.Page {
		t.Helper()
		if p.Find(".notice form").Length() != 1 {
			t.Fatalf("%s: no way back: %d at %s %q", what, p.Status, at(p), p.Find(".notice").Text())
		}
		p = boss.Post(p.Find(".notice form").AttrOr("action", ""), p.Form(".notice form"))
		if p.Status != http.StatusOK || p.Find(".notice.error").Length() != 0 {
			t.Fatalf("%s undone: %d at %s %q", what, p.Status, at(p), p.Find(".notice").Text())
		}
		return p
	}

	// Saved states.
	title := func() string { return strings.TrimSpace(boss.Get(own).Find(".titlein").Text()) }
	change := func(to string) {
		t.Helper()
		form := boss.Get(own).Form("#form")
		form.Set("title@en", to)
		form.Set("op", "save")
		boss.Post(own, form)
	}
	if title() == "" {
		t.Fatal("no title in the form")
	}
	change("Second title")
	change("Third title")
	if p := boss.Post(own+"/history/en/1", url.Values{}); title() != "Harvest report" {
		t.Errorf("brought back: %q", title())
	} else if undo("a saved state", p); title() != "Third title" {
		t.Errorf("and undone: %q", title())
	}

	// A preview link.
	p := boss.Get(own + "/preview/links")
	form := p.Form("form:has([name=days])")
	form.Set("note", "For the minister")
	form["lang"] = []string{"en"}
	p = boss.Post(own+"/preview/links", form)
	link, err := url.Parse(p.Find("#fresh").AttrOr("value", ""))
	if err != nil || link.Path == "" {
		t.Fatalf("no link: %d %.800s", p.Status, p.Find("main").Text())
	}
	opens := func() bool { return h.Visitor().Get(link.Path).Status == http.StatusOK }
	revoke := p.Find("button[name=revoke]").AttrOr("value", "")
	if p = boss.Post(own+"/preview/links", url.Values{"revoke": {revoke}}); opens() {
		t.Error("a revoked link opens")
	}
	if undo("a preview link", p); !opens() {
		t.Error("the link does not open again")
	}

	// The link of a translator without an account.
	bench := own + "/translate/fr"
	p = boss.Post(bench, url.Values{"op": {"invite"}, "guest": {"Léa Dubois"}, "days": {"14"}})
	guest, err := url.Parse(p.Find("#guest-link").AttrOr("value", ""))
	if err != nil || guest.Path == "" {
		t.Fatalf("no link for a translator: %d", p.Status)
	}
	works := func() bool { return h.Visitor().Get(guest.Path).Find("[name='summary@fr']").Length() == 1 }
	if !works() {
		t.Error("the translator's link does not work")
	}
	if p = boss.Post(bench, url.Values{"op": {p.Find("button[value^='revoke ']:not([disabled])").AttrOr("value", "")}}); works() {
		t.Error("a revoked link works")
	}
	if undo("a translator's link", p); !works() {
		t.Error("the translator's link does not work again")
	}

	// A schedule.
	plan := boss.Get(own + "/schedule").Form("form:has([name=at])")
	plan.Set("at", time.Now().AddDate(1, 0, 0).Format("2006-01-02")+"T09:00")
	plan.Set("action", "publish")
	plan.Set("facts", "1")
	plan["lang"] = []string{"en"}
	p = boss.Post(own+"/schedule", plan)
	cancel := p.Find("button[name=cancel]").AttrOr("value", "")
	if cancel == "" {
		t.Fatalf("nothing was scheduled: %d %.800s", p.Status, p.Find("main").Text())
	}
	planned := func() int { return boss.Get(own + "/schedule").Find("button[name=cancel]").Length() }
	if p = boss.Post(own+"/schedule", url.Values{"cancel": {cancel}}); planned() != 0 {
		t.Error("a cancelled schedule holds")
	}
	if undo("a schedule", p); planned() != 1 {
		t.Error("the schedule does not hold again")
	}
	var due int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM jobs WHERE key LIKE ?", "%"+cancel).Scan(ctx, &due); err != nil || due != 1 {
		t.Errorf("%d tasks wait for it (%v)", due, err)
	}

	// A role.
	h.Account("ana@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	ana, err := h.Auth.ByEmail(ctx, apptest.System, "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	grants := func() []auth.Grant {
		all, err := h.Auth.Grants(ctx, apptest.System, ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	end := time.Now().UTC().AddDate(0, 1, 0).Truncate(time.Second)
	if _, err := h.Auth.AddGrant(ctx, apptest.System, auth.Grant{AccountID: ana.ID, Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR, Until: &end}); err != nil {
		t.Fatal(err)
	}
	was := grants()[0]
	if p = boss.Post("/admin/users/"+ana.ID, url.Values{"op": {"ungrant"}, "grant": {was.ID}}); len(grants()) != 0 {
		t.Error("the role is there")
	}
	if undo("a role", p); len(grants()) != 1 || grants()[0].Role != was.Role || grants()[0].Locale != was.Locale || grants()[0].Scope != was.Scope || grants()[0].Until == nil || !grants()[0].Until.Equal(end) {
		t.Errorf("%+v, not %+v", grants(), was)
	}

	// What was not taken away is not given back by it, whatever a form says.
	if p := boss.Post("/admin/users/"+ana.ID, url.Values{"op": {"regrant"}, "role": {"admin"}, "scope": {"site"}}); p.Status != http.StatusNotFound || len(grants()) != 1 {
		t.Errorf("a role that was never there: %d, %d roles", p.Status, len(grants()))
	}

	// A term, with several names in a language.
	p = boss.Post("/admin/terms/new", url.Values{"subject": {"Law"}, "en.preferred": {"register"}, "fr.preferred": {"registre"}, "en.admitted": {"registry\r\nroll"}})
	terms := func() []string {
		var out []string
		all, err := h.Memory.AllTerms(ctx, apptest.System)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			for _, n := range x.Names {
				out = append(out, string(n.Locale)+" "+n.Name)
			}
		}
		slices.Sort(out)
		return out
	}
	before := terms()
	if len(before) != 4 {
		t.Fatalf("terms %q: %d %s", before, p.Status, p.Find(".notice").Text())
	}
	term := p.Find("a[href^='/admin/terms/']").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "register") }).AttrOr("href", "")
	if p = boss.Post(term, url.Values{"op": {"delete"}}); len(terms()) != 0 {
		t.Fatalf("at %q: the term is there", term)
	}
	if undo("a term", p); !slices.Equal(terms(), before) {
		t.Errorf("%q, not %q", terms(), before)
	}
}
