package content_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// owing is an event that can be published, with promises.
func owing(t *testing.T, s *content.Store, promises ...kind.Commitment) string {
	t.Helper()
	org := save(t, s, kind.OrganizationKind, organization("Office"))
	return save(t, s, kind.EventKind, &kind.Event{Title: content.L("en", "Forum", "fr", "Forum FR"), Summary: content.L("en", "What it is.", "fr", "Ce que c’est."), Kind: "forum", Scope: "global", Status: "scheduled", FocalPoint: "focal",
		When: content.When{Start: "2030-05-05T09:00", End: "2030-05-05T17:00", Zone: "UTC", Precision: "time"}, Mode: "online", Access: "open", WorkingLanguages: []string{"en"},
		Venues:        []kind.Venue{{Item: content.Item{ID: "v1"}, Type: "online", Name: content.L("en", "Zoom")}},
		Organizations: []kind.OrganizationRole{{Item: content.Item{ID: "o1"}, Organization: content.Ref(org), Role: "organizer"}}, Contacts: []kind.Contact{{Item: content.Item{ID: "c1"}, Mailbox: "office@example.org"}},
		Commitments: promises})
}

func publish(t *testing.T, s *content.Store, id string, locales ...i18n.Locale) {
	t.Helper()
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: locales}); err != nil {
		t.Fatal(err)
	}
}

