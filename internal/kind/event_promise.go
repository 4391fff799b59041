package kind

import (
	"slices"
	"time"

	"plenary/internal/content"
)

// Around is what the phase and the promises of an event need to know of other entries. All of it is public.
type Around struct {
	// Report is the stage of the event's outcome report: "", draft, for_comment or final.
	Report string
	// Documents are those that the event names.
	Documents map[content.Ref]*Document
	// News are the kinds of the news about the event.
	News []string
	// Original is the event's original language.
	Original locale
	// Kept are promises that are known to be kept, by item, where nothing else around the event was read: for lists.
	Kept map[string]bool
	// What only checklists ask for; nil where nobody has looked.
	Staff *Desk
}

// Desk is what the staff's checklist needs to know besides what is public around an event.
type Desk struct {
	Languages []locale                // in which the event is public, or in a draft has a title
	People    map[content.Ref]*Person // public profiles of those who take part
	Report    string                  // id of the outcome report; "" for none
	ReportIn  []locale                // languages in which that is public
	Pending   bool                    // somebody has waited for a decision for more than two working days
	Taken     int                     // places
	Online    int                     // of Taken, those of a hybrid event who join online
	Attended  bool                    // somebody is known to have been there
	Untold    bool                    // of what has happened those who have registered do not know
	Questions int                     // without an answer
	Comments  int                     // on the draft report, to be dealt with
}

// AroundOf looks at what is public around an event: the entries it names, by id, and those about it, the latest first.
func AroundOf(original locale, named func(id string) any, about []any, e *Event) Around {
	a := Around{Original: original, Documents: map[content.Ref]*Document{}}
	add := func(id content.Ref) {
		if d, ok := named(string(id)).(*Document); ok {
			a.Documents[id] = d
		}
	}
	for _, d := range e.Documents {
		add(d.Document)
	}
	for _, s := range e.Sessions {
		for _, id := range s.Documents {
			add(id)
		}
	}
	for _, c := range e.Commitments {
		add(c.FulfilledBy)
	}
	for _, x := range about {
		switch v := x.(type) {
		case *Report:
			if a.Report == "" {
				a.Report = v.Stage
			}
		case *News:
			a.News = append(a.News, v.Kind)
		}
	}
	return a
}

// in reports whether a document is public in a slot of the event, or named by one of its sessions as such a document.
func (a Around) in(e *Event, slot string, kinds ...string) (content.Ref, bool) {
	fits := func(id content.Ref, known bool) bool {
		d := a.Documents[id]
		if d == nil {
			return false
		}
		if v := d.Current(); v == nil || v.Stage == "draft" || v.Stage == "for_comment" {
			return false
		}
		return known && len(kinds) == 0 || slices.Contains(kinds, d.Kind) || !known && d.Kind == slot
	}
	for _, d := range e.Documents {
		if d.Slot == slot && fits(d.Document, true) {
			return d.Document, true
		}
	}
	for _, s := range e.Sessions {
		for _, id := range s.Documents {
			if fits(id, false) {
				return id, true
			}
		}
	}
	return "", false
}

// Kept reports whether a promise is kept: somebody has said so, or what it promises is public. shown is the event as the
// public sees it, nil if it does not; by is the document that keeps it, where it is one.
func (c Commitment) Kept(shown *Event, around Around) (kept bool, by content.Ref) {
	if around.Documents[c.FulfilledBy] != nil {
		return true, c.FulfilledBy
	}
	if c.Fulfilled != "" || around.Kept[c.ID] {
		return true, ""
	}
	if shown == nil {
		return false, ""
	}
	switch c.Kind {
	case "recordings":
		return len(shown.Recordings) > 0, ""
	case "presentations":
		by, kept = around.in(shown, "presentation")
	case "report":
		if around.Report == "final" {
			return true, ""
		}
		by, kept = around.in(shown, "outcome", "outcome_report", "outcome_document")
	case "summary":
		if around.Original != "" && shown.OutcomeSummary.In(around.Original) != "" {
			return true, ""
		}
		by, kept = around.in(shown, "outcome", "summary")
	case "documents": // every one that was announced
		for _, d := range shown.Documents {
			if around.Documents[d.Document] == nil {
				return false, ""
			}
		}
		return len(shown.Documents) > 0, ""
	}
	return kept, by
}

// DueOn is the day by which a promise is to be kept, "" if nothing says so.
func (e *Event) DueOn(c Commitment) content.Date {
	last := e.lastDay()
	if c.Due != "" || c.DueDays == 0 || last.IsZero() {
		return c.Due
	}
	return content.Date(last.AddDate(0, 0, c.DueDays).Format(time.DateOnly))
}

// Off says that the event does not take place, or not as long as nobody says when.
func (e *Event) Off() bool { return e.Status == "cancelled" || e.Status == "postponed" }

// lastDay is midnight UTC of the event's last day; zero while there is none.
func (e *Event) lastDay() time.Time {
	w := e.When
	if !w.Known() || e.Status == "postponed" {
		return time.Time{}
	}
	t := e.ends().Add(-time.Second).In(w.Location())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// OpenCommitments are the promises to the public that are neither kept nor waived, of an event as the public sees it.
func (e *Event) OpenCommitments(around Around) []Commitment {
	var open []Commitment
	for _, c := range e.Commitments {
		if kept, _ := c.Kept(e, around); !kept && !c.Waived && !c.Internal && !e.Off() {
			open = append(open, c)
		}
	}
	return open
}

// Withheld is what was promised to partners alone.
func (e *Event) Withheld() []string {
	var paths []string
	for _, c := range e.Commitments {
		if !c.Internal {
			continue
		}
		for _, f := range EventKind.Field("commitments").Fields {
			if f.Name != "internal" {
				paths = append(paths, "commitments."+c.ID+"."+f.Name)
			}
		}
	}
	return paths
}

// Proves says that publishing a document or a report may keep a promise.
func (*Document) Proves() {}

// Proves says that publishing a document or a report may keep a promise.
func (*Report) Proves() {}

// Promises are the event's promises as they stand, see content.Promising.
func (e *Event) Promises(original locale, s *content.Surroundings) []content.Promise {
	shown, _ := s.Self.(*Event)
	from := e
	if shown != nil {
		from = shown
	}
	around := AroundOf(original, func(id string) any { return s.Named[id] }, s.About, from)
	for _, c := range e.Commitments { // said to be kept by a document, and perhaps not published yet
		if d, ok := s.Named[string(c.FulfilledBy)].(*Document); ok {
			around.Documents[c.FulfilledBy] = d
		}
	}
	out := make([]content.Promise, 0, len(e.Commitments))
	for _, c := range e.Commitments {
		if kept, _ := c.Kept(shown, around); !kept && e.Off() {
			continue
		}
		p := content.Promise{Item: c.ID, Kind: c.Kind, Words: c.Text.In(original), Due: e.DueOn(c), Owner: c.Owner, State: content.PromiseOpen}
		if p.Owner == "" {
			p.Owner = e.FocalPoint
		}
		if kept, _ := c.Kept(shown, around); kept {
			p.State = content.PromiseKept
		}
		if c.Waived {
			p.State = content.PromiseWaived
		}
		out = append(out, p)
	}
	return out
}
