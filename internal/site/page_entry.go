package site

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// readPage is the page of an entry that is mainly read: news, reports, documents, persons and what else is no event.
type readPage struct {
	*entryPage
	Eyebrow    []named
	Status     status
	Lede       text
	Dateline   template.HTML
	Picture    *picture
	Round      *picture // a portrait
	Initials   string
	Facts      []fact
	Actions    []action
	Body       prose
	Correction text
	Superseded template.HTML // of an earlier stage: what counts now
	Parts      []part
	Groups     []roleGroup
	Contacts   []contactCard
	Tags       []named
	Mail       string
	Follow     string // a calendar to subscribe to
	More       []card
	MoreTitle  string
}

// Bar is the section bar's entries.
func (v *readPage) Bar() []part {
	if all := barOf(v.Parts); len(all) > 2 {
		return all
	}
	return nil
}

func (v *readPage) add(parts ...part) {
	for _, x := range parts {
		if x.Kind != "" {
			v.Parts = append(v.Parts, x)
		}
	}
}

func (p *entryPage) read() *readPage {
	v := &readPage{entryPage: p, Mail: mailto("", p.base.Title.Words, p.Permalink)}
	return v
}

// fact adds a line to the page's facts.
func (v *readPage) fact(icon, label string, lines ...template.HTML) {
	var have []template.HTML
	for _, x := range lines {
		if x != "" {
			have = append(have, x)
		}
	}
	if len(have) > 0 {
		v.Facts = append(v.Facts, fact{icon, v.M(label), have})
	}
}

func plain(s string) template.HTML { return template.HTML(escape(s)) }

// refs links entries by name.
func (v *readPage) refs(icon, label string, ids ...content.Ref) {
	var lines []template.HTML
	for _, id := range ids {
		if n := v.neighbour(id); n != nil {
			lines = append(lines, v.namedNeighbour(n).HTML())
		}
	}
	v.fact(icon, label, lines...)
}

// places are the regions and countries that an entry is about.
func (v *readPage) places(regions, countries []string) {
	if len(regions) > 0 {
		v.fact("globe", "page.regions", plain(v.regionNames(regions)))
	}
	if len(countries) > 0 {
		v.fact("map", "event.countries", plain(v.countryNames(countries)))
	}
}

func (b *base) regionNames(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = b.Enum("region", c)
	}
	return i18n.List(b.Locale, names)
}

// countryNames are in the order of the page's language.
func (b *base) countryNames(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = i18n.CountryName(b.Locale, c)
	}
	i18n.SortStrings(b.Locale, names)
	return i18n.List(b.Locale, names)
}

// comments says until when, and to whom, comments on a draft go.
func (v *readPage) comments(now time.Time, open bool, until content.Moment, to string) {
	t := until.Time()
	if !open || !t.After(now) {
		return
	}
	if to != "" {
		v.Actions = append(v.Actions, action{URL: mailto(to, v.base.Title.Words, ""), Label: v.M("report.comment"), Icon: "mail", Main: true})
	}
	v.fact("clock", "report.comment_until", v.moment(t, until.Zone))
	v.keepUntil(t)
}

// tags are topics and goals, under the text.
func (p *entryPage) tags(topics content.Refs, sdgs []string) []named {
	var out []named
	for _, t := range topics {
		if n := p.neighbour(t); n != nil {
			out = append(out, p.namedNeighbour(n))
		}
	}
	for _, g := range sdgs {
		out = append(out, named{Name: p.message("goal.name", "Name", p.Enum("sdg", g))})
	}
	return out
}

// linked lists what refers to this entry through a field.
func (p *entryPage) linked(kindName, field string, order content.Order, limit int) ([]content.Publication, error) {
	list, _, err := p.site.Content.Published(p.ctx, content.Query{Locale: p.base.Locale, Kinds: []string{kindName}, LinkedTo: p.ID, Field: field, Order: order, Limit: limit})
	return list, err
}

// cardsPart is a section of cards.
func (p *entryPage) cardsPart(id, heading string, now time.Time, list []content.Publication) part {
	if len(list) == 0 {
		return part{}
	}
	return part{ID: id, Kind: "cards", Heading: p.message(heading), Data: p.cards(now, list)}
}

// documentsPart lists documents that the entry names.
func (p *entryPage) documentsPart(ids content.Refs) part {
	var out []documentCard
	for _, id := range ids {
		if n := p.neighbour(id); n != nil {
			out = append(out, p.documentCard(n, ""))
		}
	}
	if len(out) == 0 {
		return part{}
	}
	return part{ID: "documents", Kind: "documents", Heading: p.message("event.documents"), Data: out}
}

