package search

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/analysis"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// How much a word counts that is not the one that was typed.
const (
	weightClitic = 0.85
	weightForm   = 0.7
	weightPrefix = 0.5
)

// mostForms and mostBegun bound the other words that one stands for.
const (
	mostForms = 80
	mostBegun = 50
)

// in is a list for IN (?).
func in[T any](list []T) any { return bun.List(list) }

// unit is a word of a phrase, with all that it stands for.
type unit map[string]float64

// phrase and clause are those of the query with their units.
type phrase struct {
	units  []unit
	weight float64
}

type clause struct {
	of      analysis.Clause
	phrases []phrase
}

// expanded is a query with all words of the index that it asks for.
type expanded struct {
	clauses, without []clause
	whole            *phrase // all words in a row: optional, and better
}

// expand finds the words that a query asks for: one look at the dictionary for all, and one for what is being typed.
func (s *Store) expand(ctx context.Context, v *view, q analysis.Query, plain bool) (*expanded, error) {
	l := q.Locale
	// Stems to look up.
	stems := map[string][]string{}
	visit := func(f func(c *analysis.Clause, u analysis.Unit)) {
		for _, list := range [][]analysis.Clause{q.Clauses, q.Without} {
			for i := range list {
				for _, p := range list[i].Alternatives {
					for _, u := range p.Units {
						f(&list[i], u)
					}
				}
			}
		}
	}
	visit(func(c *analysis.Clause, u analysis.Unit) {
		if !plain && !c.Exact && !u.Pair {
			stems[analysis.Stem(l, u.Term)] = nil
		}
	})
	if err := s.forms(ctx, v, l, stems); err != nil {
		return nil, err
	}
	made := func(list []analysis.Clause) ([]clause, error) {
		var out []clause
		for _, c := range list {
			x := clause{of: c}
			for _, p := range c.Alternatives {
				ph := phrase{weight: p.Weight}
				for i, u := range p.Units {
					begun := c.Last && !plain && i == len(p.Units)-1 && !c.Exact && !u.Pair && utf8.RuneCountInString(u.Term) >= 3 || u.Start
					w, err := s.unit(ctx, v, l, u, stems, c.Exact || plain, begun)
					if err != nil {
						return nil, err
					}
					ph.units = append(ph.units, w)
				}
				x.phrases = append(x.phrases, ph)
			}
			out = append(out, x)
		}
		return out, nil
	}
	out := &expanded{}
	var err error
	if out.clauses, err = made(q.Clauses); err != nil {
		return nil, err
	}
	if out.without, err = made(q.Without); err != nil {
		return nil, err
	}
	if len(out.clauses) > 1 {
		all := phrase{weight: 1}
		for _, c := range out.clauses {
			all.units = append(all.units, c.phrases[0].units...)
		}
		out.whole = &all
	}
	return out, nil
}

// forms finds the words that have the stems.
func (s *Store) forms(ctx context.Context, v *view, l i18n.Locale, stems map[string][]string) error {
	if len(stems) == 0 {
		return nil
	}
	fresh := v.segments[len(v.segments)-1]
	var list []string
	for stem := range stems {
		list = append(list, stem)
		stems[stem] = slices.Clone(fresh.stems[stem])
	}
	if len(v.segments) > 1 {
		slices.Sort(list)
		var rows []wordRow
		if err := s.DB.Read().NewRaw("SELECT term, stem FROM search_words WHERE locale = ? AND stem IN (?) ORDER BY stem, term LIMIT ?", l, in(list), mostForms*len(list)).Scan(ctx, &rows); err != nil {
			return fmt.Errorf("search words: %w", db.Normalize(err))
		}
		for _, r := range rows {
			stems[r.Stem] = append(stems[r.Stem], r.Term)
		}
	}
	for stem, words := range stems {
		slices.Sort(words)
		stems[stem] = slices.Compact(words)
	}
	return nil
}

