package admin

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Undoing: after a step that takes something away, the notice that tells of it has a button that takes the step back. The notice travels
// in a cookie, so it names the step only; what is sent where stands here, and each of these steps asks for rights anew.

// undos says what taking back a step is, by the name of the step: where it is sent, and what is sent, with what the notice carries.
var undos = map[string]struct {
	to    string // an address; {name} in it is an id that the notice carries
	op    string
	names []string // of what the notice carries
}{
	undoGone:        {undoURL, "bring_back", []string{"entry", "back"}},
	undoView:        {viewsURL, "keep", []string{"list", "name", "query", "usual", "shared"}},
	undoViewRemoval: {viewsURL, "restore", []string{"id"}},
	undoRevision:    {"/admin/{kind}/{id}/history/{part}/{number}", "", []string{"path"}},
	undoHistory:     {"/admin/{kind}/{id}/history", "", []string{"at"}},
	undoPreview:     {"/admin/{kind}/{id}/preview/links", "", []string{"unrevoke"}},
	undoGuest:       {"/admin/{kind}/{id}/translate/{lang}", "", []string{"op"}},
	undoSchedule:    {"/admin/{kind}/{id}/schedule", "", []string{"uncancel"}},
	undoGrant:       {"/admin/users/{id}", "regrant", []string{"role", "scope", "scope_id", "locale"}},
	undoRight:       {rightsURL, "regrant", []string{"id", "role", "scope", "scope_id", "locale"}},
	undoInvitation:  {rightsURL, "", []string{"op"}},
	undoMedia:       {"/admin/media/undo", "", []string{"batch", "back"}},
	undoPart:        {"/admin/{kind}/{id}/part", "bring", []string{"list", "item", "leaves"}},
	undoTerm:        {termsURL + "/new", "save", termNames()},
}

// termNames are the names of the fields of a term.
func termNames() []string {
	out := []string{"subject", "note"}
	for _, l := range i18n.All {
		for _, s := range exchange.TermStatuses {
			out = append(out, string(l)+"."+string(s))
		}
	}
	return out
}

const (
	undoGone        = "gone" // entries were deleted or withdrawn
	undoView        = "view" // a view was replaced
	undoViewRemoval = "view.removal"
	undoRevision    = "revision"   // a saved state of a part was brought back
	undoHistory     = "history"    // an entry was brought back as it was at a time
	undoPreview     = "preview"    // a preview link was revoked
	undoGuest       = "guest"      // the link of a translator without an account was revoked
	undoSchedule    = "schedule"   // a schedule was cancelled
	undoGrant       = "grant"      // a role was taken away
	undoRight       = "right"      // the same, on the page of rights
	undoInvitation  = "invitation" // an invitation was taken back
	undoMedia       = "media"      // files were changed, moved or put into the trash
	undoPart        = "part"       // an item of one's own was taken out of another's list
	undoTerm        = "term"       // a term was deleted

	undoURL = "/admin/undo"

	// maxUndo is how long what an undo carries may be, in bytes: it travels in a cookie. Where it is longer there is no button.
	maxUndo = 1500
)

func (a *Admin) undoRoutes() []web.Route {
	return []web.Route{{Method: http.MethodPost, Path: undoURL, Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.bringBack, MaxBody: 32 << 10}}
}

// idInAddress is what a step of an address may be.
var idInAddress = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// undoForm is the form of a button that takes a step back.
type undoForm struct {
	To     string
	Fields []Link // name (Text) and value (URL)
}

// flashUndo leaves a notice of success with a button that takes the step back.
func flashUndo(c *gin.Context, key, step string, with map[string]string, args ...string) {
	f := web.Flash{Kind: "success", Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i]] = args[i+1]
	}
	n := 0
	for name, v := range with {
		n += len(name) + len(v)
	}
	if n > 0 && n <= maxUndo {
		f.Undo, f.With = step, with
	}
	web.AddFlash(c, f)
}

// undoOf is the form of a notice's button, nil where it has none.
func undoOf(f web.Flash) *undoForm {
	u, ok := undos[f.Undo]
	if !ok {
		return nil
	}
	out := &undoForm{To: u.to}
	for name, v := range f.With {
		if strings.Contains(u.to, "{"+name+"}") && idInAddress.MatchString(v) {
			out.To = strings.ReplaceAll(out.To, "{"+name+"}", v)
		}
	}
	if strings.Contains(out.To, "{") {
		return nil
	}
	if u.op != "" {
		out.Fields = append(out.Fields, Link{"op", u.op})
	}
	for _, name := range u.names {
		values := []string{f.With[name]}
		if name == "entry" { // there may be several
			values = strings.Split(f.With[name], "\n")
		}
		for _, v := range values {
			if v != "" {
				out.Fields = append(out.Fields, Link{name, v})
			}
		}
	}
	return out
}

