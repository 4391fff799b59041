package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/web"
)

// A partner's own part in somebody else's event: the people and documents of the own organisation, brought into its lists. Each
// step is an ordinary save in the partner's right; what may be changed by it is said in content.

// mostPeople is how many of the own people can be chosen from; others are found by their name.
const mostPeople = 300

// ownLists are a kind's lists that partners bring their own into: of people in the entry and in the items of its programme, and of
// documents.
func ownLists(k *content.Kind) (people, nested, documents *content.Field) {
	k.Walk(func(d *content.Field) {
		ref := d.OwnRef()
		switch {
		case ref == nil:
		case ref.Of == kind.DocumentKind.Name && d.Parent == nil:
			documents = d
		case ref.Of == kind.PersonKind.Name && d.Parent == nil:
			people = d
		case ref.Of == kind.PersonKind.Name && d.Parent.Type == content.TypeList && d.Parent.Parent == nil:
			nested = d
		}
	})
	return people, nested, documents
}

func takesParts(k *content.Kind) bool {
	people, _, documents := ownLists(k)
	return people != nil && documents != nil
}

func (a *Admin) partRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		if !takesParts(k) {
			continue
		}
		at := listURL(k) + "/:id/part"
		routes = append(routes,
			web.Route{Method: http.MethodGet, Path: at, Rule: web.Needs(auth.Contribute), Class: web.Personal, Handle: func(c *gin.Context) error { return a.partPage(k, c) }},
			web.Route{Method: http.MethodPost, Path: at, Rule: web.Needs(auth.Contribute), Class: web.Personal, MaxBody: 64 << 10, Handle: func(c *gin.Context) error { return a.savePart(k, c) }},
			web.Route{Method: http.MethodPost, Path: at + "/document", Rule: web.Needs(auth.Contribute), Class: web.Personal, Upload: true, MaxBody: a.uploadLimit(), Timeout: 30 * time.Minute,
				Handle: func(c *gin.Context) error { return a.savePaper(k, c) }})
	}
	return routes
}

func partURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/part" }

// mayPart reports whether the page is offered: to those who bring in their own and cannot change all of the entry.
func mayPart(who *auth.Actor, e *content.Entry) bool {
	return takesParts(e.Kind) && e.MayContribute(who) && !e.MayEdit(who, content.Facts)
}

// partScreen is what somebody has in an entry, and what they can add.
type partScreen struct {
	Back, Action, When string
	Organization       string // in whose name things are made, "" where the actor has none
	Speakers, Papers   []partItem
	Speaker, Paper     *Form
	Person             Select // of those who have a profile
	Where, Role, Slot  Select
	SpeakerLang        Select
	PaperLang          Select
	Limit              string
	FileProblem        string
	office             string
}

// partItem is one of the own items, by what it refers to.
type partItem struct{ Title, URL, Role, Where, Item string }

func (a *Admin) partPage(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	l := string(web.Locale(c))
	return a.showPart(c, who, e, http.StatusOK, &partScreen{Speaker: newForm("role", "speaker", "lang", l), Paper: newForm("slot", "background", "language", l)}, nil)
}

// homeOffice is the organisation in whose name the actor makes entries of a kind, "" for none.
func (a *Admin) homeOffice(who *auth.Actor, kind string) string {
	for _, o := range a.offices(who, kind) {
		if o != "" {
			return o
		}
	}
	return ""
}

