package admin

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/memory"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Terms that the office has agreed, and the memory of what was translated: for all who write words to look at, for those who look
// after the whole office to keep.

const (
	termsURL  = "/admin/terms"
	memoryURL = "/admin/memory"
)

// termRoutes are the addresses of terms and memory.
func (a *Admin) termRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	read, keep := web.Needs(auth.EditText), web.Needs(auth.EditFacts)
	at := func(method, path string, rule web.Rule, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: method, Path: path, Rule: rule, Class: web.Personal, Handle: handle}
	}
	upload := func(path string, handle func(*gin.Context) error) web.Route {
		return web.Route{Method: post, Path: path, Rule: keep, Class: web.Personal, Upload: true, MaxBody: exchange.MaxBytes + 1<<20, Handle: handle}
	}
	return []web.Route{
		at(get, termsURL, read, a.terms), at(get, termsURL+"/new", keep, a.termForm), at(post, termsURL+"/new", keep, a.saveTerm),
		at(get, termsURL+"/export.csv", read, a.exportTerms), at(get, termsURL+"/export.xlsx", read, a.exportTerms), at(get, termsURL+"/export.tbx", read, a.exportTerms),
		at(get, termsURL+"/import", keep, a.importTerms), upload(termsURL+"/import", a.readTerms), at(post, termsURL+"/import/take", keep, a.takeTerms),
		at(get, termsURL+"/:term", read, a.termForm), at(post, termsURL+"/:term", keep, a.saveTerm),
		at(get, memoryURL, read, a.memoryList), at(post, memoryURL, keep, a.forgetMemory), at(get, memoryURL+"/export.tmx", read, a.exportMemory),
		at(get, memoryURL+"/import", keep, a.importMemory), upload(memoryURL+"/import", a.readMemory), at(post, memoryURL+"/import/take", keep, a.takeMemory),
	}
}

// termScreen lists terms.
type termScreen struct {
	Filter            *Form
	Locales, Statuses []Choice
	Rows              []termLine
	web.Pager
	Filtered, Keep bool
	Exports        []Link
}

type termLine struct {
	ID, Title, Subject string
	Lang               i18n.Locale
	Names              []exchange.TermName // preferred ones, but that of the title
	Avoid              []string
}

func (p *Page) termLine(t exchange.Term) termLine {
	out := termLine{ID: t.ID, Subject: t.Subject}
	for _, l := range append([]i18n.Locale{p.Locale, i18n.EN}, i18n.All...) {
		if in := t.In(l, exchange.Preferred); len(in) > 0 {
			out.Title, out.Lang = in[0], l
			break
		}
	}
	for _, n := range t.Names {
		switch {
		case n.Status == exchange.OldName || n.Status == exchange.Forbidden:
			out.Avoid = append(out.Avoid, n.Name)
		case out.Title == "":
			out.Title, out.Lang = n.Name, n.Locale
		case n.Status == exchange.Preferred && n.Locale != out.Lang:
			out.Names = append(out.Names, n)
		}
	}
	if out.Title == "" && len(t.Names) > 0 {
		out.Title, out.Lang = t.Names[0].Name, t.Names[0].Locale
	}
	return out
}

func (a *Admin) terms(c *gin.Context) error {
	who := web.Actor(c)
	p := a.page(c, "terms.title")
	p.Active, p.Layout = "terms", "one"
	form := &Form{Values: c.Request.URL.Query(), Bad: map[string]string{}}
	q := memory.TermQuery{Search: form.Get("q"), Status: exchange.TermStatus(form.Get("status"))}
	var err error
	if q.Locale, err = filterLocale(form, "lang"); err == nil {
		q.Lacking, err = filterLocale(form, "lacking")
	}
	if err != nil {
		return err
	}
	if q.Status != "" && !slices.Contains(exchange.TermStatuses, q.Status) {
		return errQuery()
	}
	d := termScreen{Filter: form, Locales: p.LocaleChoices(p.SiteLocales()), Keep: memory.MayKeep(who),
		Filtered: q.Search != "" || q.Locale != "" || q.Status != "" || q.Lacking != ""}
	for _, s := range exchange.TermStatuses {
		d.Statuses = append(d.Statuses, Choice{Value: string(s), Text: p.T("terms.status." + string(s))})
	}
	d.Pager, err = paged(c, func(part auth.Paging) (int, error) {
		q.Paging = part
		rows, total, err := a.memory.Terms(c.Request.Context(), who, q)
		for _, t := range rows {
			d.Rows = append(d.Rows, p.termLine(t.Term))
		}
		return total, err
	})
	if err != nil {
		return err
	}
	for _, e := range [][2]string{{"terms.export_csv", "csv"}, {"terms.export_xlsx", "xlsx"}, {"terms.export_tbx", "tbx"}} {
		d.Exports = append(d.Exports, Link{p.T(e[0]), termsURL + "/export." + e[1]})
	}
	p.D = d
	return a.render(c, http.StatusOK, "terms", p)
}

