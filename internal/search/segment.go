package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/analysis"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
)

type segmentRow struct {
	bun.BaseModel `bun:"table:search_segments"`
	ID            int64 `bun:",pk"`
	Locale        i18n.Locale
	Ready         bool
	Docs          []byte
}

type postingRow struct {
	bun.BaseModel `bun:"table:search_postings,alias:p"`
	Locale        i18n.Locale `bun:",pk"`
	Term          string      `bun:",pk"`
	Segment       int64       `bun:",pk"`
	Data          []byte
}

type wordRow struct {
	bun.BaseModel `bun:"table:search_words,alias:w"`
	Locale        i18n.Locale `bun:",pk"`
	Term          string      `bun:",pk"`
	Stem          string
	N             int
}

func sealTask(at time.Time) job.Task { return job.Task{Kind: sealKind, Key: sealKind, At: at.UTC()} }

// atOnce is how many rows are written in one statement, and batch how many in one transaction: others write in between.
const (
	atOnce = 400
	batch  = 2000
)

// Seal writes the postings of the documents that wait, language by language, a segment at a time, and writes those segments anew of
// which half is gone. It can be stopped anywhere and goes on where it was.
func (s *Store) Seal(ctx context.Context) error {
	for _, l := range i18n.All {
		for {
			more, err := s.seal(ctx, l)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
		if err := s.compact(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// seal writes one segment in several transactions. Until the last, nobody reads it.
func (s *Store) seal(ctx context.Context, l i18n.Locale) (more bool, err error) {
	var g *segment
	if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		g, err = s.begin(ctx, tx, l)
		return err
	}); err != nil || g == nil {
		return false, err
	}
	for terms := range slices.Chunk(slices.Sorted(maps.Keys(g.data)), batch) {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.write(ctx, tx, l, g, terms) }); err != nil {
			return false, err
		}
	}
	return true, s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.ready(ctx, tx, l, g) })
}

// sealTx is seal within a transaction.
func (s *Store) sealTx(ctx context.Context, tx bun.Tx, l i18n.Locale) (more bool, err error) {
	g, err := s.begin(ctx, tx, l)
	if err != nil || g == nil {
		return false, err
	}
	if err := s.write(ctx, tx, l, g, slices.Sorted(maps.Keys(g.data))); err != nil {
		return false, err
	}
	return true, s.ready(ctx, tx, l, g)
}

// begin takes the documents that go into the next segment of a language, or into the one that was begun and not ended; nil if there are
// too few.
func (s *Store) begin(ctx context.Context, tx bun.Tx, l i18n.Locale) (*segment, error) {
	var begun []segmentRow
	if err := tx.NewSelect().Model(&begun).Where("locale = ? AND NOT ready", l).OrderExpr("id").Limit(1).Scan(ctx); err != nil {
		return nil, fmt.Errorf("search segments: %w", err)
	}
	sel := tx.NewSelect().Model((*docRow)(nil)).Where("locale = ? AND segment = 0", l).OrderExpr("number").Limit(int64(s.segmentSize()))
	if len(begun) > 0 {
		was, err := unpack(begun[0].ID, begun[0].Docs)
		if err != nil {
			return nil, err
		}
		sel = sel.Where("number IN (?)", bun.List(was.numbers))
	}
	var docs []docRow
	if err := sel.Scan(ctx, &docs); err != nil {
		return nil, fmt.Errorf("search documents: %w", err)
	}
	if len(begun) == 0 && len(docs) < s.segmentSize() {
		return nil, nil
	}
	g := &segment{}
	for _, d := range docs {
		g.add(d.Number, d.Kind, d.Day)
		g.invert(l, d.terms())
	}
	if len(begun) > 0 {
		g.id = begun[0].ID
		_, err := tx.NewRaw("UPDATE search_segments SET docs = ? WHERE id = ?", g.pack(), g.id).Exec(ctx)
		return g, err
	}
	var err error
	if g.id, err = take(ctx, tx, 1); err != nil { // segments are counted along
		return nil, err
	}
	if _, err := tx.NewInsert().Model(&segmentRow{ID: g.id, Locale: l, Docs: g.pack()}).Exec(ctx); err != nil {
		return nil, fmt.Errorf("search segment: %w", err)
	}
	return g, nil
}

