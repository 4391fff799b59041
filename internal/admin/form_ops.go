package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/web"
)

// badOp is a button that this form does not have.
func badOp() error { return web.Fail(422, "error.invalid") }

// rearrange does what a button of the form asks for that stores nothing: what was typed stays in Values, changed.
// done is false if the button is not one of these.
func (a *Admin) rearrange(ctx context.Context, f *entryForm, op string) (done bool, err error) {
	verb, rest, _ := strings.Cut(op, " ")
	path, arg, _ := strings.Cut(rest, " ")
	switch verb {
	case "add", "up", "down", "remove", "find", "unref", "create", "pick", "set", "original", "shift", "numbers", "papers":
	default:
		return false, nil
	}
	f.verb = verb
	if verb == "original" {
		return true, f.changeOriginal()
	}
	if verb == "set" { // one reading of an ambiguous date
		leaf := leafPath(path)
		if d := f.Kind.Field(leaf); d == nil || len(arg) > 40 {
			return true, badOp()
		}
		f.Values.Set(path, arg)
		f.focus = path
		return true, nil
	}
	picked := leafPath(path)
	d := f.Kind.Field(picked)
	if d == nil || d.Text() || !f.MayFacts {
		return true, badOp()
	}
	switch verb {
	case "add":
		if err := f.addItem(d, path); err != nil {
			return true, err
		}
		return true, a.addQuick(ctx, f, d, path)
	case "papers":
		return true, a.addPapers(ctx, f, d, path)
	case "up", "down":
		return true, f.moveItem(d, path, arg, verb == "up")
	case "remove":
		return true, f.removeItem(d, path, arg)
	case "numbers":
		return true, a.takeNumbers(ctx, f, picked)
	case "shift":
		return true, f.shift(d, path, arg)
	case "find":
		return true, a.find(ctx, f, d, path)
	case "unref":
		vs := f.Values[path]
		i := slices.Index(vs, arg)
		if i < 0 {
			return true, nil
		}
		f.Values[path] = slices.Delete(slices.Clone(vs), i, i+1)
		if len(f.Values[path]) == 0 {
			f.Values[path] = []string{""}
		}
		f.focus = path
		return true, nil
	case "pick":
		f.choose(d, path, arg)
		return true, a.fromLibrary(ctx, f, d, path)
	case "create":
		return true, a.createFromForm(ctx, f, d, path)
	}
	return true, badOp()
}

func (f *entryForm) addItem(d *content.Field, path string) error {
	if d.Type != content.TypeList || !f.listed(path) {
		return badOp()
	}
	limit := 300
	if d.Max > 0 {
		limit = d.Max
	}
	if len(filled(f.Values[path])) >= limit {
		f.complain(content.Problem{Path: path, Blocks: true, Key: "problem.too_many", Args: []any{"Max", limit}})
		return nil
	}
	if f.itemCount() >= content.MaxItems {
		f.complain(content.Problem{Path: path, Blocks: true, Key: "problem.too_many_in_all", Args: []any{"Max", content.MaxItems}})
		return nil
	}
	id := content.NewItemID()
	if len(f.Values[path]) == 0 {
		f.Values[path] = []string{""}
	}
	f.Values[path] = append(f.Values[path], id)
	if sel := selectorField(d.Fields); sel != nil {
		if v := f.Values.Get("add:" + path); v != "" && (kind.Choices{}).Has(sel.Enum, v) {
			f.Values.Set(path+"."+id+"."+sel.Name, v)
		}
	}
	delete(f.Values, "add:"+path)
	f.focus = "item-" + path + "." + id
	return nil
}

// itemCount counts the items of all lists in the form.
func (f *entryForm) itemCount() int {
	n := 0
	for name, ids := range f.Values {
		if d := f.Kind.Field(name); d != nil && d.Type == content.TypeList {
			n += len(filled(ids))
		}
	}
	return n
}

func (f *entryForm) moveItem(d *content.Field, path, id string, up bool) error {
	vs := slices.Clone(f.Values[path])
	i := slices.Index(vs, id)
	if d.Type != content.TypeList || i < 0 || id == "" {
		return badOp()
	}
	j := i + 1
	if up {
		j = i - 1
	}
	if j >= 0 && j < len(vs) && vs[j] != "" {
		vs[i], vs[j] = vs[j], vs[i]
	}
	f.Values[path] = vs
	f.focus = "item-" + path + "." + id
	return nil
}

func (f *entryForm) removeItem(d *content.Field, path, id string) error {
	vs := f.Values[path]
	i := slices.Index(vs, id)
	if d.Type != content.TypeList || i < 0 || id == "" {
		return badOp()
	}
	f.Values[path] = slices.Delete(slices.Clone(vs), i, i+1)
	for name := range f.Values {
		if strings.HasPrefix(name, path+"."+id+".") {
			delete(f.Values, name)
		}
	}
	f.focus = "list-" + path
	return nil
}

