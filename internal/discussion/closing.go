package discussion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// Changed is called in the transaction of every change to what is public of an entry: what forgetting addresses needs to know
// stays when the event is taken back.
func (s *Store) Changed(ctx context.Context, tx bun.Tx, id string) error {
	e, err := s.event(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if err := s.hold(ctx, tx, id); err != nil {
		return err
	}
	var closes *time.Time
	if !e.Board.Closes.IsZero() {
		t := e.Board.Closes.UTC()
		closes = &t
	}
	_, err = tx.NewRaw("UPDATE discussion_boards SET closes_at = ?, keep = ? WHERE event_id = ?", closes, e.Board.keep(), id).Exec(ctx)
	return err
}

// purger acts when the time of what was written is over.
var purger = auth.System("retention")

// Purge forgets the mail addresses of boards that are closed for long, what those have asked who no longer take part, and posts
// that nobody confirmed. What was said stays. It can be run at any time, twice, and by several instances at once.
func (s *Store) Purge(ctx context.Context) error {
	now := s.now()
	if err := s.purgeQuestions(ctx); err != nil {
		return err
	}
	var boards []struct {
		EventID  string
		ClosesAt *time.Time
		Keep     int
	}
	if err := s.DB.Read().NewRaw("SELECT event_id, closes_at, keep FROM discussion_boards WHERE closes_at IS NULL OR closes_at < ?", now).Scan(ctx, &boards); err != nil {
		return db.Normalize(err)
	}
	for _, b := range boards {
		days := b.Keep
		if days == 0 {
			days = keepDays
		}
		before := now // whose addresses are forgotten
		if b.ClosesAt == nil {
			ends, open, err := s.endless(ctx, b.EventID)
			if err != nil {
				return err
			}
			if ends.IsZero() {
				continue // while there is no date, there is nothing to count from
			}
			if b.ClosesAt = &ends; open {
				before = now.AddDate(0, 0, -days)
			}
		}
		if now.Before(b.ClosesAt.AddDate(0, 0, days)) {
			continue
		}
		if err := s.forget(ctx, b.EventID, before, before.Equal(now)); err != nil {
			return fmt.Errorf("retention of the discussion of %s: %w", b.EventID, err)
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM discussion_posts WHERE state = ? AND created_at < ?", Unverified, now.Add(-unverifiedLife)).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("DELETE FROM discussion_followers WHERE confirmed_at IS NULL AND created_at < ?", now.Add(-unverifiedLife)).Exec(ctx)
		return err
	})
}

// endless says of a board that nobody set an end to when its event is over, which may be zero, and whether one can still write.
func (s *Store) endless(ctx context.Context, event string) (ends time.Time, open bool, err error) {
	var v any
	switch e, err := s.Event(ctx, event); {
	case err == nil:
		v, open = e.Value, !e.Board.Off
	case errors.Is(err, db.ErrNotFound): // taken back, or without a board now
		x, err := s.Content.Get(ctx, system, event)
		if err != nil {
			return ends, false, err
		}
		v = x.Value
	default:
		return ends, false, err
	}
	if x, ok := v.(interface{ Over() time.Time }); ok {
		ends = x.Over()
	}
	return ends, open, nil
}

// unseen are the questions that everybody sees nothing of: not answered, and not on the board or hidden there.
const unseen = `state NOT IN ('` + AnsweredLive + `', '` + AnsweredNow + `') AND NOT EXISTS (SELECT 1 FROM discussion_posts p WHERE p.id = discussion_questions.post_id AND p.state = '` + string(Shown) + `')`

// dropUnseen lets go of questions of an event that nobody sees, and of what was made of them on the board with the replies to it.
func dropUnseen(ctx context.Context, tx bun.Tx, event, which string, args ...any) (int64, error) {
	which = "event_id = ? AND " + unseen + " AND " + which
	args = append([]any{event}, args...)
	var posts []string
	if err := tx.NewRaw("SELECT post_id FROM discussion_questions WHERE post_id <> '' AND "+which, args...).Scan(ctx, &posts); err != nil {
		return 0, err
	}
	res, err := tx.NewRaw("DELETE FROM discussion_questions WHERE "+which, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	if len(posts) > 0 {
		if _, err := tx.NewRaw("DELETE FROM discussion_posts WHERE id IN (?) OR parent IN (?)", bun.List(posts), bun.List(posts)).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return res.RowsAffected()
}

// purgeQuestions lets go of what was taken over from registrations that are gone, or of somebody who no longer takes part: the
// address always, and the question where nobody sees it.
func (s *Store) purgeQuestions(ctx context.Context) error {
	const gone = `registration_id <> '' AND registration_id NOT IN (?)`
	var events []string
	if err := s.DB.Read().NewRaw("SELECT DISTINCT event_id FROM discussion_questions WHERE (mail <> '' OR "+unseen+") AND "+gone, registration.TakingPart(s.DB.Read())).Scan(ctx, &events); err != nil {
		return db.Normalize(err)
	}
	for _, event := range events {
		if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.hold(ctx, tx, event); err != nil {
				return err
			}
			n, err := dropUnseen(ctx, tx, event, gone, registration.TakingPart(tx))
			if err != nil {
				return err
			}
			res, err := tx.NewRaw("UPDATE discussion_questions SET mail = '' WHERE event_id = ? AND mail <> '' AND "+gone, event, registration.TakingPart(tx)).Exec(ctx)
			if err != nil {
				return err
			}
			m, err := res.RowsAffected()
			if err != nil || n+m == 0 {
				return err
			}
			return auth.Audit(ctx, tx, purger, "discussion.purge", auth.Object{Kind: "event", ID: event}, map[string]any{"count": n + m})
		}); err != nil {
			return fmt.Errorf("retention of the questions of %s: %w", event, err)
		}
	}
	return nil
}

// forget forgets the addresses of what was written before a time. Where nobody writes on the board any more, its letters go too,
// who follows it, and words that were never for everybody to read: questions nobody answered and what authors took back. On
// others a letter may be on its way, and the outbox forgets old ones itself.
func (s *Store) forget(ctx context.Context, event string, before time.Time, letters bool) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.hold(ctx, tx, event); err != nil {
			return err
		}
		if letters {
			if err := s.Mail.Forget(ctx, tx, event, "discussion."); err != nil {
				return err
			}
		}
		var gone int64
		all := []string{"UPDATE discussion_posts SET mail = '', mail_key = '' WHERE event_id = ? AND mail <> '' AND created_at <= ?",
			"UPDATE discussion_questions SET mail = '' WHERE event_id = ? AND mail <> '' AND created_at <= ?"}
		if letters {
			all = append(all, "DELETE FROM discussion_followers WHERE event_id = ? AND created_at <= ?", "DELETE FROM discussion_posts WHERE event_id = ? AND state = '"+string(Withdrawn)+"' AND created_at <= ?")
			n, err := dropUnseen(ctx, tx, event, "created_at <= ?", before)
			if err != nil {
				return err
			}
			gone += n
		}
		for _, x := range all {
			res, err := tx.NewRaw(x, event, before).Exec(ctx)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		if gone == 0 {
			return nil
		}
		if _, err := tx.NewRaw("DELETE FROM discussion_tokens WHERE post_id IN (SELECT id FROM discussion_posts WHERE event_id = ? AND mail = '')", event).Exec(ctx); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, purger, "discussion.purge", auth.Object{Kind: "event", ID: event}, map[string]any{"count": gone})
	})
}

