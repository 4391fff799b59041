package content

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// TranslationState is how far a language of an entry is, beside its original.
type TranslationState string

// The states of translations, in the order in which one comes before another: words that are out of date are so whether they
// are public or not.
const (
	TranslationMissing  TranslationState = "missing"   // no words at all
	TranslationOutdated TranslationState = "outdated"  // the source says something else since
	TranslationLive     TranslationState = "live"      // complete, and public as it is
	TranslationInReview TranslationState = "in_review" // submitted, and not decided about
	TranslationInWork   TranslationState = "in_work"   // begun
	TranslationReady    TranslationState = "ready"     // complete, and not public as it is
)

// TranslationStates are all of them, in the order of the work.
var TranslationStates = []TranslationState{TranslationMissing, TranslationOutdated, TranslationInWork, TranslationInReview, TranslationReady, TranslationLive}

// Translation is how far one language of an entry is. Units and words are those of the source.
type Translation struct {
	State                    TranslationState
	Units, Missing, Outdated int
	Words, Total             int        // words in the units that are missing or outdated, and in all
	Gap                      *time.Time // since when readers of the original have what those of this language have not
}

type translationRow struct {
	bun.BaseModel `bun:"table:translations,alias:t"`
	EntryID       string      `bun:",pk"`
	Locale        i18n.Locale `bun:",pk"`
	State         TranslationState
	Units         int
	Missing       int
	Outdated      int
	Words         int
	Total         int
	Review        bool
	GapSince      *time.Time
}

func (r *translationRow) translation() Translation {
	return Translation{r.State, r.Units, r.Missing, r.Outdated, r.Words, r.Total, r.GapSince}
}

// measure tells how far languages are from what they are measured against.
//
// That is what the public sees of the language they were made from, where it sees any, so that no draft of a source sets off
// its translations. A text made from a draft is ahead of the public source, and is measured again when that has come to it.
// A text made from another translation is out of date with it too: it says what a text says that is.
type measure struct {
	kind          *Kind
	original      i18n.Locale
	facts         Leaves // which items there are
	parts         Parts  // of the languages that are measured
	sources       Parts  // what they are measured against
	live          map[Part]int
	againstDrafts bool // the sources are the working parts, public or not
}

// measure reads what the translations of e are measured against.
func (s *Store) measure(ctx context.Context, q bun.IDB, e *Entry) (*measure, error) {
	m := &measure{kind: e.Kind, original: e.Original, parts: e.Parts, sources: Parts{}, live: e.Live}
	read := func(p Part) error {
		if _, has := m.sources[p]; has {
			return nil
		}
		leaves, err := s.Source(ctx, q, e, p)
		m.sources[p] = leaves
		return err
	}
	if err := cmp.Or(read(Facts), read(Part(e.Original))); err != nil {
		return nil, err
	}
	for more := true; more; { // what they were made from may itself have been made from others
		more = false
		for _, l := range i18n.All {
			if _, has := m.sources[Part(l)]; has || !e.Parts.madeFrom(l) && !m.sources.madeFrom(l) {
				continue
			}
			if err := read(Part(l)); err != nil {
				return nil, err
			}
			more = true
		}
	}
	m.facts = m.sources[Facts]
	return m, nil
}

// drafts is measure against the working parts, which are not read again: what would be so if all were public.
func (e *Entry) drafts() *measure {
	return &measure{kind: e.Kind, original: e.Original, facts: e.Parts[Facts], parts: e.Parts, sources: e.Parts, againstDrafts: true}
}

// Source is what translations are measured against of a part: as it is public, or as it is where it is not.
func (s *Store) Source(ctx context.Context, q bun.IDB, e *Entry, p Part) (Leaves, error) {
	if n := e.Live[p]; n > 0 && n != e.Versions[p] {
		return s.revision(ctx, q, e.ID, p, n)
	}
	return orEmpty(e.Parts[p]), nil
}

// SourceVersion is the revision of a part that Source gives.
func (e *Entry) SourceVersion(p Part) int {
	if n := e.Live[p]; n > 0 {
		return n
	}
	return e.Versions[p]
}

// madeFrom reports whether any text was made from a language that is not the original.
func madeFrom(leaves Leaves, l i18n.Locale) bool {
	mark := []byte(`"from":"` + string(l) + `"`)
	for _, raw := range leaves {
		if bytes.Contains(raw, mark) {
			return true
		}
	}
	return false
}

