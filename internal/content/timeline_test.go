package content_test

import (
	"fmt"
	"slices"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestTheHistoryOfAField: who asks for a field gets the saves that changed it and no others, also where so much was saved in one
// part that not all of it is looked at; and a note that somebody wrote brings nothing back.
func TestTheHistoryOfAField(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("One"))
	do := func(c content.Change) {
		t.Helper()
		c.ID = id
		if _, err := s.Save(ctx, staff, c); err != nil {
			t.Fatal(err)
		}
	}
	did := func(q content.TimelineQuery) (out []string) {
		t.Helper()
		list, _, err := s.Timeline(ctx, staff, id, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			line := d.Did
			for _, p := range d.Parts {
				line += fmt.Sprintf(" %s%d", p.Part, p.Number)
			}
			out = append(out, line)
		}
		return out
	}
	do(content.Change{Set: words(i18n.FR, "title", "Un"), Note: "restored the French title"})
	for day := range 6 {
		facts := content.Leaves{}
		facts.Set("date", fmt.Sprintf("2027-01-%02d", day+1))
		do(content.Change{Set: content.Parts{content.Facts: facts}})
	}
	do(content.Change{Set: words(i18n.EN, "title", "Two")})
	do(content.Change{Set: words(i18n.EN, "summary", "Another")})
	title := []string{"save en2", "save fr1", "save en1"}
	if got := did(content.TimelineQuery{Field: "title"}); !slices.Equal(got, title) {
		t.Errorf("title: %q", got)
	}
	if got := did(content.TimelineQuery{Field: "date"}); len(got) != 7 || got[0] != "save 7" {
		t.Errorf("date: %q", got)
	}
	defer content.SetMostScanned(content.SetMostScanned(6))
	if got := did(content.TimelineQuery{Field: "title"}); !slices.Equal(got, title) {
		t.Errorf("title, not looking at all: %q", got)
	}
	if got := did(content.TimelineQuery{Field: "kind"}); len(got) != 0 { // it was set before all that is looked at
		t.Errorf("kind: %q", got)
	}
	if _, err := s.RestoreRevision(ctx, staff, id, "en", 1); err != nil {
		t.Fatal(err)
	}
	if got := did(content.TimelineQuery{Did: content.DidRestore}); len(got) != 1 || got[0] != "restore en4" {
		t.Errorf("brought back: %q", got)
	}
}
