package kind

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// duty is one row of what editors are reminded of (DOMAIN section 9). Whether it is done follows from the facts.
type duty struct {
	name   string // its message is checklist.NAME
	phases []Phase
	from   string // "start" or "end" of the event, or "board", the end of its discussion: what days count from; "" if it is due as soon as its phase begins
	days   int    // after it, before it if negative
	field  string // where what is missing is to be filled in, "new KIND" for an entry of its own, or "screen NAME", one of Screens
	staff  bool   // it is about what the public never sees: the draft tells
	// missing is where the first thing that is missing stands, for a duty that is about the items of a list; nil: at field.
	missing func(e *Event, around Around) string
	// applies is nil for all events.
	applies func(e *Event, around Around) bool
	done    func(e *Event, around Around) bool
}

var (
	phasesBefore = []Phase{PhaseSaveTheDate, PhaseAnnounced, PhaseRegistrationOpen, PhaseRegistrationClosed, PhaseLive, PhaseConcluded, PhaseDraftOutcome, PhaseOutcome, PhaseSettled}
	preparing    = between(PhaseAnnounced, PhaseRegistrationClosed)
	afterwards   = between(PhaseConcluded, PhaseOutcome)
)

func between(from, to Phase) []Phase {
	return phasesBefore[slices.Index(phasesBefore, from) : slices.Index(phasesBefore, to)+1]
}

// Screens are those of the panel that a duty may lead to instead of a field.
var Screens = []string{"registrations", "check-in", "messages", "questions", "comments", "translate", "translate-report"}

// boardDays is how long discussions usually go on at most, for one that nobody set an end to.
const boardDays = 42

