package discussion

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// PostState is where a post stands.
type PostState string

// The states. The public sees Shown, and nothing of the others, not even that they are there.
const (
	Unverified PostState = "unverified" // its author has not confirmed the mailbox
	Pending    PostState = "pending"    // waits for a moderator
	Shown      PostState = "shown"
	Hidden     PostState = "hidden"    // by a moderator
	Withdrawn  PostState = "withdrawn" // by its author
)

// PostStates lists them in the order of a post's life.
var PostStates = []PostState{Unverified, Pending, Shown, Hidden, Withdrawn}

// Where a post comes from.
const (
	FromReader   = "reader"
	FromQuestion = "question" // asked at the event, and not answered there
)

// Post is what somebody said, as everybody may see it. Nothing in it is markup.
type Post struct {
	ID, Topic, Parent           string
	Name, Organization, Country string // Name may be empty: a participant who asked at the event
	Locale                      i18n.Locale
	Text                        string // paragraphs, an empty line between them
	Created                     time.Time
	Question                    bool        // asked at the event
	Pinned                      bool        // stands first on its topic
	AnswersAs                   content.Ref // the person of the event who answers in it; may be empty
	Replies                     []Post      // of a post that is no reply itself
}

type postRow struct {
	bun.BaseModel `bun:"table:discussion_posts,alias:p"`
	ID            string `bun:",pk"`
	EventID       string
	Topic, Parent string
	State         PostState
	Source        string
	Name          string
	Organization  string
	Country       string
	Mail, MailKey string
	Locale        i18n.Locale
	Letters       i18n.Locale
	Text, Find    string
	Reports       int
	Number        int  // counts, on its board, what has come to be shown; 0: it never was
	Follow        bool // its author wants to be told what is new
	PinnedAt      *time.Time
	AnswersAs     string
	CreatedAt     time.Time
	VerifiedAt    *time.Time
}

func (r *postRow) post() Post {
	return Post{ID: r.ID, Topic: r.Topic, Parent: r.Parent, Name: r.Name, Organization: r.Organization, Country: r.Country, Locale: r.Locale, Text: r.Text, Created: r.CreatedAt,
		Question: r.Source == FromQuestion, Pinned: r.PinnedAt != nil, AnswersAs: content.Ref(r.AnswersAs)}
}

// Store keeps what is said on boards. The fields are set before its first use.
type Store struct {
	DB           *db.DB
	Content      *content.Store
	Registration *registration.Store // who takes part; and its guard against machines
	Catalogue    *i18n.Catalogue
	Mail         registration.Letters
	BaseURL      string // scheme://host[:port]
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Account gives the mailbox and the language of an account; an empty mailbox where it cannot be written to.
	Account func(ctx context.Context, id string) (mailbox string, l i18n.Locale, err error)
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return db.Now()
	}
	return s.Now().UTC().Truncate(time.Microsecond)
}

// Event is a public event with its board.
type Event struct {
	*content.Living
	Board *Board
}

// About is what rights on the board are asked about.
func (e *Event) About() auth.Object {
	return auth.Object{Kind: "event", ID: e.ID, Event: e.ID, Office: e.Office, Series: e.Series}
}

// Event gives a public event that has a board here; db.ErrNotFound for any other.
func (s *Store) Event(ctx context.Context, id string) (*Event, error) {
	return s.event(ctx, s.DB.Read(), id)
}

