package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// docRow is what is public of an entry in one language.
type docRow struct {
	bun.BaseModel `bun:"table:search_docs,alias:d"`
	Number        int64 `bun:",pk"`
	EntryID       string
	Locale        i18n.Locale
	Segment       int64
	Kind          string
	Day           int32
	Title         string
	Names         string
	Summary       string
	Body          string
	Facets        string
}

// goneRow is a document that is no longer, and still in postings.
type goneRow struct {
	bun.BaseModel `bun:"table:search_gone"`
	Number        int64 `bun:",pk"`
	Locale        i18n.Locale
	Segment       int64
}

// longestBody is how much of an entry is found, in bytes of each language.
const longestBody = 1 << 20

// Changed writes the documents of an entry as it is public now, in the transaction that changes it: with it they are there, and
// with it they are gone.
func (s *Store) Changed(ctx context.Context, tx bun.Tx, id string) error {
	// Before anything is read: a task may be putting these documents into a segment.
	if _, err := take(ctx, tx, 0); err != nil {
		return err
	}
	var old []docRow
	if err := tx.NewSelect().Model(&old).Where("entry_id = ?", id).Scan(ctx); err != nil {
		return fmt.Errorf("search documents of %s: %w", id, err)
	}
	now, err := s.documents(ctx, tx, id)
	if err != nil {
		return err
	}
	var gone []goneRow
	var numbers []int64
	for _, o := range old {
		if i := slices.IndexFunc(now, func(n docRow) bool { return n.Locale == o.Locale }); i >= 0 {
			n := now[i]
			if n.Number, n.Segment = o.Number, o.Segment; n == o { // as it was
				now = slices.Delete(now, i, i+1)
				continue
			}
		}
		numbers = append(numbers, o.Number)
		if o.Segment != 0 {
			gone = append(gone, goneRow{Number: o.Number, Locale: o.Locale, Segment: o.Segment})
		}
	}
	if len(numbers) > 0 {
		if _, err := tx.NewDelete().Model((*docRow)(nil)).Where("number IN (?)", bun.List(numbers)).Exec(ctx); err != nil {
			return fmt.Errorf("search documents of %s: %w", id, err)
		}
	}
	if len(gone) > 0 {
		if _, err := tx.NewInsert().Model(&gone).Exec(ctx); err != nil {
			return fmt.Errorf("search documents of %s: %w", id, err)
		}
	}
	if len(now) == 0 {
		return nil
	}
	last, err := take(ctx, tx, len(now))
	if err != nil {
		return err
	}
	for i := range now {
		now[i].Number = last - int64(len(now)-1-i)
	}
	if _, err := tx.NewInsert().Model(&now).Exec(ctx); err != nil {
		return fmt.Errorf("search documents of %s: %w", id, err)
	}
	// Looked at now and then: what waits to be put into a segment is in memory, and no more than twice what goes into one.
	if every := int64(max(1, s.segmentSize()/4)); s.jobs != nil && last/every != (last-int64(len(now)))/every {
		return s.jobs.Enqueue(ctx, tx, sealTask(s.now()))
	}
	return nil
}

// take takes n numbers and gives the last. Whoever has taken one has the others wait until its transaction ends, so what is
// published later has the higher numbers.
func take(ctx context.Context, tx bun.Tx, n int) (last int64, err error) {
	if err = tx.NewRaw("UPDATE generations SET n = n + ? WHERE name = 'search' RETURNING n", n).Scan(ctx, &last); err != nil {
		return 0, fmt.Errorf("number of a search document: %w", err)
	}
	return last, nil
}

// documents makes the documents of an entry, without numbers.
func (s *Store) documents(ctx context.Context, tx bun.Tx, id string) ([]docRow, error) {
	e, err := s.Content.Living(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var pub []struct {
		Locale  i18n.Locale
		SortAt  time.Time
		FirstAt time.Time
	}
	if err := tx.NewRaw("SELECT locale, sort_at, first_at FROM publications WHERE entry_id = ? AND own", id).Scan(ctx, &pub); err != nil {
		return nil, fmt.Errorf("publications of %s: %w", id, err)
	}
	facets := []string{"kind=" + e.Kind.Name}
	for _, f := range e.Kind.Facets(e.Value) {
		if len(f.Value) <= 60 && !strings.ContainsAny(f.Value, "\n\x00") {
			facets = append(facets, f.Name+"="+f.Value)
		}
	}
	var out []docRow
	for _, p := range pub {
		w := e.Kind.FoundBy(e.Value, p.Locale, s.now())
		at := p.SortAt
		if at.Year() > 9000 {
			at = p.FirstAt
		}
		out = append(out, docRow{EntryID: id, Locale: p.Locale, Kind: e.Kind.Name, Day: int32(at.Unix() / 86400), Facets: strings.Join(facets, "\n"),
			Title: norm.NFC.String(w.Title), Names: norm.NFC.String(w.Names), Summary: norm.NFC.String(w.Summary), Body: norm.NFC.String(bounded(w))})
	}
	slices.SortFunc(out, func(a, b docRow) int { return strings.Compare(string(a.Locale), string(b.Locale)) })
	return out, nil
}

func bounded(w content.Findable) string {
	if len(w.Body) <= longestBody {
		return w.Body
	}
	return strings.ToValidUTF8(w.Body[:longestBody], "")
}
