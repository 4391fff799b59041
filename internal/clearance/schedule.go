package clearance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
)

// Action is what a schedule does at its time.
type Action string

// The actions.
const (
	Publish  Action = "publish"
	Withdraw Action = "withdraw"
)

// States of a schedule. A failed one waits for somebody to look at it.
const (
	Due      = "waiting"
	Done     = "done"
	Failed   = "failed"
	Dropped  = "cancelled"
	wallForm = "2006-01-02T15:04"
)

// Schedule publishes parts of an entry at one instant, as they were when it was made, or withdraws languages. What was
// made public by hand in the meantime, newer, stays.
type Schedule struct {
	ID        string
	EntryID   string
	Action    Action
	At        time.Time
	Zone      string               // that the time was said in
	Parts     map[content.Part]int // with their revisions; 0 where they are withdrawn
	State     string
	Problems  []content.Problem // why it failed
	CreatedBy string
}

// Locales are the languages it is about, in the order of the languages.
func (x Schedule) Locales() []i18n.Locale {
	var out []i18n.Locale
	for _, l := range i18n.All {
		if _, ok := x.Parts[content.Part(l)]; ok {
			out = append(out, l)
		}
	}
	return out
}

// Facts reports whether the facts are published too.
func (x Schedule) Facts() bool { _, ok := x.Parts[content.Facts]; return ok }

type scheduleRow struct {
	bun.BaseModel `bun:"table:schedules,alias:sc"`
	ID            string    `bun:"id,pk"`
	EntryID       string    `bun:"entry_id"`
	Action        Action    `bun:"action"`
	DueAt         time.Time `bun:"due_at"`
	Zone          string    `bun:"zone"`
	Parts         string    `bun:"parts"`
	State         string    `bun:"state"`
	Problems      string    `bun:"problems"`
	CreatedBy     string    `bun:"created_by"`
	CreatedAt     time.Time `bun:"created_at"`
}

func (r *scheduleRow) schedule() (Schedule, error) {
	x := Schedule{ID: r.ID, EntryID: r.EntryID, Action: r.Action, At: r.DueAt, Zone: r.Zone, State: r.State, CreatedBy: r.CreatedBy}
	err := json.Unmarshal([]byte(r.Parts), &x.Parts)
	if err == nil && r.Problems != "" {
		err = json.Unmarshal([]byte(r.Problems), &x.Problems)
	}
	if err != nil {
		return x, fmt.Errorf("schedule %s: %w", r.ID, err)
	}
	return x, nil
}

// Asked is a schedule as somebody asks for it.
type Asked struct {
	Action   Action
	At       content.Moment // on the wall clock of a zone
	Facts    bool
	Locales  []i18n.Locale
	Seen     map[content.Part]int // versions of the parts as the actor saw them
	Replaces string               // id of a schedule of this entry that it takes the place of
}

// when reads the time: wrong ones come back as a problem of the field "at" or "zone".
func (s *Store) when(m content.Moment) (time.Time, error) {
	bad := func(path, key string) (time.Time, error) {
		return time.Time{}, &content.Invalid{Problems: []content.Problem{{Path: path, Blocks: true, Key: key}}}
	}
	if !slices.Contains(i18n.Zones(), m.Zone) {
		return bad("zone", "problem.no_zone")
	}
	zone := content.Zone(m.Zone)
	if v, err := time.Parse(wallForm, string(m.At)); err != nil || v.Format(wallForm) != string(m.At) {
		return bad("at", "problem.time")
	}
	switch err := content.CheckWall(m.At, zone); {
	case errors.Is(err, content.ErrNoSuchTime):
		return bad("at", "problem.no_such_time")
	case errors.Is(err, content.ErrTwiceTime):
		return bad("at", "problem.twice_time")
	case err != nil:
		return bad("at", "problem.time")
	}
	at := m.Time().UTC()
	switch now := s.now(); {
	case !at.After(now):
		return bad("at", "problem.time_past")
	case at.After(now.AddDate(5, 0, 0)):
		return bad("at", "problem.time_far")
	}
	return at, nil
}

