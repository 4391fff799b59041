package admin

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// historyPage lists what was done to an entry, by whom and when.
type historyPage struct {
	tongue
	Back, Own                    string
	PublicURL, PublishedURL      string
	Filter                       *Form
	Filtered                     bool
	People, Parts, Fields, Deeds []Choice
	Saves                        []*savedTogether
	Prev, Next                   string
}

// savedTogether are the parts that one deed was about.
type savedTogether struct {
	Did, Who, When, Note string
	Public               string // address of the page as the public saw it then
	At                   string // a save that can be brought back whole
	Parts                []savedPart
}

type savedPart struct {
	Name, URL string
	Number    int
	Live, Now bool
}

const historySize = 60

func (a *Admin) history(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	t := tongue{a.cat, web.Locale(c)}
	p := a.page(c, "history.title", "Title", entryTitle(t, e))
	base := entryURL(k, e.ID, "")
	own := base + "/history"
	d := &historyPage{tongue: t, Back: entryURL(k, e.ID, l), Own: own, PublicURL: base + "/preview?of=public", PublishedURL: publishedURL + "?entry=" + e.ID, Filter: newForm()}
	page, _ := web.Page(c)
	q := content.TimelineQuery{Offset: (page - 1) * historySize, Limit: historySize}
	for _, name := range []string{"by", "did", "part", "field"} {
		if v := strings.TrimSpace(c.Query(name)); v != "" {
			d.Filter.Values.Set(name, v)
			d.Filtered = true
		}
	}
	q.By, q.Did = d.Filter.Get("by"), d.Filter.Get("did")
	for _, did := range []string{content.DidSave, content.DidAutosave, content.DidRestore, content.DidPublish, content.DidWithdraw} {
		d.Deeds = append(d.Deeds, Choice{Value: did, Text: t.T("history.did." + did)})
	}
	d.Parts = append(d.Parts, Choice{Value: "facts", Text: t.T("history.facts")})
	for _, x := range i18n.All {
		if _, begun := e.Parts[content.Part(x)]; begun {
			d.Parts = append(d.Parts, Choice{Value: string(x), Text: i18n.LanguageName(t.Locale, string(x))})
		}
	}
	if v := d.Filter.Get("part"); v != "" {
		part := content.Part(v)
		if v == "facts" {
			part = content.Facts
		} else if _, ok := i18n.Parse(v); !ok {
			return db.ErrNotFound
		}
		q.Part = &part
	}
	f := a.openForm(c, who, k, e, l)
	for _, x := range k.Fields {
		if x.Secret && !e.MayEdit(who, content.Facts) {
			continue
		}
		name := f.label(x)
		if x.As == "title" {
			name = t.T("field.title")
		}
		d.Fields = append(d.Fields, Choice{Value: x.Name, Text: name})
		if x.Name == d.Filter.Get("field") {
			q.Field = x.Name
		}
	}
	if d.Filter.Get("field") != q.Field {
		return db.ErrNotFound
	}
	deeds, more, err := a.content.Timeline(ctx, who, e.ID, q)
	if err != nil {
		return err
	}
	if more {
		d.Next = pageURL(c, page+1)
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	hands, err := a.content.Hands(ctx, who, e.ID)
	if err != nil {
		return err
	}
	names, err := a.accountNames(ctx, t, hands)
	if err != nil {
		return err
	}
	for _, id := range hands {
		d.People = append(d.People, Choice{Value: id, Text: names[id]})
	}
	i18n.SortBy(t.Locale, d.People, func(x Choice) string { return x.Text })
	site := a.settings.Site().Zone
	zone := content.Zone(site)
	mayRestore := e.Deleted == nil && (e.MayEdit(who, content.Facts) || slices.ContainsFunc(i18n.All, func(x i18n.Locale) bool { return e.MayEdit(who, content.Part(x)) }))
	for i, x := range deeds {
		s := &savedTogether{Did: x.Did, Who: names[x.By], When: i18n.DateTime(t.Locale, x.At.In(zone)), Note: revisionNote(t, x.Note)}
		switch x.Did {
		case content.DidPublish:
			s.Note = t.T("history.did.publish")
			s.Public = d.PublicURL + "&zone=" + url.QueryEscape(site) + "&at=" + url.QueryEscape(x.At.Add(time.Second).In(zone).Format("2006-01-02T15:04:05"))
		case content.DidWithdraw:
			s.Note = t.T("history.did.withdraw")
		case content.DidAutosave:
			s.Note = t.N("autosave.times", x.Autosaves)
			if x.Autosaves > 1 {
				s.When = i18n.When(t.Locale, x.Began.In(zone), x.At.In(zone), site, false)
			}
			fallthrough
		default:
			if s.Note == "" {
				s.Note = t.T("history.did.save")
			}
			if mayRestore && (i > 0 || page > 1) {
				s.At = x.At.UTC().Format(time.RFC3339Nano)
			}
		}
		for _, r := range x.Parts {
			s.Parts = append(s.Parts, savedPart{Name: partWords(t, r.Part), URL: revisionURL(k, e.ID, r.Part, r.Number), Number: r.Number, Live: r.Live && x.Did != content.DidPublish && x.Did != content.DidWithdraw,
				Now: e.Versions[r.Part] == r.Number && x.Did != content.DidPublish && x.Did != content.DidWithdraw})
		}
		d.Saves = append(d.Saves, s)
	}
	p.below(e, l, "history.name")
	p.Layout, p.D = "one", d
	return a.render(c, http.StatusOK, "history", p)
}

// restoreAt makes the entry as it was after a save the working one again.
func (a *Admin) restoreAt(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, v.Get("at"))
	if err != nil || at.Year() < 1945 || at.Year() > 9999 {
		return badOp()
	}
	if !e.MayEdit(who, content.Facts) && !slices.ContainsFunc(i18n.All, func(x i18n.Locale) bool { return e.MayEdit(who, content.Part(x)) }) {
		return auth.ErrForbidden
	}
	before := db.Now() // to be brought back to
	saved, err := a.content.RestoreAt(c.Request.Context(), who, e.ID, at)
	var invalid *content.Invalid
	var clash *content.Conflicted
	switch {
	case errors.As(err, &invalid), errors.As(err, &clash):
		flash(c, "error", "history.restore_failed")
		return web.Redirect(c, entryURL(k, e.ID, "")+"/history")
	case err != nil:
		return err
	case saved == nil:
		flash(c, "info", "history.restore_same")
	default:
		flashUndo(c, "history.restored_whole", undoHistory, map[string]string{"kind": k.Path, "id": e.ID, "at": before.Format(time.RFC3339Nano)})
	}
	return web.Redirect(c, entryURL(k, e.ID, l))
}

