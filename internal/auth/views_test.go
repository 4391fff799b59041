package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// signedIn is an account as an actor.
func signedIn(t *testing.T, s *Service, email string) *Actor {
	t.Helper()
	who, err := s.ActorOf(ctx, create(t, s, email).ID)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// names are those of somebody's views of a list, with a star for the one it opens with and the owner of one that is shared.
func viewNames(t *testing.T, s *Service, who *Actor, list string) []string {
	t.Helper()
	all, err := s.Views(ctx, who, list)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range all {
		n := v.Name
		if v.Usual {
			n += "*"
		}
		if v.Owner != "" {
			n += " of " + v.Owner
		}
		out = append(out, n)
	}
	return out
}

func TestViewsAreTheirOwners(t *testing.T) {
	s, _ := open(t)
	ana, ben := signedIn(t, s, "ana@example.org"), signedIn(t, s, "ben@example.org")
	keep := func(who *Actor, v View) View {
		t.Helper()
		kept, _, err := s.KeepView(ctx, who, v)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	mine := keep(ana, View{List: "events", Name: "  Drafts \t of  ours ", Query: "state=draft", Usual: true})
	if mine.Name != "Drafts of ours" {
		t.Errorf("kept as %q", mine.Name)
	}
	keep(ana, View{List: "events", Name: "All", Query: "q=", Usual: true})
	keep(ana, View{List: "news", Name: "All", Query: "q="})
	if got := viewNames(t, s, ana, "events"); !slices.Equal(got, []string{"All*", "Drafts of ours"}) {
		t.Errorf("%q", got)
	}
	if got := viewNames(t, s, ben, ""); len(got) > 0 {
		t.Errorf("another sees %q", got)
	}

	// Whose they are not cannot do anything with them, nor learn that they are there.
	mine.Name = "Ben's"
	for what, err := range map[string]error{"change": s.ChangeView(ctx, ben, mine), "remove": second(s.RemoveView(ctx, ben, mine.ID)), "restore": second(s.RestoreView(ctx, ben, mine.ID)), "missing": second(s.RemoveView(ctx, ben, "nothing"))} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, who := range []*Actor{nil, program, Guest("g", "Guest", "e", "fr")} {
		if _, err := s.Views(ctx, who, ""); !errors.Is(err, ErrForbidden) {
			t.Errorf("%v sees views: %v", who, err)
		}
		if _, _, err := s.KeepView(ctx, who, View{List: "events", Name: "x"}); !errors.Is(err, ErrForbidden) {
			t.Errorf("%v keeps one: %v", who, err)
		}
	}

	// Shared, it is seen by colleagues, and opens nobody else's list.
	mine.Name, mine.Shared, mine.Usual = "Drafts", true, true
	if err := s.ChangeView(ctx, ana, mine); err != nil {
		t.Fatal(err)
	}
	if got := viewNames(t, s, ben, "events"); !slices.Equal(got, []string{"Drafts of " + ana.Name}) {
		t.Errorf("a colleague sees %q", got)
	}
	partner := signedIn(t, s, "partner@example.org")
	partner.Organization = "another"
	if got := viewNames(t, s, partner, "events"); len(got) > 0 {
		t.Errorf("a partner sees %q", got)
	}
	if got := viewNames(t, s, ana, "events"); !slices.Equal(got, []string{"All", "Drafts*"}) {
		t.Errorf("%q", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAViewIsKeptOnceRemovedAndBroughtBack(t *testing.T) {
	s, _ := open(t)
	ana := signedIn(t, s, "ana@example.org")
	wrong := func(err error, key string) {
		t.Helper()
		var invalid Invalid
		if !errors.As(err, &invalid) || invalid["name"] != key {
			t.Errorf("%v, not %s", err, key)
		}
	}
	for name, key := range map[string]string{"": "views.name_missing", " \t": "views.name_missing", strings.Repeat("ы", MaxViewName+1): "views.name_long", "a\x00b": "views.name_wrong", "a\xff": "views.name_wrong"} {
		wrong(second2(s.KeepView(ctx, ana, View{List: "events", Name: name})), key)
	}
	wrong(second2(s.KeepView(ctx, ana, View{List: "events", Name: "x", Query: strings.Repeat("q", maxViewQuery)})), "views.query_long")

	first, was, err := s.KeepView(ctx, ana, View{List: "events", Name: strings.Repeat("ы", MaxViewName), Query: "state=draft"})
	if err != nil || was != nil {
		t.Fatal(err, was)
	}
	again, was, err := s.KeepView(ctx, ana, View{List: "events", Name: first.Name, Query: "state=published"})
	if err != nil || was == nil || was.Query != "state=draft" || again.ID != first.ID || again.Query != "state=published" {
		t.Errorf("kept again: %v %v %v", again, was, err)
	}
	other, _, err := s.KeepView(ctx, ana, View{List: "events", Name: "Other", Usual: true})
	if err != nil {
		t.Fatal(err)
	}
	other.Name = first.Name
	wrong(s.ChangeView(ctx, ana, other), "views.name_taken")

	// Removed it is gone from lists, and its name is free; twice is once.
	for range 2 {
		if v, err := s.RemoveView(ctx, ana, other.ID); err != nil || v.Name != "Other" {
			t.Fatal(v, err)
		}
	}
	if err := s.ChangeView(ctx, ana, View{ID: other.ID, Name: "x"}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a removed view is changed: %v", err)
	}
	if got := viewNames(t, s, ana, "events"); len(got) != 1 {
		t.Errorf("%q", got)
	}
	mean, _, err := s.KeepView(ctx, ana, View{List: "events", Name: "Other", Usual: true})
	if err != nil {
		t.Fatal(err)
	}
	wrong(second(s.RestoreView(ctx, ana, other.ID)), "views.name_taken")
	if err := s.ChangeView(ctx, ana, View{ID: mean.ID, Name: "Meanwhile", Usual: true}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if v, err := s.RestoreView(ctx, ana, other.ID); err != nil || v.Usual {
			t.Errorf("%v %v: the list opens with another by now", v, err)
		}
	}
	if got := viewNames(t, s, ana, "events"); !slices.Equal(got, []string{"Meanwhile*", "Other", first.Name}) {
		t.Errorf("%q", got)
	}

	// There is an end to them, and what was removed is really gone some time.
	for i := range MaxViews - 3 {
		if _, _, err := s.KeepView(ctx, ana, View{List: "events", Name: fmt.Sprint("View ", i)}); err != nil {
			t.Fatal(i, err)
		}
	}
	wrong(second2(s.KeepView(ctx, ana, View{List: "events", Name: "One too many"})), "views.too_many")
	if _, _, err := s.KeepView(ctx, ana, View{List: "news", Name: "Of another list"}); err != nil {
		t.Error(err)
	}
	if _, err := s.RemoveView(ctx, ana, other.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.db.InTx(ctx, func(_ context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*viewRow)(nil)).Set("removed_at = ?", db.Now().Add(-viewsKept-time.Minute)).Where("id = ?", other.ID).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RemoveView(ctx, ana, mean.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RestoreView(ctx, ana, other.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("brought back after a day: %v", err)
	}
}

func second2[T, U any](_ T, _ U, err error) error { return err }

func TestTouchedIsWhatSomebodyWorkedOnLast(t *testing.T) {
	s, _ := open(t)
	ana, ben := signedIn(t, s, "ana@example.org"), signedIn(t, s, "ben@example.org")
	line := func(who *Actor, kind, id string) {
		t.Helper()
		time.Sleep(50 * time.Microsecond) // lines sort by the time
		if err := s.db.InTx(ctx, func(_ context.Context, tx bun.Tx) error {
			return Audit(ctx, tx, who, "save", Object{Kind: kind, ID: id}, nil)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"a", "b", "c", "a"} {
		line(ana, "event", id)
	}
	line(ana, "letter", "d")
	line(ben, "event", "b")
	got := func(limit int) (out []string) {
		all, err := s.Touched(ctx, ana, []string{"event", "news"}, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Kind != "event" || time.Since(x.At) > time.Minute {
				t.Errorf("%v", x)
			}
			out = append(out, x.ID)
		}
		return out
	}
	if all := got(10); !slices.Equal(all, []string{"a", "c", "b"}) {
		t.Errorf("%q", all)
	}
	if all := got(2); !slices.Equal(all, []string{"a", "c"}) {
		t.Errorf("%q", all)
	}
}
