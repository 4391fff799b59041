package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// target is one server to be measured: an address, and the process that answers.
type target struct {
	url     string
	pid     int
	headers []string
}

// sample is one run of the load generator.
type sample struct {
	rps, requests float64
	cpu           float64 // µs of the server's processes a request
}

// inTurn runs the load generator on all targets in turn, round after round, and gives the samples by target. Each must
// answer as wanted, or a fast error page would win.
func (b *benchRun) inTurn(ctx context.Context, conns, want int, targets ...target) ([][]sample, error) {
	out := make([][]sample, len(targets))
	for _, t := range targets {
		a, err := get(ctx, t.url, t.headers...)
		if err != nil {
			return nil, err
		}
		if a.status != want {
			return nil, fmt.Errorf("%s answered %d, not %d", t.url, a.status, want)
		}
	}
	for range b.rounds {
		for i, t := range targets {
			s, err := load(ctx, t, conns, b.seconds)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], s)
		}
	}
	return out, nil
}

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in`)
	wrkRate     = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkErrors   = regexp.MustCompile(`(?m)^\s*(Non-2xx or 3xx responses:.*|Socket errors:.*)$`)
)

// load runs wrk once.
func load(ctx context.Context, t target, conns, seconds int) (sample, error) {
	args := []string{"-t", strconv.Itoa(min(2, conns)), "-c", strconv.Itoa(conns), "-d", fmt.Sprintf("%ds", seconds), "--timeout", "10s"}
	for _, h := range t.headers {
		args = append(args, "-H", h)
	}
	cmd := commandContext(ctx, "", "wrk", append(args, t.url)...)
	var out bytes.Buffer
	cmd.Stdout = &out
	before, err := cpuTime(t.pid)
	if err != nil {
		return sample{}, err
	}
	if err := run(cmd); err != nil {
		return sample{}, err
	}
	after, err := cpuTime(t.pid)
	if err != nil {
		return sample{}, err
	}
	s, err := parseWrk(out.String())
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", t.url, err)
	}
	s.cpu = float64((after - before).Microseconds()) / s.requests
	return s, nil
}

// parseWrk reads the summary of a run. Answers other than 2xx and 3xx spoil it.
func parseWrk(text string) (s sample, err error) {
	n, rate := wrkRequests.FindStringSubmatch(text), wrkRate.FindStringSubmatch(text)
	if n == nil || rate == nil {
		return s, fmt.Errorf("wrk said:\n%s", text)
	}
	if e := wrkErrors.FindString(text); e != "" {
		return s, errors.New(strings.TrimSpace(e))
	}
	s.requests, _ = strconv.ParseFloat(n[1], 64)
	s.rps, _ = strconv.ParseFloat(rate[1], 64)
	if s.requests == 0 {
		return s, errors.New("no request was answered")
	}
	return s, nil
}

// cpuTime is the processor time used by a process, its threads and its children (nginx answers in its workers).
func cpuTime(pid int) (time.Duration, error) {
	parents := map[int]int{}
	ticks := map[int]int{}
	dirs, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, d := range dirs {
		b, err := os.ReadFile(d)
		if err != nil {
			continue // it has ended
		}
		i := bytes.LastIndexByte(b, ')')
		if i < 0 {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(d)))
		f := strings.Fields(string(b[i+1:]))
		parents[id], _ = strconv.Atoi(f[1])
		for _, k := range []int{11, 12, 13, 14} { // user and system time, and those of children that have ended
			n, _ := strconv.Atoi(f[k])
			ticks[id] += n
		}
	}
	if _, ok := ticks[pid]; !ok {
		return 0, fmt.Errorf("process %d is gone", pid)
	}
	total := 0
	for id, n := range ticks {
		for p := id; p > 1; p = parents[p] {
			if p == pid {
				total += n
				break
			}
		}
	}
	return time.Duration(total) * 10 * time.Millisecond, nil // Linux counts in 10 ms for everyone, whatever HZ is
}

// settle waits until a process does next to nothing, and tells whether it came to that within d.
func settle(ctx context.Context, pid int, d time.Duration) (rest bool, err error) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		before, err := cpuTime(pid)
		if err != nil {
			return false, err
		}
		if err := sleep(ctx, 2*time.Second); err != nil {
			return false, err
		}
		after, err := cpuTime(pid)
		if err != nil || after-before < 100*time.Millisecond {
			return err == nil, err
		}
	}
	return false, nil
}

// residentBytes is the memory of a process that lies in RAM.
func residentBytes(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// answer is what a server said.
type answer struct {
	status         int
	etag, encoding string
	body           []byte
}

// plainClient neither follows redirects nor asks for compression by itself.
var plainClient = &http.Client{
	Timeout:       60 * time.Second,
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func get(ctx context.Context, url string, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := plainClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header.Get("ETag"), res.Header.Get("Content-Encoding"), body}, err
}

// page is a public page in both its forms.
type page struct {
	path        string
	plain, gzip []byte
}

func getPage(ctx context.Context, base, path string) (page, error) {
	plain, err := get(ctx, base+path)
	if err != nil {
		return page{}, err
	}
	zipped, err := get(ctx, base+path, "Accept-Encoding: gzip")
	if err != nil {
		return page{}, err
	}
	if plain.status != http.StatusOK || zipped.status != http.StatusOK || plain.encoding != "" || zipped.encoding != "gzip" {
		return page{}, fmt.Errorf("%s: answered %d %q and, asked for gzip, %d %q", path, plain.status, plain.encoding, zipped.status, zipped.encoding)
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped.body))
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", path, err)
	}
	if unzipped, err := io.ReadAll(r); err != nil || !bytes.Equal(unzipped, plain.body) {
		return page{}, fmt.Errorf("%s: the compressed page is another than the plain one (%v)", path, err)
	}
	return page{path, plain.body, zipped.body}, nil
}

var sitemapLoc = regexp.MustCompile(`<loc>([^<]+)</loc>`)

// sitemapPaths are the addresses in a site's sitemap, without their host.
func sitemapPaths(ctx context.Context, base string) ([]string, error) {
	var paths []string
	todo := []string{"/sitemap.xml"}
	for len(todo) > 0 {
		a, err := get(ctx, base+todo[0])
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusOK {
			return nil, fmt.Errorf("%s answered %d", todo[0], a.status)
		}
		todo = todo[1:]
		for _, m := range sitemapLoc.FindAllSubmatch(a.body, -1) {
			u, err := url.Parse(html.UnescapeString(string(m[1])))
			if err != nil {
				return nil, err
			}
			if bytes.Contains(a.body, []byte("<sitemapindex")) {
				todo = append(todo, u.EscapedPath())
			} else {
				paths = append(paths, u.EscapedPath())
			}
		}
	}
	if len(paths) == 0 {
		return nil, errors.New("the sitemap is empty")
	}
	return paths, nil
}

// heaviest is the page under an address with the most bytes to send.
func heaviest(ctx context.Context, base, under string) (page, error) {
	paths, err := sitemapPaths(ctx, base)
	if err != nil {
		return page{}, err
	}
	var best page
	for _, p := range paths {
		if !strings.HasPrefix(p, under) {
			continue
		}
		got, err := getPage(ctx, base, p)
		if err != nil {
			return page{}, err
		}
		if len(got.gzip) > len(best.gzip) {
			best = got
		}
	}
	if best.path == "" {
		return page{}, fmt.Errorf("no page under %s in the sitemap", under)
	}
	return best, nil
}

var (
	linkTag  = regexp.MustCompile(`<link\s[^>]*>`)
	linkHref = regexp.MustCompile(`\shref="([^"]*)"`)
)

