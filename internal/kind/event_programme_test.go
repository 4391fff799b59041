package kind

import (
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
)

// TestConflicts: two sessions at once share no speaker, room or track; what may well be parallel is left alone.
func TestConflicts(t *testing.T) {
	at := func(id, from, to string) Session {
		s := Session{Item: item(id), Title: content.L("en", id), Kind: "panel", Slot: content.Slot{Start: content.LocalTime(from), End: content.LocalTime(to)}}
		return s
	}
	speaks := func(s Session, person string) Session {
		s.People = append(s.People, PersonRole{Item: item(person), Person: content.Ref(person), Role: "panellist"})
		return s
	}
	in := func(s Session, room, track string) Session {
		if room != "" {
			s.Room = content.L("en", room)
		}
		if track != "" {
			s.Track = content.L("en", track)
		}
		return s
	}
	of := func(s Session, kind string) Session { s.Kind = kind; return s }
	tbd := func(s Session) Session { s.TBD = true; return s }
	day := content.When{Start: "2027-04-01T09:00", End: "2027-04-01T18:00", Zone: "America/New_York", Precision: content.PrecisionTime}
	week := content.When{Start: "2027-03-12T09:00", End: "2027-03-15T18:00", Zone: "America/New_York", Precision: content.PrecisionTime}
	autumn := content.When{Start: "2027-10-30T20:00", End: "2027-10-31T06:00", Zone: "Europe/Berlin", Precision: content.PrecisionTime}
	days := content.When{Start: "2027-04-01T00:00", End: "2027-04-03T00:00", Zone: "Africa/Nairobi", Precision: content.PrecisionDay}
	for _, x := range []struct {
		name     string
		when     content.When
		sessions []Session
		want     []string
	}{
		{"one after the other", day, []Session{speaks(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "mora"), speaks(at("b", "2027-04-01T10:00", "2027-04-01T11:00"), "mora")}, nil},
		{"a speaker in parallel tracks", day, []Session{
			in(speaks(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "mora"), "Room 1", "A"), in(speaks(at("b", "2027-04-01T09:30", "2027-04-01T10:30"), "mora"), "Room 2", "B"),
		}, []string{"sessions.b.people.mora.person two_places_at_once > sessions.a"}},
		{"three at once are told of each other", day, []Session{
			speaks(at("a", "2027-04-01T09:00", "2027-04-01T12:00"), "mora"), speaks(at("b", "2027-04-01T09:30", "2027-04-01T10:30"), "mora"), speaks(at("c", "2027-04-01T10:00", "2027-04-01T11:00"), "mora"),
		}, []string{"sessions.b.people.mora.person two_places_at_once > sessions.a", "sessions.c.people.mora.person two_places_at_once > sessions.a", "sessions.c.people.mora.person two_places_at_once > sessions.b"}},
		{"listed in another order than by time", day, []Session{
			speaks(at("a", "2027-04-01T10:00", "2027-04-01T12:00"), "mora"), speaks(at("b", "2027-04-01T09:30", "2027-04-01T10:30"), "mora"),
		}, []string{"sessions.b.people.mora.person two_places_at_once > sessions.a"}},
		{"no ends, and the same start", day, []Session{speaks(at("a", "2027-04-01T09:00", ""), "mora"), speaks(at("b", "2027-04-01T09:00", ""), "mora")},
			[]string{"sessions.b.people.mora.person two_places_at_once > sessions.a"}},
		{"no end, within another", day, []Session{speaks(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "mora"), speaks(at("b", "2027-04-01T09:59", ""), "mora")},
			[]string{"sessions.b.people.mora.person two_places_at_once > sessions.a"}},
		{"no end, when another ends", day, []Session{speaks(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "mora"), speaks(at("b", "2027-04-01T10:00", ""), "mora")}, nil},
		{"to be determined", day, []Session{speaks(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "mora"), tbd(speaks(at("b", "2027-04-01T09:00", "2027-04-01T10:00"), "mora")), tbd(at("c", "2027-04-09T09:00", "2027-04-01T10:00"))}, nil},
		{"a break is for everyone", day, []Session{in(speaks(at("a", "2027-04-01T09:00", "2027-04-01T12:00"), "mora"), "Hall", "A"), in(of(speaks(at("b", "2027-04-01T10:00", "2027-04-01T10:30"), "mora"), "break"), "Hall", "A")}, nil},
		{"parallel, naming neither room nor track", day, []Session{of(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "parallel"), of(at("b", "2027-04-01T09:00", "2027-04-01T10:00"), "parallel")}, nil},
		{"parallel, in the same room", day, []Session{in(of(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "parallel"), "Room 1", ""), in(of(at("b", "2027-04-01T09:00", "2027-04-01T10:00"), "parallel"), " room  1", "")},
			[]string{"sessions.b.room room_taken > sessions.a"}},
		{"the same track", day, []Session{in(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "", "Land"), in(at("b", "2027-04-01T09:30", "2027-04-01T10:30"), "", "Land"), in(at("c", "2027-04-01T09:30", "2027-04-01T10:30"), "", "Water")},
			[]string{"sessions.b.track track_taken > sessions.a"}},
		{"the same track in the same room is told once", day, []Session{in(at("a", "2027-04-01T09:00", "2027-04-01T10:00"), "1", "Land"), in(at("b", "2027-04-01T09:30", "2027-04-01T10:30"), "1", "Land")},
			[]string{"sessions.b.room room_taken > sessions.a"}},
		{"across midnight", week, []Session{speaks(at("a", "2027-03-12T23:00", "2027-03-13T00:30"), "mora"), speaks(at("b", "2027-03-13T00:15", "2027-03-13T01:00"), "mora"), speaks(at("c", "2027-03-12T00:15", "2027-03-12T01:00"), "mora")},
			[]string{"sessions.c.slot outside_event", "sessions.b.people.mora.person two_places_at_once > sessions.a"}},
		{"the same hours of other days", week, []Session{speaks(at("a", "2027-03-12T10:00", "2027-03-12T11:00"), "mora"), speaks(at("b", "2027-03-13T10:00", "2027-03-13T11:00"), "mora")}, nil},
		{"in the missing hour", week, []Session{at("a", "2027-03-14T02:30", "2027-03-14T03:30"), at("b", "2027-03-14T01:00", "2027-03-14T02:00"), at("c", "2027-03-14T01:00", "2027-03-14T03:00")},
			[]string{"sessions.a.slot no_such_time!", "sessions.b.slot no_such_time!"}},
		{"in the doubled hour", autumn, []Session{at("a", "2027-10-31T01:00", "2027-10-31T02:30"), at("b", "2027-10-31T02:00", "2027-10-31T04:00"), at("c", "2027-10-31T03:00", "2027-10-31T04:00")},
			[]string{"sessions.a.slot twice_time!", "sessions.b.slot twice_time!"}},
		{"ends before it starts", day, []Session{at("a", "2027-04-01T10:00", "2027-04-01T09:00")}, []string{"sessions.a.slot end_before_start!"}},
		{"on one of several days", days, []Session{at("a", "2027-04-01T00:00", "2027-04-01T01:00"), at("b", "2027-04-03T22:00", "2027-04-04T00:00"), at("c", "2027-04-03T22:00", "2027-04-04T00:01"), at("d", "2027-03-31T23:59", "")},
			[]string{"sessions.c.slot outside_event", "sessions.d.slot outside_event"}},
	} {
		e := honest()
		e.When, e.Sessions = x.when, x.sessions
		var got []string
		for _, p := range e.Conflicts("en") {
			s := tell([]content.Problem{p})[0]
			if len(p.With) > 0 {
				s += " > " + strings.Join(p.With, " ")
			}
			got = append(got, s)
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s:\n got  %q\n want %q", x.name, got, x.want)
		}
	}
}

