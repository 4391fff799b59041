package site

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// inLife are the languages in which an event is followed through its life: the original, right to left, and without spaces.
var inLife = []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH}

// symposium is an event of the autumn in three languages, with a session an hour and promises.
func (h *house) symposium() (content.Ref, string) {
	item := func(s string) content.Item { return content.Item{ID: s} }
	words := func(en, ar, zh string) content.Line { return content.L("en", en, "ar", ar, "zh", zh) }
	return h.publish(kind.EventKind, &kind.Event{Title: words("Registers and rivers", "السجلات والأنهار", "登记与河流"), Summary: words("What rivers move.", "ما تحركه الأنهار.", "河流带来的变化。"),
		Kind: "symposium", Scope: "regional", FocalPoint: "account1", Status: "tentative", When: content.When{Start: "2026-10-01T00:00", Zone: "Africa/Nairobi", Precision: "month"},
		Mode: "hybrid", Access: "registration", WorkingLanguages: []string{"en"},
		Venues: []kind.Venue{{Item: item("v1"), Type: "physical", Name: words("Hall B", "القاعة ب", "B厅"), Country: "KE"}, {Item: item("v2"), Type: "online", Name: words("Zoom", "زوم", "Zoom")}},
		Sessions: []kind.Session{{Item: item("s1"), Kind: "opening", Title: words("Opening", "الافتتاح", "开幕"), Slot: content.Slot{Start: "2026-10-14T09:00", End: "2026-10-14T10:00"}},
			{Item: item("s2"), Kind: "panel", Title: words("Panel", "حلقة النقاش", "小组讨论"), Slot: content.Slot{Start: "2026-10-14T10:00", End: "2026-10-14T12:00"}}},
		Registration:  kind.Registration{Mailbox: "registration@office.example"},
		Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: h.organizer(), Role: "organizer"}}, Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@office.example"}},
		Commitments: []kind.Commitment{{Item: item("p1"), Kind: "recordings", DueDays: 7}, {Item: item("p2"), Kind: "report", Due: "2026-12-01"},
			{Item: item("p3"), Kind: "other", Due: "2026-12-02", Text: content.L("en", "Only the donors know of it."), Internal: true}}}, inLife...)
}

// alter changes and publishes facts of an entry, and words.
func (h *house) alter(id content.Ref, facts map[string]any, words map[i18n.Locale]string) {
	h.t.Helper()
	set := content.Parts{content.Facts: {}}
	for path, v := range facts {
		set[content.Facts].Set(path, v)
	}
	var locales []i18n.Locale
	for l, w := range words {
		set[content.Part(l)] = content.Leaves{}
		set[content.Part(l)].SetText("status_note", content.Text{Words: w})
		locales = append(locales, l)
	}
	_, err := h.content.SaveAndPublish(ctx, staff, content.Change{ID: string(id), Set: set}, content.PublishChange{ID: string(id), Facts: true, Locales: locales})
	if err != nil {
		h.t.Fatal(reason(err))
	}
}

// linked is what a page tells search engines of the event.
func linked(h *house, path string) map[string]any {
	h.t.Helper()
	var doc struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(h.get(path).Find(`script[type="application/ld+json"]`).Text()), &doc); err != nil || len(doc.Graph) == 0 {
		h.t.Fatalf("%s: linked data: %v", path, err)
	}
	return doc.Graph[0]
}

func line1(calendar, name string) string {
	for _, l := range strings.Split(calendar, "\r\n") {
		if rest, ok := strings.CutPrefix(l, name); ok {
			return rest
		}
	}
	return ""
}