// termEdit is one term: for each language a field of names to each status, a line each.
type termEdit struct {
	Path   string
	Form   *Form
	Tongue []termTongue
	Keep   bool
	New    bool
	Back   string
}

type termTongue struct {
	Locale i18n.Locale
	Open   bool
	Fields []Field
}

// termForm shows a term, or an empty form for one.
func (a *Admin) termForm(c *gin.Context) error {
	form := newForm("version", "0")
	if id := c.Param("term"); id != "" {
		t, err := a.memory.Term(c.Request.Context(), web.Actor(c), id)
		if err != nil {
			return err
		}
		form.Values.Set("version", strconv.Itoa(t.Version))
		form.Values.Set("subject", t.Subject)
		form.Values.Set("note", t.Note)
		for _, l := range i18n.All {
			for _, s := range exchange.TermStatuses {
				form.Values.Set(string(l)+"."+string(s), strings.Join(t.In(l, s), "\n"))
			}
		}
	}
	return a.showTerm(c, http.StatusOK, form)
}

func (a *Admin) showTerm(c *gin.Context, status int, form *Form) error {
	id := c.Param("term")
	p := a.page(c, "terms.new")
	p.Active, p.Layout = "terms", "one narrow"
	p.Crumbs = []Link{{p.T("terms.title"), termsURL}}
	d := termEdit{Path: termsURL + "/new", Form: form, Keep: memory.MayKeep(web.Actor(c)), New: id == "", Back: termsURL}
	if id != "" {
		d.Path = termsURL + "/" + id
		p.Title = ""
	}
	for _, l := range p.SiteLocales() {
		x := termTongue{Locale: l, Open: l == i18n.EN || l == p.Locale}
		for _, s := range exchange.TermStatuses {
			name := string(l) + "." + string(s)
			f := Field{P: p, Name: name, Label: p.T("terms.status." + string(s)), Value: form.Get(name), Type: "text", Bad: form.Bad[name], Lang: ""}
			if s != exchange.Preferred {
				f.Rows = max(strings.Count(f.Value, "\n")+1, 2)
			} else if p.Title == "" {
				p.Title = f.Value
			}
			x.Open = x.Open || f.Value != "" || f.Bad != ""
			x.Fields = append(x.Fields, f)
		}
		d.Tongue = append(d.Tongue, x)
	}
	if p.Title == "" {
		p.Title = p.T("terms.one")
	}
	p.D = d
	return a.render(c, status, "term", p)
}

// saveTerm stores a term, or takes it away.
func (a *Admin) saveTerm(c *gin.Context) error {
	ctx, who, id := c.Request.Context(), web.Actor(c), c.Param("term")
	if id != "" { // a foreign id tells nothing, whatever was sent
		if _, err := a.memory.Term(ctx, who, id); err != nil {
			return err
		}
	}
	values, err := web.Form(c)
	if err != nil {
		return err
	}
	if values.Get("op") == "delete" && id != "" {
		was, err := a.memory.Term(ctx, who, id)
		if err != nil {
			return err
		}
		if err := a.memory.DeleteTerm(ctx, who, id); err != nil {
			return err
		}
		with := map[string]string{"subject": was.Subject, "note": was.Note}
		for _, l := range i18n.All {
			for _, s := range exchange.TermStatuses {
				if names := was.In(l, s); len(names) > 0 {
					with[string(l)+"."+string(s)] = strings.Join(names, "\n")
				}
			}
		}
		flashUndo(c, "terms.deleted", undoTerm, with)
		return web.Redirect(c, termsURL)
	}
	form := &Form{Values: values, Bad: map[string]string{}}
	t := exchange.Term{ID: id, Subject: form.Get("subject"), Note: form.Get("note")}
	for _, l := range i18n.All {
		for _, s := range exchange.TermStatuses {
			for name := range strings.Lines(strings.ReplaceAll(form.Get(string(l)+"."+string(s)), "\r", "\n")) {
				t.Names = append(t.Names, exchange.TermName{Locale: l, Name: name, Status: s})
			}
		}
	}
	version, _ := strconv.Atoi(form.Get("version"))
	_, err = a.memory.SaveTerm(ctx, who, t, version)
	var invalid *memory.Invalid
	switch {
	case errors.As(err, &invalid):
		for _, x := range invalid.Problems {
			form.Bad[x.Field] = x.Key
			form.Problems = append(form.Problems, Link{web.T(c, x.Key, x.Args...), "#" + x.Field})
		}
		return a.showTerm(c, http.StatusUnprocessableEntity, form)
	case errors.Is(err, memory.ErrChanged):
		form.Problems = []Link{{web.T(c, "terms.changed"), termsURL + "/" + id}}
		return a.showTerm(c, http.StatusConflict, form)
	case err != nil:
		return err
	}
	flash(c, "success", "terms.saved")
	return web.Redirect(c, termsURL)
}

