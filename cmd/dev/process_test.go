package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The stopper ends a server that listens, one that does not, and the children of both.
func TestStopAllLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p := processes{grace: 500 * time.Millisecond}
	defer p.stopAll()
	for i, script := range []string{
		`sleep 300 & echo $! >"$1"; wait`,
		`trap "" TERM INT; sleep 300 & echo $! >"$1"; while :; do sleep 1; done`,
	} {
		file := filepath.Join(dir, fmt.Sprint(i))
		pr, err := p.start(fmt.Sprint("script ", i), exec.Command("sh", "-c", script, "sh", file), syscall.SIGTERM)
		if err != nil {
			t.Fatal(err)
		}
		if err := pr.wait(t.Context(), 5*time.Second, func(context.Context) error {
			b, err := os.ReadFile(file)
			if err == nil && len(b) == 0 {
				err = errors.New("empty")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	var pids []int
	for i, pr := range p.started {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		child, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pr.cmd.Process.Pid, child)
	}
	for _, pid := range pids {
		if !alive(pid) {
			t.Fatalf("process %d is not running before it is stopped", pid)
		}
	}
	p.stopAll()
	deadline := time.Now().Add(3 * time.Second)
	for _, pid := range pids {
		for alive(pid) && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond) // the orphan is reaped by init
		}
		if alive(pid) {
			t.Errorf("process %d outlived stopAll", pid)
		}
	}
}

// A server that ends by itself is reported with what it said, and not waited for.
func TestWaitNamesTheReason(t *testing.T) {
	var p processes
	defer p.stopAll()
	pr, err := p.start("server", exec.Command("sh", "-c", "echo port is taken >&2; exit 3"), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err = pr.wait(t.Context(), time.Minute, func(context.Context) error { return errors.New("not yet") })
	if err == nil || !strings.Contains(err.Error(), "port is taken") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error %v", err)
	}
	if time.Since(start) > 10*time.Second {
		t.Errorf("waited %v for a server that had ended", time.Since(start))
	}
}

// A program run for a step ends with its children when the run is broken off.
func TestCommandEndsWithContext(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := run(commandContext(ctx, "", "sh", "-c", `sleep 300 & echo $! >"$1"; wait`, "sh", file)); err == nil {
		t.Error("no error from a program that was broken off")
	}
	if time.Since(start) > 8*time.Second {
		t.Errorf("took %v to break off", time.Since(start))
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	for deadline := time.Now().Add(3 * time.Second); alive(pid) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if pid == 0 || alive(pid) {
		t.Errorf("child %d outlived the run", pid)
	}
}

// alive says whether a process of this number exists (a zombie counts as ended).
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	i := bytes.LastIndexByte(stat, ')')
	return i < 0 || i+2 >= len(stat) || stat[i+2] != 'Z'
}
