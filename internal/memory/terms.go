package memory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
)

// Limits of terms.
const (
	MaxName    = 200 // characters
	MaxSubject = 100
	MaxNote    = 2000
	MaxNames   = exchange.MaxNames // of one term
)

// termObject is what rights on terms are asked about: they are the whole office's.
var termObject = auth.Object{Kind: "term"}

// MayRead says whether somebody may look at terms and memory: whoever may write words somewhere.
func MayRead(who *auth.Actor) bool { return who.CanSomewhere(auth.EditText) }

// MayKeep says whether somebody may change terms and memory: whoever may change what the whole office has.
func MayKeep(who *auth.Actor) bool { return who.Can(auth.EditFacts, termObject) }

type termRow struct {
	bun.BaseModel `bun:"table:terms,alias:t"`
	ID            string `bun:",pk"`
	Subject       string
	Note          string
	Sort          string
	Version       int
	UpdatedAt     time.Time
	UpdatedBy     string
}

type termNameRow struct {
	bun.BaseModel `bun:"table:term_names,alias:n"`
	TermID        string      `bun:",pk"`
	Locale        i18n.Locale `bun:",pk"`
	Place         int         `bun:",pk"`
	Name          string
	Status        exchange.TermStatus
}

// Term is a concept that the office has agreed names for.
type Term struct {
	exchange.Term
	Version   int
	Updated   time.Time
	UpdatedBy string
}

// TermQuery asks for terms; zero fields do not limit.
type TermQuery struct {
	Search  string
	Locale  i18n.Locale // only those with a name in it
	Status  exchange.TermStatus
	Lacking i18n.Locale // only those without a preferred name in it
	auth.Paging
}

// searchWords bounds the words that a search for terms looks at, as databases bound the length of a condition.
const searchWords = 12

// Terms lists terms by their names, and tells how many there are.
func (s *Store) Terms(ctx context.Context, who *auth.Actor, q TermQuery) ([]Term, int, error) {
	if !MayRead(who) {
		return nil, 0, auth.ErrForbidden
	}
	limit := func(x *bun.SelectQuery) *bun.SelectQuery {
		words := strings.Fields(i18n.Fold(i18n.EN, q.Search))
		for _, w := range words[:min(len(words), searchWords)] {
			x = x.Where("t.sort LIKE ? ESCAPE '!'", "%"+escapeLike.Replace(w)+"%")
		}
		if q.Locale != "" || q.Status != "" {
			sub := s.DB.Read().NewSelect().TableExpr("term_names AS n").ColumnExpr("1").Where("n.term_id = t.id")
			if q.Locale != "" {
				sub = sub.Where("n.locale = ?", q.Locale)
			}
			if q.Status != "" {
				sub = sub.Where("n.status = ?", q.Status)
			}
			x = x.Where("EXISTS (?)", sub)
		}
		if q.Lacking != "" {
			x = x.Where("NOT EXISTS (?)", s.DB.Read().NewSelect().TableExpr("term_names AS n").ColumnExpr("1").Where("n.term_id = t.id AND n.locale = ? AND n.status = ?", q.Lacking, exchange.Preferred))
		}
		return x
	}
	total, err := limit(s.DB.Read().NewSelect().TableExpr("terms AS t")).Count(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("terms: %w", db.Normalize(err))
	}
	var rows []termRow
	if err := q.Apply(limit(s.DB.Read().NewSelect().Model(&rows))).OrderExpr("t.sort, t.id").Scan(ctx); err != nil {
		return nil, 0, fmt.Errorf("terms: %w", db.Normalize(err))
	}
	out, err := named(ctx, s.DB.Read(), rows)
	return out, int(total), err
}

