package content

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// What was public is kept as the public saw it, not reckoned from revisions: what a kind withholds, and what is a staff
// field, may be decided otherwise later.

type publishedRow struct {
	bun.BaseModel `bun:"table:published,alias:h"`
	EntryID       string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Number        int    `bun:",pk"`
	Revision      int
	Doc           string
	FromAt        time.Time
	FromBy        string
	UntilAt       *time.Time
	UntilBy       string
	Withdrawn     bool
}

// keepPublished writes down that a part has become public.
func (s *Store) keepPublished(ctx context.Context, tx bun.Tx, r *liveRow) error {
	if _, err := tx.NewRaw("UPDATE published SET until_at = ?, until_by = ? WHERE entry_id = ? AND part = ? AND until_at IS NULL",
		r.PublishedAt, r.PublishedBy, r.EntryID, r.Part).Exec(ctx); err != nil {
		return fmt.Errorf("what was public of %s: %w", r.EntryID, err)
	}
	if _, err := tx.NewRaw(`INSERT INTO published (entry_id, part, number, revision, doc, from_at, from_by)
		SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM published WHERE entry_id = ? AND part = ?`,
		r.EntryID, r.Part, r.Revision, r.Doc, r.PublishedAt, r.PublishedBy, r.EntryID, r.Part).Exec(ctx); err != nil {
		return fmt.Errorf("what was public of %s: %w", r.EntryID, err)
	}
	return nil
}

// endPublished writes down that all parts but some are no longer public.
func (s *Store) endPublished(ctx context.Context, tx bun.Tx, who *auth.Actor, id string, now time.Time, but ...Part) error {
	q := tx.NewUpdate().Model((*publishedRow)(nil)).Set("until_at = ?", now).Set("until_by = ?", who.ID).Set("withdrawn = ?", true).
		Where("entry_id = ? AND until_at IS NULL", id)
	if len(but) > 0 {
		q = q.Where("part NOT IN (?)", bun.List(but))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("what was public of %s: %w", id, err)
	}
	return nil
}

// stood gives the parts that were public at a time, of several entries, and since when the latest of each entry's.
func (s *Store) stood(ctx context.Context, at time.Time, ids ...string) (map[string]Parts, map[string]time.Time, error) {
	out, since := map[string]Parts{}, map[string]time.Time{}
	if len(ids) == 0 {
		return out, since, nil
	}
	var rows []publishedRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("entry_id IN (?) AND from_at <= ? AND (until_at IS NULL OR until_at > ?)", bun.List(ids), at.UTC(), at.UTC()).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("what was public: %w", db.Normalize(err))
	}
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, nil, fmt.Errorf("what was public of %s: %w", r.EntryID, err)
		}
		if out[r.EntryID] == nil {
			out[r.EntryID] = Parts{}
		}
		out[r.EntryID][r.Part] = leaves
		if r.FromAt.After(since[r.EntryID]) {
			since[r.EntryID] = r.FromAt
		}
	}
	return out, since, nil
}

// Publishing is one time that somebody made parts of an entry public, or took them back.
type Publishing struct {
	EntryID, Kind, Title string
	Original             i18n.Locale
	At                   time.Time
	By                   string // account
	Withdrawn            bool   // it was taken back
	Facts                bool
	Locales              []i18n.Locale // in the order of the site's languages
}

// PublishingQuery asks for what was published and taken back.
type PublishingQuery struct {
	Entry, Kind, By string // "" for all
	Locale          i18n.Locale
	Withdrawn       *bool     // true: only what was taken back
	From, Until     time.Time // From ≤ at < Until; zero: without end
	Offset, Limit   int
}

// Publishings lists who published and withdrew what, the latest first, of the entries that the actor may read: at most Limit,
// and whether there are more.
func (s *Store) Publishings(ctx context.Context, who *auth.Actor, q PublishingQuery) (list []Publishing, more bool, err error) {
	if q.Limit <= 0 || q.Limit > 10000 {
		q.Limit = 10000
	}
	one := func(at, by string, withdrawn bool) *bun.SelectQuery {
		sel := s.DB.Read().NewSelect().TableExpr("published AS h").Join("JOIN entries AS e ON e.id = h.entry_id").
			ColumnExpr("h.entry_id, e.kind, e.title, e.original, ? AS at, ? AS author, ? AS withdrawn", bun.Safe(at), bun.Safe(by), withdrawn).
			ColumnExpr("string_agg(CASE h.part WHEN '' THEN 'facts' ELSE h.part END, ',') AS parts").
			GroupExpr("h.entry_id, e.kind, e.title, e.original, ?, ?", bun.Safe(at), bun.Safe(by))
		if withdrawn {
			sel = sel.Where("h.withdrawn")
		}
		sel = who.Scope(auth.Read, q.Kind).Where(sel, "e")
		if q.Entry != "" {
			sel = sel.Where("h.entry_id = ?", q.Entry)
		}
		if q.Kind != "" {
			sel = sel.Where("e.kind = ?", q.Kind)
		}
		if q.By != "" {
			sel = sel.Where("? = ?", bun.Safe(by), q.By)
		}
		if q.Locale != "" {
			sel = sel.Where("h.part = ?", q.Locale)
		}
		if !q.From.IsZero() {
			sel = sel.Where("? >= ?", bun.Safe(at), q.From.UTC())
		}
		if !q.Until.IsZero() {
			sel = sel.Where("? < ?", bun.Safe(at), q.Until.UTC())
		}
		return sel
	}
	var rows []struct {
		EntryID, Kind, Title string
		Original             i18n.Locale
		At                   time.Time
		Author               string
		Withdrawn            bool
		Parts                string
	}
	all := one("h.from_at", "h.from_by", false)
	switch gone := one("h.until_at", "h.until_by", true); {
	case q.Withdrawn == nil:
		all = all.UnionAll(gone)
	case *q.Withdrawn:
		all = gone
	}
	if err := s.DB.Read().NewSelect().TableExpr("(?) AS x", all).ColumnExpr("x.*").OrderExpr("x.at DESC, x.entry_id, x.withdrawn").
		Offset(int64(q.Offset)).Limit(int64(q.Limit+1)).Scan(ctx, &rows); err != nil {
		return nil, false, fmt.Errorf("publishings: %w", db.Normalize(err))
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	for _, r := range rows {
		p := Publishing{EntryID: r.EntryID, Kind: r.Kind, Title: r.Title, Original: r.Original, At: r.At, By: r.Author, Withdrawn: r.Withdrawn}
		parts := strings.Split(r.Parts, ",")
		p.Facts = slices.Contains(parts, "facts")
		for _, l := range i18n.All {
			if slices.Contains(parts, string(l)) {
				p.Locales = append(p.Locales, l)
			}
		}
		list = append(list, p)
	}
	return list, more, nil
}

// Publishers are the accounts that published or withdrew what the actor may read.
func (s *Store) Publishers(ctx context.Context, who *auth.Actor) ([]string, error) {
	one := func(by string) *bun.SelectQuery {
		return who.Scope(auth.Read, "").Where(s.DB.Read().NewSelect().TableExpr("published AS h").Join("JOIN entries AS e ON e.id = h.entry_id").ColumnExpr("h.? AS author", bun.Ident(by)), "e").
			Where("h.? <> ''", bun.Ident(by))
	}
	var out []string
	if err := s.DB.Read().NewSelect().TableExpr("(?) AS x", one("from_by").Union(one("until_by"))).ColumnExpr("x.author").Limit(200).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("publishers: %w", db.Normalize(err))
	}
	return out, nil
}
