package search

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/analysis"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Ask is what somebody looks for in one language.
type Ask struct {
	Locale i18n.Locale
	Words  string
	Kind   string            // any if empty
	Facets map[string]string // that must hold, name → value
	// Plain looks for words as they were typed, and for what stands for the same, but for no other forms: in languages that share
	// their letters the stem of one's word is another's by accident.
	Plain  bool
	Offset int
	Limit  int // at most 100; 0 only counts
}

// MostOffset is how far down results can be read.
const MostOffset = 1000

// Answer is what was found, the best first.
type Answer struct {
	Query analysis.Query
	Total int // documents of the kind asked for
	Hits  []Hit
	Kinds []Count // of all that was found, whatever kind was asked for; the most first
	// Facets are values that what was found can be narrowed by, by name. They are of the best FacetsOf documents; where more were found,
	// they are without a number.
	Facets map[string][]Count

	lost []int // clauses of which nothing was found at all
}

// FacetsOf is of how many documents facets are read.
const FacetsOf = 400

// Count is a value and how many documents have it; 0 where that is not known.
type Count struct {
	Value string
	N     int
}

// Hit is an entry that was found.
type Hit struct {
	EntryID, Kind string
	Title         []Piece
	Excerpt       []Piece // one paragraph, or what of it lies around what was found

	number int64
}

// Piece is text, marked where it is what was asked for.
type Piece struct {
	Text string
	Mark bool
}

// Find looks for what is public in one language.
func (s *Store) Find(ctx context.Context, a Ask) (*Answer, error) {
	out := &Answer{Query: analysis.Parse(a.Locale, a.Words)}
	if out.Query.Empty() {
		return out, nil
	}
	v, err := s.view(ctx, a.Locale)
	if err != nil || v.total <= 0 {
		return out, err
	}
	x, err := s.expand(ctx, v, out.Query, a.Plain)
	if err != nil {
		return nil, err
	}
	filters := []string{}
	for name, value := range a.Facets {
		filters = append(filters, facetTerm+name+"="+value)
	}
	slices.Sort(filters)
	data, err := s.postings(ctx, v, a.Locale, x, filters)
	if err != nil {
		return nil, err
	}
	r := ranking{v: v, x: x, data: data, filters: filters, kind: a.Kind, today: float64(s.now().Unix() / 86400), keep: min(a.Offset, MostOffset) + min(a.Limit, 100)}
	if a.Limit > 0 {
		r.keep = max(r.keep, FacetsOf)
	}
	r.run()
	out.Total, out.lost = r.total, r.lost
	for kind, n := range r.kinds {
		out.Kinds = append(out.Kinds, Count{kind, n})
	}
	slices.SortFunc(out.Kinds, func(a, b Count) int { return cmp.Or(b.N-a.N, strings.Compare(a.Value, b.Value)) })
	best := r.sorted()
	if a.Limit > 0 && len(best) > 0 {
		if out.Facets, err = s.facets(ctx, best[:min(len(best), FacetsOf)], r.total > FacetsOf); err != nil {
			return nil, err
		}
	}
	best = best[min(len(best), min(a.Offset, MostOffset)):]
	best = best[:min(len(best), min(a.Limit, 100))]
	out.Hits, err = s.show(ctx, a.Locale, x, best)
	return out, err
}

// postings reads those of all words, by segment.
func (s *Store) postings(ctx context.Context, v *view, l i18n.Locale, x *expanded, filters []string) (map[int64]map[string][]byte, error) {
	terms := map[string]bool{}
	for _, f := range filters {
		terms[f] = true
	}
	for _, list := range [][]clause{x.clauses, x.without} {
		for _, c := range list {
			for _, p := range c.phrases {
				for _, u := range p.units {
					for t := range u {
						terms[t] = true
					}
				}
			}
		}
	}
	out := map[int64]map[string][]byte{0: v.segments[len(v.segments)-1].data}
	if len(v.segments) == 1 {
		return out, nil
	}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(terms)), 500) {
		if err := func() error {
			rows, err := s.DB.Read().QueryContext(ctx, "SELECT term, segment, data FROM search_postings WHERE locale = ? AND term IN (?)", l, bun.List(chunk))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var term string
				var id int64
				var data []byte
				if err := rows.Scan(&term, &id, &data); err != nil {
					return err
				}
				if out[id] == nil {
					out[id] = map[string][]byte{}
				}
				out[id][term] = data
			}
			return rows.Err()
		}(); err != nil {
			return nil, fmt.Errorf("search postings: %w", db.Normalize(err))
		}
	}
	return out, nil
}

