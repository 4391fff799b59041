package content_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// page saves as an open page does: with its name and the number of the save.
type page struct {
	*testing.T
	s    *content.Store
	who  *auth.Actor
	id   string
	tab  string
	seq  int
	base map[content.Part]int
}

func (p *page) change(set content.Parts) content.Change {
	p.seq++
	return content.Change{ID: p.id, Kind: kind.NewsKind, Original: i18n.EN, Base: maps.Clone(p.base), Set: set, Auto: true, Tab: p.tab, Seq: p.seq}
}

// lost is a save whose answer does not arrive: the page goes on from what it knows.
func (p *page) lost(set content.Parts) *content.Saved {
	p.Helper()
	out, left, err := p.s.SaveFitting(ctx, p.who, p.change(set))
	if err != nil || len(left.Problems) > 0 || left.Clash != nil {
		p.Fatalf("%v, left %+v", err, left)
	}
	return out
}

func (p *page) save(set content.Parts) *content.Saved {
	p.Helper()
	out := p.lost(set)
	p.id, p.base = out.ID, maps.Clone(out.Versions)
	return out
}

func execute(t testing.TB, s *content.Store, query string, args ...any) {
	t.Helper()
	if err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func revisions(t testing.TB, s *content.Store, id string) []string {
	t.Helper()
	list, err := s.Revisions(ctx, staff, id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		if r.Part == content.Part("en") {
			out = append(out, fmt.Sprintf("%d×%d", r.Number, r.Autosaves))
		}
	}
	return out
}

// TestSittingsAreFolded: automatic saves of one sitting are one line; what somebody asked for, published, or saved in between
// keeps its own.
func TestSittingsAreFolded(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	ann := &page{T: t, s: s, who: staff, id: id, tab: "a", base: get(t, s, id).Versions}
	bob := &page{T: t, s: s, who: auth.System("bob"), id: id, tab: "b", base: get(t, s, id).Versions}
	want := func(what string, lines ...string) {
		t.Helper()
		if got := revisions(t, s, id); !slices.Equal(got, lines) {
			t.Errorf("%s: %v, want %v", what, got, lines)
		}
	}
	for i := range 3 {
		ann.save(words(i18n.EN, "summary", fmt.Sprint("draft ", i)))
	}
	want("three saves", "4×3", "1×0")
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: ann.base, Set: words(i18n.EN, "summary", "draft 2")}); err != nil {
		t.Fatal(err)
	}
	want("asked for as it is", "4×0", "1×0")
	ann.save(words(i18n.EN, "summary", "draft 3"))
	ann.save(words(i18n.EN, "summary", "draft 4"))
	want("another sitting", "6×2", "4×0", "1×0")
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	ann.save(words(i18n.EN, "summary", "draft 5"))
	want("published in between", "7×1", "6×2", "4×0", "1×0")
	bob.save(words(i18n.EN, "title", "Registers are open"))
	ann.save(words(i18n.EN, "summary", "draft 6"))
	want("somebody else in between", "9×1", "8×1", "7×1", "6×2", "4×0", "1×0")
	before, after, err := s.Beside(ctx, staff, id, "en", 6)
	if err != nil || before != 4 || after != 7 {
		t.Errorf("beside 6: %d and %d, %v", before, after, err)
	}
	e := get(t, s, id)
	if got := e.Parts["en"].Text("summary").Words + e.Parts["en"].Text("title").Words; got != "draft 6Registers are open" {
		t.Errorf("merged: %q", got)
	}
}