func entryTitle(t tongue, e *content.Entry) string {
	if e.Title == "" {
		return t.T("form.untitled")
	}
	return e.Title
}

func revisionURL(k *content.Kind, id string, p content.Part, n int) string {
	return fmt.Sprintf("%s/history/%s/%d", entryURL(k, id, ""), partName(p), n)
}

func partWords(t tongue, p content.Part) string {
	if p == content.Facts {
		return t.T("history.facts")
	}
	return i18n.LanguageName(t.Locale, string(p))
}

// revisionNote tells what the store noted by itself in words.
func revisionNote(t tongue, note string) string {
	if at, ok := content.ParseRestoredAt(note); ok {
		return t.T("history.restored_whole_from", "Time", i18n.DateTime(t.Locale, at)+" UTC")
	}
	if n, ok := strings.CutPrefix(note, "restored:"); ok {
		return t.T("history.restored_from", "Number", n)
	}
	if note == "exchange" {
		return t.T("exchange.history")
	}
	if mark, undone, ok := content.ParseMark(note); ok {
		if what := t.T("change." + mark); undone {
			return t.T("change.undo_what", "What", what)
		} else {
			return what
		}
	}
	if from, ok := content.ParseCopyNote(note); ok {
		title := from.Title
		if title == "" {
			title = t.T("form.untitled")
		}
		return t.T("history.copied_from", "Title", i18n.Isolate(title))
	}
	return note
}

