// Package mail is letters: composed in the reader's language, queued with what causes them, and sent once.
//
// A letter is a row written in the transaction of its cause, with a Message-ID that stays. Whoever sends it leases the row
// first and says afterwards what came of it. Between the server's yes and that second write lies the one moment in which
// a killed program sends a letter once more: with the same Message-ID, by which mail programs know it as the same.
package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Letter is one letter to one person.
type Letter struct {
	Cause       string      // what it is sent for, like registration.confirmed:ID: the same cause again is the same letter. No personal data
	To          string      // address, without a name
	Name        string      // of the person; may be empty
	Locale      i18n.Locale // it is written in
	Subject     string      // one line
	Text, HTML  string      // both from Compose; HTML may be empty
	Files       []File      // 5 MB in all
	ReplyTo     string      // address; empty: the office's
	Unsubscribe string      // https address that takes a POST (RFC 8058); for lists only
	NotBefore   time.Time   // zero: at once
	NotAfter    time.Time   // of no use to anybody after that, and then cancelled; zero: always of use
	Priority    Priority
	Hold        bool        // a person must release it
	Keys        []string    // secrets for the reader alone, in addresses that stand in it: staff do not see them, and they go once it is dealt with
	About       auth.Object // the entry it is about: who may send messages for it sees the letter
}

// File is something attached.
type File struct {
	Name string
	Type string // MIME type with parameters: "text/calendar; method=PUBLISH; charset=utf-8"
	Data []byte
}

// Priority is the order in which letters leave.
type Priority int

const (
	Normal Priority = 0
	Urgent Priority = -1 // somebody waits for it: a link to sign in by
	Bulk   Priority = 1  // the same to many
)

// State of a letter.
type State string

const (
	Held      State = "held"      // a person must release it
	Queued    State = "queued"    // leaves when it is due
	Sending   State = "sending"   // an instance is at it
	Retrying  State = "retrying"  // could not be sent yet
	Sent      State = "sent"      // the server took it
	Bounced   State = "bounced"   // the server refused it for good
	Failed    State = "failed"    // given up after days of trying
	Cancelled State = "cancelled" // will not be sent, unless restored
)

// States lists every state.
var States = []State{Held, Queued, Sending, Retrying, Sent, Bounced, Failed, Cancelled}

// Options are what may differ between installations.
type Options struct {
	BaseURL string                        // of the site: its host is in each Message-ID
	From    string                        // address letters come from; empty: no-reply at the site's host
	Sender  Sender                        // nil: the log
	Words   *i18n.Catalogue               // for Compose
	Site    func(i18n.Locale) string      // name of the site
	ReplyTo func() string                 // the office's address; may give nothing
	Now     func() time.Time              // UTC
	Lease   time.Duration                 // how long an instance may take for a letter before another takes over (5 min)
	Poll    time.Duration                 // how often to look without being told (30 s)
	Pause   func(tries int) time.Duration // after the server could not be reached; nil: 15 s, doubled up to 15 min
}

// Outbox is the letters of one database. Safe for concurrent use.
type Outbox struct {
	db   *db.DB
	opts Options
	host string
	wake chan struct{}

	mu      sync.Mutex
	tries   int       // in a row that failed for the server's sake
	paused  time.Time // no further try before; by the machine's own clock
	trouble Trouble
}

const topic = "letters"

// New makes the outbox; the database is migrated by then.
func New(d *db.DB, o Options) (*Outbox, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("mail: the site's address has no host")
	}
	host := messageHost(u.Hostname())
	if o.From == "" {
		o.From = "no-reply@" + host
	}
	if o.From, err = Address(o.From); err != nil {
		return nil, fmt.Errorf("mail-from: not an address")
	}
	if o.Now == nil {
		o.Now = db.Now
	}
	if o.Lease == 0 {
		o.Lease = 5 * time.Minute
	}
	if o.Poll == 0 {
		o.Poll = 30 * time.Second
	}
	if o.Pause == nil {
		o.Pause = func(tries int) time.Duration { return min(15*time.Second<<min(tries-1, 6), 15*time.Minute) }
	}
	if o.Sender == nil {
		o.Sender = Log{}
	}
	b := &Outbox{db: d, opts: o, host: host, wake: make(chan struct{}, 1)}
	d.OnNotice(topic, func(string) { b.Wake() })
	return b, nil
}

// Wake has the outbox look for due letters now, as when the clock was moved.
func (b *Outbox) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Delivers says whether letters leave the machine.
func (b *Outbox) Delivers() bool { _, log := b.opts.Sender.(Log); return !log }

