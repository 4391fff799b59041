package site

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/web"
)

func note(title string) *kind.News {
	return &kind.News{Title: content.L("en", title), Summary: content.L("en", "S."), Kind: "news", Date: "2026-06-01", Body: content.P("en", "<p>"+strings.Repeat("word ", 400)+"</p>")}
}

// kept reports whether an address is answered before the router.
func (h *house) keeps(path string) bool {
	passed := false
	front := h.Kept(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }))
	front.ServeHTTP(httptest.NewRecorder(), request("GET", path))
	return !passed
}

func TestKeptPage(t *testing.T) {
	h := open(t, 1<<20)
	_, path := h.publish(kind.NewsKind, note("First"), i18n.EN)
	at := "/en/" + path
	if h.keeps(at) {
		t.Fatal("kept before anyone asked")
	}
	first := h.do("GET", at)
	if first.Code != 200 || !h.keeps(at) {
		t.Fatalf("%d, not kept", first.Code)
	}
	second := h.do("GET", at)
	if second.Body.String() != first.Body.String() {
		t.Error("the kept page is another")
	}
	for name, want := range first.Header() {
		if got := second.Header()[name]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("header %s: kept %q, first %q", name, got, want)
		}
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security", "Cache-Control", "ETag", "Vary"} {
		if second.Header().Get(name) == "" {
			t.Errorf("a kept page has no %s", name)
		}
	}
	packed := h.do("GET", at, "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not compressed: %v %v", err, packed.Header())
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != first.Body.String() {
		t.Error("the compressed page is another")
	}
	if h.do("GET", at, "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a reader who refuses it")
	}
	tag := first.Header().Get("ETag")
	for _, c := range []struct {
		tag  string
		code int
	}{{tag, 304}, {`"x", ` + strings.TrimPrefix(tag, "W/"), 304}, {"*", 304}, {`"x"`, 200}} {
		w := h.do("GET", at, "If-None-Match", c.tag)
		if w.Code != c.code || c.code == 304 && (w.Body.Len() != 0 || w.Header().Get("ETag") != tag) {
			t.Errorf("If-None-Match %s: %d, %d bytes", c.tag, w.Code, w.Body.Len())
		}
	}
	if w := h.do("HEAD", at); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != fmt.Sprint(first.Body.Len()) {
		t.Errorf("HEAD: %d, %d bytes, length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
	r := request("GET", at)
	r.Host = "elsewhere.example"
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("a kept page under another host's name: %d", w.Code)
	}
}

func TestWhatIsNotKept(t *testing.T) {
	h := open(t, 1<<20)
	h.publish(kind.NewsKind, note("First"), i18n.EN)
	for path, want := range map[string]bool{
		"/en/news": true, "/en/news?utm_source=mail&fbclid=1": true, "/en/news?page=1": true, "/en/news?topic=": true,
		"/en/news?made=up": false, "/en/news?topic=a&topic=b": false, "/en/news?topic=" + strings.Repeat("x", 600): false, "/en/missing": false, "/": false,
	} {
		if w := h.do("GET", path); w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if got := h.keeps(path); got != want {
			t.Errorf("%s kept: %v", path, got)
		}
	}
	for _, header := range []string{"Authorization", "Expect"} {
		passed := false
		front := h.Kept(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }))
		r := request("GET", "/en/news")
		r.Header.Set(header, "x")
		front.ServeHTTP(httptest.NewRecorder(), r)
		if !passed {
			t.Errorf("with %s it is answered from what is kept", header)
		}
	}
}

