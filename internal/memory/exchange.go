package memory

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/exchange"
	"plenary/internal/i18n"
)

// Pack gives what a file with an entry's texts for a translator holds: what is missing or made from a former source, or
// everything. label says in words where a path stands.
func (s *Store) Pack(e *content.Entry, to i18n.Locale, all bool, label func(path string) string) *exchange.File {
	f := &exchange.File{Title: e.Title, Ref: exchange.Ref{Kind: e.Kind.Name, Entry: e.ID, From: e.Original, To: to,
		Source: e.Versions[content.Part(e.Original)], Target: e.Versions[content.Part(to)]}}
	pairs := e.Kind.Pairs(e.Parts, e.Original, to)
	for _, p := range pairs {
		if !all && p.State == content.UnitCurrent {
			continue
		}
		u := unit(p)
		if u.Source.Empty() {
			continue
		}
		u.Hash = p.Hash
		u.Label = label(p.Path)
		if _, block, many := strings.Cut(u.ID, ":"); many {
			u.Label += " › " + block
		}
		f.Units = append(f.Units, u)
	}
	return f
}

// unit makes a pair into what files carry.
func unit(p content.Pair) exchange.Unit {
	u := exchange.Unit{ID: p.Path, State: states[p.State]}
	if p.Field.Type == content.TypeLine {
		u.Source, u.Max = exchange.Line(p.Source), p.Field.Max
		if p.Target != "" {
			u.Target = exchange.Line(p.Target)
		}
		return u
	}
	u.ID += ":" + strconv.Itoa(p.Index+1)
	u.Source, u.Codes = exchange.Markup(p.Source, nil)
	if p.Target != "" {
		u.Target, u.Codes = exchange.Markup(p.Target, u.Codes)
	}
	return u
}

var states = map[content.UnitState]exchange.State{content.UnitMissing: exchange.Missing, content.UnitOutdated: exchange.Outdated, content.UnitCurrent: exchange.Translated}

// Fate is what becomes of a unit of a file.
type Fate string

// The fates.
const (
	Same      Fate = "same"      // as it is here already
	Added     Fate = "added"     // here is nothing yet
	Changed   Fate = "changed"   // instead of what is here
	Confirmed Fate = "confirmed" // the words are right for the new source too
	Empty     Fate = "empty"     // the file has no translation
	Barred    Fate = "barred"    // it cannot be taken, its problems say why
)

// Fates are all of them, what there is to decide first.
var Fates = []Fate{Barred, Changed, Added, Confirmed, Empty, Same}

// Row is a unit of a file beside what is here.
type Row struct {
	exchange.Unit // as it came, without codes that nobody sees
	Path          string
	Field         *content.Field
	Was           exchange.Text // the source the file was made from
	Now           exchange.Text // the source as it is, nil where it says the same
	Gone          bool          // the source is not there any more
	Present       exchange.Text // the translation that is here, nil if none
	Fate          Fate
	Problems      []Problem // why it is barred, or what to look at
	Doubtful      bool      // somebody has to look before it is taken
}

// Review is a file beside the entry as it is. Nothing of it has been stored.
type Review struct {
	exchange.Ref
	// Shown is the version of the translation that is beside the file.
	Shown int
	Older bool // the source has been changed since the file was made
	Rows  []Row
	Left  []string // ids of units that the file has and the entry not
}

// Count is how many rows have a fate.
func (r *Review) Count(f Fate) (n int) {
	for _, x := range r.Rows {
		if x.Fate == f {
			n++
		}
	}
	return n
}

// Review lays the texts of a file beside an entry. A file of another entry or language, or of a version that is not here, is
// refused with an exchange.Problem.
func (s *Store) Review(ctx context.Context, who *auth.Actor, e *content.Entry, f exchange.File) (*Review, error) {
	r, _, err := s.review(ctx, who, e, f)
	return r, err
}

// sheet is what a review is made from.
type sheet struct {
	source, before, now, present content.Leaves
	pairs                        []content.Pair // units of source beside present
}

