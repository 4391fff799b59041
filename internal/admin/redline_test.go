package admin_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
)

// TestFactsAndLinksAmongDifferences: where versions are compared and where texts are translated, a fact in running text stands in
// words, and a link is told by the address of its page.
func TestFactsAndLinksAmongDifferences(t *testing.T) {
	h := open(t)
	target, _ := h.item("Opening")
	h.publish(target, i18n.EN)
	id, at := h.event()
	write := func(l i18n.Locale, body string) {
		t.Helper()
		h.save(content.Change{ID: id, Set: content.Parts{content.Part(l): leaves("title", "Opening the register", "outcome_summary", body)}})
	}
	write("en", `<p>We meet on <data value="begins"></data>, all of us.</p><p>See the opening.</p>`)
	write("en", `<p>We meet on <data value="begins"></data>, some of us.</p><p>See <a href="/e/`+target+`">the opening</a>.</p>`)
	e := h.entry(id)
	page := h.editor.Get(at + "/history/en/" + strconv.Itoa(e.Versions["en"]))
	if got := page.Find(".diff").Text(); page.Status != http.StatusOK || !strings.Contains(got, "July 2027") {
		t.Errorf("%d: the fact is not in the differences: %s", page.Status, got)
	}
	if got := page.Find(".diff .tag").Text(); strings.Contains(got, "/e/") || !strings.Contains(got, "/en/news/") {
		t.Errorf("a link is told as %s", got)
	}
	write("en", `<p>We meet on 1 July 2027, some of us.</p><p>See <a href="/e/`+target+`">the opening</a>.</p>`)
	page = h.editor.Get(at + "/history/en/" + strconv.Itoa(h.entry(id).Versions["en"]))
	if got := page.Find(".diff .tag").Text(); !strings.Contains(got, "[") {
		t.Errorf("nothing tells that a fact became words: %s", page.Find(".diff").Text())
	}

	write("en", `<p>We meet on <data value="begins"></data>.</p><p>See <a href="/e/`+target+`">the opening</a>.</p>`)
	write("fr", `<p>Réunion le <data value="begins"></data>.</p><p>Voir <a href="/e/`+target+`">l’ouverture</a>.</p>`)
	french := h.SignIn("french@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	page = french.Get(at + "/translate/fr?show=all&draft=1")
	if got := page.Find("#leaf-outcome_summary .source").Text(); page.Status != http.StatusOK || !strings.Contains(got, "July 2027") {
		t.Errorf("%d: the source says %s", page.Status, got)
	}
	if got := page.Form(unitsForm).Get("outcome_summary@fr"); !strings.Contains(got, `href="/fr/news/`) {
		t.Errorf("the link in the form: %s", got)
	}
	write("en", `<p>All of us meet on <data value="begins"></data>.</p><p>See <a href="/e/`+target+`">the opening</a>.</p>`)
	page = french.Get(at + "/translate/fr?draft=1")
	if got := page.Find(".tu.outdated .words").Text(); !strings.Contains(got, "July 2027") {
		t.Errorf("what changed: %s", got)
	}
	if got := page.Find(".tu.outdated .now").Text(); !strings.Contains(got, "juillet 2027") {
		t.Errorf("what it is translated as: %s", got)
	}
}