// goneEntry is an entry that was deleted or withdrawn, with the revisions that were public of it and are not any more.
type goneEntry struct {
	ID   string
	Live map[content.Part]int
}

// String is what a notice carries of it: its id, and part.revision for each.
func (g goneEntry) String() string {
	var b strings.Builder
	b.WriteString(g.ID)
	for _, p := range slices.Sorted(maps.Keys(g.Live)) {
		b.WriteString(" " + partName(p) + "." + strconv.Itoa(g.Live[p]))
	}
	return b.String()
}

// readGone reads what String wrote.
func readGone(s string) (g goneEntry, ok bool) {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 2+len(i18n.All) {
		return g, false
	}
	g.ID, g.Live = words[0], map[content.Part]int{}
	for _, w := range words[1:] {
		name, number, _ := strings.Cut(w, ".")
		n, err := strconv.Atoi(number)
		p := content.Facts
		if name != "facts" {
			l, known := i18n.Parse(name)
			if !known {
				return g, false
			}
			p = content.Part(l)
		}
		if err != nil || n < 1 {
			return g, false
		}
		g.Live[p] = n
	}
	return g, true
}

// withdrawn is what withdrawing a language takes from the public; the original takes all with it.
func withdrawn(e *content.Entry, l i18n.Locale) goneEntry {
	g := goneEntry{e.ID, map[content.Part]int{}}
	for p, n := range e.Live {
		if n > 0 && (l == e.Original || p == content.Part(l)) {
			g.Live[p] = n
		}
	}
	return g
}

// flashGone tells that entries were deleted or withdrawn, with the button that brings them back.
func flashGone(c *gin.Context, key string, gone []goneEntry, back string, args ...string) {
	lines := make([]string, len(gone))
	for i, g := range gone {
		lines[i] = g.String()
	}
	flashUndo(c, key, undoGone, map[string]string{"entry": strings.Join(lines, "\n"), "back": back}, args...)
}

// bringBack takes back that entries were deleted or withdrawn: they leave the trash, and the very revisions that were public become
// so again, if nothing forbids it. Each by itself: what fails for one says nothing about the others.
func (a *Admin) bringBack(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	if v.Get("op") != undos[undoGone].op || len(v["entry"]) == 0 || len(v["entry"]) > 200 {
		return badOp()
	}
	all := make([]goneEntry, 0, len(v["entry"]))
	for _, s := range v["entry"] {
		g, ok := readGone(s)
		if !ok {
			return badOp()
		}
		all = append(all, g)
	}
	back, hidden := 0, 0
	for _, g := range all {
		public, err := a.bringOneBack(ctx, who, g)
		status, _ := web.Status(err)
		switch {
		case err != nil && (status >= http.StatusInternalServerError || len(all) == 1):
			return err
		case err != nil:
			continue
		case !public:
			hidden++
		}
		back++
	}
	p := a.page(c, "trash.title")
	if back > 0 {
		flash(c, "success", "undo.back", "Count", p.Number(back))
	}
	if hidden > 0 {
		flash(c, "warning", "undo.not_public", "Count", p.Number(hidden))
	}
	if back < len(all) {
		flash(c, "warning", "undo.failed", "Count", p.Number(len(all)-back))
	}
	return web.Redirect(c, afterSignIn(cmp.Or(v.Get("back"), "/admin")))
}

// bringOneBack says whether all that was public of an entry is so again.
func (a *Admin) bringOneBack(ctx context.Context, who *auth.Actor, g goneEntry) (public bool, err error) {
	e, err := a.content.Get(ctx, who, g.ID)
	if err != nil {
		return false, err
	}
	if e.Deleted != nil {
		if err := a.content.Restore(ctx, who, g.ID); err != nil {
			return false, err
		}
	}
	change := content.PublishChange{ID: g.ID, Revisions: map[content.Part]int{}}
	for p, n := range g.Live {
		if e.Live[p] > 0 {
			continue // published meanwhile
		}
		change.Revisions[p] = n
		if p == content.Facts {
			change.Facts = true
		} else {
			change.Locales = append(change.Locales, p.Locale())
		}
	}
	if len(change.Revisions) == 0 {
		return true, nil
	}
	if err := a.content.Publish(ctx, who, change); err != nil {
		if status, _ := web.Status(err); status < http.StatusInternalServerError {
			return false, nil
		}
		return false, err
	}
	return true, nil
}
