package admin

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// deskScreen is the list for the entrance.
type deskScreen struct {
	*registration.List
	Path, Back, Walk   string
	Search             string
	People             []deskRow
	There, Absent      int
	Expected           int // with a place, neither there nor known to be absent
	Open, Begun        bool
	From, To           int
	Prev, Next, Opened string
}

type deskRow struct {
	*registration.Registration
	URL, Group, Nation string
	Mode               string // of a hybrid event
	Tone               string
	Op                 registration.Op // what the press does
	Word               string
}

const deskSize = 50

func deskURL(k *content.Kind, id string) string { return registrantsURL(k, id) + "/check-in" }

func (a *Admin) desk(k *content.Kind, c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	q := registration.Query{Event: id, Search: strings.TrimSpace(c.Query("q")), Door: true, Limit: deskSize}
	if len(q.Search) > 400 {
		return errQuery()
	}
	page, _ := web.Page(c)
	q.Offset = (page - 1) * q.Limit
	list, err := a.registration.List(ctx, web.Actor(c), q)
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, "attendance.title")
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	now := a.now()
	d := deskScreen{List: list, Path: deskURL(k, id), Back: registrantsURL(k, id), Search: q.Search, There: list.States[registration.Attended], Absent: list.States[registration.Absent],
		Expected: list.States[registration.Confirmed], Open: list.MayChange && list.Public && list.Form.DoorOpen(now)}
	if list.Form.Hybrid { // who is online does not come to this door
		room := list.In[registration.InPerson]
		d.There, d.Absent, d.Expected = room[registration.Attended], room[registration.Absent], room[registration.Confirmed]
	}
	d.Begun = d.Open && !now.Before(list.Form.When.Starts())
	if start := list.Form.When.Starts(); !d.Open && !start.IsZero() {
		d.Opened = i18n.Date(p.Locale, start.In(list.Form.Location()))
	}
	if d.Open {
		if d.Walk = d.Path + "/new"; q.Search != "" {
			d.Walk += "?" + url.Values{"name": {q.Search}}.Encode()
		}
	}
	for _, r := range list.Rows {
		row := deskRow{Registration: r, URL: registrantsURL(k, id) + "/" + r.ID, Group: p.category(list.About, r.Category), Tone: stateTones[r.State], Op: registration.Attend, Word: p.T("attendance.mark")}
		row.Mode, _ = p.modeOf(list.About, r)
		switch r.State {
		case registration.Attended:
			row.Op, row.Word = registration.Unmark, p.T("attendance.undo")
		case registration.Confirmed, registration.Absent:
		default:
			row.Word = p.T("attendance.let_in")
		}
		if r.Country != "" {
			row.Nation = i18n.CountryName(p.Locale, r.Country)
		}
		d.People = append(d.People, row)
	}
	at := func(page int) string {
		v := url.Values{}
		if q.Search != "" {
			v.Set("q", q.Search)
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		return strings.TrimSuffix(d.Path+"?"+v.Encode(), "?")
	}
	if page > 1 {
		d.Prev = at(page - 1)
	}
	if q.Offset+len(list.Rows) < list.Total {
		d.Next = at(page + 1)
	}
	d.From, d.To = min(q.Offset+1, list.Total), q.Offset+len(list.Rows)
	p.D = d
	return a.render(c, http.StatusOK, "registrants_desk", p)
}

