package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestInsertMessage(t *testing.T) {
	const doc = `# Words of the panel.
save = "Save"

[event]
title = "Title" # shown first

# What follows concerns notes.
[event.note]
mark = "Mark"

[participants]
one = "one"
other = "many"
`
	for _, c := range []struct{ key, after, want string }{
		{"event.register_by", "title = \"Title\" # shown first\n", "register_by = \"Say \\\"when\\\"\"\n"},
		{"event.note.text", "mark = \"Mark\"\n", "text = \"Say \\\"when\\\"\"\n"},
		{"cancel", "save = \"Save\"\n", "cancel = \"Say \\\"when\\\"\"\n"},
		{"news.headline", "other = \"many\"\n", "\n[news]\nheadline = \"Say \\\"when\\\"\"\n"},
	} {
		got, err := insertMessage(doc, c.key, `Say "when"`)
		if err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		if want := strings.Replace(doc, c.after, c.after+c.want, 1); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.key, got, want)
		}
	}
	for _, c := range []struct{ key, problem string }{
		{"event.title", "exists already"},
		{"event", "exists already"},
		{"save.now", "cannot be below a message"},
	} {
		if _, err := insertMessage(doc, c.key, "x"); err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: error %v, want %q", c.key, err, c.problem)
		}
	}
	if got, err := insertMessage("", "event.title", "Title"); err != nil || !strings.Contains(got, "[event]\ntitle = \"Title\"\n") {
		t.Errorf("empty catalogue: %q, %v", got, err)
	}
	if got, err := insertMessage("[a]\nx = \"1\"\n", "b", "2"); err != nil || got != "b = \"2\"\n\n[a]\nx = \"1\"\n" {
		t.Errorf("top level before a table: %q, %v", got, err)
	}
}

func TestAddMessageNamesWhoOwes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"en.toml": "", "fr.toml": "[event]\nlate = \"En retard\"\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	missing, err := addMessage(dir, "event.late", "Late")
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) != 7 || slices.Contains(missing, "fr.toml") || slices.Contains(missing, "en.toml") {
		t.Errorf("missing %v", missing)
	}
	for _, bad := range [][2]string{{"Event.Late", "x"}, {"event..late", "x"}, {"event.late2", " "}} {
		if _, err := addMessage(dir, bad[0], bad[1]); err == nil {
			t.Errorf("%q with %q was accepted", bad[0], bad[1])
		}
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "fr.toml")); strings.Contains(string(b), "Late\"") {
		t.Error("English was written into the French catalogue")
	}
}
