package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/mail"

	"github.com/emersion/go-smtp"
	"github.com/uptrace/bun"
)

const key = "Kxy0123456789-_abcdefg"

// keyed is a letter with two private links of one key.
func keyed(t *testing.T, b *mail.Outbox, cause string) mail.Letter {
	t.Helper()
	l := letter(cause)
	at := "https://www.example.org/en/registrations/" + key
	l.Text = "Dear Ama,\n\nyour place: " + at + ".\n\nYour page:\n" + at + "\n\n-- \nNo more letters:\n" + at + "/stop?a=1&b=2"
	l.HTML = `<a href="` + at + `">` + at + `</a> <a href="` + at + `/stop?a=1&amp;b=2">stop</a>`
	l.Unsubscribe, l.Keys, l.Hold = at+"/stop", []string{key}, true
	return l
}

// stored is all that the database holds of letters.
func stored(t *testing.T, d *db.DB) string {
	t.Helper()
	var all []string
	if err := d.Read().NewRaw("SELECT subject || '|' || body || '|' || html || '|' || unsubscribe || '|' || keys FROM letters").Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// TestKeysAreNobodyElses: staff read and change a letter with private links, and never see a key; its reader gets each
// whole; and once it is dealt with, the key is nowhere.
func TestKeysAreNobodyElses(t *testing.T) {
	p := startPost(t)
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address), Words: words(t), Site: siteName})
	ids := enqueue(t, d, b, keyed(t, b, "as it is"), keyed(t, b, "changed"))
	f := state(t, b, ids[0])
	if want := "Dear Ama,\n\nyour place: {link}.\n\nYour page:\n{link}\n\n-- \nNo more letters:\n{link2}"; f.Text != want || len(f.Links) != 2 ||
		f.Links[0] != (mail.KeyLink{Name: "link", Address: "https://www.example.org/en/registrations/…"}) || f.Links[1].Address != "https://www.example.org/en/registrations/…/stop?a=1&b=2" {
		t.Errorf("shown: %q %+v", f.Text, f.Links)
	}
	if strings.Contains(f.Text+f.HTML+f.Unsubscribe+f.Subject+f.Cause, key) || f.Secret || !f.Keyed {
		t.Errorf("staff see the key: %+v", f)
	}
	lines, _, err := b.List(t.Context(), system, mail.Filter{}, auth.Paging{})
	if err != nil || lines[0].Subject == "" || !lines[0].Keyed {
		t.Errorf("listed: %+v %v", lines, err)
	}
	for text, want := range map[string]string{
		"see https://evil.example/({link} {link2}": "mail.problem.link_alone",
		"gone {link}":                         "mail.problem.link_gone",
		"":                                    "mail.problem.missing",
		"https://evil.example/{link} {link2}": "mail.problem.link_alone",
		"{link}.evil.example {link2}":         "mail.problem.link_alone",
		"{link2}@{link}":                      "mail.problem.link_alone",
		"{link} \x1a0\x1a/{link2}x":           "mail.problem.link_alone",
	} {
		var bad mail.Invalid
		if err := b.Edit(t.Context(), system, ids[1], 1, "x", text); !errors.As(err, &bad) || bad["text"] != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	var bad mail.Invalid
	if err := b.Edit(t.Context(), system, ids[1], 1, "{link}", "{link} {link2}"); !errors.As(err, &bad) || bad["subject"] != "mail.problem.link_subject" {
		t.Errorf("a link in the subject: %v", err)
	}
	if err := b.Edit(t.Context(), system, ids[1], 1, "Please read", "Dear Ama,\n\n\x1a0\x1a{link3} {nothing} moved to ({link}),\n\n{link}\n\n{link2}"); err != nil {
		t.Fatal(err)
	}
	if f := state(t, b, ids[1]); f.Text != "Dear Ama,\n\n0{link3} {nothing} moved to ({link}),\n\n{link}\n\n{link2}" || strings.Contains(f.Text+f.HTML, key) {
		t.Errorf("changed: %q", f.Text)
	}
	if n, err := b.Do(t.Context(), system, mail.Release, ids...); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if got := stored(t, d); strings.Count(got, key) != 2 {
		t.Errorf("before they leave, each key stands once: %s", got)
	}
	drain(t, b)
	if got := stored(t, d); strings.Contains(got, key) {
		t.Errorf("once they have left: %s", got)
	}
	arrived := p.letters()
	if len(arrived) != 2 {
		t.Fatalf("%d arrived", len(arrived))
	}
	for _, l := range arrived {
		head, said := parts(t, l.raw)
		plain := "List-Unsubscribe: " + head.Get("List-Unsubscribe") + "\r\n" + strings.ReplaceAll(string(said["text/plain"]), "\n", "\r\n") + string(said["text/html"])
		at := "https://www.example.org/en/registrations/" + key
		if !strings.Contains(plain, "List-Unsubscribe: <"+at+"/stop>") || strings.Count(plain, at+"\r\n") == 0 || !strings.Contains(plain, `href="`+at+`"`) || !strings.Contains(plain, at+"/stop?a=1&b=2") || strings.Contains(plain, "\x1a") || strings.Contains(plain, "=1A") || strings.Contains(plain, "%1a") {
			t.Errorf("arrived: %s", plain)
		}
	}
	f = state(t, b, ids[0])
	if f.State != mail.Sent || !strings.Contains(f.Text, "your place: {link}.") || len(f.Links) != 2 {
		t.Errorf("what was sent can be read: %+v", f)
	}
}

// queue tells whether a letter is taken.
func queue(t *testing.T, d *db.DB, b *mail.Outbox, l mail.Letter) error {
	t.Helper()
	return d.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := b.Enqueue(ctx, tx, system, l)
		return err
	})
}

// TestKeysEnd: a letter that will not leave any more loses its keys, and cannot be sent without.
func TestKeysEnd(t *testing.T) {
	p := startPost(t)
	p.answers(func(step, _ string) error {
		if step != "rcpt" {
			return nil
		}
		return &smtp.SMTPError{Code: 550, Message: "no"}
	})
	d := dbtest.Open(t, dbtest.Address(t))
	b := outbox(t, d, mail.Options{Sender: sender(t, "smtp://"+p.address)})
	l := keyed(t, b, "refused")
	l.Hold = false
	ids := enqueue(t, d, b, l)
	_ = b.Drain(t.Context())
	f := state(t, b, ids[0])
	if f.State != mail.Bounced || f.Takes(mail.Retry) || strings.Contains(stored(t, d), key) {
		t.Errorf("refused: %+v", f)
	}
	if n, err := b.Do(t.Context(), system, mail.Retry, ids...); n != 0 || err != nil {
		t.Errorf("sent again without its key: %d %v", n, err)
	}
	for _, wrong := range []string{"short", "with a space in it, long", "https://www.example.org/" + key} {
		l := keyed(t, b, "wrong")
		l.Keys = []string{wrong}
		if err := queue(t, d, b, l); err == nil {
			t.Errorf("taken for a key: %s", wrong)
		}
	}
	l = keyed(t, b, "subject")
	if l.Subject += key; queue(t, d, b, l) == nil {
		t.Error("a key in the subject")
	}
}