func (s *Store) review(ctx context.Context, who *auth.Actor, e *content.Entry, f exchange.File) (*Review, *sheet, error) {
	if f.Entry != e.ID || f.Kind != e.Kind.Name {
		return nil, nil, &exchange.Problem{Key: "exchange.file.other"}
	}
	if f.From != e.Original || !slices.Contains(s.Targets(e), f.To) {
		return nil, nil, &exchange.Problem{Key: "exchange.file.pair"}
	}
	x := &sheet{now: e.Parts[content.Part(e.Original)], present: e.Parts[content.Part(f.To)]}
	var err error
	if x.source, err = s.Content.WordsAsOf(ctx, who, e, f.From, f.Source); err == nil {
		x.before, err = s.Content.WordsAsOf(ctx, who, e, f.To, f.Target)
	}
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil, &exchange.Problem{Key: "exchange.file.newer"}
	} else if err != nil {
		return nil, nil, err
	}
	from, to := content.Part(f.From), content.Part(f.To)
	facts := e.Parts[content.Facts]
	x.pairs = e.Kind.Pairs(content.Parts{content.Facts: facts, from: x.source, to: x.present}, f.From, f.To)
	then := map[string]exchange.Unit{}
	for _, p := range e.Kind.Pairs(content.Parts{content.Facts: facts, from: x.source, to: x.before}, f.From, f.To) {
		u := unit(p)
		then[u.ID] = u
	}
	// The former source beside the present one, as if it were a translation of it.
	former := content.Leaves{}
	for path := range x.source {
		if d := e.Kind.Field(path); d != nil {
			words := x.source.Text(path).Words
			former.SetText(path, content.Text{Words: words, Of: content.Units(d.Type, words)})
		}
	}
	newest, stands := map[[2]string]content.Pair{}, map[[2]string]bool{} // by the path and the words, and by the path and the hash, of a unit
	for _, p := range e.Kind.Pairs(content.Parts{content.Facts: facts, from: x.now, to: former}, f.From, f.To) {
		newest[[2]string{p.Path, p.Target}] = p
		stands[[2]string{p.Path, p.Hash}] = true
	}
	came := map[string]exchange.Unit{}
	r := &Review{Ref: f.Ref, Shown: e.Versions[to], Older: f.Source != e.Versions[from]}
	for _, u := range f.Units {
		if _, twice := came[u.ID]; !twice {
			came[u.ID] = u
		}
	}
	for _, p := range x.pairs {
		here := unit(p)
		u, ok := came[here.ID]
		if !ok {
			continue
		}
		delete(came, here.ID)
		row := Row{Unit: u, Path: p.Path, Field: p.Field, Was: here.Source}
		row.Codes = then[here.ID].Codes
		if p.Target != "" {
			row.Present = exchange.Line(p.Target)
			if p.Field.Type == content.TypeProse {
				row.Present, row.Codes = exchange.Markup(p.Target, row.Codes)
			}
		}
		if u.Hash != "" && u.Hash != p.Hash {
			row.bar("exchange.unit.source")
		}
		if r.Older && !stands[[2]string{p.Path, p.Hash}] {
			if q, ok := newest[[2]string{p.Path, p.Source}]; ok {
				row.Now = unit(q).Source
			} else {
				row.Gone = true
			}
		}
		row.judge(p, then[here.ID].Target)
		r.Rows = append(r.Rows, row)
	}
	for _, u := range f.Units {
		if _, left := came[u.ID]; left {
			r.Left = append(r.Left, u.ID)
			delete(came, u.ID)
		}
	}
	s.judgeLeaves(e, r, x)
	return r, x, nil
}

func (r *Row) bar(key string, args ...any) {
	r.Fate = Barred
	r.Problems = append(r.Problems, Problem{r.ID, key, args})
}

func (r *Row) doubt(key string, args ...any) {
	r.Doubtful = true
	r.Problems = append(r.Problems, Problem{r.ID, key, args})
}

// judge says what becomes of a unit by itself. before is the translation that the file was made with.
func (r *Row) judge(p content.Pair, before exchange.Text) {
	if r.Fate == Barred {
		return
	}
	if r.Target == nil || r.Target.Empty() && !r.Was.Empty() {
		r.Fate = Empty
		return
	}
	clean, removed, marks := exchange.Hidden(r.Target)
	switch {
	case r.Present != nil && clean.Same(r.Present):
		r.Target, r.Fate = clean, Same
		if p.State == content.UnitOutdated && r.State == exchange.Translated {
			r.Fate = Confirmed
			if r.Partly {
				r.bar("exchange.unit.partly")
			}
		}
		return
	case r.Present == nil:
		r.Fate = Added
	default:
		r.Fate = Changed
		if before == nil || !before.Same(r.Present) {
			r.doubt("exchange.unit.meanwhile")
		}
	}
	r.Target = clean
	if removed > 0 {
		r.Problems = append(r.Problems, Problem{r.ID, "exchange.unit.hidden", []any{"Count", removed}})
	}
	if marks > 0 {
		r.Problems = append(r.Problems, Problem{r.ID, "exchange.unit.marks", []any{"Count", marks}})
	}
	if r.Partly {
		r.bar("exchange.unit.partly")
	}
	for _, t := range exchange.Check(r.Was, before, clean, r.Codes) {
		switch args := []any{"Code", t.Number}; {
		case t.Number < 0:
			r.bar("exchange.code.foreign")
		case t.Bars():
			r.bar("exchange.code."+t.What, args...)
		case t.What == "missing":
			r.doubt("exchange.code.missing", args...)
		default:
			r.Problems = append(r.Problems, Problem{r.ID, "exchange.code." + t.What, args})
		}
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(clean.Plain())); p.Field.Type == content.TypeLine && p.Field.Max > 0 && n > p.Field.Max {
		r.bar("exchange.unit.long", "Max", p.Field.Max, "Now", n)
	}
	if r.State == exchange.Outdated && r.Fate != Barred {
		r.doubt("exchange.unit.waits")
	}
	if r.Now != nil || r.Gone {
		r.Problems = append(r.Problems, Problem{r.ID, "exchange.unit.outdated", nil})
	}
}

