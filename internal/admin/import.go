package admin

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// importScreen is a list of people from a file: to be sent, looked at, being taken, or taken.
type importScreen struct {
	Path, Back string
	File       string // what is wrong with the file that was sent
	Import     *registration.Import
	Done       int
	Form       *Form
	Columns    []Select
	Merge      bool
	Consents   []registrantChoice
	Counts     []registrantCount
	Heads      []string
	Rows       []importRow
	Only, Page string // which rows are shown
	Take       int    // rows that something is done with
	Print      string
	From, To   int
	Found      int
	Prev, Next string
	Refresh    string
	Limits     []any
	Public     bool // there is a form to take people in by
}

type importRow struct {
	Number        int
	Outcome       registration.Fate
	Tone          string
	Cells         []importCell
	Others        []string // problems of fields that no column is
	Op            string   // what a press does with somebody who is perhaps there
	Title, Reason string
}

type importCell struct {
	Head, Text string
	Bad        string
}

var outcomeTones = map[registration.Fate]string{registration.Placed: "ok", registration.Queued: "warn", registration.Merged: "rev", registration.LeftOut: "", registration.Perhaps: "warn",
	registration.NoPlace: "bad", registration.Defective: "bad"}

// importSize is how many rows a page shows.
const importSize = 50

func importURL(k *content.Kind, id string) string { return registrantsURL(k, id) + "/import" }

func (a *Admin) importPage(k *content.Kind, c *gin.Context) error {
	return a.showImport(k, c, nil, nil)
}

// showImport draws the list; with what was wrong with a file, or with a plan that was sent.
func (a *Admin) showImport(k *content.Kind, c *gin.Context, sent *Form, refused error) error {
	ctx, id, who := c.Request.Context(), c.Param("id"), web.Actor(c)
	about, err := a.registration.For(ctx, who, id)
	if err != nil {
		return err
	}
	x, err := a.registration.Import(ctx, who, id)
	if err != nil {
		return err
	}
	p, err := a.belowRegistrants(k, c, "import.title")
	if err != nil {
		return err
	}
	d := importScreen{Path: importURL(k, id), Back: registrantsURL(k, id), Import: x, Refresh: importURL(k, id), Form: sent, Public: about.Public,
		Limits: []any{"Rows", p.Number(sheet.MaxRows), "Columns", p.Number(sheet.MaxColumns), "Size", p.Number(sheet.MaxBytes >> 20)}}
	status := http.StatusOK
	if refused != nil {
		if !d.refused(p, refused) {
			return refused
		}
		status = http.StatusUnprocessableEntity
	}
	if x != nil {
		d.Done = x.Done()
		if x.State == registration.Reviewing && about.Public || x.State == registration.Finished && about.Public {
			if err := a.reviewImport(c, p, &d, about); err != nil {
				return err
			}
		}
	}
	if !about.Public {
		p.Flashes = append(p.Flashes, flashed{Notice: Notice{"info", p.T("registrants.not_public")}})
	}
	p.D = d
	return a.render(c, status, "registrants_import", p)
}

// refused writes what is wrong in words, and says whether it is something to tell.
func (d *importScreen) refused(p *Page, err error) bool {
	var file *sheet.Problem
	var bad *registration.Invalid
	switch {
	case errors.As(err, &file):
		d.File = p.T(file.Key, file.Args...)
	case errors.As(err, &bad):
		for _, x := range bad.Problems {
			if x.Field == "file" {
				d.File = p.T(x.Key, x.Args...)
				continue
			}
			if d.Form == nil {
				d.Form = newForm()
			}
			d.Form.Problems = append(d.Form.Problems, Link{Text: p.T(x.Key, x.Args...), URL: map[bool]string{true: "#" + x.Field}[x.Field != ""]})
			if x.Field != "" {
				d.Form.Bad[x.Field] = x.Key
			}
		}
	default:
		return false
	}
	p.Failed = true
	return true
}

