package admin

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// registrantRoutes are the addresses of an event's registrations.
func (a *Admin) registrantRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	read, change := web.Needs(auth.ReadRegistrants), web.Needs(auth.ChangeRegistrants)
	var routes []web.Route
	for _, k := range a.content.Kinds {
		if _, ok := k.New().(registration.Registering); !ok {
			continue
		}
		at := func(method, path string, rule web.Rule, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/registrations" + path, Rule: rule, Class: web.Personal, Timeout: time.Minute,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(get, "", read, a.registrants)
		at(post, "", change, a.decideRegistrants)
		for _, f := range sheet.Formats {
			at(get, "/export."+string(f), read, a.exportRegistrants(f))
		}
		at(get, "/certificates", read, a.certificates)
		at(get, "/certificates.pdf", read, a.certificatesFile)
		at(get, "/check-in", change, a.desk)
		at(post, "/check-in", change, a.markRegistrants)
		at(get, "/check-in/new", change, a.newWalkIn)
		at(post, "/check-in/new", change, a.addWalkIn)
		at(get, "/statistics", web.Needs(auth.ReadStatistics), a.statistics)
		for _, f := range sheet.Formats {
			at(get, "/statistics."+string(f), web.Needs(auth.ReadStatistics), a.exportStatistics(f))
		}
		at(get, "/import", change, a.importPage)
		at(post, "/import", change, a.uploadImport)
		routes[len(routes)-1].Upload, routes[len(routes)-1].MaxBody = true, sheet.MaxBytes+1<<20
		at(post, "/import/plan", change, a.planImport)
		at(get, "/all", change, a.allRegistrants)
		at(post, "/all", change, a.decideAll)
		at(get, "/all/:bulk", read, a.allProgress)
		at(post, "/all/:bulk", change, a.endAll)
		at(get, "/new", change, a.newRegistrant)
		at(post, "/new", change, a.addRegistrant)
		at(get, "/mailed", change, a.mailed)
		at(post, "/mailed/enter", change, a.enterMailed)
		at(get, "/mailed/form.docx", change, a.blankForm(docx.Type, "docx", a.registration.Blank))
		at(get, "/mailed/form.pdf", change, a.blankForm(pdfType, "pdf", a.registration.PrintPDF))
		at(get, "/:registration/certificate.pdf", read, a.certificateFile)
		at(get, "/:registration", read, a.registrant)
		at(post, "/:registration", change, a.decideRegistrant)
		routes = append(routes, web.Route{Method: post, Path: listURL(k) + "/:id/registrations/mailed", Rule: change, Class: web.Personal, Timeout: time.Minute, Upload: true,
			MaxBody: registration.MailInFiles*registration.MailInSize + 1<<20, Handle: func(c *gin.Context) error { return a.readMailed(k, c) }})
	}
	return append(routes,
		web.Route{Method: get, Path: "/admin/check-in/:pass", Rule: change, Class: web.Secret, Handle: a.passPage},
		web.Route{Method: post, Path: "/admin/check-in/:pass", Rule: change, Class: web.Secret, Handle: a.usePass, MaxBody: 16 << 10})
}

func registrantsURL(k *content.Kind, id string) string {
	return listURL(k) + "/" + id + "/registrations"
}

// registrantParams are all the names the list's address may hold.
var registrantParams = []string{"q", "state", "category", "mode", "country", "lang", "again", "page"}

// registrantsScreen is the list of those who registered for an event.
type registrantsScreen struct {
	*registration.List
	Path, New, Import string
	Desk, Stats       string
	Exports           []Link
	Mailed            string // address where forms that came by mail are read
	Filter            *Form
	Filtered          bool
	People            []registrantRow
	Counts            []registrantCount
	Again             []registrantCount // whether they come all the same, where that was asked
	Categories        []Choice
	Nations           []Choice
	Tongues           []Choice
	Ops               []registration.Op
	Taken             []string // places, in words
	Over              int      // confirmed beyond the places
	Crowded           []string // categories and modes with more than theirs
	Modes             []Choice // of a hybrid event
	From, To          int
	Prev, Next        string
	Views             *viewBar
	All               string   // address where all that are found are decided on
	Lately            *allBulk // what was decided on many of late
}

type registrantRow struct {
	*registration.Registration
	URL, Group, Nation, Tongue string
	Mode, Wish                 string // of a hybrid event, in words
	Tone                       string
	Turn                       int       // among those who wait, where the list is of them
	Held                       time.Time // until when the place is held that is offered; zero: none is
}