// ranked is a document with how well it answers.
type ranked struct {
	score  float64
	day    int32
	number int64
}

// before is the order of results: the better, the later, the one published last.
func (a ranked) before(b ranked) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	if a.day != b.day {
		return a.day > b.day
	}
	return a.number > b.number
}

// worst is a heap whose first is the last of those kept.
type worst []ranked

func (h worst) Len() int           { return len(h) }
func (h worst) Less(i, j int) bool { return h[j].before(h[i]) }
func (h worst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worst) Push(x any)        { *h = append(*h, x.(ranked)) }
func (h *worst) Pop() any          { old := *h; x := old[len(old)-1]; *h = old[:len(old)-1]; return x }

// ranking scores all documents that have what is asked for. It takes time in proportion to the postings it reads.
type ranking struct {
	v       *view
	x       *expanded
	data    map[int64]map[string][]byte
	filters []string
	kind    string
	today   float64
	keep    int

	total int
	kinds map[string]int
	lost  []int
	best  worst
}

// How much it counts where a word stands.
const (
	countsTitle   = 4.0
	countsFirst   = 0.5 // the first word of the title
	countsSummary = 2.0
	countsBody    = 1.0
)

// standing tells how well a word at these places answers.
func standing(places []uint32) float64 {
	var n [1 << fieldBits]float64
	first := 0.0
	for _, p := range places {
		n[p&(1<<fieldBits-1)]++
		if p == 0 {
			first = countsFirst
		}
	}
	enough := func(x float64) float64 { return x / (x + 0.8) * 1.8 } // the tenth time adds little
	score := first + countsSummary*enough(n[inSummary]) + countsBody*enough(n[inBody])
	if n[inTitle] > 0 {
		score += countsTitle
	}
	return score
}

// scores gives for each document of a segment how well it answers a phrase.
func (p *phrase) scores(data map[string][]byte, size int, out []float64) {
	if len(p.units) == 1 {
		for term, weight := range p.units[0] {
			weight *= p.weight
			eachPosting(data[term], func(at int, places []uint32) {
				if at < size {
					out[at] = max(out[at], weight*standing(places))
				}
			})
		}
		return
	}
	// Where each of its words stands; then where they stand in a row.
	at := make([][][]uint32, len(p.units))
	weights := make([]float64, size)
	for i, u := range p.units {
		at[i] = make([][]uint32, size)
		here := make([]float64, size)
		for term, weight := range u {
			eachPosting(data[term], func(doc int, places []uint32) {
				if doc < size && (i == 0 || at[i-1][doc] != nil) {
					at[i][doc] = append(at[i][doc], places...)
					here[doc] = max(here[doc], weight)
				}
			})
		}
		for doc := range size {
			if i == 0 || here[doc] < weights[doc] {
				weights[doc] = here[doc]
			}
		}
	}
	for doc, firsts := range at[0] {
		if firsts == nil || at[len(at)-1][doc] == nil {
			continue
		}
		row := firsts
		for i := 1; i < len(at) && len(row) > 0; i++ {
			next := at[i][doc]
			slices.Sort(next)
			row = slices.DeleteFunc(slices.Clone(row), func(place uint32) bool { return !follows(next, place>>fieldBits+uint32(i)) })
		}
		if len(row) > 0 {
			out[doc] = max(out[doc], p.weight*weights[doc]*standing(row))
		}
	}
}

// follows reports whether one of the places is at a position.
func follows(places []uint32, position uint32) bool {
	i, _ := slices.BinarySearch(places, position<<fieldBits)
	return i < len(places) && places[i]>>fieldBits == position
}

