package content

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// ListQuery asks for working entries, as the panel lists them.
type ListQuery struct {
	Kind                  string // "" for all
	Search                string // words of the title, in any language
	State                 State  // of Locale, or of the original if Locale is ""
	Locale                i18n.Locale
	Missing               bool // with Locale: those that have no words in it
	Office, Series, Event string
	Mine                  string // created by this account
	Deleted               bool
	Reader                i18n.Locale // whose titles "title" sorts by, English readers' if ""
	Sort                  string      // "changed" (default), "title", "date"; with "-" in front the other way round
	Offset, Limit         int
	IDs                   []string
	// After gives those whose date is later, soonest first when Sort is "date"; Before those whose date is earlier.
	After, Before time.Time
	Live          bool // published in its original language
}

// ListRow is a working entry as the panel lists it. No document is read for it.
type ListRow struct {
	ID, Kind, Office, Title string
	Original                i18n.Locale
	Live                    bool
	Date                    time.Time // zero if it has none
	Updated                 time.Time
	UpdatedBy               string
	Deleted                 *time.Time
	Languages               map[i18n.Locale]LanguageState
}

// List lists the entries that the actor may read, at most Limit, and tells whether there are more.
func (s *Store) List(ctx context.Context, who *auth.Actor, q ListQuery) (list []ListRow, more bool, err error) {
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 500
	}
	var rows []row
	sel := s.DB.Read().NewSelect().Model(&rows).Limit(int64(q.Limit + 1)).Offset(int64(q.Offset))
	few, err := s.few(ctx, q)
	if err != nil {
		return nil, false, err
	}
	if few {
		sel = sel.ModelTableExpr("(SELECT DISTINCT entry_id FROM entry_languages AS el WHERE ?) AS few CROSS JOIN entries AS e", q.inState()).Where("e.id = few.entry_id")
		q.State = ""
	}
	sel = q.where(who, sel)
	switch q.Sort {
	case "title":
		sel = q.withTitles(sel, few).OrderExpr("n.sort_key, n.entry_id")
	case "-title":
		sel = q.withTitles(sel, few).OrderExpr("n.sort_key DESC, n.entry_id DESC")
	case "date":
		sel = sel.OrderExpr("e.sort_at NULLS LAST, e.id")
	case "-date":
		sel = sel.OrderExpr("e.sort_at DESC NULLS LAST, e.id DESC")
	case "-changed":
		sel = sel.OrderExpr("e.updated_at, e.id")
	case "":
		if q.Deleted {
			sel = sel.OrderExpr("e.deleted_at DESC, e.id DESC")
			break
		}
		fallthrough
	default:
		sel = sel.OrderExpr("e.updated_at DESC, e.id DESC")
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list: %w", db.Normalize(err))
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	at := map[string]int{}
	ids := make([]string, len(rows))
	for i, r := range rows {
		out := ListRow{ID: r.ID, Kind: r.Kind, Office: r.OfficeID, Title: r.Title, Original: r.Original, Live: r.Live, Updated: r.UpdatedAt,
			UpdatedBy: r.UpdatedBy, Deleted: r.DeletedAt, Languages: map[i18n.Locale]LanguageState{}}
		if r.SortAt != nil {
			out.Date = *r.SortAt
		}
		list = append(list, out)
		at[r.ID], ids[i] = i, r.ID
	}
	if len(ids) == 0 {
		return list, false, nil
	}
	var langs []languageRow
	if err := s.DB.Read().NewSelect().Model(&langs).Where("el.entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list: %w", db.Normalize(err))
	}
	for _, l := range langs {
		list[at[l.EntryID]].Languages[l.Locale] = LanguageState{l.State, l.Title, l.Missing, l.Stale, l.UpdatedAt}
	}
	return list, more, nil
}

// withTitles joins the titles that the reader sees, known as n. They are read in order until a page is full, but where what is
// asked for narrows the entries down, these come first.
func (q ListQuery) withTitles(sel *bun.SelectQuery, few bool) *bun.SelectQuery {
	switch {
	case few:
		sel = sel.Join("CROSS JOIN entry_titles AS n")
	case q.Kind == "" || q.Office != "" || q.Series != "" || q.Event != "" || q.Mine != "" || q.Deleted || len(q.IDs) > 0:
		sel = sel.ModelTableExpr("entries AS e CROSS JOIN entry_titles AS n")
	default:
		sel = sel.ModelTableExpr("entry_titles AS n CROSS JOIN entries AS e").Where("n.kind = ?", q.Kind)
	}
	return sel.Where("n.entry_id = e.id AND n.locale = ?", cmp.Or(q.Reader, i18n.EN))
}

// few reports whether so few entries have a language in the state asked for that they are found sooner from there than
// by going through the list: nothing out of date among very many, above all.
func (s *Store) few(ctx context.Context, q ListQuery) (bool, error) {
	if q.State == "" || q.Missing {
		return false, nil
	}
	const limit = 2000
	var n int
	if err := s.DB.Read().NewRaw("SELECT count(*) FROM (SELECT 1 FROM entry_languages AS el WHERE ? LIMIT ?) AS x", q.inState(), limit).Scan(ctx, &n); err != nil {
		return false, fmt.Errorf("list: %w", db.Normalize(err))
	}
	return n < limit, nil
}

// inState is the condition on languages, known as el, for the state asked for.
func (q ListQuery) inState() schema.QueryWithArgs {
	if q.Locale == "" {
		return bun.SafeQuery("el.state = ?", q.State)
	}
	return bun.SafeQuery("el.state = ? AND el.locale = ?", q.State, q.Locale)
}

