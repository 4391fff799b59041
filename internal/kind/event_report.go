package kind

import (
	"html"
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// ReportParts are what of an event can flow into the draft of its outcome report, in the order of the report.
var ReportParts = []string{"summary", "messages", "figures", "event", "programme", "speakers", "participation", "questions", "answers", "documents", "promises"}

// ReportSource is what a draft of an outcome report is made from beside the event itself.
type ReportSource struct {
	Parts    []string // of ReportParts
	Original locale
	// Locales are the languages to write it in, Original among them.
	Locales []locale
	Words   *i18n.Catalogue
	// Name is what an entry is called in a language; "" if it is gone.
	Name   func(l locale, id content.Ref) string
	Around Around
	Today  content.Date
	// Asked are the questions that were answered, and Participation what the registrations tell; nil where nothing is known.
	Asked         []AnsweredQuestion
	Participation *Participation
}

// holds reports whether the event itself has anything of a part.
func (e *Event) holds(part string) bool {
	switch part {
	case "summary":
		return len(e.OutcomeSummary) > 0
	case "messages":
		return len(e.KeyMessages) > 0
	case "event":
		return true
	case "programme":
		return len(e.Sessions) > 0
	case "speakers":
		return len(e.appeared()) > 0
	case "questions":
		return len(e.questions()) > 0
	case "documents":
		return len(e.papers()) > 0
	case "promises":
		return len(e.owed()) > 0
	}
	return false
}

// Holds reports whether there is anything of a part, in the event or beside it.
func (s *ReportSource) Holds(e *Event, part string) bool {
	switch part {
	case "answers":
		return len(s.Asked) > 0
	case "participation":
		return s.Participation != nil
	case "figures":
		return s.Participation.Fill(e.Statistics) != Statistics{}
	}
	return e.holds(part)
}

// OutcomeReport drafts the outcome report of an event: its facts, and in each language the text that follows from them.
// What nobody has translated stands in the original, marked as such. An editor goes on from there.
func (e *Event) OutcomeReport(s ReportSource) *Report {
	r := &Report{Stage: "draft", Date: s.Today, Topics: e.Topics, SDGs: e.SDGs, Regions: e.Regions, Countries: e.Countries}
	has := func(part string) bool { return slices.Contains(s.Parts, part) && s.Holds(e, part) }
	for _, o := range e.Organizations {
		if !slices.Contains(r.Organizations, o.Organization) {
			r.Organizations = append(r.Organizations, o.Organization)
		}
	}
	if has("figures") {
		r.Statistics = s.Participation.Fill(e.Statistics)
	}
	if has("summary") {
		r.Executive = content.FreezeFacts(e, e.OutcomeSummary)
	}
	if has("messages") {
		r.KeyMessages = slices.Clone(e.KeyMessages)
	}
	for _, l := range s.Locales {
		d := &reportDraft{Event: e, ReportSource: s, l: l}
		name, _ := e.Title.Pick(l, s.Original)
		r.Title.Set(l, content.Text{Words: cutAt(d.t("title", "Title", name), 250)})
		if w := d.held(); w != "" && len([]rune(w)) <= 300 {
			r.Summary.Set(l, content.Text{Words: w})
		}
		for _, part := range []struct {
			name  string
			write func()
		}{{"event", d.event}, {"programme", d.programme}, {"speakers", d.speakers}, {"participation", d.participation}, {"questions", d.asked}, {"answers", d.answers}, {"documents", d.documents}, {"promises", d.promises}} {
			if has(part.name) {
				part.write()
			}
		}
		if d.b.Len() > 0 {
			r.Body.Set(l, content.Text{Words: d.b.String()})
		}
	}
	return r
}

// cutAt keeps the first of a text's characters, at most most, whole words where it can.
func cutAt(s string, most int) string {
	all := []rune(s)
	if len(all) <= most {
		return s
	}
	s = string(all[:most-1])
	if i := strings.LastIndexByte(s, ' '); i > most/2 {
		s = s[:i]
	}
	return s + "…"
}

// appeared are the people named for the event or a session who were not replaced, each once.
func (e *Event) appeared() []PersonRole {
	var out []PersonRole
	for _, p := range e.roleHolders() {
		if p.Status == "replaced" || slices.ContainsFunc(out, func(o PersonRole) bool { return o.Person == p.Person }) {
			continue
		}
		out = append(out, p)
	}
	return out
}

func (e *Event) questions() []PointGroup {
	var out []PointGroup
	for _, b := range e.Blocks {
		if b.Kind != "key_questions" {
			continue
		}
		if len(b.Points) > 0 {
			out = append(out, PointGroup{Points: b.Points})
		}
		out = append(out, b.Groups...)
	}
	return out
}

// papers are the documents of the event and its sessions, each once.
func (e *Event) papers() []content.Ref {
	var out []content.Ref
	add := func(id content.Ref) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
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
	return out
}

// owed are the promises made to the public.
func (e *Event) owed() []Commitment {
	var out []Commitment
	for _, c := range e.Commitments {
		if !c.Waived && !c.Internal {
			out = append(out, c)
		}
	}
	return out
}

// reportDraft writes the body in one language. Everything is escaped where it goes in.
type reportDraft struct {
	*Event
	ReportSource
	l locale
	b strings.Builder
}

func (d *reportDraft) t(key string, args ...any) string {
	return d.Words.T(d.l, "report.draft."+key, args...)
}

func (d *reportDraft) heading(key string) {
	d.b.WriteString("<h2>" + html.EscapeString(d.Words.T(d.l, key)) + "</h2>")
}

func (d *reportDraft) para(inner string) {
	if inner != "" {
		d.b.WriteString("<p>" + inner + "</p>")
	}
}

func (d *reportDraft) list(tag string, items []string) {
	if len(items) == 0 {
		return
	}
	d.b.WriteString("<" + tag + "><li>" + strings.Join(items, "</li><li>") + "</li></" + tag + ">")
}

// words are a line's, in the original where there are none in this language.
func (d *reportDraft) words(x content.Line) string {
	w, l := x.Pick(d.l, d.Original)
	if w == "" {
		return ""
	}
	w = html.EscapeString(w)
	if l != d.l {
		w = `<span lang="` + string(l) + `" dir="` + l.Dir() + `">` + w + "</span>"
	}
	return w
}

func (d *reportDraft) name(id content.Ref) string { return html.EscapeString(d.Name(d.l, id)) }

// held is what took place, when and where, as plain text.
func (d *reportDraft) held() string {
	w := d.When
	if !w.Known() || w.Precision == content.PrecisionMonth {
		return ""
	}
	title, _ := d.Title.Pick(d.l, d.Original)
	date := i18n.DateRange(d.l, w.Starts(), w.End.In(w.Location()))
	for _, v := range d.Venues {
		city, _ := v.City.Pick(d.l, d.Original)
		switch {
		case v.Type != "physical" || d.Mode == "online":
		case city != "" && v.Country != "":
			return d.t("held_in", "Title", title, "Date", date, "Place", city+d.Words.T(d.l, "list.comma")+i18n.CountryName(d.l, v.Country))
		case city != "":
			return d.t("held_in", "Title", title, "Date", date, "Place", city)
		}
	}
	if d.Mode == "online" {
		return d.t("held_online", "Title", title, "Date", date)
	}
	return d.t("held", "Title", title, "Date", date)
}

func (d *reportDraft) event() {
	d.heading("report.draft.event")
	d.para(html.EscapeString(d.held()))
	var names []string
	for _, o := range d.Organizations {
		if n := d.name(o.Organization); n != "" && (o.Role == "organizer" || o.Role == "co_organizer") && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		d.para(d.t("organized", "Names", i18n.List(d.l, names)))
	}
	var said []string
	figures := d.Participation.Fill(d.Statistics)
	if n := figures.Attended; n > 0 {
		said = append(said, d.Words.N(d.l, "report.draft.attended", n))
		if c := figures.Countries; c > 0 {
			said = append(said, d.Words.N(d.l, "report.draft.countries", c))
		}
		if w := figures.Women; w > 0 {
			said = append(said, d.t("women", "Percent", i18n.Number(d.l, w)))
		}
	}
	d.para(html.EscapeString(strings.Join(said, " ")))
}

func (d *reportDraft) programme() {
	d.heading("event.programme")
	for _, s := range d.Sessions {
		if s.Kind == "break" || s.Cancelled {
			continue
		}
		line := "<strong>" + d.words(s.Title) + "</strong>"
		var names []string
		for _, p := range s.People {
			if n := d.name(p.Person); n != "" && p.Status != "replaced" {
				names = append(names, n)
			}
		}
		if len(names) > 0 {
			line = d.t("session", "Session", line, "Names", i18n.List(d.l, names))
		}
		d.para(line)
		if w, l := content.FreezeFacts(d.Event, s.Description).Pick(d.l, d.Original); w != "" && l == d.l {
			d.b.WriteString(w) // prose is clean where it is stored, and cleaned again where this is
		}
	}
}

func (d *reportDraft) speakers() {
	d.heading("event.speakers")
	var items []string
	for _, p := range d.appeared() {
		n := d.name(p.Person)
		if n == "" {
			continue
		}
		var as []string
		for _, x := range []string{d.words(p.Title), d.words(p.Affiliation)} {
			if x != "" {
				as = append(as, x)
			}
		}
		if p.Affiliation.In(d.Original) == "" && p.Organization != "" {
			// A position often names its organization already.
			if o := d.name(p.Organization); o != "" && !strings.Contains(strings.Join(as, " "), o) {
				as = append(as, o)
			}
		}
		items = append(items, strings.Join(append([]string{n}, as...), html.EscapeString(d.Words.T(d.l, "list.comma"))))
	}
	d.list("ul", items)
}

func (d *reportDraft) asked() {
	d.heading("block.key_questions")
	for _, g := range d.questions() {
		if h := d.words(g.Heading); h != "" {
			d.b.WriteString("<h3>" + h + "</h3>")
		}
		var items []string
		for _, p := range g.Points {
			if w := d.words(p.Text); w != "" {
				items = append(items, w)
			}
		}
		d.list("ol", items)
	}
}

func (d *reportDraft) documents() {
	d.heading("event.documents")
	var items []string
	for _, id := range d.papers() {
		if n := d.name(id); n != "" {
			items = append(items, n)
		}
	}
	d.list("ul", items)
}

// promises tells what was promised and what became of it.
func (d *reportDraft) promises() {
	d.heading("block.follow_up")
	var items []string
	for _, c := range d.owed() {
		what := d.Words.T(d.l, "enum.commitment_kind."+c.Kind)
		due := d.DueOn(c).Time()
		switch kept, _ := c.Kept(d.Event, d.Around); {
		case kept:
			items = append(items, html.EscapeString(d.Words.T(d.l, "commitment.kept", "What", what)))
		case d.words(c.Text) != "":
			items = append(items, d.words(c.Text))
		case !due.IsZero():
			items = append(items, html.EscapeString(d.Words.T(d.l, "commitment.by."+c.Kind, "Date", i18n.Date(d.l, due))))
		default:
			items = append(items, html.EscapeString(d.Words.T(d.l, "commitment.open."+c.Kind)))
		}
	}
	d.list("ul", items)
}
