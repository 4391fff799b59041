package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Staged is a kind's struct that goes through stages in public, as a report from a draft to its final text: it says in which
// it is, and which there are, the first first. What was public in a stage stays to be read when the entry has gone on to a
// later one, and goes when the entry is taken back.
type Staged interface {
	Stages() (now string, all []string)
}

type editionRow struct {
	bun.BaseModel `bun:"table:editions"`
	EntryID       string `bun:",pk"`
	Stage         string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Doc           string
	PublishedAt   time.Time
}

// keepEdition keeps what has just been made public as the edition of its stage.
func (s *Store) keepEdition(ctx context.Context, tx bun.Tx, id string, value any, live map[Part]livePart, now time.Time) error {
	x, ok := value.(Staged)
	if !ok {
		return nil
	}
	stage, _ := x.Stages()
	if _, err := tx.NewDelete().Model((*editionRow)(nil)).Where("entry_id = ? AND stage = ?", id, stage).Exec(ctx); err != nil {
		return fmt.Errorf("edition of %s: %w", id, err)
	}
	var rows []editionRow
	for p, l := range live {
		rows = append(rows, editionRow{EntryID: id, Stage: stage, Part: p, Doc: writeLeaves(l.leaves), PublishedAt: now})
	}
	slices.SortFunc(rows, func(a, b editionRow) int { return slices.Compare([]byte(a.Part), []byte(b.Part)) })
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("edition of %s: %w", id, err)
	}
	return nil
}

// dropEditions takes back what was public in earlier stages too: in some languages, or without any, all of it.
func (s *Store) dropEditions(ctx context.Context, tx bun.Tx, id string, locales ...i18n.Locale) error {
	del := tx.NewDelete().Model((*editionRow)(nil)).Where("entry_id = ?", id)
	if len(locales) > 0 {
		del = del.Where("part IN (?)", bun.List(locales))
	}
	if _, err := del.Exec(ctx); err != nil {
		return fmt.Errorf("editions of %s: %w", id, err)
	}
	return nil
}

// Earlier are the stages before the present one in which a public entry can still be read, the first first, and when it was
// last published in each.
func (s *Store) Earlier(ctx context.Context, p *Page) ([]Edition, error) {
	x, ok := p.Value.(Staged)
	if !ok {
		return nil, nil
	}
	now, all := x.Stages()
	before := all[:max(0, slices.Index(all, now))]
	if len(before) == 0 {
		return nil, nil
	}
	var rows []editionRow
	if err := s.DB.Read().NewSelect().Model(&rows).Column("stage", "published_at").Where("entry_id = ? AND part = ? AND stage IN (?)", p.ID, Facts, bun.List(before)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("editions of %s: %w", p.ID, db.Normalize(err))
	}
	var out []Edition
	for _, stage := range before {
		for _, r := range rows {
			if r.Stage == stage {
				out = append(out, Edition{stage, r.PublishedAt})
			}
		}
	}
	return out, nil
}

// Edition is an earlier stage of a public entry.
type Edition struct {
	Stage     string
	Published time.Time
}

// EarlierPage is the page of a public entry as it last was in an earlier stage; db.ErrNotFound where there is none. Its address
// and what it refers to are those of now.
func (s *Store) EarlierPage(ctx context.Context, p *Page, stage string) (*Page, error) {
	earlier, err := s.Earlier(ctx, p)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(earlier, func(e Edition) bool { return e.Stage == stage })
	if i < 0 {
		return nil, db.ErrNotFound
	}
	var rows []editionRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("entry_id = ? AND stage = ?", p.ID, stage).Scan(ctx); err != nil {
		return nil, fmt.Errorf("edition of %s: %w", p.ID, db.Normalize(err))
	}
	k, parts := s.Kind(p.Kind), Parts{}
	out := *p
	out.Locales = nil
	for _, r := range rows {
		leaves, err := readLeaves(r.Doc)
		if err != nil {
			return nil, fmt.Errorf("edition of %s: %w", p.ID, err)
		}
		if r.Part != Facts {
			out.Locales = append(out.Locales, r.Part.Locale())
		}
		if r.Part == Facts || r.Part == Part(p.Locale) || r.Part == Part(p.Original) {
			parts[r.Part] = leaves
		}
	}
	slices.SortFunc(out.Locales, func(a, b i18n.Locale) int { return slices.Index(i18n.All, a) - slices.Index(i18n.All, b) })
	if out.Value, err = k.joinShown(parts); err != nil {
		return nil, fmt.Errorf("edition of %s: %w", p.ID, err)
	}
	r := publicationRow{Locale: p.Locale, Own: len(parts[Part(p.Locale)]) > 0}
	k.shownWords(out.Value).fill(&r, p.Original)
	out.Changed, out.Own, out.TextLocale, out.Title, out.Summary, out.SummaryLocale = earlier[i].Published, r.Own, r.TextLocale, r.Title, r.Summary, r.SummaryLocale
	if out.Neighbours, err = s.Neighbours(ctx, p.Locale, k.refers(out.Value)); err != nil {
		return nil, err
	}
	k.linkProse(out.Value, p.Locale, out.Neighbours)
	return &out, nil
}