func (r *ranking) run() {
	r.kinds = map[string]int{}
	// First how well each document answers each word, and how many have it: a word that few have counts more.
	n := len(r.x.clauses)
	scores := make([][][]float64, len(r.v.segments))
	whole := make([][]float64, len(r.v.segments))
	out := make([][]bool, len(r.v.segments)) // documents that are not asked for
	have := make([]int, n)
	for i, g := range r.v.segments {
		size, data := len(g.numbers), r.data[g.id]
		if size == 0 || data == nil {
			continue
		}
		out[i] = r.left(g, data)
		scores[i] = make([][]float64, n)
		for j, c := range r.x.clauses {
			scores[i][j] = make([]float64, size)
			for _, p := range c.phrases {
				p.scores(data, size, scores[i][j])
			}
			for at, score := range scores[i][j] {
				if score > 0 && !r.v.gone[g.numbers[at]] {
					have[j]++
				}
			}
		}
		if r.x.whole != nil {
			whole[i] = make([]float64, size)
			r.x.whole.scores(data, size, whole[i])
		}
	}
	rare := make([]float64, n)
	for j := range rare {
		rare[j] = math.Log(1 + float64(r.v.total)/float64(have[j]+1))
		if have[j] == 0 && !r.x.clauses[j].of.Light {
			r.lost = append(r.lost, j)
		}
	}
	if len(r.lost) > 0 {
		return
	}
	for i, g := range r.v.segments {
		if scores[i] == nil {
			continue
		}
	docs:
		for at, number := range g.numbers {
			if out[i][at] || r.v.gone[number] {
				continue
			}
			score := 0.0
			for j, c := range r.x.clauses {
				x := scores[i][j][at]
				switch {
				case c.of.Light:
					score += 0.1 * x
				case x == 0:
					continue docs
				default:
					score += x * rare[j]
				}
			}
			if whole[i] != nil {
				score += whole[i][at] * rare[0]
			}
			r.kinds[g.kind(at)]++
			if r.kind != "" && g.kind(at) != r.kind {
				continue
			}
			r.total++
			if age := r.today - float64(g.days[at]); age <= 0 {
				score *= 1.3
			} else {
				score *= 1 + 0.3*math.Exp2(-age/365)
			}
			r.offer(ranked{math.Round(score*1e4) / 1e4, g.days[at], number})
		}
	}
}

// left marks the documents of a segment that lack a filter or have what must not be in them.
func (r *ranking) left(g *segment, data map[string][]byte) []bool {
	size := len(g.numbers)
	out := make([]bool, size)
	for _, f := range r.filters {
		has := make([]bool, size)
		eachPosting(data[f], func(at int, _ []uint32) {
			if at < size {
				has[at] = true
			}
		})
		for at := range out {
			out[at] = out[at] || !has[at]
		}
	}
	for _, c := range r.x.without {
		has := make([]float64, size)
		for _, p := range c.phrases {
			p.scores(data, size, has)
		}
		for at := range out {
			out[at] = out[at] || has[at] > 0
		}
	}
	return out
}

func (r *ranking) offer(x ranked) {
	switch {
	case len(r.best) < r.keep:
		heap.Push(&r.best, x)
	case r.keep > 0 && x.before(r.best[0]):
		r.best[0] = x
		heap.Fix(&r.best, 0)
	}
}

func (r *ranking) sorted() []ranked {
	out := slices.Clone(r.best)
	slices.SortFunc(out, func(a, b ranked) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return out
}

// facets reads what documents can be narrowed by.
func (s *Store) facets(ctx context.Context, best []ranked, many bool) (map[string][]Count, error) {
	numbers := make([]int64, len(best))
	for i, b := range best {
		numbers[i] = b.number
	}
	var all []string
	if err := s.DB.Read().NewRaw("SELECT facets FROM search_docs WHERE number IN (?)", in(numbers)).Scan(ctx, &all); err != nil {
		return nil, fmt.Errorf("search facets: %w", db.Normalize(err))
	}
	counts := map[[2]string]int{}
	for _, f := range all {
		for line := range strings.SplitSeq(f, "\n") {
			name, value, _ := strings.Cut(line, "=")
			counts[[2]string{name, value}]++
		}
	}
	out := map[string][]Count{}
	for f, n := range counts {
		if many {
			n = 0
		}
		out[f[0]] = append(out[f[0]], Count{f[1], n})
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b Count) int { return cmp.Or(b.N-a.N, strings.Compare(a.Value, b.Value)) })
	}
	return out, nil
}

// Corrected gives what was asked for with the words put right that nothing was found of, "" if nothing like them is there.
func (s *Store) Corrected(ctx context.Context, a *Answer) (string, error) {
	if len(a.lost) == 0 {
		return "", nil
	}
	v, err := s.view(ctx, a.Query.Locale)
	if err != nil || v.total <= 0 {
		return "", err
	}
	words := make([]string, len(a.Query.Clauses))
	for i, c := range a.Query.Clauses {
		words[i] = c.Words
		if c.Exact {
			words[i] = `"` + c.Words + `"`
		}
		if !slices.Contains(a.lost, i) {
			continue
		}
		units := c.Alternatives[0].Units
		var right []string
		changed := false
		for _, u := range units {
			better := ""
			if !u.Pair {
				if better, err = s.near(ctx, v, a.Query.Locale, u.Term); err != nil {
					return "", err
				}
			}
			if changed = changed || better != ""; better == "" {
				better = u.Term
			}
			right = append(right, better)
		}
		if !changed {
			return "", nil
		}
		words[i] = strings.Join(right, " ")
	}
	return strings.Join(words, " "), nil
}
