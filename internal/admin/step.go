package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"plenary/internal/auth"
	"plenary/internal/directory"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

const stepPath = "/admin/sign-in/second"

// DirectoryPath is where a directory sends the browser back to.
const DirectoryPath = "/admin/sign-in/directory"

// stepScreen is the second step of signing in, or the only one with a passkey.
type stepScreen struct {
	Form    *Form
	Next    string
	Problem string
	App     bool
	Codes   bool
	Options string // for the browser's passkeys; "" where there are none
	Token   string // of a ceremony that no cookie holds
	Tongues []Link
}

// stepPage asks for the second factor of whoever has given the first.
func (a *Admin) stepPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	return a.showStep(c, http.StatusOK, newForm(), c.Query("next"), "")
}

func (a *Admin) showStep(c *gin.Context, status int, f *Form, next, problem string) error {
	step, err := a.auth.Step(c.Request.Context(), web.Pending(c))
	if errors.Is(err, auth.ErrStep) {
		return a.beginAgain(c, next, err)
	}
	if err != nil {
		return err
	}
	p := a.page(c, "second.title")
	p.Failed = problem != ""
	keep := url.Values{}
	if next != "" {
		keep.Set("next", next)
	}
	p.D = stepScreen{Form: f, Next: next, Problem: problem, App: step.App, Codes: step.Codes, Options: string(step.Passkey), Tongues: tongues(c, keep)}
	return a.render(c, status, "second", p)
}

// beginAgain sends to the sign-in page, with the reason.
func (a *Admin) beginAgain(c *gin.Context, next string, why error) error {
	web.SetPending(c, "")
	_, key := web.Status(why)
	flash(c, "error", key+".text")
	return web.Redirect(c, signInAt(next))
}

func signInAt(next string) string {
	if next == "" {
		return "/admin/sign-in"
	}
	return "/admin/sign-in?next=" + escape(next)
}

func escape(next string) string { return url.QueryEscape(next) }

// step takes the second factor.
func (a *Admin) step(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, v.Get("lang"))
	ctx, token, next := c.Request.Context(), web.Pending(c), v.Get("next")
	var o *auth.Opened
	if answer := v.Get("answer"); answer != "" {
		o, err = a.auth.FinishStepByPasskey(ctx, token, []byte(answer), web.ClientFrom(c))
	} else {
		o, err = a.auth.FinishStep(ctx, token, v.Get("code"), web.ClientFrom(c))
	}
	err = web.Entered(c, o, err)
	var slow *auth.ThrottledError
	var invalid auth.Invalid
	switch {
	case err == nil:
		return web.Redirect(c, afterSignIn(next))
	case errors.Is(err, auth.ErrStep):
		return a.beginAgain(c, next, err)
	case errors.As(err, &invalid):
		return a.showStep(c, http.StatusUnprocessableEntity, newForm(), next, invalid["code"])
	case errors.Is(err, auth.ErrPasskey), errors.As(err, &slow):
		status, key := web.Status(err)
		if slow != nil {
			c.Header("Retry-After", strconv.Itoa(max(1, int(slow.RetryAfter.Seconds()))))
		}
		return a.showStep(c, status, newForm(), next, key+".text")
	}
	return err
}

// passkeySignIn signs in by a passkey alone: the first press of the button begins, what the browser answers ends it.
func (a *Admin) passkeySignIn(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, v.Get("lang"))
	ctx, next := c.Request.Context(), v.Get("next")
	if answer := v.Get("answer"); answer != "" {
		o, err := a.auth.FinishPasskey(ctx, v.Get("token"), []byte(answer), web.ClientFrom(c))
		err = web.Entered(c, o, err)
		switch {
		case err == nil:
			return web.Redirect(c, afterSignIn(next))
		case errors.Is(err, auth.ErrStep), errors.Is(err, auth.ErrPasskey):
			return a.beginAgain(c, next, err)
		}
		return err
	}
	ceremony, err := a.auth.BeginPasskey(ctx, web.ClientFrom(c))
	if err != nil {
		return err
	}
	p := a.page(c, "second.passkey_title")
	p.D = stepScreen{Form: newForm(), Next: next, Options: string(ceremony.Options), Token: ceremony.Token}
	return a.render(c, http.StatusOK, "passkey", p)
}

// directoryName is what the button to the office's directory says.
func (a *Admin) directoryName(l i18n.Locale) string {
	if a.directoryCalled != "" {
		return a.directoryCalled
	}
	return a.cat.T(l, "directory.name")
}

// toDirectory sends the browser to the office's directory.
func (a *Admin) toDirectory(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, v.Get("lang"))
	if a.directory == nil {
		return web.Fail(http.StatusNotFound, "error.not_found")
	}
	ctx, next := c.Request.Context(), v.Get("next")
	nonce, verifier := directory.Secrets()
	if err := a.directory.Check(ctx); err != nil {
		return a.directoryDown(c, next, err)
	}
	state, err := a.auth.BeginDirectory(ctx, auth.DirectoryWay{Nonce: nonce, Verifier: verifier, Next: next, Locale: string(web.Locale(c))}, web.ClientFrom(c))
	if err != nil {
		return err
	}
	to, err := a.directory.Begin(ctx, state, nonce, verifier)
	if err != nil {
		return a.directoryDown(c, next, err)
	}
	web.SetPending(c, state)
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// directoryDown says that the directory does not answer, beside the form for the password, which goes on working.
func (a *Admin) directoryDown(c *gin.Context, next string, err error) error {
	a.log.Warn("directory", "event", "directory_down", "error", err)
	return a.showSignIn(c, http.StatusBadGateway, newForm(), next, "directory.down")
}

// fromDirectory takes the browser back. What it brings counts once, in the browser that was sent, for what was asked.
func (a *Admin) fromDirectory(c *gin.Context) error {
	if a.directory == nil {
		return web.Fail(http.StatusNotFound, "error.not_found")
	}
	ctx, state := c.Request.Context(), c.Query("state")
	if state == "" || state != web.Pending(c) {
		return a.beginAgain(c, "", auth.ErrStep)
	}
	web.SetPending(c, "")
	way, err := a.auth.EndDirectory(ctx, state)
	if errors.Is(err, auth.ErrStep) {
		return a.beginAgain(c, "", err)
	}
	if err != nil {
		return err
	}
	chooseLocale(c, way.Locale)
	person, err := a.directory.Finish(ctx, c.Request.URL.Query(), way.Nonce, way.Verifier)
	switch {
	case errors.Is(err, directory.ErrRefused):
		flash(c, "error", "directory.refused")
		return web.Redirect(c, signInAt(way.Next))
	case errors.Is(err, directory.ErrWrong):
		a.log.Warn("directory", "event", "directory_wrong", "error", err)
		return a.beginAgain(c, way.Next, auth.ErrStep)
	case err != nil:
		return a.directoryDown(c, way.Next, err)
	}
	o, err := a.auth.SignInByDirectory(ctx, auth.Identity{Issuer: person.Issuer, Subject: person.Subject, Email: person.Email, Verified: person.Verified}, web.ClientFrom(c), a.told(c, "linked"))
	err = web.Entered(c, o, err)
	var step *auth.StepError
	switch {
	case err == nil:
		return web.Redirect(c, afterSignIn(way.Next))
	case errors.As(err, &step):
		return web.Redirect(c, stepAt(way.Next))
	case errors.Is(err, auth.ErrDirectory):
		return a.beginAgain(c, way.Next, err)
	}
	return err
}

func stepAt(next string) string {
	if next == "" {
		return stepPath
	}
	return stepPath + "?next=" + escape(next)
}
