package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"

	"github.com/uptrace/bun"
)

// letter queues a letter.
func (h *house) letter(l mail.Letter) (id string) {
	h.t.Helper()
	if l.Text == "" {
		l.Text = "Dear Ama,\n\nyou are registered."
	}
	if l.Locale == "" {
		l.Locale = i18n.EN
	}
	h.must(h.db.InTx(context.Background(), func(ctx context.Context, tx bun.Tx) (err error) {
		id, err = h.mail.Enqueue(ctx, tx, system, l)
		return err
	}))
	return id
}

// failedTask leaves a task to staff.
func (h *house) failedTask() {
	h.t.Helper()
	h.jobs.Handle("fails", func(context.Context, *job.Run) error { return job.Never(errors.New("it cannot be done")) })
	h.must(h.db.InTx(context.Background(), func(ctx context.Context, tx bun.Tx) error { return h.jobs.Enqueue(ctx, tx, job.Task{Kind: "fails"}) }))
	h.must(h.jobs.Drain(context.Background()))
}

func (h *house) state(id string) mail.State {
	h.t.Helper()
	l, err := h.mail.Get(context.Background(), system, id)
	h.must(err)
	return l.State
}

// TestOutbox: what staff do to letters, by plain forms.
func TestOutbox(t *testing.T) {
	h := open(t)
	b := h.as("manager", site(auth.SiteManager))
	if p := b.page("/admin/outbox"); p.Find(".blank").Length() != 1 || p.Find("nav a[href='/admin/outbox']").Length() == 0 {
		t.Error("an empty outbox says nothing, or is not in the navigation")
	}
	held := h.letter(mail.Letter{Cause: "a", To: "ama@example.net", Name: "Ama Mensah", Subject: "Your registration", HTML: "<p>old</p>", Hold: true,
		Files: []mail.File{{Name: "event.ics", Type: "text/calendar", Data: make([]byte, 2000)}}})
	later := h.letter(mail.Letter{Cause: "b", To: "ben@example.net", Subject: "<script>alert(1)</script>", Text: "<b>not bold</b>", Locale: i18n.AR, NotBefore: time.Now().Add(time.Hour)})
	at := "/admin/outbox/" + held

	p := b.page("/admin/outbox")
	if rows := p.Find("tbody tr"); rows.Length() != 2 || p.Find("tbody script").Length() != 0 || !strings.Contains(rows.Text(), "ben@example.net") {
		t.Errorf("the list: %s", p.Find("tbody").Text())
	}
	for query, want := range map[string]int{"?q=AMA@": 1, "?q=mensah": 1, "?q=a%25": 0, "?state=held": 1, "?state=queued&lang=ar": 1, "?lang=fr": 0, "?state=sent": 0} {
		if p := b.page("/admin/outbox" + query); p.Find("tbody tr").Length() != want || want == 0 && p.Find(".blank").Length() != 1 {
			t.Errorf("%s: %d rows", query, p.Find("tbody tr").Length())
		}
	}
	if p := b.get("/admin/outbox?state=nonsense"); p.status != http.StatusBadRequest {
		t.Errorf("a state that is none: %d", p.status)
	}

	// The words of a held letter can be changed; what is wrong with them is said beside them.
	form := b.page(at).form(t, "main form:has(textarea)")
	form.Set("subject", " ")
	form.Set("text", "typed")
	form.Set("op", "edit")
	if p := b.postForm(at, form); p.status != http.StatusUnprocessableEntity || p.Find("#subject[aria-invalid]").Length() != 1 || p.Find("textarea").Text() != "typed" {
		t.Errorf("without a subject: %d", p.status)
	}
	form.Set("subject", "Your place\r\nBcc: x@example.net")
	form.Set("text", "Dear Ama,\r\n\r\nwelcome & <hello>.\r\nhttps://www.example.org/x?a&b")
	stale := url.Values{}
	for k, v := range form {
		stale[k] = v
	}
	if p := b.postForm(at, form); p.status != http.StatusSeeOther {
		t.Errorf("words changed: %d", p.status)
	}
	l, err := h.mail.Get(t.Context(), system, held)
	if err != nil || l.Subject != "Your place Bcc: x@example.net" || l.Text != "Dear Ama,\n\nwelcome & <hello>.\nhttps://www.example.org/x?a&b" || !strings.Contains(l.HTML, "welcome &amp; &lt;hello&gt;") || strings.Contains(l.HTML, "old") ||
		!strings.Contains(l.HTML, `<a href="https://www.example.org/x?a&amp;b"`) {
		t.Errorf("stored: %+v %v", l, err)
	}
	stale.Set("text", "mine")
	if p := b.postForm(at, stale); p.status != http.StatusConflict || p.Find("textarea").Text() != "mine" {
		t.Errorf("an old form: %d", p.status)
	}

	// One thing after the other, each told by the buttons there are.
	for _, step := range []struct {
		op   string
		want mail.State
	}{{"cancel", mail.Cancelled}, {"restore", mail.Held}, {"release", mail.Queued}, {"hold", mail.Held}, {"release", mail.Queued}} {
		if b.page(at).Find("button[value='"+step.op+"']").Length() != 1 {
			t.Errorf("no button to %s", step.op)
		}
		if p := b.post(at, "op", step.op); p.status != http.StatusSeeOther || h.state(held) != step.want {
			t.Errorf("%s: %d, %s", step.op, p.status, h.state(held))
		}
	}
	h.must(h.mail.Drain(t.Context()))
	if p := b.page(at); h.state(held) != mail.Sent || p.Find("button[name=op]").Length() != 0 || !strings.Contains(p.Find(".lettertext").Text(), "welcome & <hello>.") || p.Find("ol.list li").Length() != 6 {
		t.Errorf("sent: %s, %d lines of log", h.state(held), p.Find("ol.list li").Length())
	}
	if p := b.post(at, "op", "cancel"); p.status != http.StatusSeeOther || h.state(held) != mail.Sent {
		t.Errorf("what has left is cancelled: %s", h.state(held))
	}
	if p := b.postForm(at, form); p.status != http.StatusConflict {
		t.Errorf("words of a letter that has left: %d", p.status)
	}

	// Several at once: those that can.
	if p := b.post("/admin/outbox", "op", "hold", "id", held, "id", later, "id", "nothing", "back", "/admin/outbox?q=x"); p.status != http.StatusSeeOther || p.to != "/admin/outbox?q=x" || h.state(later) != mail.Held {
		t.Errorf("bulk: %d to %s, %s", p.status, p.to, h.state(later))
	}
	if p := b.page("/admin/outbox"); !strings.Contains(p.Find(".notice").Text(), "1 of 3") {
		t.Errorf("told: %s", p.Find(".notice").Text())
	}
	for _, pairs := range [][]string{{"op", "hold"}, {"op", "burn", "id", later}, {"op", "hold", "id", later, "back", "//evil.example"}} {
		if p := b.post("/admin/outbox", pairs...); p.status >= 500 || p.to != "" && p.to != "/admin/outbox" {
			t.Errorf("%v: %d to %s", pairs, p.status, p.to)
		}
	}
	lines, n, err := h.auth.AuditLog(t.Context(), system, auth.AuditFilter{Action: "letter."}, auth.Paging{})
	if err != nil || n != 7 || strings.Contains(lines[0].Object.ID+lines[0].Action, "@") {
		t.Errorf("%d audit lines: %v", n, err)
	}
}

