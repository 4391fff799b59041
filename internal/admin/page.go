package admin

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Page is what every template gets: the frame's data and words, and in D what the page itself shows. In a template $
// is the Page: {{$.T "key"}}.
type Page struct {
	Actor  *auth.Actor // nil on pages for strangers
	Locale i18n.Locale
	Title  string
	Crumbs []Link // what stands above this page, the outermost first
	Here   string // the last step of that path, where the title is too long for it
	Active string // which entry of the navigation is marked: a kind's name, "media" …
	Layout string // further classes of <main>: "one" for pages without a side panel
	Failed bool   // a form came back with problems: the title says so
	Path   string // address of this page, for forms that come back to it
	D      any

	Flashes []flashed
	a       *Admin
	nav     []NavGroup
}

// Link is words and where they lead.
type Link struct{ Text, URL string }

// Notice is a short message above the page.
type Notice struct{ Kind, Text string }

// flashed is a notice that was left by the step before.
type flashed struct {
	Notice
	Undo *undoForm // takes the step back, nil where nothing does
}

// NavGroup is a titled part of the navigation.
type NavGroup struct {
	Title string
	Items []NavItem
}

// NavItem is one place in the panel.
type NavItem struct {
	Name, Text, URL, Icon string
}

// page starts the page of a request: title is a message key, with its arguments.
func (a *Admin) page(c *gin.Context, title string, args ...any) *Page {
	p := &Page{a: a, Actor: web.Actor(c), Locale: web.Locale(c), Path: c.Request.URL.RequestURI()}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		p.Path = "/admin"
	}
	p.Title = p.T(title, args...)
	return p
}

// inKind puts the page below a kind's list; steps are those between the two.
func (p *Page) inKind(k *content.Kind, steps ...Link) {
	p.Active = k.Name
	p.Crumbs = append([]Link{{p.KindMany(k.Name), listURL(k)}}, steps...)
}

// below puts the page below that of an entry in a language: here is the message key of the last step of the path to it, between
// are the steps between the two.
func (p *Page) below(e *content.Entry, l i18n.Locale, here string, between ...Link) {
	p.inKind(e.Kind, append([]Link{{entryTitle(p.tongue(), e), entryURL(e.Kind, e.ID, l)}}, between...)...)
	p.Layout, p.Here = "one narrow", p.T(here)
}

// render answers with a page. The status is 200, or one of the failures where a form comes back with problems, which the title
// then says.
func (a *Admin) render(c *gin.Context, status int, name string, p *Page) error {
	p.Failed = p.Failed || status >= http.StatusBadRequest
	return a.renderPart(c, status, name, "layout.html", p)
}

// renderPart answers with one named template of a page: a fragment for a script.
func (a *Admin) renderPart(c *gin.Context, status int, name, part string, p *Page) error {
	if part == "layout.html" {
		for _, f := range web.Flashes(c) {
			args := make([]any, 0, 2*len(f.Args))
			for k, v := range f.Args {
				args = append(args, k, v)
			}
			p.Flashes = append(p.Flashes, flashed{Notice{f.Kind, p.T(f.Key, args...)}, undoOf(f)})
		}
	}
	b, err := a.views.Fragment(name, part, p)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Locale.Tag())
	c.Status(status)
	_, err = c.Writer.Write(b)
	return err
}

// flash leaves a notice for the next page: kind is success, info, warning or error; args are name, value pairs.
func flash(c *gin.Context, kind, key string, args ...string) {
	f := web.Flash{Kind: kind, Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i]] = args[i+1]
	}
	web.AddFlash(c, f)
}

// asInvalid finds the error that names wrong fields.
func asInvalid(err error, to *interface{ Fields() map[string]string }) bool {
	return err != nil && errors.As(err, to)
}

// tongue speaks the page's language.
func (p *Page) tongue() tongue { return tongue{p.a.cat, p.Locale} }

// T is a message in the page's language.
func (p *Page) T(key string, args ...any) string { return p.a.cat.T(p.Locale, key, args...) }

