package registration_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// P11: a private link cannot be guessed, is kept as a hash, opens one registration and nothing else, and ends with it.
func TestPrivateLinks(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	h.join("b@example.org")
	a, b := h.token("a@example.org"), h.token("b@example.org")
	if len(a) != 32 || strings.Trim(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" || a == b {
		t.Fatalf("%q, %q", a, b)
	}
	for _, column := range []string{"hash FROM registration_tokens", "cause FROM letters", "action FROM registration_log"} {
		var kept []string
		h.must(h.DB.Read().NewRaw("SELECT "+column).Scan(ctx, &kept))
		if s := strings.Join(kept, " "); len(kept) == 0 || strings.Contains(s, a) || strings.Contains(s, b) {
			t.Errorf("%s holds a link", column)
		}
	}
	x, _, err := h.Own(ctx, a)
	h.must(err)
	if x.Mail != "a@example.org" {
		t.Error("another's: ", x.Mail)
	}
	pass, err := h.Pass(ctx, x)
	h.must(err)
	for _, not := range []string{"", a[:31], a + "A", strings.ToLower(a), strings.Repeat("A", 32), pass, x.ID, "%" + a[1:], a[:31] + "_"} {
		if _, _, err := h.Own(ctx, not); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q opens something: %v", not, err)
		}
		if err := h.Withdraw(ctx, not); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q does something: %v", not, err)
		}
	}
	if _, _, err := h.ByPass(ctx, staff, a); !errors.Is(err, db.ErrNotFound) {
		t.Error("the private link opens the door:", err)
	}
	h.at(time.Date(2028, 4, 2, 0, 0, 0, 0, time.UTC))
	h.must(h.Purge(ctx))
	if _, _, err := h.Own(ctx, a); !errors.Is(err, db.ErrNotFound) {
		t.Error("the link outlives its registration:", err)
	}
}

// P52: what is pressed twice, or ten times at once, counts once.
func TestPressedTenTimes(t *testing.T) {
	h := open(t, 2, func(e *kind.Event) { e.Registration.Capacity, e.Registration.OfferHours = 1, 24 })
	together := func(f func(s *registration.Store) error) {
		t.Helper()
		var wg sync.WaitGroup
		errs := make(chan error, 10)
		for i := range 10 {
			wg.Go(func() { errs <- f(h.all[i%2]) })
		}
		wg.Wait()
		for range 10 {
			h.must(<-errs)
		}
	}
	a, b := "a@example.org", "b@example.org"
	h.must(h.send(h.Store, a))
	token := h.token(a)
	together(func(s *registration.Store) error { return s.Confirm(ctx, token) })
	h.join(b)
	together(func(s *registration.Store) error { return s.Withdraw(ctx, token) })
	token = h.token(b)
	together(func(s *registration.Store) error { return s.Accept(ctx, token) })
	if got := h.causes(a) + ", " + h.causes(b); got != "verify confirmed withdrawn, verify waitlisted offered confirmed" {
		t.Error(got)
	}
	h.want(b, registration.Confirmed)
}

// P56: two of staff who do opposite things at once leave everybody in one of the two states, as the log and the last letter
// tell.
func TestOppositeDecisions(t *testing.T) {
	h := open(t, 2, func(e *kind.Event) { e.Registration.Approval = registration.Manual })
	var ids []string
	for i := range 12 {
		mail := fmt.Sprintf("p%02d@example.org", i)
		h.join(mail)
		ids = append(ids, h.id(mail))
	}
	var wg sync.WaitGroup
	errs := make(chan error, 2*len(ids))
	for _, id := range ids {
		for i, op := range []registration.Op{registration.Approve, registration.Decline} {
			wg.Go(func() {
				_, err := h.all[i].Decide(ctx, staff, h.event, []string{id}, op)
				errs <- err
			})
		}
	}
	wg.Wait()
	for range 2 * len(ids) {
		h.must(<-errs)
	}
	places := 0
	for _, id := range ids {
		one, err := h.Get(ctx, staff, h.event, id)
		h.must(err)
		last := one.Log[len(one.Log)-1].State
		if one.State != registration.Confirmed && one.State != registration.Declined || last != one.State || !strings.HasSuffix(h.causes(one.Mail), string(one.State)) {
			t.Errorf("%s is %s, by the log %s, was told %q", one.Mail, one.State, last, h.causes(one.Mail))
		}
		if one.State == registration.Confirmed {
			places++
		}
	}
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Places != places {
		t.Errorf("%d places, counted %d, %v", places, l.Places, err)
	}
}

