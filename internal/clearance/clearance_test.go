package clearance_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/clearance"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/i18n/i18ntest"
	"plenary/internal/job"
	"plenary/internal/kind"
	letters "plenary/internal/mail"
	"plenary/internal/settings"
)

var (
	ctx   = context.Background()
	staff = auth.System("test")
)

// office is a site with people in it, on a database of its own.
type office struct {
	*clearance.Store
	t     *testing.T
	clock *dbtest.Clock
	site  atomic.Pointer[settings.Site]
	auth  *auth.Service
}

func open(t *testing.T) *office {
	t.Helper()
	d := dbtest.Open(t, dbtest.Address(t))
	words := i18ntest.Words(t)
	o := &office{t: t, clock: dbtest.NewClock()}
	o.set(func(*settings.Site) {})
	o.auth = auth.New(d, auth.Options{Now: o.clock.Now, Argon: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, Log: slog.New(slog.DiscardHandler)})
	store := &content.Store{DB: d, Kinds: kind.All, Choices: kind.Choices{}, Locales: i18n.All,
		Files: func(context.Context, bun.Tx, *auth.Actor, []string) (map[string]string, error) { return nil, nil }}
	if err := store.Start(ctx); err != nil {
		t.Fatal(err)
	}
	box, err := letters.New(d, letters.Options{BaseURL: "https://example.org", Words: words, Site: func(i18n.Locale) string { return "Office" }, ReplyTo: func() string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	o.Store = &clearance.Store{DB: d, Content: store, Auth: o.auth, Mail: box, Site: func() settings.Site { return *o.site.Load() }, Catalogue: words,
		BaseURL: "https://example.org", Now: o.clock.Now, Jobs: job.New(d, job.Options{Now: o.clock.Now})}
	o.Handle(o.Jobs)
	store.Gates = append(store.Gates, o.Gate, o.WritingGate)
	return o
}

func (o *office) set(f func(*settings.Site)) {
	s := settings.Defaults()
	f(&s)
	o.site.Store(&s)
}

func needed(s *settings.Site) { s.Clearance = true }

// person makes an account with roles everywhere, and gives who they are.
func (o *office) person(name string, roles ...auth.Role) *auth.Actor {
	o.t.Helper()
	var grants []auth.Grant
	for _, r := range roles {
		grants = append(grants, auth.Grant{Role: r, Scope: auth.ScopeSite})
	}
	return o.granted(name, grants...)
}

func (o *office) granted(name string, grants ...auth.Grant) *auth.Actor {
	o.t.Helper()
	a, err := o.auth.Create(ctx, staff, auth.NewAccount{Email: name + "@example.org", Name: "Person " + name, Password: "a long way to the river", Locale: i18n.FR})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, g := range grants {
		g.AccountID = a.ID
		if _, err := o.auth.AddGrant(ctx, staff, g); err != nil {
			o.t.Fatal(err)
		}
	}
	return o.again(a.ID)
}

// again gives somebody's rights of this moment.
func (o *office) again(id string) *auth.Actor {
	o.t.Helper()
	who, err := o.auth.ActorOf(ctx, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return who
}

func (o *office) news(who *auth.Actor, title string) string {
	o.t.Helper()
	v := &kind.News{Title: content.L("en", title, "fr", title+" (français)"), Summary: content.L("en", "Summary", "fr", "Résumé"), Kind: "news", Date: "2027-07-01",
		Body: content.P("en", content.Paragraphs("One."), "fr", content.Paragraphs("Un."))}
	r, err := o.Content.Save(ctx, who, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(v)})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.ID
}

func (o *office) write(who *auth.Actor, id string, l i18n.Locale, path, words string) {
	o.t.Helper()
	leaves := content.Leaves{}
	if leaves.SetText(path, content.Text{Words: words}); words == "" {
		leaves[path] = nil
	}
	if _, err := o.Content.Save(ctx, who, content.Change{ID: id, Set: content.Parts{content.Part(l): leaves}}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) entry(id string) *content.Entry {
	o.t.Helper()
	e, err := o.Content.Get(ctx, staff, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return e
}

func (o *office) state(id string, l i18n.Locale) clearance.State {
	o.t.Helper()
	all, err := o.Standings(ctx, o.entry(id))
	if err != nil {
		o.t.Fatal(err)
	}
	return all[l].State
}

func (o *office) is(id string, l i18n.Locale, want clearance.State) {
	o.t.Helper()
	if got := o.state(id, l); got != want {
		o.t.Errorf("%s is %q, want %q", l, got, want)
	}
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// refused checks that an error is a problem with a key.
func (o *office) refused(err error, key string) {
	o.t.Helper()
	var bad *content.Invalid
	if !errors.As(err, &bad) || !slices.ContainsFunc(bad.Problems, func(p content.Problem) bool { return p.Key == key }) {
		o.t.Errorf("got %v, want %s", err, key)
	}
}

var en, fr = []i18n.Locale{i18n.EN}, []i18n.Locale{i18n.FR}

func both(id string) content.PublishChange {
	return content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}
}

func (o *office) title(id string) string {
	p, err := o.Content.LiveByID(ctx, i18n.EN, id)
	if errors.Is(err, db.ErrNotFound) {
		return ""
	} else if err != nil {
		o.t.Fatal(err)
	}
	return p.Title
}

func (o *office) audit(action string) []auth.Line {
	o.t.Helper()
	lines, _, err := o.auth.AuditLog(ctx, staff, auth.AuditFilter{Action: action}, auth.Paging{Size: 50})
	o.ok(err)
	return lines
}

func TestClearanceIsForARevisionAndALanguage(t *testing.T) {
	o := open(t)
	o.set(needed)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	id := o.news(editor, "Registers open")
	o.is(id, i18n.EN, clearance.Draft)
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.not_cleared")
	if o.title(id) != "" {
		t.Fatal("what was refused is public")
	}
	o.ok(o.Submit(ctx, editor, id, append(en, fr...), o.entry(id).Versions, "By Friday, please"))
	o.is(id, i18n.EN, clearance.Submitted)
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.not_cleared")
	o.ok(o.Decide(ctx, head, id, i18n.EN, true, o.entry(id).Versions, ""))
	o.is(id, i18n.EN, clearance.Cleared)
	o.is(id, i18n.FR, clearance.Submitted)
	o.ok(o.Content.Publish(ctx, editor, both(id)))
	// French has not been cleared with English, and its facts have.
	o.refused(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Locales: fr}), "problem.not_cleared")

	o.write(editor, id, i18n.EN, "title", "Registers open late")
	o.is(id, i18n.EN, clearance.Changed)
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.changed_since_clearance")
	x, err := o.Standings(ctx, o.entry(id))
	o.ok(err)
	diff, err := o.Content.Since(ctx, o.DB.Read(), o.entry(id), x[i18n.EN].Base(o.entry(id)))
	if o.ok(err); len(diff) != 1 || diff[0].Path != "title" {
		t.Errorf("changed since clearance: %v", diff)
	}
	if o.title(id) != "Registers open" {
		t.Errorf("public: %q", o.title(id))
	}
	// Taking the edit back brings the clearance back: it is computed.
	o.write(editor, id, i18n.EN, "title", "Registers open")
	o.is(id, i18n.EN, clearance.Cleared)
	o.write(editor, id, i18n.EN, "title", "Registers open for all")
	o.ok(o.Submit(ctx, editor, id, en, nil, ""))
	o.ok(o.Decide(ctx, head, id, i18n.EN, false, nil, "Open to whom?"))
	o.is(id, i18n.EN, clearance.Returned)
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.not_cleared")
}

// TestARevisionThatWasClearedCanBePublishedLater: the permission is for the revision, whatever was edited since.
func TestARevisionThatWasClearedCanBePublishedLater(t *testing.T) {
	o := open(t)
	o.set(needed)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	id := o.news(editor, "First words")
	o.ok(o.Decide(ctx, head, id, i18n.EN, true, o.entry(id).Versions, ""))
	o.write(editor, id, i18n.EN, "title", "Second words")
	o.ok(o.PublishCleared(ctx, editor, id, i18n.EN))
	if got := o.title(id); got != "First words" {
		t.Errorf("public: %q", got)
	}
	e := o.entry(id)
	if e.Title != "Second words" || e.Languages[i18n.EN].State != content.StateChanged || e.Languages[i18n.EN].Title != "Second words" {
		t.Errorf("working: %q, %+v", e.Title, e.Languages[i18n.EN])
	}
	// A return takes it back.
	o.ok(o.Decide(ctx, head, id, i18n.EN, false, nil, "On second thoughts"))
	o.refused(o.PublishCleared(ctx, editor, id, i18n.EN), "problem.not_cleared")
	o.refused(o.PublishCleared(ctx, editor, id, i18n.FR), "problem.not_cleared")
}

func TestAStalePageClearsNothing(t *testing.T) {
	o := open(t)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	id := o.news(editor, "Registers open")
	seen := o.entry(id).Versions
	o.ok(o.Submit(ctx, editor, id, en, seen, ""))
	o.write(editor, id, i18n.EN, "summary", "Another summary")
	var moved *content.Conflicted
	if err := o.Decide(ctx, head, id, i18n.EN, true, seen, ""); !errors.As(err, &moved) {
		t.Errorf("cleared what nobody saw: %v", err)
	}
	o.is(id, i18n.EN, clearance.Submitted)
	o.ok(o.Decide(ctx, head, id, i18n.EN, true, o.entry(id).Versions, ""))
	o.refused(o.Decide(ctx, head, id, i18n.EN, true, o.entry(id).Versions, ""), "problem.cleared_already")
}

func TestNobodyClearsTheirOwn(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	boss := o.person("boss", auth.Editor, auth.ClearingOfficer)
	other := o.person("other", auth.ClearingOfficer)
	id := o.news(boss, "Registers open")
	o.refused(o.Decide(ctx, boss, id, i18n.EN, true, nil, ""), "problem.own_text")
	// Neither through a deputy, nor by having submitted it.
	o.ok(o.auth.SetDeputy(ctx, boss, editor.ID, o.clock.Now().Add(time.Hour)))
	o.refused(o.Decide(ctx, o.again(editor.ID), id, i18n.EN, true, nil, ""), "problem.own_text")
	o.ok(o.Decide(ctx, other, id, i18n.EN, true, nil, ""))
	o.write(editor, id, i18n.EN, "title", "By the editor")
	o.ok(o.Submit(ctx, boss, id, en, nil, ""))
	o.refused(o.Decide(ctx, boss, id, i18n.EN, true, nil, ""), "problem.own_text")
	// What another cleared before is not counted again: only what came since.
	o.write(editor, id, i18n.FR, "title", "Les registres")
	o.set(func(s *settings.Site) { s.ClearOwn = true })
	o.ok(o.Decide(ctx, boss, id, i18n.EN, true, nil, ""))
	if lines := o.audit("clear"); len(lines) != 2 || lines[0].Detail["own_text"] != true || lines[1].Detail["own_text"] != nil {
		t.Errorf("audit: %+v", lines)
	}
}

func TestADeputyClearsInSomebodysStead(t *testing.T) {
	o := open(t)
	head, deputy, editor := o.person("head", auth.ClearingOfficer), o.person("deputy"), o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	if err := o.Decide(ctx, deputy, id, i18n.EN, true, nil, ""); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if err := o.auth.SetDeputy(ctx, editor, deputy.ID, o.clock.Now().Add(time.Hour)); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who may not clear names a deputy: %v", err)
	}
	for name, err := range map[string]error{"past": o.auth.SetDeputy(ctx, head, deputy.ID, o.clock.Now()), "self": o.auth.SetDeputy(ctx, head, head.ID, o.clock.Now().Add(time.Hour)),
		"unknown": o.auth.SetDeputy(ctx, head, "nobody", o.clock.Now().Add(time.Hour))} {
		var bad auth.Invalid
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.ok(o.auth.SetDeputy(ctx, head, deputy.ID, o.clock.Now().Add(time.Hour)))
	now := o.again(deputy.ID)
	if now.Can(auth.Publish, o.entry(id).Object()) || now.CanSomewhere(auth.ReadStatistics) || now.MayDepute() || len(now.Grants()) != 0 {
		t.Error("a deputy has more than the right to clear")
	}
	o.ok(o.Submit(ctx, editor, id, en, nil, ""))
	if tasks, err := o.Waiting(ctx, now, 8); err != nil || len(tasks) != 1 {
		t.Errorf("waits for the deputy: %v %v", tasks, err)
	}
	o.ok(o.Decide(ctx, now, id, i18n.EN, true, nil, ""))
	if lines := o.audit("clear"); len(lines) != 1 || lines[0].Actor != deputy.ID || lines[0].Detail["on_behalf_of"] != head.ID {
		t.Errorf("audit: %+v", lines)
	}
	x, err := o.Standings(ctx, o.entry(id))
	if o.ok(err); x[i18n.EN].Valid.Stead != head.ID {
		t.Errorf("%+v", x[i18n.EN].Valid)
	}
	// It ends with the time, with the other's right, and with the account.
	o.clock.Move(2 * time.Hour)
	if o.again(deputy.ID).CanSomewhere(auth.Clear) {
		t.Error("a deputy after the time")
	}
	o.ok(o.auth.SetDeputy(ctx, head, deputy.ID, o.clock.Now().Add(time.Hour)))
	if !o.again(deputy.ID).CanSomewhere(auth.Clear) {
		t.Error("named once more")
	}
	o.ok(o.auth.Disable(ctx, staff, head.ID, true))
	if o.again(deputy.ID).CanSomewhere(auth.Clear) {
		t.Error("the deputy of a closed account")
	}
}

func TestWhoMayClear(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	french := o.granted("french", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeSite, Locale: i18n.FR})
	elsewhere := o.granted("elsewhere", auth.Grant{Role: auth.ClearingOfficer, Scope: auth.ScopeOrganisation, ScopeID: "org2"})
	if err := o.Decide(ctx, editor, id, i18n.EN, true, nil, ""); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("an editor: %v", err)
	}
	if err := o.Decide(ctx, french, id, i18n.EN, true, nil, ""); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("another language: %v", err)
	}
	o.ok(o.Decide(ctx, french, id, i18n.FR, true, nil, ""))
	// What is not theirs to see looks as if it were not there.
	for name, f := range map[string]func(who *auth.Actor) error{
		"clear":   func(who *auth.Actor) error { return o.Decide(ctx, who, id, i18n.EN, true, nil, "") },
		"return":  func(who *auth.Actor) error { return o.Decide(ctx, who, id, i18n.EN, false, nil, "no") },
		"submit":  func(who *auth.Actor) error { return o.Submit(ctx, who, id, en, nil, "") },
		"comment": func(who *auth.Actor) error { return o.Comment(ctx, who, id, i18n.EN, "title", "no") },
		"plan": func(who *auth.Actor) error {
			_, err := o.Plan(ctx, who, id, clearance.Asked{Action: clearance.Publish, Locales: en, At: content.Moment{At: "2027-08-01T09:00", Zone: "UTC"}})
			return err
		},
		"plan badly": func(who *auth.Actor) error { _, err := o.Plan(ctx, who, id, clearance.Asked{}); return err },
		"cancel":     func(who *auth.Actor) error { return o.Cancel(ctx, who, id, "x") },
		"cleared":    func(who *auth.Actor) error { return o.PublishCleared(ctx, who, id, i18n.EN) },
	} {
		for _, who := range []*auth.Actor{elsewhere, o.again(o.person("nobody-" + strings.ReplaceAll(name, " ", "-")).ID)} {
			if err := f(who); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s of a foreign entry: %v", name, err)
			}
		}
	}
	if tasks, err := o.Waiting(ctx, elsewhere, 8); err != nil || len(tasks) != 0 {
		t.Errorf("%v %v", tasks, err)
	}
	observer := o.person("observer", auth.Observer)
	if err := o.Comment(ctx, observer, id, i18n.EN, "title", "no"); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("who looks on: %v", err)
	}
	o.refused(o.Decide(ctx, o.person("head", auth.ClearingOfficer), id, i18n.EN, false, nil, "no"), "problem.nothing_to_return")
}

