package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"plenary/internal/db"

	"github.com/uptrace/bun"
)

// Factor is what an account signs in with besides its password: an app that makes codes, of which there is one, or a passkey.
type Factor struct {
	ID        string
	Passkey   bool
	Name      string // of a passkey, as its owner calls it
	CreatedAt time.Time
	UsedAt    *time.Time // nil: never
}

// Factors are those of one account.
type Factors struct {
	List     []Factor // the app first
	Codes    int      // recovery codes that are left
	Required bool     // a role of the account asks for a second factor
	Linked   bool     // the office's directory lets the account in
}

// App gives the app that makes codes; nil where there is none.
func (f Factors) App() *Factor {
	for i := range f.List {
		if !f.List[i].Passkey {
			return &f.List[i]
		}
	}
	return nil
}

// Added is what follows on a new factor.
type Added struct {
	Token string   // of the session from now on
	Codes []string // for when the factor is lost, shown once; with the first factor only
}

// Told writes to a person about what was done to their account, in the transaction that does it.
type Told func(ctx context.Context, tx bun.Tx, a Account) error

type factorRow struct {
	bun.BaseModel `bun:"table:factors,alias:f"`
	ID            string     `bun:"id,pk"`
	AccountID     string     `bun:"account_id"`
	Kind          string     `bun:"kind"`
	Name          string     `bun:"name"`
	Credential    string     `bun:"credential"`
	Secret        string     `bun:"secret"`
	Step          int64      `bun:"step"`
	CreatedAt     time.Time  `bun:"created_at"`
	UsedAt        *time.Time `bun:"used_at"`
}

const (
	kindTOTP    = "totp"
	kindPasskey = "passkey"
	maxPasskeys = 20
	// confirmedFor is how long after the password was given one may change what one signs in with.
	confirmedFor  = 15 * time.Minute
	recoveryCodes = 10
)

func factorsOf(ctx context.Context, q bun.IDB, account string) ([]factorRow, error) {
	var rows []factorRow
	err := q.NewSelect().Model(&rows).Where("f.account_id = ?", account).OrderExpr("f.kind DESC, f.created_at, f.id").Scan(ctx)
	return rows, db.Normalize(err)
}

// Factors gives the factors of an account: one's own, or anybody's for those who manage accounts.
func (s *Service) Factors(ctx context.Context, who *Actor, account string) (Factors, error) {
	var out Factors
	if who == nil || who.ID != account && !who.Can(ManageUsers, Object{Kind: "account", ID: account}) {
		return out, db.ErrNotFound
	}
	rows, err := factorsOf(ctx, s.db.Read(), account)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		out.List = append(out.List, Factor{r.ID, r.Kind == kindPasskey, r.Name, r.CreatedAt, r.UsedAt})
	}
	codes, err := s.db.Read().NewSelect().Table("recovery_codes").Where("account_id = ?", account).Count(ctx)
	if err != nil {
		return out, db.Normalize(err)
	}
	out.Codes = int(codes)
	if out.Linked, err = s.db.Read().NewSelect().Table("identities").Where("account_id = ?", account).Exists(ctx); err != nil {
		return out, db.Normalize(err)
	}
	out.Required, err = s.needsFactor(ctx, s.db.Read(), account)
	return out, err
}

// needsFactor says whether a role that the account holds asks for a second factor.
func (s *Service) needsFactor(ctx context.Context, q bun.IDB, account string) (bool, error) {
	if s.Required == nil {
		return false, nil
	}
	roles := s.Required()
	if len(roles) == 0 {
		return false, nil
	}
	need, err := q.NewSelect().Table("grants").Where("account_id = ? AND role IN (?) AND (until IS NULL OR until > ?)", account, bun.In(roles), s.opts.Now()).Exists(ctx)
	return need, db.Normalize(err)
}

// lacksFactor says whether the account must set up a second factor before anything else.
func (s *Service) lacksFactor(ctx context.Context, q bun.IDB, account string) (bool, error) {
	need, err := s.needsFactor(ctx, q, account)
	if err != nil || !need {
		return false, err
	}
	has, err := q.NewSelect().Model((*factorRow)(nil)).Where("f.account_id = ?", account).Exists(ctx)
	return !has, db.Normalize(err)
}

// confirmed is the first line of whatever changes what an account signs in with: an open session that somebody else has come
// upon is not enough.
func (s *Service) confirmed(who *Actor) error {
	switch {
	case who == nil || who.IsProgram() || who.SessionID == "":
		return ErrForbidden
	case s.opts.Now().Sub(who.ConfirmedAt) > confirmedFor:
		return ErrConfirm
	}
	return nil
}

// Confirmed says whether the actor has shown lately who they are: nil or ErrConfirm.
func (s *Service) Confirmed(who *Actor) error { return s.confirmed(who) }

