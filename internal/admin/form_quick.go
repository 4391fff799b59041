package admin

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// A list grows by one step for each item: beside the button that adds one stands a field. What is typed there is a name, of whom
// or what the item is about, or a line of a programme. Who types nothing there gets an empty item, as ever.

// quickRoles are what somebody is who is added by name alone.
var quickRoles = map[string]string{"person_role": "speaker"}

// quickLine is a line of a programme: "09:00–09:20 Opening; Jane Doe, John Roe". The times and the names may be left out.
var quickLine = regexp.MustCompile(`^\s*(?:(\p{Nd}{1,2}[:.h]\p{Nd}{2})(?:\s*[-–—]\s*(\p{Nd}{1,2}[:.h]\p{Nd}{2}))?\s+)?(.*?)\s*(?:[;；؛]\s*(.*?)\s*)?$`)

// quickRef is the field of a list's items that a name stands for, nil where a name says too little.
func quickRef(list *content.Field) *content.Field {
	for _, d := range list.Fields {
		if d.Type == content.TypeRef && d.Need == "R" {
			return d
		}
	}
	return nil
}

// quickTitle is the field of a list's items that a line of a programme has its words for, nil where there is no programme.
func quickTitle(list *content.Field) *content.Field {
	if slotField(list) == nil {
		return nil
	}
	for _, d := range list.Fields {
		if d.Name == "title" && d.Text() {
			return d
		}
	}
	return nil
}

// Quick reports what is typed beside the button of a list: "name", "line", or "" where nothing can be.
func (v *fieldView) Quick() string {
	switch {
	case v.Off || v.Def == nil || v.Def.Type != content.TypeList:
	case quickRef(v.Def) != nil:
		return "name"
	case quickTitle(v.Def) != nil && v.MayWords && v.Lang == v.Original:
		return "line"
	}
	return ""
}

// QuickURL is where the names are looked for.
func (v *fieldView) QuickURL() string {
	return (&fieldView{entryForm: v.entryForm, Def: quickRef(v.Def)}).PickURL()
}

// Adding is the control beside the button, AddingFocus whether the page is to go on there.
func (v *fieldView) Adding() string    { return "add:quick:" + v.Path }
func (v *fieldView) AddingFocus() bool { return v.focus == v.Adding() }

// addQuick fills the item that was added last with what was typed beside the button.
func (a *Admin) addQuick(ctx context.Context, f *entryForm, d *content.Field, path string) error {
	adding, chosen := "add:quick:"+path, "add:chosen:"+path
	typed, id := strings.TrimSpace(f.Values.Get(adding)), f.Values.Get(chosen)
	delete(f.Values, adding)
	delete(f.Values, chosen)
	item, ok := strings.CutPrefix(f.focus, "item-")
	if !ok || typed == "" && id == "" || len(typed) > 1000 {
		return nil
	}
	if ref := quickRef(d); ref != nil {
		return a.addNamed(ctx, f, d, ref, item, typed, id, adding)
	}
	title := quickTitle(d)
	if title == nil || !f.MayWords {
		return nil
	}
	m := quickLine.FindStringSubmatch(typed)
	slot := item + "." + slotField(d).Name
	f.Values.Set(slot+":start", m[1])
	f.Values.Set(slot+":end", m[2])
	f.Values.Set(content.FormName(item+"."+title.Name, f.Lang), m[3])
	f.guessSort(d, item, m[3], m[4] != "")
	f.focus = adding
	i := slices.IndexFunc(d.Fields, func(x *content.Field) bool { return x.Type == content.TypeList && quickRef(x) != nil })
	if m[4] == "" || i < 0 {
		return nil
	}
	people := d.Fields[i]
	for _, name := range strings.FieldsFunc(m[4], func(r rune) bool { return strings.ContainsRune(",،、，", r) }) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if err := f.addItem(people, item+"."+people.Name); err != nil {
			return err
		}
		if one, ok := strings.CutPrefix(f.focus, "item-"); ok && one != item {
			if err := a.addNamed(ctx, f, people, quickRef(people), one, name, "", adding); err != nil {
				return err
			}
		}
	}
	return nil
}

// addNamed puts into an item whom or what it is about: by the id that was chosen, or by a name that only one has. Where none or
// several have it, the item's picker shows what was found, and the page goes on there; else at next.
func (a *Admin) addNamed(ctx context.Context, f *entryForm, list, ref *content.Field, item, name, id, next string) error {
	path := item + "." + ref.Name
	for _, d := range list.Fields {
		if role := quickRoles[d.Enum]; role != "" {
			f.Values.Set(item+"."+d.Name, role)
		}
	}
	if id == "" {
		options, err := a.options(ctx, f.tongue, f.who, ref.Of, name, "", 20)
		if err != nil {
			return err
		}
		exact := slices.DeleteFunc(slices.Clone(options), func(o choice) bool { return !sameWords(o.Label, name) })
		if len(exact) == 0 {
			exact = options
		}
		if len(exact) != 1 {
			f.Values.Set("find:"+path, name)
			return a.find(ctx, f, ref, path)
		}
		id = exact[0].Value
	}
	f.Values.Set(path, id)
	f.focus = next
	return nil
}

