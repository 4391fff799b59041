package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

func (d *Doc) now() *page { return d.pages[len(d.pages)-1] }

// on draws on another page than the last.
func (d *Doc) on(p *page, draw func()) {
	all := d.pages
	d.pages = []*page{p}
	draw()
	d.pages = all
}

func (d *Doc) put(format string, args ...any) {
	p := d.now()
	p.content = fmt.Appendf(p.content, format, args...)
}

// num writes a number as short as a thousandth of a point needs.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	s := strconv.FormatFloat(v, 'f', 3, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// begin opens content of a part of the structure.
func (d *Doc) begin(n int) {
	p := d.now()
	id := len(p.marks)
	p.marks = append(p.marks, n)
	d.parts[n].marks = append(d.parts[n].marks, mark{len(d.pages) - 1, id})
	d.put("/%s <</MCID %d>> BDC\n", d.parts[n].tag, id)
}

func (d *Doc) end() { d.put("EMC\n") }

func (d *Doc) rectangle(x, y, w, h, line float64) {
	d.put("/Artifact BMC\n%s w 0.45 G %s %s %s %s re S\nEMC\n", num(line), num(x), num(y), num(w), num(h))
}

// rule is a line to write on, over the whole width.
func (d *Doc) rule(y float64) {
	d.put("/Artifact BMC\n0.6 w 0.45 G %s %s m %s %s l S\nEMC\n", num(margin), num(y), num(d.wide-margin), num(y))
}

// box is one to tick, which reads as one.
func (d *Doc) box(x, y, side float64) {
	d.put("/Span <</ActualText %s>> BDC\n0.8 w 0.2 G %s %s %s %s re S\nEMC\n", utf16Hex("☐ "), num(x), num(y), num(side), num(side))
}

// text draws a line.
func (d *Doc) text(l line, x, y, size, gray float64) {
	p := d.now()
	d.put("BT %s g %s G\n", num(gray), num(gray))
	var font *face
	var run []byte                       // of TJ
	bold, open := false, false           // what is set; in a string of TJ
	pen, base := math.Inf(1), math.NaN() // where the next glyph would stand by itself
	flush := func() {
		if open {
			run = append(run, '>')
		}
		if len(run) > 0 {
			p.content = append(append(append(p.content, '['), run...), "] TJ\n"...)
		}
		run, open = run[:0], false
	}
	for _, c := range l.clusters {
		thick := c.bold && c.face.thicken
		if c.face != font || thick != bold {
			flush()
			if c.face != font {
				font = c.face
				d.put("/F%d %s Tf\n", d.number(font), num(size))
				base = math.NaN()
			}
			if thick != bold {
				bold = thick
				if bold {
					d.put("2 Tr %s w\n", num(size*.035))
				} else {
					d.put("0 Tr\n")
				}
			}
		}
		runes := []rune(c.text)
		each := len(runes) == len(c.glyphs) // a letter and its marks: they can be told apart
		actual := !each && len(c.glyphs) != 1
		if actual {
			flush()
			d.put("/Span <</ActualText %s>> BDC\n", utf16Hex(c.text))
		}
		for i, g := range c.glyphs {
			text := c.text
			switch {
			case actual:
				text = ""
			case each && c.level%2 == 1:
				text = string(runes[len(runes)-1-i])
			case each:
				text = string(runes[i])
			}
			id := c.face.glyph(g.GlyphID, text)
			gx, gy := x+float64(g.XOffset)/64*size/1000, y+float64(g.YOffset)/64*size/1000
			if gy != base {
				flush()
				d.put("1 0 0 1 %s %s Tm\n", num(gx), num(gy))
				pen, base = gx, gy
			} else if by := (pen - gx) / size * 1000; math.Abs(by) > .5 {
				if open {
					run, open = append(run, '>'), false
				}
				run = append(run, num(math.Round(by))...)
				pen -= math.Round(by) * size / 1000
			}
			if !open {
				run, open = append(run, '<'), true
			}
			run = fmt.Appendf(run, "%04X", id)
			pen += float64(math.Round(float64(c.face.face.HorizontalAdvance(g.GlyphID))*c.face.scale)) * size / 1000
			x += float64(g.Advance) / 64 * size / 1000
		}
		if actual {
			flush()
			d.end()
		}
	}
	flush()
	if bold {
		d.put("0 Tr\n")
	}
	d.put("ET\n")
}

// number is that of a font in the resources.
func (d *Doc) number(f *face) int {
	for i, x := range d.t.faces {
		if x == f {
			return i
		}
	}
	return 0
}

// utf16Hex writes words as a text string (ISO 32000-1, 7.9.2.2).
func utf16Hex(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// out is a file that is being written.
type out struct {
	b       bytes.Buffer
	offsets []int // of objects, from 1
}

// reserve gives the number of an object that is written later.
func (o *out) reserve() int {
	o.offsets = append(o.offsets, 0)
	return len(o.offsets)
}

func (o *out) object(n int, format string, args ...any) {
	o.offsets[n-1] = o.b.Len()
	fmt.Fprintf(&o.b, "%d 0 obj\n", n)
	fmt.Fprintf(&o.b, format, args...)
	o.b.WriteString("\nendobj\n")
}

func (o *out) stream(n int, dict string, data []byte) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(data) // a Buffer takes everything
	_ = w.Close()
	o.object(n, "<<%s /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream", dict, z.Len(), z.Bytes())
}

