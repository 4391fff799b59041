package admin

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// mediaSize is how many files a page of the library shows.
const mediaSize = 24

// libraryScreen is the media library.
type libraryScreen struct {
	Filter     *Form
	Files      []fileCard
	Kinds      []Choice
	Prev, Next string
	Filtered   bool
	Upload     bool
	Offices    []choice // that uploaded files can belong to, if there are several
	Limit      string   // of one file, in words
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
	return d
}

func (a *Admin) mediaList(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "media.title")
	p.Active, p.Layout = "media", "one"
	d := libraryScreen{Filter: newForm("q", c.Query("q"), "kind", c.Query("kind")), Upload: who.CanSomewhere(auth.Upload), Limit: p.Bytes(a.media.FileSize())}
	page, _ := web.Page(c)
	q := media.Query{Search: c.Query("q"), Kind: media.Kind(c.Query("kind")), Page: page, Size: mediaSize}
	if q.Kind != "" && !slices.Contains(media.Kinds, q.Kind) {
		return errQuery()
	}
	files, more, err := a.media.List(ctx, who, q)
	if err != nil {
		return err
	}
	for _, f := range files {
		d.Files = append(d.Files, p.fileCard(f))
	}
	for _, k := range media.Kinds {
		d.Kinds = append(d.Kinds, Choice{Value: string(k), Text: p.T("media.kind." + string(k))})
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
	d.Filtered = q.Search != "" || q.Kind != ""
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if more {
		d.Next = pageURL(c, page+1)
	}
	p.D = d
	return a.render(c, http.StatusOK, "media", p)
}

// uploadLimit is the most bytes one upload may have: a file of the largest size, and the form round it.
func (a *Admin) uploadLimit() int64 { return a.media.FileSize() + 1<<20 }

// upload takes files of a multipart form one after the other, without keeping them in memory. A script that sends one
// gets its card, or what is wrong with it; a plain form goes back to the library.
func (a *Admin) upload(c *gin.Context) error {
	p := a.page(c, "media.title")
	script := c.GetHeader("Accept") == "text/html" // a browser's own forms ask for more than that
	if t, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || t != "multipart/form-data" {
		return web.Fail(http.StatusUnsupportedMediaType, "error.form_type")
	}
	mr, err := c.Request.MultipartReader()
	if err != nil {
		return &web.Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
	}
	u := a.uploadHome(p.Actor)
	var done []*media.File
	refused := false
	for n := 0; ; n++ {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var big *http.MaxBytesError
			if errors.As(err, &big) {
				return err
			}
			return &web.Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
		}
		if n >= 100 {
			return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
		}
		if part.FormName() == "office" { // it comes before the files
			office, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return &web.Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
			}
			if slices.Contains(a.uploadOffices(p.Actor), string(office)) { // any other counts for nothing
				u = media.Upload{Office: string(office)}
			}
			continue
		}
		if part.FileName() == "" {
			continue // an empty file field, or what is no file
		}
		u.Name, u.Body = part.FileName(), part
		f, err := a.media.Upload(c.Request.Context(), p.Actor, u)
		var problem *media.Problem
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
			card := p.fileCard(f)
			card.Fresh = true
			cards = append(cards, card)
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
	return web.Redirect(c, "/admin/media")
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

