package kind

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"plenary/internal/conceptnote"
	"plenary/internal/content"
)

// NoteChoice is what somebody made of what a concept note was understood to say.
type NoteChoice struct {
	Take         func(key string) bool // whether a finding is taken, by its key
	Organization func(name string) content.Ref
	Person       func(name string) content.Ref
	Series       content.Ref
}

// EventOfNote makes an event of a concept note, in the note's language.
func EventOfNote(n *conceptnote.Note, by NoteChoice) *Event {
	l := n.Lang
	line := func(s string) content.Line {
		if s == "" {
			return nil
		}
		return content.L(string(l), s)
	}
	id := content.NewItemID
	e := &Event{Status: "scheduled"}
	if by.Take("title") {
		e.Title = line(n.Title.Text)
	}
	if by.Take("kind") {
		e.Kind = n.Kind.Text
	}
	if by.Take("series") {
		e.Series = by.Series
		if by.Take("ordinal") {
			e.Ordinal = n.Ordinal.N
		}
	}
	if by.Take("when") && n.When.Precision != "" {
		e.When = content.When{Start: content.LocalTime(n.When.Start), End: content.LocalTime(n.When.End), Zone: n.When.Zone, Precision: n.When.Precision}
	}
	if by.Take("mode") {
		e.Mode = n.Mode.Text
	}
	for _, v := range n.Venues {
		if by.Take(v.Key) {
			e.Venues = append(e.Venues, Venue{Item: content.Item{ID: id()}, Type: v.Type, Name: line(v.Name), Country: v.Country})
			if v.Type == "online" {
				e.Join.Platform = v.Name
			}
		}
	}
	for _, x := range n.Languages {
		if by.Take(x.Key) {
			e.WorkingLanguages = append(e.WorkingLanguages, x.Text)
		}
	}
	for _, x := range n.Interpretation {
		if by.Take(x.Key) {
			e.Interpretation = append(e.Interpretation, Interpretation{Item: content.Item{ID: id()}, Language: x.Text, Kind: "spoken"})
		}
	}
	if by.Take("join") {
		e.Join.URL = n.Join.Text
	}
	if by.Take("register") && n.Register.Key != "" {
		e.Registration.URL, e.Access = n.Register.Text, "registration"
	}
	if by.Take("mailbox") && n.Mailbox.Key != "" {
		e.Registration.Mailbox, e.Access = n.Mailbox.Text, "registration"
	}
	if by.Take("closes") && n.Closes.Key != "" {
		e.Registration.Closes = content.Moment{At: content.LocalTime(n.Closes.Start), Zone: n.When.Zone}
	}
	if by.Take("board") {
		e.Discussion.Label = line(n.Board.Label)
	}
	for i := range n.Blocks {
		if b := &n.Blocks[i]; by.Take(b.Key) {
			e.Blocks = append(e.Blocks, noteBlock(n, b, line))
		}
	}
	for _, m := range n.Marks {
		if by.Take(m.Key) && slices.Contains(Enums["note_mark"], m.Mark) {
			e.Notes = append(e.Notes, Note{Item: content.Item{ID: id()}, Mark: m.Mark, Text: line(m.Text)})
		}
	}
	people := func(list []conceptnote.Person, keyed bool) (out []PersonRole) {
		for _, p := range list {
			ref := by.Person(p.Name)
			if ref == "" || keyed && !by.Take(p.Key) {
				continue
			}
			r := PersonRole{Item: content.Item{ID: id()}, Person: ref, Role: p.Role, Title: line(p.Position), Affiliation: line(p.Affiliation), Country: p.Country}
			if p.Tentative {
				r.Status = "tentative"
			}
			out = append(out, r)
		}
		return out
	}
	e.People = people(n.People, true)
	for _, s := range n.Sessions {
		if !by.Take(s.Key) {
			continue
		}
		x := Session{Item: content.Item{ID: id()}, Title: line(s.Title), Kind: s.Kind, People: people(s.People, false)}
		if len(s.Start) > 5 {
			x.Slot.Start = content.LocalTime(s.Start)
		}
		if len(s.End) > 5 {
			x.Slot.End = content.LocalTime(s.End)
		}
		e.Sessions = append(e.Sessions, x)
	}
	for _, o := range n.Organizations {
		if ref := by.Organization(o.Name); ref != "" && by.Take(o.Key) {
			e.Organizations = append(e.Organizations, OrganizationRole{Item: content.Item{ID: id()}, Organization: ref, Role: o.Role})
		}
	}
	for i := range n.Contacts {
		c := &n.Contacts[i]
		if !by.Take(c.Key) {
			continue
		}
		name := c.Name
		if c.Honorific != "" {
			name = c.Honorific + " " + name
		}
		x := Contact{Item: content.Item{ID: id()}, Name: line(name), Position: line(c.Position), Mailbox: c.Mail, Phone: c.Phone}
		if c.Unit != "" {
			x.Unit = by.Organization(c.Unit)
		}
		e.Contacts = append(e.Contacts, x)
	}
	for _, d := range n.Documents {
		if !by.Take(d.Key) {
			continue
		}
		e.Documents = append(e.Documents, DocumentLink{Item: content.Item{ID: id()}, Slot: d.Slot, Label: line(d.Label)})
		if d.URL != "" {
			e.Links = append(e.Links, Link{Item: content.Item{ID: id()}, URL: d.URL, Label: line(d.Label)})
		}
	}
	if n.Board.URL != "" && by.Take("board") {
		e.Links = append(e.Links, Link{Item: content.Item{ID: id()}, URL: n.Board.URL, Label: line(n.Board.Label)})
	}
	for _, p := range n.Promises {
		if by.Take(p.Key) {
			c := Commitment{Item: content.Item{ID: id()}, Kind: p.Kind, Due: content.Date(p.Due), DueDays: p.Days}
			if utf8.RuneCountInString(p.Text) <= 400 {
				c.Text = line(p.Text)
			}
			e.Commitments = append(e.Commitments, c)
		}
	}
	for _, x := range n.Countries {
		if by.Take(x.Key) {
			e.Countries = append(e.Countries, x.Text)
		}
	}
	return e
}