func (p *entryPage) neighbourFiles() []string {
	var ids []string
	for _, n := range p.Neighbours {
		if d, ok := n.Value.(*kind.Document); ok {
			ids = append(ids, documentFiles(d)...)
		}
	}
	return ids
}

func (s *Site) newsPage(p *entryPage) (string, any, error) {
	n := p.Value.(*kind.News)
	v := p.read()
	if err := p.open(append(append(p.neighbourFiles(), string(n.Image.File)), append(pictureIDs(n.Body), pictureIDs(n.Editors)...)...)); err != nil {
		return "", nil, err
	}
	p.share(n.Image, p.Original)
	v.Eyebrow = p.eyebrow("news_kind", n.Kind)
	v.Lede = p.words(n.Summary, p.Original)
	if t := n.Date.Time(); !t.IsZero() {
		v.Dateline = template.HTML(`<time datetime="`+string(n.Date)+`">`) + plain(p.Date(t)) + "</time>"
		if w := p.words(n.Dateline, p.Original); !w.Empty() {
			v.Dateline = p.html("news.dateline", "Place", w.Span(), "Date", v.Dateline)
		}
	}
	v.Picture = p.pictureOf(n.Image, p.Original, "16x9", 960, "(max-width: 64rem) 92vw, 47rem")
	v.Body = p.prose(n.Body, p.Original, 2)
	v.Correction = p.words(n.Correction, p.Original)
	if e := p.prose(n.Editors, p.Original, 3); !e.Empty() {
		v.add(part{ID: "editors", Kind: "prose", Heading: p.message("news.editors"), Data: e})
	}
	v.add(p.documentsPart(n.Documents))
	v.refs("calendar", "kind.event.one", n.Event)
	v.refs("series", "kind.series.one", n.Series)
	v.refs("people", "news.unit", n.Unit)
	v.places(n.Regions, n.Countries)
	v.Contacts, v.Tags = p.contacts(n.Contacts), p.tags(n.Topics, n.SDGs)
	more, _, err := s.Content.Published(p.ctx, content.Query{Locale: p.base.Locale, Kinds: []string{"news"}, Limit: 4, Shared: true})
	if err != nil {
		return "", nil, err
	}
	more = slices.DeleteFunc(more, func(x content.Publication) bool { return x.ID == p.ID })
	more = more[:min(3, len(more))]
	v.More, v.MoreTitle = p.cards(s.Now(), more), p.M("news.more")
	return "read", v, nil
}

func (s *Site) seriesPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Series)
	v, now := p.read(), s.Now()
	all, err := p.linked("event", "series", content.SoonestFirst, 500)
	if err != nil {
		return "", nil, err
	}
	news, err := p.linked("news", "series", content.NewestFirst, 5)
	if err != nil {
		return "", nil, err
	}
	docs, err := p.linked("document", "series", content.NewestFirst, 20)
	if err != nil {
		return "", nil, err
	}
	ids := []string{string(x.Image.File)}
	for _, b := range x.Blocks {
		ids = append(ids, pictureIDs(b.Body)...)
	}
	for _, list := range [][]content.Publication{all, news, docs} {
		ids = append(ids, cardFiles(list)...)
	}
	if err := p.open(ids); err != nil {
		return "", nil, err
	}
	p.share(x.Image, p.Original)
	v.Eyebrow = []named{{Name: p.message("kind.series.one")}}
	if x.Status == "concluded" {
		v.Status = status{Label: p.Enum("series_status", x.Status), Tone: "quiet"}
	}
	v.Lede = p.words(x.Summary, p.Original)
	v.Picture = p.pictureOf(x.Image, p.Original, "16x9", 960, "(max-width: 64rem) 92vw, 47rem")
	var coming, past []content.Publication
	for _, e := range all {
		if !e.Ends.IsZero() && !e.Ends.After(now) {
			past = append([]content.Publication{e}, past...)
		} else {
			coming = append(coming, e)
		}
	}
	results, figures, err := p.results(past)
	if err != nil {
		return "", nil, err
	}
	v.add(p.editionsPart("upcoming", "list.upcoming_events", now, coming))
	v.add(pairCards(p.blocks(x.Blocks, false))...)
	v.add(p.editionsPart("past", "list.past_events", now, past), results, figures, p.cardsPart("news", "event.news", now, news), p.cardsPart("documents", "event.documents", now, docs))
	v.Groups, v.Contacts, v.Tags = p.roleGroups(x.Organizations), p.contacts(x.Contacts), p.tags(x.Topics, x.SDGs)
	v.Follow, p.base.Feeds = p.URL(p.base.Path+".ics"), append(p.seriesFeeds(), p.base.Feeds...)
	return "read", v, nil
}

