package registration_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// names of those on the public list, or why there is none.
func (h *house) listed() string {
	h.t.Helper()
	e, err := h.Event(ctx, h.event)
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := h.Participants(ctx, e)
	if errors.Is(err, db.ErrNotFound) {
		return "none"
	}
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, x := range all {
		names = append(names, strings.TrimPrefix(x.Name, "Person "))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (h *house) wantListed(want string) {
	h.t.Helper()
	if got := h.listed(); got != want {
		h.t.Errorf("listed: %q, want %q", got, want)
	}
}

// Only who has agreed stands on the list, in the words of today, as long as they agree, and for the months given.
func TestParticipants(t *testing.T) {
	h := open(t, 1, func(e *kind.Event) {
		r := &e.Registration
		r.ListMode, r.ListMonths = registration.ListConsent, 2
		r.Consents = []registration.Consent{{Item: content.Item{ID: "data"}, Text: content.L("en", "My data may be used."), Required: true}, {Item: content.Item{ID: "list"}, Text: content.L("en", "I may be listed."), Listed: true}}
	})
	for _, m := range []string{"a", "b", "c"} {
		h.join(m+"@example.org", "consent.data", "1", "consent.list", "1")
	}
	h.join("d@example.org", "consent.data", "1")
	h.wantListed("none")
	h.at(h.value.When.Starts())
	h.wantListed("a b c")
	if err := h.SetListed(ctx, h.token("a@example.org"), false); err != nil {
		t.Fatal(err)
	}
	h.wantListed("b c")
	if r := h.one("a@example.org"); r.Consents["data"].Text == "" || r.State != registration.Confirmed {
		t.Errorf("more was taken back than the list: %+v", r)
	}
	if err := h.SetListed(ctx, h.token("d@example.org"), true); err != nil {
		t.Fatal(err)
	}
	h.wantListed("b c d")
	if err := h.Withdraw(ctx, h.token("c@example.org")); err != nil {
		t.Fatal(err)
	}
	h.wantListed("b d")
	h.decide(registration.Attend, "b@example.org")
	h.wantListed("b d")
	h.at(h.value.Over()) // then it counts who was there
	h.wantListed("b")
	h.change(func(r *kind.Registration) {
		r.Consents[1].Text = content.L("en", "I may be listed, with my photograph.")
	})
	h.wantListed("")
	if err := h.SetListed(ctx, h.token("b@example.org"), true); err != nil {
		t.Fatal(err)
	}
	h.wantListed("b")
	h.at(h.value.Over().AddDate(0, 2, 0))
	h.wantListed("none")

	h.at(h.value.Over())
	h.decide(registration.Unmark, "b@example.org")
	h.change(func(r *kind.Registration) { r.ListMode = registration.ListOfficial })
	h.wantListed("a b d")
	h.value.Status = "cancelled"
	h.change(func(*kind.Registration) {})
	h.wantListed("none")
}
