package content

import (
	"context"
	"crypto/sha256"
	"encoding/json"
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

const (
	// sitting is how long somebody may pause and still be in the same one.
	sitting = 30 * time.Minute
	// stepsKept is how long the steps of sittings are kept. A form that was made from one that is gone is merged from the
	// state before it: then more may clash than need be, and nothing is lost.
	stepsKept = time.Hour
)

// errMadeMeanwhile: the same page has made the entry in another transaction.
var errMadeMeanwhile = errors.New("made meanwhile")

// newID is the same for whatever one page sends to make its entry.
func (c Change) newID(who *auth.Actor) string {
	if c.Tab == "" {
		return NewID()
	}
	sum := sha256.Sum256([]byte(who.ID + "\n" + c.Kind.Name + "\n" + c.Tab))
	return spell(sum[:12])
}

// madeBefore turns a change that makes an entry into one of that entry, if the page that sends it has made it already.
func (s *Store) madeBefore(ctx context.Context, tx bun.Tx, who *auth.Actor, c *Change) error {
	if c.ID != "" || c.Tab == "" || c.Kind == nil || who == nil {
		return nil
	}
	id := c.newID(who)
	var parts []Part
	if err := tx.NewRaw("SELECT part FROM parts WHERE entry_id = ?", id).Scan(ctx, &parts); err != nil || len(parts) == 0 {
		return db.Normalize(err)
	}
	c.ID, c.Base = id, map[Part]int{Facts: 0, Part(c.Original): 0}
	for _, p := range parts {
		c.Base[p] = 0
	}
	return nil
}

// ownSince moves the versions that a change was made from past those that the same page has saved itself since then, which it
// does not know of where an answer was lost. It reports whether the page has already saved something later.
func (s *Store) ownSince(ctx context.Context, tx bun.Tx, e *Entry, c *Change) (late bool, err error) {
	if c.Tab == "" || c.Base == nil {
		return false, nil
	}
	c.Base = maps.Clone(c.Base)
	for p, base := range c.Base {
		if base < 0 || base >= e.Versions[p] {
			continue
		}
		var rows []revisionRow
		if err := tx.NewSelect().Model(&rows).Column("number", "tab", "seq").Where("r.entry_id = ? AND r.part = ? AND r.number > ?", e.ID, p, base).
			OrderExpr("r.number").Scan(ctx); err != nil {
			return false, fmt.Errorf("revisions of %s: %w", e.ID, db.Normalize(err))
		}
		for _, r := range rows {
			if r.Tab == c.Tab && r.Seq > c.Seq {
				return true, nil
			}
			if r.Tab == c.Tab && r.Number == c.Base[p]+1 {
				c.Base[p] = r.Number
			}
		}
	}
	return false, nil
}

// sit puts an automatic revision into its author's sitting, and reports whether that goes on: then the one before becomes a
// step. Whatever was asked for or published begins another.
func (s *Store) sit(ctx context.Context, tx bun.Tx, e *Entry, c Change, r *revisionRow) (goesOn bool, err error) {
	if !c.Auto {
		return false, nil
	}
	r.Autosaves, r.Began = 1, &r.At
	var was revisionRow
	err = tx.NewSelect().Model(&was).ExcludeColumn("doc").Where("r.entry_id = ? AND r.part = ? AND r.number = ?", e.ID, r.Part, r.Number-1).Scan(ctx)
	switch err = db.Normalize(err); {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return false, err
	case err == nil && was.Autosaves > 0 && was.Author == r.Author && e.Live[r.Part] != was.Number && r.At.Sub(was.At) <= sitting:
		r.Autosaves, r.Began = was.Autosaves+1, was.Began
		_, err = tx.NewUpdate().Model(&was).Set("step = ?", true).WherePK().Exec(ctx)
		return true, err
	}
	_, err = tx.NewDelete().Model((*revisionRow)(nil)).Where("step AND at < ?", r.At.Add(-stepsKept)).Exec(ctx)
	return false, err
}

// seal makes what was saved automatically something that was asked for, if the same person saves it as it is.
func (s *Store) seal(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, c Change, next Parts) error {
	if c.Auto {
		return nil
	}
	for p := range c.Set {
		if next[p] != nil || e.Versions[p] == 0 {
			continue
		}
		if _, err := tx.NewUpdate().Model((*revisionRow)(nil)).Set("autosaves = 0").
			Where("entry_id = ? AND part = ? AND number = ? AND author = ? AND autosaves > 0", e.ID, p, e.Versions[p], who.ID).Exec(ctx); err != nil {
			return fmt.Errorf("revision of %s: %w", e.ID, db.Normalize(err))
		}
	}
	return nil
}

// typed are the parts that somebody else is in the middle of: nobody who sees only a list publishes half a sentence of theirs.
func (s *Store) typed(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, parts []Part) ([]Conflict, error) {
	var out []Conflict
	for _, p := range parts {
		n, err := tx.NewSelect().Model((*revisionRow)(nil)).Where("entry_id = ? AND part = ? AND number = ? AND autosaves > 0 AND author <> ? AND at > ?",
			e.ID, p, e.Versions[p], who.ID, s.now().Add(-sitting)).Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("revision of %s: %w", e.ID, db.Normalize(err))
		}
		if n > 0 {
			out = append(out, Conflict{Part: p})
		}
	}
	return out, nil
}

