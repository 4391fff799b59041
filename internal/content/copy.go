package content

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Copyable is a kind's struct that can be copied to another date. Its kind has a field as "when", of type When.
type Copyable interface {
	// CopyParts are what a copy takes or leaves, in the order of the form. A field belongs to the part that names it, or
	// else to that of the field it lies in; each field of the kind belongs to one.
	CopyParts() []CopyPart
	// Adapt makes the facts of a copy of this value those of a new entry: times moved, what is done undone. It names the
	// times that the clock leaves out or has twice where they fall; then nothing is stored.
	Adapt(facts Leaves, to CopyTarget) []Problem
}

// CopyPart is what a copy takes or leaves as one.
type CopyPart struct {
	Name   string
	Fields []string // patterns; what lies below them belongs to the part too
	Always bool     // without it there is nothing to speak of
	Why    string   // why it cannot be taken; "" if it can
}

// CopyTarget is what somebody decided about the new entry.
type CopyTarget struct {
	Day       time.Time // midnight UTC of the new day, or of the first of the month
	MonthOnly bool
	// Clocks are times of day, "15:04", instead of those that the clock leaves out or has twice, by the path in the problem.
	Clocks map[string]string
	// Edition makes it the follow-up of what is copied, in the same series, with this number; 0 is none.
	Edition bool
	Ordinal int
	From    Ref    // what is copied
	By      string // account of who copies
}

// CopyChange asks for a copy.
type CopyChange struct {
	From   string
	Office string
	Parts  []string // by name; those that are always taken need not be named
	To     CopyTarget
}

// Copying is an entry as somebody may copy it.
type Copying struct {
	From   *Entry
	Parts  []CopyPart
	Held   map[string]bool // parts that have anything in them
	Unread map[string]int  // references, by part, that the actor may not use; they stay behind
	Come   []i18n.Locale   // languages whose words come along, the original among them
	Stay   []i18n.Locale   // languages that the actor may not write

	unread []Link
}

// Copies reports whether entries of the kind can be copied.
func (k *Kind) Copies() bool {
	_, ok := k.New().(Copyable)
	return ok
}

// Copying looks at what a copy for an office could take. Who may not read the entry gets db.ErrNotFound.
func (s *Store) Copying(ctx context.Context, who *auth.Actor, id, office string) (*Copying, error) {
	var out *Copying
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = s.copying(ctx, tx, who, id, office)
		return err
	})
	return out, err
}

func (s *Store) copying(ctx context.Context, tx bun.Tx, who *auth.Actor, id, office string) (*Copying, error) {
	e, err := s.load(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	source, ok := e.Value.(Copyable)
	if !ok || e.Deleted != nil || !who.Can(auth.Read, e.row.object()) {
		return nil, db.ErrNotFound
	}
	x := &Copying{From: e, Parts: source.CopyParts(), Held: map[string]bool{}, Unread: map[string]int{}}
	for _, l := range i18n.All {
		o := auth.Object{Kind: e.Kind.Name, Office: office, Author: who.ID, Locale: l}
		switch {
		case l != e.Original && len(e.Parts[Part(l)]) == 0:
		case l == e.Original || who.Can(auth.EditText, o):
			x.Come = append(x.Come, l)
		default:
			x.Stay = append(x.Stay, l)
		}
	}
	for _, leaves := range e.Parts {
		for path := range leaves {
			if p := x.part(e.Kind.Field(path)); p != nil && e.Kind.listed(e.Parts[Facts], path) {
				x.Held[p.Name] = true
			}
		}
	}
	links := e.Kind.Links(e.Value)
	kinds, err := s.reachable(ctx, tx, who, e.Kind, links)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		kind, _, _ := strings.Cut(kinds[l.ToID], ":")
		if p := x.part(l.Field); kind != l.ToKind && p != nil {
			x.unread = append(x.unread, l)
			x.Unread[p.Name]++
		}
	}
	return x, nil
}

