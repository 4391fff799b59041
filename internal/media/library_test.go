package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

func names(files []*File) string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func text(t testing.TB, s *Store, name string) *File {
	t.Helper()
	return upload(t, s, name, []byte("words of "+name))
}

// usedIs makes files with these ids ones that entries show.
func usedIs(s *Store, ids ...string) {
	s.Used = "m.id IN ('" + strings.Join(ids, "','") + "')"
	s.UsedBy = func(_ context.Context, _ bun.IDB, id string) ([]string, error) {
		if slices.Contains(ids, id) {
			return []string{"entry"}, nil
		}
		return nil, nil
	}
}

func execute(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTrash(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		s, ctx := newStore(t, storage, Limits{}), t.Context()
		kept, shown, later := text(t, s, "kept.txt"), text(t, s, "shown.txt"), text(t, s, "later.txt")
		usedIs(s, shown.ID)
		var used *InUseError
		if _, err := s.Trash(ctx, program, "", shown.ID); !errors.As(err, &used) {
			t.Errorf("what an entry shows goes into the trash: %v", err)
		}
		batch, err := s.Trash(ctx, program, "", later.ID)
		if err != nil || batch == "" {
			t.Fatal(batch, err)
		}
		if again, err := s.Trash(ctx, program, "", later.ID); err != nil || again != "" {
			t.Errorf("twice: %q, %v", again, err)
		}
		listed := func(q Query) string {
			files, _, err := s.List(ctx, program, q)
			if err != nil {
				t.Error(err)
			}
			return names(files)
		}
		if got, trash := listed(Query{}), listed(Query{Trash: true}); got != "kept.txt shown.txt" || trash != "later.txt" {
			t.Errorf("the library has %q, the trash %q", got, trash)
		}
		seen := map[string]string{}
		err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			seen, err = Visible(ctx, tx, program, []string{kept.ID, later.ID})
			return err
		})
		if err != nil || len(seen) != 1 || seen[kept.ID] == "" {
			t.Errorf("entries can refer to %v, %v", seen, err)
		}
		var p *Problem
		if _, err := s.Rename(ctx, program, later.ID, "x"); !errors.As(err, &p) || p.Key != "library.problem.trashed" {
			t.Errorf("changed in the trash: %v", err)
		}
		again, done, err := s.Undo(ctx, program, batch)
		if err != nil || !slices.Equal(done, []string{later.ID}) || listed(Query{}) != "kept.txt later.txt shown.txt" {
			t.Errorf("undone: %v, %v; %q", done, err, listed(Query{}))
		}
		if _, _, err := s.Undo(ctx, program, again); err != nil || listed(Query{Trash: true}) != "later.txt" {
			t.Errorf("and done again: %v", err)
		}
		// It stays for its time, and comes back when an entry that shows it does.
		if err := s.Tidy(ctx); err != nil || listed(Query{Trash: true}) != "later.txt" {
			t.Errorf("too early: %v", err)
		}
		execute(t, s, "UPDATE media SET deleted_at = ?", db.Now().Add(-TrashTime-time.Minute))
		usedIs(s, kept.ID)
		if err := s.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		if got, trash := listed(Query{}), listed(Query{Trash: true}); got != "kept.txt" || trash != "" {
			t.Errorf("after its time the library has %q, the trash %q", got, trash)
		}
		if rows, notes := stored(t, s); rows != 1 || notes != 0 {
			t.Errorf("%d objects with rows, %d notes", rows, notes)
		}
		for _, f := range []*File{shown, later} {
			if _, err := storage.Open(ctx, f.Key); !errors.Is(err, ErrNoObject) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	})
}

