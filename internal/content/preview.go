package content

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// draftPath is the address, without the locale, of an entry that is not public and stands in a preview beside those that are.
// It leads nowhere on the site: what shows a preview makes something of it, or takes it out. No slug and no year is "-".
func draftPath(k *Kind, id string) string { return k.Path + "/-/" + id }

// Draft tells which entry an address of one that is not public stands for, what follows it, and the path of its kind.
func Draft(path string) (kindPath, id, rest string, ok bool) {
	kindPath, id, ok = strings.Cut(path, "/-/")
	if at := strings.IndexAny(id, "/."); at >= 0 {
		id, rest = id[:at], id[at:]
	}
	return kindPath, id, rest, ok
}

// WorkingPage is the page of an entry as it would be in a language if these parts of it were published: all languages that
// have words, and no staff fields. What it refers to is there if it is public, or if who may read it. at is when it is looked at.
// The entry need not be stored.
func (s *Store) WorkingPage(ctx context.Context, who *auth.Actor, e *Entry, parts Parts, l i18n.Locale, at time.Time) (*Page, error) {
	pub, err := e.Kind.asPublished(parts)
	if err != nil {
		return nil, fmt.Errorf("preview of %s: %w", e.ID, err)
	}
	return s.pageIfPublic(ctx, e, pub, l, at, func(ids []string) (map[string]*Neighbour, error) {
		near, err := s.Neighbours(ctx, l, ids)
		if err != nil {
			return nil, err
		}
		return s.addDrafts(ctx, who, l, ids, near)
	})
}

// pageIfPublic is the page of an entry that is to be public as pub: what only publishing tells is as it is now.
func (s *Store) pageIfPublic(ctx context.Context, e *Entry, pub Parts, l i18n.Locale, at time.Time, neighbours func(ids []string) (map[string]*Neighbour, error)) (*Page, error) {
	was := publicationRow{FirstAt: at, ChangedAt: at}
	if e.Path != "" {
		var rows []publicationRow
		if err := s.DB.Read().NewSelect().Model(&rows).Column("first_at", "sequence", "told", "versions").Where("entry_id = ?", e.ID).Limit(1).Scan(ctx); err != nil {
			return nil, fmt.Errorf("preview of %s: %w", e.ID, db.Normalize(err))
		}
		if len(rows) > 0 {
			was.FirstAt, was.Sequence, was.Told, was.Versions = rows[0].FirstAt, rows[0].Sequence, rows[0].Told, rows[0].Versions
		}
	}
	return s.madePage(ctx, e, pub, l, was, neighbours)
}

// StoodPage is the page of an entry as the public saw it at a time; db.ErrNotFound where there was none. What it refers to is
// shown as it was then too.
func (s *Store) StoodPage(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, at time.Time) (*Page, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	all, since, err := s.stood(ctx, at, id)
	if err != nil {
		return nil, err
	}
	parts := all[id]
	if parts == nil || len(parts[Part(e.Original)]) == 0 {
		return nil, db.ErrNotFound
	}
	was := publicationRow{FirstAt: since[id], ChangedAt: since[id]}
	if err := s.DB.Read().NewRaw("SELECT min(from_at) AS first_at FROM published WHERE entry_id = ?", id).Scan(ctx, &was.FirstAt); err != nil {
		return nil, fmt.Errorf("what was public of %s: %w", id, db.Normalize(err))
	}
	return s.madePage(ctx, e, parts, l, was, func(ids []string) (map[string]*Neighbour, error) { return s.stoodNeighbours(ctx, who, l, at, ids) })
}

