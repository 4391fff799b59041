package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// every has the tests try all cases of which a plain go test takes a part.
const every = "PLENARY_TEST_ALL=1"

func (r *checkRun) goTests(ctx context.Context) error {
	return r.goTest(ctx, []string{every}, "./...")
}

// goTestsServers runs the same suite on the other ends: a real PostgreSQL and a real S3 server. Packages that ask for neither
// answer as they just did: go test knows which variables they read.
func (r *checkRun) goTestsServers(ctx context.Context) error {
	database, err := r.servers.startPostgres(ctx)
	if err != nil {
		return err
	}
	storage, err := r.servers.startS3(ctx)
	if err != nil {
		return err
	}
	before := r.counts.skipped
	if err := r.goTest(ctx, []string{every, "PLENARY_TEST_DECISIONS=1000000", "PLENARY_TEST_DATABASE=" + database, "PLENARY_TEST_S3=" + storage}, "./..."); err != nil {
		return err
	}
	// Tests that need a server skip themselves elsewhere. Here there is one.
	if n := r.counts.skipped - before; n > 0 {
		return fmt.Errorf("%d tests were skipped although all servers are there", n)
	}
	return nil
}

// letters runs at their full size, on PostgreSQL, the tests that break off the sending of many letters again and again: by who
// writes them to those registered, and by who hands them to the mail server.
func (r *checkRun) letters(ctx context.Context) error {
	database, err := r.servers.startPostgres(ctx)
	if err != nil {
		return err
	}
	env := []string{"PLENARY_TEST_LETTERS=10000", "PLENARY_TEST_DATABASE=" + database}
	return errors.Join(r.goTest(ctx, env, "-run=^TestMessagesInterrupted$", "./internal/registration"), r.goTest(ctx, env, "-run=^TestKilled$", "./internal/mail"))
}

// race runs the packages that import sync themselves: where they take care, they can go wrong.
// The database engine, C made into Go and most of the time here, is not watched: its races are not ours to find, and it
// takes no memory of ours but what a call hands it. Its driver is: it has a sync.Map, and the linker keeps one copy of the code
// behind all of them; were that one not watched, no sync.Map of ours would be seen to synchronize.
func (r *checkRun) race(ctx context.Context) error {
	list, err := r.goList(ctx, `{{range .Imports}}{{if or (eq . "sync") (eq . "sync/atomic")}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}`)
	if err != nil {
		return err
	}
	pkgs := slices.Compact(list)
	if len(pkgs) == 0 {
		return errors.New("no package imports sync: the choice of packages is wrong")
	}
	return r.goTest(ctx, []string{"CGO_ENABLED=1"}, append([]string{"-race", "-short", "-gcflags=modernc.org/libc/...=-race=false", "-gcflags=modernc.org/sqlite/lib=-race=false"}, pkgs...)...)
}

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// fuzz runs each target on two thousand inputs: a number and not a time, because the time can end while a worker starts or
// makes a find smaller, which go test then takes for a failure. What it finds is written to the package's testdata, as usual.
func (r *checkRun) fuzz(ctx context.Context) error {
	files, err := r.goList(ctx, `{{range .TestGoFiles}}{{$.ImportPath}} {{$.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$.ImportPath}} {{$.Dir}}/{{.}}{{"\n"}}{{end}}`)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(r.servers.dir, "fuzz")
	if err != nil {
		return err
	}
	found := false
	binaries := map[string]string{} // by package: linking takes longer than the inputs do
	var errs []error
	for _, line := range files {
		pkg, file, _ := strings.Cut(line, " ")
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, m := range fuzzTarget.FindAllSubmatch(src, -1) {
			found = true
			if binaries[pkg] == "" {
				binaries[pkg] = filepath.Join(dir, fmt.Sprint(len(binaries), ".test"))
				if err := r.command(ctx, "go", "test", "-c", "-fuzz=.", "-o", binaries[pkg], pkg).Run(); err != nil {
					return fmt.Errorf("%s: %w", pkg, err)
				}
			}
			cmd := commandContext(ctx, filepath.Dir(file), "go", "tool", "test2json", "-t", "-p", pkg, binaries[pkg], "-test.v=test2json", "-test.run=^$",
				"-test.fuzz=^"+string(m[1])+"$", "-test.fuzztime=2000x", "-test.fuzzminimizetime=10x", "-test.fuzzcachedir="+binaries[pkg]+".kept", "-test.timeout=15m")
			if err := r.runGoTests(cmd); err != nil {
				errs = append(errs, fmt.Errorf("%s in %s: %w", m[1], pkg, err))
			}
		}
	}
	if !found {
		errs = append(errs, errors.New("no fuzz target found"))
	}
	return errors.Join(errs...)
}

