package discussion

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// Who follows a board is told by letter what is new there: at most once a day, and only of what everybody sees at the moment
// the letter is written. Posts are numbered as they come to be shown, so what somebody has been told is a number and hangs on
// no clock.

type followerRow struct {
	bun.BaseModel `bun:"table:discussion_followers,alias:f"`
	ID            string `bun:",pk"`
	EventID       string
	Mail, MailKey string
	Locale        i18n.Locale
	Seen          int
	ToldAt        *time.Time
	CreatedAt     time.Time
	ConfirmedAt   *time.Time
}

// FieldFollow is the box in a post's form by which its author follows the board.
const FieldFollow = "follow"

// Limits of the letters to those who follow.
const (
	networkFollows = 20
	followersAtime = 100 // letters that are written in one transaction
	newsMost       = 300 // posts that are looked at for them
	newsTold       = 12  // posts whose beginnings stand in one
	newsRunes      = 160 // of a beginning
)

// Followable says whether anything may still come to be said on the board.
func (b *Board) Followable(now time.Time) bool {
	st := b.State(now)
	return st == Announced || st == Open || st == Closing
}

// Follow takes the address of somebody who wants to be told what is new. No letter goes there but one, with a button, until it
// is pressed. It is answered the same whoever follows already.
func (s *Store) Follow(ctx context.Context, event string, sub Submission) error {
	e, err := s.Event(ctx, event)
	if err != nil {
		return err
	}
	if err := s.Attempt(ctx, "follow", networkFollows, sub.From); err != nil {
		return err
	}
	rd := &reader{s: sub}
	if bad, err := s.Registration.CheckStamp(ctx, "discussion "+event, sub.Stamp); err != nil {
		return err
	} else if bad != nil {
		rd.problems = append(rd.problems, *bad)
	}
	if !e.Board.Followable(s.now()) {
		rd.bad("", "board.follow_closed")
	}
	box := rd.mailbox()
	if err := rd.err(); err != nil {
		return err
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		r, err := s.follower(ctx, tx, h, box, sub.Locale)
		if err != nil || r.ConfirmedAt != nil {
			return err
		}
		if often, err := s.Often(ctx, tx, h.now, mailboxLetters, "letter", r.MailKey); err != nil || often {
			return err
		}
		return s.askFollower(ctx, tx, h, r)
	})
}

// FollowAs follows a board for somebody who comes by their registration's private link: the mailbox is known.
func (s *Store) FollowAs(ctx context.Context, token string) error {
	reg, e, err := s.Registration.Own(ctx, token)
	if err != nil {
		return err
	}
	if !reg.State.TakesPart() {
		return db.ErrNotFound
	}
	return s.work(ctx, e.ID, func(ctx context.Context, tx bun.Tx, h *held) error {
		if !h.Board.Followable(h.now) {
			return refuse("", "board.follow_closed")
		}
		return s.follow(ctx, tx, h, reg.Mail, reg.Locale)
	})
}

// follower gives the row of a mailbox on a board, a new one where there is none.
func (s *Store) follower(ctx context.Context, tx bun.Tx, h *held, box string, l i18n.Locale) (*followerRow, error) {
	r := &followerRow{ID: content.NewID(), EventID: h.ID, Mail: box, MailKey: strings.ToLower(box), Locale: l, CreatedAt: h.now}
	err := tx.NewSelect().Model(r).Where("f.event_id = ? AND f.mail_key = ?", h.ID, r.MailKey).Scan(ctx)
	if !errors.Is(db.Normalize(err), db.ErrNotFound) {
		return r, err
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return r, err
}

// follow has a mailbox follow whose owner is known to want it. What is shown already is no news.
func (s *Store) follow(ctx context.Context, tx bun.Tx, h *held, box string, l i18n.Locale) error {
	r, err := s.follower(ctx, tx, h, box, l)
	if err != nil || r.ConfirmedAt != nil {
		return err
	}
	return s.begin(ctx, tx, h, r.ID)
}

// begin confirms a follower, once.
func (s *Store) begin(ctx context.Context, tx bun.Tx, h *held, id string) error {
	_, err := tx.NewRaw("UPDATE discussion_followers SET confirmed_at = ?, seen = (SELECT shown FROM discussion_boards WHERE event_id = ?) WHERE id = ? AND event_id = ? AND confirmed_at IS NULL",
		h.now, h.ID, id, h.ID).Exec(ctx)
	return err
}

// token is the follower's private link.
func (r *followerRow) token(ctx context.Context, s *Store) (string, error) {
	signed, err := s.Registration.Hashed(ctx, "follow", r.EventID, r.ID)
	return r.EventID + "." + r.ID + "." + signed, err
}

// Following is what the private link of a follower's letter is about.
type Following struct {
	Event string
	State string
}

// States of following a board.
const (
	FollowAsked = "asked" // to be confirmed
	Follows     = "follows"
	Stopped     = "stopped" // or forgotten
)

// link reads a private link. It is signed and not stored, so that each letter can have it; it is of no use once the row is gone.
func (s *Store) link(ctx context.Context, token string) (event, id string, err error) {
	event, rest, _ := strings.Cut(token, ".")
	id, signed, _ := strings.Cut(rest, ".")
	want, err := s.Registration.Hashed(ctx, "follow", event, id)
	if err == nil && !hmac.Equal([]byte(signed), []byte(want)) {
		err = db.ErrNotFound
	}
	return event, id, err
}

// Following gives what a private link is about.
func (s *Store) Following(ctx context.Context, token string) (*Following, error) {
	event, id, err := s.link(ctx, token)
	if err != nil {
		return nil, err
	}
	var r followerRow
	out := &Following{Event: event, State: Stopped}
	switch err := db.Normalize(s.DB.Read().NewSelect().Model(&r).Where("f.id = ? AND f.event_id = ?", id, event).Scan(ctx)); {
	case errors.Is(err, db.ErrNotFound):
	case err != nil:
		return nil, err
	case r.ConfirmedAt != nil:
		out.State = Follows
	default:
		out.State = FollowAsked
	}
	return out, nil
}

// ConfirmFollow is the press of the button that the first letter leads to. Pressed again, or after stopping, it changes nothing.
func (s *Store) ConfirmFollow(ctx context.Context, token string) error {
	event, id, err := s.link(ctx, token)
	if err != nil {
		return err
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		if !h.Board.Followable(h.now) {
			return refuse("", "board.follow_closed")
		}
		return s.begin(ctx, tx, h, id)
	})
}

