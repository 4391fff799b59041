package kind_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plenary/internal/apptest"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// full is an entry with a value in every field, the account apart.
func full(k *content.Kind) content.Parts {
	refs := map[string]string{"audio": "audio1", "captions": "captions1", "media": "film1"}
	for _, other := range kind.All {
		refs[other.Name] = other.Name + "1"
	}
	return apptest.Sample(k, i18n.EN, "mark", refs, "file1")
}

func TestKindsAreDeclaredOnce(t *testing.T) {
	names, paths := map[string]bool{}, map[string]bool{}
	for _, k := range kind.All {
		if names[k.Name] || paths[k.Path] || kind.ByName(k.Name) != k {
			t.Errorf("%s is not the only one of its name and path", k.Name)
		}
		names[k.Name], paths[k.Path] = true, true
		if f := k.As("title"); f == nil || f.Type != content.TypeLine || f.Need != "R" {
			t.Errorf("%s needs a title in words", k.Name)
		}
	}
	if kind.ByName("nothing") != nil {
		t.Error("there is a kind called nothing")
	}
}

// TestTagsSayWhatTheyMean: a tag is only a word to the compiler.
func TestTagsSayWhatTheyMean(t *testing.T) {
	widgets := []string{"", "area", "seg", "switch", "url", "email", "account", "offset", "session"}
	ofFile := []string{"picture", "document", "media", "audio", "captions"}
	for _, k := range kind.All {
		k.Walk(func(f *content.Field) {
			at := k.Name + "." + f.Path
			if !slices.Contains([]string{"", "R", "r"}, f.Need) || !slices.Contains(widgets, f.Widget) {
				t.Errorf("%s: need %q, widget %q", at, f.Need, f.Widget)
			}
			if f.Enum != "" && len(kind.Values(f.Enum)) == 0 || f.Enum == "" && (f.Type == content.TypeEnum || f.Type == content.TypeEnums) {
				t.Errorf("%s has no choices", at)
			}
			switch {
			case f.Type == content.TypeFile && !slices.Contains(ofFile, f.Of):
				t.Errorf("%s: of %q is no kind of file", at, f.Of)
			case (f.Type == content.TypeRef || f.Type == content.TypeRefs) && kind.ByName(f.Of) == nil:
				t.Errorf("%s refers to %q", at, f.Of)
			}
			if f.Type == content.TypeLine && f.Max == 0 || f.Type == content.TypeString && f.Max == 0 && f.Widget != "account" {
				t.Errorf("%s may be of any length", at)
			}
			if f.Parent == nil && f.Section == "" {
				t.Errorf("%s is in no section of the form", at)
			}
			if f.Staff && (f.Facet != "" || f.As != "") {
				t.Errorf("%s is for the staff and yet public", at)
			}
			if len(f.For) > 0 {
				forOneOf(t, at, f)
			}
		})
	}
}

// forOneOf: what for: names must be choices of the field that selects.
func forOneOf(t *testing.T, at string, f *content.Field) {
	t.Helper()
	if f.Parent == nil || f.Parent.Type != content.TypeList {
		t.Errorf("%s: only items of lists are selected", at)
		return
	}
	var selector *content.Field
	for _, name := range []string{"kind", "type", "status"} {
		for _, x := range f.Parent.Fields {
			if selector == nil && x.Name == name && x.Type == content.TypeEnum {
				selector = x
			}
		}
	}
	if selector == nil {
		t.Errorf("%s: nothing selects", at)
		return
	}
	for _, v := range f.For {
		if !slices.Contains(kind.Values(selector.Enum), v) {
			t.Errorf("%s: for %q, which is no %s", at, v, selector.Enum)
		}
	}
}

func TestFacetsOfOneNameHoldTheSame(t *testing.T) {
	first := map[string]*content.Field{}
	for _, k := range kind.All {
		k.Walk(func(f *content.Field) {
			if f.Facet == "" {
				return
			}
			holds := func(f *content.Field) string {
				if f.Type == content.TypeList {
					return f.Facet // the references to such entries inside its items
				}
				return f.Enum + f.Of
			}
			if f.Parent != nil {
				t.Errorf("%s.%s: only a field of the kind itself can be a facet", k.Name, f.Path)
			}
			if other := first[f.Facet]; other != nil && holds(other) != holds(f) {
				t.Errorf("facet %s holds %s and %s", f.Facet, holds(other), holds(f))
			}
			first[f.Facet] = f
		})
	}
}

func TestFullEntriesComeBackAsTheyWere(t *testing.T) {
	for _, k := range kind.All {
		parts := full(k)
		v, err := k.Join(parts)
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		back := k.Split(v)
		if !reflect.DeepEqual(back, parts) {
			for p, leaves := range parts {
				for path := range leaves {
					if string(leaves[path]) != string(back[p][path]) {
						t.Errorf("%s %s: %s came back as %s", k.Name, content.FormName(path, p.Locale()), leaves[path], back[p][path])
					}
				}
			}
			t.Errorf("%s does not come back as it was", k.Name)
		}
		// Every field has a leaf somewhere, else this says nothing.
		k.Walk(func(f *content.Field) {
			if f.Type == content.TypeGroup || f.Widget == "account" {
				return
			}
			for _, leaves := range parts {
				for path, raw := range leaves {
					if k.Field(path) == f {
						if _, problem := f.CheckLeaf(path, localeOf(f), raw, kind.Choices{}); problem != nil {
							t.Errorf("%s.%s: the sample is refused: %s", k.Name, path, problem.Key)
						}
						return
					}
				}
			}
			t.Errorf("%s.%s has no value in the sample", k.Name, f.Path)
		})
	}
}

