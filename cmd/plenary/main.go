// Plenary is the publishing system of an intergovernmental office. Each file here is one command.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"plenary/internal/app"
)

// commands is the whole program from outside. People script it: add, do not rename.
type commands struct {
	app.Config

	Serve   serveCommand   `cmd:"" help:"Serve the site and the panel; an empty or older database is migrated first."`
	Demo    demoCommand    `cmd:"" help:"Make a demo site in a folder, print its accounts, and serve it."`
	Migrate migrateCommand `cmd:"" help:"Bring the database up to date."`
	Doctor  doctorCommand  `cmd:"" help:"Check database, storage, clock and configuration."`
	Config_ configCommand  `cmd:"" name:"config" help:"Show the configuration in force, secrets left out."`
	User    userCommand    `cmd:"" help:"Accounts and rights."`
	Audit   auditCommand   `cmd:"" help:"The log of who did what."`
	SealKey sealKeyCommand `cmd:"" name:"seal-key" help:"The key that sensitive answers are sealed with."`
	SBOM    sbomCommand    `cmd:"" name:"sbom" help:"What this binary is made of, as CycloneDX JSON."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("plenary"), kong.Description("The publishing system of an intergovernmental office."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Resolvers(fileResolver("plenary.toml")), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(os.Stderr, "plenary:", err)
		return 2
	}
	k, err := parser.Parse(args)
	if err != nil {
		var pe *kong.ParseError
		if errors.As(err, &pe) && pe.Context != nil {
			_ = pe.Context.PrintUsage(true)
		}
		fmt.Fprintln(os.Stderr, "plenary:", err)
		return 2
	}
	if err := c.Config.Check(); err != nil {
		fmt.Fprintln(os.Stderr, "plenary:", err)
		return 2
	}
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log)) // the parser has let only levels through
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	if err := k.Run(&c.Config); err != nil {
		fmt.Fprintln(os.Stderr, "plenary:", err)
		return 1
	}
	return 0
}

// fileResolver reads values from an optional TOML file; its keys are the flags' names.
func fileResolver(name string) kong.Resolver {
	values := map[string]any{}
	err := error(nil)
	if _, e := toml.DecodeFile(name, &values); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", name, e)
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if err != nil {
			return nil, err
		}
		v, ok := values[flag.Name]
		if !ok {
			return nil, nil
		}
		if list, ok := v.([]any); ok {
			words := make([]string, len(list))
			for i, x := range list {
				words[i] = fmt.Sprint(x)
			}
			return strings.Join(words, ","), nil
		}
		return fmt.Sprint(v), nil
	})
}
