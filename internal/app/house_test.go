package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// rows is the drawing in ARCHITECTURE.md: an import may only go to a lower row.
var rows = [][]string{
	{"app"},
	{"site", "admin", "demo"},
	{"web", "kind"},
	{"comment"},
	{"discussion"},
	{"registration", "clearance", "translation", "reword", "memory", "suggestion", "search"},
	{"content"},
	{"media", "settings", "mail"},
	{"job"},
	{"auth", "conceptnote", "exchange"},
	{"view", "ical", "docx", "writing", "typography", "directory", "analysis", "seal"},
	{"i18n", "db", "sheet", "pdf", "redline", "personal"},
}

func TestImportsOnlyGoDown(t *testing.T) {
	row := map[string]int{}
	for i, names := range rows {
		for _, n := range names {
			row[n] = i
		}
	}
	dirs, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		from, drawn := row[d.Name()]
		if !drawn && d.Name() != "apptest" {
			t.Errorf("package %s is not in the drawing", d.Name())
		}
		files, _ := filepath.Glob(filepath.Join("..", d.Name(), "*.go"))
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || !drawn {
				continue
			}
			src, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, im := range src.Imports {
				path, _ := strconv.Unquote(im.Path.Value)
				name, ours := strings.CutPrefix(path, "plenary/internal/")
				if !ours {
					continue
				}
				if to, ok := row[name]; !ok || to <= from {
					t.Errorf("%s imports %s, which is not below it", f, name)
				}
			}
		}
	}
}

func TestEveryMessageInEveryLanguage(t *testing.T) {
	cfg := Config{}
	theme, panel, err := cfg.faces()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.CheckCatalogue(i18n.Shared, sub(panel, "locales"), sub(theme, "locales")) {
		t.Error(problem)
	}
}

// keyInSource finds what looks like a message key where keys are asked for: in Go, T(…, "a.b") and the like; in templates,
// T "a.b".
var keyInSource = regexp.MustCompile(`\b(?:T|N|Key:|Fail\([^,]*,|bad|add)\b[^"\n]{0,60}"([a-z_]+(?:\.[a-z0-9_]+)+)"`)

func TestEveryMessageThatIsAskedForExists(t *testing.T) {
	cfg := Config{}
	theme, panel, _ := cfg.faces()
	words, err := i18n.Load(i18n.Shared, sub(panel, "locales"), sub(theme, "locales"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, root := range []string{"..", "../../admin/templates", "../../themes/default/templates"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".go", ".html"}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range keyInSource.FindAllStringSubmatch(string(text), -1) {
				seen++
				if !words.Has(i18n.EN, m[1]) && !strings.HasSuffix(m[1], ".go") {
					t.Errorf("%s asks for message %q", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 200 {
		t.Errorf("only %d messages found in the sources: the pattern no longer fits", seen)
	}
	for enum, values := range kind.Enums {
		for _, v := range values {
			if key := "enum." + enum + "." + v; !words.Has(i18n.EN, key) {
				t.Errorf("no message %s", key)
			}
		}
	}
}