type registrantCount struct {
	Text, URL string
	N         int
	Here      bool
}

// stateTones colour a state; its words stand beside.
var stateTones = map[registration.State]string{registration.Confirmed: "ok", registration.Attended: "ok", registration.Pending: "rev", registration.Offered: "pri",
	registration.Waitlisted: "warn", registration.Unverified: "", registration.Declined: "bad", registration.Withdrawn: "", registration.Absent: ""}

// registrantQuery reads the list's address; what it does not know is refused.
func registrantQuery(asked url.Values, id string) (registration.Query, *Form, error) {
	f := newForm()
	q := registration.Query{Event: id, Limit: 50}
	wrong := errQuery()
	for name, vs := range asked {
		if !slices.Contains(registrantParams, name) || len(vs) > 1 || utf8.RuneCountInString(vs[0]) > 200 {
			return q, nil, wrong
		}
		if v := strings.TrimSpace(vs[0]); v != "" && name != "page" {
			f.Values.Set(name, v)
		}
	}
	q.Search, q.State, q.Category, q.Country, q.Locale = f.Get("q"), registration.State(f.Get("state")), f.Get("category"), f.Get("country"), i18n.Locale(f.Get("lang"))
	q.Again, q.Mode = f.Get("again"), f.Get("mode")
	if q.Mode != "" && !slices.Contains(registration.Modes, q.Mode) {
		return q, nil, wrong
	}
	if q.Again != "" && q.Again != registration.AgainAsked && q.Again != registration.AgainComes {
		return q, nil, wrong
	}
	if q.State != "" && !slices.Contains(registration.States, q.State) {
		return q, nil, wrong
	}
	return q, f, nil
}

// registrantsPage begins a page below the event of its address.
func (a *Admin) registrantsPage(k *content.Kind, c *gin.Context, title string, args ...any) (*Page, error) {
	labels, err := a.content.Labels(c.Request.Context(), web.Locale(c), []string{c.Param("id")})
	if err != nil {
		return nil, err
	}
	p := a.page(c, title, args...)
	p.inKind(k, Link{labels[c.Param("id")], entryURL(k, c.Param("id"), "")})
	p.Layout = "one"
	return p, nil
}

// belowRegistrants begins a page below the list of those who registered.
func (a *Admin) belowRegistrants(k *content.Kind, c *gin.Context, title string) (*Page, error) {
	p, err := a.registrantsPage(k, c, title)
	if err != nil {
		return nil, err
	}
	p.Crumbs = append(p.Crumbs, Link{p.T("registrants.title"), registrantsURL(k, c.Param("id"))})
	return p, nil
}

