package discussion

import (
	"context"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
)

// Erased forgets who somebody was on an event's board whose registration is erased, as part of tx: address and name of what they
// said and asked, what only they can see of it, that they follow, and their letters. What everybody reads stays, as of somebody.
func (s *Store) Erased(ctx context.Context, tx bun.Tx, event, registration, mailKey string) error {
	which := "registration_id = ?"
	args := []any{registration}
	if mailKey != "" {
		which, args = "(registration_id = ? OR mail <> '' AND lower(mail) = ?)", []any{registration, mailKey}
	}
	if _, err := dropUnseen(ctx, tx, event, which, args...); err != nil {
		return err
	}
	var made []string // of questions, on the board
	if err := tx.NewRaw("SELECT post_id FROM discussion_questions WHERE event_id = ? AND post_id <> '' AND "+which, append([]any{event}, args...)...).Scan(ctx, &made); err != nil {
		return err
	}
	if _, err := tx.NewRaw("UPDATE discussion_questions SET mail = '', name = '', registration_id = '' WHERE event_id = ? AND "+which, append([]any{event}, args...)...).Exec(ctx); err != nil {
		return err
	}
	if mailKey != "" {
		if _, err := tx.NewRaw("DELETE FROM discussion_posts WHERE event_id = ? AND mail_key = ? AND state <> ?", event, mailKey, Shown).Exec(ctx); err != nil {
			return err
		}
	}
	var posts []postRow
	sel := tx.NewSelect().Model(&posts).Where("p.event_id = ? AND (p.mail_key = ? AND p.mail_key <> '' OR p.id IN (?))", event, mailKey, bun.List(append(made, "")))
	if err := sel.Scan(ctx); err != nil {
		return err
	}
	for _, p := range posts {
		if _, err := tx.NewRaw("UPDATE discussion_posts SET name = '', organization = '', country = '', mail = '', mail_key = '', find = ? WHERE id = ?", i18n.Fold(p.Locale, p.Text), p.ID).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewRaw("DELETE FROM discussion_tokens WHERE post_id = ?", p.ID).Exec(ctx); err != nil {
			return err
		}
	}
	if mailKey == "" {
		return s.Content.RaiseTx(ctx, tx)
	}
	if _, err := tx.NewRaw("DELETE FROM discussion_followers WHERE event_id = ? AND mail_key = ?", event, mailKey).Exec(ctx); err != nil {
		return err
	}
	if err := s.Mail.ForgetOne(ctx, tx, event, "discussion.", "", mailKey); err != nil {
		return err
	}
	return s.Content.RaiseTx(ctx, tx)
}
