package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// What is at hand: one box finds entries, places, views and what can be done, by its name. The command palette asks for it while one
// types; without scripts it is a page.

const findURL = "/admin/find"

// findRoutes are the addresses of what is at hand.
func (a *Admin) findRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: findURL, Rule: web.SignedIn, Class: web.Personal, Handle: a.findPage},
		{Method: http.MethodGet, Path: "/admin/palette", Rule: web.SignedIn, Class: web.Personal, Handle: a.palette},
	}
}

// findOption is one line of what was found.
type findOption struct {
	Text, Note, URL, Icon string
	Lang                  i18n.Locale // of Text
}

// findGroup is what was found of one sort.
type findGroup struct {
	ID      string
	Title   string
	Lang    i18n.Locale // of Title
	Options []findOption
}

// findScreen is the page of what is at hand.
type findScreen struct {
	Asked, At string
	Groups    []findGroup
}

func (a *Admin) findPage(c *gin.Context) error {
	p := a.page(c, "find.title")
	p.Active, p.Layout = "find", "one narrow"
	var err error
	if p.D, err = a.lookFor(c, p); err != nil {
		return err
	}
	return a.render(c, http.StatusOK, "find", p)
}

// palette answers the command palette with what the page of the same question would show.
func (a *Admin) palette(c *gin.Context) error {
	p := a.page(c, "find.title")
	var err error
	if p.D, err = a.lookFor(c, p); err != nil {
		return err
	}
	return a.renderPart(c, http.StatusOK, "palette", "main", p)
}

