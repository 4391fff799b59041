package kind

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

func TestPromisesKeepThemselves(t *testing.T) {
	final := func(kind string) *Document {
		return &Document{Kind: kind, Versions: []Version{{Item: item("v"), Stage: "final"}}}
	}
	docs := map[content.Ref]*Document{"slides": final("presentation"), "results": final("outcome_report"), "sum": final("summary"), "paper": final("background_document"),
		"draft": {Kind: "outcome_report", Versions: []Version{{Item: item("v"), Stage: "for_comment"}}}}
	links := func(pairs ...string) (out []DocumentLink) {
		for i := 0; i+1 < len(pairs); i += 2 {
			out = append(out, DocumentLink{Item: item(pairs[i+1] + "x"), Slot: pairs[i], Document: content.Ref(pairs[i+1])})
		}
		return out
	}
	for _, x := range []struct {
		name  string
		c     Commitment
		shown *Event
		a     Around
		kept  bool
		by    content.Ref
	}{
		{"nothing is public", Commitment{Kind: "recordings"}, nil, Around{}, false, ""},
		{"no recording yet", Commitment{Kind: "recordings"}, &Event{}, Around{}, false, ""},
		{"a recording", Commitment{Kind: "recordings"}, &Event{Recordings: []Recording{{URL: "https://video.example"}}}, Around{}, true, ""},
		{"slides", Commitment{Kind: "presentations"}, &Event{Documents: links("presentation", "slides")}, Around{}, true, "slides"},
		{"slides of a session", Commitment{Kind: "presentations"}, &Event{Sessions: []Session{{Documents: content.Refs{"paper", "slides"}}}}, Around{}, true, "slides"},
		{"slides that nobody may see yet", Commitment{Kind: "presentations"}, &Event{Documents: links("presentation", "secret")}, Around{}, false, ""},
		{"another paper", Commitment{Kind: "presentations"}, &Event{Documents: links("background", "paper")}, Around{}, false, ""},
		{"a draft report", Commitment{Kind: "report"}, &Event{}, Around{Report: "for_comment"}, false, ""},
		{"a report", Commitment{Kind: "report"}, &Event{}, Around{Report: "final"}, true, ""},
		{"a report as a document", Commitment{Kind: "report"}, &Event{Documents: links("outcome", "results")}, Around{}, true, "results"},
		{"its draft", Commitment{Kind: "report"}, &Event{Documents: links("outcome", "draft")}, Around{}, false, ""},
		{"a summary instead", Commitment{Kind: "report"}, &Event{Documents: links("outcome", "sum")}, Around{}, false, ""},
		{"a summary", Commitment{Kind: "summary"}, &Event{Documents: links("outcome", "sum")}, Around{}, true, "sum"},
		{"a summary on the page", Commitment{Kind: "summary"}, &Event{OutcomeSummary: content.P("en", "<p>So.</p>")}, Around{Original: i18n.EN}, true, ""},
		{"a summary in another language only", Commitment{Kind: "summary"}, &Event{OutcomeSummary: content.P("fr", "<p>Ainsi.</p>")}, Around{Original: i18n.EN}, false, ""},
		{"all documents", Commitment{Kind: "documents"}, &Event{Documents: links("background", "paper", "presentation", "slides")}, Around{}, true, ""},
		{"one document of two", Commitment{Kind: "documents"}, &Event{Documents: links("background", "paper", "presentation", "secret")}, Around{}, false, ""},
		{"no documents", Commitment{Kind: "documents"}, &Event{}, Around{}, false, ""},
		{"answers do not tell of themselves", Commitment{Kind: "answers"}, &Event{Documents: links("other", "paper")}, Around{}, false, ""},
		{"answers in a document", Commitment{Kind: "answers", FulfilledBy: "paper"}, &Event{}, Around{}, true, "paper"},
		{"in one that is not public", Commitment{Kind: "answers", FulfilledBy: "secret"}, &Event{}, Around{}, false, ""},
		{"somebody says so", Commitment{Kind: "answers", Fulfilled: "2027-01-01"}, nil, Around{}, true, ""},
	} {
		x.a.Documents = docs
		if kept, by := x.c.Kept(x.shown, x.a); kept != x.kept || by != x.by {
			t.Errorf("%s: %v by %q", x.name, kept, by)
		}
	}
}

