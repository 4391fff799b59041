package writing

import (
	"strings"

	"golang.org/x/net/html"
)

// block is a stretch of text that stands by itself: a paragraph, a heading, an item, a cell, a picture with its caption. They
// are counted as the editor counts them.
type block struct {
	n       int
	text    string
	heading int // level, 0 for other blocks
	picture string
	links   []span
	marked  []span // stretches whose language is said
}

// span is a stretch of a block's text, in bytes.
type span struct{ from, to int }

func (s span) holds(at int) bool { return s.from <= at && at < s.to }

func within(spans []span, at int) bool {
	for _, s := range spans {
		if s.holds(at) {
			return true
		}
	}
	return false
}

// structural is something that was found while the text was cut into blocks.
type structural struct {
	check string
	block int
	quote string
}

// splitter cuts cleaned HTML into blocks. It reads tags one by one, so that a long text takes no longer than its length, and
// broken HTML does no harm.
type splitter struct {
	blocks []block
	found  []structural
	cur    *strings.Builder // text of the block that is open, nil between blocks
	at     block
	link   int // where the link that is open began in the text, -1 for none
	lang   []langTag
	level  int // of the heading before
	lists  int // how many lists are open
	tables []table
	led    bool // a paragraph with words stands before
	figure bool
	cells  []int // number of blocks when the cell or item that is open began
}

type langTag struct {
	name string
	said bool
	from int
}

type table struct {
	header bool
	first  int // number of blocks before it
}

func split(t Text) ([]block, []structural) {
	if !t.Prose {
		return []block{{n: 1, text: t.Words}}, nil
	}
	s := &splitter{link: -1, led: t.LedIn}
	z := html.NewTokenizer(strings.NewReader(t.Words))
	for {
		switch z.Next() {
		case html.ErrorToken:
			s.close()
			for range s.tables {
				s.endTable()
			}
			return s.blocks, s.found
		case html.TextToken:
			s.words(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := string(name)
			attrs := map[string]string{}
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				attrs[string(k)] = string(v)
			}
			s.start(tag, attrs)
		case html.EndTagToken:
			name, _ := z.TagName()
			s.end(string(name))
		}
	}
}

func (s *splitter) words(text string) {
	if s.cur == nil {
		if strings.TrimSpace(text) == "" {
			return
		}
		s.open(0)
	}
	s.cur.WriteString(text)
}

// open begins a block.
func (s *splitter) open(heading int) {
	s.close()
	s.cur, s.at = &strings.Builder{}, block{heading: heading}
	for i := range s.lang {
		s.lang[i].from = 0
	}
}

// close ends the block that is open.
func (s *splitter) close() {
	if s.cur == nil {
		return
	}
	s.endLink()
	for i := range s.lang {
		s.mark(&s.lang[i])
	}
	b := s.at
	b.text, b.n = s.cur.String(), len(s.blocks)+1
	s.blocks = append(s.blocks, b)
	s.cur = nil
}

func (s *splitter) here() int {
	if s.cur == nil {
		return 0
	}
	return s.cur.Len()
}

func (s *splitter) endLink() {
	if s.link >= 0 && s.cur != nil && s.link < s.cur.Len() {
		s.at.links = append(s.at.links, span{s.link, s.cur.Len()})
	}
	s.link = -1
}

// mark notes the stretch that an element with a language has had in the block that is open.
func (s *splitter) mark(l *langTag) {
	if l.said && s.cur != nil && l.from < s.cur.Len() {
		s.at.marked = append(s.at.marked, span{l.from, s.cur.Len()})
	}
	l.from = s.here()
}

// note puts something down that was found about the block that comes next, or the one that is open.
func (s *splitter) note(check, quote string) {
	n := len(s.blocks) + 1
	s.found = append(s.found, structural{check, n, quote})
}

var voids = map[string]bool{"br": true, "img": true}

