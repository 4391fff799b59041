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

// TestTheStoryOfAFile: uploaded, shown, replaced, in the way of being deleted, deleted, and back; what the public gets follows.
func TestTheStoryOfAFile(t *testing.T) {
	p := apptest.Start(t)
	editor, visitor := p.SignIn("editor@example.org", auth.Grant{Role: auth.Editor, Scope: auth.ScopeSite}), p.Visitor()
	up := editor.Upload("/admin/media/upload", "file", "Paper.pdf", []byte("%PDF-1.4\nfirst"))
	at := up.Path
	id := strings.TrimPrefix(at, "/admin/media/")
	if up.Status != http.StatusOK || id == "" {
		t.Fatalf("uploaded: %d %s", up.Status, at)
	}
	public := "/media/" + id + "/paper.pdf"
	doc := &kind.Document{Title: content.L("en", "A paper"), Kind: "background_document", Access: "public",
		Versions: []kind.Version{{Item: content.Item{ID: "v1"}, Stage: "final", Files: []kind.LanguageVersion{{Item: content.Item{ID: "f1"}, Language: "en", File: content.FileRef(id)}}}}}
	entry := save(t, p, content.Change{Kind: kind.DocumentKind, Original: i18n.EN, Set: kind.DocumentKind.Split(doc)})
	if page := visitor.Get(public); page.Status != http.StatusNotFound {
		t.Errorf("before it is published: %d", page.Status)
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: entry, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	shows := func(what, want string) {
		t.Helper()
		if page := visitor.Get(public); page.Status != http.StatusOK || !strings.Contains(page.Body, want) {
			t.Errorf("%s: %d %q", what, page.Status, page.Body)
		}
	}
	shows("published", "first")
	page := visitor.Get("/e/" + entry)
	if page.Find("a[href*='"+id+"']").Length() == 0 {
		t.Fatalf("the page does not lead to the file: %d %s", page.Status, page.Path)
	}
	before := page.Body
	// Replaced: the same address; the page, which is kept finished, tells of the new one.
	if page := editor.Upload(at+"/replace", "file", "new.pdf", append([]byte("%PDF-1.4\nsecond"), make([]byte, 60_000)...)); page.Status != http.StatusOK {
		t.Errorf("replaced: %d %q", page.Status, page.Find(".err").Text())
	}
	shows("replaced", "second")
	if after := visitor.Get("/e/" + entry).Body; after == before || !strings.Contains(after, "60") {
		t.Error("the page still tells of the former file")
	}
	if page := visitor.Get(at + "/versions/1"); page.Path == at+"/versions/1" {
		t.Errorf("an earlier version for the public: %d", page.Status)
	}
	editor.Post(at, url.Values{"op": {"version"}, "version": {"1"}})
	shows("as before", "first")
	// What is shown cannot be deleted; what only a deleted entry showed can, and comes back with it.
	if page := editor.Post(at+"/delete", url.Values{}); page.Status != http.StatusConflict {
		t.Errorf("deleted while it is shown: %d", page.Status)
	}
	for _, op := range []string{"unpublish", "delete"} {
		editor.Post("/admin/documents", url.Values{"op": {op}, "id": {entry}})
	}
	if page := editor.Post(at+"/delete", url.Values{}); page.Status != http.StatusOK || page.Path != "/admin/media" {
		t.Errorf("deleted: %d %s", page.Status, page.Path)
	}
	if page := visitor.Get(public); page.Status != http.StatusNotFound {
		t.Errorf("in the trash, for the public: %d", page.Status)
	}
	if got := editor.Get("/admin/trash/files").Find("tbody a").Text(); got != "Paper.pdf" {
		t.Errorf("the trash has %q", got)
	}
	editor.Post("/admin/trash", url.Values{"id": {entry}})
	if got := editor.Get("/admin/trash/files").Find("tbody a").Text(); got != "" {
		t.Errorf("the entry is back, and its file is in the trash: %q", got)
	}
	if err := p.Content.Publish(ctx, apptest.System, content.PublishChange{ID: entry, Facts: true, Locales: []i18n.Locale{i18n.EN}}); err != nil {
		t.Fatal(err)
	}
	shows("published again", "first")
}
