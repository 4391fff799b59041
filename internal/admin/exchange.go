package admin

import (
	"errors"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
	"plenary/internal/memory"
	"plenary/internal/typography"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Files for translators: an entry's texts go out in a language, and come back to be looked at beside what is here. Between the two
// everything lies in the page's form; nothing is kept that nobody has decided to take.

// exchangeRoutes are the addresses of files for translators.
func (a *Admin) exchangeRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	var routes []web.Route
	for _, k := range a.content.Kinds {
		of := func(handle func(*content.Kind, *gin.Context) error) func(*gin.Context) error {
			return func(c *gin.Context) error { return handle(k, c) }
		}
		path, rule := listURL(k)+"/:id/exchange", web.Needs(auth.Read)
		routes = append(routes,
			web.Route{Method: get, Path: path, Rule: rule, Class: web.Personal, Handle: of(a.exchange)},
			web.Route{Method: get, Path: path + "/file", Rule: rule, Class: web.Personal, Handle: of(a.exchangeFile)},
			web.Route{Method: post, Path: path, Rule: web.Needs(auth.EditText), Class: web.Personal, Upload: true, MaxBody: exchange.MaxBytes + 1<<20, Handle: of(a.readExchange)},
			web.Route{Method: post, Path: path + "/apply", Rule: web.Needs(auth.EditText), Class: web.Personal, MaxBody: maxForm, Handle: of(a.applyExchange)})
	}
	return routes
}

// exchangeURL is the address of an entry's files for translators.
func exchangeURL(k *content.Kind, id string, l i18n.Locale) string {
	u := entryURL(k, id, "") + "/exchange"
	if l != "" {
		u += "?lang=" + string(l)
	}
	return u
}

// exchangeActions lead from an entry to its files for translators.
func (a *Admin) exchangeActions(e *content.Entry, t tongue) []Link {
	if len(a.memory.Targets(e)) == 0 || len(e.Parts[content.Part(e.Original)]) == 0 {
		return nil
	}
	return []Link{{t.T("exchange.title"), exchangeURL(e.Kind, e.ID, "")}}
}

// exchangeScreen offers files, and shows one that came back.
type exchangeScreen struct {
	Path, Back, Heading string
	From, To            i18n.Locale
	Tongues             []exchangeTongue
	Formats             []exchange.Format
	Waiting, All        int // units
	MayEdit             bool
	File                string // what is wrong with the file
	Limit               string
	Problems            []Link
	Review              *exchangeReview
}

type exchangeTongue struct {
	Locale  i18n.Locale
	URL     string
	Here    bool
	Waiting int
}

// exchangeReview is a file beside what is here.
type exchangeReview struct {
	Name, Ref    string
	Shown        int
	Older        bool
	Hold         bool
	Outdated     int // rows whose source has changed since
	Counts       []exchangeCount
	Rows         []exchangeRow
	Rest         int // rows that are not shown
	Left         []string
	Takes, Check int // rows that can be taken; those that are ticked
}

type exchangeCount struct {
	Text string
	N    int
}

// exchangeRow is a unit of the file.
type exchangeRow struct {
	ID                string
	Trail             []string
	Fate              memory.Fate
	Tone              string
	Source, Now       template.HTML
	Present, New      template.HTML
	Text, About       string
	Rows              int // of the box to correct it in
	Problems          []string
	Terms             []helpTerm
	Typography        []helpFix
	Takes, On, Barred bool
}

var fateTones = map[memory.Fate]string{memory.Barred: "bad", memory.Changed: "rev", memory.Added: "ok", memory.Confirmed: "ok"}

// exchangeRows is how many rows a page shows and its form carries.
const exchangeRows = 1000

// exchangeEntry is the entry of an address below one.
func (a *Admin) exchangeEntry(k *content.Kind, c *gin.Context) (*auth.Actor, *content.Entry, error) {
	who, e, _, err := a.load(k, c)
	if err == nil && e.Deleted != nil {
		err = db.ErrNotFound
	}
	return who, e, err
}

func (a *Admin) exchangePage(k *content.Kind, c *gin.Context) (*Page, *exchangeScreen, *content.Entry, error) {
	who, e, err := a.exchangeEntry(k, c)
	if err != nil {
		return nil, nil, nil, err
	}
	to, asked := c.GetQuery("lang")
	if !asked {
		to = string(a.nextTarget(who, e, a.memory.Targets(e)))
	}
	p, d, err := a.exchangeInto(c, who, e, i18n.Locale(to))
	return p, d, e, err
}

