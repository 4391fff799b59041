package admin

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/memory"
	"plenary/internal/typography"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// What memory, terms and typography say about a unit is shown beside it by the template part "unit_help", which the script
// unithelp.ts asks for; it also puts what a button holds in data-put into the translation.

// unitHelpRoutes are the addresses of the help beside units.
func (a *Admin) unitHelpRoutes() []web.Route {
	var routes []web.Route
	for _, k := range a.content.Kinds {
		routes = append(routes, web.Route{Method: http.MethodPost, Path: listURL(k) + "/:id/unit-help", Rule: web.Needs(auth.Read), Class: web.Personal, MaxBody: 1 << 20,
			Handle: func(c *gin.Context) error { return a.unitHelp(k, c) }})
	}
	return routes
}

// unitHelp is what the template part shows.
type unitHelp struct {
	*Page
	Now        string // the words of the translation, without markup
	From, To   i18n.Locale
	Source     template.HTML // with its terms marked
	Matches    []helpMatch
	Terms      []helpTerm
	Warnings   []helpTerm // names that are not to be used, and terms that are missing
	Typography []helpFix
}

type helpMatch struct {
	Score          int
	Source, Target template.HTML // Source with what is different marked
	Words          string        // to put in
	Where, URL, At string
}

type helpTerm struct {
	Words, Note string
	Use         []string
	Kind        string // message: terms.<kind>
}

// helpFix is how words are set and how they would be, with what stands next to them; Words is the whole text put right.
type helpFix struct{ Rule, Was, Fix, Words string }

func fixOf(words string, f typography.Finding) helpFix {
	return helpFix{Rule: f.Rule, Was: around(words, f.Start, f.End, f.Was), Fix: around(words, f.Start, f.End, f.Fix)}
}

// unitHelp answers with the help beside a unit of an entry: lang, path, index, and in words what stands in the field of the
// translation, of running text all of it.
func (a *Admin) unitHelp(k *content.Kind, c *gin.Context) error {
	who, e, err := a.exchangeEntry(k, c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	to, ok := i18n.Parse(form.Get("lang"))
	index, bad := strconv.Atoi(form.Get("index"))
	if !ok || bad != nil || !slices.Contains(a.memory.Targets(e), to) {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	for _, pair := range k.Pairs(e.Parts, e.Original, to) {
		if pair.Path == form.Get("path") && pair.Index == index {
			p := a.page(c, "exchange.title")
			words := form.Get("words")
			if pair.Field.Type == content.TypeProse {
				blocks := append(content.Blocks(content.Clean(words)), make([]string, index+1)...)
				words = blocks[index]
			}
			h, err := a.helpWith(c, p, who, e.Original, to, pair, words)
			if err != nil {
				return err
			}
			p.D = h
			return a.renderPart(c, http.StatusOK, "unithelp", "unit_help", p)
		}
	}
	return db.ErrNotFound
}

// helpWith makes the help beside a unit; words are what stands in the translation, saved or not.
func (a *Admin) helpWith(c *gin.Context, p *Page, who *auth.Actor, from, to i18n.Locale, pair content.Pair, words string) (*unitHelp, error) {
	h, err := a.memory.Help(c.Request.Context(), who, from, to, pair.Field.Type, pair.Source, words)
	if err != nil {
		return nil, err
	}
	out := &unitHelp{Page: p, Now: words, From: from, To: to, Source: marked(h.Source.Plain(), h.Hints.Source)}
	if pair.Field.Type == content.TypeProse {
		out.Now = content.PlainText(words)
	}
	for _, m := range h.Matches {
		line := p.memoryLine(m.Match, from, to)
		x := helpMatch{Score: m.Score, Source: codes(string(wordDiff(m.Source.String(), h.Source.String()))), Target: coded(m.Target), Words: m.Words, Where: line.Where, URL: line.URL, At: line.At}
		out.Matches = append(out.Matches, x)
	}
	met := map[string]bool{}
	for _, t := range h.Hints.Source {
		if !met[t.Term] {
			met[t.Term] = true
			out.Terms = append(out.Terms, helpTerm{Words: t.Words, Use: t.Use, Note: t.Note})
		}
	}
	out.Warnings = termWarnings(h.Hints)
	for _, f := range h.Typography {
		x := fixOf(h.Target.Plain(), f.Finding)
		x.Words = f.Words
		out.Typography = append(out.Typography, x)
	}
	return out, nil
}

// termWarnings are what the terms say against a unit.
func termWarnings(h *memory.Hints) []helpTerm {
	var out []helpTerm
	for _, x := range []struct {
		kind string
		hits []memory.Hit
	}{{"avoid", h.Avoid}, {"stale", h.Stale}, {"missing", h.Missing}} {
		for _, t := range x.hits {
			if len(t.Use) == 0 { // nothing is agreed instead
				t.Use = []string{"–"}
			}
			out = append(out, helpTerm{Words: t.Words, Use: t.Use, Note: t.Note, Kind: x.kind})
		}
	}
	return out
}

// marked is words with the terms in them marked.
func marked(words string, hits []memory.Hit) template.HTML {
	var b strings.Builder
	at := 0
	for _, h := range hits {
		if h.Start < at {
			continue
		}
		b.WriteString(template.HTMLEscapeString(words[at:h.Start]) + "<mark>" + template.HTMLEscapeString(words[h.Start:h.End]) + "</mark>")
		at = h.End
	}
	b.WriteString(template.HTMLEscapeString(words[at:]))
	return template.HTML(b.String())
}

// around shows a place with the words next to it, blanks that do not break as an open box.
func around(words string, start, end int, instead string) string {
	before, after := []rune(words[:start]), []rune(words[end:])
	before, after = before[max(len(before)-12, 0):], after[:min(len(after), 12)]
	return strings.NewReplacer("\u00a0", "⍽", "\u202f", "⍽").Replace(string(before) + instead + string(after))
}
