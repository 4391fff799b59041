// Package search finds what is public. It has an index of its own in ordinary tables, so that both databases give the same
// results in the same order, in languages that neither of them knows.
//
// Publishing writes a document for each language of an entry: its words and its facets, a row each (index.go). That is all it waits
// for. Documents whose postings have not been written yet are few; each instance keeps theirs in memory. When there are some
// hundred of them in a language, a task writes their postings together, as a segment that never changes (segment.go). What is
// withdrawn or published again is noted as gone, and a segment of which half is gone is written anew.
//
// Postings hold words as they are written, folded, with their places. What one looks for is turned into those words when it is
// asked (expand.go): itself, its other forms by their common stem, what begins with it. So an exact word counts more than
// another form of it, a new rule for stems needs no new postings, and highlighting knows what was found.
package search

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
)

// Store keeps the index. Safe for concurrent use once Handle was called.
type Store struct {
	DB      *db.DB
	Content *content.Store
	Now     func() time.Time // nil: time.Now
	// SegmentSize is how many documents a segment has; 0: 512.
	SegmentSize int

	jobs *job.Queue

	mu      sync.Mutex
	shelves map[i18n.Locale]*shelf
}

const sealKind = "search.seal"

// indexed is raised when documents are made otherwise: they are then made again at the start.
const indexed = 1

// Handle takes over the tasks of this package.
func (s *Store) Handle(q *job.Queue) {
	s.jobs = q
	q.Handle(sealKind, func(ctx context.Context, r *job.Run) error { return s.Seal(ctx) })
}

// Following tells how the index is made of what is public already.
func (s *Store) Following() content.Following {
	return content.Following{Name: "search documents", Version: indexed, Make: s.makeAgain}
}

func (s *Store) makeAgain(ctx context.Context, tx bun.Tx, ids []string) error {
	for _, id := range ids {
		if err := s.Changed(ctx, tx, id); err != nil {
			return err
		}
	}
	// Nobody is served before all is done, so this may take its time.
	for _, l := range i18n.All {
		for {
			more, err := s.sealTx(ctx, tx, l)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Store) segmentSize() int {
	if s.SegmentSize > 0 {
		return s.SegmentSize
	}
	return 512
}
