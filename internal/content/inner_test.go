package content_test

import (
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// TestLinksFollow: the address of a page of ours in a text becomes a reference when it is stored, and for each reader the page's
// address of now in her language; when the entry is withdrawn, its words stay, and the editor is told.
func TestLinksFollow(t *testing.T) {
	s := open(t)
	s.BaseURL = "https://www.example.org"
	news := func(title, body string) string {
		t.Helper()
		v := &kind.News{Title: content.L("en", title, "fr", title), Summary: content.L("en", "S", "fr", "S"), Kind: "news", Date: "2026-07-01", Body: content.P("en", body, "fr", body)}
		r, err := s.Save(ctx, staff, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(v)})
		if err == nil {
			err = s.Publish(ctx, staff, content.PublishChange{ID: r.ID, Facts: true, Locales: []i18n.Locale{i18n.EN, i18n.FR}})
		}
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	target := news("Opening", "<p>One.</p>")
	at, err := s.LiveByID(ctx, i18n.EN, target)
	if err != nil {
		t.Fatal(err)
	}
	body := `<p><a href="/fr/` + at.Path + `" hreflang="fr">The opening</a>, <a href="https://www.example.org/en/` + at.Path + `">again</a>, <a href="/en/news/2026/no-such">none</a>, <a href="/en/` + at.Path + `#a">part</a>.</p>`
	id := news("Closing", body)
	e, err := s.Get(ctx, staff, id)
	if err != nil {
		t.Fatal(err)
	}
	stored := e.Value.(*kind.News).Body.In(i18n.EN)
	if strings.Count(stored, `href="/e/`+target+`"`) != 2 || !strings.Contains(stored, "/en/news/2026/no-such") {
		t.Fatalf("stored: %s", stored)
	}
	// Storing what the form shows changes nothing.
	shown := stored
	if err := s.ShowAddresses(ctx, i18n.EN, &shown); err != nil || !strings.Contains(shown, `href="/en/`+at.Path+`"`) {
		t.Fatalf("shown: %s %v", shown, err)
	}
	leaves := content.Leaves{}
	leaves.SetText("body", content.Text{Words: shown})
	if r, err := s.Save(ctx, staff, content.Change{ID: id, Set: content.Parts{content.Part(i18n.EN): leaves}}); err != nil || len(r.Changed) != 0 {
		t.Errorf("stored again: %+v %v", r, err)
	}
	read := func(l i18n.Locale) string {
		t.Helper()
		p, err := s.LiveByID(ctx, l, id)
		if err != nil {
			t.Fatal(err)
		}
		words, _ := p.Value.(*kind.News).Body.Pick(l, i18n.EN)
		return words
	}
	if got := read(i18n.FR); !strings.Contains(got, `<a href="/fr/`+at.Path+`">The opening</a>`) {
		t.Errorf("in French: %s", got)
	}
	if got := read(i18n.AR); !strings.Contains(got, `<a href="/ar/`+at.Path+`" hreflang="en">The opening</a>`) {
		t.Errorf("in Arabic: %s", got)
	}
	slug := "the-opening"
	if _, err := s.Save(ctx, staff, content.Change{ID: target, Slug: &slug}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, staff, content.PublishChange{ID: target, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	if got := read(i18n.EN); !strings.Contains(got, `/the-opening">The opening</a>`) {
		t.Errorf("after it was moved: %s", got)
	}
	if err := s.Unpublish(ctx, staff, target, []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if got := read(i18n.EN); !strings.HasPrefix(got, `<p>The opening, again, <a`) {
		t.Errorf("after it was withdrawn: %s", got)
	}
	broken, err := s.BrokenLinks(ctx, e, []i18n.Locale{i18n.EN})
	if err != nil || len(broken) != 2 || broken[0].Path != "body" || broken[0].Locale != i18n.EN || broken[0].Blocks {
		t.Errorf("broken: %+v %v", broken, err)
	}
}
