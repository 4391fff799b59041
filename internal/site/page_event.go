package site

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// eventPage is an event as its template draws it: facts turned into words of the page's language, by the clock.
type eventPage struct {
	*entryPage
	Event    *kind.Event
	Phase    kind.Phase
	around   kind.Around
	now      time.Time
	Status   status
	Notices  []dayNotice // of what changed on the day
	Eyebrow  []named     // kind or series with ordinal
	Subtitle text
	Summary  text
	Picture  *picture
	Actions  []action
	Tips     []template.HTML // sentences under the actions
	By       []template.HTML
	When     whenCard
	Facts    []fact
	Parts    []part // of the running page, in its order
	Groups   []roleGroup
	Contacts []contactCard
	Tags     []named
	Mail     string // address of a letter that tells others of the page
	Calendar string // address of the event's own .ics; empty without a day
	Follow   string // calendar of its series
	More     []card
	Series   *named
}

// status is where the event stands, in words.
type status struct {
	Label, Tone string // ok, warn, bad, quiet
	Reason      text
}

// action is a button.
type action struct {
	URL, Label, Icon string
	Main             bool
	Lang             string // of what it leads to, where that is known to be another language
}

// fact is one line of the date card.
type fact struct {
	Icon, Label string
	Lines       []template.HTML
}

// part is a section of the page; Kind names the template that draws Data.
type part struct {
	ID, Kind string
	Heading  text
	Data     any
	Minor    bool // not in the section bar
}

// roleGroup is the organisations in one role, in the order of protocol.
type roleGroup struct {
	Role     string
	Label    text
	Names    []named
	Own      bool    // Label is a phrase of the editors' own
	sentence []named // the names as they stand in a sentence, with their article
}

// contactCard is whom to write to.
type contactCard struct {
	Name, Position, Unit text
	URL                  string // of the person's page
	Mailbox, Phone       string
	Languages            string
}

func (s *Site) eventPage(p *entryPage) (string, any, error) {
	e := p.Value.(*kind.Event)
	now := s.Now()
	v := &eventPage{entryPage: p, Event: e, now: now}
	about, err := s.Content.Referring(p.ctx, p.base.Locale, p.ID, "event", "report", "news")
	if err != nil {
		return "", nil, err
	}
	reports, news := ofKind(about, "report", 5), ofKind(about, "news", 5)
	more, err := v.siblings(now)
	if err != nil {
		return "", nil, err
	}
	children, loose, err := v.children(now)
	if err != nil {
		return "", nil, err
	}
	if err := p.open(v.fileIDs()); err != nil {
		return "", nil, err
	}
	p.share(e.Image, p.Original)
	p.useNotes(e.Notes, p.Original)

	var report *content.Publication
	if len(reports) > 0 {
		report = &reports[0]
	}
	v.around = aroundEvent(e, p, about)
	var until time.Time
	v.Phase, until = e.Phase(now, v.around)
	p.untilPassing(now, until)
	v.Status = v.status()
	v.Notices = v.notices(now)
	v.Subtitle, v.Summary = p.words(e.Subtitle, p.Original), p.words(e.Summary, p.Original)
	v.Picture = p.pictureOf(e.Image, p.Original, "16x9", 960, "(max-width: 64rem) 92vw, 47rem")
	if d := e.When; d.Known() && d.Precision != content.PrecisionMonth && e.Status != "postponed" {
		v.Calendar = p.URL(p.Path + ".ics")
	}
	v.eyebrow()
	v.When = v.whenCard(e.When)
	v.Groups = p.roleGroups(e.Organizations)
	v.By = p.phrases(v.Groups)
	v.Facts = v.facts(now)
	v.act(now, report)

	if report != nil && (v.Phase == kind.PhaseOutcome || v.Phase == kind.PhaseSettled || v.Phase == kind.PhaseArchived || v.Phase == kind.PhaseDraftOutcome) {
		v.add(v.outcome(now, report))
	}
	blocks, at := p.blocks(e.Blocks, false), 0
	for i, x := range blocks {
		if x.Kind == "block" && (e.Blocks[i].Kind == "background" || e.Blocks[i].Kind == "objectives") {
			at = i + 1
		}
	}
	v.add(blocks[:at]...)
	v.add(v.programme(), v.speakers())
	v.add(pairCards(blocks[at:])...)
	v.add(v.requirements(), v.documents())
	if !slices.ContainsFunc(v.Parts, func(x part) bool { return x.ID == "outcome" }) {
		v.add(v.outcome(now, report))
	}
	v.add(v.discussion(now))
	if len(news) > 0 {
		rows := v.rows(now, news)
		for i := range rows { // they are about this event: the title says what is new
			rows[i].Summary = text{}
		}
		v.add(part{ID: "news", Kind: "cards", Heading: p.message("event.news"), Data: rows})
	}
	v.add(children...)
	v.add(v.related(now, loose))

	v.Contacts, v.Tags = p.contacts(e.Contacts), p.tags(e.Topics, e.SDGs)
	v.More = p.cards(now, more)
	v.Mail = mailto("", v.subject(), p.Permalink)
	if n := p.neighbour(e.Series); n != nil {
		name := p.namedNeighbour(n)
		v.Series = &name
		p.Crumbs = append(p.Crumbs, link{name.URL, name.Name})
		v.Follow = p.URL(n.Path + ".ics")
	}
	return "event", v, nil
}