func (a *Admin) registrants(k *content.Kind, c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	name := strings.TrimPrefix(registrantsURL(k, id), "/admin/")
	if c.Request.URL.RawQuery == "" {
		if to, err := a.usualView(c, a.page(c, "registrants.title"), name); err != nil {
			return err
		} else if to != "" {
			return web.Redirect(c, to)
		}
	}
	q, form, err := registrantQuery(c.Request.URL.Query(), id)
	if err != nil {
		return err
	}
	page, _ := web.Page(c)
	q.Offset = (page - 1) * q.Limit
	list, err := a.registration.List(ctx, web.Actor(c), q)
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "registrants.title")
	if err != nil {
		return err
	}
	d := registrantsScreen{List: list, Path: registrantsURL(k, id), Filter: form, Filtered: len(form.Values) > 0}
	at := func(name, value string) string {
		v := url.Values{}
		for n, vs := range form.Values {
			v[n] = vs
		}
		v.Set(name, value)
		if value == "" {
			v.Del(name)
		}
		if len(v) == 0 {
			v.Set("q", "") // not as it opens
		}
		return d.Path + "?" + v.Encode()
	}
	if d.Views, err = a.viewsOf(c, p, name, form.Values); err != nil {
		return err
	}
	for _, f := range sheet.Formats {
		key := "registrants.export_" + string(f)
		d.Exports = append(d.Exports, Link{p.T(key), d.Path + "/export." + string(f) + strings.TrimPrefix(at("page", ""), d.Path)})
	}
	if list.MayChange && list.Public {
		d.New, d.Import, d.Desk = d.Path+"/new", d.Path+"/import", d.Path+"/check-in"
		if list.Form.Mailbox != "" {
			d.Mailed = d.Path + "/mailed"
		}
	}
	d.Stats = d.Path + "/statistics"
	for i, r := range list.Rows {
		row := registrantRow{Registration: r, URL: d.Path + "/" + r.ID, Group: p.category(list.About, r.Category), Tongue: r.Locale.Endonym(), Tone: stateTones[r.State], Held: list.Form.HeldUntil(r)}
		row.Mode, row.Wish = p.modeOf(list.About, r)
		if r.Country != "" {
			row.Nation = i18n.CountryName(p.Locale, r.Country)
		}
		if q.State == registration.Waitlisted && len(form.Values) == 1 {
			row.Turn = q.Offset + i + 1
		}
		d.People = append(d.People, row)
	}
	all := 0
	for _, st := range registration.States {
		n := list.States[st]
		if all += n; n > 0 || st == q.State {
			d.Counts = append(d.Counts, registrantCount{p.T("enum.registration_state." + string(st)), at("state", string(st)), n, st == q.State})
		}
	}
	d.Counts = append([]registrantCount{{p.T("registrants.all"), at("state", ""), all, q.State == ""}}, d.Counts...)
	if list.Silent+list.Comes > 0 {
		for _, x := range []struct {
			again, label string
			n            int
		}{{registration.AgainAsked, p.T("registrants.again_asked"), list.Silent}, {registration.AgainComes, p.T("registrants.again_yes"), list.Comes}} {
			to := at("again", x.again)
			if q.Again == x.again {
				to = at("again", "")
			}
			d.Again = append(d.Again, registrantCount{x.label, to, x.n, q.Again == x.again})
		}
	}
	if list.Form.Hybrid {
		d.Modes = p.modeChoices()
	}
	for i := range list.Form.Categories {
		x := &list.Form.Categories[i]
		d.Categories = append(d.Categories, Choice{Value: x.ID, Text: p.category(list.About, x.ID)})
	}
	for _, code := range list.Countries {
		d.Nations = append(d.Nations, Choice{Value: code, Text: i18n.CountryName(p.Locale, code)})
	}
	i18n.SortBy(p.Locale, d.Nations, func(x Choice) string { return x.Text })
	d.Tongues = p.LocaleChoices(list.Locales)
	if list.MayChange && list.Public {
		ops := a.opsAt(list.Form)
		if list.Silent > 0 {
			ops = append(slices.Clone(ops), registration.Comes)
		}
		for _, op := range ops {
			if q.State == "" || op.Fits(q.State) {
				d.Ops = append(d.Ops, op)
			}
		}
	}
	d.Taken = p.placesTaken(list)
	for _, x := range list.Crowds {
		of := i18n.Isolate(p.category(list.About, x.Category))
		switch {
		case x.Mode != "":
			of = p.T("enum.registration_mode." + x.Mode)
		case x.Category == "":
			d.Over = x.Taken - x.Places
			continue
		}
		d.Crowded = append(d.Crowded, p.T("registrants.over_category", "Category", of, "Taken", p.Number(x.Taken), "Of", p.Number(x.Places)))
	}
	if page > 1 {
		d.Prev = at("page", strconv.Itoa(page-1))
	}
	if q.Offset+len(list.Rows) < list.Total {
		d.Next = at("page", strconv.Itoa(page+1))
	}
	if len(d.Ops) > 0 && list.Total > 1 {
		d.All = strings.TrimSuffix(allURL(k, id)+"?"+form.Values.Encode(), "?")
	}
	if b, err := a.registration.Lately(ctx, web.Actor(c), id); err != nil {
		return err
	} else if b != nil {
		if d.Lately, err = a.allBulk(k, c, p, b); err != nil {
			return err
		}
	}
	d.From, d.To = min(q.Offset+1, list.Total), q.Offset+len(list.Rows)
	p.D = d
	return a.render(c, http.StatusOK, "registrants", p)
}

// category is the name of a category, or its id where it is no longer there.
func (p *Page) category(about registration.About, id string) string {
	x := about.Form.Category(id)
	if x == nil {
		return id
	}
	w, _ := x.Name.Pick(p.Locale, about.Original)
	return w
}

