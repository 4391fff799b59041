package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// Revision is one saved state of a part.
type Revision struct {
	Part   Part
	Number int
	At     time.Time
	Author string // account
	Note   string
	Live   bool // this is what the public sees
	// Autosaves are how many automatic saves in one sitting it stands for, 0 for one that somebody asked for; Began is when
	// the first of them was.
	Autosaves int
	Began     time.Time
}

// Revisions lists the saved states of an entry, newest first. Of the automatic ones of a sitting it is the last.
func (s *Store) Revisions(ctx context.Context, who *auth.Actor, id string, offset, limit int) ([]Revision, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	var rows []revisionRow
	if err := s.DB.Read().NewSelect().Model(&rows).ExcludeColumn("doc", "hash").Where("r.entry_id = ? AND NOT r.step", id).
		OrderExpr("r.at DESC, r.part, r.number DESC").Offset(int64(offset)).Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("revisions of %s: %w", id, db.Normalize(err))
	}
	out := make([]Revision, len(rows))
	for i, r := range rows {
		out[i] = r.revision(e)
	}
	return out, nil
}

// RevisionsOfPart lists the saved states of a part, newest first: the last two hundred, and those with some numbers.
func (s *Store) RevisionsOfPart(ctx context.Context, who *auth.Actor, id string, p Part, numbers ...int) ([]Revision, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	var rows []revisionRow
	if err := s.DB.Read().NewSelect().Model(&rows).ExcludeColumn("doc", "hash").Where("r.entry_id = ? AND r.part = ?", id, p).
		Where("r.number IN (?) OR NOT r.step AND r.number > (SELECT coalesce(max(number), 0) - 200 FROM revisions WHERE entry_id = ? AND part = ?)", bun.List(append(numbers, 0)), id, p).
		OrderExpr("r.number DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("revisions of %s: %w", id, db.Normalize(err))
	}
	out := make([]Revision, len(rows))
	for i, r := range rows {
		out[i] = r.revision(e)
	}
	return out, nil
}

func (r *revisionRow) revision(e *Entry) Revision {
	out := Revision{Part: r.Part, Number: r.Number, At: r.At, Author: r.Author, Note: r.Note, Live: e.Live[r.Part] == r.Number, Autosaves: r.Autosaves}
	if r.Began != nil {
		out.Began = *r.Began
	}
	return out
}

// Listed reports whether the items that a path goes through are in the working entry.
func (e *Entry) Listed(path string) bool { return e.Kind.listed(orEmpty(e.Parts[Facts]), path) }

// Beside gives the numbers of the states in the history before and after one of a part's, 0 where there is none.
func (s *Store) Beside(ctx context.Context, who *auth.Actor, id string, p Part, number int) (before, after int, err error) {
	if _, err := s.Get(ctx, who, id); err != nil {
		return 0, 0, err
	}
	err = s.DB.Read().NewRaw(`SELECT COALESCE(MAX(CASE WHEN number < ? THEN number END), 0), COALESCE(MIN(CASE WHEN number > ? THEN number END), 0)
		FROM revisions WHERE entry_id = ? AND part = ? AND NOT step`, number, number, id, p).Scan(ctx, &before, &after)
	return before, after, db.Normalize(err)
}

// Difference is one leaf that two states of a part have differently.
type Difference struct {
	Part     Part
	Path     string
	Field    *Field // nil for a field that is no longer declared
	Old, New []byte // the stored leaf; nil where there is none
}

// Compare tells what changed in a part from one revision to another; 0 stands for before the first.
func (s *Store) Compare(ctx context.Context, who *auth.Actor, id string, p Part, from, to int) ([]Difference, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	states := [2]Leaves{}
	for i, n := range []int{from, to} {
		if n == 0 {
			states[i] = Leaves{}
			continue
		}
		if states[i], err = s.revision(ctx, s.DB.Read(), id, p, n); err != nil {
			return nil, err
		}
	}
	all := e.Kind.differences(p, states[0], states[1])
	if !mayEdit(who, e, Facts) {
		all = slices.DeleteFunc(all, func(d Difference) bool { return d.Field != nil && d.Field.Secret })
	}
	return all, nil
}

// Unpublished tells what the working entry has differently from what the public sees, in the facts and one language.
func (s *Store) Unpublished(ctx context.Context, e *Entry, parts ...Part) ([]Difference, error) {
	var out []Difference
	for _, p := range parts {
		live := Leaves{}
		if n := e.Live[p]; n == e.Versions[p] {
			continue
		} else if n > 0 {
			var err error
			if live, err = s.revision(ctx, s.DB.Read(), e.ID, p, n); err != nil {
				return nil, err
			}
		}
		out = append(out, e.Kind.differences(p, live, orEmpty(e.Parts[p]))...)
	}
	return out, nil
}

// Hold gives the working entry with its row locked until tx ends, for who writes something beside it that must fit. Who
// may not read it gets db.ErrNotFound, as for one that was deleted.
func (s *Store) Hold(ctx context.Context, tx bun.Tx, who *auth.Actor, id string) (*Entry, error) {
	e, _, err := s.lockLive(ctx, tx, who, id)
	return e, err
}

