package registration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/i18n/i18ntest"
	"plenary/internal/ical"
	"plenary/internal/job"
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

// house is the store of one or several instances over one database.
type house struct {
	*registration.Store
	t     *testing.T
	all   []*registration.Store
	jobs  []*job.Queue
	event string
	value *kind.Event

	mu      sync.Mutex
	now     time.Time
	letters []mail.Letter
	sent    func(n int) // is told of each letter
}

// outbox is the real one, and keeps what goes in for the test to read.
type outbox struct {
	*mail.Outbox
	h *house
}

func (o *outbox) Enqueue(ctx context.Context, tx bun.Tx, who *auth.Actor, l mail.Letter) (string, error) {
	o.h.mu.Lock()
	o.h.letters = append(o.h.letters, l)
	if o.h.sent != nil {
		o.h.sent(len(o.h.letters))
	}
	o.h.mu.Unlock()
	return o.Outbox.Enqueue(ctx, tx, who, l)
}

var start = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, instances int, change func(*kind.Event)) *house {
	t.Helper()
	h := &house{t: t, now: start}
	address := dbtest.Address(t)
	words := i18ntest.Words(t, "../../admin/locales", "../../themes/default/locales")
	for range instances {
		d := dbtest.Open(t, address)
		c := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: media.Visible}
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		out, err := mail.New(d, mail.Options{BaseURL: "https://office.example", Words: words, Site: func(i18n.Locale) string { return "The Office" }, ReplyTo: func() string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		s := &registration.Store{DB: d, Content: c, Seal: sealtest.Box(t, d), Catalogue: words, BaseURL: "https://office.example", Mail: &outbox{out, h}}
		s.Now = func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(time.Microsecond); return h.now }
		s.Calendar = func(ctx context.Context, q bun.IDB, e *content.Living, l i18n.Locale) (*ical.Calendar, error) {
			return kind.CalendarFile(ctx, q, c, e, l, func(i18n.Locale) kind.Office {
				return kind.Office{Words: words, Name: "The Office", BaseURL: "https://office.example"}
			})
		}
		jobs := job.New(d, job.Options{Now: s.Now, Lease: 20 * time.Second})
		s.Handle(jobs)
		s.Jobs, h.jobs = jobs, append(h.jobs, jobs)
		c.OnChange = append(c.OnChange, s.Changed)
		h.all = append(h.all, s)
	}
	h.Store = h.all[0]
	e := &kind.Event{Title: content.L("en", "Open registers", "fr", "Registres ouverts"), Summary: content.L("en", "A meeting."), Kind: "webinar", Scope: "global", FocalPoint: "account1",
		When: content.When{Start: "2027-04-01T09:00", End: "2027-04-01T11:00", Zone: "Africa/Nairobi", Precision: "time"}, Status: "scheduled",
		Mode: "online", Access: "registration", Venues: []kind.Venue{{Item: content.Item{ID: "v1"}, Type: "online", Name: content.L("en", "Platform")}}, WorkingLanguages: []string{"en"},
		Contacts:     []kind.Contact{{Item: content.Item{ID: "c1"}, Mailbox: "office@example.org"}},
		Registration: kind.Registration{Online: true, Waitlist: true}}
	org := h.publish(kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Office"), Type: "ngo"}, "")
	e.Organizations = []kind.OrganizationRole{{Item: content.Item{ID: "o1"}, Organization: content.Ref(org), Role: "organizer"}}
	if change != nil {
		change(e)
	}
	h.value = e
	h.event = h.publish(kind.EventKind, e, "")
	return h
}

// publish makes an entry public, or changes the facts and words of one that is.
func (h *house) publish(k *content.Kind, v any, id string) string {
	h.t.Helper()
	c := h.all[0].Content
	parts := k.Split(v)
	change := content.Change{ID: id, Kind: k, Original: i18n.EN, Set: parts}
	if id != "" {
		e, err := c.Get(ctx, staff, id)
		if err != nil {
			h.t.Fatal(err)
		}
		change.Base = e.Versions
	}
	saved, err := c.Save(ctx, staff, change)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := c.Publish(ctx, staff, content.PublishChange{ID: saved.ID, Facts: true, Locales: worded(v)}); err != nil {
		h.t.Fatal(err)
	}
	return saved.ID
}

// worded are the languages in which there is enough of an entry to be public.
func worded(v any) []i18n.Locale {
	out := []i18n.Locale{i18n.EN}
	if e, ok := v.(*kind.Event); ok {
		for _, l := range i18n.All {
			if l != i18n.EN && e.Title.In(l) != "" && e.Summary.In(l) != "" {
				out = append(out, l)
			}
		}
	}
	return out
}

// change publishes the event anew.
func (h *house) change(f func(*kind.Registration)) {
	h.t.Helper()
	f(&h.value.Registration)
	h.publish(kind.EventKind, h.value, h.event)
}

func (h *house) at(t time.Time) { h.mu.Lock(); h.now = t; h.mu.Unlock() }

// send fills in the form as somebody would, with further values.
func (h *house) send(s *registration.Store, mail string, more ...string) error {
	e, err := s.Event(ctx, h.event)
	if err != nil {
		return err
	}
	stamp, err := s.Stamp(ctx, h.event, e.Form.Version(i18n.EN, e.Original))
	if err != nil {
		return err
	}
	v := map[string][]string{"name": {"Person " + strings.Split(mail, "@")[0]}, "mail": {mail}}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = append(v[more[i]], more[i+1])
	}
	return s.Register(ctx, h.event, registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: v})
}

// token is that of the last letter to somebody.
func (h *house) token(mail string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.letters) - 1; i >= 0; i-- {
		if _, rest, ok := strings.Cut(h.letters[i].Text, "/registrations/"); ok && h.letters[i].To == mail {
			if rest = strings.Fields(rest)[0]; strings.ContainsAny(rest, "/#") {
				rest = rest[:strings.IndexAny(rest, "/#")]
			}
			return rest
		}
	}
	return ""
}

