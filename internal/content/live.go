package content

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Everything the public reads comes through this file, and only from rows that Publish wrote.

// Publication is a published entry as lists show it, in one language of the site.
type Publication struct {
	ID, Kind string
	Locale   i18n.Locale
	Path     string // without the locale: "events/2027/opening-the-register"
	// Own is false where the entry has no words in Locale: its title is then in TextLocale.
	Own            bool
	TextLocale     i18n.Locale
	Title, Summary string
	// SummaryLocale is the language of the summary: the original's where a translation has none.
	SummaryLocale  i18n.Locale
	Starts, Ends   time.Time // zero where not known
	First, Changed time.Time
	Sequence       int // how often time, place or status have changed since it was first published
	// Value is a pointer to the kind's struct holding only the facts of its card.
	Value any
}

// Page is a published entry, whole.
type Page struct {
	Publication
	Original i18n.Locale
	// Value is a pointer to the kind's struct with the facts and the words of Locale and Original.
	Value any
	// Locales are the languages it is published in.
	Locales []i18n.Locale
	// Neighbours are the published entries that it refers to, by id.
	Neighbours map[string]*Neighbour
	// Told is what readers were told of its changes, the latest last.
	Told []Told
	// Versions are those that have a name, the first first.
	Versions []Version
}

// Neighbour is a published entry that another refers to. Value holds its facts and its words in the page's language
// and its own original.
type Neighbour struct {
	Publication
	Original i18n.Locale
	Value    any
}

// Moved says that a page is at another address now, without the locale.
type Moved struct{ Path string }

func (m *Moved) Error() string { return "moved to " + m.Path }

// Live gives the published entry at an address without the locale. It returns *Moved for an old address and
// db.ErrNotFound for one that leads nowhere public.
func (s *Store) Live(ctx context.Context, l i18n.Locale, path string) (*Page, error) {
	p, err := s.live(ctx, "pub.entry_id = (SELECT entry_id FROM paths WHERE path = ?)", l, path)
	if err == nil && p.Path != path {
		return nil, &Moved{p.Path}
	}
	return p, err
}

// LiveByID gives the published entry with an id.
func (s *Store) LiveByID(ctx context.Context, l i18n.Locale, id string) (*Page, error) {
	return s.live(ctx, "pub.entry_id = ?", l, id)
}

// pageRow is a publication with what tells the documents apart that its page is made of.
type pageRow struct {
	publicationRow
	Original i18n.Locale
	Parts    string // the published parts, as liveRevisions reads them
}

// liveRevisions reads "en|7,|4": the revision of each published part.
func liveRevisions(s string) map[Part]string {
	out := map[Part]string{}
	for one := range strings.SplitSeq(s, ",") {
		if part, revision, ok := strings.Cut(one, "|"); ok {
			out[Part(part)] = revision
		}
	}
	return out
}

// pageValue is the value of a page, made from the documents that its key names. Whoever gets it must not change it.
type pageValue struct {
	key    string
	value  any
	refers []string // ids of the entries that it refers to
	linked bool     // its prose links to entries
}

// pageValues keeps the values of pages last asked for. A page is made anew when anything on the site changes, and the page from which
// people join when each of them comes; the documents it is made of have seldom changed by then.
type pageValues struct {
	mu   sync.Mutex
	kept map[[2]string]*pageValue // by entry and locale
}

// pageValuesMost bounds how many are kept; beyond it all go.
const pageValuesMost = 100

func (w *pageValues) get(id string, l i18n.Locale, key string) *pageValue {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at := w.kept[[2]string{id, string(l)}]; at != nil && at.key == key {
		return at
	}
	return nil
}

func (w *pageValues) put(id string, l i18n.Locale, made *pageValue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept == nil || len(w.kept) >= pageValuesMost {
		w.kept = map[[2]string]*pageValue{}
	}
	w.kept[[2]string{id, string(l)}] = made
}