func (s *Store) unit(ctx context.Context, v *view, l i18n.Locale, u analysis.Unit, stems map[string][]string, exact, begun bool) (unit, error) {
	out := unit{}
	add := func(term string, weight float64) {
		if out[term] < weight {
			out[term] = weight
		}
	}
	if begun {
		words, err := s.begins(ctx, v, l, u.Term)
		if err != nil {
			return nil, err
		}
		weight := weightPrefix
		if u.Start {
			weight = 1
		}
		for _, w := range words {
			add(w, weight)
		}
	}
	if !exact && !u.Pair {
		words := stems[analysis.Stem(l, u.Term)]
		for _, w := range words[:min(len(words), mostForms)] {
			add(w, weightForm)
		}
		for _, w := range analysis.ArabicForms(u.Term) {
			add(w, weightClitic)
		}
	}
	add(u.Term, 1)
	return out, nil
}

// begins finds the words that begin as one does: those most used.
func (s *Store) begins(ctx context.Context, v *view, l i18n.Locale, start string) ([]string, error) {
	fresh := v.segments[len(v.segments)-1]
	found := map[string]int{}
	for term, data := range fresh.data {
		if strings.HasPrefix(term, start) {
			eachPosting(data, func(int, []uint32) { found[term]++ })
		}
	}
	if len(v.segments) > 1 {
		var rows []wordRow
		if err := s.DB.Read().NewRaw("SELECT term, n FROM search_words WHERE locale = ? AND term >= ? AND term < ? ORDER BY n DESC, term LIMIT ?",
			l, start, start+"\U0010ffff", mostBegun).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("search words: %w", db.Normalize(err))
		}
		for _, r := range rows {
			found[r.Term] += r.N
		}
	}
	var out []string
	for term := range found {
		out = append(out, term)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(found[b]-found[a], strings.Compare(a, b)) })
	return out[:min(len(out), mostBegun)], nil
}

// near finds the word of the index that is most like one, as slips of typing go; "" if none is.
func (s *Store) near(ctx context.Context, v *view, l i18n.Locale, word string) (string, error) {
	if !speltWord(word) {
		return "", nil
	}
	most := analysis.Slips(word)
	best, least, often := "", most+1, 0
	size, signs := utf8.RuneCountInString(word), lettersOf(word)
	look := func(term string, n int) {
		if d := analysis.Distance(word, term, min(most, least)); d > 0 && (d < least || d == least && d <= most && (n > often || n == often && term < best)) {
			best, least, often = term, d, n
		}
	}
	fresh := v.segments[len(v.segments)-1]
	for term, data := range fresh.data {
		if d := utf8.RuneCountInString(term) - size; d > most || -d > most || strings.HasPrefix(term, facetTerm) || bits.OnesCount64(signs^lettersOf(term)) > 2*most {
			continue
		}
		n := 0
		eachPosting(data, func(int, []uint32) { n++ })
		look(term, n)
	}
	if len(v.segments) > 1 {
		d, err := s.dictionary(ctx, v, l)
		if err != nil {
			return "", err
		}
		from := uint32(0)
		for i, end := range d.ends {
			if bits.OnesCount64(signs^d.signs[i]) <= 2*most && int(end-from) <= len(word)+4*most {
				look(d.all[from:end], int(d.n[i]))
			}
			from = end
		}
	}
	if least > most {
		return "", nil
	}
	return best, nil
}

// dictionary gives the words of the segments. It is read when somebody has mistyped something, and again when there are more segments.
func (s *Store) dictionary(ctx context.Context, v *view, l i18n.Locale) (*dictionary, error) {
	upTo := v.segments[len(v.segments)-2].id
	sh := s.shelf(l)
	sh.mu.Lock()
	d := sh.words
	sh.mu.Unlock()
	if d != nil && d.upTo == upTo {
		return d, nil
	}
	d = &dictionary{upTo: upTo}
	var b strings.Builder
	for after, more := "", true; more; {
		var rows []wordRow
		if err := s.DB.Read().NewRaw("SELECT term, n FROM search_words WHERE locale = ? AND term > ? ORDER BY term LIMIT 5000", l, after).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("search words: %w", db.Normalize(err))
		}
		for _, r := range rows {
			if after = r.Term; speltWord(r.Term) {
				b.WriteString(r.Term)
				d.ends, d.signs, d.n = append(d.ends, uint32(b.Len())), append(d.signs, lettersOf(r.Term)), append(d.n, uint32(r.N))
			}
		}
		more = len(rows) == 5000
	}
	d.all = b.String()
	sh.mu.Lock()
	sh.words = d
	sh.mu.Unlock()
	return d, nil
}