func (s *Store) event(ctx context.Context, q bun.IDB, id string) (*Event, error) {
	l, err := s.Content.Living(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if v, ok := l.Value.(Boarding); ok {
		if b := v.DiscussionBoard(); b != nil {
			return &Event{l, b}, nil
		}
	}
	return nil, db.ErrNotFound
}

// visible are the posts that everybody sees: a reply goes with what it answers.
const visible = `p.state = 'shown' AND (p.parent = '' OR EXISTS (SELECT 1 FROM discussion_posts up WHERE up.id = p.parent AND up.state = 'shown'))`

// Count is how much is said on a topic.
type Count struct {
	Topic string
	N     int
	Last  time.Time
}

// Counts tells how many posts each topic of an event shows, by id.
func (s *Store) Counts(ctx context.Context, event string) (map[string]Count, error) {
	var rows []Count
	if err := s.DB.Read().NewSelect().Model((*postRow)(nil)).ColumnExpr("p.topic, count(*) AS n").Where("p.event_id = ?", event).Where(visible).Group("p.topic").Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	out := map[string]Count{}
	for _, r := range rows {
		var last []postRow
		if err := s.DB.Read().NewSelect().Model(&last).Column("created_at").Where("p.event_id = ? AND p.topic = ?", event, r.Topic).Where(visible).
			OrderExpr("p.created_at DESC").Limit(1).Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		if len(last) > 0 {
			r.Last = last[0].CreatedAt
		}
		out[r.Topic] = r
	}
	return out, nil
}

// Thread gives posts on a topic with their replies, the oldest first, and how many there are that are no replies. l limits them to
// those in a language, or with a reply in it; empty: all.
func (s *Store) Thread(ctx context.Context, event, topic string, l i18n.Locale, offset, limit int) ([]Post, int, error) {
	first := func() *bun.SelectQuery {
		sel := s.DB.Read().NewSelect().Model((*postRow)(nil)).Where("p.event_id = ? AND p.topic = ? AND p.parent = '' AND p.state = ?", event, topic, Shown)
		if l != "" {
			sel = sel.Where("(p.locale = ? OR EXISTS (SELECT 1 FROM discussion_posts down WHERE down.event_id = p.event_id AND down.topic = p.topic AND down.state = ? AND down.parent = p.id AND down.locale = ?))", l, Shown, l)
		}
		return sel
	}
	total, err := first().Count(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows, replies []postRow
	if err := first().OrderExpr("p.created_at, p.id").Offset(int64(offset)).Limit(int64(limit)).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	out := make([]Post, len(rows))
	at := map[string]int{}
	var ids []string
	for i := range rows {
		out[i] = rows[i].post()
		at[rows[i].ID], ids = i, append(ids, rows[i].ID)
	}
	if len(ids) == 0 {
		return out, int(total), nil
	}
	if err := s.DB.Read().NewSelect().Model(&replies).Where("p.event_id = ? AND p.topic = ? AND p.state = ? AND p.parent IN (?)", event, topic, Shown, bun.List(ids)).
		OrderExpr("p.created_at, p.id").Limit(2000).Scan(ctx); err != nil {
		return nil, 0, db.Normalize(err)
	}
	for i := range replies {
		x := &out[at[replies[i].Parent]]
		x.Replies = append(x.Replies, replies[i].post())
	}
	return out, int(total), nil
}

// Pinned gives the posts that stand first on a topic, the longest pinned first.
func (s *Store) Pinned(ctx context.Context, event, topic string) ([]Post, error) {
	var rows []postRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("p.event_id = ? AND p.topic = ? AND p.pinned_at IS NOT NULL", event, topic).Where(visible).
		OrderExpr("p.pinned_at, p.id").Limit(PinnedMost).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := make([]Post, len(rows))
	for i := range rows {
		out[i] = rows[i].post()
	}
	return out, nil
}

// Spoken counts what a topic shows by language, replies too.
func (s *Store) Spoken(ctx context.Context, event, topic string) (map[i18n.Locale]int, error) {
	var rows []struct {
		Locale i18n.Locale
		N      int
	}
	if err := s.DB.Read().NewSelect().Model((*postRow)(nil)).ColumnExpr("p.locale, count(*) AS n").Where("p.event_id = ? AND p.topic = ?", event, topic).Where(visible).Group("p.locale").Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	out := map[i18n.Locale]int{}
	for _, r := range rows {
		out[r.Locale] = r.N
	}
	return out, nil
}

// PageSize is how many posts, with their replies, stand on a page of a topic.
const PageSize = 20

// Spot is a shown post and the page of its topic that it stands on.
type Spot struct {
	Post
	Page int
}

// Find gives a post that everybody sees; db.ErrNotFound for any other.
func (s *Store) Find(ctx context.Context, event, id string) (*Spot, error) {
	var r postRow
	if err := s.DB.Read().NewSelect().Model(&r).Where("p.event_id = ? AND p.id = ?", event, id).Where(visible).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	top := r
	if r.Parent != "" {
		if err := s.DB.Read().NewSelect().Model(&top).Where("p.id = ?", r.Parent).Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
	}
	n, err := s.DB.Read().NewSelect().Model((*postRow)(nil)).Where("p.event_id = ? AND p.topic = ? AND p.parent = '' AND p.state = ?", event, r.Topic, Shown).
		Where("(p.created_at < ? OR p.created_at = ? AND p.id < ?)", top.CreatedAt, top.CreatedAt, top.ID).Count(ctx)
	return &Spot{r.post(), int(n)/PageSize + 1}, db.Normalize(err)
}

// Submission is a post as its form was sent, by the fields' names.
type Submission struct {
	Locale i18n.Locale // in which the form was read: letters come in it
	Stamp  string
	From   netip.Addr
	Values map[string][]string
}

// Names of the form's fields.
const (
	FieldName         = "name"
	FieldOrganization = "organization"
	FieldCountry      = "country"
	FieldMail         = "mail"
	FieldLanguage     = "language"
	FieldText         = "text"
	FieldReason       = "reason"
	FieldNote         = "note"
)

// Limits of what is typed.
const (
	maxLine = 120
	MaxText = 4000
	maxNote = 500
)

type reader struct {
	s        Submission
	problems []registration.Problem
}

func (r *reader) bad(field, key string, args ...any) {
	r.problems = append(r.problems, registration.Problem{Field: field, Key: key, Args: args})
}

func (r *reader) one(field string) string {
	v := r.s.Values[field]
	if len(v) > 1 {
		r.bad(field, "registration.twice")
	}
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

func (r *reader) line(field string) string {
	w := i18n.StripControls(r.one(field))
	if utf8.RuneCountInString(w) > maxLine {
		r.bad(field, "registration.too_long", "Max", maxLine)
	}
	return w
}

func (r *reader) text(field string, most int) string {
	w := paragraphs(r.one(field))
	if utf8.RuneCountInString(w) > most {
		r.bad(field, "registration.too_long", "Max", most)
	}
	return w
}

// paragraphs cleans what was typed: lines without what cannot be seen, and no more than one empty line between them.
func paragraphs(w string) string {
	var out []string
	empty := true // nothing yet
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(w, "\r\n", "\n"), "\r", "\n"), "\n") {
		line = i18n.StripControls(line)
		if line == "" && empty {
			continue
		}
		empty = line == ""
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func (r *reader) mailbox() string {
	w := strings.TrimSpace(r.one(FieldMail))
	if w == "" {
		r.bad(FieldMail, "registration.mail_missing")
		return ""
	}
	box, err := mail.Address(w)
	if err != nil {
		r.bad(FieldMail, "registration.mail")
	}
	return box
}

func (r *reader) read(to *postRow) {
	if to.Name = r.line(FieldName); to.Name == "" {
		r.bad(FieldName, "board.name_missing")
	}
	to.Organization, to.Country = r.line(FieldOrganization), r.one(FieldCountry)
	for _, x := range [][2]string{{FieldName, to.Name}, {FieldOrganization, to.Organization}} {
		if i18n.MixesScripts(x[1]) { // how a name is made to look like somebody else's
			r.bad(x[0], "registration.name_mixed")
		}
	}
	if to.Country != "" && !slices.Contains(i18n.Countries(), to.Country) {
		r.bad(FieldCountry, "registration.choice")
	}
	r.words(to)
}

// words are what is said, and in which language.
func (r *reader) words(to *postRow) {
	l, ok := i18n.Parse(r.one(FieldLanguage))
	if !ok {
		r.bad(FieldLanguage, "registration.choice")
	}
	to.Locale, to.Letters = l, r.s.Locale
	if to.Text = r.text(FieldText, MaxText); to.Text == "" {
		r.bad(FieldText, "board.text_missing")
	}
	to.Find = i18n.Fold(to.Locale, to.Name+" "+to.Organization+" "+to.Text)
}

func (r *reader) err() error {
	if len(r.problems) > 0 {
		return &registration.Invalid{Problems: r.problems}
	}
	return nil
}

func refuse(field, key string) error {
	return &registration.Invalid{Problems: []registration.Problem{{Field: field, Key: key}}}
}

// How often one may write, and for how long it is remembered.
const (
	window         = 24 * time.Hour
	networkPosts   = 60 // whole ministries sit behind one address
	mailboxPosts   = 10
	mailboxLetters = 4  // that strangers can cause, on all boards together
	networkWaiting = 20 // of one network under one address that is not confirmed
	othersMost     = 50 // posts that a link shows beside its own
	boardLetters   = 50 // to mailboxes that staff typed
	networkReports = 20
	unverifiedLife = 7 * 24 * time.Hour
)

// Stamp is a hidden field that says when a form of an event's board was opened.
func (s *Store) Stamp(ctx context.Context, event string) (string, error) {
	return s.Registration.Stamp(ctx, "discussion "+event, "1")
}

// Often counts what somebody does, on all instances together, and says whether it was done too often.
func (s *Store) Often(ctx context.Context, tx bun.Tx, now time.Time, most int, who ...string) (bool, error) {
	key, err := s.Registration.Hashed(ctx, who...)
	if err != nil {
		return false, err
	}
	if _, err := tx.NewRaw("DELETE FROM discussion_tries WHERE at < ?", now.Add(-window)).Exec(ctx); err != nil {
		return false, err
	}
	var n int
	if err := tx.NewRaw("SELECT count(*) FROM discussion_tries WHERE who = ?", key).Scan(ctx, &n); err != nil || n >= most {
		return true, err
	}
	_, err = tx.NewRaw("INSERT INTO discussion_tries (id, who, at) VALUES (?, ?, ?)", content.NewID(), key, now).Exec(ctx)
	return false, err
}

// Attempt is Often for a network.
func (s *Store) Attempt(ctx context.Context, what string, most int, from netip.Addr) error {
	network := registration.Network(from)
	if network == "" {
		return nil
	}
	if _, err := s.Registration.Hashed(ctx); err != nil { // makes its key in a transaction of its own
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		often, err := s.Often(ctx, tx, s.now(), most, what, network)
		if often && err == nil {
			return &auth.ThrottledError{RetryAfter: window / 4}
		}
		return err
	})
}

// held is a board on which nobody else writes until the transaction ends.
type held struct {
	*Event
	now    time.Time
	public bool // what everybody sees has changed
}

// work runs f while the board is held, and has pages made anew where it changed what they show.
func (s *Store) work(ctx context.Context, event string, f func(ctx context.Context, tx bun.Tx, h *held) error) error {
	if _, err := s.Registration.Hashed(ctx); err != nil {
		return err
	}
	var h *held
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		h = &held{now: s.now()}
		if err := s.hold(ctx, tx, event); err != nil {
			return err
		}
		var err error
		if h.Event, err = s.event(ctx, tx, event); err != nil {
			return err
		}
		if err := f(ctx, tx, h); err != nil || !h.public {
			return err
		}
		return s.Content.RaiseTx(ctx, tx)
	})
	if err == nil && h.public {
		s.Content.Changed()
	}
	return err
}

