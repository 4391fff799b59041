package admin

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

const publishedURL = "/admin/published"

// publishedRoutes are the addresses of the list of who published what, of the site and of one entry.
func (a *Admin) publishedRoutes() []web.Route {
	routes := []web.Route{{Method: http.MethodGet, Path: publishedURL, Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.published}}
	for _, f := range sheet.Formats {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: publishedURL + "." + string(f), Rule: web.Needs(auth.Read), Class: web.Personal, Handle: a.exportPublished(f)})
	}
	return routes
}

// publishedScreen lists who published and withdrew what, and when.
type publishedScreen struct {
	Filter                          *Form
	Filtered                        bool
	Entry                           string // whose list it is, by name
	Back                            string // its form
	People, Deeds, Kinds, Languages []Choice
	Lines                           []publishedLine
	Prev, Next                      string
	Files                           []Link
	Action                          string
}

type publishedLine struct {
	At                    time.Time
	Who, What, Title, URL string
	Kind, Parts, Public   string
}

const publishedSize = 50

var publishedParams = []string{"entry", "by", "did", "kind", "lang", "from", "to", "page"}

// publishedQuery reads what is asked for; days that are none are in the form's Bad.
func (a *Admin) publishedQuery(c *gin.Context) (content.PublishingQuery, *Form, error) {
	var q content.PublishingQuery
	form, err := readFilters(c.Request.URL.Query(), publishedParams)
	if err != nil {
		return q, nil, err
	}
	form.Values.Del("page")
	q.Entry, q.By, q.Kind = form.Get("entry"), form.Get("by"), form.Get("kind")
	if q.Kind != "" && a.content.Kind(q.Kind) == nil {
		return q, nil, errQuery()
	}
	if q.Locale, err = filterLocale(form, "lang"); err != nil {
		return q, nil, err
	}
	switch did := form.Get("did"); did {
	case "":
	case content.DidPublish, content.DidWithdraw:
		withdrawn := did == content.DidWithdraw
		q.Withdrawn = &withdrawn
	default:
		return q, nil, errQuery()
	}
	zone := content.Zone(a.settings.Site().Zone)
	for name, to := range map[string]*time.Time{"from": &q.From, "to": &q.Until} {
		v := form.Get(name)
		if v == "" {
			continue
		}
		day, err := a.parseDay(c, v)
		if err != nil {
			form.Bad[name] = "users.until_wrong"
			continue
		}
		*to = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
		if name == "to" {
			*to = to.AddDate(0, 0, 1)
		}
	}
	return q, form, nil
}

func (a *Admin) published(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	p := a.page(c, "published.title")
	p.Active, p.Layout = "published", "one"
	q, form, err := a.publishedQuery(c)
	if err != nil {
		return err
	}
	d := publishedScreen{Filter: form, Action: publishedURL}
	for name := range form.Values {
		d.Filtered = d.Filtered || name != "entry"
	}
	if q.Entry != "" {
		e, err := a.content.Get(ctx, who, q.Entry)
		if err != nil {
			return err
		}
		d.Entry, d.Back = entryTitle(p.tongue(), e), entryURL(e.Kind, e.ID, "")
		d.Action += "?entry=" + e.ID
		p.Title = p.T("published.of", "Title", d.Entry)
		p.below(e, "", "published.title")
		p.Layout = "one"
	}
	page, _ := web.Page(c)
	q.Offset, q.Limit = (page-1)*publishedSize, publishedSize
	var list []content.Publishing
	var more bool
	if len(form.Bad) == 0 {
		if list, more, err = a.content.Publishings(ctx, who, q); err != nil {
			return err
		}
	}
	if d.Lines, err = a.publishedLines(c, p.Locale, list); err != nil {
		return err
	}
	if page > 1 {
		d.Prev = pageURL(c, page-1)
	}
	if more {
		d.Next = pageURL(c, page+1)
	}
	for _, did := range []string{content.DidPublish, content.DidWithdraw} {
		d.Deeds = append(d.Deeds, Choice{Value: did, Text: p.T("history.did." + did)})
	}
	people, err := a.content.Publishers(ctx, who)
	if err != nil {
		return err
	}
	names, err := a.accountNames(ctx, p.tongue(), people)
	if err != nil {
		return err
	}
	for _, id := range people {
		d.People = append(d.People, Choice{Value: id, Text: names[id]})
	}
	i18n.SortBy(p.Locale, d.People, func(x Choice) string { return x.Text })
	d.Kinds = p.readableKinds()
	for _, l := range i18n.All {
		d.Languages = append(d.Languages, Choice{Value: string(l), Text: p.Language(string(l))})
	}
	query := form.Values.Encode()
	for _, f := range sheet.Formats {
		d.Files = append(d.Files, Link{strings.ToUpper(string(f)), publishedURL + "." + string(f) + "?" + query})
	}
	p.D = d
	status := http.StatusOK
	if len(form.Bad) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return a.render(c, status, "published", p)
}

