package admin

import (
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// scheduleScreen is what is planned for an entry, and the form to plan more.
type scheduleScreen struct {
	*entryForm
	Heading, Back, Action string
	May                   bool
	Lines                 []scheduleLine
	Form                  *Form
	Zones                 []Choice
	Languages             []panelLanguage
	Seen                  []choice
	Facts                 bool
	FactsChosen           bool
	Problems              []problemLink
	Replaces              string
}

// scheduleLine is a schedule in words.
type scheduleLine struct {
	clearance.Schedule
	Text, When string
	Problems   []problemLink
	EditURL    string
}

// scheduleLine puts a schedule into words, in the zone its time was said in.
func (f *entryForm) scheduleLine(e *content.Entry, x clearance.Schedule) scheduleLine {
	l := scheduleLine{Schedule: x, When: i18n.When(f.Locale, x.At.In(content.Zone(x.Zone)), time.Time{}, x.Zone, true), EditURL: scheduleURL(e) + "?edit=" + x.ID}
	var what []string
	for _, t := range x.Locales() {
		what = append(what, i18n.LanguageName(f.Locale, string(t)))
	}
	if x.Facts() {
		what = append(what, f.T("history.facts"))
	}
	l.Text = f.T("schedule.what."+string(x.Action), "What", i18n.List(f.Locale, what))
	for _, p := range x.Problems {
		l.Problems = append(l.Problems, problemLink{Text: f.troubleText(e, p), Href: template.URL(problemURL(e.Kind, e.ID, p))})
	}
	return l
}

func (a *Admin) schedulePage(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	f := newForm("zone", a.settings.Site().Zone, "action", string(clearance.Publish))
	if v, ok := e.Value.(clearance.Embargoed); ok {
		if x := v.EmbargoUntil(); x.Time().After(a.now()) {
			f = newForm("zone", x.Zone, "action", string(clearance.Publish), "at", string(x.At))
		}
	}
	if id := c.Query("edit"); id != "" {
		all, err := a.clearance.Schedules(c.Request.Context(), e.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all[e.ID], func(x clearance.Schedule) bool { return x.ID == id }); i >= 0 {
			x := all[e.ID][i]
			f = newForm("zone", x.Zone, "action", string(x.Action), "at", x.At.In(content.Zone(x.Zone)).Format("2006-01-02T15:04"), "replaces", x.ID)
			for _, t := range x.Locales() {
				f.Values.Add("lang", string(t))
			}
			if x.Facts() {
				f.Values.Set("facts", "1")
			}
		}
	}
	return a.showSchedule(c, who, e, l, http.StatusOK, f, nil)
}

func (a *Admin) showSchedule(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, status int, form *Form, problems []content.Problem) error {
	ctx, k := c.Request.Context(), e.Kind
	f := a.filledForm(c, who, e, l)
	d := &scheduleScreen{entryForm: f, Heading: entryTitle(f.tongue, e), Back: entryURL(k, e.ID, l), Action: scheduleURL(e), Form: form, Replaces: form.Get("replaces"),
		Facts: who.Can(auth.Publish, e.Object())}
	asked := len(form.Values["lang"]) > 0 || form.Get("sent") != ""
	d.FactsChosen = form.Get("facts") != "" || !asked && e.Live[content.Facts] != e.Versions[content.Facts]
	d.Seen = append(d.Seen, seen(e, content.Facts))
	for _, t := range i18n.All {
		if _, words := e.Languages[t]; !words || !who.Can(auth.Publish, e.TextObject(t)) {
			continue
		}
		d.Seen = append(d.Seen, seen(e, content.Part(t)))
		d.Languages = append(d.Languages, panelLanguage{Lang: t, Name: i18n.LanguageName(f.Locale, string(t)), State: e.Languages[t].State,
			Chosen: slices.Contains(form.Values["lang"], string(t)) || !asked && (t == l || t == e.Original && e.Path == "")})
	}
	d.May = e.Deleted == nil && len(d.Languages) > 0
	schedules, err := a.clearance.Schedules(ctx, e.ID)
	if err != nil {
		return err
	}
	for _, x := range schedules[e.ID] {
		d.Lines = append(d.Lines, f.scheduleLine(e, x))
	}
	for _, x := range problems {
		if !x.Blocks {
			continue
		}
		u := problemURL(k, e.ID, x)
		if x.Path == "at" || x.Path == "zone" || x.Path == "languages" {
			form.Bad[x.Path], u = x.Key, "#"+x.Path
		}
		d.Problems = append(d.Problems, problemLink{Text: f.troubleText(e, x), Href: template.URL(u)})
	}
	p := a.page(c, "schedule.title", "Title", d.Heading)
	d.Zones = zoneChoices(p)
	p.below(e, l, "schedule.name")
	p.D = d
	return a.render(c, status, "schedule", p)
}

// doSchedule plans something, or takes back what was planned.
func (a *Admin) doSchedule(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	form := &Form{Values: v, Bad: map[string]string{}}
	if id := v.Get("cancel"); id != "" {
		err = a.clearance.Cancel(ctx, who, e.ID, id)
	} else if id := v.Get("uncancel"); id != "" {
		err = a.clearance.UndoCancel(ctx, who, e.ID, id)
	} else {
		asked := clearance.Asked{Action: clearance.Action(v.Get("action")), At: content.Moment{At: content.LocalTime(v.Get("at")), Zone: v.Get("zone")},
			Facts: v.Get("facts") != "", Seen: seenVersions(v), Replaces: v.Get("replaces")}
		for _, s := range v["lang"] {
			if t, ok := i18n.Parse(s); ok && !slices.Contains(asked.Locales, t) {
				asked.Locales = append(asked.Locales, t)
			}
		}
		_, err = a.clearance.Plan(ctx, who, e.ID, asked)
	}
	var bad *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &bad):
		return a.showSchedule(c, who, e, l, http.StatusUnprocessableEntity, form, bad.Problems)
	case errors.As(err, &moved):
		return a.showSchedule(c, who, e, l, http.StatusConflict, form, []content.Problem{{Path: "moved", Blocks: true, Key: "clearance.moved"}})
	case err != nil:
		return err
	}
	if v.Get("cancel") != "" {
		flashUndo(c, "schedule.cancelled", undoSchedule, map[string]string{"kind": e.Kind.Path, "id": e.ID, "uncancel": v.Get("cancel")})
	} else if v.Get("uncancel") != "" {
		flash(c, "success", "undo.schedule")
	} else {
		at := content.Moment{At: content.LocalTime(v.Get("at")), Zone: v.Get("zone")}
		flash(c, "success", "schedule.done", "Time", i18n.When(web.Locale(c), at.Time(), time.Time{}, at.Zone, true))
	}
	return web.Redirect(c, scheduleURL(e))
}