func (s *Store) live(ctx context.Context, where string, l i18n.Locale, key string) (*Page, error) {
	// The cast hides the value from SQLite's planner: there is an index for one locale only, and to see whether it serves,
	// it would plan a prepared query anew each time.
	var rows []pageRow
	err := s.DB.Often(ctx, &rows, `SELECT pub.entry_id, pub.locale, pub.kind, pub.path, pub.own, pub.text_locale, pub.title, pub.summary, pub.summary_locale,
		pub.sort_at, pub.ends_at, pub.sequence, pub.first_at, pub.changed_at, pub.told, pub.versions, e.original,
		coalesce((SELECT string_agg(l.part || '|' || l.revision, ',') FROM live l WHERE l.entry_id = pub.entry_id), '') AS parts
		FROM publications pub JOIN entries e ON e.id = pub.entry_id WHERE `+where+" AND pub.locale = CAST(? AS text)", key, l)
	if err != nil {
		return nil, db.Normalize(err)
	}
	if len(rows) == 0 {
		return nil, db.ErrNotFound
	}
	row := rows[0]
	k := s.Kind(row.Kind)
	if k == nil {
		return nil, fmt.Errorf("entry %s: kind %q is not known", row.EntryID, row.Kind)
	}
	p := &Page{Original: row.Original}
	p.Publication = bare(row.publicationRow) // its card is part of its value
	if p.Told, err = readTold(row.Told); err != nil {
		return nil, fmt.Errorf("page %s: %w", row.Path, err)
	}
	if p.Versions, err = readVersions(row.Versions); err != nil {
		return nil, fmt.Errorf("page %s: %w", row.Path, err)
	}
	parts := liveRevisions(row.Parts)
	for _, l := range i18n.All {
		if parts[Part(l)] != "" {
			p.Locales = append(p.Locales, l)
		}
	}
	made, err := s.valueOf(ctx, k, row, parts)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", row.Path, err)
	}
	p.Value = made.value
	if p.Neighbours, err = s.Neighbours(ctx, row.Locale, made.refers); err != nil {
		return nil, err
	}
	if made.linked {
		k.linkProse(p.Value, row.Locale, p.Neighbours)
	}
	return p, nil
}

// valueOf gives the value of a page; one that links to entries is made for its caller alone, as the addresses go into it.
func (s *Store) valueOf(ctx context.Context, k *Kind, row pageRow, parts map[Part]string) (*pageValue, error) {
	key := func(revisions map[Part]string) string { // what a revision holds never changes
		return revisions[Facts] + "|" + revisions[Part(row.Locale)] + "|" + revisions[Part(row.Original)]
	}
	if made := s.values.get(row.EntryID, row.Locale, key(parts)); made != nil {
		return made, nil
	}
	var docs []struct{ Part, Revision, Doc string }
	if err := s.DB.Often(ctx, &docs, "SELECT part, CAST(revision AS text) AS revision, doc FROM live WHERE entry_id = ? AND part IN (?, ?, ?)", row.EntryID, Facts, row.Locale, row.Original); err != nil {
		return nil, db.Normalize(err)
	}
	if len(docs) == 0 { // withdrawn since its row was read
		return nil, db.ErrNotFound
	}
	live, read := Parts{}, map[Part]string{}
	for _, d := range docs {
		leaves, err := readLeaves(d.Doc)
		if err != nil {
			return nil, err
		}
		live[Part(d.Part)], read[Part(d.Part)] = leaves, d.Revision
	}
	v, err := k.joinShown(live)
	if err != nil {
		return nil, err
	}
	made := &pageValue{key: key(read), value: v, refers: k.refers(v), linked: holds(live, `"/e/`)}
	if !made.linked {
		s.values.put(row.EntryID, row.Locale, made)
	}
	return made, nil
}

// Neighbours gives the published entries among ids, by id, with all their facts.
func (s *Store) Neighbours(ctx context.Context, l i18n.Locale, ids []string) (map[string]*Neighbour, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.near.in(l).Get(s.Generation, ids, func(missing []string) (map[string]*Neighbour, error) { return s.readNeighbours(ctx, l, missing) })
}

// Whole gives the published entries among ids, by id, with all their facts, and keeps nothing of them: for those who read
// many entries once.
func (s *Store) Whole(ctx context.Context, l i18n.Locale, ids []string) (map[string]*Neighbour, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.readNeighbours(ctx, l, ids)
}

