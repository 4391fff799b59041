package admin

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// dashboardScreen is the first page: what waits, what comes, what is promised, what has changed.
type dashboardScreen struct {
	Hello     string
	Mine      []waitingTask // what waits for the reader
	Work      []boardWork   // what the reader is to translate
	Waiting   []listRow     // changed since it was published
	WaitURL   string
	Drafts    []draftRow // begun and not public, with what publishing still needs; events that are over and say nothing of it
	DraftURL  string
	Translate []translateRow
	TransURL  string
	Next      []nextEvent
	NextURL   string
	Comments  []listCount // reports with comments to deal with
	Promises  []promise
	PromURL   string
	Recent    []recentRow // what the reader worked on last
	Changed   []listRow
	AllURL    string
	Progress  []progressRow
	New       []Link // what the actor may begin
	NoteURL   string // where a new event begins with a concept note, "" where the actor may begin none
	Empty     bool   // nothing at all yet
	Events    bool   // the actor may see events
	Words     bool   // the actor looks after words only: what is to be translated comes first
}

type draftRow struct {
	listRow
	Live     bool
	Problems []Link // the first of them
	Count    int
	Schedule string // where it can be planned to be published, "" where the reader may not
}

type translateRow struct {
	listRow
	To   i18n.Locale
	Why  string // state of the language: out_of_date, not_started, draft
	URL  string
	Note string
}

type nextEvent struct {
	Title    string
	Lang     i18n.Locale
	URL      string
	When     string
	Phase    string
	Problems []Link
	Live     bool
}

type promise struct {
	Text, Event, URL string
	TextLang         i18n.Locale
	Due, Machine     string
	Overdue          int // days; 0 when it is not yet due
	State, Owner     string
}

type progressRow struct {
	content.Progress
	Name string
	URLs map[string]string // of the lists behind the numbers, by state
}

// listAll is the address of the list of all kinds with a filter.
func listAll(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	if len(v) == 0 {
		v.Set("q", "")
	}
	return "/admin/entries?" + v.Encode()
}

// myLocales are the languages an actor looks after: those the grants name, else, for who may translate at all, the
// panel's own.
func (p *Page) myLocales() []i18n.Locale {
	var out []i18n.Locale
	for _, g := range p.Actor.Grants() {
		if g.Locale != "" && !slices.Contains(out, g.Locale) {
			out = append(out, g.Locale)
		}
	}
	if len(out) == 0 && p.Actor.CanSomewhere(auth.EditText) {
		out = append(out, p.Locale)
	}
	return out
}

func (a *Admin) dashboard(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "dashboard.title")
	p.Active, p.Layout = "dashboard", "one"
	languages := a.settings.Site().Languages
	d := dashboardScreen{Hello: p.T("dashboard.hello", "Name", who.Name), WaitURL: listAll("state", "changed"), DraftURL: listAll("state", "draft"), AllURL: listAll(), NextURL: "/admin/events?when=upcoming"}
	for _, k := range a.content.Kinds {
		if !who.Scope(auth.Create, k.Name).Empty() {
			d.New = append(d.New, Link{p.T("page.new_kind", "Kind", p.KindOne(k.Name)), newURL(k)})
			if takesNotes(k) && len(a.offices(who, k.Name)) > 0 {
				d.NoteURL = noteURL(k)
			}
		}
	}
	if len(d.New) > 4 {
		d.New = d.New[:4]
	}
	lists := []struct {
		to *[]listRow
		q  content.ListQuery
		ok bool
	}{
		{&d.Changed, content.ListQuery{Limit: 8}, who.CanSomewhere(auth.Read)},
		{&d.Waiting, content.ListQuery{State: content.StateChanged, Limit: 6}, who.CanSomewhere(auth.Publish) || who.CanSomewhere(auth.EditFacts)},
	}
	for _, l := range lists {
		if !l.ok {
			continue
		}
		rows, _, err := a.content.List(ctx, who, l.q)
		if err != nil {
			return err
		}
		if *l.to, err = a.listRows(c, p, rows, languages, ""); err != nil {
			return err
		}
	}
	var err error
	if d.Mine, err = a.waitsFor(c, p); err != nil {
		return err
	}
	if d.Work, err = a.workOf(ctx, p, 8); err != nil {
		return err
	}
	if d.Recent, err = a.recent(c, p, 6); err != nil {
		return err
	}
	d.Empty = len(d.Changed) == 0 && len(d.Mine) == 0
	d.Words = who.CanSomewhere(auth.EditText) && !who.CanSomewhere(auth.EditFacts)
	if err := a.toTranslate(c, p, &d); err != nil {
		return err
	}
	if err := a.drafts(c, p, &d, languages); err != nil {
		return err
	}
	if d.Events = !who.Scope(auth.Read, kind.EventKind.Name).Empty(); d.Events {
		if err := a.events(c, p, &d); err != nil {
			return err
		}
	}
	if who.CanSomewhere(auth.Read) && !d.Empty {
		progress, err := a.content.Progress(ctx, who)
		if err != nil {
			return err
		}
		for _, l := range languages {
			for _, pr := range progress {
				if pr.Locale != l {
					continue
				}
				row := progressRow{Progress: pr, Name: l.Endonym(), URLs: map[string]string{}}
				for _, s := range listStates {
					row.URLs[s] = listAll("lang", string(l), "state", s)
				}
				d.Progress = append(d.Progress, row)
			}
		}
	}
	if d.Comments, err = a.commentsDue(ctx, p); err != nil {
		return err
	}
	p.D = d
	return a.render(c, http.StatusOK, "dashboard", p)
}

