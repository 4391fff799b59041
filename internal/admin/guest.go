package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

const guestURL = "/admin/guest/"

// guestRoutes are the addresses of translators without an account. Their secret is the address.
func (a *Admin) guestRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: guestURL + ":token", Rule: web.Public, Class: web.Secret, Handle: a.guestPage},
		{Method: http.MethodPost, Path: guestURL + ":token", Rule: web.Public, Class: web.Secret, Handle: a.saveGuest, MaxBody: maxForm},
	}
}

// guestPanel is where staff let somebody without an account translate.
type guestPanel struct {
	Rows       []guestRow
	Name, Days string
	Link       string // just made; it cannot be shown again
	Bad        map[string]string
}

type guestRow struct {
	ID, Name, Until string
	Used, Ended     bool
}

// guestPanel lists the links; nil for who may not make any.
func (a *Admin) guestPanel(c *gin.Context, x *bench) (*guestPanel, error) {
	if made, ok := c.Get("guest"); ok {
		d := made.(*guestPanel)
		return d, a.listGuests(c, x, d)
	}
	if !a.translation.MayInvite(x.who, x.e, x.to) {
		return nil, nil
	}
	d := &guestPanel{Days: "14"}
	return d, a.listGuests(c, x, d)
}

func (a *Admin) listGuests(c *gin.Context, x *bench, d *guestPanel) error {
	all, err := a.translation.Guests(c.Request.Context(), x.e.ID, x.to)
	if err != nil {
		return err
	}
	zone := content.Zone(a.settings.Site().Zone)
	for _, g := range all {
		d.Rows = append(d.Rows, guestRow{ID: g.ID, Name: g.Name, Until: i18n.DateTime(web.Locale(c), g.Until.In(zone)), Used: g.UsedAt != nil, Ended: g.Ended(a.now())})
	}
	return nil
}

// doGuest makes a link, or ends one.
func (a *Admin) doGuest(c *gin.Context, x *bench, v url.Values) error {
	ctx := c.Request.Context()
	op, id, _ := strings.Cut(v.Get("op"), " ")
	if op == "revoke" {
		if err := a.translation.Revoke(ctx, x.who, x.e.ID, x.to, id); err != nil {
			return err
		}
		flashUndo(c, "guest.revoked", undoGuest, map[string]string{"kind": x.e.Kind.Path, "id": x.e.ID, "lang": string(x.to), "op": "unrevoke " + id})
		return web.Redirect(c, x.url())
	}
	if op == "unrevoke" {
		if err := a.translation.UndoRevoke(ctx, x.who, x.e.ID, x.to, id); err != nil {
			return err
		}
		flash(c, "success", "undo.link")
		return web.Redirect(c, x.url())
	}
	d := &guestPanel{Name: v.Get("guest"), Days: v.Get("days"), Bad: map[string]string{}}
	days, err := strconv.Atoi(strings.TrimSpace(d.Days))
	if err != nil {
		days = 0
	}
	token, err := a.translation.Invite(ctx, x.who, x.e.ID, x.to, x.from, d.Name, days)
	status := http.StatusOK
	var invalid *content.Invalid
	switch {
	case errors.As(err, &invalid):
		status = http.StatusUnprocessableEntity
		for _, p := range invalid.Problems {
			d.Bad[p.Path] = web.T(c, p.Key, p.Args...)
		}
	case err != nil:
		return err
	default:
		d.Link, d.Name, d.Days = a.base+guestURL+token, "", "14"
	}
	c.Set("guest", d)
	return a.showTranslation(c, x, a.translateForm(c, x), status, nil)
}

// loadGuest is the workbench of who comes by a link.
func (a *Admin) loadGuest(c *gin.Context) (*bench, error) {
	ctx := c.Request.Context()
	who, g, err := a.translation.Arrive(ctx, c.Param("token"))
	if err != nil {
		return nil, err
	}
	e, err := a.content.Get(ctx, who, g.EntryID)
	if err != nil {
		return nil, err
	}
	if e.Deleted != nil || g.Locale == e.Original || !who.Can(auth.EditText, e.TextObject(g.Locale)) {
		return nil, db.ErrNotFound
	}
	x := &bench{who: who, e: e, to: g.Locale, from: g.Source, path: guestURL + c.Param("token"), guest: g}
	if _, words := e.Languages[x.from]; !words {
		x.from = e.Original
	}
	x.look(c)
	return x, nil
}

func (a *Admin) guestPage(c *gin.Context) error {
	x, err := a.loadGuest(c)
	if err != nil {
		return err
	}
	return a.showTranslation(c, x, a.translateForm(c, x), http.StatusOK, nil)
}

func (a *Admin) saveGuest(c *gin.Context) error {
	x, err := a.loadGuest(c)
	if err != nil {
		return err
	}
	f, v, err := a.readTranslation(c, x)
	if err != nil {
		return err
	}
	return a.storeTranslation(c, x, f, v)
}
