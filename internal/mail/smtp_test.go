package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"encoding/base64"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/mail"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a mail server that keeps what it takes.
type post struct {
	address  string
	mu       sync.Mutex
	got      []taken
	dials    int
	answer   func(step, to string) error // nil: takes all; steps are mail, rcpt, data
	slow     time.Duration               // before it says yes
	user     string                      // asked for, if not empty
	server   *smtp.Server
	listener net.Listener
}

// taken is one letter as it came.
type taken struct {
	to  string
	raw []byte
}

type session struct {
	p      *post
	to     string
	signed bool
}

func startPost(t testing.TB) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{address: l.Addr().String()}
	p.serve(l)
	t.Cleanup(p.close)
	return p
}

func (p *post) close() {
	p.listener.Close()
	p.server.Close()
}

func (p *post) serve(l net.Listener) {
	p.listener = l
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.dials++
		return &session{p: p}, nil
	}))
	p.server.Domain, p.server.AllowInsecureAuth, p.server.ErrorLog = "post.example", true, log.New(io.Discard, "", 0)
	go p.server.Serve(l)
}

func (s *session) ask(step string) error {
	s.p.mu.Lock()
	f := s.p.answer
	s.p.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(step, s.to)
}

func (s *session) AuthMechanisms() []string {
	if s.p.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.p.user || password != "p@ss:word" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.p.user != "" && !s.signed {
		return smtp.ErrAuthRequired
	}
	return s.ask("mail")
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.ask("rcpt")
}
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.ask("data"); err != nil {
		return err
	}
	s.p.mu.Lock()
	s.p.got = append(s.p.got, taken{s.to, raw})
	slow := s.p.slow
	s.p.mu.Unlock()
	time.Sleep(slow)
	return nil
}

func (p *post) letters() []taken {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]taken{}, p.got...)
}

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