func (s *Store) hold(ctx context.Context, tx bun.Tx, event string) error {
	if _, err := tx.NewRaw("INSERT INTO discussion_boards (event_id) VALUES (?) ON CONFLICT (event_id) DO NOTHING", event).Exec(ctx); err != nil {
		return err
	}
	lock := "SELECT event_id FROM discussion_boards WHERE event_id = ?"
	if s.DB.Postgres() {
		lock += " FOR UPDATE"
	}
	var id string
	return tx.NewRaw(lock, event).Scan(ctx, &id)
}

// Write takes a post of somebody whose mailbox is not known yet. It is answered the same whoever they are: what there is to
// say goes into a letter to the mailbox. parent is a shown post that is no reply, or empty.
func (s *Store) Write(ctx context.Context, event, topic, parent string, sub Submission) error {
	r, err := s.read(ctx, event, topic, sub, true)
	if err != nil {
		return err
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		if err := s.answerable(ctx, tx, h, topic, parent); err != nil {
			return err
		}
		r.Parent, r.State = parent, Unverified
		may, err := s.admitted(ctx, h, r)
		if err != nil {
			return err
		}
		// Who floods a mailbox is told nothing of it. Whoever confirms what they write can go on.
		if !may {
			if often, err := s.Often(ctx, tx, h.now, mailboxLetters, "letter", r.MailKey); err != nil || often {
				return err
			}
			return s.letter(ctx, tx, h, r, "registrants_only", "")
		}
		// What is written under an address after its letters of a day waits beside what they were about: each of their links
		// shows it, so nobody silences somebody else by writing in their name.
		if often, err := s.Often(ctx, tx, h.now, networkWaiting, "unconfirmed", registration.Network(sub.From), r.MailKey); err != nil || often {
			return err
		}
		n, err := tx.NewSelect().Model((*postRow)(nil)).Where("p.mail_key = ? AND p.state = ? AND p.created_at > ?", r.MailKey, Unverified, h.now.Add(-window)).Count(ctx)
		if err != nil {
			return err
		}
		if err := s.insert(ctx, tx, h, r, "written", ""); err != nil || n >= mailboxLetters {
			return err
		}
		return s.letter(ctx, tx, h, r, "verify", "")
	})
}

