package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plenary": main})
}

// TestScripts runs the stories in testdata/script against the real program. Beside the tool's own words they have
//
//	$ADDRESS               a free address and port on this machine
//	fetch STATUS PATH      GET of a page there, its head and body as stdout; waits until the program is up
//	terminate              SIGTERM to what runs in the background
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("ADDRESS", l.Addr().String())
			return l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"fetch": fetch, "terminate": terminate},
	})
}

func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch STATUS PATH")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	address := "http://" + ts.Getenv("ADDRESS") + strings.TrimPrefix(args[1], "http://"+ts.Getenv("ADDRESS"))
	resp, err := client.Get(address)
	for end := time.Now().Add(time.Minute); err != nil && time.Now().Before(end); resp, err = client.Get(address) {
		time.Sleep(20 * time.Millisecond)
	}
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), resp.Status)
	ts.Check(resp.Header.Write(ts.Stdout()))
	fmt.Fprintf(ts.Stdout(), "\n%s", body)
	if resp.StatusCode != want {
		ts.Fatalf("%s: %s", args[1], resp.Status)
	}
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}
