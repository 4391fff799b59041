package i18n

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/BurntSushi/toml"
)

// asTOML is what the reader of all of TOML makes of a catalogue.
func asTOML(doc string) (map[string]*message, error) {
	var t map[string]any
	if err := toml.Unmarshal([]byte(doc), &t); err != nil {
		return nil, err
	}
	out := map[string]*message{}
	return out, flatten(t, "", out)
}

// All catalogues of the program are read the quick way, and as if they were not.
func TestCataloguesAreReadQuickly(t *testing.T) {
	n := 0
	for _, pattern := range []string{"locales/*.toml", "../../admin/locales/*.toml", "../../themes/default/locales/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]*message{}
			if !readPlain(string(b), got) {
				t.Errorf("%s is not read quickly", f)
				continue
			}
			want, err := asTOML(string(b))
			if err != nil {
				t.Fatal(f, err)
			}
			if !maps.EqualFunc(got, want, func(a, b *message) bool { return reflect.DeepEqual(a, b) }) {
				t.Errorf("%s is read otherwise", f)
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d catalogues found", n)
	}
}

func FuzzPlain(f *testing.F) {
	for _, doc := range []string{"a = \"b\"\n", "# note\n[t]\n\"a.b\" = \"c\"\n[t.u]\none = \"1\"\nother = \"2\"\n", "[a]\nother = \"x\"\n[a.b]\nc = \"d\"", "a = \"b\"\n[a]\n", "[a]\n[a]\n", "[a.b]\n[a]\nb = \"x\"",
		"[a]\nb = \"x\"\n[a.b.c]\nd = \"y\"", "\"a.b\" = \"1\"\n[a]\nb = \"2\"", "a = \"\\n\"", "a = 'b'", "a = \"\"\"x\"\"\"", "a = \"b\" # c", "\ufeffa = \"b\"", "a = \"b\"\r\n", "[ a ]\nb = \"c\"", "a.b = \"c\"", "a = \"b\nc\"", "[[a]]\nb = \"c\"", "a = 1", "[\"a\"]"} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got := map[string]*message{}
		if !readPlain(doc, got) {
			if len(got) != 0 {
				t.Error("given up, and yet", got)
			}
			return
		}
		want, err := asTOML(doc)
		if err != nil {
			t.Fatalf("read, although %v", err)
		}
		if !maps.EqualFunc(got, want, func(a, b *message) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("read as %v, not %v", got, want)
		}
	})
}