// Keep has revisions of an entry stay as they are, whatever is saved automatically after them: somebody has decided about
// them. 0 is none.
func (s *Store) Keep(ctx context.Context, tx bun.Tx, id string, revisions map[Part]int) error {
	for p, n := range revisions {
		if _, err := tx.NewUpdate().Model((*revisionRow)(nil)).Set("autosaves = 0").Set("step = ?", false).
			Where("entry_id = ? AND part = ? AND number = ? AND autosaves > 0", id, p, n).Exec(ctx); err != nil {
			return fmt.Errorf("revision of %s: %w", id, db.Normalize(err))
		}
	}
	return nil
}

// asOf gives a part as a revision has it, or the one before where it was a step that is not kept any more.
func (s *Store) asOf(ctx context.Context, q bun.IDB, id string, p Part, number int) (Leaves, error) {
	var doc string
	err := q.NewSelect().Model((*revisionRow)(nil)).Column("doc").Where("entry_id = ? AND part = ? AND number <= ?", id, p, number).
		OrderExpr("number DESC").Limit(1).Scan(ctx, &doc)
	switch err = db.Normalize(err); {
	case errors.Is(err, db.ErrNotFound):
		return Leaves{}, nil
	case err != nil:
		return nil, fmt.Errorf("revision %d of part %q of %s: %w", number, p, id, err)
	}
	return readLeaves(doc)
}

// Left is what SaveFitting could not store.
type Left struct {
	Problems []Problem   // what no field takes
	Clash    *Conflicted // what others have changed too; nil if nothing
}

// SaveFitting is Save for a change that nobody looks at while it is made: what is not as it must be, or clashes, is left out
// and told, and all else is stored.
func (s *Store) SaveFitting(ctx context.Context, who *auth.Actor, c Change) (*Saved, *Left, error) {
	left := &Left{}
	set := Parts{}
	for p, leaves := range c.Set {
		set[p] = maps.Clone(leaves)
	}
	c.Set = set
	for range 8 { // each round finds what the one before hid
		saved, err := s.Save(ctx, who, c)
		var invalid *Invalid
		var clash *Conflicted
		found := false
		switch {
		case errors.As(err, &invalid):
			for _, p := range invalid.Problems {
				if p.Path == "slug" && c.Slug != nil {
					c.Slug, found = nil, true
					continue
				}
				found = drop(set, func(part Part, path string) bool { return part.Locale() == p.Locale && path == leafOf(p.Path) }) || found
			}
			left.Problems = append(left.Problems, invalid.Problems...)
		case errors.As(err, &clash):
			for _, x := range clash.List {
				found = drop(set, func(part Part, path string) bool {
					return path == x.Path && part == x.Part || x.Item != "" && (path == x.Path || strings.HasPrefix(path, x.Path+"."+x.Item+"."))
				}) || found
			}
			if left.Clash == nil {
				left.Clash = &Conflicted{}
			}
			left.Clash.List = append(left.Clash.List, clash.List...)
		}
		if !found {
			return saved, left, err
		}
	}
	return nil, left, &Invalid{left.Problems}
}

// leafOf takes the name of a composite's piece off.
func leafOf(path string) string {
	path, _, _ = strings.Cut(path, ":")
	return path
}

func drop(set Parts, which func(Part, string) bool) (any bool) {
	for p, leaves := range set {
		n := len(leaves)
		maps.DeleteFunc(leaves, func(path string, _ json.RawMessage) bool { return which(p, path) })
		any = any || len(leaves) < n
	}
	return any
}

// News is one leaf that others have changed: who of them was the last in its part, and when.
type News struct {
	Difference
	Author string
	At     time.Time
}

// Meanwhile tells what others have made of an entry since the versions that somebody was shown; what is the same in mine is not
// told.
func (s *Store) Meanwhile(ctx context.Context, who *auth.Actor, e *Entry, shown map[Part]int, mine Parts) ([]News, error) {
	var out []News
	for p, n := range shown {
		if n < 0 || n >= e.Versions[p] {
			continue
		}
		old, err := s.asOf(ctx, s.DB.Read(), e.ID, p, n)
		if err != nil {
			return nil, err
		}
		var rows []revisionRow
		if err := s.DB.Read().NewSelect().Model(&rows).ExcludeColumn("doc", "hash").Where("r.entry_id = ? AND r.part = ? AND r.number > ?", e.ID, p, n).
			OrderExpr("r.number DESC").Limit(200).Scan(ctx); err != nil {
			return nil, fmt.Errorf("revisions of %s: %w", e.ID, db.Normalize(err))
		}
		last := max(0, slices.IndexFunc(rows, func(r revisionRow) bool { return r.Author != who.ID }))
		for _, d := range e.Kind.differences(p, old, orEmpty(e.Parts[p])) {
			if raw, said := mine[p][d.Path]; said && same(raw, d.New) || len(rows) == 0 {
				continue
			}
			out = append(out, News{d, rows[last].Author, rows[last].At})
		}
	}
	return out, nil
}
