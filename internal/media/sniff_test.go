package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pngHeader is a PNG that announces a size and holds nothing.
func pngHeader(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

type entry struct {
	name string
	data string
	zero int // so many zero bytes instead
}

func archive(entries ...entry) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.name == "mimetype" {
			h.Method = zip.Store
		}
		if strings.HasPrefix(e.data, "->") {
			h.SetMode(0o777 | 1<<27) // a symbolic link
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			panic(err)
		}
		if e.zero > 0 {
			_, err = io.CopyN(w, zeros{}, int64(e.zero))
		} else {
			_, err = io.WriteString(w, e.data)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func docx(more ...entry) []byte {
	return archive(append([]entry{{name: "[Content_Types].xml", data: "<Types/>"}, {name: "word/document.xml", data: "<document/>"}}, more...)...)
}

func jpegOf(w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func gifOf(w, h int, comment string) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White}), nil); err != nil {
		panic(err)
	}
	return append(b.Bytes(), comment...)
}

// manyScans is a progressive JPEG of a large picture with a great number of tiny scans.
func manyScans(n int) []byte {
	b := []byte("\xff\xd8\xff\xc2\x00\x0b\x08\x10\x00\x10\x00\x01\x01\x11\x00")
	for range n {
		b = append(b, "\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00\x00"...)
	}
	return append(b, "\xff\xd9"...)
}

