package discussion

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Waiting is the filter of what moderators must look at: posts that wait, and shown ones that were reported.
const Waiting = "waiting"

// Query asks for posts on the boards that an actor may moderate; zero fields do not limit.
type Query struct {
	Event, Topic  string
	State         string // Waiting, or a PostState
	Search        string
	Offset, Limit int
}

// Line is a post as moderators see it.
type Line struct {
	Post
	Event   string
	State   PostState
	Mail    string // empty once it is forgotten
	Said    []Report
	Log     []LogLine
	May     []Op
	MayPin  bool  // see Pin
	Answers *Post // what it replies to
}

// Report is what a reader said is wrong with a post.
type Report struct {
	Reason, Note string
	At           time.Time
	Settled      bool
}

// LogLine is a step in a post's life.
type LogLine struct {
	At     time.Time
	Actor  string // account; "" the author
	Action string
	State  PostState
	Reason string
}

// List is a page of posts.
type List struct {
	Lines  []Line
	Total  int
	Counts map[string]int // by state, and of Waiting; of all boards, or of the one asked for
}

// Op is a decision of a moderator.
type Op string

// The decisions. Undo takes back the last of the first two; Delete is for good, and for administrators.
const (
	Approve Op = "approve" // a post that is shown: what was reported is looked at, and it stays
	Hide    Op = "hide"
	Undo    Op = "undo"
	Unpin   Op = "unpin" // see Pin
	Delete  Op = "delete"
)

// Ops lists the decisions.
var Ops = []Op{Approve, Hide, Undo, Unpin, Delete}

// pinned is the action of Pin, in the logs.
const pinned Op = "pin"

// PinnedMost is how many posts stand first on a topic. board.pin_most says so in words.
const PinnedMost = 3

// mine limits a query of posts p to boards that an actor may moderate.
func mine(sel *bun.SelectQuery, who *auth.Actor) *bun.SelectQuery {
	return who.Scope(auth.Moderate, "event").Where(sel.Join("JOIN entries AS e ON e.id = p.event_id").Where("e.deleted_at IS NULL"), "e")
}

