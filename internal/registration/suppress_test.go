package registration

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// alternatives finds, by trying all, how many values a number that is few could have for somebody who knows the sum, the
// numbers that are told, and the rule.
func alternatives(ns []int, out []Figure, least, of int) int {
	sum := 0
	var unknown []int
	for i, f := range out {
		if !f.Told() {
			sum, unknown = sum+ns[i], append(unknown, i)
		}
	}
	possible := map[int]bool{}
	var try func(at, left, value int)
	try = func(at, left, value int) {
		if at == len(unknown) {
			if left == 0 {
				possible[value] = true
			}
			return
		}
		i := unknown[at]
		from, to := least, min(left, Few-1)
		if out[i].Withheld {
			from, to = Few, left
		}
		for v := from; v <= to; v++ {
			if i == of {
				value = v
			}
			try(at+1, left-v, value)
		}
	}
	try(0, sum, -1)
	return len(possible)
}

// No number below five can be worked out from the others and their sum.
func TestSmallNumbersStaySecret(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	withheld := 0
	for range 4000 {
		least := r.IntN(2)
		ns := make([]int, 1+r.IntN(5))
		for i := range ns {
			ns[i] = least + r.IntN(9)
		}
		out := suppress(ns, least)
		all := true
		for _, f := range out {
			all = all && f.Withheld
		}
		for i, f := range out {
			if f.Told() && (f.N != ns[i] || f.N < Few) {
				t.Fatalf("%v tells %v", ns, out)
			}
			if !f.Told() && f.N != 0 {
				t.Fatalf("%v carries what it does not tell: %v", ns, out)
			}
			if f.Few && alternatives(ns, out, least, i) < 2 {
				t.Fatalf("%v, of at least %d, is told as %v: %d can be worked out", ns, least, out, ns[i])
			}
			if f.Withheld && !all {
				withheld++
			}
		}
	}
	if withheld == 0 {
		t.Error("nothing was ever withheld")
	}
	for _, x := range []struct {
		ns   []int
		want string
	}{{[]int{9, 8, 7}, "987"}, {[]int{9, 3, 7}, "9fw"}, {[]int{3, 3, 9}, "ff9"}, {[]int{1, 1, 9}, "ffw"}, {[]int{4}, "w"}, {[]int{4, 4, 8}, "ffw"}} {
		got := ""
		for _, f := range suppress(x.ns, 1) {
			switch {
			case f.Few:
				got += "f"
			case f.Withheld:
				got += "w"
			default:
				got += string(rune('0' + f.N))
			}
		}
		if got != x.want {
			t.Errorf("%v: %s, want %s", x.ns, got, x.want)
		}
	}
}

// Of a survey's answers none that is small can be worked out by how many have answered.
func TestSmallAnswersStaySecret(t *testing.T) {
	for _, x := range []struct {
		kind     string
		answered int
		ns       []int
		want     string
	}{{Choice, 28, []int{20, 4, 4}, "wff"}, {Scale, 28, []int{20, 4, 4, 0, 0}, "20ffff"}, {Scale, 20, []int{20, 0, 0, 0, 0}, "wffff"}, {Choice, 15, []int{8, 7}, "87"}, {Choice, 12, []int{9, 3}, "wf"},
		{Choices, 28, []int{20, 4, 4}, "wff"}, {Choices, 20, []int{20, 4, 4}, "20ff"}, {Choices, 20, []int{20, 9, 4}, "20wf"}, {Choices, 8, []int{4, 4}, "ww"}, {Choices, 20, []int{20, 9}, "209"}} {
		r := Result{SurveyQuestion: SurveyQuestion{Type: x.kind}, Answered: x.answered}
		for i, n := range x.ns {
			r.Bars = append(r.Bars, Bar{Value: strconv.Itoa(i + 1), N: n})
		}
		r.suppress()
		got := ""
		for _, b := range r.Bars {
			switch {
			case b.Few:
				got += "f"
			case b.Withheld:
				got += "w"
			default:
				got += strconv.Itoa(b.N)
			}
			if (b.Few || b.Withheld) && b.N != 0 {
				t.Errorf("%+v carries what it hides: %+v", x, r.Bars)
			}
		}
		if got != x.want {
			t.Errorf("%s of %d, %v: %s, want %s", x.kind, x.answered, x.ns, got, x.want)
		}
	}
}
