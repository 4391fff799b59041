package content

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
)

// What happened to an entry.
const (
	DidSave     = "save"
	DidAutosave = "auto" // a sitting of automatic saves
	DidRestore  = "restore"
	DidPublish  = "publish"
	DidWithdraw = "withdraw"
)

// Deed is one thing that somebody did to an entry: a save of parts, or their publishing or withdrawal.
type Deed struct {
	Did   string
	At    time.Time
	By    string // account
	Note  string // of a save
	Parts []Revision
	// Autosaves and Began are as in Revision.
	Autosaves int
	Began     time.Time
}

// TimelineQuery asks for what happened to an entry.
type TimelineQuery struct {
	By     string // account; "" for all
	Did    string // "" for all
	Part   *Part  // nil for all
	Field  string // the name of a field of the kind: only saves that changed it, or anything in it
	Offset int
	Limit  int
}

// mostScanned is how many saved states one question about a field looks at.
var mostScanned = 2000

// Timeline lists what happened to an entry, the latest first: at most Limit deeds, and whether there are more.
func (s *Store) Timeline(ctx context.Context, who *auth.Actor, id string, q TimelineQuery) (list []Deed, more bool, err error) {
	e, err := s.Get(ctx, who, id)
	if err != nil {
		return nil, false, err
	}
	var rows []struct {
		Did       string
		At        time.Time
		Author    string
		Note      string
		Autosaves int
		Began     *time.Time
		Parts     string
	}
	part := func(sel *bun.SelectQuery, of string) *bun.SelectQuery {
		sel = sel.ColumnExpr("string_agg(?.part || ' ' || ?.?, ',') AS parts", bun.Ident(of), bun.Ident(of), bun.Ident(map[string]string{"r": "number", "h": "revision"}[of])).Where("?.entry_id = ?", bun.Ident(of), id)
		if q.Part != nil {
			sel = sel.Where("?.part = ?", bun.Ident(of), *q.Part)
		}
		return sel
	}
	saves := part(s.DB.Read().NewSelect().TableExpr("revisions AS r").
		ColumnExpr("CASE WHEN max(r.autosaves) > 0 THEN ? WHEN max(r.note) LIKE ? OR max(r.note) LIKE ? THEN ? ELSE ? END AS did", DidAutosave, restoredFrom+"%", restoredAt+"%", DidRestore, DidSave).
		ColumnExpr("r.at, r.author, max(r.note) AS note, max(r.autosaves) AS autosaves, min(r.began) AS began"), "r").
		Where("NOT r.step").GroupExpr("r.at, r.author")
	if q.Field != "" {
		numbers, err := s.touching(ctx, e, q)
		if err != nil {
			return nil, false, err
		}
		saves = saves.Where("r.part || ' ' || r.number IN (?)", bun.List(append(numbers, "")))
	}
	public := func(did, at, by string) *bun.SelectQuery {
		sel := part(s.DB.Read().NewSelect().TableExpr("published AS h").ColumnExpr("? AS did, h.? AS at, h.? AS author, '' AS note, 0 AS autosaves, NULL AS began", did, bun.Ident(at), bun.Ident(by)), "h").
			GroupExpr("h.?, h.?", bun.Ident(at), bun.Ident(by))
		if did == DidWithdraw {
			sel = sel.Where("h.withdrawn")
		}
		return sel
	}
	all := saves
	if q.Field == "" {
		all = saves.UnionAll(public(DidPublish, "from_at", "from_by")).UnionAll(public(DidWithdraw, "until_at", "until_by"))
	}
	sel := s.DB.Read().NewSelect().TableExpr("(?) AS x", all).ColumnExpr("x.*")
	if q.By != "" {
		sel = sel.Where("x.author = ?", q.By)
	}
	if q.Did != "" {
		sel = sel.Where("x.did = ?", q.Did)
	}
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 500
	}
	if err := sel.OrderExpr("x.at DESC, x.did").Offset(int64(q.Offset)).Limit(int64(q.Limit+1)).Scan(ctx, &rows); err != nil {
		return nil, false, fmt.Errorf("history of %s: %w", id, db.Normalize(err))
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	for _, r := range rows {
		d := Deed{Did: r.Did, At: r.At, By: r.Author, Note: r.Note, Autosaves: r.Autosaves}
		if r.Began != nil {
			d.Began = *r.Began
		}
		for _, x := range strings.Split(r.Parts, ",") {
			name, number, _ := strings.Cut(x, " ")
			n, _ := strconv.Atoi(number)
			d.Parts = append(d.Parts, Revision{Part: Part(name), Number: n, At: r.At, Author: r.Author, Live: e.Live[Part(name)] == n})
		}
		list = append(list, d)
	}
	return list, more, nil
}

// touching finds the saves that changed a field, or something in it: "part number". It looks at the latest states of each part that
// can hold the field.
func (s *Store) touching(ctx context.Context, e *Entry, q TimelineQuery) ([]string, error) {
	f := e.Kind.Field(q.Field)
	var parts []Part
	for p := range e.Versions {
		holds := f == nil || f.Text() == (p != Facts) || f.Type == TypeList || f.Type == TypeGroup
		if holds && (q.Part == nil || *q.Part == p) {
			parts = append(parts, p)
		}
	}
	var out []string
	for _, p := range parts {
		numbers, err := s.touchingPart(ctx, e, p, q.Field, mostScanned/len(parts))
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", e.ID, db.Normalize(err))
		}
		for _, n := range numbers {
			out = append(out, string(p)+" "+strconv.Itoa(n))
		}
	}
	return out, nil
}

// touchingPart finds those among the latest states of a part that differ in a field from the one before.
func (s *Store) touchingPart(ctx context.Context, e *Entry, p Part, field string, most int) ([]int, error) {
	rows, err := s.DB.Read().NewSelect().Model((*revisionRow)(nil)).Column("number", "doc").Where("r.entry_id = ? AND r.part = ? AND NOT r.step", e.ID, p).
		OrderExpr("r.number DESC").Limit(int64(most) + 1).Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	differ := func(a, b Leaves) bool {
		for path := range union(a, b) {
			if name, _, _ := strings.Cut(path, "."); name == field && !same(a[path], b[path]) {
				return true
			}
		}
		return false
	}
	var out []int
	var next Leaves // what came after, and its number
	number, n := 0, 0
	for ; rows.Next(); n++ {
		var at int
		var doc string
		if err := rows.Scan(&at, &doc); err != nil {
			return nil, err
		}
		leaves, err := readLeaves(doc)
		if err != nil {
			return nil, err
		}
		if number > 0 && differ(leaves, next) {
			out = append(out, number)
		}
		next, number = leaves, at
	}
	if n <= most && differ(nil, next) { // else there is one before, and nobody has looked at it
		out = append(out, number)
	}
	return out, rows.Err()
}

// Hands are the accounts that saved, published or withdrew parts of an entry.
func (s *Store) Hands(ctx context.Context, who *auth.Actor, id string) ([]string, error) {
	if _, err := s.Get(ctx, who, id); err != nil {
		return nil, err
	}
	var out []string
	err := s.DB.Read().NewRaw(`SELECT author FROM revisions WHERE entry_id = ? UNION SELECT from_by FROM published WHERE entry_id = ?
		UNION SELECT until_by FROM published WHERE entry_id = ? AND until_by <> '' LIMIT 200`, id, id, id).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, db.Normalize(err))
	}
	return out, nil
}
