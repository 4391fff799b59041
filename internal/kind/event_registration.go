package kind

import (
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// Registration says when and how people sign up: by a form of ours, elsewhere, or by mail.
type Registration struct {
	Opens  content.Moment `json:"opens"`
	Closes content.Moment `json:"closes"`

	Online         bool                    `json:"online" widget:"switch"`       // by the form below
	Capacity       int                     `json:"capacity" max:"100000"`        // 0: no limit
	OnlineCapacity int                     `json:"capacity_online" max:"100000"` // of a hybrid event, whose Capacity is of the room; 0: no limit
	Waitlist       bool                    `json:"waitlist" widget:"switch"`     // for those who come when all places are taken
	OfferHours     int                     `json:"offer_hours" max:"336"`        // that a place which becomes free is held for the next of them; 0: it is theirs at once
	ShowPlaces     bool                    `json:"show_places" widget:"switch"`  // how many are left, on the form
	Approval       string                  `json:"approval" enum:"registration_approval"`
	EditUntil      content.Moment          `json:"edit_until"`
	Intro          content.Line            `json:"intro" max:"1000" widget:"area"`
	Ask            []string                `json:"ask" enum:"registration_ask"`
	Required       []string                `json:"required" enum:"registration_ask"`
	Categories     []registration.Category `json:"categories"`
	Fields         []registration.Field    `json:"fields"`
	Consents       []registration.Consent  `json:"consents"`
	Confirmation   content.Line            `json:"confirmation" max:"1000" widget:"area"`
	Keep           int                     `json:"keep" max:"3650"` // days after the event that registrations are kept
	Messages       []registration.Message  `json:"messages"`        // letters to those who have registered
	ListMode       string                  `json:"list_mode" enum:"participants_list"`
	ListMonths     int                     `json:"list_months" max:"60"` // after the event

	URL      string       `json:"url" widget:"url" max:"500"`
	Mailbox  string       `json:"mailbox" widget:"email" max:"200"`
	MailOnly bool         `json:"mail_only" widget:"switch"` // the form is not filled in on the site, but mailed
	Form     content.Ref  `json:"form" of:"document"`        // to fill in and mail
	Note     content.Line `json:"note" max:"400" widget:"area"`
}

// happened is what messages tell of an event in a status.
var happened = map[string]string{"rescheduled": ChangeMove, "postponed": ChangePostpone, "moved_online": ChangeOnline, "venue_changed": ChangeVenue, "cancelled": ChangeCancel}

// RegistrationForm is how one registers here, or nil. It closes at the latest when the event begins.
func (e *Event) RegistrationForm() *registration.Form {
	r := e.Registration
	if !r.Online {
		return nil
	}
	f := &registration.Form{Title: e.Title, When: e.When, Opens: r.Opens.Time(), Closes: r.Closes.Time(), EditUntil: r.EditUntil.Time(), Ends: e.Over(),
		Zone: e.When.Zone, Mode: e.Mode, Hybrid: e.Mode == "hybrid", Capacity: r.Capacity, OnlineCapacity: r.OnlineCapacity, Waitlist: r.Waitlist, OfferHours: r.OfferHours, ShowPlaces: r.ShowPlaces, Approval: r.Approval, Ask: r.Ask, Required: r.Required,
		Categories: r.Categories, Fields: r.Fields, Consents: r.Consents, Intro: r.Intro, Confirmation: r.Confirmation, Keep: r.Keep, Mailbox: r.Mailbox, MailOnly: r.MailOnly && r.Mailbox != "",
		ListMode: r.ListMode, ListMonths: r.ListMonths, Messages: r.Messages, Promises: map[string]string{}, Notices: e.dayNotices(), Reason: e.StatusNote, Happened: happened[e.Status]}
	if e.Status == "postponed" { // what people gave for a meeting that never comes is not kept for ever
		was := Event{When: e.When}
		if !was.When.Known() {
			was.When = e.Previous
		}
		f.Ended = was.ends()
	}
	f.Place = func(words *i18n.Catalogue, l, original locale) (string, locale) {
		at := e.place(words, l, original)
		return at.Words, at.Locale
	}
	for _, c := range e.Commitments {
		f.Promises[c.ID] = c.Kind
	}
	for _, d := range e.Documents {
		if d.Slot == "log_in_guideline" && f.Guideline == "" {
			f.Guideline = string(d.Document)
		}
	}
	if x := e.SurveyForm(); x != nil {
		f.SurveyCloses = x.Closes
	}
	start := e.When.Starts()
	if live := start.Add(-e.joinOpens()); f.Closes.IsZero() || f.Closes.After(live) {
		f.Closes = live
	}
	if start.IsZero() || e.Off() || e.Status == "tentative" || e.Access != "registration" && e.Access != "nomination" {
		f.Off = start.IsZero() || e.Off()
		f.Closes = f.Opens // closed, whatever the clock says
	}
	return f
}

// registering finds what is wrong with the form of ours.
func (e *Event) registering(ps *problems, original locale) {
	r := e.Registration
	f := e.RegistrationForm()
	if f == nil {
		return
	}
	if e.Access != "registration" && e.Access != "nomination" {
		ps.advise("registration.online", "problem.registration_access")
	}
	if r.MailOnly && r.Mailbox == "" {
		ps.block("registration.mailbox", "problem.mail_only")
	}
	sum := 0
	for _, c := range r.Categories {
		if sum += c.Capacity; c.Capacity == 0 {
			sum = 0
			break
		}
	}
	places := r.Capacity
	if f.Hybrid { // categories count both those who come and those who join online
		if places += r.OnlineCapacity; r.OnlineCapacity == 0 || r.Capacity == 0 {
			places = 0
		}
	} else if r.OnlineCapacity > 0 {
		ps.advise("registration.capacity_online", "problem.capacity_online")
	}
	if places > 0 && sum > places {
		ps.advise("registration.capacity", "problem.capacity_below_sum")
	}
	if places > 0 && sum > 0 && sum < places {
		ps.advise("registration.capacity", "problem.capacity_above_sum")
	}
	if len(r.Categories) > 0 && len(f.Offered()) == 0 {
		ps.advise("registration.categories", "problem.categories_hidden")
	}
	for _, a := range r.Required {
		if !slices.Contains(r.Ask, a) {
			ps.advise("registration.required", "problem.required_not_asked")
		}
	}
	if end := e.ends(); !end.IsZero() && r.EditUntil.Time().After(end) {
		ps.advise("registration.edit_until", "problem.edit_after_end")
	}
	for _, m := range r.Messages {
		path := "registration.messages." + m.ID + "."
		if m.Only != "" && !slices.ContainsFunc(r.Categories, func(c registration.Category) bool { return c.Key == m.Only }) {
			ps.block(path+"only", "problem.message_group")
		}
		for _, x := range []struct {
			name  string
			words content.Line
		}{{"subject", m.Subject}, {"body", m.Body}} {
			for _, t := range x.words {
				if bad := registration.UnknownPlaceholder(t.Words); bad != "" {
					*ps = append(*ps, content.Problem{Path: path + x.name, Locale: t.Locale, Blocks: true, Key: "problem.message_placeholder", Args: []any{"Name", bad}})
				}
				if !registration.LinkApart(t.Words) || x.name == "subject" && strings.Contains(t.Words, "{link}") {
					*ps = append(*ps, content.Problem{Path: path + x.name, Locale: t.Locale, Blocks: true, Key: "problem.message_link"})
				}
			}
		}
		if m.Kind == registration.ByHand && m.Body.In(original) == "" {
			*ps = append(*ps, content.Problem{Path: path + "body", Locale: original, Blocks: true, Key: "problem.message_empty"})
		}
	}
	listed := slices.IndexFunc(r.Consents, func(c registration.Consent) bool { return c.Listed })
	if r.ListMode == registration.ListConsent && listed < 0 {
		ps.advise("registration.list_mode", "problem.list_consent_missing")
	}
	for _, c := range r.Consents {
		if c.Listed && c.Required {
			ps.advise("registration.consents."+c.ID+".required", "problem.list_consent_required")
		}
	}
	keys := map[string]bool{}
	for i := range r.Fields {
		x := &r.Fields[i]
		path := "registration.fields." + x.ID + "."
		if x.Key != "" && keys[x.Key] {
			ps.block(path+"key", "problem.key_twice")
		}
		keys[x.Key] = true
		choose := x.Type == registration.Choice || x.Type == registration.Choices
		if choose && len(x.Options) < 2 {
			ps.block(path+"options", "problem.options_missing")
		}
		if x.OnlyIf != "" {
			switch on := f.Before(x); {
			case on == nil:
				ps.block(path+"only_if", "problem.condition_missing")
			case x.OnlyValue != "" && (on.Type == registration.Choice || on.Type == registration.Choices) && on.Option(x.OnlyValue) == nil,
				x.OnlyValue != "" && on.Type == registration.YesNo && x.OnlyValue != "yes" && x.OnlyValue != "no":
				ps.block(path+"only_value", "problem.condition_value")
			}
		}
		if x.Sensitive {
			if x.Purpose.In(original) == "" {
				*ps = append(*ps, content.Problem{Path: path + "purpose", Locale: original, Blocks: true, Key: "problem.purpose_missing"})
			}
			if x.Retention == 0 {
				ps.block(path+"retention", "problem.retention_missing")
			}
		}
	}
}

// MessageFacts are the facts about an event that is public that messages to its registrants wait for: the promises to the
// public that are kept, and its outcome report.
func (e *Event) MessageFacts(original locale, s *content.Surroundings) []registration.Fact {
	around := AroundOf(original, func(id string) any { return s.Named[id] }, s.About, e)
	var out []registration.Fact
	reported := around.Report == "final"
	for _, c := range e.Commitments {
		kept, _ := c.Kept(e, around)
		switch {
		case !kept || c.Internal || c.Waived:
		case c.Kind == "report":
			reported = true
		default:
			out = append(out, registration.Fact(c.ID))
		}
	}
	if reported {
		out = append(out, registration.Reported)
	}
	return out
}
