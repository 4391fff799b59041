package pdf

import (
	"encoding/binary"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// point of a glyph's outline, in units of an em of a thousand.
type point struct {
	x, y int16
	on   bool
}

// outline is the contours of a glyph as TrueType has them: lines and quadratic curves. Cubic ones are cut into quadratic
// ones that are less than half a unit off.
func (f *face) outline(g font.GID) (contours [][]point) {
	defer func() {
		if recover() != nil { // a damaged font of the folder
			contours = nil
		}
	}()
	data, ok := f.face.GlyphDataOutline(g)
	if !ok {
		return nil
	}
	type pt struct{ x, y float64 }
	var now []point
	var at pt
	add := func(p pt, on bool) {
		c := func(v float64) int16 { return int16(math.Round(max(-32000, min(32000, v)))) }
		now = append(now, point{c(p.x), c(p.y), on})
	}
	end := func() {
		if n := len(now); n > 1 && now[0] == now[n-1] {
			now = now[:n-1]
		}
		if len(now) > 1 {
			contours = append(contours, now)
		}
		now = nil
	}
	of := func(p opentype.SegmentPoint) pt { return pt{float64(p.X) * f.scale, float64(p.Y) * f.scale} }
	for _, s := range data.Segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			end()
			at = of(s.Args[0])
			add(at, true)
		case opentype.SegmentOpLineTo:
			at = of(s.Args[0])
			add(at, true)
		case opentype.SegmentOpQuadTo:
			add(of(s.Args[0]), false)
			at = of(s.Args[1])
			add(at, true)
		case opentype.SegmentOpCubeTo:
			a, b, c, d := at, of(s.Args[0]), of(s.Args[1]), of(s.Args[2])
			off := math.Hypot(d.x-3*c.x+3*b.x-a.x, d.y-3*c.y+3*b.y-a.y) * math.Sqrt(3) / 36
			n := max(1, min(8, int(math.Ceil(math.Cbrt(off/0.5)))))
			cubic := func(t float64) (pt, pt) { // the point and the slope
				u := 1 - t
				return pt{u*u*u*a.x + 3*u*u*t*b.x + 3*u*t*t*c.x + t*t*t*d.x, u*u*u*a.y + 3*u*u*t*b.y + 3*u*t*t*c.y + t*t*t*d.y},
					pt{3 * (u*u*(b.x-a.x) + 2*u*t*(c.x-b.x) + t*t*(d.x-c.x)), 3 * (u*u*(b.y-a.y) + 2*u*t*(c.y-b.y) + t*t*(d.y-c.y))}
			}
			p, m := cubic(0)
			for i := 1; i <= n; i++ {
				q, l := cubic(float64(i) / float64(n))
				h := 1 / float64(n)
				// The part's own handles stand a third of its slopes off; the one of a quadratic curve is their mean, drawn out.
				add(pt{(p.x+q.x)/2 + (m.x-l.x)*h/4, (p.y+q.y)/2 + (m.y-l.y)*h/4}, false)
				add(q, true)
				p, m = q, l
			}
			at = d
		}
	}
	end()
	return contours
}

// trueType makes a font file (TrueType) of the glyphs in use. glyphs tells which of them each character of the PDF font is,
// widths how wide, from character 0, the box for what is missing.
func (f *face) trueType() (file []byte, glyphs []uint16, widths []int, box [4]int16) {
	place := map[font.GID]uint16{0: 0}
	all := []font.GID{0}
	glyphs = []uint16{0}
	for _, u := range f.used {
		n, there := place[u.glyph]
		if !there {
			n = uint16(len(all))
			place[u.glyph] = n
			all = append(all, u.glyph)
		}
		glyphs = append(glyphs, n)
	}
	be := binary.BigEndian
	var glyf, hmtx []byte
	loca := be.AppendUint32(nil, 0)
	var advances []int
	points, contours := 0, 0
	box = [4]int16{math.MaxInt16, math.MaxInt16, math.MinInt16, math.MinInt16}
	for _, g := range all {
		width, left := 0, int16(0)
		if g != font.EmptyGlyph {
			width = max(0, min(math.MaxInt16, int(math.Round(float64(f.face.HorizontalAdvance(g))*f.scale))))
			if c := f.outline(g); len(c) > 0 {
				b, n := [4]int16{}, 0
				glyf, b, n = appendGlyph(glyf, c)
				left = b[0]
				points, contours = max(points, n), max(contours, len(c))
				box = [4]int16{min(box[0], b[0]), min(box[1], b[1]), max(box[2], b[2]), max(box[3], b[3])}
			}
		}
		advances = append(advances, width)
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		hmtx = be.AppendUint16(be.AppendUint16(hmtx, uint16(width)), uint16(left))
	}
	if box[0] > box[2] {
		box = [4]int16{}
	}
	for _, n := range glyphs {
		widths = append(widths, advances[n])
	}
	words := func(v ...int) []byte {
		var b []byte
		for _, x := range v {
			b = be.AppendUint16(b, uint16(x))
		}
		return b
	}
	head := words(1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, int(box[0]), int(box[1]), int(box[2]), int(box[3]), 0, 8, 2, 1, 0)
	tables := []struct {
		tag  string
		data []byte
	}{
		{"glyf", glyf}, {"head", head},
		{"hhea", words(1, 0, 1069, -293, 0, 3000, 0, 0, int(box[2]), 1, 0, 0, 0, 0, 0, 0, 0, len(all))},
		{"hmtx", hmtx}, {"loca", loca},
		{"maxp", words(1, 0, len(all), points, contours, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)},
	}
	file = words(1, 0, len(tables), 64, 2, len(tables)*16-64)
	offset := len(file) + 16*len(tables)
	var body []byte
	for _, t := range tables {
		data := append(t.data[:len(t.data):len(t.data)], make([]byte, (4-len(t.data)%4)%4)...)
		sum := uint32(0)
		for i := 0; i < len(data); i += 4 {
			sum += be.Uint32(data[i:])
		}
		file = append(file, t.tag...)
		file = be.AppendUint32(be.AppendUint32(be.AppendUint32(file, sum), uint32(offset+len(body))), uint32(len(t.data)))
		body = append(body, data...)
	}
	return append(file, body...), glyphs, widths, box
}

// appendGlyph adds a simple glyph, and gives its box and the number of its points.
func appendGlyph(to []byte, contours [][]point) (_ []byte, box [4]int16, points int) {
	be := binary.BigEndian
	box = [4]int16{math.MaxInt16, math.MaxInt16, math.MinInt16, math.MinInt16}
	var ends, flags, xs, ys []byte
	var last point
	for _, c := range contours {
		points += len(c)
		ends = be.AppendUint16(ends, uint16(points-1))
		for _, p := range c {
			box = [4]int16{min(box[0], p.x), min(box[1], p.y), max(box[2], p.x), max(box[3], p.y)}
			flag := byte(0)
			if p.on {
				flag = 1
			}
			flags = append(flags, flag)
			xs, ys = be.AppendUint16(xs, uint16(p.x-last.x)), be.AppendUint16(ys, uint16(p.y-last.y))
			last = p
		}
	}
	for _, v := range []int16{int16(len(contours)), box[0], box[1], box[2], box[3]} {
		to = be.AppendUint16(to, uint16(v))
	}
	to = append(append(to, ends...), 0, 0) // no instructions
	to = append(append(append(to, flags...), xs...), ys...)
	return append(to, make([]byte, (4-len(to)%4)%4)...), box, points
}
