package kind

import "plenary/internal/content"

// PageKind is a standing page: about, contact, accessibility, terms.
var PageKind = content.Declare[Page]("page", "pages")

// Page is a standing page. A core page must exist in every language of the site.
type Page struct {
	Title     content.Line `json:"title" sec:"basics" as:"title" need:"R" max:"200"`
	Summary   content.Line `json:"summary" as:"summary" max:"300" widget:"area"`
	Parent    content.Ref  `json:"parent" of:"page"`
	Core      bool         `json:"core" widget:"switch"`
	Blocks    []Block      `json:"blocks" sec:"description" need:"R"`
	Contacts  []Contact    `json:"contacts" sec:"organizers"`
	Documents content.Refs `json:"documents" sec:"relations" of:"document"`
	StaffNote string       `json:"staff_note" widget:"area" staff:"1" max:"4000"`
}

// Everywhere is whether the page must exist in every language of the site.
func (p *Page) Everywhere() bool { return p.Core }

// Problems are what the fields alone cannot tell.
func (p *Page) Problems(original locale) []content.Problem {
	var ps problems
	ps.blocks(p.Blocks, original)
	ps.mailboxes("contacts", p.Contacts, original)
	return ps
}
