package registration

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

// What other forms that are open to everybody, and what hangs on who is registered, use of this package.

// CheckStamp reads the hidden field that Stamp made for a form about subject; nil where it was filled in as people do.
func (s *Store) CheckStamp(ctx context.Context, subject, stamp string) (*Problem, error) {
	_, bad, err := s.readStamp(ctx, subject, stamp)
	return bad, err
}

// Hashed gives words that must be told apart and not be known, keyed so that nobody can try them out.
func (s *Store) Hashed(ctx context.Context, words ...string) (string, error) {
	key, err := s.secret(ctx)
	if err != nil {
		return "", err
	}
	return sign(key, words...), nil
}

// Network is the neighbourhood of an address (a /24 or /48), in words; empty for the program itself.
func Network(from netip.Addr) string {
	if !from.IsValid() {
		return ""
	}
	from = from.Unmap()
	bits := 24
	if from.Is6() {
		bits = 48
	}
	prefix, err := from.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// takesPart are the states of those who have shown that the mailbox is theirs and were not turned away.
var takesPart = []State{Pending, Confirmed, Offered, Waitlisted, Attended, Absent}

// TakesPart says whether somebody in a state may speak where registrants may.
func (st State) TakesPart() bool {
	return slices.Contains(takesPart, st)
}

// TakingPart selects the ids of the registrations of all who take part, for what hangs on them to be compared with: other
// packages do not know this one's tables.
func TakingPart(q bun.IDB) *bun.SelectQuery {
	return q.NewSelect().Model((*row)(nil)).Column("r.id").Where("r.state IN (?)", bun.List(takesPart))
}

// ByMail gives the registration of a mailbox for an event that counts; db.ErrNotFound where there is none.
func (s *Store) ByMail(ctx context.Context, event, mail string) (*Registration, error) {
	all, err := s.byMail(ctx, s.DB.Read(), event, strings.ToLower(mail))
	if err != nil {
		return nil, db.Normalize(err)
	}
	r := theOne(all)
	if r == nil {
		return nil, db.ErrNotFound
	}
	return r.registration()
}

// Asked is what somebody answered to one question of an event's form.
type Asked struct {
	Registration string
	Mail, Text   string
	Locale       i18n.Locale
}

// Answers gives what those who take part have answered to the question with a key, in the order they came.
func (s *Store) Answers(ctx context.Context, e *Event, key string) ([]Asked, error) {
	field := ""
	for i := range e.Form.Fields {
		if x := &e.Form.Fields[i]; key != "" && x.Key == key && (x.Type == Text || x.Type == Long) {
			field = x.ID
		}
	}
	if field == "" {
		return nil, nil
	}
	var rows []row
	if err := s.DB.Read().NewRaw("SELECT id, mail, locale, answers, consents FROM registrations WHERE event_id = ? AND state IN (?) AND answers LIKE ? ORDER BY created_at, id",
		e.ID, bun.List(takesPart), "%"+field+"%").Scan(ctx, &rows); err != nil {
		return nil, db.Normalize(err)
	}
	var out []Asked
	for i := range rows {
		r, err := rows[i].registration()
		if err != nil {
			return nil, err
		}
		if a := r.Answers[field]; len(a.Values) == 1 && a.Values[0] != "" {
			out = append(out, Asked{r.ID, r.Mail, a.Values[0], r.Locale})
		}
	}
	return out, nil
}
