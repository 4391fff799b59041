package content_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// open gives a store on a new database: SQLite, or PostgreSQL where PLENARY_TEST_DATABASE names a server.
func open(t testing.TB) *content.Store {
	t.Helper()
	ctx := context.Background()
	d := dbtest.Open(t, dbtest.Address(t))
	s := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All, Files: anyFile}
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// anyFile takes every id for a file that everybody may see.
func anyFile(_ context.Context, _ bun.Tx, _ *auth.Actor, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		out[id] = "picture"
	}
	return out, nil
}

var (
	ctx   = context.Background()
	staff = auth.System("test")
)

func news(title string) *kind.News {
	return &kind.News{Title: content.L("en", title), Summary: content.L("en", "Summary of "+title), Kind: "news", Date: "2026-07-01",
		Body: content.P("en", content.Paragraphs("One.", "Two."))}
}

func save(t testing.TB, s *content.Store, k *content.Kind, v any) string {
	t.Helper()
	r, err := s.Save(ctx, staff, content.Change{Kind: k, Original: i18n.EN, Set: k.Split(v)})
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func get(t testing.TB, s *content.Store, id string) *content.Entry {
	t.Helper()
	e, err := s.Get(ctx, staff, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func words(l i18n.Locale, pairs ...string) content.Parts {
	leaves := content.Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		leaves.SetText(pairs[i], content.Text{Words: pairs[i+1]})
		if pairs[i+1] == "" {
			leaves[pairs[i]] = nil
		}
	}
	return content.Parts{content.Part(l): leaves}
}

func TestDraftIsInvisibleUntilPublished(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	before := s.Generation()
	if _, err := s.LiveByID(ctx, i18n.EN, id); !errors.Is(err, db.ErrNotFound) {
		t.Fatalf("a draft has a page: %v", err)
	}
	list, _, err := s.Published(ctx, content.Query{Locale: i18n.EN})
	if err != nil || len(list) != 0 {
		t.Fatalf("a draft is listed: %v, %v", list, err)
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if s.Generation() == before {
		t.Error("publishing left the generation as it was")
	}
	p, err := s.Live(ctx, i18n.FR, "news/2026/registers-open")
	if err != nil {
		t.Fatal(err)
	}
	if p.Own || p.TextLocale != i18n.EN || p.Title != "Registers open" {
		t.Errorf("skeleton page: own %v, text in %s, title %q", p.Own, p.TextLocale, p.Title)
	}
	// A later draft changes nothing that is public.
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.EN, "title", "Another title")}); err != nil {
		t.Fatal(err)
	}
	if p, _ = s.LiveByID(ctx, i18n.EN, id); p.Title != "Registers open" || p.Value.(*kind.News).Title.In(i18n.EN) != "Registers open" {
		t.Errorf("a saved draft is public: %q", p.Title)
	}
	if st := get(t, s, id).Languages[i18n.EN].State; st != content.StateChanged {
		t.Errorf("state after editing a published text: %q", st)
	}
}

func TestOneLanguageAlone(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.AR, "title", "فتح السجلات", "summary", "ملخص")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Locales: []i18n.Locale{i18n.AR}}); err == nil {
		t.Fatal("a translation was published before its original")
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.LiveByID(ctx, i18n.AR, id); p.Own {
		t.Error("Arabic became public with English")
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Locales: []i18n.Locale{i18n.AR}}); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.LiveByID(ctx, i18n.AR, id); !p.Own || p.Title != "فتح السجلات" {
		t.Errorf("Arabic page: own %v, %q", p.Own, p.Title)
	}
	if err := s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.AR}); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.LiveByID(ctx, i18n.AR, id); p.Own {
		t.Error("Arabic is still public")
	}
	if err := s.Unpublish(ctx, staff, id, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LiveByID(ctx, i18n.EN, id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("without its original the entry is still public: %v", err)
	}
}

func TestPublishNamesWhatIsMissing(t *testing.T) {
	s := open(t)
	n := news("Registers open")
	n.Body = nil
	id := save(t, s, kind.NewsKind, n)
	err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}})
	var invalid *content.Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Name() != "body@en" {
		t.Fatalf("publishing without a body: %v", err)
	}
}

