package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// Line is a letter in a list.
type Line struct {
	ID, To, Name, Subject string
	Locale                i18n.Locale
	State                 State
	Secret                bool // no words are shown: an older program left a key in them
	Keyed                 bool // it has, or had, keys for its reader alone
	Bare                  bool // its keys are gone, and nothing is left to send
	Emptied               bool // its words and its address went with the time
	Attempts              int
	DueAt, CreatedAt      time.Time
	SentAt                *time.Time
}

// Full is a letter with all that is known of it.
type Full struct {
	Line
	Cause, MessageID, Text, HTML, ReplyTo, Unsubscribe string
	CreatedBy                                          string
	NotAfter                                           *time.Time
	Version                                            int       // of subject and text
	Links                                              []KeyLink // what stands in Text for addresses with keys
	Files                                              []File
	Log                                                []Entry // the oldest first
}

// Entry is one line of a letter's log.
type Entry struct {
	At     time.Time
	State  State
	Detail string // what the server said
}

// Filter limits a list; zero fields do not.
type Filter struct {
	State  State
	Locale i18n.Locale
	Search string // part of the address or name
}

// mine limits a query to the letters an actor may see and change: those about what she may send messages for.
func mine(q *bun.SelectQuery, who *auth.Actor) *bun.SelectQuery {
	return who.Scope(auth.SendMessages, "letter").Where(q, "l")
}

func (r *row) line() Line {
	l := Line{ID: r.ID, To: r.To, Name: r.Name, Subject: r.Subject, Locale: i18n.Locale(r.Locale), State: r.State, Secret: r.Secret, Keyed: r.Keys != "", Bare: r.bare(), Emptied: r.Emptied, Attempts: r.Attempts,
		DueAt: r.DueAt, CreatedAt: r.CreatedAt, SentAt: r.SentAt}
	if r.Secret {
		l.Subject = ""
	}
	return l
}

// List gives letters, the newest first, and how many there are in all.
func (b *Outbox) List(ctx context.Context, who *auth.Actor, f Filter, p auth.Paging) ([]Line, int, error) {
	if !who.CanSomewhere(auth.SendMessages) {
		return nil, 0, auth.ErrForbidden
	}
	query := func() *bun.SelectQuery {
		q := mine(b.db.Read().NewSelect().Model((*row)(nil)), who)
		if f.State != "" {
			q = q.Where("l.state = ?", f.State)
		}
		if f.Locale != "" {
			q = q.Where("l.locale = ?", string(f.Locale))
		}
		if s := strings.TrimSpace(f.Search); s != "" {
			like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(s)) + "%"
			q = q.Where(`(l.to_key LIKE ? ESCAPE '\' OR lower(l.to_name) LIKE ? ESCAPE '\')`, like, like)
		}
		return q
	}
	total, err := query().Count(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows []row
	if err := p.Apply(query().ExcludeColumn("body", "html").Order("l.created_at DESC", "l.id")).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	lines := make([]Line, len(rows))
	for i := range rows {
		lines[i] = rows[i].line()
	}
	return lines, int(total), nil
}

// Get gives one letter. Foreign and missing are the same: db.ErrNotFound.
func (b *Outbox) Get(ctx context.Context, who *auth.Actor, id string) (*Full, error) {
	var r row
	if err := mine(b.db.Read().NewSelect().Model(&r).Where("l.id = ?", id), who).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	f := &Full{Line: r.line(), Cause: r.Cause, MessageID: r.MessageID, ReplyTo: r.ReplyTo, Unsubscribe: r.Unsubscribe, CreatedBy: r.CreatedBy, NotAfter: r.ExpiresAt, Version: r.Version}
	if r.Secret {
		f.Unsubscribe = ""
	} else {
		f.Text, f.Links = r.shown()
		f.HTML, f.Unsubscribe = hidden(r.HTML), hidden(r.Unsubscribe)
		var files []fileRow
		if err := b.db.Read().NewSelect().Model(&files).Where("letter_id = ?", id).Order("position").Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		for _, file := range files {
			f.Files = append(f.Files, File{file.Name, file.Type, file.Data})
		}
	}
	var log []logRow
	if err := b.db.Read().NewSelect().Model(&log).Where("letter_id = ?", id).Order("id").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for _, e := range log {
		f.Log = append(f.Log, Entry{e.At, e.State, e.Detail})
	}
	return f, nil
}

// Verb is something staff do to letters.
type Verb string

