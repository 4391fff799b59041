package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
)

// MessageState is how far a message got.
type MessageState string

// The states of messages.
const (
	Planned MessageState = "planned" // goes when its time has come; or nothing says when
	OnHold  MessageState = "held"    // a person must release it
	Running MessageState = "running" // some have it
	Told    MessageState = "sent"    // all have it, and who comes late gets it at once
	Missed  MessageState = "missed"  // its time was over before anybody could be told
	Dropped MessageState = "dropped" // is no longer in the plan, or off
)

type messageRow struct {
	bun.BaseModel `bun:"table:messages,alias:m"`
	EventID       string `bun:",pk"`
	Message       string `bun:",pk"`
	Occurrence    int    `bun:",pk"`
	Key           string
	About         string
	Basis         *time.Time
	DueAt         *time.Time
	State         MessageState
	Sent          int
	StartedAt     *time.Time
	EndedAt       *time.Time
	CreatedAt     time.Time
}

// lateMost is for how long after its time a message is still worth sending that goes after the event.
const lateMost = 7 * 24 * time.Hour

// portion is to how many one transaction writes: the event's row is held meanwhile.
const portion = 100

// MessageJob is the kind of the tasks that send messages.
const MessageJob = "messages"

type messageArgs struct {
	Event      string `json:"event"`
	Message    string `json:"message"`
	Occurrence int    `json:"occurrence"`
}

func messageKey(event, message string) string { return "message:" + event + ":" + message }

// latest are the newest occurrences of an event's messages, by the message.
func (s *Store) latest(ctx context.Context, q bun.IDB, event string) (map[string]*messageRow, error) {
	var rows []messageRow
	if err := q.NewSelect().Model(&rows).Where("m.event_id = ?", event).Order("m.occurrence").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := map[string]*messageRow{}
	for i := range rows {
		out[rows[i].Message] = &rows[i]
	}
	return out, nil
}