// comparePage shows what one revision changed.
type comparePage struct {
	*entryForm
	Heading, Part, Who, When, Note string
	Number                         int
	Rows                           []compareRow
	Action, BackAction, List       string
	MayRestore, Now, Live          bool
	Older, Newer                   string
	With                           int      // the version on the other side; 0: before the first
	Versions                       []Choice // to compare with
	Sides                          bool     // both texts whole, in two columns
}

type compareRow struct {
	Trail    []string // where the field stands, the outermost first
	Path     string
	Lang     i18n.Locale
	Old, New template.HTML
	Merged   template.HTML // words with what went and what came marked in them; replaces Old and New
	Back     bool          // the earlier value can be brought back alone
}

// partParam reads the part and number an address names.
func partParam(c *gin.Context) (content.Part, int, error) {
	p := content.Part(c.Param("part"))
	if p == "facts" {
		p = content.Facts
	} else if _, ok := i18n.Parse(string(p)); !ok {
		return "", 0, db.ErrNotFound
	}
	n, err := strconv.Atoi(c.Param("number"))
	if err != nil || n < 1 || n > 1<<30 {
		return "", 0, db.ErrNotFound
	}
	return p, n, nil
}

func (a *Admin) compare(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	p, n, err := partParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	older, after, err := a.content.Beside(ctx, who, e.ID, p, n)
	if err != nil {
		return err
	}
	before := older
	if with := c.Query("with"); with != "" {
		if before, err = strconv.Atoi(with); err != nil || before < 0 || before > 1<<30 {
			return db.ErrNotFound
		}
	}
	diffs, err := a.content.Compare(ctx, who, e.ID, p, before, n)
	if err != nil {
		return err
	}
	f := a.filledForm(c, who, e, l)
	sides := c.Query("view") == "sides"
	d := &comparePage{entryForm: f, Heading: entryTitle(f.tongue, e), Part: partWords(f.tongue, p), Number: n,
		Action: revisionURL(k, e.ID, p, n), List: entryURL(k, e.ID, "") + "/history", MayRestore: e.MayEdit(who, p), Now: e.Versions[p] == n, Live: e.Live[p] == n}
	d.With, d.Sides = before, sides
	if before > 0 {
		d.BackAction = revisionURL(k, e.ID, p, before)
	}
	if older > 0 {
		d.Older = revisionURL(k, e.ID, p, older)
	}
	if after > 0 {
		d.Newer = revisionURL(k, e.ID, p, after)
	}
	if err := a.compared(ctx, f, d, p, n); err != nil {
		return err
	}
	if d.Rows, err = f.rowsOf(ctx, a, diffs, sides); err != nil {
		return err
	}
	for i, x := range diffs {
		d.Rows[i].Back = before > 0 && x.Field != nil && d.MayRestore && e.Listed(x.Path)
	}
	pg := a.page(c, "history.compare_title", "Title", d.Heading)
	pg.inKind(k, Link{d.Heading, entryURL(k, e.ID, l)}, Link{pg.T("history.name"), d.List})
	pg.Layout, pg.D = "one", d
	return a.render(c, http.StatusOK, "compare", pg)
}

// rowsOf looks up what differences refer to, and shows them as diffRows does.
func (f *entryForm) rowsOf(ctx context.Context, a *Admin, diffs []content.Difference, sides bool) ([]compareRow, error) {
	if err := f.lookupDifferences(ctx, a, diffs); err != nil {
		return nil, err
	}
	return f.diffRows(diffs, sides), nil
}

// diffRows shows differences to people, each with the place of its field; sides asks for both texts, in two columns.
func (f *entryForm) diffRows(diffs []content.Difference, sides bool) []compareRow {
	states := [2]content.Parts{}
	for i := range states {
		states[i] = content.Parts{}
		for part, leaves := range f.Entry.Parts {
			states[i][part] = maps.Clone(leaves)
		}
	}
	for _, x := range diffs {
		for i, raw := range [][]byte{x.Old, x.New} {
			if states[i][x.Part] == nil {
				states[i][x.Part] = content.Leaves{}
			}
			if raw != nil {
				states[i][x.Part][x.Path] = raw
			}
		}
	}
	var out []compareRow
	for _, x := range diffs {
		row := compareRow{Trail: f.trail(x.Path, states), Path: x.Path, Lang: x.Part.Locale()}
		f.marked(&row, x, states, sides)
		out = append(out, row)
	}
	return out
}

