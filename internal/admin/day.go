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

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// dayScreen is the page on which an organiser tells, with a phone in one hand, of what changes on the day: each in one press,
// which changes the facts, shows it to readers and writes to those who come.
type dayScreen struct {
	*entryForm
	Form       *Form
	Path, Back string
	Undo       string // where the latest is taken back
	WhyNot     string // nothing can be told; the reason
	Kinds      []string
	Halls      []Choice
	Into       []Choice // languages of the interpretation
	Now        string   // the event's clock
	Shown      []dayTold
	Along      []string // what waits already, and is published with it
	Reached    int
	Tell       bool
	Notice     string // id of the notice that the next press makes: the same press again makes no other
	Notices    []Notice
	Problems   []problemLink

	event *kind.Event
}

// dayTold is what readers are shown.
type dayTold struct{ At, Words, ISO string }

// latest is how late something can be said to start: what is later is a move.
const latest = 240

func dayURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/day" }

// dayMark names the change of the facts that a notice makes, for history.
func dayMark(what string) string { return "day_" + what }

func (a *Admin) dayPage(k *content.Kind, c *gin.Context) error {
	d, err := a.dayScreen(k, c, newForm("minutes", "15"))
	if err != nil {
		return err
	}
	d.Tell, d.Notice = true, content.NewItemID()
	d.setBases(d.Entry.Versions)
	return a.showDay(c, d, http.StatusOK)
}

func (a *Admin) dayScreen(k *content.Kind, c *gin.Context, form *Form) (*dayScreen, error) {
	who, e, ev, err := a.loadEvent(k, c)
	if err != nil {
		return nil, err
	}
	d := &dayScreen{entryForm: a.openForm(c, who, k, e, e.Original), Form: form, Path: dayURL(e), Back: entryURL(k, e.ID, ""), event: ev}
	now := a.now()
	switch {
	case e.Path == "":
		d.WhyNot = d.T("change.not.live")
	case !ev.OnTheDay(now):
		d.WhyNot = d.T("day.not_now")
	case !who.Can(auth.Publish, e.Object()):
		d.WhyNot = d.T("day.not_you")
	default:
		d.Kinds = ev.DayTells()
	}
	for _, v := range ev.Halls() {
		name, _ := v.Name.Pick(d.Locale, e.Original)
		if room, _ := v.Room.Pick(d.Locale, e.Original); room != "" {
			name = d.T("day.hall", "Venue", i18n.Isolate(name), "Room", i18n.Isolate(room))
		}
		d.Halls = append(d.Halls, Choice{Value: v.ID, Text: name})
	}
	for _, x := range ev.Interpretation {
		if !slices.ContainsFunc(d.Into, func(o Choice) bool { return o.Value == x.Language }) {
			d.Into = append(d.Into, Choice{Value: x.Language, Text: i18n.LanguageName(d.Locale, x.Language)})
		}
	}
	zone := ev.When.Location()
	d.Now = i18n.Clock(d.Locale, now.In(zone))
	shown, _ := ev.Notified(now)
	for _, n := range shown {
		at := n.At.Time().In(zone)
		d.Shown = append(d.Shown, dayTold{i18n.DateTime(d.Locale, at), n.Words(d.cat, d.Locale), at.Format("2006-01-02T15:04:05Z07:00")})
	}
	return d, nil
}

func (a *Admin) showDay(c *gin.Context, d *dayScreen, status int) error {
	ctx := c.Request.Context()
	if d.WhyNot == "" {
		var err error
		if d.Reached, err = a.registration.Reached(ctx, d.Entry.ID); err != nil {
			return err
		}
		if d.Along, err = a.goesAlong(ctx, d.entryForm, nil); err != nil {
			return err
		}
	}
	m, err := a.content.LastMarked(ctx, d.Entry)
	if err != nil {
		return err
	}
	if m != nil && strings.HasPrefix(m.Mark, dayMark("")) {
		d.Undo = changeURL(d.Entry, undoing)
	}
	p := a.page(c, "day.title")
	p.inKind(d.Kind, Link{entryTitle(d.tongue, d.Entry), d.Back})
	p.Title, p.Layout, p.Here, p.Path, p.D = p.T("change.title", "What", p.T("day.title"), "Title", d.isolate(entryTitle(d.tongue, d.Entry))), "one narrow", p.T("day.title"), d.Path, d
	p.Failed = len(d.Problems) > 0
	return a.render(c, status, "day", p)
}