func (s *Site) personPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Person)
	v, now := p.read(), s.Now()
	spoke, err := p.appearances()
	if err != nil {
		return "", nil, err
	}
	docs, err := p.linked("document", "people", content.NewestFirst, 20)
	if err != nil {
		return "", nil, err
	}
	if err := p.open(append(append(append(cardFiles(spoke), cardFiles(docs)...), pictureIDs(x.Bio)...), string(x.Portrait.File))); err != nil {
		return "", nil, err
	}
	p.share(x.Portrait, p.Original)
	if w := p.words(x.Honorific, p.Original); !w.Empty() && !w.Other {
		v.Eyebrow = []named{{Name: w}}
	}
	if x.Nickname != "" {
		v.Eyebrow = append(v.Eyebrow, named{Name: p.message("person.known_as", "Name", x.Nickname)})
	}
	v.Lede = p.words(x.Position, p.Original)
	v.Round = p.pictureOf(x.Portrait, p.Original, "square", 320, "12rem")
	v.Initials = initials(p.base.Title.Words)
	v.refs("people", "person.organization", x.Organization)
	if x.Country != "" {
		v.fact("map", "person.country", plain(i18n.CountryName(p.base.Locale, x.Country)))
	}
	if len(x.Languages) > 0 {
		v.fact("globe", "event.languages", plain(capital(p.languageNames(x.Languages))))
	}
	v.linksFact(x.Links)
	if v.Round != nil && v.Round.Credit != "" {
		v.fact("people", "person.photo", plain(v.Round.Credit))
	}
	if v.Body = p.prose(x.Bio, p.Original, 2); v.Body.Empty() {
		if w := p.words(x.ShortBio, p.Original); !w.Empty() {
			v.Body = prose{HTML: "<p>" + plain(w.Words) + "</p>", Locale: w.Locale, Other: w.Other}
		}
	}
	v.add(p.cardsPart("events", "person.events", now, spoke), p.cardsPart("documents", "event.documents", now, docs))
	return "read", v, nil
}

// appearances are the events in which the person holds a role, the latest first: not those where they cancelled or somebody
// took their place, but those where they took another's.
func (p *entryPage) appearances() ([]content.Publication, error) {
	const most = 100
	var named []content.Publication
	var ids []string
	for _, people := range []string{"people", "sessions.*.people"} {
		for _, field := range []string{".*.person", ".*.replaced_by"} {
			list, err := p.linked("event", people+field, content.NewestFirst, most)
			if err != nil {
				return nil, err
			}
			for _, e := range list {
				if !slices.Contains(ids, e.ID) {
					named, ids = append(named, e), append(ids, e.ID)
				}
			}
		}
	}
	whole, err := p.site.Content.Neighbours(p.ctx, p.base.Locale, ids)
	if err != nil {
		return nil, err
	}
	named = slices.DeleteFunc(named, func(e content.Publication) bool {
		n := whole[e.ID]
		return n == nil || !n.Value.(*kind.Event).Has(content.Ref(p.ID))
	})
	slices.SortStableFunc(named, func(a, b content.Publication) int {
		if a.Starts.IsZero() != b.Starts.IsZero() { // no date yet comes after every date
			return a.Starts.Compare(b.Starts)
		}
		return b.Starts.Compare(a.Starts)
	})
	return named[:min(len(named), most)], nil
}

// linksFact lists addresses elsewhere.
func (v *readPage) linksFact(links []kind.Link) {
	var lines []template.HTML
	for _, l := range links {
		w := v.words(l.Label, v.Original)
		if w.Empty() {
			w = text{shortURL(l.URL), v.base.Locale, false}
			lines = append(lines, template.HTML(`<a href="`+template.HTMLEscapeString(l.URL)+`">`)+v.Ltr(w.Words)+"</a>")
			continue
		}
		lines = append(lines, template.HTML(`<a href="`+template.HTMLEscapeString(l.URL)+`">`)+w.Span()+"</a>")
	}
	v.fact("link", "person.links", lines...)
}

