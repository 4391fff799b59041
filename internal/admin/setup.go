package admin

import (
	"net/http"
	"net/url"

	"plenary/internal/auth"
	"plenary/internal/settings"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// setupForm makes the first account.
type setupForm struct {
	Form    *Form
	Token   string
	Tongues []Link
}

func (a *Admin) setupPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	token := c.Query("token")
	if err := a.auth.SetupValid(c.Request.Context(), token); err != nil {
		return err
	}
	return a.showSetup(c, http.StatusOK, newForm(), nil, token)
}

func (a *Admin) showSetup(c *gin.Context, status int, f *Form, problem error, token string) error {
	p := a.page(c, "setup.title")
	p.refused(f, problem, "site", "name", "email", "password")
	p.D = setupForm{f, token, tongues(c, url.Values{"token": {token}})}
	return a.render(c, status, "setup", p)
}

func (a *Admin) setup(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, form.Get("lang"))
	l, token, password := web.Locale(c), form.Get("token"), form.Get("password")
	email := form.Get("email")
	_, err = a.auth.Setup(c.Request.Context(), token, auth.NewAccount{Email: email, Name: form.Get("name"), Password: password, Locale: l})
	f := &Form{Values: form, Bad: map[string]string{}}
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		return a.showSetup(c, http.StatusUnprocessableEntity, f, err, token)
	}
	if err != nil {
		return err
	}
	if err := web.SignIn(c, email, password); err != nil {
		return err
	}
	if name := form.Get("site"); name != "" {
		site := a.settings.Site()
		site.Name = settings.Words{l: name}
		// The account is made: a name that is refused can be set later, on its own page, with the reason beside it.
		if err := a.settings.Save(c.Request.Context(), web.Actor(c), site, "", "name"); err != nil {
			flash(c, "warning", "setup.name_refused")
			return web.Redirect(c, "/admin/settings")
		}
	}
	flash(c, "success", "setup.done")
	return web.Redirect(c, "/admin")
}
