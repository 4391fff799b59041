package discussion_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/discussion"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
)

// follow sends the form to follow the board, and gives the token of the letter it caused; empty if none.
func (h *house) follow(from, box string) string {
	h.t.Helper()
	before := len(h.letters)
	s := h.submission(from, "mail", box)
	s.Locale = i18n.FR
	if err := h.Follow(ctx, h.event, s); err != nil {
		h.t.Fatal(fields(err))
	}
	if len(h.letters) == before {
		return ""
	}
	_, rest, ok := strings.Cut(h.letters[len(h.letters)-1].Text, "/fr/following/")
	if !ok || h.letters[len(h.letters)-1].To != box {
		h.t.Fatal(h.letters[len(h.letters)-1])
	}
	return strings.Fields(rest)[0]
}

// follows has a mailbox follow.
func (h *house) follows(box string) (token string) {
	h.t.Helper()
	token = h.follow("", box)
	if err := h.ConfirmFollow(ctx, token); err != nil {
		h.t.Fatal(fields(err))
	}
	return token
}

// news runs what tells followers, and gives the letters of it.
func (h *house) news() []mail.Letter {
	h.t.Helper()
	before := len(h.letters)
	if err := h.News(ctx); err != nil {
		h.t.Fatal(err)
	}
	return h.letters[before:]
}

func (h *house) following(token, want string) {
	h.t.Helper()
	f, err := h.Following(ctx, token)
	if err != nil || f.State != want || f.Event != h.event {
		h.t.Errorf("following: %+v %v, want %s", f, err, want)
	}
}

