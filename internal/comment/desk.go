package comment

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/db"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/registration"
	"plenary/internal/sheet"
)

// What comments are asked for by, beside a disposition.
const (
	Open = "open" // to be dealt with
	All  = "all"
	Gone = "withdrawn"
)

// Filters lists what comments are asked for by, in the order of a desk.
var Filters = slices.Concat([]string{Open, All}, Dispositions, []string{Gone})

const maxReason = 1000

// Step is a step in a comment's life.
type Step struct {
	At     time.Time
	Actor  string // account; "" the author
	Action string // written, verified, withdrawn, disposed, assigned, told
	Detail string
}

// desk gives an entry with its round, public or not, to those who may change its facts: they decide on the text, and so on what
// is said about it.
func (s *Store) desk(ctx context.Context, who *auth.Actor, id string) (*content.Entry, *Round, error) {
	e, err := s.Content.Get(ctx, who, id)
	if err != nil {
		return nil, nil, err
	}
	v, ok := e.Value.(Rounded)
	if !ok || e.Deleted != nil {
		return nil, nil, db.ErrNotFound
	}
	if !who.Can(auth.EditFacts, e.Object()) {
		return nil, nil, auth.ErrForbidden
	}
	return e, v.CommentRound(), nil
}

func filtered(sel *bun.SelectQuery, entry, filter, paragraph string) *bun.SelectQuery {
	sel = sel.Where("c.entry_id = ?", entry)
	if paragraph != "" {
		sel = sel.Where("c.paragraph = ?", paragraph)
	}
	switch filter {
	case Gone:
		return sel.Where("c.state = ?", Withdrawn)
	case Open:
		return sel.Where("c.state = ? AND c.disposition = ''", Received)
	case All:
		return sel.Where("c.state = ?", Received)
	}
	return sel.Where("c.state = ? AND c.disposition = ?", Received, filter)
}

const order = "c.place, c.created_at, c.id"

// List gives the comments on an entry by one of Filters, and on one paragraph where that is named, in the order of the text; and
// how many there are by each filter.
func (s *Store) List(ctx context.Context, who *auth.Actor, entry, filter, paragraph string, offset, limit int) ([]Comment, map[string]int, error) {
	if _, _, err := s.desk(ctx, who, entry); err != nil {
		return nil, nil, err
	}
	counts := map[string]int{}
	for _, f := range Filters {
		n, err := filtered(s.DB.Read().NewSelect().Model((*row)(nil)), entry, f, paragraph).Count(ctx)
		if err != nil {
			return nil, nil, db.Normalize(err)
		}
		counts[f] = int(n)
	}
	var rows []row
	if err := filtered(s.DB.Read().NewSelect().Model(&rows), entry, filter, paragraph).OrderExpr(order).Offset(int64(offset)).Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, nil, db.Normalize(err)
	}
	out := make([]Comment, len(rows))
	for i := range rows {
		out[i] = rows[i].comment()
	}
	return out, counts, nil
}

// Log is the life of a comment on an entry.
func (s *Store) Log(ctx context.Context, who *auth.Actor, entry, id string) ([]Step, error) {
	if _, _, err := s.desk(ctx, who, entry); err != nil {
		return nil, err
	}
	var out []Step
	err := s.DB.Read().NewRaw("SELECT l.at, l.actor, l.action, l.detail FROM comment_log l JOIN comments c ON c.id = l.comment_id WHERE c.id = ? AND c.entry_id = ? ORDER BY l.number", id, entry).Scan(ctx, &out)
	return out, db.Normalize(err)
}

// Decision is what is done with a comment.
type Decision struct {
	Disposition string // of Dispositions; empty: it is to be dealt with
	Reason      string // for the author too, in the language of the record
	Assignee    string // account that looks after it; empty: nobody
	Tell        bool   // its author, by letter
}

