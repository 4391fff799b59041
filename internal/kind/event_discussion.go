package kind

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"plenary/internal/content"
	"plenary/internal/discussion"
)

// Discussion is the board on which an event's questions go on: one of ours, or one elsewhere.
type Discussion struct {
	Label  content.Line   `json:"label" max:"120"`
	Opens  content.Moment `json:"opens"`
	Closes content.Moment `json:"closes"`

	Online       bool                     `json:"online" widget:"switch"` // the board is ours
	Intro        content.Line             `json:"intro" max:"1000" widget:"area"`
	Topics       []discussion.Topic       `json:"topics"`
	Who          string                   `json:"who" enum:"discussion_who"`
	Moderation   string                   `json:"moderation" enum:"discussion_moderation"`
	Rules        content.Line             `json:"rules" max:"4000" widget:"area"`
	Facilitators []discussion.Facilitator `json:"facilitators" staff:"1"`
	Mailbox      string                   `json:"mailbox" widget:"email" max:"200"`
	QuestionKey  string                   `json:"question_key" max:"40"` // of the form to register
	Summary      content.Ref              `json:"summary" of:"document"`
	Closing      content.Line             `json:"closing" max:"4000" widget:"area"` // the same in short
	Keep         int                      `json:"keep" max:"3650"`                  // days after closing that mail addresses are kept

	Place content.Line `json:"place" max:"120"`
	URL   string       `json:"url" widget:"url" max:"500"`
}

// DiscussionBoard is the event's board here, or nil.
func (e *Event) DiscussionBoard() *discussion.Board {
	d := e.Discussion
	if !d.Online {
		return nil
	}
	b := &discussion.Board{Event: e.Title, Intro: d.Intro, Rules: d.Rules, Opens: d.Opens.Time(), Closes: d.Closes.Time(), Zone: d.Closes.Zone, Off: e.Off(), Who: d.Who,
		Moderation: d.Moderation, Mailbox: d.Mailbox, Topics: d.Topics, Summary: d.Summary, Closing: d.Closing, Keep: d.Keep, Question: d.QuestionKey}
	for _, p := range e.appeared() {
		if p.Person != "" {
			b.Speakers = append(b.Speakers, discussion.Speaker{Person: p.Person, Title: p.Title, Affiliation: p.Affiliation})
		}
	}
	return b
}

// KeyQuestionTopics are topics made of the event's key questions, those left out that are there already. Ids of points are
// unique in their group alone, so a topic's is made of both.
func (e *Event) KeyQuestionTopics() []discussion.Topic {
	var out []discussion.Topic
	for _, g := range e.questions() {
		for _, p := range g.Points {
			sum := sha256.Sum256([]byte(g.ID + "." + p.ID))
			id := hex.EncodeToString(sum[:5])
			if !slices.ContainsFunc(e.Discussion.Topics, func(t discussion.Topic) bool { return t.ID == id }) {
				out = append(out, discussion.Topic{Item: content.Item{ID: id}, Title: p.Text})
			}
		}
	}
	return out
}

// discussing finds what is wrong with the board of ours.
func (e *Event) discussing(ps *problems) {
	d := e.Discussion
	if !d.Online {
		return
	}
	if len(d.Topics) == 0 {
		ps.advise("discussion.topics", "problem.discussion_topics")
	}
	if d.Closes.Time().IsZero() {
		ps.advise("discussion.closes", "problem.discussion_open_end")
	}
	if d.Who == discussion.Registrants && !e.Registration.Online {
		ps.advise("discussion.who", "problem.discussion_registrants")
	}
	if d.QuestionKey != "" {
		found := false
		for _, f := range e.Registration.Fields {
			found = found || f.Key == d.QuestionKey && (f.Type == "text" || f.Type == "long")
		}
		if !found {
			ps.advise("discussion.question_key", "problem.discussion_question_key")
		}
	}
	ps.mailbox("discussion.mailbox", d.Mailbox)
}

// DiscussionFacilitators are the accounts that are told what waits on the board.
func (e *Event) DiscussionFacilitators() []string {
	var out []string
	for _, f := range e.Discussion.Facilitators {
		if f.Account != "" {
			out = append(out, f.Account)
		}
	}
	return out
}
