package registration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db/dbtest"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// delicate is an event that asks two sensitive questions, and one that is not and hangs on the first.
func delicate(e *kind.Event) {
	r := &e.Registration
	r.Mailbox = "forms@example.org"
	for_ := content.L("en", "To help.")
	r.Fields = []registration.Field{
		{Item: item("gend"), Key: registration.GenderKey, Type: registration.Choice, Label: content.L("en", "Gender"), Sensitive: true, Purpose: for_, Retention: 60,
			Options: []registration.Option{{Item: item("fem1"), Label: content.L("en", "Woman")}, {Item: item("mal1"), Label: content.L("en", "Man")}}},
		{Item: item("need"), Key: "need", Type: registration.Text, Label: content.L("en", "Needs"), Sensitive: true, Purpose: for_, Retention: 30},
		{Item: item("room"), Type: registration.Text, Label: content.L("en", "Which room?"), OnlyIf: "need"},
	}
}

// tells says which tables of the registrations hold words.
func (h *house) tells(words string) string {
	h.t.Helper()
	var out []string
	for _, table := range []string{"registrations", "registration_imports", "registration_import_rows", "registration_log", "registration_counts", "letters", "jobs", "audit"} {
		var rows []map[string]any
		if err := h.DB.Read().NewRaw("SELECT * FROM "+table).Scan(ctx, &rows); err != nil {
			h.t.Fatal(table, err)
		}
		for _, r := range rows {
			for k, v := range r {
				if b, ok := v.([]byte); ok {
					r[k] = string(b)
				}
			}
			if strings.Contains(fmt.Sprint(r), words) {
				out = append(out, table)
				break
			}
		}
	}
	return strings.Join(out, " ")
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	dbtest.Exec(h.t, h.DB, query, args...)
}