func localeOf(f *content.Field) i18n.Locale {
	if f.Text() {
		return i18n.EN
	}
	return ""
}

func blocking(k *content.Kind, parts content.Parts) []content.Problem {
	v, err := k.Join(parts)
	if err != nil {
		return []content.Problem{{Key: err.Error()}}
	}
	return slices.DeleteFunc(k.Check(v, i18n.EN, []i18n.Locale{i18n.EN}), func(p content.Problem) bool { return !p.Blocks })
}

// TestWhatIsNeededIsNamed: a full entry can be published; without one thing that it needs it cannot, and is told of that one.
func TestWhatIsNeededIsNamed(t *testing.T) {
	needed := 0
	for _, k := range kind.All {
		parts := full(k)
		if ps := blocking(k, parts); len(ps) > 0 {
			t.Fatalf("a full %s cannot be published: %+v", k.Name, ps)
		}
		for p, leaves := range parts {
			for path, was := range leaves {
				f := k.Field(path)
				if f.Need != "R" || !reached(k, parts, path) {
					continue
				}
				needed++
				delete(leaves, path)
				ps := blocking(k, parts)
				leaves[path] = was
				if len(ps) != 1 || ps[0].Path != path || ps[0].Locale != p.Locale() || ps[0].Key != "problem.required" {
					t.Errorf("%s without %s: %+v", k.Name, content.FormName(path, p.Locale()), ps)
				}
			}
		}
	}
	if needed < 100 {
		t.Errorf("only %d required values in all the samples", needed)
	}
}

// reached reports whether a value stands in items of a kind that has it.
func reached(k *content.Kind, parts content.Parts, path string) bool {
	for f := k.Field(path); f != nil; f = f.Parent {
		if len(f.For) > 0 {
			return false
		}
	}
	return true
}

func TestCardsAndSequencesNameFields(t *testing.T) {
	for _, k := range kind.All {
		known := map[string]*content.Field{}
		k.Walk(func(f *content.Field) { known[f.Path] = f })
		var patterns []string
		cards := 0 // a card holds facts alone; a sequence may hang on words of the original
		if c, ok := k.New().(content.Card); ok {
			patterns = append(patterns, c.Card()...)
			cards = len(patterns)
		}
		if c, ok := k.New().(content.Sequenced); ok {
			patterns = append(patterns, c.Sequence()...)
		}
		if len(patterns) == 0 {
			t.Errorf("%s has no card", k.Name)
		}
		for i, p := range patterns {
			f := known[p]
			switch {
			case f == nil:
				t.Errorf("%s: no field %s", k.Name, p)
				continue
			case f.Text() && i < cards || f.Type == content.TypeGroup || f.Staff:
				t.Errorf("%s: %s is no public fact", k.Name, p)
			}
			// Items are found by the order of their list, which must come along.
			if list := f.Parent; list != nil && list.Type == content.TypeList && !slices.Contains(patterns, list.Path) {
				t.Errorf("%s: %s without %s", k.Name, p, list.Path)
			}
		}
	}
}

// TestJoiningIsASecret: of how to join only when and for whom is published.
func TestJoiningIsASecret(t *testing.T) {
	var public []string
	kind.EventKind.Walk(func(f *content.Field) {
		if strings.HasPrefix(f.Path, "join.") && !f.Staff {
			public = append(public, f.Path)
		}
	})
	if !slices.Equal(public, []string{"join.opens_before", "join.release"}) {
		t.Errorf("published of joining: %v", public)
	}
}

// TestChoicesHaveNames in the languages of the site, each its own.
func TestChoicesHaveNames(t *testing.T) {
	files, err := fs.Glob(i18n.Shared, "*.toml")
	if err != nil || len(files) == 0 || len(files)%len(i18n.All) != 0 { // each subject in each language
		t.Fatalf("catalogues: %v, %v", files, err)
	}
	words, err := i18n.Load(i18n.Shared)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, k := range kind.All {
		k.Walk(func(f *content.Field) { used[f.Enum] = true })
	}
	for enum, values := range kind.Enums {
		if !used[enum] {
			t.Errorf("no field has a choice of %s", enum)
		}
		for i, v := range values {
			if slices.Contains(values[:i], v) {
				t.Errorf("%s has %s twice", enum, v)
			}
		}
		for _, l := range i18n.All {
			names := map[string]string{}
			for _, v := range values {
				key := "enum." + enum + "." + v
				if !words.Has(l, key) {
					t.Errorf("%s has no %s", l, key)
					continue
				}
				name := words.T(l, key)
				if other := names[name]; other != "" {
					t.Errorf("%s: %s and %s of %s are both called %q", l, other, v, enum, name)
				}
				names[name] = v
			}
		}
	}
}

// TestProblemsHaveWords: what a check says must be said in words.
func TestProblemsHaveWords(t *testing.T) {
	var words strings.Builder
	catalogues, _ := filepath.Glob("../../admin/locales/*en.toml")
	for _, name := range catalogues {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words.Write(b)
	}
	sources, _ := filepath.Glob("*.go")
	asked := map[string]bool{}
	for _, name := range sources {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"problem\.([a-z_]+)"`).FindAllStringSubmatch(string(b), -1) {
			asked[m[1]] = true
		}
	}
	if len(asked) < 50 {
		t.Errorf("only %d problems found in the sources", len(asked))
	}
	for key := range asked {
		if !strings.Contains(words.String(), "\n"+key+" = ") {
			t.Errorf("no words for problem.%s", key)
		}
	}
}
