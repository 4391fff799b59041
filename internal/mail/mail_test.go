package mail_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/migrations"

	"github.com/uptrace/bun"
)

var system = auth.System("test")

// clock is a clock that tests set.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) move(d time.Duration) { c.at.Add(d.Microseconds()) }

func open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if _, err := d.Migrate(context.Background(), migrations.Files); err != nil {
		t.Fatal(err)
	}
	return d
}

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
	d := open(t, dbtest.Address(t))
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
	d := open(t, dbtest.Address(t))
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