func TestAnOfficeThatNeedsNoClearancePublishesDirectly(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.ok(o.Content.Publish(ctx, editor, both(id)))
	// What is public already needs none when the office asks for it later.
	o.set(needed)
	o.ok(o.Content.Publish(ctx, editor, both(id)))
	o.ok(o.Content.Publish(ctx, staff, content.PublishChange{ID: id, Locales: fr})) // the program itself
}

// TestWhatHappensToAnEventIsUrgent: a cancellation is published at once, but carries along nothing that waits.
func TestWhatHappensToAnEventIsUrgent(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	id := o.news(editor, "Registers open")
	o.ok(o.Content.Publish(ctx, editor, both(id)))
	o.set(needed)
	change := func(words string) error {
		leaves := content.Leaves{}
		leaves.SetText("title", content.Text{Words: words})
		e := o.entry(id)
		_, err := o.Content.SaveAndPublish(ctx, editor, content.Change{ID: id, Mark: "cancel", Base: e.Versions, Set: content.Parts{"en": leaves}}, both(id))
		return err
	}
	o.ok(change("Cancelled"))
	if got := o.title(id); got != "Cancelled" {
		t.Errorf("public: %q", got)
	}
	o.write(editor, id, i18n.EN, "summary", "Something nobody cleared")
	o.refused(change("Cancelled again"), "problem.not_cleared")
	if e := o.entry(id); e.Title != "Cancelled" {
		t.Errorf("half a change: %q", e.Title)
	}
}