func shortURL(u string) string {
	u = strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://")
	return strings.TrimSuffix(strings.TrimPrefix(u, "www."), "/")
}

func (s *Site) organizationPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Organization)
	v, now := p.read(), s.Now()
	events, err := p.linked("event", "organizations.*.organization", content.NewestFirst, 50)
	if err != nil {
		return "", nil, err
	}
	people, err := p.linked("person", "organization", content.ByName, 100)
	if err != nil {
		return "", nil, err
	}
	docs, err := p.linked("document", "authors", content.NewestFirst, 50)
	if err != nil {
		return "", nil, err
	}
	parts, err := p.linked("organization", "parent", content.ByName, 100)
	if err != nil {
		return "", nil, err
	}
	reports, err := p.linked("report", "organizations", content.NewestFirst, 20)
	if err != nil {
		return "", nil, err
	}
	news, err := p.linked("news", "unit", content.NewestFirst, 20)
	if err != nil {
		return "", nil, err
	}
	series, err := p.linked("series", "organizations.*.organization", content.ByName, 50)
	if err != nil {
		return "", nil, err
	}
	ids := append(pictureIDs(x.About), string(x.Logo.File))
	for _, list := range [][]content.Publication{events, people, docs, reports, news, series} {
		ids = append(ids, cardFiles(list)...)
	}
	if err := p.open(ids); err != nil {
		return "", nil, err
	}
	v.Eyebrow = p.eyebrow("org_type", x.Type)
	if w := p.words(x.Acronym, p.Original); !w.Empty() {
		v.Eyebrow = append(v.Eyebrow, named{Name: w})
	}
	v.Lede = p.words(x.Summary, p.Original)
	if x.LogoPolicy != "none" {
		v.Picture = p.pictureOf(x.Logo, p.Original, "", 320, "20rem")
	}
	v.refs("people", "organization.parent", x.Parent)
	if x.Country != "" {
		v.fact("map", "person.country", plain(i18n.CountryName(p.base.Locale, x.Country)))
	}
	if x.URL != "" {
		v.linksFact([]kind.Link{{URL: x.URL}})
	}
	v.Body = p.prose(x.About, p.Original, 2)
	v.add(p.cardsPart("series", "kind.series.many", now, series), p.cardsPart("events", "organization.events", now, events), p.cardsPart("reports", "kind.report.many", now, reports),
		p.cardsPart("documents", "event.documents", now, docs), p.cardsPart("news", "event.news", now, news),
		p.cardsPart("people", "organization.people", now, people), p.cardsPart("units", "organization.units", now, parts))
	return "read", v, nil
}

func (s *Site) documentPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Document)
	v := p.read()
	if err := p.open(append(p.neighbourFiles(), documentFiles(x)...)); err != nil {
		return "", nil, err
	}
	v.Eyebrow = p.eyebrow("document_kind", x.Kind)
	v.Lede = p.words(x.Abstract, p.Original)
	cur := x.Current()
	if cur != nil && cur.Stage != "final" {
		v.Status = status{Label: p.Enum("stage", cur.Stage), Tone: "warn"}
	} else if cur == nil && len(x.Versions) > 0 {
		v.Status = status{Label: p.Enum("stage", x.Versions[0].Stage), Tone: "bad"}
	}
	var versions []documentCard
	for i := range x.Versions {
		ver := &x.Versions[i]
		c := documentCard{Title: p.message("enum.stage." + ver.Stage)}
		if ver.Number != "" {
			c.Title = p.message("document.version", "Number", ver.Number, "Stage", p.Enum("stage", ver.Stage))
		}
		c.Marked = c.Title.Span()
		var meta []template.HTML
		if t := ver.Issued.Time(); !t.IsZero() {
			meta = append(meta, plain(p.M("document.issued", "Date", p.Date(t))))
		}
		if w := p.words(ver.Note, p.Original); !w.Empty() {
			meta = append(meta, w.Span())
		}
		c.Meta = joinHTML(meta, " · ")
		switch {
		case x.Access != "public":
			c.Closed = p.Enum("document_access", x.Access)
		case ver.Stage != "withdrawn":
			c.Files = p.fileLinks(ver.Files)
		}
		versions = append(versions, c)
	}
	if len(versions) > 0 {
		v.add(part{ID: "files", Kind: "documents", Heading: p.message("document.files"), Data: versions})
	}
	if x.Symbol != "" {
		v.fact("doc", "document.symbol", v.Ltr(x.Symbol))
	}
	if x.Modification != "" {
		v.refs("doc", "enum.modification."+x.Modification, x.Modifies)
	}
	v.comments(s.Now(), cur != nil && cur.Stage == "for_comment", x.CommentUntil, x.CommentTo)
	events, err := p.usedIn(x)
	if err != nil {
		return "", nil, err
	}
	lines := make([]template.HTML, len(events))
	for i, n := range events {
		lines[i] = n.HTML()
	}
	v.fact("calendar", "kind.event.one", lines...)
	v.refs("series", "kind.series.one", x.Series)
	v.refs("people", "document.authors", append(append(content.Refs{}, x.Authors...), x.People...)...)
	v.places(x.Regions, x.Countries)
	if w := p.words(x.Rights, p.Original); !w.Empty() {
		v.fact("doc", "document.rights", w.Span())
	}
	v.Tags = p.tags(x.Topics, x.SDGs)
	return "read", v, nil
}