func TestVersions(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		s, ctx := newStore(t, storage, Limits{}), t.Context()
		s.IsPublic = public
		told := 0
		s.OnChange = func(context.Context, bun.Tx, string) (func(), error) { return func() { told++ }, nil }
		f := upload(t, s, "Paper.pdf", []byte("%PDF-1.4\nfirst"))
		replace := func(id, name, data string) (string, error) {
			return s.Replace(ctx, program, id, Upload{Name: name, Body: strings.NewReader(data)})
		}
		body := func(id, name string) string {
			w, err := serve(s, "GET", id, name, nil)
			if err != nil || w.Code != http.StatusOK {
				t.Errorf("%s: %d, %v", name, w.Code, err)
			}
			return w.Body.String()
		}
		var p *Problem
		for why, data := range map[string]string{"library.problem.kind": "words", "library.problem.same": "%PDF-1.4\nfirst", "media.problem.empty": ""} {
			if _, err := replace(f.ID, "x.pdf", data); !errors.As(err, &p) || p.Key != why {
				t.Errorf("%v, want %s", err, why)
			}
		}
		before := told
		batch, err := replace(f.ID, "other name.pdf", "%PDF-1.4\nsecond")
		if err != nil || told != before+1 {
			t.Fatal(err, told)
		}
		g := reload(t, s, f.ID)
		if g.URL() != f.URL() || g.Name != f.Name || g.Version != 2 || body(f.ID, "paper.pdf") != "%PDF-1.4\nsecond" {
			t.Errorf("replaced: %+v", g)
		}
		if keys, err := s.Keys(ctx); err != nil || len(keys) != 2 {
			t.Errorf("a backup has %v, %v", keys, err)
		}
		list, err := s.Versions(ctx, f.ID)
		if err != nil || len(list) != 1 || list[0].Number != 1 || !list[0].At.Equal(f.CreatedAt) || list[0].By != program.ID {
			t.Errorf("versions %+v, %v", list, err)
		}
		w, err := versionOf(s, f.ID, 1, everyone)
		if err != nil || w != "%PDF-1.4\nfirst" {
			t.Errorf("an earlier version: %q, %v", w, err)
		}
		for _, number := range []int{0, 2, 99} {
			if _, err := versionOf(s, f.ID, number, everyone); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("version %d: %v", number, err)
			}
		}
		if _, err := versionOf(s, f.ID, 1, func(*File) bool { return false }); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an earlier version for the public: %v", err)
		}
		again, done, err := s.Undo(ctx, program, batch)
		if err != nil || len(done) != 1 || body(f.ID, "paper.pdf") != "%PDF-1.4\nfirst" || reload(t, s, f.ID).Version != 3 {
			t.Errorf("undone: %v, %v", done, err)
		}
		if _, _, err := s.Undo(ctx, program, again); err != nil || body(f.ID, "paper.pdf") != "%PDF-1.4\nsecond" {
			t.Errorf("and done again: %v", err)
		}
		for i := range keepVersions + 3 {
			if _, err := replace(f.ID, "x.pdf", fmt.Sprint("%PDF-1.4\n", i)); err != nil {
				t.Fatal(err)
			}
		}
		if list, err = s.Versions(ctx, f.ID); err != nil || len(list) != keepVersions {
			t.Errorf("%d versions, %v", len(list), err)
		}
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if rows, notes := stored(t, s); rows != keepVersions+1 || notes != 0 {
			t.Errorf("%d objects with rows, %d notes", rows, notes)
		}
		if err := s.Delete(ctx, program, f.ID); err != nil {
			t.Fatal(err)
		}
		if rows, notes := stored(t, s); rows != 0 || notes != 0 {
			t.Errorf("deleted: %d objects with rows, %d notes", rows, notes)
		}
	})
}

func versionOf(s *Store, id string, number int, may func(*File) bool) (string, error) {
	var b bytes.Buffer
	r, _ := http.NewRequest(http.MethodGet, "/", nil)
	w := recorder{&b, http.Header{}}
	err := s.ServeVersion(w, r, id, number, may)
	return b.String(), err
}

type recorder struct {
	io.Writer
	h http.Header
}

func (r recorder) Header() http.Header { return r.h }
func (r recorder) WriteHeader(int)     {}

