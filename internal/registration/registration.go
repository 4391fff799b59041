package registration

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/ical"
	"plenary/internal/job"
	"plenary/internal/mail"
	"plenary/internal/pdf"
	"plenary/internal/seal"
)

// State is where a registration stands.
type State string

// The states. Confirmed, offered, attended and absent hold a place; the unverified do not, or strangers could fill an event
// with other people's addresses.
const (
	Unverified State = "unverified"
	Pending    State = "pending" // waits for staff
	Confirmed  State = "confirmed"
	Waitlisted State = "waitlisted"
	Offered    State = "offered" // a place that became free is held for them until they answer, or for so long
	Declined   State = "declined"
	Withdrawn  State = "withdrawn"
	Attended   State = "attended"
	Absent     State = "absent"
)

// States lists them in the order of a registration's life.
var States = []State{Unverified, Pending, Confirmed, Offered, Waitlisted, Declined, Withdrawn, Attended, Absent}

// seated are the states of those whose place is theirs; occupying, those that hold one.
var (
	seated    = []State{Confirmed, Attended, Absent}
	occupying = append([]State{Offered}, seated...)
)

// Channels by which a registration came.
const (
	Web    = "web"
	MailIn = "mail_in"
	OnSite = "on_site"
	Phone  = "phone"
)

// Problem is something wrong with what was sent, told beside its field.
type Problem struct {
	Field string // of the form: "name", "f.k3f9", "consent.a1"; "" for the whole
	Key   string // of the message
	Args  []any
}

// Invalid says that nothing was done, and why.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("invalid:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, " %s: %s;", p.Field, p.Key)
	}
	return b.String()
}

// Fields gives the message keys by form field.
func (e *Invalid) Fields() map[string]string {
	m := map[string]string{}
	for _, p := range e.Problems {
		m[p.Field] = p.Key
	}
	return m
}

func refuse(field, key string) error { return &Invalid{[]Problem{{Field: field, Key: key}}} }

// Answer is what was answered to one question.
type Answer struct {
	Label  string   `json:"q"`           // of the question in the event's original language, for when it is no longer asked
	Values []string `json:"v,omitempty"` // ids of options, codes of countries, yes or no, days, or words; none where Hidden
	Sealed string   `json:"s,omitempty"` // what they are in the table, of a question that is sensitive
}

// Consent given: to what, and when.
type Given struct {
	Text string      `json:"text"`
	Lang i18n.Locale `json:"lang"`
	At   time.Time   `json:"at"`
	By   string      `json:"by,omitempty"` // the account that entered it for them
}

// Registration is one person's for one event.
type Registration struct {
	ID, Event                       string
	State                           State
	Queue                           int64
	Mail, Name                      string
	Organization, Position, Country string
	Category                        string // id
	Mode                            string // InPerson or Online; empty where nobody has said
	Wish                            string // the mode that they would rather take part in and wait for, holding a place in the other
	AlsoOnline                      bool   // has a place in the room and wants to be able to join online besides
	Locale                          i18n.Locale
	Channel                         string
	Answers                         map[string]Answer // by id of the field
	Consents                        map[string]Given
	EnteredBy                       string // account, for those that staff entered
	Created, Updated                time.Time
	Verified                        time.Time // zero: not yet
	OfferEnds                       time.Time // until when the place is held that is offered; zero: none is
	Quiet                           bool      // wants no letters about what follows the event
	Again                           string    // whether they were asked to say again that they come: AgainAsked, AgainComes; empty: no
}

type row struct {
	bun.BaseModel `bun:"table:registrations,alias:r"`
	ID            string `bun:",pk"`
	EventID       string
	State         State
	Approved      bool
	Queue         int64
	Mail, MailKey string
	Name, Find    string
	Organization  string
	Position      string
	Country       string
	Category      string
	Mode, Wish    string
	AlsoOnline    bool
	Locale        i18n.Locale
	Channel       string
	Answers       string
	Consents      string
	EnteredBy     string
	Quiet         bool
	Again         string
	CreatedAt     time.Time
	UpdatedAt     time.Time
	VerifiedAt    *time.Time
	OfferEnds     *time.Time
}