// admitted says whether the author of a post is one of those who may write on the board.
func (s *Store) admitted(ctx context.Context, h *held, r *postRow) (bool, error) {
	if h.Board.Who != Registrants {
		return true, nil
	}
	reg, err := s.Registration.ByMail(ctx, h.ID, r.MailKey)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil && reg.State.TakesPart(), err
}

// WriteAs takes a post of somebody who comes by their registration's private link: the mailbox is known.
func (s *Store) WriteAs(ctx context.Context, token, topic, parent string, sub Submission) (PostState, error) {
	reg, e, err := s.Registration.Own(ctx, token)
	if err != nil {
		return "", err
	}
	if !reg.State.TakesPart() {
		return "", db.ErrNotFound
	}
	r, err := s.read(ctx, e.ID, topic, sub, false)
	if err != nil {
		return "", err
	}
	r.Mail, r.MailKey = reg.Mail, strings.ToLower(reg.Mail)
	err = s.work(ctx, e.ID, func(ctx context.Context, tx bun.Tx, h *held) error {
		if err := s.answerable(ctx, tx, h, topic, parent); err != nil {
			return err
		}
		if often, err := s.Often(ctx, tx, h.now, mailboxPosts, "post", reg.ID); err != nil {
			return err
		} else if often {
			return &auth.ThrottledError{RetryAfter: window / 4}
		}
		r.Parent, r.VerifiedAt = parent, &h.now
		s.enter(h, r)
		if err := s.insert(ctx, tx, h, r, "written", ""); err != nil || !r.Follow {
			return err
		}
		return s.follow(ctx, tx, h, r.Mail, r.Letters)
	})
	return r.State, err
}

