package site

import (
	"html/template"
	"slices"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// card is a published entry as lists show it: made from its publication alone, no document is read.
type card struct {
	Kind     string
	URL      string
	Title    text
	Summary  text
	Label    string // above the title: "Webinar", "Press release"
	Language string // that its words are in, where it is not the page's
	Date     string
	Machine  string // the date for machines
	Numeral  string // of an event's first day, with its month
	Month    string
	Status   status
	Meta     []template.HTML
	Picture  *picture
	Initials string
}

// cardFiles are the files that cards show.
func cardFiles(list []content.Publication) []string {
	var ids []string
	for _, p := range list {
		switch v := p.Value.(type) {
		case *kind.Event:
			ids = append(ids, string(v.Image.File))
		case *kind.News:
			ids = append(ids, string(v.Image.File))
		case *kind.Report:
			ids = append(ids, string(v.Image.File))
		case *kind.Series:
			ids = append(ids, string(v.Image.File))
		case *kind.Person:
			ids = append(ids, string(v.Portrait.File))
		}
	}
	return ids
}

// cards draws a list; the page is kept until the first of them changes by the clock.
func (b *base) cards(now time.Time, list []content.Publication) []card {
	l := b.Locale
	out := make([]card, 0, len(list))
	for _, p := range list {
		c := card{Kind: p.Kind, URL: b.URL(p.Path), Title: publicationTitle(l, p), Summary: text{p.Summary, p.SummaryLocale, p.SummaryLocale != l}}
		if c.Title.Other {
			c.Language = capital(i18n.LanguageName(l, string(p.TextLocale)))
		}
		day := func(d content.Date) {
			if t := d.Time(); !t.IsZero() {
				c.Date, c.Machine = i18n.Date(l, t), string(d)
			}
		}
		const small = "(max-width: 40rem) 92vw, 20rem"
		switch v := p.Value.(type) {
		case *kind.Event:
			b.eventCard(&c, v, now, kind.Around{Report: b.reported[p.ID], Kept: b.keptPromises[p.ID]})
			c.Picture = b.cardPicture(v.Image, small)
		case *kind.News:
			c.Label = b.Enum("news_kind", v.Kind)
			day(v.Date)
			c.Picture = b.cardPicture(v.Image, small)
		case *kind.Report:
			c.Label = b.M("kind.report.one")
			day(v.Date)
			if v.Stage != "final" {
				c.Status = status{Label: b.Enum("report_stage", v.Stage), Tone: "warn"}
			}
			if until := v.CommentUntil.Time(); v.Stage == "for_comment" && until.After(now) {
				c.Meta = append(c.Meta, b.html("event.comment_until", "Time", b.moment(until, v.CommentUntil.Zone)))
				b.keepUntil(until)
			}
			c.Picture = b.cardPicture(v.Image, small)
		case *kind.Document:
			c.Label = b.Enum("document_kind", v.Kind)
			if ver := v.Current(); ver != nil {
				day(ver.Issued)
				if ver.Stage != "final" {
					c.Status = status{Label: b.Enum("stage", ver.Stage), Tone: "warn"}
				}
				var codes []string
				for _, f := range ver.Files {
					codes = append(codes, f.Language)
				}
				if len(codes) > 0 {
					c.Meta = append(c.Meta, template.HTML(escape(capital(b.languageNames(codes)))))
				}
			}
			if v.Symbol != "" {
				c.Meta = append(c.Meta, b.Ltr(v.Symbol))
			}
		case *kind.Person:
			c.Initials = initials(p.Title)
			if f := b.files[string(v.Portrait.File)]; f != nil {
				c.Picture = b.faceOf(v.Portrait)
			}
			if v.Country != "" {
				c.Meta = append(c.Meta, template.HTML(escape(i18n.CountryName(l, v.Country))))
			}
		case *kind.Organization:
			c.Label = b.Enum("org_type", v.Type)
			if v.Country != "" {
				c.Meta = append(c.Meta, template.HTML(escape(i18n.CountryName(l, v.Country))))
			}
		case *kind.Series:
			if v.Status == "concluded" {
				c.Status = status{Label: b.Enum("series_status", v.Status), Tone: "quiet"}
			}
			c.Picture = b.cardPicture(v.Image, small)
		case *kind.Topic:
			c.Label = b.Enum("topic_scheme", v.Scheme)
		}
		out = append(out, c)
	}
	return out
}

// cardPicture is beside a title that says the same: for those who cannot see it, it is left out.
func (b *base) cardPicture(p kind.Picture, sizes string) *picture {
	p.Decorative = true
	return b.pictureOf(p, b.Locale, "16x9", 320, sizes)
}

func (b *base) eventCard(c *card, e *kind.Event, now time.Time, around kind.Around) {
	l := b.Locale
	c.Label = b.Enum("event_kind", e.Kind)
	phase, until := e.Phase(now, around)
	b.untilPassing(now, until)
	w := e.When
	switch {
	case e.Status == "postponed" || !w.Known():
		c.Date = b.M("enum.precision.tbd")
	default:
		c.Date, c.Machine = shortWhen(l, w), w.Starts().Format(time.DateOnly)
		if w.Precision == content.PrecisionTime && !passed(phase) {
			c.Meta = append(c.Meta, template.HTML(escape(b.M("event.moment", "Time", i18n.Clock(l, w.Starts()), "Zone", b.zoneLabel(w.Starts(), w.Zone)))))
		}
		if w.Precision != content.PrecisionMonth {
			c.Numeral, c.Month = i18n.Number(l, w.Starts().Day()), i18n.Month(l, w.Starts())
		}
	}
	if old := e.Was(); old.Known() && !passed(phase) {
		c.Meta = append(c.Meta, template.HTML(`<span class="vh">`+escape(b.M("event.previously"))+` </span><s>`+escape(shortWhen(l, old))+"</s>"))
	}
	if e.Mode != "" {
		c.Meta = append(c.Meta, template.HTML(escape(b.Enum("attendance_mode", e.Mode))))
	}
	outcome := phase == kind.PhaseDraftOutcome || phase == kind.PhaseOutcome
	if told := b.told(e, phase); phase != kind.PhaseAnnounced && (outcome || !passed(phase)) {
		c.Status = status{Label: b.M("phase." + string(phase)), Tone: tones[phase]}
		if told != "" {
			c.Status = status{Label: told + " · " + c.Status.Label, Tone: "warn"}
		}
	} else if told != "" {
		c.Status = status{Label: told, Tone: "warn"}
	}
}

// loadReports looks for the outcome reports of the events in lists, and for the promises that those past have kept, so that
// their cards tell of them as their pages do.
func (b *base) loadReports(lists ...[]content.Publication) error {
	var ids, promised []string
	for _, list := range lists {
		for _, p := range list {
			if e, ok := p.Value.(*kind.Event); ok {
				ids = append(ids, p.ID)
				if end := e.Over(); len(e.Commitments) > 0 && !end.IsZero() && end.Before(b.site.Now()) {
					promised = append(promised, p.ID)
				}
			}
		}
	}
	var err error
	if b.keptPromises, err = b.site.Content.KeptPromises(b.ctx, promised); err != nil {
		return err
	}
	found, err := b.site.Content.ReferringTo(b.ctx, b.Locale, ids, "event", "report")
	if err != nil {
		return err
	}
	b.reported = map[string]string{}
	for id, reports := range found {
		if r, ok := reports[0].Value.(*kind.Report); ok {
			b.reported[id] = r.Stage
		}
	}
	return nil
}

// told is what has become of an event that is still to take place, "" if it is as announced.
func (b *base) told(e *kind.Event, phase kind.Phase) string {
	if passed(phase) || !slices.Contains([]string{"rescheduled", "moved_online", "venue_changed"}, e.Status) {
		return ""
	}
	return b.M("enum.event_status." + e.Status)
}