// plan brings the times of an event's messages up to its facts, as part of tx: when the event moves, they move with it.
func (s *Store) plan(ctx context.Context, tx bun.Tx, h *held) error {
	if s.Jobs == nil {
		return nil
	}
	rows, err := s.latest(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	first, lines := len(rows) == 0, h.Form.Plan()
	if err := s.adopt(ctx, tx, h, rows, lines); err != nil {
		return err
	}
	known, unheard := map[string]*Message{}, false
	for _, m := range lines {
		known[m.ID] = m
		if m.Timed() != "" {
			if err := s.retime(ctx, tx, h, m, rows[m.ID]); err != nil {
				return err
			}
		}
	}
	for id, r := range rows {
		m := known[id]
		// Its task may have been given up, or have found the event withdrawn.
		if m != nil && (r.State == Running || r.State == Planned && m.Timed() == "") {
			if err := s.keep(ctx, tx, r); err != nil {
				return err
			}
		}
		if m == nil && (r.State == Planned || r.State == OnHold) {
			unheard = unheard || r.Key == OnTheDay
			r.State = Dropped
			if err := s.keep(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	if err := s.planFacts(ctx, tx, h, rows, first); err != nil {
		return err
	}
	return s.planChange(ctx, tx, h, rows, unheard)
}

type tellingKey struct{}

// telling is a change of an event whose registrants are to be told.
type telling struct {
	event, what string
	ask         bool // whether they come all the same
}

// Telling has the registrants of an event told, in the transaction in which it becomes public, what happens to it: one of
// kind.Changes, or "undo" for that the latest of these is taken back, or TellsNotice of what changes on the day.
func Telling(ctx context.Context, event, what string) context.Context {
	return context.WithValue(ctx, tellingKey{}, telling{event: event, what: what})
}

// TellsNotice is what Telling takes for the notice of the day with an id.
func TellsNotice(id string) string { return OnTheDay + ":" + id }

// Undone is what happens to an event whose latest change is taken back.
const Undone = "undo"

// planChange has the change told that the transaction makes. What was being told of an earlier one is overtaken. unheard says
// that something is no longer so of which nobody was told yet.
func (s *Store) planChange(ctx context.Context, tx bun.Tx, h *held, rows map[string]*messageRow, unheard bool) error {
	t, ok := ctx.Value(tellingKey{}).(telling)
	if !ok || t.event != h.ID {
		return nil
	}
	if id, ok := strings.CutPrefix(t.what, OnTheDay+":"); ok {
		n := h.Form.Notice(id)
		if n == nil || rows[id] != nil {
			return nil
		}
		return s.keep(ctx, tx, &messageRow{EventID: h.ID, Message: id, Occurrence: 1, Key: OnTheDay, About: n.Kind, State: Planned, DueAt: &h.now, CreatedAt: h.now})
	}
	for _, r := range rows {
		if (r.Key == Changed || r.Key == Cancelled) && (r.State == Planned || r.State == OnHold || r.State == Running) {
			unheard = unheard || r.StartedAt == nil
			r.State = Dropped
			if err := s.keep(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	if t.what == Undone && unheard {
		return nil // nobody has heard of what is taken back
	}
	if t.ask || t.what == Undone || h.Form.Off { // what is off, or as it was, asks nobody any more; the question of a move outlives another room
		if err := s.askAll(ctx, tx, h, t.ask && !h.Form.Off); err != nil {
			return err
		}
	}
	seq, err := s.sequence(ctx, tx, h.Event)
	if err != nil {
		return err
	}
	what := t.what
	if t.ask {
		what += strings.TrimSuffix(askMark, ":")
	}
	for _, m := range h.Form.Plan() {
		if m.Kind != tells(t.what) || m.Off {
			continue
		}
		r := &messageRow{EventID: h.ID, Message: m.ID, Occurrence: 1, Key: m.Kind, About: what + ":" + seq, State: Planned, DueAt: &h.now, CreatedAt: h.now}
		if old := rows[m.ID]; old != nil {
			r.Occurrence = old.Occurrence + 1
		}
		if err := s.keep(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// Replan looks at the plans of all events that are to come or have just been. Saving and publishing keep them; this is for
// what changes without: the clock rules of a country, and a program that did not send messages yet.
func (s *Store) Replan(ctx context.Context) error {
	var events []string
	if err := s.DB.Read().NewRaw("SELECT event_id FROM registration_events WHERE ends_at IS NULL OR ends_at > ? ORDER BY event_id", s.now().Add(-lateMost)).Scan(ctx, &events); err != nil {
		return db.Normalize(err)
	}
	for _, id := range events {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			h, err := s.hold(ctx, tx, id)
			if err != nil {
				return err
			}
			return s.plan(ctx, tx, h)
		})
		if err != nil && !errors.Is(err, db.ErrNotFound) { // it may have been withdrawn
			return fmt.Errorf("messages of %s: %w", id, err)
		}
	}
	return nil
}

// adopt keeps what was sent by the usual line of a kind for the line that an editor has written instead, and the other way
// round: it is the same message.
func (s *Store) adopt(ctx context.Context, tx bun.Tx, h *held, rows map[string]*messageRow, lines []*Message) error {
	for _, m := range lines {
		if rows[m.ID] != nil || m.Kind == ByHand {
			continue
		}
		for old, r := range rows {
			if r.Key != m.Kind || slices.ContainsFunc(lines, func(x *Message) bool { return x.ID == old }) || old != m.Kind && m.ID != m.Kind {
				continue
			}
			if _, err := tx.NewRaw("UPDATE messages SET message = ? WHERE event_id = ? AND message = ?", m.ID, h.ID, old).Exec(ctx); err != nil {
				return err
			}
			if _, err := tx.NewRaw("UPDATE message_receipts SET message = ? WHERE message = ? AND registration_id IN (SELECT id FROM registrations WHERE event_id = ?)", m.ID, old, h.ID).Exec(ctx); err != nil {
				return err
			}
			if err := s.Jobs.Cancel(ctx, tx, messageKey(h.ID, old)); err != nil {
				return err
			}
			delete(rows, old)
			r.Message = m.ID
			rows[m.ID] = r
			if r.State == Dropped && r.StartedAt == nil {
				r.State = Planned
			}
			if err := s.keep(ctx, tx, r); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// retime reckons when a message goes that goes by the clock.
func (s *Store) retime(ctx context.Context, tx bun.Tx, h *held, m *Message, r *messageRow) error {
	due, basis := m.Due(h.Form)
	if m.Off {
		due, basis = time.Time{}, time.Time{}
	}
	if r == nil {
		if due.IsZero() {
			return nil
		}
		r = &messageRow{EventID: h.ID, Message: m.ID, Occurrence: 1, Key: m.Kind, State: Planned, CreatedAt: h.now}
		return s.setTime(ctx, tx, h, m, r, due, basis)
	}
	began := r.StartedAt != nil
	switch {
	case r.State == Running: // all of them get it
		return nil
	case due.IsZero():
		if began {
			return nil
		}
		r.State, r.DueAt, r.Basis = map[bool]MessageState{true: Dropped, false: Planned}[m.Off], nil, nil
		return s.keep(ctx, tx, r)
	case !began:
		if r.State != OnHold {
			r.State = Planned
		}
		return s.setTime(ctx, tx, h, m, r, due, basis)
	case r.Basis != nil && !basis.Equal(*r.Basis) && due.After(h.now):
		// Sent already, and then the event moved so far that it is of use once more.
		next := &messageRow{EventID: h.ID, Message: m.ID, Occurrence: r.Occurrence + 1, Key: m.Kind, State: Planned, CreatedAt: h.now}
		return s.setTime(ctx, tx, h, m, next, due, basis)
	case r.Basis != nil && !basis.Equal(*r.Basis):
		due, basis = due.UTC(), basis.UTC()
		r.DueAt, r.Basis = &due, &basis // they have it, and who comes late gets it until the new time
		return s.progress(ctx, tx, r)
	}
	return nil
}

// setTime gives a message its time, or says that this was over before anybody knew.
func (s *Store) setTime(ctx context.Context, tx bun.Tx, h *held, m *Message, r *messageRow, due, basis time.Time) error {
	due, basis = due.UTC(), basis.UTC()
	r.DueAt, r.Basis = &due, &basis
	if missed(h.Form, m, r, h.now) {
		r.State = Missed
	}
	return s.keep(ctx, tx, r)
}

// missed says that a message is of no use any more.
func missed(f *Form, m *Message, r *messageRow, now time.Time) bool {
	switch {
	case r.DueAt == nil || r.Basis == nil:
		return false
	case m.Kind == AskSurvey:
		return !now.Before(f.SurveyCloses)
	case m.Timed() == BeforeStart:
		return !now.Before(*r.Basis)
	}
	return now.After(r.DueAt.Add(lateMost))
}

// keep stores a message, and has its task wait for its time, or not.
func (s *Store) keep(ctx context.Context, tx bun.Tx, r *messageRow) error {
	if _, err := tx.NewInsert().Model(r).On("CONFLICT (event_id, message, occurrence) DO UPDATE").Set("state = EXCLUDED.state").Set("due_at = EXCLUDED.due_at").Set("basis = EXCLUDED.basis").
		Set("about = EXCLUDED.about").Set("sent = EXCLUDED.sent").Set("started_at = EXCLUDED.started_at").Set("ended_at = EXCLUDED.ended_at").Exec(ctx); err != nil {
		return fmt.Errorf("message %s: %w", r.Message, err)
	}
	key := messageKey(r.EventID, r.Message)
	if (r.State == Planned || r.State == Running) && r.DueAt != nil {
		return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: MessageJob, Key: key, At: *r.DueAt, Args: messageArgs{r.EventID, r.Message, r.Occurrence}})
	}
	return s.Jobs.Cancel(ctx, tx, key)
}

// proved looks at the messages of events that wait for an entry which has just become public.
func (s *Store) proved(ctx context.Context, tx bun.Tx, id string) error {
	if s.Jobs == nil {
		return nil
	}
	ids, err := s.Content.ProvesFor(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) || len(ids) == 0 {
		return nil
	} else if err != nil {
		return err
	}
	var events []string
	if err := tx.NewRaw("SELECT event_id FROM registration_events WHERE event_id IN (?) ORDER BY event_id", bun.List(ids)).Scan(ctx, &events); err != nil {
		return err
	}
	for _, event := range events {
		h, err := s.hold(ctx, tx, event)
		if errors.Is(err, db.ErrNotFound) {
			continue // not public, or registration is elsewhere by now
		} else if err != nil {
			return err
		}
		if err := s.plan(ctx, tx, h); err != nil {
			return err
		}
	}
	return nil
}

// planFacts has messages sent that waited for something to become so. What was so before there was a plan is no news.
func (s *Store) planFacts(ctx context.Context, tx bun.Tx, h *held, rows map[string]*messageRow, first bool) error {
	v, ok := h.Value.(Promising)
	if !ok || h.Form.Off {
		return nil
	}
	around, err := s.Content.LivingSurroundings(ctx, tx, h.Living)
	if err != nil {
		return err
	}
	facts := v.MessageFacts(h.Original, around)
	for _, m := range h.Form.Plan() {
		if m.Kind != Outcome && m.Kind != MaterialsReady {
			continue
		}
		var told []string
		if err := tx.NewRaw("SELECT about FROM messages WHERE event_id = ? AND message = ?", h.ID, m.ID).Scan(ctx, &told); err != nil {
			return err
		}
		known := strings.Fields(strings.Join(told, " "))
		var news []string
		for _, f := range facts {
			if (f == Reported) == (m.Kind == Outcome) && !slices.Contains(known, string(f)) {
				news = append(news, string(f))
			}
		}
		if len(news) == 0 {
			continue
		}
		r := &messageRow{EventID: h.ID, Message: m.ID, Occurrence: 1, Key: m.Kind, About: strings.Join(news, " "), State: Planned, DueAt: &h.now, CreatedAt: h.now}
		if old := rows[m.ID]; old != nil {
			if r.Occurrence = old.Occurrence + 1; old.StartedAt == nil && (old.State == Planned || old.State == OnHold) {
				// It has not gone yet: one letter tells of all.
				old.About += " " + r.About
				r = old
			}
		}
		switch {
		case m.Off:
			r.State = Dropped
		case first:
			r.State = Missed
		}
		if err := s.keep(ctx, tx, r); err != nil {
			return err
		}
		rows[m.ID] = r
	}
	return nil
}

// tells is the kind of message that tells of what happened.
func tells(what string) string {
	if what == "cancel" {
		return Cancelled
	}
	return Changed
}

// sequence is how often time, place or status of an event have changed in public.
func (s *Store) sequence(ctx context.Context, q bun.IDB, e *Event) (string, error) {
	p, err := s.Content.PublicationIn(ctx, q, e.Original, e.ID)
	return strconv.Itoa(p.Sequence), err
}

// Deliver is the task that sends a message: to some in a transaction, and so on until all have it. Killed in between, it
// goes on where it was: each letter is written with the receipt that it was.
func (s *Store) Deliver(ctx context.Context, r *job.Run) error {
	var args messageArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	for {
		more := false
		err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			var err error
			if more, err = s.deliver(ctx, tx, args); err != nil {
				return err
			}
			if more { // it gets on: what interrupted it so far does not count
				return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: MessageJob, Key: r.Key, Args: args, At: s.now()})
			}
			return r.Done(ctx, tx)
		})
		if errors.Is(err, job.ErrLost) {
			return nil
		}
		if err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// deliver writes to the next portion of those whom a message is for, and says whether there may be more.
func (s *Store) deliver(ctx context.Context, tx bun.Tx, args messageArgs) (more bool, err error) {
	h, err := s.hold(ctx, tx, args.Event)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil // withdrawn from the public: planned anew when it comes back
	} else if err != nil {
		return false, err
	}
	rows, err := s.latest(ctx, tx, args.Event)
	if err != nil {
		return false, err
	}
	x, m := rows[args.Message], h.Form.Planned(args.Message)
	switch {
	case x == nil || x.State != Planned && x.State != Running || x.DueAt == nil || x.DueAt.After(h.now):
		return false, nil // held, moved or sent since
	case m == nil || m.Off || h.Form.Off && m.Timed() != "":
		x.State = Dropped
		return false, s.progress(ctx, tx, x)
	case missed(h.Form, m, x, h.now):
		x.State = Missed
		return false, s.progress(ctx, tx, x)
	}
	if m.Kind == StillComing && x.StartedAt == nil {
		asked := askedAt(rows)
		if asked.IsZero() { // it moved, and nobody was asked
			x.State = Dropped
			return false, s.progress(ctx, tx, x)
		}
		if at := asked.Add(askRest); at.After(h.now) {
			x.DueAt = &at
			return false, s.keep(ctx, tx, x)
		}
	}
	if x.StartedAt == nil {
		x.StartedAt = &h.now
	}
	var to []row
	if err := s.audience(tx.NewSelect().Model(&to), h.Form, m, x, args.Event).Where("r.mail <> ''").
		Where("NOT EXISTS (SELECT 1 FROM message_receipts p WHERE p.registration_id = r.id AND p.message = ? AND p.occurrence = ?)", x.Message, x.Occurrence).
		Order("r.id").Limit(portion).Scan(ctx); err != nil {
		return false, err
	}
	for i := range to {
		if err := s.message(ctx, tx, h, &to[i], m, x); err != nil {
			return false, err
		}
	}
	if x.State = Running; len(to) < portion {
		x.State, x.EndedAt = Told, &h.now
	}
	return len(to) == portion, s.progress(ctx, tx, x)
}

// progress stores how far a message got.
func (s *Store) progress(ctx context.Context, tx bun.Tx, x *messageRow) error {
	_, err := tx.NewUpdate().Model(x).WherePK().Exec(ctx)
	return err
}

// audience limits a query to those whom a message is for. Who came after a change has read of it.
func (s *Store) audience(q *bun.SelectQuery, f *Form, m *Message, x *messageRow, event string) *bun.SelectQuery {
	q = q.Where("r.event_id = ? AND r.state IN (?)", event, bun.List(m.Whom()))
	if m.Only != "" {
		q = q.Where("r.category IN (?)", bun.List(append(f.keyed(m.Only), "-")))
	}
	switch m.In(f) { // as Message.reaches
	case InPerson:
		q = q.Where("r.mode <> ?", Online)
	case Online:
		q = q.Where("(r.mode <> ? OR r.also_online)", InPerson)
	}
	if m.Follows() {
		q = q.Where("r.quiet = ?", false)
	}
	switch m.Kind {
	case AskSurvey:
		q = q.Where("r.surveyed = ?", false)
	case StillComing:
		q = q.Where("r.again = ?", AgainAsked)
	}
	if x != nil && (m.Kind == Changed || m.Kind == Cancelled || m.Kind == OnTheDay) {
		q = q.Where("r.created_at < ?", x.CreatedAt)
	}
	return q
}

// keyed are the ids of the categories with a key.
func (f *Form) keyed(key string) []string {
	var out []string
	for _, c := range f.Categories {
		if c.Key == key {
			out = append(out, c.ID)
		}
	}
	return out
}

// late sends somebody who has just got a place what the others have already, while it is of use.
func (s *Store) late(ctx context.Context, tx bun.Tx, h *held, r *row) error {
	if s.Jobs == nil || r.Mail == "" || h.Form.Off {
		return nil
	}
	rows, err := s.latest(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	for _, m := range h.Form.Plan() {
		x := rows[m.ID]
		if x == nil || m.Off || m.Kind == StillComing || m.Timed() != BeforeStart || x.StartedAt == nil || x.State != Told && x.State != Running || missed(h.Form, m, x, h.now) || !slices.Contains(m.Whom(), r.State) ||
			m.Only != "" && !slices.Contains(h.Form.keyed(m.Only), r.Category) || !m.reaches(h.Form, r) {
			continue
		}
		if err := s.message(ctx, tx, h, r, m, x); err != nil {
			return err
		}
		if err := s.progress(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

// message writes one letter of a message, with the receipt that makes it the only one.
func (s *Store) message(ctx context.Context, tx bun.Tx, h *held, r *row, m *Message, x *messageRow) error {
	res, err := tx.NewRaw("INSERT INTO message_receipts (registration_id, message, occurrence, at) VALUES (?, ?, ?, ?) ON CONFLICT (registration_id, message, occurrence) DO NOTHING",
		r.ID, x.Message, x.Occurrence, h.now).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	token, err := s.newToken(ctx, tx, h, r, false)
	if err != nil {
		return err
	}
	d, subject, err := s.messageDraft(ctx, tx, h.Event, r.Locale, m, x.About, token)
	if err != nil {
		return err
	}
	s.modeIn(d, h.Form, r)
	s.askIn(d, r.Locale, m, x.About, r.Again)
	l := mail.Letter{Cause: fmt.Sprintf("registration.message:%s:%s:%d:%s", h.ID, x.Message, x.Occurrence, r.ID), Subject: subject, Priority: mail.Bulk}
	if m.Timed() == BeforeStart {
		l.NotAfter = h.Form.Ends
	}
	switch m.Kind {
	case Changed, Cancelled:
		l.Priority = mail.Normal // before what can wait
	case OnTheDay:
		l.Priority, l.NotAfter = mail.Urgent, h.Form.Ends
	}
	if m.Follows() {
		l.Unsubscribe = s.BaseURL + "/" + string(r.Locale) + "/registrations/" + token + "/stop"
		d.body.Footer = append(d.body.Footer, s.Catalogue.T(r.Locale, "message.stop"), l.Unsubscribe)
	}
	switch m.Kind {
	case Reminder, Changed, Cancelled, OnTheDay:
		if n := h.Form.Notice(m.ID); n != nil && !n.Calendar {
			break
		}
		if l.Files, err = s.calendar(ctx, tx, h, r.Locale); err != nil {
			return err
		}
	}
	x.Sent++
	return s.post(ctx, tx, h, r, d, l)
}

// messageDraft composes a message in a language. about is what happened, or the promises that are kept.
func (s *Store) messageDraft(ctx context.Context, q bun.IDB, e *Event, l i18n.Locale, m *Message, about, token string) (*draft, string, error) {
	d := s.draft(e, l, token)
	d.body.Button.Text = s.Catalogue.T(l, "message.button")
	if m.Kind == AskSurvey {
		d.link += "/survey"
		d.body.Button = mail.Link{Text: s.Catalogue.T(l, "message.survey.button"), URL: d.link}
	}
	if p := s.placeIn(e, l); p != "" && m.Timed() != AfterEnd && m.Kind != MaterialsReady && m.Kind != Outcome {
		d.body.Facts = slices.Insert(d.body.Facts, len(d.body.Facts)-1, mail.Fact{Label: s.Catalogue.T(l, "message.place"), Value: p})
	}
	name := m.Kind
	if m.Kind == Changed {
		what, _, _ := strings.Cut(about, ":")
		if what == "" {
			what = "move" // to look at, before anything has happened
		}
		name = "change_" + what
	}
	text := func(x content.Line, in i18n.Locale, title string) string {
		f := s.facts(e, in, title, d.page, d.link)
		return put(x.In(in), f)
	}
	own := m.Body.In(l) != ""
	if n := e.Form.Notice(m.ID); n != nil {
		d.body.Paragraphs = []string{s.Catalogue.T(l, "message.day.text", "Event", d.title), n.Words(s.Catalogue, l)}
	} else if own {
		d.body.Paragraphs = paragraphs(text(m.Body, l, d.title))
	} else {
		d.body.Paragraphs = []string{s.Catalogue.T(l, "message."+name+".text", "Event", d.title)}
		if m.Body.In(e.Original) != "" {
			// What the office wrote has not been put into this language: the usual words first, then the original.
			d.body.Paragraphs = append(d.body.Paragraphs, s.Catalogue.T(l, "message.original", "Language", i18n.LanguageName(l, string(e.Original))))
			for _, p := range paragraphs(text(m.Body, e.Original, d.title)) {
				d.body.Paragraphs = append(d.body.Paragraphs, i18n.Isolate(p))
			}
		}
	}
	switch m.Kind {
	case LoginGuideline:
		if e.Form.Guideline == "" {
			break
		}
		at, err := s.Content.TitlesIn(ctx, q, l, []string{e.Form.Guideline})
		if err != nil {
			return nil, "", err
		}
		if p, ok := at[e.Form.Guideline]; ok { // public
			d.body.Facts = append(d.body.Facts, mail.Fact{Label: s.Catalogue.T(l, "enum.document_slot.log_in_guideline"), Value: s.BaseURL + "/" + string(l) + "/" + p.Path})
		}
	case Changed, Cancelled:
		if why, in := e.Form.Reason.Pick(l, e.Original); why != "" {
			if in != l {
				why = i18n.Isolate(why)
			}
			d.body.Paragraphs = append(d.body.Paragraphs, why)
		}
	case MaterialsReady:
		var kept []string
		for _, id := range strings.Fields(about) {
			if kind := e.Form.Promises[id]; kind != "" {
				if w := s.Catalogue.T(l, "enum.commitment_kind."+kind); !slices.Contains(kept, w) {
					kept = append(kept, w)
				}
			}
		}
		if len(kept) > 0 {
			d.body.Facts = append([]mail.Fact{{Label: s.Catalogue.T(l, "message.ready"), Value: i18n.List(l, kept)}}, d.body.Facts...)
		}
	}
	return d, s.subject(e, l, func(title string) string {
		if m.Subject.In(l) != "" {
			// A key has no place in a subject, which mail programs show to whoever looks over a shoulder.
			return put(m.Subject.In(l), s.facts(e, l, title, d.page, d.page))
		}
		return s.Catalogue.T(l, "message."+name+".subject", "Event", title)
	}), nil
}
