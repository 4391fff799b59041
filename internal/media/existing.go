package media

import (
	"context"

	"plenary/internal/auth"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Visible tells which of the ids are files, not in the trash, that the actor may see, with the Kind of each, inside a transaction that is about to refer to them.
// Until it ends they cannot be deleted.
func Visible(ctx context.Context, tx bun.Tx, who *auth.Actor, ids []string) (map[string]string, error) {
	var found []*File
	sel := tx.NewSelect().Model(&found).Column("id", "kind", "office_id", "series_id", "event_id", "created_by").Where("m.id IN (?)", bun.List(ids)).Where("m.deleted_at IS NULL")
	if tx.Dialect().Name() == dialect.PG { // SQLite has one writer
		sel = sel.For("KEY SHARE")
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(found))
	for _, f := range found {
		if who.Can(auth.Read, f.Object()) {
			out[f.ID] = string(f.Kind)
		}
	}
	return out, nil
}
