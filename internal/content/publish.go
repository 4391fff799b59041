package content

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// PublishChange says what to make public.
type PublishChange struct {
	ID string
	// Facts publishes the facts, for all languages at once.
	Facts bool
	// Locales whose words are published.
	Locales []i18n.Locale
	// Versions are the parts as the publisher saw them. A part that has moved since is a conflict: nobody publishes
	// what they have not seen. Nil skips the check.
	Versions map[Part]int
	// Revisions are what is published instead of the working parts: saved states of them.
	Revisions map[Part]int

	urgent bool // the gates were asked about what was there before the change
}

// Gate is asked before anything is published: next are the revisions that parts would have. What it finds forbids it.
type Gate func(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, next map[Part]int) ([]Problem, error)

// askGates asks all of them.
func (s *Store) askGates(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, next map[Part]int) ([]Problem, error) {
	var out []Problem
	for _, gate := range s.Gates {
		problems, err := gate(ctx, tx, who, e, next)
		if err != nil {
			return nil, err
		}
		out = append(out, problems...)
	}
	return out, nil
}

// Refused is why none of several entries was published: what stands in the way of each, by its id.
type Refused map[string]error

func (r Refused) Error() string { return fmt.Sprintf("%d entries cannot be published", len(r)) }

// PublishTogether publishes all or none, in one transaction. What stands in the way of any of them comes back as Refused.
func (s *Store) PublishTogether(ctx context.Context, who *auth.Actor, all []PublishChange) error {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b PublishChange) int { return strings.Compare(a.ID, b.ID) }) // or two would wait for each other
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		refused := Refused{}
		for _, c := range all {
			err := s.PublishTx(ctx, tx, who, c)
			var invalid *Invalid
			var moved *Conflicted
			switch {
			case errors.As(err, &invalid), errors.As(err, &moved), errors.Is(err, auth.ErrForbidden), errors.Is(err, db.ErrNotFound):
				refused[c.ID] = err
			case err != nil:
				return err
			}
		}
		if len(refused) > 0 {
			return refused
		}
		return nil
	})
}

// Publish copies parts into what the public sees. The check runs on the entry as it would then be public; what forbids
// it comes back as *Invalid and nothing changes.
func (s *Store) Publish(ctx context.Context, who *auth.Actor, c PublishChange) error {
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.PublishTx(ctx, tx, who, c) })
}

