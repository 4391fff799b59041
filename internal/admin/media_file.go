package admin

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

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
	return a.media.Serve(c.Writer, c.Request, c.Param("id"), c.Param("name"), seenBy(web.Actor(c)))
}

// mediaVersion gives out an earlier version of a file.
func (a *Admin) mediaVersion(c *gin.Context) error {
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil {
		return db.ErrNotFound
	}
	return a.media.ServeVersion(c.Writer, c.Request, c.Param("id"), number, seenBy(web.Actor(c)))
}

func seenBy(who *auth.Actor) func(*media.File) bool {
	return func(f *media.File) bool { return who.Can(auth.Read, f.Object()) }
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

	Trashed  bool
	Gone     time.Time // when it was put into the trash
	Until    time.Time // when it is removed for good
	Tongues  []i18n.Locale
	Consents []Choice
	Folders  []Choice
	Versions []fileVersion
	Changes  []fileChange
	Wrong    string // why the file that was to take its place was not accepted
	Accept   string // types of file that can take its place, for the browser's dialog
	Doubt    string // what stands against showing it, where entries do
	MaySwap  bool   // its bytes can be replaced
}

// fileVersion is what a file was before it was replaced.
type fileVersion struct {
	*media.Version
	URL, What, By string
}

// fileChange is something that was done to a file.
type fileChange struct {
	*media.Change
	Text, By string
	May      bool // be undone by who looks
}

func (a *Admin) mediaPage(c *gin.Context) error { return a.showFile(c, http.StatusOK, nil, nil) }

// fileFields are the fields of a file's page in their order, those of the words aside.
var fileFields = []string{"name", "focus_x", "focus_y", "folder", "credit", "consent", "consent_until", "consent_note"}

// fileForm is what the forms of a file's page show.
func (p *Page) fileForm(f *media.File) *Form {
	form := newForm("name", f.Name, "focus_x", strconv.Itoa(f.FocusX), "focus_y", strconv.Itoa(f.FocusY), "folder", f.Folder,
		"credit", f.Credit, "consent", string(f.Consent), "consent_note", f.ConsentNote)
	if day, err := time.Parse(time.DateOnly, f.ConsentUntil); err == nil {
		form.Values.Set("consent_until", i18n.Date(p.Locale, day))
	}
	if f.Decorative {
		form.Values.Set("decorative", "1")
	}
	for l, w := range f.Words {
		form.Values.Set("alt@"+string(l), w.Alt)
		form.Values.Set("caption@"+string(l), w.Caption)
	}
	return form
}

