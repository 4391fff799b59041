// Package auth knows who works here and what they may do: accounts, sign-in, grants (Casbin), audit log.
//
// Everything asks one question, Actor.Can(action, object), in the package that changes or reveals something. The same
// computed Scope answers it and makes the WHERE of lists.
package auth

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"maps"
	"sort"
	"strings"
	"sync"
	"time"

	"plenary/internal/db"
	"plenary/internal/i18n"

	"github.com/alexedwards/argon2id"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Role is a word of the policy file. What a role may do stands there and nowhere else.
type Role string

const (
	Admin               Role = "admin" // of the whole instance
	SiteManager         Role = "site_manager"
	Editor              Role = "editor"
	Contributor         Role = "contributor"
	PartnerLead         Role = "partner_lead" // of an organisation: looks after its people, too
	PartnerEditor       Role = "partner_editor"
	Translator          Role = "translator"
	ClearingOfficer     Role = "clearing_officer"
	RegistrationOfficer Role = "registration_officer"
	EventAssistant      Role = "event_assistant"
	Moderator           Role = "moderator"
	Observer            Role = "observer"
)

// Roles lists every role, the most powerful first.
var Roles = []Role{Admin, SiteManager, Editor, Contributor, PartnerLead, PartnerEditor, Translator, ClearingOfficer, RegistrationOfficer, EventAssistant, Moderator, Observer}

// Action is something one may or may not do with an object.
type Action string

const (
	Read            Action = "read"             // see drafts, history and what is not yet public
	Create          Action = "create"           // start an entry; Object.Office is the office it will belong to
	EditFacts       Action = "edit_facts"       // change what is shared by all languages
	EditText        Action = "edit_text"        // change the words of Object.Locale
	Submit          Action = "submit"           // hand over for clearance
	Clear           Action = "clear"            // give the formal permission to publish a revision of Object.Locale, or return it
	Publish         Action = "publish"          // make public or withdraw Object.Locale; no locale: the facts
	Share           Action = "share"            // let people without an account see a version that is not public
	Delete          Action = "delete"           // remove what is not public; what is public needs Publish too
	Upload          Action = "upload"           // add files
	Suggest         Action = "suggest"          // propose what one may not change: somebody who may accepts or declines it
	Contribute      Action = "contribute"       // bring one's own people and documents into lists of what one may not change
	SignOff         Action = "sign_off"         // agree, in the name of the organisation that is the object, to what it answers for with others
	Appoint         Action = "appoint"          // hand on rights, none beyond one's own, and invite people to them
	ManageUsers     Action = "manage_users"     // accounts and grants, save administrators'
	ManageSettings  Action = "manage_settings"  // name, languages, theme, menus, redirects of the site
	ManageInstance  Action = "manage_instance"  // administrators, storage, backups
	ReadAudit       Action = "read_audit"       // who did what
	ReadStatistics  Action = "read_statistics"  // numbers, no persons
	ReadRegistrants Action = "read_registrants" // personal data of those who registered
	// ReadSensitive is seeing what those who registered answered to sensitive questions, beside ReadRegistrants.
	ReadSensitive Action = "read_sensitive"
	// ChangeRegistrants is approving, declining, entering and withdrawing those who registered.
	ChangeRegistrants Action = "change_registrants"
	SendMessages      Action = "send_messages" // write to those who registered
	Moderate          Action = "moderate"      // discussions
)

// Actions lists every action.
var Actions = []Action{Read, Create, EditFacts, EditText, Submit, Clear, Publish, Share, Delete, Upload, Suggest, Contribute, SignOff, Appoint, ManageUsers, ManageSettings, ManageInstance,
	ReadAudit, ReadStatistics, ReadRegistrants, ReadSensitive, ChangeRegistrants, SendMessages, Moderate}

// perLocale are the actions that can be done to one language alone. A grant for one language gives these for it, and
// those of anyLocale; nothing else.
var perLocale = map[Action]bool{EditText: true, Submit: true, Clear: true, Publish: true}

// anyLocale are the actions that a grant for one language gives as if it were for all: they change nothing that is others'.
var anyLocale = map[Action]bool{Read: true, ReadStatistics: true, Suggest: true, Contribute: true}

// Object is what an action is about; zero fields mean "not applicable". Changing what an object belongs to (its
// office, event or series) needs the right on the object as it was and as it would be.
type Object struct {
	Kind   string // kind of entry, or media, account, settings …
	ID     string // entry, file, account …
	Office string // organisation entry that owns it
	Series string // event series it belongs to
	Event  string // event it belongs to
	// Partners are the organisations that are asked to work on it beside its owner: their ids, each between blanks.
	Partners string
	Locale   i18n.Locale // language of the text meant; empty: the facts, or all languages
	// Original says that Locale is the entry's original language.
	Original bool
	Author   string // account that created it
}