func TestTwoEditorsInTwoLanguages(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	base := get(t, s, id).Versions
	seen := func() map[content.Part]int {
		m := map[content.Part]int{"fr": 0, "ar": 0}
		for p, v := range base {
			m[p] = v
		}
		return m
	}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: seen(), Set: words(i18n.FR, "title", "Les registres")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: seen(), Set: words(i18n.AR, "title", "السجلات")}); err != nil {
		t.Fatal(err)
	}
	n := get(t, s, id).Value.(*kind.News)
	if n.Title.In(i18n.FR) != "Les registres" || n.Title.In(i18n.AR) != "السجلات" {
		t.Errorf("lost words: %v", n.Title)
	}
	// Different fields of one language, from the same version.
	base = get(t, s, id).Versions
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: words(i18n.EN, "title", "Hers")}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: words(i18n.EN, "summary", "His")})
	if err != nil || !r.Merged {
		t.Fatalf("merge of two fields: %v, %v", r, err)
	}
	n = get(t, s, id).Value.(*kind.News)
	if n.Title.In(i18n.EN) != "Hers" || n.Summary.In(i18n.EN) != "His" {
		t.Errorf("lost words: %q, %q", n.Title.In(i18n.EN), n.Summary.In(i18n.EN))
	}
	// The same field: both come back, nothing is stored.
	_, err = s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: words(i18n.EN, "title", "Theirs")})
	var clash *content.Conflicted
	if !errors.As(err, &clash) || len(clash.List) != 1 || clash.List[0].Path != "title" {
		t.Fatalf("same field twice: %v", err)
	}
	if n := get(t, s, id).Value.(*kind.News); n.Title.In(i18n.EN) != "Hers" {
		t.Errorf("a refused save changed the title: %q", n.Title.In(i18n.EN))
	}
}

func TestDeletedHereWrittenThere(t *testing.T) {
	s := open(t)
	e := &kind.Event{Title: content.L("en", "Forum"), Sessions: []kind.Session{{Title: content.L("en", "Opening")}, {Title: content.L("en", "Panel")}}}
	id := save(t, s, kind.EventKind, e)
	now := get(t, s, id)
	v := now.Value.(*kind.Event)
	opening, panel := v.Sessions[0].ID, v.Sessions[1].ID
	base := map[content.Part]int{content.Facts: now.Versions[content.Facts], "en": now.Versions["en"], "fr": 0}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: words(i18n.EN, "sessions."+opening+".title", "Grand opening")}); err != nil {
		t.Fatal(err)
	}
	order := content.Leaves{}
	order.Set("sessions", []string{panel})
	_, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: content.Parts{content.Facts: order}})
	var clash *content.Conflicted
	if !errors.As(err, &clash) || clash.List[0].Item != opening {
		t.Fatalf("deleting an item whose words were edited: %v", err)
	}
	base["en"] = get(t, s, id).Versions["en"]
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: content.Parts{content.Facts: order}}); err != nil {
		t.Fatalf("deleting with open eyes: %v", err)
	}
	if v := get(t, s, id).Value.(*kind.Event); len(v.Sessions) != 1 || v.Sessions[0].Title.In(i18n.EN) != "Panel" {
		t.Errorf("sessions: %+v", v.Sessions)
	}
}

func TestWrittenHereDeletedThere(t *testing.T) {
	s := open(t)
	e := &kind.Event{Title: content.L("en", "Forum"), Sessions: []kind.Session{{Title: content.L("en", "Opening")}, {Title: content.L("en", "Panel")}}}
	id := save(t, s, kind.EventKind, e)
	now := get(t, s, id)
	v := now.Value.(*kind.Event)
	opening, panel := v.Sessions[0].ID, v.Sessions[1].ID
	base := map[content.Part]int{content.Facts: now.Versions[content.Facts], "en": now.Versions["en"], "fr": 0}
	order := content.Leaves{}
	order.Set("sessions", []string{panel})
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: content.Parts{content.Facts: order}}); err != nil {
		t.Fatal(err)
	}
	both := content.Leaves{}
	both.Set("sessions", []string{opening, panel})
	for _, l := range []i18n.Locale{i18n.EN, i18n.FR} {
		for _, set := range []content.Parts{words(l, "sessions."+opening+".title", "Grand"), {content.Facts: both, content.Part(l): words(l, "sessions."+opening+".title", "Grand")[content.Part(l)]}} {
			_, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: set})
			var clash *content.Conflicted
			if !errors.As(err, &clash) || len(clash.List) != 1 || clash.List[0].Item != opening {
				t.Fatalf("writing %s into an item that is gone: %v", l, err)
			}
		}
	}
	// What the other side left alone is no clash, and neither is what this side did not touch.
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: base, Set: words(i18n.EN, "sessions."+panel+".title", "The panel")}); err != nil {
		t.Fatal(err)
	}
}

