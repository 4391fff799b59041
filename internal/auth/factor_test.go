package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

func untold(context.Context, bun.Tx, Account) error { return nil }

// enrol gives an account an app that makes codes, and signs in by it.
func enrol(t *testing.T, s *Service, who *Actor, now time.Time) (secret string, codes []string) {
	t.Helper()
	app, err := s.BeginApp(ctx, who, "Office", home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddApp(ctx, who, app.Token, "000000", untold); !fieldIs(err, "code", "auth.code_wrong") {
		t.Fatalf("a wrong code: %v", err)
	}
	added, err := s.AddApp(ctx, who, app.Token, totp(app.Secret, now.Unix()/totpStep), untold)
	if err != nil {
		t.Fatal(err)
	}
	if len(added.Codes) != recoveryCodes || added.Token == "" {
		t.Fatalf("%+v", added)
	}
	return app.Secret, added.Codes
}

func stepToken(t *testing.T, s *Service, email string, from From) string {
	t.Helper()
	_, err := s.SignIn(ctx, email, password, from)
	var step *StepError
	if !errors.As(err, &step) {
		t.Fatalf("no second step: %v", err)
	}
	return step.Token
}

// RFC 6238, appendix B, to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := secretAlphabet.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totp(secret, at/totpStep); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	now := time.Unix(1111111111, 0)
	for d, want := range map[time.Duration]bool{0: true, -30 * time.Second: true, 30 * time.Second: true, -60 * time.Second: false, 60 * time.Second: false} {
		if got := stepOf(secret, totp(secret, now.Add(d).Unix()/totpStep), 0, now) != 0; got != want {
			t.Errorf("%v apart: %v", d, got)
		}
	}
}

