package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"text/template/parse"
	"time"
)

// TestOursCompile: a page of ours that is not compiled is right, but slow.
func TestOursCompile(t *testing.T) {
	any := func(...any) string { return "" }
	funcs := template.FuncMap{"asset": any, "dict": any, "icon": any, "initials": any, "bdi": any, "query": any}
	for _, folder := range []string{"../../themes/default", "../../admin"} {
		s, err := New(os.DirFS(folder), funcs, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.pages) == 0 {
			t.Errorf("no pages in %s", folder)
		}
		if err := s.Compile(); err != nil {
			t.Fatal(err)
		}
		for name, p := range s.pages {
			if _, _, err := p.part("layout.html"); err != nil {
				t.Errorf("%s/%s: %v", folder, name, err)
			}
		}
	}
}

// thing has something of everything that templates may get.
type thing struct {
	*Base
	Words           string
	Number          int
	Small           int8
	Size            uint
	Share           float64
	On              bool
	Any, Nothing    any
	Kind            kind
	Title           title
	Sum             sum
	Fails           failure
	Pointer, NoOne  *title
	Word            *string
	List            []string
	Things          []thing
	Pair            [2]int
	NoPair          *[2]int
	Empties         []int
	Map             map[string]any
	Counts          map[kind]int
	Values          url.Values
	Time            time.Time
	HTML            template.HTML
	Attr            template.HTMLAttr
	Link            template.URL
	Set             template.Srcset
	Script          template.JS
	ScriptText      template.JSStr
	Style           template.CSS
	Stringer        fmt.Stringer
	Error, NoError  error
	Func            func() string
	Channel         chan int
	Pages           func(func(int) bool)
	Complex         complex128
	Bytes           []byte
	Formatted       formatted
	Quoted          quoted
	hidden          string
	unexportedThing struct{ A int }
}

type (
	// Base is embedded by pointer.
	Base      struct{ Lang string }
	kind      string
	title     struct{ Words, Lang string }
	sum       struct{ n int }
	failure   struct{}
	formatted struct{}
	quoted    int
)

func (b *Base) M(key string, args ...any) string { return b.Lang + ":" + key + fmt.Sprint(args...) }
func (b *Base) URL(path string) string           { return "/" + b.Lang + "/" + path }
func (t title) String() string                   { return t.Words }
func (t title) Empty() bool                      { return t.Words == "" }
func (t title) Attrs() template.HTMLAttr {
	return template.HTMLAttr(` lang="` + t.Lang + `"`)
}
func (t title) HTML() template.HTML { return template.HTML("<i>" + t.Words + "</i>") }
func (s *sum) String() string       { return fmt.Sprint("sum of ", s.n) }
func (s *sum) Double() int          { return 2 * s.n }
func (failure) Error() string       { return "it <failed>" }
func (failure) Empty() string       { return "of another type" }
func (formatted) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "<formatted>")
}
func (formatted) String() string { return "not this" }
func (q quoted) String() string  { return "\"" + string(rune(q)) }
func (thing) Two(a, b int) int   { return a - b }
func (thing) Of(k kind, rest ...kind) string {
	return fmt.Sprint(k, len(rest))
}
func (thing) Bad(fail bool) (string, error) {
	if fail {
		return "", errors.New("as asked")
	}
	return "good", nil
}
func (thing) Panics() string         { panic("as asked") }
func (thing) Takes(t *title) string  { return t.Words }
func (thing) TakesIt(t title) string { return t.Words }
func (thing) Wide(n int64) int64     { return n }
func (thing) Same(v any) any         { return v }
func (*thing) Point() string         { return "pointed" }
func (t thing) Three() (a, b, c int) { return }

var testFuncs = template.FuncMap{
	"upper": strings.ToUpper,
	"asset": func(name string) (string, error) {
		if name == "none" {
			return "", errors.New("no asset")
		}
		return "/static/" + name, nil
	},
	"icon": func(name string, more ...string) template.HTML {
		return template.HTML("<svg>" + name + strings.Join(more, "+") + "</svg>")
	},
	"dict": func(pairs ...any) (map[string]any, error) {
		m := map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m, nil
	},
	"add": func(a int, more ...int) int {
		for _, n := range more {
			a += n
		}
		return a
	},
}

