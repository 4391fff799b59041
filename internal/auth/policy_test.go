package auth

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

// The matrix of rights, row by row: what each role may do in its scope with an entry there, made by somebody else, in
// the signs
//
//	y  yes            .  no            m  only what one made oneself
//	o  only the language it was written in, and only what one made oneself
//
// A translator's and a partner's other limits have their own tests below.
const matrix = `
                       admin site_manager editor contributor partner_lead partner_editor translator clearing_officer registration_officer event_assistant moderator observer
read                   y     y            y      y           y            y              y          y                y                    y               .         y
create                 y     y            y      y           y            y              .          .                .                    .               .         .
edit_facts             y     y            y      m           y            y              .          .                .                    .               .         .
edit_text_original     y     y            y      o           y            y              .          .                .                    .               .         .
edit_text_translation  y     y            y      .           y            y              y          .                .                    .               .         .
submit                 y     y            y      y           y            y              y          .                .                    .               .         .
clear                  .     .            .      .           .            .              .          y                .                    .               .         .
publish                y     y            y      .           .            .              .          y                .                    .               .         .
share                  y     y            y      m           y            y              .          y                .                    .               .         .
delete                 y     y            y      m           m            m              .          .                .                    .               .         .
upload                 y     y            y      y           y            y              .          .                .                    .               .         .
appoint                y     y            .      .           y            .              .          .                .                    .               .         .
suggest                y     y            y      y           y            y              .          y                .                    .               .         .
contribute             .     .            .      .           y            y              .          .                .                    .               .         .
sign_off               .     .            .      .           y            y              .          .                .                    .               .         .
moderate               y     y            y      .           .            .              .          .                .                    .               y         .
read_statistics        y     y            y      .           y            y              .          y                y                    y               y         y
read_registrants       y     y            .      .           .            .              .          .                y                    y               .         .
read_sensitive         y     y            .      .           .            .              .          .                y                    .               .         .
change_registrants     y     y            .      .           .            .              .          .                y                    y               .         .
send_messages          y     y            .      .           .            .              .          .                y                    y               .         .
manage_users           y     y            .      .           .            .              .          .                .                    .               .         .
manage_settings        y     y            .      .           .            .              .          .                .                    .               .         .
read_audit             y     y            .      .           .            .              .          .                .                    .               .         .
manage_instance        y     .            .      .           .            .              .          .                .                    .               .         .
`

var soon = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)

func actorWith(grants ...Grant) *Actor { return newActor(Account{ID: "me"}, grants, soon) }

func TestMatrix(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	roles := strings.Fields(lines[0])
	if len(roles) != len(Roles) {
		t.Fatalf("%d roles in the table, %d in the program", len(roles), len(Roles))
	}
	covered := map[Action]bool{}
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		if len(f) != len(roles)+1 {
			t.Fatalf("line %q", line)
		}
		name, original := strings.CutSuffix(f[0], "_original")
		name, translation := strings.CutSuffix(name, "_translation")
		action := Action(name)
		if !slices.Contains(Actions, action) {
			t.Fatalf("action %q", name)
		}
		covered[action] = true
		o := Object{Kind: "event", ID: "e1", Office: "org1", Author: "somebody"}
		if original || translation || action == Submit {
			o.Locale, o.Original = "fr", original
		}
		for i, role := range roles {
			g := Grant{Role: Role(role), Scope: ScopeSite}
			if !slices.Contains(ScopesOf(g.Role), ScopeSite) {
				g.Scope, g.ScopeID = ScopeOrganisation, "org1"
			}
			who := actorWith(g)
			others, mine := who.Can(action, o), o
			mine.Author = "me"
			own := who.Can(action, mine)
			sign := f[i+1]
			if want := sign == "y"; others != want {
				t.Errorf("%s %s: %v, want %v", role, f[0], others, want)
			}
			if want := sign != "."; own != want {
				t.Errorf("%s %s what it made: %v, want %v", role, f[0], own, want)
			}
			if g.Scope != ScopeSite {
				elsewhere := mine
				elsewhere.Office, elsewhere.ID = "org10", "e2" // begins with its own id
				if who.Can(action, elsewhere) {
					t.Errorf("%s %s in another organisation", role, f[0])
				}
			}
		}
	}
	for _, a := range Actions {
		if !covered[a] {
			t.Errorf("%s is not in the table", a)
		}
		for _, o := range []Object{{}, {Kind: "event", ID: "e1", Locale: "fr"}} {
			if (*Actor)(nil).Can(a, o) {
				t.Errorf("the public may %s", a)
			}
			if newActor(Account{ID: "me", Disabled: true}, []Grant{{Role: Admin, Scope: ScopeSite}}, soon).Can(a, o) {
				t.Errorf("a closed account may %s", a)
			}
			if actorWith().Can(a, o) {
				t.Errorf("an account without a grant may %s", a)
			}
			if !System("job").Can(a, o) {
				t.Errorf("the program may not %s", a)
			}
		}
	}
}

