package site

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plenary/internal/docx"
	"plenary/internal/kind"
)

func TestTheFormAsADocument(t *testing.T) {
	h := open(t, 1<<20)
	_, form := h.registering(func(e *kind.Event) { e.Registration.Mailbox = "forms@office.example" })
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, baseURL+path, nil))
		return w
	}
	link := h.get("/ar/" + form).Find(`a[href$=".docx"]`)
	if link.AttrOr("href", "") != "/ar/"+form+"/form.docx" || !strings.Contains(link.Parent().Text(), "forms@office.example") {
		t.Fatalf("the document is not offered: %s", link.Parent().Text())
	}
	w := get("/ar/" + form + "/form.docx")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != docx.Type || w.Header().Get("Cache-Control") != "no-store" || !strings.HasSuffix(w.Header().Get("Content-Disposition"), `-ar.docx"`) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if _, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len())); err != nil {
		t.Error(err)
	}
	_, other := h.registering(func(e *kind.Event) { e.Title = line("No mailbox", "بلا بريد", "Sans adresse") })
	if h.get("/en/"+other).Find(`a[href$=".docx"]`).Length() > 0 || get("/en/"+other+"/form.docx").Code != http.StatusNotFound {
		t.Error("a document is offered where nobody takes it")
	}
}
