package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
)

// The log is a chain. A line carries the digest of what it says from the start; Seal gives it a number and a link, which is
// made of the link before, the number and the digest. Linking is not part of the change that a line is about: on PostgreSQL
// every save would wait for the one before it to be written to disk, and two that each change two entries could wait for each
// other for ever.
//
// Who may write the database can make a whole new chain. They cannot make it end in a head that was told outside: in the
// administrators' mail, or by "plenary audit verify".

const (
	sealBatch  = 500
	checkBatch = 1000
	// adopting is how long lines without a digest are taken in after the first linking, where there were such: instances of the
	// older program that wrote them may run on while the first new one has started.
	adopting = time.Hour
)

// TakeOut is the action of the line that says from which lines the detail was taken out.
const TakeOut = "log.take_out"

type headRow struct {
	bun.BaseModel `bun:"table:audit_head,alias:h"`
	ID            int        `bun:"id,pk"`
	Seq           int64      `bun:"seq"`
	Link          string     `bun:"link"`
	AdoptsUntil   time.Time  `bun:"adopts_until"`
	CheckedAt     *time.Time `bun:"checked_at"`
	CheckedSeq    int64      `bun:"checked_seq"`
	Broken        string     `bun:"broken"`
	ToldSeq       int64      `bun:"told_seq"`
}

// Head is where the chain of the log ends, or ended: the number of a line and its link. It is written 12:3f9a….
type Head struct {
	Seq  int64
	Link string // 64 hexadecimal digits; empty before the first line
}

func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.Link) }

// ParseHead reads what String writes.
func ParseHead(s string) (Head, error) {
	n, link, ok := strings.Cut(strings.TrimSpace(s), ":")
	seq, err := strconv.ParseInt(n, 10, 64)
	if b, e := hex.DecodeString(link); !ok || err != nil || seq < 1 || e != nil || len(b) != sha256.Size {
		return Head{}, fmt.Errorf("%q is not the head of a log: want NUMBER:64 hexadecimal digits", s)
	}
	return Head{seq, strings.ToLower(link)}, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// digest is of all that the line says, and of its detail by a digest of its own, which stays when the detail is taken out.
func (r *auditRow) digest() (string, error) {
	detail := r.TakenOut
	if detail == "" {
		var err error
		if detail, err = r.detailDigest(); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal([]string{r.ID, strconv.FormatInt(r.At.UnixMicro(), 10), r.Actor, r.Action, r.Kind, r.ObjectID, r.Locale, r.OfficeID, detail})
	return sum(b), err
}

// detailDigest goes by what the detail means: PostgreSQL keeps JSON in an order and with spaces of its own.
func (r *auditRow) detailDigest() (string, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(r.Detail))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	b, err := json.Marshal([]any{r.Salt, v}) // the keys of a map come in order
	return sum(b), err
}

func (h Head) next(digest string) Head {
	seq := h.Seq + 1
	return Head{seq, sum([]byte(h.Link + "\n" + strconv.FormatInt(seq, 10) + "\n" + digest))}
}

// Seal links all lines that are not in the chain yet, in the order they were written. It can be run at any time and by several
// instances at once.
func (s *Service) Seal(ctx context.Context) error {
	for {
		var waits []string
		if err := s.db.Often(ctx, &waits, "SELECT id FROM audit WHERE seq IS NULL ORDER BY id LIMIT 1"); err != nil {
			return db.Normalize(err)
		}
		if len(waits) == 0 {
			return nil
		}
		if err := s.db.InTx(ctx, s.seal); err != nil {
			return fmt.Errorf("link the log: %w", err)
		}
	}
}

func (s *Service) seal(ctx context.Context, tx bun.Tx) error {
	head := new(headRow)
	q := tx.NewSelect().Model(head).Where("h.id = 1")
	if s.db.Postgres() {
		q = q.For("UPDATE") // one instance at a time
	}
	now := db.Now()
	switch err := q.Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		// Of several that begin, one makes the row; the others find nothing to do, or go on from it the next time.
		older, err := tx.NewSelect().Model((*auditRow)(nil)).Where("l.digest = ''").Count(ctx)
		if err != nil {
			return err
		}
		head = &headRow{ID: 1, AdoptsUntil: now}
		if older > 0 {
			head.AdoptsUntil = now.Add(adopting)
		}
		made, err := tx.NewInsert().Model(head).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return err
		}
	case err != nil:
		return err
	}
	var rows []auditRow
	if err := tx.NewSelect().Model(&rows).Where("l.seq IS NULL").OrderExpr("l.id").Limit(sealBatch).Scan(ctx); err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	end := Head{head.Seq, head.Link}
	links := make([]struct {
		ID           string `bun:"id"`
		Seq          int64  `bun:"seq"`
		Link, Digest string
	}, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.Digest == "" && now.Before(head.AdoptsUntil) {
			var err error
			if r.Digest, err = r.digest(); err != nil {
				return fmt.Errorf("line %s: %w", r.ID, err)
			}
		}
		end = end.next(r.Digest) // whether it is the line's, Verify says
		links[i].ID, links[i].Seq, links[i].Link, links[i].Digest = r.ID, end.Seq, end.Link, r.Digest
	}
	values := tx.NewValues(&links)
	if _, err := tx.NewUpdate().With("v", values).Table("audit").TableExpr("v").Set("seq = v.seq").Set("link = v.link").Set("digest = v.digest").Where("audit.id = v.id").Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw("UPDATE audit_head SET seq = ?, link = ? WHERE id = 1", end.Seq, end.Link).Exec(ctx)
	return err
}

