package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/auth"
)

// TestAPageAfterTheLast: a list that has grown shorter shows its last page, not nothing.
func TestAPageAfterTheLast(t *testing.T) {
	h := open(t)
	h.item("Registers open")
	admin := h.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite}, auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	form := admin.Get("/admin/terms/new").Form("main form")
	if page := admin.Post("/admin/terms/new", with(form, "en.preferred", "gazetteer", "op", "save")); page.Status != http.StatusOK || !strings.Contains(page.Find("main").Text(), "gazetteer") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
	for _, path := range []string{"/admin/terms", "/admin/translations", "/admin/users"} {
		page := admin.Get(path + "?page=99")
		if rows := page.Find("main .table tbody tr").Length(); page.Status != http.StatusOK || rows == 0 {
			t.Errorf("%s: %d, %d rows: %s", path, page.Status, rows, strings.Join(strings.Fields(page.Find("main").Text()), " "))
		}
	}
}
