package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/conceptnote"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// maxForm is how large an entry's form may be: a long report, percent-encoded.
const maxForm = 8 << 20

// entryRoutes lists the addresses of entry pages.
func (a *Admin) entryRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	read, create := web.Needs(auth.Read), web.Needs(auth.Create)
	routes := []web.Route{
		{Method: get, Path: "/admin/pick", Rule: read, Class: web.Personal, Handle: a.pick},
		{Method: post, Path: "/admin/pick", Rule: create, Class: web.Personal, Handle: a.pickNew, MaxBody: 16 << 10},
		{Method: post, Path: "/admin/pick/file", Rule: web.Needs(auth.Upload), Class: web.Personal, Handle: a.pickUpload, Upload: true, MaxBody: a.uploadLimit(), Timeout: 30 * time.Minute},
		{Method: get, Path: "/admin/session", Rule: web.SignedIn, Class: web.Personal, Handle: a.session},
		{Method: post, Path: "/admin/echo/when", Rule: web.SignedIn, Class: web.Personal, Handle: a.echoTimes, MaxBody: 64 << 10},
	}
	for _, k := range a.content.Kinds {
		at := func(method, path string, rule web.Rule, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + path, Rule: rule, Class: web.Personal, MaxBody: maxForm,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(get, "/new", create, a.newEntry)
		at(post, "/new", create, a.saveEntry)
		if takesNotes(k) {
			at(get, "/note", create, a.note)
			routes = append(routes, web.Route{Method: post, Path: noteURL(k), Rule: create, Class: web.Personal, Upload: true, MaxBody: 2*conceptnote.MaxBytes + 1<<20,
				Handle: func(c *gin.Context) error { return a.readNote(k, c) }})
			at(post, "/note/draft", create, a.makeNote)
		}
		at(post, "/new/autosave", create, a.autosave)
		at(get, "/:id", read, a.showEntry)
		at(post, "/:id", read, a.saveEntry)
		at(post, "/:id/autosave", read, a.autosave)
		at(post, "/:id/here", read, a.here)
		at(get, "/:id/unpublish", read, a.confirmUnpublish)
		at(post, "/:id/unpublish", read, a.unpublish)
		at(get, "/:id/delete", read, a.confirmDelete)
		at(post, "/:id/delete", read, a.deleteEntry)
		at(post, "/:id/restore", read, a.restoreEntry)
		at(get, "/:id/history", read, a.history)
		at(post, "/:id/history", read, a.restoreAt)
		at(get, "/:id/history/:part/:number", read, a.compare)
		at(post, "/:id/history/:part/:number", read, a.restoreRevision)
		routes = append(routes, a.previewRoutes(k)...)
		if _, ok := k.New().(*kind.Event); ok {
			change := web.Needs(auth.EditFacts)
			at(get, "/:id/change/:what", change, a.changeForm)
			at(post, "/:id/change/:what", change, a.change)
			at(get, "/:id/day", change, a.dayPage)
			at(post, "/:id/day", web.Needs(auth.Publish), a.tellDay)
			at(get, "/:id/undo", change, a.changeForm)
			at(post, "/:id/undo", change, a.change)
			at(get, "/:id/checklist", read, a.showChecklist)
			at(post, "/:id/checklist", change, a.skipDuty)
			at(get, "/:id/report", read, a.draftReportForm)
			at(post, "/:id/report", read, a.draftReport)
		}
		if k.Copies() {
			at(get, "/:id/clone", create, a.cloneForm)
			at(post, "/:id/clone", create, a.clone)
		}
	}
	return routes
}

// bareForm knows only the panel's language, day and zone.
func (a *Admin) bareForm(c *gin.Context) *entryForm { return a.formOf(web.Locale(c)) }

func (a *Admin) formOf(l i18n.Locale) *entryForm {
	zone := a.settings.Site().Zone
	return &entryForm{tongue: tongue{a.cat, l}, zone: zone, today: a.now().In(content.Zone(zone)), Values: url.Values{}}
}