// TestPublishingShowsAtOnce: what is kept is made anew after anything was published, and after it was taken back.
func TestPublishingShowsAtOnce(t *testing.T) {
	h := open(t, 1<<20)
	id, path := h.publish(kind.NewsKind, note("First"), i18n.EN)
	for _, at := range []string{"/en/", "/en/news", "/en/" + path} {
		h.get(at)
		if !h.keeps(at) {
			t.Fatalf("%s is not kept", at)
		}
	}
	h.publish(kind.NewsKind, note("Second"), i18n.EN)
	for _, at := range []string{"/en/", "/en/news"} {
		if h.keeps(at) || !strings.Contains(say(h.get(at), "main"), "Second") {
			t.Errorf("%s does not show what was published", at)
		}
	}
	h.get("/en/" + path)
	if err := h.content.Unpublish(ctx, staff, string(id), []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if w := h.do("GET", "/en/"+path); w.Code != 404 {
		t.Errorf("withdrawn, and still there: %d", w.Code)
	}
	if strings.Contains(say(h.get("/en/news"), "main"), "First") {
		t.Error("withdrawn, and still listed")
	}
}

func TestPageEndsWithItsPhase(t *testing.T) {
	h := open(t, 4<<20)
	w := h.build()
	at := "/en/" + w.eventPath
	h.get(at)
	h.get("/en/events")
	h.now = time.Date(2026, 6, 28, 23, 58, 59, 0, time.UTC)
	if !h.keeps(at) {
		t.Error("made anew although nothing has changed")
	}
	h.now = time.Date(2026, 6, 28, 23, 59, 0, 0, time.UTC)
	if h.keeps(at) {
		t.Fatal("registration has closed and the page is still kept")
	}
	if got := say(h.get(at), ".hero .pill"); got != "Registration closed" {
		t.Errorf("status %q", got)
	}
	if h.keeps("/en/events") {
		t.Error("a list of events is kept beyond its minute")
	}
}

func TestManyReadersRenderOnce(t *testing.T) {
	h := open(t, 1<<20)
	_, path := h.publish(kind.NewsKind, note("First"), i18n.EN)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if w := h.do("GET", "/en/"+path); w.Code != 200 {
				t.Errorf("%d", w.Code)
			}
		})
	}
	wg.Wait()
	if n := h.kept.puts; n != 1 {
		t.Errorf("rendered %d times", n)
	}
}

// TestNobodyWaitsForAPageFromBefore: something is published while its page is being made. Who asks after that must not get
// what was begun before.
func TestNobodyWaitsForAPageFromBefore(t *testing.T) {
	h := open(t, 1<<20)
	begun, publish := make(chan bool), make(chan bool)
	ask := func(render func() string) string {
		w := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(w)
		c.Request = httptest.NewRequest("GET", "/en/page", nil)
		if err := h.answer(c, func(context.Context) (*answer, error) {
			return &answer{Type: "text/plain", Body: []byte(render())}, nil
		}); err != nil {
			t.Error(err)
		}
		return w.Body.String()
	}
	var wg sync.WaitGroup
	wg.Go(func() { ask(func() string { close(begun); <-publish; return "before" }) })
	<-begun
	h.content.Changed()
	after := make(chan string, 1)
	wg.Go(func() { after <- ask(func() string { return "after" }) })
	select {
	case got := <-after:
		if got != "after" {
			t.Errorf("got the page from %s", got)
		}
	case <-time.After(5 * time.Second):
		t.Error("waits for the page from before")
	}
	close(publish)
	wg.Wait()
	if got := ask(func() string { return "again" }); got == "before" {
		t.Error("the page from before is kept")
	}
}

// TestDatabaseAway: pages go on being served, as they were, and say so; what nobody asked for before is refused.
func TestDatabaseAway(t *testing.T) {
	h := open(t, 1<<20)
	_, path := h.publish(kind.NewsKind, note("First"), i18n.EN)
	at := "/en/" + path
	h.get(at)
	h.db.Close()
	if w := h.do("GET", at); w.Code != 200 || w.Header().Get("Warning") != "" {
		t.Errorf("nothing has changed, and: %d %v", w.Code, w.Header())
	}
	h.content.DB.Delivered("generation", "") // something was published, and then the database went away
	h.now = h.now.Add(90 * time.Second)
	for range 2 {
		w := h.do("GET", at)
		if w.Code != 200 || !strings.Contains(w.Body.String(), "First") || !strings.HasPrefix(w.Header().Get("Warning"), "110 ") || w.Header().Get("Age") != "90" {
			t.Errorf("last good copy: %d %v", w.Code, w.Header())
		}
	}
	w := h.do("GET", "/en/documents")
	if w.Code != 503 && w.Code != 500 || !strings.Contains(say(document(t, w), "h1"), "not available") && w.Code == 503 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a page that was never made: %d %v", w.Code, w.Header())
	}
}