// What is promised of an event that does not take place is not owed.
func TestNothingIsOwedOfAnEventThatIsOff(t *testing.T) {
	for status, want := range map[string]int{"scheduled": 2, "cancelled": 1, "postponed": 1} {
		e := &Event{Status: status, Commitments: []Commitment{{Item: item("a"), Kind: "recordings", Due: "2027-04-20"}, {Item: item("b"), Kind: "answers", Fulfilled: "2027-03-01"}}}
		if got := e.Promises(i18n.EN, &content.Surroundings{Self: e}); len(got) != want || got[len(got)-1].State != content.PromiseKept {
			t.Errorf("%s: %+v", status, got)
		}
		if got := e.OpenCommitments(Around{}); len(got) != want-1 {
			t.Errorf("%s: open %+v", status, got)
		}
	}
}

func TestWhenAPromiseIsDue(t *testing.T) {
	e := &Event{When: content.When{Start: "2027-04-01T22:00", End: "2027-04-02T02:00", Zone: "America/New_York", Precision: "time"}}
	for _, x := range []struct {
		c    Commitment
		want content.Date
	}{{Commitment{Due: "2027-05-01", DueDays: 3}, "2027-05-01"}, {Commitment{DueDays: 7}, "2027-04-09"}, {Commitment{}, ""}} {
		if got := e.DueOn(x.c); got != x.want {
			t.Errorf("%+v: %s", x.c, got)
		}
	}
	days := &Event{When: content.When{Start: "2027-04-01T00:00", End: "2027-04-03T00:00", Zone: "Asia/Tokyo", Precision: "day"}}
	if got := days.DueOn(Commitment{DueDays: 1}); got != "2027-04-04" {
		t.Errorf("after three whole days: %s", got)
	}
	if e.Status = "postponed"; e.DueOn(Commitment{DueDays: 7}) != "" {
		t.Error("after a day that is not known")
	}
}

