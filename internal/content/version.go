package content

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Versioned is a kind's struct of which versions are named, as those of a programme. Items of one of its lists name them: what
// is public of the entry when such an item becomes so is kept with it, for readers to look back on.
type Versioned interface {
	// Versions gives the ids of those items, and which facts and words of the entry are kept with each, as patterns. What stands in
	// running text is not for keeping: it refers to what may not be public any more.
	Versions() (items, keep []string)
}

// Version is one named version of a published entry.
type Version struct {
	Item   string    `json:"item"`   // that names it
	Number int       `json:"number"` // from 1, never given twice
	At     time.Time `json:"at"`     // when it became public
	Told   int       `json:"told"`   // number of the last that readers had been told by then, see Told
}

type versionRow struct {
	bun.BaseModel `bun:"table:named_versions"`
	EntryID       string `bun:",pk"`
	Item          string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Number        int
	Told          int
	KeptAt        time.Time
	Doc           string
	Withdrawn     bool
}

// keepVersions keeps what the entry is with the items that name it and have become public, and gives the versions that readers
// can look back on. A version whose item has gone stays kept, so that bringing the item back brings it back.
func (s *Store) keepVersions(ctx context.Context, tx bun.Tx, e *Entry, value any, parts Parts, told string, now time.Time) (string, error) {
	x, ok := value.(Versioned)
	if !ok {
		return "", nil
	}
	items, keep := x.Versions()
	if len(items) == 0 {
		return "", nil
	}
	var rows []versionRow
	if err := tx.NewSelect().Model(&rows).ExcludeColumn("doc").Where("entry_id = ?", e.ID).Scan(ctx); err != nil {
		return "", fmt.Errorf("versions of %s: %w", e.ID, err)
	}
	var list []Version
	kept, last, gone := map[string]bool{}, 0, Version{}
	for _, r := range rows {
		last = max(last, r.Number)
		if r.Part != Facts || !slices.Contains(items, r.Item) {
			continue
		}
		kept[r.Item] = true
		v := Version{r.Item, r.Number, r.KeptAt, r.Told}
		switch {
		case !r.Withdrawn:
			list = append(list, v)
		case r.Number > gone.Number:
			gone = v
		}
	}
	docs := e.Kind.only(parts, keep)
	changes, err := readTold(told)
	if err != nil {
		return "", err
	}
	number := 0
	if len(changes) > 0 {
		number = changes[len(changes)-1].Number
	}
	add := func(v Version, parts Parts) error {
		var rows []versionRow
		for _, p := range slices.Sorted(maps.Keys(parts)) {
			rows = append(rows, versionRow{EntryID: e.ID, Item: v.Item, Part: p, Number: v.Number, Told: v.Told, KeptAt: v.At, Doc: writeLeaves(parts[p])})
		}
		if len(rows) == 0 {
			return nil
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("version %d of %s: %w", v.Number, e.ID, err)
		}
		return nil
	}
	fresh := false
	for _, item := range items {
		if !kept[item] {
			last++
			v := Version{item, last, now, number}
			if err := add(v, docs); err != nil {
				return "", err
			}
			list, fresh = append(list, v), true
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return a.Number - b.Number })
	switch {
	case fresh:
	case len(list) == 0:
		// All went with the entry, which comes back otherwise than it was: the last name is that of what is public now.
		if _, err := tx.NewDelete().Model((*versionRow)(nil)).Where("entry_id = ? AND item = ?", e.ID, gone.Item).Exec(ctx); err != nil {
			return "", fmt.Errorf("versions of %s: %w", e.ID, err)
		}
		v := Version{gone.Item, gone.Number, now, number}
		if err := add(v, docs); err != nil {
			return "", err
		}
		list = append(list, v)
	default:
		// A translation that becomes public while the facts are still those of the last version belongs to it, also instead of one
		// that was withdrawn.
		v := list[len(list)-1]
		missing := maps.Clone(docs)
		for _, r := range rows {
			if r.Item == v.Item && !r.Withdrawn {
				delete(missing, r.Part)
			}
		}
		if len(missing) == 0 {
			break
		}
		var doc string
		if err := tx.NewRaw("SELECT doc FROM named_versions WHERE entry_id = ? AND item = ? AND part = ?", e.ID, v.Item, Facts).Scan(ctx, &doc); err != nil {
			return "", fmt.Errorf("versions of %s: %w", e.ID, err)
		}
		if doc != writeLeaves(docs[Facts]) {
			break
		}
		if _, err := tx.NewDelete().Model((*versionRow)(nil)).Where("entry_id = ? AND item = ? AND part IN (?)", e.ID, v.Item, bun.List(slices.Collect(maps.Keys(missing)))).Exec(ctx); err != nil {
			return "", fmt.Errorf("versions of %s: %w", e.ID, err)
		}
		if err := add(v, missing); err != nil {
			return "", err
		}
	}
	return string(mustJSON(list)), nil
}

// only is what parts hold of some fields; a language without any is left out.
func (k *Kind) only(parts Parts, keep []string) Parts {
	out := Parts{Facts: {}}
	for p, leaves := range parts {
		for path, v := range leaves {
			if f := k.Field(path); f != nil && slices.Contains(keep, f.Path) {
				if out[p] == nil {
					out[p] = Leaves{}
				}
				out[p][path] = v
			}
		}
	}
	return out
}

