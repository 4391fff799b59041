package view

import (
	"html/template"
	"strings"

	"plenary/internal/i18n"
)

// PreviewBar is what stands above the preview of a page: what it is called, and sentences in the same language. The theme's
// preview.css gives it its look.
func PreviewBar(l i18n.Locale, name string, sentences ...string) template.HTML {
	var b strings.Builder
	e := template.HTMLEscapeString
	b.WriteString(`<aside class="preview-bar" lang="` + e(l.Tag()) + `" dir="` + e(l.Dir()) + `" aria-label="` + e(name) + `"><p><strong>` + e(name) + `</strong>`)
	for _, s := range sentences {
		b.WriteString(` <span>` + e(s) + `</span>`)
	}
	b.WriteString(`</p></aside>`)
	return template.HTML(b.String())
}
