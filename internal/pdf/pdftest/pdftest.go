// Package pdftest reads the files that package pdf writes, for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-text/typesetting/bidi"
	"golang.org/x/image/font/gofont/goregular"
)

// File is what a file holds.
type File struct {
	Title, Lang string
	RTL, Tagged bool
	Pages       int
	Parts       []Part // of the structure, in order
	Glyphs      []Glyph
	objects     map[int]string
	fonts       map[string]int // objects, by the name in the resources
}

// Part is an element of the structure with its words, as somebody reads them; each line is one.
type Part struct{ Tag, Lang, Text string }

// Glyph is one that is drawn, at its origin in points from the lower left corner.
type Glyph struct {
	Page int
	X, Y float64
	Text string
	ID   uint16
	Font string
}

var (
	ref     = regexp.MustCompile(`(\d+) 0 R`)
	mapping = regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]+)>`)
	mcr     = regexp.MustCompile(`/Pg (\d+) 0 R /MCID (\d+)`)
	actual  = regexp.MustCompile(`/ActualText <FEFF([0-9A-F]*)>`)
)

func words(h string) string {
	b, _ := hex.DecodeString(h)
	var u []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, binary.BigEndian.Uint16(b[i:]))
	}
	return string(utf16.Decode(u))
}

// after gives what stands behind a name in an object, up to the next name or the end.
func after(o, name string) string {
	_, v, _ := strings.Cut(o, "/"+name+" ")
	if i := strings.IndexAny(v, "/>"); i >= 0 && !strings.HasPrefix(v, "<FEFF") && !strings.HasPrefix(v, "/") {
		v = v[:i]
	}
	return strings.TrimSpace(v)
}

func number(o, name string) int {
	m := ref.FindStringSubmatch(after(o, name))
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func (f *File) stream(t testing.TB, n int) []byte {
	t.Helper()
	_, s, _ := strings.Cut(f.objects[n], "\nstream\n")
	z, err := zlib.NewReader(strings.NewReader(strings.TrimSuffix(s, "\nendstream")))
	if err != nil {
		t.Fatalf("object %d: %v", n, err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("object %d: %v", n, err)
	}
	return b
}

// Read reads a file; the table of its objects has to be right.
func Read(t testing.TB, file []byte) *File {
	t.Helper()
	f := &File{objects: map[int]string{}, fonts: map[string]int{}}
	_, table, ok := bytes.Cut(file, []byte("\nxref\n"))
	if !bytes.HasPrefix(file, []byte("%PDF-1.7\n")) || !ok || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
		t.Fatal("no PDF file")
	}
	for i, row := range strings.Split(string(table), "\n")[2:] {
		at, rest, _ := strings.Cut(row, " ")
		if !strings.HasSuffix(rest, "n ") {
			break
		}
		offset, _ := strconv.Atoi(at)
		head := strconv.Itoa(i+1) + " 0 obj\n"
		if !bytes.HasPrefix(file[offset:], []byte(head)) {
			t.Fatalf("object %d is not at %d", i+1, offset)
		}
		body := file[offset+len(head):]
		// Streams may hold any bytes, the end of an object too: their length tells.
		end := bytes.Index(body, []byte("\nendobj\n"))
		if s := bytes.Index(body, []byte(">>\nstream\n")); s >= 0 && s < end {
			n, _ := strconv.Atoi(after(string(body[:s+2]), "Length"))
			end = s + len(">>\nstream\n") + n + len("\nendstream")
		}
		f.objects[i+1] = string(body[:end])
	}
	trailer := string(table)
	catalog := f.objects[number(trailer, "Root")]
	f.Lang = strings.Trim(after(catalog, "Lang"), "()")
	f.RTL = strings.Contains(catalog, "/Direction /R2L")
	f.Tagged = strings.Contains(catalog, "/MarkInfo <</Marked true>>") && number(catalog, "StructTreeRoot") > 0
	if h, ok := strings.CutPrefix(after(f.objects[number(trailer, "Info")], "Title"), "<FEFF"); ok {
		h, _, _ = strings.Cut(h, ">")
		f.Title = words(h)
	}
	_, kids, _ := strings.Cut(f.objects[number(catalog, "Pages")], "/Kids [")
	kids, _, _ = strings.Cut(kids, "]")
	marked := map[[2]int][]string{} // lines, by page and number
	for _, m := range ref.FindAllStringSubmatch(kids, -1) {
		n, _ := strconv.Atoi(m[1])
		f.Pages++
		f.page(t, n, marked)
	}
	document := f.objects[number(f.objects[number(catalog, "StructTreeRoot")], "K")]
	_, list, _ := strings.Cut(document, "/K [")
	for _, m := range ref.FindAllStringSubmatch(list, -1) {
		n, _ := strconv.Atoi(m[1])
		o := f.objects[n]
		_, tag, _ := strings.Cut(o, "/S /")
		tag, _, _ = strings.Cut(tag, " ")
		p := Part{Tag: tag, Lang: strings.Trim(after(o, "Lang"), "()")}
		var lines []string
		for _, x := range mcr.FindAllStringSubmatch(o, -1) {
			page, _ := strconv.Atoi(x[1])
			id, _ := strconv.Atoi(x[2])
			lines = append(lines, marked[[2]int{page, id}]...)
		}
		p.Text = strings.Join(lines, "\n")
		f.Parts = append(f.Parts, p)
	}
	return f
}

// Text is the words of all parts, a line each.
func (f *File) Text() string {
	var out []string
	for _, p := range f.Parts {
		out = append(out, p.Text)
	}
	return strings.Join(out, "\n")
}

func (f *File) page(t testing.TB, n int, marked map[[2]int][]string) {
	t.Helper()
	o := f.objects[n]
	for _, m := range regexp.MustCompile(`/(F\d+) (\d+) 0 R`).FindAllStringSubmatch(o, -1) {
		f.fonts[m[1]], _ = strconv.Atoi(m[2])
	}
	maps := map[string]map[string]string{}
	font, size, x, y, id := "", 0.0, 0.0, 0.0, -1
	var stack []string
	var line []string // as it is drawn
	spoken, quiet := "", false
	for row := range strings.SplitSeq(string(f.stream(t, number(o, "Contents"))), "\n") {
		w := strings.Fields(row)
		if len(w) == 0 {
			continue
		}
		switch w[len(w)-1] {
		case "BDC", "BMC":
			stack = append(stack, w[0])
			if m := actual.FindStringSubmatch(row); m != nil {
				spoken, quiet = words(m[1]), true
			}
			if strings.Contains(row, "/MCID ") {
				id, _ = strconv.Atoi(strings.TrimRight(w[2], ">"))
			}
		case "EMC":
			if stack[len(stack)-1] == "/Span" {
				line = append(line, spoken)
				quiet = false
			} else {
				if id >= 0 {
					marked[[2]int{n, id}] = append(marked[[2]int{n, id}], f.reading(line))
				}
				line, id = nil, -1
			}
			stack = stack[:len(stack)-1]
		case "Tf":
			font = strings.TrimPrefix(w[0], "/")
			size, _ = strconv.ParseFloat(w[1], 64)
			if maps[font] == nil {
				maps[font] = map[string]string{}
				for _, m := range mapping.FindAllStringSubmatch(string(f.stream(t, number(f.objects[f.fonts[font]], "ToUnicode"))), -1) {
					maps[font][m[1]] = words(m[2])
				}
			}
		case "Tm":
			x, _ = strconv.ParseFloat(w[4], 64)
			y, _ = strconv.ParseFloat(w[5], 64)
		case "TJ":
			widths := f.widths(font)
			for _, m := range regexp.MustCompile(`<([0-9A-F]+)>|(-?[0-9.]+)`).FindAllStringSubmatch(row, -1) {
				if m[2] != "" {
					by, _ := strconv.ParseFloat(m[2], 64)
					x -= by * size / 1000
					continue
				}
				for h := range slices.Chunk([]byte(m[1]), 4) {
					c, _ := strconv.ParseUint(string(h), 16, 16)
					text := maps[font][string(h)]
					f.Glyphs = append(f.Glyphs, Glyph{f.Pages, x, y, text, uint16(c), font})
					if !quiet {
						line = append(line, text)
					}
					x += float64(widths[c]) * size / 1000
				}
			}
		}
	}
	if len(stack) > 0 {
		t.Fatal("marked content is not closed")
	}
}

func (f *File) descendant(font string) string {
	return f.objects[number(f.objects[f.fonts[font]], "DescendantFonts")]
}

func (f *File) widths(font string) (out []int) {
	_, w, _ := strings.Cut(f.descendant(font), "/W [0 [")
	w, _, _ = strings.Cut(w, "]")
	for x := range strings.FieldsSeq(w) {
		n, _ := strconv.Atoi(x)
		out = append(out, n)
	}
	return out
}

// reading puts what stands in a line into the order in which it is read.
func (f *File) reading(line []string) string {
	var start string
	if len(line) > 0 && strings.HasPrefix(line[0], "☐") {
		start, line = line[0], line[1:]
	}
	var first []rune
	for _, s := range line {
		first = append(first, []rune(s + " ")[0])
	}
	var p bidi.Paragraph
	dir := bidi.LeftToRight
	if f.RTL {
		dir = bidi.RightToLeft
	}
	var levels []bidi.Level
	if len(first) > 0 {
		runs := p.Segment(first, dir)
		for i := range runs.NumRuns() {
			for r := runs.Run(i); len(levels) < r.End; {
				levels = append(levels, r.Level)
			}
		}
	}
	out := slices.Clone(line)
	for level := bidi.Level(20); level > 0; level-- {
		for i := 0; i < len(out); i++ {
			j := i
			for j < len(out) && levels[j] >= level {
				j++
			}
			if j > i {
				slices.Reverse(out[i:j])
				i = j
			}
		}
	}
	return start + strings.Join(out, "")
}

// Outlines is how many bytes the outline has that is drawn for a text; 0: it is drawn as nothing.
func (f *File) Outlines(t testing.TB, text string) int {
	t.Helper()
	for _, g := range f.Glyphs {
		if g.Text != text {
			continue
		}
		d := f.descendant(g.Font)
		places := f.stream(t, number(d, "CIDToGIDMap"))
		glyph := int(binary.BigEndian.Uint16(places[2*int(g.ID):]))
		tables := tables(f.stream(t, number(f.objects[number(d, "FontDescriptor")], "FontFile2")))
		loca := tables["loca"]
		return int(binary.BigEndian.Uint32(loca[4*glyph+4:]) - binary.BigEndian.Uint32(loca[4*glyph:]))
	}
	return 0
}

func tables(font []byte) map[string][]byte {
	out := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		row := font[12+16*i:]
		at, n := binary.BigEndian.Uint32(row[8:]), binary.BigEndian.Uint32(row[12:])
		out[string(row[:4])] = font[at : at+n]
	}
	return out
}

// Font is a font that has one character, drawn as an A.
func Font(r rune) []byte {
	be := binary.BigEndian
	parts := tables(goregular.TTF)
	cmap := []byte{0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 1}
	parts["cmap"] = be.AppendUint32(be.AppendUint32(be.AppendUint32(cmap, uint32(r)), uint32(r)), 36)
	var names []string
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	out := be.AppendUint16([]byte{0, 1, 0, 0}, uint16(len(names)))
	out = append(out, 0, 0, 0, 0, 0, 0)
	at := len(out) + 16*len(names)
	var body []byte
	for _, name := range names {
		out = append(append(out, name...), 0, 0, 0, 0)
		out = be.AppendUint32(be.AppendUint32(out, uint32(at+len(body))), uint32(len(parts[name])))
		body = append(body, parts[name]...)
		body = append(body, make([]byte, (4-len(body)%4)%4)...)
	}
	return append(out, body...)
}
