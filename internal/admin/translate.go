package admin

import (
	"context"
	"errors"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/translation"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// translateScreen is one language of an entry beside another, unit by unit. Its form is the entry's: names, bases, merging and
// saving by itself are the same.
type translateScreen struct {
	*entryForm
	bench    *bench
	From     i18n.Locale
	Draft    bool // the source is shown as it is being written, not as it is public
	Drafts   bool // and differs
	Seen     int  // the revision of the source that is shown
	Heading  string
	Guest    *translation.Guest
	Guests   *guestPanel
	All      bool // all units are shown, not only those to do
	Todo     int  // leaves to do
	Count    content.Translation
	Leaves   []*translateLeaf
	Sources  []translateSource
	Notices  []Notice
	Problems []problemLink
	Undo     *translateUndo
	ToReview string // address of the page where the language is submitted, "" for who may not
	Saved    string
	Deleted  bool
}

// translateSource is a language that can be translated from.
type translateSource struct {
	Lang  i18n.Locale
	URL   string
	Here  bool
	State string // of its own translation, "" for the original
}

// translateUndo takes back that a text still stands.
type translateUndo struct{ Op, Field string }

// translateLeaf is a field: the units of its source, and one control for the words in the other language.
type translateLeaf struct {
	*fieldView
	Trail  []string
	State  content.UnitState
	Units  []*translateUnit
	Gone   bool // a paragraph was taken out of the source, or put elsewhere
	Behind bool // or the text it was made from is itself out of date
	Stands bool // can be said to still stand
	Reads  string
	ReadIn i18n.Locale
}

// translateUnit is a piece of the source beside its translation.
type translateUnit struct {
	content.Pair
	*translateLeaf
	SourceHTML template.HTML
	Diff       template.HTML // of the words it was made from and those there are now; "" where those are not known
	Now        string        // what it is translated as, in prose
	Lang       i18n.Locale   // of the source
}

// Anchor names the unit in addresses and for scripts.
func (u *translateUnit) Anchor() string { return "u-" + u.Pair.Path + "-" + strconv.Itoa(u.Index) }

// Tone is the colour of a state; the words stand beside it.
func unitTone(s content.UnitState) string {
	switch s {
	case content.UnitMissing:
		return "bad"
	case content.UnitOutdated:
		return "warn"
	}
	return "ok"
}

// Tone is the colour of the leaf's state.
func (l *translateLeaf) Tone() string { return unitTone(l.State) }

// Tone is the colour of the unit's state.
func (u *translateUnit) Tone() string { return unitTone(u.Pair.State) }

func translateURL(e *content.Entry, l i18n.Locale) string {
	return entryURL(e.Kind, e.ID, "") + "/translate/" + string(l)
}

// TranslateURL is where the language shown is translated beside its source, "" for the original.
func (f *entryForm) TranslateURL() string {
	if f.Entry == nil || f.Lang == f.Original {
		return ""
	}
	return translateURL(f.Entry, f.Lang)
}

// IsSource reports whether other languages can have been made from the one shown.
func (f *entryForm) IsSource() bool {
	if f.Entry == nil || !f.MayWords {
		return false
	}
	for l := range f.Entry.Languages {
		if l != f.Lang && l != f.Original {
			return true
		}
	}
	return false
}

// translateRoutes are the addresses of the translator's workbench.
func (a *Admin) translateRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		at := func(method, path string, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/translate/:lang" + path, Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: maxForm,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, "", a.translatePage)
		at(http.MethodPost, "", a.saveTranslation)
		at(http.MethodPost, "/autosave", a.autosaveTranslation)
	}
	return routes
}

// bench is what a request to the workbench is about.
type bench struct {
	who   *auth.Actor
	e     *content.Entry
	to    i18n.Locale
	from  i18n.Locale
	draft bool
	seen  int // the revision of the source that the page was made from; that of now where it is not told
	all   *bool
	path  string // of the page
	guest *translation.Guest
}