// TestPromisesFollowWhatIsPublic: a promise is kept by the very publication of what it promised, whatever that is, and open
// again when it is withdrawn.
func TestPromisesFollowWhatIsPublic(t *testing.T) {
	s := open(t)
	doc := save(t, s, kind.DocumentKind, &kind.Document{Title: content.L("en", "Slides"), Kind: "presentation", Access: "public",
		Versions: []kind.Version{{Item: content.Item{ID: "v1"}, Stage: "final", Files: []kind.LanguageVersion{{Item: content.Item{ID: "f1"}, Language: "en", File: "somefile"}}}}})
	id := owing(t, s, kind.Commitment{Item: content.Item{ID: "aa"}, Kind: "recordings", DueDays: 5, Owner: "somebody"}, kind.Commitment{Item: content.Item{ID: "bb"}, Kind: "presentations", Due: "2030-05-07"},
		kind.Commitment{Item: content.Item{ID: "cc"}, Kind: "report"}, kind.Commitment{Item: content.Item{ID: "dd"}, Kind: "other", Waived: true, WaivedReason: "Not asked for."})
	states := func() map[string]content.PromiseState {
		t.Helper()
		rows, total, err := s.ListPromises(ctx, staff, content.PromiseQuery{Entry: id})
		if err != nil || total != len(rows) {
			t.Fatal(err, total, len(rows))
		}
		out := map[string]content.PromiseState{}
		for _, r := range rows {
			out[r.Item] = r.State
		}
		return out
	}
	want := func(when string, aa, bb, cc content.PromiseState) {
		t.Helper()
		got := states()
		if len(got) != 4 || got["aa"] != aa || got["bb"] != bb || got["cc"] != cc || got["dd"] != content.PromiseWaived {
			t.Errorf("%s: %v", when, got)
		}
	}
	const yes, no = content.PromiseKept, content.PromiseOpen
	want("a draft", no, no, no)
	facts := content.Leaves{}
	facts.Set("recordings", []string{"rr"})
	facts.Set("recordings.rr.kind", "audio")
	facts.Set("recordings.rr.url", "https://video.example/1")
	facts.Set("documents", []string{"ll"})
	facts.Set("documents.ll.slot", "presentation")
	facts.Set("documents.ll.document", content.Ref(doc))
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: facts}}); err != nil {
		t.Fatal(err)
	}
	want("entered, not published", no, no, no)
	publish(t, s, id, i18n.EN)
	want("published, its slides not", yes, no, no)
	publish(t, s, doc, i18n.EN)
	want("its slides published", yes, yes, no)
	report := save(t, s, kind.ReportKind, &kind.Report{Title: content.L("en", "Outcome"), Summary: content.L("en", "What came of it."), Stage: "draft", Event: content.Ref(id), Date: "2030-06-01", Executive: content.P("en", "<p>Much.</p>")})
	publish(t, s, report, i18n.EN)
	want("a draft report", yes, yes, no)
	final := content.Leaves{}
	final.Set("stage", "final")
	if _, err := s.Save(ctx, staff, content.Change{ID: report, Set: content.Parts{content.Facts: final}}); err != nil {
		t.Fatal(err)
	}
	want("a report that is final for the staff alone", yes, yes, no)
	publish(t, s, report, i18n.EN)
	want("a report", yes, yes, yes)
	if err := s.Unpublish(ctx, staff, doc, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, staff, report); err != nil {
		t.Fatal(err)
	}
	want("withdrawn", yes, no, no)

	rows, total, err := s.ListPromises(ctx, staff, content.PromiseQuery{State: no, DueBefore: "2030-05-08"})
	if err != nil || total != 1 || rows[0].Item != "bb" || rows[0].Owner != "focal" || rows[0].Title != "Forum" {
		t.Errorf("due: %+v, %d, %v", rows, total, err)
	}
	if rows, _, _ = s.ListPromises(ctx, staff, content.PromiseQuery{Owner: "somebody"}); len(rows) != 1 || rows[0].Due != "2030-05-10" {
		t.Errorf("of somebody: %+v", rows)
	}
	// A database that an earlier program has filled has none yet: they are written when the program starts, once.
	forget := func(what ...string) {
		t.Helper()
		err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			for _, q := range what {
				if _, err := tx.NewRaw(q).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err = errors.Join(err, s.Start(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if forget("DELETE FROM promises", "DELETE FROM generations WHERE name = 'promises'"); len(states()) != 4 {
		t.Error("an older database has no promises")
	}
	if forget("DELETE FROM promises"); len(states()) != 0 {
		t.Error("they are written again at each start")
	}
	// So are the states of translations.
	told := func() (all []string) {
		t.Helper()
		if err := s.DB.Read().NewRaw("SELECT entry_id || locale || state || units || words FROM translations ORDER BY 1").Scan(ctx, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := told()
	if forget("DELETE FROM translations", "DELETE FROM generations WHERE name = 'translations'"); len(before) == 0 || !slices.Equal(told(), before) {
		t.Errorf("the states of translations are %v, made again %v", before, told())
	}
	stranger := actor(t, s, "stranger@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: "elsewhere"})
	if rows, total, err = s.ListPromises(ctx, stranger, content.PromiseQuery{}); len(rows) != 0 || total != 0 || err != nil {
		t.Errorf("a stranger sees %+v, %d, %v", rows, total, err)
	}
}

// TestAPromiseIsOwedAgain when the report that kept it is put to another event, whose promise it keeps from then on; and when
// that is put back and the report withdrawn in between.
func TestAPromiseIsOwedAgain(t *testing.T) {
	s := open(t)
	promise := kind.Commitment{Item: content.Item{ID: "aa"}, Kind: "report"}
	one, other := owing(t, s, promise), owing(t, s, promise)
	publish(t, s, one, i18n.EN)
	publish(t, s, other, i18n.EN)
	want := func(when string, states ...content.PromiseState) {
		t.Helper()
		for i, id := range []string{one, other} {
			if rows, _, err := s.ListPromises(ctx, staff, content.PromiseQuery{Entry: id}); err != nil || len(rows) != 1 || rows[0].State != states[i] {
				t.Errorf("%s: event %d: %+v, %v", when, i+1, rows, err)
			}
		}
	}
	const yes, no = content.PromiseKept, content.PromiseOpen
	report := save(t, s, kind.ReportKind, &kind.Report{Title: content.L("en", "Outcome"), Summary: content.L("en", "What came of it."), Stage: "final", Event: content.Ref(one), Date: "2030-06-01", Executive: content.P("en", "<p>Much.</p>")})
	publish(t, s, report, i18n.EN)
	want("published", yes, no)
	point := func(id string) {
		t.Helper()
		facts := content.Leaves{}
		facts.Set("event", content.Ref(id))
		if _, err := s.Save(ctx, staff, content.Change{ID: report, Set: content.Parts{content.Facts: facts}}); err != nil {
			t.Fatal(err)
		}
	}
	point(other)
	want("put to the other, for the staff alone", yes, no)
	publish(t, s, report, i18n.EN)
	want("put to the other", no, yes)
	point(one)
	if err := s.Unpublish(ctx, staff, report, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	want("withdrawn", no, no)
}

// TestAMarkedChangeIsTakenBack as one, facts and words, and not over what others have made of it since.
func TestAMarkedChangeIsTakenBack(t *testing.T) {
	s := open(t)
	id := owing(t, s)
	publish(t, s, id, i18n.EN, i18n.FR)
	mark := func(mark, status, en, fr string) {
		t.Helper()
		set := content.Parts{content.Facts: {}, "en": {}, "fr": {}}
		set[content.Facts].Set("status", status)
		set["en"].SetText("status_note", content.Text{Words: en})
		set["fr"].SetText("status_note", content.Text{Words: fr})
		if _, err := s.SaveAndPublish(ctx, staff, content.Change{ID: id, Base: get(t, s, id).Versions, Set: set, Mark: mark}, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
			t.Fatal(err)
		}
	}
	last := func() (*content.Entry, *content.Marked) {
		t.Helper()
		e := get(t, s, id)
		m, err := s.LastMarked(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		return e, m
	}
	if _, m := last(); m != nil {
		t.Errorf("nothing has happened, and it can be taken back: %+v", m)
	}
	mark("postpone", "postponed", "Later.", "Plus tard.")
	mark("cancel", "cancelled", "No.", "Non.")
	for _, want := range []struct{ mark, status, en, fr string }{{"cancel", "postponed", "Later.", "Plus tard."}, {"postpone", "scheduled", "", ""}} {
		e, m := last()
		if m == nil || m.Mark != want.mark || len(m.Since) > 0 {
			t.Fatalf("%+v", m)
		}
		if _, err := s.SaveAndPublish(ctx, staff, m.Undo(e), content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
			t.Fatal(err)
		}
		p, err := s.LiveByID(ctx, i18n.FR, id)
		if err != nil {
			t.Fatal(err)
		}
		if v := p.Value.(*kind.Event); v.Status != want.status || v.StatusNote.In(i18n.EN) != want.en || v.StatusNote.In(i18n.FR) != want.fr {
			t.Errorf("after taking %s back: %s %v", want.mark, v.Status, v.StatusNote)
		}
	}
	if _, m := last(); m != nil {
		t.Errorf("all is taken back, and there is more: %+v", m)
	}
	mark("cancel", "cancelled", "No.", "Non.")
	words := content.Leaves{}
	words.SetText("status_note", content.Text{Words: "Non, hélas."})
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{"fr": words}}); err != nil {
		t.Fatal(err)
	}
	// What somebody writes about a change is no mark, whatever it says.
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: {"scope": []byte(`"national"`)}}, Note: "change:explode"}); err != nil {
		t.Fatal(err)
	}
	if _, m := last(); m == nil || m.Mark != "cancel" || len(m.Since) != 1 || m.Since[0].Path != "status_note" || m.Since[0].Locale != i18n.FR {
		t.Errorf("%+v", m)
	}
}

// TestSaveAndPublishIsOne: what cannot be published is not saved, and what somebody has changed meanwhile is not published unseen.
func TestSaveAndPublishIsOne(t *testing.T) {
	s := open(t)
	id := owing(t, s)
	publish(t, s, id, i18n.EN)
	seen := get(t, s, id)
	empty := content.Parts{content.Facts: {"contacts": nil}}
	var invalid *content.Invalid
	if _, err := s.SaveAndPublish(ctx, staff, content.Change{ID: id, Base: seen.Versions, Set: empty}, content.PublishChange{ID: id, Facts: true}); !errors.As(err, &invalid) {
		t.Errorf("without a contact: %v", err)
	}
	if e := get(t, s, id); e.Versions[content.Facts] != seen.Versions[content.Facts] {
		t.Error("saved all the same")
	}
	set := func(path string, v any) content.Parts {
		l := content.Leaves{}
		l.Set(path, v)
		return content.Parts{content.Facts: l}
	}
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: set("scope", "regional")}); err != nil {
		t.Fatal(err)
	}
	var moved *content.Conflicted
	if _, err := s.SaveAndPublish(ctx, staff, content.Change{ID: id, Base: seen.Versions, Set: set("status", "cancelled")}, content.PublishChange{ID: id, Facts: true}); !errors.As(err, &moved) {
		t.Errorf("over a change that was not seen: %v", err)
	}
	if v := get(t, s, id).Value.(*kind.Event); v.Status != "scheduled" || v.Scope != "regional" {
		t.Errorf("%s %s", v.Status, v.Scope)
	}
}

// TestAPreviewStoresNothing, and tells what would be missing or out of date.
func TestAPreviewStoresNothing(t *testing.T) {
	s := open(t)
	id := owing(t, s)
	e := get(t, s, id)
	set := content.Parts{content.Facts: {}, "en": {}}
	set[content.Facts].Set("when", content.When{Start: "2031-05-05T09:00", End: "2031-05-05T17:00", Zone: "UTC", Precision: "time"})
	set["en"].SetText("status_note", content.Text{Words: "A flood."})
	set["en"].SetText("summary", content.Text{Words: "What it has become."})
	next, err := s.Preview(e, content.Change{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	if v := next.Value.(*kind.Event); v.When.Start != "2031-05-05T09:00" || v.Summary.In(i18n.EN) != "What it has become." || !next.Recalls(e) || e.Recalls(e) {
		t.Errorf("%+v", v.When)
	}
	was, will := e.Languages[i18n.FR], next.Languages[i18n.FR]
	if will.Missing != was.Missing+1 || will.Stale != was.Stale+1 {
		t.Errorf("French: %+v, then %+v", was, will)
	}
	if len(next.Changes(e)) != 3 {
		t.Errorf("%+v", next.Changes(e))
	}
	if v := get(t, s, id); v.Versions["en"] != e.Versions["en"] || v.Value.(*kind.Event).When.Start != "2030-05-05T09:00" || e.Value.(*kind.Event).When.Start != "2030-05-05T09:00" {
		t.Error("the entry itself has changed")
	}
	bad := content.Parts{content.Facts: {}}
	bad[content.Facts].Set("status", "exploded")
	var invalid *content.Invalid
	if _, err := s.Preview(e, content.Change{Set: bad}); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
}

// TestWordsChangedTwice: a change that leaves the facts as they are is taken back as one too, and before the one before it;
// words come back with the stamps they had, and a translation typed anew in the same words is of the new original.
func TestWordsChangedTwice(t *testing.T) {
	s := open(t)
	id := owing(t, s)
	publish(t, s, id, i18n.EN, i18n.FR)
	mark := func(en, fr string) {
		t.Helper()
		set := content.Parts{content.Facts: {}, "en": {}, "fr": {}}
		set[content.Facts].Set("status", "venue_changed")
		set["en"].SetText("status_note", content.Text{Words: en})
		set["fr"].SetText("status_note", content.Text{Words: fr})
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Base: get(t, s, id).Versions, Set: set, Mark: "venue", Fresh: map[content.Part][]string{"fr": {"status_note"}}}); err != nil {
			t.Fatal(err)
		}
	}
	stale := func() bool {
		e := get(t, s, id)
		return content.Stale(content.TypeLine, e.Parts["fr"].Text("status_note"), e.Parts["en"].Text("status_note").Words)
	}
	mark("Repairs.", "Travaux.")
	mark("More repairs.", "Travaux.")
	if stale() {
		t.Error("what was typed with the new original is out of date")
	}
	words := content.Leaves{}
	words.SetText("status_note", content.Text{Words: "More and more repairs."})
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{"en": words}}); err != nil {
		t.Fatal(err)
	}
	if !stale() {
		t.Fatal("nothing is out of date: nothing was tried")
	}
	mark("A flood.", "Une inondation.")
	for _, want := range []struct {
		en, fr string
		stale  bool
	}{{"More and more repairs.", "Travaux.", true}, {"Repairs.", "Travaux.", false}, {"", "", false}} {
		e := get(t, s, id)
		if want.en == "Repairs." { // by hand, so that nothing stands in the way
			words.SetText("status_note", content.Text{Words: "More repairs."})
			if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{"en": words}}); err != nil {
				t.Fatal(err)
			}
			e = get(t, s, id)
		}
		m, err := s.LastMarked(ctx, e)
		if err != nil || m == nil || len(m.Since) > 0 {
			t.Fatalf("%+v, %v", m, err)
		}
		next, err := s.Preview(e, m.Undo(e))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Save(ctx, staff, m.Undo(e)); err != nil {
			t.Fatal(err)
		}
		e = get(t, s, id)
		en, fr := e.Parts["en"].Text("status_note"), e.Parts["fr"].Text("status_note")
		if en.Words != want.en || fr.Words != want.fr || stale() != want.stale || next.Languages[i18n.FR].Stale != e.StaleAgainst(i18n.FR) {
			t.Errorf("taken back: %q, %q, out of date: %v; previewed %+v, is %+v", en.Words, fr.Words, stale(), next.Languages[i18n.FR], e.Languages[i18n.FR])
		}
	}
	if m, err := s.LastMarked(ctx, get(t, s, id)); m != nil || err != nil {
		t.Errorf("all is taken back, and there is more: %+v, %v", m, err)
	}
}

