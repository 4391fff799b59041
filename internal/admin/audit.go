package admin

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/uptrace/bun"

	"github.com/gin-gonic/gin"
)

// logPeople are the details of a line that name accounts.
var logPeople = []string{"on_behalf_of", "deputy"}

// logActions are the words and beginnings of words one can filter the log by.
var logActions = []string{"submit", "return", "clear", "waive", "unwaive", "reword", "publish", "unpublish", "schedule.", "preview.", "comment.", "create", "save", "delete", "restore", "media.", "account.", "grant.", "session.", "settings.", "registrants.", "messages.", "letter.", "discussion.", "comments.", "guest.", "task.", "term.", "memory.", "log."}

// logScreen is the log of who did what.
type logScreen struct {
	Filter     *Form
	Lines      []logLine
	People     []Choice
	Actions    []Choice
	Total      int
	From, To   int
	Prev, Next string
	Filtered   bool
	Files      []Link // the lines found, as tables
	Most       int    // lines of such a table, where there are more; else 0
	Checked    *auth.Checked
}

// LastChecked is when all of the chain was last gone through, in words; empty: not yet.
func (d logScreen) LastChecked(p *Page) string {
	if d.Checked.At.IsZero() {
		return ""
	}
	return p.DateTime(d.Checked.At)
}

type logLine struct {
	auth.Line
	What   string
	Object string
	URL    string // of the object, where there is a page
	Detail []Link // name and value
}

// logExport is how many lines a table of the log has at most: the newest.
const logExport = 20_000

func (a *Admin) logRoutes() []web.Route {
	routes := []web.Route{{Method: http.MethodGet, Path: "/admin/log", Rule: web.Needs(auth.ReadAudit), Class: web.Personal, Handle: a.auditLog}}
	for _, f := range sheet.Formats {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: "/admin/log/lines." + string(f), Rule: web.Needs(auth.ReadAudit), Class: web.Personal,
			Handle: func(c *gin.Context) error { return a.exportLog(f, c) }})
	}
	return routes
}

// logFilter reads what of the log is asked for, as it was typed and as it is understood; false if it is not.
func (a *Admin) logFilter(c *gin.Context) (*Form, auth.AuditFilter, bool) {
	form, good := &Form{Values: map[string][]string{}, Bad: map[string]string{}}, true
	for _, name := range []string{"actor", "action", "entry", "from", "to"} {
		if v := strings.TrimSpace(c.Query(name)); v != "" {
			form.Values.Set(name, v)
		}
	}
	f := auth.AuditFilter{Actor: form.Get("actor"), Action: form.Get("action"), ID: form.Get("entry")}
	zone := content.Zone(a.settings.Site().Zone)
	for name, to := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		if v := form.Get(name); v != "" {
			day, err := a.parseDay(c, v)
			if err != nil {
				form.Bad[name] = "users.until_wrong"
				good = false
				continue
			}
			*to = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
			if name == "to" {
				*to = to.AddDate(0, 0, 1)
			}
		}
	}
	return form, f, good
}

// logLines gives lines the words of people, entries and files they are about.
func (a *Admin) logLines(c *gin.Context, p *Page, lines []auth.Line) ([]logLine, error) {
	ctx := c.Request.Context()
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.Object.ID)
		for _, name := range logPeople {
			if id, ok := l.Detail[name].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	labels, err := a.content.Labels(ctx, p.Locale, ids)
	if err != nil {
		return nil, err
	}
	names, err := a.auth.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	files, err := a.media.Get(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]logLine, len(lines))
	for i, l := range lines {
		out[i] = a.logLine(p, l, labels, names, files)
	}
	return out, nil
}

func (a *Admin) auditLog(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "log.title")
	p.Active, p.Layout = "log", "one"
	form, f, good := a.logFilter(c)
	p.Failed = !good
	d := logScreen{Filter: form, Filtered: len(form.Values) > 0}
	page, _ := web.Page(c)
	lines, total, err := a.auth.AuditLog(ctx, who, f, auth.Paging{Offset: (page - 1) * 50, Size: 50})
	if err != nil {
		return err
	}
	if d.Lines, err = a.logLines(c, p, lines); err != nil {
		return err
	}
	if d.Checked, err = a.auth.Checked(ctx, who); err != nil {
		return err
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if page*50 < total {
		d.Next = pageURL(c, page+1)
	}
	d.Total, d.From, d.To = total, min((page-1)*50+1, total), min((page-1)*50+len(lines), total)
	if good && total > 0 {
		q := c.Request.URL.Query()
		q.Del("page")
		for _, f := range sheet.Formats {
			d.Files = append(d.Files, Link{strings.ToUpper(string(f)), strings.TrimSuffix("/admin/log/lines."+string(f)+"?"+q.Encode(), "?")})
		}
		if total > logExport {
			d.Most = logExport
		}
	}
	accounts, _, err := a.auth.List(ctx, who, auth.AccountFilter{}, auth.Paging{Size: 200})
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		d.People = append(d.People, Choice{Value: acc.ID, Text: acc.Name})
	}
	for _, action := range logActions {
		d.Actions = append(d.Actions, Choice{Value: action, Text: p.T("log.group." + strings.TrimSuffix(action, "."))})
	}
	p.D = d
	status := http.StatusOK
	if p.Failed {
		status = http.StatusUnprocessableEntity
	}
	return a.render(c, status, "log", p)
}

