package admin

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// entryForm is an entry on its way between the store and a page. What a control shows is in Values, under the control's
// name, whether it comes from the store or has just been typed: so nothing typed gets lost on the way back to the page.
//
// Controls are named by the path of their leaf with the items' ids, words with @ and the locale behind it, pieces of a
// composite leaf with a colon: "sessions.k3f9.title@fr", "when:start_date". The order of a list is its name repeated,
// led by an empty value that says that the list is in the form at all.
type entryForm struct {
	tongue
	Kind     *content.Kind
	Entry    *content.Entry // nil while it is new
	Lang     i18n.Locale    // whose words are shown
	Original i18n.Locale
	Values   url.Values
	// MayFacts and MayWords say what the actor may change; what she may not is shown and cannot be typed into.
	MayFacts, MayWords bool
	// suggests says that what is typed is proposed, and not saved.
	suggests bool

	who       *auth.Actor
	stored    content.Parts
	problems  map[string][]content.Problem // by name of the control or leaf
	readings  map[string][]time.Time       // what an ambiguous date could be, by name of the control
	clashes   map[string]*clash            // by name of the leaf
	found     map[string]*finding          // what pickers found, by path
	labels    map[string]string            // titles of entries by id
	files     map[string]*media.File
	focus     string // id of the element at which the page is to start
	verb      string // of the button that was pressed
	notices   []Notice
	followed  []string          // arguments of what is told of the programme that went along with the event
	atOdds    []content.Problem // of times as they stand in the form
	realign   int               // minutes that would bring the programme back into the event
	zone      string            // of the office
	cities    []string
	today     time.Time
	choices   map[string][]choice            // of an enum, made once
	accounts  []choice                       // who can be responsible
	comments  []commentView                  // what reviewers said
	addressed map[storedText]string          // running text with the addresses that its links lead to now
	counted   *numbersView                   // what the registrations tell of an event
	kept      map[string]content.KeptVersion // versions of the programme, by the item that names them
	stale     map[string]bool                // leaves out of date, by path; nil: all that were made from other words than those there are
	held      map[string]bool                // paths at or below which something is filled in
}

// tongue speaks the language of the panel; templates call it.
type tongue struct {
	cat    *i18n.Catalogue
	Locale i18n.Locale
}

// T gives a message.
func (t tongue) T(key string, args ...any) string { return t.cat.T(t.Locale, key, args...) }

// N gives a message for a number.
func (t tongue) N(key string, n int, args ...any) string { return t.cat.N(t.Locale, key, n, args...) }

// isolate keeps a piece of a line together where the line runs from right to left: a figure would be drawn into the
// Latin letters before it.
func (t tongue) isolate(s string) string {
	if t.Locale.Dir() != "rtl" {
		return s
	}
	return i18n.Isolate(s)
}

// has reports whether a message is there; English has all.
func (t tongue) has(key string) bool { return t.cat.Has(i18n.EN, key) }

// choice is one option of a field.
type choice struct{ Value, Label string }

// finding is what a picker found without scripts.
type finding struct {
	Query   string
	Options []choice
	Create  bool // the actor may create what was not found
}

// clash is a leaf that someone else has changed too.
type clash struct {
	Theirs template.HTML
	Who    string
	When   time.Time
	Item   string // id of the item that one deleted and the other edited
	Gone   bool   // they deleted it
	Name   string
	*entryForm
}

// At tells when they changed it.
func (c *clash) At() string { return i18n.DateTime(c.Locale, c.When.In(content.Zone(c.zone))) }

// sectionView is a card of the form and an entry of its map.
type sectionView struct {
	Name, ID, Label string
	Fields          []*fieldView
	State           string // problem, advice, fine
}

// fieldView is a field as a template needs it.
type fieldView struct {
	*entryForm
	Def         *content.Field
	Path, Name  string
	ID          string
	Widget, Col string
	Label, Help string
	FieldLang   i18n.Locale // of words, else ""
	Off         bool
	Value       string
	Choices     []choice
	Chosen      []choice
	Source      *sourceView
	Clash       *clash
	Items       []*itemView
	Fields      []*fieldView
	Subs        map[string]*fieldView
	File        *media.File
	Find        *finding
	Echo        *echoView
	Plain       bool // a list whose items are short enough to stand open
	Kinds       []choice
	KindLabel   string
	Many        bool
	Readings    []time.Time
	Required    bool // needed to publish, and still empty
	Staff       bool
	Bare        bool // a group named like its card
	Folded      bool // nothing is in it, and nothing is needed
	Shift       *shiftView
	Numbers     *numbersView
}

// itemView is an element of a list.
type itemView struct {
	*entryForm
	List                 *fieldView
	ID, Anchor           string
	Head, Sub, Tag, Time string
	Fields               []*fieldView
	Open, First, Last    bool
	State                string // problem, advice: of what is folded away in it
	Kept                 *Link  // where readers see what is kept with it
}

// sourceView is the original beside its translation.
type sourceView struct {
	Lang    i18n.Locale
	Text    string
	HTML    template.HTML
	Wide    bool // holds a table, which may have to be scrolled
	Stale   bool
	Changed []template.HTML // the pieces of the original that are new since the translation was made
}