// causes are the letters to somebody, in order.
func (h *house) causes(mail string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, l := range h.letters {
		if l.To == mail {
			name, _, _ := strings.Cut(strings.TrimPrefix(l.Cause, "registration."), ":")
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// join registers somebody and confirms the address.
func (h *house) join(mail string, more ...string) {
	h.t.Helper()
	if err := errors.Join(h.send(h.Store, mail, more...), h.Confirm(ctx, h.token(mail))); err != nil {
		h.t.Fatalf("%s: %v", mail, err)
	}
}

func (h *house) state(mail string) registration.State {
	h.t.Helper()
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: mail})
	if err != nil || len(l.Rows) != 1 {
		h.t.Fatalf("%s: %v, %d found", mail, err, len(l.Rows))
	}
	return l.Rows[0].State
}

func (h *house) want(mail string, st registration.State) {
	h.t.Helper()
	if got := h.state(mail); got != st {
		h.t.Errorf("%s is %s, want %s", mail, got, st)
	}
}

func problems(err error) string {
	var bad *registration.Invalid
	if !errors.As(err, &bad) {
		return fmt.Sprint(err)
	}
	var all []string
	for _, p := range bad.Problems {
		all = append(all, p.Field+":"+strings.TrimPrefix(p.Key, "registration."))
	}
	return strings.Join(all, " ")
}

func TestALife(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Capacity = 1 })
	if err := h.send(h.Store, "a@example.org"); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Unverified)
	h.join("b@example.org")
	h.want("b@example.org", registration.Confirmed) // who has not confirmed holds nothing
	if err := h.Confirm(ctx, h.token("a@example.org")); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Waitlisted)
	b := h.token("b@example.org")
	if err := h.Withdraw(ctx, b); err != nil {
		t.Fatal(err)
	}
	h.want("b@example.org", registration.Withdrawn)
	h.want("a@example.org", registration.Confirmed)
	if err := h.Return(ctx, b); err != nil {
		t.Fatal(err)
	}
	h.want("b@example.org", registration.Waitlisted)
	h.change(func(r *kind.Registration) { r.Capacity = 2 })
	h.want("b@example.org", registration.Confirmed)
	if got := h.causes("a@example.org"); got != "verify waitlisted promoted" {
		t.Error("letters to a:", got)
	}
	if got := h.causes("b@example.org"); got != "verify confirmed withdrawn waitlisted promoted" {
		t.Error("letters to b:", got)
	}
	for _, l := range h.letters {
		if strings.Contains(l.Text+l.Subject, "Person") || !strings.Contains(l.Subject, "Open registers") || strings.Contains(l.Text, "letter.") {
			t.Errorf("letter %q: %s", l.Subject, l.Text)
		}
	}
	// Lowered below those who have places: nobody is thrown out, nobody comes after.
	h.join("c@example.org")
	h.change(func(r *kind.Registration) { r.Capacity = 1 })
	h.want("a@example.org", registration.Confirmed)
	if err := h.Withdraw(ctx, b); err != nil {
		t.Fatal(err)
	}
	h.want("c@example.org", registration.Waitlisted)
	if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
		t.Fatal(err)
	}
	h.want("c@example.org", registration.Confirmed)
}

