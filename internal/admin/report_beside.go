package admin

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/registration"
)

// besideEvent gives what flows into the draft of an event's report from beside the event: the questions that were answered, as
// everybody sees them, and what the registrations tell of who took part.
func (a *Admin) besideEvent(ctx context.Context, who *auth.Actor, e *content.Entry) ([]kind.AnsweredQuestion, *kind.Participation, error) {
	var asked []kind.AnsweredQuestion
	if a.discussion != nil {
		questions, err := a.discussion.PublicQuestions(ctx, e.ID)
		if err != nil {
			return nil, nil, err
		}
		for _, q := range questions {
			asked = append(asked, kind.AnsweredQuestion{Topic: q.Topic, Name: q.Name, Text: q.Text, Locale: q.Locale, Answers: q.Answers})
		}
	}
	numbers, err := a.participation(ctx, who, e)
	return asked, numbers, err
}

// participation gives the numbers of an event's registrations to who may see its statistics; nil if there are none.
func (a *Admin) participation(ctx context.Context, who *auth.Actor, e *content.Entry) (*kind.Participation, error) {
	if a.registration == nil || !who.Can(auth.ReadStatistics, e.Object()) {
		return nil, nil
	}
	x, err := a.registration.Statistics(ctx, who, e.ID)
	if errors.Is(err, db.ErrNotFound) || err == nil && len(x.Dimensions) == 0 {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	p := &kind.Participation{Registered: x.Registered.N, Attended: x.Attended.N, Countries: x.Countries, Few: registration.Few}
	figure := func(r registration.StatRow) registration.Figure {
		if x.After {
			return r.Attended
		}
		return r.Registered
	}
	p.Groups = func(l i18n.Locale) []kind.ParticipationGroup {
		var out []kind.ParticipationGroup
		for _, d := range x.Dimensions {
			if !slices.Contains([]string{"category", "country", "gender"}, d.Name) {
				continue
			}
			g := kind.ParticipationGroup{Name: a.cat.T(l, "stats.dimension."+d.Name)}
			for _, r := range d.Rows {
				if f := figure(r); f.Told() && f.N > 0 && r.Value != "" {
					g.Rows = append(g.Rows, kind.ParticipationRow{Name: x.ValueWords(d.Name, r.Value, l, func(key string) string { return a.cat.T(l, key) }), N: f.N})
				}
			}
			out = append(out, g)
		}
		return out
	}
	return p, nil
}

// numbersView are the figures that the registrations tell, beside the fields of an event that hold them.
type numbersView struct {
	Text, Op, URL string
	Values        map[string]int // by field
}

const numbersPath = "statistics"

// numbers looks at the registrations of an event that has begun, for who may change its facts.
func (a *Admin) numbers(ctx context.Context, f *entryForm) (*numbersView, error) {
	if f.Entry == nil || !f.MayFacts || !a.reportable(f.Entry) {
		return nil, nil
	}
	p, err := a.participation(ctx, f.who, f.Entry)
	if err != nil || p == nil {
		return nil, err
	}
	v := &numbersView{Op: "numbers " + numbersPath, URL: registrantsURL(f.Kind, f.Entry.ID) + "/statistics", Values: map[string]int{}}
	var said []string
	for _, x := range []struct {
		name string
		n    int
	}{{"registered", p.Registered}, {"attended", p.Attended}, {"countries", p.Countries}} {
		if x.n > 0 {
			v.Values[numbersPath+"."+x.name] = x.n
			said = append(said, f.T("numbers.one", "Name", f.nameOf(numbersPath+"."+x.name), "Number", i18n.Number(f.Locale, x.n)))
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	v.Text = f.T("numbers.text", "Numbers", i18n.List(f.Locale, said))
	return v, nil
}

// takeNumbers puts them into the form; what the registrations do not tell stays as it was typed.
func (a *Admin) takeNumbers(ctx context.Context, f *entryForm, path string) error {
	v, err := a.numbers(ctx, f)
	if err != nil {
		return err
	}
	if v == nil || path != numbersPath {
		return badOp()
	}
	for name, n := range v.Values {
		f.Values.Set(name, strconv.Itoa(n))
	}
	f.focus = numbersPath + ".registered"
	return nil
}
