package apptest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Post is a mail server that keeps the letters it takes. It can be down.
type Post struct {
	t       testing.TB
	address string
	server  *smtp.Server
	mu      sync.Mutex
	letters []Letter
}

// Letter is a letter as it arrived.
type Letter struct {
	ID            string // its Message-ID, without brackets
	To            string // address
	Language      string // BCP 47
	Subject, Text string
	Calendar      string // attached; "" for none
	Method        string // of the calendar, as the attachment's type says it
}

// StartPost starts a mail server, which ends with the test. A Config sends there by its Mail.
func StartPost(t testing.TB) *Post {
	t.Helper()
	p := &Post{t: t}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	p.serve(l)
	t.Cleanup(p.Down)
	return p
}

// Mail is the address of the server as a Config has it.
func (p *Post) Mail() string { return "smtp://" + p.address + "?tls=0" }

// Down stops the server: it cannot be reached.
func (p *Post) Down() { p.server.Close() }

// Up starts it again, at the same address.
func (p *Post) Up() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.serve(l)
}

// Letters are those that have arrived, in their order.
func (p *Post) Letters() []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Letter{}, p.letters...)
}

func (p *Post) serve(l net.Listener) {
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &postSession{p: p}, nil }))
	p.server.Domain, p.server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	go p.server.Serve(l)
}

type postSession struct {
	p  *Post
	to string
}

func (s *postSession) Reset()                                    {}
func (s *postSession) Logout() error                             { return nil }
func (s *postSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

func (s *postSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := readLetter(raw)
	if err != nil {
		s.p.t.Errorf("a letter to %s cannot be read: %v", s.to, err)
	}
	l.To = s.to
	s.p.mu.Lock()
	s.p.letters = append(s.p.letters, l)
	s.p.mu.Unlock()
	return nil
}

func readLetter(raw []byte) (l Letter, err error) {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	l.ID, l.Language = strings.Trim(m.Header.Get("Message-Id"), "<>"), m.Header.Get("Content-Language")
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	return l, l.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

func (l *Letter) part(kind, encoding string, r io.Reader) error {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return err
	}
	if strings.HasPrefix(media, "multipart/") {
		for parts := multipart.NewReader(r, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = l.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			}
			if err != nil {
				return err
			}
		}
	}
	switch encoding {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	body, err := io.ReadAll(r)
	switch media {
	case "text/plain":
		l.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
	case "text/calendar":
		l.Calendar, l.Method = string(body), params["method"]
	}
	return err
}
