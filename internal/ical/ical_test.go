package ical

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"plenary/internal/i18n"
)

func calendarOf(events ...Event) string {
	c := Calendar{Name: "Events", Locale: i18n.EN, Events: events}
	return string(c.Bytes())
}

func TestCalendarZones(t *testing.T) {
	ny, _ := time.LoadLocation("America/New_York")
	nairobi, _ := time.LoadLocation("Africa/Nairobi")
	e := Event{ID: "x1", Status: "CONFIRMED", Title: "T", URL: "https://office.example/en/events/2027/t", Language: i18n.EN}
	e.Start, e.End = time.Date(2027, 4, 1, 20, 30, 0, 0, ny), time.Date(2027, 4, 1, 22, 0, 0, 0, ny)
	other := e
	other.Start, other.End = time.Date(2027, 11, 5, 9, 0, 0, 0, ny), time.Date(2027, 11, 8, 9, 0, 0, 0, ny) // over the change of the clock
	still := e
	still.Start, still.End = time.Date(2027, 4, 1, 9, 0, 0, 0, nairobi), time.Date(2027, 4, 1, 10, 0, 0, 0, nairobi)
	got := calendarOf(e, other, still)
	for _, want := range []string{"DTSTART;TZID=America/New_York:20270401T203000", "BEGIN:DAYLIGHT\r\nDTSTART:20270314T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT",
		"BEGIN:STANDARD\r\nDTSTART:20271107T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST", "TZID:Africa/Nairobi\r\nBEGIN:STANDARD"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "BEGIN:VTIMEZONE"); n != 2 {
		t.Errorf("%d zones", n)
	}
}

// Every wall time near a change of the clock must be the same instant by the calendar's own VTIMEZONE as by Go, whatever a
// zone has done to its clocks.
func TestCalendarZonesGiveTheInstant(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Paris", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "America/Santiago", "Asia/Tehran",
		"Asia/Almaty", "America/Asuncion", "America/Mexico_City", "Pacific/Apia", "America/Nuuk", "Africa/Juba", "Africa/Nairobi", "Asia/Kolkata", "Asia/Bangkok", "Pacific/Kiritimati", "Etc/UTC"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		// One calendar for all, as a feed has; and one for each event.
		var all []Event
		for at := time.Date(2022, 1, 1, 12, 0, 0, 0, loc); at.Year() < 2028; {
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Year() >= 2028 {
				change = at.AddDate(0, 3, 0)
			}
			for _, d := range []time.Duration{-25 * time.Hour, -2 * time.Hour, -time.Minute, 0, time.Minute, 3 * time.Hour} {
				all = append(all, Event{ID: change.Add(d).String(), Start: change.Add(d), End: change.Add(d + 30*time.Hour)})
			}
			at = change
			if next := at.AddDate(0, 0, 1); next.After(at) {
				at = next
			}
		}
		whole := calendarOf(all...)
		for _, e := range all {
			for _, text := range []string{whole, calendarOf(e)} {
				for _, want := range []time.Time{e.Start, e.End} {
					wall := want.Format(stampLayout[:15])
					if got := instantsOf(t, text, name, wall); !slices.Contains(got, want.Unix()) {
						t.Errorf("%s: %s is %s, and by the calendar %v", name, wall, want.UTC(), got)
					}
				}
			}
		}
	}
}

// instantsOf reads a wall time by a calendar's VTIMEZONE as RFC 5545 has it: by the observance with the latest onset
// before. A time that comes twice has two instants; which is meant no calendar can say.
func instantsOf(t *testing.T, text, zone, wall string) []int64 {
	_, z, ok := strings.Cut(text, "BEGIN:VTIMEZONE\r\nTZID:"+zone+"\r\n")
	if !ok {
		t.Fatalf("no zone %s", zone)
	}
	z, _, _ = strings.Cut(z, "END:VTIMEZONE")
	seconds := func(s string) int64 {
		d, err := time.ParseDuration(s[1:3] + "h" + s[3:5] + "m")
		if err != nil || len(s) != 5 {
			t.Fatalf("offset %q", s)
		}
		if s[0] == '-' {
			d = -d
		}
		return int64(d / time.Second)
	}
	at := func(s string) int64 {
		v, err := time.Parse(stampLayout[:15], s)
		if err != nil {
			t.Fatal(err)
		}
		return v.Unix()
	}
	type observance struct{ onset, offset int64 }
	var all []observance
	for _, part := range regexp.MustCompile(`DTSTART:(\w+)\r\nTZOFFSETFROM:(\S+)\r\nTZOFFSETTO:(\S+)\r\n`).FindAllStringSubmatch(z, -1) {
		all = append(all, observance{at(part[1]) - seconds(part[2]), seconds(part[3])})
	}
	var out []int64
	for i, o := range all {
		u := at(wall) - o.offset
		if u >= o.onset && (i+1 == len(all) || u < all[i+1].onset) {
			out = append(out, u)
		}
	}
	return out
}

func TestCalendarTakesNoLinesFromWords(t *testing.T) {
	got := calendarOf(Event{ID: "x1", Status: "CONFIRMED", Start: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 4, 2, 0, 0, 0, 0, time.UTC), AllDay: true,
		Title: "A\r\nATTENDEE:mailto:x@example.org", Location: Text{Words: "Room; 1, \\ 2\nX-EVIL:1", Locale: i18n.AR}, Organizer: "O\"\r\nX-EVIL:2", Mailbox: "o@example.org\r\nX-EVIL:3",
		Summary: strings.Repeat("سجل ", 60), URL: "https://office.example/", Language: i18n.AR})
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
		if strings.HasPrefix(line, "X-EVIL") || strings.HasPrefix(line, "ATTENDEE") {
			t.Errorf("a line out of words: %q", line)
		}
	}
	if !strings.Contains(got, `LOCATION;LANGUAGE=ar:Room\; 1\, \\ 2\nX-EVIL:1`) {
		t.Errorf("escapes:\n%s", got)
	}
}
