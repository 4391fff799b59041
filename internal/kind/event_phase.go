package kind

import (
	"slices"
	"time"

	"plenary/internal/content"
)

// Phase is where an event stands in its life (DOMAIN section 9), computed from its facts and the clock.
type Phase string

// The phases. Draft is never public. The last four lie across the others: an event that is cancelled stays so.
const (
	PhaseSaveTheDate        Phase = "save_the_date"
	PhaseAnnounced          Phase = "announced"
	PhaseRegistrationOpen   Phase = "registration_open"
	PhaseRegistrationClosed Phase = "registration_closed"
	PhaseLive               Phase = "live"
	PhaseConcluded          Phase = "concluded"
	PhaseDraftOutcome       Phase = "draft_outcome"
	PhaseOutcome            Phase = "outcome"
	PhaseSettled            Phase = "settled"
	PhaseArchived           Phase = "archived"
	PhasePostponed          Phase = "postponed"
	PhaseCancelled          Phase = "cancelled"
)

// Offsets of the phases, in the field's usual practice.
const (
	settledDays   = 90 // and only once no promise is open and no report is a draft
	archivedYears = 5
	liveBefore    = 15 * time.Minute // where joining has no time of its own
)

// Phase gives the phase at a moment, and until when that stays so without anyone changing a fact; zero means for ever.
func (e *Event) Phase(now time.Time, around Around) (Phase, time.Time) {
	start, end := e.When.Starts(), e.ends()
	switch {
	case e.Status == "cancelled":
		return PhaseCancelled, time.Time{}
	case e.Status == "postponed":
		return PhasePostponed, time.Time{}
	case e.Status == "tentative", start.IsZero():
		// The clock cannot confirm a date. That it took place after all is for an editor to say.
		return PhaseSaveTheDate, time.Time{}
	case !now.Before(end):
		return e.phaseAfter(now, end, around)
	case e.When.Precision == content.PrecisionMonth:
		return PhaseSaveTheDate, end
	}
	live := start.Add(-e.joinOpens())
	if !now.Before(live) {
		return PhaseLive, end
	}
	if e.Access != "registration" && e.Access != "nomination" || !e.registrable() {
		return PhaseAnnounced, live
	}
	opens, closes := e.Registration.Opens.Time(), e.Registration.Closes.Time()
	if closes.IsZero() {
		closes = live
	}
	switch {
	case !now.Before(closes):
		return PhaseRegistrationClosed, live
	case now.Before(opens): // never, if it has no opening time
		return PhaseAnnounced, earliest(opens, closes, live)
	}
	return PhaseRegistrationOpen, earliest(closes, live)
}

func (e *Event) phaseAfter(now, end time.Time, around Around) (Phase, time.Time) {
	settled, archived := end.AddDate(0, 0, settledDays), end.AddDate(archivedYears, 0, 0)
	if !now.Before(archived) {
		return PhaseArchived, time.Time{}
	}
	draft := around.Report == "draft" || around.Report == "for_comment"
	next := settled
	if draft || len(e.OpenCommitments(around)) > 0 {
		next = archived // what is promised is still owed: only an editor can settle it
	}
	switch {
	case !now.Before(next):
		return PhaseSettled, archived
	case draft:
		return PhaseDraftOutcome, next
	case around.Report == "final":
		return PhaseOutcome, next
	}
	return PhaseConcluded, next
}

// ends is when the event is over. If nobody has said when, that is the end of the day it begins on, or two hours later:
// a page that says "concluded" to those about to join does more harm than one that says "live" a little too long.
func (e *Event) ends() time.Time {
	start, end := e.When.Starts(), e.When.Ends()
	if end.After(start) || start.IsZero() {
		return end
	}
	day := content.When{Start: e.When.Start, Zone: e.When.Zone, Precision: content.PrecisionDay}
	if t := start.Add(2 * time.Hour); t.After(day.Ends()) {
		return t
	}
	return day.Ends()
}

// JoinWindow is from when until when one can join online; zero times where one cannot.
func (e *Event) JoinWindow() (opens, closes time.Time) {
	start := e.When.Starts()
	if start.IsZero() || e.Off() || e.Mode == "in_person" || e.When.Precision != content.PrecisionTime && e.When.Precision != content.PrecisionDay {
		return opens, closes
	}
	return start.Add(-e.joinOpens()), e.ends()
}

func earliest(all ...time.Time) time.Time { return slices.MinFunc(all, time.Time.Compare) }

func (e *Event) joinOpens() time.Duration {
	if e.When.Precision != content.PrecisionTime {
		return 0
	}
	if e.Join.OpensBefore > 0 {
		return time.Duration(e.Join.OpensBefore) * time.Minute
	}
	return liveBefore
}
