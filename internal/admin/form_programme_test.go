package admin

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// twoDays is the form of an event with tracks, a night and a session without a time.
func twoDays(t *testing.T, panel, lang i18n.Locale) *entryForm {
	t.Helper()
	f := bare(catalogue(t), kind.EventKind, panel, lang)
	f.stored = content.Parts{content.Facts: {}, "en": {}}
	facts := f.stored[content.Facts]
	facts.Set("when", content.When{Start: "2027-07-01T08:00", End: "2027-07-02T18:00", Zone: "America/New_York", Precision: "time"})
	facts.Set("sessions", []string{"op", "la", "wa", "xx", "cl", "ni", "d2"})
	for id, s := range map[string]content.Slot{
		"op": {Start: "2027-07-01T08:00", End: "2027-07-01T09:00"}, "la": {Start: "2027-07-01T09:00", End: "2027-07-01T10:00"}, "wa": {Start: "2027-07-01T09:00", End: "2027-07-01T10:00"},
		"cl": {Start: "2027-07-01T10:00", End: "2027-07-01T11:00"}, "ni": {Start: "2027-07-01T23:00", End: "2027-07-02T00:30"}, "d2": {Start: "2027-07-02T09:00"},
	} {
		facts.Set("sessions."+id+".slot", s)
	}
	facts.Set("sessions.xx.tbd", true)
	f.stored["en"].SetText("sessions.la.track", content.Text{Words: "Land"})
	f.stored["en"].SetText("sessions.wa.track", content.Text{Words: "Water"})
	f.fill(f.stored)
	return f
}

// times gives the sessions in their order, each with its time as it would be saved.
func times(f *entryForm) string {
	parts := f.read()
	var out []string
	for _, id := range f.itemOrder("sessions") {
		s := readJSON[content.Slot](parts[content.Facts]["sessions."+id+".slot"])
		out = append(out, id+" "+strings.TrimPrefix(string(s.Start), "2027-07-")+"-"+strings.TrimPrefix(string(s.End), "2027-07-"))
	}
	return strings.Join(out, ", ")
}

func TestShift(t *testing.T) {
	const before = "op 01T08:00-01T09:00, la 01T09:00-01T10:00, wa 01T09:00-01T10:00, xx -, cl 01T10:00-01T11:00, ni 01T23:00-02T00:30, d2 02T09:00-"
	f := twoDays(t, "en", "en")
	if got := times(f); got != before {
		t.Fatal(got)
	}
	for _, x := range []struct{ name, item, which, by, want string }{
		{"one", "op", "one", "-30", "op 01T07:30-01T08:30, la 01T09:00-01T10:00, wa 01T09:00-01T10:00, xx -, cl 01T10:00-01T11:00, ni 01T23:00-02T00:30, d2 02T09:00-"},
		{"one, past others", "op", "one", "90", "la 01T09:00-01T10:00, wa 01T09:00-01T10:00, op 01T09:30-01T10:30, xx -, cl 01T10:00-01T11:00, ni 01T23:00-02T00:30, d2 02T09:00-"},
		{"what has no track delays all that follows on its day", "op", "day", "15", "op 01T08:15-01T09:15, la 01T09:15-01T10:15, wa 01T09:15-01T10:15, xx -, cl 01T10:15-01T11:15, ni 01T23:15-02T00:45, d2 02T09:00-"},
		{"a track delays itself alone", "wa", "day", "15", "op 01T08:00-01T09:00, la 01T09:00-01T10:00, wa 01T09:15-01T10:15, xx -, cl 01T10:00-01T11:00, ni 01T23:00-02T00:30, d2 02T09:00-"},
		{"what comes before stays", "cl", "day", "60", "op 01T08:00-01T09:00, la 01T09:00-01T10:00, wa 01T09:00-01T10:00, xx -, cl 01T11:00-01T12:00, ni 02T00:00-02T01:30, d2 02T09:00-"},
		{"all, by a day", "d2", "all", "1440", "op 02T08:00-02T09:00, la 02T09:00-02T10:00, wa 02T09:00-02T10:00, xx -, cl 02T10:00-02T11:00, ni 02T23:00-03T00:30, d2 03T09:00-"},
		{"over midnight and back", "ni", "one", "−90", "op 01T08:00-01T09:00, la 01T09:00-01T10:00, wa 01T09:00-01T10:00, xx -, cl 01T10:00-01T11:00, ni 01T21:30-01T23:00, d2 02T09:00-"},
		{"digits and a mark of direction", "op", "one", " \u200e-٣٠ ", "op 01T07:30-01T08:30, la 01T09:00-01T10:00, wa 01T09:00-01T10:00, xx -, cl 01T10:00-01T11:00, ni 01T23:00-02T00:30, d2 02T09:00-"},
	} {
		f := twoDays(t, "en", "en")
		f.Values.Set("shift:by:sessions."+x.item, x.by)
		f.Values.Set("shift:which:sessions."+x.item, x.which)
		if err := f.shift(f.Kind.Field("sessions"), "sessions", x.item); err != nil {
			t.Fatal(err)
		}
		if got := times(f); got != x.want || len(f.problems) > 0 {
			t.Errorf("%s:\n got  %s\n want %s\n %v", x.name, got, x.want, f.problems)
		}
		if len(f.notices) != 1 || f.focus != "item-sessions."+x.item || f.Values.Has("shift:by:sessions."+x.item) {
			t.Errorf("%s: %v %s", x.name, f.notices, f.focus)
		}
	}
}

