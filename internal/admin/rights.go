package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/web"
)

const (
	rightsURL = "/admin/rights"
	inviteURL = "/admin/invitation"
	seeURL    = "/admin/see"
	whyURL    = "/admin/why"
)

// rightsRoutes are those of rights that are handed on, offered and explained.
func (a *Admin) rightsRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	appoint := web.Needs(auth.Appoint)
	routes := []web.Route{
		{Method: get, Path: rightsURL, Rule: appoint, Class: web.Personal, Handle: a.rights},
		{Method: post, Path: rightsURL, Rule: appoint, Class: web.Personal, Handle: a.saveRights},
		{Method: get, Path: inviteURL, Rule: web.Public, Class: web.Secret, Handle: a.invitationPage},
		{Method: post, Path: inviteURL, Rule: web.Public, Class: web.Secret, Handle: a.acceptInvitation, MaxBody: 16 << 10},
		{Method: post, Path: seeURL, Rule: web.SignedIn, Class: web.Personal, Handle: a.see, WhileSeeing: true, MaxBody: 16 << 10},
		{Method: get, Path: "/admin/help/rights", Rule: web.SignedIn, Class: web.Personal, Handle: a.matrix},
		{Method: get, Path: whyURL, Rule: web.SignedIn, Class: web.Personal, Handle: a.why},
	}
	for _, k := range a.content.Kinds {
		routes = append(routes, web.Route{Method: get, Path: listURL(k) + "/:id/rights", Rule: web.Needs(auth.Read), Class: web.Personal,
			Handle: func(c *gin.Context) error { return a.entryRights(k, c) }})
	}
	return routes
}

// grantFields is what the part of a form that describes a grant is made of.
type grantFields struct {
	Grant   *Form
	Roles   []roleLine
	Scopes  []Choice
	Targets []targetGroup
}

// targets are what a scope can be, of what the actor sees.
func (a *Admin) targets(c *gin.Context, p *Page, who *auth.Actor) (out []targetGroup, err error) {
	for _, kind := range []string{"organization", "series", "event"} {
		if a.content.Kind(kind) == nil {
			continue
		}
		rows, _, err := a.content.List(c.Request.Context(), who, content.ListQuery{Kind: kind, Sort: "title", Reader: p.Locale, Limit: 300})
		if err != nil {
			return nil, err
		}
		g := targetGroup{Kind: kind, Name: p.KindMany(kind)}
		for _, r := range rows {
			title := r.Title
			if t := r.Languages[p.Locale].Title; t != "" {
				title = t
			}
			g.Choices = append(g.Choices, Choice{Value: r.ID, Text: title})
		}
		out = append(out, g)
	}
	return out, nil
}

// scopeChoices are the scopes that one of some roles can be held in.
func scopeChoices(p *Page, roles []roleLine) (out []Choice) {
	for _, s := range auth.Scopes {
		if slices.ContainsFunc(roles, func(r roleLine) bool { return slices.Contains(auth.ScopesOf(r.Role), s) }) {
			out = append(out, Choice{Value: string(s), Text: p.T("auth.scope." + string(s))})
		}
	}
	return out
}

// rightsScreen lists the rights that the actor looks after, and offers new ones.
type rightsScreen struct {
	grantFields
	Filter        *Form
	Form          *Form // of an invitation; its grant is Grant
	Open          bool  // the form is unfolded
	Letters       bool  // a mail server takes them
	Link          string
	Invitations   []invitationLine
	More          int // invitations that are not listed
	Rows          []holdingLine
	Organizations []Choice // to which somebody who is invited may belong
	RoleChoices   []Choice
	StateChoices  []Choice
	Filtered      bool
	web.Pager
}

type invitationLine struct {
	ID, Email string
	Grant     grantLine
	By        string
	Expires   time.Time
}

type holdingLine struct {
	auth.Holding
	grantLine
	ID, URL string // the account's page, for who may open it
	See     bool   // the actor may look at the panel as its holder
	Self    bool
}

