package auth

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/uptrace/bun"
)

type accountRow struct {
	bun.BaseModel `bun:"table:accounts,alias:a"`
	ID            string    `bun:"id,pk"`
	Email         string    `bun:"email"`
	EmailKey      string    `bun:"email_key"`
	Name          string    `bun:"name"`
	Locale        string    `bun:"locale"`
	Theme         string    `bun:"theme"`
	Organization  string    `bun:"organization"`
	Password      string    `bun:"password"`
	Disabled      bool      `bun:"disabled"`
	Policy        int64     `bun:"policy"`
	KeysOff       bool      `bun:"keys_off"`
	CreatedAt     time.Time `bun:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at"`
}

func (r *accountRow) account() Account {
	return Account{ID: r.ID, Email: r.Email, Name: r.Name, Locale: i18n.Locale(r.Locale), Theme: r.Theme, Organization: r.Organization,
		Disabled: r.Disabled, KeysOff: r.KeysOff, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}

// NewAccount is what is needed to make an account. Without a password it cannot sign in until one is set.
type NewAccount struct {
	Email, Name, Password string
	Locale                i18n.Locale
	Organization          string
}

// checkFirst is check where the person chooses the first password, and makes its hash.
func (s *Service) checkFirst(ctx context.Context, n NewAccount) (NewAccount, string, error) {
	n, err := s.check(n)
	if n.Password == "" {
		bad := Invalid{"password": "auth.password_too_short"}
		if err = bad.with(err); err == nil {
			err = bad
		}
	}
	if err != nil {
		return n, "", err
	}
	hash, err := s.hashes.make(ctx, n.Password)
	return n, hash, err
}

// check gives the rows' values, cleaned, or an Invalid.
func (s *Service) check(n NewAccount) (NewAccount, error) {
	bad := Invalid{}
	n.Email, n.Name = strings.TrimSpace(n.Email), strings.Join(strings.Fields(n.Name), " ")
	if !validEmail(n.Email) {
		bad["email"] = "auth.email_invalid"
	}
	switch {
	case n.Name == "":
		bad["name"] = "auth.name_missing"
	case utf8.RuneCountInString(n.Name) > 200 || i18n.StripControls(n.Name) != n.Name:
		bad["name"] = "auth.name_invalid"
	case i18n.MixesScripts(n.Name):
		bad["name"] = "auth.name_mixed"
	}
	if !knownLocale(n.Locale) {
		bad["locale"] = "auth.locale_unknown"
	}
	if len(n.Organization) > 100 {
		bad["organization"] = "auth.organization_unknown"
	}
	if n.Password != "" {
		if key := s.weakPassword(n.Password, n.Email, n.Name); key != "" {
			bad["password"] = key
		}
	}
	if len(bad) > 0 {
		return n, bad
	}
	return n, nil
}

// knownLocale takes no locale too.
func knownLocale(l i18n.Locale) bool {
	_, ok := i18n.Parse(string(l))
	return ok || l == ""
}

// validEmail takes addresses of the common form only: what mail servers take, no comments, no quoted parts.
func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !utf8.ValidString(s) {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	return at > 0 && !i18n.MixesScripts(s) && at <= 64 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || !unicode.IsPrint(r) || r == '"' }) < 0
}

func emailKey(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Create makes an account. An address already in use is an Invalid of the field email.
func (s *Service) Create(ctx context.Context, who *Actor, n NewAccount) (*Account, error) {
	if err := need(who, ManageUsers, Object{Kind: "account"}); err != nil {
		return nil, err
	}
	n, err := s.check(n)
	if err != nil {
		return nil, err
	}
	hash := ""
	if n.Password != "" {
		if hash, err = s.hashes.make(ctx, n.Password); err != nil {
			return nil, err
		}
	}
	var a Account
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err = s.insert(ctx, tx, who, n, hash)
		return err
	})
	if errors.Is(err, db.ErrDuplicate) {
		return nil, Invalid{"email": "auth.email_taken"}
	}
	if err != nil {
		return nil, err
	}
	return &a, nil
}

