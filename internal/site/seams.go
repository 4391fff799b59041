package site

import (
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/media"
)

// What pages and machine-readable documents of the same entry share.

// feedLink is a feed or calendar that a page names in its head and foot.
type feedLink struct {
	URL   string // from the root: "/fr/events.ics"
	Type  string // "text/calendar", "application/atom+xml", …
	Title string // in the page's language
}

// entryPage is a published entry on its page: what linked data is made from.
type entryPage struct {
	*base
	*content.Page
	// Files are the uploaded files that the entry and its neighbours show, by id.
	Files map[string]*media.File
}

// pathLocale reads the first two parts of an address: the locale, which must be one of the site's, and the rest.
func (s *Site) pathLocale(locale string) (i18n.Locale, bool) {
	l, ok := i18n.Parse(locale)
	return l, ok && s.offers(l)
}

// The other half of this package writes: machineRoutes, the routes of feeds, calendars, sitemap and robots; machineFile,
// which answers addresses below a locale whose last part has an ending (".ics", ".rss") that no route of its own can
// have; feedLinks; jsonLD. Each answers through Site.answer, which keeps what it made.
