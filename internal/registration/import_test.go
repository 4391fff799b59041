package registration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

func (h *house) upload(file string) *registration.Import {
	h.t.Helper()
	if err := h.Upload(ctx, staff, h.event, "list.csv", []byte(file), i18n.EN); err != nil {
		h.t.Fatal(err)
	}
	return h.imported()
}

func (h *house) imported() *registration.Import {
	h.t.Helper()
	x, err := h.Import(ctx, staff, h.event)
	if err != nil || x == nil {
		h.t.Fatal(x, err)
	}
	return x
}

func (h *house) take() {
	h.t.Helper()
	if err := h.TakeImport(ctx, staff, h.event, h.imported().Print()); err != nil {
		h.t.Fatal(err)
	}
	for i := 0; h.imported().State == registration.Taking; i++ {
		if err := h.jobs[0].Drain(ctx); err != nil || i > 20 {
			h.t.Fatal("not taken", err)
		}
	}
}

func (h *house) review() (*registration.Review, string) {
	h.t.Helper()
	r, err := h.Review(ctx, staff, h.event, "", 0, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, x := range r.Rows {
		w := fmt.Sprint(x.Number, " ", x.Outcome)
		for _, p := range x.Problems {
			w += " " + p.Field + ":" + strings.TrimPrefix(p.Key, "registration.")
		}
		all = append(all, w)
	}
	return r, strings.Join(all, "\n")
}

func conference(e *kind.Event) {
	r := &e.Registration
	r.Capacity, r.Waitlist, r.Approval = 4, true, registration.Manual
	r.Ask = []string{"organization", "country"}
	r.Categories = []registration.Category{{Item: content.Item{ID: "del"}, Name: content.L("en", "Delegate", "fr", "Délégué")}, {Item: content.Item{ID: "pre"}, Name: content.L("en", "Press"), Capacity: 1}}
	r.Fields = []registration.Field{
		{Item: content.Item{ID: "sess"}, Key: "sessions", Label: content.L("en", "Sessions"), Type: registration.Choices, Options: []registration.Option{{Item: content.Item{ID: "d1"}, Label: content.L("en", "Day one", "fr", "Premier jour")}, {Item: content.Item{ID: "d2"}, Label: content.L("en", "Day two")}}},
		{Item: content.Item{ID: "born"}, Label: content.L("en", "Arrival"), Type: registration.Date},
		{Item: content.Item{ID: "vis"}, Label: content.L("en", "Visa"), Type: registration.YesNo}}
	r.Consents = []registration.Consent{{Item: content.Item{ID: "data"}, Text: content.L("en", "I agree to the use of my data."), Required: true}}
}

// A mailed-in list: heads in any language, cells as people write them; what a row would become is what it becomes.
func TestImport(t *testing.T) {
	h := open(t, 1, conference)
	h.join("old@example.org", "category", "del", "country", "KE", "organization", "Old office", "consent.data", "1")
	x := h.upload("Nom;الدولة؛;Courriel;Adresse électronique;Catégorie;Organization;sessions;Arrival;Visa;I agree to the use of my data.;Language;Remarks\n" +
		"Élodie Plieuse;;;e@example.org;delegue;'=Bureau;premier jour; Day two;2027-03-30;oui;x;français;hello\n")
	if got := strings.Join(x.Plan.Columns, " "); !strings.HasPrefix(got, "name ") || !strings.Contains(got, "f.sess f.born f.vis consent.data lang ") {
		t.Errorf("columns: %q", got)
	}
	list := "Name,Country,E-mail,Category,Organization,Sessions,Arrival,Visa,I agree to the use of my data.,Language\n" +
		"Élodie,Quénia,e@example.org,DÉLEGATE,'=Bureau,day one; DAY TWO,30/03/2027,oui,x,français\n" +
		"Old,ke,OLD@example.org,Delegate,New office,,,,yes,\n" +
		"Paula,PT,p@example.org,Press,,,,,1,\n" +
		"Paula again,PT,P@example.org,Press,Twice,,,,1,\n" +
		"Quentin,FR,q@example.org,press,,,,,true,\n" +
		"Rosa,Atlantis,r@example,Nobody,,Day nine,soon,perhaps,no,tlh\n" +
		",FR,s@example.org,Delegate,,,,,1,\n" +
		"No mail,FR,,Delegate,,,,,1,\n"
	if x = h.upload(list); slices.Contains(x.Plan.Columns, "") {
		t.Fatalf("columns: %q", x.Plan.Columns)
	}
	const left = "2 placed\n3 left\n4 placed\n5 left\n6 queued\n7 problem country:choice category:choice f.sess:choice f.vis:choice lang:choice mail:mail f.born:date consent.data:consent_missing\n8 problem name:name_missing\n9 placed"
	if _, got := h.review(); got != left {
		t.Errorf("to be taken:\n%s\nwant\n%s", got, left)
	}
	plan := x.Plan
	plan.Merge = true
	if err := h.SetPlan(ctx, staff, h.event, plan); err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("3 left", "3 merged", "5 left", "5 merged").Replace(left)
	r, got := h.review()
	if got != want || r.Rows[0].Values["country"][0] != "KE" || strings.Join(r.Rows[0].Values["f.sess"], " ") != "d1 d2" {
		t.Errorf("to be taken:\n%s\nwant\n%s\n%v", got, want, r.Rows[0].Values)
	}
	if err := h.TakeImport(ctx, staff, h.event, x.Print()); problems(err) != ":sheet.changed" {
		t.Error("taken otherwise than looked at:", err)
	}
	looked := h.imported().Print()
	h.upload(list) // by another assistant, with the same heads
	if err := h.SetPlan(ctx, staff, h.event, plan); err != nil {
		t.Fatal(err)
	}
	if err := h.TakeImport(ctx, staff, h.event, looked); problems(err) != ":sheet.changed" {
		t.Error("another list taken than looked at:", err)
	}
	h.take()
	if _, got := h.review(); got != want {
		t.Errorf("taken:\n%s\nwant\n%s", got, want)
	}
	h.want("e@example.org", registration.Confirmed)
	h.want("q@example.org", registration.Waitlisted)
	list2, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil || list2.Total != 5 {
		t.Fatal(list2.Total, err)
	}
	for _, x := range list2.Rows {
		switch x.Mail {
		case "e@example.org":
			if x.Locale != i18n.FR || x.Organization != "=Bureau" || x.Answers["born"].Values[0] != "2027-03-30" || x.Answers["vis"].Values[0] != "yes" || x.EnteredBy != staff.ID || x.Channel != registration.MailIn || x.Consents["data"].By != staff.ID {
				t.Errorf("%+v", x)
			}
		case "old@example.org":
			if x.Organization != "New office" || x.Name != "Old" || x.Category != "del" || x.Consents["data"].By != "" || x.State != registration.Pending || x.EnteredBy != "" {
				t.Errorf("merged: %+v", x)
			}
		case "p@example.org":
			if x.Organization != "Twice" || x.State != registration.Confirmed {
				t.Errorf("merged: %+v", x)
			}
		}
	}
	if got := h.causes("e@example.org"); got != "confirmed" {
		t.Error("letters:", got)
	}
	// Nothing of the people is left in the list, and the list itself goes.
	n, err := h.DB.Read().NewSelect().Table("registration_import_rows").Where("cells <> '[]'").Count(ctx)
	if err != nil || n != 0 {
		t.Error(n, err)
	}
	h.at(h.now.AddDate(0, 0, 8))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if x, err := h.Import(ctx, staff, h.event); x != nil || err != nil {
		t.Error("still there:", x, err)
	}
}

// What we export can be taken in again, in whatever language it was taken out.
func TestImportOfAnExport(t *testing.T) {
	from, to := open(t, 1, conference), open(t, 1, conference)
	from.join("a@example.org", "category", "del", "country", "KE", "organization", "=1+1", "f.sess", "d1", "f.sess", "d2", "f.vis", "no", "f.born", "2027-03-30", "consent.data", "1")
	for _, l := range i18n.All {
		for _, f := range sheet.Formats {
			var b bytes.Buffer
			if err := from.Export(ctx, staff, registration.Query{Event: from.event}, f, &b, func(key string) string { return from.Catalogue.T(l, key) }, l); err != nil {
				t.Fatal(err)
			}
			if err := to.Upload(ctx, staff, to.event, "x", b.Bytes(), l); err != nil {
				t.Fatal(err)
			}
			r, got := to.review()
			if v := r.Rows[0].Values; got != "2 placed" || v["country"][0] != "KE" || v["organization"][0] != "=1+1" || strings.Join(v["f.sess"], "") != "d1d2" || v["f.vis"][0] != "no" || v["f.born"][0] != "2027-03-30" {
				t.Errorf("%s %s: %s %v", l, f, got, v)
			}
		}
	}
}

// Stopped in the middle, an import goes on where it was, and nobody comes twice.
func TestImportStopped(t *testing.T) {
	h := open(t, 2, func(e *kind.Event) { e.Registration.Waitlist = false; e.Registration.Capacity = 150 })
	var b strings.Builder
	b.WriteString("name,mail\n")
	for i := range 170 {
		fmt.Fprintf(&b, "Person %d,p%d@example.org\n", i, i)
	}
	x := h.upload(b.String())
	if err := h.TakeImport(ctx, staff, h.event, x.Print()); err != nil {
		t.Fatal(err)
	}
	if err := h.DropImport(ctx, staff, h.event); problems(err) != "file:sheet.running" {
		t.Error("dropped while it runs:", err)
	}
	// Staff stop it, look at what is left, and go on.
	if err := h.StopImport(ctx, staff, h.event); err != nil {
		t.Fatal(err)
	}
	if err := h.jobs[0].Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if x = h.imported(); x.State != registration.Reviewing || x.Done() != 0 {
		t.Fatalf("not stopped: %+v", x)
	}
	if err := h.TakeImport(ctx, staff, h.event, x.Print()); err != nil {
		t.Fatal(err)
	}
	// The first instance ends after the first rows.
	short, stop := context.WithCancel(ctx)
	h.mu.Lock()
	h.sent = func(n int) {
		if n == 55 {
			stop()
		}
	}
	h.mu.Unlock()
	_ = h.jobs[0].Drain(short)
	if n := h.imported().Done(); n == 0 || n >= 170 {
		t.Fatalf("%d rows taken", n)
	}
	if !h.DB.Postgres() { // starting ends the tasks of the last run
		short, stop := context.WithCancel(ctx)
		stop()
		h.jobs[1].Run(short)
	}
	for i := 0; h.imported().State == registration.Taking && i < 5; i++ {
		if err := h.jobs[1].Drain(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if x = h.imported(); x.State != registration.Finished || x.Counts[registration.Placed] != 150 || x.Counts[registration.NoPlace] != 20 {
		t.Errorf("%+v", x)
	}
	l, err := h.List(ctx, staff, registration.Query{Event: h.event})
	if err != nil || l.Total != 150 || l.States[registration.Confirmed] != 150 {
		t.Errorf("%+v, %v", l.States, err)
	}
}

// Who may not change registrations neither sends a list nor sees one; a file that is none is told.
func TestImportsOfOthers(t *testing.T) {
	h := open(t, 1, nil)
	h.upload("name\nA\n")
	observer := h.actor("editor", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for what, err := range map[string]error{
		"upload": h.Upload(ctx, observer, h.event, "x", []byte("name\nA\n"), i18n.EN), "take": h.TakeImport(ctx, observer, h.event, ""), "drop": h.DropImport(ctx, observer, h.event), "stop": h.StopImport(ctx, observer, h.event),
		"plan": h.SetPlan(ctx, observer, h.event, registration.Plan{}), "import": second(h.Import(ctx, observer, h.event)), "review": second(h.Review(ctx, observer, h.event, "", 0, 10))} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var bad *sheet.Problem
	if err := h.Upload(ctx, staff, h.event, "x", []byte("%PDF-1.7"), i18n.EN); !errors.As(err, &bad) || bad.Key != "sheet.old" {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

// Somebody without a mailbox who is in the list again is not taken in again, unless somebody says that it is another person;
// whoever enters by hand is asked too.
func TestNamesakes(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) { e.Registration.Ask = []string{"organization", "country"} })
	const list = "Name,E-mail,Organization,Country\nJosé  Núñez,,Office of Rivers,PE\nAda Example,,Registry,KE\nAda Example,,Harbour,TO\nBo Li,bo@example.org,,\nSole,,,\n"
	h.upload(list)
	if _, got := h.review(); got != "2 placed\n3 placed\n4 placed\n5 placed\n6 placed" {
		t.Fatal(got)
	}
	h.take()
	h.upload(list)
	if _, got := h.review(); got != "2 perhaps\n3 perhaps\n4 perhaps\n5 left\n6 perhaps" {
		t.Errorf("the same file again:\n%s", got)
	}
	h.take()
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Total != 5 {
		t.Fatal(l.Total, err)
	}
	// Corrected: another spelling, an address, another organization in another country, the same twice in a list.
	h.upload("Name,E-mail,Organization,Country\nJOSE NUNEZ,,office of rivers.,\nAda Example,ada@example.org,,KE\nAda Example,,Library,FR\nBo Li,li@example.org,,\nBo Li,,,FR\nCy,,Registry,\nCy,,registry,TO\n")
	const want = "2 perhaps\n3 perhaps\n4 placed\n5 placed\n6 perhaps\n7 placed\n8 perhaps"
	if _, got := h.review(); got != want {
		t.Errorf("corrected:\n%s\nwant\n%s", got, want)
	}
	looked := h.imported().Print()
	for n, is := range map[int]error{3: nil, 99: db.ErrNotFound} {
		if err := h.TakeAnyway(ctx, staff, h.event, h.imported().Print(), n, true); !errors.Is(err, is) {
			t.Error(n, err)
		}
	}
	if err := h.TakeAnyway(ctx, staff, h.event, looked, 2, true); problems(err) != ":sheet.changed" {
		t.Error("chosen in a list that has changed:", err)
	}
	if r, got := h.review(); got != strings.Replace(want, "3 perhaps", "3 placed", 1) || !r.Rows[1].Like {
		t.Errorf("chosen:\n%s", got)
	}
	h.take()
	if _, got := h.review(); got != strings.Replace(want, "3 perhaps", "3 placed", 1) {
		t.Errorf("taken:\n%s", got)
	}
	by := func(values ...string) string {
		t.Helper()
		v := map[string][]string{"country": {"PE"}}
		for i := 0; i < len(values); i += 2 {
			v[values[i]] = []string{values[i+1]}
		}
		_, err := h.Add(ctx, staff, h.event, registration.MailIn, registration.Submission{Locale: i18n.EN, Values: v})
		return problems(err)
	}
	for i, x := range []struct {
		values []string
		want   string
	}{{[]string{"name", "josé núñez", "organization", "Elsewhere"}, "name:perhaps_there"}, {[]string{"name", "José Núñez", "mail", "jose@example.org"}, "name:perhaps_there"},
		{[]string{"name", "José Núñez", "anyway", "1"}, "<nil>"}, {[]string{"name", "Cy", "organization", "Elsewhere"}, "<nil>"}, {[]string{"name", "Bo Li", "mail", "other@example.org"}, "<nil>"}} {
		if got := by(x.values...); got != x.want {
			t.Errorf("%d: %q, want %q", i, got, x.want)
		}
	}
}