func TestLanguagesThatGoTogether(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	o.set(func(s *settings.Site) { s.Together = []i18n.Locale{i18n.EN, i18n.FR} })
	id := o.news(editor, "Registers open")
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.together")
	o.ok(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Facts: true, Locales: append(en, fr...)}))
	o.write(editor, id, i18n.EN, "title", "Registers open late")
	o.refused(o.Content.Publish(ctx, editor, both(id)), "problem.together") // French would be out of step
	o.write(editor, id, i18n.FR, "title", "Les registres ouvrent tard")
	o.refused(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Locales: fr}), "problem.together")
	o.ok(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Locales: append(en, fr...)}))
	// Facts alone concern every language.
	o.ok(o.Content.Publish(ctx, editor, content.PublishChange{ID: id, Facts: true}))
}

func TestASetIsPublishedWholeOrNotAtAll(t *testing.T) {
	o := open(t)
	editor := o.person("editor", auth.Editor)
	one, two := o.news(editor, "One"), o.news(editor, "Two")
	o.write(editor, two, i18n.EN, "title", "")
	var refused content.Refused
	if err := o.Content.PublishTogether(ctx, editor, []content.PublishChange{both(one), both(two), both("missing")}); !errors.As(err, &refused) || len(refused) != 2 || refused[one] != nil {
		t.Fatalf("%v", err)
	}
	if o.title(one) != "" {
		t.Error("one of a set is public")
	}
	o.write(editor, two, i18n.EN, "title", "Two")
	o.ok(o.Content.PublishTogether(ctx, editor, []content.PublishChange{both(two), both(one)}))
	if o.title(one) != "One" || o.title(two) != "Two" {
		t.Error("not both are public")
	}
}

