package main

import (
	"context"
	"fmt"

	"plenary/internal/app"
	"plenary/internal/auth"
	"plenary/internal/db"
)

// auditCommand is about the log of who did what.
type auditCommand struct {
	Verify  auditVerify  `cmd:"" help:"Go through the whole log and name the first line that was changed, taken away, put in or moved. Changes nothing."`
	TakeOut auditTakeOut `cmd:"" name:"take-out" help:"Remove the details of lines for good, where they name a person who is to be forgotten. The log still verifies."`
}

type auditVerify struct {
	Head string `help:"NUMBER:VALUE as an administrator's letter or an earlier run told it: finds that the end was cut off, or all of it made anew."`
}

func (v auditVerify) Run(ctx context.Context, cfg *app.Config) error {
	var remembered *auth.Head
	if v.Head != "" {
		h, err := auth.ParseHead(v.Head)
		if err != nil {
			return err
		}
		remembered = &h
	}
	d, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := auth.New(d, auth.Options{}).Verify(ctx, remembered)
	if err != nil {
		return err
	}
	if r.Broken != nil {
		return fmt.Errorf("the log does not hold: %w", r.Broken)
	}
	fmt.Printf("%d lines, none changed, taken away, put in or moved\n", r.Lines)
	if r.Waiting > 0 {
		fmt.Printf("%d more will be linked when the program runs\n", r.Waiting)
	}
	if r.Seq > 0 {
		fmt.Printf("head %s\n", r.Head)
	}
	return nil
}

type auditTakeOut struct {
	Lines []int64 `arg:"" help:"Numbers of lines, as a table of the log has them."`
}

func (t auditTakeOut) Run(ctx context.Context, cfg *app.Config) error {
	return withAccounts(ctx, cfg, func(s *auth.Service, who *auth.Actor) error { return s.TakeOut(ctx, who, t.Lines) })
}