func (p *post) answers(f func(step, to string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

func sender(t testing.TB, address string) mail.Sender {
	t.Helper()
	s, err := mail.ParseSender(address, "www.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func words(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(i18n.Shared)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func siteName(l i18n.Locale) string {
	return map[i18n.Locale]string{i18n.AR: "مكتب السجلات", i18n.ZH: "登记处"}[l] + "Office of Records"
}

// parts reads a letter apart: its headers, and the decoded bodies by MIME type.
func parts(t *testing.T, raw []byte) (netmail.Header, map[string][]byte) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	var walk func(kind, encoding string, r io.Reader)
	walk = func(kind, encoding string, r io.Reader) {
		t.Helper()
		media, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatal(kind, err)
		}
		if strings.HasPrefix(media, "multipart/") {
			mr := multipart.NewReader(r, params["boundary"])
			for {
				p, err := mr.NextRawPart()
				if errors.Is(err, io.EOF) {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				walk(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
				if p.Header.Get("Content-Disposition") != "" {
					out["disposition"] = []byte(p.Header.Get("Content-Disposition"))
				}
			}
		}
		switch encoding {
		case "quoted-printable":
			r = quotedprintable.NewReader(r)
		case "base64":
			r = base64.NewDecoder(base64.StdEncoding, r)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[media] = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		out[media+" type"] = []byte(kind)
	}
	walk(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return m.Header, out
}

// TestALetterAsItArrives sends through a real server and reads what came.
func TestALetterAsItArrives(t *testing.T) {
	p := startPost(t)
	p.user = "us er"
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://us%20er:p%40ss%3Aword@"+p.address), Words: words(t), Site: siteName, ReplyTo: func() string { return "office@example.org" },
		From: "no-reply@example.org"})
	ics := []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
	subjects := map[i18n.Locale]string{
		i18n.EN: "Your registration", i18n.AR: "تأكيد تسجيلكم في الندوة الإقليمية الثانية حول السجلات المدنية وإحصاءات الأحوال المدنية", i18n.ZH: "您的报名已确认：第二届区域研讨会关于民事登记和人口动态统计的网络研讨会", i18n.FR: "Votre inscription : confirmée",
	}
	for l, subject := range subjects {
		text, html := b.Compose(l, mail.Body{Greeting: "G & <b>", Paragraphs: []string{subject, strings.Repeat("word ", 300)}, Facts: []mail.Fact{{Label: "L", Value: "V"}}, Button: mail.Link{Text: "B", URL: "https://www.example.org/x?a=b&c=d"}})
		m := letter(string(l))
		m.Locale, m.Subject, m.Text, m.HTML, m.Name = l, subject, text, html, "آمنة منساه"
		m.Unsubscribe = "https://www.example.org/unsubscribe/abc"
		m.Files = []mail.File{{Name: "دعوة.ics", Type: "text/calendar; method=PUBLISH; charset=utf-8", Data: ics}}
		id := enqueue(t, d, b, m)[0]
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := p.letters()
		last := got[len(got)-1]
		h, body := parts(t, last.raw)
		decode := new(mime.WordDecoder)
		want := map[string]string{"Subject": subject, "Message-Id": "<" + id + "@www.example.org>", "Auto-Submitted": "auto-generated", "Content-Language": string(l),
			"List-Unsubscribe": "<https://www.example.org/unsubscribe/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Reply-To": "<office@example.org>", "User-Agent": "", "X-Mailer": "", "Bcc": ""}
		for name, v := range want {
			if got, err := decode.DecodeHeader(h.Get(name)); err != nil || got != v {
				t.Errorf("%s: %s is %q, not %q: %v", l, name, got, v, err)
			}
			if n := len(h[name]); n > 1 {
				t.Errorf("%s: %d times %s", l, n, name)
			}
		}
		for name, v := range map[string]netmail.Address{"From": {Name: siteName(l), Address: "no-reply@example.org"}, "To": {Name: "آمنة منساه", Address: "ama@example.net"}} {
			if a, err := h.AddressList(name); err != nil || len(a) != 1 || *a[0] != v {
				t.Errorf("%s: %s is %v: %v", l, name, a, err)
			}
		}
		if _, err := h.Date(); err != nil || last.to != "ama@example.net" {
			t.Errorf("%s: to %s; date: %v", l, last.to, err)
		}
		if string(body["text/plain"]) != text || string(body["text/html"]) != html || !bytes.Equal(body["text/calendar"], bytes.ReplaceAll(ics, []byte("\r\n"), []byte("\n"))) {
			t.Errorf("%s: bodies differ:\n%s\n%s", l, body["text/plain"], text)
		}
		if kind := string(body["text/calendar type"]); !strings.Contains(kind, "method=PUBLISH") {
			t.Errorf("%s: the calendar's type is %s", l, kind)
		}
		if !strings.Contains(html, `dir="`+l.Dir()+`"`) || strings.Contains(html, "<b>") || strings.Contains(html, "<img") || strings.Contains(html, "<script") || strings.Contains(html, "ZgotmplZ") || strings.Contains(text, "&amp;") || !strings.Contains(text, siteName(l)) {
			t.Errorf("%s: %s\n%s", l, html, text)
		}
		hostname, _ := os.Hostname()
		for i, line := range bytes.Split(last.raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Errorf("%s: line %d is %d bytes long", l, i, len(line))
			}
		}
		if head, _, _ := bytes.Cut(last.raw, []byte("\r\n\r\n")); hostname != "" && hostname != "localhost" && regexp.MustCompile(`\b`+regexp.QuoteMeta(hostname)+`\b`).Match(head) {
			t.Errorf("%s: the machine's name is told: %s", l, head)
		}
		for _, c := range last.raw {
			if c >= 0x80 {
				t.Errorf("%s: bytes that are not ASCII", l)
				break
			}
		}
	}
}

func state(t testing.TB, b *mail.Outbox, id string) *mail.Full {
	t.Helper()
	f, err := b.Get(context.Background(), system, id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWhatTheServerSays: later is later, never is never, and what is not about the letter is not held against it.
func TestWhatTheServerSays(t *testing.T) {
	quiet(t)
	p := startPost(t)
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address), Now: c.Now, Pause: func(int) time.Duration { return 0 }})
	one := func(cause, to string) string {
		l := letter(cause)
		l.To = to
		return enqueue(t, d, b, l)[0]
	}
	later, never, spam, good := one("later", "later@example.net"), one("never", "never@example.net"), one("spam", "spam@example.net"), one("good", "good@example.net")
	p.answers(func(step, to string) error {
		switch {
		case step == "rcpt" && strings.HasPrefix(to, "later"):
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
		case step == "rcpt" && strings.HasPrefix(to, "never"):
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		case step == "data" && strings.HasPrefix(to, "spam"):
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "refused"}
		}
		return nil
	})
	drain(t, b)
	for id, want := range map[string]mail.State{later: mail.Retrying, never: mail.Bounced, spam: mail.Bounced, good: mail.Sent} {
		if f := state(t, b, id); f.State != want || len(f.Log) != 1 || f.Log[0].State != want || (f.Log[0].Detail == "") != (want == mail.Sent) {
			t.Errorf("%s: %s, %+v", f.Cause, f.State, f.Log)
		}
	}
	if f := state(t, b, never); !strings.Contains(f.Log[0].Detail, "no such mailbox") {
		t.Errorf("what the server said: %+v", f.Log)
	}
	drain(t, b) // not yet
	if f := state(t, b, later); len(f.Log) != 1 {
		t.Errorf("tried again at once: %+v", f.Log)
	}
	c.Move(2 * time.Minute)
	p.answers(nil)
	drain(t, b)
	if f := state(t, b, later); f.State != mail.Sent || len(p.letters()) != 2 {
		t.Errorf("later: %s", f.State)
	}
	// Days of being put off end.
	p.answers(func(step, to string) error {
		if step == "rcpt" {
			return &smtp.SMTPError{Code: 452, Message: "full"}
		}
		return nil
	})
	full := one("full", "full@example.net")
	begun := c.Now()
	for state(t, b, full).State != mail.Failed && c.Now().Sub(begun) < 7*24*time.Hour {
		drain(t, b)
		c.Move(2 * time.Hour)
	}
	if f := state(t, b, full); f.State != mail.Failed || c.Now().Sub(begun) < 3*24*time.Hour || len(f.Log) != f.Attempts {
		t.Errorf("put off for days: %s after %s, %d attempts", f.State, c.Now().Sub(begun), f.Attempts)
	}
}