// StopFollowing forgets a follower, whether the event is public still or not. Done again it changes nothing.
func (s *Store) StopFollowing(ctx context.Context, token string) error {
	event, id, err := s.link(ctx, token)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM discussion_followers WHERE id = ? AND event_id = ?", id, event).Exec(ctx)
		return err
	})
}

// askFollower writes the letter that asks whether an address is its reader's.
func (s *Store) askFollower(ctx context.Context, tx bun.Tx, h *held, r *followerRow) error {
	token, err := r.token(ctx, s)
	if err != nil {
		return err
	}
	l := r.Locale
	const key = "board.letter.follow"
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, key+".text", "Event", h.title(l))}, Facts: []mail.Fact{{Label: s.Catalogue.T(l, "letter.page"), Value: s.address(h.Event, l, "")}},
		Button: mail.Link{Text: s.Catalogue.T(l, key+".button"), URL: s.followURL(l, token)}, After: []string{s.Catalogue.T(l, key+".not_you")}}
	// Each press of the form is a letter of its own; how many there may be is counted elsewhere.
	x := mail.Letter{Cause: "discussion.follow:" + r.ID + ":" + content.NewID(), To: r.Mail, Locale: l, Subject: s.subject(l, key+".subject", h.Event), Keys: s.keys(token), About: h.About(),
		Priority: mail.Urgent}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err = s.Mail.Enqueue(ctx, tx, system, x)
	return err
}

func (s *Store) followURL(l i18n.Locale, token string) string {
	return s.BaseURL + "/" + string(l) + "/following/" + token
}

// newsPrefix begins the causes of the letters that hold beginnings of posts.
const newsPrefix = "discussion.new:"

// day is how long a reader is left in peace after a letter.
const day = 24 * time.Hour

// due are the followers to whom a letter may go and for whom something has been shown.
func due(q bun.QueryBuilder, now time.Time) bun.QueryBuilder {
	return q.Where("f.confirmed_at IS NOT NULL").Where("(f.told_at IS NULL OR f.told_at <= ?)", now.Add(-day)).
		Where("f.seen < (SELECT b.shown FROM discussion_boards b WHERE b.event_id = f.event_id)")
}

// News writes to those who follow boards on which something new is shown, at most once a day each. A letter is written in the
// transaction that notes what it tells, under the board's row: stopped at any moment, or run by several instances at once,
// nobody is told anything twice.
func (s *Store) News(ctx context.Context) error {
	if _, err := s.Registration.Hashed(ctx); err != nil { // makes its key in a transaction of its own
		return err
	}
	var events []string
	if err := s.DB.Read().NewSelect().Model((*followerRow)(nil)).ColumnExpr("DISTINCT f.event_id").ApplyQueryBuilder(func(q bun.QueryBuilder) bun.QueryBuilder { return due(q, s.now()) }).
		Scan(ctx, &events); err != nil {
		return db.Normalize(err)
	}
	for _, event := range events {
		for {
			n, err := s.tell(ctx, event)
			if err != nil {
				return fmt.Errorf("news of the discussion of %s: %w", event, err)
			}
			if n < followersAtime {
				break
			}
		}
	}
	return nil
}

