package personal_test

import (
	"slices"
	"testing"

	"plenary/internal/db/dbtest"
	"plenary/internal/personal"
)

// Each table of the schema is in the inventory or named as one that says nothing of people, and each column of a table of people has its
// line; nothing stands there that is not in the schema (SECURITY P50).
func TestEachColumnHasItsLine(t *testing.T) {
	d := dbtest.Open(t, dbtest.File(t))
	var columns []struct{ Tab, Col string }
	if err := d.Read().NewRaw("SELECT m.name AS tab, c.name AS col FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'").Scan(t.Context(), &columns); err != nil {
		t.Fatal(err)
	}
	there := map[string][]string{}
	for _, c := range columns {
		there[c.Tab] = append(there[c.Tab], c.Col)
	}
	if len(there) < 50 {
		t.Fatal("the schema is not seen:", len(there))
	}
	known := map[string]bool{}
	for _, x := range personal.Inventory {
		if known[x.Name] {
			t.Error(x.Name, "stands twice")
		}
		known[x.Name] = true
		var names []string
		for _, c := range x.Columns {
			if names = append(names, c.Name); !slices.Contains(there[x.Name], c.Name) {
				t.Errorf("%s.%s is not in the schema", x.Name, c.Name)
			}
		}
		if slices.Sort(names); len(slices.Compact(names)) != len(x.Columns) {
			t.Errorf("%s: a column stands twice", x.Name)
		}
		for _, c := range there[x.Name] {
			if x.Whole && !slices.Contains(names, c) {
				t.Errorf("%s.%s has no line: say what it holds, in internal/personal", x.Name, c)
			}
		}
		if len(x.Personal()) == 0 {
			t.Error(x.Name, "says nothing of people: it belongs to Nothing")
		}
	}
	for _, name := range personal.Nothing {
		if known[name] || there[name] == nil {
			t.Error(name, "is in the inventory, or not in the schema")
		}
		known[name] = true
	}
	for name := range there {
		if !known[name] {
			t.Errorf("table %s is neither in the inventory nor named as one that says nothing of people", name)
		}
	}
}
