package content

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Entry is one entry as someone works on it: the working parts joined, in all languages.
type Entry struct {
	ID        string
	Kind      *Kind
	Office    string // id of the organisation that owns it
	Original  i18n.Locale
	Slug      string
	Title     string // working title in the original language
	Created   time.Time
	Author    string // account that created it
	Updated   time.Time
	UpdatedBy string
	Deleted   *time.Time
	// Versions are the numbers of the working parts, Live those of the published ones.
	Versions, Live map[Part]int
	Parts          Parts
	Value          any // pointer to the kind's struct, of the working parts
	Languages      map[i18n.Locale]LanguageState
	Path           string // of the published entry, without the locale; "" if it is not published

	row  row
	made bool // by this very change: nothing of it is stored yet
}

// LanguageState is how far one language of an entry is.
type LanguageState struct {
	State   State
	Title   string
	Missing int // texts that the source has and this language lacks
	Stale   int // texts made from a source that has changed since
	Updated time.Time
}

// State of one language of an entry.
type State string

// The states. A language without any words has no state.
const (
	StateDraft     State = "draft"
	StatePublished State = "published"
	StateChanged   State = "changed"     // published, with changes that are not public
	StateOutOfDate State = "out_of_date" // the source has moved on
)

type row struct {
	bun.BaseModel `bun:"table:entries,alias:e"`
	ID            string `bun:",pk"`
	Kind          string
	OfficeID      string
	SeriesID      string
	EventID       string
	Partners      string // ids of organisations, each between blanks
	Original      i18n.Locale
	Slug          string
	Shape         int
	Title         string
	Find          string
	SortAt        *time.Time
	Live          bool
	CreatedAt     time.Time
	CreatedBy     string
	UpdatedAt     time.Time
	UpdatedBy     string
	DeletedAt     *time.Time
}

func (r *row) object() auth.Object {
	return auth.Object{Kind: r.Kind, ID: r.ID, Office: r.OfficeID, Series: r.SeriesID, Event: r.EventID, Partners: r.Partners, Author: r.CreatedBy}
}

type languageRow struct {
	bun.BaseModel `bun:"table:entry_languages,alias:el"`
	EntryID       string      `bun:",pk"`
	Locale        i18n.Locale `bun:",pk"`
	State         State
	Title         string
	Missing       int
	Stale         int
	UpdatedAt     time.Time
}

type partRow struct {
	bun.BaseModel `bun:"table:parts,alias:p"`
	EntryID       string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Version       int
	Doc           string
}

type revisionRow struct {
	bun.BaseModel `bun:"table:revisions,alias:r"`
	EntryID       string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Number        int    `bun:",pk"`
	At            time.Time
	Author        string
	Note          string
	Hash          string
	Doc           string
	Autosaves     int
	Began         *time.Time
	Step          bool
	Tab           string
	Seq           int
}

type liveRow struct {
	bun.BaseModel `bun:"table:live,alias:l"`
	EntryID       string `bun:",pk"`
	Part          Part   `bun:",pk"`
	Revision      int
	Doc           string
	PublishedAt   time.Time
	PublishedBy   string
}

// Store keeps entries.
type Store struct {
	DB    *db.DB
	Kinds []*Kind
	// Choices tells which values an enum field may have.
	Choices Choices
	// Locales are the site's languages, in its order.
	Locales []i18n.Locale
	// Files tells which of the ids are files that the actor may see, with the kind of each, and keeps them from being
	// deleted until tx ends. Package media has it.
	Files func(ctx context.Context, tx bun.Tx, who *auth.Actor, ids []string) (map[string]string, error)
	// BaseURL is where the site is, without a slash at the end: links to its pages are known by it.
	BaseURL string
	// Gates are asked before anything is published.
	Gates []Gate
	// OnChange is called in the transaction of every change to what the public sees.
	OnChange []func(ctx context.Context, tx bun.Tx, id string) error
	// Following are rows of others that follow from what is public.
	Following []Following
	// Now is the clock, UTC; nil: the system's.
	Now func() time.Time

	site generation
	// What pages of a language have in common.
	near   perLocale[Neighbour]
	listed perLocale[Publication]
	lists  perLocale[[]string]
	// Who refers to an entry, in all languages.
	referring Shared[[]string]
	// The values of pages last asked for.
	values pageValues
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC().Truncate(time.Microsecond)
	}
	return db.Now()
}