func (a *Admin) rights(c *gin.Context) error {
	grant := newForm("role", string(auth.PartnerEditor), "scope", c.Query("scope"), "scope_id", c.Query("scope_id"))
	return a.showRights(c, http.StatusOK, rightsScreen{grantFields: grantFields{Grant: grant}, Form: newForm("mail_locale", string(web.Locale(c))), Open: c.Query("invite") != ""}, nil)
}

func (a *Admin) showRights(c *gin.Context, status int, d rightsScreen, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "rights.title")
	p.Active, p.Layout = "rights", "one"
	d.Letters = a.mail.Delivers()
	if problem != nil {
		d.Open = p.refused(d.Form, problem, "email", "name", "mail_locale", "organization", "role", "scope", "scope_id", "locale", "until")
		d.Grant = d.Form
	}
	d.Roles = roleLines(p)
	d.Scopes = scopeChoices(p, d.Roles)
	if d.Grant.Get("scope") == "" && len(d.Scopes) > 0 {
		d.Grant.Values.Set("scope", d.Scopes[len(d.Scopes)-1].Value) // never the widest by a slip
	}
	var err error
	if d.Targets, err = a.targets(c, p, who); err != nil {
		return err
	}
	for _, group := range d.Targets {
		if group.Kind == "organization" {
			d.Organizations = group.Choices
		}
	}
	d.Filter = newForm("q", c.Query("q"), "holds", c.Query("holds"), "state", c.Query("state"))
	f := auth.HoldingFilter{Search: c.Query("q"), Role: auth.Role(c.Query("holds")), Due: c.Query("state") == "due", Ended: c.Query("state") == "ended"}
	d.Filtered = f != auth.HoldingFilter{}
	for _, r := range auth.Roles {
		d.RoleChoices = append(d.RoleChoices, Choice{Value: string(r), Text: p.T("auth.role." + string(r))})
	}
	for _, s := range []string{"due", "ended"} {
		d.StateChoices = append(d.StateChoices, Choice{Value: s, Text: p.T("rights.state." + s)})
	}
	var list []auth.Holding
	if d.Pager, err = paged(c, func(part auth.Paging) (total int, err error) {
		list, total, err = a.auth.Holdings(ctx, who, f, part)
		return total, err
	}); err != nil {
		return err
	}
	open, total, err := a.auth.Invitations(ctx, who, auth.Paging{Size: 100})
	if err != nil {
		return err
	}
	d.More = total - len(open)
	var grants []auth.Grant
	for _, h := range list {
		grants = append(grants, h.Grant)
	}
	for _, v := range open {
		grants = append(grants, v.Grant)
	}
	lines, err := a.inWords(ctx, p, grants)
	if err != nil {
		return err
	}
	see := map[string]bool{}
	for i, h := range list {
		if _, asked := see[h.AccountID]; !asked {
			other, err := a.auth.ActorOf(ctx, h.AccountID)
			if err != nil {
				return err
			}
			see[h.AccountID] = who.MaySeeAs(other)
		}
		line := holdingLine{Holding: h, grantLine: lines[i], ID: h.ID, See: see[h.AccountID], Self: h.AccountID == who.ID}
		if who.Can(auth.ManageUsers, auth.Object{Kind: "account", ID: h.AccountID}) {
			line.URL = "/admin/users/" + h.AccountID
		}
		d.Rows = append(d.Rows, line)
	}
	for i, v := range open {
		d.Invitations = append(d.Invitations, invitationLine{v.ID, v.Email, lines[len(list)+i], v.ByName, v.ExpiresAt})
	}
	p.D = d
	return a.render(c, status, "rights", p)
}