func TestTranslationGoesOutOfDate(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	put := func(l i18n.Locale, pairs ...string) {
		t.Helper()
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(l, pairs...)}); err != nil {
			t.Fatal(err)
		}
	}
	state := func() content.LanguageState { return get(t, s, id).Languages[i18n.FR] }
	put(i18n.FR, "title", "Les registres", "summary", "Résumé", "body", "<p>Un.</p><p>Deux.</p>")
	if st := state(); st.Stale != 0 || st.Missing != 0 {
		t.Fatalf("a new translation: %+v", st)
	}
	put(i18n.EN, "body", "<p>One.</p><p>Two, changed.</p>")
	if st := state(); st.Stale != 1 || st.State != content.StateOutOfDate {
		t.Fatalf("after the source changed: %+v", st)
	}
	put(i18n.FR, "body", "<p>Un !</p><p>Deux.</p>")
	if st := state(); st.Stale != 1 {
		t.Fatalf("a corrected comma brought a stale translation up to date: %+v", st)
	}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Fresh: map[content.Part][]string{"fr": {"body"}},
		Set: words(i18n.FR, "body", "<p>Un !</p><p>Deux, changé.</p>")}); err != nil {
		t.Fatal(err)
	}
	if st := state(); st.Stale != 0 {
		t.Fatalf("after saying it is up to date: %+v", st)
	}
}

func TestOldAddressesRedirect(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	publish := func() {
		t.Helper()
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	slug := "better-name"
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Slug: &slug}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Live(ctx, i18n.EN, "news/2026/registers-open"); err != nil {
		t.Fatalf("the address moved before publishing: %v", err)
	}
	publish()
	var moved *content.Moved
	if _, err := s.Live(ctx, i18n.EN, "news/2026/registers-open"); !errors.As(err, &moved) || moved.Path != "news/2026/better-name" {
		t.Fatalf("old address: %v", err)
	}
	other := save(t, s, kind.NewsKind, news("Registers open"))
	if err := s.Publish(ctx, staff, content.PublishChange{ID: other, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Live(ctx, i18n.EN, "news/2026/registers-open-2"); err != nil {
		t.Errorf("the second of a name took the first one's old address: %v", err)
	}
}

func TestSequenceGrowsWithTimePlaceAndStatusOnly(t *testing.T) {
	s := open(t)
	org := save(t, s, kind.OrganizationKind, &kind.Organization{Name: content.L("en", "Centre"), Type: "igo"})
	e := bigEvent()
	e.Organizations = []kind.OrganizationRole{{Organization: content.Ref(org), Role: "organizer"}}
	e.Contacts = []kind.Contact{{Mailbox: "office@example.org"}}
	e.Venues[0].ID = "v1"
	id := save(t, s, kind.EventKind, e)
	for i, c := range []struct {
		part content.Part
		path string
		v    any
		want int
	}{{"", "scope", "global", 0}, {"", "when", content.When{Start: "2027-05-01T08:00", End: "2027-05-01T09:00", Zone: "Africa/Nairobi", Precision: "time"}, 1},
		{"", "scope", "regional", 1}, {"en", "title", "Another title", 1}, {"en", "venues.v1.name", "Another hall", 2}, {"ar", "venues.v1.name", "قاعة", 2},
		{"", "status", "cancelled", 3}} {
		l := content.Leaves{}
		if c.part == content.Facts {
			l.Set(c.path, c.v)
		} else {
			l.SetText(c.path, content.Text{Words: c.v.(string)})
		}
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{c.part: l}}); err != nil {
			t.Fatal(err)
		}
		langs := []i18n.Locale{i18n.EN}
		if c.part == "ar" {
			langs = append(langs, i18n.AR)
		}
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: langs}); err != nil {
			t.Fatal(err)
		}
		if p, err := s.LiveByID(ctx, i18n.EN, id); err != nil || p.Sequence != c.want {
			t.Errorf("step %d, %s: sequence %d, want %d (%v)", i, c.path, p.Sequence, c.want, err)
		}
	}
	// Withdrawn and public again: calendars take it for the same, and later.
	first := func() content.Publication {
		p, err := s.LiveByID(ctx, i18n.EN, id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Publication
	}
	before := first()
	for i := range 2 {
		if err := s.Unpublish(ctx, staff, id, i18n.All); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
		if p := first(); p.Sequence != before.Sequence+i+1 || !p.First.Equal(before.First) {
			t.Errorf("public again: sequence %d after %d, first %s after %s", p.Sequence, before.Sequence, p.First, before.First)
		}
	}
}

