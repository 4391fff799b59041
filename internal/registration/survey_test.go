package registration_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

func asked(link string) func(e *kind.Event) {
	return func(e *kind.Event) {
		e.Registration.Keep = 30
		e.Survey = registration.Survey{Online: true, Link: link, Questions: []registration.SurveyQuestion{
			{Item: item("best"), Type: registration.Choice, Label: content.L("en", "=Best part"), Required: true, Options: []registration.Option{{Item: item("talk"), Label: content.L("en", "Talks")}, {Item: item("food"), Label: content.L("en", "Food")}, {Item: item("none"), Label: content.L("en", "None")}}},
			{Item: item("free"), Type: registration.Words, Label: content.L("en", "Anything else?")},
		}}
	}
}

var over = time.Date(2027, 4, 2, 12, 0, 0, 0, time.UTC)

// surveyed are answers, stamped.
func (h *house) surveyed(pairs ...string) registration.Submission {
	h.t.Helper()
	e, err := h.Survey(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	stamp, err := h.SurveyStamp(ctx, e)
	if err != nil {
		h.t.Fatal(err)
	}
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return registration.Submission{Locale: "en", Stamp: stamp, Values: v}
}

func TestEachAnswersOnce(t *testing.T) {
	h := open(t, 2, asked(""))
	for i := range 6 {
		h.join(fmt.Sprintf("p%d@example.org", i))
	}
	h.join("away@example.org")
	away := h.token("away@example.org")
	if err := h.Withdraw(ctx, away); err != nil {
		t.Fatal(err)
	}
	token := h.token("p0@example.org")
	good := h.surveyed("f.best", "talk", "f._accessibility", "4", "f.free", "Fine")
	if err := h.AnswerOwn(ctx, token, good); problems(err) != ":survey.closed" {
		t.Errorf("before the end: %v", err)
	}
	h.at(over)
	for name, x := range map[string]struct {
		pairs []string
		want  string
	}{
		"nothing":           {nil, "f.best:required"},
		"no such":           {[]string{"f.best", "nosuch"}, "f.best:choice"},
		"twice":             {[]string{"f.best", "talk", "f.best", "food"}, "f.best:twice"},
		"beyond the scale":  {[]string{"f.best", "talk", "f._accessibility", "6"}, "f._accessibility:choice"},
		"more than a novel": {[]string{"f.best", "talk", "f.free", strings.Repeat("a", 5000)}, "f.free:too_long"},
	} {
		if err := h.AnswerOwn(ctx, token, h.surveyed(x.pairs...)); problems(err) != x.want {
			t.Errorf("%s: %q, want %q", name, problems(err), x.want)
		}
	}
	// All at once, on two instances: one counts.
	var wg sync.WaitGroup
	var mu sync.Mutex
	counted := 0
	good = h.surveyed("f.best", "talk", "f._accessibility", "4", "f.free", "Fine")
	for i := range 8 {
		wg.Go(func() {
			if err := h.all[i%2].AnswerOwn(ctx, token, good); err == nil {
				mu.Lock()
				counted++
				mu.Unlock()
			} else if problems(err) != ":survey.done" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if counted != 1 {
		t.Errorf("%d answers of one person", counted)
	}
	if _, done, err := h.OwnSurvey(ctx, token); err != nil || !done {
		t.Error(done, err)
	}
	if _, _, err := h.OwnSurvey(ctx, away); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("who gave the place back is asked: %v", err)
	}
	if err := h.AnswerOpen(ctx, h.event, good); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a private survey takes answers of strangers: %v", err)
	}
	h.at(over.AddDate(0, 0, 14))
	if err := h.AnswerOwn(ctx, h.token("p1@example.org"), h.surveyed("f.best", "talk")); problems(err) != ":survey.closed" {
		t.Errorf("after its days: %v", err)
	}
}

// Numbers below five are told nowhere, nor those that would give them away; and nothing in the database leads from an
// answer to a person.
func TestSmallNumbersAreNotTold(t *testing.T) {
	h := open(t, 1, asked("open"))
	h.at(over)
	answer := func(n int, pairs ...string) {
		for range n {
			if err := h.AnswerOpen(ctx, h.event, h.surveyed(pairs...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	results := func() *registration.Results {
		r, err := h.Results(ctx, staff, h.event)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	answer(4, "f.best", "talk", "f.free", "=1+1")
	if r := results(); !r.Few || r.Answers != 0 || len(r.Questions) > 0 {
		t.Errorf("four answers are told: %+v", r)
	}
	answer(5, "f.best", "talk", "f._accessibility", "5")
	answer(7, "f.best", "food", "f.free", "Good")
	answer(1, "f.best", "none")
	r := results()
	if r.Few || r.Answers != 17 || len(r.Questions) != 3 {
		t.Fatalf("%+v", r)
	}
	access, best, free := r.Questions[0], r.Questions[1], r.Questions[2]
	if !access.BuiltIn() || access.Answered != 5 || access.Mean != 0 {
		t.Errorf("a mean tells what is hidden: %+v", access)
	}
	// Of 17, one is hidden: 9 and 7 would tell it, so the smaller is withheld.
	if best.Bars[0].N != 9 || !best.Bars[1].Withheld || best.Bars[1].N != 0 || !best.Bars[2].Few || best.Bars[2].N != 0 {
		t.Errorf("%+v", best.Bars)
	}
	if free.Answered != 11 || len(free.Texts) != 11 || !slices.Contains(free.Texts, "=1+1") {
		t.Errorf("%+v", free)
	}
	for n := 1; n <= 5; n++ {
		answer(5, "f.best", "none", "f._accessibility", fmt.Sprint(n))
	}
	if r := results().Questions[0]; r.Answered != 30 || r.Mean != float64(5*(1+2+3+4+5)+25)/30 {
		t.Errorf("%+v", r)
	}
	var b bytes.Buffer
	if err := h.ExportSurvey(ctx, staff, h.event, &b, func(key string) string { return h.Catalogue.T("en", key) }, "en"); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.HasPrefix(s, "\ufeff") || !strings.Contains(s, "'=Best part,Talks,9\r\n") || !strings.Contains(s, "Anything else?,'=1+1,") {
		t.Error(s)
	}
	// Words go with the people, numbers stay: sooner, where the public event says so meanwhile.
	h.change(func(r *kind.Registration) { r.Keep = 20 })
	h.at(over.AddDate(0, 0, 18))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if r := results(); len(r.Questions[2].Texts) != 11 {
		t.Errorf("words went too soon: %+v", r.Questions[2])
	}
	h.at(over.AddDate(0, 0, 21))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if r := results(); r.Answers != 42 || len(r.Questions[2].Texts) > 0 || r.Questions[2].Answered != 11 {
		t.Errorf("%+v", r)
	}
}

func TestASurveyIsOffWithItsEvent(t *testing.T) {
	h := open(t, 1, asked("open"))
	h.at(over)
	e := *h.value
	e.Status = "cancelled"
	e.StatusNote = content.L("en", "A storm.")
	h.publish(kind.EventKind, &e, h.event)
	if _, err := h.Survey(ctx, h.event); !errors.Is(err, db.ErrNotFound) {
		t.Error(err)
	}
}

// The letter about the survey goes two days after the end to those who had a place and have not answered yet, and leads
// to the questions; without a survey, or once it is closed, there is none.
func TestTheLetterAboutTheSurvey(t *testing.T) {
	h := open(t, 1, asked(""))
	a, b, c, w := "a@example.org", "b@example.org", "c@example.org", "w@example.org"
	for _, who := range []string{a, b, c, w} {
		h.join(who)
	}
	h.must(h.Withdraw(ctx, h.token(w)))
	h.pass("2027-04-01 13:00")
	h.must(h.AnswerOwn(ctx, h.token(a), h.surveyed("f.best", "talk")))
	h.pass("2027-04-02 12:00")
	h.wantTold(b, "thank_you")
	h.pass("2027-04-03 10:59")
	h.wantTold(b, "thank_you")
	h.pass("2027-04-03 11:01")
	h.wantTold(a, "thank_you")
	h.wantTold(b, "thank_you survey")
	h.wantTold(w, "")
	x := h.last(b, "survey")
	wantWords(t, x.Subject+x.Text, "How was it? Open registers", "/registrations/"+h.token(b)+"/survey")
	if strings.Contains(h.last(b, "thank_you").Text, "/survey") {
		t.Error("asked twice")
	}
	if e, answered, err := h.OwnSurvey(ctx, h.token(b)); err != nil || answered || e.ID != h.event {
		t.Error(e, answered, err)
	}
	// Sent once more, it goes to nobody who has it or has answered.
	h.must(h.AnswerOwn(ctx, h.token(c), h.surveyed("f.best", "food")))
	if _, err := h.MessageDo(ctx, staff, h.event, "survey", registration.SendNow); problems(err) != ":messages.send_nobody" {
		t.Error(err)
	}

	// A survey that is open for a day is over by then; one that asks at once waits for the end.
	h = open(t, 1, func(e *kind.Event) { asked("")(e); e.Survey.Days = 1 })
	h.join(a)
	h.pass("2027-04-05 12:00")
	h.wantTold(a, "thank_you")
	h = open(t, 1, func(e *kind.Event) {
		asked("")(e)
		e.Registration.Messages = []registration.Message{{Item: item("ask"), Kind: registration.AskSurvey, From: registration.BeforeStart, Hours: 1}}
	})
	h.join(a)
	h.pass("2027-04-01 10:59")
	h.wantTold(a, "")
	h.pass("2027-04-01 11:01")
	h.wantTold(a, "ask")

	h = open(t, 1, nil)
	h.join(a)
	if p, err := h.Messages(ctx, staff, h.event); err != nil || slices.ContainsFunc(p.Lines, func(l registration.MessageLine) bool { return l.Kind == registration.AskSurvey }) {
		t.Error("a letter about no survey", err)
	}
	h.pass("2027-04-05 12:00")
	h.wantTold(a, "thank_you")
}