// A picture that is replaced is shown as it was until its renditions are made, and leaves none behind.
func TestReplacedPicture(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{}), t.Context()
	s.IsPublic = public
	f := upload(t, s, "a.png", picture(700, 500, color.NRGBA{200, 0, 0, 255}))
	drain(t, s)
	f = reload(t, s, f.ID)
	old := f.Rendition("640.jpg")
	if _, err := s.Replace(ctx, program, f.ID, Upload{Name: "b.png", Body: bytes.NewReader(picture(300, 200, color.NRGBA{0, 0, 200, 120}))}); err != nil {
		t.Fatal(err)
	}
	g := reload(t, s, f.ID)
	if r := g.Rendition("640.jpg"); g.State != Pending || r == nil || r.SHA256 != old.SHA256 || g.Width != 300 {
		t.Errorf("meanwhile: %s, %+v", g.State, r)
	}
	drain(t, s)
	g = reload(t, s, f.ID)
	for _, r := range g.Renditions {
		if r.Focus == ofFormerBytes || r.Width > 300 || r.Type == "image/jpeg" && r.Name != "og.jpg" {
			t.Errorf("left behind: %+v", r)
		}
	}
	if g.State != Ready || len(g.Renditions) == 0 || g.Best("", 320).URL() == f.Best("", 320).URL() {
		t.Errorf("%s, %d renditions", g.State, len(g.Renditions))
	}
	if w, err := serve(s, "GET", f.ID, "320.jpg", nil); err != nil || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("its address of before: %v, %v", w.Header(), err)
	}
	makeDue(t, s)
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if rows, notes := stored(t, s); rows != objects(t, s) || notes != 0 {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
	// One whose new bytes cannot be decoded goes on to be shown, and can be taken back.
	broken := picture(300, 200, color.NRGBA{0, 200, 0, 255})
	batch, err := s.Replace(ctx, program, f.ID, Upload{Name: "c.png", Body: bytes.NewReader(append(broken[:len(broken)-40:len(broken)-40], make([]byte, 40)...))})
	if err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if g = reload(t, s, f.ID); g.State != Failed || g.Best("", 320) == nil {
		t.Errorf("broken: %s, %v", g.State, g.Best("", 320))
	}
	if _, _, err := s.Undo(ctx, program, batch); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if g = reload(t, s, f.ID); g.State != Ready || g.Best("", 320) == nil {
		t.Errorf("taken back: %s", g.State)
	}
}

