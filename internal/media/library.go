package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Consent says whether those who can be recognised agreed to be shown.
type Consent string

const (
	ConsentUnknown   Consent = "" // nobody has said
	ConsentNotNeeded Consent = "not_needed"
	ConsentGiven     Consent = "given"
	ConsentRefused   Consent = "refused" // or taken back
)

// Consents are those that somebody can record.
var Consents = []Consent{ConsentGiven, ConsentNotNeeded, ConsentRefused}

// consentEnds is how long before its end a consent is listed as ending.
const consentEnds = 60 * 24 * time.Hour

// TrashTime is how long a deleted file can be brought back.
const TrashTime = 30 * 24 * time.Hour

// Limits of what is said about a file, in characters; those of alt and credit are the ones of entries.
const (
	maxAlt     = 250
	maxCaption = 500
	maxCredit  = 120
	maxNote    = 300
	maxFolder  = 200
	maxDepth   = 6 // folders within folders
)

// Wording is what a file says in one language.
type Wording struct {
	Alt     string `json:"alt,omitempty"`
	Caption string `json:"caption,omitempty"`
}

// Words are what a file says, by language; languages without words are not in it.
type Words map[i18n.Locale]Wording

type wordsRow struct {
	bun.BaseModel `bun:"table:media_words,alias:w"`
	FileID        string      `bun:"media_id,pk"`
	Locale        i18n.Locale `bun:"locale,pk"`
	Alt           string      `bun:"alt"`
	Caption       string      `bun:"caption"`
}

// AddWords reads what files say into their Words.
func (s *Store) AddWords(ctx context.Context, files ...*File) error {
	return addWords(ctx, s.db.Read(), files)
}

