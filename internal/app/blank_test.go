package app_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestEmptyPagesSayWhatWouldBeHere walks every page of the panel that lists something, with nothing to list: each says what would be
// here, and what one does so that something is.
func TestEmptyPagesSayWhatWouldBeHere(t *testing.T) {
	h := apptest.Start(t)
	boss := h.SignIn("boss@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite}, auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	said := func(path string) {
		t.Helper()
		p := boss.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
			return
		}
		blank := p.Find("main .blank")
		if blank.Length() != 1 || strings.TrimSpace(blank.Find("h2").Text()) == "" || len(strings.Fields(blank.Find("p").First().Text())) < 4 {
			t.Errorf("%s says %q", path, strings.Join(strings.Fields(blank.Text()), " "))
		}
	}
	for _, path := range []string{"/admin", "/admin/entries?q=", "/admin/trash", "/admin/media", "/admin/promises", "/admin/published", "/admin/translations?q=", "/admin/discussions", "/admin/terms", "/admin/memory", "/admin/rights?q=zzzz", "/admin/outbox", "/admin/outbox/tasks",
		"/admin/views", "/admin/find?q=zzzz", "/admin/media?q=zzzz", "/admin/entries?q=zzzz", "/admin/outbox?q=zzzz", "/admin/terms?q=zzzz", "/admin/memory?q=zzzz", "/admin/users?q=zzzz", "/admin/translations?q=zzzz", "/admin/log?action=delete"} {
		said(path)
	}
	for _, k := range kind.All {
		said("/admin/" + k.Path + "?q=")
	}
	event := registrable(t, h, func(content.Leaves, content.Leaves) {})
	assistant := auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: event}
	boss = h.SignIn("assistant@example.org", assistant, auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	for _, path := range []string{"/registrations?q=", "/registrations?q=zzzz", "/registrations/check-in", "/questions", "/survey", "/registrations/certificates"} {
		said("/admin/events/" + event + path)
	}
	report := save(t, h, content.Change{Kind: kind.ReportKind, Original: i18n.EN, Set: words(i18n.EN, "title", "Report")})
	said("/admin/reports/" + report + "/comments")
}