func (s *Store) readNeighbours(ctx context.Context, l i18n.Locale, ids []string) (map[string]*Neighbour, error) {
	var rows []struct {
		publicationRow
		Part     Part
		Doc      string
		Original i18n.Locale
	}
	if err := s.DB.Read().NewRaw(`SELECT pub.*, l.part, l.doc, e.original FROM publications pub
		JOIN entries e ON e.id = pub.entry_id
		JOIN live l ON l.entry_id = pub.entry_id AND l.part IN ('', ?, e.original)
		WHERE pub.entry_id IN (?) AND pub.locale = ?`, l, bun.List(ids), l).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("neighbours: %w", db.Normalize(err))
	}
	out := map[string]*Neighbour{}
	parts := map[string]Parts{}
	for _, r := range rows {
		if out[r.EntryID] == nil {
			k := s.Kind(r.Kind)
			if k == nil {
				continue
			}
			pub, err := publication(k, r.publicationRow)
			if err != nil {
				return nil, err
			}
			out[r.EntryID], parts[r.EntryID] = &Neighbour{Publication: pub, Original: r.Original}, Parts{}
		}
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, fmt.Errorf("neighbour %s: %w", r.EntryID, err)
		}
		parts[r.EntryID][r.Part] = leaves
	}
	for id, n := range out {
		v, err := s.Kind(n.Kind).joinShown(parts[id])
		if err != nil {
			return nil, fmt.Errorf("neighbour %s: %w", id, err)
		}
		n.Value = v
	}
	return out, nil
}

// Titles gives the published entries among ids, by id, with their names and addresses alone.
func (s *Store) Titles(ctx context.Context, l i18n.Locale, ids []string) (map[string]Publication, error) {
	return s.TitlesIn(ctx, s.DB.Read(), l, ids)
}

// TitlesIn is Titles as they are in q, which may be a transaction.
func (s *Store) TitlesIn(ctx context.Context, q bun.IDB, l i18n.Locale, ids []string) (map[string]Publication, error) {
	out := map[string]Publication{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []publicationRow
	if err := q.NewSelect().Model(&rows).Column("entry_id", "locale", "kind", "path", "own", "text_locale", "title").
		Where("pub.locale = ? AND pub.entry_id IN (?)", l, bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("titles: %w", db.Normalize(err))
	}
	for _, r := range rows {
		out[r.EntryID] = Publication{ID: r.EntryID, Kind: r.Kind, Locale: r.Locale, Path: r.Path, Own: r.Own, TextLocale: r.TextLocale, Title: r.Title}
	}
	return out, nil
}

func publication(k *Kind, r publicationRow) (Publication, error) {
	p := bare(r)
	card, err := readLeaves(r.Card)
	if err == nil {
		p.Value, err = k.Join(Parts{Facts: card})
	}
	if err != nil {
		return p, fmt.Errorf("card of %s: %w", r.EntryID, err)
	}
	return p, nil
}

// bare is a publication without its card.
func bare(r publicationRow) Publication {
	p := Publication{ID: r.EntryID, Kind: r.Kind, Locale: r.Locale, Path: r.Path, Own: r.Own, TextLocale: r.TextLocale, Title: r.Title, Summary: r.Summary, SummaryLocale: r.SummaryLocale,
		First: r.FirstAt, Changed: r.ChangedAt, Sequence: r.Sequence}
	if r.SortAt.Year() < 9999 {
		p.Starts = r.SortAt
	}
	if r.EndsAt.Year() < 9999 {
		p.Ends = r.EndsAt
	}
	return p
}

// Order is how a list is sorted.
type Order string

// The orders of lists.
const (
	NewestFirst  Order = ""        // by date, latest first
	SoonestFirst Order = "soonest" // by date, earliest first; unknown dates last
	ByName       Order = "name"
	ByChange     Order = "changed" // last changed first
)

// Query asks for published entries.
type Query struct {
	Locale i18n.Locale
	Kinds  []string // any if empty
	// Own true gives those with words in Locale, false those without; nil both.
	Own *bool
	// Facets that must hold, name → value: {"country": "KE", "year": "2027"}.
	Facets map[string]string
	// LinkedTo gives those that refer to an entry, through Field if that is set ("event", "people.*.person").
	LinkedTo, Field string
	// EndsAfter and EndsBefore cut by when an entry is over: upcoming and past.
	EndsAfter, EndsBefore time.Time
	Order                 Order
	Offset, Limit         int
	// Shared says that several pages ask just this: it is then read once a generation.
	Shared bool
}

// Published lists published entries, at most Limit, and tells whether there are more.
//
// The planners of the databases know nothing of what is asked for here: which few of very many rows come first. So the
// way to them is written down. A list is read off its index in order, as far as it is shown; what refers to an entry is
// found from the references; and what has facets from the rarest of them, where few enough have it.
func (s *Store) Published(ctx context.Context, q Query) (list []Publication, more bool, err error) {
	if q.Limit <= 0 || q.Limit > 1000 {
		q.Limit = 1000
	}
	ids, err := s.foundIDs(ctx, q)
	if err != nil {
		return nil, false, err
	}
	if more = len(ids) > q.Limit; more {
		ids = ids[:q.Limit]
	}
	list, err = s.publications(ctx, q.Locale, ids)
	return list, more, err
}

// Referring lists the published entries of some kinds that refer to an entry through a field, or any if that is "", the latest first: for the few
// that an entry's own page names. Who refers to it is the same in every language, and read once a generation.
func (s *Store) Referring(ctx context.Context, l i18n.Locale, id, field string, kinds ...string) ([]Publication, error) {
	all, err := s.ReferringTo(ctx, l, []string{id}, field, kinds...)
	return all[id], err
}

// ReferringTo is Referring for several entries, by their ids.
func (s *Store) ReferringTo(ctx context.Context, l i18n.Locale, ids []string, field string, kinds ...string) (map[string][]Publication, error) {
	rest := " " + field + " " + strings.Join(kinds, " ")
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id + rest
	}
	kept, err := s.referring.Get(s.Generation, keys, func(missing []string) (map[string]*[]string, error) {
		out := map[string]*[]string{}
		for _, key := range missing {
			from := []string{}
			if err := s.links(Query{LinkedTo: strings.TrimSuffix(key, rest), Field: field, Kinds: kinds}, "DISTINCT links.from_id").Limit(int64(manyLinks)).Scan(ctx, &from); err != nil {
				return nil, fmt.Errorf("references: %w", db.Normalize(err))
			}
			out[key] = &from
		}
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]Publication{}
	for i, id := range ids {
		if len(*kept[keys[i]]) == 0 {
			continue
		}
		list, err := s.publications(ctx, l, *kept[keys[i]])
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b Publication) int {
			if a.Starts.IsZero() != b.Starts.IsZero() { // no date yet comes after every date
				return a.Starts.Compare(b.Starts)
			}
			return cmp.Or(b.Starts.Compare(a.Starts), strings.Compare(b.ID, a.ID))
		})
		out[id] = list
	}
	return out, nil
}

