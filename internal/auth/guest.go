package auth

import "plenary/internal/i18n"

// GuestPrefix begins the ids of guests, which are no accounts.
const GuestPrefix = "guest:"

// Guest is somebody without an account who came by a private link, to give the words of one language of one entry. What they do
// is told under their name.
func Guest(id, name, entry string, l i18n.Locale) *Actor {
	return &Actor{Account: Account{ID: GuestPrefix + id, Name: name}, guest: entry,
		grants: []Grant{{Role: Translator, Scope: ScopeEvent, ScopeID: entry, Locale: l}}}
}

// IsGuest says that nobody is signed in: somebody came by a private link.
func (a *Actor) IsGuest() bool { return a != nil && a.guest != "" }