// TestTwoDecideAtOnce: of two who clear, one who returns, and one who writes, each sees a whole state of the others.
func TestTwoDecideAtOnce(t *testing.T) {
	o := open(t)
	editor, a, b := o.person("editor", auth.Editor), o.person("a", auth.ClearingOfficer), o.person("b", auth.ClearingOfficer)
	id := o.news(editor, "Registers open")
	o.ok(o.Submit(ctx, editor, id, en, nil, ""))
	seen := o.entry(id).Versions
	var wg sync.WaitGroup
	var cleared, already atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			who := []*auth.Actor{a, b}[i%2]
			err := o.Decide(ctx, who, id, i18n.EN, true, seen, "")
			var bad *content.Invalid
			switch {
			case err == nil:
				cleared.Add(1)
			case errors.As(err, &bad) && bad.Problems[0].Key == "problem.cleared_already":
				already.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if cleared.Load() != 1 || already.Load() != 7 || len(o.audit("clear")) != 1 {
		t.Errorf("cleared %d times, %d heard so", cleared.Load(), already.Load())
	}
	// Publishing races with taking the clearance back: if it is public, it was cleared at that moment.
	o.set(needed)
	for i := range 6 {
		o.write(editor, id, i18n.EN, "title", fmt.Sprint("Title ", i))
		o.ok(o.Decide(ctx, a, id, i18n.EN, true, nil, ""))
		var published, returned error
		var race sync.WaitGroup
		race.Go(func() { published = o.Content.Publish(ctx, editor, both(id)) })
		race.Go(func() { returned = o.Decide(ctx, b, id, i18n.EN, false, nil, "no") })
		race.Wait()
		o.ok(returned)
		if public := o.title(id) == fmt.Sprint("Title ", i); public != (published == nil) {
			t.Errorf("public %v, but %v", public, published)
		}
	}
}

func TestComments(t *testing.T) {
	o := open(t)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	v := &kind.Event{Title: content.L("en", "Opening"), Kind: "webinar", When: content.When{Start: "2027-07-01T08:00", End: "2027-07-01T09:30", Zone: "America/New_York", Precision: "time"},
		Sessions: []kind.Session{{Item: content.Item{ID: "aa"}, Title: content.L("en", "Welcome")}, {Item: content.Item{ID: "bb"}, Title: content.L("en", "Panel")}}}
	r, err := o.Content.Save(ctx, editor, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(v)})
	o.ok(err)
	id := r.ID
	o.ok(o.Comment(ctx, head, id, i18n.EN, "sessions.bb.title", "  Whose panel?\u202e "))
	o.clock.Move(time.Second)
	o.ok(o.Comment(ctx, head, id, i18n.EN, "when", "Is it 8 in the morning?"))
	o.refused(o.Comment(ctx, head, id, i18n.EN, "nothing.of.this", "?"), "problem.not_a_field")
	o.refused(o.Comment(ctx, head, id, i18n.EN, "title", " \n "), "problem.comment_empty")
	o.refused(o.Comment(ctx, head, id, i18n.EN, "title", strings.Repeat("é", 4001)), "problem.note_long")
	// It stays with its item, wherever that goes.
	v.Sessions = []kind.Session{v.Sessions[1], v.Sessions[0]}
	_, err = o.Content.Save(ctx, editor, content.Change{ID: id, Set: kind.EventKind.Split(v)})
	o.ok(err)
	all, err := o.Comments(ctx, o.entry(id))
	if o.ok(err); len(all) != 2 || all[0].Name() != "sessions.bb.title@en" || all[0].Body != "Whose panel?" || all[1].Name() != "when" || !all[0].Open() {
		t.Fatalf("%+v", all)
	}
	o.ok(o.Reply(ctx, editor, id, all[0].ID, "The ministers'"))
	o.refused(o.Reply(ctx, editor, id, all[0].ID, "Once more"), "problem.replied")
	o.ok(o.Resolve(ctx, editor, id, all[0].ID, true))
	if err := o.Resolve(ctx, editor, o.news(editor, "Another"), all[0].ID, true); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a comment of another entry: %v", err)
	}
	all, _ = o.Comments(ctx, o.entry(id))
	if all[0].Open() || all[0].Reply == "" || all[0].ResolvedBy != editor.ID {
		t.Errorf("%+v", all[0])
	}
	o.ok(o.Resolve(ctx, head, id, all[0].ID, false))
	if all, _ = o.Comments(ctx, o.entry(id)); !all[0].Open() {
		t.Error("not open again")
	}
}

