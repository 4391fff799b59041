package site

import (
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestAcrossTheDateLine: an event in the first hour of a year, where the year begins first. Elsewhere it is the day before, on the
// same clock at Honolulu, and over midnight at Apia; its year is that of its place, on pages, in addresses, lists and calendars.
func TestAcrossTheDateLine(t *testing.T) {
	h := open(t, 8<<20)
	h.now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	item := func(s string) content.Item { return content.Item{ID: s} }
	id, path := h.publish(kind.EventKind, &kind.Event{Title: content.L("en", "First light"), Summary: content.L("en", "It begins."), Kind: "conference", Scope: "global", FocalPoint: "account1", Status: "scheduled", Access: "open",
		When: content.When{Start: "2027-01-01T00:30", End: "2027-01-01T03:00", Zone: "Pacific/Tongatapu", Precision: "time"}, Mode: "online", WorkingLanguages: []string{"en"},
		ShowZones: []string{"Pacific/Fiji", "Pacific/Niue", "Pacific/Honolulu"}, Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "Zoom")}},
		Sessions:      []kind.Session{{Item: item("s1"), Kind: "opening", Title: content.L("en", "Opening"), Slot: content.Slot{Start: "2027-01-01T00:30", End: "2027-01-01T01:00"}}},
		Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: h.organizer(), Role: "organizer"}}, Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}}}, i18n.EN)
	if !strings.HasPrefix(path, "events/2027/") {
		t.Errorf("it lies at %s", path)
	}
	page := h.get("/en/" + path)
	for selector, want := range map[string]string{
		".when .date": "1 January 2027 Friday", ".when .time": "00:30–03:00 Tongatapu time (UTC+13)",
		".zones tbody tr:nth-child(1)": "FijiThursday, 31 December 23:30–02:00", ".zones tbody tr:nth-child(2)": "NiueThursday, 31 December 00:30–03:00", ".zones tbody tr:nth-child(3)": "HonoluluThursday, 31 December 01:30–04:00",
	} {
		if got := say(page, selector); got != want {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	ld := linked(h, "/en/"+path)
	if ld["startDate"] != "2027-01-01T00:30:00+13:00" || ld["endDate"] != "2027-01-01T03:00:00+13:00" {
		t.Errorf("linked data: %v to %v", ld["startDate"], ld["endDate"])
	}
	calendar := h.body("/en/" + path + ".ics")
	if entry := vevent(calendar, id); line1(entry, "DTSTART;TZID=Pacific/Tongatapu:") != "20270101T003000" || line1(entry, "DTEND;TZID=Pacific/Tongatapu:") != "20270101T030000" || !strings.Contains(calendar, "TZOFFSETTO:+1300") {
		t.Errorf("its calendar:\n%s", calendar)
	}
	for year, want := range map[string]int{"2027": 1, "2026": 0} {
		w := h.do("GET", "/en/events?year="+year)
		if got := document(t, w).Find(`li.row a[href="/en/` + path + `"]`).Length(); got != want {
			t.Errorf("%d in the list of %s (%d)", got, year, w.Code)
		}
	}
	for _, x := range []struct {
		now, phase string
	}{{"2026-12-31T11:14:59Z", "Announced"}, {"2026-12-31T11:15:00Z", "Live now"}, {"2026-12-31T13:59:59Z", "Live now"}, {"2026-12-31T14:00:00Z", "Concluded"}} {
		h.now, _ = time.Parse(time.RFC3339, x.now)
		if got := say(h.get("/en/"+path), ".eyebrow .pill"); got != x.phase {
			t.Errorf("at %s: %s, want %s", x.now, got, x.phase)
		}
	}
}