// Bad gives the problems of the field itself, in words.
func (v *fieldView) Bad() []string {
	var out []string
	for _, p := range v.problems[v.Name] {
		if p.Blocks || p.Key != "problem.advised" {
			out = append(out, v.problemText(p))
		}
	}
	return out
}

// Describedby lists the ids of what explains the field.
func (v *fieldView) Describedby() string {
	var ids []string
	if len(v.Bad()) > 0 {
		ids = append(ids, "e-"+v.Name)
	}
	if v.Help != "" {
		ids = append(ids, "h-"+v.Name)
	}
	if v.Source != nil {
		ids = append(ids, "src-"+v.Name)
	}
	return strings.Join(ids, " ")
}

// Invalid marks the control.
func (v *fieldView) Invalid() bool { return len(v.Bad()) > 0 }

// Focus reports whether the page is to start here.
func (v *fieldView) Focus() bool { return v.focus == v.ID }

// Moved reports whether the button that moved the item was just pressed: the focus goes back to it.
func (i *itemView) Moved(verb string) bool { return i.focus == i.Anchor && i.verb == verb }

// Shrunk reports whether an item of the list was just removed.
func (v *fieldView) Shrunk() bool { return v.focus == "list-"+v.Path }

// FieldDir is the direction of the words.
func (v *fieldView) FieldDir() string {
	if v.FieldLang == "" {
		return "auto"
	}
	return v.FieldLang.Dir()
}

// Sub gives a piece of a composite field.
func (v *fieldView) Sub(name string) *fieldView { return v.Subs[name] }

// Checked reports whether a choice is among those taken.
func (v *fieldView) Checked(value string) bool {
	return slices.Contains(v.Values[v.Name], value)
}

// On reports whether a switch is on.
func (v *fieldView) On() bool { return v.Value != "" && v.Value != "0" }

// Fresh reports whether someone has said that the translation is up to date.
func (v *fieldView) Fresh() bool { return slices.Contains(v.Values["fresh"], v.Name) }

// UseTheirs reports whether the other side of a clash was chosen.
func (c *clash) UseTheirs() bool { return c.Values.Get("theirs:"+c.Name) != "" }

// fill makes the values of all controls from parts.
func (f *entryForm) fill(parts content.Parts) {
	f.Values = url.Values{}
	f.fillFields(f.Kind.Fields, "", parts[content.Facts], parts[content.Part(f.Lang)], f.Values)
}

func (f *entryForm) fillFields(fields []*content.Field, prefix string, facts, words content.Leaves, into url.Values) {
	for _, d := range fields {
		path := prefix + d.Name
		switch {
		case d.Type == content.TypeGroup:
			f.fillFields(d.Fields, path+".", facts, words, into)
		case d.Type == content.TypeList:
			ids, _ := content.ItemIDs(facts[path])
			into[path] = append([]string{""}, ids...)
			for _, id := range ids {
				f.fillFields(d.Fields, path+"."+id+".", facts, words, into)
			}
		case d.Text():
			into.Set(content.FormName(path, f.Lang), words.Text(path).Words)
		case d.Secret && (!f.MayFacts || f.suggests):
		default:
			f.show(d, path, facts, into)
		}
	}
}

// setBases keeps the versions of the parts the form is made from, hidden in it.
func (f *entryForm) setBases(versions map[content.Part]int) {
	for name := range f.Values {
		if strings.HasPrefix(name, "base:") {
			delete(f.Values, name)
		}
	}
	for p, n := range versions {
		f.Values.Set("base:"+partName(p), strconv.Itoa(n))
	}
	if f.Entry != nil && f.Values.Get("base:"+string(f.Lang)) == "" {
		f.Values.Set("base:"+string(f.Lang), "0")
	}
}

// Bases lists the hidden versions.
func (f *entryForm) Bases() []choice {
	var out []choice
	for name, v := range f.Values {
		if strings.HasPrefix(name, "base:") && len(v) > 0 {
			out = append(out, choice{name, v[0]})
		}
	}
	slices.SortFunc(out, func(a, b choice) int { return strings.Compare(a.Value, b.Value) })
	return out
}

func partName(p content.Part) string {
	if p == content.Facts {
		return "facts"
	}
	return string(p)
}

// complain notes a problem beside its control.
func (f *entryForm) complain(ps ...content.Problem) {
	if f.problems == nil {
		f.problems = map[string][]content.Problem{}
	}
	for _, p := range ps {
		name := p.Name()
		if !slices.ContainsFunc(f.problems[name], func(q content.Problem) bool { return q.Key == p.Key }) {
			f.problems[name] = append(f.problems[name], p)
		}
	}
}

// label finds the name of a field: its own in this kind, else that of its path's end, the longest first.
func (f *entryForm) label(d *content.Field) string {
	if s, ok := f.fieldMessage("field", d.Message()); ok {
		return s
	}
	return d.Name
}