// P21: no cell of a table begins as a formula does, whatever is typed, and wherever it stands.
func TestNoCellIsAFormula(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		asked("")(e)
		r := &e.Registration
		r.Ask = []string{"organization", "position"}
		r.Categories = []registration.Category{{Item: item("one"), Name: content.L("en", "@SUM(A1)")}}
		r.Fields = []registration.Field{{Item: item("text"), Label: content.L("en", "=1+1"), Type: registration.Text}, {Item: item("long"), Label: content.L("en", "+1"), Type: registration.Long}}
		r.Consents = []registration.Consent{{Item: item("all"), Text: content.L("en", "-1")}}
	})
	words := func(key string) string { return h.Catalogue.T(i18n.EN, key) }
	for i, evil := range []string{"=cmd|'/c calc'!A0", "+1+cmd", "-2+3", "@SUM(1)", "\t=1", "\r=1", "  =1", "＝1", "\u202e=1", "a\n=1", "\"=1\""} {
		mail := fmt.Sprintf("p%d@example.org", i)
		e, err := h.Event(ctx, h.event)
		h.must(err)
		stamp, err := h.Stamp(ctx, h.event, e.Form.Version(i18n.EN, e.Original))
		h.must(err)
		h.must(h.Register(ctx, h.event, registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: map[string][]string{"name": {evil}, "mail": {mail}, "organization": {evil},
			"position": {evil}, "category": {"one"}, "f.text": {evil}, "f.long": {evil}, "consent.all": {"1"}}}))
		h.must(h.Confirm(ctx, h.token(mail)))
	}
	tables := map[string]func(b *bytes.Buffer) error{
		"registrations": func(b *bytes.Buffer) error {
			return h.Export(ctx, staff, registration.Query{Event: h.event}, sheet.CSV, b, words, i18n.EN)
		},
		"statistics": func(b *bytes.Buffer) error {
			s, err := h.Statistics(ctx, staff, h.event)
			if err != nil {
				return err
			}
			value := func(d, v string) string { return s.ValueWords(d, v, i18n.EN, words) }
			return s.Table(words, func(registration.Figure) string { return "–" }, value, false).Write(b, sheet.CSV)
		},
		"survey": func(b *bytes.Buffer) error {
			h.at(over)
			for i := range 6 {
				if err := h.AnswerOwn(ctx, h.token(fmt.Sprintf("p%d@example.org", i)), h.surveyed("f.best", "talk", "f.free", "=1+1")); err != nil {
					return err
				}
			}
			return h.ExportSurvey(ctx, staff, h.event, b, words, i18n.EN)
		},
	}
	for _, name := range []string{"registrations", "statistics", "survey"} {
		var b bytes.Buffer
		h.must(tables[name](&b))
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatal(name, len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				for _, line := range strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' || r == '\r' }) {
					if w := strings.TrimLeft(line, " \t\u00a0"); w != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(w)[0]) {
						t.Errorf("%s: %q", name, cell)
					}
				}
			}
		}
	}
}

// P3, P49: to somebody without the right an event's registrants are as if there were none, by every way to them.
func TestRegistrantsOfOthers(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	id := h.id("a@example.org")
	who := h.actor("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	words := func(key string) string { return key }
	for name, try := range map[string]func(event, id string) error{
		"list": func(event, _ string) error { _, err := h.List(ctx, who, registration.Query{Event: event}); return err },
		"one":  func(event, id string) error { _, err := h.Get(ctx, who, event, id); return err },
		"export": func(event, _ string) error {
			return h.Export(ctx, who, registration.Query{Event: event}, sheet.CSV, &bytes.Buffer{}, words, i18n.EN)
		},
		"decide": func(event, id string) error {
			_, err := h.Decide(ctx, who, event, []string{id}, registration.Withdraw)
			return err
		},
		"add": func(event, _ string) error {
			_, err := h.Add(ctx, who, event, registration.Phone, registration.Submission{Locale: i18n.EN})
			return err
		},
		"absent":   func(event, _ string) error { _, err := h.MarkAbsent(ctx, who, event, false); return err },
		"messages": func(event, _ string) error { _, err := h.Messages(ctx, who, event); return err },
		"preview": func(event, id string) error {
			_, err := h.MessagePreview(ctx, who, event, "reminder", id, i18n.EN)
			return err
		},
		"send": func(event, _ string) error {
			_, err := h.MessageDo(ctx, who, event, "reminder", registration.SendNow)
			return err
		},
		"survey": func(event, _ string) error { _, err := h.Results(ctx, who, event); return err },
	} {
		there, missing := try(h.event, id), try("zzzzzzzzzzzz", "zzzzzzzzzzzz")
		if !errors.Is(there, db.ErrNotFound) || !errors.Is(missing, db.ErrNotFound) {
			t.Errorf("%s: %v of theirs, %v of none", name, there, missing)
		}
	}
	h.want("a@example.org", registration.Confirmed)
}