func sample() *thing {
	word := "pointed at & <b>"
	x := &thing{Base: &Base{"fr"}, Words: `<a href="x">O'Neil & +1</a>`, Number: 300, Small: -3, Size: 7, Share: 1.5, On: true, Any: "any <", Kind: "kind<", Title: title{"T & t", "ar"},
		Sum: sum{21}, Pointer: &title{"P", "zh"}, Word: &word, List: []string{"a", "<b>", ""}, Pair: [2]int{1, 2}, Map: map[string]any{"A": 1, "T": title{"in a map", "en"}, "N": nil, "L": []int{1, 2}},
		Counts: map[kind]int{"k": 4}, Values: url.Values{"q": {"v w"}}, Time: time.Unix(0, 0).UTC(), HTML: "<b>bold</b> &amp; 1 < 2", Attr: ` data-x="1"`, Link: "tel:+1 23", Set: "/a.jpg 1x, /b,c.jpg 2x",
		Script: `{"a":"<"}`, ScriptText: `it's`, Style: "color: red", Stringer: title{"via interface", "en"}, Error: errors.New("err <"), Func: func() string { return "f" },
		Pages: func(yield func(int) bool) { _ = yield(1) && yield(2) }, Complex: 1i, Bytes: []byte("<x>"), Quoted: 65}
	x.Things = []thing{{Words: "first", Number: 1, Title: title{"one", "en"}}, {Words: "second", Number: 2, On: true}}
	return x
}

// both renders a layout compiled and by html/template and compares; it tells whether the compiled form gave up.
func both(t testing.TB, layout string, data any) (slow bool) {
	t.Helper()
	fsys := fstest.MapFS{"templates/layout.html": {Data: []byte(layout)}, "templates/pages/p.html": {Data: []byte(`{{define "part"}}[{{.}}]{{end}}`)}}
	fast, err := New(fsys, testFuncs, false)
	if err != nil {
		t.Fatalf("%s: %v", layout, err)
	}
	dev, err := New(fsys, testFuncs, true)
	if err != nil {
		t.Fatal(err)
	}
	want, wantErr := dev.Render("p", data)
	for range 2 {
		got, err := fast.Render("p", data)
		if string(got) != string(want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s\ngot  %q %v\nwant %q %v", layout, got, err, want, wantErr)
		}
	}
	return len(fast.Slow()) > 0
}