// exchangeInto makes the page for a language.
func (a *Admin) exchangeInto(c *gin.Context, who *auth.Actor, e *content.Entry, to i18n.Locale) (*Page, *exchangeScreen, error) {
	k, targets := e.Kind, a.memory.Targets(e)
	if !slices.Contains(targets, to) {
		return nil, nil, db.ErrNotFound
	}
	p := a.page(c, "exchange.title")
	t := p.tongue()
	d := &exchangeScreen{Path: exchangeURL(k, e.ID, ""), Back: entryURL(k, e.ID, to), Heading: entryTitle(t, e), From: e.Original, To: to, Formats: exchange.Formats,
		MayEdit: e.MayEdit(who, content.Part(to)), Limit: p.Bytes(exchange.MaxBytes)}
	for _, l := range targets {
		x := exchangeTongue{Locale: l, URL: exchangeURL(k, e.ID, l), Here: l == to}
		pairs := k.Pairs(e.Parts, e.Original, l)
		for _, u := range pairs {
			if u.State != content.UnitCurrent {
				x.Waiting++
			}
		}
		if x.Here {
			d.Waiting, d.All = x.Waiting, len(pairs)
		}
		d.Tongues = append(d.Tongues, x)
	}
	p.below(e, to, "exchange.title")
	p.Layout, p.D = "one", d
	return p, d, nil
}

// refuseFile answers that a file cannot be used, and why; any other error is given back.
func (a *Admin) refuseFile(c *gin.Context, p *Page, d *exchangeScreen, err error) error {
	problem := exchange.Refused(err)
	if problem == nil {
		return err
	}
	d.File = p.T(problem.Key, problem.Args...)
	return a.render(c, http.StatusUnprocessableEntity, "exchange", p)
}

// nextTarget is the language somebody most likely means: one they may write, and that was begun.
func (a *Admin) nextTarget(who *auth.Actor, e *content.Entry, targets []i18n.Locale) i18n.Locale {
	best, most := i18n.Locale(""), -1
	for _, l := range targets {
		n := 0
		if e.MayEdit(who, content.Part(l)) {
			n += 2
		}
		if len(e.Parts[content.Part(l)]) > 0 {
			n++
		}
		if n > most {
			best, most = l, n
		}
	}
	return best
}

func (a *Admin) exchange(k *content.Kind, c *gin.Context) error {
	p, _, _, err := a.exchangePage(k, c)
	if err != nil {
		return err
	}
	return a.render(c, http.StatusOK, "exchange", p)
}

// trailsOf is a form that can say where a text stands, by the names of the people and entries that its item is about.
func (a *Admin) trailsOf(c *gin.Context, e *content.Entry, l i18n.Locale) (*entryForm, error) {
	f := a.filledForm(c, web.Actor(c), e, l)
	return f, f.lookup(c.Request.Context(), a.content, a.media)
}

// exchangeFile sends the texts of an entry as a file.
func (a *Admin) exchangeFile(k *content.Kind, c *gin.Context) error {
	p, d, e, err := a.exchangePage(k, c)
	if err != nil {
		return err
	}
	format := exchange.Format(c.Query("format"))
	if !slices.Contains(exchange.Formats, format) {
		return errQuery()
	}
	trails, err := a.trailsOf(c, e, d.From)
	if err != nil {
		return err
	}
	f := a.memory.Pack(e, d.To, c.Query("units") == "all", func(path string) string {
		return strings.Join(trails.trail(path, [2]content.Parts{e.Parts, e.Parts}), " › ")
	})
	f.URL = a.base + exchangeURL(k, e.ID, d.To)
	if len(f.Units) == 0 {
		flash(c, "info", "exchange.nothing", "Language", d.To.Endonym())
		return web.Redirect(c, exchangeURL(k, e.ID, d.To))
	}
	b, err := exchange.Write(*f, format, a.docxWords(p, d))
	if err != nil {
		return err
	}
	name := e.Slug
	if name == "" {
		name = e.ID
	}
	return sendFile(c, format.MediaType(), name+"."+string(d.From)+"-"+string(d.To)+"."+format.Ending(), b)
}

