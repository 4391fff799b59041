package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/personal"
)

// Administrators see each line of the inventory in words, in every language, and take it along as a table.
func TestTheInventoryIsShown(t *testing.T) {
	p := apptest.Start(t)
	admin := p.SignIn("admin@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	page := admin.Get("/admin/privacy")
	if page.Status != http.StatusOK {
		t.Fatal(page.Status)
	}
	table := admin.Get("/admin/privacy/inventory.csv")
	for _, x := range personal.Inventory {
		if !strings.Contains(page.Text(), x.Name) {
			t.Error(x.Name, "is not on the page")
		}
		for _, c := range x.Personal() {
			if !strings.Contains(page.Text(), c.Name) || !strings.Contains(table.Body, c.Name) {
				t.Error(x.Name, c.Name, "is not shown")
			}
		}
		for _, l := range i18n.All {
			keys := []string{"privacy.purpose." + x.Purpose, "privacy.kept." + x.Kept, "privacy.seen." + x.Seen}
			for _, c := range x.Personal() {
				keys = append(keys, "privacy.what."+string(c.What))
			}
			for _, key := range keys {
				if w := p.Words.T(l, key); w == "" || strings.Contains(w, key) {
					t.Error(l, key)
				}
			}
		}
	}
}
