package admin

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/sheet"
	"plenary/internal/translation"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

const (
	boardList = "translations" // as views name it
	boardURL  = "/admin/" + boardList
)

// boardRoutes are the addresses of the translation board.
func (a *Admin) boardRoutes() []web.Route {
	read := web.Needs(auth.Read)
	routes := []web.Route{
		{Method: http.MethodGet, Path: boardURL, Rule: read, Class: web.Personal, Handle: a.board},
		{Method: http.MethodPost, Path: boardURL, Rule: web.Needs(auth.EditText), Class: web.Personal, Handle: a.assign, MaxBody: 256 << 10},
		{Method: http.MethodGet, Path: boardURL + "/parity", Rule: read, Class: web.Personal, Handle: a.parity},
	}
	for _, f := range sheet.Formats {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: boardURL + "/parity." + string(f), Rule: read, Class: web.Personal,
			Handle: func(c *gin.Context) error { return a.exportParity(f, c) }})
	}
	return routes
}

// boardScreen is the grid of entries and languages.
type boardScreen struct {
	Form           *Form
	Kinds, Locales []Choice
	States, Dues   []Choice
	People         []Choice // to filter by
	Able           []Choice // to give work to
	Columns        []i18n.Locale
	Rows           []boardRow
	web.Pager
	Filtered bool
	Assigns  bool // gives work to others
	Takes    bool
	Typed    *Form // of the assignment, when it was refused
	Mine     []boardWork
	Refused  []boardRefusal
	Action   string // where the form is sent: this page of the board, with its filters
	Parity   string
	Views    *viewBar
}

type boardRow struct {
	content.BoardRow
	URL   string
	Cells []boardCell
}

// boardCell is one language of an entry.
type boardCell struct {
	Locale     i18n.Locale
	Original   bool
	None       bool // there is nothing to translate
	Filtered   bool // not what the filter asks for
	URL, State string
	Tone       string
	Words      string
	Who        string
	Due        string
	Late       bool
	Name       string // of the box to choose it
	Chosen     bool
}

type boardWork struct {
	Title, URL, State, Tone, Words, Due string
	Lang, To                            i18n.Locale
	Late                                bool
	Note                                string
}

type boardRefusal struct{ Title, Text string }

var boardParams = []string{"q", "kind", "lang", "state", "assignee", "due", "page"}

func translationTone(s content.TranslationState) string {
	switch s {
	case content.TranslationLive:
		return "ok"
	case content.TranslationOutdated:
		return "warn"
	case content.TranslationMissing:
		return "bad"
	case content.TranslationInReview:
		return "rev"
	}
	return ""
}

// parseBoard reads the filters of the board's address.
func (a *Admin) parseBoard(c *gin.Context, asked url.Values) (content.BoardQuery, translation.Filter, *Form, error) {
	q := content.BoardQuery{Locales: a.settings.Site().Languages}
	var who translation.Filter
	wrong := errQuery()
	f, err := readFilters(asked, boardParams)
	if err != nil {
		return q, who, nil, err
	}
	q.Search, q.Kind = f.Get("q"), f.Get("kind")
	if q.Kind != "" && a.content.Kind(q.Kind) == nil {
		return q, who, nil, wrong
	}
	if l, err := filterLocale(f, "lang"); err != nil {
		return q, who, nil, err
	} else if l != "" {
		q.Locales = []i18n.Locale{l}
	}
	if q.State = content.TranslationState(f.Get("state")); q.State != "" && !slices.Contains(content.TranslationStates, q.State) {
		return q, who, nil, wrong
	}
	if who.Due = f.Get("due"); who.Due != "" && !slices.Contains([]string{translation.Overdue, translation.ThisWeek, translation.Undated}, who.Due) {
		return q, who, nil, wrong
	}
	if who.Account = f.Get("assignee"); who.Account == "me" {
		who.Account = web.Actor(c).ID
	}
	q.Which = who.Which(a.today())
	return q, who, f, nil
}

// today is the office's day.
func (a *Admin) today() time.Time { return a.now().In(content.Zone(a.settings.Site().Zone)) }