func (a *Admin) loadTranslation(k *content.Kind, c *gin.Context) (*bench, error) {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return nil, err
	}
	x := &bench{who: who, e: e, from: e.Original, draft: c.Query("draft") != ""}
	to, ok := i18n.Parse(c.Param("lang"))
	if !ok || to == e.Original {
		return nil, db.ErrNotFound
	}
	x.to, x.path = to, translateURL(e, to)
	if q := c.Query("from"); q != "" {
		if x.from, ok = i18n.Parse(q); !ok || x.from == to {
			return nil, db.ErrNotFound
		}
	}
	x.look(c)
	return x, nil
}

// look reads what the page was made from, and what of it is shown.
func (x *bench) look(c *gin.Context) {
	x.seen = x.sourceVersion()
	if n, err := strconv.Atoi(c.Query("seen")); err == nil && n > 0 && n <= x.e.Versions[content.Part(x.from)] {
		x.seen = n
	}
	if show := c.Query("show"); show == showing(true) || show == showing(false) {
		all := show == showing(true)
		x.all = &all
	}
}

func (x *bench) sourceVersion() int {
	if x.draft {
		return x.e.Versions[content.Part(x.from)]
	}
	return x.e.SourceVersion(content.Part(x.from))
}

// showing names in an address what is shown: all units, or those to do.
func showing(all bool) string {
	if all {
		return "all"
	}
	return "changed"
}

// url is the address of the page as it is looked at, with pairs of names and values instead of its own; an empty value takes the
// name away.
func (x *bench) url(pairs ...string) string {
	q := url.Values{}
	if x.guest == nil && x.from != x.e.Original {
		q.Set("from", string(x.from))
	}
	if x.draft {
		q.Set("draft", "1")
	}
	if x.all != nil {
		q.Set("show", showing(*x.all))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return x.path
	}
	return x.path + "?" + q.Encode()
}

// Own is where the form is sent. The revision of the source that is shown is part of the address: what is typed on this page is
// made from that.
func (d *translateScreen) Own() string {
	return d.bench.url("seen", strconv.Itoa(d.Seen), "show", showing(d.All))
}

// ShowURL is the page with all units, or with those to do.
func (d *translateScreen) ShowURL(which string) string { return d.bench.url("show", which) }

// DraftURL is the page with the draft of the source, or, without a value, with what is public of it.
func (d *translateScreen) DraftURL(draft string) string { return d.bench.url("draft", draft) }

func (a *Admin) translatePage(k *content.Kind, c *gin.Context) error {
	x, err := a.loadTranslation(k, c)
	if err != nil {
		return err
	}
	return a.showTranslation(c, x, a.translateForm(c, x), http.StatusOK, nil)
}

// translateForm is the entry's form in the language that is translated into.
func (a *Admin) translateForm(c *gin.Context, x *bench) *entryForm {
	f := a.filledForm(c, x.who, x.e, x.to)
	f.translateBases(x.e.Versions)
	return f
}

// translateBases keeps the versions of what is typed into, and of the facts that say which items there are. That of the source
// is in the form's address: its drafts are no news here.
func (f *entryForm) translateBases(versions map[content.Part]int) {
	f.setBases(map[content.Part]int{content.Facts: versions[content.Facts], content.Part(f.Lang): versions[content.Part(f.Lang)]})
}

// showTranslation answers with the page.
func (a *Admin) showTranslation(c *gin.Context, x *bench, f *entryForm, status int, notices []Notice) error {
	d, err := a.translateScreen(c.Request.Context(), x, f)
	if err != nil {
		return err
	}
	d.Notices = notices
	if rev, err := strconv.Atoi(c.Query("undo")); err == nil && rev > 0 && status == http.StatusOK {
		if path := c.Query("field"); x.e.Kind.Field(path) != nil {
			d.Undo = &translateUndo{"unstand " + strconv.Itoa(rev) + " " + path, strings.Join(f.trail(path, [2]content.Parts{x.e.Parts, x.e.Parts}), " › ")}
		}
	}
	p := a.page(c, "translate.title", "Title", d.Heading, "Language", i18n.LanguageName(web.Locale(c), string(x.to)))
	p.below(x.e, x.to, "translate.name")
	p.Layout, p.D = "one", d
	if x.guest != nil {
		p.Actor, p.Layout = nil, "wide" // whoever is signed in here, this is the guest's page
	} else if d.Guests, err = a.guestPanel(c, x); err != nil {
		return err
	}
	return a.render(c, status, "translate", p)
}