// What is answered to a sensitive question lies sealed, is seen by the person and by who may, and is there for others without what it
// says: in the list, the page, the table, the statistics, a list that comes in and a document that comes back (SECURITY P49, S11).
func TestSensitiveAnswers(t *testing.T) {
	h := open(t, 1, delicate)
	assistant := h.actor("assistant", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: h.event})
	officer := h.actor("officer", auth.Grant{Role: auth.RegistrationOfficer, Scope: auth.ScopeEvent, ScopeID: h.event})
	if err := h.send(h.Store, "zed@example.org", "f.need", "Quibberdick"); err != nil { // a form that nobody has confirmed yet
		t.Fatal(err)
	}
	if got := h.tells("Quibberdick"); got != "" {
		t.Error("open in", got)
	}
	h.exec("DELETE FROM registrations WHERE mail = 'zed@example.org'")
	h.join("ada@example.org", "f.need", "Quibberdick", "f.gend", "fem1", "f.room", "Blue")
	if got := h.tells("Quibberdick") + h.tells("fem1"); got != "" {
		t.Error("open in", got)
	}
	if h.tells("Blue") != "registrations" {
		t.Error("what is not sensitive is not found: nothing is looked at")
	}
	own, _, err := h.Own(ctx, h.token("ada@example.org"))
	if err != nil || fmt.Sprint(own.Answers["need"].Values, own.Answers["gend"].Values) != "[Quibberdick] [fem1]" {
		t.Fatal(own.Answers, err)
	}
	words := func(key string) string { return key }
	seen := func(who *auth.Actor) string {
		t.Helper()
		l, err := h.List(ctx, who, registration.Query{Event: h.event})
		if err != nil || len(l.Rows) == 0 {
			t.Fatal(err)
		}
		one, err := h.Get(ctx, who, h.event, own.ID)
		if err != nil {
			t.Fatal(err)
		}
		known, err := h.Known(ctx, who, h.event, "ada@example.org")
		if err != nil {
			t.Fatal(err)
		}
		var table bytes.Buffer
		if err := h.Export(ctx, who, registration.Query{Event: h.event}, sheet.CSV, &table, words, i18n.EN); err != nil {
			t.Fatal(err)
		}
		out := table.String()
		for _, r := range append(l.Rows, one.Registration, known) {
			for _, id := range []string{"need", "gend"} {
				if a := r.Answers[id]; a.Hidden() == (who == officer) || a.Label == "" {
					t.Errorf("%+v", a)
				}
				out += fmt.Sprint(r.Answers[id].Values)
			}
		}
		return out
	}
	if got := seen(officer); strings.Count(got, "Quibberdick") < 4 || !strings.Contains(got, "Woman") {
		t.Error("the officer sees", got)
	}
	if got := seen(assistant); strings.Contains(got, "Quibberdick") || strings.Contains(got, "fem1") || strings.Contains(got, "Woman") || strings.Count(got, "registrants.answer_withheld") != 2 || !strings.Contains(got, "Blue") {
		t.Error("the assistant sees", got)
	}

	// Numbers by it.
	for i := range 12 {
		h.join(fmt.Sprintf("p%d@example.org", i), "f.gend", []string{"fem1", "mal1"}[i%2])
	}
	for who, want := range map[*auth.Actor]bool{officer: true, assistant: false} {
		x, err := h.Statistics(ctx, who, h.event)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(told(x), "gender fem1:7/–"); got != want {
			t.Error(told(x))
		}
	}

	// A list that comes in.
	list := "Name,E-mail,Needs\nAda Ordinary,ada@example.org,\nBea Ordinary,bea@example.org,Zwiffelbeck\n"
	if err := h.Upload(ctx, officer, h.event, "list.csv", []byte(list), i18n.EN); err != nil {
		t.Fatal(err)
	}
	if got := h.tells("Zwiffelbeck") + h.tells("bea@example.org"); got != "" {
		t.Error("open in", got)
	}
	for who, want := range map[*auth.Actor]string{officer: "[Zwiffelbeck] []", assistant: "[] [f.need]"} {
		r, err := h.Review(ctx, who, h.event, "", 0, 10)
		if err != nil || len(r.Rows) != 2 {
			t.Fatal(r, err)
		}
		if got := fmt.Sprint(r.Rows[1].Values["f.need"], r.Rows[1].Hidden); got != want {
			t.Error(got, "want", want)
		}
	}
	plan := h.imported().Plan
	plan.Merge = true
	if err := h.SetPlan(ctx, staff, h.event, plan); err != nil {
		t.Fatal(err)
	}
	h.take()
	if got := h.tells("Zwiffelbeck") + h.tells("Quibberdick"); got != "" {
		t.Error("open in", got)
	}
	if own, _, err = h.Own(ctx, h.token("ada@example.org")); err != nil || own.Name != "Ada Ordinary" || fmt.Sprint(own.Answers["need"].Values, own.Answers["room"].Values) != "[Quibberdick] [Blue]" {
		t.Error("merging lost what it did not say:", own.Answers, err)
	}

	// A document that comes back, read by who may not see what stands in it.
	f := filler{t, unzip(t, blankOf(t, h, "en"))}
	f.word("name", "Cleo Ordinary")
	f.word("mail", "cleo@example.org")
	f.word("f.need", "Mumblethwack")
	document := pack(t, f.parts)
	if r, err := h.ReadBack(ctx, officer, h.event, document); err != nil || fmt.Sprint(r.Values["f.need"], r.Hidden) != "[Mumblethwack] []" {
		t.Error(r, err)
	}
	r, err := h.ReadBack(ctx, assistant, h.event, document)
	if err != nil || strings.Contains(fmt.Sprintf("%+v", r), "Mumblethwack") || fmt.Sprint(r.Hidden) != "[f.need]" || !registration.Concealed(r.Values["f.need"][0]) {
		t.Fatalf("%+v %v", r, err)
	}
	id, err := h.Add(ctx, assistant, h.event, registration.MailIn, registration.Submission{Locale: i18n.EN, Values: r.Values})
	if err != nil {
		t.Fatal(err)
	}
	one, err := h.Get(ctx, officer, h.event, id)
	if err != nil || fmt.Sprint(one.Answers["need"].Values) != "[Mumblethwack]" || h.tells("Mumblethwack") != "" {
		t.Error(one.Answers, err)
	}
	r.Values["f.need"][0] += "AAAA"
	r.Values["mail"] = []string{"dora@example.org"}
	if _, err := h.Add(ctx, assistant, h.event, registration.MailIn, registration.Submission{Locale: i18n.EN, Values: r.Values}); problems(err) != "f.need:stale" {
		t.Error(problems(err))
	}

	// What is sealed in one row says nothing in another.
	answers := func(id string) (a map[string]registration.Answer, all string) {
		t.Helper()
		if err := h.DB.Read().NewRaw("SELECT answers FROM registrations WHERE id = ?", id).Scan(ctx, &all); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(all), &a); err != nil {
			t.Fatal(err)
		}
		return a, all
	}
	mine, before := answers(id)
	theirs, _ := answers(own.ID)
	mine["need"] = theirs["need"]
	moved, _ := json.Marshal(mine)
	put := func(id, answers string) {
		t.Helper()
		h.exec("UPDATE registrations SET answers = ? WHERE id = ?", answers, id)
	}
	put(id, string(moved))
	if _, err := h.Get(ctx, officer, h.event, id); err == nil {
		t.Error("words that were moved are read")
	}
	put(id, before)

	// When its time is over, a question's key is gone: also an older copy of the row tells nothing, while the other question does.
	h.at(h.value.Over().AddDate(0, 0, 31))
	if err := errors.Join(h.Purge(ctx), h.Purge(ctx)); err != nil {
		t.Fatal(err)
	}
	_, old := answers(own.ID)
	if strings.Contains(old, "need") {
		t.Error(old)
	}
	put(id, before)
	if one, err = h.Get(ctx, officer, h.event, id); err != nil || !one.Answers["need"].Hidden() || one.Hides() != "registrants.answer_gone" {
		t.Error(one.Answers, err)
	}
	if one, err = h.Get(ctx, officer, h.event, own.ID); err != nil || fmt.Sprint(one.Answers["gend"].Values) != "[fem1]" {
		t.Error(one.Answers, err)
	}
	h.at(h.value.Over().AddDate(0, 0, 400))
	if err := h.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	var keys int
	if err := h.DB.Read().NewRaw("SELECT count(*) FROM seal_keys").Scan(ctx, &keys); err != nil || keys != 0 {
		t.Error(keys, "keys are left", err)
	}
}