func (r *row) registration() (*Registration, error) {
	x := &Registration{ID: r.ID, Event: r.EventID, State: r.State, Queue: r.Queue, Mail: r.Mail, Name: r.Name, Organization: r.Organization, Position: r.Position,
		Country: r.Country, Category: r.Category, Mode: r.Mode, Wish: r.Wish, AlsoOnline: r.AlsoOnline, Locale: r.Locale, Channel: r.Channel, EnteredBy: r.EnteredBy, Created: r.CreatedAt, Updated: r.UpdatedAt, Quiet: r.Quiet, Again: r.Again}
	if r.VerifiedAt != nil {
		x.Verified = *r.VerifiedAt
	}
	if r.OfferEnds != nil {
		x.OfferEnds = *r.OfferEnds
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Answers), &x.Answers), json.Unmarshal([]byte(r.Consents), &x.Consents)); err != nil {
		return nil, fmt.Errorf("registration %s: %w", r.ID, err)
	}
	return x, nil
}

type logRow struct {
	bun.BaseModel  `bun:"table:registration_log,alias:l"`
	RegistrationID string `bun:",pk"`
	Number         int    `bun:",pk"`
	At             time.Time
	Actor          string
	Action         string
	State          State
}

// Letters is the outbox, package mail's: a letter is put in in the transaction of what it tells of.
type Letters interface {
	Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error)
	Compose(l i18n.Locale, body mail.Body) (text, html string)
	Delivers() bool
	Forget(ctx context.Context, tx bun.Tx, event, causes string) error
	ForgetOne(ctx context.Context, tx bun.Tx, event, causes, id, mailbox string) error
}

// Queue is the work for later, package job's.
type Queue interface {
	Enqueue(ctx context.Context, tx bun.Tx, t job.Task) error
	Cancel(ctx context.Context, tx bun.Tx, keys ...string) error
}

// Store keeps registrations. The fields are set before its first use.
type Store struct {
	DB        *db.DB
	Content   *content.Store
	Catalogue *i18n.Catalogue
	Mail      Letters
	Jobs      Queue // what waits for its time or its turn
	Seal      *seal.Box
	BaseURL   string // scheme://host[:port]
	// Calendar is an event, as it is in q, as a calendar in a language; nil where it has no day. nil: none.
	Calendar func(ctx context.Context, q bun.IDB, e *content.Living, l i18n.Locale) (*ical.Calendar, error)
	// OnErase forgets in the transaction that erases a registration what other packages hold of the person; mailKey is the address
	// in lower case, empty where there is none.
	OnErase []func(ctx context.Context, tx bun.Tx, event, registration, mailKey string) error
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Patience is how long a person takes at least to fill in a form.
	Patience time.Duration
	// Fonts makes certificates and forms as PDF files.
	Fonts pdf.Fonts

	mu     sync.Mutex
	key    []byte
	prints map[[32]byte]Print // of forms of late, by what they hold
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return db.Now()
	}
	return s.Now().UTC().Truncate(time.Microsecond)
}

// Event is an event as registration sees it.
type Event struct {
	*content.Living
	Form *Form
}

// Event gives a public event that one registers for here; db.ErrNotFound for any other.
func (s *Store) Event(ctx context.Context, id string) (*Event, error) {
	return s.event(ctx, s.DB.Read(), id)
}

