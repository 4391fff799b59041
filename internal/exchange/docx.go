package exchange

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"

	"plenary/internal/docx"
	"plenary/internal/i18n"
)

// DOCXWords are the words of a bilingual table in the language of who takes it.
type DOCXWords struct {
	Locale i18n.Locale
	Intro  []string // paragraphs above the table
	Head   [3]string
}

// WriteDOCX writes an entry as a table to translate in: number and place, source, translation. Codes are coloured tags, ⟦1⟧ to
// ⟦/1⟧; what the file was made from stands in it twice, as a property and in small type, since some programs drop properties.
func WriteDOCX(f File, w DOCXWords) ([]byte, error) {
	d := &docx.Document{Locale: w.Locale, Title: f.Title, Wide: true, Properties: []docx.Property{{Name: "plenary", Value: f.Ref.String()}},
		Styles: []docx.Style{{Character: true, ID: "Code", Name: "Code", Run: `<w:noProof/><w:color w:val="A4262C"/><w:sz w:val="18"/><w:szCs w:val="18"/>`},
			{Character: true, ID: "Unit", Name: "Unit", Run: `<w:noProof/><w:color w:val="595959"/><w:sz w:val="14"/><w:szCs w:val="14"/>`}}}
	d.Paragraph("Title", docx.Words(f.From, "", f.Title))
	for _, p := range w.Intro {
		d.Paragraph("", docx.Words(w.Locale, "", p))
	}
	if f.URL != "" {
		d.Paragraph("", d.Link(f.URL, docx.Words(i18n.EN, "Hyperlink", f.URL)))
	}
	d.Paragraph("", docx.Words(i18n.EN, "Unit", f.Ref.String()))
	head := func(i int) docx.Cell {
		return docx.Cell{Head: true, Lines: []docx.Inline{docx.Words(w.Locale, "", w.Head[i])}}
	}
	rows := [][]docx.Cell{{head(0), head(1), head(2)}}
	for _, u := range f.Units {
		rows = append(rows, []docx.Cell{
			{Lines: []docx.Inline{docx.Words(w.Locale, "", u.Label), docx.Words(i18n.EN, "Unit", u.ID+" "+u.Hash)}},
			{Locale: f.From, Lines: []docx.Inline{coloured(f.From, u.Source)}},
			{Locale: f.To, Lines: []docx.Inline{coloured(f.To, u.Target)}},
		})
	}
	d.Table(rows, 1, 2, 5, 5)
	return d.Bytes()
}

func coloured(l i18n.Locale, t Text) docx.Inline {
	var out docx.Inline
	for _, p := range t {
		style := ""
		if p.Code != 0 {
			style = "Code"
		}
		out += docx.Words(l, style, Text{p}.String())
	}
	return out
}

// unitRE finds the name of a unit and the hash of its source at the end of a cell.
var unitRE = regexp.MustCompile(`([a-z][a-z0-9_.]{0,200}(?::\d{1,4})?)\s+([0-9a-f]{12})\s*$`)

// ReadDOCX reads a table that WriteDOCX wrote, as it comes back. Words that were deleted in it are not taken, those that were
// inserted are; rows that say no unit are passed over.
func ReadDOCX(file []byte) ([]File, error) {
	t, err := docx.Read(file, MaxBytes)
	switch err {
	case nil:
	case docx.ErrTooLarge:
		return nil, refuse("large")
	case docx.ErrLocked:
		return nil, refuse("locked")
	case docx.ErrMacros:
		return nil, refuse("macros")
	default:
		return nil, refuse("broken")
	}
	var f File
	found := false
	for i := range t.Blocks {
		b := &t.Blocks[i]
		if ref, ok := ParseRef(b.String()); ok && b.Rows == nil {
			f.Ref, found = ref, true
		}
	}
	if !found {
		f.Ref, found = refOf(file)
	}
	if !found {
		return nil, refuse("foreign")
	}
	for i := range t.Blocks {
		for _, r := range t.Blocks[i].Rows {
			if len(r) < 3 {
				continue
			}
			m := unitRE.FindStringSubmatch(cellWords(r[0], " "))
			if m == nil {
				continue
			}
			u := Unit{ID: m[1], Hash: m[2], State: Missing, Source: joined(ParseText(cellWords(r[1], "\n")))}
			if target := ParseText(cellWords(r[len(r)-1], "\n")); !target.Empty() {
				u.Target, u.State = target, Translated
			}
			f.Units = append(f.Units, u)
		}
	}
	if len(f.Units) == 0 {
		return nil, refuse("empty")
	}
	if err := f.fits(); err != nil {
		return nil, err
	}
	return []File{f}, nil
}

func cellWords(c docx.TextCell, between string) string {
	var lines []string
	for i := range c.Blocks {
		lines = append(lines, c.Blocks[i].String())
	}
	return strings.Trim(strings.Join(lines, between), "\n")
}

// refOf finds the reference among the properties of a document.
func refOf(file []byte) (ref Ref, ok bool) {
	p, err := docx.Open(file, MaxBytes)
	if err != nil {
		return Ref{}, false
	}
	b, err := p.Part(docx.Custom)
	if err != nil || b == nil {
		return Ref{}, false
	}
	_ = docx.Tokens(b, func(t xml.Token) error {
		if words, is := t.(xml.CharData); is && !ok {
			ref, ok = ParseRef(string(words))
		}
		return nil
	})
	return ref, ok
}

// Read reads a file to translate in, of whatever format it is by its first bytes.
func Read(file []byte) ([]File, error) {
	switch {
	case len(file) == 0:
		return nil, refuse("empty")
	case len(file) > MaxBytes:
		return nil, refuse("large")
	case strings.HasPrefix(string(file[:min(4, len(file))]), "PK"):
		return ReadDOCX(file)
	}
	return ReadXLIFF(file)
}

// Write writes an entry in a format.
func Write(f File, as Format, w DOCXWords) ([]byte, error) {
	switch as {
	case XLIFF12:
		return WriteXLIFF12([]File{f}), nil
	case XLIFF21:
		return WriteXLIFF21([]File{f}), nil
	case DOCX:
		return WriteDOCX(f, w)
	}
	return nil, fmt.Errorf("no format %q", as)
}
