package content

import "testing"

func TestTimesFromTheBeginning(t *testing.T) {
	for s, want := range map[string]int{"0:00": 0, "2:30": 150, "02:30": 150, "1:02:30": 3750, "99:59:59": 359999, "": -1, "90": -1, "1:2": -1, "0:60": -1, "1:60:00": -1, "100:00:00": -1,
		"-1:00": -1, "1:00 ": -1, "1:02:03:04": -1} {
		if got := Offset(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
	for _, n := range []int{0, 59, 60, 3599, 3600, 359999} {
		if s := FormatOffset(n); Offset(s) != n {
			t.Errorf("%d is written %q", n, s)
		}
	}
}
