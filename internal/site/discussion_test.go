package site

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/kind"
)

// boarded publishes an event with a board of ours, open at the house's time, and gives the board's address below a language.
func (h *house) boarded(change func(*kind.Event)) (id, board string) {
	h.t.Helper()
	item := func(s string) content.Item { return content.Item{ID: s} }
	id, form := h.registering(func(e *kind.Event) {
		e.Discussion = kind.Discussion{Online: true, Opens: content.Moment{At: "2026-06-01T09:00", Zone: "Africa/Nairobi"}, Closes: content.Moment{At: "2026-08-01T09:00", Zone: "Africa/Nairobi"},
			Rules: line("Be kind.", "كونوا لطفاء.", "Soyez aimables."), Mailbox: "talk@office.example",
			Topics: []discussion.Topic{{Item: item("who"), Title: line("Who keeps it?", "من يحفظه؟", "Qui le tient ?")}, {Item: item("how"), Title: content.L("en", "How is it kept?")}}}
		if change != nil {
			change(e)
		}
	})
	return id, strings.TrimSuffix(form, "/register") + "/discussion"
}

// say sends the form of a topic.
func (h *house) say(at, mail, words string) {
	h.t.Helper()
	form := h.get(at).Find("input[name=stamp]").AttrOr("value", "")
	w := h.post(at, url.Values{"stamp": {form}, "name": {"Amina <i>"}, "organization": {"Registry"}, "country": {"KE"}, "language": {"ar"}, "mail": {mail}, "text": {words}})
	if w.Code != http.StatusSeeOther {
		h.t.Fatal(w.Code, document(h.t, w).Find(".problems").Text())
	}
}

// private is the address of the page that the last letter leads to.
func (h *house) private() string {
	h.t.Helper()
	text := h.letters[len(h.letters)-1].Text
	_, rest, ok := strings.Cut(text, "/posts/")
	if !ok {
		h.t.Fatal("no link in ", text)
	}
	return "/en/posts/" + strings.Fields(rest)[0]
}

// talk says something on a board, and gives the addresses of all its pages below a language.
func (h *house) talk(id, board string) []string {
	h.t.Helper()
	h.say("/en/"+board+"/who/write", "talker@example.org", "One.\n\nTwo.")
	own := h.private()
	h.post(own, url.Values{"do": {"confirm"}})
	posts, _, err := h.discussion.Thread(ctx, id, "who", "", 0, 10)
	if err != nil || len(posts) != 1 {
		h.t.Fatal(posts, err)
	}
	h.say("/en/"+board+"/who/write?to="+posts[0].ID, "other@example.org", "Yes.")
	h.post(h.private(), url.Values{"do": {"confirm"}})
	for _, form := range []map[string][]string{{"topic": {"who"}, "answer.en": {"The office."}}, {"topic": {""}, "answer.ar": {"المكتب."}}, {"topic": {""}, "state": {discussion.AnsweredLive}}} {
		form["source"], form["language"], form["text"] = []string{"floor"}, []string{"en"}, []string{"Who?"}
		if form["state"] == nil {
			form["state"] = []string{discussion.AnsweredNow}
		}
		if _, err := h.discussion.SaveQuestion(ctx, staff, id, "", form); err != nil {
			h.t.Fatal(reason(err))
		}
	}
	topic := board + "/who"
	return []string{board, topic, board + "/how", board + "/proceedings", topic + "/write", topic + "/write?to=" + posts[0].ID, topic + "/sent", topic + "/sent?what=report",
		topic + "/report/" + posts[0].ID, strings.TrimPrefix(own, "/en/")}
}