// withdrawVersions takes versions back from the public: the words in some languages, or without any, all of them.
func (s *Store) withdrawVersions(ctx context.Context, tx bun.Tx, id string, locales ...i18n.Locale) error {
	q := tx.NewUpdate().Model((*versionRow)(nil)).Set("withdrawn = ?", true).Where("entry_id = ?", id)
	if len(locales) > 0 {
		q = q.Where("part IN (?)", bun.List(locales))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("versions of %s: %w", id, err)
	}
	return nil
}

// returnVersions brings back what was taken back of versions with a part, if it becomes public again as it was then: who takes
// a withdrawal back means all of it, and who has changed something meanwhile may have had to.
func (s *Store) returnVersions(ctx context.Context, tx bun.Tx, r *liveRow) error {
	if _, err := tx.NewRaw(`UPDATE named_versions SET withdrawn = ? WHERE entry_id = ? AND part = ? AND withdrawn AND EXISTS (SELECT 1 FROM published h
		WHERE h.entry_id = named_versions.entry_id AND h.part = named_versions.part AND h.withdrawn AND h.doc = ? AND h.number =
			(SELECT max(number) FROM published l WHERE l.entry_id = h.entry_id AND l.part = h.part))`, false, r.EntryID, r.Part, r.Doc).Exec(ctx); err != nil {
		return fmt.Errorf("versions of %s: %w", r.EntryID, err)
	}
	return nil
}

func readVersions(doc string) ([]Version, error) {
	if doc == "" {
		return nil, nil
	}
	var all []Version
	if err := json.Unmarshal([]byte(doc), &all); err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	return all, nil
}

// VersionPage is what a public entry was in one of its versions. Value is a pointer to the kind's struct with what was kept of
// the facts, and of the words in the page's language and the original.
type VersionPage struct {
	Version
	Value any
}

// VersionPages gives those of the page's versions that have the numbers, or all without any, the first first, and the public
// entries that they refer to, as those are now.
func (s *Store) VersionPages(ctx context.Context, p *Page, numbers ...int) ([]VersionPage, map[string]*Neighbour, error) {
	wanted := slices.DeleteFunc(slices.Clone(p.Versions), func(v Version) bool { return len(numbers) > 0 && !slices.Contains(numbers, v.Number) })
	if len(wanted) == 0 {
		return nil, nil, nil
	}
	items := make([]string, len(wanted))
	for i, v := range wanted {
		items[i] = v.Item
	}
	var rows []versionRow
	if err := s.DB.Read().NewSelect().Model(&rows).Column("item", "part", "doc").Where("entry_id = ? AND item IN (?) AND part IN (?) AND NOT withdrawn", p.ID,
		bun.List(items), bun.List([]Part{Facts, Part(p.Locale), Part(p.Original)})).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("versions of %s: %w", p.ID, db.Normalize(err))
	}
	k, parts := s.Kind(p.Kind), map[string]Parts{}
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, nil, fmt.Errorf("version of %s: %w", p.ID, err)
		}
		if parts[r.Item] == nil {
			parts[r.Item] = Parts{}
		}
		parts[r.Item][r.Part] = leaves
	}
	var out []VersionPage
	var ids []string
	for _, v := range wanted {
		if parts[v.Item][Facts] == nil {
			continue
		}
		value, err := k.Join(parts[v.Item])
		if err != nil {
			return nil, nil, fmt.Errorf("version %d of %s: %w", v.Number, p.ID, err)
		}
		out, ids = append(out, VersionPage{v, value}), append(ids, k.refers(value)...)
	}
	slices.Sort(ids)
	near, err := s.Neighbours(ctx, p.Locale, slices.Compact(ids))
	return out, near, err
}

// KeptVersion is a version as staff see it.
type KeptVersion struct {
	Version
	Public bool // readers can look back on it
}

// KeptVersions are the versions that are kept of an entry, by the items that named them.
func (s *Store) KeptVersions(ctx context.Context, e *Entry) (map[string]KeptVersion, error) {
	var rows []versionRow
	if err := s.DB.Read().NewSelect().Model(&rows).Column("item", "number", "told", "kept_at").Where("entry_id = ? AND part = ?", e.ID, Facts).Scan(ctx); err != nil {
		return nil, fmt.Errorf("versions of %s: %w", e.ID, db.Normalize(err))
	}
	if len(rows) == 0 {
		return nil, nil
	}
	var doc string
	if err := s.DB.Read().NewRaw("SELECT coalesce(max(versions), '') FROM publications WHERE entry_id = ?", e.ID).Scan(ctx, &doc); err != nil {
		return nil, fmt.Errorf("versions of %s: %w", e.ID, db.Normalize(err))
	}
	shown, err := readVersions(doc)
	if err != nil {
		return nil, err
	}
	out := map[string]KeptVersion{}
	for _, r := range rows {
		out[r.Item] = KeptVersion{Version{r.Item, r.Number, r.KeptAt, r.Told}, slices.ContainsFunc(shown, func(v Version) bool { return v.Item == r.Item })}
	}
	return out, nil
}