// letters gives what was written, as to: subject.
func (o *office) letters() []string {
	o.t.Helper()
	o.ok(o.Jobs.Drain(ctx))
	var rows []struct{ To, Subject, Body string }
	o.ok(o.DB.Read().NewRaw("SELECT to_address AS \"to\", subject, body FROM letters ORDER BY created_at, id").Scan(ctx, &rows))
	var out []string
	for _, r := range rows {
		if !strings.Contains(r.Body, "https://example.org/admin/") {
			o.t.Errorf("a letter without a link: %s", r.Body)
		}
		out = append(out, r.To+": "+r.Subject)
	}
	slices.Sort(out)
	return out
}

func TestWhoIsTold(t *testing.T) {
	o := open(t)
	editor, head, silent, deputy := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer), o.person("silent", auth.ClearingOfficer), o.person("deputy")
	o.person("translator", auth.Translator)
	o.ok(o.SetQuiet(ctx, silent, true))
	o.ok(o.auth.SetDeputy(ctx, head, deputy.ID, o.clock.Now().Add(time.Hour)))
	id := o.news(editor, "Registers open")
	o.ok(o.Submit(ctx, editor, id, en, nil, "By Friday"))
	got := o.letters()
	if len(got) != 2 || !strings.HasPrefix(got[0], "deputy@example.org: ") || !strings.HasPrefix(got[1], "head@example.org: ") || !strings.Contains(got[1], "Registers open") {
		t.Fatalf("submitted: %q", got)
	}
	o.ok(o.Submit(ctx, editor, id, en, nil, "")) // the same once more
	o.ok(o.Decide(ctx, head, id, i18n.EN, false, nil, "Open to whom?"))
	if got = o.letters(); len(got) != 3 || !strings.HasPrefix(got[1], "editor@example.org: ") {
		t.Fatalf("returned: %q", got)
	}
	if tasks, err := o.Waiting(ctx, editor, 8); err != nil || len(tasks) != 1 || tasks[0].State != clearance.Returned || tasks[0].Note != "Open to whom?" {
		t.Errorf("waits for the editor: %+v %v", tasks, err)
	}
	if tasks, err := o.Waiting(ctx, head, 8); err != nil || len(tasks) != 0 {
		t.Errorf("waits for nobody: %+v %v", tasks, err)
	}
}

