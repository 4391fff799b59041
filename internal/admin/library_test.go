package admin

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"plenary/internal/auth"
)

// file uploads one file by a script and gives its id.
func (b *browser) file(name, data string) string {
	b.h.t.Helper()
	p := b.upload("text/html", name, data)
	id := p.Find("li.mcard").AttrOr("data-id", "")
	if id == "" {
		b.h.t.Fatalf("upload %s: %d %.300s", name, p.status, p.body)
	}
	return id
}

// replaceFile sends a file's replacement as its page does.
func (b *browser) replaceFile(id, name, data string) *answer {
	b.h.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	w, err := m.CreateFormFile("file", name)
	b.h.must(err)
	_, err = io.WriteString(w, data)
	b.h.must(err)
	b.h.must(m.Close())
	return b.call(http.MethodPost, "/admin/media/"+id+"/replace", &body, "Content-Type", m.FormDataContentType())
}

// call sends a request as a script of the panel does; header is name, value pairs.
func (b *browser) call(method, path string, body io.Reader, header ...string) *answer {
	b.h.t.Helper()
	r, err := http.NewRequest(method, b.h.url+path, body)
	b.h.must(err)
	r.Header.Set("Origin", b.h.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return b.send(r)
}

// undo presses the button of the page's notice.
func (b *browser) undo(p *answer) *answer {
	b.h.t.Helper()
	f := p.Find(".notice form[action='/admin/media/undo']")
	if f.Length() != 1 {
		b.h.t.Fatalf("nothing to undo: %q", p.texts(".notice"))
	}
	return b.post("/admin/media/undo", "back", f.Find("[name=back]").AttrOr("value", ""), "batch", f.Find("[name=batch]").AttrOr("value", ""))
}

// A file goes into the trash and comes back, by the notice, by the trash and by its page; from the trash it can be removed for good.
func TestFilesInTheTrash(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	id := b.file("minutes.txt", "words")
	names := func() string { return strings.Join(b.page("/admin/media").texts(".mcard b"), " ") }
	if p := b.post("/admin/media/" + id + "/delete"); p.to != "/admin/media" {
		t.Fatalf("%d to %q", p.status, p.to)
	}
	p := b.page("/admin/media")
	if p.Find(".mcard").Length() != 0 {
		t.Error("the file is still in the library")
	}
	if p := b.undo(p); p.to != "/admin/media" || names() != "minutes.txt" {
		t.Errorf("undone: to %q, %q", p.to, names())
	}
	b.post("/admin/media/" + id + "/delete")
	p = b.page("/admin/trash/files")
	if got := p.texts("tbody th a"); len(got) != 1 || got[0] != "minutes.txt" || p.Find(".tabs [aria-current=page]").AttrOr("href", "") != "/admin/trash/files" {
		t.Errorf("the trash has %q", got)
	}
	p = b.page("/admin/media/" + id)
	if p.Find("button[value=restore]").Length() != 1 || p.Find("input[name=name],[type=file]").Length() != 0 {
		t.Error("the page of a file in the trash offers to change it")
	}
	if p := b.post("/admin/media/"+id, "op", "rename", "name", "x.txt"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("renamed in the trash: %d", p.status)
	}
	if b.post("/admin/trash/files", "id", id); names() != "minutes.txt" {
		t.Errorf("brought back: %q", names())
	}
	if p := b.post("/admin/media/"+id, "op", "purge"); p.status != http.StatusConflict {
		t.Errorf("removed for good without the trash: %d", p.status)
	}
	b.post("/admin/media/" + id + "/delete")
	if p := b.post("/admin/media/"+id, "op", "purge"); p.to != "/admin/trash/files" {
		t.Errorf("removed for good: %d to %q", p.status, p.to)
	}
	if p := b.get("/admin/media/" + id); p.status != http.StatusNotFound {
		t.Errorf("removed: %d", p.status)
	}
	// A contributor deletes and brings back what is her own, and sees nothing of others' in the trash.
	own := h.as("contributor", site(auth.Contributor))
	theirs, hers := b.file("a.txt", "a"), own.file("b.txt", "b")
	b.post("/admin/media/" + theirs + "/delete")
	if p := own.post("/admin/media/" + hers + "/delete"); p.status != http.StatusSeeOther {
		t.Errorf("her own: %d", p.status)
	}
	if got := own.page("/admin/trash/files").texts("tbody th a"); len(got) != 1 || got[0] != "b.txt" {
		t.Errorf("her trash: %q", got)
	}
	if p := own.post("/admin/trash/files", "id", theirs); p.status != http.StatusForbidden {
		t.Errorf("others' file: %d", p.status)
	}
}

// A file is replaced under its address; its earlier versions are there for staff, and come back.
func TestAReplacedFile(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	id := b.file("Paper.pdf", "%PDF-1.4\nfirst")
	address := "/admin/media/" + id + "/paper.pdf"
	for what, c := range map[string][2]string{"same kind": {"x.txt", "words"}, "already": {"x.pdf", "%PDF-1.4\nfirst"}, "too large": {"x.pdf", "%PDF-1.4\n" + strings.Repeat("x", 2<<20)}} {
		p := b.replaceFile(id, c[0], c[1])
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find("#file-err").Text(), what) || p.Find("#problems a[href='#file']").Length() != 1 {
			t.Errorf("%s: %d %q", what, p.status, p.Find("#file-err").Text())
		}
	}
	if p := b.replaceFile(id, "other.pdf", "%PDF-1.4\nsecond"); p.to != "/admin/media/"+id {
		t.Fatalf("replaced: %d to %q", p.status, p.to)
	}
	p := b.page("/admin/media/" + id)
	if got := b.get(address); got.body == "" || !strings.Contains(got.body, "second") || p.Find("h1").Text() != "Paper.pdf" {
		t.Errorf("%s: %d %q", address, got.status, got.body)
	}
	old := p.Find("section[aria-labelledby=versions] .list a").AttrOr("href", "")
	if got := b.get(old); got.status != http.StatusOK || !strings.Contains(got.body, "first") || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s: %d %v", old, got.status, got.header)
	}
	b.undo(p)
	if got := b.get(address); !strings.Contains(got.body, "first") {
		t.Errorf("undone: %q", got.body)
	}
	if p := b.post("/admin/media/"+id, "op", "version", "version", "2"); p.status != http.StatusSeeOther || !strings.Contains(b.get(address).body, "second") {
		t.Errorf("an earlier version: %d", p.status)
	}
	for _, number := range []string{"", "x", "-1", "99"} {
		if p := b.post("/admin/media/"+id, "op", "version", "version", number); p.status != http.StatusBadRequest && p.status != http.StatusNotFound {
			t.Errorf("version %q: %d", number, p.status)
		}
	}
	if got := b.page("/admin/media/" + id).Find("section[aria-labelledby=changes] li").Length(); got != 3 {
		t.Errorf("%d changes", got)
	}
}