// aroundEvent is what is public around an event whose page is made.
func aroundEvent(e *kind.Event, p *entryPage, about []content.Publication) kind.Around {
	values := make([]any, len(about))
	for i, x := range about {
		values[i] = x.Value
	}
	return kind.AroundOf(p.Original, func(id string) any {
		if n := p.neighbour(content.Ref(id)); n != nil {
			return n.Value
		}
		return nil
	}, values, e)
}

// add takes the parts that have something to show.
func (v *eventPage) add(parts ...part) {
	for _, x := range parts {
		if x.Kind != "" {
			v.Parts = append(v.Parts, x)
		}
	}
}

// Bar is the section bar's entries.
func (v *eventPage) Bar() []part { return barOf(v.Parts) }

func barOf(parts []part) []part {
	var out []part
	for _, x := range parts {
		if x.Kind == "pair" {
			out = append(out, barOf(x.Data.([]part))...)
		} else if !x.Minor {
			out = append(out, x)
		}
	}
	return out
}

// siblings are the events of the same series around this one: the one before and those to come, else the last.
func (v *eventPage) siblings(now time.Time) ([]content.Publication, error) {
	e := v.Event
	if e.Series == "" || v.neighbour(e.Series) == nil {
		return nil, nil
	}
	all, _, err := v.site.Content.Published(v.ctx, content.Query{Locale: v.base.Locale, Kinds: []string{"event"}, LinkedTo: string(e.Series), Field: "series",
		Order: content.SoonestFirst, Limit: 200, Shared: true})
	if all = slices.DeleteFunc(all, func(p content.Publication) bool { return p.ID == v.ID }); err != nil || len(all) <= 3 {
		return all, err
	}
	next := slices.IndexFunc(all, func(p content.Publication) bool { return p.Ends.IsZero() || p.Ends.After(now) })
	if next < 0 {
		next = len(all)
	}
	from := max(0, min(next-1, len(all)-3))
	return all[from : from+3], nil
}

// ofKind gives the first publications of a kind in a list.
func ofKind(list []content.Publication, kind string, most int) []content.Publication {
	var out []content.Publication
	for _, p := range list {
		if p.Kind == kind && len(out) < most {
			out = append(out, p)
		}
	}
	return out
}

