package registration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// MessageOp is what staff do with a message.
type MessageOp string

// What staff do with messages. Sending goes to those who have not got it yet.
const (
	SendNow MessageOp = "send"
	Hold    MessageOp = "hold"
	Release MessageOp = "release"
)

// MessageOps lists them.
var MessageOps = []MessageOp{SendNow, Hold, Release}

// MessageLine is a line of the plan as it stands.
type MessageLine struct {
	*Message
	State MessageState
	Due   time.Time // zero: nothing says when
	For   int       // how many would get it now, who have not
	Sent  int
	Ops   []MessageOp
}

// MessageSent is a line of the log.
type MessageSent struct {
	Kind, About string
	State       MessageState
	Started     time.Time
	Ended       time.Time // zero: not yet
	Sent        int
}

// MessagePlan is an event's messages for an actor.
type MessagePlan struct {
	About
	Event   *Event // nil while it is not public
	Lines   []MessageLine
	Log     []MessageSent // the latest first
	MaySend bool
	Untold  string // what has happened to the event without anybody being told; empty: nothing
}

// Messages gives an event's plan of messages with what has become of it.
func (s *Store) Messages(ctx context.Context, who *auth.Actor, event string) (*MessagePlan, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, event)
	if err != nil {
		return nil, err
	}
	return s.messages(ctx, s.DB.Read(), who, e)
}

func (s *Store) messages(ctx context.Context, q bun.IDB, who *auth.Actor, e *content.Entry) (*MessagePlan, error) {
	p := &MessagePlan{MaySend: who.Can(auth.SendMessages, e.Object())}
	var err error
	if p.About, err = s.aboutIn(ctx, q, who, e); err != nil {
		return nil, err
	}
	if p.Event, err = s.event(ctx, q, e.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, err
	}
	rows, err := s.latest(ctx, q, e.ID)
	if err != nil {
		return nil, err
	}
	seq := ""
	if p.Event != nil {
		if seq, err = s.sequence(ctx, q, p.Event); err != nil {
			return nil, err
		}
	}
	for _, m := range p.Form.Plan() {
		x := rows[m.ID]
		l := MessageLine{Message: m, State: Planned}
		if l.Due, _ = m.Due(p.Form); m.Off {
			l.State, l.Due = Dropped, time.Time{}
		}
		if x != nil {
			if !m.Off {
				l.State = x.State
			}
			if l.Sent = x.Sent; x.DueAt != nil && m.Timed() != "" && p.Public {
				l.Due = *x.DueAt
			}
		}
		if l.For, err = s.waiting(ctx, q, p.Form, m, x, e.ID); err != nil {
			return nil, err
		}
		if p.Public && p.MaySend && !m.Off {
			l.Ops = s.ops(p, m, x, seq)
		}
		if h := p.Form.Happened; h != "" && p.Public && tells(h) == m.Kind && !m.Off && l.For > 0 && (x == nil || !strings.HasSuffix(x.About, ":"+seq)) {
			p.Untold = h
		}
		p.Lines = append(p.Lines, l)
	}
	var all []messageRow
	if err := q.NewSelect().Model(&all).Where("m.event_id = ? AND m.started_at IS NOT NULL", e.ID).Order("m.started_at DESC", "m.message").Limit(200).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for _, x := range all {
		l := MessageSent{Kind: x.Key, State: x.State, Started: *x.StartedAt, Sent: x.Sent}
		l.About, _, _ = strings.Cut(x.About, ":")
		if x.EndedAt != nil {
			l.Ended = *x.EndedAt
		}
		p.Log = append(p.Log, l)
	}
	return p, nil
}

// ops are what can be done with a message as it is.
func (s *Store) ops(p *MessagePlan, m *Message, x *messageRow, seq string) []MessageOp {
	switch {
	case m.Kind == Changed || m.Kind == Cancelled:
		if h := p.Form.Happened; h == "" || tells(h) != m.Kind || x != nil && strings.HasSuffix(x.About, ":"+seq) {
			return nil
		}
		return []MessageOp{SendNow}
	case m.Kind == OnTheDay:
		if x != nil && x.State != Dropped {
			return nil
		}
		return []MessageOp{SendNow}
	case m.Kind == ByHand:
		if x != nil && (x.State == Planned || x.State == Running) {
			return nil
		}
		return []MessageOp{SendNow}
	case x == nil || p.Form.Off:
		return nil
	case x.State == OnHold:
		return []MessageOp{Release, SendNow}
	case x.State == Planned && x.DueAt != nil:
		return []MessageOp{SendNow, Hold}
	case x.State == Told && !missed(p.Form, m, x, s.now()):
		return []MessageOp{SendNow}
	}
	return nil
}

