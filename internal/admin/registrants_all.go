package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// allScreen is a decision on all registrations that a filter finds: the number of them before it is taken, and how far it got.
type allScreen struct {
	*registration.Found
	Path, Back string
	Filter     []string // in words
	Ops        []allOp
	Busy       string // address of what is being worked through
	Moved      bool   // the number is another than was shown
	Problem    string
	Bulk       *allBulk
}

// allOp is a decision with how many it fits.
type allOp struct {
	Op registration.Op
	N  int
}

// allBulk is a decision that was taken.
type allBulk struct {
	*registration.Bulk
	URL, By string
	Reached int // decided, in one way or another
}

func allURL(k *content.Kind, id string) string { return registrantsURL(k, id) + "/all" }

func (a *Admin) allRegistrants(k *content.Kind, c *gin.Context) error {
	return a.showAll(k, c, http.StatusOK, nil)
}

func (a *Admin) showAll(k *content.Kind, c *gin.Context, status int, refused error) error {
	id := c.Param("id")
	q, form, err := registrantQuery(c.Request.URL.Query(), id)
	if err != nil {
		return err
	}
	found, err := a.registration.Find(c.Request.Context(), web.Actor(c), q)
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, "all.title")
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	query := form.Values.Encode()
	d := allScreen{Found: found, Path: strings.TrimSuffix(allURL(k, id)+"?"+query, "?"), Back: strings.TrimSuffix(registrantsURL(k, id)+"?"+query, "?"), Moved: errors.Is(refused, registration.ErrOtherNumber)}
	var bad *registration.Invalid
	if errors.As(refused, &bad) {
		d.Problem = p.T(bad.Problems[0].Key)
	}
	if found.Busy != nil {
		d.Busy = allURL(k, id) + "/" + *found.Busy
	}
	d.Filter = p.filterWords(found.About, q)
	if found.MayChange && found.Public {
		for _, op := range append(a.opsAt(found.Form), registration.Comes) {
			if n := found.Fits[op]; n > 0 {
				d.Ops = append(d.Ops, allOp{op, n})
			}
		}
	}
	p.D = d
	return a.render(c, status, "registrants_all", p)
}

// filterWords says what a list of registrations is limited to.
func (p *Page) filterWords(about registration.About, q registration.Query) []string {
	var out []string
	add := func(label, words string) {
		if words != "" {
			out = append(out, p.T("all.filter", "Label", label, "Words", i18n.Isolate(words)))
		}
	}
	add(p.T("registrants.search"), q.Search)
	if q.State != "" {
		add(p.T("registrants.column.state"), p.T("enum.registration_state."+string(q.State)))
	}
	add(p.T("registrants.column.category"), p.category(about, q.Category))
	if q.Mode != "" {
		add(p.T("registrants.column.mode"), p.T("enum.registration_mode."+q.Mode))
	}
	if q.Country != "" {
		add(p.T("registrants.column.country"), i18n.CountryName(p.Locale, q.Country))
	}
	if q.Locale != "" {
		add(p.T("registrants.column.language"), i18n.LanguageName(p.Locale, string(q.Locale)))
	}
	switch q.Again {
	case registration.AgainAsked:
		add(p.T("registrants.again"), p.T("registrants.again_asked"))
	case registration.AgainComes:
		add(p.T("registrants.again"), p.T("registrants.again_yes"))
	}
	return out
}

// decideAll takes a decision on all of them, if they are as many as the page said.
func (a *Admin) decideAll(k *content.Kind, c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	id, op := c.Param("id"), registration.Op(values.Get("op"))
	q, _, err := registrantQuery(c.Request.URL.Query(), id)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(values.Get("n:" + string(op)))
	if err != nil || !slices.Contains(decisions, op) {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	made, err := a.registration.DecideAll(c.Request.Context(), web.Actor(c), q, op, n)
	var bad *registration.Invalid
	switch {
	case errors.Is(err, registration.ErrOtherNumber) || errors.As(err, &bad):
		return a.showAll(k, c, http.StatusConflict, err)
	case err != nil:
		return err
	}
	return web.Redirect(c, allURL(k, id)+"/"+made)
}

// bulkOf puts a decision on many into words.
func (a *Admin) allBulk(k *content.Kind, c *gin.Context, p *Page, b *registration.Bulk) (*allBulk, error) {
	names, err := a.accountNames(c.Request.Context(), p.tongue(), []string{b.By})
	if err != nil {
		return nil, err
	}
	return &allBulk{Bulk: b, URL: allURL(k, c.Param("id")) + "/" + b.ID, By: names[b.By], Reached: b.Total - b.Left}, nil
}

func (a *Admin) allProgress(k *content.Kind, c *gin.Context) error {
	b, err := a.registration.BulkOf(c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("bulk"))
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, "all.title")
	if err != nil {
		return err
	}
	p.Layout = "one narrow"
	d := allScreen{Back: registrantsURL(k, c.Param("id"))}
	if d.Bulk, err = a.allBulk(k, c, p, b); err != nil {
		return err
	}
	p.D = d
	return a.render(c, http.StatusOK, "registrants_all", p)
}

// endAll stops a decision on many, or takes it back.
func (a *Admin) endAll(k *content.Kind, c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who, id, bulk := c.Request.Context(), web.Actor(c), c.Param("id"), c.Param("bulk")
	to := allURL(k, id) + "/" + bulk
	switch values.Get("op") {
	case "stop":
		if _, err := a.registration.BulkOf(ctx, who, id, bulk); err != nil {
			return err
		}
		if err := a.registration.StopAll(ctx, who, id, bulk); err != nil {
			return err
		}
	case "undo":
		made, err := a.registration.UndoAll(ctx, who, id, bulk)
		var bad *registration.Invalid
		switch {
		case errors.As(err, &bad):
			flash(c, "warning", bad.Problems[0].Key)
		case err != nil:
			return err
		default:
			to = allURL(k, id) + "/" + made
		}
	default:
		return badOp()
	}
	return web.Redirect(c, to)
}