// Nobody learns from the form whether an address is registered; its owner does, from a letter, and a few a day at most.
func TestTheSameMailTwice(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	for range 8 {
		if err := h.send(h.Store, "A@Example.org", "name", "Stranger"); problems(err) != "name:twice" {
			t.Fatal(err)
		}
		if err := h.send(h.Store, "A@Example.org"); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.causes("a@example.org"); got != "verify confirmed known known known known" {
		t.Error("letters:", got)
	}
	h.want("a@example.org", registration.Confirmed)
	if r, _, err := h.Own(ctx, h.token("a@example.org")); err != nil || r.Name != "Person a" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, _, err := h.Own(ctx, strings.Repeat("A", 32)); !errors.Is(err, db.ErrNotFound) {
		t.Error("a made-up link:", err)
	}
}

func TestApproval(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		r := &e.Registration
		r.Capacity, r.Waitlist, r.Approval = 2, false, "manual"
		r.Categories = []registration.Category{{Item: content.Item{ID: "press"}, Name: content.L("en", "Press"), Capacity: 1},
			{Item: content.Item{ID: "all"}, Name: content.L("en", "Others"), Approval: "auto"}, {Item: content.Item{ID: "team"}, Name: content.L("en", "Team"), Hidden: true}}
	})
	if got := problems(h.send(h.Store, "x@example.org")); got != "category:required" {
		t.Error(got)
	}
	if got := problems(h.send(h.Store, "x@example.org", "category", "team")); got != "category:choice" {
		t.Error(got)
	}
	h.join("a@example.org", "category", "press")
	h.join("b@example.org", "category", "press")
	h.join("c@example.org", "category", "all")
	h.want("a@example.org", registration.Pending)
	h.want("c@example.org", registration.Confirmed)
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Pending})
	if err != nil || l.Total != 2 {
		t.Fatal(l, err)
	}
	ids := []string{l.Rows[0].ID, l.Rows[1].ID}
	d, err := h.Decide(ctx, staff, h.event, append(ids, "another"), registration.Approve)
	if err != nil || d != (registration.Decided{Done: 1, Passed: 1, Full: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	h.want("a@example.org", registration.Confirmed) // the first to come
	h.want("b@example.org", registration.Pending)
	if d, err = h.Decide(ctx, staff, h.event, ids, registration.Decline); err != nil || d.Done != 2 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = h.Decide(ctx, staff, h.event, ids, registration.Approve); err != nil || d.Done != 1 { // undone
		t.Errorf("%+v, %v", d, err)
	}
	id, err := h.Add(ctx, staff, h.event, registration.Phone, registration.Submission{Locale: i18n.FR, Values: map[string][]string{"name": {"Jo"}, "category": {"team"}}})
	if problems(err) != ":full" || id == "" && err == nil {
		t.Error("by hand beyond the places:", err)
	}
	// All places taken between the form and the letter: the letter says so.
	h.change(func(r *kind.Registration) { r.Capacity = 3 })
	if err := h.send(h.Store, "late@example.org", "category", "all"); err != nil {
		t.Fatal(err)
	}
	if _, err = h.Add(ctx, staff, h.event, registration.Phone, registration.Submission{Locale: i18n.FR, Values: map[string][]string{"name": {"Jo"}, "category": {"team"}}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Confirm(ctx, h.token("late@example.org")); err != nil {
		t.Fatal(err)
	}
	if got := h.causes("late@example.org"); got != "verify full" {
		t.Error(got)
	}
	if got := problems(h.send(h.Store, "later@example.org", "category", "all")); got != ":full" {
		t.Error(got)
	}
}

func TestAnswers(t *testing.T) {
	item := func(id string) content.Item { return content.Item{ID: id} }
	option := func(id, key string) registration.Option {
		return registration.Option{Item: item(id), Label: content.L("en", "Option "+id), Key: key}
	}
	h := open(t, 1, func(e *kind.Event) {
		label := func(s string) content.Line { return content.L("en", s) }
		r := &e.Registration
		r.Ask, r.Required = []string{"organization", "country"}, []string{"country"}
		r.Fields = []registration.Field{
			{Item: item("food"), Key: "food", Type: registration.Choice, Label: label("Food"), Required: true, Options: []registration.Option{option("o1", ""), option("o2", "other")}},
			{Item: item("what"), Type: registration.Text, Label: label("What"), Required: true, OnlyIf: "food", OnlyValue: "other"},
			{Item: item("many"), Type: registration.Choices, Label: label("Many"), Options: []registration.Option{option("m1", ""), option("m2", "")}},
			{Item: item("when"), Type: registration.Date, Label: label("When")}, {Item: item("n1"), Type: registration.Number, Label: label("Number")},
			{Item: item("yes"), Type: registration.YesNo, Label: label("Yes?")}, {Item: item("long"), Type: registration.Long, Label: label("Long")},
			{Item: item("from"), Type: registration.Country, Label: label("From")},
			{Item: item("health"), Type: registration.Text, Label: label("Needs"), Sensitive: true, Purpose: label("To help"), Retention: 30},
		}
		r.Consents = []registration.Consent{{Item: item("terms"), Text: label("I agree."), Required: true}, {Item: item("list"), Text: label("List me.")}}
	})
	for want, more := range map[string][]string{
		"country:required f.food:required consent.terms:consent_missing": nil,
		"f.what:required": {"country", "KE", "f.food", "o2", "consent.terms", "1"},
		"country:choice":  {"country", "XX", "f.food", "o1", "consent.terms", "1"},
		"f.food:choice":   {"country", "KE", "f.food", "o9", "consent.terms", "1"},
		"f.food:twice":    {"country", "KE", "f.food", "o1", "f.food", "o1", "consent.terms", "1"},
		"f.many:choice":   {"country", "KE", "f.food", "o1", "consent.terms", "1", "f.many", "m1", "f.many", "zz"},
		"f.when:date f.n1:number f.yes:choice f.from:choice": {"country", "KE", "f.food", "o1", "consent.terms", "1", "f.when", "soon", "f.n1", "two", "f.yes", "perhaps", "f.from", "ken"},
		"f.long:too_long":       {"country", "KE", "f.food", "o1", "consent.terms", "1", "f.long", strings.Repeat("x", 4001)},
		"f.health:too_long":     {"country", "KE", "f.food", "o1", "consent.terms", "1", "f.health", strings.Repeat("x", 501)},
		"organization:too_long": {"country", "KE", "f.food", "o1", "consent.terms", "1", "organization", strings.Repeat("x", 201)},
	} {
		if got := problems(h.send(h.Store, "x@example.org", more...)); got != want {
			t.Errorf("%v:\n got %s\nwant %s", more, got, want)
		}
	}
	for _, mail := range []string{"", "nobody", "a@b", "a b@example.org", "A <a@example.org>", "a@example.org\r\nBcc: b@example.org", strings.Repeat("x", 250) + "@example.org"} {
		if err := h.send(h.Store, mail, "country", "KE", "f.food", "o1", "consent.terms", "1"); !strings.HasPrefix(problems(err), "mail:") {
			t.Errorf("mail %q: %v", mail, err)
		}
	}
	if len(h.letters) > 0 {
		t.Fatal("letters to whom nothing was accepted from")
	}
	// What hangs on an answer that was taken back is not kept.
	h.join("a@example.org", "country", "KE", "f.food", "o1", "f.what", "rice", "f.many", "m2", "f.when", "3 May 2027", "f.n1", "١٢,5", "f.yes", "no", "f.long", "two\r\nlines", "f.health", "ramp", "consent.terms", "1",
		"organization", " =HYPERLINK(\"x\")\u202e ")
	r, _, err := h.Own(ctx, h.token("a@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for id, a := range r.Answers {
		got = append(got, id+"="+strings.Join(a.Values, "+"))
	}
	slices.Sort(got)
	if s := strings.Join(got, " "); s != "food=o1 health=ramp long=two\nlines many=m2 n1=12.5 when=2027-05-03 yes=no" {
		t.Error(s)
	}
	if g := r.Consents["terms"]; len(r.Consents) != 1 || g.Text != "I agree." || g.At.Sub(start) > time.Second {
		t.Errorf("%+v", r.Consents)
	}
	var table bytes.Buffer
	if err := h.Export(ctx, staff, registration.Query{Event: h.event}, sheet.CSV, &table, func(key string) string { return key }, i18n.EN); err != nil {
		t.Fatal(err)
	}
	if s := table.String(); !strings.HasPrefix(s, "\ufeff") || !strings.Contains(s, `"'=HYPERLINK(""x"")"`) || !strings.Contains(s, "Option m2") {
		t.Error(s)
	}
	// Retention: the sensitive answer goes first, the people a year later; numbers stay.
	h.at(time.Date(2027, 5, 2, 0, 0, 0, 0, time.UTC))
	purge := func() {
		t.Helper()
		for range 2 {
			if err := h.Purge(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	purge()
	if r, _, err = h.Own(ctx, h.token("a@example.org")); err != nil || len(r.Answers) != 6 || r.Answers["health"].Values != nil {
		t.Errorf("%+v, %v", r, err)
	}
	h.at(time.Date(2028, 4, 2, 0, 0, 0, 0, time.UTC))
	purge()
	if _, _, err := h.Own(ctx, h.token("a@example.org")); !errors.Is(err, db.ErrNotFound) {
		t.Error("still there:", err)
	}
	if n, err := h.Numbers(ctx, h.event, "country"); err != nil || n["KE"] != 1 || len(n) != 1 {
		t.Error(n, err)
	}
	accounts := auth.New(h.DB, auth.Options{})
	lines, _, err := accounts.AuditLog(ctx, staff, auth.AuditFilter{Action: "registrants."}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, l := range lines {
		count[l.Action]++
		if s := fmt.Sprint(l.Detail); strings.Contains(s, "example.org") {
			t.Error("personal data in the log:", s)
		}
	}
	if count["registrants.purge"] != 1 || count["registrants.purge_answers"] != 1 || count["registrants.export"] != 1 {
		t.Error(count)
	}
}

func TestTheFormGuardsItself(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Registration.Opens = content.Moment{At: "2027-03-01T00:00", Zone: "UTC"}
		e.Registration.Closes = content.Moment{At: "2027-03-20T00:00", Zone: "UTC"}
	})
	h.Patience = 3 * time.Second
	sub := func(stamp string) registration.Submission {
		return registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: map[string][]string{"name": {"A"}, "mail": {"a@example.org"}}}
	}
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := h.Stamp(ctx, h.event, e.Form.Version(i18n.EN, i18n.EN))
	if err != nil {
		t.Fatal(err)
	}
	try := func(stamp, want string) {
		t.Helper()
		if got := problems(h.Register(ctx, h.event, sub(stamp))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	try(stamp, ":too_fast")
	h.at(start.Add(4 * time.Second))
	try("", ":stale")
	try(strings.Replace(stamp, ".", ".0", 1), ":stale")
	h.change(func(r *kind.Registration) {
		r.Fields = []registration.Field{{Item: content.Item{ID: "new"}, Type: registration.Text, Label: content.L("en", "New")}}
	})
	try(stamp, ":form_changed")
	h.at(start.Add(100 * time.Hour))
	try(stamp, ":stale")
	h.at(time.Date(2027, 3, 20, 0, 0, 0, 0, time.UTC))
	try(stamp, ":closed")
	h.at(start)
	h.value.Status = "cancelled"
	h.value.StatusNote = content.L("en", "Storm")
	h.change(func(*kind.Registration) {})
	try(stamp, ":closed")
}

// actor is somebody with grants.
func (h *house) actor(name string, g ...auth.Grant) *auth.Actor {
	h.t.Helper()
	accounts := auth.New(h.DB, auth.Options{})
	a, err := accounts.Create(ctx, staff, auth.NewAccount{Email: name + "@staff.example.org", Name: name, Password: "correct horse battery " + name, Locale: i18n.EN})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, x := range g {
		x.AccountID = a.ID
		if _, err := accounts.AddGrant(ctx, staff, x); err != nil {
			h.t.Fatal(err)
		}
	}
	o, err := accounts.SignIn(ctx, name+"@staff.example.org", "correct horse battery "+name, auth.From{IP: netip.MustParseAddr("192.0.2.1")})
	if err != nil {
		h.t.Fatal(err)
	}
	return o.Actor
}

// Who may not see registrants finds none, and no event with any.
func TestWhoSees(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	actor := h.actor
	mine := actor("mine", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: h.event})
	others := actor("others", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: "another"})
	editor := actor("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	l, err := h.List(ctx, mine, registration.Query{Event: h.event})
	if err != nil || l.Total != 1 || !l.MayChange {
		t.Fatal(l, err)
	}
	for _, who := range []*auth.Actor{others, editor, nil} {
		if _, err := h.List(ctx, who, registration.Query{Event: h.event}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("list: %v", err)
		}
		if _, err := h.Get(ctx, who, h.event, l.Rows[0].ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("get: %v", err)
		}
		if _, err := h.Decide(ctx, who, h.event, []string{l.Rows[0].ID}, registration.Decline); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("decide: %v", err)
		}
		if err := h.Export(ctx, who, registration.Query{Event: h.event}, sheet.CSV, &bytes.Buffer{}, nil, i18n.EN); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("export: %v", err)
		}
	}
	if _, err := h.Get(ctx, mine, h.event, "another"); !errors.Is(err, db.ErrNotFound) {
		t.Error(err)
	}
}

// 300 people at once for 50 places, over three instances where the database allows it, with withdrawals and other
// capacities in between: never one too many, none left empty, and the waiting list strictly in turn. Where places are
// offered, some take theirs, some give it up, some never answer.
func TestPlacesUnderPressure(t *testing.T) {
	t.Run("at once", func(t *testing.T) { underPressure(t, 0) })
	t.Run("offered", func(t *testing.T) { underPressure(t, 24) })
}

func underPressure(t *testing.T, hours int) {
	instances := 1
	if u, err := url.Parse(os.Getenv("PLENARY_TEST_DATABASE")); err == nil && u.Host != "" {
		instances = 3
	}
	h := open(t, instances, func(e *kind.Event) { e.Registration.Capacity, e.Registration.OfferHours = 50, hours })
	const people = 300
	mail := func(i int) string { return fmt.Sprintf("p%03d@example.org", i) }
	var wg sync.WaitGroup
	errs := make(chan error, 8*people)
	run := make(chan int, people)
	other := make(chan struct{}, 8)
	var mu sync.Mutex
	var in []string
	answered := 0         // letters that were looked at for offers
	least, most := 50, 50 // places there may be at the moment, and that there have been
	bounds := func() (int, int) { mu.Lock(); defer mu.Unlock(); return least, most }
	look := func(s *registration.Store) error {
		before, _ := bounds()
		var n struct{ Held, Waiting int }
		err := s.DB.Read().NewRaw(`SELECT coalesce(sum(CASE WHEN state IN ('confirmed', 'offered') THEN 1 ELSE 0 END), 0) AS held,
			coalesce(sum(CASE WHEN state = 'waitlisted' THEN 1 ELSE 0 END), 0) AS waiting FROM registrations`).Scan(ctx, &n)
		after, top := bounds()
		if n.Held > top {
			t.Errorf("%d places given of at most %d", n.Held, top)
		}
		if n.Held < min(before, after) && n.Waiting > 0 {
			t.Errorf("%d places given of at least %d, and %d wait", n.Held, min(before, after), n.Waiting)
		}
		return err
	}
	// answer does with offers what people would: a third take the place, a third give it up, a third let the time pass.
	answer := func(s *registration.Store) error {
		h.mu.Lock()
		var to []string
		for ; answered < len(h.letters); answered++ {
			if x := h.letters[answered]; strings.HasPrefix(x.Cause, "registration.offered:") {
				to = append(to, x.To)
			}
		}
		h.mu.Unlock()
		for _, who := range to {
			var err error
			switch rand.IntN(3) {
			case 0:
				if err = s.Accept(ctx, h.token(who)); problems(err) == ":offer_over" {
					err = nil // somebody else was quicker
				}
			case 1:
				err = s.Withdraw(ctx, h.token(who))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	later := func() { h.mu.Lock(); h.now = h.now.Add(25 * time.Hour); h.mu.Unlock() }
	for i := range people {
		run <- i
	}
	close(run)
	for w := range 24 {
		s := h.all[w%len(h.all)]
		wg.Go(func() {
			for i := range run {
				errs <- h.send(s, mail(i))
				errs <- s.Confirm(ctx, h.token(mail(i)))
				mu.Lock()
				in = append(in, mail(i))
				n, leaves := len(in), in[rand.IntN(len(in))]
				mu.Unlock()
				if n%60 == 0 {
					other <- struct{}{}
				}
				if i%5 == 0 {
					errs <- s.Withdraw(ctx, h.token(leaves))
				}
				if i%10 == 0 {
					errs <- answer(s)
				}
				if n%60 == 30 {
					later()
				}
				if i%4 == 0 {
					errs <- look(s)
				}
			}
		})
	}
	wg.Go(func() {
		was := 50
		for _, n := range []int{40, 55, 60, 70} { // lowered below those who are in, then raised
			<-other
			mu.Lock()
			least, most = min(was, n), max(most, n)
			mu.Unlock()
			h.change(func(r *kind.Registration) { r.Capacity = n })
			mu.Lock()
			least, was = n, n
			mu.Unlock()
		}
	})
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // those who are asked last
		if err := errors.Join(answer(h.Store), look(h.Store)); err != nil {
			t.Fatal(err)
		}
		later()
		if err := h.jobs[0].Drain(ctx); err != nil { // by its task alone
			t.Fatal(err)
		}
	}
	if err := errors.Join(answer(h.Store), look(h.Store)); err != nil {
		t.Fatal(err)
	}
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range l.States {
		sum += n
	}
	if l.Places != 70 || l.States[registration.Confirmed]+l.States[registration.Offered] != 70 || l.States[registration.Waitlisted] == 0 || sum != people {
		t.Errorf("%d places taken of 70; %v", l.Places, l.States)
	}
	// The letters tell in which order all went, since each is written while the event is held: whoever got a place or an
	// offer was the first in line at that moment.
	h.mu.Lock()
	var line []string
	happened := map[string]int{}
	for _, x := range h.letters {
		name, _, _ := strings.Cut(strings.TrimPrefix(x.Cause, "registration."), ":")
		happened[name]++
		at := slices.Index(line, x.To)
		switch name {
		case "waitlisted", "lapsed":
			line = append(line, x.To)
		case "withdrawn":
			if at >= 0 {
				line = slices.Delete(line, at, at+1)
			}
		case "promoted", "offered":
			if at != 0 {
				t.Errorf("%s: %s was number %d in line", name, x.To, at+1)
			}
			if at >= 0 {
				line = slices.Delete(line, at, at+1)
			}
		}
	}
	h.mu.Unlock()
	want, never := []string{"promoted"}, "offered"
	if hours > 0 {
		want, never = []string{"offered", "lapsed"}, "promoted"
	}
	for _, name := range want {
		if happened[name] == 0 {
			t.Errorf("%s: nothing was tried; %v", name, happened)
		}
	}
	if happened[never] > 0 {
		t.Errorf("%v", happened)
	}
	waiting, err := h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Waitlisted})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, r := range waiting.Rows {
		left = append(left, r.Mail)
	}
	if !slices.Equal(left, line) {
		t.Errorf("waiting are %v, by the letters %v", left, line)
	}
	sure, err := h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Confirmed})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Withdraw(ctx, h.token(sure.Rows[0].Mail)); err != nil {
		t.Fatal(err)
	}
	h.want(line[0], map[bool]registration.State{true: registration.Offered, false: registration.Confirmed}[hours > 0])
}

// A longest title makes no letter impossible, in any language.
func TestLettersOfALongTitle(t *testing.T) {
	long := strings.Repeat("Registers, ", 18) + "!!"
	h := open(t, 1, func(e *kind.Event) { e.Title, e.Registration.Capacity = content.L("en", long), 1 })
	for i, l := range i18n.All {
		mail := string(l) + "@example.org"
		e, err := h.Event(ctx, h.event)
		if err != nil {
			t.Fatal(err)
		}
		stamp, err := h.Stamp(ctx, h.event, e.Form.Version(l, e.Original))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Register(ctx, h.event, registration.Submission{Locale: l, Stamp: stamp, Values: map[string][]string{"name": {"A"}, "mail": {mail}}}); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		if err := h.Confirm(ctx, h.token(mail)); err != nil { // confirmed, and then waitlisted
			t.Fatalf("%s: %v", l, err)
		}
		if i == 0 {
			continue
		}
		if err := h.Withdraw(ctx, h.token(mail)); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
	}
	for _, l := range h.letters {
		if !strings.Contains(l.Subject, "Registers, Registers, ") {
			t.Errorf("subject %q", l.Subject)
		}
	}
}

// What staff approved was that person in that category.
func TestApprovalIsOfOneForm(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Registration.Categories = []registration.Category{{Item: content.Item{ID: "press"}, Name: content.L("en", "Press"), Approval: "manual"},
			{Item: content.Item{ID: "staff"}, Name: content.L("en", "Staff"), Approval: "manual"}}
	})
	h.join("a@example.org", "category", "press")
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.Approve); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Confirmed)
	if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
		t.Fatal(err)
	}
	h.join("a@example.org", "category", "press", "organization", "Another")
	h.want("a@example.org", registration.Pending)
	if l, err = h.List(ctx, staff, registration.Query{Event: h.event}); err != nil {
		t.Fatal(err)
	}
	one, err := h.Get(ctx, staff, h.event, l.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, line := range one.Log {
		steps = append(steps, line.Action)
	}
	if s := strings.Join(steps, " "); s != "registered verified approved withdrawn registered verified" {
		t.Error("what is known of them:", s)
	}

	// Whom staff took off the list does not put themselves back.
	if _, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.Approve); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.Withdraw); err != nil {
		t.Fatal(err)
	}
	if got := problems(h.Return(ctx, h.token("a@example.org"))); got != ":edit_closed" {
		t.Error(got)
	}
	if _, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.Restore); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Confirmed)
}

