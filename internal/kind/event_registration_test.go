package kind_test

import (
	"slices"
	"testing"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// TestTheFormIsChecked: what is wrong with the form to register stands beside its field.
func TestTheFormIsChecked(t *testing.T) {
	item := func(id string) content.Item { return content.Item{ID: id} }
	yes := registration.Field{Item: item("f1"), Type: registration.YesNo, Key: "desk", Label: content.L("en", "Desk?")}
	for want, change := range map[string]func(*kind.Event){
		"registration.closes problem.closes_before_opens": func(e *kind.Event) { e.Registration.Closes.At = "2027-01-01T09:00" },
		"registration.capacity problem.capacity_below_sum": func(e *kind.Event) {
			e.Registration.Capacity = 5
			e.Registration.Categories = []registration.Category{{Item: item("c1"), Capacity: 3}, {Item: item("c2"), Capacity: 3}}
		},
		"registration.capacity problem.capacity_above_sum": func(e *kind.Event) {
			e.Registration.Capacity = 7
			e.Registration.Categories = []registration.Category{{Item: item("c1"), Capacity: 3}, {Item: item("c2"), Capacity: 3}}
		},
		"registration.online problem.registration_access":        func(e *kind.Event) { e.Access = "open" },
		"registration.required problem.required_not_asked":       func(e *kind.Event) { e.Registration.Required = []string{"country"} },
		"registration.edit_until problem.edit_after_end":         func(e *kind.Event) { e.Registration.EditUntil = content.Moment{At: "2027-05-01T09:00", Zone: "UTC"} },
		"registration.fields.f1.label problem.required":          func(e *kind.Event) { e.Registration.Fields = []registration.Field{{Item: item("f1"), Type: "text"}} },
		"registration.fields.f1.options problem.options_missing": func(e *kind.Event) { e.Registration.Fields = []registration.Field{{Item: item("f1"), Type: "choice"}} },
		"survey.questions problem.survey_empty":                  func(e *kind.Event) { e.Survey = registration.Survey{Online: true, Unasked: true, Link: "open"} },
		"survey.questions.s1.options problem.options_missing": func(e *kind.Event) {
			e.Survey = registration.Survey{Online: true, Link: "open", Questions: []registration.SurveyQuestion{{Item: item("s1"), Type: "choice"}}}
		},
		"survey.link problem.survey_private": func(e *kind.Event) { e.Registration.Online, e.Survey.Online = false, true },
		"registration.messages.m1.body problem.message_link": func(e *kind.Event) { // the key would go to another's house
			e.Registration.Messages = []registration.Message{{Item: item("m1"), Kind: "manual", Body: content.L("en", "Look: https://evil.example/?{link}")}}
		},
		"registration.messages.m1.subject problem.message_link": func(e *kind.Event) {
			e.Registration.Messages = []registration.Message{{Item: item("m1"), Kind: "manual", Subject: content.L("en", "Yours: {link}"), Body: content.L("en", "Look ({link}).")}}
		},
		"registration.fields.f2.key problem.key_twice": func(e *kind.Event) {
			e.Registration.Fields = []registration.Field{yes, {Item: item("f2"), Type: "text", Key: "desk"}}
		},
		"registration.fields.f2.only_if problem.condition_missing": func(e *kind.Event) { // it comes after
			e.Registration.Fields = []registration.Field{{Item: item("f2"), Type: "text", OnlyIf: "desk"}, yes}
		},
		"registration.fields.f2.only_value problem.condition_value": func(e *kind.Event) {
			e.Registration.Fields = []registration.Field{yes, {Item: item("f2"), Type: "text", OnlyIf: "desk", OnlyValue: "perhaps"}}
		},
		"registration.fields.f1.purpose problem.purpose_missing": func(e *kind.Event) {
			e.Registration.Fields = []registration.Field{{Item: item("f1"), Type: "text", Sensitive: true}}
		},
		"registration.fields.f1.retention problem.retention_missing": func(e *kind.Event) {
			e.Registration.Fields = []registration.Field{{Item: item("f1"), Type: "text", Sensitive: true}}
		},
	} {
		e := &kind.Event{Access: "registration", When: content.When{Start: "2027-04-01T09:00", End: "2027-04-01T11:00", Zone: "UTC", Precision: content.PrecisionTime},
			Registration: kind.Registration{Online: true, Opens: content.Moment{At: "2027-02-01T09:00", Zone: "UTC"}, Closes: content.Moment{At: "2027-03-01T09:00", Zone: "UTC"}}}
		said := func() []string {
			var all []string
			for _, p := range kind.EventKind.Check(e, i18n.EN, []i18n.Locale{i18n.EN}) {
				all = append(all, p.Path+" "+p.Key)
			}
			return all
		}
		if slices.Contains(said(), want) {
			t.Errorf("%s is said of a form without fault", want)
		}
		if change(e); !slices.Contains(said(), want) {
			t.Errorf("not said: %s", want)
		}
	}
}

// A survey opens when the event ends, for its days; words are kept at least as long.
func TestWhenASurveyIsOpen(t *testing.T) {
	e := &kind.Event{When: content.When{Start: "2027-04-01T09:00", End: "2027-04-01T11:00", Zone: "Africa/Nairobi", Precision: "time"}, Status: "scheduled"}
	if e.SurveyForm() != nil {
		t.Error("asked without being told to")
	}
	e.Survey.Online = true
	f, end := e.SurveyForm(), time.Date(2027, 4, 1, 8, 0, 0, 0, time.UTC)
	if !f.Opens.Equal(end) || !f.Closes.Equal(end.AddDate(0, 0, 14)) || f.Keep != 365 || f.Open(end.Add(-time.Second)) || !f.Open(end) || f.Open(f.Closes) {
		t.Errorf("%+v", f)
	}
	e.Survey.Days, e.Registration.Keep = 60, 30
	if f = e.SurveyForm(); f.Keep != 60 || !f.Closes.Equal(end.AddDate(0, 0, 60)) {
		t.Errorf("%+v", f)
	}
	if e.Status = "postponed"; e.SurveyForm() != nil {
		t.Error("asked about what did not take place")
	}
}