// exportLog sends the lines that the list shows, the newest first, and writes down that they were taken.
func (a *Admin) exportLog(format sheet.Format, c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "log.title")
	_, f, good := a.logFilter(c)
	if !good {
		return db.ErrNotFound
	}
	t := sheet.Table{Zone: content.Zone(a.settings.Site().Zone), RightToLeft: p.Locale.Dir() == "rtl",
		Head: sheet.Texts(p.T("record.number"), p.T("log.at"), p.T("log.person"), p.T("log.what"), p.T("record.action"), p.T("log.object"), p.T("record.kind"), p.T("record.id"), p.T("record.language"), p.T("record.detail"), p.T("record.link"))}
	const size = 1000
	for len(t.Rows) < logExport {
		lines, _, err := a.auth.AuditLog(ctx, who, f, auth.Paging{Offset: len(t.Rows), Size: size})
		if err != nil {
			return err
		}
		told, err := a.logLines(c, p, lines)
		if err != nil {
			return err
		}
		for _, l := range told {
			number := sheet.Cell{}
			if l.Seq > 0 {
				number = sheet.Cell{Text: strconv.FormatInt(l.Seq, 10), Number: true}
			}
			var detail []string
			for _, d := range l.Detail {
				detail = append(detail, p.T("page.field_problem", "Field", d.Text, "Problem", d.URL))
			}
			if l.TakenOut {
				detail = append(detail, p.T("record.taken_out"))
			}
			row := append([]sheet.Cell{number, {At: l.At}}, sheet.Texts(cmp.Or(l.ActorName, l.Actor), l.What, l.Action, l.Object, l.Line.Object.Kind, l.Line.Object.ID, string(l.Line.Object.Locale), strings.Join(detail, "\n"), l.Link)...)
			t.Rows = append(t.Rows, row)
		}
		if len(lines) < size {
			break
		}
	}
	if err := a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return auth.Audit(ctx, tx, who, "log.export", auth.Object{Kind: "log"}, map[string]any{"count": len(t.Rows)})
	}); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Write(&b, format); err != nil {
		return err
	}
	return sendTable(c, format, "log", b.Bytes())
}

// pageURL is this page's address with another page number.
func pageURL(c *gin.Context, n int) string {
	q := c.Request.URL.Query()
	q.Set("page", fmt.Sprint(n))
	return c.Request.URL.Path + "?" + q.Encode()
}

func (a *Admin) logLine(p *Page, l auth.Line, labels, names map[string]string, files map[string]*media.File) logLine {
	out := logLine{Line: l, What: l.Action}
	if key := "log.action." + strings.ReplaceAll(l.Action, ".", "_"); p.Has(key) {
		out.What = p.T(key)
	}
	o := l.Object
	switch k := a.content.Kind(o.Kind); {
	case k != nil:
		out.Object = labels[o.ID]
		if t, ok := l.Detail["title"].(string); ok && out.Object == "" {
			out.Object = t
		}
		if labels[o.ID] != "" {
			out.URL = entryURL(k, o.ID, "")
		}
		if out.Object == "" {
			out.Object = p.KindOne(o.Kind)
		}
	case o.Kind == "account":
		if out.Object = names[o.ID]; out.Object != "" && p.Actor.CanSomewhere(auth.ManageUsers) {
			out.URL = "/admin/users/" + o.ID
		}
	case o.Kind == "letter":
		// Its subject and recipient are for those who may see the letter itself.
		if out.Object = p.T("outbox.letter"); p.Actor.CanSomewhere(auth.SendMessages) {
			out.URL = "/admin/outbox/" + o.ID
		}
	case o.Kind == "task":
		out.Object, _ = l.Detail["task"].(string)
	case o.Kind == "media":
		// A link needs words: not every line about a file holds its name.
		if f := files[o.ID]; f != nil {
			out.Object, out.URL = f.Name, "/admin/media/"+o.ID
		} else {
			out.Object, _ = l.Detail["name"].(string)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Detail)) {
		v := p.detail(name, l.Detail[name])
		if slices.Contains(logPeople, name) {
			v = names[v]
		}
		if v != "" {
			out.Detail = append(out.Detail, Link{p.T("log.detail." + name), v})
		}
	}
	return out
}

// detail writes what the log keeps of a change; what is only of use to machines is left out.
func (p *Page) detail(name string, v any) string {
	if !p.Has("log.detail." + name) {
		return ""
	}
	one := func(v any) string {
		s := fmt.Sprint(v)
		switch name {
		case "parts":
			if l, ok := i18n.Parse(s); ok {
				return l.Endonym()
			}
			return p.T("log.facts")
		case "role":
			return p.T("auth.role." + s)
		case "what":
			return p.T("schedule.action." + s)
		case "check":
			return p.T("writing.rule." + s)
		case "own_text":
			return p.T("history.yes")
		case "mark", "undone":
			return p.T("change." + s)
		case "scope":
			return p.T("auth.scope." + s)
		case "way":
			var ways []string
			for way := range strings.SplitSeq(s, "+") {
				ways = append(ways, p.T("log.way."+way))
			}
			return strings.Join(ways, " + ")
		case "fields":
			if s == "keys_off" {
				return p.T("account.keys")
			}
			if p.Has("account." + s) {
				return p.T("account." + s)
			}
		case "locale":
			return i18n.Locale(s).Endonym()
		case "until", "at":
			if t, err := time.Parse(time.RFC3339, s); err == nil {
				return p.DateTime(t)
			}
		case "size":
			if n, ok := v.(float64); ok {
				return p.Bytes(int64(n))
			}
		}
		return s
	}
	if list, ok := v.([]any); ok {
		var all []string
		for _, x := range list {
			all = append(all, one(x))
		}
		return p.List(all)
	}
	return one(v)
}