func (s *Service) insert(ctx context.Context, tx bun.Tx, who *Actor, n NewAccount, hash string) (Account, error) {
	now := s.opts.Now()
	row := &accountRow{ID: newID(), Email: n.Email, EmailKey: emailKey(n.Email), Name: n.Name, Locale: string(n.Locale),
		Organization: n.Organization, Password: hash, Policy: 1, CreatedAt: now, UpdatedAt: now}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return Account{}, db.Normalize(err)
	}
	return row.account(), Audit(ctx, tx, who, "account.create", Object{Kind: "account", ID: row.ID}, nil)
}

func (s *Service) row(ctx context.Context, q bun.IDB, where string, arg any) (*accountRow, error) {
	row := new(accountRow)
	if err := q.NewSelect().Model(row).Where(where, arg).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	return row, nil
}

// Get gives an account: the own one, or any for those who manage accounts. For others a foreign account is
// db.ErrNotFound, as a missing one is.
func (s *Service) Get(ctx context.Context, who *Actor, id string) (*Account, error) {
	if who == nil || who.ID != id && !who.Can(ManageUsers, Object{Kind: "account", ID: id}) {
		return nil, db.ErrNotFound
	}
	row, err := s.row(ctx, s.db.Read(), "a.id = ?", id)
	if err != nil {
		return nil, err
	}
	a := row.account()
	return &a, nil
}

// ByEmail gives the account of an address, to those who manage accounts.
func (s *Service) ByEmail(ctx context.Context, who *Actor, email string) (*Account, error) {
	if err := need(who, ManageUsers, Object{Kind: "account"}); err != nil {
		return nil, err
	}
	row, err := s.row(ctx, s.db.Read(), "a.email_key = ?", emailKey(email))
	if err != nil {
		return nil, err
	}
	a := row.account()
	return &a, nil
}

