package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/suggestion"
	"plenary/internal/web"
)

// suggestionRoutes are those of what somebody proposes who may not change it.
func (a *Admin) suggestionRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		at := func(method, path string, action auth.Action, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id" + path, Rule: web.Needs(action), Class: web.Personal, MaxBody: maxForm,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, "/suggest", auth.Suggest, a.suggestForm)
		at(http.MethodPost, "/suggest", auth.Suggest, a.suggest)
		at(http.MethodGet, "/suggestions", auth.Read, a.suggestions)
		at(http.MethodPost, "/suggestions", auth.Read, a.decideSuggestion)
	}
	return routes
}

func suggestURL(e *content.Entry, l i18n.Locale) string {
	return entryURL(e.Kind, e.ID, "") + "/suggest?lang=" + string(l)
}

func suggestionsURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/suggestions" }

// maySuggest reports whether the form is offered: to those who may suggest and cannot change all of it themselves.
func maySuggest(who *auth.Actor, e *content.Entry, l i18n.Locale) bool {
	return e.Deleted == nil && who.Can(auth.Suggest, e.Object()) && !(e.MayEdit(who, content.Facts) && e.MayEdit(who, content.Part(l)))
}

// asSuggestion opens the whole form, save for what only those see who may change it.
func (f *entryForm) asSuggestion() {
	f.suggests, f.MayFacts, f.MayWords = true, true, true
}

func (a *Admin) suggestForm(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	if e.Deleted != nil || !who.Can(auth.Suggest, e.Object()) {
		return auth.ErrForbidden
	}
	f := a.openForm(c, who, k, e, l)
	f.asSuggestion()
	f.fill(e.Parts)
	f.setBases(e.Versions)
	return a.showForm(c, f, http.StatusOK, []Notice{{"info", f.T("suggest.text")}})
}

// suggest takes the form: what it makes different becomes suggestions, and nothing of the entry changes.
func (a *Admin) suggest(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	f, v, err := a.sentForm(k, c)
	if err != nil {
		return err
	}
	if f.Entry.Deleted != nil || !f.who.Can(auth.Suggest, f.Entry.Object()) {
		return auth.ErrForbidden
	}
	f.asSuggestion()
	op := v.Get("op")
	if done, err := a.rearrange(ctx, f, op); err != nil {
		return err
	} else if done {
		return a.showForm(c, f, http.StatusOK, f.notices)
	}
	if op != "" && op != "save" {
		return badOp()
	}
	if err := a.settle(ctx, f); err != nil {
		return err
	}
	set := f.read()
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return err
	}
	f.mayRefer()
	if len(f.problems) > 0 {
		f.complain(a.content.Unfit(k, set)...)
		return a.showForm(c, f, http.StatusUnprocessableEntity, nil)
	}
	n, err := a.suggested.Suggest(ctx, f.who, f.Entry.ID, set, f.readBases(), v.Get("why"))
	var invalid *content.Invalid
	switch {
	case errors.As(err, &invalid):
		f.complain(invalid.Problems...)
		return a.showForm(c, f, http.StatusUnprocessableEntity, []Notice{{"error", f.T(invalid.Problems[0].Key)}})
	case err != nil:
		return err
	case n == 0:
		return a.showForm(c, f, http.StatusUnprocessableEntity, []Notice{{"error", f.T("suggest.nothing")}})
	}
	flash(c, "success", "suggest.sent", "Count", i18n.Number(f.Locale, n))
	return web.Redirect(c, suggestionsURL(f.Entry))
}

// waitingSuggestions gives the address of an entry's suggestions, "" where the actor has none to look at, and how many wait for them.
func (a *Admin) waitingSuggestions(ctx context.Context, who *auth.Actor, e *content.Entry) (url string, n int, err error) {
	all, err := a.suggested.Of(ctx, who, e)
	for _, x := range all {
		if x.State == suggestion.Open && x.Decide {
			n++
		}
	}
	if len(all) > 0 {
		url = suggestionsURL(e)
	}
	return url, n, err
}

// suggestionsPage lists what was suggested for an entry.
type suggestionsPage struct {
	*entryForm
	Heading, Back, Action string
	Suggest               string // where something is suggested, "" for who may not
	Lines                 []suggestionLine
}

