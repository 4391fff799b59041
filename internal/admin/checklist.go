package admin

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// checklistPage is what is to be done in the phase that an event is in.
type checklistPage struct {
	tongue
	Heading, Phase, Back, Action string
	Lines                        []*checklistLine
	MaySkip                      bool
}

// checklistLine is one thing to be done, made from the facts.
type checklistLine struct {
	kind.Duty
	Text       string
	URL, Where string // of the field that is to be filled in
	Day        string
	Overdue    int // days
	By         string
	Bad, Typed string
}

// Waits reports whether there is something to do about the line now.
func (l *checklistLine) Waits() bool {
	return l.State == kind.DutyDue || l.State == kind.DutyLate || l.State == kind.DutyWritten
}

// checklist makes the lines of an event.
func (a *Admin) checklist(ctx context.Context, f *entryForm, e *content.Entry) ([]*checklistLine, kind.Phase, error) {
	ev, ok := e.Value.(*kind.Event)
	if !ok {
		return nil, "", nil
	}
	s, err := a.content.Surroundings(ctx, e)
	if err != nil {
		return nil, "", err
	}
	around := kind.AroundOf(e.Original, func(id string) any { return s.Named[id] }, s.About, ev)
	if around.Staff, err = a.around(ctx, e, ev, s); err != nil {
		return nil, "", err
	}
	phase, _ := ev.Phase(a.now(), around)
	var lines []*checklistLine
	var people []string
	today := content.Date(a.now().In(content.Zone(f.zone)).Format("2006-01-02")).Time()
	shown, _ := s.Self.(*kind.Event)
	if shown != nil { // how to join is published, though nobody reads it there
		switch behind, err := a.content.Behind(ctx, e.ID); {
		case err == nil:
			with := *shown
			with.Join = behind.Value.(*kind.Event).Join
			shown = &with
		case !errors.Is(err, db.ErrNotFound): // withdrawn at this moment
			return nil, "", err
		}
	}
	for _, d := range ev.Checklist(a.now(), around, shown) {
		l := &checklistLine{Duty: d}
		if l.Owner == "" {
			l.Owner = ev.FocalPoint
		}
		if l.Owner != "" {
			people = append(people, l.Owner)
		}
		if d.Promise != nil {
			if l.Text = d.Promise.Text.In(f.Locale); l.Text == "" {
				l.Text = f.T("checklist.promise", "What", enumLabel(f.tongue, "commitment_kind", d.Promise.Kind))
			}
		} else {
			l.Text = enumLabel(f.tongue, "duty", d.Name)
		}
		if screen, ok := strings.CutPrefix(d.Field, "screen "); ok {
			l.URL, l.Where = screenOf(f, e, ev, around.Staff, screen)
		} else if k, ok := strings.CutPrefix(d.Field, "new "); ok {
			l.URL, l.Where = newURL(a.content.Kind(k)), f.T("page.new_kind", "Kind", f.T("kind."+k+".one"))
		} else {
			field := e.Kind.Field(d.Field)
			if l.URL, l.Where = entryURL(e.Kind, e.ID, "")+"#"+d.Field, f.nameOf(d.Field); field != nil && field.Text() {
				l.URL = entryURL(e.Kind, e.ID, e.Original) + "#" + content.FormName(d.Field, e.Original)
			}
		}
		if due := d.Due.Time(); !due.IsZero() {
			if l.Day = i18n.Date(f.Locale, due); l.State == kind.DutyLate {
				l.Overdue = int(today.Sub(due).Hours() / 24)
			}
		}
		lines = append(lines, l)
	}
	names, err := a.accountNames(ctx, f.tongue, people)
	if err != nil {
		return nil, "", err
	}
	for _, l := range lines {
		l.By = names[l.Owner]
	}
	return lines, phase, nil
}