// duties are the rows, in the order of an event's life.
var duties = []duty{
	{name: "date", phases: []Phase{PhaseSaveTheDate}, field: "when", done: func(e *Event, _ Around) bool {
		return e.When.Known() && e.When.Precision != content.PrecisionMonth && e.Status != "tentative"
	}},
	{name: "new_date", phases: []Phase{PhasePostponed}, field: "when", done: func(*Event, Around) bool { return false }},
	{name: "reason", phases: append([]Phase{PhasePostponed, PhaseCancelled}, between(PhaseSaveTheDate, PhaseLive)...), field: "status_note",
		applies: func(e *Event, _ Around) bool { return e.Status != "scheduled" && e.Status != "tentative" },
		done:    func(e *Event, a Around) bool { return e.StatusNote.In(a.Original) != "" }},
	{name: "tell", phases: append([]Phase{PhasePostponed, PhaseCancelled}, between(PhaseAnnounced, PhaseLive)...), field: "screen messages",
		applies: desk(func(d *Desk) bool { return d.Untold }), done: never},
	{name: "languages", phases: between(PhaseSaveTheDate, PhaseRegistrationClosed), from: "start", days: -30, field: "screen translate",
		applies: func(e *Event, a Around) bool { return a.Staff != nil && len(e.published()) > 0 },
		done:    func(e *Event, a Around) bool { return e.untranslated(a.Staff.Languages) == "" }},
	{name: "interpretation", phases: between(PhaseSaveTheDate, PhaseRegistrationClosed), from: "start", days: -30, field: "interpretation",
		done: func(e *Event, _ Around) bool {
			return len(e.Interpretation) > 0 || slices.Contains(e.Accessibility, "captions")
		}},
	{name: "concept_note", phases: preparing, field: "documents", done: func(e *Event, a Around) bool { return has(a.in(e, "concept_note")) }},
	{name: "speakers", phases: preparing, field: "people", done: func(e *Event, _ Around) bool { return len(e.roleHolders()) > 0 }},
	{name: "accessibility", phases: preparing, field: "accessibility", done: func(e *Event, _ Around) bool { return len(e.Accessibility) > 0 }},
	{name: "goals", phases: preparing, field: "sdgs", done: func(e *Event, _ Around) bool { return len(e.SDGs) > 0 }},
	{name: "image", phases: preparing, field: "image.file", done: func(e *Event, _ Around) bool { return e.Image.File != "" }},
	{name: "registration", phases: between(PhaseAnnounced, PhaseRegistrationOpen), field: "registration.url",
		applies: func(e *Event, _ Around) bool { return e.Access == "registration" || e.Access == "nomination" },
		done:    func(e *Event, _ Around) bool { return e.registrable() && e.Registration.Closes.At != "" }},
	{name: "privacy", phases: between(PhaseAnnounced, PhaseRegistrationOpen), field: "registration.consents", applies: online,
		done: func(e *Event, a Around) bool {
			return len(e.Registration.Consents) > 0 || e.Registration.Intro.In(a.Original) != ""
		}},
	{name: "pending", phases: between(PhaseRegistrationOpen, PhaseLive), field: "screen registrations", applies: desk(func(d *Desk) bool { return d.Pending }), done: never},
	{name: "places", phases: []Phase{PhaseRegistrationOpen}, field: "registration.capacity",
		applies: func(e *Event, a Around) bool {
			return online(e, a) && a.Staff != nil && e.Registration.Capacity > 0 && a.Staff.Taken > 0
		},
		done: func(e *Event, a Around) bool {
			taken := a.Staff.Taken
			if e.Mode == "hybrid" { // these are places in the room
				taken -= a.Staff.Online
			}
			return e.Registration.Waitlist || 5*taken < 4*e.Registration.Capacity
		}},
	{name: "arrival", phases: preparing, field: "venues", missing: (*Event).unreached,
		applies: func(e *Event, _ Around) bool { return e.Status == "venue_changed" && e.Mode != "online" },
		done:    func(e *Event, a Around) bool { return e.unreached(a) == "" }},
	{name: "speakers_confirmed", phases: preparing, from: "start", days: -21, field: "people",
		applies: func(e *Event, _ Around) bool { return len(e.roleHolders()) > 0 },
		missing: (*Event).unconfirmed, done: func(e *Event, a Around) bool { return e.unconfirmed(a) == "" }},
	{name: "programme", phases: preparing, from: "start", days: -14, field: "sessions",
		missing: (*Event).untimed, done: func(e *Event, a Around) bool { return len(e.Sessions) > 0 && e.untimed(a) == "" }},
	{name: "guideline", phases: preparing, from: "start", days: -14, field: "documents", applies: remote,
		done: func(e *Event, a Around) bool { return has(a.in(e, "log_in_guideline")) }},
	{name: "talking_points", phases: preparing, from: "start", days: -10, field: "documents",
		applies: func(e *Event, _ Around) bool { return len(e.roleHolders()) > 0 },
		done:    func(e *Event, a Around) bool { return has(a.in(e, "talking_points")) }},
	{name: "biographies", phases: preparing, from: "start", days: -10, field: "people", missing: (*Event).unintroduced,
		applies: func(e *Event, a Around) bool { return a.Staff != nil && len(e.roleHolders()) > 0 },
		done:    func(e *Event, a Around) bool { return e.unintroduced(a) == "" }},
	{name: "advisory", phases: preparing, from: "start", days: -5, field: "new news",
		done: func(_ *Event, a Around) bool {
			return slices.Contains(a.News, "media_advisory") || slices.Contains(a.News, "press_release")
		}},
	{name: "joining", phases: preparing, from: "start", days: -3, field: "join.url", applies: remote,
		done: func(e *Event, _ Around) bool { return e.Join.URL != "" || e.StreamURL != "" }},
	{name: "attendance", phases: between(PhaseLive, PhaseOutcome), from: "end", days: 1, field: "screen check-in",
		applies: func(e *Event, a Around) bool { return online(e, a) && a.Staff != nil && a.Staff.Taken > 0 },
		done:    func(e *Event, a Around) bool { return a.Staff.Attended || e.Statistics.Attended > 0 }},
	{name: "survey", phases: afterwards, from: "end", days: 1, field: "survey.online", applies: online, done: func(e *Event, _ Around) bool { return e.Survey.Online }},
	{name: "presentations", phases: afterwards, from: "end", days: 2, field: "documents", applies: unpromised("presentations"),
		done: func(e *Event, a Around) bool { return has(a.in(e, "presentation")) }},
	{name: "news", phases: afterwards, from: "end", days: 2, field: "new news",
		done: func(_ *Event, a Around) bool {
			return slices.ContainsFunc(a.News, func(k string) bool { return k != "media_advisory" })
		}},
	{name: "recordings", phases: afterwards, from: "end", days: 5, field: "recordings", applies: unpromised("recordings"),
		done: func(e *Event, _ Around) bool { return len(e.Recordings) > 0 }},
	{name: "questions", phases: between(PhaseLive, PhaseOutcome), from: "end", days: 5, field: "screen questions", applies: desk(func(d *Desk) bool { return d.Questions > 0 }), done: never},
	{name: "photo_consents", phases: afterwards, from: "end", days: 7, field: "photos", staff: true, missing: (*Event).unasked,
		applies: func(e *Event, _ Around) bool { return len(e.Photos) > 0 }, done: func(e *Event, a Around) bool { return e.unasked(a) == "" }},
	{name: "statistics", phases: afterwards, from: "end", days: 7, field: "statistics.attended", done: func(e *Event, _ Around) bool { return e.Statistics.Attended > 0 }},
	{name: "discussion_summary", phases: afterwards, from: "board", field: "discussion.closing", applies: func(e *Event, _ Around) bool { return e.Discussion.Online },
		done: func(e *Event, a Around) bool {
			return e.Discussion.Summary != "" || e.Discussion.Closing.In(a.Original) != ""
		}},
	{name: "outcome", phases: afterwards, from: "end", days: 14, field: "outcome_summary",
		done: func(e *Event, a Around) bool {
			return e.OutcomeSummary.In(a.Original) != "" || len(e.KeyMessages) > 0 || a.Report == "final"
		}},
	{name: "comments", phases: []Phase{PhaseDraftOutcome}, field: "screen comments", applies: desk(func(d *Desk) bool { return d.Comments > 0 }), done: never},
	{name: "report_languages", phases: []Phase{PhaseOutcome}, field: "screen translate-report",
		applies: desk(func(d *Desk) bool { return d.Report != "" && len(d.ReportIn) > 0 }),
		done:    func(e *Event, a Around) bool { return e.untranslated(a.Staff.ReportIn) == "" }},
	{name: "participants", phases: []Phase{PhaseOutcome}, field: "registration.list_mode", applies: online,
		done: func(e *Event, _ Around) bool { return e.Registration.ListMode != "" }},
}