func (s *Store) event(ctx context.Context, q bun.IDB, id string) (*Event, error) {
	l, err := s.Content.Living(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if v, ok := l.Value.(Registering); ok {
		if f := v.RegistrationForm(); f != nil {
			return &Event{l, f}, nil
		}
	}
	return nil, db.ErrNotFound
}

type eventRow struct {
	bun.BaseModel `bun:"table:registration_events,alias:v"`
	EventID       string `bun:",pk"`
	Queue         int64
	EndsAt        *time.Time
	Form          string
	Sealed        bool
}

// held is an event whose places nobody else gives or takes until the transaction ends.
type held struct {
	*Event
	row eventRow
	now time.Time
	places
	late  []row                       // who has not answered an offer in its time, the earliest first
	keys  *seal.Keys                  // of the event's sensitive answers, read when they are needed
	asked bool                        // offers were made or have ended: the next end is looked for
	gone  map[string]bool             // registrations that another took the place of
	files map[i18n.Locale][]mail.File // the event for calendars
}

// hold takes the event's row, and reads places and form under it: what another instance has just committed counts.
func (s *Store) hold(ctx context.Context, tx bun.Tx, id string) (*held, error) {
	if _, err := tx.NewRaw("INSERT INTO registration_events (event_id) VALUES (?) ON CONFLICT (event_id) DO NOTHING", id).Exec(ctx); err != nil {
		return nil, err
	}
	h := &held{now: s.now(), gone: map[string]bool{}}
	q := tx.NewSelect().Model(&h.row).Where("v.event_id = ?", id)
	if s.DB.Postgres() {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	var err error
	if h.Event, err = s.event(ctx, tx, id); err != nil {
		return nil, err
	}
	return h, h.read(ctx, tx)
}

// read counts the places that are taken.
func (h *held) read(ctx context.Context, q bun.IDB) error {
	var counts []struct {
		Category, Mode, Wish string
		State                State
		N                    int
	}
	if err := q.NewRaw("SELECT category, mode, wish, state, count(*) AS n FROM registrations WHERE event_id = ? AND state IN (?) GROUP BY category, mode, wish, state", h.ID,
		bun.List(append([]State{Waitlisted}, occupying...))).Scan(ctx, &counts); err != nil {
		return err
	}
	h.places = places{form: h.Form, taken: map[pool]int{}, waits: map[pool]int{}, moves: map[string]int{}}
	offers := false
	for _, c := range counts {
		h.count(&row{Category: c.Category, Mode: c.Mode, Wish: c.Wish, State: c.State}, c.N)
		offers = offers || c.State == Offered
	}
	if !offers {
		return nil
	}
	late := q.NewSelect().Model(&h.late).Where("r.event_id = ? AND r.state = ?", h.ID, Offered).OrderExpr("r.offer_ends, r.id")
	if !h.Form.begun(h.now) {
		late = late.Where("r.offer_ends <= ?", h.now)
	}
	return late.Scan(ctx)
}

func holds(st State) bool { return slices.Contains(occupying, st) }

// set brings a registration into a state, with its line in the log.
func (s *Store) set(ctx context.Context, tx bun.Tx, h *held, r *row, to State, action, actor string) error {
	if err := s.claim(ctx, tx, h, r, to); err != nil {
		return err
	}
	h.count(r, -1)
	if r.State == Offered {
		h.late = slices.DeleteFunc(h.late, func(x row) bool { return x.ID == r.ID })
	}
	h.asked = h.asked || (r.State == Offered) != (to == Offered)
	r.State, r.UpdatedAt = to, h.now
	if to != Confirmed && to != Attended {
		r.Wish = ""
	}
	if to != Waitlisted && to != Attended && r.Wish == "" { // who was let in from the waiting list may be marked by mistake
		r.Queue = 0
	}
	h.count(r, +1)
	if to != Offered && to != Attended {
		r.OfferEnds = nil
	}
	if to != Confirmed && to != Attended && to != Absent {
		r.Again = ""
	}
	if to != Unverified && to != Attended && to != Absent && r.VerifiedAt == nil && to != Withdrawn && to != Declined {
		r.VerifiedAt = &h.now
	}
	if err := s.seal(ctx, tx, h, r); err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
		return err
	}
	return s.note(ctx, tx, h, r, action, actor)
}

func (s *Store) note(ctx context.Context, tx bun.Tx, h *held, r *row, action, actor string) error {
	_, err := tx.NewRaw(`INSERT INTO registration_log (registration_id, number, at, actor, action, state)
		SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM registration_log WHERE registration_id = ?`, r.ID, h.now, actor, action, r.State, r.ID).Exec(ctx)
	return err
}

// errFull says that there is no place and no waiting list.
var errFull = refuse("", "registration.full")

// seat gives a place, or one on the waiting list at its end. No free place can be passed over: whatever frees one fills it.
// While those who wait are still getting theirs, whoever comes stands behind them.
func (s *Store) seat(ctx context.Context, tx bun.Tx, h *held, r *row, action, actor string) error {
	behind := h.behind()
	if !behind {
		if err := s.clear(ctx, tx, h, h.pool(r)); err != nil {
			return err
		}
		if h.room(h.pool(r)) {
			return s.tell(ctx, tx, h, r, Confirmed, action, actor, "confirmed")
		}
	}
	if !h.Form.Waitlist && !(behind && h.spare(h.pool(r))) {
		return errFull
	}
	return s.wait(ctx, tx, h, r, action, actor, "waitlisted")
}

// wait puts somebody at the end of the waiting list.
func (s *Store) wait(ctx context.Context, tx bun.Tx, h *held, r *row, action, actor, letter string) error {
	if err := s.turn(ctx, tx, h, r); err != nil {
		return err
	}
	return s.tell(ctx, tx, h, r, Waitlisted, action, actor, letter)
}

// turn gives somebody the last turn of those who wait.
func (s *Store) turn(ctx context.Context, tx bun.Tx, h *held, r *row) error {
	h.row.Queue++
	r.Queue = h.row.Queue
	_, err := tx.NewRaw("UPDATE registration_events SET queue = ? WHERE event_id = ?", h.row.Queue, h.row.EventID).Exec(ctx)
	return err
}

// tell is set with a letter about it.
func (s *Store) tell(ctx context.Context, tx bun.Tx, h *held, r *row, to State, action, actor, letter string) error {
	if err := s.set(ctx, tx, h, r, to, action, actor); err != nil {
		return err
	}
	if err := s.letter(ctx, tx, h, r, letter); err != nil || to != Confirmed {
		return err
	}
	return s.late(ctx, tx, h, r)
}

// fillMost is how many get a place in one transaction: others wait for the event meanwhile.
const fillMost = 200

// fillKind is the task that gives those who wait the places that are free, or become so when an offer ends; its argument is
// the event.
const fillKind = "registration.fill"

// fill gives free places to those who wait, strictly in turn, and those whose offers nobody answered in time. Somebody whose
// category is full lets those of others by. Of very many it takes a portion, and leaves the others to a task.
func (s *Store) fill(ctx context.Context, tx bun.Tx, h *held) error {
	for left := fillMost; ; {
		if !h.behind() {
			if lapsed, err := s.lapse(ctx, tx, h); err != nil {
				return err
			} else if !lapsed {
				return s.watch(ctx, tx, h)
			}
			left--
			continue
		}
		if left <= 0 {
			h.asked = true
			if err := s.Jobs.Enqueue(ctx, tx, job.Task{Kind: fillKind, Key: fillKind + ":" + h.row.EventID, Args: h.row.EventID}); err != nil {
				return err
			}
			return s.watch(ctx, tx, h)
		}
		var waiting []row
		if err := tx.NewSelect().Model(&waiting).Where("r.event_id = ?", h.row.EventID).WhereGroup(" AND ", h.open).Order("r.queue").Limit(int64(left)).Scan(ctx); err != nil {
			return err
		}
		if len(waiting) == 0 {
			return fmt.Errorf("event %s: those who wait cannot be found", h.row.EventID)
		}
		for i := range waiting {
			switch r := &waiting[i]; {
			case r.State == Confirmed && h.space(r.Wish) > 0:
				if err := s.move(ctx, tx, h, r, r.Wish, "moved", ""); err != nil {
					return err
				}
				left--
			case r.State == Waitlisted && h.room(h.pool(r)):
				if err := s.promote(ctx, tx, h, r); err != nil {
					return err
				}
				left--
			}
		}
	}
}

// Handle takes over the tasks of registration; to be called before the queue runs.
func (s *Store) Handle(q *job.Queue) {
	q.Handle(fillKind, s.fillMore)
	q.Handle(MessageJob, s.Deliver)
	q.Handle(ImportTask, s.RunImport)
	q.Handle(BulkTask, s.RunBulk)
}

// fillMore gives the next portion: whoever lets the event go fills its places.
func (s *Store) fillMore(ctx context.Context, r *job.Run) error {
	var event string
	if err := r.Args(&event); err != nil {
		return err
	}
	err := s.work(ctx, event, func(_ context.Context, _ bun.Tx, h *held) error { h.asked = true; return nil })
	if errors.Is(err, db.ErrNotFound) { // taken back meanwhile: it is filled when it comes back
		return nil
	}
	return err
}

// Changed is called in the transaction of every change to what is public of an entry: a larger capacity is given out
// at once, and what retention needs to know stays when the event is taken back.
func (s *Store) Changed(ctx context.Context, tx bun.Tx, id string) error {
	if err := s.resurvey(ctx, tx, id); err != nil {
		return err
	}
	if _, err := s.event(ctx, tx, id); errors.Is(err, db.ErrNotFound) {
		return s.proved(ctx, tx, id)
	} else if err != nil {
		return err
	}
	h, err := s.hold(ctx, tx, id)
	if err != nil {
		return err
	}
	t := h.Form.terms()
	var before terms
	if h.row.Form != "" {
		if err := json.Unmarshal([]byte(h.row.Form), &before); err != nil {
			return err
		}
		for id, days := range before.Fields { // a question that is not asked any more: its answers are still there
			if !slices.ContainsFunc(h.Form.Fields, func(f Field) bool { return f.ID == id }) {
				t.Fields[id] = days
			}
		}
	}
	if !h.row.Sealed || slices.ContainsFunc(t.Sensitive, func(id string) bool { return !slices.Contains(before.Sensitive, id) }) {
		if err := s.sealEvent(ctx, tx, id, h.Form.Sensitive); err != nil { // it was not sensitive when they answered
			return err
		}
	}
	kept, err := json.Marshal(t)
	if err != nil {
		return err
	}
	var ends *time.Time // while there was never a date, there is nothing to count from
	if end := cmp.Or(h.Form.Ends, h.Form.Ended); !end.IsZero() {
		end = end.UTC()
		ends = &end
	}
	if _, err := tx.NewRaw("UPDATE registration_events SET ends_at = ?, form = ? WHERE event_id = ?", ends, string(kept), id).Exec(ctx); err != nil {
		return err
	}
	if err := s.plan(ctx, tx, h); err != nil {
		return err
	}
	h.asked = true // it may begin earlier
	return s.fill(ctx, tx, h)
}

// work runs f while the event is held, and gives out what it freed. A task may be late: offers that have ended by now have
// ended for f.
func (s *Store) work(ctx context.Context, id string, f func(ctx context.Context, tx bun.Tx, h *held) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		h, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(h.late) > 0 {
			if err := s.fill(ctx, tx, h); err != nil {
				return err
			}
		}
		if err := f(ctx, tx, h); err != nil {
			return err
		}
		return s.fill(ctx, tx, h)
	})
}

