package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func emptyStore(t *testing.T) *content.Store {
	t.Helper()
	d := dbtest.Open(t, dbtest.File(t))
	s := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// rowsOf gives every row of the tables that hold entries, as text, with what differs between two runs of the same
// program taken out: ids become the number in the entry's title, times become one word.
func rowsOf(t *testing.T, s *content.Store) map[string]int {
	t.Helper()
	ids := map[string]string{}
	var entries []struct{ ID, Title string }
	if err := s.DB.Read().NewRaw("SELECT id, title FROM entries").Scan(t.Context(), &entries); err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`n\d{7}`)
	for _, e := range entries {
		ids[e.ID] = number.FindString(e.Title)
	}
	aWord, aFraction := regexp.MustCompile(`\b[0-9a-z]{12}\b`), regexp.MustCompile(`\.\d+ \+0000`)
	numbered := func(v string) string {
		return aWord.ReplaceAllStringFunc(v, func(w string) string {
			if n, ok := ids[w]; ok {
				return n
			}
			return w
		})
	}
	out := map[string]int{}
	tables := []string{"facet_counts"}
	for _, c := range copied {
		tables = append(tables, c.table)
	}
	for _, table := range tables {
		var rows []map[string]any
		if err := s.DB.Read().NewRaw("SELECT * FROM ?", bun.Ident(table)).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			doc := fmt.Sprint(r["doc"])
			var b strings.Builder
			b.WriteString(table)
			for _, name := range slices.Sorted(maps.Keys(r)) {
				v := fmt.Sprint(r[name])
				switch {
				case name == "at", name == "gap_since" && v != "<nil>", strings.HasSuffix(name, "_at") && aFraction.MatchString(v): // entries' own dates are whole
					v = "then"
				case table == "audit" && slices.Contains([]string{"id", "salt", "digest", "seq", "link"}, name):
					v = "its own"
				case name == "hash" && numbered(doc) != doc: // over ids, which differ; those of words alone must be the same
					v = "a hash"
				default:
					v = numbered(v)
				}
				fmt.Fprintf(&b, " %s=%s", name, v)
			}
			out[b.String()]++
		}
	}
	return out
}

// Copied rows are those that saving and publishing would have made.
func TestCopiesAreLikeSavedEntries(t *testing.T) {
	const patterns, n = seedFirst + 41, seedFirst + 100 // two rounds of copies, the last not whole
	copiesOf, saved := newSeeder(emptyStore(t)), newSeeder(emptyStore(t))
	copiesOf.patterns, saved.patterns = patterns, patterns
	if err := copiesOf.seed(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if err := saved.transaction(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for i := range n {
			if err := saved.entry(ctx, tx, i); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got, want := rowsOf(t, copiesOf.store), rowsOf(t, saved.store)
	for _, d := range []struct {
		what string
		a, b map[string]int
	}{{"copied only", got, want}, {"saved only", want, got}} {
		shown := 0
		for _, row := range slices.Sorted(maps.Keys(d.a)) {
			if d.a[row] != d.b[row] {
				if shown++; shown <= 3 {
					t.Errorf("%s: %s", d.what, row)
				}
			}
		}
	}
	if len(want) < 40*n/2 {
		t.Errorf("only %d rows were compared", len(want))
	}
	// No copy's id can be one that was drawn by lot.
	for s, n := range map[*content.Store]int{copiesOf.store: n - patterns, saved.store: 0} {
		var made int
		if err := s.DB.Read().NewRaw("SELECT count(*) FROM entries WHERE id LIKE 'o%'").Scan(t.Context(), &made); err != nil || made != n {
			t.Errorf("%d ids of copies, want %d (%v)", made, n, err)
		}
	}
	french := 0
	for row := range got {
		if strings.HasPrefix(row, "parts ") && strings.Contains(row, "part=fr") && strings.Contains(row, `"of":["`) {
			french++
		}
	}
	if french < 8 {
		t.Errorf("%d translations", french)
	}
}
