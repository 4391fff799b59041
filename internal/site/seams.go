package site

import (
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
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
	// earlier is what the entry is called now, where this is an earlier stage of it.
	earlier text
}

// pathLocale reads the first part of an address: the locale, which must be one of the site's.
func (s *Site) pathLocale(locale string) (i18n.Locale, bool) {
	l, ok := i18n.Parse(locale)
	return l, ok && s.offers(l)
}

// locale is the language of an address; the answer will be in it.
func (s *Site) locale(c *gin.Context) (i18n.Locale, error) {
	l, ok := s.pathLocale(c.Param("locale"))
	if !ok {
		return "", db.ErrNotFound
	}
	web.SetLocale(c, l)
	return l, nil
}

// own finds whose private link an address holds, their event as it is public, and its form.
func (s *Site) own(c *gin.Context) (*registration.Registration, *registration.Event, *content.Page, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, nil, err
	}
	r, e, err := s.Registration.Own(c.Request.Context(), c.Param("token"))
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := s.Content.LiveByID(c.Request.Context(), l, e.ID)
	return r, e, p, err
}

// The other half of this package writes: machineRoutes, the routes of feeds, calendars, sitemap and robots; machineFile,
// which answers addresses below a locale whose last part has an ending (".ics", ".rss") that no route of its own can
// have; feedLinks; jsonLD. Each answers through Site.answer, which keeps what it made.