// file gives the file of the address, to who may see it.
func (a *Admin) file(c *gin.Context) (*media.File, error) {
	id := c.Param("id")
	found, err := a.media.Get(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if f := found[id]; f != nil && web.Actor(c).Can(auth.Read, f.Object()) {
		return f, nil
	}
	return nil, db.ErrNotFound
}

// mediaFile gives out a file or one of its renditions to who may see it, published or not.
func (a *Admin) mediaFile(c *gin.Context) error {
	who := web.Actor(c)
	return a.media.Serve(c.Writer, c.Request, c.Param("id"), c.Param("name"), func(f *media.File) bool { return who.Can(auth.Read, f.Object()) })
}

// fileScreen is one file.
type fileScreen struct {
	Card     fileCard
	Form     *Form
	Preview  string // address of a picture of it
	Width    int
	Height   int
	Crops    []Link // name and address of what crops make of it
	Play     string // address to play it from
	Original string
	Used     []listRow
	Hidden   int // entries that use it and the actor may not see
	By       string
	MayEdit  bool
	MayDrop  bool
	Public   bool
}

func (a *Admin) mediaPage(c *gin.Context) error { return a.showFile(c, http.StatusOK, nil, nil) }

func (a *Admin) showFile(c *gin.Context, status int, form *Form, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	f, err := a.file(c)
	if err != nil {
		return err
	}
	p := a.page(c, "media.title")
	p.Crumbs = []Link{{p.T("media.title"), "/admin/media"}}
	p.Title, p.Active = f.Name, "media"
	if c.Request.Method != http.MethodGet {
		p.Path = "/admin/media/" + f.ID
	}
	d := fileScreen{Card: p.fileCard(f), Form: form, Original: panelURL(f, path.Base(f.URL())), MayEdit: who.Can(auth.Upload, f.Object()), MayDrop: who.Can(auth.Delete, f.Object())}
	if form == nil {
		d.Form = newForm("name", f.Name, "focus_x", strconv.Itoa(f.FocusX), "focus_y", strconv.Itoa(f.FocusY))
	} else {
		p.refused(form, problem, "name", "focus_x", "focus_y")
	}
	if r := f.Best("", 960); r != nil {
		d.Preview, d.Width, d.Height = panelURL(f, r.Name)+"?v="+r.SHA256[:8], r.Width, r.Height
		for _, crop := range []string{"16x9", "square"} {
			if r := f.Best(crop, 320); r != nil {
				d.Crops = append(d.Crops, Link{p.T("media.crop." + crop), panelURL(f, r.Name) + "?v=" + r.SHA256[:8]})
			}
		}
	}
	if f.Kind == media.Audio || f.Kind == media.Video {
		d.Play = d.Original
	}
	ids, err := a.content.FileUsedBy(ctx, f.ID)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		rows, _, err := a.content.List(ctx, who, content.ListQuery{IDs: ids, Limit: 100})
		if err != nil {
			return err
		}
		if d.Used, err = a.listRows(c, p, rows, nil, ""); err != nil {
			return err
		}
		d.Hidden = len(ids) - len(rows)
	}
	if d.Public, err = a.content.FileIsPublic(ctx, f.ID); err != nil {
		return err
	}
	names, err := a.accountNames(ctx, p.tongue(), []string{f.CreatedBy})
	if err != nil {
		return err
	}
	d.By = names[f.CreatedBy]
	p.D = d
	return a.render(c, status, "file", p)
}

// mediaSave renames a file or moves the focal point of a picture.
func (a *Admin) mediaSave(c *gin.Context) error {
	f, err := a.file(c)
	if err != nil {
		return err
	}
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request.Context(), web.Actor(c)
	switch values.Get("op") {
	case "rename":
		if strings.TrimSpace(values.Get("name")) == "" {
			err = auth.Invalid{"name": "media.name_missing"}
		} else {
			err = a.media.Rename(ctx, who, f.ID, values.Get("name"))
		}
	case "focus":
		x, ex := strconv.Atoi(strings.TrimSpace(values.Get("focus_x")))
		y, ey := strconv.Atoi(strings.TrimSpace(values.Get("focus_y")))
		if ex != nil || ey != nil || x < 0 || x > 100 || y < 0 || y > 100 {
			err = auth.Invalid{"focus_x": "media.problem.focus"}
		} else {
			err = a.media.SetFocus(ctx, who, f.ID, x, y)
		}
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		form := newForm("name", f.Name, "focus_x", strconv.Itoa(f.FocusX), "focus_y", strconv.Itoa(f.FocusY))
		for name, vs := range values {
			form.Values[name] = vs
		}
		return a.showFile(c, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "media.saved")
	return web.Redirect(c, "/admin/media/"+f.ID)
}

// mediaDelete removes a file that nothing shows. One in use stays, and its page tells where it is used.
func (a *Admin) mediaDelete(c *gin.Context) error {
	f, err := a.file(c)
	if err != nil {
		return err
	}
	err = a.media.Delete(c.Request.Context(), web.Actor(c), f.ID)
	var used *media.InUseError
	if errors.As(err, &used) {
		flash(c, "error", "media.in_use")
		return a.showFile(c, http.StatusConflict, nil, nil)
	}
	if err != nil {
		return err
	}
	flash(c, "success", "media.deleted", "Name", f.Name)
	return web.Redirect(c, "/admin/media")
}
