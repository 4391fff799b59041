package admin

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Forms that came back by mail: they are read, shown beside the event's form, and entered as staff decide. Between the two
// everything lies in the page's form, so nothing of a document is kept that nobody has decided to keep.

// mailedScreen asks for documents, and shows those that were read.
type mailedScreen struct {
	Path, Back   string
	Problems     []Link
	Files, Limit string
	Bad          bool // no document was chosen
	Docs         []*mailedDoc
	Forms        []blankForms
}

// blankForms are the forms to give out in a language.
type blankForms struct {
	Locale  i18n.Locale
	Links   []Link
	Missing string // characters that no font has
}

// mailedDoc is a document that was read; the names of its fields begin with its number.
type mailedDoc struct {
	Prefix                   string
	Name                     string // of the file
	Foreign                  string // address of the same screen of its event
	Unmarked, Older, Clashes bool
	Locale                   i18n.Locale
	Known, KnownURL          string
	Fields                   []mailedField
	Do                       []registrantChoice
	form                     *Form
	read                     map[string]string
	there                    map[string]string
}

// mailedField is a field of the event's form with what the document says in its own words, and what is registered so far.
type mailedField struct {
	registrantField
	Read, There, Bad string   // Bad in words
	Concealed        []string // what is carried along unseen, of a sensitive question
}

