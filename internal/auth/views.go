package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

const (
	// MaxViews is how many views somebody may keep of one list.
	MaxViews = 20
	// MaxAllViews is how many views somebody may keep in all.
	MaxAllViews = 200
	// MaxViewName is how many characters the name of a view may have.
	MaxViewName = 60

	maxViewQuery = 1500 // bytes

	// viewsKept is how long a view that was removed can be brought back.
	viewsKept = 24 * time.Hour
)

// View is the filters of a list, kept under a name.
type View struct {
	ID    string
	List  string // address of the list, without "/admin/"
	Name  string
	Query string // of the list's address
	// Usual is the view that its owner's list opens with; of each list it is one at most.
	Usual bool
	// Shared is shown to all whose account is of the same organisation, too; it stays its owner's.
	Shared bool
	// Owner is the name of whose it is, "" for the reader's own.
	Owner string
}

type viewRow struct {
	bun.BaseModel `bun:"table:saved_views,alias:v"`
	ID            string     `bun:"id,pk"`
	AccountID     string     `bun:"account_id"`
	List          string     `bun:"list"`
	Name          string     `bun:"name"`
	Query         string     `bun:"query"`
	Usual         bool       `bun:"usual"`
	Shared        bool       `bun:"shared"`
	CreatedAt     time.Time  `bun:"created_at"`
	RemovedAt     *time.Time `bun:"removed_at"`
}

func (r *viewRow) view() View {
	return View{ID: r.ID, List: r.List, Name: r.Name, Query: r.Query, Usual: r.Usual, Shared: r.Shared}
}

// keepsViews says whether somebody can have views: people with an account.
func keepsViews(who *Actor) bool { return who != nil && !who.IsProgram() && !who.IsGuest() }

// Views gives the views of a list ("" for all lists): the actor's own, and those that colleagues share, each by name.
func (s *Service) Views(ctx context.Context, who *Actor, list string) ([]View, error) {
	if !keepsViews(who) {
		return nil, ErrForbidden
	}
	var rows []struct {
		viewRow
		Owner string
	}
	q := s.db.Read().NewSelect().TableExpr("saved_views AS v").ColumnExpr("v.*, a.name AS owner").Join("JOIN accounts AS a ON a.id = v.account_id").
		Where("v.removed_at IS NULL").Where("v.account_id = ? OR v.shared AND NOT a.disabled AND a.organization = ?", who.ID, who.Organization).
		OrderExpr("CASE WHEN v.account_id = ? THEN 0 ELSE 1 END, v.list, v.name, v.id", who.ID).Limit(1000)
	if list != "" {
		q = q.Where("v.list = ?", list)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("views: %w", db.Normalize(err))
	}
	out := make([]View, len(rows))
	for i := range rows {
		out[i] = rows[i].view()
		if rows[i].AccountID != who.ID {
			out[i].Owner, out[i].Usual = rows[i].Owner, false
		}
	}
	return out, nil
}

// viewName is a name as it is kept, or what is wrong with it.
func viewName(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case s == "":
		return "", Invalid{"name": "views.name_missing"}
	case utf8.RuneCountInString(s) > MaxViewName:
		return "", Invalid{"name": "views.name_long"}
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", Invalid{"name": "views.name_wrong"}
	}
	return s, nil
}

// changeViews runs f in a transaction in which nobody else changes the actor's views.
func (s *Service) changeViews(ctx context.Context, who *Actor, f func(ctx context.Context, tx bun.Tx) error) error {
	if !keepsViews(who) {
		return ErrForbidden
	}
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.lockRow(ctx, tx, who, who.ID); err != nil {
			return err
		}
		return f(ctx, tx)
	})
	if errors.Is(err, db.ErrDuplicate) {
		return Invalid{"name": "views.name_taken"}
	}
	return err
}

// room refuses one view more than there may be.
func (s *Service) room(ctx context.Context, tx bun.Tx, who *Actor, list string) error {
	var n struct{ Here, All int }
	if err := tx.NewRaw("SELECT count(*) AS \"all\", count(CASE WHEN list = ? THEN 1 END) AS here FROM saved_views WHERE account_id = ? AND removed_at IS NULL", list, who.ID).Scan(ctx, &n); err != nil {
		return db.Normalize(err)
	}
	if n.Here >= MaxViews || n.All >= MaxAllViews {
		return Invalid{"name": "views.too_many"}
	}
	return nil
}

// usual makes a view the only one that its list opens with.
func usual(ctx context.Context, tx bun.Tx, r *viewRow) error {
	if !r.Usual {
		return nil
	}
	_, err := tx.NewUpdate().Model((*viewRow)(nil)).Set("usual = ?", false).Where("account_id = ? AND list = ? AND id <> ?", r.AccountID, r.List, r.ID).Exec(ctx)
	return db.Normalize(err)
}

