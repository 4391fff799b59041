// Command dev is for those who work on Plenary: it runs every check, measures, bundles the panel's scripts and adds
// messages. Nobody needs it to run Plenary.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// command is one word after `go run ./cmd/dev`.
type command struct {
	name, about string
	run         func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"check", "install what is missing, run every check, stop everything again", check},
		{"bench", "measure speed and size against the goals", bench},
		{"assets", "build the panel's scripts and style sheet into admin/static [--check]", assets},
		{"passwords", "make the list of passwords that nobody may choose: passwords FILE…", passwords},
		{"new-key", "add a message: new-key KEY \"English text\" [-in admin|theme|shared]", newKey},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watchParent(cancel)
	if len(os.Args) > 1 {
		for _, c := range commands() {
			if c.name != os.Args[1] {
				continue
			}
			err := c.run(ctx, os.Args[2:])
			switch {
			case errors.Is(err, flag.ErrHelp):
				return
			case err != nil:
				fmt.Fprintln(os.Stderr, "dev "+c.name+":", err)
				os.Exit(1)
			}
			return
		}
	}
	usage(os.Stderr)
	os.Exit(2)
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: go run ./cmd/dev COMMAND")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.about)
	}
}

// watchParent ends the run when `go run` is gone: it does not pass SIGTERM on, and what we started would live on.
func watchParent(cancel func()) {
	parent := os.Getppid()
	for range time.Tick(500 * time.Millisecond) {
		if os.Getppid() != parent {
			cancel()
			return
		}
	}
}

// moduleRoot is the folder of go.mod, at or above the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod here or above: run this inside the source tree")
		}
		dir = up
	}
}