// Folders, what a file shows, and the filters by which one finds what lacks something; several files at once.
func TestTheLibraryInOrder(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	pic, note := b.file("hall.png", picture(t)), b.file("note.txt", "words")
	found := func(query string) string {
		return strings.Join(b.page("/admin/media?"+query).texts(".mcard b"), " ")
	}
	if p := b.post("/admin/media", "op", "move", "id", pic, "id", note, "folder", "Meetings / 2027", "back", "/admin/media?kind=picture"); p.to != "/admin/media?kind=picture" {
		t.Errorf("moved: %d to %q", p.status, p.to)
	}
	moved := b.page("/admin/media")
	if got := moved.texts(".infolder"); len(got) != 2 || got[0] != "Meetings/2027" {
		t.Errorf("folders %q", got)
	}
	if got := moved.Find("select[name=folder] option").Length(); got != 3 {
		t.Errorf("%d folders to filter by", got)
	}
	for query, want := range map[string]string{"folder=Meetings": "note.txt hall.png", "folder=Meetings%2F2027&kind=picture": "hall.png", "folder=%2F": "", "use=none": "note.txt hall.png", "alt=fr": "hall.png", "consent=missing": "hall.png", "mine=1": "note.txt hall.png", "q=hall": "hall.png"} {
		if got := found(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"use=all", "alt=xx", "consent=given", "place=x", "folder=a&folder=b"} {
		if p := b.get("/admin/media?" + query); p.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, p.status)
		}
	}
	if p := b.page("/admin/media?q=nothing+like+it"); p.Find(".blank a, .blank p").Length() == 0 {
		t.Error("nothing helps where nothing is found")
	}
	b.undo(moved)
	if got := found("folder=%2F"); got != "note.txt hall.png" {
		t.Errorf("undone: %q", got)
	}
	// What it shows: problems beside their fields, with what was typed.
	p := b.post("/admin/media/"+pic, "op", "describe", "alt@en", "A hall", "alt@fr", strings.Repeat("é", 251), "consent", "given", "consent_until", "some day", "credit", "Office")
	if p.status != http.StatusUnprocessableEntity || p.Find("[id='alt@fr-err']").Length() != 1 || p.Find("#consent_until-err").Length() != 1 || p.Find("[id='alt@en']").Text() != "A hall" || p.Find("#credit").AttrOr("value", "") != "Office" || p.Find("#problems a").Length() != 2 {
		t.Errorf("%d, %q", p.status, p.texts(".err"))
	}
	if p := b.post("/admin/media/"+pic, "op", "describe", "alt@en", "A hall", "alt@fr", "Une salle", "consent", "given", "consent_until", "31 December 2027", "credit", "Office", "consent_note", "File 12"); p.status != http.StatusSeeOther {
		t.Fatalf("%d, %q", p.status, p.texts(".err"))
	}
	p = b.page("/admin/media/" + pic)
	if p.Find("#consent_until").AttrOr("value", "") != "31 December 2027" || p.Find("select#consent option[selected]").AttrOr("value", "") != "given" || p.Find("[id='alt@fr']").Text() != "Une salle" {
		t.Error("what was said is not shown")
	}
	if got := found("alt=fr") + found("consent=missing"); got != "" {
		t.Errorf("still lacking: %q", got)
	}
	if got := b.page("/admin/media?kind=picture").Find(".mcard").Text(); !strings.Contains(got, "No alternative text: ") || strings.Contains(got, "English") {
		t.Errorf("the card says %q", got)
	}
	b.undo(p)
	if got := found("alt=fr"); got != "hall.png" {
		t.Errorf("the description undone: %q", got)
	}
	if p := b.post("/admin/media/"+pic, "op", "move", "folder", strings.Repeat("a/", 10)); p.status != http.StatusUnprocessableEntity || p.Find("#folder-err").Length() != 1 {
		t.Errorf("a deep folder: %d", p.status)
	}
	// Several into the trash, and back; nothing chosen.
	b.post("/admin/media", "op", "trash", "id", pic, "id", note, "id", "zzzzzzzzzzzz")
	p = b.page("/admin/media")
	if p.Find(".mcard").Length() != 0 {
		t.Error("files that were moved to trash are in the library")
	}
	b.undo(p)
	if got := found(""); got != "note.txt hall.png" {
		t.Errorf("back: %q", got)
	}
	if b.post("/admin/media", "op", "trash"); !strings.Contains(b.page("/admin/media").Find(".notice").Text(), "No file") {
		t.Error("nothing chosen is not said")
	}
	if p := b.post("/admin/media", "op", "publish", "id", pic); p.status != http.StatusBadRequest {
		t.Errorf("no such thing to do: %d", p.status)
	}
	for _, back := range []string{"https://evil.example/", "//evil.example", "/admin/users", ""} {
		if p := b.post("/admin/media", "op", "move", "id", pic, "folder", "A", "back", back); p.to != "/admin/media" {
			t.Errorf("back to %q leads to %q", back, p.to)
		}
	}
	if p := b.post("/admin/media/undo", "batch", "nosuchbatch"); p.status != http.StatusSeeOther || b.page("/admin/media").Find(".notice.error").Length() != 1 {
		t.Errorf("undo of nothing: %d", p.status)
	}
}

