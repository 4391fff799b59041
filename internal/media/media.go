// Package media keeps uploaded files: rows, renditions, page counts, storage on disk or S3.
package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"os"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// State says how far the renditions of a picture are.
type State string

const (
	None    State = "none"    // not a picture
	Pending State = "pending" // waiting or being made; earlier renditions, if any, are still there
	Ready   State = "ready"
	Failed  State = "failed" // the picture cannot be decoded: only its original can be downloaded, by staff
)

// File is an uploaded file. What the public reads of it (alternative text, caption, credit) is said by the entries that use
// it; what is said here is what they begin with.
type File struct {
	bun.BaseModel `bun:"table:media,alias:m"`
	ID            string       `bun:"id,pk"`
	Name          string       `bun:"name"`    // as given, cleaned
	Type          string       `bun:"type"`    // MIME, by content
	Kind          Kind         `bun:"kind"`    //
	Size          int64        `bun:"size"`    // bytes
	SHA256        string       `bun:"sha256"`  // hexadecimal
	Width         int          `bun:"width"`   // pixels, upright; pictures only
	Height        int          `bun:"height"`  //
	Pages         int          `bun:"pages"`   // of documents; 0: unknown
	Tagged        bool         `bun:"tagged"`  // a PDF that says it is tagged for accessibility
	FocusX        int          `bun:"focus_x"` // what crops keep, in percent from the left
	FocusY        int          `bun:"focus_y"` // and from the top
	Office        string       `bun:"office_id"`
	Series        string       `bun:"series_id"`
	Event         string       `bun:"event_id"`
	CreatedBy     string       `bun:"created_by"`
	CreatedAt     time.Time    `bun:"created_at"`
	State         State        `bun:"state"`
	Folder        string       `bun:"folder"`              // a path such as Meetings/2027; "" is none
	Version       int          `bun:"version"`             // of the bytes, from 1
	VersionAt     time.Time    `bun:"version_at,nullzero"` // when the bytes came; zero: with the file
	VersionBy     string       `bun:"version_by"`
	Decorative    bool         `bun:"decorative"` // says nothing that who cannot see it would miss
	Credit        string       `bun:"credit"`
	Consent       Consent      `bun:"consent"`
	ConsentUntil  string       `bun:"consent_until"`       // the last day it holds, as 2027-12-31; "" without end
	ConsentNote   string       `bun:"consent_note"`        // where it is kept
	DeletedAt     time.Time    `bun:"deleted_at,nullzero"` // in the trash since; zero: it is not there
	DeletedBy     string       `bun:"deleted_by"`
	Key           string       `bun:"object_key" json:"-"` // in the storage
	NameKey       string       `bun:"name_key" json:"-"`
	Renditions    []*Rendition `bun:"-"`
	Words         Words        `bun:"-"` // where they were asked for: List with Query.Words, AddWords
}

// Object is the file as something one may have rights on.
func (f *File) Object() auth.Object {
	return auth.Object{Kind: "media", ID: f.ID, Office: f.Office, Series: f.Series, Event: f.Event, Author: f.CreatedBy}
}

// Problem is a file that cannot be accepted, with the message that says why.
type Problem struct {
	Key  string
	Data map[string]any // for the message
}

func (p *Problem) Error() string { return "file not accepted: " + p.Key }

// Fields gives the message key per form field, as all invalid input does.
func (p *Problem) Fields() map[string]string { return map[string]string{"file": p.Key} }

// InUseError says that a file cannot be deleted because entries show it.
type InUseError struct{ Entries []string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("the file is used by %d entries", len(e.Entries))
}

// Limits of what is accepted; zero fields take the default.
type Limits struct {
	FileSize int64  // bytes of one file; 200 MiB
	Quota    int64  // bytes of all originals of one office; 0: no limit
	Temp     string // folder of uploads under way; the system's
}

// Store is the files of one site. Safe for concurrent use. The hooks are set before the first use.
type Store struct {
	// UsedBy names the entries, drafts included, that show a file; a file in use is not deleted.
	UsedBy func(ctx context.Context, q bun.IDB, id string) ([]string, error)
	// Used is the SQL condition by which entries, drafts included, show the file m.id: UsedBy, for lists.
	Used string
	// IsPublic says whether something that is live shows the file. Without it nothing is public.
	IsPublic func(ctx context.Context, id string) (bool, error)
	// OnChange runs in the transaction that changes what pages show of a file (its renditions, name, pages), after is
	// called when that has been committed.
	OnChange func(ctx context.Context, tx bun.Tx, id string) (after func(), err error)
	Log      *slog.Logger

	db      *db.DB
	storage Storage
	limits  Limits
	wake    chan struct{}

	captions lastCaptions
}

