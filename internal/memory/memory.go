// Package memory is what an office and its translators have beside the entries: files that go out to be translated and come
// back, the memory of what was translated before, and the terms that are agreed.
package memory

import (
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
)

// Store keeps memory and terms, and packs entries for translators.
type Store struct {
	DB      *db.DB
	Content *content.Store

	jobs  *job.Queue
	terms glossaryCache
}

// Problem is why something is not taken: a message with arguments, and the field it is about.
type Problem struct {
	Field string
	Key   string
	Args  []any
}

// Invalid lists what was wrong with what somebody sent. Nothing was stored.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	if len(e.Problems) == 0 {
		return "invalid"
	}
	return e.Problems[0].Field + ": " + e.Problems[0].Key
}

// Targets are the languages that an entry can be translated into: those of the site but its own.
func (s *Store) Targets(e *content.Entry) []i18n.Locale {
	var out []i18n.Locale
	for _, l := range s.Content.Locales {
		if l != e.Original {
			out = append(out, l)
		}
	}
	return out
}
