package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"
)

// passkeysAt checks passkeys of a site. They are bound to its name: an address made of numbers has none, nor has one that is
// not https, but for localhost, by which a program on loopback can be called too. nil: no passkeys.
func passkeysAt(address string) *webauthn.WebAuthn {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.IsLoopback() {
			return nil
		}
		host = "localhost"
		u.Host = strings.TrimSuffix(net.JoinHostPort(host, u.Port()), ":")
	}
	if local := host == "localhost" || strings.HasSuffix(host, ".localhost"); u.Scheme != "https" && !(local && u.Scheme == "http") {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: host, RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil
	}
	return w
}

// Passkeys says whether a page under a host name can ask for passkeys of the site: under its own only.
func (s *Service) Passkeys(host string) bool { return s.keys != nil && s.keys.Config.RPID == host }

// holder is an account as the library sees it.
type holder struct {
	row  *accountRow
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.row.ID) }
func (h holder) WebAuthnName() string                       { return h.row.Email }
func (h holder) WebAuthnDisplayName() string                { return h.row.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func holderOf(row *accountRow, factors []factorRow) (holder, error) {
	h := holder{row: row}
	for _, f := range factors {
		if f.Kind != kindPasskey {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(f.Secret), &c); err != nil {
			return h, err
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

func credentialID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// assertion asks for one of the account's passkeys; nothing where it has none.
func (s *Service) assertion(row *accountRow, factors []factorRow) (json.RawMessage, *webauthn.SessionData, error) {
	h, err := holderOf(row, factors)
	if err != nil || len(h.keys) == 0 {
		return nil, nil, err
	}
	options, session, err := s.keys.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return nil, nil, err
	}
	b, err := json.Marshal(options.Response)
	return b, session, err
}

// Ceremony is something the browser does with passkeys: Options are for it, Token is sent back with what comes of it.
type Ceremony struct {
	Token   string
	Options json.RawMessage
}

// BeginPasskey asks for any passkey of the site, of whoever holds it.
func (s *Service) BeginPasskey(ctx context.Context, from From) (*Ceremony, error) {
	if s.keys == nil {
		return nil, db.ErrNotFound
	}
	options, session, err := s.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return s.beginKey(ctx, "passkey", "", from, options.Response, session)
}

func (s *Service) beginKey(ctx context.Context, kind, account string, from From, options any, session *webauthn.SessionData) (*Ceremony, error) {
	b, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	out := &Ceremony{Options: b}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		out.Token, err = s.begin(ctx, tx, kind, account, networkOf(from.IP), stepData{Session: session})
		return err
	})
	return out, err
}

// FinishPasskey opens a session for whoever holds the passkey. It is two factors at once: what they have, and what opens it.
// Whatever is wrong with it is one ErrPasskey.
func (s *Service) FinishPasskey(ctx context.Context, token string, answer []byte, from From) (*Opened, error) {
	row, d, err := s.keyCeremony(ctx, "passkey", token)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, s.refusedKey(networkOf(from.IP), err)
	}
	account := string(parsed.Response.UserHandle)
	if !utf8.ValidString(account) || strings.ContainsRune(account, 0) || len(account) > 100 {
		return nil, s.refusedKey(networkOf(from.IP), errors.New("user handle"))
	}
	var o *Opened
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.end(ctx, tx, row); err != nil {
			return err
		}
		now, err := s.row(ctx, tx, "a.id = ? AND NOT a.disabled", account)
		if err != nil {
			return err
		}
		if err := s.checkKey(ctx, tx, now, *d.Session, parsed, true); err != nil {
			return err
		}
		o, err = s.open(ctx, tx, now, from, "passkey")
		return err
	})
	if err != nil {
		return nil, s.refusedKey(networkOf(from.IP), err)
	}
	return s.opened(ctx, o)
}

func (s *Service) keyCeremony(ctx context.Context, kind, token string) (*ceremonyRow, stepData, error) {
	var d stepData
	if s.keys == nil {
		return nil, d, db.ErrNotFound
	}
	row, err := s.ceremony(ctx, s.db.Read(), kind, token)
	if err != nil {
		return nil, d, err
	}
	if err := row.read(&d); err != nil {
		return nil, d, err
	}
	if d.Session == nil {
		return nil, d, ErrStep
	}
	return row, d, nil
}

// refusedKey makes one answer of all that can be wrong with a passkey; what it was stands in the log.
func (s *Service) refusedKey(network string, err error) error {
	if errors.Is(err, ErrStep) || errors.Is(err, db.ErrUnavailable) {
		return err
	}
	s.opts.Log.Warn("passkey refused", "event", "passkey_refused", "network", network, "error", err.Error())
	return ErrPasskey
}

// checkKey checks an answer and remembers what the passkey says of its use. One that counts backwards has been copied.
func (s *Service) checkKey(ctx context.Context, tx bun.Tx, row *accountRow, session webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData, anybody bool) error {
	factors, err := factorsOf(ctx, tx, row.ID)
	if err != nil {
		return err
	}
	h, err := holderOf(row, factors)
	if err != nil {
		return err
	}
	var c *webauthn.Credential
	if anybody {
		_, c, err = s.keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			if !bytes.Equal(handle, h.WebAuthnID()) {
				return nil, db.ErrNotFound
			}
			return h, nil
		}, session, parsed)
	} else {
		c, err = s.keys.ValidateLogin(h, session, parsed)
	}
	if err != nil {
		return err
	}
	if c.Authenticator.CloneWarning {
		return errors.New("its counter went back")
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return used(tx.NewUpdate().Table("factors").Set("secret = ?", string(b)).Set("used_at = ?", s.opts.Now()).Where("credential = ? AND account_id = ?", credentialID(c.ID), row.ID).Exec(ctx))
}

