package search

import (
	"context"

	"plenary/internal/i18n"
)

// Results are what the page of results shows.
type Results struct {
	*Answer
	// Corrected is what was perhaps meant; empty where everything that was typed is there.
	Corrected string
	// Forgiven says that Answer is of Corrected: of what was typed nothing is there, in any language.
	Forgiven bool
	// Others are the languages in which it is found otherwise, in the site's order.
	Others []Elsewhere
}

// Elsewhere is what is found in another language.
type Elsewhere struct {
	Locale i18n.Locale
	*Answer
}

// Shown is how many results of another language are shown beside one's own.
const Shown = 3

// Everywhere looks in the language of the ask, and for the same words in others. Slips of typing are forgiven where nothing is found
// otherwise: a word that is found in another language is none.
func (s *Store) Everywhere(ctx context.Context, a Ask, others []i18n.Locale) (*Results, error) {
	own, err := s.Find(ctx, a)
	if err != nil {
		return nil, err
	}
	out := &Results{Answer: own}
	if own.Query.Empty() {
		return out, nil
	}
	for _, l := range others {
		if l == a.Locale {
			continue
		}
		there, err := s.Find(ctx, Ask{Locale: l, Words: a.Words, Kind: a.Kind, Facets: a.Facets, Plain: sharesLetters(l), Limit: Shown})
		if err != nil {
			return nil, err
		}
		if there.Total > 0 {
			out.Others = append(out.Others, Elsewhere{l, there})
		}
	}
	if own.Total > 0 {
		return out, nil
	}
	if out.Corrected, err = s.Corrected(ctx, own); err != nil || out.Corrected == "" {
		return out, err
	}
	right, err := s.Find(ctx, Ask{Locale: a.Locale, Words: out.Corrected, Kind: a.Kind, Facets: a.Facets, Offset: a.Offset, Limit: a.Limit})
	switch {
	case err != nil:
		return nil, err
	case right.Total == 0:
		out.Corrected = ""
	case len(out.Others) == 0:
		out.Answer, out.Forgiven = right, true
	}
	return out, nil
}

// sharesLetters reports whether other languages of the site are written in the letters of l: then letters do not tell in which language
// somebody asks.
func sharesLetters(l i18n.Locale) bool {
	switch l {
	case i18n.AR, i18n.ZH, i18n.RU, i18n.KO:
		return false
	}
	return true
}
