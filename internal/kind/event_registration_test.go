package kind_test

import (
	"slices"
	"testing"

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
