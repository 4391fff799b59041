// Package writing is the house's eye on a text: what a good editor marks in it, and how long and how hard it is to read.
// It knows neither entries nor settings, and finds the same in the panel, at publishing and in tests.
//
// All of it is linear in the length of the text. What it says is advice unless the office makes a check forbid publishing.
package writing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"plenary/internal/i18n"
)

// The checks, by the ids under which they are set, waived and put into words.
const (
	Acronym      = "acronym"       // a short form whose words are not given where it is used first
	LinkAddress  = "link_address"  // a link whose words are an address
	LinkWords    = "link_words"    // "click here"
	PictureAlt   = "picture_alt"   // a picture without a text alternative
	HeadingGap   = "heading_gap"   // a level of headings left out
	HeadingCaps  = "heading_caps"  // A HEADING IN CAPITALS
	ListLeadIn   = "list_lead_in"  // a list that nothing introduces
	NoteEmpty    = "note_empty"    // a note that says nothing
	TableHeaders = "table_headers" // a table without a heading cell
	LongSentence = "long_sentence"
	DoubleWord   = "double_word"
	DoubleSpace  = "double_space"
	DateOther    = "date_other"   // a date near the event's that is none of its dates
	DateWeekday  = "date_weekday" // "Monday, 5 May 2027", which is a Wednesday
	LookAlike    = "look_alike"   // letters of two scripts in one word
	Unmarked     = "unmarked"     // a passage in another script whose language is not said
)

// Checks are all checks, in the order in which they are listed and set.
var Checks = []string{PictureAlt, LinkWords, LinkAddress, HeadingGap, HeadingCaps, TableHeaders, ListLeadIn, NoteEmpty, Unmarked, LookAlike,
	DateOther, DateWeekday, Acronym, LongSentence, DoubleWord, DoubleSpace}

// Text is one field's words in one language.
type Text struct {
	Path  string // of the field
	Words string // HTML where Prose
	Prose bool
	// Title marks a title or heading, Label any other short line, as a name: they are no sentences, and no place to explain a
	// short form.
	Title, Label bool
	// LedIn says that something before the text introduces a list it begins with.
	LedIn bool
}

// Options are what is known beside the texts.
type Options struct {
	Locale i18n.Locale
	// Known short forms need no explanation, in capitals.
	Known map[string]bool
	// From and To are the first and last day of what the texts are about, zero where there is none. Dates are the days that
	// are right to be named besides.
	From, To time.Time
	Dates    []time.Time
}

// Finding is one thing that a check marks.
type Finding struct {
	Check  string
	Path   string
	Locale i18n.Locale
	Block  int    // of the text, from 1; the paragraphs, headings, items, cells and pictures are counted
	Quote  string // the words it is about, as they stand there; "" where it is about the whole block
	Other  string // what they should be compared with: the right weekday, the language of the letters
	// Key names the finding as long as the block and its field stay the same.
	Key string
}

// maxFindings of one check in one language: nobody reads more, and what is mended makes room for the next.
const maxFindings = 100

// maxQuote is how much of a text is quoted, in characters.
const maxQuote = 90

// finder gathers what is found.
type finder struct {
	Options
	out      []Finding
	count    map[string]int
	path     string
	seen     map[string]bool // short forms that were explained or marked
	patterns *patterns
}

// Find looks through the texts of an entry in one language, in the order in which they are read.
func Find(texts []Text, o Options) []Finding {
	f := &finder{Options: o, count: map[string]int{}, seen: map[string]bool{}, patterns: patternsOf(o.Locale)}
	for _, t := range texts {
		f.path = t.Path
		blocks, structure := split(t)
		for i := range blocks {
			f.block(&blocks[i], t)
		}
		for _, s := range structure {
			if s.block > len(blocks) {
				continue // of a list that has no items
			}
			b, quote, other := &blocks[s.block-1], s.quote, ""
			if quote == "" {
				quote = strings.ReplaceAll(b.text, "\n", " ")
			}
			if s.check == PictureAlt {
				other = b.picture[strings.LastIndexByte(b.picture, '/')+1:]
			}
			f.add(s.check, b, quote, other)
		}
	}
	return f.out
}

func (f *finder) add(check string, b *block, quote, other string) {
	if f.count[check]++; f.count[check] > maxFindings {
		return
	}
	quote = clip(quote)
	sum := sha256.Sum256([]byte(strings.Join([]string{check, string(f.Locale), f.path, b.text, quote, b.picture}, "\x00")))
	f.out = append(f.out, Finding{Check: check, Path: f.path, Locale: f.Locale, Block: b.n, Quote: quote, Other: other, Key: hex.EncodeToString(sum[:12])})
}

// clip shortens a quotation to whole characters, at a blank if there is one.
func clip(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= maxQuote {
		return s
	}
	n := 0
	for i := range s {
		if n == maxQuote {
			s = s[:i]
			break
		}
		n++
	}
	if at := strings.LastIndexByte(s, ' '); at > len(s)/2 {
		s = s[:at]
	}
	return s
}

func (f *finder) block(b *block, t Text) {
	title := t.Title || b.heading > 0
	f.acronyms(b, title || t.Label)
	f.links(b)
	f.doubled(b)
	f.scripts(b)
	f.dates(b)
	if title {
		f.capitals(b)
	} else if !t.Label {
		f.sentences(b)
	}
}