func (a *Admin) showFile(c *gin.Context, status int, form *Form, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	f, err := a.file(c)
	if err != nil {
		return err
	}
	if err := a.media.AddWords(ctx, f); err != nil {
		return err
	}
	p := a.page(c, "media.title")
	p.Crumbs = []Link{{p.T("media.title"), "/admin/media"}}
	p.Title, p.Active = f.Name, "media"
	if c.Request.Method != http.MethodGet {
		p.Path = "/admin/media/" + f.ID
	}
	d := fileScreen{Card: p.fileCard(f), Form: form, Original: panelURL(f, path.Base(f.URL())), Trashed: !f.DeletedAt.IsZero(), Tongues: p.SiteLocales()}
	d.MayEdit, d.MayDrop = who.Can(auth.Upload, f.Object()) && !d.Trashed, who.Can(auth.Delete, f.Object())
	if d.Trashed {
		d.Gone, d.Until = f.DeletedAt, f.DeletedAt.Add(media.TrashTime)
		p.Crumbs = []Link{{p.T("library.trash"), "/admin/trash/files"}}
	}
	for _, l := range i18n.All { // words in a language that the site has no more are shown as long as they are there
		if f.Words[l] != (media.Wording{}) && !slices.Contains(d.Tongues, l) {
			d.Tongues = append(d.Tongues[:len(d.Tongues):len(d.Tongues)], l)
		}
	}
	if form == nil {
		d.Form = p.fileForm(f)
	} else {
		order := slices.Clone(fileFields)
		for _, l := range d.Tongues {
			order = append(order, "alt@"+string(l), "caption@"+string(l))
		}
		var wrong *media.Problem
		if errors.As(problem, &wrong) {
			p.Failed, d.Wrong = true, p.fileProblem(wrong)
			form.Problems = []Link{{d.Wrong, "#file"}}
		} else {
			p.refused(form, problem, order...)
		}
	}
	if d.Folders, err = a.folderChoices(ctx, p); err != nil {
		return err
	}
	for _, v := range media.Consents {
		d.Consents = append(d.Consents, Choice{Value: string(v), Text: p.T("library.consents." + string(v))})
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
	d.Accept = map[media.Kind]string{media.Picture: "image/*", media.PDF: "application/pdf", media.Audio: "audio/*", media.Video: "video/*", media.Captions: ".vtt"}[f.Kind]
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
		switch {
		case f.Consent == media.ConsentRefused:
			d.Doubt = p.T("library.doubt_refused")
		case d.Card.Ends != "":
			d.Doubt = d.Card.Ends
		}
	}
	if d.Public, err = a.content.FileIsPublic(ctx, f.ID); err != nil {
		return err
	}
	d.MaySwap = d.MayEdit && (!d.Public || who.Can(auth.Publish, f.Object()))
	versions, err := a.media.Versions(ctx, f.ID)
	if err != nil {
		return err
	}
	changes, err := a.media.Changes(ctx, f.ID)
	if err != nil {
		return err
	}
	people := []string{f.CreatedBy}
	for _, v := range versions {
		people = append(people, v.By)
	}
	for _, ch := range changes {
		people = append(people, ch.By)
	}
	names, err := a.accountNames(ctx, p.tongue(), people)
	if err != nil {
		return err
	}
	d.By = names[f.CreatedBy]
	for _, v := range versions {
		d.Versions = append(d.Versions, fileVersion{v, "/admin/media/" + f.ID + "/versions/" + strconv.Itoa(v.Number), p.Bytes(v.Size), names[v.By]})
	}
	for _, ch := range changes {
		may := d.MayEdit && (ch.Action != "replace" || d.MaySwap)
		if ch.Action == "trash" || ch.Action == "restore" {
			may = d.MayDrop && d.Trashed == (ch.Action == "trash")
		}
		d.Changes = append(d.Changes, fileChange{ch, p.change(ch), names[ch.By], may})
	}
	p.D = d
	return a.render(c, status, "file", p)
}

// change says in words what was done to a file, and what was before.
func (p *Page) change(ch *media.Change) string {
	was := ch.Before()
	switch ch.Action {
	case "rename":
		return p.T("library.change.rename", "Was", p.tongue().isolate(was))
	case "move":
		if was == "" {
			return p.T("library.change.filed")
		}
		return p.T("library.change.move", "Was", p.tongue().isolate(was))
	}
	return p.T("library.change." + ch.Action)
}

// libraryWord is something the library says of a file, with the name of the field of an entry that takes it: alt@en, credit.
type libraryWord struct{ Field, Text string }

func libraryWords(f *media.File) []libraryWord {
	var out []libraryWord
	add := func(field, text string) {
		if text != "" {
			out = append(out, libraryWord{field, text})
		}
	}
	for _, l := range i18n.All {
		add(content.FormName("alt", l), f.Words[l].Alt)
		add(content.FormName("caption", l), f.Words[l].Caption)
	}
	add("credit", f.Credit)
	return out
}

// mediaWords gives a script what the library says of a file, for the fields beside it.
func (a *Admin) mediaWords(c *gin.Context) error {
	f, err := a.file(c)
	if err != nil {
		return err
	}
	if err := a.media.AddWords(c.Request.Context(), f); err != nil {
		return err
	}
	p := a.page(c, "media.title")
	p.D = libraryWords(f)
	return a.renderPart(c, http.StatusOK, "file", "words", p)
}

