package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// adminTests run the panel's own tests as its package.json says.
func (r *checkRun) adminTests(ctx context.Context) error {
	return r.node(ctx, filepath.Join(r.root, "admin"), "npm", "test")
}

// pagesTest checks what the demo site sends with the validators of others.
const pagesTest = "pages.test.mjs"

func (r *checkRun) pages(ctx context.Context) error {
	return r.browserTests(ctx, lane{{pagesTest}})
}

// browser has axe look at every page, which keeps one core busy, beside the stories, which mostly wait for what a page does.
// What only looks comes first: stories change what there is to see.
func (r *checkRun) browser(ctx context.Context) error {
	looks := lane{{"a11y.test.mjs", "a11y-life.test.mjs"}, {"a11y-private.test.mjs"}}
	stories := lane{{"keyboard.test.mjs"}}
	all, err := filepath.Glob(filepath.Join(r.browserDir(), "*.test.mjs"))
	if err != nil {
		return err
	}
	var others []string
	for _, f := range all {
		if name := filepath.Base(f); name != pagesTest && !slices.Contains(slices.Concat(append(looks, stories...)...), name) {
			others = append(others, name)
		}
	}
	return r.browserTests(ctx, looks, append(stories, others))
}

func (r *checkRun) browserDir() string { return filepath.Join(r.root, "cmd", "dev", "browser") }

// A lane is what runs against one demo site: groups of files, one after another.
type lane [][]string

// browserTests runs lanes beside each other.
func (r *checkRun) browserTests(ctx context.Context, lanes ...lane) error {
	if err := r.build(ctx); err != nil {
		return err
	}
	type result struct {
		out bytes.Buffer
		err error
	}
	results := make([][]result, len(lanes))
	var wg sync.WaitGroup
	for i, groups := range lanes {
		demo, err := r.servers.startDemo(ctx, r.binary, i)
		if err != nil {
			return err
		}
		results[i] = make([]result, len(groups))
		wg.Go(func() {
			for k, files := range groups {
				res := &results[i][k]
				var out io.Writer = &res.out
				if i == 0 { // what the others say follows when all have ended
					out = io.MultiWriter(r.out, out)
				}
				cmd := commandContext(ctx, r.browserDir(), r.in.nodeProgram("node"), append([]string{"--test", "--test-concurrency=1", "--test-reporter=spec"}, files...)...)
				cmd.Env = r.in.nodeEnv("PLENARY_URL="+demo.url, "PLENARY_ACCOUNTS="+demo.accounts, "PLENARY_PROGRAM="+r.binary)
				cmd.Stdout, cmd.Stderr = out, out
				res.err = cmd.Run()
			}
		})
	}
	wg.Wait()
	var errs []error
	for i := range results {
		for k := range results[i] {
			res := &results[i][k]
			if i > 0 {
				_, _ = r.out.Write(res.out.Bytes())
			}
			errs = append(errs, r.nodeTold(res.out.Bytes(), res.err))
		}
	}
	return errors.Join(errs...)
}

// node runs a program that prints as Node's test runner does, and counts.
func (r *checkRun) node(ctx context.Context, dir, name string, args ...string) error {
	cmd := commandContext(ctx, dir, name, args...)
	cmd.Env = r.in.nodeEnv()
	var out bytes.Buffer
	cmd.Stdout = io.MultiWriter(r.out, &out)
	cmd.Stderr = r.out
	err := cmd.Run()
	return r.nodeTold(out.Bytes(), err)
}

// nodeTold counts what Node's test runner printed, and says how its run ended.
func (r *checkRun) nodeTold(out []byte, err error) error {
	n := countNodeTests(out)
	r.counts.add(n)
	if err == nil && n.passed == 0 {
		err = errors.New("no test was run")
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
