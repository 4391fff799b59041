package content

import (
	"fmt"
	"html"
	"strings"
	"time"

	"plenary/internal/i18n"
)

// Text is the words of one leaf in one language.
type Text struct {
	Words string `json:"t"`
	// Of holds the hashes of the source's units these words were made from, in the order of the source: empty in the
	// original and where nobody has vouched for the translation. See Units.
	Of []string `json:"of,omitempty"`
	// From is the language they were made from where it is not the entry's original.
	From i18n.Locale `json:"from,omitempty"`
	// Ahead is the revision of the source that they were made from, where that was not public yet: until it is, the public
	// source does not make them out of date.
	Ahead int `json:"ahead,omitempty"`
	// Like holds for units of these words the hashes of former ones that they differ from in nothing a translation shows: a
	// minor edit. It is empty in most texts, and stays with a source.
	Like map[string][]string `json:"like,omitempty"`
	// How is "" for a person's own work, "assisted" or "machine".
	How string `json:"how,omitempty"`
}

// Line is one line of words per language, without marks-up. Prose is sanitised HTML per language, see Clean. Each language
// is there once at most. They are no maps: a page has hundreds, in one or two languages.
type (
	Line  []Wording
	Prose []Wording
)

// Wording is words and the language they are in.
type Wording struct {
	Locale i18n.Locale
	Text
}

// In gives the words in l, or "" where there are none.
func (x Line) In(l i18n.Locale) string { return wording(x, l).Words }

// In gives the HTML in l, or "" where there is none.
func (x Prose) In(l i18n.Locale) string { return wording(x, l).Words }

// Set puts words in l in the place of those that are there.
func (x *Line) Set(l i18n.Locale, t Text) { *x = reworded(*x, l, t) }

// Set is Line.Set for prose.
func (x *Prose) Set(l i18n.Locale, t Text) { *x = reworded(*x, l, t) }

func wording(all []Wording, l i18n.Locale) Text {
	for i := range all {
		if all[i].Locale == l {
			return all[i].Text
		}
	}
	return Text{}
}

func reworded(all []Wording, l i18n.Locale, t Text) []Wording {
	for i := range all {
		if all[i].Locale == l {
			all[i].Text = t
			return all
		}
	}
	return append(all, Wording{l, t})
}

// Pick gives the words in l, else in the original language, else in the first language of the UN order that has any,
// with the language they are in. A page that shows words of another language must say so.
func (x Line) Pick(l, original i18n.Locale) (string, i18n.Locale) { return pick(x, l, original) }

// Pick is Line.Pick for prose.
func (x Prose) Pick(l, original i18n.Locale) (string, i18n.Locale) { return pick(x, l, original) }

func pick(x []Wording, l, original i18n.Locale) (string, i18n.Locale) {
	if t := wording(x, l).Words; t != "" {
		return t, l
	}
	if t := wording(x, original).Words; t != "" {
		return t, original
	}
	for _, o := range i18n.All {
		if t := wording(x, o).Words; t != "" {
			return t, o
		}
	}
	return "", original
}

// L makes a Line in one or more languages: L("en", "Hello", "fr", "Bonjour"). For tests and demo content.
func L(pairs ...string) Line { return Line(texts(pairs)) }

// P makes a Prose in one or more languages from HTML.
func P(pairs ...string) Prose { return Prose(texts(pairs)) }

// Paragraphs makes the HTML of plain paragraphs.
func Paragraphs(ps ...string) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString("<p>" + html.EscapeString(p) + "</p>")
	}
	return b.String()
}

func texts(pairs []string) []Wording {
	var all []Wording
	for i := 0; i+1 < len(pairs); i += 2 {
		all = reworded(all, i18n.Locale(pairs[i]), Text{Words: pairs[i+1]})
	}
	return all
}

// Item gives an element of a list its identity: order and merging go by it, and the form's names hold it. Embed it.
type Item struct {
	ID string `json:"-"`
}

// ItemID is what every list element has by embedding Item.
func (i Item) ItemID() string { return i.ID }

// Ref is the id of another entry; the tag of:"person" says of which kind. Refs keep their order.
type (
	Ref  string
	Refs []Ref
	// FileRef is the id of a file of package media.
	FileRef string
)

// Date is a day without a time, "2006-01-02".
type Date string

// Time gives midnight UTC of the day; the zero time if there is none.
func (d Date) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// LocalTime is a wall time without a zone, "2006-01-02T15:04", read in the zone of what it belongs to.
type LocalTime string

// In gives the instant of the wall time in a zone; the zero time if there is none.
func (t LocalTime) In(zone *time.Location) time.Time {
	v, err := time.ParseInLocation(wallLayout, string(t), zone)
	if err != nil {
		return time.Time{}
	}
	return v
}