// errLook undoes a transaction that was made to see whether it could be.
var errLook = errors.New("only looked")

func scheduleKey(id string) string { return ScheduleJob + ":" + id }

// Plan has parts of an entry published, or languages withdrawn, at a time. What would be published is what is there now:
// it is tried at once, and what forbids it comes back as *content.Invalid.
func (s *Store) Plan(ctx context.Context, who *auth.Actor, id string, a Asked) (string, error) {
	at, err := s.when(a.At)
	if err != nil {
		if _, e := s.Content.Get(ctx, who, id); e != nil {
			return "", e
		}
		return "", err
	}
	if a.Action != Publish && a.Action != Withdraw {
		return "", invalid("", "problem.malformed")
	}
	x := &scheduleRow{ID: content.NewID(), EntryID: id, Action: a.Action, DueAt: at, Zone: a.At.Zone, State: Due, CreatedBy: who.ID, CreatedAt: s.now()}
	chosen := map[content.Part]int{}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if a.Action == Publish && (a.Facts || e.Live[content.Facts] == 0) {
			chosen[content.Facts] = e.Versions[content.Facts]
			if err := s.moved(ctx, tx, e, "", a.Seen); err != nil { // "" is the part of the facts
				return err
			}
		}
		for _, l := range a.Locales {
			if !who.Can(auth.Publish, e.TextObject(l)) {
				return auth.ErrForbidden
			}
			chosen[content.Part(l)] = 0
			if a.Action == Publish {
				chosen[content.Part(l)] = e.Versions[content.Part(l)]
				if err := s.moved(ctx, tx, e, l, a.Seen); err != nil {
					return err
				}
			} else if e.Live[content.Part(l)] == 0 {
				return invalid(l, "problem.not_public")
			}
		}
		if len(chosen) == 0 || a.Action == Withdraw && len(a.Locales) == 0 {
			return &content.Invalid{Problems: []content.Problem{{Path: "languages", Blocks: true, Key: "problem.schedule_nothing"}}}
		}
		b, err := json.Marshal(chosen)
		if err != nil {
			return err
		}
		x.Parts = string(b)
		if a.Action == Publish {
			if err := s.Content.PublishTx(planned(ctx, at), tx, who, change(id, chosen)); err != nil {
				return err
			}
		}
		return errLook
	})
	if !errors.Is(err, errLook) {
		return "", err
	}
	return x.ID, s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if a.Replaces != "" {
			if err := s.drop(ctx, tx, who, e, a.Replaces); err != nil {
				return err
			}
		}
		if _, err := tx.NewInsert().Model(x).Exec(ctx); err != nil {
			return fmt.Errorf("schedule %s: %w", id, db.Normalize(err))
		}
		if err := s.Content.Keep(ctx, tx, id, chosen); err != nil {
			return err
		}
		if err := s.Jobs.Enqueue(ctx, tx, job.Task{Kind: ScheduleJob, Key: scheduleKey(x.ID), Args: scheduleArgs{x.ID}, At: at}); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "schedule.add", e.Object(), map[string]any{"title": e.Title, "what": a.Action, "parts": x.names(), "at": at})
	})
}

// names are the parts for the log.
func (r *scheduleRow) names() []string {
	x, err := r.schedule()
	if err != nil {
		return nil
	}
	var out []string
	if x.Facts() {
		out = append(out, "facts")
	}
	for _, l := range x.Locales() {
		out = append(out, string(l))
	}
	return out
}

// change publishes parts as the revisions that they were.
func change(id string, chosen map[content.Part]int) content.PublishChange {
	c := content.PublishChange{ID: id, Revisions: chosen}
	for _, p := range parts(chosen) {
		if p == content.Facts {
			c.Facts = true
		} else {
			c.Locales = append(c.Locales, p.Locale())
		}
	}
	return c
}

