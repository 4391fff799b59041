package kind

import (
	"strconv"
	"time"

	"plenary/internal/comment"
	"plenary/internal/content"
)

// ReportKind is an outcome report, a kind of its own.
var ReportKind = content.Declare[Report]("report", "reports").WithYear()

// Report is the result of an event: draft, for comment, final; numbered recommendations; figures; files per language.
type Report struct {
	Title           content.Line      `json:"title" sec:"basics" as:"title" need:"R" max:"250"`
	Summary         content.Line      `json:"summary" as:"summary" need:"R" max:"300" widget:"area"`
	Stage           string            `json:"stage" enum:"report_stage" need:"R" widget:"seg" facet:"report_stage"`
	Event           content.Ref       `json:"event" of:"event" as:"event" facet:"event" need:"R"`
	Symbol          string            `json:"symbol" max:"80" find:"name"`
	Date            content.Date      `json:"date" need:"R"`
	CommentUntil    content.Moment    `json:"comment_until"`
	CommentTo       string            `json:"comment_to" widget:"email" max:"200"`
	Image           Picture           `json:"image" as:"image"`
	Executive       content.Prose     `json:"executive" sec:"text" need:"R" max:"20000"` // executive summary
	KeyMessages     []Point           `json:"key_messages" need:"r"`
	Recommendations []Recommendation  `json:"recommendations" need:"r"`
	Body            content.Prose     `json:"body" max:"60000"`
	Statistics      Statistics        `json:"statistics" sec:"figures"`
	Files           []LanguageVersion `json:"files" sec:"files"`
	Topics          content.Refs      `json:"topics" sec:"relations" of:"topic" facet:"topic"`
	SDGs            []string          `json:"sdgs" enum:"sdg" facet:"sdg"`
	Regions         []string          `json:"regions" enum:"region" facet:"region"`
	Countries       []string          `json:"countries" enum:"country" facet:"country"`
	Organizations   content.Refs      `json:"organizations" of:"organization" facet:"organization"`
	StaffNote       string            `json:"staff_note" widget:"area" staff:"1" max:"4000"`
}

// Recommendation is one numbered recommendation; its number is its place.
type Recommendation struct {
	content.Item
	Text      content.Line `json:"text" need:"R" max:"1500" widget:"area"`
	Addressee content.Line `json:"addressee" max:"200"`
}

// Problems are what the fields alone cannot tell.
func (r *Report) Problems(original locale) []content.Problem {
	var ps problems
	ps.picture("image", r.Image, original)
	ps.languages("files", r.Files)
	ps.symbol(r.Symbol, true)
	ps.comments(r.Stage == "for_comment", r.CommentUntil, r.CommentTo)
	ps.commentsAfter(r.Date, r.CommentUntil)
	return ps
}

// Begins is when lists sort a report.
func (r *Report) Begins() time.Time { return r.Date.Time() }

// Stages are those a report goes through in public.
func (r *Report) Stages() (string, []string) { return r.Stage, Enums["report_stage"] }

// CommentRound is what readers may comment on while the report is open for comment, and until when: the numbered paragraphs, as
// its page numbers them, key messages, recommendations, the summary, and the report as a whole.
func (r *Report) CommentRound() *comment.Round {
	until := r.CommentUntil.Time()
	c := &comment.Round{Title: r.Title, Open: r.Stage == "for_comment" && !until.IsZero(), Until: until, Zone: r.CommentUntil.Zone, Mailbox: r.CommentTo,
		Paragraphs: []comment.Paragraph{{ID: "report", Kind: comment.Whole, Words: r.Title}}}
	add := func(id, kind string, n int, words content.Line) {
		c.Paragraphs = append(c.Paragraphs, comment.Paragraph{ID: id, Kind: kind, Number: n, Words: words})
	}
	if len(r.Executive) > 0 {
		var words content.Line
		for _, t := range r.Executive {
			words.Set(t.Locale, content.Text{Words: content.PlainText(t.Words)})
		}
		add("summary", comment.Summary, 0, words)
	}
	for i, m := range r.KeyMessages {
		add("m-"+m.ID, comment.Message, i+1, m.Text)
	}
	for i, x := range r.Recommendations {
		add("r-"+x.ID, comment.Recommendation, i+1, x.Text)
	}
	var body []content.Line
	for _, t := range r.Body {
		for i, w := range content.NumberedParagraphs(t.Words) {
			if i == len(body) {
				body = append(body, nil)
			}
			body[i].Set(t.Locale, content.Text{Words: w})
		}
	}
	for i, words := range body {
		add("p-"+strconv.Itoa(i+1), comment.Numbered, i+1, words)
	}
	return c
}
