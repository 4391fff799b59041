package auth

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// entries puts entries into the table: id, kind, office, series, event.
func entries(t *testing.T, s *Service, rows ...[5]string) {
	t.Helper()
	if err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, r := range rows {
			if _, err := tx.ExecContext(ctx, "INSERT INTO entries (id, kind, office_id, series_id, event_id) VALUES (?, ?, ?, ?, ?)", r[0], r[1], r[2], r[3], r[4]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func actor(t *testing.T, s *Service, id string) *Actor {
	t.Helper()
	who, err := s.ActorOf(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// people is an office with two partner organisations, o1 led by lead, and an event of each.
func people(t *testing.T) (s *Service, c *clock, manager, lead *Account) {
	s, c = open(t)
	entries(t, s, [5]string{"o1", "organization", "", "", ""}, [5]string{"o2", "organization", "", "", ""}, [5]string{"e1", "event", "o1", "", ""}, [5]string{"e2", "event", "o2", "", ""},
		[5]string{"d1", "document", "o1", "", "e1"}, [5]string{"d2", "document", "o2", "", "e1"})
	manager = create(t, s, "manager@example.org", Grant{Role: SiteManager, Scope: ScopeSite})
	lead = create(t, s, "lead@example.org", Grant{Role: PartnerLead, Scope: ScopeOrganisation, ScopeID: "o1"})
	return s, c, manager, lead
}

// TestNobodyHandsOnMoreThanTheyHave: for random grants, what somebody gives to another lets that one do nothing that they could not
// do themselves, in no language and to no entry, and not for longer.
func TestNobodyHandsOnMoreThanTheyHave(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	ids := map[ScopeKind][]string{ScopeSite: {""}, ScopeOrganisation: {"o1", "o2"}, ScopeSeries: {"s1", "s2"}, ScopeEvent: {"e1", "e2"}}
	grant := func() Grant {
		g := Grant{Role: Roles[rnd.IntN(len(Roles))], Scope: Scopes[rnd.IntN(len(Scopes))], Locale: i18n.Locale(pick("", "", "fr"))}
		if rnd.IntN(2) == 0 {
			g.Role = PartnerLead
			g.Scope = ScopeOrganisation
		}
		g.ScopeID = pick(ids[g.Scope]...)
		if rnd.IntN(3) == 0 {
			t := soon.Add(time.Duration(1+rnd.IntN(3)) * time.Hour)
			g.Until = &t
		}
		return g
	}
	objects := func() (out []Object) {
		for _, kind := range []string{"event", "person", "document"} {
			for _, office := range []string{"", "o1", "o2"} {
				for _, series := range []string{"", "s1"} {
					for _, event := range []string{"", "e1"} {
						out = append(out, Object{Kind: kind, ID: "x", Office: office, Series: series, Event: event}, Object{Kind: kind, ID: "x", Office: office, Series: series, Event: event, Locale: "fr"},
							Object{Kind: kind, ID: "x", Office: office, Series: series, Event: event, Locale: "es", Original: true})
					}
				}
			}
		}
		return out
	}()
	handed := 0
	for range 4000 {
		var own []Grant
		for range 1 + rnd.IntN(2) {
			own = append(own, grant())
		}
		me := newActor(Account{ID: "me"}, own, soon)
		g := grant()
		on := Object{ID: g.ScopeID, Kind: entryKinds[g.Scope], Office: pick("", "o1", "o2")}
		if g.Scope == ScopeOrganisation {
			on.Office = ""
		}
		if rnd.IntN(2) == 0 && (g.Scope == ScopeEvent || g.Scope == ScopeSeries) {
			g.Office = on.Office
		}
		if len(inForce([]Grant{g}, soon)) == 0 || !me.MayHand(g, on) {
			continue
		}
		if me.Can(ManageUsers, Object{}) {
			continue // gives what somebody has to be given
		}
		handed++
		for _, later := range []time.Duration{0, time.Hour, 2 * time.Hour, 4 * time.Hour} {
			now := soon.Add(later)
			you, me := newActor(Account{ID: "you"}, []Grant{g}, now), newActor(Account{ID: "me"}, own, now)
			for _, action := range Actions {
				for _, o := range objects {
					if g.Scope == ScopeEvent && o.Event == g.ScopeID || g.Scope == ScopeSeries && o.Series == g.ScopeID || g.Scope == ScopeOrganisation {
						o.Author = "you"
						mine := o
						mine.Author = "me"
						if you.Can(action, o) && !me.Can(action, mine) {
							t.Fatalf("%+v\nhanded on %+v: may %s %+v after %s, and who gave it may not", own, g, action, o, later)
						}
					}
				}
			}
		}
	}
	if handed < 200 {
		t.Errorf("only %d grants were handed on", handed)
	}
}

func TestALeadLooksAfterTheOwnPeople(t *testing.T) {
	s, c, manager, lead := people(t)
	mine := create(t, s, "mine@example.org")
	if err := s.Update(ctx, program, Account{ID: mine.ID, Email: mine.Email, Name: mine.Name, Organization: "o1"}); err != nil {
		t.Fatal(err)
	}
	stranger := create(t, s, "stranger@example.org", Grant{Role: Editor, Scope: ScopeSite})
	who := actor(t, s, lead.ID)
	field := func(err error) string {
		var bad Invalid
		if errors.As(err, &bad) {
			for f := range bad {
				return f
			}
		}
		return fmt.Sprint(err)
	}
	tomorrow := c.now().Add(24 * time.Hour)
	for _, x := range []struct {
		what string
		g    Grant
		want string
	}{
		{"a role they do not have", Grant{AccountID: mine.ID, Role: Moderator, Scope: ScopeOrganisation, ScopeID: "o1"}, "role"},
		{"an editor", Grant{AccountID: mine.ID, Role: Editor, Scope: ScopeOrganisation, ScopeID: "o1"}, "role"},
		{"the whole site", Grant{AccountID: mine.ID, Role: Translator, Scope: ScopeSite}, "role"},
		{"another organisation", Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o2"}, "scope_id"},
		{"another's event", Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e2"}, "scope_id"},
		{"an event that is not there", Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e9"}, "scope_id"},
		{"an administrator", Grant{AccountID: mine.ID, Role: Admin, Scope: ScopeSite}, "not allowed"},
		{"somebody else's people", Grant{AccountID: stranger.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}, "not found"},
		{"nobody", Grant{AccountID: "nobody", Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}, "not found"},
		{"their own", Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}, "<nil>"},
		{"a translator", Grant{AccountID: mine.ID, Role: Translator, Scope: ScopeOrganisation, ScopeID: "o1", Locale: "fr", Until: &tomorrow}, "<nil>"},
		{"an event of theirs", Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1", Until: &tomorrow}, "<nil>"},
	} {
		if _, err := s.AddGrant(ctx, who, x.g); field(err) != x.want {
			t.Errorf("%s: %v, want %s", x.what, err, x.want)
		}
	}
	// Of the event, what is the organisation's: the document of another that belongs to it stays out of reach.
	got := actor(t, s, mine.ID)
	for id, want := range map[string]bool{"d1": true, "d2": false, "e1": true, "e2": false} {
		o, err := s.object(ctx, s.db.Read(), id)
		if err != nil || got.Can(Read, o) != want || want != who.Can(Read, o) {
			t.Errorf("%s: the appointed %v, the lead %v, want %v: %v", id, got.Can(Read, o), who.Can(Read, o), want, err)
		}
	}
	// What the office gave is not theirs to change.
	g, err := s.AddGrant(ctx, actor(t, s, manager.ID), Grant{AccountID: mine.ID, Role: EventAssistant, Scope: ScopeEvent, ScopeID: "e1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveGrant(ctx, who, g.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("taking away what the office gave: %v", err)
	}
	if err := s.RemoveGrant(ctx, who, "nothing"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("taking away nothing: %v", err)
	}
	// The same role on the whole event, given by the office, is not cut down by giving it again.
	if _, err := s.AddGrant(ctx, actor(t, s, manager.ID), Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1", Locale: "es"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddGrant(ctx, who, Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1", Locale: "es", Until: &tomorrow}); field(err) != "role" {
		t.Errorf("shortening what the office gave: %v", err)
	}
	list, n, err := s.Holdings(ctx, who, HoldingFilter{}, Paging{})
	if err != nil || n != len(list) {
		t.Fatal(n, err)
	}
	may := 0
	for _, h := range list {
		if h.ScopeID == "" || h.ScopeID == "o2" || h.ScopeID == "e2" {
			t.Errorf("a lead sees %+v", h)
		}
		if h.May {
			may++
			if err := s.RemoveGrant(ctx, who, h.ID); err != nil && h.AccountID != lead.ID {
				t.Errorf("%+v: %v", h.Grant, err)
			}
		}
	}
	if may < 4 || may >= len(list) {
		t.Errorf("%d of %d are theirs", may, len(list))
	}
	// Accounts are not: neither addresses, nor passwords, nor closing them.
	for what, err := range map[string]error{"password": s.SetPassword(ctx, who, mine.ID, "a long way to the sea"), "close": s.Disable(ctx, who, mine.ID, true),
		"rename": s.Update(ctx, who, Account{ID: mine.ID, Email: "lead2@example.org", Name: "x"})} {
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, err := s.Holdings(ctx, actor(t, s, stranger.ID), HoldingFilter{}, Paging{}); !errors.Is(err, ErrForbidden) {
		t.Errorf("an editor lists rights: %v", err)
	}
}

// TestNothingOutlastsWhoGaveIt: neither a lead nor a manager whose time ends gives anything for longer.
func TestNothingOutlastsWhoGaveIt(t *testing.T) {
	s, c, _, _ := people(t)
	friday, later := c.now().Add(100*time.Hour), c.now().Add(200*time.Hour)
	for _, g := range []Grant{{Role: SiteManager, Scope: ScopeSite, Until: &friday}, {Role: PartnerLead, Scope: ScopeOrganisation, ScopeID: "o1", Until: &friday}} {
		boss := create(t, s, "boss"+string(g.Role)+"@example.org", g)
		mine := create(t, s, "mine"+string(g.Role)+"@example.org")
		if err := s.Update(ctx, program, Account{ID: mine.ID, Email: mine.Email, Name: mine.Name, Organization: "o1"}); err != nil {
			t.Fatal(err)
		}
		for _, until := range []*time.Time{nil, &later, &friday} {
			_, err := s.AddGrant(ctx, actor(t, s, boss.ID), Grant{AccountID: mine.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1", Until: until})
			var bad Invalid
			if (until == &friday) != (err == nil) || err != nil && (!errors.As(err, &bad) || bad["until"] == "") {
				t.Errorf("%s until %v: %v", g.Role, until, err)
			}
		}
	}
}

func TestInvitations(t *testing.T) {
	s, c, manager, lead := people(t)
	token := ""
	invite := func(by *Account, email string, g Grant) (*Invitation, error) {
		t.Helper()
		return s.Invite(ctx, actor(t, s, by.ID), Invitation{Email: email, Locale: "fr", Organization: "o1", Grant: g}, func(_ context.Context, _ bun.Tx, _ Invitation, made string) error {
			token = made
			return nil
		})
	}
	friday := c.now().Add(60 * time.Hour)
	partner := Grant{Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1", Locale: "fr", Until: &friday}
	v, err := invite(lead, "New@example.org", partner)
	if err != nil || len(token) != 43 || v.Grant.Office != "o1" || !v.ExpiresAt.Equal(friday.Truncate(time.Microsecond)) {
		t.Fatalf("%+v %v", v, err)
	}
	if _, err := s.ByEmail(ctx, program, "new@example.org"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("an account is prepared: %v", err)
	}
	for range 3 { // looking changes nothing
		if got, err := s.Invited(ctx, token); err != nil || got.Known || got.ByName != lead.Name {
			t.Fatalf("%+v %v", got, err)
		}
	}
	for _, x := range []struct{ name, pass, field string }{{"", password, "name"}, {"New", "short", "password"}, {"New", "", "password"}} {
		_, _, err := s.Accept(ctx, token, NewAccount{Name: x.name, Password: x.pass})
		var bad Invalid
		if !errors.As(err, &bad) || bad[x.field] == "" {
			t.Errorf("%q %q: %v", x.name, x.pass, err)
		}
	}
	// The address that is sent counts for nothing; neither does an organisation.
	a, known, err := s.Accept(ctx, token, NewAccount{Name: "New", Password: password, Email: "evil@example.org", Organization: "o2", Locale: "fr"})
	if err != nil || known || a.Email != "New@example.org" || a.Organization != "o1" {
		t.Fatalf("%+v %v %v", a, known, err)
	}
	got := actor(t, s, a.ID)
	if !got.Can(EditText, Object{Kind: "event", ID: "e1", Office: "o1", Locale: "fr"}) || got.Can(EditText, Object{Kind: "event", ID: "e1", Office: "o1", Locale: "es"}) || got.Can(Read, Object{Kind: "event", ID: "e2", Office: "o2"}) {
		t.Errorf("what the invitation gave: %+v", got.Grants())
	}
	if _, _, err := s.Accept(ctx, token, NewAccount{Name: "New", Password: password}); !errors.Is(err, ErrInvited) {
		t.Errorf("twice: %v", err)
	}
	signIn(t, s, "new@example.org")
	c.forward(61 * time.Hour)
	if actor(t, s, a.ID).Can(Read, Object{Kind: "event", ID: "e1", Office: "o1"}) {
		t.Error("reads after Friday")
	}

	// To an address that has an account: the grant, and nothing else. A link never opens somebody's account.
	partner.Until = nil
	partner.Locale = "es"
	if _, err := invite(manager, "new@example.org", partner); err != nil {
		t.Fatal(err)
	}
	if b, known, err := s.Accept(ctx, token, NewAccount{Name: "Other name", Password: "another long way to the river"}); err != nil || !known || b.ID != a.ID {
		t.Fatalf("%+v %v %v", b, known, err)
	}
	signIn(t, s, "new@example.org") // by the old password
	if now, err := s.Get(ctx, program, a.ID); err != nil || now.Name != "New" {
		t.Errorf("%+v %v", now, err)
	}

	// Taken back, given again, too old, and from somebody who may not give it any more.
	ended := func(what string) {
		t.Helper()
		if _, err := s.Invited(ctx, token); !errors.Is(err, ErrInvited) {
			t.Errorf("%s, looking: %v", what, err)
		}
		if _, _, err := s.Accept(ctx, token, NewAccount{Name: "New", Password: password}); !errors.Is(err, ErrInvited) {
			t.Errorf("%s: %v", what, err)
		}
	}
	org := Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}
	v, err = invite(lead, "second@example.org", org)
	if err != nil {
		t.Fatal(err)
	}
	foreign := create(t, s, "foreign@example.org", Grant{Role: PartnerLead, Scope: ScopeOrganisation, ScopeID: "o2"})
	for _, id := range []string{v.ID, "nothing"} {
		if err := s.RevokeInvitation(ctx, actor(t, s, foreign.ID), id, true); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another's lead takes it back: %v", err)
		}
	}
	if list, n, err := s.Invitations(ctx, actor(t, s, foreign.ID), Paging{}); err != nil || n != 0 || len(list) != 0 {
		t.Errorf("another's lead sees %v %v", list, err)
	}
	if err := s.RevokeInvitation(ctx, actor(t, s, lead.ID), v.ID, true); err != nil {
		t.Fatal(err)
	}
	ended("taken back")
	if err := s.RevokeInvitation(ctx, actor(t, s, lead.ID), v.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invited(ctx, token); err != nil {
		t.Errorf("given again: %v", err)
	}
	c.forward(8 * 24 * time.Hour)
	ended("a week old")
	if _, err = invite(lead, "second@example.org", org); err != nil {
		t.Fatal(err)
	}
	grants, err := s.Grants(ctx, program, lead.ID)
	if err != nil || len(grants) != 1 {
		t.Fatal(grants, err)
	}
	boss := actor(t, s, lead.ID)
	if err := s.RemoveGrant(ctx, program, grants[0].ID); err != nil {
		t.Fatal(err)
	}
	ended("who gave it leads no more")
	if _, err := s.Invite(ctx, actor(t, s, lead.ID), Invitation{Email: "x@example.org", Grant: org}, nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("who leads no more invites: %v", err)
	}
	_ = boss

	// Above oneself, and too many.
	_, err = invite(manager, "admin2@example.org", Grant{Role: Admin, Scope: ScopeSite})
	if !errors.Is(err, ErrForbidden) {
		t.Errorf("a manager invites an administrator: %v", err)
	}
	for i := range maxToOne + 1 {
		_, err = invite(manager, "third@example.org", org)
		var bad Invalid
		if want := i < maxToOne; (err == nil) != want || err != nil && (!errors.As(err, &bad) || bad["email"] == "") {
			t.Errorf("the %dth to one mailbox: %v", i+1, err)
		}
	}
	if _, err := invite(manager, "no address", org); err == nil {
		t.Error("no address")
	}
}

// TestAnInvitationIsTakenUpOnce however many press at once.
func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	s, _, manager, _ := people(t)
	token := ""
	if _, err := s.Invite(ctx, actor(t, s, manager.ID), Invitation{Email: "new@example.org", Grant: Grant{Role: Observer, Scope: ScopeSite}}, func(_ context.Context, _ bun.Tx, _ Invitation, made string) error {
		token = made
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			_, _, err := s.Accept(ctx, token, NewAccount{Name: "New", Password: password})
			done <- err
		}()
	}
	ok := 0
	for range cap(done) {
		if err := <-done; err == nil {
			ok++
		} else if !errors.Is(err, ErrInvited) && !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
	}
	if ok != 1 {
		t.Errorf("taken up %d times", ok)
	}
}

func TestHalfYearlyConfirmation(t *testing.T) {
	s, c, manager, lead := people(t)
	a := create(t, s, "mine@example.org")
	if err := s.Update(ctx, program, Account{ID: a.ID, Email: a.Email, Name: a.Name, Organization: "o1"}); err != nil {
		t.Fatal(err)
	}
	g, err := s.AddGrant(ctx, actor(t, s, lead.ID), Grant{AccountID: a.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"})
	if err != nil {
		t.Fatal(err)
	}
	of := func(list []Notice) *Notice {
		for i := range list {
			if list[i].ID == g.ID {
				return &list[i]
			}
		}
		return nil
	}
	due := func() (ask, ending, warn *Notice) {
		t.Helper()
		x, y, z, err := s.DueGrants(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return of(x), of(y), of(z)
	}
	mark := func(f func(ctx context.Context, tx bun.Tx) error) {
		t.Helper()
		if err := s.db.InTx(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	reads := func() bool { return actor(t, s, a.ID).Can(Read, Object{Kind: "event", ID: "e1", Office: "o1"}) }
	if x, y, z := due(); x != nil || y != nil || z != nil {
		t.Fatal("due at once")
	}
	round := func() {
		t.Helper()
		c.forward(ConfirmEvery + time.Hour)
		x, y, _ := due()
		if x == nil || y != nil || len(x.By) != 1 || x.By[0].ID != lead.ID {
			t.Fatalf("after half a year: %+v %+v", x, y)
		}
		mark(func(ctx context.Context, tx bun.Tx) error {
			for i := range 2 {
				if ok, err := s.MarkAsked(ctx, tx, g.ID); err != nil || ok != (i == 0) {
					t.Errorf("asked the %dth time: %v %v", i+1, ok, err)
				}
			}
			return nil
		})
		if x, y, _ := due(); x != nil || y != nil {
			t.Fatal("asked twice")
		}
		if list, n, err := s.Holdings(ctx, actor(t, s, lead.ID), HoldingFilter{Due: true}, Paging{}); err != nil || n != 1 || list[0].ID != g.ID {
			t.Errorf("waits: %v %v", list, err)
		}
	}
	round()
	if err := s.ConfirmGrant(ctx, actor(t, s, a.ID), g.ID); !errors.Is(err, ErrForbidden) {
		t.Errorf("the holder confirms it: %v", err)
	}
	if err := s.ConfirmGrant(ctx, actor(t, s, lead.ID), g.ID); err != nil {
		t.Fatal(err)
	}
	c.forward(ConfirmWait + time.Hour)
	if _, y, _ := due(); y != nil || !reads() {
		t.Fatal("confirmed, and ends")
	}
	round() // half a year later nobody answers
	c.forward(ConfirmWait + time.Hour)
	_, y, _ := due()
	if y == nil || y.Holder.ID != a.ID {
		t.Fatal("nobody is told")
	}
	mark(func(ctx context.Context, tx bun.Tx) error {
		_, ok, err := s.MarkEnding(ctx, tx, y.Grant)
		if !ok {
			t.Error("not marked")
		}
		return err
	})
	if !reads() {
		t.Error("ended before its time")
	}
	c.forward(ConfirmEnd - time.Minute)
	if !reads() {
		t.Error("ended a minute early")
	}
	c.forward(time.Minute)
	if reads() {
		t.Error("goes on though nobody has confirmed it")
	}
	// Late, and not too late.
	if err := s.ConfirmGrant(ctx, actor(t, s, manager.ID), g.ID); err != nil || !reads() {
		t.Errorf("confirmed late: %v", err)
	}
	// Nobody confirms their own, unless there may be nobody else.
	own, err := s.Grants(ctx, program, lead.ID)
	if err != nil || len(own) != 1 {
		t.Fatal(own, err)
	}
	if err := s.ConfirmGrant(ctx, actor(t, s, lead.ID), own[0].ID); err == nil {
		t.Error("a lead confirms the own right to lead")
	}
	soonOver := c.now().Add(30 * 24 * time.Hour)
	if _, err := s.AddGrant(ctx, actor(t, s, manager.ID), Grant{AccountID: a.ID, Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1", Until: &soonOver}); err != nil {
		t.Fatal(err)
	}
	if _, _, z := due(); z != nil {
		t.Error("told a month before the end")
	}
	c.forward(24 * 24 * time.Hour)
	if _, _, z := due(); z == nil {
		t.Error("not told of the end")
	}
}

func TestSeeingAsAPartner(t *testing.T) {
	s, c, manager, lead := people(t)
	partner := create(t, s, "partner@example.org", Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"})
	admin := create(t, s, "admin@example.org", Grant{Role: Admin, Scope: ScopeSite})
	clears := create(t, s, "clears@example.org", Grant{Role: ClearingOfficer, Scope: ScopeSite})
	other := create(t, s, "other@example.org", Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o2"})
	token, _ := signIn(t, s, manager.Email)
	me := func() *Actor {
		t.Helper()
		who, err := s.ActorBySession(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	for what, id := range map[string]string{"an administrator": admin.ID, "who may clear": clears.ID, "oneself": manager.ID, "nobody": "nobody"} {
		if err := s.See(ctx, me(), id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("as %s: %v", what, err)
		}
	}
	if err := s.See(ctx, me(), partner.ID); err != nil {
		t.Fatal(err)
	}
	who := me()
	if who.ID != partner.ID || who.SeenBy() == nil || who.SeenBy().ID != manager.ID || who.Can(ManageUsers, Object{}) || !who.Can(Read, Object{Kind: "event", ID: "e1", Office: "o1"}) || who.Can(Read, Object{Kind: "event", ID: "e2", Office: "o2"}) {
		t.Fatalf("%+v", who)
	}
	// Nothing is changed in another's name.
	if err := s.Update(ctx, who, Account{ID: partner.ID, Email: partner.Email, Name: "Renamed"}); !errors.Is(err, ErrForbidden) {
		t.Errorf("renamed: %v", err)
	}
	if err := s.See(ctx, who, other.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("from one to the next: %v", err)
	}
	// What is read of people meanwhile was read by who looks.
	if err := AuditSitting(ctx, s.db, who, "registrants.read", Object{Kind: "event", ID: "e1", Office: "o1"}, nil); err != nil {
		t.Error(err)
	}
	for id, want := range map[string]int{manager.ID: 1, partner.ID: 0} {
		if _, n, err := s.AuditLog(ctx, program, AuditFilter{Actor: id, Action: "registrants.read"}, Paging{}); err != nil || n != want {
			t.Errorf("%s has read %d times, %v", id, n, err)
		}
	}
	// Whoever is given more meanwhile is not looked at any more.
	g, err := s.AddGrant(ctx, program, Grant{AccountID: partner.ID, Role: ClearingOfficer, Scope: ScopeSite})
	if err != nil {
		t.Fatal(err)
	}
	if me().ID != manager.ID {
		t.Error("sees as somebody who may more by now")
	}
	if err := s.RemoveGrant(ctx, program, g.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.See(ctx, me(), ""); err != nil || me().ID != manager.ID || me().SeenBy() != nil {
		t.Errorf("ended: %v", err)
	}
	if err := s.See(ctx, me(), partner.ID); err != nil {
		t.Fatal(err)
	}
	c.forward(seeFor)
	if me().ID != manager.ID {
		t.Error("goes on for ever")
	}
	lines, _, err := s.AuditLog(ctx, program, AuditFilter{Actor: manager.ID}, Paging{})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, l := range lines {
		seen = append(seen, l.Action)
	}
	if n := len(seen); n < 3 || !slices.Contains(seen, "account.see") || !slices.Contains(seen, "account.see_end") {
		t.Errorf("in the log: %v", seen)
	}
	token, _ = signIn(t, s, lead.Email)
	for id, want := range map[string]bool{partner.ID: true, other.ID: false, manager.ID: false} {
		if err := s.See(ctx, me(), id); (err == nil) != want {
			t.Errorf("a lead as %s: %v", id, err)
		}
		if err := s.See(ctx, me(), ""); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhyEqualsCan: what the explanation says is what Can says, for random grants; and each role it names as missing would do.
func TestWhyEqualsCan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	yes, no := 0, 0
	for range 3000 {
		var grants []Grant
		for range rnd.IntN(3) {
			g := Grant{Role: Roles[rnd.IntN(len(Roles))], Scope: Scopes[rnd.IntN(len(Scopes))], Locale: i18n.Locale(pick("", "fr"))}
			if g.Scope != ScopeSite {
				g.ScopeID = map[ScopeKind]string{ScopeOrganisation: "o1", ScopeSeries: "s1", ScopeEvent: "e1"}[g.Scope]
			}
			grants = append(grants, g)
		}
		who := actorWith(grants...)
		o := Object{Kind: "event", ID: pick("e1", "e2"), Office: pick("", "o1"), Series: pick("", "s1"), Author: pick("me", "you")}
		action := Actions[rnd.IntN(len(Actions))]
		r := who.Why(action, o, []i18n.Locale{"en", "fr"}, "en")
		can := who.Can(action, o)
		if perLocale[action] {
			en, fr := o, o
			en.Locale, en.Original, fr.Locale = "en", true, "fr"
			can = who.Can(action, en) || who.Can(action, fr)
		}
		if r.Allowed() != can {
			t.Fatalf("%+v %s %+v: the explanation says %v", grants, action, o, r.Allowed())
		}
		if can {
			yes++
			continue
		}
		no++
		if len(r.Roles) == 0 && action != Clear && action != SignOff {
			t.Fatalf("%s of %+v: no role is named", action, o)
		}
	}
	if yes < 200 || no < 200 {
		t.Errorf("%d allowed, %d refused", yes, no)
	}
}
