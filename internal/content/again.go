package content

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// rowsMade is raised when the rows that publishing writes say something new, or say it otherwise: those of older programs are
// then made again at the start.
const rowsMade = 1

// madeBy tells rows made by these rules with these sort keys from others.
const madeBy = rowsMade*1000 + i18n.SortKeys

// atOnce is how many entries are made again in one transaction.
var atOnce = 200

// derived are rows that follow from entries, and are made again at the start where a program has written them that made them
// otherwise, or not at all.
type derived struct {
	name    string // in the table of generations, where the version stands that they were last made by
	version int
	make    func(ctx context.Context, tx bun.Tx, found []row) error // of some entries, whatever there was before
	shown   bool                                                    // the public sees it
}

// startDerived makes again what is out of date: in steps that others can write between, and from the beginning if it was
// interrupted. Several instances may do so at once.
func (s *Store) startDerived(ctx context.Context) error {
	all := []derived{{"promises", 1, s.makePromises, false}, {"translations", 1, s.makeStates, false}, {"rows", madeBy, s.makeRows, true}}
	for _, f := range s.Following {
		all = append(all, derived{f.Name, f.Version, func(ctx context.Context, tx bun.Tx, found []row) error {
			ids := make([]string, len(found))
			for i, e := range found {
				ids[i] = e.ID
			}
			return f.Make(ctx, tx, ids)
		}, true})
	}
	for _, d := range all {
		if err := s.makeAgain(ctx, d); err != nil {
			return fmt.Errorf("making %s again: %w", d.name, err)
		}
	}
	return nil
}

func (s *Store) makeAgain(ctx context.Context, d derived) error {
	var done int
	if err := s.DB.Read().NewRaw("SELECT coalesce(max(n), 0) FROM generations WHERE name = ?", d.name).Scan(ctx, &done); err != nil || done >= d.version {
		return db.Normalize(err)
	}
	lock := ""
	if s.DB.Postgres() {
		lock = " FOR UPDATE"
	}
	for after, more := "", true; more; {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			var found []row
			if err := tx.NewRaw("SELECT id, kind, original, title FROM entries WHERE id > ? ORDER BY id LIMIT ?"+lock, after, atOnce).Scan(ctx, &found); err != nil {
				return err
			}
			if more = len(found) == atOnce; len(found) == 0 {
				return nil
			}
			after = found[len(found)-1].ID
			return d.make(ctx, tx, found)
		}); err != nil {
			return err
		}
	}
	finish := func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO generations AS g (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = EXCLUDED.n WHERE g.n < EXCLUDED.n", d.name, d.version).Exec(ctx)
		if err != nil || !d.shown {
			return err
		}
		return s.raise(ctx, tx)
	}
	if !d.shown {
		return s.DB.InTx(ctx, finish)
	}
	return s.change(ctx, finish)
}

// makeRows writes what entries are listed by.
func (s *Store) makeRows(ctx context.Context, tx bun.Tx, found []row) (err error) {
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.ID
	}
	if err := remakeTitles(ctx, tx, found); err != nil {
		return err
	}
	var docs []liveRow
	if err := tx.NewSelect().Model(&docs).Column("entry_id", "part", "doc").Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	parts := map[string]Parts{}
	for _, d := range docs {
		if parts[d.EntryID] == nil {
			parts[d.EntryID] = Parts{}
		}
		if parts[d.EntryID][d.Part], err = readLeaves(d.Doc); err != nil {
			return fmt.Errorf("%s: %w", d.EntryID, err)
		}
	}
	var rows []publicationRow
	if err := tx.NewSelect().Model(&rows).Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	for _, e := range found {
		if parts[e.ID] == nil {
			continue
		}
		k := s.Kind(e.Kind)
		if k == nil {
			return fmt.Errorf("entry %s: kind %q is not known", e.ID, e.Kind)
		}
		value, err := k.Join(parts[e.ID])
		if err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
		words := k.shownWords(value)
		for i := range rows {
			if rows[i].EntryID == e.ID {
				words.fill(&rows[i], e.Original)
			}
		}
	}
	if len(rows) > 0 {
		if _, err := tx.NewDelete().Model((*publicationRow)(nil)).Where("entry_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