const wallLayout = "2006-01-02T15:04"

// How exactly a When is known.
const (
	PrecisionTBD   = "tbd"
	PrecisionMonth = "month"
	PrecisionDay   = "day"
	PrecisionTime  = "time"
)

// When is a time as it was announced: wall time and IANA zone are the truth, instants derive from them, so a change of
// a country's clock rules moves the instant and not the announcement.
type When struct {
	Start     LocalTime `json:"start,omitempty"` // with precision day or month only the date, or the month, counts
	End       LocalTime `json:"end,omitempty"`
	Zone      string    `json:"zone,omitempty"` // "Africa/Nairobi"
	Precision string    `json:"precision,omitempty"`
}

// Known reports whether there is a date at all.
func (w When) Known() bool {
	return w.Start != "" && w.Precision != PrecisionTBD && w.Precision != ""
}

// Location gives the zone, UTC if it is unknown.
func (w When) Location() *time.Location { return Zone(w.Zone) }

// Starts gives the instant it begins: of the day with precision day, of the month with precision month; zero when the
// date is not known.
func (w When) Starts() time.Time {
	if !w.Known() {
		return time.Time{}
	}
	switch day := w.Start.In(time.UTC); {
	case day.IsZero():
		return time.Time{}
	case w.Precision == PrecisionDay:
		return firstInstant(day.Year(), day.Month(), day.Day(), w.Location())
	case w.Precision == PrecisionMonth:
		return firstInstant(day.Year(), day.Month(), 1, w.Location())
	}
	return w.Start.In(w.Location())
}

// Ends gives the instant it is over: the end of the day with precision day, of the month with precision month; zero
// when the date is not known.
func (w When) Ends() time.Time {
	if !w.Known() {
		return time.Time{}
	}
	last := w.End
	if last == "" {
		last = w.Start
	}
	switch day := last.In(time.UTC); {
	case day.IsZero():
		return time.Time{}
	case w.Precision == PrecisionDay:
		return firstInstant(day.Year(), day.Month(), day.Day()+1, w.Location())
	case w.Precision == PrecisionMonth:
		return firstInstant(day.Year(), day.Month()+1, 1, w.Location())
	}
	return last.In(w.Location())
}

// firstInstant is when a day begins. Where the clock is changed at midnight (Cairo, Beirut, Havana), 00:00 may not exist or
// come twice, and the time package may then answer with an hour of the day before, or with the later of the two.
func firstInstant(y int, m time.Month, d int, zone *time.Location) time.Time {
	const step = 15 * time.Minute // changes of the clock come at quarters of an hour
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for day(t).Before(want) {
		t = t.Add(step)
	}
	for !day(t.Add(-step)).Before(want) {
		t = t.Add(-step)
	}
	return t
}

// Moment is one wall time in a zone of its own.
type Moment struct {
	At   LocalTime `json:"at,omitempty"`
	Zone string    `json:"zone,omitempty"`
}

// Time gives the instant; zero if there is none.
func (m Moment) Time() time.Time {
	if m.At == "" {
		return time.Time{}
	}
	return m.At.In(Zone(m.Zone))
}

// Slot is a stretch of the wall clock of the event it belongs to. End may be empty.
type Slot struct {
	Start LocalTime `json:"start,omitempty"`
	End   LocalTime `json:"end,omitempty"`
}

// Moved gives the slot so many minutes later on the wall clock, whatever a change of the clock lies between.
func (s Slot) Moved(minutes int) Slot {
	move := func(t LocalTime) LocalTime {
		v := t.In(time.UTC)
		if v.IsZero() {
			return t
		}
		return LocalTime(v.Add(time.Duration(minutes) * time.Minute).Format(wallLayout))
	}
	return Slot{Start: move(s.Start), End: move(s.End)}
}

var zones = newZoneCache()

// Zone gives an IANA zone, UTC if the name is not known.
func Zone(name string) *time.Location { return zones.get(name) }

// CheckWall refuses wall times that a change of the clock leaves out or has twice.
func CheckWall(t LocalTime, zone *time.Location) error {
	v, err := time.ParseInLocation(wallLayout, string(t), zone)
	if err != nil {
		return fmt.Errorf("not a wall time: %q", string(t))
	}
	if v.Format(wallLayout) != string(t) {
		return ErrNoSuchTime
	}
	// The same wall time by the clock before or after means that it was set back here: by an hour mostly, but by a half at
	// Lord Howe, and by two at Troll.
	_, own := v.Zone()
	begin, end := v.ZoneBounds()
	for _, near := range []time.Time{begin.Add(-time.Second), end} {
		_, other := near.Zone()
		if twin := v.Add(time.Duration(own-other) * time.Second); other != own && twin.Format(wallLayout) == string(t) {
			return ErrTwiceTime
		}
	}
	return nil
}