func TestChecklistFollowsTheClock(t *testing.T) {
	e := &Event{Status: "scheduled", Access: "open", Mode: "online", When: content.When{Start: "2027-06-15T09:00", End: "2027-06-15T17:00", Zone: "Europe/Paris", Precision: "time"},
		People:      []PersonRole{{Item: item("p"), Status: "invited"}},
		Commitments: []Commitment{{Item: item("c"), Kind: "recordings", DueDays: 3, Owner: "somebody"}, {Item: item("d"), Kind: "other", Waived: true, WaivedReason: "Not recorded."}}}
	at := func(day string) time.Time { v, _ := time.Parse(time.DateOnly, day); return v.Add(12 * time.Hour) }
	state := func(day, name string) DutyState {
		t.Helper()
		for _, d := range e.Checklist(at(day), Around{Original: i18n.EN}, e) {
			if d.Name == name {
				return d.State
			}
		}
		return ""
	}
	for _, x := range []struct {
		day, name string
		want      DutyState
	}{
		{"2027-04-01", "speakers_confirmed", DutyLater}, {"2027-05-20", "speakers_confirmed", DutyDue}, {"2027-05-25", "speakers_confirmed", DutyDue}, {"2027-05-26", "speakers_confirmed", DutyLate},
		{"2027-04-01", "guideline", DutyLater}, {"2027-06-02", "guideline", DutyLate}, {"2027-06-02", "joining", DutyDue}, {"2027-06-13", "joining", DutyLate},
		{"2027-04-01", "statistics", ""}, {"2027-06-16", "statistics", DutyDue}, {"2027-06-23", "statistics", DutyLate}, {"2027-06-16", "joining", ""},
		{"2027-06-16", "recordings", ""}, {"2027-06-16", "presentations", DutyDue}, {"2027-04-01", "speakers", DutyDone}, {"2027-04-01", "registration", ""}, {"2027-04-01", "date", ""},
	} {
		if got := state(x.day, x.name); got != x.want {
			t.Errorf("%s on %s: %q, want %q", x.name, x.day, got, x.want)
		}
	}
	// What is missing is named.
	part := *e
	part.People = []PersonRole{{Item: item("q"), Status: "confirmed"}}
	part.Sessions = []Session{{Item: item("s1"), Slot: content.Slot{Start: "2027-06-15T09:00"}}, {Item: item("s2"), TBD: true, People: []PersonRole{{Item: item("p9"), Status: "tentative"}}}}
	for _, x := range []struct {
		e    *Event
		name string
		want string
	}{{e, "speakers_confirmed", "people.p.status"}, {&part, "speakers_confirmed", "sessions.s2.people.p9.status"}, {&part, "programme", "sessions.s2.tbd"}, {e, "programme", "sessions"}} {
		i := slices.IndexFunc(x.e.Checklist(at("2027-05-26"), Around{}, x.e), func(d Duty) bool { return d.Name == x.name })
		if got := x.e.Checklist(at("2027-05-26"), Around{}, x.e)[i].Field; got != x.want {
			t.Errorf("%s leads to %s, want %s", x.name, got, x.want)
		}
	}
	// What only the draft knows nobody outside can use.
	draft := *e
	draft.Join.URL, draft.Recordings = "https://meet.example.org/1", []Recording{{Item: item("r")}}
	for _, x := range []struct {
		day, name string
		shown     *Event
		want      DutyState
	}{{"2027-06-13", "joining", e, DutyWritten}, {"2027-06-13", "joining", &draft, DutyDone}, {"2027-06-13", "joining", nil, DutyDone}, {"2027-06-19", "promise", e, DutyLate}, {"2027-06-19", "promise", &draft, DutyDone}} {
		for _, d := range draft.Checklist(at(x.day), Around{Original: i18n.EN}, x.shown) {
			if d.Name == x.name && (d.Promise == nil || d.Promise.ID == "c") && d.State != x.want {
				t.Errorf("%s on %s, public %t: %q, want %q", x.name, x.day, x.shown == &draft, d.State, x.want)
			}
		}
	}
	list := e.Checklist(at("2027-06-19"), Around{}, e)
	if first := list[0]; first.State != DutyLate {
		t.Errorf("what is late does not come first: %+v", first)
	}
	i := slices.IndexFunc(list, func(d Duty) bool { return d.Promise != nil && d.Promise.ID == "c" })
	if i < 0 || list[i].State != DutyLate || list[i].Due != "2027-06-18" || list[i].Owner != "somebody" || !strings.HasPrefix(list[i].Field, "commitments.c.") {
		t.Errorf("the promise: %+v", list)
	}
	if last := list[len(list)-1]; last.State != DutySkipped || last.Reason != "Not recorded." {
		t.Errorf("waived: %+v", last)
	}
	e.Skips = []Skip{{Item: item("s"), Duty: "news", Reason: "Closed."}}
	if state("2027-06-19", "news") != DutySkipped {
		t.Error("not applicable, and asked for")
	}
	e.Status = "postponed"
	if state("2027-06-01", "new_date") != DutyDue || state("2027-06-01", "speakers") != "" {
		t.Error("a postponed event is asked for speakers, or for no date")
	}
	// Each line leads to a field, or to a new entry.
	for _, d := range duties {
		if name, ok := strings.CutPrefix(d.field, "new "); ok && ByName(name) != nil {
			continue
		}
		if name, ok := strings.CutPrefix(d.field, "screen "); ok && slices.Contains(Screens, name) {
			continue
		}
		if EventKind.Field(d.field) == nil {
			t.Errorf("%s leads to %s", d.name, d.field)
		}
	}
}