// TestWhoSeesLetters: those who may write to the people of an event see the letters about it, and nobody sees a key.
func TestWhoSeesLetters(t *testing.T) {
	h := open(t)
	event := h.event("Forum", 48*time.Hour, nil)
	about := h.letter(mail.Letter{Cause: "a", To: "ama@example.net", Subject: "About the forum", About: auth.Object{Kind: "registration", Event: event}})
	other := h.letter(mail.Letter{Cause: "b", To: "ben@example.net", Subject: "About something else"})
	const canary = "canary0123456789abcdef"
	key := h.letter(mail.Letter{Cause: "c", To: "cai@example.net", Subject: "Your place", Text: "Yours:\nhttps://www.example.org/" + canary, HTML: "<p>old</p>", Unsubscribe: "https://www.example.org/" + canary + "/stop", Keys: []string{canary}, Hold: true})
	assistant := h.as("assistant", auth.Grant{Role: auth.EventAssistant, Scope: auth.ScopeEvent, ScopeID: event})
	if p := assistant.page("/admin/outbox"); p.Find("tbody tr").Length() != 1 || !strings.Contains(p.body, "About the forum") || strings.Contains(p.body, "ben@") {
		t.Errorf("the assistant's list: %s", p.Find("tbody").Text())
	}
	if p := assistant.page("/admin/outbox?q=ben"); p.Find("tbody tr").Length() != 0 {
		t.Error("found by searching")
	}
	assistant.page("/admin/outbox/" + about)
	told := map[string]string{}
	for _, id := range []string{other, key, strings.Repeat("z", len(other))} {
		p, q := assistant.get("/admin/outbox/"+id), assistant.post("/admin/outbox/"+id, "op", "cancel")
		told[id] = strings.ReplaceAll(p.body+q.body, id, "ID")
		if p.status != http.StatusNotFound || q.status != http.StatusNotFound {
			t.Errorf("a foreign letter: %d, %d", p.status, q.status)
		}
		assistant.post("/admin/outbox", "op", "cancel", "id", id)
	}
	if h.state(other) != mail.Queued || h.state(key) != mail.Held {
		t.Error("a foreign letter was cancelled")
	}
	if p := assistant.get("/admin/outbox/tasks"); p.status != http.StatusForbidden {
		t.Errorf("tasks: %d", p.status)
	}
	for _, role := range []auth.Role{auth.Editor, auth.Observer, auth.Translator} {
		if p := h.as(string(role), site(role)).get("/admin/outbox"); p.status != http.StatusForbidden {
			t.Errorf("%s: %d", role, p.status)
		}
	}
	admin := h.as("admin", site(auth.Admin))
	for _, path := range []string{"/admin/outbox", "/admin/outbox/" + key} {
		if p := admin.page(path); strings.Contains(p.body, "canary") || !strings.Contains(p.body, "Your place") {
			t.Errorf("%s shows a key, or nothing", path)
		}
	}
	// Its words can be changed around what stands for the private link, and only around it.
	at := "/admin/outbox/" + key
	form := admin.page(at).form(t, "main form:has(textarea)")
	if form.Get("text") != "Yours:\n{link}" || !strings.Contains(admin.page(at).Find("dl.kv").First().Text(), "https://www.example.org/…") {
		t.Errorf("shown: %q", form.Get("text"))
	}
	form.Set("text", "Click https://evil.example/{link}")
	if p := admin.postForm(at, form); p.status != http.StatusUnprocessableEntity || p.Find("#text[aria-invalid]").Length() != 1 || strings.Contains(p.body, "canary") || p.Find("textarea").Text() != form.Get("text") {
		t.Errorf("a key handed on: %d", p.status)
	}
	form.Set("text", "It has moved to the large hall. Yours:\n\n{link}")
	if p := admin.postForm(at, form); p.status != http.StatusSeeOther {
		t.Errorf("changed: %d", p.status)
	}
	if p := admin.post(at, "op", "release"); p.status != http.StatusSeeOther || h.state(key) != mail.Queued {
		t.Errorf("released: %d", p.status)
	}
	h.must(h.mail.Drain(t.Context()))
	if p := admin.page(at); strings.Contains(p.body, "canary") || h.state(key) != mail.Sent || !strings.Contains(p.Find(".lettertext").Text(), "the large hall") {
		t.Error("a key is shown once it has left, or not what was said")
	}
}