// saveRights offers a right, takes one away, or says that one is still right; op says which.
func (a *Admin) saveRights(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	back := rightsURL
	if s := v.Get("state"); s == "due" || s == "ended" {
		back += "?state=" + s
	}
	op, id, _ := strings.Cut(v.Get("op"), " ")
	switch op {
	case "invite":
		return a.invite(c, v)
	case "take":
		g, err := a.auth.TakeGrant(ctx, who, id)
		if problem := a.complain(c, err); problem {
			return web.Redirect(c, back)
		} else if err != nil {
			return err
		}
		flashUndo(c, "users.done_ungrant", undoRight, map[string]string{"id": g.AccountID, "role": string(g.Role), "scope": string(g.Scope), "scope_id": g.ScopeID, "locale": string(g.Locale)})
	case "regrant": // the log knows what was taken away
		if err := a.auth.UndoRemoveGrant(ctx, who, auth.Grant{AccountID: v.Get("id"), Role: auth.Role(v.Get("role")), Scope: auth.ScopeKind(v.Get("scope")), ScopeID: v.Get("scope_id"), Locale: i18n.Locale(v.Get("locale"))}); err != nil {
			return err
		}
		flash(c, "success", "users.done_grant")
	case "confirm":
		err := a.auth.ConfirmGrant(ctx, who, id)
		if problem := a.complain(c, err); problem {
			return web.Redirect(c, back)
		} else if err != nil {
			return err
		}
		flash(c, "success", "rights.confirmed")
	case "revoke":
		if err := a.auth.RevokeInvitation(ctx, who, id, true); err != nil {
			return err
		}
		flashUndo(c, "rights.revoked", undoInvitation, map[string]string{"op": "unrevoke " + id})
	case "unrevoke":
		if err := a.auth.RevokeInvitation(ctx, who, id, false); err != nil {
			return err
		}
		flash(c, "success", "undo.link")
	default:
		return badOp()
	}
	return web.Redirect(c, back)
}

// complain leaves a notice for an error that names what is wrong.
func (a *Admin) complain(c *gin.Context, err error) bool {
	var invalid interface{ Fields() map[string]string }
	if !asInvalid(err, &invalid) {
		return false
	}
	for _, key := range invalid.Fields() {
		flash(c, "error", key)
	}
	return true
}

// invite sends an invitation. Without a mail server its link is shown once, to be handed over.
func (a *Admin) invite(c *gin.Context, v url.Values) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	form := &Form{Values: v, Bad: map[string]string{}}
	d := rightsScreen{Form: form, grantFields: grantFields{Grant: form}}
	l, known := i18n.Parse(v.Get("mail_locale"))
	if !known {
		l = web.Locale(c)
	}
	email := strings.TrimSpace(v.Get("email"))
	g, err := a.grantFrom(c, who, "", v)
	if err == nil && !reachable(email) {
		err = auth.Invalid{"email": "auth.email_invalid"}
	}
	if id := v.Get("organization"); err == nil && id != "" {
		if e, missing := a.content.Get(ctx, who, id); missing != nil || e.Kind.Name != "organization" {
			err = auth.Invalid{"organization": "auth.organization_unknown"}
		}
	}
	if err != nil {
		var invalid interface{ Fields() map[string]string }
		if asInvalid(err, &invalid) {
			return a.showRights(c, http.StatusUnprocessableEntity, d, err)
		}
		return err
	}
	x := auth.Invitation{Email: email, Name: v.Get("name"), Locale: l, Grant: g, Organization: a.organizationFor(who, g, v.Get("organization"))}
	link := ""
	_, err = a.auth.Invite(ctx, who, x, func(ctx context.Context, tx bun.Tx, x auth.Invitation, token string) error {
		if link = a.base + inviteURL + "?token=" + token + "&lang=" + string(l); !a.mail.Delivers() {
			return nil
		}
		letter, err := a.invitationLetter(ctx, x, who, token)
		if err != nil {
			return err
		}
		_, err = a.mail.Enqueue(ctx, tx, who, letter)
		return err
	})
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		return a.showRights(c, http.StatusUnprocessableEntity, d, err)
	}
	if err != nil {
		return err
	}
	if a.mail.Delivers() {
		flash(c, "success", "rights.invited", "Email", i18n.Isolate(email))
		return web.Redirect(c, rightsURL)
	}
	return a.showRights(c, http.StatusOK, rightsScreen{grantFields: grantFields{Grant: newForm("role", string(g.Role))}, Form: newForm("mail_locale", string(l)), Link: link}, nil)
}

