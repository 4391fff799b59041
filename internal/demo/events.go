package demo

import (
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// online is a platform as it is publicly named; its name is the same in all languages.
func online(name string) kind.Venue {
	v := kind.Venue{Item: id("online"), Type: "online", Name: content.Line{}}
	for _, l := range []string{"ar", "zh", "en", "fr", "ru", "es", "ko", "pt", "sw"} {
		v.Name = withText(v.Name, l, name)
	}
	return v
}

func (f *filler) venue(slug, country string) kind.Venue {
	n := "venue/" + slug
	return kind.Venue{Item: id("place"), Type: "physical", Name: f.words.line(n, "name"), Room: f.words.line(n, "room"), Address: f.words.line(n, "address"),
		City: f.words.line(n, "city"), Country: country, Arrival: f.words.line(n, "arrival")}
}

func when(start, end content.LocalTime, zone string) content.When {
	return content.When{Start: start, End: end, Zone: zone, Precision: content.PrecisionTime}
}

func spoken(languages string) []kind.Interpretation {
	var out []kind.Interpretation
	for _, l := range strings.Fields(languages) {
		out = append(out, kind.Interpretation{Language: l, Kind: "spoken"})
	}
	return out
}

// session is a part of the programme; its title is in the words.
func session(name, kindName string, s content.Slot, people ...kind.PersonRole) kind.Session {
	return kind.Session{Item: id(name), Kind: kindName, Slot: s, People: people}
}

func (f *filler) register(opens, closes content.Moment, slug string) kind.Registration {
	return kind.Registration{Opens: opens, Closes: closes, URL: "https://registration.example.org/rcpg/" + slug, Mailbox: "registration@example.org"}
}

// film is the recording that has all that one can have: files of captions, and chapters that are the programme's.
func (f *filler) film() kind.Recording {
	r := f.recording(-60, 91, "names-on-record", "en", "fr")
	r.Item, r.Poster = id("film"), f.image("voices").File
	for _, l := range []string{"en", "fr", "ar"} {
		t := kind.Track{Item: id(l), Language: l, Kind: "subtitles", Origin: "person", File: f.embedded("names-on-record-" + l + ".vtt")}
		if l == "en" {
			t.Kind, t.Origin = "captions", "corrected"
		}
		r.Tracks = append(r.Tracks, t)
	}
	for _, c := range [][2]string{{"opening", "0:00"}, {"cases", "10:00"}, {"talk", "50:00"}, {"closing", "1:10:00"}} {
		r.Chapters = append(r.Chapters, kind.Chapter{Item: id(c[0]), At: c[1], Session: c[0], Label: f.words.line("event/names-on-record", "sessions."+c[0]+".title")})
	}
	return r
}

func (f *filler) recording(days int, minutes int, slug string, captions ...string) kind.Recording {
	return kind.Recording{Kind: "video", URL: "https://video.example.org/rcpg/" + slug, Date: f.day(days), Minutes: minutes, Languages: []string{"en"}, Captions: captions}
}

// photo is a picture taken, or drawn, at an event; its words are in the event's.
func (f *filler) photo(name, art string, days int) kind.Photo {
	return kind.Photo{Item: id(name), File: f.image(art).File, Credit: "RCPG", Consent: f.day(days)}
}

func (f *filler) events() {
	f.openingTheRegister()
	f.trustedRegisters()
	f.symposia()
	f.budgets()
	f.meetings()
	f.changed()
	f.partners()
}

// openingTheRegister has the full shape of a concept note.
func (f *filler) openingTheRegister() {
	const day = content.LocalTime("2027-04-01T00:00")
	newYork := func(at content.LocalTime) content.Moment { return content.Moment{At: at, Zone: "America/New_York"} }
	f.add("event/opening-the-register", &kind.Event{
		Kind: "webinar", Scope: "regional", Series: f.ref("series/trusted-registers"), Ordinal: 2,
		Topics: f.topics("land-and-property", "digital-government", "data-protection", "registrars"), SDGs: []string{"1", "5", "16", "17"},
		Image: f.parcels(), When: when("2027-04-01T20:30", "2027-04-01T22:00", "America/New_York"), Status: "scheduled",
		ShowZones: []string{"Asia/Bangkok", "Asia/Jakarta", "Asia/Dili", "Africa/Nairobi"},
		Mode:      "online", Access: "registration", Venues: []kind.Venue{online("Zoom")}, WorkingLanguages: []string{"en"},
		Interpretation: []kind.Interpretation{{Language: "en", Kind: "cart"}},
		Accessibility:  []string{"captions", "accessible_documents", "remote_option"},
		Join: kind.Join{Platform: "Zoom", URL: "https://meet.example.org/rcpg/trusted-registers-2", Passcode: "sawah-417", DialIn: "+66 2 555 0117",
			OpensBefore: 20, Release: "confirmed"},
		Registration: kind.Registration{Opens: newYork("2026-11-16T09:00"), Closes: newYork("2027-03-25T23:59"),
			URL: "https://registration.example.org/rcpg/trusted-registers/2", Mailbox: "narin.phetmany@example.org"},
		Discussion: kind.Discussion{URL: "https://learning.example.org/boards/opening-the-register", Opens: newYork("2027-04-01T22:00"), Closes: newYork("2027-04-30T18:00")},
		Notes:      []kind.Note{{Item: id("board"), Mark: "*"}},
		Sessions: []kind.Session{
			session("opening", "opening", slot(day, "20:30", "20:40"), f.person("dumalagan", "welcome_remarks", "confirmed"), f.person("moelja", "opening_remarks", "confirmed")),
			session("panel", "panel", slot(day, "20:40", "21:25"), f.person("adhikara", "moderator", "confirmed"), f.person("kamarulzaman", "panellist", "confirmed"),
				f.person("otieno", "panellist", "confirmed"), f.person("dang-huu-loc", "panellist", "confirmed"), f.person("sarmento", "panellist", "tentative"),
				f.person("lesmono", "panellist", "confirmed")),
			session("questions", "q_and_a", slot(day, "21:25", "21:50")),
			session("closing", "closing", slot(day, "21:50", "22:00"), f.person("dumalagan", "closing_remarks", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), signing(f.org("salan", "collaborator")), signing(f.org("midf", "collaborator")),
			f.org("arsps", "collaborator"), f.org("dta-liaison", "collaborator")},
		Contacts: []kind.Contact{f.contact("morakhun", "morakhun", "dpss", "en"), f.contact("dumalagan", "rafael.dumalagan", "rcpg"),
			f.contact("adhikara", "adhikara", "tau", "en", "fr"), f.contact("huynh", "khaitoan.huynh", "dpss", "en"),
			f.contact("tilman", "aurelio.tilman", "dpss", "en", "pt"), f.contact("thammawilai", "thammawilai7", "tau", "en")},
		Documents: []kind.DocumentLink{{Item: id("talking"), Slot: "talking_points", Expected: "2027-03-25"}, {Item: id("outcome"), Slot: "outcome", Expected: "2027-04-22"}},
		Commitments: []kind.Commitment{
			{Item: id("recordings"), Kind: "recordings", PromisedOn: "2026-11-16", Due: "2027-04-08", Responsible: f.ref("organization/tau")},
			{Item: id("slides"), Kind: "presentations", PromisedOn: "2026-11-16", Due: "2027-04-08", Responsible: f.ref("organization/tau")},
			{Item: id("summary"), Kind: "summary", PromisedOn: "2026-11-16", Due: "2027-05-14", Responsible: f.ref("organization/dpss")},
			{Item: id("checklist"), Kind: "follow_up", PromisedOn: "2026-11-16", Due: "2027-06-11", Responsible: f.ref("organization/dpss")},
		},
		Regions: []string{"035"}, Countries: []string{"ID", "KE", "MY", "TL", "VN", "TH"},
	}, option{})
}

func (f *filler) parcels() kind.Picture {
	return kind.Picture{File: f.embedded("parcels-16x9.png"), Alt: f.words.line("picture/parcels", "alt"), Credit: "RCPG"}
}

// trustedRegisters are the other webinars of the series: one with its outcome published, two whose date is not known.
func (f *filler) trustedRegisters() {
	t := f.at(-62, "14:00")
	past := kind.Event{
		Kind: "webinar", Scope: "global", Series: f.ref("series/trusted-registers"), Ordinal: 1,
		Topics: f.topics("civil-registration", "registrars"), SDGs: []string{"16"}, Image: f.image("crossing"),
		When: when(t, on(t, 0, "15:30"), office), Status: "scheduled", ShowZones: []string{"Asia/Amman", "Africa/Nairobi", "Europe/London"},
		Mode: "online", Access: "registration", Venues: []kind.Venue{online("Zoom")}, WorkingLanguages: []string{"en"}, Interpretation: spoken("fr"),
		Accessibility: []string{"captions", "accessible_documents"},
		Registration:  f.register(f.moment(-110, "09:00"), f.moment(-65, "18:00"), "trusted-registers/1"),
		Survey:        registration.Survey{Online: true, Link: registration.SurveyOpenLink, Days: 90},
		Sessions: []kind.Session{
			session("opening", "opening", slot(t, "14:00", "14:10"), f.person("dumalagan", "welcome_remarks", "delivered")),
			session("cases", "panel", slot(t, "14:10", "14:50"), f.person("adhikara", "moderator", "delivered"), f.person("otieno", "panellist", "delivered"),
				f.person("naivalu", "panellist", "delivered")),
			session("talk", "presentation", slot(t, "14:50", "15:10"), f.person("al-khatibi", "presenter", "delivered")),
			session("closing", "closing", slot(t, "15:10", "15:30"), f.person("dumalagan", "closing_remarks", "delivered")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("arsps", "collaborator"), f.org("plain-language", "knowledge_partner")},
		Contacts:      []kind.Contact{f.contact("huynh", "registry", "dpss", "en")},
		Recordings:    []kind.Recording{f.film()},
		Photos:        []kind.Photo{f.photo("panel", "voices", -61), f.photo("route", "islands", -61)},
		Statistics:    kind.Statistics{Registered: 655, Attended: 412, Online: 388, Countries: 46, Women: 54},
		Commitments: []kind.Commitment{
			{Kind: "recordings", PromisedOn: f.day(-100), Due: f.day(-55), Fulfilled: f.day(-60)},
			{Kind: "report", PromisedOn: f.day(-62), Due: f.day(-20), Fulfilled: f.day(-21)},
		},
		Countries: []string{"FJ", "JO", "KE"},
	}
	f.add("event/names-on-record", &past, option{})
	month := f.now.In(f.zone).AddDate(0, 0, 150)
	f.add("event/registers-after-the-flood", &kind.Event{
		Kind: "webinar", Scope: "regional", Series: f.ref("series/trusted-registers"), Ordinal: 3,
		Topics: f.topics("records-and-archives", "land-and-property", "registrars"), SDGs: []string{"11", "13"}, Image: f.image("monsoon"),
		When:   content.When{Start: content.LocalTime(time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC).Format("2006-01-02T15:04")), Zone: office, Precision: content.PrecisionMonth},
		Status: "tentative", Mode: "online", Access: "registration", Venues: []kind.Venue{online("Zoom")}, WorkingLanguages: []string{"en"},
		Registration:  kind.Registration{Mailbox: "registration@example.org"},
		Accessibility: []string{"captions"}, Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("midf", "collaborator"), f.org("sai-thong", "knowledge_partner")},
		Contacts: []kind.Contact{f.contact("tilman", "records-desk", "dpss", "en", "pt")}, Countries: []string{"MZ", "PH", "VN"},
	}, option{})
	f.add("event/machines-that-read-registers", &kind.Event{
		Kind: "webinar", Scope: "global", Series: f.ref("series/trusted-registers"), Ordinal: 4,
		Topics: f.topics("digital-government", "records-and-archives", "data-protection"), SDGs: []string{"9", "16"}, Image: f.image("threads"),
		When: content.When{Zone: office, Precision: content.PrecisionTBD}, Status: "tentative", Mode: "online", Access: "registration", WorkingLanguages: []string{"en"},
		Registration:  kind.Registration{Mailbox: "registration@example.org"},
		Accessibility: []string{"captions"}, Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("sai-thong", "partner")},
		Contacts: []kind.Contact{f.contact("tilman", "records-desk", "dpss", "en", "pt")}, Countries: []string{"KR", "KZ"},
	}, option{})
}