func TestLanguage(t *testing.T) {
	for _, layout := range []string{
		// Fields, methods, keys.
		`{{.Words}} {{.Lang}} {{.Base.Lang}} {{.Title.Words}} {{.Map.A}} {{.Map.T}} {{.Map.T.Lang}} {{.Pointer.Words}} {{.Any}} {{$.Number}} {{(index .Things 1).Words}}`,
		`{{.M "key"}} {{.M "key" "Date" .Number .Title 1 true}} {{.M .Lang .Any .Nothing}} {{.URL .Lang}} {{.URL "a"}} {{.Values.Get "q"}} {{.Title.Empty}} {{.Pointer.Attrs | print}}`,
		`{{.Two 5 3}} {{.Two .Number .Number}} {{.Of "k"}} {{.Of .Kind "a" .Kind}} {{.Bad false}} {{.TakesIt .Title}} {{.TakesIt .Pointer}} {{.TakesIt .Map.T}} {{.Point}} {{.Sum.Double}} {{.Wide 7}} {{.Same .Title}} {{.Fails.Empty}}`,
		`{{range .Things}}{{.Point}}{{.Title.HTML}}{{.Sum.Double}}{{.Title.Empty}}{{end}}{{with .Map.T}}{{.Empty}}{{.HTML}}<p{{.Attrs}}>{{end}}`,
		// Conditions and what counts as true.
		`{{if .On}}a{{end}}{{if .Words}}b{{end}}{{if .Number}}c{{end}}{{if .Size}}d{{end}}{{if .Share}}e{{end}}{{if .Nothing}}f{{else}}g{{end}}{{if .Any}}h{{end}}{{if .Title}}i{{end}}{{if .Pointer}}j{{end}}{{if .NoOne}}k{{else}}l{{end}}`,
		`{{if .List}}a{{end}}{{if .Empties}}b{{else}}c{{end}}{{if .Map}}d{{end}}{{if .Pair}}e{{end}}{{if .Stringer}}f{{end}}{{if .Func}}g{{end}}{{if .Small}}h{{else if .On}}i{{else}}j{{end}}`,
		`{{with .Title}}{{.Lang}}{{$.Lang}}{{else}}no{{end}}{{with .NoOne}}{{.}}{{else}}{{.Lang}}{{end}}{{with $x := .Any}}{{$x}}{{.}}{{end}}{{with .Empties}}a{{else with .List}}{{len .}}{{end}}`,
		`{{and .On .Words}} {{and .On .Nothing}} {{or .Nothing .Any}} {{or .Nothing .Empties}} {{or (not .On) .Words}} {{not .Nothing}} {{and true (eq 1 1)}} {{.On | and .Words}} {{.Nothing | or .Empties .NoOne}}`,
		`{{eq .Kind "kind<"}} {{eq .Number 300}} {{eq .Small .Number}} {{eq .On true}} {{eq .Size .Size}} {{eq .Lang "de" "fr"}} {{ne .Lang "fr"}} {{eq .Any "any <"}} {{lt .Number 5}} {{le .Small -3}} {{gt .Lang "a"}} {{ge .Size .Size}} {{if eq .Kind .Words .Kind}}y{{end}}`,
		`{{len .List}} {{len .Words}} {{len .Map}} {{index .List 1}} {{index .Map "T"}} {{index .Map "none"}} {{index .Counts "k"}} {{index .Pair 0}} {{index .Map.L 1}}`,
		`{{print "a" 1 .Lang .Number}} {{printf "%s-%d %v %q" .Lang .Number .Title .Words}} {{.Lang | printf "%s"}} {{.Lang | upper}} {{upper "x"}} {{asset "a.css"}} {{icon "i"}} {{icon "i" "s" .Lang}} {{add 1}} {{add 1 2 .Number}}`,
		// Loops and variables.
		`{{range .List}}{{.}},{{else}}none{{end}}{{range .Empties}}{{.}}{{else}}none {{.Lang}}{{end}}{{range $x := .List}}{{$x}}{{$.Lang}}{{end}}{{range $i, $x := .List}}{{$i}}{{$x}}{{end}}{{range .Pair}}{{.}}{{end}}{{range .Map.L}}{{.}}{{end}}{{range .Nothing}}{{else}}nil{{end}}`,
		`{{$x := .Lang}}{{if .On}}{{$x := "inner"}}{{$x}}{{else}}{{$x}}{{end}}{{if .Nothing}}{{$x := 1}}{{else}}{{$x}}{{end}}{{$x}}{{range .List}}{{$x = .}}{{end}}{{$x}}{{$y := $x}}{{with .Title}}{{$y = .Lang}}{{end}}{{$y}}{{if $z := .Any}}{{$z}}{{else}}{{$z}}{{end}}`,
		`{{range $i, $x := .Things}}{{range $j, $y := $.List}}{{$i}}{{$j}}{{$x.Words}}{{$y}} {{end}}{{end}}{{range $i, $x := .Empties}}{{else}}{{len $x}}{{end}}{{$a := 1}}{{$b := 2}}{{range $a, $b = .List}}{{end}}{{$a}}{{$b}}`,
		// Templates.
		`{{define "x"}}{{.}}{{$}}{{$v := 1}}{{$v}}{{end}}{{$v := 2}}{{template "x" .Lang}}{{template "x"}}{{template "part" .Title}}{{$v}}{{block "y" .Title}}{{.Lang}}{{end}}{{template "x" (dict "A" .Title "B" $v)}}`,
		`{{define "tree"}}<li>{{.Words}}{{range .Things}}{{template "tree" .}}{{end}}</li>{{end}}{{template "tree" .}}`,
		`{{define "attrs"}} id="{{.Lang}}"{{if .On}} disabled{{end}} title='{{.Words}}'{{template "more" .}}{{end}}{{define "more"}} class="{{.Kind}}"{{end}}<p{{template "attrs" .}}>{{template "attrs" .}}</p><textarea{{template "attrs" .}}>{{.Words}}</textarea>`,
		`{{define "word"}}{{.}}{{end}}<title>{{template "word" .Words}}</title><a title="{{template "word" .Words}}" href="/x?q={{template "word" .Words}}">{{template "word" .Words}}</a>`,
		`a{{/* said */}}<!-- not this -->b`,
	} {
		if both(t, layout, sample()) {
			t.Errorf("gave up: %s", layout)
		}
	}
}

