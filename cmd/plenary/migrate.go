package main

import (
	"context"
	"fmt"

	"plenary/internal/app"
	"plenary/internal/db"
	"plenary/migrations"
)

type migrateCommand struct{}

func (migrateCommand) Run(ctx context.Context, cfg *app.Config) error {
	d, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := d.Migrate(ctx, migrations.Files)
	if err != nil {
		return err
	}
	fmt.Printf("%d migrations run, the schema is up to date\n", n)
	return nil
}
