package mail

import (
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/url"
	"path"
	"sort"
	"strings"
	"unicode/utf8"

	"plenary/internal/i18n"

	"golang.org/x/net/idna"
)

// ErrAddress means that something is no address a letter can be sent to.
var ErrAddress = errors.New("not a mail address")

// Address makes an address canonical: alone, without a name, the domain in ASCII and small letters. What is invisible in
// what was pasted goes. Addresses with other letters than ASCII before the @ are refused: hardly a server takes them, and
// they are how look-alikes are made.
func Address(s string) (string, error) {
	s = i18n.StripControls(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 {
		return "", ErrAddress
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !strings.Contains(domain, ".") && domain != "localhost" {
		return "", ErrAddress
	}
	if strings.Trim(s[:at], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+-/=?^_`{|}~") != "" {
		return "", ErrAddress // quoted, spaces, not ASCII
	}
	s = s[:at] + "@" + domain
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || a.Name != "" || len(s) > 254 {
		return "", ErrAddress
	}
	return s, nil
}

// messageHost is what follows the @ of the Message-IDs of a site.
func messageHost(host string) string {
	h, err := idna.Lookup.ToASCII(host)
	if err != nil || h == "" || net.ParseIP(host) != nil {
		return "localhost" // a site under a bare address is being tried out
	}
	return h
}

// Invalid is a letter that cannot be sent: a message key for each part that is wrong.
type Invalid map[string]string

func (e Invalid) Error() string {
	var parts []string
	for f, k := range e {
		parts = append(parts, f+": "+k)
	}
	sort.Strings(parts)
	return "invalid: " + strings.Join(parts, ", ")
}

// Fields gives the message key of each wrong part.
func (e Invalid) Fields() map[string]string { return e }

const (
	MaxSubject = 200      // characters
	maxText    = 64 << 10 // bytes
	maxHTML    = 256 << 10
	maxFiles   = 10
	maxSize    = 5 << 20 // bytes of all files
)

// clean makes a letter's parts canonical. Nothing in it can become a line or a header of its own.
func (l *Letter) clean() error {
	bad := Invalid{}
	var err error
	if l.To, err = Address(l.To); err != nil {
		bad["to"] = "mail.problem.address"
	}
	if l.ReplyTo != "" {
		if l.ReplyTo, err = Address(l.ReplyTo); err != nil {
			bad["reply_to"] = "mail.problem.address"
		}
	}
	l.Name = plainName(l.Name)
	if _, ok := i18n.Parse(string(l.Locale)); !ok {
		return fmt.Errorf("a letter in language %q", l.Locale)
	}
	cleanWords(&l.Subject, &l.Text, bad)
	if len(l.HTML) > maxHTML || !utf8.ValidString(l.HTML) {
		bad["text"] = "mail.problem.too_long"
	}
	size := 0
	for i := range l.Files {
		f := &l.Files[i]
		size += len(f.Data)
		f.Name = path.Base(strings.ReplaceAll(i18n.StripControls(f.Name), `\`, "/"))
		kind, params, err := mime.ParseMediaType(f.Type)
		if f.Type = mime.FormatMediaType(kind, params); err != nil || f.Type == "" || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") || f.Name == "." || f.Name == "/" || len(f.Name) > 200 {
			bad["files"] = "mail.problem.file"
		}
	}
	if len(l.Files) > maxFiles || size > maxSize {
		bad["files"] = "mail.problem.files_too_large"
	}
	if l.Unsubscribe != "" {
		u, err := url.Parse(l.Unsubscribe)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(l.Unsubscribe) > 500 || strings.Trim(l.Unsubscribe, urlCharacters) != "" {
			bad["unsubscribe"] = "mail.problem.url"
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

const urlCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+;=%"

// cleanWords is clean for what staff may change of a held letter.
func cleanWords(subject, text *string, bad Invalid) {
	*subject = i18n.StripControls(*subject)
	switch {
	case *subject == "":
		bad["subject"] = "mail.problem.missing"
	case utf8.RuneCountInString(*subject) > MaxSubject:
		bad["subject"] = "mail.problem.too_long"
	}
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(*text, ""), "\r\n", "\n"), "\r", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' {
				return -1
			}
			return r
		}, line)
	}
	*text = strings.Trim(strings.Join(lines, "\n"), "\n")
	switch {
	case *text == "":
		bad["text"] = "mail.problem.missing"
	case len(*text) > maxText:
		bad["text"] = "mail.problem.too_long"
	}
}

// plainName is a person's name as it may stand beside an address. A name in which somebody has hidden a link or another
// address is left out.
func plainName(s string) string {
	s = i18n.StripControls(s)
	if utf8.RuneCountInString(s) > 100 || strings.ContainsAny(s, "@<>/\\\"") || strings.Contains(strings.ToLower(s), "www.") {
		return ""
	}
	return s
}
