package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// mediaSize is how many files a page of the library shows.
const mediaSize = 24

// mediaParams are all the names the library's address may hold.
var mediaParams = []string{"q", "kind", "folder", "use", "alt", "consent", "mine", "page"}

// libraryScreen is the media library.
type libraryScreen struct {
	Filter     *Form
	Files      []fileCard
	Kinds      []Choice
	Folders    []Choice
	Uses       []Choice
	Alts       []Choice
	Consents   []Choice
	Prev, Next string
	Filtered   bool
	More       bool // filters beyond the first row are in use
	Upload     bool
	Drop       bool         // may put files into the trash
	Into       string       // folder that uploads go to unless it is changed
	Open       []openUpload // that were broken off
	Offices    []choice     // that uploaded files can belong to, if there are several
	Limit      string       // of one file, in words
}

// openUpload is an upload that waits for its file to be chosen again.
type openUpload struct {
	*media.Partial
	How string // how far it is, in words
}

// fileCard is a file as the library shows it.
type fileCard struct {
	*media.File
	P     *Page
	URL   string
	Thumb string // address of a small picture, or "" where there is none
	Icon  string
	What  string // type, size, pages or pixels in words
	Fresh bool   // just uploaded, by a script
	Tick  bool   // stands in a list in which several can be chosen
	Lacks string // in which languages of the site it has no alternative text, in words; "" in none
	Ends  string // until when the consent holds, where that is soon
}

// PanelURL is the address of a file or rendition behind the panel's rights.
func panelURL(f *media.File, name string) string { return "/admin/media/" + f.ID + "/" + name }

func (p *Page) fileCard(f *media.File) fileCard {
	d := fileCard{File: f, P: p, URL: "/admin/media/" + f.ID, Icon: map[media.Kind]string{media.Picture: "img", media.Audio: "audio", media.Video: "video",
		media.PDF: "kind-document", media.Office: "kind-document"}[f.Kind]}
	if d.Icon == "" {
		d.Icon = "file"
	}
	if r := f.Best("square", 320); r != nil {
		d.Thumb = panelURL(f, r.Name) + "?v=" + r.SHA256[:8]
	}
	parts := []string{strings.ToUpper(strings.TrimPrefix(path.Ext(f.URL()), ".")), p.Bytes(f.Size)}
	switch {
	case f.Width > 0:
		parts = append(parts, p.Number(f.Width)+" × "+p.Number(f.Height))
	case f.Pages > 0:
		parts = append(parts, p.N("media.pages", f.Pages))
	}
	for i := range parts {
		parts[i] = p.tongue().isolate(parts[i])
	}
	d.What = strings.Join(parts, " · ")
	d.Ends = consentEnds(p.tongue(), f, p.a.now())
	return d
}

// consentEnds says until when the consent for a file holds, where that is over or soon is; else "".
func consentEnds(t tongue, f *media.File, now time.Time) string {
	day, err := time.Parse(time.DateOnly, f.ConsentUntil)
	if err != nil || !f.ConsentEnds(now) {
		return ""
	}
	return t.T("library.consent_ends", "Date", i18n.Date(t.Locale, day))
}

// lacking says of a picture's card in which of the site's languages nothing tells what it shows.
func (d *fileCard) lacking(p *Page) {
	if d.Kind != media.Picture || d.Decorative {
		return
	}
	var names []string
	for _, l := range p.SiteLocales() {
		if d.Words[l].Alt == "" {
			names = append(names, l.Endonym())
		}
	}
	switch {
	case len(names) == len(p.SiteLocales()):
		d.Lacks = p.T("library.lacks_all")
	case len(names) > 0:
		d.Lacks = p.T("library.lacks", "Languages", p.List(names))
	}
}

