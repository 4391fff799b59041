package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A step is one row of the table at the end of a check.
type step struct {
	name  string
	about string
	needs []need
	run   func(r *checkRun, ctx context.Context) error
}

// steps are all steps, in the order they run: what is quick and fails often comes first.
func steps() []step {
	return []step{
		{"gofmt", "every Go file is formatted", nil, (*checkRun).gofmt},
		{"vet", "go vet", nil, (*checkRun).vet},
		{"build", "the release binary builds and is static", nil, (*checkRun).build},
		{"vulns", "no known weakness in code that is called, if their database can be asked", nil, (*checkRun).vulns},
		{"assets", "the committed bundles are what the sources make", []need{needNode}, (*checkRun).assets},
		{"admin", "tests of the panel's scripts", []need{needNode, needBrowser}, (*checkRun).adminTests},
		{"test", "go test on SQLite and disk", nil, (*checkRun).goTests},
		{"test-pg-s3", "go test on PostgreSQL and S3", []need{needPostgres, needS3}, (*checkRun).goTestsServers},
		{"letters", "ten thousand letters, the program killed at random", []need{needPostgres}, (*checkRun).letters},
		{"race", "race detector, for packages that synchronize", []need{needGCC}, (*checkRun).race},
		{"fuzz", "two thousand inputs for each fuzz target", nil, (*checkRun).fuzz},
		{"pages", "HTML, feeds and calendars of the demo site are valid", []need{needNode, needJava}, (*checkRun).pages},
		{"browser", "accessibility, keyboard and stories in Chromium", []need{needNode, needBrowser}, (*checkRun).browser},
		{"bench", "speed and size have not collapsed", []need{needNginx}, (*checkRun).benchFloors},
	}
}

// checkRun is what the steps of one run share.
type checkRun struct {
	root    string
	verbose bool
	out     io.Writer
	in      *installer
	servers *servers
	binary  string // the release binary, once built
	counts  counts // of the running step
}

// counts are tests that ended so.
type counts struct{ passed, failed, skipped int }

func (c *counts) add(o counts) {
	c.passed += o.passed
	c.failed += o.failed
	c.skipped += o.skipped
}

// result is how a step ended.
type result struct {
	name  string
	err   error
	took  time.Duration
	tests counts
}

func check(ctx context.Context, args []string) error {
	fl := flag.NewFlagSet("check", flag.ContinueOnError)
	only := fl.String("only", "", "run only these steps, separated by commas")
	verbose := fl.Bool("v", false, "print what passes, too")
	fl.Usage = func() {
		fmt.Fprintln(fl.Output(), "usage: go run ./cmd/dev check [-only step,...] [-v]")
		for _, s := range steps() {
			fmt.Fprintf(fl.Output(), "  %-11s %s\n", s.name, s.about)
		}
	}
	if err := fl.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(steps(), *only)
	if err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	in, err := newInstaller(root, os.Stdout)
	if err != nil {
		return err
	}
	r := &checkRun{root: root, verbose: *verbose, out: os.Stdout, in: in}
	end, err := r.open()
	if err != nil {
		return err
	}
	defer end()
	return r.all(ctx, chosen)
}

// open makes the temporary folder; the function it gives stops every server and removes the folder.
func (r *checkRun) open() (end func(), err error) {
	dir, err := os.MkdirTemp("", "plenary-dev-")
	if err != nil {
		return nil, err
	}
	r.servers = &servers{in: r.in, dir: dir}
	return func() {
		r.servers.stopAll()
		_ = os.RemoveAll(dir)
	}, os.Chmod(dir, 0o755) // PostgreSQL, as another user, passes through
}

