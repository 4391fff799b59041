package content

import (
	"bytes"
	"slices"
	"strings"
)

// Conflict is one leaf that two people changed, differently, since the same version. Both sides come back to the
// second one; nothing has been saved.
type Conflict struct {
	Part Part
	Path string
	// Base, Mine and Theirs are the leaf's values; nil where it has none. For an item deleted on one side and edited on
	// the other, the path is the list's.
	Base, Mine, Theirs []byte
	// Item is the id of the item that one side deleted and the other edited, else "".
	Item string
}

// Conflicted says that a save clashed with another.
type Conflicted struct {
	List []Conflict
	// Merged are the parts as they would be with both changes in and, where they clash, with theirs; Versions are those
	// they were merged with. A form goes on from here, so that deciding a clash undoes nothing else.
	Merged   Parts
	Versions map[Part]int
}

func (e *Conflicted) Error() string  { return "changed by someone else meanwhile" }
func (e *Conflicted) Conflicts() int { return len(e.List) }

// merge brings together what mine and theirs made of base, one part of an entry. Values are merged leaf by leaf, lists
// by item id. It returns the merged leaves and what could not be merged.
func (k *Kind) merge(part Part, base, mine, theirs Leaves) (Leaves, []Conflict) {
	out := make(Leaves, len(theirs)+8)
	for p, v := range theirs {
		out[p] = v
	}
	var conflicts []Conflict
	for p := range union(base, mine) {
		b, m, t := base[p], mine[p], theirs[p]
		if same(b, m) || same(m, t) {
			continue // I did not change it, or they made the same of it
		}
		f := k.Field(p)
		switch {
		case same(b, t):
			put(out, p, m)
		case f != nil && f.Type == TypeList:
			ids, clash := mergeOrder(b, m, t)
			if clash {
				conflicts = append(conflicts, Conflict{Part: part, Path: p, Base: b, Mine: m, Theirs: t})
				continue
			}
			put(out, p, ids)
		default:
			conflicts = append(conflicts, Conflict{Part: part, Path: p, Base: b, Mine: m, Theirs: t})
		}
	}
	// An item deleted on one side and edited on the other is nobody's to decide but the editors'.
	for p, b := range base {
		if f := k.Field(p); f == nil || f.Type != TypeList {
			continue
		}
		ids, _ := ItemIDs(b)
		mineIDs, _ := ItemIDs(mine[p])
		theirIDs, _ := ItemIDs(theirs[p])
		for _, id := range ids {
			inMine, inTheirs := slices.Contains(mineIDs, id), slices.Contains(theirIDs, id)
			if inMine == inTheirs {
				continue
			}
			edited := theirs
			if inMine {
				edited = mine
			}
			if touched(base, edited, p+"."+id+".") {
				conflicts = append(conflicts, Conflict{Part: part, Path: p, Base: b, Mine: mine[p], Theirs: theirs[p], Item: id})
			}
		}
	}
	slices.SortFunc(conflicts, func(a, b Conflict) int { return strings.Compare(a.Path+a.Item, b.Path+b.Item) })
	return out, conflicts
}

// same compares leaves; of words only the words count, since stamps are the store's business.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 || !bytes.HasPrefix(a, []byte(`{"t":`)) || !bytes.HasPrefix(b, []byte(`{"t":`)) {
		return false
	}
	x, y := Leaves{"": a}.Text(""), Leaves{"": b}.Text("")
	return x.Words == y.Words && x.How == y.How
}

func put(l Leaves, p string, v []byte) {
	if len(v) == 0 {
		delete(l, p)
		return
	}
	l[p] = v
}

func union(a, b Leaves) map[string]bool {
	u := make(map[string]bool, len(a)+len(b))
	for p := range a {
		u[p] = true
	}
	for p := range b {
		u[p] = true
	}
	return u
}

// touched reports whether anything below prefix differs.
func touched(a, b Leaves, prefix string) bool {
	for p := range union(a, b) {
		if strings.HasPrefix(p, prefix) && !same(a[p], b[p]) {
			return true
		}
	}
	return false
}

// mergeOrder merges two new orders of one list: what either removed goes, what either added stays behind the item it was
// put behind. Only if both moved the items that were there, to different orders, is it a clash.
func mergeOrder(base, mine, theirs []byte) (merged []byte, clash bool) {
	b, _ := ItemIDs(base)
	m, _ := ItemIDs(mine)
	t, _ := ItemIDs(theirs)
	keep := func(list []string) []string { // the items of base that both sides still have, in list's order
		var out []string
		for _, id := range list {
			if slices.Contains(b, id) && slices.Contains(m, id) && slices.Contains(t, id) {
				out = append(out, id)
			}
		}
		return out
	}
	kb, km, kt := keep(b), keep(m), keep(t)
	var order, other []string // the side whose order counts, and the side that only adds to it
	switch {
	case slices.Equal(km, kb):
		order, other = t, m
	case slices.Equal(kt, kb) || slices.Equal(km, kt):
		order, other = m, t
	default:
		return nil, true
	}
	gone := func(id string) bool {
		return slices.Contains(b, id) && (!slices.Contains(m, id) || !slices.Contains(t, id))
	}
	var out []string
	for _, id := range order {
		if !gone(id) {
			out = append(out, id)
		}
	}
	for i, id := range other {
		if gone(id) || slices.Contains(out, id) {
			continue
		}
		at := 0
		for j := i - 1; j >= 0; j-- {
			if k := slices.Index(out, other[j]); k >= 0 {
				at = k + 1
				break
			}
		}
		out = slices.Insert(out, at, id)
	}
	if len(out) == 0 {
		return nil, false
	}
	return mustJSON(out), false
}
