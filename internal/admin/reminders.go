package admin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
)

const (
	remindFrom  = 7 // o'clock in the office's zone
	remindAhead = 7 // days before something is due
	remindAgain = 7 // days after which what is late is told again, though nothing is new
	// What a letter holds; the rest is counted.
	remindEvents, remindLines = 20, 8
)

// reminder is what one person is told of in a letter.
type reminder struct {
	who    *auth.Actor
	events []*remindedEvent
	late   int
	soon   int // the others
	told   []string
}

type remindedEvent struct {
	entry *content.Entry
	lines []*checklistLine
}

// remindSystem reads checklists and writes the letters about them.
var remindSystem = auth.System("reminders")

// Remind writes to those who look after events what of their checklists is late, due within a week, or due as soon as
// possible: one letter a person and day, in the morning of the office's zone, and only if there is something that the last
// letter did not say as urgently, or what is late has not been told for a week. It can be run at any time, twice, and by
// several instances at once; after a morning on which nothing ran, it catches up in the course of that day.
func (a *Admin) Remind(ctx context.Context) error {
	now := a.now().In(content.Zone(a.settings.Site().Zone))
	today := now.Format(time.DateOnly)
	if now.Hour() < remindFrom || a.reminded == today {
		return nil
	}
	all, err := a.reminders(ctx, today)
	if err != nil {
		return err
	}
	var failed error
	for _, r := range all { // a mailbox that takes nothing must not keep the others' letters
		if err := a.remind(ctx, r, today); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	if failed == nil {
		a.reminded = today
	}
	return failed
}

// reminders collects what is to be told, by person. Only published events count, of the past year and to come, and older ones
// with open promises, of which only those: nobody is reminded for ever that a story was not written.
func (a *Admin) reminders(ctx context.Context, today string) ([]*reminder, error) {
	by := map[string]*reminder{}
	var order []*reminder
	looksAfter := a.remindedOf(ctx)
	add := func(e *content.Entry, l *checklistLine) error {
		people, err := looksAfter(e, l)
		if err != nil {
			return err
		}
		for _, who := range people {
			r := by[who.ID]
			if r == nil {
				r = &reminder{who: who}
				by[who.ID] = r
				order = append(order, r)
			}
			if n := len(r.events); n == 0 || r.events[n-1].entry.ID != e.ID {
				r.events = append(r.events, &remindedEvent{entry: e})
			}
			last := r.events[len(r.events)-1]
			last.lines = append(last.lines, l)
			r.told = append(r.told, l.urgency(e.ID, today))
			if l.State == kind.DutyLate {
				r.late++
			} else {
				r.soon++
			}
		}
		return nil
	}
	old := a.now().AddDate(-1, 0, 0)
	const page = 200
	for offset := 0; ; offset += page {
		rows, more, err := a.content.List(ctx, remindSystem, content.ListQuery{Kind: kind.EventKind.Name, Live: true, Sort: "date", Offset: offset, Limit: page})
		if err != nil {
			return nil, err
		}
		var owing map[string]bool
		for _, row := range rows {
			past := !row.Date.IsZero() && row.Date.Before(old)
			if past {
				if owing == nil {
					if owing, err = a.owing(ctx); err != nil {
						return nil, err
					}
				}
				if !owing[row.ID] {
					continue
				}
			}
			e, err := a.content.Get(ctx, remindSystem, row.ID)
			if errors.Is(err, db.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, err
			}
			lines, err := a.remindable(ctx, e, today)
			if err != nil {
				return nil, err
			}
			for _, l := range lines {
				if past && l.Promise == nil {
					continue
				}
				if err := add(e, l); err != nil {
					return nil, err
				}
			}
		}
		if !more {
			return order, nil
		}
	}
}

// owing are the entries with open promises.
func (a *Admin) owing(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	q := content.PromiseQuery{State: content.PromiseOpen, Limit: 500}
	for {
		rows, total, err := a.content.ListPromises(ctx, remindSystem, q)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Entry] = true
		}
		if q.Offset += q.Limit; q.Offset >= total {
			return out, nil
		}
	}
}