func (a *Admin) reviewImport(c *gin.Context, p *Page, d *importScreen, about *registration.About) error {
	x := d.Import
	only := registration.Fate(c.Query("becomes"))
	if only != "" && !slices.Contains(registration.Fates, only) {
		return errQuery()
	}
	page, _ := web.Page(c)
	d.Only, d.Page = string(only), strconv.Itoa(page)
	offset := (page - 1) * importSize
	r, err := a.registration.Review(c.Request.Context(), web.Actor(c), c.Param("id"), only, offset, importSize)
	if err != nil {
		return err
	}
	at := func(only registration.Fate, page int) string {
		v := url.Values{}
		if only != "" {
			v.Set("becomes", string(only))
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		return strings.TrimSuffix(d.Path+"?"+v.Encode(), "?")
	}
	d.Counts = append(d.Counts, registrantCount{p.T("import.all"), at("", 1), r.Total, only == ""})
	for _, o := range registration.Fates {
		if n := r.Counts[o]; n > 0 || o == only {
			d.Counts = append(d.Counts, registrantCount{p.T("import.outcome." + string(o)), at(o, 1), n, o == only})
		}
	}
	d.Take = r.Counts[registration.Placed] + r.Counts[registration.Queued] + r.Counts[registration.Merged]
	d.Print, d.Found = x.Print(), r.Found
	if page > 1 {
		d.Prev = at(only, page-1)
	}
	if offset+len(r.Rows) < r.Found {
		d.Next = at(only, page+1)
	}
	d.From, d.To = min(offset+1, r.Found), offset+len(r.Rows)

	labels := map[string]string{}
	var choices []Choice
	for _, f := range about.Form.ImportFields() {
		labels[f.Name] = p.importLabel(about, f)
		choices = append(choices, Choice{Value: f.Name, Text: labels[f.Name]})
	}
	var shown []string
	for _, f := range x.Plan.Columns {
		if f != "" && x.State == registration.Reviewing {
			shown = append(shown, f)
			d.Heads = append(d.Heads, labels[f])
		}
	}
	for _, row := range r.Rows {
		y := importRow{Number: row.Number, Outcome: row.Outcome, Tone: outcomeTones[row.Outcome]}
		if row.Like && x.State == registration.Reviewing {
			verb := "anyway"
			if row.Outcome != registration.Perhaps {
				verb = "leave"
			}
			y.Op = verb + " " + strconv.Itoa(row.Number)
		}
		bad := map[string]string{}
		for _, problem := range row.Problems {
			w := p.T(problem.Key, problem.Args...)
			if !slices.Contains(shown, problem.Field) {
				if l := labels[problem.Field]; l != "" {
					w = p.T("page.field_problem", "Field", l, "Problem", w)
				}
				y.Others = append(y.Others, w)
				continue
			}
			bad[problem.Field] = w
		}
		for _, f := range shown {
			value := p.importValue(about, f, row.Values[f])
			if slices.Contains(row.Hidden, f) {
				value = p.T(about.Hides())
			}
			y.Cells = append(y.Cells, importCell{labels[f], value, bad[f]})
		}
		d.Rows = append(d.Rows, y)
	}
	if x.State != registration.Reviewing {
		return nil
	}
	if d.Form == nil {
		d.Form = newForm("channel", x.Plan.Channel, "lang", string(x.Plan.Locale), "there", "left")
		if x.Plan.Merge {
			d.Form.Values.Set("there", "merge")
		}
		for i, f := range x.Plan.Columns {
			d.Form.Values.Set(registration.ColumnField(i), f)
		}
		d.Form.Values["consented"] = x.Plan.Consented
	}
	d.Merge = d.Form.Get("there") == "merge"
	for i, head := range x.Head {
		if head == "" {
			head = p.T("import.column", "Number", p.Number(i+1))
		}
		name := registration.ColumnField(i)
		d.Columns = append(d.Columns, Select{P: p, Name: name, Label: head, Value: d.Form.Get(name), Bad: d.Form.Bad[name], Any: p.T("import.leave"), Choices: choices})
	}
	for _, x := range about.Form.Consents {
		w, _ := x.Text.Pick(p.Locale, about.Original)
		d.Consents = append(d.Consents, registrantChoice{Choice{Value: x.ID, Text: w}, d.Form.Has("consented", x.ID)})
	}
	return nil
}

// importLabel is what a field is called.
func (p *Page) importLabel(about *registration.About, f registration.ImportField) string {
	switch f.Name {
	case registration.FieldLocale:
		return p.T("registrants.letters_in")
	case registration.FieldName, registration.FieldMail, registration.FieldCategory, registration.FieldMode, registration.FieldOrganization, registration.FieldPosition, registration.FieldCountry:
		return p.T("registrants.column." + f.Name)
	}
	w, _ := f.Label.Pick(p.Locale, about.Original)
	return w
}

// importValue is a value as people read it.
func (p *Page) importValue(about *registration.About, field string, vs []string) string {
	var out []string
	say := func(key string) string { return p.T(key) }
	for _, v := range vs {
		switch {
		case field == registration.FieldCategory:
			v = p.category(*about, v)
		case field == registration.FieldMode && slices.Contains(registration.Modes, v):
			v = p.T("enum.registration_mode." + v)
		case field == registration.FieldCountry:
			v = i18n.CountryName(p.Locale, v)
		case field == registration.FieldLocale:
			if l, ok := i18n.Parse(v); ok {
				v = l.Endonym()
			}
		case strings.HasPrefix(field, registration.ConsentPrefix) && v == "1":
			v = p.T("registration.yes")
		}
		for i := range about.Form.Fields {
			if x := &about.Form.Fields[i]; registration.QuestionPrefix+x.ID == field {
				v = x.Words(v, p.Locale, about.Original, say)
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, "; ")
}

// uploadImport takes the file.
func (a *Admin) uploadImport(k *content.Kind, c *gin.Context) error {
	r, err := sentParts(c)
	if err != nil {
		return err
	}
	for {
		part, err := nextPart(r)
		if errors.Is(err, io.EOF) {
			return a.showImport(k, c, nil, &sheet.Problem{Key: "import.no_file"})
		}
		if err != nil {
			return err
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		body, err := readPart(part, sheet.MaxBytes)
		if err != nil {
			return err
		}
		err = a.registration.Upload(c.Request.Context(), web.Actor(c), c.Param("id"), part.FileName(), body, web.Locale(c))
		if err != nil {
			return a.showImport(k, c, nil, err)
		}
		return web.Redirect(c, importURL(k, c.Param("id")))
	}
}

// planImport looks again, takes the list or drops it.
func (a *Admin) planImport(k *content.Kind, c *gin.Context) error {
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who, id := c.Request.Context(), web.Actor(c), c.Param("id")
	verb, number, _ := strings.Cut(values.Get("op"), " ")
	switch verb {
	case "anyway", "leave":
		n, numberErr := strconv.Atoi(number)
		if numberErr != nil {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		err = a.registration.TakeAnyway(ctx, who, id, values.Get("print"), n, verb == "anyway")
		if err == nil {
			to := importURL(k, id)
			if v := (url.Values{"becomes": filled(values["becomes"]), "page": filled(values["page"])}).Encode(); v != "" {
				to += "?" + v
			}
			return web.Redirect(c, to+"#row-"+strconv.Itoa(n))
		}
	case "drop":
		if err = a.registration.DropImport(ctx, who, id); err == nil {
			flash(c, "success", "import.dropped")
		}
	case "stop":
		err = a.registration.StopImport(ctx, who, id)
	case "take":
		err = a.registration.TakeImport(ctx, who, id, values.Get("print"))
	case "look":
		x, readErr := a.registration.Import(ctx, who, id)
		if readErr != nil {
			return readErr
		}
		if x == nil {
			return web.Redirect(c, importURL(k, id))
		}
		l, _ := i18n.Parse(values.Get("lang"))
		plan := registration.Plan{Merge: values.Get("there") == "merge", Locale: l, Channel: values.Get("channel"), Consented: values["consented"], Anyway: x.Plan.Anyway}
		for i := range x.Head {
			plan.Columns = append(plan.Columns, values.Get(registration.ColumnField(i)))
		}
		err = a.registration.SetPlan(ctx, who, id, plan)
	default:
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	var bad *registration.Invalid
	if errors.As(err, &bad) {
		var f *Form
		if values.Get("op") == "look" {
			f = newForm()
			f.Values = values
		}
		return a.showImport(k, c, f, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, importURL(k, id))
}
