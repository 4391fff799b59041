package registration

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/mail"
)

// Message is a line of an event's plan of letters to those who registered: one that is there anyway, in other words or at
// another time, or a further one. The words may be empty: then those of the catalogue are sent.
type Message struct {
	content.Item
	Kind    string       `json:"kind" enum:"message" need:"R"`
	Off     bool         `json:"off" widget:"switch"`
	Days    int          `json:"days" max:"365"`
	Hours   int          `json:"hours" max:"23"`
	From    string       `json:"from" enum:"message_from"`      // empty: the usual time of its kind
	To      []string     `json:"to" enum:"message_to"`          // states; empty: the usual ones of its kind
	Only    string       `json:"only" max:"40"`                 // key of a category; empty: all
	Mode    string       `json:"mode" enum:"registration_mode"` // of a hybrid event only to those who take part so; empty: as usual for its kind
	Subject content.Line `json:"subject" max:"200"`
	Body    content.Line `json:"body" max:"4000" widget:"area"`
}

// Kinds of messages. Only the first four go by the clock; the last one waits for a person, who may ask a second time and
// reaches those who have come since.
const (
	LoginGuideline = "login_guideline"
	Reminder       = "reminder"
	ThankYou       = "thank_you"
	AskSurvey      = "survey"          // to who has not answered, while one can
	MaterialsReady = "materials_ready" // a promise is kept
	Outcome        = "outcome"         // the outcome report is public
	Changed        = "change"          // the event moves, or how to take part in it
	Cancelled      = "cancelled"
	ByHand         = "manual"
	StillComing    = "still_coming" // once more to who was asked whether they come all the same, and has not answered
	OnTheDay       = "day"          // what changes on the day: a line of the plan for each notice, and none to be written
)

// Messages are the kinds in the order of an event's life; each but the last is in every plan, that about the survey where there
// is one, and that to the silent where the event has moved.
var Messages = []string{LoginGuideline, StillComing, Reminder, ThankYou, AskSurvey, MaterialsReady, Outcome, Changed, Cancelled, ByHand}

// From what a message's time is reckoned.
const (
	BeforeStart = "before_start"
	AfterEnd    = "after_end"
)

// usual is what a line of the plan is where nobody says otherwise.
var usual = map[string]struct {
	from string
	days int
	to   []State
}{
	LoginGuideline: {BeforeStart, 14, []State{Confirmed}},
	StillComing:    {BeforeStart, 7, []State{Confirmed}},
	Reminder:       {BeforeStart, 1, []State{Confirmed}},
	ThankYou:       {AfterEnd, 1, []State{Confirmed, Attended}},
	AskSurvey:      {AfterEnd, 2, []State{Confirmed, Attended}}, // the day after the thanks
	MaterialsReady: {"", 0, seated},
	Outcome:        {"", 0, seated},
	Changed:        {"", 0, []State{Confirmed, Offered, Waitlisted, Pending}},
	Cancelled:      {"", 0, []State{Confirmed, Offered, Waitlisted, Pending}},
	ByHand:         {"", 0, []State{Confirmed}},
	OnTheDay:       {"", 0, []State{Confirmed}},
}

// Follows reports whether the message is about what follows the event, and not about taking part in it: whoever has registered
// can do without.
func (m *Message) Follows() bool {
	return slices.Contains([]string{ThankYou, AskSurvey, MaterialsReady, Outcome}, m.Kind)
}

// In is the mode of those a message of a form goes to; "" for all. How to log in is told to those who do.
func (m *Message) In(f *Form) string {
	switch {
	case !f.Hybrid:
		return ""
	case m.Mode == "" && m.Kind == LoginGuideline:
		return Online
	}
	return m.Mode
}

// reaches says whether a message is for somebody by how they take part.
func (m *Message) reaches(f *Form, r *row) bool {
	switch m.In(f) {
	case InPerson:
		return r.Mode != Online
	case Online:
		return r.Mode != InPerson || r.AlsoOnline
	}
	return true
}

// Audience are the states a message can go to: who was declined or has withdrawn is left in peace.
var Audience = []State{Confirmed, Offered, Waitlisted, Pending, Attended, Absent}

// Plan are all messages of an event: its lines, and for each kind that goes without asking and has none, the usual one,
// whose id is the kind's name. Each notice of the day is a message of its own, with its id: whoever is being told of one is
// told of the next besides.
func (f *Form) Plan() []*Message {
	var out []*Message
	for _, kind := range Messages {
		there := kind == ByHand || kind == AskSurvey && f.SurveyCloses.IsZero() || kind == StillComing && !f.moved()
		for i := range f.Messages {
			if f.Messages[i].Kind == kind {
				out, there = append(out, &f.Messages[i]), true
			}
		}
		if !there {
			out = append(out, &Message{Item: content.Item{ID: kind}, Kind: kind})
		}
	}
	for _, n := range f.Notices {
		out = append(out, &Message{Item: content.Item{ID: n.ID}, Kind: OnTheDay})
	}
	return out
}

