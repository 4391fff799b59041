package site

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/ical"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// What programs read: feeds, calendars, sitemap, robots.txt, security.txt. All of it is made from publications, as the
// pages are, so nothing unpublished can be in any of it.

const (
	feedLength   = 50
	cancelledFor = 60 * 24 * time.Hour // how long a calendar keeps what is over, cancelled events above all
	sitemapSize  = 500                 // entries in one file: small ones are made anew in no time when something is published
)

// fed are the sections that have feeds.
var fed = []string{"news", "events", "reports", "documents", "series", "people"}

var feedTypes = map[string]string{".atom": "application/atom+xml", ".rss": "application/rss+xml", ".json": "application/feed+json"}

// machineRoutes are the addresses outside any language.
func (s *Site) machineRoutes() []web.Route {
	at := func(path string, render func(c *gin.Context) func(ctx context.Context) (*answer, error)) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Rule: web.Public, Class: web.Cacheable,
			Handle: func(c *gin.Context) error { return s.answer(c, render(c)) }}
	}
	plain := func(f func(ctx context.Context) (*answer, error)) func(*gin.Context) func(context.Context) (*answer, error) {
		return func(*gin.Context) func(context.Context) (*answer, error) { return f }
	}
	return []web.Route{
		at("/robots.txt", plain(s.robots)),
		at("/.well-known/security.txt", plain(s.securityTxt)),
		at("/sitemap.xml", plain(s.sitemapIndex)),
		at("/sitemaps/:file", func(c *gin.Context) func(context.Context) (*answer, error) {
			return func(ctx context.Context) (*answer, error) { return s.sitemap(ctx, c.Param("file")) }
		}),
	}
}

// machineFile answers the addresses of feeds and calendars below a language: "news.atom", "events.ics",
// "events/2027/slug.ics". It reports false for all others.
func (s *Site) machineFile(c *gin.Context, l i18n.Locale, path string) (bool, error) {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return false, nil
	}
	name, ext := path[:dot], path[dot:]
	subscribed := func(make func(ctx context.Context) (*answer, error)) (bool, error) {
		err := s.answer(c, make)
		var moved *content.Moved
		if errors.As(err, &moved) { // what somebody has subscribed to goes on
			err = s.moved(c, address(l, moved.Path+ext))
		}
		return true, err
	}
	switch {
	case ext == ".ics" && name == "events":
		return subscribed(func(ctx context.Context) (*answer, error) { return s.eventsCalendar(ctx, l, "") })
	case ext == ".ics" && strings.HasPrefix(name, "series/"):
		return subscribed(func(ctx context.Context) (*answer, error) { return s.eventsCalendar(ctx, l, name) })
	case ext == ".ics" && strings.HasPrefix(name, "events/"):
		return subscribed(func(ctx context.Context) (*answer, error) { return s.eventCalendar(ctx, l, name) })
	case ext == ".docx" && strings.HasPrefix(name, "reports/"):
		return subscribed(func(ctx context.Context) (*answer, error) { return s.reportFile(ctx, l, name) })
	case ext == ".xml" && name == "opensearch":
		return true, s.answer(c, func(ctx context.Context) (*answer, error) { return s.openSearch(ctx, l) })
	case feedTypes[ext] != "" && strings.HasPrefix(name, "series/"):
		return subscribed(func(ctx context.Context) (*answer, error) { return s.seriesFeed(ctx, l, name, ext) })
	case feedTypes[ext] != "":
		for _, section := range fed {
			if name == section {
				return true, s.answer(c, func(ctx context.Context) (*answer, error) { return s.feed(ctx, l, section, ext) })
			}
		}
	}
	return false, nil
}

// feedLinks are the feeds and calendars of a section, or on pages outside the sections those of all.
func (s *Site) feedLinks(l i18n.Locale, section string) []feedLink {
	var out []feedLink
	for _, name := range fed {
		if section != "" && section != name {
			continue
		}
		title := s.Catalogue.T(l, "kind."+s.Content.KindByPath(name).Name+".many") + " – " + s.siteName(l)
		out = append(out, feedLink{URL: address(l, name+".atom"), Type: feedTypes[".atom"], Title: title + " (Atom)"},
			feedLink{URL: address(l, name+".rss"), Type: feedTypes[".rss"], Title: title + " (RSS)"},
			feedLink{URL: address(l, name+".json"), Type: feedTypes[".json"], Title: title + " (JSON)"})
		if name == "events" {
			out = append(out, feedLink{URL: address(l, "events.ics"), Type: "text/calendar", Title: title + " (iCalendar)"})
		}
	}
	return out
}