// N is a message for a number.
func (p *Page) N(key string, n int, args ...any) string { return p.a.cat.N(p.Locale, key, n, args...) }

// Has says whether there is a message for a key.
func (p *Page) Has(key string) bool { return p.a.cat.Has(i18n.EN, key) }

// Dir is the direction of the page.
func (p *Page) Dir() string { return p.Locale.Dir() }

// Locales are the nine languages.
func (p *Page) Locales() []i18n.Locale { return i18n.All }

// SiteLocales are the languages of the site, in its order.
func (p *Page) SiteLocales() []i18n.Locale { return p.a.settings.Site().Languages }

// SiteName is the site's name in the page's language.
func (p *Page) SiteName() string { return p.a.settings.Site().Name.In(p.Locale) }

// Theme is the actor's choice: light, dark, or nothing for the system's.
func (p *Page) Theme() string {
	if p.Actor == nil {
		return ""
	}
	return p.Actor.Theme
}

// Words are the scripts' messages as JSON.
func (p *Page) Words() string { return p.a.words[p.Locale] }

// zone is the office's time zone: times that belong to no event are told in it.
func (p *Page) zone() *time.Location { return content.Zone(p.a.settings.Site().Zone) }

// Date writes a day.
func (p *Page) Date(t time.Time) string { return i18n.Date(p.Locale, t.In(p.zone())) }

// DateTime writes a moment in the office's time zone.
func (p *Page) DateTime(t time.Time) string { return i18n.DateTime(p.Locale, t.In(p.zone())) }

// ISO is a moment for the datetime attribute.
func (p *Page) ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ZoneNote names the zone that times on this page are in.
func (p *Page) ZoneNote() string {
	z := p.a.settings.Site().Zone
	return p.T("page.zone", "City", i18n.ZoneCity(p.Locale, z), "Offset", i18n.Offset(p.a.now().In(p.zone())))
}