// What only the staff's side knows is asked for in its phase, while there is something to do, and leads to where that is done.
func TestDutiesOfTheStaff(t *testing.T) {
	base := func() (*Event, Around) {
		return &Event{Status: "scheduled", Access: "registration", Mode: "in_person", When: content.When{Start: "2027-06-15T09:00", End: "2027-06-15T17:00", Zone: "Europe/Paris", Precision: "time"},
			WorkingLanguages: []string{"en", "fr", "de"}, Venues: []Venue{{Item: item("hall"), Type: "physical"}}, Registration: Registration{Online: true, Capacity: 100, Closes: content.Moment{At: "2027-06-08T18:00", Zone: "UTC"}},
			People: []PersonRole{{Item: item("p1"), Person: "ama", Role: "speaker", Status: "confirmed"}}}, Around{Original: i18n.EN, Staff: &Desk{Languages: []locale{"en"}}}
	}
	for _, x := range []struct {
		name, day string
		change    func(*Event, *Around)
		want      DutyState
		field     string
	}{
		{"languages", "2027-05-16", nil, DutyDue, "screen translate"}, {"languages", "2027-05-17", nil, DutyLate, "screen translate"}, {"languages", "2027-06-16", nil, "", ""},
		{"languages", "2027-05-17", func(_ *Event, a *Around) { a.Staff.Languages = []locale{"fr", "en"} }, DutyDone, ""},
		{"privacy", "2027-05-01", nil, DutyDue, "registration.consents"}, {"privacy", "2027-05-01", func(e *Event, _ *Around) { e.Registration.Intro = content.L("en", "We keep it for a year.") }, DutyDone, ""},
		{"privacy", "2027-05-01", func(e *Event, _ *Around) { e.Registration.Online = false }, "", ""}, {"privacy", "2027-06-09", nil, "", ""},
		{"pending", "2027-05-01", nil, "", ""}, {"pending", "2027-05-01", func(_ *Event, a *Around) { a.Staff.Pending = true }, DutyDue, "screen registrations"},
		{"places", "2027-05-01", nil, "", ""}, {"places", "2027-05-01", func(_ *Event, a *Around) { a.Staff.Taken = 79 }, DutyDone, ""}, {"places", "2027-05-01", func(_ *Event, a *Around) { a.Staff.Taken = 80 }, DutyDue, "registration.capacity"},
		{"places", "2027-05-01", func(e *Event, a *Around) { a.Staff.Taken, e.Registration.Waitlist = 100, true }, DutyDone, ""},
		{"arrival", "2027-05-01", nil, "", ""}, {"arrival", "2027-05-01", func(e *Event, _ *Around) { e.Status = "venue_changed" }, DutyDue, "venues.hall.arrival"},
		{"arrival", "2027-05-01", func(e *Event, _ *Around) {
			e.Status, e.Venues[0].Arrival = "venue_changed", content.L("en", "By tram.")
		}, DutyDone, ""},
		{"biographies", "2027-06-05", nil, DutyDue, "people.p1.person"}, {"biographies", "2027-06-06", nil, DutyLate, "people.p1.person"},
		{"biographies", "2027-06-06", func(_ *Event, a *Around) { a.Staff.People = map[content.Ref]*Person{"ama": {}} }, DutyLate, "people.p1.person"},
		{"biographies", "2027-06-06", func(_ *Event, a *Around) {
			a.Staff.People = map[content.Ref]*Person{"ama": {ShortBio: content.L("en", "She counts.")}}
		}, DutyDone, ""},
		{"attendance", "2027-06-15", nil, "", ""}, {"attendance", "2027-06-15", func(_ *Event, a *Around) { a.Staff.Taken = 3 }, DutyDue, "screen check-in"}, {"attendance", "2027-06-17", func(_ *Event, a *Around) { a.Staff.Taken = 3 }, DutyLate, "screen check-in"},
		{"attendance", "2027-06-17", func(_ *Event, a *Around) { a.Staff.Taken, a.Staff.Attended = 3, true }, DutyDone, ""},
		{"survey", "2027-06-16", nil, DutyDue, "survey.online"}, {"survey", "2027-06-17", nil, DutyLate, "survey.online"}, {"survey", "2027-06-17", func(e *Event, _ *Around) { e.Survey.Online = true }, DutyDone, ""},
		{"questions", "2027-06-18", nil, "", ""}, {"questions", "2027-06-20", func(_ *Event, a *Around) { a.Staff.Questions = 1 }, DutyDue, "screen questions"}, {"questions", "2027-06-21", func(_ *Event, a *Around) { a.Staff.Questions = 1 }, DutyLate, "screen questions"},
		{"photo_consents", "2027-06-18", nil, "", ""}, {"photo_consents", "2027-06-23", func(e *Event, _ *Around) {
			e.Photos = []Photo{{Item: item("ph"), Consent: "2027-06-15"}, {Item: item("qh")}}
		}, DutyLate, "photos.qh.consent"},
		{"photo_consents", "2027-06-23", func(e *Event, _ *Around) { e.Photos = []Photo{{Item: item("ph"), Consent: "2027-06-15"}} }, DutyDone, ""},
		{"comments", "2027-07-01", func(_ *Event, a *Around) { a.Staff.Comments = 2 }, "", ""}, {"comments", "2027-07-01", func(_ *Event, a *Around) { a.Report, a.Staff.Comments = "for_comment", 2 }, DutyDue, "screen comments"},
		{"outcome", "2027-07-01", nil, DutyLate, "outcome_summary"}, {"outcome", "2027-07-01", func(_ *Event, a *Around) { a.Report = "final" }, DutyDone, ""},
		{"report_languages", "2027-07-01", func(_ *Event, a *Around) { a.Report, a.Staff.Report, a.Staff.ReportIn = "final", "r", []locale{"en"} }, DutyDue, "screen translate-report"},
		{"report_languages", "2027-07-01", func(_ *Event, a *Around) {
			a.Report, a.Staff.Report, a.Staff.ReportIn = "final", "r", []locale{"fr", "en"}
		}, DutyDone, ""},
		{"participants", "2027-07-01", nil, "", ""}, {"participants", "2027-07-01", func(_ *Event, a *Around) { a.Report = "final" }, DutyDue, "registration.list_mode"},
		{"participants", "2027-07-01", func(e *Event, a *Around) { a.Report, e.Registration.ListMode = "final", "official" }, DutyDone, ""},
		{"tell", "2027-05-01", nil, "", ""}, {"tell", "2027-05-01", func(e *Event, a *Around) { e.Status, a.Staff.Untold = "cancelled", true }, DutyDue, "screen messages"},
		{"tell", "2027-05-01", func(e *Event, a *Around) { e.Status, a.Staff.Untold = "postponed", true }, DutyDue, "screen messages"}, {"tell", "2027-05-01", func(e *Event, a *Around) { e.Status, a.Staff.Untold = "rescheduled", true }, DutyDue, "screen messages"},
	} {
		e, a := base()
		if x.change != nil {
			x.change(e, &a)
		}
		day, _ := time.Parse(time.DateOnly, x.day)
		shown, now := *e, day.Add(12*time.Hour)
		shown.Photos = slices.Clone(e.Photos) // who has agreed is never public
		for i := range shown.Photos {
			shown.Photos[i].Consent = ""
		}
		var got Duty
		for _, d := range e.Checklist(now, a, &shown) {
			if d.Name == x.name {
				got = d
			}
		}
		if got.State != x.want || x.field != "" && got.Field != x.field {
			t.Errorf("%s on %s: %q at %s, want %q at %s", x.name, x.day, got.State, got.Field, x.want, x.field)
		}
		// Where nobody has looked at the staff's side, nothing of it is asked.
		for _, d := range e.Checklist(now, Around{Original: i18n.EN}, e) {
			if strings.HasPrefix(d.Field, "screen ") {
				t.Errorf("%s is asked for blindly", d.Name)
			}
		}
	}
}

