package kind

import "plenary/internal/content"

// PersonKind is a public biography record: a speaker's profile. It is neither an account nor a registrant.
var PersonKind = content.Declare[Person]("person", "people")

// Person is a speaker profile. Names in other scripts are data, never made by rule.
type Person struct {
	Name         content.Line `json:"name" sec:"basics" as:"title" need:"R" max:"120" find:"everywhere"`
	SortName     string       `json:"sort_name" as:"sort" max:"120" find:"name"` // "Wanjiru, Grace"
	Nickname     string       `json:"nickname" max:"60" find:"name"`
	Honorific    content.Line `json:"honorific" max:"40"` // "H.E. Ms."
	Position     content.Line `json:"position" as:"summary" max:"200"`
	Organization content.Ref  `json:"organization" of:"organization" facet:"organization"`
	Country      string       `json:"country" enum:"country" facet:"country"`
	Languages    []string     `json:"languages" enum:"language"`
	Portrait     Picture      `json:"portrait" as:"image"`
	// Consent is when the person agreed to be shown; without it the portrait is not published.
	Consent   content.Date  `json:"consent" staff:"1"`
	ShortBio  content.Line  `json:"short_bio" sec:"text" need:"r" max:"500" widget:"area"`
	Bio       content.Prose `json:"bio" max:"20000"`
	Links     []Link        `json:"links"`
	StaffNote string        `json:"staff_note" sec:"relations" widget:"area" staff:"1" max:"4000"`
}

// Withheld is the portrait of someone who has not agreed to be shown.
func (p *Person) Withheld() []string {
	if p.Consent == "" {
		return []string{"portrait.file"}
	}
	return nil
}

// Problems are what the fields alone cannot tell.
func (p *Person) Problems(original locale) []content.Problem {
	var ps problems
	ps.name("name", p.Name)
	ps.picture("portrait", p.Portrait, original)
	if p.Portrait.File != "" && p.Consent == "" {
		ps.advise("consent", "problem.consent_missing")
	}
	return ps
}