func TestWritingOnABoard(t *testing.T) {
	h := open(t, 1<<20)
	summary, paper := h.publish(kind.DocumentKind, &kind.Document{Title: content.L("en", "What was said"), Kind: "summary", Access: "public", Versions: []kind.Version{{Item: content.Item{ID: "v1"}, Stage: "final", Issued: "2026-08-02",
		Files: []kind.LanguageVersion{{Item: content.Item{ID: "f1"}, Language: "en", File: h.pdf("said.pdf", 1, 800)}}}}}, "en")
	id, board := h.boarded(func(e *kind.Event) { e.Discussion.Summary = summary })
	topic := "/en/" + board + "/who"
	if got := h.get("/en/" + strings.TrimSuffix(board, "/discussion")).Find(`a[href="/en/` + board + `"]`).Length(); got == 0 {
		t.Error("the event does not lead to its board")
	}
	page := h.get("/ar/" + board)
	if page.Find("html").AttrOr("dir", "") != "rtl" || page.Find(".topics h3").First().Text() != "من يحفظه؟" || page.Find(`.topics a[lang=en][dir=ltr]`).Length() != 1 ||
		!strings.Contains(page.Text(), "كونوا لطفاء") || page.Find("script").Length() != 0 {
		t.Error(page.Find(".body").Text())
	}
	if h.get(topic).Find(".empty").Length() != 1 {
		t.Error("an empty topic says nothing")
	}

	// What is wrong is said beside its field, and nothing typed is lost.
	w := h.post(topic+"/write", url.Values{"stamp": {h.get(topic+"/write").Find("input[name=stamp]").AttrOr("value", "")}, "name": {`A "quoted" name`}, "mail": {"nonsense"}, "language": {"fr"}})
	doc := document(t, w)
	if w.Code != http.StatusUnprocessableEntity || doc.Find(`[id="e-mail"]`).Length() != 1 || doc.Find(`[id="e-text"]`).Length() != 1 || doc.Find("[name=name]").AttrOr("value", "") != `A "quoted" name` ||
		doc.Find(`[name=language] [value=fr][selected]`).Length() != 1 || doc.Find(`.problems a[href="#mail"]`).Length() != 1 {
		t.Error(w.Code, doc.Find(".body").Text())
	}

	const words = "السجل <script>alert(1)</script> https://spam.example/\n\nفقرة"
	h.say(topic+"/write", "amina@example.org", words)
	own := h.private()
	secret := []string{"spam.example", "Amina", "amina@example.org"}
	hidden := func(when string) {
		t.Helper()
		for _, at := range []string{topic, "/en/" + board, "/en/" + board + "/proceedings", "/en/" + strings.TrimSuffix(board, "/discussion"), "/en/events", "/en/", "/en/events.rss", "/sitemap.xml"} {
			body := h.do(http.MethodGet, at).Body.String()
			for _, s := range secret {
				if strings.Contains(body, s) {
					t.Errorf("%s: %s holds %q", when, at, s)
				}
			}
		}
	}
	hidden("before the mailbox is confirmed")
	for range 2 { // whoever follows the link, and be it a mail program, changes nothing
		if h.get(own).Find("button[value=confirm]").Length() != 1 {
			t.Fatal("no button to confirm with")
		}
	}
	hidden("after the link was followed")
	h.post(own, url.Values{"do": {"confirm"}})
	hidden("before a moderator has read it")
	if s := h.get(own).Find(".lead").Text(); !strings.Contains(s, "moderator") {
		t.Error(s)
	}
	list, err := h.discussion.Queue(ctx, staff, discussion.Query{State: discussion.Waiting, Limit: 10})
	if err != nil || len(list.Lines) != 1 {
		t.Fatal(list, err)
	}
	post := list.Lines[0].ID
	if d, err := h.discussion.Decide(ctx, staff, []string{post}, discussion.Approve, ""); err != nil || d.Done != 1 {
		t.Fatal(d, err)
	}
	page = h.get(topic)
	said := page.Find(".post .said")
	if said.Length() != 1 || said.AttrOr("lang", "") != "ar" || said.AttrOr("dir", "") != "rtl" || said.Find("p").Length() != 2 || said.Find("script,a").Length() != 0 || page.Find("script").Length() != 0 {
		t.Error(page.Find(".posts").Html())
	}
	if s := page.Find(".author").Text(); !strings.Contains(s, "Amina <i>") || !strings.Contains(s, "Registry") || !strings.Contains(s, "Kenya") || strings.Contains(page.Text(), "amina@example.org") {
		t.Error(s)
	}
	if to := h.get(own).Find(".back a").AttrOr("href", ""); to != topic+"#p-"+post || page.Find("#p-"+post).Length() != 1 {
		t.Error("the author is led to ", to)
	}
	if !strings.Contains(h.get("/en/"+board).Find(".topics").Text(), "1 contribution") {
		t.Error("the board does not count it")
	}

	// A reply, one level deep.
	reply := page.Find(".does a").First().AttrOr("href", "")
	if !strings.Contains(reply, "?to="+post) {
		t.Fatal(reply)
	}
	h.say(reply, "ben@example.org", "Agreed.")
	h.post(h.private(), url.Values{"do": {"confirm"}})
	list, _ = h.discussion.Queue(ctx, staff, discussion.Query{State: discussion.Waiting, Limit: 10})
	if _, err := h.discussion.Decide(ctx, staff, []string{list.Lines[0].ID}, discussion.Approve, ""); err != nil || list.Lines[0].Answers == nil {
		t.Fatal(err, list.Lines[0])
	}
	page = h.get(topic)
	if page.Find(".replies .post").Length() != 1 || page.Find(`.replies a[href*="?to="]`).Length() != 0 {
		t.Error(page.Find(".posts").Html())
	}
	if w := h.do(http.MethodGet, topic+"/write?to="+list.Lines[0].ID); w.Code != http.StatusNotFound {
		t.Error("a reply to a reply: ", w.Code)
	}

	// Reported, hidden, and gone from everywhere at once, with its replies.
	report := topic + "/report/" + post
	stamp := h.get(report).Find("input[name=stamp]").AttrOr("value", "")
	if w := h.post(report, url.Values{"stamp": {stamp}}); w.Code != http.StatusUnprocessableEntity || document(t, w).Find(`[id="e-reason"]`).Length() != 1 {
		t.Error("a report without a reason: ", w.Code)
	}
	for range 2 {
		h.post(report, url.Values{"stamp": {stamp}, "reason": {"spam"}, "note": {"it sells"}})
	}
	list, _ = h.discussion.Queue(ctx, staff, discussion.Query{State: discussion.Waiting, Limit: 10})
	if len(list.Lines) != 1 || len(list.Lines[0].Said) != 1 || list.Lines[0].Said[0].Note != "it sells" {
		t.Fatalf("%+v", list.Lines)
	}
	if _, err := h.discussion.Decide(ctx, staff, []string{post}, discussion.Hide, "It sells something."); err != nil {
		t.Fatal(err)
	}
	hidden("after it was hidden")
	if last := h.letters[len(h.letters)-1]; last.To != "amina@example.org" || !strings.Contains(last.Text, "It sells something.") {
		t.Error("its author is not told: ", last.Text)
	}
	if n := h.get(topic).Find(".post").Length(); n != 0 {
		t.Error(n, " posts are shown")
	}
	for _, at := range []string{report, topic + "/write?to=" + post} {
		if w := h.do(http.MethodGet, at); w.Code != http.StatusNotFound {
			t.Error(at, w.Code)
		}
	}
	if _, err := h.discussion.Decide(ctx, staff, []string{post}, discussion.Undo, ""); err != nil {
		t.Fatal(err)
	}
	if n := h.get(topic).Find(".post").Length(); n != 2 {
		t.Error(n, " posts after hiding was undone")
	}

	// By the clock.
	h.now = time.Date(2026, 7, 30, 12, 0, 0, 0, time.UTC)
	if s := h.get("/en/" + board).Find(".pill").Text(); s != "Closing soon" {
		t.Error(s)
	}
	h.now = time.Date(2026, 8, 2, 12, 0, 0, 0, time.UTC)
	if p := h.get(topic); p.Find(`a[href$="/write"]`).Length() != 0 || p.Find(".post").Length() != 2 || h.get(topic+"/write").Find("form").Length() != 0 {
		t.Error("one can write on a closed board")
	}
	if p := h.get("/en/" + board); p.Find(`a.btn[href="/en/`+board+`/proceedings"]`).Length() != 1 || p.Find(`a.btn[href="/en/`+paper+`"]`).Text() != "Summary of the discussion" {
		t.Error("a closed board leads neither to its summary nor to its proceedings: ", p.Find(".acts").Text())
	}
	if p := h.get("/en/" + board + "/proceedings"); p.Find(".post").Length() != 2 || strings.Contains(p.Text(), "example.org") {
		t.Error(p.Find(".body").Text())
	}
	proceedings := "/en/" + board + "/proceedings"
	for _, query := range []string{"?x=1", "?page=2", "?page=1&page=2"} { // nobody has it made anew with addresses that they made up
		if w := h.do(http.MethodGet, proceedings+query); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != proceedings {
			t.Error(query, w.Code, w.Header().Get("Location"))
		}
	}
	if w := h.do(http.MethodGet, proceedings+"?utm_source=letter"); w.Code != http.StatusOK {
		t.Error("from a letter: ", w.Code)
	}
	h.now = h.now.AddDate(0, 0, 91)
	if err := h.discussion.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if w := h.do(http.MethodGet, own); w.Code != http.StatusNotFound {
		t.Error("a private link outlives the address: ", w.Code)
	}
	if p := h.get(topic); p.Find(".post").Length() != 2 {
		t.Error("what was said went with the addresses")
	}
	if err := h.content.Unpublish(ctx, staff, id, all3); err != nil {
		t.Fatal(err)
	}
	if w := h.do(http.MethodGet, topic); w.Code != http.StatusNotFound {
		t.Error("the board of an event that was taken back: ", w.Code)
	}
}

