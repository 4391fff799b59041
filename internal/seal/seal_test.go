package seal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/seal"
)

func sealed(t *testing.T, d *db.DB, b *seal.Box, words string) string {
	t.Helper()
	var out string
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		k, err := b.Keys(ctx, tx, "event")
		if err == nil {
			out, err = k.Seal(ctx, tx, "question", "person", words)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func opened(t *testing.T, d *db.DB, b *seal.Box, part, about, words string) (string, error) {
	t.Helper()
	k, err := b.Keys(t.Context(), d.Read(), "event")
	if err != nil {
		return "", err
	}
	return k.Open(part, about, words)
}

// Words open where they were sealed and nowhere else, tell nothing by their length, and are lost with their key.
func TestSealing(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	file := filepath.Join(t.TempDir(), "deeper", "seal.key")
	site := seal.Site("file:" + file)
	b, err := seal.Open(t.Context(), d, site)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	yes, no, long := sealed(t, d, b, "yes"), sealed(t, d, b, "no"), strings.Repeat("é", 500)
	if len(yes) != len(no) || yes == sealed(t, d, b, "yes") {
		t.Error("told by their length, or by being the same")
	}
	if w, err := opened(t, d, b, "question", "person", sealed(t, d, b, long)); err != nil || w != long {
		t.Error(w, err)
	}
	again, err := seal.Open(t.Context(), d, site) // the next start
	if err != nil {
		t.Fatal(err)
	}
	if w, err := opened(t, d, again, "question", "person", yes); err != nil || w != "yes" {
		t.Error(w, err)
	}
	if w, err := opened(t, d, b, "question", "another", yes); err == nil {
		t.Error(w)
	}
	if _, err := opened(t, d, b, "other", "person", yes); !errors.Is(err, seal.ErrGone) {
		t.Error(err)
	}
	if w, err := opened(t, d, b, "question", "person", yes[:len(yes)-4]+"AAAA"); err == nil {
		t.Error(w)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		n, err := b.Destroy(ctx, tx, "event", "question")
		if n != 1 {
			t.Error(n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := opened(t, d, b, "question", "person", yes); !errors.Is(err, seal.ErrGone) {
		t.Error(err)
	}
	sealed(t, d, b, "anew")
	if w, err := opened(t, d, b, "question", "person", yes); err == nil {
		t.Error(w) // a key that is made after it is another one
	}
}

// The site's key is the same everywhere: a start without it, or with another, is refused and says what to do.
func TestSiteKey(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	dir := t.TempDir()
	file := filepath.Join(dir, "seal.key")
	site := seal.Site("file:" + file)
	b, err := seal.Open(t.Context(), d, site)
	if err != nil {
		t.Fatal(err)
	}
	yes := sealed(t, d, b, "yes")
	refused := func(site seal.Site, want string) {
		t.Helper()
		if _, err := seal.Open(t.Context(), d, site); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
	refused("file:"+seal.Site(filepath.Join(dir, "elsewhere.key")), "is missing")
	if _, err := os.Stat(filepath.Join(dir, "elsewhere.key")); err == nil {
		t.Error("a second key was made")
	}
	refused(seal.Site(seal.NewSite()), seal.ErrSiteKey.Error())
	refused("1234", "64 hexadecimal digits")
	words, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := seal.Open(t.Context(), d, seal.Site(strings.TrimSpace(string(words)))) // the same key, given another way
	if err != nil {
		t.Fatal(err)
	}

	// Changed: what was sealed is read with the new one; the old one, and who runs with it, is refused.
	if err := b.Change(t.Context(), site); err != nil {
		t.Fatal(err)
	}
	if w, err := opened(t, d, b, "question", "person", yes); err != nil || w != "yes" {
		t.Error(w, err)
	}
	if _, err := opened(t, d, c, "question", "person", yes); !errors.Is(err, seal.ErrSiteKey) {
		t.Error(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		k, err := c.Keys(ctx, tx, "new event")
		if err == nil {
			_, err = k.Seal(ctx, tx, "question", "person", "words")
		}
		return err
	}); !errors.Is(err, seal.ErrSiteKey) {
		t.Error(err)
	}
	refused(seal.Site(strings.TrimSpace(string(words))), seal.ErrSiteKey.Error())
	now, err := os.ReadFile(file)
	if err != nil || string(now) == string(words) {
		t.Fatal(err)
	}
	// Killed between the database and the file, the next start puts it right.
	if err := errors.Join(os.Rename(file, file+".new"), os.WriteFile(file, words, 0o600)); err != nil {
		t.Fatal(err)
	}
	if b, err = seal.Open(t.Context(), d, site); err != nil {
		t.Fatal(err)
	}
	if w, err := opened(t, d, b, "question", "person", yes); err != nil || w != "yes" {
		t.Error(w, err)
	}

	// Lost for good.
	if n, err := seal.Lost(t.Context(), d); err != nil || n != 1 {
		t.Error(n, err)
	}
	if b, err = seal.Open(t.Context(), d, seal.Site(seal.NewSite())); err != nil {
		t.Fatal(err)
	}
	if _, err := opened(t, d, b, "question", "person", yes); !errors.Is(err, seal.ErrGone) {
		t.Error(err)
	}
}
