package content

import (
	"sync"

	"plenary/internal/i18n"
)

// Shared keeps what many pages show (a speaker, an organisation, a picture's sizes) for as long as the generation it was
// read in lasts, so that pages made anew do not read and decode it each time. Whoever gets a value must not change it.
type Shared[V any] struct {
	mu         sync.Mutex
	generation int64
	kept       map[string]*V // nil: read, and not there
}

// sharedMost bounds how many values are kept; beyond it all go, which costs a few queries.
const sharedMost = 1000

// Get gives the values of keys, those that are there. read is asked for what is not kept; what it gives is kept only if
// the generation is still the one it was read in.
func (s *Shared[V]) Get(generation func() int64, keys []string, read func(missing []string) (map[string]*V, error)) (map[string]*V, error) {
	out := make(map[string]*V, len(keys))
	var missing []string
	at := generation()
	s.mu.Lock()
	if s.generation != at || s.kept == nil || len(s.kept) > sharedMost {
		s.generation, s.kept = at, map[string]*V{}
	}
	for _, k := range keys {
		v, ok := s.kept[k]
		switch {
		case !ok:
			missing = append(missing, k)
		case v != nil:
			out[k] = v
		}
	}
	s.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	found, err := read(missing)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	keep := s.generation == at && generation() == at
	for _, k := range missing {
		v := found[k]
		if v != nil {
			out[k] = v
		}
		if keep {
			s.kept[k] = v
		}
	}
	return out, nil
}

// perLocale is a Shared for each language.
type perLocale[V any] struct {
	mu   sync.Mutex
	kept map[i18n.Locale]*Shared[V]
}

func (p *perLocale[V]) in(l i18n.Locale) *Shared[V] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[i18n.Locale]*Shared[V]{}
	}
	if p.kept[l] == nil {
		p.kept[l] = &Shared[V]{}
	}
	return p.kept[l]
}