// markRegistrants is a press at the entrance: one person, or all who did not come.
func (a *Admin) markRegistrants(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who, id := c.Request.Context(), web.Actor(c), c.Param("id")
	back := deskURL(k, id)
	if q := form.Get("q"); q != "" {
		back += "?" + url.Values{"q": {q}}.Encode()
	}
	p := a.page(c, "attendance.title")
	switch op := form.Get("op"); op {
	case "rest", "rest_undo":
		n, err := a.registration.MarkAbsent(ctx, who, id, op == "rest_undo")
		var bad *registration.Invalid
		switch {
		case errors.As(err, &bad):
			flash(c, "warning", bad.Problems[0].Key)
		case err != nil:
			return err
		default:
			flash(c, "success", "attendance.done_"+op, "Count", p.Number(n))
		}
		return web.Redirect(c, back)
	default:
		op, one, _ := strings.Cut(op, " ") // the button names the person
		if !slices.Contains(registration.DoorOps, registration.Op(op)) {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		done, err := a.registration.Decide(ctx, who, id, []string{one}, registration.Op(op))
		if err != nil {
			return err
		}
		if done.Passed > 0 {
			decided(c, p, registration.Op(op), done)
		}
		return web.Redirect(c, back)
	}
}

// newWalkIn is the form for somebody who comes unannounced.
func (a *Admin) newWalkIn(k *content.Kind, c *gin.Context) error {
	return a.showWalkIn(k, c, newForm("lang", string(web.Locale(c)), "name", c.Query("name"), registration.FieldMode, registration.InPerson), nil)
}

func (a *Admin) showWalkIn(k *content.Kind, c *gin.Context, f *Form, refused error) error {
	return a.showEntering(k, c, f, refused, entering{title: "attendance.walk_in", help: "attendance.walk_in_help", button: "attendance.walk_in_button", path: deskURL(k, c.Param("id")) + "/new", channel: registration.OnSite})
}

func (a *Admin) addWalkIn(k *content.Kind, c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	l, ok := i18n.Parse(values.Get("lang"))
	if !ok {
		l = web.Locale(c)
	}
	_, err = a.registration.WalkIn(c.Request.Context(), web.Actor(c), c.Param("id"), registration.Submission{Locale: l, Values: values})
	var bad *registration.Invalid
	if errors.As(err, &bad) {
		f := newForm()
		f.Values = values
		return a.showWalkIn(k, c, f, err)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "attendance.walked_in", "Name", i18n.StripControls(values.Get("name")))
	return web.Redirect(c, deskURL(k, c.Param("id")))
}

// passScreen is who a pass is of.
type passScreen struct {
	*registration.One
	Path, Desk, Event, Group, Tone, Nation string
	Takes                                  string // of a hybrid event: how they take part
	Ops                                    []registration.Op
}

// passPage is what the camera of a telephone opens: it does nothing before the button is pressed.
func (a *Admin) passPage(c *gin.Context) error {
	ctx := c.Request.Context()
	one, event, err := a.registration.ByPass(ctx, web.Actor(c), c.Param("pass"))
	if err != nil {
		return err
	}
	k := a.content.Kind("event")
	labels, err := a.content.Labels(ctx, web.Locale(c), []string{event})
	if err != nil {
		return err
	}
	p := a.page(c, "attendance.title")
	p.Active, p.Layout, p.Title = k.Name, "one narrow", one.Name
	p.Crumbs = []Link{{labels[event], entryURL(k, event, "")}, {p.T("attendance.title"), deskURL(k, event)}}
	d := passScreen{One: one, Path: c.Request.URL.Path, Desk: deskURL(k, event), Event: labels[event], Group: p.category(one.About, one.Category), Tone: stateTones[one.State]}
	d.Takes, _ = p.modeOf(one.About, one.Registration)
	if one.Country != "" {
		d.Nation = i18n.CountryName(p.Locale, one.Country)
	}
	if one.Public && one.Form.DoorOpen(a.now()) {
		for _, op := range []registration.Op{registration.Attend, registration.Unmark} {
			if op.Fits(one.State) {
				d.Ops = append(d.Ops, op)
			}
		}
	}
	p.D = d
	return a.render(c, http.StatusOK, "registrant_pass", p)
}

func (a *Admin) usePass(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	one, event, err := a.registration.ByPass(c.Request.Context(), web.Actor(c), c.Param("pass"))
	if err != nil {
		return err
	}
	op := registration.Op(form.Get("op"))
	if !slices.Contains(registration.DoorOps, op) {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	if _, err := a.registration.Decide(c.Request.Context(), web.Actor(c), event, []string{one.ID}, op); err != nil {
		return err
	}
	return web.Redirect(c, c.Request.URL.Path)
}

// statisticsScreen is the numbers of an event.
type statisticsScreen struct {
	*registration.Statistics
	Back       string // to the list, for those who may see it
	Exports    []Link
	Few        int
	Dimensions []statDimension
	Numbers    bool // there are any
	Registered statFigure
	Attended   statFigure
}

type statDimension struct {
	Name, Title string
	Rows        []statRow
	Most        int // of the bars
	After       bool
}

type statRow struct {
	Text                 string
	Lang                 i18n.Locale
	Registered, Attended statFigure
}

type statFigure struct {
	registration.Figure
	Text string
}

// figure is a number as it may be told, in words.
func (p *Page) figure(f registration.Figure) statFigure {
	switch {
	case f.Few:
		return statFigure{f, p.T("stats.few", "Count", p.Number(registration.Few))}
	case f.Withheld:
		return statFigure{f, p.T("stats.withheld")}
	}
	return statFigure{f, p.Number(f.N)}
}

func (a *Admin) statistics(k *content.Kind, c *gin.Context) error {
	id, who := c.Param("id"), web.Actor(c)
	x, err := a.registration.Statistics(c.Request.Context(), who, id)
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "stats.title")
	if err != nil {
		return err
	}
	d := statisticsScreen{Statistics: x, Few: registration.Few, Numbers: len(x.Dimensions) > 0, Registered: p.figure(x.Registered), Attended: p.figure(x.Attended)}
	if a.mayReadRegistrants(c, id) {
		p.Crumbs = append(p.Crumbs, Link{p.T("registrants.title"), registrantsURL(k, id)})
	}
	for _, f := range sheet.Formats {
		key := "registrants.export_" + string(f)
		d.Exports = append(d.Exports, Link{p.T(key), registrantsURL(k, id) + "/statistics." + string(f)})
	}
	for _, dim := range x.Dimensions {
		y := statDimension{Name: dim.Name, Title: p.T("stats.dimension." + dim.Name), After: x.After && dim.Name != "state"}
		for _, r := range dim.Rows {
			row := statRow{Text: p.statValue(&x.About, dim.Name, r.Value), Registered: p.figure(r.Registered), Attended: p.figure(r.Attended)}
			if l, ok := i18n.Parse(r.Value); ok && dim.Name == "locale" {
				row.Lang = l
			}
			y.Most = max(y.Most, r.Registered.N)
			y.Rows = append(y.Rows, row)
		}
		d.Dimensions = append(d.Dimensions, y)
	}
	p.D = d
	return a.render(c, http.StatusOK, "registrants_statistics", p)
}

func (p *Page) statValue(about *registration.About, dimension, v string) string {
	return about.ValueWords(dimension, v, p.Locale, func(key string) string { return p.T(key) })
}

// mayReadRegistrants says whether the list itself is open to who looks.
func (a *Admin) mayReadRegistrants(c *gin.Context, id string) bool {
	e, err := a.content.Get(c.Request.Context(), web.Actor(c), id)
	return err == nil && web.Actor(c).Can(auth.ReadRegistrants, e.Object())
}

func (a *Admin) exportStatistics(f sheet.Format) func(*content.Kind, *gin.Context) error {
	return func(k *content.Kind, c *gin.Context) error {
		x, err := a.registration.Statistics(c.Request.Context(), web.Actor(c), c.Param("id"))
		if err != nil {
			return err
		}
		p := a.page(c, "stats.title")
		figure := func(f registration.Figure) string {
			if f.Told() {
				return strconv.Itoa(f.N)
			}
			return p.figure(f).Text
		}
		var b bytes.Buffer
		t := x.Table(func(key string) string { return p.T(key) }, figure, func(d, v string) string { return p.statValue(&x.About, d, v) }, p.Locale.Dir() == "rtl")
		if err := t.Write(&b, f); err != nil {
			return err
		}
		return sendTable(c, f, "statistics-"+c.Param("id"), b.Bytes())
	}
}

// certificatesScreen is the certificates of those who attended, to be printed, each on a page of its own.
type certificatesScreen struct {
	Sheets     []*registration.Certificate
	Back       string
	From, To   int
	Total      int
	Prev, Next string
	Files      []Link
	Missing    string // characters that no font has
}

// certificatesSize is how many are printed at once.
const certificatesSize = 100

func (a *Admin) certificates(k *content.Kind, c *gin.Context) error {
	id := c.Param("id")
	page, _ := web.Page(c)
	q := registration.Query{Event: id, State: registration.Attended, Limit: certificatesSize, Offset: (page - 1) * certificatesSize}
	list, err := a.registration.List(c.Request.Context(), web.Actor(c), q)
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, "attendance.certificates")
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	site := a.settings.Site()
	d := certificatesScreen{Back: registrantsURL(k, id), From: min(q.Offset+1, list.Total), To: q.Offset + len(list.Rows), Total: list.Total}
	for _, r := range list.Rows {
		d.Sheets = append(d.Sheets, a.registration.Certificate(list.Form, list.Original, r, site.Name.In))
	}
	d.Missing = a.registration.Missing(d.Sheets)
	for from := 0; from < list.Total; from += registration.CertificatesAtOnce {
		words := p.T("print.certificates", "From", p.Number(from+1), "To", p.Number(min(from+registration.CertificatesAtOnce, list.Total)))
		d.Files = append(d.Files, Link{words, d.Back + "/certificates.pdf?page=" + strconv.Itoa(from/registration.CertificatesAtOnce+1)})
	}
	at := func(n int) string { return registrantsURL(k, id) + "/certificates?page=" + strconv.Itoa(n) }
	if page > 1 {
		d.Prev = at(page - 1)
	}
	if d.To < d.Total {
		d.Next = at(page + 1)
	}
	p.D = d
	return a.render(c, http.StatusOK, "registrants_certificates", p)
}

