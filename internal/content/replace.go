package content

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/writing"
)

// Found is one place in an entry's words.
type Found struct {
	Path   string
	Locale i18n.Locale
	N      int // which place of its field, from 0
	writing.Place
}

// Name names the place in forms: its field and number.
func (f Found) Name() string { return fmt.Sprintf("%s#%d", FormName(f.Path, f.Locale), f.N) }

// Find gives the places in an entry's words, language by language in the order of the fields.
func (e *Entry) Find(f *writing.Finder, locales []i18n.Locale) []Found {
	var out []Found
	for _, l := range locales {
		e.Kind.Texts(e.Value, l, func(path string, field *Field, words string) {
			for n, p := range f.In(words, field.Type == TypeProse) {
				out = append(out, Found{path, l, n, p})
			}
		})
	}
	return out
}

// ReplaceWords replaces what is found in an entry at the places that take accepts, as one change with a note. base are the
// versions of the parts that somebody saw; where one has moved since, the places are not those any more: that is a *Conflicted
// and nothing is changed. Who may not change a language is refused.
func (s *Store) ReplaceWords(ctx context.Context, who *auth.Actor, id string, base map[Part]int, f *writing.Finder, locales []i18n.Locale, take func(Found) bool, note string) (*Saved, error) {
	var out *Saved
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		e, err := s.Hold(ctx, tx, who, id)
		if err == nil {
			out, _, err = s.ReplaceTx(ctx, tx, who, e, base, f, locales, take, note)
		}
		return err
	})
	return out, err
}

// ReplaceTx is ReplaceWords inside a transaction of the caller's, which holds the entry. It tells too in how many places
// something was replaced.
func (s *Store) ReplaceTx(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, base map[Part]int, f *writing.Finder, locales []i18n.Locale, take func(Found) bool, note string) (*Saved, int, error) {
	var moved []Conflict
	for _, l := range locales {
		if n, told := base[Part(l)]; told && n != e.Versions[Part(l)] {
			moved = append(moved, Conflict{Part: Part(l)})
		}
	}
	if len(moved) > 0 {
		return nil, 0, &Conflicted{List: moved, Versions: e.Versions}
	}
	chosen := map[string]bool{}
	for _, x := range e.Find(f, locales) {
		if take(x) {
			chosen[x.Name()] = true
		}
	}
	c := Change{ID: e.ID, Base: map[Part]int{}, Set: Parts{}, Note: note}
	for _, l := range locales {
		p := Part(l)
		e.Kind.Texts(e.Value, l, func(path string, field *Field, words string) {
			next := f.Replace(words, field.Type == TypeProse, func(n int) bool { return chosen[Found{Path: path, Locale: l, N: n}.Name()] })
			if next == words {
				return
			}
			if c.Set[p] == nil {
				c.Set[p], c.Base[p] = Leaves{}, e.Versions[p]
			}
			if c.Set[p].SetText(path, Text{Words: next, How: e.Parts[p].Text(path).How}); next == "" {
				c.Set[p][path] = nil
			}
		})
	}
	if len(c.Set) == 0 {
		return &Saved{ID: e.ID, Versions: e.Versions}, 0, nil
	}
	saved, err := s.SaveTx(ctx, tx, who, c)
	return saved, len(chosen), err
}

// Replaceable are the languages of an entry in which the actor may replace words.
func (e *Entry) Replaceable(who *auth.Actor) []i18n.Locale {
	var out []i18n.Locale
	for _, l := range i18n.All {
		if len(e.Parts[Part(l)]) > 0 && e.MayEdit(who, Part(l)) {
			out = append(out, l)
		}
	}
	return out
}

// Hit is an entry in which something is found, and how often.
type Hit struct {
	ID, Kind, Title string
	Original        i18n.Locale
	Count           int
}

// FindEverywhere looks through the working words of all entries that the actor may read, in some languages, and gives those in
// which something is found and she may change the words, the latest changed first; more reports that there are others.
func (s *Store) FindEverywhere(ctx context.Context, who *auth.Actor, f *writing.Finder, locales []i18n.Locale, limit int) (hits []Hit, more bool, err error) {
	sc := who.Scope(auth.Read, "")
	if sc.Empty() || len(locales) == 0 {
		return nil, false, nil
	}
	parts := make([]string, len(locales))
	for i, l := range locales {
		parts[i] = string(l)
	}
	var ids []string
	sel := s.DB.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("e.id").Where("e.deleted_at IS NULL").
		Where("EXISTS (SELECT 1 FROM parts AS p WHERE p.entry_id = e.id AND p.part IN (?))", bun.List(parts)).OrderExpr("e.updated_at DESC, e.id DESC")
	if err := sc.Where(sel, "e").Scan(ctx, &ids); err != nil {
		return nil, false, fmt.Errorf("find: %w", db.Normalize(err))
	}
	for some := range slices.Chunk(ids, 100) {
		found, err := s.holding(ctx, f, some, parts)
		if err != nil {
			return nil, false, err
		}
		for _, id := range some {
			if !found[id] {
				continue
			}
			e, err := s.Get(ctx, who, id)
			if errors.Is(err, db.ErrNotFound) {
				continue // taken away meanwhile
			} else if err != nil {
				return nil, false, err
			}
			may := slices.DeleteFunc(e.Replaceable(who), func(l i18n.Locale) bool { return !slices.Contains(locales, l) })
			n := len(e.Find(f, may))
			if n == 0 {
				continue
			}
			if len(hits) == limit {
				return hits, true, nil
			}
			hits = append(hits, Hit{id, e.Kind.Name, e.Title, e.Original, n})
		}
	}
	return hits, false, nil
}

// holding tells which of some entries may have something found in them, in some of their parts: what is stored may hold the words
// of items that are gone.
func (s *Store) holding(ctx context.Context, f *writing.Finder, ids, parts []string) (map[string]bool, error) {
	var rows []struct{ EntryID, Kind, Doc string }
	if err := s.DB.Read().NewSelect().TableExpr("parts AS p").Join("JOIN entries AS e ON e.id = p.entry_id").ColumnExpr("p.entry_id, e.kind, p.doc").
		Where("p.entry_id IN (?) AND p.part IN (?)", bun.List(ids), bun.List(parts)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("find: %w", db.Normalize(err))
	}
	found := map[string]bool{}
	for _, r := range rows {
		k := s.Kind(r.Kind)
		if k == nil || found[r.EntryID] {
			continue
		}
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, fmt.Errorf("words of %s: %w", r.EntryID, err)
		}
		for path := range leaves {
			if x := k.Field(path); x != nil && x.Text() && len(f.In(leaves.Text(path).Words, x.Type == TypeProse)) > 0 {
				found[r.EntryID] = true
				break
			}
		}
	}
	return found, nil
}
