package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// public makes a published entry of every kind with a value in every field. Its staff fields, the words it has got since,
// and a language nobody published hold the canary.
func (h *hostile) publishAll(t *testing.T, mark string) {
	t.Helper()
	paper, err := h.Media.Upload(ctx, apptest.System, media.Upload{Name: "paper.pdf", Body: strings.NewReader("%PDF-1.4\n")})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kind.All {
		set := apptest.Sample(k, i18n.EN, mark, h.refs, paper.ID)
		for path := range set[content.Facts] {
			f := k.Field(path)
			if !f.Staff || f.Type != content.TypeString {
				continue
			}
			switch f.Widget {
			case "url":
				set[content.Facts].Set(path, "https://example.org/canarystaff")
			case "email":
				set[content.Facts].Set(path, "canarystaff@example.org")
			case "account":
			default:
				set[content.Facts].Set(path, "canarystaff")
			}
		}
		id := save(t, h.Plenary, content.Change{Kind: k, Original: i18n.EN, Office: h.office, Set: set})
		h.public[k.Name] = id
		if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatalf("publish a %s: %v", k.Name, err)
		}
		later := apptest.Sample(k, i18n.EN, "canarylater", h.drafts, h.file.ID)
		french := apptest.Sample(k, i18n.FR, "canaryfrench", nil, "")
		delete(later[content.Facts], "organizations") // what a partner's own form could not change
		later["fr"] = french["fr"]
		save(t, h.Plenary, content.Change{ID: id, Set: later})
	}
}

var addresses = regexp.MustCompile(`https?://[^\s"'<>\\)\]]+`)

// crawl follows every address of the site from the front page, the sitemap and more, and shows each answer; only those of
// some languages if they are named.
func (h *hostile) crawl(t *testing.T, more []string, see func(path string, page *apptest.Page), only ...i18n.Locale) int {
	t.Helper()
	visitor := h.Visitor()
	queue := append([]string{"/", "/en/", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt"}, more...)
	seen := map[string]bool{}
	add := func(from, to string) {
		base, err := url.Parse(h.URL + from)
		if err != nil {
			return
		}
		u, err := base.Parse(strings.TrimSpace(to))
		if err != nil || u.Host != base.Host || strings.HasPrefix(u.Path, "/static/") || strings.HasPrefix(u.Path, "/admin") {
			return
		}
		u.Fragment = ""
		first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		if l, ok := i18n.Parse(first); ok && len(only) > 0 && !slices.Contains(only, l) {
			return
		}
		if to := strings.TrimPrefix(u.String(), h.URL); !seen[to] {
			seen[to] = true
			queue = append(queue, to)
		}
	}
	n := 0
	for ; len(queue) > 0; queue = queue[1:] {
		if n++; n > 4000 {
			t.Fatal("the site has no end")
		}
		from := queue[0]
		page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: from, Stay: true})
		if page.Status >= 500 {
			t.Errorf("%s: %d", from, page.Status)
		}
		see(from, page)
		if to := page.Header.Get("Location"); to != "" {
			add(from, to)
		}
		if strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			page.Find("[href], [src], [action]").Each(func(_ int, s *goquery.Selection) {
				for _, name := range []string{"href", "src", "action"} {
					if to, ok := s.Attr(name); ok {
						add(from, to)
					}
				}
			})
			page.Find("[srcset]").Each(func(_ int, s *goquery.Selection) {
				for _, one := range strings.Split(s.AttrOr("srcset", ""), ",") {
					to, _, _ := strings.Cut(strings.TrimSpace(one), " ")
					add(from, to)
				}
			})
		} else {
			for _, to := range addresses.FindAllString(page.Body, -1) {
				add(from, to)
			}
		}
	}
	return n
}

