package admin

import (
	"context"
	"html/template"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// factView is a fact that can be put into running text: what it is called, and what it says now in the form's language.
type factView struct{ Name, Label, Text string }

// FactViews are the facts that the form's running text can hold.
func (f *entryForm) FactViews() []factView {
	var out []factView
	for _, name := range f.Kind.FactNames() {
		v := factView{Name: name, Label: f.T("fact." + name)}
		if f.Entry != nil {
			if t, ok := f.Entry.Value.(content.FactTeller); ok {
				v.Text = t.Fact(name, f.Lang)
			}
		}
		out = append(out, v)
	}
	return out
}

// withFacts shows prose with the facts in it; one that the entry does not have shows its name.
func (f *entryForm) withFacts(l i18n.Locale, words string) template.HTML {
	var value any
	if f.Entry != nil {
		value = f.Entry.Value
	}
	return template.HTML(content.FillFacts(value, l, content.Clean(words), func(name string) string {
		if f.has("fact." + name) {
			return "[" + f.T("fact."+name) + "]"
		}
		return "[" + name + "]"
	}))
}

// showLinks gives links to entries, in the texts of a form, the addresses of their pages: nobody knows what an id is.
func (a *Admin) showLinks(ctx context.Context, f *entryForm) error {
	var texts []*string
	for _, vs := range f.Values {
		for i := range vs {
			if strings.Contains(vs[i], ` href="/e/`) {
				texts = append(texts, &vs[i])
			}
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return a.content.ShowAddresses(ctx, f.Lang, texts...)
}