type row struct {
	bun.BaseModel `bun:"table:letters,alias:l"`
	ID            string     `bun:"id,pk"`
	Cause         string     `bun:"cause"`
	State         State      `bun:"state"`
	Priority      Priority   `bun:"priority"`
	To            string     `bun:"to_address"`
	ToKey         string     `bun:"to_key"`
	Name          string     `bun:"to_name"`
	Locale        string     `bun:"locale"`
	Subject       string     `bun:"subject"`
	Text          string     `bun:"body"`
	HTML          string     `bun:"html"`
	ReplyTo       string     `bun:"reply_to"`
	Unsubscribe   string     `bun:"unsubscribe"`
	MessageID     string     `bun:"message_id"`
	Secret        bool       `bun:"secret"` // of an older program: its words hold a key
	Keys          string     `bun:"keys"`
	DueAt         time.Time  `bun:"due_at"`
	ExpiresAt     *time.Time `bun:"expires_at"`
	Attempts      int        `bun:"attempts"`
	Taken         int        `bun:"taken"`
	LeaseUntil    time.Time  `bun:"lease_until"`
	BeforeCancel  State      `bun:"before_cancel"`
	Version       int        `bun:"version"`
	Office        string     `bun:"office_id"`
	Series        string     `bun:"series_id"`
	Event         string     `bun:"event_id"`
	CreatedBy     string     `bun:"created_by"`
	CreatedAt     time.Time  `bun:"created_at"`
	SentAt        *time.Time `bun:"sent_at"`
	Emptied       bool       `bun:"emptied"`
}

type fileRow struct {
	bun.BaseModel `bun:"table:letter_files,alias:f"`
	LetterID      string `bun:"letter_id,pk"`
	Position      int    `bun:"position,pk"`
	Name          string `bun:"name"`
	Type          string `bun:"type"`
	Data          []byte `bun:"data"`
}

type logRow struct {
	bun.BaseModel `bun:"table:letter_log,alias:g"`
	ID            string    `bun:"id,pk"`
	LetterID      string    `bun:"letter_id"`
	At            time.Time `bun:"at"`
	State         State     `bun:"state"`
	Detail        string    `bun:"detail"`
}

var longAgo = time.Unix(0, 0).UTC()

// Enqueue writes a letter as part of tx, in which its cause is written too; ctx is the one db.InTx gave. who causes it.
// It gives the letter's id; for a cause that had its letter before, that one's, and nothing is changed. What cannot be
// sent is an Invalid: a message key by "to", "reply_to", "subject", "text", "files" or "unsubscribe".
func (b *Outbox) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l Letter) (id string, err error) {
	if l.Cause == "" || who == nil || who.ID == "" {
		return "", fmt.Errorf("a letter without a cause, or that nobody causes")
	}
	if err := l.clean(); err != nil {
		return "", err
	}
	keys, err := l.lock()
	if err != nil {
		return "", err
	}
	now := b.now()
	r := &row{ID: strings.ToLower(rand.Text()), Cause: l.Cause, State: Queued, Priority: l.Priority, To: l.To, ToKey: strings.ToLower(l.To), Name: l.Name, Locale: string(l.Locale),
		Subject: l.Subject, Text: l.Text, HTML: l.HTML, ReplyTo: l.ReplyTo, Unsubscribe: l.Unsubscribe, Keys: keys, DueAt: now, LeaseUntil: longAgo, Version: 1,
		Office: l.About.Office, Series: l.About.Series, Event: l.About.Event, CreatedBy: who.ID, CreatedAt: now}
	r.MessageID = "<" + r.ID + "@" + b.host + ">"
	if !l.NotBefore.IsZero() {
		r.DueAt = l.NotBefore.UTC().Truncate(time.Microsecond)
	}
	if !l.NotAfter.IsZero() {
		at := l.NotAfter.UTC().Truncate(time.Microsecond)
		r.ExpiresAt = &at
	}
	if l.Hold {
		r.State = Held
	}
	res, err := tx.NewInsert().Model(r).On("CONFLICT (cause) DO NOTHING").Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("queue a letter: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return "", err
	} else if n == 0 {
		err := tx.NewSelect().Model((*row)(nil)).Column("id").Where("cause = ?", l.Cause).Scan(ctx, &id)
		return id, err
	}
	for i, f := range l.Files {
		if _, err := tx.NewInsert().Model(&fileRow{LetterID: r.ID, Position: i, Name: f.Name, Type: f.Type, Data: f.Data}).Exec(ctx); err != nil {
			return "", fmt.Errorf("queue a letter's file: %w", err)
		}
	}
	return r.ID, b.db.Announce(ctx, tx, topic, "")
}

// Withdraw cancels the letters of some causes as part of tx, where they have not left yet: what they say is no longer so.
func (b *Outbox) Withdraw(ctx context.Context, tx bun.Tx, causes ...string) error {
	if len(causes) == 0 {
		return nil
	}
	var ids []string
	err := tx.NewUpdate().Model((*row)(nil)).Set("before_cancel = state").Set("state = ?", Cancelled).Where("cause IN (?)", bun.In(causes)).
		Where("state IN (?)", bun.In(unsent)).Returning("id").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("withdraw letters: %w", err)
	}
	for _, id := range ids {
		if err := b.note(ctx, tx, id, Cancelled, ""); err != nil {
			return err
		}
	}
	return nil
}

func (b *Outbox) now() time.Time { return b.opts.Now().UTC().Truncate(time.Microsecond) }

// note writes a line of a letter's log.
func (b *Outbox) note(ctx context.Context, tx bun.IDB, id string, state State, detail string) error {
	now := b.now()
	_, err := tx.NewInsert().Model(&logRow{ID: fmt.Sprintf("%012x%s", db.Now().UnixMicro(), strings.ToLower(rand.Text())[:10]), LetterID: id, At: now, State: state, Detail: detail}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("log of a letter: %w", err)
	}
	return nil
}

func warn(what string, err error) { slog.Warn("letters: "+what, "error", err) }