// write gives the file. Of the same document it is the same, byte for byte.
func (d *Doc) write() []byte {
	o := &out{}
	o.b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	catalog, tree, info, meta, root, document, parents := o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve()
	var fonts strings.Builder
	for i, f := range d.t.faces {
		if len(f.used) > 0 {
			fmt.Fprintf(&fonts, "/F%d %d 0 R ", i, o.font(f))
		}
	}
	var kids strings.Builder
	numbers := make([]int, len(d.pages))
	for i := range d.pages {
		numbers[i] = o.reserve()
		fmt.Fprintf(&kids, "%d 0 R ", numbers[i])
	}
	for i, p := range d.pages {
		content := o.reserve()
		o.object(numbers[i], "<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources <</Font <<%s>>>> /Contents %d 0 R /StructParents %d /Tabs /S>>", tree, num(d.wide), num(d.high), fonts.String(), content, i)
		o.stream(content, "", p.content)
	}
	o.object(tree, "<</Type /Pages /Kids [%s] /Count %d>>", kids.String(), len(d.pages))

	var elements strings.Builder
	refs := make([]int, len(d.parts))
	for i, x := range d.parts {
		if len(x.marks) == 0 {
			continue
		}
		refs[i] = o.reserve()
		fmt.Fprintf(&elements, "%d 0 R ", refs[i])
		var k strings.Builder
		for _, m := range x.marks {
			fmt.Fprintf(&k, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", numbers[m.page], m.id)
		}
		o.object(refs[i], "<</Type /StructElem /S /%s /P %d 0 R /Lang (%s) /K [%s]>>", x.tag, document, literal(x.lang), k.String())
	}
	o.object(document, "<</Type /StructElem /S /Document /P %d 0 R /K [%s]>>", root, elements.String())
	var nums strings.Builder
	for i, p := range d.pages {
		fmt.Fprintf(&nums, "%d [", i)
		for _, n := range p.marks {
			fmt.Fprintf(&nums, "%d 0 R ", refs[n])
		}
		nums.WriteString("] ")
	}
	o.object(parents, "<</Nums [%s]>>", nums.String())
	o.object(root, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", document, parents, len(d.pages))

	made := d.info.Created.UTC()
	xmp := `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + xmlWords(d.info.Title) + `</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>` + xmlWords(d.info.Lang) + `</rdf:li></rdf:Bag></dc:language><xmp:CreateDate>` + made.Format("2006-01-02T15:04:05Z") + `</xmp:CreateDate></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
	o.offsets[meta-1] = o.b.Len() // as it is, so that programs find it
	fmt.Fprintf(&o.b, "%d 0 obj\n<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream\nendobj\n", meta, len(xmp), xmp)
	o.object(info, "<</Title %s /CreationDate (%s)>>", utf16Hex(d.info.Title), made.Format("D:20060102150405Z"))
	direction := "L2R"
	if d.info.RTL {
		direction = "R2L"
	}
	o.object(catalog, "<</Type /Catalog /Version /1.7 /Pages %d 0 R /Lang (%s) /Metadata %d 0 R /MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /ViewerPreferences <</DisplayDocTitle true /Direction /%s>>>>", tree, literal(d.info.Lang), meta, root, direction)

	sum := sha256.Sum256(o.b.Bytes())
	id := hex.EncodeToString(sum[:16])
	start := o.b.Len()
	fmt.Fprintf(&o.b, "xref\n0 %d\n0000000000 65535 f \n", len(o.offsets)+1)
	for _, at := range o.offsets {
		fmt.Fprintf(&o.b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&o.b, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>]>>\nstartxref\n%d\n%%%%EOF\n", len(o.offsets)+1, catalog, info, id, id, start)
	return o.b.Bytes()
}

// font writes a font with the glyphs in use, and gives its number.
func (o *out) font(f *face) int {
	file, glyphs, widths, box := f.trueType()
	sum := sha256.Sum256(file)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	name := string(tag) + "+" + plainName(f.name)
	n, descendant, descriptor, data, places, unicode := o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve(), o.reserve()
	o.object(n, "<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, descendant, unicode)
	var w strings.Builder
	for _, x := range widths {
		fmt.Fprintf(&w, "%d ", x)
	}
	o.object(descendant, "<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /W [0 [%s]] /CIDToGIDMap %d 0 R>>", name, descriptor, w.String(), places)
	o.object(descriptor, "<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent 1069 /Descent -293 /CapHeight 714 /StemV 80 /FontFile2 %d 0 R>>", name, box[0], box[1], box[2], box[3], data)
	o.stream(data, fmt.Sprintf("/Length1 %d", len(file)), file)
	var m []byte
	for _, g := range glyphs {
		m = append(m, byte(g>>8), byte(g))
	}
	o.stream(places, "", m)
	o.stream(unicode, "", f.toUnicode())
	return n
}

// toUnicode tells which text each character stands for (ISO 32000-1, 9.10.3).
func (f *face) toUnicode() []byte {
	var lines []string
	for i, u := range f.used {
		if u.text == "" {
			continue
		}
		hex := utf16Hex(u.text)
		lines = append(lines, fmt.Sprintf("<%04X> <%s", i+1, hex[len("<FEFF"):]))
	}
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for len(lines) > 0 {
		n := min(100, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n%s\nendbfchar\n", n, strings.Join(lines[:n], "\n"))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return -1
	}, s)
}

// literal keeps what a tag of a language may hold.
func literal(s string) string { return plainName(s) }

func xmlWords(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(string(clean(s)))
}
