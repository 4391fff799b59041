package content

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Change is what someone made of an entry.
type Change struct {
	// ID of the entry; "" makes a new one of Kind, written first in Original, owned by Office.
	ID       string
	Kind     *Kind
	Original i18n.Locale
	Office   string
	// Slug is the last part of its address; nil leaves it, "" has one made from the title.
	Slug *string
	// Base are the versions of the parts that the change was made from. A part that is missing here is taken as it is
	// now, so whoever edits something they were shown must say which version they were shown.
	Base map[Part]int
	// Set holds leaves by part. A leaf that is nil or null is emptied; leaves not named stay.
	Set Parts
	// Fresh names words by part that are up to date with their source even if they did not change.
	Fresh map[Part][]string
	// From is the language that translations in the change were made from; "" for the original. Words that it lacks were made
	// from the original.
	From i18n.Locale
	// Minor says that the change of words, with what was saved automatically before it in one sitting, is no news to
	// translators: what was made from the former words stays up to date.
	Minor bool
	Note  string
	// Mark names what the change is, where it can be taken back as one; see Marked. It is kept instead of Note.
	Mark string
	// Empties are paths of words that told of what was before a marked change: whoever may change the facts may have it empty
	// them in every language.
	Empties []string

	// Auto is a change that nobody asked to be saved. Those of one sitting are one line in the history.
	Auto bool
	// Tab names the page that sends the change, Seq counts what it sends: a change that arrives twice, because its answer did
	// not, is no change by somebody else, makes no second entry, and never takes back a later one.
	Tab string
	Seq int

	// undoes is the number of the facts' revision that the change takes back, 0 if it takes none back.
	undoes int
	// copied is the entry that a new one is a copy of: its words bring their stamps.
	copied *Entry
	// stamped words bring their stamps, and restamped ones even if they are those that are there.
	stamped, restamped bool
}

// Saved tells what became of a change.
type Saved struct {
	ID string
	// Versions of the parts after the change.
	Versions map[Part]int
	// Changed are the parts that got a new version; none if the change changed nothing.
	Changed []Part
	// Merged reports that someone else had saved in between and both changes are in.
	Merged bool
	// Base are the versions since which others have saved.
	Base map[Part]int
}

// Save stores a change of the working parts. The public sees nothing of it before Publish. It returns *Invalid if a
// leaf is not what its field takes, *Conflicted if another change since Base clashes, auth.ErrForbidden if the actor
// may not change what differs; then nothing has been stored.
func (s *Store) Save(ctx context.Context, who *auth.Actor, c Change) (*Saved, error) {
	var out *Saved
	save := func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = s.SaveTx(ctx, tx, who, c)
		return err
	}
	err := s.DB.InTx(ctx, save)
	if errors.Is(err, errMadeMeanwhile) {
		err = s.DB.InTx(ctx, save)
	}
	return out, err
}