func (parts Parts) madeFrom(l i18n.Locale) bool {
	for _, leaves := range parts {
		if madeFrom(leaves, l) {
			return true
		}
	}
	return false
}

// source gives the words that a text is to be compared with, and whether it is ahead of them.
func (m *measure) source(path string, t Text) (words Text, from i18n.Locale, ahead bool) {
	if from = t.From; from == "" {
		from = m.original
	}
	ahead = !m.againstDrafts && m.live[Part(from)] > 0 && t.Ahead > m.live[Part(from)]
	return m.sources[Part(from)].Text(path), from, ahead
}

// stale reports whether the words of a leaf are out of date. via are the languages on the way here.
func (m *measure) stale(path string, f *Field, l i18n.Locale, via ...i18n.Locale) bool {
	t := m.parts[Part(l)].Text(path)
	if t.Words == "" || len(t.Of) == 0 {
		return false
	}
	words, from, ahead := m.source(path, t)
	if !ahead && Outdated(f.Type, t, words) {
		return true
	}
	return from != m.original && from != l && !slices.Contains(via, from) && m.staleSource(path, f, from, append(via, l))
}

// staleSource is stale for a translation that another was made from, as it is read.
func (m *measure) staleSource(path string, f *Field, l i18n.Locale, via []i18n.Locale) bool {
	n := *m
	n.parts = m.sources
	return n.stale(path, f, l, via...)
}

// eachSource calls do for the leaves that translations have to say, with their words in the original.
func (m *measure) eachSource(do func(path string, f *Field, words Text)) {
	source := m.sources[Part(m.original)]
	m.kind.eachLeaf(m.facts, func(path string, f *Field) {
		if t := source.Text(path); t.Words != "" {
			do(path, f, t)
		}
	})
}

// leaves counts the leaves of a language that keep it from being complete.
func (m *measure) leaves(l i18n.Locale) (missing, stale int) {
	m.eachSource(func(path string, f *Field, words Text) {
		switch {
		case m.parts[Part(l)].Text(path).Words == "":
			missing++
		case m.stale(path, f, l):
			stale++
		}
	})
	return missing, stale
}

// units puts the units of the original, or of a language that a text was made from, beside those of a language.
func (m *measure) units(l i18n.Locale, do func(Pair)) {
	m.eachSource(func(path string, f *Field, words Text) {
		for _, p := range m.pairs(path, f, words, l) {
			do(p)
		}
	})
}

func (m *measure) pairs(path string, f *Field, words Text, l i18n.Locale) []Pair {
	t := m.parts[Part(l)].Text(path)
	stale := m.stale(path, f, l)
	if src, from, _ := m.source(path, t); len(t.Of) > 0 && from != m.original && src.Words != "" {
		words = src
	}
	if !stale {
		t.Of = nil // what is ahead, or nobody's promise, is not compared
	}
	out := pairsOf(path, f, words, t)
	if stale && len(out) > 0 && !slices.ContainsFunc(out, func(p Pair) bool { return p.State != UnitCurrent }) {
		out[0].State, out[0].Moved = UnitOutdated, true // a block is gone, or the source is itself out of date
	}
	return out
}

// Pairs puts units beside their translations, as Kind.Pairs does, from the working parts, or where the source is public from
// what the public sees: so a draft of the source changes nothing for translators.
func (s *Store) Pairs(ctx context.Context, e *Entry, from, to i18n.Locale) ([]Pair, error) {
	m, err := s.measure(ctx, s.DB.Read(), e)
	if err != nil {
		return nil, err
	}
	var out []Pair
	if from == e.Original {
		m.units(to, func(p Pair) { out = append(out, p) })
		return out, nil
	}
	other, err := s.Source(ctx, s.DB.Read(), e, Part(from))
	if err != nil {
		return nil, err
	}
	m.eachSource(func(path string, f *Field, words Text) {
		t := e.Parts[Part(to)].Text(path)
		if x := other.Text(path); x.Words != "" && (t.Words == "" || t.From == from) {
			words = x
		}
		out = append(out, m.pairs(path, f, words, to)...)
	})
	return out, nil
}

