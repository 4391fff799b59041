package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"
)

// Joint clearance: the organisations that answer for an entry together sign it off, each in its own name.

func (a *Admin) jointRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		if _, shared := k.New().(content.Partnered); !shared {
			continue
		}
		at := listURL(k) + "/:id/joint"
		routes = append(routes,
			web.Route{Method: http.MethodGet, Path: at, Rule: web.Needs(auth.Read), Class: web.Personal, Handle: func(c *gin.Context) error { return a.jointPage(k, c) }},
			web.Route{Method: http.MethodPost, Path: at, Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: 64 << 10, Handle: func(c *gin.Context) error { return a.doJoint(k, c) }})
	}
	return routes
}

func jointURL(e *content.Entry, l i18n.Locale) string {
	return entryURL(e.Kind, e.ID, "") + "/joint?lang=" + string(l)
}

// jointLine is an organisation and how far it is with a language.
type jointLine struct {
	Name, Text     string
	Missing, Waits bool
	Objects        bool
}

// jointScreen is one language of an entry as organisations sign it off.
type jointScreen struct {
	*entryForm
	Back, Action string
	Lines        []jointLine
	Mine         []jointMine
	Seen         []choice // versions of the parts, as hidden fields
	Asks         bool     // the reader may ask those who are missing
	Typed        string
	Steps        []jointStep
	Tongues      []jointTongue
	Notices      []Notice
}

// jointMine is what somebody may say in the name of an organisation, with what changed since it signed.
type jointMine struct {
	ID, Name, Against string
	Rows              []compareRow
	Signs, Objects    bool
}

type jointStep struct{ Line, Note string }

type jointTongue struct {
	Lang         i18n.Locale
	URL          string
	Missing      int
	Here         bool
	Tone, Status string
}

// jointLines tells how far each organisation that is asked to sign off is with a language.
func (a *Admin) jointLines(ctx context.Context, t tongue, e *content.Entry, l i18n.Locale) ([]jointLine, error) {
	all, _, err := a.clearance.Agreements(ctx, e)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return a.jointWords(ctx, t, e, l, all)
}

func (a *Admin) jointWords(ctx context.Context, t tongue, e *content.Entry, l i18n.Locale, all []clearance.Agreement) ([]jointLine, error) {
	var organisations, people []string
	for _, x := range all {
		organisations = append(organisations, x.Organization)
		for _, r := range x.Signed {
			people = append(people, r.Author)
		}
	}
	names, err := a.content.Labels(ctx, t.Locale, organisations)
	if err != nil {
		return nil, err
	}
	who, err := a.accountNames(ctx, t, people)
	if err != nil {
		return nil, err
	}
	zone := content.Zone(a.settings.Site().Zone)
	var out []jointLine
	for _, x := range all {
		missing := x.Missing(l)
		line := jointLine{Name: names[x.Organization], Missing: len(missing) > 0, Waits: x.Waits, Objects: x.Objections[l] != nil}
		_, before := x.Base[content.Part(l)]
		switch {
		case len(missing) == 0:
			r := x.Signed[content.Part(l)]
			line.Text = t.T("joint.signed", "Name", i18n.Isolate(who[r.Author]), "Time", i18n.DateTime(t.Locale, r.At.In(zone)))
		case line.Objects:
			line.Text = t.T("joint.objects")
		case len(missing) == 1 && missing[0] == content.Facts:
			line.Text = t.T("joint.facts_open")
		case len(missing) == 1:
			key := "joint.words_missing"
			if before {
				key = "joint.words_open"
			}
			line.Text = t.T(key, "Language", i18n.LanguageName(t.Locale, string(l)))
		case before:
			line.Text = t.T("joint.open_again")
		default:
			line.Text = t.T("joint.missing")
		}
		out = append(out, line)
	}
	return out, nil
}

func (a *Admin) jointPage(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showJoint(c, who, e, l, http.StatusOK, url.Values{}, nil)
}

