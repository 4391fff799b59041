package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Why a file cannot be read.
var (
	ErrNotDocument = errors.New("docx: no document of a word processor")
	ErrTooLarge    = errors.New("docx: too large, or too much in it")
	ErrLocked      = errors.New("docx: locked with a password")
	ErrMacros      = errors.New("docx: it holds macros")
	ErrBroken      = errors.New("docx: broken")
)

const (
	mostEntries  = 500      // parts of a package
	mostUnpacked = 32 << 20 // bytes of all parts, as they say themselves
	mostPart     = 8 << 20  // bytes of one that is read
	mostDepth    = 200      // elements in elements
)

// Package is a document's parts, none of them unpacked yet.
type Package struct{ parts map[string]*zip.File }

// Open looks at a document of at most so many bytes. What is wrong with it is one of the errors of this package.
func Open(file []byte, most int) (*Package, error) {
	if len(file) > most {
		return nil, ErrTooLarge
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, ErrNotDocument
	}
	if len(z.File) > mostEntries {
		return nil, ErrTooLarge
	}
	p := &Package{map[string]*zip.File{}}
	var unpacked uint64
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if unpacked += f.UncompressedSize64; f.UncompressedSize64 > mostUnpacked || unpacked > mostUnpacked {
			return nil, ErrTooLarge
		}
		if f.Flags&1 != 0 {
			return nil, ErrLocked
		}
		if strings.Contains(name, "vbaproject") || strings.Contains(name, "vbadata") {
			return nil, ErrMacros
		}
		if p.parts[name] != nil {
			return nil, ErrBroken // which of the two other programs read is anybody's guess
		}
		p.parts[name] = f
	}
	types, err := p.Part("[Content_Types].xml")
	if err != nil {
		return nil, err
	}
	if types == nil || p.parts[strings.ToLower(Main)] == nil {
		return nil, ErrNotDocument
	}
	if strings.Contains(strings.ToLower(string(types)), "macroenabled") {
		return nil, ErrMacros
	}
	return p, nil
}

// Part unpacks a part; nil where there is none with that name.
func (p *Package) Part(name string) ([]byte, error) {
	f := p.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, ErrBroken
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, mostPart+1))
	switch {
	case err != nil:
		return nil, ErrBroken
	case len(b) > mostPart:
		return nil, ErrTooLarge
	}
	return b, nil
}

// Tokens gives the tokens of a part to f, and comes back with the first error f has. A document type is refused: it is where
// entities come from, and no word processor writes one.
func Tokens(part []byte, f func(xml.Token) error) error {
	d := xml.NewDecoder(bytes.NewReader(part))
	d.Entity = map[string]string{}
	depth := 0
	for {
		t, err := d.Token()
		if err == io.EOF && depth == 0 {
			return nil
		}
		if err != nil {
			return ErrBroken
		}
		switch t.(type) {
		case xml.Directive:
			return ErrBroken
		case xml.StartElement:
			if depth++; depth > mostDepth {
				return ErrBroken
			}
		case xml.EndElement:
			depth--
		}
		if err := f(t); err != nil {
			return err
		}
	}
}

// Name tells elements of the format, in both editions of its namespace; those of 2010 begin with "w14:". Others have no name.
func Name(n xml.Name) string {
	switch n.Space {
	case nsW, nsStrict:
		return n.Local
	case nsW14:
		return "w14:" + n.Local
	}
	return ""
}

// Attr is an attribute's value, whatever its namespace.
func Attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// On reads a switch of the format: there without a value is on.
func On(v string) bool { return v != "0" && v != "false" && v != "off" }
