package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"plenary/internal/app"
)

type serveCommand struct{}

func (serveCommand) Run(ctx context.Context, cfg *app.Config) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // until it has started: nearly all of what that takes is in use to its end
	}
	cfg.Settle = 3 * time.Second
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	link, err := a.SetupLink(ctx)
	if err != nil {
		return err
	}
	if link != "" {
		fmt.Printf("Nobody has an account yet. Make the first one here (the link works once):\n\n  %s\n\n", link)
	}
	return a.Serve(ctx, func(address string) { fmt.Printf("Serving on %s\n", address) })
}
