package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// The pictures are drawn here, so that the demo site has its own and nobody's rights are touched. All of them play with
// the theme's motif: dots on arcs.

// palette is five colours, from the ground to the accent.
type palette [5]color.RGBA

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

func colours(v ...uint32) (p palette) {
	for i := range p {
		p[i] = rgb(v[i])
	}
	return p
}

var palettes = map[string]palette{
	"sea":    colours(0xf1f8fc, 0xb5dff3, 0x009edb, 0x00517d, 0xf2a33a),
	"night":  colours(0x002b49, 0x004a77, 0x0077b3, 0x8cd3f2, 0xffc857),
	"rice":   colours(0xf5f3e7, 0xd5dfb9, 0x8fb36b, 0x3f6b4f, 0xc8553d),
	"clay":   colours(0xfbf1e8, 0xf0cfb4, 0xd98b5f, 0x7a3e2b, 0x1d6a80),
	"orchid": colours(0xf8f1f8, 0xe0c5e4, 0xa86bb3, 0x523063, 0x2f9e8f),
	"stone":  colours(0xf2f4f6, 0xcfd8df, 0x8aa0b0, 0x33485a, 0xe0663f),
	"mango":  colours(0xfff6e3, 0xffdf9e, 0xf2a93b, 0x8a4b14, 0x0d7286),
	"reef":   colours(0xe9f7f4, 0xa9ddd2, 0x3aa99f, 0x10585c, 0xef6f6c),
}

// art names each picture's motif and palette.
var art = map[string]struct{ motif, palette string }{
	"rings":     {"rings", "sea"},
	"ledger":    {"ledger", "stone"},
	"river":     {"river", "rice"},
	"islands":   {"islands", "reef"},
	"voices":    {"voices", "mango"},
	"threads":   {"threads", "night"},
	"budget":    {"blocks", "clay"},
	"archive":   {"ledger", "clay"},
	"counters":  {"blocks", "sea"},
	"crossing":  {"threads", "orchid"},
	"monsoon":   {"river", "night"},
	"assembly":  {"rings", "mango"},
	"languages": {"voices", "orchid"},
	"coast":     {"islands", "sea"},
}

func drawArt(name string) ([]byte, error) {
	a, ok := art[name]
	if !ok {
		return nil, fmt.Errorf("picture %q is not declared", name)
	}
	c := newCanvas(1600, 900, palettes[a.palette], name)
	c.ground()
	switch a.motif {
	case "rings":
		c.rings()
	case "ledger":
		c.ledger()
	case "river":
		c.river()
	case "islands":
		c.islands()
	case "voices":
		c.voices()
	case "threads":
		c.threads()
	case "blocks":
		c.blocks()
	}
	return c.jpeg()
}

type canvas struct {
	*image.RGBA
	w, h float64
	p    palette
	rnd  *rand.Rand
}

// newCanvas draws the same picture for the same name, always.
func newCanvas(w, h int, p palette, name string) *canvas {
	s := fnv.New64a()
	s.Write([]byte(name))
	return &canvas{image.NewRGBA(image.Rect(0, 0, w, h)), float64(w), float64(h), p, rand.New(rand.NewPCG(s.Sum64(), 7))}
}

func (c *canvas) jpeg() ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, c.RGBA, &jpeg.Options{Quality: 90})
	return b.Bytes(), err
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	m := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 255}
}

// ground is a soft gradient from the first to the second colour.
func (c *canvas) ground() {
	for y := range int(c.h) {
		col := mix(c.p[0], c.p[1], 0.55*float64(y)/c.h)
		for x := range int(c.w) {
			c.SetRGBA(x, y, col)
		}
	}
}

type point struct{ x, y float64 }

// fill paints a polygon. Only its own rectangle is touched.
func (c *canvas) fill(col color.RGBA, pts ...point) {
	x0, y0, x1, y1 := pts[0].x, pts[0].y, pts[0].x, pts[0].y
	for _, p := range pts {
		x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
	}
	box := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
	seen := box.Intersect(c.Bounds())
	if seen.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range pts {
		x, y := float32(p.x-float64(box.Min.X)), float32(p.y-float64(box.Min.Y))
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			if a := mask.AlphaAt(x-box.Min.X, y-box.Min.Y).A; a > 0 {
				c.SetRGBA(x, y, mix(c.RGBAAt(x, y), col, float64(a)/255))
			}
		}
	}
}

