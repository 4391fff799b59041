package admin

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// listSize is how many rows a page of a list has.
const listSize = 25

// paged reads the part of a list that the request asks for: read gets its rows and says how many there are in all. A page after
// the last, as after rows have gone, is the last.
func paged(c *gin.Context, read func(auth.Paging) (total int, err error)) (web.Pager, error) {
	page, size := web.Page(c)
	total, err := read(auth.Paging{Offset: (page - 1) * size, Size: size})
	if err != nil {
		return web.Pager{}, err
	}
	pager := web.NewPager(c, total)
	if pager.Page != page {
		_, err = read(auth.Paging{Offset: pager.Offset(), Size: size})
	}
	return pager, err
}

// listParams are all the names a list's address may hold; anything else is refused.
var listParams = []string{"q", "state", "lang", "owner", "series", "year", "when", "mine", "sort", "page"}

// listStates are the states of a language one can ask for; the last is of entries that have no words in it.
var listStates = []string{string(content.StateDraft), string(content.StatePublished), string(content.StateChanged), string(content.StateOutOfDate), "not_started"}

var listSorts = []string{"", "changed", "-changed", "title", "-title", "date", "-date"}

// listScreen is the page of a kind's entries, or of all kinds'.
type listScreen struct {
	Kind      *content.Kind // nil: all
	Name      string        // of the kind in the plural
	NewURL    string        // "" if the actor may not begin one
	NoteURL   string        // where one begins with a concept note, "" where none can
	Form      *Form
	Rows      []listRow
	Heads     []listHead
	Languages []i18n.Locale
	States    []Choice
	Locales   []Choice
	Owners    []Choice
	Series    []Choice
	Years     []Choice
	Filtered  bool
	More      bool // filters beyond the first row are in use
	Dated     bool // has a column for the date
	Bulk      i18n.Locale
	Ops       []string
	Total     int
	Prev      string
	Next      string
	From, To  int
	Path      string
	Views     *viewBar
}

type listHead struct{ Text, URL, Sort, Class string } // Sort as for aria-sort, "" where it is not a column to sort by

type listRow struct {
	content.ListRow
	Title   string
	Lang    i18n.Locale // of Title
	URL     string
	State   content.State
	Owner   string
	By      string
	Tongues []rowLanguage
	Locale  i18n.Locale // asked for by the filter: links lead there
	Planned []string    // what is scheduled, in words
}

// rowLanguage is one language of a row: its dot says the state, its title says it in words.
type rowLanguage struct {
	Locale i18n.Locale
	State  string
	URL    string
}

// errQuery answers an address that asks for what there is not.
func errQuery() error { return web.Fail(http.StatusBadRequest, "error.query") }

// readFilters reads the filters of a list's address. Names that it does not know are refused, as unknown values are by its readers:
// a filter that is silently dropped shows what was not asked for.
func readFilters(asked url.Values, known []string) (*Form, error) {
	f := newForm()
	for name, vs := range asked {
		if !slices.Contains(known, name) || len(vs) > 1 || len(vs[0]) > 200 || !utf8.ValidString(vs[0]) || strings.ContainsRune(vs[0], 0) {
			return nil, errQuery()
		}
		if v := strings.TrimSpace(vs[0]); v != "" {
			f.Values.Set(name, v)
		}
	}
	return f, nil
}

// filterLocale reads a language of a filter; what is none is an error.
func filterLocale(form *Form, name string) (i18n.Locale, error) {
	v := form.Get(name)
	if v == "" {
		return "", nil
	}
	l, ok := i18n.Parse(v)
	if !ok {
		return "", errQuery()
	}
	return l, nil
}

// readableKinds are the kinds of which somebody may read entries, to filter by.
func (p *Page) readableKinds() []Choice {
	var out []Choice
	for _, k := range p.a.content.Kinds {
		if !p.Actor.Scope(auth.Read, k.Name).Empty() {
			out = append(out, Choice{Value: k.Name, Text: p.KindMany(k.Name)})
		}
	}
	return out
}

