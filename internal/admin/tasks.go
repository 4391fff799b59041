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
	Filter *Form
	Rows   []job.Line
	States []Choice
	web.Pager
	Filtered bool
}

func (a *Admin) tasks(c *gin.Context) error {
	p := a.page(c, "tasks.title")
	p.Crumbs = []Link{{p.T("outbox.title"), "/admin/outbox"}}
	p.Active, p.Layout = "outbox", "one"
	d := tasksScreen{Filter: newForm("state", c.Query("state")), Filtered: c.Query("state") != ""}
	for _, s := range []string{job.Failed, job.Waiting, job.Running} {
		d.States = append(d.States, Choice{Value: s, Text: p.T("tasks.state." + s)})
	}
	var err error
	d.Pager, err = paged(c, func(part auth.Paging) (total int, err error) {
		d.Rows, total, err = a.jobs.List(c.Request.Context(), web.Actor(c), c.Query("state"), part)
		return total, err
	})
	if err != nil {
		return err
	}
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
