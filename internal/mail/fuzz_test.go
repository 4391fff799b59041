package mail

import (
	"bytes"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"plenary/internal/i18n"
)

// FuzzLetter: whatever is typed, a letter is refused, or it has the headers it should have and goes to one address.
func FuzzLetter(f *testing.F) {
	f.Add("ama@example.net", "Ama", "Subject", "text", "a.ics", "text/calendar; method=PUBLISH", "https://example.org/x")
	f.Add("ama@example.net\r\nBcc: x@example.net", "A\r\nBcc: b@example.net", "S\r\n\r\nbody", ".\r\n.\r\n", "../a\"\r\nX: y", "text/html\r\nX: y", "https://example.org/\r\nX: y")
	f.Add("ама@пример.рф", "\u202egnp.exe", "=?utf-8?q?a=0Ab?=", "\x00\u2028", "ä.ics", "text/plain; charset=\"x\"", "javascript:x")
	f.Add(" a@ｅxample.net", "آمنة, <x@y.z>", "第二届区域研讨会", "From me\r", strings.Repeat("n", 300), "multipart/mixed; boundary=x", "")
	f.Fuzz(func(t *testing.T, to, name, subject, text, file, kind, unsubscribe string) {
		l := Letter{Cause: "c", To: to, Name: name, Locale: i18n.EN, Subject: subject, Text: text, Unsubscribe: unsubscribe, Files: []File{{Name: file, Type: kind, Data: []byte("x")}}}
		if l.clean() != nil {
			return
		}
		again := l
		again.Files = slices.Clone(l.Files)
		if err := again.clean(); err != nil || again.To != l.To || again.Subject != l.Subject || again.Text != l.Text || again.Name != l.Name {
			t.Fatalf("cleaned twice: %v\n%+v\n%+v", err, l, again)
		}
		m := &Message{MessageID: "<id@example.org>", From: "no-reply@example.org", To: l.To, Name: l.Name, Locale: "en", Subject: l.Subject, Text: l.Text, HTML: "<p>x</p>", Files: l.Files, Unsubscribe: l.Unsubscribe}
		msg, err := m.mime()
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := msg.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		got, err := mail.ReadMessage(&raw)
		if err != nil {
			t.Fatal(err)
		}
		known := []string{"Date", "Mime-Version", "Message-Id", "Subject", "From", "To", "Content-Type", "Auto-Submitted", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post"}
		for name, values := range got.Header {
			if !slices.Contains(known, name) || len(values) != 1 {
				t.Fatalf("header %s: %q", name, values)
			}
		}
		rcpt, err := msg.GetRecipients()
		if err != nil || len(rcpt) != 1 || strings.Trim(rcpt[0], "<>") != l.To {
			t.Fatalf("goes to %q, not %q: %v", rcpt, l.To, err)
		}
		if a, err := got.Header.AddressList("To"); err != nil || len(a) != 1 || a[0].Address != l.To || a[0].Name != l.Name {
			t.Fatalf("To: %v, not %q %q: %v", a, l.Name, l.To, err)
		}
		if s, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject")); err != nil || s != l.Subject && !strings.Contains(l.Subject, "=?") {
			t.Fatalf("Subject: %q, not %q: %v", s, l.Subject, err)
		}
	})
}

// FuzzKeys: whatever stands around a key, staff do not see it; words saved as they were shown send what would have been sent;
// and whatever staff type, no key follows an address of theirs.
func FuzzKeys(f *testing.F) {
	f.Add("Dear Ama,\n", "https://www.example.org/en/registrations/", "/stop?a=1", ".\nbye {link} {link2}", "x {link} y {link2}")
	f.Add("", "", "", "", "https://evil.example/{link}")
	f.Add("https://a.example/{link}", "", ")", "\x1a0\x1a", "{link}{link}")
	f.Fuzz(func(t *testing.T, before, address, tail, after, typed string) {
		const key = "Kxy0123456789abcdefg"
		l := Letter{Cause: "c", To: "ama@example.net", Locale: i18n.EN, Subject: "s", Text: before + address + key + tail + after, Keys: []string{key}}
		if strings.Count(l.Text, key) != 1 || l.clean() != nil {
			return
		}
		whole := l.Text
		raw, err := l.lock()
		if err != nil {
			t.Fatal(err)
		}
		r := &row{Text: l.Text, Keys: raw}
		if strings.Contains(r.Text, key) || r.unlock(r.Text) != whole {
			t.Fatalf("locked %q, unlocked %q of %q", r.Text, r.unlock(r.Text), whole)
		}
		shown, links := r.shown()
		if strings.Contains(shown, key) || len(links) != 1 || strings.Contains(links[0].Address, keyMark) {
			t.Fatalf("shown %q %+v", shown, links)
		}
		subject, bad := "s", Invalid{}
		if cleanWords(&subject, &typed, bad); len(bad) > 0 {
			return
		}
		stored := r.retake(typed, bad)
		if len(bad) > 0 {
			return
		}
		own := r.links()[0]
		for i, part := range strings.Split(stored, own) {
			if strings.Contains(part, keyMark) {
				t.Fatalf("a mark of its own: %q", stored)
			}
			if words := strings.Fields(part); i < strings.Count(stored, own) && len(words) > 0 && strings.HasSuffix(part, words[len(words)-1]) && strings.ContainsAny(words[len(words)-1], "/.@=?") {
				t.Fatalf("follows an address: %q", stored)
			}
		}
	})
}