func TestFoldersAndFilters(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{}), t.Context()
	other := auth.System("other")
	pic := upload(t, s, "a.png", picture(40, 30, color.NRGBA{1, 2, 3, 255}))
	plain := upload(t, s, "b.png", picture(40, 30, color.NRGBA{4, 2, 3, 255}))
	note, err := s.Upload(ctx, other, Upload{Name: "c.txt", Body: strings.NewReader("c"), Folder: " Meetings // 2027/./../"})
	if err != nil {
		t.Fatal(err)
	}
	usedIs(s, pic.ID)
	batch := NewBatch()
	for _, id := range []string{pic.ID, plain.ID} {
		if _, err := s.Move(ctx, program, batch, id, "Meetings"); err != nil {
			t.Fatal(err)
		}
	}
	var wrong auth.Invalid
	for _, path := range []string{"a/b/c/d/e/f/g", strings.Repeat("x", 201)} {
		if _, err := s.Move(ctx, program, "", pic.ID, path); !errors.As(err, &wrong) {
			t.Errorf("folder %.20q: %v", path, err)
		}
	}
	if _, err := s.Describe(ctx, program, pic.ID, About{Words: Words{"en": {Alt: " A  hall\x00 "}, "ar": {Caption: "قاعة"}}, Credit: "Office", Consent: ConsentGiven, ConsentUntil: db.Now().Add(24 * time.Hour).Format(time.DateOnly)}); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		q    Query
		want string
	}{
		"all":                   {Query{}, "a.png b.png c.txt"},
		"a folder":              {Query{Folder: "Meetings"}, "a.png b.png c.txt"},
		"a folder within":       {Query{Folder: "Meetings/2027"}, "c.txt"},
		"no folder":             {Query{Folder: NoFolder}, ""},
		"a pattern":             {Query{Folder: "M%"}, ""},
		"unused":                {Query{Unused: true}, "b.png c.txt"},
		"without words":         {Query{MissingAlt: i18n.EN}, "b.png"},
		"without Arabic words":  {Query{MissingAlt: i18n.AR}, "a.png b.png"},
		"consent missing":       {Query{Consent: "missing"}, "b.png"},
		"consent ending":        {Query{Consent: "ending"}, "a.png"},
		"consent refused":       {Query{Consent: "refused"}, ""},
		"mine":                  {Query{By: other.ID}, "c.txt"},
		"pictures, not in use":  {Query{Kind: Picture, Unused: true}, "b.png"},
		"words and their kinds": {Query{Search: "PNG", Words: true}, "a.png b.png"},
	} {
		if files, _, err := s.List(ctx, program, c.q); err != nil || names(files) != c.want {
			t.Errorf("%s: %q, %v; want %q", what, names(files), err, c.want)
		}
	}
	folders, err := s.Folders(ctx, program)
	if err != nil || fmt.Sprint(folders) != "[{Meetings 2} {Meetings/2027 1}]" {
		t.Errorf("folders %v, %v", folders, err)
	}
	if _, done, err := s.Undo(ctx, program, batch); err != nil || len(done) != 2 || reload(t, s, pic.ID).Folder != "" {
		t.Errorf("the move undone: %v, %v", done, err)
	}
	files, _, err := s.List(ctx, program, Query{Words: true})
	if err != nil || names(files) != "a.png b.png c.txt" {
		t.Fatal(err)
	}
	for _, f := range files {
		if w := f.Words; f.ID == pic.ID && (w[i18n.EN].Alt != "A hall" || w[i18n.AR].Caption == "" || len(w) != 2) || f.ID == note.ID && len(w) != 0 {
			t.Errorf("%s says %v", f.Name, w)
		}
	}
	// What is said is undone as a whole; nothing is written of what says the same.
	f := reload(t, s, pic.ID)
	if err := s.AddWords(ctx, f); err != nil {
		t.Fatal(err)
	}
	said := f.About()
	if batch, err := s.Describe(ctx, program, pic.ID, said); err != nil || batch != "" {
		t.Errorf("the same once more: %q, %v", batch, err)
	}
	batch, err = s.Describe(ctx, program, pic.ID, About{Decorative: true, Consent: ConsentRefused, ConsentUntil: "2027-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	f = reload(t, s, pic.ID)
	if _ = s.AddWords(ctx, f); !f.Decorative || len(f.Words) != 0 || f.ConsentUntil != "" || f.Consent != ConsentRefused {
		t.Errorf("described anew: %+v", f.About())
	}
	if _, _, err := s.Undo(ctx, program, batch); err != nil {
		t.Fatal(err)
	}
	f = reload(t, s, pic.ID)
	if _ = s.AddWords(ctx, f); !same(f.About(), said) {
		t.Errorf("taken back: %+v, want %+v", f.About(), said)
	}
	var bad auth.Invalid
	_, err = s.Describe(ctx, program, pic.ID, About{Words: Words{"fr": {Alt: strings.Repeat("é", maxAlt+1)}}, Credit: strings.Repeat("c", maxCredit+1), Consent: "perhaps"})
	if !errors.As(err, &bad) || bad["alt@fr"] == "" || bad["credit"] == "" || bad["consent"] == "" || len(bad) != 3 {
		t.Errorf("what does not fit: %v", err)
	}
	if _, err = s.Describe(ctx, program, pic.ID, About{Consent: ConsentGiven, ConsentUntil: "31.12."}); !errors.As(err, &bad) || bad["consent_until"] == "" {
		t.Errorf("no day: %v", err)
	}
}

// Other offices see nothing of a file's changes, and undo none.
func TestRightsOfTheLibrary(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{}), t.Context()
	ours := actorWith(t, s.db, auth.PartnerEditor, auth.ScopeOrganisation, "o1")
	theirs := actorWith(t, s.db, auth.PartnerEditor, auth.ScopeOrganisation, "o2")
	f, err := s.Upload(ctx, ours, Upload{Name: "a.txt", Body: strings.NewReader("a"), Office: "o1"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := s.Trash(ctx, ours, "", f.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, done, undone := s.Undo(ctx, theirs, batch)
	_, _, none := s.Undo(ctx, theirs, "nosuchbatch")
	partial, err := s.Begin(ctx, ours, Upload{Name: "b.txt", Size: 9, Office: "o1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, _, appended := s.Append(ctx, theirs, partial.ID, 0, strings.NewReader("123456789"))
	for what, err := range map[string]error{
		"undo": undone, "undo of nothing": none, "restore": second(s.Restore(ctx, theirs, "", f.ID)), "describe": second(s.Describe(ctx, theirs, f.ID, About{})),
		"move": second(s.Move(ctx, theirs, "", f.ID, "x")), "replace": second(s.Replace(ctx, theirs, f.ID, Upload{Name: "x.txt", Body: strings.NewReader("x")})),
		"a version": second(s.RestoreVersion(ctx, theirs, f.ID, 1)), "another's upload": second(s.Partial(ctx, theirs, partial.ID)), "its piece": appended,
		"its end": s.DropPartial(ctx, theirs, partial.ID), "an upload for nobody": second(s.Partial(ctx, nil, partial.ID)),
	} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	if len(done) != 0 {
		t.Errorf("undone by others: %v", done)
	}
	if _, err := s.Begin(ctx, theirs, Upload{Name: "b.txt", Size: 9, Office: "o1"}, ""); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("begun for another office: %v", err)
	}
	// What the public sees is replaced by who may publish.
	shown, err := s.Upload(ctx, ours, Upload{Name: "p.txt", Body: strings.NewReader("p"), Office: "o1"})
	if err != nil {
		t.Fatal(err)
	}
	replace := func(who *auth.Actor, data string) error {
		_, err := s.Replace(ctx, who, shown.ID, Upload{Name: "p.txt", Body: strings.NewReader(data)})
		return err
	}
	if err := replace(ours, "draft"); err != nil {
		t.Errorf("of a draft: %v", err)
	}
	s.IsPublic = public
	var problem *Problem
	if err := replace(ours, "x"); !errors.As(err, &problem) || problem.Key != "library.problem.public" {
		t.Errorf("of what is public: %v", err)
	}
	if _, err := s.RestoreVersion(ctx, ours, shown.ID, 1); !errors.As(err, &problem) {
		t.Errorf("an earlier version of what is public: %v", err)
	}
	if err := replace(actorWith(t, s.db, auth.Editor, auth.ScopeSite, ""), "public"); err != nil {
		t.Errorf("by an editor: %v", err)
	}
	for _, who := range []*auth.Actor{theirs, ours} {
		files, _, err := s.List(ctx, who, Query{Trash: true})
		if err != nil || len(files) == 1 != (who == ours) {
			t.Errorf("%d files in the trash, %v", len(files), err)
		}
	}
}

// severed is a connection that breaks: what reads from it is told, and so is all that is done for the request.
type severed struct {
	io.Reader
	cancel func()
}

func (c severed) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
		c.cancel()
	}
	return n, err
}

// An upload comes in pieces, over connections that break and programs that are started anew, and is the file that was sent.
func TestResumedUpload(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		s, ctx := newStore(t, storage, Limits{FileSize: 40 << 20}), t.Context()
		data := make([]byte, 12<<20+12345)
		for i := range data {
			data[i] = byte(rand.IntN(256))
		}
		up := Upload{Name: "film.bin", Size: int64(len(data)), Folder: "Films"}
		p, err := s.Begin(ctx, program, up, "print")
		if err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		send := func(n int64, broken bool) (*File, error) {
			var body io.Reader = bytes.NewReader(data[at : at+n])
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			if broken {
				body = severed{body, cancel}
			}
			q, f, err := s.Append(ctx, program, p.ID, at, body)
			if q != nil {
				at = q.Received
			}
			return f, err
		}
		if f, err := send(3<<20, false); f != nil || err != nil || at != 3<<20 {
			t.Fatal(f, err, at)
		}
		if _, err := send(200<<10, true); !errors.Is(err, io.ErrUnexpectedEOF) || at != 3<<20+200<<10 {
			t.Errorf("what came over a connection that broke: %d, %v", at, err)
		}
		if _, err := send(100, true); !errors.Is(err, io.ErrUnexpectedEOF) || at != 3<<20+200<<10 {
			t.Errorf("too little to keep: %d, %v", at, err)
		}
		if _, _, err := s.Append(ctx, program, p.ID, at-1, bytes.NewReader(data)); !errors.Is(err, ErrOffset) {
			t.Errorf("at a wrong offset: %v", err)
		}
		var problem *Problem
		if _, err := send(PieceSize+1, false); !errors.As(err, &problem) {
			t.Errorf("too large a piece: %v", err)
		}
		// The program is started anew; the page, too: the same file is known again, and no other.
		log := s.Log
		s = New(s.db, storage, s.limits)
		s.Log = log
		if q, err := s.Begin(ctx, program, up, "print"); err != nil || q.ID != p.ID || q.Received != at {
			t.Errorf("found again: %+v, %v", q, err)
		}
		for _, other := range []Upload{{Name: "other.bin", Size: up.Size}, {Name: up.Name, Size: up.Size - 1}} {
			q, err := s.Begin(ctx, program, other, "print")
			if err != nil || q.ID == p.ID {
				t.Errorf("another file: %+v, %v", q, err)
			} else if err := s.DropPartial(ctx, program, q.ID); err != nil {
				t.Error(err)
			}
		}
		if err := s.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		if f, err := send(PieceSize, false); f != nil || err != nil {
			t.Fatal(f, err)
		}
		f, err := send(up.Size-at, false)
		if err != nil || f == nil {
			t.Fatal(f, err)
		}
		o, err := storage.Open(ctx, f.Key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		o.Close()
		if err != nil || !bytes.Equal(got, data) || f.Folder != "Films" || f.Name != "film.bin" {
			t.Errorf("%d bytes of %d, %v, %+v", len(got), len(data), err, f)
		}
		if rows, notes := stored(t, s); rows != 1 || notes != 0 {
			t.Errorf("%d objects with rows, %d notes", rows, notes)
		}
		// Who missed the answer asks once more.
		if _, again, err := s.Append(ctx, program, p.ID, at, strings.NewReader("")); err != nil || again == nil || again.ID != f.ID {
			t.Errorf("the answer once more: %v, %v", again, err)
		}
		if open, err := s.Partials(ctx, program); err != nil || len(open) != 0 {
			t.Errorf("open uploads: %v, %v", open, err)
		}
	})
}

// meeting is a body that comes only when others come, too.
type meeting struct {
	io.Reader
	all *sync.WaitGroup
}

func (m meeting) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		m.all.Done()
		m.all.Wait()
	}
	return n, err
}