var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// named adds their names to terms.
func named(ctx context.Context, q bun.IDB, rows []termRow) ([]Term, error) {
	out := make([]Term, len(rows))
	at := map[string]int{}
	ids := make([]string, len(rows))
	for i, r := range rows {
		out[i] = Term{exchange.Term{ID: r.ID, Subject: r.Subject, Note: r.Note}, r.Version, r.UpdatedAt, r.UpdatedBy}
		at[r.ID], ids[i] = i, r.ID
	}
	for chunk := range slices.Chunk(ids, 500) {
		var names []termNameRow
		if err := q.NewSelect().Model(&names).Where("n.term_id IN (?)", bun.List(chunk)).OrderExpr("n.term_id, n.locale, n.place").Scan(ctx); err != nil {
			return nil, fmt.Errorf("names of terms: %w", db.Normalize(err))
		}
		for _, n := range names {
			t := &out[at[n.TermID]]
			t.Names = append(t.Names, exchange.TermName{Locale: n.Locale, Name: n.Name, Status: n.Status})
		}
	}
	return out, nil
}

// Term gives one.
func (s *Store) Term(ctx context.Context, who *auth.Actor, id string) (*Term, error) {
	if !MayRead(who) {
		return nil, db.ErrNotFound
	}
	var r termRow
	if err := s.DB.Read().NewSelect().Model(&r).Where("t.id = ?", id).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out, err := named(ctx, s.DB.Read(), []termRow{r})
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

// ErrChanged is what SaveTerm says where somebody else has changed the term since it was shown.
var ErrChanged = errors.New("changed meanwhile")

// CheckTerm makes a term canonical and says what is wrong with it.
func CheckTerm(t exchange.Term) (exchange.Term, []Problem) {
	var bad []Problem
	line := func(field, s string, most int) string {
		s = i18n.StripControls(s)
		if utf8.RuneCountInString(s) > most {
			bad = append(bad, Problem{field, "terms.too_long", nil})
		}
		return s
	}
	out := exchange.Term{ID: t.ID, Subject: line("subject", t.Subject, MaxSubject), Note: line("note", t.Note, MaxNote)}
	for _, n := range t.Names {
		field := string(n.Locale) + "." + string(n.Status)
		n.Name = line(field, n.Name, MaxName)
		if n.Name == "" || !slices.Contains(i18n.All, n.Locale) || !slices.Contains(exchange.TermStatuses, n.Status) {
			continue
		}
		if i := slices.IndexFunc(out.Names, func(x exchange.TermName) bool { return x.Locale == n.Locale && x.Name == n.Name }); i >= 0 {
			if out.Names[i].Status != n.Status {
				bad = append(bad, Problem{field, "terms.twice", nil})
			}
			continue
		}
		if n.Status == exchange.Preferred && len(out.In(n.Locale, exchange.Preferred)) > 0 {
			bad = append(bad, Problem{field, "terms.one_preferred", nil})
			continue
		}
		out.Names = append(out.Names, n)
	}
	first := string(i18n.EN) + "." + string(exchange.Preferred)
	switch {
	case len(out.Names) == 0:
		bad = append(bad, Problem{first, "terms.no_name", nil})
	case len(out.Names) > MaxNames:
		bad = append(bad, Problem{first, "terms.too_many", nil})
	}
	return out, bad
}

// sortOf is what a term is sorted and found by.
func sortOf(t exchange.Term) string {
	var words []string
	for _, l := range i18n.All {
		for _, st := range exchange.TermStatuses {
			for _, n := range t.In(l, st) {
				if w := i18n.Fold(l, n); !slices.Contains(words, w) {
					words = append(words, w)
				}
			}
		}
	}
	english := i18n.Fold(i18n.EN, strings.Join(t.In(i18n.EN, exchange.Preferred), " "))
	return strings.TrimSpace(english + "\n" + strings.Join(words, "\n") + "\n" + i18n.Fold(i18n.EN, t.Subject))
}

// SaveTerm stores a term; one without an id is new. version is the one that was shown. What is wrong comes back as *Invalid.
func (s *Store) SaveTerm(ctx context.Context, who *auth.Actor, t exchange.Term, version int) (id string, err error) {
	if !MayKeep(who) {
		return "", auth.ErrForbidden
	}
	t, bad := CheckTerm(t)
	if len(bad) > 0 {
		return "", &Invalid{bad}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		id, err = s.saveTerm(ctx, tx, who, t, version)
		return err
	})
	return id, err
}

