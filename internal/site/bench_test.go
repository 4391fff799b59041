package site

import (
	"bytes"
	"html/template"
	"net/http"
	"net/http/httptest"
	"testing"

	"plenary/internal/i18n"
)

func bench(b *testing.B, keep int64, path func(*world) string) {
	h := open(b, keep)
	at := "/en/" + path(h.build())
	r := request(http.MethodGet, at)
	r.Header.Set("Accept-Encoding", "gzip")
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkEvent(b *testing.B)     { bench(b, 0, func(w *world) string { return w.eventPath }) }
func BenchmarkNews(b *testing.B)      { bench(b, 0, func(w *world) string { return w.newsPath }) }
func BenchmarkList(b *testing.B)      { bench(b, 0, func(*world) string { return "events" }) }
func BenchmarkHome(b *testing.B)      { bench(b, 0, func(*world) string { return "" }) }
func BenchmarkKeptEvent(b *testing.B) { bench(b, 1<<20, func(w *world) string { return w.eventPath }) }

// BenchmarkTemplates compares executing the templates of an event's page, all else being done, with what html/template
// takes for the same.
func BenchmarkTemplates(b *testing.B) {
	h := open(b, 0)
	live, err := h.content.Live(ctx, i18n.EN, h.build().eventPath)
	if err != nil {
		b.Fatal(err)
	}
	entry, err := h.newEntryPage(ctx, live)
	if err != nil {
		b.Fatal(err)
	}
	page, data, err := h.eventPage(entry)
	if err != nil {
		b.Fatal(err)
	}
	set := template.Must(template.New("").Funcs(template.FuncMap{"asset": h.asset, "dict": dict}).
		ParseFS(h.Theme, "templates/layout.html", "templates/parts/*.html", "templates/pages/"+page+".html"))
	var out bytes.Buffer
	executed := func() []byte {
		out.Reset()
		if err := set.ExecuteTemplate(&out, "layout.html", data); err != nil {
			b.Fatal(err)
		}
		return out.Bytes()
	}
	compiled := func() []byte {
		body, err := h.views.Render(page, data)
		if err != nil {
			b.Fatal(err)
		}
		return body
	}
	if !bytes.Equal(compiled(), executed()) {
		b.Fatal("the pages differ")
	}
	for name, f := range map[string]func() []byte{"compiled": compiled, "html-template": executed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
