package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// boarded publishes an event with a board; its one topic is made of its key question by an editor.
func boarded(t *testing.T, p *apptest.Plenary, box *read) (id, board, topic string) {
	t.Helper()
	set := sampleEvent(t, p, "discussion", "blocks")
	facts := set[content.Facts]
	facts.Set("status", "scheduled")
	facts.Set("discussion.online", true)
	v, err := kind.EventKind.Join(set)
	if err != nil {
		t.Fatal(err)
	}
	e := v.(*kind.Event)
	e.Title, e.Summary = content.L("en", "Open registers", "fr", "Registres ouverts"), content.L("en", "A meeting.", "fr", "Une réunion.")
	e.Blocks = []kind.Block{{Item: content.Item{ID: "qs"}, Kind: "key_questions", Groups: []kind.PointGroup{{Item: content.Item{ID: "g1"},
		Points: []kind.Point{{Item: content.Item{ID: "kq1"}, Text: content.L("en", "Who keeps it?", "fr", "Qui le tient ?")}}},
		{Item: content.Item{ID: "g2"}, Points: []kind.Point{{Item: content.Item{ID: "kq1"}, Text: content.L("en", "How?", "fr", "Comment ?")}}}}}}
	id = save(t, p, content.Change{Kind: kind.EventKind, Original: i18n.EN, Set: kind.EventKind.Split(e)})
	editor := p.SignIn("boards@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	page := editor.Post("/admin/events/"+id+"/discussion/topics", url.Values{})
	if page.Status != http.StatusOK || page.Path != "/admin/discussions" || !strings.Contains(page.Text(), "Topics added: 2") {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find("main").Text())
	}
	if page = editor.Post("/admin/events/"+id+"/discussion/topics", url.Values{}); !strings.Contains(page.Text(), "are all topics already") {
		t.Error("made twice: ", page.Find("main").Text())
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: id, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}}); err != nil {
		t.Fatal(err)
	}
	live, err := p.Content.LiveByID(ctx, i18n.EN, id)
	if err != nil {
		t.Fatal(err)
	}
	p.Registration.Mail, p.Registration.Patience, p.Discussion.Mail = box, 0, box
	first, _, _ := strings.Cut(strings.TrimPrefix(p.Visitor().Get("/en/"+live.Path+"/discussion").Find(".topics a").AttrOr("href", ""), "/en/"+live.Path+"/discussion/"), "?")
	return id, live.Path + "/discussion", first
}

// post writes on the board and confirms the mailbox.
func (r *read) post(t *testing.T, visitor *apptest.Browser, at, to, words string) {
	t.Helper()
	f := visitor.Get(at).Form("main form")
	f.Set("name", "=Ada")
	f.Set("mail", to)
	f.Set("text", words)
	if page := visitor.Post(at, f); !strings.HasSuffix(page.Path, "/sent") {
		t.Fatalf("%d at %s: %s", page.Status, page.Path, page.Find(".problems").Text())
	}
	last := r.letters[len(r.letters)-1]
	_, link, ok := strings.Cut(last.Text, "/posts/")
	if !ok || last.To != to {
		t.Fatal(last)
	}
	if page := visitor.Post("/en/posts/"+strings.Fields(link)[0], url.Values{"do": {"confirm"}}); page.Status != http.StatusOK || !strings.Contains(page.Text(), "moderator reads it") {
		t.Fatalf("%d: %s", page.Status, page.Find("main").Text())
	}
}