// around looks at what the checklist needs to know of what only the staff sees around an event.
func (a *Admin) around(ctx context.Context, e *content.Entry, ev *kind.Event, s *content.Surroundings) (*kind.Desk, error) {
	d := &kind.Desk{People: map[content.Ref]*kind.Person{}}
	title := e.Kind.As("title").Path
	for p, leaves := range e.Parts {
		if p != content.Facts && (e.Live[p] > 0 || len(e.Live) == 0 && leaves.Text(title).Words != "") {
			d.Languages = append(d.Languages, p.Locale())
		}
	}
	var people []string
	for _, r := range ev.People {
		people = append(people, string(r.Person))
	}
	for _, x := range ev.Sessions {
		for _, r := range x.People {
			people = append(people, string(r.Person))
		}
	}
	profiles, err := a.content.Whole(ctx, e.Original, people)
	if err != nil {
		return nil, err
	}
	for id, n := range profiles {
		d.People[content.Ref(id)], _ = n.Value.(*kind.Person)
	}
	if at := slices.IndexFunc(s.About, func(x any) bool { _, ok := x.(*kind.Report); return ok }); at >= 0 {
		for id, v := range s.Named {
			if v == s.About[at] {
				d.Report = id
			}
		}
		if d.ReportIn, err = a.content.PublicIn(ctx, d.Report); err != nil {
			return nil, err
		}
		if d.Comments, err = a.comments.Undecided(ctx, d.Report); err != nil {
			return nil, err
		}
	}
	if a.registration != nil {
		waits, err := a.registration.Desk(ctx, e)
		if err != nil {
			return nil, err
		}
		d.Taken, d.Online, d.Attended, d.Untold = waits.Taken, waits.Online, waits.Attended, waits.Untold
		d.Pending = !waits.Pending.IsZero() && a.now().After(workingDaysAfter(waits.Pending.In(ev.When.Location()), 2))
	}
	if a.discussion != nil {
		d.Questions, err = a.discussion.Unanswered(ctx, e.ID)
	}
	return d, err
}

// workingDaysAfter is the same time of day so many days later, of which Saturdays and Sundays are none.
func workingDaysAfter(t time.Time, days int) time.Time {
	for days > 0 {
		if t = t.AddDate(0, 0, 1); t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			days--
		}
	}
	return t
}

// screenOf is where a screen of kind.Screens is for an event, and what it is called. Who may not see the registrations stays
// where they are.
func screenOf(f *entryForm, e *content.Entry, ev *kind.Event, d *kind.Desk, screen string) (url, where string) {
	event, report := ev.Untranslated(d)
	translate := func(e *content.Entry, l i18n.Locale) string {
		if l == "" || l == e.Original {
			return entryURL(e.Kind, e.ID, "")
		}
		return translateURL(e, l)
	}
	need := auth.ReadRegistrants
	switch screen {
	case "registrations":
		url, where = registrantsURL(e.Kind, e.ID)+"?state="+string(registration.Pending), f.T("registrants.title")
	case "check-in":
		url, where = deskURL(e.Kind, e.ID), f.T("attendance.title")
	case "messages":
		url, where = messagesURL(e.Kind, e.ID), f.T("messages.title")
	case "questions":
		url, where, need = questionsURL(e.Kind, e.ID), f.T("questions.title"), auth.Moderate
	case "comments":
		url, where, need = commentsURL(d.Report), f.T("comments.title"), ""
	case "translate":
		url, where, need = translate(e, event), i18n.LanguageName(f.Locale, string(event)), ""
	case "translate-report":
		url, where, need = translate(&content.Entry{ID: d.Report, Kind: kind.ReportKind, Original: e.Original}, report), i18n.LanguageName(f.Locale, string(report)), ""
	}
	if need != "" && !f.who.Can(need, e.Object()) {
		url = checklistURL(e)
	}
	return url, where
}

func checklistURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/checklist" }

// showChecklist shows all lines, also those that are done.
func (a *Admin) showChecklist(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.renderChecklist(c, who, e, "", "", "")
}

