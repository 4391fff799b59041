package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"plenary/internal/analysis"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// shelf is what is kept in memory to search one language: what documents there are, and those without postings whole.
type shelf struct {
	mu         sync.Mutex
	locale     i18n.Locale
	generation int64 // it is from
	made       bool
	view       *view

	words *dictionary // for slips of typing; made when one is looked for
}

// view is a shelf as of a generation; it does not change.
type view struct {
	segments []*segment // by id; the last is the one in memory
	gone     map[int64]bool
	total    int // documents
}

func (s *Store) shelf(l i18n.Locale) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shelves == nil {
		s.shelves = map[i18n.Locale]*shelf{}
	}
	if s.shelves[l] == nil {
		s.shelves[l] = &shelf{locale: l}
	}
	return s.shelves[l]
}

// view gives what is public now. Only what is new since the last time is read.
func (s *Store) view(ctx context.Context, l i18n.Locale) (*view, error) {
	sh := s.shelf(l)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	at := s.Content.Generation()
	if sh.made && sh.generation == at {
		return sh.view, nil
	}
	v, err := s.read(ctx, l, sh.view)
	if err != nil {
		return nil, fmt.Errorf("search in %s: %w", l, db.Normalize(err))
	}
	sh.view, sh.generation, sh.made = v, at, true
	return v, nil
}

func (s *Store) read(ctx context.Context, l i18n.Locale, old *view) (*view, error) {
	ids := func() (out []int64, err error) {
		err = s.DB.Read().NewRaw("SELECT id FROM search_segments WHERE locale = ? AND ready ORDER BY id", l).Scan(ctx, &out)
		return out, err
	}
	for range 5 {
		before, err := ids()
		if err != nil {
			return nil, err
		}
		v := &view{gone: map[int64]bool{}}
		fresh, err := s.readFresh(ctx, l, old)
		if err != nil {
			return nil, err
		}
		if v.segments, err = s.readSegments(ctx, before, old); err != nil {
			return nil, err
		}
		var gone []int64
		if err := s.DB.Read().NewRaw("SELECT number FROM search_gone WHERE locale = ?", l).Scan(ctx, &gone); err != nil {
			return nil, err
		}
		after, err := ids()
		if err != nil {
			return nil, err
		}
		if !slices.Equal(before, after) { // a segment was made or taken apart meanwhile: its documents may be here twice, or not at all
			continue
		}
		v.segments = append(v.segments, fresh.segment)
		for _, n := range gone {
			v.gone[n] = true
		}
		for n := range fresh.gone {
			v.gone[n] = true
		}
		for _, g := range v.segments {
			v.total += len(g.numbers)
		}
		v.total -= len(v.gone)
		return v, nil
	}
	return nil, fmt.Errorf("segments of %s do not stand still", l)
}

func (s *Store) readSegments(ctx context.Context, ids []int64, old *view) ([]*segment, error) {
	known := map[int64]*segment{}
	if old != nil {
		for _, g := range old.segments {
			known[g.id] = g
		}
	}
	var missing []int64
	for _, id := range ids {
		if known[id] == nil {
			missing = append(missing, id)
		}
	}
	for chunk := range slices.Chunk(missing, 500) {
		var rows []segmentRow
		if err := s.DB.Read().NewSelect().Model(&rows).Where("id IN (?)", in(chunk)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			g, err := unpack(r.ID, r.Docs)
			if err != nil {
				return nil, err
			}
			known[r.ID] = g
		}
	}
	out := make([]*segment, 0, len(ids)+1)
	for _, id := range ids {
		if known[id] != nil {
			out = append(out, known[id])
		}
	}
	return out, nil
}

// fresh is the segment in memory.
type fresh struct {
	segment *segment
	gone    map[int64]bool
}

// readFresh reads the documents that have no postings. Those of the view before are kept; the segment that it shared with that view is
// copied before it grows.
func (s *Store) readFresh(ctx context.Context, l i18n.Locale, old *view) (fresh, error) {
	var numbers []int64
	if err := s.DB.Read().NewRaw("SELECT number FROM search_docs WHERE locale = ? AND segment = 0 ORDER BY number", l).Scan(ctx, &numbers); err != nil {
		return fresh{}, err
	}
	f := fresh{segment: &segment{}, gone: map[int64]bool{}}
	if old != nil {
		was := old.segments[len(old.segments)-1]
		lost := 0
		for _, n := range was.numbers {
			if _, there := slices.BinarySearch(numbers, n); !there {
				lost++
			}
		}
		// Those that are lost stay in it as gone, until they are many, or all went into a segment.
		if len(was.numbers) > 0 && lost*4 < len(was.numbers) && (len(numbers) == 0 || numbers[0] >= was.numbers[0]) {
			f.segment = was.clone()
			for _, n := range was.numbers {
				if _, there := slices.BinarySearch(numbers, n); !there {
					f.gone[n] = true
				}
			}
			last := was.numbers[len(was.numbers)-1]
			numbers = slices.DeleteFunc(numbers, func(n int64) bool { return n <= last && contains(was.numbers, n) })
			if len(numbers) > 0 && numbers[0] < last { // out of order: made anew below
				return s.readFresh(ctx, l, nil)
			}
		}
	}
	for chunk := range slices.Chunk(numbers, 100) {
		var docs []docRow
		if err := s.DB.Read().NewSelect().Model(&docs).Where("number IN (?)", in(chunk)).OrderExpr("number").Scan(ctx, &docs); err != nil {
			return fresh{}, err
		}
		for _, d := range docs {
			f.segment.add(d.Number, d.Kind, d.Day)
			f.segment.invert(l, d.terms())
		}
	}
	return f, nil
}

func contains(sorted []int64, n int64) bool {
	_, ok := slices.BinarySearch(sorted, n)
	return ok
}

// clone copies what invert and add change; postings are only ever appended to, so their bytes are shared up to their length.
func (g *segment) clone() *segment {
	out := &segment{id: g.id, numbers: slices.Clone(g.numbers), kinds: slices.Clone(g.kinds), days: slices.Clone(g.days), names: slices.Clone(g.names),
		data: make(map[string][]byte, len(g.data)), last: make(map[string]int, len(g.last)), stems: make(map[string][]string, len(g.stems))}
	for k, v := range g.data {
		out.data[k] = slices.Clip(v)
	}
	for k, v := range g.last {
		out.last[k] = v
	}
	for k, v := range g.stems {
		out.stems[k] = slices.Clip(v)
	}
	return out
}

// dictionary is the words of a language, to look for near ones: some hundred thousand, so they lie in one string.
type dictionary struct {
	upTo  int64 // the segment that it was made with
	all   string
	ends  []uint32
	signs []uint64 // the letters of each, as bits
	n     []uint32
}

// lettersOf has a bit for each letter of a word: words that differ in more than twice as many bits as slips are forgiven need not be
// compared.
func lettersOf(word string) (bits uint64) {
	for _, r := range word {
		bits |= 1 << (uint32(r) % 64)
	}
	return bits
}

// speltWord reports whether a word is one whose letters are mistyped: not a pair of signs, nor a number.
func speltWord(term string) bool {
	return analysis.Slips(term) > 0 && !strings.ContainsFunc(term, func(r rune) bool { return r >= 0x3000 })
}
