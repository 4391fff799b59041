package site

import (
	"encoding/json"
	"html/template"
	"slices"
	"strings"
	"time"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// block is a named part of the text, ready to draw.
type block struct {
	Kind    string
	LeadIn  text
	Body    prose
	Points  []point
	Groups  []pointGroup
	Speaker text   // of a quotation
	Style   string // of the points: numbers, letters, dots
	Open    bool   // themes that are unfolded at first
}

type point struct {
	HTML  template.HTML
	Attrs template.HTMLAttr
}

type pointGroup struct {
	Heading text
	LeadIn  text
	Points  []point
	Open    bool
}

// blockStyles say how the points of a block are marked.
var blockStyles = map[string]string{"objectives": "numbers", "expected_results": "letters", "themes": "numbers"}

// blocks are the entry's named texts. A heading, where there is none, is the catalogue's in the page's language; with bare,
// free text goes without.
func (p *entryPage) blocks(all []kind.Block, bare bool) []part {
	var out []part
	used := map[string]int{}
	for _, b := range all {
		heading := p.words(b.Heading, p.Original)
		level := 3
		switch {
		case !heading.Empty():
		case bare && b.Kind == "custom":
			level = 2
		default:
			heading = p.message("block." + b.Kind)
		}
		id := strings.ReplaceAll(b.Kind, "_", "-")
		if used[id]++; used[id] > 1 {
			id += "-" + i18n.Number(i18n.EN, used[id])
		}
		x := block{Kind: b.Kind, LeadIn: p.words(b.LeadIn, p.Original), Body: p.prose(b.Body, p.Original, level), Points: p.points(b.Points), Style: blockStyles[b.Kind],
			Speaker: p.words(b.Speaker, p.Original)}
		for i, g := range b.Groups {
			x.Groups = append(x.Groups, pointGroup{Heading: p.words(g.Heading, p.Original), LeadIn: p.words(g.LeadIn, p.Original), Points: p.points(g.Points), Open: i == 0})
		}
		if x.Body.Empty() && len(x.Points) == 0 && len(x.Groups) == 0 {
			if x.LeadIn.Empty() {
				out = append(out, part{})
				continue
			}
		}
		out = append(out, part{ID: id, Kind: "block", Heading: heading, Data: x})
	}
	return out
}

func (p *entryPage) points(all []kind.Point) []point {
	var out []point
	for _, x := range all {
		w := p.words(x.Text, p.Original)
		if w.Empty() {
			continue
		}
		out = append(out, p.point(w))
	}
	return out
}

// point is one line; its language is on the list item.
func (b *base) point(w text) point {
	attrs := w.Attrs()
	w.Other = false
	return point{b.label(w), attrs}
}

// pairCards sets short texts that follow each other side by side.
func pairCards(parts []part) []part {
	short := func(x part) bool {
		b, ok := x.Data.(block)
		if !ok || !slices.Contains([]string{"target_audience", "expected_results", "eligibility", "format"}, b.Kind) {
			return false
		}
		n := len(b.Body.HTML)
		for _, q := range b.Points {
			n += len(q.HTML)
		}
		for _, g := range b.Groups {
			for _, q := range g.Points {
				n += len(q.HTML)
			}
		}
		return n < 900 && len(b.Groups) < 2
	}
	var out []part
	for i := 0; i < len(parts); i++ {
		if i+1 < len(parts) && short(parts[i]) && short(parts[i+1]) {
			out = append(out, part{Kind: "pair", Data: []part{parts[i], parts[i+1]}})
			i++
			continue
		}
		out = append(out, parts[i])
	}
	return out
}

// day is one day of the programme.
type day struct {
	Heading  string // empty where there is only one
	Sessions []session
}

type session struct {
	Start, Clock, Zone string
	Undecided          string // instead of the time
	Now                string // that it is on
	Off                string // that it is cancelled
	Kind               string
	Title, Track, Room text
	Description        prose
	People             []sessionPeople
	Languages          string
	Documents          []named
}

// sessionPeople are those in one role.
type sessionPeople struct {
	Role string
	List template.HTML
}

type programme struct {
	Version template.HTML // the name it has, and where to look back on others
	Days    []day
	Note    string // which clock the times are on
	// Changes is the heading of what was Told.
	Changes string
	Told    []toldVersion
}

func (v *eventPage) programme() part {
	if len(v.Event.Sessions) == 0 {
		return part{}
	}
	out := v.timetable()
	if out.Version = v.versionLine(); out.Version != "" {
		// What has changed stands with the versions.
	} else if out.Told = v.toldChanges(); len(out.Told) > 0 {
		out.Changes = v.M("told.title")
	}
	return part{ID: "programme", Kind: "programme", Heading: v.message("event.programme"), Data: out}
}

// timetable is the programme alone.
func (v *eventPage) timetable() programme {
	e, l := v.Event, v.base.Locale
	loc := e.When.Location()
	sessions := slices.Clone(e.Sessions)
	// In the order of the clock; what has no time stays where the editor put it, after what it follows.
	last := time.Time{}
	at := map[string]time.Time{}
	for _, x := range sessions {
		if t := x.Slot.Start.In(loc); !t.IsZero() {
			last = t
		}
		at[x.ID] = last
	}
	slices.SortStableFunc(sessions, func(a, b kind.Session) int { return at[a.ID].Compare(at[b.ID]) })
	var out programme
	var today string
	for _, x := range sessions {
		start, end := x.Slot.Start.In(loc), x.Slot.End.In(loc)
		key := today
		if !start.IsZero() {
			key = start.Format(time.DateOnly)
		}
		if len(out.Days) == 0 || key != today {
			today = key
			d := day{}
			if !start.IsZero() {
				d.Heading = i18n.DateWeekday(l, start)
			}
			out.Days = append(out.Days, d)
		}
		y := session{Title: v.words(x.Title, v.Original), Track: v.words(x.Track, v.Original), Room: v.words(x.Room, v.Original),
			Description: v.prose(x.Description, v.Original, 4)}
		if !start.IsZero() {
			y.Start, y.Clock = start.Format(time.RFC3339), i18n.Clock(l, start)
			if !end.IsZero() && !end.Equal(start) {
				y.Clock = i18n.ClockRange(l, start, end)
			}
		}
		if x.Cancelled {
			y.Off = v.M("programme.cancelled")
		}
		if v.Phase == kind.PhaseLive && !x.TBD && !x.Cancelled && end.After(start) {
			if between(v.now, start, end) {
				y.Now = v.M("event.session_now")
			}
			v.untilPassing(v.now, start)
			v.untilPassing(v.now, end)
		}
		if x.TBD || y.Clock == "" {
			y.Clock, y.Undecided = "", v.M("event.time_tbd")
		}
		if x.Kind != "" && x.Kind != "opening" && x.Kind != "closing" && x.Kind != "break" {
			if y.Kind = v.Enum("session_kind", x.Kind); y.Kind == y.Title.Words {
				y.Kind = "" // said once
			}
		}
		if len(x.Languages) > 0 {
			y.Languages = capital(v.languageNames(x.Languages))
		}
		for _, id := range x.Documents {
			if n := v.neighbour(id); n != nil {
				y.Documents = append(y.Documents, v.namedNeighbour(n))
			}
		}
		y.People = v.sessionPeople(x.People)
		d := &out.Days[len(out.Days)-1]
		d.Sessions = append(d.Sessions, y)
	}
	if len(out.Days) == 1 {
		out.Days[0].Heading = ""
	}
	if e.When.Known() && e.When.Zone != "" {
		out.Note = v.M("event.times_are", "Zone", v.zoneLabel(e.When.Starts(), e.When.Zone))
	}
	return out
}

// toldVersion is what readers are told about one version of the programme.
type toldVersion struct {
	Version template.HTML
	Changes []template.HTML
}

// toldChanges lists the changes of the programme, the latest first. What was written by a later program and is not understood
// is left out.
func (v *eventPage) toldChanges() []toldVersion {
	var out []toldVersion
	l, zone := v.base.Locale, v.Event.When.Location()
	for _, t := range slices.Backward(v.Page.Told) {
		var all []kind.ProgrammeChange
		if json.Unmarshal(t.What, &all) != nil {
			continue
		}
		day := t.At.In(zone)
		x := toldVersion{Version: v.html("told.version", "Date", template.HTML(`<time datetime="`+day.Format(time.DateOnly)+`">`)+plain(v.Date(day))+"</time>", "Number", i18n.Number(l, t.Number))}
		if x.Changes = v.changes(all); len(x.Changes) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// changes words what is different between two programmes: times on the event's clock, people by the names of now. Who is not
// public any more is not named.
func (v *eventPage) changes(all []kind.ProgrammeChange) []template.HTML {
	var out []template.HTML
	l, zone := v.base.Locale, v.Event.When.Location()
	days := !i18n.SameDay(v.Event.When.Starts(), v.Event.When.End.In(zone))
	clock := func(s content.Slot, day bool) string {
		start, end := s.Start.In(zone), s.End.In(zone)
		if start.IsZero() {
			return v.M("event.time_tbd")
		}
		words := i18n.Clock(l, start)
		if end.After(start) {
			words = i18n.ClockRange(l, start, end)
		}
		if day {
			words = i18n.DayMonthWeekday(l, start) + v.M("list.comma") + words
		}
		return words
	}
	names := func(ids content.Refs) template.HTML {
		var all []named
		for _, id := range ids {
			if n := v.neighbour(id); n != nil {
				all = append(all, v.namedNeighbour(n))
			}
		}
		return v.listNamed(all)
	}
	for _, c := range all {
		title, whole := v.words(c.Title, v.Original), strings.HasPrefix(c.What, "event_")
		if title.Empty() && !whole {
			continue
		}
		say := func(what string, args ...any) {
			out = append(out, v.html("told."+what, append([]any{"Title", title.Span()}, args...)...))
		}
		other := c.From.Start != "" && c.To.Start != "" && !i18n.SameDay(c.From.Start.In(zone), c.To.Start.In(zone))
		switch c.What {
		case "added", "removed", "moved", "fixed", "untimed", "cancelled", "restored":
			say(c.What, "From", clock(c.From, days || other), "To", clock(c.To, days && c.From.Start == "" || other))
		case "renamed":
			say(c.What, "Was", v.words(c.Was, v.Original).Span())
		case "room":
			say(c.What, "Room", v.words(c.Room, v.Original).Span())
		case "track":
			say(c.What, "Track", v.words(c.Track, v.Original).Span())
		case "people", "event_people":
			joined, left := names(c.Joined), names(c.Left)
			if joined != "" {
				say(strings.Replace(c.What, "people", "joined", 1), "Names", joined)
			}
			if left != "" {
				say(strings.Replace(c.What, "people", "left", 1), "Names", left)
			}
			if !whole && len(c.Joined)+len(c.Left) == 0 { // as an earlier program wrote it
				say(c.What)
			}
		case "event_moved":
			say(c.What, "From", v.dayAndClock(c.From.Start), "To", v.dayAndClock(c.To.Start))
		case "roles", "event_roles", "event_cancelled", "event_postponed", "event_on":
			say(c.What)
		}
	}
	return out
}

// dayAndClock writes when the event begins, with the hour where it has one.
func (v *eventPage) dayAndClock(at content.LocalTime) string {
	t := at.In(v.Event.When.Location())
	if v.Event.When.Precision != content.PrecisionTime {
		return i18n.Date(v.base.Locale, t)
	}
	return i18n.DateTime(v.base.Locale, t)
}

func (v *eventPage) sessionPeople(all []kind.PersonRole) []sessionPeople {
	var out []sessionPeople
	names := map[string][]named{}
	var roles []string
	for _, r := range all {
		who, _ := r.Present()
		n := v.neighbour(who)
		if n == nil {
			continue
		}
		if names[r.Role] == nil {
			roles = append(roles, r.Role)
		}
		names[r.Role] = append(names[r.Role], v.namedNeighbour(n))
	}
	for _, role := range roles {
		out = append(out, sessionPeople{v.Enum("person_role", role), v.listNamed(names[role])})
	}
	return out
}

// speaker is a person on the event's page: title and affiliation as they were at the event.
type speaker struct {
	Name        text
	Honorific   text
	URL         string
	Initials    string
	Portrait    *picture
	Roles       []string
	Unsure      string // that taking part is not confirmed
	Replaced    text   // whom they stand in for
	Title       text
	Affiliation text
	Country     string
}

// speakers are those of the event, then those of its sessions in the order of the programme.
func (v *eventPage) speakers() part {
	var out []speaker
	at := map[string]int{}
	all := slices.Clone(v.Event.People)
	for _, x := range v.Event.Sessions {
		if !x.Cancelled {
			all = append(all, x.People...)
		}
	}
	for _, r := range all {
		n := v.neighbour(r.Person)
		if n == nil || r.Status == "cancelled" {
			continue
		}
		var instead text
		if r.Status == "replaced" {
			if instead = v.namedNeighbour(n).Name; v.neighbour(r.ReplacedBy) == nil {
				continue
			}
			n = v.neighbour(r.ReplacedBy)
		}
		role := ""
		if r.Role != "speaker" && r.Role != "panellist" {
			role = v.Enum("person_role", r.Role)
		}
		if i, seen := at[n.ID]; seen {
			if role != "" && !slices.Contains(out[i].Roles, role) {
				out[i].Roles = append(out[i].Roles, role)
			}
			continue
		}
		who := n.Value.(*kind.Person)
		name := v.namedNeighbour(n)
		s := speaker{Name: name.Name, URL: name.URL, Honorific: v.words(who.Honorific, n.Original), Initials: initials(name.Name.Words), Replaced: instead,
			Portrait: v.faceOf(who.Portrait)}
		if (r.Status == "tentative" || r.Status == "invited") && !passed(v.Phase) {
			s.Unsure = v.M("enum.person_status.tentative")
		}
		if role != "" {
			s.Roles = []string{role}
		}
		if r.Status != "replaced" {
			s.Title, s.Affiliation, s.Country = v.words(r.Title, v.Original), v.words(r.Affiliation, v.Original), r.Country
			if o := v.neighbour(r.Organization); o != nil && s.Affiliation.Empty() {
				s.Affiliation = v.namedNeighbour(o).Name
			}
			if strings.HasSuffix(s.Title.Words, s.Affiliation.Words) {
				s.Affiliation = text{} // "Head, Regional Centre": said once
			}
		}
		if s.Title.Empty() {
			s.Title = v.words(who.Position, n.Original)
		}
		if s.Country == "" {
			s.Country = who.Country
		}
		if s.Country != "" {
			s.Country = i18n.CountryName(v.base.Locale, s.Country)
		}
		if s.Honorific.Other {
			s.Honorific = text{}
		}
		at[n.ID] = len(out)
		out = append(out, s)
	}
	if len(out) == 0 {
		return part{}
	}
	return part{ID: "speakers", Kind: "speakers", Heading: v.message("event.speakers"), Data: out}
}

// documentCard is a document with a link for each language, or the promise of one.
type documentCard struct {
	Title    text
	URL      string
	Meta     template.HTML // kind, stage, symbol, date
	Files    []fileLink
	Expected string
	Closed   string // why there is nothing to download
	Marked   template.HTML
}

// fileLink is a file in one language.
type fileLink struct {
	URL      string
	Lang     string // of the file
	Name     string // of the language
	NameLang string // which language the name is in
	Meta     template.HTML
}

func documentFiles(d *kind.Document) []string {
	var ids []string
	for _, ver := range d.Versions {
		for _, f := range ver.Files {
			ids = append(ids, string(f.File))
		}
	}
	return ids
}

func (v *eventPage) documents() part {
	var out []documentCard
	for _, d := range v.Event.Documents {
		if n := v.neighbour(d.Document); n != nil {
			out = append(out, v.documentCard(n, d.Slot))
			continue
		}
		if d.Document != "" && d.Expected == "" {
			continue // there is one, and it is not public
		}
		c := documentCard{Title: v.words(d.Label, v.Original)}
		if c.Title.Empty() {
			c.Title = v.message("enum.document_slot." + d.Slot)
		} else {
			c.Meta = template.HTML(escape(v.Enum("document_slot", d.Slot)))
		}
		c.Marked = v.label(c.Title)
		if t := d.Expected.Time(); !t.IsZero() {
			c.Expected = v.M("document.expected", "Date", v.Date(t))
		} else {
			c.Expected = v.M("document.promised")
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return part{}
	}
	return part{ID: "documents", Kind: "documents", Heading: v.message("event.documents"), Data: out}
}

// documentCard draws a public document. slot says what it is here, which may be all that its kind does not say.
func (p *entryPage) documentCard(n *content.Neighbour, slot string) documentCard {
	d := n.Value.(*kind.Document)
	name := p.namedNeighbour(n)
	c := documentCard{Title: name.Name, URL: name.URL, Marked: name.HTML()}
	var meta []template.HTML
	add := func(s string) { meta = append(meta, template.HTML(escape(s))) }
	if label := p.Enum("document_kind", d.Kind); label != c.Title.Words {
		add(label)
	}
	ver := d.Current()
	if ver != nil && ver.Stage != "final" {
		add(p.Enum("stage", ver.Stage))
	}
	if d.Symbol != "" {
		meta = append(meta, p.Ltr(d.Symbol))
	}
	if ver != nil && ver.Issued != "" {
		add(p.M("document.issued", "Date", p.Date(ver.Issued.Time())))
	}
	c.Meta = joinHTML(meta, " · ")
	switch {
	case d.Access != "public":
		c.Closed = p.Enum("document_access", d.Access)
	case ver != nil:
		c.Files = p.fileLinks(ver.Files)
	}
	return c
}

// fileLinks are the files of a version, the page's language first, then in the order of the language bar.
func (b *base) fileLinks(all []kind.LanguageVersion) []fileLink {
	var out []fileLink
	rank := func(l string) int {
		if l == string(b.Locale) {
			return -1
		}
		if i := slices.Index(i18n.All, i18n.Locale(l)); i >= 0 {
			return i
		}
		return len(i18n.All)
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(x, y kind.LanguageVersion) int { return rank(x.Language) - rank(y.Language) })
	for _, x := range all {
		f := b.files[string(x.File)]
		if f == nil {
			continue
		}
		address := f.URL()
		y := fileLink{URL: address, Lang: x.Language, Name: capital(i18n.LanguageName(b.Locale, x.Language)), NameLang: b.Locale.Tag()}
		if l, ok := i18n.Parse(x.Language); ok {
			y.Name, y.NameLang = l.Endonym(), l.Tag()
		}
		format := strings.ToUpper(strings.TrimPrefix(address[strings.LastIndexByte(address, '.'):], "."))
		meta := []template.HTML{b.Ltr(format), b.isolate(i18n.Bytes(b.Locale, f.Size))}
		if f.Pages > 0 {
			meta = append(meta, template.HTML(escape(b.N("count.page", f.Pages))))
		}
		if x.Unofficial {
			meta = append(meta, template.HTML(escape(b.M("document.unofficial"))))
		}
		y.Meta = joinHTML(meta, b.M("list.comma"))
		out = append(out, y)
	}
	return out
}

// outcome is what came of the event, or is promised to come.
type outcome struct {
	Summary    prose
	Messages   []point
	Report     *card
	Recordings []recording
	Photos     []photo
	From       string // the countries that took part, in a sentence
	Figures    []figure
	Promises   []promise
}

type recording struct {
	Title template.HTML
	URL   string
	Meta  []template.HTML
}

type photo struct {
	*picture
	Caption text
}

type figure struct{ Number, Label string }

type promise struct {
	HTML template.HTML
	Done bool
}

func (v *eventPage) outcome(now time.Time, report *content.Publication) part {
	e := v.Event
	o := outcome{Summary: v.prose(e.OutcomeSummary, v.Original, 3), Messages: v.points(e.KeyMessages), Figures: v.figures(e.Statistics), Promises: v.promises()}
	if report != nil {
		o.Report = &v.rows(now, []content.Publication{*report})[0]
	}
	for _, r := range e.Recordings {
		to := v.recordingURL(r)
		if to == "" {
			continue
		}
		w := v.words(r.Title, v.Original)
		if w.Empty() {
			w = v.message("enum.recording_kind." + r.Kind)
		}
		o.Recordings = append(o.Recordings, recording{Title: v.label(w), URL: to, Meta: v.recordingMeta(r)})
	}
	for _, x := range e.Photos {
		if pic := v.pictureOf(kind.Picture{File: x.File, Alt: x.Alt, Credit: x.Credit}, v.Original, "", 640, "(max-width: 40rem) 92vw, 22rem"); pic != nil {
			o.Photos = append(o.Photos, photo{pic, v.words(x.Caption, v.Original)})
		}
	}
	if len(e.Participating) > 0 {
		o.From = v.M("event.participating", "Countries", v.countryNames(e.Participating))
	}
	if o.Summary.Empty() && len(o.Messages) == 0 && o.Report == nil && len(o.Recordings) == 0 && len(o.Photos) == 0 && o.From == "" && len(o.Figures) == 0 && len(o.Promises) == 0 {
		return part{}
	}
	return part{ID: "outcome", Kind: "outcome", Heading: v.message("event.outcome"), Data: o}
}

func (b *base) figures(s kind.Statistics) []figure {
	var out []figure
	add := func(n int, key string) {
		if n > 0 {
			out = append(out, figure{i18n.Number(b.Locale, n), b.M("figure." + key)})
		}
	}
	add(s.Registered, "registered")
	add(s.Attended, "attended")
	add(s.Online, "online")
	add(s.Countries, "countries")
	if s.Women > 0 {
		out = append(out, figure{b.M("figure.percent", "Number", i18n.Number(b.Locale, s.Women)), b.M("figure.women")})
	}
	return out
}

// promises are the event's commitments as sentences: open ones with their date, kept ones with what came of them.
func (v *eventPage) promises() []promise {
	var out []promise
	for _, c := range v.Event.Commitments {
		if c.Waived || c.Internal {
			continue
		}
		w := v.words(c.Text, v.Original)
		kept, by := c.Kept(v.Event, v.around)
		if !kept && v.Event.Off() {
			continue // there will be nothing to show
		}
		n := v.neighbour(by)
		due := v.Event.DueOn(c).Time()
		p := promise{Done: kept}
		what := v.M("enum.commitment_kind." + c.Kind)
		switch {
		case p.Done && n != nil:
			p.HTML = v.html("commitment.kept_in", "What", what, "Where", v.namedNeighbour(n).HTML())
		case p.Done && !c.Fulfilled.Time().IsZero():
			p.HTML = v.html("commitment.kept_on", "What", what, "Date", v.Date(c.Fulfilled.Time()))
		case p.Done:
			p.HTML = v.html("commitment.kept", "What", what)
		case !w.Empty() && !due.IsZero():
			p.HTML = v.html("commitment.text_by", "Text", w.Span(), "Date", v.Date(due))
		case !w.Empty():
			p.HTML = w.Span()
		case !due.IsZero():
			p.HTML = v.html("commitment.by."+c.Kind, "Date", v.Date(due))
		default:
			p.HTML = v.html("commitment.open." + c.Kind)
		}
		if who := v.neighbour(c.Responsible); who != nil && !p.Done {
			p.HTML = v.html("commitment.responsible", "Sentence", p.HTML, "Organization", v.namedNeighbour(who).HTML())
		}
		out = append(out, p)
	}
	return out
}

// talk is a discussion, here or elsewhere.
type talk struct {
	Label    template.HTML
	Place    text
	URL      string // empty while it is not open
	Sentence template.HTML
}

func (v *eventPage) discussion(now time.Time) part {
	d := v.Event.Discussion
	w := v.words(d.Label, v.Original)
	if w.Empty() && d.URL == "" && !d.Online {
		return part{}
	}
	if w.Empty() {
		w = v.message("event.discussion")
	}
	opens, closes := d.Opens.Time(), d.Closes.Time()
	t := talk{Label: v.label(w), Place: v.words(d.Place, v.Original)}
	switch {
	case v.Event.Off(): // nothing opens or closes any more
		t.URL = d.URL
	case opens.After(now):
		t.Sentence = v.html("discussion.opens", "Time", v.moment(opens, d.Opens.Zone))
	case !closes.IsZero() && !closes.After(now):
		t.Sentence = v.html("discussion.closed", "Time", v.moment(closes, d.Closes.Zone))
		t.URL = d.URL
	default:
		t.URL = d.URL
		if !closes.IsZero() {
			t.Sentence = v.html("discussion.closes", "Time", v.moment(closes, d.Closes.Zone))
		}
	}
	if d.Online {
		t.URL = v.boardURL(v.base.Path, "")
	}
	v.untilPassing(now, opens)
	v.untilPassing(now, closes)
	return part{ID: "discussion", Kind: "discussion", Heading: v.message("event.discussion"), Data: t}
}