func (c *canvas) dot(col color.RGBA, x, y, r float64) { c.ellipse(col, x, y, r, r) }

func (c *canvas) ellipse(col color.RGBA, x, y, rx, ry float64) {
	n := max(12, int(math.Sqrt(max(rx, ry))*8))
	pts := make([]point, n)
	for i := range pts {
		s, k := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		pts[i] = point{x + rx*k, y + ry*s}
	}
	c.fill(col, pts...)
}

func (c *canvas) rect(col color.RGBA, x, y, w, h float64) {
	c.fill(col, point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
}

// arc draws dots on an arc from angle a to b, in turns; size and distance of the dots as the theme has them.
func (c *canvas) arc(col color.RGBA, x, y, r, size, gap, a, b float64) {
	n := int((b - a) * 2 * math.Pi * r / gap)
	for i := range n {
		s, k := math.Sincos(2 * math.Pi * (a + (b-a)*float64(i)/float64(n)))
		c.dot(col, x+r*k, y+r*s, size)
	}
}

// line is a band of a width along points.
func (c *canvas) line(col color.RGBA, width float64, pts []point) {
	var there, back []point
	for i, p := range pts {
		q := pts[min(i+1, len(pts)-1)]
		o := pts[max(i-1, 0)]
		l := math.Hypot(q.x-o.x, q.y-o.y)
		nx, ny := -(q.y-o.y)/l*width/2, (q.x-o.x)/l*width/2
		there = append(there, point{p.x + nx, p.y + ny})
		back = append([]point{{p.x - nx, p.y - ny}}, back...)
	}
	c.fill(col, append(there, back...)...)
}

func (c *canvas) rings() {
	x, y := c.w*0.68, c.h*0.94
	for i := range 15 {
		r := 90 + 62*float64(i)
		col := mix(c.p[2], c.p[1], float64(i)/16)
		if i%5 == 2 {
			col = c.p[3]
		}
		c.arc(col, x, y, r, 7+float64(i)*0.75, 34+float64(i)*1.4, 0, 1)
	}
	c.dot(c.p[4], x, y, 44)
	s, k := math.Sincos(-2.35)
	c.dot(c.p[4], x+524*k, y+524*s, 26)
}

func (c *canvas) ledger() {
	rows := 9
	for i := range rows {
		y := 90 + float64(i)*84
		x := 110.0
		for x < c.w-150 {
			w := 40 + c.rnd.Float64()*230
			w = min(w, c.w-110-x)
			col := mix(c.p[1], c.p[2], c.rnd.Float64()*0.8)
			if c.rnd.IntN(9) == 0 {
				col = c.p[3]
			}
			c.rect(col, x, y, w, 34)
			c.rect(mix(c.p[0], c.p[1], 0.7), x, y+44, w*0.62, 8)
			x += w + 26
		}
	}
	c.rect(c.p[4], 110, 90+3*84, 210, 34)
	c.arc(c.p[4], c.w*0.79, c.h*0.55, 190, 8, 33, 0, 1)
	c.arc(c.p[4], c.w*0.79, c.h*0.55, 150, 5, 27, 0, 1)
}

func (c *canvas) river() {
	c.dot(c.p[4], c.w*0.74, c.h*0.27, 92)
	for i := range 7 {
		c.arc(mix(c.p[4], c.p[0], 0.25+0.1*float64(i)), c.w*0.74, c.h*0.27, 130+float64(i)*38, 4.5, 26+float64(i)*2, 0, 1)
	}
	for band := range 8 {
		base := c.h * (0.42 + 0.085*float64(band))
		col := mix(c.p[1], c.p[3], 0.08+float64(band)/8.6)
		phase, swing := c.rnd.Float64()*6, 26+c.rnd.Float64()*34
		pts := []point{{0, c.h}}
		for x := 0.0; x <= c.w; x += 16 {
			pts = append(pts, point{x, base + swing*math.Sin(x/260+phase) + swing*0.4*math.Sin(x/97+phase*2)})
		}
		c.fill(col, append(pts, point{c.w, c.h})...)
	}
	for i := range 60 {
		x, y := c.rnd.Float64()*c.w, c.h*(0.62+0.36*c.rnd.Float64())
		c.rect(mix(c.p[1], c.p[0], 0.3), x, y, 18+float64(i%5)*14, 3.5)
	}
}

func (c *canvas) islands() {
	c.rect(mix(c.p[1], c.p[0], 0.35), 0, 0, c.w, c.h)
	// The sea marks of all islands first, so that none lies on a neighbour's land.
	type island struct{ x, y, size, k1, k2, p1, p2 float64 }
	var all []island
	for range 7 {
		all = append(all, island{c.w * (0.06 + 0.88*c.rnd.Float64()), c.h * (0.1 + 0.8*c.rnd.Float64()), 60 + c.rnd.Float64()*120,
			math.Round(2 + c.rnd.Float64()*2), math.Round(4 + c.rnd.Float64()*2), c.rnd.Float64() * 6, c.rnd.Float64() * 6})
	}
	for ring := 5; ring >= 0; ring-- {
		for _, i := range all {
			var pts []point
			r := i.size * (1 + 0.28*float64(ring))
			for a := 0.0; a < 2*math.Pi; a += 0.05 {
				d := r * (1 + 0.13*math.Sin(i.k1*a+i.p1) + 0.07*math.Sin(i.k2*a+i.p2))
				pts = append(pts, point{i.x + d*math.Cos(a)*1.35, i.y + d*math.Sin(a)*0.8})
			}
			switch ring {
			case 0:
				c.fill(c.p[3], pts...)
				c.dot(c.p[4], i.x+i.size*0.2, i.y-i.size*0.1, 11)
			case 1:
				c.fill(c.p[2], pts...)
			default:
				for n, p := range pts {
					if n%5 == 0 {
						c.dot(mix(c.p[2], c.p[0], 0.12*float64(ring)), p.x, p.y, 4.2)
					}
				}
			}
		}
	}
}

func (c *canvas) voices() {
	for i := range 11 {
		x, y := c.w*(0.08+0.085*float64(i)), c.h*(0.5+0.26*math.Sin(float64(i)*1.7))
		r := 70 + 60*c.rnd.Float64()
		col := []color.RGBA{c.p[1], c.p[2], c.p[3], mix(c.p[1], c.p[2], 0.5), c.p[4]}[(i*2)%5]
		c.dot(col, x, y, r)
		side := 1.0
		if i%2 == 1 {
			side = -1
		}
		c.fill(col, point{x + side*r*0.35, y + r*0.8}, point{x + side*r*0.95, y + r*1.32}, point{x + side*r*0.86, y + r*0.4})
		for ring := range 2 {
			c.arc(mix(col, c.p[0], 0.35), x, y, r+26+float64(ring)*26, 4.6, 24, 0, 1)
		}
	}
}

func (c *canvas) threads() {
	type node struct{ x, y float64 }
	var nodes []node
	for i := range 15 {
		nodes = append(nodes, node{c.w * (0.05 + 0.9*float64(i%5)/4 + 0.05*(c.rnd.Float64()-0.5)), c.h * (0.16 + 0.34*float64(i/5) + 0.1*(c.rnd.Float64()-0.5))})
	}
	for i, a := range nodes {
		for j := i + 1; j < len(nodes); j++ {
			b := nodes[j]
			if d := math.Hypot(a.x-b.x, a.y-b.y); d > 560 || c.rnd.IntN(3) == 0 {
				continue
			}
			bend := (c.rnd.Float64() - 0.5) * 120
			for t := 0.0; t <= 1; t += 0.035 {
				u := 4 * t * (1 - t)
				c.dot(mix(c.p[2], c.p[3], t), a.x+(b.x-a.x)*t, a.y+(b.y-a.y)*t+bend*u, 3.4)
			}
		}
	}
	for i, n := range nodes {
		c.arc(c.p[3], n.x, n.y, 40, 3.6, 17, 0, 1)
		col := c.p[3]
		if i%4 == 1 {
			col = c.p[4]
		}
		c.dot(col, n.x, n.y, 15+float64(i%3)*6)
	}
}

func (c *canvas) blocks() {
	cols := 14
	for i := range cols {
		x := 90 + float64(i)*102
		n := 2 + int(3.2+3*math.Sin(float64(i)*0.55)) + c.rnd.IntN(2)
		for j := range n {
			y := c.h - 110 - float64(j)*84
			col := mix(c.p[1], c.p[3], float64(j)/float64(n)*0.9)
			if i%5 == 2 && j == n-1 {
				col = c.p[4]
			}
			c.rect(col, x, y, 78, 70)
		}
		c.dot(c.p[2], x+39, c.h-120-float64(n)*84+50, 9)
	}
	c.rect(c.p[3], 70, c.h-34, c.w-140, 5)
}

var (
	skins = []uint32{0x8d5b3f, 0xb9825c, 0xd0996f, 0xe8bd98, 0x6f4430, 0xc9956b}
	hairs = []uint32{0x1d1a1b, 0x2e2320, 0x4a342a, 0x8b8885, 0x37302f}
)

// drawPortrait draws nobody: head, hair and shoulders before dotted arcs. look is "short", "long", "bun" or "scarf",
// the numbers of skin and hair, and perhaps "glasses".
func drawPortrait(name, look string) ([]byte, error) {
	var style, glasses string
	var skinNo, hairNo int
	if n, _ := fmt.Sscan(look, &style, &skinNo, &hairNo, &glasses); n < 3 {
		return nil, fmt.Errorf("portrait of %s: look %q", name, look)
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	names := []string{"sea", "rice", "clay", "orchid", "stone", "mango", "reef"}
	p := palettes[names[int(h.Sum32())%len(names)]]
	c := newCanvas(1000, 1000, p, name)
	c.ground()
	for i := range 9 {
		c.arc(mix(c.p[1], c.p[2], 0.25+0.06*float64(i)), 500, 470, 330+float64(i)*58, 6.5+float64(i)*0.4, 34, 0, 1)
	}
	skin, hair := rgb(skins[skinNo]), rgb(hairs[hairNo])
	shade := mix(skin, rgb(0x201612), 0.16)
	coat := []color.RGBA{c.p[3], mix(c.p[3], c.p[4], 0.85), mix(c.p[3], c.p[2], 0.5)}[c.rnd.IntN(3)]
	scarf := mix(c.p[2], c.p[3], 0.6)
	switch style {
	case "long":
		c.ellipse(hair, 500, 480, 200, 250)
		c.ellipse(hair, 400, 660, 112, 190)
		c.ellipse(hair, 600, 660, 112, 190)
	case "bun":
		c.ellipse(hair, 500, 222, 92, 80)
		c.ellipse(hair, 500, 420, 182, 200)
	case "scarf":
		c.ellipse(scarf, 500, 470, 226, 270)
		c.ellipse(scarf, 500, 760, 250, 170)
	}
	c.ellipse(coat, 500, 1010, 380, 275) // shoulders
	if style == "scarf" {
		c.ellipse(scarf, 500, 745, 205, 130)
	} else {
		c.rect(shade, 442, 590, 116, 190) // neck
		c.ellipse(shade, 500, 778, 60, 32)
		c.fill(mix(coat, c.p[0], 0.82), point{438, 752}, point{500, 905}, point{562, 752}, point{522, 792}, point{478, 792})
	}
	c.ellipse(skin, 500, 470, 156, 196) // face
	switch style {
	case "scarf":
		c.fill(scarf, point{330, 500}, point{332, 330}, point{420, 236}, point{500, 222}, point{580, 236}, point{668, 330}, point{670, 500}, point{634, 372}, point{566, 312},
			point{500, 302}, point{434, 312}, point{366, 372})
	case "short":
		c.fill(hair, point{338, 462}, point{332, 352}, point{392, 268}, point{500, 238}, point{608, 268}, point{668, 352}, point{662, 462}, point{640, 392}, point{560, 340},
			point{430, 344}, point{362, 396})
	default:
		c.fill(hair, point{336, 480}, point{340, 340}, point{410, 260}, point{500, 238}, point{590, 256}, point{660, 340}, point{664, 480}, point{632, 392}, point{566, 330},
			point{480, 322}, point{412, 344}, point{368, 396})
	}
	dark := mix(skin, rgb(0x201612), 0.78)
	for _, x := range []float64{434, 566} {
		c.dot(dark, x, 472, 11)
		c.line(mix(hair, dark, 0.4), 8, []point{{x - 34, 436}, {x, 426}, {x + 34, 436}})
		if glasses != "" {
			c.arc(mix(c.p[3], dark, 0.5), x, 474, 50, 4, 5, 0, 1)
		}
	}
	if glasses != "" {
		c.rect(mix(c.p[3], dark, 0.5), 484, 468, 32, 7)
	}
	var smile []point
	for t := -1.0; t <= 1; t += 0.1 {
		smile = append(smile, point{500 + 52*t, 568 + 18*(1-t*t)})
	}
	c.line(mix(skin, rgb(0x7a2b25), 0.6), 9, smile)
	c.line(mix(skin, dark, 0.35), 7, []point{{500, 482}, {488, 522}, {508, 524}})
	return c.jpeg()
}
