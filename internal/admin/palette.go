package admin

import (
	"net/http"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"

	"github.com/gin-gonic/gin"
)

// paletteOption is one line of the command palette.
type paletteOption struct {
	Text, Note, URL, Icon string
	Lang                  i18n.Locale // of Text
}

// palette answers the command palette: places, things to begin, entries by title.
func (a *Admin) palette(c *gin.Context) error {
	p := a.page(c, "nav.search")
	asked := c.Query("q")
	if r := []rune(asked); len(r) > 100 {
		asked = string(r[:100])
	}
	words := strings.Fields(i18n.Fold(p.Locale, asked))
	// Every word must be in it somewhere; titles are compared as they are searched, without case and accents.
	match := func(text string) bool {
		text = i18n.Fold(p.Locale, text)
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	var out []paletteOption
	for _, k := range a.content.Kinds {
		if text := p.T("page.new_kind", "Kind", p.KindOne(k.Name)); !p.Actor.Scope(auth.Create, k.Name).Empty() && match(text) {
			out = append(out, paletteOption{text, "", newURL(k), "plus", p.Locale})
		}
	}
	for _, g := range p.Nav() {
		for _, i := range g.Items {
			if match(i.Text) {
				out = append(out, paletteOption{i.Text, g.Title, i.URL, i.Icon, p.Locale})
			}
		}
	}
	if text := p.T("nav.account"); match(text) {
		out = append(out, paletteOption{text, "", "/admin/account", "user", p.Locale})
	}
	if p.Actor.CanSomewhere(auth.Read) && len(words) > 0 {
		if len(out) > 6 {
			out = out[:6]
		}
		rows, _, err := a.content.List(c.Request.Context(), p.Actor, content.ListQuery{Search: asked, Limit: 12})
		if err != nil {
			return err
		}
		for _, r := range rows {
			k := a.content.Kind(r.Kind)
			if k == nil {
				continue
			}
			o := paletteOption{r.Title, p.KindOne(r.Kind), entryURL(k, r.ID, ""), kindIcon(r.Kind), r.Original}
			if t := r.Languages[p.Locale].Title; t != "" {
				o.Text, o.Lang = t, p.Locale
			}
			if !r.Date.IsZero() {
				o.Note = p.T("palette.kind_date", "Kind", o.Note, "Date", p.Date(r.Date))
			}
			out = append(out, o)
		}
	}
	p.D = out
	return a.renderPart(c, http.StatusOK, "palette", "main", p)
}
