package pdf

import (
	"slices"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	ucd "golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// face is a font as one document uses it.
type face struct {
	name    string
	face    *font.Face
	scale   float64 // of a unit of the font, in thousandths of an em
	thicken bool    // bold has to be drawn: the font has none
	// Characters of the PDF font: a glyph that stands for other text is another one, so that text can be read back.
	cids map[glyphText]uint16
	used []glyphText // that of character 1 first
}

type glyphText struct {
	glyph font.GID
	text  string
}

// cluster is what cannot be parted: one or more glyphs for one or more characters.
type cluster struct {
	from, to int // of the paragraph's runes
	level    bidi.Level
	face     *face
	bold     bool
	glyphs   []shaping.Glyph // in the order of the page
	width    float64         // in thousandths of an em
	text     string
	space    bool
}

// line is the clusters of a line in the order of the page.
type line struct {
	clusters []cluster
	width    float64 // in thousandths of an em
}

// maxRunes is how much text of a paragraph is laid out at once: more is cut into pieces, which bounds the work.
const maxRunes = 4096

// clean brings text into the shape that fonts expect: composed, without controls but line breaks.
func clean(text string) []rune {
	out := []rune{}
	for _, r := range norm.NFC.String(text) {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029':
			out = append(out, '\n')
		case r == '\t' || r == '\u1680' || r == '\u205f':
			out = append(out, ' ')
		case unicode.IsControl(r):
		default:
			out = append(out, r)
		}
	}
	return out
}

// steers says of a character that it only tells the direction of others.
func steers(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// unseen says of a character that fonts need not have it.
func unseen(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// typesetter shapes text with the fonts of a shelf, for one document.
type typesetter struct {
	shelf   *shelf
	shaper  shaping.HarfbuzzShaper
	faces   []*face
	own     [builtIn][2]*face
	others  map[*font.Font]*face
	known   map[rune]*face // of characters that no font of ours has; nil: none has it
	missing map[rune]bool
	err     error
}

func (t *typesetter) add(f *font.Font, name string, thicken bool) *face {
	x := &face{name: name, face: font.NewFace(f), scale: 1000 / float64(f.Upem()), thicken: thicken, cids: map[glyphText]uint16{}}
	t.faces = append(t.faces, x)
	return x
}

func (t *typesetter) builtIn(n int, bold bool) *face {
	weight := 0
	if bold && n != eastern {
		weight = 1
	}
	if x := t.own[n][weight]; x != nil {
		return x
	}
	f, err := t.shelf.builtIn(n, bold)
	if err != nil { // the files are ours: it cannot happen but by a mistake in making them
		if t.err = err; n != latin {
			return t.builtIn(latin, false)
		}
		panic(err)
	}
	x := t.add(f, names[n]+[]string{"-Regular", "-Bold"}[weight], n == eastern)
	t.own[n][weight] = x
	return x
}

func (f *face) has(r rune) bool {
	_, ok := f.face.NominalGlyph(r)
	return ok
}

// find gives the font for a character; ok is false if none has it.
func (t *typesetter) find(r rune, bold bool) (*face, bool) {
	for n := range builtIn {
		if x := t.builtIn(n, bold); x.has(r) {
			return x, true
		}
	}
	x, asked := t.known[r]
	if !asked {
		if f, name := t.shelf.look(r); f != nil {
			if x = t.others[f]; x == nil {
				x = t.add(f, name, true)
				t.others[f] = x
			}
			if !x.has(r) {
				x = nil
			}
		}
		t.known[r] = x
	}
	if x == nil {
		return t.builtIn(latin, bold), false
	}
	return x, true
}

// assign gives each character its font. What all scripts use goes with what stands before it, at the start with what follows.
func (t *typesetter) assign(text []rune, scripts []language.Script, bold bool) []*face {
	out := make([]*face, len(text))
	var now *face
	for i, r := range text {
		if now == nil && !scripts[i].Strong() { // the first letter decides
			for j := i + 1; j < len(text) && now == nil; j++ {
				if language.LookupScript(text[j]).Strong() {
					now, _ = t.find(text[j], bold)
				}
			}
		}
		switch common := !language.LookupScript(r).Strong(); {
		case now != nil && (unseen(r) || r == '\n' || common && now.has(r)):
		case r == '\n' || unseen(r):
			now = t.builtIn(latin, bold)
		default:
			x, ok := t.find(r, bold)
			if !ok {
				t.missing[r] = true
			}
			now = x
		}
		out[i] = now
	}
	return out
}

// shape gives the clusters of a paragraph in the order of reading, and before which of them a line may break or must.
func (t *typesetter) shape(source []rune, lang string, rtl, bold bool) (clusters []cluster, may, must []bool) {
	all := levels(source, rtl)
	var text []rune
	var level []bidi.Level
	for i, r := range source { // the directions are known: what told them is not drawn
		if !steers(r) {
			text, level = append(text, r), append(level, all[i])
		}
	}
	may, must = breaks(text)
	scripts := make([]language.Script, len(text))
	now := language.Script(language.Common)
	for i, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			now = s
		}
		scripts[i] = now
	}
	for i := len(scripts) - 2; i >= 0; i-- { // what stands before the first letter
		if !scripts[i].Strong() {
			scripts[i] = scripts[i+1]
		}
	}
	faces := t.assign(text, scripts, bold)
	tongue := language.NewLanguage(lang)
	for from := 0; from < len(text); {
		to := from + 1
		for to < len(text) && level[to] == level[from] && faces[to] == faces[from] && scripts[to] == scripts[from] && (text[to] == '\n') == (text[from] == '\n') {
			to++
		}
		if text[from] == '\n' {
			for ; from < to; from++ {
				clusters = append(clusters, cluster{from: from, to: from + 1, level: level[from], face: faces[from], space: true})
			}
			continue
		}
		dir := di.DirectionLTR
		if level[from]%2 == 1 {
			dir = di.DirectionRTL
		}
		in := shaping.Input{Text: text, RunStart: from, RunEnd: to, Direction: dir, Face: faces[from].face, Size: fixed.I(1000), Script: scripts[from], Language: tongue}
		clusters = append(clusters, t.run(in, level[from], faces[from], bold)...)
		from = to
	}
	return clusters, may, must
}

