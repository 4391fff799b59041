package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"plenary/internal/app"
	"plenary/internal/demo"
)

type demoCommand struct {
	Dir          string `default:"demo" help:"Folder for the database and the files of the demo site."`
	Fresh        bool   `help:"Throw away the demo site that is in the folder and make a new one."`
	AccountsFile string `help:"Write the accounts with their passwords to this file too, as JSON."`
}

func (d demoCommand) Run(ctx context.Context, cfg *app.Config) error {
	// Another database or storage than the defaults was asked for by flag or variable: it is filled instead.
	database := filepath.Join(d.Dir, "plenary.db")
	own := cfg.Database == app.Default("database")
	if own {
		cfg.Database = "sqlite:" + database
	}
	if cfg.Storage == app.Default("storage") {
		cfg.Storage = "file:" + filepath.Join(d.Dir, "uploads")
	}
	if d.Fresh {
		if !own {
			return errors.New("--fresh only empties the folder of a demo site: please empty the given database yourself")
		}
		if err := d.remove(database); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return err
	}
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	site := demo.Site{Auth: a.Auth, Content: a.Content, Media: a.Media, Registration: a.Registration, Discussion: a.Discussion, Settings: a.Settings}
	filled, err := site.Filled(ctx)
	if err != nil {
		if own {
			return fmt.Errorf("%s: %w; --fresh throws it away and starts anew", d.Dir, err)
		}
		return fmt.Errorf("the given database: %w; an empty one is needed", err)
	}
	if filled {
		fmt.Printf("The site in %s is there already and is served as it is. Its passwords were printed when it was made; --fresh makes a new one.\n\n", where(own, d.Dir, "the given database"))
	} else {
		start := time.Now()
		accounts, err := site.Fill(ctx, start)
		if err != nil {
			return fmt.Errorf("fill the demo site: %w", err)
		}
		fmt.Printf("A demo site has been made in %s (%.1f s). Sign in at /admin with one of these accounts:\n\n", where(own, d.Dir, "the given database"), time.Since(start).Seconds())
		if err := d.tell(accounts); err != nil {
			return err
		}
	}
	return a.Serve(ctx, func(address string) { fmt.Printf("Serving on %s\n", address) })
}

func where(own bool, dir, other string) string {
	if own {
		return dir
	}
	return other
}

// remove takes away a demo site, and nothing that does not look like one.
func (d demoCommand) remove(database string) error {
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(database + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(d.Dir, "uploads"))
}

// tell prints the accounts and writes them to the file that was asked for.
func (d demoCommand) tell(accounts []demo.Account) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, a := range accounts {
		scope := a.Scope
		if scope == "" {
			scope = "whole site"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", a.Email, a.Password, a.Role, scope)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println()
	if d.AccountsFile == "" {
		return nil
	}
	b, err := json.MarshalIndent(accounts, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(d.AccountsFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil { // the file may have been there, readable for others
		return err
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	return f.Close()
}
