package kind

import (
	"plenary/internal/registration"
)

// SurveyForm is what those who were there are asked, from the end of the event on; nil where nothing is asked, and while
// nobody knows when it ends.
func (e *Event) SurveyForm() *registration.SurveyForm {
	end := e.Over()
	if !e.Survey.Online || end.IsZero() || e.Off() {
		return nil
	}
	f := &registration.SurveyForm{Survey: e.Survey, Title: e.Title, When: e.When, Opens: end, Keep: e.Registration.Keep}
	days := e.Survey.Days
	if days == 0 {
		days = registration.SurveyDays
	}
	if f.Keep == 0 {
		f.Keep = 365
	}
	f.Keep = max(f.Keep, days) // not before the survey is over
	f.Closes = end.AddDate(0, 0, days)
	return f
}

// surveying finds what is wrong with the questions.
func (e *Event) surveying(ps *problems) {
	if !e.Survey.Online {
		return
	}
	for _, q := range e.Survey.Questions {
		if (q.Type == registration.Choice || q.Type == registration.Choices) && len(q.Options) < 2 {
			ps.block("survey.questions."+q.ID+".options", "problem.options_missing")
		}
	}
	if e.Survey.Unasked && len(e.Survey.Questions) == 0 {
		ps.block("survey.questions", "problem.survey_empty")
	}
	if e.Survey.Link != registration.SurveyOpenLink && !e.Registration.Online {
		ps.advise("survey.link", "problem.survey_private")
	}
}