func (a *Admin) exportTerms(c *gin.Context) error {
	all, err := a.memory.AllTerms(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	ending := c.FullPath()[strings.LastIndex(c.FullPath(), ".")+1:]
	if ending == "tbx" {
		return sendFile(c, "application/x-tbx+xml", "terms.tbx", exchange.WriteTBX(all, a.settings.Site().Name.In(web.Locale(c))))
	}
	var b bytes.Buffer
	if err := exchange.TermTable(all).Write(&b, sheet.Format(ending)); err != nil {
		return err
	}
	return sendFile(c, sheet.Format(ending).MediaType(), "terms."+ending, b.Bytes())
}

// fileReview is a file of terms or of a memory that was sent and is looked at.
type fileReview struct {
	Path, Back, File, Bad, Limit string
	Name, Accept                 string
	Counts                       []exchangeCount
	Terms                        []termImport
	Pairs                        []memoryLine
	Rest, Take                   int
	Help                         string
}

type termImport struct {
	termLine
	Number   int
	Tone     string
	Fate     memory.TermFate
	Problems []string
}

// reviewRows is how many rows of a file a page shows.
const reviewRows = 200

var termTones = map[memory.TermFate]string{memory.TermBad: "bad", memory.TermChanges: "rev", memory.TermNew: "ok"}

func (a *Admin) fileReview(c *gin.Context, terms bool, problem error) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	if !memory.MayKeep(who) {
		return auth.ErrForbidden
	}
	sort, title, base := memory.SortMemory, "memory.import", memoryURL
	d := fileReview{Accept: ".tmx", Help: "memory.import_help"}
	if terms {
		sort, title, base = memory.SortTerms, "terms.import", termsURL
		d.Accept, d.Help = ".csv,.xlsx,.tbx,.xml,text/csv", "terms.import_help"
	}
	p := a.page(c, title)
	p.Active, p.Layout = strings.TrimPrefix(base, "/admin/"), "one"
	p.Crumbs = []Link{{p.T(p.Active + ".title"), base}}
	d.Path, d.Back, d.Limit = base+"/import", base, p.Bytes(exchange.MaxBytes)
	status := http.StatusOK
	w, err := a.memory.Waiting(ctx, who, sort)
	if err != nil {
		return err
	}
	if w != nil && problem == nil {
		d.Name = w.File
		if terms {
			problem, err = a.reviewTerms(c, p, &d, w)
		} else {
			problem, err = a.reviewMemory(p, &d, w)
		}
		if err != nil {
			return err
		}
	}
	if problem != nil {
		var file *sheet.Problem
		switch x := exchange.Refused(problem); {
		case x != nil:
			d.Bad = p.T(x.Key, x.Args...)
		case errors.As(problem, &file):
			d.Bad = p.T(file.Key, file.Args...)
		default:
			return problem
		}
		status = http.StatusUnprocessableEntity
	}
	p.D = d
	return a.render(c, status, "termfile", p)
}

