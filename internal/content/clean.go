package content

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Clean is the one way HTML gets into prose, on writing and again on showing: headings h2 to h4, paragraphs, lists,
// quotations, tables, links, pictures of ours, emphasis, direction, language, footnotes, which are
// <span data-footnote="the note's text"></span>, and facts, which are <data value="name">. Everything else goes; the text of it stays. What comes out is whole: all
// that is opened is closed, in its place, so that a link or table somebody left open does not go on over the page that
// shows it.
func Clean(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	if clean.has(sum) {
		return s
	}
	out := sanitize(s)
	if !whole(out) {
		out = mend(out)
	}
	if out == s {
		clean.add(sum)
	}
	return out
}

// clean remembers the sums of what was found clean: prose is, once it has been written, and is looked at again for every
// page it is on.
var clean sums

type sums struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
}

func (s *sums) has(sum [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[sum]
}

func (s *sums) add(sum [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || len(s.seen) >= 10_000 {
		s.seen = map[[sha256.Size]byte]bool{}
	}
	s.seen[sum] = true
}

// maxNesting of elements in prose. Lists in tables in quotations do not reach it, and parsers give up at 512.
const maxNesting = 64

// within says where elements that mean nothing by themselves have to be. Elsewhere they would close those of the page round them.
var within = map[string][]string{"li": {"ul", "ol"}, "thead": {"table"}, "tbody": {"table"}, "tr": {"table", "thead", "tbody"}, "td": {"tr"}, "th": {"tr"}}

// whole tells whether cleaned prose can be put into a page as it is. That is the rule, and much cheaper than parsing.
func whole(s string) bool {
	var open []string
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return len(open) == 0
		case html.StartTagToken:
			raw, _ := z.TagName()
			name := string(raw)
			if name == "br" || name == "img" {
				continue
			}
			around := ""
			if len(open) > 0 {
				around = open[len(open)-1]
			}
			if w := within[name]; w != nil && !slices.Contains(w, around) || len(open) == maxNesting || name == "a" && slices.Contains(open, "a") ||
				blockTags[atom.Lookup(raw)] && slices.Contains(open, "p") {
				return false
			}
			open = append(open, name)
		case html.EndTagToken:
			raw, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(raw) {
				return false
			}
			open = open[:len(open)-1]
		}
	}
}

// mend makes broken prose whole, as browsers read it. Of what is nested beyond reason only the words stay.
func mend(s string) string {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(s), root)
	if err == nil {
		var b strings.Builder
		for _, n := range nodes {
			if n.DataAtom == atom.Li {
				n.Data, n.DataAtom = "p", atom.P
			}
			if err = html.Render(&b, n); err != nil {
				break
			}
		}
		if out := sanitize(b.String()); err == nil && whole(out) {
			return out
		}
	}
	var lines []string
	for line := range strings.Lines(PlainText(s)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return Paragraphs(lines...)
}

// sanitize leaves what the policy allows. What is left of a picture that is not ours would show as a broken one: it goes.
func sanitize(s string) string {
	s = policy().Sanitize(s)
	if strings.Contains(s, "<img") {
		s = picture.ReplaceAllStringFunc(s, func(tag string) string {
			if strings.Contains(tag, ` src="`) {
				return tag
			}
			return ""
		})
	}
	return strings.TrimSpace(s)
}

// picture is the tag of one in cleaned HTML, where every < and > of an attribute is escaped.
var picture = regexp.MustCompile(`<img[^>]*>`)

var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h2", "h3", "h4", "p", "br", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td",
		"figure", "figcaption", "strong", "em", "sub", "sup")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(rtl|ltr|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("hreflang").Matching(regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/media/[0-9a-z]+/[0-9a-z._-]+$`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	number := regexp.MustCompile(`^[1-9]\d{0,3}$`)
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^[aAiI1]$`)).OnElements("ol")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[1-9]\d?$`)).OnElements("th", "td")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(col|row|colgroup|rowgroup)$`)).OnElements("th")
	p.AllowAttrs("data-footnote").OnElements("span")
	p.AllowAttrs("value").Matching(regexp.MustCompile(`^` + factName + `$`)).OnElements("data")
	p.AllowNoAttrs().OnElements("a")
	p.SkipElementsContent("script", "style", "template", "iframe", "object", "noscript", "title", "svg", "math")
	return p
})

// PlainText gives the words of HTML, a line for each block, footnotes left out.
func PlainText(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			if blockTags[atom.Lookup(name)] && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteByte('\n')
			}
		}
	}
}

var blockTags = map[atom.Atom]bool{atom.P: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.Li: true, atom.Blockquote: true, atom.Tr: true,
	atom.Figcaption: true, atom.Br: true, atom.Td: true, atom.Th: true, atom.Table: true, atom.Ul: true, atom.Ol: true}

// NumberedParagraphs are the words of the paragraphs that stand by themselves in prose, in order: those that reports number. Notes are
// left out.
func NumberedParagraphs(s string) []string {
	var out []string
	for _, n := range Fragment(s) {
		if Numbered(n) {
			out = append(out, strings.Join(strings.Fields(wordsOf(n)), " "))
		}
	}
	return out
}

// Fragment is prose, cleaned, as the nodes it is made of.
func Fragment(s string) []*html.Node {
	nodes, err := html.ParseFragment(strings.NewReader(Clean(s)), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return nil // a string does not fail to be read
	}
	return nodes
}

// Numbered says whether a node that stands by itself in prose is a paragraph that gets a number where paragraphs are numbered.
func Numbered(n *html.Node) bool { return n.DataAtom == atom.P && n.FirstChild != nil }

func wordsOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.DataAtom == atom.Br {
		return " "
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(wordsOf(c))
	}
	return b.String()
}
