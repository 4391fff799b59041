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

	"plenary/internal/auth"
	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// commentRoutes are the addresses of what readers say on drafts, and of a report as a document. Who may change the report's
// facts deals with what is said about it; package comment asks.
func (a *Admin) commentRoutes() []web.Route {
	k := kind.ReportKind
	of := func(handle func(*content.Kind, *gin.Context) error) func(*gin.Context) error {
		return func(c *gin.Context) error { return handle(k, c) }
	}
	rule := web.Needs(auth.EditFacts)
	at := func(method, path string, handle func(*content.Kind, *gin.Context) error) web.Route {
		return web.Route{Method: method, Path: listURL(k) + "/:id" + path, Rule: rule, Class: web.Personal, Handle: of(handle)}
	}
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{at(get, "/comments", a.commentList), at(post, "/comments/:comment", a.disposeComment),
		at(get, "/comments/export.csv", a.exportComments(sheet.CSV)), at(get, "/comments/export.xlsx", a.exportComments(sheet.XLSX)), at(get, "/comments/compilation.docx", a.compileComments),
		{Method: get, Path: listURL(k) + "/:id/report.docx", Rule: web.Needs(auth.Read), Class: web.Personal, Handle: of(a.reportDocument)}}
}

func commentsURL(id string) string { return entryURL(kind.ReportKind, id, "") + "/comments" }

// commentActions lead from a report to what is said on it, and to it as a document.
func (a *Admin) commentActions(who *auth.Actor, e *content.Entry, t tongue) []Link {
	if e.Kind != kind.ReportKind {
		return nil
	}
	var out []Link
	if who.Can(auth.EditFacts, e.Object()) {
		out = append(out, Link{t.T("comments.title"), commentsURL(e.ID)})
	}
	return append(out, Link{t.T("comments.document"), entryURL(e.Kind, e.ID, "") + "/report.docx?lang=" + string(e.Original)})
}

// commentScreen is what was said on a report.
type commentScreen struct {
	Path, Filter, Paragraph string
	Tabs                    []registrantCount
	Rows                    []commentRow
	Dispositions            []Choice
	Accounts                []choice
	From, To, Total         int
	Prev, Next              string
	Problems                []Link
}

type commentRow struct {
	comment.Comment
	Place, Nation, Tone, Label string
	Paragraphs                 []string
	PlaceURL                   string
	Changed                    bool // the paragraph has other words now
	Disposition, Reason, By    string
	Tell                       bool
	Bad                        string // what is wrong with the reason
	Steps                      []registrantStepLine
}

var dispositionTags = map[string]string{"": "rev", "accepted": "ok", "partly": "ok", "declined": "bad"}

func (a *Admin) commentList(k *content.Kind, c *gin.Context) error {
	return a.showComments(k, c, nil, nil)
}

// showComments draws the list; sent is a decision that was refused.
func (a *Admin) showComments(k *content.Kind, c *gin.Context, sent url.Values, refused error) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx, query := c.Request.Context(), c.Request.URL.Query()
	if sent != nil {
		query = commentsBack(e.ID, sent).Query()
	}
	d := commentScreen{Path: commentsURL(e.ID), Filter: query.Get("state"), Paragraph: query.Get("paragraph")}
	if d.Filter == "" {
		d.Filter = comment.Open
	}
	if !slices.Contains(comment.Filters, d.Filter) {
		return errQuery()
	}
	const size = 25
	page := 1
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 1 && n < 10_000 {
		page = n
	}
	list, counts, err := a.comments.List(ctx, who, e.ID, d.Filter, d.Paragraph, (page-1)*size, size)
	if err != nil {
		return err
	}
	p := a.page(c, "comments.title")
	p.below(e, "", "comments.title")
	p.Layout = "one"
	at := func(filter, paragraph string, page int) string {
		v := url.Values{"state": {filter}}
		if paragraph != "" {
			v.Set("paragraph", paragraph)
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		return d.Path + "?" + v.Encode()
	}
	for _, f := range comment.Filters {
		label := "comments.filter." + f
		if slices.Contains(comment.Dispositions, f) {
			label = "enum.disposition." + f
		}
		d.Tabs = append(d.Tabs, registrantCount{p.T(label), at(f, d.Paragraph, 1), counts[f], f == d.Filter})
	}
	for _, x := range comment.Dispositions {
		d.Dispositions = append(d.Dispositions, Choice{Value: x, Text: p.T("enum.disposition." + x)})
	}
	ids := []string{who.ID}
	steps := map[string][]comment.Step{}
	for _, x := range list {
		if x.Assignee != "" {
			ids = append(ids, x.Assignee)
		}
		if steps[x.ID], err = a.comments.Log(ctx, who, e.ID, x.ID); err != nil {
			return err
		}
		for _, s := range steps[x.ID] {
			if s.Actor != "" {
				ids = append(ids, s.Actor)
			}
		}
	}
	if d.Accounts, err = a.accountChoices(ctx, who, p.tongue(), ids); err != nil {
		return err
	}
	names, err := a.accountNames(ctx, p.tongue(), ids)
	if err != nil {
		return err
	}
	round := e.Value.(comment.Rounded).CommentRound()
	for _, x := range list {
		r := commentRow{Comment: x, Place: comment.Place(a.cat, p.Locale, x.Kind, x.Number), Tone: dispositionTags[x.Disposition], Label: p.T("comments.filter.open"), PlaceURL: at(d.Filter, x.Paragraph, 1),
			Paragraphs: strings.Split(x.Text, "\n\n"), Disposition: x.Disposition, Reason: x.Reason, By: x.Assignee, Tell: x.Told == nil && x.Mail != ""}
		if x.Disposition != "" {
			r.Label = p.T("enum.disposition." + x.Disposition)
		}
		if x.State == comment.Withdrawn {
			r.Label, r.Tone = p.T("comments.filter.withdrawn"), ""
		}
		if x.Country != "" {
			r.Nation = i18n.CountryName(p.Locale, x.Country)
		}
		now, _ := round.Paragraph(x.Paragraph)
		r.Changed = now == nil || now.Words.In(x.WordsLocale) != x.Words
		for _, s := range steps[x.ID] {
			r.Steps = append(r.Steps, registrantStepLine{What: p.T("comments.step." + s.Action), Who: names[s.Actor], At: s.At})
		}
		if sent != nil && c.Param("comment") == x.ID {
			r.Disposition, r.Reason, r.By = sent.Get("disposition"), sent.Get("reason"), sent.Get("assignee")
			f := &Form{Values: sent}
			if !p.refused(f, refused) {
				return refused
			}
			r.Bad = p.T(f.Bad["reason"])
			d.Problems = []Link{{r.Bad, "#reason-" + x.ID}}
		}
		d.Rows = append(d.Rows, r)
	}
	if sent != nil && !p.Failed { // it is on another page now
		return refused
	}
	d.Total = counts[d.Filter]
	d.From, d.To = min((page-1)*size+1, d.Total), (page-1)*size+len(list)
	if page > 1 {
		d.Prev = at(d.Filter, d.Paragraph, page-1)
	}
	if d.To < d.Total {
		d.Next = at(d.Filter, d.Paragraph, page+1)
	}
	p.D = d
	code := http.StatusOK
	if p.Failed {
		code = http.StatusUnprocessableEntity
	}
	return a.render(c, code, "comments", p)
}

