// Package translation is the work of translating: who translates which language of an entry, and until when. How far a
// translation is, package content knows.
package translation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
)

// Store keeps assignments. Safe for concurrent use.
type Store struct {
	DB        *db.DB
	Content   *content.Store
	Auth      *auth.Service
	Mail      *mail.Outbox // nil: nobody is told
	Jobs      *job.Queue
	Catalogue *i18n.Catalogue
	BaseURL   string
	Now       func() time.Time // UTC; nil: the system's
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC().Truncate(time.Microsecond)
	}
	return db.Now()
}

// Cell is one language of an entry.
type Cell struct {
	EntryID string
	Locale  i18n.Locale
}

// Assignment says who translates a cell.
type Assignment struct {
	bun.BaseModel `bun:"table:translation_assignments,alias:ta"`
	EntryID       string       `bun:"entry_id,pk"`
	Locale        i18n.Locale  `bun:"locale,pk"`
	Account       string       `bun:"account_id"`
	Due           content.Date `bun:"due"`
	Note          string       `bun:"note"`
	Batch         string       `bun:"batch"`
	By            string       `bun:"assigned_by"`
	At            time.Time    `bun:"assigned_at"`
}

// MaxCells bounds how many cells are assigned at once, MaxNote a note's characters.
const (
	MaxCells = 1000
	MaxNote  = 1000
)

// Refusal is a cell that could not be assigned, and the message that says why.
type Refusal struct {
	Cell
	Title string
	Key   string
}

// Refused is why nothing was assigned.
type Refused []Refusal

func (r Refused) Error() string { return fmt.Sprintf("%d translations cannot be assigned", len(r)) }

// Assign gives cells to an account, all or none, until a day and with words for who translates; nobody ("") takes them back.
// Who may change an entry's facts assigns any language of it; a translator takes and gives back what they translate. Who did
// not assign it to themselves is told in one letter.
func (s *Store) Assign(ctx context.Context, who *auth.Actor, cells []Cell, account string, due content.Date, note string) (n int, err error) {
	note = strings.TrimSpace(i18n.StripControls(note))
	if len(cells) > MaxCells || utf8.RuneCountInString(note) > MaxNote || due != "" && due.Time().IsZero() {
		return 0, &content.Invalid{Problems: []content.Problem{{Path: "note", Blocks: true, Key: "problem.too_long", Args: []any{"Max", MaxNote}}}}
	}
	var to *auth.Actor
	if account != "" {
		if to, err = s.Auth.ActorOf(ctx, account); err != nil && !errors.Is(err, db.ErrNotFound) {
			return 0, err
		}
		if err != nil || to.Disabled {
			return 0, &content.Invalid{Problems: []content.Problem{{Path: "assignee", Blocks: true, Key: "board.no_account"}}}
		}
	}
	cells = slices.Clone(cells)
	slices.SortFunc(cells, func(a, b Cell) int {
		if c := strings.Compare(a.EntryID, b.EntryID); c != 0 {
			return c
		}
		return strings.Compare(string(a.Locale), string(b.Locale))
	})
	cells = slices.Compact(cells)
	batch := content.NewID()
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n = 0
		var refused Refused
		var e *content.Entry
		for _, c := range cells {
			if e == nil || e.ID != c.EntryID {
				var err error
				if e, err = s.Content.Hold(ctx, tx, who, c.EntryID); err != nil { // two who take the same come one after the other
					return err
				}
			}
			if !slices.Contains(i18n.All, c.Locale) || c.Locale == e.Original {
				return db.ErrNotFound
			}
			o := e.TextObject(c.Locale)
			manages := who.Can(auth.EditFacts, e.Object())
			own := (account == "" || account == who.ID) && who.Can(auth.EditText, o)
			if !manages && !own {
				return auth.ErrForbidden
			}
			var was []Assignment
			if err := tx.NewSelect().Model(&was).Where("ta.entry_id = ? AND ta.locale = ?", e.ID, c.Locale).Scan(ctx); err != nil {
				return fmt.Errorf("assignment of %s: %w", e.ID, db.Normalize(err))
			}
			if !manages && len(was) > 0 && was[0].Account != who.ID {
				refused = append(refused, Refusal{c, e.Title, "board.taken"})
				continue
			}
			if account == "" {
				if len(was) == 0 {
					continue
				}
				if _, err := tx.NewDelete().Model(&was[0]).WherePK().Exec(ctx); err != nil {
					return fmt.Errorf("assignment of %s: %w", e.ID, err)
				}
				n++
				if err := auth.Audit(ctx, tx, who, "unassign", o, map[string]any{"title": e.Title, "account": was[0].Account}); err != nil {
					return err
				}
				continue
			}
			if !to.Can(auth.EditText, o) || !to.Can(auth.Read, e.Object()) {
				refused = append(refused, Refusal{c, e.Title, "board.may_not"})
				continue
			}
			a := &Assignment{EntryID: e.ID, Locale: c.Locale, Account: account, Due: due, Note: note, Batch: batch, By: who.ID, At: s.now()}
			q := tx.NewInsert().Model(a).On("CONFLICT (entry_id, locale) DO UPDATE")
			for _, column := range []string{"account_id", "due", "note", "batch", "assigned_by", "assigned_at"} {
				q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
			}
			if _, err := q.Exec(ctx); err != nil {
				return fmt.Errorf("assignment of %s: %w", e.ID, db.Normalize(err))
			}
			n++
			detail := map[string]any{"title": e.Title, "account": account}
			if due != "" {
				detail["due"] = due
			}
			if err := auth.Audit(ctx, tx, who, "assign", o, detail); err != nil {
				return err
			}
		}
		if len(refused) > 0 {
			return refused
		}
		if n > 0 && account != "" && account != who.ID && s.Jobs != nil && s.Mail != nil {
			return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: TellJob, Args: tellArgs{batch}, Key: TellJob + ":" + batch})
		}
		return nil
	})
	return n, err
}