const (
	Hold    Verb = "hold"    // what waits to be sent waits for a person
	Release Verb = "release" // what was held leaves when it is due
	Cancel  Verb = "cancel"  // what has not left will not
	Restore Verb = "restore" // as it was before it was cancelled
	Retry   Verb = "retry"   // what could not be sent is tried again at once
)

// Verbs lists every verb.
var Verbs = []Verb{Hold, Release, Cancel, Restore, Retry}

// from are the states in which a letter takes a verb.
var from = map[Verb][]State{Hold: {Queued, Retrying}, Release: {Held}, Cancel: {Held, Queued, Retrying, Failed}, Restore: {Cancelled}, Retry: {Retrying, Failed, Bounced}}

// Takes says whether a letter as it is now takes a verb. Of one whose keys are gone nothing is left to send.
func (l *Line) Takes(v Verb) bool { return slices.Contains(from[v], l.State) && !l.Emptied && !l.Bare }

// Do does something to letters, to each of them that is in a state for it, and tells how many those were. Letters that
// are not the actor's, and missing ones, do not count.
func (b *Outbox) Do(ctx context.Context, who *auth.Actor, v Verb, ids ...string) (int, error) {
	if !who.CanSomewhere(auth.SendMessages) {
		return 0, auth.ErrForbidden
	}
	if from[v] == nil {
		return 0, fmt.Errorf("letters: no verb %q", v)
	}
	done := 0
	err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := mine(tx.NewSelect().Model((*row)(nil)).Where("l.id IN (?)", bun.In(ids)).Where("l.state IN (?)", bun.In(from[v])).Where("NOT l.emptied").
			Where("NOT (l.secret AND l.body = '') AND l.keys <> ?", noKeys), who)
		if v != Hold && v != Cancel {
			q = q.Where("(l.expires_at IS NULL OR l.expires_at > ?)", b.now())
		}
		if b.db.Postgres() {
			q = q.For("UPDATE")
		}
		var rows []row
		if err := q.ExcludeColumn("body", "html").Order("l.id").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			u := tx.NewUpdate().Model((*row)(nil)).Where("id = ?", r.ID)
			state := Queued
			switch v {
			case Hold:
				state = Held
			case Cancel:
				state = Cancelled
				u = u.Set("before_cancel = ?", r.State)
			case Restore:
				if state = r.BeforeCancel; state == "" {
					state = Held
				}
			case Retry:
				u = u.Set("attempts = 0").Set("taken = CASE WHEN taken >= ? THEN 0 ELSE taken END", maxTaken).Set("due_at = ?", b.now())
			}
			if _, err := u.Set("state = ?", state).Exec(ctx); err != nil {
				return err
			}
			if err := b.note(ctx, tx, r.ID, state, ""); err != nil {
				return err
			}
			if err := auth.Audit(ctx, tx, who, "letter."+string(v), r.object(), nil); err != nil {
				return err
			}
			done++
		}
		return b.db.Announce(ctx, tx, topic, "")
	})
	if v == Retry && err == nil {
		b.server(nil) // somebody has an eye on it
	}
	if err != nil {
		return 0, fmt.Errorf("letters: %s: %w", v, err)
	}
	return done, nil
}

func (r *row) object() auth.Object {
	return auth.Object{Kind: "letter", ID: r.ID, Office: r.Office, Series: r.Series, Event: r.Event, Locale: i18n.Locale(r.Locale), Author: r.CreatedBy}
}

// ErrMoved means that a letter is no longer as it was seen: it was changed by someone else, or is not held any more.
var ErrMoved = errors.New("the letter has changed meanwhile")

// Edit changes the words of a letter that is held; version is that of those the person saw. The HTML form is made anew
// from the text. What stands for links with keys, as Full.Links has it, must stay. Words that cannot be sent are an Invalid.
func (b *Outbox) Edit(ctx context.Context, who *auth.Actor, id string, version int, subject, text string) error {
	bad := Invalid{}
	if cleanWords(&subject, &text, bad); len(bad) > 0 {
		return bad
	}
	err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var r row
		q := mine(tx.NewSelect().Model(&r).Where("l.id = ?", id), who)
		if b.db.Postgres() {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		if r.Secret || r.Emptied {
			return db.ErrNotFound
		}
		if r.State != Held || r.Version != version {
			return ErrMoved
		}
		words := r.retake(text, bad)
		if _, links := r.shown(); len(links) > 0 && braced.MatchString(subject) {
			bad["subject"] = "mail.problem.link_subject"
		}
		if len(bad) > 0 {
			return bad
		}
		html := ""
		if r.HTML != "" {
			// With the keys in their places: a template would take the marks in an address for something to escape.
			html = r.relock(b.html(i18n.Locale(r.Locale), Body{Paragraphs: strings.Split(r.unlock(words), "\n\n")}, true))
		}
		if _, err := tx.NewUpdate().Model((*row)(nil)).Set("subject = ?", subject).Set("body = ?", words).Set("html = ?", html).Set("version = version + 1").Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "letter.edit", r.object(), nil)
	})
	if err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	return nil
}

