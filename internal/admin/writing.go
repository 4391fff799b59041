package admin

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"
	"plenary/internal/writing"

	"github.com/gin-gonic/gin"
)

// writingRoutes are the addresses of what the checks of the writing mark.
func (a *Admin) writingRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		at := func(method string, handle func(*content.Kind, *gin.Context) error) {
			routes = append(routes, web.Route{Method: method, Path: listURL(k) + "/:id/writing", Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: 128 << 10,
				Handle: func(c *gin.Context) error { return handle(k, c) }})
		}
		at(http.MethodGet, a.writingPage)
		at(http.MethodPost, a.doWriting)
	}
	return routes
}

func writingURL(e *content.Entry, l i18n.Locale) string {
	return entryURL(e.Kind, e.ID, "") + "/writing?lang=" + string(l)
}

// foundView is a finding in words, with the way to its place.
type foundView struct {
	clearance.Found
	Rule, Text, Place string
	Href              template.URL
	Who, When         string // of the waiver
}

// foundViews puts findings into words.
func (a *Admin) foundViews(ctx context.Context, f *entryForm, found []clearance.Found) ([]foundView, error) {
	var ids []string
	for _, x := range found {
		if x.Waiver != nil {
			ids = append(ids, x.Waiver.Author)
		}
	}
	names, err := a.accountNames(ctx, f.tongue, ids)
	if err != nil {
		return nil, err
	}
	var out []foundView
	for _, x := range found {
		v := foundView{Found: x, Rule: f.T("writing.rule." + x.Check), Text: f.quoted(x.Problem())}
		v.Place = f.T("writing.place", "Field", f.nameOf(x.Path), "Block", i18n.Number(f.Locale, x.Block))
		v.Href = template.URL("#" + content.FormName(x.Path, x.Locale))
		if x.Waiver != nil {
			v.Who, v.When = names[x.Waiver.Author], i18n.DateTime(f.Locale, x.Waiver.At.In(content.Zone(f.zone)))
		}
		out = append(out, v)
	}
	return out, nil
}

// quoted says what a problem of the writing is, and of which words.
func (t tongue) quoted(p content.Problem) string {
	args := slices.Clone(p.Args)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i+1].(string); ok && args[i] == "Fact" {
			args[i+1] = t.factName(name)
		}
	}
	text := t.T(p.Key, args...)
	arg := func(name string) string {
		for i := 0; i+1 < len(p.Args); i += 2 {
			if p.Args[i] == name {
				s, _ := p.Args[i+1].(string)
				return s
			}
		}
		return ""
	}
	quote, other := arg("Quote"), arg("Other")
	if l, ok := i18n.Parse(other); ok {
		other = i18n.LanguageName(t.Locale, string(l))
	}
	switch {
	case quote == "" && other == "":
		return text
	case quote == "":
		return t.T("writing.quote", "Rule", text, "Quote", i18n.Isolate(other))
	case other == "":
		return t.T("writing.quote", "Rule", text, "Quote", i18n.Isolate(quote))
	}
	return t.T("writing.quote_other", "Rule", text, "Quote", i18n.Isolate(quote), "Other", i18n.Isolate(other))
}

// measureLines say how long a text is and how hard to read.
func (t tongue) measureLines(l i18n.Locale, m writing.Measure) []string {
	if m.Words == 0 {
		return nil
	}
	unit, mean := "writing.words", "writing.mean"
	if l == i18n.ZH {
		unit, mean = "writing.characters", "writing.mean_characters"
	}
	out := []string{t.T(unit, "Count", i18n.Number(t.Locale, m.Words)), t.T("writing.minutes", "Count", i18n.Number(t.Locale, m.Minutes))}
	if m.Sentences > 0 {
		out = append(out, t.T(mean, "Count", i18n.Number(t.Locale, int(m.Mean+0.5))))
	}
	if m.Formula != "" {
		word := "writing.ease_hard"
		switch {
		case m.Ease >= 60:
			word = "writing.ease_easy"
		case m.Ease >= 30:
			word = "writing.ease_middling"
		}
		out = append(out, t.T("writing.ease", "Count", i18n.Number(t.Locale, m.Ease), "Formula", i18n.Isolate(m.Formula), "Word", t.T(word)))
	}
	return out
}

// writingCard stands beside the form: what is to be mended, and how long the text is.
type writingCard struct {
	URL     string
	Found   []foundView // not waived, those that forbid publishing first
	More    string      // how many more there are, "" for none
	Waived  string      // how many are let stand
	Measure []string
}

// maxBeside is how many findings stand beside the form.
const maxBeside = 8

// writingBeside makes the card of the form's language, and gives what keeps chosen languages from being published.
func (a *Admin) writingBeside(ctx context.Context, f *entryForm, chosen []i18n.Locale) (*writingCard, []content.Problem, error) {
	e := f.Entry
	if e == nil || e.Deleted != nil {
		return nil, nil, nil
	}
	var stops []content.Problem
	var here []clearance.Found
	if !slices.Contains(chosen, f.Lang) {
		chosen = append(slices.Clone(chosen), f.Lang)
	}
	for _, l := range chosen {
		p := content.Part(l)
		if l != f.Lang && (!a.settings.Site().ChecksBlock() || e.Live[p] == e.Versions[p]) {
			continue
		}
		found, err := a.clearance.Findings(ctx, e, l)
		if err != nil {
			return nil, nil, err
		}
		if l == f.Lang {
			here = found
		}
		for _, x := range found {
			if x.Stops() && e.Live[p] != e.Versions[p] {
				stops = append(stops, x.Problem())
			}
		}
	}
	texts := content.Texts(e.Kind, e.Value, f.Lang)
	if len(texts) == 0 {
		return nil, stops, nil
	}
	d := &writingCard{URL: writingURL(e, f.Lang), Measure: f.measureLines(f.Lang, writing.Of(f.Lang, texts...))}
	var open []clearance.Found
	waived := 0
	for _, x := range here {
		if x.Waiver != nil {
			waived++
		} else {
			open = append(open, x)
		}
	}
	if waived > 0 {
		d.Waived = f.T("writing.waived_count", "Count", i18n.Number(f.Locale, waived))
	}
	slices.SortStableFunc(open, func(x, y clearance.Found) int {
		switch {
		case x.Blocks == y.Blocks:
			return 0
		case x.Blocks:
			return -1
		}
		return 1
	})
	if n := len(open) - maxBeside; n > 0 {
		d.More = i18n.Number(f.Locale, n)
		open = open[:maxBeside]
	}
	var err error
	d.Found, err = a.foundViews(ctx, f, open)
	return d, stops, err
}

