package translation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/kind"
	"plenary/internal/mail"
	"plenary/internal/translation"
)

var ctx = context.Background()

type office struct {
	*apptest.Plenary
	t     *testing.T
	clock *dbtest.Clock
}

func open(t *testing.T) *office {
	o := &office{apptest.Start(t), t, dbtest.NewClock()}
	o.Translation.Now = o.clock.Now
	return o
}

func (o *office) person(name string, grants ...auth.Grant) *auth.Actor {
	o.t.Helper()
	o.Account(name+"@example.org", grants...)
	a, err := o.Auth.ByEmail(ctx, apptest.System, name+"@example.org")
	if err != nil {
		o.t.Fatal(err)
	}
	who, err := o.Auth.ActorOf(ctx, a.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return who
}

func (o *office) translator(name string, l i18n.Locale) *auth.Actor {
	return o.person(name, auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: l})
}

func (o *office) news(title string) string {
	o.t.Helper()
	v := &kind.News{Title: content.L("en", title), Summary: content.L("en", "Summary"), Kind: "news", Date: "2027-07-01", Body: content.P("en", content.Paragraphs("One."))}
	r, err := o.Content.Save(ctx, apptest.System, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(v)})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.ID
}

// letters are those to somebody, once all tasks are done.
func (o *office) letters(who *auth.Actor) []*mail.Full {
	o.t.Helper()
	for range 500 {
		waiting, _, err := o.Jobs.List(ctx, apptest.System, "", auth.Paging{})
		if err != nil {
			o.t.Fatal(err)
		}
		if !slices.ContainsFunc(waiting, func(l job.Line) bool { return l.Kind == translation.TellJob }) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	lines, _, err := o.Mail.List(ctx, apptest.System, mail.Filter{Search: who.Email}, auth.Paging{})
	if err != nil {
		o.t.Fatal(err)
	}
	var out []*mail.Full
	for _, l := range lines {
		full, err := o.Mail.Get(ctx, apptest.System, l.ID)
		if err != nil {
			o.t.Fatal(err)
		}
		out = append(out, full)
	}
	return out
}

// What is assigned together is told in one letter, once, however often its task is done; who takes something is told nothing.
func TestAssignmentsAreToldOnce(t *testing.T) {
	o := open(t)
	editor, french := o.person("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}), o.translator("french", i18n.FR)
	one, two, three := o.news("Opening the register"), o.news("Closing the register"), o.news("Something else")
	cells := []translation.Cell{{EntryID: two, Locale: i18n.FR}, {EntryID: one, Locale: i18n.FR}, {EntryID: one, Locale: i18n.FR}}
	if n, err := o.Translation.Assign(ctx, editor, cells, french.ID, "2027-08-01", "By Friday, please."); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if n, err := o.Translation.Assign(ctx, french, []translation.Cell{{EntryID: three, Locale: i18n.FR}}, french.ID, "", ""); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	all, err := o.Translation.Of(ctx, one, two, three)
	if err != nil || all[one]["fr"].Batch != all[two]["fr"].Batch || all[three]["fr"].Account != french.ID {
		t.Fatalf("%+v, %v", all, err)
	}
	o.letters(french)
	if err := o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { // as if the program had stopped before it was noted
		return o.Jobs.Enqueue(ctx, tx, job.Task{Kind: translation.TellJob, Key: "again", Args: map[string]string{"batch": all[one]["fr"].Batch}})
	}); err != nil {
		t.Fatal(err)
	}
	got := o.letters(french)
	if len(got) != 1 {
		t.Fatalf("%d letters", len(got))
	}
	for _, words := range []string{"Opening the register", "Closing the register", "By Friday, please.", "1 August 2027", "/admin/translations?assignee=me"} {
		if !strings.Contains(got[0].Text, words) {
			t.Errorf("%q is not in %s", words, got[0].Text)
		}
	}
	if strings.Contains(got[0].Text, "Something else") {
		t.Error("what they took themselves is told")
	}
}

// A translator takes what is theirs to translate, and nobody else's; all or none.
func TestWhoTakesWhat(t *testing.T) {
	o := open(t)
	french, other := o.translator("french", i18n.FR), o.translator("other", i18n.FR)
	one, two := o.news("One"), o.news("Two")
	take := func(who *auth.Actor, account string, cells ...translation.Cell) error {
		_, err := o.Translation.Assign(ctx, who, cells, account, "", "")
		return err
	}
	fr, ar := translation.Cell{EntryID: one, Locale: i18n.FR}, translation.Cell{EntryID: one, Locale: i18n.AR}
	if err := take(french, french.ID, fr); err != nil {
		t.Fatal(err)
	}
	var refused translation.Refused
	if err := take(other, other.ID, translation.Cell{EntryID: two, Locale: i18n.FR}, fr); !errors.As(err, &refused) || len(refused) != 1 || refused[0].EntryID != one {
		t.Errorf("what is taken: %v", err)
	}
	if all, _ := o.Translation.Of(ctx, one, two); all[one]["fr"].Account != french.ID || len(all[two]) != 0 {
		t.Errorf("a refusal changed something: %v", all)
	}
	for name, err := range map[string]error{"another language": take(french, french.ID, ar), "for another": take(french, other.ID, translation.Cell{EntryID: two, Locale: i18n.FR})} {
		if !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := take(apptest.System, french.ID, ar); !errors.As(err, &refused) || refused[0].Key != "board.may_not" {
		t.Errorf("to somebody who may not: %v", err)
	}
	if err := take(french, french.ID, translation.Cell{EntryID: one, Locale: i18n.EN}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the original: %v", err)
	}
}

// Two who take the same at once: one of them has it, and the other is told so.
func TestTwoTakeTheSame(t *testing.T) {
	o := open(t)
	people := []*auth.Actor{o.translator("a", i18n.FR), o.translator("b", i18n.FR), o.translator("c", i18n.FR), o.translator("d", i18n.FR)}
	for range 8 {
		cell := translation.Cell{EntryID: o.news("News"), Locale: i18n.FR}
		errs := make([]error, len(people))
		var wg sync.WaitGroup
		for i, who := range people {
			wg.Go(func() { _, errs[i] = o.Translation.Assign(ctx, who, []translation.Cell{cell}, who.ID, "", "") })
		}
		wg.Wait()
		all, err := o.Translation.Of(ctx, cell.EntryID)
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range errs {
			var refused translation.Refused
			if has := all[cell.EntryID]["fr"].Account == people[i].ID; has && err != nil || !has && !errors.As(err, &refused) {
				t.Errorf("has it: %v, was told %v", has, err)
			}
		}
	}
}

// A link for somebody without an account opens one language of one entry, until its end or until it is ended.
func TestGuestLinks(t *testing.T) {
	o := open(t)
	editor, french := o.person("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}), o.translator("french", i18n.FR)
	id, elsewhere := o.news("One"), o.news("Two")
	invite := func() string {
		t.Helper()
		token, err := o.Translation.Invite(ctx, editor, id, i18n.FR, i18n.EN, "Léa Dubois", 14)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := invite()
	guest, g, err := o.Translation.Arrive(ctx, token)
	if err != nil || g.EntryID != id || g.Locale != i18n.FR || strings.Contains(token, g.TokenHash) || g.TokenHash != auth.LinkHash(token) {
		t.Fatalf("%+v, %v", g, err)
	}
	write := func(who *auth.Actor, id string, p content.Part) error {
		leaves := content.Leaves{}
		leaves.SetText("title", content.Text{Words: "Mots"})
		_, err := o.Content.Save(ctx, who, content.Change{ID: id, Set: content.Parts{p: leaves}})
		return err
	}
	if err := write(guest, id, "fr"); err != nil {
		t.Errorf("what the link is for: %v", err)
	}
	for name, err := range map[string]error{"another language": write(guest, id, "ar"), "the original": write(guest, id, "en"), "another entry": write(guest, elsewhere, "fr")} {
		if !errors.Is(err, auth.ErrForbidden) && !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.Content.Get(ctx, guest, elsewhere); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("another entry is read: %v", err)
	}
	for _, who := range []*auth.Actor{guest, french} {
		if _, err := o.Translation.Invite(ctx, who, id, i18n.FR, i18n.EN, "x", 1); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%s invites: %v", who.Name, err)
		}
		if err := o.Translation.Revoke(ctx, who, id, i18n.FR, g.ID); !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%s ends a link: %v", who.Name, err)
		}
		if _, err := o.Translation.Assign(ctx, who, []translation.Cell{{EntryID: elsewhere, Locale: i18n.AR}}, "", "", ""); err == nil {
			t.Errorf("%s assigns", who.Name)
		}
	}
	for _, wrong := range []string{"", token[1:], token + "A", g.TokenHash} {
		if _, _, err := o.Translation.Arrive(ctx, wrong); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := o.Translation.Revoke(ctx, editor, id, i18n.AR, g.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("under another language: %v", err)
	}
	second := invite()
	if err := o.Translation.Revoke(ctx, editor, id, i18n.FR, g.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.Translation.Arrive(ctx, token); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("after it was ended: %v", err)
	}
	o.clock.Move(14*24*time.Hour - time.Second)
	if _, _, err := o.Translation.Arrive(ctx, second); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	o.clock.Move(time.Second)
	if _, _, err := o.Translation.Arrive(ctx, second); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
}
