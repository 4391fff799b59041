package admin

import (
	"net/http"

	"plenary/internal/auth"

	"github.com/gin-gonic/gin"
)

// keyGroup is keys that work in one place.
type keyGroup struct {
	Title string
	Keys  []keyLine
}

// keyLine is what one key, or one of several, does.
type keyLine struct {
	Keys []string // as they stand on a keyboard for English
	Text string
}

// help explains the panel on one page, with the map of all its keys.
func (a *Admin) help(c *gin.Context) error {
	p := a.page(c, "help.title")
	p.Active, p.Layout, p.D = "help", "one narrow", p.keys()
	return a.render(c, http.StatusOK, "help", p)
}

// keys lists the keys of the panel, where they work.
func (p *Page) keys() []keyGroup {
	line := func(key string, keys ...string) keyLine { return keyLine{keys, p.T(key)} }
	out := []keyGroup{
		{p.T("keys.everywhere"), []keyLine{line("help.key_palette", "Ctrl K"), line("help.key_publish", "Ctrl Enter"), line("keys.close", "Esc"), line("keys.map", "?")}},
		{p.T("keys.form"), []keyLine{line("help.key_save", "Ctrl S"), line("help.key_move", "Alt ↑", "Alt ↓"), line("keys.focal", "←", "→", "↑", "↓")}},
		{p.T("keys.text"), []keyLine{line("keys.bold", "Ctrl B"), line("keys.italic", "Ctrl I"), line("keys.link", "Ctrl K"), line("keys.sup", "Ctrl ."), line("keys.sub", "Ctrl ,"), line("keys.numbers", "Ctrl Shift 7"),
			line("keys.bullets", "Ctrl Shift 8"), line("keys.indent", "Ctrl ]", "Ctrl ["), line("keys.undo", "Ctrl Z"), line("keys.redo", "Ctrl Shift Z"), line("keys.break", "Shift Enter"), line("keys.toolbar", "Alt F10")}},
	}
	if p.Actor.CanSomewhere(auth.Moderate) {
		out = append(out, keyGroup{p.T("keys.posts"), []keyLine{line("keys.next", "J"), line("keys.previous", "K"), line("keys.approve", "A"), line("keys.hide", "H"), line("keys.undo_post", "U"), line("keys.pin", "P"), line("keys.select", "X")}})
	}
	return out
}

// States are what a language of an entry can be, for the page that explains them.
func (p *Page) States() []string { return listStates }
