package app_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plenary/internal/app"
	"plenary/internal/apptest"
)

// A folder of the office's own changes the files that it has, and no others: here the style of all pages, a template, and some
// words of one language.
func TestAThemeOverridesFileByFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"static/pages.css":           "main{--office:own}",
		"templates/pages/error.html": `{{define "main"}}<h1>Lost in our own words</h1>{{end}}`,
		"locales/around.en.toml":     "[around]\nside_events = \"On the fringes\"\nfollow_ups = \"Follow-up events\"\njoint_events = \"Joint events\"\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := apptest.Start(t, func(c *app.Config) { c.Theme = dir })
	get := func(path string) string {
		t.Helper()
		res, err := http.Get("http://" + p.Config.Listen + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	list := get("/en/topics")
	style := func(name string) string {
		_, rest, _ := strings.Cut(list, `href="/static/`+name+".")
		at, _, _ := strings.Cut(rest, `"`)
		return get("/static/" + name + "." + at)
	}
	if got := style("pages"); strings.TrimSpace(got) != "main{--office:own}" {
		t.Errorf("the style of pages: %.80q", got)
	}
	if got := style("site"); !strings.Contains(got, "--ink") {
		t.Errorf("the style that it does not have: %.80q", got)
	}
	if !strings.Contains(list, "<main") || !strings.Contains(get("/en/no-such-page"), "Lost in our own words") {
		t.Error("the template of its own is not used, or others are lost")
	}
	if got := p.App.Words.T("en", "around.side_events"); got != "On the fringes" {
		t.Errorf("its words: %q", got)
	}
	if got := p.App.Words.T("fr", "around.side_events"); got != "Manifestations parallèles" {
		t.Errorf("words that it does not have: %q", got)
	}
	if _, err := app.Open(t.Context(), app.Config{Theme: filepath.Join(dir, "none"), Database: "sqlite:" + filepath.Join(dir, "x.db"), Storage: "file:" + dir}); err == nil {
		t.Error("a theme that is not there")
	}
}