// organizationFor is the own organisation of who is invited: the one the grant is for, or the one that was asked for, or else that of a lead.
func (a *Admin) organizationFor(who *auth.Actor, g auth.Grant, asked string) string {
	if g.Scope == auth.ScopeOrganisation {
		return g.ScopeID
	}
	if asked != "" {
		return asked
	}
	if area := who.Scope(auth.Appoint, "organization"); !area.All && len(area.Offices) == 1 {
		return area.Offices[0]
	}
	return ""
}

func (a *Admin) invitationLetter(ctx context.Context, x auth.Invitation, who *auth.Actor, token string) (mail.Letter, error) {
	l := x.Locale
	p := &Page{a: a, Locale: l}
	lines, err := a.inWords(ctx, p, []auth.Grant{x.Grant})
	if err != nil {
		return mail.Letter{}, err
	}
	site := a.settings.Site().Name.In(l)
	body := mail.Body{Paragraphs: []string{a.cat.T(l, "rights.letter_text", "Name", i18n.Isolate(who.Name), "Site", site)},
		Facts:  []mail.Fact{{Label: a.cat.T(l, "users.role"), Value: lines[0].Role}, {Label: a.cat.T(l, "users.scope"), Value: lines[0].Where}},
		Button: mail.Link{Text: a.cat.T(l, "rights.letter_button"), URL: a.base + inviteURL + "?token=" + token + "&lang=" + string(l)},
		After:  []string{a.cat.T(l, "rights.letter_after", "Time", p.DateTime(x.ExpiresAt))}}
	if x.Name != "" {
		body.Greeting = a.greeting(l, x.Name)
	}
	text, html := a.mail.Compose(l, body)
	return mail.Letter{Cause: "invitation:" + x.ID, To: x.Email, Name: x.Name, Locale: l, Subject: a.cat.T(l, "rights.letter_subject", "Site", site), Text: text, HTML: html,
		Priority: mail.Urgent, Keys: []string{token}, NotAfter: x.ExpiresAt}, nil
}

// invitedScreen is the page of somebody who was invited.
type invitedScreen struct {
	Form    *Form
	Token   string
	By      string
	Email   string
	Grant   grantLine
	Known   bool // there is an account by the address
	Tongues []Link
}

func (a *Admin) invitationPage(c *gin.Context) error {
	chooseLocale(c, c.Query("lang"))
	return a.showInvitation(c, http.StatusOK, nil, c.Query("token"), nil)
}

func (a *Admin) showInvitation(c *gin.Context, status int, form *Form, token string, problem error) error {
	x, err := a.auth.Invited(c.Request.Context(), token)
	if err != nil {
		return err
	}
	p := a.page(c, "rights.invited_title")
	p.Actor = nil // whoever is signed in here: the invitation is the mailbox's
	if form == nil {
		form = newForm("name", x.Name)
	}
	p.refused(form, problem, "name", "password")
	lines, err := a.inWords(c.Request.Context(), p, []auth.Grant{x.Grant})
	if err != nil {
		return err
	}
	p.D = invitedScreen{Form: form, Token: token, By: x.ByName, Email: x.Email, Grant: lines[0], Known: x.Known, Tongues: tongues(c, url.Values{"token": {token}})}
	return a.render(c, status, "invited", p)
}