// An upload in pieces as the script sends it, with a connection that broke in between.
func TestUploadInPieces(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	data := strings.Repeat("some words of a long note. ", 30_000)[:700_000]
	begin := func(name string, size int) *answer {
		return b.post("/admin/uploads", "name", name, "size", strconv.Itoa(size), "print", "p1", "folder", "Notes")
	}
	at := func(p *answer) int {
		n, err := strconv.Atoi(p.header.Get("Upload-Offset"))
		if err != nil {
			t.Fatalf("%d, %v", p.status, p.header)
		}
		return n
	}
	for _, c := range [][2]string{{"", "5"}, {"x", "five"}, {"x", ""}} {
		if p := b.post("/admin/uploads", "name", c[0], "size", c[1]); p.status != http.StatusBadRequest {
			t.Errorf("%q: %d", c, p.status)
		}
	}
	if p := begin("big.bin", 3<<20); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find(".err").Text(), "too large") {
		t.Errorf("too large: %d %q", p.status, p.body)
	}
	p := begin("long.txt", len(data))
	to := p.header.Get("Location")
	if p.status != http.StatusCreated || at(p) != 0 || !strings.HasPrefix(to, "/admin/uploads/") {
		t.Fatalf("begun: %d %v", p.status, p.header)
	}
	send := func(offset int, piece string) *answer {
		return b.call(http.MethodPatch, to, strings.NewReader(piece), "Content-Type", pieceType, "Upload-Offset", strconv.Itoa(offset))
	}
	if p := send(0, data[:300_000]); p.status != http.StatusNoContent || at(p) != 300_000 {
		t.Errorf("a piece: %d %v", p.status, p.header)
	}
	if p := send(0, data[:300_000]); p.status != http.StatusConflict || at(p) != 300_000 {
		t.Errorf("the same once more: %d %v", p.status, p.header)
	}
	if p := b.call(http.MethodPatch, to, strings.NewReader("x"), "Content-Type", "text/plain", "Upload-Offset", "300000"); p.status != http.StatusUnsupportedMediaType {
		t.Errorf("no piece: %d", p.status)
	}
	if p := b.call(http.MethodHead, to, nil); at(p) != 300_000 || p.header.Get("Upload-Length") != "700000" {
		t.Errorf("how far: %d %v", p.status, p.header)
	}
	if p := begin("long.txt", len(data)); p.header.Get("Location") != to || at(p) != 300_000 {
		t.Errorf("chosen again: %v", p.header)
	}
	// The library tells of it; somebody else knows nothing of it.
	if p := b.page("/admin/media"); !strings.Contains(p.Find("#unfinished li").Text(), "long.txt") || p.Find("#unfinished progress").AttrOr("value", "") != "42" {
		t.Errorf("unfinished: %q", p.Find("#unfinished").Text())
	}
	other := h.as("other", site(auth.Editor))
	for _, p := range []*answer{other.call(http.MethodHead, to, nil), other.post(to + "/delete"), other.call(http.MethodPatch, to, strings.NewReader(data[300_000:]), "Content-Type", pieceType, "Upload-Offset", "300000")} {
		if p.status != http.StatusNotFound {
			t.Errorf("another's upload: %d", p.status)
		}
	}
	p = send(300_000, data[300_000:])
	id := p.Find("li.mcard").AttrOr("data-id", "")
	if p.status != http.StatusOK || id == "" || p.Find("input[name=id]").Length() != 1 {
		t.Fatalf("whole: %d %.300s", p.status, p.body)
	}
	if p := send(len(data), ""); p.Find("li.mcard").AttrOr("data-id", "") != id {
		t.Errorf("the answer once more: %d", p.status)
	}
	found, err := h.media.Get(t.Context(), id)
	h.must(err)
	if f := found[id]; f == nil || f.Folder != "Notes" || f.Size != int64(len(data)) {
		t.Errorf("the file %+v", f)
	}
	if got := b.get("/admin/media/" + id + "/" + url.PathEscape("long.txt")); got.body == "" || strings.Count(got.body, "some words") < 20_000 {
		t.Errorf("%d bytes come back", len(got.body))
	}
	// For a field of an entry: it belongs where the entry does, and comes back as the field shows it.
	for _, query := range []string{"kind=zz&name=image.file", "kind=news&name=title", "kind=news&name=image.file&entry=zzzzzzzzzzzz"} {
		if p := b.post("/admin/uploads?"+query, "name", "x.txt", "size", "5"); p.status < 400 || p.status >= 500 || p.header.Get("Location") != "" {
			t.Errorf("%s: %d", query, p.status)
		}
	}
	p = b.post("/admin/uploads?kind=news&name=image.file", "name", "hall.png", "size", strconv.Itoa(len(picture(t))))
	to = p.header.Get("Location")
	if p = send(0, picture(t)); p.status != http.StatusOK || p.Find("li.filechip input[name='image.file']").AttrOr("value", "") == "" {
		t.Errorf("for a field: %d %q", p.status, p.body)
	}
	// What is not accepted when it is whole; and one that is given up.
	p = begin("not.gif", 100_000)
	to = p.header.Get("Location")
	if p := send(0, "GIF89a\xff\xff\xff\xff"+strings.Repeat("\x00", 100_000-10)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.Find(".err").Text(), "pixels") {
		t.Errorf("no picture: %d %q", p.status, p.body)
	}
	to = begin("left.txt", 5000).header.Get("Location")
	if p := b.post(to + "/delete"); p.to != "/admin/media" || b.page("/admin/media").Find("#unfinished").Length() != 0 {
		t.Errorf("given up: %d", p.status)
	}
	if open, err := h.media.Partials(t.Context(), nil); err != nil || len(open) != 0 {
		t.Error(open, err)
	}
}