// fileIDs are the files that the page shows.
func (v *eventPage) fileIDs() []string {
	e := v.Event
	ids := []string{string(e.Image.File)}
	for _, n := range v.Neighbours {
		switch x := n.Value.(type) {
		case *kind.Person:
			ids = append(ids, string(x.Portrait.File))
		case *kind.Document:
			ids = append(ids, documentFiles(x)...)
		}
	}
	for _, r := range e.Recordings {
		ids = append(ids, string(r.File))
	}
	for _, x := range e.Photos {
		ids = append(ids, string(x.File))
	}
	for _, b := range e.Blocks {
		ids = append(ids, pictureIDs(b.Body)...)
	}
	for _, s := range e.Sessions {
		ids = append(ids, pictureIDs(s.Description)...)
	}
	ids = append(ids, pictureIDs(e.OutcomeSummary)...)
	return append(ids, pictureIDs(e.AccessRequirements)...)
}

// tones say with which colour a phase is told; the words always stand beside it.
var tones = map[kind.Phase]string{kind.PhaseRegistrationOpen: "ok", kind.PhaseLive: "live", kind.PhaseCancelled: "bad", kind.PhasePostponed: "warn",
	kind.PhaseSaveTheDate: "warn", kind.PhaseRegistrationClosed: "quiet", kind.PhaseAnnounced: "info", kind.PhaseConcluded: "quiet",
	kind.PhaseDraftOutcome: "info", kind.PhaseOutcome: "ok", kind.PhaseSettled: "quiet", kind.PhaseArchived: "quiet"}

// passed are the phases after the event.
func passed(p kind.Phase) bool {
	return slices.Contains([]kind.Phase{kind.PhaseConcluded, kind.PhaseDraftOutcome, kind.PhaseOutcome, kind.PhaseSettled, kind.PhaseArchived}, p)
}

func (v *eventPage) status() status {
	s := status{Label: v.M("phase." + string(v.Phase)), Tone: tones[v.Phase]}
	switch v.Event.Status {
	case "cancelled", "postponed":
		s.Reason = v.words(v.Event.StatusNote, v.Original)
	default:
		if told := v.told(v.Event, v.Phase); told != "" {
			if s.Tone = "warn"; v.Phase == kind.PhaseAnnounced {
				s.Label = told
			} else {
				s.Label = told + " · " + s.Label
			}
		}
		if !passed(v.Phase) {
			s.Reason = v.words(v.Event.StatusNote, v.Original)
		}
	}
	if v.Phase == kind.PhaseSettled {
		s.Label = v.M("phase.concluded")
	}
	return s
}

// dayNotice is what changed on the day, with the time at which it was told.
type dayNotice struct{ At, ISO, Words string }

// notices are what readers are told on the day, the latest first.
func (v *eventPage) notices(now time.Time) []dayNotice {
	var out []dayNotice
	shown, until := v.Event.Notified(now)
	v.untilPassing(now, until)
	zone := v.Event.When.Location()
	for _, n := range shown {
		at := n.At.Time().In(zone)
		out = append(out, dayNotice{i18n.DayMonth(v.base.Locale, at) + v.M("list.comma") + i18n.Clock(v.base.Locale, at), at.Format("2006-01-02T15:04Z07:00"), n.Words(v.site.Catalogue, v.base.Locale)})
	}
	return out
}

func (v *eventPage) eyebrow() {
	e := v.Event
	v.Eyebrow = append(v.Eyebrow, v.base.eyebrow("event_kind", e.Kind)...)
	if n := v.neighbour(e.Series); n != nil {
		name := v.namedNeighbour(n)
		if e.Ordinal > 0 {
			name.Name = v.inOther(v.M("event.session_of", "Series", "\x00", "Number", i18n.Number(v.base.Locale, e.Ordinal)), name.Name)
		}
		v.Eyebrow = append(v.Eyebrow, name)
	}
	if n := v.neighbour(e.Parent); n != nil && e.Relation != "" {
		name := v.namedNeighbour(n)
		name.Name = v.inOther(v.M("enum.event_relation."+e.Relation)+" \x00", name.Name)
		v.Eyebrow = append(v.Eyebrow, name)
	}
}

