package pdf

// Drawn is what a line of text is drawn with, from left to right.
type Drawn struct {
	Glyph       uint32
	Text, Font  string
	Left, Right float64 // in thousandths of an em
}

// Lay lays a paragraph out at most wide, in thousandths of an em.
func (f *Fonts) Lay(text, lang string, rtl, bold bool, wide float64) [][]Drawn {
	t := newTypesetter(f.shelf())
	var out [][]Drawn
	for _, l := range t.lines(text, lang, rtl, bold, wide) {
		x, row := 0.0, []Drawn{}
		for _, c := range l.clusters {
			for _, g := range c.glyphs {
				row = append(row, Drawn{uint32(g.GlyphID), c.text, c.face.name, x, x + c.width})
			}
			x += c.width
		}
		out = append(out, row)
	}
	return out
}

const Margin = margin
