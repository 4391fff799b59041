package content

import (
	"unicode"

	"plenary/internal/i18n"
)

// UnitState is how far the translation of one unit is.
type UnitState string

// The states of units.
const (
	UnitMissing  UnitState = "missing"  // not translated
	UnitOutdated UnitState = "outdated" // translated, and the source says something else since
	UnitCurrent  UnitState = "current"  // translated from what the source says, or by somebody who vouches for nothing
)

// Pair is a unit of the source beside its translation.
type Pair struct {
	Path  string // of the leaf, with the ids of items
	Field *Field
	Index int // number of the block in prose, from 0; 0 for a line
	// Source and Target are plain words for a line and the HTML of a block for prose. Target is "" where the unit is missing,
	// and where the translator has put two blocks into one: State says which.
	Source, Target string
	Hash           string // of the source, as Units has it
	State          UnitState
	// Was is the hash of the unit that an outdated translation was made from. See Units.
	Was string
	// Moved says that the unit is outdated by its place alone.
	Moved bool
}

// Pairs puts the units of one language beside those of another, in the order of the form: the words that readers see of items
// that are listed in the facts. parts are any parts of an entry, as those that are public, or what somebody has typed. from is
// taken for the language that translations were made from unless their stamps name another.
//
// Blocks of prose are aligned by the stamp where it tells which was made from which, else by their position. Blocks of the
// translation that have no source any more are in no pair.
func (k *Kind) Pairs(parts Parts, from, to i18n.Locale) []Pair {
	var out []Pair
	source, target := parts[Part(from)], parts[Part(to)]
	k.eachLeaf(parts[Facts], func(path string, f *Field) {
		words := source.Text(path)
		if words.Words == "" {
			return
		}
		t := target.Text(path)
		if t.From != "" && t.From != from {
			t.Of = nil // it tells nothing of this source
		}
		out = append(out, pairsOf(path, f, words, t)...)
	})
	return out
}

// eachLeaf calls f for the leaves of words that readers can see, in the order of the form, with those of each item together.
func (k *Kind) eachLeaf(facts Leaves, f func(path string, field *Field)) {
	var walk func(fields []*Field, prefix string)
	walk = func(fields []*Field, prefix string) {
		for _, x := range fields {
			path := prefix + x.Name
			switch {
			case x.Staff:
			case x.Text():
				f(path, x)
			case x.Type == TypeGroup:
				walk(x.Fields, path+".")
			case x.Type == TypeList:
				ids, _ := ItemIDs(facts[path])
				for _, id := range ids {
					walk(x.Fields, path+"."+id+".")
				}
			}
		}
	}
	walk(k.Fields, "")
}

// pieces are what Units hashes, one by one.
func pieces(t Type, words string) []string {
	switch {
	case words == "":
		return nil
	case t == TypeLine:
		return []string{words}
	}
	return Blocks(words)
}

// pairsOf are the pairs of one leaf.
func pairsOf(path string, f *Field, source, target Text) []Pair {
	from, to := pieces(f.Type, source.Words), pieces(f.Type, target.Words)
	now := Units(f.Type, source.Words)
	at, was := align(now, target.Of, source)
	out := make([]Pair, len(from))
	for i := range from {
		p := Pair{Path: path, Field: f, Index: i, Source: from[i], Hash: now[i], State: UnitCurrent}
		j := i // where the stamp tells nothing
		switch {
		case target.Words == "":
			p.State = UnitMissing
		case len(target.Of) > 0:
			j = at[i]
			if was[i] != "" {
				p.State, p.Was, p.Moved = UnitOutdated, was[i], source.alike(now[i], was[i])
			} else if j < 0 {
				p.State = UnitMissing
			}
		}
		if len(target.Of) > 0 && len(target.Of) != len(to) && p.State != UnitMissing {
			j = i // the translator has joined or parted blocks
		}
		if j >= 0 && j < len(to) && p.State != UnitMissing {
			p.Target = to[j]
		}
		out[i] = p
	}
	if f.Type == TypeLine && target.Words != "" {
		out[0].Target = to[0]
	}
	return out
}

