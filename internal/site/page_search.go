package site

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/analysis"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/search"

	"github.com/gin-gonic/gin"
)

// searching is the page of results, as far as it is a list: by what it can be narrowed.
var searching = &listing{path: "search", filters: []filterSpec{{"kind", "kind"}, {"topic", "topic"}, {"country", "country"}, {"organization", "organization"}, {"year", "year"}}}

const searchSize = 20

// searchQuery is what the address of a page of results asks for.
type searchQuery struct {
	listQuery
	words string
}

func (q searchQuery) values() url.Values {
	v := q.listQuery.values(searching)
	if q.words != "" {
		v.Set("q", q.words)
	}
	return v
}

// readSearchQuery is readListQuery with words, which are cut where nobody reads them any further.
func readSearchQuery(q url.Values) (out searchQuery, exact bool) {
	rest := url.Values{}
	for name, values := range q {
		if name != "q" {
			rest[name] = values
		}
	}
	out.listQuery, exact = readListQuery(searching, rest)
	out.others = 1
	if rest.Get("others") != "" {
		exact = false
	}
	words := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(q.Get("q"), ""), "\x00", ""))
	for i, n := 0, 0; i < len(words); n++ {
		if n == analysis.LongestQuery {
			words = words[:i]
			break
		}
		_, size := utf8.DecodeRuneInString(words[i:])
		i += size
	}
	out.words = words
	if last := search.MostOffset / searchSize; out.page > last {
		out.page, exact = last, false
	}
	return out, exact && len(q["q"]) < 2 && (words == q.Get("q") || strings.TrimSpace(q.Get("q")) == words)
}

// searchPage is results as their template draws them.
type searchPage struct {
	*base
	Words      string
	Results    *search.Results
	Heading    string // how many there are
	Tabs       []searchTab
	Filters    []filterField
	Active     []activeFilter
	Kept       []hidden // what is asked for beside the words
	Hits       []hit
	Others     []otherHits
	Meant      template.HTML // what was perhaps meant, with its link, or what is shown instead
	Tips       []string
	Prev, Next string
}

type searchTab struct {
	link
	Count   string
	Current bool
}

type hidden struct{ Name, Value string }

// hit is a result: a card, with what was found marked.
type hit struct {
	card
	Found, Excerpt template.HTML
	Around         template.HTMLAttr // of the excerpt
}

type otherHits struct {
	Name, All text
	URL       string
	Hits      []hit
}

// searchTo is the address of a search.
func searchTo(l i18n.Locale, q searchQuery) string {
	to := address(l, searching.path)
	if v := q.values(); len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}

// search answers the page of results. It is a GET with all that is asked for in its address, kept nowhere but in the reader's browser.
func (s *Site) search(c *gin.Context, l i18n.Locale) error {
	q, exact := readSearchQuery(c.Request.URL.Query())
	if !exact {
		c.Header("Cache-Control", "no-store")
		return s.redirect(c, 302, searchTo(l, q))
	}
	if q.words != "" {
		c.Header("Cache-Control", "private, no-cache")
	}
	return s.answer(c, func(ctx context.Context) (*answer, error) { return s.results(ctx, l, q) })
}