// Kind gives a kind by its name, or nil.
func (s *Store) Kind(name string) *Kind {
	for _, k := range s.Kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// KindByPath gives a kind by its segment in addresses, or nil.
func (s *Store) KindByPath(path string) *Kind {
	for _, k := range s.Kinds {
		if k.Path == path {
			return k
		}
	}
	return nil
}

// Get gives the working entry. Who may not read it gets db.ErrNotFound, as if it were not there.
func (s *Store) Get(ctx context.Context, who *auth.Actor, id string) (*Entry, error) {
	e, err := s.load(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	if !who.Can(auth.Read, e.row.object()) {
		return nil, db.ErrNotFound
	}
	return e, nil
}

// Object is what rights on the entry are asked about.
func (e *Entry) Object() auth.Object { return e.row.object() }

// TextObject is what rights on one language of the entry are asked about.
func (e *Entry) TextObject(l i18n.Locale) auth.Object {
	o := e.row.object()
	o.Locale, o.Original = l, l == e.Original
	return o
}

func (s *Store) load(ctx context.Context, q bun.IDB, id string) (*Entry, error) {
	e, err := s.loadParts(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if e.Value, err = e.Kind.Join(e.Parts); err != nil {
		return nil, fmt.Errorf("entry %s: %w", id, err)
	}
	return e, nil
}

// loadParts is load without Value, for who will change the parts first.
func (s *Store) loadParts(ctx context.Context, q bun.IDB, id string) (*Entry, error) {
	var r row
	if err := q.NewSelect().Model(&r).Where("e.id = ?", id).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	k := s.Kind(r.Kind)
	if k == nil {
		return nil, fmt.Errorf("entry %s: kind %q is not known", id, r.Kind)
	}
	e := &Entry{ID: r.ID, Kind: k, Office: r.OfficeID, Original: r.Original, Slug: r.Slug, Title: r.Title, Created: r.CreatedAt, Author: r.CreatedBy,
		Updated: r.UpdatedAt, UpdatedBy: r.UpdatedBy, Deleted: r.DeletedAt, Versions: map[Part]int{}, Live: map[Part]int{}, Parts: Parts{Facts: {}},
		Languages: map[i18n.Locale]LanguageState{}, row: r}
	var parts []partRow
	if err := q.NewSelect().Model(&parts).Where("p.entry_id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("parts of %s: %w", id, err)
	}
	for _, p := range parts {
		leaves, err := readLeaves(p.Doc)
		if err != nil {
			return nil, fmt.Errorf("part %q of %s: %w", p.Part, id, err)
		}
		e.Parts[p.Part], e.Versions[p.Part] = leaves, p.Version
	}
	var live []liveRow
	if err := q.NewSelect().Model(&live).Column("part", "revision").Where("l.entry_id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("published parts of %s: %w", id, err)
	}
	for _, l := range live {
		e.Live[l.Part] = l.Revision
	}
	var langs []languageRow
	if err := q.NewSelect().Model(&langs).Where("el.entry_id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("languages of %s: %w", id, err)
	}
	for _, l := range langs {
		e.Languages[l.Locale] = LanguageState{l.State, l.Title, l.Missing, l.Stale, l.UpdatedAt}
	}
	if r.Live {
		if err := q.NewRaw("SELECT path FROM paths WHERE entry_id = ? AND current", id).Scan(ctx, &e.Path); err != nil {
			return nil, fmt.Errorf("address of %s: %w", id, db.Normalize(err))
		}
	}
	return e, nil
}

func readLeaves(doc string) (Leaves, error) {
	b := []byte(doc)
	if l := scanLeaves(doc, b); l != nil {
		return l, nil
	}
	l := Leaves{}
	err := json.Unmarshal(b, &l)
	return l, err
}

// scanLeaves takes apart what writeLeaves wrote: {"path":value,…} without blanks, the paths without escapes. Of anything
// else it makes nothing, and the slower decoder judges it. Values keep their bytes; what reads a leaf decodes it.
// b is doc's bytes: values are cut from those and paths from the string, so that no leaf is copied by itself.
func scanLeaves(doc string, b []byte) Leaves {
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return nil
	}
	l := make(Leaves, bytes.Count(b, []byte(`":`))+1)
	for b = b[1:]; len(b) > 0 && b[0] == '"'; b = b[1:] {
		end := bytes.IndexByte(b[1:], '"') + 1
		if end < 1 || end+1 >= len(b) || b[end+1] != ':' || bytes.IndexByte(b[:end], '\\') >= 0 {
			return nil
		}
		at := len(doc) - len(b)
		path, value := doc[at+1:at+end], b[end+2:]
		n := valueEnd(value)
		if n <= 0 || n >= len(value) || value[0] <= ' ' || value[n-1] <= ' ' { // blanks round a value are not part of it
			return nil
		}
		l[path] = json.RawMessage(value[:n:n])
		if b = value[n:]; b[0] == '}' {
			if len(b) > 1 {
				return nil
			}
			return l
		}
		if b[0] != ',' {
			return nil
		}
	}
	if len(b) == 1 && b[0] == '}' && len(l) == 0 {
		return l
	}
	return nil
}

// valueEnd is where the JSON value ends that b begins with: at a comma or bracket outside strings and nested values.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; ; i++ {
				n := bytes.IndexByte(b[min(i, len(b)):], '"')
				if n < 0 {
					return -1
				}
				i += n
				escapes := 0
				for b[i-1-escapes] == '\\' {
					escapes++
				}
				if escapes%2 == 0 {
					break
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// writeLeaves is canonical: keys in order.
func writeLeaves(l Leaves) string { return string(mustJSON(l)) }
