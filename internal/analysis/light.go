package analysis

import (
	"bufio"
	_ "embed"
	"strings"
	"sync"

	"plenary/internal/i18n"
)

// lightWords need not be in a text that is found by others beside them. Folded.
var lightWords = map[i18n.Locale]string{
	i18n.AR: "في من الي علي عن مع هذا هذه ذلك التي الذي ان او ثم ما لا قد كان هو هي بين كل و ب ل",
	i18n.EN: "a an and are as at be by for from has in is it its of on or that the this to was were which will with s",
	i18n.FR: "a au aux ce ces cette c d dans de des du elle en et est il ils j l la le les leur lui m n ne ou par pas pour qu que qui s sa se ses son sont sur t un une y",
	i18n.ES: "a al como con de del e el en es esta este ha la las lo los o para pero por que se sin sobre su sus u un una y",
	i18n.PT: "a ao aos as com como da das de do dos e em entre esta este foi na nas no nos o os ou para pela pelo por que se sem sobre sua seu um uma",
	i18n.RU: "а без в во для до и из или к как ко на над не но о об от по под при с со так то что это у же за",
	i18n.SW: "cha kwa la na ni pa vya wa ya za katika kuhusu au kama hii hiyo huo",
}

var light = sync.OnceValue(func() map[i18n.Locale]map[string]bool {
	out := map[i18n.Locale]map[string]bool{}
	for l, words := range lightWords {
		out[l] = map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			out[l][w] = true
		}
	}
	return out
})

// Light reports whether a folded word carries so little that a text need not have it.
func Light(l i18n.Locale, word string) bool { return light()[l][word] }

// alike.txt holds words that stand for the same, a group a line behind its language.
//
//go:embed alike.txt
var alikeLines string

var alikes = sync.OnceValue(func() map[i18n.Locale]map[string][]string {
	out := map[i18n.Locale]map[string][]string{}
	for _, l := range i18n.All {
		out[l] = map[string][]string{}
	}
	for lines := bufio.NewScanner(strings.NewReader(alikeLines)); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		which, group, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		var words []string
		for w := range strings.SplitSeq(group, "=") {
			words = append(words, strings.TrimSpace(w))
		}
		in := i18n.All
		if which != "*" {
			in = []i18n.Locale{i18n.Locale(which)}
		}
		for _, l := range in {
			for _, w := range words {
				tokens, _ := Tokens(l, w, 0)
				key := alikeKey(l, phraseUnits(tokens))
				for _, other := range words {
					if other != w {
						out[l][key] = append(out[l][key], other)
					}
				}
			}
		}
	}
	return out
})

// alikeKey is what words are looked up by: a single one by its stem.
func alikeKey(l i18n.Locale, units []Unit) string {
	if len(units) == 1 {
		return Stem(l, units[0].Term)
	}
	return joined(units)
}

func alike(l i18n.Locale) map[string][]string { return alikes()[l] }
