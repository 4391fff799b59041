package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// adminTests run the panel's own tests as its package.json says.
func (r *checkRun) adminTests(ctx context.Context) error {
	return r.node(ctx, filepath.Join(r.root, "admin"), nil, "npm", "test")
}

// pagesTest checks what the demo site sends with the validators of others.
const pagesTest = "pages.test.mjs"

// sweeps look at every page and change none, so that two of them can go on at once.
var sweeps = []string{"a11y-life.test.mjs", "a11y.test.mjs", "keyboard.test.mjs"}

func (r *checkRun) pages(ctx context.Context) error {
	return r.browserTests(ctx, fileGroup{1, func(name string) bool { return name == pagesTest }})
}

func (r *checkRun) browser(ctx context.Context) error {
	return r.browserTests(ctx, fileGroup{2, func(name string) bool { return slices.Contains(sweeps, name) }},
		fileGroup{1, func(name string) bool { return name != pagesTest && !slices.Contains(sweeps, name) }})
}

// fileGroup are files of tests, of which some run at once.
type fileGroup struct {
	atOnce int
	chosen func(name string) bool
}

// browserTests run files of cmd/dev/browser against a fresh demo site, a group after another.
func (r *checkRun) browserTests(ctx context.Context, groups ...fileGroup) error {
	dir := filepath.Join(r.root, "cmd", "dev", "browser")
	all, err := filepath.Glob(filepath.Join(dir, "*.test.mjs"))
	if err != nil {
		return err
	}
	if err := r.build(ctx); err != nil {
		return err
	}
	demo, err := r.servers.startDemo(ctx, r.binary)
	if err != nil {
		return err
	}
	env := []string{"PLENARY_URL=" + demo.url, "PLENARY_ACCOUNTS=" + demo.accounts, "PLENARY_PROGRAM=" + r.binary}
	var errs []error
	for _, g := range groups {
		args := []string{"--test", "--test-concurrency=" + strconv.Itoa(g.atOnce), "--test-reporter=spec"}
		options := len(args)
		for _, f := range all {
			if g.chosen(filepath.Base(f)) {
				args = append(args, filepath.Base(f))
			}
		}
		if len(args) == options {
			return errors.New("no test file found")
		}
		errs = append(errs, r.node(ctx, dir, env, r.in.nodeProgram("node"), args...))
	}
	return errors.Join(errs...)
}

// node runs a program that prints as Node's test runner does, and counts.
func (r *checkRun) node(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := commandContext(ctx, dir, name, args...)
	cmd.Env = r.in.nodeEnv(env...)
	var out bytes.Buffer
	cmd.Stdout = io.MultiWriter(r.out, &out)
	cmd.Stderr = r.out
	err := cmd.Run()
	n := countNodeTests(out.Bytes())
	r.counts.add(n)
	if err == nil && n.passed == 0 {
		err = fmt.Errorf("%s ran no test", name)
	}
	return err
}

// nodeSummary is a line at the end of a run, by the reporter "spec" or "tap".
var nodeSummary = regexp.MustCompile(`(?m)^(?:ℹ|#) (pass|fail|cancelled|skipped) (\d+)$`)

func countNodeTests(out []byte) (n counts) {
	for _, m := range nodeSummary.FindAllSubmatch(out, -1) {
		v, _ := strconv.Atoi(string(m[2]))
		switch string(m[1]) {
		case "pass":
			n.passed += v
		case "fail", "cancelled":
			n.failed += v
		case "skipped":
			n.skipped += v
		}
	}
	return n
}
