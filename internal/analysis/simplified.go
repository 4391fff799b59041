package analysis

import (
	_ "embed"
	"strings"
	"sync"
)

// simplified.txt holds traditional signs, each with its simplified one behind it: TSCharacters of OpenCC
// (https://github.com/BYVoid/OpenCC), Apache License 2.0, of which a sign's first choice is taken.
//
//go:embed simplified.txt
var simplifiedPairs string

// simplified gives the simplified sign of traditional ones.
var simplified = sync.OnceValue(func() map[rune]rune {
	out := map[rune]rune{}
	for line := range strings.Lines(simplifiedPairs) {
		all := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(all); i += 2 {
			out[all[i]] = all[i+1]
		}
	}
	return out
})