// Planned gives a line of the plan, or nil.
func (f *Form) Planned(id string) *Message {
	for _, m := range f.Plan() {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// Notice gives the notice of the day that a message tells; nil for others.
func (f *Form) Notice(id string) *Notice {
	if i := slices.IndexFunc(f.Notices, func(n Notice) bool { return n.ID == id }); i >= 0 {
		return &f.Notices[i]
	}
	return nil
}

// Timed says from what the message's time is reckoned; "" where it does not go by the clock.
func (m *Message) Timed() string {
	if u := usual[m.Kind].from; u == "" || m.From == "" {
		return u
	}
	return m.From
}

// Offset is how far from the start or end of the event the message goes.
func (m *Message) Offset() (days, hours int) {
	if m.From == "" && m.Days == 0 && m.Hours == 0 {
		return usual[m.Kind].days, 0
	}
	return m.Days, m.Hours
}

// Whom are the states that the message goes to.
func (m *Message) Whom() []State {
	var out []State
	for _, st := range Audience {
		if slices.Contains(m.To, string(st)) {
			out = append(out, st)
		}
	}
	if len(out) == 0 {
		return usual[m.Kind].to
	}
	return out
}

// morning is when letters go about an event of which only the days are known.
const morning = 9

// Due is when the message goes, and the start or end of the event that this is reckoned from: days on the calendar of its
// place, whatever the clock there does in between, and hours of the clock. Both are zero while nothing says when.
func (m *Message) Due(f *Form) (due, basis time.Time) {
	from := m.Timed()
	if from == "" || f.Off || m.Kind == AskSurvey && f.SurveyCloses.IsZero() || !f.When.Known() || f.When.Precision == content.PrecisionMonth || f.Ends.IsZero() {
		return time.Time{}, time.Time{}
	}
	zone := f.When.Location()
	days, hours := m.Offset()
	if basis = f.When.Starts(); from == AfterEnd {
		basis = f.Ends
	} else {
		days, hours = -days, -hours
	}
	due = basis.In(zone)
	if f.When.Precision == content.PrecisionDay {
		if from == AfterEnd { // the end is the midnight after the last day
			due = due.Add(-time.Second)
		}
		due = time.Date(due.Year(), due.Month(), due.Day(), morning, 0, 0, 0, zone)
	}
	due = due.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour)
	if m.Kind == AskSurvey && due.Before(f.Ends) { // nobody can answer before
		due = f.Ends
	}
	return due, basis
}

// Placeholders stand for facts in what editors write, so that words never disagree with facts.
var Placeholders = []string{"event", "when", "date", "time", "place", "page", "link"}

var placeholder = regexp.MustCompile(`\{([a-z_]{1,20})\}`)

// UnknownPlaceholder gives the first name in braces that stands for nothing; "" if there is none.
func UnknownPlaceholder(words string) string {
	for _, m := range placeholder.FindAllStringSubmatch(words, -1) {
		if !slices.Contains(Placeholders, m[1]) {
			return m[0]
		}
	}
	return ""
}

// LinkApart says whether {link} stands by itself wherever it is written: it becomes an address that is for its reader alone,
// and behind an address that somebody wrote it would be handed to whoever that belongs to.
func LinkApart(words string) bool {
	for _, m := range placeholder.FindAllStringSubmatchIndex(words, -1) {
		if words[m[2]:m[3]] == "link" && !mail.Apart(words, m[0], m[1]) {
			return false
		}
	}
	return true
}

// put fills placeholders in; what stands for nothing stays as it is.
func put(words string, facts map[string]string) string {
	return placeholder.ReplaceAllStringFunc(words, func(s string) string {
		if v, ok := facts[strings.Trim(s, "{}")]; ok {
			return v
		}
		return s
	})
}

// paragraphs are those of a text: what empty lines part.
func paragraphs(words string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(words, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// facts are what placeholders stand for, in a language.
func (s *Store) facts(h *Event, l i18n.Locale, title, page, link string) map[string]string {
	f := h.Form
	m := map[string]string{"event": title, "page": page, "link": link, "when": f.WhenIn(l), "place": s.placeIn(h, l)}
	if m["date"] = m["when"]; f.When.Known() && f.When.Precision == content.PrecisionTime {
		start, end := f.When.Starts(), f.When.Ends()
		m["date"], m["time"] = i18n.DateWeekday(l, start), i18n.Clock(l, start)
		if end.After(start) && end.Sub(start) < 24*time.Hour {
			m["time"] = i18n.ClockRange(l, start, end)
		}
		if city := i18n.ZoneCity(l, f.When.Zone); city != "" {
			m["time"] = s.Catalogue.T(l, "message.time_in", "Time", m["time"], "City", city)
		}
	}
	return m
}

// placeIn is where the event takes place, in a line; empty where nobody has said.
func (s *Store) placeIn(h *Event, l i18n.Locale) string {
	if h.Form.Place == nil {
		return ""
	}
	words, in := h.Form.Place(s.Catalogue, l, h.Original)
	if in != l && words != "" {
		return i18n.Isolate(words)
	}
	return words
}