// parseList reads the parameters of a list's address.
func (a *Admin) parseList(c *gin.Context, asked url.Values, kind string, now time.Time) (content.ListQuery, *Form, error) {
	q := content.ListQuery{Kind: kind, Limit: listSize}
	wrong := errQuery()
	f, err := readFilters(asked, listParams)
	if err != nil {
		return q, nil, err
	}
	q.Search, q.Office, q.Series, q.Sort = f.Get("q"), f.Get("owner"), f.Get("series"), f.Get("sort")
	if !slices.Contains(listSorts, q.Sort) {
		return q, nil, wrong
	}
	if s := f.Get("state"); s != "" {
		if !slices.Contains(listStates, s) {
			return q, nil, wrong
		}
		if q.Missing = s == "not_started"; !q.Missing {
			q.State = content.State(s)
		} else if f.Get("lang") == "" {
			f.Values.Set("lang", string(web.Locale(c))) // not in every language at once: in the reader's own
		}
	}
	if q.Locale, err = filterLocale(f, "lang"); err != nil {
		return q, nil, err
	}
	if f.Get("mine") != "" {
		q.Mine = web.Actor(c).ID
	}
	if s := f.Get("year"); s != "" {
		y, err := strconv.Atoi(s)
		if err != nil || y < 1800 || y > 2200 {
			return q, nil, wrong
		}
		zone := content.Zone(a.settings.Site().Zone)
		q.After, q.Before = time.Date(y, 1, 1, 0, 0, 0, 0, zone).Add(-time.Second), time.Date(y+1, 1, 1, 0, 0, 0, 0, zone)
	}
	switch f.Get("when") {
	case "":
	case "upcoming":
		q.After = later(q.After, now)
		if q.Sort == "" {
			q.Sort = "date"
		}
	case "past":
		if q.Before.IsZero() || q.Before.After(now) {
			q.Before = now
		}
		if q.Sort == "" {
			q.Sort = "-date"
		}
	default:
		return q, nil, wrong
	}
	return q, f, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// list shows the entries of a kind; "" stands for all kinds.
func (a *Admin) list(kind string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, who := c.Request.Context(), web.Actor(c)
		path := c.Request.URL.Path
		if c.Request.URL.RawQuery == "" {
			// Lists open as they were left; not with what a cookie of an older version says, or one that is not ours.
			if last := a.lastView(c, kind); len(last) > 0 {
				if _, _, err := a.parseList(c, last, kind, a.now()); err == nil {
					return web.Redirect(c, path+"?"+last.Encode())
				}
			}
		}
		if who.Scope(auth.Read, kind).Empty() {
			return auth.ErrForbidden
		}
		list := strings.TrimPrefix(path, "/admin/")
		if c.Request.URL.RawQuery == "" {
			if to, err := a.usualView(c, a.page(c, "list.all"), list); err != nil || to != "" {
				if err != nil {
					return err
				}
				return web.Redirect(c, to)
			}
		}
		q, form, err := a.parseList(c, c.Request.URL.Query(), kind, a.now())
		if err != nil {
			return err
		}
		page, _ := web.Page(c)
		q.Offset = (page - 1) * listSize
		total, err := a.content.Count(ctx, who, q)
		if err != nil {
			return err
		}
		if q.Offset >= total && total > 0 { // beyond the last page, as after a deletion
			page = (total + listSize - 1) / listSize
			q.Offset = (page - 1) * listSize
		}
		q.Reader = web.Locale(c)
		rows, more, err := a.content.List(ctx, who, q)
		if err != nil {
			return err
		}
		k := a.content.Kind(kind)
		p := a.page(c, "list.all")
		p.Active, p.Layout = "entries", "one"
		d := listScreen{Kind: k, Name: p.Title, Form: form, Languages: a.settings.Site().Languages, Total: total, Bulk: q.Locale, Path: path}
		if k != nil {
			p.Title = p.KindMany(kind)
			d.Name, p.Active = p.Title, kind
			if !who.Scope(auth.Create, kind).Empty() {
				d.NewURL = newURL(k)
				if takesNotes(k) {
					d.NoteURL = noteURL(k)
				}
			}
			_, d.Dated = k.New().(content.Dated)
		} else {
			d.Dated = true
		}
		if d.Rows, err = a.listRows(c, p, rows, d.Languages, q.Locale); err != nil {
			return err
		}
		keep := url.Values{}
		for name, vs := range form.Values {
			if name != "page" {
				keep[name] = vs
			}
		}
		if d.Views, err = a.viewsOf(c, p, list, keep); err != nil {
			return err
		}
		left := keep.Encode()
		if left == "" && slices.ContainsFunc(d.Views.Items, func(v viewItem) bool { return v.Usual }) {
			left = "q=" // the list was left without filters, and does not open with the usual ones again
		}
		a.rememberView(c, kind, left)
		at := func(name, value string) string {
			v := url.Values{}
			for n, vs := range keep {
				v[n] = vs
			}
			v.Set(name, value)
			if value == "" {
				v.Del(name)
			}
			if len(v) == 0 {
				v.Set("q", "") // an empty query would open the view left last
			}
			return path + "?" + v.Encode()
		}
		if page > 1 {
			d.Prev = at("page", strconv.Itoa(page-1))
		}
		if more {
			d.Next = at("page", strconv.Itoa(page+1))
		}
		d.From, d.To = min(q.Offset+1, total), q.Offset+len(rows)
		for name := range keep {
			d.Filtered = d.Filtered || name != "sort"
			d.More = d.More || slices.Contains([]string{"owner", "series", "year", "when", "mine"}, name)
		}
		d.Heads = heads(p, q.Sort, d.Dated, at)
		if err := a.listFilters(c, p, &d, kind); err != nil {
			return err
		}
		for op, action := range map[string]auth.Action{"publish": auth.Publish, "together": auth.Publish, "unpublish": auth.Publish, "delete": auth.Delete} {
			if !who.Scope(action, kind).Empty() {
				d.Ops = append(d.Ops, op)
			}
		}
		slices.SortFunc(d.Ops, func(x, y string) int { return slices.Index(bulkOps, x) - slices.Index(bulkOps, y) })
		p.D = d
		return a.render(c, http.StatusOK, "list", p)
	}
}

