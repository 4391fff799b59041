package registration

import "testing"

// From how many countries people came is told only where it says of no country that somebody came whose number is not told.
func TestCountriesTold(t *testing.T) {
	for _, c := range []struct {
		ns   []int
		want int
	}{
		{nil, 0}, {[]int{8, 7}, 2},
		{[]int{20, 9, 8, 3, 2, 0}, 5}, // of three one sent nobody, and nobody knows which
		{[]int{20, 9, 8, 3, 2}, 0},    // all: each of the few is known to have come
		{[]int{20, 9, 0, 0}, 0},       // none of the few
		{[]int{9, 1, 1}, 0},
	} {
		if got := countriesTold(c.ns, suppress(c.ns, 0)); got != c.want {
			t.Errorf("%v: %d, want %d", c.ns, got, c.want)
		}
	}
}