// Nobody moves up to a place at an event that does not take place, and people can still leave.
func TestAnEventThatIsOff(t *testing.T) {
	for _, status := range []string{"cancelled", "postponed"} {
		h := open(t, 1, func(e *kind.Event) { e.Registration.Capacity = 1 })
		h.join("a@example.org")
		h.join("b@example.org")
		if err := h.send(h.Store, "c@example.org"); err != nil {
			t.Fatal(err)
		}
		h.value.Status, h.value.StatusNote = status, content.L("en", "A flood.")
		h.publish(kind.EventKind, h.value, h.event)
		if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
			t.Fatal(status, err)
		}
		h.want("b@example.org", registration.Waitlisted)
		if got := problems(h.Confirm(ctx, h.token("c@example.org"))); got != ":closed" {
			t.Errorf("%s: %s", status, got)
		}
		if status == "postponed" {
			h.value.Status = "rescheduled"
			h.publish(kind.EventKind, h.value, h.event)
			h.want("b@example.org", registration.Confirmed)
		}
	}
}

// A question that is not asked any more is forgotten when it would have been.
func TestRetentionOfADroppedQuestion(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		e.Registration.Fields = []registration.Field{{Item: content.Item{ID: "diet"}, Label: content.L("en", "Diet"), Type: "text", Sensitive: true, Retention: 7, Purpose: content.L("en", "Lunch")}}
	})
	h.join("a@example.org", "f.diet", "none")
	h.change(func(r *kind.Registration) { r.Fields = nil })
	h.at(time.Date(2027, 4, 9, 12, 0, 0, 0, time.UTC))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil || len(l.Rows) != 1 || len(l.Rows[0].Answers) != 0 {
		t.Fatalf("%v, %+v", err, l.Rows[0].Answers)
	}
}

