package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// bulkOps is what can be done to several entries of a list at once.
var bulkOps = []string{"publish", "together", "unpublish", "delete"}

// bulkScreen tells what became of each entry when not all went well.
type bulkScreen struct {
	Op      string
	Done    int
	Results []bulkResult
	Back    string
}

type bulkResult struct {
	Title, URL string
	Lang       i18n.Locale
	OK         bool
	Reasons    []Link
}

// bulk does one thing to each entry that is ticked, each in its own transaction: what fails for one says nothing about
// the others.
func (a *Admin) bulk(kind string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, who := c.Request.Context(), web.Actor(c)
		form, err := web.Form(c)
		if err != nil {
			return err
		}
		back := form.Get("back")
		if u, err := url.Parse(back); err != nil || u.Path != c.Request.URL.Path || !web.SafePath(back) {
			back = c.Request.URL.Path
		}
		op, ids := form.Get("op"), form["id"]
		if !slices.Contains(bulkOps, op) {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		if len(ids) == 0 {
			flash(c, "warning", "bulk.none")
			return web.Redirect(c, back)
		}
		if len(ids) > 200 {
			return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
		}
		if op == "together" {
			return a.publishSet(c, kind, ids, back, back)
		}
		var only i18n.Locale
		if s := form.Get("lang"); s != "" && op != "delete" {
			l, ok := i18n.Parse(s)
			if !ok {
				return web.Fail(http.StatusBadRequest, "error.bad_request")
			}
			only = l
		}
		// Titles first: what is deleted has none to show afterwards. What the actor may not see is not among them.
		rows, _, err := a.content.List(ctx, who, content.ListQuery{Kind: kind, IDs: ids})
		if err != nil {
			return err
		}
		p := a.page(c, "bulk.title")
		d := bulkScreen{Op: op, Back: back}
		var gone []goneEntry // what has gone, to be brought back
		for _, id := range ids {
			i := slices.IndexFunc(rows, func(r content.ListRow) bool { return r.ID == id })
			if i < 0 {
				d.Results = append(d.Results, bulkResult{Title: p.T("bulk.unknown"), Lang: p.Locale, Reasons: []Link{{Text: p.T("error.not_found.text")}}})
				continue
			}
			row := rows[i]
			k := a.content.Kind(row.Kind)
			r := bulkResult{URL: entryURL(k, id, only)}
			r.Title, r.Lang = p.titleOf(row)
			var was goneEntry
			if op == "delete" || op == "unpublish" {
				if e, err := a.content.Get(ctx, who, id); err == nil { // else it says itself what it fails for
					if was = withdrawn(e, e.Original); op == "unpublish" && only != "" {
						was = withdrawn(e, only)
					}
				}
			}
			switch err := a.bulkOne(ctx, who, op, row, only); {
			case err == nil:
				r.OK = true
				d.Done++
				if was.ID != "" && (op == "delete" || len(was.Live) > 0) {
					gone = append(gone, was)
				}
			default:
				if r.Reasons, err = p.reasons(k, id, only, err); err != nil {
					return err
				}
			}
			d.Results = append(d.Results, r)
		}
		if len(gone) > 0 {
			flashGone(c, "bulk.done_"+op, gone, back, "Count", p.Number(d.Done))
		} else if d.Done == len(ids) {
			flash(c, "success", "bulk.done_"+op, "Count", p.Number(d.Done))
		}
		if d.Done == len(ids) {
			return web.Redirect(c, back)
		}
		p.Active, p.Layout = kind, "one narrow"
		if kind == "" {
			p.Active = "entries"
			p.Crumbs = []Link{{p.T("list.all"), back}}
		} else {
			p.Crumbs = []Link{{p.KindMany(kind), back}}
		}
		p.D = d
		return a.render(c, http.StatusOK, "bulk", p)
	}
}

// bulkOne publishes, withdraws or deletes one entry. Without a language, publishing takes what is public already or
// would be first: the facts, the original, and changed translations; a translation nobody has published yet is a
// decision of its own.
func (a *Admin) bulkOne(ctx context.Context, who *auth.Actor, op string, row content.ListRow, only i18n.Locale) error {
	switch op {
	case "delete":
		return a.content.Delete(ctx, who, row.ID)
	case "unpublish":
		if only == "" {
			only = row.Original
		}
		if !row.Live {
			return nil
		}
		return a.content.Unpublish(ctx, who, row.ID, []i18n.Locale{only})
	}
	change := content.PublishChange{ID: row.ID}
	if only != "" {
		change.Locales = []i18n.Locale{only}
		return a.content.Publish(ctx, who, change)
	}
	e, err := a.content.Get(ctx, who, row.ID)
	if err != nil {
		return err
	}
	return a.content.Publish(ctx, who, pending(e))
}

// reasons says in words why something could not be done to an entry, with links to the fields; what is not the entry's
// or the actor's fault comes back as an error.
func (p *Page) reasons(k *content.Kind, id string, l i18n.Locale, err error) ([]Link, error) {
	var invalid *content.Invalid
	switch {
	case errors.As(err, &invalid):
		var out []Link
		for _, pr := range invalid.Problems {
			if pr.Blocks {
				out = append(out, Link{p.problem(k, pr), problemURL(k, id, pr)})
			}
		}
		return out, nil
	case errors.Is(err, auth.ErrForbidden), errors.Is(err, db.ErrNotFound):
		_, key := web.Status(err)
		return []Link{{Text: p.T(key + ".text")}}, nil
	}
	if status, key := web.Status(err); status == http.StatusConflict {
		return []Link{{p.T(key + ".title"), entryURL(k, id, l)}}, nil
	}
	return nil, err
}

// problem is one problem of an entry in words: the field's name, and what is wrong with it.
func (p *Page) problem(k *content.Kind, pr content.Problem) string {
	text := p.tongue().quoted(pr)
	if pr.Path == "clearance" || pr.Path == "joint" || pr.Path == "together" {
		return p.T("page.field_problem", "Field", partWords(p.tongue(), content.Part(pr.Locale)), "Problem", text)
	}
	name := p.fieldName(k, pr.Path)
	if name == "" {
		return text
	}
	if pr.Locale != "" {
		name = p.T("page.field_in", "Field", name, "Language", pr.Locale.Endonym())
	}
	return p.T("page.field_problem", "Field", name, "Problem", text)
}

// fieldName is the label of a field of an entry, or "".
func (p *Page) fieldName(k *content.Kind, path string) string {
	f := k.Field(path)
	if f == nil {
		return ""
	}
	name, _ := p.tongue().fieldMessageOf(k.Name, "field", f.Message())
	return name
}
