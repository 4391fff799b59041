package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plenary/internal/db"
	"plenary/internal/i18n"
)

const (
	inviteValid = 7 * 24 * time.Hour
	// maxInvitations is how many of somebody's invitations may wait for an answer, and maxToOne of them at one mailbox.
	maxInvitations, maxToOne = 100, 3
)

// Invitation offers a grant to a mailbox, whether there is an account by it or not. It stands by itself until it is accepted: nothing
// is prepared in anybody's name.
type Invitation struct {
	ID           string
	Email, Name  string
	Locale       i18n.Locale // of the letter, and of the panel for a new account
	Organization string      // of a new account
	Grant        Grant       // without an account
	By, ByName   string
	CreatedAt    time.Time
	ExpiresAt    time.Time
	UsedAt       *time.Time
	RevokedAt    *time.Time
	Known        bool // there is an account by the address; said to who has the link alone
}

type invitationRow struct {
	bun.BaseModel `bun:"table:invitations,alias:i"`
	ID            string     `bun:"id,pk"`
	Email         string     `bun:"email"`
	EmailKey      string     `bun:"email_key"`
	Name          string     `bun:"name"`
	Locale        string     `bun:"locale"`
	Organization  string     `bun:"organization"`
	Role          string     `bun:"role"`
	Scope         string     `bun:"scope"`
	ScopeID       string     `bun:"scope_id"`
	GrantLocale   string     `bun:"grant_locale"`
	OfficeID      string     `bun:"office_id"`
	Until         *time.Time `bun:"until"`
	CreatedAt     time.Time  `bun:"created_at"`
	CreatedBy     string     `bun:"created_by"`
	ExpiresAt     time.Time  `bun:"expires_at"`
	UsedAt        *time.Time `bun:"used_at"`
	RevokedAt     *time.Time `bun:"revoked_at"`
}

func (r *invitationRow) invitation() Invitation {
	return Invitation{ID: r.ID, Email: r.Email, Name: r.Name, Locale: i18n.Locale(r.Locale), Organization: r.Organization, By: r.CreatedBy, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
		UsedAt: r.UsedAt, RevokedAt: r.RevokedAt,
		Grant: Grant{Role: Role(r.Role), Scope: ScopeKind(r.Scope), ScopeID: r.ScopeID, Office: r.OfficeID, Locale: i18n.Locale(r.GrantLocale), Until: r.Until}}
}

func invitePurpose(id string) string { return "invite:" + id }

