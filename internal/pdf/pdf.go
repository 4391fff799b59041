// Package pdf lays text out on pages and writes them as PDF 1.7 (ISO 32000-1): text of all scripts that it has fonts for,
// shaped, in both directions, with the fonts embedded, to be searched, copied and read aloud (Tagged PDF).
package pdf

import (
	"context"
	"time"
)

// Info is what a document says of itself.
type Info struct {
	Title   string
	Lang    string // BCP 47
	RTL     bool   // pages are set from the right
	Created time.Time
	// Landscape turns the pages (A4) on their side.
	Landscape bool
	// Foot gives the words at the foot of a page, from 1; nil: none.
	Foot func(page, pages int) string
}

// Style is how a paragraph looks. Lengths are points.
type Style struct {
	Tag           string // of its structure (ISO 32000-1, 14.8.4): H1, H2, P; empty: P
	Size          float64
	Bold          bool
	Gray          float64 // 0 black to 1 white
	Centre        bool
	Before, After float64
	Box           bool // an empty box to tick stands before it
}

// Item is what stands on pages, one below the other.
type Item interface {
	place(d *Doc) []slice
}

// Text is a paragraph. A line break is one.
type Text struct {
	Style
	Words string
	Lang  string // BCP 47; empty: the document's
	RTL   bool   // its words run from the right; only where Lang is given
	Auto  bool   // they run as their first letter does
}

// Lines are to be written on by hand: so many.
type Lines int

// slice is what is not parted between pages: a line of text, a line to write on.
type slice struct {
	height float64
	draw   func(d *Doc, top float64)
	gap    bool // white space, left out at the top of a page
}

// Page, in points.
const (
	short, long = 595.28, 841.89 // A4
	margin      = 56.7           // 20 mm
	footSize    = 8
)

// Doc is a document that is being made.
type Doc struct {
	info  Info
	t     *typesetter
	wide  float64 // of the page
	high  float64
	pages []*page
	y     float64 // from the top of the page down to where the next item goes
	parts []part  // of the structure
	used  map[*face]bool
}

// part is an element of the structure.
type part struct {
	tag, lang string
	marks     []mark
}

// mark is a piece of content that belongs to a part.
type mark struct{ page, id int }

type page struct {
	content []byte
	marks   []int // the part of each piece of marked content
}

// turns bounds how many documents are made at a time: each may hold large fonts.
var turns = make(chan struct{}, 2)

// Make makes a document. missing are the characters that no font has, which are drawn as boxes.
func (f *Fonts) Make(ctx context.Context, info Info, fill func(*Doc)) (file []byte, missing []rune, err error) {
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	d := &Doc{info: info, t: newTypesetter(f.shelf()), wide: short, high: long}
	if info.Landscape {
		d.wide, d.high = long, short
	}
	fill(d)
	if len(d.pages) == 0 {
		d.NewPage()
	}
	d.feet()
	if d.t.err != nil {
		return nil, nil, d.t.err
	}
	return d.write(), d.t.lacking(), nil
}

// NewPage begins a page.
func (d *Doc) NewPage() {
	d.pages = append(d.pages, &page{})
	d.y = margin
}

func (d *Doc) inner() float64 { return d.wide - 2*margin }

// room is what the page has left, above its foot.
func (d *Doc) room() float64 { return d.high - margin - d.y }

// Flow puts items on the page, all of them on one if they fit on one, else on as many as they take.
func (d *Doc) Flow(items ...Item) {
	if len(d.pages) == 0 {
		d.NewPage()
	}
	var all []slice
	total := 0.0
	for _, it := range items {
		all = append(all, it.place(d)...)
	}
	for _, s := range all {
		total += s.height
	}
	if total > d.room() && total <= d.high-2*margin && d.y > margin {
		d.NewPage()
	}
	for _, s := range all {
		if s.height > d.room() {
			d.NewPage()
		}
		if s.gap && d.y == margin {
			continue
		}
		if s.draw != nil {
			s.draw(d, d.y)
		}
		d.y += s.height
	}
}