// tellDay makes one change: facts, page and letters, all or none.
func (a *Admin) tellDay(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	d, err := a.dayScreen(k, c, &Form{Values: v, Bad: map[string]string{}})
	if err != nil {
		return err
	}
	what := v.Get("op")
	if !slices.Contains(kind.DayKinds, what) {
		return badOp()
	}
	d.Notice, d.Tell = v.Get("notice"), v.Has("tell")
	if !content.ValidItemID(d.Notice) {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	if slices.ContainsFunc(d.event.Notices, func(n kind.DayNotice) bool { return n.ID == d.Notice }) {
		return web.Redirect(c, d.Path) // pressed twice
	}
	for name, vs := range v {
		if strings.HasPrefix(name, "base:") {
			d.Values[name] = vs
		}
	}
	if d.WhyNot != "" || !slices.Contains(d.Kinds, what) {
		return a.showDay(c, d, http.StatusConflict)
	}
	change, publish := a.dayChange(d, what, v)
	if len(d.Form.Bad) > 0 || len(d.Problems) > 0 {
		return a.showDay(c, d, http.StatusUnprocessableEntity)
	}
	if err := a.saveDay(ctx, d, change, publish); err != nil {
		var invalid *content.Invalid
		var moved *content.Conflicted
		switch {
		case errors.As(err, &invalid):
			d.dayProblems(what, invalid.Problems)
			return a.showDay(c, d, http.StatusUnprocessableEntity)
		case errors.As(err, &moved):
			d.Notices = append(d.Notices, Notice{"warning", d.T("day.stale")})
			d.setBases(d.Entry.Versions)
			return a.showDay(c, d, http.StatusConflict)
		}
		return err
	}
	flash(c, "success", "day.done")
	return web.Redirect(c, d.Path)
}

func (a *Admin) saveDay(ctx context.Context, d *dayScreen, change content.Change, publish content.PublishChange) error {
	if d.Tell {
		ctx = registration.Telling(ctx, d.Entry.ID, registration.TellsNotice(d.Notice))
	}
	_, err := a.content.SaveAndPublish(ctx, d.who, change, publish)
	return err
}

// dayChange reads what was typed, and makes of it the notice and the facts that change with it. What is wrong is put on the
// page.
func (a *Admin) dayChange(d *dayScreen, what string, v url.Values) (content.Change, content.PublishChange) {
	e, now := d.Entry, a.now()
	c := content.Change{ID: e.ID, Kind: d.Kind, Base: d.readBases(), Set: content.Parts{}, Mark: dayMark(what)}
	publish := content.PublishChange{ID: e.ID, Facts: true}
	facts := content.Leaves{}
	zone := d.event.When.Location()
	item := "notices." + d.Notice + "."
	facts.Set(item+"kind", what)
	facts.Set(item+"at", content.Moment{At: content.LocalTime(now.In(zone).Format("2006-01-02T15:04")), Zone: d.event.When.Zone})
	switch what {
	case kind.DayLate:
		minutes, err := strconv.Atoi(strings.TrimSpace(i18n.Fold(d.Locale, v.Get("minutes"))))
		if err != nil || minutes < 1 || minutes > latest {
			d.bad("minutes", "day.bad_minutes", "day.minutes")
			break
		}
		set, was, will, problems := d.event.Late(e.Parts[content.Facts], minutes, now)
		d.dayProblems(what, problems)
		for path, raw := range set {
			facts[path] = raw
		}
		if will.At != "" {
			facts.Set(item+"was", was)
			facts.Set(item+"now", will)
		}
	case kind.DayLink:
		to := strings.TrimSpace(v.Get("url"))
		if to == "" {
			d.bad("url", "problem.required", "day.url")
			break
		}
		facts.Set("join.url", to)
		if pass := strings.TrimSpace(v.Get("passcode")); pass != "" {
			facts.Set("join.passcode", pass)
		}
	case kind.DayRoom:
		room := i18n.StripControls(v.Get("room"))
		hall := v.Get("hall")
		if len(d.Halls) == 1 {
			hall = d.Halls[0].Value
		}
		if !slices.ContainsFunc(d.Halls, func(h Choice) bool { return h.Value == hall }) {
			d.bad("hall", "problem.required", "day.hall_label")
		}
		if room == "" {
			d.bad("room", "problem.required", "day.room")
		}
		if len(d.Form.Bad) > 0 {
			break
		}
		facts.Set(item+"room", room)
		// The page says so too. In other languages the old room goes, for it would mislead, and this one is shown.
		path := "venues." + hall + ".room"
		c.Empties = []string{path}
		for _, l := range i18n.All {
			part := content.Part(l)
			if l == e.Original {
				c.Set[part] = content.Leaves{}
				c.Set[part].SetText(path, content.Text{Words: room})
			} else if e.Parts[part].Text(path).Words != "" {
				c.Set[part] = content.Leaves{path: nil}
			}
			if len(c.Set[part]) > 0 && e.Live[part] > 0 && d.who.Can(auth.Publish, e.TextObject(l)) {
				publish.Locales = append(publish.Locales, l)
			}
		}
	case kind.DayInterpretation:
		var into []string
		for _, x := range d.Into {
			if slices.Contains(v["into"], x.Value) {
				into = append(into, x.Value)
			}
		}
		if len(into) == 0 {
			d.bad("into", "problem.required", "day.into")
			break
		}
		facts.Set(item+"languages", into)
	}
	ids := []string{}
	for _, n := range d.event.Notices {
		ids = append(ids, n.ID)
	}
	facts.Set("notices", append(ids, d.Notice))
	c.Set[content.Facts] = facts
	return c, publish
}

// bad says that a field of the page is wrong, beside it and at the top.
func (d *dayScreen) bad(name, key, label string) {
	d.Form.Bad[name] = key
	d.Problems = append(d.Problems, problemLink{Href: template.URL("#" + name), Text: d.T("form.problem_at", "Field", d.T(label), "Problem", d.T(key))})
}

// dayProblems puts what is wrong with the facts beside the field it was typed into, or at the top with a link to the form.
func (d *dayScreen) dayProblems(what string, problems []content.Problem) {
	field := map[string]string{kind.DayLate: "minutes", kind.DayLink: "url", kind.DayRoom: "room", kind.DayInterpretation: "into"}[what]
	for _, x := range d.links(problems, d.Back) {
		d.Problems = append(d.Problems, x)
	}
	for _, x := range problems {
		if strings.HasPrefix(x.Path, "join.url") || strings.HasSuffix(x.Path, ".room") {
			d.Form.Bad[field] = x.Key
		}
	}
}