func (a *Admin) showPart(c *gin.Context, who *auth.Actor, e *content.Entry, status int, d *partScreen, problem error) error {
	ctx := c.Request.Context()
	if !e.MayContribute(who) {
		return auth.ErrForbidden
	}
	p := a.page(c, "part.title", "Title", i18n.Isolate(entryTitle(tongue{a.cat, web.Locale(c)}, e)))
	p.below(e, "", "part.name")
	t := p.tongue()
	d.Back, d.Action, d.Limit = entryURL(e.Kind, e.ID, ""), partURL(e), p.Bytes(a.media.FileSize())
	d.office = a.homeOffice(who, kind.PersonKind.Name)
	var invalid auth.Invalid
	if errors.As(problem, &invalid) {
		of, order := d.Speaker, []string{"name", "role", "position"}
		if _, paper := invalid["title"]; paper || invalid["file"] != "" {
			of, order = d.Paper, []string{"title", "file"}
		}
		p.refused(of, problem, order...)
	}
	if v, ok := e.Value.(*kind.Event); ok && v.When.Known() {
		d.When = i18n.Date(p.Locale, v.When.Starts().In(v.When.Location()))
	}
	people, nested, documents := ownLists(e.Kind)
	owner := a.content.OwnedBy(a.db.Read(), who)
	facts := e.Parts[content.Facts]
	var refs []string
	own := func(list *content.Field, at, where string) (out []partItem, err error) {
		ids, _ := content.ItemIDs(facts[at])
		for _, id := range ids {
			item := at + "." + id
			ref := readJSON[string](facts[item+"."+list.OwnRef().Name])
			if is, err := owner.Has(ctx, ref); err != nil || !is {
				if err != nil {
					return nil, err
				}
				continue
			}
			refs = append(refs, ref)
			x := partItem{Title: ref, URL: entryURL(a.content.Kind(list.OwnRef().Of), ref, ""), Where: where, Item: at + " " + id}
			if role := selectOf(list); role != nil {
				x.Role = enumLabel(t, role.Enum, readJSON[string](facts[item+"."+role.Name]))
			}
			out = append(out, x)
		}
		return out, nil
	}
	var err error
	if d.Speakers, err = own(people, people.Path, p.T("part.whole")); err != nil {
		return err
	}
	where := []Choice{{Value: "", Text: p.T("part.whole")}}
	if nested != nil {
		f := a.filledForm(c, who, e, e.Original)
		ids, _ := content.ItemIDs(facts[nested.Parent.Path])
		for _, id := range ids {
			words := e.Parts[content.Part(p.Locale)].Text(nested.Parent.Path + "." + id + ".title").Words
			if words == "" {
				words = f.stored[content.Part(e.Original)].Text(nested.Parent.Path + "." + id + ".title").Words
			}
			if words == "" {
				words = p.T("form.untitled")
			}
			where = append(where, Choice{Value: id, Text: words})
			more, err := own(nested, nested.Parent.Path+"."+id+"."+nested.Name, words)
			if err != nil {
				return err
			}
			d.Speakers = append(d.Speakers, more...)
		}
	}
	if d.Papers, err = own(documents, documents.Path, ""); err != nil {
		return err
	}
	labels, err := a.content.Labels(ctx, p.Locale, append(refs, filled([]string{d.office})...))
	if err != nil {
		return err
	}
	for _, list := range [][]partItem{d.Speakers, d.Papers} {
		for i := range list {
			list[i].Title = labels[list[i].Title]
		}
	}
	d.Organization = labels[d.office]
	d.Person = Select{P: p, Name: "person", Label: p.T("part.person"), Any: p.T("part.person_new"), Value: d.Speaker.Get("person"), Class: "c6"}
	if d.office != "" {
		rows, _, err := a.content.List(ctx, who, content.ListQuery{Kind: kind.PersonKind.Name, Office: d.office, Sort: "title", Reader: p.Locale, Limit: mostPeople})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if is, err := owner.Has(ctx, r.ID); err != nil {
				return err
			} else if is {
				d.Person.Choices = append(d.Person.Choices, Choice{Value: r.ID, Text: rowTitle(r, p.Locale)})
			}
		}
	}
	enum := func(form *Form, name, label string, list *content.Field) Select {
		s := p.Select(form, name, label, "", nil)
		s.Class = "c6"
		for _, v := range kind.Values(selectOf(list).Enum) {
			s.Choices = append(s.Choices, Choice{Value: v, Text: enumLabel(t, selectOf(list).Enum, v)})
		}
		return s
	}
	d.Role, d.Slot = enum(d.Speaker, "role", "part.role", people), enum(d.Paper, "slot", "part.slot", documents)
	d.Where = p.Select(d.Speaker, "where", "part.where", "", where)
	d.SpeakerLang, d.PaperLang = p.Select(d.Speaker, "lang", "part.lang", "", p.LocaleChoices(i18n.All)), p.Select(d.Paper, "language", "part.file_language", "", p.LocaleChoices(i18n.All))
	d.Where.Class, d.SpeakerLang.Class, d.PaperLang.Class = "c6", "c6", "c6"
	p.D = d
	return a.render(c, status, "part", p)
}