// certificatesFile sends certificates as one file, a page each.
func (a *Admin) certificatesFile(k *content.Kind, c *gin.Context) error {
	ctx, id, l := c.Request.Context(), c.Param("id"), web.Locale(c)
	page, _ := web.Page(c)
	list, err := a.registration.List(ctx, web.Actor(c), registration.Query{Event: id, State: registration.Attended, Limit: registration.CertificatesAtOnce, Offset: (page - 1) * registration.CertificatesAtOnce})
	if err != nil {
		return err
	}
	if len(list.Rows) == 0 {
		return db.ErrNotFound
	}
	var all []*registration.Certificate
	for _, r := range list.Rows {
		all = append(all, a.registration.Certificate(list.Form, list.Original, r, a.settings.Site().Name.In))
	}
	event, _ := list.Form.Title.Pick(l, list.Original)
	b, err := a.registration.CertificatesPDF(ctx, l, a.cat.T(l, "attendance.certificates")+" – "+event, all)
	if err != nil {
		return err
	}
	return sendFile(c, pdfType, "certificates-"+id+"-"+strconv.Itoa(page)+".pdf", b)
}

// certificateFile sends one person's.
func (a *Admin) certificateFile(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := a.registration.Get(ctx, web.Actor(c), c.Param("id"), c.Param("registration"))
	if err != nil {
		return err
	}
	x := a.registration.Certificate(one.Form, one.Original, one.Registration, a.settings.Site().Name.In)
	if x == nil {
		return db.ErrNotFound
	}
	b, err := a.registration.CertificatesPDF(ctx, x.Locale, x.Title+" – "+x.Name, []*registration.Certificate{x})
	if err != nil {
		return err
	}
	return sendFile(c, pdfType, "certificate-"+one.ID+".pdf", b)
}
