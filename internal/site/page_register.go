package site

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/view"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Registering for an event, without an account and without a script. These pages are each reader's own: none is kept.

// registerRoutes are the addresses of forms and of private links.
func (s *Site) registerRoutes() []web.Route {
	const form, own = "/:locale/:section/:a/:b/register", "/:locale/registrations/:token"
	at := func(method, path string, class web.Class, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: web.Public, Class: class, MaxBody: 256 << 10, Handle: handle}
	}
	return []web.Route{
		at(http.MethodGet, form, web.Personal, s.registerForm),
		at(http.MethodPost, form, web.Personal, s.register),
		at(http.MethodGet, form+"/sent", web.Personal, s.registerSent),
		at(http.MethodGet, "/:locale/:section/:a/:b/participants", web.Personal, s.participants),
		at(http.MethodGet, form+"/form.docx", web.Personal, s.registerDocument(docx.Type, ".docx", s.Registration.Blank)),
		at(http.MethodGet, form+"/form.pdf", web.Personal, s.registerDocument(pdfType, ".pdf", s.Registration.PrintPDF)),
		at(http.MethodGet, own, web.Secret, s.ownRegistration),
		at(http.MethodGet, own+"/certificate", web.Secret, s.certificate),
		at(http.MethodGet, own+"/certificate.pdf", web.Secret, s.certificateFile),
		at(http.MethodPost, own, web.Secret, s.changeRegistration),
		at(http.MethodGet, own+"/stop", web.Secret, s.toLetters),
		{Method: http.MethodPost, Path: own + "/stop", Rule: web.Public, Class: web.Secret, MaxBody: 64 << 10, Upload: true, ByMail: true, Handle: s.stopLetters},
	}
}

// registerPage is the form, the page after it, or a private one.
type registerPage struct {
	*base
	Event       named
	When        string
	Kind        string // form, sent, own: what is shown
	Failed      bool
	Notices     []template.HTML
	Problems    []registerProblem
	Form        *registerForm // nil where there is nothing to fill in
	State       status
	Text        string // what the state means
	Answers     []answered
	Held        template.HTML // until when a place is held that is offered
	Again       string        // whether they come all the same: asked, yes; empty: nobody asks
	Accept      bool          // what can be done
	Confirm     bool
	Withdraw    bool
	Return      bool
	Calendar    string
	Pass        *view.Code // to show at the entrance
	Certificate string     // address
	Letters     string     // what is asked about letters after the event: quiet, loud
	Listing     string     // what is asked about the list of participants: list, unlist
	Listed      template.HTML
	Join        action        // empty while one cannot
	JoinNote    template.HTML // when one can
	Secrets     []joinSecret  // what joining takes besides the address
	Private     bool          // they are for this reader alone
	Back        *action
	MailIn      *mailIn
	Survey      string // address of the survey, while there is one to answer
	Mode        *ownMode
	Discuss     string // where one writes on the event’s board
}

// ownMode is how somebody takes part in a hybrid event, and what they can change of it.
type ownMode struct {
	Texts   []string
	Buttons []modeButton
}

type modeButton struct{ Do, Words string }

type registerProblem struct{ Href, Text string }

type answered struct {
	Label  text
	Values []text
}

type registerForm struct {
	Action, Button string
	Stamp          string
	Note           text // of the editors
	Trap           bool
	Questions      []question
}

// question is one field of the form; Kind names the control.
type question struct {
	Name, Kind         string // text, email, long, select, radios, checks, check
	Label, Help        text
	Purpose            text
	Only, Kept         string
	Optional           bool
	Value, Auto, Input string
	Options            []choice
	Bad                string
	OptionalWord       string
}

type choice struct {
	ID, Value string
	Text      text
	Note      string
	On        bool
}

// Explained says whether anything stands below the label.
func (q question) Explained() bool {
	return !q.Help.Empty() || !q.Purpose.Empty() || q.Only != "" || q.Kept != ""
}

// Describes are the ids of what explains a field.
func (q question) Describes() string {
	var ids []string
	if q.Explained() {
		ids = append(ids, "h-"+q.Name)
	}
	if q.Bad != "" {
		ids = append(ids, "e-"+q.Name)
	}
	return strings.Join(ids, " ")
}

// FullTitle says first that something is wrong.
func (p *registerPage) FullTitle() string {
	if p.Failed {
		return p.M("register.error", "Title", p.base.FullTitle())
	}
	return p.base.FullTitle()
}