// alignMost bounds the work of aligning: beyond it, position decides.
const alignMost = 1 << 20

// align finds for each unit of the source the one that a translation was made from: at is its number, -1 where there is
// none. was is the hash of what it says no longer: a changed unit lies between the same neighbours as the old one, and one that
// was only moved has its own.
func align(now, of []string, source Text) (at []int, was []string) {
	at, was = make([]int, len(now)), make([]string, len(now))
	for i := range at {
		at[i] = -1
	}
	alike := func(i, j int) bool { return source.alike(now[i], of[j]) }
	lo, hi := 0, 0 // what is the same at both ends
	for lo < len(now) && lo < len(of) && alike(lo, lo) {
		at[lo] = lo
		lo++
	}
	for hi < len(now)-lo && hi < len(of)-lo && alike(len(now)-1-hi, len(of)-1-hi) {
		at[len(now)-1-hi] = len(of) - 1 - hi
		hi++
	}
	if n, m := len(now)-hi, len(of)-hi; (n-lo+1)*(m-lo+1) <= alignMost {
		// The longest common subsequence: long[i][j] is that of now[lo+i:n] and of[lo+j:m].
		long := make([][]int, n-lo+1)
		for i := range long {
			long[i] = make([]int, m-lo+1)
		}
		for i := n - lo - 1; i >= 0; i-- {
			for j := m - lo - 1; j >= 0; j-- {
				if alike(lo+i, lo+j) {
					long[i][j] = long[i+1][j+1] + 1
				} else {
					long[i][j] = max(long[i+1][j], long[i][j+1])
				}
			}
		}
		for i, j := 0, 0; i < n-lo && j < m-lo; {
			switch {
			case alike(lo+i, lo+j):
				at[lo+i] = lo + j
				i, j = i+1, j+1
			case long[i+1][j] >= long[i][j+1]:
				i++
			default:
				j++
			}
		}
	}
	taken := make([]bool, len(of))
	for _, j := range at {
		if j >= 0 {
			taken[j] = true
		}
	}
	free := map[string][]int{} // those that nothing is beside, in order, by hash
	for j, h := range of {
		if !taken[j] {
			free[h] = append(free[h], j)
		}
	}
	for i := range now { // moved
		if at[i] >= 0 {
			continue
		}
		first, hash := len(of), ""
		for _, h := range append([]string{now[i]}, source.Like[now[i]]...) {
			if list := free[h]; len(list) > 0 && list[0] < first {
				first, hash = list[0], h
			}
		}
		if hash != "" {
			at[i], was[i], taken[first] = first, hash, true
			free[hash] = free[hash][1:]
		}
	}
	// What is left between two that stayed: one block for one was changed, in order.
	ends := make([]int, len(now)) // where the next that stayed is
	end := len(of)
	for i := len(now) - 1; i >= 0; i-- {
		if ends[i] = end; at[i] >= 0 && was[i] == "" {
			end = at[i]
		}
	}
	next := 0
	for i := range now {
		if at[i] >= 0 {
			if was[i] == "" {
				next = at[i] + 1
			}
			continue
		}
		for next < ends[i] && taken[next] {
			next++
		}
		if next < ends[i] {
			at[i], was[i], taken[next] = next, of[next], true
		}
	}
	return at, was
}

// WordCount is how many words a translator has before them: in Chinese and Japanese each character counts.
func WordCount(t Type, words string) int {
	if t == TypeProse {
		words = PlainText(words)
	}
	n, in := 0, false
	for _, r := range words {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			n++
			in = false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if !in {
				n++
			}
			in = true
		case unicode.IsSpace(r) || unicode.IsPunct(r) && r != '\'' && r != '’' && r != '-' && r != '.' && r != ',':
			in = false
		}
	}
	return n
}