func TestQuestionsOnABoard(t *testing.T) {
	h := open(t, 1<<20)
	id, board := h.boarded(nil)
	topic := "/en/" + board + "/who"
	form := map[string][]string{"source": {"floor"}, "language": {"en"}, "text": {"Who pays <b>?"}, "topic": {"who"}, "mail": {"asker@example.org"}}
	q, err := h.discussion.SaveQuestion(ctx, staff, id, "", form)
	if err != nil {
		t.Fatal(reason(err))
	}
	if strings.Contains(h.get(topic).Text(), "Who pays") {
		t.Error("a question that nobody has answered is shown")
	}
	form["state"], form["answer.fr"] = []string{discussion.AnsweredNow}, []string{"L’État."}
	for range 2 {
		if _, err := h.discussion.SaveQuestion(ctx, staff, id, q, form); err != nil {
			t.Fatal(reason(err))
		}
	}
	page := h.get(topic)
	if s := page.Find(".asked"); s.Length() != 1 || !strings.Contains(s.Text(), "Who pays <b>?") || s.Find("[lang=fr]").Text() != "L’État." || strings.Contains(page.Text(), "asker@") {
		t.Error(page.Find(".body").Html())
	}
	if len(h.letters) != 1 || h.letters[0].To != "asker@example.org" || strings.Contains(h.letters[0].Text, "L’État.") || !strings.Contains(h.letters[0].Text, topic) {
		t.Error("the asker is not told once: ", h.letters)
	}
	form["text"], form["mail"], form["topic"] = []string{"Since when?"}, nil, []string{""}
	delete(form, "answer.fr")
	form["state"] = []string{discussion.Asked}
	q, err = h.discussion.SaveQuestion(ctx, staff, id, "", form)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.discussion.Seed(ctx, staff, id, q); err == nil {
		t.Error("a question on no topic became a post")
	}
	form["topic"] = []string{"how"}
	if _, err := h.discussion.SaveQuestion(ctx, staff, id, q, form); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.discussion.Seed(ctx, staff, id, q); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.get("/en/" + board + "/how"); p.Find(".post").Length() != 1 || !strings.Contains(p.Find(".author").Text(), "A participant") {
		t.Error(p.Find(".body").Text())
	}
}