// openRegistration finds the event of an address.
func (s *Site) openRegistration(c *gin.Context) (*content.Page, *registration.Event, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, err
	}
	ctx := c.Request.Context()
	p, err := s.Content.Live(ctx, l, c.Param("section")+"/"+c.Param("a")+"/"+c.Param("b"))
	if err != nil {
		return nil, nil, err
	}
	e, err := s.Registration.Event(ctx, p.ID)
	return p, e, err
}

// personalBase begins a page of an event that is one reader's own; path is its address below the language.
func (s *Site) personalBase(c *gin.Context, p *content.Page, path string) (*registerPage, error) {
	v, err := s.newEntryPage(c.Request.Context(), p)
	if err != nil {
		return nil, err
	}
	b := v.base
	out := &registerPage{base: b, Event: named{b.Title, b.URL(p.Path)}}
	if e, ok := p.Value.(*kind.Event); ok && e.When.Known() {
		out.When = (&registration.Form{When: e.When}).WhenIn(b.Locale)
	}
	b.Crumbs = append(b.Crumbs, link{out.Event.URL, out.Event.Name})
	b.Title, b.Description, b.NoIndex, b.Canonical, b.Alternates, b.Image = b.message("register.title"), text{}, true, "", nil, nil
	for i := range b.Languages {
		b.Languages[i].URL, b.Languages[i].Missing = address(b.Languages[i].Locale, path), false
	}
	return out, nil
}

func (s *Site) registerForm(c *gin.Context) error { return s.showForm(c, nil, nil) }

// movedForm sends on from an old address.
func (s *Site) movedForm(c *gin.Context, err error) error {
	var moved *content.Moved
	if errors.As(err, &moved) && c.Request.Method == http.MethodGet {
		return s.moved(c, address(web.Locale(c), moved.Path+"/register"))
	}
	return err
}

// showForm draws the form, again with what was typed where something was wrong.
func (s *Site) showForm(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	p, e, err := s.openRegistration(c)
	if err != nil {
		return s.movedForm(c, err)
	}
	ctx := c.Request.Context()
	v, err := s.personalBase(c, p, p.Path+"/register")
	if err != nil {
		return err
	}
	v.Kind = "form"
	now := s.Now()
	f := e.Form
	switch {
	case f.Open(now) && f.MailOnly:
		v.Notices = append(v.Notices, v.html("register.until", "Time", v.moment(f.Closes, f.Zone)))
		if v.MailIn, err = s.mailIn(ctx, v.base, p.Path, e); err != nil {
			return err
		}
		v.MailIn.Text = v.M("register.mail_only", "Mailbox", i18n.Isolate(f.Mailbox))
	case f.Open(now):
		form := &registerForm{Action: c.Request.URL.Path, Button: v.M("register.send"), Trap: true, Note: v.words(f.Intro, e.Original)}
		if form.Stamp, err = s.Registration.Stamp(ctx, e.ID, f.Version(v.base.Locale, e.Original)); err != nil {
			return err
		}
		left, err := s.placesLeft(ctx, e, "")
		if err != nil {
			return err
		}
		switch {
		case left == 0 && !f.Waitlist:
			v.Notices = append(v.Notices, plain(v.M("registration.full")))
			if sent == nil {
				form = nil
			}
		case left == 0:
			v.Notices = append(v.Notices, plain(v.M("register.waiting")))
		case left > 0 && f.ShowPlaces && !f.Hybrid: // else beside each way to take part
			v.Notices = append(v.Notices, plain(v.N("register.left", left)))
		}
		if v.Form = form; form != nil {
			v.Notices = append(v.Notices, v.html("register.until", "Time", v.moment(f.Closes, f.Zone)))
			if _, to := f.Listed(); f.ListMode == registration.ListOfficial && !to.IsZero() {
				v.Notices = append(v.Notices, v.html("participants.official", "Time", template.HTML(escape(v.Date(to)))))
			}
			if f.Mailbox != "" {
				if v.MailIn, err = s.mailIn(ctx, v.base, p.Path, e); err != nil {
					return err
				}
			}
			if form.Questions, err = s.questions(c, v, e, sent, bad, true, true); err != nil {
				return err
			}
		}
	case now.Before(f.Opens):
		v.Notices = append(v.Notices, v.html("event.registration_opens", "Time", v.moment(f.Opens, f.Zone)))
	default:
		v.Notices = append(v.Notices, plain(v.M("registration.closed")))
	}
	v.problems(bad)
	status := http.StatusOK
	if v.Failed {
		status = http.StatusUnprocessableEntity
	}
	return s.sendPage(c, status, "register", v.base, v)
}

