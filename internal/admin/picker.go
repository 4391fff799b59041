package admin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

func asErr[E error](err error, to *E) bool { return errors.As(err, to) }

// options lists what a picker offers for the words typed: entries the actor may read, files, or the values of an enum.
func (a *Admin) options(ctx context.Context, t tongue, who *auth.Actor, of, q, not string, limit int) ([]choice, error) {
	if len(q) > 200 {
		q = q[:200]
	}
	q = strings.ToValidUTF8(q, "")
	if values := kind.Values(of); values != nil {
		return enumOptions(t, of, values, q, limit), nil
	}
	if of == "file" || slices.Contains(fileKinds, of) {
		query := media.Query{Search: q, Size: limit}
		if of != "file" {
			query.Kind = media.Kind(of)
		}
		files, _, err := a.media.List(ctx, who, query)
		if err != nil && !errors.Is(err, auth.ErrForbidden) {
			return nil, err
		}
		var out []choice
		for _, f := range files {
			out = append(out, choice{f.ID, f.Name})
		}
		return out, nil
	}
	k := a.content.Kind(of)
	if k == nil {
		return nil, badOp()
	}
	rows, _, err := a.content.List(ctx, who, content.ListQuery{Kind: k.Name, Search: q, Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	var out []choice
	for _, r := range rows {
		if r.ID == not || len(out) == limit {
			continue
		}
		title := rowTitle(r, t.Locale)
		if title == "" {
			title = t.T("form.untitled")
		}
		out = append(out, choice{r.ID, title})
	}
	if len(out) >= limit {
		return out, nil
	}
	// What everybody can read can be referred to by everybody: a partner need not make our organisations anew. Of these
	// only the public title is told.
	public, err := a.content.FindPublished(ctx, t.Locale, k.Name, q, limit)
	if err != nil {
		return nil, err
	}
	for _, p := range public {
		if len(out) < limit && p.ID != not && !slices.ContainsFunc(out, func(c choice) bool { return c.Value == p.ID }) {
			out = append(out, choice{p.ID, p.Title})
		}
	}
	return out, nil
}

// enumOptions finds choices by their names in the language of the panel, or by their code; what begins with the words
// comes first.
func enumOptions(t tongue, enum string, values []string, q string, limit int) []choice {
	words := strings.Fields(i18n.Fold(t.Locale, q))
	var first, then []choice
	for _, v := range values {
		label := enumLabel(t, enum, v)
		folded := i18n.Fold(t.Locale, label)
		match := true
		for _, w := range words {
			match = match && strings.Contains(folded, w)
		}
		switch {
		case strings.EqualFold(v, q) && q != "" || match && len(words) > 0 && strings.HasPrefix(folded, words[0]):
			first = append(first, choice{v, label})
		case match:
			then = append(then, choice{v, label})
		}
	}
	if enum == "language" && len(words) == 0 { // those of the house before the others
		var house []choice
		for _, l := range i18n.All {
			house = append(house, choice{string(l), enumLabel(t, enum, string(l))})
		}
		rest := then[:0:0]
		for _, c := range then {
			if _, ok := i18n.Parse(c.Value); !ok {
				rest = append(rest, c)
			}
		}
		first, then = house, rest
	} else if long(enum) {
		i18n.SortBy(t.Locale, first, func(c choice) string { return c.Label })
	}
	if long(enum) {
		i18n.SortBy(t.Locale, then, func(c choice) string { return c.Label })
	}
	out := append(first, then...)
	return out[:min(len(out), limit)]
}

// pickView is the answer to a picker: options for a listbox.
type pickView struct {
	tongue
	Options []choice
	Create  string
}

// pick answers a picker with what it found.
func (a *Admin) pick(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	t := tongue{a.cat, web.Locale(c)}
	q := strings.TrimSpace(c.Query("q"))
	options, err := a.options(c.Request.Context(), t, who, c.Query("of"), q, c.Query("not"), 12)
	if err != nil {
		return err
	}
	v := pickView{tongue: t, Options: options}
	if k := a.content.Kind(c.Query("of")); k != nil && q != "" && a.mayCreate(who, k.Name) {
		v.Create = q
		for _, o := range options {
			if sameWords(o.Label, q) {
				v.Create = "" // there is one of that name
			}
		}
	}
	return a.renderPart(c, 200, "entry", "options", &Page{a: a, Locale: t.Locale, D: v})
}

// pickNew makes a draft entry with the title typed into a picker.
func (a *Admin) pickNew(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	l, ok := i18n.Parse(c.Query("lang"))
	if !ok {
		l = web.Locale(c)
	}
	asked := v.Get("office") // of an entry that is not saved yet
	if of := c.Query("entry"); of != "" {
		e, err := a.content.Get(c.Request.Context(), who, of)
		if err != nil {
			return err
		}
		asked = e.Office
	}
	office := a.officeBeside(who, c.Query("of"), asked)
	id, err := a.createEntry(c.Request.Context(), who, c.Query("of"), l, office, v.Get("create"))
	if err != nil {
		return err
	}
	t := tongue{a.cat, web.Locale(c)}
	title := strings.Join(strings.Fields(i18n.StripControls(v.Get("create"))), " ")
	return a.renderPart(c, 200, "entry", "options", &Page{a: a, Locale: t.Locale, D: pickView{tongue: t, Options: []choice{{id, title}}}})
}

// createEntry makes a draft that has nothing but a title.
func (a *Admin) createEntry(ctx context.Context, who *auth.Actor, of string, l i18n.Locale, office, title string) (string, error) {
	k := a.content.Kind(of)
	if k == nil || k.As("title") == nil {
		return "", badOp()
	}
	if strings.TrimSpace(i18n.StripControls(title)) == "" {
		return "", &content.Invalid{Problems: []content.Problem{{Path: k.As("title").Path, Locale: l, Blocks: true, Key: "problem.required"}}}
	}
	words := content.Leaves{}
	words.SetText(k.As("title").Path, content.Text{Words: title})
	saved, err := a.content.Save(ctx, who, content.Change{Kind: k, Original: l, Office: office, Set: content.Parts{content.Part(l): words}})
	if err != nil {
		return "", err
	}
	return saved.ID, nil
}

func (a *Admin) mayCreate(who *auth.Actor, kind string) bool {
	_, ok := a.officeFor(who, kind)
	return ok
}

// offices lists for which organisations the actor may create entries of a kind, the own one first; "" is the site.
func (a *Admin) offices(who *auth.Actor, kind string) []string {
	var out []string
	try := func(office string) {
		for _, o := range out {
			if o == office {
				return
			}
		}
		if who.Can(auth.Create, auth.Object{Kind: kind, Office: office, Author: who.ID}) {
			out = append(out, office)
		}
	}
	if who.Organization != "" {
		try(who.Organization)
	}
	try("")
	for _, g := range who.Grants() {
		if g.Scope == auth.ScopeOrganisation {
			try(g.ScopeID)
		}
	}
	return out
}

// officeFor is the organisation for which the actor creates entries of a kind unless she says otherwise.
func (a *Admin) officeFor(who *auth.Actor, kind string) (string, bool) {
	all := a.offices(who, kind)
	if len(all) == 0 {
		return "", false
	}
	return all[0], true
}

// officeBeside is the organisation for which the actor creates an entry of a kind from another's form: that one's, if she may,
// else her own.
func (a *Admin) officeBeside(who *auth.Actor, kind, office string) string {
	all := a.offices(who, kind)
	if len(all) == 0 || slices.Contains(all, office) {
		return office
	}
	return all[0]
}

// uploadField is the field of an entry that a file is uploaded for, and what the file then belongs to.
type uploadField struct {
	kind *content.Kind
	def  *content.Field
	name string
	home media.Upload
}

// uploadField reads from the address which field of which entry a file is for, and asks whether the actor may change it.
func (a *Admin) uploadField(c *gin.Context, who *auth.Actor) (*uploadField, error) {
	k := a.content.Kind(c.Query("kind"))
	name := c.Query("name")
	if k == nil {
		return nil, badOp()
	}
	list, many := strings.CutPrefix(name, "add:files:")
	d := k.Field(list)
	if d == nil || d.Type != content.TypeFile && (!many || papersOf(d) == nil) {
		return nil, badOp()
	}
	up := media.Upload{}
	if id := c.Query("entry"); id != "" {
		e, err := a.content.Get(c.Request.Context(), who, id)
		if err != nil {
			return nil, err
		}
		if !e.MayEdit(who, content.Facts) {
			return nil, auth.ErrForbidden
		}
		o := e.Object()
		up.Office, up.Series, up.Event = o.Office, o.Series, o.Event
	} else {
		office, ok := a.officeFor(who, k.Name)
		if !ok {
			return nil, auth.ErrForbidden
		}
		up.Office = office
		if asked := c.Query("office"); slices.Contains(a.offices(who, k.Name), asked) {
			up.Office = asked
		}
	}
	return &uploadField{k, d, name, up}, nil
}

// fileChip answers with an uploaded file as its field shows it.
func (a *Admin) fileChip(c *gin.Context, u *uploadField, file *media.File) error {
	t := tongue{a.cat, web.Locale(c)}
	v := &fieldView{entryForm: &entryForm{tongue: t, Kind: u.kind}, Def: u.def, Path: u.name, Name: u.name, ID: u.name, File: file, Value: file.ID}
	return a.renderPart(c, 200, "entry", "file_chip", &Page{a: a, Locale: t.Locale, D: v})
}

// pickUpload stores a file for a field of an entry and answers with its card.
func (a *Admin) pickUpload(c *gin.Context) error {
	who, err := web.SignedInActor(c)
	if err != nil {
		return err
	}
	u, err := a.uploadField(c, who)
	if err != nil {
		return err
	}
	up := u.home
	r, err := sentParts(c)
	if err != nil {
		return err
	}
	for {
		part, err := r.NextPart()
		if err != nil {
			return cutOff(err)
		}
		if part.FormName() != "file" {
			continue
		}
		up.Name, up.Body = part.FileName(), part
		break
	}
	file, err := a.media.Upload(c.Request.Context(), who, up)
	var problem *media.Problem
	if asErr(err, &problem) {
		p := &Page{a: a, Locale: web.Locale(c)}
		p.D = p.fileProblem(problem)
		return a.renderPart(c, 422, "entry", "wrong_file", p)
	}
	if err != nil {
		return err
	}
	return a.fileChip(c, u, file)
}
