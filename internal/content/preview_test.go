package content_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"

	"github.com/uptrace/bun"
)

// TestPreviewsShowWhatThePublicSees: a preview of what is public already, however it is asked for, is the page that the public
// gets, in every language: the facts in its text, its links, its summary and whose language that is in, and what it refers to.
func TestPreviewsShowWhatThePublicSees(t *testing.T) {
	s := open(t)
	other := save(t, s, kind.NewsKind, news("Opening"))
	publish(t, s, other, i18n.EN)
	id := owing(t, s)
	e := get(t, s, id).Value.(*kind.Event)
	publish(t, s, string(e.Organizations[0].Organization), i18n.EN)
	e.OutcomeSummary = content.P("en", `<p>On <data value="begins"></data>: <a href="/e/`+other+`">the opening</a>.</p>`, "fr", `<p>Le <data value="begins"></data>.</p>`)
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: kind.EventKind.Split(e)}); err != nil {
		t.Fatal(err)
	}
	publish(t, s, id, i18n.EN, i18n.FR)
	entry := get(t, s, id)
	secret, _, err := s.AddPreviewLink(ctx, staff, content.NewPreviewLink{Entry: id, Locales: []i18n.Locale{i18n.EN, i18n.FR}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.OpenPreview(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	plain := func(p content.Publication) content.Publication {
		p.First, p.Changed, p.Value, p.Starts, p.Ends = time.Time{}, time.Time{}, nil, p.Starts.UTC(), p.Ends.UTC()
		return p
	}
	now := db.Now()
	for _, l := range []i18n.Locale{i18n.EN, i18n.FR, i18n.AR} {
		want, err := s.LiveByID(ctx, l, id)
		if err != nil {
			t.Fatal(err)
		}
		if words, _ := want.Value.(*kind.Event).OutcomeSummary.Pick(l, i18n.EN); !strings.Contains(words, "2030") {
			t.Fatalf("%s: the public reads %q", l, words)
		}
		for name, ask := range map[string]func() (*content.Page, error){
			"draft":    func() (*content.Page, error) { return s.WorkingPage(ctx, staff, entry, entry.Parts, l, now) },
			"as stood": func() (*content.Page, error) { return s.StoodPage(ctx, staff, id, l, now) },
			"link":     func() (*content.Page, error) { return s.PreviewedPage(ctx, link, l, now) },
		} {
			if name == "link" && l == i18n.AR {
				continue
			}
			got, err := ask()
			if err != nil {
				t.Errorf("%s in %s: %v", name, l, err)
				continue
			}
			if a, b := plain(got.Publication), plain(want.Publication); a != b {
				t.Errorf("%s in %s: %+v\n the public has %+v", name, l, a, b)
			}
			if !reflect.DeepEqual(got.Value, want.Value) {
				t.Errorf("%s in %s: %+v\n the public has %+v", name, l, got.Value, want.Value)
			}
			if !reflect.DeepEqual(got.Locales, want.Locales) || len(got.Neighbours) != len(want.Neighbours) {
				t.Errorf("%s in %s: %v and %d others, the public has %v and %d", name, l, got.Locales, len(got.Neighbours), want.Locales, len(want.Neighbours))
			}
			for id, n := range want.Neighbours {
				if got := got.Neighbours[id]; got == nil || plain(got.Publication) != plain(n.Publication) || !reflect.DeepEqual(got.Value, n.Value) {
					t.Errorf("%s in %s: beside it %+v\n the public has %+v", name, l, got, n)
				}
			}
		}
	}
}

// TestPreviewsNameDraftsForWhoMayRead: beside a draft stand the drafts it names, for who may read those, and for nobody who may
// not; a deleted one for nobody.
func TestPreviewsNameDraftsForWhoMayRead(t *testing.T) {
	s := open(t)
	series := save(t, s, kind.SeriesKind, &kind.Series{Title: content.L("en", "Series to come", "fr", "À venir"), Summary: content.L("en", "S")})
	n := news("Opening")
	n.Series = content.Ref(series)
	id := save(t, s, kind.NewsKind, n)
	e := get(t, s, id)
	beside := func(who *auth.Actor, l i18n.Locale) string {
		t.Helper()
		p, err := s.WorkingPage(ctx, who, e, e.Parts, l, db.Now())
		if err != nil {
			t.Fatal(err)
		}
		if x := p.Neighbours[series]; x != nil {
			return string(x.TextLocale) + " " + x.Title + " " + x.Path
		}
		return ""
	}
	for l, want := range map[i18n.Locale]string{i18n.EN: "en Series to come series/-/" + series, i18n.FR: "fr À venir series/-/" + series, i18n.AR: "en Series to come series/-/" + series} {
		if got := beside(staff, l); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	if got := beside(&auth.Actor{}, i18n.EN); got != "" {
		t.Errorf("a stranger sees %q", got)
	}
	if err := s.Delete(ctx, staff, series); err != nil {
		t.Fatal(err)
	}
	if got := beside(staff, i18n.EN); got != "" {
		t.Errorf("deleted, it is there as %q", got)
	}
}

// TestPreviewLinksKeepTheirVersion: a version that somebody was shown stays, though its author writes on and the steps of
// what is saved by itself are not kept.
func TestPreviewLinksKeepTheirVersion(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("One"))
	auto := func(title string) {
		t.Helper()
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Auto: true, Set: words(i18n.EN, "title", title)}); err != nil {
			t.Fatal(err)
		}
	}
	auto("Two")
	secret, _, err := s.AddPreviewLink(ctx, staff, content.NewPreviewLink{Entry: id, Locales: []i18n.Locale{i18n.EN}})
	if err != nil {
		t.Fatal(err)
	}
	auto("Three")
	auto("Four")
	if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE revisions SET at = ?", db.Now().AddDate(0, 0, -30)).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	other := save(t, s, kind.NewsKind, news("Other")) // what is saved next takes the steps away
	if _, err := s.Save(ctx, staff, content.Change{ID: other, Auto: true, Set: words(i18n.EN, "title", "Another")}); err != nil {
		t.Fatal(err)
	}
	link, err := s.OpenPreview(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.PreviewedPage(ctx, link, i18n.EN, db.Now()); err != nil || p.Title != "Two" {
		t.Errorf("it shows %+v %v", p, err)
	}
}