func TestTheStoryOfABoard(t *testing.T) {
	p := apptest.Start(t)
	box := &read{Letters: p.Registration.Mail}
	id, board, key := boarded(t, p, box)
	visitor := p.Visitor()
	if got := visitor.Get("/fr/" + board).Find(".topics h3").First().Text(); got != "Qui le tient ?" {
		t.Errorf("the topic in French is %q", got)
	}
	topic := "/en/" + board + "/" + key
	for _, who := range []string{"a", "b", "c"} {
		box.post(t, visitor, topic+"/write", who+"@example.org", "Words of "+who)
	}

	// A moderator of this event handles them; one of another sees none and can do nothing.
	moderator := p.SignIn("moderator@example.org", auth.Grant{Role: auth.Moderator, Scope: auth.ScopeEvent, ScopeID: id})
	foreign := p.SignIn("foreign@example.org", auth.Grant{Role: auth.Moderator, Scope: auth.ScopeEvent, ScopeID: content.NewID()})
	const queue = "/admin/discussions"
	page := moderator.Get(queue)
	if page.Find("[data-post]").Length() != 3 || page.Find(`a[href$="/delete"]`).Length() != 0 {
		t.Fatal(page.Find("main").Text())
	}
	var ids []string
	for _, n := range page.Find("[data-post] input[name=id]").Nodes {
		for _, a := range n.Attr {
			if a.Key == "value" {
				ids = append(ids, a.Val)
			}
		}
	}
	if other := foreign.Get(queue); other.Find("[data-post]").Length() != 0 {
		t.Error("a moderator of another event sees ", other.Find("main").Text())
	}
	foreign.Post(queue, url.Values{"op": {"approve"}, "id": ids})
	for _, at := range []string{"/questions", "/questions/new", "/discussion/export.csv"} {
		if other := foreign.Get("/admin/events/" + id + at); other.Status != http.StatusNotFound {
			t.Errorf("a moderator of another event gets %s: %d", at, other.Status)
		}
	}
	shown := func(want int) {
		t.Helper()
		if n := visitor.Get(topic).Find(".post").Length(); n != want {
			t.Errorf("%d posts are shown, want %d", n, want)
		}
	}
	shown(0)
	page = moderator.Post(queue, url.Values{"op": {"approve"}, "id": ids[:2], "back": {queue}})
	if page.Find("[data-post]").Length() != 1 || !strings.Contains(page.Text(), "Approved: 2") {
		t.Error(page.Find("main").Text())
	}
	shown(2)
	long := strings.Repeat("x", 501)
	if page = moderator.Post(queue, url.Values{"one": {"hide " + ids[2]}, "reason." + ids[2]: {long}, "back": {queue}}); page.Status != http.StatusUnprocessableEntity {
		t.Error("too long a reason: ", page.Status)
	}
	moderator.Post(queue, url.Values{"one": {"hide " + ids[2]}, "reason." + ids[2]: {"Off the topic."}, "back": {queue}})
	if last := box.letters[len(box.letters)-1]; !strings.Contains(last.Text, "Off the topic.") {
		t.Error("the author is not told why: ", last.Text)
	}
	moderator.Post(queue, url.Values{"one": {"hide " + ids[0]}})
	shown(1)
	moderator.Post(queue, url.Values{"one": {"undo " + ids[0]}})
	shown(2)
	if page = moderator.Get(queue + "?state=hidden"); page.Find("[data-post]").Length() != 1 || !strings.Contains(page.Find(".history").Text(), "Off the topic.") {
		t.Error(page.Find("main").Text())
	}
	for at, n := range map[string]int{"?state=all&q=words+of+B": 1, "?state=all&event=" + id: 3, "?q=nothing": 0, "?event=" + content.NewID(): 0} {
		if page := moderator.Get(queue + at); page.Find("[data-post]").Length() != n || n == 0 && page.Find(".blank").Length() != 1 {
			t.Errorf("%s: %d posts", at, page.Find("[data-post]").Length())
		}
	}

	// Deleting is for administrators, and asked about.
	if page = moderator.Post(queue+"/"+ids[2]+"/delete", url.Values{}); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
		t.Error("a moderator deletes: ", page.Status)
	}
	if page = moderator.Post(queue, url.Values{"op": {"delete"}, "id": ids}); page.Status != http.StatusBadRequest {
		t.Error("a moderator deletes by another way: ", page.Status)
	}
	admin := p.SignIn("chief@example.org", auth.Grant{Role: auth.Admin, Scope: auth.ScopeSite})
	page = admin.Get(admin.Get(queue+"?state=hidden").Find(`a[href$="/delete"]`).AttrOr("href", ""))
	if page.Find("form button.pri").Length() != 1 {
		t.Fatal(page.Find("main").Text())
	}
	if page = admin.Post(page.Path, url.Values{}); page.Status != http.StatusOK {
		t.Error(page.Status, page.Path, page.Find("main").Text())
	}
	if page = admin.Get(queue + "?state=all"); page.Find("[data-post]").Length() != 2 {
		t.Error(page.Find("main").Text())
	}

	// Questions: entered, given to a topic, put on the board; the table guards its cells.
	at := "/admin/events/" + id + "/questions"
	if page = moderator.Get(at); page.Find(".blank").Length() != 1 {
		t.Error("no empty state")
	}
	form := moderator.Get(at + "/new").Form("main form.card")
	form.Set("answer.fr", "Réponse")
	if page = moderator.Post(at+"/new", form); page.Status != http.StatusUnprocessableEntity || page.Find(`[aria-invalid=true][name=text]`).Length() != 1 || page.Find(`[name="answer.fr"]`).Text() != "Réponse" {
		t.Error(page.Status, page.Find("main").Text())
	}
	form.Set("text", "@SUM(1) who?")
	form.Set("topic", key)
	if page = moderator.Post(at+"/new", form); page.Path != at || page.Find("tbody tr").Length() != 1 {
		t.Fatal(page.Path, page.Find("main").Text())
	}
	one := page.Find("tbody a").AttrOr("href", "")
	form = moderator.Get(one).Form("main form.card")
	form.Set("op", "seed")
	moderator.Post(one, form)
	shown(3)
	table := moderator.Get("/admin/events/" + id + "/discussion/export.csv")
	if !strings.Contains(table.Body, "'@SUM(1) who?") || !strings.Contains(table.Body, "'=Ada") || strings.Contains(table.Body, "example.org") || strings.Contains(table.Body, "Words of c") {
		t.Error(table.Body)
	}

	// What moderators did is in the log.
	lines, _, err := p.Auth.AuditLog(ctx, apptest.System, auth.AuditFilter{Action: "discussion."}, auth.Paging{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for _, l := range lines {
		done[l.Action]++
	}
	if done["discussion.approve"] != 2 || done["discussion.hide"] != 2 || done["discussion.undo"] != 1 || done["discussion.delete"] != 1 || done["discussion.seed"] != 1 {
		t.Error(done)
	}
}
