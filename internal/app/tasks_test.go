package app

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"
)

// TestAPanicInTheBackgroundEndsOneRun: the program and the other tasks go on, and the task itself does.
func TestAPanicInTheBackgroundEndsOneRun(t *testing.T) {
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	runs := make(chan int, 100)
	n := 0
	for _, task := range []task{
		steady("a", time.Millisecond, func(ctx context.Context) {
			if n++; n < 3 {
				panic("a")
			}
			runs <- n
			<-ctx.Done()
		}),
		every("b", time.Millisecond, func(context.Context) error { runs <- 100; panic("b") }),
	} {
		done := make(chan struct{})
		go func() { task.run(ctx); close(done) }()
		t.Cleanup(func() { <-done })
	}
	seen := map[int]int{}
	for deadline := time.After(10 * time.Second); seen[3] == 0 || seen[100] < 3; {
		select {
		case r := <-runs:
			seen[r]++
		case <-deadline:
			t.Fatalf("they have not gone on: %v", seen)
		}
	}
}
