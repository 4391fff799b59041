package admin

import (
	"context"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/registration"
)

// crowded advises of places, as they are in the form of an entry, that are fewer than are taken: it may be meant, so it forbids
// nothing.
func (a *Admin) crowded(ctx context.Context, e *content.Entry) ([]content.Problem, error) {
	v, ok := e.Value.(registration.Registering)
	if !ok || a.registration == nil || v.RegistrationForm() == nil {
		return nil, nil
	}
	all, err := a.registration.Crowded(ctx, e.ID, v.RegistrationForm())
	if err != nil {
		return nil, err
	}
	var out []content.Problem
	for _, x := range all {
		path := "registration.capacity"
		switch {
		case x.Mode == registration.Online:
			path = "registration.capacity_online"
		case x.Category != "":
			path = "registration.categories." + x.Category + ".capacity"
		}
		out = append(out, content.Problem{Path: path, Key: "problem.capacity_taken", Args: []any{"Taken", i18n.Number(i18n.EN, x.Taken)}})
	}
	return out, nil
}