// New makes the store; the database is migrated by then.
func New(d *db.DB, storage Storage, limits Limits) *Store {
	if limits.FileSize == 0 {
		limits.FileSize = 200 << 20
	}
	if limits.Temp == "" {
		limits.Temp = os.TempDir()
	}
	return &Store{db: d, storage: storage, limits: limits, wake: make(chan struct{}, 1), Log: slog.Default()}
}

// Check says within five seconds whether files can be stored.
func (s *Store) Check(ctx context.Context) error { return s.storage.Check(ctx) }

// FileSize is the most bytes one file may have.
func (s *Store) FileSize() int64 { return s.limits.FileSize }

// Get returns the files that exist among ids, with their renditions, in two queries. It asks for no right: whoever
// shows a file answers for that.
func (s *Store) Get(ctx context.Context, ids ...string) (map[string]*File, error) {
	found := map[string]*File{}
	if len(ids) == 0 {
		return found, nil
	}
	var files []*File
	if err := s.db.Read().NewSelect().Model(&files).Where("m.id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read files: %w", db.Normalize(err))
	}
	for _, f := range files {
		found[f.ID] = f
	}
	return found, s.addRenditions(ctx, files)
}

// one is Get for a single file; a missing one is db.ErrNotFound.
func (s *Store) one(ctx context.Context, id string) (*File, error) {
	found, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, fmt.Errorf("file %.40q: %w", id, db.ErrNotFound)
	}
	return found[id], nil
}

func (s *Store) addRenditions(ctx context.Context, files []*File) error {
	byID := map[string]*File{}
	var ids []string
	for _, f := range files {
		if f.Kind == Picture {
			byID[f.ID] = f
			ids = append(ids, f.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var all []*Rendition
	if err := s.db.Read().NewSelect().Model(&all).Where("r.media_id IN (?)", bun.In(ids)).Order("width", "name").Scan(ctx); err != nil {
		return fmt.Errorf("read renditions: %w", db.Normalize(err))
	}
	sums := map[string]hash.Hash{}
	for _, r := range all {
		if sums[r.FileID] == nil {
			sums[r.FileID] = sha256.New()
		}
		sums[r.FileID].Write([]byte(r.SHA256))
		byID[r.FileID].Renditions = append(byID[r.FileID].Renditions, r)
	}
	for _, r := range all {
		r.version = hex.EncodeToString(sums[r.FileID].Sum(nil)[:3])
	}
	return nil
}

func cleanSearch(text string) string {
	if r := []rune(strings.TrimSpace(strings.ToValidUTF8(text, ""))); len(r) > 0 {
		return strings.ReplaceAll(string(r[:min(len(r), 100)]), "\x00", "")
	}
	return ""
}

func (s *Store) changed(ctx context.Context, tx bun.Tx, id string) (func(), error) {
	nothing := func() {}
	if s.OnChange == nil {
		return nothing, nil
	}
	after, err := s.OnChange(ctx, tx, id)
	if after == nil {
		after = nothing
	}
	return after, err
}

// allowed: a file that the actor may not even see is not there for her.
func allowed(actor *auth.Actor, action auth.Action, f *File) error {
	switch {
	case !actor.Can(auth.Read, f.Object()):
		return db.ErrNotFound
	case !actor.Can(action, f.Object()):
		return auth.ErrForbidden
	}
	return nil
}

// Delete removes a file, its versions and all that was made of it, for good. A file that entries show, drafts included, is an *InUseError.
func (s *Store) Delete(ctx context.Context, actor *auth.Actor, id string) error {
	var keys []string
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := allowed(actor, auth.Delete, f); err != nil {
			return err
		}
		if err := s.unused(ctx, tx, id); err != nil {
			return err
		}
		var made []*Rendition
		if err := tx.NewSelect().Model(&made).Where("r.media_id = ?", id).Scan(ctx); err != nil {
			return err
		}
		keys = []string{f.Key}
		for _, r := range made {
			keys = append(keys, r.Key)
		}
		var earlier []string
		if err := tx.NewSelect().Model((*Version)(nil)).Column("object_key").Where("media_id = ?", id).Scan(ctx, &earlier); err != nil {
			return err
		}
		keys = append(keys, earlier...)
		for _, table := range []string{"renditions", "media_versions", "media_words", "media_changes"} {
			if _, err := tx.NewRaw("DELETE FROM ? WHERE media_id = ?", bun.Ident(table), id).Exec(ctx); err != nil {
				return err
			}
		}
		res, err := tx.NewDelete().Model((*File)(nil)).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n != 1 {
			return db.ErrNotFound
		}
		if err := intend(ctx, tx, longAgo, keys...); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, actor, "media.delete", f.Object(), map[string]any{"name": f.Name, "sha256": f.SHA256})
	})
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	// The rows are gone; what cannot be removed now is removed by the next Sweep.
	if err := s.remove(context.WithoutCancel(ctx), keys); err != nil {
		s.Log.Warn("stored objects are removed later", "file", id, "error", err)
	}
	return nil
}