// Names gives the names of accounts by id, for lists that say who did what. Unknown ids are left out.
func (s *Service) Names(ctx context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []accountRow
	if err := s.db.Read().NewSelect().Model(&rows).Column("id", "name").Where("a.id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// Count says how many accounts there are; none means that the set-up has not been done.
func (s *Service) Count(ctx context.Context) (int, error) {
	var n int
	err := s.db.Read().NewSelect().Table("accounts").ColumnExpr("count(*)").Scan(ctx, &n)
	return n, db.Normalize(err)
}

// Paging picks a part of a list. Size above 200 is 200, 0 is 50.
type Paging struct{ Offset, Size int }

// Apply limits a query to the part.
func (p Paging) Apply(q *bun.SelectQuery) *bun.SelectQuery {
	if p.Size <= 0 {
		p.Size = 50
	}
	return q.Limit(int64(min(p.Size, 200))).Offset(int64(max(p.Offset, 0)))
}

// AccountFilter limits a list of accounts; zero fields do not.
type AccountFilter struct {
	Search   string // part of name or address
	Role     Role   // holds it, in force or not
	Disabled *bool
}

// List gives accounts by name, and how many there are in all.
func (s *Service) List(ctx context.Context, who *Actor, f AccountFilter, p Paging) ([]Account, int, error) {
	if err := need(who, ManageUsers, Object{Kind: "account"}); err != nil {
		return nil, 0, err
	}
	query := func() *bun.SelectQuery {
		q := s.db.Read().NewSelect().TableExpr("accounts AS a")
		if t := strings.TrimSpace(f.Search); t != "" {
			q = q.Where(`(lower(a.name) LIKE ? ESCAPE '\' OR a.email_key LIKE ? ESCAPE '\')`, like(t), like(t))
		}
		if f.Role != "" {
			q = q.Where("EXISTS (SELECT 1 FROM grants AS g WHERE g.account_id = a.id AND g.role = ?)", string(f.Role))
		}
		if f.Disabled != nil {
			q = q.Where("a.disabled = ?", *f.Disabled)
		}
		return q
	}
	var total int
	if err := query().ColumnExpr("count(*)").Scan(ctx, &total); err != nil {
		return nil, 0, db.Normalize(err)
	}
	var rows []accountRow
	if err := p.Apply(query().ColumnExpr("a.*").OrderExpr("lower(a.name), a.id")).Scan(ctx, &rows); err != nil {
		return nil, 0, db.Normalize(err)
	}
	all := make([]Account, len(rows))
	for i := range rows {
		all[i] = rows[i].account()
	}
	return all, total, nil
}

// mayManage says whether who may change another's account: administrators are changed by administrators only, or a site
// manager would become one by setting an administrator's password.
func (s *Service) mayManage(ctx context.Context, tx bun.IDB, who *Actor, id string) error {
	if !who.Can(ManageUsers, Object{Kind: "account", ID: id}) {
		return ErrForbidden
	}
	if who.Can(ManageInstance, Object{}) {
		return nil
	}
	admin, err := isAdmin(ctx, tx, id)
	if err != nil {
		return err
	}
	if admin {
		return ErrForbidden
	}
	return nil
}

func isAdmin(ctx context.Context, tx bun.IDB, id string) (bool, error) {
	ok, err := tx.NewSelect().Table("grants").Where("account_id = ? AND role = ?", id, string(Admin)).Exists(ctx)
	return ok, db.Normalize(err)
}

// lockAccounts makes changes that count administrators take turns, so that the last two cannot remove each other.
func (s *Service) lockAccounts(ctx context.Context, tx bun.Tx) error {
	if !s.db.Postgres() {
		return nil // one writer
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7036373)")
	return err
}

// keepAdmin refuses a change that leaves no administrator who can sign in and whose grant has no end.
func keepAdmin(ctx context.Context, tx bun.Tx, field string) error {
	n, err := tx.NewSelect().TableExpr("grants AS g").Join("JOIN accounts AS a ON a.id = g.account_id").
		Where("g.role = ? AND g.until IS NULL AND a.disabled = ?", string(Admin), false).Count(ctx)
	if err != nil {
		return db.Normalize(err)
	}
	if n == 0 {
		return Invalid{field: "auth.last_admin"}
	}
	return nil
}

// Update changes name, address, language, theme, keys and organisation of an account. One may change the own name, language,
// theme and keys; address and organisation are changed by those who manage accounts.
func (s *Service) Update(ctx context.Context, who *Actor, a Account) error {
	n, err := s.check(NewAccount{Email: a.Email, Name: a.Name, Locale: a.Locale, Organization: a.Organization})
	if err != nil {
		return err
	}
	if a.Theme != "" && a.Theme != "light" && a.Theme != "dark" {
		return Invalid{"theme": "auth.theme_unknown"}
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.lockRow(ctx, tx, who, a.ID)
		if err != nil {
			return err
		}
		if row.Email != n.Email || row.Organization != n.Organization || who.ID != a.ID {
			if err := s.mayManage(ctx, tx, who, a.ID); err != nil {
				return err
			}
		}
		var changed []string
		set := func(field string, old *string, v string) {
			if *old != v {
				*old = v
				changed = append(changed, field)
			}
		}
		set("email", &row.Email, n.Email)
		set("name", &row.Name, n.Name)
		set("locale", &row.Locale, string(n.Locale))
		set("theme", &row.Theme, a.Theme)
		set("organization", &row.Organization, n.Organization)
		if row.KeysOff != a.KeysOff {
			row.KeysOff = a.KeysOff
			changed = append(changed, "keys_off")
		}
		if len(changed) == 0 {
			return nil
		}
		if key := emailKey(row.Email); row.EmailKey != key {
			// What was sent to the old mailbox opens nothing any more. An open session alone does not take an account along.
			if who.ID == row.ID {
				if err := s.confirmed(who); err != nil {
					return err
				}
			}
			row.EmailKey = key
			if err := endSessions(ctx, tx, row.ID, who.SessionID); err != nil {
				return err
			}
		}
		return s.store(ctx, tx, who, row, "account.update", map[string]any{"fields": changed})
	})
	if errors.Is(err, db.ErrDuplicate) {
		return Invalid{"email": "auth.email_taken"}
	}
	return err
}

// lockRow reads an account to change it. Foreign and missing ones look the same to those who may not manage accounts.
func (s *Service) lockRow(ctx context.Context, tx bun.Tx, who *Actor, id string) (*accountRow, error) {
	if who == nil || who.ID != id && !who.Can(ManageUsers, Object{Kind: "account", ID: id}) {
		return nil, ErrForbidden
	}
	return s.holdRow(ctx, tx, id)
}

// holdRow reads an account to change it, for whoever has been found to be allowed to.
func (s *Service) holdRow(ctx context.Context, tx bun.Tx, id string) (*accountRow, error) {
	row := new(accountRow)
	q := tx.NewSelect().Model(row).Where("a.id = ?", id)
	if s.db.Postgres() {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Normalize(err)
	}
	return row, nil
}

// store writes a changed account, raises its policy version and writes the audit line.
func (s *Service) store(ctx context.Context, tx bun.Tx, who *Actor, row *accountRow, action string, detail map[string]any) error {
	row.Policy++
	row.UpdatedAt = s.opts.Now()
	if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
		return db.Normalize(err)
	}
	return Audit(ctx, tx, who, action, Object{Kind: "account", ID: row.ID}, detail)
}