func (a *Admin) reviewTerms(c *gin.Context, p *Page, d *fileReview, w *memory.Waiting) (problem, err error) {
	file, problem := w.Terms()
	if problem != nil {
		return problem, nil
	}
	lines, err := a.memory.ReviewTerms(c.Request.Context(), web.Actor(c), file)
	if err != nil {
		return nil, err
	}
	for _, fate := range memory.TermFates {
		n := 0
		for _, x := range lines {
			if x.Fate != fate {
				continue
			}
			if n++; len(d.Terms) == reviewRows {
				d.Rest++
				continue
			}
			row := termImport{termLine: p.termLine(x.Term), Number: x.Number, Fate: fate, Tone: termTones[fate]}
			for _, y := range x.Problems {
				row.Problems = append(row.Problems, p.T(y.Key, y.Args...))
			}
			d.Terms = append(d.Terms, row)
		}
		if n > 0 {
			d.Counts = append(d.Counts, exchangeCount{p.T("terms.fate." + string(fate)), n})
		}
		if fate == memory.TermNew || fate == memory.TermChanges {
			d.Take += n
		}
	}
	return nil, nil
}

func (a *Admin) importTerms(c *gin.Context) error { return a.fileReview(c, true, nil) }

func (a *Admin) readTerms(c *gin.Context) error {
	return a.readFile(c, memory.SortTerms, termsURL, func(body []byte) error { _, err := exchange.ReadTerms(body); return err })
}

// readFile lays a file aside to be looked at, if it can be read.
func (a *Admin) readFile(c *gin.Context, sort, base string, check func([]byte) error) error {
	if !memory.MayKeep(web.Actor(c)) {
		return auth.ErrForbidden
	}
	name, body, err := oneUpload(c, exchange.MaxBytes)
	if err != nil {
		return err
	}
	if name == "" {
		return a.fileReview(c, base == termsURL, &exchange.Problem{Key: "exchange.file.none"})
	}
	if len(body) > exchange.MaxBytes {
		return a.fileReview(c, base == termsURL, &exchange.Problem{Key: "exchange.file.large"})
	}
	if err := check(body); err != nil {
		return a.fileReview(c, base == termsURL, err)
	}
	if err := a.memory.Keep(c.Request.Context(), web.Actor(c), sort, name, body); err != nil {
		return err
	}
	return web.Redirect(c, base+"/import")
}

func (a *Admin) takeTerms(c *gin.Context) error {
	return a.takeFile(c, memory.SortTerms, termsURL, func(w *memory.Waiting) (int, error) {
		file, err := w.Terms()
		if err != nil {
			return 0, err
		}
		return a.memory.TakeTerms(c.Request.Context(), web.Actor(c), file)
	})
}

// takeFile takes what was laid aside, or drops it.
func (a *Admin) takeFile(c *gin.Context, sort, base string, take func(*memory.Waiting) (int, error)) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	if !memory.MayKeep(who) {
		return auth.ErrForbidden
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	w, err := a.memory.Waiting(ctx, who, sort)
	if err != nil {
		return err
	}
	if w == nil {
		return web.Redirect(c, base+"/import")
	}
	if form.Get("op") == "take" {
		n, err := take(w)
		if err != nil {
			return err
		}
		flash(c, "success", "terms.taken", "Count", i18n.Number(web.Locale(c), n))
	}
	if err := a.memory.Drop(ctx, who, sort); err != nil {
		return err
	}
	return web.Redirect(c, base)
}

// memoryScreen lists what is remembered.
type memoryScreen struct {
	Filter  *Form
	Locales []Choice
	Rows    []memoryLine
	web.Pager
	Export         string
	Filtered, Keep bool
}

type memoryLine struct {
	ID             string
	From, To       i18n.Locale
	Source, Target any // HTML
	Where, URL     string
	At             string
}

func (a *Admin) memoryList(c *gin.Context) error {
	who := web.Actor(c)
	p := a.page(c, "memory.title")
	p.Active, p.Layout = "memory", "one"
	form := &Form{Values: c.Request.URL.Query(), Bad: map[string]string{}}
	q := memory.MemoryQuery{Search: form.Get("q")}
	var err error
	if q.From, err = filterLocale(form, "from"); err == nil {
		q.To, err = filterLocale(form, "to")
	}
	if err != nil {
		return err
	}
	d := memoryScreen{Filter: form, Locales: p.LocaleChoices(p.SiteLocales()), Keep: memory.MayKeep(who),
		Filtered: q.Search != "" || q.From != "" || q.To != "", Export: memoryURL + "/export.tmx?" + url.Values{"from": {string(q.From)}, "to": {string(q.To)}}.Encode()}
	d.Pager, err = paged(c, func(part auth.Paging) (int, error) {
		q.Paging = part
		rows, tongues, total, err := a.memory.Memory(c.Request.Context(), who, q)
		for i, m := range rows {
			d.Rows = append(d.Rows, p.memoryLine(m, tongues[2*i], tongues[2*i+1]))
		}
		return total, err
	})
	if err != nil {
		return err
	}
	p.D = d
	return a.render(c, http.StatusOK, "memory", p)
}

