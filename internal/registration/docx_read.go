package registration

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Reading documents that strangers have had in their hands: everything is bounded, nothing is followed, and only two of the
// parts are looked at.

// MailInSize is the most bytes a document that came back may have; MailInFiles how many are read at once.
const (
	MailInSize  = 2_000_000
	MailInFiles = 20
)

const (
	docxEntries  = 500      // parts of a package
	docxUnpacked = 32 << 20 // of all parts, as they say themselves
	docxPart     = 8 << 20  // of one that is read
	docxDepth    = 200      // elements in elements
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

// readDocument reads a DOCX; an *Invalid says why it cannot be read.
func readDocument(file []byte) (*returned, error) {
	no := func(key string) error { return refuse("", key) }
	if len(file) > MailInSize {
		return nil, no("mailin.too_large")
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, no("mailin.not_docx")
	}
	if len(z.File) > docxEntries {
		return nil, no("mailin.too_large")
	}
	parts := map[string]*zip.File{}
	var unpacked uint64
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if unpacked += f.UncompressedSize64; f.UncompressedSize64 > docxUnpacked || unpacked > docxUnpacked {
			return nil, no("mailin.too_large")
		}
		if f.Flags&1 != 0 {
			return nil, no("mailin.locked")
		}
		if strings.Contains(name, "vbaproject") || strings.Contains(name, "vbadata") {
			return nil, no("mailin.macros")
		}
		if parts[name] != nil {
			return nil, no("mailin.broken") // which of the two other programs read is anybody's guess
		}
		parts[name] = f
	}
	types, main := parts["[content_types].xml"], parts[strings.ToLower(partMain)]
	if types == nil || main == nil {
		return nil, no("mailin.not_docx")
	}
	b, err := unpack(types)
	if err != nil {
		return nil, err
	}
	if strings.Contains(strings.ToLower(string(b)), "macroenabled") {
		return nil, no("mailin.macros")
	}
	out := &returned{controls: map[string][]control{}}
	if b, err = unpack(main); err != nil {
		return nil, err
	}
	if err := out.read(b); err != nil {
		return nil, err
	}
	if custom := parts[strings.ToLower(partCustom)]; custom != nil {
		if b, err = unpack(custom); err != nil {
			return nil, err
		}
		if err := out.properties(b); err != nil {
			return nil, err
		}
	}
	for _, c := range out.controls[markName] {
		out.marks = append(out.marks, strings.TrimSpace(c.text))
	}
	return out, nil
}

func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, refuse("", "mailin.broken")
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, docxPart+1))
	switch {
	case err != nil:
		return nil, refuse("", "mailin.broken")
	case len(b) > docxPart:
		return nil, refuse("", "mailin.too_large")
	}
	return b, nil
}

// tokens gives the tokens of a part to f. A document type is refused: it is where entities come from, and no word processor
// writes one.
func tokens(b []byte, f func(xml.Token) error) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Entity = map[string]string{}
	depth := 0
	for {
		t, err := d.Token()
		if err == io.EOF && depth == 0 {
			return nil
		}
		if err != nil {
			return refuse("", "mailin.broken")
		}
		switch t.(type) {
		case xml.Directive:
			return refuse("", "mailin.broken")
		case xml.StartElement:
			if depth++; depth > docxDepth {
				return refuse("", "mailin.broken")
			}
		case xml.EndElement:
			depth--
		}
		if err := f(t); err != nil {
			return err
		}
	}
}

// word tells elements of the format, in both editions of its namespace.
func word(n xml.Name) string {
	switch n.Space {
	case nsW, "http://purl.oclc.org/ooxml/wordprocessingml/main":
		return n.Local
	case nsW14:
		return "w14:" + n.Local
	}
	return ""
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// on reads a switch of the format: there without a value is on.
func on(v string) bool { return v != "0" && v != "false" && v != "off" }

var errMany = errors.New("too many controls, or too much in them")

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
					return errMany
				}
				x.text.WriteString(s)
			}
		}
		return nil
	}
	err := tokens(b, func(t xml.Token) error {
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
			switch name := word(t.Name); name {
			case "del", "moveFrom", "sdtEndPr", "pict", "object", "instrText":
				skip = 1
			case "sdt":
				if n++; n > docxControls {
					return errMany
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
					top.tag = attr(t, "val")
				case "showingPlcHdr":
					top.placeholder = on(attr(t, "val"))
				case "w14:checked":
					top.box, top.checked = true, on(attr(t, "val"))
				case "listItem":
					words, value := strings.TrimSpace(attr(t, "displayText")), attr(t, "value")
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
			switch word(t.Name) {
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
	if err == errMany {
		return refuse("", "mailin.too_large")
	}
	return err
}

// properties finds the mark among a document's properties.
func (r *returned) properties(b []byte) error {
	ours := false
	return tokens(b, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "property" {
				ours = attr(t, "name") == markName
			}
		case xml.CharData:
			if w := strings.TrimSpace(string(t)); ours && w != "" && len(w) < 200 && len(r.marks) < 4 {
				r.marks = append(r.marks, w)
			}
		}
		return nil
	})
}