// openForm makes the form of an entry, still without values; e is nil for a new one.
func (a *Admin) openForm(c *gin.Context, who *auth.Actor, k *content.Kind, e *content.Entry, l i18n.Locale) *entryForm {
	f := a.bareForm(c)
	f.Kind, f.Entry, f.who, f.Lang, f.Original = k, e, who, l, l
	f.cities = a.settings.Site().Cities
	if e == nil {
		f.MayFacts, f.MayWords = true, true
		return f
	}
	f.Original, f.stored = e.Original, e.Parts
	f.MayFacts, f.MayWords = e.MayEdit(who, content.Facts), e.MayEdit(who, content.Part(l))
	return f
}

// office is the organisation that the entry belongs or will belong to.
func (f *entryForm) office() string {
	if f.Entry != nil {
		return f.Entry.Office
	}
	return f.Values.Get("office")
}

// Own is the address of the form.
func (f *entryForm) Own() string {
	if f.Entry == nil {
		return newURL(f.Kind)
	}
	return f.inLanguage(f.Lang)
}

// inLanguage is the address of the form in a language.
func (f *entryForm) inLanguage(l i18n.Locale) string {
	if f.suggests {
		return suggestURL(f.Entry, l)
	}
	return entryURL(f.Kind, f.Entry.ID, l)
}

// Suggests reports whether what is typed is proposed, and not saved.
func (f *entryForm) Suggests() bool { return f.suggests }

// Base is the address of the entry's pages.
func (f *entryForm) Base() string {
	if f.Entry == nil {
		return newURL(f.Kind)
	}
	return entryURL(f.Kind, f.Entry.ID, "")
}

// UploadURL is where a file for a field is sent, PiecesURL where it is begun in pieces.
func (v *fieldView) UploadURL() string { return "/admin/pick/file?" + v.uploadFor() }
func (v *fieldView) PiecesURL() string { return "/admin/uploads?" + v.uploadFor() }

// uploadFor is what uploadField reads.
func (v *fieldView) uploadFor() string {
	q := url.Values{"name": {v.Name}, "kind": {v.Kind.Name}}
	if v.Entry != nil {
		q.Set("entry", v.Entry.ID)
	} else {
		q.Set("office", v.office())
	}
	return q.Encode()
}

// load gives the entry that an address names, if it is of this kind, and the language asked for.
func (a *Admin) load(k *content.Kind, c *gin.Context) (*auth.Actor, *content.Entry, i18n.Locale, error) {
	who, err := web.SignedInActor(c)
	if err != nil {
		return nil, nil, "", err
	}
	e, err := a.content.Get(c.Request.Context(), who, c.Param("id"))
	if err != nil {
		return nil, nil, "", err
	}
	l := e.Original
	if q, asked := c.GetQuery("lang"); asked {
		var ok bool
		if l, ok = i18n.Parse(q); !ok {
			return nil, nil, "", db.ErrNotFound
		}
	}
	if e.Kind != k {
		return nil, nil, "", db.ErrNotFound
	}
	return who, e, l, nil
}

// loadForm is load with the form that was sent to the address.
func (a *Admin) loadForm(k *content.Kind, c *gin.Context) (*auth.Actor, *content.Entry, i18n.Locale, url.Values, error) {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return nil, nil, "", nil, err
	}
	v, err := web.Form(c)
	return who, e, l, v, err
}

// entryPage is what the entry's page shows.
type entryPage struct {
	*entryForm
	Title    *fieldView
	Sections []*sectionView
	Panel    *panel
	Problems []problemLink // that kept it from being saved or published
	Notices  []Notice
	Clashes  []*clash
	Offices  []choice
	NoteURL  string // where a new one can begin with a concept note, "" where none can
	Like     *Link  // the form of a new one that begins like the office's latest, nil where there is none
	Tabs     []tab
	Heading  string
	OldDates []problemLink // texts that name the date of the entry this one was copied from
}

// tab is one language of the entry.
type tab struct {
	Lang  i18n.Locale
	URL   string
	State content.State // "" when not started
	Here  bool
}