func (s *splitter) start(tag string, attrs map[string]string) {
	switch tag {
	case "p":
		if s.figure {
			break
		}
		s.open(0)
	case "h2", "h3", "h4":
		level := int(tag[1] - '0')
		s.open(level)
		if level > max(s.level, 1)+1 {
			s.note(HeadingGap, "")
		}
		s.level, s.led = level, false
	case "ul", "ol":
		s.close()
		if s.lists == 0 && len(s.tables) == 0 && !s.leads() && attrs["start"] == "" {
			s.note(ListLeadIn, "")
		}
		s.lists++
	case "li", "td", "th":
		s.close()
		s.cells = append(s.cells, len(s.blocks))
		if tag == "th" && len(s.tables) > 0 {
			s.tables[len(s.tables)-1].header = true
		}
	case "blockquote":
		s.close()
	case "table":
		s.close()
		s.tables = append(s.tables, table{first: len(s.blocks)})
	case "figure":
		s.open(0)
		s.figure = true
	case "img":
		if !s.figure {
			s.open(0)
		}
		s.at.picture = attrs["src"]
		if strings.TrimSpace(attrs["alt"]) == "" {
			s.note(PictureAlt, "")
		}
		if !s.figure {
			s.close()
		}
	case "br":
		if s.cur != nil {
			s.cur.WriteByte('\n')
		}
	case "a":
		if s.cur == nil {
			s.open(0)
		}
		s.endLink()
		s.link = s.cur.Len()
	case "data": // a fact, which the page puts there: it is a word
		s.words(fact)
	case "span":
		if note, is := attrs["data-footnote"]; is && strings.TrimSpace(note) == "" {
			if s.cur == nil {
				s.open(0)
			}
			s.note(NoteEmpty, lastWords(s.cur.String()))
		}
	}
	if !voids[tag] && len(s.lang) < 200 {
		s.lang = append(s.lang, langTag{tag, attrs["lang"] != "", s.here()})
	}
}

// leads tells whether the block before, or what stands before the text, can introduce a list.
func (s *splitter) leads() bool {
	if len(s.blocks) == 0 {
		return s.led
	}
	b := s.blocks[len(s.blocks)-1]
	return s.led && b.heading == 0 && b.picture == ""
}

func (s *splitter) end(tag string) {
	for i := len(s.lang) - 1; i >= 0; i-- {
		if s.lang[i].name == tag {
			s.mark(&s.lang[i])
			s.lang = append(s.lang[:i], s.lang[i+1:]...)
			break
		}
	}
	switch tag {
	case "p":
		if !s.figure && s.cur != nil {
			s.led = strings.TrimSpace(s.cur.String()) != ""
			s.close()
		}
	case "h2", "h3", "h4":
		s.close()
		s.led = false
	case "figure":
		s.close()
		s.figure, s.led = false, false
	case "li", "td", "th":
		s.close()
		if n := len(s.cells); n > 0 {
			if s.cells[n-1] == len(s.blocks) { // the editor puts an empty paragraph there
				s.open(0)
				s.close()
			}
			s.cells = s.cells[:n-1]
		}
	case "ul", "ol":
		s.close()
		s.lists = max(0, s.lists-1)
		if s.lists == 0 {
			s.led = false
		}
	case "blockquote":
		s.close()
	case "table":
		s.close()
		s.endTable()
		s.led = false
	case "a":
		s.endLink()
	}
}

func (s *splitter) endTable() {
	n := len(s.tables)
	if n == 0 {
		return
	}
	t := s.tables[n-1]
	s.tables = s.tables[:n-1]
	if !t.header && t.first < len(s.blocks) {
		s.found = append(s.found, structural{TableHeaders, t.first + 1, ""})
	}
}

// fact stands for one in the text of a block, as in the editor.
const fact = "\ufffc"

// lastWords are those before a place, to find it by.
func lastWords(s string) string {
	s = strings.TrimRight(s, " \u00a0\n")
	from := len(s)
	for range 3 {
		at := strings.LastIndexAny(s[:from], " \u00a0\n")
		if at < 0 {
			return s
		}
		from = at
	}
	return strings.TrimSpace(s[from:])
}
