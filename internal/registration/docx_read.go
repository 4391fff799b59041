package registration

import (
	"encoding/xml"
	"errors"
	"strings"

	"plenary/internal/docx"
)

// Reading forms that strangers have had in their hands: package docx bounds the file, and here what is read of it is bounded.

// MailInSize is the most bytes a document that came back may have; MailInFiles how many are read at once.
const (
	MailInSize  = 2_000_000
	MailInFiles = 20
)

const (
	docxControls = 3000
	docxWords    = 20_000  // bytes of one control
	docxText     = 1 << 20 // bytes of all controls: what lies in one that lies in another counts in both
	docxTwice    = 2       // controls with the same tag: more say no more than that there are several
)

// returned is what a document holds.
type returned struct {
	controls map[string][]control // by tag
	marks    []string
}

// control is one as it came back.
type control struct {
	text        string
	placeholder bool
	checked     bool
	items       map[string]string // value by words
}

// unreadable says why a document cannot be read; other errors are handed on.
func unreadable(err error) error {
	for _, x := range []struct {
		err error
		key string
	}{{docx.ErrTooLarge, "mailin.too_large"}, {docx.ErrNotDocument, "mailin.not_docx"}, {docx.ErrLocked, "mailin.locked"}, {docx.ErrMacros, "mailin.macros"}, {docx.ErrBroken, "mailin.broken"}} {
		if errors.Is(err, x.err) {
			return refuse("", x.key)
		}
	}
	return err
}

// readDocument reads a DOCX; an *Invalid says why it cannot be read.
func readDocument(file []byte) (*returned, error) {
	p, err := docx.Open(file, MailInSize)
	if err != nil {
		return nil, unreadable(err)
	}
	out := &returned{controls: map[string][]control{}}
	for _, part := range []struct {
		name string
		read func([]byte) error
	}{{docx.Main, out.read}, {docx.Custom, out.properties}} {
		b, err := p.Part(part.name)
		if err == nil && b != nil {
			err = part.read(b)
		}
		if err != nil {
			return nil, unreadable(err)
		}
	}
	for _, c := range out.controls[markName] {
		out.marks = append(out.marks, strings.TrimSpace(c.text))
	}
	return out, nil
}

// read finds the controls of a document's text. Deleted and moved words, and what is there twice for old programs, do not
// count.
func (r *returned) read(b []byte) error {
	type state struct {
		control
		tag      string
		props    bool // in its properties
		text     strings.Builder
		box      bool
		contents int
	}
	var stack []*state
	skip, inText, n, total := 0, false, 0, 0
	add := func(s string) error {
		for _, x := range stack {
			if x.contents > 0 && x.text.Len()+len(s) <= docxWords {
				if total += len(s); total > docxText {
					return docx.ErrTooLarge
				}
				x.text.WriteString(s)
			}
		}
		return nil
	}
	return docx.Tokens(b, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if skip > 0 {
				skip++
				return nil
			}
			if t.Name.Local == "Fallback" {
				skip = 1
				return nil
			}
			var top *state
			if len(stack) > 0 {
				top = stack[len(stack)-1]
			}
			switch name := docx.Name(t.Name); name {
			case "del", "moveFrom", "sdtEndPr", "pict", "object", "instrText":
				skip = 1
			case "sdt":
				if n++; n > docxControls {
					return docx.ErrTooLarge
				}
				stack = append(stack, &state{})
			case "sdtPr":
				if top != nil {
					top.props = true
				}
			case "sdtContent":
				if top != nil {
					top.contents++
				}
			case "t":
				inText = true
			case "br", "cr":
				return add("\n")
			case "tab":
				return add(" ")
			default:
				if top == nil || !top.props {
					return nil
				}
				switch name {
				case "tag":
					top.tag = docx.Attr(t, "val")
				case "showingPlcHdr":
					top.placeholder = docx.On(docx.Attr(t, "val"))
				case "w14:checked":
					top.box, top.checked = true, docx.On(docx.Attr(t, "val"))
				case "listItem":
					words, value := strings.TrimSpace(docx.Attr(t, "displayText")), docx.Attr(t, "value")
					if words == "" {
						words = value
					}
					if top.items == nil {
						top.items = map[string]string{}
					}
					if _, twice := top.items[words]; !twice {
						top.items[words] = value
					}
				}
			}
		case xml.EndElement:
			if skip > 0 {
				skip--
				return nil
			}
			switch docx.Name(t.Name) {
			case "sdtPr":
				if len(stack) > 0 {
					stack[len(stack)-1].props = false
				}
			case "sdtContent":
				if len(stack) > 0 {
					stack[len(stack)-1].contents--
				}
			case "t":
				inText = false
			case "p":
				return add("\n")
			case "sdt":
				x := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				x.control.text = strings.TrimSpace(x.text.String())
				if x.box { // some programs leave the sign and forget the switch
					x.checked = x.checked || strings.ContainsAny(x.control.text, boxTicked+"☑✓✔")
				}
				if x.tag != "" && len(r.controls[x.tag]) < docxTwice {
					r.controls[x.tag] = append(r.controls[x.tag], x.control)
				}
			}
		case xml.CharData:
			if inText && skip == 0 {
				return add(string(t))
			}
		}
		return nil
	})
}

// properties finds the mark among a document's properties.
func (r *returned) properties(b []byte) error {
	ours := false
	return docx.Tokens(b, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "property" {
				ours = docx.Attr(t, "name") == markName
			}
		case xml.CharData:
			if w := strings.TrimSpace(string(t)); ours && w != "" && len(w) < 200 && len(r.marks) < 4 {
				r.marks = append(r.marks, w)
			}
		}
		return nil
	})
}