// recommendations are numbered by their place.
type recommendation struct {
	Text      point
	Addressee text
}

func (s *Site) reportPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Report)
	v, now := p.read(), s.Now()
	ids := append(append(pictureIDs(x.Executive), pictureIDs(x.Body)...), string(x.Image.File))
	for _, f := range x.Files {
		ids = append(ids, string(f.File))
	}
	if n := p.neighbour(x.Event); n != nil {
		ids = append(ids, cardFiles([]content.Publication{n.Publication})...)
	}
	if err := p.open(ids); err != nil {
		return "", nil, err
	}
	p.share(x.Image, p.Original)
	v.Eyebrow = []named{{Name: p.message("kind.report.one")}}
	v.Status = status{Label: p.Enum("report_stage", x.Stage), Tone: "ok"}
	if x.Stage != "final" {
		v.Status.Tone = "warn"
	}
	v.Lede = p.words(x.Summary, p.Original)
	if t := x.Date.Time(); !t.IsZero() {
		v.Dateline = template.HTML(`<time datetime="`+string(x.Date)+`">`) + plain(p.Date(t)) + "</time>"
	}
	v.Picture = p.pictureOf(x.Image, p.Original, "16x9", 960, "(max-width: 64rem) 92vw, 47rem")
	if err := v.stages(now, x); err != nil {
		return "", nil, err
	}
	files := p.fileLinks(x.Files)
	if p.earlier.Empty() { // an earlier stage has no file of its own
		body, err := p.reportDocument(x)
		if err != nil {
			return "", nil, err
		}
		files = append(files, fileLink{URL: p.URL(p.base.Path + ".docx"), Lang: p.base.Locale.Tag(), Name: p.M("report.document"), NameLang: p.base.Locale.Tag(),
			Meta: joinHTML([]template.HTML{p.Ltr("DOCX"), p.isolate(i18n.Bytes(p.base.Locale, int64(len(body))))}, p.M("list.comma"))})
	}
	if len(files) > 0 {
		c := documentCard{Title: p.message("report.download"), Files: files}
		c.Marked = c.Title.Span()
		v.add(part{ID: "files", Kind: "documents", Heading: p.message("document.files"), Data: []documentCard{c}, Minor: true})
	}
	if e := p.prose(x.Executive, p.Original, 3); !e.Empty() {
		v.add(part{ID: "summary", Kind: "prose", Heading: p.message("report.executive"), Data: e})
	}
	if all := p.points(x.KeyMessages); len(all) > 0 {
		v.add(part{ID: "messages", Kind: "points", Heading: p.message("report.messages"), Data: all})
	}
	var recs []recommendation
	for _, r := range x.Recommendations {
		if w := p.words(r.Text, p.Original); !w.Empty() {
			recs = append(recs, recommendation{p.point(w), p.words(r.Addressee, p.Original)})
		}
	}
	if len(recs) > 0 {
		v.add(part{ID: "recommendations", Kind: "recommendations", Heading: p.message("report.recommendations"), Data: recs})
	}
	if f := p.figures(x.Statistics); len(f) > 0 {
		v.add(part{ID: "figures", Kind: "figures", Heading: p.message("report.figures"), Data: f})
	}
	if b := p.paragraphs(x.Body, p.Original, 3); !b.Empty() {
		v.add(part{ID: "report", Kind: "prose", Heading: p.message("report.body"), Data: b})
	}
	if x.Symbol != "" {
		v.fact("doc", "document.symbol", v.Ltr(x.Symbol))
	}
	v.refs("calendar", "kind.event.one", x.Event)
	v.refs("people", "report.organizations", x.Organizations...)
	v.places(x.Regions, x.Countries)
	v.Tags = p.tags(x.Topics, x.SDGs)
	return "read", v, nil
}