// publications gives those of ids that are published, in their order.
func (s *Store) publications(ctx context.Context, l i18n.Locale, ids []string) ([]Publication, error) {
	found, err := s.listed.in(l).Get(s.Generation, ids, func(missing []string) (map[string]*Publication, error) {
		return s.readPublications(ctx, l, missing)
	})
	if err != nil {
		return nil, err
	}
	list := make([]Publication, 0, len(ids))
	for _, id := range ids {
		if p := found[id]; p != nil { // else it was withdrawn just now
			list = append(list, *p)
		}
	}
	return list, nil
}

func (s *Store) readPublications(ctx context.Context, l i18n.Locale, ids []string) (map[string]*Publication, error) {
	var rows []publicationRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("pub.locale = ? AND pub.entry_id IN (?)", l, bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list: %w", db.Normalize(err))
	}
	out := make(map[string]*Publication, len(rows))
	for _, r := range rows {
		k := s.Kind(r.Kind)
		if k == nil {
			continue
		}
		p, err := publication(k, r)
		if err != nil {
			return nil, err
		}
		out[r.EntryID] = &p
	}
	return out, nil
}

// foundIDs gives the ids of what a list shows, and of one more. Those of a list that several pages show are kept.
func (s *Store) foundIDs(ctx context.Context, q Query) ([]string, error) {
	read := func() (*[]string, error) {
		sel, err := s.find(ctx, q)
		if err != nil {
			return nil, err
		}
		var ids []string
		if err := s.DB.Read().NewSelect().TableExpr("(?) AS k", sel).ColumnExpr("k.entry_id").OrderExpr(q.Order.by("k")).Scan(ctx, &ids); err != nil {
			return nil, fmt.Errorf("list: %w", db.Normalize(err))
		}
		return &ids, nil
	}
	if !q.Shared {
		ids, err := read()
		if err != nil {
			return nil, err
		}
		return *ids, nil
	}
	key := q.key()
	kept, err := s.lists.in(q.Locale).Get(s.Generation, []string{key}, func([]string) (map[string]*[]string, error) {
		ids, err := read()
		return map[string]*[]string{key: ids}, err
	})
	if err != nil {
		return nil, err
	}
	return *kept[key], nil
}