// tell writes to some of a board's followers, and says to how many it looked.
func (s *Store) tell(ctx context.Context, event string) (n int, _ error) {
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n = 0
		if err := s.hold(ctx, tx, event); err != nil {
			return err
		}
		now := s.now()
		e, err := s.event(ctx, tx, event)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		var all []followerRow
		if err := tx.NewSelect().Model(&all).Where("f.event_id = ?", event).ApplyQueryBuilder(func(q bun.QueryBuilder) bun.QueryBuilder { return due(q, now) }).
			OrderExpr("f.created_at, f.id").Limit(followersAtime).Scan(ctx); err != nil || len(all) == 0 {
			return err
		}
		n = len(all)
		seen := slices.MinFunc(all, func(a, b followerRow) int { return a.Seen - b.Seen }).Seen
		var posts []postRow
		if err := tx.NewSelect().Model(&posts).Where("p.event_id = ? AND p.number > ? AND p.reports = 0", event, seen).Where(visible).OrderExpr("p.number DESC").Limit(newsMost).Scan(ctx); err != nil {
			return err
		}
		slices.Reverse(posts)
		var shown int
		if err := tx.NewRaw("SELECT shown FROM discussion_boards WHERE event_id = ?", event).Scan(ctx, &shown); err != nil {
			return err
		}
		for i := range all {
			r := &all[i]
			var news []postRow
			for _, p := range posts {
				if p.Number > r.Seen && p.MailKey != r.MailKey && e.Board.Topic(p.Topic) != nil {
					news = append(news, p)
				}
			}
			r.Seen = shown
			if len(news) > 0 {
				r.ToldAt = &now
				if err := s.newsLetter(ctx, tx, e, r, news, now); err != nil {
					return err
				}
			}
			if _, err := tx.NewUpdate().Model(r).Column("seen", "told_at").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// newsLetter tells a follower of posts, topic by topic. What strangers wrote stands in it as words alone.
func (s *Store) newsLetter(ctx context.Context, tx bun.Tx, e *Event, r *followerRow, news []postRow, now time.Time) error {
	token, err := r.token(ctx, s)
	if err != nil {
		return err
	}
	l := r.Locale
	const key = "board.letter.new"
	say := func(part string, args ...any) string { return s.Catalogue.T(l, key+"."+part, args...) }
	body := mail.Body{Paragraphs: []string{say("text", "Event", e.title(l), "Count", i18n.Number(l, len(news)))}, Button: mail.Link{Text: say("button"), URL: s.address(e, l, "")},
		Footer: []string{say("why"), s.followURL(l, token) + "/stop"}}
	told := news[:min(len(news), newsTold)]
	for _, t := range e.Board.Topics {
		var lines []string
		for _, p := range told {
			if p.Topic != t.ID {
				continue
			}
			name := p.Name
			if name == "" {
				name = s.Catalogue.T(l, "board.anonymous")
			}
			lines = append(lines, "– "+i18n.Isolate(beginning(name, maxLine))+": "+i18n.Isolate(beginning(p.Text, newsRunes)))
		}
		if len(lines) > 0 {
			title, _ := t.Title.Pick(l, e.Original)
			body.Paragraphs = append(body.Paragraphs, i18n.Isolate(title)+"\n"+strings.Join(lines, "\n")+"\n"+s.address(e, l, t.ID))
		}
	}
	if more := len(news) - len(told); more > 0 {
		body.Paragraphs = append(body.Paragraphs, say("more", "Count", i18n.Number(l, more)))
	}
	x := mail.Letter{Cause: fmt.Sprintf("%s%s:%d", newsPrefix, r.ID, r.Seen), To: r.Mail, Locale: l, Subject: s.subject(l, key+".subject", e), Keys: s.keys(token), About: e.About(),
		Unsubscribe: s.followURL(l, token) + "/stop", NotAfter: now.Add(day), Priority: mail.Bulk}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err = s.Mail.Enqueue(ctx, tx, system, x)
	return err
}

// address is what mail programs would make a link of: nothing is gained by writing one on a board.
var address = regexp.MustCompile(`(?i)\S*(?:://|www\.|@)\S*|[^\s.]+(?:\.[^\s.]+)*\.\p{L}{2,}(?:[/:?#]\S*)?`)

// beginning is the first words of what somebody wrote, on one line and without addresses.
func beginning(words string, runes int) string {
	words = strings.Join(strings.Fields(address.ReplaceAllString(words, "…")), " ")
	if utf8.RuneCountInString(words) <= runes {
		return words
	}
	cut := string([]rune(words)[:runes])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
