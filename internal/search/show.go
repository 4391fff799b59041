package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"plenary/internal/analysis"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// show reads what results say. What was withdrawn just now is not there.
func (s *Store) show(ctx context.Context, l i18n.Locale, x *expanded, best []ranked) ([]Hit, error) {
	if len(best) == 0 {
		return nil, nil
	}
	numbers := make([]int64, len(best))
	for i, b := range best {
		numbers[i] = b.number
	}
	var docs []docRow
	if err := s.DB.Read().NewSelect().Model(&docs).Where("number IN (?)", in(numbers)).Scan(ctx, &docs); err != nil {
		return nil, fmt.Errorf("search documents: %w", db.Normalize(err))
	}
	byNumber := map[int64]*docRow{}
	for i := range docs {
		byNumber[docs[i].Number] = &docs[i]
	}
	var out []Hit
	for _, b := range best {
		d := byNumber[b.number]
		if d == nil {
			continue
		}
		h := Hit{EntryID: d.EntryID, Kind: d.Kind, number: b.number}
		h.Title = pieces(d.Title, marks(l, d.Title, x), 0, len(d.Title))
		h.Excerpt = x.excerpt(l, d)
		out = append(out, h)
	}
	return out, nil
}

// span is a part of a text that was asked for, and by which word.
type span struct{ start, end, clause int }

// marks finds in a text what was asked for, in order and without overlaps.
func marks(l i18n.Locale, text string, x *expanded) []span {
	tokens, _ := analysis.Tokens(l, text, 0)
	var out []span
	for i := 0; i < len(tokens); i++ {
		best, which := 0, 0
		for c := range x.clauses {
			if x.clauses[c].of.Light {
				continue
			}
			for _, p := range x.clauses[c].phrases {
				if n := p.at(tokens, i); n > best {
					best, which = n, c
				}
			}
		}
		if best == 0 {
			continue
		}
		sp := span{tokens[i].Start, tokens[i+best-1].End, which}
		if n := len(out); n > 0 && sp.start < out[n-1].end { // pairs of signs overlap
			out[n-1].end = max(out[n-1].end, sp.end)
		} else {
			out = append(out, sp)
		}
		if !tokens[i].Pair {
			i += best - 1
		}
	}
	return out
}

// at gives how many tokens from i on are the phrase; 0 if they are not.
func (p *phrase) at(tokens []analysis.Token, i int) int {
	for n, u := range p.units {
		if i+n >= len(tokens) || tokens[i+n].Pos != tokens[i].Pos+n || u[tokens[i+n].Term] == 0 {
			return 0
		}
	}
	return len(p.units)
}

// Lengths of an excerpt, in runes; signs say more than letters.
const (
	excerptLetters = 220
	excerptSigns   = 110
	paragraphsRead = 400
)

// excerpt is the paragraph that says most of what was asked for, the first of them; without one, the summary.
func (x *expanded) excerpt(l i18n.Locale, d *docRow) []Piece {
	words := 0
	for _, c := range x.clauses {
		if !c.of.Light {
			words++
		}
	}
	var text string
	var found []span
	most := 0
	look := func(of string) {
		read := 0
		for line := range strings.SplitSeq(of, "\n") {
			if read++; most >= words || read > paragraphsRead {
				return
			}
			at := marks(l, line, x)
			if n := distinct(at); n > most {
				most, text, found = n, line, at
			}
		}
	}
	look(d.Summary)
	look(d.Body)
	if most == 0 && len(marks(l, d.Title, x)) == 0 {
		look(d.Names)
	}
	if most == 0 {
		text, _, _ = strings.Cut(d.Summary, "\n")
		if text == "" {
			text, _, _ = strings.Cut(d.Body, "\n")
		}
	}
	long := excerptLetters
	if l == i18n.ZH || l == i18n.KO {
		long = excerptSigns
	}
	start, end := window(text, found, long)
	out := pieces(text, found, start, end)
	if start > 0 {
		out = append([]Piece{{Text: "… "}}, out...)
	}
	if end < len(text) {
		out = append(out, Piece{Text: " …"})
	}
	return out
}

func distinct(at []span) int {
	seen := map[int]bool{}
	for _, s := range at {
		seen[s.clause] = true
	}
	return len(seen)
}

// window is the part of a text of about so many runes with the first of what was found in it, from a word on and to the end of one.
func window(text string, found []span, long int) (start, end int) {
	if utf8.RuneCountInString(text) <= long {
		return 0, len(text)
	}
	if len(found) > 0 {
		start = back(text, found[0].start, long/3)
	}
	end = start
	for n := 0; n < long && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end < len(text) { // not within a word
		if i := strings.LastIndexByte(text[start:end], ' '); i > (end-start)/2 {
			end = start + i
		}
	}
	if len(found) > 0 {
		end = max(end, found[0].end)
	}
	return start, end
}

// back goes back by runes, and on to the beginning of a word.
func back(text string, from, by int) int {
	at := from
	for n := 0; n < by && at > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	if at == 0 {
		return 0
	}
	if i := strings.IndexByte(text[at:from], ' '); i >= 0 {
		return at + i + 1
	}
	return at
}

// pieces cuts a text into what is marked and what is not.
func pieces(text string, found []span, start, end int) []Piece {
	var out []Piece
	at := start
	for _, f := range found {
		if f.start < at || f.end > end {
			continue
		}
		if f.start > at {
			out = append(out, Piece{Text: text[at:f.start]})
		}
		out = append(out, Piece{Text: text[f.start:f.end], Mark: true})
		at = f.end
	}
	if at < end {
		out = append(out, Piece{Text: text[at:end]})
	}
	return out
}
