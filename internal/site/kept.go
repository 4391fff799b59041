package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"plenary/internal/content"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/singleflight"
)

// answer is a rendered page or document, the same for everyone who asks for its address.
type answer struct {
	Type   string // Content-Type
	Body   []byte
	Until  time.Time   // when it is no longer true by the clock; zero: until something is published
	Header http.Header // beyond Content-Type
	Once   bool        // not worth keeping: there are as many like it as anybody makes up
}

// keptPage is an answer as it is kept: compressed once, its headers ready. Where it is compressed, the whole of it is unpacked when
// somebody first asks for it so: nearly nobody does, and it would take four fifths of the room.
type keptPage struct {
	key                 string
	generation          int64
	made, until         time.Time
	etag                string
	header              http.Header // what all forms have
	zipped, notModified form
	whole               atomic.Pointer[form]

	used atomic.Bool // since the hand last passed
	// retry is when the database is asked again after it failed, in Unix nanoseconds.
	retry atomic.Int64
}

// form is one of the ways a page can be sent: for net/http, and as bytes for the front.
type form struct {
	status int
	own    http.Header // beyond those of the page
	head   []byte      // of a page that is kept
	body   []byte
}

// ready puts the head of a form together, as the front sends it.
func (p *keptPage) ready(f *form) {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", f.status, http.StatusText(f.status))
	_ = p.header.Write(&head) // to memory
	_ = f.own.Write(&head)
	f.head = head.Bytes()
}

// size is about what the page takes, in bytes: its forms, and its headers with what maps take beside.
func (p *keptPage) size() int64 {
	n := len(p.key) + len(p.zipped.head) + len(p.zipped.body) + len(p.notModified.head) + 2<<10
	if f := p.whole.Load(); f != nil {
		n += len(f.head) + len(f.body)
	}
	return int64(n)
}

// Limits in time: how long a page may wait for the database where there is a copy to fall back on, and how long that
// copy is then served without asking again.
const (
	patience    = 3 * time.Second
	renderLimit = 20 * time.Second
	retryAfter  = 5 * time.Second
)

// keeper holds answers within a number of bytes. When it is full, those go that were not asked for since the hand last
// came by (SIEVE): a burst of addresses nobody asks for twice does not drive out the front page.
type keeper struct {
	limit int64
	calls singleflight.Group

	mu    sync.RWMutex
	pages map[string]*keptPage
	ring  []*keptPage // oldest first
	hand  int
	bytes int64
	hosts map[string]bool // names that the gate has let through
	puts  int
}

// newKeeper knows the site's own host from the start: made-up names that the gate lets through cannot crowd it out.
func newKeeper(limit int64, host string) *keeper {
	return &keeper{limit: limit, pages: map[string]*keptPage{}, hosts: map[string]bool{host: true}}
}

func (k *keeper) get(key string) *keptPage {
	k.mu.RLock()
	p := k.pages[key]
	k.mu.RUnlock()
	if p != nil && !p.used.Load() {
		p.used.Store(true)
	}
	return p
}

func (k *keeper) put(p *keptPage, host string) {
	p.ready(&p.notModified)
	if p.zipped.body != nil {
		p.ready(&p.zipped)
		p.whole.Store(nil) // who made the page has sent it
	} else {
		p.ready(p.whole.Load())
	}
	if p.size() > k.limit/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.hosts) < 64 {
		k.hosts[host] = true
	}
	k.remove(p.key)
	k.puts++
	k.pages[p.key] = p
	k.ring = append(k.ring, p)
	k.bytes += p.size()
	k.shrink(p)
}

// shrink makes room until all fit, but never at the cost of p.
func (k *keeper) shrink(p *keptPage) {
	for k.bytes > k.limit && len(k.ring) > 1 {
		k.hand %= len(k.ring)
		if old := k.ring[k.hand]; old == p || old.used.Swap(false) {
			k.hand++
		} else {
			k.remove(old.key)
		}
	}
}

// whole is the page as it was made. It is unpacked once; then it takes its room among the others.
func (k *keeper) whole(p *keptPage) *form {
	if f := p.whole.Load(); f != nil {
		return f
	}
	body := unpack(p.zipped.body)
	f := &form{status: http.StatusOK, own: measured(p.zipped.own.Get("Content-Type"), len(body)), body: body}
	p.ready(f)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !p.whole.CompareAndSwap(nil, f) {
		return p.whole.Load()
	}
	if k.pages[p.key] == p {
		k.bytes += int64(len(f.head) + len(f.body))
		k.shrink(p)
	}
	return f
}

