package admin

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/settings"
)

func TestSettingsRoundTrip(t *testing.T) {
	h := open(t)
	b := h.as("manager", site(auth.SiteManager))
	pageOf := func(title string) string {
		s, err := h.content.Save(t.Context(), system, content.Change{Kind: kind.PageKind, Original: i18n.EN, Set: kind.PageKind.Split(&kind.Page{Title: content.L("en", title)})})
		h.must(err)
		return s.ID
	}
	contact, privacy := pageOf("Contact"), pageOf("Privacy")
	save := func(section string, pairs ...string) *answer {
		t.Helper()
		form := b.page("/admin/settings").form(t, "#"+section+" form")
		seen := map[string]bool{}
		for i := 0; i+1 < len(pairs); i += 2 {
			if !seen[pairs[i]] {
				form.Del(pairs[i])
				seen[pairs[i]] = true
			}
			form.Add(pairs[i], pairs[i+1])
		}
		form.Set("op", "save")
		return b.postForm("/admin/settings", form)
	}
	for section, pairs := range map[string][]string{
		"identity": {"name@en", "Office of Rivers", "name@ar", "مكتب الأنهار", "part_of@en", "The Assembly", "part_of_url", "https://assembly.example", "description@fr", "Fleuves et rives."},
		"time":     {"zone", "Africa/Nairobi", "cities", "Asia/Seoul", "cities", "America/New_York"},
		"footer":   {"footer@en", "All rights\r\nreserved", "order", privacy, "order", contact, "footer_pages", contact, "footer_pages", privacy},
		"contact":  {"contact_email", "office@example.org", "contact_phone", "+254 20 000", "contact_address@en", "1 River Road\nNairobi"},
		"social":   {"network", "YouTube", "network", "X", "url", "https://video.example/rivers", "url", "https://x.example/rivers", "locale", "fr", "locale", ""},
	} {
		if p := save(section, pairs...); p.status != http.StatusSeeOther || p.to != "/admin/settings#"+section {
			t.Errorf("%s: %d to %q\n%s", section, p.status, p.to, p.Find("#problems").Text())
		}
	}
	// Order and choice of languages, moved by buttons for who has no script.
	form := b.page("/admin/settings").form(t, "#languages form")
	form.Set("op", "up en")
	p := b.postForm("/admin/settings", form)
	form = p.form(t, "#languages form")
	if got := form["order"][:3]; !slices.Equal(got, []string{"ar", "en", "zh"}) {
		t.Errorf("order %q", got)
	}
	form["languages"] = []string{"ar", "en", "fr"}
	form.Set("own_only", "1")
	form.Set("op", "save")
	b.postForm("/admin/settings", form)
	s := h.settings.Site()
	if !slices.Equal(s.Languages, []i18n.Locale{"ar", "en", "fr"}) || !s.OwnOnly || s.Name["ar"] != "مكتب الأنهار" || s.Name["en"] != "Office of Rivers" || s.PartOfURL != "https://assembly.example" ||
		s.Zone != "Africa/Nairobi" || !slices.Equal(s.Cities, []string{"Asia/Seoul", "America/New_York"}) || s.Footer["en"] != "All rights\nreserved" || !slices.Equal(s.FooterPages, []string{privacy, contact}) ||
		s.Contact.Address["en"] != "1 River Road\nNairobi" || len(s.Social) != 2 || s.Social[0] != (settings.Social{Network: "YouTube", URL: "https://video.example/rivers", Locale: "fr"}) {
		t.Errorf("settings: %+v", s)
	}
	// The form shows what is in force, and sending it as it is changes nothing.
	before := s.Version("name", "part_of", "part_of_url", "description", "languages", "own_only", "zone", "cities", "footer", "footer_pages", "contact", "social")
	for _, section := range settingsSections {
		if p := save(section.Name); p.status != http.StatusSeeOther {
			t.Errorf("%s as it is: %d %s", section.Name, p.status, p.Find("#problems").Text())
		}
	}
	s = h.settings.Site()
	if after := s.Version("name", "part_of", "part_of_url", "description", "languages", "own_only", "zone", "cities", "footer", "footer_pages", "contact", "social"); after != before {
		t.Errorf("changed by saving as it is: %+v", s)
	}
	// Words in a language that is not offered now are kept for when it is again.
	save("languages", "languages", "en")
	save("identity", "name@en", "Office of Streams")
	if s := h.settings.Site(); s.Name["ar"] != "مكتب الأنهار" || s.Name["en"] != "Office of Streams" {
		t.Errorf("names: %v", s.Name)
	}
	if title := b.page("/admin/help").Find("title").Text(); title != "Help | Office of Streams" {
		t.Errorf("title %q", title)
	}
	// Wrong values come back beside their fields, with all that was typed.
	p = save("identity", "name@en", " ", "part_of_url", "javascript:alert(1)")
	if p.status != http.StatusSeeOther && p.Find("#identity .err").Length() == 0 || p.status == http.StatusSeeOther {
		t.Errorf("wrong values: %d", p.status)
	}
	if got := p.Find("#part_of_url").AttrOr("value", ""); got != "javascript:alert(1)" {
		t.Errorf("typed and lost: %q", got)
	}
	for section, pairs := range map[string][]string{"time": {"zone", "Mars/Olympus"}, "social": {"network", "Nowhere", "url", "https://x.example"}, "contact": {"contact_email", "nobody"}} {
		if p := save(section, pairs...); p.status != http.StatusUnprocessableEntity || p.Find("#"+section+" .err").Length() == 0 {
			t.Errorf("%s %q: %d", section, pairs, p.status)
		}
	}
	// Two people at once: the second is told, keeps her words, and decides.
	old := b.page("/admin/settings").form(t, "#contact form")
	save("contact", "contact_phone", "111")
	old.Set("contact_phone", "222")
	old.Set("op", "save")
	p = b.postForm("/admin/settings", old)
	if p.status != http.StatusConflict || p.Find(`#contact_phone`).AttrOr("value", "") != "222" || h.settings.Site().Contact.Phone != "111" {
		t.Errorf("conflict: %d %q", p.status, h.settings.Site().Contact.Phone)
	}
	again := p.form(t, "#contact form")
	again.Set("op", "save")
	if p := b.postForm("/admin/settings", again); p.status != http.StatusSeeOther || h.settings.Site().Contact.Phone != "222" {
		t.Errorf("decided: %d", p.status)
	}
	if got := strings.Join(h.as("admin", site(auth.Admin)).page("/admin/log?action=settings.").texts("tbody tr"), "\n"); !strings.Contains(got, "contact") {
		t.Errorf("log: %s", got)
	}
}

// A city can be found and taken away without a script.
func TestCitiesWithoutScript(t *testing.T) {
	h := open(t)
	b := h.as("manager", site(auth.SiteManager))
	form := b.page("/admin/settings").form(t, "#time form")
	form.Set("find_city", "nairobi")
	form.Set("op", "find")
	p := b.postForm("/admin/settings", form)
	if got := p.Find("#time .chip").Text(); !strings.Contains(got, "Nairobi") {
		t.Fatalf("found %q", got)
	}
	form = p.form(t, "#time form")
	form.Set("find_city", "nowhere at all")
	form.Set("op", "find")
	if p := b.postForm("/admin/settings", form); p.status != http.StatusUnprocessableEntity || p.Find("#time .chip").Length() != 1 {
		t.Errorf("no such city: %d", p.status)
	}
	form = p.form(t, "#time form")
	form.Set("op", "drop Africa/Nairobi")
	if p := b.postForm("/admin/settings", form); p.Find("#time .chip").Length() != 0 {
		t.Error("not taken away")
	}
}