// Record is what is known of the chain.
type Record struct {
	Head
	Lines   int64 // that were gone through
	Waiting int   // lines that are not in the chain yet
	Broken  *Broken
}

// Broken is the first place at which the chain does not hold.
type Broken struct {
	Seq  int64  // the number of the line, or the one it should have; 0: it is not in the chain yet
	Line string // its id; empty where a line is missing
	Why  string // in English, for operators
}

func (b *Broken) Error() string {
	switch {
	case b.Seq == 0:
		return fmt.Sprintf("line %s, not yet numbered: %s", b.Line, b.Why)
	case b.Line == "":
		return fmt.Sprintf("line %d: %s", b.Seq, b.Why)
	}
	return fmt.Sprintf("line %d (%s): %s", b.Seq, b.Line, b.Why)
}

// Verify goes through the whole chain and changes nothing. remembered is a head that was told earlier, or nil: with it, it is
// found too that the end of the log was cut off, or all of it made anew. An error says that it could not be read; what is
// found stands in Record.Broken.
func (s *Service) Verify(ctx context.Context, remembered *Head) (*Record, error) {
	out := &Record{}
	var heads []headRow
	if err := s.db.Read().NewSelect().Model(&heads).Where("h.id = 1").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	if len(heads) == 1 {
		out.Head = Head{heads[0].Seq, heads[0].Link}
		if told := heads[0].ToldSeq; told > out.Seq && (remembered == nil || remembered.Seq < told) {
			remembered = &Head{Seq: told} // its link is in the mail
		}
	}
	var at Head
	taken := map[int64]*Broken{} // lines without their detail, of which none has said so yet
	for out.Broken == nil && at.Seq < out.Seq {
		var rows []auditRow
		if err := s.db.Read().NewSelect().Model(&rows).Where("l.seq > ? AND l.seq <= ?", at.Seq, out.Seq).OrderExpr("l.seq").Limit(checkBatch).Scan(ctx); err != nil {
			return nil, db.Normalize(err)
		}
		if len(rows) == 0 {
			out.Broken = &Broken{Seq: at.Seq + 1, Why: fmt.Sprintf("is missing, and all after it: the log ended in %d", out.Seq)}
		}
		for i := range rows {
			r := &rows[i]
			next := at.next(r.Digest)
			switch why, err := r.wrong(); {
			case err != nil:
				return nil, err
			case *r.Seq != next.Seq:
				out.Broken = &Broken{Seq: next.Seq, Why: "is missing"}
			case why != "":
				out.Broken = &Broken{next.Seq, r.ID, why}
			case r.Link != next.Link:
				out.Broken = &Broken{next.Seq, r.ID, "does not follow from the line before it: lines were moved, or put in"}
			case remembered != nil && remembered.Seq == next.Seq && remembered.Link != next.Link:
				out.Broken = &Broken{next.Seq, r.ID, "has another link than the one remembered: the log was made anew"}
			}
			if out.Broken != nil {
				break
			}
			if r.TakenOut != "" {
				taken[next.Seq] = &Broken{next.Seq, r.ID, "its detail is gone, and no line says that it was taken out"}
			}
			for _, seq := range r.takes() {
				delete(taken, seq)
			}
			at = next
			out.Lines++
		}
	}
	if out.Broken != nil {
		return out, nil
	}
	if at.Link != out.Link {
		out.Broken = &Broken{Seq: out.Seq, Why: "is not where the log says that it ends"}
		return out, nil
	}
	if remembered != nil && remembered.Seq > out.Seq {
		out.Broken = &Broken{Seq: out.Seq + 1, Why: fmt.Sprintf("is missing, and all after it: the log had %d lines", remembered.Seq)}
		return out, nil
	}
	// What came after the head was read is either waiting, or linked by now.
	var rows []auditRow
	if err := s.db.Read().NewSelect().Model(&rows).Where("l.seq IS NULL").OrderExpr("l.id").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for i := range rows {
		r := &rows[i]
		out.Waiting++
		why, err := r.wrong()
		if err != nil {
			return nil, err
		}
		if adopted := r.Digest == "" && (len(heads) == 0 || r.At.Before(heads[0].AdoptsUntil)); why != "" && !adopted {
			out.Broken = &Broken{Line: r.ID, Why: why}
			return out, nil
		}
		for _, seq := range r.takes() {
			delete(taken, seq)
		}
	}
	for _, b := range taken {
		if out.Broken == nil || b.Seq < out.Broken.Seq {
			out.Broken = b
		}
	}
	return out, nil
}

