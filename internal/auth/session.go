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

// How many wrong passwords are taken in an hour, before the answer is "wait". For one account these are 20 together: what
// strangers use up is theirs alone, and who comes from where the account is at home, or by a browser that it has been used by,
// is let in meanwhile.
const (
	byStranger = 8    // for one account, by browsers and from networks it was never used from
	byNetwork  = 6    // for one account, from all networks it was used from
	byDevice   = 6    // for one account, by one browser it was used by: it proves so by a cookie
	perNetwork = 60   // from one network, for accounts never used from it
	inTotal    = 2000 // for all accounts, by strangers
	perLetter  = 20   // letters with a link that are asked for one address, guesses of the old password in one session
	window     = time.Hour
	knownFor   = 90 * 24 * time.Hour
)

// From is where a request comes from.
type From struct {
	IP     netip.Addr
	Agent  string // what the browser says it is
	Device string // what it proves by that an account was used by it before; may be empty
}

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
	Via           string    `bun:"via"`    // stranger, network, device; empty: nothing that opens an account
	Device        string    `bun:"device"` // hash of what the browser proves by, where it is known
}

// guess is a try to get into an account: of its password, or of its second factor.
type guess struct {
	key     string // of what is guessed, hashed: for the password the address as typed, known or not
	account string // as SQL finds it: a condition on accounts AS a
	arg     string
	network string
	device  string // its hash
}

func passwordGuess(email string, from From) guess {
	key := emailKey(email)
	if !validEmail(key) {
		key = "" // no account has it; databases refuse some such texts
	}
	return guess{digest(emailKey(email)), "a.email_key = ?", key, networkOf(from.IP), digest(from.Device)}
}

func stepGuess(account string, from From) guess {
	return guess{digest("step " + account), "a.id = ?", account, "step " + networkOf(from.IP), digest(from.Device)}
}

// attempt writes down a guess before it is looked at, so that many at once cannot slip through between counting and
// writing, and refuses it when there were too many.
func (s *Service) attempt(ctx context.Context, g guess) (id string, err error) {
	err = s.counting(ctx, g.key, func(ctx context.Context, tx bun.Tx) error {
		row := &signInRow{AccountKey: g.key, Network: g.network, Via: "stranger"}
		known, err := tx.NewSelect().TableExpr("devices AS d").Join("JOIN accounts AS a ON a.id = d.account_id").
			Where("d.hash = ? AND d.used_at > ?", g.device, s.opts.Now().Add(-knownFor)).Where(g.account, g.arg).Exists(ctx)
		if err != nil {
			return err
		}
		if known {
			row.Via, row.Device = "device", g.device
		} else if known, err = tx.NewSelect().Model((*signInRow)(nil)).Where("account_key = ? AND network = ? AND ok = ?", g.key, g.network, true).Exists(ctx); err != nil {
			return err
		} else if known {
			row.Via = "network"
		}
		switch row.Via {
		case "device":
			err = s.few(ctx, tx, byDevice, "account_key = ? AND via = 'device' AND device = ?", g.key, g.device)
		case "network":
			err = s.few(ctx, tx, byNetwork, "account_key = ? AND via = 'network'", g.key)
		default:
			if err = s.few(ctx, tx, byStranger, "account_key = ? AND via = 'stranger'", g.key); err == nil {
				if err = s.few(ctx, tx, perNetwork, "network = ? AND via = 'stranger'", g.network); err == nil {
					err = s.few(ctx, tx, inTotal, "via = 'stranger'")
				}
			}
		}
		if err != nil {
			return err
		}
		id, err = s.tried(ctx, tx, row)
		return err
	})
	return id, err
}

// ask counts what is no guess from outside: letters that are asked for an address from a network, guesses in one session.
func (s *Service) ask(ctx context.Context, what, where string) (id string, err error) {
	err = s.counting(ctx, digest(what), func(ctx context.Context, tx bun.Tx) error {
		if err := s.few(ctx, tx, perLetter, "account_key = ?", digest(what)); err != nil {
			return err
		}
		if err := s.few(ctx, tx, perNetwork, "network = ?", where); err != nil {
			return err
		}
		id, err = s.tried(ctx, tx, &signInRow{AccountKey: digest(what), Network: where})
		return err
	})
	return id, err
}

