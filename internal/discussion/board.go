// Package discussion is the boards on which an event goes on: topics, posts, questions, moderation, closing.
//
// A board and its topics are part of the event and declared with tags like any kind's fields, so that they are translated,
// copied and published with it. What people write are rows here. A post is seen by nobody but its author and the moderators
// before its state is Shown, and whatever changes what is shown raises the site's generation in the same transaction.
package discussion

import (
	"time"

	"plenary/internal/content"
)

// Topic is what is talked about: a question to the readers.
type Topic struct {
	content.Item
	Title content.Line `json:"title" need:"R" max:"1000"`
	Text  content.Line `json:"text" max:"1000" widget:"area"`
}

// Facilitator is an account that is told what waits on a board. What it may do there hangs on its rights.
type Facilitator struct {
	content.Item
	Account string `json:"account" widget:"account" need:"R"`
}

// Who may write on a board.
const (
	Registrants = "registrants" // of the event
	AnyMailbox  = "mailbox"     // whoever confirms a mailbox; also where nothing is said
)

// When moderators see a post.
const (
	Before = "before" // it is shown; also where nothing is said
	After  = "after"
)

// State of a board, which follows from its dates.
type State string

// The states of a board.
const (
	Announced State = "announced" // opens later
	Open      State = "open"
	Closing   State = "closing" // for the last days
	Closed    State = "closed"
	Archived  State = "archived" // mail addresses are forgotten
)

// closingFor is how long before its end a board says that it is closing.
const closingFor = 72 * time.Hour

// keepDays is for how long after closing addresses are kept where nobody has said otherwise.
const keepDays = 90

// Board is how an event goes on in writing, made by the event from its facts.
type Board struct {
	Event content.Line // the event's title
	Intro content.Line
	Rules content.Line
	// Opens may be zero: open from the start; without Closes it stays open.
	Opens, Closes time.Time
	Zone          string // in which these are told
	Off           bool   // the event is cancelled or postponed: nobody writes
	Who           string
	Moderation    string
	Mailbox       string // whom to write to
	Topics        []Topic
	Summary       content.Ref  // document that closes it
	Closing       content.Line // the same in short
	Keep          int          // days after closing that addresses are kept
	// Question is the key of the question in the form to register of which the answers are questions to the speakers.
	Question string
	Speakers []Speaker // whom questions can be given to, and who may answer
}

// Speaker is a person of the event, with what they were there.
type Speaker struct {
	Person             content.Ref
	Title, Affiliation content.Line
}

// Speaker gives a person of the event, or nil.
func (b *Board) Speaker(person content.Ref) *Speaker {
	for i := range b.Speakers {
		if b.Speakers[i].Person == person {
			return &b.Speakers[i]
		}
	}
	return nil
}

// Boarding is a kind's struct whose entries have a board of ours; nil where they do not.
type Boarding interface{ DiscussionBoard() *Board }

// State is where a board stands at a moment.
func (b *Board) State(now time.Time) State {
	switch {
	case !b.Closes.IsZero() && !now.Before(b.forgets()):
		return Archived
	case b.Off:
		return Closed
	case now.Before(b.Opens):
		return Announced
	case b.Closes.IsZero():
		return Open
	case !now.Before(b.Closes):
		return Closed
	case !now.Before(b.Closes.Add(-closingFor)):
		return Closing
	}
	return Open
}

// Writable says whether one can write on the board at a moment.
func (b *Board) Writable(now time.Time) bool {
	st := b.State(now)
	return (st == Open || st == Closing) && !b.Off
}

// Changes are the moments at which the board's state changes.
func (b *Board) Changes() []time.Time {
	if b.Closes.IsZero() {
		return []time.Time{b.Opens}
	}
	return []time.Time{b.Opens, b.Closes.Add(-closingFor), b.Closes, b.forgets()}
}

func (b *Board) keep() int {
	if b.Keep > 0 {
		return b.Keep
	}
	return keepDays
}

func (b *Board) forgets() time.Time { return b.Closes.AddDate(0, 0, b.keep()) }

// Topic gives a topic by its id, or nil.
func (b *Board) Topic(id string) *Topic {
	for i := range b.Topics {
		if b.Topics[i].ID == id {
			return &b.Topics[i]
		}
	}
	return nil
}

// before says whether moderators see posts before they are shown.
func (b *Board) before() bool { return b.Moderation != After }