// KeepView keeps filters under a name. Where the actor has a view of that name of the list, it has these filters from now on, and was
// says what it was. Whether the list and its filters are any is for the caller to know.
func (s *Service) KeepView(ctx context.Context, who *Actor, v View) (kept View, was *View, err error) {
	if v.Name, err = viewName(v.Name); err != nil {
		return View{}, nil, err
	}
	if v.List == "" || len(v.List)+len(v.Query) > maxViewQuery {
		return View{}, nil, Invalid{"name": "views.query_long"}
	}
	err = s.changeViews(ctx, who, func(ctx context.Context, tx bun.Tx) error {
		r := new(viewRow)
		err := db.Normalize(tx.NewSelect().Model(r).Where("v.account_id = ? AND v.list = ? AND v.name = ? AND v.removed_at IS NULL", who.ID, v.List, v.Name).Scan(ctx))
		switch {
		case err == nil:
			old := r.view()
			was = &old
			r.Query, r.Usual, r.Shared = v.Query, v.Usual, v.Shared
			if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
				return db.Normalize(err)
			}
		case errors.Is(err, db.ErrNotFound):
			if err := s.room(ctx, tx, who, v.List); err != nil {
				return err
			}
			r = &viewRow{ID: newID(), AccountID: who.ID, List: v.List, Name: v.Name, Query: v.Query, Usual: v.Usual, Shared: v.Shared, CreatedAt: db.Now()}
			if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
				return db.Normalize(err)
			}
		default:
			return err
		}
		kept = r.view()
		return usual(ctx, tx, r)
	})
	if err != nil {
		return View{}, nil, err
	}
	return kept, was, nil
}

// own reads one of the actor's views; those of others are not there.
func (s *Service) own(ctx context.Context, tx bun.Tx, who *Actor, id string) (*viewRow, error) {
	r := new(viewRow)
	if err := tx.NewSelect().Model(r).Where("v.id = ? AND v.account_id = ?", id, who.ID).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	return r, nil
}

// ChangeView gives one of the actor's views another name, makes it the one its list opens with, and shares it, or no longer.
func (s *Service) ChangeView(ctx context.Context, who *Actor, v View) error {
	name, err := viewName(v.Name)
	if err != nil {
		return err
	}
	return s.changeViews(ctx, who, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.own(ctx, tx, who, v.ID)
		if err != nil {
			return err
		}
		if r.RemovedAt != nil {
			return db.ErrNotFound
		}
		r.Name, r.Usual, r.Shared = name, v.Usual, v.Shared
		if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return usual(ctx, tx, r)
	})
}

// RemoveView takes one of the actor's views away; for a day RestoreView brings it back.
func (s *Service) RemoveView(ctx context.Context, who *Actor, id string) (View, error) {
	var out View
	err := s.changeViews(ctx, who, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.own(ctx, tx, who, id)
		if err != nil {
			return err
		}
		out = r.view()
		if r.RemovedAt != nil {
			return nil
		}
		now := db.Now()
		if _, err := tx.NewDelete().Model((*viewRow)(nil)).Where("account_id = ? AND removed_at < ?", who.ID, now.Add(-viewsKept)).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		_, err = tx.NewUpdate().Model((*viewRow)(nil)).Set("removed_at = ?", now).Where("id = ?", id).Exec(ctx)
		return db.Normalize(err)
	})
	return out, err
}

// RestoreView brings back a view that the actor removed. Where another is the one its list opens with by now, that stays so.
func (s *Service) RestoreView(ctx context.Context, who *Actor, id string) (View, error) {
	var out View
	err := s.changeViews(ctx, who, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.own(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if r.RemovedAt == nil {
			out = r.view()
			return nil
		}
		if err := s.room(ctx, tx, who, r.List); err != nil {
			return err
		}
		other, err := tx.NewSelect().Model((*viewRow)(nil)).Where("v.account_id = ? AND v.list = ? AND v.usual AND v.removed_at IS NULL", who.ID, r.List).Exists(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		r.Usual, r.RemovedAt = r.Usual && !other, nil
		out = r.view()
		_, err = tx.NewUpdate().Model(r).WherePK().Exec(ctx)
		return db.Normalize(err)
	})
	return out, err
}

// Touch is something that somebody worked on.
type Touch struct {
	Kind, ID string
	At       time.Time
}

// Touched gives what the actor worked on last, of some kinds of objects, the latest first: each once, at most limit. It is read from
// the latest lines of the log.
func (s *Service) Touched(ctx context.Context, who *Actor, kinds []string, limit int) ([]Touch, error) {
	if who == nil {
		return nil, ErrForbidden
	}
	const lines = 400
	var rows []Touch
	if err := s.db.Read().NewRaw("SELECT kind, object_id AS id, max(at) AS at FROM (SELECT kind, object_id, at FROM audit WHERE actor = ? AND kind IN (?) ORDER BY id DESC LIMIT ?) AS l GROUP BY kind, object_id ORDER BY max(at) DESC, object_id LIMIT ?",
		who.ID, bun.In(append(kinds, "")), lines, limit).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("recent work: %w", db.Normalize(err))
	}
	return rows, nil
}
