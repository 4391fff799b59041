package exchange

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Namespaces of XLIFF. 2.1 has kept that of 2.0.
const (
	ns12   = "urn:oasis:names:tc:xliff:document:1.2"
	ns20   = "urn:oasis:names:tc:xliff:document:2.0"
	nsSize = "urn:oasis:names:tc:xliff:sizerestriction:2.0"
)

// WriteXLIFF12 writes entries as XLIFF 1.2, a <file> for each. Codes are <g> and <x>; what they stand for is in equiv-text.
func WriteXLIFF12(files []File) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<xliff version="1.2" xmlns="` + ns12 + `">` + "\n")
	for _, f := range files {
		fmt.Fprintf(&b, `<file original="%s" source-language="%s" target-language="%s" datatype="html" product-name="Plenary">`+"\n", escape(f.Ref.String()), f.From.Tag(), f.To.Tag())
		b.WriteString(`<header>`)
		if f.URL != "" {
			b.WriteString(`<skl><external-file href="` + escape(f.URL) + `"/></skl>`)
		}
		b.WriteString(`<note>` + escape(f.Title) + "</note></header>\n<body>\n")
		for _, u := range f.Units {
			fmt.Fprintf(&b, `<trans-unit id="%s" resname="%s" xml:space="preserve"`, escape(u.ID), escape(u.Hash))
			if u.Max > 0 {
				fmt.Fprintf(&b, ` maxwidth="%d" size-unit="char"`, u.Max)
			}
			if u.State == Translated {
				b.WriteString(` approved="yes"`)
			}
			b.WriteString(">\n<source>" + u.inline12(u.Source) + "</source>\n")
			if u.Target != nil {
				state := "final"
				if u.State != Translated {
					state = "needs-review-translation"
				}
				b.WriteString(`<target state="` + state + `">` + u.inline12(u.Target) + "</target>\n")
			}
			if u.Label != "" {
				b.WriteString("<note>" + escape(u.Label) + "</note>\n")
			}
			b.WriteString("</trans-unit>\n")
		}
		b.WriteString("</body>\n</file>\n")
	}
	b.WriteString("</xliff>\n")
	return []byte(b.String())
}

var ctypes = map[string]string{"link": "link", "strong": "bold", "emphasis": "italic", "break": "lb", kindImage: "image"}

func (u *Unit) code(n int) Code {
	for _, c := range u.Codes {
		if c.Number == n {
			return c
		}
	}
	return Code{Number: n}
}

func (u *Unit) inline12(t Text) string {
	var b strings.Builder
	open := 0
	for _, p := range t {
		if p.Code == 0 {
			b.WriteString(escape(p.Words))
			continue
		}
		c := u.code(p.Code)
		ctype := ctypes[c.Kind]
		if ctype == "" || c.Kind == kindImage && p.Part != Alone {
			ctype = "x-" + orOther(c.Kind)
		}
		hint := ""
		if c.Hint != "" {
			hint = ` equiv-text="` + escape(c.Hint) + `"`
		}
		switch p.Part {
		case Open:
			fmt.Fprintf(&b, `<g id="%d" ctype="%s"%s>`, p.Code, ctype, hint)
			open++
		case Close:
			if open > 0 {
				b.WriteString("</g>")
				open--
			}
		default:
			fmt.Fprintf(&b, `<x id="%d" ctype="%s"%s/>`, p.Code, ctype, hint)
		}
	}
	for ; open > 0; open-- {
		b.WriteString("</g>")
	}
	return b.String()
}

func orOther(kind string) string {
	if kind == "" {
		return "other"
	}
	return kind
}

// WriteXLIFF21 writes entries as XLIFF 2.1, a <file> for each. Codes are <pc> and <ph> that refer to the markup in originalData;
// limits of length are those of the size restriction module, in code points.
func WriteXLIFF21(files []File) []byte {
	var b strings.Builder
	from, to := "", ""
	if len(files) > 0 {
		from, to = files[0].From.Tag(), files[0].To.Tag()
	}
	fmt.Fprintf(&b, xmlHead+`<xliff version="2.1" xmlns="%s" xmlns:slr="%s" srcLang="%s" trgLang="%s">`+"\n", ns20, nsSize, from, to)
	for i, f := range files {
		fmt.Fprintf(&b, `<file id="f%d" original="%s">`+"\n", i+1, escape(f.Ref.String()))
		b.WriteString(`<slr:profiles generalProfile="xliff:codepoints"/>` + "\n<notes>")
		b.WriteString(`<note category="title">` + escape(f.Title) + `</note>`)
		if f.URL != "" {
			b.WriteString(`<note category="url">` + escape(f.URL) + `</note>`)
		}
		b.WriteString("</notes>\n")
		for _, u := range f.Units {
			fmt.Fprintf(&b, `<unit id="%s" name="%s" xml:space="preserve"`, escape(u.ID), escape(u.Hash))
			if u.Max > 0 {
				fmt.Fprintf(&b, ` slr:sizeRestriction="%d"`, u.Max)
			}
			b.WriteString(">\n")
			if u.Label != "" {
				b.WriteString(`<notes><note category="location">` + escape(u.Label) + "</note></notes>\n")
			}
			if used := u.used(); len(used) > 0 {
				b.WriteString("<originalData>")
				for _, c := range used {
					fmt.Fprintf(&b, `<data id="s%d">%s</data>`, c.Number, escape(c.Start))
					if c.End != "" || holdsWords(c) {
						fmt.Fprintf(&b, `<data id="e%d">%s</data>`, c.Number, escape(c.End))
					}
				}
				b.WriteString("</originalData>\n")
			}
			state := map[State]string{Translated: ` state="final"`, Outdated: ` state="initial" subState="plenary:outdated"`}[u.State]
			b.WriteString("<segment" + state + ">\n<source>" + u.inline21(u.Source) + "</source>\n")
			if u.Target != nil {
				b.WriteString("<target>" + u.inline21(u.Target) + "</target>\n")
			}
			b.WriteString("</segment>\n</unit>\n")
		}
		b.WriteString("</file>\n")
	}
	b.WriteString("</xliff>\n")
	return []byte(b.String())
}

// used are the codes that stand in the unit.
func (u *Unit) used() []Code {
	there := append(numbers(u.Source), numbers(u.Target)...)
	var out []Code
	for _, c := range u.Codes {
		if slices.Contains(there, c.Number) {
			out = append(out, c)
		}
	}
	return out
}

var types21 = map[string]string{"link": ` type="link"`, kindImage: ` type="image"`, "strong": ` type="fmt" subType="xlf:b"`, "emphasis": ` type="fmt" subType="xlf:i"`, "break": ` type="fmt" subType="xlf:lb"`}

func (u *Unit) inline21(t Text) string {
	var b strings.Builder
	open := 0
	source := numbers(u.Source)
	for _, p := range t {
		if p.Code == 0 {
			b.WriteString(escape(p.Words))
			continue
		}
		c := u.code(p.Code)
		about := types21[c.Kind]
		if about == "" {
			about = ` type="other" subType="plenary:` + orOther(c.Kind) + `"`
		}
		if c.Hint != "" {
			name := "disp"
			if p.Part == Open {
				name = "dispStart"
			}
			about += fmt.Sprintf(` %s="%s"`, name, escape(c.Hint))
		}
		about += ` canCopy="no"`
		if slices.Contains(source, p.Code) {
			about += ` canDelete="no"`
		}
		switch p.Part {
		case Open:
			fmt.Fprintf(&b, `<pc id="%d" dataRefStart="s%d" dataRefEnd="e%d"%s>`, p.Code, p.Code, p.Code, strings.Replace(about, `canCopy="no"`, `canCopy="no" canOverlap="no"`, 1))
			open++
		case Close:
			if open > 0 {
				b.WriteString("</pc>")
				open--
			}
		default:
			fmt.Fprintf(&b, `<ph id="%d" dataRef="s%d"%s/>`, p.Code, p.Code, about)
		}
	}
	for ; open > 0; open-- {
		b.WriteString("</pc>")
	}
	return b.String()
}

// ReadXLIFF reads a file of either version, as tools give it back: cut in segments, with states and elements of their own. Only
// identities, targets and states are taken; Source is what the file says, to be compared and never believed.
func ReadXLIFF(file []byte) ([]File, error) {
	root, err := parse(file)
	if err != nil {
		return nil, err
	}
	if root.name != "xliff" {
		return nil, refuse("kind")
	}
	var out []File
	count := 0
	var wrong error
	root.each("file", func(n *node) {
		ref, ok := ParseRef(n.get("original"))
		if !ok {
			wrong = refuse("foreign")
			return
		}
		f := File{Ref: ref}
		from, to := n.get("source-language"), n.get("target-language")
		if root.space == ns20 || strings.HasPrefix(root.get("version"), "2") {
			from, to = root.get("srcLang"), root.get("trgLang")
			f.Units = units21(n)
		} else {
			f.Units = units12(n)
		}
		// A file for another language than it was made for has been changed by hand: what it says decides.
		if l, ok := ours(from); from != "" && (!ok || l != f.From) {
			wrong = refuse("pair")
		}
		if l, ok := ours(to); to != "" && (!ok || l != f.To) {
			wrong = refuse("pair")
		}
		if count += len(f.Units); count > MaxUnits {
			wrong = refuse("large")
		}
		if err := f.fits(); err != nil {
			wrong = err
		}
		out = append(out, f)
	})
	switch {
	case wrong != nil:
		return nil, wrong
	case len(out) == 0:
		return nil, refuse("kind")
	}
	return out, nil
}

func units12(n *node) []Unit {
	var out []Unit
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			switch k := &n.kids[i]; {
			case k.space != n.space:
			case k.name == "body" || k.name == "group":
				walk(k)
			case k.name == "trans-unit" && k.get("translate") != "no":
				out = append(out, unit12(k))
			}
		}
	}
	walk(n)
	return out
}

func unit12(n *node) Unit {
	u := Unit{ID: n.get("id"), Hash: n.get("resname"), State: Missing}
	source := n.child("source")
	if source != nil {
		u.Source = inline(source, false)
	}
	t := n.child("target")
	if t == nil {
		return u
	}
	text := inline(t, false)
	state := t.get("state")
	waits := state == "new" || state == "needs-translation"
	if text.Empty() || waits && text.Same(u.Source) {
		return u
	}
	u.Target, u.State = text, Translated
	if waits || strings.HasPrefix(state, "needs-") || n.get("approved") == "no" && state == "" {
		u.State = Outdated
	}
	// Tools that cut a unit in segments mark them; one that is empty is not translated.
	segments, empty := 0, 0
	var look func(*node)
	look = func(n *node) {
		for i := range n.kids {
			if k := &n.kids[i]; k.name == "mrk" && k.get("mtype") == "seg" {
				segments++
				if strings.TrimSpace(k.plain()) == "" && len(k.kids) == 0 {
					empty++
				}
			} else {
				look(k)
			}
		}
	}
	look(t)
	u.Partly = empty > 0 && empty < segments
	return u
}

func units21(n *node) []Unit {
	var out []Unit
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			switch k := &n.kids[i]; {
			case k.space != n.space || k.get("translate") == "no":
			case k.name == "group":
				walk(k)
			case k.name == "unit":
				out = append(out, unit21(k))
			}
		}
	}
	walk(n)
	return out
}

func unit21(n *node) Unit {
	u := Unit{ID: n.get("id"), Hash: n.get("name"), State: Missing}
	type piece struct {
		order          int
		source, target *node
		state          string
		segment        bool
	}
	var pieces []piece
	for i := range n.kids {
		k := &n.kids[i]
		if k.space != n.space || k.name != "segment" && k.name != "ignorable" {
			continue
		}
		p := piece{len(pieces) + 1, k.child("source"), k.child("target"), k.get("state"), k.name == "segment"}
		if p.source != nil {
			u.Source = append(u.Source, inline(p.source, true)...)
		}
		if p.target != nil { // segments of a translation may stand in another order
			if at, err := strconv.Atoi(p.target.get("order")); err == nil && at > 0 {
				p.order = at
			}
		}
		pieces = append(pieces, p)
	}
	u.Source = joined(u.Source)
	slices.SortStableFunc(pieces, func(a, b piece) int { return a.order - b.order })
	translated, missing := 0, 0
	state := Translated
	var target Text
	for _, p := range pieces {
		switch {
		case p.target != nil:
			t := inline(p.target, true)
			target = append(target, t...)
			if !p.segment {
				continue
			}
			var source Text
			if p.source != nil {
				source = inline(p.source, true)
			}
			waits := p.state == "initial" || p.state == ""
			if t.Empty() && !source.Empty() || p.state == "initial" && t.Same(source) {
				missing++
				continue
			}
			translated++
			if waits && p.state == "initial" {
				state = Outdated
			}
		case p.segment:
			if p.source != nil && !inline(p.source, true).Empty() {
				missing++
			}
		case p.source != nil:
			target = append(target, inline(p.source, true)...)
		}
	}
	if translated > 0 {
		u.Target, u.State, u.Partly = joined(target), state, missing > 0
	}
	return u
}

// joined puts words side by side together.
func joined(t Text) Text {
	var out Text
	for _, p := range t {
		if p.Code == 0 {
			out = out.words(p.Words)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// inline reads what stands in a source or target. Marks of tools, as of segments or terms, are looked through; of native code
// nothing is taken but its number.
func inline(n *node, two bool) Text {
	var t Text
	code := func(id string) int {
		if i, err := strconv.Atoi(strings.TrimSpace(id)); err == nil && i > 0 && i < 10_000 {
			return i
		}
		return -1
	}
	first := func(n *node, names ...string) int {
		for _, name := range names {
			if v := n.get(name); v != "" {
				return code(v)
			}
		}
		return -1
	}
	var walk func(*node)
	walk = func(n *node) {
		for i := range n.kids {
			k := &n.kids[i]
			switch {
			case k.name == "":
				t = t.words(legal(k.words))
			case k.space != n.space: // of a tool
				if k.name == "mrk" {
					walk(k)
				}
			case !two && k.name == "g", two && k.name == "pc":
				id := code(k.get("id"))
				t = t.code(id, Open)
				walk(k)
				t = t.code(id, Close)
			case !two && (k.name == "x" || k.name == "ph"), two && k.name == "ph":
				t = t.code(code(k.get("id")), Alone)
			case !two && (k.name == "bx" || k.name == "bpt"):
				t = t.code(first(k, "rid", "id"), Open)
			case !two && (k.name == "ex" || k.name == "ept"):
				t = t.code(first(k, "rid", "id"), Close)
			case !two && k.name == "it":
				part := Open
				if k.get("pos") == "close" {
					part = Close
				}
				t = t.code(first(k, "rid", "id"), part)
			case two && k.name == "sc":
				t = t.code(code(k.get("id")), Open)
			case two && k.name == "ec":
				t = t.code(first(k, "startRef", "id"), Close)
			case two && (k.name == "cp" || k.name == "sm" || k.name == "em"):
			default: // mrk, and what later editions may bring
				walk(k)
			}
		}
	}
	walk(n)
	return t
}
