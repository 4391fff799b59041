package admin

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func picture(t *testing.T) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 40))
	for x := range 64 {
		m.Set(x, x%40, color.RGBA{uint8(x * 4), 90, 160, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMediaLibrary(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	if p := b.page("/admin/media"); p.Find(".blank").Length() != 1 || p.Find(`form[enctype="multipart/form-data"] input[type=file][multiple]`).Length() != 1 {
		t.Error("the empty library")
	}
	// A plain form: several files at once, back to the library.
	if p := b.upload("", "plan.png", picture(t), "note.txt", "Some words."); p.status != http.StatusSeeOther || p.to != "/admin/media" {
		t.Fatalf("%d to %q\n%.500s", p.status, p.to, p.body)
	}
	p := b.page("/admin/media")
	if got := p.texts(".mcard b"); len(got) != 2 || p.texts(".notice")[0] != "Files uploaded: 2." {
		t.Errorf("files %q, told %q", got, p.texts(".notice"))
	}
	if got := b.page("/admin/media?kind=picture").texts(".mcard b"); len(got) != 1 || got[0] != "plan.png" {
		t.Errorf("pictures: %q", got)
	}
	if got := b.page("/admin/media?q=NOTE").texts(".mcard b"); len(got) != 1 {
		t.Errorf("search: %q", got)
	}
	if p := b.get("/admin/media?kind=secret"); p.status != http.StatusBadRequest {
		t.Errorf("no such type: %d", p.status)
	}
	// A script gets a card, or the reason.
	p = b.upload("text/html", "one.txt", "words")
	id := p.Find("li.mcard").AttrOr("data-id", "")
	if p.status != http.StatusOK || id == "" || p.Find("html[lang]").Length() != 0 {
		t.Errorf("script: %d %.300s", p.status, p.body)
	}
	if p := b.upload("text/html", "empty.txt", ""); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find(".err").Text(), "empty") {
		t.Errorf("an empty file: %d %q", p.status, p.body)
	}
	if p := b.upload("text/html", "big.bin", strings.Repeat("x", 2<<20+1)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find(".err").Text(), "too large") {
		t.Errorf("too large: %d %q", p.status, p.body)
	}
	if p := b.upload("", "empty.txt", ""); p.status != http.StatusSeeOther {
		t.Errorf("an empty file by a plain form: %d", p.status)
	}
	if got := b.page("/admin/media").texts(".notice"); len(got) != 1 || !strings.Contains(got[0], "empty.txt: ") {
		t.Errorf("told: %q", got)
	}
	if p := b.post("/admin/media/upload", "file", "x"); p.status != http.StatusUnsupportedMediaType {
		t.Errorf("not multipart: %d", p.status)
	}
	// Name, and the original for who may have it: as a download, in a sandbox.
	b.post("/admin/media/"+id, "op", "rename", "name", "Minutes of May.txt")
	p = b.page("/admin/media/" + id)
	if got := p.Find("h1").Text(); got != "Minutes of May.txt" {
		t.Errorf("name %q", got)
	}
	original := p.Find("a[download]").AttrOr("href", "")
	f := b.get(original)
	if f.status != http.StatusOK || f.body != "words" && !strings.Contains(f.body, "words") || !strings.Contains(f.header.Get("Content-Security-Policy"), "sandbox") || strings.Contains(f.header.Get("Cache-Control"), "public") || !strings.HasPrefix(f.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s: %d %v", original, f.status, f.header)
	}
	if p := h.visitor().get(original); p.status != http.StatusSeeOther {
		t.Errorf("a stranger at the original: %d", p.status)
	}
	if p := b.post("/admin/media/"+id, "op", "rename", "name", " "); p.status != http.StatusUnprocessableEntity || p.Find("#name-err").Length() != 1 {
		t.Errorf("no name: %d", p.status)
	}
	if p := b.post("/admin/media/"+id, "op", "focus", "focus_x", "200", "focus_y", "5"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("focus outside: %d", p.status)
	}
	// A picture: previews, focal point, where it is used, not deleted while it is.
	h.must(h.Admin.media.Drain(t.Context()))
	pic := b.page("/admin/media?kind=picture").Find(".mcard").AttrOr("data-id", "")
	p = b.page("/admin/media/" + pic)
	if p.Find("[data-focal] img").Length() != 1 || p.Find(".crops img").Length() != 2 {
		t.Error("no preview")
	}
	if got := b.get(p.Find("[data-focal] img").AttrOr("src", "")); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "image/") {
		t.Errorf("preview: %d", got.status)
	}
	b.post("/admin/media/"+pic, "op", "focus", "focus_x", "20", "focus_y", "30")
	if files, err := h.Admin.media.Get(t.Context(), pic); err != nil || files[pic].FocusX != 20 || files[pic].FocusY != 30 {
		t.Errorf("focus: %+v", files[pic])
	}
	// The log names the file on every line, also on those that tell only what changed about it.
	for _, line := range h.as("admin", site(auth.Admin)).page("/admin/log?entry=" + pic).texts("tbody tr td:last-child a") {
		if line != "plan.png" {
			t.Errorf("the log links the file by %q", line)
		}
	}
	used, err := h.content.Save(t.Context(), system, content.Change{Kind: kind.NewsKind, Original: i18n.EN,
		Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", "With a picture"), Image: kind.Picture{File: content.FileRef(pic)}})})
	h.must(err)
	p = b.page("/admin/media/" + pic)
	if got := p.Find(`section[aria-labelledby=used] a`).AttrOr("href", ""); got != "/admin/news/"+used.ID {
		t.Errorf("used by %q", got)
	}
	if p := b.post("/admin/media/" + pic + "/delete"); p.status != http.StatusConflict || p.Find(".notice.error").Length() != 1 {
		t.Errorf("deleting what is in use: %d", p.status)
	}
	if p := b.post("/admin/media/" + id + "/delete"); p.status != http.StatusSeeOther {
		t.Errorf("deleting: %d", p.status)
	}
	if p := b.page("/admin/media"); strings.Contains(p.Find("#files").Text(), "Minutes of May.txt") {
		t.Error("a deleted file is in the library")
	}
	// Who may only read cannot upload, rename or delete, and is not offered to.
	o := h.as("observer", site(auth.Observer))
	if p := o.upload("text/html", "x.txt", "x"); p.status != http.StatusForbidden {
		t.Errorf("observer uploads: %d", p.status)
	}
	if p := o.page("/admin/media/" + pic); p.Find("main button,main input[name]:not([name=op]),[data-focal]").Length() != 0 {
		t.Error("an observer is offered to change a file")
	}
	// What a partner uploads belongs to her organisation.
	office := h.organization("Partner")
	partner := h.as("partner", auth.Grant{Role: auth.PartnerEditor, Scope: auth.ScopeOrganisation, ScopeID: office})
	theirs := partner.upload("text/html", "paper.txt", "partner's words").Find(".mcard").AttrOr("data-id", "")
	if files, err := h.Admin.media.Get(t.Context(), theirs); err != nil || files[theirs].Office != office {
		t.Errorf("the partner's file: %v", files[theirs])
	}
}

// Who works for several organizations says which one uploaded files are for, before the files; a strange one counts for nothing.
func TestUploadsChooseTheirOffice(t *testing.T) {
	h := open(t)
	alpha, beta, other := h.organization("Alpha"), h.organization("Beta"), h.organization("Other")
	b := h.as("two", auth.Grant{Role: auth.Editor, Scope: auth.ScopeOrganisation, ScopeID: alpha}, auth.Grant{Role: auth.Editor, Scope: auth.ScopeOrganisation, ScopeID: beta})
	form := b.page("/admin/media").Find("form[enctype='multipart/form-data']")
	if got := form.Find("select[name=office] option").Length(); got != 2 {
		t.Fatalf("%d organizations are offered", got)
	}
	if p := h.as("one", auth.Grant{Role: auth.Editor, Scope: auth.ScopeOrganisation, ScopeID: alpha}).page("/admin/media"); p.Find("select[name=office]").Length() != 0 {
		t.Error("who has one organization is asked")
	}
	for _, office := range []string{alpha, beta} {
		p := b.uploadFor(office, "text/html", office+".txt", "words of "+office)
		id := p.Find("li.mcard").AttrOr("data-id", "")
		found, err := h.media.Get(t.Context(), id)
		h.must(err)
		if f := found[id]; f == nil || f.Object().Office != office {
			t.Errorf("for %s: %d, %+v", office, p.status, f)
		}
	}
	p := b.uploadFor(other, "text/html", "x.txt", "words")
	id := p.Find("li.mcard").AttrOr("data-id", "")
	found, err := h.media.Get(t.Context(), id)
	h.must(err)
	if f := found[id]; f == nil || f.Object().Office == other {
		t.Errorf("for a strange organization: %d, %+v", p.status, f)
	}
}
