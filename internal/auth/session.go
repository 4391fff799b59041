package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// How many wrong passwords are taken in an hour, before the answer is "wait".
const (
	perAccount = 20 // for one account, from networks it was never used from
	perPair    = 20 // for one account from one network it was used from before: strangers cannot use these up
	perNetwork = 60 // from one network, for accounts never used from it
	window     = time.Hour
	knownFor   = 90 * 24 * time.Hour
)

// networkOf is the address range that is slowed down together, and all that is kept of an address: a household or an
// office (/24, /64 of IPv6), not a person.
func networkOf(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() {
		return "unknown"
	}
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

type signInRow struct {
	bun.BaseModel `bun:"table:sign_ins,alias:s"`
	ID            string    `bun:"id,pk"`
	AccountKey    string    `bun:"account_key"`
	Network       string    `bun:"network"`
	OK            bool      `bun:"ok"`
	At            time.Time `bun:"at"`
}

// attempt writes down a try before the password is looked at, so that many at once cannot slip through between
// counting and writing, and refuses it when there were too many.
func (s *Service) attempt(ctx context.Context, email, network string) (id string, err error) {
	key, now := digest(emailKey(email)), s.opts.Now()
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if s.db.Postgres() {
			// Tries for one account take turns.
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7036374, hashtext(?))", key); err != nil {
				return err
			}
		}
		if _, err := tx.NewDelete().Model((*signInRow)(nil)).Where("ok = ? AND at < ? OR at < ?", false, now.Add(-window), now.Add(-knownFor)).Exec(ctx); err != nil {
			return err
		}
		known, err := tx.NewSelect().Model((*signInRow)(nil)).Where("account_key = ? AND network = ? AND ok = ?", key, network, true).Exists(ctx)
		if err != nil {
			return err
		}
		var failed []signInRow
		q := tx.NewSelect().Model(&failed).Where("ok = ? AND at >= ?", false, now.Add(-window))
		if known {
			q = q.Where("account_key = ? AND network = ?", key, network)
		} else {
			q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("account_key = ?", key).WhereOr("network = ?", network)
			})
		}
		if err := q.Order("at").Scan(ctx); err != nil {
			return err
		}
		var account, net []time.Time
		for _, f := range failed {
			if f.AccountKey == key {
				account = append(account, f.At)
			}
			if f.Network == network {
				net = append(net, f.At)
			}
		}
		limits := []struct {
			at  []time.Time
			max int
		}{{account, perAccount}, {net, perNetwork}}
		if known {
			limits = limits[:1]
			limits[0].max = perPair
		}
		for _, l := range limits {
			if over := len(l.at) - l.max; over >= 0 {
				return &ThrottledError{RetryAfter: l.at[over].Add(window).Sub(now)}
			}
		}
		row := &signInRow{ID: newID(), AccountKey: key, Network: network, At: now}
		id = row.ID
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	return id, err
}

// succeeded marks the attempt, and forgets earlier ones of the same account and network: one is enough to know them.
func succeeded(ctx context.Context, tx bun.Tx, attempt string) error {
	if _, err := tx.NewUpdate().Table("sign_ins").Set("ok = ?", true).Where("id = ?", attempt).Exec(ctx); err != nil {
		return db.Normalize(err)
	}
	_, err := tx.NewDelete().Table("sign_ins").Where("ok = ? AND id <> ?", true, attempt).
		Where("EXISTS (SELECT 1 FROM sign_ins AS mine WHERE mine.id = ? AND mine.account_key = sign_ins.account_key AND mine.network = sign_ins.network)", attempt).Exec(ctx)
	return db.Normalize(err)
}

