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
		v := factView{Name: name, Label: f.factName(name)}
		if f.Entry != nil {
			if t, ok := f.Entry.Value.(content.FactTeller); ok {
				v.Text = t.Fact(name, f.Lang)
			}
		}
		out = append(out, v)
	}
	return out
}

// storedText is running text of a language as it is stored.
type storedText struct {
	Lang  i18n.Locale
	Words string
}

// withFacts shows prose with the facts in it; one that the entry does not have shows its name. Links have the addresses of their
// pages where those were looked up.
func (f *entryForm) withFacts(l i18n.Locale, words string) template.HTML {
	if s, ok := f.addressed[storedText{l, words}]; ok {
		words = s
	}
	var value any
	if f.Entry != nil {
		value = f.Entry.Value
	}
	return template.HTML(content.FillFacts(value, l, content.Clean(words), func(name string) string {
		return "[" + f.factName(name) + "]"
	}))
}

// factName is what a fact is called; one that there is not, by what stands in the text.
func (t tongue) factName(name string) string {
	if t.has("fact." + name) {
		return t.T("fact." + name)
	}
	return name
}

// plainUnit is a text, or a piece of it, in words alone.
func (f *entryForm) plainUnit(d *content.Field, l i18n.Locale, words string) string {
	if d.Type == content.TypeProse {
		return content.PlainText(string(f.withFacts(l, words)))
	}
	return words
}

// lookupAddresses finds the addresses of the pages that links in running text lead to, for withFacts.
func (a *Admin) lookupAddresses(ctx context.Context, f *entryForm, all []storedText) error {
	if f.addressed == nil {
		f.addressed = map[storedText]string{}
	}
	for _, x := range all {
		words := x.Words
		if err := a.content.ShowAddresses(ctx, x.Lang, &words); err != nil {
			return err
		}
		f.addressed[x] = words
	}
	return nil
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