// PublishTx is Publish inside a transaction of the caller's, who calls Changed after it has been committed.
func (s *Store) PublishTx(ctx context.Context, tx bun.Tx, who *auth.Actor, c PublishChange) error {
	e, live, err := s.lockLive(ctx, tx, who, c.ID)
	if err != nil {
		return err
	}
	if c.Facts && !who.Can(auth.Publish, e.row.object()) {
		return auth.ErrForbidden
	}
	for _, l := range c.Locales {
		if !who.Can(auth.Publish, e.TextObject(l)) {
			return auth.ErrForbidden
		}
	}
	chosen := make([]Part, 0, len(c.Locales)+1)
	if c.Facts || len(live[Facts].leaves) == 0 && live[Facts].revision == 0 {
		if !who.Can(auth.Publish, e.row.object()) {
			return auth.ErrForbidden
		}
		chosen = append(chosen, Facts)
	}
	from := *e // as it is published: the working parts, or saved states of them
	from.Parts, from.Versions = maps.Clone(e.Parts), maps.Clone(e.Versions)
	for p, n := range c.Revisions {
		if from.Parts[p], err = s.revision(ctx, tx, e.ID, p, n); err != nil {
			return err
		}
		from.Versions[p] = n
	}
	if len(c.Revisions) > 0 {
		if from.Value, err = e.Kind.Join(from.Parts); err != nil {
			return err
		}
	}
	for _, l := range c.Locales {
		if len(from.Parts[Part(l)]) == 0 {
			return &Invalid{[]Problem{{Path: "language", Blocks: true, Key: "problem.nothing_in_language", Args: []any{"Language", l.Endonym()}}}}
		}
		chosen = append(chosen, Part(l))
	}
	before, original := live[Facts].leaves, Part(e.Original)
	wordsBefore := live[original].leaves
	var was any // as it was public
	if before != nil {
		if was, _, err = joinLive(e.Kind, live); err != nil {
			return err
		}
	}
	var conflicts []Conflict
	for _, p := range chosen {
		if v, told := c.Versions[p]; c.Versions != nil && told && v != e.Versions[p] {
			conflicts = append(conflicts, Conflict{Part: p})
		}
		live[p] = livePart{leaves: e.Kind.publicLeaves(from.Parts[p]), revision: from.Versions[p], fresh: true}
	}
	if c.Versions == nil && c.Revisions == nil && !who.IsProgram() {
		if conflicts, err = s.typed(ctx, tx, who, e, chosen); err != nil {
			return err
		}
	}
	if len(conflicts) > 0 {
		return &Conflicted{List: conflicts}
	}
	facts := slices.Contains(chosen, Facts)
	if w, ok := from.Value.(Withholder); ok {
		for _, path := range w.Withheld() {
			for _, p := range chosen {
				delete(live[p].leaves, path)
			}
		}
	}
	value, locales, err := joinLive(e.Kind, live)
	if err != nil {
		return err
	}
	parts := withStaff(e.Kind, live, from.Parts)
	var withheld []string
	if w, ok := value.(Withholder); ok {
		for _, path := range w.Withheld() {
			if v := from.Parts[Facts][path]; v != nil {
				parts[Facts][path] = v
			} else if !facts {
				withheld = append(withheld, path) // was there when the facts were published
			}
		}
	}
	whole, err := e.Kind.Join(parts)
	if err != nil {
		return err
	}
	problems := slices.DeleteFunc(blocking(e.Kind.Check(whole, e.Original, locales)), func(p Problem) bool { return slices.Contains(withheld, p.Path) })
	if !c.urgent {
		next := map[Part]int{}
		for _, p := range chosen {
			next[p] = live[p].revision
		}
		refused, err := s.askGates(ctx, tx, who, e, next)
		if err != nil {
			return err
		}
		problems = append(problems, refused...)
	}
	if len(problems) > 0 {
		return &Invalid{problems}
	}
	now := s.now()
	for _, p := range chosen {
		r := &liveRow{EntryID: e.ID, Part: p, Revision: live[p].revision, Doc: writeLeaves(live[p].leaves), PublishedAt: now, PublishedBy: who.ID}
		if _, err := tx.NewInsert().Model(r).On("CONFLICT (entry_id, part) DO UPDATE").Set("revision = EXCLUDED.revision").Set("doc = EXCLUDED.doc").
			Set("published_at = EXCLUDED.published_at").Set("published_by = EXCLUDED.published_by").Exec(ctx); err != nil {
			return fmt.Errorf("publish %s: %w", e.ID, err)
		}
		if err := s.returnVersions(ctx, tx, r); err != nil {
			return err
		}
		if err := s.keepPublished(ctx, tx, r); err != nil {
			return err
		}
		e.Live[p] = live[p].revision
	}
	if err := s.keepEdition(ctx, tx, e.ID, value, live, now); err != nil {
		return err
	}
	moved := before != nil && e.Kind.sequenced(value, before, live[Facts].leaves) ||
		wordsBefore != nil && e.Kind.sequenced(value, wordsBefore, live[original].leaves)
	if err := s.present(ctx, tx, e, was, value, locales, now, moved); err != nil {
		return err
	}
	names := make([]string, len(chosen))
	for i, p := range chosen {
		names[i] = partName(p)
	}
	return auth.Audit(ctx, tx, who, "publish", e.row.object(), map[string]any{"parts": names, "title": e.Title})
}

