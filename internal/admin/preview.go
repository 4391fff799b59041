package admin

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/view"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// A preview is the site's own page, drawn at once and kept nowhere: of the draft, with what is typed in the form or as it is
// saved, or of what the public saw, at any time. The screen holds what is asked for and a frame with the page; the same screen
// stands beside the form, where a script fetches it.

// Drawer draws an entry's page as the site would at a time, with a bar above it; place gives what stands instead of each
// address on this host.
type Drawer func(ctx context.Context, p *content.Page, at time.Time, bar template.HTML, place func(address string) string) ([]byte, error)

// previewRoutes are the addresses of previews of a kind.
func (a *Admin) previewRoutes(k *content.Kind) []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	read, create := web.Needs(auth.Read), web.Needs(auth.Create)
	at := func(method, path string, rule web.Rule, framed bool, handle func(*content.Kind, *gin.Context) error) web.Route {
		return web.Route{Method: method, Path: listURL(k) + path, Rule: rule, Class: web.Personal, MaxBody: maxForm, Framed: framed,
			Handle: func(c *gin.Context) error { return handle(k, c) }}
	}
	return []web.Route{
		at(get, "/new/preview", create, false, a.previewScreen),
		at(get, "/new/preview/page", create, true, a.previewSaved),
		at(post, "/new/preview/page", create, true, a.previewTyped),
		at(get, "/:id/preview", read, false, a.previewScreen),
		at(get, "/:id/preview/page", read, true, a.previewSaved),
		at(post, "/:id/preview/page", read, true, a.previewTyped),
		at(get, "/:id/preview/links", read, false, a.previewLinks),
		at(post, "/:id/preview/links", read, false, a.savePreviewLink),
	}
}

// sight is what is looked at: which language, when, and whether the draft or what the public sees.
type sight struct {
	show   i18n.Locale
	at     time.Time
	zone   string
	dated  bool // a time was asked for; else it is now
	public bool
}

// readSight reads what is asked for from an address. What is wrong with the time is in the form's Bad, and the time is now.
func (a *Admin) readSight(c *gin.Context, l i18n.Locale) (sight, *Form, error) {
	site := a.settings.Site()
	f := newForm("show", c.DefaultQuery("show", string(l)), "at", strings.TrimSpace(c.Query("at")), "zone", c.DefaultQuery("zone", site.Zone),
		"of", c.DefaultQuery("of", "draft"), "width", c.DefaultQuery("width", "full"))
	s := sight{at: a.now(), zone: f.Get("zone"), public: f.Get("of") == "public"}
	var ok bool
	if s.show, ok = i18n.Parse(f.Get("show")); !ok {
		return s, f, db.ErrNotFound
	}
	if s.zone != site.Zone && !slices.Contains(i18n.Zones(), s.zone) {
		s.zone = site.Zone
		f.Bad["zone"] = "preview.zone_wrong"
		return s, f, nil
	}
	typed := f.Get("at")
	if typed == "" {
		return s, f, nil
	}
	var t time.Time
	err := errors.New("no time")
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if err != nil {
			t, err = time.ParseInLocation(layout, typed, content.Zone(s.zone))
		}
	}
	if err != nil {
		if t, err = time.ParseInLocation(time.DateOnly, typed, content.Zone(s.zone)); err == nil {
			t = t.Add(12 * time.Hour)
		}
	}
	if err != nil || t.Year() < 1945 || t.Year() > 2200 {
		f.Bad["at"] = "preview.at_wrong"
		return s, f, nil
	}
	s.at, s.dated = t, true
	return s, f, nil
}

// previewPage is the screen.
type previewPage struct {
	tongue
	Form          *Form
	Heading       string
	Action, Frame string
	Back          string
	Languages     []choice
	Zones         []Choice
	Stored        bool // there is something that the public may have seen
	LinksURL      string
	HistoryURL    string
}

// previewed gives whose preview an address names; e is nil for a new one.
func (a *Admin) previewed(k *content.Kind, c *gin.Context) (who *auth.Actor, e *content.Entry, l i18n.Locale, err error) {
	if c.Param("id") != "" {
		return a.load(k, c)
	}
	if who, err = web.SignedInActor(c); err == nil {
		l, err = a.originalOf(c, c.Query("lang"))
	}
	return who, nil, l, err
}

func (a *Admin) previewScreen(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.previewed(k, c)
	if err != nil {
		return err
	}
	_, form, err := a.readSight(c, l)
	if err != nil {
		return err
	}
	p := a.page(c, "preview.name")
	t := p.tongue()
	base := newURL(k)
	d := &previewPage{tongue: t, Form: form, Heading: t.T("form.untitled"), Back: base}
	if e != nil {
		base = entryURL(k, e.ID, "")
		d.Heading, d.Back, d.Stored, d.HistoryURL = entryTitle(t, e), entryURL(k, e.ID, l), true, base+"/history"
		if who.Can(auth.Share, e.Object()) && e.Deleted == nil {
			d.LinksURL = base + "/preview/links"
		}
		p.Title = p.T("preview.title", "Title", d.Heading)
	}
	d.Action = base + "/preview"
	q := url.Values{"lang": {string(l)}}
	for _, name := range []string{"show", "at", "zone", "of"} {
		q.Set(name, form.Get(name))
	}
	d.Frame = base + "/preview/page?" + q.Encode()
	for _, x := range i18n.All {
		words := e != nil && len(e.Parts[content.Part(x)]) > 0
		if words || x == l || slices.Contains(a.settings.Site().Languages, x) {
			d.Languages = append(d.Languages, choice{string(x), i18n.LanguageName(p.Locale, string(x))})
		}
	}
	d.Zones = zoneChoices(p)
	p.inKind(k, Link{d.Heading, d.Back})
	p.Layout, p.Here, p.D = "one wide", p.T("preview.name"), d
	status := http.StatusOK
	if len(form.Bad) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return a.render(c, status, "preview", p)
}

