package site

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/web"
)

// listing declares a list: what it lists, how, and by what it can be filtered.
type listing struct {
	path    string
	kind    string
	order   content.Order
	filters []filterSpec
	dated   bool // has what is to come and what is past
}

// filterSpec is a parameter of the query and the facet it filters by.
type filterSpec struct{ param, facet string }

// lists are the lists of the site, by address.
var lists = map[string]*listing{
	"events": {kind: "event", dated: true, filters: []filterSpec{{"topic", "topic"}, {"kind", "event_kind"}, {"country", "country"},
		{"organization", "organization"}, {"series", "series"}, {"year", "year"}}},
	"news":          {kind: "news", filters: []filterSpec{{"topic", "topic"}, {"kind", "news_kind"}, {"country", "country"}, {"year", "year"}}},
	"people":        {kind: "person", order: content.ByName, filters: []filterSpec{{"country", "country"}, {"organization", "organization"}}},
	"organizations": {kind: "organization", order: content.ByName, filters: []filterSpec{{"kind", "org_type"}, {"country", "country"}}},
	"documents": {kind: "document", filters: []filterSpec{{"topic", "topic"}, {"kind", "document_kind"}, {"country", "country"},
		{"organization", "organization"}, {"year", "year"}}},
	"reports": {kind: "report", filters: []filterSpec{{"topic", "topic"}, {"country", "country"}, {"year", "year"}}},
	"series":  {kind: "series", order: content.ByName, filters: []filterSpec{{"topic", "topic"}}},
	"topics":  {kind: "topic", order: content.ByName},
}

func init() {
	for path, l := range lists {
		l.path = path
	}
}

const listSize = 20

// listQuery is what the address of a list asks for.
type listQuery struct {
	page, others int
	past         bool
	filters      map[string]string
}

func readListQuery(q url.Values) listQuery {
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 {
			return 1
		}
		return min(n, web.MaxPage)
	}
	out := listQuery{page: number("page"), others: number("others"), past: q.Get("when") == "past", filters: map[string]string{}}
	for name := range known {
		if v := q.Get(name); v != "" && len(v) <= 60 && name != "page" && name != "others" && name != "when" {
			out.filters[name] = v
		}
	}
	return out
}

// listPage is a list as its template draws it.
type listPage struct {
	*base
	List    *listing
	Past    bool
	Tabs    []link // upcoming, past
	Filters []filterField
	Active  []activeFilter
	Own     []card // in the page's language
	Others  []card // in other languages
	Prev    string
	Next    string
	Layout  string // rows, people, plain
	nothing bool   // a filter asks for what is not there
}

// Empty reports whether there is nothing to show.
func (p *listPage) Empty() bool { return len(p.Own) == 0 && len(p.Others) == 0 }

// OtherTab is the index of the tab that is not shown.
func (p *listPage) OtherTab() int {
	if p.Past {
		return 0
	}
	return 1
}

// filterField is one select of the form.
type filterField struct {
	Name, Label string
	Options     []filterOption
	Chosen      string
}

type filterOption struct {
	Value string
	Label text
}

// activeFilter is a filter in force, with the address of the list without it.
type activeFilter struct {
	Label  string
	Value  text
	Remove string
}

func (s *Site) list(ctx context.Context, l i18n.Locale, spec *listing, q listQuery) (*answer, error) {
	b, err := s.newBase(ctx, l, spec.path)
	if err != nil {
		return nil, err
	}
	p := &listPage{base: b, List: spec, Past: spec.dated && q.past, Layout: "rows"}
	b.Title = b.message("list." + spec.path + ".title")
	b.Description = b.message("list." + spec.path + ".text")
	b.Crumbs = []link{{b.URL(""), b.message("page.home")}}
	switch spec.kind {
	case "person":
		p.Layout = "people"
	case "organization", "topic":
		p.Layout = "plain"
	}
	facets := map[string]string{}
	for _, f := range spec.filters {
		if v := q.filters[f.param]; v != "" {
			facets[f.facet] = v
		}
	}
	if err := p.filterFields(spec, q); err != nil {
		return nil, err
	}
	now := s.Now()
	ask := content.Query{Locale: l, Kinds: []string{spec.kind}, Facets: facets, Order: spec.order, Limit: listSize}
	if spec.dated {
		b.keepUntil(now.Add(time.Minute)) // whatever ends next may not be among those shown
		if p.Past {
			ask.EndsBefore = now
		} else {
			ask.EndsAfter, ask.Order = now, content.SoonestFirst
		}
		p.Tabs = []link{{p.address(q, "when", ""), b.message("list.upcoming")}, {p.address(q, "when", "past"), b.message("list.past")}}
	}
	find := s.Content.Published
	if p.nothing {
		find = func(context.Context, content.Query) ([]content.Publication, bool, error) { return nil, false, nil }
	}
	yes, no := true, false
	ask.Own, ask.Offset = &yes, (q.page-1)*listSize
	own, more, err := find(ctx, ask)
	if err != nil {
		return nil, err
	}
	var others []content.Publication
	moreOthers := false
	if !more && !b.Settings.OwnOnly {
		// Those in other languages come when this language's are through.
		ask.Own, ask.Offset = &no, (q.others-1)*listSize
		if others, moreOthers, err = find(ctx, ask); err != nil {
			return nil, err
		}
	}
	if q.page > 1 && len(own) == 0 || q.others > 1 && len(others) == 0 {
		return nil, errPastEnd
	}
	if q.others > 1 {
		own = nil // shown on the page before
	}
	if err := b.loadFiles(append(cardFiles(own), cardFiles(others)...)); err != nil {
		return nil, err
	}
	if q.past {
		if err := b.loadReports(own, others); err != nil {
			return nil, err
		}
	}
	p.Own, p.Others = b.cards(now, own), b.cards(now, others)
	switch {
	case q.others > 1:
		p.Prev = p.address(q, "others", strconv.Itoa(q.others-1))
	case q.page > 1:
		p.Prev = p.address(q, "page", strconv.Itoa(q.page-1))
	}
	switch {
	case more:
		p.Next = p.address(q, "page", strconv.Itoa(q.page+1))
	case moreOthers:
		p.Next = p.address(q, "others", strconv.Itoa(q.others+1))
	}
	if own := p.address(q, "", ""); own != b.URL(spec.path) {
		b.Canonical = s.absolute(own)
		b.Alternates = nil
		b.NoIndex = len(q.filters) > 0
		for i := range b.Languages { // the filters hold in every language; its pages may be others
			b.Languages[i].URL = (&listPage{base: &base{Locale: b.Languages[i].Locale}, List: spec}).address(listQuery{page: 1, others: 1, past: q.past, filters: q.filters}, "", "")
		}
	}
	if spec.dated && p.Past {
		b.Title = b.message("list.events.past_title")
	}
	return s.render("list", b, p)
}

