package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/view"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

const securityPath = "/admin/account/security"

// securityRoutes are those by which people sign in, and look after what they sign in with.
func (a *Admin) securityRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	const small = 16 << 10
	return []web.Route{
		{Method: get, Path: stepPath, Rule: web.Public, Class: web.Personal, Handle: a.stepPage},
		{Method: post, Path: stepPath, Rule: web.Public, Class: web.Personal, Handle: a.step, MaxBody: 64 << 10},
		{Method: post, Path: "/admin/sign-in/passkey", Rule: web.Public, Class: web.Personal, Handle: a.passkeySignIn, MaxBody: 64 << 10},
		{Method: post, Path: "/admin/sign-in/directory", Rule: web.Public, Class: web.Personal, Handle: a.toDirectory, MaxBody: small},
		{Method: get, Path: DirectoryPath, Rule: web.Public, Class: web.Secret, Handle: a.fromDirectory},
		{Method: get, Path: addressPath, Rule: web.Public, Class: web.Secret, Handle: a.addressPage},
		{Method: post, Path: addressPath, Rule: web.Public, Class: web.Secret, Handle: a.agreeAddress, MaxBody: small},

		{Method: get, Path: securityPath, Rule: web.SignedIn, Class: web.Personal, Unfinished: true, Handle: a.securityPage},
		{Method: post, Path: securityPath, Rule: web.SignedIn, Class: web.Personal, Unfinished: true, Handle: a.saveSecurity, MaxBody: 64 << 10},
	}
}

// securityScreen is what somebody signs in with.
type securityScreen struct {
	auth.Factors
	Passkeys bool      // the page can ask for them
	Open     bool      // the password was given lately: things can be changed
	Next     string    // where the person was going, who must set up a second factor first
	Confirm  *Form     // asks for the password
	Setup    *auth.App // that is being set up
	Code     *view.Code
	CodeForm *Form
	New      *auth.Ceremony // a passkey that is being made
	NewForm  *Form
	Codes    []string // new recovery codes, shown once
	Address  *Form    // of a new address
	Letters  bool     // letters can be sent: the address can be changed
	Office   string   // name of the office's directory, "" where there is none
}

func (a *Admin) securityPage(c *gin.Context) error {
	return a.showSecurity(c, http.StatusOK, securityScreen{}, nil)
}

// showSecurity shows the page; d holds what is under way, err what is wrong with what was sent.
func (a *Admin) showSecurity(c *gin.Context, status int, d securityScreen, problem error) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	p := a.page(c, "security.title")
	p.Active, p.Layout = "account", "one narrow"
	if !who.Unfinished {
		p.Crumbs = []Link{{p.T("account.title"), "/admin/account"}}
	}
	if d.Factors, err = a.auth.Factors(c.Request.Context(), who, who.ID); err != nil {
		return err
	}
	if d.Next == "" {
		d.Next = c.Query("next")
	}
	d.Passkeys = a.auth.Passkeys(web.Hostname(c))
	d.Open = a.auth.Confirmed(who) == nil
	for _, f := range []struct {
		form   **Form
		fields []string
	}{{&d.Confirm, []string{"old"}}, {&d.CodeForm, []string{"code"}}, {&d.NewForm, []string{"name"}}, {&d.Address, []string{"email"}}} {
		if *f.form == nil {
			*f.form = newForm()
		} else {
			p.refused(*f.form, problem, f.fields...)
		}
	}
	if d.Setup != nil {
		if d.Code, err = view.NewCode(d.Setup.URL); err != nil {
			return err
		}
	}
	d.Letters = a.mail.Delivers()
	if a.directory != nil {
		d.Office = a.directoryName(p.Locale)
	}
	p.D = d
	return a.render(c, status, "security", p)
}

