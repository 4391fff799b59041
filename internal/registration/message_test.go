package registration_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"mime"
	"os"
	"strconv"
	"sync"

	"github.com/uptrace/bun"

	"errors"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// come registers somebody in a language, and confirms the address.
func (h *house) come(l i18n.Locale, address string) {
	h.t.Helper()
	e, err := h.Event(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	stamp, err := h.Stamp(ctx, h.event, e.Form.Version(l, e.Original))
	if err == nil {
		err = h.Register(ctx, h.event, registration.Submission{Locale: l, Stamp: stamp, Values: map[string][]string{"name": {"P"}, "mail": {address}}})
	}
	if err := errors.Join(err, h.Confirm(ctx, h.token(address))); err != nil {
		h.t.Fatalf("%s: %v", address, err)
	}
}

// pass lets the time go by until a moment, and what is due by then be done.
func (h *house) pass(to string) {
	h.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", to, nairobi)
	if err != nil {
		h.t.Fatal(err)
	}
	h.at(t.UTC())
	if err := h.jobs[0].Drain(ctx); err != nil {
		h.t.Fatal(err)
	}
}

var nairobi, _ = time.LoadLocation("Africa/Nairobi")

// told are the messages to somebody, in order, without the letters about the registration itself.
func (h *house) told(address string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, l := range h.letters {
		if rest, ok := strings.CutPrefix(l.Cause, "registration.message:"+h.event+":"); ok && l.To == address {
			name, _, _ := strings.Cut(rest, ":")
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// last is the latest message of a kind to somebody.
func (h *house) last(address, kind string) mail.Letter {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.letters) - 1; i >= 0; i-- {
		if l := h.letters[i]; l.To == address && strings.HasPrefix(l.Cause, "registration.message:"+h.event+":"+kind+":") {
			return l
		}
	}
	h.t.Fatalf("no %s to %s", kind, address)
	return mail.Letter{}
}

func (h *house) wantTold(address, want string) {
	h.t.Helper()
	if got := h.told(address); got != want {
		h.t.Errorf("%s was told %q, want %q", address, got, want)
	}
}

// happens publishes the event anew with other facts, as the screen that changes events does: with its registrants told.
func (h *house) happens(what string, f func(*kind.Event)) {
	h.t.Helper()
	f(h.value)
	c := h.all[0].Content
	e, err := c.Get(ctx, staff, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	on := ctx
	if what != "" {
		on = registration.Telling(ctx, h.event, what)
	}
	if _, err := c.Save(ctx, staff, content.Change{ID: h.event, Kind: kind.EventKind, Base: e.Versions, Set: kind.EventKind.Split(h.value)}); err != nil {
		h.t.Fatal(err)
	}
	if err := c.Publish(on, staff, content.PublishChange{ID: h.event, Facts: true, Locales: worded(h.value)}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.jobs[0].Drain(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// calendarLines are some lines of the calendar that came with a letter.
func calendarLines(l mail.Letter) string {
	if len(l.Files) != 1 {
		return "no calendar"
	}
	kind, more, _ := mime.ParseMediaType(l.Files[0].Type)
	if kind != "text/calendar" || !strings.Contains(string(l.Files[0].Data), "\r\nMETHOD:"+more["method"]+"\r\n") {
		return "a calendar of another method than its type says"
	}
	var out []string
	for line := range strings.SplitSeq(string(l.Files[0].Data), "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); name == "METHOD" || name == "SEQUENCE" || name == "STATUS" || strings.HasPrefix(line, "DTSTART;TZID") {
			out = append(out, line)
		}
	}
	return strings.Join(out, " ")
}

func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
}

// TestTheStoryOfMessages walks an event through its life: who registered hears of each step once, in their language.
func TestTheStoryOfMessages(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Title, e.Summary = content.L("en", "Open registers", "ar", "سجلات مفتوحة", "zh", "开放登记册"), content.L("en", "A meeting.", "ar", "اجتماع.", "zh", "会议。")
		e.Commitments = []kind.Commitment{{Item: content.Item{ID: "p1"}, Kind: "recordings", DueDays: 5}, {Item: content.Item{ID: "p2"}, Kind: "report", DueDays: 60}}
		e.Registration.Messages = []registration.Message{{Item: content.Item{ID: "second"}, Kind: registration.Reminder, Days: 1},
			{Item: content.Item{ID: "hour"}, Kind: registration.Reminder, Hours: 1, From: registration.BeforeStart,
				Subject: content.L("en", "In an hour: {event}", "zh", "一小时后：{event}"), Body: content.L("en", "It begins at {time} on {date}: {place}.\n\nSee {page}, or {link}.")}}
	})
	en, ar, zh, gone, no := "en@example.org", "ar@example.org", "zh@example.org", "gone@example.org", "no@example.org"
	h.come(i18n.EN, en)
	h.come(i18n.AR, ar)
	h.come(i18n.ZH, zh)
	h.come(i18n.EN, gone)
	h.come(i18n.EN, no)
	if err := h.Withdraw(ctx, h.token(gone)); err != nil {
		t.Fatal(err)
	}
	list, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: no})
	if err == nil {
		_, err = h.Decide(ctx, staff, h.event, []string{list.Rows[0].ID}, registration.Decline)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.letters {
		if l := h.letters[i]; strings.HasPrefix(l.Cause, "registration.confirmed:") && calendarLines(l) != "METHOD:PUBLISH SEQUENCE:0 STATUS:CONFIRMED DTSTART;TZID=Africa/Nairobi:20270401T090000" {
			h.t.Errorf("confirmed with %s", calendarLines(l))
		}
	}

	h.pass("2027-03-18 08:59")
	h.wantTold(en, "")
	h.pass("2027-03-18 09:01")
	for _, who := range []string{en, ar, zh} {
		h.wantTold(who, "login_guideline")
	}
	h.pass("2027-03-20 12:00")
	h.wantTold(en, "login_guideline")

	// It moves by a day: the guideline was right in its time, the reminders move along, and all are told once.
	h.happens("move", func(e *kind.Event) {
		e.Previous, e.Status = e.When, "rescheduled"
		e.When.Start, e.When.End = "2027-04-02T10:00", "2027-04-02T12:00"
		e.StatusNote = content.L("en", "The hall is needed.", "ar", "القاعة مطلوبة.")
	})
	h.happens("", func(e *kind.Event) { e.Keywords = content.L("en", "registers") })
	for _, who := range []string{en, ar, zh} {
		h.wantTold(who, "login_guideline change")
	}
	moved := h.last(en, "change")
	wantWords(t, moved.Subject+moved.Text, "New date: Open registers", "Friday, 2 April 2027, 10:00–12:00", "The hall is needed.")
	if got := calendarLines(moved); got != "METHOD:PUBLISH SEQUENCE:1 STATUS:CONFIRMED DTSTART;TZID=Africa/Nairobi:20270402T100000" {
		t.Errorf("the calendar says %s", got)
	}
	wantWords(t, h.last(ar, "change").Text, "القاعة مطلوبة.", "2027")
	wantWords(t, h.last(zh, "change").Subject, "新的时间：开放登记册")

	// Who comes now gets the guideline at once.
	late := "late@example.org"
	h.come(i18n.EN, late)
	h.wantTold(late, "login_guideline")
	h.pass("2027-03-31 09:30") // when the reminder would have gone
	h.wantTold(en, "login_guideline change")
	h.pass("2027-04-01 10:01")
	for _, who := range []string{en, ar, zh} {
		h.wantTold(who, "login_guideline change second")
	}
	h.wantTold(late, "login_guideline second")
	if got := calendarLines(h.last(zh, "second")); !strings.Contains(got, "SEQUENCE:1") {
		t.Errorf("the reminder comes with %s", got)
	}
	h.pass("2027-04-02 09:01")
	own := h.last(en, "hour")
	wantWords(t, own.Subject+own.Text, "In an hour: Open registers", "It begins at 10:00–12:00 (Nairobi) on Friday, 2 April 2027: Platform.", "See https://office.example/en/events/2027/open-registers, or https://office.example/en/registrations/")
	wantWords(t, h.last(zh, "hour").Subject, "一小时后：开放登记册")
	wantWords(t, h.last(zh, "hour").Text, "原文", "It begins at 10:00–12:00")

	h.pass("2027-04-03 12:01")
	for _, who := range []string{en, ar, zh} {
		h.wantTold(who, "login_guideline change second hour thank_you")
	}
	if len(h.last(en, "thank_you").Files) > 0 || h.last(en, "thank_you").NotAfter != (time.Time{}) {
		t.Error("thanks with a calendar, or an end")
	}

	// A promise is kept, and the report comes out, first as a draft.
	h.happens("", func(e *kind.Event) {
		e.Recordings = []kind.Recording{{Item: content.Item{ID: "r1"}, Kind: "video", URL: "https://example.org/v", Title: content.L("en", "All of it"), NoCaptions: content.L("en", "They are being made.")}}
	})
	h.happens("", func(e *kind.Event) { e.Keywords = content.L("en", "other") })
	wantWords(t, h.last(en, "materials_ready").Text, "Now available: Recordings")
	report := &kind.Report{Title: content.L("en", "Outcome"), Summary: content.L("en", "What came of it."), Stage: "draft", Event: content.Ref(h.event), Date: "2027-05-01", Executive: content.P("en", "<p>Much.</p>")}
	id := h.publish(kind.ReportKind, report, "")
	h.pass("2027-05-02 09:00")
	h.wantTold(ar, "login_guideline change second hour thank_you materials_ready")
	report.Stage = "final"
	h.publish(kind.ReportKind, report, id)
	h.pass("2027-05-03 09:00")
	report.Date = "2027-05-03"
	h.publish(kind.ReportKind, report, id)
	h.pass("2027-05-04 09:00")
	for _, who := range []string{en, ar, zh} {
		h.wantTold(who, "login_guideline change second hour thank_you materials_ready outcome")
	}
	h.wantTold(late, "login_guideline second hour thank_you materials_ready outcome")
	h.wantTold(gone, "")
	h.wantTold(no, "")

	plan, err := h.Messages(ctx, staff, h.event)
	if err != nil || len(plan.Log) != 7 || plan.Log[0].Kind != registration.Outcome || plan.Log[0].Sent != 4 || plan.Log[6].Sent != 4 {
		t.Errorf("the log: %v %+v", err, plan.Log)
	}
}

// TestCancelledEvents: who has registered is told, with a calendar that takes it out, and nothing else comes any more.
func TestCancelledEvents(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Registration.Capacity, e.Commitments = 1, []kind.Commitment{{Item: content.Item{ID: "p1"}, Kind: "summary", DueDays: 5}}
	})
	h.come(i18n.EN, "en@example.org")
	h.come(i18n.AR, "waits@example.org")
	h.happens("cancel", func(e *kind.Event) { e.Status, e.StatusNote = "cancelled", content.L("en", "There is no money.") })
	l := h.last("en@example.org", "cancelled")
	wantWords(t, l.Subject+l.Text, "Cancelled: Open registers", "There is no money.")
	if got := calendarLines(l); got != "METHOD:CANCEL SEQUENCE:1 STATUS:CANCELLED DTSTART;TZID=Africa/Nairobi:20270401T090000" {
		t.Errorf("the calendar says %s", got)
	}
	h.happens("", func(e *kind.Event) { e.OutcomeSummary = content.P("en", "<p>It is off.</p>") })
	h.pass("2027-03-18 09:01")
	h.pass("2027-03-31 09:01")
	h.wantTold("en@example.org", "cancelled")
	h.wantTold("waits@example.org", "cancelled")
	// It takes place after all.
	h.happens(registration.Undone, func(e *kind.Event) { e.Status, e.StatusNote, e.OutcomeSummary = "scheduled", nil, nil })
	h.wantTold("waits@example.org", "cancelled change")
	h.pass("2027-03-31 09:05")
	wantWords(t, h.told("en@example.org"), "change", "reminder")
	h.pass("2027-04-02 12:00")
	wantWords(t, h.told("en@example.org"), "thank_you")
}