// feed lists a section's newest entries that have words in the language: a feed never mixes languages.
func (s *Site) feed(ctx context.Context, l i18n.Locale, section, ext string) (*answer, error) {
	own := true
	k := s.Content.KindByPath(section)
	list, _, err := s.Content.Published(ctx, content.Query{Locale: l, Kinds: []string{k.Name}, Own: &own, Order: content.ByChange, Limit: feedLength})
	if err != nil {
		return nil, err
	}
	f := feed{Title: s.Catalogue.T(l, "kind."+k.Name+".many") + " – " + s.siteName(l), Subtitle: s.siteName(l), Locale: l,
		Home: s.absolute(address(l, section)), Self: s.absolute(address(l, section+ext)), Updated: time.Unix(0, 0)}
	return s.feedOf(l, f, list, ext)
}

// feedOf writes a list as a feed.
func (s *Site) feedOf(l i18n.Locale, f feed, list []content.Publication, ext string) (*answer, error) {
	for _, p := range list {
		if p.TextLocale != l {
			continue // published without a title of its own
		}
		if p.Changed.After(f.Updated) {
			f.Updated = p.Changed
		}
		title := p.Title
		if e, ok := p.Value.(*kind.Event); ok {
			title = kind.MarkedTitle(s.Catalogue, l, title, e.Status)
		}
		f.Entries = append(f.Entries, feedEntry{ID: s.absolute("/e/" + p.ID), URL: s.absolute(address(l, p.Path)), Title: title, Summary: spoken(p, l),
			First: p.First, Changed: p.Changed})
	}
	write := map[string]func() ([]byte, error){".atom": f.atom, ".rss": f.rss, ".json": f.json}[ext]
	body, err := write()
	if err != nil {
		return nil, err
	}
	return &answer{Type: feedTypes[ext] + "; charset=utf-8", Body: body}, nil
}

// eventCalendar is one event for one's own calendar.
func (s *Site) eventCalendar(ctx context.Context, l i18n.Locale, path string) (*answer, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	e, ok := p.Value.(*kind.Event)
	if !ok {
		return nil, db.ErrNotFound
	}
	around := map[string]content.Publication{}
	for id, n := range p.Neighbours {
		around[id] = n.Publication
	}
	x, ok := s.calendarEvent(p.Publication, p.Original, e, around)
	if !ok {
		return nil, db.ErrNotFound // no day yet: nothing a calendar could hold
	}
	c := ical.Calendar{Locale: l, Events: []ical.Event{x}}
	return &answer{Type: ical.Type, Body: c.Bytes(), Header: http.Header{"Content-Disposition": {`attachment; filename="event.ics"`}}}, nil
}

// eventsCalendar is a calendar to subscribe to: all events, or those of the series at an address. It holds what is to
// come and what was in the last 60 days.
func (s *Site) eventsCalendar(ctx context.Context, l i18n.Locale, series string) (*answer, error) {
	now := s.Now()
	q := content.Query{Locale: l, Kinds: []string{"event"}, EndsAfter: now.Add(-cancelledFor), Order: content.SoonestFirst, Limit: 500}
	c := ical.Calendar{Name: s.Catalogue.T(l, "kind.event.many") + " – " + s.siteName(l), NameIn: l, Locale: l, URL: s.absolute(address(l, "events")),
		Source: s.absolute(address(l, "events.ics"))}
	if series != "" {
		p, err := s.Content.Live(ctx, l, series)
		if err != nil {
			return nil, err
		}
		q.LinkedTo, q.Field = p.ID, "series"
		c.NameIn = p.TextLocale
		c.Name, c.URL, c.Source = p.Title+" – "+s.siteName(p.TextLocale), s.absolute(address(l, p.Path)), s.absolute(address(l, p.Path+".ics"))
	}
	list, _, err := s.Content.Published(ctx, q)
	if err != nil {
		return nil, err
	}
	// An event is told here in the same words as in its own calendar, or one would undo the other. That takes whole
	// entries: some at a time, so that many events do not fill the memory.
	for some := range slices.Chunk(list, 50) {
		if err := s.calendarEvents(ctx, &c, some, now.Add(-cancelledFor)); err != nil {
			return nil, err
		}
	}
	// The window moves on by itself.
	return &answer{Type: ical.Type, Body: c.Bytes(), Until: now.Add(24 * time.Hour)}, nil
}

