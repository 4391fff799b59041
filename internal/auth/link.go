package auth

import "crypto/rand"

// NewLink makes the token of a private link, 160 bits in base 32. The link stands for whoever holds it: somebody who
// registered, commented or was sent a draft, and has no account. The token goes into one letter or onto one page; what is
// kept is its LinkHash alone.
func NewLink() (token, hash string) {
	token = rand.Text() + rand.Text()[:6]
	return token, LinkHash(token)
}

// LinkHash is what is kept of a private link's token.
func LinkHash(token string) string { return digest(token) }