// modeOf says how somebody takes part in a hybrid event, and what they wait for.
func (p *Page) modeOf(about registration.About, r *registration.Registration) (mode, wish string) {
	if !about.Form.Hybrid {
		return "", ""
	}
	if r.Mode != "" {
		mode = p.T("enum.registration_mode." + r.Mode)
	}
	if r.Wish != "" && r.State == registration.Confirmed {
		wish = p.T("registrants.waits_for", "Mode", p.T("enum.registration_mode."+r.Wish))
	}
	return mode, wish
}

func (p *Page) modeChoices() []Choice {
	var out []Choice
	for _, m := range registration.Modes {
		out = append(out, Choice{Value: m, Text: p.T("enum.registration_mode." + m)})
	}
	return out
}

// placesTaken says how many places are taken, of a hybrid event in each mode.
func (p *Page) placesTaken(l *registration.List) []string {
	of := func(taken, limit int) string {
		if limit == 0 {
			return p.N("registrants.taken_open", taken)
		}
		return p.T("registrants.taken", "Taken", p.Number(taken), "Of", p.Number(limit))
	}
	if !l.Form.Hybrid {
		return []string{of(l.Places, l.Form.Capacity)}
	}
	var out []string
	for _, m := range registration.Modes {
		taken := 0
		for _, st := range []registration.State{registration.Confirmed, registration.Offered, registration.Attended, registration.Absent} {
			taken += l.In[m][st]
		}
		out = append(out, p.T("registrants.taken_in", "Mode", p.T("enum.registration_mode."+m), "Taken", of(taken, l.Form.Limit(m))))
	}
	return out
}

// opsAt are the decisions that can be taken at present; those of the door from the day on.
func (a *Admin) opsAt(f *registration.Form) []registration.Op {
	ops := slices.Clone(registration.Ops)
	if f.Hybrid {
		ops = append(ops, registration.ModeOps...)
	}
	if f.DoorOpen(a.now()) {
		ops = append(ops, registration.DoorOps...)
	}
	return ops
}

// decisions are all that staff can take in the list.
var decisions = append(slices.Concat(registration.Ops, registration.ModeOps, registration.DoorOps), registration.Comes)

// decided tells what came of a decision.
func decided(c *gin.Context, p *Page, op registration.Op, d registration.Decided) {
	if d.Done > 0 {
		flash(c, "success", "registrants.done_"+string(op), "Count", p.Number(d.Done))
	}
	if d.Waiting > 0 {
		flash(c, "info", "registrants.done_waiting", "Count", p.Number(d.Waiting))
	}
	if d.Full > 0 {
		flash(c, "warning", "registrants.done_full", "Count", p.Number(d.Full))
	}
	if d.Passed > 0 {
		flash(c, "info", "registrants.done_passed", "Count", p.Number(d.Passed))
	}
}

func (a *Admin) decideRegistrants(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	back := form.Get("back")
	if u, err := url.Parse(back); err != nil || u.Path != c.Request.URL.Path || !web.SafePath(back) {
		back = c.Request.URL.Path
	}
	return a.decide(c, form["id"], registration.Op(form.Get("op")), back)
}

func (a *Admin) decideRegistrant(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get("op") == "erase" {
		if form.Get("sure") == "" { // the browser asks for it; without, nothing is done
			flash(c, "warning", "registrants.erase_sure")
			return web.Redirect(c, c.Request.URL.Path)
		}
		if err := a.registration.Erase(c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("registration")); err != nil {
			return err
		}
		a.content.Changed()
		flash(c, "success", "registrants.erased")
		return web.Redirect(c, registrantsURL(k, c.Param("id")))
	}
	return a.decide(c, []string{c.Param("registration")}, registration.Op(form.Get("op")), c.Request.URL.Path)
}

func (a *Admin) decide(c *gin.Context, ids []string, op registration.Op, back string) error {
	if !slices.Contains(decisions, op) {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	d, err := a.registration.Decide(c.Request.Context(), web.Actor(c), c.Param("id"), ids, op)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		flash(c, "warning", "bulk.none")
	}
	decided(c, a.page(c, "registrants.title"), op, d)
	return web.Redirect(c, back)
}

// exportRegistrants sends what the list's filters find as a table.
func (a *Admin) exportRegistrants(f sheet.Format) func(*content.Kind, *gin.Context) error {
	return func(k *content.Kind, c *gin.Context) error {
		q, _, err := registrantQuery(c.Request.URL.Query(), c.Param("id"))
		if err != nil {
			return err
		}
		l := web.Locale(c)
		var b bytes.Buffer
		if err := a.registration.Export(c.Request.Context(), web.Actor(c), q, f, &b, func(key string) string { return a.cat.T(l, key) }, l); err != nil {
			return err
		}
		return sendTable(c, f, "registrations-"+c.Param("id"), b.Bytes())
	}
}

