package job_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/job"

	"github.com/uptrace/bun"
)

var system = auth.System("test")

func enqueue(t *testing.T, d *db.DB, q *job.Queue, tasks ...job.Task) {
	t.Helper()
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, task := range tasks {
			if err := q.Enqueue(ctx, tx, task); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// states tells how many tasks there are of each state.
func states(t *testing.T, q *job.Queue) map[string]int {
	t.Helper()
	lines, n, err := q.List(t.Context(), system, "", auth.Paging{Size: 200})
	if err != nil {
		t.Fatal(n, err)
	}
	m := map[string]int{}
	for _, l := range lines {
		m[l.State]++
	}
	return m
}

func quiet(t *testing.T) {
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
}

func TestWithItsTransaction(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	q := job.New(d, job.Options{Now: c.Now})
	var mu sync.Mutex
	var got []int
	q.Handle("count", func(ctx context.Context, r *job.Run) error {
		var n int
		mu.Lock()
		defer mu.Unlock()
		got = append(got, n)
		return r.Args(&got[len(got)-1])
	})
	undone := errors.New("undone")
	err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if err := q.Enqueue(ctx, tx, job.Task{Kind: "count", Args: 1}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) || len(states(t, q)) != 0 {
		t.Errorf("work of a transaction that was undone: %v", err)
	}
	enqueue(t, d, q, job.Task{Kind: "count", Args: 2, At: c.Now().Add(time.Hour)}, job.Task{Kind: "unknown"})
	drain(t, q)
	if len(got) != 0 {
		t.Errorf("done before its time: %v", got)
	}
	c.Move(time.Hour)
	drain(t, q)
	c.Move(-2 * time.Hour) // the clock is set back: what is done stays done
	drain(t, q)
	c.Move(24 * time.Hour)
	drain(t, q)
	if fmt.Sprint(got) != "[2]" {
		t.Errorf("done: %v", got)
	}
	if s := states(t, q); len(s) != 1 || s[job.Waiting] != 1 {
		t.Errorf("a task of a kind from a newer program: %v", s)
	}
}

func TestOneTaskForOneKey(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	q := job.New(d, job.Options{Now: c.Now})
	var runs []int
	var again func()
	q.Handle("count", func(ctx context.Context, r *job.Run) error {
		var n int
		err := r.Args(&n)
		runs = append(runs, n)
		if again != nil {
			again()
			again = nil
		}
		return err
	})
	enqueue(t, d, q, job.Task{Kind: "count", Args: 1, Key: "k"}, job.Task{Kind: "count", Args: 2, Key: "k", At: c.Now().Add(time.Hour)})
	drain(t, q)
	if len(runs) != 0 {
		t.Errorf("the first time still counts: %v", runs)
	}
	c.Move(time.Hour)
	again = func() { enqueue(t, d, q, job.Task{Kind: "count", Args: 3, Key: "k"}) } // while it is running
	drain(t, q)
	drain(t, q)
	if fmt.Sprint(runs) != "[2 3]" || len(states(t, q)) != 0 {
		t.Errorf("done: %v", runs)
	}
	enqueue(t, d, q, job.Task{Kind: "count", Args: 4, Key: "k"}, job.Task{Kind: "count", Args: 5, Key: "l"})
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return q.Cancel(ctx, tx, "k", "none") }); err != nil {
		t.Fatal(err)
	}
	drain(t, q)
	if fmt.Sprint(runs) != "[2 3 5]" {
		t.Errorf("after one was taken back: %v", runs)
	}
}

func TestFailing(t *testing.T) {
	quiet(t)
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	q := job.New(d, job.Options{Now: c.Now, Attempts: 4})
	var at []time.Time
	works := false
	q.Handle("fails", func(ctx context.Context, r *job.Run) error {
		at = append(at, c.Now())
		if r.Attempt == 2 && !works {
			panic("at the second attempt")
		}
		if works {
			return nil
		}
		return errors.New("no")
	})
	q.Handle("never", func(ctx context.Context, r *job.Run) error { var n int; return r.Args(&n) })
	enqueue(t, d, q, job.Task{Kind: "fails"}, job.Task{Kind: "never", Args: "no number"})
	drain(t, q)
	if s := states(t, q); s[job.Failed] != 1 || s[job.Waiting] != 1 {
		t.Errorf("after the first attempt: %v", s)
	}
	for range 500 {
		c.Move(time.Second)
		drain(t, q)
	}
	if len(at) != 4 {
		t.Fatalf("%d attempts", len(at))
	}
	for i, want := range []time.Duration{10 * time.Second, 30 * time.Second, 90 * time.Second} {
		if got := at[i+1].Sub(at[i]); got != want {
			t.Errorf("pause %d: %s", i, got)
		}
	}
	lines, _, err := q.List(t.Context(), system, job.Failed, auth.Paging{})
	if err != nil || len(lines) != 2 {
		t.Fatalf("left to staff: %v %v", lines, err)
	}
	stranger := &auth.Actor{Account: auth.Account{ID: "x"}}
	if _, _, err := q.List(t.Context(), stranger, "", auth.Paging{}); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("a stranger's list: %v", err)
	}
	works = true
	for _, l := range lines {
		for _, f := range []func(context.Context, *auth.Actor, string) error{q.Again, q.Drop} {
			if err := f(t.Context(), stranger, l.ID); !errors.Is(err, auth.ErrForbidden) {
				t.Errorf("a stranger: %v", err)
			}
		}
		f := q.Again
		if l.Kind == "never" {
			f = q.Drop
		}
		if err := f(t.Context(), system, l.ID); err != nil {
			t.Error(err)
		}
		if err := f(t.Context(), system, l.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("once more: %v", err)
		}
	}
	drain(t, q)
	if s := states(t, q); len(at) != 5 || len(s) != 0 {
		t.Errorf("%d attempts, left: %v", len(at), s)
	}
}

