package comment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// State is where a comment stands with its author.
type State string

// The states. The office sees all but Unverified.
const (
	Unverified State = "unverified"
	Received   State = "received"
	Withdrawn  State = "withdrawn"
)

// Dispositions are what the office does with a comment; none is said while it is to be dealt with.
var Dispositions = []string{"accepted", "partly", "noted", "declined"}

// Comment is one, with the paragraph as it was commented on.
type Comment struct {
	ID, Entry                   string
	Paragraph                   string // its id
	Kind                        string
	Number                      int
	Words                       string // of the paragraph
	WordsLocale                 i18n.Locale
	State                       State
	Name, Organization, Country string
	Mail                        string // empty once it is forgotten
	Locale                      i18n.Locale
	Text                        string // paragraphs, an empty line between them; nothing in it is markup
	Disposition, Reason         string
	Assignee                    string // account
	Told                        *time.Time
	Created                     time.Time
}

type row struct {
	bun.BaseModel `bun:"table:comments,alias:c"`
	ID            string `bun:",pk"`
	EntryID       string
	Paragraph     string
	Place         int
	Kind          string
	Number        int
	Words         string
	WordsLocale   i18n.Locale
	State         State
	Name          string
	Organization  string
	Country       string
	Mail, MailKey string
	Locale        i18n.Locale
	Letters       i18n.Locale
	Text          string
	Disposition   string
	Reason        string
	Assignee      string
	ToldAt        *time.Time
	CreatedAt     time.Time
	VerifiedAt    *time.Time
}

func (r *row) comment() Comment {
	return Comment{r.ID, r.EntryID, r.Paragraph, r.Kind, r.Number, r.Words, r.WordsLocale, r.State, r.Name, r.Organization, r.Country, r.Mail, r.Locale, r.Text, r.Disposition, r.Reason, r.Assignee, r.ToldAt, r.CreatedAt}
}

// Store keeps comments. The fields are set before its first use.
type Store struct {
	DB         *db.DB
	Content    *content.Store
	Discussion *discussion.Store // how forms are read, and abuse is slowed
	Catalogue  *i18n.Catalogue
	Mail       registration.Letters
	BaseURL    string // scheme://host[:port]
	// Now is the clock; nil: the system's.
	Now func() time.Time
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return db.Now()
	}
	return s.Now().UTC().Truncate(time.Microsecond)
}

// Draft is a public entry with its round.
type Draft struct {
	*content.Living
	Round *Round
}

// about is what its letters are about; they are forgotten by it.
func (d *Draft) about() auth.Object {
	return auth.Object{Kind: d.Kind.Name, ID: d.ID, Event: d.ID, Office: d.Office, Series: d.Series}
}

// Draft gives a public entry that can be commented on, in time or not; db.ErrNotFound for any other.
func (s *Store) Draft(ctx context.Context, id string) (*Draft, error) {
	return s.draft(ctx, s.DB.Read(), id)
}

func (s *Store) draft(ctx context.Context, q bun.IDB, id string) (*Draft, error) {
	l, err := s.Content.Living(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if v, ok := l.Value.(Rounded); ok {
		return &Draft{l, v.CommentRound()}, nil
	}
	return nil, db.ErrNotFound
}

func refuse(key string) error {
	return &registration.Invalid{Problems: []registration.Problem{{Key: key}}}
}

func stampOf(entry string) string { return "comments " + entry }

// Stamp is a hidden field that says when a form of an entry's round was opened.
func (s *Store) Stamp(ctx context.Context, entry string) (string, error) {
	return s.Discussion.Registration.Stamp(ctx, stampOf(entry), "1")
}

// work runs f while nobody else writes on the round.
func (s *Store) work(ctx context.Context, entry string, f func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time) error) error {
	if _, err := s.Discussion.Registration.Hashed(ctx); err != nil { // makes its key in a transaction of its own
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, err := s.draft(ctx, tx, entry)
		if err != nil {
			return err
		}
		if err := s.hold(ctx, tx, entry); err != nil {
			return err
		}
		return f(ctx, tx, d, s.now())
	})
}

func (s *Store) hold(ctx context.Context, tx bun.Tx, entry string) error {
	if _, err := tx.NewRaw("INSERT INTO comment_rounds (entry_id) VALUES (?) ON CONFLICT (entry_id) DO NOTHING", entry).Exec(ctx); err != nil {
		return err
	}
	lock := "SELECT entry_id FROM comment_rounds WHERE entry_id = ?"
	if s.DB.Postgres() {
		lock += " FOR UPDATE"
	}
	var id string
	return tx.NewRaw(lock, entry).Scan(ctx, &id)
}