// Invite offers a grant to a mailbox, for a week and no longer than the grant lasts. tell writes the letter with the token, in the same
// transaction; the token is kept nowhere else. What the actor may not hand on is an Invalid, as it is for AddGrant.
func (s *Service) Invite(ctx context.Context, who *Actor, v Invitation, tell func(ctx context.Context, tx bun.Tx, v Invitation, token string) error) (*Invitation, error) {
	if !who.CanSomewhere(Appoint) || who.seenBy != nil {
		return nil, ErrForbidden
	}
	bad := Invalid{}
	n, err := s.check(NewAccount{Email: v.Email, Name: v.Name, Locale: v.Locale, Organization: v.Organization})
	if err = bad.with(err); err != nil {
		return nil, err
	}
	if v.Name == "" { // they say it themselves
		delete(bad, "name")
	}
	if n.Organization != "" && !who.Can(ManageUsers, Object{Kind: "account"}) && !who.Can(Appoint, Object{Kind: "organization", ID: n.Organization}) {
		bad["organization"] = "auth.organization_unknown"
	}
	now := s.opts.Now()
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		g, err := s.handable(ctx, tx, who, v.Grant)
		if err = bad.with(err); err != nil {
			return err
		}
		open := func() *bun.SelectQuery {
			return tx.NewSelect().Model((*invitationRow)(nil)).Where("i.created_by = ? AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ?", who.ID, now)
		}
		if all, err := open().Count(ctx); err != nil {
			return db.Normalize(err)
		} else if all >= maxInvitations {
			bad["email"] = "auth.invitations_many"
		}
		if one, err := open().Where("i.email_key = ?", emailKey(n.Email)).Count(ctx); err != nil {
			return db.Normalize(err)
		} else if one >= maxToOne {
			bad["email"] = "auth.invited_often"
		}
		if len(bad) > 0 {
			return bad
		}
		row := &invitationRow{ID: newID(), Email: n.Email, EmailKey: emailKey(n.Email), Name: n.Name, Locale: string(n.Locale), Organization: n.Organization, Role: string(g.Role), Scope: string(g.Scope),
			ScopeID: g.ScopeID, GrantLocale: string(g.Locale), OfficeID: g.Office, CreatedAt: now, CreatedBy: who.ID, ExpiresAt: now.Add(inviteValid)}
		if g.Until != nil {
			t := g.Until.UTC().Truncate(time.Microsecond)
			row.Until = &t
			if t.Before(row.ExpiresAt) {
				row.ExpiresAt = t
			}
		}
		token := newToken()
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if _, err := tx.NewInsert().Model(&tokenRow{Hash: digest(token), Purpose: invitePurpose(row.ID), ExpiresAt: row.ExpiresAt}).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		if err := Audit(ctx, tx, who, "invitation.send", Object{Kind: "invitation", ID: row.ID}, g.detail()); err != nil {
			return err
		}
		v = row.invitation()
		return tell(ctx, tx, v, token)
	})
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// Invitations lists those that wait for an answer, of what the actor may hand on, the newest first, and how many there are in all.
func (s *Service) Invitations(ctx context.Context, who *Actor, p Paging) ([]Invitation, int, error) {
	if !who.CanSomewhere(Appoint) {
		return nil, 0, ErrForbidden
	}
	query := func() *bun.SelectQuery {
		q := s.db.Read().NewSelect().TableExpr("invitations AS i").Join("LEFT JOIN entries AS e ON e.id = i.scope_id").Where("i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ?", s.opts.Now())
		return who.Scope(Appoint, anyKind).Where(q, "e")
	}
	total, err := query().Count(ctx)
	if err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows []invitationRow
	if err := p.Apply(query().ColumnExpr("i.*").OrderExpr("i.created_at DESC, i.id")).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.CreatedBy)
	}
	names, err := s.Names(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Invitation, len(rows))
	for i := range rows {
		out[i] = rows[i].invitation()
		out[i].ByName = names[rows[i].CreatedBy]
	}
	return out, int(total), nil
}

// RevokeInvitation takes an invitation back, or with revoke false lets it stand again: its link opens nothing, or opens it again until
// it expires.
func (s *Service) RevokeInvitation(ctx context.Context, who *Actor, id string, revoke bool) error {
	if !who.CanSomewhere(Appoint) {
		return ErrForbidden
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row := new(invitationRow)
		if err := tx.NewSelect().Model(row).Where("i.id = ? AND i.used_at IS NULL", id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		may, err := s.mayTake(ctx, tx, who, row.invitation().Grant)
		if err != nil {
			return err
		}
		if !may {
			return db.ErrNotFound
		}
		q, action := tx.NewUpdate().Table("invitations").Where("id = ?", id), "invitation.revoke"
		if revoke {
			q = q.Set("revoked_at = ?", s.opts.Now())
		} else {
			q, action = q.Set("revoked_at = NULL"), "invitation.restore"
		}
		if _, err := q.Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return Audit(ctx, tx, who, action, Object{Kind: "invitation", ID: id}, nil)
	})
}

