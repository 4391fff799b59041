package main

import (
	"bytes"
	"compress/gzip"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		f    figure
		want string
	}{
		{figure{value: 0.7, floor: 0.45, goal: 0.6}, "goal"},
		{figure{value: 0.5, floor: 0.45, goal: 0.6}, "floor"},
		{figure{value: 0.4, floor: 0.45, goal: 0.6}, "BELOW FLOOR"},
		{figure{value: 0.8, floor: 2, goal: 1, atMost: true}, "goal"},
		{figure{value: 1.8, floor: 2, goal: 1, atMost: true}, "floor"},
		{figure{value: 2.8, floor: 2, goal: 1, atMost: true}, "BELOW FLOOR"},
		{figure{value: math.NaN(), floor: 2, goal: 1, atMost: true}, "BELOW FLOOR"},
	} {
		if got := c.f.verdict(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.f, got, c.want)
		}
	}
}

func TestTableFailsBelowFloor(t *testing.T) {
	var out bytes.Buffer
	b := &benchRun{figures: []figure{{name: "good", value: 1, floor: 0.5, goal: 0.8}, {name: "slow page", value: 3, unit: "ms", floor: 2, goal: 1, atMost: true}}}
	if err := b.table(&out, 1); err == nil || !strings.Contains(err.Error(), "slow page") || strings.Contains(err.Error(), "good") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out.String(), "BELOW FLOOR") {
		t.Error(out.String())
	}
	b.figures = b.figures[:1]
	if err := b.table(&out, 1); err != nil {
		t.Error(err)
	}
	if err := (&benchRun{}).table(&out, 1); err == nil {
		t.Error("a run that measured nothing passed")
	}
}

func TestRatiosByRound(t *testing.T) {
	// A neighbour halves both in the second round: the ratio stays.
	got := ratios([]sample{{rps: 60}, {rps: 30}, {rps: 70}}, []sample{{rps: 100}, {rps: 50}, {rps: 100}})
	if got != (spread{0.6, 0.6, 0.7}) {
		t.Errorf("%+v", got)
	}
}

func TestParseWrk(t *testing.T) {
	const good = "  94800 requests in 4.00s, 780.00MB read\nRequests/sec:  23700.50\n"
	if s, err := parseWrk(good); err != nil || s.requests != 94800 || s.rps != 23700.5 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{"", good + "  Non-2xx or 3xx responses: 12\n", "  Socket errors: connect 0, read 3, write 0, timeout 0\n" + good, strings.Replace(good, "94800", "0", 1)} {
		if _, err := parseWrk(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

// The time of a child counts as its parent's, and work is seen as work.
func TestCPUTimeCountsChildren(t *testing.T) {
	var p processes
	defer p.stopAll()
	pr, err := p.start("busy", exec.Command("sh", "-c", "(while :; do :; done) & wait"), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		d, err := cpuTime(pr.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if d >= 200*time.Millisecond {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("only %v seen", d)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if rest, err := settle(t.Context(), pr.cmd.Process.Pid, time.Second); rest || err != nil {
		t.Errorf("a busy process is at rest: %v", err)
	}
	if idle, err := p.start("idle", exec.Command("sleep", "60"), syscall.SIGTERM); err != nil {
		t.Error(err)
	} else if rest, err := settle(t.Context(), idle.cmd.Process.Pid, time.Minute); !rest || err != nil {
		t.Errorf("an idle process is not at rest: %v", err)
	}
	if rss, err := residentBytes(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("our own memory: %d, %v", rss, err)
	}
}

func TestHeaviestEventAndItsSheets(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("/sitemap.xml", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`<sitemapindex><sitemap><loc>http://h/en.xml</loc></sitemap></sitemapindex>`))
	})
	mux.HandleFunc("/en.xml", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`<urlset><url><loc>http://h/en/</loc></url><url><loc>http://h/en/events/2027/a</loc></url><url><loc>http://h/en/events/2027/b</loc></url></urlset>`))
	})
	body := map[string]string{"a": strings.Repeat("a", 100), "b": `<link rel="stylesheet" href="/s.css?v=1&amp;x=2"><link rel="icon" href="/i.svg">`}
	mux.HandleFunc("/en/events/2027/{name}", func(w http.ResponseWriter, r *http.Request) {
		b := []byte(body[r.PathValue("name")])
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			b = gzipped(t, b)
		}
		w.Write(b)
	})
	p, err := heaviest(t.Context(), server.URL, "/en/events/")
	if err != nil || p.path != "/en/events/2027/b" {
		t.Fatalf("%s, %v", p.path, err)
	}
	if got := styleSheets(p.plain); !slices.Equal(got, []string{"/s.css?v=1&x=2"}) {
		t.Errorf("style sheets %v", got)
	}
	// A page whose compressed form says something else is no page to measure.
	body["a"] = ""
	mux.HandleFunc("/en/liar", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gzipped(t, []byte("one")))
			return
		}
		w.Write([]byte("two"))
	})
	if _, err := getPage(t.Context(), server.URL, "/en/liar"); err == nil {
		t.Error("two different pages passed for one")
	}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