// TestTheLifeOfAnEvent follows one event by the clock and its facts, as DOMAIN section 9 has it: its page, its badge in
// lists, its calendar, the feed and its linked data, in three languages. Pages are kept, and change at their boundaries.
func TestTheLifeOfAnEvent(t *testing.T) {
	h := open(t, 8<<20)
	h.now = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	id, _ := h.symposium()
	date := content.When{Start: "2026-10-14T09:00", End: "2026-10-14T12:00", Zone: "Africa/Nairobi", Precision: "time"}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	moment := func(s content.LocalTime) content.Moment { return content.Moment{At: s, Zone: "Africa/Nairobi"} }
	report := &kind.Report{Title: content.L("en", "Outcome"), Summary: content.L("en", "What came of it."), Stage: "for_comment", Event: id, Date: "2026-11-01", Executive: content.P("en", "<p>Much.</p>"),
		CommentUntil: content.Moment{At: "2026-11-20T23:59", Zone: "UTC"}, CommentTo: "comments@office.example"}
	var reportID content.Ref
	slides := &kind.Document{Title: content.L("en", "Slides"), Kind: "presentation", Access: "public", Versions: []kind.Version{{Item: content.Item{ID: "v1"}, Stage: "final", Issued: "2026-11-26",
		Files: []kind.LanguageVersion{{Item: content.Item{ID: "f1"}, Language: "en", File: h.pdf("slides.pdf", 1, 800)}}}}}
	sequence := 0
	for _, row := range []struct {
		name     string
		now      string // moved to before anything is done; what is kept must give way by itself
		do       func()
		page     string // message of the badge on the page, "" if there is none but the phase's
		told     string // and of what became of it
		list     string // badge in the list; "" none
		past     bool   // in the list of what is past
		sequence bool   // calendars are told again
		ics      string // STATUS, "" if there is no entry
		ld       string // eventStatus
		action   string // message of the first action or tip
		tells    string // more that the page must hold, in English
	}{
		{name: "save the date", page: "phase.save_the_date", list: "phase.save_the_date"},
		{name: "a day is known", do: func() {
			h.alter(id, map[string]any{"when": content.When{Start: "2026-10-14T00:00", Zone: "Africa/Nairobi", Precision: "day"}}, nil)
		}, page: "phase.save_the_date", list: "phase.save_the_date", sequence: true, ics: "TENTATIVE", ld: "EventScheduled"},
		{name: "announced", do: func() {
			h.alter(id, map[string]any{"when": date, "status": "scheduled", "registration.opens": moment("2026-07-01T09:00"), "registration.closes": moment("2026-10-07T18:00")}, nil)
		}, page: "phase.announced", sequence: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "1 July 2026"},
		{name: "registration open", now: "2026-07-01T06:00:00Z", page: "phase.registration_open", list: "phase.registration_open", ics: "CONFIRMED", ld: "EventScheduled", tells: "7 October 2026"},
		{name: "registration closed", now: "2026-10-07T15:00:00Z", page: "phase.registration_closed", list: "phase.registration_closed", ics: "CONFIRMED", ld: "EventScheduled"},
		{name: "live", now: "2026-10-14T05:45:00Z", page: "phase.live", list: "phase.live", ics: "CONFIRMED", ld: "EventScheduled"},
		{name: "the first session", now: "2026-10-14T06:00:00Z", page: "phase.live", list: "phase.live", ics: "CONFIRMED", ld: "EventScheduled", tells: "On now Opening"},
		{name: "the next session", now: "2026-10-14T07:00:00Z", page: "phase.live", list: "phase.live", ics: "CONFIRMED", ld: "EventScheduled", tells: "On now Panel discussion"},
		{name: "concluded", now: "2026-10-14T09:00:00Z", page: "phase.concluded", past: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "recordings will be posted on this page by 21 October 2026"},
		{name: "recorded", do: func() {
			h.alter(id, map[string]any{"recordings": []string{"r1"}, "recordings.r1.kind": "audio", "recordings.r1.url": "https://video.example/1"}, nil)
		}, page: "phase.concluded", past: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "Recordings: done."},
		{name: "draft outcome", now: "2026-11-01T12:00:00Z", do: func() { reportID, _ = h.publish(kind.ReportKind, report, i18n.EN) },
			page: "phase.draft_outcome", list: "phase.draft_outcome", past: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "outcome report will be published by 1 December 2026"},
		{name: "outcome", now: "2026-11-25T12:00:00Z", do: func() { h.alter(reportID, map[string]any{"stage": "final"}, nil) },
			page: "phase.outcome", list: "phase.outcome", past: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "Report: done."},
		{name: "a document keeps a promise", do: func() {
			shown, _ := h.publish(kind.DocumentKind, slides, i18n.EN)
			h.alter(id, map[string]any{"documents": []string{"slides"}, "documents.slides.slot": "presentation", "documents.slides.document": shown,
				"commitments": []string{"p1", "p2", "p3", "slides"}, "commitments.slides.kind": "presentations", "commitments.slides.due": content.Date("2026-12-01")}, nil)
		}, page: "phase.outcome", list: "phase.outcome", past: true, ics: "CONFIRMED", ld: "EventScheduled", tells: "Presentations: Slides"},
		{name: "settled", now: "2027-01-12T09:00:00Z", page: "phase.concluded", past: true, ld: "EventScheduled"},
		{name: "archived", now: "2031-10-14T09:00:00Z", page: "phase.archived", past: true, ld: "EventScheduled"},
	} {
		if row.now != "" {
			h.now = at(row.now)
		}
		if row.do != nil {
			row.do()
		}
		if row.sequence {
			sequence++
		}
		for _, l := range inLife {
			h.tells(row.name, l, id, telling{page: h.M(l, row.page), list: h.M(l, row.list), past: row.past, sequence: sequence, ics: row.ics, ld: row.ld})
		}
		p, err := h.content.LiveByID(ctx, i18n.EN, string(id))
		if err != nil {
			t.Fatal(err)
		}
		page := say(h.get("/en/"+p.Path), "main")
		if !strings.Contains(page, row.tells) {
			t.Errorf("%s: no %q on the page: %s", row.name, row.tells, page)
		}
		if strings.Contains(page, "donors") {
			t.Errorf("%s: what was promised to partners stands on the page", row.name)
		}
	}
	// Nor is it anywhere else that the public reads from.
	var docs []string
	if err := h.db.Read().NewRaw("SELECT doc FROM live WHERE entry_id = ?", string(id)).Scan(ctx, &docs); err != nil || len(docs) != 4 {
		t.Fatal(err, len(docs))
	}
	for _, doc := range docs {
		if strings.Contains(doc, "donors") || strings.Contains(doc, "2026-12-02") {
			t.Errorf("published: %s", doc)
		}
	}
}

