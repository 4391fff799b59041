package registration_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

func told(x *registration.Statistics) string {
	figure := func(f registration.Figure) string {
		switch {
		case f.Few:
			return "few"
		case f.Withheld:
			return "–"
		}
		return fmt.Sprint(f.N)
	}
	out := []string{"all " + figure(x.Registered) + "/" + figure(x.Attended)}
	for _, d := range x.Dimensions {
		w := d.Name
		for _, r := range d.Rows {
			w += " " + r.Value + ":" + figure(r.Registered) + "/" + figure(r.Attended)
		}
		out = append(out, w)
	}
	return strings.Join(out, "\n")
}

// Numbers of those who registered and attended stay when answers, and then people, are forgotten.
func TestStatistics(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		r := &e.Registration
		r.Ask = []string{"country"}
		r.Fields = []registration.Field{{Item: content.Item{ID: "gen"}, Key: "gender", Label: content.L("en", "Gender"), Purpose: content.L("en", "Statistics."), Type: registration.Choice, Sensitive: true, Retention: 30,
			Options: []registration.Option{{Item: content.Item{ID: "fem"}, Label: content.L("en", "Woman")}, {Item: content.Item{ID: "mal"}, Label: content.L("en", "Man")}}}}
	})
	for i := range 21 {
		more := []string{"country", []string{"KE", "KE", "FR"}[i%3]}
		if i < 19 {
			more = append(more, "f.gen", []string{"fem", "mal"}[i%2])
		}
		h.join(fmt.Sprintf("p%d@example.org", i), more...)
	}
	if err := h.Withdraw(ctx, h.token("p20@example.org")); err != nil {
		t.Fatal(err)
	}
	statistics := func() string {
		t.Helper()
		x, err := h.Statistics(ctx, staff, h.event)
		if err != nil {
			t.Fatal(err)
		}
		return told(x)
	}
	// 14 of Kenya and 6 of France, who are all; one of twenty did not tell their gender, and what the others make up does not give it away.
	const want = "all 20/0\nstate confirmed:20/0 withdrawn:few/0\ncountry KE:14/– FR:6/–\nlocale en:20/–\nchannel web:20/–\ngender fem:10/– :few/– mal:–/–"
	got := statistics()
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	numbers := func(s string) string { return s[:strings.Index(s, "\nstate")] + s[strings.Index(s, "\ncountry"):] }
	before := numbers(got)
	h.at(h.value.Over().AddDate(0, 0, 31))
	if err := errors.Join(h.Purge(ctx), h.Purge(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := numbers(statistics()); got != before {
		t.Errorf("without the answers:\n%s\nwant\n%s", got, before)
	}
	h.at(h.value.Over().AddDate(2, 0, 0))
	if err := errors.Join(h.Purge(ctx), h.Purge(ctx)); err != nil {
		t.Fatal(err)
	}
	if l, err := h.List(ctx, staff, registration.Query{Event: h.event}); err != nil || l.Total != 0 {
		t.Fatal(l.Total, err)
	}
	if got := numbers(statistics()); got != before {
		t.Errorf("without the people:\n%s\nwant\n%s", got, before)
	}
	// Who sees numbers need not see people, and the other way round others see neither.
	observer := h.actor("observer", auth.Grant{Role: auth.Observer, Scope: auth.ScopeSite})
	if _, err := h.Statistics(ctx, observer, h.event); err != nil {
		t.Error(err)
	}
	if _, err := h.Statistics(ctx, h.actor("contributor", auth.Grant{Role: auth.Contributor, Scope: auth.ScopeSite}), h.event); !errors.Is(err, db.ErrNotFound) {
		t.Error(err)
	}
}