// selectOf is the field that says in which role an item of a list is.
func selectOf(list *content.Field) *content.Field {
	for _, d := range list.Fields {
		if d.Type == content.TypeEnum && d.Need == "R" {
			return d
		}
	}
	return nil
}

// savePart adds a speaker, takes one of the own items out, or brings it back.
func (a *Admin) savePart(k *content.Kind, c *gin.Context) error {
	who, e, _, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	if !e.MayContribute(who) {
		return auth.ErrForbidden
	}
	ctx := c.Request.Context()
	op, rest, _ := strings.Cut(v.Get("op"), " ")
	switch op {
	case "speaker":
		err = a.addSpeaker(ctx, who, e, v.Get("person"), v.Get("name"), v.Get("role"), v.Get("where"), v.Get("position"), v.Get("lang"))
		var invalid auth.Invalid
		if errors.As(err, &invalid) {
			l := string(web.Locale(c))
			return a.showPart(c, who, e, http.StatusUnprocessableEntity, &partScreen{Speaker: &Form{Values: v, Bad: map[string]string{}}, Paper: newForm("slot", "background", "language", l)}, err)
		}
		if err != nil {
			return err
		}
		flash(c, "success", "part.added")
	case "take":
		return a.takePart(c, who, e, rest)
	case "bring":
		list, item, leaves := v.Get("list"), v.Get("item"), map[string]json.RawMessage{}
		if json.Unmarshal([]byte(v.Get("leaves")), &leaves) != nil || !content.ValidItemID(item) || e.Kind.Field(list).OwnRef() == nil {
			return badOp()
		}
		facts := content.Leaves{}
		for name, raw := range leaves {
			if d := e.Kind.Field(list + "." + item + "." + name); d == nil || d.Text() {
				return badOp()
			}
			facts[list+"."+item+"."+name] = raw
		}
		if err := a.saveItem(ctx, who, e.ID, list, item, content.Parts{content.Facts: facts}); err != nil {
			return partProblem(err)
		}
		flash(c, "success", "part.brought")
	default:
		return badOp()
	}
	return web.Redirect(c, partURL(e))
}

// partProblem has what a save would not take be what the form cannot have.
func partProblem(err error) error {
	var invalid *content.Invalid
	if errors.As(err, &invalid) {
		return badOp()
	}
	return err
}

// saveItem puts an item at the end of a list as it is now, with its leaves.
func (a *Admin) saveItem(ctx context.Context, who *auth.Actor, id, list, item string, set content.Parts) error {
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return a.saveItemTx(ctx, tx, who, id, list, item, set) })
}

func (a *Admin) saveItemTx(ctx context.Context, tx bun.Tx, who *auth.Actor, id, list, item string, set content.Parts) error {
	e, err := a.content.Hold(ctx, tx, who, id)
	if err != nil {
		return err
	}
	ids, err := content.ItemIDs(e.Parts[content.Facts][list])
	if err != nil {
		return err
	}
	if !slices.Contains(ids, item) {
		ids = append(ids, item)
	}
	set[content.Facts].Set(list, ids)
	_, err = a.content.SaveTx(ctx, tx, who, content.Change{ID: id, Set: set})
	return err
}