// togetherScreen is an entry with what it refers to, to be published at once.
type togetherScreen struct {
	Heading, Back, Action string
	Rows                  []togetherRow
}

type togetherRow struct {
	ID, Title, URL, Kind string
	Lang                 i18n.Locale
	State                content.State
	Problems             []Link
}

// companions are the entry and what it refers to, as far as there is something unpublished that the actor may publish.
func (a *Admin) companions(c *gin.Context, p *Page, e *content.Entry) ([]togetherRow, error) {
	ctx, who := c.Request.Context(), p.Actor
	ids := []string{e.ID}
	for _, x := range e.Kind.Links(e.Value) {
		if a.content.Kind(x.ToKind) != nil && !slices.Contains(ids, x.ToID) && len(ids) < 200 {
			ids = append(ids, x.ToID)
		}
	}
	list, _, err := a.content.List(ctx, who, content.ListQuery{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, err
	}
	var out []togetherRow
	for _, id := range ids {
		i := slices.IndexFunc(list, func(r content.ListRow) bool { return r.ID == id })
		if i < 0 {
			continue
		}
		x, err := a.content.Get(ctx, who, id)
		if err != nil {
			return nil, err
		}
		change := pending(x)
		if !who.Can(auth.Publish, x.Object()) || x.Languages[x.Original].State == content.StatePublished && len(change.Locales) == 1 && !change.Facts {
			continue
		}
		row := togetherRow{ID: id, Title: list[i].Title, Lang: list[i].Original, Kind: x.Kind.Name, URL: entryURL(x.Kind, id, ""), State: x.Languages[x.Original].State}
		if t := x.Languages[p.Locale].Title; t != "" {
			row.Title, row.Lang = t, p.Locale
		}
		if row.Title == "" {
			row.Title, row.Lang = p.T("list.untitled"), p.Locale
		}
		for _, pr := range a.content.CheckPublish(x, change.Locales) {
			if pr.Blocks {
				row.Problems = append(row.Problems, Link{p.problem(x.Kind, pr), problemURL(x.Kind, id, pr)})
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func (a *Admin) togetherPage(k *content.Kind, c *gin.Context) error {
	_, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	p := a.page(c, "together.title", "Title", entryTitle(tongue{a.cat, web.Locale(c)}, e))
	d := togetherScreen{Heading: p.Title, Back: entryURL(k, e.ID, l), Action: entryURL(k, e.ID, "") + "/together"}
	if d.Rows, err = a.companions(c, p, e); err != nil {
		return err
	}
	p.below(e, l, "together.name")
	p.D = d
	return a.render(c, http.StatusOK, "together", p)
}

func (a *Admin) doTogether(k *content.Kind, c *gin.Context) error {
	_, e, _, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	return a.publishSet(c, k.Name, v["id"], entryURL(k, e.ID, "")+"/together", entryURL(k, e.ID, ""))
}

// publishSet publishes several entries, all or none, and says what stands in the way of each.
func (a *Admin) publishSet(c *gin.Context, kind string, ids []string, back, after string) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	if len(ids) == 0 {
		flash(c, "warning", "bulk.none")
		return web.Redirect(c, back)
	}
	if len(ids) > 200 {
		return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	rows, _, err := a.content.List(ctx, who, content.ListQuery{IDs: ids, Limit: len(ids)})
	if err != nil {
		return err
	}
	p := a.page(c, "bulk.title")
	var changes []content.PublishChange
	for _, id := range ids {
		change := content.PublishChange{ID: id} // of one that is not there: Refused names it
		if slices.ContainsFunc(rows, func(r content.ListRow) bool { return r.ID == id }) {
			e, err := a.content.Get(ctx, who, id)
			if err != nil {
				return err
			}
			change = pending(e)
		}
		changes = append(changes, change)
	}
	err = a.content.PublishTogether(ctx, who, changes)
	var refused content.Refused
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	if err == nil {
		flash(c, "success", "bulk.done_publish", "Count", p.Number(len(ids)))
		return web.Redirect(c, after)
	}
	d := bulkScreen{Op: "together", Back: back}
	for _, id := range ids {
		r := bulkResult{Title: p.T("bulk.unknown"), Lang: p.Locale}
		var k *content.Kind
		if i := slices.IndexFunc(rows, func(r content.ListRow) bool { return r.ID == id }); i >= 0 {
			k = a.content.Kind(rows[i].Kind)
			r = bulkResult{Title: rows[i].Title, Lang: rows[i].Original, URL: entryURL(k, id, "")}
			if r.Title == "" {
				r.Title, r.Lang = p.T("list.untitled"), p.Locale
			}
		}
		if refused[id] == nil {
			r.Reasons = []Link{{Text: p.T("together.waits")}}
		} else if r.Reasons, err = p.reasons(k, id, "", refused[id]); err != nil {
			return err
		}
		d.Results = append(d.Results, r)
	}
	p.Active, p.Layout, p.D = kind, "one narrow", d
	if kind == "" {
		p.Active = "entries"
	}
	return a.render(c, http.StatusConflict, "bulk", p)
}

// pending is what publishing an entry takes without being told: what is public already or would be first. That is the
// facts, the original, and changed translations; a translation nobody has published yet is a decision of its own.
func pending(e *content.Entry) content.PublishChange {
	c := content.PublishChange{ID: e.ID, Facts: e.Live[content.Facts] != e.Versions[content.Facts], Locales: []i18n.Locale{e.Original}}
	for l := range e.Languages {
		p := content.Part(l)
		if l != e.Original && e.Live[p] > 0 && e.Live[p] != e.Versions[p] {
			c.Locales = append(c.Locales, l)
		}
	}
	return c
}

// planned says of the entries of a list what is scheduled.
func (a *Admin) planned(c *gin.Context, p *Page, rows []content.ListRow) (map[string][]string, error) {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	all, err := a.clearance.Schedules(c.Request.Context(), ids...)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for id, schedules := range all {
		for _, x := range schedules {
			words := p.T("schedule.failed")
			if x.State == clearance.Due {
				words = p.T("schedule.at."+string(x.Action), "Time", i18n.When(p.Locale, x.At.In(content.Zone(x.Zone)), time.Time{}, x.Zone, true))
			}
			out[id] = append(out[id], words)
		}
	}
	return out, nil
}
