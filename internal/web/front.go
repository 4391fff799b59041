package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Most requests ask for a page that lies finished in memory, and net/http spends more on such a request than everybody
// else together: a goroutine that reads ahead, maps of headers, two writes. The front answers them itself. It is a second
// parser of HTTP, so it understands next to nothing: a whole GET of a plain path that arrives in one piece, without a
// body and without any header that could change its meaning. Whatever else comes, net/http gets the connection with
// every byte that was read, and keeps it.

// A PlainRequest is one that the front may answer.
type PlainRequest struct {
	Host, Path     []byte // as sent; Path is made of letters, digits and -._~/
	AcceptEncoding []byte
	IfNoneMatch    []byte
}

// Ready gives a finished answer: status line and headers, each ended by CRLF, without Date and the empty line; and the
// body. No head means that there is none. It must not keep the request's bytes.
type Ready func(PlainRequest) (head, body []byte)

const (
	frontRead  = 4 << 10  // the longest request that is understood
	frontWhole = 64 << 10 // the longest answer that is put together before it is sent
)

// front is the listener that net/http accepts from.
type front struct {
	inner    net.Listener
	ready    Ready
	draining *atomic.Bool
	log      *slog.Logger

	passed chan net.Conn
	failed chan error
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

func newFront(inner net.Listener, ready Ready, draining *atomic.Bool, log *slog.Logger) *front {
	f := &front{inner: inner, ready: ready, draining: draining, log: log, conns: map[net.Conn]bool{},
		passed: make(chan net.Conn), failed: make(chan error), closed: make(chan struct{})}
	go f.accept()
	return f
}

func (f *front) accept() {
	for {
		c, err := f.inner.Accept()
		if err != nil {
			select {
			case f.failed <- err: // net/http waits a little after it, if it may pass
				continue
			case <-f.closed:
				return
			}
		}
		f.mu.Lock()
		if f.isClosed() {
			c.Close()
		} else {
			f.conns[c] = true
			f.wg.Add(1)
			go f.serve(c)
		}
		f.mu.Unlock()
	}
}

// Accept gives net/http the connections that are not for the front.
func (f *front) Accept() (net.Conn, error) {
	select {
	case c := <-f.passed:
		return c, nil
	case err := <-f.failed:
		return nil, err
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

func (f *front) Addr() net.Addr { return f.inner.Addr() }

// Close ends listening and the connections on which nothing is being answered.
func (f *front) Close() error {
	err := f.inner.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.once.Do(func() { close(f.closed) })
	for c := range f.conns {
		_ = c.SetReadDeadline(time.Now())
	}
	return err
}

// finish waits until running answers are sent, at most until done, and then ends them.
func (f *front) finish(done <-chan struct{}) {
	all := make(chan struct{})
	go func() { f.wg.Wait(); close(all) }()
	select {
	case <-all:
	case <-done:
		f.mu.Lock()
		for c := range f.conns {
			c.Close()
		}
		f.mu.Unlock()
		<-all
	}
}

func (f *front) isClosed() bool {
	select {
	case <-f.closed:
		return true
	default:
		return false
	}
}

// forget takes a connection off the front's list; it is closed or net/http's by then.
func (f *front) forget(c net.Conn) {
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
}

// pass gives a connection to net/http with what was read of it.
func (f *front) pass(c net.Conn, read []byte) {
	_ = c.SetDeadline(time.Time{})
	select {
	case f.passed <- &resumed{Conn: c, read: bytes.Clone(read)}:
	case <-f.closed:
		c.Close()
	}
}

// resumed is a connection of which something was read already.
type resumed struct {
	net.Conn
	read []byte
}

func (r *resumed) Read(b []byte) (int, error) {
	if len(r.read) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.read)
	if r.read = r.read[n:]; len(r.read) == 0 {
		r.read = nil
	}
	return n, nil
}

// answers are buffers for what is being sent. They are not part of a connection: most connections are idle.
var answers = sync.Pool{New: func() any { return new([]byte) }}

func (f *front) serve(c net.Conn) {
	defer f.wg.Done()
	defer f.forget(c)
	defer func() {
		if p := recover(); p != nil {
			f.log.Error("panic", "front", fmt.Sprint(p), "stack", string(debug.Stack()))
			c.Close()
		}
	}()
	buf := make([]byte, frontRead)
	n := 0 // bytes of buf that hold requests
	// A deadline costs a timer: it is moved when a tenth of it has passed, so it ends between nine and ten tenths.
	var readUntil, writeUntil time.Time
	idle := headerTimeout
	for !f.isClosed() {
		now := time.Now()
		if n == 0 {
			if readUntil.Sub(now) < idle-idle/10 {
				readUntil = now.Add(idle)
				_ = c.SetReadDeadline(readUntil)
				if f.isClosed() { // Close may have set its deadline just before
					break
				}
			}
			var err error
			if n, err = c.Read(buf); err != nil {
				if n == 0 || errors.Is(err, net.ErrClosed) {
					break
				}
			}
			now, idle = time.Now(), idleTimeout
		}
		r, size := parsePlain(buf[:n])
		if size == 0 || f.draining.Load() {
			f.pass(c, buf[:n])
			return
		}
		head, body := f.ready(r)
		if head == nil {
			f.pass(c, buf[:n])
			return
		}
		if writeUntil.Sub(now) < writeTimeout-writeTimeout/10 {
			writeUntil = now.Add(writeTimeout)
			_ = c.SetWriteDeadline(writeUntil)
		}
		if err := send(c, head, body, now); err != nil {
			break
		}
		n = copy(buf, buf[size:n])
	}
	c.Close()
}

// send writes an answer, in one piece where it is not long: a system call costs more than the copy.
func send(c net.Conn, head, body []byte, now time.Time) error {
	out := answers.Get().(*[]byte)
	defer answers.Put(out)
	b := append((*out)[:0], head...)
	b = append(b, "Date: "...)
	b = now.UTC().AppendFormat(b, http.TimeFormat)
	b = append(b, "\r\n\r\n"...)
	if len(b)+len(body) <= frontWhole {
		b, body = append(b, body...), nil
	}
	*out = b
	_, err := c.Write(b)
	if err == nil && len(body) > 0 {
		_, err = c.Write(body)
	}
	return err
}

// parsePlain reads the request at the beginning of b and tells how long it is; 0 if it is none that the front may answer.
// It knows RFC 9112 only so far as to be sure of what it sees: FuzzParsePlain holds it against net/http.
func parsePlain(b []byte) (r PlainRequest, size int) {
	rest, ok := bytes.CutPrefix(b, []byte("GET /"))
	if !ok {
		return r, 0
	}
	end := 0
	for end < len(rest) && pathByte[rest[end]] {
		end++
	}
	r.Path = b[4 : 5+end]
	if rest, ok = bytes.CutPrefix(rest[end:], []byte(" HTTP/1.1\r\n")); !ok {
		return r, 0
	}
	var seen [3]bool
	once := func(i int, to *[]byte, value []byte) bool {
		again := seen[i]
		seen[i], *to = true, value
		return !again
	}
	for {
		if tail, ok := bytes.CutPrefix(rest, []byte("\r\n")); ok {
			if len(r.Host) == 0 {
				return r, 0
			}
			return r, len(b) - len(tail)
		}
		i := bytes.IndexByte(rest, '\n')
		if i < 2 || rest[i-1] != '\r' {
			return r, 0
		}
		line := rest[:i-1]
		rest = rest[i+1:]
		colon := 0
		for colon < len(line) && nameByte[line[colon]] {
			colon++
		}
		if colon == 0 || colon == len(line) || line[colon] != ':' {
			return r, 0
		}
		name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
		for _, v := range value {
			if v < ' ' && v != '\t' || v == 0x7f {
				return r, 0
			}
		}
		switch {
		case is(name, "host"):
			ok = once(0, &r.Host, value)
		case is(name, "accept-encoding"):
			ok = once(1, &r.AcceptEncoding, value)
		case is(name, "if-none-match"):
			ok = once(2, &r.IfNoneMatch, value)
		case is(name, "connection"):
			ok = is(value, "keep-alive")
		default:
			ok = !meaningful(name)
		}
		if !ok {
			return r, 0
		}
	}
}

// meaningful headers make a request another one, or its answer.
func meaningful(name []byte) bool {
	if len(name) > 3 && is(name[:3], "if-") {
		return true
	}
	for _, m := range [...]string{"content-length", "transfer-encoding", "authorization", "expect", "range", "upgrade", "te", "trailer", "http2-settings", "proxy-connection"} {
		if is(name, m) {
			return true
		}
	}
	return false
}

// is compares in any case with a word in small letters.
func is(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// pathByte are the characters of plain paths, nameByte those of header names (RFC 9110, token).
var pathByte, nameByte = func() (path, name [256]bool) {
	for c := range 256 {
		letter := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		path[c] = letter || bytes.IndexByte([]byte("-._~/"), byte(c)) >= 0
		name[c] = letter || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0
	}
	return path, name
}()