// Two windows that send the same piece: one is taken, the other is told where the upload is; and of two that finish it, both
// get the one file.
func TestTwoSendTheSamePiece(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{}), t.Context()
	p, err := s.Begin(ctx, program, Upload{Name: "a.bin", Size: 200_000}, "")
	if err != nil {
		t.Fatal(err)
	}
	both := func(offset, n int) (files []*File, failures []error) {
		var here, done sync.WaitGroup
		here.Add(2)
		var mu sync.Mutex
		for range 2 {
			done.Go(func() {
				var body io.Reader = strings.NewReader("")
				if n > 0 {
					body = meeting{bytes.NewReader(make([]byte, n)), &here}
				}
				_, f, err := s.Append(ctx, program, p.ID, int64(offset), body)
				mu.Lock()
				defer mu.Unlock()
				files = append(files, f)
				if err != nil {
					failures = append(failures, err)
				}
			})
		}
		done.Wait()
		return files, failures
	}
	if _, failures := both(0, 100_000); len(failures) != 1 || !errors.Is(failures[0], ErrOffset) {
		t.Errorf("a piece twice: %v", failures)
	}
	files, failures := both(100_000, 100_000)
	if len(failures) != 1 || !errors.Is(failures[0], ErrOffset) {
		t.Errorf("the last piece twice: %v", failures)
	}
	if files, failures = both(200_000, 0); len(failures) != 0 || files[0] == nil || files[1] == nil || files[0].ID != files[1].ID {
		t.Errorf("the end twice: %v, %v", files, failures)
	}
	if rows, notes := stored(t, s); rows != 1 || notes != 0 || objects(t, s) != 1 {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
}