func TestRegistrantsWriteByTheirLink(t *testing.T) {
	h := open(t, 1<<20)
	_, board := h.boarded(func(e *kind.Event) {
		e.Discussion.Who, e.Discussion.Moderation = discussion.Registrants, discussion.After
	})
	topic := "/en/" + board + "/who"
	h.say(topic+"/write", "stranger@example.org", "Hello.")
	if last := h.letters[len(h.letters)-1]; strings.Contains(last.Text, "/posts/") || last.To != "stranger@example.org" {
		t.Error("somebody who is not registered may write: ", last.Text)
	}
	form := strings.TrimSuffix(board, "/discussion") + "/register"
	h.post("/en/"+form, h.filled("/en/"+form, "amina@example.org"))
	own := h.link()
	if w := h.do(http.MethodGet, own+"/discussion"); w.Code != http.StatusNotFound {
		t.Error("an address that is not confirmed writes: ", w.Code)
	}
	h.post(own, url.Values{"do": {"confirm"}})
	if h.get(own).Find(`a[href="`+own+`/discussion"]`).Length() != 1 {
		t.Error("the private page does not lead to the board")
	}
	page := h.get(own + "/discussion")
	if page.Find("[name=name]").AttrOr("value", "") != "Amina" || page.Find("[name=mail]").Length() != 0 {
		t.Error(page.Find("form").Html())
	}
	v := url.Values{"stamp": {page.Find("input[name=stamp]").AttrOr("value", "")}, "name": {"Amina"}, "language": {"en"}, "text": {"Here I am."}}
	if w := h.post(own+"/discussion", v); w.Code != http.StatusUnprocessableEntity || document(t, w).Find(`[id="e-topic"]`).Length() != 1 || document(t, w).Find("textarea").Text() != "Here I am." {
		t.Error("no topic: ", w.Code)
	}
	v.Set("topic", "who")
	if w := h.post(own+"/discussion", v); w.Header().Get("Location") != topic {
		t.Error(w.Code, w.Header())
	}
	if !strings.Contains(h.get(topic).Find(".post").Text(), "Here I am.") {
		t.Error("it is not shown at once")
	}
}