// heads are the columns, those one can sort by with their links: the other way round when a column is the order
// already.
func heads(p *Page, sort string, dated bool, at func(name, value string) string) []listHead {
	column := func(name, key, first, second string) listHead {
		h := listHead{Text: p.T(key), Class: "c-" + name}
		switch {
		case sort == first || first == "" && sort == "changed":
			h.URL = at("sort", second)
		default:
			h.URL = at("sort", first)
		}
		h.Sort = "none"
		switch {
		case strings.HasPrefix(sort, "-") && sort[1:] == name:
			h.Sort = "descending"
		case sort == name || name == "changed" && sort == "":
			h.Sort = "ascending"
		}
		if name == "changed" && h.Sort != "none" { // its first order is the newest first
			h.Sort = map[string]string{"ascending": "descending", "descending": "ascending"}[h.Sort]
		}
		return h
	}
	out := []listHead{column("title", "list.title", "title", "-title"), {Text: p.T("list.state")}, {Text: p.T("list.languages")}}
	if dated {
		out = append(out, column("date", "list.date", "-date", "date"))
	}
	return append(out, listHead{Text: p.T("list.owner")}, column("changed", "list.changed", "", "-changed"))
}

// listRows adds to rows what the page shows beside them.
func (a *Admin) listRows(c *gin.Context, p *Page, rows []content.ListRow, languages []i18n.Locale, asked i18n.Locale) ([]listRow, error) {
	var people, owners []string
	for _, r := range rows {
		people = append(people, r.UpdatedBy)
		if r.Office != "" {
			owners = append(owners, r.Office)
		}
	}
	names, err := a.accountNames(c.Request.Context(), p.tongue(), people)
	if err != nil {
		return nil, err
	}
	labels, err := a.content.Labels(c.Request.Context(), p.Locale, owners)
	if err != nil {
		return nil, err
	}
	planned, err := a.planned(c, p, rows)
	if err != nil {
		return nil, err
	}
	out := make([]listRow, len(rows))
	for i, r := range rows {
		row := listRow{ListRow: r, Owner: labels[r.Office], By: names[r.UpdatedBy], State: r.Languages[r.Original].State, Locale: asked, Planned: planned[r.ID]}
		row.Title, row.Lang = p.titleOf(r)
		if row.State == "" {
			row.State = content.StateDraft
		}
		if k := a.content.Kind(r.Kind); k != nil {
			row.URL = entryURL(k, r.ID, asked)
			for _, l := range languages {
				t := rowLanguage{l, string(r.Languages[l].State), entryURL(k, r.ID, l)}
				if t.State == "" {
					t.State = "not_started"
				}
				row.Tongues = append(row.Tongues, t)
			}
		}
		out[i] = row
	}
	return out, nil
}

