package content_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// meeting is an event in English, current French and outdated Spanish, with words of a session that was removed.
func meeting(t *testing.T, s *content.Store) string {
	t.Helper()
	id := save(t, s, kind.EventKind, &kind.Event{Title: content.L("en", "Opening the register", "fr", "Ouvrir le registre", "es", "Abrir el registro"), Kind: "webinar",
		Summary: content.L("en", "On 1 July 2026 and in 2027.", "fr", "Le 1er juillet 2026."), Subtitle: content.L("en", "11 July"),
		When:     content.When{Start: "2026-07-01T08:00", End: "2026-07-01T09:30", Zone: "America/New_York", Precision: "time"},
		Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome"), Slot: content.Slot{Start: "2026-07-01T08:00"}}, {Item: content.Item{ID: "bb"}, Title: content.L("en", "Gone")}},
		Photos:   []kind.Photo{{Item: content.Item{ID: "ph"}, File: "file1", Alt: content.L("en", "A hall")}},
		Join:     kind.Join{URL: "https://meet.example/secret", Platform: "Meet"}, StaffNote: "Call Ann"})
	facts := content.Leaves{}
	facts.Set("sessions", []string{"aa"})
	en := words("en", "title", "Opening the registers")
	for _, set := range []content.Parts{{content.Facts: facts}, en, words("fr", "title", "Ouvrir les registres")} {
		c := content.Change{ID: id, Set: set}
		if set["fr"] != nil {
			c.Fresh = map[content.Part][]string{"fr": {"title"}}
		}
		if _, err := s.Save(ctx, staff, c); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func everyPart(t *testing.T, s *content.Store, id string) []string {
	t.Helper()
	x, err := s.Copying(ctx, staff, id, "")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range x.Parts {
		out = append(out, p.Name)
	}
	return out
}

func TestACopyBringsItsWordsWithTheirStamps(t *testing.T) {
	s := open(t)
	id := meeting(t, s)
	saved, err := s.Copy(ctx, staff, content.CopyChange{From: id, Parts: everyPart(t, s, id), To: content.CopyTarget{Day: content.Date("2027-07-01").Time()}})
	if err != nil {
		t.Fatal(err)
	}
	was, e := get(t, s, id), get(t, s, saved.ID)
	for _, l := range []i18n.Locale{"en", "fr", "es"} {
		p := content.Part(l)
		before := was.Parts[p].Text("title")
		before.Ahead = 0 // of revisions that are not the copy's
		if !reflect.DeepEqual(e.Parts[p].Text("title"), before) {
			t.Errorf("%s: %+v became %+v", l, was.Parts[p].Text("title"), e.Parts[p].Text("title"))
		}
	}
	if e.Languages["fr"].Stale != 0 || e.Languages["es"].Stale != 1 || e.Languages["es"].State != content.StateOutOfDate {
		t.Errorf("languages: %+v", e.Languages)
	}
	for path := range e.Parts["en"] {
		if strings.HasPrefix(path, "sessions.bb") || strings.HasPrefix(path, "photos") {
			t.Errorf("%s came along", path)
		}
	}
	v := e.Value.(*kind.Event)
	if v.Sessions[0].ID != "aa" || len(v.Photos) > 0 || v.Join.URL != "" || v.Join.Platform != "Meet" || v.StaffNote != "Call Ann" || e.Path != "" || len(e.Live) > 0 {
		t.Errorf("%+v", v)
	}
	from, err := s.CopiedFrom(ctx, e)
	if err != nil || from == nil || from.ID != id || from.Title != "Opening the registers" || from.When.Start != "2026-07-01T08:00" {
		t.Errorf("%+v %v", from, err)
	}
	if other, err := s.CopiedFrom(ctx, was); err != nil || other != nil {
		t.Errorf("the source was copied from %+v", other)
	}
	// The same day next year: only the year is old, and 11 July is not 1 July.
	if got := e.MentionsOf(from.When); !reflect.DeepEqual(got, []content.Mention{{Path: "summary", Locale: "en"}, {Path: "summary", Locale: "fr"}}) {
		t.Errorf("%+v", got)
	}
	log, _, err := auth.New(s.DB, auth.Options{}).AuditLog(ctx, staff, auth.AuditFilter{ID: e.ID}, auth.Paging{Size: 5})
	if err != nil || len(log) != 1 || log[0].Detail["from"] != id || log[0].Detail["copied_from"] != "Opening the registers" {
		t.Errorf("%+v %v", log, err)
	}
}

func TestACopyTakesOnlyWhatWasChosen(t *testing.T) {
	s := open(t)
	id := meeting(t, s)
	saved, err := s.Copy(ctx, staff, content.CopyChange{From: id, Parts: []string{"programme", "photos", "join", "nonsense"}, To: content.CopyTarget{Day: content.Date("2027-07-01").Time()}})
	if err != nil {
		t.Fatal(err)
	}
	v := get(t, s, saved.ID).Value.(*kind.Event)
	if len(v.Sessions) != 1 || v.Title.In("fr") == "" || v.Summary.In("en") != "" || len(v.Photos) > 0 || v.Join != (kind.Join{}) || v.StaffNote != "" {
		t.Errorf("%+v", v)
	}
}

// TestNothingIsLeftOfACopyThatFails, nor of one that is not allowed.
func TestNothingIsLeftOfACopyThatFails(t *testing.T) {
	s := open(t)
	id := meeting(t, s)
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: {"registration.closes": []byte(`{"at":"2026-06-24T02:30","zone":"Europe/Paris"}`)}}}); err != nil {
		t.Fatal(err)
	}
	to := content.CopyTarget{Day: content.Date("2027-04-04").Time()} // closes on 28 March, when 02:30 is left out
	var invalid *content.Invalid
	if _, err := s.Copy(ctx, staff, content.CopyChange{From: id, Parts: []string{"registration"}, To: to}); !errors.As(err, &invalid) || invalid.Problems[0].Path != "registration.closes" || invalid.Problems[0].Key != "problem.no_such_time" {
		t.Errorf("%v", err)
	}
	nobody := &auth.Actor{}
	if _, err := s.Copy(ctx, nobody, content.CopyChange{From: id, To: to}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("who may not read it: %v", err)
	}
	page := save(t, s, kind.NewsKind, news("News"))
	for _, from := range []string{page, "zzzzzzzzzzzz"} {
		if _, err := s.Copy(ctx, staff, content.CopyChange{From: from, To: to}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if n, err := s.Count(ctx, staff, content.ListQuery{Kind: "event"}); err != nil || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
}

// TestAPictureThatStaysBehindOutdatesNoTranslation: what a copy loses in all its languages is no change of the source.
func TestAPictureThatStaysBehindOutdatesNoTranslation(t *testing.T) {
	s := open(t)
	picture := `<p>Text <img src="/media/hidden1/a.png" alt="A hall"></p>`
	id := save(t, s, kind.EventKind, &kind.Event{Title: content.L("en", "A", "fr", "B"), When: content.When{Start: "2026-07-01T08:00", Zone: "UTC", Precision: "time"},
		Topics: content.Refs{content.Ref(save(t, s, kind.TopicKind, &kind.Topic{Label: content.L("en", "Kept")}))},
		Image:  kind.Picture{File: "hidden1", Alt: content.L("en", "A hall")},
		Blocks: []kind.Block{{Item: content.Item{ID: "bb"}, Kind: "background", Body: content.P("en", picture, "fr", strings.Replace(picture, "Text", "Texte", 1))}}})
	s.Files = func(_ context.Context, _ bun.Tx, _ *auth.Actor, ids []string) (map[string]string, error) {
		out, _ := anyFile(ctx, bun.Tx{}, nil, slices.DeleteFunc(ids, func(id string) bool { return id == "hidden1" }))
		return out, nil
	}
	saved, err := s.Copy(ctx, staff, content.CopyChange{From: id, Parts: everyPart(t, s, id), To: content.CopyTarget{Day: content.Date("2027-07-01").Time()}})
	if err != nil {
		t.Fatal(err)
	}
	e := get(t, s, saved.ID)
	v := e.Value.(*kind.Event)
	if body := v.Blocks[0].Body; strings.Contains(body.In("en")+body.In("fr"), "hidden1") || !strings.Contains(body.In("fr"), "Texte") || v.Image.File != "" || len(v.Topics) != 1 || e.Languages["fr"].Stale != 0 {
		t.Errorf("%+v %+v", v.Blocks, e.Languages)
	}
}
