package admin

import (
	"context"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"znkr.io/diff"
)

// historyPage lists what was saved, by whom and when.
type historyPage struct {
	tongue
	Heading, Back string
	Saves         []*savedTogether
	Prev, Next    string
}

// savedTogether are the parts that one save changed.
type savedTogether struct {
	Who, When, Note string
	at              time.Time
	author          string
	Parts           []savedPart
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
	page, _ := web.Page(c)
	rows, err := a.content.Revisions(ctx, who, e.ID, (page-1)*historySize, historySize+1)
	if err != nil {
		return err
	}
	t := tongue{a.cat, web.Locale(c)}
	own := entryURL(k, e.ID, "") + "/history"
	d := &historyPage{tongue: t, Heading: e.Title, Back: entryURL(k, e.ID, l)}
	if len(rows) > historySize {
		rows, d.Next = rows[:historySize], own+"?page="+strconv.Itoa(page+1)
	}
	if page > 1 {
		d.Prev = own + "?page=" + strconv.Itoa(page-1)
	}
	var ids []string
	for _, r := range rows {
		if !slices.Contains(ids, r.Author) {
			ids = append(ids, r.Author)
		}
	}
	names, err := a.accountNames(ctx, t, ids)
	if err != nil {
		return err
	}
	zone := content.Zone(a.settings.Site().Zone)
	for _, r := range rows {
		var s *savedTogether
		if n := len(d.Saves); n > 0 && d.Saves[n-1].at.Equal(r.At) && d.Saves[n-1].author == r.Author {
			s = d.Saves[n-1]
		} else {
			s = &savedTogether{Who: names[r.Author], When: i18n.DateTime(t.Locale, r.At.In(zone)), Note: revisionNote(t, r.Note), at: r.At, author: r.Author}
			if r.Autosaves > 0 {
				s.Note = t.N("autosave.times", r.Autosaves)
			}
			if r.Autosaves > 1 {
				s.When = i18n.When(t.Locale, r.Began.In(zone), r.At.In(zone), a.settings.Site().Zone, false)
			}
			d.Saves = append(d.Saves, s)
		}
		s.Parts = append(s.Parts, savedPart{Name: partWords(t, r.Part), URL: revisionURL(k, e.ID, r.Part, r.Number), Number: r.Number, Live: r.Live, Now: e.Versions[r.Part] == r.Number})
	}
	p := a.page(c, "history.title", "Title", e.Title)
	p.Active, p.Layout, p.D = k.Name, "one", d
	p.Crumbs = []Link{{p.T("kind." + k.Name + ".many"), listURL(k)}, {entryTitle(t, e), entryURL(k, e.ID, l)}}
	p.Here = p.T("history.name")
	return a.render(c, http.StatusOK, "history", p)
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
	before, after, err := a.content.Beside(ctx, who, e.ID, p, n)
	if err != nil {
		return err
	}
	diffs, err := a.content.Compare(ctx, who, e.ID, p, before, n)
	if err != nil {
		return err
	}
	f := a.filledForm(c, who, e, l)
	d := &comparePage{entryForm: f, Heading: entryTitle(f.tongue, e), Part: partWords(f.tongue, p), Number: n,
		Action: revisionURL(k, e.ID, p, n), List: entryURL(k, e.ID, "") + "/history", MayRestore: e.MayEdit(who, p), Now: e.Versions[p] == n, Live: e.Live[p] == n}
	if before > 0 {
		d.BackAction, d.Older = revisionURL(k, e.ID, p, before), revisionURL(k, e.ID, p, before)
	}
	if after > 0 {
		d.Newer = revisionURL(k, e.ID, p, after)
	}
	if err := a.revisionAuthor(ctx, f, d, e, p, n); err != nil {
		return err
	}
	if err := f.lookupDifferences(ctx, a, diffs); err != nil {
		return err
	}
	d.Rows = f.diffRows(diffs)
	for i, x := range diffs {
		d.Rows[i].Back = before > 0 && x.Field != nil && d.MayRestore
	}
	pg := a.page(c, "history.compare_title", "Title", d.Heading)
	pg.Active, pg.Layout, pg.D = k.Name, "one", d
	pg.Crumbs = []Link{{pg.T("kind." + k.Name + ".many"), listURL(k)}, {d.Heading, entryURL(k, e.ID, l)}, {pg.T("history.name"), d.List}}
	return a.render(c, http.StatusOK, "compare", pg)
}