// listFilters offers only what leads somewhere: owners that own entries, years that have some.
func (a *Admin) listFilters(c *gin.Context, p *Page, d *listScreen, kind string) error {
	ctx := c.Request.Context()
	spread, err := a.content.Spread(ctx, p.Actor, kind)
	if err != nil {
		return err
	}
	labels, err := a.content.Labels(ctx, p.Locale, append(slices.Clone(spread.Offices), spread.Series...))
	if err != nil {
		return err
	}
	named := func(ids []string) []Choice {
		var out []Choice
		for _, id := range ids {
			if labels[id] != "" {
				out = append(out, Choice{Value: id, Text: labels[id]})
			}
		}
		i18n.SortBy(p.Locale, out, func(x Choice) string { return x.Text })
		return out
	}
	d.Owners, d.Series = named(spread.Offices), named(spread.Series)
	if d.Dated && !spread.First.IsZero() {
		for y := spread.Last.Year(); y >= spread.First.Year() && len(d.Years) < 200; y-- {
			d.Years = append(d.Years, Choice{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
		}
	}
	for _, s := range listStates {
		d.States = append(d.States, Choice{Value: s, Text: p.T("state." + s)})
	}
	d.Locales = p.LocaleChoices(d.Languages)
	return nil
}

// The views that lists were left with are kept in a cookie: a GET changes nothing on the server, and who shares a
// browser shares nothing of an account. Signing out removes them.

const viewsCookie = "plenary-views"

func (a *Admin) viewsName() string {
	if a.web.HTTPS() {
		return "__Host-" + viewsCookie
	}
	return viewsCookie
}

func (a *Admin) openViews(c *gin.Context) url.Values {
	ck, err := c.Request.Cookie(a.viewsName())
	if err != nil {
		return url.Values{}
	}
	b, err := base64.RawURLEncoding.DecodeString(ck.Value)
	if err != nil || len(b) > 3000 {
		return url.Values{}
	}
	v, err := url.ParseQuery(string(b))
	if err != nil {
		return url.Values{}
	}
	return v
}

func (a *Admin) lastView(c *gin.Context, kind string) url.Values {
	v, err := url.ParseQuery(a.openViews(c).Get("k-" + kind))
	if err != nil {
		return nil
	}
	return v
}

func (a *Admin) rememberView(c *gin.Context, kind, view string) {
	all := a.openViews(c)
	if all.Get("k-"+kind) == view {
		return
	}
	all.Set("k-"+kind, view)
	if view == "" {
		all.Del("k-" + kind)
	}
	if len(all.Encode()) > 2000 {
		all = url.Values{"k-" + kind: {view}}
	}
	a.setViews(c, base64.RawURLEncoding.EncodeToString([]byte(all.Encode())))
}

func (a *Admin) forgetViews(c *gin.Context) { a.setViews(c, "") }

func (a *Admin) setViews(c *gin.Context, value string) {
	ck := &http.Cookie{Name: a.viewsName(), Value: value, Path: "/", Secure: a.web.HTTPS(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		ck.MaxAge = -1
	}
	http.SetCookie(c.Writer, ck)
}