// inOther puts a name into a short pattern of ours. A name in another language keeps its direction by isolates.
func (b *base) inOther(pattern string, name text) text {
	w := name.Words
	if name.Other {
		w = i18n.Isolate(w)
	}
	return text{strings.ReplaceAll(pattern, "\x00", w), b.Locale, false}
}

// roleGroups groups organisations by role in the order they first appear.
func (p *entryPage) roleGroups(roles []kind.OrganizationRole) []roleGroup {
	var out []roleGroup
	for _, r := range roles {
		n := p.neighbour(r.Organization)
		if n == nil {
			continue
		}
		label := p.words(r.Phrase, p.Original)
		own := !label.Empty()
		if !own {
			label = p.message("enum.org_role." + r.Role)
		}
		i := slices.IndexFunc(out, func(g roleGroup) bool { return g.Role == r.Role && g.Label == label })
		if i < 0 {
			i = len(out)
			out = append(out, roleGroup{Role: r.Role, Label: label, Own: own})
		}
		name := p.namedNeighbour(n)
		out[i].Names = append(out[i].Names, name)
		if w := p.words(n.Value.(*kind.Organization).Phrase, n.Original); !w.Empty() && !w.Other {
			name.Name = w
		}
		out[i].sentence = append(out[i].sentence, name)
	}
	return out
}

// phrases are sentences such as "Organized by the Department", "In partnership with …", one for each role.
func (p *entryPage) phrases(groups []roleGroup) []template.HTML {
	var out []template.HTML
	for _, g := range groups {
		if names := p.listNamed(g.sentence); g.Own {
			out = append(out, p.html("event.phrase", "Phrase", g.Label.Span(), "Names", names))
		} else {
			out = append(out, p.html("org_phrase."+g.Role, "Names", names))
		}
	}
	return out
}

// facts are where, in which languages, until when to register, for whom, with what help.
func (v *eventPage) facts(now time.Time) []fact {
	e := v.Event
	var out []fact
	add := func(icon, label string, lines ...template.HTML) {
		if len(lines) > 0 {
			out = append(out, fact{icon, v.M(label), lines})
		}
	}
	var where []template.HTML
	if e.Mode == "hybrid" || len(e.Venues) == 0 && e.Mode != "" {
		where = append(where, template.HTML(escape(v.Enum("attendance_mode", e.Mode))))
	}
	icon := "pin"
	if e.Mode == "online" {
		icon = "online"
	}
	for _, x := range e.Venues {
		name := v.words(x.Name, v.Original).Span()
		if x.Type == "online" {
			where = append(where, v.html("event.online_at", "Platform", name))
			continue
		}
		var all []template.HTML
		for _, w := range []text{v.words(x.Room, v.Original), v.words(x.Name, v.Original), v.words(x.Address, v.Original), v.words(x.City, v.Original)} {
			if !w.Empty() {
				all = append(all, w.Span())
			}
		}
		if x.Country != "" {
			all = append(all, template.HTML(escape(i18n.CountryName(v.base.Locale, x.Country))))
		}
		where = append(where, joinHTML(all, v.M("list.comma")))
		if w := v.words(x.Arrival, v.Original); !w.Empty() && !passed(v.Phase) {
			where = append(where, w.Span())
		}
	}
	if (v.Phase == kind.PhaseAnnounced || v.Phase == kind.PhaseRegistrationOpen) && (e.Mode == "online" || e.Mode == "hybrid") && e.Access == "registration" {
		where = append(where, template.HTML(escape(v.M("event.join_comes"))))
	}
	add(icon, "event.where", where...)

	var langs []template.HTML
	if len(e.WorkingLanguages) > 0 {
		langs = append(langs, template.HTML(escape(capital(v.languageNames(e.WorkingLanguages)))))
	}
	for _, how := range kind.Enums["interpretation_kind"] {
		var codes []string
		for _, i := range e.Interpretation {
			if i.Kind == how {
				codes = append(codes, i.Language)
			}
		}
		if len(codes) > 0 {
			langs = append(langs, template.HTML(escape(v.M("event.interpretation."+how, "Languages", v.languageNames(codes)))))
		}
	}
	add("globe", "event.languages", langs...)

	r := e.Registration
	if closes := r.Closes.Time(); !closes.IsZero() && (v.Phase == kind.PhaseRegistrationOpen || v.Phase == kind.PhaseAnnounced) {
		add("clock", "event.register_by", v.moment(closes, r.Closes.Zone))
	}
	if e.Access != "" && e.Access != "registration" && !passed(v.Phase) && v.Phase != kind.PhaseCancelled {
		add("people", "event.participation", template.HTML(escape(v.Enum("access", e.Access))))
	}
	if len(e.Accessibility) > 0 && !passed(v.Phase) {
		var names []string
		for i, a := range e.Accessibility {
			n := v.Enum("accessibility", a)
			if i > 0 {
				n = small(n)
			}
			names = append(names, n)
		}
		lines := []template.HTML{template.HTML(escape(i18n.List(v.base.Locale, names)))}
		if w := v.words(e.AccessibilityNote, v.Original); !w.Empty() {
			lines = append(lines, w.Span())
		}
		add("access", "event.accessibility", lines...)
	}
	if e.Scope != "" {
		scope := []template.HTML{plain(v.Enum("scope", e.Scope))}
		if len(e.Regions) > 0 {
			scope = append(scope, plain(v.regionNames(e.Regions)))
		}
		add("globe", "event.scope", scope...)
	}
	if len(e.Countries) > 0 {
		add("map", "event.countries", plain(v.countryNames(e.Countries)))
	}
	return out
}