// TestTableEqualsCasbin holds the table computed at start to what Casbin's matcher says itself.
func TestTableEqualsCasbin(t *testing.T) {
	e, err := newEnforcer()
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range Roles {
		for _, scope := range Scopes {
			for _, action := range Actions {
				for _, whose := range []string{"own", "other"} {
					for _, text := range []string{"original", "translation", "facts"} {
						want, err := e.Enforce(string(role), string(scope), "event", string(action), whose, text)
						if err != nil {
							t.Fatal(err)
						}
						got := slices.ContainsFunc(roleRules()[role], func(r rule) bool {
							return r.action == action && (r.scope == "*" || r.scope == string(scope)) && (r.kind == "*" || r.kind == "event") &&
								(r.whose == "any" || r.whose == whose) && (r.text == "any" || r.text == text)
						})
						if got != want {
							t.Errorf("%s in %s, %s of %s %s: table %v, Casbin %v", role, scope, action, whose, text, got, want)
						}
					}
				}
			}
		}
	}
}

func TestPolicyFileNamesOnlyWhatIsKnown(t *testing.T) {
	e, err := newEnforcer()
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := e.GetPolicy()
	for _, l := range lines {
		if !slices.Contains(Roles, Role(l[0])) || !slices.Contains([]string{"*", scopePart, scopeHome}, l[1]) && !slices.Contains(Scopes, ScopeKind(l[1])) || !slices.Contains(Actions, Action(l[3])) ||
			!slices.Contains([]string{"any", "own"}, l[4]) || !slices.Contains([]string{"any", "original", "translation"}, l[5]) {
			t.Errorf("%v", l)
		}
	}
	for _, role := range Roles {
		if len(roleRules()[role]) == 0 || len(ScopesOf(role)) == 0 {
			t.Errorf("%s may nothing or nowhere", role)
		}
	}
}