// mediaQuery reads the filters of the library's address.
func (a *Admin) mediaQuery(c *gin.Context) (media.Query, *Form, error) {
	f, err := readFilters(c.Request.URL.Query(), mediaParams)
	if err != nil {
		return media.Query{}, nil, err
	}
	q := media.Query{Search: f.Get("q"), Kind: media.Kind(f.Get("kind")), Folder: f.Get("folder"), Consent: f.Get("consent"), Words: true, Size: mediaSize}
	if q.Kind != "" && !slices.Contains(media.Kinds, q.Kind) || q.Consent != "" && !slices.Contains(consentFilters, q.Consent) || f.Get("use") != "" && f.Get("use") != "none" {
		return q, nil, errQuery()
	}
	if q.MissingAlt, err = filterLocale(f, "alt"); err != nil {
		return q, nil, err
	}
	q.Unused = f.Get("use") == "none"
	if f.Get("mine") != "" {
		q.By = web.Actor(c).ID
	}
	q.Page, _ = web.Page(c)
	return q, f, nil
}

// consentFilters are what one can ask of consent.
var consentFilters = []string{"missing", "ending", "refused"}

func (a *Admin) mediaList(c *gin.Context) error {
	q, form, err := a.mediaQuery(c)
	if err != nil {
		return err
	}
	return a.showLibrary(c, http.StatusOK, q, form)
}

func (a *Admin) showLibrary(c *gin.Context, status int, q media.Query, form *Form) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "media.title")
	p.Active, p.Layout = "media", "one"
	d := libraryScreen{Filter: form, Upload: who.CanSomewhere(auth.Upload), Drop: who.CanSomewhere(auth.Delete), Limit: p.Bytes(a.media.FileSize())}
	files, more, err := a.media.List(ctx, who, q)
	if err != nil {
		return err
	}
	for _, f := range files {
		card := p.fileCard(f)
		card.lacking(p)
		card.Tick = d.Upload
		d.Files = append(d.Files, card)
	}
	for _, k := range media.Kinds {
		d.Kinds = append(d.Kinds, Choice{Value: string(k), Text: p.T("media.kind." + string(k))})
	}
	if d.Folders, err = a.folderChoices(ctx, p); err != nil {
		return err
	}
	d.Uses = []Choice{{Value: "none", Text: p.T("library.use_none")}}
	for _, l := range p.SiteLocales() {
		d.Alts = append(d.Alts, Choice{Value: string(l), Text: p.T("library.alt_in", "Language", l.Endonym())})
	}
	for _, v := range consentFilters {
		words := "library.consent_" + v
		d.Consents = append(d.Consents, Choice{Value: v, Text: p.T(words)})
	}
	if q.Folder != media.NoFolder {
		d.Into = q.Folder
	}
	if d.Upload {
		open, err := a.media.Partials(ctx, who)
		if err != nil {
			return err
		}
		for _, u := range open {
			d.Open = append(d.Open, openUpload{u, p.T("library.open_state", "Percent", p.Number(u.Percent()), "Size", p.Bytes(u.Size))})
		}
	}
	offices := a.uploadOffices(who)
	labels, err := a.content.Labels(ctx, p.Locale, offices)
	if err != nil {
		return err
	}
	for _, id := range offices {
		d.Offices = append(d.Offices, choice{id, labels[id]})
	}
	i18n.SortBy(p.Locale, d.Offices, func(x choice) string { return x.Label })
	for name := range form.Values {
		d.Filtered = d.Filtered || name != "page"
		d.More = d.More || slices.Contains([]string{"use", "alt", "consent", "mine"}, name)
	}
	if q.Page > 1 {
		d.Prev = pageURL(c, q.Page-1)
	}
	if more {
		d.Next = pageURL(c, q.Page+1)
	}
	p.D = d
	return a.render(c, status, "media", p)
}

// folderChoices are the folders that hold files, and none.
func (a *Admin) folderChoices(ctx context.Context, p *Page) ([]Choice, error) {
	folders, err := a.media.Folders(ctx, p.Actor)
	if err != nil {
		return nil, err
	}
	var out []Choice
	for _, f := range folders {
		if f.Path != "" {
			out = append(out, Choice{Value: f.Path, Text: f.Path})
		}
	}
	i18n.SortBy(p.Locale, out, func(c Choice) string { return c.Text })
	return append(out, Choice{Value: media.NoFolder, Text: p.T("library.folder_none")}), nil
}