func (a *Admin) mailedPage(k *content.Kind, c *gin.Context) (*Page, *mailedScreen, *registration.About, error) {
	about, err := a.registration.For(c.Request.Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := a.registrantsPage(k, c, "mailed.title")
	if err != nil {
		return nil, nil, nil, err
	}
	back := registrantsURL(k, c.Param("id"))
	p.Crumbs = append(p.Crumbs, Link{p.T("registrants.title"), back})
	p.Layout = "one narrow"
	d := &mailedScreen{Path: back + "/mailed", Back: back, Files: p.Number(registration.MailInFiles), Limit: p.Bytes(registration.MailInSize)}
	p.D = d
	return p, d, about, nil
}

func (a *Admin) mailed(k *content.Kind, c *gin.Context) error {
	p, d, _, err := a.mailedPage(k, c)
	if err != nil {
		return err
	}
	if d.Forms, err = a.blankForms(c.Request.Context(), p, d.Path, c.Param("id")); err != nil {
		return err
	}
	return a.render(c, http.StatusOK, "mailed", p)
}

// readMailed reads the documents of a multipart form.
func (a *Admin) readMailed(k *content.Kind, c *gin.Context) error {
	p, d, about, err := a.mailedPage(k, c)
	if err != nil {
		return err
	}
	mr, err := sentParts(c)
	if err != nil {
		return err
	}
	bad := func(file, problem string) {
		d.Problems = append(d.Problems, Link{Text: p.T("mailed.problem", "File", i18n.Isolate(file), "Problem", problem)})
	}
	for n := 0; ; {
		part, err := nextPart(mr)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		b, err := readPart(part, registration.MailInSize)
		if err != nil {
			return err
		}
		name := i18n.StripControls(part.FileName())
		if name == "" {
			continue
		}
		if n++; n > registration.MailInFiles {
			d.Problems = append(d.Problems, Link{Text: p.T("mailed.many", "Files", d.Files)})
			break
		}
		r, err := a.registration.ReadBack(c.Request.Context(), web.Actor(c), c.Param("id"), b)
		var invalid *registration.Invalid
		switch {
		case errors.As(err, &invalid):
			bad(name, p.T(invalid.Problems[0].Key))
			continue
		case err != nil:
			return err
		}
		doc := &mailedDoc{Prefix: strconv.Itoa(n) + ".", Name: name, Locale: r.Locale, Unmarked: !r.Marked, Older: r.Older, form: newForm(), read: r.Read}
		if r.Foreign {
			doc.Foreign = registrantsURL(k, r.Event) + "/mailed"
			d.Docs = append(d.Docs, doc)
			continue
		}
		for name, vs := range r.Values {
			doc.form.Values[name] = vs
		}
		doc.form.Values.Set("do", "enter")
		if r.Known != nil {
			doc.form.Values.Set("do", "skip") // which of the two is right, somebody decides
		}
		p.mailedDoc(k, c, about, doc, r.Known, r.Problems)
		d.Docs = append(d.Docs, doc)
	}
	status := http.StatusOK
	if len(d.Docs)+len(d.Problems) == 0 {
		d.Bad = true
		d.Problems = []Link{{p.T("mailed.none"), "#documents"}}
	}
	if len(d.Docs) == 0 {
		p.Failed, status = true, http.StatusUnprocessableEntity
	}
	return a.render(c, status, "mailed", p)
}

// mailedDoc fills in what the page shows of a document.
func (p *Page) mailedDoc(k *content.Kind, c *gin.Context, about *registration.About, doc *mailedDoc, known *registration.Registration, problems []registration.Problem) {
	if known != nil {
		doc.Known, doc.KnownURL = known.Name, registrantsURL(k, c.Param("id"))+"/"+known.ID
		doc.there = p.registered(about, known)
	}
	wrong := map[string]registration.Problem{}
	for _, x := range problems {
		if _, ok := wrong[x.Field]; !ok {
			wrong[x.Field] = x
		}
	}
	if bad, ok := wrong[registration.FieldName]; ok {
		doc.form.Bad[registration.FieldName] = bad.Key
	}
	for _, x := range p.registrantFields(about, doc.form) {
		f := mailedField{registrantField: x, Read: doc.read[x.Name], There: doc.there[x.Name]}
		if vs := doc.form.Values[x.Name]; slices.ContainsFunc(vs, registration.Concealed) {
			f.Kind, f.Concealed = "concealed", vs
		}
		if bad, ok := wrong[x.Name]; ok && (f.Kind == "concealed" || x.Kind == "checks" || len(bad.Args) > 0) {
			f.Bad = p.T(bad.Key, bad.Args...)
		} else if ok { // the parts of the form tell a plain message themselves
			f.Field.Bad, f.Select.Bad = bad.Key, bad.Key
		}
		f.Name = doc.Prefix + x.Name
		f.Field.Name, f.Select.Name = f.Name, f.Name
		doc.Fields = append(doc.Fields, f)
	}
	offer := []string{"enter", "skip"}
	if known != nil {
		offer = []string{"merge", "skip"}
	}
	if do := doc.form.Get("do"); !slices.Contains(offer, do) { // what was chosen is not to be had any more: nothing is done unseen
		doc.form.Values.Set("do", "skip")
		if known == nil {
			doc.form.Values.Set("do", "enter")
		}
	}
	for _, v := range offer {
		doc.Do = append(doc.Do, registrantChoice{Choice{Value: v, Text: p.T("mailed." + v)}, doc.form.Get("do") == v})
	}
}

// registered is a registration in words, by field of the form.
func (p *Page) registered(about *registration.About, r *registration.Registration) map[string]string {
	out := map[string]string{registration.FieldName: r.Name, registration.FieldOrganization: r.Organization, registration.FieldPosition: r.Position, registration.FieldCategory: p.category(*about, r.Category)}
	out[registration.FieldMode], _ = p.modeOf(*about, r)
	if r.Country != "" {
		out[registration.FieldCountry] = i18n.CountryName(p.Locale, r.Country)
	}
	for i := range about.Form.Fields {
		x := &about.Form.Fields[i]
		if r.Answers[x.ID].Hidden() {
			out[registration.QuestionPrefix+x.ID] = p.T(about.Hides())
			continue
		}
		var words []string
		for _, v := range r.Answers[x.ID].Values {
			words = append(words, x.Words(v, p.Locale, about.Original, func(key string) string { return p.T(key) }))
		}
		out[registration.QuestionPrefix+x.ID] = strings.Join(words, "; ")
	}
	for id := range r.Consents {
		out[registration.ConsentPrefix+id] = p.T("registration.yes")
	}
	return out
}

// Any says whether there is a document to do something with.
func (d *mailedScreen) Any() bool {
	return slices.ContainsFunc(d.Docs, func(x *mailedDoc) bool { return x.Foreign == "" })
}

// Hidden are what a document's part of the form carries along unseen: name, value.
func (d *mailedDoc) Hidden() [][2]string {
	flag := func(b bool) string {
		if b {
			return "1"
		}
		return ""
	}
	out := [][2]string{{"file", d.Name}, {"lang", string(d.Locale)}, {"unmarked", flag(d.Unmarked)}, {"older", flag(d.Older)}}
	for name, w := range d.read {
		out = append(out, [2]string{"read." + name, w})
	}
	slices.SortFunc(out, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	for i := range out {
		out[i][0] = d.Prefix + out[i][0]
	}
	return out
}

// enterMailed does with each document what was chosen. Those with which something is wrong come back, as they were typed.
func (a *Admin) enterMailed(k *content.Kind, c *gin.Context) error {
	p, d, about, err := a.mailedPage(k, c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who, event := c.Request.Context(), web.Actor(c), c.Param("id")
	entered, merged := 0, 0
	for n := 1; n <= registration.MailInFiles; n++ {
		prefix := strconv.Itoa(n) + "."
		values := url.Values{}
		for name, vs := range form {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				values[rest] = vs
			}
		}
		if len(values) == 0 {
			continue
		}
		l, ok := i18n.Parse(values.Get("lang"))
		if !ok {
			l = about.Original
		}
		sub := registration.Submission{Locale: l, Values: values}
		switch values.Get("do") {
		case "enter":
			if _, err = a.registration.Add(ctx, who, event, registration.MailIn, sub); err == nil {
				entered++
			}
		case "merge":
			if _, err = a.registration.Merge(ctx, who, event, sub); err == nil {
				merged++
			}
		default:
			continue
		}
		if err == nil {
			continue
		}
		var invalid *registration.Invalid
		if !errors.As(err, &invalid) {
			return err
		}
		doc := &mailedDoc{Prefix: prefix, Name: i18n.StripControls(values.Get("file")), Locale: l, Unmarked: values.Get("unmarked") != "", Older: values.Get("older") != "",
			form: newForm(), read: map[string]string{}}
		for name, vs := range values {
			if rest, ok := strings.CutPrefix(name, "read."); ok {
				doc.read[rest] = vs[0]
			}
		}
		doc.form.Values = values
		known, err := a.registration.Known(ctx, who, event, values.Get(registration.FieldMail))
		if err != nil {
			return err
		}
		p.mailedDoc(k, c, about, doc, known, invalid.Problems)
		for _, x := range invalid.Problems {
			link := Link{Text: p.T("mailed.problem", "File", i18n.Isolate(doc.Name), "Problem", p.T(x.Key, x.Args...))}
			if i := slices.IndexFunc(doc.Fields, func(f mailedField) bool { return f.Name == prefix+x.Field }); i >= 0 {
				link.URL = "#" + prefix + x.Field
				if w := doc.Fields[i].Label; w != "" {
					link.Text = p.T("mailed.problem", "File", i18n.Isolate(doc.Name), "Problem", p.T("page.field_problem", "Field", w, "Problem", p.T(x.Key, x.Args...)))
				}
			}
			d.Problems = append(d.Problems, link)
		}
		d.Docs = append(d.Docs, doc)
	}
	if entered > 0 {
		flash(c, "success", "mailed.entered", "Count", p.Number(entered))
	}
	if merged > 0 {
		flash(c, "success", "mailed.merged", "Count", p.Number(merged))
	}
	if len(d.Docs) == 0 {
		return web.Redirect(c, d.Back)
	}
	p.Failed = true
	return a.render(c, http.StatusUnprocessableEntity, "mailed", p)
}

// blankForms lists the forms of an event to give out; none where nobody can send them back.
func (a *Admin) blankForms(ctx context.Context, p *Page, path, event string) (all []blankForms, err error) {
	e, err := a.registration.Event(ctx, event)
	if errors.Is(err, db.ErrNotFound) || err == nil && e.Form.Mailbox == "" {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for _, l := range i18n.All {
		document, err := a.registration.Blank(ctx, e, l)
		if err != nil {
			return nil, err
		}
		x, err := a.registration.Print(ctx, e, l)
		if err != nil {
			return nil, err
		}
		at := func(ending string) string { return path + "/form." + ending + "?lang=" + string(l) }
		all = append(all, blankForms{l, []Link{{p.T("print.document", "Size", p.Bytes(int64(len(document)))), at("docx")}, {p.T("print.form", "Size", p.Bytes(x.Size)), at("pdf")}}, x.Missing})
	}
	return all, nil
}

// blankForm sends the form of an event in a language.
func (a *Admin) blankForm(kind, ending string, give func(context.Context, *registration.Event, i18n.Locale) ([]byte, error)) func(*content.Kind, *gin.Context) error {
	return func(k *content.Kind, c *gin.Context) error {
		ctx, id := c.Request.Context(), c.Param("id")
		if _, err := a.registration.For(ctx, web.Actor(c), id); err != nil {
			return err
		}
		e, err := a.registration.Event(ctx, id)
		l, ok := i18n.Parse(c.Query("lang"))
		if err != nil || !ok || e.Form.Mailbox == "" {
			return cmp.Or(err, db.ErrNotFound)
		}
		b, err := give(ctx, e, l)
		if err != nil {
			return err
		}
		return sendFile(c, kind, "form-"+id+"-"+string(l)+"."+ending, b)
	}
}