// wrong says how the line differs from what was written; empty if it does not.
func (r *auditRow) wrong() (string, error) {
	is, err := r.digest()
	switch {
	case err != nil:
		return "", fmt.Errorf("line %s: %w", r.ID, err)
	case r.Digest == "":
		return "was not written by the program", nil
	case is != r.Digest:
		return "was changed", nil
	case r.TakenOut != "" && string(bytes.TrimSpace(r.Detail)) != "{}":
		return "its detail was taken out, and another put in", nil
	}
	return "", nil
}

// takes are the numbers of the lines whose detail was taken out by this one.
func (r *auditRow) takes() []int64 {
	var d struct {
		Lines []int64 `json:"lines"`
	}
	if r.Action != TakeOut || json.Unmarshal(r.Detail, &d) != nil {
		return nil
	}
	return d.Lines
}

// TakeOut removes the detail of the lines of these numbers for good, where it names a person who is to be forgotten. The lines stay with their time,
// their actor (an account's id) and what was done; the chain holds, because only the digest of a detail is in it, which nobody can
// guess from without its salt. That it was done is a line of its own, without which the chain is broken.
func (s *Service) TakeOut(ctx context.Context, who *Actor, lines []int64) error {
	if err := need(who, ManageInstance, Object{}); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []auditRow
		q := tx.NewSelect().Model(&rows).Where("l.seq IN (?)", bun.In(lines))
		if s.db.Postgres() {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		if len(rows) != len(lines) {
			return fmt.Errorf("lines %v: %w", lines, db.ErrNotFound)
		}
		for i := range rows {
			r := &rows[i]
			if r.Action == TakeOut {
				return fmt.Errorf("line %d says what was taken out, and stays: %w", *r.Seq, ErrForbidden)
			}
			if r.TakenOut != "" {
				continue
			}
			digest, err := r.detailDigest()
			if err != nil {
				return err
			}
			if _, err := tx.NewRaw("UPDATE audit SET detail = '{}', salt = '', taken_out = ? WHERE id = ?", digest, r.ID).Exec(ctx); err != nil {
				return err
			}
		}
		return Audit(ctx, tx, who, TakeOut, Object{Kind: "log"}, map[string]any{"lines": lines})
	})
}

// Checked is what came of the last time that all of the chain was gone through.
type Checked struct {
	Head             // where the chain ends now
	At     time.Time // zero: never
	To     int       // the last line that was looked at
	Broken string    // what was wrong, in English; empty: nothing
}

// Checked tells it.
func (s *Service) Checked(ctx context.Context, who *Actor) (*Checked, error) {
	if err := need(who, ReadAudit, Object{}); err != nil {
		return nil, err
	}
	var rows []headRow
	if err := s.db.Read().NewSelect().Model(&rows).Where("h.id = 1").Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := &Checked{}
	for _, r := range rows {
		out.Head, out.To, out.Broken = Head{r.Seq, r.Link}, int(r.CheckedSeq), r.Broken
		if r.CheckedAt != nil {
			out.At = *r.CheckedAt
		}
	}
	return out, nil
}

// Check goes through the chain and keeps what came of it.
func (s *Service) Check(ctx context.Context) (*Record, error) {
	r, err := s.Verify(ctx, nil)
	if err != nil {
		return nil, err
	}
	broken := ""
	if r.Broken != nil {
		broken = r.Broken.Error()
	}
	return r, s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE audit_head SET checked_at = ?, checked_seq = ?, broken = ? WHERE id = 1", db.Now(), r.Seq, broken).Exec(ctx)
		return err
	})
}

// Tell calls f, in the transaction in which it is noted, if the chain has grown since a head was last told: f writes to those who
// are told.
func (s *Service) Tell(ctx context.Context, head Head, f func(ctx context.Context, tx bun.Tx) error) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err := tx.NewRaw("UPDATE audit_head SET told_seq = ? WHERE id = 1 AND told_seq < ?", head.Seq, head.Seq).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return f(ctx, tx)
	})
}
