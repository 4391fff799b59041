package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"plenary/internal/db"
	"plenary/internal/directory"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/seal"
	"plenary/migrations"
)

// Finding is one line of what the doctor says.
type Finding struct {
	Name string
	Err  error  // nil if in order
	Note string // worth knowing all the same
}

// Diagnose checks what the program stands on, without changing anything but opening it.
func Diagnose(ctx context.Context, cfg Config) []Finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out := []Finding{{Name: "settings", Err: cfg.Check()}}
	d, err := db.Open(ctx, cfg.Database)
	f := Finding{Name: "database", Err: err}
	if err == nil {
		defer d.Close()
		all, err := d.Migrations(migrations.Files)
		var done int
		if err == nil {
			done, err = d.Migrated(ctx)
		}
		switch {
		case err != nil:
			f.Err = fmt.Errorf("schema: %w", err)
		case done < len(all):
			f.Note = fmt.Sprintf("%d migrations are still to be run", len(all)-done)
		case done > len(all):
			f.Err = fmt.Errorf("the schema is newer than this program")
		}
		out = append(out, f, clock(ctx, d))
		if f.Err == nil && f.Note == "" {
			out = append(out, Finding{Name: "seal key", Err: seal.Check(ctx, d, cfg.SealSite())})
		}
	} else {
		out = append(out, f)
	}
	storage, err := media.OpenStorage(ctx, cfg.Storage)
	if err == nil {
		err = storage.Check(ctx)
	}
	out = append(out, Finding{Name: "storage", Err: err})
	out = append(out, post(ctx, cfg))
	if d := directory.New(cfg.directory()); d != nil {
		out = append(out, Finding{Name: "directory", Err: d.Check(ctx)})
	}
	u, err := url.Parse(cfg.base())
	f = Finding{Name: "address", Err: err}
	if err == nil && u.Scheme != "https" {
		f.Note = "passwords and sessions cross the network in the clear; set PLENARY_BASE_URL to an https address"
	}
	return append(out, f)
}

// post asks the mail server to let us in; nothing is sent.
func post(ctx context.Context, cfg Config) Finding {
	f := Finding{Name: "mail"}
	sender, err := cfg.sender()
	if err != nil {
		f.Err = err
		return f
	}
	if sender == (mail.Log{}) {
		f.Note = "letters are shown in the panel and go nowhere; set PLENARY_MAIL to a mail server"
		return f
	}
	conn, err := sender.Dial(ctx)
	if err != nil {
		f.Err = err
		return f
	}
	f.Err = conn.Close()
	return f
}

func clock(ctx context.Context, d *db.DB) Finding {
	f := Finding{Name: "clock"}
	if !d.Postgres() {
		return f
	}
	var theirs time.Time
	before := time.Now()
	if f.Err = d.Read().NewRaw("SELECT now()").Scan(ctx, &theirs); f.Err == nil {
		if skew := theirs.Sub(before).Abs(); skew > 2*time.Second {
			f.Err = fmt.Errorf("%s apart from the database's", skew.Round(time.Second))
		}
	}
	return f
}