func (s *Store) write(ctx context.Context, tx bun.Tx, l i18n.Locale, g *segment, terms []string) error {
	for chunk := range slices.Chunk(terms, atOnce) {
		rows := make([]postingRow, len(chunk))
		var words []wordRow
		for i, t := range chunk {
			rows[i] = postingRow{Locale: l, Term: t, Segment: g.id, Data: g.data[t]}
			if !strings.HasPrefix(t, facetTerm) {
				n := 0
				eachPosting(g.data[t], func(int, []uint32) { n++ })
				words = append(words, wordRow{Locale: l, Term: t, Stem: analysis.Stem(l, t), N: n})
			}
		}
		if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (locale, term, segment) DO UPDATE").Set("data = EXCLUDED.data").Exec(ctx); err != nil {
			return fmt.Errorf("search postings: %w", err)
		}
		if len(words) == 0 {
			continue
		}
		if _, err := tx.NewInsert().Model(&words).On("CONFLICT (locale, term) DO UPDATE").Set("stem = EXCLUDED.stem").Set("n = w.n + EXCLUDED.n").Exec(ctx); err != nil {
			return fmt.Errorf("search words: %w", err)
		}
	}
	return nil
}

// ready lets a segment be read. Documents that have gone while it was written are gone from it.
func (s *Store) ready(ctx context.Context, tx bun.Tx, l i18n.Locale, g *segment) error {
	// The lock keeps publishers from taking a document away between the two statements.
	if _, err := take(ctx, tx, 0); err != nil {
		return err
	}
	if _, err := tx.NewRaw("UPDATE search_segments SET ready = ? WHERE id = ?", true, g.id).Exec(ctx); err != nil {
		return fmt.Errorf("search segment: %w", err)
	}
	if len(g.numbers) == 0 {
		return nil
	}
	var there []int64
	if err := tx.NewRaw("UPDATE search_docs SET segment = ? WHERE segment = 0 AND number IN (?) RETURNING number", g.id, bun.List(g.numbers)).Scan(ctx, &there); err != nil {
		return fmt.Errorf("search documents: %w", err)
	}
	still := make(map[int64]bool, len(there))
	for _, n := range there {
		still[n] = true
	}
	var gone []goneRow
	for _, n := range g.numbers {
		if !still[n] {
			gone = append(gone, goneRow{Number: n, Locale: l, Segment: g.id})
		}
	}
	if len(gone) > 0 {
		if _, err := tx.NewInsert().Model(&gone).On("CONFLICT (number) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("search documents: %w", err)
		}
	}
	return nil
}

// compact takes segments apart of which half is gone: what is left of them waits for another.
func (s *Store) compact(ctx context.Context, l i18n.Locale) error {
	var full []struct {
		Segment int64
		N       int
	}
	if err := s.DB.Read().NewRaw("SELECT segment, count(*) AS n FROM search_gone WHERE locale = ? GROUP BY segment HAVING count(*) >= ? ORDER BY segment", l, (s.segmentSize()+1)/2).Scan(ctx, &full); err != nil {
		return fmt.Errorf("search segments: %w", db.Normalize(err))
	}
	for _, f := range full {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			// In the order in which publishers lock.
			if err := s.Content.RaiseTx(ctx, tx); err != nil {
				return err
			}
			if _, err := take(ctx, tx, 0); err != nil {
				return err
			}
			for _, q := range []string{"UPDATE search_docs SET segment = 0 WHERE locale = ? AND segment = ?",
				"DELETE FROM search_gone WHERE locale = ? AND segment = ?", "DELETE FROM search_segments WHERE locale = ? AND id = ?"} {
				if _, err := tx.NewRaw(q, l, f.Segment).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("search segment: %w", err)
		}
		s.Content.Changed()
		// Its postings are read by nobody any more.
		for after, more := "", true; more; {
			var terms []string
			if err := s.DB.Read().NewRaw("SELECT term FROM search_postings WHERE locale = ? AND term > ? GROUP BY term ORDER BY term LIMIT ?", l, after, batch).Scan(ctx, &terms); err != nil {
				return fmt.Errorf("search postings: %w", db.Normalize(err))
			}
			if more = len(terms) == batch; len(terms) == 0 {
				break
			}
			after = terms[len(terms)-1]
			if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewDelete().Model((*postingRow)(nil)).Where("locale = ? AND segment = ? AND term IN (?)", l, f.Segment, bun.List(terms)).Exec(ctx)
				return err
			}); err != nil {
				return fmt.Errorf("search postings: %w", err)
			}
		}
	}
	if len(full) > 0 {
		_, err := s.seal(ctx, l)
		return err
	}
	return nil
}
