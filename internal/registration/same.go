package registration

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/i18n"
)

// People without a mailbox are known by what they are called and where they come from: never for certain, so who enters
// somebody is asked.

// FieldAnyway says of somebody entered by hand that they are not the person of the same name who is there.
const FieldAnyway = "anyway"

// errPerhaps says that somebody may be there already.
const errPerhaps = "registration.perhaps_there"

// person is what somebody without a mailbox is known by.
type person struct{ organization, country string }

// namesakes are those who are there, by their names as they are compared.
type namesakes map[string][]person

// sameWord is a name or an organization as it is compared: without case, accents, punctuation and more than one space.
func sameWord(s string) string {
	return strings.Join(strings.FieldsFunc(i18n.Fold(i18n.EN, s), func(r rune) bool { return strings.ContainsRune(" \t\n.,;:'’\"-()", r) }), " ")
}

func (n namesakes) add(r *row) {
	key := sameWord(r.Name)
	n[key] = append(n[key], person{sameWord(r.Organization), r.Country})
}

// perhaps says whether somebody of this name is there who has the organization or the country too, or where one of both says
// neither.
func (n namesakes) perhaps(r *row) bool {
	org := sameWord(r.Organization)
	for _, p := range n[sameWord(r.Name)] {
		switch {
		case p.organization == "" && p.country == "", org == "" && r.Country == "",
			org != "" && p.organization == org, r.Country != "" && p.country == r.Country:
			return true
		}
	}
	return false
}

// namesakes reads who may be the same as somebody who is entered: of those with a mailbox only those without, else all. Whoever
// withdrew or was declined is there too; who has never confirmed an address is not.
func (s *Store) namesakes(ctx context.Context, q bun.IDB, event string, mailbox bool) (namesakes, error) {
	var rows []row
	sel := q.NewSelect().Model(&rows).Column("name", "organization", "country").Where("r.event_id = ? AND r.state <> ?", event, Unverified)
	if mailbox {
		sel = sel.Where("r.mail_key = ''")
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := namesakes{}
	for i := range rows {
		out.add(&rows[i])
	}
	return out, nil
}

// TakeAnyway says of a row of the list, as it was looked at, whether somebody who is perhaps there already is taken in.
func (s *Store) TakeAnyway(ctx context.Context, who *auth.Actor, event, print string, number int, yes bool) error {
	if _, err := s.entry(ctx, who, auth.ChangeRegistrants, event); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.readImport(ctx, tx, event)
		if err != nil {
			return err
		}
		if x.State != Reviewing || x.Print() != print {
			return refuse("", "sheet.changed")
		}
		if n, err := tx.NewSelect().Model((*importLine)(nil)).Where("l.event_id = ? AND l.number = ?", event, number).Count(ctx); err != nil {
			return err
		} else if n == 0 {
			return db.ErrNotFound
		}
		x.Plan.Anyway = slices.DeleteFunc(x.Plan.Anyway, func(n int) bool { return n == number })
		if yes {
			x.Plan.Anyway = append(x.Plan.Anyway, number)
			slices.Sort(x.Plan.Anyway)
		}
		plan, err := document(x.Plan)
		if err != nil {
			return err
		}
		res, err := tx.NewRaw("UPDATE registration_imports SET plan = ?, changed_at = ? WHERE event_id = ? AND state = ? AND changed_at = ?", plan, s.now(), event, Reviewing, x.Changed).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, refuse("", "sheet.changed")) // another assistant, in the same moment
		}
		return nil
	})
}