// stages says which stage this is, what there is of others, and whether one can comment.
func (v *readPage) stages(now time.Time, x *kind.Report) error {
	path := v.Page.Path
	if !v.earlier.Empty() {
		v.Superseded = v.html("report.superseded", "Stage", v.Enum("report_stage", x.Stage), "Title", template.HTML(`<a href="`+v.URL(path)+`">`)+v.earlier.Span()+"</a>")
		v.Status.Label, v.Status.Tone = v.M("report.superseded_mark", "Stage", v.Enum("report_stage", x.Stage)), "quiet"
		return nil
	}
	if r := x.CommentRound(); r.Takes(now) {
		v.Actions = append(v.Actions, action{URL: v.URL(path + "/comments"), Label: v.M("comment.title"), Icon: "talk", Main: true})
		if r.Mailbox != "" {
			v.Actions = append(v.Actions, action{URL: mailto(r.Mailbox, v.base.Title.Words, ""), Label: v.M("report.comment"), Icon: "mail"})
		}
		v.fact("clock", "report.comment_until", v.moment(r.Until, r.Zone))
		v.keepUntil(r.Until)
	} else if r.Open {
		v.fact("clock", "report.comment_closed", v.moment(r.Until, r.Zone))
	}
	earlier, err := v.site.Content.Earlier(v.ctx, v.Page)
	if err != nil {
		return err
	}
	var lines []template.HTML
	for _, e := range earlier {
		lines = append(lines, template.HTML(`<a href="`+v.URL(path+"/stages/"+e.Stage)+`">`)+plain(v.Enum("report_stage", e.Stage))+"</a>")
	}
	v.fact("doc", "report.earlier", lines...)
	return nil
}

func (s *Site) standingPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Page)
	v := p.read()
	ids := p.neighbourFiles()
	for _, b := range x.Blocks {
		ids = append(ids, pictureIDs(b.Body)...)
	}
	if err := p.open(ids); err != nil {
		return "", nil, err
	}
	v.Lede = p.words(x.Summary, p.Original)
	if n := p.neighbour(x.Parent); n != nil {
		p.Crumbs = append(p.Crumbs, link{p.URL(n.Path), p.namedNeighbour(n).Name})
	}
	v.add(p.blocks(x.Blocks, true)...)
	v.add(p.documentsPart(x.Documents))
	v.Contacts = p.contacts(x.Contacts)
	if len(v.Contacts) == 0 && strings.HasSuffix(p.base.Path, "/contact") {
		if c := p.Settings.Contact; c.Email != "" || c.Phone != "" {
			v.Contacts = []contactCard{{Name: p.Name(), Mailbox: c.Email, Phone: c.Phone, Position: p.setting(c.Address)}}
		}
	}
	return "read", v, nil
}

func (s *Site) topicPage(p *entryPage) (string, any, error) {
	x := p.Value.(*kind.Topic)
	v, now := p.read(), s.Now()
	var files []string
	lists := map[string][]content.Publication{}
	for _, k := range []string{"event", "news", "report", "document", "series"} {
		list, err := p.linked(k, "topics", content.NewestFirst, 6)
		if err != nil {
			return "", nil, err
		}
		lists[k] = list
		files = append(files, cardFiles(list)...)
	}
	narrower, err := p.linked("topic", "parent", content.ByName, 100)
	if err != nil {
		return "", nil, err
	}
	if err := p.open(files); err != nil {
		return "", nil, err
	}
	v.Eyebrow = p.eyebrow("topic_scheme", x.Scheme)
	v.Lede = p.words(x.Summary, p.Original)
	v.refs("tag", "topic.parent", x.Parent)
	if x.ExactMatch != "" {
		v.linksFact([]kind.Link{{URL: x.ExactMatch}})
	}
	v.add(p.cardsPart("events", "menu.events", now, lists["event"]), p.cardsPart("news", "menu.news", now, lists["news"]),
		p.cardsPart("reports", "menu.reports", now, lists["report"]), p.cardsPart("documents", "menu.documents", now, lists["document"]),
		p.cardsPart("series", "menu.series", now, lists["series"]), p.cardsPart("narrower", "topic.narrower", now, narrower))
	return "read", v, nil
}