// TestServerDown: for days. No letter is harmed, none is tried, and all leave when it is back.
func TestServerDown(t *testing.T) {
	quiet(t)
	p := startPost(t)
	p.close()
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address), Now: c.Now, Pause: func(int) time.Duration { return time.Millisecond }})
	var letters []mail.Letter
	for i := range 20 {
		letters = append(letters, letter(fmt.Sprint(i)))
	}
	ids := enqueue(t, d, b, letters...)
	for range 50 {
		if err := b.Drain(t.Context()); err == nil {
			t.Fatal("sent to a server that is down")
		}
		c.Move(2 * time.Hour)
	}
	if trouble, is := b.Trouble(); !is || trouble.Error == "" {
		t.Errorf("staff are not told: %+v", trouble)
	}
	for _, id := range ids {
		if f := state(t, b, id); f.State != mail.Queued || f.Attempts != 0 || len(f.Log) != 0 {
			t.Fatalf("a letter was tried: %+v", f)
		}
	}
	// It comes back, but breaks off in the middle, or wants something else of us: still no letter's fault.
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.serve(l)
	p.answers(func(step, to string) error {
		if step == "mail" {
			return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "who are you?"}
		}
		return nil
	})
	before := p.dials
	for range 40 {
		if err := b.Drain(t.Context()); err == nil {
			t.Fatal("no error")
		}
		c.Move(24 * time.Hour)
	}
	for _, id := range ids {
		if f := state(t, b, id); f.State == mail.Bounced || f.State == mail.Failed || f.Attempts != 0 {
			t.Fatalf("held against a letter: %+v", f)
		}
	}
	if p.dials-before != 40 {
		t.Errorf("%d connections", p.dials-before)
	}
	p.answers(nil)
	c.Move(48 * time.Hour)
	drain(t, b)
	if got := p.letters(); len(got) != 20 {
		t.Errorf("%d letters came", len(got))
	}
	if _, is := b.Trouble(); is {
		t.Error("still in trouble")
	}
}