// Confirm takes the password once more, in a session that is open. A wrong one is an Invalid of the field old; too many are a
// *ThrottledError.
func (s *Service) Confirm(ctx context.Context, who *Actor, password string) error {
	if who == nil || who.IsProgram() {
		return ErrForbidden
	}
	row, err := s.row(ctx, s.db.Read(), "a.id = ?", who.ID)
	if err != nil {
		return err
	}
	attempt, err := s.ask(ctx, "change "+who.ID, "session "+who.SessionID)
	if err != nil {
		return err
	}
	ok, err := s.hashes.check(ctx, password, row.Password)
	if err != nil {
		return err
	}
	if !ok {
		return Invalid{"old": "auth.old_password_wrong"}
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Table("sign_ins").Where("id = ?", attempt).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		_, err := tx.NewUpdate().Table("sessions").Set("confirmed_at = ?", s.opts.Now()).Where("id = ?", who.SessionID).Exec(ctx)
		return db.Normalize(err)
	})
}

// addFactor stores a factor; with the first one recovery codes are made. The session goes on under another token.
func (s *Service) addFactor(ctx context.Context, tx bun.Tx, who *Actor, f *factorRow, told Told) (*Added, error) {
	row, err := s.lockRow(ctx, tx, who, who.ID)
	if err != nil {
		return nil, err
	}
	had, err := factorsOf(ctx, tx, who.ID)
	if err != nil {
		return nil, err
	}
	f.ID, f.AccountID, f.CreatedAt = newID(), who.ID, s.opts.Now()
	if _, err := tx.NewInsert().Model(f).Exec(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	out := new(Added)
	if len(had) == 0 {
		if out.Codes, err = newCodes(ctx, tx, who.ID); err != nil {
			return nil, err
		}
	}
	if err := s.store(ctx, tx, who, row, "account.factor_add", map[string]any{"factor": f.Kind}); err != nil {
		return nil, err
	}
	if _, err := tx.NewUpdate().Table("sessions").Set("unfinished = ?", false).Where("account_id = ?", who.ID).Exec(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	if out.Token, err = s.renew(ctx, tx, "id = ?", who.SessionID); err != nil {
		return nil, err
	}
	return out, told(ctx, tx, row.account())
}

// RemoveFactor takes one of the own factors away. The last one stays while a role asks for one.
func (s *Service) RemoveFactor(ctx context.Context, who *Actor, id string, told Told) error {
	if err := s.confirmed(who); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.lockRow(ctx, tx, who, who.ID)
		if err != nil {
			return err
		}
		f := new(factorRow)
		if err := tx.NewSelect().Model(f).Where("f.id = ? AND f.account_id = ?", id, who.ID).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if _, err := tx.NewDelete().Model(f).WherePK().Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		left, err := factorsOf(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			if need, err := s.needsFactor(ctx, tx, who.ID); err != nil {
				return err
			} else if need {
				return Invalid{"factor": "auth.factor_required"}
			}
			if _, err := tx.NewDelete().Table("recovery_codes").Where("account_id = ?", who.ID).Exec(ctx); err != nil {
				return db.Normalize(err)
			}
		}
		if err := s.store(ctx, tx, who, row, "account.factor_remove", map[string]any{"factor": f.Kind}); err != nil {
			return err
		}
		return told(ctx, tx, row.account())
	})
}

// ResetFactors takes all factors of another's account away, with its recovery codes and sessions: for who has lost them.
// Nobody does it to themselves.
func (s *Service) ResetFactors(ctx context.Context, who *Actor, account string, told Told) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayManage(ctx, tx, who, account); err != nil {
			return err
		}
		if who.ID == account {
			return ErrForbidden
		}
		row, err := s.lockRow(ctx, tx, who, account)
		if err != nil {
			return err
		}
		for _, table := range []string{"factors", "recovery_codes"} {
			if _, err := tx.NewDelete().Table(table).Where("account_id = ?", account).Exec(ctx); err != nil {
				return db.Normalize(err)
			}
		}
		if err := s.store(ctx, tx, who, row, "account.factors_reset", nil); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, account, ""); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, account, ""); err != nil {
			return err
		}
		return told(ctx, tx, row.account())
	})
}

// forgetDevices makes browsers unknown, but for one.
func forgetDevices(ctx context.Context, tx bun.Tx, account, but string) error {
	_, err := tx.NewDelete().Table("devices").Where("account_id = ? AND hash <> ?", account, digest(but)).Exec(ctx)
	return db.Normalize(err)
}