func joinHTML(all []template.HTML, sep string) template.HTML {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = string(x)
	}
	return template.HTML(strings.Join(parts, escape(sep)))
}

// moment is a time of day with its zone: "28 June 2026, 23:59 (UTC)".
func (b *base) moment(t time.Time, zone string) template.HTML {
	at := t.In(content.Zone(zone))
	place := i18n.ZoneCity(b.Locale, zone)
	if o := i18n.Offset(at); o != place {
		place = b.M("event.zone", "City", place, "Offset", o)
	}
	return template.HTML(`<time datetime="`+at.Format(time.RFC3339)+`">`) + template.HTML(escape(b.M("event.moment", "Time", i18n.DateTime(b.Locale, at), "Zone", place))) + "</time>"
}

// act chooses what can be done now. What is over leaves by itself.
func (v *eventPage) act(now time.Time, report *content.Publication) {
	e, r := v.Event, v.Event.Registration
	do := func(url, label, icon string) {
		v.Actions = append(v.Actions, action{URL: url, Label: v.M(label), Icon: icon, Main: len(v.Actions) == 0})
	}
	tip := func(h template.HTML) { v.Tips = append(v.Tips, h) }
	calendar := func() {
		if v.Calendar != "" {
			v.Actions = append(v.Actions, action{URL: v.Calendar, Label: v.M("event.add_to_calendar"), Icon: "calendar"})
		}
	}
	recording := func() {
		for _, rec := range e.Recordings {
			if to := v.recordingURL(rec); to != "" {
				label := "event.watch_recording"
				if rec.Kind == "audio" {
					label = "event.listen_recording"
				}
				do(to, label, "play")
				return
			}
		}
	}
	switch v.Phase {
	case kind.PhaseSaveTheDate, kind.PhaseAnnounced:
		if opens := r.Opens.Time(); opens.After(now) && (r.Online || r.URL != "" || r.Mailbox != "" || r.Form != "") {
			tip(v.html("event.registration_opens", "Time", v.moment(opens, r.Opens.Zone)))
			v.untilPassing(now, opens)
		} else if e.Access == "open" {
			tip(template.HTML(escape(v.M("event.no_registration"))))
			if e.Join.Release == "public" {
				v.joinSoon(tip)
			}
		}
		calendar()
	case kind.PhaseRegistrationOpen:
		if r.Online {
			do(v.URL(v.Path+"/register"), "event.register", "arrow")
		} else if r.URL != "" {
			do(r.URL, "event.register", "arrow")
		}
		if r.Mailbox != "" && r.URL == "" && !r.Online {
			do(mailto(r.Mailbox, v.subject(), ""), "event.register_by_mail", "mail")
		}
		calendar()
		v.mailIn(tip)
		if w := v.words(r.Note, v.Original); !w.Empty() {
			tip(v.label(w))
		}
	case kind.PhaseRegistrationClosed:
		closed := r.Closes.Time()
		if closed.IsZero() {
			tip(template.HTML(escape(v.M("event.registration_closed"))))
		} else {
			tip(v.html("event.registration_closed_on", "Time", v.moment(closed, r.Closes.Zone)))
		}
		v.joinSoon(tip)
		calendar()
	case kind.PhaseLive:
		if e.StreamURL != "" {
			do(e.StreamURL, "event.watch_live", "play")
		}
		if e.Join.Release == "public" && e.Mode != "in_person" {
			do(v.URL(v.Path+"/join"), "event.join", "online")
		} else if e.Mode != "in_person" && e.Access != "closed" && e.Access != "open" {
			tip(template.HTML(escape(v.M("event.join_sent"))))
		}
		board := e.Discussion.URL
		if e.Discussion.Online {
			board = v.boardURL(v.base.Path, "")
		}
		if board != "" && between(now, e.Discussion.Opens.Time(), e.Discussion.Closes.Time()) {
			do(board, "event.join_discussion", "talk")
		}
	case kind.PhaseConcluded:
		recording()
		if len(e.OpenCommitments(v.around)) > 0 {
			tip(v.html("event.follow_up_below"))
		}
	case kind.PhaseDraftOutcome:
		if report != nil {
			do(v.URL(report.Path), "event.read_draft_report", "doc")
			if until := report.Value.(*kind.Report).CommentUntil; until.Time().After(now) {
				tip(v.html("event.comment_until", "Time", v.moment(until.Time(), until.Zone)))
				v.untilPassing(now, until.Time())
			}
		}
		recording()
	case kind.PhaseOutcome, kind.PhaseSettled, kind.PhaseArchived:
		if report != nil {
			do(v.URL(report.Path), "event.read_report", "doc")
		}
		recording()
	}
	if form := e.RegistrationForm(); form != nil {
		from, to := form.Listed()
		if v.untilPassing(now, from); form.ListedAt(now) {
			do(v.URL(v.Path+"/participants"), "participants.title", "arrow")
			v.untilPassing(now, to)
		}
	}
	v.ask(now)
}

