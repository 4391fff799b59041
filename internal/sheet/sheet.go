// Package sheet writes tables as files that spreadsheets open, and reads such files: CSV and XLSX.
//
// A workbook is written and read by its few parts that a table needs. The libraries for it hold 25 MB for as long as the
// program runs, and know formulas, charts and macros, of which a table that strangers filled must have none.
package sheet

import (
	"archive/zip"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Format is a kind of file that a table is written as.
type Format string

// The formats. CSV times are in UTC; those of a workbook are dates it can sort and count with, in the table's zone.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Formats lists them.
var Formats = []Format{CSV, XLSX}

// MediaType is what the file is called in HTTP.
func (f Format) MediaType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Table is what a file is made of, whatever its format. Each row has as many cells as the head.
type Table struct {
	Zone        *time.Location // in which a workbook tells times; nil: UTC
	RightToLeft bool
	Head        []Cell
	Rows        [][]Cell
}

// Cell is a text, unless At or Number is set.
type Cell struct {
	Text   string
	At     time.Time
	Number bool // the text is one in plain figures, if it can be read as one
}

// Texts makes cells of words.
func Texts(words ...string) []Cell {
	out := make([]Cell, len(words))
	for i, w := range words {
		out[i].Text = w
	}
	return out
}

func (c Cell) number() bool {
	n, err := strconv.ParseFloat(c.Text, 64)
	return c.Number && err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// Write writes the table as a file.
func (t *Table) Write(w io.Writer, f Format) error {
	if f == XLSX {
		return t.workbook(w)
	}
	return t.csv(w)
}

// csv is UTF-8 with a mark at its start, as spreadsheets want it. No cell begins a formula.
func (t *Table) csv(w io.Writer) error {
	if _, err := io.WriteString(w, mark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, 0, len(t.Head))
	for _, cells := range append([][]Cell{t.Head}, t.Rows...) {
		line = line[:0]
		for _, c := range cells {
			switch {
			case !c.At.IsZero():
				line = append(line, c.At.UTC().Format(time.RFC3339))
			case c.number():
				line = append(line, c.Text) // a minus begins no formula
			default:
				line = append(line, guard(c.Text))
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

const mark = "\ufeff"

// formula finds what a spreadsheet takes for a formula at the start of a cell; and after a semicolon, a tab or a new line,
// which some take for the start of one. In East Asian languages full-width signs begin one too.
var formula = regexp.MustCompile(`(^|[;\t\r\n])([ \t]*)(` + signs + `)`)

const signs = `[=+\-@|\t\r＝＋－＠]`

// guard keeps a cell from being taken for a formula.
func guard(cell string) string { return formula.ReplaceAllString(cell, "$1$2'$3") }

// guarded finds what guard has put in.
var guarded = regexp.MustCompile(`(^|[;\t\r\n])([ \t]*)'(` + signs + `)`)

func unguard(cell string) string { return guarded.ReplaceAllString(cell, "$1$2$3") }

// The parts of a workbook that do not depend on the table. Styles: 0 plain, 1 bold and wrapped, 2 a moment, 3 text.
var workbookParts = []struct{ name, body string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

// workbook is one sheet. Its texts are texts, whatever they begin with; a column of times says in which zone they are.
func (t *Table) workbook(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range workbookParts {
		f, err := z.Create(p.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, xml.Header+p.body); err != nil {
			return err
		}
	}
	f, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, t.sheet()); err != nil {
		return err
	}
	return z.Close()
}

// cellMost is how many characters are put into one cell, half of what spreadsheets take: some count for two.
const cellMost = 16_000

func (t *Table) sheet() string {
	zone := t.Zone
	if zone == nil {
		zone = time.UTC
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"`)
	if t.RightToLeft {
		b.WriteString(` rightToLeft="1"`)
	}
	b.WriteString(`><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>`)
	if n := len(t.Head); n > 0 {
		fmt.Fprintf(&b, `<cols><col min="1" max="%d" width="22" customWidth="1"/></cols>`, n)
	}
	b.WriteString(`<sheetData>`)
	times := make([]bool, len(t.Head))
	for _, cells := range t.Rows {
		for i := range cells {
			times[i] = times[i] || !cells[i].At.IsZero()
		}
	}
	text := func(at string, style int, words string) {
		fmt.Fprintf(&b, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, at, style)
		if utf8.RuneCountInString(words) > cellMost {
			words = string([]rune(words)[:cellMost])
		}
		_ = xml.EscapeText(&b, []byte(words)) // a Builder does not fail
		b.WriteString(`</t></is></c>`)
	}
	for i, cells := range append([][]Cell{t.Head}, t.Rows...) {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, c := range cells {
			at := columnName(j) + strconv.Itoa(i+1)
			switch {
			case i == 0 && times[j]:
				text(at, 1, c.Text+" ("+zone.String()+")")
			case i == 0:
				text(at, 1, c.Text)
			case !c.At.IsZero():
				l := c.At.In(zone) // a workbook knows no zones: what stands on the clock there
				clock := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
				fmt.Fprintf(&b, `<c r="%s" s="2"><v>%s</v></c>`, at, strconv.FormatFloat(clock.Sub(epoch).Hours()/24, 'f', 8, 64))
			case c.number():
				n, _ := strconv.ParseFloat(c.Text, 64)
				fmt.Fprintf(&b, `<c r="%s"><v>%s</v></c>`, at, strconv.FormatFloat(n, 'f', -1, 64))
			case c.Text != "":
				text(at, 3, c.Text)
			}
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return b.String()
}

// epoch is the day from which workbooks count days.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// columnName is A for 0, AA for 26.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// Day reads a workbook's number of a day.
func Day(cell string) (time.Time, bool) {
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n < 1 || n > 110_000 {
		return time.Time{}, false
	}
	return epoch.AddDate(0, 0, int(n)), true
}