// hostile is what strangers send: what becomes of it, and for how an accepted one is served.
var hostile = []struct {
	name string
	data func() []byte
	kind Kind   // of an accepted one
	typ  string // as stored
	want string // the problem of a refused one
}{
	{"bomb.png", func() []byte { return pngHeader(60_000, 60_000) }, "", "", "media.problem.picture_too_large"},
	{"max.png", func() []byte { return pngHeader(1<<31-1, 1<<31-1) }, Other, octets, ""}, // the decoder refuses the header itself
	{"long.png", func() []byte { return pngHeader(12_001, 1) }, "", "", "media.problem.picture_too_large"},
	{"area.png", func() []byte { return pngHeader(8_000, 8_000) }, "", "", "media.problem.picture_too_large"},
	{"header.png", func() []byte { return pngHeader(100, 100) }, Picture, "image/png", ""},
	{"scans.jpg", func() []byte { return manyScans(5000) }, "", "", "media.problem.picture_hostile"},
	{"truncated.jpg", func() []byte { return jpegOf(300, 300)[:700] }, Picture, "image/jpeg", ""},
	{"head.jpg", func() []byte { return jpegOf(300, 300)[:20] }, Other, octets, ""},
	{"polyglot.html", func() []byte { return gifOf(10, 10, "<html><script>alert(1)</script>") }, Picture, "image/gif", ""},
	{"not.gif", func() []byte { return []byte("GIF89a<html><script>alert(1)</script>") }, "", "", "media.problem.picture_too_large"}, // its first letters are a size
	{"evil.svg", func() []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	}, Other, "image/svg+xml", ""},
	{"evil.png", func() []byte { return []byte("<?xml version='1.0'?>\n<!-- x --><svg onload='alert(1)'/>") }, Other, "image/svg+xml", ""},
	{"page.txt", func() []byte { return []byte("hello <ScRipt>alert(1)</ScRipt>") }, Other, "text/html", ""},
	{"page.pdf", func() []byte { return []byte("\n\n <!doctype html><p>x") }, Other, "text/html", ""},
	{"x.xml", func() []byte { return []byte("<a/>") }, Other, "text/xml", ""},
	{"script.js", func() []byte { return []byte("alert(1)") }, Other, "text/plain", ""},
	{"program.jpg", func() []byte { return []byte("MZ\x90\x00\x03\x00") }, Other, octets, ""},
	{"utf16.html", func() []byte { return []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00") }, Other, octets, ""},
	{"bomb.docx", func() []byte { return docx(entry{name: "word/media/zero.bin", zero: 64 << 20}) }, "", "", "media.problem.archive_hostile"},
	{"up.docx", func() []byte { return docx(entry{name: "../../etc/cron.d/x", data: "x"}) }, "", "", "media.problem.archive_hostile"},
	{"abs.docx", func() []byte { return docx(entry{name: "/etc/x", data: "x"}) }, "", "", "media.problem.archive_hostile"},
	{"back.docx", func() []byte { return docx(entry{name: `word\..\x`, data: "x"}) }, "", "", "media.problem.archive_hostile"},
	{"link.docx", func() []byte { return docx(entry{name: "word/link", data: "->/etc/passwd"}) }, "", "", "media.problem.archive_hostile"},
	{"twice.docx", func() []byte { return docx(entry{name: "word/document.xml", data: "<other/>"}) }, "", "", "media.problem.archive_hostile"},
	{"many.docx", func() []byte {
		e := make([]entry, maxEntries)
		for i := range e {
			e[i].name = fmt.Sprintf("w/%d", i)
		}
		return docx(e...)
	}, "", "", "media.problem.archive_hostile"},
	{"verymany.zip", func() []byte {
		e := make([]entry, 50_000)
		for i := range e {
			e[i].name = fmt.Sprintf("w/%d", i)
		}
		return archive(e...)
	}, "", "", "media.problem.archive_hostile"},
	{"macro.docx", func() []byte { return docx(entry{name: "word/vbaProject.bin", data: "x"}) }, Other, octets, ""},
	{"pages.docx", func() []byte {
		return docx(entry{name: "docProps/app.xml", data: "<Properties><Pages>999999999999999999999</Pages></Properties>"})
	}, Office, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ""},
	{"zero.zip", func() []byte { return archive(entry{name: "zero", zero: 64 << 20}) }, Other, "application/zip", ""}, // never unpacked by us
	{"up.zip", func() []byte { return archive(entry{name: "../x", data: "x"}) }, Other, "application/zip", ""},
	{"fake.zip", func() []byte { return []byte("PK\x03\x04 nothing more") }, Other, octets, ""},
	{"fake.pdf", func() []byte { return []byte("%PDF-1.7\nstartxref\n9\n%%EOF") }, PDF, "application/pdf", ""},
	{"late.pdf", func() []byte { return []byte("<script>alert(1)</script>%PDF-1.7\n") }, Other, "text/html", ""},
	{"fake.mp4", func() []byte { return []byte("\x00\x00\x00\x18ftypisom<script>alert(1)</script>") }, Video, "video/mp4", ""},
}

func TestHostileFiles(t *testing.T) {
	s := newDiskStore(t, Limits{})
	s.IsPublic = public
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			data := c.data()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			f, err := s.Upload(t.Context(), program, Upload{Name: c.name, Body: bytes.NewReader(data)})
			runtime.ReadMemStats(&after)
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 100<<20 || time.Since(start) > 2*time.Second {
				t.Errorf("took %d MiB and %v", grown>>20, time.Since(start))
			}
			if c.want != "" {
				var p *Problem
				if !errors.As(err, &p) || p.Key != c.want {
					t.Fatalf("%v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind != c.kind || f.Type != c.typ || f.Pages != 0 {
				t.Fatalf("kind %s type %s pages %d, want %s %s", f.Kind, f.Type, f.Pages, c.kind, c.typ)
			}
			drain(t, s)
			w, err := serve(s, "GET", f.ID, slugName(f.Name, f.Type), everyone)
			if err != nil {
				t.Fatal(err)
			}
			h := w.Header()
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
				t.Errorf("headers %v", h)
			}
			active := strings.Contains(h.Get("Content-Type"), "html") || strings.Contains(h.Get("Content-Type"), "xml+") || strings.Contains(h.Get("Content-Type"), "svg") || h.Get("Content-Type") == "text/xml"
			inline := strings.HasPrefix(h.Get("Content-Disposition"), "inline")
			if active || inline != (f.Kind == PDF || f.Kind == Video) {
				t.Errorf("served as %s, %s", h.Get("Content-Type"), h.Get("Content-Disposition"))
			}
		})
	}
	rows, notes := stored(t, s)
	if notes != 0 || objects(t, s) != rows {
		t.Errorf("%d rows, %d notes, %d objects", rows, notes, objects(t, s))
	}
}

// What the header promised and the rest does not keep has no renditions; what decodes shows nothing but its pixels.
func TestBrokenPicturesFail(t *testing.T) {
	s := newDiskStore(t, Limits{})
	s.IsPublic = public
	for name, data := range map[string][]byte{"header.png": pngHeader(100, 100), "cut.jpg": jpegOf(300, 300)[:700]} {
		f := upload(t, s, name, data)
		drain(t, s)
		if f = reload(t, s, f.ID); f.State != Failed || len(f.Renditions) != 0 {
			t.Errorf("%s: %s", name, f.State)
		}
		if w, err := serve(s, "GET", f.ID, slugName(f.Name, f.Type), nil); err == nil {
			t.Errorf("%s: the public got %d", name, w.Code)
		}
	}
	f := upload(t, s, "polyglot.gif", gifOf(200, 100, "<script>alert(1)</script>"))
	drain(t, s)
	f = reload(t, s, f.ID)
	if f.State != Ready {
		t.Fatal(f.State)
	}
	for _, r := range f.Renditions {
		w, err := serve(s, "GET", f.ID, r.Name, nil)
		if err != nil || w.Code != http.StatusOK || strings.Contains(w.Body.String(), "script") {
			t.Errorf("%s: %d %v", r.Name, w.Code, err)
		}
	}
}