// styleSheets are the addresses of a page's style sheets.
func styleSheets(doc []byte) []string {
	var list []string
	for _, tag := range linkTag.FindAllString(string(doc), -1) {
		if m := linkHref.FindStringSubmatch(tag); m != nil && strings.Contains(tag, `rel="stylesheet"`) {
			list = append(list, html.UnescapeString(m[1]))
		}
	}
	return list
}

// absolute joins an address on a page to the site's.
func absolute(base, href string) string {
	b, err := url.Parse(base)
	if err != nil {
		return href
	}
	u, err := b.Parse(href)
	if err != nil {
		return href
	}
	return u.String()
}

// nginxServer serves one page from files.
type nginxServer struct {
	url     string
	process *process
}

const nginxConf = `daemon off; master_process on; worker_processes %[1]d; %[2]s pid %[3]s/nginx.pid; error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 60s; server_tokens off;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 10s; open_file_cache_min_uses 1;
  client_body_temp_path %[3]s/b; proxy_temp_path %[3]s/p; fastcgi_temp_path %[3]s/f; uwsgi_temp_path %[3]s/u; scgi_temp_path %[3]s/s;
  default_type "text/html; charset=utf-8"; types { }
  server { listen 127.0.0.1:%[4]d reuseport; root %[3]s/www; gzip_static on; gzip_vary on; add_header Cache-Control "public, max-age=0, must-revalidate"; }
}
`

// startNginx serves the page's own bytes in the way nginx is at its best: from files compressed beforehand.
func (s *servers) startNginx(ctx context.Context, p page) (nginxServer, error) {
	dir := filepath.Join(s.dir, "nginx")
	file := filepath.Join(dir, "www", filepath.FromSlash(p.path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nginxServer{}, err
	}
	for name, body := range map[string][]byte{file: p.plain, file + ".gz": p.gzip} {
		if err := os.WriteFile(name, body, 0o644); err != nil {
			return nginxServer{}, err
		}
	}
	port, err := freePort()
	if err != nil {
		return nginxServer{}, err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user www-data;"
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, runtime.NumCPU(), user, dir, port), 0o644); err != nil {
		return nginxServer{}, err
	}
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // not in everyone's PATH
	}
	pr, err := s.start("nginx", exec.Command(program, "-e", "stderr", "-c", conf), syscall.SIGTERM)
	if err != nil {
		return nginxServer{}, err
	}
	n := nginxServer{fmt.Sprintf("http://127.0.0.1:%d", port), pr}
	return n, pr.wait(ctx, 10*time.Second, func(ctx context.Context) error { return getOK(ctx, n.url+p.path) })
}
