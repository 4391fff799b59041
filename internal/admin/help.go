package admin

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// help explains the panel on one page.
func (a *Admin) help(c *gin.Context) error {
	p := a.page(c, "help.title")
	p.Active, p.Layout = "help", "one narrow"
	return a.render(c, http.StatusOK, "help", p)
}

// States are what a language of an entry can be, for the page that explains them.
func (p *Page) States() []string { return listStates }