// fieldMessage looks for a message of a field: "field.event.sessions.title", "field.sessions.title", "field.title".
func (t tongue) fieldMessageOf(kind, space, path string) (string, bool) {
	for _, key := range messageKeys(kind, space, path) {
		if t.has(key) {
			return t.T(key), true
		}
	}
	return "", false
}

func (f *entryForm) fieldMessage(space, path string) (string, bool) {
	return f.fieldMessageOf(f.Kind.Name, space, path)
}

func messageKeys(kind, space, path string) []string {
	keys := []string{space + "." + kind + "." + path, space + "." + path}
	for {
		_, rest, ok := strings.Cut(path, ".")
		if !ok {
			return keys
		}
		path = rest
		keys = append(keys, space+"."+path)
	}
}

// build walks the kind and makes the cards of the form.
func (f *entryForm) build() (title *fieldView, sections []*sectionView) {
	f.held = nil
	byName := map[string]*sectionView{}
	for _, d := range f.Kind.Fields {
		v := f.field(d, "", "", false)
		if v == nil {
			continue
		}
		if d.As == "title" {
			v.Widget = "title"
			title = v
			continue
		}
		s := byName[d.Section]
		if s == nil {
			s = &sectionView{Name: d.Section, ID: "s-" + d.Section, Label: f.T("section." + d.Section)}
			if own := "section." + f.Kind.Name + "." + d.Section; f.has(own) {
				s.Label = f.T(own)
			}
			byName[d.Section] = s
			sections = append(sections, s)
		}
		v.Bare = (v.Widget == "group" || v.Widget == "list") && v.Label == s.Label
		s.Fields = append(s.Fields, v)
	}
	return title, sections
}

// markSections says in the map where publishing is kept up, and where something is advised.
func (f *entryForm) markSections(sections []*sectionView, problems []content.Problem) {
	for _, s := range sections {
		s.State = "fine"
		worst := func(p content.Problem) {
			if p.Blocks {
				s.State = "problem"
			} else if s.State == "fine" {
				s.State = "advice"
			}
		}
		for _, p := range problems {
			if d := f.Kind.Field(leafPath(p.Path)); d != nil && d.Section == s.Name && d.As != "title" {
				worst(p)
			}
		}
		for _, v := range s.Fields {
			v.markItems(problems)
		}
	}
}

// markItems says the same of each item of a list that can be folded, as far as it is told in this language.
func (v *fieldView) markItems(problems []content.Problem) {
	for _, it := range v.Items {
		var mine []content.Problem
		for _, p := range problems {
			if strings.HasPrefix(p.Path, v.Path+"."+it.ID+".") && (p.Locale == "" || p.Locale == v.Lang) {
				mine = append(mine, p)
			}
		}
		if len(mine) == 0 {
			continue
		}
		it.State = "advice"
		if slices.ContainsFunc(mine, func(p content.Problem) bool { return p.Blocks }) {
			it.State = "problem"
		}
		for _, x := range it.Fields {
			x.markItems(mine)
		}
	}
	for _, x := range v.Fields { // of a group
		x.markItems(problems)
	}
}

// leafPath takes the name of a composite's piece off.
func leafPath(path string) string {
	path, _, _ = strings.Cut(path, ":")
	return path
}

