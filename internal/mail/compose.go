package mail

import (
	"bytes"
	_ "embed"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"plenary/internal/i18n"
)

// Body is what a letter says, in its language, as plain text: Compose makes both forms of it.
type Body struct {
	Greeting   string
	Paragraphs []string
	Facts      []Fact // a table: when, where …
	Button     Link   // what the reader can do
	After      []string
	Footer     []string // small print: why the reader gets it, how not to
	Linked     bool     // paragraphs' lines that are an address and nothing else are links: only where no stranger wrote any of them
}

// Fact is a line of a table.
type Fact struct{ Label, Value string }

// Link is words and where they lead.
type Link struct{ Text, URL string }

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(s, "\n") },
	"link":  func(s string) bool { return linkLine.MatchString(s) },
}).Parse(letterHTML))

// linkLine is a line that is an address and nothing else.
var linkLine = regexp.MustCompile(`^https?://[^\s<>"]+$`)

// oneLine keeps what a stranger typed, a name or an organisation, from making lines that look like ours.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ", "\u2028", " ", "\u2029", " ", "\u0085", " ", "\v", " ", "\f", " ")

// Compose writes a letter's two forms in a language: plain text, and HTML that looks the same without pictures, without
// styles from elsewhere and in a dark reader. The site's name and a line that nobody wrote it by hand stand beneath.
func (b *Outbox) Compose(l i18n.Locale, body Body) (text, html string) {
	body.Greeting, body.Button.Text = oneLine.Replace(body.Greeting), oneLine.Replace(body.Button.Text)
	body.Facts = slices.Clone(body.Facts)
	for i, f := range body.Facts {
		body.Facts[i] = Fact{oneLine.Replace(f.Label), oneLine.Replace(f.Value)}
	}
	body.Footer = append(append([]string{}, body.Footer...), b.opts.Words.T(l, "mail.automatic", "Site", b.opts.Site(l)))
	var t strings.Builder
	para := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			if t.Len() > 0 {
				t.WriteString("\n\n")
			}
			t.WriteString(s)
		}
	}
	para(body.Greeting)
	for _, s := range body.Paragraphs {
		para(s)
	}
	var facts []string
	for _, f := range body.Facts {
		facts = append(facts, b.opts.Words.T(l, "mail.fact", "Label", f.Label, "Value", f.Value))
	}
	para(strings.Join(facts, "\n"))
	if body.Button.URL != "" {
		para(b.opts.Words.T(l, "mail.link", "Label", body.Button.Text) + "\n" + body.Button.URL)
	}
	for _, s := range body.After {
		para(s)
	}
	para("-- \n" + strings.Join(body.Footer, "\n"))
	return t.String(), b.html(l, body, body.Linked)
}

// html is the HTML form. links makes links of addresses that are lines of their own: only where staff wrote the text, for
// what strangers type must not become links.
func (b *Outbox) html(l i18n.Locale, body Body, links bool) string {
	align := "left"
	if l.Dir() == "rtl" {
		align = "right"
	}
	var out bytes.Buffer
	err := letterTemplate.Execute(&out, map[string]any{"Lang": l.Tag(), "Dir": l.Dir(), "Align": align, "Site": b.opts.Site(l), "B": body, "Links": links})
	if err != nil {
		panic(err) // the template is part of the program, and its data are texts
	}
	return out.String()
}
