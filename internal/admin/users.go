package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
)

// usersScreen is the list of accounts.
type usersScreen struct {
	Filter *Form
	Form   *Form // of a new account
	Rows   []userRow
	Roles  []roleLine
	web.Pager
	Filtered, Open bool // Open: the form for a new account is unfolded
}

type userRow struct {
	auth.Account
	Roles []string
	Self  bool
}

// roleLine explains a role.
type roleLine struct {
	Role   auth.Role
	Name   string
	Text   string
	Scopes []string
}

// grantLine is a grant in words.
type grantLine struct {
	ID          string
	Role, Where string
	Until       *time.Time
	Ended       bool
}

// password makes one that nobody has to invent: 5 groups of 4 letters and digits, 100 bits.
func password() string {
	s := strings.ToLower(rand.Text())
	return strings.Join([]string{s[:4], s[4:8], s[8:12], s[12:16], s[16:20]}, "-")
}

// grantLines writes an account's grants in words.
func (a *Admin) grantLines(c *gin.Context, p *Page, who *auth.Actor, account string) ([]grantLine, error) {
	grants, err := a.auth.Grants(c.Request.Context(), who, account)
	if err != nil {
		return nil, err
	}
	return a.inWords(c.Request.Context(), p, grants)
}

// inWords writes grants in the page's language.
func (a *Admin) inWords(ctx context.Context, p *Page, grants []auth.Grant) ([]grantLine, error) {
	var ids []string
	for _, g := range grants {
		ids = append(ids, filled([]string{g.ScopeID, g.Office})...)
	}
	labels, err := a.content.Labels(ctx, p.Locale, ids)
	if err != nil {
		return nil, err
	}
	label := func(id string) string {
		if labels[id] == "" {
			return p.T("users.scope_gone")
		}
		return labels[id]
	}
	out := make([]grantLine, len(grants))
	for i, g := range grants {
		where := p.T("auth.scope." + string(g.Scope))
		if g.ScopeID != "" {
			where = p.T("users.scope_of", "Scope", where, "Name", label(g.ScopeID))
		}
		var more []string
		if g.Office != "" {
			more = append(more, p.T("rights.within", "Name", label(g.Office)))
		}
		if g.Locale != "" {
			more = append(more, p.T("users.only_language", "Language", g.Locale.Endonym()))
		}
		ends := g.Ends()
		if ends != nil {
			more = append(more, p.T("users.until_line", "Time", p.DateTime(*ends)))
		}
		out[i] = grantLine{ID: g.ID, Role: p.T("auth.role." + string(g.Role)), Where: strings.Join(append([]string{where}, more...), " · "),
			Until: ends, Ended: ends != nil && !a.now().Before(*ends)}
	}
	return out, nil
}

// roleLines explains the roles, those the actor may give.
func roleLines(p *Page) []roleLine {
	var out []roleLine
	for _, r := range p.Actor.Appointable() {
		l := roleLine{Role: r, Name: p.T("auth.role." + string(r)), Text: p.T("role." + string(r))}
		for _, s := range auth.ScopesOf(r) {
			l.Scopes = append(l.Scopes, p.T("auth.scope."+string(s)))
		}
		out = append(out, l)
	}
	return out
}

func (a *Admin) users(c *gin.Context) error {
	return a.showUsers(c, http.StatusOK, newForm("role", string(auth.Editor)), nil)
}

func (a *Admin) showUsers(c *gin.Context, status int, form *Form, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "users.title")
	p.Active, p.Layout = "users", "one"
	d := usersScreen{Form: form, Filter: newForm("q", c.Query("q"), "role", c.Query("role"), "state", c.Query("state")), Roles: roleLines(p)}
	d.Open = p.refused(form, problem, "name", "email", "role") || c.Query("new") != ""
	f := auth.AccountFilter{Search: c.Query("q"), Role: auth.Role(c.Query("role"))}
	switch c.Query("state") {
	case "closed", "open":
		closed := c.Query("state") == "closed"
		f.Disabled = &closed
	}
	d.Filtered = f != auth.AccountFilter{}
	var accounts []auth.Account
	var err error
	d.Pager, err = paged(c, func(part auth.Paging) (total int, err error) {
		accounts, total, err = a.auth.List(ctx, who, f, part)
		return total, err
	})
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		grants, err := a.auth.Grants(ctx, who, acc.ID)
		if err != nil {
			return err
		}
		row := userRow{Account: acc, Self: acc.ID == who.ID}
		for _, g := range grants {
			if ends := g.Ends(); ends != nil && !a.now().Before(*ends) {
				continue
			}
			if name := p.T("auth.role." + string(g.Role)); !slices.Contains(row.Roles, name) {
				row.Roles = append(row.Roles, name)
			}
		}
		d.Rows = append(d.Rows, row)
	}
	p.D = d
	return a.render(c, status, "users", p)
}