// changeOriginal makes another language the one a new entry is written in first: what was typed goes along.
func (f *entryForm) changeOriginal() error {
	l, ok := i18n.Parse(f.Values.Get("original"))
	if !ok || f.Entry != nil {
		return badOp()
	}
	for name, vs := range f.Values {
		if path, from, words := strings.Cut(name, "@"); words && from == string(f.Lang) && l != f.Lang {
			delete(f.Values, name)
			f.Values[content.FormName(path, l)] = vs
		}
	}
	f.Lang, f.Original = l, l
	f.focus = "new-original"
	return nil
}

// choose takes one of the things found.
func (f *entryForm) choose(d *content.Field, path, value string) {
	many := d.Type == content.TypeRefs || d.Type == content.TypeEnums
	switch {
	case value == "":
	case many && !slices.Contains(f.Values[path], value):
		if len(f.Values[path]) == 0 {
			f.Values[path] = []string{""}
		}
		f.Values[path] = append(f.Values[path], value)
	case !many:
		f.Values[path] = []string{value}
	}
	delete(f.Values, "find:"+path)
	f.focus = path
}

// find looks for what was typed in a picker and puts the answers into the form.
func (a *Admin) find(ctx context.Context, f *entryForm, d *content.Field, path string) error {
	of := pickerOf(d, path)
	if of == "" {
		return badOp()
	}
	q := strings.TrimSpace(f.Values.Get("find:" + path))
	not := ""
	if f.Entry != nil {
		not = f.Entry.ID
	}
	options, err := a.options(ctx, f.tongue, f.who, of, q, not, 20)
	if err != nil {
		return err
	}
	found := &finding{Query: q}
	several := d.Type == content.TypeRefs || d.Type == content.TypeEnums || d.Type == content.TypeFile
	for _, o := range options {
		if !several || !slices.Contains(f.Values[path], o.Value) { // of several, what is chosen stands beside
			found.Options = append(found.Options, o)
		}
	}
	if k := a.content.Kind(of); k != nil && q != "" && d.Type != content.TypeFile {
		found.Create = f.who.Can(auth.Create, auth.Object{Kind: k.Name, Office: f.office()})
	}
	if f.found == nil {
		f.found = map[string]*finding{}
	}
	f.found[path] = found
	f.focus = path
	return nil
}

// pickerOf says what a picker's field takes: a kind, "file", a long enum. The zone of a composite has a picker too.
func pickerOf(d *content.Field, path string) string {
	if strings.HasSuffix(path, ":zone") {
		return "zone"
	}
	switch d.Type {
	case content.TypeRef, content.TypeRefs:
		return d.Of
	case content.TypeFile:
		return fileOf(d)
	case content.TypeEnum, content.TypeEnums:
		return d.Enum
	}
	return ""
}

// fileOf is what pickers call the files a field takes.
func fileOf(d *content.Field) string {
	if slices.Contains(fileKinds, d.Of) {
		return d.Of
	}
	return "file"
}

// fileKinds are the kinds of file that a field may ask for.
var fileKinds = []string{string(media.Picture), string(media.Audio), string(media.Captions)}

// createFromForm makes a draft entry with the title that was looked for, and takes it.
func (a *Admin) createFromForm(ctx context.Context, f *entryForm, d *content.Field, path string) error {
	if d.Type != content.TypeRef && d.Type != content.TypeRefs {
		return badOp()
	}
	id, err := a.createEntry(ctx, f.who, d.Of, f.Original, a.officeBeside(f.who, d.Of, f.office()), f.Values.Get("find:"+path))
	var invalid *content.Invalid
	switch {
	case asErr(err, &invalid):
		for _, p := range invalid.Problems {
			p.Path, p.Locale = path, ""
			f.complain(p)
		}
		f.focus = path
		return nil
	case err != nil:
		return err
	}
	f.choose(d, path, id)
	return nil
}