func addWords(ctx context.Context, q bun.IDB, files []*File) error {
	byID := map[string]*File{}
	var ids []string
	for _, f := range files {
		f.Words = Words{}
		byID[f.ID] = f
		ids = append(ids, f.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []wordsRow
	if err := q.NewSelect().Model(&rows).Where("w.media_id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("read words of files: %w", db.Normalize(err))
	}
	for _, r := range rows {
		byID[r.FileID].Words[r.Locale] = Wording{r.Alt, r.Caption}
	}
	return nil
}

// About is what is said of a file beside its bytes.
type About struct {
	Words        Words   `json:"words"`
	Decorative   bool    `json:"decorative"`
	Credit       string  `json:"credit"`
	Consent      Consent `json:"consent"`
	ConsentUntil string  `json:"until"` // as 2027-12-31, or ""
	ConsentNote  string  `json:"note"`
}

// About is what is said of the file; AddWords comes before it.
func (f *File) About() About {
	return About{f.Words, f.Decorative, f.Credit, f.Consent, f.ConsentUntil, f.ConsentNote}
}

// clean makes what is said fit to be kept. What does not fit is an auth.Invalid that names the field: credit, consent,
// consent_until, consent_note, alt@en, caption@en.
func (a *About) clean() error {
	bad := auth.Invalid{}
	line := func(field, value string, most int) string {
		value = strings.Join(strings.Fields(i18n.StripControls(value)), " ")
		if utf8.RuneCountInString(value) > most {
			bad[field] = "library.problem.long"
		}
		return value
	}
	words := Words{}
	for l, w := range a.Words {
		if _, ok := i18n.Parse(string(l)); !ok {
			return fmt.Errorf("words of a file in %.20q: %w", l, db.ErrNotFound)
		}
		w.Alt, w.Caption = line("alt@"+string(l), w.Alt, maxAlt), line("caption@"+string(l), w.Caption, maxCaption)
		if w != (Wording{}) {
			words[l] = w
		}
	}
	a.Words = words
	a.Credit, a.ConsentNote = line("credit", a.Credit, maxCredit), line("consent_note", a.ConsentNote, maxNote)
	if a.Consent != ConsentUnknown && !slices.Contains(Consents, a.Consent) {
		bad["consent"] = "library.problem.consent"
	}
	if a.Consent != ConsentGiven {
		a.ConsentUntil = ""
	} else if a.ConsentUntil != "" {
		if _, err := time.Parse(time.DateOnly, a.ConsentUntil); err != nil {
			bad["consent_until"] = "users.until_wrong"
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// ConsentEnds says whether the consent has ended, or does so within two months.
func (f *File) ConsentEnds(now time.Time) bool {
	return f.Consent == ConsentGiven && f.ConsentUntil != "" && f.ConsentUntil <= now.Add(consentEnds).Format(time.DateOnly)
}

// cleanFolder gives a folder's path as it is kept: names between single strokes, without those that mean something to
// file systems. One that is too long or too deep is an auth.Invalid for the field folder.
func cleanFolder(path string) (string, error) {
	var names []string
	for _, name := range strings.Split(strings.ReplaceAll(i18n.StripControls(path), `\`, "/"), "/") {
		if name = strings.Join(strings.Fields(name), " "); name != "" && name != "." && name != ".." {
			names = append(names, name)
		}
	}
	path = strings.Join(names, "/")
	if len(names) > maxDepth || utf8.RuneCountInString(path) > maxFolder {
		return "", auth.Invalid{"folder": "library.problem.folder"}
	}
	return path, nil
}

// NoFolder is the Query.Folder of files in no folder.
const NoFolder = "/"

// Query chooses files for a list; zero fields mean any.
type Query struct {
	Search     string // part of the name, without regard to case
	Kind       Kind
	Office     string
	Folder     string      // and those in it; NoFolder: in none
	Unused     bool        // no entry shows it
	MissingAlt i18n.Locale // pictures without alternative text in this language
	Consent    string      // missing (of pictures, audio and video), ending, refused
	By         string      // account that uploaded it
	Trash      bool        // what is in the trash, and nothing else
	Words      bool        // with their Words
	Page       int         // from 1
	Size       int         // per page: 24, at most 100
}

// List returns a page of the files the actor may see, the newest first (of the trash: the last deleted), and whether there
// are more. The trash shows those that the actor may bring back.
func (s *Store) List(ctx context.Context, actor *auth.Actor, q Query) ([]*File, bool, error) {
	scope := actor.Scope(auth.Read, "media")
	if q.Trash {
		scope = actor.Scope(auth.Delete, "media")
	}
	if scope.Empty() {
		return nil, false, auth.ErrForbidden
	}
	if q.Size < 1 || q.Size > 100 {
		q.Size = 24
	}
	q.Page = min(max(q.Page, 1), 1_000_000)
	var files []*File
	sel := scope.Where(s.db.Read().NewSelect().Model(&files), "m")
	if words := strings.ToLower(cleanSearch(q.Search)); words != "" {
		sel = sel.Where(`m.name_key LIKE ? ESCAPE '\'`, "%"+likeEscaper.Replace(words)+"%")
	}
	if q.Kind != "" {
		sel = sel.Where("m.kind = ?", q.Kind)
	}
	if q.Office != "" {
		sel = sel.Where("m.office_id = ?", q.Office)
	}
	switch q.Folder {
	case "":
	case NoFolder:
		sel = sel.Where("m.folder = ''")
	default:
		sel = sel.Where(`(m.folder = ? OR m.folder LIKE ? ESCAPE '\')`, q.Folder, likeEscaper.Replace(q.Folder)+"/%")
	}
	if q.Unused {
		sel = sel.Where("NOT (" + s.used() + ")")
	}
	if q.MissingAlt != "" {
		sel = sel.Where("m.kind = ? AND NOT m.decorative", Picture).
			Where("NOT EXISTS (SELECT 1 FROM media_words w WHERE w.media_id = m.id AND w.locale = ? AND w.alt <> '')", q.MissingAlt)
	}
	switch q.Consent {
	case "missing":
		sel = sel.Where("m.consent = '' AND m.kind IN (?)", bun.In([]Kind{Picture, Audio, Video}))
	case "ending":
		sel = sel.Where("m.consent = ? AND m.consent_until <> '' AND m.consent_until <= ?", ConsentGiven, db.Now().Add(consentEnds).Format(time.DateOnly))
	case "refused":
		sel = sel.Where("m.consent = ?", ConsentRefused)
	}
	if q.By != "" {
		sel = sel.Where("m.created_by = ?", q.By)
	}
	if q.Trash {
		sel = sel.Where("m.deleted_at IS NOT NULL").OrderExpr("m.deleted_at DESC, m.id DESC")
	} else {
		sel = sel.Where("m.deleted_at IS NULL").OrderExpr("m.created_at DESC, m.id DESC")
	}
	if err := sel.Limit(int64(q.Size + 1)).Offset(int64((q.Page - 1) * q.Size)).Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list files: %w", db.Normalize(err))
	}
	more := len(files) > q.Size
	if more {
		files = files[:q.Size]
	}
	if q.Words {
		if err := s.AddWords(ctx, files...); err != nil {
			return nil, false, err
		}
	}
	return files, more, s.addRenditions(ctx, files)
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func (s *Store) used() string {
	if s.Used == "" {
		return "1 = 0"
	}
	return s.Used
}

// Folder is a folder with the number of files in it, those of folders within it not counted.
type Folder struct {
	Path  string `bun:"folder"`
	Files int    `bun:"n"`
}

// Folders lists those that hold files the actor may see, by path; "" is none. A thousand at most.
func (s *Store) Folders(ctx context.Context, actor *auth.Actor) ([]Folder, error) {
	scope := actor.Scope(auth.Read, "media")
	if scope.Empty() {
		return nil, auth.ErrForbidden
	}
	var out []Folder
	err := scope.Where(s.db.Read().NewSelect().Model((*File)(nil)).ColumnExpr("m.folder, count(*) AS n"), "m").
		Where("m.deleted_at IS NULL").GroupExpr("m.folder").OrderExpr("m.folder").Limit(1000).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", db.Normalize(err))
	}
	return out, nil
}

// Change is something that was done to a file, with what was there before. Those made at once are of one Batch.
type Change struct {
	bun.BaseModel `bun:"table:media_changes,alias:c"`
	ID            string          `bun:"id,pk"`
	Batch         string          `bun:"batch"`
	FileID        string          `bun:"media_id"`
	At            time.Time       `bun:"at"`
	By            string          `bun:"by_account"`
	Action        string          `bun:"action"` // rename, focus, move, describe, replace, trash, restore
	Was           json.RawMessage `bun:"was,type:jsonb"`
}

// former is what was before a change; which fields count follows from its action.
type former struct {
	Name    string `json:"name,omitempty"`
	X       int    `json:"x,omitempty"`
	Y       int    `json:"y,omitempty"`
	Folder  string `json:"folder,omitempty"`
	About   *About `json:"about,omitempty"`
	Version int    `json:"version,omitempty"`
}

// NewBatch names what is done to several files at once, to undo it at once.
func NewBatch() string { return newID() + newID() }

// edit is one change of a file: what is asked for and written down, and how it is made.
type edit struct {
	action string
	right  auth.Action
	detail map[string]any
	quiet  bool // pages show nothing of it
	// apply changes the file, which is locked. Nil for what was before: nothing has changed.
	apply func(ctx context.Context, tx bun.Tx, f *File) (*former, error)
}

// change makes an edit of a file that the actor may change, with its audit line and what undoes it, and tells OnChange. A
// batch of "" is one of its own. It gives the batch, "" if nothing has changed.
func (s *Store) change(ctx context.Context, actor *auth.Actor, batch, id string, e edit) (string, error) {
	after, done := func() {}, ""
	if batch == "" {
		batch = NewBatch()
	}
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		done = ""
		f, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := changeable(actor, e.right, f); err != nil {
			return err
		}
		was, err := e.apply(ctx, tx, f)
		if err != nil || was == nil {
			return err
		}
		if err := note(ctx, tx, actor, batch, f, e, was); err != nil {
			return err
		}
		done = batch
		if e.quiet {
			return nil
		}
		after, err = s.changed(ctx, tx, id)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("media.%s: %w", e.action, err)
	}
	after()
	return done, nil
}

// changeable is allowed, and refuses to change what is in the trash: it is brought back first.
func changeable(actor *auth.Actor, action auth.Action, f *File) error {
	if err := allowed(actor, action, f); err != nil {
		return err
	}
	if action != auth.Delete && !f.DeletedAt.IsZero() {
		return &Problem{Key: "library.problem.trashed"}
	}
	return nil
}

// note writes a change and its audit line.
func note(ctx context.Context, tx bun.Tx, actor *auth.Actor, batch string, f *File, e edit, was *former) error {
	b, err := json.Marshal(was)
	if err != nil {
		return err
	}
	row := &Change{ID: newID(), Batch: batch, FileID: f.ID, At: db.Now(), By: actor.ID, Action: e.action, Was: b}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return err
	}
	return auth.Audit(ctx, tx, actor, "media."+e.action, f.Object(), e.detail)
}

// lock reads a file for a transaction that changes it: whoever is about to refer to it comes before or after, not between.
func (s *Store) lock(ctx context.Context, tx bun.Tx, id string) (*File, error) {
	f := new(File)
	sel := tx.NewSelect().Model(f).Where("m.id = ?", id)
	if s.db.Postgres() {
		sel = sel.For("UPDATE")
	}
	return f, sel.Scan(ctx)
}

// unused is an *InUseError for a file that entries show.
func (s *Store) unused(ctx context.Context, tx bun.Tx, id string) error {
	if s.UsedBy == nil {
		return nil
	}
	used, err := s.UsedBy(ctx, tx, id)
	if err == nil && len(used) > 0 {
		err = &InUseError{used}
	}
	return err
}

func set(ctx context.Context, tx bun.Tx, id string, sets string, args ...any) error {
	_, err := tx.NewUpdate().Model((*File)(nil)).Set(sets, args...).Where("id = ?", id).Exec(ctx)
	return err
}

// Rename changes the name under which a file is given back. This and the other changes give the batch by which Undo finds
// them; "" where nothing was different.
func (s *Store) Rename(ctx context.Context, actor *auth.Actor, id, name string) (string, error) {
	name = cleanName(name)
	return s.change(ctx, actor, "", id, edit{action: "rename", right: auth.Upload, detail: map[string]any{"name": name}, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if f.Name == name {
			return nil, nil
		}
		return &former{Name: f.Name}, set(ctx, tx, id, "name = ?, name_key = ?", name, strings.ToLower(name))
	}})
}

// SetFocus says what crops of a picture have to keep, in percent from the left and from the top, and has them made
// anew. Until they are ready the earlier ones are shown. A picture that failed is tried again.
func (s *Store) SetFocus(ctx context.Context, actor *auth.Actor, id string, x, y int) (string, error) {
	if x < 0 || x > 100 || y < 0 || y > 100 {
		return "", &Problem{Key: "media.problem.focus"}
	}
	batch, err := s.change(ctx, actor, "", id, edit{action: "focus", right: auth.Upload, detail: map[string]any{"x": x, "y": y}, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if f.Kind != Picture {
			return nil, &Problem{Key: "media.problem.not_a_picture"}
		}
		if f.FocusX == x && f.FocusY == y && f.State != Failed {
			return nil, nil
		}
		return &former{X: f.FocusX, Y: f.FocusY}, set(ctx, tx, id, "focus_x = ?, focus_y = ?, recipe = recipe + 1, state = ?, attempts = 0, claimed_until = ?", x, y, Pending, longAgo)
	}})
	if err == nil {
		s.rouse()
	}
	return batch, err
}

// Move puts a file into a folder; "" takes it out of all.
func (s *Store) Move(ctx context.Context, actor *auth.Actor, batch, id, folder string) (string, error) {
	folder, err := cleanFolder(folder)
	if err != nil {
		return "", err
	}
	return s.change(ctx, actor, batch, id, edit{action: "move", right: auth.Upload, detail: map[string]any{"folder": folder}, quiet: true, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if f.Folder == folder {
			return nil, nil
		}
		return &former{Folder: f.Folder}, set(ctx, tx, id, "folder = ?", folder)
	}})
}

