// Package suggestion is what somebody proposes who may not change it: leaves with their values before, accepted or declined one by one
// by those who may. Accepting is an ordinary save, on the versions that the author saw.
package suggestion

import (
	"context"
	"encoding/json"
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
)

const (
	maxNote = 1000 // characters
	// MaxOpen is how many of somebody's suggestions for an entry may wait.
	MaxOpen = 100
)

// Store keeps suggestions. Safe for concurrent use.
type Store struct {
	DB      *db.DB
	Content *content.Store
	// Told is asked, as part of the transaction, to tell the author of a decision; nil: nobody is told.
	Told func(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, x *Suggestion) error
}

// State is what became of a suggestion.
type State string

// The states.
const (
	Open      State = "open"
	Accepted  State = "accepted"
	Declined  State = "declined"
	Withdrawn State = "withdrawn"
)

// Suggestion is a change of one field, or of one list with its items, in every part that it concerns.
type Suggestion struct {
	ID, EntryID, Field string
	Set, Was           content.Parts
	Base               map[content.Part]int
	Note, Author       string
	At                 time.Time
	State              State
	DecidedBy, Answer  string
	DecidedAt          *time.Time
}

// Differences are the suggestion's leaves, for a comparison, in the order of its parts.
func (x *Suggestion) Differences(k *content.Kind) []content.Difference {
	var out []content.Difference
	for _, p := range append([]content.Part{content.Facts}, parts()...) {
		var paths []string
		for path := range x.Set[p] {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		for _, path := range paths {
			out = append(out, content.Difference{Part: p, Path: path, Field: k.Field(path), Old: x.Was[p][path], New: x.Set[p][path]})
		}
	}
	return out
}

func parts() (out []content.Part) {
	for _, l := range i18n.All {
		out = append(out, content.Part(l))
	}
	return out
}

type row struct {
	bun.BaseModel `bun:"table:suggestions,alias:su"`
	ID            string     `bun:"id,pk"`
	EntryID       string     `bun:"entry_id"`
	Field         string     `bun:"field"`
	Proposed      string     `bun:"proposed"`
	Was           string     `bun:"was"`
	Base          string     `bun:"base"`
	Note          string     `bun:"note"`
	Author        string     `bun:"author"`
	CreatedAt     time.Time  `bun:"created_at"`
	State         State      `bun:"state"`
	DecidedBy     string     `bun:"decided_by"`
	DecidedAt     *time.Time `bun:"decided_at"`
	Answer        string     `bun:"answer"`
}

func (r *row) suggestion() (*Suggestion, error) {
	x := &Suggestion{ID: r.ID, EntryID: r.EntryID, Field: r.Field, Note: r.Note, Author: r.Author, At: r.CreatedAt, State: r.State, DecidedBy: r.DecidedBy, DecidedAt: r.DecidedAt, Answer: r.Answer}
	for doc, to := range map[string]any{r.Proposed: &x.Set, r.Was: &x.Was, r.Base: &x.Base} {
		if err := json.Unmarshal([]byte(doc), to); err != nil {
			return nil, fmt.Errorf("suggestion %s: %w", r.ID, err)
		}
	}
	// An emptied leaf is null in the document, and nil as a leaf.
	for _, of := range []content.Parts{x.Set, x.Was} {
		for _, leaves := range of {
			for path, v := range leaves {
				if string(v) == "null" {
					leaves[path] = nil
				}
			}
		}
	}
	return x, nil
}

func invalid(key string) error {
	return &content.Invalid{Problems: []content.Problem{{Path: "note", Blocks: true, Key: key}}}
}

func cleanNote(s string) (string, error) {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = i18n.StripControls(lines[i])
	}
	s = strings.TrimSpace(strings.Join(lines, "\n"))
	if utf8.RuneCountInString(s) > maxNote || !utf8.ValidString(s) {
		return "", invalid("problem.note_long")
	}
	return s, nil
}

// Suggest proposes what set makes different from what the actor saw, the versions base: one suggestion a field, and gives how many.
// It needs the right to suggest, and changes nothing of the entry.
func (s *Store) Suggest(ctx context.Context, who *auth.Actor, id string, set content.Parts, base map[content.Part]int, note string) (n int, err error) {
	note, err = cleanNote(note)
	if err != nil {
		return 0, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n = 0
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !who.Can(auth.Suggest, e.Object()) {
			return auth.ErrForbidden
		}
		diffs, err := s.Content.Proposed(ctx, tx, e, set, base)
		if err != nil {
			return err
		}
		open, err := tx.NewSelect().Model((*row)(nil)).Where("su.entry_id = ? AND su.author = ? AND su.state = ?", id, who.ID, Open).Count(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		by, order := map[string]*Suggestion{}, []*Suggestion(nil)
		keep := map[content.Part]int{}
		for _, d := range diffs {
			field, name := d.Path, d.Path+"@"+string(d.Part)
			if top, _, below := strings.Cut(d.Path, "."); e.Kind.Field(top) != nil && e.Kind.Field(top).Type == content.TypeList || !below && d.Field != nil && d.Field.Type == content.TypeList {
				field, name = top, top // the list goes with its items
			}
			x := by[name]
			if x == nil {
				x = &Suggestion{Field: field, Set: content.Parts{}, Was: content.Parts{}, Base: map[content.Part]int{}}
				by[name] = x
				order = append(order, x)
			}
			if x.Set[d.Part] == nil {
				x.Set[d.Part], x.Was[d.Part] = content.Leaves{}, content.Leaves{}
				v, ok := base[d.Part]
				if !ok {
					v = e.Versions[d.Part]
				}
				x.Base[d.Part], keep[d.Part] = v, v
			}
			x.Set[d.Part][d.Path], x.Was[d.Part][d.Path] = d.New, d.Old
		}
		if int(open)+len(order) > MaxOpen {
			return invalid("problem.suggestions_many")
		}
		for _, x := range order {
			r := &row{ID: content.NewID(), EntryID: id, Field: x.Field, Note: note, Author: who.ID, CreatedAt: db.Now(), State: Open}
			for to, v := range map[*string]any{&r.Proposed: x.Set, &r.Was: x.Was, &r.Base: x.Base} {
				b, err := json.Marshal(v)
				if err != nil {
					return err
				}
				*to = string(b)
			}
			if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
				return fmt.Errorf("suggestion for %s: %w", id, db.Normalize(err))
			}
			if err := auth.Audit(ctx, tx, who, "suggest", e.Object(), map[string]any{"title": e.Title, "field": x.Field}); err != nil {
				return err
			}
		}
		n = len(order)
		// What the author saw stays, so that it can be told later what has changed since.
		return s.Content.Keep(ctx, tx, id, keep)
	})
	return n, err
}

