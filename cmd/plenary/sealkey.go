package main

import (
	"context"
	"fmt"

	"plenary/internal/app"
	"plenary/internal/db"
	"plenary/internal/seal"
)

// sealKeyCommand is about the key that sensitive answers are sealed with.
type sealKeyCommand struct {
	New    sealKeyNew    `cmd:"" help:"Print a key made by chance, for PLENARY_SEAL_KEY on all instances. Changes nothing."`
	Change sealKeyChange `cmd:"" help:"Seal all keys anew with another key, while no instance runs. What was copied before cannot be read with the new one."`
	Lost   sealKeyLost   `cmd:"" help:"Give up what is sealed because the key is lost: nobody can read it any more. The next start makes another key."`
}

type sealKeyNew struct{}

func (sealKeyNew) Run() error {
	fmt.Println(seal.NewSite())
	return nil
}

type sealKeyChange struct {
	To string `help:"The new key, where it lies in the configuration and not in a file: to be set on all instances afterwards."`
}

func (c sealKeyChange) Run(ctx context.Context, cfg *app.Config) error {
	d, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	from := cfg.SealSite()
	box, err := seal.Open(ctx, d, from)
	if err != nil {
		return err
	}
	to := seal.Site(c.To)
	if to == "" {
		if !from.File() {
			return fmt.Errorf("the key lies in the configuration: name another with --to, as “plenary seal-key new” prints one")
		}
		to = from
	}
	if err := to.Check(); err != nil {
		return err
	}
	return box.Change(ctx, to)
}

type sealKeyLost struct {
	Sure bool `help:"Yes, nobody is to read these answers any more." required:""`
}

func (sealKeyLost) Run(ctx context.Context, cfg *app.Config) error {
	d, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := seal.Lost(ctx, d)
	if err == nil {
		fmt.Printf("%d keys given up\n", n)
	}
	return err
}
