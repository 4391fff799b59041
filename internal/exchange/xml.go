package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf16"

	"plenary/internal/i18n"
)

// Limits of XML.
const (
	maxNodes      = 400_000
	maxDepth      = 64
	maxAttributes = 64
)

// node is an element, or words where name is empty.
type node struct {
	space, name string
	attr        []xml.Attr
	kids        []node
	words       string
}

// get is an attribute's value; space "" is any but that of names.
func (n *node) get(name string) string {
	for _, a := range n.attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// lang is xml:lang, or lang.
func (n *node) lang() string { return n.get("lang") }

// child is the first element with a name in the node's own namespace, or nil.
func (n *node) child(name string) *node {
	for i := range n.kids {
		if k := &n.kids[i]; k.name == name && k.space == n.space {
			return k
		}
	}
	return nil
}

// each calls f for the elements with a name in the node's own namespace.
func (n *node) each(name string, f func(*node)) {
	for i := range n.kids {
		if k := &n.kids[i]; k.name == name && k.space == n.space {
			f(k)
		}
	}
}

// plain is all words below a node.
func (n *node) plain() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*node)
	walk = func(n *node) {
		b.WriteString(n.words)
		for i := range n.kids {
			walk(&n.kids[i])
		}
	}
	walk(n)
	return b.String()
}

// parse reads XML in UTF-8 or UTF-16, with or without a byte order mark. A document type that defines nothing is passed over,
// as TMX and TBX have one by habit; one that defines anything is refused.
func parse(file []byte) (*node, error) {
	if len(file) > MaxBytes {
		return nil, refuse("large")
	}
	text, err := decode(file)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = map[string]string{}
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-16", "utf-16le", "utf-16be", "utf8", "us-ascii", "ascii":
			return r, nil // it is UTF-8 by now
		}
		return nil, refuse("encoding")
	}
	var root node
	stack := []*node{&root}
	nodes := 0
	for {
		t, err := d.Token()
		if err == io.EOF && len(stack) == 1 {
			break
		}
		if err != nil {
			if p := Refused(err); p != nil {
				return nil, p
			}
			return nil, refuse("broken")
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.Directive:
			if bytes.ContainsAny(t, "[<") {
				return nil, refuse("doctype")
			}
		case xml.StartElement:
			if nodes++; nodes > maxNodes || len(stack) > maxDepth || len(t.Attr) > maxAttributes {
				return nil, refuse("large")
			}
			top.kids = append(top.kids, node{space: t.Name.Space, name: t.Name.Local, attr: t.Copy().Attr})
			stack = append(stack, &top.kids[len(top.kids)-1])
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) == 1 {
				continue
			}
			if nodes++; nodes > maxNodes {
				return nil, refuse("large")
			}
			top.kids = append(top.kids, node{words: string(t)})
		}
	}
	for i := range root.kids {
		if root.kids[i].name != "" {
			return &root.kids[i], nil
		}
	}
	return nil, refuse("broken")
}

// decode makes UTF-8 of a file.
func decode(file []byte) (string, error) {
	order := binary.ByteOrder(nil)
	switch {
	case bytes.HasPrefix(file, []byte{0xEF, 0xBB, 0xBF}):
		return string(file[3:]), nil
	case bytes.HasPrefix(file, []byte{0xFF, 0xFE}):
		order, file = binary.LittleEndian, file[2:]
	case bytes.HasPrefix(file, []byte{0xFE, 0xFF}):
		order, file = binary.BigEndian, file[2:]
	case bytes.HasPrefix(file, []byte{'<', 0}):
		order = binary.LittleEndian
	case bytes.HasPrefix(file, []byte{0, '<'}):
		order = binary.BigEndian
	default:
		return string(file), nil
	}
	if len(file)%2 != 0 {
		return "", refuse("broken")
	}
	units := make([]uint16, len(file)/2)
	for i := range units {
		units[i] = order.Uint16(file[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

// escape makes words fit for XML text and attributes.
func escape(w string) string { return escapes.Replace(legal(w)) }

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#xD;", "\t", "&#x9;")

// ours finds the language of the site that a tag of BCP 47 is of: "fr-CA" is French.
func ours(tag string) (i18n.Locale, bool) {
	tag, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(tag)), "_", "-"), "-")
	return i18n.Parse(tag)
}

// is compares elements' names whatever their letters, for formats of which editions differ in that.
func (n *node) is(name string) bool { return strings.EqualFold(n.name, name) }

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
