package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/app"
	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// Each thing that somebody may do only with a right leaves one line, and a look at registrants one line for a sitting.
func TestEachStepLeavesOneLine(t *testing.T) {
	p := apptest.Start(t)
	p.Registration.Patience = 0
	event := registrable(t, p, func(facts, _ content.Leaves) { facts.Set("registration.approval", registration.Manual) })
	who := apptest.System
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func() (n int) {
		t.Helper()
		must(p.DB.Read().NewRaw("SELECT count(*) FROM audit").Scan(ctx, &n))
		return n
	}
	last := func() (action string) {
		t.Helper()
		must(p.DB.Read().NewRaw("SELECT action FROM audit ORDER BY id DESC LIMIT 1").Scan(ctx, &action))
		return action
	}
	var account *auth.Account
	var grant *auth.Grant
	var news, one string
	var file *media.File
	var admin *apptest.Browser
	both := []i18n.Locale{i18n.EN}
	words := func(key string) string { return key }
	for _, step := range []struct {
		action string
		do     func() error
	}{
		{"account.create", func() (err error) {
			account, err = p.Auth.Create(ctx, who, auth.NewAccount{Email: "new@example.org", Name: "New", Password: "a long way to the river"})
			return err
		}},
		{"account.update", func() error { account.Name = "Newer"; return p.Auth.Update(ctx, who, *account) }},
		{"account.password_set", func() error { return p.Auth.SetPassword(ctx, who, account.ID, "another long password") }},
		{"grant.add", func() (err error) {
			grant, err = p.Auth.AddGrant(ctx, who, auth.Grant{AccountID: account.ID, Role: auth.Editor, Scope: auth.ScopeSite})
			return err
		}},
		{"grant.remove", func() error { return p.Auth.RemoveGrant(ctx, who, grant.ID) }},
		{"account.disable", func() error { return p.Auth.Disable(ctx, who, account.ID, true) }},
		{"account.enable", func() error { return p.Auth.Disable(ctx, who, account.ID, false) }},
		{"create", func() (err error) {
			s, err := p.Content.Save(ctx, who, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "Bridges"), Summary: content.L("en", "Summary"), Kind: "news", Date: "2026-07-01", Body: content.P("en", content.Paragraphs("One."))})})
			if err == nil {
				news = s.ID
			}
			return err
		}},
		{"save", func() error {
			words := content.Leaves{}
			words.SetText("summary", content.Text{Words: "Another"})
			_, err := p.Content.Save(ctx, who, content.Change{ID: news, Set: content.Parts{"en": words}})
			return err
		}},
		{"publish", func() error {
			return p.Content.Publish(ctx, who, content.PublishChange{ID: news, Facts: true, Locales: both})
		}},
		{"unpublish", func() error { return p.Content.Unpublish(ctx, who, news, nil) }},
		{"delete", func() error { return p.Content.Delete(ctx, who, news) }},
		{"restore", func() error { return p.Content.Restore(ctx, who, news) }},
		{"media.upload", func() (err error) {
			file, err = p.Media.Upload(ctx, who, media.Upload{Name: "paper.pdf", Body: strings.NewReader("%PDF-1.4\n")})
			return err
		}},
		{"media.rename", func() error { _, err := p.Media.Rename(ctx, who, file.ID, "other.pdf"); return err }},
		{"media.trash", func() error { _, err := p.Media.Trash(ctx, who, "", file.ID); return err }},
		{"settings.change", func() error {
			next := p.Settings.Site()
			next.Contact.Email = "office@example.org"
			return p.Settings.Save(ctx, who, next, "", "contact")
		}},
		{"registrants.add", func() (err error) {
			one, err = p.Registration.Add(ctx, who, event, registration.Phone, registration.Submission{Locale: i18n.EN, Values: map[string][]string{"name": {"Ada"}, "mail": {"ada@example.org"}}})
			return err
		}},
		{"registrants.decline", func() error {
			_, err := p.Registration.Decide(ctx, who, event, []string{one}, registration.Decline)
			return err
		}},
		{"registrants.read", func() error {
			for range 3 { // page after page, and somebody's own
				if _, err := p.Registration.List(ctx, who, registration.Query{Event: event, Limit: 10}); err != nil {
					return err
				}
			}
			_, err := p.Registration.Get(ctx, who, event, one)
			return err
		}},
		{"registrants.export", func() error {
			return p.Registration.Export(ctx, who, registration.Query{Event: event}, sheet.CSV, &bytes.Buffer{}, words, i18n.EN)
		}},
		{"registrants.export", func() error {
			return p.Registration.Export(ctx, who, registration.Query{Event: event}, sheet.XLSX, &bytes.Buffer{}, words, i18n.EN)
		}},
		{"registrants.erase", func() error { return p.Registration.Erase(ctx, who, event, one) }},
	} {
		before := count()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if n := count() - before; n != 1 || last() != step.action {
			t.Errorf("%s left %d lines, the last %s", step.action, n, last())
		}
	}
	admin = p.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	if got := last(); got != "session.start" {
		t.Errorf("signing in: %s", got)
	}
	before := count()
	if page := admin.Get("/admin/log/lines.csv?action=registrants."); page.Status != http.StatusOK || count() != before+1 || last() != "log.export" {
		t.Errorf("%d, %d lines, %s", page.Status, count()-before, last())
	}
	// Nobody who may not do it leaves one.
	editor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	before = count()
	for _, at := range []string{"/admin/log", "/admin/log/lines.csv", "/admin/log/lines.xlsx"} {
		if page := editor.Get(at); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
			t.Errorf("an editor at %s: %d", at, page.Status)
		}
	}
	if n := count() - before; n != 0 {
		t.Errorf("refused, and %d lines", n)
	}
	must(p.Auth.Seal(ctx))
	if r, err := p.Auth.Verify(ctx, nil); err != nil || r.Broken != nil || int(r.Lines) != count() {
		t.Errorf("%+v %v", r, err)
	}
}