// joinSoon tells how those who take part online will join.
func (v *eventPage) joinSoon(tip func(template.HTML)) {
	opens, _ := v.Event.JoinWindow()
	switch {
	case v.Event.Mode == "in_person":
	case v.Event.Join.Release == "public" && !opens.IsZero():
		tip(v.html("event.join_opens", "Time", v.moment(opens, v.Event.When.Zone)))
	default:
		tip(template.HTML(escape(v.M("event.join_soon"))))
	}
}

// mailIn tells of the form that can be sent by mail, for those whom the online form fails.
func (v *eventPage) mailIn(tip func(template.HTML)) {
	r := v.Event.Registration
	if r.Mailbox == "" {
		return
	}
	box := template.HTML(`<a href="`+template.HTMLEscapeString(mailto(r.Mailbox, v.subject(), ""))+`">`) + v.Ltr(r.Mailbox) + "</a>"
	form := v.neighbour(r.Form)
	if form != nil {
		tip(v.html("event.mail_form", "Form", v.namedNeighbour(form).HTML(), "Mailbox", box))
	} else if r.URL != "" || r.Online && !r.MailOnly {
		tip(v.html("event.form_trouble", "Mailbox", box))
	}
}

func mailto(box, subject, body string) string {
	q := url.Values{}
	if subject != "" {
		q.Set("subject", subject)
	}
	if body != "" {
		q.Set("body", body)
	}
	u := url.URL{Scheme: "mailto", Opaque: url.PathEscape(box), RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return strings.ReplaceAll(u.String(), "%40", "@")
}

// subject is what a letter about the event is called.
func (v *eventPage) subject() string {
	if short := v.words(v.Event.ShortTitle, v.Original); !short.Empty() && short.Other == v.base.Title.Other {
		return short.Words
	}
	return v.base.Title.Words
}

func between(now, from, to time.Time) bool {
	return (from.IsZero() || !now.Before(from)) && (to.IsZero() || now.Before(to))
}

// recordingURL is the page of a recording; "" where there is nothing to play.
func (v *eventPage) recordingURL(r kind.Recording) string {
	if r.URL == "" && v.files[string(r.File)] == nil {
		return ""
	}
	return v.URL(recordingPath(v.Path, r))
}

// contacts are the people and mailboxes to write to.
func (p *entryPage) contacts(all []kind.Contact) []contactCard {
	var out []contactCard
	for _, c := range all {
		x := contactCard{Name: p.words(c.Name, p.Original), Position: p.words(c.Position, p.Original), Mailbox: c.Mailbox, Phone: c.Phone}
		if n := p.neighbour(c.Person); n != nil {
			who := p.namedNeighbour(n)
			if x.URL = who.URL; x.Name.Empty() {
				x.Name = who.Name
			}
			if x.Position.Empty() {
				x.Position = p.words(n.Value.(*kind.Person).Position, n.Original)
			}
		}
		if n := p.neighbour(c.Unit); n != nil {
			x.Unit = p.namedNeighbour(n).Name
		}
		if len(c.Languages) > 0 {
			x.Languages = p.M("contact.languages", "Languages", p.languageNames(c.Languages))
		}
		out = append(out, x)
	}
	return out
}

// MailTo is the address of a letter to the contact.
func (c contactCard) MailTo() string { return mailto(c.Mailbox, "", "") }

// Tel is the telephone number as a link has it.
func (c contactCard) Tel() template.URL { // figures only, so it is safe; html/template does not know the scheme
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, c.Phone))
}

