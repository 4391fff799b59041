package content_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func actor(t *testing.T, s *content.Store, email string, grants ...auth.Grant) *auth.Actor {
	t.Helper()
	accounts := auth.New(s.DB, auth.Options{})
	a, err := accounts.Create(ctx, staff, auth.NewAccount{Email: email, Name: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range grants {
		g.AccountID = a.ID
		if _, err := accounts.AddGrant(ctx, staff, g); err != nil {
			t.Fatal(err)
		}
	}
	who, err := accounts.ActorOf(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func organization(name string) *kind.Organization {
	return &kind.Organization{Name: content.L("en", name), Type: "ngo"}
}

// TestReferencesStayWithinReach: a reference tells that something is there, and shows its name to whoever edits: to what
// one may not read it is refused like one to nothing.
func TestReferencesStayWithinReach(t *testing.T) {
	s := open(t)
	theirs := save(t, s, kind.OrganizationKind, organization("Secret Foundation"))
	public := save(t, s, kind.OrganizationKind, organization("Public Foundation"))
	if err := s.Publish(ctx, staff, content.PublishChange{ID: public, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	own := save(t, s, kind.OrganizationKind, organization("Own Foundation"))
	partner := actor(t, s, "partner@example.org", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: own})
	s.Files = func(_ context.Context, _ bun.Tx, who *auth.Actor, ids []string) (map[string]string, error) {
		out := map[string]string{}
		for _, id := range ids {
			if id == "ownfile" || who.IsProgram() {
				out[id] = "picture"
			}
		}
		return out, nil
	}
	create := func(n *kind.News) (*content.Saved, error) {
		return s.Save(ctx, partner, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: own, Set: kind.NewsKind.Split(n)})
	}
	with := func(unit string) error {
		n := news("News")
		n.Unit = content.Ref(unit)
		_, err := create(n)
		return err
	}
	var missing, foreign *content.Invalid
	if err := with("nosuchentry0"); !errors.As(err, &missing) {
		t.Fatalf("a reference to nothing: %v", err)
	}
	if err := with(theirs); !errors.As(err, &foreign) || foreign.Error() != missing.Error() {
		t.Errorf("a reference to a foreign draft: %v, to nothing: %v", err, missing)
	}
	for what, id := range map[string]string{"the own organisation": own, "what is public": public} {
		if err := with(id); err != nil {
			t.Errorf("a reference to %s: %v", what, err)
		}
	}
	for body, want := range map[string]bool{
		`<p><img src="/media/ownfile/640.webp" alt="a"></p>`:     true,
		`<p><img src="/media/foreignfile/640.webp" alt="a"></p>`: false,
	} {
		n := news("Pictures")
		n.Body = content.P("en", body)
		if _, err := create(n); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
	n := news("Picture")
	n.Image.File = "foreignfile"
	if _, err := create(n); err == nil {
		t.Error("a foreign file as the picture")
	}

	// What someone with more rights chose stays, also in a translation, and keeps nobody from saving.
	n = news("Chosen by the office")
	n.Unit, n.Body = content.Ref(theirs), content.P("en", `<p><img src="/media/foreignfile/640.webp" alt="a"></p>`)
	r, err := s.Save(ctx, staff, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Office: own, Set: kind.NewsKind.Split(n)})
	if err != nil {
		t.Fatal(err)
	}
	facts := content.Leaves{}
	facts.Set("date", content.Date("2026-07-02"))
	for what, set := range map[string]content.Parts{"facts": {content.Facts: facts}, "words": words(i18n.EN, "title", "Other words"),
		"translation": words(i18n.FR, "body", `<p>Voici <img src="/media/foreignfile/640.webp" alt="a"></p>`)} {
		if _, err := s.Save(ctx, partner, content.Change{ID: r.ID, Set: set}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestMovingNeedsTheRightAtBothEnds: series and event decide who may what.
func TestMovingNeedsTheRightAtBothEnds(t *testing.T) {
	s := open(t)
	series := func(title string) string {
		return save(t, s, kind.SeriesKind, &kind.Series{Title: content.L("en", title), Summary: content.L("en", "S"), Status: "active"})
	}
	mine, other := series("Mine"), series("Other")
	who := actor(t, s, "series@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSeries, ScopeID: mine},
		auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	in := func(id string) content.Change {
		n := news("In a series")
		n.Series = content.Ref(id)
		return content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(n)}
	}
	r, err := s.Save(ctx, who, in(mine))
	if err != nil {
		t.Fatalf("in the own series: %v", err)
	}
	if _, err := s.Save(ctx, who, in(other)); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("in a foreign series: %v", err)
	}
	if _, err := s.Save(ctx, who, in("")); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("in no series: %v", err)
	}
	for _, to := range []content.Ref{content.Ref(other), ""} {
		facts := content.Leaves{"series": nil}
		if to != "" {
			facts.Set("series", to)
		}
		if _, err := s.Save(ctx, who, content.Change{ID: r.ID, Set: content.Parts{content.Facts: facts}}); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("moved to %q: %v", to, err)
		}
	}
	if e := get(t, s, r.ID); e.Object().Series != mine {
		t.Errorf("it is in %q now", e.Object().Series)
	}
}

// TestFilesFollowTheirDocument: a document can be announced without being given out.
func TestFilesFollowTheirDocument(t *testing.T) {
	s := open(t)
	d := &kind.Document{Title: content.L("en", "Paper"), Kind: "background_document", Access: "internal", Versions: []kind.Version{
		{Item: content.Item{ID: "v2"}, Stage: "final", Files: []kind.LanguageVersion{{Item: content.Item{ID: "f2"}, Language: "en", File: "finalfile"}}},
		{Item: content.Item{ID: "v1"}, Stage: "withdrawn", Files: []kind.LanguageVersion{{Item: content.Item{ID: "f1"}, Language: "en", File: "withdrawnfile"}}}}}
	id := save(t, s, kind.DocumentKind, d)
	public := func(what string, final bool) {
		t.Helper()
		for file, want := range map[string]bool{"finalfile": final, "withdrawnfile": false} {
			if got, err := s.FileIsPublic(ctx, file); err != nil || got != want {
				t.Errorf("%s: %s is public: %v, %v", what, file, got, err)
			}
		}
		var told int
		if err := s.DB.Read().NewRaw("SELECT (SELECT count(*) FROM live WHERE doc LIKE '%withdrawnfile%') + (SELECT count(*) FROM publications WHERE card LIKE '%withdrawnfile%')").Scan(ctx, &told); err != nil || told > 0 {
			t.Errorf("%s: %d public rows name the withdrawn file: %v", what, told, err)
		}
	}
	set := func(facts bool, path string, v any) {
		t.Helper()
		leaves := content.Leaves{}
		leaves.Set(path, v)
		if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: leaves, "fr": words(i18n.FR, "title", "Document")["fr"]}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: facts, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
			t.Fatal(err)
		}
	}
	set(true, "access", "internal")
	public("internal", false)
	set(false, "access", "public")
	public("made public, and its facts not yet published", false)
	set(false, "versions", []string{"v1"}) // the live facts still list v2
	set(true, "versions", []string{"v2", "v1"})
	public("published", true)
	set(true, "access", "registrants")
	public("closed again", false)
	if _, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Facts: {"versions.v2.files.f2.file": nil}}}); err != nil {
		t.Fatal(err)
	}
	var invalid *content.Invalid
	if err := s.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true}); !errors.As(err, &invalid) {
		t.Errorf("a closed document without its file: %v", err)
	}
}