// SaveTx is Save inside a transaction of the caller's.
func (s *Store) SaveTx(ctx context.Context, tx bun.Tx, who *auth.Actor, c Change) (*Saved, error) {
	now := s.now()
	var e *Entry
	if err := s.madeBefore(ctx, tx, who, &c); err != nil {
		return nil, err
	}
	created := c.ID == ""
	if created {
		if c.Kind == nil || !slices.Contains(i18n.All, c.Original) {
			return nil, errors.New("a new entry needs a kind and an original language")
		}
		id := c.newID(who)
		e = &Entry{ID: id, Kind: c.Kind, made: true, Original: c.Original, Office: c.Office, Versions: map[Part]int{}, Live: map[Part]int{}, Parts: Parts{Facts: {}},
			row: row{ID: id, Kind: c.Kind.Name, OfficeID: c.Office, Original: c.Original, Shape: c.Kind.Shape, CreatedAt: now, CreatedBy: who.ID}}
		if !who.CanSomewhere(auth.Create) {
			return nil, auth.ErrForbidden
		}
	} else {
		if err := s.lock(ctx, tx, c.ID); err != nil {
			return nil, err
		}
		var err error
		if e, err = s.loadParts(ctx, tx, c.ID); err != nil {
			return nil, err
		}
		if !who.Can(auth.Read, e.row.object()) || e.Deleted != nil {
			return nil, db.ErrNotFound
		}
		if e.row.Shape > e.Kind.Shape {
			return nil, fmt.Errorf("entry %s was saved by a newer program", e.ID)
		}
	}
	k := e.Kind
	set, problems := s.checkSet(k, c.Set)
	if c.Slug != nil && *c.Slug != "" && !validSlug.MatchString(*c.Slug) {
		problems = append(problems, Problem{Path: "slug", Blocks: true, Key: "problem.slug"})
	}
	if len(problems) > 0 {
		return nil, &Invalid{problems}
	}
	if err := s.internLinks(ctx, tx, k, set); err != nil {
		return nil, err
	}
	late, err := s.ownSince(ctx, tx, e, &c)
	if err != nil {
		return nil, err
	}
	out := &Saved{ID: e.ID, Versions: e.Versions, Base: c.Base}
	if late {
		return out, nil
	}
	next := Parts{}
	bases, mines := Parts{}, Parts{}
	var conflicts []Conflict
	for p, leaves := range set {
		base, err := s.base(ctx, tx, e, p, c.Base)
		if err != nil {
			return nil, err
		}
		bases[p] = base
		mine := make(Leaves, len(base)+len(leaves))
		for path, v := range base {
			mine[path] = v
		}
		for path, v := range leaves {
			// Words that did not change keep the leaf they had, stamps and all.
			if !same(v, base[path]) || c.restamped {
				put(mine, path, v)
			}
		}
		mines[p] = mine
		merged, cs := k.merge(p, base, mine, orEmpty(e.Parts[p]))
		conflicts = append(conflicts, cs...)
		if c.undoes > 0 || c.restamped { // stamps come back with their words
			for path, v := range leaves {
				if same(merged[path], v) {
					put(merged, path, v)
				}
			}
		}
		next[p] = merged
		out.Merged = out.Merged || c.Base != nil && c.Base[p] != e.Versions[p] && e.Versions[p] > 0
	}
	cs, err := s.deletedElsewhere(ctx, tx, e, bases[Facts], next[Facts], c.Base)
	if err != nil {
		return nil, err
	}
	conflicts = append(conflicts, cs...)
	if cs, err = s.writtenElsewhere(ctx, tx, e, mines, next, c.Base); err != nil {
		return nil, err
	}
	if conflicts = append(conflicts, cs...); len(conflicts) > 0 {
		return nil, &Conflicted{List: conflicts, Merged: next, Versions: e.Versions}
	}
	if c.copied == nil && c.undoes == 0 && !c.stamped && !c.restamped { // else words bring their stamps
		if err := s.stampWords(ctx, tx, e, c, next); err != nil {
			return nil, err
		}
	}
	if c.Minor {
		if err := s.noteMinor(ctx, tx, who, e, next); err != nil {
			return nil, err
		}
	}
	var beyond []Part // changed, and not the actor's to change as a whole
	for p, leaves := range next {
		// The facts have a revision of each marked change, by which it is known, even where it changes words alone.
		if equal(leaves, e.Parts[p]) && !(p == Facts && (created || c.Mark != "")) {
			delete(next, p)
			continue
		}
		if !created && !mayEdit(who, e, p) && !c.follows(who, e, p, leaves) {
			beyond = append(beyond, p)
		} else if created && p != Facts && p.Locale() != e.Original && !mayEdit(who, e, p) {
			return nil, auth.ErrForbidden
		}
	}
	if len(beyond) > 0 {
		if ok, err := s.contributes(ctx, tx, who, e, next, beyond); err != nil || !ok {
			return nil, errors.Join(auth.ErrForbidden, err)
		}
	}
	if created && next[Facts] == nil {
		next[Facts] = Leaves{}
	}
	slug := e.Slug
	if c.Slug != nil && *c.Slug != e.Slug {
		if !created && !mayEdit(who, e, Facts) {
			return nil, auth.ErrForbidden
		}
		slug = *c.Slug
	}
	if !created {
		if err := s.seal(ctx, tx, who, e, c, next); err != nil {
			return nil, err
		}
	}
	if len(next) == 0 && slug == e.Slug {
		return out, nil
	}
	if next[Facts] != nil {
		if err := k.tooManyItems(e.Parts[Facts], next[Facts]); err != nil {
			return nil, err
		}
	}
	was, belonged := maps.Clone(e.Parts), e.row.object()
	for p, leaves := range next {
		e.Parts[p] = leaves
		e.Versions[p]++
		out.Changed = append(out.Changed, p)
	}
	slices.Sort(out.Changed)
	if e.Value, err = k.Join(e.Parts); err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.ID, err)
	}
	if err := s.checkReferences(ctx, tx, who, e, was, next); err != nil {
		return nil, err
	}
	e.Slug = slug
	e.row.Slug, e.row.UpdatedAt, e.row.UpdatedBy, e.row.Shape = slug, now, who.ID, k.Shape
	titled := e.Title
	s.describe(e)
	// What it would belong to counts too: nobody moves an entry out of their reach, or makes one in another's.
	if belongs := e.row.object(); created && !who.Can(auth.Create, belongs) || belongs != belonged && !created && !who.Can(auth.EditFacts, belongs) {
		return nil, auth.ErrForbidden
	}
	var stored sql.Result
	if created {
		stored, err = tx.NewInsert().Model(&e.row).On("CONFLICT DO NOTHING").Exec(ctx)
	} else {
		stored, err = tx.NewUpdate().Model(&e.row).WherePK().Exec(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("save %s: %w", e.ID, err)
	}
	if n, err := stored.RowsAffected(); err == nil && n == 0 {
		return nil, errMadeMeanwhile
	}
	began := len(next) == 0 // of a sitting, so that the log has a line of each and not of every save
	var kept []partRow
	var revisions []revisionRow
	for _, p := range out.Changed {
		doc := writeLeaves(e.Parts[p])
		kept = append(kept, partRow{EntryID: e.ID, Part: p, Version: e.Versions[p], Doc: doc})
		h := sha256.Sum256([]byte(doc))
		rr := revisionRow{EntryID: e.ID, Part: p, Number: e.Versions[p], At: now, Author: who.ID, Note: c.note(), Hash: hex.EncodeToString(h[:]), Doc: doc,
			Tab: c.Tab, Seq: c.Seq}
		goesOn, err := s.sit(ctx, tx, e, c, &rr)
		if err != nil {
			return nil, err
		}
		began = began || !goesOn
		revisions = append(revisions, rr)
	}
	if len(kept) > 0 {
		if _, err := tx.NewInsert().Model(&kept).On("CONFLICT (entry_id, part) DO UPDATE").Set("version = EXCLUDED.version").Set("doc = EXCLUDED.doc").Exec(ctx); err != nil {
			return nil, fmt.Errorf("save parts of %s: %w", e.ID, err)
		}
		if _, err := tx.NewInsert().Model(&revisions).Exec(ctx); err != nil {
			return nil, fmt.Errorf("revisions of %s: %w", e.ID, err)
		}
	}
	if err := s.stayLive(ctx, tx, e, was, next); err != nil {
		return nil, err
	}
	if err := s.writeStates(ctx, tx, e, now, e.touched(next)); err != nil {
		return nil, err
	}
	if err := s.writeTitles(ctx, tx, e, titled); err != nil {
		return nil, err
	}
	if err := s.writeLinks(ctx, tx, e, e.Value, false); err != nil {
		return nil, err
	}
	if err := s.writePromises(ctx, tx, e); err != nil {
		return nil, err
	}
	if !began {
		return out, nil
	}
	action := "save"
	if created {
		action = "create"
	}
	parts := make([]string, len(out.Changed))
	for i, p := range out.Changed {
		parts[i] = partName(p)
	}
	detail := map[string]any{"parts": parts, "title": e.Title}
	if c.copied != nil {
		detail["from"], detail["copied_from"] = c.copied.ID, c.copied.Title
	}
	switch {
	case c.undoes > 0:
		detail["undone"] = c.Mark
	case c.Mark != "":
		detail["mark"] = c.Mark
	}
	if c.Auto {
		detail["auto"] = true
	}
	if err := auth.Audit(ctx, tx, who, action, e.row.object(), detail); err != nil {
		return nil, err
	}
	return out, nil
}

