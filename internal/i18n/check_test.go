package i18n

import (
	"slices"
	"strings"
	"testing"
)

func TestSharedIsComplete(t *testing.T) {
	for _, line := range CheckCatalogue(Shared) {
		t.Error(line)
	}
	c, err := Load(Shared)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Keys(EN)); n < 250 {
		t.Errorf("only %d messages", n)
	}
	for _, key := range []string{"kind.event.many", "enum.commitment_kind.other", "enum.org_role.organizer", "org_phrase.organizer", "sdg.17", "phase.live", "state.out_of_date"} {
		if !c.Has(SW, key) {
			t.Errorf("%s is missing", key)
		}
	}
	if got := c.T(FR, "org_phrase.organizer", "Names", "X"); !strings.Contains(got, "X") {
		t.Errorf("org_phrase.organizer: %q", got)
	}
}

func TestCheckCatalogueFinds(t *testing.T) {
	files := map[string]string{}
	for _, l := range All {
		files[string(l)+".toml"] = "a = \"A {{.X}}\"\n[n]\nother = \"{{.Count}}\"\n"
	}
	files["en.toml"] = "a = \"A {{.X}}\"\n[n]\none = \"one\"\nother = \"{{.Count}}\"\n"
	files["zh.toml"] = "a = \"\"\nzonly = \"x\"\n[n]\none = \"一\"\nother = \"{{.Count}}\"\n"
	files["fr.toml"] = "a = \"A {{.Y}}\"\n[n]\none = \"{{.Z}}\"\nmany = \"b\"\nother = \"{{.Count}}\"\n"
	got := CheckCatalogue(catalogueFS(files))
	for _, want := range []string{
		"zh a: other is empty", "en zonly: missing (zh has it)", `zh n: the language has no plural category "one"`,
		"fr a: slots [Y], but en has [X]", "fr n: forms differ", `ru n: plural category "few" is missing`, `ar n: plural category "zero" is missing`, "zh a: slots [], but en has [X]",
	} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%q was not reported", want)
		}
	}
	if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "en a") || strings.HasPrefix(s, "ko n") }) {
		t.Errorf("false alarm in %q", got)
	}
	if got := CheckCatalogue(catalogueFS(map[string]string{"en.toml": "a = "})); len(got) != 1 {
		t.Errorf("broken file: %q", got)
	}
}
