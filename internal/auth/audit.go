package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

type auditRow struct {
	bun.BaseModel `bun:"table:audit,alias:l"`
	ID            string          `bun:"id,pk"`
	At            time.Time       `bun:"at"`
	Actor         string          `bun:"actor"`
	Action        string          `bun:"action"`
	Kind          string          `bun:"kind"`
	ObjectID      string          `bun:"object_id"`
	Locale        string          `bun:"locale"`
	OfficeID      string          `bun:"office_id"`
	Detail        json.RawMessage `bun:"detail,type:jsonb"`
	Salt          string          `bun:"salt"`
	Digest        string          `bun:"digest"`
	TakenOut      string          `bun:"taken_out"`
	Seq           *int64          `bun:"seq"` // filled in by Seal
	Link          string          `bun:"link"`
}

// Audit writes one line about a change, in the change's own transaction: no change without its line, no line without
// its change. action is a word like entry.publish. Detail holds what is needed to understand the line later, and
// neither texts nor secrets; people are named by the ids of their accounts. The line is linked to those before it by Seal,
// soon after.
func Audit(ctx context.Context, tx bun.IDB, who *Actor, action string, o Object, detail map[string]any) error {
	if who == nil || who.ID == "" {
		return fmt.Errorf("audit %s: nobody acts", action)
	}
	if who.seenBy != nil { // the second lock: whatever is changed is in the log, and nobody changes anything in another's name
		return fmt.Errorf("audit %s: %w", action, ErrForbidden)
	}
	b := []byte("{}")
	if len(detail) > 0 {
		var err error
		if b, err = json.Marshal(detail); err != nil {
			return fmt.Errorf("audit %s: %w", action, err)
		}
	}
	now := db.Now()
	row := &auditRow{ID: auditTime(now) + newID()[:10], At: now, Actor: who.ID, Action: action, Kind: o.Kind,
		ObjectID: o.ID, Locale: string(o.Locale), OfficeID: o.Office, Detail: b, Salt: rand.Text()}
	var err error
	if row.Digest, err = row.digest(); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("audit %s: %w", action, db.Normalize(err))
	}
	return nil
}

// auditTime is what ids of lines begin with, so that they sort by time.
func auditTime(t time.Time) string { return fmt.Sprintf("%012x", t.UnixMicro()) }

// sitting is for how long somebody who looks at the same thing again is in the same sitting.
const sitting = 30 * time.Minute

// AuditSitting writes down that somebody looked at something: once for a sitting, however many pages of it are turned.
func AuditSitting(ctx context.Context, d *db.DB, who *Actor, action string, o Object, detail map[string]any) error {
	if who == nil {
		return fmt.Errorf("audit %s: nobody acts", action)
	}
	if who.seenBy != nil { // who looks has read it, whoever they look as
		who = &Actor{Account: *who.seenBy}
	}
	var before []string
	if err := d.Read().NewRaw("SELECT id FROM audit WHERE actor = ? AND id >= ? AND action = ? AND object_id = ? LIMIT 1",
		who.ID, auditTime(db.Now().Add(-sitting)), action, o.ID).Scan(ctx, &before); err != nil {
		return db.Normalize(err)
	}
	if len(before) > 0 {
		return nil
	}
	return d.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return Audit(ctx, tx, who, action, o, detail) })
}

// Line is one line of the audit log.
type Line struct {
	ID        string
	Seq       int64  // place in the chain, from 1; 0: not yet in it
	Link      string // of the chain at this line
	At        time.Time
	Actor     string // account id, or program:NAME
	ActorName string // as it is now; the program's name; empty when the account is gone
	Action    string
	Object    Object // Kind, ID, Locale, Office
	Detail    map[string]any
	TakenOut  bool // the detail was taken out of the log
}

// AuditFilter limits a list of lines; zero fields do not.
type AuditFilter struct {
	Actor    string
	Action   string // a word, or its beginning up to a dot: "account."
	Kind, ID string
	From, To time.Time // From included, To not
}

// AuditLog lists lines, the newest first, and how many there are in all.
func (s *Service) AuditLog(ctx context.Context, who *Actor, f AuditFilter, p Paging) ([]Line, int, error) {
	if err := need(who, ReadAudit, Object{}); err != nil {
		return nil, 0, err
	}
	query := func() *bun.SelectQuery {
		q := s.db.Read().NewSelect().Model((*auditRow)(nil))
		eq := func(column, v string) {
			if v != "" {
				q = q.Where("l.? = ?", bun.Ident(column), v)
			}
		}
		eq("actor", f.Actor)
		eq("kind", f.Kind)
		eq("object_id", f.ID)
		if strings.HasSuffix(f.Action, ".") {
			// '/' follows '.' in ASCII: all that begins with the word and a dot, without LIKE.
			q = q.Where("l.action >= ? AND l.action < ?", f.Action, strings.TrimSuffix(f.Action, ".")+"/")
		} else {
			eq("action", f.Action)
		}
		if !f.From.IsZero() {
			q = q.Where("l.at >= ?", f.From.UTC())
		}
		if !f.To.IsZero() {
			q = q.Where("l.at < ?", f.To.UTC())
		}
		return q
	}
	total, err := query().Count(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows []auditRow
	if err := p.Apply(query().OrderExpr("l.id DESC")).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Actor)
	}
	names, err := s.Names(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	lines := make([]Line, len(rows))
	for i, r := range rows {
		name := names[r.Actor]
		if program, ok := strings.CutPrefix(r.Actor, "program:"); ok {
			name = program
		}
		lines[i] = Line{ID: r.ID, Link: r.Link, TakenOut: r.TakenOut != "", At: r.At, Actor: r.Actor, ActorName: name, Action: r.Action,
			Object: Object{Kind: r.Kind, ID: r.ObjectID, Locale: i18n.Locale(r.Locale), Office: r.OfficeID}}
		if r.Seq != nil {
			lines[i].Seq = *r.Seq
		}
		if err := json.Unmarshal(r.Detail, &lines[i].Detail); err != nil {
			return nil, 0, fmt.Errorf("audit line %s: %w", r.ID, err)
		}
	}
	return lines, int(total), nil
}