// CheckPublish tells what Publish would say of the working entry with these languages, advice included.
func (s *Store) CheckPublish(e *Entry, locales []i18n.Locale) []Problem {
	v, err := e.Kind.Join(e.Parts)
	if err != nil {
		return []Problem{{Path: "", Blocks: true, Key: "problem.malformed"}}
	}
	problems := e.Kind.Check(v, e.Original, locales)
	if x, ok := v.(Everywhere); ok && x.Everywhere() {
		for _, l := range s.Locales {
			if title := e.Kind.As("title"); l != e.Original && e.Parts[Part(l)].Text(title.Path).Words == "" {
				problems = append(problems, Problem{Path: title.Path, Locale: l, Key: "problem.language_missing"})
			}
		}
	}
	return problems
}

// Everywhere is a kind's struct that may be one that must exist in every language of the site.
type Everywhere interface{ Everywhere() bool }

// withStaff are the parts as they would be public, with what only the staff sees of the working entry: checks ask for
// consents and permissions that are never published.
func withStaff(k *Kind, live map[Part]livePart, working Parts) Parts {
	out := Parts{}
	for p, l := range live {
		out[p] = maps.Clone(l.leaves)
		for path, v := range working[p] {
			if f := k.Field(path); f != nil && f.Staff {
				out[p][path] = v
			}
		}
	}
	return out
}

// Unpublish takes languages back from the public; without the original language nothing of the entry stays.
func (s *Store) Unpublish(ctx context.Context, who *auth.Actor, id string, locales []i18n.Locale) error {
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error { return s.UnpublishTx(ctx, tx, who, id, locales) })
}

// UnpublishTx is Unpublish inside a transaction of the caller's, who calls Changed after it has been committed.
func (s *Store) UnpublishTx(ctx context.Context, tx bun.Tx, who *auth.Actor, id string, locales []i18n.Locale) error {
	e, live, err := s.lockLive(ctx, tx, who, id)
	if err != nil {
		return err
	}
	for _, l := range locales {
		if !who.Can(auth.Publish, e.TextObject(l)) {
			return auth.ErrForbidden
		}
	}
	if slices.Contains(locales, e.Original) {
		for p := range live {
			delete(live, p)
		}
	}
	names := []string{}
	for _, l := range locales {
		delete(live, Part(l))
		names = append(names, string(l))
	}
	now := s.now()
	gone := tx.NewDelete().Model((*liveRow)(nil)).Where("entry_id = ?", id)
	e.Live = map[Part]int{}
	keep := make([]Part, 0, len(live))
	for p := range live {
		keep = append(keep, p)
		e.Live[p] = live[p].revision
	}
	if len(keep) > 0 {
		gone = gone.Where("part NOT IN (?)", bun.List(keep))
	}
	if err := s.endPublished(ctx, tx, who, id, now, keep...); err != nil {
		return err
	}
	if _, err := gone.Exec(ctx); err != nil {
		return fmt.Errorf("unpublish %s: %w", id, err)
	}
	if len(live) > 0 && len(locales) > 0 {
		if err := s.dropEditions(ctx, tx, id, locales...); err != nil {
			return err
		}
		if err := s.withdrawVersions(ctx, tx, id, locales...); err != nil {
			return err
		}
	}
	if len(live) == 0 {
		if err := s.vanish(ctx, tx, e, now); err != nil {
			return err
		}
	} else {
		value, left, err := joinLive(e.Kind, live)
		if err != nil {
			return err
		}
		if err := s.present(ctx, tx, e, nil, value, left, now, false); err != nil {
			return err
		}
	}
	return auth.Audit(ctx, tx, who, "unpublish", e.row.object(), map[string]any{"parts": names, "title": e.Title})
}