// acceptInvitation makes the account and signs in, or gives the right to the account that is there, whose owner signs in as ever.
func (a *Admin) acceptInvitation(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	chooseLocale(c, v.Get("lang"))
	token, password := v.Get("token"), v.Get("password")
	acc, known, err := a.auth.Accept(c.Request.Context(), token, auth.NewAccount{Name: v.Get("name"), Password: password, Locale: web.Locale(c)})
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		return a.showInvitation(c, http.StatusUnprocessableEntity, &Form{Values: v, Bad: map[string]string{}}, token, err)
	}
	if err != nil {
		return err
	}
	if known {
		flash(c, "success", "rights.accepted_known")
		return web.Redirect(c, "/admin/sign-in")
	}
	if err := web.SignIn(c, acc.Email, password); err != nil {
		return err
	}
	flash(c, "success", "rights.accepted")
	return web.Redirect(c, "/admin")
}

// see shows the panel as somebody else, or ends that.
func (a *Admin) see(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	who, to := web.Actor(c), v.Get("account")
	if to != "" && who.SeenBy() != nil {
		return web.Fail(http.StatusForbidden, "error.seeing")
	}
	if err := a.auth.See(c.Request.Context(), who, to); err != nil {
		return err
	}
	if to == "" {
		return web.Redirect(c, rightsURL)
	}
	return web.Redirect(c, "/admin")
}

// whyScreen explains what somebody may do, with an entry or at all, and what it would take.
type whyScreen struct {
	Heading, Back string
	Name          string // of whom it is about, "" for the reader
	Lines         []whyLine
	Ask           []string    // names of those who could give what is missing
	People        []touchLine // everybody with a right on the entry; nil where the reader may not know
	As            []Choice
	Invite        string // where somebody is invited to the entry
}

type whyLine struct {
	Action  string
	Allowed bool
	How     []string // the grants that give it, or the roles that would
}

// touchLine is somebody with a right on an entry.
type touchLine struct {
	Name, URL string
	May       []string
	By        []string
}

// explained are the actions that the page of an entry explains, in its order.
var explained = []auth.Action{auth.Read, auth.EditFacts, auth.EditText, auth.Suggest, auth.Submit, auth.Clear, auth.Publish, auth.Share, auth.Delete, auth.Appoint}

// ofEvents are those of what belongs to an event.
var ofEvents = []auth.Action{auth.ReadRegistrants, auth.ReadSensitive, auth.ChangeRegistrants, auth.SendMessages, auth.Moderate, auth.ReadStatistics}

// inAction says an action in words, with the languages it may be done in if those are not all.
func (p *Page) inAction(r auth.Reason, of []i18n.Locale) string {
	name := p.T("rights.action." + string(r.Action))
	if len(r.Locales) == 0 || len(r.Locales) == len(of) {
		return name
	}
	var in []string
	for _, l := range r.Locales {
		in = append(in, p.Language(string(l)))
	}
	return p.T("rights.action_in", "Action", name, "Languages", p.List(in))
}

func (a *Admin) whyLine(ctx context.Context, p *Page, r auth.Reason, of []i18n.Locale) (whyLine, error) {
	line := whyLine{Action: p.inAction(r, of), Allowed: r.Allowed()}
	given, err := a.inWords(ctx, p, r.By)
	for _, g := range given {
		line.How = append(line.How, g.Role+" · "+g.Where)
	}
	for _, role := range r.Roles {
		line.How = append(line.How, p.T("auth.role."+string(role)))
	}
	return line, err
}

// why explains a place of the panel.
func (a *Admin) why(c *gin.Context) error {
	ctx, who, action := c.Request.Context(), web.Actor(c), auth.Action(c.Query("action"))
	if !slices.Contains(auth.Actions, action) {
		return db.ErrNotFound
	}
	p := a.page(c, "rights.why")
	p.Layout = "one narrow"
	line, err := a.whyLine(ctx, p, who.Needs(action), nil)
	if err != nil {
		return err
	}
	d := whyScreen{Heading: p.Title, Back: "/admin", Lines: []whyLine{line}}
	if !line.Allowed {
		if d.Ask, err = a.askFor(ctx, auth.Object{}); err != nil {
			return err
		}
	}
	p.D = d
	return a.render(c, http.StatusOK, "why", p)
}

