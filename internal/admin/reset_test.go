package admin

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/mail"
)

// postbox is a mail server that keeps what it takes.
type postbox struct{ got []*mail.Message }

func (p *postbox) Dial(context.Context) (mail.Conn, error) { return p, nil }
func (p *postbox) Close() error                            { return nil }
func (p *postbox) Send(_ context.Context, m *mail.Message) error {
	p.got = append(p.got, m)
	return nil
}

// deliver has the house send letters to a postbox.
func (h *house) deliver() *postbox {
	p := &postbox{}
	var err error
	h.mail, err = mail.New(h.db, mail.Options{BaseURL: "https://www.example.org", Words: h.cat, Sender: p, Site: h.settings.Site().Name.In})
	h.must(err)
	return p
}

// work does what waits: tasks, and then letters.
func (h *house) work() {
	h.t.Helper()
	h.must(h.jobs.Drain(context.Background()))
	h.must(h.mail.Drain(context.Background()))
}

var resetLink = regexp.MustCompile(`https://www\.example\.org(/admin/reset\?token=[\w-]{43}&lang=\w+)`)

func TestForgottenPassword(t *testing.T) {
	h := open(t)
	const email = "ama@example.org"
	ama := h.as("ama", site(auth.Editor))
	v := h.visitor()
	if p := v.get("/admin/forgotten"); p.status != http.StatusNotFound {
		t.Errorf("without a mail server: %d", p.status)
	}
	if p := v.page("/admin/sign-in"); p.Find("a[href^='/admin/forgotten']").Length() != 0 {
		t.Error("a way that leads nowhere is offered")
	}
	box := h.deliver()
	if p := v.page("/admin/sign-in"); p.Find("a[href^='/admin/forgotten']").Length() != 1 {
		t.Error("the way is not offered")
	}

	// The same is said of every address, and nothing to one that is none.
	if p := v.post("/admin/forgotten", "email", "no address"); p.status != http.StatusUnprocessableEntity || p.Find("#email[aria-invalid]").AttrOr("value", "") != "no address" {
		t.Errorf("no address: %d", p.status)
	}
	known, unknown := v.post("/admin/forgotten", "email", strings.ToUpper(email)), v.post("/admin/forgotten", "email", "nobody@example.org")
	if known.status != http.StatusOK || known.body != unknown.body {
		t.Errorf("known and unknown are told apart: %d, %d", known.status, unknown.status)
	}
	h.work()
	if len(box.got) != 1 || box.got[0].To != email {
		t.Fatalf("letters: %+v", box.got)
	}
	link := func(i int) string {
		t.Helper()
		m := resetLink.FindStringSubmatch(box.got[i].Text)
		if m == nil || !strings.Contains(box.got[i].HTML, strings.ReplaceAll(m[0], "&", "&amp;")) {
			t.Fatalf("no link: %s", box.got[i].Text)
		}
		return m[1]
	}
	first := link(0)
	form := v.page(first).form(t, "form[action='/admin/reset']")
	v.page(first) // looking at it, as mail scanners do, uses nothing up
	form.Set("password", "short")
	if p := v.postForm("/admin/reset", form); p.status != http.StatusUnprocessableEntity || p.Find("#password[aria-invalid]").Length() != 1 {
		t.Errorf("a weak password: %d", p.status)
	}
	const fresh = "a short way to the sea"
	form.Set("password", fresh)
	if p := v.postForm("/admin/reset", form); p.status != http.StatusSeeOther || p.to != "/admin/sign-in" {
		t.Fatalf("a new password: %d to %s", p.status, p.to)
	}
	if p := ama.get("/admin"); p.status != http.StatusSeeOther {
		t.Errorf("still signed in: %d", p.status)
	}
	if p := h.visitor().post("/admin/sign-in", "email", email, "password", secret); p.status == http.StatusSeeOther {
		t.Error("the old password still opens")
	}
	if p := h.visitor().post("/admin/sign-in", "email", email, "password", fresh); p.status != http.StatusSeeOther {
		t.Errorf("the new password: %d", p.status)
	}
	if p := v.postForm("/admin/reset", form); p.status != http.StatusForbidden {
		t.Errorf("the link once more: %d", p.status)
	}
	if p := v.get(first); p.status != http.StatusForbidden || p.Find("h1").Length() != 1 {
		t.Errorf("a used link: %d", p.status)
	}
	h.work()
	if len(box.got) != 2 || box.got[1].To != email || resetLink.MatchString(box.got[1].Text) {
		t.Fatalf("the person is told: %d letters", len(box.got))
	}

	// Nobody's mailbox is filled, and what was sent ends with a new password, a new address, and the hour.
	for range 6 {
		v.post("/admin/forgotten", "email", email)
	}
	h.work()
	if len(box.got) != 5 {
		t.Errorf("%d letters for six times asking", len(box.got)-2)
	}
	a, err := h.auth.ByEmail(t.Context(), system, email)
	h.must(err)
	h.must(h.auth.SetPassword(t.Context(), system, a.ID, "another way to the sea"))
	if p := v.get(link(2)); p.status != http.StatusForbidden {
		t.Errorf("after another change: %d", p.status)
	}
	v.post("/admin/forgotten", "email", email)
	h.work()
	a.Email = "ama.mensah@example.org"
	h.must(h.auth.Update(t.Context(), system, *a))
	if p := v.get(link(5)); p.status != http.StatusForbidden {
		t.Errorf("sent to an address that is no longer hers: %d", p.status)
	}
	v.post("/admin/forgotten", "email", a.Email)
	h.work()
	last := link(6)
	v.page(last)
	later := auth.New(h.db, auth.Options{Now: func() time.Time { return time.Now().UTC().Add(61 * time.Minute) }})
	u, err := url.Parse(last)
	h.must(err)
	if err := later.ResetOpen(t.Context(), u.Query().Get("token")); err == nil {
		t.Error("open after an hour")
	}
	h.must(h.auth.Disable(t.Context(), system, a.ID, true))
	if p := v.get(last); p.status != http.StatusForbidden {
		t.Errorf("a closed account: %d", p.status)
	}
	v.post("/admin/forgotten", "email", a.Email)
	h.work()
	if len(box.got) != 7 {
		t.Errorf("a closed account got a letter")
	}

	// The store keeps no token that opens something, nor the panel, nor the log.
	var text string
	h.must(h.db.Read().NewRaw("SELECT group_concat(body || subject || html || keys) FROM letters").Scan(t.Context(), &text))
	if sent := strings.Count(text, "token=\x1a0\x1a"); sent == 0 || strings.Count(text, "token=") != sent || strings.Contains(text, u.Query().Get("token")) {
		t.Error("links stay in the store")
	}
	for range 30 {
		v.post("/admin/forgotten", "email", "often@example.org")
	}
	if p := v.post("/admin/forgotten", "email", "often@example.org"); p.status != http.StatusTooManyRequests || p.header.Get("Retry-After") == "" {
		t.Errorf("asking without end: %d", p.status)
	}
	if p := h.visitor().post("/admin/sign-in", "email", "ama@example.org", "password", "x"); p.status == http.StatusTooManyRequests {
		t.Error("asking for links locks people out")
	}
}