// fromLibrary lets the fields beside a file that was chosen begin with what the library says of it, where they are empty.
func (a *Admin) fromLibrary(ctx context.Context, f *entryForm, d *content.Field, path string) error {
	id := last(f.Values[path])
	if d.Type != content.TypeFile || id == "" {
		return nil
	}
	found, err := a.media.Get(ctx, id)
	if err != nil || found[id] == nil || !f.who.Can(auth.Read, found[id].Object()) {
		return err
	}
	if err := a.media.AddWords(ctx, found[id]); err != nil {
		return err
	}
	beside := path[:strings.LastIndexByte(path, '.')+1]
	for _, w := range libraryWords(found[id]) {
		leaf, l, words := strings.Cut(w.Field, "@")
		field := f.Kind.Field(beside + leaf)
		if field == nil || field.Text() != words || words && (l != string(f.Lang) || !f.MayWords) || !words && !f.MayFacts {
			continue
		}
		if name := beside + w.Field; strings.TrimSpace(f.Values.Get(name)) == "" {
			f.Values.Set(name, w.Text)
		}
	}
	return nil
}

// mediaSave makes one change of a file: its name, its folder, the focal point of a picture, what is said of it, which of
// its versions is shown, and whether it lies in the trash.
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
	batch, told := "", []string{"media.saved"}
	switch values.Get("op") {
	case "rename":
		if strings.TrimSpace(values.Get("name")) == "" {
			err = auth.Invalid{"name": "media.name_missing"}
		} else {
			batch, err = a.media.Rename(ctx, who, f.ID, values.Get("name"))
		}
	case "move":
		batch, err = a.media.Move(ctx, who, "", f.ID, values.Get("folder"))
	case "focus":
		x, ex := strconv.Atoi(strings.TrimSpace(values.Get("focus_x")))
		y, ey := strconv.Atoi(strings.TrimSpace(values.Get("focus_y")))
		if ex != nil || ey != nil || x < 0 || x > 100 || y < 0 || y > 100 {
			err = auth.Invalid{"focus_x": "media.problem.focus"}
		} else {
			batch, err = a.media.SetFocus(ctx, who, f.ID, x, y)
		}
	case "describe":
		about := media.About{Words: media.Words{}, Decorative: values.Get("decorative") != "", Credit: values.Get("credit"), Consent: media.Consent(values.Get("consent")),
			ConsentUntil: strings.TrimSpace(values.Get("consent_until")), ConsentNote: values.Get("consent_note")}
		for _, l := range i18n.All {
			about.Words[l] = media.Wording{Alt: values.Get("alt@" + string(l)), Caption: values.Get("caption@" + string(l))}
		}
		if about.ConsentUntil != "" {
			if day, e := a.parseDay(c, about.ConsentUntil); e == nil {
				about.ConsentUntil = day.Format(time.DateOnly)
			}
		}
		batch, err = a.media.Describe(ctx, who, f.ID, about)
	case "version":
		number, e := strconv.Atoi(values.Get("version"))
		if e != nil {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		batch, err = a.media.RestoreVersion(ctx, who, f.ID, number)
		told = []string{"library.version_restored", "Number", strconv.Itoa(number)}
	case "restore":
		batch, err = a.media.Restore(ctx, who, "", f.ID)
		told = []string{"library.restored", "Name", f.Name}
	case "purge":
		if f.DeletedAt.IsZero() { // from the trash only
			return web.Fail(http.StatusConflict, "error.bad_request")
		}
		if err = a.media.Delete(ctx, who, f.ID); err == nil {
			flash(c, "success", "library.purged", "Name", f.Name)
			return web.Redirect(c, "/admin/trash/files")
		}
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	var used *media.InUseError
	if errors.As(err, &used) {
		flash(c, "error", "media.in_use")
		return a.showFile(c, http.StatusConflict, nil, nil)
	}
	var invalid interface{ Fields() map[string]string }
	if asInvalid(err, &invalid) {
		if err := a.media.AddWords(ctx, f); err != nil {
			return err
		}
		p := a.page(c, "media.title")
		form := p.fileForm(f)
		if values.Get("op") == "describe" { // a box that is not ticked is not sent
			form.Values.Del("decorative")
		}
		for name, vs := range values {
			form.Values[name] = vs
		}
		return a.showFile(c, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	flashMediaUndo(c, told[0], batch, "/admin/media/"+f.ID, told[1:]...)
	return web.Redirect(c, "/admin/media/"+f.ID)
}

// mediaReplace gives a file new bytes.
func (a *Admin) mediaReplace(c *gin.Context) error {
	f, err := a.file(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request.Context(), web.Actor(c)
	if !who.Can(auth.Upload, f.Object()) {
		return auth.ErrForbidden
	}
	mr, err := sentParts(c)
	if err != nil {
		return err
	}
	for {
		part, err := mr.NextPart() // a form without a file is cut off, too
		if err != nil {
			return cutOff(err)
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			flash(c, "warning", "media.no_file")
			return web.Redirect(c, "/admin/media/"+f.ID)
		}
		batch, err := a.media.Replace(ctx, who, f.ID, media.Upload{Name: part.FileName(), Body: part})
		var problem *media.Problem
		if errors.As(err, &problem) {
			if err := a.media.AddWords(ctx, f); err != nil {
				return err
			}
			return a.showFile(c, http.StatusUnprocessableEntity, a.page(c, "media.title").fileForm(f), err)
		}
		if err != nil {
			return err
		}
		flashMediaUndo(c, "library.replaced", batch, "/admin/media/"+f.ID)
		return web.Redirect(c, "/admin/media/"+f.ID)
	}
}

// mediaDelete puts a file that nothing shows into the trash. One in use stays, and its page tells where it is used.
func (a *Admin) mediaDelete(c *gin.Context) error {
	f, err := a.file(c)
	if err != nil {
		return err
	}
	batch, err := a.media.Trash(c.Request.Context(), web.Actor(c), "", f.ID)
	var used *media.InUseError
	if errors.As(err, &used) {
		flash(c, "error", "media.in_use")
		return a.showFile(c, http.StatusConflict, nil, nil)
	}
	if err != nil {
		return err
	}
	flashMediaUndo(c, "library.trashed_one", batch, "/admin/media", "Name", f.Name)
	return web.Redirect(c, "/admin/media")
}

// fileTrashScreen is the files that were deleted and can be brought back.
type fileTrashScreen struct {
	Rows       []trashedFile
	Days       int
	Prev, Next string
}

type trashedFile struct {
	fileCard
	By    string
	Until time.Time
}

func (a *Admin) fileTrash(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	page, _ := web.Page(c)
	files, more, err := a.media.List(ctx, who, media.Query{Trash: true, Page: page, Size: listSize})
	if err != nil {
		return err
	}
	var people []string
	for _, f := range files {
		people = append(people, f.DeletedBy)
	}
	p := a.page(c, "trash.title")
	p.Active, p.Layout = "trash", "one"
	names, err := a.accountNames(ctx, p.tongue(), people)
	if err != nil {
		return err
	}
	d := fileTrashScreen{Days: int(media.TrashTime / (24 * time.Hour))}
	for _, f := range files {
		d.Rows = append(d.Rows, trashedFile{p.fileCard(f), names[f.DeletedBy], f.DeletedAt.Add(media.TrashTime)})
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if more {
		d.Next = pageURL(c, page+1)
	}
	p.D = d
	return a.render(c, http.StatusOK, "trash_files", p)
}

// restoreFile brings one file back.
func (a *Admin) restoreFile(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	id := form.Get("id")
	batch, err := a.media.Restore(c.Request.Context(), web.Actor(c), "", id)
	if err != nil {
		return err
	}
	found, err := a.media.Get(c.Request.Context(), id)
	if err != nil || found[id] == nil {
		return err
	}
	flashMediaUndo(c, "library.restored", batch, "/admin/trash/files", "Name", found[id].Name)
	return web.Redirect(c, "/admin/trash/files")
}