func (k *keeper) drop(key string) {
	k.mu.Lock()
	k.remove(key)
	k.mu.Unlock()
}

func (k *keeper) remove(key string) {
	p := k.pages[key]
	if p == nil {
		return
	}
	delete(k.pages, key)
	k.bytes -= p.size()
	i := slices.Index(k.ring, p)
	k.ring = slices.Delete(k.ring, i, i+1)
	if i < k.hand {
		k.hand--
	}
}

func (k *keeper) knows(host string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.hosts[host]
}

// means tells whether a parameter changes what a path shows. An address with others is not kept: nobody can fill the memory by
// making some up. Lists send them on to the address without, see listQuery.
func means(path, name string) bool {
	_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if l := lists[rest]; l != nil {
		return l.takes(name)
	}
	return strings.Contains(rest, "/discussion") && (name == "page" || name == "language")
}

// tracking are parameters that other sites hang on to addresses; they mean nothing here.
func tracking(name string) bool {
	return strings.HasPrefix(name, "utm_") || name == "fbclid" || name == "gclid" || name == "mc_cid" || name == "mc_eid"
}

// keyOf is what an address is kept under, its parameters in order and those without meaning left out.
func keyOf(u *url.URL) (string, bool) {
	if u.Host != "" || u.Opaque != "" || u.RawPath != "" || len(u.Path) > 300 {
		return "", false
	}
	if u.RawQuery == "" {
		return u.Path, true
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(u.RawQuery) > 500 {
		return "", false
	}
	for name, values := range q {
		switch {
		case tracking(name):
			delete(q, name)
		case len(values) > 1 || values[0] != "" && !means(u.Path, name):
			return "", false
		case values[0] == "":
			delete(q, name)
		}
	}
	if len(q) == 0 {
		return u.Path, true
	}
	return u.Path + "?" + q.Encode(), true
}

// Kept answers what is kept before anything else sees the request; the rest goes to next. What is kept was rendered
// behind the gate, with its headers, and is given only under host names that passed the gate.
func (s *Site) Kept(next http.Handler) http.Handler {
	if s.kept.limit <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if key, ok := keyOf(r.URL); ok && r.ContentLength == 0 && r.Header.Get("Authorization") == "" && r.Header.Get("Expect") == "" {
				if p := s.kept.get(key); p != nil && s.fresh(p) && s.kept.knows(r.Host) {
					s.write(w, r, p)
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Site) fresh(p *keptPage) bool {
	return p.generation == s.Content.Generation() && (p.until.IsZero() || s.Now().Before(p.until))
}

// answer serves what render makes, and keeps it. Requests that come while it is being made wait for it. When it cannot
// be made because the database is away, the last good copy is served and says so.
func (s *Site) answer(c *gin.Context, render func(ctx context.Context) (*answer, error)) error {
	key, ok := keyOf(c.Request.URL)
	if !ok || s.kept.limit <= 0 {
		generation := s.Content.Generation()
		a, err := render(c.Request.Context())
		if err != nil {
			return err
		}
		s.write(c.Writer, c.Request, s.finish("", generation, a, c))
		return nil
	}
	old := s.kept.get(key)
	if old != nil && s.fresh(old) {
		s.write(c.Writer, c.Request, old)
		return nil
	}
	if old != nil && s.Now().UnixNano() < old.retry.Load() {
		s.stale(c, old)
		return nil
	}
	limit := renderLimit
	if old != nil {
		limit = patience
	}
	// Nobody who comes after something was published waits for a page that was begun before.
	flight := strconv.FormatInt(s.Content.Generation(), 36) + " " + key
	v, err, _ := s.kept.calls.Do(flight, func() (any, error) {
		// Not the request's own context: others wait for the same page when this reader has gone.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), limit)
		defer cancel()
		generation := s.Content.Generation()
		a, err := render(ctx)
		if err != nil {
			return nil, err
		}
		p := s.finish(key, generation, a, c)
		if !a.Once {
			s.kept.put(p, c.Request.Host)
		}
		return p, nil
	})
	if err == nil {
		s.write(c.Writer, c.Request, v.(*keptPage))
		return nil
	}
	if old == nil {
		return err
	}
	var moved *content.Moved
	if status, _ := web.Status(err); status < 500 || errors.As(err, &moved) {
		s.kept.drop(key) // it is not there any more
		return err
	}
	old.retry.Store(s.Now().Add(retryAfter).UnixNano())
	s.log().Error("last good copy served", "page", c.FullPath(), "made", old.made, "error", err)
	s.stale(c, old)
	return nil
}

// stale serves a copy that may be out of date, and says so.
func (s *Site) stale(c *gin.Context, p *keptPage) {
	h := c.Writer.Header()
	h.Set("Age", strconv.Itoa(int(max(0, s.Now().Sub(p.made).Seconds()))))
	h.Set("Warning", `110 - "Response is stale"`)
	s.write(c.Writer, c.Request, p)
}

// Compressors are large: they are used again.
var thorough, quick = compressors(gzip.BestCompression), compressors(gzip.BestSpeed)

func compressors(level int) sync.Pool {
	return sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, level) // the levels are valid
		return z
	}}
}