// noteBlock makes a block of a note's; what is too long to lead in goes before the points.
func noteBlock(n *conceptnote.Note, b *conceptnote.Block, line func(string) content.Line) Block {
	out := Block{Item: content.Item{ID: content.NewItemID()}, Kind: b.Kind, Heading: line(b.Heading)}
	body := b.Body
	lead := func(s string) content.Line {
		if utf8.RuneCountInString(s) > 400 {
			body = append([]conceptnote.Para{{Text: s}}, body...)
			return nil
		}
		return line(s)
	}
	points := func(list []conceptnote.Text) (out []Point) {
		for _, x := range list {
			out = append(out, Point{Item: content.Item{ID: content.NewItemID()}, Text: line(x.Text)})
		}
		return out
	}
	out.LeadIn = lead(b.LeadIn)
	switch b.Kind {
	case "objectives", "themes", "expected_results", "key_questions", "custom":
	default:
		if b.LeadIn != "" {
			body, out.LeadIn = append([]conceptnote.Para{{Text: b.LeadIn}}, body...), nil
		}
	}
	out.Points = points(b.Points)
	for _, g := range b.Groups {
		out.Groups = append(out.Groups, PointGroup{Item: content.Item{ID: content.NewItemID()}, Heading: line(g.Heading), LeadIn: lead(g.LeadIn), Points: points(g.Points)})
	}
	if w := noteHTML(n, body); w != "" {
		out.Body = content.P(string(n.Lang), w)
	}
	return out
}

// noteHTML writes paragraphs as prose, with their lists, links and notes.
func noteHTML(n *conceptnote.Note, body []conceptnote.Para) string {
	var b strings.Builder
	list := ""
	for _, p := range body {
		want := ""
		if p.Mark != "" {
			want = "ul"
			if strings.ContainsAny(p.Mark, "0123456789") {
				want = "ol"
			}
		}
		if list != want {
			if list != "" {
				fmt.Fprintf(&b, "</%s>", list)
			}
			if list = want; list != "" {
				fmt.Fprintf(&b, "<%s>", list)
			}
		}
		if list != "" {
			b.WriteString("<li>")
		} else {
			b.WriteString("<p>")
		}
		noteWords(&b, n, p)
		if list != "" {
			b.WriteString("</li>")
		} else {
			b.WriteString("</p>")
		}
	}
	if list != "" {
		fmt.Fprintf(&b, "</%s>", list)
	}
	return b.String()
}

func noteWords(b *strings.Builder, n *conceptnote.Note, p conceptnote.Para) {
	type sign struct {
		at   int
		html string
	}
	var signs []sign
	for _, l := range p.Links {
		if l.From < l.To && l.To <= len(p.Text) {
			signs = append(signs, sign{l.From, `<a href="` + html.EscapeString(l.URL) + `">`}, sign{l.To, "</a>"})
		}
	}
	for _, c := range p.Calls {
		if words := n.Footnotes[c.Mark]; words != "" && c.At <= len(p.Text) {
			signs = append(signs, sign{c.At, `<span data-footnote="` + html.EscapeString(words) + `"></span>`})
		}
	}
	slices.SortStableFunc(signs, func(a, b sign) int { return a.at - b.at })
	last := 0
	for _, s := range signs {
		b.WriteString(html.EscapeString(p.Text[last:s.at]))
		b.WriteString(s.html)
		last = s.at
	}
	b.WriteString(html.EscapeString(p.Text[last:]))
}
