package memory

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"plenary/internal/exchange"
	"plenary/internal/i18n"
)

func TestLikeness(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{
		{"Opening the register", "Opening the register", 100}, {"Opening the register", "opening THE Régister", 100},
		{"The fifth meeting on open registers", "The sixth meeting on open registers", 83}, {"one two three", "one two four", 66}, {"a b", "c d", 0},
		{"关于登记册的第五次会议", "关于登记册的第六次会议", 90}, {"", "x", 0},
	} {
		if got := likeness(tokenize(x.a), tokenize(x.b)); got != x.want {
			t.Errorf("%q and %q: %d, want %d", x.a, x.b, got, x.want)
		}
	}
}

// Whatever is alike enough shares one of the words it is found by: no match is lost to the index.
func TestTheIndexFindsWhatIsAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("the a of register meeting open data countries and on 2027 statistics commission . , development for in")
	for range 20_000 {
		a := make([]string, 1+r.IntN(30))
		for i := range a {
			a[i] = words[r.IntN(len(words))]
		}
		b := slices.Clone(a)
		for range r.IntN(len(a)/2 + 1) {
			switch i := r.IntN(len(b)); r.IntN(3) {
			case 0:
				b[i] = words[r.IntN(len(words))]
			case 1:
				b = slices.Insert(b, i, words[r.IntN(len(words))])
			default:
				if len(b) > 1 {
					b = slices.Delete(b, i, i+1)
				}
			}
		}
		if likeness(a, b) < LeastMatch {
			continue
		}
		if n, m := len(a), len(b); m < (n*LeastMatch+99)/100 || m > n*100/LeastMatch {
			t.Fatalf("%d and %d words are looked for apart", n, m)
		}
		x, y := rarest(i18n.EN, i18n.FR, a), rarest(i18n.EN, i18n.FR, b)
		if !slices.ContainsFunc(x, func(w int64) bool { return slices.Contains(y, w) }) {
			t.Fatalf("%q\n%q are %d%% alike and share no word of the index", a, b, likeness(a, b))
		}
	}
}

// A mark that nobody sees makes no other name: a file with one says of the term what a file without it says.
func TestReviewOfTermsReadsNamesAsTheyAreKept(t *testing.T) {
	names := func(name string) []exchange.TermName {
		return []exchange.TermName{{Locale: i18n.EN, Name: name, Status: exchange.Preferred}, {Locale: i18n.FR, Name: "registre", Status: exchange.Preferred}}
	}
	file := []exchange.Term{{Names: names("\u202eregister")}}
	lines := reviewTerms([]Term{{Term: exchange.Term{ID: "a", Names: names("register")}}}, file)
	if l := lines[0]; l.Fate != TermSame || l.Here == nil || l.Here.ID != "a" || len(l.Problems) > 0 {
		t.Errorf("%+v", l)
	}
	if file[0].Names[0].Name != "\u202eregister" {
		t.Error("what was read has been changed")
	}
}
