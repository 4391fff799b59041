package translation

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
	"plenary/internal/job"
	"plenary/internal/mail"
)

// TellJob is the kind of the tasks that write to translators.
const TellJob = "translation.assigned"

// Handle has the tasks done by q.
func (s *Store) Handle(q *job.Queue) { q.Handle(TellJob, s.runTell) }

var system = auth.System("translation")

type tellArgs struct {
	Batch string `json:"batch"`
}

// told is how many translations a letter names; of more it says how many.
const told = 20

// runTell writes what was assigned together, as far as it still is.
func (s *Store) runTell(ctx context.Context, r *job.Run) error {
	var args tellArgs
	if err := r.Args(&args); err != nil {
		return err
	}
	var rows []Assignment
	if err := s.DB.Read().NewSelect().Model(&rows).Where("ta.batch = ?", args.Batch).OrderExpr("ta.entry_id, ta.locale").Scan(ctx); err != nil {
		return fmt.Errorf("assignments: %w", db.Normalize(err))
	}
	var to *auth.Actor
	if len(rows) > 0 {
		var err error
		if to, err = s.Auth.ActorOf(ctx, rows[0].Account); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	var x *mail.Letter
	if to != nil && !to.Disabled {
		var err error
		if x, err = s.write(ctx, to, args.Batch, rows); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if x != nil {
			if _, err := s.Mail.Enqueue(ctx, tx, system, *x); err != nil {
				return err
			}
		}
		return r.Done(ctx, tx)
	})
}

// write makes the letter; nil where they may read none of the entries any more.
func (s *Store) write(ctx context.Context, to *auth.Actor, batch string, rows []Assignment) (*mail.Letter, error) {
	l := to.Locale
	if l == "" {
		l = i18n.EN
	}
	names, err := s.Auth.Names(ctx, []string{rows[0].By})
	if err != nil {
		return nil, err
	}
	body := mail.Body{Paragraphs: []string{s.Catalogue.T(l, "board.letter.text", "Name", i18n.Isolate(names[rows[0].By]))}}
	subject := s.Catalogue.T(l, "board.letter.subject", "Count", i18n.Number(l, len(rows)))
	n := 0
	var about auth.Object
	for _, r := range rows {
		e, err := s.Content.Get(ctx, to, r.EntryID)
		if errors.Is(err, db.ErrNotFound) {
			continue // they may not read it any more
		}
		if err != nil {
			return nil, err
		}
		if n++; n > told {
			continue
		}
		if about = e.Object(); e.Title == "" {
			e.Title = s.Catalogue.T(l, "clearance.untitled")
		}
		body.Paragraphs = append(body.Paragraphs, s.Catalogue.T(l, "board.letter.one", "Title", i18n.Isolate(e.Title), "Language", i18n.LanguageName(l, string(r.Locale))))
	}
	if n == 0 {
		return nil, nil
	}
	if n > told {
		body.Paragraphs = append(body.Paragraphs, s.Catalogue.T(l, "board.letter.more", "Count", i18n.Number(l, n-told)))
	}
	if due := rows[0].Due; due != "" {
		body.Paragraphs = append(body.Paragraphs, s.Catalogue.T(l, "board.letter.due", "Date", i18n.Date(l, due.Time())))
	}
	if rows[0].Note != "" {
		body.Paragraphs = append(body.Paragraphs, rows[0].Note)
	}
	body.Button = mail.Link{Text: s.Catalogue.T(l, "board.letter.look"), URL: s.BaseURL + "/admin/translations?assignee=me"}
	x := &mail.Letter{Cause: "translation:" + batch, To: to.Email, Name: to.Name, Locale: l, Subject: subject, About: about}
	x.Text, x.HTML = s.Mail.Compose(l, body)
	return x, nil
}
