package discussion

import (
	"context"

	"plenary/internal/i18n"
)

// Said is what somebody wrote into a form that asks what those of boards ask. The mailbox is not confirmed.
type Said struct {
	Name, Organization, Country string
	Mail, MailKey               string      // the key is in small letters
	Locale, Letters             i18n.Locale // of the words, and that in which the form was read
	Text                        string      // paragraphs, an empty line between them
}

// Limits of what strangers can cause in a day.
const (
	NetworkPosts   = networkPosts
	MailboxPosts   = mailboxPosts
	MailboxLetters = mailboxLetters
)

// Said reads such a form for others who collect what readers say; about is what its Stamp is of. What is wrong with it comes back
// as *registration.Invalid.
func (s *Store) Said(ctx context.Context, about string, sub Submission) (*Said, error) {
	r, err := s.said(ctx, about, sub, true)
	if err != nil {
		return nil, err
	}
	return &Said{r.Name, r.Organization, r.Country, r.Mail, r.MailKey, r.Locale, r.Letters, r.Text}, nil
}
