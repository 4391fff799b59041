package admin

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Saved views: the filters of a list under a name. One mechanism serves every list whose filters stand in its address.

const viewsURL = "/admin/views"

func (a *Admin) viewRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: viewsURL, Rule: web.SignedIn, Class: web.Personal, Handle: func(c *gin.Context) error { return a.showViews(c, http.StatusOK, nil) }},
		{Method: http.MethodPost, Path: viewsURL, Rule: web.SignedIn, Class: web.Personal, Handle: a.changeView, MaxBody: 32 << 10},
	}
}

// viewList is a list that views can be of.
type viewList struct {
	Name  string // its address without "/admin/"
	Title string
	check func(c *gin.Context, asked url.Values) (*Form, error) // reads its filters
}

func (l *viewList) url() string { return "/admin/" + l.Name }

// at is the address of the list with filters. "q=" says that there are none: without any, the list opens with a view.
func (l *viewList) at(query string) string { return l.url() + "?" + cmp.Or(query, "q=") }

// viewListOf gives a list by its name, nil where there is none or none that the actor may open.
func (a *Admin) viewListOf(c *gin.Context, p *Page, name string) (*viewList, error) {
	ctx, who := c.Request.Context(), p.Actor
	entries := func(title, kind string) (*viewList, error) {
		if who.Scope(auth.Read, kind).Empty() {
			return nil, nil
		}
		return &viewList{name, title, func(c *gin.Context, asked url.Values) (*Form, error) {
			_, f, err := a.parseList(c, asked, kind, a.now())
			return f, err
		}}, nil
	}
	switch {
	case name == "entries":
		return entries(p.T("list.all"), "")
	case name == boardList:
		if !who.CanSomewhere(auth.Read) {
			return nil, nil
		}
		return &viewList{name, p.T("board.title"), func(c *gin.Context, asked url.Values) (*Form, error) {
			_, _, f, err := a.parseBoard(c, asked)
			return f, err
		}}, nil
	}
	for _, k := range a.content.Kinds {
		if name == k.Path {
			return entries(p.KindMany(k.Name), k.Name)
		}
		rest, ok := strings.CutPrefix(name, k.Path+"/")
		id, ok2 := strings.CutSuffix(rest, "/registrations")
		if !ok || !ok2 || strings.Contains(id, "/") {
			continue
		}
		if _, ok := k.New().(registration.Registering); !ok {
			return nil, nil
		}
		e, err := a.content.Get(ctx, who, id)
		if status, _ := web.Status(err); err != nil && status < http.StatusInternalServerError {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		if e.Kind != k || e.Deleted != nil || !who.Can(auth.ReadRegistrants, e.Object()) {
			return nil, nil
		}
		return &viewList{name, p.T("views.registrants", "Title", cmp.Or(e.Title, p.T("list.untitled"))), func(_ *gin.Context, asked url.Values) (*Form, error) {
			_, f, err := registrantQuery(asked, id)
			return f, err
		}}, nil
	}
	return nil, nil
}

// filters are those of an address as a view keeps them: in their order, and without the page. What the list does not know is an error.
func (l *viewList) filters(c *gin.Context, query string) (string, error) {
	asked, err := url.ParseQuery(query)
	if err != nil {
		return "", errQuery()
	}
	f, err := l.check(c, asked)
	if err != nil {
		return "", err
	}
	return viewQuery(f.Values), nil
}

// viewQuery are filters as a view keeps them.
func viewQuery(v url.Values) string {
	out := url.Values{}
	for name, vs := range v {
		if name != "page" {
			out[name] = vs
		}
	}
	return out.Encode()
}

// viewBar stands above a list: its views, and the form to keep the filters that are in use.
type viewBar struct {
	P     *Page
	List  string // name of the list
	All   string // address of the list without filters
	Query string // the filters in use
	Here  bool   // no filters are in use
	Items []viewItem
	Fresh bool // the filters in use are no view yet
	Form  *Form
}

type viewItem struct {
	auth.View
	Text, URL string
	Here      bool
}

// viewsOf makes what stands above a list.
func (a *Admin) viewsOf(c *gin.Context, p *Page, name string, now url.Values) (*viewBar, error) {
	all, err := a.auth.Views(c.Request.Context(), p.Actor, name)
	if err != nil {
		return nil, err
	}
	l := viewList{Name: name}
	d := &viewBar{P: p, List: name, All: l.at(""), Query: viewQuery(now), Form: newForm()}
	d.Here = d.Query == ""
	d.Fresh = !d.Here
	for _, v := range all {
		x := viewItem{View: v, Text: v.Name, URL: l.at(v.Query), Here: v.Query == d.Query}
		if v.Owner != "" {
			x.Text = p.T("views.of", "View", v.Name, "Name", v.Owner)
		}
		d.Fresh = d.Fresh && !(x.Here && v.Owner == "")
		d.Here = d.Here && !x.Here
		d.Items = append(d.Items, x)
	}
	return d, nil
}

// usualView is the address that a list opens with when none of its filters are asked for; "" for the list as it is.
func (a *Admin) usualView(c *gin.Context, p *Page, name string) (string, error) {
	all, err := a.auth.Views(c.Request.Context(), p.Actor, name)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(v auth.View) bool { return v.Usual })
	if i < 0 {
		return "", nil
	}
	l, err := a.viewListOf(c, p, name)
	if err != nil || l == nil {
		return "", err
	}
	if _, err := l.filters(c, all[i].Query); err != nil { // of an older version
		return "", nil
	}
	return l.at(all[i].Query), nil
}

// viewsScreen is the page of all views of somebody.
type viewsScreen struct {
	Lists    []viewsList
	Failed   *Form // the form that came back
	Filters  bool  // the form that came back keeps filters
	Title    string
	Back     string
	MaxName  int
	HasOwn   bool
	ListName string
}