// TestLeftToTheLibrary has what is not compiled, and errors: their words are html/template's too.
func TestLeftToTheLibrary(t *testing.T) {
	for _, layout := range []string{
		`{{range .List}}{{break}}{{end}}`, `{{range .List}}{{continue}}{{end}}`, `{{range $k, $v := .Map}}{{$k}}={{$v}} {{end}}`, `{{range 3}}{{.}}{{end}}`, `{{range .Pages}}{{.}}{{end}}`, `{{range .Words}}x{{end}}`, `{{range .NoError}}x{{else}}y{{end}}`, `{{range .NoOne}}x{{else}}y{{end}}`, `{{with .NoError}}x{{else}}y{{end}}{{.NoError}}`, `{{.NoError.Error}}`, `{{len .NoError}}`, `{{index .NoError 1}}`, `{{eq .NoError 1}}`, `{{not .NoError}}`, `{{print .NoError}}`, `{{.M "x" .NoError}}`, `{{.URL .NoError}}`,
		`{{.Words | html}}`, `{{urlquery .Words}}`, `{{slice .Words 1 2}}`, `{{call .Func}}`, `{{1.5}}`, `{{'a'}}`, `{{0x1F}}`, `{{1i}}`, `{{.M "x" nil}}`, `{{println "a"}}`, `{{js .Words}}`, `{{index .Things}}`, `{{index .Map "L" 1}}`,
		`{{.None}}`, `{{.Map.None}}`, `{{.Map.N}}`, `{{.Map.N.X}}`, `{{.Nothing.X}}`, `{{.NoOne.Words}}`, `{{.NoOne.Empty}}`, `{{.hidden}}`, `{{.unexportedThing}}`, `{{.Any.X}}`, `{{.Words.X}}`, `{{.Func}}`, `{{.Channel}}`, `{{.Three}}`,
		`{{.M}}`, `{{.M 1}}`, `{{.Two 1}}`, `{{.Two 1 2 3}}`, `{{.Two 1 "a"}}`, `{{.URL .Number}}`, `{{.URL .Kind}}`, `{{.Bad true}}`, `{{.Panics}}`, `{{asset "none"}}`, `{{.Number 1}}`, `{{.Map.A 1}}`, `{{.Takes .Title}}`, `{{.Takes .NoOne}}`, `{{.TakesIt .NoOne}}`, `{{.TakesIt .Nothing}}`, `{{.Lang | .Number}}`, `{{dict 1 2}}`,
		`{{eq .Number "x"}}`, `{{eq .Title .Title}}`, `{{eq .Number .Size}}`, `{{eq .Share 1}}`, `{{eq .Pointer .NoOne}}`, `{{eq .List .List}}`, `{{eq .Nothing .Nothing}}`, `{{eq .Lang}}`, `{{lt .On .On}}`, `{{lt .Share .Share}}`, `{{lt .Lang 1}}`, `{{len .Number}}`, `{{len .Nothing}}`, `{{len .NoOne}}`, `{{len .NoPair}}`, `{{index .List 9}}`, `{{index .List 3}}`, `{{index .List -1}}`, `{{index .List "a"}}`, `{{index .Words 1}}`, `{{index .NoOne 1}}`, `{{index .Nothing 1}}`, `{{index .Map 1}}`, `{{index .Counts .Lang}}`,
		`{{if .Complex}}x{{end}}`, `{{if .Channel}}x{{end}}`, `{{define "loop"}}{{template "loop" .}}{{end}}{{template "loop" .}}`, `{{define "deep"}}{{if .}}x{{template "deep" (slice . 1)}}{{end}}{{end}}{{template "deep" (printf "%600d" 1)}}`,
		`<p style="color: {{.Words}}">`, `<script>var x = "{{.Words}}";</script>`, `<a title={{.Words}}>`, `<style>a{b:{{.Style}}}</style>`, `<p onclick="f({{.Words}})">`, `a<!-- {{.Lang}} -->b`,
	} {
		both(t, layout, sample())
	}
	for _, data := range []any{nil, 1, "x", (*thing)(nil), map[string]any(nil), map[string]any{"Words": nil}, map[string]string{"Words": "<"}, []int{1}} {
		both(t, `{{.}}|{{.Words}}`, data)
		both(t, `{{if .}}{{.}}{{end}}`, data)
	}
}