func TestTranslatorAndLanguageLimits(t *testing.T) {
	fr := actorWith(Grant{Role: Translator, Scope: ScopeSite, Locale: "fr"})
	text := func(l i18n.Locale, original bool) Object {
		return Object{Kind: "event", ID: "e1", Locale: l, Original: original}
	}
	editor := actorWith(Grant{Role: Editor, Scope: ScopeSite, Locale: "fr"})
	partner := actorWith(Grant{Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1"})
	for _, c := range []struct {
		name   string
		who    *Actor
		action Action
		o      Object
		want   bool
	}{
		{"translator, own language", fr, EditText, text("fr", false), true},
		{"translator, own language, original", fr, EditText, text("fr", true), false},
		{"translator, another language", fr, EditText, text("es", false), false},
		{"translator, no language named", fr, EditText, text("", false), false},
		{"translator reads", fr, Read, text("es", true), true},
		{"translator submits", fr, Submit, text("fr", false), true},
		{"translator submits another", fr, Submit, text("es", false), false},
		{"translator's facts", fr, EditFacts, text("fr", false), false},
		{"every language", actorWith(Grant{Role: Translator, Scope: ScopeSite}), EditText, text("sw", false), true},
		{"editor of French, text", editor, EditText, text("fr", true), true},
		{"editor of French, publishes it", editor, Publish, text("fr", true), true},
		{"editor of French, publishes facts", editor, Publish, text("", false), false},
		{"editor of French, facts", editor, EditFacts, text("fr", true), false},
		{"editor of French, creates", editor, Create, text("fr", true), false},
		{"editor of French, deletes", editor, Delete, text("fr", false), false},
		{"partner of an event, its other languages", partner, EditText, text("fr", false), true},
		{"partner of an event, its original", partner, EditText, text("fr", true), false},
		{"partner of an event, its facts", partner, EditFacts, text("", false), false},
		{"partner of an event, publishes", partner, Publish, text("fr", false), false},
		{"partner of an event, something in it", partner, EditText, Object{ID: "d1", Event: "e1", Locale: "fr"}, true},
		{"partner of an event, another event", partner, Read, Object{ID: "e10", Office: "e1"}, false},
		{"contributor begins news", actorWith(Grant{Role: Contributor, Scope: ScopeSite}), Create, Object{Kind: "news"}, true},
		{"contributor makes a profile", actorWith(Grant{Role: Contributor, Scope: ScopeSite}), Create, Object{Kind: "person"}, false},
		{"contributor makes an organisation", actorWith(Grant{Role: Contributor, Scope: ScopeSite}), Create, Object{Kind: "organization"}, false},
		{"contributor makes a document", actorWith(Grant{Role: Contributor, Scope: ScopeSite}), Create, Object{Kind: "document"}, false},
		{"own organisation's entry", actorWith(Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}), EditFacts, Object{Kind: "organization", ID: "o1", Office: "site"}, true},
		{"no office named", actorWith(Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"}), Create, Object{Kind: "event"}, false},
		{"a grant without its organisation", actorWith(Grant{Role: PartnerEditor, Scope: ScopeOrganisation}), Read, Object{Kind: "event"}, false},
		{"a role where it cannot be", actorWith(Grant{Role: Admin, Scope: ScopeEvent, ScopeID: "e1"}), Read, Object{ID: "e1"}, false},
	} {
		if got := c.who.Can(c.action, c.o); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPartsAndHome: what an organisation is asked to work on, and what those who are invited make in the name of their own.
func TestPartsAndHome(t *testing.T) {
	of := func(organization string, grants ...Grant) *Actor {
		return newActor(Account{ID: "me", Organization: organization}, grants, soon)
	}
	part := of("", Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"})
	head := of("", Grant{Role: ClearingOfficer, Scope: ScopeOrganisation, ScopeID: "o1"})
	french := Grant{Role: PartnerEditor, Scope: ScopeEvent, ScopeID: "e1", Locale: "fr"}
	guest := of("o1", french)
	within := french
	within.Office = "o2"
	shared := Object{Kind: "event", ID: "e1", Office: "o9", Partners: " o1 o3 "}
	others := Object{Kind: "event", ID: "e2", Office: "o9", Partners: " o10 "}
	in := func(o Object, l i18n.Locale, original bool) Object { o.Locale, o.Original = l, original; return o }
	mine := Object{Kind: "person", ID: "p1", Office: "o1", Author: "me"}
	theirs := Object{Kind: "person", ID: "p2", Office: "o1", Author: "you"}
	for _, c := range []struct {
		name   string
		who    *Actor
		action Action
		o      Object
		want   bool
	}{
		{"reads what it is asked to work on", part, Read, shared, true},
		{"brings its own there", part, Contribute, shared, true},
		{"gives the words of other languages", part, EditText, in(shared, "fr", false), true},
		{"not those of the original", part, EditText, in(shared, "en", true), false},
		{"not the facts", part, EditFacts, shared, false},
		{"not publishing", part, Publish, in(shared, "fr", false), false},
		{"nor what others are asked for", part, Read, others, false},
		{"nor what it is named in alone", part, Read, Object{Kind: "event", ID: "e2", Office: "o9"}, false},
		{"signs off for itself", part, SignOff, Object{Kind: "organization", ID: "o1"}, true},
		{"and for nobody else", part, SignOff, Object{Kind: "organization", ID: "o10"}, false},
		{"its head reads it", head, Read, shared, true},
		{"and signs off", head, SignOff, Object{Kind: "organization", ID: "o1"}, true},
		{"and clears nothing of it", head, Clear, in(shared, "fr", false), false},
		{"the site's manager signs off for nobody", of("", Grant{Role: SiteManager, Scope: ScopeSite}), SignOff, Object{Kind: "organization", ID: "o1"}, false},
		{"an editor for the organisation brings nothing", of("", Grant{Role: Editor, Scope: ScopeOrganisation, ScopeID: "o1"}), Contribute, shared, false},
		{"a guest brings her own", guest, Contribute, Object{Kind: "event", ID: "e1"}, true},
		{"makes a person of her organisation", guest, Create, mine, true},
		{"a document too", guest, Create, Object{Kind: "document", Office: "o1", Author: "me"}, true},
		{"no event", guest, Create, Object{Kind: "event", Office: "o1", Author: "me"}, false},
		{"no person of another", guest, Create, Object{Kind: "person", Office: "o2", Author: "me"}, false},
		{"none of the site's", guest, Create, Object{Kind: "person", Author: "me"}, false},
		{"changes what she made, in whatever language", guest, EditText, in(mine, "en", true), true},
		{"and its facts", guest, EditFacts, mine, true},
		{"not what another made", guest, EditFacts, theirs, false},
		{"does not read it either", guest, Read, theirs, false},
		{"publishes nothing", guest, Publish, mine, false},
		{"signs off for nobody", guest, SignOff, Object{Kind: "organization", ID: "o1"}, false},
		{"without an organisation she makes nothing", of("", french), Create, Object{Kind: "person", Author: "me"}, false},
		{"what another organisation's lead gave is for its people", of("o1", within), Create, mine, false},
	} {
		if got := c.who.Can(c.action, c.o); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestListsShowExactlyWhatCanSays: for random grants and entries, the WHERE of a list gives the entries the single
// question allows in some language, and no other.
func TestListsShowExactlyWhatCanSays(t *testing.T) {
	d := openDB(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	offices, series, events := []string{"", "o1", "o10", "o2"}, []string{"", "s1", "s2"}, []string{"", "e1", "e10"}
	accounts := []string{"me", "you"}
	ids := []string{"o1", "o2", "o10", "s1", "s2", "e1", "e10"}
	type entry struct{ ID, Office, Series, Event, Author, Partners string }
	var entries []entry
	for i := range 250 {
		id := fmt.Sprintf("n%03d", i)
		if i < len(ids) {
			id = ids[i]
		}
		entries = append(entries, entry{id, pick(offices...), pick(series...), pick(events...), pick(accounts...), pick("", "", " o1 ", " o10 ", " o1 o2 ")})
	}
	if err := d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for i, e := range entries {
			null := func(s string) any { // both ways of saying "none"
				if s == "" && i%2 == 0 {
					return nil
				}
				return s
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO entries (id, office_id, series_id, event_id, created_by, partners) VALUES (?, ?, ?, ?, ?, ?)", e.ID, null(e.Office), null(e.Series), null(e.Event), e.Author, null(e.Partners)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	some, none, own := 0, 0, 0
	for range 2500 {
		var grants []Grant
		for range rnd.IntN(4) {
			g := Grant{Role: Roles[rnd.IntN(len(Roles))], Scope: Scopes[rnd.IntN(len(Scopes))], Locale: i18n.Locale(pick("", "fr", "es"))}
			switch g.Scope {
			case ScopeOrganisation:
				g.ScopeID = pick(offices[1:]...)
			case ScopeSeries:
				g.ScopeID = pick(series[1:]...)
			case ScopeEvent:
				g.ScopeID = pick(events[1:]...)
			}
			if g.Scope == ScopeSeries || g.Scope == ScopeEvent {
				g.Office = pick("", "", "o1", "o2")
			}
			if rnd.IntN(5) == 0 {
				past := soon.Add(-time.Second)
				g.Until = &past
			}
			grants = append(grants, g)
		}
		who := newActor(Account{ID: "me", Organization: pick("", "o1", "o10")}, grants, soon)
		action := Actions[rnd.IntN(len(Actions))]
		var listed []string
		q := d.Read().NewSelect().TableExpr("entries AS e").ColumnExpr("e.id").Where("e.id <> ?", "n100")
		if err := who.Scope(action, "event").Where(q, "e").OrderExpr("e.id").Scan(ctx, &listed); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range entries {
			can := false
			for _, l := range []i18n.Locale{"", "fr", "es", "ru"} {
				for _, original := range []bool{false, true} {
					o := Object{Kind: "event", ID: e.ID, Office: e.Office, Series: e.Series, Event: e.Event, Author: e.Author, Partners: e.Partners, Locale: l, Original: original && l != ""}
					if who.Can(action, o) {
						can = true
						if !who.Scope(action, "event").Has(o) {
							t.Fatalf("%+v may %s %+v, but its scope does not have it", grants, action, o)
						}
					}
				}
			}
			if can && e.ID != "n100" {
				want = append(want, e.ID)
			}
		}
		slices.Sort(want)
		if !slices.Equal(listed, want) {
			t.Fatalf("%+v\n%s: listed %v\nasked one by one %v", grants, action, listed, want)
		}
		if scope := who.Scope(action, "event"); !scope.All && !scope.Own.empty() {
			own++
		}
		if len(want) == 0 {
			none++
			if listed != nil {
				t.Fatal("an empty scope lists something")
			}
		} else {
			some++
		}
		somewhere := slices.ContainsFunc([]string{"event", "person", "document"}, func(kind string) bool { return !who.Scope(action, kind).Empty() })
		if who.CanSomewhere(action) != somewhere {
			t.Fatal("CanSomewhere and Scope differ")
		}
	}
	if some < 200 || none < 200 || own < 20 {
		t.Fatalf("the cases prove little: %d with entries, %d without, %d of own ones", some, none, own)
	}
}

func BenchmarkCan(b *testing.B) {
	who := actorWith(Grant{Role: Editor, Scope: ScopeEvent, ScopeID: "e1"}, Grant{Role: PartnerEditor, Scope: ScopeOrganisation, ScopeID: "o1"})
	o := Object{Kind: "event", ID: "x", Office: "o1", Locale: "fr"}
	for b.Loop() {
		who.Can(EditText, o)
	}
}
