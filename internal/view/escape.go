package view

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// context is where in a page a value stands, by the escapers that html/template has put behind it.
type context struct {
	// fast writes a value if it can tell how html/template writes it.
	fast func(r *run, s string, k content) bool
	// frame is a template with the value in that context, for all others; what it writes around the value is cut off.
	frame         *template.Template
	before, after string
}

var contexts = map[string]*context{
	"htmlescaper":                         newContext("", "", inText),
	"attrescaper":                         newContext(`<p title="`, `">`, inAttribute),
	"rcdataescaper":                       newContext("<title>", "</title>", inTitle),
	"htmlnamefilter":                      newContext("<p ", ">", inTag),
	"urlfilter urlnormalizer attrescaper": newContext(`<a href="`, `">`, inURL),
	"urlnormalizer attrescaper":           newContext(`<a href="/`, `">`, inPath),
	"urlescaper attrescaper":              newContext(`<a href="?`, `">`, inQuery),
	"srcsetescaper attrescaper":           newContext(`<img srcset="`, `">`, inSrcset),
	"jsvalescaper":                        newContext("<script>", "</script>", inScript),
}

func newContext(before, after string, fast func(*run, string, content) bool) *context {
	return &context{fast, template.Must(template.New("").Parse(before + "{{.}}" + after)), before, after}
}

// content is what a string is known to be.
type content uint8

const (
	plain content = iota
	safeHTML
	safeAttr
	safeURL
	safeSrcset
	safeJS
	number  // not a string but an integer
	written // not a string but a fmt.Stringer
	other   // left to the frame
)

// printer prints the values of one place.
type printer struct {
	*context
	memo memo[content]
}

func (p *printer) print(r *run, v reflect.Value) {
	if !v.IsValid() {
		p.slow(r, nil)
		return
	}
	var s string
	k := p.memo.of(v, contentOf)
	switch k {
	case other:
		p.slow(r, v.Interface())
		return
	case number:
		s, k = strconv.FormatInt(v.Int(), 10), plain
	case written:
		x := v
		if x.CanAddr() {
			x = x.Addr() // Interface copies what can be addressed
		}
		s, k = x.Interface().(fmt.Stringer).String(), plain
	default:
		s = v.String()
	}
	if !p.fast(r, s, k) {
		p.slow(r, v.Interface())
	}
}

func (p *printer) slow(r *run, v any) {
	var b bytes.Buffer
	if p.frame.Execute(&b, v) != nil {
		panic(giveUp)
	}
	r.out.Write(b.Bytes()[len(p.before) : b.Len()-len(p.after)])
}

// contentOf says how html/template makes a string of values of a type.
func contentOf(v reflect.Value) content {
	switch v.Type() {
	case reflect.TypeFor[string]():
		return plain
	case reflect.TypeFor[template.HTML]():
		return safeHTML
	case reflect.TypeFor[template.HTMLAttr]():
		return safeAttr
	case reflect.TypeFor[template.URL]():
		return safeURL
	case reflect.TypeFor[template.Srcset]():
		return safeSrcset
	case reflect.TypeFor[template.JS]():
		return safeJS
	case reflect.TypeFor[template.JSStr](), reflect.TypeFor[template.CSS]():
		return other
	}
	is := v.Type().Implements
	switch {
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || is(reflect.TypeFor[fmt.Formatter]()) || is(reflect.TypeFor[error]()):
		return other
	case is(reflect.TypeFor[fmt.Stringer]()):
		return written
	case v.Kind() == reflect.String:
		return plain
	case v.CanInt():
		return number
	}
	return other
}

// The replacements of html/template, by byte; without & for what is HTML already.
var escapes, normal = func() (e, n [256]string) {
	e = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}
	n = e
	n['&'] = ""
	return e, n
}()

func replace(r *run, s string, table *[256]string) bool {
	from := 0
	for i := 0; i < len(s); i++ {
		if by := table[s[i]]; by != "" {
			r.out.WriteString(s[from:i])
			r.out.WriteString(by)
			from = i + 1
		}
	}
	r.out.WriteString(s[from:])
	return true
}

func inText(r *run, s string, k content) bool {
	if k == safeHTML {
		r.out.WriteString(s)
		return true
	}
	return replace(r, s, &escapes)
}

func inAttribute(r *run, s string, k content) bool {
	if k == safeHTML {
		// Tags are left out in attributes.
		return strings.IndexByte(s, '<') < 0 && replace(r, s, &normal)
	}
	return replace(r, s, &escapes)
}

func inTitle(r *run, s string, k content) bool {
	if k == safeHTML {
		return replace(r, s, &normal)
	}
	return replace(r, s, &escapes)
}

func inTag(r *run, s string, k content) bool {
	if k == safeAttr {
		r.out.WriteString(s)
	}
	return k == safeAttr
}

func inScript(r *run, s string, k content) bool {
	if k == safeJS {
		r.out.WriteString(s)
	}
	return k == safeJS
}

func inURL(r *run, s string, k content) bool {
	return (k == safeURL || harmless(s)) && inPath(r, s, k)
}

func inPath(r *run, s string, _ content) bool {
	return all(s, urlByte) && replace(r, s, &escapes)
}

func inQuery(r *run, s string, k content) bool {
	return k != safeURL && all(s, queryByte) && replace(r, s, &escapes)
}

// inSrcset takes addresses with a width or density each.
func inSrcset(r *run, s string, k content) bool {
	if k == safeSrcset {
		return replace(r, s, &escapes)
	}
	if k == safeURL {
		return false
	}
	for part := range strings.SplitSeq(s, ",") {
		url, about, _ := strings.Cut(strings.TrimLeft(part, " "), " ")
		if !harmless(url) || !all(url, urlByte) || !all(about, sizeByte) {
			return false
		}
	}
	return replace(r, s, &escapes)
}

// harmless reports whether an address has no scheme, or one that only leads elsewhere.
func harmless(s string) bool {
	scheme, _, found := strings.Cut(s, ":")
	return !found || strings.Contains(scheme, "/") || scheme == "https" || scheme == "http" || scheme == "mailto"
}

// Bytes that stay as they are in an address, in a part of its query, and beside it in a srcset. A % may be part of an
// escape already: all looks on.
const (
	urlByte = 1 << iota
	queryByte
	sizeByte
)

var bytesFor = func() (t [256]uint8) {
	mark := func(chars string, of uint8) {
		for _, c := range []byte(chars) {
			t[c] |= of
		}
	}
	mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", urlByte|queryByte|sizeByte)
	mark("-._~", urlByte|queryByte)
	mark("!#$&*+,/:;=?@[]", urlByte)
	mark(" ", sizeByte)
	return t
}()

func all(s string, of uint8) bool {
	for i := 0; i < len(s); i++ {
		if bytesFor[s[i]]&of == 0 && !(s[i] == '%' && of == urlByte && i+2 < len(s) && hexDigit(s[i+1]) && hexDigit(s[i+2])) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// chain names the escapers at the end of a pipeline; rest is what comes before them.
func chain(p *parse.PipeNode) (escapers string, rest []*parse.CommandNode) {
	const prefix = "_html_template_"
	rest = p.Cmds
	for len(rest) > 0 {
		id, ok := rest[len(rest)-1].Args[0].(*parse.IdentifierNode)
		if !ok || !strings.HasPrefix(id.Ident, prefix) {
			break
		}
		escapers = strings.TrimPrefix(id.Ident, prefix) + " " + escapers
		rest = rest[:len(rest)-1]
	}
	return strings.TrimSuffix(escapers, " "), rest
}
