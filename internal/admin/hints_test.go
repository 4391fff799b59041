package admin

import (
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// selfEvident are the fields that need no help, by the end of their path, with the reason. Lists, groups and switches are not
// among them: a list's help is that of what is in it, and the label of a switch is a sentence.
var selfEvident = map[string]string{
	"title":                      "the name of what is edited",
	"subtitle":                   "the name of what is edited",
	"person.name":                "the name of what is edited",
	"organization.name":          "the name of what is edited",
	"topic.label":                "the name of what is edited",
	"chapters.label":             "the name of what is edited",
	"options.label":              "the name of what is edited",
	"discussion.label":           "the name of what is edited",
	"kind":                       "one of a list of words that say themselves",
	"type":                       "one of a list of words that say themselves",
	"role":                       "one of a list of words that say themselves",
	"event.status":               "one of a list of words that say themselves",
	"series.status":              "one of a list of words that say themselves",
	"mode":                       "one of a list of words that say themselves",
	"stage":                      "one of a list of words that say themselves",
	"scheme":                     "one of a list of words that say themselves",
	"registration.messages.from": "one of a list of words that say themselves",
	"skips.duty":                 "one of a list of words that say themselves",
	"logo_policy":                "one of a list of words that say themselves",
	"modification":               "one of a list of words that say themselves",
	"document.access":            "one of a list of words that say themselves",
	"language":                   "languages and places have names",
	"languages":                  "languages and places have names",
	"city":                       "languages and places have names",
	"country":                    "languages and places have names",
	"countries":                  "languages and places have names",
	"regions":                    "languages and places have names",
	"participating":              "languages and places have names",
	"text":                       "running text; its card or item says of what",
	"body":                       "running text; its card or item says of what",
	"description":                "running text; its card or item says of what",
	"bio":                        "running text; its card or item says of what",
	"about":                      "running text; its card or item says of what",
	"caption":                    "running text; its card or item says of what",
	"recordings.file":            "the box says which files it takes",
	"tracks.file":                "the box says which files it takes",
	"photos.file":                "the box says which files it takes",
	"files.file":                 "the box says which files it takes",
	"event":                      "the box says how it finds what it is for",
	"documents":                  "the box says how it finds what it is for",
	"organizations":              "the box says how it finds what it is for",
	"facilitators.account":       "the box says how it finds what it is for",
	"recordings.date":            "a day or a number; its label says of what",
	"report.date":                "a day or a number; its label says of what",
	"versions.issued":            "a day or a number; its label says of what",
	"due":                        "a day or a number; its label says of what",
	"due_days":                   "a day or a number; its label says of what",
	"commitments.fulfilled":      "a day or a number; its label says of what",
	"minutes":                    "a day or a number; its label says of what",
	"statistics.registered":      "a day or a number; its label says of what",
	"statistics.attended":        "a day or a number; its label says of what",
	"statistics.online":          "a day or a number; its label says of what",
	"statistics.women":           "a day or a number; its label says of what",
	"contacts.position":          "everybody has one",
}

// helped says whether a field has help in a language, or why it needs none.
func helped(t tongue, k *content.Kind, f *content.Field) (has bool, why string) {
	if _, ok := t.fieldMessageOf(k.Name, "hint", f.Message()); ok {
		return true, ""
	}
	switch f.Type {
	case content.TypeList, content.TypeGroup:
		return false, "its fields have help"
	case content.TypeBool:
		return false, "its label is a sentence"
	}
	for path := k.Name + "." + f.Message(); ; {
		if why := selfEvident[path]; why != "" {
			return false, why
		}
		_, rest, more := strings.Cut(path, ".")
		if !more {
			return false, ""
		}
		path = rest
	}
}

// TestEveryFieldHasAHint holds that whoever fills in a field can read beside it what belongs there, in each language.
func TestEveryFieldHasAHint(t *testing.T) {
	cat := catalogue(t)
	used := map[string]bool{}
	fields, with := 0, 0
	for _, k := range kind.All {
		k.Walk(func(f *content.Field) {
			fields++
			for _, l := range i18n.All {
				has, why := helped(tongue{cat, l}, k, f)
				switch {
				case has && l == i18n.EN:
					with++
				case has:
				case why == "":
					t.Errorf("%s: %s has no help in %s, and no reason why it needs none", k.Name, f.Path, l)
				}
				for path := range selfEvident {
					if !has && strings.HasSuffix(k.Name+"."+f.Message(), "."+path) || !has && k.Name+"."+f.Message() == path {
						used[path] = true
					}
				}
			}
		})
	}
	for path := range selfEvident {
		if !used[path] {
			t.Errorf("the reason for %q is not needed any more", path)
		}
	}
	if with < fields/3 {
		t.Errorf("only %d of %d fields have help", with, fields)
	}
	t.Logf("%d fields, %d with help", fields, with)
}

// TestHintsAreHelp holds that a hint is of a field, says more than its name, and is short enough to be read.
func TestHintsAreHelp(t *testing.T) {
	cat := catalogue(t)
	var paths []string
	for _, k := range kind.All {
		k.Walk(func(f *content.Field) {
			paths = append(paths, k.Name+"."+f.Message())
			for _, l := range i18n.All {
				hint, ok := tongue{cat, l}.fieldMessageOf(k.Name, "hint", f.Message())
				name, _ := tongue{cat, l}.fieldMessageOf(k.Name, "field", f.Message())
				if ok && (strings.EqualFold(strings.Trim(hint, "."), name) || len([]rune(hint)) > 200) {
					t.Errorf("%s in %s: %q", f.Path, l, hint)
				}
			}
		})
	}
	for _, key := range cat.Keys(i18n.EN) {
		name, ok := strings.CutPrefix(key, "hint.")
		if ok && !slices.ContainsFunc(paths, func(p string) bool { return p == name || strings.HasSuffix(p, "."+name) }) {
			t.Errorf("%s is of no field", key)
		}
	}
}