// TestReplacedSpeakers: who comes instead is there, who was replaced is not, and who has two roles in a session is one person.
func TestReplacedSpeakers(t *testing.T) {
	e := honest()
	slot := content.Slot{Start: "2027-04-01T20:30", End: "2027-04-01T21:00"}
	e.Sessions = []Session{
		{Item: item("a"), Title: content.L("en", "A"), Kind: "panel", Slot: slot, People: []PersonRole{{Item: item("p"), Person: "mora", ReplacedBy: "otieno", Status: "replaced"}}},
		{Item: item("b"), Title: content.L("en", "B"), Kind: "panel", Slot: slot, People: []PersonRole{{Item: item("p"), Person: "mora"}, {Item: item("q"), Person: "otieno"}, {Item: item("r"), Person: "otieno"}}},
		{Item: item("c"), Title: content.L("en", "C"), Kind: "panel", Slot: slot, People: []PersonRole{{Item: item("p"), Person: "lee", ReplacedBy: "mora", Status: "replaced"}, {Item: item("q"), Person: "otieno", Status: "cancelled"}}},
	}
	want := []string{"sessions.b.people.q.person two_places_at_once", "sessions.c.people.p.replaced_by two_places_at_once"}
	if got := tell(e.Conflicts("en")); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestRealign: an event that was moved says by how much its programme stayed behind.
func TestRealign(t *testing.T) {
	at := func(from, to string) Session {
		return Session{Kind: "panel", Slot: content.Slot{Start: content.LocalTime(from), End: content.LocalTime(to)}}
	}
	timed := func(from, to string) content.When {
		return content.When{Start: content.LocalTime(from), End: content.LocalTime(to), Zone: "America/New_York", Precision: content.PrecisionTime}
	}
	morning := []Session{at("2027-04-01T09:00", "2027-04-01T10:00"), at("2027-04-01T10:00", "2027-04-01T12:00")}
	later := []Session{at("2027-04-01T09:30", "2027-04-01T10:00"), at("2027-04-01T10:00", "2027-04-01T12:00")}
	for _, x := range []struct {
		name           string
		when, previous content.When
		sessions       []Session
		want           int
	}{
		{"as it was", timed("2027-04-01T09:00", "2027-04-01T12:00"), content.When{}, morning, 0},
		{"in the afternoon", timed("2027-04-01T14:30", "2027-04-01T17:30"), content.When{}, morning, 330},
		{"earlier", timed("2027-04-01T08:00", "2027-04-01T11:00"), content.When{}, morning, -60},
		{"the day before", timed("2027-03-31T09:00", "2027-03-31T12:00"), content.When{}, morning, -1440},
		{"across the change of the clock, by the wall", timed("2027-03-12T09:00", "2027-03-12T12:00"), content.When{}, morning, -20 * 1440},
		{"where it was is known", timed("2027-04-02T09:00", "2027-04-02T12:00"), timed("2027-04-01T09:00", "2027-04-01T12:00"), later, 1440},
		{"where it was before that does not help", timed("2027-04-02T09:00", "2027-04-02T12:00"), timed("2026-01-01T09:00", "2026-01-01T12:00"), morning, 1440},
		{"too short now", timed("2027-04-01T14:00", "2027-04-01T15:00"), content.When{}, morning, 0},
		{"days", content.When{Start: "2027-05-01T00:00", End: "2027-05-02T00:00", Zone: "Africa/Nairobi", Precision: content.PrecisionDay}, content.When{}, morning, 30 * 1440},
		{"date to be fixed", content.When{Precision: content.PrecisionTBD}, content.When{}, morning, 0},
		{"nothing in it", timed("2027-04-01T14:00", "2027-04-01T15:00"), content.When{}, nil, 0},
		{"into the missing hour", timed("2027-03-14T02:30", "2027-03-14T12:00"), content.When{}, morning, 0},
	} {
		e := &Event{When: x.when, Previous: x.previous, Sessions: append(slices.Clone(x.sessions), Session{Kind: "panel", TBD: true, Slot: content.Slot{Start: "2020-01-01T09:00"}})}
		if got := e.Realign(); got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
}

// TestConflictsOfALargeProgramme: a programme that is all at once does not bury the editor.
func TestConflictsOfALargeProgramme(t *testing.T) {
	e := honest()
	for range 300 {
		e.Sessions = append(e.Sessions, Session{Item: item(content.NewItemID()), Title: content.L("en", "A"), Kind: "panel", Room: content.L("en", "Room 1"),
			Slot: content.Slot{Start: "2027-04-01T20:30", End: "2027-04-01T21:00"}})
	}
	if got := len(e.Conflicts("en")); got < 299 || got > 300*manyAtOnce {
		t.Errorf("%d", got)
	}
}
