package site

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// The survey after an event: behind the private link of a registration, or at an address of the event's. Each reader's own
// like the form to register, whose page it shares.

// surveyRoutes are the addresses of surveys.
func (s *Site) surveyRoutes() []web.Route {
	const public, own = "/:locale/:section/:a/:b/survey", "/:locale/registrations/:token/survey"
	at := func(method, path string, class web.Class, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: web.Public, Class: class, MaxBody: 256 << 10, Handle: handle}
	}
	return []web.Route{
		at(http.MethodGet, public, web.Personal, s.survey),
		at(http.MethodPost, public, web.Personal, s.answerSurvey),
		at(http.MethodGet, public+"/sent", web.Personal, s.surveySent),
		at(http.MethodGet, own, web.Secret, s.ownSurvey),
		at(http.MethodPost, own, web.Secret, s.answerOwnSurvey),
	}
}

// openSurvey finds the survey of an event's address.
func (s *Site) openSurvey(c *gin.Context) (*content.Page, *registration.SurveyEvent, error) {
	l, err := s.locale(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Content.Live(c.Request.Context(), l, c.Param("section")+"/"+c.Param("a")+"/"+c.Param("b"))
	if err != nil {
		return nil, nil, err
	}
	e, err := s.Registration.Survey(c.Request.Context(), p.ID)
	return p, e, err
}

// surveyBase begins a page of a survey; path is its own below the language.
func (s *Site) surveyBase(c *gin.Context, p *content.Page, path string) (*registerPage, error) {
	v, err := s.personalBase(c, p, path)
	if err == nil {
		v.base.Title, v.Kind = v.message("asked.title"), "survey"
	}
	return v, err
}

func (s *Site) survey(c *gin.Context) error { return s.showSurvey(c, nil, nil) }

func (s *Site) showSurvey(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	p, e, err := s.openSurvey(c)
	if err != nil {
		var moved *content.Moved
		if errors.As(err, &moved) && c.Request.Method == http.MethodGet {
			return s.moved(c, address(web.Locale(c), moved.Path+"/survey"))
		}
		return err
	}
	v, err := s.surveyBase(c, p, p.Path+"/survey")
	if err != nil {
		return err
	}
	if e.Form.Link != registration.SurveyOpenLink {
		v.Text = v.M("asked.private")
		return s.sendPage(c, http.StatusOK, "register", v.base, v)
	}
	return s.sendSurvey(c, v, e, sent, bad)
}

// sendSurvey draws the questions while they are asked.
func (s *Site) sendSurvey(c *gin.Context, v *registerPage, e *registration.SurveyEvent, sent url.Values, bad []registration.Problem) error {
	f, now := e.Form, s.Now()
	switch {
	case f.Open(now):
		stamp, err := s.Registration.SurveyStamp(c.Request.Context(), e)
		if err != nil {
			return err
		}
		v.Text = v.M("asked.anonymous")
		v.Notices = append(v.Notices, v.html("asked.until", "Time", v.moment(f.Closes, f.When.Zone)))
		v.Form = &registerForm{Action: c.Request.URL.Path, Button: v.M("asked.send"), Stamp: stamp, Trap: true, Note: v.words(f.Intro, e.Original), Questions: v.surveyQuestions(e, sent, bad)}
	case now.Before(f.Opens):
		v.Text = v.M("asked.opens")
	default:
		v.Text = v.M("survey.closed")
	}
	v.problems(bad)
	status := http.StatusOK
	if v.Failed {
		status = http.StatusUnprocessableEntity
	}
	return s.sendPage(c, status, "register", v.base, v)
}

// surveyQuestions are a survey's questions with what was sent.
func (p *registerPage) surveyQuestions(e *registration.SurveyEvent, sent url.Values, bad []registration.Problem) []question {
	wrong := map[string]string{}
	for _, x := range bad {
		if wrong[x.Field] == "" {
			wrong[x.Field] = p.M(x.Key, x.Args...)
		}
	}
	var out []question
	for _, x := range e.Form.All() {
		q := question{Name: registration.QuestionPrefix + x.ID, Kind: "radios", Label: p.words(x.Label, e.Original), Optional: !x.Required}
		if x.BuiltIn() {
			q.Label = p.message("survey.accessibility")
		}
		if q.Optional {
			q.OptionalWord = p.M("register.optional")
		}
		switch x.Type {
		case registration.Scale:
			q.Help = p.message("asked.scale")
			for n := 1; n <= registration.ScaleMost; n++ {
				q.Options = append(q.Options, choice{Value: strconv.Itoa(n), Text: text{i18n.Number(p.base.Locale, n), p.base.Locale, false}})
			}
		case registration.Words:
			q.Kind, q.Help, q.Value = "long", p.message("asked.words"), sent.Get(q.Name)
		case registration.Choices:
			q.Kind = "checks"
			fallthrough
		default:
			for _, o := range x.Options {
				q.Options = append(q.Options, choice{Value: o.ID, Text: p.words(o.Label, e.Original)})
			}
		}
		for i := range q.Options {
			o := &q.Options[i]
			if o.ID = q.Name + "." + o.Value; i == 0 {
				o.ID = q.Name // where the summary of problems leads
			}
			o.On = slices.Contains(sent[q.Name], o.Value)
		}
		q.Bad = wrong[q.Name]
		out = append(out, q)
	}
	return out
}

// refusedSurvey gives what is wrong with answers, or the error that is no such thing.
func refusedSurvey(err error) ([]registration.Problem, error) {
	var bad *registration.Invalid
	var slow *auth.ThrottledError
	switch {
	case errors.As(err, &bad):
		return bad.Problems, nil
	case errors.As(err, &slow):
		return []registration.Problem{{Key: "registration.throttled"}}, nil
	}
	return nil, err
}

func (s *Site) answerSurvey(c *gin.Context) error {
	p, e, err := s.openSurvey(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	sent := address(web.Locale(c), p.Path+"/survey/sent")
	if form.Get(trap) != "" {
		return web.Redirect(c, sent)
	}
	bad, err := refusedSurvey(s.Registration.AnswerOpen(c.Request.Context(), e.ID, s.submission(c, form)))
	if err != nil {
		return err
	}
	if bad != nil {
		return s.showSurvey(c, form, bad)
	}
	return web.Redirect(c, sent)
}

func (s *Site) surveySent(c *gin.Context) error {
	p, _, err := s.openSurvey(c)
	if err != nil {
		return err
	}
	v, err := s.surveyBase(c, p, p.Path+"/survey/sent")
	if err != nil {
		return err
	}
	v.Text = v.M("asked.thanks")
	return s.sendPage(c, http.StatusOK, "register", v.base, v)
}

func (s *Site) ownSurvey(c *gin.Context) error { return s.showOwnSurvey(c, nil, nil) }

// showOwnSurvey is the survey behind a private link: the questions once, then thanks.
func (s *Site) showOwnSurvey(c *gin.Context, sent url.Values, bad []registration.Problem) error {
	l, err := s.locale(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	e, answered, err := s.Registration.OwnSurvey(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	p, err := s.Content.LiveByID(ctx, l, e.ID)
	if err != nil {
		return err
	}
	v, err := s.surveyBase(c, p, "registrations/"+c.Param("token")+"/survey")
	if err != nil {
		return err
	}
	if answered {
		v.Text = v.M("asked.thanks")
		return s.sendPage(c, http.StatusOK, "register", v.base, v)
	}
	return s.sendSurvey(c, v, e, sent, bad)
}

func (s *Site) answerOwnSurvey(c *gin.Context) error {
	if _, err := s.locale(c); err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get(trap) != "" {
		return web.Redirect(c, c.Request.URL.Path)
	}
	bad, err := refusedSurvey(s.Registration.AnswerOwn(c.Request.Context(), c.Param("token"), s.submission(c, form)))
	if err != nil {
		return err
	}
	if bad != nil {
		return s.showOwnSurvey(c, form, bad)
	}
	return web.Redirect(c, c.Request.URL.Path)
}

// surveyLink is the address of the survey for the owner of a private link, while there is one to answer.
func (s *Site) surveyLink(c *gin.Context, l i18n.Locale) (string, error) {
	e, answered, err := s.Registration.OwnSurvey(c.Request.Context(), c.Param("token"))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case answered || !e.Form.Open(s.Now()):
		return "", nil
	}
	return address(l, "registrations/"+c.Param("token")+"/survey"), nil
}

// ask offers the survey on the event's page while everybody may answer it.
func (v *eventPage) ask(now time.Time) {
	f := v.Event.SurveyForm()
	if f == nil || f.Link != registration.SurveyOpenLink {
		return
	}
	v.untilPassing(now, f.Opens)
	v.untilPassing(now, f.Closes)
	if f.Open(now) {
		v.Actions = append(v.Actions, action{URL: v.URL(v.Path + "/survey"), Label: v.M("asked.link"), Icon: "talk", Main: len(v.Actions) == 0})
	}
}
