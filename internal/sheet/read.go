package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a file that is read. What goes beyond them is refused and not cut.
const (
	MaxBytes    = 8 << 20  // of the file
	MaxUnpacked = 48 << 20 // of each part of a workbook that is read
	MaxRows     = 5_000    // below the head
	MaxColumns  = 120
	MaxCell     = 4_000 // characters
)

// Problem is why a file is not taken, as the key of a message.
type Problem struct {
	Key  string
	Args []any
}

func (p *Problem) Error() string { return p.Key }

func refuse(key string, args ...any) error { return &Problem{"sheet." + key, args} }

var (
	errUnread = refuse("unread")
	errPacked = refuse("unpacked", "Max", MaxUnpacked>>20)
)

// Read gives the rows of a CSV file, or of the first sheet of a workbook: the head first, each as long as the head, without
// empty ones at its end. Times and days of a workbook are their numbers. An error that is a *Problem says why not.
func Read(body []byte) ([][]string, error) {
	if len(body) > MaxBytes {
		return nil, refuse("bytes", "Max", MaxBytes>>20)
	}
	var rows [][]string
	var err error
	switch {
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		rows, err = readWorkbook(body)
	case bytes.HasPrefix(body, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(body, []byte("%PDF")): // the old format of workbooks, or an encrypted one
		return nil, refuse("old")
	default:
		rows, err = readCSV(body)
	}
	if err != nil {
		return nil, err
	}
	return tidy(rows)
}

// tidy drops empty rows and makes all as long as the head.
func tidy(rows [][]string) ([][]string, error) {
	empty := func(cells []string) bool { return !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) }
	rows = slices.DeleteFunc(rows, empty)
	if len(rows) < 2 {
		return nil, refuse("empty")
	}
	if len(rows) > MaxRows+1 {
		return nil, refuse("rows", "Max", MaxRows)
	}
	wide := 0
	for _, cells := range rows {
		for i := len(cells); i > wide; i-- {
			if cells[i-1] != "" {
				wide = i
				break
			}
		}
	}
	if wide > MaxColumns {
		return nil, refuse("columns", "Max", MaxColumns)
	}
	for i, cells := range rows {
		for len(cells) < wide {
			cells = append(cells, "")
		}
		rows[i] = cells[:wide:wide]
		for _, c := range rows[i] {
			if utf8.RuneCountInString(c) > MaxCell {
				return nil, refuse("cell", "Row", i+1, "Max", MaxCell)
			}
		}
	}
	return rows, nil
}

// readCSV reads what spreadsheets save: UTF-8 or UTF-16, parted by comma, semicolon or tab.
func readCSV(body []byte) ([][]string, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		units := make([]uint16, 0, len(body)/2)
		for i := 2; i+1 < len(body); i += 2 {
			lo, hi := body[i], body[i+1]
			if body[0] == 0xfe {
				lo, hi = hi, lo
			}
			units = append(units, uint16(lo)|uint16(hi)<<8)
		}
		body = []byte(string(utf16.Decode(units)))
	default:
		body = bytes.TrimPrefix(body, []byte(mark))
	}
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return nil, refuse("encoding")
	}
	first, _, _ := bytes.Cut(body, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, comma := range ";\t" {
		if bytes.Count(first, []byte(string(comma))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = comma
		}
	}
	var rows [][]string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, errUnread
		}
		if len(rows) > MaxRows+1 {
			return nil, refuse("rows", "Max", MaxRows)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(unguard(cells[i]))
		}
		rows = append(rows, cells)
	}
}

// workbook reads parts of a packed file, each within the limit whatever its head says of its size.
type workbook struct{ parts map[string]*zip.File }

func (w *workbook) part(name string, each func(*xml.Decoder) error) error {
	f := w.parts[name]
	if f == nil {
		return errUnread
	}
	r, err := f.Open()
	if err != nil {
		return errUnread
	}
	defer r.Close()
	limited := &io.LimitedReader{R: r, N: MaxUnpacked}
	err = each(xml.NewTokenDecoder(&bounded{d: xml.NewDecoder(limited)}))
	if limited.N <= 0 {
		return errPacked
	}
	var problem *Problem
	if err != nil && !errors.As(err, &problem) {
		return errUnread
	}
	return err
}

// How deep and how many the elements of a part can be. Tables of ours are seven deep; the decoder holds what is open.
const (
	maxDepth    = 100
	maxElements = 4_000_000
)

// bounded are a part's tokens, within these limits.
type bounded struct {
	d            *xml.Decoder
	depth, count int
}

func (b *bounded) Token() (xml.Token, error) {
	t, err := b.d.RawToken()
	switch t.(type) {
	case xml.StartElement:
		b.depth++
		b.count++
	case xml.EndElement:
		b.depth--
	}
	if b.depth > maxDepth || b.count > maxElements {
		return nil, errUnread
	}
	return t, err
}