// read checks a form against the board.
func (s *Store) read(ctx context.Context, event, topic string, sub Submission, mailbox bool) (*postRow, error) {
	e, err := s.Event(ctx, event)
	if err != nil {
		return nil, err
	}
	if e.Board.Topic(topic) == nil {
		return nil, db.ErrNotFound
	}
	if err := s.Attempt(ctx, "post", networkPosts, sub.From); err != nil {
		return nil, err
	}
	if !e.Board.Writable(s.now()) {
		return nil, refuse("", "board.closed")
	}
	r, err := s.said(ctx, "discussion "+event, sub, mailbox)
	if err != nil {
		return nil, err
	}
	r.ID, r.EventID, r.Topic, r.Source = content.NewID(), event, topic, FromReader
	return r, nil
}

// said checks what a form was sent with; about is what its stamp is of.
func (s *Store) said(ctx context.Context, about string, sub Submission, mailbox bool) (*postRow, error) {
	rd := &reader{s: sub}
	if bad, err := s.Registration.CheckStamp(ctx, about, sub.Stamp); err != nil {
		return nil, err
	} else if bad != nil {
		rd.problems = append(rd.problems, *bad)
	}
	r := &postRow{}
	rd.read(r)
	r.Follow = rd.one(FieldFollow) != ""
	if mailbox {
		r.Mail = rd.mailbox()
		r.MailKey = strings.ToLower(r.Mail)
	}
	return r, rd.err()
}

// answerable says whether one can write here now.
func (s *Store) answerable(ctx context.Context, tx bun.Tx, h *held, topic, parent string) error {
	if h.Board.Topic(topic) == nil {
		return db.ErrNotFound
	}
	if !h.Board.Writable(h.now) {
		return refuse("", "board.closed")
	}
	if parent == "" {
		return nil
	}
	n, err := tx.NewSelect().Model((*postRow)(nil)).Where("p.id = ? AND p.event_id = ? AND p.topic = ? AND p.parent = '' AND p.state = ?", parent, h.ID, topic, Shown).Count(ctx)
	if err == nil && n == 0 {
		return db.ErrNotFound
	}
	return err
}

// enter is what comes after the mailbox is known to be the author's.
func (s *Store) enter(h *held, r *postRow) {
	if r.State = Shown; h.Board.before() {
		r.State = Pending
	}
}