// key tells apart what shared queries ask for in one language.
func (q Query) key() string {
	own := "any"
	if q.Own != nil {
		own = strconv.FormatBool(*q.Own)
	}
	q.Own = nil
	return fmt.Sprintf("%v %s", q, own)
}

// by is the order in SQL. All goes one way, so that an index can be read backwards.
func (o Order) by(table string) string {
	down := ""
	if o == NewestFirst || o == ByChange {
		down = " DESC"
	}
	return fmt.Sprintf("%[1]s.%[2]s%[3]s, %[1]s.entry_id%[3]s", table, o.column(), down)
}

func (o Order) column() string {
	switch o {
	case ByName:
		return "sort_key"
	case ByChange:
		return "changed_at"
	}
	return "sort_at"
}

// find gives the ids of what a list shows, and of one more. The indices hold all it needs; whole rows are then read of
// these few alone.
func (s *Store) find(ctx context.Context, q Query) (*bun.SelectQuery, error) {
	way, err := s.way(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.Own != nil || len(q.Kinds) != 1 || way != "" {
		return s.narrow(q, way).OrderExpr(q.Order.by("pub")).Limit(int64(q.Limit + 1)).Offset(int64(q.Offset)), nil
	}
	// The indices have those with words of their own before those without: the first of each hold the first of all.
	var halves [2]*bun.SelectQuery
	for i, own := range []bool{true, false} {
		half := q
		half.Own = &own
		halves[i] = s.narrow(half, way).OrderExpr(q.Order.by("pub")).Limit(int64(q.Offset + q.Limit + 1))
	}
	return s.DB.Read().NewSelect().TableExpr("(SELECT * FROM (?) AS a UNION ALL SELECT * FROM (?) AS b) AS u", halves[0], halves[1]).ColumnExpr("u.*").
		OrderExpr(q.Order.by("u")).Limit(int64(q.Limit + 1)).Offset(int64(q.Offset)), nil
}

// byLinks is the way to publications from the references to an entry.
const byLinks = "links"

// manyLinks are so many that the first are soon found by going through publications in order.
var manyLinks = 1000

// way tells what to find publications by: references, a facet by its name, or "" for going through them in order.
func (s *Store) way(ctx context.Context, q Query) (string, error) {
	switch {
	case q.LinkedTo == "":
		return s.rarest(ctx, q)
	case len(q.Kinds) != 1:
		return byLinks, nil
	}
	var n int
	if err := s.DB.Read().NewSelect().TableExpr("(?) AS x", s.links(q, "links.from_id").Limit(int64(manyLinks))).ColumnExpr("count(*)").Scan(ctx, &n); err != nil {
		return "", fmt.Errorf("links: %w", db.Normalize(err))
	}
	if n < manyLinks {
		return byLinks, nil
	}
	return "", nil
}

// links are the published references to an entry.
func (s *Store) links(q Query, columns string) *bun.SelectQuery {
	sel := s.DB.Read().NewSelect().TableExpr("links").ColumnExpr(columns).Where("links.to_id = ? AND links.live = ?", q.LinkedTo, true)
	if len(q.Kinds) > 0 {
		sel = sel.Where("links.from_kind IN (?)", bun.List(q.Kinds))
	}
	if q.Field != "" {
		sel = sel.Where("links.field = ?", q.Field)
	}
	return sel
}

// narrow gives the ids of the publications asked for, found in that way, with the column they are sorted by.
func (s *Store) narrow(q Query, way string) *bun.SelectQuery {
	sel := s.DB.Read().NewSelect().ColumnExpr("pub.entry_id, pub." + q.Order.column())
	switch {
	case way == byLinks && q.LinkedTo != "":
		sel = sel.TableExpr("(?) AS k CROSS JOIN publications AS pub", s.links(q, "DISTINCT links.from_id")).Where("pub.entry_id = k.from_id")
	case way != "":
		sel = sel.TableExpr("facets AS f CROSS JOIN publications AS pub").Where("f.name = ? AND f.value = ? AND pub.entry_id = f.entry_id", way, q.Facets[way])
	default:
		sel = sel.TableExpr("publications AS pub")
	}
	sel = sel.Where("pub.locale = ?", q.Locale)
	if len(q.Kinds) == 1 {
		sel = sel.Where("pub.kind = ?", q.Kinds[0])
	} else if len(q.Kinds) > 1 {
		sel = sel.Where("pub.kind IN (?)", bun.List(q.Kinds))
	}
	if q.Own != nil {
		sel = sel.Where("pub.own = ?", *q.Own)
	}
	if !q.EndsAfter.IsZero() {
		sel = sel.Where("pub.ends_at > ?", q.EndsAfter.UTC())
	}
	if !q.EndsBefore.IsZero() {
		// What is over has begun: this lets the index by beginning be used for order and limit at once.
		sel = sel.Where("pub.sort_at <= ? AND pub.ends_at <= ?", q.EndsBefore.UTC(), q.EndsBefore.UTC())
	}
	// With LIMIT these are asked of one publication after the other and never become joins.
	if q.LinkedTo != "" && way != byLinks {
		sel = sel.Where("(?) IS NOT NULL", s.links(q, "1").Where("links.from_id = pub.entry_id").Limit(1))
	}
	for name, value := range q.Facets {
		if y, err := strconv.Atoi(value); name == "year" && err == nil && y > 0 && y < 9999 {
			// In its own zone an entry's year may begin a day sooner or later than here.
			sel = sel.Where("pub.sort_at >= ? AND pub.sort_at < ?", time.Date(y, 1, 0, 0, 0, 0, 0, time.UTC), time.Date(y+1, 1, 2, 0, 0, 0, 0, time.UTC))
		}
		if name != way || q.LinkedTo != "" {
			sel = sel.Where("(SELECT 1 FROM facets x WHERE x.name = ? AND x.value = ? AND x.entry_id = pub.entry_id LIMIT 1) IS NOT NULL", name, value)
		}
	}
	return sel
}

// rarest gives the facet to look publications up by, or "" where going through them in order finds enough sooner.
func (s *Store) rarest(ctx context.Context, q Query) (string, error) {
	if len(q.Facets) == 0 {
		return "", nil
	}
	var counts []struct {
		Name string
		N    int64
	}
	sel := s.DB.Read().NewSelect().TableExpr("facet_counts AS c").ColumnExpr("c.name, sum(c.n) AS n").GroupExpr("c.name")
	if len(q.Kinds) > 0 {
		sel = sel.Where("c.kind IN (?)", bun.List(q.Kinds))
	}
	sel = sel.WhereGroup(" AND ", func(or *bun.SelectQuery) *bun.SelectQuery {
		or = or.Where("c.name = ''")
		for name, value := range q.Facets {
			or = or.WhereOr("c.name = ? AND c.value = ?", name, value)
		}
		return or
	})
	if err := sel.Scan(ctx, &counts); err != nil {
		return "", fmt.Errorf("facets: %w", db.Normalize(err))
	}
	n := map[string]float64{}
	for _, c := range counts {
		n[c.Name] = float64(c.N)
	}
	all, first := max(n[""], 1), ""
	// As many have to be gone through until enough have all facets, if one says nothing of another. Those of a year lie
	// together.
	through, most := float64(q.Offset+q.Limit+1), all
	for name := range q.Facets {
		if name == "year" {
			most = n[name]
			continue
		}
		through *= all / max(n[name], 1)
		if first == "" || n[name] < n[first] {
			first = name
		}
	}
	if first == "" || min(through, most) < 2*n[first] { // looking one up costs twice as much
		return "", nil
	}
	return first, nil
}

// FacetValue is one value that published entries have, and how many have it.
type FacetValue struct {
	Value string
	Count int
}

// Facet lists the values of a facet among published entries of a kind, most frequent first.
func (s *Store) Facet(ctx context.Context, kind, name string) ([]FacetValue, error) {
	var out []FacetValue
	err := s.DB.Read().NewRaw("SELECT value, n AS count FROM facet_counts WHERE kind = ? AND name = ? AND n > 0 ORDER BY n DESC, value", kind, name).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("facet %s: %w", name, db.Normalize(err))
	}
	return out, nil
}