// requirements say what taking part takes beyond registering.
func (v *eventPage) requirements() part {
	if passed(v.Phase) {
		return part{}
	}
	body := v.prose(v.Event.AccessRequirements, v.Original, 3)
	if body.Empty() {
		return part{}
	}
	return part{ID: "taking-part", Kind: "prose", Heading: v.message("event.requirements"), Data: body}
}

// related are the events it belongs to, and links elsewhere.
// rows are cards without pictures, which would outweigh the page.
func (v *eventPage) rows(now time.Time, list []content.Publication) []card {
	out := v.cards(now, list)
	for i := range out {
		out[i].Picture = nil
	}
	return out
}

func (v *eventPage) related(now time.Time, list []content.Publication) part {
	for _, id := range v.Event.Related {
		if n := v.neighbour(id); n != nil && !has(list, n.ID) {
			list = append(list, n.Publication)
		}
	}
	var links []link
	for _, l := range v.Event.Links {
		w := v.words(l.Label, v.Original)
		if w.Empty() {
			w = text{l.URL, v.base.Locale, false}
		}
		links = append(links, link{l.URL, w})
	}
	if len(list) == 0 && len(links) == 0 {
		return part{}
	}
	return part{ID: "related", Kind: "related", Heading: v.message("event.related"), Data: map[string]any{"Cards": v.rows(now, list), "Links": links}}
}