// invited finds the invitation of a token, if who gave it may still give it; ErrInvited if there is none.
func (s *Service) invited(ctx context.Context, q bun.IDB, token string) (*invitationRow, *Actor, error) {
	row, now := new(invitationRow), s.opts.Now()
	err := db.Normalize(q.NewSelect().Model(row).Join("JOIN tokens AS t ON t.purpose = 'invite:' || i.id").
		Where("t.hash = ? AND t.expires_at > ? AND i.expires_at > ? AND i.used_at IS NULL AND i.revoked_at IS NULL", digest(token), now, now).Scan(ctx))
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil, ErrInvited
	}
	if err != nil {
		return nil, nil, err
	}
	by, err := s.actorAsOf(ctx, q, row.CreatedBy)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil, ErrInvited
	}
	if err != nil {
		return nil, nil, err
	}
	v := row.invitation()
	var on Object
	if v.Grant.Scope != ScopeSite {
		if on, err = s.object(ctx, q, v.Grant.ScopeID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, nil, err
		}
	}
	if !by.MayHand(v.Grant, on) {
		return nil, nil, ErrInvited
	}
	return row, by, nil
}

// actorAsOf reads an account and its grants within a transaction.
func (s *Service) actorAsOf(ctx context.Context, q bun.IDB, id string) (*Actor, error) {
	if name, ok := strings.CutPrefix(id, "program:"); ok {
		return System(name), nil
	}
	a, err := s.row(ctx, q, "a.id = ?", id)
	if err != nil {
		return nil, err
	}
	grants, err := grantsOf(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return newActor(a.account(), grants, s.opts.Now()), nil
}

// Invited gives what a token offers: nothing is changed by it, for programs that read mail before people do follow links. ErrInvited
// if there is nothing, or nothing any more.
func (s *Service) Invited(ctx context.Context, token string) (*Invitation, error) {
	row, by, err := s.invited(ctx, s.db.Read(), token)
	if err != nil {
		return nil, err
	}
	v := row.invitation()
	v.ByName = by.Name
	if by.IsProgram() {
		v.ByName = ""
	}
	switch acc, err := s.row(ctx, s.db.Read(), "a.email_key = ?", row.EmailKey); {
	case err == nil && acc.Disabled:
		return nil, ErrInvited
	case err == nil:
		v.Known = true
	case !errors.Is(err, db.ErrNotFound):
		return nil, err
	}
	return &v, nil
}

// Accept takes up an invitation. Where there is no account by its address, one is made of n, whose address counts for nothing: that
// it is theirs is proved by the letter. Where there is one it gets the grant, and who has the link is not signed in. Wrong
// input is an Invalid and leaves the invitation as it is.
func (s *Service) Accept(ctx context.Context, token string, n NewAccount) (a *Account, known bool, err error) {
	v, err := s.Invited(ctx, token)
	if err != nil {
		return nil, false, err
	}
	hash := ""
	if !v.Known {
		n.Email, n.Organization = v.Email, v.Organization
		if n, hash, err = s.checkFirst(ctx, n); err != nil {
			return nil, false, err
		}
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		// Asked again: the right of who invited, or the invitation, may have gone since.
		row, by, err := s.invited(ctx, tx, token)
		if err != nil {
			return err
		}
		// Deleted first: of two who come at once with the same link the second finds none.
		res, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("purpose = ?", invitePurpose(row.ID)).Exec(ctx)
		if err != nil {
			return db.Normalize(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(ErrInvited, err)
		}
		acc, err := s.row(ctx, tx, "a.email_key = ?", row.EmailKey)
		switch {
		case err == nil && (acc.Disabled || !v.Known):
			return ErrInvited // made, or closed, in between
		case err == nil:
			now := acc.account()
			a, known = &now, true
		case !errors.Is(err, db.ErrNotFound):
			return err
		case v.Known:
			return ErrInvited
		default:
			made, err := s.insert(ctx, tx, by, n, hash)
			if err != nil {
				return err
			}
			a = &made
		}
		g := row.invitation().Grant
		g.AccountID = a.ID
		if _, err := s.give(ctx, tx, by, g); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Table("invitations").Set("used_at = ?", s.opts.Now()).Where("id = ?", row.ID).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return Audit(ctx, tx, &Actor{Account: *a}, "invitation.accept", Object{Kind: "invitation", ID: row.ID}, map[string]any{"account": a.ID})
	})
	if err != nil {
		return nil, false, err
	}
	return a, known, nil
}
