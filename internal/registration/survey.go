package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/sheet"
)

// Asking those who were there. Answers are added to numbers at once and never lie beside the person who gave them.

// Survey is what an event asks after its end.
type Survey struct {
	Online bool         `json:"online" widget:"switch"`
	Link   string       `json:"link" enum:"survey_link"`
	Days   int          `json:"days" max:"365"` // after the event; 0: SurveyDays
	Intro  content.Line `json:"intro" max:"1000" widget:"area"`
	// Unasked leaves out the question about accessibility that each survey asks.
	Unasked   bool             `json:"unasked" widget:"switch"`
	Questions []SurveyQuestion `json:"questions"`
}

// SurveyQuestion is one question of a survey.
type SurveyQuestion struct {
	content.Item
	Label    content.Line `json:"label" need:"R" max:"200"`
	Type     string       `json:"type" enum:"survey_question" need:"R"`
	Options  []Option     `json:"options" for:"choice,choices"`
	Required bool         `json:"required" widget:"switch"`
}

// Types of a survey's questions beside Choice and Choices.
const (
	Scale = "scale" // from 1 to ScaleMost, the best
	Words = "words"
)

// ScaleMost is the best on a scale.
const ScaleMost = 5

// SurveyDays is for how long a survey is open where nobody has said otherwise.
const SurveyDays = 14

// SurveyFew is how many answers there must be for a number to be told.
const SurveyFew = 5

// SurveyOpenLink is the link that everybody may answer by; any other is the private one of a registration.
const SurveyOpenLink = "open"

// accessibility is the question each survey asks; no item has such an id.
const accessibility = "_accessibility"

// SurveyForm is a survey as its event makes it.
type SurveyForm struct {
	Survey
	Title         content.Line
	When          content.When
	Opens, Closes time.Time
	Keep          int // days after the event that words are kept
}

// Surveyed is a kind's struct whose entries can be asked about afterwards; nil where they are not.
type Surveyed interface{ SurveyForm() *SurveyForm }

// Open says whether one can answer at a moment.
func (f *SurveyForm) Open(now time.Time) bool {
	return !now.Before(f.Opens) && now.Before(f.Closes)
}

// All are the questions: that about accessibility first, whose label is a message.
func (f *SurveyForm) All() []SurveyQuestion {
	var all []SurveyQuestion
	if !f.Unasked {
		all = append(all, SurveyQuestion{Item: content.Item{ID: accessibility}, Type: Scale})
	}
	return append(all, f.Questions...)
}

// BuiltIn says whether a question is the program's: its label is the message survey.accessibility.
func (q *SurveyQuestion) BuiltIn() bool { return q.ID == accessibility }

// values are the answers one can choose.
func (q *SurveyQuestion) values() []string {
	var all []string
	switch q.Type {
	case Scale:
		for n := 1; n <= ScaleMost; n++ {
			all = append(all, strconv.Itoa(n))
		}
	case Choice, Choices:
		for _, o := range q.Options {
			all = append(all, o.ID)
		}
	}
	return all
}

