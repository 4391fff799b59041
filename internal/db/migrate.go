package db

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/uptrace/bun"
)

// Migration is one numbered file of the schema.
type Migration struct {
	Number int
	Name   string
	SQL    string
}

var migrationName = regexp.MustCompile(`^(\d{4})_(\w+)\.sql$`)

// Migrations reads the files of fsys in order, with the words of this database filled in.
func (d *DB) Migrations(fsys fs.FS) ([]Migration, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, err
	}
	words := map[string]any{"Postgres": d.Postgres(), "JSON": "text", "Time": "timestamp", "Bytes": "blob"}
	if d.Postgres() {
		words["JSON"], words["Time"], words["Bytes"] = "jsonb", "timestamptz", "bytea"
	}
	var all []Migration
	for i, name := range names {
		m := migrationName.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("migration %s: want NNNN_subject.sql", name)
		}
		n, _ := strconv.Atoi(m[1])
		if n != i+1 {
			return nil, fmt.Errorf("migration %s: number %d expected", name, i+1)
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		t, err := template.New(name).Option("missingkey=error").Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("migration: %w", err)
		}
		var out bytes.Buffer
		if err := t.Execute(&out, words); err != nil {
			return nil, fmt.Errorf("migration: %w", err)
		}
		all = append(all, Migration{Number: n, Name: m[2], SQL: out.String()})
	}
	return all, nil
}

// Migrated tells how many migrations the database has had: 0 for an empty one.
func (d *DB) Migrated(ctx context.Context) (int, error) {
	there := "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
	if d.Postgres() {
		there = "SELECT count(to_regclass('migrations'))"
	}
	var n int
	if err := d.Read().NewRaw(there).Scan(ctx, &n); err != nil || n == 0 {
		return 0, Normalize(err)
	}
	err := d.Read().NewRaw("SELECT coalesce(max(number), 0) FROM migrations").Scan(ctx, &n)
	return n, Normalize(err)
}

// Migrate brings the schema up to date and returns how many files it ran. Each file runs in one transaction with the
// row that records it, so an interrupted run is repeated from where it stopped. Several instances may call it at
// once: they take turns. A database that is newer than the program is an error.
func (d *DB) Migrate(ctx context.Context, fsys fs.FS) (int, error) {
	all, err := d.Migrations(fsys)
	if err != nil {
		return 0, err
	}
	if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if d.Postgres() {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7036372)"); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL, at timestamp NOT NULL)")
		return err
	}); err != nil {
		return 0, fmt.Errorf("migrations table: %w", err)
	}
	ran := 0
	for {
		again := false
		err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if d.Postgres() {
				if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7036372)"); err != nil {
					return err
				}
			}
			var done int
			if err := tx.NewRaw("SELECT coalesce(max(number), 0) FROM migrations").Scan(ctx, &done); err != nil {
				return err
			}
			if done > len(all) {
				return fmt.Errorf("the database is at schema %d, this program knows %d: use a newer program", done, len(all))
			}
			if done == len(all) {
				return nil
			}
			m := all[done]
			for _, stmt := range strings.Split(m.SQL, "\n--;;\n") {
				if strings.TrimSpace(stmt) == "" {
					continue
				}
				if _, err := tx.Tx.ExecContext(ctx, stmt); err != nil {
					return fmt.Errorf("%04d_%s: %w", m.Number, m.Name, err)
				}
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO migrations (number, name, at) VALUES (?, ?, ?)", m.Number, m.Name, Now()); err != nil {
				return err
			}
			ran, again = ran+1, done+1 < len(all)
			return nil
		})
		if err != nil {
			return ran, fmt.Errorf("migrate: %w", err)
		}
		if !again {
			return ran, nil
		}
	}
}