// lookFor looks for what was typed (q) among all that the actor can go to or do, beginning with the entry whose page the question was
// asked on (at). With nothing typed it gives what is wanted most.
func (a *Admin) lookFor(c *gin.Context, p *Page) (d findScreen, err error) {
	ctx := c.Request.Context()
	d.Asked, d.At = strings.TrimSpace(c.Query("q")), c.Query("at")
	if r := []rune(d.Asked); len(r) > 300 { // an address may be long
		d.Asked = string(r[:300])
	}
	if from, err := url.Parse(c.Request.Referer()); d.At == "" && err == nil && from.Host == c.Request.Host {
		d.At = from.RequestURI() // without scripts, the page that the link stands on
	}
	if !web.SafePath(d.At) || strings.HasPrefix(d.At, findURL) {
		d.At = ""
	}
	words := strings.Fields(i18n.Fold(p.Locale, d.Asked))
	// Every word must be in it somewhere; titles are compared as they are searched, without case and accents.
	match := func(texts ...string) bool {
		text := i18n.Fold(p.Locale, strings.Join(texts, " "))
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	add := func(g findGroup, limit int) {
		if len(g.Options) > limit {
			g.Options = g.Options[:limit]
		}
		if len(g.Options) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	asked := len(words) > 0
	begin := findGroup{ID: "begin", Title: p.T("find.begin"), Lang: p.Locale}
	for _, k := range a.content.Kinds {
		if text := p.T("page.new_kind", "Kind", p.KindOne(k.Name)); !p.Actor.Scope(auth.Create, k.Name).Empty() && match(text) {
			begin.Options = append(begin.Options, findOption{text, "", newURL(k), "plus", p.Locale})
		}
		like, err := a.newLike(ctx, p.tongue(), p.Actor, k)
		if err != nil {
			return d, err
		}
		if like != nil && match(like.Text) {
			begin.Options = append(begin.Options, findOption{like.Text, "", like.URL, "copy", p.Locale})
		}
	}
	places := findGroup{ID: "places", Title: p.T("find.places"), Lang: p.Locale}
	for _, o := range p.places() {
		if match(o.Text) {
			places.Options = append(places.Options, o)
		}
	}
	here, err := a.doHere(ctx, p, d.At)
	if err != nil {
		return d, err
	}
	here.Options = slices.DeleteFunc(here.Options, func(o findOption) bool { return !match(o.Text) })
	views, err := a.findViews(c, p)
	if err != nil {
		return d, err
	}
	views.Options = slices.DeleteFunc(views.Options, func(o findOption) bool { return !match(o.Text, o.Note) })

	recent, err := a.recent(c, p, 6)
	if err != nil {
		return d, err
	}
	if !asked {
		add(here, 10)
		mine := findGroup{ID: "recent", Title: p.T("recent.title"), Lang: p.Locale}
		for _, r := range recent {
			mine.Options = append(mine.Options, findOption{r.Title, p.T("palette.kind_date", "Kind", p.KindOne(r.Kind), "Date", p.Since(r.Touched)), r.URL, kindIcon(r.Kind), r.Lang})
		}
		add(mine, 6)
		add(views, 6)
		add(begin, 20)
		add(places, 30)
		return d, nil
	}
	if at, err := a.atAddress(c, p, d.Asked); err != nil || at != nil {
		if at != nil {
			d.Groups = []findGroup{*at}
		}
		return d, err
	}
	add(begin, 4)
	add(places, 6)
	add(here, 6)
	add(views, 5)
	if p.Actor.CanSomewhere(auth.Read) {
		found, err := a.findEntries(ctx, p, d.Asked, recent)
		if err != nil {
			return d, err
		}
		add(found, 14)
	}
	return d, nil
}

// places are all pages that the actor can go to, by themselves.
func (p *Page) places() []findOption {
	var out []findOption
	for _, g := range p.Nav() {
		for _, i := range g.Items {
			out = append(out, findOption{i.Text, g.Title, i.URL, i.Icon, p.Locale})
		}
	}
	if p.Actor.CanSomewhere(auth.Read) {
		out = append(out, findOption{p.T("list.all"), "", listAll(), "page", p.Locale}, findOption{p.T("promises.title"), "", "/admin/promises", "clock", p.Locale})
	}
	if p.Actor.CanSomewhere(auth.ManageInstance) {
		out = append(out, findOption{p.T("tasks.title"), p.T("outbox.title"), "/admin/outbox/tasks", "clock", p.Locale})
	}
	return append(out, findOption{p.T("views.title"), "", viewsURL, "filter", p.Locale}, findOption{p.T("nav.account"), "", "/admin/account", "user", p.Locale},
		findOption{p.T("nav.help"), "", "/admin/help", "help", p.Locale}, findOption{p.T("help.keys"), p.T("nav.help"), "/admin/help#keys", "key", p.Locale})
}

// entryAt finds the entry whose page, or a page below it, has an address. It is nil where there is none, or none that the actor may see.
func (a *Admin) entryAt(ctx context.Context, who *auth.Actor, at string) (*content.Entry, i18n.Locale, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, "", nil
	}
	for _, k := range a.content.Kinds {
		rest, ok := strings.CutPrefix(u.Path, listURL(k)+"/")
		if !ok {
			continue
		}
		id, _, _ := strings.Cut(rest, "/")
		e, err := a.content.Get(ctx, who, id)
		if status, _ := web.Status(err); err != nil && status < http.StatusInternalServerError {
			return nil, "", nil
		} else if err != nil {
			return nil, "", err
		}
		if e.Kind != k {
			return nil, "", nil
		}
		l, ok := i18n.Parse(u.Query().Get("lang"))
		if !ok {
			l = e.Original
		}
		return e, l, nil
	}
	return nil, "", nil
}

// doHere is what can be done with the entry at hand.
func (a *Admin) doHere(ctx context.Context, p *Page, at string) (findGroup, error) {
	g := findGroup{ID: "here"}
	e, l, err := a.entryAt(ctx, p.Actor, at)
	if err != nil || e == nil {
		return g, err
	}
	who, t := p.Actor, p.tongue()
	g.Title, g.Lang = cmp.Or(e.Title, p.T("list.untitled")), e.Original
	add := func(icon, text, to string) {
		g.Options = append(g.Options, findOption{text, "", to, icon, p.Locale})
	}
	base := entryURL(e.Kind, e.ID, "")
	if path, _, _ := strings.Cut(at, "?"); path != base {
		add(kindIcon(e.Kind.Name), p.T("find.open"), entryURL(e.Kind, e.ID, l))
	}
	if e.Deleted == nil {
		if e.Live[content.Part(l)] > 0 {
			add("out", p.T("form.view"), "/"+string(l)+"/"+e.Path)
		}
		add("eye", p.T("preview.name"), base+"/preview?lang="+string(l))
	}
	add("history", p.T("history.name"), base+"/history")
	actions, err := a.actionsOn(ctx, who, e, t)
	if err != nil {
		return g, err
	}
	for _, x := range actions {
		add("page", x.Text, x.URL)
	}
	if e.Deleted != nil {
		return g, nil
	}
	happens, err := a.happenings(ctx, who, e, t)
	if err != nil {
		return g, err
	}
	for _, x := range happens {
		add("clock", x.Text, x.URL)
	}
	if who.Can(auth.Share, e.Object()) {
		add("link", p.T("preview.links"), base+"/preview/links")
	}
	for _, to := range a.settings.Site().Languages {
		if to != e.Original && who.Can(auth.EditText, e.TextObject(to)) {
			add("lang", p.T("find.translate", "Language", i18n.LanguageName(p.Locale, string(to))), translateURL(e, to))
		}
	}
	if e.Live[content.Part(l)] > 0 && who.Can(auth.Publish, e.TextObject(l)) {
		add("x", p.T("form.unpublish_language", "Language", i18n.LanguageName(p.Locale, string(l))), base+"/unpublish?lang="+string(l))
	}
	if who.Can(auth.Delete, e.Object()) && (e.Path == "" || who.Can(auth.Publish, e.Object())) {
		add("trash", p.T("form.delete"), base+"/delete")
	}
	return g, nil
}

// atAddress finds the entry whose public page has an address, as it is copied from a browser: whoever sees a wrong word there is one
// step from where it is put right. It is nil where what is asked for is no address of ours, or not of an entry that the actor may see.
func (a *Admin) atAddress(c *gin.Context, p *Page, asked string) (*findGroup, error) {
	ctx := c.Request.Context()
	u, err := url.Parse(asked)
	if err != nil || !strings.HasPrefix(u.Path, "/") || u.Host != "" && u.Host != c.Request.Host {
		return nil, nil
	}
	head, path, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	l, ok := i18n.Parse(head)
	id := path
	if head != "e" {
		if !ok {
			return nil, nil
		}
		page, err := a.content.Live(ctx, l, path)
		var moved *content.Moved
		if errors.As(err, &moved) {
			page, err = a.content.Live(ctx, l, moved.Path)
		}
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		id = page.ID
	}
	e, err := a.content.Get(ctx, p.Actor, id)
	if status, _ := web.Status(err); err != nil && status < http.StatusInternalServerError {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if _, has := e.Languages[l]; !has {
		l = e.Original // a page that shows the original in place of words that are not there
	}
	return &findGroup{ID: "entries", Title: p.T("find.entries"), Lang: p.Locale, Options: []findOption{{Text: cmp.Or(e.Title, p.T("list.untitled")), Note: p.KindOne(e.Kind.Name), URL: entryURL(e.Kind, e.ID, l), Icon: kindIcon(e.Kind.Name), Lang: e.Original}}}, nil
}

// yearIn takes a year out of what is looked for: what happened in it is found though its title does not name it.
func yearIn(asked string) (words string, from, to time.Time) {
	var rest []string
	for _, w := range strings.Fields(asked) {
		if y, err := strconv.Atoi(i18n.Fold(i18n.EN, w)); err == nil && from.IsZero() && y >= 1900 && y < 2200 {
			from = time.Date(y, 1, 1, 0, 0, 0, -1, time.UTC)
			to = time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		rest = append(rest, w)
	}
	return strings.Join(rest, " "), from, to
}

// findEntries looks for entries by their titles, as lists do, and by the year of their date: those that the actor worked on last
// come first.
func (a *Admin) findEntries(ctx context.Context, p *Page, asked string, recent []recentRow) (findGroup, error) {
	g := findGroup{ID: "entries", Title: p.T("find.entries"), Lang: p.Locale}
	const most = 12
	rows, more, err := a.content.List(ctx, p.Actor, content.ListQuery{Search: asked, Limit: most})
	if err != nil {
		return g, err
	}
	if words, from, to := yearIn(asked); !from.IsZero() {
		dated, _, err := a.content.List(ctx, p.Actor, content.ListQuery{Search: words, After: from, Before: to, Sort: "date", Limit: most})
		if err != nil {
			return g, err
		}
		for _, r := range dated {
			if !slices.ContainsFunc(rows, func(x content.ListRow) bool { return x.ID == r.ID }) && len(rows) < most {
				rows = append(rows, r)
			}
		}
	}
	place := func(r content.ListRow) int {
		if i := slices.IndexFunc(recent, func(x recentRow) bool { return x.ID == r.ID }); i >= 0 {
			return i
		}
		return len(recent)
	}
	slices.SortStableFunc(rows, func(x, y content.ListRow) int { return place(x) - place(y) })
	for _, r := range rows {
		k := a.content.Kind(r.Kind)
		if k == nil {
			continue
		}
		o := findOption{Note: p.KindOne(r.Kind), URL: entryURL(k, r.ID, ""), Icon: kindIcon(r.Kind)}
		o.Text, o.Lang = p.titleOf(r)
		if !r.Date.IsZero() {
			o.Note = p.T("palette.kind_date", "Kind", o.Note, "Date", p.Date(r.Date))
		}
		g.Options = append(g.Options, o)
	}
	if more {
		g.Options = append(g.Options, findOption{p.T("find.all"), "", listAll("q", asked), "find", p.Locale})
	}
	return g, nil
}

// titleOf is the title of a row of a list, in the reader's language where there is one.
func (p *Page) titleOf(r content.ListRow) (string, i18n.Locale) {
	switch t := r.Languages[p.Locale].Title; {
	case t != "":
		return t, p.Locale
	case r.Title != "":
		return r.Title, r.Original
	}
	return p.T("list.untitled"), p.Locale
}

// recentRow is an entry that the reader worked on.
type recentRow struct {
	content.ListRow
	Title, URL string
	Lang       i18n.Locale // of Title
	Touched    time.Time
}

// recent lists the entries that the reader worked on last, as far as she may see them and they are not in the trash.
func (a *Admin) recent(c *gin.Context, p *Page, limit int) ([]recentRow, error) {
	if !p.Actor.CanSomewhere(auth.Read) {
		return nil, nil
	}
	ctx := c.Request.Context()
	var kinds, ids []string
	for _, k := range a.content.Kinds {
		kinds = append(kinds, k.Name)
	}
	touched, err := a.auth.Touched(ctx, p.Actor, kinds, 4*limit) // some of them may be gone by now
	if err != nil || len(touched) == 0 {
		return nil, err
	}
	for _, t := range touched {
		ids = append(ids, t.ID)
	}
	rows, _, err := a.content.List(ctx, p.Actor, content.ListQuery{IDs: ids})
	if err != nil {
		return nil, err
	}
	var out []recentRow
	for _, t := range touched {
		i := slices.IndexFunc(rows, func(r content.ListRow) bool { return r.ID == t.ID })
		if i < 0 || len(out) == limit {
			continue
		}
		k := a.content.Kind(rows[i].Kind)
		if k == nil {
			continue
		}
		x := recentRow{ListRow: rows[i], URL: entryURL(k, t.ID, ""), Touched: t.At}
		x.Title, x.Lang = p.titleOf(x.ListRow)
		out = append(out, x)
	}
	return out, nil
}