// PublishCleared publishes the revisions of a language that were cleared last, whatever was edited since: its words, and
// the facts they were cleared with where those are newer than the public ones.
func (s *Store) PublishCleared(ctx context.Context, who *auth.Actor, id string, l i18n.Locale) error {
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		steps, err := s.steps(ctx, tx, id)
		if err != nil {
			return err
		}
		x, err := s.standing(ctx, tx, e, l, steps[l])
		if err != nil {
			return err
		}
		if x.Valid == nil {
			return invalid(l, "problem.not_cleared")
		}
		// What was made public since stays. Languages that go together can only go together.
		chosen := map[content.Part]int{}
		if x.Valid.Words > e.Live[content.Part(l)] {
			chosen[content.Part(l)] = x.Valid.Words
			if set := s.Site().Together; slices.Contains(set, l) {
				for _, o := range set {
					y, err := s.standing(ctx, tx, e, o, steps[o])
					if err != nil {
						return err
					}
					if y.Valid != nil && y.Valid.Words > e.Live[content.Part(o)] {
						chosen[content.Part(o)] = y.Valid.Words
					}
				}
			}
		}
		if x.Valid.Facts > e.Live[content.Facts] && who.Can(auth.Publish, e.Object()) {
			chosen[content.Facts] = x.Valid.Facts
		}
		if len(chosen) == 0 {
			return nil
		}
		return s.Content.PublishTx(ctx, tx, who, change(id, chosen))
	})
	if err == nil {
		s.Content.Changed()
	}
	return err
}

// Cancel takes a schedule back, or away one that failed.
func (s *Store) Cancel(ctx context.Context, who *auth.Actor, id, schedule string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		return s.drop(ctx, tx, who, e, schedule)
	})
}

// heldSchedule is a schedule of an entry, and whether the actor may publish all that it is about.
func heldSchedule(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, id string) (r *scheduleRow, x Schedule, may bool, err error) {
	r = new(scheduleRow)
	if err := tx.NewSelect().Model(r).Where("sc.id = ? AND sc.entry_id = ?", id, e.ID).Scan(ctx); err != nil {
		return nil, x, false, db.Normalize(err)
	}
	if x, err = r.schedule(); err != nil {
		return nil, x, false, err
	}
	for p := range x.Parts {
		o := e.Object()
		if p != content.Facts {
			o = e.TextObject(p.Locale())
		}
		if !who.Can(auth.Publish, o) {
			return r, x, false, nil
		}
	}
	return r, x, true, nil
}

func (s *Store) drop(ctx context.Context, tx bun.Tx, who *auth.Actor, e *content.Entry, schedule string) error {
	r, _, may, err := heldSchedule(ctx, tx, who, e, schedule)
	if err != nil {
		return err
	}
	if !may && r.CreatedBy != who.ID {
		return auth.ErrForbidden
	}
	if r.State != Due && r.State != Failed {
		return invalid("", "problem.schedule_over")
	}
	if _, err := tx.NewUpdate().Model(r).Set("state = ?", Dropped).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("schedule %s: %w", r.ID, db.Normalize(err))
	}
	if err := s.Jobs.Cancel(ctx, tx, scheduleKey(r.ID)); err != nil {
		return err
	}
	return auth.Audit(ctx, tx, who, "schedule.cancel", e.Object(), map[string]any{"title": e.Title, "what": r.Action, "parts": r.names(), "at": r.DueAt})
}