func TestMovingTheDate(t *testing.T) {
	e := &Event{Status: "scheduled", When: content.When{Start: "2027-03-20T22:00", End: "2027-03-21T01:00", Zone: "Europe/Paris", Precision: "time"},
		Sessions:     []Session{{Item: item("aa"), Slot: content.Slot{Start: "2027-03-20T22:00", End: "2027-03-20T23:30"}}, {Item: item("bb"), Slot: content.Slot{Start: "2027-03-20T23:30", End: "2027-03-21T01:00"}}, {Item: item("cc"), TBD: true}},
		Registration: Registration{Opens: content.Moment{At: "2027-01-01T09:00", Zone: "UTC"}, Closes: content.Moment{At: "2027-03-10T18:00", Zone: "UTC"}},
		Discussion:   Discussion{Opens: content.Moment{At: "2027-03-21T09:00", Zone: "UTC"}},
		Documents:    []DocumentLink{{Item: item("dd"), Slot: "programme", Expected: "2027-03-15"}},
		Commitments: []Commitment{{Item: item("pp"), Kind: "report", PromisedOn: "2027-01-01", Due: "2027-04-20"}, {Item: item("qq"), Kind: "summary", Due: "2027-04-01", Fulfilled: "2027-03-01"},
			{Item: item("rr"), Kind: "other", Due: "2027-04-02", Waived: true, WaivedReason: "No."}},
		Notes: []Note{{Item: item("nn"), Accessed: "2027-01-05"}}}
	facts := EventKind.Split(e)[content.Facts]
	now := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	to := content.When{Start: "2027-05-01T23:00", End: "2027-05-02T02:00", Zone: "Europe/Paris", Precision: "time"}
	set, problems := e.Reschedule(facts, to, Along, nil, now)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	parts := content.Parts{content.Facts: facts}
	for path, v := range set {
		parts[content.Facts][path] = v
	}
	v, err := EventKind.Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	got := v.(*Event)
	if got.When != to || got.Previous.Start != "2027-03-20T22:00" || got.Status != "rescheduled" {
		t.Errorf("%+v %+v %s", got.When, got.Previous, got.Status)
	}
	// By forty-two days and an hour: over midnight, and over a change of the clock.
	if got.Sessions[0].Slot != (content.Slot{Start: "2027-05-01T23:00", End: "2027-05-02T00:30"}) || got.Sessions[1].Slot != (content.Slot{Start: "2027-05-02T00:30", End: "2027-05-02T02:00"}) || got.Sessions[2].Slot != (content.Slot{}) {
		t.Errorf("%+v", got.Sessions)
	}
	if got.Registration.Opens.At != "2027-01-01T09:00" || got.Registration.Closes.At != "2027-04-21T18:00" || got.Discussion.Opens.At != "2027-05-02T09:00" || got.Documents[0].Expected != "2027-04-26" {
		t.Errorf("%+v %+v %+v", got.Registration, got.Discussion, got.Documents)
	}
	for i, want := range []Commitment{{PromisedOn: "2027-01-01", Due: "2027-06-01"}, {Due: "2027-04-01"}, {Due: "2027-04-02"}} {
		if c := got.Commitments[i]; c.Due != want.Due || c.PromisedOn != want.PromisedOn {
			t.Errorf("%+v", c)
		}
	}
	if got.Notes[0].Accessed != "2027-01-05" {
		t.Error("when a source was read has moved")
	}
	// Before registration has opened, its opening moves; what is not to move does not.
	if set, _ := e.Reschedule(facts, to, []string{"registration"}, nil, now.AddDate(0, -3, 0)); len(set["registration.opens"]) == 0 || len(set["discussion.opens"]) > 0 || len(set["commitments.pp.due"]) > 0 || len(set["sessions.aa.slot"]) == 0 {
		t.Errorf("%v", set)
	}
	// 28 March 2027 has no hour from two to three in Paris; another time of day can be told instead.
	lost := content.When{Start: "2027-03-28T01:00", End: "2027-03-28T04:00", Zone: "Europe/Paris", Precision: "time"}
	_, problems = e.Reschedule(EventKind.Split(e)[content.Facts], lost, nil, nil, now)
	if len(problems) != 2 || problems[0].Path != "sessions.aa.slot:end" || problems[0].Key != "problem.no_such_time" || problems[1].Path != "sessions.bb.slot:start" {
		t.Fatalf("%+v", problems)
	}
	set, problems = e.Reschedule(EventKind.Split(e)[content.Facts], lost, nil, map[string]string{"sessions.aa.slot:end": "03:00", "sessions.bb.slot:start": "03:00"}, now)
	if len(problems) > 0 || readLeaf[content.Slot](set["sessions.bb.slot"]).Start != "2027-03-28T03:00" {
		t.Errorf("%v %s", problems, set["sessions.bb.slot"])
	}
}

