package discussion_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/i18n/i18ntest"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/seal/sealtest"
	"plenary/internal/sheet"
)

var (
	ctx   = context.Background()
	staff = auth.System("test")
)

// house is the boards of one database, with a clock that tests set.
type house struct {
	*discussion.Store
	t     *testing.T
	event string
	value *kind.Event

	mu      sync.Mutex
	now     time.Time
	letters []mail.Letter
}

// outbox is the real one, and keeps what goes in for tests to read.
type outbox struct {
	*mail.Outbox
	h *house
}

func (o *outbox) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	o.h.mu.Lock()
	o.h.letters = append(o.h.letters, l)
	o.h.mu.Unlock()
	return o.Outbox.Enqueue(ctx, tx, who, l)
}

var start = time.Date(2027, 4, 2, 12, 0, 0, 0, time.UTC)

func moment(t time.Time) content.Moment {
	return content.Moment{At: content.LocalTime(t.Format("2006-01-02T15:04")), Zone: "UTC"}
}

func open(t *testing.T, change func(*kind.Event)) *house {
	t.Helper()
	h := &house{t: t, now: start}
	d := dbtest.Open(t, dbtest.Address(t))
	words := i18ntest.Words(t, "../../admin/locales")
	c := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	out, err := mail.New(d, mail.Options{BaseURL: "https://office.example", Words: words, Site: func(i18n.Locale) string { return "The Office" }, ReplyTo: func() string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(time.Microsecond); return h.now }
	reg := &registration.Store{DB: d, Content: c, Seal: sealtest.Box(t, d), Catalogue: words, BaseURL: "https://office.example", Mail: &outbox{out, h}, Now: clock}
	h.Store = &discussion.Store{DB: d, Content: c, Registration: reg, Catalogue: words, BaseURL: "https://office.example", Mail: &outbox{out, h}, Now: clock,
		Account: func(_ context.Context, id string) (string, i18n.Locale, error) {
			return id + "@office.example", i18n.FR, nil
		}}
	c.OnChange = append(c.OnChange, reg.Changed, h.Changed)
	item := func(s string) content.Item { return content.Item{ID: s} }
	org := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Office"), Type: "ngo"}, "")
	e := &kind.Event{Title: content.L("en", "Open registers"), Summary: content.L("en", "A meeting."), Kind: "webinar", Scope: "global", FocalPoint: "account1",
		When: content.When{Start: "2027-04-20T09:00", End: "2027-04-20T11:00", Zone: "UTC", Precision: "time"}, Status: "scheduled", Mode: "online", Access: "registration",
		Venues: []kind.Venue{{Item: item("v1"), Type: "online", Name: content.L("en", "Platform")}}, WorkingLanguages: []string{"en"},
		Contacts: []kind.Contact{{Item: item("c1"), Mailbox: "office@example.org"}}, Organizations: []kind.OrganizationRole{{Item: item("o1"), Organization: content.Ref(org), Role: "organizer"}},
		Registration: kind.Registration{Online: true, Fields: []registration.Field{{Item: item("ask1"), Key: "ask", Type: registration.Long, Label: content.L("en", "Your question to the speakers")}}},
		Discussion: kind.Discussion{Online: true, Opens: moment(start.Add(-time.Hour)), Closes: moment(start.AddDate(0, 0, 30)), QuestionKey: "ask", Keep: 10,
			Facilitators: []discussion.Facilitator{{Item: item("f1"), Account: "amina"}},
			Topics:       []discussion.Topic{{Item: item("who"), Title: content.L("en", "Who keeps it?")}, {Item: item("how"), Title: content.L("en", "How?")}}}}
	if change != nil {
		change(e)
	}
	h.value = e
	h.event = h.publish(kind.EventKind, e, "")
	return h
}

func (h *house) publish(k *content.Kind, v any, id string) string {
	h.t.Helper()
	change := content.Change{ID: id, Kind: k, Original: i18n.EN, Set: k.Split(v)}
	if id != "" {
		e, err := h.Content.Get(ctx, staff, id)
		if err != nil {
			h.t.Fatal(err)
		}
		change.Base = e.Versions
	}
	saved, err := h.Content.Save(ctx, staff, change)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.Content.Publish(ctx, staff, content.PublishChange{ID: saved.ID, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		h.t.Fatal(err)
	}
	return saved.ID
}

func (h *house) at(t time.Time) { h.mu.Lock(); h.now = t; h.mu.Unlock() }

func (h *house) submission(from string, pairs ...string) discussion.Submission {
	h.t.Helper()
	stamp, err := h.Stamp(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	s := discussion.Submission{Locale: i18n.EN, Stamp: stamp, Values: map[string][]string{}}
	if from != "" {
		s.From = netip.MustParseAddr(from)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Values[pairs[i]] = []string{pairs[i+1]}
	}
	return s
}

// write sends the form; token is that of the letter it caused, empty if none.
func (h *house) write(topic, parent, from, box, words string) (token string, err error) {
	h.t.Helper()
	before := len(h.letters)
	err = h.Write(ctx, h.event, topic, parent, h.submission(from, "name", "Amina", "mail", box, "language", "en", "text", words))
	if len(h.letters) > before {
		if _, rest, ok := strings.Cut(h.letters[len(h.letters)-1].Text, "/posts/"); ok {
			token = strings.Fields(rest)[0]
		}
	}
	return token, err
}

// shown writes a post that everybody sees, and gives its id.
func (h *house) shown(topic, box, words string) string {
	h.t.Helper()
	token, err := h.write(topic, "", "", box, words)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.Confirm(ctx, token); err != nil {
		h.t.Fatal(err)
	}
	o, err := h.Own(ctx, token)
	if err != nil {
		h.t.Fatal(err)
	}
	if o.State == discussion.Pending {
		h.decide(discussion.Approve, "", o.ID)
	}
	return o.ID
}

func (h *house) decide(op discussion.Op, reason string, ids ...string) discussion.Decided {
	h.t.Helper()
	d, err := h.Decide(ctx, staff, ids, op, reason)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *house) count(topic string) int {
	h.t.Helper()
	c, err := h.Counts(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	return c[topic].N
}

func fields(err error) string {
	var bad *registration.Invalid
	if !errors.As(err, &bad) {
		return fmt.Sprint(err)
	}
	var all []string
	for _, p := range bad.Problems {
		all = append(all, p.Field+":"+p.Key)
	}
	return strings.Join(all, " ")
}

func TestABoardFollowsTheClock(t *testing.T) {
	b := &discussion.Board{Opens: start, Closes: start.AddDate(0, 0, 10), Keep: 5}
	for day, want := range map[int]discussion.State{-1: discussion.Announced, 0: discussion.Open, 6: discussion.Open, 7: discussion.Closing, 9: discussion.Closing, 10: discussion.Closed,
		14: discussion.Closed, 15: discussion.Archived} {
		now := start.AddDate(0, 0, day)
		if got := b.State(now); got != want || b.Writable(now) != (want == discussion.Open || want == discussion.Closing) {
			t.Errorf("day %d: %s", day, got)
		}
	}
	b.Off = true
	for day, want := range map[int]discussion.State{-1: discussion.Closed, 1: discussion.Closed, 14: discussion.Closed, 15: discussion.Archived} {
		now := start.AddDate(0, 0, day)
		if got := b.State(now); got != want || b.Writable(now) {
			t.Errorf("cancelled, day %d: %s", day, got)
		}
	}
	if b := (&discussion.Board{Off: true, Opens: start}); b.State(start.AddDate(0, 0, -1)) != discussion.Closed {
		t.Error("the board of a cancelled event is announced")
	}
	if b := (&discussion.Board{}); !b.Writable(start) || b.State(start) != discussion.Open {
		t.Error("a board without dates is not open")
	}
}

func TestNobodyFloodsABoard(t *testing.T) {
	h := open(t, nil)
	// A mailbox gets few letters, and whoever asks for more is told nothing.
	letters := 0
	for range 8 {
		token, err := h.write("who", "", "", "victim@example.org", "Words.")
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			letters++
		}
	}
	if letters != 4 {
		t.Errorf("%d letters to somebody who did not ask for any", letters)
	}
	// What the owner writes then waits beside: any of the letters leads to it, and to it alone.
	first := h.letters[0].Text
	_, first, _ = strings.Cut(first, "/posts/")
	first = strings.Fields(first)[0]
	again := *h.value
	again.Title = content.L("en", "Another board")
	here := h.event
	h.event = h.publish(kind.EventKind, &again, "")
	if token, err := h.write("who", "", "198.51.100.7", "Victim@example.org", "My own words."); err != nil || token != "" {
		t.Fatal(token, err)
	}
	h.event = here
	own, err := h.Own(ctx, first)
	if err != nil || len(own.Others) != 8 || own.Others[0].Text != "My own words." || own.Others[0].Event.Board.Event.In("en") != "Another board" {
		t.Fatalf("%+v, %v", own, err)
	}
	stranger, err := h.write("who", "", "", "stranger@example.org", "Words.")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ConfirmOther(ctx, stranger, own.Others[0].ID); !errors.Is(err, db.ErrNotFound) {
		t.Error("by another mailbox's link: ", err)
	}
	for range 2 {
		if err := h.ConfirmOther(ctx, first, own.Others[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if own, err = h.Own(ctx, first); err != nil || len(own.Others) != 7 || own.State != discussion.Unverified {
		t.Errorf("%+v, %v", own, err)
	}
	// One network fills no page with posts under one address.
	for range 20 {
		if _, err := h.write("who", "", "", "victim@example.org", "Words."); err != nil {
			t.Fatal(err)
		}
	}
	if own, err = h.Own(ctx, first); err != nil || len(own.Others) != 19 {
		t.Errorf("%d, %v", len(own.Others), err)
	}
	// Whoever confirms what they write can go on, within a day's measure.
	confirmed := 0
	for range 12 {
		token, err := h.write("who", "", "", "writer@example.org", "Words.")
		if err != nil || token == "" {
			t.Fatal("a letter is missing: ", err)
		}
		if err := h.Confirm(ctx, token); err == nil {
			confirmed++
		} else if fields(err) != ":board.throttled" {
			t.Fatal(err)
		}
	}
	if confirmed != 10 {
		t.Errorf("one mailbox wrote %d posts in a day", confirmed)
	}
	// A network writes so much a day, whatever mailboxes it names.
	var slow *auth.ThrottledError
	n := 0
	for i := range 70 {
		_, err := h.write("who", "", fmt.Sprintf("192.0.2.%d", i), fmt.Sprintf("a%d@example.org", i), "Words.")
		if errors.As(err, &slow) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 60 {
		t.Errorf("a network wrote %d posts", n)
	}
	if _, err := h.write("who", "", "198.51.100.1", "other@example.org", "Words."); err != nil {
		t.Error("another network is slowed too: ", err)
	}
	h.at(h.now.Add(25 * time.Hour))
	if _, err := h.write("who", "", "192.0.2.1", "b@example.org", "Words."); err != nil {
		t.Error("a day later: ", err)
	}
	// What is wrong is told field by field.
	err = h.Write(ctx, h.event, "who", "", discussion.Submission{Locale: i18n.EN, Stamp: "forged", Values: map[string][]string{"country": {"XX"}, "text": {strings.Repeat("x", discussion.MaxText+1)}, "name": {"a", "b"}}})
	for _, want := range []string{":registration.stale", "name:registration.twice", "country:registration.choice", "language:registration.choice", "text:registration.too_long", "mail:registration.mail_missing"} {
		if !strings.Contains(fields(err), want) {
			t.Errorf("no %s in %s", want, fields(err))
		}
	}
	if err := h.Write(ctx, h.event, "none", "", h.submission("")); !errors.Is(err, db.ErrNotFound) {
		t.Error("a topic that is not there: ", err)
	}
	h.at(start.AddDate(0, 0, 31))
	if _, err := h.write("who", "", "", "late@example.org", "Words."); fields(err) != ":board.closed" {
		t.Error("on a closed board: ", err)
	}
}

func TestModeratorsUndoWhatTheyDid(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	id := h.shown("who", "a@example.org", "One.")
	generation := h.Content.Generation()
	for i, net := range []string{"192.0.2.1", "192.0.2.77", "198.51.100.1"} { // the first two are one network
		if err := h.Report(ctx, h.event, id, h.submission(net, "reason", "spam")); err != nil {
			t.Fatal(i, err)
		}
	}
	waiting := func() (reports int) {
		t.Helper()
		l, err := h.Queue(ctx, staff, discussion.Query{State: discussion.Waiting, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range l.Lines {
			for _, s := range x.Said {
				if !s.Settled {
					reports++
				}
			}
		}
		return reports
	}
	if n := waiting(); n != 2 || h.Content.Generation() != generation {
		t.Errorf("%d reports; generation %d, was %d", n, h.Content.Generation(), generation)
	}
	if d := h.decide(discussion.Approve, "", id); d.Done != 1 || waiting() != 0 || h.count("who") != 1 {
		t.Error("a post that stays: ", d, waiting())
	}
	h.decide(discussion.Undo, "", id)
	if waiting() != 2 {
		t.Error("undone, and the reports are gone: ", waiting())
	}
	h.decide(discussion.Hide, "", id)
	if h.count("who") != 0 || waiting() != 0 || h.Content.Generation() <= generation {
		t.Error("hidden, and yet counted")
	}
	if len(h.letters) != 1 {
		t.Error("a letter without a reason")
	}
	if d := h.decide(discussion.Hide, "", id); d.Passed != 1 || d.Done != 0 {
		t.Error("hidden twice: ", d)
	}
	h.decide(discussion.Undo, "", id)
	if h.count("who") != 1 || waiting() != 2 {
		t.Error("hiding undone: ", h.count("who"), waiting())
	}
	if d := h.decide(discussion.Undo, "", id); d.Done != 0 {
		t.Error("undone twice: ", d)
	}
	// Nobody undoes what the author did.
	token, err := h.write("who", "", "", "b@example.org", "Two.")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Confirm(ctx, token), h.Confirm(ctx, token), h.Withdraw(ctx, token)); err != nil {
		t.Fatal(err)
	}
	o, err := h.Own(ctx, token)
	if err != nil || o.State != discussion.Withdrawn {
		t.Fatal(o, err)
	}
	for _, op := range []discussion.Op{discussion.Approve, discussion.Undo, discussion.Hide} {
		if d := h.decide(op, "", o.ID); d.Done != 0 {
			t.Errorf("%s what its author took back", op)
		}
	}
	h.decide(discussion.Delete, "", id)
	if _, err := h.Find(ctx, h.event, id); !errors.Is(err, db.ErrNotFound) {
		t.Error("deleted, and found: ", err)
	}
	var left int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM discussion_reports").Scan(ctx, &left); err != nil || left != 0 {
		t.Error(left, " reports of what is deleted ", err)
	}
}

func TestPagesOfATopic(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	var first string
	for i := range discussion.PageSize + 3 {
		id := h.shown("who", fmt.Sprintf("a%d@example.org", i), fmt.Sprintf("Words %d", i))
		if i == 0 {
			first = id
		}
	}
	token, err := h.write("who", first, "", "r@example.org", "A reply.")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Confirm(ctx, token); err != nil {
		t.Fatal(err)
	}
	one, total, err := h.Thread(ctx, h.event, "who", "", 0, discussion.PageSize)
	if err != nil || total != discussion.PageSize+3 || len(one) != discussion.PageSize || len(one[0].Replies) != 1 {
		t.Fatal(len(one), total, err)
	}
	two, _, err := h.Thread(ctx, h.event, "who", "", discussion.PageSize, discussion.PageSize)
	if err != nil || len(two) != 3 || two[2].Text != "Words 22" {
		t.Fatal(two, err)
	}
	if s, err := h.Find(ctx, h.event, two[0].ID); err != nil || s.Page != 2 {
		t.Error(s, err)
	}
	if s, err := h.Find(ctx, h.event, one[0].Replies[0].ID); err != nil || s.Page != 1 {
		t.Error(s, err)
	}
	h.decide(discussion.Hide, "", first)
	if _, err := h.Find(ctx, h.event, one[0].Replies[0].ID); !errors.Is(err, db.ErrNotFound) {
		t.Error("a reply outlives what it answers: ", err)
	}
	if n := h.count("who"); n != discussion.PageSize+2 {
		t.Error(n, " are counted")
	}
	if l, err := h.Queue(ctx, staff, discussion.Query{Search: "WORDS 2", Limit: 50}); err != nil || l.Total != 4 {
		t.Error("searching: ", l.Total, err)
	}
}

// register sends the form to register with a question, and gives the token of the letter.
func (h *house) register(box, question string) string {
	h.t.Helper()
	e, err := h.Registration.Event(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	stamp, err := h.Registration.Stamp(ctx, h.event, e.Form.Version(i18n.FR, e.Original))
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.Registration.Register(ctx, h.event, registration.Submission{Locale: i18n.FR, Stamp: stamp, Values: map[string][]string{"name": {"Amina"}, "mail": {box}, "f.ask1": {question}}}); err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(h.letters[len(h.letters)-1].Text, "/registrations/")
	return strings.Fields(rest)[0]
}

func TestQuestionsFromTheFormToRegister(t *testing.T) {
	h := open(t, nil)
	one, _ := h.register("a@example.org", "Qui ?"), h.register("b@example.org", "Quand ?")
	h.register("c@example.org", "")
	gather := func(want int) {
		t.Helper()
		if n, err := h.Gather(ctx, h.event); err != nil || n != want {
			t.Errorf("%d taken over, want %d: %v", n, want, err)
		}
	}
	gather(0) // nobody has shown that the mailbox is theirs
	if err := h.Registration.Confirm(ctx, one); err != nil {
		t.Fatal(err)
	}
	gather(1)
	gather(0)
	if err := h.GatherAll(ctx); err != nil {
		t.Fatal(err)
	}
	list, counts, err := h.Questions(ctx, staff, h.event, "")
	if err != nil || len(list) != 1 || counts[discussion.Asked] != 1 || list[0].Text != "Qui ?" || list[0].Locale != i18n.FR || list[0].Name != "" {
		t.Fatal(list, counts, err)
	}
	q := list[0].ID
	form := map[string][]string{"name": {"Amina Diallo"}, "language": {"fr"}, "text": {"Qui ?"}, "topic": {"who"}, "state": {discussion.AnsweredNow}}
	if _, err := h.SaveQuestion(ctx, staff, h.event, q, form); fields(err) != "answer.en:board.answer_missing" {
		t.Error("answered without an answer: ", fields(err))
	}
	form["speaker"] = []string{"nobody"}
	if _, err := h.SaveQuestion(ctx, staff, h.event, q, form); !strings.Contains(fields(err), "speaker:registration.choice") {
		t.Error(fields(err))
	}
	delete(form, "speaker")
	if all, err := h.PublicQuestions(ctx, h.event); err != nil || len(all) != 0 {
		t.Fatal("shown before it was answered: ", all, err)
	}
	form["answer.fr"] = []string{"L’office."}
	before := len(h.letters)
	for range 2 {
		if _, err := h.SaveQuestion(ctx, staff, h.event, q, form); err != nil {
			t.Fatal(fields(err))
		}
	}
	if len(h.letters) != before+1 || h.letters[before].To != "a@example.org" || h.letters[before].Locale != i18n.FR || strings.Contains(h.letters[before].Text, "L’office.") ||
		!strings.Contains(h.letters[before].Text, "/discussion/who") {
		t.Errorf("told: %+v", h.letters[before:])
	}
	all, err := h.PublicQuestions(ctx, h.event)
	if err != nil || len(all) != 1 || all[0].Name != "" || all[0].Mail != "" {
		t.Fatalf("%+v %v", all, err)
	}
	form["state"] = []string{discussion.Dropped}
	if _, err := h.SaveQuestion(ctx, staff, h.event, q, form); err != nil {
		t.Fatal(err)
	}
	if all, _ := h.PublicQuestions(ctx, h.event); len(all) != 0 {
		t.Error("dropped, and shown")
	}
}

func TestAddressesAreForgottenAndWordsStay(t *testing.T) {
	h := open(t, nil)
	h.shown("who", "a@example.org", "One.")
	stale, err := h.write("who", "", "", "b@example.org", "Never confirmed.")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.SaveQuestion(ctx, staff, h.event, "", map[string][]string{"source": {"day"}, "language": {"en"}, "text": {"Who?"}, "mail": {"c@example.org"}}); err != nil {
		t.Fatal(fields(err))
	}
	addresses := func() (n int) {
		t.Helper()
		if err := h.DB.Read().NewRaw("SELECT (SELECT count(*) FROM discussion_posts WHERE mail <> '' OR mail_key <> '') + (SELECT count(*) FROM discussion_questions WHERE mail <> '')").Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	waiting, err := h.write("who", "", "", "a@example.org", "Waits.")
	if err := errors.Join(err, h.Confirm(ctx, waiting), h.Digest(ctx)); err != nil {
		t.Fatal(err)
	}
	h.at(start.AddDate(0, 0, 6))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if n := addresses(); n != 4 || h.kept("a@example.org") == 0 {
		t.Error(n, " addresses before the time")
	}
	h.at(start.AddDate(0, 0, 8))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Own(ctx, stale); !errors.Is(err, db.ErrNotFound) || addresses() != 3 {
		t.Error("what nobody confirmed stays: ", err, addresses())
	}
	// The event is taken back: its board's time still runs.
	if err := h.Content.Unpublish(ctx, staff, h.event, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	h.at(start.AddDate(0, 0, 41))
	for range 2 {
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := addresses(); n != 0 {
		t.Error(n, " addresses after their time")
	}
	if h.kept("a@example.org") != 0 || h.kept("amina@office.example") != 1 {
		t.Error("letters to those who wrote stay, or those to staff go: ", h.kept("a@example.org"), h.kept("amina@office.example"))
	}
	h.publish(kind.EventKind, h.value, h.event)
	if h.count("who") != 1 {
		t.Error("what was said went with the addresses")
	}
}

func TestFacilitatorsGetOneLetterADay(t *testing.T) {
	h := open(t, nil)
	token, err := h.write("who", "", "", "a@example.org", "One.")
	if err != nil {
		t.Fatal(err)
	}
	digests := func() (n int) {
		t.Helper()
		if err := h.Digest(ctx); err != nil {
			t.Fatal(err)
		}
		if err := h.DB.Read().NewRaw("SELECT count(*) FROM letters WHERE to_address = 'amina@office.example'").Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := digests(); n != 0 {
		t.Error(n, " letters about a post nobody has confirmed")
	}
	if err := h.Confirm(ctx, token); err != nil {
		t.Fatal(err)
	}
	if a, b := digests(), digests(); a != 1 || b != 1 || h.letters[len(h.letters)-1].Locale != i18n.FR {
		t.Error("letters: ", a, b)
	}
	h.at(h.now.Add(24 * time.Hour))
	if n := digests(); n != 2 {
		t.Error("the next day: ", n)
	}
}

func TestTheTableGuardsItsCells(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	h.shown("who", "a@example.org", "=cmd|' /C calc'!A0\n+1")
	h.shown("how", "b@example.org", "Plain.")
	hidden := h.shown("how", "c@example.org", "Hidden words.")
	h.decide(discussion.Hide, "", hidden)
	var b bytes.Buffer
	if err := h.Export(ctx, staff, h.event, sheet.CSV, &b, func(key string) string { return h.Catalogue.T(i18n.EN, key) }, i18n.EN); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if !strings.Contains(s, "'=cmd") || !strings.Contains(s, "'+1") || strings.Contains(s, "example.org") || strings.Contains(s, "Hidden") || !strings.Contains(s, "How?,Contribution,Amina") {
		t.Error(s)
	}
}

func TestWhatIsTypedBecomesPlainParagraphs(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	h.shown("who", "a@example.org", "\r\n\r\n  <b>One</b>\u202e \r\n\r\n\r\n\r\ntwo\u0000\r\nthree\n\n")
	posts, _, err := h.Thread(ctx, h.event, "who", "", 0, 10)
	if err != nil || len(posts) != 1 || posts[0].Text != "<b>One</b>\n\ntwo\nthree" {
		t.Errorf("%+v %v", posts, err)
	}
}

// Other instances hear of a change by the number in the database.
func TestAllInstancesHearOfWhatIsShown(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	var before int
	raised := func(what string, want bool) {
		t.Helper()
		var n int
		if err := h.DB.Read().NewRaw("SELECT n FROM generations WHERE name = 'site'").Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		if (n > before) != want {
			t.Errorf("%s: the generation is %d, was %d", what, n, before)
		}
		before = n
	}
	raised("publishing the event", true)
	token, err := h.write("who", "", "", "a@example.org", "One.")
	if err != nil {
		t.Fatal(err)
	}
	raised("a post nobody has confirmed", false)
	if err := h.Confirm(ctx, token); err != nil {
		t.Fatal(err)
	}
	raised("a post is shown", true)
	o, err := h.Own(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	h.decide(discussion.Hide, "", o.ID)
	raised("hidden", true)
	h.decide(discussion.Undo, "", o.ID)
	raised("undone", true)
	if err := h.Withdraw(ctx, token); err != nil {
		t.Fatal(err)
	}
	raised("taken back", true)
	form := map[string][]string{"source": {"floor"}, "language": {"en"}, "text": {"Who?"}, "topic": {"who"}}
	q, err := h.SaveQuestion(ctx, staff, h.event, "", form)
	if err != nil {
		t.Fatal(err)
	}
	raised("a question nobody has answered", false)
	if err := h.Seed(ctx, staff, h.event, q); err != nil {
		t.Fatal(err)
	}
	raised("a question on the board", true)
	form["state"] = []string{discussion.AnsweredLive}
	if _, err := h.SaveQuestion(ctx, staff, h.event, q, form); err != nil {
		t.Fatal(err)
	}
	raised("answered", true)
	h.decide(discussion.Delete, "", h.shown("how", "b@example.org", "Two."))
	raised("deleted", true)
}

// exec does in the database what other packages do there.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	dbtest.Exec(h.t, h.DB, query, args...)
}

// What registrants asked is kept no longer than they take part.
func TestQuestionsGoWithWhoAskedThem(t *testing.T) {
	h := open(t, nil)
	tokens := map[string]string{}
	for _, name := range []string{"stays", "asked", "answered", "later", "seeded"} {
		tokens[name] = h.register(name+"@example.org", name)
		if err := h.Registration.Confirm(ctx, tokens[name]); err != nil {
			t.Fatal(err)
		}
	}
	gather := func(want int) {
		t.Helper()
		if n, err := h.Gather(ctx, h.event); err != nil || n != want {
			t.Errorf("%d taken over, want %d: %v", n, want, err)
		}
	}
	gather(5)
	questions := func() map[string]discussion.Question {
		t.Helper()
		list, _, err := h.Questions(ctx, staff, h.event, "")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]discussion.Question{}
		for _, q := range list {
			out[q.Text] = q
		}
		if len(out) != len(list) {
			t.Error("a question stands there twice: ", list)
		}
		return out
	}
	save := func(name, state string) {
		t.Helper()
		form := map[string][]string{"language": {"fr"}, "text": {name}, "topic": {"who"}, "state": {state}}
		if _, err := h.SaveQuestion(ctx, staff, h.event, questions()[name].ID, form); err != nil {
			t.Fatal(fields(err))
		}
	}
	save("answered", discussion.AnsweredLive)
	save("seeded", discussion.Asked)
	if err := h.Seed(ctx, staff, h.event, questions()["seeded"].ID); err != nil {
		t.Fatal(err)
	}
	for name, token := range tokens {
		if name == "stays" {
			continue
		}
		if err := h.Registration.Withdraw(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	before := len(h.letters)
	save("later", discussion.AnsweredLive)
	if len(h.letters) != before {
		t.Error("somebody who has withdrawn is written to")
	}
	for range 2 {
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
	}
	got := questions()
	if len(got) != 4 || got["asked"].ID != "" || got["stays"].Mail == "" || got["answered"].Mail+got["later"].Mail+got["seeded"].Mail != "" {
		t.Errorf("left: %+v", got)
	}

	// The same person again, with the same words: once, and it stays.
	if err := h.Registration.Withdraw(ctx, tokens["stays"]); err != nil {
		t.Fatal(err)
	}
	if err := h.Registration.Confirm(ctx, h.register("Stays@example.org", "stays")); err != nil {
		t.Fatal(err)
	}
	was := got["stays"].ID
	gather(0)
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	gather(0)
	if q := questions()["stays"]; q.ID != was || q.Mail == "" {
		t.Errorf("registered again: %+v", q)
	}

	// The registrations go when their own time is over; the board's may last longer.
	h.exec("DELETE FROM registrations")
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if got := questions(); len(got) != 3 || got["stays"].ID != "" {
		t.Errorf("left of registrations that are gone: %+v", got)
	}
}

// kept is how many letters in the database still hold an address.
func (h *house) kept(to string) (n int) {
	h.t.Helper()
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM letters WHERE to_address = ?", to).Scan(ctx, &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestABoardWithoutEndForgetsToo(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Closes = content.Moment{} })
	h.shown("who", "old@example.org", "One.")
	h.at(start.AddDate(0, 0, 27)) // the event ended nine days ago; ten is what is kept
	token, err := h.write("who", "", "", "new@example.org", "Two.")
	if err != nil {
		t.Fatal(err)
	}
	addresses := func() (out string) {
		t.Helper()
		var all []string
		if err := h.DB.Read().NewRaw("SELECT mail FROM discussion_posts WHERE mail <> '' ORDER BY mail").Scan(ctx, &all); err != nil {
			t.Fatal(err)
		}
		return strings.Join(all, " ")
	}
	purge := func(want string) {
		t.Helper()
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		if got := addresses(); got != want {
			t.Errorf("kept: %q, want %q", got, want)
		}
	}
	purge("new@example.org old@example.org")
	h.at(start.AddDate(0, 0, 29))
	purge("new@example.org")
	if err := h.Confirm(ctx, token); err != nil || h.kept("new@example.org") != 1 {
		t.Error("an open board forgets who is just writing: ", err)
	}
	if err := h.Content.Unpublish(ctx, staff, h.event, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	purge("")
	if h.kept("new@example.org")+h.kept("old@example.org") != 0 {
		t.Error("letters stay when the addresses go")
	}
}

func TestLettersToMailboxesThatStaffTypedAreBounded(t *testing.T) {
	h := open(t, nil)
	answer := func(i int) {
		t.Helper()
		form := map[string][]string{"source": {"floor"}, "language": {"en"}, "text": {"Who?"}, "mail": {fmt.Sprintf("a%d@example.org", i)}, "state": {discussion.AnsweredLive}}
		if _, err := h.SaveQuestion(ctx, staff, h.event, "", form); err != nil {
			t.Fatal(fields(err))
		}
	}
	for i := range 53 {
		answer(i)
	}
	if n := len(h.letters); n != 50 {
		t.Errorf("%d letters in a day", n)
	}
	h.at(h.now.Add(25 * time.Hour))
	answer(60)
	if n := len(h.letters); n != 51 {
		t.Errorf("%d letters a day later", n)
	}
}

func TestProceedingsHaveAnEnd(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	first := h.shown("who", "a@example.org", "One.")
	later := h.shown("how", "b@example.org", "Two.")
	fill := func(n int, id, topic, parent string) {
		t.Helper()
		h.exec(`INSERT INTO discussion_posts (id, event_id, topic, parent, state, source, locale, letters, text, find, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			SELECT ? || n.i, event_id, ?, ?, state, source, locale, letters, 'More.', '', created_at FROM n, discussion_posts WHERE discussion_posts.id = ?`, n, id, topic, parent, later)
	}
	counts := func() (posts, replies []int) {
		t.Helper()
		e, err := h.Store.Event(ctx, h.event)
		if err != nil {
			t.Fatal(err)
		}
		all, err := h.Proceedings(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all[1:] {
			n := 0
			for _, x := range p.Posts {
				n += len(x.Replies)
			}
			posts, replies = append(posts, len(p.Posts)), append(replies, n)
		}
		return posts, replies
	}
	fill(1000, "r", "who", first)
	fill(3998, "p", "who", "")
	if p, r := counts(); fmt.Sprint(p, r) != "[3999 1] [1000 0]" {
		t.Error("all that there is: ", p, r)
	}
	fill(1, "q", "who", "")
	if p, r := counts(); fmt.Sprint(p, r) != "[4000 0] [1000 0]" {
		t.Error("as much as goes into a document: ", p, r)
	}
	fill(9, "s", "who", "")
	if p, r := counts(); fmt.Sprint(p, r) != "[4000 0] [1000 0]" {
		t.Error("more than goes into a document: ", p, r)
	}
}

// Whoever names a stranger on many boards sends them no more letters than on one.
func TestAStrangerGetsFewLettersFromAllBoards(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Who = discussion.Registrants })
	for i := range 3 {
		if i > 0 {
			again := *h.value
			again.Title = content.L("en", fmt.Sprintf("Open registers %d", i))
			h.event = h.publish(kind.EventKind, &again, "")
		}
		for range 3 {
			if _, err := h.write("who", "", "", "victim@example.org", "Words."); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(h.letters); n != 4 {
		t.Errorf("%d letters", n)
	}
}

// TestNobodyPassesForAnother: a name with letters of another script among its own is made to look like somebody else's.
func TestNobodyPassesForAnother(t *testing.T) {
	h := open(t, nil)
	for field, typed := range map[string]string{discussion.FieldName: "M\u0430ria Silva", discussion.FieldOrganization: "RC\u0420G"} {
		sub := h.submission("192.0.2.7", discussion.FieldLanguage, "en", discussion.FieldName, "Maria Silva", discussion.FieldMail, "a@example.org", discussion.FieldText, "Good day.")
		sub.Values[field] = []string{typed}
		var bad *registration.Invalid
		if err := h.Write(ctx, h.event, "who", "", sub); !errors.As(err, &bad) || len(bad.Problems) != 1 || bad.Problems[0].Field != field || bad.Problems[0].Key != "registration.name_mixed" {
			t.Errorf("%s %q: %v", field, typed, err)
		}
	}
	both := h.submission("192.0.2.7", discussion.FieldLanguage, "en", discussion.FieldName, "Мария Silva", discussion.FieldMail, "a@example.org", discussion.FieldText, "Good day.")
	if err := h.Write(ctx, h.event, "who", "", both); err != nil {
		t.Errorf("a name in two scripts, a word in each: %v", err)
	}
}
