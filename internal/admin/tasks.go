package admin

import (
	"net/http"

	"plenary/internal/auth"
	"plenary/internal/job"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// tasksScreen is the work that waits, runs or has failed.
type tasksScreen struct {
	Filter     *Form
	Rows       []job.Line
	States     []Choice
	Total      int
	From, To   int
	Prev, Next string
	Filtered   bool
}

func (a *Admin) tasks(c *gin.Context) error {
	p := a.page(c, "tasks.title")
	p.Crumbs = []Link{{p.T("outbox.title"), "/admin/outbox"}}
	p.Active, p.Layout = "outbox", "one"
	d := tasksScreen{Filter: newForm("state", c.Query("state")), Filtered: c.Query("state") != ""}
	for _, s := range []string{job.Failed, job.Waiting, job.Running} {
		d.States = append(d.States, Choice{Value: s, Text: p.T("tasks.state." + s)})
	}
	page, _ := web.Page(c)
	rows, total, err := a.jobs.List(c.Request.Context(), web.Actor(c), c.Query("state"), auth.Paging{Offset: (page - 1) * listSize, Size: listSize})
	if err != nil {
		return err
	}
	pager := web.NewPager(c, total)
	d.Rows, d.Total, d.From, d.To, d.Prev, d.Next = rows, total, pager.From(), pager.To(), pager.Prev(), pager.Next()
	p.D = d
	return a.render(c, http.StatusOK, "tasks", p)
}

// saveTask has a task that failed tried again, or gives it up.
func (a *Admin) saveTask(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	do := a.jobs.Again
	switch form.Get("op") {
	case "again":
	case "drop":
		do = a.jobs.Drop
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	if err := do(c.Request.Context(), web.Actor(c), form.Get("id")); err != nil {
		return err
	}
	flash(c, "success", "tasks.done_"+form.Get("op"))
	return web.Redirect(c, "/admin/outbox/tasks")
}