// guessSort says of what sort an item of the programme is where its title is the name of one; else, with speakers, that they
// present something.
func (f *entryForm) guessSort(list *content.Field, item, title string, spoken bool) {
	sel := selectorField(list.Fields)
	if sel == nil {
		return
	}
	sort := ""
	for _, v := range kind.Values(sel.Enum) {
		for _, l := range []i18n.Locale{f.Locale, f.Lang} {
			if sameWords(enumLabel(tongue{f.cat, l}, sel.Enum, v), title) {
				sort = v
			}
		}
	}
	if sort == "" && spoken && (kind.Choices{}).Has(sel.Enum, "presentation") {
		sort = "presentation"
	}
	if sort != "" {
		f.Values.Set(item+"."+sel.Name, sort)
	}
}

// followEvent moves the programme with an event whose new time it was left behind by, where the form says that it goes along. It
// keeps for the notice by how many minutes and how many items (followed).
func (f *entryForm) followEvent() {
	if f.Values.Get("shift:follow") == "" || !f.MayFacts {
		return
	}
	f.findConflicts()
	by := f.realign
	if by == 0 {
		return
	}
	for _, d := range f.Kind.Fields {
		if slotField(d) == nil {
			continue
		}
		f.complete()
		ids := f.itemOrder(d.Path)
		timed := f.slots(slotField(d), d.Path, ids)
		i := slices.IndexFunc(ids, func(id string) bool { _, ok := timed[id]; return ok })
		if i < 0 || len(f.problems) > 0 || f.shift(d, d.Path, ids[i]+" "+shiftAll+" "+strconv.Itoa(by)) != nil || len(f.problems) > 0 {
			continue
		}
		f.focus, f.notices = "", nil
		f.followed = append(f.followed, "Minutes", f.minutes(by), "Number", i18n.Number(f.Locale, len(timed)))
	}
}

// Follows reports whether the programme can go along with the event's time.
func (v *fieldView) Follows() bool {
	if v.Off || v.Entry == nil || v.Def.As != "when" {
		return false
	}
	return slices.ContainsFunc(v.Kind.Fields, func(d *content.Field) bool { return slotField(d) != nil && len(filled(v.Values[d.Path])) > 0 })
}

// FollowsOn reports whether it is to.
func (v *fieldView) FollowsOn() bool {
	_, sent := v.Values["shift:following"]
	return !sent || v.Values.Get("shift:follow") != ""
}

// likeFields are what a new event takes from another of its office that is hardly ever different: how and where people meet, in
// which languages, who organizes it and who answers. All else is its own; copying an event whole is another page.
var likeFields = []string{"scope", "mode", "access", "venues", "working_languages", "organizations", "contacts"}

// newLike leads to the form of a new entry that begins like the latest of the actor's office; nil where there is none.
func (a *Admin) newLike(ctx context.Context, t tongue, who *auth.Actor, k *content.Kind) (*Link, error) {
	if k.Field(likeFields[len(likeFields)-1]) == nil || k.Field(likeFields[1]) == nil {
		return nil, nil
	}
	office, ok := a.officeFor(who, k.Name)
	if !ok {
		return nil, nil
	}
	rows, _, err := a.content.List(ctx, who, content.ListQuery{Kind: k.Name, Office: office, Live: true, Limit: 1})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &Link{t.T("quick.like", "Kind", t.T("kind."+k.Name+".one"), "Title", rowTitle(rows[0], t.Locale)), newURL(k) + "?like=" + rows[0].ID}, nil
}

// beginLike fills the form of a new entry with what it takes from another, and tells which that is. What the actor may not read, and
// so not refer to, stays out.
func (a *Admin) beginLike(ctx context.Context, f *entryForm, id string) (*content.Entry, error) {
	e, err := a.content.Get(ctx, f.who, id)
	if err != nil {
		return nil, err
	}
	if e.Kind != f.Kind {
		return nil, db.ErrNotFound
	}
	takes := func(from content.Leaves) content.Leaves {
		out := content.Leaves{}
		for path, raw := range from {
			if head, _, _ := strings.Cut(path, "."); slices.Contains(likeFields, head) && !strings.HasSuffix(path, ".joint") {
				out[path] = raw
			}
		}
		return out
	}
	f.fill(content.Parts{content.Facts: takes(e.Parts[content.Facts]), content.Part(f.Lang): takes(e.Parts[content.Part(f.Lang)])})
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return nil, err
	}
	for name, vs := range f.Values {
		d := f.Kind.Field(name)
		if d == nil || d.Type != content.TypeRef && d.Type != content.TypeRefs {
			continue
		}
		f.Values[name] = slices.DeleteFunc(slices.Clone(vs), func(id string) bool { _, may := f.labels[id]; return id != "" && !may })
		if len(f.Values[name]) == 0 {
			f.Values[name] = []string{""}
		}
	}
	return e, nil
}
