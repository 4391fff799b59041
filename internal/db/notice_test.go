package db_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/db/dbtest"
)

// TestNotices: other instances of the same site hear a notice; the sender does not hear its own again, and another site
// in the same database hears nothing.
func TestNotices(t *testing.T) {
	if os.Getenv("PLENARY_TEST_DATABASE") == "" {
		t.Skip("a file has one instance; PLENARY_TEST_DATABASE names no server")
	}
	ctx := t.Context()
	heard := func(address string) (*db.DB, chan string) {
		d, err := db.Open(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		c := make(chan string, 16)
		d.OnNotice("topic", func(text string) { c <- text })
		go d.Listen(ctx)
		if first := <-c; first != "" { // it listens from now on
			t.Fatalf("the first notice: %q", first)
		}
		return d, c
	}
	here := dbtest.Address(t)
	sender, own := heard(here)
	_, neighbour := heard(here)
	_, foreign := heard(dbtest.Address(t))
	if err := sender.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return sender.Notify(ctx, tx, "topic", "two words") }); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-neighbour:
		if got != "two words" {
			t.Errorf("the neighbour hears %q", got)
		}
	case <-time.After(5 * time.Second):
		t.Error("the neighbour hears nothing")
	}
	select {
	case got := <-own:
		t.Errorf("the sender hears itself: %q", got)
	case got := <-foreign:
		t.Errorf("another site hears %q", got)
	case <-time.After(200 * time.Millisecond):
	}
}