// FileIsPublic tells whether a file is part of something public: the one question that downloads ask.
func (s *Store) FileIsPublic(ctx context.Context, fileID string) (bool, error) {
	var n int
	err := s.DB.Read().NewRaw("SELECT count(*) FROM (SELECT 1 FROM links WHERE to_id = ? AND live AND to_kind = 'file' LIMIT 1) x", fileID).Scan(ctx, &n)
	return n > 0, db.Normalize(err)
}

// Languages is a published entry with the languages it has words in.
type Languages struct {
	ID, Path string
	Changed  time.Time
	Original i18n.Locale
	Locales  []i18n.Locale
}

// PublishedLanguages lists a kind's published entries, the first published first, for sitemaps: what is new is at the end.
// Every entry has a publication in English, with words or without.
func (s *Store) PublishedLanguages(ctx context.Context, kind string, offset, limit int) ([]Languages, error) {
	var rows []struct {
		ID, Path         string
		Changed          time.Time
		Original, Locale i18n.Locale
	}
	err := s.DB.Read().NewRaw(`SELECT x.entry_id AS id, x.path, x.changed_at AS changed, e.original, l.part AS locale
		FROM (SELECT entry_id, path, changed_at, first_at FROM publications WHERE locale = 'en' AND kind = ? ORDER BY first_at, entry_id LIMIT ? OFFSET ?) AS x
		CROSS JOIN live AS l JOIN entries AS e ON e.id = x.entry_id
		WHERE l.entry_id = x.entry_id AND l.part <> '' ORDER BY x.first_at, x.entry_id`, kind, limit, offset).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("languages: %w", db.Normalize(err))
	}
	var out []Languages
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, Languages{ID: r.ID, Path: r.Path, Changed: r.Changed, Original: r.Original})
		}
		last := &out[len(out)-1]
		last.Locales = append(last.Locales, r.Locale)
	}
	for i := range out {
		slices.SortFunc(out[i].Locales, func(a, b i18n.Locale) int { return slices.Index(i18n.All, a) - slices.Index(i18n.All, b) })
	}
	return out, nil
}