// Of gives the assignments of entries, by entry and language.
func (s *Store) Of(ctx context.Context, ids ...string) (map[string]map[i18n.Locale]Assignment, error) {
	out := map[string]map[i18n.Locale]Assignment{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []Assignment
	if err := s.DB.Read().NewSelect().Model(&rows).Where("ta.entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("assignments: %w", db.Normalize(err))
	}
	for _, r := range rows {
		if out[r.EntryID] == nil {
			out[r.EntryID] = map[i18n.Locale]Assignment{}
		}
		out[r.EntryID][r.Locale] = r
	}
	return out, nil
}

// What a Filter's Due can ask for.
const (
	Overdue  = "overdue"
	ThisWeek = "week" // within seven days, and overdue
	Undated  = "none"
)

// Nobody is what a Filter's Account asks for translations that are not assigned.
const Nobody = "none"

// Filter limits translations by who is to make them, and until when.
type Filter struct{ Account, Due string }

// Which is the filter for content.BoardQuery; today is the office's.
func (f Filter) Which(today time.Time) func(*bun.SelectQuery) *bun.SelectQuery {
	if f.Account == "" && f.Due == "" {
		return nil
	}
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		const assigned = "EXISTS (SELECT 1 FROM translation_assignments AS ta WHERE ta.entry_id = t.entry_id AND ta.locale = t.locale"
		switch f.Account {
		case "":
		case Nobody:
			q = q.Where("NOT " + assigned + ")")
		default:
			q = q.Where(assigned+" AND ta.account_id = ?)", f.Account)
		}
		switch f.Due {
		case Overdue:
			q = q.Where(assigned+" AND ta.due <> '' AND ta.due < ?)", day(0)).Where("t.state IN (?)", bun.List(toDo))
		case ThisWeek:
			q = q.Where(assigned+" AND ta.due <> '' AND ta.due <= ?)", day(7)).Where("t.state IN (?)", bun.List(toDo))
		case Undated:
			q = q.Where(assigned + " AND ta.due = '')")
		}
		return q
	}
}

// toDo are the states in which a translator has something to do.
var toDo = []content.TranslationState{content.TranslationMissing, content.TranslationOutdated, content.TranslationInWork}

// Open reports whether a translator has something to do.
func Open(s content.TranslationState) bool { return slices.Contains(toDo, s) }

// Work is an assigned translation with something to do.
type Work struct {
	Assignment
	Kind, Title string
	Original    i18n.Locale
	content.Translation
}

// Mine lists what waits for the actor to translate, by its day, at most limit.
func (s *Store) Mine(ctx context.Context, who *auth.Actor, limit int) ([]Work, error) {
	if who == nil {
		return nil, auth.ErrForbidden
	}
	rows, _, err := s.Content.Board(ctx, who, content.BoardQuery{Locales: i18n.All, Limit: 200, Which: func(q *bun.SelectQuery) *bun.SelectQuery {
		return Filter{Account: who.ID}.Which(time.Time{})(q).Where("t.state IN (?)", bun.List(toDo))
	}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	assigned, err := s.Of(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []Work
	for _, r := range rows {
		for l, a := range assigned[r.ID] {
			if t := r.Translations[l]; a.Account == who.ID && Open(t.State) {
				out = append(out, Work{a, r.Kind, r.Title, r.Original, t})
			}
		}
	}
	slices.SortFunc(out, func(a, b Work) int {
		if a.Due != b.Due {
			switch {
			case a.Due == "":
				return 1
			case b.Due == "":
				return -1
			}
			return strings.Compare(string(a.Due), string(b.Due))
		}
		return strings.Compare(a.EntryID+string(a.Locale), b.EntryID+string(b.Locale))
	})
	return out[:min(len(out), limit)], nil
}
