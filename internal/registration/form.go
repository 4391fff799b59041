// Package registration lets people register for events: answers, places, waiting list, private links, retention.
//
// The form is part of the event and declared with tags like any kind's fields, so that it is saved, translated, copied and
// published with it. The people who register are rows here. Places are given out under a lock on one row of the event, and
// whatever frees one (a withdrawal, a larger capacity) gives it to the next who waits in the same transaction.
package registration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// Category is a group of participants with places of its own: delegates, media, academia.
type Category struct {
	content.Item
	Name     content.Line `json:"name" need:"R" max:"120"`
	Capacity int          `json:"capacity" max:"100000"` // 0: only the event's own limit
	Approval string       `json:"approval" enum:"registration_approval"`
	Hidden   bool         `json:"hidden" widget:"switch"`        // staff enter its people, the form does not offer it
	Mode     string       `json:"mode" enum:"registration_mode"` // in which its people take part in a hybrid event; empty: they choose
	Key      string       `json:"key" max:"40"`                  // how messages call it that are only for its people
}

// Field is a question beyond name and address.
type Field struct {
	content.Item
	Label    content.Line `json:"label" need:"R" max:"200"`
	Type     string       `json:"type" enum:"registration_field" need:"R"`
	Options  []Option     `json:"options" for:"choice,choices"`
	Required bool         `json:"required" widget:"switch"`
	Help     content.Line `json:"help" max:"400" widget:"area"`
	// Key is how conditions call the field.
	Key string `json:"key" max:"40"`
	// OnlyIf is the key of a field before it: the question is put only to those who have answered that with OnlyValue, or,
	// where that is empty, at all.
	OnlyIf    string       `json:"only_if" max:"40"`
	OnlyValue string       `json:"only_value" max:"40"`
	Purpose   content.Line `json:"purpose" max:"400" widget:"area"`
	Personal  bool         `json:"personal" widget:"switch"`
	Sensitive bool         `json:"sensitive" widget:"switch"`
	Retention int          `json:"retention" max:"3650"` // days after the event; 0: as long as the registration
}

// Option is one of the answers to choose from.
type Option struct {
	content.Item
	Label content.Line `json:"label" need:"R" max:"200"`
	Key   string       `json:"key" max:"40"` // how conditions call it
}

// Consent is something to agree to.
type Consent struct {
	content.Item
	Text     content.Line `json:"text" need:"R" max:"1000" widget:"area"`
	Required bool         `json:"required" widget:"switch"`
	Listed   bool         `json:"listed" widget:"switch"` // to stand on the public list of participants
}

// Types of questions.
const (
	Text    = "text"
	Long    = "long"
	Choice  = "choice"
	Choices = "choices"
	YesNo   = "yes_no"
	Country = "country"
	Number  = "number"
	Date    = "date"
)

// Manual is the approval by staff; any other is automatic.
const Manual = "manual"

// Form is how one registers for an event, made by the event from its facts.
type Form struct {
	Title content.Line
	When  content.When
	// Opens may be zero: open from the start. Without Closes the form is closed.
	Opens, Closes  time.Time
	EditUntil      time.Time // zero: as long as the form is open
	Ends           time.Time // of the event: retention counts from here, and nobody gets a place after it; zero: not known
	Ended          time.Time // when a postponed event was to be over: retention counts from here until it has a new date
	Off            bool      // the event is cancelled, postponed or has no date: places are neither given nor moved up to
	Zone           string    // in which these times are told
	Mode           string    // of the event: in_person, online, hybrid
	Hybrid         bool      // people choose whether they come or join online: Capacity is of the room
	Capacity       int       // 0: no limit
	OnlineCapacity int       // of a hybrid event; 0: no limit
	Waitlist       bool
	OfferHours     int // for how long a place that becomes free is held for whoever is next; 0: it is theirs at once
	ShowPlaces     bool
	Approval       string
	Ask, Required  []string // of organization, position, country
	Categories     []Category
	Fields         []Field
	Consents       []Consent
	Intro          content.Line
	Confirmation   content.Line
	Keep           int    // days after the event
	Mailbox        string // takes the form by mail; empty: not
	MailOnly       bool   // nobody fills it in on the site: it comes to Mailbox, and staff enter it
	ListMode       string
	ListMonths     int // after the event that the list of participants is public; 0: listMonths
	Messages       []Message
	SurveyCloses   time.Time         // until when those who were there are asked; zero: they are not
	Guideline      string            // id of the document that says how to take part; empty: none
	Happened       string            // the latest that became of the event: what Telling takes; empty: nothing
	Promises       map[string]string // kinds of what was promised for after the event, by id
	Notices        []Notice          // of what changed on the day
	Reason         content.Line      // of what became of the event: moved, cancelled
	// Place is where it takes place, in a line, and the language of that line; nil: nobody has said.
	Place func(words *i18n.Catalogue, l, original i18n.Locale) (string, i18n.Locale)
}