func (a *Admin) docxWords(p *Page, d *exchangeScreen) exchange.DOCXWords {
	return exchange.DOCXWords{Locale: p.Locale, Intro: []string{p.T("exchange.docx_intro"), p.T("exchange.docx_codes")},
		Head: [3]string{p.T("exchange.docx_place"), i18n.LanguageName(p.Locale, string(d.From)), i18n.LanguageName(p.Locale, string(d.To))}}
}

// readExchange shows a file beside what is here.
func (a *Admin) readExchange(k *content.Kind, c *gin.Context) error {
	p, d, e, err := a.exchangePage(k, c)
	if err != nil {
		return err
	}
	if !d.MayEdit {
		return auth.ErrForbidden
	}
	name, body, err := oneUpload(c, exchange.MaxBytes)
	if err != nil {
		return err
	}
	if name == "" {
		return a.refuseFile(c, p, d, &exchange.Problem{Key: "exchange.file.none"})
	}
	files, err := exchange.Read(body)
	if err != nil {
		return a.refuseFile(c, p, d, err)
	}
	// A file may hold several entries: this one's texts in this language are taken from it.
	at := slices.IndexFunc(files, func(f exchange.File) bool { return f.Entry == e.ID && f.To == d.To })
	if at < 0 {
		at = max(slices.IndexFunc(files, func(f exchange.File) bool { return f.Entry == e.ID }), 0)
		if files[at].Entry == e.ID && files[at].To != d.To {
			return a.refuseFile(c, p, d, &exchange.Problem{Key: "exchange.file.pair"})
		}
	}
	return a.showReview(c, http.StatusOK, p, d, e, files[at], name, nil, false)
}

// oneUpload reads the one file of a multipart form; no name where none was chosen.
func oneUpload(c *gin.Context, most int) (name string, body []byte, err error) {
	mr, err := sentParts(c)
	if err != nil {
		return "", nil, err
	}
	for {
		part, err := nextPart(mr)
		if errors.Is(err, io.EOF) {
			return name, body, nil
		}
		if err != nil {
			return "", nil, err
		}
		b, err := readPart(part, most)
		if err != nil {
			return "", nil, err
		}
		if n := i18n.StripControls(part.FileName()); n != "" && name == "" {
			name, body = n, b
		}
	}
}

// showReview answers with a file beside what is here; take are the ids that were ticked, nil for what is usual.
func (a *Admin) showReview(c *gin.Context, status int, p *Page, d *exchangeScreen, e *content.Entry, file exchange.File, name string, take []string, hold bool) error {
	r, err := a.memory.Review(c.Request.Context(), web.Actor(c), e, file)
	if err != nil {
		return a.refuseFile(c, p, d, err)
	}
	glossary, err := a.memory.Glossary(c.Request.Context())
	if err != nil {
		return err
	}
	x := &exchangeReview{Name: name, Ref: r.Ref.String(), Shown: r.Shown, Older: r.Older, Hold: hold, Left: r.Left[:min(len(r.Left), 20)]}
	trails, err := a.trailsOf(c, e, d.From)
	if err != nil {
		return err
	}
	states := [2]content.Parts{e.Parts, e.Parts}
	for _, f := range memory.Fates {
		if n := r.Count(f); n > 0 {
			x.Counts = append(x.Counts, exchangeCount{p.T("exchange.fate." + string(f)), n})
		}
	}
	for _, fate := range memory.Fates[:4] { // what there is to decide
		for _, row := range r.Rows {
			if row.Fate != fate {
				continue
			}
			if len(x.Rows) == exchangeRows {
				x.Rest++
				continue
			}
			y := exchangeRow{ID: row.ID, Trail: trails.trail(row.Path, states), Fate: fate, Tone: fateTones[fate], Source: coded(row.Was),
				Present: coded(row.Present), New: codes(string(wordDiff(row.Present.String(), row.Target.String()))),
				Text: row.Target.String(), About: row.Hash + " " + string(row.State), Barred: fate == memory.Barred, Takes: fate != memory.Barred}
			if row.Present == nil {
				y.New = coded(row.Target)
			}
			if _, block, many := strings.Cut(row.ID, ":"); many {
				y.Trail = append(y.Trail, block)
			}
			y.Rows = min(max(len([]rune(y.Text))/70+1, 2), 12)
			if row.Now != nil {
				y.Now = codes(string(wordDiff(row.Was.String(), row.Now.String())))
			}
			if row.Now != nil || row.Gone {
				x.Outdated++
			}
			for _, problem := range row.Problems {
				y.Problems = append(y.Problems, p.T(problem.Key, problem.Args...))
			}
			y.Terms = termWarnings(glossary(d.From, d.To, row.Was.Plain(), row.Target.Plain()))
			words := row.Target.Plain()
			found := typography.Check(d.To, words)
			for _, f := range found[:min(len(found), memory.MostFixes)] {
				y.Typography = append(y.Typography, fixOf(words, f))
			}
			y.On = y.Takes && (take == nil && !row.Doubtful || slices.Contains(take, row.ID))
			if y.Takes {
				x.Takes++
			}
			if y.On {
				x.Check++
			}
			x.Rows = append(x.Rows, y)
		}
	}
	d.Review = x
	return a.render(c, status, "exchange", p)
}