// TestShiftOfAnyOrder: who did not arrange the programme by time, but by track, keeps that.
func TestShiftOfAnyOrder(t *testing.T) {
	f := twoDays(t, "en", "en")
	f.Values["sessions"] = []string{"", "d2", "wa", "op", "la", "xx", "cl", "ni"}
	f.Values.Set("shift:by:sessions.op", "15")
	if err := f.shift(f.Kind.Field("sessions"), "sessions", "op"); err != nil {
		t.Fatal(err)
	}
	if got := f.itemOrder("sessions"); !slices.Equal(got, []string{"d2", "wa", "op", "la", "xx", "cl", "ni"}) {
		t.Errorf("%q", got)
	}
}

// TestShiftOfATranslation: tracks are those of the original, on any language's page.
func TestShiftOfATranslation(t *testing.T) {
	f := twoDays(t, "ar", "ar")
	f.Values.Set("shift:by:sessions.wa", "10")
	f.Values.Set("shift:which:sessions.wa", "day")
	if err := f.shift(f.Kind.Field("sessions"), "sessions", "wa"); err != nil {
		t.Fatal(err)
	}
	if got := times(f); !strings.Contains(got, "la 01T09:00") || !strings.Contains(got, "wa 01T09:10") || !strings.Contains(got, "cl 01T10:00") {
		t.Error(got)
	}
}

// TestShiftRefused: what cannot be done leaves everything as it was typed, and says so beside its control.
func TestShiftRefused(t *testing.T) {
	for _, x := range []struct{ item, which, by, typed, bad string }{
		{"op", "all", "", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "0", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "a quarter", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "1.5", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "99999999999999999999", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "-5270401", "", "shift:by:sessions.op problem.shift_minutes"},
		{"op", "all", "15", "sessions.cl.slot:start=half past", "sessions.cl.slot:start problem.clock"},
		{"op", "all", "15", "sessions.cl.slot:date=03/04/2027", "sessions.cl.slot:date problem.date_ambiguous"},
		{"op", "all", "5270400", "sessions.cl.slot:date=1 July 2199", "shift:by:sessions.op problem.shift_minutes"},
		{"xx", "one", "15", "", "sessions.xx.slot:start problem.shift_nothing"},
	} {
		f := twoDays(t, "en", "en")
		f.Values.Set("shift:by:sessions."+x.item, x.by)
		f.Values.Set("shift:which:sessions."+x.item, x.which)
		if name, v, ok := strings.Cut(x.typed, "="); ok {
			f.Values.Set(name, v)
		}
		was := maps.Clone(f.Values)
		if err := f.shift(f.Kind.Field("sessions"), "sessions", x.item); err != nil {
			t.Fatal(err)
		}
		var bad []string
		for name, ps := range f.problems {
			for _, p := range ps {
				bad = append(bad, name+" "+p.Key)
			}
		}
		if !slices.Equal(bad, []string{x.bad}) {
			t.Errorf("%q by %q: %q, want %q", x.item, x.by, bad, x.bad)
		}
		if !maps.EqualFunc(was, f.Values, slices.Equal[[]string]) {
			t.Errorf("%q by %q: the form has changed", x.item, x.by)
		}
		if len(f.notices) > 0 {
			t.Errorf("%q by %q: %v", x.item, x.by, f.notices)
		}
	}
	for _, arg := range []string{"", "zz", "op later 15", "op all 15 16 all"} {
		f := twoDays(t, "en", "en")
		if err := f.shift(f.Kind.Field("sessions"), "sessions", arg); err == nil && len(f.problems) == 0 {
			t.Errorf("%q is done", arg)
		}
	}
	f := twoDays(t, "en", "en")
	if err := f.shift(f.Kind.Field("people"), "people", "op"); err == nil {
		t.Errorf("people have no time")
	}
}

// TestMinutesWritten: with their sign, which stays before the figure from right to left too.
func TestMinutesWritten(t *testing.T) {
	for l, want := range map[i18n.Locale]string{"en": "\u200e+90", "ar": "\u2068\u200e−90\u2069"} {
		by := 90
		if l == "ar" {
			by = -90
		}
		if got := bare(catalogue(t), kind.EventKind, l, l).minutes(by); got != want {
			t.Errorf("%s: %q", l, got)
		}
	}
}

// TestConflictsOfWhatIsTyped: what is at odds is told of the form as it stands, readable or not, and goes when it is moved.
func TestConflictsOfWhatIsTyped(t *testing.T) {
	f := twoDays(t, "en", "en")
	f.findConflicts()
	if len(f.atOdds) > 0 || f.realign != 0 {
		t.Fatalf("%v %d", f.atOdds, f.realign)
	}
	f.Values.Set("sessions.wa.track@en", "LAND")
	f.Values.Set("ordinal", "many")
	f.findConflicts()
	if len(f.atOdds) != 1 || f.atOdds[0].Key != "problem.track_taken" || len(f.problems) > 0 {
		t.Fatalf("%v, %v", f.atOdds, f.problems)
	}
	if err := f.shift(f.Kind.Field("sessions"), "sessions", "wa one 60"); err != nil {
		t.Fatal(err)
	}
	f.findConflicts()
	if len(f.atOdds) > 0 {
		t.Errorf("%v", f.atOdds)
	}
	f.Values.Set("when:start_time", "14:00")
	f.Values.Set("when:end_date", "3 July 2027")
	f.findConflicts()
	if f.realign != 360 {
		t.Errorf("%d", f.realign)
	}
}
