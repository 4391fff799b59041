package content

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Reblock puts other words into the blocks of prose, in the order in which Blocks gives them: headings, lists and tables stay.
// A language or direction that says no more than that the prose is in from does not stay: to has its own. There have to be as
// many blocks as Blocks gives.
func Reblock(words string, blocks []string, from, to i18n.Locale) string {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(words), root)
	if err != nil {
		return words // cannot happen: a string does not fail to be read
	}
	next := 0
	var put func(nodes []*html.Node) []*html.Node
	put = func(nodes []*html.Node) []*html.Node {
		var out, loose []*html.Node
		flush := func() {
			var b strings.Builder
			for _, n := range loose {
				html.Render(&b, n)
			}
			if strings.TrimSpace(b.String()) != "" && next < len(blocks) {
				out = append(out, &html.Node{Type: html.RawNode, Data: blocks[next]})
				next++
			} else {
				out = append(out, loose...)
			}
			loose = nil
		}
		for _, n := range nodes {
			if n.Type != html.ElementNode || !(blockTags[n.DataAtom] && n.DataAtom != atom.Br || containers[n.DataAtom]) {
				loose = append(loose, n)
				continue
			}
			flush()
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
				return from != to && (a.Key == "lang" && a.Val == from.Tag() || a.Key == "dir" && a.Val == from.Dir())
			})
			var inside []*html.Node
			for c := n.FirstChild; c != nil; c = n.FirstChild {
				n.RemoveChild(c)
				inside = append(inside, c)
			}
			for _, c := range put(inside) {
				n.AppendChild(c)
			}
			out = append(out, n)
		}
		flush()
		return out
	}
	var b strings.Builder
	for _, n := range put(nodes) {
		html.Render(&b, n)
	}
	return b.String()
}

// WordsAsOf gives the words of an entry in one language as a version has them. A version that has not been yet is
// db.ErrNotFound.
func (s *Store) WordsAsOf(ctx context.Context, who *auth.Actor, e *Entry, l i18n.Locale, version int) (Leaves, error) {
	p := Part(l)
	switch {
	case p == Facts || version < 0 || version > e.Versions[p] || !who.Can(auth.Read, e.row.object()):
		return nil, db.ErrNotFound
	case version == e.Versions[p]:
		return orEmpty(e.Parts[p]), nil
	case version == 0:
		return Leaves{}, nil
	}
	return s.asOf(ctx, s.DB.Read(), e.ID, p, version)
}