// field makes the view of a field, nil if it is not for this item.
func (f *entryForm) field(d *content.Field, prefix, selector string, compact bool) *fieldView {
	path := prefix + d.Name
	if len(d.For) > 0 && !slices.Contains(d.For, selector) && !f.holds(path) {
		return nil
	}
	v := &fieldView{entryForm: f, Def: d, Path: path, Name: path, Label: f.label(d), Off: !f.MayFacts, Required: d.Need == "R" && !f.holds(path),
		Staff: d.Staff && (d.Parent == nil || !d.Parent.Staff)}
	v.Help, _ = f.fieldMessage("hint", d.Message())
	if d.Text() {
		v.FieldLang, v.Name, v.Off = f.Lang, content.FormName(path, f.Lang), !f.MayWords
		v.Source = f.sourceOf(d, path)
	}
	v.ID = v.Name
	v.Value = f.Values.Get(v.Name)
	v.Clash = f.clashes[v.Name]
	if v.Clash != nil {
		v.Clash.Name = v.Name
	}
	v.Col = column(d)
	switch d.Type {
	case content.TypeLine:
		v.Widget = "line"
		if d.Widget == "area" {
			v.Widget = "area"
		}
	case content.TypeProse:
		v.Widget = "prose"
	case content.TypeString:
		v.Widget = "string"
		switch d.Widget {
		case "area":
			v.Widget = "area"
		case "account":
			v.Widget, v.Choices = "select", f.accounts
		case "session":
			v.Widget, v.Choices = "select", f.sessions()
		}
	case content.TypeBool:
		v.Widget = "switch"
		v.Value = f.Values.Get(path)
	case content.TypeInt:
		v.Widget = "number"
	case content.TypeEnum:
		switch {
		case long(d.Enum):
			v.picker(false)
			v.Chosen = f.chosenChoices(d.Enum, []string{v.Value})
		case d.Widget == "seg":
			v.Widget, v.Choices, v.Value = "seg", f.options(d.Enum), last(f.Values[path])
		default:
			v.Widget, v.Choices = "select", f.options(d.Enum)
		}
	case content.TypeEnums:
		if n := len(kind.Values(d.Enum)); n < 10 {
			v.Widget, v.Choices = "checks", f.options(d.Enum)
		} else {
			v.picker(true)
			v.Chosen = f.chosenChoices(d.Enum, f.Values[path])
		}
	case content.TypeRef, content.TypeRefs:
		v.picker(d.Type == content.TypeRefs)
		for _, id := range f.Values[path] {
			if id != "" {
				v.Chosen = append(v.Chosen, choice{id, f.refLabel(id)})
			}
		}
		if d.Type == content.TypeRef && len(v.Chosen) > 1 {
			v.Chosen = v.Chosen[len(v.Chosen)-1:]
		}
	case content.TypeFile:
		v.Widget = "file"
		v.Find = f.found[path]
		v.Value = last(f.Values[path])
		v.File = f.files[v.Value]
	case content.TypeDate:
		v.Widget = "date"
		v.Echo = f.echoDate(path, v.Value)
		v.Readings = f.readings[path]
	case content.TypeTime:
		v.Widget = "moment"
		v.pieces("date", "time")
	case content.TypeMoment:
		v.Widget = "moment"
		v.pieces("date", "time", "zone")
		v.Echo = f.echoMoment(path, f.Values)
	case content.TypeSlot:
		v.Widget = "slot"
		v.pieces("date", "start", "end")
		if f.Values.Get(path+":end_date") != "" {
			v.pieces("end_date")
		}
		v.Echo = f.echoSlot(path, f.Values)
		v.Shift = f.shiftView(d, path)
	case content.TypeWhen:
		v.Widget = "when"
		v.pieces("start_date", "start_time", "end_date", "end_time", "zone", "precision")
		v.Subs["precision"].Widget, v.Subs["precision"].Col = "select", "c6 m12"
		v.Subs["precision"].Choices = f.options("precision")
		v.Echo = f.echoWhen(path, f.Values)
	case content.TypeGroup:
		v.Widget = "group"
		if path == numbersPath {
			v.Numbers = f.counted
		}
		for _, x := range d.Fields {
			if sub := f.field(x, path+".", selector, compact); sub != nil {
				v.Fields = append(v.Fields, sub)
			}
		}
	case content.TypeList:
		v.Widget = "list"
		f.items(v)
	}
	if d.Parent == nil && d.Need == "" && (d.Type == content.TypeWhen || d.Type == content.TypeGroup && d.As == "") {
		v.Folded = v.Numbers == nil && !f.holds(path) && !f.wrongBelow(path) && !strings.HasPrefix(f.focus, path)
	}
	if (v.Widget == "select" || v.Widget == "seg") && v.Value != "" && !slices.ContainsFunc(v.Choices, func(c choice) bool { return c.Value == v.Value }) {
		// A value that is no choice any more stays until someone chooses another.
		v.Choices = append(slices.Clone(v.Choices), choice{v.Value, v.Value})
	}
	return v
}

// sessions are the items of the programme as they stand in the form, for fields that name one.
func (f *entryForm) sessions() []choice {
	var out []choice
	for _, id := range f.Values["sessions"] {
		if id == "" {
			continue
		}
		name := "sessions." + id + ".title"
		title := f.Values.Get(content.FormName(name, f.Lang))
		if title == "" {
			title = f.stored[content.Part(f.Original)].Text(name).Words
		}
		if title == "" {
			title = f.T("form.new_item")
		}
		out = append(out, choice{id, title})
	}
	return out
}

// long enums are not written out in a page: there are too many choices for each row of a list to hold them.
func long(enum string) bool { return enum == "country" || enum == "language" || enum == "zone" }

func (v *fieldView) picker(many bool) {
	v.Widget, v.Many = "picker", many
	if !many {
		v.Value = last(v.Values[v.Path])
	}
	v.Find = v.found[v.Path]
}

// Of names what a picker looks for.
func (v *fieldView) Of() string {
	if v.Def == nil {
		return "zone"
	}
	switch v.Def.Type {
	case content.TypeRef, content.TypeRefs:
		return v.Def.Of
	case content.TypeEnum, content.TypeEnums:
		return v.Def.Enum
	case content.TypeFile:
		return fileOf(v.Def)
	}
	return "zone"
}

// PickURL is where a picker asks for options.
func (v *fieldView) PickURL() string {
	q := url.Values{"of": {v.Of()}}
	if v.Kind != nil && v.Def != nil && (v.Def.Type == content.TypeRef || v.Def.Type == content.TypeRefs) {
		q.Set("lang", string(v.Lang))
		if v.Entry != nil {
			q.Set("not", v.Entry.ID)
			q.Set("entry", v.Entry.ID)
		}
	}
	return "/admin/pick?" + q.Encode()
}

// Typed is what stands in a picker's text field: what was looked for, else the name of the one thing chosen.
func (v *fieldView) Typed() string {
	if t, ok := v.Values["find:"+v.Name]; ok && (v.Find != nil || v.Invalid()) {
		return t[0]
	}
	if !v.Many && len(v.Chosen) > 0 {
		return v.Chosen[0].Label
	}
	return ""
}

