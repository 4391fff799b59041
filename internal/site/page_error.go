package site

import (
	"errors"
	"net/http"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// errorPage is what a reader sees instead of the page.
type errorPage struct {
	*base
	Text     string
	Request  string // to name in a letter to us; empty where nothing went wrong on our side
	Places   []link
	Versions []link // the same page in the site's languages
}

// faults are the errors that have words of their own.
var faults = map[int]string{http.StatusNotFound: "not_found", http.StatusGone: "gone", http.StatusMethodNotAllowed: "method", http.StatusBadRequest: "bad_request",
	http.StatusMisdirectedRequest: "bad_request", http.StatusServiceUnavailable: "unavailable"}

// RenderError shows an error as a page of the site. It needs no database: menus and names come from what is kept.
func (s *Site) RenderError(c *gin.Context, status int, key string, err error) {
	l := web.Locale(c)
	if !s.offers(l) {
		l = i18n.Negotiate(c.GetHeader("Accept-Language"), s.languages(), s.fallback())
	}
	fault := faults[status]
	if fault == "" {
		fault = "other"
	}
	if errors.Is(err, content.ErrLinkOver) {
		fault = "preview"
	}
	b := &base{site: s, ctx: c.Request.Context(), Locale: l, Settings: s.Settings(), NoIndex: true, Type: "website"}
	if b.Shared, _ = s.sharedParts(c.Request.Context(), l); b.Shared == nil {
		b.Shared = &shared{}
		for _, section := range sections {
			b.Shared.Menu = append(b.Shared.Menu, link{section, b.message("menu." + section)})
		}
	}
	b.Title = b.message("fault." + fault + ".title")
	for _, o := range s.languages() {
		b.Languages = append(b.Languages, languageLink{Locale: o, URL: address(o, ""), Current: o == l})
	}
	p := &errorPage{base: b, Text: b.M("fault." + fault + ".text")}
	if status >= 500 {
		p.Request = web.RequestID(c)
	}
	if fault == "not_found" || fault == "gone" {
		s.nearby(c, p)
	}
	body, rerr := s.views.Render("error", p)
	if rerr != nil {
		s.log().Error("error page not rendered", "error", rerr)
		c.Header("Content-Type", "text/plain; charset=utf-8")
		body = []byte(b.Title.Words + "\n\n" + p.Text + "\n")
	} else {
		c.Header("Content-Type", "text/html; charset=utf-8")
	}
	c.Header("Content-Language", l.Tag())
	c.Header("X-Robots-Tag", "noindex")
	c.Status(status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	c.Writer.Write(body)
}

// nearby names places near an address that leads nowhere: the same page in languages that the site has, where only the
// language was wrong, and the lists.
func (s *Site) nearby(c *gin.Context, p *errorPage) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(c.Request.URL.Path, "/"), "/")
	if _, known := s.pathLocale(first); !known && len(first) < 12 && rest != "" {
		if page, err := s.Content.Live(c.Request.Context(), s.fallback(), rest); err == nil {
			for _, l := range s.languages() {
				for _, has := range page.Locales {
					if has == l {
						p.Versions = append(p.Versions, link{address(l, page.Path), text{l.Endonym(), l, true}})
					}
				}
			}
		}
	}
	section, _, _ := strings.Cut(rest, "/")
	if lists[section] != nil {
		p.Places = append(p.Places, link{p.URL(section), p.message("menu." + section)})
	}
	p.Places = append(p.Places, link{p.URL(""), p.message("page.home")})
	for _, m := range p.Shared.Menu {
		if m.URL != section {
			p.Places = append(p.Places, link{p.URL(m.URL), m.Text})
		}
	}
}
