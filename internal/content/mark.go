package content

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// A change with a mark is one thing that happened to an entry, as that an event was cancelled. It can be taken back as one,
// the latest first, and the revisions say so.
const (
	markPrefix = "change:"
	undoPrefix = "undo:" // with the number of the facts' revision that is taken back, and its mark
)

// ParseMark reads the note of a revision: what happened, and whether it was taken back by it.
func ParseMark(note string) (mark string, undone, ok bool) {
	if m, ok := strings.CutPrefix(note, markPrefix); ok {
		return m, false, true
	}
	if rest, ok := strings.CutPrefix(note, undoPrefix); ok {
		_, m, ok := strings.Cut(rest, ":")
		return m, true, ok
	}
	return "", false, false
}

// Marked is a change with a mark that has not been taken back.
type Marked struct {
	Mark   string
	At     time.Time
	Author string
	// Set takes it back: its leaves as they were before.
	Set Parts
	// Since are the leaves that have been changed since, by name; they stand in the way.
	Since []Problem

	number int
}

// Undo is the change that takes m back. Its base is the entry as it was read.
func (m *Marked) Undo(e *Entry) Change {
	return Change{ID: e.ID, Kind: e.Kind, Base: maps.Clone(e.Versions), Set: m.Set, Mark: m.Mark, undoes: m.number}
}

// note is what the revisions of a change say: its mark, or what somebody wrote, which is never taken for one.
func (c Change) note() string {
	switch _, _, ok := ParseMark(c.Note); {
	case c.undoes > 0:
		return undoPrefix + strconv.Itoa(c.undoes) + ":" + c.Mark
	case c.Mark != "":
		return markPrefix + c.Mark
	case ok:
		return " " + c.Note
	}
	return c.Note
}

// LastMarked gives the latest change with a mark that is still in force, nil if there is none.
func (s *Store) LastMarked(ctx context.Context, e *Entry) (*Marked, error) {
	var rows []revisionRow
	if err := s.DB.Read().NewSelect().Model(&rows).ExcludeColumn("doc", "hash").
		Where("r.entry_id = ? AND (r.note LIKE ? OR r.note LIKE ?)", e.ID, markPrefix+"%", undoPrefix+"%").OrderExpr("r.part, r.number DESC").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("changes of %s: %w", e.ID, db.Normalize(err))
	}
	gone := map[int]bool{}
	for _, r := range rows {
		if rest, ok := strings.CutPrefix(r.Note, undoPrefix); ok {
			n, _, _ := strings.Cut(rest, ":")
			number, _ := strconv.Atoi(n)
			gone[number] = true
		}
	}
	slices.SortStableFunc(rows, func(a, b revisionRow) int { return b.Number - a.Number }) // instances' clocks differ, numbers do not
	for _, r := range rows {
		mark, undone, _ := ParseMark(r.Note)
		if r.Part != Facts || undone || gone[r.Number] {
			continue
		}
		m := &Marked{Mark: mark, At: r.At, Author: r.Author, Set: Parts{}, number: r.Number}
		for _, x := range rows { // its words were saved with it
			if x.Note == r.Note && x.At.Equal(r.At) {
				if err := s.takeBack(ctx, e, m, x.Part, x.Number); err != nil {
					return nil, err
				}
			}
		}
		slices.SortFunc(m.Since, func(a, b Problem) int { return strings.Compare(a.Name(), b.Name()) })
		return m, nil
	}
	return nil, nil
}

// takeBack adds to m what a revision changed.
func (s *Store) takeBack(ctx context.Context, e *Entry, m *Marked, p Part, number int) error {
	after, err := s.revision(ctx, s.DB.Read(), e.ID, p, number)
	if err != nil {
		return err
	}
	before := Leaves{}
	if number > 1 {
		if before, err = s.revision(ctx, s.DB.Read(), e.ID, p, number-1); err != nil {
			return err
		}
	}
	set := Leaves{}
	for path := range union(before, after) {
		f := e.Kind.Field(path)
		if f == nil || bytes.Equal(before[path], after[path]) { // by their stamps too
			continue
		}
		if !same(e.Parts[p][path], after[path]) {
			m.Since = append(m.Since, Problem{Path: path, Locale: p.Locale(), Blocks: true, Key: "problem.changed_since"})
		}
		set[path] = before[path]
	}
	m.Set[p] = set
	return nil
}

