// Package exchange writes and reads the files in which texts travel between an office, its translators and their tools:
// XLIFF 1.2 and 2.1, bilingual tables in DOCX, TMX 1.4b, TBX-Basic and glossaries as CSV. It knows bytes and units, and nothing
// of where those are kept.
//
// A unit is what is translated by itself: a line, or one block of prose. Its markup is protected: a link, a footnote, a change of
// language is a numbered Code in a Text, so that a tool can move it and nobody can break it. What a number stands for is never
// taken from a file that comes back, but made anew from the entry's own words (Codes).
//
// What is read may come from anybody: sizes, depths and counts are limited, document types that define anything are refused, no
// entity or address is followed.
package exchange

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"plenary/internal/i18n"
)

// Limits of files that are read.
const (
	MaxBytes = 8 << 20
	MaxUnits = 6000
	maxText  = 200_000 // bytes of one text with its codes: no entry holds a longer one
)

// Format is a kind of file to translate in.
type Format string

// The formats.
const (
	XLIFF12 Format = "xliff12" // OASIS, 2008
	XLIFF21 Format = "xliff21" // OASIS, 2018; ISO 21720
	DOCX    Format = "docx"    // a table with both languages
)

// Formats lists them, the one for most tools first.
var Formats = []Format{XLIFF12, XLIFF21, DOCX}

// MediaType is what a file of the format is sent as.
func (f Format) MediaType() string {
	if f == DOCX {
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	}
	return "application/xliff+xml"
}

// Ending of a file's name.
func (f Format) Ending() string {
	if f == DOCX {
		return "docx"
	}
	return "xlf"
}

// Problem is why a file is not taken, or what is wrong with a text: a message with arguments.
type Problem struct {
	Key  string
	Args []any
}

func (p *Problem) Error() string { return p.Key }

func refuse(key string, args ...any) error { return &Problem{"exchange.file." + key, args} }

// Refused gives the problem that an error is, or nil.
func Refused(err error) *Problem {
	var p *Problem
	errors.As(err, &p)
	return p
}

// File is one entry's texts in two languages.
type File struct {
	Ref
	Title string // of the entry, for people
	URL   string // of its page in the panel
	Units []Unit
}

// Ref says what a file was made from. It travels in the file, in a place that tools keep.
type Ref struct {
	Kind, Entry string
	From, To    i18n.Locale
	// Source and Target are the versions of the two parts; Target is 0 where there were no words yet.
	Source, Target int
}

// String is the reference as files carry it.
func (r Ref) String() string {
	return fmt.Sprintf("plenary:%s/%s/%s.%d/%s.%d", r.Kind, r.Entry, r.From, r.Source, r.To, r.Target)
}

var refRE = regexp.MustCompile(`plenary:([a-z_]{1,40})/([0-9a-z]{4,32})/([a-z]{2})\.(\d{1,9})/([a-z]{2})\.(\d{1,9})`)

// ParseRef finds a reference in words.
func ParseRef(s string) (Ref, bool) {
	m := refRE.FindStringSubmatch(s)
	if m == nil {
		return Ref{}, false
	}
	source, _ := strconv.Atoi(m[4])
	target, _ := strconv.Atoi(m[6])
	return Ref{m[1], m[2], i18n.Locale(m[3]), i18n.Locale(m[5]), source, target}, true
}

// State is how far a unit is.
type State string

// The states. What a tool gives back as reviewed or final is Translated here.
const (
	Missing    State = "missing"
	Outdated   State = "outdated"
	Translated State = "translated"
)

// fits refuses a file with too many units, or with a text that no entry can take.
func (f *File) fits() error {
	if len(f.Units) > MaxUnits {
		return refuse("large")
	}
	for _, u := range f.Units {
		if u.Source.size() > maxText || u.Target.size() > maxText {
			return refuse("large")
		}
	}
	return nil
}

// Unit is what is translated by itself.
type Unit struct {
	// ID names the unit in its entry: the path of a line, or of prose with the number of the block, from 1: "summary", "blocks.k3f9.text:2".
	ID string
	// Hash is that of the source as content.Units has it.
	Hash           string
	Source, Target Text // Target is nil where there is none
	Codes          []Code
	State          State
	// Partly says that a tool has cut the unit in segments of which some are not translated.
	Partly bool
	Label  string // where it stands, in words, for the translator
	Max    int    // characters that the field takes; 0: no limit to tell
}

// Text is words with codes among them.
type Text []Piece

// Piece is words, or a code where Code is not 0.
type Piece struct {
	Words string
	Code  int
	Part  Part
}

// Part says which part of a code a piece is.
type Part byte

// The parts of codes.
const (
	Open  Part = 'o'
	Close Part = 'c'
	Alone Part = 'a'
)

// String is the text with its codes as numbered tags, ⟦1⟧bold⟦/1⟧ and ⟦2/⟧, which people can read and keep.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Code == 0:
			b.WriteString(brackets.Replace(p.Words))
		case p.Part == Open:
			fmt.Fprintf(&b, "⟦%d⟧", p.Code)
		case p.Part == Close:
			fmt.Fprintf(&b, "⟦/%d⟧", p.Code)
		default:
			fmt.Fprintf(&b, "⟦%d/⟧", p.Code)
		}
	}
	return b.String()
}

// Brackets that are words stand with a point inside.
var brackets = strings.NewReplacer("⟦", "⟦·⟧", "⟧", "⟦·/⟧")

var tag = regexp.MustCompile(`⟦\s*(?:(/?)\s*(\d{1,4})\s*(/?)|(·/?))\s*⟧`)

// ParseText reads what String writes. What looks like a tag and is none stays words.
func ParseText(s string) Text {
	var t Text
	at := 0
	for _, m := range tag.FindAllStringSubmatchIndex(s, -1) {
		t = t.words(s[at:m[0]])
		at = m[1]
		if m[8] >= 0 {
			t = t.words(map[string]string{"·": "⟦", "·/": "⟧"}[s[m[8]:m[9]]])
			continue
		}
		n, _ := strconv.Atoi(s[m[4]:m[5]])
		part := Open
		switch {
		case m[3] > m[2]:
			part = Close
		case m[7] > m[6]:
			part = Alone
		}
		t = t.code(max(n, 1), part)
		if n == 0 { // no code has this number
			t[len(t)-1].Code = -1
		}
	}
	return t.words(s[at:])
}

// words adds words, to those before where there are some.
func (t Text) words(w string) Text {
	if w == "" {
		return t
	}
	if n := len(t); n > 0 && t[n-1].Code == 0 {
		t[n-1].Words += w
		return t
	}
	return append(t, Piece{Words: w})
}

func (t Text) code(n int, p Part) Text { return append(t, Piece{Code: n, Part: p}) }

// size is about how many bytes String has.
func (t Text) size() (n int) {
	for _, p := range t {
		if n += len(p.Words); p.Code != 0 {
			n += len("⟦1⟧")
		}
	}
	return n
}

// Plain is the words alone.
func (t Text) Plain() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.Words)
	}
	return b.String()
}

// Empty says that there is nothing to read.
func (t Text) Empty() bool { return strings.TrimSpace(t.Plain()) == "" }

// Same compares texts; blanks at the ends and runs of blanks do not count, no-break blanks do.
func (t Text) Same(u Text) bool { return tidy(t.String()) == tidy(u.String()) }

func tidy(s string) string { return strings.Trim(blanks.ReplaceAllString(s, " "), " ") }

var blanks = regexp.MustCompile(`[ \t\r\n]+`)

// legal drops what XML cannot hold.
func legal(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r >= 0xD800 && r < 0xE000 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
