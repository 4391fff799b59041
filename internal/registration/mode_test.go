package registration_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// hybrid makes an event one of a room and a platform.
func hybrid(room, online int) func(*kind.Event) {
	return func(e *kind.Event) {
		e.Mode, e.Venues = "hybrid", append(e.Venues, kind.Venue{Item: content.Item{ID: "v2"}, Type: "physical", Name: content.L("en", "Hall")})
		e.Registration.Capacity, e.Registration.OnlineCapacity = room, online
	}
}

// takes is how somebody takes part, with what they wait for.
func (h *house) takes(mail string) string {
	h.t.Helper()
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: mail})
	if err != nil || len(l.Rows) != 1 {
		h.t.Fatalf("%s: %v, %d found", mail, err, len(l.Rows))
	}
	r := l.Rows[0]
	return strings.TrimSuffix(strings.Join([]string{string(r.State), r.Mode, r.Wish}, " "), " ")
}

func (h *house) wantTakes(mail, want string) {
	h.t.Helper()
	if got := h.takes(mail); got != want {
		h.t.Errorf("%s: %s, want %s", mail, got, want)
	}
}

// TestTakingPartInAHybridEvent: each says how they take part, places are counted by it, and whoever wants to change keeps what
// they have until there is something to change to.
func TestTakingPartInAHybridEvent(t *testing.T) {
	h := open(t, 1, hybrid(1, 0))
	if err := h.send(h.Store, "nobody@example.org"); problems(err) != "mode:required" {
		t.Error(problems(err))
	}
	if err := h.send(h.Store, "nobody@example.org", "mode", "by_boat"); problems(err) != "mode:choice" {
		t.Error(problems(err))
	}
	if err := h.send(h.Store, "nobody@example.org", "mode", "online", "mode", "in_person"); !strings.Contains(problems(err), "mode:twice") {
		t.Error(problems(err))
	}
	h.join("a@example.org", "mode", "in_person")
	h.join("b@example.org", "mode", "online") // the room is full, the platform is not
	h.join("c@example.org", "mode", "in_person")
	h.wantTakes("a@example.org", "confirmed in_person")
	h.wantTakes("b@example.org", "confirmed online")
	h.wantTakes("c@example.org", "waitlisted in_person")
	last := h.letters[len(h.letters)-1].Text
	if !strings.Contains(last, "You take part: In the room") {
		t.Errorf("the letter does not say how one takes part:\n%s", last)
	}
	if e, err := h.Event(ctx, h.event); err != nil {
		t.Fatal(err)
	} else {
		for mode, want := range map[string]int{"in_person": 0, "online": -1} {
			if n, err := h.Places(ctx, e, "", mode); n != want || err != nil {
				t.Errorf("%s: %d places, %v", mode, n, err)
			}
		}
	}
	b := h.token("b@example.org")
	// B would rather come: behind C, and with the place online meanwhile. Pressed twice it is the same turn.
	if err := errors.Join(h.Switch(ctx, b, "in_person"), h.Switch(ctx, b, "in_person")); err != nil {
		t.Fatal(err)
	}
	h.wantTakes("b@example.org", "confirmed online in_person")
	// C takes a place online, and keeps the turn for the room.
	if err := h.Switch(ctx, h.token("c@example.org"), "online"); err != nil {
		t.Fatal(err)
	}
	h.wantTakes("c@example.org", "confirmed online in_person")
	if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
		t.Fatal(err)
	}
	h.wantTakes("c@example.org", "confirmed in_person")
	h.wantTakes("b@example.org", "confirmed online in_person")
	if err := h.Switch(ctx, h.token("c@example.org"), "online"); err != nil { // as there is room online, at once
		t.Fatal(err)
	}
	h.wantTakes("c@example.org", "confirmed online")
	h.wantTakes("b@example.org", "confirmed in_person")
	if got := h.causes("b@example.org"); got != "verify confirmed switch_waits switched" {
		t.Errorf("letters to B: %s", got)
	}
	// C waits again, and thinks better of it.
	if err := errors.Join(h.Switch(ctx, h.token("c@example.org"), "in_person"), h.Switch(ctx, h.token("c@example.org"), "online")); err != nil {
		t.Fatal(err)
	}
	h.wantTakes("c@example.org", "confirmed online")
	h.join("d@example.org", "mode", "online")
	// A larger room gives those who wait theirs, and what the form fixes nobody changes.
	h.change(func(r *kind.Registration) {
		r.Capacity = 2
		r.Categories = []registration.Category{{Item: content.Item{ID: "press"}, Name: content.L("en", "Press"), Mode: "online"}, {Item: content.Item{ID: "all"}, Name: content.L("en", "Others")}}
	})
	if err := h.send(h.Store, "e@example.org", "category", "press", "mode", "in_person"); problems(err) != "mode:mode_fixed" {
		t.Error(problems(err))
	}
	h.join("e@example.org", "category", "press")
	h.wantTakes("e@example.org", "confirmed online")
	if err := h.Switch(ctx, h.token("e@example.org"), "in_person"); problems(err) != ":mode_fixed" {
		t.Error(problems(err))
	}
	// Staff move people in the same way.
	l, err := h.List(ctx, staff, registration.Query{Event: h.event, Search: "d@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.ToRoom); err != nil || d.Done != 1 {
		t.Error(d, err)
	}
	h.wantTakes("d@example.org", "confirmed in_person")
	if d, err := h.Decide(ctx, staff, h.event, []string{l.Rows[0].ID}, registration.ToRoom); err != nil || d.Passed != 1 {
		t.Error(d, err)
	}
	if f, err := h.Find(ctx, staff, registration.Query{Event: h.event}); err != nil || f.Fits[registration.ToOnline] != 2 || f.Fits[registration.ToRoom] != 2 {
		t.Errorf("%v %v", f.Fits, err)
	}
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event, Mode: "online"}); err != nil || l.Total != 2 {
		t.Errorf("%d online, %v", l.Total, err)
	}
	// All of it is in the list, and comes back from there.
	var file bytes.Buffer
	words := func(key string) string { return h.Catalogue.T(i18n.EN, key) }
	if err := h.Export(ctx, staff, registration.Query{Event: h.event, Mode: "in_person"}, sheet.CSV, &file, words, i18n.EN); err != nil {
		t.Fatal(err)
	}
	if got := file.String(); !strings.Contains(got, "Takes part,Waits for") || strings.Count(got, ",In the room,") != 3 { // A's too
		t.Error(got)
	}
	// Moved online, nobody takes part in any other way, and each still does as they chose when that is taken back.
	h.value.Mode = "online"
	h.change(func(r *kind.Registration) { r.Capacity = 100 })
	h.join("f@example.org", "category", "all")
	h.wantTakes("f@example.org", "confirmed online")
	h.value.Mode = "hybrid"
	h.change(func(r *kind.Registration) { r.Capacity = 2 })
	h.wantTakes("d@example.org", "confirmed in_person")
}