// ScopeKind says what a grant is limited to.
type ScopeKind string

const (
	ScopeSite         ScopeKind = "site"
	ScopeOrganisation ScopeKind = "organisation" // entries owned by the organisation, and its own entry
	ScopeSeries       ScopeKind = "series"       // the series and what belongs to it
	ScopeEvent        ScopeKind = "event"        // the event and what belongs to it
)

// Scopes lists every kind of scope, the widest first.
var Scopes = []ScopeKind{ScopeSite, ScopeOrganisation, ScopeSeries, ScopeEvent}

// Account is a person who can sign in. Email is unique without regard to case.
type Account struct {
	ID           string
	Email        string
	Name         string
	Locale       i18n.Locale // language of the panel; empty: what the browser asks for
	Theme        string      // of the panel: light, dark; empty: the system's
	Organization string      // entry of the own organisation, or empty
	Disabled     bool
	KeysOff      bool // the panel has no keys that work without Ctrl, Alt or the like
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Errors with a name. Wrong input is an Invalid.
var (
	ErrForbidden = errors.New("not allowed")
	ErrSignIn    = errors.New("wrong address or password")                     // one answer for unknown, disabled and mistaken
	ErrSession   = errors.New("no such session")                               // unknown, ended or expired
	ErrSetup     = errors.New("the set-up link is not valid")                  // unknown, used, expired, or there are accounts already
	ErrReset     = errors.New("the link for a new password is not valid")      // unknown, used, or expired
	ErrStep      = errors.New("the second step is over")                       // unknown, used, expired, or too many wrong codes
	ErrPasskey   = errors.New("the passkey is not taken")                      // unknown, of a closed account, or wrong
	ErrDirectory = errors.New("the directory's word does not open an account") // none has the address, or it is not verified
	ErrConfirm   = errors.New("the password is asked once more")               // what is to be done needs a session in which it was given just now
	ErrBusy      = errors.New("too many sign-ins at one time")                 // try again in a moment
	ErrInvited   = errors.New("the invitation is not valid")                   // unknown, used, expired, taken back, or given by who may not any more
)

// ThrottledError says that too many wrong passwords came for this account or from this network.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string { return "too many attempts to sign in" }

// Invalid is input that cannot be accepted: a message key for each field that is wrong.
type Invalid map[string]string

func (e Invalid) Error() string {
	var parts []string
	for f, k := range e {
		parts = append(parts, f+": "+k)
	}
	sort.Strings(parts)
	return "invalid: " + strings.Join(parts, ", ")
}

// with takes in what is wrong by another check, and gives back an error of another sort.
func (e Invalid) with(err error) error {
	var more Invalid
	if !errors.As(err, &more) {
		return err
	}
	maps.Copy(e, more)
	return nil
}

// Fields gives the message key of each wrong field.
func (e Invalid) Fields() map[string]string { return e }

// Options are what may differ between installations; the zero value is right for all but tests.
type Options struct {
	Now      func() time.Time // UTC
	Argon    *argon2id.Params
	Log      *slog.Logger  // security events
	Address  string        // of the site, as the public types it: passkeys are bound to it
	Idle     time.Duration // a session not used for so long has ended (12 h)
	Lifetime time.Duration // a session ends after so long in any case (7 days)
}

// Service is accounts, grants and sessions in one database. Safe for concurrent use.
type Service struct {
	// Words gives the names of the site and its host: no password is made of them. Required gives the roles whose holders need
	// a second factor. Both may be nil, and are set before the service is used.
	Words    func() []string
	Required func() []Role

	db     *db.DB
	opts   Options
	hashes hasher
	keys   *webauthn.WebAuthn // nil: the site's address can have no passkeys
	mu     sync.Mutex
	cache  map[string]cachedGrants // by account
}

// New makes the service; the database is migrated by then.
func New(d *db.DB, opts Options) *Service {
	if opts.Now == nil {
		opts.Now = db.Now
	}
	if opts.Argon == nil {
		// OWASP's minimum of 46 MiB and one pass: about 50 ms, and four at once fit in a small machine.
		opts.Argon = &argon2id.Params{Memory: 46 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Idle == 0 {
		opts.Idle = 12 * time.Hour
	}
	if opts.Lifetime == 0 {
		opts.Lifetime = 7 * 24 * time.Hour
	}
	return &Service{db: d, opts: opts, hashes: newHasher(opts.Argon), keys: passkeysAt(opts.Address), cache: map[string]cachedGrants{}}
}

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID is 26 characters nobody can guess.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return idAlphabet.EncodeToString(b[:])
}

// need is the first line of everything that changes or reveals something here.
func need(who *Actor, action Action, o Object) error {
	if !who.Can(action, o) {
		return ErrForbidden
	}
	return nil
}