// addUser makes an account with a generated password, which is shown on the next page and nowhere else.
func (a *Admin) addUser(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	form := &Form{Values: values, Bad: map[string]string{}}
	role := auth.Role(values.Get("role"))
	if role != "" && !slices.Contains(auth.Roles, role) {
		return a.showUsers(c, http.StatusUnprocessableEntity, form, auth.Invalid{"role": "auth.role_unknown"})
	}
	if role == auth.Admin && !who.Can(auth.ManageInstance, auth.Object{}) {
		return auth.ErrForbidden
	}
	secret := password()
	acc, err := a.auth.Create(ctx, who, auth.NewAccount{Email: strings.TrimSpace(values.Get("email")), Name: values.Get("name"), Password: secret})
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		return a.showUsers(c, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	if role != "" && slices.Contains(auth.ScopesOf(role), auth.ScopeSite) {
		if _, err := a.auth.AddGrant(ctx, who, auth.Grant{AccountID: acc.ID, Role: role, Scope: auth.ScopeSite}); err != nil {
			return err
		}
	}
	return a.showUser(c, http.StatusOK, acc.ID, userScreen{Secret: secret, Made: true, grantFields: grantFields{Grant: newForm("role", string(role))}}, nil)
}

// userScreen is one account, with its grants.
type userScreen struct {
	Account *auth.Account
	Form    *Form // name, address, organisation
	grantFields
	Secret    string
	Made      bool
	Self      bool
	Protected bool // an administrator, and the actor is none
	Grants    []grantLine
	Sessions  []auth.Session
	Org       string // label of the own organisation
	Factors   auth.Factors
	NoLetter  string // says that none can be sent to the address
	See       bool   // the actor may look at the panel as the account
}

type targetGroup struct {
	Kind    string
	Name    string
	Choices []Choice
}

func (a *Admin) userPage(c *gin.Context) error {
	return a.showUser(c, http.StatusOK, c.Param("id"), userScreen{}, nil)
}

func (a *Admin) showUser(c *gin.Context, status int, id string, d userScreen, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	acc, err := a.auth.Get(ctx, who, id)
	if err != nil {
		return err
	}
	p := a.page(c, "users.title")
	p.Crumbs = []Link{{p.T("users.title"), "/admin/users"}}
	p.Title, p.Active, p.Layout = acc.Name, "users", "one narrow"
	if c.Request.Method != http.MethodGet {
		p.Path = "/admin/users/" + id
	}
	d.Account, d.Self, d.Roles = acc, acc.ID == who.ID, roleLines(p)
	if !reachable(acc.Email) {
		d.NoLetter = p.T("users.no_letter", "Address", p.tongue().isolate(acc.Email))
	}
	if d.Form == nil {
		d.Form = newForm("name", acc.Name, "email", acc.Email, "organization", acc.Organization)
	} else {
		p.refused(d.Form, problem, "name", "email", "organization")
	}
	if d.Grant == nil {
		d.Grant = newForm("role", string(auth.Editor), "scope", string(auth.ScopeSite)) // never the most powerful by a slip
	} else {
		p.refused(d.Grant, problem, "role", "scope", "scope_id", "locale", "until")
	}
	if d.Grants, err = a.grantLines(c, p, who, id); err != nil {
		return err
	}
	if d.Sessions, err = a.auth.Sessions(ctx, who, id); err != nil {
		return err
	}
	if d.Factors, err = a.auth.Factors(ctx, who, id); err != nil {
		return err
	}
	d.Scopes = scopeChoices(p, d.Roles)
	if d.Targets, err = a.targets(c, p, who); err != nil {
		return err
	}
	other, err := a.auth.ActorOf(ctx, id)
	if err != nil {
		return err
	}
	d.See = who.MaySeeAs(other)
	p.D = d
	return a.render(c, status, "user", p)
}

// saveUser does one thing to an account; op says which.
func (a *Admin) saveUser(c *gin.Context) error {
	ctx, who, id := c.Request.Context(), web.Actor(c), c.Param("id")
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	acc, err := a.auth.Get(ctx, who, id)
	if err != nil {
		return err
	}
	form := &Form{Values: values, Bad: map[string]string{}}
	var back userScreen   // what the page shows should err name fields
	var taken *auth.Grant // that is taken away
	switch op := values.Get("op"); op {
	case "save":
		back.Form = form
		now := *acc
		now.Name, now.Email, now.Organization = values.Get("name"), strings.TrimSpace(values.Get("email")), values.Get("organization")
		if now.Organization != "" && now.Organization != acc.Organization {
			if e, err := a.content.Get(ctx, who, now.Organization); err != nil || e.Kind.Name != "organization" {
				return a.showUser(c, http.StatusUnprocessableEntity, id, back, auth.Invalid{"organization": "auth.organization_unknown"})
			}
		}
		if err = a.auth.Update(ctx, who, now); err == nil && now.Email != acc.Email {
			err = a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				return errors.Join(a.inform(ctx, tx, web.RequestID(c), "address_done", now, acc.Email, now.Email), a.inform(ctx, tx, web.RequestID(c), "address_done", now, now.Email, now.Email))
			})
		}
		if errors.Is(err, auth.ErrConfirm) {
			return web.Redirect(c, securityPath)
		}
	case "password":
		secret := password()
		if err = a.auth.SetPassword(ctx, who, id, secret); err == nil {
			return a.showUser(c, http.StatusOK, id, userScreen{Secret: secret}, nil)
		}
	case "factors":
		err = a.auth.ResetFactors(ctx, who, id, a.told(c, "factors_reset"))
	case "unlink":
		err = a.auth.Unlink(ctx, who, id)
	case "disable", "enable":
		err = a.auth.Disable(ctx, who, id, op == "disable")
	case "grant":
		back.Grant = form
		var g auth.Grant
		if g, err = a.grantFrom(c, who, id, values); err == nil {
			_, err = a.auth.AddGrant(ctx, who, g)
		}
	case "ungrant":
		grants, e := a.auth.Grants(ctx, who, id)
		if e != nil {
			return e
		}
		// Of this account only: the address says whose page this is.
		i := slices.IndexFunc(grants, func(g auth.Grant) bool { return g.ID == values.Get("grant") })
		if i < 0 {
			return db.ErrNotFound
		}
		taken = &grants[i]
		err = a.auth.RemoveGrant(ctx, who, values.Get("grant"))
	case "regrant": // of what was taken away just now; the log knows what that was
		err = a.auth.UndoRemoveGrant(ctx, who, auth.Grant{AccountID: id, Role: auth.Role(values.Get("role")), Scope: auth.ScopeKind(values.Get("scope")), ScopeID: values.Get("scope_id"), Locale: i18n.Locale(values.Get("locale"))})
	case "end":
		sessions, e := a.auth.Sessions(ctx, who, id)
		if e != nil {
			return e
		}
		if !slices.ContainsFunc(sessions, func(s auth.Session) bool { return s.ID == values.Get("session") }) {
			return db.ErrNotFound
		}
		err = a.auth.EndSession(ctx, who, values.Get("session"))
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	var invalid interface{ Fields() map[string]string }
	switch {
	case err == nil:
		if taken != nil {
			with := map[string]string{"id": id, "role": string(taken.Role), "scope": string(taken.Scope), "scope_id": taken.ScopeID, "locale": string(taken.Locale)}
			flashUndo(c, "users.done_ungrant", undoGrant, with)
		} else {
			flash(c, "success", "users.done_"+strings.TrimPrefix(values.Get("op"), "re")) // given again is given
		}
		return web.Redirect(c, "/admin/users/"+id)
	case asInvalid(err, &invalid):
		if back.Form == nil && back.Grant == nil {
			// No form of fields was sent: the reason stands above the page.
			for _, key := range invalid.Fields() {
				flash(c, "error", key)
			}
			return a.showUser(c, http.StatusUnprocessableEntity, id, back, nil)
		}
		return a.showUser(c, http.StatusUnprocessableEntity, id, back, err)
	case errors.Is(err, auth.ErrForbidden):
		return err
	}
	return err
}