// No cell begins a formula, nor would a part of one for programs that part cells at semicolons.
func TestExportHoldsNoFormula(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Ask = []string{"organization"} })
	h.join("a@example.org", "organization", "x;=cmd|'/c calc'!A0;y")
	var table bytes.Buffer
	if err := h.Export(ctx, staff, registration.Query{Event: h.event}, sheet.CSV, &table, func(key string) string { return key }, i18n.EN); err != nil {
		t.Fatal(err)
	}
	if got := table.String(); !strings.Contains(got, "x;'=cmd|'/c calc'!A0;y") {
		t.Error(got)
	}
}

// Each letter's link confirms what was typed into the form it was asked for by: a stranger's form replaces nothing.
func TestAStrangersFormReplacesNothing(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Ask = []string{"organization"} })
	send := func(name, organization string) string {
		t.Helper()
		e, err := h.Event(ctx, h.event)
		if err != nil {
			t.Fatal(err)
		}
		stamp, err := h.Stamp(ctx, h.event, e.Form.Version(i18n.EN, e.Original))
		if err != nil {
			t.Fatal(err)
		}
		v := map[string][]string{"name": {name}, "mail": {"a@example.org"}, "organization": {organization}}
		if err := h.Register(ctx, h.event, registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: v}); err != nil {
			t.Fatal(err)
		}
		return h.token("a@example.org")
	}
	typed := func(token, want string) {
		t.Helper()
		if r, _, err := h.Own(ctx, token); err != nil || r.Name+", "+r.Organization != want {
			t.Errorf("%+v, %v; want %s", r, err, want)
		}
	}
	list := func() *registration.List {
		t.Helper()
		l, err := h.List(ctx, staff, registration.Query{Event: h.event})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	mine := send("Ada", "Office")
	theirs := send("Eve", "Nobody")
	typed(mine, "Ada, Office")
	typed(theirs, "Eve, Nobody")
	if err := h.Confirm(ctx, mine); err != nil {
		t.Fatal(err)
	}
	typed(mine, "Ada, Office")
	typed(theirs, "Ada, Office") // the mailbox's owner finds what counts behind each of the letters
	if err := h.Confirm(ctx, theirs); err != nil {
		t.Fatal(err)
	}
	typed(mine, "Ada, Office")
	if l := list(); l.Total != 1 || l.States[registration.Confirmed] != 1 {
		t.Errorf("%d left: %v", l.Total, l.States)
	}

	// Given back, and somebody sends the form again: it stays given back, and as it was, until they confirm.
	if err := h.Withdraw(ctx, mine); err != nil {
		t.Fatal(err)
	}
	theirs = send("Eve", "Nobody")
	if r, _, err := h.Own(ctx, mine); err != nil || r.State != registration.Withdrawn || r.Name != "Ada" {
		t.Errorf("%+v, %v", r, err)
	}
	if err := h.Return(ctx, mine); err != nil {
		t.Fatal(err)
	}
	typed(theirs, "Ada, Office")
	if l := list(); l.Total != 1 || l.States[registration.Confirmed] != 1 {
		t.Errorf("%d left: %v", l.Total, l.States)
	}
}