// pieces makes the controls of a composite field.
func (v *fieldView) pieces(names ...string) {
	if v.Subs == nil {
		v.Subs = map[string]*fieldView{}
	}
	for _, n := range names {
		name := v.Path + ":" + n
		s := &fieldView{entryForm: v.entryForm, Path: name, Name: name, ID: name, Off: v.Off, Widget: "string", Value: v.Values.Get(name), Readings: v.readings[name]}
		s.Label, _ = v.pieceLabel(v.Def, n)
		if n == "zone" {
			s.Col = "c6 m12"
			s.picker(false)
			s.Chosen = v.chosenChoices("zone", []string{s.Value})
		}
		v.Subs[n] = s
	}
}

// column says how wide a field stands in the grid of twelve.
func column(d *content.Field) string {
	switch d.Type {
	case content.TypeInt:
		return "c4 m12"
	case content.TypeBool:
		return "c5 m12 low"
	case content.TypeEnum:
		if d.Widget == "seg" {
			return ""
		}
		return "c5 m12"
	case content.TypeRef:
		return "c7 m12"
	case content.TypeDate:
		return "c5 m12"
	case content.TypeString:
		if d.Widget == "area" || d.Max > 200 || d.Max == 0 {
			return ""
		}
		return "c5 m12"
	case content.TypeLine:
		if d.Widget != "area" && d.Max > 0 && d.Max <= 80 {
			return "c5 m12"
		}
	}
	return ""
}

// holds reports whether anything is filled in at or below a path.
func (f *entryForm) holds(path string) bool {
	if f.held == nil {
		f.held = map[string]bool{}
		mark := func(path string) {
			for !f.held[path] {
				f.held[path] = true
				if i := strings.LastIndexByte(path, '.'); i > 0 {
					path = path[:i]
				}
			}
		}
		for name, vs := range f.Values {
			if last(vs) != "" && !formControl(name) && !strings.HasSuffix(name, ":shown") && !strings.HasSuffix(name, ":zone") {
				path, _, _, _ := leafName(name)
				mark(path)
			}
		}
		for p, leaves := range f.stored {
			if p == content.Facts {
				continue
			}
			for path := range leaves {
				mark(path)
			}
		}
	}
	return f.held[path]
}

// options are the choices of a short enum.
func (f *entryForm) options(enum string) []choice {
	if c, ok := f.choices[enum]; ok {
		return c
	}
	values := kind.Values(enum)
	if enum == "precision" {
		values = []string{content.PrecisionTime, content.PrecisionDay, content.PrecisionMonth, content.PrecisionTBD}
	}
	out := make([]choice, 0, len(values))
	for _, v := range values {
		out = append(out, choice{v, enumLabel(f.tongue, enum, v)})
	}
	if f.choices == nil {
		f.choices = map[string][]choice{}
	}
	f.choices[enum] = out
	return out
}

func (f *entryForm) chosenChoices(enum string, values []string) []choice {
	var out []choice
	for _, v := range values {
		if v != "" {
			out = append(out, choice{v, enumLabel(f.tongue, enum, v)})
		}
	}
	return out
}

// enumLabel names a choice in the language of the panel.
func enumLabel(t tongue, enum, value string) string {
	switch enum {
	case "country":
		return i18n.CountryName(t.Locale, value)
	case "language":
		return i18n.LanguageName(t.Locale, value)
	case "zone":
		if city := i18n.ZoneCity(t.Locale, value); city != value {
			return city + " (" + value + ")"
		}
		return value
	}
	if key := "enum." + enum + "." + value; t.has(key) {
		return t.T(key)
	}
	return value
}

func (f *entryForm) refLabel(id string) string {
	if l, ok := f.labels[id]; ok {
		if l == "" {
			return f.T("form.untitled")
		}
		return l
	}
	return f.T("form.gone", "ID", id)
}

func last(vs []string) string {
	for i := len(vs) - 1; i >= 0; i-- {
		if vs[i] != "" {
			return vs[i]
		}
	}
	return ""
}