func (a *Admin) renderChecklist(c *gin.Context, who *auth.Actor, e *content.Entry, name, typed, bad string) error {
	if _, ok := e.Value.(*kind.Event); !ok || e.Deleted != nil {
		return db.ErrNotFound
	}
	f := a.openForm(c, who, e.Kind, e, e.Original)
	f.fill(e.Parts)
	lines, phase, err := a.checklist(c.Request.Context(), f, e)
	if err != nil {
		return err
	}
	d := &checklistPage{tongue: f.tongue, Heading: f.T("checklist.title", "Title", f.isolate(entryTitle(f.tongue, e))), Phase: f.T("phase." + string(phase)), Back: entryURL(e.Kind, e.ID, ""),
		Action: checklistURL(e), Lines: lines, MaySkip: e.MayEdit(who, content.Facts)}
	status := http.StatusOK
	for _, l := range lines {
		if bad != "" && l.Name == name && l.Promise == nil {
			l.Bad, l.Typed, status = bad, typed, http.StatusUnprocessableEntity
		}
	}
	p := a.page(c, "checklist.name")
	p.below(e, "", "checklist.name")
	p.Title, p.Path, p.D = d.Heading, d.Action, d
	return a.render(c, status, "checklist", p)
}

// skipReason is why a line does not apply.
var skipReason = func() *content.Field {
	all := kind.EventKind.Field("skips").Fields
	return all[slices.IndexFunc(all, func(f *content.Field) bool { return f.Name == "reason" })]
}()

// skipDuty takes a line off the checklist, with the reason, or puts it back.
func (a *Admin) skipDuty(k *content.Kind, c *gin.Context) error {
	who, e, _, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ev, ok := e.Value.(*kind.Event)
	if !ok || e.Deleted != nil {
		return db.ErrNotFound
	}
	if !e.MayEdit(who, content.Facts) {
		return auth.ErrForbidden
	}
	name, reason := v.Get("duty"), strings.TrimSpace(v.Get("reason"))
	if !slices.Contains(kind.Enums["duty"], name) {
		return badOp()
	}
	var ids []string
	for _, s := range ev.Skips {
		if s.Duty != name {
			ids = append(ids, s.ID)
		}
	}
	set := content.Leaves{}
	switch v.Get("op") {
	case "skip":
		t := tongue{a.cat, web.Locale(c)}
		limit := skipReason.Max
		switch {
		case reason == "":
			return a.renderChecklist(c, who, e, name, reason, t.T("checklist.reason_missing"))
		case len([]rune(reason)) > limit:
			return a.renderChecklist(c, who, e, name, reason, t.T("problem.too_long", "Max", strconv.Itoa(limit), "Field", t.T("checklist.reason")))
		}
		id := content.NewItemID()
		ids = append(ids, id)
		set.Set("skips."+id+".duty", name)
		set.Set("skips."+id+".reason", reason)
	case "unskip":
	default:
		return badOp()
	}
	if set["skips"] = nil; len(ids) > 0 {
		set.Set("skips", ids)
	}
	if _, err := a.content.Save(c.Request.Context(), who, content.Change{ID: e.ID, Kind: k, Base: e.Versions, Set: content.Parts{content.Facts: set}}); err != nil {
		return err
	}
	flash(c, "success", "form.saved")
	return web.Redirect(c, checklistURL(e))
}

// waiting are the lines that wait for somebody.
func waiting(lines []*checklistLine) []*checklistLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l *checklistLine) bool { return !l.Waits() })
}

// dutyLinks are the first lines of an event's checklist that wait, as the dashboard shows them, and how many there are.
func (a *Admin) dutyLinks(ctx context.Context, c *gin.Context, who *auth.Actor, e *content.Entry, matters func(*checklistLine) bool) ([]Link, int, error) {
	const most = 3
	f := a.openForm(c, who, e.Kind, e, e.Original)
	f.fill(e.Parts)
	lines, _, err := a.checklist(ctx, f, e)
	if err != nil {
		return nil, 0, err
	}
	var out []Link
	n := 0
	for _, l := range waiting(lines) {
		if matters(l) {
			if n++; n <= most {
				out = append(out, Link{l.Text, l.URL})
			}
		}
	}
	if n > most {
		out = append(out, Link{f.N("checklist.more", n-most), checklistURL(e)})
	}
	return out, n, nil
}

// promisesPage lists promises of all entries that the actor may read.
type promisesPage struct {
	Form       *Form
	States     []Choice
	Rows       []promise
	Total      int
	From, To   int
	Prev, Next string
	Filtered   bool
}