// Mail programs press the button of a letter without saying where they come from (RFC 8058); whoever follows its link presses nothing.
func TestFollowingABoardByLetters(t *testing.T) {
	h := open(t, 1<<20)
	_, board := h.boarded(func(e *kind.Event) { e.Discussion.Moderation = discussion.After })
	form := h.get("/ar/"+board).Find(`.acts a[href$="/follow"]`).AttrOr("href", "")
	if form != "/ar/"+board+"/follow" {
		t.Fatal("the board does not lead to the form: ", form)
	}
	stamp := h.get(form).Find("input[name=stamp]").AttrOr("value", "")
	if w := h.post(form, url.Values{"stamp": {stamp}, "mail": {"nonsense"}}); w.Code != http.StatusUnprocessableEntity || document(t, w).Find(`[id="e-mail"]`).Length() != 1 || document(t, w).Find("[name=mail]").AttrOr("value", "") != "nonsense" {
		t.Error(w.Code, document(t, w).Find(".body").Text())
	}
	w := h.post(form, url.Values{"stamp": {stamp}, "mail": {"reader@example.org"}})
	if sent := w.Header().Get("Location"); sent != form+"/sent" || h.get(sent).Find(".lead").Length() != 1 {
		t.Fatal(w.Code, sent)
	}
	last := h.letters[len(h.letters)-1]
	_, rest, ok := strings.Cut(last.Text, "/ar/following/")
	if !ok || last.To != "reader@example.org" || last.Locale != "ar" {
		t.Fatal(last.Text)
	}
	own := "/ar/following/" + strings.Fields(rest)[0]
	for range 2 { // the link alone does nothing
		if p := h.get(own); p.Find("button[value=follow]").Length() != 1 {
			t.Fatal(p.Find(".body").Text())
		}
		h.get(own + "/stop")
	}
	if w := h.post(own, url.Values{"do": {"nonsense"}}); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	h.post(own, url.Values{"do": {"follow"}})
	if p := h.get(own); p.Find("button[value=follow]").Length() != 0 || p.Find(`form[action="`+own+`/stop"]`).Length() != 1 {
		t.Error(p.Find(".body").Text())
	}
	h.say("/en/"+board+"/who/write", "talker@example.org", "One.\n\nTwo.")
	h.post(h.private(), url.Values{"do": {"confirm"}})
	if err := h.discussion.News(ctx); err != nil {
		t.Fatal(err)
	}
	if last = h.letters[len(h.letters)-1]; last.To != "reader@example.org" || !strings.HasSuffix(last.Unsubscribe, own+"/stop") || !strings.Contains(last.Text, "One. Two.") || !strings.Contains(last.HTML, `dir="rtl"`) {
		t.Errorf("%+v", last)
	}
	if w := h.do(http.MethodGet, own+"x"); w.Code != http.StatusNotFound {
		t.Error("a forged link: ", w.Code)
	}
	h.post(own+"/stop", nil)
	if p := h.get(own); p.Find("form.acts").Length() != 0 {
		t.Error(p.Find(".body").Text())
	}
	// On a closed board there is nothing to follow.
	h.now = time.Date(2026, 8, 2, 12, 0, 0, 0, time.UTC)
	if h.get("/en/"+board).Find(`a[href$="/follow"]`).Length() != 0 || h.get("/en/"+board+"/follow").Find("input[name=mail]").Length() != 0 {
		t.Error("one can follow a closed board")
	}
}

