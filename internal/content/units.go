package content

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"plenary/internal/i18n"
)

// Units gives the hashes of what a translator translates piece by piece: a line is one unit, prose one for each block
// of text. A translation keeps the hashes of the units it was made from; it is out of date when the source has others.
func Units(t Type, words string) []string {
	if words == "" {
		return nil
	}
	if t == TypeLine {
		return []string{unitHash(words)}
	}
	var out []string
	for _, b := range Blocks(words) {
		out = append(out, unitHash(b))
	}
	return out
}

// unitHash is 48 bits: units are only ever compared with the other units of the same leaf.
func unitHash(s string) string {
	h := sha256.Sum256([]byte(strings.Join(strings.Fields(s), " ")))
	return hex.EncodeToString(h[:6])
}

// Blocks cuts prose into its blocks of text, each as HTML: paragraphs, headings, items, cells.
func Blocks(words string) []string {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(words), root)
	if err != nil {
		return []string{words} // cannot happen: a string does not fail to be read
	}
	var out []string
	var loose []*html.Node
	flush := func() {
		var b strings.Builder
		for _, n := range loose {
			html.Render(&b, n)
		}
		loose = nil
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (blockTags[n.DataAtom] && n.DataAtom != atom.Br || containers[n.DataAtom]) {
			flush()
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
			flush()
			return
		}
		loose = append(loose, n)
	}
	for _, n := range nodes {
		walk(n)
	}
	flush()
	return out
}

var containers = map[atom.Atom]bool{atom.Thead: true, atom.Tbody: true, atom.Figure: true}

// alike reports whether a unit of these words, by its hash, says what one did that a translation was made from.
func (t Text) alike(now, was string) bool { return now == was || slices.Contains(t.Like[now], was) }

// Stale reports whether a translation was made from other units than its source has now. Words without a stamp are
// nobody's promise and so not stale.
func Stale(t Type, translation Text, source string) bool {
	return len(translation.Of) > 0 && !slices.Equal(translation.Of, Units(t, source))
}

// stamp gives a translated text the hashes of the source its maker saw. A text that was stale stays so unless fresh:
// correcting a comma does not bring a translation up to date.
func stamp(t Type, was, now Text, seen string, original, l i18n.Locale, fresh bool) Text {
	if l == original {
		now.Of, now.From = nil, ""
		return now
	}
	switch {
	case seen == "":
		now.Of = nil
	case was.Words == "" || fresh || !Stale(t, was, seen):
		now.Of = Units(t, seen)
	default:
		now.Of = was.Of
	}
	return now
}

// translationState counts what keeps a language from being complete.
func (k *Kind) translationState(parts Parts, original, l i18n.Locale) (missing, stale int) {
	source, words := parts[Part(original)], parts[Part(l)]
	for path := range source {
		f := k.Field(path)
		if f == nil || f.Staff || !k.listed(parts[Facts], path) {
			continue
		}
		t := words.Text(path)
		switch {
		case t.Words == "":
			missing++
		case Stale(f.Type, t, source.Text(path).Words):
			stale++
		}
	}
	return missing, stale
}

// listed reports whether all the items a path goes through are in their lists' order: words of a removed item stay in
// the store, so that bringing the item back brings its words back, but nobody sees them.
func (k *Kind) listed(facts Leaves, path string) bool {
	segs := strings.Split(path, ".")
	fields := k.Fields
	for i := 0; i < len(segs); i++ {
		f := named(fields, segs[i])
		if f == nil {
			return false
		}
		if f.Type == TypeList && i+1 < len(segs) {
			ids, _ := ItemIDs(facts[strings.Join(segs[:i+1], ".")])
			i++
			if !slices.Contains(ids, segs[i]) {
				return false
			}
		}
		fields = f.Fields
	}
	return true
}