// keep is how long letters that have come to an end are kept with their words and addresses.
const keep = 180 * 24 * time.Hour

// Sweep empties letters that came to an end long ago: nobody asks for them, and they are personal data. The cause stays, so
// that nobody gets a letter again.
func (b *Outbox) Sweep(ctx context.Context) error {
	for ctx.Err() == nil {
		var ids []string
		err := b.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			old := tx.NewSelect().Model((*row)(nil)).Column("id").Where("NOT l.emptied AND l.created_at < ? AND l.due_at < ?", b.now().Add(-keep), b.now().Add(-keep)).
				Where("l.state IN (?)", bun.In([]State{Sent, Bounced, Failed, Cancelled})).Limit(500)
			var err error
			ids, err = empty(ctx, tx, func(q *bun.UpdateQuery) *bun.UpdateQuery { return q.Where("l.id IN (?)", old) })
			return err
		})
		if err != nil {
			return fmt.Errorf("empty old letters: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
	}
	return ctx.Err()
}

// empty takes words and addresses from letters, and what servers said of them; cause, times and state stay.
func empty(ctx context.Context, tx bun.Tx, which func(*bun.UpdateQuery) *bun.UpdateQuery) (ids []string, err error) {
	q := which(tx.NewUpdate().Model((*row)(nil)).Set("emptied = ?", true).Returning("id"))
	for _, column := range []string{"to_address", "to_key", "to_name", "subject", "body", "html", "reply_to", "unsubscribe", "keys"} {
		q = q.Set("? = ''", bun.Ident(column))
	}
	if err := q.Scan(ctx, &ids); err != nil && !errors.Is(db.Normalize(err), db.ErrNotFound) {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := tx.NewDelete().Model((*fileRow)(nil)).Where("letter_id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
		return nil, err
	}
	_, err = tx.NewUpdate().Model((*logRow)(nil)).Set("detail = ''").Where("letter_id IN (?)", bun.In(ids)).Exec(ctx)
	return ids, err
}

// forgetMost is how many letters are named in one statement.
const forgetMost = 500

// Forget empties the letters about an event whose causes begin with some words, as part of tx in which the people they went
// to are forgotten. That they were sent stays; what has not left yet never will, and what is leaving may.
func (b *Outbox) Forget(ctx context.Context, tx bun.Tx, event, causes string) error {
	return b.forget(ctx, tx, func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("l.event_id = ? AND substr(l.cause, 1, ?) = ? AND NOT l.emptied", event, len(causes), causes)
	})
}

// ForgetOne is Forget for the letters to one mailbox, by its address in lower case, and those whose cause names an id.
func (b *Outbox) ForgetOne(ctx context.Context, tx bun.Tx, event, causes, id, mailbox string) error {
	return b.forget(ctx, tx, func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("l.event_id = ? AND substr(l.cause, 1, ?) = ? AND NOT l.emptied", event, len(causes), causes).
			Where("(? <> '' AND l.to_key = ? OR ? <> '' AND (l.cause || ':') LIKE ?)", mailbox, mailbox, id, "%:"+id+":%")
	})
}

func (b *Outbox) forget(ctx context.Context, tx bun.Tx, of func(bun.QueryBuilder) bun.QueryBuilder) error {
	var ids []string
	if err := tx.NewUpdate().Model((*row)(nil)).Set("before_cancel = ''").Set("state = ?", Cancelled).ApplyQueryBuilder(of).
		Where("l.state IN (?)", bun.In(append([]State{Sending}, unsent...))).Returning("id").Scan(ctx, &ids); err != nil && !errors.Is(db.Normalize(err), db.ErrNotFound) {
		return fmt.Errorf("forget letters: %w", err)
	}
	for _, id := range ids {
		if err := b.note(ctx, tx, id, Cancelled, ""); err != nil {
			return err
		}
	}
	for {
		some := tx.NewSelect().Model((*row)(nil)).Column("id").ApplyQueryBuilder(of).Limit(forgetMost)
		ids, err := empty(ctx, tx, func(q *bun.UpdateQuery) *bun.UpdateQuery { return q.Where("l.id IN (?)", some) })
		if err != nil {
			return fmt.Errorf("forget letters: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
	}
}
