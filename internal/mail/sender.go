package mail

import (
	"context"
	"log/slog"
)

// Sender is the way letters leave: a mail server, or the log.
type Sender interface {
	// Dial makes ready to send some letters in a row. An error says that none can be sent now.
	Dial(ctx context.Context) (Conn, error)
}

// Conn sends letters until it is closed. Not safe for concurrent use.
type Conn interface {
	// Send sends one letter: nil, once the server has taken it. A *Refused is about this letter alone; any other error is
	// about the server, or not known to be about the letter.
	Send(ctx context.Context, m *Message) error
	Close() error
}

// Message is a letter as it leaves.
type Message struct {
	ID, MessageID        string
	From, FromName       string
	To, Name             string
	Locale               string
	Subject, Text, HTML  string
	ReplyTo, Unsubscribe string
	Files                []File
}

// Refused says that the server does not take a letter, and why.
type Refused struct {
	Temporary bool // it may take it later
	Answer    string
}

func (e *Refused) Error() string { return e.Answer }

// Log is the Sender of an installation without a mail server: letters count as sent, the panel shows them, and the log
// names them without saying whom they are for.
type Log struct{}

func (Log) Dial(context.Context) (Conn, error) { return logConn{}, nil }

type logConn struct{}

func (logConn) Send(_ context.Context, m *Message) error {
	slog.Info("letter, not sent: no mail server is set", "letter", m.ID, "language", m.Locale, "bytes", len(m.Text), "files", len(m.Files))
	return nil
}

func (logConn) Close() error { return nil }
