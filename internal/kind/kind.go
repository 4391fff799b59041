// Package kind declares the kinds of entry we ship, one file each. A kind is a struct; its form, checks, storage, page
// skeleton, permissions and tests follow from walking it. To add one: write its file and add a word to All.
package kind

import (
	"plenary/internal/content"
	"plenary/internal/discussion"
	"plenary/internal/registration"
)

// All lists the kinds in the order the panel shows them.
var All = []*content.Kind{EventKind, SeriesKind, NewsKind, PersonKind, OrganizationKind, DocumentKind, ReportKind, PageKind, TopicKind}

// Enums names the choices that fields may have. The labels are messages: enum.<name>.<value>. "country", "language" and
// "zone" are too long to write down here and come from package i18n.
var Enums = map[string][]string{
	"event_kind": {"webinar", "workshop", "training_course", "symposium", "seminar", "conference", "forum", "expert_group_meeting", "side_event",
		"special_event", "consultation", "session_of_body", "committee_meeting", "launch", "press_conference", "award_ceremony", "study_visit",
		"hackathon", "exhibition", "observance", "information_session"},
	"scope":                 {"global", "regional", "subregional", "national"},
	"attendance_mode":       {"in_person", "online", "hybrid"},
	"access":                {"open", "registration", "nomination", "invitation", "closed"},
	"event_status":          {"scheduled", "tentative", "rescheduled", "postponed", "moved_online", "venue_changed", "cancelled"},
	"event_relation":        {"in_margins_of", "follow_up_to", "joint_with"},
	"venue_type":            {"physical", "online"},
	"release_to":            {"confirmed", "registrants", "public"},
	"registration_approval": {"auto", "manual"},
	"registration_mode":     {registration.InPerson, registration.Online},
	"participants_list":     {"consent", "official"},
	"discussion_who":        {discussion.Registrants, discussion.AnyMailbox},
	"discussion_moderation": {discussion.Before, discussion.After},
	"registration_ask":      {"organization", "position", "country"},
	"registration_field":    {"text", "long", "choice", "choices", "yes_no", "country", "number", "date"},
	"message":               registration.Messages,
	"day_notice":            DayKinds,
	"message_from":          {registration.BeforeStart, registration.AfterEnd},
	"message_to":            audience(),
	"survey_link":           {"private", "open"},
	"survey_question":       {"choice", "choices", "scale", "words"},
	"interpretation_kind":   {"spoken", "sign", "cart"},
	"accessibility":         {"captions", "sign_language", "step_free", "hearing_loop", "quiet_room", "accessible_documents", "remote_option"},
	"block_kind": {"background", "objectives", "target_audience", "expected_results", "format", "key_questions", "themes", "methodology",
		"practical_info", "eligibility", "follow_up", "quote", "custom"},
	"note_mark": {"*", "†", "‡", "§"},
	"org_role": {"organizer", "co_organizer", "collaborator", "partner", "host", "supporter", "funder", "co_sponsor", "convener",
		"knowledge_partner", "media_partner", "implementer"},
	"joint_work": {JointWorks, JointSigns, JointRequired},
	"person_role": {"chair", "co_chair", "vice_chair", "moderator", "facilitator", "welcome_remarks", "opening_remarks", "closing_remarks", "keynote",
		"panellist", "discussant", "presenter", "speaker", "resource_person", "trainer", "rapporteur", "master_of_ceremonies", "guest_of_honour"},
	"person_status":     {"confirmed", "invited", "tentative", "delivered", "replaced", "cancelled"},
	"programme_version": {"provisional", "final", "revised"},
	"session_kind":      {"opening", "keynote", "panel", "presentation", "discussion", "q_and_a", "closing", "break", "parallel", "networking", "press"},
	"document_slot": {"concept_note", "programme", "background", "talking_points", "presentation", "registration_form", "information_note", "log_in_guideline",
		"outcome", "other"},
	"recording_kind":  {"video", "audio"},
	"caption_kind":    {"captions", "subtitles", "descriptions"},
	"caption_origin":  {"person", "corrected", "machine"},
	"commitment_kind": {"recordings", "presentations", "summary", "report", "answers", "documents", "follow_up", "other"},
	"duty":            dutyNames(),
	"document_kind": {"concept_note", "aide_memoire", "invitation_letter", "provisional_agenda", "agenda", "programme", "information_note", "log_in_guideline",
		"registration_form", "background_document", "working_document", "informal_document", "conference_room_paper", "presentation", "talking_points",
		"statement", "biographies", "list_of_participants", "list_of_speakers", "summary", "outcome_report", "outcome_document", "proceedings",
		"recommendations", "policy_brief", "guideline", "compendium", "questionnaire", "evaluation_report", "press_release", "media_advisory", "flyer",
		"newsletter", "transcript"},
	"stage":           {"draft", "advance_unedited", "for_comment", "final", "superseded", "withdrawn"},
	"document_access": {"public", "registrants", "internal"},
	"modification":    {"addendum", "amendment", "corrigendum", "revision", "summary"},
	"report_stage":    {"draft", "for_comment", "final"},
	"news_kind":       {"news", "press_release", "media_advisory", "statement", "announcement"},
	"org_type":        {"un_entity", "regional_commission", "government", "igo", "ngo", "academia", "company", "other"},
	"logo_policy":     {"none", "un_emblem", "un_family", "external"},
	"series_status":   {"active", "concluded"},
	"topic_scheme":    {"theme", "audience"},
	// Codes of the United Nations standard M49: continents with their subregions, then the three groups of countries.
	"region": {"002", "015", "202", "011", "017", "014", "018", "019", "021", "419", "029", "013", "005", "142", "143", "030", "035", "034", "145",
		"150", "151", "154", "039", "155", "009", "053", "054", "057", "061", "199", "432", "722"},
	"sdg": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17"},
}

