package admin

import (
	"errors"
	"net/url"
	"slices"
	"sort"
	"strings"

	"plenary/internal/i18n"
)

// Form is a plain form (not an entry's) as its page shows it: the values typed, and what is wrong with them.
type Form struct {
	Values   url.Values
	Bad      map[string]string // message key by field
	Problems []Link            // the same as a list at the top, with links to the fields
}

// Get gives a field's value.
func (f *Form) Get(name string) string { return f.Values.Get(name) }

// Has says whether a field has a value among several.
func (f *Form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// newForm makes a form from name, value pairs.
func newForm(pairs ...string) *Form {
	f := &Form{Values: url.Values{}, Bad: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values.Add(pairs[i], pairs[i+1])
	}
	return f
}

// refused says whether err names fields of the form, and if so makes the page show it: the problems in the order of the
// form's fields, those of no field on the page last.
func (p *Page) refused(f *Form, err error, order ...string) bool {
	var invalid interface{ Fields() map[string]string }
	if !errors.As(err, &invalid) {
		return false
	}
	p.Failed = true
	f.Bad = invalid.Fields()
	names := make([]string, 0, len(f.Bad))
	for name := range f.Bad {
		names = append(names, name)
	}
	place := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := place(names[i]), place(names[j])
		return a < b || a == b && names[i] < names[j]
	})
	for _, name := range names {
		l := Link{Text: p.T(f.Bad[name])}
		if place(name) < len(order) {
			l.URL = "#" + name
		}
		f.Problems = append(f.Problems, l)
	}
	return true
}

// Field is one field of a plain form, for the template part "field".
type Field struct {
	P                                               *Page
	Name, Label, Value, Type, Auto, Help, Bad, Lang string
	Required                                        bool
	Rows                                            int // more than one: several lines
	Class                                           string
}

// Describes lists what says more about the field, for aria-describedby.
func (f Field) Describes() string {
	var ids []string
	if f.Bad != "" {
		ids = append(ids, f.Name+"-err")
	}
	if f.Help != "" {
		ids = append(ids, f.Name+"-help")
	}
	return strings.Join(ids, " ")
}

// Field prepares a field: label is a message key; options are name, value pairs: type, auto, help (message key), lang,
// rows, class, required.
func (p *Page) Field(form *Form, name, label string, options ...string) (Field, error) {
	f := Field{P: p, Name: name, Label: p.T(label), Value: form.Get(name), Type: "text", Bad: form.Bad[name]}
	for i := 0; i+1 < len(options); i += 2 {
		v := options[i+1]
		switch options[i] {
		case "type":
			f.Type = v
		case "auto":
			f.Auto = v
		case "help":
			f.Help = p.T(v)
		case "lang":
			f.Lang = v
		case "class":
			f.Class = v
		case "rows":
			f.Rows = len(v)
		case "required":
			f.Required = true
		default:
			return f, errors.New("field " + name + ": no option " + options[i])
		}
	}
	return f, nil
}

// Choice is one of the options of a select.
type Choice struct {
	Value, Text string
	Lang        i18n.Locale // of Text, where it is not the page's
}

// Select is a select of a plain form, for the template part "select".
type Select struct {
	P                                   *Page
	Name, Label, Value, Bad, Any, Class string // Any is the option for no choice, or ""
	Choices                             []Choice
}

// Select prepares a select: label and any are message keys, any may be "".
func (p *Page) Select(form *Form, name, label, any string, choices []Choice) Select {
	s := Select{P: p, Name: name, Label: p.T(label), Value: form.Get(name), Bad: form.Bad[name], Choices: choices}
	if any != "" {
		s.Any = p.T(any)
	}
	return s
}

// LocaleChoices are languages, each by its own name.
func (p *Page) LocaleChoices(of []i18n.Locale) []Choice {
	var out []Choice
	for _, l := range of {
		out = append(out, Choice{string(l), l.Endonym(), l})
	}
	return out
}

// Endonym is a language's own name.
func (p *Page) Endonym(l string) string { return i18n.Locale(l).Endonym() }
