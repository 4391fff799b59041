package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// task is something that runs beside the server until ctx ends.
type task struct {
	name string
	run  func(ctx context.Context)
}

// tasks is all that runs beside the server.
func (a *App) tasks() []task {
	return []task{
		steady("notices", time.Second, a.DB.Listen),
		steady("renditions", time.Second, a.Media.Run),
		steady("jobs", time.Second, a.Jobs.Run),
		steady("letters", time.Second, a.Mail.Run),
		// A notice may be lost with its connection: looking bounds how long an old page can stay.
		every("generation", 5*time.Second, a.Content.Watch),
		steady("directory", time.Minute, a.reachDirectory),
		every("log", 2*time.Second, a.Auth.Seal),
		every("files", time.Hour, a.Media.Sweep),
		daily(a.Config.Settle,
			part{"retention", a.Registration.Purge},
			part{"dates", a.Content.Redate},
			part{"messages", a.Registration.Replan},
			part{"retention of discussions", a.Discussion.Purge},
			part{"retention of comments", a.Comments.Purge},
			part{"digests of discussions", a.Discussion.Digest},
			part{"record", a.Panel.TellRecord},
		),
		every("reminders", 10*time.Minute, a.Panel.Remind),
		every("rights that end", time.Hour, a.Panel.TellOfRights),
		every("news of discussions", time.Hour, a.Discussion.News),
		every("questions", 10*time.Minute, a.Discussion.GatherAll),
		every("old letters", time.Hour, a.Mail.Sweep),
	}
}

// reachDirectory reads what the office's directory says of itself, until it answers: the page that leads there is drawn with it.
func (a *App) reachDirectory(ctx context.Context) {
	for a.Directory != nil && ctx.Err() == nil {
		err := a.Directory.Check(ctx)
		if err == nil {
			return
		}
		slog.Warn("the directory cannot be reached; people sign in with passwords meanwhile", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	}
}

// caught runs f and makes an error of a panic.
func caught(ctx context.Context, f func(ctx context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx)
}

// steady runs f, which ends with ctx. After a panic it is logged and, after a pause, started again.
func steady(name string, pause time.Duration, f func(ctx context.Context)) task {
	return task{name, func(ctx context.Context) {
		for ctx.Err() == nil {
			err := caught(ctx, func(ctx context.Context) error { f(ctx); return nil })
			if err == nil {
				return
			}
			slog.Error("task failed", "task", name, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}}
}

// part is some of what a task does.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// daily runs parts one after the other some time after the start and then once a day; one that fails keeps none of the others from
// running. They go through much, so what that took of memory is given back.
func daily(after time.Duration, parts ...part) task {
	run := func(ctx context.Context) error {
		for _, p := range parts {
			if err := caught(ctx, p.run); err != nil && ctx.Err() == nil {
				slog.Error("task failed", "task", p.name, "error", err)
			}
		}
		debug.FreeOSMemory()
		return nil
	}
	again := every("daily", 24*time.Hour, run)
	return task{"daily", func(ctx context.Context) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(after):
		}
		_ = run(ctx) // its parts have told
		again.run(ctx)
	}}
}

// every runs f now and then. A failure or a panic is logged and ends that run only.
func every(name string, pause time.Duration, f func(ctx context.Context) error) task {
	return task{name, func(ctx context.Context) {
		t := time.NewTicker(pause)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			if err := caught(ctx, f); err != nil && ctx.Err() == nil {
				slog.Error("task failed", "task", name, "error", err)
			}
		}
	}}
}