// Places are how many are left for a category ("" the whole event) of those in a mode (where the form has none: any); less than
// 0: no limit. One that is offered to somebody who has not answered in time can be had.
func (s *Store) Places(ctx context.Context, e *Event, category, mode string) (int, error) {
	var counts []struct {
		Category, Mode string
		N              int
	}
	if err := s.DB.Read().NewRaw("SELECT category, mode, count(*) AS n FROM registrations WHERE event_id = ? AND state IN (?) AND (offer_ends IS NULL OR offer_ends > ? OR state <> ?) GROUP BY category, mode",
		e.ID, bun.List(occupying), s.now(), Offered).Scan(ctx, &counts); err != nil {
		return 0, db.Normalize(err)
	}
	p := places{form: e.Form, taken: map[pool]int{}}
	for _, c := range counts {
		p.count(&row{Category: c.Category, Mode: c.Mode, State: Confirmed}, c.N)
	}
	if left := min(p.space(e.Form.Takes(mode)), p.within(category)); left < unlimited {
		return max(0, left), nil
	}
	return -1, nil
}

// The private link.

// newToken makes a link for a registration; only its hash is kept. Those of earlier letters stay good.
// asked says that a form asked for its letter, which anybody can send.
func (s *Store) newToken(ctx context.Context, tx bun.Tx, h *held, r *row, asked bool) (string, error) {
	token, hash := auth.NewLink()
	_, err := tx.NewRaw("INSERT INTO registration_tokens (hash, registration_id, created_at, asked) VALUES (?, ?, ?, ?)", hash, r.ID, h.now, asked).Exec(ctx)
	return token, err
}

