package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// consultation is a meeting that was, with all that stays of those who were there: its figures are those of its page, of its
// report, and of the rows made here.
const consultation = "event/identity-safeguards"

var figures = kind.Statistics{Registered: 236, Attended: 171, Countries: 28, Women: 52}

// homes are the countries that people came from, those nearby most often.
var homes = strings.Fields("KE TZ UG RW ET MU JO KE TZ FR SN MA TN EG KE IN NP TH FJ TL KE TZ PE BR PT KZ KR CN PH GB MG MZ ZM KE UG JO")

// consultationForm asks by gender, so that there are statistics, and whether one stands on the list of participants.
func (f *filler) consultationForm() kind.Registration {
	return kind.Registration{Opens: f.moment(-70, "09:00"), Closes: f.moment(-30, "18:00"), Online: true, Capacity: 250, Waitlist: true, Mailbox: "registration@example.org",
		Ask: []string{"organization", "country"}, Required: []string{"country"}, ListMode: registration.ListConsent, ListMonths: 12,
		Fields: []registration.Field{{Item: id("gender"), Type: registration.Choice, Key: registration.GenderKey, Personal: true, Sensitive: true, Retention: 90,
			Options: []registration.Option{{Item: id("woman")}, {Item: id("man")}, {Item: id("other")}}}},
		Consents: []registration.Consent{{Item: id("data"), Required: true}, {Item: id("list"), Listed: true}}}
}

// invented gives names of people who do not exist: each of the first names of a language with each of its last names.
func invented(l i18n.Locale) []string {
	var first, last []string
	sep := " "
	for _, name := range strings.Split(registrants[l], ", ") {
		a, b, found := strings.Cut(name, " ")
		if !found { // a family's name of one letter, without a space
			sep = ""
			r := []rune(name)
			a, b = string(r[:1]), string(r[1:])
		}
		first, last = append(first, a), append(last, b)
	}
	var out []string
	for step := range last {
		for i, a := range first {
			out = append(out, a+sep+last[(i+step)%len(last)])
		}
	}
	return out
}

// attended takes in a list of those who registered for the consultation, marks who came, and answers the survey. Each happens
// at its time, and what letters tell of it goes into a drawer.
func (f *filler) attended() {
	if f.err != nil {
		return
	}
	event := f.ids[consultation]
	at := f.now
	d := &drawer{}
	s := f.registering(d, at)
	s.Now = func() time.Time { return at }
	q := job.New(s.DB, job.Options{Now: s.Now, Workers: 1})
	s.Jobs = q
	s.Handle(q)
	e, err := s.Event(f.ctx, event)
	if err != nil {
		f.fail(fmt.Errorf("consultation: %w", err))
		return
	}
	start := e.Form.When.Starts()

	// They registered in time; their letters are those of then.
	at = start.AddDate(0, 0, -20)
	if err := s.Upload(f.ctx, demo, event, "registrations.csv", f.guests(), i18n.EN); err != nil {
		f.fail(fmt.Errorf("consultation: %w", err))
		return
	}
	x, err := s.Import(f.ctx, demo, event)
	if err == nil {
		err = s.TakeImport(f.ctx, demo, event, x.Print())
	}
	if err == nil {
		err = s.DB.InTx(f.ctx, func(ctx context.Context, tx bun.Tx) error { return s.Changed(ctx, tx, event) }) // messages are reckoned from then
	}
	// What goes by the clock went: the guideline and the reminder, and thanks after those who came are marked.
	for _, days := range []int{-20, -14, -1} {
		at = start.AddDate(0, 0, days)
		if err == nil {
			err = q.Drain(f.ctx)
		}
	}
	at = start.Add(time.Hour)
	list, err2 := s.List(f.ctx, demo, registration.Query{Event: event, State: registration.Confirmed})
	if err != nil || err2 != nil || len(list.Rows) != figures.Registered {
		f.fail(fmt.Errorf("consultation: %d registered: %w %w", len(list.Rows), err, err2))
		return
	}
	var here, missed []string
	for _, r := range list.Rows {
		if came(r.Mail) {
			here = append(here, r.ID)
		} else {
			missed = append(missed, r.ID)
		}
	}
	for part := range slices.Chunk(here, 100) {
		if err == nil {
			_, err = s.Decide(f.ctx, demo, event, part, registration.Attend)
		}
	}
	for part := range slices.Chunk(missed, 100) {
		if err == nil {
			_, err = s.Decide(f.ctx, demo, event, part, registration.Miss)
		}
	}
	at = start.AddDate(0, 0, 4)
	if err == nil {
		err = q.Drain(f.ctx)
	}
	f.fail(err)
	f.surveyed(consultation, 2, 5, 19, 48, 37)
}

// came says who was there: the number of a person of the list is in their address.
func came(mail string) bool {
	var n int
	_, err := fmt.Sscanf(mail, "guest%03d@", &n)
	return err == nil && n < figures.Attended
}

// guests is the list as a table: those who came first.
func (f *filler) guests() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := func(cells ...string) { f.fail(w.Write(cells)) }
	row(registration.FieldName, registration.FieldMail, registration.FieldOrganization, registration.FieldCountry, registration.FieldMode, registration.FieldLocale, registration.GenderKey, "consent.data", "consent.list")
	names := map[i18n.Locale][]string{}
	for _, l := range i18n.All {
		names[l] = invented(l)
	}
	offices := strings.Fields("Registry Archives Council Ombudsman University Press")
	for n := range figures.Registered {
		l := i18n.All[n%len(i18n.All)]
		name := names[l][n/len(i18n.All)]
		gender := "man"
		switch { // 89 women of those who came are the 52 per cent
		case n < 89, n >= figures.Attended && n < figures.Registered-2 && n%2 == 0:
			gender = "woman"
		case n >= figures.Attended-6 && n < figures.Attended, n >= figures.Registered-2:
			gender = "other"
		}
		listed := "yes"
		if n%3 == 1 {
			listed = ""
		}
		home, mode := homes[n%len(homes)], registration.Online
		if slices.Contains([]string{"KE", "TZ", "UG", "RW", "ET"}, home) { // who lives near came
			mode = registration.InPerson
		}
		row(name, fmt.Sprintf("guest%03d@example.org", n), offices[n%len(offices)], home, mode, string(l), gender, "yes", listed)
	}
	w.Flush()
	f.fail(w.Error())
	return b.Bytes()
}