// askFor names those who could give a right on o.
func (a *Admin) askFor(ctx context.Context, o auth.Object) (names []string, err error) {
	all, err := a.auth.Appointers(ctx, o)
	for _, who := range all {
		if len(names) < 10 {
			names = append(names, i18n.Isolate(who.Name))
		}
	}
	return names, err
}

// entryRights explains what the reader may do with an entry, and shows those who may change it everybody with a right on it.
func (a *Admin) entryRights(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx, o := c.Request.Context(), e.Object()
	d := whyScreen{Heading: entryTitle(tongue{a.cat, web.Locale(c)}, e), Back: entryURL(k, e.ID, l)}
	p := a.page(c, "rights.entry_title", "Title", d.Heading)
	p.below(e, l, "rights.entry")
	about, knows := who, who.Can(auth.Appoint, o) || e.MayEdit(who, content.Facts)
	actions := explained
	if k.Name == "event" {
		actions = slices.Concat(explained, ofEvents)
	}
	if knows {
		people, err := a.auth.Touching(ctx, o)
		if err != nil {
			return err
		}
		for _, x := range people {
			line := touchLine{Name: x.Name}
			if who.Can(auth.ManageUsers, auth.Object{Kind: "account", ID: x.ID}) {
				line.URL = "/admin/users/" + x.ID
			}
			var by []auth.Grant
			for _, action := range actions {
				r := x.Why(action, o, i18n.All, e.Original)
				if !r.Allowed() {
					continue
				}
				line.May = append(line.May, p.inAction(r, i18n.All))
				for _, g := range r.By {
					if !slices.ContainsFunc(by, func(y auth.Grant) bool { return y.ID == g.ID }) {
						by = append(by, g)
					}
				}
			}
			if len(line.May) == 0 {
				continue
			}
			given, err := a.inWords(ctx, p, by)
			if err != nil {
				return err
			}
			for _, g := range given {
				line.By = append(line.By, g.Role+" · "+g.Where)
			}
			d.People = append(d.People, line)
			d.As = append(d.As, Choice{Value: x.ID, Text: x.Name})
			if c.Query("as") == x.ID && x.ID != who.ID {
				about, d.Name = x, x.Name
			}
		}
	}
	missing := false
	for _, action := range actions {
		line, err := a.whyLine(ctx, p, about.Why(action, o, i18n.All, e.Original), i18n.All)
		if err != nil {
			return err
		}
		missing = missing || !line.Allowed
		d.Lines = append(d.Lines, line)
	}
	if missing {
		if d.Ask, err = a.askFor(ctx, o); err != nil {
			return err
		}
	}
	for scope, kind := range map[auth.ScopeKind]string{auth.ScopeOrganisation: "organization", auth.ScopeSeries: "series", auth.ScopeEvent: "event"} {
		if kind == k.Name && who.Can(auth.Appoint, o) {
			d.Invite = rightsURL + "?invite=1&scope=" + string(scope) + "&scope_id=" + e.ID + "#new"
		}
	}
	p.D = d
	return a.render(c, http.StatusOK, "why", p)
}

// whyRefused is where a refusal is explained; "" where nothing more can be said.
func (a *Admin) whyRefused(c *gin.Context, err error) string {
	who := web.Actor(c)
	if who == nil || !errors.Is(err, auth.ErrForbidden) {
		return ""
	}
	if action := web.Asked(c); action != "" && !who.CanSomewhere(action) {
		return whyURL + "?action=" + string(action)
	}
	// The rule let them in, so what was refused is about the entry of the address.
	parts := strings.Split(c.Request.URL.Path, "/")
	if id := c.Param("id"); id != "" && len(parts) > 3 && parts[3] == id && idInAddress.MatchString(id) {
		if slices.ContainsFunc(a.content.Kinds, func(k *content.Kind) bool { return k.Path == parts[2] }) {
			return "/admin/" + parts[2] + "/" + id + "/rights"
		}
	}
	return ""
}
