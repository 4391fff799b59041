package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"

	"github.com/minio/minio-go/v7"
	"github.com/uptrace/bun"
	"golang.org/x/image/webp"
)

// openDB gives a migrated database of its own: SQLite, or PostgreSQL when PLENARY_TEST_DATABASE names a server.
func openDB(t testing.TB) *db.DB {
	t.Helper()
	return dbtest.Open(t, dbtest.Address(t))
}

// eachStorage runs a test on disk and, when PLENARY_TEST_S3 names a server, on S3 too.
func eachStorage(t *testing.T, f func(t *testing.T, storage Storage)) {
	addresses := map[string]string{"disk": "file:" + filepath.Join(t.TempDir(), "uploads")}
	if s3 := os.Getenv("PLENARY_TEST_S3"); s3 != "" {
		addresses["s3"] = s3
	}
	for name, address := range addresses {
		t.Run(name, func(t *testing.T) {
			storage, err := OpenStorage(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			f(t, storage)
		})
	}
}

func newStore(t testing.TB, storage Storage, limits Limits) *Store {
	if limits.Temp == "" {
		limits.Temp = t.TempDir()
	}
	return New(openDB(t), storage, limits)
}

func newDiskStore(t testing.TB, limits Limits) *Store {
	storage, err := OpenStorage(context.Background(), "file:"+filepath.Join(t.TempDir(), "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	return newStore(t, storage, limits)
}

var program = auth.System("test")

func upload(t testing.TB, s *Store, name string, data []byte) *File {
	t.Helper()
	f, err := s.Upload(context.Background(), program, Upload{Name: name, Body: bytes.NewReader(data), Size: int64(len(data))})
	if err != nil {
		t.Fatalf("upload %s: %v", name, err)
	}
	return f
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func reload(t testing.TB, s *Store, id string) *File {
	t.Helper()
	f, err := s.one(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func drain(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func serve(s *Store, method, id, name string, may func(*File) bool, header ...string) (*httptest.ResponseRecorder, error) {
	w := httptest.NewRecorder()
	name, query, _ := strings.Cut(name, "?")
	r := httptest.NewRequest(method, "/media/x/y?"+query, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w, s.Serve(w, r, id, name, may)
}

func everyone(*File) bool { return true }

func public(context.Context, string) (bool, error) { return true, nil }

// stored counts rows, and notes about objects.
func stored(t testing.TB, s *Store) (rows, notes int) {
	t.Helper()
	keys, err := s.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Read().NewRaw("SELECT count(*) FROM media_intents").Scan(context.Background(), &notes); err != nil {
		t.Fatal(err)
	}
	return len(keys), notes
}

// objects counts the files a disk storage holds, unfinished ones included.
func objects(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := filepath.WalkDir(s.storage.(*disk).root.Name(), func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStorage(t *testing.T) {
	eachStorage(t, func(t *testing.T, s Storage) {
		ctx := t.Context()
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
		key := newKey()
		if _, err := s.Open(ctx, key); !errors.Is(err, ErrNoObject) {
			t.Errorf("open what is not there: %v, want ErrNoObject", err)
		}
		if err := s.Delete(ctx, key); err != nil {
			t.Errorf("delete what is not there: %v", err)
		}
		data := bytes.Repeat([]byte("0123456789"), 2_000_000) // more than one part
		if err := s.Put(ctx, key, bytes.NewReader(data), int64(len(data)), "text/plain"); err != nil {
			t.Fatal(err)
		}
		o, err := s.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		if o.Size != int64(len(data)) || time.Since(o.Modified).Abs() > time.Hour {
			t.Errorf("size %d, modified %v", o.Size, o.Modified)
		}
		if _, err := o.Seek(12_345_678, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		part := make([]byte, 4)
		if _, err := io.ReadFull(o, part); err != nil || string(part) != "8901" {
			t.Errorf("after seek %q, %v", part, err)
		}
		if _, err := o.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(o); err != nil || !bytes.Equal(all, data) {
			t.Errorf("read back %d bytes, %v", len(all), err)
		}
		o.Close()
		if err := s.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(ctx, key); !errors.Is(err, ErrNoObject) {
			t.Errorf("open what was deleted: %v", err)
		}
		for _, bad := range []string{"", "..", "../x", "/etc/passwd", "ab/../../x", "aa/" + strings.Repeat("z", 30), unfinished + "/x"} {
			if err := s.Put(ctx, bad, strings.NewReader("x"), 1, ""); err == nil {
				t.Errorf("put under %q was accepted", bad)
			}
			if _, err := s.Open(ctx, bad); err == nil {
				t.Errorf("open of %q was accepted", bad)
			}
		}
		// A reader that breaks off leaves nothing.
		key = newKey()
		broken := io.MultiReader(strings.NewReader("abc"), failingReader{})
		if err := s.Put(ctx, key, broken, 10, ""); err == nil {
			t.Error("put of a broken reader succeeded")
		}
		if _, err := s.Open(ctx, key); !errors.Is(err, ErrNoObject) {
			t.Errorf("after a broken put: %v, want ErrNoObject", err)
		}
	})
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("cable cut") }

func TestStorageAddress(t *testing.T) {
	for address, want := range map[string]s3Address{
		"s3://k:s@127.0.0.1:7070/buck":              {"k", "s", "127.0.0.1:7070", "buck", "us-east-1", false},
		"s3://k:s@[::1]:7070/buck?tls=1":            {"k", "s", "[::1]:7070", "buck", "us-east-1", true},
		"s3://k:s%2F1@minio.example/buck?tls=0":     {"k", "s/1", "minio.example", "buck", "us-east-1", false},
		"s3://k:s@minio.example/buck?region=eu-x-1": {"k", "s", "minio.example", "buck", "eu-x-1", true},
	} {
		if got, err := parseS3(address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	for _, address := range []string{"", "uploads", "file:", "ftp://x", "s3://host/b", "s3://k:HUSH@/buck", "s3://k:HUSH@h/b", "s3://k:HUSH@h/", "s3://k:HUSH@h/a/b", "s3://k:HUSH@h/buck?tls=no", "s3://k:HU/SH@h/buck"} {
		if _, err := OpenStorage(t.Context(), address); err == nil || strings.Contains(err.Error(), "HU") {
			t.Errorf("%s: %v; want an error without the secret", address, err)
		}
	}
}

// Parts of an object that a killed program was sending go when its note comes due.
func TestPartsOnS3(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		b, ok := storage.(*bucket)
		if !ok {
			return // disk: TestUnfinishedOnDisk
		}
		key := newKey()
		core := minio.Core{Client: b.client}
		id, err := core.NewMultipartUpload(t.Context(), b.name, key, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := core.PutObjectPart(t.Context(), b.name, key, id, 1, strings.NewReader("abc"), 3, minio.PutObjectPartOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		for left := range b.client.ListIncompleteUploads(t.Context(), b.name, key, true) {
			t.Errorf("left: %s %v", left.Key, left.Err)
		}
	})
}

func TestUnfinishedOnDisk(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "uploads")
	open := func() *disk {
		s, err := OpenStorage(t.Context(), "file:"+folder)
		if err != nil {
			t.Fatal(err)
		}
		return s.(*disk)
	}
	open()
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "young": 0} {
		path := filepath.Join(folder, unfinished, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	d := open()
	left, err := os.ReadDir(filepath.Join(folder, unfinished))
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left %v, %v", left, err)
	}
	key := newKey()
	if err := d.Put(t.Context(), key, strings.NewReader("x"), 1, ""); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{key: 0o600, filepath.Dir(key): 0o700 | os.ModeDir} {
		if i, err := os.Stat(filepath.Join(folder, path)); err != nil || i.Mode() != want {
			t.Errorf("%s: %v, %v, want %v", path, i.Mode(), err, want)
		}
	}
	// A link that leads outside is not followed.
	other := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(other, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	key = newKey()
	if err := errors.Join(os.MkdirAll(filepath.Join(folder, filepath.Dir(key)), 0o700), os.Symlink(other, filepath.Join(folder, key))); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(t.Context(), key); err == nil {
		t.Error("a link out of the folder was followed")
	}
}

// The whole life of a picture, on every storage.
func TestPicture(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		s := newStore(t, storage, Limits{})
		s.IsPublic = public
		var changed []string
		s.OnChange = func(_ context.Context, _ bun.Tx, id string) (func(), error) {
			return func() { changed = append(changed, id) }, nil
		}
		original := sample(t, "portrait-exif6.jpg")
		f := upload(t, s, `C:\pictures\Portrait.JPG`, original)
		if f.Name != "Portrait.JPG" || f.Kind != Picture || f.Type != "image/jpeg" || f.Width != 1200 || f.Height != 1600 || f.State != Pending {
			t.Fatalf("uploaded %+v", f)
		}
		drain(t, s)
		f = reload(t, s, f.ID)
		if f.State != Ready || len(changed) != 1 {
			t.Fatalf("state %s, changes told: %v", f.State, changed)
		}
		for name, want := range map[string][2]int{
			"320.webp": {320, 427}, "320.jpg": {320, 427}, "960.jpg": {960, 1280}, "1600.webp": {1200, 1600}, "16x9-640.jpg": {640, 360},
			"square-320.webp": {320, 320}, "og.jpg": {1200, 630},
		} {
			r := f.Rendition(name)
			if r == nil {
				t.Errorf("%s is missing", name)
				continue
			}
			if w, err := serve(s, "GET", f.ID, name+"?v=00000000", nil); err != nil || w.Header().Get("Cache-Control") != "public, no-cache" {
				t.Errorf("%s, another version: %v", name, err)
			}
			w, err := serve(s, "GET", f.ID, strings.TrimPrefix(r.URL(), "/media/"+f.ID+"/"), nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			m, err := decodeAs(r.Type, w.Body.Bytes())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := m.Bounds().Size(); got.X != want[0] || got.Y != want[1] || r.Width != want[0] || r.Height != want[1] || int64(w.Body.Len()) != r.Size {
				t.Errorf("%s: %v, row %dx%d, %d bytes", name, got, r.Width, r.Height, w.Body.Len())
			}
			if bytes.Contains(w.Body.Bytes(), []byte("Exif")) || bytes.Contains(w.Body.Bytes(), []byte("Sample")) {
				t.Errorf("%s still carries metadata", name)
			}
			h := w.Header()
			if h.Get("Cache-Control") != "private, max-age=31536000, immutable" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != r.Type ||
				h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") || h.Get("ETag") != `"`+r.SHA256+`"` {
				t.Errorf("%s: headers %v", name, h)
			}
			// Upright: the red bar is on top.
			if !strings.Contains(name, "x9") && !strings.HasPrefix(name, "square") && name != "og.jpg" {
				if r, g, b, _ := m.At(want[0]/2, want[1]/150).RGBA(); 2*r < 3*g || 2*r < 3*b {
					t.Errorf("%s: %d,%d,%d on top, want red", name, r>>8, g>>8, b>>8)
				}
			}
		}
		if og := f.Rendition("og"); og == nil || og.Size >= ogBytes {
			t.Errorf("og %+v", og)
		}
		if got := strings.Count(f.Srcset(""), ","); got != 3 || !strings.HasSuffix(f.Srcset(""), " 1200w") || !strings.Contains(f.SrcsetWebP("16x9"), "/media/"+f.ID+"/16x9-320.webp?v=") {
			t.Errorf("srcset %s\n%s", f.Srcset(""), f.SrcsetWebP("16x9"))
		}
		if b := f.Best("square", 300); b == nil || b.Name != "square-320.jpg" {
			t.Errorf("best %+v", b)
		}
		// Without the version the address may be kept only with a question.
		if w, err := serve(s, "GET", f.ID, "320.jpg", nil); err != nil || w.Header().Get("Cache-Control") != "public, no-cache" {
			t.Errorf("unversioned: %v, %v", w.Header(), err)
		}
		// The original, with the place where it was taken, is not public.
		if _, err := serve(s, "GET", f.ID, "portrait.jpg", nil); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("original for the public: %v", err)
		}
		w, err := serve(s, "GET", f.ID, "portrait.jpg", everyone)
		if err != nil || !bytes.Equal(w.Body.Bytes(), original) || w.Header().Get("Content-Disposition") != `attachment; filename="Portrait.JPG"` {
			t.Errorf("original for staff: %v, %v", w.Header(), err)
		}
		for _, name := range []string{"321.jpg", "16x9-100.webp", "320.gif", "../../x", "", "square-960.jpg"} {
			if _, err := serve(s, "GET", f.ID, name, nil); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%q: %v", name, err)
			}
		}

		// Another focal point: crops are made anew, the whole picture is not.
		whole, crop := f.Rendition("640.jpg").Key, f.Rendition("16x9-640.jpg").SHA256
		if _, err := s.SetFocus(t.Context(), program, f.ID, 50, 0); err != nil {
			t.Fatal(err)
		}
		if g := reload(t, s, f.ID); g.State != Pending || g.Rendition("16x9-640.jpg") == nil {
			t.Errorf("while crops are made: %s, %v", g.State, g.Rendition("16x9-640.jpg"))
		}
		drain(t, s)
		f = reload(t, s, f.ID)
		if f.State != Ready || f.Rendition("640.jpg").Key != whole || f.Rendition("16x9-640.jpg").SHA256 == crop || f.Rendition("16x9-640.jpg").Focus != "50,0" {
			t.Errorf("after the focus moved: %s, %+v", f.State, f.Rendition("16x9-640.jpg"))
		}
		rows, notes := stored(t, s)
		if rows != 24 || notes != 15 { // 4×2 whole, 4×2 + 3×2 crops, og, the original; the replaced crops wait for their removal
			t.Errorf("%d objects, %d notes", rows, notes)
		}

		// In use, then not.
		s.UsedBy = func(context.Context, bun.IDB, string) ([]string, error) { return []string{"e1"}, nil }
		var used *InUseError
		if err := s.Delete(t.Context(), program, f.ID); !errors.As(err, &used) || used.Entries[0] != "e1" {
			t.Errorf("delete while used: %v", err)
		}
		s.UsedBy = nil
		if err := s.Delete(t.Context(), program, f.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.storage.Open(t.Context(), f.Key); !errors.Is(err, ErrNoObject) {
			t.Errorf("original after delete: %v", err)
		}
		if _, err := serve(s, "GET", f.ID, "320.jpg", everyone); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("serve after delete: %v", err)
		}
		if rows, notes := stored(t, s); rows != 0 || notes != 15 {
			t.Errorf("after delete %d objects, %d notes", rows, notes)
		}
		makeDue(t, s)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows, notes := stored(t, s); rows != 0 || notes != 0 {
			t.Errorf("after the sweep %d objects, %d notes", rows, notes)
		}
		if _, ok := s.storage.(*disk); ok && objects(t, s) != 0 {
			t.Errorf("%d files are left on disk", objects(t, s))
		}
	})
}

// makeDue lets all notes' time come.
func makeDue(t testing.TB, s *Store) {
	t.Helper()
	err := s.db.InTx(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE media_intents SET due_at = ?", longAgo).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func decodeAs(contentType string, data []byte) (image.Image, error) {
	switch contentType {
	case "image/webp":
		return webp.Decode(bytes.NewReader(data))
	case "image/png":
		return png.Decode(bytes.NewReader(data))
	}
	return jpeg.Decode(bytes.NewReader(data))
}

func TestDocument(t *testing.T) {
	eachStorage(t, func(t *testing.T, storage Storage) {
		s := newStore(t, storage, Limits{})
		data := sample(t, "background-paper-summary-ar.pdf")
		f := upload(t, s, "ورقة معلومات.pdf", data)
		if f.Kind != PDF || f.Pages != 2 || !f.Tagged || f.State != None {
			t.Fatalf("%+v", f)
		}
		slug, _ := url.PathUnescape(strings.TrimPrefix(f.URL(), "/media/"+f.ID+"/"))
		// Rights follow the page: nobody, staff, everyone.
		if _, err := serve(s, "GET", f.ID, slug, nil); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("public without a page: %v", err)
		}
		w, err := serve(s, "GET", f.ID, slug, everyone)
		if err != nil || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("staff: %v %v", err, w.Header())
		}
		s.IsPublic = public
		w, err = serve(s, "GET", f.ID, slug, nil, "Range", "bytes=0-4")
		if err != nil || w.Code != http.StatusPartialContent || w.Body.String() != "%PDF-" || w.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("range: %d %q %v", w.Code, w.Body, err)
		}
		if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, `inline; filename="____ _______.pdf"; filename*=UTF-8''%D9%88`) {
			t.Errorf("disposition %s", d)
		}
		w, err = serve(s, "GET", f.ID, slug, nil, "If-None-Match", `"`+f.SHA256+`"`)
		if err != nil || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("etag: %d %v", w.Code, err)
		}
		w, err = serve(s, "HEAD", f.ID, slug, nil)
		if err != nil || w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != fmt.Sprint(len(data)) {
			t.Errorf("head: %d %v %v", w.Code, w.Header(), err)
		}
		// An old address leads to the present one.
		if _, err := s.Rename(t.Context(), program, f.ID, "Summary (final).pdf"); err != nil {
			t.Fatal(err)
		}
		w, err = serve(s, "GET", f.ID, slug, nil)
		if err != nil || w.Code != http.StatusFound || w.Header().Get("Location") != "/media/"+f.ID+"/summary-final.pdf" {
			t.Errorf("renamed: %d %v %v", w.Code, w.Header(), err)
		}
	})
}

// actorWith makes an account with one role and signs it in.
func actorWith(t testing.TB, d *db.DB, role auth.Role, scope auth.ScopeKind, id string) *auth.Actor {
	t.Helper()
	ctx := context.Background()
	a := auth.New(d, auth.Options{})
	email := strings.ToLower(rand.Text()) + "@example.org"
	password := rand.Text()
	account, err := a.Create(ctx, program, auth.NewAccount{Email: email, Name: "Somebody", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddGrant(ctx, program, auth.Grant{AccountID: account.ID, Role: role, Scope: scope, ScopeID: id}); err != nil {
		t.Fatal(err)
	}
	o, err := a.SignIn(ctx, email, password, auth.From{IP: netip.MustParseAddr("192.0.2.1")})
	if err != nil {
		t.Fatal(err)
	}
	return o.Actor
}

func TestRights(t *testing.T) {
	s := newDiskStore(t, Limits{})
	ctx := t.Context()
	ours := actorWith(t, s.db, auth.PartnerEditor, auth.ScopeOrganisation, "o1")
	theirs := actorWith(t, s.db, auth.PartnerEditor, auth.ScopeOrganisation, "o2")
	observer := actorWith(t, s.db, auth.Translator, auth.ScopeSite, "")
	up := func(who *auth.Actor, office string) (*File, error) {
		return s.Upload(ctx, who, Upload{Name: "note.txt", Body: strings.NewReader("text of " + office), Office: office})
	}
	f, err := up(ours, "o1")
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"upload by nobody":          second(up(nil, "o1")),
		"upload to another office":  second(up(ours, "o2")),
		"upload without the role":   second(up(observer, "o1")),
		"rename without the role":   second(s.Rename(ctx, observer, f.ID, "x")),
		"deletion without the role": s.Delete(ctx, observer, f.ID),
		"list for nobody":           third(s.List(ctx, nil, Query{})),
	} {
		if !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", what, err)
		}
	}
	_, missing := s.Rename(ctx, theirs, "nosuchfile", "x")
	for what, err := range map[string]error{
		"rename by another office":   second(s.Rename(ctx, theirs, f.ID, "x")),
		"focus by another office":    second(s.SetFocus(ctx, theirs, f.ID, 1, 1)),
		"deletion by another office": s.Delete(ctx, theirs, f.ID),
		"deletion by nobody":         s.Delete(ctx, nil, f.ID),
		"rename of none":             missing,
	} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound, as for one that is not there", what, err)
		}
	}
	if n := objects(t, s); n != 1 {
		t.Errorf("%d stored objects after refused uploads, want 1", n)
	}
	if files, _, err := s.List(ctx, theirs, Query{}); err != nil || len(files) != 0 {
		t.Errorf("another office sees %d files, %v", len(files), err)
	}
	if files, _, err := s.List(ctx, ours, Query{}); err != nil || len(files) != 1 {
		t.Errorf("the office sees %d files, %v", len(files), err)
	}
	if _, err := s.Rename(ctx, ours, f.ID, "new.txt"); err != nil {
		t.Error(err)
	}
	var lines []string
	if err := s.db.Read().NewRaw("SELECT action FROM audit WHERE object_id = ? ORDER BY id", f.ID).Scan(ctx, &lines); err != nil || fmt.Sprint(lines) != "[media.upload media.rename]" {
		t.Errorf("audit %v, %v", lines, err)
	}
}

func second[T any](_ T, err error) error       { return err }
func third(_ []*File, _ bool, err error) error { return err }

func TestList(t *testing.T) {
	s := newDiskStore(t, Limits{})
	for _, name := range []string{"Ökonomie 100%.txt", "100x.txt", "under_score.txt", "underXscore.txt"} {
		upload(t, s, name, []byte("text "+name))
	}
	pic := upload(t, s, "map.png", picture(40, 30, color.NRGBA{1, 2, 3, 255}))
	drain(t, s)
	for _, c := range []struct {
		q    Query
		want string
		more bool
	}{
		{Query{Search: "ÖKO"}, "Ökonomie 100%.txt", false},
		{Query{Search: "100%"}, "Ökonomie 100%.txt", false},
		{Query{Search: "r_s"}, "under_score.txt", false},
		{Query{Search: "x\x00' OR 1=1 --"}, "", false},
		{Query{Kind: Picture}, "map.png", false},
		{Query{Size: 2}, "map.png underXscore.txt", true},
		{Query{Size: 2, Page: 3}, "Ökonomie 100%.txt", false},
		{Query{Size: -1, Page: -7, Kind: PDF}, "", false},
		{Query{Page: 1 << 62}, "", false},
	} {
		files, more, err := s.List(t.Context(), program, c.q)
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != c.want || more != c.more {
			t.Errorf("%+v: %q, more %v, %v", c.q, got, more, err)
		}
	}
	files, _, _ := s.List(t.Context(), program, Query{Kind: Picture})
	if len(files) != 1 || len(files[0].Renditions) != 7 { // 320 ×2, 16x9-320 ×2, square-160 ×2, og
		t.Errorf("list gives %d renditions", len(files[0].Renditions))
	}
	if got, err := s.Get(t.Context(), pic.ID, "nonsense", files[0].ID); err != nil || len(got) != 1 {
		t.Errorf("get: %v, %v", got, err)
	}
}

// picture makes a PNG of one colour.
func picture(w, h int, c color.NRGBA) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestSmallAndTransparentPictures(t *testing.T) {
	s := newDiskStore(t, Limits{})
	small := upload(t, s, "s.png", picture(500, 400, color.NRGBA{200, 10, 10, 255}))
	clear := upload(t, s, "c.png", picture(700, 700, color.NRGBA{0, 0, 200, 100}))
	dot := upload(t, s, "dot.png", picture(1, 1, color.NRGBA{0, 0, 200, 255}))
	wide := upload(t, s, "wide.png", picture(3000, 7, color.NRGBA{0, 90, 200, 255}))
	drain(t, s)
	f := reload(t, s, small.ID)
	if f.State != Ready || f.Rendition("640").Width != 500 || f.Rendition("960") != nil || f.Rendition("16x9-640").Width != 500 || f.Rendition("og").Width != 500 {
		t.Errorf("small: %s %s", f.State, f.Srcset(""))
	}
	f = reload(t, s, clear.ID)
	if f.Rendition("640").Type != "image/png" || f.Rendition("640.jpg") != nil || f.Rendition("og").Type != "image/jpeg" {
		t.Errorf("transparent: %+v", f.Rendition("640"))
	}
	o, err := s.OpenKey(t.Context(), f.Rendition("640.webp").Key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if m, err := webp.Decode(o); err != nil {
		t.Error(err)
	} else if _, _, _, a := m.At(9, 9).RGBA(); a>>8 < 90 || a>>8 > 110 {
		t.Errorf("alpha %d in WebP, want 100", a>>8)
	}
	for _, id := range []string{dot.ID, wide.ID} {
		if f := reload(t, s, id); f.State != Ready || f.Rendition("og") == nil || f.Rendition("square-160") == nil {
			t.Errorf("%s: %s", f.Name, f.State)
		}
	}
}

func TestFocusOfCrops(t *testing.T) {
	for _, c := range []struct{ w, h, cw, ch, x, y, left, top, width, height int }{
		{1600, 900, 1, 1, 50, 50, 350, 0, 900, 900},
		{1600, 900, 1, 1, 0, 50, 0, 0, 900, 900},
		{1600, 900, 1, 1, 100, 50, 700, 0, 900, 900},
		{900, 1600, 16, 9, 50, 25, 0, 147, 900, 506},
		{900, 1600, 16, 9, 50, 100, 0, 1094, 900, 506},
		{1, 1, 16, 9, 50, 50, 0, 0, 1, 1},
	} {
		m := cut(image.NewNRGBA(image.Rect(0, 0, c.w, c.h)), c.cw, c.ch, c.x, c.y)
		if got, want := m.Bounds(), image.Rect(c.left, c.top, c.left+c.width, c.top+c.height); got != want {
			t.Errorf("%+v: %v, want %v", c, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	s := newDiskStore(t, Limits{FileSize: 1000, Quota: 1500})
	ctx := t.Context()
	problem := func(u Upload) string {
		_, err := s.Upload(ctx, program, u)
		var p *Problem
		if !errors.As(err, &p) {
			return fmt.Sprint(err)
		}
		return p.Fields()["file"]
	}
	text := func(n int) io.Reader { return strings.NewReader(strings.Repeat("x", n)) }
	for _, c := range []struct {
		u    Upload
		want string
	}{
		{Upload{Body: text(0)}, "media.problem.empty"},
		{Upload{Body: text(1001)}, "media.problem.too_large"},
		{Upload{Body: text(10), Size: 1 << 62}, "media.problem.too_large"},
		{Upload{Body: text(10), Size: -1}, "media.problem.size"},
		{Upload{Body: text(10), Size: 11}, "media.problem.size"},
		{Upload{Body: text(900), Office: "o1"}, "<nil>"},
		{Upload{Body: text(900), Office: "o1"}, "media.problem.quota"},
		{Upload{Body: text(900), Office: "o2"}, "<nil>"},
	} {
		if got := problem(c.u); got != c.want {
			t.Errorf("%+v: %s, want %s", c.u, got, c.want)
		}
	}
	if _, err := s.Upload(ctx, program, Upload{Body: failingReader{}}); err == nil || errors.Is(err, ErrStorage) {
		t.Errorf("a cut cable: %v; not the store's fault", err)
	}
	if rows, notes := stored(t, s); rows != 2 || notes != 0 || objects(t, s) != 2 {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
	if left, _ := os.ReadDir(s.limits.Temp); len(left) != 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
}

// broken is a storage that fails as told.
type broken struct {
	Storage
	check, put error
	afterPut   func()
}

func (b *broken) Check(ctx context.Context) error {
	if b.check != nil {
		return b.check
	}
	return b.Storage.Check(ctx)
}

func (b *broken) Put(ctx context.Context, key string, r io.Reader, size int64, t string) error {
	if b.put != nil {
		return b.put
	}
	err := b.Storage.Put(ctx, key, r, size, t)
	if b.afterPut != nil {
		b.afterPut()
	}
	return err
}

func TestStorageDown(t *testing.T) {
	s := newDiskStore(t, Limits{})
	b := &broken{Storage: s.storage, check: ErrStorage}
	s.storage = b
	read := false
	_, err := s.Upload(t.Context(), program, Upload{Name: "x", Body: readerFunc(func([]byte) (int, error) { read = true; return 0, io.EOF })})
	if !errors.Is(err, ErrStorage) || read {
		t.Errorf("store away: %v, body read: %v", err, read)
	}
	b.check, b.put = nil, fmt.Errorf("%w: gone in the middle", ErrStorage)
	if _, err = s.Upload(t.Context(), program, Upload{Name: "x", Body: strings.NewReader("x")}); !errors.Is(err, ErrStorage) {
		t.Errorf("store gone while storing: %v", err)
	}
	if rows, notes := stored(t, s); rows != 0 || notes != 0 {
		t.Errorf("half a record: %d rows, %d notes", rows, notes)
	}
	// Renditions wait until it is back, whatever the number of attempts.
	b.put = nil
	f := upload(t, s, "p.png", picture(400, 300, color.NRGBA{9, 9, 9, 255}))
	b.put = ErrStorage
	for range maxAttempts + 2 {
		if err := s.Drain(t.Context()); !errors.Is(err, ErrStorage) {
			t.Fatalf("drain: %v", err)
		}
	}
	if got := reload(t, s, f.ID).State; got != Pending {
		t.Errorf("state %s", got)
	}
	b.put = nil
	drain(t, s)
	if got := reload(t, s, f.ID).State; got != Ready {
		t.Errorf("state %s", got)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A kill at any point leaves either a row or a note, and the sweep removes what has no row.
func TestKilledBetween(t *testing.T) {
	s := newDiskStore(t, Limits{})
	disk := s.storage
	// Killed after the object was stored, before the row: a panic through Upload stands for it.
	s.storage = &broken{Storage: disk, afterPut: func() { panic("killed") }}
	func() {
		defer func() { recover() }()
		s.Upload(context.Background(), program, Upload{Name: "x", Body: strings.NewReader("x")})
	}()
	s.storage = disk
	if rows, notes := stored(t, s); rows != 0 || notes != 1 || objects(t, s) != 1 {
		t.Fatalf("killed: %d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
	if err := s.Sweep(t.Context()); err != nil || objects(t, s) != 1 {
		t.Errorf("a sweep at once takes what may be under way: %d objects, %v", objects(t, s), err)
	}
	makeDue(t, s)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows, notes := stored(t, s); rows != 0 || notes != 0 || objects(t, s) != 0 {
		t.Errorf("swept: %d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
	// A store so slow that the sweep came first: the upload fails rather than keeping a row without its bytes.
	s.storage = &broken{Storage: disk, afterPut: func() {
		makeDue(t, s)
		if err := s.Sweep(context.Background()); err != nil {
			t.Error(err)
		}
	}}
	if _, err := s.Upload(t.Context(), program, Upload{Name: "x", Body: strings.NewReader("x")}); !errors.Is(err, ErrStorage) {
		t.Errorf("upload overtaken by the sweep: %v", err)
	}
	if rows, notes := stored(t, s); rows != 0 || notes != 0 {
		t.Errorf("overtaken: %d rows, %d notes", rows, notes)
	}
}

func TestQueueGoesOn(t *testing.T) {
	s := newDiskStore(t, Limits{})
	f := upload(t, s, "p.png", picture(400, 300, color.NRGBA{9, 9, 9, 255}))
	// Another process claimed it and was killed.
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE media SET attempts = 1, claimed_until = ?", db.Now().Add(time.Hour)).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if got := reload(t, s, f.ID).State; got != Pending {
		t.Fatalf("a claimed picture was taken: %s", got)
	}
	if s.db.Postgres() { // there the claim of another instance holds until its end
		err = s.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("UPDATE media SET claimed_until = ?", db.Now()).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	wait := func(id string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); reload(t, s, id).State != Ready; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no renditions after 20 s")
			}
		}
	}
	wait(f.ID)
	wait(upload(t, s, "q.png", picture(40, 30, color.NRGBA{9, 9, 9, 255})).ID) // woken, not waiting for the next look
	cancel()
	<-done
	// A picture that takes the program down is given up.
	err = s.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE media SET state = 'pending', attempts = ?, claimed_until = ? WHERE id = ?", maxAttempts, longAgo, f.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if got := reload(t, s, f.ID).State; got != Failed {
		t.Errorf("state %s, want failed", got)
	}
	// Setting the focus, even to what it is, tries again.
	if _, err := s.SetFocus(t.Context(), program, f.ID, 50, 50); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if got := reload(t, s, f.ID).State; got != Ready {
		t.Errorf("state %s after another attempt", got)
	}
}

// The focus moves while crops are being made: the old ones are thrown away and new ones made.
func TestFocusMovesMeanwhile(t *testing.T) {
	s := newDiskStore(t, Limits{})
	f := upload(t, s, "p.png", picture(400, 300, color.NRGBA{9, 9, 9, 255}))
	moved := false
	s.storage = &broken{Storage: s.storage, afterPut: func() {
		if !moved {
			moved = true
			if _, err := s.SetFocus(context.Background(), program, f.ID, 10, 20); err != nil {
				t.Error(err)
			}
		}
	}}
	drain(t, s)
	f = reload(t, s, f.ID)
	if f.State != Ready || f.Rendition("og").Focus != "10,20" {
		t.Errorf("%s, %+v", f.State, f.Rendition("og"))
	}
	if rows, notes := stored(t, s); notes != 0 || rows != len(f.Renditions)+1 {
		t.Errorf("%d rows, %d notes, %d renditions", rows, notes, len(f.Renditions))
	}
}

// A store that is stopped, or takes connections and says nothing, is reported within five seconds.
func TestStoreAwayIsToldInTime(t *testing.T) {
	frozen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { frozen.Close() }) // not defer: the subtests go on after this function
	stopped, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped.Close()
	for name, l := range map[string]net.Listener{"frozen": frozen, "stopped": stopped} {
		b, err := newBucket(s3Address{"key", "HUSHHUSH", l.Addr().String(), "bucket", "us-east-1", false})
		if err != nil {
			t.Fatal(err)
		}
		s := newStore(t, b, Limits{})
		for what, do := range map[string]func() error{
			"check": func() error { return s.Check(t.Context()) },
			"upload": func() error {
				_, err := s.Upload(t.Context(), program, Upload{Name: "x", Body: strings.NewReader("x")})
				return err
			},
			"open":   func() error { _, err := s.OpenKey(t.Context(), newKey()); return err },
			"delete": func() error { return b.Delete(t.Context(), newKey()) },
			"start": func() error {
				_, err := openS3(t.Context(), "s3://key:HUSHHUSH@"+l.Addr().String()+"/bucket")
				return errors.Join(ErrStorage, err)
			},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				if err := do(); !errors.Is(err, ErrStorage) || strings.Contains(err.Error(), "HUSH") {
					t.Errorf("%v, want ErrStorage", err)
				}
				if took := time.Since(start); took > 5*time.Second || name == "frozen" && took < time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
		t.Cleanup(func() {
			if rows, notes := stored(t, s); rows != 0 || notes != 0 {
				t.Errorf("half a record: %d rows, %d notes", rows, notes)
			}
		})
	}
}

// panicking is a store whose pictures make whoever reads them panic, as a decoder does that meets what its author did not
// think of.
type panicking struct {
	Storage
	key string
}

type panickingReader struct{ io.ReadSeekCloser }

func (panickingReader) Read([]byte) (int, error) { panic("index out of range") }

func (p *panicking) Open(ctx context.Context, key string) (*Object, error) {
	o, err := p.Storage.Open(ctx, key)
	if err == nil && key == p.key {
		o.ReadSeekCloser = panickingReader{o.ReadSeekCloser}
	}
	return o, err
}

// TestAPictureThatMakesTheDecoderPanic fails by itself: the program goes on, and so do the other pictures.
func TestAPictureThatMakesTheDecoderPanic(t *testing.T) {
	s := newDiskStore(t, Limits{})
	bad := upload(t, s, "bad.png", picture(40, 30, color.NRGBA{9, 9, 9, 255}))
	good := upload(t, s, "good.png", picture(40, 30, color.NRGBA{9, 9, 9, 255}))
	s.storage = &panicking{s.storage, reload(t, s, bad.ID).Key}
	drain(t, s)
	if b, g := reload(t, s, bad.ID), reload(t, s, good.ID); b.State != Failed || g.State != Ready {
		t.Errorf("the bad one is %s, the good one %s", b.State, g.State)
	}
	if len(decoding) != 0 {
		t.Error("nobody else can decode any more")
	}
}