func (a *Admin) translateScreen(ctx context.Context, x *bench, f *entryForm) (*translateScreen, error) {
	e := x.e
	f.complete()
	if err := a.showLinks(ctx, f); err != nil {
		return nil, err
	}
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return nil, err
	}
	d := &translateScreen{entryForm: f, bench: x, From: x.from, Draft: x.draft, Seen: x.sourceVersion(), Guest: x.guest, Heading: entryTitle(f.tongue, e), Deleted: e.Deleted != nil}
	d.Drafts = !x.draft && x.guest == nil && e.SourceVersion(content.Part(x.from)) != e.Versions[content.Part(x.from)]
	if d.Deleted {
		f.MayWords = false
	}
	d.Saved = f.T("form.saved_at", "Time", i18n.Clock(f.Locale, e.Updated.In(content.Zone(f.zone))))
	counts, err := a.content.Translations(ctx, e)
	if err != nil {
		return nil, err
	}
	d.Count = counts[x.to]
	for _, l := range i18n.All {
		if _, words := e.Languages[l]; !words || l == x.to || x.guest != nil {
			continue
		}
		s := translateSource{Lang: l, URL: x.url("from", map[bool]string{true: "", false: string(l)}[l == e.Original]), Here: l == x.from}
		if l != e.Original {
			s.State = string(counts[l].State)
		}
		d.Sources = append(d.Sources, s)
	}
	if x.guest == nil && f.who.Can(auth.Submit, e.TextObject(x.to)) {
		d.ToReview = clearanceURL(e, x.to)
	}
	if err := a.translateLeaves(ctx, x, d); err != nil {
		return nil, err
	}
	var bad []content.Problem
	for _, ps := range f.problems {
		bad = append(bad, ps...)
	}
	slices.SortFunc(bad, func(x, y content.Problem) int { return f.order(x.Path) - f.order(y.Path) })
	for _, p := range bad {
		d.Problems = append(d.Problems, problemLink{Href: template.URL("#" + p.Name()), Text: f.T("form.problem_at", "Field", f.nameOf(p.Path), "Problem", f.problemText(p))})
	}
	return d, nil
}