// Since tells a recent moment by its distance in words, and an older one by its date.
func (p *Page) Since(t time.Time) string {
	d := p.a.now().Sub(t)
	switch {
	case d < 0 || d >= 7*24*time.Hour:
		return p.Date(t)
	case d < time.Minute:
		return p.T("page.just_now")
	case d < time.Hour:
		return p.N("page.minutes_ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return p.N("page.hours_ago", int(d.Hours()))
	}
	return p.N("page.days_ago", int(d.Hours()/24))
}

// Number, Bytes and List write what their names say in the page's language.
func (p *Page) Number(n int) string       { return i18n.Number(p.Locale, n) }
func (p *Page) Bytes(n int64) string      { return i18n.Bytes(p.Locale, n) }
func (p *Page) List(s []string) string    { return i18n.List(p.Locale, s) }
func (p *Page) Zone(name string) string   { return i18n.ZoneCity(p.Locale, name) }
func (p *Page) Language(l string) string  { return i18n.LanguageName(p.Locale, l) }
func (p *Page) KindOne(k string) string   { return p.T("kind." + k + ".one") }
func (p *Page) KindMany(k string) string  { return p.T("kind." + k + ".many") }
func (p *Page) Can(action string) bool    { return p.Actor.CanSomewhere(auth.Action(action)) }
func (p *Page) IsActive(name string) bool { return p.Active == name }

// Initials stand for a person where there is no picture: two letters, or the first character of a name written
// without spaces.
func initials(name string) string {
	var out []rune
	for _, w := range strings.Fields(name) {
		r := []rune(w)[0]
		if unicode.IsLetter(r) {
			out = append(out, unicode.ToUpper(r))
		}
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// Nav lists the places the actor may go.
func (p *Page) Nav() []NavGroup {
	if p.Actor == nil || p.nav != nil {
		return p.nav
	}
	first := NavGroup{Items: []NavItem{{"dashboard", p.T("nav.dashboard"), "/admin", "home"}}}
	for _, k := range p.a.content.Kinds {
		if !p.Actor.Scope(auth.Read, k.Name).Empty() {
			first.Items = append(first.Items, NavItem{k.Name, p.KindMany(k.Name), listURL(k), kindIcon(k.Name)})
		}
	}
	if p.Actor.CanSomewhere(auth.EditText) {
		first.Items = append(first.Items, NavItem{"translations", p.T("board.title"), boardURL, "lang"})
	}
	if p.Actor.CanSomewhere(auth.Moderate) {
		first.Items = append(first.Items, NavItem{"discussions", p.T("moderation.title"), queueURL, "flag"})
	}
	p.nav = append(p.nav, first)
	group := func(title string, items ...NavItem) {
		g := NavGroup{Title: p.T(title)}
		for _, i := range items {
			if i.Name != "" {
				g.Items = append(g.Items, i)
			}
		}
		if len(g.Items) > 0 {
			p.nav = append(p.nav, g)
		}
	}
	may := func(action auth.Action, i NavItem) NavItem {
		if !p.Actor.CanSomewhere(action) {
			return NavItem{}
		}
		return i
	}
	group("nav.site", may(auth.Read, NavItem{"media", p.T("nav.media"), "/admin/media", "img"}),
		may(auth.Publish, NavItem{"replace", p.T("replace.everywhere"), rewordURL, "find"}),
		may(auth.EditText, NavItem{"terms", p.T("terms.title"), termsURL, "lang"}), may(auth.EditText, NavItem{"memory", p.T("memory.title"), memoryURL, "copy"}),
		may(auth.Delete, NavItem{"trash", p.T("nav.trash"), "/admin/trash", "trash"}),
		may(auth.Read, NavItem{"published", p.T("published.title"), publishedURL, "history"}),
		may(auth.ManageSettings, NavItem{"settings", p.T("nav.settings"), "/admin/settings", "gear"}))
	group("nav.administration", may(auth.Appoint, NavItem{"rights", p.T("rights.title"), rightsURL, "flag"}), may(auth.ManageUsers, NavItem{"users", p.T("nav.users"), "/admin/users", "key"}),
		may(auth.SendMessages, NavItem{"outbox", p.T("outbox.title"), "/admin/outbox", "mail"}), may(auth.ReadAudit, NavItem{"log", p.T("nav.log"), "/admin/log", "log"}),
		may(auth.ManageInstance, NavItem{"privacy", p.T("privacy.title"), privacyURL, "eye"}))
	return p.nav
}

// RoleLine says under the actor's name what she is here.
func (p *Page) RoleLine() string {
	var roles []string
	for _, g := range p.Actor.Grants() {
		if r := p.T("auth.role." + string(g.Role)); !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	return p.List(roles)
}

// kindIcon is the picture of a kind.
func kindIcon(kind string) string {
	if icons["kind-"+kind] != "" {
		return "kind-" + kind
	}
	return "page"
}

// listURL is the address of a kind's list.
func listURL(k *content.Kind) string { return "/admin/" + k.Path }

// newURL is where an entry of a kind is begun.
func newURL(k *content.Kind) string { return listURL(k) + "/new" }

// entryURL is the address of an entry's page, in one of its languages or, with none, its original.
func entryURL(k *content.Kind, id string, l i18n.Locale) string {
	u := listURL(k) + "/" + id
	if l != "" {
		u += "?lang=" + string(l)
	}
	return u
}

// EntryURL is entryURL for templates, which know the kind by name.
func (p *Page) EntryURL(kind, id string, l i18n.Locale) string {
	if k := p.a.content.Kind(kind); k != nil {
		return entryURL(k, id, l)
	}
	return ""
}

// funcs are what templates may call besides the page's methods.
func (a *Admin) funcs() template.FuncMap {
	return template.FuncMap{
		"asset":    a.assets.URL,
		"icon":     icon,
		"initials": initials,
		"bdi":      i18n.BDI,
		"dict":     dict,
		"query":    url.QueryEscape,
	}
}

// dict puts named values together, to be handed to a part: {{template "pager" (dict "P" $ "More" .More)}}.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name must be text")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
