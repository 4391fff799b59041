package content_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// at runs n functions at one time and gives their errors.
func at(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { <-start; errs[i] = f(i) })
	}
	close(start)
	wg.Wait()
	return errs
}

// TestSameTitleAtOnce: entries of one title published at one moment get an address each.
func TestSameTitleAtOnce(t *testing.T) {
	s := open(t)
	const n = 12
	ids := make([]string, n)
	for i := range ids {
		ids[i] = save(t, s, kind.NewsKind, news("Registers open"))
	}
	for i, err := range at(n, func(i int) error {
		return s.Publish(ctx, staff, content.PublishChange{ID: ids[i], Facts: true, Locales: []i18n.Locale{i18n.EN}})
	}) {
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	seen := map[string]bool{}
	for _, id := range ids {
		p, err := s.LiveByID(ctx, i18n.EN, id)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Live(ctx, i18n.EN, p.Path)
		if err != nil || again.ID != id || seen[p.Path] {
			t.Errorf("%s is the address of another entry: %v", p.Path, err)
		}
		seen[p.Path] = true
	}
}

// TestManySavesOfOneVersion: of many changes made from one version each is in, merged or refused with both sides; none is
// lost without a word.
func TestManySavesOfOneVersion(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	base := get(t, s, id).Versions
	const n = 50
	saved := at(n, func(i int) error {
		set := words(i18n.All[1+i%8], "title", fmt.Sprintf("Title %d", i))
		if i%5 == 0 {
			set = words(i18n.EN, "dateline", fmt.Sprintf("Dateline %d", i)) // the same leaf: one wins, the others are told
		}
		_, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: set})
		return err
	})
	won, clashes := map[string]bool{}, 0
	for i, err := range saved {
		var clash *content.Conflicted
		switch {
		case err == nil && i%5 == 0:
			won[fmt.Sprintf("Dateline %d", i)] = true
		case errors.As(err, &clash):
			clashes++
		case err != nil:
			t.Errorf("save %d: %v", i, err)
		}
	}
	e := get(t, s, id)
	if len(won) != 1 || !won[e.Parts["en"].Text("dateline").Words] {
		t.Errorf("%d savers of one leaf were told that theirs is stored; it is %q", len(won), e.Parts["en"].Text("dateline").Words)
	}
	revisions, err := s.Revisions(ctx, staff, id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	// Saves of a language that did not clash are revisions, each one once.
	numbers := map[string]bool{}
	for _, r := range revisions {
		key := fmt.Sprint(r.Part, r.Number)
		if numbers[key] {
			t.Errorf("revision %s twice", key)
		}
		numbers[key] = true
	}
	if want := n - clashes + 2; len(revisions) != want { // the first save made two
		t.Errorf("%d revisions of %d saves and %d clashes", len(revisions), n, clashes)
	}
}

// TestPublishAgainstEdit: whatever comes first, what is public is a revision somebody saved, and rows agree.
func TestPublishAgainstEdit(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Title 0"))
	for i := range 200 {
		errs := at(3, func(n int) error {
			switch n {
			case 0:
				_, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.EN, "title", fmt.Sprintf("Title %d", i), "dateline", fmt.Sprintf("Line %d", i))})
				return err
			case 1:
				return s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
			}
			if i%4 == 3 {
				return s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.EN})
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		consistent(t, s, id)
		p, err := s.LiveByID(ctx, i18n.EN, id)
		if errors.Is(err, db.ErrNotFound) && i%4 == 3 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		v := p.Value.(*kind.News)
		var a, b int
		fmt.Sscanf(v.Title.In(i18n.EN), "Title %d", &a)
		fmt.Sscanf(v.Dateline.In(i18n.EN), "Line %d", &b)
		if a != b {
			t.Fatalf("public is half of two revisions: %q, %q", v.Title.In(i18n.EN), v.Dateline.In(i18n.EN))
		}
		if v.Title.In(i18n.EN) != p.Title {
			t.Fatalf("the list says %q, the page %q", p.Title, v.Title.In(i18n.EN))
		}
	}
}

// consistent holds what must be true of the rows of one entry at any time.
func consistent(t *testing.T, s *content.Store, id string) {
	t.Helper()
	var x struct {
		Live                                             bool
		Parts, Facts, Publications, Paths, Strays, Wrong int
	}
	if err := s.DB.Read().NewRaw(`SELECT e.live,
		(SELECT count(*) FROM live WHERE entry_id = e.id) AS parts,
		(SELECT count(*) FROM live WHERE entry_id = e.id AND part = '') AS facts,
		(SELECT count(*) FROM publications WHERE entry_id = e.id) AS publications,
		(SELECT count(*) FROM paths WHERE entry_id = e.id AND current) AS paths,
		(SELECT count(*) FROM links WHERE from_id = e.id AND live) AS strays,
		(SELECT count(*) FROM live l LEFT JOIN revisions r ON r.entry_id = l.entry_id AND r.part = l.part AND r.number = l.revision
			WHERE l.entry_id = e.id AND r.entry_id IS NULL) AS wrong
		FROM entries e WHERE e.id = ?`, id).Scan(ctx, &x); err != nil {
		t.Fatal(err)
	}
	switch {
	case x.Wrong > 0:
		t.Fatalf("public is a revision that nobody saved: %+v", x)
	case x.Live && (x.Facts != 1 || x.Parts < 2 || x.Publications != len(s.Locales) || x.Paths != 1):
		t.Fatalf("public, but not all of it: %+v", x)
	case !x.Live && (x.Parts > 0 || x.Publications > 0 || x.Strays > 0):
		t.Fatalf("withdrawn, but not all of it: %+v", x)
	}
}

// TestGenerationNeverComesBack: a page kept under a generation must never be taken for fresh again.
func TestGenerationNeverComesBack(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	seen := map[int64]bool{s.Generation(): true}
	for i := range 20 {
		before := s.Generation()
		if i%2 == 0 {
			if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
				t.Fatal(err)
			}
		} else if err := s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.EN}); err != nil {
			t.Fatal(err)
		}
		if g := s.Generation(); g == before || seen[g] {
			t.Fatalf("change %d: generation %d was there before", i, g)
		}
		seen[s.Generation()] = true
	}
	// A change that was heard of while the database cannot be asked counts too.
	s.DB.Close()
	s.Changed()
	if g := s.Generation(); seen[g] {
		t.Errorf("with the database away: generation %d was there before", g)
	}
}