// P47: a second factor is asked after the password, and each code is good once, whoever comes with it at the same time.
func TestSecondStep(t *testing.T) {
	s, clock := open(t)
	a := create(t, s, "a@example.org", onSite)
	token, who := signIn(t, s, "a@example.org")
	secret, codes := enrol(t, s, who, clock.now())
	clock.forward(renewedFor + time.Second)
	if _, err := s.ActorBySession(ctx, token); !errors.Is(err, ErrSession) {
		t.Errorf("the token from before: %v", err)
	}
	code := func() string { return totp(secret, clock.now().Unix()/totpStep) }

	clock.forward(time.Minute)
	step := stepToken(t, s, "a@example.org", home)
	if _, err := s.ActorBySession(ctx, step); !errors.Is(err, ErrSession) {
		t.Error("the token of the step is a session")
	}
	o, err := s.FinishStep(ctx, step, " "+code()[:3]+" "+code()[3:], home)
	if err != nil || o.Actor.ID != a.ID || !o.Actor.Can(Publish, Object{Kind: "event"}) {
		t.Fatalf("%v", err)
	}
	if _, err := s.FinishStep(ctx, step, code(), home); !errors.Is(err, ErrStep) {
		t.Errorf("the step once more: %v", err)
	}
	if _, err := s.FinishStep(ctx, stepToken(t, s, "a@example.org", home), code(), home); !fieldIs(err, "code", "auth.code_wrong") {
		t.Errorf("the code once more: %v", err)
	}
	for name, c := range map[string]func() string{"the app's": code, "for recovery": func() string { return strings.ToUpper(codes[0]) }} {
		clock.forward(window + time.Second)
		var wg sync.WaitGroup
		results := make(chan error, 4)
		for range 4 {
			step := stepToken(t, s, "a@example.org", home)
			wg.Go(func() { _, err := s.FinishStep(ctx, step, c(), home); results <- err })
		}
		wg.Wait()
		close(results)
		n := 0
		for err := range results {
			if err == nil {
				n++
			} else if !fieldIs(err, "code", "auth.code_wrong") {
				t.Error(err)
			}
		}
		if n != 1 {
			t.Errorf("a code %s let in %d", name, n)
		}
	}
	var kept []string
	if err := s.db.Read().NewSelect().Table("recovery_codes").Column("hash").Scan(ctx, &kept); err != nil || len(kept) != recoveryCodes-1 {
		t.Errorf("%d codes kept: %v", len(kept), err)
	}
	for _, c := range codes {
		if slices.Contains(kept, c) || slices.Contains(kept, strings.ReplaceAll(c, "-", "")) {
			t.Error("a code is kept as it is")
		}
	}

	// After five wrong ones the password is asked again; after eight by strangers nobody of them is let try, and the owner is,
	// by a browser that is known.
	clock.forward(2 * time.Hour)
	step = stepToken(t, s, "a@example.org", away)
	for i := range perCeremony {
		if _, err := s.FinishStep(ctx, step, "123456", away); !fieldIs(err, "code", "auth.code_wrong") {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if _, err := s.FinishStep(ctx, step, code(), away); !errors.Is(err, ErrStep) {
		t.Errorf("a right code after five wrong ones: %v", err)
	}
	var slow *ThrottledError
	n := 0
	for ; n < 50 && !errors.As(err, &slow); n++ {
		_, err = s.FinishStep(ctx, stepToken(t, s, "a@example.org", From{IP: away.IP, Device: o.Device}), "123456", at(198, 18, byte(n)))
	}
	if n != byStranger-perCeremony+1 {
		t.Errorf("%d more guesses", n-1)
	}
	known := From{IP: away.IP, Device: o.Device}
	if _, err := s.FinishStep(ctx, stepToken(t, s, "a@example.org", known), code(), known); err != nil {
		t.Errorf("the owner meanwhile: %v", err)
	}
	// A step that was begun before the sessions were ended is over.
	step = stepToken(t, s, "a@example.org", known)
	if err := s.SetPassword(ctx, program, a.ID, "another long password"); err != nil {
		t.Fatal(err)
	}
	clock.forward(time.Minute)
	if _, err := s.FinishStep(ctx, step, code(), known); !errors.Is(err, ErrStep) {
		t.Errorf("after the password was changed: %v", err)
	}
}

// A role that asks for a second factor gives nothing before there is one, and the last one stays.
func TestRequiredFactor(t *testing.T) {
	s, clock := open(t)
	s.Required = func() []Role { return []Role{Editor} }
	create(t, s, "a@example.org", onSite)
	create(t, s, "b@example.org", Grant{Role: Observer, Scope: ScopeSite})
	if _, b := signIn(t, s, "b@example.org"); b.Unfinished {
		t.Error("asked of another role")
	}
	token, who := signIn(t, s, "a@example.org")
	if !who.Unfinished || who.Can(Read, Object{Kind: "event"}) {
		t.Fatalf("unfinished %v", who.Unfinished)
	}
	enrol(t, s, who, clock.now())
	who, err := s.ActorBySession(ctx, token)
	if err != nil || who.Unfinished || !who.Can(Read, Object{Kind: "event"}) {
		t.Fatalf("after setting it up: %+v, %v", who, err)
	}
	f, err := s.Factors(ctx, who, who.ID)
	if err != nil || len(f.List) != 1 || !f.Required {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := s.RemoveFactor(ctx, who, f.List[0].ID, untold); !fieldIs(err, "factor", "auth.factor_required") {
		t.Errorf("the last one: %v", err)
	}
	s.Required = nil
	if err := s.RemoveFactor(ctx, who, f.List[0].ID, untold); err != nil {
		t.Error(err)
	}
	if n, _ := s.db.Read().NewSelect().Table("recovery_codes").Count(ctx); n != 0 {
		t.Errorf("%d recovery codes of no use", n)
	}
}

// An open session alone changes nothing of what one signs in with; nor does anybody else's.
func TestFactorsAreTheirOwners(t *testing.T) {
	s, clock := open(t)
	a := create(t, s, "a@example.org", onSite)
	create(t, s, "b@example.org", onSite)
	create(t, s, "manager@example.org", Grant{Role: SiteManager, Scope: ScopeSite})
	admin := create(t, s, "admin@example.org", Grant{Role: Admin, Scope: ScopeSite})
	token, who := signIn(t, s, "a@example.org")
	enrol(t, s, who, clock.now())
	f, _ := s.Factors(ctx, who, a.ID)
	_, b := signIn(t, s, "b@example.org")
	if err := s.RemoveFactor(ctx, b, f.List[0].ID, untold); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a foreign one: %v", err)
	}
	if _, err := s.Factors(ctx, b, a.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a foreign list: %v", err)
	}
	app, err := s.BeginApp(ctx, b, "Office", home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddApp(ctx, who, app.Token, totp(app.Secret, clock.now().Unix()/totpStep), untold); !errors.Is(err, ErrStep) {
		t.Errorf("an app that another set up: %v", err)
	}
	clock.forward(confirmedFor + time.Second)
	who, err = s.ActorBySession(ctx, token)
	if err == nil {
		t.Error("the old token lives on")
	}
	who = &Actor{Account: *a, SessionID: b.SessionID, ConfirmedAt: clock.now().Add(-confirmedFor - time.Second)}
	for name, err := range map[string]error{
		"remove": s.RemoveFactor(ctx, who, f.List[0].ID, untold),
		"app":    func() error { _, err := s.BeginApp(ctx, who, "Office", home); return err }(),
		"codes":  func() error { _, err := s.NewCodes(ctx, who, untold); return err }(),
		"unlink": s.Unlink(ctx, who, a.ID),
		"mail":   s.AskAddress(ctx, who, "c@example.org", func(context.Context, bun.Tx, Account, Half) error { return nil }),
	} {
		if !errors.Is(err, ErrConfirm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Confirm(ctx, b, "wrong wrong wrong"); !fieldIs(err, "old", "auth.old_password_wrong") {
		t.Errorf("%v", err)
	}
	if err := s.Confirm(ctx, b, password); err != nil {
		t.Error(err)
	}
	// A lost device: those who manage accounts, not oneself, and an administrator's by administrators only.
	_, manager := signIn(t, s, "manager@example.org")
	told := 0
	tell := func(_ context.Context, _ bun.Tx, x Account) error { told++; return nil }
	for name, err := range map[string]error{"an editor": s.ResetFactors(ctx, b, a.ID, tell), "oneself": s.ResetFactors(ctx, manager, manager.ID, tell), "an administrator": s.ResetFactors(ctx, manager, admin.ID, tell)} {
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.ResetFactors(ctx, manager, a.ID, tell); err != nil || told != 1 {
		t.Errorf("%v, told %d", err, told)
	}
	if _, who := signIn(t, s, "a@example.org"); who.ID != a.ID {
		t.Error("the password does not let in alone")
	}
}

// P45: the session has another token after a change of rights; the one before is good for what is on its way and no longer.
func TestTokensAreRenewed(t *testing.T) {
	s, clock := open(t)
	a := create(t, s, "a@example.org")
	token, who := signIn(t, s, "a@example.org")
	if who.Stale {
		t.Error("stale at once")
	}
	if _, err := s.AddGrant(ctx, program, Grant{AccountID: a.ID, Role: Editor, Scope: ScopeSite}); err != nil {
		t.Fatal(err)
	}
	who, err := s.ActorBySession(ctx, token)
	if err != nil || !who.Stale || !who.Can(Publish, Object{Kind: "event"}) {
		t.Fatalf("%+v, %v", who, err)
	}
	var wg sync.WaitGroup
	fresh := make(chan string, 4)
	for range 4 {
		wg.Go(func() {
			f, err := s.Renew(ctx, token)
			if err != nil {
				t.Error(err)
			}
			if f != "" {
				fresh <- f
			}
		})
	}
	wg.Wait()
	close(fresh)
	if len(fresh) != 1 {
		t.Fatalf("renewed %d times", len(fresh))
	}
	next := <-fresh
	for _, x := range []string{token, next} {
		if who, err := s.ActorBySession(ctx, x); err != nil || who.Stale {
			t.Errorf("%v", err)
		}
	}
	clock.forward(renewedFor + time.Second)
	if _, err := s.ActorBySession(ctx, token); !errors.Is(err, ErrSession) {
		t.Errorf("the old token: %v", err)
	}
	if _, err := s.ActorBySession(ctx, next); err != nil {
		t.Error(err)
	}
}

// P46: both mailboxes agree, in whatever order, before the address changes; then all sessions end.
func TestChangeOfAddress(t *testing.T) {
	s, clock := open(t)
	a := create(t, s, "old@example.org")
	create(t, s, "taken@example.org")
	token, who := signIn(t, s, "old@example.org")
	ask := func(email string) (halves []Half) {
		t.Helper()
		if err := s.AskAddress(ctx, who, email, func(_ context.Context, _ bun.Tx, _ Account, h Half) error { halves = append(halves, h); return nil }); err != nil {
			t.Fatal(err)
		}
		return halves
	}
	told := ""
	agree := func(h Half, yes bool) (bool, error) {
		return s.AgreeAddress(ctx, h.Token, yes, func(_ context.Context, _ bun.Tx, x Account, old string) error { told = old + " " + x.Email; return nil })
	}
	if h := ask("taken@example.org"); len(h) != 1 || h[0].To != "old@example.org" {
		t.Fatalf("%+v", h)
	} else if done, err := agree(h[0], true); done || err != nil {
		t.Errorf("an address of another: %v, %v", done, err)
	}
	h := ask("new@example.org")
	if len(h) != 2 || h[0].To != "old@example.org" || h[1].To != "new@example.org" {
		t.Fatalf("%+v", h)
	}
	if done, err := agree(h[1], true); done || err != nil {
		t.Fatalf("one of two: %v, %v", done, err)
	}
	if _, err := agree(h[1], true); !errors.Is(err, ErrStep) {
		t.Errorf("the same once more: %v", err)
	}
	if _, err := agree(h[0], false); err != nil {
		t.Fatal(err)
	}
	if _, err := agree(h[0], true); !errors.Is(err, ErrStep) {
		t.Errorf("yes after no: %v", err)
	}
	h = ask("new@example.org")
	clock.forward(addressValid + time.Second)
	if _, err := agree(h[0], true); !errors.Is(err, ErrStep) {
		t.Errorf("after a day: %v", err)
	}
	token, who = signIn(t, s, "old@example.org")
	h = ask("new@example.org")
	for i, want := range []bool{false, true} {
		if done, err := agree(h[i], true); done != want || err != nil {
			t.Fatalf("%d: %v, %v", i, done, err)
		}
	}
	if told != "old@example.org new@example.org" {
		t.Errorf("told %q", told)
	}
	if _, err := s.ActorBySession(ctx, token); !errors.Is(err, ErrSession) {
		t.Errorf("still signed in: %v", err)
	}
	if _, who := signIn(t, s, "new@example.org"); who.ID != a.ID {
		t.Error("somebody else")
	}
}

// P48: a directory opens the account that it opened before, or that of an address it has verified; no account can be prepared,
// and none goes to whoever has the address after.
func TestDirectory(t *testing.T) {
	s, clock := open(t)
	a := create(t, s, "a@example.org", onSite)
	told := 0
	tell := func(context.Context, bun.Tx, Account) error { told++; return nil }
	in := func(subject, email string, verified bool) (*Opened, error) {
		return s.SignInByDirectory(ctx, Identity{"https://directory.example", subject, email, verified}, home, tell)
	}
	for name, err := range map[string]error{
		"not verified": func() error { _, err := in("1", "a@example.org", false); return err }(),
		"nobody":       func() error { _, err := in("1", "nobody@example.org", true); return err }(),
		"no address":   func() error { _, err := in("1", "", true); return err }(),
		"no subject":   func() error { _, err := in("", "a@example.org", true); return err }(),
	} {
		if !errors.Is(err, ErrDirectory) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, _ := s.Count(ctx); n != 1 || told != 0 {
		t.Fatalf("%d accounts, told %d", n, told)
	}
	o, err := in("1", "A@example.org", true)
	if err != nil || o.Actor.ID != a.ID || told != 1 {
		t.Fatalf("%v, told %d", err, told)
	}
	if o, err = in("1", "renamed@elsewhere.example", false); err != nil || o.Actor.ID != a.ID || told != 1 {
		t.Errorf("the same person under another address: %v", err)
	}
	if _, err := in("2", "a@example.org", true); !errors.Is(err, ErrDirectory) {
		t.Errorf("whoever has the address after: %v", err)
	}
	if _, err := s.SignInByDirectory(ctx, Identity{"https://other.example", "1", "x@example.org", true}, home, tell); !errors.Is(err, ErrDirectory) {
		t.Errorf("another directory's first: %v", err)
	}
	_, who := signIn(t, s, "a@example.org")
	enrol(t, s, who, clock.now())
	var step *StepError
	if _, err := in("1", "a@example.org", true); !errors.As(err, &step) {
		t.Errorf("no second step: %v", err)
	}
	if err := s.Disable(ctx, program, a.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := in("1", "a@example.org", true); !errors.Is(err, ErrDirectory) {
		t.Errorf("a closed account: %v", err)
	}
	// What was kept of the way there counts once.
	state, err := s.BeginDirectory(ctx, DirectoryWay{Nonce: "n", Next: "/admin/events"}, home)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := s.EndDirectory(ctx, state); err != nil || w.Nonce != "n" || w.Next != "/admin/events" {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := s.EndDirectory(ctx, state); !errors.Is(err, ErrStep) {
		t.Errorf("once more: %v", err)
	}
}

// S10: no more than 20 guesses an hour at one account from everywhere together, and its owner gets in meanwhile by a browser that
// is known; nobody makes a browser known but by signing in.
func TestGuessesTogether(t *testing.T) {
	s, clock := open(t)
	create(t, s, "a@example.org")
	create(t, s, "mallory@example.org")
	o, err := s.SignIn(ctx, "a@example.org", password, home)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := s.SignIn(ctx, "mallory@example.org", password, away)
	if err != nil {
		t.Fatal(err)
	}
	other := New(s.db, s.opts) // another instance
	n := 0
	for i := range 200 {
		from := at(198, byte(18+i%2), byte(i))
		switch i % 5 {
		case 0:
			from = home
		case 1:
			from.Device = o.Device
		case 2:
			from.Device = foreign.Device
		case 3:
			from.Device = "made up"
		}
		in := s
		if i%2 == 1 {
			in = other
		}
		if _, err := in.SignIn(ctx, "a@example.org", "wrong wrong wrong", from); errors.Is(err, ErrSignIn) {
			n++
		}
	}
	if n != byStranger+byNetwork+byDevice || n > 20 {
		t.Errorf("%d guesses", n)
	}
	clock.forward(window + time.Second)
	for i := range 100 {
		_, _ = s.SignIn(ctx, "a@example.org", "wrong wrong wrong", at(198, 18, byte(i)))
		_, _ = s.SignIn(ctx, "a@example.org", "wrong wrong wrong", home)
	}
	var slow *ThrottledError
	if _, err := s.SignIn(ctx, "a@example.org", password, home); !errors.As(err, &slow) {
		t.Errorf("by an unknown browser: %v", err)
	}
	known := From{IP: at(10, 1, 1).IP, Device: o.Device}
	for range 3 {
		if _, err := s.SignIn(ctx, "a@example.org", "mistyped mistyped", known); !errors.Is(err, ErrSignIn) {
			t.Fatal(err)
		}
		if got, err := s.SignIn(ctx, "a@example.org", password, known); err != nil || got.Device != o.Device {
			t.Fatalf("the owner: %v", err)
		}
	}
}

func TestNamesOfBrowsers(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge · Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0":                                                                  "Firefox · Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                            "Chrome · Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                   "Safari · macOS",
		"<script>alert(1)</script>": "", "": "",
	} {
		if got := AgentName(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