func partName(p Part) string {
	if p == Facts {
		return "facts"
	}
	return string(p)
}

var validSlug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func orEmpty(l Leaves) Leaves {
	if l == nil {
		return Leaves{}
	}
	return l
}

func equal(a, b Leaves) bool {
	if len(a) != len(b) {
		return false
	}
	for p, v := range a {
		if w, ok := b[p]; !ok || string(v) != string(w) {
			return false
		}
	}
	return true
}

func mayEdit(who *auth.Actor, e *Entry, p Part) bool {
	if p == Facts {
		return who.Can(auth.EditFacts, e.row.object())
	}
	return who.Can(auth.EditText, e.TextObject(p.Locale()))
}

// follows reports whether what a change does to words follows from its facts, so that the right to those is enough: it takes
// a marked change back, or empties what told of what was before it.
func (c Change) follows(who *auth.Actor, e *Entry, p Part, next Leaves) bool {
	if p == Facts || c.Mark == "" || !mayEdit(who, e, Facts) {
		return false
	}
	if c.undoes > 0 {
		return true
	}
	for path := range union(e.Parts[p], next) {
		if !same(e.Parts[p][path], next[path]) && (!slices.Contains(c.Empties, path) || next.Text(path).Words != "") {
			return false
		}
	}
	return true
}