// items makes the elements of a list.
func (f *entryForm) items(v *fieldView) {
	var ids []string
	for _, id := range f.Values[v.Path] {
		if content.ValidItemID(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	v.Plain = plain(v.Def.Fields)
	sel := selectorField(v.Def.Fields)
	if sel != nil && (sel.Name == "kind" || sel.Name == "type") && slices.ContainsFunc(v.Def.Fields, func(d *content.Field) bool { return len(d.For) > 0 }) {
		v.Kinds, v.KindLabel = f.options(sel.Enum), f.label(sel)
	}
	for i, id := range ids {
		prefix := v.Path + "." + id + "."
		it := &itemView{entryForm: f, List: v, ID: id, Anchor: "item-" + v.Path + "." + id, First: i == 0, Last: i == len(ids)-1}
		chosen := ""
		if sel != nil {
			chosen = f.Values.Get(prefix + sel.Name)
		}
		for _, d := range v.Def.Fields {
			if x := f.field(d, prefix, chosen, v.Plain); x != nil {
				it.Fields = append(it.Fields, x)
			}
		}
		f.preview(it, prefix)
		if v.Def.Path == versionsList {
			f.keptWith(it)
		}
		it.Open = f.focus == it.Anchor || strings.HasPrefix(f.focus, prefix) || strings.HasPrefix(strings.TrimPrefix(f.focus, "item-"), prefix) || f.wrongBelow(prefix) || it.Head == "" && it.Tag == ""
		v.Items = append(v.Items, it)
	}
}

// wrongBelow reports whether anything below a path needs the editor's eye, so that it must not be folded away.
func (f *entryForm) wrongBelow(prefix string) bool {
	for name, ps := range f.problems {
		if strings.HasPrefix(name, prefix) && slices.ContainsFunc(ps, func(p content.Problem) bool { return p.Blocks }) {
			return true
		}
	}
	for name := range f.clashes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	for path := range f.found {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// plain lists have items of one or two short fields, which need no folding.
func plain(fields []*content.Field) bool {
	n := 0
	for _, d := range fields {
		if d.Type == content.TypeList || d.Type == content.TypeProse || d.Type == content.TypeGroup {
			return false
		}
		n++
	}
	return n <= 2
}

// selectorField is the one that the items' for: tags ask about.
func selectorField(fields []*content.Field) *content.Field {
	var status *content.Field
	for _, d := range fields {
		if d.Type != content.TypeEnum {
			continue
		}
		if d.Name == "kind" || d.Name == "type" {
			return d
		}
		if d.Name == "status" && status == nil {
			status = d
		}
	}
	return status
}

// preview tells in a line what an item is, from its most telling fields.
func (f *entryForm) preview(it *itemView, prefix string) {
	put := func(s string) {
		s = short(s, 90)
		switch {
		case s == "" || s == it.Head || s == it.Sub:
		case it.Head == "":
			it.Head = s
		case it.Sub == "":
			it.Sub = s
		}
	}
	source := f.stored[content.Part(f.Original)]
	for _, d := range it.List.Def.Fields {
		path := prefix + d.Name
		switch d.Type {
		case content.TypeRef:
			if id := last(f.Values[path]); id != "" {
				put(f.refLabel(id))
			}
		case content.TypeLine, content.TypeProse:
			w := f.Values.Get(content.FormName(path, f.Lang))
			if w == "" {
				w = source.Text(path).Words
			}
			switch {
			case w == "":
			case d.Type == content.TypeLine && d.Widget != "area":
				put(w)
			case it.Sub == "": // running text is what is under a heading
				if it.Sub = short(w, 90); d.Type == content.TypeProse {
					it.Sub = short(content.PlainText(content.Clean(w)), 90)
				}
			}
		case content.TypeEnum:
			if s := f.Values.Get(path); s != "" && it.Tag == "" {
				it.Tag = enumLabel(f.tongue, d.Enum, s)
			}
		case content.TypeString:
			put(f.Values.Get(path))
		case content.TypeFile:
			if file := f.files[last(f.Values[path])]; file != nil {
				put(file.Name)
			}
		case content.TypeSlot:
			it.Time = f.Values.Get(path + ":start")
		case content.TypeList:
			var names []string
			for _, id := range f.Values[path] {
				for _, x := range d.Fields {
					if x.Type == content.TypeRef && id != "" {
						if ref := last(f.Values[path+"."+id+"."+x.Name]); ref != "" {
							names = append(names, f.refLabel(ref))
						}
						break
					}
				}
			}
			if len(names) > 0 {
				put(i18n.List(f.Locale, names))
			}
		}
	}
	if it.Head == "" {
		it.Head, it.Tag = it.Tag, ""
	}
	if it.Head == "" {
		it.Head, it.Sub = it.Sub, ""
	}
}

// Label names an item for those who cannot see where a button stands.
func (i *itemView) Label() string {
	if i.Head != "" {
		return i.Head
	}
	return i.T("form.new_item")
}

// short cuts at a word.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// sourceOf is the original beside a translation.
func (f *entryForm) sourceOf(d *content.Field, path string) *sourceView {
	if f.Lang == f.Original {
		return nil
	}
	src := f.stored[content.Part(f.Original)].Text(path)
	if src.Words == "" {
		return nil
	}
	s := &sourceView{Lang: f.Original, Text: src.Words}
	if d.Type == content.TypeProse {
		s.HTML, s.Wide = f.withFacts(f.Original, src.Words), strings.Contains(src.Words, "<table")
	}
	if now := f.stored[content.Part(f.Lang)].Text(path); now.Words != "" && now.From == "" && content.Outdated(d.Type, now, src) && (f.stale == nil || f.stale[path]) {
		s.Stale = true
		if d.Type == content.TypeProse {
			units := content.Units(d.Type, src.Words)
			for i, b := range content.Blocks(src.Words) {
				if i < len(units) && !slices.Contains(now.Of, units[i]) {
					s.Changed = append(s.Changed, f.withFacts(f.Original, b))
				}
			}
		}
	}
	return s
}

// lookup reads the names of all that the values refer to. Names of entries that the stored entry does not refer to are
// given only if the actor may read them: a form posted with guessed ids must not tell titles.
func (f *entryForm) lookup(ctx context.Context, store *content.Store, files *media.Store) error {
	known := map[string]bool{}
	if f.Entry != nil && f.Entry.Value != nil {
		for _, l := range f.Kind.Links(f.Entry.Value) {
			known[l.ToID] = true
		}
	}
	var old, fresh, fileIDs []string
	f.eachRef(func(d *content.Field, path, id string) {
		switch {
		case d.Type == content.TypeFile:
			fileIDs = append(fileIDs, id)
		case known[id]:
			old = append(old, id)
		default:
			fresh = append(fresh, id)
		}
	})
	var err error
	if f.labels, err = store.Labels(ctx, f.Locale, old); err != nil {
		return err
	}
	if len(fresh) > 0 {
		rows, _, err := store.List(ctx, f.who, content.ListQuery{IDs: fresh[:min(len(fresh), 500)]})
		if err != nil {
			return err
		}
		for _, r := range rows {
			f.labels[r.ID] = rowTitle(r, f.Locale)
		}
	}
	f.files = map[string]*media.File{}
	if files == nil {
		return nil
	}
	got, err := files.Get(ctx, fileIDs...)
	if err != nil {
		return err
	}
	for id, file := range got {
		if known[id] || f.who.Can(auth.Read, file.Object()) {
			f.files[id] = file
		}
	}
	return nil
}

func rowTitle(r content.ListRow, l i18n.Locale) string {
	if t := r.Languages[l].Title; t != "" {
		return t
	}
	return r.Title
}

// eachRef calls do for every reference in the values.
func (f *entryForm) eachRef(do func(d *content.Field, path, id string)) {
	for name, vs := range f.Values {
		if strings.ContainsAny(name, ":@") {
			continue
		}
		d := f.Kind.Field(name)
		if d == nil || d.Type != content.TypeRef && d.Type != content.TypeRefs && d.Type != content.TypeFile {
			continue
		}
		for _, id := range vs {
			if id != "" && len(id) <= 32 {
				do(d, name, id)
			}
		}
	}
}

// problemText says a problem in words that tell what to do.
func (f *entryForm) problemText(p content.Problem) string {
	args := append(slices.Clone(p.Args), "Field", f.nameOf(p.Path))
	for i, a := range args {
		if n, ok := a.(int); ok {
			args[i] = i18n.Number(f.Locale, n)
		}
	}
	if strings.HasPrefix(p.Key, "writing.rule.") || slices.Contains([]string{"problem.fact_empty", "problem.fact_unknown", "problem.link_gone"}, p.Key) {
		return f.quoted(p)
	}
	if f.has(p.Key) {
		return f.T(p.Key, args...)
	}
	return f.T("problem.malformed", args...)
}

// nameOf is what a path is called on the page, with the item it is in.
func (f *entryForm) nameOf(path string) string {
	leaf, piece, _ := strings.Cut(path, ":")
	if d := f.fieldAt(leaf); piece != "" && d != nil {
		if label, ok := f.pieceLabel(d, piece); ok {
			return f.T("form.in", "Field", label, "Parent", f.nameOf(leaf))
		}
	}
	if f.Kind == nil {
		return f.T("field.date")
	}
	d := f.Kind.Field(leaf)
	if d == nil {
		if f.has("field." + leaf) {
			return f.T("field." + leaf)
		}
		return path
	}
	label := f.label(d)
	if d.As == "title" {
		label = f.T("field.title")
	}
	if d.Parent == nil {
		return label
	}
	if d.Parent.Type == content.TypeGroup {
		return f.T("form.in", "Field", label, "Parent", f.label(d.Parent))
	}
	segs := strings.Split(leaf, ".")
	list := strings.Join(segs[:len(segs)-2], ".")
	pos := slices.Index(f.itemOrder(list), segs[len(segs)-2]) + 1
	if pos == 0 {
		return f.T("form.in", "Field", label, "Parent", f.label(d.Parent))
	}
	return f.T("form.in_item", "Field", label, "Parent", f.label(d.Parent), "Number", i18n.Number(f.Locale, pos))
}

func (f *entryForm) fieldAt(path string) *content.Field {
	if f.Kind == nil {
		return nil
	}
	return f.Kind.Field(path)
}

// pieceLabel is the name of one control of a composite field: where a time ends, say.
func (f *entryForm) pieceLabel(d *content.Field, piece string) (string, bool) {
	for _, key := range []string{"field." + d.Message() + ":" + piece, "field.when." + piece} {
		if f.has(key) {
			return f.T(key), true
		}
	}
	return "", false
}

func (f *entryForm) itemOrder(list string) []string {
	var ids []string
	for _, id := range f.Values[list] {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// problemLink leads from a list of problems to the field.
type problemLink struct {
	Href   template.URL // to a place of this page, or to another language's
	Text   string
	Blocks bool
	Lang   i18n.Locale
	With   []placeLink // the other items it is about
	Op     string      // of a button that puts it right, and
	OpText string      // what that says
}

// links makes the list of problems for a panel. Problems of another language lead to its tab.
func (f *entryForm) links(ps []content.Problem, base string) []problemLink {
	var out []problemLink
	offered := false
	for _, p := range ps {
		l := problemLink{Href: template.URL("#" + p.Name()), Blocks: p.Blocks}
		if p.Locale != "" && p.Locale != f.Lang {
			l.Href = template.URL(fmt.Sprintf("%s?lang=%s#%s", base, p.Locale, p.Name()))
			l.Lang = p.Locale
		}
		if p.Path == "clearance" || p.Path == "joint" || p.Path == "together" { // of a language as a whole, not of a field
			l.Href, l.Lang, l.Text = template.URL(problemURL(f.Kind, f.Entry.ID, p)), "", f.troubleText(f.Entry, p)
			out = append(out, l)
			continue
		}
		name := f.nameOf(p.Path)
		if l.Lang != "" {
			name = f.T("form.in_language", "Field", name, "Language", i18n.LanguageName(f.Locale, string(p.Locale)))
		}
		l.Text = f.T("form.problem_at", "Field", name, "Problem", f.oddsText(p))
		l.With = f.others(p)
		if p.Key == "problem.outside_event" && f.realign != 0 && f.MayFacts && !offered {
			l.Op, l.OpText = f.realignOp(p.Path)
			offered = true
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b problemLink) int {
		switch {
		case a.Blocks == b.Blocks:
			return 0
		case a.Blocks:
			return -1
		}
		return 1
	})
	return out
}

// Counted reports whether the characters typed are counted.
func (v *fieldView) Counted() bool {
	return v.Def != nil && v.Def.Max > 0 && v.Def.Type == content.TypeLine && v.Def.As != "title"
}

// DayWords writes a day.
func (f *entryForm) DayWords(t time.Time) string { return i18n.Date(f.Locale, t) }

// LanguageName names a language in that of the panel.
func (f *entryForm) LanguageName(l i18n.Locale) string { return i18n.LanguageName(f.Locale, string(l)) }

// Prose is the text of a field that cannot be typed into.
func (v *fieldView) Prose() template.HTML { return v.withFacts(v.FieldLang, v.Value) }

// InputType suits keyboards of phones; what is typed is checked by us, not by the browser.
func (v *fieldView) InputType() string {
	if v.Def != nil && v.Def.Widget == "email" {
		return "email"
	}
	return "text"
}

// Latin reports whether the value reads from left to right in every language.
func (v *fieldView) Latin() bool {
	return v.Def != nil && (v.Def.Widget == "url" || v.Def.Widget == "email" || v.Def.Widget == "offset")
}

// Accept is what a file field takes, for the browser's dialog.
func (v *fieldView) Accept() string {
	switch v.Def.Of {
	case string(media.Picture):
		return "image/*"
	case string(media.Audio):
		return "audio/*"
	case string(media.Captions):
		return ".vtt,text/vtt"
	case "media":
		return "video/*,audio/*"
	}
	return ""
}

// Thumb is the address of a small picture of the file, "" if there is none.
func (v *fieldView) Thumb() string {
	if v.File == nil {
		return ""
	}
	r := v.File.Best("16x9", 320)
	if r == nil {
		return ""
	}
	return "/admin/media/" + v.File.ID + "/" + r.Name
}

// FileFacts tells size and pages of the file.
func (v *fieldView) FileFacts() string {
	if v.File == nil {
		return ""
	}
	out := []string{i18n.Bytes(v.Locale, v.File.Size)}
	if v.File.Pages > 0 {
		out = append(out, v.N("form.pages", v.File.Pages))
	}
	return i18n.List(v.Locale, out)
}

// FileDoubt says what stands against showing the file: consent that was refused or withdrawn, has ended or ends soon.
func (v *fieldView) FileDoubt() string {
	switch {
	case v.File == nil:
		return ""
	case v.File.Consent == media.ConsentRefused:
		return v.T("library.doubt_refused")
	}
	return consentEnds(v.tongue, v.File, time.Now())
}

// AddLabel says what the button below a list adds.
func (v *fieldView) AddLabel() string {
	if s, ok := v.fieldMessage("add", v.Def.Message()); ok {
		return s
	}
	return v.T("form.add", "Name", v.Label)
}

// Field names where a clash is.
func (c *clash) Field() string {
	path, _, _, _ := leafName(c.Name)
	return c.nameOf(path)
}

// SlugBad is what is wrong with the address typed.
func (p *panel) SlugBad() []string {
	var out []string
	for _, x := range p.problems["slug"] {
		out = append(out, p.problemText(x))
	}
	return out
}

// FoundBeside is how many things were chosen already when a picker's answers were shown.
func (v *fieldView) FoundBeside() int {
	if v.Def != nil && v.Def.Type == content.TypeFile {
		return len(filled([]string{v.Value}))
	}
	n := len(v.Chosen)
	if !v.Many && v.Find != nil && slices.ContainsFunc(v.Find.Options, func(o choice) bool { return o.Value == v.Value }) {
		n++ // it is ticked among them
	}
	return n
}