func (a *Admin) board(c *gin.Context) error {
	if c.Request.URL.RawQuery == "" {
		if to, err := a.usualView(c, a.page(c, "board.title"), boardList); err != nil {
			return err
		} else if to != "" {
			return web.Redirect(c, to)
		}
	}
	return a.showBoard(c, http.StatusOK, nil, nil)
}

// boardAt is the address of the board as it is filtered.
func boardAt(filters url.Values) string {
	if len(filters) == 0 {
		return boardURL
	}
	return boardURL + "?" + filters.Encode()
}

func (a *Admin) showBoard(c *gin.Context, status int, typed *Form, refused translation.Refused) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	q, filter, f, err := a.parseBoard(c, c.Request.URL.Query())
	if err != nil {
		return err
	}
	p := a.page(c, "board.title")
	p.Active, p.Layout = "translations", "one"
	d := boardScreen{Form: f, Columns: q.Locales, Parity: boardURL + "/parity", Assigns: who.CanSomewhere(auth.EditFacts), Takes: who.CanSomewhere(auth.EditText), Typed: typed}
	if d.Typed == nil {
		d.Typed = newForm()
	}
	for name := range f.Values {
		d.Filtered = d.Filtered || name != "page"
	}
	if d.Views, err = a.viewsOf(c, p, boardList, f.Values); err != nil {
		return err
	}
	var rows []content.BoardRow
	d.Pager, err = paged(c, func(part auth.Paging) (total int, err error) {
		q.Offset, q.Limit = part.Offset, part.Size
		rows, total, err = a.content.Board(ctx, who, q)
		return total, err
	})
	if err != nil {
		return err
	}
	d.Action = boardAt(f.Values)
	if err := a.boardRows(ctx, p, &d, q, filter, rows); err != nil {
		return err
	}
	if err := a.boardChoices(ctx, p, &d); err != nil {
		return err
	}
	if d.Mine, err = a.workOf(ctx, p, 12); err != nil {
		return err
	}
	for _, x := range refused {
		d.Refused = append(d.Refused, boardRefusal{i18n.Isolate(x.Title) + " · " + i18n.LanguageName(p.Locale, string(x.Locale)), p.T(x.Key)})
	}
	p.D = d
	return a.render(c, status, "board", p)
}

func (a *Admin) boardRows(ctx context.Context, p *Page, d *boardScreen, q content.BoardQuery, filter translation.Filter, rows []content.BoardRow) error {
	var ids, people []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	assigned, err := a.translation.Of(ctx, ids...)
	if err != nil {
		return err
	}
	for _, of := range assigned {
		for _, x := range of {
			people = append(people, x.Account)
		}
	}
	names, err := a.auth.Names(ctx, people)
	if err != nil {
		return err
	}
	today := a.today().Format(time.DateOnly)
	for _, r := range rows {
		k := a.content.Kind(r.Kind)
		if k == nil {
			continue
		}
		row := boardRow{BoardRow: r, URL: entryURL(k, r.ID, "")}
		if row.Title == "" {
			row.Title, row.Original = p.T("list.untitled"), p.Locale
		}
		for _, l := range d.Columns {
			t, any := r.Translations[l]
			x := boardCell{Locale: l, Original: l == r.Original, None: !any}
			if any {
				x.URL, x.State, x.Tone = entryURL(k, r.ID, "")+"/translate/"+string(l), string(t.State), translationTone(t.State)
				x.Name = r.ID + " " + string(l)
				x.Chosen = slices.Contains(d.Typed.Values["cell"], x.Name)
				if t.Words > 0 {
					x.Words = p.T("board.cell", "Count", p.Number(t.Words))
				}
				a, has := assigned[r.ID][l]
				if has {
					x.Who = names[a.Account]
					if a.Due != "" {
						x.Due = i18n.Date(p.Locale, a.Due.Time())
						x.Late = string(a.Due) < today && translation.Open(t.State)
					}
				}
				x.Filtered = q.State != "" && t.State != q.State || filter.Account == translation.Nobody && has ||
					filter.Account != "" && filter.Account != translation.Nobody && a.Account != filter.Account
			}
			row.Cells = append(row.Cells, x)
		}
		d.Rows = append(d.Rows, row)
	}
	return nil
}