// translateLeaves makes the rows of the page.
func (a *Admin) translateLeaves(ctx context.Context, x *bench, d *translateScreen) error {
	f, e := d.entryForm, x.e
	var pairs []content.Pair
	var err error
	if x.draft {
		pairs = e.Kind.Pairs(e.Parts, x.from, x.to)
	} else if pairs, err = a.content.Pairs(ctx, e, x.from, x.to); err != nil {
		return err
	}
	hashes := map[i18n.Locale]map[string][]string{}
	var all []*translateLeaf
	states := [2]content.Parts{e.Parts, e.Parts}
	for _, p := range pairs {
		if len(all) == 0 || all[len(all)-1].Path != p.Path {
			prefix := strings.TrimSuffix(p.Path, p.Field.Name)
			v := f.field(p.Field, prefix, "", false)
			if v == nil || !f.listedNow(p.Path) {
				continue // it goes, as soon as the draft of the facts is public
			}
			v.Source = nil
			if v.Widget == "title" {
				v.Widget = "line"
			}
			all = append(all, &translateLeaf{fieldView: v, Trail: f.trail(p.Path, states), State: content.UnitCurrent})
		}
		leaf := all[len(all)-1]
		u := &translateUnit{Pair: p, translateLeaf: leaf, Lang: x.from}
		if p.Field.Type == content.TypeProse {
			u.SourceHTML = f.withFacts(x.from, p.Source)
			u.Now = f.plainUnit(p.Field, x.to, p.Target)
		}
		leaf.Units = append(leaf.Units, u)
		switch {
		case p.State == content.UnitOutdated:
			leaf.State = content.UnitOutdated
			leaf.Gone = leaf.Gone || p.Moved
		case p.State == content.UnitMissing && leaf.State == content.UnitCurrent:
			leaf.State = content.UnitMissing
			if f.Values.Get(leaf.Name) != "" || e.Parts[content.Part(x.to)].Text(p.Path).Words != "" {
				leaf.State = content.UnitOutdated // a paragraph is new
			}
		}
		if p.Was != "" && !p.Moved {
			from := madeFromLocale(e, x.to, p.Path)
			if hashes[from] == nil {
				hashes[from] = map[string][]string{}
			}
			hashes[from][p.Path] = append(hashes[from][p.Path], p.Was)
		}
	}
	former := map[i18n.Locale]map[string]map[string]string{}
	for from, of := range hashes {
		if former[from], err = a.content.FormerUnits(ctx, e, content.Part(from), of); err != nil {
			return err
		}
	}
	for _, leaf := range all {
		t, from := e.Parts[content.Part(x.to)].Text(leaf.Path), madeFromLocale(e, x.to, leaf.Path)
		for _, u := range leaf.Units {
			if old := former[from][leaf.Path][u.Was]; old != "" {
				u.Diff = wordDiff(f.plainUnit(leaf.Def, from, old), f.plainUnit(leaf.Def, x.from, u.Source))
			}
		}
		leaf.Behind = leaf.Gone && t.From != ""
		leaf.Stands = leaf.State == content.UnitOutdated && t.Words != "" && f.MayWords
		if leaf.State == content.UnitMissing && t.Words == "" {
			leaf.Reads, leaf.ReadIn = short(f.plainUnit(leaf.Def, e.Original, e.Parts[content.Part(e.Original)].Text(leaf.Path).Words), 300), e.Original
		}
		if leaf.State != content.UnitCurrent {
			d.Todo++
		}
	}
	d.All = d.Todo == 0
	if x.all != nil {
		d.All = *x.all
	}
	for _, leaf := range all {
		if d.All || leaf.State != content.UnitCurrent || leaf.Invalid() || leaf.Clash != nil {
			d.Leaves = append(d.Leaves, leaf)
		}
	}
	return nil
}

// listedNow reports whether the items a path goes through are still there.
func (f *entryForm) listedNow(path string) bool {
	segs := strings.Split(path, ".")
	for i := 1; i < len(segs); i++ {
		list := strings.Join(segs[:i], ".")
		if d := f.Kind.Field(list); d != nil && d.Type == content.TypeList {
			ids, _ := content.ItemIDs(f.stored[content.Facts][list])
			if !slices.Contains(ids, segs[i]) {
				return false
			}
			i++
		}
	}
	return true
}

// madeFromLocale is the language that a text was made from.
func madeFromLocale(e *content.Entry, l i18n.Locale, path string) i18n.Locale {
	if from := e.Parts[content.Part(l)].Text(path).From; from != "" {
		return from
	}
	return e.Original
}

// sentTranslation reads the form that was sent.
func (a *Admin) sentTranslation(k *content.Kind, c *gin.Context) (*bench, *entryForm, url.Values, error) {
	x, err := a.loadTranslation(k, c)
	if err != nil {
		return nil, nil, nil, err
	}
	f, v, err := a.readTranslation(c, x)
	return x, f, v, err
}

func (a *Admin) readTranslation(c *gin.Context, x *bench) (*entryForm, url.Values, error) {
	k := x.e.Kind
	v, err := web.Form(c)
	if err != nil {
		return nil, nil, err
	}
	f := a.openForm(c, x.who, k, x.e, x.to)
	f.Values = url.Values{}
	for name, vs := range v {
		path, _, l, ok := leafName(name)
		switch d := k.Field(path); {
		case name == "op" || name == "lang" || name == "slug" || name == "office" || name == "original" || name == "guest" || name == "days":
		case formControl(name), ok && l == x.to && d != nil && d.Text():
			f.Values[name] = slices.Clone(vs)
		default:
			// No field of this page: no facts, and no other language.
			return nil, nil, web.Fail(http.StatusBadRequest, "error.bad_request")
		}
	}
	return f, v, nil
}

