// Package dbtest gives tests an empty database: SQLite in a temporary folder, or a schema of its own on the PostgreSQL
// server that PLENARY_TEST_DATABASE names.
package dbtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plenary/internal/db"
)

// Address is that of a database without tables; it is gone after the test.
func Address(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PLENARY_TEST_DATABASE")
	if server == "" {
		return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
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
