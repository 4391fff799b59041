// Package dbtest gives tests an empty database: SQLite in a temporary folder, or a schema of its own on the PostgreSQL
// server that PLENARY_TEST_DATABASE names.
package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary/internal/db"
	"plenary/migrations"

	"github.com/uptrace/bun"
)

// Address is that of a database without tables; it is gone after the test.
func Address(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PLENARY_TEST_DATABASE")
	if server == "" {
		return File(t)
	}
	ctx := context.Background()
	d, err := db.Open(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ToLower(rand.Text())
	if _, err := d.Read().ExecContext(ctx, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := d.Read().ExecContext(ctx, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Errorf("drop the test's schema: %v", err)
		}
		d.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// migrated is an SQLite file with the tables of today and nothing in them.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tables")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tables.db")
	d, err := db.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(context.Background(), migrations.Files)
	if err := errors.Join(err, d.Close()); err != nil { // closing brings everything into the one file
		return nil, err
	}
	return os.ReadFile(file)
})

// Prepare lays the tables of today where an SQLite file is to be: a test binary makes them once, and not for each of its
// hundreds of tests.
func Prepare(t testing.TB, address string) {
	t.Helper()
	file, ok := strings.CutPrefix(address, "sqlite:")
	if _, err := os.Stat(file); !ok || err == nil {
		return
	}
	body, err := migrated()
	if err == nil {
		err = os.WriteFile(file, body, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Open gives the database at an address, with the tables of today. It is closed after the test.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	ctx := context.Background()
	Prepare(t, address)
	d, err := db.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if _, err := d.Migrate(ctx, migrations.Files); err != nil {
		t.Fatal(err)
	}
	return d
}

// Exec does in a database what other packages do there, or a hand.
func Exec(t testing.TB, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.InTx(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// File is the address of an SQLite file in a temporary folder, for tests to which the kind of database makes no difference.
func File(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") }

// Clock is a clock that tests set. It begins on 1 July 2027 at 08:00 UTC.
type Clock struct{ at atomic.Int64 }

// NewClock starts none: it stands until it is moved.
func NewClock() *Clock {
	c := &Clock{}
	c.at.Store(time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

// Now is what the clock shows, in UTC.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }

// Set has it show a moment.
func (c *Clock) Set(t time.Time) { c.at.Store(t.UnixMicro()) }

// Move puts it on, or back.
func (c *Clock) Move(d time.Duration) { c.at.Add(d.Microseconds()) }