// Captions that are replaced are those that are read from then on; and versions count for an office's quota.
func TestWhatElseKnowsOfVersions(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{Quota: 150}), t.Context()
	cue := func(words string) string { return "WEBVTT\n\n00:01.000 --> 00:02.000\n" + words + "\n" }
	f := upload(t, s, "a.vtt", []byte(cue("First")))
	said := func() string {
		cues, err := s.Captions(ctx, f.ID)
		if err != nil || len(cues) != 1 {
			t.Fatal(cues, err)
		}
		return cues[0].Text
	}
	first := said()
	if _, err := s.Replace(ctx, program, f.ID, Upload{Name: "a.vtt", Body: strings.NewReader(cue("Second"))}); err != nil {
		t.Fatal(err)
	}
	if first != "First" || said() != "Second" {
		t.Errorf("%q, then %q", first, said())
	}
	var problem *Problem
	if _, err := s.Replace(ctx, program, f.ID, Upload{Name: "a.vtt", Body: strings.NewReader(cue(strings.Repeat("x", 60)))}); !errors.As(err, &problem) || problem.Key != "media.problem.quota" {
		t.Errorf("over the quota: %v", err)
	}
}

func TestLimitsOfUploadsUnderWay(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{FileSize: 1 << 20}), t.Context()
	var problem *Problem
	for _, size := range []int64{0, -1, -1 << 62, 1<<20 + 1, 1 << 62} {
		if _, err := s.Begin(ctx, program, Upload{Name: "x", Size: size}, ""); !errors.As(err, &problem) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if _, err := s.Begin(ctx, program, Upload{Name: "x", Size: 3}, strings.Repeat("p", 201)); !errors.As(err, &problem) {
		t.Errorf("a long print: %v", err)
	}
	var last *Partial
	for i := range OpenUploads {
		p, err := s.Begin(ctx, program, Upload{Name: "a.gif", Size: 100_000}, fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		last = p
	}
	if _, err := s.Begin(ctx, program, Upload{Name: "b", Size: 3}, ""); !errors.As(err, &problem) || problem.Key != "library.problem.open" {
		t.Errorf("one more: %v", err)
	}
	if _, _, err := s.Append(ctx, program, last.ID, 0, io.MultiReader(strings.NewReader("GIF89a\xff\xff\xff\xff"), bytes.NewReader(make([]byte, 70_000-10)))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Append(ctx, program, last.ID, 70_000, bytes.NewReader(make([]byte, 30_001))); !errors.As(err, &problem) {
		t.Errorf("more than was announced: %v", err)
	}
	if n := objects(t, s); n != 1 {
		t.Errorf("%d pieces stored", n)
	}
	// What is not accepted when it is whole is gone.
	_, _, err := s.Append(ctx, program, last.ID, 70_000, bytes.NewReader(make([]byte, 30_000)))
	if !errors.As(err, &problem) {
		t.Errorf("a picture with too many pixels: %v", err)
	}
	if _, err := s.Partial(ctx, program, last.ID); !errors.Is(err, db.ErrNotFound) || objects(t, s) != 0 {
		t.Errorf("a refused upload: %v, %d objects", err, objects(t, s))
	}
	// What nobody went on with is dropped after its time, with its pieces.
	p, err := s.Begin(ctx, program, Upload{Name: "c", Size: 100_000}, "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Append(ctx, program, p.ID, 0, bytes.NewReader(make([]byte, 70_000))); err != nil {
		t.Fatal(err)
	}
	execute(t, s, "UPDATE media_uploads SET at = ?", db.Now().Add(-UploadTime-time.Minute))
	if err := s.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if open, err := s.Partials(ctx, program); err != nil || len(open) != 0 || objects(t, s) != 0 {
		t.Errorf("%d open uploads, %d objects, %v", len(open), objects(t, s), err)
	}
	// A piece that went missing ends the upload, and the file is sent anew.
	if p, err = s.Begin(ctx, program, Upload{Name: "d", Size: 100_000}, "d"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Append(ctx, program, p.ID, 0, bytes.NewReader(make([]byte, 70_000))); err != nil {
		t.Fatal(err)
	}
	var key string
	if err := s.db.Read().NewRaw("SELECT object_key FROM media_pieces").Scan(ctx, &key); err != nil {
		t.Fatal(err)
	}
	if err := s.storage.Delete(ctx, key); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Append(ctx, program, p.ID, 70_000, bytes.NewReader(make([]byte, 30_000))); !errors.As(err, &problem) {
		t.Errorf("a piece is missing: %v", err)
	}
	if rows, notes := stored(t, s); rows != 0 || notes != 0 || objects(t, s) != 0 {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
}

// Whatever a client sends, in whatever order, and however often connections break: the bytes are those that were announced, in
// their order, each once, and nothing is left behind.
func TestUploadsAgainstAModel(t *testing.T) {
	s, ctx := newDiskStore(t, Limits{}), t.Context()
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 7))
		data := make([]byte, 1+random.IntN(900_000))
		for i := range data {
			data[i] = byte(random.UintN(256))
		}
		up := Upload{Name: "model.bin", Size: int64(len(data))}
		p, err := s.Begin(ctx, program, up, fmt.Sprint(seed))
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		var made *File
		for made == nil {
			from, n, broken := at, 1+random.IntN(300_000), random.IntN(3) == 0
			if random.IntN(4) == 0 {
				from = random.IntN(len(data))
			}
			n = min(n, len(data)-from)
			var body io.Reader = bytes.NewReader(data[from : from+n])
			request, cancel := context.WithCancel(ctx)
			if broken {
				body = severed{body, cancel}
			}
			_, f, err := s.Append(request, program, p.ID, int64(from), body)
			cancel()
			switch {
			case from != at:
				if !errors.Is(err, ErrOffset) {
					t.Fatalf("%d of %d: %v", from, at, err)
				}
			case broken:
				if !Broken(err) || f != nil {
					t.Fatalf("broken: %v, %v", f, err)
				}
				if n >= leastPiece {
					at += n
				}
			case err != nil:
				t.Fatal(err)
			default:
				at += n
			}
			if random.IntN(5) == 0 {
				s = New(s.db, s.storage, s.limits)
			}
			if q, err := s.Begin(ctx, program, up, fmt.Sprint(seed)); at < len(data) && (err != nil || q.ID != p.ID || q.Received != int64(at)) {
				t.Fatalf("the server is at %+v, want %d, %v", q, at, err)
			} else if q != nil && q.ID != p.ID {
				_ = s.DropPartial(ctx, program, q.ID)
			}
			if made = f; made == nil && at == len(data) { // the last piece came over a connection that broke
				if _, made, err = s.Append(ctx, program, p.ID, int64(at), strings.NewReader("")); err != nil {
					t.Fatal(err)
				}
			}
		}
		o, err := s.storage.Open(ctx, made.Key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		o.Close()
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("seed %d: %d bytes of %d, %v", seed, len(got), len(data), err)
		}
	}
	if rows, notes := stored(t, s); rows != 12 || notes != 0 || objects(t, s) != 12 {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
}

func FuzzFolder(f *testing.F) {
	for _, path := range []string{"", "/", "a/b", "../..", `a\b`, " a  b / c ", "a/./b//c", "\x00\u202e", strings.Repeat("a/", 9), "\xff/\xfe"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := cleanFolder(path)
		if err != nil {
			return
		}
		if again, err := cleanFolder(got); err != nil || again != got {
			t.Errorf("%q becomes %q, and that %q, %v", path, got, again, err)
		}
		if strings.HasPrefix(got, "/") || strings.HasSuffix(got, "/") || strings.Contains(got, "//") || strings.ContainsAny(got, "\x00\n\\") || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", path, got)
		}
		for _, name := range strings.Split(got, "/") {
			if name == "." || name == ".." || name != strings.TrimSpace(name) {
				t.Errorf("%q becomes %q", path, got)
			}
		}
	})
}