// writingScreen lists all findings in a language, check by check, with what was let stand and why.
type writingScreen struct {
	*entryForm
	Heading, Back, Action string
	Checks                []checkView
	Measure               []string
	Fields                []choice // how long and how hard each text is
	NoFormula             bool
	May                   bool
	Why                   string // as typed
	Chosen                []string
	Stops                 int
	Tongues               []tab
	Notices               []Notice
}

type checkView struct {
	Name, Rule, Help string
	Blocks           bool
	Open, Waived     []foundView
}

// Ticked reports whether a finding is chosen.
func (d *writingScreen) Ticked(key string) bool { return slices.Contains(d.Chosen, key) }

func (a *Admin) writingPage(k *content.Kind, c *gin.Context) error {
	who, e, l, err := a.load(k, c)
	if err != nil {
		return err
	}
	return a.showWriting(c, who, e, l, http.StatusOK, url.Values{}, nil)
}

func (a *Admin) showWriting(c *gin.Context, who *auth.Actor, e *content.Entry, l i18n.Locale, status int, v url.Values, notices []Notice) error {
	ctx := c.Request.Context()
	f := a.filledForm(c, who, e, l)
	if err := f.lookup(ctx, a.content, a.media); err != nil {
		return err
	}
	d := &writingScreen{entryForm: f, Heading: entryTitle(f.tongue, e), Back: entryURL(e.Kind, e.ID, l), Action: writingURL(e, l), May: clearance.MayWaive(who, e, l),
		Why: v.Get("why"), Chosen: v["mark"], Notices: notices}
	found, err := a.clearance.Findings(ctx, e, l)
	if err != nil {
		return err
	}
	views, err := a.foundViews(ctx, f, found)
	if err != nil {
		return err
	}
	for i, x := range views {
		q := url.Values{"lang": {string(l)}, "block": {strconv.Itoa(x.Block)}, "quote": {x.Quote}}
		views[i].Href = template.URL(entryURL(e.Kind, e.ID, "") + "?" + q.Encode() + "#" + content.FormName(x.Path, l))
	}
	for _, check := range writing.Checks {
		x := checkView{Name: check, Rule: f.T("writing.rule." + check), Help: f.T("writing.help." + check)}
		for _, y := range views {
			switch {
			case y.Check != check:
				continue
			case y.Waiver != nil:
				x.Waived = append(x.Waived, y)
			default:
				x.Open = append(x.Open, y)
			}
			x.Blocks = y.Blocks
			if y.Stops() {
				d.Stops++
			}
		}
		if len(x.Open)+len(x.Waived) > 0 {
			d.Checks = append(d.Checks, x)
		}
	}
	texts := content.Texts(e.Kind, e.Value, l)
	whole := writing.Of(l, texts...)
	d.Measure, d.NoFormula = f.measureLines(l, whole), whole.Words > 0 && !writing.HasFormula(l)
	for _, t := range texts {
		if m := writing.Of(l, t); t.Prose && m.Words > 0 {
			d.Fields = append(d.Fields, choice{strings.Join(f.measureLines(l, m), " · "), f.nameOf(t.Path)})
		}
	}
	for _, t := range i18n.All {
		if s, ok := e.Languages[t]; ok || t == l {
			d.Tongues = append(d.Tongues, tab{t, writingURL(e, t), s.State, t == l})
		}
	}
	p := a.page(c, "writing.title", "Title", d.Heading)
	p.below(e, l, "writing.name")
	p.D = d
	return a.render(c, status, "writing", p)
}

// doWriting lets findings stand, or takes that back.
func (a *Admin) doWriting(k *content.Kind, c *gin.Context) error {
	who, e, l, v, err := a.loadForm(k, c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	done := "writing.done.waive"
	switch v.Get("op") {
	case "waive":
		err = a.clearance.Waive(ctx, who, e.ID, l, v["mark"], v.Get("why"))
	case "unwaive":
		done, err = "writing.done.unwaive", a.clearance.Unwaive(ctx, who, e.ID, l, v.Get("key"))
	default:
		return badOp()
	}
	var bad *content.Invalid
	switch {
	case errors.As(err, &bad):
		f := a.bareForm(c)
		var notices []Notice
		for _, x := range bad.Problems {
			notices = append(notices, Notice{"error", f.T(x.Key, x.Args...)})
		}
		return a.showWriting(c, who, e, l, http.StatusUnprocessableEntity, v, notices)
	case err != nil:
		return err
	}
	flash(c, "success", done)
	return web.Redirect(c, writingURL(e, l))
}

// OtherWords says what a quotation is compared with.
func (d *writingScreen) OtherWords(other string) string {
	if l, ok := i18n.Parse(other); ok {
		return i18n.LanguageName(d.Locale, string(l))
	}
	return other
}