func has(_ content.Ref, ok bool) bool { return ok }

// never is for duties that apply only as long as there is something to do.
func never(*Event, Around) bool { return false }

// online reports whether one registers by our form.
func online(e *Event, _ Around) bool { return e.Registration.Online }

// desk asks what the staff's checklist knows; where nobody has looked, nothing is due.
func desk(due func(*Desk) bool) func(*Event, Around) bool {
	return func(_ *Event, a Around) bool { return a.Staff != nil && due(a.Staff) }
}

// published are the working languages in which the site can publish.
func (e *Event) published() []locale {
	var out []locale
	for _, l := range i18n.All {
		if slices.Contains(e.WorkingLanguages, string(l)) {
			out = append(out, l)
		}
	}
	return out
}

// untranslated is the first working language that is not among those in which something is public; "" if all are.
func (e *Event) untranslated(public []locale) locale {
	for _, l := range e.published() {
		if !slices.Contains(public, l) {
			return l
		}
	}
	return ""
}

// Untranslated is the first working language, of those that the site has, in which the event is not public, and the first in
// which its outcome report is not; "" where there is none.
func (e *Event) Untranslated(d *Desk) (event, report i18n.Locale) {
	return e.untranslated(d.Languages), e.untranslated(d.ReportIn)
}

// unreached is the place of a hall of which nothing says how to get there, "" if all do, or what it takes to come is told.
func (e *Event) unreached(a Around) string {
	if e.AccessRequirements.In(a.Original) != "" {
		return ""
	}
	for _, v := range e.Venues {
		if v.Type == "physical" && v.Arrival.In(a.Original) == "" {
			return "venues." + v.ID + ".arrival"
		}
	}
	return ""
}

// unintroduced is the place of somebody who takes part and of whom no profile is public that says who they are; "" if there is
// none.
func (e *Event) unintroduced(a Around) string {
	return e.firstRole("person", func(r PersonRole) bool {
		who, _ := r.Present()
		p := a.Staff.People[who]
		return who != "" && (p == nil || len(p.ShortBio) == 0 && len(p.Bio) == 0)
	})
}

// firstRole is the place of a field of the first person at the event, or at one of its sessions, of whom something is so; "" if
// it is of nobody.
func (e *Event) firstRole(field string, so func(PersonRole) bool) string {
	in := func(path string, all []PersonRole) string {
		if i := slices.IndexFunc(all, so); i >= 0 {
			return path + all[i].ID + "." + field
		}
		return ""
	}
	if path := in("people.", e.People); path != "" {
		return path
	}
	for _, s := range e.Sessions {
		if path := in("sessions."+s.ID+".people.", s.People); path != "" {
			return path
		}
	}
	return ""
}

// unasked is the place of a photo of which nobody has noted that those on it agree, "" if there is none.
func (e *Event) unasked(Around) string {
	for _, p := range e.Photos {
		if p.Consent == "" {
			return "photos." + p.ID + ".consent"
		}
	}
	return ""
}

func remote(e *Event, _ Around) bool { return e.Mode == "online" || e.Mode == "hybrid" }

// unpromised leaves to a promise what is promised: it has a day and an owner of its own.
func unpromised(kind string) func(*Event, Around) bool {
	return func(e *Event, _ Around) bool {
		return !slices.ContainsFunc(e.Commitments, func(c Commitment) bool { return c.Kind == kind })
	}
}

func dutyNames() []string {
	out := make([]string, len(duties))
	for i, d := range duties {
		out[i] = d.name
	}
	return out
}

// roleHolders are the people of the event and of its sessions.
func (e *Event) roleHolders() []PersonRole {
	all := slices.Clone(e.People)
	for _, s := range e.Sessions {
		all = append(all, s.People...)
	}
	return all
}