// waiting counts those who would get a message now, and have not.
func (s *Store) waiting(ctx context.Context, q bun.IDB, f *Form, m *Message, x *messageRow, event string) (int, error) {
	before := x
	if m.Kind != OnTheDay {
		before = nil
	}
	sel := s.audience(q.NewSelect().Model((*row)(nil)), f, m, before, event).Where("r.mail <> ''")
	if x != nil && (x.State == Running || x.State == Told || x.State == Planned || x.State == OnHold) && m.Kind != Changed && m.Kind != Cancelled {
		sel = sel.Where("NOT EXISTS (SELECT 1 FROM message_receipts p WHERE p.registration_id = r.id AND p.message = ? AND p.occurrence = ?)", x.Message, x.Occurrence)
	}
	n, err := sel.Count(ctx)
	return int(n), db.Normalize(err)
}

// MessageDo sends, holds or releases a message of an event, and says how many it goes to. What cannot be done as it is
// now is an Invalid.
func (s *Store) MessageDo(ctx context.Context, who *auth.Actor, event, message string, op MessageOp) (int, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, event)
	if err != nil {
		return 0, err
	}
	if !who.Can(auth.SendMessages, e.Object()) {
		return 0, auth.ErrForbidden
	}
	n := 0
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		h, err := s.hold(ctx, tx, event)
		if err != nil {
			return err
		}
		p, err := s.messages(ctx, tx, who, e)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(p.Lines, func(l MessageLine) bool { return l.ID == message })
		if i < 0 {
			return db.ErrNotFound
		}
		l := p.Lines[i]
		if !slices.Contains(l.Ops, op) {
			return refuse("", "messages.not_now")
		}
		if op == SendNow && l.For == 0 {
			return refuse("", "messages.send_nobody")
		}
		rows, err := s.latest(ctx, tx, event)
		if err != nil {
			return err
		}
		x := rows[message]
		switch op {
		case Hold:
			x.State = OnHold
		case Release:
			x.State = Planned
		case SendNow:
			if x, err = s.again(ctx, tx, h, l.Message, x); err != nil {
				return err
			}
			n = l.For
		}
		if err := s.keep(ctx, tx, x); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "messages."+string(op), e.Object(), map[string]any{"message": l.Kind, "count": l.For})
	})
	return n, err
}

// again is the message to send now: as it is, to those who have not got it; or, of what has happened since, a new one.
func (s *Store) again(ctx context.Context, tx bun.Tx, h *held, m *Message, x *messageRow) (*messageRow, error) {
	if m.Kind == Changed || m.Kind == Cancelled {
		seq, err := s.sequence(ctx, tx, h.Event)
		if err != nil {
			return nil, err
		}
		if x == nil || !strings.HasSuffix(x.About, ":"+seq) {
			next := &messageRow{EventID: h.ID, Message: m.ID, Occurrence: 1, Key: m.Kind, About: h.Form.Happened + ":" + seq, State: Planned, DueAt: &h.now, CreatedAt: h.now}
			if x != nil {
				next.Occurrence = x.Occurrence + 1
			}
			return next, nil
		}
	}
	if x == nil {
		x = &messageRow{EventID: h.ID, Message: m.ID, Occurrence: 1, Key: m.Kind, CreatedAt: h.now}
		if n := h.Form.Notice(m.ID); n != nil {
			x.About = n.Kind
		}
	}
	if x.State = Planned; x.StartedAt != nil {
		x.State = Running
	}
	x.DueAt, x.EndedAt = &h.now, nil
	return x, nil
}

// MessagePreview is a letter as somebody would get it.
type MessagePreview struct {
	MessageLine
	About
	MaySend bool
	Locale  i18n.Locale
	Subject string
	Text    string
	File    bool // the event for calendars comes with it
	People  []*Registration
	Person  *Registration // nil: nobody in particular
	Got     time.Time     // when that person got it; zero: not yet
}

// previewMost is among how many people one can be chosen to look at a letter.
const previewMost = 100