// counting runs f while no other instance counts the same.
func (s *Service) counting(ctx context.Context, key string, f func(ctx context.Context, tx bun.Tx) error) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if s.db.Postgres() {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7036374, hashtext(?))", key); err != nil {
				return err
			}
		}
		now := s.opts.Now()
		if _, err := tx.NewDelete().Model((*signInRow)(nil)).Where("ok = ? AND at < ? OR at < ?", false, now.Add(-window), now.Add(-knownFor)).Exec(ctx); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

// few is a *ThrottledError when there were so many failures of a sort in the last hour.
func (s *Service) few(ctx context.Context, tx bun.Tx, limit int, where string, args ...any) error {
	var at []time.Time
	now := s.opts.Now()
	err := tx.NewSelect().Model((*signInRow)(nil)).Column("at").Where("ok = ? AND at >= ?", false, now.Add(-window)).Where(where, args...).
		OrderExpr("at DESC").Limit(1).Offset(int64(limit-1)).Scan(ctx, &at)
	if err == nil && len(at) > 0 {
		return &ThrottledError{RetryAfter: at[0].Add(window).Sub(now)}
	}
	return db.Normalize(err)
}

func (s *Service) tried(ctx context.Context, tx bun.Tx, row *signInRow) (id string, err error) {
	row.ID, row.At = newID(), s.opts.Now()
	_, err = tx.NewInsert().Model(row).Exec(ctx)
	return row.ID, err
}

// succeeded marks the attempt, and forgets earlier ones of the same account and network: one is enough to know them. What a
// known browser has mistyped is forgotten too.
func succeeded(ctx context.Context, tx bun.Tx, attempt string) error {
	if _, err := tx.NewUpdate().Table("sign_ins").Set("ok = ?", true).Where("id = ?", attempt).Exec(ctx); err != nil {
		return db.Normalize(err)
	}
	_, err := tx.NewDelete().Table("sign_ins").Where("(ok = ? OR device <> '') AND id <> ?", true, attempt).
		Where("EXISTS (SELECT 1 FROM sign_ins AS mine WHERE mine.id = ? AND mine.account_key = sign_ins.account_key AND (sign_ins.ok AND mine.network = sign_ins.network OR NOT sign_ins.ok AND mine.device = sign_ins.device))", attempt).Exec(ctx)
	return db.Normalize(err)
}

// Opened is a session that has been opened.
type Opened struct {
	Token  string // of the session; kept nowhere but in the browser
	Device string // by this the browser is known from now on
	Actor  *Actor
}

// StepError says that the password was right and that the account has a second factor: Service.Step and what follows it take
// the token, for ten minutes.
type StepError struct{ Token string }

func (e *StepError) Error() string { return "a second factor is asked" }

// SignIn opens a session. Unknown, disabled and mistaken are one ErrSignIn and take the same time; too many tries are a
// *ThrottledError; too many people at one moment ErrBusy; and where the account has a second factor the error is a *StepError.
func (s *Service) SignIn(ctx context.Context, email, password string, from From) (*Opened, error) {
	g := passwordGuess(email, from)
	attempt, err := s.attempt(ctx, g)
	if err != nil {
		s.slowed(err, g.network)
		return nil, err
	}
	row, err := s.row(ctx, s.db.Read(), g.account, g.arg)
	if errors.Is(err, db.ErrNotFound) {
		row = &accountRow{Disabled: true}
	} else if err != nil {
		return nil, err
	}
	ok, err := s.hashes.check(ctx, password, row.Password)
	if err != nil {
		return nil, err
	}
	if !ok || row.Disabled {
		s.opts.Log.Warn("sign-in refused", "event", "sign_in_refused", "network", g.network)
		return nil, ErrSignIn
	}
	return s.enter(ctx, row, from, "password", func(ctx context.Context, tx bun.Tx, now *accountRow) error {
		// The password may have been changed while it was being compared.
		if now.Password != row.Password {
			return ErrSignIn
		}
		return succeeded(ctx, tx, attempt)
	})
}