// newCodes replaces the recovery codes of an account: 80 bits each, of which the hash is kept.
func newCodes(ctx context.Context, tx bun.Tx, account string) ([]string, error) {
	if _, err := tx.NewDelete().Table("recovery_codes").Where("account_id = ?", account).Exec(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	var codes []string
	for range recoveryCodes {
		var b [10]byte
		rand.Read(b[:])
		c := idAlphabet.EncodeToString(b[:])
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		if _, err := tx.NewRaw("INSERT INTO recovery_codes (hash, account_id) VALUES (?, ?)", digest(c), account).Exec(ctx); err != nil {
			return nil, db.Normalize(err)
		}
	}
	return codes, nil
}

// NewCodes gives the own account new recovery codes; those before are of no use any more.
func (s *Service) NewCodes(ctx context.Context, who *Actor, told Told) (codes []string, err error) {
	if err := s.confirmed(who); err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.lockRow(ctx, tx, who, who.ID)
		if err != nil {
			return err
		}
		if has, err := tx.NewSelect().Model((*factorRow)(nil)).Where("f.account_id = ?", who.ID).Exists(ctx); err != nil || !has {
			return errors.Join(db.ErrNotFound, db.Normalize(err))
		}
		if codes, err = newCodes(ctx, tx, who.ID); err != nil {
			return err
		}
		if err := Audit(ctx, tx, who, "account.codes_new", Object{Kind: "account", ID: who.ID}, nil); err != nil {
			return err
		}
		return told(ctx, tx, row.account())
	})
	return codes, err
}

// totpStep is how long a code is shown, in seconds (RFC 6238).
const totpStep = 30

var secretAlphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// totp is the code of a secret at a step of time: RFC 6238 with SHA-1 and six digits, as all apps make them.
func totp(secret string, step int64) string {
	key, err := secretAlphabet.DecodeString(secret)
	if err != nil {
		return ""
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

// stepOf finds the step that a code belongs to, now, just before or just after, and later than the last that was taken; 0 if
// there is none.
func stepOf(secret, code string, last int64, now time.Time) (found int64) {
	at := now.Unix() / totpStep
	for _, step := range []int64{at - 1, at, at + 1} {
		if want := totp(secret, step); want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found
}

// plainCode takes out of a code what people and apps put between its signs; digits of other scripts are those they stand for.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, code)
}

// App is an app that makes codes, while it is being set up.
type App struct {
	Token  string // by which AddApp knows it
	Secret string // to be typed, in base 32
	URL    string // the same, for a QR code
}

// BeginApp makes the secret of an app. issuer is what the app calls the site. Nothing is in force before AddApp.
func (s *Service) BeginApp(ctx context.Context, who *Actor, issuer string, from From) (*App, error) {
	if err := s.confirmed(who); err != nil {
		return nil, err
	}
	var b [20]byte
	rand.Read(b[:])
	app := &App{Secret: secretAlphabet.EncodeToString(b[:])}
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		app.Token, err = s.begin(ctx, tx, "app", who.ID, networkOf(from.IP), app.Secret)
		return err
	})
	app.name(issuer, who.Email)
	return app, err
}

func (a *App) name(issuer, email string) {
	issuer = strings.ReplaceAll(issuer, ":", " ") // it separates, in these addresses
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + email,
		RawQuery: "secret=" + a.Secret + "&issuer=" + url.PathEscape(issuer)}
	a.URL = u.String()
}

// UnderWay gives an app that is being set up, to be shown again.
func (s *Service) UnderWay(ctx context.Context, who *Actor, token, issuer string) (*App, error) {
	row, err := s.ceremony(ctx, s.db.Read(), "app", token)
	if err != nil {
		return nil, err
	}
	if who == nil || row.AccountID != who.ID {
		return nil, ErrStep
	}
	app := &App{Token: token}
	if err := row.read(&app.Secret); err != nil {
		return nil, err
	}
	app.name(issuer, who.Email)
	return app, nil
}

// AddApp sets the app up, if the code is one that it shows: it replaces the one before. A wrong code is an Invalid of the
// field code.
func (s *Service) AddApp(ctx context.Context, who *Actor, token, code string, told Told) (out *Added, err error) {
	if err := s.confirmed(who); err != nil {
		return nil, err
	}
	app, err := s.UnderWay(ctx, who, token, "")
	if err != nil {
		return nil, err
	}
	row := &ceremonyRow{TokenHash: digest(token)}
	step := stepOf(app.Secret, plainCode(code), 0, s.opts.Now())
	if step == 0 {
		return nil, errors.Join(Invalid{"code": "auth.code_wrong"}, s.mistaken(ctx, row))
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.end(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*factorRow)(nil)).Where("account_id = ? AND kind = ?", who.ID, kindTOTP).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		out, err = s.addFactor(ctx, tx, who, &factorRow{Kind: kindTOTP, Credential: kindTOTP + ":" + who.ID, Secret: app.Secret, Step: step}, told)
		return err
	})
	return out, err
}
