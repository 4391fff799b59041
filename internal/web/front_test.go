package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fronted is a server with one finished answer, /fr/kept under the name localhost, before a handler that tells what
// reached it.
type fronted struct {
	*Server
	address string
	stop    context.CancelFunc
	done    chan error
	handled atomic.Int64 // requests that came through to net/http
}

const keptBody = "a page that is kept"

// keptUnder knows /fr/kept on localhost.
func keptUnder(body string) Ready {
	head := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nEtag: \"1\"\r\n", len(body))
	return func(r PlainRequest) ([]byte, []byte) {
		switch {
		case string(r.Host) != "localhost" || string(r.Path) != "/fr/kept":
			return nil, nil
		case string(r.IfNoneMatch) == `"1"`:
			return []byte("HTTP/1.1 304 Not Modified\r\nEtag: \"1\"\r\n"), nil
		}
		return head, []byte(body)
	}
}

func startFront(t *testing.T, with bool, body string) *fronted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fronted{Server: &Server{log: slog.New(slog.DiscardHandler)}, address: l.Addr().String(), done: make(chan error, 1)}
	if with {
		f.Ready = keptUnder(body)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handled.Add(1)
		w.Header().Set("Etag", `"1"`)
		b, _ := io.ReadAll(r.Body)
		switch {
		case r.URL.Path != "/fr/kept" || r.Host != "localhost" || r.Method != "GET" && r.Method != "HEAD":
			fmt.Fprintf(w, "%s %s %s %q", r.Method, r.URL, r.Host, b)
		case r.Header.Get("If-None-Match") == `"1"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			io.WriteString(w, body)
		}
	})
	var run context.Context
	run, f.stop = context.WithCancel(t.Context())
	go func() { f.done <- f.Serve(run, handler, l) }()
	t.Cleanup(func() {
		f.stop()
		select {
		case err := <-f.done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Error("does not stop")
		}
	})
	return f
}

func (f *fronted) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// say sends pieces one after the other and gives all that is answered until the connection has been silent for a while.
func (f *fronted) say(t *testing.T, pieces ...string) string {
	t.Helper()
	c := f.dial(t)
	for i, p := range pieces {
		if i > 0 {
			time.Sleep(20 * time.Millisecond)
		}
		io.WriteString(c, p)
	}
	var all bytes.Buffer
	buf := make([]byte, 64<<10)
	for {
		_ = c.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
		n, err := c.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			break
		}
	}
	lines := strings.SplitAfter(all.String(), "\r\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "Date: ") {
			if _, err := http.ParseTime(strings.TrimSpace(l[6:])); err != nil {
				t.Errorf("%q", l)
			}
			lines[i] = "Date: now\r\n"
		}
	}
	return strings.Join(lines, "")
}

// TestFrontAnswersAsNetHTTP: whatever is sent, with the front and without it the same comes back, but for the order of
// headers; and only what is plain is answered by the front.
func TestFrontAnswersAsNetHTTP(t *testing.T) {
	const get, end = "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n", "\r\n"
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		pieces []string
		plain  int // requests that the front answers
	}{
		"plain":               {[]string{get + end}, 1},
		"browser":             {[]string{get + "User-Agent: M (é)\r\nAccept-Encoding: gzip, br\r\nCookie: a=b\r\nConnection: keep-alive\r\nSec-Fetch-Mode: navigate\r\n" + end}, 1},
		"it has it":           {[]string{get + "If-None-Match: \"1\"\r\n" + end}, 1},
		"two at once":         {[]string{get + end + get + end}, 2},
		"one after the other": {[]string{get + end, get + end}, 2},
		"then another page":   {[]string{get + end + "GET /fr/other HTTP/1.1\r\nHost: localhost\r\n" + end + get + end}, 1},
		"then a form":         {[]string{get + end + "POST /fr/kept HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\na=b&c" + get + end}, 1},
		"in two pieces":       {[]string{"GET /fr/kept HTTP/1.1\r\nHo", "st: localhost\r\n\r\n"}, 0},
		"second in pieces":    {[]string{get + end + "GET /fr", "/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 1},
		"a body of a GET":     {[]string{get + "Content-Length: 3\r\n" + end + "abc" + get + end}, 0},
		"chunks":              {[]string{get + "Transfer-Encoding: chunked\r\n" + end + "3\r\nabc\r\n0\r\n\r\n" + get + end}, 0},
		"length and chunks":   {[]string{get + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n" + end + "0\r\n\r\n"}, 0},
		"query":               {[]string{"GET /fr/kept?page=2 HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0},
		"escape":              {[]string{"GET /fr/%6bept HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0},
		"absolute":            {[]string{"GET http://localhost/fr/kept HTTP/1.1\r\nHost: other\r\n\r\n"}, 0},
		"head":                {[]string{"HEAD /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0},
		"old":                 {[]string{"GET /fr/kept HTTP/1.0\r\nHost: localhost\r\n\r\n"}, 0},
		"close":               {[]string{get + "Connection: close\r\n" + end}, 0},
		"connection twice":    {[]string{get + "Connection: keep-alive, te\r\nTE: trailers\r\n" + end}, 0},
		"no host":             {[]string{"GET /fr/kept HTTP/1.1\r\n\r\n"}, 0},
		"two hosts":           {[]string{get + "Host: localhost\r\n" + end}, 0},
		"two hosts, one bad":  {[]string{get + "hOST: evil.example\r\n" + end}, 0},
		"empty host":          {[]string{"GET /fr/kept HTTP/1.1\r\nHost:\r\n\r\n"}, 0},
		"foreign host":        {[]string{"GET /fr/kept HTTP/1.1\r\nHost: evil.example\r\n\r\n"}, 0},
		"folded header":       {[]string{get + "X: a\r\n b\r\n" + end}, 0},
		"blank before colon":  {[]string{get + "X : a\r\n" + end}, 0},
		"no colon":            {[]string{get + "nonsense\r\n" + end}, 0},
		"control in header":   {[]string{get + "X: a\x00b\r\n" + end}, 0},
		"bare line feeds":     {[]string{"GET /fr/kept HTTP/1.1\nHost: localhost\n\n"}, 0},
		"bare return":         {[]string{get + "X: a\rb\r\n" + end}, 0},
		"authorization":       {[]string{get + "Authorization: Bearer x\r\n" + end}, 0},
		"range":               {[]string{get + "Range: bytes=0-3\r\n" + end}, 0},
		"expect":              {[]string{get + "Expect: 100-continue\r\n" + end}, 0},
		"upgrade":             {[]string{get + "Connection: upgrade\r\nUpgrade: h2c\r\n" + end}, 0},
		"if-match":            {[]string{get + "If-Match: \"2\"\r\n" + end}, 0},
		"a long header":       {[]string{get + "X: " + long + "\r\n" + end}, 0},
		"two spaces":          {[]string{"GET  /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0},
		"small get":           {[]string{"get /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 0},
		"newer":               {[]string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, 0},
		"not HTTP":            {[]string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with, without := startFront(t, true, keptBody), startFront(t, false, keptBody)
			got, want := with.say(t, c.pieces...), without.say(t, c.pieces...)
			if sorted(got) != sorted(want) {
				t.Errorf("with the front:\n%s\nwithout:\n%s", got, want)
			}
			if n := without.handled.Load() - with.handled.Load(); int(n) != c.plain {
				t.Errorf("the front answered %d requests, want %d", n, c.plain)
			}
		})
	}
}

// sorted puts the headers of answers in order and leaves out what net/http adds of itself to a body without a type.
func sorted(answers string) string {
	var out strings.Builder
	r := bufio.NewReader(strings.NewReader(answers))
	for {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			rest, _ := io.ReadAll(r)
			return out.String() + string(rest)
		}
		body, _ := io.ReadAll(res.Body)
		res.Header.Del("Content-Type")
		fmt.Fprintf(&out, "%s\n", res.Status)
		res.Header.Write(&out)
		fmt.Fprintf(&out, "close %v length %d\n%s\n", res.Close, res.ContentLength, body)
	}
}

func TestFrontSendsLongAnswersWhole(t *testing.T) {
	body := strings.Repeat("0123456789", 100_000)
	f := startFront(t, true, body)
	c := f.dial(t)
	r := bufio.NewReader(c)
	for range 3 {
		io.WriteString(c, "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n")
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || string(b) != body {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
	}
	if f.handled.Load() != 0 {
		t.Error("not by the front")
	}
}

// TestFrontStops: idle connections end at once, an answer that is being sent is finished, and one that nobody takes
// does not hold up the end for longer than it may.
func TestFrontStops(t *testing.T) {
	f := startFront(t, true, strings.Repeat("x", 8<<20))
	idle, silent, slow := f.dial(t), f.dial(t), f.dial(t)
	const get = "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"
	io.WriteString(idle, "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"1\"\r\n\r\n")
	if res, err := http.ReadResponse(bufio.NewReader(idle), nil); err != nil || res.StatusCode != 304 {
		t.Fatal(err)
	}
	io.WriteString(slow, get)
	r := bufio.NewReader(slow)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.stop()
	for name, c := range map[string]net.Conn{"idle": idle, "silent": silent} {
		_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the %s connection: %v", name, err)
		}
	}
	if b, err := io.ReadAll(res.Body); err != nil || len(b) != 8<<20 {
		t.Errorf("the running answer: %d bytes, %v", len(b), err)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("after it: %v", err)
	}
}

// TestFrontDrains: while the server waits for the balancer to look away, clients are told to close.
func TestFrontDrains(t *testing.T) {
	f := startFront(t, true, keptBody)
	c := f.dial(t)
	r := bufio.NewReader(c)
	for _, draining := range []bool{false, true} {
		f.draining.Store(draining)
		io.WriteString(c, "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n")
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); string(b) != keptBody || res.Close != draining {
			t.Errorf("draining %v: %q %v, close %v", draining, b, err, res.Close)
		}
	}
}

// TestFrontSurvives: a panic ends one connection and not the program.
func TestFrontSurvives(t *testing.T) {
	var broken, draining atomic.Bool
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := keptUnder(keptBody)
	front := newFront(l, func(r PlainRequest) ([]byte, []byte) {
		if broken.Load() {
			panic("broken")
		}
		return ready(r)
	}, &draining, slog.New(slog.DiscardHandler))
	defer front.Close()
	f := &fronted{address: l.Addr().String()}
	broken.Store(true)
	if got := f.say(t, "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"); got != "" {
		t.Errorf("answered %q", got)
	}
	broken.Store(false)
	if got := f.say(t, "GET /fr/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"); !strings.HasSuffix(got, keptBody) {
		t.Errorf("answered %q", got)
	}
}

// FuzzParsePlain: what the front takes for a plain request is one to net/http, with the same parts, and ends where
// net/http says that it ends.
func FuzzParsePlain(f *testing.F) {
	for _, s := range []string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/b.c~ HTTP/1.1\r\nHost:a\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\nConnection: Keep-Alive\r\n\r\nGET",
		"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "GET //a HTTP/1.1\r\nHost: [::1]:80\r\nX:\t\xff \r\n\r\n", "GET /. HTTP/1.1\r\nhOsT: A\r\nTransfer-encoding: chunked\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, size := parsePlain(b)
		if size == 0 {
			return
		}
		rest := bytes.NewReader(b)
		buffered := bufio.NewReader(rest)
		req, err := http.ReadRequest(buffered)
		if err != nil {
			t.Fatalf("%q: net/http says %v", b, err)
		}
		body, _ := io.ReadAll(req.Body)
		left, _ := io.ReadAll(buffered)
		one := func(name string) string {
			if len(req.Header[name]) > 1 {
				t.Fatalf("%q: %s more than once", b, name)
			}
			return req.Header.Get(name)
		}
		switch {
		case req.Method != "GET" || req.ProtoMinor != 1 || req.Close || req.ContentLength != 0 || len(body) != 0 || len(req.TransferEncoding) != 0 || len(req.Trailer) != 0:
			t.Fatalf("%q is not plain: %+v", b, req)
		case req.URL.RawPath != "" || req.URL.RawQuery != "" || req.URL.Path != string(r.Path) || req.RequestURI != string(r.Path):
			t.Fatalf("%q: path %q, want %q", b, r.Path, req.URL)
		case req.Host != string(r.Host) || one("Accept-Encoding") != string(r.AcceptEncoding) || one("If-None-Match") != string(r.IfNoneMatch):
			t.Fatalf("%q: %q %q %q", b, r.Host, r.AcceptEncoding, r.IfNoneMatch)
		case len(left) != len(b)-size:
			t.Fatalf("%q: %d bytes long, net/http leaves %d of %d", b, size, len(left), len(b))
		}
		for _, name := range []string{"Authorization", "Range", "Expect", "Upgrade", "Te", "If-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"} {
			if len(req.Header[name]) > 0 {
				t.Fatalf("%q: %s", b, name)
			}
		}
	})
}