// UndoCancel makes a schedule hold again that was cancelled, if its time is still to come. It is tried at its time, as others are.
func (s *Store) UndoCancel(ctx context.Context, who *auth.Actor, id, schedule string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		r, x, may, err := heldSchedule(ctx, tx, who, e, schedule)
		if err != nil {
			return err
		}
		if !may {
			return auth.ErrForbidden
		}
		if r.State != Dropped || !r.DueAt.After(s.now()) {
			return invalid("", "problem.schedule_over")
		}
		if _, err := tx.NewUpdate().Model(r).Set("state = ?", Due).Set("created_by = ?", who.ID).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("schedule %s: %w", r.ID, db.Normalize(err))
		}
		if err := s.Content.Keep(ctx, tx, id, x.Parts); err != nil {
			return err
		}
		if err := s.Jobs.Enqueue(ctx, tx, job.Task{Kind: ScheduleJob, Key: scheduleKey(r.ID), Args: scheduleArgs{r.ID}, At: r.DueAt}); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "schedule.add", e.Object(), map[string]any{"title": e.Title, "what": r.Action, "parts": r.names(), "at": r.DueAt})
	})
}

// Schedules lists those of entries that are to come or have failed, by the entry, the next first. The entries were read by
// somebody who may.
func (s *Store) Schedules(ctx context.Context, ids ...string) (map[string][]Schedule, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.schedules(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sc.entry_id IN (?) AND sc.state IN (?, ?)", bun.In(ids), Due, Failed)
	})
}

// FailedOf lists the schedules of the actor's that failed and that nobody has looked at, by the entry.
func (s *Store) FailedOf(ctx context.Context, who *auth.Actor) (map[string][]Schedule, error) {
	return s.schedules(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sc.state = ? AND sc.created_by = ?", Failed, who.ID).Limit(20)
	})
}

func (s *Store) schedules(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery) (map[string][]Schedule, error) {
	var rows []scheduleRow
	if err := which(s.DB.Read().NewSelect().Model(&rows)).OrderExpr("sc.due_at, sc.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("schedules: %w", db.Normalize(err))
	}
	out := map[string][]Schedule{}
	for i := range rows {
		x, err := rows[i].schedule()
		if err != nil {
			return nil, err
		}
		out[x.EntryID] = append(out[x.EntryID], x)
	}
	return out, nil
}

type scheduleArgs struct {
	ID string `json:"id"`
}

// runSchedule does what was scheduled, with the rights that whoever scheduled it has now. It ends its task in the
// transaction that publishes: once, over all instances. What cannot be done is told, and tried no more.
func (s *Store) runSchedule(ctx context.Context, r *job.Run) error {
	var args scheduleArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	row := new(scheduleRow)
	err := db.Normalize(s.DB.Read().NewSelect().Model(row).Where("sc.id = ?", args.ID).Scan(ctx))
	if err != nil {
		return err
	}
	who, err := s.actor(ctx, row.CreatedBy)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, row.EntryID)
		if err != nil {
			return err
		}
		x, waits, err := s.still(ctx, tx, args.ID)
		if err != nil {
			return err
		}
		if !waits {
			return r.Done(ctx, tx)
		}
		switch x.Action {
		case Withdraw:
			err = s.Content.UnpublishTx(ctx, tx, who, e.ID, x.Locales())
		default:
			if !x.Facts() && e.Live[content.Facts] == 0 { // it was taken back by hand since: that decision wins
				if err := s.mark(ctx, tx, args.ID, Dropped, ""); err != nil {
					return err
				}
				if err := auth.Audit(ctx, tx, system, "schedule.cancel", e.Object(), map[string]any{"title": e.Title, "what": row.Action, "parts": row.names(), "at": row.DueAt}); err != nil {
					return err
				}
				return r.Done(ctx, tx)
			}
			for p, n := range x.Parts {
				if e.Live[p] >= n { // that, or something newer, was published by hand
					delete(x.Parts, p)
				}
			}
			if len(x.Parts) > 0 {
				err = s.Content.PublishTx(ctx, tx, who, change(e.ID, x.Parts))
			}
		}
		if err != nil {
			return err
		}
		if err := s.mark(ctx, tx, args.ID, Done, ""); err != nil {
			return err
		}
		return r.Done(ctx, tx)
	})
	var bad *content.Invalid
	var problems []content.Problem
	switch {
	case err == nil:
		s.Content.Changed()
		return nil
	case errors.As(err, &bad):
		problems = slices.DeleteFunc(bad.Problems, func(p content.Problem) bool { return !p.Blocks })
	case errors.Is(err, auth.ErrForbidden), errors.Is(err, db.ErrNotFound):
		problems = []content.Problem{{Path: "clearance", Blocks: true, Key: "problem.schedule_right"}}
	default:
		return err
	}
	return s.fail(ctx, r, who, row, problems)
}

