package conceptnote

import (
	"encoding/xml"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"plenary/internal/docx"
)

// OpenDOCX reads a document of a word processor.
func OpenDOCX(b []byte) (*Doc, error) {
	text, err := docx.Read(b, MaxBytes)
	if err != nil {
		return nil, docxError(err)
	}
	d := &Doc{Format: "docx"}
	merged, err := d.look(b)
	if err != nil {
		return nil, docxError(err)
	}
	r := &docxReader{d: d, text: text, merged: merged, counts: map[string]int{}, marks: map[string]string{}}
	for i := range text.Blocks {
		if r.size > MaxText || len(d.Lines) > MaxLines {
			return nil, ErrTooLarge
		}
		if text.Blocks[i].Rows != nil {
			r.table(&text.Blocks[i])
			continue
		}
		r.paragraph(&text.Blocks[i])
	}
	return d.finish()
}

func docxError(err error) error {
	switch {
	case errors.Is(err, docx.ErrTooLarge):
		return ErrTooLarge
	case errors.Is(err, docx.ErrLocked), errors.Is(err, docx.ErrMacros):
		return ErrLocked
	}
	return ErrUnread
}

// look counts what is left out of a document, and finds the cells that go on from the row above, by their number.
func (d *Doc) look(b []byte) (merged map[int]bool, err error) {
	p, err := docx.Open(b, MaxBytes)
	if err != nil {
		return nil, err
	}
	main, err := p.Part(docx.Main)
	if err != nil {
		return nil, err
	}
	merged = map[int]bool{}
	tables, cell, skip := 0, -1, 0
	err = docx.Tokens(main, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if skip > 0 || t.Name.Local == "Fallback" {
				skip++
				return nil
			}
			switch name := docx.Name(t.Name); name {
			case "del", "moveFrom":
				d.Changes++
				skip = 1
			case "drawing", "pict", "object":
				d.Pictures++
				skip = 1
			case "sdtPr", "sdtEndPr", "instrText", "pPrChange", "rPrChange", "sectPr", "tblPrChange":
				skip = 1
			case "commentReference":
				d.Comments++
			case "tbl":
				tables++
			case "tc":
				if tables == 1 {
					cell++
				}
			case "vMerge":
				if v := docx.Attr(t, "val"); tables == 1 && v != "restart" {
					merged[cell] = true
				}
			}
		case xml.EndElement:
			if skip > 0 {
				skip--
			} else if docx.Name(t.Name) == "tbl" {
				tables--
			}
		}
		return nil
	})
	return merged, err
}

type docxReader struct {
	d      *Doc
	text   *docx.Text
	merged map[int]bool
	cell   int
	tables int
	size   int
	counts map[string]int    // of a list's items
	marks  map[string]string // of notes, by their id
}