// calendarEvents adds events to a calendar, those that were over before a moment left out.
func (s *Site) calendarEvents(ctx context.Context, c *ical.Calendar, list []content.Publication, over time.Time) error {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	whole, err := s.Content.Whole(ctx, c.Locale, ids)
	if err != nil {
		return err
	}
	var named []string
	for _, n := range whole {
		named = append(named, n.Value.(*kind.Event).CalendarNames()...)
	}
	slices.Sort(named)
	around, err := s.Content.Titles(ctx, c.Locale, slices.Compact(named))
	if err != nil {
		return err
	}
	for _, id := range ids {
		n := whole[id]
		if n == nil {
			continue // unpublished since
		}
		if x, ok := s.calendarEvent(n.Publication, n.Original, n.Value.(*kind.Event), around); ok && x.End.After(over) {
			c.Events = append(c.Events, x)
		}
	}
	return nil
}

// calendarEvent is a published event as calendars have it; around are the entries it names that are published.
func (s *Site) calendarEvent(p content.Publication, original i18n.Locale, e *kind.Event, around map[string]content.Publication) (ical.Event, bool) {
	return e.Calendar(p, original, around, kind.Office{Words: s.Catalogue, Name: s.siteName(p.TextLocale), Mailbox: s.Settings().Contact.Email, BaseURL: s.BaseURL})
}

func (s *Site) robots(context.Context) (*answer, error) {
	return &answer{Type: "text/plain; charset=utf-8", Body: []byte("User-agent: *\nDisallow: /admin/\n\nSitemap: " + s.absolute("/sitemap.xml") + "\n")}, nil
}

// securityTxt is RFC 9116: whom to tell of a weakness. Without a mailbox there is nobody to name, and no file.
func (s *Site) securityTxt(context.Context) (*answer, error) {
	box := s.Settings().Contact.Email
	if box == "" {
		return nil, db.ErrNotFound
	}
	var langs []string
	for _, l := range s.languages() {
		langs = append(langs, l.Tag())
	}
	now := s.Now().UTC()
	// The standard wants an end within a year; it moves on as long as the site runs.
	body := fmt.Sprintf("Contact: mailto:%s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s\n", box, now.AddDate(0, 6, 0).Truncate(24*time.Hour).Format(time.RFC3339),
		strings.Join(langs, ", "), s.absolute("/.well-known/security.txt"))
	return &answer{Type: "text/plain; charset=utf-8", Body: []byte(body), Until: now.AddDate(0, 0, 7)}, nil
}

type sitemapLink struct {
	Rel      string `xml:"rel,attr"`
	Hreflang string `xml:"hreflang,attr"`
	Href     string `xml:"href,attr"`
}

type sitemapURL struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []sitemapLink `xml:"xhtml:link"`
}

// sitemapIndex names a sitemap for each kind and stretch of it.
func (s *Site) sitemapIndex(ctx context.Context) (*answer, error) {
	type entry struct {
		Loc string `xml:"loc"`
	}
	doc := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Maps    []entry  `xml:"sitemap"`
	}{Maps: []entry{{s.absolute("/sitemaps/lists.xml")}}}
	for _, k := range s.Content.Kinds {
		n, err := s.Content.CountPublished(ctx, k.Name)
		if err != nil {
			return nil, err
		}
		for part := 0; part*sitemapSize < n; part++ {
			doc.Maps = append(doc.Maps, entry{s.absolute(fmt.Sprintf("/sitemaps/%s-%d.xml", k.Path, part+1))})
		}
	}
	body, err := marshalXML(doc)
	return &answer{Type: "application/xml; charset=utf-8", Body: body}, err
}