// run shapes one run.
func (t *typesetter) run(in shaping.Input, level bidi.Level, f *face, bold bool) []cluster {
	var out []cluster
	for _, g := range t.glyphs(in) {
		if n := len(out) - 1; n >= 0 && out[n].from == g.TextIndex() {
			out[n].glyphs = append(out[n].glyphs, g)
			out[n].width += float64(g.Advance) / 64
			continue
		}
		out = append(out, cluster{from: g.TextIndex(), level: level, face: f, bold: bold, glyphs: []shaping.Glyph{g}, width: float64(g.Advance) / 64})
	}
	slices.SortStableFunc(out, func(a, b cluster) int { return a.from - b.from })
	for i := range out {
		c := &out[i]
		if c.to = in.RunEnd; i+1 < len(out) {
			c.to = out[i+1].from
		}
		c.text = string(in.Text[c.from:c.to])
		c.space = true
		for _, r := range in.Text[c.from:c.to] {
			c.space = c.space && unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f'
		}
	}
	return out
}

// glyphs shapes; should the library stumble over hostile text, each character is drawn as it stands alone.
func (t *typesetter) glyphs(in shaping.Input) (out []shaping.Glyph) {
	defer func() {
		if recover() == nil {
			return
		}
		t.shaper, out = shaping.HarfbuzzShaper{}, nil
		for i := in.RunStart; i < in.RunEnd; i++ {
			g, _ := in.Face.NominalGlyph(in.Text[i])
			x := shaping.Glyph{GlyphID: g, ClusterIndex: i, Advance: fixed.Int26_6(float64(in.Face.HorizontalAdvance(g)) * 1000 * 64 / float64(in.Face.Upem()))}
			out = append(out, x)
		}
		if in.Direction == di.DirectionRTL {
			slices.Reverse(out)
		}
	}()
	return t.shaper.ShapeNoExtents(in).Glyphs
}

// levels gives the level of each character (Unicode Standard Annex 9).
func levels(text []rune, rtl bool) (out []bidi.Level) {
	base, dir := bidi.Level(0), bidi.LeftToRight
	if rtl {
		base, dir = 1, bidi.RightToLeft
	}
	defer func() {
		if recover() != nil {
			out = slices.Repeat([]bidi.Level{base}, len(text))
		}
	}()
	var p bidi.Paragraph
	runs := p.Segment(text, dir)
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		for len(out) < r.End {
			out = append(out, r.Level)
		}
	}
	for len(out) < len(text) {
		out = append(out, base)
	}
	return out
}