// newEntry shows the form of an entry that is not there yet.
func (a *Admin) newEntry(k *content.Kind, c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	l, err := a.originalOf(c, c.Query("lang"))
	if err != nil {
		return err
	}
	office, ok := a.officeFor(who, k.Name)
	if !ok {
		return auth.ErrForbidden
	}
	f := a.openForm(c, who, k, nil, l)
	f.fill(nil)
	var notices []Notice
	if like := c.Query("like"); like != "" {
		e, err := a.beginLike(c.Request.Context(), f, like)
		if err != nil {
			return err
		}
		notices = append(notices, Notice{"info", f.T("quick.like_done", "Title", f.isolate(entryTitle(f.tongue, e)))})
	}
	f.Values.Set("office", office)
	f.defaults()
	if d := k.As("title"); d != nil {
		f.focus = content.FormName(d.Path, l)
	}
	return a.showForm(c, f, http.StatusOK, notices)
}

// defaults are what a new entry starts with.
func (f *entryForm) defaults() {
	if d := f.Kind.As("when"); d != nil {
		f.Values.Set(d.Path+":zone", f.zone)
	}
	if d := f.Kind.Field("status"); d != nil && d.Enum == "event_status" {
		f.Values.Set("status", "scheduled")
	}
	for _, d := range f.Kind.Fields {
		if d.Widget == "account" { // whoever makes it answers for it, until someone else does
			f.Values.Set(d.Path, f.who.ID)
		}
	}
}

// originalOf is the language a new entry is written in first: the one asked for, else the panel's where the site has
// it, else the site's first.
func (a *Admin) originalOf(c *gin.Context, asked string) (i18n.Locale, error) {
	if asked != "" {
		l, ok := i18n.Parse(asked)
		if !ok {
			return "", db.ErrNotFound
		}
		return l, nil
	}
	site := a.settings.Site().Languages
	if l := web.Locale(c); slices.Contains(site, l) || len(site) == 0 {
		return l, nil
	}
	return site[0], nil
}

// showEntry shows the form of an entry in one language.
func (a *Admin) showEntry(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showForm(c, a.filledForm(c, who, e, l), http.StatusOK, nil)
}

func (a *Admin) filledForm(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale) *entryForm {
	f := a.openForm(c, who, e.Kind, e, l)
	f.fill(e.Parts)
	f.setBases(e.Versions)
	f.Values.Set("slug", e.Slug)
	return f
}

// complete adds the leaves that were not sent: what the actor may not change, and whatever else was not in the form.
func (f *entryForm) complete() {
	if f.Entry == nil {
		return
	}
	sent := map[string]bool{}
	for name := range f.Values {
		if !formControl(name) {
			path, _, l, _ := leafName(name)
			sent[content.FormName(path, l)] = true
		}
	}
	all := url.Values{}
	f.fillFields(f.Kind.Fields, "", f.stored[content.Facts], f.stored[content.Part(f.Lang)], all)
	for name, vs := range all {
		path, _, l, _ := leafName(name)
		if !sent[content.FormName(path, l)] {
			f.Values[name] = vs
		}
	}
	if _, ok := f.Values["slug"]; !ok {
		f.Values.Set("slug", f.Entry.Slug)
	}
}

// showForm answers with the page.
func (a *Admin) showForm(c *gin.Context, f *entryForm, status int, notices []Notice) error {
	d, err := a.entryPage(c.Request.Context(), f)
	if err != nil {
		return err
	}
	d.Notices = notices
	p := a.page(c, "form.edit", "Kind", f.T("kind."+f.Kind.Name+".one"), "Title", d.Heading)
	p.Path = f.Own()
	if f.Entry == nil {
		p.Title = f.T("form.new_kind", "Kind", f.T("kind."+f.Kind.Name+".one"))
	}
	p.inKind(f.Kind)
	if f.Entry != nil {
		p.Here = d.Heading
	}
	p.D = d
	return a.render(c, status, "entry", p)
}

