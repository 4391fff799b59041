package admin

import (
	"context"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/mail"
)

// letters gives those of a cause, by address, with their words.
func (h *house) letters(cause string) map[string][]*mail.Full {
	h.t.Helper()
	ctx := context.Background()
	lines, _, err := h.mail.List(ctx, system, mail.Filter{}, auth.Paging{Size: 200})
	h.must(err)
	out := map[string][]*mail.Full{}
	for _, l := range lines {
		f, err := h.mail.Get(ctx, system, l.ID)
		h.must(err)
		if strings.HasPrefix(f.Cause, cause) {
			out[f.To] = append(out[f.To], f)
		}
	}
	return out
}

// Who looks after an event is told in the morning of what is due: once a day, when something is new, and weekly of what is
// late; a promise is told to who gave it, and nobody who wants no letters gets one.
func TestReminders(t *testing.T) {
	h := open(t)
	ctx := context.Background()
	focal := h.account("focal@example.org", site(auth.Editor))
	owner := h.account("owner@example.org", site(auth.Observer))
	h.must(h.auth.Update(ctx, system, func() auth.Account { a := *owner; a.Locale = i18n.FR; return a }()))
	h.account("other@example.org", site(auth.Editor))
	h.account("office@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	office := h.organization("Office")
	e := kind.Event{Title: content.L("en", "Opening the <register>"), Summary: content.L("en", "A webinar."), Kind: "webinar", Scope: "global", Status: "scheduled", Mode: "online", Access: "closed",
		When: content.When{Start: "2030-05-20T09:00", End: "2030-05-20T11:00", Zone: "UTC", Precision: "time"}, FocalPoint: focal.ID, WorkingLanguages: []string{"en"},
		Venues:        []kind.Venue{{Type: "online", Name: content.L("en", "Zoom")}},
		Organizations: []kind.OrganizationRole{{Organization: content.Ref(office), Role: "organizer"}}, Contacts: []kind.Contact{{Mailbox: "office@example.org"}},
		Commitments: []kind.Commitment{{Item: content.Item{ID: "c1"}, Kind: "recordings", DueDays: 5, Owner: owner.ID}}}
	s, err := h.content.Save(ctx, system, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(&e)})
	h.must(err)
	id := s.ID
	h.must(h.content.Publish(ctx, system, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN}}))
	at := func(s string) {
		t.Helper()
		now, err := time.Parse("2006-01-02 15:04", s)
		h.must(err)
		h.now = func() time.Time { return now }
		h.must(h.Remind(ctx))
		h.reminded = "" // as another instance, or after a start
		h.must(h.Remind(ctx))
	}
	count := func(want string) map[string][]*mail.Full {
		t.Helper()
		all := h.letters("reminder:")
		var got []string
		for _, who := range []string{"focal", "owner", "other", "office"} {
			got = append(got, who+" "+string(rune('0'+len(all[who+"@example.org"]))))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Fatalf("%s: %s, want %s", h.now(), s, want)
		}
		return all
	}
	at("2030-05-21 06:59")
	count("focal 0, owner 0, other 0, office 0")
	at("2030-05-21 07:00")
	all := count("focal 1, owner 1, other 0, office 0") // the promise is due in four days
	got := all["focal@example.org"][0]
	for _, want := range []string{"Opening the <register>", "Publish a news story", "Due 22 May 2030", "https://www.example.org/admin/events/" + id + "/checklist", "/admin/account#clr"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("no %q in\n%s", want, got.Text)
		}
	}
	if strings.Contains(got.Text, "Promised") || !strings.Contains(got.Subject, "late: 0") || got.Locale != i18n.EN {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	if got := all["owner@example.org"][0]; got.Locale != i18n.FR || !strings.Contains(got.Text, "25 mai 2030") || strings.Contains(got.Text, "22 mai") {
		t.Errorf("%s\n%s", got.Locale, got.Text)
	}
	at("2030-05-21 19:00") // the same day
	at("2030-05-20 19:00") // the clock was set back
	count("focal 1, owner 1, other 0, office 0")
	at("2030-05-22 08:00") // presentations and news are due today
	count("focal 2, owner 1, other 0, office 0")
	at("2030-05-23 08:00") // and are late
	all = count("focal 3, owner 1, other 0, office 0")
	if got := all["focal@example.org"]; !strings.Contains(got[0].Text+got[1].Text+got[2].Text, "1 day overdue") {
		t.Error("nothing is late")
	}
	at("2030-05-24 08:00") // nothing new
	count("focal 3, owner 1, other 0, office 0")

	b := h.signIn("owner@example.org")
	page := b.get("/admin/account")
	if page.Find("[name=reminders][checked]").Length() != 1 {
		t.Error("the switch is off")
	}
	b.post("/admin/account/clearance", "letters", "1")
	if b.get("/admin/account").Find("[name=reminders][checked]").Length() != 0 || b.get("/admin/account").Find("[name=letters][checked]").Length() != 1 {
		t.Error("the switch is still on")
	}
	at("2030-05-26 08:00") // the promise is late
	count("focal 3, owner 1, other 0, office 0")
	b.post("/admin/account/clearance", "reminders", "1")
	at("2030-05-26 09:00")
	count("focal 3, owner 2, other 0, office 0")
	for _, d := range []string{"2030-06-04", "2030-06-05", "2030-06-06", "2030-06-12"} {
		at(d + " 08:00")
	}
	count("focal 5, owner 4, other 0, office 0") // weekly

	// Nobody looks after it any more: those who may change its facts hear of it, and of nothing that is long past.
	h.must(h.auth.Disable(ctx, system, focal.ID, true))
	at("2030-06-13 08:00")
	count("focal 5, owner 4, other 1, office 0")
	at("2031-06-25 08:00")
	count("focal 5, owner 5, other 1, office 0")
}