var promiseStates = []string{"", "overdue", "kept", "waived", "all"}

// promises shows the page.
func (a *Admin) promises(c *gin.Context) error {
	wrong := errQuery()
	f := newForm()
	for name, vs := range c.Request.URL.Query() {
		if !slices.Contains([]string{"state", "mine", "page"}, name) || len(vs) > 1 || len(vs[0]) > 20 {
			return wrong
		}
		if vs[0] != "" {
			f.Values.Set(name, vs[0])
		}
	}
	p := a.page(c, "promises.title")
	q := content.PromiseQuery{State: content.PromiseOpen, Limit: listSize}
	switch s := f.Get("state"); s {
	case "":
	case "overdue":
		q.DueBefore = p.today()
	case "kept", "waived":
		q.State = content.PromiseState(s)
	case "all":
		q.State = ""
	default:
		return wrong
	}
	if f.Get("mine") != "" {
		q.Owner = p.Actor.ID
	}
	page, _ := web.Page(c)
	q.Offset = (page - 1) * listSize
	rows, total, err := a.promiseRows(c.Request.Context(), p, q)
	if err != nil {
		return err
	}
	if len(rows) == 0 && total > 0 { // beyond the last page
		page = (total + listSize - 1) / listSize
		q.Offset = (page - 1) * listSize
		if rows, total, err = a.promiseRows(c.Request.Context(), p, q); err != nil {
			return err
		}
	}
	d := promisesPage{Form: f, Rows: rows, Total: total, From: min(q.Offset+1, total), To: q.Offset + len(rows), Filtered: f.Get("state") != "" || f.Get("mine") != ""}
	for _, s := range promiseStates[1:] {
		d.States = append(d.States, Choice{Value: s, Text: p.T("promises.state." + s)})
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if d.To < total {
		d.Next = pageURL(c, page+1)
	}
	p.Active, p.Layout, p.D = "dashboard", "one", d
	return a.render(c, http.StatusOK, "promises", p)
}

// today is the day in the office's zone.
func (p *Page) today() content.Date { return content.Date(p.a.now().In(p.zone()).Format("2006-01-02")) }

// promiseRows reads promises and what the page shows beside them.
func (a *Admin) promiseRows(ctx context.Context, p *Page, q content.PromiseQuery) ([]promise, int, error) {
	rows, total, err := a.content.ListPromises(ctx, p.Actor, q)
	if err != nil {
		return nil, 0, err
	}
	var ids, people []string
	for _, r := range rows {
		ids, people = append(ids, r.Entry), append(people, r.Owner)
	}
	titles, err := a.content.Labels(ctx, p.Locale, ids)
	if err != nil {
		return nil, 0, err
	}
	names, err := a.auth.Names(ctx, people)
	if err != nil {
		return nil, 0, err
	}
	out := make([]promise, len(rows))
	drafts := 0
	for i, r := range rows {
		k := a.content.Kind(r.EntryKind)
		x := promise{Text: r.Words, TextLang: r.Original, Event: titles[r.Entry], URL: entryURL(k, r.Entry, "") + "#list-commitments", State: string(r.State), Owner: names[r.Owner]}
		if x.Text == "" {
			x.Text, x.TextLang = p.T("enum.commitment_kind."+r.Kind), p.Locale
		}
		if r.Kind == "report" && r.State == content.PromiseOpen && drafts < 10 && len(a.offices(p.Actor, kind.ReportKind.Name)) > 0 {
			drafts++
			if e, err := a.content.Get(ctx, p.Actor, r.Entry); err != nil {
				return nil, 0, err
			} else if a.reportable(e) {
				x.URL = reportURL(e) // where it is kept in one step
			}
		}
		if x.Event == "" {
			x.Event = p.T("list.untitled")
		}
		if due := r.Due.Time(); !due.IsZero() {
			x.Due, x.Machine = i18n.Date(p.Locale, due), template.HTMLEscapeString(string(r.Due))
			if late := int(p.today().Time().Sub(due).Hours() / 24); late > 0 && r.State == content.PromiseOpen {
				x.Overdue = late
			}
		}
		out[i] = x
	}
	return out, total, nil
}
