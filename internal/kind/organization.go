package kind

import "plenary/internal/content"

// OrganizationKind is any body: a UN entity, a commission, a government, a university, a company.
var OrganizationKind = content.Declare[Organization]("organization", "organizations")

// Organization is a body that organises, funds, employs or owns content.
type Organization struct {
	Name    content.Line `json:"name" sec:"basics" as:"title" need:"R" max:"200" find:"everywhere"`
	Acronym content.Line `json:"acronym" max:"30" find:"name"` // differs by language
	// Phrase is the name as it stands inside a sentence, with its article: "the Department for Public Institutions".
	Phrase     content.Line  `json:"phrase" max:"220"`
	Type       string        `json:"type" enum:"org_type" need:"R" facet:"org_type"`
	Parent     content.Ref   `json:"parent" of:"organization" facet:"organization"`
	Country    string        `json:"country" enum:"country" facet:"country"`
	URL        string        `json:"url" widget:"url" max:"500"`
	Summary    content.Line  `json:"summary" as:"summary" max:"300" widget:"area"`
	About      content.Prose `json:"about" sec:"text" max:"20000"`
	Logo       Picture       `json:"logo" sec:"media" as:"image"`
	LogoPolicy string        `json:"logo_policy" enum:"logo_policy"`
	Permission string        `json:"permission" widget:"area" staff:"1" max:"1000"` // who allowed the logo
}

// Problems are what the fields alone cannot tell.
func (o *Organization) Problems(original locale) []content.Problem {
	var ps problems
	ps.name("name", o.Name)
	ps.name("acronym", o.Acronym)
	ps.picture("logo", o.Logo, original)
	if o.Logo.File != "" && o.LogoPolicy == "un_emblem" && o.Permission == "" {
		ps.advise("permission", "problem.emblem_permission")
	}
	return ps
}
