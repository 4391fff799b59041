package site

import (
	"context"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// homePage is the front page: what comes next, what is new, what came of it.
type homePage struct {
	*base
	Next     *card // the event of the first screen
	NextMain *action
	Picture  *picture
	Upcoming []card
	News     []card
	Reports  []card
	Series   []card
	Topics   []card
}

// Nothing reports whether nothing at all has been published yet.
func (p *homePage) Nothing() bool {
	return p.Next == nil && len(p.Upcoming)+len(p.News)+len(p.Reports)+len(p.Series)+len(p.Topics) == 0
}

func (s *Site) home(ctx context.Context, l i18n.Locale) (*answer, error) {
	b, err := s.newBase(ctx, l, "")
	if err != nil {
		return nil, err
	}
	now := s.Now()
	b.Description = b.setting(b.Settings.Description)
	b.keepUntil(now.Add(time.Minute)) // as lists of events are
	read := func(kind string, limit int, order content.Order) ([]content.Publication, error) {
		q := content.Query{Locale: l, Kinds: []string{kind}, Order: order, Limit: limit, Shared: true} // the page is made anew every minute
		if kind == "event" {
			q.EndsAfter, q.Shared = now, false
		}
		if b.Settings.OwnOnly {
			yes := true
			q.Own = &yes
		}
		list, _, err := s.Content.Published(ctx, q)
		if err == nil && kind != "event" { // events stay in the order of time, each says its language
			list = ownFirst(list)
		}
		return list, err
	}
	upcoming, err := read("event", 12, content.SoonestFirst)
	if err != nil {
		return nil, err
	}
	news, err := read("news", 3, content.NewestFirst)
	if err != nil {
		return nil, err
	}
	reports, err := read("report", 3, content.NewestFirst)
	if err != nil {
		return nil, err
	}
	series, err := read("series", 6, content.ByName)
	if err != nil {
		return nil, err
	}
	topics, err := read("topic", 24, content.ByName)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, list := range [][]content.Publication{upcoming, news, reports, series} {
		files = append(files, cardFiles(list)...)
	}
	if err := b.loadFiles(files); err != nil {
		return nil, err
	}
	p := &homePage{base: b}
	if i := nextEvent(upcoming, now); i >= 0 {
		c := b.cards(now, upcoming[i:i+1])[0]
		e := upcoming[i].Value.(*kind.Event)
		p.Next = &c
		p.Picture = b.pictureOf(kind.Picture{File: e.Image.File, Decorative: true}, l, "16x9", 960, "(max-width: 64rem) 92vw, 36rem")
		if phase, _ := e.Phase(now, kind.Around{}); phase == kind.PhaseRegistrationOpen {
			p.NextMain = &action{URL: c.URL, Label: b.M("home.register"), Main: true}
		} else {
			p.NextMain = &action{URL: c.URL, Label: b.M("home.read"), Main: true}
		}
		upcoming = append(append([]content.Publication{}, upcoming[:i]...), upcoming[i+1:]...)
	}
	if len(upcoming) > 5 {
		upcoming = upcoming[:5]
	}
	p.Upcoming, p.News, p.Reports, p.Series = b.cards(now, upcoming), b.cards(now, news), b.cards(now, reports), b.cards(now, series)
	p.Topics = b.cards(now, topics)
	return s.render("home", b, p)
}

// nextEvent is the first that still takes place on a day that is known.
func nextEvent(list []content.Publication, now time.Time) int {
	for i, p := range list {
		e := p.Value.(*kind.Event)
		phase, _ := e.Phase(now, kind.Around{})
		if phase != kind.PhaseCancelled && phase != kind.PhasePostponed && e.When.Known() && e.When.Precision != content.PrecisionMonth {
			return i
		}
	}
	return -1
}

// ownFirst puts what has words in the page's language before the rest, each in its order.
func ownFirst(list []content.Publication) []content.Publication {
	out := make([]content.Publication, 0, len(list))
	for _, own := range []bool{true, false} {
		for _, p := range list {
			if p.Own == own {
				out = append(out, p)
			}
		}
	}
	return out
}
