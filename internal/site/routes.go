package site

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Routes lists every address of the public site.
func (s *Site) Routes() []web.Route {
	get := func(path string, class web.Class, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Rule: web.Public, Class: class, Handle: handle}
	}
	routes := []web.Route{
		get("/", web.Cacheable, s.front),
		get("/e/:id", web.Cacheable, s.permalink),
		get("/static/*file", web.Static, s.file),
		// Not Static: what is public can be taken back. The file sets its own headers.
		get("/media/:id/:name", web.Cacheable, s.download),
	}
	// No wildcard for the rest of the path, so that other addresses below a language may have routes of their own.
	for _, p := range []string{"/:locale", "/:locale/", "/:locale/:section", "/:locale/:section/", "/:locale/:section/:a", "/:locale/:section/:a/",
		"/:locale/:section/:a/:b", "/:locale/:section/:a/:b/"} {
		routes = append(routes, get(p, web.Cacheable, s.page))
	}
	return slices.Concat(routes, s.registerRoutes(), s.joinRoutes(), s.recordingRoutes(), s.versionRoutes(), s.surveyRoutes(), s.discussionRoutes(), s.reportRoutes(), s.previewRoutes(), s.machineRoutes())
}

// front sends to the reader's language. The answer depends on the reader, so nobody keeps it.
func (s *Site) front(c *gin.Context) error {
	l := i18n.Negotiate(c.GetHeader("Accept-Language"), s.languages(), s.fallback())
	c.Header("Cache-Control", "no-store")
	c.Header("Vary", "Accept-Language")
	return s.redirect(c, http.StatusFound, address(l, ""))
}

// permalink leads to an entry wherever it is now: in the reader's language if it has words in it, else in the original.
func (s *Site) permalink(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := s.Content.LiveByID(ctx, s.fallback(), c.Param("id"))
	if err != nil {
		return err
	}
	var has []i18n.Locale
	for _, l := range p.Locales {
		if s.offers(l) {
			has = append(has, l)
		}
	}
	def := s.fallback()
	if s.offers(p.Original) {
		def = p.Original
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Vary", "Accept-Language")
	return s.redirect(c, http.StatusFound, address(i18n.Negotiate(c.GetHeader("Accept-Language"), has, def), p.Path))
}

func (s *Site) redirect(c *gin.Context, status int, to string) error {
	c.Header("Location", to)
	c.Status(status)
	c.Writer.WriteHeaderNow()
	return nil
}

// file serves the theme's static files.
func (s *Site) file(c *gin.Context) error {
	a := s.static
	if s.Dev {
		var err error
		if a, err = s.assets(); err != nil {
			return err
		}
	}
	if !a.Has(c.Request.URL.Path) {
		return db.ErrNotFound
	}
	a.ServeHTTP(c.Writer, c.Request)
	return nil
}

func (s *Site) download(c *gin.Context) error {
	return s.Media.Serve(c.Writer, c.Request, c.Param("id"), c.Param("name"), nil)
}

// page answers everything below a language.
func (s *Site) page(c *gin.Context) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	at := c.Request.URL.Path
	rest, found := strings.CutPrefix(at, "/"+string(l)+"/")
	switch {
	case !found: // "/fr"
		return s.moved(c, address(l, ""))
	case strings.HasSuffix(rest, "/"):
		return s.moved(c, address(l, strings.TrimRight(rest, "/")))
	case path.Clean("/"+rest) != "/"+rest:
		return db.ErrNotFound
	}
	if strings.Contains(rest[strings.LastIndexByte(rest, '/')+1:], ".") {
		if done, err := s.machineFile(c, l, rest); done || err != nil {
			return err
		}
	}
	if rest == searching.path {
		return s.search(c, l)
	}
	var query listQuery
	list := lists[rest]
	if list != nil {
		var exact bool
		if query, exact = readListQuery(list, c.Request.URL.Query()); !exact {
			return s.redirect(c, http.StatusFound, listAddress(l, list, query.values(list)))
		}
	}
	err = s.answer(c, func(ctx context.Context) (*answer, error) {
		switch {
		case rest == "":
			return s.home(ctx, l)
		case list != nil:
			return s.list(ctx, l, list, query)
		}
		return s.entry(ctx, l, rest)
	})
	var moved *content.Moved
	if errors.As(err, &moved) {
		return s.moved(c, address(l, moved.Path))
	}
	return err
}

// moved is for ever, but asked again: an address can come back to life.
func (s *Site) moved(c *gin.Context, to string) error {
	if q := c.Request.URL.RawQuery; q != "" {
		to += "?" + q
	}
	return s.redirect(c, http.StatusMovedPermanently, to)
}

// entry is the page of a published entry.
func (s *Site) entry(ctx context.Context, l i18n.Locale, path string) (*answer, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	return s.entryAnswer(ctx, p)
}

// entryAnswer draws the page of an entry.
func (s *Site) entryAnswer(ctx context.Context, p *content.Page) (*answer, error) {
	e, err := s.newEntryPage(ctx, p)
	if err != nil {
		return nil, err
	}
	draw := map[string]func(*entryPage) (string, any, error){"event": s.eventPage, "series": s.seriesPage, "news": s.newsPage, "person": s.personPage,
		"organization": s.organizationPage, "document": s.documentPage, "report": s.reportPage, "page": s.standingPage, "topic": s.topicPage}[p.Kind]
	if draw == nil {
		return nil, errNoPage
	}
	name, data, err := draw(e)
	if err != nil {
		return nil, err
	}
	if e.LinkedData, err = s.jsonLD(e); err != nil {
		return nil, err
	}
	return s.render(name, e.base, data)
}