// remindable are the lines of an event's checklist that a letter may have.
func (a *Admin) remindable(ctx context.Context, e *content.Entry, today string) ([]*checklistLine, error) {
	lines, _, err := a.checklist(ctx, a.checklistForm(i18n.EN, remindSystem, e), e)
	if err != nil {
		return nil, err
	}
	horizon := content.Date(today).Time().AddDate(0, 0, remindAhead)
	return slices.DeleteFunc(lines, func(l *checklistLine) bool {
		return !l.Waits() || l.Due != "" && l.Due.Time().After(horizon)
	}), nil
}

// checklistForm names the fields of an entry in a language, outside a request.
func (a *Admin) checklistForm(l i18n.Locale, who *auth.Actor, e *content.Entry) *entryForm {
	f := a.formOf(l)
	f.Kind, f.Entry, f.who, f.Lang, f.Original, f.stored = e.Kind, e, who, e.Original, e.Original, e.Parts
	f.fill(e.Parts)
	return f
}

// urgency names a line and how urgent it is: told once, it is new again when that changes, or its day.
func (l *checklistLine) urgency(event, today string) string {
	name, how := l.Name, "soon"
	if l.Promise != nil {
		name += "." + l.Promise.ID
	}
	switch {
	case l.State == kind.DutyLate:
		how = "late"
	case string(l.Due) == today:
		how = "today"
	}
	return strings.Join([]string{event, name, string(l.Due), how}, ":")
}

// remindedOf gives who is told of a line: who owns it, which of a duty is the event's focal point, if they may read the event;
// else who created the event, if they may still edit its facts; else all who may.
func (a *Admin) remindedOf(ctx context.Context) func(*content.Entry, *checklistLine) ([]*auth.Actor, error) {
	known := map[string]*auth.Actor{}
	one := func(id string) (*auth.Actor, error) {
		if who, ok := known[id]; ok || id == "" {
			return who, nil
		}
		who, err := a.auth.ActorOf(ctx, id)
		if errors.Is(err, db.ErrNotFound) || err == nil && (who.Disabled || who.IsProgram()) {
			who, err = nil, nil
		}
		if err == nil {
			known[id] = who
		}
		return who, err
	}
	var editors []*auth.Actor
	looked := false
	return func(e *content.Entry, l *checklistLine) ([]*auth.Actor, error) {
		ids := []string{l.Owner}
		if ev, ok := e.Value.(*kind.Event); ok {
			ids = append(ids, ev.FocalPoint)
		}
		for _, id := range ids {
			who, err := one(id)
			if err != nil {
				return nil, err
			}
			if who != nil && who.Can(auth.Read, e.Object()) {
				return []*auth.Actor{who}, nil
			}
		}
		who, err := one(e.Author)
		if err != nil {
			return nil, err
		}
		if who != nil && e.MayEdit(who, content.Facts) {
			return []*auth.Actor{who}, nil
		}
		if !looked {
			if editors, err = a.auth.Holders(ctx, auth.EditFacts); err != nil {
				return nil, err
			}
			looked = true
		}
		var out []*auth.Actor
		for _, who := range editors {
			if !who.Disabled && e.MayEdit(who, content.Facts) {
				out = append(out, who)
			}
		}
		return out, nil
	}
}

type remindRow struct {
	bun.BaseModel `bun:"table:reminders,alias:re"`
	AccountID     string `bun:",pk"`
	Quiet         bool
	Day           string
	Told          string
}

// remind writes one person's letter, if there is a reason to.
func (a *Admin) remind(ctx context.Context, r *reminder, today string) error {
	l := r.who.Locale
	if l == "" {
		l = i18n.EN
	}
	letter, err := a.reminderLetter(ctx, r, l, today)
	if err != nil {
		return err
	}
	told, err := json.Marshal(r.told)
	if err != nil {
		return err
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO reminders (account_id) VALUES (?) ON CONFLICT (account_id) DO NOTHING", r.who.ID).Exec(ctx); err != nil {
			return err
		}
		var was remindRow
		q := tx.NewSelect().Model(&was).Where("re.account_id = ?", r.who.ID)
		if a.db.Postgres() {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		if was.Quiet || was.Day >= today || !r.worth(&was, today) { // a clock that was set back tells nothing twice
			return nil
		}
		if _, err := tx.NewRaw("UPDATE reminders SET day = ?, told = ? WHERE account_id = ?", today, string(told), r.who.ID).Exec(ctx); err != nil {
			return err
		}
		_, err := a.mail.Enqueue(ctx, tx, remindSystem, letter)
		return err
	})
}