// part is where a field belongs, nil for one that is no longer declared.
func (x *Copying) part(f *Field) *CopyPart {
	for ; f != nil; f = f.Parent {
		for i := range x.Parts {
			if slices.Contains(x.Parts[i].Fields, f.Path) {
				return &x.Parts[i]
			}
		}
	}
	return nil
}

// Copy makes a draft of an entry for another date, in one transaction. The items' ids stay, and words bring the stamps of
// their source: a current translation is current in the copy, an outdated one outdated. It returns *Invalid with what is
// wrong with times there, db.ErrNotFound if the actor may not read the entry, auth.ErrForbidden if she may not create one.
func (s *Store) Copy(ctx context.Context, who *auth.Actor, c CopyChange) (*Saved, error) {
	var out *Saved
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.copying(ctx, tx, who, c.From, c.Office)
		if err != nil {
			return err
		}
		c.To.From, c.To.By = Ref(x.From.ID), who.ID
		set, problems := x.take(c.Parts, c.To, s.Choices)
		if len(problems) > 0 {
			return &Invalid{problems}
		}
		out, err = s.SaveTx(ctx, tx, who, Change{Kind: x.From.Kind, Original: x.From.Original, Office: c.Office, Set: set, copied: x.From, Note: copyNote(x.From)})
		return err
	})
	return out, err
}

// take gives the parts of the copy.
func (x *Copying) take(names []string, to CopyTarget, choices Choices) (Parts, []Problem) {
	k, from := x.From.Kind, x.From.Parts
	out := Parts{Facts: {}}
	for _, l := range x.Come {
		out[Part(l)] = Leaves{}
	}
	for p, leaves := range out {
		for path, raw := range from[p] {
			f := k.Field(path)
			part := x.part(f)
			if part == nil || part.Why != "" || !part.Always && !slices.Contains(names, part.Name) {
				continue
			}
			// What an earlier program stored and this one refuses could not be saved.
			if _, bad := f.CheckLeaf(path, p.Locale(), raw, choices); bad == nil {
				if leaves[path] = raw; f.Text() && bytes.Contains(raw, []byte(`"ahead":`)) {
					t := from[p].Text(path)
					t.Ahead = 0 // the copy numbers its revisions itself
					leaves.SetText(path, t)
				}
			}
		}
	}
	for _, l := range x.unread {
		k.unlink(out, l, x.From.Original)
	}
	problems := x.From.Value.(Copyable).Adapt(out[Facts], to)
	for _, leaves := range out {
		for path := range leaves {
			if !k.listed(out[Facts], path) {
				delete(leaves, path)
			}
		}
	}
	return out, problems
}

// unlink takes a reference out, and with it the item that would be nothing without it.
func (k *Kind) unlink(parts Parts, l Link, original i18n.Locale) {
	facts := parts[Facts]
	switch l.Field.Type {
	case TypeRefs:
		var refs Refs
		_ = json.Unmarshal(facts[l.Path], &refs)
		if refs = slices.DeleteFunc(refs, func(r Ref) bool { return string(r) == l.ToID }); len(refs) == 0 {
			delete(facts, l.Path)
		} else {
			facts.Set(l.Path, refs)
		}
	case TypeProse:
		picture := regexp.MustCompile(`<img[^>]* src="/media/` + regexp.QuoteMeta(l.ToID) + `/[^>]*>`)
		source := parts[Part(original)].Text(l.Path).Words
		now := Clean(picture.ReplaceAllString(source, ""))
		for p, leaves := range parts {
			t := leaves.Text(l.Path)
			if t.Words == "" {
				continue
			}
			if p != Part(original) && len(t.Of) > 0 && !Stale(TypeProse, t, source) {
				t.Of = Units(TypeProse, now) // it is still made from what the source says now
			}
			t.Words = Clean(picture.ReplaceAllString(t.Words, ""))
			leaves.SetText(l.Path, t)
		}
	default:
		delete(facts, l.Path)
		item := strings.TrimSuffix(l.Path, "."+l.Field.Name)
		if list := l.Field.Parent; list != nil && list.Type == TypeList && l.Field.Need == "R" {
			at := strings.LastIndexByte(item, '.')
			facts.RemoveItem(item[:at], item[at+1:])
		}
	}
}

