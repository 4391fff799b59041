package content

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// TestADayBeginsWhenItBegins looks at every zone we offer around every change of its clock: the first instant of a day is
// in that day, and no instant before it is.
func TestADayBeginsWhenItBegins(t *testing.T) {
	changes, midnight := 0, 0
	for _, name := range i18n.Zones() {
		zone := Zone(name)
		for at := time.Date(2012, 1, 1, 0, 0, 0, 0, zone); ; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.Year() > 2032 {
				break
			}
			changes++
			for d := -1; d <= 1; d++ {
				wall := next.Add(-time.Minute).AddDate(0, 0, d)
				y, m, day := wall.Date()
				w := When{Start: LocalTime(wall.Format(wallLayout)), Zone: name, Precision: PrecisionDay}
				got := w.Starts()
				if gy, gm, gd := got.Date(); gy != y || gm != m || gd != day {
					t.Fatalf("%s: the day %s begins on %s", name, wall.Format(time.DateOnly), got)
				}
				if gy, gm, gd := got.Add(-time.Second).Date(); gy == y && gm == m && gd == day {
					t.Fatalf("%s: %s is not the first instant of its day", name, got)
				}
				if got.Hour() != 0 {
					midnight++
				}
				if end := w.Ends(); !end.After(got) || end.Sub(got) > 25*time.Hour || end.Add(-time.Second).Day() != day {
					t.Fatalf("%s: the day that begins at %s ends at %s", name, got, end)
				}
			}
			at = next
		}
	}
	if changes < 1000 || midnight == 0 {
		t.Errorf("looked at %d changes of the clock, %d at midnight: too few to mean something", changes, midnight)
	}
}

// TestWallTimesOfEveryZone asks about the quarters of an hour around every change of the clock in every zone we offer, and counts
// the instants at which a clock there shows them.
func TestWallTimesOfEveryZone(t *testing.T) {
	var missing, twice int
	for _, name := range append(i18n.Zones(), "Antarctica/Troll") {
		zone := Zone(name)
		for at := time.Date(2024, 1, 1, 0, 0, 0, 0, zone); ; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.Year() > 2026 {
				break
			}
			at = next
			shown := map[string]int{}
			for d := -12 * time.Hour; d <= 12*time.Hour; d += 15 * time.Minute {
				shown[next.Add(d).Format(wallLayout)]++
			}
			wall, _ := time.Parse(wallLayout, next.Format(wallLayout))
			for d := -5 * time.Hour; d <= 5*time.Hour; d += 15 * time.Minute {
				w := wall.Add(d).Format(wallLayout)
				want := map[int]error{0: ErrNoSuchTime, 1: nil, 2: ErrTwiceTime}[shown[w]]
				if want == ErrNoSuchTime {
					missing++
				} else if want != nil {
					twice++
				}
				if got := CheckWall(LocalTime(w), zone); got != want {
					t.Fatalf("%s %s, shown %d times: %v, want %v", name, w, shown[w], got, want)
				}
			}
		}
	}
	if missing < 100 || twice < 100 {
		t.Errorf("%d times that are not there, %d that come twice: too few to mean something", missing, twice)
	}
}

func TestDaysAndMonthsDoNotMindTheHour(t *testing.T) {
	for _, x := range []struct{ precision, start, end, from, to string }{
		{PrecisionDay, "2026-07-01T14:30", "", "2026-07-01T00:00:00+03:00", "2026-07-02T00:00:00+03:00"},
		{PrecisionDay, "2026-07-01T14:30", "2026-07-03T09:00", "2026-07-01T00:00:00+03:00", "2026-07-04T00:00:00+03:00"},
		{PrecisionMonth, "2026-12-17T14:30", "", "2026-12-01T00:00:00+03:00", "2027-01-01T00:00:00+03:00"},
		{PrecisionTime, "2026-07-01T14:30", "2026-07-01T16:00", "2026-07-01T14:30:00+03:00", "2026-07-01T16:00:00+03:00"},
	} {
		w := When{Start: LocalTime(x.start), End: LocalTime(x.end), Zone: "Africa/Nairobi", Precision: x.precision}
		if from, to := w.Starts().Format(time.RFC3339), w.Ends().Format(time.RFC3339); from != x.from || to != x.to {
			t.Errorf("%s %s: %s to %s, want %s to %s", x.precision, x.start, from, to, x.from, x.to)
		}
	}
}

// What is read past the decoder is what the decoder would have read.
func FuzzReadLeaves(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b"}`, `{"a":{"t":"w","of":["x","y"]},"l":["k1","k2"],"n":1.5,"t":true}`, `{"a":"\"","b":"\\"}`, `{"a":[{"b":"}"}]}`,
		`{"a":1}{`, `{"a"}`, `{"a":}`, `{"a":"b",}`, `{"é":{"t":"\u003c"}}`, ` {"a":1}`, `{"a":{"t":"x","how":"machine"}}`, `{"a":{"t":"x","of":[]}}`, `{"a":"b" }`, `{"a": "b","c":1 ,"d":2}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		var want Leaves
		if !utf8.ValidString(doc) || json.Unmarshal([]byte(doc), &want) != nil || want == nil { // the databases hold UTF-8 alone
			return
		}
		got, err := readLeaves(doc)
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q\ngot  %s\nwant %s", doc, got, want)
		}
		for path, raw := range want {
			var text Text
			slow := json.Unmarshal(raw, &text)
			fast, err := readText(raw)
			if (err == nil) != (slow == nil) || err == nil && !reflect.DeepEqual(fast, text) {
				t.Fatalf("%s of %q: %+v %v, want %+v %v", path, doc, fast, err, text, slow)
			}
			var list []string
			slow = json.Unmarshal(raw, &list)
			if ids, err := ItemIDs(raw); (err == nil) != (slow == nil) || err == nil && !reflect.DeepEqual(ids, list) {
				t.Fatalf("%s of %q: %q %v, want %q %v", path, doc, ids, err, list, slow)
			}
		}
	})
}