func (p *Page) memoryLine(m memory.Match, from, to i18n.Locale) memoryLine {
	x := memoryLine{ID: m.ID, From: from, To: to, Source: coded(m.Source), Target: coded(m.Target), Where: m.Origin}
	if !m.At.IsZero() {
		x.At = p.Date(m.At)
	}
	if m.Entry != "" {
		if x.Where = m.Title; x.Where == "" {
			x.Where = p.T("list.untitled")
		}
		x.URL = p.EntryURL(m.Kind, m.Entry, to)
	}
	return x
}

func (a *Admin) forgetMemory(c *gin.Context) error {
	if !memory.MayKeep(web.Actor(c)) {
		return auth.ErrForbidden
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	back := form.Get("back")
	if u, err := url.Parse(back); err != nil || u.Path != memoryURL || !web.SafePath(back) {
		back = memoryURL
	}
	ids := form["id"]
	switch {
	case len(ids) == 0:
		flash(c, "warning", "memory.none")
		return web.Redirect(c, back)
	case len(ids) > 200:
		return web.Fail(http.StatusRequestEntityTooLarge, "error.too_many_values")
	}
	n, err := a.memory.Forget(c.Request.Context(), web.Actor(c), ids)
	if err != nil {
		return err
	}
	flash(c, "success", "memory.forgotten", "Count", i18n.Number(web.Locale(c), n))
	return web.Redirect(c, back)
}

func (a *Admin) exportMemory(c *gin.Context) error {
	form := &Form{Values: c.Request.URL.Query()}
	from, err := filterLocale(form, "from")
	if err != nil {
		return err
	}
	to, err := filterLocale(form, "to")
	if err != nil {
		return err
	}
	pairs, err := a.memory.MemoryPairs(c.Request.Context(), web.Actor(c), from, to)
	if err != nil {
		return err
	}
	return sendFile(c, "application/x-tmx+xml", "memory.tmx", exchange.WriteTMX(pairs))
}

func (a *Admin) importMemory(c *gin.Context) error { return a.fileReview(c, false, nil) }

func (a *Admin) readMemory(c *gin.Context) error {
	return a.readFile(c, memory.SortMemory, memoryURL, func(body []byte) error { _, _, err := exchange.ReadTMX(body); return err })
}

func (a *Admin) reviewMemory(p *Page, d *fileReview, w *memory.Waiting) (problem, err error) {
	pairs, skipped, problem := w.Memory()
	if problem != nil {
		return problem, nil
	}
	counts := map[[2]i18n.Locale]int{}
	for _, x := range pairs {
		if !slices.Contains(a.content.Locales, x.From) || !slices.Contains(a.content.Locales, x.To) {
			skipped++
			continue
		}
		counts[[2]i18n.Locale{x.From, x.To}]++
		if d.Take++; len(d.Pairs) < reviewRows {
			d.Pairs = append(d.Pairs, p.memoryLine(memory.Match{Source: x.Source, Target: x.Target, At: x.At}, x.From, x.To))
		}
	}
	for _, from := range i18n.All {
		for _, to := range i18n.All {
			if n := counts[[2]i18n.Locale{from, to}]; n > 0 {
				d.Counts = append(d.Counts, exchangeCount{p.T("memory.pair", "From", from.Endonym(), "To", to.Endonym()), n})
			}
		}
	}
	if skipped > 0 {
		d.Counts = append(d.Counts, exchangeCount{p.T("memory.skipped"), skipped})
	}
	d.Rest = d.Take - len(d.Pairs)
	return nil, nil
}

func (a *Admin) takeMemory(c *gin.Context) error {
	return a.takeFile(c, memory.SortMemory, memoryURL, func(w *memory.Waiting) (int, error) {
		pairs, _, err := w.Memory()
		if err != nil {
			return 0, err
		}
		return a.memory.Remember(c.Request.Context(), web.Actor(c), w.File, pairs)
	})
}