// RemoveItem takes an item out of a list of facts.
func (l Leaves) RemoveItem(list, id string) {
	ids, _ := ItemIDs(l[list])
	if ids = slices.DeleteFunc(slices.Clone(ids), func(x string) bool { return x == id }); len(ids) == 0 {
		delete(l, list)
		return
	}
	l.Set(list, ids)
}

// MoveDays moves a wall time by whole days of the calendar: it is the same time of day there.
func (t LocalTime) MoveDays(days int) LocalTime {
	v, err := time.Parse(wallLayout, string(t))
	if err != nil {
		return t
	}
	return LocalTime(v.AddDate(0, 0, days).Format(wallLayout))
}

// AtClock puts a wall time at another time of its day, "15:04".
func (t LocalTime) AtClock(clock string) LocalTime {
	day, _, _ := strings.Cut(string(t), "T")
	return LocalTime(day + "T" + clock)
}

// CopiedFrom is what a copy remembers of its source: as it was then, whatever becomes of it.
type CopiedFrom struct {
	ID, Title string
	When      When
}

const copyMark = "copied:"

func copyNote(e *Entry) string {
	w := e.when()
	return fmt.Sprintf("%s%s %s/%s/%s %s", copyMark, e.ID, w.Start, w.End, w.Precision, e.Title)
}

func (e *Entry) when() When {
	var w When
	if f := e.Kind.As("when"); f != nil && f.Type == TypeWhen {
		_ = json.Unmarshal(e.Parts[Facts][f.Path], &w)
	}
	return w
}

// ParseCopyNote reads the note of a copy's first revision.
func ParseCopyNote(note string) (CopiedFrom, bool) {
	rest, ok := strings.CutPrefix(note, copyMark)
	if !ok {
		return CopiedFrom{}, false
	}
	words := strings.SplitN(rest, " ", 3)
	if len(words) < 3 || !refID.MatchString(words[0]) {
		return CopiedFrom{}, false
	}
	times := strings.Split(words[1], "/")
	if len(times) != 3 {
		return CopiedFrom{}, false
	}
	return CopiedFrom{ID: words[0], Title: words[2], When: When{Start: LocalTime(times[0]), End: LocalTime(times[1]), Precision: times[2]}}, true
}

// CopiedFrom tells what an entry was copied from, nil if it was not.
func (s *Store) CopiedFrom(ctx context.Context, e *Entry) (*CopiedFrom, error) {
	var note string
	err := db.Normalize(s.DB.Read().NewSelect().Model((*revisionRow)(nil)).Column("note").Where("entry_id = ? AND part = ? AND number = 1", e.ID, Facts).Scan(ctx, &note))
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("source of %s: %w", e.ID, err)
	}
	if from, ok := ParseCopyNote(note); ok {
		return &from, nil
	}
	return nil, nil
}

// Mention is a text that names a date.
type Mention struct {
	Path   string
	Locale i18n.Locale
}

// MentionsOf finds the texts of an entry that still name another date than its own: as it is written in their language,
// in figures, or by its year.
func (e *Entry) MentionsOf(old When) []Mention {
	if !old.Known() {
		return nil
	}
	day := func(t LocalTime) time.Time { return t.In(time.UTC) }
	now := e.when()
	var out []Mention
	for _, l := range i18n.All {
		forms := i18n.DateForms(l, day(old.Start), day(old.End), old.Precision == PrecisionMonth)
		if now.Known() {
			own := i18n.DateForms(l, day(now.Start), day(now.End), now.Precision == PrecisionMonth)
			forms = slices.DeleteFunc(forms, func(s string) bool { return slices.Contains(own, s) })
		}
		e.Kind.Texts(e.Value, l, func(path string, f *Field, words string) {
			if f.Type == TypeProse {
				words = PlainText(words)
			}
			if i18n.Mentions(words, forms) {
				out = append(out, Mention{path, l})
			}
		})
	}
	return out
}
