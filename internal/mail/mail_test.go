package mail_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/mail"

	"github.com/emersion/go-smtp"
	"github.com/uptrace/bun"
)

var system = auth.System("test")

func outbox(t testing.TB, d *db.DB, o mail.Options) *mail.Outbox {
	t.Helper()
	if o.BaseURL == "" {
		o.BaseURL = "https://www.example.org"
	}
	b, err := mail.New(d, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// letter is one that can be sent.
func letter(cause string) mail.Letter {
	return mail.Letter{Cause: cause, To: "ama@example.net", Name: "Ama Mensah", Locale: i18n.EN, Subject: "Your registration", Text: "Dear Ama,\n\nYou are registered.", HTML: "<p>Dear Ama</p>"}
}

func enqueue(t testing.TB, d *db.DB, b *mail.Outbox, letters ...mail.Letter) []string {
	t.Helper()
	ids := make([]string, len(letters))
	if err := d.InTx(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for i, l := range letters {
			id, err := b.Enqueue(ctx, tx, system, l)
			if err != nil {
				return err
			}
			ids[i] = id
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestOneLetterForOneCause(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{})
	other := letter("a")
	other.Subject = "Something else"
	ids := enqueue(t, d, b, letter("a"), other, letter("b"))
	if ids[0] != ids[1] || ids[0] == ids[2] || ids[2] == "" {
		t.Errorf("letters: %v", ids)
	}
	undone := errors.New("undone")
	err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if _, err := b.Enqueue(ctx, tx, system, letter("c")); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if again := enqueue(t, d, b, letter("c"), letter("a")); again[1] != ids[0] {
		t.Errorf("the same cause later: %v", again)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{})
	for field, change := range map[string]func(*mail.Letter){
		"to":       func(l *mail.Letter) { l.To = "ama@example.net\r\nBcc: all@example.net" },
		"reply_to": func(l *mail.Letter) { l.ReplyTo = "nobody" },
		"subject":  func(l *mail.Letter) { l.Subject = " \r\n\u202e " },
		"text":     func(l *mail.Letter) { l.Text = strings.Repeat("x", 70_000) },
		"files": func(l *mail.Letter) {
			l.Files = []mail.File{{Name: "a.ics", Type: "text/calendar", Data: make([]byte, 6<<20)}}
		},
		"unsubscribe": func(l *mail.Letter) { l.Unsubscribe = "https://example.org/>\r\nBcc: x" },
	} {
		l := letter(field)
		change(&l)
		err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := b.Enqueue(ctx, tx, system, l)
			return err
		})
		var bad mail.Invalid
		if !errors.As(err, &bad) || bad[field] == "" || len(bad) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"ama@example.net": "ama@example.net", " Ama.Mensah+x@EXAMPLE.net. ": "Ama.Mensah+x@example.net", "\u202aama@example.net\u200b": "ama@example.net",
		"ama@bücher.example": "ama@xn--bcher-kva.example", "ama@例子.例え": "ama@xn--fsqu00a.xn--r8jz45g", "ama@ｅｘａｍｐｌｅ.net": "ama@example.net",
		"": "", "ama": "", "@example.net": "", "ama@": "", "ama@net": "", "a b@example.net": "", "ama@exa mple.net": "", "ama@example.net, x@example.net": "",
		"Ama <ama@example.net>": "", `"ama x"@example.net`: "", "ama@[127.0.0.1]": "", "аma@example.net": "", "ama@example.net\r\nBcc: x@example.net": "", "ama..x@example.net": "",
		".ama@example.net": "", "ama@-example.net": "", "ama@exa_mple.net": "", "ama@example..net": "", strings.Repeat("a", 65) + "@example.net": "", "ama＠example.net": "",
		"a@" + strings.Repeat("a.", 130) + "net": "", "ama(x)@example.net": "",
	} {
		got, err := mail.Address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// TestKept: what came to an end long ago loses its words and its address, and still nobody gets it again.
func TestKept(t *testing.T) {
	d := dbtest.Open(t, dbtest.Address(t))
	c := dbtest.NewClock()
	b := outbox(t, d, mail.Options{Now: c.Now})
	l := letter("old")
	l.Files = []mail.File{{Name: "a.txt", Type: "text/plain", Data: []byte("x")}}
	held := letter("held")
	held.Hold = true
	ids := enqueue(t, d, b, l, held)
	drain(t, b)
	c.Move(100 * 24 * time.Hour)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := state(t, b, ids[0]); f.Emptied || f.To == "" || len(f.Files) != 1 {
		t.Errorf("emptied too early: %+v", f)
	}
	c.Move(100 * 24 * time.Hour)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := state(t, b, ids[0]); !f.Emptied || f.To+f.Name+f.Subject+f.Text+f.HTML != "" || len(f.Files) != 0 || f.State != mail.Sent {
		t.Errorf("kept for ever: %+v", f)
	}
	if f := state(t, b, ids[1]); f.Emptied || f.Text == "" {
		t.Errorf("what waits was emptied: %+v", f)
	}
	if again := enqueue(t, d, b, l); again[0] != ids[0] {
		t.Error("a new letter for an old cause")
	}
	if n, err := b.Do(t.Context(), system, mail.Retry, ids[0]); n != 0 || err != nil {
		t.Errorf("an emptied letter is tried again: %d %v", n, err)
	}
}

// TestForgotten: of letters to people who are forgotten stays that they were sent, or were not; those that wait never leave,
// and letters about other things, or with other causes, are left alone.
func TestForgotten(t *testing.T) {
	p := startPost(t)
	p.answers(func(step, to string) error {
		if step == "rcpt" && strings.HasPrefix(to, "gone@") {
			return &smtp.SMTPError{Code: 550, Message: "no mailbox " + to}
		}
		return nil
	})
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address)})
	about := func(cause, to, event string) mail.Letter {
		l := letter(cause)
		l.To, l.About.Event, l.Files = to, event, []mail.File{{Name: "a.txt", Type: "text/plain", Data: []byte("x")}}
		return l
	}
	ids := enqueue(t, d, b, about("people.confirmed:1", "here@example.net", "e1"), about("people.confirmed:2", "gone@example.net", "e1"), about("people.confirmed:3", "here@example.net", "e2"),
		about("other:1", "here@example.net", "e1"), about("peopleXconfirmed:1", "here@example.net", "e1"))
	drain(t, b)
	held := about("people.changed:1", "here@example.net", "e1")
	held.Hold = true
	ids = append(ids, enqueue(t, d, b, held)...)
	for range 2 {
		if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return b.Forget(ctx, tx, "e1", "people.") }); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		state mail.State
		gone  bool
	}{{mail.Sent, true}, {mail.Bounced, true}, {mail.Sent, false}, {mail.Sent, false}, {mail.Sent, false}, {mail.Cancelled, true}} {
		f := state(t, b, ids[i])
		left := f.To + f.Name + f.Subject + f.Text + f.HTML
		for _, g := range f.Log {
			left += g.Detail
		}
		if f.State != want.state || f.Emptied != want.gone || want.gone != (left == "" && len(f.Files) == 0) || f.Cause == "" || f.CreatedAt.IsZero() || (f.SentAt != nil) != (want.state == mail.Sent) || len(f.Log) != 1 {
			t.Errorf("%s: %+v", f.Cause, f)
		}
	}
	if n, err := b.Do(t.Context(), system, mail.Restore, ids[5]); n != 0 || err != nil {
		t.Errorf("a forgotten letter is restored: %d %v", n, err)
	}
}

