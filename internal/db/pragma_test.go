package db_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// "Saved" means saved: the log is written through to the disk before a transaction counts, and readers do not wait for the writer.
func TestSQLiteWritesThrough(t *testing.T) {
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "plenary.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	check := func(who string, q bun.IDB) {
		t.Helper()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
			var got string
			if err := q.NewRaw("PRAGMA "+pragma).Scan(ctx, &got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q, %v", who, pragma, got, want, err)
			}
		}
	}
	check("reader", d.Read())
	if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { check("writer", tx); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read().ExecContext(ctx, "CREATE TABLE x (y text)"); err == nil {
		t.Error("readers can write")
	}
}