// addSpeaker puts somebody of the own organisation into the entry or an item of its programme: one who has a profile, or a new one. What
// is wrong is an auth.Invalid by the form's fields.
func (a *Admin) addSpeaker(ctx context.Context, who *auth.Actor, e *content.Entry, person, name, role, where, position, lang string) error {
	l, known := i18n.Parse(lang)
	name, position = oneLine(name), oneLine(position)
	people, nested, _ := ownLists(e.Kind)
	list, at := people, people.Path
	if where != "" {
		if nested == nil {
			return badOp() // of this kind nothing has a programme
		}
		ids, _ := content.ItemIDs(e.Parts[content.Facts][nested.Parent.Path])
		if !slices.Contains(ids, where) {
			return badOp()
		}
		list, at = nested, nested.Parent.Path+"."+where+"."+nested.Name
	}
	bad := auth.Invalid{}
	office := a.homeOffice(who, kind.PersonKind.Name)
	switch {
	case !known || !slices.Contains(kind.Values(selectOf(list).Enum), role):
		return badOp()
	case person == "" && name == "":
		bad["name"] = "part.name_missing"
	case person == "" && office == "":
		bad["name"] = "part.no_organization"
	}
	if len(bad) > 0 {
		return bad
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if person == "" {
			words, facts := content.Leaves{}, content.Leaves{}
			words.SetText("name", content.Text{Words: name})
			words.SetText("position", content.Text{Words: position})
			facts.Set("organization", office)
			saved, err := a.content.SaveTx(ctx, tx, who, content.Change{Kind: a.content.Kind(kind.PersonKind.Name), Original: l, Office: office, Set: content.Parts{content.Facts: facts, content.Part(l): words}})
			if err != nil {
				return fieldProblems(err, map[string]string{"name": "name", "position": "position"})
			}
			person = saved.ID
		}
		item := content.NewItemID()
		facts, words := content.Leaves{}, content.Leaves{}
		facts.Set(at+"."+item+"."+list.OwnRef().Name, person)
		facts.Set(at+"."+item+"."+selectOf(list).Name, role)
		if office != "" {
			facts.Set(at+"."+item+".organization", office)
		}
		words.SetText(at+"."+item+".title", content.Text{Words: position})
		return fieldProblems(a.saveItemTx(ctx, tx, who, e.ID, at, item, content.Parts{content.Facts: facts, content.Part(l): words}), map[string]string{"title": "position"})
	})
}

// fieldProblems puts what a save does not take beside the fields of a plain form, by the last name of its path.
func fieldProblems(err error, fields map[string]string) error {
	var invalid *content.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	bad := auth.Invalid{}
	for _, p := range invalid.Problems {
		name := fields[p.Path[strings.LastIndexByte(p.Path, '.')+1:]]
		if name == "" {
			return badOp()
		}
		bad[name] = "part.too_long"
	}
	return bad
}

func oneLine(s string) string { return strings.Join(strings.Fields(i18n.StripControls(s)), " ") }

// takePart takes one of the own items out of its list; what it refers to stays.
func (a *Admin) takePart(c *gin.Context, who *auth.Actor, e *content.Entry, of string) error {
	ctx := c.Request.Context()
	list, item, _ := strings.Cut(of, " ")
	if e.Kind.Field(list).OwnRef() == nil || !content.ValidItemID(item) {
		return badOp()
	}
	leaves := map[string]json.RawMessage{}
	err := a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		clear(leaves)
		e, err := a.content.Hold(ctx, tx, who, e.ID)
		if err != nil {
			return err
		}
		facts := e.Parts[content.Facts]
		ids, err := content.ItemIDs(facts[list])
		if err != nil || !slices.Contains(ids, item) {
			return errors.Join(badOp(), err)
		}
		set := content.Leaves{}
		for path, raw := range facts {
			if name, of := strings.CutPrefix(path, list+"."+item+"."); of {
				leaves[name], set[path] = raw, nil
			}
		}
		set.Set(list, slices.DeleteFunc(ids, func(id string) bool { return id == item }))
		_, err = a.content.SaveTx(ctx, tx, who, content.Change{ID: e.ID, Set: content.Parts{content.Facts: set}})
		return err
	})
	if err != nil {
		return err
	}
	b, err := json.Marshal(leaves)
	if err != nil {
		return err
	}
	flashUndo(c, "part.taken", undoPart, map[string]string{"kind": e.Kind.Path, "id": e.ID, "list": list, "item": item, "leaves": string(b)})
	return web.Redirect(c, partURL(e))
}