// sendTable answers with a file to save.
func sendTable(c *gin.Context, f sheet.Format, name string, body []byte) error {
	return sendFile(c, f.MediaType(), name+"."+string(f), body)
}

// Types of files that are sent besides tables.
const (
	pdfType = "application/pdf"
)

func sendFile(c *gin.Context, kind, name string, body []byte) error {
	c.Header("Content-Type", kind)
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Status(http.StatusOK)
	_, err := c.Writer.Write(body)
	return err
}

// registrantScreen is one registration.
type registrantScreen struct {
	*registration.One
	Path, Group, Tone, Back string
	Nation, By              string
	Takes, Waits            string    // of a hybrid event: how they take part, and what they wait for
	Held                    time.Time // until when the place is held that is offered; zero: none is
	Answers                 []registrantAnswer
	Consents                []registrantConsent
	Steps                   []registrantStep
	Certificate             string // address of the file; empty: none
	Missing                 string // characters that no font has
	Ops                     []registration.Op
}

type registrantAnswer struct {
	Label     string
	Values    []string
	Sensitive bool
	Former    bool   // no longer asked
	Hidden    string // why it is not shown, in words
}

type registrantConsent struct {
	Text string
	Lang i18n.Locale
	At   time.Time
	By   string // of staff, who entered it
}

type registrantStep struct {
	registration.LogLine
	Who, What string
}

func (a *Admin) registrant(k *content.Kind, c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	one, err := a.registration.Get(ctx, web.Actor(c), id, c.Param("registration"))
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "registrants.title")
	if err != nil {
		return err
	}
	p.Crumbs = append(p.Crumbs, Link{p.Title, registrantsURL(k, id)})
	p.Title, p.Layout = one.Name, "one narrow"
	d := registrantScreen{One: one, Path: registrantsURL(k, id) + "/" + one.ID, Group: p.category(one.About, one.Category), Tone: stateTones[one.State], Held: one.Form.HeldUntil(one.Registration), Back: registrantsURL(k, id)}
	if one.Country != "" {
		d.Nation = i18n.CountryName(p.Locale, one.Country)
	}
	d.Takes, d.Waits = p.modeOf(one.About, one.Registration)
	if x := a.registration.Certificate(one.Form, one.Original, one.Registration, a.settings.Site().Name.In); x != nil {
		d.Certificate, d.Missing = d.Path+"/certificate.pdf", a.registration.Missing([]*registration.Certificate{x})
	}
	known := map[string]bool{}
	say := func(key string) string { return p.T(key) }
	hides := func(answer registration.Answer) string {
		if answer.Hidden() {
			return p.T(one.Hides())
		}
		return ""
	}
	for i := range one.Form.Fields {
		x := &one.Form.Fields[i]
		known[x.ID] = true
		answer, ok := one.Answers[x.ID]
		if !ok {
			continue
		}
		label, _ := x.Label.Pick(p.Locale, one.Original)
		row := registrantAnswer{Label: label, Sensitive: x.Sensitive || answer.Sealed != "", Hidden: hides(answer)}
		for _, v := range answer.Values {
			if t, err := time.Parse(time.DateOnly, v); err == nil && x.Type == registration.Date {
				v = i18n.Date(p.Locale, t)
			}
			row.Values = append(row.Values, x.Words(v, p.Locale, one.Original, say))
		}
		d.Answers = append(d.Answers, row)
	}
	for fid, answer := range one.Registration.Answers {
		if !known[fid] {
			d.Answers = append(d.Answers, registrantAnswer{Label: answer.Label, Values: answer.Values, Sensitive: answer.Sealed != "", Former: true, Hidden: hides(answer)})
		}
	}
	ids := []string{one.EnteredBy}
	for _, l := range one.Log {
		ids = append(ids, l.Actor)
	}
	for _, g := range one.Registration.Consents {
		ids = append(ids, g.By)
	}
	names, err := a.accountNames(ctx, p.tongue(), ids)
	if err != nil {
		return err
	}
	if one.EnteredBy != "" {
		d.By = names[one.EnteredBy]
	}
	for _, g := range one.Registration.Consents {
		x := registrantConsent{Text: g.Text, Lang: g.Lang, At: g.At}
		if g.By != "" {
			x.By = names[g.By]
		}
		d.Consents = append(d.Consents, x)
	}
	slices.SortFunc(d.Consents, func(x, y registrantConsent) int { return strings.Compare(x.Text, y.Text) })
	for _, l := range one.Log {
		step := registrantStep{LogLine: l, What: p.T("registrants.step." + l.Action)}
		if l.Actor != "" { // else the person's own
			step.Who = names[l.Actor]
		}
		d.Steps = append(d.Steps, step)
	}
	if one.MayChange && one.Public {
		ops := a.opsAt(one.Form)
		if one.Registration.Again == registration.AgainAsked {
			ops = append(slices.Clone(ops), registration.Comes)
		}
		for _, op := range ops {
			if op.Fits(one.State) && op.Changes(one.Form, one.Registration) {
				d.Ops = append(d.Ops, op)
			}
		}
	}
	p.D = d
	return a.render(c, http.StatusOK, "registrant", p)
}

