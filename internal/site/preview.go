package site

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/view"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Previews are drawn by the theme and answered at addresses of their own: nothing here passes through what keeps pages.

// Preview draws an entry's page as it would be at a time, with a bar above it, and nothing in it that makes a page known
// elsewhere: no canonical address, no feeds, no linked data. place is asked about each address on this host that the page
// names, "/fr/events": it gives what stands there instead, "" for nothing. Links lead to a new window, as long as place leaves
// them as they are.
func (s *Site) Preview(ctx context.Context, p *content.Page, at time.Time, bar template.HTML, place func(address string) string) ([]byte, error) {
	a, err := s.at(at).entryAnswer(ctx, p)
	if err != nil {
		return nil, err
	}
	sheet, err := s.asset("preview.css")
	if err != nil {
		return nil, err
	}
	head := `<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer"><link rel="stylesheet" href="` + template.HTMLEscapeString(sheet) + `">`
	return marked(a.Body, head, string(bar), place)
}

// at is the site with a clock that stands. It keeps no pages.
func (s *Site) at(t time.Time) *Site {
	o := s.Options
	o.Now, o.KeepBytes = func() time.Time { return t }, 0
	return &Site{Options: o, host: s.host, views: s.views, static: s.static, kept: newKeeper(0, s.host), shared: map[i18n.Locale]*shared{}}
}

// marked rewrites a page of the theme's for a preview.
func marked(page []byte, head, bar string, place func(string) string) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(page) + len(head) + len(bar))
	z := html.NewTokenizer(bytes.NewReader(page))
	skip := "" // the element that is left out with what is in it
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if errors.Is(z.Err(), io.EOF) {
				return out.Bytes(), nil
			}
			return nil, z.Err()
		}
		raw := slices.Clone(z.Raw()) // reading the token changes it
		t := z.Token()
		switch {
		case skip != "":
			if kind == html.EndTagToken && t.Data == skip {
				skip = ""
			}
		case kind == html.StartTagToken && t.Data == "script":
			skip = "script"
		case kind == html.EndTagToken && t.Data == "head":
			out.WriteString(head)
			out.Write(raw)
		case kind == html.StartTagToken && t.Data == "body":
			out.Write(raw)
			out.WriteString(bar)
		case kind != html.StartTagToken && kind != html.SelfClosingTagToken:
			out.Write(raw)
		case t.Data == "link" && !slices.Contains([]string{"stylesheet", "icon"}, attribute(t, "rel")), t.Data == "meta" && (attribute(t, "property") != "" || attribute(t, "name") == "robots" || strings.HasPrefix(attribute(t, "name"), "twitter:")):
		case replaced(&t, place):
			out.WriteString(t.String())
		default:
			out.Write(raw)
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// replaced puts the addresses that place gives into a tag, and reports whether the tag is another now.
func replaced(t *html.Token, place func(string) string) bool {
	changed := false
	var attrs []html.Attribute
	for _, a := range t.Attr {
		was := a.Val
		switch a.Key {
		case "href", "src", "poster", "action":
			if t.Data == "link" || !strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//") {
				break
			}
			if a.Val = place(a.Val); a.Val == "" {
				changed = true
				continue
			}
		case "srcset":
			var all []string
			for _, one := range strings.Split(a.Val, ", ") {
				address, size, _ := strings.Cut(strings.TrimSpace(one), " ")
				if to := place(address); to != "" {
					all = append(all, strings.TrimSpace(to+" "+size))
				}
			}
			a.Val = strings.Join(all, ", ")
		}
		changed = changed || a.Val != was
		attrs = append(attrs, a)
		if t.Data == "a" && a.Key == "href" && a.Val == was && !strings.HasPrefix(a.Val, "#") {
			attrs, changed = append(attrs, html.Attribute{Key: "target", Val: "_blank"}, html.Attribute{Key: "rel", Val: "noopener noreferrer"}), true
		}
	}
	t.Attr = attrs
	return changed
}

// Preview links: one version of an entry, for whom the office gave the link to.

func (s *Site) previewRoutes() []web.Route {
	get := func(path string, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Rule: web.Public, Class: web.Secret, CSP: web.PreviewCSP, Handle: handle}
	}
	file := get("/preview/:token/files/:id/:name", s.previewFile)
	file.Timeout = 30 * time.Minute
	return []web.Route{get("/preview/:token", s.previewPage), get("/preview/:token/:locale", s.previewPage), file}
}

// previewed is what the link of an address shows.
func (s *Site) previewed(c *gin.Context) (*content.Previewed, error) {
	p, err := s.Content.OpenPreview(c.Request.Context(), c.Param("token"))
	if errors.Is(err, content.ErrLinkOver) {
		return nil, &web.Error{Status: http.StatusGone, Key: "error.gone", Cause: err}
	}
	return p, err
}

func (s *Site) previewPage(c *gin.Context) error {
	ctx, now := c.Request.Context(), s.Now()
	v, err := s.previewed(c)
	if err != nil {
		return err
	}
	l := v.Locale
	if asked := c.Param("locale"); asked != "" {
		var ok bool
		if l, ok = i18n.Parse(asked); !ok {
			return db.ErrNotFound
		}
	}
	web.SetLocale(c, l)
	p, err := s.Content.PreviewedPage(ctx, v, l, now)
	if err != nil {
		return err
	}
	own, token := address("", p.Path)[1:], c.Param("token")
	body, err := s.Preview(ctx, p, now, s.linkBar(v, l), func(to string) string {
		path, _, _ := strings.Cut(to, "?")
		if rest, ok := strings.CutPrefix(path, "/media/"); ok {
			id, name, _ := strings.Cut(rest, "/")
			if v.Shows(id) {
				return "/preview/" + token + "/files/" + id + "/" + name
			}
			return to
		}
		locale, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		in, known := i18n.Parse(locale)
		switch {
		case known && "/"+rest == own:
			if slices.Contains(v.Locales(), in) {
				return "/preview/" + token + "/" + string(in)
			}
			return ""
		case known && v.Public() == "" && strings.HasPrefix("/"+rest, own), v.Public() == "" && path == "/e/"+p.ID:
			return ""
		}
		return to
	})
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodGet {
		if err := s.Content.CountPreview(ctx, v); err != nil {
			return err
		}
	}
	c.Header("Content-Language", l.Tag())
	c.Data(http.StatusOK, "text/html; charset=utf-8", body)
	return nil
}

// linkBar says above the page what it is.
func (s *Site) linkBar(v *content.Previewed, l i18n.Locale) template.HTML {
	t := func(key string, args ...any) string { return s.Catalogue.T(l, key, args...) }
	zone := s.Settings().Zone
	until := i18n.When(l, v.Expires.In(content.Zone(zone)), time.Time{}, zone, true)
	return view.PreviewBar(l, t("preview.bar"), t("preview.link_text"), t("preview.link_until", "Time", until))
}

// previewFile gives a file that the version of a link shows. Originals of pictures, which may tell where and when they were
// taken, are not among them.
func (s *Site) previewFile(c *gin.Context) error {
	v, err := s.previewed(c)
	if err != nil {
		return err
	}
	id, name := c.Param("id"), c.Param("name")
	if !v.Shows(id) {
		return db.ErrNotFound
	}
	return s.Media.Serve(unkept{c.Writer}, c.Request, id, name, func(f *media.File) bool { return f.Kind != media.Picture || f.Rendition(name) != nil })
}

// unkept is an answer that nobody keeps, whatever its writer says.
type unkept struct{ gin.ResponseWriter }

func (u unkept) WriteHeader(status int) {
	h := u.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	u.ResponseWriter.WriteHeader(status)
}