// Write takes a comment on a paragraph, as it was read in a language. It counts when its author has confirmed the mailbox, and is
// answered the same whoever that is.
func (s *Store) Write(ctx context.Context, entry, paragraph string, sub discussion.Submission) error {
	d, err := s.Draft(ctx, entry)
	if err != nil {
		return err
	}
	if p, _ := d.Round.Paragraph(paragraph); p == nil {
		return db.ErrNotFound
	}
	if err := s.Discussion.Attempt(ctx, "comment", discussion.NetworkPosts, sub.From); err != nil {
		return err
	}
	if !d.Round.Takes(s.now()) {
		return refuse("comments.closed")
	}
	said, err := s.Discussion.Said(ctx, stampOf(entry), sub)
	if err != nil {
		return err
	}
	return s.work(ctx, entry, func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time) error {
		p, place := d.Round.Paragraph(paragraph)
		if p == nil {
			return db.ErrNotFound
		}
		if !d.Round.Takes(now) {
			return refuse("comments.closed")
		}
		r := &row{ID: content.NewID(), EntryID: entry, Paragraph: p.ID, Place: place, Kind: p.Kind, Number: p.Number, State: Unverified, Name: said.Name, Organization: said.Organization,
			Country: said.Country, Mail: said.Mail, MailKey: said.MailKey, Locale: said.Locale, Letters: said.Letters, Text: said.Text, CreatedAt: now}
		r.Words, r.WordsLocale = p.Words.Pick(sub.Locale, d.Original)
		// No mailbox is flooded, and nothing is lost: what was typed stays in the form, and whoever confirms what waits goes on.
		n, err := tx.NewSelect().Model((*row)(nil)).Where("c.mail_key = ? AND c.state = ? AND c.created_at > ?", r.MailKey, Unverified, now.Add(-24*time.Hour)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= discussion.MailboxLetters {
			return refuse("board.throttled")
		}
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if err := note(ctx, tx, now, r.ID, "", "written", ""); err != nil {
			return err
		}
		return s.letter(ctx, tx, d, r, "verify")
	})
}

func note(ctx context.Context, tx bun.Tx, now time.Time, id, actor, action, detail string) error {
	_, err := tx.NewRaw(`INSERT INTO comment_log (comment_id, number, at, actor, action, detail)
		SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM comment_log WHERE comment_id = ?`, id, now, actor, action, detail, id).Exec(ctx)
	return err
}

// The author's private link.

func (s *Store) find(ctx context.Context, q bun.IDB, token string) (*row, error) {
	var r row
	err := q.NewSelect().Model(&r).Where("c.id = (SELECT comment_id FROM comment_tokens WHERE hash = ?)", auth.LinkHash(token)).Scan(ctx)
	return &r, db.Normalize(err)
}

// Own gives the comment of a private link, and the draft it is on.
func (s *Store) Own(ctx context.Context, token string) (*Comment, *Draft, error) {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.Draft(ctx, r.EntryID)
	if err != nil {
		return nil, nil, err
	}
	c := r.comment()
	return &c, d, nil
}

func (s *Store) mine(ctx context.Context, token string, f func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time, r *row) error) error {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return err
	}
	return s.work(ctx, r.EntryID, func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time) error {
		r, err := s.find(ctx, tx, token)
		if err != nil {
			return err
		}
		return f(ctx, tx, d, now, r)
	})
}

// Confirm is the press of the button that the letter leads to, while comments are taken. Pressed again it changes nothing.
func (s *Store) Confirm(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time, r *row) error {
		if r.State != Unverified {
			return nil
		}
		if !d.Round.Takes(now) {
			return refuse("comments.closed")
		}
		if often, err := s.Discussion.Often(ctx, tx, now, discussion.MailboxPosts*5, "comment", d.ID, r.MailKey); err != nil {
			return err
		} else if often {
			return refuse("board.throttled")
		}
		r.State, r.VerifiedAt = Received, &now
		return s.set(ctx, tx, now, r, "", "verified", "")
	})
}

// Withdraw is the author's taking back of what they said, before the office has dealt with it.
func (s *Store) Withdraw(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, d *Draft, now time.Time, r *row) error {
		if r.State == Withdrawn || r.Disposition != "" {
			return nil
		}
		r.State = Withdrawn
		return s.set(ctx, tx, now, r, "", "withdrawn", "")
	})
}

func (s *Store) set(ctx context.Context, tx bun.Tx, now time.Time, r *row, actor, action, detail string) error {
	if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
		return err
	}
	return note(ctx, tx, now, r.ID, actor, action, detail)
}

// system writes the letters that follow from what readers do.
var system = auth.System("comments")