// registrantForm enters somebody by hand.
type registrantForm struct {
	Form         *Form
	Path         string
	Help, Button string
	Channels     []Choice // to choose from; nil: it is known
	Fields       []registrantField
}

// entering is how somebody is entered: by hand, or at the door.
type entering struct{ title, help, button, path, channel string }

// registrantField is a field of the event's form; Kind names its control.
type registrantField struct {
	Kind    string // field, select, checks
	Field   Field
	Select  Select
	Name    string
	Label   string
	Bad     string
	Choices []registrantChoice
}

type registrantChoice struct {
	Choice
	On bool
}

func (a *Admin) newRegistrant(k *content.Kind, c *gin.Context) error {
	return a.showNewRegistrant(k, c, newForm("channel", registration.Phone, "lang", string(web.Locale(c))), nil)
}

func (a *Admin) showNewRegistrant(k *content.Kind, c *gin.Context, f *Form, refused error) error {
	return a.showEntering(k, c, f, refused, entering{title: "registrants.add", help: "registrants.add_help", button: "registrants.add_button", path: registrantsURL(k, c.Param("id")) + "/new"})
}

func (a *Admin) showEntering(k *content.Kind, c *gin.Context, f *Form, refused error, how entering) error {
	about, err := a.registration.For(c.Request.Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, how.title)
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	d := registrantForm{Form: f, Path: how.path, Help: p.T(how.help), Button: p.T(how.button)}
	if how.channel == "" {
		d.Channels = p.ChannelChoices()
	}
	if d.Fields = p.registrantFields(about, f); refused != nil {
		var order []string
		for _, x := range d.Fields {
			order = append(order, x.Name)
		}
		if !p.refused(f, refused, order...) {
			return refused
		}
		p.problemWords(f, refused, d.Fields)
		d.Fields = p.registrantFields(about, f)
	}
	p.D = d
	status := http.StatusOK
	if p.Failed {
		status = http.StatusUnprocessableEntity
	}
	return a.render(c, status, "registrant_new", p)
}

// problemWords writes the problems in words: some have arguments.
func (p *Page) problemWords(f *Form, err error, fields []registrantField) {
	var bad *registration.Invalid
	if !errors.As(err, &bad) {
		return
	}
	f.Problems = nil
	for _, x := range bad.Problems {
		l := Link{Text: p.T(x.Key, x.Args...)}
		if i := slices.IndexFunc(fields, func(y registrantField) bool { return y.Name == x.Field }); i >= 0 {
			l = Link{p.T("page.field_problem", "Field", fields[i].Label, "Problem", l.Text), "#" + x.Field}
		}
		f.Problems = append(f.Problems, l)
	}
}