func (s *Service) slowed(err error, network string) {
	var slow *ThrottledError
	if errors.As(err, &slow) {
		s.opts.Log.Warn("sign-in throttled", "event", "sign_in_throttled", "network", network)
	}
}

// enter lets somebody in whose first factor was right: into a session, or to the second step. way says by what; check runs in
// the transaction, with the account as it is by then.
func (s *Service) enter(ctx context.Context, row *accountRow, from From, way string, check func(ctx context.Context, tx bun.Tx, now *accountRow) error) (*Opened, error) {
	var o *Opened
	var step string
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.row(ctx, tx, "a.id = ?", row.ID)
		if err != nil {
			return err
		}
		if now.Disabled {
			return ErrSignIn
		}
		if err := check(ctx, tx, now); err != nil {
			return err
		}
		factors, err := factorsOf(ctx, tx, now.ID)
		if err != nil {
			return err
		}
		if len(factors) > 0 {
			step, err = s.beginStep(ctx, tx, now, factors, from, way)
			return err
		}
		o, err = s.open(ctx, tx, now, from, way)
		return err
	})
	if err != nil {
		return nil, err
	}
	if step != "" {
		return nil, &StepError{step}
	}
	return s.opened(ctx, o)
}

// opened adds who it is.
func (s *Service) opened(ctx context.Context, o *Opened) (_ *Opened, err error) {
	if o.Actor, err = s.ActorBySession(ctx, o.Token); err != nil {
		return nil, err
	}
	return o, nil
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
	Agent         string    `bun:"agent"`
	Way           string    `bun:"way"`
	ConfirmedAt   time.Time `bun:"confirmed_at"`
	Unfinished    bool      `bun:"unfinished"`
	Policy        int64     `bun:"policy"`
}

// open makes a session for an account and knows the browser from now on. Sessions of whoever must have a second factor and
// has none are for setting it up, and nothing else.
func (s *Service) open(ctx context.Context, tx bun.Tx, row *accountRow, from From, way string) (*Opened, error) {
	now := s.opts.Now()
	if _, err := tx.NewDelete().Table("sessions").Where("expires_at < ? OR seen_at < ?", now, now.Add(-s.opts.Idle)).Exec(ctx); err != nil {
		return nil, err
	}
	if _, err := tx.NewDelete().Table("devices").Where("used_at < ?", now.Add(-knownFor)).Exec(ctx); err != nil {
		return nil, err
	}
	unfinished, err := s.lacksFactor(ctx, tx, row.ID)
	if err != nil {
		return nil, err
	}
	// What the browser says is taken only if it is of our making: nobody plants a token that they know.
	o := &Opened{Device: from.Device}
	ours, err := tx.NewSelect().Table("devices").Where("hash = ?", digest(from.Device)).Exists(ctx)
	if err != nil {
		return nil, err
	}
	if !ours {
		o.Device = newToken()
	}
	if _, err := tx.NewInsert().Model(&deviceRow{Hash: digest(o.Device), AccountID: row.ID, UsedAt: now}).On("CONFLICT (hash, account_id) DO UPDATE").Set("used_at = EXCLUDED.used_at").Exec(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	network := networkOf(from.IP)
	if o.Token, err = s.session(ctx, tx, row, network, AgentName(from.Agent), way, unfinished); err != nil {
		return nil, err
	}
	return o, Audit(ctx, tx, &Actor{Account: row.account()}, "session.start", Object{Kind: "account", ID: row.ID}, map[string]any{"network": network, "way": way})
}

type deviceRow struct {
	bun.BaseModel `bun:"table:devices,alias:d"`
	Hash          string    `bun:"hash,pk"`
	AccountID     string    `bun:"account_id,pk"`
	UsedAt        time.Time `bun:"used_at"`
}

func (s *Service) session(ctx context.Context, tx bun.Tx, row *accountRow, network, agent, way string, unfinished bool) (token string, err error) {
	now := s.opts.Now()
	token = newToken()
	_, err = tx.NewInsert().Model(&sessionRow{TokenHash: digest(token), ID: newID(), AccountID: row.ID, Network: network, CreatedAt: now, SeenAt: now,
		ExpiresAt: now.Add(s.opts.Lifetime), Agent: agent, Way: way, ConfirmedAt: now, Unfinished: unfinished, Policy: row.Policy}).Exec(ctx)
	return token, db.Normalize(err)
}

// renewedFor is how long the token before is taken too: what the browser has sent meanwhile is on its way with it.
const renewedFor = 2 * time.Minute

// Renew gives a session another token, as is done whenever the rights of its account have changed: one that was seen before
// is of no use then. It is empty where another request has done so already.
func (s *Service) Renew(ctx context.Context, token string) (fresh string, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		fresh, err = s.renew(ctx, tx, "token_hash = ? AND policy <> (SELECT a.policy FROM accounts AS a WHERE a.id = account_id)", digest(token))
		return err
	})
	return fresh, err
}

