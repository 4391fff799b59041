package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// Redate reckons anew when published entries that are still to come begin and end: as announced, by the clock rules of their
// places as this program knows them now. A country that gives up its summer time moves the instants; publishing has
// written those down for lists, and others hear of it by OnChange.
func (s *Store) Redate(ctx context.Context) error {
	since := s.now().Add(-48 * time.Hour) // what has just begun or ended by the old rules
	var ids []string
	if err := s.DB.Read().NewRaw(`SELECT DISTINCT entry_id FROM publications WHERE ends_at > ? AND ends_at < ? OR sort_at > ? AND sort_at < ? ORDER BY entry_id`,
		since, farFuture, since, farFuture).Scan(ctx, &ids); err != nil {
		return fmt.Errorf("dates of entries: %w", db.Normalize(err))
	}
	for some := range slices.Chunk(ids, 100) {
		wrong, err := s.misdated(ctx, s.DB.Read(), some...)
		if err != nil {
			return err
		}
		for id := range wrong {
			if err := s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.redate(ctx, tx, id) }); err != nil {
				return fmt.Errorf("dates of %s: %w", id, err)
			}
		}
	}
	return nil
}

// misdated gives those of some published entries whose rows say another time than their facts, with the right one.
func (s *Store) misdated(ctx context.Context, q bun.IDB, ids ...string) (map[string]publicationRow, error) {
	values, err := s.publicValues(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var rows []publicationRow
	if err := q.NewSelect().Model(&rows).Column("entry_id", "sort_at", "ends_at", "first_at").Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("publications: %w", db.Normalize(err))
	}
	wrong := map[string]publicationRow{}
	for _, r := range rows {
		now, dated := r, false
		if value := values[r.EntryID]; value != nil {
			_, dated = value.(Dated)
			now.date(value)
		}
		if dated && (now.SortAt.UnixMicro() != r.SortAt.UnixMicro() || now.EndsAt.UnixMicro() != r.EndsAt.UnixMicro()) { // databases keep no more
			wrong[r.EntryID] = now
		}
	}
	return wrong, nil
}

func (s *Store) redate(ctx context.Context, tx bun.Tx, id string) error {
	if err := s.lock(ctx, tx, id); err != nil {
		return err
	}
	wrong, err := s.misdated(ctx, tx, id)
	r, still := wrong[id]
	if err != nil || !still {
		return err // published anew since
	}
	if _, err := tx.NewUpdate().Model((*publicationRow)(nil)).Set("sort_at = ?", r.SortAt).Set("ends_at = ?", r.EndsAt).Where("entry_id = ?", id).Exec(ctx); err != nil {
		return err
	}
	if err := s.raise(ctx, tx); err != nil {
		return err
	}
	for _, f := range s.OnChange {
		if err := f(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
