package kind

import "plenary/internal/content"

// SeriesKind is an ordered set of events under a common title.
var SeriesKind = content.Declare[Series]("series", "series")

// Series holds what its events have in common; its events refer to it with their ordinal.
type Series struct {
	Title         content.Line       `json:"title" sec:"basics" as:"title" need:"R" max:"200"`
	ShortTitle    content.Line       `json:"short_title" max:"70" find:"name"`
	Summary       content.Line       `json:"summary" as:"summary" need:"R" max:"300" widget:"area"`
	Status        string             `json:"status" enum:"series_status" need:"R" widget:"seg"`
	Topics        content.Refs       `json:"topics" of:"topic" facet:"topic"`
	SDGs          []string           `json:"sdgs" enum:"sdg" facet:"sdg"`
	Image         Picture            `json:"image" as:"image"`
	Blocks        []Block            `json:"blocks" sec:"description" need:"r"`
	Organizations []OrganizationRole `json:"organizations" sec:"organizers" facet:"organization"`
	Contacts      []Contact          `json:"contacts"`
	StaffNote     string             `json:"staff_note" sec:"relations" widget:"area" staff:"1" max:"4000"`
}

// Problems are what the fields alone cannot tell.
func (s *Series) Problems(original locale) []content.Problem {
	var ps problems
	ps.picture("image", s.Image, original)
	ps.blocks(s.Blocks, original)
	ps.organizations(s.Organizations)
	ps.mailboxes("contacts", s.Contacts, original)
	return ps
}

// Partners are the organisations that are asked to work on it.
func (s *Series) Partners() []content.Partner { return partners(s.Organizations) }