func TestWhatMayHappenAndWhatFollows(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	date := content.When{Start: "2027-06-15T09:00", End: "2027-06-15T17:00", Zone: "UTC", Precision: "time"}
	past := content.When{Start: "2026-06-15T09:00", End: "2026-06-15T17:00", Zone: "UTC", Precision: "time"}
	for _, x := range []struct {
		name string
		e    Event
		may  []string
	}{
		{"planned", Event{Status: "scheduled", Mode: "in_person", When: date}, Changes},
		{"online", Event{Status: "scheduled", Mode: "online", When: date}, []string{ChangeMove, ChangePostpone, ChangeVenue, ChangeCancel}},
		{"postponed", Event{Status: "postponed", Mode: "in_person", When: past}, []string{ChangeMove, ChangeOnline, ChangeVenue, ChangeCancel}},
		{"cancelled", Event{Status: "cancelled", Mode: "in_person", When: date}, nil},
		{"over", Event{Status: "scheduled", Mode: "in_person", When: past}, nil},
		{"some day", Event{Status: "tentative", Mode: "in_person"}, []string{ChangeOnline, ChangeVenue, ChangeCancel}},
	} {
		var may []string
		for _, change := range Changes {
			if x.e.WhyNot(change, now) == "" {
				may = append(may, change)
			}
		}
		if !slices.Equal(may, x.may) {
			t.Errorf("%s: %v", x.name, may)
		}
	}
	for _, x := range []struct{ was, mode, change, to, want string }{
		{"scheduled", "hybrid", ChangeOnline, "online", "moved_online"}, {"scheduled", "in_person", ChangeOnline, "hybrid", "moved_online"}, {"scheduled", "in_person", ChangeVenue, "in_person", "venue_changed"},
		{"moved_online", "online", ChangeVenue, "online", "venue_changed"}, {"tentative", "online", ChangeMove, "", "tentative"}, {"postponed", "online", ChangeMove, "", "rescheduled"}, {"moved_online", "online", ChangeMove, "", "moved_online"}, {"scheduled", "online", ChangeCancel, "", "cancelled"},
		{"postponed", "in_person", ChangeOnline, "online", "postponed"}, {"tentative", "in_person", ChangeVenue, "in_person", "tentative"}, {"postponed", "online", ChangeCancel, "", "cancelled"},
	} {
		e := &Event{Status: x.was, Mode: x.mode}
		if got := e.StatusAfter(x.change, x.to); got != x.want {
			t.Errorf("%+v: %s", x, got)
		}
	}
}