func (a *Admin) entryPage(ctx context.Context, f *entryForm) (*entryPage, error) {
	f.complete()
	if err := a.showLinks(ctx, f); err != nil {
		return nil, err
	}
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return nil, err
	}
	if err := a.listAccounts(ctx, f); err != nil {
		return nil, err
	}
	var err error
	if f.comments, err = a.remarks(ctx, f, func(x clearance.Comment) bool { return x.Locale == "" || x.Locale == f.Lang }); err != nil {
		return nil, err
	}
	if f.counted, err = a.numbers(ctx, f); err != nil {
		return nil, err
	}
	if f.Entry != nil && f.Kind.Field(versionsList) != nil {
		if f.kept, err = a.content.KeptVersions(ctx, f.Entry); err != nil {
			return nil, err
		}
	}
	if f.Entry != nil && f.Lang != f.Original {
		if f.stale, err = a.content.StaleLeaves(ctx, f.Entry, f.Lang); err != nil {
			return nil, err
		}
	}
	d := &entryPage{entryForm: f}
	f.findConflicts()
	d.Title, d.Sections = f.build()
	d.Heading = f.T("form.untitled")
	if d.Title != nil {
		switch {
		case d.Title.Value != "":
			d.Heading = d.Title.Value
		case f.Entry != nil && f.Entry.Title != "":
			d.Heading = f.Entry.Title
		}
	}
	var bad []content.Problem
	for _, ps := range f.problems {
		bad = append(bad, ps...)
	}
	slices.SortFunc(bad, func(x, y content.Problem) int { return f.order(x.Path) - f.order(y.Path) })
	d.Problems = f.links(bad, f.Base())
	for _, name := range sortedKeys(f.clashes) {
		d.Clashes = append(d.Clashes, f.clashes[name])
	}
	if f.Entry == nil {
		if d.Offices, err = a.officeChoices(ctx, f, a.offices(f.who, f.Kind.Name)); err != nil {
			return nil, err
		}
		if takesNotes(f.Kind) {
			d.NoteURL = noteURL(f.Kind)
		}
		if d.Like, err = a.newLike(ctx, f.tongue, f.who, f.Kind); err != nil {
			return nil, err
		}
		d.Panel = &panel{entryForm: f, Primary: f.T("form.create"), MaySave: true}
		return d, nil
	}
	for _, l := range i18n.All {
		_, words := f.Entry.Languages[l]
		if words || l == f.Lang || slices.Contains(a.settings.Site().Languages, l) {
			d.Tabs = append(d.Tabs, tab{l, f.inLanguage(l), f.Entry.Languages[l].State, l == f.Lang})
		}
	}
	var check []content.Problem
	if d.Panel, check, err = a.panel(ctx, f); err != nil {
		return nil, err
	}
	if d.OldDates, err = a.oldDates(ctx, f); err != nil {
		return nil, err
	}
	if f.Entry != nil || len(bad) > 0 {
		f.markSections(d.Sections, append(check, bad...))
	}
	return d, nil
}

// listAccounts offers people for the fields that take one: all to those who look after accounts, else the actor and
// whoever is there already.
func (a *Admin) listAccounts(ctx context.Context, f *entryForm) error {
	var ids []string
	f.Kind.Walk(func(d *content.Field) {
		if d.Widget != "account" {
			return
		}
		ids = append(ids, f.who.ID)
		f.eachOf(d, func(path, id string) {
			if f.mayName(path, id) {
				ids = append(ids, id)
			}
		})
	})
	if len(ids) == 0 {
		return nil
	}
	var err error
	f.accounts, err = a.accountChoices(ctx, f.who, f.tongue, ids)
	return err
}

// accountChoices are the accounts with these ids, and to those who look after accounts all.
func (a *Admin) accountChoices(ctx context.Context, who *auth.Actor, t tongue, ids []string) ([]choice, error) {
	if who.CanSomewhere(auth.ManageUsers) {
		all, _, err := a.auth.List(ctx, who, auth.AccountFilter{}, auth.Paging{Size: 200})
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			ids = append(ids, x.ID)
		}
	}
	names, err := a.accountNames(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	var out []choice
	for i, id := range ids {
		if !slices.Contains(ids[:i], id) {
			out = append(out, choice{id, names[id]})
		}
	}
	i18n.SortBy(t.Locale, out, func(c choice) string { return c.Label })
	return out, nil
}