// Dispose decides on a comment. Its author is told where that is wanted, and the mailbox is not forgotten.
func (s *Store) Dispose(ctx context.Context, who *auth.Actor, entry, id string, x Decision) error {
	if _, _, err := s.desk(ctx, who, entry); err != nil {
		return err
	}
	x.Reason = strings.TrimSpace(i18n.StripControls(x.Reason))
	switch {
	case x.Disposition != "" && !slices.Contains(Dispositions, x.Disposition):
		return &registration.Invalid{Problems: []registration.Problem{{Field: "disposition", Key: "registration.choice"}}}
	case utf8.RuneCountInString(x.Reason) > maxReason:
		return &registration.Invalid{Problems: []registration.Problem{{Field: "reason", Key: "registration.too_long", Args: []any{"Max", maxReason}}}}
	case x.Disposition == "declined" && x.Reason == "":
		return &registration.Invalid{Problems: []registration.Problem{{Field: "reason", Key: "comments.reason_missing"}}}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.hold(ctx, tx, entry); err != nil {
			return err
		}
		var r row
		if err := tx.NewSelect().Model(&r).Where("c.id = ? AND c.entry_id = ? AND c.state = ?", id, entry, Received).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		now := s.now()
		if x.Assignee != r.Assignee {
			r.Assignee = x.Assignee
			if err := s.set(ctx, tx, now, &r, who.ID, "assigned", x.Assignee); err != nil {
				return err
			}
		}
		if x.Disposition != r.Disposition || x.Reason != r.Reason {
			r.Disposition, r.Reason, r.ToldAt = x.Disposition, x.Reason, nil
			if err := s.set(ctx, tx, now, &r, who.ID, "disposed", x.Disposition); err != nil {
				return err
			}
			if err := auth.Audit(ctx, tx, who, "comments.dispose", auth.Object{Kind: "report", ID: entry}, map[string]any{"comment": id, "disposition": x.Disposition}); err != nil {
				return err
			}
		}
		if !x.Tell || r.Disposition == "" || r.Mail == "" || r.ToldAt != nil {
			return nil
		}
		d, err := s.draft(ctx, tx, entry)
		if errors.Is(err, db.ErrNotFound) { // it was taken back: the decision stays, and its author can be told later
			return nil
		} else if err != nil {
			return err
		}
		if err := s.letter(ctx, tx, d, &r, "told"); err != nil {
			return err
		}
		r.ToldAt = &now
		return s.set(ctx, tx, now, &r, who.ID, "told", "")
	})
}

// Due is an entry with comments to deal with.
type Due struct {
	Entry, Title string
	Original     i18n.Locale
	N            int
}

// Due lists the entries of a kind whose comments an actor may deal with, and has to.
func (s *Store) Due(ctx context.Context, who *auth.Actor, kind string) ([]Due, error) {
	scope := who.Scope(auth.EditFacts, kind)
	if scope.Empty() {
		return nil, nil
	}
	var out []Due
	sel := s.DB.Read().NewSelect().TableExpr("comments AS c").Join("JOIN entries AS e ON e.id = c.entry_id").ColumnExpr("e.id AS entry, e.title, e.original, count(*) AS n").
		Where("c.state = ? AND c.disposition = '' AND e.deleted_at IS NULL AND e.kind = ?", Received, kind).GroupExpr("e.id, e.title, e.original").OrderExpr("n DESC, e.id").Limit(20)
	err := scope.Where(sel, "e").Scan(ctx, &out)
	return out, db.Normalize(err)
}

// Undecided counts the comments on an entry that are still to be dealt with.
func (s *Store) Undecided(ctx context.Context, entry string) (int, error) {
	n, err := s.DB.Read().NewSelect().Model((*row)(nil)).Where("c.entry_id = ? AND c.state = ? AND c.disposition = ''", entry, Received).Count(ctx)
	return int(n), db.Normalize(err)
}

// exportMost is how many comments are exported at once.
const exportMost = 20_000

// all are the comments that count, for an export, which is written down.
func (s *Store) all(ctx context.Context, who *auth.Actor, entry string) (*content.Entry, *Round, []Comment, error) {
	e, round, err := s.desk(ctx, who, entry)
	if err != nil {
		return nil, nil, nil, err
	}
	var rows []row
	if err := filtered(s.DB.Read().NewSelect().Model(&rows), entry, All, "").OrderExpr(order).Limit(exportMost).Scan(ctx); err != nil {
		return nil, nil, nil, db.Normalize(err)
	}
	out := make([]Comment, len(rows))
	for i := range rows {
		out[i] = rows[i].comment()
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return auth.Audit(ctx, tx, who, "comments.export", e.Object(), map[string]any{"count": len(out)})
	})
	return e, round, out, err
}