// The fields beside a file that is chosen begin with what the library says of it; what is written there stays.
func TestEntriesBeginWithWhatTheLibrarySays(t *testing.T) {
	h := open(t)
	b := h.as("editor", site(auth.Editor))
	pic := b.file("hall.png", picture(t))
	b.post("/admin/media/"+pic, "op", "describe", "alt@en", "A hall", "alt@fr", "Une salle", "credit", "Office")
	words := b.page("/admin/media/" + pic + "/words")
	if got := words.texts("[data-fill]"); strings.Join(got, ", ") != "A hall, Une salle, Office" || words.Find("[data-fill='alt@fr']").Text() != "Une salle" {
		t.Errorf("a script gets %q", got)
	}
	if p := b.get("/admin/media/zzzzzzzzzzzz/words"); p.status != http.StatusNotFound {
		t.Errorf("of no file: %d", p.status)
	}
	field := func(p *answer, name string) string {
		f := p.Find("[name='" + name + "']")
		return f.AttrOr("value", f.Text())
	}
	p := b.post("/admin/news/new", "op", "pick image.file "+pic, "title@en", "News", "image.file", "")
	if field(p, "image.alt@en") != "A hall" || field(p, "image.credit") != "Office" {
		t.Errorf("empty fields: %d, %q, %q", p.status, field(p, "image.alt@en"), field(p, "image.credit"))
	}
	b.post("/admin/media/"+pic, "op", "describe", "alt@en", "A hall", "credit", "Office", "consent", "refused")
	p = b.post("/admin/news/new", "op", "pick image.file "+pic, "title@en", "News", "image.file", "", "image.alt@en", "Ours", "image.credit", "Us")
	if field(p, "image.alt@en") != "Ours" || field(p, "image.credit") != "Us" {
		t.Errorf("what was written: %q, %q", field(p, "image.alt@en"), field(p, "image.credit"))
	}
	if got := p.Find(".filechip .tag").Text(); !strings.Contains(got, "refused") {
		t.Errorf("consent was refused, and the form says %q", got)
	}
}