// settle makes of what was typed into pickers, and not chosen, the one thing that is called so. Where there is none, or
// more than one, the form comes back with what was found.
func (a *Admin) settle(ctx context.Context, f *entryForm) error {
	names := make([]string, 0, 8)
	for name, vs := range f.Values {
		if strings.HasPrefix(name, "find:") && strings.TrimSpace(last(vs)) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		path, typed := strings.TrimPrefix(name, "find:"), f.Values.Get(name)
		d := f.Kind.Field(leafPath(path))
		if d == nil || !f.MayFacts || pickerOf(d, path) == "" || !f.listed(leafPath(path)) {
			continue
		}
		of := pickerOf(d, path)
		if vs := f.Values[path]; len(vs) > 1 && last(vs) != vs[0] && d.Type != content.TypeRefs && d.Type != content.TypeEnums && d.Type != content.TypeFile {
			f.choose(d, path, last(vs)) // taken from what was found
			f.focus = ""
			continue
		}
		if n, err := strconv.Atoi(f.Values.Get("found:" + path)); err == nil && len(filled(f.Values[path])) > n {
			delete(f.Values, name)
			if err := a.fromLibrary(ctx, f, d, path); err != nil {
				return err
			}
			continue
		}
		if now := last(f.Values[path]); now != "" && sameWords(typed, f.chosenLabel(d, path, of, now)) {
			continue // the field shows what is chosen
		}
		options, err := a.options(ctx, f.tongue, f.who, of, typed, "", 20)
		if err != nil {
			return err
		}
		var exact []choice
		for _, o := range options {
			if sameWords(o.Label, typed) || strings.EqualFold(o.Value, strings.TrimSpace(typed)) {
				exact = append(exact, o)
			}
		}
		if len(exact) == 0 && len(options) == 1 && long(of) {
			exact = options
		}
		if len(exact) == 1 {
			f.choose(d, path, exact[0].Value)
			f.focus = ""
			if err := a.fromLibrary(ctx, f, d, path); err != nil {
				return err
			}
			continue
		}
		if err := a.find(ctx, f, d, path); err != nil {
			return err
		}
		f.complain(content.Problem{Path: path, Blocks: true, Key: "problem.choose"})
	}
	// A single picker whose text was emptied has been emptied.
	for name, vs := range f.Values {
		path, ok := strings.CutPrefix(name, "find:")
		if !ok || strings.TrimSpace(last(vs)) != "" {
			continue
		}
		d := f.Kind.Field(leafPath(path))
		if d != nil && (d.Type == content.TypeRef || d.Type == content.TypeEnum || strings.HasSuffix(path, ":zone")) && last(f.Values[path]) != "" {
			f.Values[path] = []string{""}
		}
	}
	return nil
}

func (f *entryForm) chosenLabel(d *content.Field, path, of, value string) string {
	switch {
	case d.Type == content.TypeFile:
		if file := f.files[value]; file != nil {
			return file.Name
		}
		return ""
	case strings.HasSuffix(path, ":zone") || d.Type == content.TypeEnum || d.Type == content.TypeEnums:
		return enumLabel(f.tongue, of, value)
	}
	return f.refLabel(value)
}

func sameWords(a, b string) bool {
	fold := func(s string) string { return strings.Join(strings.Fields(i18n.Fold(i18n.EN, s)), " ") }
	return fold(a) == fold(b)
}

// mayRefer refuses references that the form did not have before to what the actor may not read, and other people's accounts.
func (f *entryForm) mayRefer() {
	f.eachRef(func(d *content.Field, path, id string) {
		if d.Type == content.TypeFile {
			if f.files[id] != nil {
				return
			}
		} else if _, ok := f.labels[id]; ok {
			return
		}
		if raw := f.stored[content.Facts][path]; strings.Contains(string(raw), `"`+id+`"`) {
			return
		}
		f.complain(content.Problem{Path: path, Blocks: true, Key: "problem.reference"})
	})
	f.Kind.Walk(func(d *content.Field) {
		if d.Widget != "account" {
			return
		}
		f.eachOf(d, func(path, id string) {
			if !f.mayName(path, id) {
				f.complain(content.Problem{Path: path, Blocks: true, Key: "problem.reference"})
			}
		})
	})
}

// eachOf gives what stands in the controls of a field, in all items that have it.
func (f *entryForm) eachOf(d *content.Field, do func(path, value string)) {
	for name, vs := range f.Values {
		if strings.HasSuffix(name, d.Name) && f.Kind.Field(name) == d && last(vs) != "" {
			do(name, last(vs))
		}
	}
}

// mayName tells whether the actor may put an account into a field, and so see its holder's name: the own one, the one that
// is there already, and any for those who look after accounts.
func (f *entryForm) mayName(path, id string) bool {
	return id == f.who.ID || f.who.CanSomewhere(auth.ManageUsers) || readJSON[string](f.stored[content.Facts][path]) == id
}

// takeTheirs does what the editor chose where someone else had changed the same. It returns the names of the leaves
// that stay as the other has them.
func (f *entryForm) takeTheirs() []string {
	var names []string
	for name, vs := range f.Values {
		leaf, ok := strings.CutPrefix(name, "theirs:")
		if !ok || last(vs) == "" {
			continue
		}
		list, id, item := strings.Cut(leaf, " ")
		if !item {
			names = append(names, leaf)
			continue
		}
		d := f.Kind.Field(list)
		if d == nil || d.Type != content.TypeList || !content.ValidItemID(id) {
			continue
		}
		if i := slices.Index(f.Values[list], id); i >= 0 {
			f.Values[list] = slices.Delete(slices.Clone(f.Values[list]), i, i+1)
		} else if theirs, _ := content.ItemIDs(f.stored[content.Facts][list]); slices.Contains(theirs, id) {
			f.Values[list] = append(f.Values[list], id)
		}
	}
	return names
}