func TestTestLetterAndTasks(t *testing.T) {
	h := open(t)
	b := h.as("admin", site(auth.Admin))
	b.post("/admin/account/look", "locale", "ar")
	p := b.post("/admin/outbox/test")
	if p.status != http.StatusSeeOther {
		t.Fatalf("test letter: %d", p.status)
	}
	if p := b.page(p.to); p.Find(".lettertext[dir=rtl][lang=ar]").Length() != 1 || !strings.Contains(p.body, "admin@example.org") {
		t.Errorf("the letter: %s", p.Find("main").Text())
	}
	b.post("/admin/account/look", "locale", "en")
	h.failedTask()
	form := b.page("/admin/outbox/tasks?state=failed").form(t, "td form")
	for _, op := range []string{"again", "drop", "drop"} {
		form.Set("op", op)
		if p := b.postForm("/admin/outbox/tasks", form); p.status != http.StatusSeeOther && op != "drop" {
			t.Errorf("%s: %d", op, p.status)
		}
		h.must(h.jobs.Drain(t.Context()))
	}
	if p := b.page("/admin/outbox/tasks"); p.Find(".blank").Length() != 1 {
		t.Errorf("left: %s", p.Find("main").Text())
	}
	if p := b.postForm("/admin/outbox/tasks", form); p.status != http.StatusNotFound {
		t.Errorf("a task that is gone: %d", p.status)
	}
	if p := b.page("/admin/log?action=letter."); p.Find("tbody a[href^='/admin/outbox/']").Length() != 1 {
		t.Error("the log does not lead to the letter")
	}
}