// symposia are the coming one, of three days with tracks, last year's and one long past.
func (f *filler) symposia() {
	d1 := f.mondayAfter(75, "09:00")
	d1 = on(d1, 1, "09:00") // Tuesday to Thursday
	d2, d3 := on(d1, 1, "09:00"), on(d1, 2, "09:00")
	hall := f.venue("centre-hall", "TH")
	f.add("event/public-service-symposium", &kind.Event{
		Kind: "symposium", Scope: "regional", Series: f.ref("series/public-service-symposium"), Ordinal: 12,
		Topics: f.topics("local-government", "digital-government", "complaints-and-redress", "public-finance", "language-access"), SDGs: []string{"10", "16", "17"},
		Image: f.image("assembly"), When: when(d1, on(d1, 2, "17:00"), office), Status: "scheduled",
		ShowZones: []string{"Asia/Tokyo", "Asia/Almaty", "Africa/Nairobi", "Europe/Paris", "America/Lima"},
		Mode:      "hybrid", Access: "registration", Venues: []kind.Venue{hall, online("Webex")}, WorkingLanguages: []string{"en", "fr"},
		Interpretation: append(spoken("ar zh es ru"), kind.Interpretation{Language: "en", Kind: "sign"}, kind.Interpretation{Language: "en", Kind: "cart"}),
		Accessibility:  []string{"captions", "sign_language", "step_free", "hearing_loop", "quiet_room", "accessible_documents", "remote_option"},
		StreamURL:      "https://video.example.org/rcpg/live/symposium",
		Join:           kind.Join{Platform: "Webex", URL: "https://meet.example.org/rcpg/symposium-12", Passcode: "check-2207", OpensBefore: 30, Release: "confirmed"},
		Registration:   f.register(f.moment(18, "09:00"), f.moment(60, "18:00"), "symposium"),
		Sessions: []kind.Session{
			session("open1", "opening", slot(d1, "09:00", "09:30"), f.person("dumalagan", "welcome_remarks", "confirmed"), f.person("aidara-monnet", "guest_of_honour", "confirmed")),
			session("keynote", "keynote", slot(d1, "09:30", "10:30"), f.person("kamarulzaman", "keynote", "confirmed")),
			session("panel1", "panel", slot(d1, "11:00", "12:30"), f.person("adhikara", "moderator", "confirmed"), f.person("naivalu", "panellist", "confirmed"),
				f.person("pyo-ga-on", "panellist", "confirmed"), f.person("ryabinkina", "panellist", "confirmed")),
			session("tracka", "parallel", slot(d1, "14:00", "16:30"), f.person("pyo-ga-on", "chair", "confirmed")),
			session("trackb", "parallel", slot(d1, "14:00", "16:30"), f.person("huynh-khai-toan", "chair", "confirmed"), f.person("dang-huu-loc", "presenter", "confirmed")),
			session("reception", "networking", slot(d1, "17:30", "19:30")),
			session("panel2", "panel", slot(d2, "09:00", "10:30"), f.person("shen-ruoyun", "moderator", "confirmed"), f.person("ryabinkina", "panellist", "confirmed"),
				f.person("al-khatibi", "panellist", "invited")),
			session("trackc", "parallel", slot(d2, "11:00", "12:30"), f.person("quispe", "chair", "confirmed"), f.person("lim-prak", "presenter", "confirmed")),
			session("trackd", "parallel", slot(d2, "11:00", "12:30"), f.person("baraka", "chair", "confirmed")),
			session("tables", "discussion", slot(d2, "14:00", "17:00"), f.person("adhikara", "facilitator", "confirmed")),
			session("market", "networking", slot(d3, "09:00", "11:00")),
			session("reports", "presentation", slot(d3, "11:00", "12:30"), f.person("figueira", "rapporteur", "confirmed")),
			session("closing", "closing", slot(d3, "15:30", "17:00"), f.person("dumalagan", "closing_remarks", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("treasurers", "partner"), f.org("ombuds-circle", "partner"),
			f.org("plain-language", "partner"), f.org("salan", "supporter"), f.org("dta", "funder")},
		Contacts:    []kind.Contact{f.contact("events-desk", "symposium", "tau", "en", "fr", "ar"), f.contact("access", "access", "tau", "en"), f.contact("press", "press", "rcpg", "en", "fr")},
		Documents:   []kind.DocumentLink{{Item: id("final"), Slot: "programme", Expected: f.day(55)}},
		Commitments: []kind.Commitment{{Kind: "report", PromisedOn: f.day(-10), Due: f.day(120)}},
		Countries:   []string{"TH", "FJ", "KZ", "KR", "PE", "KE"},
	}, option{})

	t := f.mondayAfter(-372, "09:30")
	f.add("event/public-service-symposium-11", &kind.Event{
		Kind: "symposium", Scope: "regional", Series: f.ref("series/public-service-symposium"), Ordinal: 11,
		Topics: f.topics("local-government", "complaints-and-redress"), SDGs: []string{"10", "16"}, Image: f.image("counters"),
		When: when(t, on(t, 2, "16:30"), office), Status: "scheduled", Mode: "hybrid", Access: "registration",
		Venues: []kind.Venue{f.venue("centre", "TH"), online("Webex")}, WorkingLanguages: []string{"en", "fr"}, Interpretation: spoken("ar zh ru es"),
		Accessibility: []string{"captions", "step_free", "remote_option"}, Registration: f.register(f.moment(-430, "09:00"), f.moment(-385, "18:00"), "symposium-11"),
		Sessions: []kind.Session{session("opening", "opening", slot(t, "09:30", "10:30"), f.person("dumalagan", "opening_remarks", "delivered")),
			session("tables", "discussion", slot(on(t, 1, "09:30"), "09:30", "16:30"), f.person("adhikara", "facilitator", "delivered")),
			session("closing", "closing", slot(on(t, 2, "09:30"), "15:00", "16:30"))},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("ombuds-circle", "partner")},
		Contacts:      []kind.Contact{f.contact("events-desk", "symposium", "tau", "en", "fr")},
		Recordings:    []kind.Recording{f.recording(-365, 480, "symposium-11", "en", "fr")},
		Statistics:    kind.Statistics{Registered: 611, Attended: 403, Countries: 31, Women: 49},
		Commitments:   []kind.Commitment{{Kind: "report", PromisedOn: f.day(-372), Due: f.day(-300), Fulfilled: f.day(-310)}},
		Countries:     []string{"TH", "PH", "ID"},
	}, option{})

	old := f.mondayAfter(-365*6-40, "09:00")
	f.add("event/public-service-symposium-6", &kind.Event{
		Kind: "symposium", Scope: "regional", Series: f.ref("series/public-service-symposium"), Ordinal: 6,
		Topics: f.topics("civil-registration", "land-and-property"), SDGs: []string{"16"}, Image: f.image("coast"),
		When:   content.When{Start: old, End: on(old, 1, "17:00"), Zone: "Asia/Manila", Precision: content.PrecisionDay},
		Status: "scheduled", Mode: "in_person", Access: "invitation", Venues: []kind.Venue{f.venue("manila", "PH")}, WorkingLanguages: []string{"en"},
		Accessibility: []string{"step_free"}, Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer")},
		Contacts: []kind.Contact{f.contact("general", "office", "rcpg", "en")}, Statistics: kind.Statistics{Attended: 96, Countries: 11}, Countries: []string{"PH"},
	}, option{})
}

// budgets has the event that is live while the demo is looked at: it began twenty minutes before.
func (f *filler) budgets() {
	start := f.now.In(f.zone).Add(-20 * time.Minute).Truncate(5 * time.Minute)
	at := func(min int) content.LocalTime {
		return content.LocalTime(start.Add(time.Duration(min) * time.Minute).Format("2006-01-02T15:04"))
	}
	s := func(from, to int) content.Slot { return content.Slot{Start: at(from), End: at(to)} }
	f.add("event/budget-on-the-wall", &kind.Event{
		Kind: "webinar", Scope: "global", Series: f.ref("series/budgets-in-plain-words"), Ordinal: 4,
		Topics: f.topics("public-finance", "local-government", "municipal-officials"), SDGs: []string{"11", "16"}, Image: f.image("budget"),
		When: when(at(0), at(140), office), Status: "scheduled", ShowZones: []string{"Asia/Phnom_Penh", "Africa/Dar_es_Salaam", "America/Lima"},
		Mode: "online", Access: "open", Venues: []kind.Venue{online("Webex")}, WorkingLanguages: []string{"en", "es"}, Interpretation: spoken("fr"),
		Accessibility: []string{"captions", "remote_option"}, StreamURL: "https://video.example.org/rcpg/live/budget-on-the-wall",
		Join: kind.Join{Platform: "Webex", URL: "https://meet.example.org/rcpg/budgets-4", OpensBefore: 30, Release: "public"},
		Sessions: []kind.Session{
			session("opening", "opening", s(0, 10), f.person("adhikara", "moderator", "confirmed")),
			session("page", "presentation", s(10, 45), f.person("lim-prak", "presenter", "confirmed")),
			session("wall", "presentation", s(45, 75), f.person("quispe", "presenter", "confirmed")),
			session("radio", "presentation", s(75, 100), f.person("baraka", "presenter", "confirmed")),
			session("questions", "q_and_a", s(100, 130)),
			session("closing", "closing", s(130, 140), f.person("quispe", "closing_remarks", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("treasurers", "organizer"), f.org("rcpg", "co_organizer"), f.org("plain-language", "partner")},
		Contacts:      []kind.Contact{f.contact("treasurers", "budgets-secretariat", "treasurers", "es", "en"), f.contact("thammawilai", "help", "tau", "en")},
		Commitments:   []kind.Commitment{{Kind: "recordings", PromisedOn: f.day(-20), Due: f.day(7)}, {Kind: "presentations", PromisedOn: f.day(-20), Due: f.day(3)}},
		Countries:     []string{"KH", "PE", "TZ"},
	}, option{})
}

// meetings are those that go their way: workshop, expert group, launch, consultations, seminar, visit.
func (f *filler) meetings() {
	t := f.mondayAfter(45, "09:00")
	day := func(n int) content.Slot { return slot(on(t, n, "09:00"), "09:00", "16:30") }
	f.add("event/from-shelf-to-server", &kind.Event{
		Kind: "workshop", Scope: "regional", Topics: f.topics("records-and-archives", "registrars"), SDGs: []string{"16"}, Image: f.image("archive"),
		When: when(t, on(t, 4, "16:30"), office), Status: "venue_changed", Mode: "in_person", Access: "nomination", Venues: []kind.Venue{f.venue("centre", "TH")},
		WorkingLanguages: []string{"en"}, Accessibility: []string{"captions", "step_free", "accessible_documents"},
		Registration: kind.Registration{Opens: f.moment(-14, "09:00"), Closes: f.moment(21, "18:00"), Mailbox: "workshops@example.org"},
		Sessions: []kind.Session{
			session("monday", "presentation", day(0), f.person("shen-ruoyun", "trainer", "confirmed")),
			session("tuesday", "presentation", day(1), f.person("figueira", "trainer", "confirmed")),
			session("wednesday", "discussion", day(2), f.person("figueira", "trainer", "confirmed"), f.person("tilman", "resource_person", "confirmed")),
			session("thursday", "presentation", day(3), f.person("shen-ruoyun", "trainer", "confirmed")),
			session("friday", "closing", slot(on(t, 4, "09:00"), "09:00", "13:00"), f.person("adhikara", "closing_remarks", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("sai-thong", "co_organizer"), f.org("dta", "funder")},
		Contacts:      []kind.Contact{f.contact("tilman", "records-desk", "dpss", "en", "pt")}, Countries: []string{"TH"},
	}, option{})

	t = f.at(6, "10:00")
	f.add("event/one-form-for-firms", &kind.Event{
		Kind: "expert_group_meeting", Scope: "global", Topics: f.topics("digital-government", "data-protection"), SDGs: []string{"8", "16"}, Image: f.image("crossing"),
		When: when(t, on(t, 0, "17:00"), "Asia/Almaty"), Status: "scheduled", ShowZones: []string{"Asia/Bangkok", "Asia/Seoul", "Europe/Paris"},
		Mode: "online", Access: "registration", Venues: []kind.Venue{online("Webex")}, WorkingLanguages: []string{"en"}, Interpretation: spoken("ru zh"),
		Accessibility: []string{"captions", "remote_option"},
		Join:          kind.Join{Platform: "Webex", URL: "https://meet.example.org/rcpg/firms", OpensBefore: 15, Release: "confirmed"},
		Registration: kind.Registration{Opens: f.moment(-40, "09:00"), Closes: f.moment(-1, "12:00"), Online: true, Capacity: 30, Waitlist: true, Mailbox: "registration@example.org",
			Ask: []string{"organization", "country"}, Required: []string{"organization"}},
		Sessions: []kind.Session{
			session("opening", "opening", slot(t, "10:00", "10:30"), f.person("ryabinkina", "chair", "confirmed")),
			session("elements", "discussion", slot(t, "10:30", "13:00"), f.person("ryabinkina", "chair", "confirmed")),
			session("changes", "discussion", slot(t, "14:00", "16:00"), f.person("pyo-ga-on", "vice_chair", "confirmed")),
			session("closing", "closing", slot(t, "16:00", "17:00"), f.person("huynh-khai-toan", "rapporteur", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("arsps", "partner")},
		Contacts:      []kind.Contact{f.contact("huynh", "registry", "dpss", "en")}, Countries: []string{"KZ", "KR"},
	}, option{})

	t = f.at(-3, "10:00")
	f.add("event/field-guide-launch", &kind.Event{
		Kind: "launch", Scope: "global", Topics: f.topics("language-access", "local-government"), SDGs: []string{"10", "16"}, Image: f.image("languages"),
		When: when(t, on(t, 0, "11:30"), office), Status: "scheduled", Mode: "hybrid", Access: "open", Venues: []kind.Venue{f.venue("centre", "TH"), online("Webex")},
		WorkingLanguages: []string{"en"}, Interpretation: spoken("fr ar"), Accessibility: []string{"captions", "step_free", "hearing_loop"},
		Sessions: []kind.Session{
			session("welcome", "opening", slot(t, "10:00", "10:10"), f.person("dumalagan", "welcome_remarks", "delivered")),
			session("counter", "panel", slot(t, "10:10", "10:45"), f.person("adhikara", "moderator", "delivered"), f.person("otieno", "panellist", "delivered")),
			session("guide", "presentation", slot(t, "10:45", "11:05"), f.person("baraka", "presenter", "delivered")),
			session("questions", "q_and_a", slot(t, "11:05", "11:30")),
		},
		Organizations: []kind.OrganizationRole{f.org("plain-language", "organizer"), f.org("rcpg", "co_organizer")},
		Contacts:      []kind.Contact{f.contact("press", "press", "rcpg", "en", "fr")},
		Statistics:    kind.Statistics{Attended: 214, Countries: 23, Women: 61},
		Commitments:   []kind.Commitment{{Kind: "recordings", PromisedOn: f.day(-3), DueDays: 7}},
		Countries:     []string{"KE", "TZ", "TH"},
	}, option{hold: []i18n.Locale{i18n.AR}}) // the Arabic words wait for their reviewer

	t = f.at(-26, "09:00")
	f.add("event/identity-safeguards", &kind.Event{
		Kind: "consultation", Scope: "regional", Topics: f.topics("digital-government", "data-protection", "civil-registration"), SDGs: []string{"10", "16"}, Image: f.image("rings"),
		When: when(t, on(t, 1, "17:00"), "Africa/Nairobi"), Status: "scheduled", ShowZones: []string{"Asia/Bangkok", "Asia/Amman", "Europe/Paris"},
		Mode: "hybrid", Access: "registration", Venues: []kind.Venue{f.venue("nairobi", "KE"), online("Zoom")}, WorkingLanguages: []string{"en", "fr"}, Interpretation: spoken("ar sw"),
		Accessibility: []string{"captions", "sign_language", "step_free"}, Registration: f.consultationForm(),
		Survey: registration.Survey{Online: true, Link: registration.SurveyOpenLink, Days: 90},
		Sessions: []kind.Session{
			session("opening", "opening", slot(t, "09:00", "09:30"), f.person("otieno", "opening_remarks", "delivered")),
			session("cases", "panel", slot(t, "09:30", "12:30"), f.person("al-khatibi", "moderator", "delivered"), f.person("aidara-monnet", "panellist", "delivered")),
			session("draft", "discussion", slot(on(t, 1, "09:00"), "09:00", "15:30"), f.person("ryabinkina", "chair", "delivered")),
			session("closing", "closing", slot(on(t, 1, "09:00"), "15:30", "17:00"), f.person("dumalagan", "closing_remarks", "delivered")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("ombuds-circle", "co_organizer"), f.org("mto-mrefu", "host")},
		Contacts:      []kind.Contact{f.contact("huynh", "registry", "dpss", "en"), f.contact("data-protection", "privacy", "rcpg", "en", "fr")},
		Recordings:    []kind.Recording{f.recording(-24, 210, "identity-safeguards", "en", "fr")},
		Statistics:    figures,
		Commitments:   []kind.Commitment{{Kind: "recordings", Due: f.day(-20)}, {Kind: "report", Due: f.day(40)}},
		Countries:     []string{"KE", "JO", "MU"},
	}, option{})

	t = f.at(-44, "08:30")
	f.add("event/twinning-visit", &kind.Event{
		Kind: "study_visit", Scope: "subregional", Topics: f.topics("land-and-property", "registrars"), SDGs: []string{"17"}, Image: f.image("river"),
		When:   content.When{Start: t, End: on(t, 3, "17:00"), Zone: "Asia/Ho_Chi_Minh", Precision: content.PrecisionDay},
		Status: "scheduled", Mode: "in_person", Access: "nomination", Registration: kind.Registration{Closes: f.moment(-60, "18:00"), Mailbox: "nominations@example.org"}, Venues: []kind.Venue{f.venue("ha-noi", "VN")}, WorkingLanguages: []string{"en", "vi"},
		Accessibility: []string{"step_free"}, Organizations: []kind.OrganizationRole{f.org("salan", "organizer"), f.org("rcpg", "co_organizer"), f.org("song-ha", "host")},
		Contacts: []kind.Contact{f.contact("salan", "salan", "salan", "en")}, People: []kind.PersonRole{f.person("dang-huu-loc", "resource_person", "delivered"), f.person("moelja", "facilitator", "delivered")},
		Statistics: kind.Statistics{Attended: 19, Countries: 6, Women: 47}, Participating: []string{"ID", "KH", "LA", "MY", "PH", "VN"}, Commitments: []kind.Commitment{{Kind: "report", Due: f.day(-4)}}, Countries: []string{"VN", "ID", "MY"},
	}, option{})

	t = f.at(-205, "09:00")
	f.add("event/complaints-online", &kind.Event{
		Kind: "seminar", Scope: "regional", Topics: f.topics("complaints-and-redress", "digital-government"), SDGs: []string{"16"}, Image: f.image("islands"),
		When: when(t, on(t, 0, "16:00"), "Pacific/Fiji"), Status: "scheduled", ShowZones: []string{"Asia/Bangkok", "Indian/Mauritius"},
		Mode: "hybrid", Access: "registration", Venues: []kind.Venue{f.venue("suva", "FJ"), online("Zoom")}, WorkingLanguages: []string{"en", "fr"},
		Accessibility: []string{"captions", "step_free"}, Registration: f.register(f.moment(-260, "09:00"), f.moment(-212, "18:00"), "complaints"),
		Sessions: []kind.Session{
			session("opening", "opening", slot(t, "09:00", "09:30"), f.person("aidara-monnet", "opening_remarks", "delivered")),
			session("systems", "presentation", slot(t, "09:30", "12:30"), f.person("naivalu", "presenter", "delivered"), f.person("aidara-monnet", "chair", "delivered")),
			session("figures", "discussion", slot(t, "13:30", "15:15")),
			session("closing", "closing", slot(t, "15:15", "16:00"), f.person("dumalagan", "closing_remarks", "delivered")),
		},
		Organizations: []kind.OrganizationRole{f.org("ombuds-circle", "organizer"), f.org("rcpg", "co_organizer")},
		Contacts:      []kind.Contact{f.contact("general", "office", "rcpg", "en", "fr")},
		Recordings:    []kind.Recording{f.recording(-203, 330, "complaints-online", "en", "fr")},
		Statistics:    kind.Statistics{Registered: 180, Attended: 133, Countries: 17, Women: 58},
		Commitments:   []kind.Commitment{{Kind: "recordings", Due: f.day(-198), Fulfilled: f.day(-203)}, {Kind: "report", Due: f.day(-150), Fulfilled: f.day(-158)}},
		Countries:     []string{"FJ", "MU"},
	}, option{})

	from := f.at(14, "00:00")
	f.add("event/plain-notices", &kind.Event{
		Kind: "consultation", Scope: "global", Topics: f.topics("language-access", "complaints-and-redress", "municipal-officials"), SDGs: []string{"10", "16"}, Image: f.image("voices"),
		When: content.When{Start: from, End: on(from, 28, "00:00"), Zone: office, Precision: content.PrecisionDay}, Status: "scheduled",
		Mode: "online", Access: "open", Venues: []kind.Venue{online("Learning Hub")}, WorkingLanguages: []string{"ar", "zh", "en", "fr", "ru", "es", "ko", "pt", "sw"},
		Accessibility: []string{"captions", "sign_language", "accessible_documents", "remote_option"},
		People:        []kind.PersonRole{f.person("baraka", "facilitator", "confirmed"), f.person("pyo-ga-on", "facilitator", "confirmed")},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("plain-language", "knowledge_partner")},
		Contacts:      []kind.Contact{f.contact("general", "consultations", "tau", "en", "fr", "es", "ar", "zh", "ru")},
		Commitments:   []kind.Commitment{{Kind: "summary", PromisedOn: f.day(-5), Due: f.day(63)}},
		Countries:     []string{"TZ", "KR"},
	}, option{})
}

// changed are the events that did not go as planned.
func (f *filler) changed() {
	t := f.at(30, "09:00")
	f.add("event/maps-for-relief", &kind.Event{
		Kind: "hackathon", Scope: "regional", Topics: f.topics("land-and-property", "digital-government"), SDGs: []string{"11", "13"}, Image: f.image("coast"),
		When:   content.When{Start: t, End: on(t, 2, "17:00"), Zone: "Asia/Dili", Precision: content.PrecisionDay},
		Status: "postponed", Mode: "in_person", Access: "registration", Venues: []kind.Venue{f.venue("dili", "TL")}, WorkingLanguages: []string{"en", "pt"},
		Accessibility: []string{"step_free"}, Registration: f.register(f.moment(-30, "09:00"), f.moment(20, "18:00"), "maps"),
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("dta-liaison", "partner"), f.org("santa-rosinha", "host")},
		Contacts:      []kind.Contact{f.contact("events-desk", "events", "tau", "en")}, Countries: []string{"TL"},
	}, option{})

	t = f.at(11, "13:15")
	f.add("event/registers-on-the-move", &kind.Event{
		Kind: "side_event", Scope: "global", Topics: f.topics("civil-registration", "data-protection"), SDGs: []string{"10"}, Image: f.image("threads"),
		When: when(t, on(t, 0, "14:30"), "Europe/Paris"), Status: "cancelled", Mode: "online", Access: "registration", Venues: []kind.Venue{online("Zoom")},
		WorkingLanguages: []string{"en", "fr"}, Accessibility: []string{"captions"}, Registration: f.register(f.moment(-30, "09:00"), f.moment(9, "18:00"), "move"),
		People:        []kind.PersonRole{f.person("al-khatibi", "speaker", "cancelled")},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("dta", "partner")},
		Contacts:      []kind.Contact{f.contact("events-desk", "events", "tau", "en", "fr")}, Countries: []string{"JO"},
	}, option{})

	was, now := f.at(9, "09:30"), f.at(37, "09:30")
	f.add("event/prices-in-the-open", &kind.Event{
		Kind: "seminar", Scope: "regional", Topics: f.topics("public-finance", "municipal-officials"), SDGs: []string{"12", "16"}, Image: f.image("counters"),
		When: when(now, on(now, 0, "16:30"), "Asia/Jakarta"), Previous: when(was, on(was, 0, "16:30"), "Asia/Jakarta"), Status: "rescheduled",
		Mode: "in_person", Access: "registration", Venues: []kind.Venue{f.venue("jakarta", "ID")}, WorkingLanguages: []string{"en", "id"},
		Accessibility: []string{"step_free", "hearing_loop"}, Registration: f.register(f.moment(-25, "09:00"), f.moment(30, "18:00"), "prices"),
		Sessions: []kind.Session{
			session("morning", "presentation", slot(now, "09:30", "12:30"), f.person("lim-prak", "presenter", "confirmed"), f.person("quispe", "presenter", "tentative")),
			session("afternoon", "discussion", slot(now, "13:30", "16:30"), f.person("adhikara", "facilitator", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("treasurers", "partner")},
		Contacts:      []kind.Contact{f.contact("events-desk", "events", "tau", "en")}, Countries: []string{"ID", "KH"},
	}, option{})

	t = f.mondayAfter(24, "09:00")
	f.add("event/answering-the-mayor", &kind.Event{
		Kind: "conference", Scope: "regional", Topics: f.topics("complaints-and-redress", "local-government", "municipal-officials"), SDGs: []string{"11", "16"}, Image: f.image("islands"),
		When: when(t, on(t, 1, "16:00"), "Asia/Dili"), Status: "moved_online", ShowZones: []string{"Asia/Bangkok", "Africa/Maputo", "Indian/Mauritius"},
		Mode: "online", Access: "registration", Venues: []kind.Venue{online("Webex")}, WorkingLanguages: []string{"en", "pt"}, Interpretation: spoken("fr"),
		Accessibility: []string{"captions", "remote_option"}, Registration: f.deskForm(f.moment(-35, "09:00"), f.moment(17, "18:00")),
		Sessions: []kind.Session{
			session("day1", "panel", slot(t, "09:00", "12:30"), f.person("naivalu", "chair", "confirmed"), f.person("sarmento", "panellist", "confirmed")),
			session("practice", "discussion", slot(t, "13:30", "16:00"), f.person("baraka", "trainer", "confirmed")),
			session("day2", "panel", slot(on(t, 1, "09:00"), "09:00", "12:30"), f.person("aidara-monnet", "chair", "confirmed")),
			session("rule", "closing", slot(on(t, 1, "09:00"), "13:30", "16:00"), f.person("dumalagan", "closing_remarks", "confirmed")),
		},
		Organizations: []kind.OrganizationRole{f.org("rcpg", "organizer"), f.org("ombuds-circle", "co_organizer"), f.org("santa-rosinha", "supporter")},
		Contacts:      []kind.Contact{f.contact("events-desk", "events", "tau", "en", "fr"), f.contact("tilman", "records-desk", "dpss", "pt")}, Countries: []string{"TL", "MZ", "MU"},
	}, option{})
}

// partners are events that partner organisations own.
func (f *filler) partners() {
	t := f.at(16, "14:00")
	f.add("event/surveyors-clinic", &kind.Event{
		Kind: "webinar", Scope: "subregional", Topics: f.topics("land-and-property"), SDGs: []string{"17"}, Image: f.image("river"),
		When: when(t, on(t, 0, "15:00"), "Asia/Jakarta"), Status: "scheduled", ShowZones: []string{"Asia/Manila", "Asia/Dili"},
		Mode: "online", Access: "open", Venues: []kind.Venue{online("Zoom")}, WorkingLanguages: []string{"en"}, Accessibility: []string{"captions"},
		People:        []kind.PersonRole{f.person("lesmono", "resource_person", "confirmed")},
		Organizations: []kind.OrganizationRole{f.org("salan", "organizer"), f.org("arsps", "partner")},
		Contacts:      []kind.Contact{f.contact("salan", "salan", "salan", "en")}, Countries: []string{"ID"},
	}, option{office: "organization/salan"})
	t = f.at(-18, "09:00")
	f.add("event/flood-ready-offices", &kind.Event{
		Kind: "training_course", Scope: "subregional", Topics: f.topics("records-and-archives", "local-government"), SDGs: []string{"11", "13"}, Image: f.image("monsoon"),
		When: when(t, on(t, 2, "16:00"), "Asia/Phnom_Penh"), Status: "scheduled", Mode: "in_person", Access: "invitation", Venues: []kind.Venue{f.venue("phnom-penh", "KH")},
		WorkingLanguages: []string{"en", "km"}, Accessibility: []string{"step_free"}, People: []kind.PersonRole{f.person("lim-prak", "opening_remarks", "delivered"), f.person("figueira", "trainer", "delivered")},
		Organizations: []kind.OrganizationRole{f.org("midf", "organizer"), f.org("rcpg", "supporter")},
		Contacts:      []kind.Contact{f.contact("midf", "training", "midf", "en", "fr")}, Statistics: kind.Statistics{Attended: 26, Countries: 5, Women: 50}, Participating: []string{"KH", "LA", "PH", "TH", "VN"},
		Commitments: []kind.Commitment{{Kind: "documents", Due: f.day(10)}}, Countries: []string{"KH", "LA", "PH"},
	}, option{office: "organization/midf"})
}