func TestPinnedAnswersLanguagesAndSummary(t *testing.T) {
	h := open(t, 1<<20)
	person, _ := h.publish(kind.PersonKind, &kind.Person{Name: line("Awa Diallo", "أوا ديالو", "Awa Diallo")}, "en")
	id, board := h.boarded(func(e *kind.Event) {
		e.Discussion.Moderation = discussion.After
		e.Discussion.Closing = line("Everybody <b>agreed</b>.", "اتفق الجميع.", "Tous d’accord.")
		e.People = []kind.PersonRole{{Item: content.Item{ID: "r1"}, Person: person, Role: "speaker", Status: "confirmed", Title: content.L("en", "Registrar"), Affiliation: line("Town Hall", "البلدية", "Mairie")}}
	})
	topic := "/en/" + board + "/who"
	h.say(topic+"/write", "talker@example.org", "سؤال")
	h.post(h.private(), url.Values{"do": {"confirm"}})
	if h.get(topic).Find(".spoken").Length() != 0 {
		t.Error("a choice of one language")
	}
	posts, _, err := h.discussion.Thread(ctx, id, "who", "", 0, 10)
	if err != nil || len(posts) != 1 {
		t.Fatal(posts, err)
	}
	stamp := h.get(topic+"/write").Find("input[name=stamp]").AttrOr("value", "")
	h.post(topic+"/write", url.Values{"stamp": {stamp}, "name": {"Awa"}, "language": {"en"}, "mail": {"awa@example.org"}, "text": {"An answer."}})
	own := h.private()
	h.post(own, url.Values{"do": {"confirm"}})
	posts, _, _ = h.discussion.Thread(ctx, id, "who", "en", 0, 10)
	if len(posts) != 1 || posts[0].Text != "An answer." {
		t.Fatal(posts)
	}
	if err := h.discussion.Pin(ctx, staff, posts[0].ID, person); err != nil {
		t.Fatal(err)
	}
	page := h.get(topic)
	pin := page.Find("section.pins .post")
	if pin.Length() != 1 || !strings.Contains(pin.Find(".ans").Text(), "Answered by Awa Diallo Registrar Town Hall") || pin.Find(`.does a[href="`+topic+`#p-`+posts[0].ID+`"]`).Length() != 1 ||
		page.Find("#p-"+posts[0].ID).Length() != 1 || page.Find("#p-"+posts[0].ID+" .ans").Length() != 1 {
		t.Error(page.Find(".body").Html())
	}
	if got := h.get("/ar/" + board + "/who").Find(".pins .ans").Text(); !strings.Contains(got, "إجابة من") || !strings.Contains(got, "البلدية") {
		t.Error(got)
	}
	// One language, by links alone, and kept like other pages.
	links := page.Find(".spoken a")
	if links.Length() != 3 || page.Find(`.spoken a[aria-current]`).AttrOr("href", "") != topic || page.Find(`.spoken span[lang=ar][dir=rtl]`).Length() != 1 {
		t.Error(page.Find(".spoken").Html())
	}
	for l, want := range map[string]int{"ar": 1, "en": 1, "fr": 0} {
		p := h.get(topic + "?language=" + l)
		if n := p.Find(".posts .post").Length(); n != want || !strings.HasSuffix(p.Find(`link[rel=canonical]`).AttrOr("href", ""), topic) {
			t.Errorf("%s: %d posts, %s", l, n, p.Find(`link[rel=canonical]`).AttrOr("href", ""))
		}
	}
	if w := h.do(http.MethodGet, topic+"?language=tlh"); w.Code != http.StatusNotFound {
		t.Error("a language that is none: ", w.Code)
	}
	// The summary stands first, and in the proceedings; nothing in it is markup.
	for at, want := range map[string]string{"/en/" + board: "Everybody <b>agreed</b>.", "/ar/" + board + "/proceedings": "اتفق الجميع."} {
		if p := h.get(at); p.Find(".sum p").Text() != want || p.Find(".sum b").Length() != 0 {
			t.Error(at, p.Find(".sum").Text())
		}
	}
	// Taken back by its author, it is nowhere.
	h.post(own, url.Values{"do": {"withdraw"}})
	if h.get(topic).Find(".pins").Length() != 0 {
		t.Error("what its author took back stays pinned")
	}
}

func TestACancelledEventDoesNotAnnounceItsBoard(t *testing.T) {
	for _, opens := range []content.LocalTime{"2026-06-01T09:00", "2026-07-25T09:00"} { // open at the house's time; later
		h := open(t, 1<<20)
		_, board := h.boarded(func(e *kind.Event) {
			e.Discussion.Opens.At = opens
			e.Status, e.StatusNote = "cancelled", content.L("en", "The hall is flooded.")
		})
		page := h.get("/en/" + strings.TrimSuffix(board, "/discussion"))
		if s := page.Find("#discussion"); s.Length() != 1 || s.Find("time").Length() != 0 || s.Find(`a[href="/en/`+board+`"]`).Length() != 1 {
			t.Error(opens, s.Text())
		}
		if p := h.get("/en/" + board); p.Find(".pill").Text() != "Closed" || strings.Contains(p.Find(".body").Text(), "opens") || p.Find(`a[href$="/write"]`).Length() != 0 {
			t.Error(opens, p.Find(".body").Text())
		}
	}
}