// Staff who turn down what a stranger sent leave its owner's form alone; who decides on both at once decides on one.
func TestDecisionsOnFormsOfOneMailbox(t *testing.T) {
	h := open(t, 1, nil)
	for range 3 {
		if err := h.send(h.Store, "a@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	mine := h.token("a@example.org")
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil || l.Total != 3 {
		t.Fatal(l, err)
	}
	ids := []string{l.Rows[0].ID, l.Rows[1].ID, l.Rows[2].ID} // the newest first
	if d, err := h.Decide(ctx, staff, h.event, ids[1:], registration.Decline); err != nil || d.Done != 1 && d.Done != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := h.Confirm(ctx, mine); err != nil {
		t.Fatal(err)
	}
	h.want("a@example.org", registration.Confirmed)
	for range 2 {
		if err := h.send(h.Store, "b@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	l, err = h.List(ctx, staff, registration.Query{Event: h.event, State: registration.Unverified})
	if err != nil || l.Total != 2 {
		t.Fatal(l, err)
	}
	d, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID, l.Rows[1].ID}, registration.Approve)
	if err != nil || d != (registration.Decided{Done: 1, Passed: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	h.want("b@example.org", registration.Confirmed)
}

// A stranger who enters an address at many events has it written to a few times; who confirms as they go is not held up.
func TestLettersToOneMailboxOverAllEvents(t *testing.T) {
	h := open(t, 1, nil)
	first := h.event
	events := []string{first}
	for range 19 {
		events = append(events, h.publish(kind.EventKind, h.value, ""))
	}
	for _, h.event = range events {
		for range 2 {
			if err := h.send(h.Store, "victim@example.org"); err != nil {
				t.Fatal(err)
			}
		}
		h.join("busy@example.org")
	}
	if n := len(strings.Fields(h.causes("victim@example.org"))); n != 12 {
		t.Errorf("%d letters in a day", n)
	}
	if n := len(strings.Fields(h.causes("busy@example.org"))); n != 40 {
		t.Errorf("%d letters to who confirms", n)
	}
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: "victim"})
	if err != nil || l.Total != 1 {
		t.Errorf("%v, %v: staff see the form that got no letter", l, err)
	}
	h.at(start.Add(25 * time.Hour))
	h.event = events[19]
	h.join("victim@example.org")
	h.want("victim@example.org", registration.Confirmed)
}

// A capacity raised by very many is given out in portions, in turn: a task gives the next ones, a capacity lowered in between
// holds, and whoever comes in between stands behind those who wait.
func TestManyPlacesAtOnce(t *testing.T) {
	for name, then := range map[string]func(h *house) (taken int){
		"task": func(h *house) int { return 261 },
		"lowered": func(h *house) int {
			h.change(func(r *kind.Registration) { r.Capacity = 220 })
			return 220
		},
		"late": func(h *house) int {
			if err := h.Confirm(ctx, h.token("late@example.org")); err != nil {
				t.Fatal(err)
			}
			return 262
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, 1, func(e *kind.Event) {
				e.Registration.Capacity = 1
				e.Registration.Categories = []registration.Category{{Item: content.Item{ID: "press"}, Name: content.L("en", "Press"), Capacity: 1}, {Item: content.Item{ID: "all"}, Name: content.L("en", "Others")}}
			})
			h.join("first@example.org", "category", "press")
			for i := range 310 { // as staff would, by telephone: the quickest way in
				category := "all"
				if i < 100 && i%2 == 0 {
					category = "press" // full, and in front
				}
				if _, err := h.Add(ctx, staff, h.event, registration.Phone, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {"Person"}, "mail": {fmt.Sprintf("p%03d@example.org", i)}, "category": {category}}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.send(h.Store, "late@example.org", "category", "all"); err != nil {
				t.Fatal(err)
			}
			places := func(want int) {
				t.Helper()
				l, err := h.List(ctx, staff, registration.Query{Event: h.event, Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				if l.Places != want {
					t.Errorf("%d places are taken, want %d", l.Places, want)
				}
			}
			h.change(func(r *kind.Registration) { r.Capacity, r.Waitlist = 10000, false })
			places(201)
			want := then(h)
			if err := h.jobs[0].Drain(ctx); err != nil {
				t.Fatal(err)
			}
			places(want)
			var order []string
			for _, x := range h.letters {
				if strings.HasPrefix(x.Cause, "registration.promoted:") {
					order = append(order, strings.Replace(x.To, "late", "z", 1))
				}
			}
			if len(order) != want-1 || !slices.IsSorted(order) {
				t.Errorf("%d promoted, or out of turn", len(order))
			}
		})
	}
}

// With the people their letters' addresses and words go; that there were letters stays.
func TestLettersAreForgottenWithThePeople(t *testing.T) {
	h := open(t, 1, nil)
	h.join("a@example.org")
	if err := h.send(h.Store, "b@example.org"); err != nil {
		t.Fatal(err)
	}
	err := h.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, l := range []mail.Letter{{Cause: "registration.message:" + h.event + ":reminder:1:x", To: "a@example.org", Locale: i18n.EN, Subject: "Hello", Text: "Words.", About: auth.Object{Kind: "event", ID: h.event, Event: h.event}},
			{Cause: "invitation:1", To: "other@example.org", Locale: i18n.EN, Subject: "Hello", Text: "Words.", About: auth.Object{Kind: "event", ID: h.event, Event: h.event}},
			{Cause: "registration.confirmed:x:y", To: "elsewhere@example.org", Locale: i18n.EN, Subject: "Hello", Text: "Words.", About: auth.Object{Kind: "event", ID: "e2", Event: "e2"}}} {
			if _, err := h.Mail.Enqueue(ctx, tx, staff, l); err != nil {
				return err
			}
		}
		_, err := tx.NewRaw("UPDATE letters SET state = 'sent', sent_at = created_at WHERE cause LIKE 'registration.confirmed:%'").Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.at(time.Date(2028, 4, 2, 0, 0, 0, 0, time.UTC))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Cause, State, ToAddress, ToKey, Subject, Body, HTML string }
	if err := h.DB.Read().NewRaw("SELECT cause, state, to_address, to_key, subject, body, html FROM letters ORDER BY created_at").Scan(ctx, &rows); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		name, _, _ := strings.Cut(r.Cause, ":")
		got = append(got, name+" "+r.State+" "+r.ToAddress)
		if r.ToAddress == "" && r.ToKey+r.Subject+r.Body+r.HTML != "" {
			t.Errorf("left of a letter: %+v", r)
		}
	}
	slices.Sort(got)
	if s := strings.Join(got, ", "); s != "invitation queued other@example.org, registration.confirmed sent , registration.confirmed sent elsewhere@example.org, registration.message cancelled , registration.verify cancelled , registration.verify cancelled " {
		t.Error(s)
	}
}

// left is how many registrations retention leaves at a time.
func (h *house) left(at time.Time) int {
	h.t.Helper()
	h.at(at)
	if err := h.Purge(ctx); err != nil {
		h.t.Fatal(err)
	}
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(l.Rows)
}

// TestFormsNobodyConfirmed: a form from the web names a mailbox that may know nothing of it.
func TestFormsNobodyConfirmed(t *testing.T) {
	h := open(t, 1, nil)
	if err := h.send(h.Store, "stranger@example.org"); err != nil {
		t.Fatal(err)
	}
	h.join("a@example.org")
	if n := h.left(start.AddDate(0, 0, 13)); n != 2 {
		t.Errorf("after 13 days %d are left", n)
	}
	lettersTo := func(mail string) (n int) {
		t.Helper()
		if err := h.DB.Read().NewRaw("SELECT count(*) FROM letters WHERE to_address = ?", mail).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := lettersTo("a@example.org")
	if lettersTo("stranger@example.org") != 1 || before == 0 {
		t.Error("nobody was asked to confirm")
	}
	if n := h.left(start.AddDate(0, 0, 15)); n != 1 {
		t.Errorf("after 15 days %d are left", n)
	}
	if n := lettersTo("stranger@example.org"); n != 0 {
		t.Errorf("%d letters still name who was deleted", n)
	}
	if n := lettersTo("a@example.org"); n != before {
		t.Errorf("of who stays %d of %d letters are left", n, before)
	}
	h.want("a@example.org", registration.Confirmed)
}

// TestPostponedForGood: people who registered for a meeting that was postponed and never held are not kept for ever.
func TestPostponedForGood(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Keep = 30 })
	h.join("a@example.org")
	h.happens("", func(e *kind.Event) {
		e.Status, e.StatusNote, e.Previous = "postponed", content.L("en", "No new day yet."), e.When
		e.When = content.When{Zone: e.When.Zone, Precision: "tbd"}
	})
	ended := h.value.Previous.Ends()
	if h.left(ended.AddDate(0, 0, 29)) != 1 || h.left(ended.AddDate(0, 0, 31)) != 0 {
		t.Error("they are not kept for 30 days after it was to end")
	}
}