// commentsBack is the list that a form came from.
func commentsBack(id string, form url.Values) *url.URL {
	u, err := url.Parse(form.Get("back"))
	if err != nil || u.Path != commentsURL(id) || !web.SafePath(form.Get("back")) {
		return &url.URL{Path: commentsURL(id)}
	}
	return u
}

func (a *Admin) disposeComment(k *content.Kind, c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	x := comment.Decision{Disposition: form.Get("disposition"), Reason: form.Get("reason"), Assignee: form.Get("assignee"), Tell: form.Get("tell") != ""}
	if x.Assignee != "" { // an account that is
		names, err := a.auth.Names(ctx, []string{x.Assignee})
		if err != nil {
			return err
		}
		if names[x.Assignee] == "" {
			return badOp()
		}
	}
	err = a.comments.Dispose(ctx, who, e.ID, c.Param("comment"), x)
	var bad *registration.Invalid
	switch {
	case errors.As(err, &bad):
		return a.showComments(k, c, form, err)
	case err != nil:
		return err
	}
	flash(c, "success", "comments.saved")
	return web.Redirect(c, commentsBack(e.ID, form).String())
}

func (a *Admin) exportComments(f sheet.Format) func(*content.Kind, *gin.Context) error {
	return func(k *content.Kind, c *gin.Context) error {
		t, err := a.comments.Table(c.Request.Context(), web.Actor(c), c.Param("id"), web.Locale(c))
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Write(&b, f); err != nil {
			return err
		}
		return sendTable(c, f, "comments-"+c.Param("id"), b.Bytes())
	}
}

func (a *Admin) compileComments(_ *content.Kind, c *gin.Context) error {
	b, err := a.comments.Compilation(c.Request.Context(), web.Actor(c), c.Param("id"), web.Locale(c))
	if err != nil {
		return err
	}
	return sendDocument(c, "comments-"+c.Param("id"), b)
}

// sendDocument answers with a document to save.
func sendDocument(c *gin.Context, name string, body []byte) error {
	c.Header("Content-Type", docx.Type)
	c.Header("Content-Disposition", `attachment; filename="`+name+`.docx"`)
	c.Status(http.StatusOK)
	_, err := c.Writer.Write(body)
	return err
}

// reportDocument is the report as it is worked on, as a document in a language.
func (a *Admin) reportDocument(k *content.Kind, c *gin.Context) error {
	_, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	r, ok := e.Value.(*kind.Report)
	if !ok {
		return db.ErrNotFound
	}
	s := kind.DocumentSource{Locale: l, Original: e.Original, Words: a.cat, Modified: e.Updated, BaseURL: a.base, EventLocale: l}
	if r.Event != "" {
		names, err := a.content.Labels(c.Request.Context(), l, []string{string(r.Event)})
		if err != nil {
			return err
		}
		s.Event = names[string(r.Event)]
	}
	b, err := r.OutcomeDocument(s)
	if err != nil {
		return err
	}
	return sendDocument(c, "report-"+e.ID+"-"+string(l), b)
}

// commentsDue are the reports with comments to deal with, for the first page.
func (a *Admin) commentsDue(ctx context.Context, p *Page) ([]listCount, error) {
	due, err := a.comments.Due(ctx, p.Actor, kind.ReportKind.Name)
	var out []listCount
	for _, x := range due {
		out = append(out, listCount{Title: x.Title, Lang: x.Original, URL: commentsURL(x.Entry), N: x.N})
	}
	return out, err
}

// listCount is an entry with how much of something waits there.
type listCount struct {
	Title, URL string
	Lang       i18n.Locale
	N          int
}
