package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

// outboxScreen is the letters that wait, have left, or came back.
type outboxScreen struct {
	Filter          *Form
	Rows            []letterRow
	States, Locales []Choice
	Verbs           []mail.Verb
	web.Pager
	Filtered bool
	Delivers bool
	Trouble  *mail.Trouble
	Tasks    bool // there is a page of tasks for the actor
}

// letterRow is a letter in the list.
type letterRow struct {
	mail.Line
	Label string // its subject, or what stands for one
	Tag   string // look of its state
}

var stateTags = map[mail.State]string{mail.Held: "rev", mail.Queued: "pri", mail.Sending: "pri", mail.Retrying: "warn", mail.Sent: "ok", mail.Bounced: "bad", mail.Failed: "bad", mail.Cancelled: ""}

func (p *Page) letterRow(l mail.Line) letterRow {
	r := letterRow{l, l.Subject, stateTags[l.State]}
	switch {
	case l.Emptied:
		r.Label = p.T("outbox.emptied")
	case l.Secret:
		r.Label = p.T("outbox.secret")
	}
	return r
}

func (a *Admin) outbox(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "outbox.title")
	p.Active, p.Layout = "outbox", "one"
	d := outboxScreen{Filter: newForm("q", c.Query("q"), "state", c.Query("state"), "lang", c.Query("lang")), Locales: p.LocaleChoices(i18n.All), Verbs: mail.Verbs,
		Delivers: a.mail.Delivers(), Tasks: who.CanSomewhere(auth.ManageInstance)}
	f := mail.Filter{State: mail.State(c.Query("state")), Locale: i18n.Locale(c.Query("lang")), Search: c.Query("q")}
	if _, known := i18n.Parse(string(f.Locale)); f.State != "" && !slices.Contains(mail.States, f.State) || f.Locale != "" && !known {
		return errQuery()
	}
	for _, s := range mail.States {
		d.States = append(d.States, Choice{Value: string(s), Text: p.T("outbox.state." + string(s))})
	}
	d.Filtered = f != mail.Filter{}
	var err error
	d.Pager, err = paged(c, func(part auth.Paging) (int, error) {
		lines, total, err := a.mail.List(ctx, who, f, part)
		for _, l := range lines {
			d.Rows = append(d.Rows, p.letterRow(l))
		}
		return total, err
	})
	if err != nil {
		return err
	}
	// What the server says may name somebody whose letter is another's business.
	if t, is := a.mail.Trouble(); is {
		if !who.Can(auth.SendMessages, auth.Object{Kind: "letter"}) {
			t.Error = ""
		}
		d.Trouble = &t
	}
	p.D = d
	return a.render(c, http.StatusOK, "outbox", p)
}