// problems lists what is wrong above the form.
func (p *registerPage) problems(bad []registration.Problem) {
	p.Failed = len(bad) > 0
	for _, x := range bad {
		w, href := p.M(x.Key, x.Args...), ""
		if p.Form != nil {
			for _, q := range p.Form.Questions {
				if q.Name == x.Field {
					href = "#" + x.Field
					w = p.M("register.field_problem", "Field", q.Label.Words, "Problem", w)
					if len(q.Options) > 0 {
						href = "#" + q.Options[0].ID
					}
				}
			}
		}
		p.Problems = append(p.Problems, registerProblem{href, w})
	}
}

// sendPage answers with a page that is this reader's own.
func (s *Site) sendPage(c *gin.Context, status int, name string, b *base, data any) error {
	body, err := s.views.Render(name, data)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Content-Language", b.Locale.Tag())
	c.Status(status)
	_, err = c.Writer.Write(body)
	return err
}

// questions are the fields of the form with their values: what was sent, else what is stored.
func (s *Site) questions(c *gin.Context, v *registerPage, e *registration.Event, values url.Values, bad []registration.Problem, mail, category bool) ([]question, error) {
	f, l := e.Form, v.base.Locale
	wrong := map[string]string{}
	for _, p := range bad {
		if wrong[p.Field] == "" {
			wrong[p.Field] = v.M(p.Key, p.Args...)
		}
	}
	var out []question
	add := func(q question) {
		q.Bad = wrong[q.Name]
		if q.Optional {
			q.OptionalWord = v.M("register.optional")
		}
		if q.Value == "" {
			q.Value = values.Get(q.Name)
		}
		for i := range q.Options {
			o := &q.Options[i]
			if o.ID = q.Name + "." + o.Value; i == 0 {
				o.ID = q.Name // where the summary of problems leads
			}
			o.On = slices.Contains(values[q.Name], o.Value)
		}
		out = append(out, q)
	}
	countries := func() []choice {
		codes := i18n.Countries()
		name := func(code string) string { return i18n.CountryName(l, code) }
		i18n.SortBy(l, codes, name)
		all := make([]choice, len(codes))
		for i, code := range codes {
			all[i] = choice{Value: code, Text: text{name(code), l, false}}
		}
		return all
	}
	add(question{Name: registration.FieldName, Kind: "text", Label: v.message("register.name"), Auto: "name"})
	if mail {
		add(question{Name: registration.FieldMail, Kind: "text", Input: "email", Label: v.message("register.mail"), Help: v.message("register.mail_help"), Auto: "email"})
	}
	if offered := f.Offered(); category && len(offered) > 0 {
		q := question{Name: registration.FieldCategory, Kind: "radios", Label: v.message("register.category")}
		for _, x := range offered {
			o := choice{Value: x.ID, Text: v.words(x.Name, e.Original)}
			left, err := s.placesLeft(c.Request.Context(), e, x.ID)
			if err != nil {
				return nil, err
			}
			o.Note = v.placesNote(f, left)
			if mode := f.Fixed(x.ID); mode != "" {
				if o.Note != "" {
					o.Note = " · " + o.Note
				}
				o.Note = v.M("enum.registration_mode."+mode) + o.Note
			}
			q.Options = append(q.Options, o)
		}
		add(q)
	}
	if category && f.AsksMode() {
		q := question{Name: registration.FieldMode, Kind: "radios", Label: v.message("register.mode")}
		for _, m := range registration.Modes {
			left, err := s.Registration.Places(c.Request.Context(), e, "", m)
			if err != nil {
				return nil, err
			}
			q.Options = append(q.Options, choice{Value: m, Text: v.message("enum.registration_mode." + m), Note: v.placesNote(f, left)})
		}
		add(q)
	}
	for _, ask := range []struct{ name, auto string }{{registration.FieldOrganization, "organization"}, {registration.FieldPosition, "organization-title"}, {registration.FieldCountry, "country"}} {
		if !slices.Contains(f.Ask, ask.name) {
			continue
		}
		q := question{Name: ask.name, Kind: "text", Label: v.message("enum.registration_ask." + ask.name), Auto: ask.auto, Optional: !slices.Contains(f.Required, ask.name)}
		if ask.name == registration.FieldCountry {
			q.Kind, q.Options = "select", countries()
		}
		add(q)
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		q := question{Name: registration.QuestionPrefix + x.ID, Kind: "text", Label: v.words(x.Label, e.Original), Help: v.words(x.Help, e.Original),
			Purpose: v.words(x.Purpose, e.Original), Optional: !x.Required}
		if on := f.Before(x); on != nil && x.OnlyIf != "" {
			q.Only = v.onlyIf(on, x.OnlyValue, e.Original)
		}
		if x.Retention > 0 {
			q.Kept = v.N("register.kept", x.Retention)
		}
		switch x.Type {
		case registration.Long:
			q.Kind = "long"
		case registration.Choice, registration.Choices:
			q.Kind = "radios"
			if x.Type == registration.Choices {
				q.Kind = "checks"
			}
			for _, o := range x.Options {
				q.Options = append(q.Options, choice{Value: o.ID, Text: v.words(o.Label, e.Original)})
			}
			if x.Type == registration.Choice && len(q.Options) > 8 {
				q.Kind = "select"
			}
		case registration.YesNo:
			q.Kind = "radios"
			q.Options = []choice{{Value: "yes", Text: v.message("registration.yes")}, {Value: "no", Text: v.message("registration.no")}}
		case registration.Country:
			q.Kind, q.Options = "select", countries()
		case registration.Date:
			q.Input = "date"
		}
		add(q)
	}
	for _, x := range f.Consents {
		add(question{Name: registration.ConsentPrefix + x.ID, Kind: "check", Label: v.words(x.Text, e.Original), Optional: !x.Required, Options: []choice{{Value: "1"}}})
	}
	return out, nil
}