func drain(t testing.TB, b *mail.Outbox) {
	t.Helper()
	if err := b.Drain(context.Background()); err != nil {
		trouble, _ := b.Trouble()
		t.Fatal(err, trouble.Error)
	}
}

func quiet(t testing.TB) {
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
}

// TestClockSetBack: what was sent is not sent again, whatever the clock says.
func TestClockSetBack(t *testing.T) {
	p := startPost(t)
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address), Now: c.Now})
	l := letter("reminder")
	l.NotBefore = c.Now().Add(time.Hour)
	late := letter("late")
	late.NotBefore, late.NotAfter = c.Now().Add(time.Hour), c.Now().Add(2*time.Hour)
	id := enqueue(t, d, b, late, l)[0]
	for _, move := range []time.Duration{0, time.Hour, -3 * time.Hour, 30 * time.Minute, 24 * time.Hour, -48 * time.Hour} {
		c.Move(move)
		enqueue(t, d, b, l, late)
		drain(t, b)
	}
	if got := p.letters(); len(got) != 2 {
		t.Errorf("%d letters", len(got))
	}
	// What has become useless does not leave.
	late = letter("useless")
	late.NotAfter = c.Now().Add(time.Hour)
	id = enqueue(t, d, b, late)[0]
	c.Move(2 * time.Hour)
	drain(t, b)
	if f := state(t, b, id); f.State != mail.Cancelled || len(p.letters()) != 2 {
		t.Errorf("a letter past its time: %s", f.State)
	}
}

// TestStoppingInMidLetter: a server that is slow to say yes is heard out; the letter is not sent twice.
func TestStoppingInMidLetter(t *testing.T) {
	p := startPost(t)
	p.slow = 300 * time.Millisecond
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address), Poll: 10 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.Run(ctx); close(done) }()
	ids := enqueue(t, d, b, letter("a"), letter("b"))
	for end := time.Now().Add(5 * time.Second); len(p.letters()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not taken up")
		}
	}
	stop()
	<-done
	if a, z := state(t, b, ids[0]).State, state(t, b, ids[1]).State; !(a == mail.Sent && z == mail.Queued || a == mail.Queued && z == mail.Sent) {
		t.Errorf("stopped: %s, %s", a, z)
	}
	p.slow = 0
	drain(t, b)
	if n := len(p.letters()); n != 2 {
		t.Errorf("%d letters came", n)
	}
}

