package kind

import (
	"time"

	"plenary/internal/content"
)

// NewsKind is a news item: news, press release, media advisory, statement, announcement.
var NewsKind = content.Declare[News]("news", "news").WithYear()

// News is one news item.
type News struct {
	Title      content.Line  `json:"title" sec:"basics" as:"title" need:"R" max:"200"`
	Summary    content.Line  `json:"summary" as:"summary" need:"R" max:"300" widget:"area"`
	Kind       string        `json:"kind" enum:"news_kind" need:"R" facet:"news_kind"`
	Date       content.Date  `json:"date" need:"R"`
	Dateline   content.Line  `json:"dateline" max:"80"` // the place it is written from
	Image      Picture       `json:"image" as:"image"`
	Body       content.Prose `json:"body" sec:"text" need:"R" max:"60000"`
	Correction content.Line  `json:"correction" max:"400" widget:"area"`
	Editors    content.Prose `json:"editors" max:"8000"` // notes to editors
	Event      content.Ref   `json:"event" sec:"relations" of:"event" as:"event"`
	Series     content.Ref   `json:"series" of:"series" as:"series" facet:"series"`
	Documents  content.Refs  `json:"documents" of:"document"`
	Topics     content.Refs  `json:"topics" of:"topic" facet:"topic"`
	SDGs       []string      `json:"sdgs" enum:"sdg" facet:"sdg"`
	Regions    []string      `json:"regions" enum:"region" facet:"region"`
	Countries  []string      `json:"countries" enum:"country" facet:"country"`
	Unit       content.Ref   `json:"unit" of:"organization" facet:"organization"`
	Contacts   []Contact     `json:"contacts"`
	StaffNote  string        `json:"staff_note" widget:"area" staff:"1" max:"4000"`
}

// Problems are what the fields alone cannot tell.
func (n *News) Problems(original locale) []content.Problem {
	var ps problems
	ps.picture("image", n.Image, original)
	ps.mailboxes("contacts", n.Contacts, original)
	if len(n.Contacts) == 0 && (n.Kind == "press_release" || n.Kind == "media_advisory") {
		ps.advise("contacts", "problem.press_contact_missing")
	}
	return ps
}

// Begins is when lists sort a news item.
func (n *News) Begins() time.Time { return n.Date.Time() }