func (q Query) apply(sel *bun.SelectQuery) *bun.SelectQuery {
	if q.Event != "" {
		sel = sel.Where("p.event_id = ?", q.Event)
	}
	if q.Topic != "" {
		sel = sel.Where("p.topic = ?", q.Topic)
	}
	switch q.State {
	case "":
	case Waiting:
		sel = sel.Where("(p.state = ? OR p.state = ? AND p.reports > 0)", Pending, Shown)
	default:
		sel = sel.Where("p.state = ?", q.State)
	}
	if w := i18n.Fold(i18n.EN, strings.TrimSpace(q.Search)); w != "" {
		sel = sel.Where(`p.find LIKE ? ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	return sel
}

// Queue gives a page of posts: of those that wait the oldest first, of others the newest.
func (s *Store) Queue(ctx context.Context, who *auth.Actor, q Query) (*List, error) {
	if !who.CanSomewhere(auth.Moderate) {
		return nil, auth.ErrForbidden
	}
	base := func() *bun.SelectQuery { return mine(s.DB.Read().NewSelect().Model((*postRow)(nil)), who) }
	out := &List{Counts: map[string]int{}}
	for _, st := range append([]string{Waiting}, states()...) {
		n, err := Query{Event: q.Event, State: st}.apply(base()).Count(ctx)
		if err != nil {
			return nil, db.Normalize(err)
		}
		out.Counts[st] = int(n)
	}
	n, err := q.apply(base()).Count(ctx)
	if err != nil {
		return nil, db.Normalize(err)
	}
	out.Total = int(n)
	order := "p.created_at DESC, p.id DESC"
	if q.State == Waiting {
		order = "p.created_at, p.id"
	}
	var rows []postRow
	if err := q.apply(base()).OrderExpr(order).Offset(int64(q.Offset)).Limit(int64(q.Limit)).Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	out.Lines, err = s.lines(ctx, who, rows)
	return out, err
}

func states() []string {
	var out []string
	for _, st := range PostStates {
		out = append(out, string(st))
	}
	return out
}

func (s *Store) lines(ctx context.Context, who *auth.Actor, rows []postRow) ([]Line, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	out := make([]Line, len(rows))
	at := map[string]int{}
	var ids, up []string
	for i := range rows {
		out[i] = Line{Post: rows[i].post(), Event: rows[i].EventID, State: rows[i].State, Mail: rows[i].Mail}
		ids, at[rows[i].ID] = append(ids, rows[i].ID), i
		if rows[i].Parent != "" {
			up = append(up, rows[i].Parent)
		}
	}
	var reports []struct {
		PostID, Reason, Note string
		At                   time.Time
		SettledAt            *time.Time
	}
	if err := s.DB.Read().NewRaw("SELECT post_id, reason, note, at, settled_at FROM discussion_reports WHERE post_id IN (?) ORDER BY at, id", bun.List(ids)).Scan(ctx, &reports); err != nil {
		return nil, db.Normalize(err)
	}
	for _, r := range reports {
		x := &out[at[r.PostID]]
		x.Said = append(x.Said, Report{r.Reason, r.Note, r.At, r.SettledAt != nil})
	}
	var log []struct {
		PostID                string
		At                    time.Time
		Actor, Action, Reason string
		State                 PostState
	}
	if err := s.DB.Read().NewRaw("SELECT post_id, at, actor, action, state, reason FROM discussion_log WHERE post_id IN (?) ORDER BY post_id, number", bun.List(ids)).Scan(ctx, &log); err != nil {
		return nil, db.Normalize(err)
	}
	for _, l := range log {
		x := &out[at[l.PostID]]
		x.Log = append(x.Log, LogLine{l.At, l.Actor, l.Action, l.State, l.Reason})
	}
	above := map[string]Post{}
	if len(up) > 0 {
		var parents []postRow
		if err := s.DB.Read().NewSelect().Model(&parents).Where("p.id IN (?)", bun.List(up)).Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		for i := range parents {
			above[parents[i].ID] = parents[i].post()
		}
	}
	for i := range out {
		if p, ok := above[out[i].Parent]; ok {
			out[i].Answers = &p
		}
		out[i].MayPin = rows[i].State == Shown && rows[i].PinnedAt == nil
		for _, op := range Ops {
			if op.fits(&rows[i], out[i].Log) && (op != Delete || who.Can(auth.ManageInstance, auth.Object{})) {
				out[i].May = append(out[i].May, op)
			}
		}
	}
	return out, nil
}

// fits says whether a decision can be taken on a post as it stands.
func (o Op) fits(r *postRow, log []LogLine) bool {
	switch o {
	case Approve:
		return r.State == Pending || r.State == Hidden || r.State == Shown && r.Reports > 0
	case Hide:
		return r.State == Pending || r.State == Shown
	case Unpin:
		return r.PinnedAt != nil
	case Undo:
		log = steps(log)
		if len(log) < 2 || log[len(log)-1].State != r.State {
			return false
		}
		last := log[len(log)-1].Action
		return last == string(Approve) || last == string(Hide)
	case Delete:
		return true
	}
	return false
}

// steps are the lines of a log by which a post's state has come about; pinning leaves it.
func steps(log []LogLine) []LogLine {
	return slices.DeleteFunc(slices.Clone(log), func(l LogLine) bool { return l.Action == string(pinned) || l.Action == string(Unpin) })
}

// Pin has a shown post stand first on its topic, beside no more than PinnedMost others. person is who of the event answers in it,
// or empty; pinned again, it is changed.
func (s *Store) Pin(ctx context.Context, who *auth.Actor, id string, person content.Ref) error {
	var event []string
	if err := mine(s.DB.Read().NewSelect().Model((*postRow)(nil)).Column("p.event_id").Where("p.id = ?", id), who).Scan(ctx, &event); err != nil {
		return db.Normalize(err)
	}
	if len(event) == 0 {
		return db.ErrNotFound
	}
	return s.work(ctx, event[0], func(ctx context.Context, tx bun.Tx, h *held) error {
		var r postRow
		if err := tx.NewSelect().Model(&r).Where("p.id = ?", id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if r.State != Shown {
			return refuse("", "board.pin_shown")
		}
		if person != "" && h.Board.Speaker(person) == nil {
			return refuse("", "registration.choice")
		}
		n, err := tx.NewSelect().Model((*postRow)(nil)).Where("p.event_id = ? AND p.topic = ? AND p.id <> ? AND p.pinned_at IS NOT NULL", h.ID, r.Topic, id).Count(ctx)
		if err != nil {
			return err
		}
		if n >= PinnedMost {
			return refuse("", "board.pin_most")
		}
		h.public = true
		if r.PinnedAt == nil {
			r.PinnedAt = &h.now
		}
		r.AnswersAs = string(person)
		if err := s.set(ctx, tx, h, &r, Shown, string(pinned), who.ID, ""); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "discussion.pin", h.About(), map[string]any{"post": id, "person": person})
	})
}

// Decided is what came of a decision on several posts.
type Decided struct{ Done, Passed int }

// decisionsMost is how many are taken at a time.
const decisionsMost = 100

// Decide takes a decision on posts, on whichever boards they are. Those it does not fit, and those of boards that the actor
// may not moderate, are passed over. Where a reason to hide is given, the author is told it by letter.
func (s *Store) Decide(ctx context.Context, who *auth.Actor, ids []string, op Op, reason string) (Decided, error) {
	var d Decided
	if !who.CanSomewhere(auth.Moderate) {
		return d, auth.ErrForbidden
	}
	if op == Delete && !who.Can(auth.ManageInstance, auth.Object{}) {
		return d, auth.ErrForbidden
	}
	reason = i18n.StripControls(reason)
	if !slices.Contains(Ops, op) || len(ids) > decisionsMost {
		return d, refuse("", "registration.choice")
	}
	if utf8.RuneCountInString(reason) > maxNote {
		return d, refuse(FieldReason, "registration.too_long")
	}
	if len(ids) == 0 {
		return d, nil
	}
	public := false
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, public = Decided{}, false
		var rows []postRow
		if err := mine(tx.NewSelect().Model(&rows).Where("p.id IN (?)", bun.List(ids)), who).OrderExpr("p.event_id, p.created_at, p.id").Scan(ctx); err != nil {
			return err
		}
		d.Passed = len(ids) - len(rows)
		now := s.now()
		for i := range rows {
			if i == 0 || rows[i].EventID != rows[i-1].EventID {
				if err := s.hold(ctx, tx, rows[i].EventID); err != nil {
					return err
				}
			}
			done, shown, err := s.decide(ctx, tx, who, now, rows[i].ID, op, reason)
			if err != nil {
				return err
			}
			if !done {
				d.Passed++
				continue
			}
			d.Done++
			public = public || shown
		}
		if !public {
			return nil
		}
		return s.Content.RaiseTx(ctx, tx)
	})
	if err == nil && public {
		s.Content.Changed()
	}
	return d, err
}

// decide takes a decision on a post while its board is held, and says whether what everybody sees has changed by it.
func (s *Store) decide(ctx context.Context, tx bun.Tx, who *auth.Actor, now time.Time, id string, op Op, reason string) (done, public bool, _ error) {
	var r postRow
	if err := tx.NewSelect().Model(&r).Where("p.id = ?", id).Scan(ctx); err != nil {
		return false, false, db.Normalize(err)
	}
	var log []LogLine
	if err := tx.NewRaw("SELECT at, actor, action, state, reason FROM discussion_log WHERE post_id = ? ORDER BY number", id).Scan(ctx, &log); err != nil {
		return false, false, err
	}
	if !op.fits(&r, log) {
		return false, false, nil
	}
	e, err := s.event(ctx, tx, r.EventID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, false, err
	}
	h := &held{Event: e, now: now}
	about := auth.Object{Kind: "event", ID: r.EventID, Event: r.EventID}
	if err := auth.Audit(ctx, tx, who, "discussion."+string(op), about, map[string]any{"post": id}); err != nil {
		return false, false, err
	}
	settle := func() error {
		r.Reports = 0
		_, err := tx.NewRaw("UPDATE discussion_reports SET settled_at = ? WHERE post_id = ? AND settled_at IS NULL", now, id).Exec(ctx)
		return err
	}
	switch op {
	case Unpin:
		r.PinnedAt, r.AnswersAs = nil, ""
		err = s.set(ctx, tx, h, &r, r.State, string(op), who.ID, "")
		h.public = true
	case Delete:
		if r.State == Shown {
			if err := s.unsaid(ctx, tx, &r); err != nil {
				return false, false, err
			}
		}
		// Replies go with it: without what they answer, they mean nothing.
		if _, err := tx.NewRaw("UPDATE discussion_questions SET post_id = '' WHERE post_id = ?", id).Exec(ctx); err != nil {
			return false, false, err
		}
		_, err := tx.NewRaw("DELETE FROM discussion_posts WHERE id = ? OR parent = ?", id, id).Exec(ctx)
		return true, r.State == Shown, err
	case Approve:
		if err := settle(); err != nil {
			return false, false, err
		}
		err = s.set(ctx, tx, h, &r, Shown, string(op), who.ID, "")
	case Hide:
		if err := settle(); err != nil {
			return false, false, err
		}
		if err = s.set(ctx, tx, h, &r, Hidden, string(op), who.ID, reason); err == nil && reason != "" && e != nil {
			err = s.letter(ctx, tx, h, &r, "hidden", reason)
		}
	case Undo:
		log = steps(log)
		last := log[len(log)-1]
		res, err2 := tx.NewRaw("UPDATE discussion_reports SET settled_at = NULL WHERE post_id = ? AND settled_at = ?", id, last.At).Exec(ctx)
		if err2 != nil {
			return false, false, err2
		}
		n, err2 := res.RowsAffected()
		if err2 != nil {
			return false, false, err2
		}
		r.Reports += int(n)
		err = s.set(ctx, tx, h, &r, log[len(log)-2].State, string(op), who.ID, "")
	}
	return true, h.public, err
}

// moderated gives the event of a board that an actor may moderate, public or not; db.ErrNotFound for others.
func (s *Store) moderated(ctx context.Context, who *auth.Actor, id string) (*content.Entry, *Board, error) {
	var ids []string
	sel := s.DB.Read().NewSelect().TableExpr("entries AS e").Column("e.id").Where("e.id = ? AND e.deleted_at IS NULL", id)
	if err := who.Scope(auth.Moderate, "event").Where(sel, "e").Scan(ctx, &ids); err != nil {
		return nil, nil, db.Normalize(err)
	}
	if len(ids) == 0 {
		return nil, nil, db.ErrNotFound
	}
	e, err := s.Content.Get(ctx, system, id) // moderators need not read drafts: what of it they get to see is the board
	if err != nil {
		return nil, nil, err
	}
	if v, ok := e.Value.(Boarding); ok {
		if b := v.DiscussionBoard(); b != nil {
			return e, b, nil
		}
	}
	return nil, nil, db.ErrNotFound
}

// Desk is the board of an event for those who moderate it.
type Desk struct {
	*Board
	Original i18n.Locale
	Office   string
	Path     string // of its public page, without the locale; empty while there is none
}

// Desk gives the board of an event: as it is public, else as it is worked on.
func (s *Store) Desk(ctx context.Context, who *auth.Actor, event string) (*Desk, error) {
	e, b, err := s.moderated(ctx, who, event)
	if err != nil {
		return nil, err
	}
	d := &Desk{Board: b, Original: e.Original, Office: e.Office}
	switch live, err := s.Event(ctx, event); {
	case err == nil:
		d.Board, d.Path = live.Board, live.Path
	case !errors.Is(err, db.ErrNotFound):
		return nil, err
	}
	return d, nil
}