// judgeLeaves bars the blocks of prose that make no whole text together, or one that the field does not take.
func (s *Store) judgeLeaves(e *content.Entry, r *Review, x *sheet) {
	to := content.Part(r.To)
	for _, path := range paths(r.Rows) {
		takes := map[string]exchange.Text{}
		for i := range r.Rows {
			if row := &r.Rows[i]; row.Path == path && (row.Fate == Added || row.Fate == Changed || row.Fate == Confirmed) {
				takes[row.ID] = row.Target
			}
		}
		if len(takes) == 0 {
			continue
		}
		words, missing := assemble(r, x, path, takes)
		var problem *Problem
		if missing > 0 {
			problem = &Problem{Key: "exchange.unit.gaps", Args: []any{"Count", missing}}
		} else {
			set := content.Leaves{}
			set.SetText(path, content.Text{Words: words})
			if bad := s.Content.Unfit(e.Kind, content.Parts{to: set}); len(bad) > 0 {
				problem = &Problem{Key: bad[0].Key, Args: bad[0].Args}
			}
		}
		if problem == nil {
			continue
		}
		for i := range r.Rows {
			if row := &r.Rows[i]; takes[row.ID] != nil && row.Path == path {
				row.bar(problem.Key, problem.Args...)
			}
		}
	}
}

func paths(rows []Row) []string {
	var out []string
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1] != r.Path {
			out = append(out, r.Path)
		}
	}
	return out
}

// assemble puts a text together from the units that are taken and, for the others, what is here. It tells how many have neither.
func assemble(r *Review, x *sheet, path string, takes map[string]exchange.Text) (words string, missing int) {
	var blocks []string
	for _, p := range x.pairs {
		if p.Path != path {
			continue
		}
		u := unit(p)
		t, ok := takes[u.ID]
		switch {
		case p.Field.Type == content.TypeLine:
			return t.Plain(), 0
		case ok:
			i := slices.IndexFunc(r.Rows, func(row Row) bool { return row.ID == u.ID })
			blocks = append(blocks, strings.TrimSpace(exchange.HTML(t, r.Rows[i].Codes)))
		case p.Target != "":
			blocks = append(blocks, p.Target)
		case u.Source.Empty(): // a line of signs, as a rule between paragraphs
			blocks = append(blocks, p.Source)
		default:
			missing++
			blocks = append(blocks, "")
		}
	}
	return content.Reblock(x.source.Text(path).Words, blocks, r.From, r.To), missing
}

// Choice is what an editor decided about a file.
type Choice struct {
	// Take are the ids of the units that go in.
	Take []string
	// Hold keeps back those whose source has been changed since; else they go in as made from the former one.
	Hold bool
	// Note is told in the history.
	Note string
}

// Taken tells what became of a file.
type Taken struct {
	Units, Held int
	Saved       *content.Saved
}

// ErrNothing is what Apply says where no unit is to go in.
var ErrNothing = errors.New("nothing to take")

// Apply puts chosen units of a file into an entry: as one save, with the rights of who does it, merged with what others saved
// since the version f was shown beside (shown), and marked as made from the source that the file was made from. Units that are
// barred do not go in, whatever was chosen.
func (s *Store) Apply(ctx context.Context, who *auth.Actor, e *content.Entry, f exchange.File, shown int, c Choice) (*Taken, error) {
	r, x, err := s.review(ctx, who, e, f)
	if err != nil {
		return nil, err
	}
	to := content.Part(f.To)
	out := &Taken{}
	set, fresh := content.Leaves{}, []string{}
	for _, path := range paths(r.Rows) {
		takes := map[string]exchange.Text{}
		for _, row := range r.Rows {
			if row.Path != path || !slices.Contains(c.Take, row.ID) || row.Fate != Added && row.Fate != Changed && row.Fate != Confirmed {
				continue
			}
			if c.Hold && (row.Now != nil || row.Gone) {
				out.Held++
				continue
			}
			takes[row.ID] = row.Target
		}
		if len(takes) == 0 {
			continue
		}
		words, missing := assemble(r, x, path, takes)
		if !slices.ContainsFunc(r.Rows, func(row Row) bool { return takes[row.ID] != nil && row.Fate != Confirmed }) {
			words, missing = x.present.Text(path).Words, 0
		}
		if missing > 0 { // a text with holes is no text
			out.Held += len(takes)
			continue
		}
		out.Units += len(takes)
		set.SetText(path, content.Text{Words: words})
		// Only where each block is of this file or was up to date with its source does the whole text say so.
		whole := true
		for _, p := range x.pairs {
			if p.Path == path && takes[unit(p).ID] == nil && p.State != content.UnitCurrent && !unit(p).Source.Empty() {
				whole = false
			}
		}
		if whole {
			fresh = append(fresh, path)
		}
	}
	if len(set) == 0 {
		return out, ErrNothing
	}
	out.Saved, err = s.Content.Save(ctx, who, content.Change{ID: e.ID, Base: map[content.Part]int{content.Part(f.From): f.Source, to: shown},
		Set: content.Parts{to: set}, Fresh: map[content.Part][]string{to: fresh}, Note: c.Note})
	return out, err
}
