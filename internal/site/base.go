package site

import (
	"context"
	"html/template"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/settings"
)

// base is what every page's template is given; pages embed it.
type base struct {
	site *Site
	ctx  context.Context

	Locale      i18n.Locale
	Settings    settings.Site
	Shared      *shared
	Path        string // without the locale; "" is the front page
	Section     string // of the menu: "events"
	Title       text   // empty on the front page
	Description text
	NoIndex     bool
	Canonical   string // absolute; empty on pages that have no address of their own
	Alternates  []alternate
	Languages   []languageLink
	Crumbs      []link
	Feeds       []feedLink
	Image       *shareImage
	Type        string // of Open Graph: website, article
	LinkedData  template.JS
	Updated     time.Time // zero where a page has no one time
	Permalink   string

	files        map[string]*media.File
	reported     map[string]string          // stage of the outcome report, by event, where cards tell of it
	keptPromises map[string]map[string]bool // promises of past events that are kept, by event and item
	numbered     int
	notes        []footnote
	marked       []footnote
	until        time.Time
}

// link is a link with words of ours, in the page's language unless Text says otherwise.
type link struct {
	URL  string
	Text text
}

// alternate is the same page in another language, for search engines.
type alternate struct{ Lang, URL string }

// languageLink is one language of the bar.
type languageLink struct {
	Locale  i18n.Locale
	URL     string
	Current bool
	Missing bool // the page has no words in it: facts alone, the text in its original
}

type shareImage struct {
	URL           string
	Width, Height int
	Alt           string
}

// Lang and Dir are for the html element.
func (b *base) Lang() string { return b.Locale.Tag() }
func (b *base) Dir() string  { return b.Locale.Dir() }

// URL is the address of a path of this site in the page's language.
func (b *base) URL(path string) string { return address(b.Locale, path) }

// Name is the site's name in the page's language.
func (b *base) Name() text { return b.setting(b.Settings.Name) }

func (b *base) setting(w settings.Words) text {
	if s := w[b.Locale]; s != "" {
		return text{s, b.Locale, false}
	}
	s := w.In(b.Locale)
	for _, l := range i18n.All {
		if w[l] == s {
			return text{s, l, true}
		}
	}
	return text{}
}

// PartOf is the body the office belongs to.
func (b *base) PartOf() text { return b.setting(b.Settings.PartOf) }

// FullTitle is what the browser's tab says.
func (b *base) FullTitle() string {
	if b.Title.Empty() {
		return b.Name().Words
	}
	return b.Title.Words + " | " + b.Name().Words
}

// Date writes a day.
func (b *base) Date(t time.Time) string { return i18n.Date(b.Locale, t) }

// keepUntil says that the page is no longer true after t.
func (b *base) keepUntil(t time.Time) {
	if !t.IsZero() && (b.until.IsZero() || t.Before(b.until)) {
		b.until = t
	}
}

// untilPassing is keepUntil for a moment that may have passed.
func (b *base) untilPassing(now, t time.Time) {
	if t.After(now) {
		b.keepUntil(t)
	}
}

// shared is what all pages of a language have in common, made once per generation.
type shared struct {
	generation int64
	Menu       []link
	About      *link
	Footer     []link
}

// sections are the lists of the main menu, in its order, with the kinds they list.
var sections = []string{"news", "events", "people", "documents", "reports", "series"}

func (s *Site) sharedParts(ctx context.Context, l i18n.Locale) (*shared, error) {
	generation := s.Content.Generation()
	s.mu.Lock()
	sh := s.shared[l]
	s.mu.Unlock()
	if sh != nil && sh.generation == generation && !s.Dev {
		return sh, nil
	}
	sh = &shared{generation: generation}
	for _, section := range sections {
		sh.Menu = append(sh.Menu, link{section, text{s.Catalogue.T(l, "menu."+section), l, false}})
	}
	pages, _, err := s.Content.Published(ctx, content.Query{Locale: l, Kinds: []string{"page"}, Order: content.ByName})
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		if p.Path == "pages/about" {
			sh.About = &link{p.Path, publicationTitle(l, p)}
			if !p.Own {
				sh.About.Text = text{s.Catalogue.T(l, "menu.about"), l, false}
			}
		}
	}
	for _, id := range s.Settings().FooterPages {
		if i := slices.IndexFunc(pages, func(p content.Publication) bool { return p.ID == id }); i >= 0 {
			sh.Footer = append(sh.Footer, link{pages[i].Path, publicationTitle(l, pages[i])})
		}
	}
	s.mu.Lock()
	s.shared[l] = sh
	s.mu.Unlock()
	return sh, nil
}

// publicationTitle is the title of a listed entry, in the language it has.
func publicationTitle(l i18n.Locale, p content.Publication) text {
	return text{p.Title, p.TextLocale, p.TextLocale != l}
}

// OpenLocale is the language of the title and description that links to the page are shown with.
func (b *base) OpenLocale() string {
	if b.Title.Other {
		return b.Title.Locale.OpenGraph()
	}
	return b.Locale.OpenGraph()
}

