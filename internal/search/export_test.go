package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/uptrace/bun"
)

// Fill writes documents of made-up words, of which few are often used and many seldom, as in texts: about 300 each.
func (s *Store) Fill(ctx context.Context, n int) error {
	r := rand.New(rand.NewPCG(7, 8))
	z := rand.NewZipf(r, 1.1, 4, 200_000)
	words := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint("word", z.Uint64()+1)
		}
		return strings.Join(out, " ")
	}
	for done := 0; done < n; {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			var rows []docRow
			for range min(500, n-done) {
				rows = append(rows, docRow{EntryID: fmt.Sprint("made", done), Locale: "en", Kind: "news", Day: int32(20000 + r.IntN(800)), Title: words(8), Summary: words(25), Body: words(260), Facets: "kind=news\ncountry=KE"})
				done++
			}
			last, err := take(ctx, tx, len(rows))
			if err != nil {
				return err
			}
			for i := range rows {
				rows[i].Number = last - int64(len(rows)-1-i)
			}
			_, err = tx.NewInsert().Model(&rows).Exec(ctx)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
