package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

const unitsForm = "form#form"

// translated makes a public news item in English with a French translation of it.
func (h *house) translated() (id, at string) {
	h.Helper()
	id = h.make(kind.NewsKind, &kind.News{Title: content.L("en", "Registers open"), Summary: content.L("en", "What it is about."), Kind: "news", Date: "2026-07-01",
		Body: content.P("en", "<p>The register opens on Monday.</p><p>Everybody is welcome.</p>")})
	h.publish(id, i18n.EN)
	h.save(content.Change{ID: id, Set: content.Parts{"fr": leaves("title", "Ouverture des registres", "body", "<p>Le registre ouvre lundi.</p><p>Bienvenue à tous.</p>")}})
	return id, "/admin/news/" + id + "/translate/fr"
}

func (h *house) translation(id string, l i18n.Locale) content.Translation {
	h.Helper()
	all, err := h.Content.Translations(ctx, h.entry(id))
	if err != nil {
		h.Fatal(err)
	}
	return all[l]
}

// TestWorkbench is a translator's work: what is missing, what changed word by word, what still stands, and what is typed.
func TestWorkbench(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	french := h.SignIn("french@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})

	page := french.Get(at)
	if got := page.Find(".unit").Length(); page.Status != http.StatusOK || got != 1 || page.Find("[name='summary@fr']").Length() != 1 {
		t.Fatalf("%d: %d texts to do: %s", page.Status, got, page.Find(".unit h2").Text())
	}
	if page.Find(".fallback [lang=en]").Text() != "What it is about." || page.Find("[name='summary@fr']").AttrOr("value", "")+strings.TrimSpace(page.Find("[name='summary@fr']").Text()) != "" {
		t.Errorf("what readers see for now is not told, or stands in the field")
	}
	page = french.Post(page.Find(unitsForm).AttrOr("action", ""), with(page.Form(unitsForm), "summary@fr", "De quoi il s’agit.", "op", "save"))
	if page.Status != http.StatusOK || h.translation(id, i18n.FR).State != content.TranslationReady || page.Find(".unit").Length() != 0 || page.Find(".empty").Length() != 1 {
		t.Fatalf("%d %+v, %d texts", page.Status, h.translation(id, i18n.FR), page.Find(".unit").Length())
	}
	h.publish(id, i18n.FR)

	// A draft of the source is no work.
	h.save(content.Change{ID: id, Set: content.Parts{"en": leaves("body", "<p>The register opens on Tuesday.</p><p>Everybody is welcome.</p>")}})
	page = french.Get(at)
	if x := h.translation(id, i18n.FR); x.State != content.TranslationLive || page.Find(".tu.outdated").Length() != 0 || !strings.Contains(page.Find("#lede").Text(), "not public yet") {
		t.Errorf("%+v: %s", x, page.Find("#lede").Text())
	}
	if form := french.Get("/admin/news/" + id + "?lang=fr"); form.Find("[name=fresh]").Length() != 0 || form.Find("a[href='"+at+"']").Length() == 0 {
		t.Errorf("the form says that a draft makes a translation out of date, or does not lead here")
	}
	draft := french.Get(at + "?draft=1")
	if draft.Find(".tu.outdated").Length() != 1 {
		t.Errorf("the draft shows nothing new")
	}
	h.publish(id, i18n.EN)
	page = french.Get(at)
	unit := page.Find(".tu.outdated")
	if got := h.translation(id, i18n.FR); got.State != content.TranslationOutdated || got.Words != 5 || unit.Length() != 1 || page.Find(".tu").Length() != 2 {
		t.Fatalf("%+v, %d changed of %d", got, unit.Length(), page.Find(".tu").Length())
	}
	if unit.Find("del").Text() != "Monday." || unit.Find("ins").Text() != "Tuesday." || !strings.Contains(unit.Find(".now").Text(), "Le registre ouvre lundi.") {
		t.Errorf("the change: %s", unit.Text())
	}
	// A comma brings nothing up to date; saying so does.
	form := page.Form(unitsForm)
	action := page.Find(unitsForm).AttrOr("action", "")
	page = french.Post(action, with(form, "body@fr", "<p>Le registre ouvre mardi.</p><p>Bienvenue à tous.</p>", "op", "save"))
	if got := h.translation(id, i18n.FR); got.State != content.TranslationOutdated {
		t.Errorf("%+v", got)
	}
	page = french.Post(action, with(page.Form(unitsForm), "fresh", "body@fr", "op", "save"))
	if got := h.translation(id, i18n.FR); got.State != content.TranslationReady || got.Words != 0 {
		t.Errorf("%+v", got)
	}
}

// TestStillStands: one press, without a word changed; what is public stays public; and it can be taken back.
func TestStillStands(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	h.save(content.Change{ID: id, Set: content.Parts{"fr": leaves("summary", "De quoi il s’agit.")}})
	h.publish(id, i18n.FR)
	h.save(content.Change{ID: id, Set: content.Parts{"en": leaves("title", "The registers open")}})
	h.publish(id, i18n.EN)
	french := h.SignIn("french@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.FR})
	page := french.Get(at)
	press := page.Find("button[value='stands title']")
	if press.Length() != 1 {
		t.Fatalf("there is no button: %s", page.Find(".unit").Text())
	}
	page = french.Post(page.Find(unitsForm).AttrOr("action", ""), with(page.Form(unitsForm), "op", "stands title"))
	e := h.entry(id)
	if got := h.translation(id, i18n.FR); page.Status != http.StatusOK || got.State != content.TranslationLive || e.Parts["fr"].Text("title").Words != "Ouverture des registres" || e.Live["fr"] != e.Versions["fr"] {
		t.Fatalf("%d %+v, live %d of %d", page.Status, got, e.Live["fr"], e.Versions["fr"])
	}
	undo := page.Find(".notice button[name=op]")
	page = french.Post(undo.Closest("form").AttrOr("action", ""), url.Values{"op": {undo.AttrOr("value", "")}})
	if got := h.translation(id, i18n.FR); page.Status != http.StatusOK || got.State != content.TranslationOutdated {
		t.Errorf("%d, taken back: %+v", page.Status, got)
	}
}

// TestMinorEdit: ticked where the source is saved, also after the form has saved itself.
func TestMinorEdit(t *testing.T) {
	h := open(t)
	id, _ := h.translated()
	at := "/admin/news/" + id
	ann := h.typist(h.editor, at)
	if p := ann.send("title@en", "Registers opens"); p.Status != http.StatusOK {
		t.Fatal(p.Status)
	}
	page := h.editor.Get(at)
	if page.Find("[name=minor]").Length() != 1 {
		t.Fatal("nothing to tick")
	}
	page = h.editor.Post(at, with(page.Form(formSelector), "title@en", "The registers open", "minor", "1", "op", "save"))
	h.publish(id, i18n.EN)
	if e := h.entry(id); page.Status != http.StatusOK || e.Languages["fr"].Stale != 0 || e.Parts["en"].Text("title").Words != "The registers open" || e.Versions["fr"] != 1 {
		t.Errorf("%d %+v, version %d", page.Status, e.Languages["fr"], e.Versions["fr"])
	}
	page = h.editor.Get(at)
	h.editor.Post(at, with(page.Form(formSelector), "title@en", "All registers close", "op", "save"))
	h.publish(id, i18n.EN)
	if e := h.entry(id); e.Languages["fr"].Stale != 1 {
		t.Errorf("%+v", e.Languages["fr"])
	}
}

// TestWorkbenchMerges: two translators, and the page that saves by itself.
func TestWorkbenchMerges(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	bob := h.SignIn("bob@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite})
	first, second := h.editor.Get(at+"?show=all"), bob.Get(at+"?show=all")
	action := first.Find(unitsForm).AttrOr("action", "")
	if p := h.editor.Post(action, with(first.Form(unitsForm), "summary@fr", "Résumé", "title@fr", "Les registres ouvrent", "op", "save")); p.Status != http.StatusOK {
		t.Fatal(p.Status)
	}
	p := bob.Post(action, with(second.Form(unitsForm), "title@fr", "Ouvrir les registres", "body@fr", "<p>Un.</p>", "op", "save"))
	if p.Status != http.StatusConflict || p.Find(".clash .theirs").Text() != "Les registres ouvrent" || strings.TrimSpace(p.Find("[name='title@fr']").AttrOr("value", "")+p.Find("[name='title@fr']").Text()) != "Ouvrir les registres" {
		t.Fatalf("%d: %s", p.Status, p.Find(".clash").Text())
	}
	p = bob.Post(action, with(p.Form(unitsForm), "op", "save"))
	if v := h.entry(id).Value.(*kind.News); p.Status != http.StatusOK || v.Title.In("fr") != "Ouvrir les registres" || v.Summary.In("fr") != "Résumé" || v.Body.In("fr") != "<p>Un.</p>" {
		t.Errorf("%d %+v", p.Status, v)
	}

	page := h.editor.Get(at + "?show=all")
	form := url.Values{}
	page.Find("#bases input").Each(func(_ int, s *goquery.Selection) { form.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	auto := strings.Replace(action, "?", "/autosave?", 1)
	account := page.Find("body").AttrOr("data-account", "")
	p = h.editor.Post(auto, with(form, "account", account, "tab", "t1", "seq", "1", "summary@fr", strings.Repeat("x", 301), "title@fr", "Par soi-même"))
	if v := h.entry(id).Value.(*kind.News); p.Status != http.StatusOK || v.Title.In("fr") != "Par soi-même" || v.Summary.In("fr") != "Résumé" || p.Find("[data-held='summary@fr']").Length() != 1 {
		t.Errorf("%d %q: %s", p.Status, v.Title.In("fr"), p.Find("#autosaved").Text())
	}
	// Nothing else can be saved on this page.
	for name, value := range map[string]string{"title@en": "Other words", "date": "2026-07-02", "title@ar": "x"} {
		if p := h.editor.Post(action, with(form, name, value, "op", "save")); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	if v := h.entry(id).Value.(*kind.News); v.Title.In("en") != "Registers open" || v.Date != "2026-07-01" {
		t.Errorf("%+v", v)
	}
}

// TestTranslatorsLanguages: who looks after one language reads the others and changes none of them; translating from a
// translation is stamped with it.
func TestTranslatorsLanguages(t *testing.T) {
	h := open(t)
	id, at := h.translated()
	arabic := h.SignIn("arabic@example.org", auth.Grant{Role: auth.Translator, Scope: auth.ScopeSite, Locale: i18n.AR})
	page := arabic.Get(at + "?show=all")
	if page.Status != http.StatusOK || page.Find("[name='title@fr']:not([disabled])").Length() != 0 || page.Find("button[name=op][value=save]").Length() > 1 {
		t.Errorf("%d: another's language can be typed into", page.Status)
	}
	if p := arabic.Post(page.Find(unitsForm).AttrOr("action", ""), with(page.Form(unitsForm), "title@fr", "x", "op", "save")); p.Status != http.StatusForbidden {
		t.Errorf("another's language: %d", p.Status)
	}
	ar := strings.Replace(at, "/fr", "/ar", 1)
	page = arabic.Get(ar + "?from=fr")
	if page.Find(".tu [lang=fr]").First().Text() != "Ouverture des registres" {
		t.Fatalf("the source: %s", page.Find(".tu").Text())
	}
	page = arabic.Post(page.Find(unitsForm).AttrOr("action", ""), with(page.Form(unitsForm), "title@ar", "فتح السجلات", "summary@ar", "ملخص", "op", "save"))
	e := h.entry(id)
	if a, b := e.Parts["ar"].Text("title"), e.Parts["ar"].Text("summary"); page.Status != http.StatusOK || a.From != "fr" || b.From != "" || len(b.Of) != 1 {
		t.Errorf("%d %+v, %+v", page.Status, a, b)
	}
	for _, wrong := range []string{strings.Replace(at, "/fr", "/en", 1), strings.Replace(at, "/fr", "/xx", 1), at + "?from=fr", strings.Replace(at, "/news/", "/events/", 1)} {
		if p := arabic.Get(wrong); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, p.Status)
		}
	}
}
