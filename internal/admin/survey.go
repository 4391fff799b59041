package admin

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// surveyRoutes are the addresses of what came of surveys.
func (a *Admin) surveyRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		if _, ok := k.New().(registration.Surveyed); !ok {
			continue
		}
		at := func(path string, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: http.MethodGet, Path: surveyURL(k, ":id") + path, Rule: web.Needs(auth.ReadRegistrants), Class: web.Personal,
				Timeout: time.Minute, Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at("", a.surveyResults)
		at("/export.csv", a.exportSurvey)
	}
	return routes
}

func surveyURL(k *content.Kind, id string) string { return listURL(k) + "/" + id + "/survey" }

// surveyScreen is what came of a survey.
type surveyScreen struct {
	Export   string // address of the table; empty while nothing is told
	Address  string // where everybody may answer
	Public   bool
	From, To time.Time
	Answers  int
	Asked    []askedScreen
}

type askedScreen struct {
	registration.Result
	Label string
	Lines []askedLine
	Mean  string
}

// askedLine is a bar of All.
type askedLine struct {
	registration.Bar
	Label string
	All   int
}

func (a *Admin) surveyResults(k *content.Kind, c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	res, err := a.registration.Results(ctx, web.Actor(c), id)
	if err != nil {
		return err
	}
	p, err := a.registrantsPage(k, c, "asked_results.title")
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	d := surveyScreen{Public: res.Public, Answers: res.Answers}
	if f := res.Form; f != nil {
		d.From, d.To = f.Opens, f.Closes
		if f.Link == registration.SurveyOpenLink && res.Public {
			live, err := a.content.LiveByID(ctx, res.Original, id)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return err
			}
			if err == nil {
				d.Address = a.base + "/" + string(res.Original) + "/" + live.Path + "/survey"
			}
		}
	}
	if !res.Few {
		d.Export = surveyURL(k, id) + "/export.csv"
	}
	for _, r := range res.Questions {
		x := askedScreen{Result: r, Label: r.Words(p.Locale, res.Original, func(key string) string { return p.T(key) })}
		if r.Mean > 0 {
			x.Mean = p.T("asked_results.mean", "Number", i18n.Decimal(p.Locale, r.Mean, 1))
		}
		for _, b := range r.Bars {
			x.Lines = append(x.Lines, askedLine{b, r.Option(b.Value, p.Locale, res.Original), r.Answered})
		}
		d.Asked = append(d.Asked, x)
	}
	p.D = d
	return a.render(c, http.StatusOK, "survey", p)
}

// exportSurvey sends what came of a survey as a table.
func (a *Admin) exportSurvey(k *content.Kind, c *gin.Context) error {
	l := web.Locale(c)
	var b bytes.Buffer
	if err := a.registration.ExportSurvey(c.Request.Context(), web.Actor(c), c.Param("id"), &b, func(key string) string { return a.cat.T(l, key) }, l); err != nil {
		return err
	}
	return sendTable(c, sheet.CSV, "survey-"+c.Param("id"), b.Bytes())
}

// surveyActions lead from an event to what came of its survey.
func (a *Admin) surveyActions(who *auth.Actor, e *content.Entry, t tongue) []Link {
	v, ok := e.Value.(registration.Surveyed)
	if !ok || v.SurveyForm() == nil || !who.Can(auth.ReadRegistrants, e.Object()) {
		return nil
	}
	return []Link{{t.T("asked_results.title"), surveyURL(e.Kind, e.ID)}}
}
