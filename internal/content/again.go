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

// startRows makes the rows again that lists are read from, where an older program has written them: in steps that others can
// write between, and from the beginning if it was interrupted. Several instances may do so at once.
func (s *Store) startRows(ctx context.Context) error {
	var done int
	if err := s.DB.Read().NewRaw("SELECT coalesce(max(n), 0) FROM generations WHERE name = 'rows'").Scan(ctx, &done); err != nil || done >= madeBy {
		return db.Normalize(err)
	}
	for after, more := "", true; more; {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			after, more, err = s.makeRows(ctx, tx, after)
			return err
		}); err != nil {
			return fmt.Errorf("rows of lists: %w", err)
		}
	}
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO generations AS g (name, n) VALUES ('rows', ?) ON CONFLICT (name) DO UPDATE SET n = EXCLUDED.n WHERE g.n < EXCLUDED.n", madeBy).Exec(ctx); err != nil {
			return fmt.Errorf("rows of lists: %w", err)
		}
		return s.raise(ctx, tx)
	})
}

// makeRows writes what the entries that follow after one are listed by, and gives the last of them.
func (s *Store) makeRows(ctx context.Context, tx bun.Tx, after string) (last string, more bool, err error) {
	lock := ""
	if s.DB.Postgres() {
		lock = " FOR UPDATE"
	}
	var found []row
	if err := tx.NewRaw("SELECT id, kind, original, title FROM entries WHERE id > ? ORDER BY id LIMIT ?"+lock, after, atOnce).Scan(ctx, &found); err != nil {
		return "", false, err
	}
	if len(found) == 0 {
		return after, false, nil
	}
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.ID
	}
	if err := remakeTitles(ctx, tx, found); err != nil {
		return "", false, err
	}
	var docs []liveRow
	if err := tx.NewSelect().Model(&docs).Column("entry_id", "part", "doc").Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return "", false, err
	}
	parts := map[string]Parts{}
	for _, d := range docs {
		if parts[d.EntryID] == nil {
			parts[d.EntryID] = Parts{}
		}
		if parts[d.EntryID][d.Part], err = readLeaves(d.Doc); err != nil {
			return "", false, fmt.Errorf("%s: %w", d.EntryID, err)
		}
	}
	var rows []publicationRow
	if err := tx.NewSelect().Model(&rows).Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return "", false, err
	}
	for _, e := range found {
		if parts[e.ID] == nil {
			continue
		}
		k := s.Kind(e.Kind)
		if k == nil {
			return "", false, fmt.Errorf("entry %s: kind %q is not known", e.ID, e.Kind)
		}
		value, err := k.Join(parts[e.ID])
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", e.ID, err)
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
			return "", false, err
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return "", false, err
		}
	}
	return found[len(found)-1].ID, len(found) == atOnce, nil
}
