package kind

import (
	"time"

	"plenary/internal/content"
)

// DocumentKind is a described work: one record for all its languages and stages.
var DocumentKind = content.Declare[Document]("document", "documents")

// Document is a paper, a programme, a set of slides. Its versions are its stages; each has a file per language.
type Document struct {
	Title    content.Line `json:"title" sec:"basics" as:"title" need:"R" max:"250"`
	Kind     string       `json:"kind" enum:"document_kind" need:"R" facet:"document_kind"`
	Symbol   string       `json:"symbol" max:"80" find:"name"` // the same for all languages: "RCPG/TR/2027/2/BP.1"
	Abstract content.Line `json:"abstract" as:"summary" max:"600" widget:"area"`
	Versions []Version    `json:"versions" sec:"files" need:"R"`
	Access   string       `json:"access" enum:"document_access" need:"R"`
	// Embargo is when it may be public at the earliest: a speech before it is delivered.
	Embargo content.Moment `json:"embargo"`
	// CommentUntil and CommentTo say until when, and to whom, comments on a draft go.
	CommentUntil content.Moment `json:"comment_until"`
	CommentTo    string         `json:"comment_to" widget:"email" max:"200"`
	Authors      content.Refs   `json:"authors" sec:"relations" of:"organization" facet:"organization"`
	People       content.Refs   `json:"people" of:"person"`
	Event        content.Ref    `json:"event" of:"event" as:"event" facet:"event"`
	Series       content.Ref    `json:"series" of:"series" as:"series" facet:"series"`
	// Modifies is the document that this one corrects, adds to or revises, and Modification how.
	Modifies     content.Ref  `json:"modifies" of:"document"`
	Modification string       `json:"modification" enum:"modification"`
	Topics       content.Refs `json:"topics" of:"topic" facet:"topic"`
	SDGs         []string     `json:"sdgs" enum:"sdg" facet:"sdg"`
	Regions      []string     `json:"regions" enum:"region" facet:"region"`
	Countries    []string     `json:"countries" enum:"country" facet:"country"`
	Rights       content.Line `json:"rights" max:"300" find:"no"`
	StaffNote    string       `json:"staff_note" widget:"area" staff:"1" max:"4000"`
}

// Version is one stage of a document, newest first.
type Version struct {
	content.Item
	Stage  string            `json:"stage" enum:"stage" need:"R"`
	Number string            `json:"number" max:"20"`
	Issued content.Date      `json:"issued"`
	Note   content.Line      `json:"note" max:"300"`
	Files  []LanguageVersion `json:"files" need:"R"`
}

// LanguageVersion is a version's file in one language.
type LanguageVersion struct {
	content.Item
	Language   string          `json:"language" enum:"language" need:"R"`
	File       content.FileRef `json:"file" of:"document" need:"R"`
	Original   bool            `json:"original" widget:"switch"`
	Unofficial bool            `json:"unofficial" widget:"switch"` // an unofficial translation says so
}

// EmbargoUntil is the time before which it is not public in any way.
func (d *Document) EmbargoUntil() content.Moment { return d.Embargo }

// Current is the version readers are offered: the first that is neither superseded nor withdrawn.
func (d *Document) Current() *Version {
	for i := range d.Versions {
		if s := d.Versions[i].Stage; s != "superseded" && s != "withdrawn" {
			return &d.Versions[i]
		}
	}
	return nil
}

// Problems are what the fields alone cannot tell.
func (d *Document) Problems(original locale) []content.Problem {
	var ps problems
	for i, v := range d.Versions {
		path := "versions." + v.ID
		ps.languages(path+".files", v.Files)
		if i > 0 && d.Versions[i-1].Issued != "" && v.Issued > d.Versions[i-1].Issued {
			ps.advise(path+".issued", "problem.versions_order")
		}
	}
	ps.symbol(d.Symbol, d.Access == "public")
	v := d.Current()
	ps.comments(v != nil && v.Stage == "for_comment", d.CommentUntil, d.CommentTo)
	if v != nil && v.Issued != "" {
		ps.commentsAfter(v.Issued, d.CommentUntil)
	}
	if (d.Modifies == "") != (d.Modification == "") {
		ps.advise("modification", "problem.modification_half")
	}
	return ps
}

// Withheld are the files of a document that is not for everybody, and of versions that were withdrawn.
func (d *Document) Withheld() []string {
	var paths []string
	for _, v := range d.Versions {
		if d.Access == "public" && v.Stage != "withdrawn" {
			continue
		}
		for _, f := range v.Files {
			paths = append(paths, "versions."+v.ID+".files."+f.ID+".file")
		}
	}
	return paths
}

// Begins is when lists sort a document: when its newest version was issued.
func (d *Document) Begins() time.Time {
	if v := d.Current(); v != nil {
		return v.Issued.Time()
	}
	return time.Time{}
}