func TestTypes(t *testing.T) {
	odt := archive(entry{name: "mimetype", data: "application/vnd.oasis.opendocument.text"}, entry{name: "content.xml", data: "<x/>"})
	for _, c := range []struct {
		name, data string
		want       string
		kind       Kind
	}{
		{"a.docx", string(docx()), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Office},
		{"a.zip", string(archive(entry{name: "[Content_Types].xml"}, entry{name: "xl/workbook.xml"})), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Office},
		{"a.odt", string(odt), "application/vnd.oasis.opendocument.text", Office},
		{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", Office},
		{"a.msi", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", Other},
		{"a.rtf", `{\rtf1 x}`, "application/rtf", Office},
		{"a.mp3", "ID3\x04", "audio/mpeg", Audio},
		{"b.mp3", "\xff\xfb\x90", "audio/mpeg", Audio},
		{"a.m4a", "\x00\x00\x00\x20ftypM4A ", "audio/mp4", Audio},
		{"zoom.m4a", "\x00\x00\x00\x20ftypmp42", "audio/mp4", Audio},
		{"zoom.mp4", "\x00\x00\x00\x20ftypmp42", "video/mp4", Video},
		{"a.heic", "\x00\x00\x00\x20ftypheic", "image/heic", Other},
		{"a.webm", "\x1a\x45\xdf\xa3\x01\x42\x82\x84webm", "video/webm", Video},
		{"a.mkv", "\x1a\x45\xdf\xa3\x01\x42\x82\x88matroska", "video/x-matroska", Other},
		{"a.ogg", "OggS\x00..\x01vorbis", "audio/ogg", Audio},
		{"a.ogv", "OggS\x00..\x80theora", "video/ogg", Video},
		{"a.wav", "RIFF....WAVEfmt ", "audio/wav", Audio},
		{"a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nسلام", "text/vtt", Captions},
		{"a.csv", "a,b\n1,2\n", "text/csv", Other},
		{"a.txt", "a,b\n1,2\n", "text/plain", Other},
		{"zh.txt", strings.Repeat("文", 5000), "text/plain", Other}, // cut inside a rune at 4,096 bytes
		{"bom.txt", "\xef\xbb\xbfhello", "text/plain", Other},
		{"bin", "a\x00b", octets, Other},
	} {
		f, err := sniff(strings.NewReader(c.data), int64(len(c.data)), c.name)
		if err != nil || f.Type != c.want || f.Kind != c.kind {
			t.Errorf("%s: %s %s, %v; want %s %s", c.name, f.Kind, f.Type, err, c.kind, c.want)
		}
	}
	data := sample(t, "concept-note-en.docx")
	if f, err := sniff(bytes.NewReader(data), int64(len(data)), "x"); err != nil || f.Kind != Office {
		t.Errorf("the sample document: %+v, %v", f, err)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "file",
		"..":                                 "file",
		"../../x":                            "x",
		`C:\Users\a\My file.PDF`:             "My file.PDF",
		"a\x00b\r\nSet-Cookie: x.txt":        "ab Set-Cookie: x.txt",
		"photo\u202egpj.exe":                 "photogpj.exe",
		"\u2066a\u2069\ufeff.txt":            "a.txt",
		"\xff\xfebad.txt":                    "bad.txt",
		"  spaced   out .txt ":               "spaced out .txt",
		".htaccess":                          "htaccess",
		"می\u200cخواهم.pdf":                  "می\u200cخواهم.pdf",
		strings.Repeat("é", 5000) + ".docx":  strings.Repeat("é", 195) + ".docx",
		"a." + strings.Repeat("x", 5000):     "a." + strings.Repeat("x", 198),
		"\"quoted\"; filename=evil.html.pdf": "\"quoted\"; filename=evil.html.pdf",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("cleanName(%.40q) = %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct{ name, typ, want string }{
		{"Final Report (2).PDF", "application/pdf", "final-report-2.pdf"},
		{"页面.html", "text/html", "页面.html"},
		{"640.webp", "image/webp", "file-640.webp"},
		{"og.png", "image/jpeg", "file-og.jpg"},
		{"---", "application/zip", "file.zip"},
		{"x.tar", octets, "x.tar"},
	} {
		if got := slugName(c.name, c.typ); got != c.want {
			t.Errorf("slugName(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	for name, want := range map[string]string{
		"a b.pdf":            `attachment; filename="a b.pdf"`,
		"a\"b\\%41.pdf":      `attachment; filename="a_b__41.pdf"; filename*=UTF-8''a%22b%5C%2541.pdf`,
		"über.pdf":           `attachment; filename="_ber.pdf"; filename*=UTF-8''%C3%BCber.pdf`,
		"x\r\nSet-Cookie: y": `attachment; filename="x__Set-Cookie: y"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20y`,
	} {
		if got := disposition("attachment", name); got != want {
			t.Errorf("disposition(%q) = %s", name, got)
		}
	}
}

// exif makes an APP1 segment with an orientation.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := append([]byte("Exif\x00\x00"+mark), order.AppendUint32(nil, 8)...)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	return order.AppendUint16(b, orientation)
}

func withExif(app1, picture []byte) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(app1)+2))...)
	return append(append(out, app1...), picture[2:]...)
}