// newBase begins a page that all languages have: a list, the front page.
func (s *Site) newBase(ctx context.Context, l i18n.Locale, path string) (*base, error) {
	sh, err := s.sharedParts(ctx, l)
	if err != nil {
		return nil, err
	}
	b := &base{site: s, ctx: ctx, Locale: l, Settings: s.Settings(), Shared: sh, Path: path, Type: "website"}
	b.Section, _, _ = strings.Cut(path, "/")
	b.Canonical = s.absolute(address(l, path))
	all := s.languages()
	for _, o := range all {
		b.Languages = append(b.Languages, languageLink{Locale: o, URL: address(o, path), Current: o == l})
		b.Alternates = append(b.Alternates, alternate{o.Tag(), s.absolute(address(o, path))})
	}
	b.Alternates = append(b.Alternates, alternate{"x-default", s.absolute(address(s.fallback(), path))})
	b.Feeds = s.feedLinks(l, b.Section)
	b.Image = s.defaultImage()
	return b, nil
}

// defaultImage is what stands beside links to pages without a picture of their own: none, unless the theme has one.
func (s *Site) defaultImage() *shareImage {
	u, err := s.asset("share.png")
	if err != nil {
		return nil
	}
	return &shareImage{URL: s.absolute(u), Width: 1200, Height: 630}
}

// newEntryPage begins the page of a published entry.
func (s *Site) newEntryPage(ctx context.Context, p *content.Page) (*entryPage, error) {
	b, err := s.newBase(ctx, p.Locale, p.Path)
	if err != nil {
		return nil, err
	}
	b.Title = publicationTitle(p.Locale, p.Publication)
	b.Description = text{spoken(p.Publication, p.TextLocale), p.TextLocale, p.TextLocale != p.Locale}
	b.Type = "article"
	b.Updated = p.Changed
	if _, _, _, draft := content.Draft(p.Path); !draft { // else there is nothing to lead anybody to
		b.Permalink = s.absolute("/e/" + p.ID)
	}
	for i := range b.Languages {
		b.Languages[i].Missing = !slices.Contains(p.Locales, b.Languages[i].Locale)
	}
	original := p.Original
	if !s.offers(original) { // then the first language that it has and the site offers stands for it
		original = p.Locale
		for _, l := range s.languages() {
			if slices.Contains(p.Locales, l) {
				original = l
				break
			}
		}
	}
	b.Alternates = nil
	for _, l := range s.languages() {
		if slices.Contains(p.Locales, l) {
			b.Alternates = append(b.Alternates, alternate{l.Tag(), s.absolute(address(l, p.Path))})
		}
	}
	b.Alternates = append(b.Alternates, alternate{"x-default", s.absolute(address(original, p.Path))})
	if !p.Own {
		b.NoIndex = true
		b.Alternates = nil // its versions do not name it, so it names none
		b.Canonical = s.absolute(address(original, p.Path))
	}
	k := s.Content.Kind(p.Kind)
	b.Crumbs = []link{{b.URL(""), b.message("page.home")}}
	if k.Path != "pages" {
		b.Crumbs = append(b.Crumbs, link{b.URL(k.Path), b.message("menu." + k.Path)})
	}
	return &entryPage{base: b, Page: p, Files: map[string]*media.File{}}, nil
}

// message is a text of ours in the page's language.
func (b *base) message(key string, args ...any) text { return text{b.M(key, args...), b.Locale, false} }

// TextLanguage names the language that the page's words are in, where it is not the page's own; else "".
func (p *entryPage) TextLanguage() string {
	if p.Own {
		return ""
	}
	return i18n.LanguageName(p.base.Locale, string(p.TextLocale))
}

// open reads the files that the page shows.
func (p *entryPage) open(ids []string) error {
	err := p.loadFiles(ids)
	p.Files = p.files
	return err
}

// neighbour is a published entry that this one refers to, by name and address; nil where it is not public.
func (p *entryPage) neighbour(id content.Ref) *content.Neighbour {
	if id == "" {
		return nil
	}
	return p.Neighbours[string(id)]
}

func (b *base) namedNeighbour(n *content.Neighbour) named {
	return named{publicationTitle(b.Locale, n.Publication), b.URL(n.Path)}
}

// render makes the finished page.
func (s *Site) render(page string, b *base, data any) (*answer, error) {
	body, err := s.views.Render(page, data)
	if err != nil {
		return nil, err
	}
	return &answer{Type: "text/html; charset=utf-8", Body: body, Until: b.until, Header: map[string][]string{"Content-Language": {b.Locale.Tag()}}}, nil
}

// FooterText is what the office has put under every page.
func (b *base) FooterText() text { return b.setting(b.Settings.Footer) }

// feedNames are what the formats are called that people subscribe to.
var feedNames = map[string]string{"application/rss+xml": "feed.rss", "text/calendar": "feed.calendar"}

// Subscribe lists the feeds and calendars for people, by the list they follow.
func (b *base) Subscribe() []link {
	var out []link
	for _, f := range b.Feeds {
		list, _, _ := strings.Cut(strings.TrimPrefix(f.URL, b.URL("")), ".")
		if key := feedNames[f.Type]; key != "" && slices.Contains([]string{"news", "events", "reports", "documents"}, list) {
			out = append(out, link{f.URL, b.message(key, "List", b.M("menu."+list))})
		}
	}
	return out
}