// TestModesWithoutAWaitingList: where there is no list, one is told so, and keeps what one has.
func TestModesWithoutAWaitingList(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { hybrid(1, 1)(e); e.Registration.Waitlist = false })
	h.join("a@example.org", "mode", "in_person")
	h.join("b@example.org", "mode", "online")
	for mail, to := range map[string]string{"a@example.org": "online", "b@example.org": "in_person"} {
		if err := h.Switch(ctx, h.token(mail), to); problems(err) != ":mode_full" {
			t.Error(problems(err))
		}
	}
	h.wantTakes("b@example.org", "confirmed online")
	if err := h.send(h.Store, "c@example.org", "mode", "in_person"); problems(err) != ":full" {
		t.Error(problems(err))
	}
	if err := h.Withdraw(ctx, h.token("a@example.org")); err != nil {
		t.Fatal(err)
	}
	if err := h.Switch(ctx, h.token("b@example.org"), "in_person"); err != nil {
		t.Fatal(err)
	}
	h.wantTakes("b@example.org", "confirmed in_person")
	h.join("c@example.org", "mode", "online")
}

// TestHowToLogInIsToldToWhoDoes: the letter on how to log in goes to those online, and to those in the room who want it.
func TestHowToLogInIsToldToWhoDoes(t *testing.T) {
	h := open(t, 1, hybrid(10, 0))
	h.join("room@example.org", "mode", "in_person")
	h.join("both@example.org", "mode", "in_person")
	h.join("home@example.org", "mode", "online")
	if err := h.AlsoOnline(ctx, h.token("both@example.org"), true); err != nil {
		t.Fatal(err)
	}
	if err := h.AlsoOnline(ctx, h.token("home@example.org"), true); problems(err) != ":edit_closed" {
		t.Error(problems(err))
	}
	h.at(time.Date(2027, 3, 19, 12, 0, 0, 0, time.UTC))
	if err := h.jobs[0].Drain(ctx); err != nil {
		t.Fatal(err)
	}
	guide := func(mail string) int {
		n := 0
		for _, x := range h.letters {
			if x.To == mail && strings.Contains(x.Cause, ":login_guideline:") {
				n++
			}
		}
		return n
	}
	for mail, want := range map[string]int{"room@example.org": 0, "both@example.org": 1, "home@example.org": 1} {
		if guide(mail) != want {
			t.Errorf("%s got %d guidelines", mail, guide(mail))
		}
	}
	// Who changes later gets it then, once.
	if err := h.Switch(ctx, h.token("room@example.org"), "online"); err != nil {
		t.Fatal(err)
	}
	if err := h.Switch(ctx, h.token("both@example.org"), "online"); err != nil {
		t.Fatal(err)
	}
	for _, mail := range []string{"room@example.org", "both@example.org"} {
		if guide(mail) != 1 {
			t.Errorf("%s got %d guidelines", mail, guide(mail))
		}
	}
	// Once places online are limited, nobody takes one besides.
	h.join("late@example.org", "mode", "in_person")
	h.change(func(r *kind.Registration) { r.OnlineCapacity = 5 })
	if err := h.AlsoOnline(ctx, h.token("late@example.org"), true); problems(err) != ":edit_closed" {
		t.Error(problems(err))
	}
}

