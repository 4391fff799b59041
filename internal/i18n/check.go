package i18n

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// CheckCatalogue reports what is wrong with the merged catalogues of fsyss, one
// line each, nothing if they are complete: keys that a language lacks or has
// alone, empty texts, slots that differ between languages or plural forms (Count
// may be left out), plural categories a language needs but lacks or does not
// know. Tests of every package with a catalogue call it.
func CheckCatalogue(fsyss ...fs.FS) []string {
	var out []string
	report := func(l Locale, key, format string, args ...any) {
		out = append(out, fmt.Sprintf("%s %s: ", l, key)+fmt.Sprintf(format, args...))
	}
	all := map[Locale]map[string]*message{}
	keys := map[string]Locale{} // the first locale that has it
	for _, l := range All {
		msgs, err := readLocale(l, fsyss)
		if err != nil {
			return []string{err.Error()}
		}
		all[l] = msgs
		for key := range msgs {
			if first, ok := keys[key]; !ok || first != EN && l == EN {
				keys[key] = l
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		from := keys[key]
		model := all[from][key]
		want, _ := model.slots()
		for _, l := range All {
			m := all[l][key]
			if m == nil {
				report(l, key, "missing (%s has it)", from)
				continue
			}
			for form, s := range m.forms() {
				if strings.TrimSpace(s) == "" {
					report(l, key, "%s is empty", form)
				}
				if m.plural != nil && !slices.Contains(pluralForms[l], form) {
					report(l, key, "the language has no plural category %q", form)
				}
			}
			if m.plural != nil || model.plural != nil {
				for _, form := range pluralForms[l] {
					if _, ok := m.forms()[form]; !ok {
						report(l, key, "plural category %q is missing", form)
					}
				}
			}
			got, err := m.slots()
			switch {
			case err != nil:
				report(l, key, "%v", err)
			case got != want:
				report(l, key, "slots [%s], but %s has [%s]", got, from, want)
			}
		}
	}
	return out
}

// slots lists the slot names of all forms, sorted and joined. It fails if two
// forms differ in anything but Count.
func (m *message) slots() (string, error) {
	var all string
	for i, form := range slices.Sorted(maps.Keys(m.forms())) {
		parts, err := cut(m.forms()[form])
		if err != nil {
			return "", err
		}
		names := map[string]bool{}
		for _, p := range parts {
			if p.slot != "" && (p.slot != "Count" || m.plural == nil) {
				names[p.slot] = true
			}
		}
		s := strings.Join(slices.Sorted(maps.Keys(names)), " ")
		if i > 0 && s != all {
			return "", fmt.Errorf("forms differ: slots [%s] and [%s]", all, s)
		}
		all = s
	}
	return all, nil
}
