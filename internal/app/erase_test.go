package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// Who wants to be forgotten is, everywhere the data are, by their own press or by staff; the number stays, the place goes to the
// next, and the log says that it was done and not to whom (SECURITY P50).
func TestOnePersonIsErased(t *testing.T) {
	p, box := withOutbox(t)
	id := registrable(t, p, func(facts, _ content.Leaves) {
		facts.Set("registration.capacity", 2)
		facts.Set("registration.ask", []string{"country", "organization"})
		facts.Set("discussion.online", true)
	})
	add := func(name string) string {
		t.Helper()
		one, err := p.Registration.Add(ctx, apptest.System, id, registration.Phone, registration.Submission{Locale: i18n.EN,
			Values: map[string][]string{"name": {name + " Ordinary"}, "mail": {strings.ToUpper(name[:1]) + name[1:] + "@example.org"}, "country": {"KE"}, "organization": {name + " office"}}})
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	ada, bo, cy := add("zadamaria"), add("zbohumil"), add("zcyprian")
	state := func(one string) registration.State {
		t.Helper()
		r, err := p.Registration.Get(ctx, apptest.System, id, one)
		if err != nil {
			t.Fatal(err)
		}
		return r.State
	}
	if state(cy) != registration.Waitlisted {
		t.Fatal(state(cy))
	}
	for _, name := range []string{"zadamaria", "zbohumil"} {
		if err := p.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			for i, st := range []string{"shown", "pending"} {
				if _, err := tx.NewRaw(`INSERT INTO discussion_posts (id, event_id, topic, state, source, name, organization, country, mail, mail_key, locale, letters, text, find, created_at, verified_at) VALUES (?, ?, 't', ?, 'reader', ?, ?, 'KE', ?, ?, 'en', 'en', ?, ?, ?, ?)`,
					fmt.Sprint("post", name, i), id, st, name, name+" office", name+"@example.org", name+"@example.org", fmt.Sprint("Words ", i), name+" words", time.Now(), time.Now()).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, st := range []string{"asked", "answered_live"} {
			if _, err := p.Discussion.SaveQuestion(ctx, apptest.System, id, "", map[string][]string{"text": {"How? " + st}, "state": {st}, "source": {"day"}, "language": {"en"}, "name": {name}, "mail": {name + "@example.org"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// said tells where a name is found.
	said := func(name string) string {
		t.Helper()
		var out []string
		for _, table := range []string{"registrations", "registration_log", "letters", "letter_log", "discussion_posts", "discussion_questions", "discussion_followers", "registration_import_rows", "audit"} {
			var rows []map[string]any
			if err := p.DB.Read().NewRaw("SELECT * FROM ?", bun.Ident(table)).Scan(ctx, &rows); err != nil {
				t.Fatal(table, err)
			}
			for _, r := range rows {
				delete(r, "id") // of the posts above
				if strings.Contains(strings.ToLower(fmt.Sprint(r)), name) {
					out = append(out, table)
					break
				}
			}
		}
		return strings.Join(out, " ")
	}
	// A list that waits to be looked at has them once more.
	list := "Address,Name\nZADAMARIA@example.org,Zadamaria Ordinary\nzbohumil@example.org,Zbohumil Ordinary\nother@example.org,Other\n"
	if err := p.Registration.Upload(ctx, apptest.System, id, "list.csv", []byte(list), i18n.EN); err != nil {
		t.Fatal(err)
	}
	const everywhere = "registrations letters discussion_posts discussion_questions" // the list lies sealed
	listed := func() (lines int) {
		t.Helper()
		if err := p.DB.Read().NewRaw("SELECT count(*) FROM registration_import_rows").Scan(ctx, &lines); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	if listed() != 3 {
		t.Fatal(listed())
	}
	if got := said("zadamaria"); got != everywhere {
		t.Fatal(got)
	}

	// The person.
	_, link := box.last(t, "Zadamaria@example.org")
	own := p.Visitor()
	page := own.Get(link)
	if page.Find("#erase button[value=erase]").Length() != 1 || !strings.Contains(page.Find("#erase").Text(), "cannot be undone") {
		t.Fatal(page.Status, page.Find("main").Text())
	}
	if page = own.Post(link, url.Values{"do": {"erase"}}); page.Status != http.StatusUnprocessableEntity || state(ada) != registration.Confirmed {
		t.Error("without being sure:", page.Status)
	}
	if page = own.Post(link, url.Values{"do": {"erase"}, "sure": {"1"}}); page.Status != http.StatusOK || !strings.Contains(page.Find("h1").Text(), "deleted") {
		t.Error(page.Status, page.Find("main").Text())
	}
	if got := said("zadamaria"); got != "" || listed() != 2 {
		t.Error("still found in", got, listed())
	}
	if own.Get(link).Status != http.StatusNotFound || own.Post(link, url.Values{"do": {"erase"}, "sure": {"1"}}).Status != http.StatusNotFound {
		t.Error("the link still works")
	}
	if state(cy) != registration.Confirmed || state(bo) != registration.Confirmed {
		t.Error("the place is lost:", state(cy), state(bo))
	}
	if got := said("zbohumil"); got != everywhere {
		t.Error("of another person is left only", got)
	}

	// Staff, and who may not.
	at := "/admin/events/" + id + "/registrations/"
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	if page := editor.Post(at+bo, url.Values{"op": {"erase"}, "sure": {"1"}}); page.Status == http.StatusOK || state(bo) != registration.Confirmed {
		t.Error("an editor erases:", page.Status)
	}
	assistant := p.SignIn("assistant@example.org", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: id})
	if page = assistant.Post(at+bo, url.Values{"op": {"erase"}}); state(bo) != registration.Confirmed {
		t.Error("without being sure")
	}
	form := assistant.Get(at + bo).Form("#erase form")
	form.Set("op", "erase")
	form.Set("sure", "1")
	if page = assistant.Post(at+bo, form); page.Status != http.StatusOK || !strings.Contains(page.Text(), "have been erased") || said("zbohumil") != "" {
		t.Error(page.Status, said("zbohumil"))
	}
	if page = assistant.Post(at+bo, form); page.Status != http.StatusNotFound {
		t.Error("a second time:", page.Status)
	}
	if listed() != 1 {
		t.Error("of the list is left:", listed())
	}
	numbers, err := p.Registration.Numbers(ctx, id, "country")
	if err != nil || numbers["KE"] != 2 {
		t.Error(numbers, err)
	}
	var logged int
	if err := p.DB.Read().NewRaw("SELECT count(*) FROM audit WHERE action = 'registrants.erase'").Scan(ctx, &logged); err != nil || logged != 2 {
		t.Error(logged, err)
	}
	// What is not public any more can be erased from, too.
	if err := p.Content.Unpublish(ctx, apptest.System, id, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if err := p.Registration.Erase(ctx, apptest.System, id, cy); err != nil || said("zcyprian") != "" {
		t.Error(err, said("zcyprian"))
	}
}
