package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be expected of a database, whichever it is.
var (
	ErrNotFound    = errors.New("not found")
	ErrDuplicate   = errors.New("already there")               // a unique rule was broken
	ErrReference   = errors.New("refers to a missing row")     // a foreign key was broken
	ErrUnavailable = errors.New("the database is not at hand") // busy, gone or full: try again later
)

// Normalize turns a driver's error into one of ours, keeping the driver's as its cause. Callers compare with errors.Is.
func Normalize(err error) error {
	var kind error
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		kind = ErrNotFound
	case errors.As(err, &lite):
		switch code := lite.Code(); {
		case code == sqlite3.SQLITE_CONSTRAINT_UNIQUE, code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			kind = ErrDuplicate
		case code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			kind = ErrReference
		case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_FULL, code&0xff == sqlite3.SQLITE_IOERR, code&0xff == sqlite3.SQLITE_READONLY:
			kind = ErrUnavailable
		}
	case errors.As(err, &pg):
		switch {
		case pg.Code == "23505":
			kind = ErrDuplicate
		case pg.Code == "23503":
			kind = ErrReference
		case slices.Contains([]string{"08", "40", "53", "57"}, pg.Code[:min(2, len(pg.Code))]), pg.Code == "25006": // connection, deadlock, full, stopped; read-only
			kind = ErrUnavailable
		}
	case lost(err):
		kind = ErrUnavailable
	}
	if kind == nil || errors.Is(err, kind) {
		return err
	}
	return &normalized{kind, err}
}

// lost: the connection broke, cannot be made, or took too long.
func lost(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.DeadlineExceeded) ||
		strings.HasSuffix(err.Error(), "sql: database is closed") // the one error of database/sql without a name
}

type normalized struct{ kind, cause error }

func (n *normalized) Error() string   { return n.kind.Error() + ": " + n.cause.Error() }
func (n *normalized) Unwrap() []error { return []error{n.kind, n.cause} }