// Describe says what a file shows, by whom it is, and whether those in it agreed to be shown: all of it anew.
func (s *Store) Describe(ctx context.Context, actor *auth.Actor, id string, a About) (string, error) {
	if err := a.clean(); err != nil {
		return "", err
	}
	detail := map[string]any{"consent": a.Consent, "languages": len(a.Words)}
	return s.change(ctx, actor, "", id, edit{action: "describe", right: auth.Upload, detail: detail, quiet: true, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if err := addWords(ctx, tx, []*File{f}); err != nil {
			return nil, err
		}
		was := f.About()
		if same(was, a) {
			return nil, nil
		}
		if _, err := tx.NewDelete().Model((*wordsRow)(nil)).Where("media_id = ?", id).Exec(ctx); err != nil {
			return nil, err
		}
		var rows []wordsRow
		for l, w := range a.Words {
			rows = append(rows, wordsRow{FileID: id, Locale: l, Alt: w.Alt, Caption: w.Caption})
		}
		if len(rows) > 0 {
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return nil, err
			}
		}
		return &former{About: &was}, set(ctx, tx, id, "decorative = ?, credit = ?, consent = ?, consent_until = ?, consent_note = ?", a.Decorative, a.Credit, a.Consent, a.ConsentUntil, a.ConsentNote)
	}})
}

