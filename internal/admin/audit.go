package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// logPeople are the details of a line that name accounts.
var logPeople = []string{"on_behalf_of", "deputy"}

// logActions are the words and beginnings of words one can filter the log by.
var logActions = []string{"submit", "return", "clear", "waive", "unwaive", "reword", "publish", "unpublish", "schedule.", "preview.", "comment.", "create", "save", "delete", "restore", "media.", "account.", "grant.", "session.", "settings.", "registrants.", "letter.", "task.", "term.", "memory."}

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
}

type logLine struct {
	auth.Line
	What   string
	Object string
	URL    string // of the object, where there is a page
	Detail []Link // name and value
}

func (a *Admin) auditLog(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "log.title")
	p.Active, p.Layout = "log", "one"
	d := logScreen{Filter: &Form{Values: map[string][]string{}, Bad: map[string]string{}}}
	for _, name := range []string{"actor", "action", "entry", "from", "to"} {
		if v := strings.TrimSpace(c.Query(name)); v != "" {
			d.Filter.Values.Set(name, v)
			d.Filtered = true
		}
	}
	f := auth.AuditFilter{Actor: d.Filter.Get("actor"), Action: d.Filter.Get("action"), ID: d.Filter.Get("entry")}
	zone := content.Zone(a.settings.Site().Zone)
	for name, to := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		if v := d.Filter.Get(name); v != "" {
			day, err := a.parseDay(c, v)
			if err != nil {
				d.Filter.Bad[name] = "users.until_wrong"
				p.Failed = true
				continue
			}
			*to = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
			if name == "to" {
				*to = to.AddDate(0, 0, 1)
			}
		}
	}
	page, _ := web.Page(c)
	lines, total, err := a.auth.AuditLog(ctx, who, f, auth.Paging{Offset: (page - 1) * 50, Size: 50})
	if err != nil {
		return err
	}
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
		return err
	}
	names, err := a.auth.Names(ctx, ids)
	if err != nil {
		return err
	}
	files, err := a.media.Get(ctx, ids...)
	if err != nil {
		return err
	}
	for _, l := range lines {
		d.Lines = append(d.Lines, a.logLine(p, l, labels, names, files))
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if page*50 < total {
		d.Next = pageURL(c, page+1)
	}
	d.Total, d.From, d.To = total, min((page-1)*50+1, total), min((page-1)*50+len(lines), total)
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