// SetPassword gives another's account a new password and ends its sessions.
func (s *Service) SetPassword(ctx context.Context, who *Actor, id, password string) error {
	row, err := s.row(ctx, s.db.Read(), "a.id = ?", id)
	if !who.Can(ManageUsers, Object{Kind: "account", ID: id}) {
		return ErrForbidden
	}
	if err != nil {
		return err
	}
	if key := s.weakPassword(password, row.Email, row.Name); key != "" {
		return Invalid{"password": key}
	}
	hash, err := s.hashes.make(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayManage(ctx, tx, who, id); err != nil {
			return err
		}
		row, err := s.lockRow(ctx, tx, who, id)
		if err != nil {
			return err
		}
		row.Password = hash
		if err := s.store(ctx, tx, who, row, "account.password_set", nil); err != nil {
			return err
		}
		return endSessions(ctx, tx, id, "")
	})
}

// ChangePassword replaces the own password. All sessions end, and the token of a new one is given back, so that the
// person stays signed in here and nowhere else. A wrong old password is an Invalid of the field old.
func (s *Service) ChangePassword(ctx context.Context, who *Actor, old, password string) (token string, err error) {
	if who == nil || who.IsProgram() {
		return "", ErrForbidden
	}
	row, err := s.row(ctx, s.db.Read(), "a.id = ?", who.ID)
	if err != nil {
		return "", err
	}
	if key := s.weakPassword(password, row.Email, row.Name); key != "" {
		return "", Invalid{"password": key}
	}
	if password == old {
		return "", Invalid{"password": "auth.password_same"}
	}
	// Someone at an unlocked desk must not be able to guess the old password without limit either. Counted apart from
	// signing in: strangers' guesses must not keep the owner from changing the password.
	attempt, err := s.ask(ctx, "change "+who.ID, "session "+who.SessionID)
	if err != nil {
		return "", err
	}
	ok, err := s.hashes.check(ctx, old, row.Password)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", Invalid{"old": "auth.old_password_wrong"}
	}
	hash, err := s.hashes.make(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.lockRow(ctx, tx, who, who.ID)
		if err != nil {
			return err
		}
		if now.Password != row.Password || now.Disabled {
			return ErrSession // changed by someone else in the meantime
		}
		now.Password = hash
		if err := s.store(ctx, tx, who, now, "account.password_change", nil); err != nil {
			return err
		}
		var here sessionRow
		if err := tx.NewSelect().Model(&here).Where("s.id = ?", who.SessionID).Scan(ctx); err != nil {
			return db.Normalize(err)
		}
		if err := endSessions(ctx, tx, who.ID, ""); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("sign_ins").Where("id = ?", attempt).Exec(ctx); err != nil {
			return db.Normalize(err)
		}
		token, err = s.session(ctx, tx, now, here.Network, here.Agent, here.Way, here.Unfinished)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Disable closes an account, or opens it again. Closing ends its sessions.
func (s *Service) Disable(ctx context.Context, who *Actor, id string, disabled bool) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.lockAccounts(ctx, tx); err != nil {
			return err
		}
		if err := s.mayManage(ctx, tx, who, id); err != nil {
			return err
		}
		row, err := s.lockRow(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if row.Disabled == disabled {
			return nil
		}
		row.Disabled = disabled
		action := "account.enable"
		if disabled {
			action = "account.disable"
		}
		if err := s.store(ctx, tx, who, row, action, nil); err != nil {
			return err
		}
		if !disabled {
			return nil
		}
		if err := endSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		if admin, err := isAdmin(ctx, tx, id); err != nil || !admin {
			return err
		}
		return keepAdmin(ctx, tx, "disabled")
	})
}