// letter writes to the author of a comment. Nothing that a stranger typed stands in it.
func (s *Store) letter(ctx context.Context, tx bun.Tx, d *Draft, r *row, name string) error {
	if r.Mail == "" {
		return nil
	}
	l := r.Letters
	title, in := d.Round.Title.Pick(l, d.Original)
	if in != l {
		title = i18n.Isolate(title)
	}
	key := "comments.letter." + name
	page := s.BaseURL + "/" + string(l) + "/" + d.Path
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, key+".text", "Title", title)},
		Facts: []mail.Fact{{Label: s.Catalogue.T(l, "comments.letter.on"), Value: Place(s.Catalogue, l, r.Kind, r.Number)}}}
	x := mail.Letter{Cause: "comment." + name + ":" + r.ID, To: r.Mail, Locale: l, About: d.about()}
	if name == "verify" {
		token, hash := auth.NewLink()
		if _, err := tx.NewRaw("INSERT INTO comment_tokens (hash, comment_id) VALUES (?, ?)", hash, r.ID).Exec(ctx); err != nil {
			return err
		}
		body.Button = mail.Link{Text: s.Catalogue.T(l, key+".button"), URL: s.BaseURL + "/" + string(l) + "/comments/" + token}
		body.After = []string{s.Catalogue.T(l, "comments.letter.not_you")}
		if x.Priority = mail.Urgent; s.Mail.Delivers() {
			x.Keys = []string{token}
		}
	} else {
		body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "comments.column.disposition"), Value: s.Catalogue.T(l, "enum.disposition."+r.Disposition)})
		if r.Reason != "" {
			body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "comments.column.reason"), Value: r.Reason})
		}
		body.Facts = append(body.Facts, mail.Fact{Label: s.Catalogue.T(l, "kind.report.one"), Value: page})
		sum := sha256.Sum256([]byte(r.Reason))
		x.Cause += ":" + r.Disposition + ":" + hex.EncodeToString(sum[:4])
	}
	x.Subject = subject(title, func(t string) string { return s.Catalogue.T(l, key+".subject", "Title", t) })
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err := s.Mail.Enqueue(ctx, tx, system, x)
	return err
}

// subject shortens a title until the line fits.
func subject(title string, line func(string) string) string {
	w := line(title)
	if over := utf8.RuneCountInString(w) - mail.MaxSubject; over > 0 {
		short := []rune(title)
		w = line(string(short[:max(0, len(short)-over-3)]) + "…")
	}
	return w
}

// Place names what a comment is on: "Paragraph 12".
func Place(words *i18n.Catalogue, l i18n.Locale, kind string, number int) string {
	return words.T(l, "comments.place."+kind, "Number", i18n.Number(l, number))
}

// Changed is called in the transaction of every change to what is public of an entry: what forgetting addresses needs to know
// stays when it is taken back, or goes on to its final stage.
func (s *Store) Changed(ctx context.Context, tx bun.Tx, id string) error {
	d, err := s.draft(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil || !d.Round.Open {
		return err
	}
	if err := s.hold(ctx, tx, id); err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE comment_rounds SET until_at = ? WHERE entry_id = ?", d.Round.Until.UTC(), id).Exec(ctx)
	return err
}

// Purge forgets the mail addresses of rounds that are over for long, and comments that nobody confirmed. What was said, and by
// whom, stays. It can be run at any time, twice, and by several instances at once.
func (s *Store) Purge(ctx context.Context) error {
	now := s.now()
	var ids []string
	if err := s.DB.Read().NewRaw("SELECT entry_id FROM comment_rounds WHERE until_at < ? AND EXISTS (SELECT 1 FROM comments c WHERE c.entry_id = comment_rounds.entry_id AND c.mail <> '')", now.AddDate(0, 0, -keepDays)).Scan(ctx, &ids); err != nil {
		return db.Normalize(err)
	}
	for _, id := range ids {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.hold(ctx, tx, id); err != nil {
				return err
			}
			if err := s.Mail.Forget(ctx, tx, id, "comment."); err != nil {
				return err
			}
			res, err := tx.NewRaw("UPDATE comments SET mail = '', mail_key = '' WHERE entry_id = ? AND mail <> ''", id).Exec(ctx)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil || n == 0 {
				return err
			}
			if _, err := tx.NewRaw("DELETE FROM comment_tokens WHERE comment_id IN (SELECT id FROM comments WHERE entry_id = ?)", id).Exec(ctx); err != nil {
				return err
			}
			return auth.Audit(ctx, tx, auth.System("retention"), "comments.forget", auth.Object{Kind: "report", ID: id}, map[string]any{"count": n})
		})
		if err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM comments WHERE state = ? AND created_at < ?", Unverified, now.Add(-7*24*time.Hour)).Exec(ctx)
		return err
	})
}
