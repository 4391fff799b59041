package kind

import (
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

func item(id string) content.Item { return content.Item{ID: id} }

// honest is what a small office has for a webinar six weeks ahead: no speakers yet and no papers.
func honest() *Event {
	return &Event{Title: content.L("en", "Opening the Register"), ShortTitle: content.L("en", "Opening the Register"), Summary: content.L("en", "Land records that people can check."),
		Kind: "webinar", Scope: "regional", Topics: content.Refs{"topic1"}, SDGs: []string{"16"}, Regions: []string{"035"}, Status: "scheduled", Mode: "online", Access: "registration",
		When:             content.When{Start: "2027-04-01T20:30", End: "2027-04-01T22:00", Zone: "America/New_York", Precision: content.PrecisionTime},
		Venues:           []Venue{{Item: item("zoom"), Type: "online", Name: content.L("en", "Zoom")}},
		WorkingLanguages: []string{"en"}, Accessibility: []string{"captions"}, FocalPoint: "account1",
		Image:         Picture{File: "file1", Alt: content.L("en", "A register, open.")},
		Commitments:   []Commitment{{Item: item("film"), Kind: "recordings", Due: "2027-04-08"}},
		Registration:  Registration{Mailbox: "registration@example.org"},
		Blocks:        []Block{{Item: item("why"), Kind: "background", Body: content.P("en", "<p>For most families, land is all there is.</p>")}},
		Organizations: []OrganizationRole{{Item: item("us"), Organization: "org1", Role: "organizer"}},
		Contacts:      []Contact{{Item: item("desk"), Mailbox: "webinars@example.org"}},
	}
}

// tell gives problems as "path key", with a ! behind those that block.
func tell(ps []content.Problem) []string {
	var out []string
	for _, p := range ps {
		s := p.Path + " " + strings.TrimPrefix(p.Key, "problem.")
		if p.Blocks {
			s += "!"
		}
		out = append(out, s)
	}
	return out
}

// TestEventProblems: an honest event has none, and each fault is told once, at its field.
func TestEventProblems(t *testing.T) {
	slot := func(from, to string) content.Slot {
		s := content.Slot{Start: content.LocalTime("2027-04-01T" + from)}
		if to != "" {
			s.End = content.LocalTime("2027-04-01T" + to)
		}
		return s
	}
	who := func(id, person, role, status string) PersonRole {
		return PersonRole{Item: item(id), Person: content.Ref(person), Role: role, Status: status}
	}
	for _, x := range []struct {
		name   string
		change func(e *Event)
		want   []string
	}{
		{"honest", func(e *Event) {}, nil},
		{"save the date", func(e *Event) {
			e.When, e.Status, e.Venues = content.When{Start: "2027-04-01T00:00", Precision: content.PrecisionMonth}, "tentative", nil
		}, nil},
		{"date to be fixed", func(e *Event) { e.When, e.Venues = content.When{Precision: content.PrecisionTBD}, nil }, nil},
		{"no date, and nobody said that it is open", func(e *Event) { e.When = content.When{} }, []string{"when required!"}},

		{"end before start", func(e *Event) { e.When.End = "2027-04-01T10:00" }, []string{"when end_before_start!"}},
		{"no end", func(e *Event) { e.When.End = "" }, []string{"when no_end"}},
		{"no length", func(e *Event) { e.When.End = e.When.Start }, []string{"when no_end"}},
		{"no zone", func(e *Event) { e.When.Zone = "" }, []string{"when no_zone!"}},
		{"no zone for a day", func(e *Event) { e.When.Zone, e.When.Precision = "", content.PrecisionDay }, []string{"when no_zone"}},
		{"rescheduled from nowhere", func(e *Event) { e.Status, e.StatusNote = "rescheduled", content.L("en", "By-election.") }, []string{"previous previous_missing"}},
		{"rescheduled to the same", func(e *Event) {
			e.Status, e.StatusNote, e.Previous = "rescheduled", content.L("en", "By-election."), e.When
		}, []string{"previous previous_same"}},
		{"rescheduled to no date", func(e *Event) {
			e.Status, e.StatusNote, e.Previous, e.When = "rescheduled", content.L("en", "Storm."), e.When, content.When{Precision: content.PrecisionTBD}
		}, []string{"status rescheduled_without_date"}},
		{"cancelled without a word", func(e *Event) { e.Status, e.Venues = "cancelled", nil }, []string{"status_note reason_missing"}},
		{"cancelled with the reason in French only", func(e *Event) { e.Status, e.StatusNote = "cancelled", content.L("fr", "Tempête.") }, []string{"status_note reason_missing"}},

		{"nowhere", func(e *Event) { e.Mode, e.Venues = "in_person", nil }, []string{"venues venue_missing!"}},
		{"nowhere yet, tentative", func(e *Event) { e.Mode, e.Venues, e.Status = "in_person", nil, "tentative" }, nil},
		{"online on no platform", func(e *Event) { e.Venues = nil }, []string{"venues platform_missing!"}},
		{"half of a hybrid", func(e *Event) { e.Mode = "hybrid" }, []string{"venues venue_half"}},
		{"in a hall, but online", func(e *Event) { e.Mode = "in_person" }, []string{"venues.zoom.type venue_against_mode"}},
		{"a hall in no town", func(e *Event) {
			e.Mode, e.Venues = "in_person", []Venue{{Item: item("hall"), Type: "physical", Name: content.L("en", "Hall 2")}}
		}, []string{"venues.hall.city city_missing"}},
		{"moved online, in person", func(e *Event) {
			e.Status, e.StatusNote, e.Mode, e.Venues = "moved_online", content.L("en", "Storm."), "in_person", []Venue{{Item: item("hall"), Type: "physical", Name: content.L("en", "Hall 2"), Country: "TH"}}
		}, []string{"mode mode_against_status"}},
		{"interpreted into its own language", func(e *Event) { e.Interpretation = []Interpretation{{item("a"), "en", "spoken"}} }, []string{"interpretation.a.language interpretation_needless"}},
		{"captions in its own language", func(e *Event) { e.Interpretation = []Interpretation{{item("a"), "en", "cart"}} }, nil},
		{"interpreted twice", func(e *Event) {
			e.Interpretation = []Interpretation{{item("a"), "fr", "spoken"}, {item("b"), "fr", "spoken"}, {item("c"), "fr", "cart"}}
		}, []string{"interpretation.b.language interpretation_twice"}},

		{"closes before it opens", func(e *Event) {
			e.Registration.Opens, e.Registration.Closes = content.Moment{At: "2027-03-01T09:00"}, content.Moment{At: "2027-03-01T09:00"}
		}, []string{"registration.closes closes_before_opens!"}},
		{"closes after the end", func(e *Event) { e.Registration.Closes = content.Moment{At: "2027-04-03T09:00"} }, []string{"registration.closes closes_after_end"}},
		{"no way to register", func(e *Event) { e.Registration = Registration{} }, []string{"registration.url no_way_to_register"}},
		{"no way to be nominated", func(e *Event) { e.Access, e.Registration = "nomination", Registration{} }, []string{"registration.url no_way_to_register"}},
		{"open needs no registration", func(e *Event) { e.Access, e.Registration = "open", Registration{} }, nil},
		{"registers at a person's", func(e *Event) { e.Registration.Mailbox = "narin.phetmany@example.org" }, []string{"registration.mailbox mailbox_personal"}},
		{"the discussion closes before it opens", func(e *Event) {
			e.Discussion = Discussion{Opens: content.Moment{At: "2027-04-02T09:00"}, Closes: content.Moment{At: "2027-04-01T09:00"}}
		}, []string{"discussion.closes discussion_window!"}},
		{"the address to join at as stream", func(e *Event) { e.Join.URL, e.StreamURL = "https://meet.example.org/1", "https://meet.example.org/1" }, []string{"stream_url join_address_public!"}},
		{"the address to join at as a link", func(e *Event) {
			e.Join.URL, e.Links = "https://meet.example.org/1", []Link{{item("here"), "https://meet.example.org/1", nil}}
		}, []string{"links.here.url join_address_public!"}},
		{"an address for everybody", func(e *Event) {
			e.Join.URL, e.StreamURL, e.Join.Release = "https://meet.example.org/1", "https://meet.example.org/1", "public"
		}, nil},

		{"a session ends before it begins", func(e *Event) {
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("21:00", "20:40")}}
		}, []string{"sessions.a.slot end_before_start!"}},
		{"a session before the event", func(e *Event) {
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("20:00", "20:40")}}
		}, []string{"sessions.a.slot outside_event"}},
		{"a session beyond the event", func(e *Event) {
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("21:00", "22:01")}}
		}, []string{"sessions.a.slot outside_event"}},
		{"a session on another day", func(e *Event) {
			e.When.Precision = content.PrecisionDay
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: content.Slot{Start: "2027-04-02T09:00"}}}
		}, []string{"sessions.a.slot outside_event"}},
		{"a session to be fixed", func(e *Event) {
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("09:00", ""), TBD: true}, {Item: item("b"), Title: content.L("en", "B"), Kind: "panel", TBD: true}}
		}, nil},
		{"a session at no time", func(e *Event) {
			e.Sessions = []Session{{Item: item("a"), Title: content.L("en", "A"), Kind: "panel"}}
		}, []string{"sessions.a.slot slot_missing!"}},
		{"over, and nobody said what came of it", func(e *Event) { e.When.Start, e.When.End = "2025-04-01T20:30", "2025-04-01T22:00" },
			[]string{"outcome_summary advised", "statistics.attended advised"}},
		{"over, with its outcome", func(e *Event) {
			e.When.Start, e.When.End, e.OutcomeSummary, e.Statistics.Attended = "2025-04-01T20:30", "2025-04-01T22:00", content.P("en", "<p>Agreed.</p>"), 40
		}, nil},
		{"no picture", func(e *Event) { e.Image = Picture{} }, []string{"image.file advised"}},
		{"a speaker in two places", func(e *Event) {
			e.Sessions = []Session{
				{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("20:30", "21:30"), People: []PersonRole{who("p", "mora", "panellist", ""), who("q", "otieno", "panellist", "cancelled")}},
				{Item: item("b"), Title: content.L("en", "B"), Kind: "panel", Slot: slot("21:00", "21:40"), People: []PersonRole{who("p", "mora", "moderator", ""), who("q", "otieno", "chair", "")}},
				{Item: item("c"), Title: content.L("en", "C"), Kind: "panel", Slot: slot("21:40", "22:00"), People: []PersonRole{who("p", "mora", "closing_remarks", "")}}}
		}, []string{"sessions.b.people.p.person two_places_at_once"}},
		{"a room taken", func(e *Event) {
			e.Sessions = []Session{
				{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot("20:30", "21:30"), Room: content.L("en", "Room 1")},
				{Item: item("b"), Title: content.L("en", "B"), Kind: "panel", Slot: slot("20:30", "21:30"), Room: content.L("en", "Room 2")},
				{Item: item("c"), Title: content.L("en", "C"), Kind: "panel", Slot: slot("21:00", "21:30"), Room: content.L("en", "Room 1")}}
		}, []string{"sessions.c.room room_taken"}},

		{"nobody organizes", func(e *Event) { e.Organizations[0].Role = "partner" }, []string{"organizations organizer_missing!"}},
		{"a co-organizer will do", func(e *Event) { e.Organizations[0].Role = "co_organizer" }, nil},
		{"organizes twice", func(e *Event) {
			e.Organizations = append(e.Organizations, OrganizationRole{item("again"), "org1", "organizer", nil, ""}, OrganizationRole{item("also"), "org1", "host", nil, ""})
		}, []string{"organizations.again.organization organization_twice"}},
		{"in one role twice", func(e *Event) {
			e.People = []PersonRole{who("a", "mora", "chair", ""), who("b", "mora", "chair", ""), who("c", "mora", "speaker", "")}
		}, []string{"people.b.person person_twice"}},
		{"replaced by nobody", func(e *Event) { e.People = []PersonRole{who("a", "mora", "chair", "replaced")} }, []string{"people.a.replaced_by replacement_missing"}},

		{"a note that nothing calls", func(e *Event) {
			e.Notes = []Note{{Item: item("n"), Mark: "*", Text: content.L("en", "Once the webinar is over.")}}
		}, []string{"notes.n.mark note_without_anchor"}},
		{"a note and its anchor", func(e *Event) {
			e.Notes = []Note{{Item: item("n"), Mark: "*", Text: content.L("en", "Once the webinar is over.")}}
			e.Discussion = Discussion{Label: content.L("en", "Discussion Board*"), URL: "https://example.org"}
		}, nil},
		{"an anchor in running text", func(e *Event) {
			e.Notes = []Note{{Item: item("n"), Mark: "†", Text: content.L("en", "In 2026.")}}
			e.Blocks[0].Body = content.P("en", "<p>For <em>most</em>† families.</p>")
		}, nil},
		{"a mark without its note", func(e *Event) {
			e.Discussion = Discussion{Label: content.L("en", "Discussion Board*"), URL: "https://example.org"}
		}, []string{"discussion.label mark_without_note"}},
		{"a mark behind a bracket", func(e *Event) { e.Summary = content.L("en", "As amended (2026)†.") }, []string{"summary mark_without_note"}},
		{"signs that call no note", func(e *Event) {
			e.Summary = content.L("en", "See § 5 and 3 * 4, **bold** and * too. See the laws (§12).")
		}, nil},
		{"a mark used twice", func(e *Event) {
			e.Discussion.Label = content.L("en", "Board*")
			e.Notes = []Note{{Item: item("n"), Mark: "*", Text: content.L("en", "One.")}, {Item: item("m"), Mark: "*", Text: content.L("en", "Two.")}}
		}, []string{"notes.m.mark mark_twice"}},

		{"a text twice", func(e *Event) {
			e.Blocks = append(e.Blocks, Block{Item: item("x"), Kind: "background", Body: content.P("en", "<p>More.</p>")})
		}, []string{"blocks.x.kind block_twice"}},
		{"an empty text", func(e *Event) { e.Blocks = append(e.Blocks, Block{Item: item("x"), Kind: "format"}) }, []string{"blocks.x.body block_empty"}},
		{"a text of its own without a heading", func(e *Event) {
			e.Blocks = append(e.Blocks, Block{Item: item("x"), Kind: "custom", Body: content.P("en", "<p>More.</p>")})
		}, []string{"blocks.x.heading heading_missing"}},
		{"whose words", func(e *Event) {
			e.Blocks = append(e.Blocks, Block{Item: item("x"), Kind: "quote", Body: content.P("en", "<p>Aha.</p>")})
		}, []string{"blocks.x.speaker quote_speaker_missing"}},
		{"a picture without words", func(e *Event) { e.Image.Alt = nil }, []string{"image.alt alt_missing!"}},

		{"a paper twice", func(e *Event) {
			e.Documents = []DocumentLink{{Item: item("a"), Slot: "background", Document: "doc1"}, {Item: item("b"), Slot: "outcome", Document: "doc1"}, {Item: item("c"), Slot: "other"}, {Item: item("d"), Slot: "other"}}
		}, []string{"documents.b.document document_twice"}},
		{"a film without captions", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", URL: "https://example.org"}}
		}, []string{"recordings.r.captions captions_missing!"}},
		{"a film without captions, and why", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", URL: "https://example.org", NoCaptions: content.L("en", "They follow by 8 April.")}}
		}, nil},
		{"a recording of nothing", func(e *Event) { e.Recordings = []Recording{{Item: item("r"), Kind: "video", Captions: []string{"en"}}} }, []string{"recordings.r.url recording_empty!"}},
		{"a film of ours without a file of captions", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", File: "film1", Captions: []string{"en"}, Tracks: []Track{{item("t"), "en", "descriptions", "person", "vtt1"}}}}
		}, []string{"recordings.r.tracks caption_files_missing!"}},
		{"a film of ours with one", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", File: "film1", Minutes: 3, Tracks: []Track{{item("t"), "en", "captions", "person", "vtt1"}, {item("u"), "en", "subtitles", "", "vtt2"}},
				Chapters: []Chapter{{item("c"), content.L("en", "Opening"), "0:00", ""}, {item("d"), content.L("en", "Close"), "3:59", ""}}}}
		}, nil},
		{"the same captions twice", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", File: "film1", Tracks: []Track{{item("t"), "en", "captions", "", "vtt1"}, {item("u"), "en", "captions", "", "vtt2"}}}}
		}, []string{"recordings.r.tracks.u.language captions_twice!"}},
		{"chapters at odds", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "video", URL: "https://example.org", Captions: []string{"en"}, Minutes: 3,
				Chapters: []Chapter{{item("c"), content.L("en", "A"), "1:00", ""}, {item("d"), content.L("en", "B"), "0:01:00", "gone"}, {item("e"), content.L("en", "C"), "4:00", ""}}}}
		}, []string{"recordings.r.chapters.d.at chapter_twice!", "recordings.r.chapters.d.session chapter_session", "recordings.r.chapters.e.at chapter_late!"}},
		{"a talk whose captions can be read", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "audio", URL: "https://example.org", Tracks: []Track{{item("t"), "en", "captions", "", "vtt1"}}}}
		}, nil},
		{"a recording nobody can read", func(e *Event) {
			e.Recordings = []Recording{{Item: item("r"), Kind: "audio", URL: "https://example.org"}}
		}, []string{"recordings.r.transcript transcript_missing"}},
		{"a promise without a date", func(e *Event) {
			e.Commitments = []Commitment{{Item: item("c"), Kind: "summary"}, {Item: item("d"), Kind: "report", Waived: true, WaivedReason: "Not recorded."}, {Item: item("e"), Kind: "report", FulfilledBy: "doc1"}}
		}, []string{"commitments.c.due due_missing"}},
		{"due before promised", func(e *Event) {
			e.Commitments = []Commitment{{Item: item("c"), Kind: "summary", PromisedOn: "2027-04-01", Due: "2027-03-01"}}
		}, []string{"commitments.c.due due_before_promise"}},
		{"a promise waived without a reason", func(e *Event) {
			e.Commitments = []Commitment{{Item: item("c"), Kind: "summary", Waived: true}}
		}, []string{"commitments.c.waived_reason waived_reason!"}},
		{"a promise due so many days after, before it was made", func(e *Event) {
			e.Commitments = []Commitment{{Item: item("c"), Kind: "summary", DueDays: 3}, {Item: item("d"), Kind: "report", PromisedOn: "2027-06-01", DueDays: 3}}
		}, []string{"commitments.d.due due_before_promise"}},
		{"a point of the checklist twice", func(e *Event) {
			e.Skips = []Skip{{Item: item("a"), Duty: "news", Reason: "None."}, {Item: item("b"), Duty: "news", Reason: "Nobody writes one."}}
		}, []string{"skips.b.duty duty_twice"}},

		{"the second of nothing", func(e *Event) { e.Ordinal = 2 }, []string{"ordinal ordinal_without_series"}},
		{"related, but how", func(e *Event) { e.Parent = "event1" }, []string{"relation relation_missing"}},
		{"in the margins of nothing", func(e *Event) { e.Relation = "in_margins_of" }, []string{"parent parent_missing"}},
		{"regional, but where", func(e *Event) { e.Regions = nil }, []string{"regions region_missing"}},
		{"for the world", func(e *Event) { e.Regions, e.Scope = nil, "global" }, nil},
		{"for some countries", func(e *Event) { e.Regions, e.Countries = nil, []string{"TH"} }, nil},
		{"personal mailboxes, told once", func(e *Event) {
			e.Contacts = []Contact{{Item: item("a"), Name: content.L("en", "Huỳnh Khải Toàn"), Position: content.L("en", "Officer"), Mailbox: "khaitoan@example.org"},
				{Item: item("b"), Mailbox: "rafael.dumalagan@example.org"}}
		}, []string{"contacts.a.mailbox mailbox_personal"}},
		{"a contact twice", func(e *Event) {
			e.Contacts = append(e.Contacts, Contact{Item: item("x"), Mailbox: "Webinars@example.org"})
		}, []string{"contacts.x.mailbox contact_twice"}},
	} {
		e := honest()
		x.change(e)
		if got := tell(EventKind.Check(e, i18n.EN, []i18n.Locale{i18n.EN})); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

func TestProblemsOfOtherKinds(t *testing.T) {
	files := []LanguageVersion{{Item: item("en"), Language: "en", File: "f1", Original: true}}
	doc := func(change func(d *Document)) *Document {
		d := &Document{Title: content.L("en", "Paper"), Kind: "working_document", Access: "public", Versions: []Version{{Item: item("v"), Stage: "final", Files: slices.Clone(files)}}}
		change(d)
		return d
	}
	report := func(change func(r *Report)) *Report {
		r := &Report{Title: content.L("en", "Report"), Summary: content.L("en", "What came of it."), Stage: "final", Event: "event1", Date: "2027-05-01",
			Executive: content.P("en", "<p>Well.</p>"), KeyMessages: []Point{{item("m"), content.L("en", "Ask.")}}, Recommendations: []Recommendation{{item("r"), content.L("en", "Do."), nil}}}
		change(r)
		return r
	}
	news := func(change func(n *News)) *News {
		n := &News{Title: content.L("en", "News"), Summary: content.L("en", "It happened."), Kind: "news", Date: "2027-05-01", Body: content.P("en", "<p>Here.</p>")}
		change(n)
		return n
	}
	for _, x := range []struct {
		name  string
		kind  *content.Kind
		value any
		want  []string
	}{
		{"paper", DocumentKind, doc(func(d *Document) {}), nil},
		{"a language twice", DocumentKind, doc(func(d *Document) {
			d.Versions[0].Files = append(d.Versions[0].Files, LanguageVersion{Item: item("again"), Language: "en", File: "f2"})
		}), []string{"versions.v.files.again.language language_twice!"}},
		{"two originals", DocumentKind, doc(func(d *Document) {
			d.Versions[0].Files = append(d.Versions[0].Files, LanguageVersion{Item: item("fr"), Language: "fr", File: "f2", Original: true})
		}), []string{"versions.v.files.fr.original original_twice"}},
		{"an unofficial original", DocumentKind, doc(func(d *Document) { d.Versions[0].Files[0].Unofficial = true }), []string{"versions.v.files.en.unofficial original_unofficial"}},
		{"restricted", DocumentKind, doc(func(d *Document) { d.Symbol = "RCPG/TR/2027/R.4" }), []string{"symbol symbol_restricted"}},
		{"restricted, and internal", DocumentKind, doc(func(d *Document) { d.Symbol, d.Access = "RCPG/TR/2027/R.4", "internal" }), nil},
		{"a resolution is not restricted", DocumentKind, doc(func(d *Document) { d.Symbol = "RCPG/RES/2027/4/Rev.1" }), nil},
		{"oldest first", DocumentKind, doc(func(d *Document) {
			d.Versions[0].Issued = "2027-01-01"
			d.Versions = append(d.Versions, Version{Item: item("w"), Stage: "draft", Issued: "2027-02-01", Files: slices.Clone(files)})
		}), []string{"versions.w.issued versions_order"}},
		{"for comment, whereto and how long", DocumentKind, doc(func(d *Document) { d.Versions[0].Stage = "for_comment" }), []string{"comment_until comment_until_missing", "comment_to comment_to_missing"}},
		{"a corrigendum to nothing", DocumentKind, doc(func(d *Document) { d.Modification = "corrigendum" }), []string{"modification modification_half"}},

		{"report", ReportKind, report(func(r *Report) {}), nil},
		{"comments until before it is out", ReportKind, report(func(r *Report) {
			r.Stage, r.CommentTo, r.CommentUntil = "for_comment", "comments@example.org", content.Moment{At: "2027-04-30T18:00"}
		}), []string{"comment_until comment_until_early"}},
		{"comments on the day", ReportKind, report(func(r *Report) {
			r.Stage, r.CommentTo, r.CommentUntil = "for_comment", "comments@example.org", content.Moment{At: "2027-05-01T18:00"}
		}), nil},
		{"comments to a person", ReportKind, report(func(r *Report) {
			r.Stage, r.CommentTo, r.CommentUntil = "for_comment", "mora.khun@example.org", content.Moment{At: "2027-05-31T18:00"}
		}), []string{"comment_to mailbox_personal"}},
		{"report in a language twice", ReportKind, report(func(r *Report) {
			r.Files = append(slices.Clone(files), LanguageVersion{Item: item("again"), Language: "en", File: "f2"})
		}), []string{"files.again.language language_twice!"}},
		{"a restricted report", ReportKind, report(func(r *Report) { r.Symbol = "RCPG/R.1" }), []string{"symbol symbol_restricted"}},

		{"news", NewsKind, news(func(n *News) {}), nil},
		{"whom may the press ask", NewsKind, news(func(n *News) { n.Kind = "press_release" }), []string{"contacts press_contact_missing"}},

		{"a portrait without consent", PersonKind, &Person{Name: content.L("en", "Mora"), ShortBio: content.L("en", "Registrar."), Portrait: Picture{File: "f1", Decorative: true}}, []string{"consent consent_missing"}},
		{"a portrait with consent", PersonKind, &Person{Name: content.L("en", "Mora"), ShortBio: content.L("en", "Registrar."), Consent: "2027-01-01", Portrait: Picture{File: "f1", Decorative: true}}, nil},
		{"a name made to look like another", PersonKind, &Person{Name: content.L("en", "M\u043era"), ShortBio: content.L("en", "Registrar.")}, []string{"name auth.name_mixed!"}},
		{"a name in two scripts", PersonKind, &Person{Name: content.L("en", "Mora (Мора)"), ShortBio: content.L("en", "Registrar.")}, nil},
		{"an acronym made to look like another", OrganizationKind, &Organization{Name: content.L("en", "Centre"), Type: "un_entity", Acronym: content.L("en", "RC\u0420G")}, []string{"acronym auth.name_mixed!"}},
		{"the emblem", OrganizationKind, &Organization{Name: content.L("en", "Centre"), Type: "un_entity", LogoPolicy: "un_emblem", Logo: Picture{File: "f1", Decorative: true}}, []string{"permission emblem_permission"}},
		{"the emblem, by leave", OrganizationKind, &Organization{Name: content.L("en", "Centre"), Type: "un_entity", LogoPolicy: "un_emblem", Permission: "Letter of 3 May", Logo: Picture{File: "f1", Decorative: true}}, nil},
		{"page", PageKind, &Page{Title: content.L("en", "About"), Blocks: []Block{{Item: item("a"), Kind: "custom", Heading: content.L("en", "Who we are")}}}, []string{"blocks.a.body block_empty"}},
		{"series", SeriesKind, &Series{Title: content.L("en", "Series"), Summary: content.L("en", "Four webinars."), Status: "active", Blocks: []Block{{Item: item("a"), Kind: "background", Body: content.P("en", "<p>Why.</p>")}},
			Contacts: []Contact{{Item: item("a"), Mailbox: "mora.khun@example.org"}}}, []string{"contacts.a.mailbox mailbox_personal"}},
	} {
		if got := tell(x.kind.Check(x.value, i18n.EN, []i18n.Locale{i18n.EN})); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

func TestPersonalMailboxes(t *testing.T) {
	for _, x := range []struct {
		mailbox, holder string
		want            bool
	}{
		{"rafael.dumalagan@example.org", "", true}, {"thammawilai7@example.org", "Kanyarat Thammawilai", true}, {"thammawilai7@example.org", "", false},
		{"khaitoan.huynh@example.org", "Huỳnh Khải Toàn", true}, {"registration@example.org", "", false}, {"press.office@example.org", "", false},
		{"event-desk@example.org", "", false}, {"dpss@example.org", "Digital Public Services", false}, {"inscriptions.dakar@example.org", "", false}, {"", "Mora", false}, {"mora", "Mora", false},
	} {
		if got := personal(x.mailbox, x.holder); got != x.want {
			t.Errorf("%s of %q: personal %t", x.mailbox, x.holder, got)
		}
	}
}

// TestNobodyIsShownWithoutConsent: a portrait goes out only with the day on which the person agreed.
func TestNobodyIsShownWithoutConsent(t *testing.T) {
	p := &Person{Portrait: Picture{File: "file1"}}
	if got := p.Withheld(); !slices.Equal(got, []string{"portrait.file"}) || PersonKind.Field(got[0]) == nil {
		t.Errorf("without consent withheld: %v", got)
	}
	if p.Consent = "2027-01-04"; p.Withheld() != nil {
		t.Error("with consent the portrait is withheld")
	}
}