// MayEdit reports whether the actor may change a part of the entry.
func (e *Entry) MayEdit(who *auth.Actor, p Part) bool { return e.Deleted == nil && mayEdit(who, e, p) }

// lock makes other savers of the entry wait until tx ends.
func (s *Store) lock(ctx context.Context, tx bun.Tx, id string) error {
	if !s.DB.Postgres() {
		return nil // SQLite has one writer
	}
	var got string
	return db.Normalize(tx.NewRaw("SELECT id FROM entries WHERE id = ? FOR UPDATE", id).Scan(ctx, &got))
}

// Unfit names the leaves that Save would refuse, without saving anything.
func (s *Store) Unfit(k *Kind, set Parts) []Problem {
	_, problems := s.checkSet(k, set)
	return problems
}

// checkSet makes each leaf canonical; nil for those that are emptied.
func (s *Store) checkSet(k *Kind, in Parts) (Parts, []Problem) {
	out := Parts{}
	var problems []Problem
	for p, leaves := range in {
		l := p.Locale()
		if p != Facts && !slices.Contains(i18n.All, l) {
			problems = append(problems, Problem{Path: "language", Blocks: true, Key: "problem.language"})
			continue
		}
		out[p] = Leaves{}
		for path, raw := range leaves {
			f := k.Field(path)
			if f == nil {
				problems = append(problems, Problem{Path: path, Locale: l, Blocks: true, Key: "problem.not_a_field"})
				continue
			}
			if len(raw) == 0 || string(raw) == "null" {
				out[p][path] = nil
				continue
			}
			v, problem := f.CheckLeaf(path, l, raw, s.Choices)
			if problem != nil {
				problems = append(problems, *problem)
				continue
			}
			out[p][path] = v
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Name(), b.Name()) })
	return out, problems
}

// base gives a part as it was at the version the change was made from.
func (s *Store) base(ctx context.Context, tx bun.Tx, e *Entry, p Part, versions map[Part]int) (Leaves, error) {
	v, told := versions[p]
	if !told || v == e.Versions[p] {
		return orEmpty(e.Parts[p]), nil
	}
	if v == 0 {
		return Leaves{}, nil // there was none yet
	}
	if v < 0 || v > e.Versions[p] {
		return nil, &Invalid{[]Problem{{Path: "base." + partName(p), Blocks: true, Key: "problem.malformed"}}}
	}
	return s.asOf(ctx, tx, e.ID, p, v)
}