func TestStaffFieldsStayInside(t *testing.T) {
	s := open(t)
	n := news("Registers open")
	n.StaffNote = "CANARY"
	id := save(t, s, kind.NewsKind, n)
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	p, err := s.LiveByID(ctx, i18n.EN, id)
	if err != nil || p.Value.(*kind.News).StaffNote != "" {
		t.Errorf("staff note on the page: %v", err)
	}
	var n2 int
	if err := s.DB.Read().NewRaw("SELECT count(*) FROM live WHERE doc LIKE '%CANARY%'").Scan(ctx, &n2); err != nil || n2 != 0 {
		t.Errorf("staff note among what is public: %d, %v", n2, err)
	}
}

func TestPicturesInProseAreUsedFiles(t *testing.T) {
	s := open(t)
	n := news("Registers open")
	n.Body = content.P("en", `<p>x</p><figure><img src="/media/abcd1234/640.webp" alt="A"></figure>`)
	id := save(t, s, kind.NewsKind, n)
	if used, err := s.FileUsedBy(ctx, "abcd1234"); err != nil || len(used) != 1 {
		t.Fatalf("used by: %v, %v", used, err)
	}
	if public, _ := s.FileIsPublic(ctx, "abcd1234"); public {
		t.Error("a picture of a draft is public")
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if public, err := s.FileIsPublic(ctx, "abcd1234"); !public {
		t.Errorf("a picture of a page is not public: %v", err)
	}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.EN, "body", "<p>x</p>")}); err != nil {
		t.Fatal(err)
	}
	if used, _ := s.FileUsedBy(ctx, "abcd1234"); len(used) != 1 {
		t.Error("still live, and yet not used")
	}
}

func TestBadLeavesAreNamed(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.EventKind, &kind.Event{Title: content.L("en", "Forum")})
	for path, raw := range map[string]string{
		"kind": `"party"`, "when": `{"start":"2026-03-29T02:30","zone":"Europe/Berlin","precision":"time"}`, "nothing": `"x"`, "ordinal": `-1`,
		"countries": `["XX"]`, "series": `"../../etc"`, "sessions": `["<b>"]`, "stream_url": `"javascript:alert(1)"`, "image.file": `7`,
		"sessions.abc": `"x"`, "title": `"x"`, "show_zones": `["Mars/Olympus"]`,
	} {
		_, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: {path: []byte(raw)}}})
		var invalid *content.Invalid
		if !errors.As(err, &invalid) || invalid.Problems[0].Path != path {
			t.Errorf("%s = %s: %v", path, raw, err)
		}
	}
}

func TestDeleteAndRestore(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, staff, id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LiveByID(ctx, i18n.EN, id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("deleted and still public: %v", err)
	}
	if err := s.Restore(ctx, staff, id); err != nil {
		t.Fatal(err)
	}
	e := get(t, s, id)
	if e.Deleted != nil || len(e.Live) != 0 || e.Value.(*kind.News).Title.In(i18n.EN) != "Registers open" {
		t.Errorf("restored: %+v", e)
	}
}

func TestRestoreRevision(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("First"))
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: words(i18n.EN, "title", "Second", "dateline", "Nairobi")}); err != nil {
		t.Fatal(err)
	}
	diffs, err := s.Compare(ctx, staff, id, "en", 1, 2)
	if err != nil || len(diffs) != 2 || diffs[0].Path != "title" || diffs[1].Path != "dateline" {
		t.Fatalf("compare: %+v, %v", diffs, err)
	}
	if _, err := s.RestoreRevision(ctx, staff, id, "en", 1, "title"); err != nil {
		t.Fatal(err)
	}
	n := get(t, s, id).Value.(*kind.News)
	if n.Title.In(i18n.EN) != "First" || n.Dateline.In(i18n.EN) != "Nairobi" {
		t.Errorf("after restoring one field: %q, %q", n.Title.In(i18n.EN), n.Dateline.In(i18n.EN))
	}
}