// TestTheRightToTheFactsIsEnough to take a change back, and to empty in every language what told of the one before; it lets
// nobody write in a language, nor empty anything else.
func TestTheRightToTheFactsIsEnough(t *testing.T) {
	s := open(t)
	id := owing(t, s)
	who := actor(t, s, "who@example.org", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite})
	err := s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE entries SET created_by = ? WHERE id = ?", who.ID, id).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set := func(status, en string, fr content.Leaves) content.Parts {
		p := content.Parts{content.Facts: {}, "en": {}, "fr": fr}
		p[content.Facts].Set("status", status)
		p["en"].SetText("status_note", content.Text{Words: en})
		return p
	}
	note := content.Leaves{}
	note.SetText("status_note", content.Text{Words: "Plus tard."})
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: set("postponed", "Later.", note), Mark: "postpone"}); err != nil {
		t.Fatal(err)
	}
	empties := []string{"status_note"}
	for name, c := range map[string]content.Change{
		"written":           {ID: id, Set: set("cancelled", "No.", words("fr", "status_note", "Non.")["fr"]), Mark: "cancel", Empties: empties},
		"emptied elsewhere": {ID: id, Set: set("cancelled", "No.", content.Leaves{"status_note": nil, "title": nil}), Mark: "cancel", Empties: empties},
		"without a mark":    {ID: id, Set: set("cancelled", "No.", content.Leaves{"status_note": nil}), Empties: empties},
	} {
		if _, err := s.Save(ctx, who, c); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Save(ctx, who, content.Change{ID: id, Set: set("cancelled", "No.", content.Leaves{"status_note": nil}), Mark: "cancel", Empties: empties}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Plus tard.", ""} {
		e := get(t, s, id)
		m, err := s.LastMarked(ctx, e)
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		if _, err := s.Save(ctx, who, m.Undo(e)); err != nil {
			t.Fatal(err)
		}
		if got := get(t, s, id).Parts["fr"].Text("status_note").Words; got != want {
			t.Errorf("French: %q, want %q", got, want)
		}
	}
}