func (s *Site) results(ctx context.Context, l i18n.Locale, q searchQuery) (*answer, error) {
	b, err := s.newBase(ctx, l, searching.path)
	if err != nil {
		return nil, err
	}
	p := &searchPage{base: b, Words: q.words}
	b.Title, b.NoIndex, b.Canonical, b.Alternates, b.Feeds = b.message("search.title"), true, "", nil, nil
	b.Crumbs = []link{{b.URL(""), b.message("page.home")}}
	for i := range b.Languages { // kinds and filters are the same in every language, and so may the words be
		at := q
		at.page = 1
		b.Languages[i].URL = searchTo(b.Languages[i].Locale, at)
	}
	if q.words == "" {
		p.Tips = p.tips()
		return s.render("search", b, p)
	}
	b.Title = b.message("search.of", "Words", q.words)
	facets := map[string]string{}
	for name, v := range q.filters {
		if name != "kind" {
			facets[name] = v
		}
	}
	ask := search.Ask{Locale: l, Words: q.words, Kind: q.filters["kind"], Facets: facets, Offset: (q.page - 1) * searchSize, Limit: searchSize}
	known, err := p.filters(q, nil)
	if err != nil {
		return nil, err
	}
	var others []i18n.Locale
	if q.page == 1 && !b.Settings.OwnOnly {
		others = s.languages()
	}
	p.Results = &search.Results{Answer: &search.Answer{Query: analysis.Parse(l, q.words)}}
	if known {
		if p.Results, err = s.Search.Everywhere(ctx, ask, others); err != nil {
			return nil, err
		}
	}
	r := p.Results
	if q.page > 1 && len(r.Hits) == 0 {
		return nil, errPastEnd
	}
	if _, err := p.filters(q, r.Facets); err != nil {
		return nil, err
	}
	p.tabs(q)
	now := s.Now()
	if p.Hits, err = p.hits(l, now, r.Hits); err != nil {
		return nil, err
	}
	for _, o := range r.Others {
		hits, err := p.hits(o.Locale, now, o.Hits)
		if err != nil {
			return nil, err
		}
		at := q
		at.page = 1
		p.Others = append(p.Others, otherHits{Name: text{o.Locale.Endonym(), o.Locale, true}, URL: searchTo(o.Locale, at), Hits: hits,
			All: b.message("search.all_in", "Count", i18n.Number(l, o.Total), "Language", i18n.LanguageName(l, string(o.Locale)))})
	}
	p.Heading = b.N("search.found", r.Total)
	if r.Corrected != "" {
		at := searchQuery{listQuery{page: 1, others: 1, filters: q.filters}, r.Corrected}
		to := template.HTML(`<a href="` + escape(searchTo(l, at)) + `"><bdi>` + escape(r.Corrected) + `</bdi></a>`)
		if r.Forgiven {
			p.Meant = b.html("search.instead", "Words", template.HTML(`<bdi>`+escape(q.words)+`</bdi>`), "Other", to)
		} else {
			p.Meant = b.html("search.meant", "Other", to)
		}
	}
	if len(p.Hits) == 0 {
		p.Tips = p.tips()
	}
	turn := func(n int) string {
		at := q
		at.page = n
		return searchTo(l, at)
	}
	if q.page > 1 {
		p.Prev = turn(q.page - 1)
	}
	if r.Total > q.page*searchSize && q.page*searchSize < search.MostOffset {
		p.Next = turn(q.page + 1)
	}
	a, err := s.render("search", b, p)
	if err == nil {
		a.Once = true
	}
	return a, err
}

func (p *searchPage) tips() []string {
	return []string{p.M("search.tip_words"), p.M("search.tip_phrase"), p.M("search.tip_without")}
}

// Empty reports whether something was looked for and is not there in the page's language.
func (p *searchPage) Empty() bool { return p.Words != "" && len(p.Hits) == 0 }

// tabs lead to the kinds of what was found.
func (p *searchPage) tabs(q searchQuery) {
	total := 0
	tab := func(kind string, label text, n int) {
		at := searchQuery{listQuery{page: 1, others: 1, filters: map[string]string{}}, q.words}
		for name, v := range q.filters {
			if name != "kind" {
				at.filters[name] = v
			}
		}
		if kind != "" {
			at.filters["kind"] = kind
		}
		p.Tabs = append(p.Tabs, searchTab{link{searchTo(p.Locale, at), label}, i18n.Number(p.Locale, n), q.filters["kind"] == kind})
	}
	for _, c := range p.Results.Kinds {
		total += c.N
	}
	if len(p.Results.Kinds) < 2 && q.filters["kind"] == "" {
		return
	}
	tab("", p.message("search.everything"), total)
	for _, c := range p.Results.Kinds {
		tab(c.Value, p.message("kind."+c.Value+".many"), c.N)
	}
}