func TestListFindsByWordsAndState(t *testing.T) {
	s := open(t)
	a := save(t, s, kind.NewsKind, news("Élections à Niamey"))
	save(t, s, kind.NewsKind, news("Water 100%"))
	rows, _, err := s.List(ctx, staff, content.ListQuery{Kind: "news", Search: "elections"})
	if err != nil || len(rows) != 1 || rows[0].ID != a {
		t.Fatalf("search: %+v, %v", rows, err)
	}
	if rows, _, _ = s.List(ctx, staff, content.ListQuery{Search: "100%"}); len(rows) != 1 {
		t.Errorf("a per cent sign is a letter like any other: %d", len(rows))
	}
	if rows, _, _ = s.List(ctx, staff, content.ListQuery{Locale: i18n.FR, Missing: true}); len(rows) != 2 {
		t.Errorf("missing in French: %d", len(rows))
	}
	if rows, more, _ := s.List(ctx, staff, content.ListQuery{Limit: 1}); len(rows) != 1 || !more {
		t.Errorf("paging: %d, %v", len(rows), more)
	}
}

func TestPublicationLists(t *testing.T) {
	s := open(t)
	topic := save(t, s, kind.TopicKind, &kind.Topic{Label: content.L("en", "Land"), Scheme: "theme"})
	n := news("With a topic")
	n.Topics, n.Countries = content.Refs{content.Ref(topic)}, []string{"KE"}
	id := save(t, s, kind.NewsKind, n)
	for _, x := range []string{topic, id} {
		if err := s.Publish(ctx, staff, content.PublishChange{ID: x, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []content.Query{{Facets: map[string]string{"topic": topic}}, {Facets: map[string]string{"country": "KE", "year": "2026"}}, {LinkedTo: topic, Field: "topics"}} {
		q.Locale = i18n.EN
		list, _, err := s.Published(ctx, q)
		if err != nil || len(list) != 1 || list[0].ID != id || list[0].Value.(*kind.News).Date != "2026-07-01" {
			t.Errorf("%+v: %+v, %v", q, list, err)
		}
	}
	p, err := s.LiveByID(ctx, i18n.EN, id)
	if err != nil || p.Neighbours[topic] == nil || p.Neighbours[topic].Value.(*kind.Topic).Label.In(i18n.EN) != "Land" {
		t.Errorf("neighbours: %+v, %v", p.Neighbours, err)
	}
}

func TestCleanKeepsOnlyWhatProseMayHold(t *testing.T) {
	for in, want := range map[string]string{
		`<p onclick="x()">a<script>alert(1)</script></p>`:            `<p>a</p>`,
		`<a href="javascript:alert(1)">x</a>`:                        `<a>x</a>`,
		`<h1>Big</h1>`:                                               `Big`,
		`<ol type="a" start="3"><li>x</li></ol>`:                     `<ol type="a" start="3"><li>x</li></ol>`,
		`<p dir="rtl" style="color:red" id="a" class="b">x</p>`:      `<p dir="rtl">x</p>`,
		`<p><img src="http://evil.example/x.png" alt="a>b">c</p>`:    `<p>c</p>`,
		`<img src="/media/abc/640.webp" alt="a > b src=&quot;">`:     `<img src="/media/abc/640.webp" alt="a &gt; b src=&#34;">`,
		`<img src="/media/abc/640.webp" alt="a">`:                    `<img src="/media/abc/640.webp" alt="a">`,
		`<p>x<span data-footnote="See &lt;b&gt;"></span></p>`:        `<p>x<span data-footnote="See &lt;b&gt;"></span></p>`,
		`<svg><p>x</p></svg>`:                                        ``,
		`<table><tr><th scope="col" colspan="2">a</th></tr></table>`: `<table><tr><th scope="col" colspan="2">a</th></tr></table>`,
	} {
		if got := content.Clean(in); got != want {
			t.Errorf("Clean(%s) = %s, want %s", in, got, want)
		}
		if again := content.Clean(content.Clean(in)); again != content.Clean(in) {
			t.Errorf("Clean is not settled on %s: %s", in, again)
		}
	}
}

func TestWallTimesAtClockChanges(t *testing.T) {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	for in, want := range map[content.LocalTime]error{"2026-03-29T01:59": nil, "2026-03-29T02:30": content.ErrNoSuchTime, "2026-10-25T02:30": content.ErrTwiceTime, "2026-10-25T03:00": nil} {
		if err := content.CheckWall(in, berlin); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", in, err, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{"Opening the Register: Trust – Experiences": "opening-the-register-trust-experiences", "Élections à Niamey": "elections-a-niamey",
		"中国": "", strings.Repeat("abcdefghi ", 20): "abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi"} {
		if got := content.Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
}
