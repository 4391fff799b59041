package content

import (
	"crypto/rand"
)

const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz" // no i, l, o, u: read aloud and typed without mistakes

func randomID(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, see its documentation
	return spell(b)
}

// spell writes five bits of each byte.
func spell(b []byte) string {
	for i := range b {
		b[i] = idAlphabet[b[i]&31]
	}
	return string(b)
}

// NewID makes an entry's id, 60 random bits. It names, it does not guard: private links need 32 bytes.
func NewID() string { return randomID(12) }

// NewItemID makes the id of a list's item, unique in its entry.
func NewItemID() string { return randomID(6) }
