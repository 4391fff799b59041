package kind

import "plenary/internal/content"

// TopicKind is an entry of a controlled vocabulary: a theme, an audience.
var TopicKind = content.Declare[Topic]("topic", "topics")

// Topic is a term with a code and, where the world has agreed on one, an address that means the same.
type Topic struct {
	Label      content.Line `json:"label" sec:"basics" as:"title" need:"R" max:"120"`
	Scheme     string       `json:"scheme" enum:"topic_scheme" need:"R" widget:"seg"`
	Code       string       `json:"code" max:"40" find:"name"`
	Summary    content.Line `json:"summary" as:"summary" max:"300" widget:"area"`
	Parent     content.Ref  `json:"parent" of:"topic"`
	ExactMatch string       `json:"exact_match" widget:"url" max:"300"`
}