func (a *Admin) boardChoices(ctx context.Context, p *Page, d *boardScreen) error {
	d.Kinds = p.readableKinds()
	d.Locales = p.LocaleChoices(a.settings.Site().Languages)
	for _, s := range content.TranslationStates {
		d.States = append(d.States, Choice{Value: string(s), Text: p.T("translate.state." + string(s))})
	}
	for _, s := range []string{translation.Overdue, translation.ThisWeek, translation.Undated} {
		d.Dues = append(d.Dues, Choice{Value: s, Text: p.T("board.when." + s)})
	}
	d.People = []Choice{{Value: "me", Text: p.T("board.me")}, {Value: translation.Nobody, Text: p.T("board.nobody")}}
	if !d.Assigns {
		return nil
	}
	able, err := a.auth.Holders(ctx, auth.EditText)
	if err != nil {
		return err
	}
	for _, x := range able {
		d.Able = append(d.Able, Choice{Value: x.ID, Text: x.Name})
	}
	d.People = append(d.People, d.Able...)
	return nil
}

// workOf is what waits for the reader to translate.
func (a *Admin) workOf(ctx context.Context, p *Page, limit int) ([]boardWork, error) {
	all, err := a.translation.Mine(ctx, p.Actor, limit)
	if err != nil {
		return nil, err
	}
	today := a.today().Format(time.DateOnly)
	var out []boardWork
	for _, w := range all {
		k := a.content.Kind(w.Kind)
		if k == nil {
			continue
		}
		x := boardWork{Title: w.Title, Lang: w.Original, To: w.Locale, URL: entryURL(k, w.EntryID, "") + "/translate/" + string(w.Locale), State: p.T("translate.state." + string(w.State)),
			Tone: translationTone(w.State), Note: w.Note}
		if x.Title == "" {
			x.Title, x.Lang = p.T("list.untitled"), p.Locale
		}
		if w.Words > 0 {
			x.Words = p.T("board.cell", "Count", p.Number(w.Words))
		}
		if w.Due != "" {
			x.Due, x.Late = i18n.Date(p.Locale, w.Due.Time()), string(w.Due) < today
		}
		out = append(out, x)
	}
	return out, nil
}

// assign gives the chosen cells to somebody, or takes them back.
func (a *Admin) assign(c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request.Context(), web.Actor(c)
	_, _, filters, err := a.parseBoard(c, c.Request.URL.Query())
	if err != nil {
		return err
	}
	form := newForm()
	for _, name := range []string{"cell", "assignee", "due", "note"} {
		form.Values[name] = v[name]
	}
	var cells []translation.Cell
	for _, name := range v["cell"] {
		id, tag, _ := strings.Cut(name, " ")
		l, ok := i18n.Parse(tag)
		if !ok {
			return web.Fail(http.StatusBadRequest, "error.bad_request")
		}
		cells = append(cells, translation.Cell{EntryID: id, Locale: l})
	}
	account, due := v.Get("assignee"), content.Date("")
	if len(cells) == 0 {
		form.Bad["cell"] = web.T(c, "board.none_chosen")
	}
	switch v.Get("op") {
	case "take":
		account = who.ID
	case "back":
		account = ""
	case "assign":
		if account == "" {
			form.Bad["assignee"] = web.T(c, "board.no_account")
		}
		if s := strings.TrimSpace(v.Get("due")); s != "" {
			day, err := a.parseDay(c, s)
			switch {
			case err != nil:
				form.Bad["due"] = web.T(c, "problem.date")
			case day.Format(time.DateOnly) < a.today().Format(time.DateOnly):
				form.Bad["due"] = web.T(c, "board.due_past")
			default:
				due = content.Date(day.Format(time.DateOnly))
			}
		}
		if utf8.RuneCountInString(v.Get("note")) > translation.MaxNote {
			form.Bad["note"] = web.T(c, "problem.too_long", "Max", translation.MaxNote)
		}
	default:
		return badOp()
	}
	if len(form.Bad) > 0 {
		return a.showBoard(c, http.StatusUnprocessableEntity, form, nil)
	}
	note := ""
	if v.Get("op") == "assign" {
		note = v.Get("note")
	}
	n, err := a.translation.Assign(ctx, who, cells, account, due, note)
	var refused translation.Refused
	var invalid *content.Invalid
	switch {
	case errors.As(err, &refused):
		return a.showBoard(c, http.StatusUnprocessableEntity, form, refused)
	case errors.As(err, &invalid):
		for _, x := range invalid.Problems {
			form.Bad[x.Path] = web.T(c, x.Key, x.Args...)
		}
		return a.showBoard(c, http.StatusUnprocessableEntity, form, nil)
	case err != nil:
		return err
	}
	key := "board.assigned"
	if account == "" {
		key = "board.taken_back"
	}
	flash(c, "success", key, "Count", i18n.Number(web.Locale(c), n))
	return web.Redirect(c, (&viewList{Name: boardList}).at(filters.Values.Encode()))
}

