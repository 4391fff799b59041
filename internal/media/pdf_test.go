package media

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
)

func TestPDFPages(t *testing.T) {
	for name, want := range map[string]int{"background-paper-en.pdf": 3, "background-paper-summary-ar.pdf": 2, "background-paper-summary-zh.pdf": 2} {
		data := sample(t, name)
		if pages, tagged := lookIntoPDF(bytes.NewReader(data), int64(len(data))); pages != want || !tagged {
			t.Errorf("%s: %d pages, tagged %v; want %d, tagged", name, pages, tagged, want)
		}
	}
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// pdfWriter builds small PDF files object by object.
type pdfWriter struct {
	bytes.Buffer
	at map[int]int
}

func newPDF() *pdfWriter {
	w := &pdfWriter{at: map[int]int{}}
	w.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return w
}

func (w *pdfWriter) object(n int, body string) {
	w.at[n] = w.Len()
	fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (w *pdfWriter) stream(n int, dict string, data []byte) {
	w.object(n, fmt.Sprintf("<<%s /Length %d>>\nstream\r\n%s\nendstream", dict, len(data), data))
}

// table ends the file the old way.
func (w *pdfWriter) table(last int, trailer string) []byte {
	start := w.Len()
	fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f \n", last+1)
	for i := 1; i <= last; i++ {
		fmt.Fprintf(w, "%010d 00000 n \n", w.at[i])
	}
	fmt.Fprintf(w, "trailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n", trailer, start)
	return w.Bytes()
}

// modern is a file as Word and LibreOffice write it today: catalogue and page tree in an object stream, references in
// a stream with PNG's "up" filter.
func modern(pages string, filter bool) []byte {
	w := newPDF()
	first := "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/Lang(en \\) x)>> "
	second := "<</Type/Pages/Kids[5 0 R]/Count " + pages + ">> "
	third := "7"
	header := fmt.Sprintf("1 0 2 %d 4 %d ", len(first), len(first)+len(second))
	w.stream(3, fmt.Sprintf("/Type/ObjStm/N 3/First %d/Filter/FlateDecode", len(header)), deflate([]byte(header+first+second+third)))
	start := w.Len()
	row := func(kind, a, b int) []byte { return []byte{byte(kind), byte(a >> 8), byte(a), byte(b)} }
	rows := [][]byte{row(0, 0, 255), row(2, 3, 0), row(2, 3, 1), row(1, w.at[3], 0), row(2, 3, 2), row(1, start, 0)}
	var data []byte
	prev := make([]byte, 4)
	for _, r := range rows {
		if filter {
			data = append(data, 2)
			for i := range r {
				data = append(data, r[i]-prev[i])
			}
			prev = r
		} else {
			data = append(data, r...)
		}
	}
	parms := ""
	if filter {
		parms = "/DecodeParms<</Columns 4/Predictor 12>>"
	}
	w.stream(5, "/Type/XRef/Size 6/W[1 2 1]/Root 1 0 R/Filter/FlateDecode"+parms, deflate(data))
	fmt.Fprintf(w, "startxref\n%d\n%%%%EOF", start)
	return w.Bytes()
}

// updated is a file that was saved a second time with other pages.
func updated() []byte {
	w := newPDF()
	w.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	w.object(2, "<</Type/Pages/Count 1>>")
	w.table(2, "/Size 3/Root 1 0 R")
	old := bytes.LastIndex(w.Bytes(), []byte("xref\n0 3"))
	w.object(2, "<</Type/Pages/Count 9>>")
	start := w.Len()
	fmt.Fprintf(w, "xref\n2 1\n%010d 00000 n \ntrailer\n<</Size 3/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", w.at[2], old, start)
	return w.Bytes()
}

func classic(catalogue, pages string) []byte {
	w := newPDF()
	w.object(1, catalogue)
	w.object(2, pages)
	return w.table(2, "/Size 3/Root 1 0 R")
}

// bombPDF has a reference stream that unpacks to a gigabyte.
func bombPDF() []byte {
	w := newPDF()
	start := w.Len()
	w.stream(1, "/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter/FlateDecode", deflate(make([]byte, 200<<20)))
	fmt.Fprintf(w, "startxref\n%d\n%%%%EOF", start)
	return w.Bytes()
}

func TestPDFForms(t *testing.T) {
	const catalogue = "<</Type/Catalog/Pages 2 0 R>>"
	for _, c := range []struct {
		name   string
		data   []byte
		pages  int
		tagged bool
	}{
		{"classic", classic(catalogue, "<</Type/Pages/Count 12>>"), 12, false},
		{"comments and strings", classic("<</Type/Catalog % >>\n/A(\\)>>)/B<2f>/Pages 2 0 R>>", "<</Kids[[<</A 1>>] 3 0 R]/Count 12>>"), 12, false},
		{"modern", modern("4", true), 4, true},
		{"modern, unfiltered", modern("4", false), 4, true},
		{"count elsewhere", modern("4 0 R", true), 7, true},
		{"updated", updated(), 9, false},
		{"negative", classic(catalogue, "<</Count -3>>"), 0, false},
		{"boundless", classic(catalogue, "<</Count 999999999>>"), 0, false},
		{"count in a circle", classic(catalogue, "<</Count 2 0 R>>"), 0, false},
		{"catalogue in a circle", classic("1 0 R", "<</Count 1>>"), 0, false},
		{"deep", classic(strings.Repeat("[", 5000), "<</Count 1>>"), 0, false},
		{"no reference", []byte("%PDF-1.4\nnothing"), 0, false},
		{"chain in a circle", []byte("%PDF-1.4\nxref\n0 0\ntrailer\n<</Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF"), 0, false},
		{"far away", []byte("%PDF-1.4\nstartxref\n99999999999999\n%%EOF"), 0, false},
		{"bomb", bombPDF(), 0, false},
	} {
		if pages, tagged := lookIntoPDF(bytes.NewReader(c.data), int64(len(c.data))); pages != c.pages || tagged != c.tagged {
			t.Errorf("%s: %d pages, tagged %v; want %d, %v", c.name, pages, tagged, c.pages, c.tagged)
		}
	}
}

func FuzzPDF(f *testing.F) {
	f.Add(modern("4", true))
	f.Add(modern("4 0 R", false))
	f.Add(updated())
	f.Add(classic("<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>>>", "<</Count 3/Kids[(a(b)) <00> null true 1.5]>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, _ := lookIntoPDF(bytes.NewReader(data), int64(len(data))); n < 0 || n > pdfMaxPages {
			t.Fatal(n)
		}
	})
}