// savePaper takes a document's file, makes the document in the name of the own organisation, and lists it.
func (a *Admin) savePaper(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	if !e.MayContribute(who) {
		return auth.ErrForbidden
	}
	mr, err := sentParts(c)
	if err != nil {
		return err
	}
	ctx, form := c.Request.Context(), newForm()
	office := a.homeOffice(who, kind.DocumentKind.Name)
	var file *media.File
	bad := auth.Invalid{}
	if office == "" {
		bad["file"] = "part.no_organization"
	}
	refusal := ""
	for n := 0; n < 20 && file == nil && len(bad) == 0 && refusal == ""; n++ {
		part, err := nextPart(mr)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if part.FormName() != "file" { // the fields come before the file
			value, err := readPart(part, 2000)
			if err != nil {
				return err
			}
			form.Values.Set(part.FormName(), strings.ToValidUTF8(string(value), ""))
			continue
		}
		if part.FileName() == "" {
			continue
		}
		if !kindHas(k, form.Get("slot")) {
			return badOp()
		}
		words := content.Leaves{}
		words.SetText("title", content.Text{Words: oneLine(form.Get("title"))})
		if len(a.content.Unfit(a.content.Kind(kind.DocumentKind.Name), content.Parts{content.Part(e.Original): words})) > 0 {
			bad["title"] = "part.too_long" // before the file is taken
			break
		}
		file, err = a.media.Upload(ctx, who, media.Upload{Name: part.FileName(), Body: part, Office: office})
		var problem *media.Problem
		if errors.As(err, &problem) {
			refusal = a.page(c, "part.name").fileProblem(problem)
		} else if err != nil {
			return err
		}
	}
	if file == nil && len(bad) == 0 && refusal == "" {
		bad["file"] = "part.file_missing"
	}
	if len(bad) == 0 && refusal == "" {
		if err = a.addPaper(ctx, who, e, office, file, form); err == nil {
			flash(c, "success", "part.paper_added")
			return web.Redirect(c, partURL(e))
		}
		if !errors.As(err, &bad) {
			return err
		}
	}
	d := &partScreen{Speaker: newForm("role", "speaker", "lang", string(web.Locale(c))), Paper: form, FileProblem: refusal}
	return a.showPart(c, who, e, http.StatusUnprocessableEntity, d, bad)
}

// kindHas reports whether a value is one of the slots that a kind's documents have.
func kindHas(k *content.Kind, slot string) bool {
	_, _, documents := ownLists(k)
	return slices.Contains(kind.Values(selectOf(documents).Enum), slot)
}

func (a *Admin) addPaper(ctx context.Context, who *auth.Actor, e *content.Entry, office string, file *media.File, form *Form) error {
	_, _, documents := ownLists(e.Kind)
	named, guess := paper(file.Name)
	title := oneLine(form.Get("title"))
	if title == "" {
		title = named
	}
	l, known := i18n.Parse(form.Get("language"))
	if !known {
		l = guess
	}
	if l == "" {
		l = e.Original
	}
	slot := form.Get("slot")
	sort := "background_document"
	if slices.Contains(kind.Values("document_kind"), slot) {
		sort = slot
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		facts, words := content.Leaves{}, content.Leaves{}
		version, one := content.NewItemID(), content.NewItemID()
		facts.Set("kind", sort)
		facts.Set("access", "public")
		facts.Set("authors", []string{office})
		facts.Set("versions", []string{version})
		facts.Set("versions."+version+".stage", "final")
		facts.Set("versions."+version+".files", []string{one})
		facts.Set("versions."+version+".files."+one+".language", string(l))
		facts.Set("versions."+version+".files."+one+".file", file.ID)
		words.SetText("title", content.Text{Words: title})
		saved, err := a.content.SaveTx(ctx, tx, who, content.Change{Kind: a.content.Kind(kind.DocumentKind.Name), Original: l, Office: office, Set: content.Parts{content.Facts: facts, content.Part(l): words}})
		if err != nil {
			return fieldProblems(err, map[string]string{"title": "title", "file": "file"})
		}
		item := content.NewItemID()
		set := content.Leaves{}
		set.Set(documents.Path+"."+item+"."+documents.OwnRef().Name, saved.ID)
		set.Set(documents.Path+"."+item+"."+selectOf(documents).Name, slot)
		return a.saveItemTx(ctx, tx, who, e.ID, documents.Path, item, content.Parts{content.Facts: set})
	})
}
