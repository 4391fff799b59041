package clearance

import (
	"context"
	"errors"
	"net/url"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
)

// TellJob is the kind of the tasks that write to those whom a step concerns, ScheduleJob that of those that publish and
// withdraw at their time.
const (
	TellJob     = "clearance"
	ScheduleJob = "schedule"
)

// Handle has the tasks done by q.
func (s *Store) Handle(q *job.Queue) {
	q.Handle(TellJob, s.runTell)
	q.Handle(ScheduleJob, s.runSchedule)
	q.Handle(JointJob, s.runJoint)
}

var system = auth.System("clearance")

type tellArgs struct {
	Step string `json:"step"`
}

// tell has a step told. Who is to be told, and in which language, is looked up when the letters are written.
func (s *Store) tell(ctx context.Context, tx bun.Tx, st Step) error {
	if s.Jobs == nil || s.Mail == nil {
		return nil
	}
	return s.Jobs.Enqueue(ctx, tx, job.Task{Kind: TellJob, Args: tellArgs{st.ID}, Key: TellJob + ":" + st.ID})
}

// runTell writes the letters of a step: to all who may clear what was submitted, or to who submitted what was decided.
func (s *Store) runTell(ctx context.Context, r *job.Run) error {
	var args tellArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	st := new(Step)
	err := s.DB.Read().NewSelect().Model(st).Where("st.id = ?", args.Step).Scan(ctx)
	if err = db.Normalize(err); err != nil {
		return err
	}
	e, err := s.Content.Get(ctx, system, st.EntryID)
	if err != nil {
		return err
	}
	var to []*auth.Actor
	if st.State == Submitted {
		if to, err = s.Auth.Able(ctx, e.TextObject(st.Locale)); err != nil {
			return err
		}
	} else if to, err = s.asker(ctx, e, st.AskedBy); err != nil {
		return err
	}
	names, err := s.Auth.Names(ctx, []string{st.Author, st.Stead})
	if err != nil {
		return err
	}
	return s.write(ctx, r, e, to, said{cause: "clearance:" + st.ID, author: st.Author, of: st.Locale, note: st.Note, url: s.page(e, st.Locale, "clearance"), subject: "clearance.letter." + string(st.State) + "_subject",
		first: func(l i18n.Locale) (string, error) {
			name := i18n.Isolate(names[st.Author])
			if names[st.Stead] != "" {
				name = s.Catalogue.T(l, "clearance.stead", "Name", name, "Other", i18n.Isolate(names[st.Stead]))
			}
			return s.Catalogue.T(l, "clearance.letter."+string(st.State), "Name", name, "Title", s.title(e, l), "Language", i18n.LanguageName(l, string(st.Locale))), nil
		}})
}

// asker is who asked for what has been decided, nobody where that is not known or they may not read the entry any more.
func (s *Store) asker(ctx context.Context, e *content.Entry, account string) ([]*auth.Actor, error) {
	if account == "" {
		return nil, nil
	}
	who, err := s.Auth.ActorOf(ctx, account)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !who.Can(auth.Read, e.Object()):
		return nil, nil
	}
	return []*auth.Actor{who}, nil
}

// said is what somebody said of a language of an entry, for those whom it concerns.
type said struct {
	cause, author string
	of            i18n.Locale
	note, url     string
	subject       string                              // message of the subject
	first         func(l i18n.Locale) (string, error) // the letter's first words
}

// write writes to each in their language, but for who said it, and ends the task with the letters.
func (s *Store) write(ctx context.Context, r *job.Run, e *content.Entry, to []*auth.Actor, x said) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, who := range to {
			if who.ID == x.author || who.Disabled || e.Deleted != nil {
				continue
			}
			l := who.Locale
			if l == "" {
				l = i18n.EN
			}
			first, err := x.first(l)
			if err != nil {
				return err
			}
			body := mail.Body{Paragraphs: []string{first}, Button: mail.Link{Text: s.Catalogue.T(l, "clearance.letter.look"), URL: x.url}}
			if x.note != "" {
				body.Paragraphs = append(body.Paragraphs, x.note)
			}
			if err := s.letter(ctx, tx, e, who, l, x.cause, s.subject(e, l, x.subject, x.of), body); err != nil {
				return err
			}
		}
		return r.Done(ctx, tx)
	})
}

// letter writes to an account, unless it wants no such letters.
func (s *Store) letter(ctx context.Context, tx bun.Tx, e *content.Entry, to *auth.Actor, l i18n.Locale, cause, subject string, body mail.Body) error {
	if s.Mail == nil || to.Disabled || to.IsProgram() {
		return nil
	}
	if quiet, err := s.quiet(ctx, tx, to.ID); err != nil || quiet {
		return err
	}
	body.Footer = []string{s.Catalogue.T(l, "clearance.letter.why")}
	x := mail.Letter{Cause: cause + ":" + to.ID, To: to.Email, Name: to.Name, Locale: l, Subject: subject, About: e.Object()}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	_, err := s.Mail.Enqueue(ctx, tx, system, x)
	return err
}

// title is the entry's in a language, set apart where it is in another.
func (s *Store) title(e *content.Entry, l i18n.Locale) string {
	if t := e.Languages[l].Title; t != "" {
		return t
	}
	if e.Title == "" {
		return s.Catalogue.T(l, "clearance.untitled")
	}
	return i18n.Isolate(e.Title)
}

// subject names the entry and the language, as much of it as a subject holds.
func (s *Store) subject(e *content.Entry, l i18n.Locale, key string, of i18n.Locale) string {
	title := s.title(e, l)
	say := func(title string) string {
		return s.Catalogue.T(l, key, "Title", title, "Language", i18n.LanguageName(l, string(of)))
	}
	w := say(title)
	if over := utf8.RuneCountInString(w) - mail.MaxSubject; over > 0 {
		short := []rune(i18n.StripControls(title))
		w = say(i18n.Isolate(string(short[:max(0, len(short)-over-3)]) + "…"))
	}
	return w
}

// page is where something is decided of a language.
func (s *Store) page(e *content.Entry, l i18n.Locale, below string) string {
	return s.BaseURL + "/admin/" + e.Kind.Path + "/" + url.PathEscape(e.ID) + "/" + below + "?lang=" + string(l)
}

func (s *Store) quiet(ctx context.Context, q bun.IDB, account string) (bool, error) {
	n, err := q.NewSelect().Table("clearance_quiet").Where("account_id = ?", account).Count(ctx)
	return n > 0, db.Normalize(err)
}

// Quiet reports whether the actor wants no letters about clearance and schedules.
func (s *Store) Quiet(ctx context.Context, who *auth.Actor) (bool, error) {
	if who == nil {
		return false, auth.ErrForbidden
	}
	return s.quiet(ctx, s.DB.Read(), who.ID)
}

// SetQuiet switches the actor's letters off, or on again.
func (s *Store) SetQuiet(ctx context.Context, who *auth.Actor, quiet bool) error {
	if who == nil || who.IsProgram() {
		return auth.ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if quiet {
			_, err = tx.NewRaw("INSERT INTO clearance_quiet (account_id) VALUES (?) ON CONFLICT (account_id) DO NOTHING", who.ID).Exec(ctx)
		} else {
			_, err = tx.NewRaw("DELETE FROM clearance_quiet WHERE account_id = ?", who.ID).Exec(ctx)
		}
		return db.Normalize(err)
	})
}
