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
	return Outdated(t, translation, Text{Words: source})
}

// Outdated is Stale for a source that knows of its minor edits.
func Outdated(t Type, translation, source Text) bool {
	if len(translation.Of) == 0 {
		return false
	}
	now := Units(t, source.Words)
	same := len(now) == len(translation.Of)
	for i := 0; same && i < len(now); i++ {
		same = source.alike(now[i], translation.Of[i])
	}
	return !same && !slices.Contains(source.Like[allUnits], digest(translation.Of))
}

// allUnits is what Text.Like holds for the units together, where a minor edit has put others in their place: digests.
const allUnits = "*"

func digest(units []string) string { return unitHash(strings.Join(units, " ")) }

// mostAlike bounds what a text remembers of minor edits, for each unit.
const mostAlike = 20

// likeness is what words remember of minor edits when they take the place of others: of units that stay what was known of them,
// and by a minor edit of those that change what they were.
func likeness(t Type, was, now Text, minor bool) map[string][]string {
	if was.Words == "" || len(was.Like) == 0 && !minor {
		return nil
	}
	if was.Words == now.Words {
		return was.Like
	}
	before, after := Units(t, was.Words), Units(t, now.Words)
	like := map[string][]string{}
	add := func(unit string, former ...string) {
		for _, h := range former {
			if h != unit && !slices.Contains(like[unit], h) && len(like[unit]) < mostAlike {
				like[unit] = append(like[unit], h)
			}
		}
	}
	for _, unit := range after {
		add(unit, was.Like[unit]...)
	}
	if minor {
		at, of := align(after, before, Text{})
		placed := len(after) == len(before)
		for i, unit := range after {
			if of[i] != "" && of[i] != unit {
				add(unit, of[i])
				add(unit, was.Like[of[i]]...)
			}
			placed = placed && at[i] == i
		}
		if !placed {
			add(allUnits, digest(before))
			add(allUnits, was.Like[allUnits]...)
		}
	}
	if len(like) == 0 {
		return nil
	}
	return like
}

// stamping is what a text is stamped with when it changes.
type stamping struct {
	seen           Text        // the source its maker saw
	from, original i18n.Locale // the language of that, and the entry's
	ahead          int         // the revision of it, where that is not public
	fresh          bool        // somebody says that the words are up to date
}

// stamp gives a translated text the hashes of the source its maker saw. A text that was stale stays so unless fresh:
// correcting a comma does not bring a translation up to date.
func stamp(t Type, was, now Text, l i18n.Locale, x stamping) Text {
	now.Of, now.From, now.Ahead, now.Like = nil, "", 0, likeness(t, was, now, false)
	if l == x.original || l == x.from || x.seen.Words == "" {
		return now
	}
	own := was.From
	if own == "" {
		own = x.original
	}
	if was.Words != "" && len(was.Of) > 0 && !x.fresh && (own != x.from || Outdated(t, was, x.seen)) {
		now.Of, now.From, now.Ahead = was.Of, was.From, was.Ahead
		return now
	}
	now.Of, now.Ahead = Units(t, x.seen.Words), x.ahead
	if x.from != x.original {
		now.From = x.from
	}
	return now
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