// The table of the log has what the list shows, by its filters, and holds no formula.
func TestTheLogAsATable(t *testing.T) {
	p := apptest.Start(t)
	admin := p.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	id := save(t, p, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "=1+1")})})
	if err := p.Auth.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	page := admin.Get("/admin/log?action=create&entry=" + id)
	at, _ := page.Find("a[download][href*='lines.csv']").Attr("href")
	if at == "" || page.Find("tbody tr").Length() != 1 {
		t.Fatalf("%q %s", at, page.Find("main").Text())
	}
	table := admin.Get(at)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(table.Body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[1]) != len(rows[0]) {
		t.Fatalf("%v %q", err, table.Body)
	}
	row := strings.Join(rows[1], "|")
	if !strings.Contains(row, "|create|") || !strings.Contains(row, id) || rows[1][0] == "" || len(rows[1][len(rows[1])-1]) != 64 {
		t.Error(row)
	}
	for _, cell := range rows[1] {
		if strings.HasPrefix(cell, "=") {
			t.Errorf("a formula: %s", cell)
		}
	}
	if page := admin.Get("/admin/log/lines.xlsx"); page.Status != http.StatusOK || !strings.HasPrefix(string(page.Body), "PK") {
		t.Errorf("%d", page.Status)
	}
	if page := admin.Get("/admin/log/lines.csv?from=never"); page.Status != http.StatusNotFound {
		t.Errorf("a day that is none: %d", page.Status)
	}
}

// Administrators are told where the log ends, in their language, once a day if it has grown; and each day that it does not hold.
func TestAdministratorsAreToldOfTheLog(t *testing.T) {
	post := apptest.StartPost(t)
	now := time.Now()
	p := apptest.Start(t, func(c *app.Config) { c.Mail = post.Mail(); c.Now = func() time.Time { return now } })
	admin := p.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	boss, err := p.Auth.ByEmail(ctx, apptest.System, "admin@example.org")
	if err != nil {
		t.Fatal(err)
	}
	boss.Locale = i18n.FR
	if err := p.Auth.Update(ctx, apptest.System, *boss); err != nil {
		t.Fatal(err)
	}
	told := func() (out []string) {
		t.Helper()
		if err := p.Panel.TellRecord(ctx); err != nil {
			t.Fatal(err)
		}
		if err := p.DB.Read().NewRaw("SELECT subject || ' ' || to_address || ' ' || body FROM letters WHERE cause LIKE 'record%' ORDER BY created_at").Scan(ctx, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := told(); len(got) != 0 {
		t.Fatalf("on the first day: %v", got)
	}
	now = now.AddDate(0, 0, 1)
	got := told()
	r, err := p.Auth.Verify(ctx, nil)
	if err != nil || r.Broken != nil {
		t.Fatal(r, err)
	}
	if len(got) != 1 || !strings.Contains(got[0], "plenary audit verify --head "+r.Head.String()) || !strings.Contains(got[0], "Journal : ") || !strings.Contains(got[0], "admin@example.org") {
		t.Fatalf("%v", got)
	}
	if got := told(); len(got) != 1 {
		t.Errorf("twice: %v", got)
	}
	now = now.AddDate(0, 0, 1)
	if got := told(); len(got) != 1 {
		t.Errorf("nothing was done since: %v", got)
	}
	if page := admin.Get("/admin/log"); !strings.Contains(page.Find("main").Text(), "rien n’avait été modifié") {
		t.Error(page.Find("main").Text())
	}
	if err := p.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE audit SET actor = 'somebody' WHERE seq = 2").Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for day := range 2 {
		if got := told(); len(got) != 2+day || !strings.Contains(got[1+day], "Le journal a été modifié") || !strings.Contains(got[1+day], "line 2 (") {
			t.Errorf("broken, day %d: %v", day, got)
		}
		now = now.AddDate(0, 0, 1)
	}
	if page := admin.Get("/admin/log"); page.Find("main .notice.error").Length() != 1 || !strings.Contains(page.Find("main .notice.error").Text(), "line 2 (") {
		t.Error(page.Find("main").Text())
	}
}