// TestOrderAndWithdrawal: what somebody waits for leaves before what goes to many, and what is no longer so does not leave.
func TestOrderAndWithdrawal(t *testing.T) {
	p := startPost(t)
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address)})
	var letters []mail.Letter
	for name, priority := range map[string]mail.Priority{"bulk": mail.Bulk, "normal": mail.Normal, "urgent": mail.Urgent, "withdrawn": mail.Urgent} {
		l := letter(name)
		l.To, l.Priority = name+"@example.net", priority
		letters = append(letters, l)
	}
	enqueue(t, d, b, letters...)
	if err := d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return b.Withdraw(ctx, tx, "withdrawn", "nothing") }); err != nil {
		t.Fatal(err)
	}
	withdrawn, _, err := b.List(t.Context(), system, mail.Filter{State: mail.Cancelled}, auth.Paging{})
	if err != nil || len(withdrawn) != 1 || len(state(t, b, withdrawn[0].ID).Log) != 1 {
		t.Errorf("withdrawn: %v %v", withdrawn, err)
	}
	drain(t, b)
	var order []string
	for _, l := range p.letters() {
		order = append(order, strings.TrimSuffix(l.to, "@example.net"))
	}
	if strings.Join(order, " ") != "urgent normal bulk" {
		t.Errorf("left: %v", order)
	}
}

// TestPlainConnectionsAndPasswords: nothing is sent to a server that does not encrypt, unless it is allowed, nor with a
// password it refuses; and no letter suffers.
func TestPlainConnectionsAndPasswords(t *testing.T) {
	quiet(t)
	p := startPost(t)
	d := dbtest.Open(t, dbtest.Address(t))
	id := ""
	for _, address := range []string{"smtp://" + p.address + "?tls=1", "smtp://u:wrong@" + p.address, "smtps://" + p.address} {
		if strings.Contains(address, "wrong") {
			p.user = "u"
		}
		b := outbox(t, d, mail.Options{Sender: sender(t, address)})
		id = enqueue(t, d, b, letter("a"))[0]
		err := b.Drain(t.Context())
		if err == nil || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: %v", address, err)
		}
		if f := state(t, b, id); f.State != mail.Queued || f.Attempts != 0 {
			t.Errorf("%s: %+v", address, f)
		}
	}
	if len(p.letters()) != 0 {
		t.Error("sent")
	}
}

// TestTheLogNamesNobody: neither letters that go nowhere, nor servers that refuse.
func TestTheLogNamesNobody(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{})
	enqueue(t, d, b, letter("log"))
	drain(t, b)
	p := startPost(t)
	p.answers(func(step, to string) error { return &smtp.SMTPError{Code: 450, Message: "not now, " + to} })
	b = outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address)})
	enqueue(t, d, b, letter("refused"))
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	b.Run(ctx)
	if s := log.String(); strings.Contains(s, "ama") || strings.Contains(s, "Mensah") || strings.Contains(s, "registration") || strings.Count(s, "\n") < 2 {
		t.Errorf("log: %s", s)
	}
}

// TestNobodyAddsLines: a name or a fact is one line, whatever was typed, and markup is text.
func TestNobodyAddsLines(t *testing.T) {
	b := outbox(t, dbtest.Open(t, dbtest.Address(t)), mail.Options{Words: words(t), Site: siteName})
	evil := "Ama\r\n\r\nPay at\u2028https://evil.example <a href='https://evil.example'>here</a>"
	for _, l := range i18n.All {
		text, html := b.Compose(l, mail.Body{Greeting: evil, Facts: []mail.Fact{{Label: "Name", Value: evil}}, Paragraphs: []string{"P"}})
		if strings.Contains(html, "<a ") {
			t.Errorf("%s: a link: %s", l, html)
		}
		for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\u2028' }) {
			if strings.HasPrefix(line, "Pay") || strings.HasPrefix(line, "https:") {
				t.Errorf("%s: a line of a stranger's: %q", l, text)
			}
		}
	}
}