func (s *Service) renew(ctx context.Context, tx bun.Tx, where string, arg any) (string, error) {
	fresh := newToken()
	res, err := tx.NewUpdate().Table("sessions").Set("old_hash = token_hash").Set("old_until = ?", s.opts.Now().Add(renewedFor)).Set("token_hash = ?", digest(fresh)).
		Set("policy = (SELECT a.policy FROM accounts AS a WHERE a.id = account_id)").Where(where, arg).Exec(ctx)
	if err != nil {
		return "", db.Normalize(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", err
	}
	return fresh, nil
}

// endSessions also ends what could open new ones: links by which the password can be reset, and what is under way.
func endSessions(ctx context.Context, tx bun.Tx, account, but string) error {
	if err := endResets(ctx, tx, account); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*ceremonyRow)(nil)).Where("account_id = ?", account).Exec(ctx); err != nil {
		return db.Normalize(err)
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
		Confirmed   time.Time  `bun:"confirmed_at"`
		Lacking     bool       `bun:"unfinished"`
		Made        int64      `bun:"made"`
		Seeing      string     `bun:"seeing"`
		SeeingUntil *time.Time `bun:"seeing_until"`
	}
	hash := digest(token)
	err := s.db.Read().NewSelect().TableExpr("sessions AS s").Join("JOIN accounts AS a ON a.id = s.account_id").
		ColumnExpr("a.*, s.id AS session_id, s.seen_at, s.expires_at, s.confirmed_at, s.unfinished, s.policy AS made, s.seeing, s.seeing_until").
		Where("s.token_hash = ? OR s.old_hash = ? AND s.old_until > ?", hash, hash, now).Scan(ctx, &row)
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
	who.SessionID, who.ConfirmedAt, who.Stale = row.SessionID, row.Confirmed, row.Made != row.Policy
	switch {
	case row.Lacking:
		who.Unfinished, who.grants, who.stead = true, nil, nil
	case row.Seeing != "" && row.SeeingUntil != nil && now.Before(*row.SeeingUntil):
		who = s.seen(ctx, s.db.Read(), who, row.Seeing)
	}
	if now.Sub(row.SeenAt) > 5*time.Minute {
		// Not more often: reading a page should not wait for a write. A failure only shortens the session.
		ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		_ = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Table("sessions").Set("seen_at = ?", now).Where("id = ?", row.SessionID).Exec(ctx)
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
	Agent     string // browser and system, by name; may be empty
	Way       string // how it was opened: password, passkey, directory, and what came second
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
		all[i] = Session{r.ID, r.Network, r.Agent, r.Way, r.CreatedAt, r.SeenAt, r.ExpiresAt}
	}
	return all, nil
}

// EndSessions ends all sessions of an account, but for the actor's own if it is to stay, and makes the browsers that it was used by
// unknown; here is what this one proves itself by. One's own, or anybody's for those who manage accounts.
func (s *Service) EndSessions(ctx context.Context, who *Actor, account string, stay bool, here string) error {
	if who == nil {
		return ErrForbidden
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if who.ID != account {
			if err := s.mayManage(ctx, tx, who, account); err != nil {
				return err
			}
		}
		but := ""
		if stay && who.ID == account {
			but = who.SessionID
		} else {
			here = ""
		}
		if err := endSessions(ctx, tx, account, but); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, account, here); err != nil {
			return err
		}
		return Audit(ctx, tx, who, "session.end_all", Object{Kind: "account", ID: account}, nil)
	})
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