func (s *Store) revision(ctx context.Context, q bun.IDB, id string, p Part, number int) (Leaves, error) {
	var doc string
	if err := q.NewSelect().Model((*revisionRow)(nil)).Column("doc").Where("entry_id = ? AND part = ? AND number = ?", id, p, number).Scan(ctx, &doc); err != nil {
		return nil, fmt.Errorf("revision %d of part %q of %s: %w", number, p, id, db.Normalize(err))
	}
	return readLeaves(doc)
}

// deletedElsewhere finds items that this change removes while someone else, since the versions it was made from, wrote
// words into them: those words would be gone without their writer knowing.
func (s *Store) deletedElsewhere(ctx context.Context, tx bun.Tx, e *Entry, base, next Leaves, versions map[Part]int) ([]Conflict, error) {
	var conflicts []Conflict
	for list, b := range base {
		if f := e.Kind.Field(list); f == nil || f.Type != TypeList {
			continue
		}
		before, _ := ItemIDs(b)
		after, _ := ItemIDs(next[list])
		for _, id := range before {
			if slices.Contains(after, id) {
				continue
			}
			for p, v := range versions {
				if p == Facts || v == e.Versions[p] || v <= 0 || v > e.Versions[p] {
					continue
				}
				old, err := s.asOf(ctx, tx, e.ID, p, v)
				if err != nil {
					return nil, err
				}
				if touched(old, orEmpty(e.Parts[p]), list+"."+id+".") {
					conflicts = append(conflicts, Conflict{Part: p, Path: list, Base: b, Mine: next[list], Theirs: base[list], Item: id})
				}
			}
		}
	}
	return conflicts, nil
}

// writtenElsewhere is the other way round: it finds items into which this change writes words while someone else has
// removed them since the version it was made from. Nobody would see those words again.
func (s *Store) writtenElsewhere(ctx context.Context, tx bun.Tx, e *Entry, mine, next Parts, versions map[Part]int) ([]Conflict, error) {
	base, err := s.base(ctx, tx, e, Facts, versions)
	if err != nil {
		return nil, err
	}
	theirs := orEmpty(e.Parts[Facts])
	var conflicts []Conflict
	for list, b := range base {
		if f := e.Kind.Field(list); f == nil || f.Type != TypeList || same(b, theirs[list]) {
			continue
		}
		my := b
		if mine[Facts] != nil {
			my = mine[Facts][list]
		}
		before, _ := ItemIDs(b)
		here, _ := ItemIDs(my)
		there, _ := ItemIDs(theirs[list])
		for _, id := range before {
			if !slices.Contains(here, id) || slices.Contains(there, id) {
				continue
			}
			for p, leaves := range next {
				if p != Facts && touched(orEmpty(e.Parts[p]), leaves, list+"."+id+".") {
					conflicts = append(conflicts, Conflict{Part: Facts, Path: list, Base: b, Mine: my, Theirs: theirs[list], Item: id})
					break
				}
			}
		}
	}
	return conflicts, nil
}

// stampWords notes on each changed text which source it was made from: the one its maker saw.
func (s *Store) stampWords(ctx context.Context, tx bun.Tx, e *Entry, c Change, next Parts) error {
	type view struct {
		words Leaves
		ahead int
	}
	views := map[i18n.Locale]view{}
	see := func(l i18n.Locale) (view, error) {
		if v, ok := views[l]; ok {
			return v, nil
		}
		p := Part(l)
		words, err := s.base(ctx, tx, e, p, c.Base)
		if err != nil {
			return view{}, err
		}
		v := view{words: words, ahead: e.Versions[p]}
		if n, told := c.Base[p]; told {
			v.ahead = n
		}
		if n, ok := next[p]; ok && (c.Base == nil || c.Base[p] == e.Versions[p]) {
			v.words = n // source and translation typed in one form
			if v.ahead = e.Versions[p]; !equal(n, e.Parts[p]) {
				v.ahead++
			}
		}
		if v.ahead <= e.Live[p] {
			v.ahead = 0
		}
		views[l] = v
		return v, nil
	}
	for p, leaves := range next {
		if p == Facts {
			continue
		}
		l := p.Locale()
		for path, raw := range leaves {
			was := e.Parts[p].Text(path)
			now := Leaves{path: raw}.Text(path)
			fresh := slices.Contains(c.Fresh[p], path)
			if was.Words == now.Words && was.How == now.How && !fresh {
				if l == e.Original || was.Words != "" {
					leaves.SetText(path, was)
				}
				continue
			}
			f := e.Kind.Field(path)
			if f == nil {
				continue
			}
			x := stamping{from: e.Original, original: e.Original, fresh: fresh}
			if l != e.Original {
				v, err := see(e.Original)
				if err != nil {
					return err
				}
				if c.From != "" && c.From != e.Original && c.From != l {
					other, err := see(c.From)
					if err != nil {
						return err
					}
					if other.words.Text(path).Words != "" {
						v, x.from = other, c.From
					}
				}
				x.seen, x.ahead = v.words.Text(path), v.ahead
			}
			leaves.SetText(path, stamp(f.Type, was, now, l, x))
		}
	}
	return nil
}

