package kind

import (
	"html"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// Problems are what the fields alone cannot tell.
func (e *Event) Problems(original locale) []content.Problem {
	var ps problems
	ps.picture("image", e.Image, original)
	if e.Image.File == "" {
		ps.advise("image.file", "problem.advised")
	}
	ps.blocks(e.Blocks, original)
	ps.organizations(e.Organizations)
	e.dates(&ps, original)
	e.places(&ps)
	e.signingUp(&ps)
	e.registering(&ps, original)
	e.surveying(&ps)
	e.discussing(&ps)
	e.programme(&ps, original)
	e.roles(&ps)
	e.marks(&ps, original)
	e.records(&ps, original)
	e.relations(&ps)
	e.afterwards(&ps, original, time.Now())
	ps.mailboxes("contacts", e.Contacts, original)
	return ps
}

func (e *Event) dates(ps *problems, original locale) {
	w := e.When
	switch {
	case !w.Known():
		if e.Status == "rescheduled" {
			ps.advise("status", "problem.rescheduled_without_date")
		}
	case w.End != "" && w.Ends().Before(w.Starts()):
		ps.block("when", "problem.end_before_start")
	case w.Precision == content.PrecisionTime && !w.Ends().After(w.Starts()):
		ps.advise("when", "problem.no_end")
	}
	if w.Known() && w.Zone == "" {
		switch w.Precision {
		case content.PrecisionTime:
			ps.block("when", "problem.no_zone")
		case content.PrecisionDay:
			ps.advise("when", "problem.no_zone")
		}
	}
	if e.Status == "rescheduled" {
		switch {
		case !e.Previous.Known():
			ps.advise("previous", "problem.previous_missing")
		case e.Previous == w:
			ps.advise("previous", "problem.previous_same")
		}
	}
	if slices.Contains([]string{"rescheduled", "postponed", "moved_online", "venue_changed", "cancelled"}, e.Status) && e.StatusNote.In(original) == "" {
		ps.words("status_note", original, "problem.reason_missing")
	}
}

func (e *Event) places(ps *problems) {
	// A place is promised with a day. Before that, and once there will be no meeting, none is needed.
	due := (e.When.Precision == content.PrecisionDay || e.When.Precision == content.PrecisionTime) &&
		!slices.Contains([]string{"tentative", "postponed", "cancelled"}, e.Status)
	physical, online := false, false
	for _, v := range e.Venues {
		path := "venues." + v.ID
		physical, online = physical || v.Type == "physical", online || v.Type == "online"
		if v.Type == "physical" && e.Mode == "online" || v.Type == "online" && e.Mode == "in_person" {
			ps.advise(path+".type", "problem.venue_against_mode")
		}
		if v.Type == "physical" && len(v.City) == 0 && v.Country == "" {
			ps.advise(path+".city", "problem.city_missing")
		}
	}
	switch {
	case due && len(e.Venues) == 0 && (e.Mode == "in_person" || e.Mode == "hybrid"):
		ps.block("venues", "problem.venue_missing")
	case due && len(e.Venues) == 0 && e.Mode == "online":
		ps.block("venues", "problem.platform_missing")
	case due && e.Mode == "hybrid" && physical != online:
		ps.advise("venues", "problem.venue_half")
	}
	if e.Status == "moved_online" && e.Mode == "in_person" {
		ps.advise("mode", "problem.mode_against_status")
	}
	seen := map[[2]string]bool{}
	for _, i := range e.Interpretation {
		path := "interpretation." + i.ID + ".language"
		if i.Kind == "spoken" && slices.Contains(e.WorkingLanguages, i.Language) {
			ps.advise(path, "problem.interpretation_needless")
		}
		if key := [2]string{i.Language, i.Kind}; i.Language != "" && seen[key] {
			ps.advise(path, "problem.interpretation_twice")
		} else {
			seen[key] = true
		}
	}
}

func (e *Event) signingUp(ps *problems) {
	r, d := e.Registration, e.Discussion
	backwards := func(opens, closes content.Moment) bool {
		o, c := opens.Time(), closes.Time()
		return !o.IsZero() && !c.IsZero() && !o.Before(c)
	}
	if backwards(r.Opens, r.Closes) {
		ps.block("registration.closes", "problem.closes_before_opens")
	}
	if backwards(d.Opens, d.Closes) {
		ps.block("discussion.closes", "problem.discussion_window")
	}
	if end := e.When.Ends(); !end.IsZero() && r.Closes.Time().After(end) {
		ps.advise("registration.closes", "problem.closes_after_end")
	}
	if (e.Access == "registration" || e.Access == "nomination") && !e.registrable() {
		ps.advise("registration.url", "problem.no_way_to_register")
	}
	ps.mailbox("registration.mailbox", r.Mailbox)
	if e.Join.URL == "" && e.Join.Release == "public" && e.Mode != "in_person" {
		ps.block("join.url", "problem.join_url_missing")
	}
	if e.Join.URL == "" || e.Join.Release == "public" {
		return
	}
	// The address to join at must not leave by another door.
	doors := [][2]string{{"stream_url", e.StreamURL}, {"registration.url", r.URL}, {"discussion.url", d.URL}}
	for _, l := range e.Links {
		doors = append(doors, [2]string{"links." + l.ID + ".url", l.URL})
	}
	for _, r := range e.Recordings {
		doors = append(doors, [2]string{"recordings." + r.ID + ".url", r.URL})
	}
	for _, d := range doors {
		if d[1] == e.Join.URL {
			ps.block(d[0], "problem.join_address_public")
		}
	}
	for _, l := range i18n.All {
		EventKind.Texts(e, l, func(path string, f *content.Field, words string) {
			if !f.Staff && strings.Contains(html.UnescapeString(words), e.Join.URL) {
				*ps = append(*ps, content.Problem{Path: path, Locale: l, Blocks: true, Key: "problem.join_address_public"})
			}
		})
	}
}

// registrable reports whether there is any way to sign up.
func (e *Event) registrable() bool {
	r := e.Registration
	return r.Online || r.URL != "" || r.Mailbox != "" || r.Form != ""
}

func (e *Event) roles(ps *problems) {
	if len(e.Organizations) > 0 && !slices.ContainsFunc(e.Organizations, func(r OrganizationRole) bool { return r.Role == "organizer" || r.Role == "co_organizer" }) {
		ps.block("organizations", "problem.organizer_missing")
	}
	people := func(path string, all []PersonRole) {
		seen := map[[2]string]bool{}
		for _, r := range all {
			at := path + "." + r.ID
			key := [2]string{string(r.Person), r.Role}
			if r.Person != "" && seen[key] {
				ps.advise(at+".person", "problem.person_twice")
			}
			seen[key] = true
			if r.Status == "replaced" && (r.ReplacedBy == "" || r.ReplacedBy == r.Person) {
				ps.advise(at+".replaced_by", "problem.replacement_missing")
			}
		}
	}
	people("people", e.People)
	for _, s := range e.Sessions {
		people("sessions."+s.ID+".people", s.People)
	}
}

// marks looks for notes that no text calls, and for texts that call a note that is not there.
func (e *Event) marks(ps *problems, original locale) {
	noted, called := map[string]bool{}, map[string]bool{}
	for _, n := range e.Notes {
		if n.Mark != "" && noted[n.Mark] {
			ps.advise("notes."+n.ID+".mark", "problem.mark_twice")
		}
		noted[n.Mark] = true
	}
	EventKind.Texts(e, original, func(path string, f *content.Field, words string) {
		if strings.HasPrefix(path, "notes.") || f.Staff {
			return
		}
		if f.Type == content.TypeProse {
			words = content.PlainText(words)
		}
		for _, mark := range Enums["note_mark"] {
			if NoteCall(words, mark) < 0 {
				continue
			}
			if called[mark] = true; !noted[mark] {
				ps.words(path, original, "problem.mark_without_note")
			}
		}
	})
	for _, n := range e.Notes {
		if n.Mark != "" && !called[n.Mark] {
			ps.advise("notes."+n.ID+".mark", "problem.note_without_anchor")
		}
	}
}

// NoteCall is where in words a mark first hangs on a word, as in "Discussion Board*", and so calls its note; -1 where it does
// nowhere. One that stands free, as in "§ 5" or "3 * 4", calls no note.
func NoteCall(words, mark string) int {
	for i := 0; mark != ""; {
		at := strings.Index(words[i:], mark)
		if at < 0 {
			return -1
		}
		at += i
		i = at + len(mark)
		before, _ := utf8.DecodeLastRuneInString(words[:at])
		after, _ := utf8.DecodeRuneInString(words[i:])
		if at > 0 && (unicode.IsLetter(before) || unicode.IsMark(before) || unicode.IsDigit(before) || unicode.IsPunct(before) && before != '*') &&
			(i == len(words) || unicode.IsSpace(after) || unicode.IsPunct(after) && after != '*' && after != '§') {
			return at
		}
	}
	return -1
}

// records looks at what stays of the event: documents, recordings, promises.
func (e *Event) records(ps *problems, original locale) {
	seen := map[content.Ref]bool{}
	for _, d := range e.Documents {
		if d.Document != "" && seen[d.Document] {
			ps.advise("documents."+d.ID+".document", "problem.document_twice")
		}
		seen[d.Document] = true
	}
	for _, r := range e.Recordings {
		path := "recordings." + r.ID
		if r.URL == "" && r.File == "" {
			ps.block(path+".url", "problem.recording_empty")
		}
		if r.Kind == "video" && len(r.Captioned()) == 0 && r.NoCaptions.In(original) == "" {
			if r.File != "" {
				ps.block(path+".tracks", "problem.caption_files_missing")
			} else {
				ps.block(path+".captions", "problem.captions_missing")
			}
		}
		if r.Kind == "audio" && r.Transcript == "" && len(r.Tracks) == 0 {
			ps.advise(path+".transcript", "problem.transcript_missing")
		}
		e.chapters(ps, r, path)
	}
	for _, c := range e.Commitments {
		path := "commitments." + c.ID
		if c.Waived {
			if c.WaivedReason == "" {
				ps.block(path+".waived_reason", "problem.waived_reason")
			}
			continue
		}
		switch due := e.DueOn(c); {
		case c.Fulfilled != "" || c.FulfilledBy != "":
		case c.Due == "" && c.DueDays == 0:
			ps.advise(path+".due", "problem.due_missing")
		case due != "" && c.PromisedOn != "" && due < c.PromisedOn:
			ps.advise(path+".due", "problem.due_before_promise")
		}
	}
	skipped := map[string]bool{}
	for _, s := range e.Skips {
		if skipped[s.Duty] {
			ps.advise("skips."+s.ID+".duty", "problem.duty_twice")
		}
		skipped[s.Duty] = true
	}
}

// chapters looks into a recording: at its captions, and at where its chapters lead.
func (e *Event) chapters(ps *problems, r Recording, path string) {
	tracks := map[string]bool{}
	for _, t := range r.Tracks {
		if tracks[t.Kind+t.Language] {
			ps.block(path+".tracks."+t.ID+".language", "problem.captions_twice")
		}
		tracks[t.Kind+t.Language] = true
	}
	begun := map[int]bool{}
	for _, c := range r.Chapters {
		at, name := c.Starts(), path+".chapters."+c.ID
		switch {
		case at < 0: // what is missing or cannot be read is told already
		case begun[at]:
			ps.block(name+".at", "problem.chapter_twice")
		case r.Minutes > 0 && at >= (r.Minutes+1)*60: // the last minute may be a part of one
			ps.block(name+".at", "problem.chapter_late")
		}
		begun[at] = true
		if c.Session != "" && !slices.ContainsFunc(e.Sessions, func(s Session) bool { return s.ID == c.Session }) {
			ps.advise(name+".session", "problem.chapter_session")
		}
	}
}

// afterwards asks for what should come of an event that is over.
func (e *Event) afterwards(ps *problems, original locale, now time.Time) {
	if end := e.Over(); end.IsZero() || now.Before(end) || e.Status == "cancelled" {
		return
	}
	if e.OutcomeSummary.In(original) == "" && len(e.KeyMessages) == 0 {
		ps.words("outcome_summary", original, "problem.advised")
	}
	if e.Statistics.Attended == 0 {
		ps.advise("statistics.attended", "problem.advised")
	}
}

func (e *Event) relations(ps *problems) {
	if e.Ordinal > 0 && e.Series == "" {
		ps.advise("ordinal", "problem.ordinal_without_series")
	}
	switch {
	case e.Parent != "" && e.Relation == "":
		ps.advise("relation", "problem.relation_missing")
	case e.Parent == "" && e.Relation != "":
		ps.advise("parent", "problem.parent_missing")
	}
	if e.Scope != "global" && len(e.Regions) == 0 && len(e.Countries) == 0 {
		ps.advise("regions", "problem.region_missing")
	}
}