// TestPlacesUnderPressureInTwoModes: people register, change how they take part and withdraw at once, while both numbers of places
// change: never one too many of either, none left empty that somebody waits for, and the list in turn.
func TestPlacesUnderPressureInTwoModes(t *testing.T) {
	instances := 1
	if u, err := url.Parse(os.Getenv("PLENARY_TEST_DATABASE")); err == nil && u.Host != "" {
		instances = 3
	}
	h := open(t, instances, hybrid(30, 20))
	const people = 120
	mail := func(i int) string { return fmt.Sprintf("p%03d@example.org", i) }
	var mu sync.Mutex
	var in []string
	least, most := map[string]int{"in_person": 30, "online": 20}, map[string]int{"in_person": 30, "online": 20}
	bounds := func() (a, b [2]int) {
		mu.Lock()
		defer mu.Unlock()
		return [2]int{least["in_person"], least["online"]}, [2]int{most["in_person"], most["online"]}
	}
	look := func(s *registration.Store) error {
		before, _ := bounds()
		var n []struct {
			State      registration.State
			Mode, Wish string
			N          int
		}
		err := s.DB.Read().NewRaw("SELECT state, mode, wish, count(*) AS n FROM registrations GROUP BY state, mode, wish").Scan(ctx, &n)
		after, top := bounds()
		for i, mode := range registration.Modes {
			held, waiting := 0, 0
			for _, x := range n {
				switch {
				case x.State == registration.Confirmed && x.Mode == mode:
					held += x.N
				case x.State == registration.Waitlisted && x.Mode == mode, x.State == registration.Confirmed && x.Wish == mode:
					waiting += x.N
				}
			}
			if held > top[i] {
				t.Errorf("%s: %d places given of at most %d", mode, held, top[i])
			}
			if held < min(before[i], after[i]) && waiting > 0 {
				t.Errorf("%s: %d places given of at least %d, and %d wait", mode, held, min(before[i], after[i]), waiting)
			}
		}
		return err
	}
	// unsent passes over a link whose letter is not committed yet: the test reads faster than mail travels.
	unsent := func(err error) error {
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	}
	run, errs := make(chan int, people), make(chan error, 10*people)
	for i := range people {
		run <- i
	}
	close(run)
	var wg sync.WaitGroup
	other := make(chan struct{}, people)
	for w := range 16 {
		s := h.all[w%len(h.all)]
		wg.Go(func() {
			for i := range run {
				errs <- h.send(s, mail(i), "mode", registration.Modes[i%2])
				errs <- s.Confirm(ctx, h.token(mail(i)))
				mu.Lock()
				in = append(in, mail(i))
				n, one, two := len(in), in[rand.IntN(len(in))], in[rand.IntN(len(in))]
				mu.Unlock()
				if n%40 == 0 {
					other <- struct{}{}
				}
				if i%5 == 0 {
					errs <- unsent(s.Withdraw(ctx, h.token(one)))
				}
				if err := s.Switch(ctx, h.token(two), registration.Modes[rand.IntN(2)]); problems(err) != ":mode_full" && problems(err) != ":edit_closed" {
					errs <- unsent(err) // else waiting without a place in the other, or withdrawn
				}
				if i%4 == 0 {
					errs <- look(s)
				}
			}
		})
	}
	wg.Go(func() {
		was := [2]int{30, 20}
		for _, now := range [][2]int{{20, 24}, {26, 12}} {
			<-other
			mu.Lock()
			for i, mode := range registration.Modes {
				least[mode], most[mode] = min(was[i], now[i]), max(most[mode], now[i])
			}
			mu.Unlock()
			h.change(func(r *kind.Registration) { r.Capacity, r.OnlineCapacity = now[0], now[1] })
			mu.Lock()
			for i, mode := range registration.Modes {
				least[mode] = now[i]
			}
			was = now
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
	if err := look(h.Store); err != nil {
		t.Fatal(err)
	}
	// Each letter is written while the event is held: who is moved up was the first of those who wait for that mode.
	// Who stopped waiting did so without a letter: these are left out.
	var stopped []string
	if err := h.DB.Read().NewRaw("SELECT r.mail FROM registrations AS r JOIN registration_log AS l ON l.registration_id = r.id WHERE l.action = 'stays'").Scan(ctx, &stopped); err != nil {
		t.Fatal(err)
	}
	type turn struct{ mail, mode string }
	var line []turn
	happened := map[string]int{}
	drop := func(mail, mode string) {
		line = slices.DeleteFunc(line, func(x turn) bool { return x.mail == mail && (mode == "" || x.mode == mode) })
	}
	first := func(mode string) string {
		for _, x := range line {
			if x.mode == mode && !slices.Contains(stopped, x.mail) {
				return x.mail
			}
		}
		return ""
	}
	for _, x := range h.letters {
		name, _, _ := strings.Cut(strings.TrimPrefix(x.Cause, "registration."), ":")
		happened[name]++
		mode, opposite := "in_person", "online"
		if strings.Contains(x.Text, "You take part: Online") {
			mode, opposite = opposite, mode
		}
		switch name {
		case "waitlisted":
			line = append(line, turn{x.To, mode})
		case "switch_waits":
			drop(x.To, "") // who stayed where they were left the line without a letter
			line = append(line, turn{x.To, opposite})
		case "withdrawn":
			drop(x.To, "")
		case "promoted":
			if got := first(mode); got != x.To && !slices.Contains(stopped, x.To) {
				t.Errorf("%s was given the place that %s waited for", x.To, got)
			}
			drop(x.To, "")
		case "switched":
			happened["moved"] += map[bool]int{true: 1}[first(mode) == x.To]
			drop(x.To, "")
		}
	}
	for _, name := range []string{"promoted", "switched", "switch_waits", "moved"} {
		if happened[name] == 0 {
			t.Errorf("%s: nothing was tried; %v", name, happened)
		}
	}
}
