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

// Query asks for registrations of one event; zero fields do not limit.
type Query struct {
	Event         string
	Search        string
	State         State
	Category      string // id
	Mode          string // InPerson or Online
	Country       string
	Locale        i18n.Locale
	Again         string // AgainAsked or AgainComes
	Door          bool   // by name, for the entrance: those with a place, or of whom Search finds all but the declined
	Offset, Limit int
}

// List is a page of registrations, with how many there are.
type List struct {
	About
	Rows   []*Registration
	Total  int                      // that the query finds
	States map[State]int            // of all
	Places int                      // taken in all
	In     map[string]map[State]int // of a hybrid event: States by mode
	Crowds []Crowd                  // where more are taken than there are
	// Countries and Locales that occur, for filters.
	Countries []string
	Locales   []i18n.Locale
	Numbers   map[State]int // of those who are forgotten
	// Silent were asked to say again that they come and have not answered; Comes have.
	Silent, Comes int
}

// About is the event that registrations are of, for an actor.
type About struct {
	Original  i18n.Locale
	Form      *Form // as it is public, else as it is worked on; empty where there is none
	Public    bool  // one can register, and staff decide
	MayChange bool
	MaySee    bool // what was answered to sensitive questions
}

func (s *Store) about(ctx context.Context, who *auth.Actor, e *content.Entry) (About, error) {
	return s.aboutIn(ctx, s.DB.Read(), who, e)
}

func (s *Store) aboutIn(ctx context.Context, q bun.IDB, who *auth.Actor, e *content.Entry) (About, error) {
	a := About{Original: e.Original, MayChange: who.Can(auth.ChangeRegistrants, e.Object()), MaySee: who.Can(auth.ReadSensitive, e.Object())}
	live, err := s.event(ctx, q, e.ID)
	switch {
	case err == nil:
		a.Form, a.Public = live.Form, true
	case !errors.Is(err, db.ErrNotFound):
		return a, err
	default:
		if a.Form = e.Value.(Registering).RegistrationForm(); a.Form == nil {
			a.Form = &Form{}
		}
	}
	return a, nil
}

// entry gives the event that registrants are of, for an actor that may do action on them; for others it is not there.
func (s *Store) entry(ctx context.Context, who *auth.Actor, action auth.Action, id string) (*content.Entry, error) {
	e, err := s.Content.Get(ctx, who, id)
	if err != nil {
		return nil, err
	}
	if _, ok := e.Value.(Registering); !ok || !who.Can(action, e.Object()) {
		return nil, db.ErrNotFound
	}
	return e, nil
}