func (s *Store) saveTerm(ctx context.Context, tx bun.Tx, who *auth.Actor, t exchange.Term, version int) (string, error) {
	r := &termRow{ID: t.ID, Subject: t.Subject, Note: t.Note, Sort: sortOf(t), Version: version + 1, UpdatedAt: db.Now(), UpdatedBy: who.ID}
	action := "term.save"
	if t.ID == "" {
		r.ID, r.Version, action = strings.ToLower(rand.Text()[:16]), 1, "term.create"
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return "", fmt.Errorf("new term: %w", db.Normalize(err))
		}
	} else {
		res, err := tx.NewUpdate().Model(r).WherePK().Where("version = ?", version).Exec(ctx)
		if err != nil {
			return "", fmt.Errorf("term: %w", db.Normalize(err))
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			if is, err := tx.NewSelect().Model((*termRow)(nil)).Where("t.id = ?", t.ID).Exists(ctx); err != nil || !is {
				return "", errors.Join(err, db.ErrNotFound)
			}
			return "", ErrChanged
		}
		if _, err := tx.NewDelete().Model((*termNameRow)(nil)).Where("term_id = ?", r.ID).Exec(ctx); err != nil {
			return "", fmt.Errorf("names of a term: %w", db.Normalize(err))
		}
	}
	var names []termNameRow
	for i, n := range t.Names {
		names = append(names, termNameRow{TermID: r.ID, Locale: n.Locale, Place: i, Name: n.Name, Status: n.Status})
	}
	if _, err := tx.NewInsert().Model(&names).Exec(ctx); err != nil {
		return "", fmt.Errorf("names of a term: %w", db.Normalize(err))
	}
	return r.ID, auth.Audit(ctx, tx, who, action, termObject, map[string]any{"name": titleOf(t)})
}

// titleOf is a name to call a term by.
func titleOf(t exchange.Term) string {
	for _, st := range exchange.TermStatuses {
		for _, l := range i18n.All {
			if in := t.In(l, st); len(in) > 0 {
				return in[0]
			}
		}
	}
	return ""
}

// DeleteTerm takes a term away.
func (s *Store) DeleteTerm(ctx context.Context, who *auth.Actor, id string) error {
	if !MayKeep(who) {
		return auth.ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var r termRow
		if err := tx.NewSelect().Model(&r).Where("t.id = ?", id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		all, err := named(ctx, tx, []termRow{r})
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*termNameRow)(nil)).Where("term_id = ?", id).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if _, err := tx.NewDelete().Model(&r).WherePK().Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return auth.Audit(ctx, tx, who, "term.delete", termObject, map[string]any{"name": titleOf(all[0].Term)})
	})
}

// AllTerms gives every term, for a file.
func (s *Store) AllTerms(ctx context.Context, who *auth.Actor) ([]exchange.Term, error) {
	if !MayRead(who) {
		return nil, auth.ErrForbidden
	}
	all, err := s.allTerms(ctx, s.DB.Read())
	out := make([]exchange.Term, len(all))
	for i, t := range all {
		out[i] = t.Term
	}
	return out, err
}

func (s *Store) allTerms(ctx context.Context, q bun.IDB) ([]Term, error) {
	var rows []termRow
	if err := q.NewSelect().Model(&rows).OrderExpr("t.sort, t.id").Limit(4 * exchange.MaxTerms).Scan(ctx); err != nil {
		return nil, fmt.Errorf("terms: %w", db.Normalize(err))
	}
	return named(ctx, q, rows)
}

// TermFate is what becomes of a term of a file.
type TermFate string

// The fates of terms.
const (
	TermNew     TermFate = "new"
	TermChanges TermFate = "changes"
	TermSame    TermFate = "same"
	TermBad     TermFate = "bad"
)

// TermFates are all of them, what there is to look at first.
var TermFates = []TermFate{TermBad, TermChanges, TermNew, TermSame}

// TermLine is a term of a file beside the one that is here.
type TermLine struct {
	Number   int // in the file, from 1
	Term     exchange.Term
	Here     *Term // nil: none
	Fate     TermFate
	Problems []Problem
}