// What older programs left open is sealed at the next start, and what was answered before a question became sensitive when that is
// published.
func TestOlderAnswersAreSealed(t *testing.T) {
	h := open(t, 1, delicate)
	if err := h.send(h.Store, "zed@example.org", "f.need", "Quibberdick"); err != nil { // a form that nobody has confirmed yet
		t.Fatal(err)
	}
	if got := h.tells("Quibberdick"); got != "" {
		t.Error("open in", got)
	}
	h.join("ada@example.org", "f.need", "Quibberdick", "f.room", "Blue")
	h.join("bea@example.org", "f.need", "Zwiffelbeck")
	var id string
	if err := h.DB.Read().NewRaw("SELECT id FROM registrations WHERE mail = 'ada@example.org'").Scan(ctx, &id); err != nil {
		t.Fatal(err)
	}
	h.exec("UPDATE registrations SET answers = ? WHERE id = ?", `{"need":{"q":"Needs","v":["Quibberdick"]},"room":{"q":"Which room?","v":["Blue"]},"gone":{"q":"Faith","v":["Wumbly"]}}`, id)
	h.exec("UPDATE registration_events SET sealed = ?", false)
	if h.tells("Quibberdick") == "" {
		t.Fatal("the test puts nothing in")
	}
	if err := errors.Join(h.SealOlder(ctx), h.SealOlder(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := h.tells("Quibberdick") + h.tells("Wumbly"); got != "" || h.tells("Blue") == "" {
		t.Error("open in", got)
	}
	one, err := h.Get(ctx, staff, h.event, id)
	if err != nil || fmt.Sprint(one.Answers["need"].Values, one.Answers["gone"].Values) != "[Quibberdick] [Wumbly]" {
		t.Error(one.Answers, err)
	}
	h.change(func(r *kind.Registration) {
		r.Fields[2].Sensitive, r.Fields[2].Retention, r.Fields[2].Purpose = true, 5, content.L("en", "To lead the way.")
	})
	if got := h.tells("Blue"); got != "" {
		t.Error("open in", got)
	}
}
