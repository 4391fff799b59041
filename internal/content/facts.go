package content

import (
	"bytes"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"plenary/internal/i18n"
)

// A fact in running text is <data value="begins"></data>: stored empty, so that a translation keeps it as it stands and no
// unit of the text changes when the fact does, and filled in, in the language of the words round it, wherever the value of an
// entry is read to be shown.

// FactTeller is a kind's struct whose facts can stand in its running text.
type FactTeller interface {
	// FactNames are their names, in the order in which they are offered.
	FactNames() []string
	// Fact says one in words of a language; "" where the entry does not have it, or knows none of that name.
	Fact(name string, l i18n.Locale) string
}

// FactNames are the facts that can stand in the running text of a kind.
func (k *Kind) FactNames() []string {
	if t, ok := k.New().(FactTeller); ok {
		return t.FactNames()
	}
	return nil
}

// factName is what a fact's name can be.
const factName = `[a-z][a-z_]{0,39}`

var (
	factTag  = regexp.MustCompile(`<data value="(` + factName + `)">(?s:.*?)</data>`)
	factMark = `<data value="`
)

// emptyFacts takes out what stands in facts: it is put there when the text is shown.
func emptyFacts(words string) string {
	if !strings.Contains(words, factMark) {
		return words
	}
	return factTag.ReplaceAllString(words, `<data value="$1"></data>`)
}

// cleanStored is Clean for a text that is stored.
func cleanStored(words string) string {
	words = Clean(words)
	for range 3 { // what was one in another leaves an end behind, which is mended
		empty := emptyFacts(words)
		if empty == words {
			break
		}
		words = Clean(empty)
	}
	return words
}

// FactsIn are the names of the facts in prose, each once.
func FactsIn(words string) []string {
	if !strings.Contains(words, factMark) {
		return nil
	}
	var out []string
	for _, m := range factTag.FindAllStringSubmatch(words, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// FillFacts puts the facts of an entry's value into prose in a language. missing says what stands for one that is not there;
// nil leaves it empty.
func FillFacts(value any, l i18n.Locale, words string, missing func(name string) string) string {
	return replaceFacts(value, l, words, func(name, text string) string {
		if text == "" && missing != nil {
			text = missing(name)
		}
		return `<data value="` + name + `">` + html.EscapeString(text) + `</data>`
	})
}

// FreezeFacts is FillFacts for a text that goes elsewhere: the facts become words like all others.
func FreezeFacts(value any, p Prose) Prose {
	out := slices.Clone(p)
	for i := range out {
		out[i].Words = replaceFacts(value, out[i].Locale, out[i].Words, func(_, text string) string { return html.EscapeString(text) })
	}
	return out
}

func replaceFacts(value any, l i18n.Locale, words string, write func(name, text string) string) string {
	if !strings.Contains(words, factMark) {
		return words
	}
	t, _ := value.(FactTeller)
	return factTag.ReplaceAllStringFunc(words, func(tag string) string {
		name, text := factTag.FindStringSubmatch(tag)[1], ""
		if t != nil {
			text = t.Fact(name, l)
		}
		return write(name, text)
	})
}

// joinShown is Join for a value that is shown: the facts stand in its running text.
func (k *Kind) joinShown(parts Parts) (any, error) {
	v, err := k.Join(parts)
	if err != nil {
		return v, err
	}
	if holds(parts, "<data ") {
		k.eachProse(v, func(_ string, p *[]Wording) {
			for i := range *p { // made by Join: nobody else has it
				(*p)[i].Words = FillFacts(v, (*p)[i].Locale, (*p)[i].Words, nil)
			}
		})
	}
	return v, nil
}

// holds reports whether any leaf of words has something in it: much cheaper than going through the value.
func holds(parts Parts, what string) bool {
	for p, leaves := range parts {
		if p == Facts {
			continue
		}
		for _, raw := range leaves {
			if bytes.Contains(raw, []byte(what)) {
				return true
			}
		}
	}
	return false
}

// eachProse gives all running text of a value, with its path.
func (k *Kind) eachProse(value any, f func(path string, p *[]Wording)) {
	var walk func(fields []*Field, v reflect.Value, prefix string)
	walk = func(fields []*Field, v reflect.Value, prefix string) {
		for _, x := range fields {
			fv := v.Field(x.index)
			switch x.Type {
			case TypeGroup:
				walk(x.Fields, fv, prefix+x.Name+".")
			case TypeList:
				for i := range fv.Len() {
					walk(x.Fields, fv.Index(i), prefix+x.Name+"."+fv.Index(i).Field(0).Field(0).String()+".")
				}
			case TypeProse:
				if p := settable(fv); len(*p) > 0 {
					f(prefix+x.Name, p)
				}
			}
		}
	}
	walk(k.Fields, reflect.ValueOf(value).Elem(), "")
}

// factProblems complains of the facts that running text names and the entry does not have.
func (k *Kind) factProblems(value any, original i18n.Locale, locales []i18n.Locale) []Problem {
	var out []Problem
	t, _ := value.(FactTeller)
	k.eachProse(value, func(path string, p *[]Wording) {
		for _, w := range *p {
			if w.Locale != original && !slices.Contains(locales, w.Locale) {
				continue
			}
			for _, name := range FactsIn(w.Words) {
				switch {
				case t == nil || !slices.Contains(t.FactNames(), name):
					out = append(out, Problem{Path: path, Locale: w.Locale, Blocks: true, Key: "problem.fact_unknown"})
				case t.Fact(name, w.Locale) == "":
					out = append(out, Problem{Path: path, Locale: w.Locale, Blocks: true, Key: "problem.fact_empty", Args: []any{"Fact", name}})
				}
			}
		}
	})
	return out
}
