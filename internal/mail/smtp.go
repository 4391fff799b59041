package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// ParseSender reads the address of a way to send: "log:", or "smtp://USER:PASSWORD@HOST:PORT", which insists on STARTTLS
// save on this machine or with ?tls=0, or "smtps://…" for TLS from the first byte. host is how we call ourselves there.
func ParseSender(address, host string) (Sender, error) {
	if address == "" || address == "log:" {
		return Log{}, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("want log: or smtp://USER:PASSWORD@HOST:PORT") // the parser's own message would repeat the password
	}
	s := &smtp{host: u.Hostname(), opts: []gomail.Option{gomail.WithHELO(messageHost(host)), gomail.WithTimeout(timeout), gomail.WithoutNoop(), gomail.WithoutSMTPUTF8()}}
	port, policy, auth := 587, gomail.TLSMandatory, gomail.SMTPAuthAutoDiscover
	switch q := u.Query().Get("tls"); {
	case u.Scheme == "smtps":
		// The connection is TLS from the start: there is nothing to switch to.
		port, policy, s.tls = 465, gomail.TLSOpportunistic, true
	case q == "0", q == "" && loopback(u.Hostname()):
		policy, auth = gomail.NoTLS, gomail.SMTPAuthPlainNoEnc
	case q != "" && q != "1":
		return nil, errors.New("tls: want 0 or 1")
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("no such port")
		}
	}
	s.opts = append(s.opts, gomail.WithPort(port), gomail.WithTLSPolicy(policy))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		s.opts = append(s.opts, gomail.WithUsername(name), gomail.WithPassword(password), gomail.WithSMTPAuth(auth))
	}
	if _, err := gomail.NewClient(s.host, s.opts...); err != nil {
		return nil, err
	}
	return s, nil
}

// timeout is how long the server may take for a letter, and to greet.
const timeout = 2 * time.Minute

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// smtp sends through a mail server.
type smtp struct {
	host string
	tls  bool // from the first byte
	opts []gomail.Option
}

type smtpConn struct {
	client *gomail.Client
	net    net.Conn
}

func (s *smtp) Dial(ctx context.Context) (Conn, error) {
	c := &smtpConn{}
	dial := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if s.tls {
			conn, err = (&tls.Dialer{Config: &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		c.net = conn
		return conn, err
	}
	var err error
	if c.client, err = gomail.NewClient(s.host, append(slices.Clone(s.opts), gomail.WithDialContextFunc(dial))...); err != nil {
		return nil, err
	}
	if err = c.client.DialWithContext(ctx); err != nil {
		if c.net != nil {
			c.net.Close() // the library leaves a connection open on which signing in failed
		}
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return c, nil
}

func (c *smtpConn) Close() error {
	err := c.client.Close()
	c.net.Close()
	return err
}

func (c *smtpConn) Send(ctx context.Context, m *Message) error {
	msg, err := m.mime()
	if err != nil {
		return &Refused{Answer: err.Error()} // it was checked when it was queued: another will not be better
	}
	// The library's own limit is for a whole letter, and it does not hear of the end of ctx.
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	err = c.client.Send(msg)
	if msg.IsDelivered() {
		return nil // whatever came after the server's yes
	}
	var e *gomail.SendError
	if errors.As(err, &e) && e.ErrorCode() != 0 && e.ErrorCode() != 421 {
		switch e.Reason {
		case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
			return &Refused{Temporary: e.ErrorCode() < 500, Answer: e.Error()}
		}
	}
	return err
}

// mime writes the letter as RFC 5322 has it.
func (m *Message) mime() (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: m.FromName, Address: m.From})
	msg.ToMailAddress(&netmail.Address{Name: m.Name, Address: m.To})
	if m.ReplyTo != "" {
		msg.ReplyToMailAddress(&netmail.Address{Address: m.ReplyTo})
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(strings.Trim(m.MessageID, "<>"))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	msg.SetGenHeader("Content-Language", m.Locale)
	if strings.HasPrefix(m.Unsubscribe, "https:") { // RFC 8058 knows no other
		if err := msg.SetListUnsubscribeOneClick(m.Unsubscribe); err != nil {
			return nil, err
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, f := range m.Files {
		msg.AttachReadSeeker(f.Name, bytes.NewReader(f.Data), gomail.WithFileContentType(gomail.ContentType(f.Type)))
	}
	return msg, nil
}