// order is where a path stands on the page.
func (f *entryForm) order(path string) int {
	d := f.Kind.Field(leafPath(path))
	n, at := 0, 1<<20
	f.Kind.Walk(func(x *content.Field) {
		if n++; x == d {
			at = n
		}
	})
	return at
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// sentForm reads the form that was sent.
func (a *Admin) sentForm(k *content.Kind, c *gin.Context) (*entryForm, url.Values, error) {
	var who *auth.Actor
	var e *content.Entry
	var l i18n.Locale
	var err error
	created := c.Param("id") == ""
	if created {
		if who, err = web.SignedInActor(c); err != nil {
			return nil, nil, err
		}
	} else if who, e, l, err = a.load(k, c); err != nil {
		return nil, nil, err
	}
	v, err := web.Form(c)
	if err != nil {
		return nil, nil, err
	}
	if created {
		if l, err = a.originalOf(c, v.Get("lang")); err != nil {
			return nil, nil, err
		}
	}
	f := a.openForm(c, who, k, e, l)
	f.Values = cloneValues(v)
	delete(f.Values, "op")
	delete(f.Values, "lang")
	if created {
		if office := v.Get("office"); !slices.Contains(a.offices(who, k.Name), office) {
			return nil, nil, auth.ErrForbidden
		}
	}
	// No page of ours sends so much: each item goes through addItem. What somebody made up is not drawn, which takes seconds.
	if f.itemCount() > content.MaxItems+250 {
		return nil, nil, web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	return f, v, f.lookup(c.Request.Context(), a.content, a.media)
}

// saveEntry takes the form: it stores it, publishes it, or only rearranges it.
func (a *Admin) saveEntry(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	f, v, err := a.sentForm(k, c)
	if err != nil {
		return err
	}
	who, e := f.who, f.Entry
	op := v.Get("op")
	if done, err := a.rearrange(ctx, f, op); err != nil {
		return err
	} else if done {
		return a.showForm(c, f, http.StatusOK, f.notices)
	}
	if op != "" && op != "save" && op != "publish" {
		return badOp()
	}
	if e != nil && e.Deleted != nil {
		return a.showForm(c, f, http.StatusConflict, []Notice{{"error", f.T("form.in_trash")}})
	}

	if err := a.settle(ctx, f); err != nil {
		return err
	}
	theirs := f.takeTheirs()
	if op == "publish" {
		f.followEvent()
	}
	set := f.read()
	for _, name := range theirs {
		path, _, l, _ := leafName(name)
		delete(set[content.Part(l)], path)
	}
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return err
	}
	f.mayRefer()
	if len(f.problems) > 0 {
		// And what else would be refused: nobody should correct a form twice.
		f.complain(a.content.Unfit(k, set)...)
		return a.showForm(c, f, http.StatusUnprocessableEntity, nil)
	}
	change := f.change(set, v)
	saved, err := a.content.Save(ctx, who, change)
	var invalid *content.Invalid
	var clash *content.Conflicted
	switch {
	case errors.As(err, &invalid):
		f.complain(invalid.Problems...)
		return a.showForm(c, f, http.StatusUnprocessableEntity, nil)
	case errors.As(err, &clash):
		return a.showClash(c, f, clash, set)
	case errors.Is(err, auth.ErrForbidden):
		// Not the error's page: what was typed would be lost with it.
		return a.showForm(c, f, http.StatusForbidden, []Notice{{"error", f.T("form.forbidden")}})
	case err != nil:
		return err
	}
	if op == "publish" {
		return a.publishSaved(c, f, saved)
	}
	return a.saved(c, f, saved, "form.saved")
}

// change is what the form makes of its entry.
func (f *entryForm) change(set content.Parts, v url.Values) content.Change {
	change := content.Change{Kind: f.Kind, Original: f.Original, Office: f.office(), Set: set, Fresh: f.readFresh(), Minor: v.Get("minor") != "", Note: short(v.Get("note"), 200)}
	if f.Entry != nil {
		change.ID, change.Base = f.Entry.ID, f.readBases()
	}
	if _, ok := v["slug"]; ok {
		slug := strings.TrimSpace(v.Get("slug"))
		change.Slug = &slug
	}
	if tab := v.Get("tab"); len(tab) <= 40 {
		change.Tab = tab
		change.Seq, _ = strconv.Atoi(v.Get("seq"))
	}
	return change
}

func cloneValues(v url.Values) url.Values {
	out := make(url.Values, len(v))
	for k, vs := range v {
		out[k] = slices.Clone(vs)
	}
	return out
}

// saved answers after something was stored. A script gets only the parts of the page that follow from it, so that the
// field being typed into is left alone; a browser is led back to the page.
func (a *Admin) saved(c *gin.Context, f *entryForm, saved *content.Saved, key string) error {
	by, err := a.mergedBy(c.Request.Context(), f, saved)
	if err != nil {
		return err
	}
	if c.GetHeader("Sec-Fetch-Dest") == "empty" && f.Entry != nil {
		e, err := a.content.Get(c.Request.Context(), f.who, saved.ID)
		if err != nil {
			return err
		}
		fresh := a.filledForm(c, f.who, e, f.Lang)
		notices := []Notice{{"success", f.T(key)}}
		if saved.Merged {
			notices = append(notices, Notice{"info", f.T("form.merged", "Names", by)})
		}
		if f.followed != nil {
			notices = append(notices, Notice{"info", f.T("quick.followed", "Minutes", f.followed[1], "Number", f.followed[3])})
		}
		if saved.Merged || f.followed != nil || f.changesLook() {
			return a.showForm(c, fresh, http.StatusOK, notices)
		}
		d, err := a.entryPage(c.Request.Context(), fresh)
		if err != nil {
			return err
		}
		d.Notices = notices
		p := a.page(c, "form.edit", "Kind", f.T("kind."+f.Kind.Name+".one"), "Title", d.Heading)
		p.Here, p.D = d.Heading, d
		return a.renderPart(c, http.StatusOK, "entry", "stored", p)
	}
	flash(c, "success", key)
	if saved.Merged {
		flash(c, "info", "form.merged", "Names", by)
	}
	if f.followed != nil {
		flash(c, "info", "quick.followed", f.followed...)
	}
	return web.Redirect(c, entryURL(f.Kind, saved.ID, f.Lang))
}

// changesLook reports whether the fields look different after saving than the page that was sent: a clash decided, a
// translation vouched for, a thing found.
func (f *entryForm) changesLook() bool {
	for name := range f.Values {
		if name == "fresh" || name == "clashes" || strings.HasPrefix(name, "found:") {
			return true
		}
	}
	return false
}

// mergedBy names those whose changes a save was joined with.
func (a *Admin) mergedBy(ctx context.Context, f *entryForm, saved *content.Saved) (string, error) {
	if !saved.Merged {
		return "", nil
	}
	revisions, err := a.content.Revisions(ctx, f.who, saved.ID, 0, 100)
	if err != nil {
		return "", err
	}
	bases := f.readBases()
	var ids []string
	for _, r := range revisions {
		if base, told := bases[r.Part]; told && r.Number > base && r.Author != f.who.ID && !slices.Contains(ids, r.Author) {
			ids = append(ids, r.Author)
		}
	}
	return a.people(ctx, f.tongue, ids)
}

// people names accounts in a sentence.
func (a *Admin) people(ctx context.Context, t tongue, ids []string) (string, error) {
	names, err := a.accountNames(ctx, t, ids)
	if err != nil {
		return "", err
	}
	var out []string
	for _, id := range ids {
		out = append(out, names[id])
	}
	if len(out) == 0 {
		return t.T("form.yourself"), nil
	}
	return i18n.List(t.Locale, out), nil
}

// accountNames gives the names of accounts; the program and accounts that are gone have one too.
func (a *Admin) accountNames(ctx context.Context, t tongue, ids []string) (map[string]string, error) {
	names, err := a.auth.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	guests, err := a.translation.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, name := range guests {
		names[id] = t.T("guest.named", "Name", i18n.Isolate(name))
	}
	for _, id := range ids {
		if names[id] == "" {
			names[id] = t.T("form.program")
		}
	}
	return names, nil
}

// showClash shows the form again where someone else changed the same: both sides beside each other, everything else
// joined already. The next save is made knowingly.
func (a *Admin) showClash(c *gin.Context, f *entryForm, conflict *content.Conflicted, mine content.Parts) error {
	e, err := a.content.Get(c.Request.Context(), f.who, f.Entry.ID)
	if err != nil {
		return err
	}
	next, err := a.clashForm(c, f, e, conflict, mine)
	if err != nil {
		return err
	}
	return a.showForm(c, next, http.StatusConflict, []Notice{{"error", f.T("form.clash")}})
}

// clashForm is the form of an entry with both sides of what clashes.
func (a *Admin) clashForm(c *gin.Context, f *entryForm, e *content.Entry, conflict *content.Conflicted, mine content.Parts) (*entryForm, error) {
	ctx := c.Request.Context()
	revisions, err := a.content.Revisions(ctx, f.who, e.ID, 0, 100)
	if err != nil {
		return nil, err
	}
	both := content.Parts{}
	for p, leaves := range e.Parts {
		both[p] = leaves
	}
	for p, leaves := range conflict.Merged {
		both[p] = content.Leaves{}
		for path, raw := range leaves {
			both[p][path] = raw
		}
	}
	slug, note := f.Values["slug"], f.Values["note"]
	bases := f.readBases()
	next := a.openForm(c, f.who, f.Kind, e, f.Lang)
	next.clashes = map[string]*clash{}
	for _, x := range conflict.List {
		if both[x.Part] == nil {
			both[x.Part] = content.Leaves{}
		}
		switch {
		case x.Item != "": // mine but for what they have made of the other items
			if ids := withItem(both[x.Part][x.Path], x.Mine, x.Item); len(ids) > 0 {
				both[x.Part].Set(x.Path, ids)
			} else {
				delete(both[x.Part], x.Path)
			}
		case len(x.Mine) > 0:
			both[x.Part][x.Path] = x.Mine
		default:
			delete(both[x.Part], x.Path)
		}
		if x.Item != "" { // what was typed into the item the other deleted
			for p, leaves := range mine {
				for path, raw := range leaves {
					if strings.HasPrefix(path, x.Path+"."+x.Item+".") && len(raw) > 0 {
						if both[p] == nil {
							both[p] = content.Leaves{}
						}
						both[p][path] = raw
					}
				}
			}
		}
		name := content.FormName(x.Path, x.Part.Locale())
		if x.Item != "" {
			name = x.Path
		}
		k := &clash{entryForm: next, Name: name, Item: x.Item}
		if x.Item != "" {
			ids, _ := content.ItemIDs(x.Theirs)
			k.Gone = !slices.Contains(ids, x.Item)
		} else {
			k.Theirs = next.inWords(f.Kind.Field(x.Path), x.Path, x.Part, x.Theirs, e.Parts)
		}
		for _, r := range revisions {
			if r.Part == x.Part && r.Number > bases[x.Part] && r.Author != "" {
				names, err := a.accountNames(ctx, f.tongue, []string{r.Author})
				if err != nil {
					return nil, err
				}
				k.Who, k.When = names[r.Author], r.At
				break
			}
		}
		next.clashes[name] = k
	}
	next.fill(both)
	next.setBases(conflict.Versions)
	if slug != nil {
		next.Values["slug"] = slug
	}
	if note != nil {
		next.Values["note"] = note
	}
	if err := next.lookup(ctx, a.content, a.media); err != nil {
		return nil, err
	}
	for _, x := range conflict.List { // names of what the other side refers to
		if k := next.clashes[content.FormName(x.Path, x.Part.Locale())]; k != nil && x.Item == "" {
			k.Theirs = next.inWords(f.Kind.Field(x.Path), x.Path, x.Part, x.Theirs, e.Parts)
		}
	}
	return next, nil
}

// withItem gives the order of a list with one of its items where mine has it, or without it if mine has not.
func withItem(list, mine []byte, item string) []string {
	ids, _ := content.ItemIDs(list)
	my, _ := content.ItemIDs(mine)
	at, has := slices.Index(my, item), slices.Contains(ids, item)
	switch {
	case at >= 0 && !has:
		return slices.Insert(slices.Clone(ids), min(at, len(ids)), item)
	case at < 0 && has:
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == item })
	}
	return ids
}