func TestFollowersAreToldOnceADay(t *testing.T) {
	h := open(t, nil)
	h.shown("who", "a@example.org", "Old words.")
	token := h.follow("", "reader@example.org")
	h.following(token, discussion.FollowAsked)
	h.shown("who", "b@example.org", "Said before it was confirmed.")
	if all := h.news(); len(all) != 0 {
		t.Error("a letter to an address that nobody has confirmed")
	}
	for range 2 {
		if err := h.ConfirmFollow(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	h.following(token, discussion.Follows)
	if all := h.news(); len(all) != 0 {
		t.Error("what was there before is news: ", all)
	}

	// A post is news when it comes to be shown, not before.
	waiting, err := h.write("who", "", "", "c@example.org", "Look at https://spam.example/x or www.spam.example or spam.example or a@spam.example <b>now</b>\n\nplease. "+strings.Repeat("Word ", 100))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Confirm(ctx, waiting); err != nil {
		t.Fatal(err)
	}
	if all := h.news(); len(all) != 0 {
		t.Error("a letter about what waits for a moderator")
	}
	o, err := h.Own(ctx, waiting)
	if err != nil {
		t.Fatal(err)
	}
	h.decide(discussion.Approve, "", o.ID)
	hidden, reported := h.shown("how", "d@example.org", "Hidden words."), h.shown("how", "e@example.org", "Reported words.")
	h.shown("how", "reader@example.org", "My own words.")
	h.decide(discussion.Hide, "", hidden)
	if err := h.Report(ctx, h.event, reported, h.submission("192.0.2.1", "reason", "spam")); err != nil {
		t.Fatal(err)
	}
	all := h.news()
	if len(all) != 1 {
		t.Fatalf("%d letters", len(all))
	}
	x := all[0]
	for _, want := range []string{"Amina", "Look at … or … or … or … <b>now</b> please. Word", "https://office.example/fr/events/", "/discussion/who\n", "Leur nombre : 1.", "/fr/following/" + token + "/stop"} {
		if !strings.Contains(strings.ReplaceAll(x.Text, "\u00a0", " "), want) {
			t.Errorf("no %q in %s", want, x.Text)
		}
	}
	for _, not := range []string{"spam", "Hidden", "Reported", "My own", "Old words", "Said before", "example.org", "How?"} {
		if strings.Contains(x.Text+x.HTML, not) {
			t.Errorf("%q in %s", not, x.Text)
		}
	}
	if x.To != "reader@example.org" || x.Locale != i18n.FR || x.Unsubscribe != "https://office.example/fr/following/"+token+"/stop" || strings.Contains(x.HTML, "<b>now") {
		t.Errorf("%+v", x)
	}

	// Once a day, and only of what is new.
	h.shown("how", "f@example.org", "Later words.")
	if all := h.news(); len(all) != 0 {
		t.Error("two letters in a day")
	}
	h.at(h.now.Add(24*time.Hour - time.Minute))
	if all := h.news(); len(all) != 0 {
		t.Error("two letters in a day")
	}
	h.at(h.now.Add(time.Minute))
	if all = h.news(); len(all) != 1 || !strings.Contains(all[0].Text, "Later words.") || strings.Contains(all[0].Text, "Look at") {
		t.Errorf("%+v", all)
	}
	h.at(h.now.Add(48 * time.Hour))
	if all := h.news(); len(all) != 0 {
		t.Error("a letter without news")
	}
	// What was hidden and is shown again is no news a second time.
	h.decide(discussion.Hide, "", o.ID)
	h.decide(discussion.Undo, "", o.ID)
	if all := h.news(); len(all) != 0 {
		t.Error("told twice: ", all[0].Text)
	}

	// The link stops it, and is of no use to anybody else.
	for _, forged := range []string{"", "x", token + "0", strings.Replace(token, ".", ".x", 1), h.event + "." + strings.SplitN(token, ".", 2)[1][1:]} {
		if _, err := h.Following(ctx, forged); !errors.Is(err, db.ErrNotFound) {
			t.Error(forged, err)
		}
		if err := h.StopFollowing(ctx, forged); !errors.Is(err, db.ErrNotFound) {
			t.Error(forged, err)
		}
	}
	h.shown("how", "g@example.org", "Last words.")
	for range 2 {
		if err := h.StopFollowing(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.ConfirmFollow(ctx, token); err != nil || len(h.news()) != 0 {
		t.Error("stopped, and yet a letter: ", err)
	}
	h.following(token, discussion.Stopped)
}

func TestWhoWritesCanFollow(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	before := len(h.letters)
	if err := h.Write(ctx, h.event, "who", "", h.submission("", "name", "Amina", "mail", "writer@example.org", "language", "en", "text", "Words.", "follow", "1")); err != nil {
		t.Fatal(fields(err))
	}
	h.shown("who", "a@example.org", "One.")
	if all := h.news(); len(all) != 0 {
		t.Error("a letter to a writer whose mailbox nobody has confirmed")
	}
	_, rest, _ := strings.Cut(h.letters[before].Text, "/posts/")
	if err := h.Confirm(ctx, strings.Fields(rest)[0]); err != nil {
		t.Fatal(err)
	}
	// A registrant needs no letter to begin.
	reg := h.register("guest@example.org", "")
	if err := h.FollowAs(ctx, reg); !errors.Is(err, db.ErrNotFound) {
		t.Error("follows before the registration is confirmed: ", err)
	}
	if err := errors.Join(h.Registration.Confirm(ctx, reg), h.FollowAs(ctx, reg), h.FollowAs(ctx, reg)); err != nil {
		t.Fatal(err)
	}
	h.shown("who", "b@example.org", "Two.")
	to := map[string]int{}
	for _, x := range h.news() {
		to[x.To]++
		if !strings.Contains(x.Text, "Two.") || strings.Contains(x.Text, "One.") {
			t.Error(x.Text)
		}
	}
	if len(to) != 2 || to["writer@example.org"] != 1 || to["guest@example.org"] != 1 {
		t.Error(to)
	}
}

func TestNobodyIsFloodedByFollowing(t *testing.T) {
	h := open(t, nil)
	n := 0
	for range 8 {
		if h.follow("", "victim@example.org") != "" {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d letters to somebody who did not ask for any", n)
	}
	// Whoever follows gets the same answer, and no letter.
	h.follows("reader@example.org")
	if h.follow("", "Reader@example.org") != "" {
		t.Error("a letter to somebody who follows already")
	}
	var slow *auth.ThrottledError
	for n = 0; n < 30; n++ {
		if err := h.Follow(ctx, h.event, h.submission("192.0.2.1", "mail", fmt.Sprintf("a%d@example.org", n))); errors.As(err, &slow) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n != 20 {
		t.Errorf("a network had %d letters sent", n)
	}
	err := h.Follow(ctx, h.event, discussion.Submission{Locale: i18n.EN, Stamp: "forged", Values: map[string][]string{"mail": {"nonsense"}}})
	if got := fields(err); got != ":registration.stale mail:registration.mail" {
		t.Error(got)
	}
	h.at(start.AddDate(0, 0, 31))
	if err := h.Follow(ctx, h.event, h.submission("", "mail", "late@example.org")); fields(err) != ":board.follow_closed" {
		t.Error("on a closed board: ", err)
	}
}

// A letter that has not left yet does not leave with words that are no longer everybody's to read.
func TestHiddenWordsDoNotLeave(t *testing.T) {
	for name, end := range map[string]func(h *house, id, token string) error{
		"hidden":  func(h *house, id, _ string) error { h.decide(discussion.Hide, "", id); return nil },
		"deleted": func(h *house, id, _ string) error { h.decide(discussion.Delete, "", id); return nil },
		"taken back": func(h *house, _, token string) error {
			return h.Withdraw(ctx, token)
		},
	} {
		h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
		h.follows("reader@example.org")
		token, err := h.write("who", "", "", "a@example.org", "Secret words.")
		if err := errors.Join(err, h.Confirm(ctx, token)); err != nil {
			t.Fatal(err)
		}
		o, err := h.Own(ctx, token)
		if err != nil || len(h.news()) != 1 {
			t.Fatal("no letter: ", err)
		}
		held := func() (n int) {
			if err := h.DB.Read().NewRaw("SELECT count(*) FROM letters WHERE state = 'queued' AND body LIKE '%Secret words%'").Scan(ctx, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if held() != 1 {
			t.Fatal("the letter does not wait")
		}
		if err := end(h, o.ID, token); err != nil {
			t.Fatal(err)
		}
		if held() != 0 {
			t.Errorf("%s, and the letter leaves", name)
		}
	}
}

// stumbling is an outbox that fails now and then: whatever was to be written with a letter is not.
type stumbling struct {
	*outbox
	mu   sync.Mutex
	n    int
	fail func(n int) bool
}

func (o *stumbling) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	o.mu.Lock()
	o.n++
	fail := o.fail(o.n)
	o.mu.Unlock()
	if fail {
		return "", errors.New("stopped")
	}
	return o.Outbox.Enqueue(ctx, tx, who, l)
}

func TestNewsIsWrittenOnceWhateverStopsIt(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	h.follows("reader@example.org")
	const many = 229
	h.exec(`INSERT INTO discussion_followers (id, event_id, mail, mail_key, locale, seen, created_at, confirmed_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT 'f' || n.i, event_id, n.i || '@example.org', n.i || '@example.org', 'en', 0, created_at, confirmed_at FROM n, discussion_followers WHERE mail_key = 'reader@example.org'`, many)
	h.shown("who", "a@example.org", "One.")
	x := &stumbling{outbox: h.Mail.(*outbox), fail: func(n int) bool { return n == 50 || n == 170 }}
	h.Mail = x
	count := func() (all, double int) {
		t.Helper()
		if err := h.DB.Read().NewRaw("SELECT count(*), count(*) - count(DISTINCT to_address) FROM letters WHERE cause LIKE 'discussion.new:%'").Scan(ctx, &all, &double); err != nil {
			t.Fatal(err)
		}
		return all, double
	}
	if err := h.News(ctx); err == nil {
		t.Fatal("nothing stopped it")
	}
	if n, _ := count(); n != 0 {
		t.Errorf("%d letters of a transaction that was not finished", n)
	}
	if err := h.News(ctx); err == nil {
		t.Fatal("nothing stopped it")
	}
	if n, _ := count(); n != 100 {
		t.Errorf("%d letters", n)
	}
	var wg sync.WaitGroup
	for range 3 { // instances
		wg.Go(func() {
			if err := h.News(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, double := count(); n != many+1 || double != 0 {
		t.Errorf("%d letters, %d of them a second one", n, double)
	}
}

func TestFollowersAreForgottenWithTheBoard(t *testing.T) {
	h := open(t, nil)
	h.follows("reader@example.org")
	h.follow("", "asked@example.org")
	followers := func(want int) {
		t.Helper()
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := h.DB.Read().NewRaw("SELECT count(*) FROM discussion_followers").Scan(ctx, &n); err != nil || n != want {
			t.Errorf("%d followers, want %d: %v", n, want, err)
		}
	}
	followers(2)
	h.at(start.AddDate(0, 0, 8))
	followers(1)
	h.at(start.AddDate(0, 0, 39))
	followers(1)
	h.at(start.AddDate(0, 0, 41))
	followers(0)
	if h.kept("reader@example.org") != 0 {
		t.Error("a letter keeps the address")
	}
}

// What nobody has answered or shown is personal, and is not kept with what was said.
func TestUnansweredQuestionsGoWithTheBoard(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	ask := func(words, state string) string {
		t.Helper()
		id, err := h.SaveQuestion(ctx, staff, h.event, "", map[string][]string{"source": {"floor"}, "name": {"Amina"}, "language": {"en"}, "text": {words}, "topic": {"who"}, "state": {state}})
		if err != nil {
			t.Fatal(fields(err))
		}
		return id
	}
	ask("asked", discussion.Asked)
	ask("dropped", discussion.Dropped)
	ask("answered", discussion.AnsweredLive)
	seeded, hidden := ask("seeded", discussion.Asked), ask("hidden", discussion.Asked)
	if err := errors.Join(h.Seed(ctx, staff, h.event, seeded), h.Seed(ctx, staff, h.event, hidden)); err != nil {
		t.Fatal(err)
	}
	q, err := h.Question(ctx, staff, h.event, hidden)
	if err != nil {
		t.Fatal(err)
	}
	h.decide(discussion.Hide, "", q.Post)
	token, err := h.write("how", "", "", "b@example.org", "Taken back.")
	if err := errors.Join(err, h.Confirm(ctx, token), h.Withdraw(ctx, token)); err != nil {
		t.Fatal(err)
	}
	words := func() string {
		t.Helper()
		if err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		var all []string
		if err := h.DB.Read().NewRaw("SELECT text FROM (SELECT 'q ' || text AS text FROM discussion_questions UNION ALL SELECT 'p ' || text FROM discussion_posts) x ORDER BY text").Scan(ctx, &all); err != nil {
			t.Fatal(err)
		}
		return strings.Join(all, ", ")
	}
	if got := words(); got != "p Taken back., p hidden, p seeded, q answered, q asked, q dropped, q hidden, q seeded" {
		t.Error("before its time: ", got)
	}
	h.at(start.AddDate(0, 0, 41))
	if got := words(); got != "p seeded, q answered, q seeded" {
		t.Error("left: ", got)
	}
	lines, _, err := (auth.New(h.DB, auth.Options{})).AuditLog(ctx, staff, auth.AuditFilter{Action: "discussion.purge"}, auth.Paging{Size: 5})
	if err != nil || len(lines) != 1 {
		t.Error("the log does not say so once: ", lines, err)
	}
}

func TestPinnedPostsStandFirst(t *testing.T) {
	speaker := ""
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	speaker = h.publish(kind.PersonKind, &kind.Person{Name: content.L("en", "Awa Diallo")}, "")
	h.value.People = []kind.PersonRole{{Item: content.Item{ID: "r1"}, Person: content.Ref(speaker), Role: "speaker", Status: "confirmed", Title: content.L("en", "Registrar"), Affiliation: content.L("en", "Town of Millbridge")}}
	h.publish(kind.EventKind, h.value, h.event)
	var ids []string
	for i := range 5 {
		ids = append(ids, h.shown("who", fmt.Sprintf("a%d@example.org", i), fmt.Sprint("Words ", i)))
	}
	pins := func() string {
		t.Helper()
		all, err := h.Pinned(ctx, h.event, "who")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, p := range all {
			out = append(out, p.Text[6:]+string(p.AnswersAs))
		}
		return strings.Join(out, " ")
	}
	generation := h.Content.Generation()
	if err := h.Pin(ctx, staff, ids[2], content.Ref(speaker)); err != nil {
		t.Fatal(fields(err))
	}
	if h.Content.Generation() <= generation {
		t.Error("pages stay as they were")
	}
	if err := errors.Join(h.Pin(ctx, staff, ids[0], ""), h.Pin(ctx, staff, ids[1], "")); err != nil {
		t.Fatal(err)
	}
	if got := pins(); got != "2"+speaker+" 0 1" {
		t.Error(got)
	}
	if err := h.Pin(ctx, staff, ids[3], ""); fields(err) != ":board.pin_most" {
		t.Error("a fourth: ", err)
	}
	if err := h.Pin(ctx, staff, ids[2], "somebody"); fields(err) != ":registration.choice" {
		t.Error("somebody who was not there answers: ", err)
	}
	// Hidden, it is not there either; what was decided can be undone though it was pinned since.
	h.decide(discussion.Hide, "", ids[0])
	if err := h.Pin(ctx, staff, ids[0], ""); fields(err) != ":board.pin_shown" || pins() != "2"+speaker+" 1" {
		t.Error(err, pins())
	}
	h.decide(discussion.Undo, "", ids[0])
	if d := h.decide(discussion.Unpin, "", ids[2]); d.Done != 1 || pins() != "0 1" {
		t.Error(d, pins())
	}
	if d := h.decide(discussion.Unpin, "", ids[2]); d.Passed != 1 {
		t.Error("unpinned twice: ", d)
	}
	// Who may not moderate the board finds nothing to pin.
	if err := h.Pin(ctx, &auth.Actor{Account: auth.Account{ID: "nobody"}}, ids[3], ""); !errors.Is(err, db.ErrNotFound) {
		t.Error("somebody without rights: ", err)
	}
}

func TestATopicInOneLanguage(t *testing.T) {
	h := open(t, func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	say := func(parent, l, words string) string {
		t.Helper()
		if err := h.Write(ctx, h.event, "who", parent, h.submission("", "name", "Amina", "mail", words+"@example.org", "language", l, "text", words)); err != nil {
			t.Fatal(fields(err))
		}
		_, rest, _ := strings.Cut(h.letters[len(h.letters)-1].Text, "/posts/")
		token := strings.Fields(rest)[0]
		if err := h.Confirm(ctx, token); err != nil {
			t.Fatal(err)
		}
		o, err := h.Own(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		return o.ID
	}
	en, ar := say("", "en", "one"), say("", "ar", "two")
	say(en, "fr", "three")
	n, err := h.Spoken(ctx, h.event, "who")
	if err != nil || fmt.Sprint(n) != "map[ar:1 en:1 fr:1]" {
		t.Error(n, err)
	}
	for l, want := range map[i18n.Locale]string{"": en + ar, "en": en, "ar": ar, "fr": en, "zh": ""} {
		posts, total, err := h.Thread(ctx, h.event, "who", l, 0, 10)
		got := ""
		for _, p := range posts {
			got += p.ID
		}
		if err != nil || got != want || total != len(posts) {
			t.Errorf("%s: %v %d %v", l, posts, total, err)
		}
	}
}