// Each of the eight orientations brings the white corner to the top left.
func TestOrientation(t *testing.T) {
	const w, h = 64, 32
	for o, corner := range map[uint16]image.Point{1: {0, 0}, 2: {w - 1, 0}, 3: {w - 1, h - 1}, 4: {0, h - 1}, 5: {0, 0}, 6: {0, h - 1}, 7: {w - 1, h - 1}, 8: {w - 1, 0}} {
		m := image.NewGray(image.Rect(0, 0, w, h))
		for y := range 16 {
			for x := range 16 {
				m.SetGray(min(max(corner.X-8, 0), w-16)+x, min(max(corner.Y-8, 0), h-16)+y, color.Gray{255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		for mark, order := range map[string]binary.AppendByteOrder{"II*\x00": binary.LittleEndian, "MM\x00*": binary.BigEndian} {
			app1 := append(exif(order, mark, o), 0, 0, 0, 0, 0, 0)
			data := withExif(app1, b.Bytes())
			if got := scanJPEG(bytes.NewReader(data)).orientation; got != int(o) {
				t.Errorf("%s: orientation %d, want %d", mark, got, o)
			}
			got, err := decode(t.Context(), "image/jpeg", bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			size := got.Bounds().Size()
			if want := (image.Point{w, h}); o >= 5 && size != (image.Point{h, w}) || o < 5 && size != want {
				t.Errorf("orientation %d: size %v", o, size)
			}
			if r, _, _, _ := got.At(got.Bounds().Min.X+2, got.Bounds().Min.Y+2).RGBA(); r>>8 < 200 {
				t.Errorf("orientation %d: the corner is %d", o, r>>8)
			}
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, c := range hostile {
		if data := c.data(); len(data) < 64<<10 {
			f.Add(data, c.name)
		}
	}
	f.Add(docx(entry{name: "docProps/app.xml", data: "<Properties><Pages>4</Pages></Properties>"}), "a.docx")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		got, err := sniff(bytes.NewReader(data), int64(len(data)), name)
		var p *Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("neither a type nor a problem: %v", err)
		}
		if err == nil && (got.Type == "" || got.Kind == "" || got.Kind != Other && types[got.Type].kind != got.Kind) {
			t.Fatalf("%+v", got)
		}
		clean := cleanName(name)
		if cleanName(clean) != clean || len([]rune(clean)) > maxName || strings.ContainsAny(clean, "/\\\x00\r\n") {
			t.Fatalf("cleanName(%q) = %q", name, clean)
		}
		if d := disposition("attachment", clean); strings.ContainsAny(d, "\r\n") {
			t.Fatalf("%q", d)
		}
		if got.Kind == Picture && got.Width*got.Height < 1_000_000 {
			if m, err := decode(t.Context(), got.Type, bytes.NewReader(data)); err == nil {
				size := m.Bounds().Size()
				if min(got.Width, got.Height) <= 1600 && (size.X != got.Width || size.Y != got.Height) {
					t.Fatalf("header says %dx%d, picture is %v", got.Width, got.Height, size)
				}
			}
		}
	})
}

func FuzzEXIF(f *testing.F) {
	f.Add(withExif(append(exif(binary.BigEndian, "MM\x00*", 6), 0, 0), jpegOf(8, 8)))
	f.Add(manyScans(3))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := scanJPEG(bytes.NewReader(data)); got.orientation < 1 || got.orientation > 8 || got.scans > maxScans+1 {
			t.Fatalf("%+v", got)
		}
		if o := exifOrientation(data); o < 1 || o > 8 {
			t.Fatal(o)
		}
	})
}

func BenchmarkRenditions(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			m.SetRGBA(x, y, color.RGBA{uint8(x ^ y), uint8(x * y >> 8), uint8(y), 255})
		}
	}
	var j, p bytes.Buffer
	if err := errors.Join(jpeg.Encode(&j, m, nil), png.Encode(&p, m)); err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct {
		t string
		b []byte
	}{"jpeg": {"image/jpeg", j.Bytes()}, "png": {"image/png", p.Bytes()}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m, err := decode(b.Context(), c.t, bytes.NewReader(c.b))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := render(b.Context(), &File{FocusX: 50, FocusY: 50}, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