// compared tells whose version it is, and names those it can be compared with.
func (a *Admin) compared(ctx context.Context, f *entryForm, d *comparePage, p content.Part, n int) error {
	rows, err := a.content.RevisionsOfPart(ctx, f.who, f.Entry.ID, p, n, d.With)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Author)
	}
	names, err := a.accountNames(ctx, f.tongue, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		when := i18n.DateTime(f.Locale, r.At.In(content.Zone(f.zone)))
		if r.Number == n {
			d.Who, d.When, d.Note = names[r.Author], when, revisionNote(f.tongue, r.Note)
			continue
		}
		d.Versions = append(d.Versions, Choice{Value: strconv.Itoa(r.Number), Text: f.T("history.version_of", "Number", r.Number, "Time", when, "Name", names[r.Author])})
	}
	d.Versions = append(d.Versions, Choice{Value: "0", Text: f.T("history.before_first")})
	return nil
}

// lookupDifferences reads the names of all that either side refers to.
func (f *entryForm) lookupDifferences(ctx context.Context, a *Admin, diffs []content.Difference) error {
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return err
	}
	var ids, files []string
	var texts []storedText
	for _, x := range diffs {
		if x.Field == nil {
			continue
		}
		for _, raw := range [][]byte{x.Old, x.New} {
			switch x.Field.Type {
			case content.TypeRef:
				ids = append(ids, filled([]string{readJSON[string](raw)})...)
			case content.TypeRefs:
				ids = append(ids, readJSON[[]string](raw)...)
			case content.TypeFile:
				files = append(files, filled([]string{readJSON[string](raw)})...)
			case content.TypeProse:
				texts = append(texts, storedText{x.Part.Locale(), storedWords(raw)})
			}
		}
	}
	if err := a.lookupAddresses(ctx, f, texts); err != nil {
		return err
	}
	labels, err := a.content.Labels(ctx, f.Locale, ids)
	if err != nil {
		return err
	}
	for id, title := range labels {
		f.labels[id] = title
	}
	if a.media == nil {
		return nil
	}
	got, err := a.media.Get(ctx, files...)
	for id, file := range got {
		f.files[id] = file
	}
	return err
}

// trail names the places a path goes through: the list, its item, the field.
func (f *entryForm) trail(path string, states [2]content.Parts) []string {
	var out []string
	fields := f.Kind.Fields
	segs := strings.Split(path, ".")
	for i := 0; i < len(segs); i++ {
		at := slices.IndexFunc(fields, func(d *content.Field) bool { return d.Name == segs[i] })
		if at < 0 {
			return append(out, segs[i])
		}
		d := fields[at]
		if d.As == "title" {
			out = append(out, f.T("field.title"))
		} else {
			out = append(out, f.label(d))
		}
		if d.Type == content.TypeList && i+1 < len(segs) {
			i++
			prefix := strings.Join(segs[:i+1], ".")
			name := f.itemName(d, prefix, states[1])
			if name == "" {
				name = f.itemName(d, prefix, states[0])
			}
			if name != "" {
				out = append(out, name)
			}
		}
		fields = d.Fields
	}
	return out
}

// itemName tells what an item is by its first telling field.
func (f *entryForm) itemName(list *content.Field, prefix string, parts content.Parts) string {
	kindOf := ""
	for _, d := range list.Fields {
		path := prefix + "." + d.Name
		switch {
		case d.Text():
			for _, l := range []i18n.Locale{f.Locale, f.Lang, f.Original} {
				if w := parts[content.Part(l)].Text(path).Words; w != "" {
					return short(content.PlainText(w), 60)
				}
			}
		case d.Type == content.TypeRef:
			if id := readJSON[string](parts[content.Facts][path]); id != "" {
				return f.refLabel(id)
			}
		case d.Type == content.TypeString:
			if s := readJSON[string](parts[content.Facts][path]); s != "" {
				return short(s, 60)
			}
		case d.Type == content.TypeEnum && kindOf == "":
			if s := readJSON[string](parts[content.Facts][path]); s != "" {
				kindOf = enumLabel(f.tongue, d.Enum, s)
			}
		}
	}
	return kindOf
}

