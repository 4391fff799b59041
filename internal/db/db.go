// Package db opens the database, SQLite or PostgreSQL, and hides what differs between them: how to open, migrate,
// run a transaction, read a driver's error, and hear of changes made by another instance.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// DB is one database. Write with InTx; read with Read. On SQLite these are two pools over one file: a single writer,
// because SQLite has only one anyway and waiting in Go is fairer than SQLITE_BUSY, and a few readers that never block it.
type DB struct {
	writer *bun.DB
	reader *bun.DB
	pool   *pgxpool.Pool // PostgreSQL only
	path   string        // SQLite only
	hub    hub

	prepared sync.Map // SQLite only: query → *sql.Stmt
}

// Open connects to url: "sqlite:FILE" or "postgres://…". It does not migrate.
func Open(ctx context.Context, url string) (*DB, error) {
	scheme, rest, ok := strings.Cut(url, ":")
	switch {
	case ok && scheme == "sqlite":
		return openSQLite(ctx, rest)
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(ctx, url)
	}
	return nil, fmt.Errorf("database address %q: want sqlite:FILE or postgres://…", scheme)
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if path == "" {
		return nil, fmt.Errorf("database address: a file name must follow sqlite:")
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("folder of the database: %w", err)
		}
	}
	// The file holds sessions and personal data: nobody else on the machine reads it.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	} else {
		f.Close()
	}
	open := func(extra string, conns int) (*bun.DB, error) {
		dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
			"&_pragma=foreign_keys(1)&_pragma=cache_size(-4096)&_time_format=sqlite" + extra
		d, err := sql.Open("sqlite", dsn)
		if err != nil {
			return nil, err
		}
		d.SetMaxOpenConns(conns)
		d.SetMaxIdleConns(conns)
		if err := d.PingContext(ctx); err != nil {
			return nil, fmt.Errorf("open SQLite: %w", err)
		}
		return bun.NewDB(d, sqlitedialect.New()), nil
	}
	// What a statement of several rows changed is noted in memory until it is through, not in a file that each would open anew.
	w, err := open("&_txlock=immediate&_pragma=temp_store(MEMORY)", 1)
	if err != nil {
		return nil, err
	}
	r, err := open("&_pragma=query_only(1)", max(4, runtime.NumCPU()))
	if err != nil {
		w.Close()
		return nil, err
	}
	return &DB{writer: w, reader: r, path: path}, nil
}

func openPostgres(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's own message repeats the address, password and all.
		return nil, fmt.Errorf("database address: not a valid postgres:// address")
	}
	// Bun writes the arguments into the text of a query, so every query is new to the server: preparing each one
	// would be two round trips for nothing.
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	channel, err := channelOf(ctx, pool)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	b := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	return &DB{writer: b, reader: b, pool: pool, hub: hub{self: rand.Text(), channel: channel}}, nil
}

// Close waits for nothing: callers have stopped by now.
func (d *DB) Close() error {
	d.hub.close()
	err := d.writer.Close()
	if d.reader != d.writer {
		if e := d.reader.Close(); err == nil {
			err = e
		}
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// Read is for queries outside a transaction. On SQLite it cannot write.
func (d *DB) Read() *bun.DB { return d.reader }

// Often is Read for a query that is asked for nearly every page: dest is a pointer to a slice, ? stands for an argument. On
// SQLite, where taking a query apart costs more than its answer, it is prepared once.
func (d *DB) Often(ctx context.Context, dest any, query string, args ...any) error {
	if d.Postgres() {
		return d.reader.NewRaw(query, args...).Scan(ctx, dest)
	}
	known, ok := d.prepared.Load(query)
	if !ok {
		stmt, err := d.reader.DB.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		var lost bool
		if known, lost = d.prepared.LoadOrStore(query, stmt); lost {
			stmt.Close()
		}
	}
	rows, err := known.(*sql.Stmt).QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return d.reader.ScanRows(ctx, rows, dest)
}

// Postgres reports which of the two databases this is, for the few queries that differ.
func (d *DB) Postgres() bool { return d.pool != nil }

// InTx runs f in one transaction and commits if it returns nil. Inside f use only tx: on SQLite the one writer
// connection is taken, so the outer handle would wait for itself for ever. Do nothing slow inside (no files, no mail).
func (d *DB) InTx(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	var after []func()
	err := Normalize(d.writer.RunInTx(context.WithValue(ctx, afterKey{}, &after), nil, f))
	if err == nil {
		for _, g := range after {
			g()
		}
	}
	return err
}

type afterKey struct{}

// AfterCommit has f called when the transaction that ctx came with, from InTx, has been committed.
func AfterCommit(ctx context.Context, f func()) {
	after, ok := ctx.Value(afterKey{}).(*[]func())
	if !ok {
		panic("db: AfterCommit outside of InTx")
	}
	*after = append(*after, f)
}

// Now is the time as the databases keep it: UTC, in microseconds, so that what is read equals what was written.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