func (q Query) apply(sel *bun.SelectQuery) *bun.SelectQuery {
	sel = sel.Where("r.event_id = ?", q.Event)
	eq := func(column, v string) {
		if v != "" {
			sel = sel.Where("r.? = ?", bun.Ident(column), v)
		}
	}
	eq("state", string(q.State))
	eq("category", q.Category)
	switch q.Mode { // of those who registered before it was asked, nobody joins online
	case InPerson:
		sel = sel.Where("r.mode <> ?", Online)
	case Online:
		sel = sel.Where("r.mode = ?", Online)
	}
	eq("country", q.Country)
	eq("locale", string(q.Locale))
	eq("again", q.Again)
	if w := i18n.Fold(q.Locale, strings.TrimSpace(q.Search)); w != "" {
		sel = sel.Where(`r.find LIKE ? ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	if q.Door {
		if strings.TrimSpace(q.Search) == "" {
			sel = sel.Where("r.state IN (?)", bun.List(occupying))
		} else {
			sel = sel.Where("r.state <> ?", Declined)
		}
		return sel.OrderExpr("r.find, r.id")
	}
	switch q.State {
	case Waitlisted:
		return sel.OrderExpr("r.queue, r.id") // whose turn is first
	case Offered:
		return sel.OrderExpr("r.offer_ends, r.id") // who must answer first
	}
	return sel.OrderExpr("r.created_at DESC, r.id DESC")
}

// List gives a page of an event's registrations. That it was read is written down.
func (s *Store) List(ctx context.Context, who *auth.Actor, q Query) (*List, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, q.Event)
	if err != nil {
		return nil, err
	}
	out := &List{States: map[State]int{}, In: map[string]map[State]int{InPerson: {}, Online: {}}, Numbers: map[State]int{}}
	if out.About, err = s.about(ctx, who, e); err != nil {
		return nil, err
	}
	numbers, err := s.Numbers(ctx, q.Event, "state")
	if err != nil {
		return nil, err
	}
	for st, n := range numbers {
		out.Numbers[State(st)] = n
	}
	var counts []struct {
		State          State
		Category, Mode string
		N              int
	}
	if err := s.DB.Read().NewRaw("SELECT state, category, mode, count(*) AS n FROM registrations WHERE event_id = ? GROUP BY state, category, mode", q.Event).Scan(ctx, &counts); err != nil {
		return nil, db.Normalize(err)
	}
	taken := places{form: out.Form, taken: map[pool]int{}, waits: map[pool]int{}}
	for _, c := range counts {
		out.States[c.State] += c.N
		if mode := out.Form.Takes(c.Mode); mode != "" {
			out.In[mode][c.State] += c.N
		}
		if holds(c.State) {
			out.Places += c.N
		}
		taken.count(&row{Category: c.Category, Mode: c.Mode, State: c.State}, c.N)
	}
	out.Crowds = taken.crowds()
	if err := s.DB.Read().NewRaw("SELECT DISTINCT country FROM registrations WHERE event_id = ? AND country <> '' ORDER BY country", q.Event).Scan(ctx, &out.Countries); err != nil {
		return nil, db.Normalize(err)
	}
	if err := s.DB.Read().NewRaw("SELECT DISTINCT locale FROM registrations WHERE event_id = ? ORDER BY locale", q.Event).Scan(ctx, &out.Locales); err != nil {
		return nil, db.Normalize(err)
	}
	if out.Silent, out.Comes, err = s.asked(ctx, q.Event); err != nil {
		return nil, err
	}
	n, err := q.apply(s.DB.Read().NewSelect().Model((*row)(nil))).Count(ctx)
	if out.Total = int(n); err != nil {
		return nil, db.Normalize(err)
	}
	if out.Rows, err = s.rows(ctx, q); err != nil {
		return nil, err
	}
	if err := s.shown(ctx, &out.About, out.Rows...); err != nil {
		return nil, err
	}
	return out, s.read(ctx, who, e)
}

func (s *Store) rows(ctx context.Context, q Query) ([]*Registration, error) {
	var rows []row
	sel := q.apply(s.DB.Read().NewSelect().Model(&rows)).Offset(int64(q.Offset))
	if q.Limit > 0 {
		sel = sel.Limit(int64(q.Limit))
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := make([]*Registration, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].registration(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// read writes down that somebody looked at an event's registrants: a line for a sitting, whatever they turn to.
func (s *Store) read(ctx context.Context, who *auth.Actor, e *content.Entry) error {
	return auth.AuditSitting(ctx, s.DB, who, "registrants.read", e.Object(), nil)
}

// took writes down that somebody took personal data with them: a line each time.
func (s *Store) took(ctx context.Context, who *auth.Actor, action string, e *content.Entry, detail map[string]any) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return auth.Audit(ctx, tx, who, action, e.Object(), detail)
	})
}

// LogLine is one step in a registration's life.
type LogLine struct {
	At     time.Time
	Actor  string // account; "" the person, or what followed from another's step
	Action string
	State  State
}

// One is a registration as staff see it.
type One struct {
	About
	*Registration
	Log []LogLine
}

// For gives the event's form to those who may enter people in it.
func (s *Store) For(ctx context.Context, who *auth.Actor, event string) (*About, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return nil, err
	}
	a, err := s.about(ctx, who, e)
	return &a, err
}

// Get gives one registration with its log. That it was read is written down.
func (s *Store) Get(ctx context.Context, who *auth.Actor, event, id string) (*One, error) {
	e, err := s.entry(ctx, who, auth.ReadRegistrants, event)
	if err != nil {
		return nil, err
	}
	out := &One{}
	if out.About, err = s.about(ctx, who, e); err != nil {
		return nil, err
	}
	var r row
	if err := s.DB.Read().NewSelect().Model(&r).Where("r.id = ? AND r.event_id = ?", id, event).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	var log []logRow
	if err := s.DB.Read().NewSelect().Model(&log).Where("l.registration_id = ?", id).Order("l.number").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for _, l := range log {
		out.Log = append(out.Log, LogLine{l.At, l.Actor, l.Action, l.State})
	}
	if out.Registration, err = r.registration(); err != nil {
		return nil, err
	}
	if err := s.shown(ctx, &out.About, out.Registration); err != nil {
		return nil, err
	}
	return out, s.read(ctx, who, e)
}

// Op is a decision of staff.
type Op string

// The decisions. Each has one that undoes it: decline and approve, withdraw and restore, and unmark for what is marked at
// the door.
const (
	Approve  Op = "approve"
	Decline  Op = "decline"
	Withdraw Op = "withdraw"
	Restore  Op = "restore"
	Attend   Op = "attend" // is there, whatever was decided before
	Miss     Op = "miss"   // did not come
	Unmark   Op = "unmark"
	Comes    Op = "comes" // has said so to staff, since the event moved; what takes it back is to withdraw
	ToRoom   Op = "to_room"
	ToOnline Op = "to_online"
)

// Ops lists the decisions before the event, DoorOps those from its day on, ModeOps those on how people take part in a hybrid one.
var (
	Ops     = []Op{Approve, Decline, Withdraw, Restore}
	DoorOps = []Op{Attend, Miss, Unmark}
	ModeOps = []Op{ToRoom, ToOnline}
)

// mode is the one that a decision is for; "" where it is about something else.
func (o Op) mode() string { return map[Op]string{ToRoom: InPerson, ToOnline: Online}[o] }

// Changes says whether a decision on how somebody takes part in a hybrid event changes anything; any other may.
func (o Op) Changes(f *Form, r *Registration) bool {
	to := o.mode()
	return to == "" || f.Hybrid && f.Fixed(r.Category) == "" && r.Wish != to && (f.Takes(r.Mode) != to || r.Wish != "")
}

// from are the states that a decision can be taken in.
var from = map[Op][]State{
	Approve:  {Unverified, Pending, Declined, Offered},
	Decline:  {Unverified, Pending, Waitlisted, Offered, Confirmed},
	Withdraw: {Unverified, Pending, Waitlisted, Offered, Confirmed},
	Restore:  {Withdrawn},
	Attend:   {Confirmed, Absent, Pending, Waitlisted, Offered, Unverified, Withdrawn},
	Miss:     {Confirmed},
	Unmark:   {Attended, Absent},
	Comes:    {Confirmed},
	ToRoom:   {Pending, Confirmed, Waitlisted, Offered},
	ToOnline: {Pending, Confirmed, Waitlisted, Offered},
}

// Fits says whether a decision can be taken on a registration in a state.
func (o Op) Fits(st State) bool { return slices.Contains(from[o], st) }

// Decided is what came of a decision on several registrations.
type Decided struct {
	Done    int
	Passed  int // are in a state it does not fit, or gone
	Full    int // found no place, and there is no waiting list
	Waiting int // of Done: went to the waiting list
}

// decisionsMost is how many are taken in one transaction: others wait for a place meanwhile.
const decisionsMost = 200

// Decide takes a decision on registrations of an event, in the order they came. Those it does not fit are passed over.
func (s *Store) Decide(ctx context.Context, who *auth.Actor, event string, ids []string, op Op) (Decided, error) {
	var d Decided
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return d, err
	}
	if from[op] == nil || len(ids) > decisionsMost {
		return d, refuse("", "registration.choice")
	}
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		d = Decided{}
		var rows []row
		if len(ids) > 0 {
			if err := tx.NewSelect().Model(&rows).Where("r.event_id = ? AND r.id IN (?)", event, bun.List(ids)).OrderExpr("r.created_at, r.id").Scan(ctx); err != nil {
				return err
			}
		}
		d.Passed = len(ids) - len(rows)
		for i := range rows {
			r := &rows[i]
			result, err := s.decideOne(ctx, tx, h, r, op, who.ID)
			if err != nil {
				return err
			}
			switch result {
			case "passed":
				d.Passed++
			case "full":
				d.Full++
			case "waiting":
				d.Waiting++
				d.Done++
			default:
				d.Done++
			}
		}
		if d.Done == 0 {
			return nil
		}
		return auth.Audit(ctx, tx, who, "registrants."+string(op), e.Object(), map[string]any{"count": d.Done})
	})
	return d, err
}

func (s *Store) decide(ctx context.Context, tx bun.Tx, h *held, r *row, op Op, actor string) error {
	switch op {
	case Approve:
		if r.State == Offered {
			return s.tell(ctx, tx, h, r, Confirmed, "approved", actor, "confirmed")
		}
		if !h.room(h.pool(r)) && !h.Form.Waitlist {
			return errFull
		}
		r.Approved = true
		return s.seat(ctx, tx, h, r, "approved", actor)
	case Decline:
		r.Approved = false
		return s.tell(ctx, tx, h, r, Declined, "declined", actor, "declined")
	case Withdraw:
		return s.tell(ctx, tx, h, r, Withdrawn, "withdrawn", actor, "withdrawn")
	case Attend:
		return s.set(ctx, tx, h, r, Attended, "attended", actor)
	case Miss:
		return s.set(ctx, tx, h, r, Absent, "absent", actor)
	case Comes:
		return s.comes(ctx, tx, h, r, actor)
	case ToRoom, ToOnline:
		return s.switchTo(ctx, tx, h, r, op.mode(), actor)
	case Unmark:
		return s.unmark(ctx, tx, h, r, actor)
	}
	if !h.room(h.pool(r)) && !h.Form.Waitlist && (r.Approved || !h.Form.manual(r.Category)) {
		return errFull
	}
	return s.enter(ctx, tx, h, r, "restored", actor)
}

// Add enters somebody by hand, who registered by telephone, letter or at the door, and gives the registration's id. They
// need no mailbox, and no staff's approval beyond this.
func (s *Store) Add(ctx context.Context, who *auth.Actor, event, channel string, sub Submission) (string, error) {
	return s.keyIn(ctx, who, event, channel, sub, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if err := s.insert(ctx, tx, h, r, "entered", who.ID); err != nil {
			return err
		}
		return s.seat(ctx, tx, h, r, "approved", who.ID)
	})
}

// keyIn reads what staff enter for somebody who is not there yet; store puts them where they belong.
func (s *Store) keyIn(ctx context.Context, who *auth.Actor, event, channel string, sub Submission, store func(ctx context.Context, tx bun.Tx, h *held, r *row) error) (string, error) {
	e, err := s.entry(ctx, who, auth.ChangeRegistrants, event)
	if err != nil {
		return "", err
	}
	id := ""
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		keys, err := s.keys(ctx, tx, event, &h.keys)
		if err != nil {
			return err
		}
		rd := &reader{e: h.Event, s: sub, now: h.now, staff: true, by: who.ID, keys: keys}
		rd.uncover()
		r := &row{ID: content.NewID(), EventID: event, State: Unverified, Channel: channel, CreatedAt: h.now, EnteredBy: who.ID, Approved: true, Mail: rd.address()}
		r.MailKey = strings.ToLower(r.Mail)
		if !slices.Contains(Channels, channel) {
			rd.bad("channel", "registration.choice")
		}
		if there, err := s.byMail(ctx, tx, event, r.MailKey); err != nil {
			return err
		} else if theOne(there) != nil {
			rd.bad(FieldMail, "registration.mail_there")
		}
		if err := rd.read(r); err != nil {
			return err
		}
		if rd.one(FieldAnyway) == "" {
			like, err := s.namesakes(ctx, tx, event, r.MailKey != "")
			if err != nil {
				return err
			}
			if like.perhaps(r) {
				return refuse(FieldName, errPerhaps)
			}
		}
		id = r.ID
		if err := store(ctx, tx, h, r); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "registrants.add", e.Object(), map[string]any{"count": 1})
	})
	return id, err
}

// Channels are those by which staff enter people.
var Channels = []string{Phone, MailIn, OnSite}

// Words are a stored answer as people read it.
func (x *Field) Words(v string, l, original i18n.Locale, words func(key string) string) string {
	switch x.Type {
	case Choice, Choices:
		if o := x.Option(v); o != nil {
			w, _ := o.Label.Pick(l, original)
			return w
		}
	case YesNo:
		if v == "yes" || v == "no" {
			return words("registration." + v)
		}
	case Country:
		return i18n.CountryName(l, v)
	}
	return v
}