// M is a message, "" for none.
func (h *house) M(l i18n.Locale, key string) string {
	if key == "" {
		return ""
	}
	return h.Catalogue.T(l, key)
}

// telling is how an event is to be told of.
type telling struct {
	page, list string // badges
	past       bool   // in the list of what is past
	sequence   int
	ics, ld    string
	feed       string // what its title begins with there
}

// tells looks at an event wherever it is told of, in one language.
func (h *house) tells(name string, l i18n.Locale, id content.Ref, want telling) {
	t := h.t
	t.Helper()
	p, err := h.content.LiveByID(ctx, l, string(id))
	if err != nil {
		t.Fatal(err)
	}
	path := "/" + string(l) + "/" + p.Path
	page := h.get(path)
	if got := say(page, ".eyebrow .pill"); got != want.page {
		t.Errorf("%s in %s: the page says %q, want %q", name, l, got, want.page)
	}
	list := "/" + string(l) + "/events"
	if want.past {
		list += "?when=past"
	}
	row := h.get(list).Find(`li.row:has(a[href="` + path + `"])`)
	if got := strings.Join(strings.Fields(row.Find(".pill").Text()), " "); row.Length() != 1 || got != want.list {
		t.Errorf("%s in %s: %d in the list, saying %q, want %q", name, l, row.Length(), got, want.list)
	}
	entry := vevent(h.body("/"+string(l)+"/events.ics"), id)
	if got := line1(entry, "STATUS:"); got != want.ics {
		t.Errorf("%s in %s: the calendar says %q, want %q", name, l, got, want.ics)
	}
	h.calendars(name, l, id, want)
	if want.ics != "" {
		if got, n := line1(entry, "SEQUENCE:"), i18n.Number(i18n.EN, want.sequence); got != n {
			t.Errorf("%s in %s: version %s of the calendar, want %s", name, l, got, n)
		}
	}
	ld, _ := linked(h, path)["eventStatus"].(string)
	if got := strings.TrimPrefix(ld, "https://schema.org/"); got != want.ld {
		t.Errorf("%s in %s: linked data say %q, want %q", name, l, got, want.ld)
	}
	title := "<title>" + p.Title + "</title>"
	if want.feed != "" {
		title = "<title>" + h.Catalogue.T(l, "feed.status", "Status", want.feed, "Title", p.Title) + "</title>"
	}
	if feed := h.body("/" + string(l) + "/events.atom"); !strings.Contains(feed, title) {
		t.Errorf("%s in %s: the feed has no %s", name, l, title)
	}
}

// calendars reads the calendar of all events and the event's own as somebody else's program does, which replaces an entry of the
// same UID by one of a higher SEQUENCE.
func (h *house) calendars(name string, l i18n.Locale, id content.Ref, want telling) {
	h.t.Helper()
	p, err := h.content.LiveByID(ctx, l, string(id))
	if err != nil {
		h.t.Fatal(err)
	}
	files := []string{"/" + string(l) + "/events.ics"}
	if want.ics != "" && !want.past {
		files = append(files, "/"+string(l)+"/"+p.Path+".ics")
	}
	for _, file := range files {
		c, err := ics.ParseCalendar(strings.NewReader(h.body(file)))
		if err != nil {
			h.t.Errorf("%s in %s: %s: %v", name, l, file, err)
			continue
		}
		var found []string
		for _, e := range c.Events() {
			if e.Id() == string(id)+"@plenary" {
				found = append(found, e.GetProperty(ics.ComponentPropertySequence).Value+" "+e.GetProperty(ics.ComponentPropertyStatus).Value)
				if start, err := e.GetStartAt(); err != nil || start.IsZero() {
					h.t.Errorf("%s in %s: %s: the start: %v %v", name, l, file, start, err)
				}
			}
		}
		entry := ""
		if want.ics != "" {
			entry = strconv.Itoa(want.sequence) + " " + want.ics
		}
		if got := strings.Join(found, ", "); got != entry {
			h.t.Errorf("%s in %s: another program finds %q in %s, want %q", name, l, got, file, entry)
		}
	}
}