// SignIn opens a session and gives its token, which is kept nowhere but in the browser. Unknown, disabled and mistaken
// are one ErrSignIn and take the same time; too many tries are a ThrottledError; too many people at one moment ErrBusy.
func (s *Service) SignIn(ctx context.Context, email, password string, ip netip.Addr) (token string, who *Actor, err error) {
	network := networkOf(ip)
	attempt, err := s.attempt(ctx, email, network)
	if err != nil {
		var slow *ThrottledError
		if errors.As(err, &slow) {
			s.opts.Log.Warn("sign-in throttled", "event", "sign_in_throttled", "network", network)
		}
		return "", nil, err
	}
	key := emailKey(email)
	if !validEmail(key) {
		key = "" // no account has it; databases refuse some such texts
	}
	row, err := s.row(ctx, s.db.Read(), "a.email_key = ?", key)
	if errors.Is(err, db.ErrNotFound) {
		row = &accountRow{Disabled: true}
	} else if err != nil {
		return "", nil, err
	}
	ok, err := s.hashes.check(ctx, password, row.Password)
	if err != nil {
		return "", nil, err
	}
	if !ok || row.Disabled {
		s.opts.Log.Warn("sign-in refused", "event", "sign_in_refused", "network", network)
		return "", nil, ErrSignIn
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// The account may have been closed, or the password changed, while it was being compared.
		now, err := s.row(ctx, tx, "a.id = ?", row.ID)
		if err != nil {
			return err
		}
		if now.Disabled || now.Password != row.Password {
			return ErrSignIn
		}
		if err := succeeded(ctx, tx, attempt); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("sessions").Where("expires_at < ? OR seen_at < ?", s.opts.Now(), s.opts.Now().Add(-s.opts.Idle)).Exec(ctx); err != nil {
			return err
		}
		if token, err = s.open(ctx, tx, row.ID, network); err != nil {
			return err
		}
		return Audit(ctx, tx, &Actor{Account: row.account()}, "session.start", Object{Kind: "account", ID: row.ID}, map[string]any{"network": network})
	})
	if err != nil {
		return "", nil, err
	}
	who, err = s.ActorBySession(ctx, token)
	return token, who, err
}

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:s"`
	TokenHash     string    `bun:"token_hash,pk"`
	ID            string    `bun:"id"`
	AccountID     string    `bun:"account_id"`
	Network       string    `bun:"network"`
	CreatedAt     time.Time `bun:"created_at"`
	SeenAt        time.Time `bun:"seen_at"`
	ExpiresAt     time.Time `bun:"expires_at"`
}

func (s *Service) open(ctx context.Context, tx bun.Tx, account, network string) (string, error) {
	token, now := newToken(), s.opts.Now()
	_, err := tx.NewInsert().Model(&sessionRow{TokenHash: digest(token), ID: newID(), AccountID: account, Network: network,
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.opts.Lifetime)}).Exec(ctx)
	return token, db.Normalize(err)
}

// endSessions also ends what could open new ones: links by which the password can be reset.
func endSessions(ctx context.Context, tx bun.Tx, account, but string) error {
	if err := endResets(ctx, tx, account); err != nil {
		return err
	}
	_, err := tx.NewDelete().Table("sessions").Where("account_id = ? AND id <> ?", account, but).Exec(ctx)
	return db.Normalize(err)
}

func endResets(ctx context.Context, tx bun.Tx, account string) error {
	_, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("purpose = ?", resetPurpose(account)).Exec(ctx)
	return db.Normalize(err)
}

type cachedGrants struct {
	policy int64
	grants []Grant
}

// ActorBySession gives who holds the token, with the rights of this very moment; ErrSession when nobody does. One query
// reads session, account and policy version; the grants are read anew when the version has moved.
func (s *Service) ActorBySession(ctx context.Context, token string) (*Actor, error) {
	if len(token) != 43 {
		return nil, ErrSession
	}
	now := s.opts.Now()
	var row struct {
		accountRow
		SessionID   string     `bun:"session_id"`
		SeenAt      time.Time  `bun:"seen_at"`
		ExpiresAt   time.Time  `bun:"expires_at"`
		Seeing      string     `bun:"seeing"`
		SeeingUntil *time.Time `bun:"seeing_until"`
	}
	err := s.db.Read().NewSelect().TableExpr("sessions AS s").Join("JOIN accounts AS a ON a.id = s.account_id").
		ColumnExpr("a.*, s.id AS session_id, s.seen_at, s.expires_at, s.seeing, s.seeing_until").Where("s.token_hash = ?", digest(token)).Scan(ctx, &row)
	switch err = db.Normalize(err); {
	case errors.Is(err, db.ErrNotFound):
		return nil, ErrSession
	case err != nil:
		return nil, err
	case row.Disabled || !now.Before(row.ExpiresAt) || now.Sub(row.SeenAt) >= s.opts.Idle:
		return nil, ErrSession
	}
	who, err := s.actor(ctx, &row.accountRow)
	if err != nil {
		return nil, err
	}
	who.SessionID = row.SessionID
	if row.Seeing != "" && row.SeeingUntil != nil && now.Before(*row.SeeingUntil) {
		who = s.seen(ctx, s.db.Read(), who, row.Seeing)
	}
	if now.Sub(row.SeenAt) > 5*time.Minute {
		// Not more often: reading a page should not wait for a write. A failure only shortens the session.
		ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		_ = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Table("sessions").Set("seen_at = ?", now).Where("token_hash = ?", digest(token)).Exec(ctx)
			return err
		})
	}
	return who, nil
}

