package content

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
)

// titleKey bounds the keys that the panel sorts titles by, in bytes: enough to tell eighty letters apart. There is one for each
// language of readers, whatever languages the entry is in.
const titleKey = 160

// TitleKey is what the panel sorts a title by that it shows to readers of a language.
func TitleKey(l i18n.Locale, title string) []byte {
	key := i18n.SortKey(l, title)
	return key[:min(len(key), titleKey)]
}

type titleRow struct {
	bun.BaseModel `bun:"table:entry_titles"`
	EntryID       string      `bun:",pk"`
	Locale        i18n.Locale `bun:",pk"`
	Kind          string
	SortKey       []byte
}

// titleFor is the title that the panel shows to readers of a language: in theirs, else the working title.
func titleFor(l i18n.Locale, titles map[i18n.Locale]string, working string) string {
	if t := titles[l]; t != "" {
		return t
	}
	return working
}

func titleRows(id, kind string, titles map[i18n.Locale]string, working string) []titleRow {
	rows := make([]titleRow, len(i18n.All))
	for i, l := range i18n.All {
		rows[i] = titleRow{EntryID: id, Locale: l, Kind: kind, SortKey: TitleKey(l, titleFor(l, titles, working))}
	}
	return rows
}

// writeTitles keeps the order of the panel's lists. Most saves change no title, and write nothing here.
func (s *Store) writeTitles(ctx context.Context, tx bun.Tx, e *Entry, before string) error {
	titles, same := map[i18n.Locale]string{}, before == e.Title && len(e.Languages) > 0
	for _, l := range i18n.All {
		if f := e.Kind.As("title"); f != nil {
			titles[l] = e.Parts[Part(l)].Text(f.Path).Words
		}
		same = same && titles[l] == e.Languages[l].Title
	}
	if same {
		return nil
	}
	rows := titleRows(e.ID, e.Kind.Name, titles, e.Title)
	if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (entry_id, locale) DO UPDATE").Set("sort_key = EXCLUDED.sort_key").Exec(ctx); err != nil {
		return fmt.Errorf("titles of %s: %w", e.ID, err)
	}
	return nil
}

// remakeTitles writes those of many entries anew.
func remakeTitles(ctx context.Context, tx bun.Tx, entries []row) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	var langs []languageRow
	if err := tx.NewSelect().Model(&langs).Column("entry_id", "locale", "title").Where("el.entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	titles := map[string]map[i18n.Locale]string{}
	for _, l := range langs {
		if titles[l.EntryID] == nil {
			titles[l.EntryID] = map[i18n.Locale]string{}
		}
		titles[l.EntryID][l.Locale] = l.Title
	}
	var rows []titleRow
	for _, e := range entries {
		rows = append(rows, titleRows(e.ID, e.Kind, titles[e.ID], e.Title)...)
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (entry_id, locale) DO UPDATE").Set("sort_key = EXCLUDED.sort_key").Exec(ctx)
	return err
}