// ReviewTerms lays the terms of a file beside those that are here. A term is known by its id, or else by its preferred name in a
// language. A file adds names and gives those that are here the status it has for them; where it prefers another, the one that was
// preferred is still admitted. It takes nothing away: a table of two columns knows nothing of the rest.
func (s *Store) ReviewTerms(ctx context.Context, who *auth.Actor, file []exchange.Term) ([]TermLine, error) {
	if !MayKeep(who) {
		return nil, auth.ErrForbidden
	}
	all, err := s.allTerms(ctx, s.DB.Read())
	if err != nil {
		return nil, err
	}
	return reviewTerms(all, file), nil
}

func reviewTerms(all []Term, file []exchange.Term) []TermLine {
	byID, byName := map[string]*Term{}, map[string]*Term{}
	for i := range all {
		t := &all[i]
		byID[t.ID] = t
		for _, n := range t.Names {
			if n.Status == exchange.Preferred {
				byName[string(n.Locale)+i18n.Fold(n.Locale, n.Name)] = t
			}
		}
	}
	met := map[string]bool{}
	out := make([]TermLine, len(file))
	for i, t := range file {
		line := TermLine{Number: i + 1, Here: byID[t.ID], Fate: TermNew}
		t.Names = slices.Clone(t.Names)
		for j, n := range t.Names {
			n.Name = i18n.StripControls(n.Name) // as it is kept: a mark that nobody sees makes no other name
			t.Names[j] = n
			if line.Here == nil && n.Status == exchange.Preferred {
				line.Here = byName[string(n.Locale)+i18n.Fold(n.Locale, n.Name)]
			}
		}
		t.ID = ""
		if h := line.Here; h != nil {
			t.ID = h.ID
			if t.Subject == "" {
				t.Subject = h.Subject
			}
			if t.Note == "" {
				t.Note = h.Note
			}
			t.Names = mergeNames(h.Names, t.Names)
			line.Fate = TermChanges
			if met[h.ID] {
				line.Problems = append(line.Problems, Problem{"", "terms.twice_in_file", nil})
			}
			met[h.ID] = true
		}
		var bad []Problem
		line.Term, bad = CheckTerm(t)
		if line.Problems = append(line.Problems, bad...); len(line.Problems) > 0 {
			line.Fate = TermBad
		} else if h := line.Here; h != nil && sameTerm(h.Term, line.Term) {
			line.Fate = TermSame
		}
		out[i] = line
	}
	return out
}

// mergeNames adds names to those that are here.
func mergeNames(here, file []exchange.TermName) []exchange.TermName {
	out := slices.Clone(here)
	for _, n := range file {
		if n.Status == exchange.Preferred {
			for i := range out {
				if out[i].Locale == n.Locale && out[i].Status == exchange.Preferred && out[i].Name != n.Name {
					out[i].Status = exchange.Admitted
				}
			}
		}
		if i := slices.IndexFunc(out, func(x exchange.TermName) bool { return x.Locale == n.Locale && x.Name == n.Name }); i >= 0 {
			out[i].Status = n.Status
		} else {
			out = append(out, n)
		}
	}
	return out
}

func sameTerm(a, b exchange.Term) bool {
	if a.Subject != b.Subject || a.Note != b.Note || len(a.Names) != len(b.Names) {
		return false
	}
	for _, l := range i18n.All {
		for _, st := range exchange.TermStatuses {
			if !slices.Equal(a.In(l, st), b.In(l, st)) {
				return false
			}
		}
	}
	return true
}

// TakeTerms stores the new and changed terms of a file, all of them or none.
func (s *Store) TakeTerms(ctx context.Context, who *auth.Actor, file []exchange.Term) (taken int, err error) {
	if !MayKeep(who) {
		return 0, auth.ErrForbidden
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		taken = 0
		all, err := s.allTerms(ctx, tx)
		if err != nil {
			return err
		}
		for _, line := range reviewTerms(all, file) {
			if line.Fate != TermNew && line.Fate != TermChanges {
				continue
			}
			version := 0
			if line.Here != nil {
				version = line.Here.Version
			}
			if _, err := s.saveTerm(ctx, tx, who, line.Term, version); err != nil {
				return err
			}
			taken++
		}
		return nil
	})
	return taken, err
}
