package site

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	"news": {kind: "news", filters: []filterSpec{{"topic", "topic"}, {"kind", "news_kind"}, {"country", "country"},
		{"organization", "organization"}, {"series", "series"}, {"year", "year"}}},
	"people":        {kind: "person", order: content.ByName, filters: []filterSpec{{"country", "country"}, {"organization", "organization"}}},
	"organizations": {kind: "organization", order: content.ByName, filters: []filterSpec{{"kind", "org_type"}, {"country", "country"}}},
	"documents": {kind: "document", filters: []filterSpec{{"topic", "topic"}, {"kind", "document_kind"}, {"country", "country"},
		{"organization", "organization"}, {"series", "series"}, {"year", "year"}}},
	"reports": {kind: "report", filters: []filterSpec{{"topic", "topic"}, {"country", "country"}, {"organization", "organization"}, {"year", "year"}}},
	"series":  {kind: "series", order: content.ByName, filters: []filterSpec{{"topic", "topic"}, {"organization", "organization"}}},
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

// takes tells whether a list knows a parameter.
func (l *listing) takes(name string) bool {
	return name == "page" || name == "others" || name == "when" && l.dated || slices.ContainsFunc(l.filters, func(f filterSpec) bool { return f.param == name })
}

// readListQuery reads what the list knows; of what comes twice, the first. exact reports whether the address says just that:
// else the list is elsewhere. Empty values, as forms send them, and the marks of other sites say nothing and do no harm.
func readListQuery(l *listing, q url.Values) (out listQuery, exact bool) {
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 {
			return 1
		}
		return min(n, web.MaxPage)
	}
	out = listQuery{page: number("page"), others: number("others"), past: l.dated && q.Get("when") == "past", filters: map[string]string{}}
	for _, f := range l.filters {
		if v := q.Get(f.param); v != "" && len(v) <= 60 && utf8.ValidString(v) && !strings.ContainsRune(v, 0) {
			out.filters[f.param] = v
		}
	}
	said := out.values(l)
	for name, values := range q {
		if tracking(name) || len(values) == 1 && (values[0] == "" || values[0] == "1" && (name == "page" || name == "others")) {
			continue
		}
		if len(values) > 1 || said.Get(name) != values[0] {
			return out, false
		}
	}
	return out, true
}

// values are the parameters of the address that asks for this.
func (q listQuery) values(l *listing) url.Values {
	v := url.Values{}
	for _, f := range l.filters {
		if x := q.filters[f.param]; x != "" {
			v.Set(f.param, x)
		}
	}
	if q.past && l.dated {
		v.Set("when", "past")
	}
	if q.page > 1 {
		v.Set("page", strconv.Itoa(q.page))
	}
	if q.others > 1 {
		v.Set("others", strconv.Itoa(q.others))
	}
	return v
}

// listAddress is the address of what a list is asked for.
func listAddress(locale i18n.Locale, l *listing, v url.Values) string {
	to := address(locale, l.path)
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
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
	Clear   string // the list without filters
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
	now := s.Now()
	if err := p.filterFields(spec, q, now); err != nil {
		return nil, err
	}
	p.Clear = p.address(listQuery{page: 1, others: 1, past: q.past}, "", "")
	ask := content.Query{Locale: l, Kinds: []string{spec.kind}, Facets: facets, Order: spec.order, Limit: listSize}
	if spec.dated {
		// Whatever ends next may not be among those shown; and years and filters change with it.
		next, err := s.Content.NextEnd(ctx, l, spec.kind, now)
		if err != nil {
			return nil, err
		}
		b.keepUntil(next)
		b.keepUntil(now.Add(time.Minute))
		if p.Past {
			ask.EndsBefore = now
		} else {
			ask.EndsAfter, ask.Order = now, content.SoonestFirst
		}
		if p.Tabs, err = p.tabs(q, now); err != nil {
			return nil, err
		}
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
	a, err := s.render("list", b, p)
	if err == nil {
		a.Once = p.nothing
	}
	return a, err
}

var errPastEnd = web.Fail(404, "error.not_found")

// address is this list's with one parameter changed. Changing what is listed goes back to its first page.
func (p *listPage) address(q listQuery, name, value string) string {
	v := q.values(p.List)
	if name != "" && name != "page" && name != "others" {
		v.Del("page")
	}
	if name != "" && name != "others" {
		v.Del("others")
	}
	if name != "" {
		v.Set(name, value)
		if value == "" || value == "1" && (name == "page" || name == "others") {
			v.Del(name)
		}
	}
	return listAddress(p.Locale, p.List, v)
}

// filterFields fills the form: only what there is can be chosen.
func (p *listPage) filterFields(spec *listing, q listQuery, now time.Time) error {
	for _, f := range spec.filters {
		options, err := p.options(spec, f)
		if err != nil {
			return err
		}
		if f.facet == "year" && spec.dated {
			if options, err = p.years(options, q.past, now); err != nil {
				return err
			}
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

// years are those among options in which something lies that is to come, or that is past.
func (p *listPage) years(options []filterOption, past bool, now time.Time) ([]filterOption, error) {
	var out []filterOption
	now = now.Truncate(time.Minute) // so that lists of one minute ask once
	for _, o := range options {
		y, err := strconv.Atoi(o.Value)
		if err != nil {
			continue
		}
		// What goes on now may have begun last year, and of this year there may be nothing left, or nothing yet.
		there := y > now.Year() != past
		if d := y - now.Year(); d >= -1 && d <= 1 {
			q := content.Query{Locale: p.Locale, Kinds: []string{p.List.kind}, Facets: map[string]string{"year": o.Value}, Limit: 1, Shared: true}
			if past {
				q.EndsBefore = now
			} else {
				q.EndsAfter = now
			}
			list, _, err := p.site.Content.Published(p.ctx, q)
			if err != nil {
				return nil, err
			}
			there = len(list) > 0
		}
		if there {
			out = append(out, o)
		}
	}
	return out, nil
}

// tabs lead to what is to come and to what is past, by the same filters as far as the other has anything of that year.
func (p *listPage) tabs(q listQuery, now time.Time) ([]link, error) {
	to := func(past bool) (string, error) {
		at := listQuery{page: 1, others: 1, past: past, filters: maps.Clone(q.filters)}
		if year := q.filters["year"]; year != "" && past != q.past {
			options, err := p.options(p.List, filterSpec{"year", "year"})
			if err == nil {
				options, err = p.years(options, past, now)
			}
			if err != nil {
				return "", err
			}
			if !slices.ContainsFunc(options, func(o filterOption) bool { return o.Value == year }) {
				delete(at.filters, "year")
			}
		}
		return p.address(at, "", ""), nil
	}
	coming, err := to(false)
	if err != nil {
		return nil, err
	}
	past, err := to(true)
	return []link{{coming, p.message("list.upcoming")}, {past, p.message("list.past")}}, err
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