// mayDecide reports whether the actor may change everything that a suggestion changes.
func mayDecide(who *auth.Actor, e *content.Entry, x *Suggestion) bool {
	for p := range x.Set {
		if !e.MayEdit(who, p) {
			return false
		}
	}
	return len(x.Set) > 0
}

// Line is a suggestion as somebody sees it.
type Line struct {
	Suggestion
	Mine   bool
	Decide bool // the reader may accept or decline it
}

// Of lists the suggestions for an entry that the actor may see, the open ones first and then the newest: their own, and all that they may
// decide on. e was read by them.
func (s *Store) Of(ctx context.Context, who *auth.Actor, e *content.Entry) ([]Line, error) {
	var rows []row
	if err := s.DB.Read().NewSelect().Model(&rows).Where("su.entry_id = ?", e.ID).OrderExpr("CASE su.state WHEN 'open' THEN 0 ELSE 1 END, su.created_at DESC, su.id").Limit(500).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	var out []Line
	for i := range rows {
		x, err := rows[i].suggestion()
		if err != nil {
			return nil, err
		}
		l := Line{Suggestion: *x, Mine: x.Author == who.ID, Decide: mayDecide(who, e, x)}
		if l.Mine || l.Decide {
			out = append(out, l)
		}
	}
	return out, nil
}

// Decide accepts a suggestion, which saves it in the actor's right, or declines it. What was changed since the author saw it is
// merged as in any save; where both changed the same, it is a *content.Conflicted and the suggestion stays open. One that is
// decided already, or that the actor may not decide on, is db.ErrNotFound.
func (s *Store) Decide(ctx context.Context, who *auth.Actor, entry, id string, accept bool, answer string) error {
	answer, err := cleanNote(answer)
	if err != nil {
		return err
	}
	state := Declined
	if accept {
		state = Accepted
	}
	return s.settle(ctx, who, entry, id, state, answer, mayDecide, func(ctx context.Context, tx bun.Tx, x *Suggestion) error {
		if !accept {
			return nil
		}
		_, err := s.Content.SaveTx(ctx, tx, who, content.Change{ID: entry, Set: x.Set, Base: x.Base})
		return err
	})
}

// Withdraw takes back a suggestion of one's own that nobody has decided on.
func (s *Store) Withdraw(ctx context.Context, who *auth.Actor, entry, id string) error {
	return s.settle(ctx, who, entry, id, Withdrawn, "", func(who *auth.Actor, _ *content.Entry, x *Suggestion) bool { return x.Author == who.ID }, nil)
}

func (s *Store) settle(ctx context.Context, who *auth.Actor, entry, id string, state State, answer string, may func(*auth.Actor, *content.Entry, *Suggestion) bool, do func(context.Context, bun.Tx, *Suggestion) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, entry)
		if err != nil {
			return err
		}
		r := new(row)
		if err := tx.NewSelect().Model(r).Where("su.id = ? AND su.entry_id = ? AND su.state = ?", id, entry, Open).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		x, err := r.suggestion()
		if err != nil {
			return err
		}
		if !may(who, e, x) {
			return db.ErrNotFound
		}
		now := db.Now()
		// The state first: of two who decide at once, the second finds it decided.
		res, err := tx.NewUpdate().Table("suggestions").Set("state = ?", state).Set("decided_by = ?", who.ID).Set("decided_at = ?", now).Set("answer = ?", answer).
			Where("id = ? AND state = ?", id, Open).Exec(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(db.ErrNotFound, err)
		}
		if do != nil {
			if err := do(ctx, tx, x); err != nil {
				return err
			}
		}
		x.State, x.DecidedBy, x.DecidedAt, x.Answer = state, who.ID, &now, answer
		if err := auth.Audit(ctx, tx, who, "suggestion."+string(state), e.Object(), map[string]any{"title": e.Title, "field": x.Field}); err != nil {
			return err
		}
		if s.Told == nil || state == Withdrawn || x.Author == who.ID {
			return nil
		}
		return s.Told(ctx, tx, who, e, x)
	})
}
