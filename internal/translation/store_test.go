package translation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"plenary/internal/apptest"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
)

var ctx = context.Background()

// A memory of PLENARY_TEST_MEMORY units (2,000 if that is not set) finds a text that differs in a word, and the same text, at once.
func TestMatchesInALargeMemory(t *testing.T) {
	most := 2000
	if n, err := strconv.Atoi(os.Getenv("PLENARY_TEST_MEMORY")); err == nil {
		most = n
	}
	p := apptest.Start(t)
	r := rand.New(rand.NewPCG(5, 6))
	common := strings.Fields("the of and to a in for on with by from at this that are was will be as an it participants countries data meeting statistics development regional commission experts session report draft")
	sentence := func() string {
		words := make([]string, 10+r.IntN(30))
		for i := range words {
			if words[i] = common[r.IntN(len(common))]; r.IntN(3) == 0 {
				words[i] = "w" + strconv.Itoa(r.IntN(20_000))
			}
		}
		return strings.Join(words, " ") + "."
	}
	pairs := make([]exchange.Pair, most)
	for i := range pairs {
		pairs[i] = exchange.Pair{From: i18n.EN, To: i18n.FR, Source: exchange.Line(sentence()), Target: exchange.Line(fmt.Sprint("traduction ", i))}
	}
	began := time.Now()
	n, err := p.Translation.Remember(ctx, apptest.System, "x.tmx", pairs)
	if err != nil || n != most {
		t.Fatal(n, err)
	}
	t.Logf("%d units remembered in %v", most, time.Since(began))
	if n, err := p.Translation.Remember(ctx, apptest.System, "x.tmx", pairs[:10]); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	slowest := time.Duration(0)
	for range 40 {
		i := r.IntN(most)
		words := strings.Fields(pairs[i].Source.Plain())
		exact := r.IntN(2) == 0
		if !exact {
			words[r.IntN(len(words))] = "another"
		}
		began := time.Now()
		all, err := p.Translation.Matches(ctx, apptest.System, i18n.EN, i18n.FR, exchange.Line(strings.Join(words, " ")), 5)
		slowest = max(slowest, time.Since(began))
		if err != nil || len(all) == 0 || all[0].Target.String() != pairs[i].Target.String() || exact != (all[0].Score == 100) {
			t.Fatalf("%q: %v %+v", strings.Join(words, " "), err, all)
		}
	}
	t.Logf("the slowest answer took %v", slowest)
	if slowest > 2*time.Second {
		t.Errorf("the slowest answer took %v", slowest)
	}
	if all, err := p.Translation.Matches(ctx, apptest.System, i18n.FR, i18n.EN, pairs[0].Source, 5); err != nil || len(all) != 0 {
		t.Errorf("another pair of languages: %v %v", all, err)
	}
}
