package kind

import (
	"html"
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// AnsweredQuestion is a question of an event's readers as the public sees it, with its answers.
type AnsweredQuestion struct {
	Topic   string // id of a topic of the board, or ""
	Name    string // of who asked, where they let it be told
	Text    string // plain
	Locale  locale // of Text
	Answers map[locale]string
}

// Participation is how many registered and took part, as far as it may be told.
type Participation struct {
	Registered, Attended int // 0 where not told
	Countries, Women     int // of those who attended; per cent; 0 where not told
	// Groups are the numbers by category, country and so on, in a language.
	Groups func(l locale) []ParticipationGroup
	Few    int // numbers below it are left out
}

// ParticipationGroup is one way to count people.
type ParticipationGroup struct {
	Name string
	Rows []ParticipationRow
}

// ParticipationRow is how many people are counted under a name.
type ParticipationRow struct {
	Name string
	N    int
}

// Fill gives the figures of an event that nobody has entered those that the registrations tell.
func (p *Participation) Fill(s Statistics) Statistics {
	if p == nil {
		return s
	}
	for _, x := range []struct {
		to   *int
		from int
	}{{&s.Registered, p.Registered}, {&s.Attended, p.Attended}, {&s.Countries, p.Countries}, {&s.Women, p.Women}} {
		if *x.to == 0 {
			*x.to = x.from
		}
	}
	return s
}

const (
	reportAnswers = 100   // questions with their answers
	reportRows    = 60    // of a group of figures
	reportBody    = 45000 // characters after which questions are counted instead of written; a body holds 60,000
)

// participation tells how many of whom took part.
func (d *reportDraft) participation() {
	p := d.Participation
	d.heading("report.draft.participation")
	if p.Registered > 0 {
		d.para(html.EscapeString(d.Words.N(d.l, "report.draft.registered", p.Registered)))
	}
	figures := func(g ParticipationGroup) {
		rest := 0
		var items []string
		for _, r := range g.Rows {
			if len(items) >= reportRows {
				rest += r.N
				continue
			}
			items = append(items, html.EscapeString(d.t("figure", "Name", r.Name, "Number", i18n.Number(d.l, r.N))))
		}
		if rest > 0 {
			items = append(items, html.EscapeString(d.t("figure", "Name", d.t("others"), "Number", i18n.Number(d.l, rest))))
		}
		if len(items) > 0 {
			d.b.WriteString("<h3>" + html.EscapeString(g.Name) + "</h3>")
			d.list("ul", items)
		}
	}
	if p.Groups != nil {
		for _, g := range p.Groups(d.l) {
			figures(g)
		}
	}
	if p.Few > 1 {
		d.para(html.EscapeString(d.t("few", "Count", i18n.Number(d.l, p.Few))))
	}
}

// answers gives the questions that were answered, by the topics of the board, those on no topic first.
func (d *reportDraft) answers() {
	d.heading("report.draft.answers")
	left, more := reportAnswers, 0
	topics := []string{""}
	for _, t := range d.Discussion.Topics {
		topics = append(topics, t.ID)
	}
	for i, topic := range topics {
		head := ""
		if i > 0 {
			head = d.words(d.Discussion.Topics[i-1].Title)
		}
		for _, q := range d.Asked {
			if q.Topic != topic && (i > 0 || slices.Contains(topics, q.Topic)) {
				continue
			}
			if left--; left < 0 || d.b.Len() > reportBody {
				more++
				continue
			}
			if head != "" {
				d.b.WriteString("<h3>" + head + "</h3>")
				head = ""
			}
			asked := "<strong>" + d.foreign(oneParagraph(q.Text), q.Locale) + "</strong>"
			if q.Name != "" {
				asked = d.t("asked_by", "Question", asked, "Name", html.EscapeString(i18n.Isolate(q.Name)))
			}
			d.para(asked)
			w, l := q.answer(d.l, d.Original)
			if w == "" {
				d.para(html.EscapeString(d.t("answered_live")))
			}
			for _, p := range strings.Split(w, "\n\n") {
				d.para(d.foreign(oneParagraph(p), l))
			}
		}
	}
	if more > 0 {
		d.para(html.EscapeString(d.Words.N(d.l, "report.draft.more_answers", more)))
	}
}

func (q *AnsweredQuestion) answer(l, original locale) (string, locale) {
	for _, x := range append([]locale{l, original, q.Locale}, i18n.All...) {
		if w := q.Answers[x]; w != "" {
			return w, x
		}
	}
	return "", ""
}

// oneParagraph takes the lines of plain text together.
func oneParagraph(s string) string { return strings.Join(strings.Fields(s), " ") }

// foreign is plain text for HTML, marked where it is in another language than the draft.
func (d *reportDraft) foreign(s string, l locale) string {
	if s == "" {
		return ""
	}
	return d.words(content.L(string(l), s))
}