type viewsList struct {
	Title, URL string // URL is "" where the list cannot be opened any more
	Own        []viewEdit
	Others     []viewItem
}

type viewEdit struct {
	viewItem
	Form *Form
}

// showViews shows the page, with a form that came back.
func (a *Admin) showViews(c *gin.Context, status int, failed *Form) error {
	ctx := c.Request.Context()
	p := a.page(c, "views.title")
	p.Active, p.Layout = "views", "one narrow"
	all, err := a.auth.Views(ctx, p.Actor, "")
	if err != nil {
		return err
	}
	d := viewsScreen{Failed: failed, MaxName: auth.MaxViewName}
	at := map[string]int{}
	for _, v := range all {
		l, err := a.viewListOf(c, p, v.List)
		if err != nil {
			return err
		}
		if l == nil && v.Owner != "" {
			continue // of a list that is not the reader's to open
		}
		i, known := at[v.List]
		if !known {
			i = len(d.Lists)
			at[v.List] = i
			x := viewsList{Title: p.T("views.gone")}
			if l != nil {
				x.Title, x.URL = l.Title, l.at("")
			}
			d.Lists = append(d.Lists, x)
		}
		x := viewItem{View: v, Text: v.Name}
		if l != nil {
			x.URL = l.at(v.Query)
		}
		if v.Owner != "" {
			x.Text = p.T("views.of", "View", v.Name, "Name", v.Owner)
			d.Lists[i].Others = append(d.Lists[i].Others, x)
			continue
		}
		d.HasOwn = true
		edit := viewEdit{x, newForm("name", v.Name)}
		if v.Usual {
			edit.Form.Values.Set("usual", "1")
		}
		if v.Shared {
			edit.Form.Values.Set("shared", "1")
		}
		if failed != nil && failed.Get("op") == "change" && failed.Get("id") == v.ID {
			edit.Form = failed
		}
		d.Lists[i].Own = append(d.Lists[i].Own, edit)
	}
	if failed != nil && failed.Get("op") == "keep" {
		if l, err := a.viewListOf(c, p, failed.Get("list")); err != nil {
			return err
		} else if l != nil {
			d.Filters, d.Title, d.Back = true, l.Title, l.at(failed.Get("query"))
		}
	}
	p.Failed = p.Failed || failed != nil
	p.D = d
	return a.render(c, status, "views", p)
}

// changeView keeps, renames, shares, removes or brings back a view.
func (a *Admin) changeView(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	p := a.page(c, "views.title")
	form := newForm()
	for _, name := range []string{"op", "id", "list", "query", "name", "usual", "shared"} {
		if v.Get(name) != "" {
			form.Values.Set(name, v.Get(name))
		}
	}
	asked := auth.View{ID: v.Get("id"), List: v.Get("list"), Name: v.Get("name"), Usual: v.Get("usual") != "", Shared: v.Get("shared") != ""}
	refused := func(err error) error {
		var invalid auth.Invalid
		if !errors.As(err, &invalid) {
			return err
		}
		form.Bad = invalid
		return a.showViews(c, http.StatusUnprocessableEntity, form)
	}
	switch v.Get("op") {
	case "keep":
		l, err := a.viewListOf(c, p, asked.List)
		if err != nil {
			return err
		}
		if l == nil {
			return web.Fail(http.StatusNotFound, "error.not_found")
		}
		if asked.Query, err = l.filters(c, v.Get("query")); err != nil {
			return err
		}
		form.Values.Set("query", asked.Query)
		kept, was, err := a.auth.KeepView(ctx, who, asked)
		if err != nil {
			return refused(err)
		}
		if was != nil && (was.Query != kept.Query || was.Usual != kept.Usual || was.Shared != kept.Shared) {
			flashUndo(c, "views.replaced", undoView, map[string]string{"list": was.List, "name": was.Name, "query": was.Query, "usual": mark(was.Usual), "shared": mark(was.Shared)}, "View", kept.Name)
		} else {
			flash(c, "success", "views.kept", "View", kept.Name)
		}
		return web.Redirect(c, l.at(kept.Query))
	case "change":
		if err := a.auth.ChangeView(ctx, who, asked); err != nil {
			return refused(err)
		}
		flash(c, "success", "views.changed")
	case "remove":
		gone, err := a.auth.RemoveView(ctx, who, asked.ID)
		if err != nil {
			return err
		}
		flashUndo(c, "views.removed", undoViewRemoval, map[string]string{"id": gone.ID}, "View", gone.Name)
	case "restore":
		back, err := a.auth.RestoreView(ctx, who, asked.ID)
		if err != nil {
			return refused(err)
		}
		flash(c, "success", "views.restored", "View", back.Name)
	default:
		return badOp()
	}
	return web.Redirect(c, viewsURL)
}

// mark is a box of a form, ticked or not.
func mark(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// findViews are the views that one can go to.
func (a *Admin) findViews(c *gin.Context, p *Page) (findGroup, error) {
	g := findGroup{ID: "views", Title: p.T("views.title"), Lang: p.Locale}
	all, err := a.auth.Views(c.Request.Context(), p.Actor, "")
	if err != nil {
		return g, err
	}
	lists := map[string]*viewList{}
	for _, v := range all {
		l, known := lists[v.List]
		if !known {
			if len(lists) == 30 {
				continue // lists of registrants, one per event
			}
			if l, err = a.viewListOf(c, p, v.List); err != nil {
				return g, err
			}
			lists[v.List] = l
		}
		if l != nil {
			g.Options = append(g.Options, findOption{v.Name, l.Title, l.at(v.Query), "filter", ""})
		}
	}
	return g, nil
}