// saveSecurity does one thing to what the person signs in with; op says which.
func (a *Admin) saveSecurity(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, from, name := c.Request.Context(), web.ClientFrom(c), a.settings.Site().Name.In(web.Locale(c))
	d := securityScreen{Next: v.Get("next")}
	done := ""
	switch v.Get("op") {
	case "confirm":
		d.Confirm = newForm()
		err = a.auth.Confirm(ctx, who, v.Get("old"))
	case "app":
		if d.Setup, err = a.auth.BeginApp(ctx, who, name, from); err == nil {
			return a.showSecurity(c, http.StatusOK, d, nil)
		}
	case "app_add":
		d.CodeForm = newForm("code", v.Get("code"))
		var added *auth.Added
		if added, err = a.auth.AddApp(ctx, who, v.Get("token"), v.Get("code"), a.told(c, "app_added")); err == nil {
			return a.added(c, added, d, "security.done.app")
		}
		var e error
		if d.Setup, e = a.auth.UnderWay(ctx, who, v.Get("token"), name); e != nil && errors.Is(err, auth.ErrStep) == errors.Is(e, auth.ErrStep) {
			err = e
		}
	case "passkey":
		d.NewForm = newForm()
		if d.New, err = a.auth.BeginNewPasskey(ctx, who, name, from); err == nil {
			d.NewForm.Values.Set("name", auth.AgentName(c.GetHeader("User-Agent")))
			return a.showSecurity(c, http.StatusOK, d, nil)
		}
	case "passkey_add":
		d.NewForm = newForm("name", v.Get("name"))
		var added *auth.Added
		if added, err = a.auth.AddPasskey(ctx, who, v.Get("token"), v.Get("name"), []byte(v.Get("answer")), a.told(c, "passkey_added")); err == nil {
			return a.added(c, added, d, "security.done.passkey")
		}
	case "rename":
		done, err = "security.done.rename", a.auth.RenamePasskey(ctx, who, v.Get("id"), v.Get("name"))
	case "remove":
		done, err = "security.done.remove", a.auth.RemoveFactor(ctx, who, v.Get("id"), a.told(c, "factor_removed"))
	case "codes":
		if d.Codes, err = a.auth.NewCodes(ctx, who, a.told(c, "codes_made")); err == nil {
			return a.showSecurity(c, http.StatusOK, d, nil)
		}
	case "unlink":
		done, err = "security.done.unlink", a.auth.Unlink(ctx, who, who.ID)
	case "address":
		if !a.mail.Delivers() {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		d.Address = newForm("email", v.Get("email"))
		done, err = "security.done.address", a.askAddress(c, who, v.Get("email"))
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	var invalid interface{ Fields() map[string]string }
	var slow *auth.ThrottledError
	switch {
	case err == nil:
		if done != "" {
			flash(c, "success", done)
		}
		return web.Redirect(c, securityAt(d.Next))
	case errors.Is(err, auth.ErrConfirm), errors.Is(err, auth.ErrStep):
		_, key := web.Status(err)
		flash(c, "warning", key+".text")
		return web.Redirect(c, securityAt(d.Next))
	case asInvalid(err, &invalid):
		if d.Confirm == nil && d.CodeForm == nil && d.NewForm == nil && d.Address == nil {
			for _, key := range invalid.Fields() {
				flash(c, "error", key)
			}
		}
		return a.showSecurity(c, http.StatusUnprocessableEntity, d, err)
	case errors.As(err, &slow):
		c.Header("Retry-After", strconv.Itoa(max(1, int(slow.RetryAfter.Seconds()))))
		flash(c, "error", "error.throttled.text")
		return a.showSecurity(c, http.StatusTooManyRequests, d, nil)
	}
	return err
}

func securityAt(next string) string {
	if next == "" {
		return securityPath
	}
	return securityPath + "?next=" + escape(next)
}

// added goes on after a new factor: with its first recovery codes, which are shown now and never again.
func (a *Admin) added(c *gin.Context, added *auth.Added, d securityScreen, done string) error {
	web.Renewed(c, added.Token)
	flash(c, "success", done)
	if len(added.Codes) == 0 {
		return web.Redirect(c, securityAt(""))
	}
	// The page is drawn in this answer: what is shown once lies in no address and in no cookie.
	who, err := web.Again(c)
	if err != nil {
		return err
	}
	d.Codes, d.CodeForm, d.NewForm = added.Codes, nil, nil
	if who.Unfinished {
		return auth.ErrForbidden
	}
	return a.showSecurity(c, http.StatusOK, d, nil)
}

// told writes to a person that something was done to what they sign in with: key names it.
func (a *Admin) told(c *gin.Context, key string) auth.Told {
	return func(ctx context.Context, tx bun.Tx, acc auth.Account) error {
		return a.inform(ctx, tx, web.RequestID(c), key, acc, acc.Email, "")
	}
}

// FactorsReset writes to a person that all they signed in with but the password was taken away from the shell; once names the occasion.
func (a *Admin) FactorsReset(once string) auth.Told {
	return func(ctx context.Context, tx bun.Tx, acc auth.Account) error {
		return a.inform(ctx, tx, once, "factors_reset", acc, acc.Email, "")
	}
}

// inform writes a letter about an account's security to a mailbox, one for each occasion; address is another one that it names.
func (a *Admin) inform(ctx context.Context, tx bun.Tx, once, key string, acc auth.Account, to, address string) error {
	if !reachable(to) {
		return nil
	}
	l := lettersIn(acc, i18n.EN)
	text, html := a.mail.Compose(l, mail.Body{Greeting: a.greeting(l, acc.Name),
		Paragraphs: []string{a.cat.T(l, "security.letter."+key, "Site", a.settings.Site().Name.In(l), "Address", tongue{a.cat, l}.isolate(address)), a.cat.T(l, "security.letter.not_you")}})
	_, err := a.mail.Enqueue(ctx, tx, auth.System("security"), mail.Letter{Cause: "security." + key + ":" + to + ":" + once, To: to, Name: acc.Name, Locale: l,
		Subject: a.cat.T(l, "security.letter."+key+"_subject"), Text: text, HTML: html, Priority: mail.Urgent})
	return err
}

// Problems are those of whichever form came back.
func (s securityScreen) Problems() []Link {
	return slices.Concat(s.Confirm.Problems, s.CodeForm.Problems, s.NewForm.Problems, s.Address.Problems)
}

// Secret is what is typed into an app, in groups of four.
func (s securityScreen) Secret() string {
	var b strings.Builder
	for i, r := range s.Setup.Secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Options is what the browser is to do with passkeys, as an attribute of the page holds it.
func (s securityScreen) Options() string { return string(s.New.Options) }