var errPastEnd = web.Fail(404, "error.not_found")

// address is this list's with one parameter changed. Changing what is listed goes back to its first page.
func (p *listPage) address(q listQuery, name, value string) string {
	v := url.Values{}
	for _, f := range p.List.filters {
		if x := q.filters[f.param]; x != "" {
			v.Set(f.param, x)
		}
	}
	if q.past && p.List.dated {
		v.Set("when", "past")
	}
	if name == "" || name == "page" || name == "others" {
		if q.page > 1 {
			v.Set("page", strconv.Itoa(q.page))
		}
		if q.others > 1 && name != "page" {
			v.Set("others", strconv.Itoa(q.others))
		}
	}
	if name != "" {
		v.Set(name, value)
		if value == "" || value == "1" && (name == "page" || name == "others") {
			v.Del(name)
		}
	}
	to := address(p.Locale, p.List.path)
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}

// filterFields fills the form: only what there is can be chosen.
func (p *listPage) filterFields(spec *listing, q listQuery) error {
	for _, f := range spec.filters {
		options, err := p.options(spec, f)
		if err != nil {
			return err
		}
		chosen := q.filters[f.param]
		field := filterField{Name: f.param, Label: p.M("filter." + f.param), Options: options, Chosen: chosen}
		if len(field.Options) > 1 || chosen != "" {
			p.Filters = append(p.Filters, field)
		}
		if chosen != "" {
			w := text{chosen, p.Locale, false}
			if i := slices.IndexFunc(options, func(o filterOption) bool { return o.Value == chosen }); i >= 0 {
				w = options[i].Label
			} else {
				p.nothing = true // nothing public is called so; published entries may name it all the same, if it is a draft: that must not show
			}
			p.Active = append(p.Active, activeFilter{field.Label, w, p.address(q, f.param, "")})
		}
	}
	return nil
}

// options are what a list can be filtered by, in the order of their names: the same on all its pages.
func (p *listPage) options(spec *listing, f filterSpec) ([]filterOption, error) {
	key := string(p.Locale) + "/" + spec.path + "/" + f.param
	all, err := p.site.options.Get(p.site.Content.Generation, []string{key}, func([]string) (map[string]*[]filterOption, error) {
		values, err := p.site.Content.Facet(p.ctx, spec.kind, f.facet)
		if err != nil {
			return nil, err
		}
		labels, err := p.facetLabels(f, values)
		if err != nil {
			return nil, err
		}
		var options []filterOption
		for _, v := range values {
			if w, ok := labels[v.Value]; ok {
				options = append(options, filterOption{v.Value, w})
			}
		}
		if f.facet == "year" {
			slices.SortFunc(options, func(a, b filterOption) int { return cmp.Compare(b.Value, a.Value) })
		} else {
			i18n.SortBy(p.Locale, options, func(o filterOption) string { return o.Label.Words })
		}
		return map[string]*[]filterOption{key: &options}, nil
	})
	if err != nil {
		return nil, err
	}
	return *all[key], nil
}

// facetLabels names the values of a facet in the page's language.
func (p *listPage) facetLabels(f filterSpec, values []content.FacetValue) (map[string]text, error) {
	out := map[string]text{}
	switch f.facet {
	case "topic", "organization", "series":
		ids := make([]string, 0, len(values))
		for _, v := range values {
			ids = append(ids, v.Value)
		}
		all, err := p.site.Content.Titles(p.ctx, p.Locale, ids)
		if err != nil {
			return nil, err
		}
		for id, n := range all {
			out[id] = publicationTitle(p.Locale, n)
		}
		return out, nil
	}
	for _, v := range values {
		label := v.Value
		switch f.facet {
		case "country":
			label = i18n.CountryName(p.Locale, v.Value)
		case "year":
		default:
			label = p.Enum(f.facet, v.Value)
		}
		out[v.Value] = text{label, p.Locale, false}
	}
	return out, nil
}