// TestAFormSaysWhatForAgain: who has read why something is asked has not read another reason.
func TestAFormSaysWhatForAgain(t *testing.T) {
	f := func(change func(*registration.Field)) string {
		x := registration.Field{Item: content.Item{ID: "diet"}, Label: content.L("en", "Diet"), Type: "text", Purpose: content.L("en", "Lunch"), Retention: 7}
		if change != nil {
			change(&x)
		}
		form := registration.Form{Fields: []registration.Field{x}}
		return form.Version(i18n.EN, i18n.EN)
	}
	for name, change := range map[string]func(*registration.Field){
		"purpose":   func(x *registration.Field) { x.Purpose = content.L("en", "Research") },
		"retention": func(x *registration.Field) { x.Retention = 700 },
		"sensitive": func(x *registration.Field) { x.Sensitive = true },
	} {
		if f(nil) == f(change) {
			t.Errorf("another %s is the same form", name)
		}
	}
	if f(nil) != f(func(x *registration.Field) { x.Help = content.L("en", "None is fine.") }) {
		t.Error("another hint is another form")
	}
}

// TestNobodyRegistersAsAnother: lists of participants show names.
func TestNobodyRegistersAsAnother(t *testing.T) {
	h := open(t, 1, nil)
	e, err := h.Event(ctx, h.event)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := h.Stamp(ctx, h.event, e.Form.Version(i18n.EN, e.Original))
	if err != nil {
		t.Fatal(err)
	}
	var bad *registration.Invalid
	err = h.Register(ctx, h.event, registration.Submission{Locale: i18n.EN, Stamp: stamp, Values: map[string][]string{"name": {"M\u0430ria Silva"}, "mail": {"a@example.org"}}})
	if !errors.As(err, &bad) || len(bad.Problems) != 1 || bad.Problems[0].Field != "name" || bad.Problems[0].Key != "registration.name_mixed" {
		t.Error(err)
	}
}