// TestAClearanceThatWasTakenBackCoversNobody: whoever wrote what was cleared and then returned cannot clear it themselves.
func TestAClearanceThatWasTakenBackCoversNobody(t *testing.T) {
	o := open(t)
	boss, other := o.person("boss", auth.Editor, auth.ClearingOfficer), o.person("other", auth.ClearingOfficer)
	id := o.news(boss, "Registers open")
	o.ok(o.Decide(ctx, other, id, i18n.EN, true, nil, ""))
	o.ok(o.Decide(ctx, other, id, i18n.EN, false, nil, "The date is wrong"))
	o.refused(o.Decide(ctx, boss, id, i18n.EN, true, nil, ""), "problem.own_text")
}

// TestWhatIsNewerStaysPublic: what was cleared long ago does not come over what is public since, and languages that go
// together can be published as they were cleared.
func TestWhatIsNewerStaysPublic(t *testing.T) {
	o := open(t)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	id := o.news(editor, "First words")
	o.ok(o.Decide(ctx, head, id, i18n.EN, true, nil, ""))
	o.write(editor, id, i18n.EN, "title", "Second words")
	o.ok(o.Content.Publish(ctx, staff, content.PublishChange{ID: id, Facts: true, Locales: en}))
	o.ok(o.PublishCleared(ctx, editor, id, i18n.EN))
	if got := o.title(id); got != "Second words" {
		t.Errorf("public: %q", got)
	}
	o.set(func(s *settings.Site) { s.Clearance, s.Together = true, []i18n.Locale{i18n.EN, i18n.FR} })
	two := o.news(editor, "Both at once")
	for _, l := range append(en, fr...) {
		o.ok(o.Decide(ctx, head, two, l, true, nil, ""))
		o.write(editor, two, l, "title", "Afterthought")
	}
	o.ok(o.PublishCleared(ctx, editor, two, i18n.EN))
	if p, err := o.Content.LiveByID(ctx, i18n.FR, two); err != nil || !p.Own || o.title(two) != "Both at once" {
		t.Errorf("public: %q, French: %v", o.title(two), err)
	}
}