// confirmPage asks before something is lost.
type confirmPage struct {
	Heading, Text, Button, Action, Back string
	Lang                                i18n.Locale
}

func (a *Admin) confirm(c *gin.Context, k *content.Kind, d confirmPage) error {
	p := a.page(c, "form.confirm")
	p.inKind(k)
	p.Title, p.Layout, p.D = d.Heading, "one", d
	return a.render(c, http.StatusOK, "confirm", p)
}

func (a *Admin) confirmUnpublish(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	if !who.Can(auth.Publish, e.TextObject(l)) {
		return auth.ErrForbidden
	}
	t := tongue{a.cat, web.Locale(c)}
	text := t.T("form.unpublish_text", "Language", i18n.LanguageName(t.Locale, string(l)))
	if l == e.Original {
		text = t.T("form.unpublish_all_text")
	}
	return a.confirm(c, k, confirmPage{Heading: t.T("form.unpublish_title", "Title", e.Title), Text: text, Button: t.T("form.unpublish"),
		Action: entryURL(k, e.ID, "") + "/unpublish?lang=" + string(l), Back: entryURL(k, e.ID, l), Lang: l})
}

func (a *Admin) unpublish(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	if err := a.content.Unpublish(c.Request.Context(), who, e.ID, []i18n.Locale{l}); err != nil {
		return err
	}
	flashGone(c, "form.unpublished", []goneEntry{withdrawn(e, l)}, entryURL(k, e.ID, l))
	return web.Redirect(c, entryURL(k, e.ID, l))
}