// fromRight says whether the first letter of a text is one of those written from the right.
func fromRight(text string) bool {
	for _, r := range text {
		switch p, _ := ucd.LookupRune(r); p.Class() {
		case ucd.L:
			return false
		case ucd.R, ucd.AL:
			return true
		}
	}
	return false
}

// breaks tells before which characters a line may break and after which it must (Unicode Standard Annex 14).
func breaks(text []rune) (may, must []bool) {
	may, must = make([]bool, len(text)+1), make([]bool, len(text)+1)
	defer func() {
		if recover() == nil {
			return
		}
		for i, r := range text {
			may[i+1], must[i+1] = unicode.IsSpace(r), r == '\n'
		}
	}()
	var seg segmenter.Segmenter
	seg.Init(text)
	for it := seg.LineIterator(); it.Next(); {
		l := it.Line()
		end := l.Offset + len(l.Text)
		may[end], must[end] = true, l.IsMandatoryBreak && end < len(text)
	}
	return may, must
}

// lines lays a paragraph out in lines at most wide, in thousandths of an em; a word that is longer is broken.
func (t *typesetter) lines(text, lang string, rtl, bold bool, wide float64) []line {
	var out []line
	runes := clean(text)
	for len(runes) > 0 {
		piece := runes
		if len(piece) > maxRunes {
			piece = piece[:maxRunes]
			for i := len(piece) - 1; i > maxRunes-256; i-- { // at a blank, if there is one
				if piece[i] == ' ' {
					piece = piece[:i+1]
					break
				}
			}
		}
		runes = runes[len(piece):]
		clusters, may, must := t.shape(piece, lang, rtl, bold)
		out = append(out, wrap(clusters, may, must, wide)...)
	}
	return out
}

func wrap(clusters []cluster, may, must []bool, wide float64) []line {
	var out []line
	start, good, width := 0, -1, 0.0
	for i := 0; i < len(clusters); i++ {
		c := &clusters[i]
		if i > start && may[c.from] {
			good = i
		}
		switch {
		case i > start && must[c.from]:
			out = append(out, order(clusters[start:i]))
			start, good, width = i, -1, 0
		case i > start && !c.space && width+c.width > wide:
			if good <= start {
				good = i // no place to break: within the word
			}
			out = append(out, order(clusters[start:good]))
			start, good, width = good, -1, 0
			for _, d := range clusters[start:i] {
				width += d.width
			}
		}
		width += c.width
	}
	if start < len(clusters) {
		out = append(out, order(clusters[start:]))
	}
	return out
}

// order puts the clusters of a line into the order of the page (rules L1 and L2 of Annex 9). Blanks at its end are left out.
func order(in []cluster) line {
	for len(in) > 0 && in[len(in)-1].space {
		in = in[:len(in)-1]
	}
	l := line{clusters: slices.Clone(in)}
	top, low := bidi.Level(0), bidi.Level(127)
	for _, c := range in {
		l.width += c.width
		top = max(top, c.level)
		if c.level%2 == 1 {
			low = min(low, c.level)
		}
	}
	for level := top; level >= low; level-- {
		for i := 0; i < len(l.clusters); i++ {
			j := i
			for j < len(l.clusters) && l.clusters[j].level >= level {
				j++
			}
			if j > i {
				slices.Reverse(l.clusters[i:j])
				i = j
			}
		}
	}
	return l
}

// Missing lists the characters of a text that no font has, sorted.
func (f *Fonts) Missing(texts ...string) []rune {
	t := newTypesetter(f.shelf())
	for _, text := range texts {
		for _, r := range clean(text) {
			if unseen(r) || r == '\n' || r < 0x180 {
				continue
			}
			if _, ok := t.find(r, false); !ok {
				t.missing[r] = true
			}
		}
	}
	return t.lacking()
}

func newTypesetter(s *shelf) *typesetter {
	return &typesetter{shelf: s, others: map[*font.Font]*face{}, known: map[rune]*face{}, missing: map[rune]bool{}}
}

func (t *typesetter) lacking() []rune {
	var out []rune
	for r := range t.missing {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// glyph gives the character of the PDF font that draws a glyph and reads as text.
func (f *face) glyph(g font.GID, text string) uint16 {
	k := glyphText{g, text}
	id, ok := f.cids[k]
	if !ok {
		if len(f.used) == 1<<16-1 { // more than a font can have
			return 0
		}
		id = uint16(len(f.used) + 1)
		f.cids[k] = id
		f.used = append(f.used, k)
	}
	return id
}