// choose picks the named steps, in their own order.
func choose(all []step, only string) ([]step, error) {
	if only == "" {
		return all, nil
	}
	names := strings.Split(only, ",")
	var chosen []step
	for _, s := range all {
		if i := slices.Index(names, s.name); i >= 0 {
			chosen = append(chosen, s)
			names = slices.Delete(names, i, i+1)
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("no step is called %q; there are: %s", names[0], stepNames(all))
	}
	return chosen, nil
}

func stepNames(all []step) string {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// all installs, runs the steps, and prints the table. A failed step does not keep the others from running.
func (r *checkRun) all(ctx context.Context, chosen []step) error {
	var needs []need
	for _, s := range chosen {
		needs = append(needs, s.needs...)
	}
	list := slices.Concat([]step{{name: "install", run: func(r *checkRun, ctx context.Context) error { return r.in.ensure(ctx, needs) }}}, chosen)
	var results []result
	for _, s := range list {
		if ctx.Err() != nil {
			break
		}
		res := r.one(ctx, s)
		results = append(results, res)
		if s.name == "install" && res.err != nil {
			break // nothing else would tell more
		}
	}
	return r.report(list, results, ctx.Err())
}

func (r *checkRun) one(ctx context.Context, s step) (res result) {
	fmt.Fprintf(r.out, "\n=== %s\n", s.name)
	r.counts = counts{}
	res.name = s.name
	begin := time.Now()
	defer func() {
		if p := recover(); p != nil {
			res.err = fmt.Errorf("panic: %v", p)
		}
		res.took, res.tests = time.Since(begin), r.counts
		var unknown errUnknown
		switch {
		case errors.As(res.err, &unknown):
			fmt.Fprintf(r.out, "NOT KNOWN %s: %v\n", s.name, res.err)
		case res.err != nil:
			fmt.Fprintf(r.out, "FAILED %s: %v\n", s.name, res.err)
		}
	}()
	res.err = s.run(r, ctx)
	return res
}

// report prints the table and the closing line.
func (r *checkRun) report(list []step, results []result, broken error) error {
	var total counts
	var failed []string
	fmt.Fprintf(r.out, "\n%-11s  %-6s  %7s  %s\n", "step", "result", "seconds", "tests")
	for i, s := range list {
		if i >= len(results) {
			fmt.Fprintf(r.out, "%-11s  %-6s\n", s.name, "not run")
			continue
		}
		res := results[i]
		word := "ok"
		var unknown errUnknown
		if errors.As(res.err, &unknown) {
			word = "?"
			res.tests.skipped = max(res.tests.skipped, 1)
		} else if res.err != nil {
			word = "FAILED"
			failed = append(failed, s.name)
			if res.tests.failed == 0 {
				res.tests.failed = 1 // a step that failed as a whole counts
			}
		}
		total.add(res.tests)
		tests := ""
		if res.tests != (counts{}) {
			tests = fmt.Sprintf("%d passed, %d failed", res.tests.passed, res.tests.failed)
			if res.tests.skipped > 0 {
				tests += fmt.Sprintf(", %d skipped", res.tests.skipped)
			}
		}
		fmt.Fprintf(r.out, "%-11s  %-6s  %7.1f  %s\n", s.name, word, res.took.Seconds(), tests)
	}
	fmt.Fprintf(r.out, "\n%d passed, %d failed\n", total.passed, total.failed)
	switch {
	case broken != nil:
		return errors.New("broken off")
	case len(failed) > 0:
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

// command prepares a program in the source tree; its output goes where ours does.
func (r *checkRun) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := commandContext(ctx, r.root, name, args...)
	cmd.Stdout, cmd.Stderr = r.out, r.out
	return cmd
}

func (r *checkRun) gofmt(ctx context.Context) error {
	var bad []string
	err := filepath.WalkDir(r.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || path != r.root && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, err := format.Source(src)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !bytes.Equal(src, want) {
			rel, _ := filepath.Rel(r.root, path)
			bad = append(bad, rel)
		}
		return nil
	})
	if err == nil && len(bad) > 0 {
		err = fmt.Errorf("not formatted: %s", strings.Join(bad, " "))
	}
	return err
}

func (r *checkRun) vet(ctx context.Context) error {
	return r.command(ctx, "go", "vet", "./...").Run()
}

// build makes the binary as a release does, and proves that it needs nothing of the machine.
func (r *checkRun) build(ctx context.Context) error {
	if r.binary != "" {
		return nil
	}
	path := filepath.Join(r.servers.dir, "plenary")
	if err := buildRelease(ctx, r.root, path); err != nil {
		return err
	}
	libs, err := dynamic(path)
	if err != nil {
		return err
	}
	if len(libs) > 0 {
		return fmt.Errorf("the binary is linked dynamically: %s", strings.Join(libs, ", "))
	}
	r.binary = path
	return nil
}

// buildRelease builds cmd/plenary with the flags of a release.
func buildRelease(ctx context.Context, root, path string) error {
	cmd := commandContext(ctx, root, "go", "build", "-trimpath", "-ldflags=-s -w", "-tags", "nomsgpack,nodynamic", "-o", path, "./cmd/plenary")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return run(cmd)
}

// dynamic lists what the system's loader would have to find for a binary; nothing for a static one.
func dynamic(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil {
		return nil, err
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			libs = append(libs, "an interpreter")
		}
	}
	return libs, nil
}

// self runs another command of this program.
func (r *checkRun) self(ctx context.Context, args ...string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := r.command(ctx, exe, args...)
	cmd.Env = r.in.nodeEnv()
	return cmd.Run()
}

func (r *checkRun) assets(ctx context.Context) error {
	return r.self(ctx, "assets", "--check")
}

// benchFloors fails on a collapse, not on a busy neighbour: two cores shared with others have been seen to triple a
// figure. The judgement is "dev bench" itself, on a quiet machine, at the floors as they are.
func (r *checkRun) benchFloors(ctx context.Context) error {
	if err := r.build(ctx); err != nil {
		return err
	}
	return r.self(ctx, "bench", "-quick", "-slack", "3", "-binary", r.binary)
}