// TestDoneInItsOwnTransaction: what the function writes together with the end of its task is written once, even if the
// instance has lost its lease.
func TestDoneInItsOwnTransaction(t *testing.T) {
	quiet(t)
	d := dbtest.Open(t, dbtest.Address(t))
	q := job.New(d, job.Options{Lease: 400 * time.Millisecond})
	write := func(r *job.Run) error {
		return d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if err := auth.Audit(ctx, tx, system, "test.done", auth.Object{}, nil); err != nil {
				return err
			}
			return r.Done(ctx, tx)
		})
	}
	calls := 0
	var lost error
	q.Handle("once", func(ctx context.Context, r *job.Run) error {
		if calls++; calls == 1 && d.Postgres() {
			time.Sleep(600 * time.Millisecond) // stuck, and its clock with it
			q2 := job.New(d, job.Options{})
			q2.Handle("once", func(ctx context.Context, second *job.Run) error {
				calls++
				lost = write(r) // the first awakes while the second is at it
				return write(second)
			})
			drain(t, q2)
			return lost
		}
		return write(r)
	})
	enqueue(t, d, q, job.Task{Kind: "once"})
	drain(t, q)
	drain(t, q)
	if d.Postgres() && (calls != 2 || !errors.Is(lost, job.ErrLost)) {
		t.Errorf("%d calls; the late one: %v", calls, lost)
	}
	_, n, err := auth.New(d, auth.Options{}).AuditLog(t.Context(), system, auth.AuditFilter{Action: "test.done"}, auth.Paging{})
	if err != nil || n != 1 || len(states(t, q)) != 0 {
		t.Errorf("written %d times: %v; left %v", n, err, states(t, q))
	}
}

// TestStopping: what is being done is told to give up, and handed back; nothing is lost, and nothing counts as an attempt.
func TestStopping(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	q := job.New(d, job.Options{})
	started := make(chan int, 10)
	stuck := true
	f := func(ctx context.Context, r *job.Run) error {
		started <- r.Attempt
		if stuck {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	q.Handle("long", f)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	begun := time.Now()
	enqueue(t, d, q, job.Task{Kind: "long"})
	<-started
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("taken up after %s", took)
	}
	stop()
	<-done
	if s := states(t, q); s[job.Waiting] != 1 {
		t.Errorf("handed back: %v", s)
	}
	stuck = false
	drain(t, q)
	if n := <-started; n != 1 {
		t.Errorf("attempt %d", n)
	}
}

// TestKilled: a task that was running when the program was killed is done by the next, and one that kills each program is
// left to staff.
func TestKilled(t *testing.T) {
	quiet(t)
	address := dbtest.Address(t)
	d := dbtest.Open(t, address)
	dead := job.New(d, job.Options{Lease: 50 * time.Millisecond, Attempts: 3})
	enqueue(t, d, dead, job.Task{Kind: "deadly"})
	killed := make(chan struct{}, 10)
	for range 3 {
		dead = job.New(d, job.Options{Lease: 50 * time.Millisecond, Attempts: 3, Poll: 20 * time.Millisecond})
		hang := make(chan struct{})
		dead.Handle("deadly", func(ctx context.Context, r *job.Run) error { killed <- struct{}{}; <-hang; return job.ErrLost })
		ctx, stop := context.WithCancel(t.Context())
		go dead.Run(ctx)
		<-killed
		stop()
		t.Cleanup(func() { close(hang) })
	}
	last := job.New(d, job.Options{Attempts: 3, Poll: 20 * time.Millisecond})
	last.Handle("deadly", func(ctx context.Context, r *job.Run) error { t.Error("done once more"); return nil })
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { last.Run(ctx); close(done) }()
	for end := time.Now().Add(5 * time.Second); states(t, last)[job.Failed] == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not left to staff")
		}
	}
	stop()
	<-done
}

// TestInstancesShare: each of 200 tasks is done by one of three instances, which hear of new ones at once.
func TestInstancesShare(t *testing.T) {
	if os.Getenv("PLENARY_TEST_DATABASE") == "" {
		t.Skip("a file has one instance; PLENARY_TEST_DATABASE names no server")
	}
	address := dbtest.Address(t)
	var mu sync.Mutex
	done := map[int]int{}
	by := map[int]int{}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var first *job.Queue
	var d *db.DB
	ready := make(chan struct{}, 3)
	for i := range 3 {
		own := dbtest.Open(t, address)
		q := job.New(own, job.Options{Poll: time.Hour})
		d, first = own, q
		q.Handle("count", func(ctx context.Context, r *job.Run) error {
			var n int
			err := r.Args(&n)
			mu.Lock()
			defer mu.Unlock()
			done[n]++
			by[i]++
			return err
		})
		own.OnNotice("jobs", func(text string) {
			select {
			case ready <- struct{}{}:
			default:
			}
		})
		all.Go(func() { q.Run(ctx) })
		all.Go(func() { own.Listen(ctx) })
	}
	for range 3 {
		<-ready
	}
	var tasks []job.Task
	for i := range 200 {
		tasks = append(tasks, job.Task{Kind: "count", Args: i})
	}
	enqueue(t, d, first, tasks...)
	for end := time.Now().Add(20 * time.Second); len(states(t, first)) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left after 20 s: %v", states(t, first))
		}
	}
	stop()
	all.Wait()
	if len(done) != 200 || len(by) < 2 {
		t.Errorf("%d tasks done, by %d instances", len(done), len(by))
	}
	for n, times := range done {
		if times != 1 {
			t.Errorf("task %d was done %d times", n, times)
		}
	}
}