// placesNote says how many places are left, where that is something to know.
func (p *registerPage) placesNote(f *registration.Form, left int) string {
	switch {
	case left == 0 && f.Waitlist:
		return p.M("register.category_waiting")
	case left == 0:
		return p.M("registration.full")
	case left > 0 && f.ShowPlaces:
		return p.N("register.category_left", left)
	}
	return ""
}

// placesLeft are the places left for a category, of a hybrid event in the mode that has more; less than 0: no limit.
func (s *Site) placesLeft(ctx context.Context, e *registration.Event, category string) (int, error) {
	if fixed := e.Form.Fixed(category); fixed != "" || !e.Form.Hybrid {
		return s.Registration.Places(ctx, e, category, fixed)
	}
	most := 0
	for _, m := range registration.Modes {
		left, err := s.Registration.Places(ctx, e, category, m)
		if err != nil || left < 0 {
			return left, err
		}
		most = max(most, left)
	}
	return most, nil
}

// ownMode shows how somebody takes part in a hybrid event, with what can be done about it.
func (s *Site) ownMode(ctx context.Context, v *registerPage, r *registration.Registration, e *registration.Event) error {
	f, now := e.Form, s.Now()
	is := f.Takes(r.Mode)
	if is == "" || r.State == registration.Unverified || !r.State.TakesPart() && r.State != registration.Pending && r.State != registration.Waitlisted && r.State != registration.Offered {
		return nil
	}
	m := &ownMode{Texts: []string{v.M("register.mode_is." + is)}}
	press := func(do, key string) { m.Buttons = append(m.Buttons, modeButton{do, v.M("register." + key)}) }
	to := registration.Online
	if is == registration.Online {
		to = registration.InPerson
	}
	switch {
	case f.Fixed(r.Category) != "" || f.Over(now):
	case r.State == registration.Confirmed && r.Wish == to:
		m.Texts[0] = v.M("register.mode_waits." + to)
		press("to_"+is, "mode_stay."+is)
	case f.MaySwitch(r.State, to, now):
		left, err := s.Registration.Places(ctx, e, "", to)
		if err != nil {
			return err
		}
		switch {
		case left == 0 && r.State == registration.Confirmed && f.Waitlist:
			m.Texts = append(m.Texts, v.M("register.mode_full."+to))
			press("to_"+to, "mode_wait."+to)
		case left == 0 && r.State != registration.Pending:
		case r.State == registration.Waitlisted:
			press("to_"+to, "mode_meanwhile."+to)
		default:
			press("to_"+to, "mode_to."+to)
		}
	}
	if is == registration.InPerson && r.State == registration.Confirmed && !f.Over(now) {
		switch {
		case r.AlsoOnline:
			m.Texts = append(m.Texts, v.M("register.also_is"))
			press("room_only", "also_not")
		case f.OnlineCapacity == 0 && r.Mode != "":
			press("also_online", "also")
		}
	}
	v.Mode = m
	return nil
}

