package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// autosavedPage answers an automatic save: the parts of the page that follow from what is stored, what others have changed
// meanwhile, and what was not stored.
type autosavedPage struct {
	*entryPage
	News []*newsView
	Held []*fieldView // with what is wrong, or the other side of a clash
}

// newsView is a field that others have changed, as it is now.
type newsView struct {
	*fieldView
	Text   string // who changed it, and when
	Other  *clash // for whom has typed into it meanwhile
	Source bool   // it is the original beside the field that has changed
}

// autosave stores what was typed while nobody looks. The form holds only the leaves that differ from what the page was made
// from. Whatever cannot be stored is told and keeps nothing else from being stored.
func (a *Admin) autosave(k *content.Kind, c *gin.Context) error {
	ctx := c.Request.Context()
	f, v, err := a.sentForm(k, c)
	if err != nil {
		return err
	}
	if v.Get("account") != f.who.ID {
		// Somebody else has signed in in this browser: what this page holds is not theirs.
		return a.sayWho(c, http.StatusForbidden, f.who)
	}
	set := f.read()
	f.mayRefer()
	for name := range f.problems {
		path, _, l, _ := leafName(name)
		delete(set[content.Part(l)], path)
	}
	change := f.change(set, v)
	change.Auto, change.Minor = true, false // that is said of all that was typed, when it is saved
	saved, left, err := a.content.SaveFitting(ctx, f.who, change)
	if err != nil {
		return err
	}
	e, err := a.content.Get(ctx, f.who, saved.ID)
	if err != nil {
		return err
	}
	next := a.filledForm(c, f.who, e, f.Lang)
	if left.Clash != nil {
		left.Clash.Merged, left.Clash.Versions = e.Parts, e.Versions
		f.Entry = e
		if next, err = a.clashForm(c, f, e, left.Clash, set); err != nil {
			return err
		}
	}
	f.complain(left.Problems...)
	for name, ps := range f.problems {
		next.complain(ps...)
		path, _, l, _ := leafName(name)
		for x, vs := range f.Values {
			if p, _, m, _ := leafName(x); p == path && m == l {
				next.Values[x] = vs
			}
		}
	}
	next.readings = f.readings
	for name, vs := range f.Values {
		if strings.HasPrefix(name, "publish:") || name == "minor" {
			next.Values[name] = vs
		}
	}
	news, err := a.content.Meanwhile(ctx, f.who, e, saved.Base, set)
	if err != nil {
		return err
	}
	diffs := make([]content.Difference, len(news))
	for i, n := range news {
		diffs[i] = n.Difference
	}
	if err := next.lookupDifferences(ctx, a, diffs); err != nil {
		return err
	}
	d := &autosavedPage{}
	if d.entryPage, err = a.entryPage(ctx, next); err != nil {
		return err
	}
	if err := a.tell(c, d, news); err != nil {
		return err
	}
	p := a.page(c, "form.edit", "Kind", f.T("kind."+k.Name+".one"), "Title", d.Heading)
	p.Here, p.D = d.Heading, d
	return a.renderPart(c, http.StatusOK, "entry", "autosaved", p)
}

// tell puts what others have changed, and what is held back, into the answer.
func (a *Admin) tell(c *gin.Context, d *autosavedPage, news []content.News) error {
	f := d.entryForm
	views := map[string]*fieldView{}
	var walk func(vs []*fieldView)
	walk = func(vs []*fieldView) {
		for _, v := range vs {
			views[v.Name] = v
			walk(v.Fields)
			for _, s := range v.Subs {
				views[s.Name] = s
			}
			for _, it := range v.Items {
				walk(it.Fields)
			}
		}
	}
	if d.Title != nil {
		walk([]*fieldView{d.Title})
	}
	for _, s := range d.Sections {
		walk(s.Fields)
	}
	for _, name := range sortedKeys(views) {
		v := views[name]
		switch {
		case v.Clash != nil && v.Widget == "list":
			d.News = append(d.News, &newsView{fieldView: v, Text: f.T("form.clash_label")})
		case v.Clash != nil || v.Invalid():
			d.Held = append(d.Held, v)
		}
	}
	var ids []string
	whole := map[string]bool{} // lists whose items have changed
	for _, n := range news {
		ids = append(ids, n.Author)
		if n.Field != nil && n.Field.Type == content.TypeList {
			whole[n.Path] = true
		}
	}
	names, err := a.accountNames(c.Request.Context(), f.tongue, ids)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, n := range news {
		l := n.Part.Locale()
		source := l != "" && l != f.Lang
		if n.Field == nil || source && l != f.Original {
			continue
		}
		path := n.Path
		for i := range path { // within a list that is drawn anew
			if path[i] == '.' && whole[path[:i]] {
				path, source, l = path[:i], false, ""
				break
			}
		}
		name := content.FormName(path, l)
		if source {
			name = content.FormName(path, f.Lang)
		}
		v := views[name]
		if v == nil || v.Clash != nil || told[name] {
			continue
		}
		told[name] = true
		x := &newsView{fieldView: v, Source: source,
			Text: f.T("autosave.changed_by", "Name", names[n.Author], "Time", i18n.Clock(f.Locale, n.At.In(content.Zone(f.zone))))}
		if v.Widget != "list" && !source {
			x.Other = &clash{entryForm: f, Name: v.Name, Who: names[n.Author], When: n.At, Theirs: f.inWords(n.Field, n.Path, n.Part, n.New, f.stored)}
		}
		d.News = append(d.News, x)
	}
	return nil
}

// here keeps who is in an entry, and in which field, and tells who else is.
func (a *Admin) here(k *content.Kind, c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if v.Get("leave") != "" {
		c.Status(http.StatusNoContent)
		return a.content.Leave(ctx, who, c.Param("id"))
	}
	field := v.Get("field")
	if path, _, _, ok := leafName(field); !ok || len(field) > 200 || k.Field(path) == nil && field != "slug" {
		field = ""
	}
	others, versions, err := a.content.Arrive(ctx, who, c.Param("id"), field)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range others {
		ids = append(ids, o.Account)
	}
	t := tongue{a.cat, web.Locale(c)}
	names, err := a.accountNames(ctx, t, ids)
	if err != nil {
		return err
	}
	d := herePage{}
	for _, o := range others {
		d.Others = append(d.Others, choice{o.Field, names[o.Account]})
	}
	for p, n := range versions {
		d.Versions = append(d.Versions, choice{"base:" + partName(p), strconv.Itoa(n)})
	}
	slices.SortFunc(d.Versions, func(a, b choice) int { return strings.Compare(a.Value, b.Value) })
	return a.renderPart(c, http.StatusOK, "entry", "here", &Page{a: a, Actor: who, Locale: t.Locale, D: d})
}

// herePage tells a script who else is in an entry, and the versions of its parts.
type herePage struct{ Others, Versions []choice }

// session tells a script who is signed in in this browser.
func (a *Admin) session(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	return a.sayWho(c, http.StatusOK, who)
}

func (a *Admin) sayWho(c *gin.Context, status int, who *auth.Actor) error {
	return a.renderPart(c, status, "entry", "session", &Page{a: a, Actor: who, Locale: web.Locale(c)})
}
