package auth

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// argonVersion is the version of Argon2 that hashes name: 1.3, of 2016, the last.
const argonVersion = 0x13

// MinPassword and MaxPassword are in characters.
const (
	MinPassword = 12
	MaxPassword = 200
)

//go:embed common_passwords.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(commonText) {
		m[w] = true
	}
	return m
})

// weakPassword gives the message key of what is wrong, or nothing. No rules of composition: they make passwords worse.
func (s *Service) weakPassword(password, email, name string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return "auth.password_invalid"
	case n < MinPassword:
		return "auth.password_too_short"
	case n > MaxPassword:
		return "auth.password_too_long"
	}
	low := strings.ToLower(password)
	whole := strings.Join(strings.Fields(low), "")
	if common()[whole] || breached(whole) || repeated(low) {
		return "auth.password_common"
	}
	// What is left without names must still be long enough to be a password.
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	var own []string
	for _, w := range append(strings.Fields(strings.ToLower(name)), local, strings.ToLower(email)) {
		if utf8.RuneCountInString(w) >= 3 {
			own = append(own, w)
		}
	}
	rest, found := without(low, own)
	if found && utf8.RuneCountInString(rest) < MinPassword {
		return "auth.password_personal"
	}
	if rest, found = without(rest, s.siteWords()); found && utf8.RuneCountInString(rest) < MinPassword {
		return "auth.password_site"
	}
	if dressed(whole) {
		return "auth.password_common"
	}
	return ""
}

// siteWords are what everybody knows of the site: its names in all languages, whole and by longer words, and its host.
func (s *Service) siteWords() []string {
	if s.Words == nil {
		return nil
	}
	var out []string
	for _, text := range s.Words() {
		text = strings.ToLower(text)
		for _, w := range append(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }), text, strings.Join(strings.Fields(text), "")) {
			if utf8.RuneCountInString(w) >= 5 || len(w) >= 6 && w == text {
				out = append(out, w)
			}
		}
	}
	return out
}

// repeated finds passwords made of few characters or of one short piece: aaaaaaaaaaaa, abcabcabcabc.
func repeated(s string) bool {
	r := []rune(s)
	distinct := map[rune]bool{}
	for _, c := range r {
		distinct[c] = true
	}
	if len(distinct) < 4 {
		return true
	}
	for size := 1; size <= 6 && size < len(r); size++ {
		same := true
		for i := size; i < len(r) && same; i++ {
			same = r[i] == r[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

// hasher limits how many passwords are hashed at once: each takes 46 MiB, and a flood of sign-ins must cost the
// stranger time and not us memory.
type hasher struct {
	params  *argon2id.Params
	running chan struct{}
	waiting chan struct{}
	dummy   string // hash of nothing anybody knows, in the same parameters
}

func newHasher(p *argon2id.Params) hasher {
	h := hasher{params: p, running: make(chan struct{}, 2), waiting: make(chan struct{}, 40)}
	// A key by chance is as good as one that was computed, and costs a start neither 46 MiB nor the time.
	salt, key := make([]byte, p.SaltLength), make([]byte, p.KeyLength)
	rand.Read(salt) // never fails, see its documentation
	rand.Read(key)
	h.dummy = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argonVersion, p.Memory, p.Iterations, p.Parallelism,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
	return h
}

func (h hasher) do(ctx context.Context, f func() error) error {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return ErrBusy
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return f()
}

func (h hasher) make(ctx context.Context, password string) (hash string, err error) {
	err = h.do(ctx, func() error { hash, err = argon2id.CreateHash(password, h.params); return err })
	return hash, err
}

// check compares. Without a hash it does the same work and says no.
func (h hasher) check(ctx context.Context, password, hash string) (ok bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		known, password = false, ""
	}
	err = h.do(ctx, func() error { ok, err = argon2id.ComparePasswordAndHash(password, hash); return err })
	return ok && known, err
}