// StaleLeaves names the leaves of a language whose words are out of date, by path.
func (s *Store) StaleLeaves(ctx context.Context, e *Entry, l i18n.Locale) (map[string]bool, error) {
	m, err := s.measure(ctx, s.DB.Read(), e)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	m.eachSource(func(path string, f *Field, _ Text) {
		if m.stale(path, f, l) {
			out[path] = true
		}
	})
	return out, nil
}

// StaleAgainst counts the words of a language that would be out of date if the working parts were public.
func (e *Entry) StaleAgainst(l i18n.Locale) int {
	_, stale := e.drafts().leaves(l)
	return stale
}

// count measures one language.
func (m *measure) count(l i18n.Locale) (t Translation, any, stale bool) {
	m.eachSource(func(path string, f *Field, _ Text) { stale = stale || m.stale(path, f, l) })
	m.units(l, func(p Pair) {
		n := WordCount(p.Field.Type, p.Source)
		t.Units++
		t.Total += n
		switch {
		case p.State == UnitMissing:
			t.Missing++
			t.Words += n
		case p.State == UnitOutdated:
			t.Outdated++
			if !p.Moved {
				t.Words += n
			}
		}
		any = any || p.State != UnitMissing
	})
	return t, any, stale
}

// stateOf is the state of a language from what is known of it.
func stateOf(t Translation, words, stale, live, review bool) TranslationState {
	switch {
	case !words:
		return TranslationMissing
	case stale:
		return TranslationOutdated
	case live && t.Missing == 0:
		return TranslationLive
	case review:
		return TranslationInReview
	case t.Missing > 0:
		return TranslationInWork
	}
	return TranslationReady
}

// writeTranslations stores how far the languages in recount are. Of the others nothing has changed.
func (s *Store) writeTranslations(ctx context.Context, tx bun.Tx, e *Entry, m *measure, now time.Time, recount func(i18n.Locale) bool) error {
	var old []translationRow
	if !e.made {
		if err := tx.NewSelect().Model(&old).Where("t.entry_id = ?", e.ID).Scan(ctx); err != nil {
			return fmt.Errorf("translations of %s: %w", e.ID, db.Normalize(err))
		}
	}
	was := map[i18n.Locale]translationRow{}
	for _, r := range old {
		was[r.Locale] = r
	}
	var none *Translation // of a language without words; the same for all
	var rows []translationRow
	for _, l := range i18n.All {
		before, known := was[l]
		if l == e.Original || known && !recount(l) {
			continue
		}
		p := Part(l)
		var t Translation
		any, stale := false, false
		if len(e.Parts[p]) > 0 {
			t, any, stale = m.count(l)
		} else {
			if none == nil {
				x, _, _ := m.count(l)
				none = &x
			}
			t = *none
		}
		r := translationRow{EntryID: e.ID, Locale: l, Units: t.Units, Missing: t.Missing, Outdated: t.Outdated, Words: t.Words, Total: t.Total, Review: before.Review && any}
		r.State = stateOf(t, any, stale, e.Live[p] > 0 && e.Live[p] == e.Versions[p], r.Review)
		if e.Live[Part(e.Original)] > 0 && r.State != TranslationLive && r.Units > 0 {
			if r.GapSince = before.GapSince; r.GapSince == nil {
				at := now
				r.GapSince = &at
			}
		}
		if !known || r.State != before.State || r.Units != before.Units || r.Missing != before.Missing || r.Outdated != before.Outdated || r.Words != before.Words ||
			r.Total != before.Total || r.Review != before.Review || (r.GapSince == nil) != (before.GapSince == nil) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	q := tx.NewInsert().Model(&rows).On("CONFLICT (entry_id, locale) DO UPDATE")
	for _, c := range []string{"state", "units", "missing", "outdated", "words", "total", "review", "gap_since"} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("translations of %s: %w", e.ID, err)
	}
	return nil
}

// Review notes that a language was submitted, or that somebody has decided about it.
func (s *Store) Review(ctx context.Context, tx bun.Tx, e *Entry, l i18n.Locale, submitted bool) error {
	if l == e.Original {
		return nil
	}
	var r translationRow
	if err := tx.NewSelect().Model(&r).Where("t.entry_id = ? AND t.locale = ?", e.ID, l).Scan(ctx); err != nil {
		return fmt.Errorf("translation of %s: %w", e.ID, db.Normalize(err))
	}
	p := Part(l)
	r.Review = submitted
	r.State = stateOf(r.translation(), r.State != TranslationMissing, r.State == TranslationOutdated, e.Live[p] > 0 && e.Live[p] == e.Versions[p], submitted)
	if _, err := tx.NewUpdate().Model(&r).Column("review", "state").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("translation of %s: %w", e.ID, err)
	}
	return nil
}