// change is what the form makes of the translation.
func (x *bench) change(f *entryForm, set content.Parts, v url.Values) content.Change {
	c := f.change(content.Parts{content.Part(x.to): set[content.Part(x.to)]}, v)
	c.From, c.Slug = x.from, nil
	if c.Set[content.Part(x.to)] == nil {
		c.Set[content.Part(x.to)] = content.Leaves{}
	}
	c.Base[content.Part(x.e.Original)] = x.e.SourceVersion(content.Part(x.e.Original)) // of words that the other language lacks
	c.Base[content.Part(x.from)] = x.seen
	return c
}

// saveTranslation takes the form: it stores what was typed, and what somebody says still stands.
func (a *Admin) saveTranslation(k *content.Kind, c *gin.Context) error {
	x, f, v, err := a.sentTranslation(k, c)
	if err != nil {
		return err
	}
	if op, _, _ := strings.Cut(v.Get("op"), " "); op == "invite" || op == "revoke" || op == "unrevoke" {
		return a.doGuest(c, x, v)
	}
	return a.storeTranslation(c, x, f, v)
}

func (a *Admin) storeTranslation(c *gin.Context, x *bench, f *entryForm, v url.Values) error {
	ctx, k := c.Request.Context(), x.e.Kind
	op, arg, _ := strings.Cut(v.Get("op"), " ")
	if x.e.Deleted != nil {
		return a.showTranslation(c, x, f, http.StatusConflict, []Notice{{"error", f.T("form.in_trash")}})
	}
	switch op {
	case "", "save", "submit":
	case "stands":
		if d := k.Field(arg); d == nil || !d.Text() {
			return badOp()
		}
		f.Values.Add("fresh", content.FormName(arg, x.to))
	case "unstand":
		rev, path, _ := strings.Cut(arg, " ")
		n, err := strconv.Atoi(rev)
		if d := k.Field(path); err != nil || d == nil || !d.Text() || n < 1 || n > x.e.Versions[content.Part(x.to)] {
			return badOp()
		}
		if _, err := a.content.Unvouch(ctx, x.who, x.e.ID, x.to, n, []string{path}); err != nil {
			return err
		}
		flash(c, "success", "translate.undone")
		return web.Redirect(c, x.url())
	default:
		return badOp()
	}
	before := x.e.Versions[content.Part(x.to)]
	theirs := f.takeTheirs()
	set := f.read()
	var err error
	for _, name := range theirs {
		path, _, l, _ := leafName(name)
		delete(set[content.Part(l)], path)
	}
	if len(f.problems) > 0 {
		f.complain(a.content.Unfit(k, set)...)
		return a.showTranslation(c, x, f, http.StatusUnprocessableEntity, nil)
	}
	saved, err := a.content.Save(ctx, x.who, x.change(f, set, v))
	var invalid *content.Invalid
	var clash *content.Conflicted
	switch {
	case errors.As(err, &invalid):
		f.complain(invalid.Problems...)
		return a.showTranslation(c, x, f, http.StatusUnprocessableEntity, nil)
	case errors.As(err, &clash):
		if x.e, err = a.content.Get(ctx, x.who, x.e.ID); err != nil {
			return err
		}
		next, err := a.clashForm(c, f, x.e, clash, set)
		if err != nil {
			return err
		}
		next.translateBases(clash.Versions)
		return a.showTranslation(c, x, next, http.StatusConflict, []Notice{{"error", f.T("form.clash")}})
	case errors.Is(err, auth.ErrForbidden):
		return a.showTranslation(c, x, f, http.StatusForbidden, []Notice{{"error", f.T("form.forbidden")}})
	case err != nil:
		return err
	}
	if saved.Merged {
		by, err := a.mergedBy(ctx, f, saved)
		if err != nil {
			return err
		}
		flash(c, "info", "form.merged", "Names", by)
	}
	if op == "stands" {
		return web.Redirect(c, x.url("undo", strconv.Itoa(before), "field", arg))
	}
	if op == "submit" && x.guest == nil {
		return a.submitTranslation(c, x, saved)
	}
	flash(c, "success", "form.saved")
	return web.Redirect(c, x.url())
}