// Preview gives the entry as a change would make it, its languages as if that were public; nothing is stored and no rights are
// asked. It returns *Invalid as Save does.
func (s *Store) Preview(e *Entry, c Change) (*Entry, error) {
	set, problems := s.checkSet(e.Kind, c.Set)
	if len(problems) > 0 {
		return nil, &Invalid{problems}
	}
	next := *e
	next.Parts, next.Languages = maps.Clone(e.Parts), map[i18n.Locale]LanguageState{}
	for p, leaves := range set {
		next.Parts[p] = maps.Clone(orEmpty(e.Parts[p]))
		for path, v := range leaves {
			if c.undoes > 0 || !same(v, e.Parts[p][path]) {
				put(next.Parts[p], path, v)
			}
		}
	}
	source := Part(e.Original)
	for p, leaves := range set {
		for path := range leaves {
			if f := e.Kind.Field(path); p != Facts && p != source && f != nil && c.undoes == 0 {
				was, now, fresh := e.Parts[p].Text(path), next.Parts[p].Text(path), slices.Contains(c.Fresh[p], path)
				if was.Words != now.Words || fresh {
					next.Parts[p].SetText(path, stamp(f.Type, was, now, p.Locale(), stamping{seen: next.Parts[source].Text(path), from: e.Original, original: e.Original, fresh: fresh}))
				}
			}
		}
	}
	var err error
	if next.Value, err = e.Kind.Join(next.Parts); err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.ID, err)
	}
	for p := range next.Parts {
		if l := p.Locale(); p != Facts && l != e.Original {
			x := e.Languages[l]
			x.Missing, x.Stale = next.drafts().leaves(l)
			next.Languages[l] = x
		}
	}
	return &next, nil
}

// Changes tells what the entry has differently from another state of it, in the facts and one language after the other.
func (e *Entry) Changes(from *Entry) []Difference {
	out := e.Kind.differences(Facts, from.Parts[Facts], e.Parts[Facts])
	for _, l := range i18n.All {
		out = append(out, e.Kind.differences(Part(l), orEmpty(from.Parts[Part(l)]), orEmpty(e.Parts[Part(l)]))...)
	}
	return out
}

// Recalls reports whether publishing e after from would make calendars replace what they hold, see Sequenced.
func (e *Entry) Recalls(from *Entry) bool {
	original := Part(e.Original)
	return e.Kind.sequenced(e.Value, from.Parts[Facts], e.Parts[Facts]) || e.Kind.sequenced(e.Value, orEmpty(from.Parts[original]), orEmpty(e.Parts[original]))
}

// SaveAndPublish stores a change and makes what p says public, both or neither. If somebody has saved a part since
// c.Base, it is a *Conflicted: nobody publishes what they have not seen.
//
// A marked change is urgent: the gates are asked about the parts as they were before it, not about the change itself. A
// cancellation must not wait for a signature, and carries nothing along that does.
func (s *Store) SaveAndPublish(ctx context.Context, who *auth.Actor, c Change, p PublishChange) (*Saved, error) {
	var out *Saved
	err := s.change(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if c.Mark != "" && c.ID != "" {
			e, err := s.Hold(ctx, tx, who, c.ID)
			if err != nil {
				return err
			}
			before := map[Part]int{}
			if p.Facts {
				before[Facts] = e.Versions[Facts]
			}
			for _, l := range p.Locales {
				before[Part(l)] = e.Versions[Part(l)]
			}
			problems, err := s.askGates(ctx, tx, who, e, before)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				return &Invalid{problems}
			}
			p.urgent = true
		}
		if out, err = s.SaveTx(ctx, tx, who, c); err != nil {
			return err
		}
		if out.Merged {
			return &Conflicted{Versions: out.Versions}
		}
		if p.Versions == nil {
			p.Versions = map[Part]int{}
		}
		maps.Copy(p.Versions, out.Versions)
		return s.PublishTx(ctx, tx, who, p)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
