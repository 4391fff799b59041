package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Line is a task as staff see it. Arguments are not shown: they may name persons.
type Line struct {
	ID, Kind, State, Error string
	DueAt, CreatedAt       time.Time
	Attempts               int
}

// next is when the first of the tasks that wait is due; zero if none does.
func (q *Queue) next(ctx context.Context) (time.Time, error) {
	var r row
	err := q.db.Read().NewSelect().Model(&r).Column("due_at").Where("state = ? AND kind IN (?)", Waiting, q.kinds()).Order("due_at").Limit(1).Scan(ctx)
	if err = db.Normalize(err); errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return r.DueAt, err
}

// List gives the tasks in one state, or all, those due first first, and how many there are.
func (q *Queue) List(ctx context.Context, who *auth.Actor, state string, p auth.Paging) ([]Line, int, error) {
	if !who.Can(auth.ManageInstance, auth.Object{}) {
		return nil, 0, auth.ErrForbidden
	}
	var rows []row
	sel := q.db.Read().NewSelect().Model(&rows)
	if state != "" {
		sel = sel.Where("state = ?", state)
	}
	total, err := p.Apply(sel.Order("due_at", "id")).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	lines := make([]Line, len(rows))
	for i, r := range rows {
		lines[i] = Line{r.ID, r.Kind, r.State, r.Error, r.DueAt, r.CreatedAt, r.Attempts}
	}
	return lines, int(total), nil
}

// Again has a task that failed tried again at once.
func (q *Queue) Again(ctx context.Context, who *auth.Actor, id string) error {
	return q.change(ctx, who, "task.again", id, func(ctx context.Context, tx bun.Tx) (kind string, err error) {
		err = tx.NewRaw("UPDATE jobs SET state = ?, attempts = 0, due_at = ? WHERE id = ? AND state = ? RETURNING kind", Waiting, q.now(), id, Failed).Scan(ctx, &kind)
		return kind, err
	})
}

// Drop gives up a task that failed.
func (q *Queue) Drop(ctx context.Context, who *auth.Actor, id string) error {
	return q.change(ctx, who, "task.drop", id, func(ctx context.Context, tx bun.Tx) (kind string, err error) {
		err = tx.NewRaw("DELETE FROM jobs WHERE id = ? AND state = ? RETURNING kind", id, Failed).Scan(ctx, &kind)
		return kind, err
	})
}

func (q *Queue) change(ctx context.Context, who *auth.Actor, action, id string, f func(ctx context.Context, tx bun.Tx) (kind string, err error)) error {
	if !who.Can(auth.ManageInstance, auth.Object{}) {
		return auth.ErrForbidden
	}
	return q.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		kind, err := f(ctx, tx)
		if err != nil {
			return fmt.Errorf("task %s: %w", strings.TrimPrefix(action, "task."), err)
		}
		if err := auth.Audit(ctx, tx, who, action, auth.Object{Kind: "task", ID: id}, map[string]any{"task": kind}); err != nil {
			return err
		}
		return q.db.Announce(ctx, tx, topic, "")
	})
}