// elements calls f for each start of an element.
func elements(d *xml.Decoder, f func(xml.StartElement) error) error {
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := f(e); err != nil {
				return err
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relation is the id of another part, which has a name space of its own.
func relation(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func readWorkbook(body []byte) ([][]string, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) > 2_000 {
		return nil, errUnread
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, f := range z.File {
		w.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	if w.parts["xl/workbook.xml"] == nil {
		return nil, refuse("old") // a document or a picture
	}
	first := ""
	if err := w.part("xl/workbook.xml", func(d *xml.Decoder) error {
		return elements(d, func(e xml.StartElement) error {
			if e.Name.Local == "sheet" && first == "" && attribute(e, "state") == "" {
				first = relation(e)
			}
			return nil
		})
	}); err != nil {
		return nil, err
	}
	at := ""
	if err := w.part("xl/_rels/workbook.xml.rels", func(d *xml.Decoder) error {
		return elements(d, func(e xml.StartElement) error {
			if e.Name.Local == "Relationship" && attribute(e, "Id") == first {
				at = attribute(e, "Target")
			}
			return nil
		})
	}); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(at, "/") {
		at = "xl/" + at
	}
	shared, err := w.shared()
	if err != nil {
		return nil, err
	}
	return w.rows(strings.TrimPrefix(path.Clean(at), "/"), shared)
}

// words are a text with its runs, without how it is pronounced.
type words struct {
	T    []string `xml:"t"`
	Runs []struct {
		T []string `xml:"t"`
	} `xml:"r"`
}

func (w words) String() string {
	var s strings.Builder
	for _, t := range w.T {
		s.WriteString(t)
	}
	for _, r := range w.Runs {
		for _, t := range r.T {
			s.WriteString(t)
		}
	}
	return s.String()
}

// shared are the texts that cells name by their number.
func (w *workbook) shared() ([]string, error) {
	if w.parts["xl/sharedStrings.xml"] == nil {
		return nil, nil
	}
	var out []string
	err := w.part("xl/sharedStrings.xml", func(d *xml.Decoder) error {
		return elements(d, func(e xml.StartElement) error {
			if e.Name.Local != "si" {
				return nil
			}
			var s words
			if err := d.DecodeElement(&s, &e); err != nil {
				return err
			}
			if len(out) >= MaxRows*MaxColumns {
				return refuse("rows", "Max", MaxRows)
			}
			out = append(out, s.String())
			return nil
		})
	})
	return out, err
}

// column reads the letters of a cell's name: 0 for A7; -1 where there are none.
func column(at string) int {
	n := 0
	for _, c := range at {
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 1<<14 {
			break
		}
	}
	return n - 1
}

func (w *workbook) rows(name string, shared []string) ([][]string, error) {
	var rows [][]string
	err := w.part(name, func(d *xml.Decoder) error {
		next := 0
		return elements(d, func(e xml.StartElement) error {
			switch e.Name.Local {
			case "row":
				if len(rows) > 0 && !slices.ContainsFunc(rows[len(rows)-1], func(c string) bool { return c != "" }) {
					rows = rows[:len(rows)-1] // formatted down to the end of the sheet, and empty
				}
				if len(rows) > MaxRows {
					return refuse("rows", "Max", MaxRows)
				}
				rows, next = append(rows, nil), 0
				return nil
			case "c":
			default:
				return nil
			}
			if len(rows) == 0 {
				return errUnread
			}
			i := next
			if at := column(attribute(e, "r")); at >= 0 {
				i = at
			}
			next = i + 1
			var c struct {
				V  string `xml:"v"`
				Is words  `xml:"is"`
			}
			if err := d.DecodeElement(&c, &e); err != nil {
				return err
			}
			v := c.V
			switch attribute(e, "t") {
			case "s":
				n, err := strconv.Atoi(v)
				if err != nil || n < 0 || n >= len(shared) {
					return errUnread
				}
				v = shared[n]
			case "inlineStr":
				v = c.Is.String()
			case "e": // a formula that failed
				v = ""
			case "", "n": // 1E-05 and 12.000000001 are how programs write numbers
				if n, err := strconv.ParseFloat(v, 64); err == nil {
					v = strconv.FormatFloat(n, 'f', -1, 64)
				}
			}
			if v = strings.TrimSpace(v); v == "" {
				return nil
			}
			if i >= MaxColumns {
				return refuse("columns", "Max", MaxColumns)
			}
			row := rows[len(rows)-1]
			for len(row) <= i {
				row = append(row, "")
			}
			row[i] = v
			rows[len(rows)-1] = row
			return nil
		})
	})
	return rows, err
}