// FinishStepByPasskey takes the second step with a passkey of the account. One that is refused is ErrPasskey; the step stays
// open for another try.
func (s *Service) FinishStepByPasskey(ctx context.Context, token string, answer []byte, from From) (*Opened, error) {
	row, d, err := s.keyCeremony(ctx, "step", token)
	if err != nil {
		return nil, err
	}
	network := networkOf(from.IP)
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, s.refusedStep(ctx, row, network, "passkey", err)
	}
	o, err := s.finish(ctx, row, from, func(ctx context.Context, tx bun.Tx, a *accountRow) (string, error) {
		return "passkey", s.checkKey(ctx, tx, a, *d.Session, parsed, false)
	})
	return o, s.refusedStep(ctx, row, network, "passkey", err)
}

// refusedStep counts a wrong answer to a second step, and says what was wrong with it as little as can be.
func (s *Service) refusedStep(ctx context.Context, row *ceremonyRow, network, by string, err error) error {
	if err == nil || errors.Is(err, ErrStep) || errors.Is(err, db.ErrUnavailable) {
		return err
	}
	s.opts.Log.Warn("second step refused", "event", "second_step_refused", "network", network, "by", by)
	answer := error(ErrPasskey)
	if by == "code" {
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		answer = Invalid{"code": "auth.code_wrong"}
	}
	if err := s.mistaken(ctx, row); err != nil {
		return err
	}
	return answer
}

// BeginNewPasskey asks the browser for a new passkey. site is what the browser calls the site.
func (s *Service) BeginNewPasskey(ctx context.Context, who *Actor, site string, from From) (*Ceremony, error) {
	if err := s.confirmed(who); err != nil {
		return nil, err
	}
	if s.keys == nil {
		return nil, db.ErrNotFound
	}
	row, err := s.row(ctx, s.db.Read(), "a.id = ?", who.ID)
	if err != nil {
		return nil, err
	}
	factors, err := factorsOf(ctx, s.db.Read(), who.ID)
	if err != nil {
		return nil, err
	}
	h, err := holderOf(row, factors)
	if err != nil {
		return nil, err
	}
	if len(h.keys) >= maxPasskeys {
		return nil, Invalid{"name": "auth.passkeys_many"}
	}
	options, session, err := s.keys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred}),
		webauthn.WithRegistrationRelyingPartyName(site))
	if err != nil {
		return nil, err
	}
	return s.beginKey(ctx, "new passkey", who.ID, from, options.Response, session)
}

// AddPasskey takes a new passkey under the name its owner calls it by. What the browser sent and cannot be taken is an Invalid of
// the field name.
func (s *Service) AddPasskey(ctx context.Context, who *Actor, token, name string, answer []byte, told Told) (out *Added, err error) {
	if err := s.confirmed(who); err != nil {
		return nil, err
	}
	row, d, err := s.keyCeremony(ctx, "new passkey", token)
	if err != nil {
		return nil, err
	}
	if row.AccountID != who.ID {
		return nil, ErrStep
	}
	if name, err = passkeyName(name); err != nil {
		return nil, err
	}
	refused := func(err error) error {
		s.opts.Log.Warn("new passkey refused", "event", "passkey_refused", "error", err.Error())
		return Invalid{"name": "auth.passkey_refused"}
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, refused(err)
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.end(ctx, tx, row); err != nil {
			return err
		}
		now, err := s.row(ctx, tx, "a.id = ?", who.ID)
		if err != nil {
			return err
		}
		c, err := s.keys.CreateCredential(holder{row: now}, *d.Session, parsed)
		if err != nil {
			return refused(err)
		}
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		out, err = s.addFactor(ctx, tx, who, &factorRow{Kind: kindPasskey, Name: name, Credential: credentialID(c.ID), Secret: string(b)}, told)
		return err
	})
	if errors.Is(err, db.ErrDuplicate) {
		return nil, refused(err)
	}
	return out, err
}

// passkeyName cleans what somebody calls a passkey.
func passkeyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", Invalid{"name": "auth.name_missing"}
	case utf8.RuneCountInString(name) > 60 || i18n.StripControls(name) != name:
		return "", Invalid{"name": "auth.name_invalid"}
	}
	return name, nil
}

// RenamePasskey gives one of the own passkeys another name.
func (s *Service) RenamePasskey(ctx context.Context, who *Actor, id, name string) error {
	if who == nil {
		return ErrForbidden
	}
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := used(tx.NewUpdate().Table("factors").Set("name = ?", name).Where("id = ? AND account_id = ? AND kind = ?", id, who.ID, kindPasskey).Exec(ctx)); err != nil {
			return err
		}
		return Audit(ctx, tx, who, "account.passkey_rename", Object{Kind: "account", ID: who.ID}, nil)
	})
}
