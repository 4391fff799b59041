package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// BoardQuery asks for entries by how far their translations are.
type BoardQuery struct {
	Kind, Search string
	// Locales are the languages looked at.
	Locales []i18n.Locale
	State   TranslationState
	// Which limits the translations, known as t, further; nil does not.
	Which         func(*bun.SelectQuery) *bun.SelectQuery
	Offset, Limit int
}

// BoardRow is an entry and how far its languages are.
type BoardRow struct {
	ID, Kind, Title string
	Original        i18n.Locale
	Live            bool
	Updated         time.Time
	Translations    map[i18n.Locale]Translation
}

// Board lists the entries that the actor may read with a translation that is asked for, those changed last first, and tells
// how many there are. It reads rows that saving and publishing keep, and no document.
func (s *Store) Board(ctx context.Context, who *auth.Actor, q BoardQuery) (list []BoardRow, total int, err error) {
	if len(q.Locales) == 0 {
		return nil, 0, nil
	}
	matching := func(sel *bun.SelectQuery) *bun.SelectQuery {
		sub := s.DB.Read().NewSelect().TableExpr("translations AS t").ColumnExpr("t.entry_id").Where("t.units > 0").Where("t.locale IN (?)", bun.List(q.Locales))
		if q.State != "" {
			sub = sub.Where("t.state = ?", q.State)
		}
		if q.Which != nil {
			sub = q.Which(sub)
		}
		sel = ListQuery{Kind: q.Kind, Search: q.Search}.where(who, sel)
		if q.State != "" && q.State != TranslationMissing { // few: they are found sooner from there
			return sel.Where("e.id IN (?)", sub)
		}
		return sel.Where("EXISTS (?)", sub.Where("t.entry_id = e.id"))
	}
	if err := matching(s.DB.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("count(*)")).Scan(ctx, &total); err != nil {
		return nil, 0, fmt.Errorf("board: %w", db.Normalize(err))
	}
	var rows []row
	if err := matching(s.DB.Read().NewSelect().Model(&rows)).OrderExpr("e.updated_at DESC, e.id DESC").Offset(int64(q.Offset)).Limit(int64(q.Limit)).Scan(ctx); err != nil {
		return nil, 0, fmt.Errorf("board: %w", db.Normalize(err))
	}
	if len(rows) == 0 {
		return nil, total, nil
	}
	at := map[string]int{}
	ids := make([]string, len(rows))
	for i, r := range rows {
		at[r.ID], ids[i] = i, r.ID
		list = append(list, BoardRow{ID: r.ID, Kind: r.Kind, Title: r.Title, Original: r.Original, Live: r.Live, Updated: r.UpdatedAt, Translations: map[i18n.Locale]Translation{}})
	}
	var all []translationRow
	if err := s.DB.Read().NewSelect().Model(&all).Where("t.entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, 0, fmt.Errorf("board: %w", db.Normalize(err))
	}
	for _, r := range all {
		if r.Units > 0 {
			list[at[r.EntryID]].Translations[r.Locale] = r.translation()
		}
	}
	return list, total, nil
}

// Parity is how much of what is public in its original there is in one language.
type Parity struct {
	Locale i18n.Locale
	Public int // entries that are public, and have words
	// Complete of them are public in this language as they are, or were written in it.
	Complete int
	States   map[TranslationState]int // of the translations
	Words    int                      // to translate
	// Gaps by their age: up to 30 days, up to 90, and more.
	Gaps   [3]int
	Oldest time.Time // since when the oldest is there; zero if there is none
}

// Parities reports on languages, among the entries that the actor may read.
func (s *Store) Parities(ctx context.Context, who *auth.Actor, locales []i18n.Locale, now time.Time) ([]Parity, error) {
	out := make([]Parity, len(locales))
	for i, l := range locales {
		out[i] = Parity{Locale: l, States: map[TranslationState]int{}}
	}
	at := func(l i18n.Locale) *Parity {
		if i := slices.Index(locales, l); i >= 0 {
			return &out[i]
		}
		return &Parity{States: map[TranslationState]int{}}
	}
	var rows []struct {
		Locale   i18n.Locale
		State    TranslationState
		N, Words int
	}
	public := ListQuery{Live: true}
	if err := public.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e")).Join("JOIN translations AS t ON t.entry_id = e.id").Where("t.units > 0").
		ColumnExpr("t.locale, t.state, count(*) AS n, sum(t.words) AS words").GroupExpr("t.locale, t.state").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("parity: %w", db.Normalize(err))
	}
	for _, r := range rows {
		p := at(r.Locale)
		p.Public += r.N
		p.States[r.State] += r.N
		p.Words += r.Words
		if r.State == TranslationLive {
			p.Complete += r.N
		}
	}
	var originals []struct {
		Original i18n.Locale
		N        int
	}
	if err := public.where(who, s.DB.Read().NewSelect().TableExpr("entries AS e")).ColumnExpr("e.original, count(*) AS n").
		Where("EXISTS (SELECT 1 FROM translations AS t WHERE t.entry_id = e.id AND t.units > 0)").GroupExpr("e.original").Scan(ctx, &originals); err != nil {
		return nil, fmt.Errorf("parity: %w", db.Normalize(err))
	}
	for _, r := range originals {
		p := at(r.Original)
		p.Public += r.N
		p.Complete += r.N
	}
	for i := range out {
		if out[i].Public == out[i].Complete {
			continue
		}
		gaps := func() *bun.SelectQuery {
			return public.where(who, s.DB.Read().NewSelect().TableExpr("translations AS t").Join("JOIN entries AS e ON e.id = t.entry_id")).
				Where("t.locale = ? AND t.units > 0 AND t.gap_since IS NOT NULL", out[i].Locale)
		}
		var oldest []time.Time
		if err := gaps().ColumnExpr("t.gap_since").OrderExpr("t.gap_since").Limit(1).Scan(ctx, &oldest); err != nil {
			return nil, fmt.Errorf("parity: %w", db.Normalize(err))
		}
		if len(oldest) > 0 {
			out[i].Oldest = oldest[0]
		}
		var older [2]int // than so many days
		for j, days := range []int{30, 90} {
			at := now.UTC().AddDate(0, 0, -days)
			if !out[i].Oldest.IsZero() && out[i].Oldest.Before(at) {
				if err := gaps().ColumnExpr("count(*)").Where("t.gap_since < ?", at).Scan(ctx, &older[j]); err != nil {
					return nil, fmt.Errorf("parity: %w", db.Normalize(err))
				}
			}
		}
		out[i].Gaps = [3]int{out[i].Public - out[i].Complete - older[0], older[0] - older[1], older[1]}
	}
	return out, nil
}