// TestWhatSomebodyDecidedAboutIsKept: automatic saves fold into one another, but not over what was cleared; and a version that
// is not kept any more has changed, it is not missing.
func TestWhatSomebodyDecidedAboutIsKept(t *testing.T) {
	o := open(t)
	editor, head := o.person("editor", auth.Editor), o.person("head", auth.ClearingOfficer)
	id := o.news(editor, "Registers open")
	typed := func(words string) map[content.Part]int {
		leaves := content.Leaves{}
		leaves.SetText("title", content.Text{Words: words})
		if _, err := o.Content.Save(ctx, editor, content.Change{ID: id, Auto: true, Set: content.Parts{"en": leaves}}); err != nil {
			t.Fatal(err)
		}
		return o.entry(id).Versions
	}
	step := typed("Registers are")
	typed("Registers are open to")
	o.ok(o.Decide(ctx, head, id, i18n.EN, true, o.entry(id).Versions, ""))
	typed("Registers are open to all")
	typed("Registers are open to all of you")
	o.ok(o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM revisions WHERE step")
		return err
	}))
	o.ok(o.PublishCleared(ctx, editor, id, i18n.EN))
	if got := o.title(id); got != "Registers are open to" {
		t.Errorf("public: %q", got)
	}
	var moved *content.Conflicted
	if err := o.Decide(ctx, head, id, i18n.EN, true, step, ""); !errors.As(err, &moved) {
		t.Errorf("a step that is gone: %v", err)
	}
}

// TestNobodyPublishesHalfASentence: a list does not show what somebody is typing at this moment.
func TestNobodyPublishesHalfASentence(t *testing.T) {
	o := open(t)
	editor, other := o.person("editor", auth.Editor), o.person("other", auth.Editor)
	id := o.news(editor, "Registers open")
	leaves := content.Leaves{}
	leaves.SetText("title", content.Text{Words: "Registers are"})
	if _, err := o.Content.Save(ctx, editor, content.Change{ID: id, Auto: true, Set: content.Parts{"en": leaves}}); err != nil {
		t.Fatal(err)
	}
	var moved *content.Conflicted
	if err := o.Content.Publish(ctx, other, both(id)); !errors.As(err, &moved) || o.title(id) != "" {
		t.Errorf("published what is being typed: %v", err)
	}
	o.ok(o.Content.Publish(ctx, editor, both(id))) // who types knows what is there
}
