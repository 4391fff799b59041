package conceptnote

import (
	"time"

	"plenary/internal/i18n"
)

// Confidence is how sure it is that the note says a thing.
type Confidence int

// The confidences. What is sure stands under a label or a heading that says what it is; what is likely follows from its
// form; a guess should be looked at.
const (
	Guess Confidence = iota + 1
	Likely
	Sure
)

// Word is the confidence's name, for messages.
func (c Confidence) Word() string { return [...]string{"", "guess", "likely", "sure"}[c] }

// At is a place in the note: a line, and of it the words from one byte to another; all of them where both are 0.
type At struct{ Line, From, To int }

// Found is what everything that was found has: a key that is the same each time the same note is read, how sure it is, and
// where it stands.
type Found struct {
	Key  string
	Sure Confidence
	At   []At
}

// Text is words that were found, or the value of a choice.
type Text struct {
	Found
	Text string
}

// Note is what a concept note says. The names of choices (kinds, roles, slots) are those of the event.
type Note struct {
	Doc      *Doc
	Lang     i18n.Locale
	LangSure bool

	Title, Series  Text
	Ordinal        Number
	Kind           Text
	When           When
	Mode           Text
	Venues         []Venue
	Languages      []Text // codes of working languages
	Interpretation []Text

	Organizations []Organization
	People        []Person
	Sessions      []Session
	Contacts      []Contact
	Blocks        []Block

	Documents []Document
	Board     Document // the discussion board
	Join      Text     // address
	Register  Text     // address
	Mailbox   Text     // that forms are sent to
	Closes    When

	Marks     []Mark // notes that are called by a sign
	Footnotes map[string]string
	Promises  []Promise
	Countries []Text // codes

	Lost []Lost
}

// Number is a number that was found.
type Number struct {
	Found
	N int
}

// When is a time that was found, in the layout of wall times; Precision is "time", "day" or "month", "" for none.
type When struct {
	Found
	Start, End, Zone, Precision string
	ZoneSure                    Confidence // 0 where no zone was found
}

// Venue is where the event is.
type Venue struct {
	Found
	Type, Name, Country string
}

// Organization is one that has a part in the event, or that a contact works in.
type Organization struct {
	Found
	Name, Acronym, Role string
}

// Person is somebody with a part in the event or one of its sessions.
type Person struct {
	Found
	Name, Honorific, Nickname, Position, Affiliation, Country, Role string
	Tentative                                                       bool
}

// Session is a line of the programme.
type Session struct {
	Found
	Title, Kind, Start, End string
	People                  []Person
}

// Contact is whom to write to.
type Contact struct {
	Found
	Person
	Unit, Mail, Phone string
}

// Para is a paragraph, or an item of a list where Mark is not empty.
type Para struct {
	Text  string
	Mark  string
	Calls []Call
	Links []Link
}

// Block is a named part of the text.
type Block struct {
	Found
	Kind, Heading, LeadIn string
	Body                  []Para
	Points                []Text
	Groups                []Group
	Numbering             string // "decimal", "lower-alpha", "bullet": how its points were marked
}

// Group is points under a heading of their own.
type Group struct {
	Found
	Heading, LeadIn string
	Points          []Text
	Series          bool // they speak of the series
}

// Document is a document or a link by its name, and its address where the note has one.
type Document struct {
	Found
	Slot, Label, URL, Mark string
}

// Mark is a note that is called by a sign: *, †.
type Mark struct {
	Found
	Mark, Text string
}

// Promise is something that will be done afterwards.
type Promise struct {
	Found
	Kind, Text string
	Due        string // a date
	Days       int    // after the event
}

// Severity is how bad it is that something is not there.
type Severity string

// The severities.
const (
	Missing  Severity = "missing" // the note calls for it and has not got it
	Doubtful Severity = "check"   // something was understood that may be meant otherwise
	Mended   Severity = "mended"  // put right; nothing to do
)

// Lost is something that the source should hold and does not, or that was put right: Key is the message's, Args its data.
type Lost struct {
	Key   string
	Level Severity
	At    []At
	Args  []any // name, value
}

// Each calls f for everything that was found, in the order of the event's sections.
func (n *Note) Each(f func(section string, x *Found)) {
	one := func(section string, x *Found) {
		if x.Key != "" {
			f(section, x)
		}
	}
	one("basics", &n.Title.Found)
	one("basics", &n.Kind.Found)
	one("basics", &n.Series.Found)
	one("basics", &n.Ordinal.Found)
	one("dates", &n.When.Found)
	one("place", &n.Mode.Found)
	for i := range n.Venues {
		one("place", &n.Venues[i].Found)
	}
	for i := range n.Languages {
		one("place", &n.Languages[i].Found)
	}
	for i := range n.Interpretation {
		one("place", &n.Interpretation[i].Found)
	}
	one("place", &n.Join.Found)
	one("registration", &n.Register.Found)
	one("registration", &n.Mailbox.Found)
	one("registration", &n.Closes.Found)
	one("registration", &n.Board.Found)
	for i := range n.Blocks {
		one("description", &n.Blocks[i].Found)
	}
	for i := range n.Marks {
		one("description", &n.Marks[i].Found)
	}
	for i := range n.Sessions {
		one("programme", &n.Sessions[i].Found)
	}
	for i := range n.People {
		one("people", &n.People[i].Found)
	}
	for i := range n.Organizations {
		one("organizers", &n.Organizations[i].Found)
	}
	for i := range n.Contacts {
		one("contacts", &n.Contacts[i].Found)
	}
	for i := range n.Documents {
		one("documents", &n.Documents[i].Found)
	}
	for i := range n.Promises {
		one("outcome", &n.Promises[i].Found)
	}
	for i := range n.Countries {
		one("relations", &n.Countries[i].Found)
	}
}

// wall is the layout of wall times.
const wall = "2006-01-02T15:04"

func wallTime(day time.Time, minutes int) string {
	return day.Add(time.Duration(minutes) * time.Minute).Format(wall)
}