func same(a, b About) bool {
	if len(a.Words) != len(b.Words) {
		return false
	}
	for l, w := range a.Words {
		if b.Words[l] != w {
			return false
		}
	}
	a.Words, b.Words = nil, nil
	return a.Decorative == b.Decorative && a.Credit == b.Credit && a.Consent == b.Consent && a.ConsentUntil == b.ConsentUntil && a.ConsentNote == b.ConsentNote
}

// Trash puts a file into the trash, from where Restore brings it back within TrashTime. A file that entries show, drafts
// included, is an *InUseError.
func (s *Store) Trash(ctx context.Context, actor *auth.Actor, batch, id string) (string, error) {
	return s.change(ctx, actor, batch, id, edit{action: "trash", right: auth.Delete, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if !f.DeletedAt.IsZero() {
			return nil, nil
		}
		if err := s.unused(ctx, tx, id); err != nil {
			return nil, err
		}
		return &former{}, set(ctx, tx, id, "deleted_at = ?, deleted_by = ?", db.Now(), actor.ID)
	}})
}

// Restore brings a file back from the trash.
func (s *Store) Restore(ctx context.Context, actor *auth.Actor, batch, id string) (string, error) {
	return s.change(ctx, actor, batch, id, edit{action: "restore", right: auth.Delete, apply: func(ctx context.Context, tx bun.Tx, f *File) (*former, error) {
		if f.DeletedAt.IsZero() {
			return nil, nil
		}
		return &former{}, set(ctx, tx, id, "deleted_at = NULL, deleted_by = ''")
	}})
}

