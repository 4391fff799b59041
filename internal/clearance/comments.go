package clearance

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// Comment is what a reviewer says of a field, or of the whole. Its path holds the ids of items, so it stays with its item
// wherever that is moved.
type Comment struct {
	bun.BaseModel `bun:"table:field_comments,alias:co"`
	ID            string      `bun:"id,pk"`
	EntryID       string      `bun:"entry_id"`
	Locale        i18n.Locale `bun:"locale"` // "": about the facts
	Path          string      `bun:"path"`   // "": about the whole
	Body          string      `bun:"body"`
	Author        string      `bun:"author"`
	At            time.Time   `bun:"at"`
	Reply         string      `bun:"reply"` // one is enough
	ReplyBy       string      `bun:"reply_by"`
	ReplyAt       *time.Time  `bun:"reply_at"`
	ResolvedBy    string      `bun:"resolved_by"`
	ResolvedAt    *time.Time  `bun:"resolved_at"`
}

// Name is the name of the form field that the comment is about.
func (c Comment) Name() string { return content.FormName(c.Path, c.Locale) }

// Open reports whether somebody has still to do something about it.
func (c Comment) Open() bool { return c.ResolvedAt == nil }

// MayComment reports whether the actor may say something of a language, or answer: those who work on it and those who
// clear it, not who only looks on.
func MayComment(who *auth.Actor, e *content.Entry, l i18n.Locale) bool {
	if e.Deleted != nil {
		return false
	}
	o := e.TextObject(l)
	if l == "" {
		o = e.Object()
	}
	return who.Can(auth.Submit, o) || who.Can(auth.Clear, o) || who.Can(auth.Publish, o) || who.Can(auth.EditText, o) || who.Can(auth.EditFacts, e.Object()) ||
		l == "" && who.Can(auth.Clear, e.TextObject(e.Original))
}

// Comments lists what was said of an entry, the oldest first. e was read by somebody who may.
func (s *Store) Comments(ctx context.Context, e *content.Entry) ([]Comment, error) {
	var out []Comment
	if err := s.DB.Read().NewSelect().Model(&out).Where("co.entry_id = ?", e.ID).OrderExpr("co.at, co.id").Limit(500).Scan(ctx); err != nil {
		return nil, fmt.Errorf("comments on %s: %w", e.ID, db.Normalize(err))
	}
	return out, nil
}

// maxComments is how many comments an entry holds.
const maxComments = 500

// Comment says something of a field, whose path has the ids of its items, or with "" of the whole. A comment on words is in
// their language; one on facts has none.
func (s *Store) Comment(ctx context.Context, who *auth.Actor, id string, l i18n.Locale, path, body string) error {
	body, ok := cleanNote(body)
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if path != "" {
			f := e.Kind.Field(path)
			if f == nil {
				return invalid(l, "problem.not_a_field")
			}
			if !f.Text() {
				l = ""
			}
		}
		if !MayComment(who, e, l) {
			return auth.ErrForbidden
		}
		switch {
		case body == "":
			return invalid(l, "problem.comment_empty")
		case !ok:
			return invalid(l, "problem.note_long")
		}
		n, err := tx.NewSelect().Model((*Comment)(nil)).Where("entry_id = ?", id).Count(ctx)
		if err != nil {
			return fmt.Errorf("comment on %s: %w", id, db.Normalize(err))
		}
		if n >= maxComments {
			return invalid(l, "problem.comments_many")
		}
		c := &Comment{ID: content.NewID(), EntryID: id, Locale: l, Path: path, Body: body, Author: who.ID, At: s.now()}
		if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
			return fmt.Errorf("comment on %s: %w", id, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, "comment.add", e.Object(), map[string]any{"title": e.Title, "path": path})
	})
}

// onComment runs f on a comment of the entry, which the actor may answer, and stores what f made of it.
func (s *Store) onComment(ctx context.Context, who *auth.Actor, id, comment, action string, f func(c *Comment) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.Content.Hold(ctx, tx, who, id)
		if err != nil {
			return err
		}
		c := new(Comment)
		if err := tx.NewSelect().Model(c).Where("co.id = ? AND co.entry_id = ?", comment, id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if !MayComment(who, e, c.Locale) {
			return auth.ErrForbidden
		}
		if err := f(c); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("comment on %s: %w", id, db.Normalize(err))
		}
		return auth.Audit(ctx, tx, who, action, e.Object(), map[string]any{"title": e.Title, "path": c.Path})
	})
}

// Reply answers a comment, once.
func (s *Store) Reply(ctx context.Context, who *auth.Actor, id, comment, body string) error {
	body, ok := cleanNote(body)
	return s.onComment(ctx, who, id, comment, "comment.reply", func(c *Comment) error {
		switch {
		case body == "":
			return invalid(c.Locale, "problem.comment_empty")
		case !ok:
			return invalid(c.Locale, "problem.note_long")
		case c.Reply != "":
			return invalid(c.Locale, "problem.replied")
		}
		now := s.now()
		c.Reply, c.ReplyBy, c.ReplyAt = body, who.ID, &now
		return nil
	})
}

// Resolve says that a comment is dealt with, or that it is not.
func (s *Store) Resolve(ctx context.Context, who *auth.Actor, id, comment string, resolved bool) error {
	action := "comment.reopen"
	if resolved {
		action = "comment.resolve"
	}
	return s.onComment(ctx, who, id, comment, action, func(c *Comment) error {
		c.ResolvedBy, c.ResolvedAt = "", nil
		if resolved {
			now := s.now()
			c.ResolvedBy, c.ResolvedAt = who.ID, &now
		}
		return nil
	})
}
