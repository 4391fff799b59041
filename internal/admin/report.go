package admin

import (
	"context"
	"net/http"
	"slices"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// reportPage asks what of an event flows into the draft of its outcome report.
type reportPage struct {
	tongue
	Parts        []*clonePart
	Languages    string
	Action, Back string
	Offices      []choice
	Office       string
	There        []Link // reports of the event that there are
}

func reportURL(e *content.Entry) string { return entryURL(e.Kind, e.ID, "") + "/report" }

// reportable reports whether an event has begun, so that there is something to report.
func (a *Admin) reportable(e *content.Entry) bool {
	ev, ok := e.Value.(*kind.Event)
	return ok && e.Deleted == nil && !ev.Off() && !ev.Begins().IsZero() && ev.Begins().Before(a.now())
}

// draftReportForm shows what flows into the draft.
func (a *Admin) draftReportForm(k *content.Kind, c *gin.Context) error {
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	offices := a.offices(who, kind.ReportKind.Name)
	if len(offices) == 0 {
		return auth.ErrForbidden
	}
	if !a.reportable(e) {
		return db.ErrNotFound
	}
	ctx := c.Request.Context()
	f := a.bareForm(c)
	p := &reportPage{tongue: f.tongue, Action: reportURL(e), Back: entryURL(k, e.ID, ""), Office: e.Office}
	if !slices.Contains(offices, p.Office) {
		p.Office = offices[0]
	}
	if p.Offices, err = a.officeChoices(ctx, f, offices); err != nil {
		return err
	}
	there, _, err := a.content.List(ctx, who, content.ListQuery{Kind: kind.ReportKind.Name, Event: e.ID, Limit: 20})
	if err != nil {
		return err
	}
	for _, r := range there {
		p.There = append(p.There, Link{r.Title, entryURL(kind.ReportKind, r.ID, "")})
	}
	ev := e.Value.(*kind.Event)
	var beside kind.ReportSource
	if beside.Asked, beside.Participation, err = a.besideEvent(ctx, who, e); err != nil {
		return err
	}
	for _, name := range kind.ReportParts {
		part := &clonePart{Name: name, Label: p.T("report_draft.part." + name), Checked: true}
		if !beside.Holds(ev, name) {
			part.Off, part.Checked, part.Note = true, false, p.T("clone.why.empty")
		}
		p.Parts = append(p.Parts, part)
	}
	var names []string
	for _, l := range reportLocales(who, e, p.Office) {
		names = append(names, i18n.LanguageName(p.Locale, string(l)))
	}
	p.Languages = i18n.List(p.Locale, names)
	page := a.page(c, "report_draft.name")
	page.below(e, "", "report_draft.name")
	page.Title, page.Path, page.D = p.T("report_draft.title", "Title", entryTitle(p.tongue, e)), p.Action, p
	return a.render(c, http.StatusOK, "report_draft", page)
}

// reportLocales are the languages of an event that somebody may write a report in; the original always comes first.
func reportLocales(who *auth.Actor, e *content.Entry, office string) []i18n.Locale {
	out := []i18n.Locale{e.Original}
	for _, l := range i18n.All {
		o := auth.Object{Kind: kind.ReportKind.Name, Office: office, Author: who.ID, Locale: l}
		if l != e.Original && len(e.Parts[content.Part(l)]) > 0 && who.Can(auth.EditText, o) {
			out = append(out, l)
		}
	}
	return out
}

// draftReport makes the draft and leads to it.
func (a *Admin) draftReport(k *content.Kind, c *gin.Context) error {
	v, err := web.Form(c)
	if err != nil {
		return err
	}
	who, e, _, err := a.load(k, c)
	if err != nil {
		return err
	}
	office := v.Get("office")
	if !slices.Contains(a.offices(who, kind.ReportKind.Name), office) {
		return auth.ErrForbidden
	}
	if !a.reportable(e) {
		return db.ErrNotFound
	}
	for _, name := range v["part"] {
		if !slices.Contains(kind.ReportParts, name) {
			return badOp()
		}
	}
	saved, err := a.makeReport(c.Request.Context(), who, e, office, v["part"])
	if err != nil {
		return err
	}
	flash(c, "success", "report_draft.done", "Title", entryTitle(a.bareForm(c).tongue, e))
	return web.Redirect(c, entryURL(kind.ReportKind, saved.ID, ""))
}

func (a *Admin) makeReport(ctx context.Context, who *auth.Actor, e *content.Entry, office string, parts []string) (*content.Saved, error) {
	ev := e.Value.(*kind.Event)
	around, err := a.content.Surroundings(ctx, e)
	if err != nil {
		return nil, err
	}
	locales := reportLocales(who, e, office)
	var ids []string
	for _, link := range e.Kind.Links(e.Value) {
		if link.ToKind != "file" {
			ids = append(ids, link.ToID)
		}
	}
	names := map[i18n.Locale]map[string]string{}
	for _, l := range locales {
		if names[l], err = a.content.Labels(ctx, l, ids); err != nil {
			return nil, err
		}
	}
	asked, numbers, err := a.besideEvent(ctx, who, e)
	if err != nil {
		return nil, err
	}
	r := ev.OutcomeReport(kind.ReportSource{Parts: parts, Asked: asked, Participation: numbers, Original: e.Original, Locales: locales, Words: a.cat,
		Name:   func(l i18n.Locale, id content.Ref) string { return names[l][string(id)] },
		Around: kind.AroundOf(e.Original, func(id string) any { return around.Named[id] }, around.About, ev),
		Today:  content.Date(a.now().In(content.Zone(a.settings.Site().Zone)).Format("2006-01-02"))})
	r.Event = content.Ref(e.ID)
	set := kind.ReportKind.Split(r)
	change := content.Change{Kind: kind.ReportKind, Original: e.Original, Office: office, Set: content.Parts{}, Fresh: map[content.Part][]string{}}
	for part, leaves := range set {
		if part != content.Facts && !slices.Contains(locales, part.Locale()) {
			continue
		}
		change.Set[part] = leaves
		if part != content.Facts && part.Locale() != e.Original {
			// All languages were written from the same facts at once.
			change.Fresh[part] = sortedKeys(leaves)
		}
	}
	return a.content.Save(ctx, who, change)
}