// diffRows shows differences to people, each with the place of its field.
func (f *entryForm) diffRows(diffs []content.Difference) []compareRow {
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
		if x.Field != nil && x.Field.Text() {
			row.Merged = wordDiff(f.plainWords(x.Field, x.Old), f.plainWords(x.Field, x.New))
		} else {
			row.Old, row.New = f.inWords(x.Field, x.Path, x.Part, x.Old, states[0]), f.inWords(x.Field, x.Path, x.Part, x.New, states[1])
		}
		out = append(out, row)
	}
	return out
}

func (a *Admin) revisionAuthor(ctx context.Context, f *entryForm, d *comparePage, e *content.Entry, p content.Part, n int) error {
	rows, err := a.content.Revisions(ctx, f.who, e.ID, 0, 1000)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Part != p || r.Number != n {
			continue
		}
		names, err := a.accountNames(ctx, f.tongue, []string{r.Author})
		if err != nil {
			return err
		}
		d.Who, d.When, d.Note = names[r.Author], i18n.DateTime(f.Locale, r.At.In(content.Zone(f.zone))), revisionNote(f.tongue, r.Note)
	}
	return nil
}

// lookupDifferences reads the names of all that either side refers to.
func (f *entryForm) lookupDifferences(ctx context.Context, a *Admin, diffs []content.Difference) error {
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return err
	}
	var ids, files []string
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
			}
		}
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

func (f *entryForm) plainWords(d *content.Field, raw []byte) string {
	w := content.Leaves{"": raw}.Text("").Words
	if d.Type == content.TypeProse {
		return strings.TrimSpace(content.PlainText(content.Clean(w)))
	}
	return w
}

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
		return esc(content.Leaves{"": raw}.Text("").Words)
	case content.TypeProse:
		return template.HTML(content.Clean(content.Leaves{"": raw}.Text("").Words))
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

// wordDiff marks what went and what came, word by word; in Chinese, Japanese and Korean character by character.
func wordDiff(was, now string) template.HTML {
	var b strings.Builder
	op, open := diff.Match, ""
	shut := func() {
		if open != "" {
			b.WriteString("</" + open + ">")
			open = ""
		}
	}
	for _, e := range diff.Edits(tokens(was), tokens(now)) {
		if e.Op != op {
			shut()
			op = e.Op
			switch op {
			case diff.Delete:
				open = "del"
			case diff.Insert:
				open = "ins"
			}
			if open != "" {
				b.WriteString("<" + open + ">")
			}
		}
		s := e.X
		if e.Op == diff.Insert {
			s = e.Y
		}
		b.WriteString(strings.ReplaceAll(template.HTMLEscapeString(s), "\n", "<br>"))
	}
	shut()
	return template.HTML(b.String())
}

// tokens cuts words for comparison: a word with the blanks behind it, or one character of a script without blanks.
func tokens(s string) []string {
	var out []string
	start, blank := 0, false
	for i, r := range s {
		cjk := unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
		if i > start && (cjk || blank && !unicode.IsSpace(r)) {
			out = append(out, s[start:i])
			start = i
		}
		blank = unicode.IsSpace(r) || cjk
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
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
	flash(c, "success", "history.restored")
	l := p.Locale()
	if p == content.Facts {
		l = ""
	}
	return web.Redirect(c, entryURL(k, e.ID, l))
}