// find gives the registration of a private link; db.ErrNotFound for any other.
func (s *Store) find(ctx context.Context, q bun.IDB, token string) (*row, error) {
	var r row
	err := q.NewSelect().Model(&r).Where("r.id = (SELECT registration_id FROM registration_tokens WHERE hash = ?)", auth.LinkHash(token)).Scan(ctx)
	return &r, db.Normalize(err)
}

// Own gives the registration and the event of a private link.
func (s *Store) Own(ctx context.Context, token string) (*Registration, *Event, error) {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return nil, nil, err
	}
	e, err := s.Event(ctx, r.EventID)
	if err != nil {
		return nil, nil, err
	}
	x, err := r.registration()
	if err != nil {
		return nil, nil, err
	}
	return x, e, s.reveal(ctx, s.DB.Read(), x)
}

// mine runs f on the registration of a private link while its event is held.
func (s *Store) mine(ctx context.Context, token string, f func(ctx context.Context, tx bun.Tx, h *held, r *row) error) error {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return err
	}
	return s.work(ctx, r.EventID, func(ctx context.Context, tx bun.Tx, h *held) error {
		r, err := s.find(ctx, tx, token) // as it is now that nobody else changes it
		if err != nil {
			return err
		}
		return f(ctx, tx, h, r)
	})
}

