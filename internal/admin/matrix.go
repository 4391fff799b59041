package admin

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"plenary/internal/auth"
	"plenary/internal/web"
)

// matrixScreen is what each role may do, and who may use which address: made from the policy and from the routes as they are mounted,
// so that it cannot tell anything else than what is asked.
type matrixScreen struct {
	Roles   []string
	Actions []matrixRow
	Routes  []routeRow // of this page of the list
	web.Pager
}

type matrixRow struct {
	Name  string
	Cells []auth.Extent // one for each role
}

type routeRow struct {
	Method, Path, Rule, Class string
	Roles                     []string // that the rule lets in somewhere; nil: nobody needs one
}

// matrix shows the decision matrix.
func (a *Admin) matrix(c *gin.Context) error {
	p := a.page(c, "rights.matrix_title")
	p.Active, p.Layout = "help", "one"
	p.Crumbs = []Link{{p.T("help.title"), "/admin/help"}}
	var d matrixScreen
	actors := map[auth.Role]*auth.Actor{}
	for _, role := range auth.Roles {
		d.Roles = append(d.Roles, p.T("auth.role."+string(role)))
		actors[role] = auth.Sample(role)
	}
	for _, action := range auth.Actions {
		row := matrixRow{Name: p.T("rights.action." + string(action))}
		for _, role := range auth.Roles {
			row.Cells = append(row.Cells, auth.ExtentOf(role, action))
		}
		d.Actions = append(d.Actions, row)
	}
	for _, r := range a.web.Routes() {
		if !strings.HasPrefix(r.Path, "/admin") {
			continue
		}
		row := routeRow{Method: r.Method, Path: r.Path, Class: p.T("rights.class." + r.Class.String())}
		switch action := r.Rule.Action(); {
		case action != "":
			row.Rule = p.T("rights.action." + string(action))
			for i, role := range auth.Roles {
				if r.Rule.Lets(actors[role]) {
					row.Roles = append(row.Roles, d.Roles[i])
				}
			}
		case r.Rule.Lets(nil):
			row.Rule = p.T("rights.everybody")
		default:
			row.Rule = p.T("rights.signed_in")
		}
		d.Routes = append(d.Routes, row)
	}
	all := d.Routes
	var err error
	if d.Pager, err = paged(c, func(part auth.Paging) (int, error) {
		d.Routes = all[min(part.Offset, len(all)):min(part.Offset+part.Size, len(all))]
		return len(all), nil
	}); err != nil {
		return err
	}
	p.D = d
	return a.render(c, http.StatusOK, "matrix", p)
}
