// Package comment is what readers say on drafts that are open for comment: a paragraph at a time, until a date, and what the
// office does with each.
//
// What may be commented on is declared by the kind. A comment keeps the paragraph's number and words as they were, so that it
// still tells what it is about when the text has been changed. Comments are for the office: nothing of them is public. A mailbox
// is confirmed, and abuse slowed, as on discussion boards.
package comment

import (
	"time"

	"plenary/internal/content"
)

// Kinds of what can be commented on.
const (
	Whole          = "whole"
	Summary        = "summary"
	Message        = "message"
	Recommendation = "recommendation"
	Numbered       = "paragraph"
)

// Paragraph is something that can be commented on.
type Paragraph struct {
	ID     string // part of an address: "p-12", or an item's
	Kind   string
	Number int // of those of its kind; 0: there is only one
	Words  content.Line
}

// Round is a draft that readers may comment on, made by the entry from its facts.
type Round struct {
	Title      content.Line // of the entry
	Open       bool         // the draft is for comment, and has a date until when
	Until      time.Time    // may be zero
	Zone       string       // in which that is told
	Mailbox    string       // whom to write to; may be empty
	Paragraphs []Paragraph
}

// Rounded is a kind's struct whose entries have comment rounds.
type Rounded interface{ CommentRound() *Round }

// Takes says whether comments are taken at a moment.
func (r *Round) Takes(now time.Time) bool { return r.Open && now.Before(r.Until) }

// Paragraph gives one by its id, or nil, and its place.
func (r *Round) Paragraph(id string) (*Paragraph, int) {
	for i := range r.Paragraphs {
		if r.Paragraphs[i].ID == id {
			return &r.Paragraphs[i], i
		}
	}
	return nil, -1
}

// keepDays is for how long after the end of a round addresses are kept: long enough to tell people what became of what they said.
const keepDays = 180