// A discussion is to be closed with a summary on the day on which its time ends, six weeks after the event where none is said.
func TestADiscussionIsClosedWithASummary(t *testing.T) {
	for _, x := range []struct {
		closes, day string
		report      string
		change      func(*Discussion)
		want        DutyState
		due         content.Date
	}{
		{"2027-07-20T18:00", "2027-06-16", "", nil, DutyLater, "2027-07-20"}, {"2027-07-20T18:00", "2027-07-20", "draft", nil, DutyDue, "2027-07-20"}, {"2027-07-20T18:00", "2027-07-21", "final", nil, DutyLate, "2027-07-20"},
		{"", "2027-07-27", "draft", nil, DutyDue, "2027-07-27"}, {"", "2027-07-28", "draft", nil, DutyLate, "2027-07-27"},
		{"2027-07-20T18:00", "2027-07-28", "", func(d *Discussion) { d.Closing = content.L("en", "So.") }, DutyDone, "2027-07-20"},
		{"2027-07-20T18:00", "2027-07-28", "", func(d *Discussion) { d.Closing = content.L("fr", "Ainsi.") }, DutyLate, "2027-07-20"},
		{"2027-07-20T18:00", "2027-07-28", "", func(d *Discussion) { d.Summary = "paper" }, DutyDone, "2027-07-20"},
		{"2027-07-20T18:00", "2027-06-01", "", nil, "", ""}, {"2027-07-20T18:00", "2027-07-28", "", func(d *Discussion) { d.Online = false }, "", ""},
	} {
		e := &Event{Status: "scheduled", Access: "open", When: content.When{Start: "2027-06-15T09:00", End: "2027-06-15T17:00", Zone: "Europe/Paris", Precision: "time"},
			Discussion: Discussion{Online: true, Closes: content.Moment{At: content.LocalTime(x.closes), Zone: "Europe/Paris"}}}
		if x.change != nil {
			x.change(&e.Discussion)
		}
		now, _ := time.Parse(time.DateOnly, x.day)
		var got Duty
		for _, d := range e.Checklist(now.Add(12*time.Hour), Around{Original: i18n.EN, Report: x.report}, e) {
			if d.Name == "discussion_summary" {
				got = d
			}
		}
		if got.State != x.want || got.Due != x.due || x.want != "" && got.Field != "discussion.closing" {
			t.Errorf("%+v: %+v", x, got)
		}
	}
}
