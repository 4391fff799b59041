package admin

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"plenary/internal/auth"
	"plenary/internal/personal"
	"plenary/internal/sheet"
	"plenary/internal/web"
)

const privacyURL = "/admin/privacy"

func (a *Admin) privacyRoutes() []web.Route {
	rule := web.Needs(auth.ManageInstance)
	routes := []web.Route{{Method: http.MethodGet, Path: privacyURL, Rule: rule, Class: web.Personal, Handle: a.privacy}}
	for _, f := range sheet.Formats {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: privacyURL + "/inventory." + string(f), Rule: rule, Class: web.Personal,
			Handle: func(c *gin.Context) error { return a.exportInventory(f, c) }})
	}
	return routes
}

// privacyScreen is the inventory of personal data, by what they are for.
type privacyScreen struct {
	Groups []privacyGroup
	Files  []Link
}

type privacyGroup struct {
	Name, Purpose string
	Tables        []privacyTable
}

type privacyTable struct {
	Name       string
	Lines      []privacyLine
	Kept, Seen string
}

// privacyLine is what some columns of a table hold.
type privacyLine struct{ What, Columns string }

// privacyTables writes the inventory in the page's language.
func (p *Page) privacyTables() []privacyGroup {
	var out []privacyGroup
	at := map[string]int{}
	for _, t := range personal.Inventory {
		i, there := at[t.Purpose]
		if !there {
			i = len(out)
			at[t.Purpose] = i
			out = append(out, privacyGroup{Name: t.Purpose, Purpose: p.T("privacy.purpose." + t.Purpose)})
		}
		row := privacyTable{Name: t.Name, Kept: p.T("privacy.kept." + t.Kept), Seen: p.T("privacy.seen." + t.Seen)}
		lines := map[personal.What]int{}
		for _, c := range t.Personal() {
			j, there := lines[c.What]
			if !there {
				j = len(row.Lines)
				lines[c.What] = j
				row.Lines = append(row.Lines, privacyLine{What: p.T("privacy.what." + string(c.What))})
			}
			row.Lines[j].Columns = strings.TrimPrefix(row.Lines[j].Columns+", "+c.Name, ", ")
		}
		out[i].Tables = append(out[i].Tables, row)
	}
	return out
}

func (a *Admin) privacy(c *gin.Context) error {
	p := a.page(c, "privacy.title")
	p.Active, p.Layout = "privacy", "one"
	d := privacyScreen{Groups: p.privacyTables()}
	for _, f := range sheet.Formats {
		d.Files = append(d.Files, Link{p.T("privacy.download") + " (" + strings.ToUpper(string(f)) + ")", privacyURL + "/inventory." + string(f)})
	}
	p.D = d
	return a.render(c, http.StatusOK, "privacy", p)
}

// exportInventory sends it as a table, from which an office makes its record of processing.
func (a *Admin) exportInventory(f sheet.Format, c *gin.Context) error {
	p := a.page(c, "privacy.title")
	t := &sheet.Table{RightToLeft: p.Locale.Dir() == "rtl", Head: sheet.Texts(p.T("privacy.column_purpose"), p.T("privacy.table"), p.T("privacy.column_what"), p.T("privacy.column_kept"), p.T("privacy.column_seen"))}
	for _, g := range p.privacyTables() {
		for _, x := range g.Tables {
			for _, l := range x.Lines {
				t.Rows = append(t.Rows, sheet.Texts(g.Purpose, x.Name+": "+l.Columns, l.What, x.Kept, x.Seen))
			}
		}
	}
	var b bytes.Buffer
	if err := t.Write(&b, f); err != nil {
		return err
	}
	return sendTable(c, f, "personal-data", b.Bytes())
}