// TestNothingUnpublishedShows puts words nobody else uses into every field of drafts, into the staff's fields, and into
// what was changed after publishing, and looks for them and their ids everywhere the public can look.
func TestNothingUnpublishedShows(t *testing.T) {
	h := startHostile(t)
	h.publishAll(t, "openly")
	h.SignIn("canaryeditor@example.org") // accounts are nobody's business either
	var more []string
	for _, l := range i18n.All {
		for _, section := range []string{"events", "news", "people", "organizations", "documents", "reports", "series", "topics"} {
			at := "/" + string(l) + "/" + section
			more = append(more, at, at+"?page=2", at+"?others=2", at+"?when=past", at+"?q=words&sort=title&state=draft&draft=1&preview=1&include=staff_note", at+".atom", at+".rss", at+".json", at+".ics")
			if l != i18n.EN && l != i18n.AR {
				continue
			}
			for _, name := range []string{"topic", "organization", "series", "event"} {
				more = append(more, at+"?"+name+"="+h.drafts[strings.Replace(name, "event", "report", 1)])
			}
			more = append(more, at+"?year=2027", at+"?country=KE", at+"?kind=webinar", at+"?kind=news&year=2027&page=-1", at+"?year=2027%27%20OR%201=1", at+"?year[]=2027", at+"?page=99999999999")
		}
	}
	for _, k := range kind.All {
		more = append(more, "/e/"+h.drafts[k.Name], "/e/"+h.public[k.Name], "/sitemaps/"+k.Path+"-1.xml", "/sitemaps/"+k.Path+"-2.xml")
	}
	for _, k := range kind.All { // that somebody has a link to a draft shows nowhere
		secret, _, err := h.Content.AddPreviewLink(ctx, apptest.System, content.NewPreviewLink{Entry: h.drafts[k.Name], Locales: []i18n.Locale{i18n.EN}})
		if err != nil {
			t.Fatal(err)
		}
		if page := h.Visitor().Get("/preview/" + secret); page.Status != http.StatusOK || !strings.Contains(page.Body, "canary"+k.Name) || strings.Contains(page.Body, h.drafts[k.Name]) {
			at := max(0, strings.Index(page.Body, h.drafts[k.Name]))
			t.Errorf("the link to a %s: %d %s", k.Name, page.Status, page.Body[max(0, at-120):min(len(page.Body), at+40)])
		}
	}
	// Search finds nothing by words that are not public, and suggests none of them.
	for _, l := range i18n.All {
		more = append(more, "/"+string(l)+"/search", "/"+string(l)+"/search?q=openly", "/"+string(l)+"/search?q=openyl", "/"+string(l)+"/search?q=canar", "/"+string(l)+"/opensearch.xml")
		for _, word := range []string{"canary", "canaryevent", "canaryperson", "canaryy", "\"canary\"", "Office of Drafts", h.drafts["event"]} {
			page := h.Visitor().Get("/" + string(l) + "/search?q=" + url.QueryEscape(word))
			if page.Status != http.StatusOK || page.Find(".row").Length() > 0 || page.Find(".meant").Length() > 0 {
				t.Errorf("search in %s for %q: %d, %d results, %s", l, word, page.Status, page.Find(".row").Length(), page.Find(".meant").Text())
			}
		}
		for _, k := range []string{"topic", "organization"} { // nor does a draft's id narrow anything
			if page := h.Visitor().Get("/" + string(l) + "/search?q=openly&" + k + "=" + h.drafts[k]); page.Find(".row").Length() > 0 {
				t.Errorf("search in %s by a draft's %s", l, k)
			}
		}
	}
	secrets := []string{"/preview/", "canary", "Office of Drafts", "Another Office", "@example.org.", h.file.ID, h.office, h.other, h.victim}
	for _, id := range h.drafts {
		secrets = append(secrets, id)
	}
	own := map[string]int{}
	n := h.crawl(t, more, func(path string, page *apptest.Page) {
		text := page.Body + fmt.Sprint(page.Header)
		asked, _ := url.QueryUnescape(path)
		for _, secret := range secrets {
			if strings.Contains(asked, secret) {
				continue // a link may keep what was asked for
			}
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s (%d) shows %q: …%s…", path, page.Status, secret, text[max(0, i-80):min(len(text), i+80)])
			}
		}
		if strings.Contains(page.Body, "openly") {
			own[page.Header.Get("Content-Type")]++
		}
		if strings.HasPrefix(path, "/e/") && path != "/e/" && page.Status != http.StatusFound && page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	})
	// The search found what is to be found, so it looked where things show.
	if n < 300 || len(own) < 6 {
		t.Errorf("%d addresses; published words in %v", n, own)
	}
	// Addresses drafts will have answer like addresses nobody will ever have.
	visitor := h.Visitor()
	tell := func(at string) string {
		page := visitor.Send(apptest.Request{Method: http.MethodGet, Path: at, Stay: true})
		return fmt.Sprint(page.Status, page.Header.Get("Location"), page.Header.Get("Cache-Control"), page.Header.Get("Etag"), page.Find("body").Text())
	}
	for _, k := range kind.All {
		title := content.Slug("canary" + k.Name + " " + k.As("title").Name)
		for _, pair := range [][2]string{
			{"/en/" + k.Path + "/" + title, "/en/" + k.Path + "/no-such-thing-at-all"},
			{"/fr/" + k.Path + "/2027/" + title, "/fr/" + k.Path + "/2027/no-such-thing"},
			{"/en/" + k.Path + "/2027/" + title + ".ics", "/en/" + k.Path + "/2027/no-such-thing.ics"},
			{"/e/" + h.drafts[k.Name], "/e/zzzzzzzzzzzz"},
		} {
			if draft, nothing := tell(pair[0]), tell(pair[1]); draft != nothing {
				t.Errorf("%s is told apart from nothing:\n%s\n%s", pair[0], draft, nothing)
			}
		}
	}
}

// TestADraftsAddressIsNotTaken: whoever publishes under a draft's address does not learn of the draft.
func TestADraftsAddressIsNotTaken(t *testing.T) {
	h := startHostile(t)
	slug := "secret-plan"
	with := func(office string) string {
		set := apptest.Sample(kind.NewsKind, i18n.EN, "x", h.refs, "")
		return save(t, h.Plenary, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: office, Slug: &slug, Set: set})
	}
	with(h.office)
	id := with(h.other)
	if err := h.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	p, err := h.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil || !strings.HasSuffix(p.Path, "/"+slug) {
		t.Errorf("published at %s: %v", p.Path, err)
	}
}