// proceedingsMost is how many posts, with their replies, go into one document.
const proceedingsMost = 5000

// Proceedings are what everybody sees of a topic, whole.
type Proceedings struct {
	Topic     string // id; empty for questions on no topic
	Questions []Question
	Posts     []Post
}

// Proceedings gives all that is shown on an event's board, topic by topic.
func (s *Store) Proceedings(ctx context.Context, e *Event) ([]Proceedings, error) {
	questions, err := s.PublicQuestions(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	left := proceedingsMost
	out := []Proceedings{{}}
	at := map[string]int{"": 0}
	for _, t := range e.Board.Topics {
		var posts []Post
		if left > 0 { // no limit would be none at all
			if posts, _, err = s.Thread(ctx, e.ID, t.ID, "", 0, left); err != nil {
				return nil, err
			}
		}
		for i := range posts {
			if left -= 1 + len(posts[i].Replies); left <= 0 {
				posts = posts[:i+1]
				break
			}
		}
		at[t.ID] = len(out)
		out = append(out, Proceedings{Topic: t.ID, Posts: posts})
	}
	for _, q := range questions {
		i := at[q.Topic] // a topic that is no longer there: the first
		out[i].Questions = append(out[i].Questions, q)
	}
	return out, nil
}

// Export writes all that is shown on an event's board as a table, with the words of its head from words. Addresses are not
// in it.
func (s *Store) Export(ctx context.Context, who *auth.Actor, event string, f sheet.Format, w io.Writer, words func(key string) string, l i18n.Locale) error {
	if _, _, err := s.moderated(ctx, who, event); err != nil {
		return err
	}
	e, err := s.Event(ctx, event)
	if err != nil {
		return err
	}
	all, err := s.Proceedings(ctx, e)
	if err != nil {
		return err
	}
	var head []string
	for _, c := range []string{"topic", "what", "name", "organization", "country", "language", "time", "text", "answer"} {
		head = append(head, words("moderation.column."+c))
	}
	t := sheet.Table{RightToLeft: l.Dir() == "rtl", Head: sheet.Texts(head...)}
	row := func(cells ...string) { t.Rows = append(t.Rows, sheet.Texts(cells...)) }
	for _, p := range all {
		topic := ""
		if t := e.Board.Topic(p.Topic); t != nil {
			topic, _ = t.Title.Pick(l, e.Original)
		}
		for _, q := range p.Questions {
			answer, _ := q.Answer(l, e.Original)
			row(topic, words("moderation.what.question"), q.Name, "", "", string(q.Locale), q.Created.UTC().Format(time.RFC3339), q.Text, answer)
		}
		post := func(x Post, what string) {
			country := ""
			if x.Country != "" {
				country = i18n.CountryName(l, x.Country)
			}
			row(topic, words("moderation.what."+what), x.Name, x.Organization, country, string(x.Locale), x.Created.UTC().Format(time.RFC3339), x.Text, "")
		}
		for _, x := range p.Posts {
			post(x, "post")
			for _, y := range x.Replies {
				post(y, "reply")
			}
		}
	}
	return t.Write(w, f)
}

// Digest writes to the facilitators of boards on which something waits, at most once a day each.
func (s *Store) Digest(ctx context.Context) error {
	var boards []struct {
		EventID string
		N       int
	}
	if err := s.DB.Read().NewRaw("SELECT event_id, count(*) AS n FROM discussion_posts WHERE state = ? OR state = ? AND reports > 0 GROUP BY event_id", Pending, Shown).Scan(ctx, &boards); err != nil {
		return db.Normalize(err)
	}
	for _, b := range boards {
		e, err := s.Event(ctx, b.EventID)
		if errors.Is(err, db.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		entry, err := s.Content.Get(ctx, system, b.EventID)
		if err != nil {
			return err
		}
		v, ok := entry.Value.(interface{ DiscussionFacilitators() []string })
		if !ok {
			continue
		}
		for _, id := range v.DiscussionFacilitators() {
			if err := s.digest(ctx, e, id, b.N); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) digest(ctx context.Context, e *Event, account string, n int) error {
	to, l, err := s.Account(ctx, account)
	if err != nil || to == "" {
		return err
	}
	const key = "board.letter.digest"
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, key+".text", "Event", e.title(l), "Count", i18n.Number(l, n))},
		Button: mail.Link{Text: s.Catalogue.T(l, key+".button"), URL: s.BaseURL + "/admin/discussions?event=" + e.ID}}
	x := mail.Letter{Cause: "digest.discussion:" + e.ID + ":" + account + ":" + s.now().Format(time.DateOnly), To: to, Locale: l, Subject: s.subject(l, key+".subject", e), About: e.About(),
		NotAfter: s.now().Add(24 * time.Hour)}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := s.Mail.Enqueue(ctx, tx, system, x)
		return err
	})
}