// Since tells what the public would see differently if the working parts were published instead of some revisions of
// them; 0 is before the first. What only the staff sees is no difference.
func (s *Store) Since(ctx context.Context, q bun.IDB, e *Entry, from map[Part]int) ([]Difference, error) {
	var out []Difference
	for _, p := range slices.Sorted(maps.Keys(from)) {
		was, err := s.public(ctx, q, e, p, from[p])
		if err != nil {
			return nil, err
		}
		out = append(out, e.Kind.differences(p, was, e.Kind.publicLeaves(e.Parts[p]))...)
	}
	return out, nil
}

// Alike reports whether the public would see the same of two revisions of a part.
func (s *Store) Alike(ctx context.Context, q bun.IDB, e *Entry, p Part, a, b int) (bool, error) {
	if a == b {
		return true, nil
	}
	x, err := s.public(ctx, q, e, p, a)
	if err != nil {
		return false, err
	}
	y, err := s.public(ctx, q, e, p, b)
	return err == nil && equal(x, y), err
}

// public is what the public would see of a revision.
func (s *Store) public(ctx context.Context, q bun.IDB, e *Entry, p Part, n int) (Leaves, error) {
	switch n {
	case 0:
		return Leaves{}, nil
	case e.Versions[p]:
		return e.Kind.publicLeaves(e.Parts[p]), nil
	}
	leaves, err := s.revision(ctx, q, e.ID, p, n)
	return e.Kind.publicLeaves(leaves), err
}

// Authors are those who saved a part of the entry after some revisions of them.
func (s *Store) Authors(ctx context.Context, q bun.IDB, id string, after map[Part]int) ([]string, error) {
	var out []string
	for p, n := range after {
		var some []string
		if err := q.NewSelect().Model((*revisionRow)(nil)).ColumnExpr("DISTINCT author").Where("entry_id = ? AND part = ? AND number > ?", id, p, n).Scan(ctx, &some); err != nil {
			return nil, fmt.Errorf("authors of %s: %w", id, db.Normalize(err))
		}
		out = append(out, some...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (k *Kind) differences(p Part, a, b Leaves) []Difference {
	var out []Difference
	for path := range union(a, b) {
		if !same(a[path], b[path]) {
			out = append(out, Difference{p, path, k.Field(path), a[path], b[path]})
		}
	}
	order := map[*Field]int{}
	k.Walk(func(f *Field) { order[f] = len(order) })
	slices.SortFunc(out, func(a, b Difference) int {
		if d := order[a.Field] - order[b.Field]; d != 0 {
			return d
		}
		return strings.Compare(a.Path, b.Path)
	})
	return out
}

// RestoreRevision makes a former state of a part the working one again, as a new revision. Texts keep the stamps they
// had. With paths, only those leaves are brought back.
func (s *Store) RestoreRevision(ctx context.Context, who *auth.Actor, id string, p Part, number int, paths ...string) (*Saved, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	old, err := s.revision(ctx, s.DB.Read(), id, p, number)
	if err != nil {
		return nil, err
	}
	set := Leaves{}
	for path := range union(old, orEmpty(e.Parts[p])) {
		if e.Kind.Field(path) != nil && (len(paths) == 0 || slices.Contains(paths, path)) {
			set[path] = old[path]
		}
	}
	return s.Save(ctx, who, Change{ID: id, Base: map[Part]int{p: e.Versions[p]}, Set: Parts{p: set}, Note: fmt.Sprint(restoredFrom, number), stamped: true})
}

// RestoreAt makes the entry as it was stored at a time the working one again, as new revisions, in the parts that who may
// change: one transaction, which history can bring back from as from any other. Words come back with what they were made from.
// It gives nil where nothing differs.
func (s *Store) RestoreAt(ctx context.Context, who *auth.Actor, id string, at time.Time) (*Saved, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	c := Change{ID: id, Base: map[Part]int{}, Set: Parts{}, Note: restoredAt + at.UTC().Format(time.RFC3339), restamped: true}
	differs := false
	for p, now := range e.Parts {
		if !mayEdit(who, e, p) {
			continue
		}
		var doc string
		err := s.DB.Read().NewSelect().Model((*revisionRow)(nil)).Column("doc").Where("entry_id = ? AND part = ? AND at <= ?", id, p, at.UTC()).OrderExpr("number DESC").Limit(1).Scan(ctx, &doc)
		old := Leaves{}
		if err = db.Normalize(err); err == nil {
			old, err = readLeaves(doc)
		} else if errors.Is(err, db.ErrNotFound) {
			err = nil // it had not begun
		}
		if err != nil {
			return nil, fmt.Errorf("%s at %s: %w", id, at, err)
		}
		set := Leaves{}
		for path := range union(old, now) {
			if e.Kind.Field(path) != nil && !bytes.Equal(old[path], now[path]) {
				set[path] = old[path]
				differs = differs || !same(old[path], now[path])
			}
		}
		if len(set) > 0 {
			c.Set[p], c.Base[p] = set, e.Versions[p]
		}
	}
	if !differs {
		return nil, nil
	}
	return s.Save(ctx, who, c)
}

// What the notes of saves begin with that bring something back: a revision's number follows, or a time.
const (
	restoredFrom = "restored:"
	restoredAt   = "restored-at:"
)

// ParseRestoredAt tells of when the state is that a save brought back, from its note.
func ParseRestoredAt(note string) (time.Time, bool) {
	s, ok := strings.CutPrefix(note, restoredAt)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}