// parityScreen is the report on languages.
type parityScreen struct {
	Rows  []parityRow
	Files []Link
}

type parityRow struct {
	content.Parity
	Share, URL  string
	Percent     int
	OldestWords string
	States      []parityState
}

type parityState struct{ Text, URL, N string }

func (a *Admin) parities(c *gin.Context) ([]content.Parity, error) {
	return a.content.Parities(c.Request.Context(), web.Actor(c), a.settings.Site().Languages, a.now())
}

func (a *Admin) parity(c *gin.Context) error {
	all, err := a.parities(c)
	if err != nil {
		return err
	}
	p := a.page(c, "board.parity")
	p.Active, p.Layout = "translations", "one"
	p.Crumbs = []Link{{p.T("board.title"), boardURL}}
	d := parityScreen{}
	for _, x := range all {
		r := parityRow{Parity: x, URL: boardURL + "?lang=" + string(x.Locale)}
		if x.Public > 0 {
			r.Percent = x.Complete * 100 / x.Public
			r.Share = i18n.Number(p.Locale, r.Percent) + " %"
		}
		if !x.Oldest.IsZero() {
			r.OldestWords = p.Date(x.Oldest)
		}
		for _, s := range content.TranslationStates {
			r.States = append(r.States, parityState{p.T("translate.state." + string(s)), r.URL + "&state=" + string(s), p.Number(x.States[s])})
		}
		d.Rows = append(d.Rows, r)
	}
	for _, f := range sheet.Formats {
		d.Files = append(d.Files, Link{strings.ToUpper(string(f)), boardURL + "/parity." + string(f)})
	}
	p.D = d
	return a.render(c, http.StatusOK, "parity", p)
}

// exportParity sends the report as a table.
func (a *Admin) exportParity(f sheet.Format, c *gin.Context) error {
	all, err := a.parities(c)
	if err != nil {
		return err
	}
	l := web.Locale(c)
	t := tongue{a.cat, l}
	head := []string{t.T("board.language"), t.T("board.public"), t.T("board.complete"), t.T("board.share")}
	for _, s := range content.TranslationStates {
		head = append(head, t.T("translate.state."+string(s)))
	}
	head = append(head, t.T("board.words"), t.T("board.gaps_30"), t.T("board.gaps_90"), t.T("board.gaps_more"), t.T("board.oldest"))
	table := sheet.Table{Zone: content.Zone(a.settings.Site().Zone), RightToLeft: l.Dir() == "rtl", Head: sheet.Texts(head...)}
	number := func(n int) sheet.Cell { return sheet.Cell{Text: strconv.Itoa(n), Number: true} }
	for _, x := range all {
		share := 0
		if x.Public > 0 {
			share = x.Complete * 100 / x.Public
		}
		row := append(sheet.Texts(i18n.LanguageName(l, string(x.Locale))), number(x.Public), number(x.Complete), number(share))
		for _, s := range content.TranslationStates {
			row = append(row, number(x.States[s]))
		}
		row = append(row, number(x.Words), number(x.Gaps[0]), number(x.Gaps[1]), number(x.Gaps[2]), sheet.Cell{At: x.Oldest})
		table.Rows = append(table.Rows, row)
	}
	var b bytes.Buffer
	if err := table.Write(&b, f); err != nil {
		return err
	}
	return sendTable(c, f, "parity", b.Bytes())
}
