package docx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"plenary/internal/docx"
	"plenary/internal/i18n"
)

func unzip(t testing.TB, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sample(l i18n.Locale) *docx.Document {
	d := &docx.Document{Locale: l, Title: "A & B"}
	w := func(s string) docx.Inline { return docx.Words(l, "", s) }
	d.Paragraph("Title", w("A & B"))
	d.Paragraph("Heading2", w("Part"))
	d.Item(docx.Numbered(), "", w("First"), d.Note(w("a note")))
	d.Item(docx.Bullets(1), "", docx.Run{Locale: i18n.EN, Words: "bold", Bold: true}.Inline(), d.Link("https://example.org/?a=1&b=2", docx.Words(i18n.EN, "Hyperlink", "there")))
	list := d.Ordered(0)
	d.Item(list, "", w("one"))
	d.Item(list, "", w("two"))
	d.Table([][]docx.Cell{{{Head: true, Lines: []docx.Inline{w("H")}, Span: 2}}, {{Lines: []docx.Inline{w("x"), w("y")}}, {}}}, 1)
	return d
}

// What is written is read as what it was, is well formed in all its parts, and is the same bytes each time.
func TestWrittenIsRead(t *testing.T) {
	for _, l := range []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH} {
		file, err := sample(l).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := sample(l).Bytes(); !bytes.Equal(file, again) {
			t.Error(l, "the same document is not the same bytes")
		}
		parts := unzip(t, file)
		for name, s := range parts {
			d := xml.NewDecoder(strings.NewReader(s))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(l, name, err)
				}
			}
		}
		main := parts[docx.Main]
		if rtl := l == i18n.AR; strings.Contains(main, "<w:bidi/>") != rtl || strings.Contains(main, "<w:bidiVisual/>") != rtl || strings.Contains(main, "<w:rtl/>") != rtl {
			t.Error(l, "direction:", main)
		}
		got, err := docx.Read(file, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		b := got.Blocks
		if got.Title != "A & B" || len(b) != 8 || b[0].Style != "title" || b[1].Heading != 2 || !b[2].List || !b[2].Ordered || b[2].RTL != (l == i18n.AR) {
			t.Fatalf("%s: %+v", l, got)
		}
		if n := b[2].Spans; len(n) != 2 || len(got.Notes[n[1].Note]) != 1 || got.Notes[n[1].Note][0].Text != "a note" {
			t.Errorf("%s: the note: %+v %+v", l, n, got.Notes)
		}
		if s := b[3].Spans; b[3].Ordered || b[3].Level != 1 || len(s) != 2 || !s[0].Bold || s[1].Link != "https://example.org/?a=1&b=2" {
			t.Errorf("%s: the item: %+v", l, b[3])
		}
		if b[4].ListID != b[5].ListID || b[4].ListID == b[2].ListID || !b[4].Ordered {
			t.Errorf("%s: the list: %+v %+v", l, b[4], b[5])
		}
		if x := b[6]; x.Heads != 1 || len(x.Rows) != 2 || x.Rows[0][0].Span != 2 || x.String() != "H\nx y\t" {
			t.Errorf("%s: the table: %q %+v", l, x.String(), x)
		}
	}
}

const head = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="m"><w:body>`

func document(t testing.TB, body string) []byte {
	return pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: head + body + "</w:body></w:document>"})
}

// What other programs write: words in pieces, deleted and inserted ones, boxes, tables in tables.
func TestReadingOthers(t *testing.T) {
	got, err := docx.Read(document(t, `<w:p><w:pPr><w:pStyle w:val="Heading1"/><w:rPr><w:b/></w:rPr></w:pPr><w:r><w:t>In </w:t></w:r><w:r><w:t>pieces</w:t></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:ins><w:r><w:t>!</w:t></w:r></w:ins></w:p>`+
		`<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:sdt><w:sdtPr><w:tag w:val="x"/></w:sdtPr><w:sdtContent><w:r><w:t>in a box</w:t></w:r></w:sdtContent></w:sdt><mc:Fallback><w:r><w:t>twice</w:t></w:r></mc:Fallback></w:p>`+
		`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>`), 1<<20)
	if err != nil || len(got.Blocks) != 3 {
		t.Fatalf("%+v %v", got, err)
	}
	b := got.Blocks
	if b[0].Heading != 1 || len(b[0].Spans) != 1 || b[0].String() != "In pieces!" || b[0].Spans[0].Bold || b[1].String() != "in a box" || b[2].String() != "a b" {
		t.Errorf("%+v", b)
	}
}

func TestBounds(t *testing.T) {
	for name, x := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":     {nil, docx.ErrNotDocument},
		"large":       {make([]byte, 1<<20+1), docx.ErrTooLarge},
		"a bomb":      {pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: "<a/>", "x": strings.Repeat("\x00", 40<<20)}), docx.ErrTooLarge},
		"entities":    {pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`}), docx.ErrBroken},
		"in styles":   {pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: "<a/>", "word/styles.xml": "<!DOCTYPE a><a/>"}), docx.ErrBroken},
		"macros":      {pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: "<a/>", "word/vbaProject.bin": ""}), docx.ErrMacros},
		"many blocks": {document(t, strings.Repeat("<w:p></w:p>", 20_001)), docx.ErrTooLarge},
		"many cells":  {document(t, "<w:tbl><w:tr>"+strings.Repeat("<w:tc></w:tc>", 20_001)+"</w:tr></w:tbl>"), docx.ErrTooLarge},
		"deep":        {document(t, strings.Repeat("<a>", 300)+strings.Repeat("</a>", 300)), docx.ErrBroken},
		"cut":         {pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: head}), docx.ErrBroken},
	} {
		if _, err := docx.Read(x.file, 1<<20); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

// FuzzRead: no text makes the reader fail in another way than by saying so.
func FuzzRead(f *testing.F) {
	f.Add(`<w:p><w:r><w:t>a</w:t></w:r></w:p>`, `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:styleId="a"><w:basedOn w:val="a"/></w:style></w:styles>`)
	f.Add(`<w:tbl><w:tc/><w:tr><w:tbl><w:tc><w:p/></w:tc></w:tbl></w:tr></w:tbl><w:tc><w:p/></w:tc>`, "")
	f.Add(`</w:tbl>`, `<a/>`)
	f.Fuzz(func(t *testing.T, body, styles string) {
		_, err := docx.Read(pack(t, map[string]string{"[Content_Types].xml": "<Types/>", docx.Main: head + body + "</w:body></w:document>", "word/styles.xml": styles, "word/numbering.xml": styles, "word/footnotes.xml": head + body}), 1<<20)
		if err != nil && !errors.Is(err, docx.ErrBroken) && !errors.Is(err, docx.ErrTooLarge) {
			t.Fatal(err)
		}
	})
}