// onlyIf says to whom a question is put.
func (p *registerPage) onlyIf(on *registration.Field, value string, original i18n.Locale) string {
	words := func(line content.Line) string {
		w := p.words(line, original)
		if w.Other {
			return i18n.Isolate(w.Words)
		}
		return w.Words
	}
	label := words(on.Label)
	switch o := on.Option(value); {
	case value == "":
		return p.M("register.only_if_any", "Question", label)
	case on.Type == registration.YesNo:
		value = p.M("registration." + value)
	case o != nil:
		value = words(o.Label)
	}
	return p.M("register.only_if", "Question", label, "Answer", value)
}

// trap is a field that people do not see and machines fill in.
const trap = "website"

func (s *Site) submission(c *gin.Context, form url.Values) registration.Submission {
	return registration.Submission{Locale: web.Locale(c), Stamp: form.Get("stamp"), From: web.ClientIP(c), Values: form}
}

// register takes the form.
func (s *Site) register(c *gin.Context) error {
	p, e, err := s.openRegistration(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	sent := address(web.Locale(c), p.Path+"/register/sent")
	if form.Get(trap) != "" {
		return web.Redirect(c, sent)
	}
	err = s.Registration.Register(c.Request.Context(), e.ID, s.submission(c, form))
	var bad *registration.Invalid
	var slow *auth.ThrottledError
	switch {
	case errors.As(err, &bad):
		return s.showForm(c, form, bad.Problems)
	case errors.As(err, &slow):
		return s.showForm(c, form, []registration.Problem{{Key: "registration.throttled"}})
	case err != nil:
		return err
	}
	return web.Redirect(c, sent)
}

// registerSent says that a letter is on its way. It is the same for everybody who comes here.
func (s *Site) registerSent(c *gin.Context) error {
	p, _, err := s.openRegistration(c)
	if err != nil {
		return err
	}
	v, err := s.personalBase(c, p, p.Path+"/register/sent")
	if err != nil {
		return err
	}
	v.Kind, v.base.Title = "sent", v.message("register.sent")
	return s.sendPage(c, http.StatusOK, "register", v.base, v)
}

func (s *Site) ownRegistration(c *gin.Context) error { return s.showOwn(c, nil, nil) }

// showOwn is the page behind the private link.
func (s *Site) showOwn(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	r, e, p, err := s.own(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	v, err := s.personalBase(c, p, "registrations/"+c.Param("token"))
	if err != nil {
		return err
	}
	v.Kind, v.base.Title = "own", v.message("register.own")
	now := s.Now()
	over := e.Form.Over(now)
	v.State = status{Label: v.M("enum.registration_state." + string(r.State)), Tone: registrationTones[r.State]}
	v.Text = v.M("register.state." + string(r.State))
	v.Confirm = r.State == registration.Unverified && !over
	v.Withdraw = slices.Contains([]registration.State{registration.Pending, registration.Confirmed, registration.Offered, registration.Waitlisted}, r.State) && !over
	if v.Accept = r.State == registration.Offered && !over; v.Accept {
		until := e.Form.HeldUntil(r)
		key := "register.held_until"
		if !now.Before(until) {
			key = "register.held_late"
		}
		v.Held = v.html(key, "Time", v.moment(until, e.Form.Zone))
	}
	if r.State == registration.Confirmed && !over {
		v.Again = r.Again
	}
	v.Return = r.State == registration.Withdrawn && now.Before(e.Form.Closes)
	if r.State == registration.Confirmed && !over {
		v.Calendar = v.URL(p.Path + ".ics")
		pass, err := s.Registration.Pass(ctx, r)
		if err != nil {
			return err
		}
		if v.Pass, err = view.NewCode(s.BaseURL + "/admin/check-in/" + pass); err != nil {
			return err
		}
	}
	if is, asked := e.Form.Agrees(r); asked && (v.Withdraw || r.State == registration.Attended || r.State == registration.Confirmed) {
		if _, to := e.Form.Listed(); now.Before(to) {
			v.Listing, v.Listed = "list", plain(v.M("participants.off"))
			if is {
				v.Listing, v.Listed = "unlist", v.html("participants.on", "Time", template.HTML(escape(v.Date(to))))
			}
		}
	}
	if r.Quiet {
		v.Letters = "loud"
	} else if over && r.Mail != "" && r.State.TakesPart() {
		v.Letters = "quiet"
	}
	if r.State == registration.Attended {
		v.Certificate = address(r.Locale, "registrations/"+c.Param("token")+"/certificate")
	}
	if err := s.ownJoin(ctx, v, r, e, c.Param("token")); err != nil {
		return err
	}
	if err := s.ownMode(ctx, v, r, e); err != nil {
		return err
	}
	if v.Survey, err = s.surveyLink(c, p.Locale); err != nil {
		return err
	}
	if r.State.TakesPart() {
		if _, err := s.Discussion.Event(ctx, e.ID); err == nil {
			v.Discuss = c.Request.URL.Path + "/discussion"
		}
	}
	v.answers(r, e)
	if editable := r.State != registration.Declined && r.State != registration.Withdrawn && e.Form.Editable(now); editable {
		form := &registerForm{Action: c.Request.URL.Path, Button: v.M("register.save")}
		if form.Stamp, err = s.Registration.Stamp(ctx, e.ID, e.Form.Version(p.Locale, e.Original)); err != nil {
			return err
		}
		if sent == nil {
			sent = r.Values()
			for _, x := range e.Form.Consents { // who agreed to other words has not agreed to these
				if g := r.Consents[x.ID]; x.Text.In(g.Lang) != g.Text {
					delete(sent, registration.ConsentPrefix+x.ID)
				}
			}
		}
		if form.Questions, err = s.questions(c, v, e, sent, bad, false, r.State == registration.Unverified); err != nil {
			return err
		}
		v.Form = form
		if !e.Form.EditUntil.IsZero() {
			v.Notices = append(v.Notices, v.html("register.edit_until", "Time", v.moment(e.Form.EditUntil, e.Form.Zone)))
		}
	}
	v.problems(bad)
	code := http.StatusOK
	if v.Failed {
		code = http.StatusUnprocessableEntity
	}
	return s.sendPage(c, code, "register", v.base, v)
}

var registrationTones = map[registration.State]string{registration.Unverified: "warn", registration.Pending: "info", registration.Confirmed: "ok", registration.Offered: "info",
	registration.Waitlisted: "warn", registration.Declined: "bad", registration.Withdrawn: "quiet", registration.Attended: "ok", registration.Absent: "quiet"}

// answers lists what was given, for reading.
func (p *registerPage) answers(r *registration.Registration, e *registration.Event) {
	l := p.base.Locale
	mine := func(words string) []text { return []text{{words, l, false}} }
	add := func(label text, values []text) {
		if len(values) > 0 && !values[0].Empty() {
			p.Answers = append(p.Answers, answered{label, values})
		}
	}
	add(p.message("register.name"), mine(r.Name))
	add(p.message("register.mail"), mine(r.Mail))
	if c := e.Form.Category(r.Category); c != nil {
		add(p.message("register.category"), []text{p.words(c.Name, e.Original)})
	}
	if mode := e.Form.Takes(r.Mode); mode != "" && r.Mode != "" {
		add(p.message("register.mode_title"), mine(p.M("enum.registration_mode."+mode)))
	}
	add(p.message("enum.registration_ask.organization"), mine(r.Organization))
	add(p.message("enum.registration_ask.position"), mine(r.Position))
	if r.Country != "" {
		add(p.message("enum.registration_ask.country"), mine(i18n.CountryName(l, r.Country)))
	}
	for i := range e.Form.Fields {
		x := &e.Form.Fields[i]
		var values []text
		for _, w := range r.Answers[x.ID].Values {
			if o := x.Option(w); o != nil && (x.Type == registration.Choice || x.Type == registration.Choices) {
				values = append(values, p.words(o.Label, e.Original))
				continue
			}
			if t, err := time.Parse(time.DateOnly, w); err == nil && x.Type == registration.Date {
				w = p.Date(t)
			}
			values = append(values, text{x.Words(w, l, e.Original, func(key string) string { return p.M(key) }), l, false})
		}
		add(p.words(x.Label, e.Original), values)
	}
	for _, c := range e.Form.Consents {
		if g, ok := r.Consents[c.ID]; ok {
			add(text{g.Text, g.Lang, g.Lang != l}, mine(p.M("registration.yes")))
		}
	}
}

// eraseOwn deletes what is behind the private link, which works no longer: this page says so.
func (s *Site) eraseOwn(c *gin.Context, sure bool) error {
	_, _, p, err := s.own(c)
	if err != nil {
		return err
	}
	if !sure {
		return s.showOwn(c, nil, []registration.Problem{{Key: "registration.erase_sure"}})
	}
	if err := s.Registration.EraseOwn(c.Request.Context(), c.Param("token")); err != nil {
		return err
	}
	s.Content.Changed()
	v, err := s.personalBase(c, p, "registrations/"+c.Param("token"))
	if err != nil {
		return err
	}
	v.Kind, v.base.Title = "erased", v.message("register.erased")
	return s.sendPage(c, http.StatusOK, "register", v.base, v)
}

func (s *Site) changeRegistration(c *gin.Context) error {
	var sent url.Values
	list := func(on bool) func(context.Context, string) error {
		return func(ctx context.Context, token string) error { return s.Registration.SetListed(ctx, token, on) }
	}
	show := func(c *gin.Context, bad []registration.Problem) error { return s.showOwn(c, sent, bad) }
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get("do") == "erase" {
		return s.eraseOwn(c, form.Get("sure") != "")
	}
	mode := func(to string) func(context.Context, string) error {
		return func(ctx context.Context, token string) error { return s.Registration.Switch(ctx, token, to) }
	}
	also := func(on bool) func(context.Context, string) error {
		return func(ctx context.Context, token string) error { return s.Registration.AlsoOnline(ctx, token, on) }
	}
	quiet := func(on bool) func(context.Context, string) error {
		return func(ctx context.Context, token string) error { return s.Registration.SetQuiet(ctx, token, on) }
	}
	return s.press(c, show, buttons{"quiet": quiet(true), "loud": quiet(false), "confirm": s.Registration.Confirm, "accept": s.Registration.Accept, "comes": s.Registration.StillComes, "withdraw": s.Registration.Withdraw,
		"to_in_person": mode(registration.InPerson), "to_online": mode(registration.Online), "also_online": also(true), "room_only": also(false), "return": s.Registration.Return, "list": list(true), "unlist": list(false),
		"save": func(ctx context.Context, token string) error {
			sent, _ = web.Form(c) // read, or nothing were pressed
			return s.Registration.Change(ctx, token, s.submission(c, sent))
		}})
}

// toLetters leads whoever follows the link in a letter to the button: programs follow links too.
func (s *Site) toLetters(c *gin.Context) error {
	if _, err := s.locale(c); err != nil {
		return err
	}
	return web.Redirect(c, address(web.Locale(c), "registrations/"+c.Param("token"))+"#letters")
}

// stopLetters is the press of the button of a letter about what follows the event, on the page or in a mail program.
func (s *Site) stopLetters(c *gin.Context) error {
	return s.stop(c, "registrations/", func(ctx context.Context, token string) error { return s.Registration.SetQuiet(ctx, token, true) })
}

// stop does what a button that stops letters asks for. RFC 8058 wants an answer to mail programs that leads nowhere; people see
// the page below path that the token opens.
func (s *Site) stop(c *gin.Context, path string, do func(ctx context.Context, token string) error) error {
	if _, err := s.locale(c); err != nil {
		return err
	}
	token := c.Param("token")
	if err := do(c.Request.Context(), token); err != nil {
		return err
	}
	if c.GetHeader("Sec-Fetch-Site") == "" && c.GetHeader("Origin") == "" { // a mail program, which reads nothing
		c.Status(http.StatusNoContent)
		return nil
	}
	return web.Redirect(c, address(web.Locale(c), path+token))
}

// buttons are what can be pressed on a private page; each does its work for the link's token.
type buttons map[string]func(ctx context.Context, token string) error

// press does what a button of a private page says, and shows the page again with what was wrong. Mail programs follow links,
// so links do nothing there.
func (s *Site) press(c *gin.Context, show func(*gin.Context, []registration.Problem) error, all buttons) error {
	if _, err := s.locale(c); err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	do := all[form.Get("do")]
	if do == nil {
		return web.Fail(http.StatusBadRequest, "error.query")
	}
	err = do(c.Request.Context(), c.Param("token"))
	if bad, is := refusal(err); is {
		return show(c, bad)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, c.Request.URL.Path)
}