// TestTwoInstances never send the same letter, though both want to.
func TestTwoInstances(t *testing.T) {
	if os.Getenv("PLENARY_TEST_DATABASE") == "" {
		t.Skip("a file has one instance; PLENARY_TEST_DATABASE names no server")
	}
	p := startPost(t)
	address := dbtest.Address(t)
	var all sync.WaitGroup
	var letters []mail.Letter
	for i := range 200 {
		letters = append(letters, letter(fmt.Sprint(i)))
	}
	first := dbtest.Open(t, address)
	b := outbox(t, first, mail.Options{Sender: sender(t, "smtp://"+p.address)})
	enqueue(t, first, b, letters...)
	for _, d := range []*db.DB{first, dbtest.Open(t, address)} {
		own := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address)})
		for range 2 {
			all.Go(func() {
				if err := own.Drain(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if got := p.letters(); len(got) != 200 || p.dials < 2 {
		t.Errorf("%d letters came, by %d connections", len(got), p.dials)
	}

	// One is stuck until the other has taken over: what it says then changes nothing.
	stuck := &stuckSender{began: make(chan struct{}), wake: make(chan struct{})}
	slow := outbox(t, first, mail.Options{Sender: stuck, Lease: 100 * time.Millisecond})
	id := enqueue(t, first, slow, letter("stuck"))[0]
	all.Go(func() { slow.Drain(context.Background()) })
	<-stuck.began
	time.Sleep(150 * time.Millisecond)
	drain(t, b)
	close(stuck.wake)
	all.Wait()
	if f := state(t, b, id); f.State != mail.Sent || len(f.Log) != 1 {
		t.Errorf("after a late answer: %s, %+v", f.State, f.Log)
	}
}

// stuckSender puts a letter off, once it is woken.
type stuckSender struct{ began, wake chan struct{} }

func (s *stuckSender) Dial(context.Context) (mail.Conn, error) { return s, nil }
func (s *stuckSender) Close() error                            { return nil }
func (s *stuckSender) Send(context.Context, *mail.Message) error {
	close(s.began)
	<-s.wake
	return &mail.Refused{Temporary: true, Answer: "later"}
}

// TestKilled kills a program again and again while it sends. No letter is missing, and none came twice save those that
// were leaving at a kill, under the same Message-ID. PLENARY_TEST_LETTERS sets how many there are.
func TestKilled(t *testing.T) {
	if address := os.Getenv("PLENARY_TEST_MAIL_CHILD"); address != "" {
		d := dbtest.Open(t, address)
		b := outbox(t, d, mail.Options{Sender: sender(t, os.Getenv("PLENARY_TEST_MAIL_SERVER")), Lease: 900 * time.Millisecond, Poll: 50 * time.Millisecond})
		b.Run(context.Background()) // until it is killed
	}
	n := 240
	if s := os.Getenv("PLENARY_TEST_LETTERS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	p := startPost(t)
	address := dbtest.Address(t)
	d := dbtest.Open(t, address)
	b := outbox(t, d, mail.Options{})
	var letters []mail.Letter
	for i := range n {
		letters = append(letters, letter(fmt.Sprint(i)))
	}
	ids := enqueue(t, d, b, letters...)
	kills := 0
	left := func() int {
		waiting := 0
		for _, s := range []mail.State{mail.Queued, mail.Retrying, mail.Sending} {
			_, n, err := b.List(t.Context(), system, mail.Filter{State: s}, auth.Paging{Size: 1})
			if err != nil {
				t.Fatal(err)
			}
			waiting += n
		}
		return waiting
	}
	for end := time.Now().Add(time.Duration(n)*100*time.Millisecond + 30*time.Second); left() > 0; {
		if time.Now().After(end) {
			t.Fatalf("%d letters left after %d kills", left(), kills)
		}
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		child.Env = append(os.Environ(), "PLENARY_TEST_MAIL_CHILD="+address, "PLENARY_TEST_MAIL_SERVER=smtp://"+p.address)
		before := p.count()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		// It is killed in the midst of sending, after some letters and a moment.
		for quota, looks := 1+rand.IntN(2*min(n/6, 400)), 0; p.count()-before < quota && time.Now().Before(end); looks++ {
			if looks%50 == 49 && left() == 0 {
				break
			}
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
		child.Process.Kill()
		child.Wait()
		kills++
	}
	came := map[string]int{}
	for _, l := range p.letters() {
		h, _ := parts(t, l.raw)
		came[h.Get("Message-Id")]++
	}
	doubles := 0
	for _, id := range ids {
		times := came["<"+id+"@www.example.org>"]
		if times == 0 {
			t.Errorf("letter %s never came", id)
		}
		doubles += max(0, times-1)
	}
	if len(came) != n || doubles > kills || kills < 2 {
		t.Errorf("%d letters under %d Message-IDs, %d twice, %d kills", n, len(came), doubles, kills)
	}
	t.Logf("%d letters, %d kills, %d came twice", n, kills, doubles)
}