// worth reports whether there is anything to say that the last letter has not said, or not for a week.
func (r *reminder) worth(was *remindRow, today string) bool {
	var told []string
	if err := json.Unmarshal([]byte(was.Told), &told); err != nil {
		return true
	}
	if slices.ContainsFunc(r.told, func(s string) bool { return !slices.Contains(told, s) }) {
		return true
	}
	return r.late > 0 && content.Date(was.Day).Time().AddDate(0, 0, remindAgain).Format(time.DateOnly) <= today
}

func (a *Admin) reminderLetter(ctx context.Context, r *reminder, l i18n.Locale, today string) (mail.Letter, error) {
	t := tongue{a.cat, l}
	n := func(i int) string { return i18n.Number(l, i) }
	count := t.T("reminder.count", "Late", n(r.late), "Soon", n(r.soon))
	body := mail.Body{Linked: true, Paragraphs: []string{count}}
	more := 0
	for i, x := range r.events {
		if i >= remindEvents {
			more += len(x.lines)
			continue
		}
		lines, _, err := a.checklist(ctx, a.checklistForm(l, r.who, x.entry), x.entry) // in their language
		if err != nil {
			return mail.Letter{}, err
		}
		title := x.entry.Languages[l].Title
		if title == "" {
			title = entryTitle(t, x.entry)
		}
		said := []string{i18n.Isolate(title)}
		rest := 0
		for _, line := range lines {
			if !slices.ContainsFunc(x.lines, func(y *checklistLine) bool { return y.urgency("", today) == line.urgency("", today) }) {
				continue
			}
			if len(said) > remindLines {
				rest++
				continue
			}
			what := i18n.Isolate(strings.Join(strings.Fields(line.Text), " "))
			switch {
			case line.Overdue > 0:
				said = append(said, t.T("reminder.late", "What", what, "How", t.N("dashboard.overdue", line.Overdue), "Date", line.Day))
			case line.Day != "":
				said = append(said, t.T("reminder.line", "What", what, "How", t.T("dashboard.due", "Date", line.Day)))
			default:
				said = append(said, t.T("reminder.line", "What", what, "How", t.T("reminder.open")))
			}
		}
		if rest > 0 {
			said = append(said, t.N("checklist.more", rest))
		}
		body.Paragraphs = append(body.Paragraphs, strings.Join(append(said, a.base+checklistURL(x.entry)), "\n"))
	}
	if more > 0 {
		body.Paragraphs = append(body.Paragraphs, t.N("checklist.more", more))
	}
	body.Button = mail.Link{Text: t.T("reminder.button"), URL: a.base + "/admin/promises?mine=1"}
	body.Footer = []string{t.T("reminder.why"), a.base + "/admin/account#clr"}
	x := mail.Letter{Cause: "reminder:" + r.who.ID + ":" + today, To: r.who.Email, Name: r.who.Name, Locale: l, Subject: t.T("reminder.subject", "Count", count),
		NotAfter: a.now().Add(3 * 24 * time.Hour)} // by then another says it better
	x.Text, x.HTML = a.mail.Compose(l, body)
	return x, nil
}

// wantsReminders reports whether an account gets letters about what is due.
func (a *Admin) wantsReminders(ctx context.Context, who *auth.Actor) (bool, error) {
	n, err := a.db.Read().NewSelect().Table("reminders").Where("account_id = ? AND quiet", who.ID).Count(ctx)
	return n == 0, db.Normalize(err)
}

// setReminders switches an account's letters about what is due on or off.
func (a *Admin) setReminders(ctx context.Context, who *auth.Actor, want bool) error {
	return a.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO reminders (account_id, quiet) VALUES (?, ?) ON CONFLICT (account_id) DO UPDATE SET quiet = EXCLUDED.quiet", who.ID, !want).Exec(ctx)
		return db.Normalize(err)
	})
}
