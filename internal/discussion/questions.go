package discussion

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/mail"
	"plenary/internal/registration"
)

// Question is something that somebody asked the speakers.
type Question struct {
	ID, Event      string
	Source         string
	State          string
	Topic, Speaker string
	Name, Mail     string
	Locale         i18n.Locale
	Text           string
	Answers        map[i18n.Locale]string
	Post           string // what it became on the board
	Told, Created  time.Time
}

// Where questions come from.
var Sources = []string{"registration", "day", "floor"}

// States of questions.
const (
	Asked        = "asked"
	AnsweredLive = "answered_live"
	AnsweredNow  = "answered_later"
	Dropped      = "dropped"
)

// QuestionStates lists them.
var QuestionStates = []string{Asked, AnsweredLive, AnsweredNow, Dropped}

// Answered says whether the public sees the question.
func (q *Question) Answered() bool { return q.State == AnsweredLive || q.State == AnsweredNow }

// Answer picks what to show in a language: there, else in the original, else in any.
func (q *Question) Answer(l, original i18n.Locale) (string, i18n.Locale) {
	for _, x := range append([]i18n.Locale{l, original, q.Locale}, i18n.All...) {
		if w := q.Answers[x]; w != "" {
			return w, x
		}
	}
	return "", ""
}

type questionRow struct {
	bun.BaseModel  `bun:"table:discussion_questions,alias:q"`
	ID             string `bun:",pk"`
	EventID        string
	RegistrationID string
	Source, State  string
	Topic, Speaker string
	Name, Mail     string
	Locale         i18n.Locale
	Text           string
	Answers        string
	PostID         string
	ToldAt         *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

func (r *questionRow) question() (Question, error) {
	q := Question{ID: r.ID, Event: r.EventID, Source: r.Source, State: r.State, Topic: r.Topic, Speaker: r.Speaker, Name: r.Name, Mail: r.Mail, Locale: r.Locale, Text: r.Text,
		Post: r.PostID, Created: r.CreatedAt}
	if r.ToldAt != nil {
		q.Told = *r.ToldAt
	}
	return q, json.Unmarshal([]byte(r.Answers), &q.Answers)
}

// questionsMost is how many questions of an event are listed and shown.
const questionsMost = 1000

// PublicQuestions gives the answered questions of an event, in the order they were asked. Who asked is told only where staff
// have entered a name.
func (s *Store) PublicQuestions(ctx context.Context, event string) ([]Question, error) {
	var rows []questionRow
	if err := s.DB.Read().NewSelect().Model(&rows).Where("q.event_id = ? AND q.state IN (?, ?)", event, AnsweredLive, AnsweredNow).OrderExpr("q.created_at, q.id").
		Limit(questionsMost).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := make([]Question, len(rows))
	for i := range rows {
		q, err := rows[i].question()
		if err != nil {
			return nil, err
		}
		q.Mail = ""
		out[i] = q
	}
	return out, nil
}

// Questions gives the questions of an event in a state (empty: any) to those who moderate its board, with how many there are
// by state.
func (s *Store) Questions(ctx context.Context, who *auth.Actor, event, state string) ([]Question, map[string]int, error) {
	if _, _, err := s.moderated(ctx, who, event); err != nil {
		return nil, nil, err
	}
	var counts []struct {
		State string
		N     int
	}
	if err := s.DB.Read().NewRaw("SELECT state, count(*) AS n FROM discussion_questions WHERE event_id = ? GROUP BY state", event).Scan(ctx, &counts); err != nil {
		return nil, nil, db.Normalize(err)
	}
	n := map[string]int{}
	for _, c := range counts {
		n[c.State] = c.N
	}
	var rows []questionRow
	sel := s.DB.Read().NewSelect().Model(&rows).Where("q.event_id = ?", event)
	if state != "" {
		sel = sel.Where("q.state = ?", state)
	}
	if err := sel.OrderExpr("q.created_at, q.id").Limit(questionsMost).Scan(ctx); err != nil {
		return nil, nil, db.Normalize(err)
	}
	out := make([]Question, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].question(); err != nil {
			return nil, nil, err
		}
	}
	return out, n, nil
}

// Unanswered counts the questions of an event that nobody has answered or set aside.
func (s *Store) Unanswered(ctx context.Context, event string) (int, error) {
	n, err := s.DB.Read().NewSelect().Model((*questionRow)(nil)).Where("q.event_id = ? AND q.state = ?", event, Asked).Count(ctx)
	return int(n), db.Normalize(err)
}