// drafts tells what those who write have begun and what each still lacks, or that it is ready.
func (a *Admin) drafts(c *gin.Context, p *Page, d *dashboardScreen, languages []i18n.Locale) error {
	ctx := c.Request.Context()
	if !p.Actor.CanSomewhere(auth.EditFacts) && !p.Actor.CanSomewhere(auth.Publish) {
		return nil
	}
	rows, _, err := a.content.List(ctx, p.Actor, content.ListQuery{State: content.StateDraft, Limit: 20})
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r content.ListRow) bool { return r.Live }) // a translation alone is a draft
	shown, err := a.listRows(c, p, rows[:min(len(rows), 6)], languages, "")
	if err != nil {
		return err
	}
	for _, r := range shown {
		e, err := a.content.Get(ctx, p.Actor, r.ID)
		if err != nil {
			return err
		}
		x := draftRow{listRow: r}
		x.lacks(a, p, e, func(pr content.Problem) bool { return pr.Blocks })
		if p.Actor.Can(auth.Publish, e.TextObject(e.Original)) {
			x.Schedule = scheduleURL(e)
		}
		d.Drafts = append(d.Drafts, x)
	}
	return nil
}

// lacks counts the problems that matter and links the first of them.
func (x *draftRow) lacks(a *Admin, p *Page, e *content.Entry, matters func(content.Problem) bool) {
	for _, pr := range a.content.CheckPublish(e, []i18n.Locale{e.Original}) {
		if !matters(pr) {
			continue
		}
		if x.Count++; len(x.Problems) < 3 {
			x.Problems = append(x.Problems, Link{p.problem(e.Kind, pr), entryURL(e.Kind, e.ID, pr.Locale) + "#" + pr.Name()})
		}
	}
}

// toTranslate finds what waits in the actor's languages: out of date first, then published entries without words.
func (a *Admin) toTranslate(c *gin.Context, p *Page, d *dashboardScreen) error {
	const limit = 8
	ctx, site := c.Request.Context(), a.settings.Site().Languages
	for _, l := range p.myLocales() {
		if !slices.Contains(site, l) {
			continue
		}
		if d.TransURL == "" {
			d.TransURL = listAll("lang", string(l), "state", string(content.StateOutOfDate))
		}
		for _, q := range []content.ListQuery{{Locale: l, State: content.StateOutOfDate, Limit: limit}, {Locale: l, Missing: true, Live: true, Limit: limit}} {
			rows, _, err := a.content.List(ctx, p.Actor, q)
			if err != nil {
				return err
			}
			shown, err := a.listRows(c, p, rows, site, l)
			if err != nil {
				return err
			}
			for _, r := range shown {
				if len(d.Translate) >= limit {
					return nil
				}
				t := translateRow{listRow: r, To: l, Why: "not_started", URL: r.URL}
				if s, ok := r.Languages[l]; ok {
					t.Why, t.Note = string(s.State), p.N("dashboard.stale_texts", s.Stale)
				}
				d.Translate = append(d.Translate, t)
			}
		}
	}
	return nil
}