// PublicIn lists the languages in which an entry is public, in the site's order.
func (s *Store) PublicIn(ctx context.Context, id string) ([]i18n.Locale, error) {
	var out []i18n.Locale
	if err := s.DB.Read().NewRaw("SELECT part FROM live WHERE entry_id = ? AND part <> ''", id).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("languages of %s: %w", id, db.Normalize(err))
	}
	slices.SortFunc(out, func(a, b i18n.Locale) int { return slices.Index(i18n.All, a) - slices.Index(i18n.All, b) })
	return out, nil
}

// NextEnd is when the next entry of a kind is over that is not yet so: until then no list of what is past changes by itself.
// Zero where nothing is to come.
func (s *Store) NextEnd(ctx context.Context, l i18n.Locale, kind string, now time.Time) (time.Time, error) {
	var next time.Time
	for _, own := range []bool{true, false} { // each of them is one step in the index by end
		var rows []publicationRow
		if err := s.DB.Read().NewSelect().Model(&rows).Column("ends_at").Where("locale = ? AND kind = ? AND own = ? AND ends_at > ?", l, kind, own, now.UTC()).
			Order("ends_at").Limit(1).Scan(ctx); err != nil {
			return next, fmt.Errorf("next end of %s: %w", kind, db.Normalize(err))
		}
		if len(rows) > 0 && (next.IsZero() || rows[0].EndsAt.Before(next)) {
			next = rows[0].EndsAt
		}
	}
	return next, nil
}

// CountPublished counts a kind's published entries.
func (s *Store) CountPublished(ctx context.Context, kind string) (int, error) {
	all, err := s.Facet(ctx, kind, "")
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[0].Count, nil
}