// Who signs in with an address that takes no letters is not told that one is on its way, and who manages accounts is told
// that none can be.
func TestAnAddressThatTakesNoLetters(t *testing.T) {
	h := open(t)
	box := h.deliver()
	acc, err := h.auth.Create(t.Context(), system, auth.NewAccount{Email: "ama@intranet", Name: "Ama", Password: secret})
	h.must(err)
	boss := h.as("boss", site(auth.SiteManager))
	v := h.visitor()
	known, unknown := v.post("/admin/forgotten", "email", acc.Email), v.post("/admin/forgotten", "email", "ema@intranet")
	for _, p := range []*answer{known, unknown} {
		if p.status != http.StatusUnprocessableEntity || p.Find("#email[aria-invalid]").Length() != 1 || !strings.Contains(p.Find(".err").Text(), "No letter can be sent") {
			t.Errorf("%d %s", p.status, p.Find("main").Text())
		}
	}
	if strings.ReplaceAll(known.body, "ama@", "ema@") != unknown.body {
		t.Error("known and unknown are told apart")
	}
	h.work()
	var tasks int
	h.must(h.db.Read().NewRaw("SELECT count(*) FROM jobs").Scan(t.Context(), &tasks))
	if len(box.got) != 0 || tasks != 0 {
		t.Errorf("%d letters, %d tasks left", len(box.got), tasks)
	}
	if p := boss.page("/admin/users/" + acc.ID); !strings.Contains(p.Find("#no-letter").Text(), "ama@intranet") {
		t.Error("the account's page says nothing")
	}
	acc.Email = "ama@example.org"
	h.must(h.auth.Update(t.Context(), system, *acc))
	if p := boss.page("/admin/users/" + acc.ID); p.Find("#no-letter").Length() != 0 {
		t.Error("the account's page warns of a good address")
	}
}
