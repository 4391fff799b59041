package site

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// What a series shows over all its editions, beside its own text and the list of them.

// editionsPart are cards of editions, with their numbers.
func (p *entryPage) editionsPart(id, heading string, now time.Time, list []content.Publication) part {
	x := p.cardsPart(id, heading, now, list)
	cards, ok := x.Data.([]card)
	if !ok {
		return x
	}
	for i := range cards {
		if e, ok := list[i].Value.(*kind.Event); ok && e.Ordinal > 0 {
			cards[i].Meta = append([]template.HTML{plain(p.M("editions.number", "Number", i18n.Number(p.base.Locale, e.Ordinal)))}, cards[i].Meta...)
		}
	}
	return x
}

// edition is what came of one edition.
type edition struct {
	Name       named
	Number     string
	Year       string
	Reports    []named
	Recordings *link
	Figures    []string // of participation, as the table's columns have them; empty: not known
}

// participation is the table of how many took part in each edition, the latest first.
type participation struct {
	Caption, Edition, Year string
	Columns                []string
	Rows                   []edition
}

// editionsMost is how many past editions results are gathered of: their facts are read whole.
const editionsMost = 60

// results are the reports and recordings of past editions, the latest first, and their participation over the years.
func (p *entryPage) results(past []content.Publication) (results, figures part, err error) {
	past = past[:min(len(past), editionsMost)]
	ids := make([]string, len(past))
	for i, e := range past {
		ids[i] = e.ID
	}
	whole, err := p.site.Content.Whole(p.ctx, p.base.Locale, ids)
	if err != nil {
		return part{}, part{}, err
	}
	reports, err := p.site.Content.ReferringTo(p.ctx, p.base.Locale, ids, "event", "report")
	if err != nil {
		return part{}, part{}, err
	}
	var written []string
	for _, list := range reports {
		for _, r := range list {
			written = append(written, r.ID)
		}
	}
	told, err := p.site.Content.Whole(p.ctx, p.base.Locale, written)
	if err != nil {
		return part{}, part{}, err
	}
	table := participation{Caption: p.M("editions.participation"), Edition: p.M("editions.edition"), Year: p.M("filter.year")}
	var all []edition
	var counted [][4]int
	for _, x := range past {
		n := whole[x.ID]
		if n == nil {
			continue
		}
		e := n.Value.(*kind.Event)
		if e.Off() {
			continue // it did not take place
		}
		row := edition{Name: named{publicationTitle(p.base.Locale, x), p.URL(x.Path)}}
		if e.Ordinal > 0 {
			row.Number = p.M("editions.number", "Number", i18n.Number(p.base.Locale, e.Ordinal))
		}
		if start := e.When.Starts(); !start.IsZero() {
			row.Year = strconv.Itoa(start.Year())
		}
		s := e.Statistics
		for _, r := range reports[x.ID] {
			row.Reports = append(row.Reports, named{publicationTitle(p.base.Locale, r), p.URL(r.Path)})
			if n := told[r.ID]; n != nil && s == (kind.Statistics{}) { // where the event itself does not tell
				s = n.Value.(*kind.Report).Statistics
			}
		}
		if len(e.Recordings) > 0 {
			row.Recordings = &link{row.Name.URL + "#outcome", text{p.M("editions.recordings", "Number", i18n.Number(p.base.Locale, len(e.Recordings))), p.base.Locale, false}}
		}
		if len(row.Reports) > 0 || row.Recordings != nil {
			all = append(all, row)
		}
		if f := [4]int{s.Registered, s.Attended, s.Online, s.Countries}; f != [4]int{} {
			table.Rows, counted = append(table.Rows, row), append(counted, f)
		}
	}
	if len(all) > 0 {
		results = part{ID: "results", Kind: "editions", Heading: p.message("editions.results"), Data: all}
	}
	for i, key := range []string{"registered", "attended", "online", "countries"} {
		some := false
		for _, f := range counted {
			some = some || f[i] > 0
		}
		if !some {
			continue
		}
		table.Columns = append(table.Columns, p.M("figure."+key))
		for j, f := range counted {
			number := ""
			if f[i] > 0 {
				number = i18n.Number(p.base.Locale, f[i])
			}
			table.Rows[j].Figures = append(table.Rows[j].Figures, number)
		}
	}
	if len(table.Rows) > 0 {
		figures = part{ID: "participation", Kind: "participation", Heading: p.message("editions.participation"), Data: table}
	}
	return results, figures, nil
}

// seriesFeed lists what belongs to a series and has words in the language: its events, news and documents, the newest first.
func (s *Site) seriesFeed(ctx context.Context, l i18n.Locale, path, ext string) (*answer, error) {
	p, err := s.Content.Live(ctx, l, path)
	if err != nil {
		return nil, err
	}
	own := true
	list, _, err := s.Content.Published(ctx, content.Query{Locale: l, Kinds: []string{"event", "news", "document"}, Own: &own, LinkedTo: p.ID, Field: "series", Order: content.ByChange, Limit: feedLength})
	if err != nil {
		return nil, err
	}
	return s.feedOf(l, feed{Title: p.Title + " – " + s.siteName(l), Subtitle: s.siteName(l), Locale: l, Home: s.absolute(address(l, p.Path)), Self: s.absolute(address(l, p.Path+ext)), Updated: time.Unix(0, 0)}, list, ext)
}

// seriesFeeds are the feeds that a series' page names in its head.
func (p *entryPage) seriesFeeds() []feedLink {
	at := func(ext, typ, name string) feedLink {
		return feedLink{URL: p.URL(p.Path + ext), Type: typ, Title: p.base.Title.Words + " (" + name + ")"}
	}
	return []feedLink{at(".atom", feedTypes[".atom"], "Atom"), at(".rss", feedTypes[".rss"], "RSS"), at(".json", feedTypes[".json"], "JSON"), at(".ics", "text/calendar", "iCalendar")}
}