// paragraph makes lines of a paragraph.
func (r *docxReader) paragraph(b *docx.Block) {
	base := Line{Kind: Paragraph}
	switch {
	case b.List:
		base.Kind, base.Level, base.Mark = Item, min(b.Level, 5), "•"
		if b.Ordered {
			key := b.ListID + "/" + strconv.Itoa(b.Level)
			r.counts[key]++
			base.Mark = strconv.Itoa(r.counts[key]) + "."
		}
	case b.Heading > 0:
		base.Kind, base.Level = Heading, b.Heading
	case b.Style == "title":
		base.Style = "title"
	case b.Style == "subtitle":
		base.Style = "subtitle"
	case strings.HasPrefix(b.Style, "toc "):
		return
	}
	var w strings.Builder
	line, strong, notes := base, 0, []string{}
	flush := func() {
		raw := w.String()
		words := strings.Trim(raw, " \u00a0\t")
		shift := strings.Index(raw, words)
		line.Text = words
		move := func(at int) int { return max(0, min(at-shift, len(words))) }
		for i := range line.Links {
			line.Links[i].From, line.Links[i].To = move(line.Links[i].From), move(line.Links[i].To)
		}
		for i := range line.Calls {
			line.Calls[i].At = move(line.Calls[i].At)
		}
		if line.Kind == Paragraph && line.Style == "" && strong*10 >= len(raw)*9 && words != "" {
			line.Style = "strong"
		}
		if len(line.Links) == 0 {
			line.Links = bareLinks(words)
		}
		if line.Kind == Paragraph {
			if m := noteStart.FindString(words); strings.HasPrefix(words, "*") || m != "" && strings.ContainsAny(m, "†‡§") {
				mark := "*"
				if m != "" {
					mark = strings.TrimSpace(m)
				}
				line = Line{Kind: NoteText, Mark: mark, Text: strings.TrimLeft(words[len(mark):], " \u00a0")}
			} else if mark, rest, ok := marker(words); ok && len(line.Calls)+len(line.Links) == 0 && line.Style == "" && (strings.ContainsAny(mark, "•·▪◦●") || numbered.MatchString(mark+" ")) {
				line.Kind, line.Mark, line.Text = Item, mark, rest
			}
		}
		r.size += len(words)
		r.d.Lines = append(r.d.Lines, line)
		w.Reset()
		line, strong = base, 0
		line.Joins = true
	}
	for _, s := range b.Spans {
		if s.Note != "" {
			mark := r.marks[s.Note]
			if mark == "" {
				mark = strconv.Itoa(len(r.marks) + 1)
				r.marks[s.Note] = mark
				notes = append(notes, s.Note)
			}
			line.Calls = append(line.Calls, Call{w.Len(), mark})
			continue
		}
		if s.Struck {
			continue
		}
		if digits := strings.Trim(s.Text, " []()"); s.Super && digits != "" && strings.Trim(digits, "0123456789") == "" && w.Len() > 0 && !endsDigit(w.String()) {
			line.Calls = append(line.Calls, Call{w.Len(), digits})
			continue
		}
		for i, part := range strings.Split(strings.ToValidUTF8(s.Text, ""), "\n") {
			if i > 0 {
				flush()
			}
			from := w.Len()
			if strings.HasSuffix(w.String(), " ") {
				part = strings.TrimLeft(part, " ")
			}
			w.WriteString(part)
			if s.Bold {
				strong += len(part)
			}
			if u, err := url.Parse(s.Link); s.Link != "" && err == nil && len(s.Link) <= maxURL && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto") && w.Len() > from {
				line.Links = append(line.Links, Link{from, w.Len(), s.Link})
			}
		}
	}
	flush()
	for _, id := range notes {
		var t strings.Builder
		for _, s := range r.text.Notes[id] {
			t.WriteString(s.Text)
		}
		if words := tidy(strings.ToValidUTF8(t.String(), "")); words != "" {
			r.size += len(words)
			r.d.Lines = append(r.d.Lines, Line{Kind: NoteText, Mark: r.marks[id], Text: words, Links: bareLinks(words)})
		}
	}
}

// table makes rows of a table.
func (r *docxReader) table(b *docx.Block) {
	r.tables++
	above := map[int]Cell{}
	for _, row := range b.Rows {
		line := Line{Kind: Row, Table: r.tables}
		col := 0
		for _, c := range row {
			var words []string
			for i := range c.Blocks {
				words = append(words, c.Blocks[i].String())
			}
			cell := Cell{Text: lines(strings.ToValidUTF8(strings.Join(words, "\n"), "")), Col: col}
			if c.Span > 1 {
				cell.Span = c.Span
			}
			if r.merged[r.cell] {
				cell.Again = true
				if cell.Text == "" {
					cell.Text = above[col].Text
				}
			}
			r.cell++
			above[col] = cell
			r.size += len(cell.Text)
			line.Cells = append(line.Cells, cell)
			col += max(1, c.Span)
		}
		r.d.Lines = append(r.d.Lines, line)
	}
}
