// Package conceptnote reads the concept note of an event: text, HTML as word processors put it on the clipboard, or DOCX.
// A reader makes a Doc of it, lines of the same few kinds whatever the format was; Read makes of those what the note says
// about the event, each thing with where it stands and how sure that is, and a list of what the note should hold and does
// not. Everything follows from rules over a vocabulary in nine languages: no service is asked, nothing is learnt, and the
// same bytes always give the same answer.
package conceptnote

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits. A concept note has a few pages; what is beyond these is another kind of document.
const (
	MaxBytes = 4 << 20 // of a file
	MaxText  = 300_000 // bytes of words
	MaxLines = 4000    // lines of a Doc
	maxLine  = 20_000  // bytes of one line; the rest goes to the next
	maxCells = 40      // of a row
	maxLinks = 2000    // of a Doc
	maxURL   = 500     // bytes of an address
)

// What a reader can refuse. Nothing else comes back as an error.
var (
	ErrTooLarge = errors.New("the note is too large")
	ErrUnread   = errors.New("this is no note we can read")
	ErrEmpty    = errors.New("there are no words in it")
	ErrLocked   = errors.New("the document is locked, or holds macros")
)

// Kind is what a line is.
type Kind string

// The kinds of lines.
const (
	Paragraph Kind = "p"
	Heading   Kind = "h"
	Item      Kind = "li"
	Row       Kind = "tr" // of a table: its words are in Cells
	NoteText  Kind = "fn" // the text of a footnote; Mark is its own
)

// Line is one line of a note.
type Line struct {
	Kind  Kind   `json:"k"`
	Level int    `json:"l,omitempty"` // of a heading, from 1; of an item, from 0
	Mark  string `json:"m,omitempty"` // of an item, as it stood there: "•", "1.", "a)"; of a note
	Text  string `json:"t,omitempty"`
	Style string `json:"s,omitempty"` // "title", "subtitle", or "strong" where the whole line stands out
	Joins bool   `json:"j,omitempty"` // it goes on the line before: one paragraph with a line break
	After bool   `json:"b,omitempty"` // a blank line stands before it
	Links []Link `json:"a,omitempty"`
	Calls []Call `json:"n,omitempty"`
	Cells []Cell `json:"c,omitempty"`
	Table int    `json:"i,omitempty"` // the number of the table, from 1
}

// Link is an address behind words of a line.
type Link struct {
	From int    `json:"f"`
	To   int    `json:"t"`
	URL  string `json:"u"`
}

// Call is where a line calls a note.
type Call struct {
	At   int    `json:"p"`
	Mark string `json:"m"`
}

// Cell is one of a row's.
type Cell struct {
	Text  string `json:"t,omitempty"`
	Col   int    `json:"x"`
	Span  int    `json:"w,omitempty"` // columns, where more than one
	Again bool   `json:"r,omitempty"` // it goes on from the row above
}

// Doc is a note as it was read.
type Doc struct {
	Format   string `json:"format"` // "text", "html", "docx"
	Lines    []Line `json:"lines"`
	Comments int    `json:"comments,omitempty"` // of reviewers, left out
	Pictures int    `json:"pictures,omitempty"` // left out
	Changes  int    `json:"changes,omitempty"`  // tracked deletions, left out
}

// Words are the words of a line, a row's cells parted by tabs.
func (l *Line) Words() string {
	if l.Kind != Row {
		return l.Text
	}
	var out []string
	for _, c := range l.Cells {
		if !c.Again {
			out = append(out, c.Text)
		}
	}
	return strings.Join(out, "\t")
}

// Open reads what somebody pasted or sent. Which of the three it is shows in the bytes; the name says nothing.
func Open(b []byte) (*Doc, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooLarge
	}
	switch {
	case strings.HasPrefix(string(b[:min(len(b), 4)]), "PK\x03\x04"):
		return OpenDOCX(b)
	case looksHTML(b):
		return OpenHTML(string(b))
	}
	for _, c := range b[:min(len(b), 2000)] {
		if c == 0 {
			return nil, ErrUnread // a picture, an old DOC, UTF-16
		}
	}
	return OpenText(string(b))
}

// looksHTML tells HTML from a text that mentions a tag.
func looksHTML(b []byte) bool {
	head := strings.ToLower(strings.TrimSpace(string(b[:min(len(b), 4000)])))
	head = strings.TrimSpace(strings.TrimPrefix(head, "\ufeff"))
	if !strings.HasPrefix(head, "<") {
		return false
	}
	for _, tag := range []string{"<html", "<!doctype html", "<meta", "<body", "<p", "<div", "<h1", "<h2", "<h3", "<ul", "<ol", "<table", "<span", "<b ", "<b>", "<strong", "<!--startfragment", "<a "} {
		if strings.Contains(head, tag) {
			return true
		}
	}
	return false
}

// Fit reports whether a Doc that came from elsewhere keeps to the limits and to itself.
func (d *Doc) Fit() bool {
	if d == nil || len(d.Lines) > MaxLines {
		return false
	}
	total, links := 0, 0
	inside := func(s string, at int) bool { return at >= 0 && at <= len(s) && (at == len(s) || utf8.RuneStart(s[at])) }
	for i := range d.Lines {
		l := &d.Lines[i]
		total += len(l.Text)
		if len(l.Text) > maxLine || !utf8.ValidString(l.Text) || len(l.Cells) > maxCells || len(l.Mark) > 40 {
			return false
		}
		for _, c := range l.Cells {
			total += len(c.Text)
			if !utf8.ValidString(c.Text) || c.Col < 0 || c.Col > 1000 {
				return false
			}
		}
		for _, a := range l.Links {
			if links++; a.From > a.To || !inside(l.Text, a.From) || !inside(l.Text, a.To) || len(a.URL) > maxURL || links > maxLinks {
				return false
			}
		}
		for _, n := range l.Calls {
			if !inside(l.Text, n.At) || len(n.Mark) > 40 {
				return false
			}
		}
	}
	return total <= MaxText
}