// TestContexts prints every kind of value in every context.
func TestContexts(t *testing.T) {
	x := sample()
	values := []any{nil, "", "plain", x.Words, "javascript:alert(1)", "https://x.example/a b?c=d&e='f'#g", "HTTP://x", "mailto:a@b.example?subject=a%20b%2", "a:b/c", "/a:b", "/a.jpg 320w, /b.jpg 640w", " /a.jpg 1.5x", "x,javascript:y 1x", "/a(1).jpg 1x", ",", "onclick", "Data", "\x00\xff é \u2028 \ufdd0",
		0, -3, int8(4), uint(5), 1.5, math.NaN(), float32(2), true, 'x', x.Kind, x.Title, &x.Title, x.NoOne, x.Pointer, x.Word, x.Sum, &x.Sum, x.Fails, x.List, x.Pair, x.Map, x.Time, x.HTML, template.HTML("no tags & 'such'"), &x.HTML, x.Attr, x.Link, template.URL("/a,b c"), template.URL("https://x.example/"), x.Set, x.Script,
		x.ScriptText, x.Style, x.Stringer, x.Error, x.Complex, x.Bytes, x.Formatted, x.Quoted, quoted(0), json.Number("12"), json.RawMessage(`{"a":"<"}`), struct{ A, B string }{"<", `"`}, []any{nil, 1, "<"}, []template.HTML{"<b>"}}
	for name, c := range contexts {
		layout := func(value string) string { return c.before + value + c.after }
		for _, v := range values {
			both(t, layout("{{.}}"), v)
			both(t, layout("{{.V}}"), map[string]any{"V": v})
			both(t, layout("{{.V}}"), &struct{ V any }{v})
		}
		if both(t, layout("{{.Title}}{{.Sum}}{{.Words}}{{.Kind}}{{.HTML}}{{.Attr}}{{.Script}}{{.Number}}{{.NoOne}}{{.Time}}"), x) {
			t.Errorf("gave up in %s", name)
		}
		if err := c.frame.Execute(io.Discard, ""); err != nil {
			t.Fatal(err)
		}
		for _, n := range c.frame.Tree.Root.Nodes {
			if a, ok := n.(*parse.ActionNode); ok {
				if got, _ := chain(a.Pipe); got != name {
					t.Errorf("the frame of %q is for %q", name, got)
				}
			}
		}
	}
}