// filters fills the form from what was found, and what is in force. It reports false where a value in force is of nothing public:
// published entries may name it all the same, if it is a draft, and that must not show.
func (p *searchPage) filters(q searchQuery, found map[string][]search.Count) (known bool, err error) {
	p.Filters, p.Active, p.Kept = nil, nil, nil
	lp := &listPage{base: p.base, List: searching}
	known = true
	for _, f := range searching.filters {
		chosen := q.filters[f.param]
		var values []content.FacetValue
		counts := map[string]int{}
		for _, c := range found[f.facet] {
			values = append(values, content.FacetValue{Value: c.Value})
			counts[c.Value] = c.N
		}
		if chosen != "" && !slices.ContainsFunc(values, func(v content.FacetValue) bool { return v.Value == chosen }) {
			values = append(values, content.FacetValue{Value: chosen})
		}
		var labels map[string]text
		if f.facet == "kind" {
			labels = map[string]text{}
			if chosen != "" && p.site.Content.Kind(chosen) != nil {
				labels[chosen] = p.message("kind." + chosen + ".many")
			}
		} else if labels, err = lp.facetLabels(f, values); err != nil {
			return false, err
		}
		if chosen != "" {
			label, ok := labels[chosen]
			if !ok {
				known, label = false, text{chosen, p.Locale, false}
			}
			without := searchQuery{listQuery{page: 1, others: 1, filters: map[string]string{}}, q.words}
			for name, v := range q.filters {
				if name != f.param {
					without.filters[name] = v
				}
			}
			p.Active = append(p.Active, activeFilter{p.M("filter." + f.param), label, searchTo(p.Locale, without)})
			if f.param == "kind" {
				p.Kept = append(p.Kept, hidden{f.param, chosen})
			}
		}
		if f.facet == "kind" {
			continue // the tabs
		}
		var options []filterOption
		for _, v := range values {
			if label, ok := labels[v.Value]; ok {
				if n := counts[v.Value]; n > 0 {
					label.Words += " (" + i18n.Number(p.Locale, n) + ")"
				}
				options = append(options, filterOption{v.Value, label})
			}
		}
		if len(options) < 2 && chosen == "" {
			continue
		}
		if f.facet == "year" {
			slices.SortFunc(options, func(a, b filterOption) int { return strings.Compare(b.Value, a.Value) })
		} else {
			i18n.SortBy(p.Locale, options, func(o filterOption) string { return o.Label.Words })
		}
		p.Filters = append(p.Filters, filterField{Name: f.param, Label: p.M("filter." + f.param), Options: options, Chosen: chosen})
	}
	return known, nil
}

// hits draws what was found in a language: the cards of lists, and what was found in them.
func (p *searchPage) hits(l i18n.Locale, now time.Time, found []search.Hit) ([]hit, error) {
	ids := make([]string, len(found))
	byID := map[string]search.Hit{}
	for i, h := range found {
		ids[i], byID[h.EntryID] = h.EntryID, h
	}
	list, err := p.site.Content.Listed(p.ctx, l, ids)
	if err != nil {
		return nil, err
	}
	if err := p.loadReports(list); err != nil {
		return nil, err
	}
	var out []hit
	cards := p.cards(now, list)
	for i, c := range cards {
		h := byID[list[i].ID]
		c.URL, c.Picture, c.Language = address(l, list[i].Path), nil, ""
		if c.Label == "" {
			c.Label = p.M("kind." + h.Kind + ".one")
		}
		at := text{c.Title.Words, l, l != p.Locale}
		c.Title = at
		out = append(out, hit{card: c, Found: withMarks(h.Title), Excerpt: withMarks(h.Excerpt), Around: at.Attrs()})
	}
	return out, nil
}

// withMarks writes what was found; all of it is text.
func withMarks(pieces []search.Piece) template.HTML {
	var b strings.Builder
	for _, x := range pieces {
		if x.Mark {
			b.WriteString("<mark>" + escape(x.Text) + "</mark>")
		} else {
			b.WriteString(escape(x.Text))
		}
	}
	return template.HTML(b.String())
}

// openSearch describes the search to browsers, which then offer it by the site's name.
func (s *Site) openSearch(_ context.Context, l i18n.Locale) (*answer, error) {
	name := s.siteName(l)
	short := name
	if utf8.RuneCountInString(short) > 16 { // the format's limit
		short = s.host
		if len(short) > 16 {
			short = short[:16]
		}
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"><ShortName>` + escape(short) + `</ShortName><LongName>` +
		escape(firstRunes(name, 48)) + `</LongName><Description>` + escape(s.Catalogue.T(l, "search.title")+" – "+name) + `</Description><Language>` + l.Tag() +
		`</Language><InputEncoding>UTF-8</InputEncoding><Url type="text/html" method="get" template="` + escape(s.absolute(address(l, searching.path))) + `?q={searchTerms}"/></OpenSearchDescription>` + "\n")
	return &answer{Type: "application/opensearchdescription+xml; charset=utf-8", Body: []byte(b.String())}, nil
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// Words is what was looked for, on pages where nothing was.
func (b *base) Words() string { return "" }

// SearchURL is where the forms that look for words lead.
func (b *base) SearchURL() string { return b.URL(searching.path) }