// actor computes the rights of an account whose row was read just now.
func (s *Service) actor(ctx context.Context, a *accountRow) (*Actor, error) {
	s.mu.Lock()
	c, ok := s.cache[a.ID]
	s.mu.Unlock()
	if !ok || c.policy != a.Policy {
		// The version was read before the grants: if a change comes between, they are read once more next time.
		grants, err := grantsOf(ctx, s.db.Read(), a.ID)
		if err != nil {
			return nil, err
		}
		c = cachedGrants{a.Policy, grants}
		s.mu.Lock()
		if len(s.cache) > 10_000 {
			clear(s.cache)
		}
		s.cache[a.ID] = c
		s.mu.Unlock()
	}
	who := newActor(a.account(), c.grants, s.opts.Now())
	var err error
	who.stead, err = s.steads(ctx, a.ID)
	return who, err
}

// ActorOf gives an account's rights without a session: for the shell and jobs that act for someone.
func (s *Service) ActorOf(ctx context.Context, accountID string) (*Actor, error) {
	a, err := s.row(ctx, s.db.Read(), "a.id = ?", accountID)
	if err != nil {
		return nil, err
	}
	return s.actor(ctx, a)
}

// SignOut ends the session of the token. An unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var sess sessionRow
		err := tx.NewSelect().Model(&sess).Where("s.token_hash = ?", digest(token)).Scan(ctx)
		if errors.Is(db.Normalize(err), db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(&sess).WherePK().Exec(ctx); err != nil {
			return err
		}
		return Audit(ctx, tx, &Actor{Account: Account{ID: sess.AccountID}}, "session.end", Object{Kind: "account", ID: sess.AccountID}, nil)
	})
}

// Session is one open session, as its owner sees it.
type Session struct {
	ID        string
	Network   string // address range it was opened from
	CreatedAt time.Time
	SeenAt    time.Time // to about five minutes
	ExpiresAt time.Time
}

// Sessions lists the open sessions of an account, the last used first: one's own, or anybody's for those who manage
// accounts.
func (s *Service) Sessions(ctx context.Context, who *Actor, account string) ([]Session, error) {
	if who == nil || who.ID != account && !who.Can(ManageUsers, Object{Kind: "account", ID: account}) {
		return nil, ErrForbidden
	}
	now := s.opts.Now()
	var rows []sessionRow
	err := s.db.Read().NewSelect().Model(&rows).Where("s.account_id = ? AND s.expires_at > ? AND s.seen_at > ?", account, now, now.Add(-s.opts.Idle)).
		OrderExpr("s.seen_at DESC, s.id").Limit(200).Scan(ctx)
	if err != nil {
		return nil, db.Normalize(err)
	}
	all := make([]Session, len(rows))
	for i, r := range rows {
		all[i] = Session{r.ID, r.Network, r.CreatedAt, r.SeenAt, r.ExpiresAt}
	}
	return all, nil
}

// EndSession ends one session by its id: one's own, or anybody's for those who manage accounts. Foreign and missing
// ones are both db.ErrNotFound.
func (s *Service) EndSession(ctx context.Context, who *Actor, id string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var sess sessionRow
		if who == nil {
			return ErrForbidden
		}
		if err := tx.NewSelect().Model(&sess).Where("s.id = ?", id).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if sess.AccountID != who.ID {
			if err := s.mayManage(ctx, tx, who, sess.AccountID); err != nil {
				return db.ErrNotFound
			}
		}
		if _, err := tx.NewDelete().Model(&sess).WherePK().Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		return Audit(ctx, tx, who, "session.end", Object{Kind: "account", ID: sess.AccountID}, nil)
	})
}