// FuzzEscape: what is written without html/template is what it would write.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "plain", `<a href="x">O'Neil & +1</a>`, "javascript:x", "HTTPS://a.example/b?c=d&e#f", "mailto:a@b.example", "/a%20b%2", "/a.jpg 320w, /b.jpg 1.5x", "a,b:c 1x", "\x00\xff\u2028"} {
		f.Add(s)
	}
	as := []func(string) any{
		func(s string) any { return s }, func(s string) any { return template.HTML(s) }, func(s string) any { return template.HTMLAttr(s) }, func(s string) any { return template.URL(s) },
		func(s string) any { return template.Srcset(s) }, func(s string) any { return template.JS(s) }, func(s string) any { return title{s, ""} }, func(s string) any { return kind(s) },
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, c := range contexts {
			for _, make := range as {
				v := make(s)
				r, p := &run{}, &printer{context: c}
				p.print(r, reflect.ValueOf(v))
				var want bytes.Buffer
				if err := c.frame.Execute(&want, v); err != nil {
					t.Fatal(err)
				}
				if got := c.before + r.out.String() + c.after; got != want.String() {
					t.Errorf("%s of %T %q\ngot  %q\nwant %q", name, v, s, got, want.String())
				}
			}
		}
	})
}

// TestUnescaped: what html/template has not escaped does not compile.
func TestUnescaped(t *testing.T) {
	for _, layout := range []string{`{{.}}`, `<a href="{{.Link}}">`, `{{if .}}{{print .}}{{end}}`, `{{define "x"}}{{.}}{{end}}{{template "x" .}}`} {
		set := template.Must(template.New("layout.html").Parse(layout))
		c := &compiler{set: set, bodies: map[string]*body{}}
		if _, err := c.compile("layout.html"); err == nil {
			t.Errorf("compiled: %s", layout)
		}
	}
}

// TestFragments: a part of a page is compiled after its first use, if it may stand alone, and by many at a time.
func TestFragments(t *testing.T) {
	s, err := New(fstest.MapFS{
		"templates/layout.html":  {Data: []byte(`{{template "a" .}}<a href="{{.}}">`)},
		"templates/parts/x.html": {Data: []byte(`{{define "a"}}<b>{{.}}</b>{{end}}{{define "alone"}}<i{{template "attrs" .}}>{{range .}}{{.}}{{end}}</i>{{end}}{{define "attrs"}} id="{{len .}}"{{end}}`)},
		"templates/pages/p.html": {Data: []byte(`{{define "odd"}}{{range .}}{{break}}{{end}}odd{{end}}`)},
	}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 3 {
				for name, want := range map[string]string{"a": "<b>[&lt;]</b>", "alone": `<i id="1">&lt;</i>`, "odd": "odd", "layout.html": `<b>[&lt;]</b><a href="[%3c]">`} {
					if got, err := s.Fragment("p", name, []string{"<"}); string(got) != want || err != nil {
						t.Errorf("%d %s: %q %v", i, name, got, err)
					}
				}
				if got, err := s.Fragment("p", "none", nil); err == nil {
					t.Errorf("none: %q", got)
				}
			}
		})
	}
	all.Wait()
	if b, _, err := s.pages["p"].part("a"); b == nil {
		t.Error(err)
	}
	if got := s.Slow(); len(got) != 2 || !strings.Contains(strings.Join(got, " "), "p odd: not compiled: unknown node {{break}}") {
		t.Errorf("slow: %q", got)
	}
}

// TestBrokenEscape: what html/template will not escape is found at start-up, or by the page that uses it.
func TestBrokenEscape(t *testing.T) {
	for _, layout := range []string{`<a href="{{if .}}">{{end}}x`, `{{template "none"}}`, `<a href=`} {
		s, err := New(fstest.MapFS{"templates/layout.html": {Data: []byte(layout)}, "templates/pages/p.html": {}}, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		_, late := s.Render("p", nil)
		if err = s.Compile(); fmt.Sprint(late) != fmt.Sprint(err) {
			t.Errorf("%s: %v, but %v when it is used", layout, err, late)
		}
		var broken *template.Error
		if !errors.As(err, &broken) {
			t.Errorf("%s: %v", layout, err)
		}
	}
}
