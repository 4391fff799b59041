package admin

import (
	"context"
	"errors"
	"html/template"
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
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// recurring is a kind's struct that can suggest when its next edition might be.
type recurring interface{ NextDay(now time.Time) time.Time }

// clonePage asks to which date an entry is copied, and what comes along.
type clonePage struct {
	*entryForm
	Heading, Source string
	Action, Back    string
	Edition         bool
	NoDate          bool // the source has none, so that nothing can be moved
	Date            *fieldView
	Kept            []choice // the rest of the source's time, for the words beneath the date
	Fixes           []*cloneFix
	Parts, Never    []*clonePart
	Come, Stay      string // languages
	Offices         []choice
	Problems        []problemLink
	BadOrdinal      string
}

// clonePart is a part of the source in the list to choose from.
type clonePart struct {
	Name, Label, Note string
	Off, Checked      bool
}

// cloneFix is a time that the clock leaves out or has twice on the new day.
type cloneFix struct{ Name, Label, Value, Bad string }

const (
	cloneDate     = "when:start_date"
	cloneDateLink = template.URL("#" + cloneDate)
)

func cloneURL(k *content.Kind, id string, edition bool) string {
	u := entryURL(k, id, "") + "/clone"
	if edition {
		u += "?edition=1"
	}
	return u
}

// cloneForm shows the form.
func (a *Admin) cloneForm(k *content.Kind, c *gin.Context) error {
	p, err := a.clonePage(k, c, nil)
	if err != nil {
		return err
	}
	return a.showClone(c, p, http.StatusOK)
}

// clone makes the copy and leads to it.
func (a *Admin) clone(k *content.Kind, c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	p, err := a.clonePage(k, c, v)
	if err != nil {
		return err
	}
	// One reading of an ambiguous date was chosen.
	if verb, rest, _ := strings.Cut(v.Get("op"), " "); verb == "set" {
		name, day, _ := strings.Cut(rest, " ")
		if name != cloneDate || len(day) > 40 {
			return badOp()
		}
		v.Set(cloneDate, day)
		if p, err = a.clonePage(k, c, v); err != nil {
			return err
		}
		p.focus = cloneDate
		return a.showClone(c, p, http.StatusOK)
	}
	to, ok := p.target()
	if !ok {
		return a.showClone(c, p, http.StatusUnprocessableEntity)
	}
	saved, err := a.content.Copy(c.Request.Context(), p.who, content.CopyChange{From: p.Entry.ID, Office: v.Get("office"), Parts: v["part"], To: to})
	var invalid *content.Invalid
	switch {
	case errors.As(err, &invalid):
		p.refuse(invalid.Problems)
		return a.showClone(c, p, http.StatusUnprocessableEntity)
	case err != nil:
		return err
	}
	flash(c, "success", "clone.done", "Title", entryTitle(p.tongue, p.Entry))
	return web.Redirect(c, entryURL(k, saved.ID, ""))
}

// clonePage makes the page from the source and, with v, from what was typed.
func (a *Admin) clonePage(k *content.Kind, c *gin.Context, v url.Values) (*clonePage, error) {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	edition := c.Query("edition") != ""
	offices := a.offices(who, k.Name)
	if len(offices) == 0 {
		return nil, auth.ErrForbidden
	}
	fresh := v == nil
	if fresh {
		v = url.Values{"office": {offices[0]}}
		if slices.Contains(offices, e.Office) {
			v.Set("office", e.Office)
		}
	}
	if !slices.Contains(offices, v.Get("office")) {
		return nil, auth.ErrForbidden
	}
	x, err := a.content.Copying(ctx, who, e.ID, v.Get("office"))
	if err != nil {
		return nil, err
	}
	f := a.openForm(c, who, k, e, e.Original)
	f.fill(e.Parts) // so that items have their places
	when := readJSON[content.When](e.Parts[content.Facts][k.As("when").Path])
	title := entryTitle(f.tongue, e)
	p := &clonePage{entryForm: f, Source: title, Edition: edition, NoDate: !when.Known(), Action: cloneURL(k, e.ID, edition), Back: entryURL(k, e.ID, "")}
	p.Heading = f.T("clone.title", "Title", title)
	if edition {
		if err := a.cloneEdition(ctx, p, v, fresh); err != nil {
			return nil, err
		}
	}
	for name, vs := range v {
		if formControl(name) || strings.HasPrefix(name, "fix:") || slices.Contains([]string{cloneDate, "part", "number"}, name) {
			f.Values[name] = vs
		}
	}
	if fresh {
		f.Values.Set(cloneDate, "")
		if r, ok := e.Value.(recurring); ok && edition {
			if day := r.NextDay(f.today); !day.IsZero() {
				f.Values.Set(cloneDate, f.day(content.LocalTime(day.Format(wallLayout)), when.Precision))
			}
		}
	}
	p.Date = &fieldView{entryForm: f, Path: cloneDate, Name: cloneDate, ID: cloneDate, Label: f.T("clone.date"), Help: f.T("clone.date_help"), Value: f.Values.Get(cloneDate)}
	shown := url.Values{cloneDate: {p.Date.Value}, "when:zone": {when.Zone}}
	if when.Precision == content.PrecisionTime {
		shown.Set("when:start_time", clockOf(when.Start))
		if endAfter(when.Start, clockOf(when.End)) == when.End {
			shown.Set("when:end_time", clockOf(when.End))
		}
	}
	for _, name := range sortedKeys(shown) {
		if name != cloneDate {
			p.Kept = append(p.Kept, choice{name, shown.Get(name)})
		}
	}
	p.Date.Echo = f.echoWhen("when", shown)
	p.Date.Readings = f.readings[cloneDate]
	p.listParts(x, v["part"], fresh)
	names := func(all []i18n.Locale) string {
		var out []string
		for _, l := range all {
			out = append(out, i18n.LanguageName(f.Locale, string(l)))
		}
		if len(out) == 0 {
			return ""
		}
		return i18n.List(f.Locale, out)
	}
	p.Come, p.Stay = names(x.Come), names(x.Stay)
	if p.Offices, err = a.officeChoices(ctx, f, offices); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(f.Values) {
		if path, ok := strings.CutPrefix(name, "fix:"); ok && f.fieldAt(leafPath(path)) != nil && f.Values.Get(name) != "" {
			p.Fixes = append(p.Fixes, &cloneFix{Name: name, Label: p.nameOf(path), Value: f.Values.Get(name)})
		}
	}
	return p, nil
}

// cloneEdition prepares the next edition of the series that the source is in, which the actor must see.
func (a *Admin) cloneEdition(ctx context.Context, p *clonePage, v url.Values, fresh bool) error {
	facts := p.Entry.Parts[content.Facts]
	d := p.Kind.As("series")
	if d == nil || readJSON[string](facts[d.Path]) == "" {
		return db.ErrNotFound
	}
	series, err := a.content.Get(ctx, p.who, readJSON[string](facts[d.Path]))
	if err != nil {
		return err
	}
	p.Heading = p.T("clone.edition_title", "Title", entryTitle(p.tongue, series))
	if fresh {
		n := readJSON[int](facts["ordinal"])
		if n == 0 { // it was not numbered: as many as there are
			if n, err = a.content.Count(ctx, p.who, content.ListQuery{Kind: p.Kind.Name, Series: series.ID}); err != nil {
				return err
			}
		}
		v.Set("number", strconv.Itoa(n+1))
	}
	return nil
}

// listParts lists what can be taken, and what cannot with the reason.
func (p *clonePage) listParts(x *content.Copying, taken []string, fresh bool) {
	for _, part := range x.Parts {
		v := &clonePart{Name: part.Name, Label: p.partLabel(part.Name), Checked: part.Always || fresh && part.Why == "" || slices.Contains(taken, part.Name)}
		switch {
		case part.Why == "own_number" && p.Edition:
			continue // it gets one
		case part.Why != "":
			v.Off, v.Checked, v.Note = true, false, p.T("clone.why."+part.Why)
		case p.Edition && part.Name == p.Kind.As("series").Path:
			v.Off, v.Checked, v.Note = true, true, p.T("clone.why.edition")
		case part.Always:
			v.Off, v.Note = true, p.T("clone.why.always")
		case !x.Held[part.Name]:
			v.Off, v.Checked, v.Note = true, false, p.T("clone.why.empty")
		case x.Unread[part.Name] > 0:
			v.Note = p.N("clone.unread", x.Unread[part.Name])
		}
		if part.Why != "" {
			p.Never = append(p.Never, v)
		} else {
			p.Parts = append(p.Parts, v)
		}
	}
	for _, name := range []string{"address", "published"} {
		p.Never = append(p.Never, &clonePart{Name: name, Label: p.partLabel(name), Note: p.T("clone.why." + name), Off: true})
	}
}

// partLabel names a part: by its own words, else those of its card of the form or of its field.
func (p *clonePage) partLabel(name string) string {
	for _, key := range []string{"clone.part." + name, "section." + name} {
		if p.has(key) {
			return p.T(key)
		}
	}
	label, _ := p.fieldMessage("field", name)
	return label
}

// target reads what was typed.
func (p *clonePage) target() (content.CopyTarget, bool) {
	to := content.CopyTarget{Edition: p.Edition, Clocks: map[string]string{}}
	day, problems := p.readDay(p.Values, cloneDate)
	if len(problems) == 0 && day.Date.IsZero() {
		problems = []content.Problem{{Path: cloneDate, Blocks: true, Key: "problem.date"}}
	}
	p.refuse(problems)
	to.Day, to.MonthOnly = day.Date, day.MonthOnly
	if p.Edition {
		s := strings.TrimSpace(i18n.Fold(p.Locale, p.Values.Get("number")))
		n, err := strconv.Atoi(s)
		d := p.Kind.Field("ordinal")
		if s != "" && (err != nil || n < 0 || n > d.Max) {
			problem := content.Problem{Path: "ordinal", Blocks: true, Key: "problem.number", Args: []any{"Max", d.Max}}
			p.BadOrdinal = p.problemText(problem)
			p.Problems = append(p.Problems, problemLink{Href: "#number", Text: p.T("form.problem_at", "Field", p.nameOf("ordinal"), "Problem", p.BadOrdinal), Blocks: true})
		}
		to.Ordinal = n
	}
	for _, fix := range p.Fixes {
		clock, problems := p.readClock(p.Values, fix.Name)
		if len(problems) > 0 {
			p.wrongClock(fix, problems[0])
			continue
		}
		to.Clocks[strings.TrimPrefix(fix.Name, "fix:")] = clock
	}
	return to, len(p.Problems) == 0
}

func (p *clonePage) wrongClock(fix *cloneFix, problem content.Problem) {
	fix.Bad = p.problemText(problem)
	p.Problems = append(p.Problems, problemLink{Href: template.URL("#" + fix.Name), Text: p.T("form.problem_at", "Field", fix.Label, "Problem", fix.Bad), Blocks: true})
}

// refuse puts problems beside their fields. A time that is not there on the new day gets a field of its own.
func (p *clonePage) refuse(problems []content.Problem) {
	for _, x := range problems {
		switch {
		case x.Path == "date", x.Path == cloneDate:
			x.Path = cloneDate
			p.complain(x)
			p.Problems = append(p.Problems, problemLink{Href: cloneDateLink, Text: p.T("form.problem_at", "Field", p.Date.Label, "Problem", p.problemText(x)), Blocks: true})
		case x.Key == "problem.no_such_time" || x.Key == "problem.twice_time":
			name := "fix:" + x.Path
			at := slices.IndexFunc(p.Fixes, func(f *cloneFix) bool { return f.Name == name })
			if at < 0 {
				p.Fixes, at = append(p.Fixes, &cloneFix{Name: name}), len(p.Fixes)
			}
			fix := p.Fixes[at]
			fix.Label = p.nameOf(x.Path)
			if len(x.Args) == 2 {
				t, _ := x.Args[1].(content.LocalTime)
				fix.Label = p.T("clone.time_of", "Field", fix.Label, "Date", p.isolate(i18n.DateWeekday(p.Locale, t.In(time.UTC))))
				if fix.Value == "" {
					fix.Value = clockOf(t)
				}
			}
			p.wrongClock(fix, x)
		default:
			p.Problems = append(p.Problems, problemLink{Text: p.T("form.problem_at", "Field", p.nameOf(x.Path), "Problem", p.problemText(x)), Blocks: true})
		}
	}
}

func (a *Admin) showClone(c *gin.Context, d *clonePage, status int) error {
	p := a.page(c, "clone.name")
	p.inKind(d.Kind, Link{d.Source, d.Back})
	p.Title, p.Layout, p.Here, p.Path, p.D = d.Heading, "one narrow", p.T("clone.name"), d.Action, d
	if d.Edition {
		p.Here = p.T("clone.edition")
	}
	return a.render(c, status, "clone", p)
}

// actionsOn are further things to do with an entry, for its panel.
func (a *Admin) actionsOn(ctx context.Context, who *auth.Actor, e *content.Entry, t tongue) ([]Link, error) {
	var out []Link
	if e.Deleted != nil {
		return nil, nil
	}
	out = slices.Concat(a.registrantActions(who, e, t), a.surveyActions(who, e, t), a.discussionActions(who, e, t), a.commentActions(who, e, t), a.exchangeActions(e, t))
	if len(e.Replaceable(who)) > 0 {
		out = append(out, Link{t.T("replace.name"), replaceURL(e)})
	}
	if e.Kind.Copies() && len(a.offices(who, e.Kind.Name)) > 0 {
		out = append(out, Link{t.T("clone.name"), cloneURL(e.Kind, e.ID, false)})
	}
	if a.reportable(e) && len(a.offices(who, kind.ReportKind.Name)) > 0 {
		out = append(out, Link{t.T("report_draft.name"), reportURL(e)})
	}
	for _, k := range a.content.Kinds {
		if d := k.As("series"); d == nil || d.Of != e.Kind.Name || !k.Copies() || len(a.offices(who, k.Name)) == 0 {
			continue
		}
		last, _, err := a.content.List(ctx, who, content.ListQuery{Kind: k.Name, Series: e.ID, Sort: "-date", Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(last) > 0 {
			out = append(out, Link{t.T("clone.edition"), cloneURL(k, last[0].ID, true)})
		}
	}
	return out, nil
}

// oldDates lists the texts that still name another date: of a copy, that of what it was copied from, until it is published;
// of an event that was moved, the one before, until it is over.
func (a *Admin) oldDates(ctx context.Context, f *entryForm) ([]problemLink, error) {
	e := f.Entry
	if !e.Kind.Copies() || e.Deleted != nil {
		return nil, nil
	}
	var old content.When
	if ev, ok := e.Value.(*kind.Event); ok && ev.Previous.Known() && !ev.Over().IsZero() && a.now().Before(ev.Over()) {
		old = ev.Previous
	} else if e.Path == "" {
		from, err := a.content.CopiedFrom(ctx, e)
		if err != nil || from == nil {
			return nil, err
		}
		old = from.When
	}
	var out []problemLink
	for _, m := range e.MentionsOf(old) {
		l := f.mentionLink(m)
		if m.Locale == f.Lang {
			l.Text, l.Href, l.Lang = f.nameOf(m.Path), template.URL("#"+content.FormName(m.Path, m.Locale)), ""
		}
		out = append(out, l)
	}
	return out, nil
}

// NameOf is what a field is called.
func (p *clonePage) NameOf(path string) string { return p.nameOf(path) }