// Keys lists every stored object that belongs to a file: what a backup has to hold. Pieces of uploads under way are not among
// them: who sends them begins anew.
func (s *Store) Keys(ctx context.Context) ([]string, error) {
	var keys []string
	err := s.db.Read().NewRaw("SELECT object_key FROM media UNION ALL SELECT object_key FROM renditions UNION ALL SELECT object_key FROM media_versions ORDER BY 1").Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("list stored objects: %w", db.Normalize(err))
	}
	return keys, nil
}

// OpenKey opens a stored object for a backup.
func (s *Store) OpenKey(ctx context.Context, key string) (*Object, error) {
	return s.storage.Open(ctx, key)
}

// longAgo is a time that is always over.
var longAgo = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// intent is a note that a stored object exists, or may, without a row that speaks of it. It is written before the
// object and removed in the transaction that writes the row; deleting goes the other way. So whenever the program is
// killed, every object has a row or a note, and nothing is lost or left for ever.
type intent struct {
	bun.BaseModel `bun:"table:media_intents,alias:i"`
	Key           string    `bun:"object_key,pk"`
	Due           time.Time `bun:"due_at"`
	Doomed        bool      `bun:"doomed"`
}

func intend(ctx context.Context, tx bun.IDB, due time.Time, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	var notes []*intent
	for _, k := range keys {
		notes = append(notes, &intent{Key: k, Due: due})
	}
	_, err := tx.NewInsert().Model(&notes).Exec(ctx)
	return err
}

// adopt removes the notes because rows take the objects up. It fails if the removal of one has begun.
func adopt(ctx context.Context, tx bun.Tx, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	res, err := tx.NewDelete().Model((*intent)(nil)).Where("object_key IN (?)", bun.In(keys)).Where("NOT doomed").Exec(ctx)
	if err != nil {
		return err
	}
	if n, _ := res.RowsAffected(); n != int64(len(keys)) {
		return fmt.Errorf("%w: storing took too long", ErrStorage)
	}
	return nil
}

// remove dooms the noted objects, removes them and then their notes.
func (s *Store) remove(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var doomed []string
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Only what is noted, and no row has adopted since.
		return tx.NewRaw("UPDATE media_intents SET doomed = ? WHERE object_key IN (?) RETURNING object_key", true, bun.In(keys)).Scan(ctx, &doomed)
	})
	if err != nil {
		return err
	}
	var done []string
	var failed error
	for _, k := range doomed {
		if failed = s.storage.Delete(ctx, k); failed != nil {
			break // the store is away: the rest would fail as slowly
		}
		done = append(done, k)
	}
	if len(done) > 0 {
		err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewDelete().Model((*intent)(nil)).Where("object_key IN (?)", bun.In(done)).Exec(ctx)
			return err
		})
	}
	return errors.Join(failed, err)
}

// Sweep removes stored objects that belong to nothing: uploads and renditions broken off long ago, and what could not
// be removed when its file was deleted. To be run now and then, and after start.
func (s *Store) Sweep(ctx context.Context) error {
	for {
		var keys []string
		err := s.db.Read().NewSelect().Model((*intent)(nil)).Column("object_key").Where("due_at < ?", db.Now()).Limit(100).Scan(ctx, &keys)
		if err != nil {
			return fmt.Errorf("sweep: %w", db.Normalize(err))
		}
		if len(keys) == 0 {
			return nil
		}
		if err := s.remove(ctx, keys); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
}
