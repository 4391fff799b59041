package content

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
	"plenary/internal/writing"
)

// Texts are the words that an entry's value has in a language as the house's checks read them, in the order of the fields.
// What only the staff sees is not among them.
func Texts(k *Kind, value any, l i18n.Locale) []writing.Text {
	var out []writing.Text
	led := map[string]bool{}
	k.Texts(value, l, func(path string, f *Field, words string) {
		if f.Staff || f.Name == "keywords" {
			return
		}
		parent := path[:len(path)-len(f.Name)]
		if f.Name == "lead_in" {
			led[parent] = true
		}
		t := writing.Text{Path: path, Words: words, Prose: f.Type == TypeProse, LedIn: led[parent]}
		if t.Prose {
			t.Words = Clean(words)
		} else {
			t.Title = slices.Contains(titles, f.Name)
			t.Label = !t.Title && f.Widget != "area"
		}
		out = append(out, t)
	})
	return out
}

// titles are the names of the fields whose lines stand above something.
var titles = []string{"title", "short_title", "subtitle", "heading"}

// Days are the days an entry is about, first and last, and all others that its facts name: both without time. What it was
// moved from is none of them.
func (k *Kind) Days(facts Leaves) (from, to time.Time, others []time.Time) {
	add := func(t LocalTime) {
		if len(t) >= len(time.DateOnly) {
			if day, err := time.Parse(time.DateOnly, string(t[:len(time.DateOnly)])); err == nil {
				others = append(others, day)
			}
		}
	}
	for path, raw := range facts {
		f := k.Field(path)
		if f == nil || f.Name == "previous" || !k.listed(facts, path) {
			continue
		}
		switch f.Type {
		case TypeDate:
			var d Date
			if json.Unmarshal(raw, &d) == nil {
				add(LocalTime(d))
			}
		case TypeTime:
			var t LocalTime
			if json.Unmarshal(raw, &t) == nil {
				add(t)
			}
		case TypeMoment:
			var m Moment
			if json.Unmarshal(raw, &m) == nil {
				add(m.At)
			}
		case TypeSlot:
			var s Slot
			if json.Unmarshal(raw, &s) == nil {
				add(s.Start)
				add(s.End)
			}
		case TypeWhen:
			var w When
			if json.Unmarshal(raw, &w) != nil {
				continue
			}
			if f.As == "when" && w.Known() && w.Precision != PrecisionMonth {
				add(w.Start)
				if n := len(others); n > 0 {
					from, to = others[n-1], others[n-1]
				}
				if w.End != "" {
					add(w.End)
					to = others[len(others)-1]
				}
				continue
			}
			add(w.Start)
			add(w.End)
		}
	}
	slices.SortFunc(others, time.Time.Compare)
	return from, to, others
}

// Public is what the public would see of an entry if it were published at some revisions: of parts that are not named, what
// the working entry has.
func (s *Store) Public(ctx context.Context, q bun.IDB, e *Entry, at map[Part]int) (Parts, error) {
	out := Parts{}
	for p, leaves := range e.Parts {
		out[p] = e.Kind.publicLeaves(leaves)
	}
	for p, n := range at {
		leaves, err := s.public(ctx, q, e, p, n)
		if err != nil {
			return nil, err
		}
		out[p] = leaves
	}
	return out, nil
}