// Notice is what those who have a place are told on the day.
type Notice struct {
	ID, Kind string
	Calendar bool // what they have in their calendars is wrong by it
	Words    func(words *i18n.Catalogue, l i18n.Locale) string
}

// Fact is something about an event that its messages wait for.
type Fact string

// Reported is the fact that the event's outcome report is public; any other names a promise that is kept.
const Reported Fact = "outcome"

// Promising is a Registering that can tell which facts are so, from what is public around it.
type Promising interface {
	MessageFacts(original i18n.Locale, around *content.Surroundings) []Fact
}

// Registering is a kind's struct whose entries people register for; nil where they do not do so here.
type Registering interface{ RegistrationForm() *Form }

// Open says whether one can register at a moment.
func (f *Form) Open(now time.Time) bool { return !now.Before(f.Opens) && now.Before(f.Closes) }

// Editable says whether registrants can change their answers.
func (f *Form) Editable(now time.Time) bool {
	if f.EditUntil.IsZero() {
		return now.Before(f.Closes)
	}
	return now.Before(f.EditUntil) && !f.Over(now)
}

// MaySwitch says whether registrants in a state can change how they take part: to join online as long as one can withdraw, to come
// to the room while answers can be changed, since somebody makes badges of the list.
func (f *Form) MaySwitch(st State, to string, now time.Time) bool {
	return f.Hybrid && !f.Over(now) && slices.Contains(from[ToRoom], st) && (to == Online || f.Editable(now))
}

// Over says whether the event has ended.
func (f *Form) Over(now time.Time) bool { return !f.Ends.IsZero() && !now.Before(f.Ends) }

// Category gives a category by its id, or nil.
func (f *Form) Category(id string) *Category {
	for i := range f.Categories {
		if f.Categories[i].ID == id {
			return &f.Categories[i]
		}
	}
	return nil
}

// Offered are the categories one can choose.
func (f *Form) Offered() []Category {
	return slices.DeleteFunc(slices.Clone(f.Categories), func(c Category) bool { return c.Hidden })
}

func (f *Form) manual(category string) bool {
	if c := f.Category(category); c != nil && c.Approval != "" {
		return c.Approval == Manual
	}
	return f.Approval == Manual
}

// days after the event for which an answer is kept.
func (f *Form) days(x *Field) int {
	if x != nil && x.Retention > 0 {
		return min(x.Retention, f.keep())
	}
	return f.keep()
}

// keep is a year where nobody has said otherwise.
func (f *Form) keep() int {
	if f.Keep > 0 {
		return f.Keep
	}
	return 365
}

// Before finds the field that another hangs on, which stands before it; nil if there is none.
func (f *Form) Before(x *Field) *Field {
	for i := range f.Fields {
		switch y := &f.Fields[i]; {
		case y.ID == x.ID:
			return nil
		case y.Key == x.OnlyIf:
			return y
		}
	}
	return nil
}

// Option gives an option by its id or key, or nil.
func (x *Field) Option(id string) *Option {
	for i := range x.Options {
		if o := &x.Options[i]; o.ID == id || o.Key != "" && o.Key == id {
			return o
		}
	}
	return nil
}

// asked says whether a question is put to someone with these answers.
func (f *Form) asked(x *Field, answers map[string][]string) bool {
	if x.OnlyIf == "" {
		return true
	}
	on := f.Before(x)
	if on == nil {
		return true
	}
	given := answers[on.ID]
	if len(given) == 0 || !f.asked(on, answers) {
		return false
	}
	want := x.OnlyValue
	if o := on.Option(want); o != nil {
		want = o.ID
	}
	return want == "" || slices.Contains(given, want)
}

// Version is what a reader of a language has before them, as a short hash: it changes when what they are asked does.
func (f *Form) Version(l, original i18n.Locale) string {
	words := func(x content.Line) string { w, _ := x.Pick(l, original); return w }
	what := []any{f.Ask, f.Required}
	for _, c := range f.Offered() {
		what = append(what, c.ID, words(c.Name))
		if f.Hybrid {
			what = append(what, c.Mode)
		}
	}
	if f.Hybrid {
		what = append(what, FieldMode)
	}
	for _, x := range f.Fields {
		what = append(what, x.ID, x.Type, x.Required, x.OnlyIf, x.OnlyValue, words(x.Label), words(x.Purpose), x.Retention, x.Sensitive)
		for _, o := range x.Options {
			what = append(what, o.ID, words(o.Label))
		}
	}
	for _, c := range f.Consents {
		what = append(what, c.ID, c.Required, words(c.Text))
	}
	b, err := json.Marshal(what)
	if err != nil {
		panic(err) // strings and booleans
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
