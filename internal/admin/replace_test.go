package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func (h *house) written(body string) (string, string) {
	h.Helper()
	id := h.make(kind.NewsKind, &kind.News{Title: content.L("en", "The web site", "fr", "Le web"), Summary: content.L("en", "Summary"), Kind: "news", Date: "2026-07-01", Body: content.P("en", body, "fr", body)})
	return id, "/admin/news/" + id
}

// TestFindAndReplace in one entry: each place is shown, those that are ticked are replaced as one change, and it can be taken back.
func TestFindAndReplace(t *testing.T) {
	h := open(t)
	id, at := h.written(`<p>A web <a href="/web">web</a> of <strong>Web</strong>.</p>`)
	own := at + "/replace"
	q := url.Values{"find": {"\u200fweb"}, "by": {"\u202enet"}, "in": {"en"}, "case": {"1"}} // marks of direction, as they are pasted
	page := h.editor.Get(own + "?" + q.Encode())
	if n := page.Find("input[name=place]").Length(); page.Status != http.StatusOK || n != 3 {
		t.Fatalf("%d: %d places", page.Status, n)
	}
	form := page.Form("form#replace")
	if got := form["place"]; len(got) != 3 || got[0] != "title@en#0" {
		t.Fatalf("places %v", got)
	}
	form["place"] = []string{"body@en#1"}
	stale := url.Values{}
	for k, v := range form {
		stale[k] = v
	}
	if page = h.editor.Post(own, with(form, "op", "replace")); page.Status != http.StatusOK {
		t.Fatalf("replacing: %d", page.Status)
	}
	body := func() string {
		e, err := h.Content.Get(ctx, auth.System("test"), id)
		if err != nil {
			t.Fatal(err)
		}
		return e.Value.(*kind.News).Body.In(i18n.EN)
	}
	if got := body(); !strings.Contains(got, `href="/web"`) || !strings.Contains(got, ">net</a>") || strings.Count(got, "net") != 1 {
		t.Errorf("it is %s", got)
	}
	undo := page.Form(`form:has(button[value=undo])`)
	// A page from before is shown what there is now, and replaces nothing.
	if p := h.editor.Post(own, with(stale, "op", "replace")); p.Status != http.StatusConflict || p.Find("input[name=place]").Length() != 2 {
		t.Errorf("a stale page: %d, %d", p.Status, p.Find("input[name=place]").Length())
	}
	if p := h.editor.Get(at + "/history"); !strings.Contains(p.Find("main").Text(), "“web” replaced by “net”") {
		t.Errorf("the history: %s", p.Find("main").Text())
	}
	if page = h.editor.Post(own, with(undo, "op", "undo")); page.Status != http.StatusOK || strings.Contains(body(), "net") {
		t.Errorf("taking back: %d %s", page.Status, body())
	}
	if page = h.editor.Post(own, with(undo, "op", "undo")); !strings.Contains(page.Find("body").Text(), "Nothing was undone") {
		t.Errorf("taking back twice: %d", page.Status)
	}
	for name, v := range map[string]url.Values{
		"nothing asked":  {"find": {" "}, "by": {"x"}, "op": {"replace"}, "place": {"body@en#0"}},
		"nothing chosen": {"find": {"web"}, "by": {"x"}, "op": {"replace"}},
		"too long":       {"find": {strings.Repeat("x", 201)}, "by": {"x"}, "op": {"replace"}, "place": {"body@en#0"}},
		"no such place":  {"find": {"web"}, "by": {"x"}, "op": {"replace"}, "place": {"body@en#99", "nonsense"}},
		"too long after": {"find": {"Web"}, "by": {strings.Repeat("x", 199)}, "op": {"replace"}, "place": {"title@en#0"}, "in": {"en"}},
	} {
		if p := h.editor.Post(own, v); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	reader := h.SignIn("reader@example.org", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if p := reader.Get(own); p.Status != http.StatusForbidden {
		t.Errorf("a reader: %d", p.Status)
	}
}

// TestReplaceEverywhere: entries with counts, those that are ticked are done one by one, and each says what became of it.
func TestReplaceEverywhere(t *testing.T) {
	h := open(t)
	one, _ := h.written("<p>A quagga.</p>")
	two, _ := h.written("<p>A quagga and a quagga.</p>")
	page := h.editor.Get("/admin/replace?find=quagga&by=zebra")
	if n := page.Find("input[name=entry]").Length(); page.Status != http.StatusOK || n != 2 || !strings.Contains(page.Find("#hits").Text(), "6") {
		t.Fatalf("%d: %d entries, %s", page.Status, n, page.Find("#hits").Text())
	}
	form := page.Form("form#replace")
	if p := h.editor.Post("/admin/replace", with(form, "entry", "")); p.Status == http.StatusOK && p.Find("progress").Length() > 0 && strings.Contains(p.Find("main").Text(), "quagga and") {
		t.Error("an id that is none tells something")
	}
	form["entry"] = []string{two}
	page = h.editor.Post("/admin/replace", with(form, "op", "start"))
	if page.Status != http.StatusOK || page.Find("progress[max='1']").Length() != 1 {
		t.Fatalf("started: %d %s", page.Status, page.Find("main").Text())
	}
	at := page.Path
	// The program does it by itself, or we do.
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if err := h.Jobs.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if page = h.editor.Get(at); strings.Contains(page.Find("main").Text(), "Replaced: 4") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the end: %s", page.Find("main").Text())
		}
	}
	for id, want := range map[string]int{one: 0, two: 2} {
		e, err := h.Content.Get(ctx, auth.System("test"), id)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(e.Value.(*kind.News).Body.In(i18n.EN), "zebra"); got != want {
			t.Errorf("%s has %d, not %d", id, got, want)
		}
	}
	other := h.SignIn("other@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	if p := other.Get(at); p.Status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", p.Status)
	}
	if p := h.editor.Post("/admin/replace", url.Values{"find": {"quagga"}, "by": {"x"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing chosen: %d", p.Status)
	}
	partner := h.SignIn("translator@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite})
	if p := partner.Get("/admin/replace"); p.Status != http.StatusForbidden {
		t.Errorf("a translator: %d", p.Status)
	}
}