// outboxBulk does one thing to each letter that is ticked and in a state for it.
func (a *Admin) outboxBulk(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	back := form.Get("back")
	if u, err := url.Parse(back); err != nil || u.Path != "/admin/outbox" || !web.SafePath(back) {
		back = "/admin/outbox"
	}
	ids := form["id"]
	switch {
	case !slices.Contains(mail.Verbs, mail.Verb(form.Get("op"))):
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	case len(ids) == 0:
		flash(c, "warning", "outbox.none")
		return web.Redirect(c, back)
	case len(ids) > 200:
		return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	if err := a.doLetters(c, mail.Verb(form.Get("op")), ids...); err != nil {
		return err
	}
	return web.Redirect(c, back)
}

// doLetters does something to letters and says how many it was possible for.
func (a *Admin) doLetters(c *gin.Context, v mail.Verb, ids ...string) error {
	n, err := a.mail.Do(c.Request.Context(), web.Actor(c), v, ids...)
	if err != nil {
		return err
	}
	kind := "success"
	if n < len(ids) {
		kind = "warning"
	}
	flash(c, kind, "outbox.done_"+string(v), "Done", i18n.Number(web.Locale(c), n), "All", i18n.Number(web.Locale(c), len(ids)))
	return nil
}

// letterScreen is one letter.
type letterScreen struct {
	letterRow
	*mail.Full
	Form   *Form // its words, where they can be changed
	Verbs  []mail.Verb
	Files  []string // name and size
	By     string
	Edited bool
}

func (a *Admin) letterPage(c *gin.Context) error { return a.showLetter(c, http.StatusOK, nil, nil) }

func (a *Admin) showLetter(c *gin.Context, status int, form *Form, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	l, err := a.mail.Get(ctx, who, c.Param("id"))
	if err != nil {
		return err
	}
	p := a.page(c, "outbox.title")
	p.Crumbs = []Link{{p.T("outbox.title"), "/admin/outbox"}}
	p.Active = "outbox"
	d := letterScreen{letterRow: p.letterRow(l.Line), Full: l}
	p.Title = d.Label
	if c.Request.Method != http.MethodGet {
		p.Path = "/admin/outbox/" + l.ID
	}
	for _, v := range mail.Verbs {
		if late := l.NotAfter != nil && l.NotAfter.Before(a.now()); l.Takes(v) && (!late || v == mail.Hold || v == mail.Cancel) {
			d.Verbs = append(d.Verbs, v)
		}
	}
	if l.State == mail.Held && !l.Secret && !l.Emptied {
		d.Form = newForm("subject", l.Subject, "text", l.Text, "version", strconv.Itoa(l.Version))
		if form != nil {
			d.Form = form
			p.refused(form, problem, "subject", "text")
		}
	}
	for _, f := range l.Files {
		t := p.tongue()
		d.Files = append(d.Files, t.isolate(f.Name)+" · "+p.Bytes(int64(len(f.Data))))
	}
	names, err := a.accountNames(ctx, p.tongue(), []string{l.CreatedBy})
	if err != nil {
		return err
	}
	d.By = names[l.CreatedBy]
	p.D = d
	return a.render(c, status, "letter", p)
}

// saveLetter does one thing to a letter; op says which.
func (a *Admin) saveLetter(c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	id, op := c.Param("id"), values.Get("op")
	if slices.Contains(mail.Verbs, mail.Verb(op)) {
		if _, err := a.mail.Get(c.Request.Context(), web.Actor(c), id); err != nil {
			return err
		}
		if err := a.doLetters(c, mail.Verb(op), id); err != nil {
			return err
		}
		return web.Redirect(c, "/admin/outbox/"+id)
	}
	if op != "edit" {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	version, _ := strconv.Atoi(values.Get("version"))
	err = a.mail.Edit(c.Request.Context(), web.Actor(c), id, version, values.Get("subject"), values.Get("text"))
	form := &Form{Values: values, Bad: map[string]string{}}
	var invalid interface{ Fields() map[string]string }
	switch {
	case err == nil:
		flash(c, "success", "outbox.saved")
		return web.Redirect(c, "/admin/outbox/"+id)
	case asInvalid(err, &invalid):
		return a.showLetter(c, http.StatusUnprocessableEntity, form, err)
	case errors.Is(err, mail.ErrMoved):
		// What was typed stays in the form; who saves it again does so knowing.
		flash(c, "error", "outbox.moved")
		if l, err := a.mail.Get(c.Request.Context(), web.Actor(c), id); err == nil {
			form.Values.Set("version", strconv.Itoa(l.Version))
		}
		return a.showLetter(c, http.StatusConflict, form, nil)
	}
	return err
}

// testLetter writes to the actor herself, in the language of her panel.
func (a *Admin) testLetter(c *gin.Context) error {
	if _, err := web.Form(c); err != nil {
		return err
	}
	ctx, who, l := c.Request.Context(), web.Actor(c), web.Locale(c)
	text, html := a.mail.Compose(l, mail.Body{Greeting: a.greeting(l, who.Name), Paragraphs: []string{a.cat.T(l, "outbox.test_text")},
		Facts:  []mail.Fact{{Label: a.cat.T(l, "outbox.created"), Value: i18n.DateTime(l, a.now().In(content.Zone(a.settings.Site().Zone)))}},
		Button: mail.Link{Text: a.cat.T(l, "outbox.title"), URL: a.base + "/admin/outbox"}})
	id := ""
	err := a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		id, err = a.mail.Enqueue(ctx, tx, who, mail.Letter{Cause: "test:" + web.RequestID(c), To: who.Email, Name: who.Name, Locale: l, Subject: a.cat.T(l, "outbox.test_subject"),
			Text: text, HTML: html, Priority: mail.Urgent})
		if err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "letter.test", auth.Object{Kind: "letter", ID: id}, nil)
	})
	if err != nil {
		return err
	}
	flash(c, "success", "outbox.test_sent")
	if !who.Can(auth.SendMessages, auth.Object{Kind: "letter"}) {
		return web.Redirect(c, "/admin/outbox") // it is about nothing of hers
	}
	return web.Redirect(c, "/admin/outbox/"+id)
}