// noteMinor has words that change remember what they were before the sitting: it means the same to who translates them.
func (s *Store) noteMinor(ctx context.Context, tx bun.Tx, who *auth.Actor, e *Entry, next Parts) error {
	for p, leaves := range next {
		n := e.Versions[p]
		if p == Facts || n == 0 {
			continue
		}
		var last revisionRow
		err := tx.NewSelect().Model(&last).Column("number", "author", "autosaves").Where("r.entry_id = ? AND r.part = ? AND r.number = ?", e.ID, p, n).Scan(ctx)
		if err != nil {
			return fmt.Errorf("revision of %s: %w", e.ID, db.Normalize(err))
		}
		if last.Author == who.ID {
			n -= last.Autosaves
		}
		before := orEmpty(e.Parts[p])
		if n != e.Versions[p] {
			if before, err = s.asOf(ctx, tx, e.ID, p, n); err != nil {
				return err
			}
		}
		for path := range leaves {
			f, was, now := e.Kind.Field(path), before.Text(path), leaves.Text(path)
			if f == nil || !f.Text() || was.Words == "" || was.Words == now.Words {
				continue
			}
			now.Like = likeness(f.Type, was, now, true)
			leaves.SetText(path, now)
		}
	}
	return nil
}

// describe fills the columns by which the panel lists, finds and scopes an entry.
func (s *Store) describe(e *Entry) {
	k := e.Kind
	e.Title = ""
	var find []string
	if f := k.As("title"); f != nil {
		for _, l := range i18n.All {
			if t := e.Parts[Part(l)].Text(f.Path).Words; t != "" {
				find = append(find, i18n.Fold(l, t))
				if l == e.Original || e.Title == "" {
					e.Title = t
				}
			}
		}
		if t := e.Parts[Part(e.Original)].Text(f.Path).Words; t != "" {
			e.Title = t
		}
	}
	e.row.Title, e.row.Find = e.Title, " "+strings.Join(find, " ")
	e.row.SeriesID, e.row.EventID, e.row.Partners = "", "", partnersOf(e.Value)
	if f := k.As("series"); f != nil {
		e.row.SeriesID = refOf(e.Parts[Facts][f.Path])
	}
	if f := k.As("event"); f != nil {
		e.row.EventID = refOf(e.Parts[Facts][f.Path])
	}
	e.row.SortAt = nil
	if d, ok := e.Value.(Dated); ok {
		if t := d.Begins(); !t.IsZero() {
			t = t.UTC()
			e.row.SortAt = &t
		}
	}
}

func refOf(raw []byte) string {
	var r string
	_ = json.Unmarshal(raw, &r)
	return r
}

// Dated is a kind's struct that has a date to sort by.
type Dated interface{ Begins() time.Time }

// Passing is a kind's struct that is over at some time.
type Passing interface{ Over() time.Time }

