package analysis

import "unicode/utf8"

// Slips is how many slips of typing are forgiven in a word: none in short ones, which are near too many others.
func Slips(word string) int {
	for i := range len(word) {
		if word[i] >= '0' && word[i] <= '9' {
			return 0 // one number is not another
		}
	}
	switch n := utf8.RuneCountInString(word); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// Distance is how many letters are missing, too many, wrong, or changed places between a and b; more than most is most+1.
// Its time is that of the shorter word times most.
func Distance(a, b string, most int) int {
	var bufA, bufB [LongestTerm]rune
	x, y := runes(bufA[:0], a), runes(bufB[:0], b)
	if d := len(x) - len(y); d > most || -d > most {
		return most + 1
	}
	var rows [3][LongestTerm + 1]int
	before, last, now := rows[0][:], rows[1][:], rows[2][:]
	for j := range len(y) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			if j < i-most-1 || j > i+most+1 {
				now[j] = most + 1
				continue
			}
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return min(last[len(y)], most+1)
}

func runes(to []rune, s string) []rune {
	for _, r := range s {
		if len(to) == LongestTerm {
			break
		}
		to = append(to, r)
	}
	return to
}
