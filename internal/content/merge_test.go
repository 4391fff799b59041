package content

import (
	"fmt"
	"slices"
	"testing"
)

type mergeSession struct {
	Item
	Title Line `json:"title"`
	Slot  Slot `json:"slot"`
}

type mergeEvent struct {
	Kind     string         `json:"kind"`
	Sessions []mergeSession `json:"sessions"`
}

var mergeKind = Declare[mergeEvent]("merge", "merge")

func TestMergeOrder(t *testing.T) {
	for _, c := range []struct {
		base, mine, theirs, want string
		clash                    bool
	}{
		{`["a1","b1"]`, `["a1","b1","c1"]`, `["a1","b1","d1"]`, `["a1","b1","c1","d1"]`, false},
		{`["a1","b1","c1"]`, `["b1","a1","c1"]`, `["a1","c1"]`, `["a1","c1"]`, false},
		{`["a1","b1","c1"]`, `["c1","b1","a1"]`, `["b1","a1","c1"]`, ``, true},
		{`["a1","b1"]`, `["b1","a1"]`, `["a1","x1","b1"]`, `["b1","a1","x1"]`, false},
		{`["a1"]`, ``, `["a1"]`, ``, false},
	} {
		got, clash := mergeOrder([]byte(c.base), []byte(c.mine), []byte(c.theirs))
		if clash != c.clash || !clash && string(got) != c.want {
			t.Errorf("%+v: got %s, %v", c, got, clash)
		}
	}
}

// FuzzMerge holds the merge to its promises whatever two editors do to a list: no item comes from nowhere, what one
// side added is there, what one side deleted is gone, every value is somebody's, and swapping the sides changes nothing
// but the order of additions.
func FuzzMerge(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, []byte{4, 3, 2, 1})
	f.Add([]byte{0, 0, 7, 9, 200, 4}, []byte{128, 64, 3})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		base := Leaves{"sessions": mustJSON([]string{"aa", "bb", "cc", "dd"})}
		for _, id := range []string{"aa", "bb", "cc", "dd"} {
			base.Set("sessions."+id+".slot", Slot{Start: "2026-01-01T08:00"})
		}
		mine, theirs := edit(base, one, "m"), edit(base, two, "t")
		out, conflicts := mergeKind.merge(Facts, base, mine, theirs)
		back, conflicts2 := mergeKind.merge(Facts, base, theirs, mine)
		if len(conflicts) != len(conflicts2) {
			t.Fatalf("%d conflicts one way, %d the other", len(conflicts), len(conflicts2))
		}
		if len(conflicts) > 0 {
			return
		}
		b, _ := ItemIDs(base["sessions"])
		m, _ := ItemIDs(mine["sessions"])
		th, _ := ItemIDs(theirs["sessions"])
		o, _ := ItemIDs(out["sessions"])
		o2, _ := ItemIDs(back["sessions"])
		slices.Sort(o2)
		sorted := slices.Sorted(slices.Values(o))
		if !slices.Equal(sorted, o2) {
			t.Fatalf("items differ by side: %v, %v", sorted, o2)
		}
		for i, id := range o {
			if slices.Contains(o[:i], id) {
				t.Fatalf("item %s twice: %v", id, o)
			}
			inBase := slices.Contains(b, id)
			if inBase && (!slices.Contains(m, id) || !slices.Contains(th, id)) {
				t.Fatalf("deleted item %s is back", id)
			}
			if !inBase && !slices.Contains(m, id) && !slices.Contains(th, id) {
				t.Fatalf("item %s from nowhere", id)
			}
		}
		for _, id := range append(m, th...) {
			if !slices.Contains(b, id) && !slices.Contains(o, id) {
				t.Fatalf("added item %s is lost: %v", id, o)
			}
		}
		for p, v := range out {
			if p != "sessions" && !same(v, base[p]) && !same(v, mine[p]) && !same(v, theirs[p]) {
				t.Fatalf("%s = %s is nobody's", p, v)
			}
		}
	})
}

// edit does to a copy of base what the bytes say: move, delete, add, change.
func edit(base Leaves, ops []byte, who string) Leaves {
	l := Leaves{}
	for p, v := range base {
		l[p] = v
	}
	ids, _ := ItemIDs(l["sessions"])
	for n, op := range ops {
		if n > 12 || len(ids) == 0 {
			break
		}
		i := int(op>>2) % len(ids)
		switch op & 3 {
		case 0:
			ids[0], ids[i] = ids[i], ids[0]
		case 1:
			ids = slices.Delete(ids, i, i+1)
		case 2:
			ids = slices.Insert(ids, i, fmt.Sprintf("%s%d", who, n))
		case 3:
			l.Set("sessions."+ids[i]+".slot", Slot{Start: LocalTime(fmt.Sprintf("2026-01-01T%02d:00", op%24))})
		}
	}
	l.Set("sessions", ids)
	return l
}
