package admin

import (
	"net/http"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// accountPage shows what the own account is, and lets its owner change it.
type accountScreen struct {
	Form     *Form
	Password *Form
	Grants   []grantLine
	Sessions []sessionLine
	Clearing deputyForm
}

type sessionLine struct {
	auth.Session
	Here bool // the one this page was asked for by
}

func (a *Admin) accountPage(c *gin.Context) error {
	return a.showAccount(c, http.StatusOK, nil, nil, nil)
}

// showAccount shows the page, with a form that came back: form for name and language, password for the password.
func (a *Admin) showAccount(c *gin.Context, status int, form, password *Form, problem error, deputy ...*Form) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	if who.SeenBy() != nil { // sessions and letters are nobody else's
		return web.Fail(http.StatusForbidden, "error.seeing")
	}
	p := a.page(c, "account.title")
	p.Active, p.Layout = "account", "one narrow"
	d := accountScreen{Form: form, Password: password}
	if form == nil {
		d.Form = newForm("name", who.Name, "locale", string(who.Locale))
	} else {
		p.refused(form, problem, "name", "locale")
	}
	if password == nil {
		d.Password = newForm()
	} else {
		p.refused(password, problem, "old", "password")
	}
	var typed *Form
	if len(deputy) > 0 {
		typed = deputy[0]
		p.refused(typed, problem, "deputy", "deputy_until")
	}
	if d.Clearing, err = a.deputyForm(c, p, who, typed); err != nil {
		return err
	}
	sessions, err := a.auth.Sessions(c.Request.Context(), who, who.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		d.Sessions = append(d.Sessions, sessionLine{s, s.ID == who.SessionID})
	}
	if d.Grants, err = a.grantLines(c, p, who, who.ID); err != nil {
		return err
	}
	p.D = d
	return a.render(c, status, "account", p)
}

func (a *Admin) saveAccount(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	now := who.Account
	now.Name, now.Locale = form.Get("name"), i18n.Locale(form.Get("locale"))
	if err := a.auth.Update(c.Request.Context(), who, now); err != nil {
		var invalid interface{ Fields() map[string]string }
		if asInvalid(err, &invalid) {
			return a.showAccount(c, http.StatusUnprocessableEntity, &Form{Values: form, Bad: map[string]string{}}, nil, err)
		}
		return err
	}
	flash(c, "success", "account.saved")
	return web.Redirect(c, "/admin/account")
}

// saveLook changes theme or language from the menu that is on every page, or whether single keys work, and goes back to that page.
func (a *Admin) saveLook(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	now := who.Account
	if v, ok := form["theme"]; ok {
		now.Theme = v[0]
	}
	if v, ok := form["locale"]; ok {
		now.Locale = i18n.Locale(v[0])
	}
	if form.Get("keys_shown") != "" {
		now.KeysOff = form.Get("keys") == ""
	}
	if err := a.auth.Update(c.Request.Context(), who, now); err != nil {
		return err
	}
	if form.Get("keys_shown") != "" {
		flash(c, "success", "account.saved")
	}
	return web.Redirect(c, afterSignIn(form.Get("next")))
}

func (a *Admin) savePassword(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if err := web.ChangePassword(c, form.Get("old"), form.Get("password")); err != nil {
		var invalid interface{ Fields() map[string]string }
		if asInvalid(err, &invalid) {
			return a.showAccount(c, http.StatusUnprocessableEntity, nil, newForm(), err)
		}
		return err
	}
	flash(c, "success", "account.password_changed")
	return web.Redirect(c, "/admin/account")
}

// endSession ends one of the own sessions, or all but this one.
func (a *Admin) endSession(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request.Context(), form.Get("id")
	if id == who.SessionID {
		return a.signOut(c)
	}
	if id != "" {
		if err := a.auth.EndSession(ctx, who, id); err != nil {
			return err
		}
		flash(c, "success", "account.session_ended")
		return web.Redirect(c, "/admin/account")
	}
	everywhere := form.Get("op") == "everywhere"
	if err := a.auth.EndSessions(ctx, who, who.ID, !everywhere, web.ClientFrom(c).Device); err != nil {
		return err
	}
	if everywhere {
		return a.signOut(c)
	}
	flash(c, "success", "account.sessions_ended")
	return web.Redirect(c, "/admin/account")
}