// submitTranslation hands what was just saved to those who clear it. What stands in the way is told where it can be looked at.
func (a *Admin) submitTranslation(c *gin.Context, x *bench, saved *content.Saved) error {
	e, err := a.content.Get(c.Request.Context(), x.who, saved.ID)
	if err != nil {
		return err
	}
	seen := maps.Clone(e.Versions)
	for p := range saved.Versions {
		seen[p] = saved.Versions[p]
	}
	err = a.clearance.Submit(c.Request.Context(), x.who, e.ID, []i18n.Locale{x.to}, seen, "")
	var bad *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &bad), errors.As(err, &moved):
		flash(c, "warning", "quick.not_submitted")
		return web.Redirect(c, clearanceURL(e, x.to))
	case err != nil:
		return err
	}
	flash(c, "success", "clearance.done.submit")
	return web.Redirect(c, x.url())
}

// translateStored answers an automatic save.
type translateStored struct {
	*translateScreen
	News []*newsView
	Held []*fieldView
}

// autosaveTranslation stores what was typed while nobody looks, as the entry's form does.
func (a *Admin) autosaveTranslation(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	x, f, v, err := a.sentTranslation(k, c)
	if err != nil {
		return err
	}
	if v.Get("account") != x.who.ID {
		return a.sayWho(c, http.StatusForbidden, x.who)
	}
	delete(f.Values, "fresh")
	set := f.read()
	for name := range f.problems {
		path, _, l, _ := leafName(name)
		delete(set[content.Part(l)], path)
	}
	change := x.change(f, set, v)
	change.Auto = true
	saved, left, err := a.content.SaveFitting(ctx, x.who, change)
	if err != nil {
		return err
	}
	if x.e, err = a.content.Get(ctx, x.who, saved.ID); err != nil {
		return err
	}
	next := a.translateForm(c, x)
	if left.Clash != nil {
		left.Clash.Merged, left.Clash.Versions = x.e.Parts, x.e.Versions
		f.Entry = x.e
		if next, err = a.clashForm(c, f, x.e, left.Clash, set); err != nil {
			return err
		}
		next.translateBases(x.e.Versions)
	}
	f.complain(left.Problems...)
	for name, ps := range f.problems {
		next.complain(ps...)
		if vs, typed := f.Values[name]; typed {
			next.Values[name] = vs
		}
	}
	all := true
	x.all = &all
	d := &translateStored{}
	if d.translateScreen, err = a.translateScreen(ctx, x, next); err != nil {
		return err
	}
	news, err := a.content.Meanwhile(ctx, x.who, x.e, map[content.Part]int{content.Part(x.to): saved.Base[content.Part(x.to)]}, set)
	if err != nil {
		return err
	}
	var ids []string
	for _, n := range news {
		ids = append(ids, n.Author)
	}
	names, err := a.accountNames(ctx, next.tongue, ids)
	if err != nil {
		return err
	}
	for _, leaf := range d.Leaves {
		if leaf.Clash != nil || leaf.Invalid() {
			d.Held = append(d.Held, leaf.fieldView)
			continue
		}
		for _, n := range news {
			if n.Path == leaf.Path {
				d.News = append(d.News, &newsView{fieldView: leaf.fieldView,
					Text:  f.T("autosave.changed_by", "Name", names[n.Author], "Time", i18n.Clock(f.Locale, n.At.In(content.Zone(f.zone)))),
					Other: &clash{entryForm: next, Name: leaf.Name, Who: names[n.Author], When: n.At, Theirs: next.inWords(n.Field, n.Path, n.Part, n.New, next.stored)}})
			}
		}
	}
	p := a.page(c, "translate.title", "Title", d.Heading, "Language", i18n.LanguageName(web.Locale(c), string(x.to)))
	p.D = d
	return a.renderPart(c, http.StatusOK, "translate", "autosaved", p)
}