// Confirm is the press of the button that the first letter leads to. Pressed again it changes nothing.
func (s *Store) Confirm(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.State != Unverified {
			return nil
		}
		if h.Form.Off || h.Form.Over(h.now) {
			return refuse("", "registration.closed")
		}
		r.VerifiedAt = &h.now
		return s.enter(ctx, tx, h, r, "verified", "")
	})
}

// enter is what comes after the address is known to be theirs: staff, a place or the waiting list; where all places were
// taken meanwhile, a letter that says so.
func (s *Store) enter(ctx context.Context, tx bun.Tx, h *held, r *row, action, actor string) error {
	if h.Form.manual(r.Category) && !r.Approved {
		return s.tell(ctx, tx, h, r, Pending, action, actor, "pending")
	}
	err := s.seat(ctx, tx, h, r, action, actor)
	if err == errFull && r.State == Unverified {
		return s.tell(ctx, tx, h, r, Declined, "full", actor, "full")
	}
	return err
}

// Withdraw gives a place back.
func (s *Store) Withdraw(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.State == Withdrawn {
			return nil
		}
		if h.Form.Over(h.now) || r.State == Declined || r.State == Attended || r.State == Absent {
			return refuse("", "registration.closed")
		}
		return s.tell(ctx, tx, h, r, Withdrawn, "withdrawn", "", "withdrawn")
	})
}