type suggestionLine struct {
	suggestion.Line
	By, When, How, DecidedAt string
	Rows                     []compareRow
	Clash                    bool // the answer could not be given: somebody changed the same since
}

func (a *Admin) suggestions(k *content.Kind, c *gin.Context) error {
	return a.showSuggestions(k, c, http.StatusOK, "")
}

func (a *Admin) showSuggestions(k *content.Kind, c *gin.Context, status int, clash string) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	all, err := a.suggested.Of(ctx, who, e)
	if err != nil {
		return err
	}
	f := a.filledForm(c, who, e, l)
	d := &suggestionsPage{entryForm: f, Heading: entryTitle(f.tongue, e), Back: entryURL(k, e.ID, l), Action: suggestionsURL(e)}
	if maySuggest(who, e, l) {
		d.Suggest = suggestURL(e, l)
	}
	var ids []string
	for _, x := range all {
		ids = append(ids, x.Author, x.DecidedBy)
	}
	names, err := a.accountNames(ctx, f.tongue, filled(ids))
	if err != nil {
		return err
	}
	for _, x := range all {
		line := suggestionLine{Line: x, By: names[x.Author], When: f.moment(x.At), Clash: x.ID == clash}
		if x.DecidedAt != nil {
			line.How = f.T("suggest.how."+string(x.State), "Name", names[x.DecidedBy], "Time", f.moment(*x.DecidedAt))
		}
		diffs := x.Differences(k)
		if line.Rows, err = f.rowsOf(ctx, a, diffs, false); err != nil {
			return err
		}
		d.Lines = append(d.Lines, line)
	}
	p := a.page(c, "suggest.page_title", "Title", d.Heading)
	p.below(e, l, "suggest.name")
	p.D = d
	return a.render(c, status, "suggestions", p)
}

// decideSuggestion accepts, declines or takes back one.
func (a *Admin) decideSuggestion(k *content.Kind, c *gin.Context) error {
	who, e, _, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	op, id, _ := strings.Cut(v.Get("op"), " ")
	switch op {
	case "accept", "decline":
		err = a.suggested.Decide(ctx, who, e.ID, id, op == "accept", v.Get("answer"))
	case "withdraw":
		err = a.suggested.Withdraw(ctx, who, e.ID, id)
	default:
		return badOp()
	}
	var clash *content.Conflicted
	var invalid *content.Invalid
	switch {
	case errors.As(err, &clash):
		return a.showSuggestions(k, c, http.StatusConflict, id)
	case errors.As(err, &invalid):
		for _, p := range invalid.Problems {
			flash(c, "error", p.Key)
		}
	case errors.Is(err, db.ErrNotFound):
		flash(c, "warning", "suggest.gone")
	case err != nil:
		return err
	default:
		flash(c, "success", "suggest.done."+op)
	}
	return web.Redirect(c, suggestionsURL(e))
}

// tellSuggester writes to the author of a suggestion what became of it.
func (a *Admin) tellSuggester(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, x *suggestion.Suggestion) error {
	to, err := a.auth.ActorOf(ctx, x.Author)
	if errors.Is(err, db.ErrNotFound) || err == nil && (to.Disabled || !reachable(to.Email)) {
		return nil
	} else if err != nil {
		return err
	}
	l := lettersIn(to.Account, i18n.EN)
	t := tongue{a.cat, l}
	field := x.Field
	if d := e.Kind.Field(x.Field); d != nil {
		field = (&entryForm{tongue: t, Kind: e.Kind}).label(d)
	}
	body := mail.Body{Greeting: a.greeting(l, to.Name), Paragraphs: []string{t.T("suggest.letter."+string(x.State), "Name", i18n.Isolate(who.Name), "Field", field, "Title", i18n.Isolate(entryTitle(t, e)))},
		Button: mail.Link{Text: t.T("suggest.letter_button"), URL: a.base + suggestionsURL(e)}}
	if x.Answer != "" {
		body.Paragraphs = append(body.Paragraphs, x.Answer)
	}
	letter := mail.Letter{Cause: "suggestion:" + x.ID, To: to.Email, Name: to.Name, Locale: l, Subject: t.T("suggest.letter_subject"), About: e.Object()}
	letter.Text, letter.HTML = a.mail.Compose(l, body)
	_, err = a.mail.Enqueue(ctx, tx, who, letter)
	return err
}