// mediaBulk does one thing to each file that is ticked: what fails for one says nothing about the others.
func (a *Admin) mediaBulk(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	op, ids, back := form.Get("op"), form["id"], mediaBack(form.Get("back"))
	if op != "move" && op != "trash" {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	if len(ids) == 0 {
		flash(c, "warning", "library.none")
		return web.Redirect(c, back)
	}
	if len(ids) > 200 {
		return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	// Names first, of what the actor may see.
	files, err := a.media.Get(ctx, ids...)
	if err != nil {
		return err
	}
	p, batch, done := a.page(c, "media.title"), media.NewBatch(), 0
	var stay, refused []string
	for _, id := range ids {
		f := files[id]
		if f == nil || !who.Can(auth.Read, f.Object()) {
			continue
		}
		if op == "move" {
			_, err = a.media.Move(ctx, who, batch, id, form.Get("folder"))
		} else {
			_, err = a.media.Trash(ctx, who, batch, id)
		}
		var used *media.InUseError
		var problem *media.Problem
		var invalid auth.Invalid
		switch {
		case err == nil:
			done++
		case errors.As(err, &used):
			stay = append(stay, f.Name)
		case errors.As(err, &invalid):
			flash(c, "error", "library.problem.folder")
			return web.Redirect(c, back)
		case errors.Is(err, auth.ErrForbidden), errors.Is(err, db.ErrNotFound), errors.As(err, &problem):
			refused = append(refused, f.Name)
		default:
			return err
		}
	}
	if done > 0 {
		key := map[string]string{"move": "library.moved", "trash": "library.trashed"}[op]
		flashMediaUndo(c, key, batch, back, "Count", p.Number(done))
	}
	if len(stay) > 0 {
		flash(c, "warning", "library.stay", "Names", p.List(stay))
	}
	if len(refused) > 0 || done+len(stay) == 0 {
		flash(c, "error", "library.refused", "Names", p.List(refused))
	}
	return web.Redirect(c, back)
}

// mediaBack is where a form of the library goes back to.
func mediaBack(to string) string {
	if u, err := url.Parse(to); err == nil && web.SafePath(to) && (u.Path == "/admin/media" || strings.HasPrefix(u.Path, "/admin/media/") || u.Path == "/admin/trash/files") {
		return to
	}
	return "/admin/media"
}

// flashMediaUndo leaves a notice with a button that undoes a batch of media.Undo, and comes back to a page; without a batch there is
// no button.
func flashMediaUndo(c *gin.Context, key, batch, back string, args ...string) {
	if batch == "" {
		flash(c, "success", key, args...)
		return
	}
	flashUndo(c, key, undoMedia, map[string]string{"batch": batch, "back": back}, args...)
}

// mediaUndo brings back what was before a change, or before one of several files.
func (a *Admin) mediaUndo(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	back := mediaBack(form.Get("back"))
	again, done, err := a.media.Undo(c.Request.Context(), web.Actor(c), form.Get("batch"))
	var used *media.InUseError
	var problem *media.Problem
	switch {
	case err == nil:
	case errors.As(err, &used):
		flash(c, "error", "media.in_use")
	case errors.As(err, &problem):
		flash(c, "error", "library.undo_refused", "Problem", a.page(c, "media.title").fileProblem(problem))
	case errors.Is(err, db.ErrNotFound) && form.Get("batch") != "", errors.Is(err, auth.ErrForbidden) && len(done) > 0:
		flash(c, "error", "library.undo_none")
	default:
		return err
	}
	if len(done) > 0 {
		flashMediaUndo(c, "library.undone", again, back)
	}
	return web.Redirect(c, back)
}

// uploadLimit is the most bytes one upload may have: a file of the largest size, and the form round it.
func (a *Admin) uploadLimit() int64 { return a.media.FileSize() + 1<<20 }

// upload takes files of a multipart form one after the other, without keeping them in memory. A script that sends one
// gets its card, or what is wrong with it; a plain form goes back to the library.
func (a *Admin) upload(c *gin.Context) error {
	p := a.page(c, "media.title")
	script := c.GetHeader("Accept") == "text/html" // a browser's own forms ask for more than that
	mr, err := sentParts(c)
	if err != nil {
		return err
	}
	u := a.uploadHome(p.Actor)
	var done []*media.File
	refused := false
	for n := 0; ; n++ {
		part, err := nextPart(mr)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n >= 100 {
			return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
		}
		if name := part.FormName(); name == "office" || name == "folder" { // they come before the files
			value, err := readPart(part, 1000)
			if err != nil {
				return err
			}
			if name == "folder" {
				u.Folder = string(value)
			} else {
				u = a.uploadFor(p.Actor, string(value), u.Folder)
			}
			continue
		}
		if part.FileName() == "" {
			continue // an empty file field, or what is no file
		}
		u.Name, u.Body = part.FileName(), part
		f, err := a.media.Upload(c.Request.Context(), p.Actor, u)
		var problem *media.Problem
		var invalid auth.Invalid
		if errors.As(err, &invalid) { // the folder
			err = &media.Problem{Key: invalid["folder"]}
		}
		switch {
		case err == nil:
			done = append(done, f)
		case errors.As(err, &problem) && script:
			p.D = p.fileProblem(problem)
			return a.renderPart(c, http.StatusUnprocessableEntity, "media", "upload-problem", p)
		case errors.As(err, &problem):
			refused = true
			flash(c, "error", "media.refused", "Name", i18n.StripControls(u.Name), "Problem", p.fileProblem(problem))
		default:
			return err
		}
	}
	if script {
		var cards []fileCard
		for _, f := range done {
			cards = append(cards, p.freshCard(f))
		}
		p.D = cards
		return a.renderPart(c, http.StatusOK, "media", "uploaded", p)
	}
	if len(done) > 0 {
		flash(c, "success", "media.uploaded", "Count", p.Number(len(done)))
	} else if !refused {
		flash(c, "warning", "media.no_file")
	}
	if len(done) == 1 {
		return web.Redirect(c, "/admin/media/"+done[0].ID)
	}
	to := "/admin/media"
	if u.Folder != "" && len(done) > 0 {
		to += "?" + url.Values{"folder": {done[0].Folder}}.Encode()
	}
	return web.Redirect(c, to)
}

// freshCard is the card of a file that a script has just sent.
func (p *Page) freshCard(f *media.File) fileCard {
	card := p.fileCard(f)
	card.Fresh, card.Tick = true, true
	return card
}

// uploadFor is what uploaded files belong to: the organisation that was chosen, if it could be. Any other counts for nothing.
func (a *Admin) uploadFor(who *auth.Actor, office, folder string) media.Upload {
	u := a.uploadHome(who)
	if office != "" && slices.Contains(a.uploadOffices(who), office) {
		u = media.Upload{Office: office}
	}
	u.Folder = folder
	return u
}

// uploadOffices are the organisations that the actor may upload files for, where there are several.
func (a *Admin) uploadOffices(who *auth.Actor) []string {
	if s := who.Scope(auth.Upload, "media"); !s.All && len(s.Offices) > 1 {
		return s.Offices
	}
	return nil
}

// uploadHome is what uploaded files belong to: nothing in particular for who works on the whole site,
// else the first thing the actor works on.
func (a *Admin) uploadHome(who *auth.Actor) media.Upload {
	s := who.Scope(auth.Upload, "media")
	switch {
	case s.All:
		return media.Upload{}
	case len(s.Offices) > 0:
		return media.Upload{Office: s.Offices[0]}
	case len(s.Series) > 0:
		return media.Upload{Series: s.Series[0]}
	case len(s.Events) > 0:
		return media.Upload{Event: s.Events[0]}
	}
	return media.Upload{}
}

// fileProblem says in words why a file is not accepted.
func (p *Page) fileProblem(e *media.Problem) string {
	var args []any
	for name, v := range e.Data {
		if n, ok := v.(int64); ok {
			args = append(args, name, p.Bytes(n))
		} else {
			args = append(args, name, v)
		}
	}
	return p.T(e.Key, args...)
}