// FindPublished finds published entries of a kind by words of their public title in a language, at most limit, by name.
// Pickers offer them to those who may not read the working entry.
func (s *Store) FindPublished(ctx context.Context, l i18n.Locale, kind, search string, limit int) ([]Publication, error) {
	k := s.Kind(kind)
	if k == nil {
		return nil, fmt.Errorf("kind %q is not known", kind)
	}
	var rows []publicationRow
	sel := s.DB.Read().NewSelect().Model(&rows).Where("pub.locale = ? AND pub.kind = ?", l, kind).OrderExpr("pub.sort_key, pub.entry_id").Limit(int64(limit))
	for _, word := range strings.Fields(i18n.Fold(l, search)) {
		sel = sel.Where("pub.find LIKE ? ESCAPE '!'", "%"+likeEscape.Replace(word)+"%")
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, fmt.Errorf("find: %w", db.Normalize(err))
	}
	var list []Publication
	for _, r := range rows {
		p, err := publication(k, r)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// Living is a published entry with the words of all its languages, for those who act on it rather than show it.
type Living struct {
	ID       string
	Kind     *Kind
	Original i18n.Locale
	Path     string // without the locale
	Value    any    // pointer to the kind's struct
	// Office and Series own it.
	Office, Series string
}

// Living gives a published entry as it is in q, which may be a transaction; db.ErrNotFound if it is not public.
func (s *Store) Living(ctx context.Context, q bun.IDB, id string) (*Living, error) {
	var rows []struct {
		Kind, Path, Doc    string
		OfficeID, SeriesID string
		Original           i18n.Locale
		Part               Part
	}
	if err := q.NewRaw(`SELECT e.kind, e.original, e.office_id, e.series_id, p.path, l.part, l.doc FROM entries e JOIN paths p ON p.entry_id = e.id AND p.current
		JOIN live l ON l.entry_id = e.id WHERE e.id = ? AND e.live AND e.deleted_at IS NULL`, id).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("live %s: %w", id, db.Normalize(err))
	}
	if len(rows) == 0 {
		return nil, db.ErrNotFound
	}
	k, parts := s.Kind(rows[0].Kind), Parts{}
	if k == nil {
		return nil, fmt.Errorf("entry %s: kind %q is not known", id, rows[0].Kind)
	}
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, fmt.Errorf("live %s: %w", id, err)
		}
		parts[r.Part] = leaves
	}
	v, err := k.joinShown(parts)
	if err != nil {
		return nil, fmt.Errorf("live %s: %w", id, err)
	}
	return &Living{ID: id, Kind: k, Original: rows[0].Original, Path: rows[0].Path, Value: v, Office: rows[0].OfficeID, Series: rows[0].SeriesID}, nil
}

// PublicationIn gives a published entry as lists show it in one language, as it is in q, which may be a transaction, and
// without the facts of its card; db.ErrNotFound if it is not public.
func (s *Store) PublicationIn(ctx context.Context, q bun.IDB, l i18n.Locale, id string) (Publication, error) {
	var r publicationRow
	if err := q.NewSelect().Model(&r).ExcludeColumn("card").Where("pub.entry_id = ? AND pub.locale = ?", id, l).Scan(ctx); err != nil {
		return Publication{}, db.Normalize(err)
	}
	return bare(r), nil
}

// Behind gives a public entry's facts with those that only the staff sees, as they were when they were published; words are
// left out. It is for what is handed to one person at a time, such as how to join a meeting: nothing that others see, or
// that is kept, may be made of it.
func (s *Store) Behind(ctx context.Context, id string) (*Living, error) {
	var row struct {
		Kind, Path, Doc    string
		OfficeID, SeriesID string
		Original           i18n.Locale
	}
	if err := s.DB.Read().NewRaw(`SELECT e.kind, e.original, e.office_id, e.series_id, p.path, r.doc FROM entries e JOIN paths p ON p.entry_id = e.id AND p.current
		JOIN live l ON l.entry_id = e.id AND l.part = ? JOIN revisions r ON r.entry_id = e.id AND r.part = l.part AND r.number = l.revision
		WHERE e.id = ? AND e.live AND e.deleted_at IS NULL`, Facts, id).Scan(ctx, &row); err != nil {
		return nil, fmt.Errorf("behind %s: %w", id, db.Normalize(err))
	}
	k := s.Kind(row.Kind)
	if k == nil {
		return nil, fmt.Errorf("entry %s: kind %q is not known", id, row.Kind)
	}
	leaves, err := readLeaves(row.Doc)
	if err != nil {
		return nil, fmt.Errorf("behind %s: %w", id, err)
	}
	v, err := k.Join(Parts{Facts: leaves})
	if err != nil {
		return nil, fmt.Errorf("behind %s: %w", id, err)
	}
	return &Living{ID: id, Original: row.Original, Path: row.Path, Value: v, Office: row.OfficeID, Series: row.SeriesID}, nil
}