// Version is what is asked, as a short hash.
func (f *SurveyForm) Version() string {
	b, err := json.Marshal(f.All())
	if err != nil {
		panic(err) // strings and booleans
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// SurveyEvent is a public event that is asked about.
type SurveyEvent struct {
	*content.Living
	Form *SurveyForm
}

// Survey gives a public event that is asked about; db.ErrNotFound for any other.
func (s *Store) Survey(ctx context.Context, id string) (*SurveyEvent, error) {
	l, err := s.Content.Living(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	if v, ok := l.Value.(Surveyed); ok {
		if f := v.SurveyForm(); f != nil {
			return &SurveyEvent{l, f}, nil
		}
	}
	return nil, db.ErrNotFound
}

// OwnSurvey gives the survey of the event of a private link, and whether its owner has answered. It is db.ErrNotFound
// for those who had no place.
func (s *Store) OwnSurvey(ctx context.Context, token string) (e *SurveyEvent, answered bool, err error) {
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return nil, false, err
	}
	if r.State != Confirmed && r.State != Attended {
		return nil, false, db.ErrNotFound
	}
	if e, err = s.Survey(ctx, r.EventID); err != nil {
		return nil, false, err
	}
	err = s.DB.Read().NewRaw("SELECT surveyed FROM registrations WHERE id = ?", r.ID).Scan(ctx, &answered)
	return e, answered, db.Normalize(err)
}

// AnswerOwn takes the answers of a registrant by their private link, once.
func (s *Store) AnswerOwn(ctx context.Context, token string, sub Submission) error {
	e, _, err := s.OwnSurvey(ctx, token)
	if err != nil {
		return err
	}
	r, err := s.find(ctx, s.DB.Read(), token)
	if err != nil {
		return err
	}
	return s.answerSurvey(ctx, e, r.ID, sub)
}

// AnswerOpen takes the answers of anybody, where the survey's link is open.
func (s *Store) AnswerOpen(ctx context.Context, event string, sub Submission) error {
	e, err := s.Survey(ctx, event)
	if err != nil {
		return err
	}
	if e.Form.Link != SurveyOpenLink {
		return db.ErrNotFound
	}
	if err := s.attempt(ctx, sub.From); err != nil {
		return err
	}
	return s.answerSurvey(ctx, e, "", sub)
}

// answerSurvey adds answers to the numbers; of a registration (empty: of nobody known) only that it has answered.
func (s *Store) answerSurvey(ctx context.Context, e *SurveyEvent, registration string, sub Submission) error {
	now := s.now()
	if !e.Form.Open(now) {
		return refuse("", "survey.closed")
	}
	rd := &reader{s: sub, now: now}
	version, early, err := s.readStamp(ctx, e.ID, sub.Stamp)
	switch {
	case err != nil:
		return err
	case early != nil:
		rd.problems = append(rd.problems, *early)
	case version != e.Form.Version():
		rd.bad("", "registration.form_changed")
	}
	answers := rd.survey(e.Form)
	if len(rd.problems) > 0 {
		return &Invalid{rd.problems}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if registration != "" {
			res, err := tx.NewRaw("UPDATE registrations SET surveyed = ? WHERE id = ? AND surveyed = ?", true, registration, false).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				return refuse("", "survey.done")
			}
		}
		forget := e.Form.forget()
		if _, err := tx.NewRaw(`INSERT INTO surveys AS v (event_id, answers, forget_at) VALUES (?, 1, ?)
			ON CONFLICT (event_id) DO UPDATE SET answers = v.answers + 1, forget_at = EXCLUDED.forget_at`, e.ID, forget).Exec(ctx); err != nil {
			return err
		}
		count := func(question, value string) error {
			_, err := tx.NewRaw(`INSERT INTO survey_counts AS c (event_id, question, value, n) VALUES (?, ?, ?, 1)
				ON CONFLICT (event_id, question, value) DO UPDATE SET n = c.n + 1`, e.ID, question, value).Exec(ctx)
			return err
		}
		for _, a := range answers {
			if err := count(a.question.ID, ""); err != nil {
				return err
			}
			for _, v := range a.values {
				var err error
				if a.question.Type == Words {
					_, err = tx.NewRaw("INSERT INTO survey_texts (id, event_id, question, words) VALUES (?, ?, ?, ?)", content.NewID(), e.ID, a.question.ID, v).Exec(ctx)
				} else {
					err = count(a.question.ID, v)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// forget is when words are deleted.
func (f *SurveyForm) forget() time.Time { return f.Opens.AddDate(0, 0, f.Keep).UTC() }

// resurvey brings the day on which words are deleted up to the public event; where it asks nothing now, the last one holds.
func (s *Store) resurvey(ctx context.Context, tx bun.Tx, id string) error {
	l, err := s.Content.Living(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v, ok := l.Value.(Surveyed)
	if !ok {
		return nil
	}
	if f := v.SurveyForm(); f != nil {
		_, err = tx.NewRaw("UPDATE surveys SET forget_at = ? WHERE event_id = ?", f.forget(), id).Exec(ctx)
	}
	return err
}

type surveyAnswer struct {
	question *SurveyQuestion
	values   []string
}

// survey checks a survey's answers. At least one question is answered.
func (r *reader) survey(f *SurveyForm) []surveyAnswer {
	var out []surveyAnswer
	all := f.All()
	for i := range all {
		q := &all[i]
		name := QuestionPrefix + q.ID
		var values []string
		if q.Type == Words {
			values = r.answer(&Field{Type: Long}, name)
		} else {
			sent := r.s.Values[name]
			if q.Type != Choices && len(sent) > 1 {
				r.bad(name, "registration.twice")
				continue
			}
			for _, v := range sent {
				switch {
				case v == "" || slices.Contains(values, v):
				case !slices.Contains(q.values(), v):
					r.bad(name, "registration.choice")
				default:
					values = append(values, v)
				}
			}
		}
		if len(values) > 0 {
			out = append(out, surveyAnswer{q, values})
		} else if q.Required && !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Field == name }) {
			r.bad(name, "registration.required")
		}
	}
	if len(out) == 0 && len(r.problems) == 0 {
		r.bad("", "survey.empty")
	}
	return out
}

// SurveyStamp is the hidden field of a survey's form, as Stamp is that of the form to register.
func (s *Store) SurveyStamp(ctx context.Context, e *SurveyEvent) (string, error) {
	return s.Stamp(ctx, e.ID, e.Form.Version())
}

// Results are what came of a survey, as staff may see it.
type Results struct {
	Original  i18n.Locale
	Form      *SurveyForm // as it is public, else as it is worked on; nil: the event asks nothing
	Public    bool
	Answers   int
	Few       bool // fewer than SurveyFew have answered: nothing is told but this
	Questions []Result
}

// Result is what came of one question.
type Result struct {
	SurveyQuestion
	Answered int
	Few      bool // fewer than SurveyFew have answered it
	Bars     []Bar
	Mean     float64  // of a scale; 0 where it would tell small numbers
	Texts    []string // in no order
}

// Bar is how many gave one answer.
type Bar struct {
	Value string
	N     int // 0 where it is hidden
	Few   bool
	// Withheld hides a number that is not small itself, but would tell the one that is.
	Withheld bool
}

// Results gives what came of an event's survey. That it was looked at is written down.
func (s *Store) Results(ctx context.Context, who *auth.Actor, event string) (*Results, error) {
	out, e, err := s.results(ctx, who, event)
	if err != nil {
		return nil, err
	}
	return out, s.read(ctx, who, e)
}

func (s *Store) results(ctx context.Context, who *auth.Actor, event string) (*Results, *content.Entry, error) {
	e, err := s.Content.Get(ctx, who, event)
	if err != nil {
		return nil, nil, err
	}
	draft, ok := e.Value.(Surveyed)
	if !ok || !who.Can(auth.ReadRegistrants, e.Object()) {
		return nil, nil, db.ErrNotFound
	}
	out := &Results{Original: e.Original, Form: draft.SurveyForm()}
	live, err := s.Survey(ctx, event)
	switch {
	case err == nil:
		out.Form, out.Public = live.Form, true
	case !errors.Is(err, db.ErrNotFound):
		return nil, nil, err
	}
	var total []int
	if err := s.DB.Read().NewRaw("SELECT answers FROM surveys WHERE event_id = ?", event).Scan(ctx, &total); err != nil {
		return nil, nil, db.Normalize(err)
	}
	if len(total) > 0 {
		out.Answers = total[0]
	}
	if out.Few = out.Answers < SurveyFew; !out.Few && out.Form != nil {
		var counts []struct {
			Question, Value string
			N               int
		}
		if err := s.DB.Read().NewRaw("SELECT question, value, n FROM survey_counts WHERE event_id = ?", event).Scan(ctx, &counts); err != nil {
			return nil, nil, db.Normalize(err)
		}
		n := map[[2]string]int{}
		for _, c := range counts {
			n[[2]string{c.Question, c.Value}] = c.N
		}
		for _, q := range out.Form.All() {
			r := Result{SurveyQuestion: q, Answered: n[[2]string{q.ID, ""}]}
			r.Few = r.Answered < SurveyFew
			if q.Type == Words {
				if !r.Few {
					if err := s.DB.Read().NewRaw("SELECT words FROM survey_texts WHERE event_id = ? AND question = ? ORDER BY id", event, q.ID).Scan(ctx, &r.Texts); err != nil {
						return nil, nil, db.Normalize(err)
					}
				}
			} else if !r.Few {
				for _, v := range q.values() {
					r.Bars = append(r.Bars, Bar{Value: v, N: n[[2]string{q.ID, v}]})
				}
				r.suppress()
			}
			out.Questions = append(out.Questions, r)
		}
	}
	if out.Few {
		out.Answers = 0
	}
	return out, e, nil
}

// suppress hides small numbers, and others where what is known of their sum would tell one that is hidden: of a choice and
// a scale it is how many answered; of several choices, where everybody gave one at least, no less than that. A mean is told
// only where nothing is hidden: with all other numbers it would tell two.
func (r *Result) suppress() {
	ns, sum, told := make([]int, len(r.Bars)), 0, true
	for i, b := range r.Bars {
		ns[i] = b.N
		if v, err := strconv.Atoi(b.Value); err == nil {
			sum += v * b.N
		}
	}
	figures := suppress(ns, 0)
	if r.Type == Choices {
		figures = suppressShared(ns, r.Answered)
	}
	for i, f := range figures {
		b := &r.Bars[i]
		b.N, b.Few, b.Withheld = f.N, f.Few, f.Withheld
		told = told && f.Told()
	}
	if told && r.Type == Scale && r.Answered > 0 {
		r.Mean = float64(sum) / float64(r.Answered)
	}
}

// suppressShared is suppress for numbers of which one person may be in several: together they are no less than answered.
// One that is told is withheld where only one is few, and where the few would all have to be as many as they can be.
func suppressShared(ns []int, answered int) []Figure {
	out := make([]Figure, len(ns))
	few, rest, least := 0, answered, -1
	for i, n := range ns {
		switch out[i] = (Figure{N: n}); {
		case n < SurveyFew:
			out[i] = Figure{Few: true}
			few++
		default:
			if rest -= n; least < 0 || n < ns[least] {
				least = i
			}
		}
	}
	forced := few > 0 && rest >= few*(SurveyFew-1)
	switch {
	case least >= 0 && (few == 1 || forced):
		out[least] = Figure{Withheld: true}
	case forced:
		for i := range out {
			out[i] = Figure{Withheld: true}
		}
	}
	return out
}

// ExportSurvey writes a survey's results as a table that spreadsheets open, like Export: question, answer, number. Small
// numbers are words there too.
func (s *Store) ExportSurvey(ctx context.Context, who *auth.Actor, event string, w io.Writer, words func(key string) string, l i18n.Locale) error {
	res, e, err := s.results(ctx, who, event)
	if err != nil {
		return err
	}
	if err := s.took(ctx, who, "registrants.export", e, map[string]any{"count": res.Answers}); err != nil {
		return err
	}
	t := sheet.Table{RightToLeft: l.Dir() == "rtl", Head: sheet.Texts(words("survey.question"), words("survey.answer"), words("survey.number"))}
	write := func(cells ...string) { t.Rows = append(t.Rows, sheet.Texts(cells...)) }
	number := func(n int, few, withheld bool) string {
		switch {
		case few:
			return words("survey.few")
		case withheld:
			return words("survey.withheld")
		}
		return strconv.Itoa(n)
	}
	write(words("survey.answers"), "", number(res.Answers, res.Few, false))
	for _, q := range res.Questions {
		label := q.Words(l, res.Original, words)
		write(label, words("survey.answered"), number(q.Answered, q.Few, false))
		for _, b := range q.Bars {
			write(label, q.Option(b.Value, l, res.Original), number(b.N, b.Few, b.Withheld))
		}
		for _, words := range q.Texts {
			write(label, words, "")
		}
	}
	return t.Write(w, sheet.CSV)
}

// Words are the question as people read it.
func (q *SurveyQuestion) Words(l, original i18n.Locale, words func(key string) string) string {
	if q.BuiltIn() {
		return words("survey.accessibility")
	}
	w, _ := q.Label.Pick(l, original)
	return w
}

// Option is an answer as people read it.
func (q *SurveyQuestion) Option(v string, l, original i18n.Locale) string {
	for i := range q.Options {
		if q.Options[i].ID == v {
			w, _ := q.Options[i].Label.Pick(l, original)
			return w
		}
	}
	if n, err := strconv.Atoi(v); err == nil && q.Type == Scale {
		return i18n.Number(l, n)
	}
	return strings.TrimSpace(v)
}

// purgeSurveys deletes the words of surveys whose time is over. Numbers stay: nobody can be found in them.
func (s *Store) purgeSurveys(ctx context.Context) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM survey_texts WHERE event_id IN (SELECT event_id FROM surveys WHERE forget_at < ?)", s.now()).Exec(ctx)
		return err
	})
}