// Delete takes an entry out of sight, published or not. Restore brings the working entry back.
func (s *Store) Delete(ctx context.Context, who *auth.Actor, id string) error {
	return s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, live, err := s.lockLive(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !who.Can(auth.Delete, e.row.object()) || len(live) > 0 && !who.Can(auth.Publish, e.row.object()) {
			return auth.ErrForbidden
		}
		if len(live) > 0 {
			if _, err := tx.NewDelete().Model((*liveRow)(nil)).Where("entry_id = ?", id).Exec(ctx); err != nil {
				return fmt.Errorf("delete %s: %w", id, err)
			}
			e.Live = map[Part]int{}
			if err := s.endPublished(ctx, tx, who, id, s.now()); err != nil {
				return err
			}
			if err := s.vanish(ctx, tx, e, s.now()); err != nil {
				return err
			}
		}
		if _, err := tx.NewUpdate().Model((*row)(nil)).Set("deleted_at = ?", s.now()).Where("id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("delete %s: %w", id, err)
		}
		return auth.Audit(ctx, tx, who, "delete", e.row.object(), map[string]any{"title": e.Title})
	})
}

// Restore brings a deleted entry back as a draft.
func (s *Store) Restore(ctx context.Context, who *auth.Actor, id string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.load(ctx, tx, id)
		if err != nil {
			return err
		}
		if !who.Can(auth.Read, e.row.object()) {
			return db.ErrNotFound
		}
		if !who.Can(auth.Delete, e.row.object()) {
			return auth.ErrForbidden
		}
		if _, err := tx.NewUpdate().Model((*row)(nil)).Set("deleted_at = NULL").Where("id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("restore %s: %w", id, err)
		}
		return auth.Audit(ctx, tx, who, "restore", e.row.object(), map[string]any{"title": e.Title})
	})
}

type livePart struct {
	leaves   Leaves
	revision int
	fresh    bool
}

func (s *Store) lockLive(ctx context.Context, tx bun.Tx, who *auth.Actor, id string) (*Entry, map[Part]livePart, error) {
	if err := s.lock(ctx, tx, id); err != nil {
		return nil, nil, err
	}
	e, err := s.load(ctx, tx, id)
	if err != nil {
		return nil, nil, err
	}
	if !who.Can(auth.Read, e.row.object()) || e.Deleted != nil {
		return nil, nil, db.ErrNotFound
	}
	var rows []liveRow
	if err := tx.NewSelect().Model(&rows).Where("entry_id = ?", id).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("published parts of %s: %w", id, err)
	}
	live := map[Part]livePart{}
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, nil, fmt.Errorf("published part %q of %s: %w", r.Part, id, err)
		}
		live[r.Part] = livePart{leaves: leaves, revision: r.Revision}
	}
	return e, live, nil
}

func joinLive(k *Kind, live map[Part]livePart) (any, []i18n.Locale, error) {
	parts := Parts{}
	var locales []i18n.Locale
	for p, l := range live {
		parts[p] = l.leaves
		if p != Facts {
			locales = append(locales, p.Locale())
		}
	}
	slices.Sort(locales)
	v, err := k.Join(parts)
	return v, locales, err
}

func blocking(all []Problem) []Problem {
	var out []Problem
	for _, p := range all {
		if p.Blocks {
			out = append(out, p)
		}
	}
	return out
}

// publicLeaves leaves out what is never published: staff fields, and what words were made from.
func (k *Kind) publicLeaves(in Leaves) Leaves {
	out := make(Leaves, len(in))
	for path, v := range in {
		f := k.Field(path)
		if f == nil || f.Staff {
			continue
		}
		if f.Text() {
			t := in.Text(path)
			v = mustJSON(Text{Words: t.Words, How: t.How})
		}
		out[path] = v
	}
	return out
}

// Withholder is a kind's struct that keeps some of its facts from the public by what others of them say, as the files of a
// document that is not for everybody. It gives the paths of facts and words, with ids. They are not copied when the entry
// is published, so that nothing that reads what is public has to think of it.
type Withholder interface{ Withheld() []string }

// Card is a kind's struct that tells which of its facts lists show beside title and summary. The paths are patterns.
type Card interface{ Card() []string }