// touched tells which languages a change of parts has made others: a draft of the source touches no translation of what is
// public, and a change of which items there are, or of what nobody sees yet, all.
func (e *Entry) touched(next Parts) func(l i18n.Locale) bool {
	all := false
	from := map[i18n.Locale]bool{}
	for p := range next {
		if e.Live[p] == 0 || e.Live[p] == e.Versions[p] {
			all = all || p == Facts || p == Part(e.Original)
			from[p.Locale()] = true
		}
	}
	return func(l i18n.Locale) bool {
		if all || next[Part(l)] != nil {
			return true
		}
		for source := range from {
			if source != "" && madeFrom(e.Parts[Part(l)], source) {
				return true
			}
		}
		return false
	}
}

// stayLive has what is public stay so where a change is one of stamps alone: the public sees nothing of them.
func (s *Store) stayLive(ctx context.Context, tx bun.Tx, e *Entry, was, next Parts) error {
	for p, leaves := range next {
		n := e.Versions[p]
		if p == Facts || e.Live[p] == 0 || e.Live[p] != n-1 || !equal(e.Kind.publicLeaves(was[p]), e.Kind.publicLeaves(leaves)) || !e.Kind.staffAlike(was[p], leaves) {
			continue
		}
		if _, err := tx.NewUpdate().Model((*liveRow)(nil)).Set("revision = ?", n).Where("entry_id = ? AND part = ?", e.ID, p).Exec(ctx); err != nil {
			return fmt.Errorf("published parts of %s: %w", e.ID, err)
		}
		e.Live[p] = n
	}
	return nil
}

// staffAlike reports whether two states of a part hold the same for the staff alone.
func (k *Kind) staffAlike(a, b Leaves) bool {
	for path := range union(a, b) {
		if f := k.Field(path); (f == nil || f.Staff) && !same(a[path], b[path]) {
			return false
		}
	}
	return true
}

// writeStates says of each language how far it is. Comparing a translation with its source is the dear part of a save,
// so only the languages in recount are compared; the others keep their figures.
func (s *Store) writeStates(ctx context.Context, tx bun.Tx, e *Entry, now time.Time, recount func(l i18n.Locale) bool) error {
	m, err := s.measure(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := s.writeTranslations(ctx, tx, e, m, now, recount); err != nil {
		return err
	}
	title := e.Kind.As("title")
	var rows []languageRow
	for p, leaves := range e.Parts {
		l := p.Locale()
		if p == Facts || len(leaves) == 0 && e.Live[p] == 0 {
			continue
		}
		was, known := e.Languages[l]
		r := languageRow{EntryID: e.ID, Locale: l, UpdatedAt: was.Updated, State: StateDraft, Missing: was.Missing, Stale: was.Stale}
		if title != nil {
			r.Title = leaves.Text(title.Path).Words
		}
		if !known || recount(l) {
			r.UpdatedAt = now
			if l != e.Original {
				r.Missing, r.Stale = m.leaves(l)
			}
		}
		switch live := e.Live[p]; {
		case r.Stale > 0:
			r.State = StateOutOfDate
		case live == 0:
		case live == e.Versions[p] && (l != e.Original || e.Live[Facts] == e.Versions[Facts]):
			r.State = StatePublished
		default:
			r.State = StateChanged
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		_, err := tx.NewDelete().Model((*languageRow)(nil)).Where("entry_id = ?", e.ID).Exec(ctx)
		return err
	}
	if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (entry_id, locale) DO UPDATE").Set("state = EXCLUDED.state").Set("title = EXCLUDED.title").
		Set("missing = EXCLUDED.missing").Set("stale = EXCLUDED.stale").Set("updated_at = EXCLUDED.updated_at").Exec(ctx); err != nil {
		return fmt.Errorf("states of %s: %w", e.ID, err)
	}
	if len(rows) < len(e.Languages) {
		kept := make([]i18n.Locale, len(rows))
		for i, r := range rows {
			kept[i] = r.Locale
		}
		if _, err := tx.NewDelete().Model((*languageRow)(nil)).Where("entry_id = ? AND locale NOT IN (?)", e.ID, bun.List(kept)).Exec(ctx); err != nil {
			return fmt.Errorf("states of %s: %w", e.ID, err)
		}
	}
	return nil
}
