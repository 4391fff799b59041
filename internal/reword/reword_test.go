package reword_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/kind"
	"plenary/internal/reword"
	"plenary/internal/writing"
)

var (
	ctx   = context.Background()
	staff = auth.System("test")
)

type office struct {
	*reword.Store
	t     *testing.T
	clock *dbtest.Clock
}

func open(t *testing.T) *office {
	t.Helper()
	d := dbtest.Open(t, dbtest.Address(t))
	o := &office{t: t, clock: dbtest.NewClock()}
	a := auth.New(d, auth.Options{Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, Log: slog.New(slog.DiscardHandler)})
	store := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All,
		Files: func(context.Context, bun.Tx, *auth.Actor, []string) (map[string]string, error) { return nil, nil }}
	if err := store.Start(ctx); err != nil {
		t.Fatal(err)
	}
	o.Store = &reword.Store{DB: d, Content: store, Auth: a, Jobs: job.New(d, job.Options{Now: o.clock.Now})}
	o.Handle(o.Jobs)
	return o
}

func (o *office) person(name string, role auth.Role) *auth.Actor {
	o.t.Helper()
	a, err := o.Auth.Create(ctx, staff, auth.NewAccount{Email: name + "@example.org", Name: name, Password: "a long way to the river", Locale: i18n.EN})
	if err == nil {
		_, err = o.Auth.AddGrant(ctx, staff, auth.Grant{AccountID: a.ID, Role: role, Scope: auth.ScopeSite})
	}
	if err != nil {
		o.t.Fatal(err)
	}
	who, err := o.Auth.ActorOf(ctx, a.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return who
}

func (o *office) news(who *auth.Actor, body string) string {
	o.t.Helper()
	v := &kind.News{Title: content.L("en", "A title", "fr", "Un titre"), Body: content.P("en", body, "fr", body)}
	r, err := o.Content.Save(ctx, who, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(v)})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.ID
}

func (o *office) body(id string, l i18n.Locale) string {
	o.t.Helper()
	e, err := o.Content.Get(ctx, staff, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return e.Value.(*kind.News).Body.In(l)
}

// TestReword: each entry is changed once, in the chosen languages, in the right of who asked, and can be taken back by itself.
func TestReword(t *testing.T) {
	o := open(t)
	editor, other := o.person("editor", auth.Editor), o.person("other", auth.Editor)
	var ids []string
	for range 5 {
		ids = append(ids, o.news(editor, `<p>A web <a href="/web">web</a>.</p>`))
	}
	plain := o.news(editor, "<p>Nothing here.</p>")
	gone := o.news(editor, "<p>A web.</p>")
	if err := o.Content.Delete(ctx, editor, gone); err != nil {
		t.Fatal(err)
	}
	q := reword.Query{Query: writing.Query{Find: "web", Replace: "web site"}, Locales: []i18n.Locale{i18n.EN}}
	hits, more, err := o.Content.FindEverywhere(ctx, editor, writing.NewFinder(q.Query), q.Locales, 3)
	if err != nil || !more || len(hits) != 3 || hits[0].Count != 2 {
		t.Fatalf("found %+v %v %v", hits, more, err)
	}
	for _, ids := range [][]string{nil, make([]string, reword.MaxEntries+1)} {
		for i := range ids {
			ids[i] = content.NewID()
		}
		if _, err := o.Start(ctx, editor, q, ids, "note"); !errors.Is(err, reword.ErrNothing) {
			t.Errorf("%d entries: %v", len(ids), err)
		}
	}
	if _, err := o.Start(ctx, o.person("reader", auth.Observer), q, ids, "note"); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who may change nothing: %v", err)
	}
	id, err := o.Start(ctx, editor, q, append(ids, plain, gone, ids[0]), "Replaced")
	if err != nil {
		t.Fatal(err)
	}
	x, err := o.Get(ctx, editor, id)
	if err != nil || x.Waiting() != 7 || x.Query.Find != "web" {
		t.Fatalf("%+v %v", x, err)
	}
	if _, err := o.Get(ctx, other, id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("somebody else looks at it: %v", err)
	}
	// The words that are put in hold what is looked for: done twice, they would grow.
	for range 2 {
		if err := o.Jobs.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for _, n := range ids {
			if got, want := o.body(n, i18n.EN), `<p>A web site <a href="/web">web site</a>.</p>`; strings.ReplaceAll(got, ` rel="nofollow"`, "") != want {
				t.Errorf("%s is %s", n, got)
			}
			if got := o.body(n, i18n.FR); strings.Contains(got, "site") {
				t.Errorf("French is %s", got)
			}
		}
	}
	x, _ = o.Get(ctx, editor, id)
	states := map[reword.State]int{}
	for _, e := range x.Entries {
		states[e.State]++
		if e.State == reword.Done && e.Places != 2 {
			t.Errorf("%+v", e)
		}
	}
	if states[reword.Done] != 5 || states[reword.Nothing] != 1 || states[reword.Refused] != 1 {
		t.Errorf("states %v", states)
	}
	revisions, err := o.Content.Revisions(ctx, editor, ids[0], 0, 10)
	if err != nil || revisions[0].Note != "Replaced" || revisions[0].Author != editor.ID {
		t.Fatalf("%+v %v", revisions, err)
	}
	if _, err := o.Content.RestoreRevision(ctx, editor, ids[0], content.Part(i18n.EN), revisions[0].Number-1); err != nil {
		t.Fatal(err)
	}
	if got := o.body(ids[0], i18n.EN); strings.Contains(got, "site") {
		t.Errorf("taken back, and it is %s", got)
	}
}
