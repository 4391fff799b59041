package search

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"

	"plenary/internal/analysis"
	"plenary/internal/i18n"
)

// A term's postings in a segment are bytes: for each document that has it, how far its place among the segment's documents is from
// that of the one before (beginning at -1), how many places follow, and those, each as how far it is from the one before. A place
// is the position of a token times four plus its field. All are unsigned varints.

// The fields of a document, by how much they count.
const (
	inTitle   = iota
	inSummary // and names
	inBody
	fieldBits = 2
)

// betweenFields is how far apart fields are: nobody finds a phrase that goes across.
const betweenFields = 16

// mostPlaces is how many places of one word in one document are kept.
const mostPlaces = 200

// terms analyses a document: its words with their places, and its facets without.
func (d *docRow) terms() map[string][]uint32 {
	out := map[string][]uint32{}
	pos := 0
	for _, f := range []struct {
		words string
		field uint32
	}{{d.Title, inTitle}, {d.Names, inSummary}, {d.Summary, inSummary}, {d.Body, inBody}} {
		for line := range strings.SplitSeq(f.words, "\n") {
			if line == "" {
				continue
			}
			var tokens []analysis.Token
			tokens, pos = analysis.Tokens(d.Locale, line, pos)
			for _, t := range tokens {
				if at := out[t.Term]; len(at) < mostPlaces {
					out[t.Term] = append(at, uint32(t.Pos)<<fieldBits|f.field)
				}
			}
			pos += betweenFields
		}
	}
	for f := range strings.SplitSeq(d.Facets, "\n") {
		out[facetTerm+f] = nil
	}
	return out
}

// facetTerm begins the terms that are facets: no word does.
const facetTerm = "="

func appendPosting(to []byte, gap int, places []uint32) []byte {
	to = binary.AppendUvarint(to, uint64(gap))
	to = binary.AppendUvarint(to, uint64(len(places)))
	last := uint32(0)
	for _, p := range places {
		to = binary.AppendUvarint(to, uint64(p-last))
		last = p
	}
	return to
}

// eachPosting calls f for each document of postings; places is used again.
func eachPosting(data []byte, f func(at int, places []uint32)) {
	at := -1
	var places []uint32
	for len(data) > 0 {
		gap, n := binary.Uvarint(data)
		if n <= 0 {
			return
		}
		count, m := binary.Uvarint(data[n:])
		if m <= 0 || count > mostPlaces {
			return
		}
		data = data[n+m:]
		at += int(gap)
		places = places[:0]
		last := uint32(0)
		for range count {
			d, n := binary.Uvarint(data)
			if n <= 0 {
				return
			}
			data = data[n:]
			last += uint32(d)
			places = append(places, last)
		}
		f(at, places)
	}
}

// segment is some documents of a language as they are searched.
type segment struct {
	id      int64
	numbers []int64 // ascending
	kinds   []uint8 // index into kindNames
	days    []int32
	names   []string

	// of the one in memory alone
	data  map[string][]byte
	last  map[string]int
	stems map[string][]string
}

func (g *segment) kind(at int) string { return g.names[g.kinds[at]] }

func (g *segment) add(number int64, kind string, day int32) {
	k := slices.Index(g.names, kind)
	if k < 0 {
		k = len(g.names)
		g.names = append(g.names, kind)
	}
	g.numbers, g.kinds, g.days = append(g.numbers, number), append(g.kinds, uint8(k)), append(g.days, day)
}

// invert adds the postings of a document that was just added.
func (g *segment) invert(l i18n.Locale, terms map[string][]uint32) {
	if g.data == nil {
		g.data, g.last, g.stems = map[string][]byte{}, map[string]int{}, map[string][]string{}
	}
	at := len(g.numbers) - 1
	for _, term := range slices.Sorted(maps.Keys(terms)) {
		before, known := g.last[term]
		if !known {
			before = -1
			if !strings.HasPrefix(term, facetTerm) {
				stem := analysis.Stem(l, term)
				g.stems[stem] = append(g.stems[stem], term)
			}
		}
		g.data[term] = appendPosting(g.data[term], at-before, terms[term])
		g.last[term] = at
	}
}

// pack writes the documents of a segment as bytes: the names of kinds, then number, kind and day of each.
func (g *segment) pack() []byte {
	out := binary.AppendUvarint(nil, uint64(len(g.names)))
	for _, n := range g.names {
		out = append(append(out, byte(len(n))), n...)
	}
	last := int64(0)
	for i, n := range g.numbers {
		out = binary.AppendUvarint(out, uint64(n-last))
		out = append(out, g.kinds[i])
		out = binary.AppendVarint(out, int64(g.days[i]))
		last = n
	}
	return out
}

var errPacked = errors.New("documents of a search segment cannot be read")

func unpack(id int64, data []byte) (*segment, error) {
	g := &segment{id: id}
	count, n := binary.Uvarint(data)
	if n <= 0 || count > 255 {
		return nil, errPacked
	}
	data = data[n:]
	for range count {
		if len(data) == 0 || len(data) < 1+int(data[0]) {
			return nil, errPacked
		}
		g.names = append(g.names, string(data[1:1+data[0]]))
		data = data[1+data[0]:]
	}
	last := int64(0)
	for len(data) > 0 {
		gap, n := binary.Uvarint(data)
		if n <= 0 || len(data) < n+2 || int(data[n]) >= len(g.names) {
			return nil, errPacked
		}
		day, m := binary.Varint(data[n+1:])
		if m <= 0 {
			return nil, errPacked
		}
		last += int64(gap)
		g.numbers, g.kinds, g.days = append(g.numbers, last), append(g.kinds, data[n]), append(g.days, int32(day))
		data = data[n+1+m:]
	}
	return g, nil
}
