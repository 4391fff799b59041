package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// processes are the servers a run has started. Each is the head of a process group of its own, so that stopping it
// takes its children along, and nothing else.
type processes struct {
	mu      sync.Mutex
	started []*process
	grace   time.Duration // how long to wait for one to stop by itself; zero is five seconds
}

type process struct {
	name string
	cmd  *exec.Cmd
	log  *tail
	done chan struct{} // closed when it has ended and was waited for
	stop syscall.Signal
}

// start runs cmd until stopAll. The signal asks it to stop.
func (p *processes) start(name string, cmd *exec.Cmd, stop syscall.Signal) (*process, error) {
	pr := &process{name: name, cmd: cmd, log: &tail{}, done: make(chan struct{}), stop: stop}
	if cmd.Stdout == nil {
		cmd.Stdout = pr.log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = pr.log
	}
	ownGroup(cmd)
	// A grandchild that keeps our pipe open must not keep Wait waiting.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait()
		close(pr.done)
	}()
	p.mu.Lock()
	p.started = append(p.started, pr)
	p.mu.Unlock()
	return pr, nil
}

// stopAll stops what was started, the last first. It may be called more than once.
func (p *processes) stopAll() {
	p.mu.Lock()
	list := p.started
	p.started = nil
	p.mu.Unlock()
	for i := len(list) - 1; i >= 0; i-- {
		list[i].end(cmp.Or(p.grace, 5*time.Second))
	}
}

func (pr *process) end(grace time.Duration) {
	_ = pr.cmd.Process.Signal(pr.stop) // an error means that it has ended by itself
	select {
	case <-pr.done:
	case <-time.After(grace):
	}
	// What is left of its group: children that outlived it, or itself when it would not listen.
	_ = syscall.Kill(-pr.cmd.Process.Pid, syscall.SIGKILL)
	<-pr.done
}

// wait asks ready until it says nil, and gives up when the process ends, the context does, or the time is over.
func (pr *process) wait(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pr.done:
			return fmt.Errorf("%s ended at once (%v):\n%s", pr.name, pr.cmd.ProcessState, pr.log)
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %v: %w\n%s", pr.name, limit, err, pr.log)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// commandContext prepares a program that ends with its children when ctx does.
func commandContext(ctx context.Context, dir string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	ownGroup(cmd)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// run runs a program to its end; an error carries what it printed last.
func run(cmd *exec.Cmd) error {
	out := &tail{}
	if cmd.Stdout == nil {
		cmd.Stdout = out
	} else {
		cmd.Stdout = io.MultiWriter(cmd.Stdout, out)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// ownGroup makes cmd the head of a process group, and has the kernel end it should we be killed outright.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM
}

// freePort is a loopback port nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail keeps the last 16 KB that were written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailSize {
		t.buf = bytes.Clone(t.buf[len(t.buf)-tailSize:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buf
	if len(b) > tailSize {
		b = b[len(b)-tailSize:]
	}
	return string(b)
}