// storedWords are those of a stored text.
func storedWords(raw []byte) string { return content.Leaves{"": raw}.Text("").Words }

// inWords shows a stored leaf to people: dates, names and labels, never JSON.
func (f *entryForm) inWords(d *content.Field, path string, p content.Part, raw []byte, parts content.Parts) template.HTML {
	esc := func(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }
	nothing := template.HTML(`<span class="muted">` + template.HTMLEscapeString(f.T("history.empty")) + `</span>`)
	if len(raw) == 0 {
		return nothing
	}
	list := func(items []string) template.HTML {
		if len(items) == 0 {
			return nothing
		}
		out := `<ul class="bullets">`
		for _, i := range items {
			out += `<li dir="auto">` + template.HTMLEscapeString(i) + `</li>`
		}
		return template.HTML(out + `</ul>`)
	}
	if d == nil {
		return esc(f.T("history.unknown_field"))
	}
	switch d.Type {
	case content.TypeLine:
		return esc(storedWords(raw))
	case content.TypeProse:
		return f.withFacts(p.Locale(), storedWords(raw))
	case content.TypeString:
		return esc(readJSON[string](raw))
	case content.TypeBool:
		if readJSON[bool](raw) {
			return esc(f.T("history.yes"))
		}
		return esc(f.T("history.no"))
	case content.TypeInt:
		return esc(i18n.Number(f.Locale, readJSON[int](raw)))
	case content.TypeEnum:
		return esc(enumLabel(f.tongue, d.Enum, readJSON[string](raw)))
	case content.TypeEnums:
		var out []string
		for _, v := range readJSON[[]string](raw) {
			out = append(out, enumLabel(f.tongue, d.Enum, v))
		}
		return list(out)
	case content.TypeDate:
		return esc(i18n.Date(f.Locale, content.Date(readJSON[string](raw)).Time()))
	case content.TypeTime:
		return esc(i18n.DateTime(f.Locale, readJSON[content.LocalTime](raw).In(time.UTC)))
	case content.TypeMoment:
		m := readJSON[content.Moment](raw)
		return esc(i18n.When(f.Locale, m.Time(), time.Time{}, m.Zone, true))
	case content.TypeSlot:
		return esc(f.slotInWords(readJSON[content.Slot](raw), ""))
	case content.TypeWhen:
		s, _ := f.whenInWords(readJSON[content.When](raw))
		if s == "" {
			return nothing
		}
		return esc(s)
	case content.TypeRef:
		return esc(f.refLabel(readJSON[string](raw)))
	case content.TypeRefs:
		var out []string
		for _, id := range readJSON[[]string](raw) {
			out = append(out, f.refLabel(id))
		}
		return list(out)
	case content.TypeFile:
		if file := f.files[readJSON[string](raw)]; file != nil {
			return esc(file.Name)
		}
		return esc(f.T("form.gone", "ID", readJSON[string](raw)))
	case content.TypeList:
		ids, _ := content.ItemIDs(raw)
		var out []string
		for _, id := range ids {
			name := f.itemName(d, path+"."+id, parts)
			if name == "" {
				name = f.T("form.new_item")
			}
			out = append(out, name)
		}
		return list(out)
	}
	return nothing
}

// restoreRevision makes a former state the working one again: the part, or one field of it.
func (a *Admin) restoreRevision(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	p, n, err := partParam(c)
	if err != nil {
		return err
	}
	if !e.MayEdit(who, p) {
		return auth.ErrForbidden
	}
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	var paths []string
	if path := v.Get("path"); path != "" {
		if k.Field(path) == nil {
			return badOp()
		}
		paths = append(paths, path)
	}
	if _, err := a.content.RestoreRevision(c.Request.Context(), who, e.ID, p, n, paths...); err != nil {
		return err
	}
	flashUndo(c, "history.restored", undoRevision, map[string]string{"kind": k.Path, "id": e.ID, "part": partName(p), "number": strconv.Itoa(e.Versions[p]), "path": v.Get("path")})
	l := p.Locale()
	if p == content.Facts {
		l = ""
	}
	return web.Redirect(c, entryURL(k, e.ID, l))
}