// publishedLines says what was done in words.
func (a *Admin) publishedLines(c *gin.Context, l i18n.Locale, list []content.Publishing) ([]publishedLine, error) {
	t := tongue{a.cat, l}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.By)
	}
	names, err := a.accountNames(c.Request.Context(), t, ids)
	if err != nil {
		return nil, err
	}
	var out []publishedLine
	for _, x := range list {
		k := a.content.Kind(x.Kind)
		if k == nil {
			continue
		}
		line := publishedLine{At: x.At, Who: names[x.By], What: t.T("history.did.publish"), Title: x.Title, URL: entryURL(k, x.EntryID, ""), Kind: t.T("kind." + x.Kind + ".one")}
		if line.Title == "" {
			line.Title = t.T("form.untitled")
		}
		if x.Withdrawn {
			line.What = t.T("history.did.withdraw")
		} else {
			line.Public = line.URL + "/preview?of=public&zone=UTC&at=" + x.At.UTC().Add(time.Second).Format("2006-01-02T15:04:05")
		}
		var parts []string
		if x.Facts {
			parts = append(parts, t.T("history.facts"))
		}
		for _, in := range x.Locales {
			parts = append(parts, i18n.LanguageName(l, string(in)))
		}
		line.Parts = i18n.List(l, parts)
		out = append(out, line)
	}
	return out, nil
}

func (a *Admin) exportPublished(f sheet.Format) func(*gin.Context) error {
	return func(c *gin.Context) error {
		l := web.Locale(c)
		q, form, err := a.publishedQuery(c)
		if err != nil {
			return err
		}
		if len(form.Bad) > 0 {
			return web.Fail(http.StatusUnprocessableEntity, "error.bad_request")
		}
		list, _, err := a.content.Publishings(c.Request.Context(), web.Actor(c), q)
		if err != nil {
			return err
		}
		lines, err := a.publishedLines(c, l, list)
		if err != nil {
			return err
		}
		t := sheet.Table{Zone: content.Zone(a.settings.Site().Zone), RightToLeft: l.Dir() == "rtl",
			Head: sheet.Texts(a.cat.T(l, "published.at"), a.cat.T(l, "published.by"), a.cat.T(l, "published.did"), a.cat.T(l, "published.parts"), a.cat.T(l, "published.kind"), a.cat.T(l, "published.entry"), a.cat.T(l, "published.address"))}
		for _, x := range lines {
			t.Rows = append(t.Rows, append([]sheet.Cell{{At: x.At}}, sheet.Texts(x.Who, x.What, x.Parts, x.Kind, x.Title, a.base+x.URL)...))
		}
		var b bytes.Buffer
		if err := t.Write(&b, f); err != nil {
			return err
		}
		return sendTable(c, f, "published", b.Bytes())
	}
}
