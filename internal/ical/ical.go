// Package ical writes calendars that mail and calendar programs read.
package ical

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// Calendar is an iCalendar object as RFC 5545 has it, with the properties of RFC 7986 that readers use.
type Calendar struct {
	Name   string
	NameIn i18n.Locale // the language of the name
	Locale i18n.Locale
	URL    string // of the list it follows
	Source string // of the calendar itself; "" for a single event, which nobody subscribes to
	Events []Event
}

// Event is one VEVENT. Its UID never changes; Sequence grows when time, place or status do, so that calendars
// replace what they have. How to join is never part of it.
type Event struct {
	ID        string
	Sequence  int
	Status    string // CONFIRMED, TENTATIVE or CANCELLED
	Start     time.Time
	End       time.Time // of an all-day event the day after its last
	AllDay    bool
	Modified  time.Time
	Language  i18n.Locale // of the words
	Title     string
	Summary   string
	Location  Text // its language need not be that of the other words
	URL       string
	Organizer string // name
	Mailbox   string // of the organiser
	Topics    []Text
	Parent    string // id of the event it is part of, or follows
}

// Text is words with their language.
type Text struct {
	Words  string
	Locale i18n.Locale
}

// Type is the MIME type of a calendar that is read from an address.
const Type = "text/calendar; charset=utf-8"

// Attached is the type of the calendar where it comes with a letter: RFC 6047 wants the method beside it.
func (c *Calendar) Attached() string {
	return "text/calendar; method=" + c.method() + "; charset=utf-8"
}

// method is that of RFC 5546. An event that was published alone and does not take place is cancelled; among others, and where
// it is read from an address, its status says so.
func (c *Calendar) method() string {
	if c.Source == "" && len(c.Events) == 1 && c.Events[0].Status == "CANCELLED" {
		return "CANCEL"
	}
	return "PUBLISH"
}

const stampLayout = "20060102T150405Z"

// Bytes writes the calendar. Lines end in CRLF and are folded at 75 octets, never inside a letter.
func (c *Calendar) Bytes() []byte {
	var b icsWriter
	b.line("BEGIN:VCALENDAR")
	b.line("VERSION:2.0")
	b.line("PRODID:-//Plenary//Plenary//EN")
	b.line("CALSCALE:GREGORIAN")
	b.line("METHOD:" + c.method())
	if c.Name != "" {
		b.text("NAME;LANGUAGE="+c.NameIn.Tag(), c.Name)
		b.text("X-WR-CALNAME", c.Name) // what clients read that do not know NAME
	}
	if c.URL != "" {
		b.line("URL:" + c.URL)
	}
	if c.Source != "" {
		b.line("SOURCE;VALUE=URI:" + c.Source)
		b.line("REFRESH-INTERVAL;VALUE=DURATION:PT6H")
		b.line("X-PUBLISHED-TTL:PT6H")
	}
	c.zones(&b)
	for _, e := range c.Events {
		e.write(&b)
	}
	b.line("END:VCALENDAR")
	return []byte(b.String())
}

