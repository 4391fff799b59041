package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

// resetScreen is either step of getting a new password.
type resetScreen struct {
	Form    *Form
	Token   string
	Asked   bool   // the letter is on its way, if there is an account
	Problem string // why it did not work
	Tongues []Link
}

// resetTask is what the second step needs to know of the first.
type resetTask struct {
	Email  string
	Locale i18n.Locale // of the page it was asked from
}

const resetKind = "password.reset"

// canReset: without a mail server no link would arrive, and the way to a new password leads to a person.
func (a *Admin) canReset(handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if !a.mail.Delivers() {
			return db.ErrNotFound
		}
		return handle(c)
	}
}

func (a *Admin) forgottenPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	return a.showReset(c, http.StatusOK, "reset.title", "forgotten", resetScreen{Form: newForm()}, nil)
}

func (a *Admin) showReset(c *gin.Context, status int, title, name string, d resetScreen, problem error) error {
	p := a.page(c, title)
	if d.Form != nil {
		p.refused(d.Form, problem, "email", "password")
	}
	keep := url.Values{}
	if d.Token != "" {
		keep.Set("token", d.Token)
	}
	d.Tongues = tongues(c, keep)
	p.D = d
	return a.render(c, status, name, p)
}

// forgotten takes an address and says the same of each. Whether somebody has an account by it is found out later, by a
// task: neither the words nor the time they take tell.
func (a *Admin) forgotten(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, form.Get("lang"))
	ctx, email := c.Request.Context(), form.Get("email")
	d := resetScreen{Form: newForm("email", email)}
	if err = a.auth.AskReset(ctx, email, web.ClientIP(c)); err == nil && !reachable(email) {
		err = auth.Invalid{"email": "reset.no_letter"} // said of the address, whoever has it
	}
	var invalid interface{ Fields() map[string]string }
	var slow *auth.ThrottledError
	switch {
	case asInvalid(err, &invalid):
		return a.showReset(c, http.StatusUnprocessableEntity, "reset.title", "forgotten", d, err)
	case errors.As(err, &slow):
		c.Header("Retry-After", strconv.Itoa(max(1, int(slow.RetryAfter.Seconds()))))
		d.Problem = "error.throttled.text"
		return a.showReset(c, http.StatusTooManyRequests, "reset.title", "forgotten", d, nil)
	case err != nil:
		return err
	}
	task := job.Task{Kind: resetKind, Args: resetTask{email, web.Locale(c)}}
	if err := a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return a.jobs.Enqueue(ctx, tx, task) }); err != nil {
		return err
	}
	return a.showReset(c, http.StatusOK, "reset.title", "forgotten", resetScreen{Asked: true}, nil)
}

// reachable says whether letters can be sent to an address. One can sign in with some to which none can.
func reachable(email string) bool {
	_, err := mail.Address(email)
	return err == nil
}

// sendReset writes to the account of an address, if there is one: once, however often it is tried.
func (a *Admin) sendReset(ctx context.Context, r *job.Run) error {
	var t resetTask
	if err := r.Args(&t); err != nil {
		return err
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if !reachable(t.Email) {
			return r.Done(ctx, tx)
		}
		token, acc, err := a.auth.ResetToken(ctx, tx, t.Email)
		if err != nil {
			return err
		}
		if acc != nil {
			l := lettersIn(*acc, t.Locale)
			text, html := a.mail.Compose(l, mail.Body{Greeting: a.greeting(l, acc.Name), Paragraphs: []string{a.cat.T(l, "reset.letter_text", "Site", a.settings.Site().Name.In(l))},
				Button: mail.Link{Text: a.cat.T(l, "reset.letter_button"), URL: a.base + "/admin/reset?token=" + token + "&lang=" + string(l)},
				After:  []string{a.cat.T(l, "reset.letter_after")}})
			if _, err := a.mail.Enqueue(ctx, tx, auth.System("reset"), mail.Letter{Cause: "reset:" + r.ID, To: acc.Email, Name: acc.Name, Locale: l, Subject: a.cat.T(l, "reset.letter_subject"),
				Text: text, HTML: html, Priority: mail.Urgent, Keys: []string{token}, NotAfter: a.now().Add(time.Hour)}); err != nil {
				return err
			}
		}
		return r.Done(ctx, tx)
	})
}

// lettersIn is the language letters to an account are written in: its own, or that of the page it was last seen at.
func lettersIn(acc auth.Account, page i18n.Locale) i18n.Locale {
	if acc.Locale != "" {
		return acc.Locale
	}
	return page
}

func (a *Admin) greeting(l i18n.Locale, name string) string {
	return a.cat.T(l, "mail.greeting", "Name", tongue{a.cat, l}.isolate(name))
}

func (a *Admin) resetPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	token := c.Query("token")
	if err := a.auth.ResetOpen(c.Request.Context(), token); err != nil {
		return err
	}
	return a.showReset(c, http.StatusOK, "reset.new_title", "reset", resetScreen{Form: newForm(), Token: token}, nil)
}

// reset sets the new password. The person is told by a second letter, and signs in with it.
func (a *Admin) reset(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, form.Get("lang"))
	token := form.Get("token")
	err = a.auth.Reset(c.Request.Context(), token, form.Get("password"), func(ctx context.Context, tx bun.Tx, acc auth.Account) error {
		l := lettersIn(acc, web.Locale(c))
		text, html := a.mail.Compose(l, mail.Body{Greeting: a.greeting(l, acc.Name), Paragraphs: []string{a.cat.T(l, "reset.told_text", "Site", a.settings.Site().Name.In(l))}})
		_, err := a.mail.Enqueue(ctx, tx, auth.System("reset"), mail.Letter{Cause: "reset.done:" + web.RequestID(c), To: acc.Email, Name: acc.Name, Locale: l,
			Subject: a.cat.T(l, "reset.told_subject"), Text: text, HTML: html, Priority: mail.Urgent})
		return err
	})
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		return a.showReset(c, http.StatusUnprocessableEntity, "reset.new_title", "reset", resetScreen{Form: newForm(), Token: token}, err)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "reset.done")
	return web.Redirect(c, "/admin/sign-in")
}