func (k *Kind) card(value any, facts Leaves) Leaves {
	c, ok := value.(Card)
	if !ok {
		return Leaves{}
	}
	out := Leaves{}
	want := c.Card()
	for path, v := range facts {
		if f := k.Field(path); f != nil && slices.Contains(want, f.Path) {
			out[path] = v
		}
	}
	return out
}

// Sequenced is a kind's struct that is in calendars: it tells which facts and which words of the original, as patterns,
// make a calendar's copy wrong when they change (RFC 5545, SEQUENCE). A translation tells nothing new.
type Sequenced interface{ Sequence() []string }

func (k *Kind) sequenced(value any, before, after Leaves) bool {
	x, ok := value.(Sequenced)
	if !ok {
		return false
	}
	want := x.Sequence()
	for path := range union(before, after) {
		f := k.Field(path)
		if f == nil || !slices.Contains(want, f.Path) {
			continue
		}
		// Of words only what they say counts, not what was noted with them.
		if f.Text() && before.Text(path).Words != after.Text(path).Words || !f.Text() && !same(before[path], after[path]) {
			return true
		}
	}
	return false
}

type publicationRow struct {
	bun.BaseModel `bun:"table:publications,alias:pub"`
	EntryID       string      `bun:",pk"`
	Locale        i18n.Locale `bun:",pk"`
	Kind          string
	Path          string
	Own           bool // has words of its own in this language; else it is a skeleton
	TextLocale    i18n.Locale
	Title         string
	Summary       string
	SummaryLocale i18n.Locale
	Card          string
	SortAt        time.Time
	EndsAt        time.Time
	Find          string // words to find it by, folded
	SortKey       []byte // by name in the order of Locale
	Sequence      int
	FirstAt       time.Time
	ChangedAt     time.Time
	Told          string
	Versions      string
}

type facetRow struct {
	bun.BaseModel `bun:"table:facets"`
	Name          string `bun:",pk"`
	Value         string `bun:",pk"`
	EntryID       string `bun:",pk"`
}

// facetCount is how many published entries of a kind have a facet.
type facetCount struct {
	bun.BaseModel `bun:"table:facet_counts,alias:c"`
	Kind          string `bun:",pk"`
	Name          string `bun:",pk"`
	Value         string `bun:",pk"`
	N             int
}

// present writes the rows by which pages, lists, feeds and search find a published entry. It is the only place that
// makes anything visible. moved says that what calendars hold has become wrong.
//
// was is the value as it was public, nil where it was not; readers are told what differs.
func (s *Store) present(ctx context.Context, tx bun.Tx, e *Entry, was, value any, locales []i18n.Locale, now time.Time, moved bool) error {
	k := e.Kind
	path, err := s.address(ctx, tx, e, value)
	if err != nil {
		return err
	}
	e.Path = path
	var old []publicationRow
	if err := tx.NewSelect().Model(&old).Column("first_at", "sequence", "told").Where("entry_id = ?", e.ID).Limit(1).Scan(ctx); err != nil {
		return fmt.Errorf("publications of %s: %w", e.ID, err)
	}
	base := publicationRow{EntryID: e.ID, Kind: k.Name, Path: path, FirstAt: now, ChangedAt: now}
	if len(old) == 0 {
		// It may have been public before: calendars that still hold it take only what counts on.
		if err := tx.NewRaw("DELETE FROM published_before WHERE entry_id = ? RETURNING first_at, sequence + 1 AS sequence", e.ID).Scan(ctx, &old); err != nil {
			return fmt.Errorf("publications of %s: %w", e.ID, err)
		}
	}
	if len(old) > 0 {
		base.FirstAt, base.Sequence, base.Told = old[0].FirstAt, old[0].Sequence, old[0].Told
	}
	if base.Told, err = tell(base.Told, was, value, now); err != nil {
		return err
	}
	if moved {
		base.Sequence++
	}
	base.date(value)
	parts := k.Split(value)
	if base.Versions, err = s.keepVersions(ctx, tx, e, value, parts, base.Told, now); err != nil {
		return err
	}
	base.Card = writeLeaves(k.card(value, parts[Facts]))
	words := k.shownWords(value)
	rows := make([]publicationRow, 0, len(s.Locales))
	for _, l := range s.Locales {
		r := base
		r.Locale, r.Own = l, slices.Contains(locales, l)
		words.fill(&r, e.Original)
		rows = append(rows, r)
	}
	if _, err := tx.NewDelete().Model((*publicationRow)(nil)).Where("entry_id = ?", e.ID).Exec(ctx); err != nil {
		return fmt.Errorf("publications of %s: %w", e.ID, err)
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("publications of %s: %w", e.ID, err)
	}
	if err := s.writeFacets(ctx, tx, e.ID, k, facets(k, value)); err != nil {
		return err
	}
	before, err := s.owedBy(ctx, tx, e) // it may have been about another entry
	if err != nil {
		return err
	}
	if err := s.writeLinks(ctx, tx, e, value, true); err != nil {
		return err
	}
	return s.settle(ctx, tx, e, true, before, now)
}