// Question gives one question to those who moderate its board.
func (s *Store) Question(ctx context.Context, who *auth.Actor, event, id string) (*Question, error) {
	if _, _, err := s.moderated(ctx, who, event); err != nil {
		return nil, err
	}
	var r questionRow
	if err := s.DB.Read().NewSelect().Model(&r).Where("q.event_id = ? AND q.id = ?", event, id).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	q, err := r.question()
	return &q, err
}

// Gather takes over what was asked in the form to register, once each, and says how much was new.
func (s *Store) Gather(ctx context.Context, event string) (int, error) {
	e, err := s.Event(ctx, event)
	if err != nil {
		return 0, err
	}
	reg, err := s.Registration.Event(ctx, event)
	if errors.Is(err, db.ErrNotFound) || e.Board.Question == "" {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	all, err := s.Registration.Answers(ctx, reg, e.Board.Question)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	n := 0
	err = s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		n = 0
		// Whoever withdraws and registers again comes with a new registration and the same question.
		var rows []questionRow
		if err := tx.NewSelect().Model(&rows).Column("id", "registration_id", "mail", "text").Where("q.event_id = ? AND q.mail <> ''", event).Scan(ctx); err != nil {
			return err
		}
		there := map[string]questionRow{}
		for _, r := range rows {
			there[strings.ToLower(r.Mail)+" "+r.Text] = r
		}
		for i, a := range all {
			words := paragraphs(a.Text)
			if r, is := there[strings.ToLower(a.Mail)+" "+words]; is {
				if r.RegistrationID == "" || r.RegistrationID == a.Registration {
					continue
				}
				// The question lives as long as the registration it hangs on.
				if _, err := tx.NewRaw(`UPDATE discussion_questions SET registration_id = ? WHERE id = ?
					AND NOT EXISTS (SELECT 1 FROM discussion_questions x WHERE x.registration_id = ?)`, a.Registration, r.ID, a.Registration).Exec(ctx); err != nil {
					return err
				}
				continue
			}
			at := h.now.Add(time.Duration(i) * time.Microsecond) // in the order they came
			res, err := tx.NewRaw(`INSERT INTO discussion_questions (id, event_id, registration_id, source, state, mail, locale, text, created_at, updated_at)
				VALUES (?, ?, ?, 'registration', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, content.NewID(), event, a.Registration, Asked, a.Mail, a.Locale, words, at, at).Exec(ctx)
			if err != nil {
				return err
			}
			if k, err := res.RowsAffected(); err != nil {
				return err
			} else if k > 0 {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		return auth.Audit(ctx, tx, system, "discussion.gather", h.About(), map[string]any{"count": n})
	})
	return n, err
}

// GatherAll is Gather for all boards that are not closed for long.
func (s *Store) GatherAll(ctx context.Context) error {
	var ids []string
	if err := s.DB.Read().NewRaw("SELECT event_id FROM discussion_boards WHERE closes_at IS NULL OR closes_at > ?", s.now()).Scan(ctx, &ids); err != nil {
		return db.Normalize(err)
	}
	for _, id := range ids {
		if _, err := s.Gather(ctx, id); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Names of the fields of a question's form. Answers are "answer." and the language.
const (
	FieldSource  = "source"
	FieldTopic   = "topic"
	FieldSpeaker = "speaker"
	FieldState   = "state"
	AnswerPrefix = "answer."
)

// SaveQuestion enters a question, or changes one where id is set, from a form's values. Where it comes to be answered, the
// asker is told by letter, once.
func (s *Store) SaveQuestion(ctx context.Context, who *auth.Actor, event, id string, values map[string][]string) (string, error) {
	if _, _, err := s.moderated(ctx, who, event); err != nil {
		return "", err
	}
	rd := &reader{s: Submission{Values: values}}
	err := s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		rd.problems = nil
		r := questionRow{ID: content.NewID(), EventID: event, Answers: "{}", State: Asked, CreatedAt: h.now}
		if id != "" {
			if err := tx.NewSelect().Model(&r).Where("q.event_id = ? AND q.id = ?", event, id).Scan(ctx); err != nil {
				return db.Normalize(err)
			}
		} else {
			if r.Source = rd.one(FieldSource); r.Source != "day" && r.Source != "floor" {
				rd.bad(FieldSource, "registration.choice")
			}
			if w := strings.TrimSpace(rd.one(FieldMail)); w != "" {
				var err error
				if r.Mail, err = mail.Address(w); err != nil {
					rd.bad(FieldMail, "registration.mail")
				}
			}
		}
		before, _ := r.question()
		if r.Source != "registration" { // those who registered did not ask in public
			r.Name = rd.line(FieldName)
		}
		l, ok := i18n.Parse(rd.one(FieldLanguage))
		if !ok {
			rd.bad(FieldLanguage, "registration.choice")
		}
		r.Locale = l
		if r.Text = rd.text(FieldText, MaxText); r.Text == "" {
			rd.bad(FieldText, "board.text_missing")
		}
		if r.Topic = rd.one(FieldTopic); r.Topic != "" && r.Topic != before.Topic && h.Board.Topic(r.Topic) == nil {
			rd.bad(FieldTopic, "registration.choice")
		}
		if r.Speaker = rd.one(FieldSpeaker); r.Speaker != "" && r.Speaker != before.Speaker && h.Board.Speaker(content.Ref(r.Speaker)) == nil {
			rd.bad(FieldSpeaker, "registration.choice")
		}
		if w := rd.one(FieldState); w != "" || id != "" {
			if r.State = w; !slices.Contains(QuestionStates, w) {
				rd.bad(FieldState, "registration.choice")
			}
		}
		answers := map[i18n.Locale]string{}
		for _, l := range i18n.All {
			if w := rd.text(AnswerPrefix+string(l), MaxText); w != "" {
				answers[l] = w
			}
		}
		if r.State == AnsweredNow && len(answers) == 0 {
			rd.bad(AnswerPrefix+string(h.Original), "board.answer_missing")
		}
		if err := rd.err(); err != nil {
			return err
		}
		doc, err := json.Marshal(answers)
		if err != nil {
			return err
		}
		r.Answers, r.UpdatedAt = string(doc), h.now
		q, err := r.question()
		if err != nil {
			return err
		}
		h.public = q.Answered() || before.Answered()
		if q.Answered() && r.ToldAt == nil && r.Mail != "" {
			if err := s.tellAsker(ctx, tx, h, &r); err != nil {
				return err
			}
		}
		if id == "" {
			_, err = tx.NewInsert().Model(&r).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(&r).WherePK().Exec(ctx)
		}
		if err != nil {
			return db.Normalize(err)
		}
		id = r.ID
		return auth.Audit(ctx, tx, who, "discussion.question", h.About(), map[string]any{"question": r.ID, "state": r.State})
	})
	return id, err
}

// tellAsker writes that a question was answered, once. The answer is not in it: whoever answers need not have the right to send
// letters, and mailboxes that they typed are nobody's who showed to be theirs, so of those only so many are written to in a day.
// Somebody who registered and takes part no longer is forgotten instead.
func (s *Store) tellAsker(ctx context.Context, tx bun.Tx, h *held, r *questionRow) error {
	if r.RegistrationID != "" {
		takes, err := registration.TakingPart(tx).Where("r.id = ?", r.RegistrationID).Exists(ctx)
		if err != nil {
			return err
		}
		if !takes {
			r.Mail = ""
			return nil
		}
	} else if often, err := s.Often(ctx, tx, h.now, boardLetters, "answered", h.ID); err != nil || often {
		return err
	}
	l := r.Locale
	const key = "board.letter.answered"
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, key+".text", "Event", h.title(l))},
		Button: mail.Link{Text: s.Catalogue.T(l, key+".button"), URL: s.address(h.Event, l, r.Topic)}}
	x := mail.Letter{Cause: "discussion.answered:" + r.ID, To: r.Mail, Locale: l, Subject: s.subject(l, key+".subject", h.Event), About: h.About()}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	if _, err := s.Mail.Enqueue(ctx, tx, system, x); err != nil {
		return err
	}
	r.ToldAt = &h.now
	return nil
}

// Seed makes an unanswered question a post of its topic, in one step, shown at once and under no name but one that staff
// entered. Done again it changes nothing.
func (s *Store) Seed(ctx context.Context, who *auth.Actor, event, id string) error {
	if _, _, err := s.moderated(ctx, who, event); err != nil {
		return err
	}
	return s.work(ctx, event, func(ctx context.Context, tx bun.Tx, h *held) error {
		var q questionRow
		if err := tx.NewSelect().Model(&q).Where("q.event_id = ? AND q.id = ?", event, id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if q.PostID != "" {
			return nil
		}
		if h.Board.Topic(q.Topic) == nil {
			return refuse(FieldTopic, "board.topic_missing")
		}
		r := &postRow{ID: content.NewID(), EventID: event, Topic: q.Topic, State: Shown, Source: FromQuestion, Name: q.Name, Locale: q.Locale, Letters: q.Locale, Text: q.Text,
			Find: i18n.Fold(q.Locale, q.Name+" "+q.Text), VerifiedAt: &h.now}
		if err := s.insert(ctx, tx, h, r, "seeded", who.ID); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE discussion_questions SET post_id = ?, updated_at = ? WHERE id = ?", r.ID, h.now, q.ID).Exec(ctx); err != nil {
			return err
		}
		return auth.Audit(ctx, tx, who, "discussion.seed", h.About(), map[string]any{"question": q.ID, "post": r.ID})
	})
}