func audience() []string {
	var out []string
	for _, st := range registration.Audience {
		out = append(out, string(st))
	}
	return out
}

// ByName gives a kind by its name, or nil.
func ByName(name string) *content.Kind {
	for _, k := range All {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Picture is an image as an entry uses it.
type Picture struct {
	File content.FileRef `json:"file" of:"picture"`
	// Alt says what matters in the picture to who cannot see it; empty only where Decorative is set.
	Alt        content.Line `json:"alt" max:"250" find:"no"`
	Decorative bool         `json:"decorative" widget:"switch"`
	Credit     string       `json:"credit" max:"120"`
}

// Point is one point of a list: an objective, a question, a key message.
type Point struct {
	content.Item
	Text content.Line `json:"text" need:"R" max:"1000" widget:"area"`
}

// PointGroup is a themed group of points: the questions of a theme, the results of a series.
type PointGroup struct {
	content.Item
	Heading content.Line `json:"heading" max:"200"`
	LeadIn  content.Line `json:"lead_in" max:"400" widget:"area"`
	Points  []Point      `json:"points"`
}

// Block is a named part of the text. Its heading, where empty, is the catalogue's for its kind, in each language.
type Block struct {
	content.Item
	Kind    string        `json:"kind" enum:"block_kind" need:"R"`
	Heading content.Line  `json:"heading" max:"200"`
	LeadIn  content.Line  `json:"lead_in" max:"400" widget:"area" for:"objectives,expected_results,key_questions,themes,custom"`
	Body    content.Prose `json:"body" max:"60000"`
	Points  []Point       `json:"points" for:"objectives,expected_results,themes,custom"`
	Groups  []PointGroup  `json:"groups" for:"expected_results,key_questions,themes"`
	Speaker content.Line  `json:"speaker" max:"200" for:"quote"` // whose words they are
}

// Note is a footnote with a mark, for marks on labels (a discussion board's name) and for notes that several places
// share. Notes of running text travel inside the prose and are numbered by the page.
type Note struct {
	content.Item
	Mark     string       `json:"mark" enum:"note_mark" need:"R"`
	Text     content.Line `json:"text" need:"R" max:"1000" widget:"area"`
	Source   string       `json:"source" widget:"url" max:"500"`
	Accessed content.Date `json:"accessed"`
}

// Contact is whom to write to, preferably a role's mailbox.
type Contact struct {
	content.Item
	Person   content.Ref  `json:"person" of:"person"`
	Name     content.Line `json:"name" max:"120"`
	Position content.Line `json:"position" max:"200"`
	Unit     content.Ref  `json:"unit" of:"organization"`
	Mailbox  string       `json:"mailbox" widget:"email" max:"200" need:"R"`
	Phone    string       `json:"phone" max:"60"`
	// Languages in which the office answers there.
	Languages []string `json:"languages" enum:"language"`
}

// OrganizationRole ties an organisation to an event or series. Order is protocol, set by hand.
type OrganizationRole struct {
	content.Item
	Organization content.Ref  `json:"organization" of:"organization" need:"R"`
	Role         string       `json:"role" enum:"org_role" need:"R"`
	Phrase       content.Line `json:"phrase" max:"200"` // instead of the catalogue's phrase
	// Joint is whether its people work on the page in the panel, and whether it signs off what is published; empty: neither.
	Joint string `json:"joint" enum:"joint_work" staff:"1"`
}

// partners are the organisations that are asked to work on an entry.
func partners(roles []OrganizationRole) []content.Partner {
	var out []content.Partner
	for _, r := range roles {
		if r.Joint != "" && r.Organization != "" {
			out = append(out, content.Partner{Organization: string(r.Organization), Signs: r.Joint != JointWorks, Waits: r.Joint == JointRequired})
		}
	}
	return out
}

// What an organisation is asked for.
const (
	JointWorks    = "works"    // its people work on the page
	JointSigns    = "signs"    // and it signs off; publishing shows whether it has
	JointRequired = "required" // and publishing waits for it
)

// PersonRole ties a person to an event or one of its sessions, with title and affiliation as they were at the event.
type PersonRole struct {
	content.Item
	Person       content.Ref  `json:"person" of:"person" need:"R" own:"1"`
	Role         string       `json:"role" enum:"person_role" need:"R"`
	Status       string       `json:"status" enum:"person_status"`
	Title        content.Line `json:"title" max:"200"`       // position at the event
	Affiliation  content.Line `json:"affiliation" max:"200"` // organisation at the event, as it was called
	Organization content.Ref  `json:"organization" of:"organization"`
	Country      string       `json:"country" enum:"country"`
	ReplacedBy   content.Ref  `json:"replaced_by" of:"person" for:"replaced"`
}

// DocumentLink puts a document on an event's page, or promises one.
type DocumentLink struct {
	content.Item
	Slot     string       `json:"slot" enum:"document_slot" need:"R"`
	Document content.Ref  `json:"document" of:"document" own:"1"`
	Label    content.Line `json:"label" max:"200"` // for a promised document that has no record yet
	Expected content.Date `json:"expected"`
}

// Link is an address elsewhere.
type Link struct {
	content.Item
	URL   string       `json:"url" widget:"url" need:"R" max:"500"`
	Label content.Line `json:"label" max:"120"`
}