// date writes when the entry is, once FirstAt is known: by that the undated are in order.
func (r *publicationRow) date(value any) {
	r.SortAt, r.EndsAt = r.FirstAt, farFuture
	if d, ok := value.(Dated); ok {
		r.SortAt = farFuture // not known yet: behind all that are
		if t := d.Begins(); !t.IsZero() {
			r.SortAt = t.UTC()
		}
	}
	if p, ok := value.(Passing); ok {
		if t := p.Over(); !t.IsZero() {
			r.EndsAt = t.UTC()
		}
	}
}

// shownWords are what lists show and sort by of an entry, in all its languages.
type shownWords struct {
	title, summary Line
	sort           string
}

func (k *Kind) shownWords(value any) shownWords {
	w := shownWords{title: k.line(value, "title"), summary: k.line(value, "summary")}
	if f := k.As("sort"); f != nil {
		w.sort = reflect.ValueOf(value).Elem().Field(f.index).String()
	}
	return w
}

// fill writes those of the row's language, or of the original.
func (w shownWords) fill(r *publicationRow, original i18n.Locale) {
	at := original
	if r.Own {
		at = r.Locale
	}
	r.Title, r.TextLocale = w.title.Pick(at, original)
	r.Summary, r.SummaryLocale = w.summary.Pick(r.TextLocale, original)
	r.Find = i18n.Fold(r.Locale, r.Title)
	name := r.Title
	if w.sort != "" {
		r.Find += " " + i18n.Fold(r.Locale, w.sort)
		// "Wanjiru, Grace" puts nobody in order among names in other letters.
		if i18n.WrittenIn(r.TextLocale, w.sort) {
			name = w.sort
		}
	}
	r.SortKey = i18n.SortKey(r.Locale, name)
}

var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// vanish removes every row by which the public could find the entry.
func (s *Store) vanish(ctx context.Context, tx bun.Tx, e *Entry, now time.Time) error {
	if _, err := tx.NewRaw(`INSERT INTO published_before (entry_id, first_at, sequence) SELECT entry_id, first_at, sequence FROM publications WHERE entry_id = ? LIMIT 1
		ON CONFLICT (entry_id) DO NOTHING`, e.ID).Exec(ctx); err != nil {
		return fmt.Errorf("unpublish %s: %w", e.ID, err)
	}
	if err := s.dropEditions(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := s.withdrawVersions(ctx, tx, e.ID); err != nil {
		return err
	}
	before, err := s.owedBy(ctx, tx, e)
	if err != nil {
		return err
	}
	for _, q := range []*bun.DeleteQuery{
		tx.NewDelete().Model((*publicationRow)(nil)).Where("entry_id = ?", e.ID),
		tx.NewDelete().Model((*linkRow)(nil)).Where("from_id = ? AND live", e.ID),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("unpublish %s: %w", e.ID, err)
		}
	}
	if err := s.writeFacets(ctx, tx, e.ID, e.Kind, nil); err != nil {
		return err
	}
	return s.settle(ctx, tx, e, false, before, now)
}