// events tells of the next events: their phase, and what still forbids to publish them. Of those and of the past year's
// it collects the promises that are open.
func (a *Admin) events(c *gin.Context, p *Page, d *dashboardScreen) error {
	ctx, now := c.Request.Context(), a.now()
	upcoming, _, err := a.content.List(ctx, p.Actor, content.ListQuery{Kind: kind.EventKind.Name, After: now.Add(-36 * time.Hour), Sort: "date", Limit: 10})
	if err != nil {
		return err
	}
	past, _, err := a.content.List(ctx, p.Actor, content.ListQuery{Kind: kind.EventKind.Name, After: now.AddDate(-1, 0, 0), Before: now, Sort: "-date", Limit: 15})
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, row := range append(upcoming, past...) {
		if seen[row.ID] {
			continue
		}
		seen[row.ID] = true
		e, err := a.content.Get(ctx, p.Actor, row.ID)
		if err != nil {
			return err
		}
		ev, ok := e.Value.(*kind.Event)
		if !ok {
			continue
		}
		title, lang := p.titleOf(row)
		to := entryURL(e.Kind, e.ID, "")
		if over := ev.Over(); !over.Before(now) && len(d.Next) < 6 && !ev.When.Starts().IsZero() {
			phase, _ := ev.Phase(now, kind.Around{})
			if !row.Live {
				phase = "draft"
			}
			n := nextEvent{Title: title, Lang: lang, URL: to, When: p.when(ev.When), Phase: string(phase), Live: row.Live}
			for _, pr := range a.content.CheckPublish(e, []i18n.Locale{e.Original}) {
				if pr.Blocks {
					n.Problems = append(n.Problems, Link{p.problem(e.Kind, pr), entryURL(e.Kind, e.ID, pr.Locale) + "#" + pr.Name()})
				}
			}
			if row.Live && e.MayEdit(p.Actor, content.Facts) {
				due, _, err := a.dutyLinks(ctx, c, p.Actor, e, func(*checklistLine) bool { return true })
				if err != nil {
					return err
				}
				n.Problems = append(n.Problems, due...)
			}
			d.Next = append(d.Next, n)
		} else if row.Live && !over.IsZero() && over.Before(now) && e.MayEdit(p.Actor, content.Facts) && len(d.Drafts) < 10 {
			x := draftRow{listRow: listRow{ListRow: row, Title: title, Lang: lang, URL: to}, Live: true}
			if x.Problems, x.Count, err = a.dutyLinks(ctx, c, p.Actor, e, func(l *checklistLine) bool { return l.Promise == nil }); err != nil {
				return err
			}
			if x.Count > 0 {
				d.Drafts = append(d.Drafts, x)
			}
		}
	}
	d.PromURL = "/admin/promises"
	d.Promises, _, err = a.promiseRows(ctx, p, content.PromiseQuery{State: content.PromiseOpen, Limit: 8})
	return err
}

// when writes an event's time in its own zone, as exactly as it is known.
func (p *Page) when(w content.When) string {
	start, end := w.Starts().In(w.Location()), w.Ends().In(w.Location())
	switch {
	case !w.Known():
		return p.T("dashboard.date_open")
	case w.Precision == content.PrecisionMonth:
		return i18n.MonthYear(p.Locale, start)
	case w.Precision == content.PrecisionDay:
		if w.End == "" {
			return i18n.Date(p.Locale, start)
		}
		return i18n.DateRange(p.Locale, start, w.End.In(w.Location()))
	}
	if w.End == "" {
		end = time.Time{}
	}
	return i18n.When(p.Locale, start, end, w.Zone, true)
}