// unconfirmed is where it stands that somebody has not confirmed to come, "" if all have.
func (e *Event) unconfirmed(Around) string {
	return e.firstRole("status", func(r PersonRole) bool { return r.Status == "invited" || r.Status == "tentative" })
}

// untimed is the place of a session without a time, "" if all have one.
func (e *Event) untimed(Around) string {
	for _, s := range e.Sessions {
		switch {
		case s.Cancelled:
		case s.TBD:
			return "sessions." + s.ID + ".tbd"
		case s.Slot.Start == "":
			return "sessions." + s.ID + ".slot"
		}
	}
	return ""
}

// DutyState is how a line of the checklist stands.
type DutyState string

// The states of duties. Done is never told by hand; Skipped is, with a reason.
const (
	DutyDone    DutyState = "done"
	DutyWritten DutyState = "written" // done in the draft of an event that is public, but the public does not see it
	DutyDue     DutyState = "due"     // its day has not come, or it has none
	DutyLate    DutyState = "late"    // its day has passed
	DutyLater   DutyState = "later"   // it is more than a month away
	DutySkipped DutyState = "skipped"
)

// Duty is a line of an event's checklist.
type Duty struct {
	Name   string // a row, or "promise"
	Field  string // where what is missing is to be filled in, "new KIND" or "screen NAME"
	Due    content.Date
	State  DutyState
	Reason string // why it is skipped
	Owner  string // account; "" is the focal point
	// Promise is what was promised, where the line is a promise.
	Promise *Commitment
}

// Checklist is what is to be done in the phase that the event is in: what is late first, then by its day. shown is the event
// as the public sees it, nil if it does not: what only a draft knows is not done, for nobody outside can join, read or watch it.
func (e *Event) Checklist(now time.Time, around Around, shown *Event) []Duty {
	phase, _ := e.Phase(now, around)
	today := content.Date(now.In(e.When.Location()).Format(time.DateOnly))
	var out []Duty
	for _, d := range duties {
		if !slices.Contains(d.phases, phase) || d.applies != nil && !d.applies(e, around) {
			continue
		}
		x := Duty{Name: d.name, Field: d.field, Due: e.dutyDay(d)}
		if i := slices.IndexFunc(e.Skips, func(s Skip) bool { return s.Duty == d.name }); i >= 0 {
			x.State, x.Reason = DutySkipped, e.Skips[i].Reason
		} else if shown != nil && !d.staff && d.done(shown, around) || (shown == nil || d.staff) && d.done(e, around) {
			x.State = DutyDone
		} else if d.done(e, around) {
			x.State = DutyWritten
		} else {
			x.State = dutyState(today, x.Due)
			if d.missing != nil {
				x.Field = cmp.Or(d.missing(e, around), d.field)
			}
		}
		out = append(out, x)
	}
	for i := range e.Commitments {
		c := &e.Commitments[i]
		x := Duty{Name: "promise", Field: "commitments." + c.ID + ".kind", Due: e.DueOn(*c), Owner: c.Owner, Promise: c}
		switch kept, _ := c.Kept(shown, around); {
		case c.Waived:
			x.State, x.Reason = DutySkipped, c.WaivedReason
		case kept:
			x.State = DutyDone
		case phase == PhaseCancelled || phase == PhasePostponed:
			continue // nothing will come of it for now
		default:
			x.State = dutyState(today, x.Due)
		}
		out = append(out, x)
	}
	rank := []DutyState{DutyLate, DutyDue, DutyWritten, DutyLater, DutyDone, DutySkipped}
	slices.SortStableFunc(out, func(a, b Duty) int {
		if r := slices.Index(rank, a.State) - slices.Index(rank, b.State); r != 0 {
			return r
		}
		if (a.Due == "") != (b.Due == "") {
			return strings.Compare(string(b.Due), string(a.Due))
		}
		return strings.Compare(string(a.Due), string(b.Due))
	})
	return out
}

// dutyDay is when a duty is due, "" as soon as its phase begins.
func (e *Event) dutyDay(d duty) content.Date {
	day := e.lastDay()
	switch {
	case day.IsZero():
	case d.from == "start":
		day = e.When.Starts().In(e.When.Location())
	case d.from == "board":
		if closes := e.Discussion.Closes.Time(); closes.IsZero() {
			day = day.AddDate(0, 0, boardDays)
		} else {
			day = closes.In(e.When.Location())
		}
	}
	if d.from == "" || day.IsZero() {
		return ""
	}
	return content.Date(day.AddDate(0, 0, d.days).Format(time.DateOnly))
}

func dutyState(today, due content.Date) DutyState {
	switch {
	case due == "":
		return DutyDue
	case due < today:
		return DutyLate
	case due.Time().After(today.Time().AddDate(0, 1, 0)):
		return DutyLater
	}
	return DutyDue
}