// showJoint shows the page; v is what was typed and could not be done.
func (a *Admin) showJoint(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, status int, v url.Values, notices []Notice) error {
	ctx := c.Request.Context()
	f := a.filledForm(c, who, e, l)
	d := &jointScreen{entryForm: f, Back: entryURL(e.Kind, e.ID, l), Action: jointURL(e, l), Typed: v.Get("note"), Notices: notices}
	d.Seen = []choice{seen(e, content.Facts), seen(e, content.Part(l))}
	all, rows, err := a.clearance.Agreements(ctx, e)
	if err != nil {
		return err
	}
	if d.Lines, err = a.jointWords(ctx, f.tongue, e, l, all); err != nil {
		return err
	}
	_, words := e.Languages[l]
	d.Asks = e.Deleted == nil && words && who.Can(auth.Submit, e.TextObject(l)) && slices.ContainsFunc(d.Lines, func(x jointLine) bool { return x.Missing })
	mine := clearance.SignsFor(who, e)
	for i, x := range all {
		if !words || !slices.Contains(mine, x.Organization) {
			continue
		}
		m := jointMine{ID: x.Organization, Name: d.Lines[i].Name, Signs: d.Lines[i].Missing, Objects: !d.Lines[i].Objects, Against: f.T("joint.against_nothing")}
		if len(x.Base) > 0 {
			m.Against = f.T("joint.against_signed")
		}
		since := map[content.Part]int{content.Facts: x.Base[content.Facts], content.Part(l): x.Base[content.Part(l)]}
		diffs, err := a.content.Since(ctx, a.db.Read(), e, since)
		if err != nil {
			return err
		}
		if m.Rows, err = f.rowsOf(ctx, a, diffs, false); err != nil {
			return err
		}
		d.Mine = append(d.Mine, m)
	}
	if err := a.jointSteps(ctx, d, rows, l); err != nil {
		return err
	}
	for _, t := range i18n.All {
		if _, some := e.Languages[t]; !some && t != l {
			continue
		}
		x := jointTongue{Lang: t, URL: jointURL(e, t), Here: t == l, Tone: "ok", Status: f.T("joint.all_signed")}
		for _, o := range all {
			if len(o.Missing(t)) > 0 {
				x.Missing++
			}
		}
		if x.Missing > 0 {
			x.Tone, x.Status = "warn", f.N("joint.missing_count", x.Missing)
		}
		d.Tongues = append(d.Tongues, x)
	}
	p := a.page(c, "joint.title", "Title", entryTitle(f.tongue, e))
	p.below(e, l, "joint.name")
	p.D = d
	return a.render(c, status, "joint", p)
}

// jointSteps tells what was said of a language, the latest first.
func (a *Admin) jointSteps(ctx context.Context, d *jointScreen, rows []clearance.SignOff, l i18n.Locale) error {
	var people, organisations []string
	for _, r := range rows {
		people = append(people, r.Author)
		organisations = append(organisations, filled([]string{r.Organisation})...)
	}
	names, err := a.accountNames(ctx, d.tongue, people)
	if err != nil {
		return err
	}
	labels, err := a.content.Labels(ctx, d.Locale, organisations)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(rows) {
		if r.Locale == l {
			d.Steps = append(d.Steps, jointStep{d.T("joint.did."+string(r.State), "Name", i18n.Isolate(names[r.Author]), "Organization", i18n.Isolate(labels[r.Organisation]), "Time", d.moment(r.At)), r.Note})
		}
	}
	return nil
}

// doJoint signs off, objects, or asks those who are missing.
func (a *Admin) doJoint(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	op, organisation, _ := strings.Cut(v.Get("op"), " ")
	switch op {
	case "agree", "object":
		err = a.clearance.Sign(ctx, who, e.ID, organisation, l, op == "agree", seenVersions(v), v.Get("note"))
	case "ask":
		err = a.clearance.Ask(ctx, who, e.ID, l, seenVersions(v), v.Get("note"))
	default:
		return badOp()
	}
	if err != nil {
		return a.undecided(c, who, e, l, v, err, "joint.moved", a.showJoint)
	}
	flash(c, "success", "joint.done."+op)
	return web.Redirect(c, jointURL(e, l))
}