// grantFrom reads a new grant. Its target must be an entry of the scope's kind that the actor may see.
func (a *Admin) grantFrom(c *gin.Context, who *auth.Actor, account string, v url.Values) (auth.Grant, error) {
	g := auth.Grant{AccountID: account, Role: auth.Role(v.Get("role")), Scope: auth.ScopeKind(v.Get("scope")), Locale: i18n.Locale(v.Get("locale"))}
	if g.Scope != auth.ScopeSite {
		g.ScopeID = v.Get("scope_id")
		kind := map[auth.ScopeKind]string{auth.ScopeOrganisation: "organization", auth.ScopeSeries: "series", auth.ScopeEvent: "event"}[g.Scope]
		e, err := a.content.Get(c.Request.Context(), who, g.ScopeID)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return g, err
		}
		if err != nil || e.Kind.Name != kind {
			return g, auth.Invalid{"scope_id": "users.scope_wrong"}
		}
	}
	if s := strings.TrimSpace(v.Get("until")); s != "" {
		zone := content.Zone(a.settings.Site().Zone)
		day, err := a.parseDay(c, s)
		if err != nil {
			return g, auth.Invalid{"until": "users.until_wrong"}
		}
		t := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone) // to the end of the day named
		g.Until = &t
	}
	return g, nil
}

// parseDay reads a day as people write it in the panel's language.
func (a *Admin) parseDay(c *gin.Context, s string) (time.Time, error) {
	now := a.now().In(content.Zone(a.settings.Site().Zone))
	d, err := i18n.ParseDate(web.Locale(c), s, now)
	if err == nil && d.MonthOnly {
		err = i18n.ErrDate
	}
	return d.Date, err
}