func (a *Admin) confirmDelete(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	if !who.Can(auth.Delete, e.Object()) {
		return auth.ErrForbidden
	}
	t := tongue{a.cat, web.Locale(c)}
	text := t.T("form.delete_text")
	if e.Path != "" {
		text = t.T("form.delete_live_text")
	}
	return a.confirm(c, k, confirmPage{Heading: t.T("form.delete_title", "Title", e.Title), Text: text, Button: t.T("form.delete"),
		Action: entryURL(k, e.ID, "") + "/delete", Back: entryURL(k, e.ID, l), Lang: l})
}

func (a *Admin) deleteEntry(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	if err := a.content.Delete(c.Request.Context(), who, e.ID); err != nil {
		return err
	}
	flashGone(c, "form.deleted", []goneEntry{withdrawn(e, e.Original)}, entryURL(k, e.ID, ""), "Title", e.Title)
	return web.Redirect(c, entryURL(k, e.ID, "")) // the page with the way back on it
}

func (a *Admin) restoreEntry(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	if err := a.content.Restore(c.Request.Context(), who, e.ID); err != nil {
		return err
	}
	flash(c, "success", "form.restored", "Title", e.Title)
	return web.Redirect(c, entryURL(k, e.ID, ""))
}

// officeChoices are the organisations a new entry can be given to, where there is a choice.
func (a *Admin) officeChoices(ctx context.Context, f *entryForm, offices []string) ([]choice, error) {
	if len(offices) < 2 {
		return nil, nil
	}
	names, err := a.content.Labels(ctx, f.Locale, offices)
	if err != nil {
		return nil, err
	}
	var out []choice
	for _, o := range offices {
		name := names[o]
		if o == "" {
			name = f.T("form.office_site")
		}
		out = append(out, choice{o, name})
	}
	return out, nil
}
