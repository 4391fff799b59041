package admin

import (
	"net/http"
	"strconv"
	"time"

	"plenary/internal/content"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// trashScreen is what was deleted and can be brought back.
type trashScreen struct {
	Rows       []trashRow
	Prev, Next string
}

type trashRow struct {
	listRow
	Gone time.Time
}

func (a *Admin) trash(c *gin.Context) error {
	page, _ := web.Page(c)
	rows, more, err := a.content.List(c.Request.Context(), web.Actor(c), content.ListQuery{Deleted: true, Offset: (page - 1) * listSize, Limit: listSize})
	if err != nil {
		return err
	}
	p := a.page(c, "trash.title")
	p.Active, p.Layout = "trash", "one"
	var d trashScreen
	shown, err := a.listRows(c, p, rows, nil, "")
	if err != nil {
		return err
	}
	for i, r := range shown {
		d.Rows = append(d.Rows, trashRow{r, *rows[i].Deleted})
	}
	if page > 1 {
		d.Prev = "/admin/trash?page=" + strconv.Itoa(page-1)
	}
	if more {
		d.Next = "/admin/trash?page=" + strconv.Itoa(page+1)
	}
	p.D = d
	return a.render(c, http.StatusOK, "trash", p)
}

// restore brings one entry back, as a draft.
func (a *Admin) restore(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	id := form.Get("id")
	if err := a.content.Restore(c.Request.Context(), web.Actor(c), id); err != nil {
		return err
	}
	if err := a.media.Reclaim(c.Request.Context()); err != nil { // its files come along
		return err
	}
	e, err := a.content.Get(c.Request.Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	flash(c, "success", "trash.restored")
	return web.Redirect(c, entryURL(e.Kind, id, ""))
}
