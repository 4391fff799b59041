package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestNormalize(t *testing.T) {
	all := []error{ErrNotFound, ErrDuplicate, ErrReference, ErrUnavailable}
	for _, c := range []struct {
		err, want error
	}{
		{nil, nil},
		{errors.New("something else"), nil},
		{context.Canceled, nil},
		{io.EOF, nil},
		{&pgconn.PgError{Code: "42P01"}, nil},
		{&pgconn.PgError{}, nil},
		{sql.ErrNoRows, ErrNotFound},
		{&pgconn.PgError{Code: "23505"}, ErrDuplicate},
		{&pgconn.PgError{Code: "23503"}, ErrReference},
		{&pgconn.PgError{Code: "40P01"}, ErrUnavailable}, // deadlock
		{&pgconn.PgError{Code: "53100"}, ErrUnavailable}, // disk full
		{&pgconn.PgError{Code: "57P01"}, ErrUnavailable}, // stopped
		{&pgconn.PgError{Code: "25006"}, ErrUnavailable}, // read-only
		{io.ErrUnexpectedEOF, ErrUnavailable},
		{driver.ErrBadConn, ErrUnavailable},
		{sql.ErrConnDone, ErrUnavailable},
		{context.DeadlineExceeded, ErrUnavailable},
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, ErrUnavailable},
		{&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, ErrUnavailable},
		{&net.DNSError{Err: "no such host"}, ErrUnavailable},
	} {
		for _, err := range []error{c.err, wrap(c.err), Normalize(c.err)} {
			got := Normalize(err)
			for _, kind := range all {
				if errors.Is(got, kind) != (kind == c.want) {
					t.Errorf("%v: is %q: %v", err, kind, errors.Is(got, kind))
				}
			}
			if c.err != nil && !errors.Is(got, c.err) {
				t.Errorf("%v has lost its cause", err)
			}
		}
	}
	d, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/x.db")
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if err := wrap(d.Read().NewRaw("SELECT 1").Scan(t.Context(), new(int))); !errors.Is(Normalize(err), ErrUnavailable) {
		t.Errorf("a closed database: %v", err)
	}
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read something: %w", err)
}
