// Package clearance is the formal permission to publish: submit, return with comments, clear; and what becomes public
// later: schedules.
//
// A clearance is for one language of an entry at exact revisions, and its row never changes. Whether it still holds is
// computed: what the public would see of the working facts and words is compared with what it would see of the cleared
// ones. So an edit drops it, taking the edit back brings it back, and nothing has to be kept in step.
package clearance

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
	"plenary/internal/settings"
)

// Store keeps clearances, comments and schedules. Safe for concurrent use.
type Store struct {
	DB        *db.DB
	Content   *content.Store
	Auth      *auth.Service
	Mail      *mail.Outbox // nil: nobody is told
	Jobs      *job.Queue
	Site      func() settings.Site
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

// State is how far the clearance of one language is.
type State string

// The states. Changed is computed: cleared, and edited since.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	Returned  State = "returned"
	Cleared   State = "cleared"
	Changed   State = "changed"
)

// Step is one thing that was done: it is the proof of it.
type Step struct {
	bun.BaseModel `bun:"table:clearance_steps,alias:st"`
	ID            string      `bun:"id,pk"`
	EntryID       string      `bun:"entry_id"`
	Locale        i18n.Locale `bun:"locale"`
	Number        int         `bun:"number"`
	State         State       `bun:"state"` // Submitted, Returned or Cleared
	Facts         int         `bun:"facts"` // revisions that it is about
	Words         int         `bun:"words"`
	Author        string      `bun:"author"`
	Stead         string      `bun:"stead"`    // account on whose behalf
	AskedBy       string      `bun:"asked_by"` // who had submitted what is returned or cleared
	Note          string      `bun:"note"`
	At            time.Time   `bun:"at"`
}

// Standing is where one language of an entry stands.
type Standing struct {
	Locale i18n.Locale
	State  State
	Last   *Step // what was done last; nil for a draft
	Valid  *Step // the clearance in force, for its revisions; nil if there is none
	Steps  []Step
}

// Base are the revisions that the working parts are to be compared with: those cleared last, else those that are public.
func (x Standing) Base(e *content.Entry) map[content.Part]int {
	base := map[content.Part]int{content.Facts: e.Live[content.Facts], content.Part(x.Locale): e.Live[content.Part(x.Locale)]}
	for _, st := range x.Steps {
		if st.State == Cleared {
			base = map[content.Part]int{content.Facts: st.Facts, content.Part(x.Locale): st.Words}
		}
	}
	return base
}

// standing works out one language from what was done, in order. Returning takes a clearance back; submitting a later
// text leaves that of the earlier one in force.
func (s *Store) standing(ctx context.Context, q bun.IDB, e *content.Entry, l i18n.Locale, steps []Step) (Standing, error) {
	x := Standing{Locale: l, State: Draft, Steps: steps}
	for i := range steps {
		st := &steps[i]
		x.Last, x.State = st, st.State
		switch st.State {
		case Cleared:
			x.Valid = st
		case Returned:
			x.Valid = nil
		}
	}
	if x.State == Cleared {
		same, err := s.covers(ctx, q, e, *x.Last)
		if err != nil {
			return x, err
		}
		if !same {
			x.State = Changed
		}
	}
	return x, nil
}

// covers reports whether a step is about what the working parts would show.
func (s *Store) covers(ctx context.Context, q bun.IDB, e *content.Entry, st Step) (bool, error) {
	same, err := s.Content.Alike(ctx, q, e, content.Facts, st.Facts, e.Versions[content.Facts])
	if err != nil || !same {
		return false, err
	}
	p := content.Part(st.Locale)
	return s.Content.Alike(ctx, q, e, p, st.Words, e.Versions[p])
}

func (s *Store) steps(ctx context.Context, q bun.IDB, id string) (map[i18n.Locale][]Step, error) {
	var rows []Step
	if err := q.NewSelect().Model(&rows).Where("st.entry_id = ?", id).OrderExpr("st.locale, st.number").Scan(ctx); err != nil {
		return nil, fmt.Errorf("clearances of %s: %w", id, db.Normalize(err))
	}
	out := map[i18n.Locale][]Step{}
	for _, r := range rows {
		out[r.Locale] = append(out[r.Locale], r)
	}
	return out, nil
}

// Standings tells where each language of the entry stands that has words or a history here. e was read by somebody who may.
func (s *Store) Standings(ctx context.Context, e *content.Entry) (map[i18n.Locale]Standing, error) {
	return s.standings(ctx, s.DB.Read(), e)
}