// sitemap lists the pages of a kind in the languages they have words in, each with its versions; pages without words
// of their own are not listed.
func (s *Site) sitemap(ctx context.Context, file string) (*answer, error) {
	var urls []sitemapURL
	if file == "lists.xml" {
		for _, path := range append([]string{""}, s.listPaths()...) {
			var all []i18n.Locale
			all = append(all, s.languages()...)
			urls = append(urls, s.sitemapURLs(path, all, time.Time{}, s.fallback())...)
		}
	} else {
		name, part, ok := strings.Cut(strings.TrimSuffix(file, ".xml"), "-")
		k := s.Content.KindByPath(name)
		var n int
		if _, err := fmt.Sscanf(part, "%d", &n); err != nil || !ok || k == nil || n < 1 || n > 1000 || file != fmt.Sprintf("%s-%d.xml", name, n) {
			return nil, db.ErrNotFound
		}
		list, err := s.Content.PublishedLanguages(ctx, k.Name, (n-1)*sitemapSize, sitemapSize)
		if err != nil {
			return nil, err
		}
		recorded, err := s.recorded(ctx, k, list)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			var offered []i18n.Locale
			for _, l := range p.Locales {
				if s.offers(l) {
					offered = append(offered, l)
				}
			}
			original := p.Original
			if !slices.Contains(offered, original) && len(offered) > 0 {
				original = offered[0] // as on its pages
			}
			urls = append(urls, s.sitemapURLs(p.Path, offered, p.Changed, original)...)
			for _, path := range recorded[p.ID] {
				urls = append(urls, s.sitemapURLs(path, offered, p.Changed, original)...)
			}
		}
		if len(list) == 0 {
			return nil, db.ErrNotFound
		}
	}
	// Written by hand: encoding/xml cannot declare a second name space with a prefix once for all.
	var b bytes.Buffer
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	e := xml.NewEncoder(&b)
	for i := range urls {
		if err := e.EncodeElement(&urls[i], xml.StartElement{Name: xml.Name{Local: "url"}}); err != nil {
			return nil, err
		}
		b.WriteByte('\n')
	}
	b.WriteString("</urlset>\n")
	return &answer{Type: "application/xml; charset=utf-8", Body: b.Bytes()}, nil
}

// recorded gives the pages of the recordings of events, by the event's id.
func (s *Site) recorded(ctx context.Context, k *content.Kind, list []content.Languages) (map[string][]string, error) {
	out := map[string][]string{}
	if k.Name != kind.EventKind.Name {
		return out, nil
	}
	for some := range slices.Chunk(list, 50) { // whole entries: not too many at a time
		ids := make([]string, len(some))
		for i, p := range some {
			ids[i] = p.ID
		}
		whole, err := s.Content.Whole(ctx, s.fallback(), ids)
		if err != nil {
			return nil, err
		}
		for id, n := range whole {
			for _, r := range n.Value.(*kind.Event).Recordings {
				if r.URL != "" || r.File != "" {
					out[id] = append(out[id], recordingPath(n.Path, r))
				}
			}
		}
	}
	return out, nil
}

func (s *Site) sitemapURLs(path string, locales []i18n.Locale, changed time.Time, original i18n.Locale) []sitemapURL {
	var links []sitemapLink
	def := ""
	for _, l := range locales {
		href := s.absolute(address(l, path))
		links = append(links, sitemapLink{"alternate", l.Tag(), href})
		if l == original {
			def = href
		}
	}
	if def != "" {
		links = append(links, sitemapLink{"alternate", "x-default", def})
	}
	out := make([]sitemapURL, 0, len(locales))
	for _, l := range locales {
		u := sitemapURL{Loc: s.absolute(address(l, path)), Links: links}
		if !changed.IsZero() {
			u.LastMod = changed.UTC().Format(time.RFC3339)
		}
		out = append(out, u)
	}
	return out
}

// listPaths are the lists that have a page of their own.
func (s *Site) listPaths() []string {
	var out []string
	for _, k := range s.Content.Kinds {
		if k.Name != "page" {
			out = append(out, k.Path)
		}
	}
	return out
}