// where limits a query of entries, known as e, to what is asked for and the actor may read.
func (q ListQuery) where(who *auth.Actor, sel *bun.SelectQuery) *bun.SelectQuery {
	sel = who.Scope(auth.Read, q.Kind).Where(sel, "e")
	if q.Kind != "" {
		sel = sel.Where("e.kind = ?", q.Kind)
	}
	if q.Deleted {
		sel = sel.Where("e.deleted_at IS NOT NULL")
	} else {
		sel = sel.Where("e.deleted_at IS NULL")
	}
	for _, word := range strings.Fields(i18n.Fold(i18n.EN, q.Search)) {
		sel = sel.Where("e.find LIKE ? ESCAPE '!'", "%"+likeEscape.Replace(word)+"%")
	}
	switch at := q.Locale; {
	case q.Missing && at != "":
		sel = sel.Where("NOT EXISTS (SELECT 1 FROM entry_languages el WHERE el.entry_id = e.id AND el.locale = ?)", at)
	case q.State != "":
		sel = sel.Where("EXISTS (SELECT 1 FROM entry_languages el WHERE el.entry_id = e.id AND ?)", q.inState())
	case at != "":
		sel = sel.Where("EXISTS (SELECT 1 FROM entry_languages el WHERE el.entry_id = e.id AND el.locale = ?)", at)
	}
	for column, v := range map[string]string{"e.office_id": q.Office, "e.series_id": q.Series, "e.event_id": q.Event, "e.created_by": q.Mine} {
		if v != "" {
			sel = sel.Where("? = ?", bun.Ident(column), v)
		}
	}
	if len(q.IDs) > 0 {
		sel = sel.Where("e.id IN (?)", bun.List(q.IDs))
	}
	if !q.After.IsZero() {
		sel = sel.Where("e.sort_at > ?", q.After.UTC())
	}
	if !q.Before.IsZero() {
		sel = sel.Where("e.sort_at < ?", q.Before.UTC())
	}
	if q.Live {
		sel = sel.Where("e.live")
	}
	return sel
}

// Count says how many entries List would give without its limit.
func (s *Store) Count(ctx context.Context, who *auth.Actor, q ListQuery) (int, error) {
	var n int
	if err := q.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("count(*)")).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("count: %w", db.Normalize(err))
	}
	return n, nil
}

// Spread is what the entries of a kind range over, for the filters of their list.
type Spread struct {
	Offices, Series []string  // ids
	First, Last     time.Time // dates; zero if none has one
}

// Spread looks at the entries that the actor may read; "" stands for all kinds.
func (s *Store) Spread(ctx context.Context, who *auth.Actor, kind string) (Spread, error) {
	var out Spread
	from := func() *bun.SelectQuery {
		return ListQuery{Kind: kind}.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e"))
	}
	var first, last []time.Time
	for column, to := range map[string]*[]string{"office_id": &out.Offices, "series_id": &out.Series} {
		if err := from().ColumnExpr("DISTINCT e.?", bun.Ident(column)).Where("e.? <> ''", bun.Ident(column)).Limit(500).Scan(ctx, to); err != nil {
			return out, fmt.Errorf("spread: %w", db.Normalize(err))
		}
	}
	for order, to := range map[string]*[]time.Time{"e.sort_at": &first, "e.sort_at DESC": &last} {
		if err := from().ColumnExpr("e.sort_at").Where("e.sort_at IS NOT NULL").OrderExpr(order).Limit(1).Scan(ctx, to); err != nil {
			return out, fmt.Errorf("spread: %w", db.Normalize(err))
		}
	}
	if len(first) > 0 {
		out.First, out.Last = first[0], last[0]
	}
	return out, nil
}

// Progress is how far one language is, over all entries.
type Progress struct {
	Locale                           i18n.Locale
	Draft, Published, Changed, Stale int
	Missing                          int // published entries that have no words in it
}

// Progress counts the states of languages among the entries that the actor may read, in the site's order.
func (s *Store) Progress(ctx context.Context, who *auth.Actor) ([]Progress, error) {
	var rows []struct {
		Locale i18n.Locale
		State  State
		Live   bool
		N      int
	}
	sel := ListQuery{}.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e")).Join("JOIN entry_languages AS el ON el.entry_id = e.id").
		ColumnExpr("el.locale, el.state, e.live, count(*) AS n").GroupExpr("el.locale, el.state, e.live")
	if err := sel.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("progress: %w", db.Normalize(err))
	}
	live, err := s.Count(ctx, who, ListQuery{Live: true})
	if err != nil {
		return nil, err
	}
	var out []Progress
	for _, l := range s.Locales {
		p := Progress{Locale: l, Missing: live}
		for _, r := range rows {
			if r.Locale != l {
				continue
			}
			if r.Live {
				p.Missing -= r.N
			}
			switch r.State {
			case StateDraft:
				p.Draft += r.N
			case StatePublished:
				p.Published += r.N
			case StateChanged:
				p.Changed += r.N
			case StateOutOfDate:
				p.Stale += r.N
			}
		}
		out = append(out, p)
	}
	return out, nil
}

var likeEscape = strings.NewReplacer("%", "!%", "_", "!_", "!", "!!")

// Labels gives the titles of entries by id, in a language where there is one. Rights are not asked: an editor may see
// the name of what an entry she may read refers to.
func (s *Store) Labels(ctx context.Context, l i18n.Locale, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct{ ID, Title, Local string }
	if err := s.DB.Read().NewRaw(`SELECT e.id, e.title, coalesce(el.title, '') AS local FROM entries e
		LEFT JOIN entry_languages el ON el.entry_id = e.id AND el.locale = ? WHERE e.id IN (?)`, l, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("labels: %w", db.Normalize(err))
	}
	for _, r := range rows {
		out[r.ID] = r.Title
		if r.Local != "" {
			out[r.ID] = r.Local
		}
	}
	return out, nil
}