func (s *Store) settle(ctx context.Context, tx bun.Tx, e *Entry, live bool, before []string, now time.Time) error {
	if _, err := tx.NewUpdate().Model((*row)(nil)).Set("live = ?", live).Where("id = ?", e.ID).Exec(ctx); err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	if err := s.writeStates(ctx, tx, e, now, func(i18n.Locale) bool { return true }); err != nil {
		return err
	}
	if err := s.provePromises(ctx, tx, e, before); err != nil {
		return err
	}
	if err := s.raise(ctx, tx); err != nil {
		return err
	}
	for _, f := range s.OnChange {
		if err := f(ctx, tx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// line is the line of an entry that stands for what all kinds have, as its title.
func (k *Kind) line(value any, as string) Line {
	if f := k.As(as); f != nil && f.Type == TypeLine {
		return reflect.ValueOf(value).Elem().Field(f.index).Interface().(Line)
	}
	return nil
}

// facet is what published entries are filtered by.
type facet struct{ Name, Value string }

// facets finds those of an entry. All have the one without a name: it counts them.
func facets(k *Kind, value any) map[facet]bool {
	out := map[facet]bool{{}: true}
	add := func(name, value string) {
		if value != "" {
			out[facet{name, value}] = true
		}
	}
	v := reflect.ValueOf(value).Elem()
	for _, f := range k.Fields {
		if f.Facet == "" {
			continue
		}
		switch fv := v.Field(f.index); f.Type {
		case TypeEnum, TypeRef:
			add(f.Facet, fv.String())
		case TypeEnums, TypeRefs:
			for i := range fv.Len() {
				add(f.Facet, fv.Index(i).String())
			}
		case TypeList: // the references right inside its items
			for i := range fv.Len() {
				for _, x := range f.Fields {
					if x.Type == TypeRef && x.Of == f.Facet {
						add(f.Facet, fv.Index(i).Field(x.index).String())
					}
				}
			}
		}
	}
	if d, ok := value.(Dated); ok {
		if t := d.Begins(); !t.IsZero() {
			add("year", strconv.Itoa(t.Year()))
		}
	}
	return out
}

// writeFacets stores the facets of a published entry, none for one that is no longer, and keeps count of them.
func (s *Store) writeFacets(ctx context.Context, tx bun.Tx, id string, k *Kind, now map[facet]bool) error {
	var was []facet
	if err := tx.NewRaw("SELECT name, value FROM facets WHERE entry_id = ?", id).Scan(ctx, &was); err != nil {
		return fmt.Errorf("facets of %s: %w", id, err)
	}
	before := make(map[facet]bool, len(was))
	for _, f := range was {
		before[f] = true
	}
	var added, gone []facetRow
	var counts []facetCount
	for f := range now {
		if !before[f] {
			added = append(added, facetRow{Name: f.Name, Value: f.Value, EntryID: id})
			counts = append(counts, facetCount{Kind: k.Name, Name: f.Name, Value: f.Value, N: 1})
		}
	}
	for f := range before {
		if !now[f] {
			gone = append(gone, facetRow{Name: f.Name, Value: f.Value, EntryID: id})
			counts = append(counts, facetCount{Kind: k.Name, Name: f.Name, Value: f.Value, N: -1})
		}
	}
	if len(counts) == 0 {
		return nil
	}
	if len(gone) > 0 {
		if _, err := tx.NewDelete().Model(&gone).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("facets of %s: %w", id, err)
		}
	}
	if len(added) > 0 {
		if _, err := tx.NewInsert().Model(&added).Exec(ctx); err != nil {
			return fmt.Errorf("facets of %s: %w", id, err)
		}
	}
	// Always in the same order, or two publishers would wait for each other.
	slices.SortFunc(counts, func(a, b facetCount) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	if _, err := tx.NewInsert().Model(&counts).On("CONFLICT (kind, name, value) DO UPDATE").Set("n = c.n + EXCLUDED.n").Exec(ctx); err != nil {
		return fmt.Errorf("facets of %s: %w", id, err)
	}
	return nil
}

// address gives an entry its address, without the locale, and keeps those it had: they redirect.
func (s *Store) address(ctx context.Context, tx bun.Tx, e *Entry, value any) (string, error) {
	if e.Slug == "" {
		// Made once, from what is public now: a title that changes later does not move the page.
		e.Slug = slugOf(e, value)
		if _, err := tx.NewUpdate().Model((*row)(nil)).Set("slug = ?", e.Slug).Where("id = ?", e.ID).Exec(ctx); err != nil {
			return "", fmt.Errorf("address of %s: %w", e.ID, err)
		}
	}
	slug := e.Slug
	dir := e.Kind.Path + "/"
	if e.Kind.Dated {
		year := e.Created.Year()
		if d, ok := value.(Dated); ok && !d.Begins().IsZero() {
			year = d.Begins().Year()
		}
		dir += strconv.Itoa(year) + "/"
	}
	var current string
	if err := tx.NewRaw("SELECT coalesce(max(path), '') FROM paths WHERE entry_id = ? AND current", e.ID).Scan(ctx, &current); err != nil {
		return "", fmt.Errorf("address of %s: %w", e.ID, err)
	}
	for n := 1; ; n++ {
		path := dir + slug
		if n > 1 {
			path += "-" + strconv.Itoa(n)
		}
		if path == current {
			return path, nil
		}
		var owner []string
		if err := tx.NewRaw("SELECT entry_id FROM paths WHERE path = ?", path).Scan(ctx, &owner); err != nil {
			return "", fmt.Errorf("address of %s: %w", e.ID, err)
		}
		if len(owner) > 0 && owner[0] != e.ID {
			continue // taken, or once taken: the old address of another entry keeps leading there
		}
		if _, err := tx.NewRaw("UPDATE paths SET current = ? WHERE entry_id = ?", false, e.ID).Exec(ctx); err != nil {
			return "", fmt.Errorf("address of %s: %w", e.ID, err)
		}
		res, err := tx.NewRaw("INSERT INTO paths AS p (path, entry_id, current) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET current = EXCLUDED.current WHERE p.entry_id = EXCLUDED.entry_id",
			path, e.ID, true).Exec(ctx)
		if err != nil {
			return "", fmt.Errorf("address of %s: %w", e.ID, err)
		}
		if mine, err := res.RowsAffected(); err != nil || mine == 1 {
			return path, err
		}
		// Another entry took it since we looked.
	}
}

// slugOf makes a Latin slug from the English title, else from the original one, else from the id: one address for all
// languages, since an Arabic letter becomes six characters when an address is pasted.
func slugOf(e *Entry, value any) string {
	f := e.Kind.As("title")
	if f == nil {
		return e.ID
	}
	title := reflect.ValueOf(value).Elem().Field(f.index).Interface().(Line)
	for _, l := range []i18n.Locale{i18n.EN, e.Original, i18n.FR, i18n.ES, i18n.PT} {
		if s := Slug(title.In(l)); len(s) >= 3 {
			return s
		}
	}
	return e.ID
}

// Slug turns Latin words into the last part of an address, at most 60 characters cut at a word; "" if none is Latin.
func Slug(words string) string {
	var b strings.Builder
	for _, r := range i18n.Fold(i18n.EN, words) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '\'' || r == '’' || r == '.':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String(), "-")
	if len(s) > 60 {
		s = s[:60]
		if i := strings.LastIndexByte(s, '-'); i > 20 {
			s = s[:i]
		}
	}
	return strings.Trim(s, "-")
}