// finish bounds a Doc and takes what is empty out of it.
func (d *Doc) finish() (*Doc, error) {
	out, total, links, blank := d.Lines[:0:0], 0, 0, false
	for _, l := range d.Lines {
		if strings.TrimSpace(l.Words()) == "" {
			blank = true
			continue
		}
		if total += len(l.Text); l.Kind == Row {
			l.Text = ""
			if len(l.Cells) > maxCells {
				l.Cells = l.Cells[:maxCells]
			}
			for _, c := range l.Cells {
				total += len(c.Text)
			}
		}
		if links += len(l.Links); total > MaxText || len(out) >= MaxLines || links > maxLinks || len(l.Text) > maxLine {
			return nil, ErrTooLarge
		}
		l.After, blank = l.After || blank, false
		out = append(out, l)
	}
	if d.Lines = out; len(out) == 0 {
		return nil, ErrEmpty
	}
	return d, nil
}

// folded is words made comparable, with where each byte of them stands in the original.
type folded struct {
	s    string
	at   []int // of each byte of s, and of its end
	from string
}

var foldAlso = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ı': "i", 'ة': "ه", 'ى': "ي", 'ٱ': "ا", 'ـ': "",
	'’': "'", 'ʼ': "'", '‘': "'", '`': "'", '\u00a0': " ", '\u202f': " ", '\u2009': " ", '\t': " ", '‑': "-", '：': ":", '（': "(", '）': ")", '，': ",", '；': ";", 'ё': "е"}

// fold makes case, accents, vowel marks, digits and kinds of blanks the same.
func fold(s string) folded {
	f := folded{from: s, at: make([]int, 0, len(s)+1)}
	var b strings.Builder
	b.Grow(len(s))
	put := func(w string, at int) {
		b.WriteString(w)
		for range len(w) {
			f.at = append(f.at, at)
		}
	}
	last := ' '
	for i, r := range s {
		r = unicode.ToLower(r)
		switch {
		case r < 0x80 && r != '\t':
			if r == ' ' && last == ' ' && b.Len() > 0 {
				continue
			}
			put(string(r), i)
		default:
			if d := digitOf(r); d >= 0 {
				put(string(rune('0'+d)), i)
				break
			}
			if w, ok := foldAlso[r]; ok {
				if w == " " && last == ' ' && b.Len() > 0 {
					continue
				}
				put(w, i)
				if w == " " {
					r = ' '
				}
				break
			}
			if r == 'й' || r >= 0xac00 && r <= 0xd7a3 {
				put(string(r), i)
				break
			}
			for _, c := range norm.NFKD.String(string(r)) {
				switch {
				case c >= 0x300 && c <= 0x36f, c >= 0x610 && c <= 0x61a, c >= 0x64b && c <= 0x65f, c == 0x670, unicode.Is(unicode.Cf, c):
				default:
					if w, ok := foldAlso[c]; ok {
						put(w, i)
					} else {
						put(string(unicode.ToLower(c)), i)
					}
				}
			}
		}
		last = r
	}
	f.s = b.String()
	f.at = append(f.at, len(s))
	return f
}

// digitOf is the value of a digit of the scripts in use, -1 for anything else.
func digitOf(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= 0x660 && r <= 0x669:
		return int(r - 0x660)
	case r >= 0x6f0 && r <= 0x6f9:
		return int(r - 0x6f0)
	case r >= 0xff10 && r <= 0xff19:
		return int(r - 0xff10)
	}
	return -1
}

// span gives the original words between two places of the folded ones.
func (f folded) span(from, to int) string { return f.from[f.at[from]:f.at[to]] }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// arabicPrefix are letters that are written onto a word that they do not belong to.
const arabicPrefix = "وفبلك"

// bounded reports whether what stands from a to b is whole words.
func bounded(s string, a, b int, open bool) bool {
	first, _ := utf8.DecodeRuneInString(s[a:b])
	last, _ := utf8.DecodeLastRuneInString(s[a:b])
	if prev, n := utf8.DecodeLastRuneInString(s[:a]); a > 0 && isWord(prev) && isWord(first) && !wide(first) && !wide(prev) {
		before, _ := utf8.DecodeLastRuneInString(s[:a-n])
		if !unicode.Is(unicode.Arabic, first) || !strings.ContainsRune(arabicPrefix, prev) || a-n > 0 && isWord(before) {
			return false
		}
	}
	if next, _ := utf8.DecodeRuneInString(s[b:]); !open && b < len(s) && isWord(next) && isWord(last) && !wide(last) && !wide(next) {
		return false
	}
	return true
}

// tidy makes one blank of many, and none at the ends. No-break blanks inside stay.
func tidy(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			blank = true
			continue
		case r == '\u200b' || r == '\ufeff' || r == '\u00ad' || r < 0x20 || r == utf8.RuneError:
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	return strings.Trim(b.String(), " \u00a0\u202f")
}
