package auth

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The passwords that are guessed first: the first 100,000 of those that became known, and of the first million those that are
// long enough to be taken here. Four bytes of the hash of each, in order: one in thirty thousand others looks like one of
// them. `go run ./cmd/dev passwords` makes it.
//
//go:embed breached.bin
var breachedKeys string

// PasswordKey is what is kept of a password in the list: case and blanks make no difference.
func PasswordKey(password string) uint32 {
	h := sha256.Sum256([]byte(strings.Join(strings.Fields(strings.ToLower(password)), "")))
	return binary.BigEndian.Uint32(h[:])
}

func breached(password string) bool {
	key := PasswordKey(password)
	lo, hi := 0, len(breachedKeys)/4
	for lo < hi {
		mid := (lo + hi) / 2
		at := binary.BigEndian.Uint32([]byte(breachedKeys[mid*4 : mid*4+4]))
		if at == key {
			return true
		}
		if at < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return false
}

// dressed finds a password of the list between a few digits and signs: Password1234!
func dressed(password string) bool {
	core := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	return utf8.RuneCountInString(core) >= 4 && utf8.RuneCountInString(password)-utf8.RuneCountInString(core) <= 8 && breached(core)
}

// without takes words out of a text, the long ones first, and says whether any was there.
func without(text string, words []string) (rest string, found bool) {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	rest = text
	for _, w := range words {
		if w != "" && strings.Contains(rest, w) {
			rest, found = strings.ReplaceAll(rest, w, ""), true
		}
	}
	return rest, found
}