// finish makes an answer ready to be sent any number of times, or, without a key, in answer to one request alone.
func (s *Site) finish(key string, generation int64, a *answer, c *gin.Context) *keptPage {
	sum := sha256.Sum256(a.Body)
	p := &keptPage{key: key, generation: generation, made: s.Now(), until: a.Until, etag: `W/"` + hex.EncodeToString(sum[:9]) + `"`}
	h := c.Writer.Header().Clone()                                     // what the gate and the route set
	for _, own := range []string{"Connection", "Set-Cookie", "Date"} { // of one request, not of the page
		h.Del(own)
	}
	for name, values := range a.Header {
		h[name] = values
	}
	h.Set("ETag", p.etag)
	h.Set("Vary", "Accept-Encoding")
	p.header, p.notModified = h, form{status: http.StatusNotModified}
	p.whole.Store(&form{status: http.StatusOK, own: measured(a.Type, len(a.Body)), body: a.Body})
	pool := &thorough // compressed once, as well as it goes: it is sent many times
	if key == "" {
		pool = &quick
	}
	if len(a.Body) > 600 && (key != "" || takesGzip(c.GetHeader("Accept-Encoding"))) {
		b := bytes.NewBuffer(make([]byte, 0, len(a.Body)/3)) // pages shrink to less
		z := pool.Get().(*gzip.Writer)
		z.Reset(b)
		z.Write(a.Body)
		z.Close()
		pool.Put(z)
		p.zipped = form{status: http.StatusOK, own: measured(a.Type, b.Len()), body: b.Bytes()}
		if key != "" {
			p.zipped.body = bytes.Clone(b.Bytes()) // without the room that was left
		}
		p.zipped.own.Set("Content-Encoding", "gzip")
	}
	return p
}

func measured(contentType string, n int) http.Header {
	return http.Header{"Content-Type": {contentType}, "Content-Length": {strconv.Itoa(n)}}
}

// unpack gives what finish compressed.
func unpack(zipped []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		panic(err) // our own bytes
	}
	body, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return body
}

// in gives the form this client can read, or the one that says that it has it already.
func (s *Site) in(p *keptPage, acceptEncoding, ifNoneMatch string) *form {
	switch {
	case matches(ifNoneMatch, p.etag):
		return &p.notModified
	case p.zipped.body != nil && takesGzip(acceptEncoding):
		return &p.zipped
	}
	return s.kept.whole(p)
}

// Ready answers plain requests for pages that are kept: see web.Server.
func (s *Site) Ready(r web.PlainRequest) (head, body []byte) {
	p := s.kept.get(string(r.Path))
	if p == nil || !s.fresh(p) || !s.kept.knows(string(r.Host)) {
		return nil, nil
	}
	f := s.in(p, string(r.AcceptEncoding), string(r.IfNoneMatch))
	return f.head, f.body
}

// write sends the page by net/http.
func (s *Site) write(w http.ResponseWriter, r *http.Request, p *keptPage) {
	f := s.in(p, r.Header.Get("Accept-Encoding"), r.Header.Get("If-None-Match"))
	out := w.Header()
	for _, h := range []http.Header{p.header, f.own} {
		for name, values := range h {
			out[name] = values
		}
	}
	w.WriteHeader(f.status)
	if len(f.body) > 0 && r.Method != http.MethodHead {
		w.Write(f.body)
	} else if g, ok := w.(gin.ResponseWriter); ok {
		g.WriteHeaderNow()
	}
}

func matches(header, etag string) bool {
	if header == "" {
		return false
	}
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); name != "gzip" && name != "*" {
			continue
		}
		q = strings.ReplaceAll(q, " ", "")
		weight, err := strconv.ParseFloat(strings.TrimPrefix(q, "q="), 64)
		return q == "" || err == nil && weight > 0
	}
	return false
}