func (e *Event) write(b *icsWriter) {
	lang := ";LANGUAGE=" + e.Language.Tag()
	b.line("BEGIN:VEVENT")
	b.line("UID:" + e.ID + "@plenary")
	b.line("DTSTAMP:" + e.Modified.UTC().Format(stampLayout))
	b.line("LAST-MODIFIED:" + e.Modified.UTC().Format(stampLayout))
	b.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	b.line("STATUS:" + e.Status)
	switch {
	case e.AllDay:
		b.line("DTSTART;VALUE=DATE:" + e.Start.Format("20060102"))
		b.line("DTEND;VALUE=DATE:" + e.End.Format("20060102"))
		b.line("TRANSP:TRANSPARENT") // nobody is busy all day for a webinar
	case e.Start.Location() == time.UTC:
		b.line("DTSTART:" + e.Start.Format(stampLayout))
		b.line("DTEND:" + e.End.Format(stampLayout))
	default:
		zone := ";TZID=" + e.Start.Location().String() + ":"
		b.line("DTSTART" + zone + e.Start.Format("20060102T150405"))
		b.line("DTEND" + zone + e.End.Format("20060102T150405"))
	}
	b.text("SUMMARY"+lang, e.Title)
	if e.Summary != "" {
		b.text("DESCRIPTION"+lang, e.Summary+"\n\n"+e.URL)
	}
	if e.Location.Words != "" {
		b.text("LOCATION;LANGUAGE="+e.Location.Locale.Tag(), e.Location.Words)
	}
	b.line("URL:" + e.URL)
	if e.Mailbox != "" {
		b.line("ORGANIZER;CN=" + icsParam(e.Organizer) + ":mailto:" + e.Mailbox)
	}
	// One line for each language: LANGUAGE holds for all that a line lists.
	for rest := e.Topics; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Locale == rest[0].Locale {
			n++
		}
		escaped := make([]string, n)
		for i, t := range rest[:n] {
			escaped[i] = icsEscape(t.Words)
		}
		b.line("CATEGORIES;LANGUAGE=" + rest[0].Locale.Tag() + ":" + strings.Join(escaped, ","))
		rest = rest[n:]
	}
	if e.Parent != "" {
		b.line("RELATED-TO;RELTYPE=PARENT:" + e.Parent + "@plenary")
	}
	b.line("END:VEVENT")
}

// zones writes a VTIMEZONE for each zone that an event names, covering the events' time: without it some clients are
// an hour off.
func (c *Calendar) zones(b *icsWriter) {
	type span struct {
		zone     *time.Location
		from, to time.Time
	}
	spans := map[string]*span{}
	for _, e := range c.Events {
		name := e.Start.Location().String()
		if e.AllDay || name == "UTC" {
			continue
		}
		s := spans[name]
		if s == nil {
			s = &span{e.Start.Location(), e.Start, e.End}
			spans[name] = s
		}
		if e.Start.Before(s.from) {
			s.from = e.Start
		}
		if e.End.After(s.to) {
			s.to = e.End
		}
	}
	names := make([]string, 0, len(spans))
	for n := range spans {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		b.line("BEGIN:VTIMEZONE")
		b.line("TZID:" + n)
		for t := spans[n].from; ; {
			begin, end := t.ZoneBounds()
			name, offset := t.Zone()
			before := offset
			onset := "19700101T000000"
			// What was before 1970 is nobody's business here, and some clients stumble over the local mean times of then.
			if begin.Unix() > 0 {
				_, before = begin.Add(-time.Second).Zone()
				// The onset is told in the wall time that was valid just before it.
				onset = begin.UTC().Add(time.Duration(before) * time.Second).Format("20060102T150405")
			}
			kind := "STANDARD"
			if t.IsDST() {
				kind = "DAYLIGHT"
			}
			b.line("BEGIN:" + kind)
			b.line("DTSTART:" + onset)
			b.line("TZOFFSETFROM:" + icsOffset(before))
			b.line("TZOFFSETTO:" + icsOffset(offset))
			b.text("TZNAME", name)
			b.line("END:" + kind)
			if end.IsZero() || end.After(spans[n].to) {
				break
			}
			t = end
		}
		b.line("END:VTIMEZONE")
	}
}

func icsOffset(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

type icsWriter struct{ strings.Builder }

// text writes a property whose value is TEXT: escaped.
func (b *icsWriter) text(name, value string) { b.line(name + ":" + icsEscape(value)) }

func (b *icsWriter) line(s string) {
	// No value brings a line of its own: escaping has made line ends harmless, what is left is not text.
	s = strings.NewReplacer("\r", "", "\n", "").Replace(s)
	for first := true; ; first = false {
		room := 75
		if !first {
			b.WriteByte(' ')
			room = 74
		}
		if len(s) <= room {
			b.WriteString(s + "\r\n")
			return
		}
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n")
		s = s[cut:]
	}
}

func icsEscape(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`).Replace(i18n.StripControls(l))
	}
	return strings.Join(lines, `\n`)
}

// icsParam quotes a parameter's value; a quotation mark cannot be part of one.
func icsParam(s string) string {
	return `"` + strings.NewReplacer(`"`, "'", "\n", " ", "\r", " ").Replace(i18n.StripControls(s)) + `"`
}