// Return undoes a withdrawal while places last, at the end of the waiting list.
func (s *Store) Return(ctx context.Context, token string) error {
	return s.mine(ctx, token, func(ctx context.Context, tx bun.Tx, h *held, r *row) error {
		if r.State != Withdrawn {
			return nil
		}
		if !h.now.Before(h.Form.Closes) {
			return refuse("", "registration.closed")
		}
		var by []string // later lines tell of other things: a list that was merged, a consent
		if err := tx.NewRaw("SELECT actor FROM registration_log WHERE registration_id = ? AND action IN ('withdrawn', 'lapsed') ORDER BY number DESC LIMIT 1", r.ID).Scan(ctx, &by); err != nil {
			return err
		}
		if len(by) > 0 && by[0] != "" { // staff took them off the list
			return refuse("", "registration.edit_closed")
		}
		return s.enter(ctx, tx, h, r, "returned", "")
	})
}

// Against machines.

// secret signs stamps, the same on all instances.
func (s *Store) secret(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	var key string
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO registration_key (id, key) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", rand.Text()+rand.Text()).Exec(ctx); err != nil {
			return err
		}
		return tx.NewRaw("SELECT key FROM registration_key WHERE id = 1").Scan(ctx, &key)
	})
	if err == nil {
		s.key = []byte(key)
	}
	return s.key, err
}

func sign(key []byte, words ...string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Stamp is a hidden field that says when a form was opened, and on which version.
func (s *Store) Stamp(ctx context.Context, event, version string) (string, error) {
	key, err := s.secret(ctx)
	at := strconv.FormatInt(s.now().Unix(), 36)
	return at + "." + version + "." + sign(key, event, at, version), err
}

// stampLife is how long a form can lie open: over a night, and a weekend.
const stampLife = 72 * time.Hour

// readStamp tells the version a form was opened on. It is a problem of the whole form if that was too short a time ago for
// a person, too long ago, or never.
func (s *Store) readStamp(ctx context.Context, event, stamp string) (version string, _ *Problem, err error) {
	key, err := s.secret(ctx)
	if err != nil {
		return "", nil, err
	}
	parts := strings.Split(stamp, ".")
	if len(parts) != 3 || !hmac.Equal([]byte(parts[2]), []byte(sign(key, event, parts[0], parts[1]))) {
		return "", &Problem{Key: "registration.stale"}, nil
	}
	at, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil {
		return "", &Problem{Key: "registration.stale"}, nil
	}
	switch age := s.now().Sub(time.Unix(at, 0)); {
	case age < s.Patience:
		return "", &Problem{Key: "registration.too_fast"}, nil
	case age > stampLife:
		return "", &Problem{Key: "registration.stale"}, nil
	}
	return parts[1], nil, nil
}

// Tries in a window that one network may make: whole ministries sit behind one address.
const (
	triesWindow = time.Hour
	triesMost   = 120
)

// attempt counts a try of a network (a /24 or /48), on all instances together, and refuses it when there were too many.
func (s *Store) attempt(ctx context.Context, from netip.Addr) error {
	if !from.IsValid() {
		return nil // the program itself
	}
	key, err := s.secret(ctx)
	if err != nil {
		return err
	}
	from = from.Unmap()
	bits := 24
	if from.Is6() {
		bits = 48
	}
	prefix, err := from.Prefix(bits)
	if err != nil {
		return err
	}
	network, now := sign(key, "network", prefix.String()), s.now()
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM registration_tries WHERE at < ?", now.Add(-triesWindow)).Exec(ctx); err != nil {
			return err
		}
		var n int
		if err := tx.NewRaw("SELECT count(*) FROM registration_tries WHERE network = ? AND at >= ?", network, now.Add(-triesWindow)).Scan(ctx, &n); err != nil {
			return err
		}
		if n >= triesMost {
			return &auth.ThrottledError{RetryAfter: triesWindow / 4}
		}
		_, err := tx.NewRaw("INSERT INTO registration_tries (id, network, at) VALUES (?, ?, ?)", content.NewID(), network, now).Exec(ctx)
		return err
	})
}