// TestWhatMayHappenToAnEvent: cancelled, postponed, moved, elsewhere: told wherever the event is told of, the old date struck
// through, the reason on top, and in calendars as a newer version of the same entry.
func TestWhatMayHappenToAnEvent(t *testing.T) {
	for _, x := range []struct {
		name, status string
		facts        map[string]any
		ics, ld      string
		list         string // message of its badge, where it is not that of the status
		was          string // struck through
		machine      map[string]string
	}{
		{name: "cancelled", status: "cancelled", ics: "CANCELLED", ld: "EventCancelled", list: "phase.cancelled"},
		{name: "postponed", status: "postponed", ics: "TENTATIVE", ld: "EventPostponed", list: "phase.postponed", was: "14 October 2026"},
		{name: "moved", status: "rescheduled", facts: map[string]any{"when": content.When{Start: "2027-03-03T09:00", End: "2027-03-03T12:00", Zone: "Africa/Nairobi", Precision: "time"},
			"previous": content.When{Start: "2026-10-14T09:00", End: "2026-10-14T12:00", Zone: "Africa/Nairobi", Precision: "time"}}, ics: "CONFIRMED", ld: "EventRescheduled", was: "14 October 2026",
			machine: map[string]string{"startDate": "2027-03-03T09:00:00+03:00", "previousStartDate": "2026-10-14T09:00:00+03:00"}},
		{name: "moved online", status: "moved_online", facts: map[string]any{"mode": "online", "venues": []string{"v2"}}, ics: "CONFIRMED", ld: "EventMovedOnline",
			machine: map[string]string{"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode"}},
		{name: "another hall", status: "venue_changed", facts: map[string]any{"venues.v1.country": "TZ"}, ics: "CONFIRMED", ld: "EventScheduled"},
	} {
		h := open(t, 8<<20)
		h.now = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
		id, _ := h.symposium()
		h.alter(id, map[string]any{"when": content.When{Start: "2026-10-14T09:00", End: "2026-10-14T12:00", Zone: "Africa/Nairobi", Precision: "time"}, "status": "scheduled", "access": "open"}, nil)
		for _, l := range inLife {
			h.tells("before", l, id, telling{page: h.M(l, "phase.announced"), sequence: 1, ics: "CONFIRMED", ld: "EventScheduled"})
		}
		facts := map[string]any{"status": x.status}
		for path, v := range x.facts {
			facts[path] = v
		}
		reasons := map[i18n.Locale]string{i18n.EN: "A flood.", i18n.AR: "فيضان.", i18n.ZH: "洪水。"}
		h.alter(id, facts, reasons)
		for _, l := range inLife {
			status := h.M(l, "enum.event_status."+x.status)
			badge := status
			if x.list != "" {
				badge = h.M(l, x.list)
			}
			h.tells(x.name, l, id, telling{page: badge, list: badge, sequence: 2, ics: x.ics, ld: x.ld, feed: status})
			p, err := h.content.LiveByID(ctx, l, string(id))
			if err != nil {
				t.Fatal(err)
			}
			path := "/" + string(l) + "/" + p.Path
			if got := say(h.get(path), ".hero .notice"); got != reasons[l] {
				t.Errorf("%s in %s: the reason is %q", x.name, l, got)
			}
			if entry := vevent(h.body("/"+string(l)+"/events.ics"), id); !strings.Contains(entry, reasons[l]) {
				t.Errorf("%s in %s: the calendar gives no reason: %s", x.name, l, entry)
			}
			ld := linked(h, path)
			for name, want := range x.machine {
				if ld[name] != want {
					t.Errorf("%s in %s: %s is %v, want %s", x.name, l, name, ld[name], want)
				}
			}
		}
		p, err := h.content.LiveByID(ctx, i18n.EN, string(id))
		if err != nil {
			t.Fatal(err)
		}
		if was := say(h.get("/en/"+p.Path), ".when s"); x.was == "" && was != "" || !strings.Contains(was, x.was) {
			t.Errorf("%s: struck through is %q", x.name, was)
		}
		if was := say(h.get("/en/events"), `li.row:has(a[href="/en/`+p.Path+`"]) s`); x.was == "" && was != "" || !strings.Contains(was, strings.TrimSuffix(x.was, "ober 2026")) {
			t.Errorf("%s: struck through in the list is %q", x.name, was)
		}
		// What is called off stays in the calendar for sixty days, then it is gone.
		if x.status == "cancelled" {
			for _, day := range []int{13, 14} { // in this order: a page is kept for a clock that goes on
				h.now = time.Date(2026, 12, day, 8, 0, 0, 0, time.UTC)
				if got := vevent(h.body("/en/events.ics"), id) != ""; got != (day == 13) {
					t.Errorf("in the calendar on %s: %v", h.now.Format(time.DateOnly), got)
				}
			}
		}
	}
}
