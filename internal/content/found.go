package content

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/i18n"
)

// Findable is what a published entry is found by in one language of readers.
type Findable struct {
	Title string
	// Names is what it is also called: short forms, symbols; of a person and an organisation the name in other languages too.
	Names, Summary string
	Body           string // paragraphs, a line each
}

// Later is a kind's struct that has words which readers are shown only from some time on. It gives the fields, as patterns.
type Later interface{ Later(now time.Time) []string }

// FoundBy gives what an entry is found by in a language that it has words in: what readers see of it now, save what a field's tag
// keeps out.
func (k *Kind) FoundBy(value any, l i18n.Locale, now time.Time) Findable {
	var out Findable
	var names, body, later []string
	if x, ok := value.(Later); ok {
		later = x.Later(now)
	}
	k.Texts(value, l, func(_ string, f *Field, words string) {
		if f.Type == TypeProse {
			words = PlainText(words)
		}
		switch {
		case f.Find == "no", slices.ContainsFunc(later, func(p string) bool { return f.Path == p || strings.HasPrefix(f.Path, p+".") }):
		case f.As == "title":
			out.Title = words
		case f.Find == "name":
			names = append(names, words)
		case f.As == "summary":
			out.Summary = words
		default:
			body = append(body, words)
		}
	})
	v := reflect.ValueOf(value).Elem()
	for _, f := range k.Fields {
		switch {
		case f.Find == "name" && f.Type == TypeString:
			if s := v.Field(f.index).String(); s != "" {
				names = append(names, s)
			}
		case f.As == "title" && f.Find == "everywhere":
			for _, t := range v.Field(f.index).Interface().(Line) {
				if t.Locale != l && t.Words != "" && t.Words != out.Title && !slices.Contains(names, t.Words) {
					names = append(names, t.Words)
				}
			}
		}
	}
	out.Names, out.Body = strings.Join(names, "\n"), strings.Join(body, "\n")
	return out
}

// Facet is a value that published entries are filtered by.
type Facet struct{ Name, Value string }

// Facets gives those of a value, in order.
func (k *Kind) Facets(value any) []Facet {
	var out []Facet
	for f := range facets(k, value) {
		if f.Name != "" {
			out = append(out, Facet(f))
		}
	}
	slices.SortFunc(out, func(a, b Facet) int { return strings.Compare(a.Name+"="+a.Value, b.Name+"="+b.Value) })
	return out
}

// Listed gives those of ids that are published, in their order, as lists show them.
func (s *Store) Listed(ctx context.Context, l i18n.Locale, ids []string) ([]Publication, error) {
	return s.publications(ctx, l, ids)
}

// Following are rows of another package that follow from what is public. Make writes those of some entries anew; it is called at the
// start for all of them where a program has made them that did it otherwise: raise Version when it does.
type Following struct {
	Name    string
	Version int
	Make    func(ctx context.Context, tx bun.Tx, ids []string) error
}