// actor is who scheduled, with the rights of this moment; an account that is gone has none.
func (s *Store) actor(ctx context.Context, id string) (*auth.Actor, error) {
	if name, ok := strings.CutPrefix(id, "program:"); ok {
		return auth.System(name), nil
	}
	who, err := s.Auth.ActorOf(ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		return &auth.Actor{Account: auth.Account{ID: id, Disabled: true}}, nil
	}
	return who, err
}

// still reads a schedule under the entry's lock and tells whether it is still to be done.
func (s *Store) still(ctx context.Context, tx bun.Tx, id string) (Schedule, bool, error) {
	r := new(scheduleRow)
	if err := tx.NewSelect().Model(r).Where("sc.id = ?", id).Scan(ctx); err != nil {
		return Schedule{}, false, db.Normalize(err)
	}
	x, err := r.schedule()
	return x, r.State == Due, err
}

func (s *Store) mark(ctx context.Context, tx bun.Tx, id, state, problems string) error {
	if _, err := tx.NewUpdate().Model((*scheduleRow)(nil)).Set("state = ?", state).Set("problems = ?", problems).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("schedule %s: %w", id, db.Normalize(err))
	}
	return nil
}

// fail writes down why a schedule could not be kept, and tells who made it.
func (s *Store) fail(ctx context.Context, r *job.Run, who *auth.Actor, row *scheduleRow, problems []content.Problem) error {
	b, err := json.Marshal(problems)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, system, row.EntryID)
		if errors.Is(err, db.ErrNotFound) { // it was deleted: nothing of it is public, and nothing can be
			if err := s.mark(ctx, tx, row.ID, Dropped, ""); err != nil {
				return err
			}
			return r.Done(ctx, tx)
		} else if err != nil {
			return err
		}
		if _, waits, err := s.still(ctx, tx, row.ID); err != nil {
			return err
		} else if waits {
			if err := s.mark(ctx, tx, row.ID, Failed, string(b)); err != nil {
				return err
			}
			if err := auth.Audit(ctx, tx, system, "schedule.fail", e.Object(), map[string]any{"title": e.Title, "what": row.Action, "parts": row.names(), "at": row.DueAt}); err != nil {
				return err
			}
			if err := s.tellFailed(ctx, tx, e, who, row); err != nil {
				return err
			}
		}
		return r.Done(ctx, tx)
	})
}

func (s *Store) tellFailed(ctx context.Context, tx bun.Tx, e *content.Entry, who *auth.Actor, row *scheduleRow) error {
	if s.Mail == nil {
		return nil
	}
	l := who.Locale
	if l == "" {
		l = i18n.EN
	}
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, "clearance.letter.failed", "Title", s.title(e, l), "Time", i18n.When(l, row.DueAt.In(content.Zone(row.Zone)), time.Time{}, row.Zone, true))},
		Button: mail.Link{Text: s.Catalogue.T(l, "clearance.letter.look"), URL: s.BaseURL + "/admin/" + e.Kind.Path + "/" + e.ID + "/schedule"}}
	return s.letter(ctx, tx, e, who, l, "schedule:"+row.ID, s.subject(e, l, "clearance.letter.failed_subject", e.Original), body)
}
