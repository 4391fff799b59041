package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// signInForm is the page for those who must sign in first.
type signInForm struct {
	Form    *Form
	Next    string
	Problem string // why it did not work
	Empty   bool   // there are no accounts yet
	Reset   bool   // a new password can be had by mail
	Passkey bool   // the site's address can have passkeys
	Office  string // name of the office's directory; empty: none
	Out     string // where one signs out of the directory too, after signing out here
	Tongues []Link // this page in the other languages
}

// chooseLocale takes the language of a page for strangers from its links.
func chooseLocale(c *gin.Context, asked string) {
	if l, ok := i18n.Parse(asked); ok {
		web.SetLocale(c, l)
	}
}

// tongues are links to this page in every language.
func tongues(c *gin.Context, keep url.Values) []Link {
	var out []Link
	for _, l := range i18n.All {
		q := url.Values{"lang": {string(l)}}
		for k, v := range keep {
			q[k] = v
		}
		out = append(out, Link{string(l), c.Request.URL.Path + "?" + q.Encode()})
	}
	return out
}

func (a *Admin) signInPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	next := c.Query("next")
	if web.Actor(c) != nil {
		return web.Redirect(c, afterSignIn(next))
	}
	return a.showSignIn(c, http.StatusOK, newForm(), next, "")
}

func (a *Admin) showSignIn(c *gin.Context, status int, f *Form, next, problem string) error {
	p := a.page(c, "sign_in.title")
	p.Failed = problem != ""
	d := signInForm{Form: f, Next: next, Problem: problem, Reset: a.mail.Delivers()}
	keep := url.Values{}
	if next != "" {
		keep.Set("next", next)
	}
	d.Tongues = tongues(c, keep)
	n, err := a.auth.Count(c.Request.Context())
	if err != nil {
		return err
	}
	d.Empty = n == 0
	d.Passkey = a.auth.Passkeys(web.Hostname(c))
	if a.directory != nil {
		d.Office = a.directoryName(p.Locale)
		// The browser asks where a form leads to in the end.
		c.Header("Content-Security-Policy", strings.Replace(web.PanelCSP, "form-action 'self'", "form-action 'self' "+a.directory.Origin(), 1))
		if c.Query("out") != "" {
			d.Out = a.directory.Logout(a.base + "/admin/sign-in")
		}
	}
	p.D = d
	return a.render(c, status, "signin", p)
}

func (a *Admin) signIn(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, form.Get("lang"))
	next, email := form.Get("next"), form.Get("email")
	err = web.SignIn(c, email, form.Get("password"))
	var slow *auth.ThrottledError
	var step *auth.StepError
	switch {
	case err == nil:
		return web.Redirect(c, afterSignIn(next))
	case errors.As(err, &step):
		return web.Redirect(c, stepAt(next))
	case errors.Is(err, auth.ErrSignIn), errors.Is(err, auth.ErrBusy), errors.As(err, &slow):
		// The same page again: the address stays as it was typed, and password managers find their field.
		status, key := web.Status(err)
		if slow != nil {
			c.Header("Retry-After", strconv.Itoa(max(1, int(slow.RetryAfter.Seconds()))))
		}
		return a.showSignIn(c, status, newForm("email", email), next, key+".text")
	}
	return err
}

// afterSignIn is where a person wanted to go; nowhere but the panel.
func afterSignIn(next string) string {
	if u, err := url.Parse(next); err == nil && web.SafePath(next) && (u.Path == "/admin" || len(u.Path) > 7 && u.Path[:7] == "/admin/") && u.Path != "/admin/sign-in" {
		return next
	}
	return "/admin"
}

func (a *Admin) signOut(c *gin.Context) error {
	a.forgetViews(c)
	if err := web.SignOut(c); err != nil {
		return err
	}
	flash(c, "success", "sign_in.signed_out")
	if a.directory != nil {
		return web.Redirect(c, "/admin/sign-in?out=1")
	}
	return web.Redirect(c, "/admin/sign-in")
}