func (s *Store) insert(ctx context.Context, tx bun.Tx, h *held, r *postRow, action, actor string) error {
	r.CreatedAt = h.now
	if r.State == Shown {
		h.public = true
		if err := s.count(ctx, tx, r); err != nil {
			return err
		}
	}
	if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
		return db.Normalize(err)
	}
	return note(ctx, tx, h.now, r, action, actor, "")
}

// set brings a post into a state, with its line in the log.
func (s *Store) set(ctx context.Context, tx bun.Tx, h *held, r *postRow, to PostState, action, actor, reason string) error {
	switch {
	case r.State != Shown && to == Shown:
		h.public = true
		if err := s.count(ctx, tx, r); err != nil {
			return err
		}
	case r.State == Shown && to != Shown:
		h.public = true
		if err := s.unsaid(ctx, tx, r); err != nil {
			return err
		}
	}
	if to == Withdrawn {
		r.PinnedAt, r.AnswersAs = nil, ""
	}
	r.State = to
	if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
		return err
	}
	return note(ctx, tx, h.now, r, action, actor, reason)
}

// count numbers a post that comes to be shown for the first time.
func (s *Store) count(ctx context.Context, tx bun.Tx, r *postRow) error {
	if r.Number > 0 {
		return nil
	}
	return tx.NewRaw("UPDATE discussion_boards SET shown = shown + 1 WHERE event_id = ? RETURNING shown", r.EventID).Scan(ctx, &r.Number)
}

// unsaid keeps letters that may hold the words of a post from leaving, when these are no longer everybody's to read. What else
// was in such a letter stands on the board.
func (s *Store) unsaid(ctx context.Context, tx bun.Tx, r *postRow) error {
	return s.Mail.Forget(ctx, tx, r.EventID, newsPrefix)
}

func note(ctx context.Context, tx bun.Tx, now time.Time, r *postRow, action, actor, reason string) error {
	_, err := tx.NewRaw(`INSERT INTO discussion_log (post_id, number, at, actor, action, state, reason)
		SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM discussion_log WHERE post_id = ?`, r.ID, now, actor, action, r.State, reason, r.ID).Exec(ctx)
	return err
}

// The author's private link.

// newToken makes a link for a post; only its hash is kept.
func newToken(ctx context.Context, tx bun.Tx, now time.Time, post string) (string, error) {
	token, hash := auth.NewLink()
	_, err := tx.NewRaw("INSERT INTO discussion_tokens (hash, post_id, created_at) VALUES (?, ?, ?)", hash, post, now).Exec(ctx)
	return token, err
}

func (s *Store) find(ctx context.Context, q bun.IDB, token string) (*postRow, error) {
	var r postRow
	err := q.NewSelect().Model(&r).Where("p.id = (SELECT post_id FROM discussion_tokens WHERE hash = ?)", auth.LinkHash(token)).Scan(ctx)
	return &r, db.Normalize(err)
}

// Own is a post as its author sees it.
type Own struct {
	Post
	State  PostState
	Reason string // why it is hidden, where that was said
	Event  *Event
	// Others wait for the same mailbox to confirm them, on this board and on others, the latest first.
	Others []Other
}

// Other is a post that waits beside another.
type Other struct {
	Post
	Event *Event
}

// Own gives the post of a private link.
func (s *Store) Own(ctx context.Context, token string) (*Own, error) {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return nil, err
	}
	o := &Own{Post: r.post(), State: r.State}
	if o.Event, err = s.Event(ctx, r.EventID); err != nil {
		return nil, err
	}
	if r.State == Hidden {
		if o.Reason, err = s.hiddenFor(ctx, s.DB.Read(), r.ID); err != nil {
			return nil, err
		}
	}
	var rows []postRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("p.mail_key = ? AND p.mail_key <> '' AND p.state = ? AND p.id <> ?", r.MailKey, Unverified, r.ID).
		OrderExpr("p.created_at DESC, p.id").Limit(othersMost).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for i := range rows {
		e, err := s.Event(ctx, rows[i].EventID)
		if errors.Is(err, db.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		if e.Board.Writable(s.now()) {
			o.Others = append(o.Others, Other{rows[i].post(), e})
		}
	}
	return o, nil
}