// TestStepsAreKeptForAWhile: what a form was made from is there as long as it may be needed; afterwards the state before it
// stands in, and nobody's words are written over.
func TestStepsAreKeptForAWhile(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	ann := &page{T: t, s: s, who: staff, id: id, tab: "a", base: get(t, s, id).Versions}
	ann.save(words(i18n.EN, "summary", "one"))
	bob := maps.Clone(ann.base) // what he sees
	ann.save(words(i18n.EN, "summary", "two"))
	count := func() (n int) {
		if err := s.DB.Read().NewRaw("SELECT count(*) FROM revisions WHERE entry_id = ? AND part = 'en'", id).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 3 {
		t.Fatalf("%d revisions, want the step too", n)
	}
	execute(t, s, "UPDATE revisions SET at = ? WHERE step", db.Now().Add(-2*time.Hour))
	other := &page{T: t, s: s, who: staff, id: save(t, s, kind.NewsKind, news("Another")), tab: "c"}
	other.save(words(i18n.EN, "summary", "a sitting begins"))
	if n := count(); n != 2 {
		t.Errorf("%d revisions, want the step gone", n)
	}
	_, left, err := s.SaveFitting(ctx, auth.System("bob"), content.Change{ID: id, Base: bob, Set: words(i18n.EN, "summary", "Bob’s", "title", "Bob’s title"), Auto: true, Tab: "b", Seq: 1})
	if err != nil || left.Clash == nil || len(left.Clash.List) != 1 || left.Clash.List[0].Path != "summary" {
		t.Errorf("Bob’s save: %+v, %v", left, err)
	}
	if e := get(t, s, id); e.Parts["en"].Text("summary").Words != "two" || e.Parts["en"].Text("title").Words != "Bob’s title" {
		t.Errorf("now %s", e.Parts["en"])
	}
}

// TestSentAgain: an answer that was lost makes neither a second entry nor a clash with oneself, and what arrives late takes
// nothing back.
func TestSentAgain(t *testing.T) {
	s := open(t)
	p := &page{T: t, s: s, who: staff, tab: "new-page"}
	first := p.lost(words(i18n.EN, "title", "Reg"))
	second := p.lost(words(i18n.EN, "title", "Registers"))
	if first.ID != second.ID {
		t.Fatalf("two entries: %s and %s", first.ID, second.ID)
	}
	p.save(words(i18n.EN, "title", "Registers open"))
	old := p.change(words(i18n.EN, "title", "Registers op"))
	p.lost(words(i18n.EN, "title", "Registers open today"))
	p.lost(words(i18n.EN, "title", "Registers open today at noon"))
	if _, err := s.Save(ctx, staff, old); err != nil { // it was on its way all the time
		t.Fatal(err)
	}
	if got := get(t, s, p.id).Title; got != "Registers open today at noon" {
		t.Errorf("title %q", got)
	}
	// Another page of the same person is another page.
	_, left, err := s.SaveFitting(ctx, staff, content.Change{ID: p.id, Base: p.base, Set: words(i18n.EN, "title", "Another title"), Auto: true, Tab: "second", Seq: 1})
	if err != nil || left.Clash == nil {
		t.Errorf("two pages of one person changed the same, and nobody was told: %v", err)
	}
}

// TestMadeOnce: a page that sends its new entry twice at one moment makes one.
func TestMadeOnce(t *testing.T) {
	s := open(t)
	ids := make([]string, 8)
	for _, err := range at(len(ids), func(i int) error {
		out, err := s.Save(ctx, staff, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Once"), Auto: true, Tab: "t", Seq: i})
		if err == nil {
			ids[i] = out.ID
		}
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if slices.Sort(ids); ids[0] == "" || ids[0] != ids[len(ids)-1] {
		t.Errorf("made %v", ids)
	}
	other, err := s.Save(ctx, auth.System("bob"), content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Bob’s"), Tab: "t"})
	if err != nil || other.ID == ids[0] {
		t.Errorf("another person with the same name of a page got %v, %v", other, err)
	}
}

// TestWhatFitsIsSaved: one field that cannot be taken keeps no other from being saved.
func TestWhatFitsIsSaved(t *testing.T) {
	s := open(t)
	id := save(t, s, kind.NewsKind, news("Registers open"))
	set := words(i18n.EN, "summary", "A new summary")
	set[content.Facts] = content.Leaves{"date": []byte(`"the first of May"`), "kind": []byte(`"statement"`)}
	_, left, err := s.SaveFitting(ctx, staff, content.Change{ID: id, Base: get(t, s, id).Versions, Set: set, Auto: true})
	if err != nil || len(left.Problems) != 1 || left.Problems[0].Path != "date" {
		t.Fatalf("left %+v, %v", left, err)
	}
	v := get(t, s, id).Value.(*kind.News)
	if v.Date != "2026-07-01" || v.Summary.In(i18n.EN) != "A new summary" {
		t.Errorf("stored %q, %q", v.Date, v.Summary.In(i18n.EN))
	}
}

// TestWhoIsHere: people in an entry see each other, over two instances, until their page is silent.
func TestWhoIsHere(t *testing.T) {
	s := open(t)
	other := &content.Store{DB: s.DB, Kinds: s.Kinds, Choices: s.Choices, Locales: s.Locales, Files: s.Files}
	id := save(t, s, kind.NewsKind, news("Registers open"))
	ann, bob := auth.System("ann"), auth.System("bob")
	if list, _, err := s.Arrive(ctx, ann, id, "summary@en"); err != nil || len(list) != 0 {
		t.Fatalf("alone with %v, %v", list, err)
	}
	list, versions, err := other.Arrive(ctx, bob, id, "")
	if err != nil || len(list) != 1 || list[0] != (content.Present{Account: ann.ID, Field: "summary@en"}) || versions[content.Facts] != 1 {
		t.Errorf("Bob sees %v, %v, %v", list, versions, err)
	}
	execute(t, s, "UPDATE presence SET at = ?", db.Now().Add(-time.Minute))
	if list, _, _ := s.Arrive(ctx, ann, id, ""); len(list) != 0 {
		t.Errorf("Bob went a minute ago and is still seen: %v", list)
	}
	if err := s.Leave(ctx, ann, id); err != nil {
		t.Fatal(err)
	}
	if list, _, _ := other.Arrive(ctx, bob, id, ""); len(list) != 0 {
		t.Errorf("Ann has left: %v", list)
	}
	if _, _, err := s.Arrive(ctx, &auth.Actor{}, id, ""); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("who may not read the entry learns who is in it: %v", err)
	}
}