// zoneChoices are all time zones, by name in the page's language.
func zoneChoices(p *Page) []Choice {
	var out []Choice
	for _, z := range i18n.Zones() {
		out = append(out, Choice{Value: z, Text: p.Zone(z)})
	}
	i18n.SortBy(p.Locale, out, func(z Choice) string { return z.Text })
	return out
}

// previewSaved draws what is saved, or what the public saw.
func (a *Admin) previewSaved(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.previewed(k, c)
	if err != nil {
		return err
	}
	s, form, err := a.readSight(c, l)
	if err != nil {
		return err
	}
	t := tongue{a.cat, web.Locale(c)}
	if e == nil {
		e = emptyEntry(k, l)
	}
	said := []string{t.T("preview.saved")}
	if s.public {
		said[0] = t.T("preview.public")
	}
	return a.drawPreview(c, who, e, s, form, said)
}

// emptyEntry stands for one that is not stored.
func emptyEntry(k *content.Kind, l i18n.Locale) *content.Entry {
	return &content.Entry{ID: "new", Kind: k, Original: l, Parts: content.Parts{content.Facts: {}}, Versions: map[content.Part]int{}, Live: map[content.Part]int{}}
}

// previewTyped draws the draft with what is typed in its form. Nothing is stored, and what could not be is left out.
func (a *Admin) previewTyped(k *content.Kind, c *gin.Context) error {
	f, v, err := a.sentForm(k, c)
	if err != nil {
		return err
	}
	s, form, err := a.readSight(c, f.Lang)
	if err != nil {
		return err
	}
	e := f.Entry
	if e == nil {
		e = emptyEntry(k, f.Lang)
	}
	set := f.read()
	f.mayRefer()
	wrong := map[string]bool{}
	for name := range f.problems {
		path, _, l, _ := leafName(name)
		delete(set[content.Part(l)], path)
		wrong[content.FormName(path, l)] = true
	}
	change := f.change(set, v)
	for range 8 { // each round finds what the one before hid
		var next *content.Entry
		next, err = a.content.Preview(e, change)
		var invalid *content.Invalid
		if !errors.As(err, &invalid) {
			if err == nil {
				e = next
			}
			break
		}
		for _, x := range invalid.Problems {
			path := leafPath(x.Path)
			delete(set[content.Part(x.Locale)], path)
			wrong[content.FormName(path, x.Locale)] = true
		}
	}
	var invalid *content.Invalid
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	said := []string{f.T("preview.typed")}
	if len(wrong) > 0 {
		said = append(said, f.N("preview.wrong", len(wrong)))
	}
	return a.drawPreview(c, f.who, e, s, form, said)
}

// drawPreview answers with the page.
func (a *Admin) drawPreview(c *gin.Context, who *auth.Actor, e *content.Entry, s sight, form *Form, said []string) error {
	ctx := c.Request.Context()
	t := tongue{a.cat, web.Locale(c)}
	when := i18n.When(t.Locale, s.at.In(content.Zone(s.zone)), time.Time{}, s.zone, true)
	for _, name := range sortedKeys(form.Bad) {
		said = append(said, t.T(form.Bad[name]))
	}
	if s.dated {
		said = append(said, t.T("preview.at_time", "Time", when))
	}
	var p *content.Page
	var err error
	if s.public {
		p, err = a.content.StoodPage(ctx, who, e.ID, s.show, s.at)
		said = append(said, t.T("preview.lists_now"))
		if errors.Is(err, db.ErrNotFound) {
			return a.noPreview(c, t.T("preview.nothing_public", "Time", when))
		}
	} else {
		p, err = a.content.WorkingPage(ctx, who, e, e.Parts, s.show, s.at)
	}
	if err != nil {
		return err
	}
	body, err := a.draw(ctx, p, s.at, view.PreviewBar(t.Locale, t.T("preview.bar"), said...), a.placed(e, p))
	if err != nil {
		return err
	}
	c.Header("Content-Language", s.show.Tag())
	c.Data(http.StatusOK, "text/html; charset=utf-8", body)
	return nil
}

// noPreview answers in the frame where there is no page.
func (a *Admin) noPreview(c *gin.Context, text string) error {
	t := tongue{a.cat, web.Locale(c)}
	return a.renderPart(c, http.StatusOK, "preview", "preview_nothing", &Page{a: a, Actor: web.Actor(c), Locale: t.Locale, D: text})
}

// placed says what stands in a preview instead of addresses of the site: files as the panel shows them, previews of drafts, and
// nothing where there is no page yet. The page's own language links are those of the screen.
func (a *Admin) placed(e *content.Entry, p *content.Page) func(string) string {
	return func(to string) string {
		path, query, _ := strings.Cut(to, "?")
		if rest, ok := strings.CutPrefix(path, "/media/"); ok {
			if query != "" {
				query = "?" + query
			}
			return "/admin/media/" + rest + query
		}
		locale, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if l, ok := i18n.Parse(locale); ok {
			kindPath, id, more, draft := content.Draft(rest)
			switch {
			case rest == p.Path:
				return ""
			case draft && id != e.ID && more == "" && a.content.KindByPath(kindPath) != nil:
				return entryURL(a.content.KindByPath(kindPath), id, "") + "/preview?show=" + string(l)
			case draft:
				return ""
			}
		}
		if e.Path == "" && path == "/e/"+e.ID {
			return ""
		}
		return to
	}
}