// Framed gives the paragraphs a page of their own with a frame, in the middle of it, smaller if they need be.
func (d *Doc) Framed(texts ...Text) {
	d.NewPage()
	for i, inset := range []float64{28, 32} {
		d.rectangle(inset, inset, d.wide-2*inset, d.high-2*inset, []float64{1.2, .5}[i])
	}
	first := len(d.parts)
	for factor := 1.0; ; factor *= .92 {
		d.parts = d.parts[:first]
		var all []slice
		total := 0.0
		for _, x := range texts {
			x.Size, x.Before, x.After = x.Size*factor, x.Before*factor, x.After*factor
			all = append(all, x.place(d)...)
		}
		for _, s := range all {
			total += s.height
		}
		if space := d.high - 2*margin; total > space && factor > .05 {
			continue
		} else {
			d.y = margin + max(0, (space-total)/2)
		}
		for _, s := range all {
			if s.draw != nil {
				s.draw(d, d.y)
			}
			d.y += s.height
		}
		return
	}
}

func (x Text) place(d *Doc) []slice {
	lang, rtl := x.Lang, x.RTL
	if lang == "" {
		lang, rtl = d.info.Lang, d.info.RTL
	}
	if x.Auto {
		rtl = fromRight(x.Words)
	}
	tag := x.Tag
	if tag == "" {
		tag = "P"
	}
	indent := 0.0
	if x.Box {
		indent = x.Size * 1.7
	}
	wide := d.inner() - indent
	lines := d.t.lines(x.Words, lang, rtl, x.Bold, wide/x.Size*1000)
	if len(lines) == 0 {
		return nil
	}
	n := len(d.parts)
	d.parts = append(d.parts, part{tag: tag, lang: lang})
	out := []slice{{height: x.Before, gap: true}}
	for i, l := range lines {
		leading := x.Size * l.leading()
		out = append(out, slice{height: leading, draw: func(d *Doc, top float64) {
			base := d.high - top - leading/2 - x.Size*.34 // the middle of the line is that of the small letters' height and the capitals'
			w := l.width * x.Size / 1000
			at := margin
			switch {
			case x.Centre:
				at += (wide - w) / 2
			case d.info.RTL: // what stands in another language begins at the page's side too, with its box
				at += wide - w
			default:
				at += indent
			}
			d.begin(n)
			if x.Box && i == 0 {
				side := x.Size * .95
				left := margin + .4
				if d.info.RTL {
					left = d.wide - margin - side - .4
				}
				d.box(left, base-x.Size*.12, side)
			}
			d.text(l, at, base, x.Size, x.Gray)
			d.end()
		}})
	}
	return append(out, slice{height: x.After, gap: true})
}

// leading is the height of a line, in ems.
func (l line) leading() float64 {
	high := 1.4
	for _, c := range l.clusters {
		for n, of := range []float64{arabic: 1.7, eastern: 1.55, latin: 1.4} {
			if len(c.face.name) >= len(names[n]) && c.face.name[:len(names[n])] == names[n] {
				high = max(high, of)
			}
		}
	}
	return high
}

func (x Lines) place(*Doc) []slice {
	var out []slice
	for range int(x) {
		out = append(out, slice{height: 24, draw: func(d *Doc, top float64) { d.rule(d.high - top - 20) }})
	}
	return append(out, slice{height: 6, gap: true})
}

// feet adds what stands at the foot of all pages.
func (d *Doc) feet() {
	if d.info.Foot == nil {
		return
	}
	for i, p := range d.pages {
		for _, l := range d.t.lines(d.info.Foot(i+1, len(d.pages)), d.info.Lang, d.info.RTL, false, d.inner()/footSize*1000) {
			at := margin
			if d.info.RTL {
				at = d.wide - margin - l.width*footSize/1000
			}
			d.on(p, func() {
				p.content = append(p.content, "/Artifact <</Type /Pagination>> BDC\n"...)
				d.text(l, at, margin*.6, footSize, .3)
				d.end()
			})
			break // more than a line is more than a foot
		}
	}
}
