package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Promise is what an entry owes by a day.
type Promise struct {
	Item  string // of its list
	Kind  string
	Words string // its own, in the original language; "" where those of its kind do
	Due   Date   // "" if nothing says when
	Owner string // account that sees to it, "" if none
	State PromiseState
}

// PromiseState is how a promise stands.
type PromiseState string

// The states of promises. One that is kept or waived is never overdue.
const (
	PromiseOpen   PromiseState = "open"
	PromiseKept   PromiseState = "kept"
	PromiseWaived PromiseState = "waived"
)

// Promising is a kind's struct that makes promises. Whether one is kept follows from what is public around the entry.
type Promising interface {
	Promises(original i18n.Locale, s *Surroundings) []Promise
}

// Proof is a kind's struct that may keep a promise of an entry that names it or that it names, once it is public.
type Proof interface{ Proves() }

// Surroundings are what is public around an entry, as pointers to the kinds' structs with the facts and the words of the
// original languages.
type Surroundings struct {
	Self  any            // nil if the entry is not public
	Named map[string]any // those it refers to that may keep a promise
	About []any          // those that say they are about it, the latest first
}

// Surroundings looks at what is public around an entry. It asks no rights: all of it is for everybody.
func (s *Store) Surroundings(ctx context.Context, e *Entry) (*Surroundings, error) {
	return s.surroundings(ctx, s.DB.Read(), e)
}

// LivingSurroundings is Surroundings for a published entry, as it is in q, which may be a transaction.
func (s *Store) LivingSurroundings(ctx context.Context, q bun.IDB, l *Living) (*Surroundings, error) {
	return s.surroundings(ctx, q, &Entry{ID: l.ID, Kind: l.Kind, Value: l.Value})
}

// ProvesFor gives the entries that an entry names or that name it, where it may keep a promise of theirs; none of another.
func (s *Store) ProvesFor(ctx context.Context, tx bun.Tx, id string) ([]string, error) {
	var name string
	if err := tx.NewRaw("SELECT kind FROM entries WHERE id = ?", id).Scan(ctx, &name); err != nil {
		return nil, db.Normalize(err)
	}
	k := s.Kind(name)
	if k == nil {
		return nil, nil
	}
	if _, ok := k.New().(Proof); !ok {
		return nil, nil
	}
	var ids []string
	err := tx.NewRaw("SELECT from_id FROM links WHERE to_id = ? UNION SELECT to_id FROM links WHERE from_id = ? ORDER BY 1", id, id).Scan(ctx, &ids)
	return ids, db.Normalize(err)
}

