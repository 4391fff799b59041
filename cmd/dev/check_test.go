package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A step that silently drops out of the list would never fail again.
func TestStepsAreAllThere(t *testing.T) {
	const want = "gofmt, vet, build, vulns, assets, admin, test, test-pg-s3, letters, race, fuzz, pages, browser, bench"
	if got := stepNames(steps()); got != want {
		t.Errorf("steps %s\nwant  %s", got, want)
	}
	for _, s := range steps() {
		if s.run == nil || s.about == "" {
			t.Errorf("step %s lacks its function or its line", s.name)
		}
		for _, n := range s.needs {
			if n != needS3 && len(aptPackages[n]) == 0 {
				t.Errorf("step %s needs %s, which nobody installs", s.name, n)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	got, err := choose(steps(), "vet,gofmt")
	if err != nil || stepNames(got) != "gofmt, vet" {
		t.Errorf("chose %s, %v", stepNames(got), err)
	}
	if _, err := choose(steps(), "vet,nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("an unknown step gave %v", err)
	}
}

// One failing and one panicking step: both are reported, the others run, servers are stopped.
func TestRunGoesOnAndStopsServers(t *testing.T) {
	var out bytes.Buffer
	r := &checkRun{root: t.TempDir(), out: &out, in: &installer{out: &out}}
	end, err := r.open()
	if err != nil {
		t.Fatal(err)
	}
	dir := r.servers.dir
	var server *process
	err = r.all(t.Context(), []step{
		{name: "first", run: func(r *checkRun, ctx context.Context) (err error) {
			server, err = r.servers.start("server", exec.Command("sleep", "300"), 15)
			return err
		}},
		{name: "second", run: func(*checkRun, context.Context) error { return errors.New("no good") }},
		{name: "third", run: func(*checkRun, context.Context) error { panic("at the disco") }},
		{name: "fourth", run: func(r *checkRun, _ context.Context) error { r.counts = counts{passed: 7}; return nil }},
	})
	end()
	if err == nil || !strings.Contains(err.Error(), "second, third") {
		t.Errorf("error %v, want the two failed steps", err)
	}
	text := out.String()
	for _, want := range []string{"FAILED second: no good", "FAILED third: panic: at the disco", "7 passed, 0 failed", "\n7 passed, 2 failed\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the output:\n%s", want, text)
		}
	}
	if server == nil || alive(server.cmd.Process.Pid) {
		t.Error("the server outlived the run")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is left: %v", err)
	}
}

// What could not be found out is neither a success nor a failure, and stands in the table.
func TestWhatIsNotKnownIsSaid(t *testing.T) {
	t.Setenv("GOVULNDB", "file:///nowhere/at/all")
	var out bytes.Buffer
	r := &checkRun{root: t.TempDir(), out: &out, in: &installer{out: &out}}
	if err := r.all(t.Context(), []step{{name: "vulns", run: (*checkRun).vulns}}); err != nil {
		t.Error(err)
	}
	text := out.String()
	for _, want := range []string{"NOT KNOWN vulns: the database of weaknesses cannot be reached: ", "vulns        ?  ", "0 failed, 1 skipped", "0 passed, 0 failed"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the output:\n%s", want, text)
		}
	}
}

// Breaking off (Ctrl-C) ends the step that runs, leaves out the rest, and is an error.
func TestBreakOff(t *testing.T) {
	var out bytes.Buffer
	r := &checkRun{root: t.TempDir(), out: &out, in: &installer{out: &out}}
	end, err := r.open()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err = r.all(ctx, []step{
		{name: "long", run: func(r *checkRun, ctx context.Context) error { return r.command(ctx, "sleep", "300").Run() }},
		{name: "next", run: func(*checkRun, context.Context) error { t.Error("ran after the break"); return nil }},
	})
	if err == nil || time.Since(begin) > 10*time.Second || !strings.Contains(out.String(), "next         not run") {
		t.Errorf("error %v after %v:\n%s", err, time.Since(begin), out.String())
	}
}

func TestReadGoTests(t *testing.T) {
	in := `{"Action":"output","Package":"p/a","Test":"TestX","Output":"=== RUN   TestX\n"}
{"Action":"output","Package":"p/a","Test":"TestX","Output":"    x_test.go:7: no server here\n"}
{"Action":"skip","Package":"p/a","Test":"TestX"}
{"Action":"pass","Package":"p/a","Test":"TestY/sub"}
{"Action":"pass","Package":"p/a","Test":"TestY"}
{"Action":"pass","Package":"p/a","Elapsed":0.5}
{"Action":"output","Package":"p/b","Test":"TestZ","Output":"wrong answer\n"}
{"Action":"fail","Package":"p/b","Test":"TestZ"}
{"Action":"fail","Package":"p/b"}
{"ImportPath":"p/c","Action":"build-output","Output":"undefined: foo\n"}
{"Action":"fail","Package":"p/c","FailedBuild":"p/c"}
{"Action":"output","Package":"p/d","Test":"TestCut","Output":"panic: oh\n"}
{"Action":"fail","Package":"p/d"}
{"Action":"skip","Package":"p/none"}
`
	var out bytes.Buffer
	n, err := readGoTests(strings.NewReader(in), &out, false)
	if err != nil || n != (counts{passed: 2, failed: 3, skipped: 1}) {
		t.Errorf("counted %+v, %v", n, err)
	}
	for _, want := range []string{"skipped: TestX: no server here", "wrong answer", "undefined: foo", "panic: oh"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the output:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "RUN") || strings.Contains(out.String(), "none") {
		t.Errorf("too much is printed:\n%s", out.String())
	}
}

func TestCountNodeTests(t *testing.T) {
	for _, in := range []string{
		"✔ a (1ms)\nℹ tests 6\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\n",
		"ok 1 - a\n# tests 6\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n",
	} {
		if n := countNodeTests([]byte(in)); n != (counts{passed: 3, failed: 2, skipped: 1}) {
			t.Errorf("counted %+v in %q", n, in)
		}
	}
}

// The proof that a binary is static must see one that is not.
func TestDynamic(t *testing.T) {
	exe, err := exec.LookPath("sleep") // coreutils: linked to libc
	if err != nil {
		t.Fatal(err)
	}
	if exe, err = filepath.EvalSymlinks(exe); err != nil {
		t.Fatal(err)
	}
	libs, err := dynamic(exe)
	if err != nil || len(libs) < 2 {
		t.Errorf("%s: %v, %v", exe, libs, err)
	}
}
