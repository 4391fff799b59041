package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// messageRoutes are the addresses of an event's messages.
func (a *Admin) messageRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		if _, ok := k.New().(registration.Registering); !ok {
			continue
		}
		at := func(method, path string, rule web.Rule, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/messages" + path, Rule: rule, Class: web.Personal,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, "", web.Needs(auth.ReadRegistrants), a.messages)
		at(http.MethodGet, "/:message", web.Needs(auth.ReadRegistrants), a.message)
		at(http.MethodPost, "/:message", web.Needs(auth.SendMessages), a.doMessage)
	}
	return routes
}

func messagesURL(k *content.Kind, id string) string { return listURL(k) + "/" + id + "/messages" }

// messagesScreen is an event's plan of messages, and what has gone out.
type messagesScreen struct {
	*registration.MessagePlan
	Lines   []messageLine
	Log     []messageSent
	Zone    string
	Edit    string
	Off     bool
	None    bool // nobody registers here
	LookURL string
}

// messageLine is a line of the plan in words.
type messageLine struct {
	registration.MessageLine
	URL, Name, Detail, When, Whom, Tone string
	At                                  time.Time
}

type messageSent struct {
	registration.MessageSent
	Name, Began, Tone string
}

var messageTones = map[registration.MessageState]string{registration.Planned: "", registration.OnHold: "rev", registration.Running: "pri", registration.Told: "ok",
	registration.Missed: "warn", registration.Dropped: ""}

// zoned tells a moment on the clock of an event.
func (p *Page) zoned(t time.Time, zone *time.Location) string {
	return i18n.DateTime(p.Locale, t.In(zone))
}

// line puts a line of the plan into words.
func (p *Page) messageLine(about registration.About, l registration.MessageLine, base string) messageLine {
	x := messageLine{MessageLine: l, URL: base + "/" + l.ID, Name: p.T("enum.message." + l.Kind), Tone: messageTones[l.State], At: l.Due}
	subject, _ := l.Subject.Pick(p.Locale, about.Original)
	x.Detail = subject
	if n := about.Form.Notice(l.ID); n != nil {
		x.Detail = n.Words(p.a.cat, p.Locale)
	}
	switch {
	case l.Timed() == "" && p.Has("messages.at."+l.Kind):
		x.When = p.T("messages.at." + l.Kind)
	case l.Due.IsZero():
		x.When = p.T("messages.at.unknown")
	default:
		x.When = p.zoned(l.Due, about.Form.When.Location())
	}
	var states []string
	for _, st := range l.Whom() {
		states = append(states, p.T("enum.message_to."+string(st)))
	}
	x.Whom = p.List(states)
	if l.Only != "" {
		name := l.Only
		if i := slices.IndexFunc(about.Form.Categories, func(c registration.Category) bool { return c.Key == l.Only }); i >= 0 {
			name, _ = about.Form.Categories[i].Name.Pick(p.Locale, about.Original)
		}
		x.Whom += " · " + p.T("messages.only", "Name", i18n.Isolate(name))
	}
	if mode := l.In(about.Form); mode != "" {
		x.Whom += " · " + p.T("enum.registration_mode."+mode)
	}
	return x
}

func (a *Admin) messages(k *content.Kind, c *gin.Context) error {
	plan, err := a.registration.Messages(c.Request.Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "messages.title")
	if err != nil {
		return err
	}
	form := plan.Form
	zone := form.When.Location()
	d := messagesScreen{MessagePlan: plan, Edit: entryURL(k, c.Param("id"), "") + "#registration.messages", Off: form.Off, None: form.Title == nil}
	d.Zone = p.T("page.zone", "City", i18n.ZoneCity(p.Locale, zone.String()), "Offset", i18n.Offset(at(form.When.Starts(), a.now()).In(zone)))
	for _, l := range plan.Lines {
		x := p.messageLine(plan.About, l, messagesURL(k, c.Param("id")))
		if plan.Untold != "" && slices.Contains(l.Ops, registration.SendNow) && (l.Kind == registration.Changed || l.Kind == registration.Cancelled) {
			d.LookURL = x.URL
		}
		d.Lines = append(d.Lines, x)
	}
	for _, l := range plan.Log {
		x := messageSent{MessageSent: l, Name: p.T("enum.message." + l.Kind), Began: p.zoned(l.Started, zone), Tone: messageTones[l.State]}
		if key := "change." + l.About; l.Kind == registration.Changed && p.Has(key) {
			x.Name += ": " + p.T(key)
		}
		if l.Kind == registration.OnTheDay {
			x.Name += ": " + p.T("enum.day_notice."+l.About)
		}
		d.Log = append(d.Log, x)
	}
	p.D = d
	return a.render(c, http.StatusOK, "messages", p)
}

// at is a moment, or another where it is not known.
func at(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}

// messageScreen is one message as somebody gets it.
type messageScreen struct {
	*registration.MessagePreview
	Path, Back, Name, When, Got string
	Tone                        string
	Filter                      *Form
	People, Tongues             []Choice
}

func (a *Admin) message(k *content.Kind, c *gin.Context) error {
	f := newForm()
	for name, vs := range c.Request.URL.Query() {
		if name != "lang" && name != "to" || len(vs) > 1 || utf8.RuneCountInString(vs[0]) > 60 {
			return errQuery()
		}
		f.Values.Set(name, vs[0])
	}
	l := web.Locale(c)
	if v := f.Get("lang"); v != "" {
		var ok bool
		if l, ok = i18n.Parse(v); !ok {
			return errQuery()
		}
	}
	v, err := a.registration.MessagePreview(c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("message"), f.Get("to"), l)
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "messages.title")
	if err != nil {
		return err
	}
	back := messagesURL(k, c.Param("id"))
	p.Crumbs = append(p.Crumbs, Link{p.Title, back})
	p.Layout = "one narrow"
	line := p.messageLine(v.About, v.MessageLine, back)
	d := messageScreen{MessagePreview: v, Path: line.URL, Back: back, Name: line.Name, When: line.When, Tone: line.Tone, Filter: f}
	p.Title = p.T("messages.preview_of", "Name", line.Name)
	f.Values.Set("lang", string(v.Locale))
	for _, r := range v.People {
		d.People = append(d.People, Choice{Value: r.ID, Text: r.Name + " – " + r.Locale.Endonym()})
	}
	d.Tongues = p.LocaleChoices(i18n.All)
	if !v.Got.IsZero() {
		d.Got = p.zoned(v.Got, v.Form.When.Location())
	}
	p.D = d
	return a.render(c, http.StatusOK, "message", p)
}

func (a *Admin) doMessage(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	op := registration.MessageOp(form.Get("op"))
	if !slices.Contains(registration.MessageOps, op) {
		return badOp()
	}
	n, err := a.registration.MessageDo(c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("message"), op)
	var refused *registration.Invalid
	switch {
	case errors.As(err, &refused):
		flash(c, "warning", refused.Problems[0].Key)
	case err != nil:
		return err
	default:
		flash(c, "success", "messages.done_"+string(op), "Count", i18n.Number(web.Locale(c), n))
	}
	return web.Redirect(c, messagesURL(k, url.PathEscape(c.Param("id"))))
}