func (p *Page) registrantFields(about *registration.About, f *Form) []registrantField {
	var out []registrantField
	form := about.Form
	pick := func(x content.Line) string { w, _ := x.Pick(p.Locale, about.Original); return w }
	line := func(name, label, typ string, rows int) {
		out = append(out, registrantField{Kind: "field", Name: name, Label: label, Field: Field{P: p, Name: name, Label: label, Value: f.Get(name), Type: typ, Auto: "off", Bad: f.Bad[name], Rows: rows}})
	}
	choose := func(name, label string, choices []Choice) {
		out = append(out, registrantField{Kind: "select", Name: name, Label: label, Select: Select{P: p, Name: name, Label: label, Value: f.Get(name), Bad: f.Bad[name], Any: "–", Choices: choices}})
	}
	tick := func(name, label string, choices []Choice) {
		x := registrantField{Kind: "checks", Name: name, Label: label, Bad: f.Bad[name]}
		for _, o := range choices {
			x.Choices = append(x.Choices, registrantChoice{o, f.Has(name, o.Value)})
		}
		out = append(out, x)
	}
	countries := func() []Choice {
		var all []Choice
		for _, code := range i18n.Countries() {
			all = append(all, Choice{Value: code, Text: i18n.CountryName(p.Locale, code)})
		}
		i18n.SortBy(p.Locale, all, func(x Choice) string { return x.Text })
		return all
	}
	line(registration.FieldName, p.T("registrants.column.name"), "text", 0)
	if f.Bad[registration.FieldName] == "registration.perhaps_there" || f.Get(registration.FieldAnyway) != "" {
		tick(registration.FieldAnyway, "", []Choice{{Value: "1", Text: p.T("registrants.anyway")}})
	}
	line(registration.FieldMail, p.T("registrants.column.mail"), "email", 0)
	if len(form.Categories) > 0 {
		var all []Choice
		for i := range form.Categories {
			all = append(all, Choice{Value: form.Categories[i].ID, Text: pick(form.Categories[i].Name)})
		}
		choose(registration.FieldCategory, p.T("registrants.column.category"), all)
	}
	if form.Hybrid {
		choose(registration.FieldMode, p.T("registrants.column.mode"), p.modeChoices())
	}
	for _, ask := range form.Ask {
		if ask == registration.FieldCountry {
			choose(ask, p.T("enum.registration_ask."+ask), countries())
			continue
		}
		line(ask, p.T("enum.registration_ask."+ask), "text", 0)
	}
	for i := range form.Fields {
		x := &form.Fields[i]
		name, label := registration.QuestionPrefix+x.ID, pick(x.Label)
		var options []Choice
		for _, o := range x.Options {
			options = append(options, Choice{Value: o.ID, Text: pick(o.Label)})
		}
		switch x.Type {
		case registration.Choice:
			choose(name, label, options)
		case registration.Choices:
			tick(name, label, options)
		case registration.YesNo:
			choose(name, label, []Choice{{Value: "yes", Text: p.T("registration.yes")}, {Value: "no", Text: p.T("registration.no")}})
		case registration.Country:
			choose(name, label, countries())
		case registration.Long:
			line(name, label, "text", 4)
		default:
			line(name, label, "text", 0)
		}
	}
	for _, x := range form.Consents {
		tick(registration.ConsentPrefix+x.ID, "", []Choice{{Value: "1", Text: pick(x.Text)}})
	}
	return out
}

// ChannelChoices are how somebody can have registered who did not do so on the site.
func (p *Page) ChannelChoices() []Choice {
	var out []Choice
	for _, x := range registration.Channels {
		out = append(out, Choice{Value: x, Text: p.T("enum.registration_channel." + x)})
	}
	return out
}

func (a *Admin) addRegistrant(k *content.Kind, c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	l, ok := i18n.Parse(values.Get("lang"))
	if !ok {
		l = web.Locale(c)
	}
	id, err := a.registration.Add(c.Request.Context(), web.Actor(c), c.Param("id"), values.Get("channel"), registration.Submission{Locale: l, Values: values})
	var bad *registration.Invalid
	if errors.As(err, &bad) {
		f := newForm()
		f.Values = values
		return a.showNewRegistrant(k, c, f, err)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "registrants.added")
	return web.Redirect(c, registrantsURL(k, c.Param("id"))+"/"+id)
}

// registrantActions lead from an event to its registrations, and to the letters to them.
func (a *Admin) registrantActions(who *auth.Actor, e *content.Entry, t tongue) []Link {
	_, ok := e.Value.(registration.Registering)
	switch {
	case !ok:
		return nil
	case who.Can(auth.ReadRegistrants, e.Object()):
		return []Link{{t.T("registrants.title"), registrantsURL(e.Kind, e.ID)}, {t.T("messages.title"), messagesURL(e.Kind, e.ID)}}
	case who.Can(auth.ReadStatistics, e.Object()):
		return []Link{{t.T("stats.title"), registrantsURL(e.Kind, e.ID) + "/statistics"}}
	}
	return nil
}