func (s *Store) hiddenFor(ctx context.Context, q bun.IDB, id string) (string, error) {
	var why []string
	err := q.NewRaw("SELECT reason FROM discussion_log WHERE post_id = ? AND action = 'hide' ORDER BY number DESC LIMIT 1", id).Scan(ctx, &why)
	if err != nil || len(why) == 0 {
		return "", db.Normalize(err)
	}
	return why[0], nil
}

func (s *Store) mine(ctx context.Context, token string, f func(ctx context.Context, tx bun.Tx, h *held, r *postRow) error) error {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return err
	}
	return s.work(ctx, r.EventID, func(ctx context.Context, tx bun.Tx, h *held) error {
		r, err := s.find(ctx, tx, token)
		if err != nil {
			return err
		}
		return f(ctx, tx, h, r)
	})
}

// Confirm is the press of the button that the first letter leads to. Pressed again it changes nothing.
func (s *Store) Confirm(ctx context.Context, token string) error {
	return s.mine(ctx, token, s.confirm)
}

// ConfirmOther is Confirm for another post that waits for the mailbox to which the link of token went.
func (s *Store) ConfirmOther(ctx context.Context, token, post string) error {
	own, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return err
	}
	theirs := func(q bun.IDB) (*postRow, error) {
		var r postRow
		err := q.NewSelect().Model(&r).Where("p.id = ? AND p.mail_key = ? AND p.mail_key <> ''", post, own.MailKey).Scan(ctx)
		return &r, db.Normalize(err)
	}
	r, err := theirs(s.DB.Read())
	if err != nil {
		return err
	}
	return s.work(ctx, r.EventID, func(ctx context.Context, tx bun.Tx, h *held) error {
		r, err := theirs(tx)
		if err != nil {
			return err
		}
		return s.confirm(ctx, tx, h, r)
	})
}

func (s *Store) confirm(ctx context.Context, tx bun.Tx, h *held, r *postRow) error {
	if r.State != Unverified {
		return nil
	}
	if !h.Board.Writable(h.now) || h.Board.Topic(r.Topic) == nil {
		return refuse("", "board.closed")
	}
	if may, err := s.admitted(ctx, h, r); err != nil {
		return err
	} else if !may {
		return refuse("", "board.closed")
	}
	if often, err := s.Often(ctx, tx, h.now, mailboxPosts, "post", h.ID, r.MailKey); err != nil {
		return err
	} else if often {
		return refuse("", "board.throttled")
	}
	r.VerifiedAt = &h.now
	to := *r
	s.enter(h, &to)
	if err := s.set(ctx, tx, h, r, to.State, "verified", "", ""); err != nil || !r.Follow {
		return err
	}
	return s.follow(ctx, tx, h, r.Mail, r.Letters)
}

// Withdraw is the author's taking back of what they said.
func (s *Store) Withdraw(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *postRow) error {
		if r.State == Withdrawn || r.State == Hidden {
			return nil
		}
		return s.set(ctx, tx, h, r, Withdrawn, "withdrawn", "", "")
	})
}

// Report reasons, for readers to choose from.
var Reasons = []string{"spam", "abuse", "personal", "off_topic", "other"}

// Report tells moderators of a post that everybody sees. A second one from the same network changes nothing.
func (s *Store) Report(ctx context.Context, event, post string, sub Submission) error {
	if err := s.Attempt(ctx, "report", networkReports, sub.From); err != nil {
		return err
	}
	rd := &reader{s: sub}
	if bad, err := s.Registration.CheckStamp(ctx, "discussion "+event, sub.Stamp); err != nil {
		return err
	} else if bad != nil {
		rd.problems = append(rd.problems, *bad)
	}
	reason, words := rd.one(FieldReason), rd.text(FieldNote, maxNote)
	if !slices.Contains(Reasons, reason) {
		rd.bad(FieldReason, "board.reason_missing")
	}
	if err := rd.err(); err != nil {
		return err
	}
	network, err := s.Registration.Hashed(ctx, "reporter", post, registration.Network(sub.From))
	if err != nil {
		return err
	}
	if _, err := s.Find(ctx, event, post); err != nil {
		return err
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		res, err := tx.NewRaw("INSERT INTO discussion_reports (id, post_id, network, reason, note, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (post_id, network) DO NOTHING",
			content.NewID(), post, network, reason, words, h.now).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.NewRaw("UPDATE discussion_posts SET reports = reports + 1 WHERE id = ?", post).Exec(ctx)
		return err
	})
}