// stoodNeighbours are the entries among ids that were public at a time. Of those that who may not read there is what is
// public now.
func (s *Store) stoodNeighbours(ctx context.Context, who *auth.Actor, l i18n.Locale, at time.Time, ids []string) (map[string]*Neighbour, error) {
	now, err := s.Neighbours(ctx, l, ids)
	if err != nil {
		return nil, err
	}
	then, since, err := s.stood(ctx, at, ids...)
	if err != nil {
		return nil, err
	}
	readable, err := s.headers(ctx, who, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*Neighbour{}
	for id, parts := range then {
		e := readable[id]
		if e == nil {
			if n := now[id]; n != nil {
				out[id] = n
			}
			continue
		}
		if out[id], err = e.Kind.neighbour(e, parts, l, since[id]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// headers gives the entries among ids that who may read, by id, without their parts.
func (s *Store) headers(ctx context.Context, who *auth.Actor, ids []string) (map[string]*Entry, error) {
	out := map[string]*Entry{}
	sc := who.Scope(auth.Read, "")
	if len(ids) == 0 || sc.Empty() {
		return out, nil
	}
	var rows []struct {
		row
		Path string
	}
	sel := s.DB.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("e.*, coalesce(p.path, '') AS path").
		Join("LEFT JOIN paths AS p ON p.entry_id = e.id AND p.current AND e.live").Where("e.id IN (?)", bun.List(ids))
	if err := sc.Where(sel, "e").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("entries: %w", db.Normalize(err))
	}
	for _, r := range rows {
		if k := s.Kind(r.Kind); k != nil {
			out[r.ID] = &Entry{ID: r.ID, Kind: k, Original: r.Original, Updated: r.UpdatedAt, Deleted: r.DeletedAt, Path: r.Path, row: r.row}
		}
	}
	return out, nil
}

// asPublished is what publishing would copy of parts.
func (k *Kind) asPublished(parts Parts) (Parts, error) {
	pub := Parts{}
	for p, leaves := range parts {
		pub[p] = k.publicLeaves(leaves)
	}
	if _, ok := k.New().(Withholder); !ok {
		return pub, nil
	}
	value, err := k.Join(parts)
	if err != nil {
		return nil, err
	}
	for _, path := range value.(Withholder).Withheld() {
		for _, leaves := range pub {
			delete(leaves, path)
		}
	}
	return pub, nil
}

// madePage makes a page of parts as the public sees them.
func (s *Store) madePage(ctx context.Context, e *Entry, pub Parts, l i18n.Locale, was publicationRow, neighbours func(ids []string) (map[string]*Neighbour, error)) (*Page, error) {
	n, err := e.Kind.neighbour(e, pub, l, was.ChangedAt)
	if err != nil {
		return nil, fmt.Errorf("page of %s: %w", e.ID, err)
	}
	p := &Page{Publication: n.Publication, Original: e.Original, Value: n.Value}
	p.First, p.Sequence = was.FirstAt, was.Sequence
	if p.Told, err = readTold(was.Told); err != nil {
		return nil, fmt.Errorf("page of %s: %w", e.ID, err)
	}
	if p.Versions, err = readVersions(was.Versions); err != nil {
		return nil, fmt.Errorf("page of %s: %w", e.ID, err)
	}
	for _, x := range i18n.All {
		if len(pub[Part(x)]) > 0 {
			p.Locales = append(p.Locales, x)
		}
	}
	if p.Neighbours, err = neighbours(e.Kind.refers(p.Value)); err != nil {
		return nil, err
	}
	e.Kind.linkProse(p.Value, l, p.Neighbours)
	return p, nil
}

// neighbour makes what others show of an entry out of parts as the public sees them.
func (k *Kind) neighbour(e *Entry, pub Parts, l i18n.Locale, changed time.Time) (*Neighbour, error) {
	shown := Parts{}
	for _, p := range []Part{Facts, Part(l), Part(e.Original)} {
		if len(pub[p]) > 0 {
			shown[p] = pub[p]
		}
	}
	value, err := k.joinShown(shown)
	if err != nil {
		return nil, err
	}
	r := publicationRow{EntryID: e.ID, Kind: k.Name, Locale: l, Path: e.Path, Own: len(pub[Part(l)]) > 0, FirstAt: changed, ChangedAt: changed}
	if r.Path == "" {
		r.Path = draftPath(k, e.ID)
	}
	r.date(value)
	k.shownWords(value).fill(&r, e.Original)
	n := &Neighbour{Publication: bare(r), Original: e.Original, Value: value}
	n.Publication.Value = value
	return n, nil
}

// mostDrafts is how many entries that are not public one preview shows.
const mostDrafts = 100

// addDrafts adds the entries among ids that are not public and that who may read, as they would be public.
func (s *Store) addDrafts(ctx context.Context, who *auth.Actor, l i18n.Locale, ids []string, near map[string]*Neighbour) (map[string]*Neighbour, error) {
	out := maps.Clone(near)
	if out == nil {
		out = map[string]*Neighbour{}
	}
	drafts, err := s.headers(ctx, who, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return out[id] != nil }))
	if err != nil || len(drafts) == 0 {
		return out, err
	}
	maps.DeleteFunc(drafts, func(_ string, e *Entry) bool { return e.Deleted != nil })
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return drafts[id] == nil })
	ids = ids[:min(len(ids), mostDrafts)]
	var rows []partRow
	if err := s.DB.Read().NewSelect().Model(&rows).Column("p.entry_id", "p.part", "p.doc").Join("JOIN entries AS e ON e.id = p.entry_id").
		Where("p.entry_id IN (?) AND p.part IN ('', ?, e.original)", bun.List(ids), l).Scan(ctx); err != nil {
		return nil, fmt.Errorf("drafts: %w", db.Normalize(err))
	}
	parts := map[string]Parts{}
	for _, r := range rows {
		if parts[r.EntryID] == nil {
			parts[r.EntryID] = Parts{}
		}
		if parts[r.EntryID][r.Part], err = readLeaves(r.Doc); err != nil {
			return nil, fmt.Errorf("part %q of %s: %w", r.Part, r.EntryID, err)
		}
	}
	for _, id := range ids {
		e := drafts[id]
		pub, err := e.Kind.asPublished(parts[id])
		if err != nil {
			return nil, err
		}
		if out[id], err = e.Kind.neighbour(e, pub, l, e.Updated); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FilesOf are the uploaded files that a value shows, each once.
func (k *Kind) FilesOf(value any) []string {
	var out []string
	for _, l := range k.Links(value) {
		if l.ToKind == "file" && !slices.Contains(out, l.ToID) {
			out = append(out, l.ToID)
		}
	}
	return out
}

// RevisionsOf gives saved states of an entry's parts, as their numbers say. Who may not read it gets db.ErrNotFound.
func (s *Store) RevisionsOf(ctx context.Context, who *auth.Actor, id string, numbers map[Part]int) (*Entry, Parts, error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, nil, err
	}
	parts := Parts{}
	for p, n := range numbers {
		if n == e.Versions[p] {
			parts[p] = e.Parts[p]
		} else if parts[p], err = s.revision(ctx, s.DB.Read(), id, p, n); err != nil {
			return nil, nil, err
		}
	}
	return e, parts, nil
}