func (s *Store) standings(ctx context.Context, q bun.IDB, e *content.Entry) (map[i18n.Locale]Standing, error) {
	steps, err := s.steps(ctx, q, e.ID)
	if err != nil {
		return nil, err
	}
	out := map[i18n.Locale]Standing{}
	for _, l := range i18n.All {
		if len(steps[l]) == 0 && len(e.Parts[content.Part(l)]) == 0 {
			continue
		}
		if out[l], err = s.standing(ctx, q, e, l, steps[l]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// refuse is a problem of the clearance of a language, as Publish and these functions report it.
func refuse(l i18n.Locale, key string, args ...any) content.Problem {
	return content.Problem{Path: "clearance", Locale: l, Blocks: true, Key: key, Args: args}
}

func invalid(l i18n.Locale, key string, args ...any) error {
	return &content.Invalid{Problems: []content.Problem{refuse(l, key, args...)}}
}

// maxNote is how long a note or comment may be, in characters.
const maxNote = 4000

// cleanNote takes out what cannot be seen.
func cleanNote(note string) (string, bool) {
	lines := strings.Split(strings.ReplaceAll(note, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = i18n.StripControls(lines[i])
	}
	note = strings.TrimSpace(strings.Join(lines, "\n"))
	return note, utf8.RuneCountInString(note) <= maxNote && utf8.ValidString(note)
}

// moved reports whether the public would see something else of the working parts than of the versions the actor saw:
// nobody decides on what they have not seen. What only the staff sees may have moved.
func (s *Store) moved(ctx context.Context, q bun.IDB, e *content.Entry, l i18n.Locale, seen map[content.Part]int) error {
	var out []content.Conflict
	for _, p := range []content.Part{content.Facts, content.Part(l)} {
		v, told := seen[p]
		if !told {
			continue
		}
		if v < 0 || v > e.Versions[p] {
			return invalid(l, "problem.malformed")
		}
		same, err := s.Content.Alike(ctx, q, e, p, v, e.Versions[p])
		if errors.Is(err, db.ErrNotFound) { // a step of somebody's typing that is not kept any more
			same, err = false, nil
		}
		if err != nil {
			return err
		}
		if !same {
			out = append(out, content.Conflict{Part: p})
		}
	}
	if len(out) > 0 {
		return &content.Conflicted{List: out, Versions: e.Versions}
	}
	return nil
}

// Submit hands languages of an entry over for clearance, with words for who clears. seen are the versions of the parts
// that the actor saw; nil skips the comparison. Submitting what waits already, unchanged, does nothing.
func (s *Store) Submit(ctx context.Context, who *auth.Actor, id string, locales []i18n.Locale, seen map[content.Part]int, note string) error {
	note, ok := cleanNote(note)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		steps, err := s.steps(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, l := range locales {
			switch {
			case !who.Can(auth.Submit, e.TextObject(l)):
				return auth.ErrForbidden
			case !ok:
				return invalid(l, "problem.note_long")
			case len(e.Parts[content.Part(l)]) == 0:
				return invalid(l, "problem.nothing_in_language", "Language", l.Endonym())
			}
			if err := s.moved(ctx, tx, e, l, seen); err != nil {
				return err
			}
			x, err := s.standing(ctx, tx, e, l, steps[l])
			if err != nil {
				return err
			}
			if x.State == Cleared {
				return invalid(l, "problem.cleared_already")
			}
			if x.State == Submitted && note == "" {
				same, err := s.covers(ctx, tx, e, *x.Last)
				if err != nil {
					return err
				}
				if same {
					continue
				}
			}
			if err := s.step(ctx, tx, who, e, x, Step{State: Submitted, Note: note}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Decide clears a language of an entry, or returns it with words that say why. Returning what is cleared takes the
// clearance back. seen are the versions that the actor saw: where the public would see something else by now, it is a
// *content.Conflicted and nothing is decided. Nobody clears what they wrote or submitted, themselves or for another,
// unless the site says so.
func (s *Store) Decide(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, clear bool, seen map[content.Part]int, note string) error {
	note, ok := cleanNote(note)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		stead, may := who.ClearsFor(e.TextObject(l))
		switch {
		case !may:
			return auth.ErrForbidden
		case !ok:
			return invalid(l, "problem.note_long")
		case !clear && note == "":
			return invalid(l, "problem.return_note")
		case len(e.Parts[content.Part(l)]) == 0:
			return invalid(l, "problem.nothing_in_language", "Language", l.Endonym())
		}
		steps, err := s.steps(ctx, tx, id)
		if err != nil {
			return err
		}
		x, err := s.standing(ctx, tx, e, l, steps[l])
		if err != nil {
			return err
		}
		if clear && x.State == Cleared {
			return invalid(l, "problem.cleared_already")
		}
		if !clear && x.State != Submitted && x.Valid == nil {
			return invalid(l, "problem.nothing_to_return")
		}
		if clear {
			if err := s.moved(ctx, tx, e, l, seen); err != nil {
				return err
			}
			own, err := s.own(ctx, tx, who, stead, e, x)
			if err != nil {
				return err
			}
			if own && !s.Site().ClearOwn {
				return invalid(l, "problem.own_text")
			}
			return s.step(ctx, tx, who, e, x, Step{State: Cleared, Note: note, Stead: stead})
		}
		return s.step(ctx, tx, who, e, x, Step{State: Returned, Note: note, Stead: stead})
	})
}

// own reports whether the actor, or the one they stand in for, wrote or submitted something of what is to be cleared.
func (s *Store) own(ctx context.Context, q bun.IDB, who *auth.Actor, stead string, e *content.Entry, x Standing) (bool, error) {
	if who.IsProgram() {
		return false, nil
	}
	base := x.Base(e)
	if x.Valid == nil { // a clearance that was taken back covers nobody's words
		base = Standing{Locale: x.Locale}.Base(e)
	}
	people, err := s.Content.Authors(ctx, q, e.ID, base)
	if err != nil {
		return false, err
	}
	if x.State == Submitted {
		people = append(people, x.Last.Author)
	}
	return slices.Contains(people, who.ID) || stead != "" && slices.Contains(people, stead), nil
}

// OwnText tells who looks at the page whether they could clear at all.
func (s *Store) OwnText(ctx context.Context, who *auth.Actor, e *content.Entry, x Standing) (bool, error) {
	stead, _ := who.ClearsFor(e.TextObject(x.Locale))
	own, err := s.own(ctx, s.DB.Read(), who, stead, e, x)
	return own && !s.Site().ClearOwn, err
}

var auditWords = map[State]string{Submitted: "submit", Returned: "return", Cleared: "clear"}

// step writes down what was done, and tells those it concerns.
func (s *Store) step(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, x Standing, st Step) error {
	st.ID, st.EntryID, st.Locale, st.Number, st.Author, st.At = content.NewID(), e.ID, x.Locale, len(x.Steps)+1, who.ID, s.now()
	st.Facts, st.Words = e.Versions[content.Facts], e.Versions[content.Part(x.Locale)]
	for _, old := range x.Steps {
		if old.State == Submitted {
			st.AskedBy = old.Author
		}
	}
	if st.State == Submitted {
		st.AskedBy = who.ID
	}
	if _, err := tx.NewInsert().Model(&st).Exec(ctx); err != nil {
		return fmt.Errorf("clearance of %s: %w", e.ID, db.Normalize(err))
	}
	if err := s.Content.Keep(ctx, tx, e.ID, map[content.Part]int{content.Facts: st.Facts, content.Part(st.Locale): st.Words}); err != nil {
		return err
	}
	detail := map[string]any{"title": e.Title, "facts": st.Facts, "words": st.Words}
	if st.Stead != "" {
		detail["on_behalf_of"] = st.Stead
	}
	if st.State == Cleared {
		own, err := s.own(ctx, tx, who, st.Stead, e, x)
		if err != nil {
			return err
		}
		if own {
			detail["own_text"] = true
		}
	}
	if err := auth.Audit(ctx, tx, who, auditWords[st.State], e.TextObject(x.Locale), detail); err != nil {
		return err
	}
	if err := s.Content.Review(ctx, tx, e, st.Locale, st.State == Submitted); err != nil {
		return err
	}
	return s.tell(ctx, tx, st)
}

// Gate forbids to publish what has not been cleared, where the site asks for it, and one language without those it goes
// together with.
//
// What is public already needs no clearance. Facts are cleared with any language they were cleared with. What was cleared
// may be published after it has been edited again, as the revision that was cleared.
func (s *Store) Gate(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, next map[content.Part]int) ([]content.Problem, error) {
	if who.IsProgram() {
		return nil, nil
	}
	out := s.together(e, next)
	if !s.Site().Clearance {
		return out, nil
	}
	steps, err := s.steps(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	valid := map[i18n.Locale]*Step{}
	for l, all := range steps {
		x, err := s.standing(ctx, tx, e, l, all)
		if err != nil {
			return nil, err
		}
		valid[l] = x.Valid
	}
	for _, p := range parts(next) {
		n := next[p]
		ok, err := e.Live[p] > 0, error(nil)
		if ok {
			ok, err = s.Content.Alike(ctx, tx, e, p, e.Live[p], n)
		}
		for _, l := range i18n.All {
			st := valid[l]
			if ok || err != nil || st == nil || p != content.Facts && p.Locale() != l {
				continue
			}
			cleared := st.Words
			if p == content.Facts {
				cleared = st.Facts
			}
			ok, err = s.Content.Alike(ctx, tx, e, p, cleared, n)
		}
		switch {
		case err != nil:
			return nil, err
		case ok:
		case p == content.Facts && valid[e.Original] != nil, p != content.Facts && valid[p.Locale()] != nil:
			out = append(out, refuse(p.Locale(), "problem.changed_since_clearance"))
		default:
			out = append(out, refuse(p.Locale(), "problem.not_cleared"))
		}
	}
	return out, nil
}

// parts are those of a map in order, the facts first.
func parts(m map[content.Part]int) []content.Part {
	out := make([]content.Part, 0, len(m))
	for p := range m {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// together names the languages that would be left behind by publishing others they go together with: not public, out of
// step with their source, or with changes that would stay unpublished.
func (s *Store) together(e *content.Entry, next map[content.Part]int) []content.Problem {
	set := s.Site().Together
	if !slices.ContainsFunc(set, func(l i18n.Locale) bool { _, ok := next[content.Part(l)]; return ok }) {
		return nil
	}
	var out []content.Problem
	for _, l := range set {
		p := content.Part(l)
		if _, chosen := next[p]; chosen {
			continue
		}
		stale := e.Languages[l].Stale
		if _, source := next[content.Part(e.Original)]; source {
			stale = e.StaleAgainst(l)
		}
		if e.Live[p] == 0 || e.Live[p] != e.Versions[p] || stale > 0 {
			out = append(out, content.Problem{Path: "together", Locale: l, Blocks: true, Key: "problem.together", Args: []any{"Language", l.Endonym()}})
		}
	}
	return out
}

// Task is one language of an entry that waits for somebody.
type Task struct {
	Step
	Kind, Title string
	Original    i18n.Locale
}

// Waiting lists what waits for the actor, the oldest first: languages to clear, and those that were returned to them.
func (s *Store) Waiting(ctx context.Context, who *auth.Actor, limit int) ([]Task, error) {
	if who == nil {
		return nil, auth.ErrForbidden
	}
	latest := func() *bun.SelectQuery {
		return s.DB.Read().NewSelect().TableExpr("clearance_steps AS st").Join("JOIN entries AS e ON e.id = st.entry_id").
			ColumnExpr("st.*, e.kind, e.title, e.original").Where("e.deleted_at IS NULL").
			Where("NOT EXISTS (SELECT 1 FROM clearance_steps AS n WHERE n.entry_id = st.entry_id AND n.locale = st.locale AND n.number > st.number)").
			OrderExpr("st.at, st.id")
	}
	var out []Task
	if sc := who.Scope(auth.Clear, ""); !sc.Empty() {
		var rows []Task
		if err := sc.Where(latest().Where("st.state = ?", Submitted), "e").Limit(100).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("what waits: %w", db.Normalize(err))
		}
		for _, t := range rows {
			if len(out) >= limit {
				break
			}
			e, err := s.Content.Get(ctx, who, t.EntryID)
			if err != nil {
				return nil, err
			}
			if who.Can(auth.Clear, e.TextObject(t.Locale)) {
				out = append(out, t)
			}
		}
	}
	if sc := who.Scope(auth.Read, ""); !sc.Empty() {
		var rows []Task
		if err := sc.Where(latest().Where("st.state = ? AND st.asked_by = ?", Returned, who.ID), "e").Limit(int64(limit)).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("what was returned: %w", db.Normalize(err))
		}
		out = append(out, rows...)
	}
	return out, nil
}