// TestPostponedEvents: reminders wait for a date, and come again for the new one.
func TestPostponedEvents(t *testing.T) {
	h := open(t, 1, nil)
	h.come(i18n.EN, "en@example.org")
	h.pass("2027-03-18 09:01")
	h.pass("2027-03-31 09:01")
	h.wantTold("en@example.org", "login_guideline reminder")
	h.happens("postpone", func(e *kind.Event) { e.Status = "postponed" })
	h.pass("2027-04-02 11:30")
	h.wantTold("en@example.org", "login_guideline reminder change")
	wantWords(t, h.last("en@example.org", "change").Text, "is postponed")
	h.happens("move", func(e *kind.Event) {
		e.Status, e.When.Start, e.When.End = "rescheduled", "2027-06-01T09:00", "2027-06-01T11:00"
	})
	h.pass("2027-05-18 09:01")
	h.pass("2027-05-31 09:01")
	h.wantTold("en@example.org", "login_guideline reminder change change login_guideline reminder")
}

// TestMessagesInterrupted: ten workers on three instances send to many, and are stopped again and again in the middle of it.
// In the end each has one letter.
func TestMessagesInterrupted(t *testing.T) {
	n := 1000
	if s := os.Getenv("PLENARY_TEST_LETTERS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	h := open(t, 3, nil)
	h.come(i18n.EN, "first@example.org")
	d := h.all[0].DB
	many := func(from, to int) {
		t.Helper()
		if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			for i := from; i < to; i++ {
				if _, err := tx.NewRaw(`INSERT INTO registrations (id, event_id, state, mail, mail_key, name, find, locale, channel, answers, consents, created_at, updated_at)
					VALUES (?, ?, ?, ?, ?, 'P', 'p', ?, 'web', '{}', '{}', ?, ?)`, fmt.Sprintf("r%06d", i), h.event, []string{"confirmed", "confirmed", "confirmed", "withdrawn"}[i%4],
					fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("p%d@example.org", i), string(i18n.All[i%len(i18n.All)]), start, start).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	many(0, n)
	h.at(time.Date(2027, 3, 18, 6, 1, 0, 0, time.UTC))
	var sent, stops int
	count := func() int {
		t.Helper()
		if err := d.Read().NewRaw("SELECT count(*) FROM letters WHERE cause LIKE 'registration.message:%'").Scan(ctx, &sent); err != nil {
			t.Fatal(err)
		}
		return sent
	}
	for random := rand.New(rand.NewPCG(1, 2)); stops < 200; stops++ {
		short, stop := context.WithTimeout(ctx, 20*time.Second)
		before := count()
		go func() { // in the middle of it: soon after some have their letters
			for n := before; n == before && short.Err() == nil; time.Sleep(time.Millisecond) {
				if d.Read().NewRaw("SELECT count(*) FROM letters WHERE cause LIKE 'registration.message:%'").Scan(short, &n) != nil {
					break
				}
			}
			time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
			stop()
		}()
		var all sync.WaitGroup
		for i := range h.jobs {
			if i > 0 && !d.Postgres() {
				break // one process owns an SQLite file
			}
			all.Go(func() { h.jobs[i].Run(short) })
		}
		all.Wait()
		stop()
		if count() >= n-n/4+1 {
			break
		}
		// Killed rather than stopped, it could not hand the task back.
		if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("UPDATE jobs SET state = 'running', lease_until = ? WHERE kind = ?", start.AddDate(-1, 0, 0), registration.MessageJob).Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if stops < 3 {
		t.Errorf("stopped only %d times", stops)
	}
	h.pass("2027-03-18 09:10")
	for end := time.Now().Add(time.Minute); count() < n-n/4+1 && time.Now().Before(end); {
		short, stop := context.WithTimeout(ctx, 3*time.Second)
		h.jobs[0].Run(short)
		stop()
	}
	h.pass("2027-03-18 09:20")
	if got, want := count(), n-n/4+1; got != want {
		t.Errorf("%d letters to %d people, after %d stops", got, want, stops)
	}
	var twice int
	if err := d.Read().NewRaw("SELECT count(*) FROM (SELECT to_key FROM letters WHERE cause LIKE 'registration.message:%' GROUP BY to_key HAVING count(*) > 1) x").Scan(ctx, &twice); err != nil || twice > 0 {
		t.Errorf("%d were told twice, %v", twice, err)
	}
	plan, err := h.Messages(ctx, staff, h.event)
	if err != nil || len(plan.Log) != 1 || plan.Log[0].Sent != count() || plan.Log[0].Ended.IsZero() {
		t.Errorf("the log: %v %+v", err, plan.Log)
	}
}

// TestWhoComesAfterAChange has read of it, even where the letters about it have not gone yet.
func TestWhoComesAfterAChange(t *testing.T) {
	h := open(t, 1, nil)
	h.come(i18n.EN, "before@example.org")
	c := h.all[0].Content
	e, err := c.Get(ctx, staff, h.event)
	if err != nil {
		t.Fatal(err)
	}
	h.value.Status, h.value.When.Start, h.value.When.End = "rescheduled", "2027-04-08T09:00", "2027-04-08T11:00"
	if _, err := c.SaveAndPublish(registration.Telling(ctx, h.event, "move"), staff, content.Change{ID: h.event, Kind: kind.EventKind, Base: e.Versions, Set: kind.EventKind.Split(h.value)},
		content.PublishChange{ID: h.event, Facts: true, Locales: worded(h.value)}); err != nil {
		t.Fatal(err)
	}
	h.come(i18n.EN, "after@example.org")
	h.pass("2027-03-02 09:00")
	h.wantTold("before@example.org", "change")
	h.wantTold("after@example.org", "")
}

// TestThePlanOfMessages: editors turn messages off, choose whom they are for, and write their own instead of the usual.
func TestThePlanOfMessages(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Registration.Categories = []registration.Category{{Item: content.Item{ID: "c1"}, Name: content.L("en", "Press"), Key: "press"}, {Item: content.Item{ID: "c2"}, Name: content.L("en", "Delegates")}}
		e.Registration.Messages = []registration.Message{{Item: content.Item{ID: "thanks"}, Kind: registration.ThankYou, Off: true},
			{Item: content.Item{ID: "room"}, Kind: registration.Reminder, Only: "press", Days: 2, From: registration.BeforeStart},
			{Item: content.Item{ID: "queue"}, Kind: registration.Reminder, To: []string{"waitlisted"}, Days: 1, From: registration.BeforeStart}}
		e.Registration.Categories[1].Capacity = 1
	})
	h.join("press@example.org", "category", "c1")
	h.join("delegate@example.org", "category", "c2")
	h.join("waits@example.org", "category", "c2")
	h.pass("2027-03-18 09:01")
	h.pass("2027-03-30 09:01")
	h.wantTold("press@example.org", "login_guideline room")
	h.wantTold("delegate@example.org", "login_guideline")
	h.wantTold("waits@example.org", "")

	// The guideline has gone: who writes one now changes what the next will read, and sends none again.
	h.change(func(r *kind.Registration) {
		r.Messages = append(r.Messages, registration.Message{Item: content.Item{ID: "guide"}, Kind: registration.LoginGuideline, Body: content.L("en", "Bring a passport.")})
	})
	h.pass("2027-03-30 09:30")
	h.wantTold("delegate@example.org", "login_guideline")
	h.join("late@example.org", "category", "c1")
	h.wantTold("late@example.org", "guide room")
	wantWords(t, h.last("late@example.org", "guide").Text, "Bring a passport.")
	// And without it, it is the usual one again, for those who come then.
	h.change(func(r *kind.Registration) { r.Messages = r.Messages[:3] })
	h.join("later@example.org", "category", "c1")
	h.wantTold("later@example.org", "login_guideline room")
	h.wantTold("late@example.org", "guide room")

	h.pass("2027-03-31 09:01")
	h.wantTold("waits@example.org", "queue")
	h.wantTold("delegate@example.org", "login_guideline")
	h.pass("2027-04-02 12:00")
	h.wantTold("delegate@example.org", "login_guideline")

	// A program that did not send messages leaves events without plans: looking once a day finds them.
	if err := h.all[0].DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM messages").Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h.at(time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC))
	if err := h.Replan(ctx); err != nil {
		t.Fatal(err)
	}
	if plan, err := h.Messages(ctx, staff, h.event); err != nil || plan.Lines[1].State != registration.Planned || plan.Lines[1].Due.IsZero() {
		t.Errorf("%v %+v", err, plan)
	}
}

// TestAMessageOutlivesAWithdrawal: what was to be told when the event was taken back is told when it is public again, once.
func TestAMessageOutlivesAWithdrawal(t *testing.T) {
	h := open(t, 1, nil)
	h.come(i18n.EN, "en@example.org")
	c := h.all[0].Content
	on := registration.Telling(ctx, h.event, "venue")
	h.value.Status, h.value.StatusNote = "venue_changed", content.L("en", "The hall is closed.")
	e, err := c.Get(ctx, staff, h.event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Save(ctx, staff, content.Change{ID: h.event, Kind: kind.EventKind, Base: e.Versions, Set: kind.EventKind.Split(h.value)}); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(on, staff, content.PublishChange{ID: h.event, Facts: true, Locales: worded(h.value)}); err != nil {
		t.Fatal(err)
	}
	// It is withdrawn before anything has gone.
	if err := c.Unpublish(ctx, staff, h.event, worded(h.value)); err != nil {
		t.Fatal(err)
	}
	if err := h.jobs[0].Drain(ctx); err != nil {
		t.Fatal(err)
	}
	h.wantTold("en@example.org", "")
	h.happens("", func(*kind.Event) {})
	h.happens("", func(*kind.Event) {})
	h.wantTold("en@example.org", "change")
}

// TestLettersAfterTheEventEnd: who has had enough of what follows an event gets no more of it, and still hears of what changes.
func TestLettersAfterTheEventEnd(t *testing.T) {
	h := open(t, 1, nil)
	en, ar := "en@example.org", "ar@example.org"
	h.come(i18n.EN, en)
	h.come(i18n.AR, ar)
	h.pass("2027-03-31 09:01")
	if l := h.last(en, "reminder"); l.Unsubscribe != "" {
		t.Errorf("a reminder can be stopped: %s", l.Unsubscribe)
	}
	h.pass("2027-04-02 12:01")
	l := h.last(en, "thank_you")
	_, rest, ok := strings.Cut(l.Unsubscribe, "https://office.example/en/registrations/")
	token, stop, _ := strings.Cut(rest, "/")
	if !ok || stop != "stop" || !strings.Contains(l.Text, l.Unsubscribe) {
		t.Fatalf("no way out: %q\n%s", l.Unsubscribe, l.Text)
	}
	for range 2 { // pressed twice, it is stopped
		if err := h.SetQuiet(ctx, token, true); err != nil {
			t.Fatal(err)
		}
	}
	h.happens("", func(e *kind.Event) {
		e.Commitments = []kind.Commitment{{Item: content.Item{ID: "p1"}, Kind: "recordings", DueDays: 5}}
		e.Recordings = []kind.Recording{{Item: content.Item{ID: "r1"}, Kind: "video", URL: "https://example.org/v", Title: content.L("en", "All of it"), NoCaptions: content.L("en", "They are being made.")}}
	})
	if got := h.told(en); strings.Contains(got, "materials_ready") {
		t.Errorf("stopped, and told %s", got)
	}
	if got := h.told(ar); !strings.Contains(got, "materials_ready") {
		t.Errorf("not stopped, and told %s", got)
	}
	if err := h.SetQuiet(ctx, token, false); err != nil {
		t.Fatal(err)
	}
	if r, _, err := h.Own(ctx, token); err != nil || r.Quiet || r.State != registration.Confirmed {
		t.Errorf("%+v %v", r, err)
	}
}
