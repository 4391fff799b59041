package settings

import (
	"context"
	"errors"
	"slices"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

var ctx = context.Background()

func open(t *testing.T) (*db.DB, *Store) {
	t.Helper()
	d := dbtest.Open(t, dbtest.File(t))
	s, err := Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func TestSaveAndHear(t *testing.T) {
	d, s := open(t)
	if got := s.Site(); got.Name.In(i18n.FR) != "Plenary" || len(got.Languages) != 9 || got.Zone != "UTC" {
		t.Errorf("a site nobody has set anything of: %+v", got)
	}
	other, err := Open(ctx, d) // as another instance has it
	if err != nil {
		t.Fatal(err)
	}
	told, raised := 0, 0
	s.OnChange = func(context.Context, bun.Tx) (func(), error) {
		raised++
		return func() { told++; d.Delivered("generation", "") }, nil
	}
	who := auth.System("test")
	next := s.Site()
	next.Name = Words{i18n.EN: "  Office\u202e of  Rivers ", i18n.FR: ""}
	next.Cities = []string{"Africa/Nairobi"}
	next.Zone = "Asia/Seoul" // not among the named fields: stays
	if err := s.Save(ctx, who, next, s.Site().Version("name", "cities"), "name", "cities"); err != nil {
		t.Fatal(err)
	}
	for _, at := range []*Store{s, other} {
		if got := at.Site(); got.Name[i18n.EN] != "Office of Rivers" || len(got.Name) != 1 || !slices.Equal(got.Cities, []string{"Africa/Nairobi"}) || got.Zone != "UTC" {
			t.Errorf("saved: %+v", got)
		}
	}
	if err := s.Save(ctx, who, s.Site(), "", "name", "cities"); err != nil || raised != 1 || told != 1 {
		t.Errorf("saving the same once more: %v, raised %d, told %d", err, raised, told)
	}
	// What was read before somebody else's change is refused, for the same fields only.
	old := s.Site()
	next = s.Site()
	next.Cities = nil
	if err := s.Save(ctx, who, next, "", "cities"); err != nil {
		t.Fatal(err)
	}
	var conflict *Conflicted
	next.Cities = []string{"Asia/Seoul"}
	if err := s.Save(ctx, who, next, old.Version("cities"), "cities"); !errors.As(err, &conflict) || conflict.Conflicts() != 1 {
		t.Errorf("a late change: %v", err)
	}
	next.Name = Words{i18n.EN: "Office of Streams"}
	if err := s.Save(ctx, who, next, old.Version("name"), "name"); err != nil {
		t.Errorf("a change of other fields: %v", err)
	}
	// A map that loses a language loses it in the store too.
	next.Name = Words{i18n.FR: "Bureau"}
	if err := s.Save(ctx, who, next, "", "name"); err != nil || len(s.Site().Name) != 1 || s.Site().Name.In(i18n.AR) != "Bureau" {
		t.Errorf("%v %v", err, s.Site().Name)
	}
	fails := errors.New("no")
	s.OnChange = func(context.Context, bun.Tx) (func(), error) { return nil, fails }
	next.Zone = "Asia/Seoul"
	if err := s.Save(ctx, who, next, "", "zone"); !errors.Is(err, fails) || s.Site().Zone != "UTC" {
		t.Errorf("a change nobody can be told of: %v, %s", err, s.Site().Zone)
	}
	lines, n, err := auth.New(d, auth.Options{}).AuditLog(ctx, who, auth.AuditFilter{Action: "settings.change"}, auth.Paging{})
	if err != nil || n != 4 || len(lines[0].Detail) == 0 {
		t.Errorf("audit: %d lines, %v", n, err)
	}
}

func TestWhoMaySave(t *testing.T) {
	_, s := open(t)
	for _, who := range []*auth.Actor{nil, {Account: auth.Account{ID: "x"}}} {
		if err := s.Save(ctx, who, Defaults(), "", "name"); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%v: %v", who, err)
		}
	}
	if err := s.Save(ctx, auth.System("test"), Defaults(), "", "password"); err == nil {
		t.Error("a field that is none")
	}
}

func TestWrongValues(t *testing.T) {
	_, s := open(t)
	for field, change := range map[string]func(*Site){
		"name@en": func(s *Site) { s.Name = Words{} },
		"footer@en": func(s *Site) {
			s.Footer = Words{i18n.EN: string(make([]rune, 3000)) + string(slices.Repeat([]rune{'x'}, 2001))}
		},
		"part_of_url":     func(s *Site) { s.PartOfURL = "javascript:alert(1)" },
		"languages":       func(s *Site) { s.Languages = []i18n.Locale{i18n.EN, i18n.EN} },
		"zone":            func(s *Site) { s.Zone = "Mars/Olympus" },
		"cities":          func(s *Site) { s.Cities = []string{"UTC", "UTC"} },
		"social":          func(s *Site) { s.Social = []Social{{Network: "X"}} },
		"footer_pages":    func(s *Site) { s.FooterPages = []string{"../etc"} },
		"contact_email":   func(s *Site) { s.Contact.Email = "a b@example.org" },
		"description":     func(s *Site) { s.Description = Words{"xx": "words"} },
		"contact_phone":   func(s *Site) { s.Contact.Phone = string(slices.Repeat([]rune{'1'}, 61)) },
		"contact_address": func(s *Site) { s.Contact.Address = Words{"<b>": "words"} },
	} {
		next := Defaults()
		change(&next)
		err := s.Save(ctx, auth.System("test"), next, "", "name", "footer", "part_of_url", "languages", "zone", "cities", "social", "footer_pages", "contact", "description")
		var bad Invalid
		if !errors.As(err, &bad) || bad[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := s.Site(); got.Name.In(i18n.EN) != "Plenary" {
		t.Error("something was saved")
	}
}
