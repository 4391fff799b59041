package site

import (
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// text is a line of words on a page, with the language it is in. Written as {{.}} it is the plain words; the element
// around it takes {{.Attrs}}, which name the language where it is not the page's.
type text struct {
	Words  string
	Locale i18n.Locale
	Other  bool // than the page's
}

func (t text) String() string { return t.Words }

// Empty reports whether there are no words.
func (t text) Empty() bool { return t.Words == "" }

// Attrs are the lang and dir attributes of the element that holds the words.
func (t text) Attrs() template.HTMLAttr {
	if !t.Other || t.Words == "" {
		return ""
	}
	return template.HTMLAttr(` lang="` + t.Locale.Tag() + `" dir="` + t.Locale.Dir() + `"`)
}

// Span is the words as part of a sentence in the page's language: isolated, and with their language.
func (t text) Span() template.HTML {
	if !t.Other {
		return template.HTML(template.HTMLEscapeString(t.Words))
	}
	return template.HTML("<bdi" + string(t.Attrs()) + ">" + template.HTMLEscapeString(t.Words) + "</bdi>")
}

// spoken is an entry's summary where it is in the language, else "": for what cannot say that it is in another, as feeds and
// descriptions for search engines.
func spoken(p content.Publication, l i18n.Locale) string {
	if p.SummaryLocale != l {
		return ""
	}
	return p.Summary
}

// words picks a line in the page's language, else in the original of the entry it belongs to.
func (b *base) words(line content.Line, original i18n.Locale) text {
	w, l := line.Pick(b.Locale, original)
	return text{w, l, l != b.Locale}
}

// M gives a message in the page's language.
func (b *base) M(key string, args ...any) string {
	if strings.HasSuffix(key, ".") {
		return "" // of an enumeration, where a draft has no value yet
	}
	return b.site.Catalogue.T(b.Locale, key, args...)
}

// N gives a message for a number.
func (b *base) N(key string, n int, args ...any) string {
	return b.site.Catalogue.N(b.Locale, key, n, args...)
}

// Enum gives the name of one of a field's choices.
func (b *base) Enum(enum, value string) string {
	if value == "" {
		return ""
	}
	return b.M("enum." + enum + "." + value)
}

// eyebrow is a value of an enumeration above a title; nothing where a draft has none yet.
func (b *base) eyebrow(enum, value string) []named {
	if value == "" {
		return nil
	}
	return []named{{Name: b.message("enum." + enum + "." + value)}}
}

// html fills the slots of a message with HTML: the message is escaped, the values are not.
func (b *base) html(key string, args ...any) template.HTML {
	marks := make([]any, len(args))
	var pairs []string
	for i := range args {
		marks[i] = args[i]
		if i%2 == 1 {
			mark := "\x00" + string(rune('a'+i/2)) + "\x00"
			marks[i] = mark
			value, ok := args[i].(template.HTML)
			if !ok {
				value = template.HTML(template.HTMLEscapeString(toString(args[i])))
			}
			pairs = append(pairs, mark, string(value))
		}
	}
	// HTMLEscapeString turns NUL into U+FFFD.
	return fill(escape(b.M(key, marks...)), pairs)
}

// fill puts values in the place of marks, which are found in no value: mark, value, mark, value.
func fill(s string, pairs []string) template.HTML {
	for i := 0; i < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, pairs[i], pairs[i+1])
	}
	return template.HTML(s)
}

func toString(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case text:
		return v.Words
	}
	return ""
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace

// named is a name that may be a link: an organisation, a topic.
type named struct {
	Name text
	URL  string
}

// HTML is the name, linked.
func (n named) HTML() template.HTML {
	if n.URL == "" {
		return n.Name.Span()
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(n.URL) + `">` + string(n.Name.Span()) + "</a>")
}

// list joins HTML as a sentence of the page's language does; plain are the same items without mark-up, since some
// languages choose the joining word by the sound that follows.
func (b *base) list(plain []string, items []template.HTML) template.HTML {
	marked := make([]string, len(plain))
	var pairs []string
	for i := range plain {
		marked[i] = plain[i] + "\x00" + string(rune('a'+i)) + "\x00"
		pairs = append(pairs, escape(marked[i]), string(items[i]))
	}
	return fill(escape(i18n.List(b.Locale, marked)), pairs)
}

func (b *base) listNamed(all []named) template.HTML {
	var plain []string
	var items []template.HTML
	for _, n := range all {
		plain, items = append(plain, n.Name.Words), append(items, n.HTML())
	}
	return b.list(plain, items)
}

// languageNames joins the names of languages.
func (b *base) languageNames(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = i18n.LanguageName(b.Locale, c)
	}
	return i18n.List(b.Locale, names)
}

// capital begins a line with a capital where the script has them.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// small is its opposite, for what stands inside a list.
func small(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// Ltr isolates what is read from left to right in any language: addresses, codes, formats.
func (b *base) Ltr(s string) template.HTML {
	if b.plain(s) {
		return template.HTML(escape(s))
	}
	return i18n.BDI(s)
}

// isolate keeps a number with its unit together, whatever the direction around it.
func (b *base) isolate(s string) template.HTML {
	if b.plain(s) {
		return template.HTML(escape(s))
	}
	return template.HTML("<bdi>" + escape(s) + "</bdi>")
}

// plain reports whether nothing in s or around it can turn its order.
func (b *base) plain(s string) bool {
	return b.Locale.Dir() == "ltr" && !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x590 })
}

// initials stand where there is no portrait.
func initials(name string) string {
	var out []rune
	fields := strings.Fields(name)
	for i, f := range fields {
		if r, _ := utf8.DecodeRuneInString(f); unicode.IsLetter(r) && (i == 0 || i == len(fields)-1) {
			if unicode.In(r, unicode.Arabic) && i > 0 {
				out = append(out, '\u200c') // letters of two words do not join
			}
			out = append(out, unicode.ToUpper(r))
		}
	}
	return string(out)
}