// MessagePreview composes a message for one of those it is for, in their language; without a registration for nobody in
// particular, in the language l. That people were looked at is written down.
func (s *Store) MessagePreview(ctx context.Context, who *auth.Actor, event, message, registration string, l i18n.Locale) (*MessagePreview, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, event)
	if err != nil {
		return nil, err
	}
	plan, err := s.messages(ctx, s.DB.Read(), who, e)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(plan.Lines, func(x MessageLine) bool { return x.ID == message })
	if i < 0 {
		return nil, db.ErrNotFound
	}
	v := &MessagePreview{MessageLine: plan.Lines[i], About: plan.About, MaySend: plan.MaySend, Locale: l}
	at := plan.Event
	if at == nil {
		at = &Event{&content.Living{ID: e.ID, Kind: e.Kind, Original: e.Original, Path: e.Kind.Path, Value: e.Value}, plan.Form}
	}
	var rows []row
	if err := s.audience(s.DB.Read().NewSelect().Model(&rows), plan.Form, v.Message, nil, event).Where("r.mail <> ''").Order("r.created_at DESC", "r.id").Limit(previewMost).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for i := range rows {
		x, err := rows[i].registration()
		if err != nil {
			return nil, err
		}
		if v.People = append(v.People, x); x.ID == registration {
			v.Person, v.Locale = x, x.Locale
		}
	}
	if registration != "" && v.Person == nil {
		return nil, db.ErrNotFound
	}
	states, err := s.latest(ctx, s.DB.Read(), event)
	if err != nil {
		return nil, err
	}
	about := plan.Form.Happened
	if x := states[message]; x != nil {
		about = x.About
		if v.Person != nil {
			var got []time.Time
			if err := s.DB.Read().NewRaw("SELECT at FROM message_receipts WHERE registration_id = ? AND message = ? AND occurrence = ?", v.Person.ID, x.Message, x.Occurrence).Scan(ctx, &got); err != nil {
				return nil, db.Normalize(err)
			}
			if len(got) > 0 {
				v.Got = got[0]
			}
		}
	} else if v.Kind == MaterialsReady {
		for id := range plan.Form.Promises {
			about += " " + id
		}
	}
	d, subject, err := s.messageDraft(ctx, s.DB.Read(), at, v.Locale, v.Message, about, "…")
	if err != nil {
		return nil, err
	}
	if v.Subject = subject; v.Person != nil {
		s.askIn(d, v.Locale, v.Message, about, v.Person.Again)
	}
	v.Text, _ = s.Mail.Compose(v.Locale, d.body)
	v.File = slices.Contains([]string{Reminder, Changed, Cancelled}, v.Kind)
	if n := at.Form.Notice(v.ID); n != nil {
		v.File = n.Calendar
	}
	if len(v.People) > 0 {
		return v, s.read(ctx, who, e)
	}
	return v, nil
}

// MessageEffects are what a change of an event does to its messages.
type MessageEffects struct {
	Moved   []MessageMoved
	Dropped int // are not sent any more
	Told    int // people who can be told of it; 0 as well where that message is off
	Asked   int // those of them who can be asked to say again that they come
}

// MessageMoved is a message whose time moves with the event.
type MessageMoved struct {
	Kind     string
	Old, New time.Time
	Again    bool // it has been sent for the old date
}

// Effects foresees what becomes of an event's messages when its facts change to those of after. what has happened to it.
func (s *Store) Effects(ctx context.Context, event string, after *Form, what string) (out MessageEffects, err error) {
	if _, err := s.Event(ctx, event); errors.Is(err, db.ErrNotFound) || after == nil {
		return out, nil // not public, or one registers elsewhere
	} else if err != nil {
		return out, err
	}
	rows, err := s.latest(ctx, s.DB.Read(), event)
	if err != nil {
		return out, err
	}
	now := s.now()
	for _, m := range after.Plan() {
		if m.Kind == tells(what) && !m.Off {
			if out.Told, err = s.waiting(ctx, s.DB.Read(), after, m, nil, event); err != nil {
				return out, err
			}
			if slices.Contains(m.Whom(), Confirmed) && m.Only == "" && m.In(after) == "" {
				if out.Asked, err = s.Reached(ctx, event); err != nil {
					return out, err
				}
			}
		}
		x := rows[m.ID]
		if m.Timed() == "" || m.Off || x == nil || x.DueAt == nil || x.State == Running {
			continue
		}
		switch due, _ := m.Due(after); {
		case due.Equal(*x.DueAt):
		case due.IsZero():
			if x.StartedAt == nil && x.State != Missed {
				out.Dropped++
			}
		case x.StartedAt == nil || due.After(now):
			out.Moved = append(out.Moved, MessageMoved{m.Kind, *x.DueAt, due, x.StartedAt != nil})
		}
	}
	return out, nil
}

// Reached is how many people are told of a notice of the day: those with a place and a mailbox.
func (s *Store) Reached(ctx context.Context, event string) (int, error) {
	e, err := s.Event(ctx, event)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil // not public, or one registers elsewhere
	} else if err != nil {
		return 0, err
	}
	return s.waiting(ctx, s.DB.Read(), e.Form, &Message{Kind: OnTheDay}, nil, event)
}