func TestKeeperStaysWithinItsBytes(t *testing.T) {
	k := newKeeper(100<<10, "h")
	sized := func(key string, n int) *keptPage {
		p := &keptPage{key: key}
		p.whole.Store(&form{body: make([]byte, n)})
		return p
	}
	page := func(key string) *keptPage { return sized(key, 8<<10) }
	k.put(page("front"), "h")
	for i := range 200 {
		if k.get("front") == nil {
			t.Fatalf("the page that everyone asks for went after %d others", i)
		}
		k.put(page(fmt.Sprint(i)), "h")
		if k.bytes > k.limit {
			t.Fatalf("%d bytes", k.bytes)
		}
	}
	if len(k.pages) != len(k.ring) || k.get("0") != nil || k.get("199") == nil {
		t.Errorf("%d pages, %d in the ring", len(k.pages), len(k.ring))
	}
	k.put(sized("huge", 60<<10), "h")
	if k.get("huge") != nil {
		t.Error("one page takes more than its share")
	}
	k.put(page("199"), "h")
	k.drop("199")
	var sum int64
	for _, p := range k.pages {
		sum += p.size()
	}
	if sum != k.bytes || k.get("199") != nil {
		t.Errorf("counted %d bytes, there are %d", k.bytes, sum)
	}
}

// TestKeptPageAsBytes: what the front sends of a page is what net/http would have sent.
func TestKeptPageAsBytes(t *testing.T) {
	h := open(t, 1<<20)
	_, path := h.publish(kind.NewsKind, note("First"), i18n.EN)
	at, host := "/en/"+path, strings.TrimPrefix(baseURL, "https://")
	ask := func(host, path, encoding, tag string) (head, body []byte) {
		return h.Ready(web.PlainRequest{Host: []byte(host), Path: []byte(path), AcceptEncoding: []byte(encoding), IfNoneMatch: []byte(tag)})
	}
	if head, _ := ask(host, at, "", ""); head != nil {
		t.Fatal("kept before anyone asked")
	}
	tag := h.do("GET", at, "Accept-Encoding", "gzip").Header().Get("ETag")
	if h.kept.get(at).whole.Load() != nil {
		t.Error("a page is kept unpacked, and nobody has asked for it so")
	}
	for _, c := range []struct{ encoding, tag string }{{"", ""}, {"br, gzip", ""}, {"gzip;q=0", ""}, {"gzip", tag}, {"", `"other"`}} {
		want := h.do("GET", at, "Accept-Encoding", c.encoding, "If-None-Match", c.tag).Result()
		wantBody, _ := io.ReadAll(want.Body)
		head, body := ask(host, at, c.encoding, c.tag)
		got, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(slices.Concat(head, []byte("\r\n"), body))), nil)
		if err != nil {
			t.Fatalf("%q: %v", head, err)
		}
		gotBody, err := io.ReadAll(got.Body)
		if err != nil || got.StatusCode != want.StatusCode || !bytes.Equal(gotBody, wantBody) || !maps.EqualFunc(got.Header, want.Header, slices.Equal) {
			t.Errorf("%+v: %d %v, %d bytes, %v; want %d %v, %d bytes", c, got.StatusCode, got.Header, len(gotBody), err, want.StatusCode, want.Header, len(wantBody))
		}
	}
	var sum int64
	for _, p := range h.kept.pages {
		sum += p.size()
	}
	if page := h.kept.get(at); page.whole.Load() == nil || sum != h.kept.bytes {
		t.Errorf("asked for unpacked, the page counts as %d bytes; all take %d", h.kept.bytes, sum)
	}
	for name, head := range map[string]func() []byte{
		"another host":    func() []byte { head, _ := ask("elsewhere.example", at, "", ""); return head },
		"another address": func() []byte { head, _ := ask(host, at+"x", "", ""); return head },
		"an older page": func() []byte {
			h.publish(kind.NewsKind, note("Second"), i18n.EN)
			head, _ := ask(host, at, "", "")
			return head
		},
	} {
		if head() != nil {
			t.Errorf("answered: %s", name)
		}
	}
}
