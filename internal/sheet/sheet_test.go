package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func write(t *testing.T, x *Table, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := x.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var zone, _ = time.LoadLocation("Africa/Nairobi")

var sample = &Table{Zone: zone, RightToLeft: true, Head: Texts("Name", "When", "Number", "Words"), Rows: [][]Cell{
	{{Text: "=cmd|' /c calc'!A0"}, {At: time.Date(2027, 3, 1, 22, 30, 0, 0, time.UTC)}, {Text: "-12.5", Number: true}, {Text: "a;=b\n<&> 007"}},
	{{Text: "墨 أمل"}, {}, {Text: "=1", Number: true}, {Text: strings.Repeat("x", 3000)}}}}

func TestWritten(t *testing.T) {
	book := write(t, sample, XLSX)
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	body := string(b)
	for _, want := range []string{`rightToLeft="1"`, `<c r="A2" s="3" t="inlineStr"><is><t xml:space="preserve">=cmd|`, `<c r="B2" s="2"><v>46448.06250000</v></c>`, `<c r="C2"><v>-12.5</v></c>`,
		`When (Africa/Nairobi)`, `<c r="C3" s="3" t="inlineStr">`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body[:1500])
		}
	}
	if strings.Contains(body, "<f") {
		t.Error("a formula")
	}
	if got := string(write(t, sample, CSV)); !strings.HasPrefix(got, "\ufeffName,When,Number,Words\r\n'=cmd|' /c calc'!A0,2027-03-01T22:30:00Z,-12.5,\"a;'=b\r\n<&> 007\"\r\n") || !strings.Contains(got, ",'=1,") {
		t.Errorf("%q", got[:200])
	}
}

func TestReadBack(t *testing.T) {
	for _, f := range Formats {
		rows, err := Read(write(t, sample, f))
		if err != nil || len(rows) != 3 || len(rows[2]) != 4 {
			t.Fatal(f, rows, err)
		}
		if rows[1][0] != "=cmd|' /c calc'!A0" || rows[1][2] != "-12.5" || rows[1][3] != "a;=b\n<&> 007" || rows[2][0] != "墨 أمل" || rows[2][1] != "" {
			t.Errorf("%s: %q", f, rows[1])
		}
	}
	if day, ok := Day("46448.0625"); !ok || day.Format(time.DateOnly) != "2027-03-02" {
		t.Error(day)
	}
	for name, in := range map[string]string{"semicolons": "Name;Mail\nÉlodie;e@example.org\n", "tabs": "Name\tMail\nÉlodie\te@example.org\n", "unequal": "Name,Mail\n\nÉlodie,e@example.org,,,\n,,\n"} {
		if rows, err := Read([]byte(in)); err != nil || len(rows) != 2 || len(rows[1]) != 2 || rows[1][0] != "Élodie" || rows[1][1] != "e@example.org" {
			t.Errorf("%s: %q, %v", name, rows, err)
		}
	}
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune("Name\tMail\r\nАнна\ta@example.org\r\n")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	if rows, err := Read(b); err != nil || rows[1][0] != "Анна" {
		t.Errorf("UTF-16: %q, %v", rows, err)
	}
}

// book packs a workbook of a sheet as other programs write it.
func book(t *testing.T, sheet, shared string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet state="hidden" r:id="rId9"/><sheet r:id="rId3"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId3" Target="/xl/worksheets/data.xml"/></Relationships>`,
		"xl/worksheets/data.xml":     `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`, "xl/sharedStrings.xml": `<sst>` + shared + `</sst>`} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, body)
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

func TestWorkbooksOfOthers(t *testing.T) {
	in := book(t, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row><row r="9"><c r="A9" t="str"><f>1+1</f><v>two</v></c><c r="B9" t="e"><v>#REF!</v></c><c r="C9"><v>1.2E1</v></c></row><row r="10"><c r="A10" s="1"/></row>`,
		`<si><t>Name</t></si><si><r><t>How </t></r><r><t>many</t></r><rPh><t>x</t></rPh></si>`)
	rows, err := Read(in)
	if err != nil || len(rows) != 2 || strings.Join(rows[0], "|") != "Name||How many" || strings.Join(rows[1], "|") != "two||12" {
		t.Errorf("%q, %v", rows, err)
	}
}

// Whatever a file is, the answer is rows or a sentence.
func TestHostileFiles(t *testing.T) {
	long := strings.Repeat("x", MaxCell+1)
	head := `<row><c t="inlineStr"><is><t>Name</t></is></c></row>`
	cell := func(v string) string { return `<c t="inlineStr"><is><t>` + v + `</t></is></c>` }
	for name, x := range map[string]struct {
		in   []byte
		want string
	}{
		"nothing":              {nil, "sheet.empty"},
		"a head only":          {[]byte("Name,Mail\n"), "sheet.empty"},
		"too many bytes":       {make([]byte, MaxBytes+1), "sheet.bytes"},
		"no text":              {[]byte("Name\n\xff\xfe\x00"), "sheet.encoding"},
		"a text of old":        {[]byte("Name\n\xc9lodie\n"), "sheet.encoding"},
		"an old workbook":      {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "sheet.old"},
		"cut off":              {book(t, head, "")[:300], "sheet.unread"},
		"too many rows":        {[]byte("Name\n" + strings.Repeat("a\n", MaxRows+1)), "sheet.rows"},
		"too many rows, XLSX":  {book(t, head+strings.Repeat("<row>"+cell("a")+"</row>", MaxRows+1), ""), "sheet.rows"},
		"too many columns":     {[]byte(strings.Repeat("a,", MaxColumns) + "b\na,b\n"), "sheet.columns"},
		"a cell far out":       {book(t, head+`<row><c r="XFD2"><v>1</v></c></row>`, ""), "sheet.columns"},
		"a long cell":          {[]byte("Name\n" + long + "\n"), "sheet.cell"},
		"a wrong text":         {book(t, head+`<row><c t="s"><v>7</v></c></row>`, ""), "sheet.unread"},
		"a cell without a row": {book(t, cell("a"), ""), "sheet.unread"},
		"a bomb":               {book(t, head+"<row>"+cell("a")+"</row>"+strings.Repeat(" ", MaxUnpacked), ""), "sheet.unpacked"},
		"a deep text":          {book(t, head, "<si>"+strings.Repeat("<a>", 200_000)), "sheet.unread"},
		"very many runs":       {book(t, head, "<si>"+strings.Repeat("<r><t/></r>", maxElements/2)+"</si>"), "sheet.unread"},
		"a bomb of words":      {book(t, head, "<si><t>"+strings.Repeat("x", MaxUnpacked)+"</t></si>"), "sheet.unpacked"},
		"unknown entities":     {book(t, head+"<row>"+cell("&lol;")+"</row>", ""), "sheet.unread"},
	} {
		rows, err := Read(x.in)
		var problem *Problem
		if !errors.As(err, &problem) || problem.Key != x.want {
			t.Errorf("%s: %d rows, %v; want %s", name, len(rows), err, x.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Name,Mail\na,b\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, in []byte) {
		rows, err := Read(in)
		var problem *Problem
		if err != nil && !errors.As(err, &problem) {
			t.Fatal(err)
		}
		for _, cells := range rows {
			if len(cells) != len(rows[0]) {
				t.Fatalf("rows of %d and %d", len(rows[0]), len(cells))
			}
		}
	})
}