// goList gives the lines of go list -f over the whole module. A package that does not build is listed like the others:
// the steps that build it say what is wrong.
func (r *checkRun) goList(ctx context.Context, format string) ([]string, error) {
	cmd := commandContext(ctx, r.root, "go", "list", "-e", "-f", format, "./...")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return strings.FieldsFunc(string(out), func(c rune) bool { return c == '\n' }), nil
}

// goTest runs go test, prints a line per package and the whole output of what failed, and counts.
func (r *checkRun) goTest(ctx context.Context, env []string, args ...string) error {
	cmd := commandContext(ctx, r.root, "go", append([]string{"test", "-json", "-timeout=15m"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	if err := r.runGoTests(cmd); err != nil {
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// runGoTests runs a program that prints what go test -json does.
func (r *checkRun) runGoTests(cmd *exec.Cmd) error {
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = r.out
	if err := cmd.Start(); err != nil {
		return err
	}
	n, err := readGoTests(pipe, r.out, r.verbose)
	r.counts.add(n)
	_, _ = io.Copy(io.Discard, pipe)
	if wait := cmd.Wait(); err == nil {
		err = wait
	}
	if err == nil && n.passed == 0 {
		err = errors.New("no test was run")
	}
	return err
}

// goEvent is a line of go test -json (see `go doc test2json`).
type goEvent struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// readGoTests follows a run and says how many tests (subtests included) ended how. A package that fails without a
// failing test (it does not build, or panics) counts as one failure.
func readGoTests(in io.Reader, out io.Writer, verbose bool) (counts, error) {
	var total counts
	type suite struct {
		n       counts
		output  map[string][]string // by test; "" is the package's own
		skipped []string
	}
	suites := map[string]*suite{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e goEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // the toolchain speaks: downloads, errors of the command line
			continue
		}
		s := suites[e.Package]
		if s == nil {
			s = &suite{output: map[string][]string{}}
			suites[e.Package] = s
		}
		switch {
		case e.Action == "build-output":
			fmt.Fprint(out, e.Output)
		case e.Action == "output" && verbose:
			fmt.Fprint(out, e.Output)
		case e.Action == "output":
			s.output[e.Test] = append(s.output[e.Test], e.Output)
		case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			if e.Action == "fail" && s.n.failed == 0 {
				s.n.failed = 1
				fmt.Fprint(out, strings.Join(s.output[""], ""))
				for _, test := range slices.Sorted(maps.Keys(s.output)) { // tests that were cut off
					if test != "" {
						fmt.Fprint(out, strings.Join(s.output[test], ""))
					}
				}
			}
			if e.Action != "skip" { // a package without tests
				fmt.Fprintf(out, "%-4s  %-32s %4d passed, %d failed  %s\n", e.Action, short(e.Package), s.n.passed, s.n.failed,
					time.Duration(e.Elapsed*float64(time.Second)).Round(10*time.Millisecond))
				for _, l := range s.skipped {
					fmt.Fprintln(out, "      skipped:", l)
				}
			}
			total.add(s.n)
			delete(suites, e.Package)
		case e.Action == "pass":
			s.n.passed++
			delete(s.output, e.Test)
		case e.Action == "skip":
			s.n.skipped++
			s.skipped = append(s.skipped, e.Test+": "+reason(s.output[e.Test]))
			delete(s.output, e.Test)
		case e.Action == "fail":
			s.n.failed++
			fmt.Fprint(out, strings.Join(s.output[e.Test], ""))
			delete(s.output, e.Test)
		}
	}
	return total, lines.Err()
}

// reason is what a skipped test said.
func reason(output []string) string {
	for _, l := range output {
		if _, msg, ok := strings.Cut(l, ".go:"); ok {
			_, msg, _ = strings.Cut(msg, ":")
			return strings.TrimSpace(msg)
		}
	}
	return "no reason given"
}

func short(pkg string) string { return strings.TrimPrefix(filepath.ToSlash(pkg), "plenary/") }