// from is who a comment is by: name, organisation, country.
func (c *Comment) from(l i18n.Locale) []string {
	var out []string
	for _, w := range []string{c.Name, c.Organization} {
		if w != "" {
			out = append(out, w)
		}
	}
	if c.Country != "" {
		out = append(out, i18n.CountryName(l, c.Country))
	}
	return out
}

// columns of both exports.
var columns = []string{"place", "words", "from", "comment", "disposition", "reason"}

// Table gives all comments on an entry as a table, with its head in a language. Addresses are not in it.
func (s *Store) Table(ctx context.Context, who *auth.Actor, entry string, l i18n.Locale) (*sheet.Table, error) {
	_, _, all, err := s.all(ctx, who, entry)
	if err != nil {
		return nil, err
	}
	say := func(key string) string { return s.Catalogue.T(l, key) }
	t := &sheet.Table{RightToLeft: l.Dir() == "rtl"}
	var head []string
	for _, c := range []string{"place", "words", "name", "organization", "country", "language", "time", "comment", "disposition", "reason"} {
		head = append(head, say("comments.column."+c))
	}
	t.Head = sheet.Texts(head...)
	for _, c := range all {
		country, disposition := "", say("comments.filter.open")
		if c.Country != "" {
			country = i18n.CountryName(l, c.Country)
		}
		if c.Disposition != "" {
			disposition = say("enum.disposition." + c.Disposition)
		}
		row := sheet.Texts(Place(s.Catalogue, l, c.Kind, c.Number), c.Words, c.Name, c.Organization, country, string(c.Locale), "", c.Text, disposition, c.Reason)
		row[6] = sheet.Cell{At: c.Created}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// Compilation gives all comments on an entry with what was done with them as a document: a table in the order of the text.
func (s *Store) Compilation(ctx context.Context, who *auth.Actor, entry string, l i18n.Locale) ([]byte, error) {
	e, round, all, err := s.all(ctx, who, entry)
	if err != nil {
		return nil, err
	}
	say := func(key string) docx.Inline { return docx.Words(l, "", s.Catalogue.T(l, key)) }
	title, in := round.Title.Pick(l, e.Original)
	d := &docx.Document{Locale: l, Title: s.Catalogue.T(l, "comments.compilation") + " – " + title, Wide: true}
	d.Paragraph("Title", say("comments.compilation"))
	d.Paragraph("Subtitle", docx.Words(in, "", title))
	if !round.Until.IsZero() {
		d.Paragraph("", docx.Words(l, "", s.Catalogue.T(l, "comments.until", "Date", i18n.Date(l, round.Until.In(content.Zone(round.Zone))))))
	}
	head := make([]docx.Cell, len(columns))
	for i, c := range columns {
		head[i] = docx.Cell{Head: true, Lines: []docx.Inline{say("comments.column." + c)}}
	}
	rows := [][]docx.Cell{head}
	for _, c := range all {
		cell := func(l i18n.Locale, lines ...string) docx.Cell {
			var x docx.Cell
			for _, w := range lines {
				x.Lines = append(x.Lines, docx.Words(l, "", w))
			}
			return x
		}
		disposition := "comments.filter.open"
		if c.Disposition != "" {
			disposition = "enum.disposition." + c.Disposition
		}
		rows = append(rows, []docx.Cell{cell(l, Place(s.Catalogue, l, c.Kind, c.Number)), cell(c.WordsLocale, c.Words), cell(c.Locale, c.from(l)...),
			cell(c.Locale, strings.Split(c.Text, "\n\n")...), {Lines: []docx.Inline{say(disposition)}}, cell(l, c.Reason)})
	}
	d.Table(rows, 1)
	return d.Bytes()
}
