package kind

import (
	"slices"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

type locale = i18n.Locale

// EventKind is one dated happening with one page.
var EventKind = content.Declare[Event]("event", "events").WithYear()

// Event is a webinar, a symposium, a meeting: DOMAIN's content model of an event (7.1). What it is called is Kind;
// where it is listed, its series and topics; these are never mixed.
type Event struct {
	Title      content.Line `json:"title" sec:"basics" as:"title" need:"R" max:"200"`
	ShortTitle content.Line `json:"short_title" need:"r" max:"70" find:"name"`
	Subtitle   content.Line `json:"subtitle" max:"200"`
	Summary    content.Line `json:"summary" as:"summary" need:"R" max:"300" widget:"area"`
	Kind       string       `json:"kind" enum:"event_kind" need:"R" facet:"event_kind"`
	Scope      string       `json:"scope" enum:"scope" need:"R"`
	Series     content.Ref  `json:"series" of:"series" as:"series" facet:"series"`
	Ordinal    int          `json:"ordinal" max:"999"` // the how-manieth of its series
	Topics     content.Refs `json:"topics" of:"topic" facet:"topic" need:"r"`
	SDGs       []string     `json:"sdgs" enum:"sdg" facet:"sdg" need:"r"`
	Keywords   content.Line `json:"keywords" max:"200" find:"name"` // for machines, with commas
	Image      Picture      `json:"image" as:"image"`

	When       content.When `json:"when" sec:"dates" need:"R" as:"when"`
	Status     string       `json:"status" enum:"event_status" need:"R" widget:"seg"`
	Previous   content.When `json:"previous"` // as it was before it was moved, shown struck through
	StatusNote content.Line `json:"status_note" max:"400" widget:"area"`
	ShowZones  []string     `json:"show_zones" enum:"zone" max:"12"`
	Notices    []DayNotice  `json:"notices" max:"50" find:"no"` // of what changed on the day

	Mode               string           `json:"mode" sec:"place" enum:"attendance_mode" need:"R" widget:"seg" facet:"mode"`
	Access             string           `json:"access" enum:"access" need:"R"`
	Venues             []Venue          `json:"venues"`
	WorkingLanguages   []string         `json:"working_languages" enum:"language" need:"R"`
	Interpretation     []Interpretation `json:"interpretation"`
	Accessibility      []string         `json:"accessibility" enum:"accessibility" need:"r"`
	AccessibilityNote  content.Line     `json:"accessibility_note" max:"400" widget:"area"`
	AccessRequirements content.Prose    `json:"access_requirements" max:"5000"`
	StreamURL          string           `json:"stream_url" widget:"url" max:"500"`
	Join               Join             `json:"join"`

	Registration Registration        `json:"registration" sec:"registration" find:"no"`
	Survey       registration.Survey `json:"survey" find:"no"`
	Discussion   Discussion          `json:"discussion" find:"no"`

	Blocks []Block `json:"blocks" sec:"description" need:"r"`
	Notes  []Note  `json:"notes"`

	Sessions   []Session          `json:"sessions" sec:"programme"`
	Programmes []ProgrammeVersion `json:"programmes" max:"40" find:"no"` // names that the programme had, with what it was

	People []PersonRole `json:"people" sec:"people"`

	Organizations []OrganizationRole `json:"organizations" sec:"organizers" need:"R" facet:"organization"`
	Contacts      []Contact          `json:"contacts" need:"R"`

	Documents []DocumentLink `json:"documents" sec:"documents"`

	Recordings     []Recording   `json:"recordings" sec:"outcome"`
	Photos         []Photo       `json:"photos"`
	OutcomeSummary content.Prose `json:"outcome_summary" max:"20000"`
	KeyMessages    []Point       `json:"key_messages"`
	Statistics     Statistics    `json:"statistics"`
	Participating  []string      `json:"participating" enum:"country"`
	Commitments    []Commitment  `json:"commitments" need:"r"`

	Parent     content.Ref  `json:"parent" sec:"relations" of:"event"`
	Relation   string       `json:"relation" enum:"event_relation"`
	Related    content.Refs `json:"related" of:"event"`
	Regions    []string     `json:"regions" enum:"region" facet:"region"`
	Countries  []string     `json:"countries" enum:"country" facet:"country"` // featured
	Links      []Link       `json:"links"`
	FocalPoint string       `json:"focal_point" widget:"account" staff:"1" need:"R"`
	StaffNote  string       `json:"staff_note" widget:"area" staff:"1" max:"4000"`
	Skips      []Skip       `json:"skips" staff:"1"`
}

// Venue is a physical place or an online platform as publicly named; how to join is Join.
type Venue struct {
	content.Item
	Type    string       `json:"type" enum:"venue_type" need:"R"`
	Name    content.Line `json:"name" need:"R" max:"200"`
	Room    content.Line `json:"room" max:"120" for:"physical"`
	Address content.Line `json:"address" max:"300" for:"physical"`
	City    content.Line `json:"city" max:"120" for:"physical"`
	Country string       `json:"country" enum:"country" for:"physical"`
	Arrival content.Line `json:"arrival" max:"400" widget:"area" for:"physical"` // the way there and in, steps and lifts
}

// Interpretation is a language offered to listeners.
type Interpretation struct {
	content.Item
	Language string `json:"language" enum:"language" need:"R"`
	Kind     string `json:"kind" enum:"interpretation_kind" need:"R"`
}

// Join is the secret of an online event: who may have it is Release, and when is OpensBefore. Only these two are
// published, since the page follows them; the rest is read when somebody joins, see content.Store.Behind.
type Join struct {
	Platform    string `json:"platform" max:"80" staff:"1"`
	URL         string `json:"url" widget:"url" max:"500" staff:"1" secret:"1"`
	Passcode    string `json:"passcode" max:"80" staff:"1" secret:"1"`
	DialIn      string `json:"dial_in" max:"200" staff:"1" secret:"1"`
	OpensBefore int    `json:"opens_before" max:"240"`    // minutes before the start; 0: 15
	Release     string `json:"release" enum:"release_to"` // empty: confirmed
}

// Session is a dated part of the programme, in the event's zone.
type Session struct {
	content.Item
	Title       content.Line  `json:"title" need:"R" max:"200"`
	Kind        string        `json:"kind" enum:"session_kind" need:"R"`
	Slot        content.Slot  `json:"slot"`
	TBD         bool          `json:"tbd" widget:"switch"`
	Cancelled   bool          `json:"cancelled" widget:"switch"` // it stays in the programme, struck through
	Track       content.Line  `json:"track" max:"80"`
	Room        content.Line  `json:"room" max:"120"`
	Description content.Prose `json:"description" max:"8000"`
	People      []PersonRole  `json:"people"`
	Languages   []string      `json:"languages" enum:"language"`
	Documents   content.Refs  `json:"documents" of:"document"`
}

// Recording is what was recorded: a file of ours, or a page elsewhere. A public one needs captions in a language, or the
// reason why there are none.
type Recording struct {
	content.Item
	Title      content.Line    `json:"title" max:"200"`
	Kind       string          `json:"kind" enum:"recording_kind" need:"R"`
	URL        string          `json:"url" widget:"url" max:"500"`
	File       content.FileRef `json:"file" of:"media"`
	Audio      content.FileRef `json:"audio" of:"audio"` // the sound alone, for slow lines
	Poster     content.FileRef `json:"poster" of:"picture"`
	Date       content.Date    `json:"date"`
	Minutes    int             `json:"minutes" max:"2000"`
	Languages  []string        `json:"languages" enum:"language"`
	Captions   []string        `json:"captions" enum:"language"` // those that the page elsewhere has
	Tracks     []Track         `json:"tracks" max:"40"`
	NoCaptions content.Line    `json:"no_captions" max:"200" find:"no"`
	Transcript content.Ref     `json:"transcript" of:"document"` // instead of the one made from the captions
	Chapters   []Chapter       `json:"chapters" max:"100"`
}

// Track is a file of captions in one language.
type Track struct {
	content.Item
	Language string          `json:"language" enum:"language" need:"R"`
	Kind     string          `json:"kind" enum:"caption_kind" need:"R"`
	Origin   string          `json:"origin" enum:"caption_origin"`
	File     content.FileRef `json:"file" of:"captions" need:"R"`
}

// Chapter is a part of a recording that one can jump to.
type Chapter struct {
	content.Item
	Label   content.Line `json:"label" max:"200" need:"R"`
	At      string       `json:"at" widget:"offset" max:"10" need:"R"` // from the beginning: "1:02:30"
	Session string       `json:"session" widget:"session" max:"16"`    // id of the event's session that is heard
}

// Captioned lists the languages in which a recording has captions, each once.
func (r *Recording) Captioned() []string {
	out := slices.Clone(r.Captions)
	if r.File != "" { // our player shows only what it is given
		out = nil
	}
	for _, t := range r.Tracks {
		if t.File != "" && t.Kind != "descriptions" && !slices.Contains(out, t.Language) {
			out = append(out, t.Language)
		}
	}
	return out
}

// Starts is when a chapter begins, in seconds from the beginning of the recording; -1 where that cannot be read.
func (c *Chapter) Starts() int { return content.Offset(c.At) }

// Photo is a picture taken at the event.
type Photo struct {
	content.Item
	File    content.FileRef `json:"file" of:"picture" need:"R"`
	Alt     content.Line    `json:"alt" max:"250" need:"R"`
	Caption content.Line    `json:"caption" max:"300"`
	Credit  string          `json:"credit" max:"120" need:"R"`
	// Consent is when those who can be recognised agreed to be shown.
	Consent content.Date `json:"consent" staff:"1" need:"r"`
}

// Statistics are aggregates; nobody can be found in them.
type Statistics struct {
	Registered int `json:"registered" max:"1000000"`
	Attended   int `json:"attended" max:"1000000"`
	Online     int `json:"online" max:"1000000"` // at once, at most
	Countries  int `json:"countries" max:"250"`
	Women      int `json:"women" max:"100"` // per cent
}

// Commitment is a promised follow-up. It is kept when what it promises is public, see Kept.
type Commitment struct {
	content.Item
	Kind        string       `json:"kind" enum:"commitment_kind" need:"R"`
	Text        content.Line `json:"text" max:"400" widget:"area"` // instead of the catalogue's sentence
	PromisedOn  content.Date `json:"promised_on"`
	Due         content.Date `json:"due"`
	DueDays     int          `json:"due_days" max:"1000"` // after the last day, where Due is empty
	Responsible content.Ref  `json:"responsible" of:"organization"`
	Owner       string       `json:"owner" widget:"account" staff:"1"` // who sees to it; the focal point where empty
	FulfilledBy content.Ref  `json:"fulfilled_by" of:"document"`
	Fulfilled   content.Date `json:"fulfilled"`
	// Internal keeps the promise off the page: it was made to partners.
	Internal bool `json:"internal" widget:"switch"`
	// Waived takes the promise off the page and lets the event settle without it.
	Waived       bool   `json:"waived" widget:"switch"`
	WaivedReason string `json:"waived_reason" max:"400" widget:"area" staff:"1"`
}

// Skip takes a duty off the checklist of an event to which it does not apply.
type Skip struct {
	content.Item
	Duty   string `json:"duty" enum:"duty" need:"R"`
	Reason string `json:"reason" max:"400" need:"R"`
}

// Begins is when lists sort an event.
func (e *Event) Begins() time.Time { return e.When.Starts() }

// Over is when an event has passed: zero while there is no date to pass, as for a postponed one.
func (e *Event) Over() time.Time {
	if e.Status == "postponed" {
		return time.Time{}
	}
	return e.ends()
}

// Sequence tells which facts make the copy in somebody's calendar wrong when they change.
func (*Event) Sequence() []string {
	return []string{"when", "status", "mode", "venues", "venues.*.type", "venues.*.country", "venues.*.name", "venues.*.room", "venues.*.city"}
}

// Later are the words of its outcome before it is over: its page does not show them by then.
func (e *Event) Later(now time.Time) []string {
	if end := e.Over(); end.IsZero() || now.Before(end) {
		return []string{"outcome_summary", "key_messages", "commitments", "recordings", "photos"}
	}
	return nil
}

// Partners are the organisations that are asked to work on it.
func (e *Event) Partners() []content.Partner { return partners(e.Organizations) }
