package content

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
// have words, and no staff fields. What it refers to is there if it is public, or if who may read it; nobody, if who is nil.
// at is when it is looked at. The entry need not be stored.
func (s *Store) WorkingPage(ctx context.Context, who *auth.Actor, e *Entry, parts Parts, l i18n.Locale, at time.Time) (*Page, error) {
	pub, err := e.Kind.asPublished(parts)
	if err != nil {
		return nil, fmt.Errorf("preview of %s: %w", e.ID, err)
	}
	was := publicationRow{FirstAt: at, ChangedAt: at}
	if e.Path != "" {
		var rows []publicationRow
		if err := s.DB.Read().NewSelect().Model(&rows).Column("first_at", "sequence", "told").Where("entry_id = ?", e.ID).Limit(1).Scan(ctx); err != nil {
			return nil, fmt.Errorf("preview of %s: %w", e.ID, db.Normalize(err))
		}
		if len(rows) > 0 {
			was.FirstAt, was.Sequence, was.Told = rows[0].FirstAt, rows[0].Sequence, rows[0].Told
		}
	}
	return s.madePage(ctx, e, pub, l, was, func(ids []string) (map[string]*Neighbour, error) {
		near, err := s.Neighbours(ctx, l, ids)
		if err != nil || who == nil {
			return near, err
		}
		return s.addDrafts(ctx, who, l, ids, near)
	})
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
	out := map[string]*Neighbour{}
	for _, id := range ids {
		parts := then[id]
		if parts == nil {
			continue
		}
		e, err := s.Get(ctx, who, id)
		if errors.Is(err, db.ErrNotFound) {
			if n := now[id]; n != nil {
				out[id] = n
			}
			continue
		} else if err != nil {
			return nil, err
		}
		if out[id], err = e.Kind.neighbour(e, parts, l, since[id]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// asPublished is what publishing would copy of parts.
func (k *Kind) asPublished(parts Parts) (Parts, error) {
	value, err := k.Join(parts)
	if err != nil {
		return nil, err
	}
	pub := Parts{}
	for p, leaves := range parts {
		pub[p] = k.publicLeaves(leaves)
	}
	if w, ok := value.(Withholder); ok {
		for _, path := range w.Withheld() {
			for _, leaves := range pub {
				delete(leaves, path)
			}
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
	for _, x := range i18n.All {
		if len(pub[Part(x)]) > 0 {
			p.Locales = append(p.Locales, x)
		}
	}
	p.Neighbours, err = neighbours(e.Kind.refers(p.Value))
	return p, err
}

// neighbour makes what others show of an entry out of parts as the public sees them.
func (k *Kind) neighbour(e *Entry, pub Parts, l i18n.Locale, changed time.Time) (*Neighbour, error) {
	shown := Parts{}
	for _, p := range []Part{Facts, Part(l), Part(e.Original)} {
		if len(pub[p]) > 0 {
			shown[p] = pub[p]
		}
	}
	value, err := k.Join(shown)
	if err != nil {
		return nil, err
	}
	n := &Neighbour{Original: e.Original, Value: value}
	n.ID, n.Kind, n.Locale, n.Path, n.First, n.Changed, n.Publication.Value = e.ID, k.Name, l, e.Path, changed, changed, value
	if n.Path == "" {
		n.Path = draftPath(k, e.ID)
	}
	n.TextLocale = e.Original
	if n.Own = len(pub[Part(l)]) > 0; n.Own {
		n.TextLocale = l
	}
	title, summary := k.line(value, "title"), k.line(value, "summary")
	n.Title, n.TextLocale = title.Pick(n.TextLocale, e.Original)
	n.Summary, _ = summary.Pick(n.TextLocale, e.Original)
	if d, ok := value.(Dated); ok {
		n.Starts = d.Begins()
	}
	if p, ok := value.(Passing); ok {
		n.Ends = p.Over()
	}
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
	drafts := 0
	for _, id := range ids {
		if out[id] != nil || drafts == mostDrafts {
			continue
		}
		e, err := s.Get(ctx, who, id)
		if errors.Is(err, db.ErrNotFound) || err == nil && e.Deleted != nil {
			continue
		} else if err != nil {
			return nil, err
		}
		drafts++
		pub, err := e.Kind.asPublished(e.Parts)
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