func (s *Store) surroundings(ctx context.Context, q bun.IDB, e *Entry) (*Surroundings, error) {
	var about []string
	if err := q.NewRaw("SELECT DISTINCT from_id FROM links WHERE to_id = ? AND live AND field = 'event' LIMIT 500", e.ID).Scan(ctx, &about); err != nil {
		return nil, fmt.Errorf("entries about %s: %w", e.ID, db.Normalize(err))
	}
	ids := append([]string{e.ID}, about...)
	name := func(value any) {
		for _, l := range e.Kind.Links(value) {
			if k := s.Kind(l.ToKind); k != nil && !slices.Contains(ids, l.ToID) {
				if _, ok := k.New().(Proof); ok {
					ids = append(ids, l.ToID)
				}
			}
		}
	}
	name(e.Value)
	values, err := s.publicValues(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	out := &Surroundings{Self: values[e.ID], Named: map[string]any{}}
	if n := len(ids); out.Self != nil { // it may name others in public than it does by now
		if name(out.Self); len(ids) > n {
			more, err := s.publicValues(ctx, q, ids[n:])
			if err != nil {
				return nil, err
			}
			for id, v := range more {
				values[id] = v
			}
		}
	}
	for _, id := range ids[1+len(about):] {
		if v := values[id]; v != nil {
			out.Named[id] = v
		}
	}
	for _, id := range about {
		if v := values[id]; v != nil {
			out.About = append(out.About, v)
		}
		if _, ok := values[id].(Proof); ok {
			out.Named[id] = values[id]
		}
	}
	slices.SortStableFunc(out.About, func(a, b any) int { return begins(b).Compare(begins(a)) })
	return out, nil
}

func begins(v any) (t time.Time) {
	if d, ok := v.(Dated); ok {
		t = d.Begins()
	}
	return t
}

// publicValues gives what the public sees of entries, by id, with the words of their original languages.
func (s *Store) publicValues(ctx context.Context, q bun.IDB, ids []string) (map[string]any, error) {
	var rows []struct {
		EntryID, Kind string
		Part          Part
		Doc           string
	}
	if err := q.NewRaw(`SELECT l.entry_id, e.kind, l.part, l.doc FROM live l JOIN entries e ON e.id = l.entry_id
		WHERE e.live AND e.deleted_at IS NULL AND l.part IN ('', e.original) AND l.entry_id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("public entries: %w", db.Normalize(err))
	}
	parts, kinds := map[string]Parts{}, map[string]*Kind{}
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, fmt.Errorf("published part %q of %s: %w", r.Part, r.EntryID, err)
		}
		if parts[r.EntryID] == nil {
			parts[r.EntryID], kinds[r.EntryID] = Parts{}, s.Kind(r.Kind)
		}
		parts[r.EntryID][r.Part] = leaves
	}
	out := map[string]any{}
	for id, p := range parts {
		if kinds[id] == nil {
			continue
		}
		v, err := kinds[id].Join(p)
		if err != nil {
			return nil, fmt.Errorf("public entry %s: %w", id, err)
		}
		out[id] = v
	}
	return out, nil
}

type promiseRow struct {
	bun.BaseModel `bun:"table:promises,alias:pr"`
	EntryID       string `bun:",pk"`
	Item          string `bun:",pk"`
	Kind          string
	Words         string
	Due           Date
	Owner         string
	State         PromiseState
}

// KeptPromises gives which promises of entries are kept, by entry and item.
func (s *Store) KeptPromises(ctx context.Context, ids []string) (map[string]map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []promiseRow
	if err := s.DB.Read().NewSelect().Model(&rows).Column("entry_id", "item").Where("entry_id IN (?)", bun.List(ids)).Where("state = ?", PromiseKept).Scan(ctx); err != nil {
		return nil, fmt.Errorf("promises: %w", db.Normalize(err))
	}
	out := map[string]map[string]bool{}
	for _, r := range rows {
		if out[r.EntryID] == nil {
			out[r.EntryID] = map[string]bool{}
		}
		out[r.EntryID][r.Item] = true
	}
	return out, nil
}

// writePromises stores how the promises of an entry stand.
func (s *Store) writePromises(ctx context.Context, tx bun.Tx, e *Entry) error {
	p, ok := e.Value.(Promising)
	if !ok {
		return nil
	}
	if !e.made {
		if _, err := tx.NewDelete().Model((*promiseRow)(nil)).Where("entry_id = ?", e.ID).Exec(ctx); err != nil {
			return fmt.Errorf("promises of %s: %w", e.ID, err)
		}
	}
	if len(p.Promises(e.Original, &Surroundings{})) == 0 {
		return nil
	}
	around, err := s.surroundings(ctx, tx, e)
	if err != nil {
		return err
	}
	var rows []promiseRow
	for _, x := range p.Promises(e.Original, around) {
		rows = append(rows, promiseRow{EntryID: e.ID, Item: x.Item, Kind: x.Kind, Words: x.Words, Due: x.Due, Owner: x.Owner, State: x.State})
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("promises of %s: %w", e.ID, err)
	}
	return nil
}

// makePromises writes the promises of entries again.
func (s *Store) makePromises(ctx context.Context, tx bun.Tx, found []row) error {
	for _, x := range found {
		k := s.Kind(x.Kind)
		if k == nil {
			continue
		}
		if _, ok := k.New().(Promising); !ok {
			continue
		}
		e, err := s.load(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if err := s.writePromises(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// owedBy names the entries with promises that e may keep: those it names, and those that name it.
func (s *Store) owedBy(ctx context.Context, tx bun.Tx, e *Entry) (ids []string, err error) {
	if _, ok := e.Value.(Proof); !ok {
		return nil, nil
	}
	if err := tx.NewRaw(`SELECT DISTINCT entry_id FROM promises WHERE entry_id IN (SELECT from_id FROM links WHERE to_id = ?) OR entry_id IN (SELECT to_id FROM links WHERE from_id = ?)`,
		e.ID, e.ID).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("promises kept by %s: %w", e.ID, db.Normalize(err))
	}
	return ids, nil
}

// provePromises looks again at the promises that e, which has become public or is no longer, may keep; and at those it may
// have kept before.
func (s *Store) provePromises(ctx context.Context, tx bun.Tx, e *Entry, before []string) error {
	if _, ok := e.Value.(Promising); ok {
		return s.writePromises(ctx, tx, e)
	}
	ids, err := s.owedBy(ctx, tx, e)
	if err != nil {
		return err
	}
	ids = append(ids, before...)
	slices.Sort(ids) // all who look at several lock them in one order
	ids = slices.Compact(ids)
	for _, id := range ids {
		if err := s.lock(ctx, tx, id); err != nil { // who saves it writes its promises too
			return err
		}
		owing, err := s.load(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.writePromises(ctx, tx, owing); err != nil {
			return err
		}
	}
	return nil
}

// PromiseQuery asks for promises.
type PromiseQuery struct {
	State PromiseState // "" for all
	// DueBefore gives those due on an earlier day.
	DueBefore     Date
	Owner         string // account
	Entry         string
	Offset, Limit int
}

// PromiseRow is a promise with the entry that made it.
type PromiseRow struct {
	Promise
	Entry     string // id
	EntryKind string
	Title     string
	Original  i18n.Locale
}

// ListPromises lists the promises of entries that the actor may read, the first due first and those without a day last; it
// tells how many there are in all.
func (s *Store) ListPromises(ctx context.Context, who *auth.Actor, q PromiseQuery) ([]PromiseRow, int, error) {
	sel := ListQuery{}.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e")).Join("JOIN promises AS pr ON pr.entry_id = e.id")
	if q.State != "" {
		sel = sel.Where("pr.state = ?", q.State)
	}
	if q.DueBefore != "" {
		sel = sel.Where("pr.due <> '' AND pr.due < ?", q.DueBefore)
	}
	if q.Owner != "" {
		sel = sel.Where("pr.owner = ?", q.Owner)
	}
	if q.Entry != "" {
		sel = sel.Where("pr.entry_id = ?", q.Entry)
	}
	var total int
	if err := sel.Clone().ColumnExpr("count(*)").Scan(ctx, &total); err != nil {
		return nil, 0, fmt.Errorf("promises: %w", db.Normalize(err))
	}
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 500
	}
	var rows []struct {
		promiseRow
		EntryKind string
		Title     string
		Original  i18n.Locale
	}
	sel = sel.ColumnExpr("pr.*, e.kind AS entry_kind, e.title, e.original").OrderExpr("CASE WHEN pr.due = '' THEN 1 ELSE 0 END, pr.due, pr.entry_id, pr.item").
		Offset(int64(q.Offset)).Limit(int64(q.Limit))
	if err := sel.Scan(ctx, &rows); err != nil {
		return nil, 0, fmt.Errorf("promises: %w", db.Normalize(err))
	}
	out := make([]PromiseRow, len(rows))
	for i, r := range rows {
		out[i] = PromiseRow{Promise{r.Item, r.Kind, r.Words, r.Due, r.Owner, r.State}, r.EntryID, r.EntryKind, r.Title, r.Original}
	}
	return out, total, nil
}