// coded shows a text with the tags of its codes marked.
func coded(t exchange.Text) template.HTML { return codes(template.HTMLEscapeString(t.String())) }

var codeRE = regexp.MustCompile(`⟦(/?\d+/?)⟧`)

// codes marks the tags of codes in words that are HTML already.
func codes(s string) template.HTML {
	return template.HTML(codeRE.ReplaceAllString(strings.ReplaceAll(s, "\n", "<br>"), `<bdi class="xcode">⟦$1⟧</bdi>`))
}

// applyExchange takes the chosen units.
func (a *Admin) applyExchange(k *content.Kind, c *gin.Context) error {
	who, e, err := a.exchangeEntry(k, c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	ref, ok := exchange.ParseRef(form.Get("ref"))
	shown, bad := strconv.Atoi(form.Get("shown"))
	if !ok || bad != nil {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	p, d, err := a.exchangeInto(c, who, e, ref.To)
	if err != nil {
		return err
	}
	if !d.MayEdit {
		return auth.ErrForbidden
	}
	file := exchange.File{Ref: ref}
	for name, vs := range form {
		id, ok := strings.CutPrefix(name, "text.")
		if !ok || len(file.Units) >= exchange.MaxUnits {
			continue
		}
		hash, state, _ := strings.Cut(form.Get("about."+id), " ")
		u := exchange.Unit{ID: id, Hash: hash, State: exchange.State(state)}
		if t := exchange.ParseText(strings.ReplaceAll(vs[0], "\r\n", "\n")); !t.Empty() {
			u.Target = t
		}
		file.Units = append(file.Units, u)
	}
	choice := memory.Choice{Take: form["take"], Hold: form.Get("outdated") == "hold", Note: "exchange"}
	if form.Get("op") == "all" {
		choice.Take = nil
		for _, u := range file.Units {
			choice.Take = append(choice.Take, u.ID)
		}
	}
	again := func(status int, problems ...string) error { // with what was ticked and typed
		for _, x := range problems {
			d.Problems = append(d.Problems, Link{Text: x})
		}
		return a.showReview(c, status, p, d, e, file, i18n.StripControls(form.Get("name")), append([]string{""}, choice.Take...), choice.Hold)
	}
	if id, fix := strings.CutPrefix(form.Get("op"), "fix:"); fix { // typography, before anything is taken
		for i, u := range file.Units {
			if u.ID == id {
				file.Units[i].Target = memory.Tidy(d.To, u.Target)
			}
		}
		return again(http.StatusOK)
	}
	taken, err := a.memory.Apply(c.Request.Context(), who, e, file, shown, choice)
	var invalid *content.Invalid
	var clash *content.Conflicted
	switch {
	case errors.Is(err, memory.ErrNothing):
		return again(http.StatusUnprocessableEntity, p.T("exchange.none_chosen"))
	case errors.As(err, &invalid):
		var all []string
		for _, x := range invalid.Problems {
			all = append(all, p.problem(k, x))
		}
		return again(http.StatusUnprocessableEntity, all...)
	case errors.As(err, &clash):
		return again(http.StatusUnprocessableEntity, p.T("exchange.clash"))
	case err != nil:
		return a.refuseFile(c, p, d, err)
	}
	flash(c, "success", "exchange.taken", "Count", p.Number(taken.Units))
	if taken.Held > 0 {
		flash(c, "warning", "exchange.held", "Count", p.Number(taken.Held))
	}
	return web.Redirect(c, d.Back)
}