// Reclaim takes what entries show out of the trash: their own way back from the trash brings their files along.
func (s *Store) Reclaim(ctx context.Context) error {
	if s.Used == "" {
		return nil
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE media AS m SET deleted_at = NULL, deleted_by = '' WHERE m.deleted_at IS NOT NULL AND " + s.Used).Exec(ctx)
		return err
	})
}

// Tidy removes for good what has been in the trash for TrashTime, and uploads that nobody went on with. To be run now and then.
func (s *Store) Tidy(ctx context.Context) error {
	if err := s.Reclaim(ctx); err != nil {
		return fmt.Errorf("empty the trash: %w", err)
	}
	for {
		var ids []string
		err := s.db.Read().NewSelect().Model((*File)(nil)).Column("id").Where("m.deleted_at < ?", db.Now().Add(-TrashTime)).Limit(100).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("empty the trash: %w", db.Normalize(err))
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			if err := s.Delete(ctx, auth.System("trash"), id); err != nil && !errors.Is(err, db.ErrNotFound) {
				return fmt.Errorf("empty the trash: %w", err)
			}
		}
	}
	return s.dropUploads(ctx)
}

// Changes lists what was done to a file, the latest first, fifty at most. It asks for no right.
func (s *Store) Changes(ctx context.Context, id string) ([]*Change, error) {
	var out []*Change
	err := s.db.Read().NewSelect().Model(&out).Where("c.media_id = ?", id).OrderExpr("c.at DESC, c.id").Limit(50).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("changes of a file: %w", db.Normalize(err))
	}
	return out, nil
}

// Undo brings each file of a batch back to what it was before, as a new change that can itself be undone. It gives the new
// batch and how many files are as before; what stands in the way of the others is the error. A batch of which the actor
// may see nothing, and what cannot be brought back any more, is db.ErrNotFound.
func (s *Store) Undo(ctx context.Context, actor *auth.Actor, batch string) (again string, done []string, failed error) {
	var all []*Change
	err := s.db.Read().NewSelect().Model(&all).Where("c.batch = ?", batch).OrderExpr("c.at DESC, c.id").Scan(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("undo: %w", db.Normalize(err))
	}
	again, failed = NewBatch(), fmt.Errorf("undo: %w", db.ErrNotFound)
	for i, c := range all {
		made, err := s.undo(ctx, actor, again, c)
		switch {
		case err == nil:
			done = append(done, c.FileID)
			if len(all) == 1 {
				again = made
			}
			if i == 0 || errors.Is(failed, db.ErrNotFound) {
				failed = nil
			}
		case i == 0 || !errors.Is(err, db.ErrNotFound):
			failed = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return again, done, failed
}

func (s *Store) undo(ctx context.Context, actor *auth.Actor, batch string, c *Change) (string, error) {
	var was former
	if err := json.Unmarshal(c.Was, &was); err != nil {
		return "", fmt.Errorf("undo: %w", err)
	}
	switch c.Action {
	case "rename":
		return s.Rename(ctx, actor, c.FileID, was.Name)
	case "focus":
		return s.SetFocus(ctx, actor, c.FileID, was.X, was.Y)
	case "move":
		return s.Move(ctx, actor, batch, c.FileID, was.Folder)
	case "describe":
		return s.Describe(ctx, actor, c.FileID, *was.About)
	case "replace":
		return s.RestoreVersion(ctx, actor, c.FileID, was.Version)
	case "trash":
		return s.Restore(ctx, actor, batch, c.FileID)
	case "restore":
		return s.Trash(ctx, actor, batch, c.FileID)
	}
	return "", fmt.Errorf("undo %q: %w", c.Action, db.ErrNotFound)
}

// Before is the name or the folder that a file had before it was renamed or moved; "" for other changes.
func (c *Change) Before() string {
	var was former
	if json.Unmarshal(c.Was, &was) != nil {
		return ""
	}
	if c.Action == "rename" {
		return was.Name
	}
	return was.Folder
}