// Translations tells how far the languages of an entry are, beside its original.
func (s *Store) Translations(ctx context.Context, e *Entry) (map[i18n.Locale]Translation, error) {
	var rows []translationRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("t.entry_id = ?", e.ID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("translations of %s: %w", e.ID, db.Normalize(err))
	}
	out := map[i18n.Locale]Translation{}
	for _, r := range rows {
		out[r.Locale] = r.translation()
	}
	return out, nil
}

// makeStates counts the translations of entries again.
func (s *Store) makeStates(ctx context.Context, tx bun.Tx, found []row) error {
	for _, x := range found {
		e, err := s.load(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		at := s.now() // nobody knows better than since it was published last
		if err := tx.NewRaw("SELECT published_at FROM live WHERE entry_id = ? AND part = ?", e.ID, e.Original).Scan(ctx, &at); err != nil && !errors.Is(db.Normalize(err), db.ErrNotFound) {
			return fmt.Errorf("translations of %s: %w", e.ID, err)
		}
		if err := s.writeStates(ctx, tx, e, at, func(i18n.Locale) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// FormerUnits finds what units said by their hashes, in the history of a part: what a translation was made from. hashes are by
// path; what is found is by path and hash.
func (s *Store) FormerUnits(ctx context.Context, e *Entry, p Part, hashes map[string][]string) (map[string]map[string]string, error) {
	const at, most = 50, 1000
	out := map[string]map[string]string{}
	want := maps.Clone(hashes)
	for offset := 0; len(want) > 0 && offset < most; offset += at {
		var docs []string
		if err := s.DB.Read().NewSelect().Model((*revisionRow)(nil)).Column("doc").Where("r.entry_id = ? AND r.part = ?", e.ID, p).
			OrderExpr("r.number DESC").Offset(int64(offset)).Limit(at).Scan(ctx, &docs); err != nil {
			return nil, fmt.Errorf("revisions of %s: %w", e.ID, db.Normalize(err))
		}
		for _, doc := range docs {
			leaves, err := readLeaves(doc)
			if err != nil {
				return nil, fmt.Errorf("revisions of %s: %w", e.ID, err)
			}
			for path, list := range want {
				f, words := e.Kind.Field(path), leaves.Text(path).Words
				if f == nil || words == "" {
					continue
				}
				for _, unit := range pieces(f.Type, words) {
					if h := unitHash(unit); slices.Contains(list, h) {
						if out[path] == nil {
							out[path] = map[string]string{}
						}
						if _, found := out[path][h]; !found {
							out[path][h] = unit
						}
					}
				}
				if len(out[path]) >= len(list) {
					delete(want, path)
				}
			}
		}
		if len(docs) < at {
			break
		}
	}
	return out, nil
}

// Vouch says of texts of a language that they still stand: they are stamped anew, and their words stay. seen are the versions of
// the parts that the actor saw; from is the language they were compared with. It gives what takes it back.
func (s *Store) Vouch(ctx context.Context, who *auth.Actor, id string, l, from i18n.Locale, paths []string, seen map[Part]int) (*Saved, error) {
	return s.Save(ctx, who, Change{ID: id, Base: seen, From: from, Fresh: map[Part][]string{Part(l): paths}, Set: Parts{Part(l): {}}})
}

// Unvouch takes a Vouch back: texts whose words have not changed since a revision of their language get the stamps they had
// there.
func (s *Store) Unvouch(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, revision int, paths []string) (*Saved, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	old, err := s.revision(ctx, s.DB.Read(), id, Part(l), revision)
	if err != nil {
		return nil, err
	}
	set := Leaves{}
	for _, path := range paths {
		if f := e.Kind.Field(path); f != nil && f.Text() && same(old[path], e.Parts[Part(l)][path]) {
			set[path] = old[path]
		}
	}
	return s.Save(ctx, who, Change{ID: id, Base: map[Part]int{Part(l): e.Versions[Part(l)]}, Set: Parts{Part(l): set}, restamped: true})
}
